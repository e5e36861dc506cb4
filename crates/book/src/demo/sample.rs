//! The bundled sample shop: 1,850 products and 5,009 baskets of Tableau's public sample data.
//!
//! It is sample data and not a real shop. Names, addresses and dates of its customers were not taken over.

use std::sync::OnceLock;

const PRODUCTS: &str = include_str!("../../data/sample/products.csv");
const BASKETS: &str = include_str!("../../data/sample/baskets.txt");

/// A product of the sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Code, made of the sample's product id and the product's position.
    pub code: String,
    /// One of 17 sub-categories, such as `Binders`.
    pub sub_category: String,
    /// Name.
    pub name: String,
    /// Median price of one unit before discount, US cents.
    pub price_cents: u32,
    /// Units in all baskets together.
    pub units_sold: u32,
}

/// How fast a basket was wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ShipMode {
    /// The day it was ordered.
    SameDay,
    /// First class.
    First,
    /// Second class.
    Second,
    /// Standard class: three baskets in five.
    Standard,
}

/// What was ordered together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basket {
    /// How fast it was wanted.
    pub mode: ShipMode,
    /// Position of the product and units, by position; a product stands once.
    pub lines: Vec<(u32, u32)>,
}

/// Every product, by category and code.
pub fn products() -> &'static [Product] {
    static ROWS: OnceLock<Vec<Product>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let mut reader = csv::Reader::from_reader(PRODUCTS.as_bytes());
        let read = |row: Result<csv::StringRecord, csv::Error>| {
            let row = row.expect("the bundled product table is well-formed CSV");
            product(&row).unwrap_or_else(|| panic!("bundled products: {row:?}"))
        };
        reader.records().map(read).collect()
    })
}

/// Every basket, in the sample's order.
pub fn baskets() -> &'static [Basket] {
    static ROWS: OnceLock<Vec<Basket>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let read = |line| basket(line).unwrap_or_else(|| panic!("bundled baskets: {line:?}"));
        BASKETS.lines().map(read).collect()
    })
}

fn product(row: &csv::StringRecord) -> Option<Product> {
    Some(Product {
        code: row.get(0)?.to_owned(),
        sub_category: row.get(1)?.to_owned(),
        name: row.get(2)?.to_owned(),
        price_cents: row.get(3)?.parse().ok()?,
        units_sold: row.get(4)?.parse().ok()?,
    })
}

fn basket(line: &str) -> Option<Basket> {
    let (head, rest) = line.split_once(' ')?;
    let mode = match head.as_bytes().first()? {
        b'0' => ShipMode::SameDay,
        b'1' => ShipMode::First,
        b'2' => ShipMode::Second,
        b'3' => ShipMode::Standard,
        _ => return None,
    };
    let pair = |text: &str| {
        let (product, units) = text.split_once('x')?;
        Some((product.parse().ok()?, units.parse().ok()?))
    };
    Some(Basket { mode, lines: rest.split(' ').map(pair).collect::<Option<_>>()? })
}

#[cfg(test)]
mod tests {
    use super::{baskets, products};

    #[test]
    fn units_in_the_baskets_are_the_units_the_products_sold() {
        assert_eq!((products().len(), baskets().len()), (1850, 5009));
        let mut units = vec![0; products().len()];
        for (product, quantity) in baskets().iter().flat_map(|basket| &basket.lines) {
            units[*product as usize] += quantity;
        }
        let sold: Vec<u32> = products().iter().map(|product| product.units_sold).collect();
        assert_eq!(units, sold);
        assert_eq!(units.iter().sum::<u32>(), 37_873);
    }
}
