//! What a row refers to in other files. A reference is checked where the file it points into was handed over.

use holdfast_domain::money::Money;

use crate::model::{
    CapacityDay, Carrier, Contact, Customer, Inbound, Lane, Merchant, Operator, Order, OrderLine, Process,
    Return, Site, Sku, StandbyContract, Stock, ZoneArea,
};

/// One reference: the column that holds it, the file it points into, the key there, the words for an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The column.
    pub column: &'static str,
    /// The file.
    pub file: &'static str,
    /// The key in that file.
    pub key: String,
}

/// A row that may refer to others.
pub trait Refers {
    /// Its references.
    fn refers(&self) -> Vec<Reference>;

    /// The merchant whose currency its price must be in, the column, and the price.
    fn price(&self) -> Option<(&str, &'static str, Money)> {
        None
    }
}

/// What stands for every site or zone in a lane.
pub const ANY: &str = "*";

fn to(column: &'static str, file: &'static str, key: &str) -> Reference {
    Reference { column, file, key: key.to_owned() }
}

fn site(column: &'static str, code: &str) -> Reference {
    to(column, "sites.csv", code)
}

fn merchant(code: &str) -> Reference {
    to("merchant", "merchants.csv", code)
}

fn sku(merchant: &str, code: &str) -> Reference {
    Reference { column: "sku", file: "skus.csv", key: format!("{merchant}\u{1f}{code}") }
}

fn order(column: &'static str, merchant: &str, number: &str) -> Reference {
    Reference { column, file: "orders.csv", key: format!("{merchant}\u{1f}{number}") }
}

macro_rules! refers_to_nothing {
    ($($name:ident),+) => {$(
        impl Refers for $name {
            fn refers(&self) -> Vec<Reference> { Vec::new() }
        }
    )+};
}
refers_to_nothing!(Operator, Merchant, Site, ZoneArea, Carrier, Customer);

impl Refers for CapacityDay {
    fn refers(&self) -> Vec<Reference> {
        vec![site("site", &self.site)]
    }
}

impl Refers for StandbyContract {
    fn refers(&self) -> Vec<Reference> {
        vec![site("site", &self.site)]
    }
}

impl Refers for Sku {
    fn refers(&self) -> Vec<Reference> {
        vec![merchant(&self.merchant)]
    }
    fn price(&self) -> Option<(&str, &'static str, Money)> {
        self.price.map(|price| (self.merchant.as_str(), "price", price))
    }
}

impl Refers for Stock {
    fn refers(&self) -> Vec<Reference> {
        vec![site("site", &self.site), sku(&self.merchant, &self.sku)]
    }
}

impl Refers for Inbound {
    fn refers(&self) -> Vec<Reference> {
        vec![site("site", &self.site), sku(&self.merchant, &self.sku)]
    }
}

impl Refers for Lane {
    fn refers(&self) -> Vec<Reference> {
        let all = [
            site("site", &self.site),
            to("zone", "zones.csv", &self.zone),
            to("carrier", "carriers.csv", &self.carrier),
        ];
        all.into_iter().filter(|reference| reference.key != ANY).collect()
    }
}

impl Refers for Order {
    fn refers(&self) -> Vec<Reference> {
        let customer = self.customer.iter().map(|code| to("customer", "customers.csv", code));
        std::iter::once(merchant(&self.merchant)).chain(customer).collect()
    }
}

impl Refers for OrderLine {
    fn refers(&self) -> Vec<Reference> {
        vec![order("order", &self.merchant, &self.order), sku(&self.merchant, &self.sku)]
    }
    fn price(&self) -> Option<(&str, &'static str, Money)> {
        self.unit_price.map(|price| (self.merchant.as_str(), "unit_price", price))
    }
}

impl Refers for Return {
    fn refers(&self) -> Vec<Reference> {
        let of = self.order.iter().map(|number| order("order", &self.merchant, number));
        let at = self.site.iter().map(|code| site("site", code));
        std::iter::once(sku(&self.merchant, &self.sku)).chain(of).chain(at).collect()
    }
    fn price(&self) -> Option<(&str, &'static str, Money)> {
        self.unit_refund.map(|price| (self.merchant.as_str(), "unit_refund", price))
    }
}

impl Refers for Contact {
    fn refers(&self) -> Vec<Reference> {
        self.site.iter().map(|code| site("site", code)).collect()
    }
}

impl Refers for Process {
    fn refers(&self) -> Vec<Reference> {
        self.sites.iter().map(|code| site("sites", code)).collect()
    }
}
