//! What a book cannot answer, and for want of which file.
//!
//! Everything past sites, SKUs, stock and orders is optional, but nothing is defaulted in silence: each answer
//! that would rest on a default, or that cannot be given, is named here.

use serde::Serialize;

use crate::model::Book;

/// A question that goes without an answer for want of a file or column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MissingAnswer {
    /// The file that is missing or thin.
    pub file: &'static str,
    /// What is missing in it: the whole file, or columns of some rows.
    pub lacks: String,
    /// What cannot be answered, or rests on a default.
    pub answers: &'static [&'static str],
    /// Whether nothing runs without it.
    pub required: bool,
}

/// Everything `book` cannot answer, in the order of the files.
#[must_use]
pub fn missing_answers(book: &Book) -> Vec<MissingAnswer> {
    let mut missing = Vec::new();
    files(book, &mut missing);
    columns(book, &mut missing);
    missing.sort_by_key(|answer| crate::FILES.iter().position(|file| file.name == answer.file));
    missing
}

/// Whole files that are missing.
fn files(book: &Book, missing: &mut Vec<MissingAnswer>) {
    let mut lacks = |there: bool, file, required, answers| {
        if !there {
            missing.push(MissingAnswer { file, lacks: "the file".to_owned(), answers, required });
        }
    };
    lacks(
        book.operator.is_some(),
        "operator.csv",
        false,
        &["in which currency and time zone amounts and moments are read: USD and UTC are taken"],
    );
    lacks(
        !book.merchants.is_empty(),
        "merchants.csv",
        false,
        &[
            "whose promises weigh how much on shared sites",
            "what lateness and backorders cost",
            "whether a line may be split",
        ],
    );
    lacks(!book.sites.is_empty(), "sites.csv", true, &["from where anything ships"]);
    lacks(
        !book.standby_contracts.is_empty(),
        "standby.csv",
        false,
        &["which backup sites could open, when, and at what cost"],
    );
    lacks(!book.skus.is_empty(), "skus.csv", true, &["what is sold"]);
    lacks(!book.stock.is_empty(), "stock.csv", true, &["what lies where"]);
    lacks(!book.inbound.is_empty(), "inbound.csv", false, &["when stock that runs out is there again"]);
    lacks(
        !book.zones.is_empty(),
        "zones.csv",
        false,
        &["which destinations a closed area holds, and how many people live there"],
    );
    lacks(
        !book.carriers.is_empty(),
        "carriers.csv",
        false,
        &["on which days carriers do not deliver: Monday to Friday is taken", "whom to tell of an embargo"],
    );
    lacks(
        !book.lanes.is_empty(),
        "lanes.csv",
        false,
        &[
            "what shipping costs and how long it takes: distance bands are taken",
            "which routes remain when a carrier stops",
        ],
    );
    lacks(
        !book.customers.is_empty(),
        "customers.csv",
        false,
        &["who is told of a delay, in which language, by which channel"],
    );
    lacks(
        !book.orders.is_empty(),
        "orders.csv",
        true,
        &["what was promised to whom", "which SKUs are ordered most"],
    );
    lacks(!book.order_lines.is_empty(), "order_lines.csv", true, &["what the orders hold"]);
    lacks(
        !book.contacts.is_empty(),
        "contacts.csv",
        false,
        &["who is called, and who stands in", "the call tree of the plan document"],
    );
    lacks(
        !book.processes.is_empty(),
        "processes.csv",
        false,
        &[
            "what each process depends on",
            "declared RTO and MTPD, workarounds, least people and resources",
            "legal and reputational harm",
        ],
    );
}

