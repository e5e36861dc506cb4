//! A column mapping drafted from a file's headers: what a newcomer corrects instead of writing it from nothing.
//!
//! Invariant: a draft is a mapping the importer reads; it holds no header the file has not, and nothing is imported by
//! a draft until somebody has saved it and named it.

use std::collections::BTreeMap;

use holdfast_book::mapping::{Defaults, Mapping};

/// Headers by column of the book, in small letters without blanks and marks; the first that is there is taken.
const KNOWN: &[(&[&str], &[&str])] = &[
    (
        &["orders.number", "order_lines.order"],
        &[
            "orderid",
            "ordernumber",
            "orderno",
            "order",
            "ordername",
            "invoice",
            "invoiceno",
            "주문번호",
            "상품주문번호",
        ],
    ),
    (
        &["orders.ordered_at"],
        &[
            "orderdate",
            "orderedat",
            "createdat",
            "date",
            "created",
            "orderdatetime",
            "invoicedate",
            "주문일시",
            "결제일",
        ],
    ),
    (
        &["orders.ship_country"],
        &[
            "shiptocountry",
            "shippingcountry",
            "shipcountry",
            "country",
            "countrycode",
            "destinationcountry",
            "국가",
        ],
    ),
    (
        &["orders.ship_postal"],
        &[
            "shiptozip",
            "shippingzip",
            "zip",
            "zipcode",
            "postalcode",
            "postcode",
            "shiptopostalcode",
            "postal",
            "우편번호",
        ],
    ),
    (
        &["orders.customer", "customers.reference"],
        &["customeremail", "email", "customerid", "customer", "buyerid", "구매자id", "구매자연락처"],
    ),
    (&["customers.email"], &["customeremail", "email", "emailaddress"]),
    (
        &["orders.ship_name"],
        &["shiptoname", "shippingname", "recipient", "recipientname", "shipname", "수취인명", "받는사람"],
    ),
    (&["orders.ship_city"], &["shiptocity", "shippingcity", "city", "도시"]),
    (
        &["orders.ship_street"],
        &[
            "shiptoaddress",
            "shippingaddress",
            "address",
            "street",
            "shippingstreet",
            "shiptoaddress1",
            "배송지",
            "주소",
        ],
    ),
    (&["orders.status"], &["status", "orderstatus", "주문상태"]),
    (
        &["order_lines.sku", "skus.code"],
        &[
            "sku",
            "itemsku",
            "productsku",
            "lineitemsku",
            "item",
            "productcode",
            "stockcode",
            "상품코드",
            "상품번호",
        ],
    ),
    (&["skus.name"], &["productname", "itemname", "description", "title", "lineitemname", "상품명"]),
    (
        &["order_lines.quantity"],
        &["qty", "quantity", "units", "lineitemquantity", "quantitypurchased", "수량"],
    ),
    (
        &["order_lines.unit_price"],
        &["unitprice", "price", "itemprice", "lineitemprice", "상품가격", "판매가"],
    ),
    (&["row.currency"], &["currency", "currencycode", "통화"]),
    (&["order_lines.line"], &["line", "lineno", "linenumber", "lineitem"]),
];

/// What orders cannot do without.
const NEEDED: [&str; 5] =
    ["orders.number", "orders.ordered_at", "orders.ship_country", "order_lines.sku", "order_lines.quantity"];

/// A draft, and the columns of the book it found no header for.
pub struct Draft {
    /// The mapping as TOML, to be saved and corrected.
    pub toml: String,
    /// Columns it needs and has none for.
    pub lacks: Vec<&'static str>,
}

fn plain(header: &str) -> String {
    header.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Drafts a mapping for orders from headers; `None` where too little of them is known to be of help.
pub fn draft(file: &str, headers: &[String]) -> Option<Draft> {
    let of = |names: &[&str]| {
        names.iter().find_map(|name| headers.iter().find(|header| plain(header) == *name)).cloned()
    };
    let mut columns: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (targets, names) in KNOWN {
        if let Some(header) = of(names) {
            for target in *targets {
                columns.insert((*target).to_owned(), vec![header.clone()]);
            }
        }
    }
    let lacks: Vec<&'static str> =
        NEEDED.into_iter().filter(|column| !columns.contains_key(*column)).collect();
    if lacks.len() > 2 {
        return None;
    }
    let mut detect: Vec<String> =
        NEEDED.iter().filter_map(|column| Some(columns.get(*column)?.first()?.clone())).collect();
    detect.dedup();
    columns.entry("order_lines.line".to_owned()).or_insert_with(|| vec!["=#".to_owned()]);
    for column in &lacks {
        columns.insert((*column).to_owned(), vec!["TYPE THE HEADER HERE, or =VALUE for all rows".to_owned()]);
    }
    let stem: String = plain(file.rsplit('/').next().unwrap_or(file).trim_end_matches(".csv"));
    let mapping = Mapping {
        name: stem,
        about: format!("Drafted from the headers of {file}: look at every line before you import by it."),
        detect,
        carry: false,
        defaults: Defaults {
            currency: Some("USD".to_owned()),
            timezone: Some("UTC".to_owned()),
            country: Some("US".to_owned()),
            merchant: Some("shop".to_owned()),
        },
        columns,
        values: BTreeMap::new(),
    };
    Some(Draft { toml: toml::to_string(&mapping).ok()?, lacks })
}

#[cfg(test)]
mod tests {
    use holdfast_book::mapping::Mapping;

    use super::draft;

    fn headers(text: &str) -> Vec<String> {
        text.split(';').map(str::to_owned).collect()
    }

    #[test]
    fn a_draft_is_a_mapping_that_detects_its_own_file() {
        let all =
            headers("Order ID;Order Date;SKU;Qty;Ship To ZIP;Ship To Country;Customer Email;Unit Price");
        let found = draft("orders_export.csv", &all).expect("these headers are known");
        assert!(found.lacks.is_empty(), "{:?}", found.lacks);
        let mapping = Mapping::parse(&found.toml).unwrap();
        assert!(mapping.detects(&all));
        assert_eq!(mapping.columns["orders.number"], ["Order ID"]);
        assert_eq!(mapping.columns["order_lines.order"], ["Order ID"]);
        assert_eq!(mapping.columns["orders.ship_postal"], ["Ship To ZIP"]);
    }

    #[test]
    fn what_lacks_is_said_and_headers_of_something_else_are_left_alone() {
        let found =
            draft("x.csv", &headers("주문번호;주문일시;상품코드;수량")).expect("four of five are known");
        assert_eq!(found.lacks, ["orders.ship_country"]);
        assert!(Mapping::parse(&found.toml).is_ok());
        assert!(draft("x.csv", &headers("temperature;pressure")).is_none());
    }
}
