//! Other systems' order files by a saved column mapping: CSV in any encoding, or xlsx, as the system exports them.

use std::collections::BTreeMap;

use axum::extract::State;
use holdfast_book::kind::OrderStatus;
use holdfast_book::known::Known;
use holdfast_book::mapping::{self, Mapping};
use holdfast_book::model::{Customer, Order, OrderLine};
use holdfast_book::read::SOLE_MERCHANT;
use holdfast_book::read_book;
use holdfast_domain::money::Money;
use serde::Serialize;
use utoipa::ToSchema;

use super::{LineResult, Rows, refused};
use crate::app::App;
use crate::intake::{LineIn, OrderIn, ShipTo};
use crate::problem::Problem;

/// What a workbook begins with.
const ZIP: &[u8] = b"PK";

/// A column mapping for files of orders.
#[derive(Debug, Serialize, ToSchema)]
pub struct MappingOut {
    /// The name files are sent with.
    pub name: String,
    /// What it is for.
    pub about: String,
    /// Headers a file must have.
    pub headers: Vec<String>,
    /// Whether it is the operator's own; the others are shipped.
    pub own: bool,
}

fn all(app: &App) -> BTreeMap<String, (Mapping, bool)> {
    let shipped = mapping::shipped().into_iter().map(|one| (one.name.clone(), (one, false)));
    // An operator's own mapping of the same name holds.
    let own = app.config.columns.iter().map(|(name, one)| (name.clone(), (one.clone(), true)));
    shipped.chain(own).collect()
}

/// Lists the column mappings order files can be read by: those of the configuration, and those that are shipped.
#[utoipa::path(get, path = "/api/v1/mappings", tag = "orders", responses((status = 200, description = "The mappings", body = [MappingOut])))]
pub(super) async fn list(State(app): State<App>) -> axum::Json<Vec<MappingOut>> {
    let told = all(&app).into_iter().map(|(name, (one, own))| MappingOut {
        name,
        about: one.about,
        headers: one.detect,
        own,
    });
    axum::Json(told.collect())
}

/// The mapping of a name.
///
/// # Errors
/// A problem that lists the names there are.
pub(super) fn named(app: &App, name: &str) -> Result<Mapping, Problem> {
    let mut all = all(app);
    all.remove(name).map(|(one, _)| one).ok_or_else(|| {
        let names: Vec<String> = all.into_keys().collect();
        Problem::field("mapping", format!("there is no mapping {name:?}; there are {}", names.join(", ")))
    })
}

/// What a file holds.
pub(super) struct Read {
    pub(super) orders: Vec<Rows>,
    pub(super) finished: usize,
    pub(super) refused: Vec<LineResult>,
}

/// Reads a file by a mapping.
///
/// # Errors
/// A problem for a file whose header the mapping does not fit, or that cannot be opened.
pub(super) fn read(bytes: &[u8], mapping: &Mapping) -> Result<Read, Problem> {
    let name = if bytes.starts_with(ZIP) { "upload.xlsx" } else { "upload.csv" };
    let reading = read_book(&[(name, bytes)], &Known::none(), core::slice::from_ref(mapping));
    if let Some(error) = reading.report.files_refused.first() {
        return Err(Problem::new(
            "malformed",
            format!("read the file: {}", error.cause),
            error.remedy.clone(),
        ));
    }
    if !reading.report.files.iter().any(|file| file.read_as == mapping.name) {
        let wanted = mapping.detect.join(", ");
        return Err(Problem::field(
            "header",
            format!("the mapping {} wants the columns {wanted}", mapping.name),
        ));
    }
    let errors = reading.report.files.iter().flat_map(|file| &file.errors);
    let refused = errors.map(|error| {
        let column = if error.column.is_empty() { "row" } else { error.column.as_str() };
        refused(
            error.row,
            Problem::field(column, format!("{:?}: {}; {}", error.value, error.cause, error.remedy)),
        )
    });
    let refused: Vec<LineResult> = refused.collect();
    let mut lines: BTreeMap<(&str, &str), Vec<&OrderLine>> = BTreeMap::new();
    for line in &reading.book.order_lines {
        lines.entry((&line.merchant, &line.order)).or_default().push(line);
    }
    let customers = reading.book.customers.iter().map(|one| (one.reference.as_str(), one));
    let customers: BTreeMap<&str, &Customer> = customers.collect();
    let over = |order: &&Order| {
        matches!(order.status, OrderStatus::Shipped | OrderStatus::Delivered | OrderStatus::Cancelled)
    };
    let (done, open): (Vec<&Order>, Vec<&Order>) = reading.book.orders.iter().partition(over);
    let orders = open.into_iter().map(|order| {
        let mine =
            lines.get(&(order.merchant.as_str(), order.number.as_str())).map_or(&[][..], Vec::as_slice);
        let customer = order.customer.as_deref().and_then(|name| customers.get(name).copied());
        // The rest of an order would be an order of its own, and the mended file one that is known.
        let torn = reading.report.files.iter().any(|file| file.orders_in_part.contains(&order.number));
        let fault = torn.then(|| {
            let what =
                format!("a row of order {} was refused: mend it and send the file again", order.number);
            Problem::field("row", what)
        });
        (0, order_in(order, mine, customer), fault)
    });
    Ok(Read { orders: orders.collect(), finished: done.len(), refused })
}

fn order_in(order: &Order, lines: &[&OrderLine], customer: Option<&Customer>) -> OrderIn {
    let first =
        |own: &Option<String>, other: Option<&String>| own.as_ref().or(other).cloned().unwrap_or_default();
    let of = |pick: fn(&Customer) -> &Option<String>| customer.and_then(|one| pick(one).as_ref());
    let wanted = lines.iter().map(|line| (line, line.quantity.saturating_sub(line.cancelled)));
    let currency =
        lines.iter().find_map(|line| line.unit_price).map(|price| price.currency().code().to_owned());
    OrderIn {
        merchant: Some(order.merchant.clone()).filter(|code| code != SOLE_MERCHANT),
        number: order.number.clone(),
        placed: Some(order.ordered_at.to_string()),
        paid: order.paid_at.map(|at| at.to_string()),
        promise: order.promised.map(|day| day.to_string()),
        currency,
        hold: order.status == OrderStatus::Held,
        ship_to: ShipTo {
            country: order.ship_country.clone(),
            postal: order.ship_postal.clone().unwrap_or_default(),
            name: first(&order.ship_name, of(|one| &one.name)),
            street: first(&order.ship_street, of(|one| &one.street)),
            city: first(&order.ship_city, of(|one| &one.city)),
            mail: of(|one| &one.email).cloned().unwrap_or_default(),
            phone: first(&order.ship_phone, of(|one| &one.phone)),
            language: of(|one| &one.language).cloned(),
            reference: order.customer.clone(),
            consents: Vec::new(),
        },
        lines: wanted
            .filter(|(_, units)| !units.is_zero())
            .map(|(line, units)| LineIn {
                sku: line.sku.clone(),
                quantity: units.0,
                price: line.unit_price.map(Money::minor),
            })
            .collect(),
        ..OrderIn::default()
    }
}