/// Columns that are empty in some rows.
fn columns(book: &Book, missing: &mut Vec<MissingAnswer>) {
    let mut lacks = |file, column: &str, empty: usize, all: usize, answers| {
        if empty > 0 {
            let lacks = format!("{column} in {empty} of {all} rows");
            missing.push(MissingAnswer { file, lacks, answers, required: false });
        }
    };
    let sites = &book.sites;
    let empty = |test: &dyn Fn(&crate::model::Site) -> bool| sites.iter().filter(|site| test(site)).count();
    lacks(
        "sites.csv",
        "capacity",
        empty(&|s| s.capacity.is_none()),
        sites.len(),
        &["how much a site can take over"],
    );
    lacks(
        "sites.csv",
        "wind_threshold_kt",
        empty(&|s| s.wind_threshold_kt.is_none()),
        sites.len(),
        &["at which wind a site closes"],
    );
    lacks(
        "sites.csv",
        "timezone",
        empty(&|s| s.timezone.is_none()),
        sites.len(),
        &["when a site's day ends: the operator's zone is taken"],
    );
    lacks(
        "sites.csv",
        "county_fips",
        empty(&|s| s.country == "US" && s.county_fips.is_none()),
        sites.len(),
        &["which county alerts and county rates hit a site"],
    );
    let standby = sites.iter().filter(|site| {
        site.kind == crate::kind::SiteKind::Standby
            && !book.standby_contracts.iter().any(|contract| contract.site == site.code)
    });
    lacks(
        "standby.csv",
        "a contract of a standby site",
        standby.count(),
        sites.len(),
        &["when and at what cost a standby site opens"],
    );
    let skus = &book.skus;
    lacks(
        "skus.csv",
        "weight_g",
        skus.iter().filter(|sku| sku.weight_g.is_none()).count(),
        skus.len(),
        &["shipping cost by weight, and limits of weight"],
    );
    lacks(
        "skus.csv",
        "category",
        skus.iter().filter(|sku| sku.category.is_none()).count(),
        skus.len(),
        &["which goods surge before and after a disaster"],
    );
    lacks(
        "skus.csv",
        "cost",
        skus.iter().filter(|sku| sku.cost.is_none()).count(),
        skus.len(),
        &["what stock that is lost is worth"],
    );
    let orders = &book.orders;
    lacks(
        "orders.csv",
        "promised",
        orders.iter().filter(|order| order.promised.is_none()).count(),
        orders.len(),
        &["which promises break: the promise is computed from the lanes"],
    );
    lacks(
        "orders.csv",
        "paid_at",
        orders.iter().filter(|order| order.paid_at.is_none()).count(),
        orders.len(),
        &["when the law's clocks of prepayment begin"],
    );
    lacks(
        "orders.csv",
        "ship_postal",
        orders.iter().filter(|order| order.ship_postal.is_none()).count(),
        orders.len(),
        &["whether a destination lies in a closed area: the country is taken"],
    );
    let processes = &book.processes;
    lacks(
        "processes.csv",
        "rto_h or mtpd_h",
        processes.iter().filter(|p| p.rto_h.is_none() || p.mtpd_h.is_none()).count(),
        processes.len(),
        &["the gap between what is declared and what the network can do"],
    );
    lacks(
        "processes.csv",
        "workaround",
        processes.iter().filter(|p| p.workaround.is_none()).count(),
        processes.len(),
        &["what is done by hand meanwhile"],
    );
    let customers = &book.customers;
    lacks(
        "customers.csv",
        "language",
        customers.iter().filter(|c| c.language.is_none()).count(),
        customers.len(),
        &["the language of a notice: the merchant's is taken"],
    );
    lacks(
        "customers.csv",
        "email or phone",
        customers.iter().filter(|c| c.email.is_none() && c.phone.is_none()).count(),
        customers.len(),
        &["how a customer is reached"],
    );
}

#[cfg(test)]
mod tests {
    use super::missing_answers;
    use crate::model::{Book, Sku};

    #[test]
    fn an_empty_book_lacks_every_file_and_a_thin_one_its_columns() {
        let empty = missing_answers(&Book::default());
        let required: Vec<&str> = empty.iter().filter(|a| a.required).map(|a| a.file).collect();
        assert_eq!(required, ["sites.csv", "skus.csv", "stock.csv", "orders.csv", "order_lines.csv"]);
        assert_eq!(empty.len(), 15);
        let sku = Sku::new("m".to_owned(), "k".to_owned(), "n".to_owned());
        let thin = missing_answers(&Book { skus: vec![sku], ..Book::default() });
        assert!(
            thin.iter().any(|a| a.file == "skus.csv" && a.lacks == "weight_g in 1 of 1 rows" && !a.required)
        );
    }
}
