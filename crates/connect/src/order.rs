//! A shop's order, whatever the shop: what all of them tell, in the shop's own words.

use holdfast_domain::money::{Currency, Money};

/// Lines of an order that are read.
pub const LINES_MAX: usize = 5_000;

/// An order as a shop tells of it now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShopOrder {
    /// The number people know it by.
    pub number: String,
    /// The shop's own id for it, as its API names it.
    pub id: Option<String>,
    /// When it was placed, as RFC 3339.
    pub placed: Option<String>,
    /// When the shop last changed it, in milliseconds of Unix time.
    pub updated_ms: Option<i64>,
    /// Whether it is paid, or will be paid on delivery.
    pub paid: bool,
    /// Whether it was cancelled whole.
    pub cancelled: bool,
    /// Currency of its prices.
    pub currency: Option<String>,
    /// Language of its customer.
    pub language: Option<String>,
    /// Where it goes.
    pub ship_to: ShopAddress,
    /// What is to be shipped; goods that need no shipping are left out.
    pub lines: Vec<ShopLine>,
}

/// Where an order goes, and to whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShopAddress {
    /// Name.
    pub name: String,
    /// Street.
    pub street: String,
    /// City.
    pub city: String,
    /// Postal code.
    pub postal: String,
    /// ISO 3166-1, two letters.
    pub country: String,
    /// Mail.
    pub mail: String,
    /// Phone.
    pub phone: String,
    /// The shop's own number for the customer.
    pub reference: Option<String>,
}

/// What was ordered of one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShopLine {
    /// The SKU; empty where the shop has none for it.
    pub sku: String,
    /// What the shop calls it, for the person who mends a missing SKU.
    pub title: String,
    /// Units the customer still wants.
    pub quantity: u32,
    /// Price of a unit in minor units of the order's currency.
    pub price: Option<i64>,
}

/// Why a body cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is no JSON.
    #[error("read the order: it is no JSON: {0}")]
    Json(String),
    /// A field is missing or is not what it should be.
    #[error("read the order: {field} is missing or is not {wanted}")]
    Field {
        /// Which.
        field: &'static str,
        /// What it should be.
        wanted: &'static str,
    },
    /// More lines than an order can have.
    #[error("read the order: it has more than {LINES_MAX} lines")]
    Lines,
}

/// A decimal amount in minor units; `None` for what is no amount of that currency.
pub(crate) fn minor(amount: &str, currency: Option<&str>) -> Option<i64> {
    let currency: Currency = currency?.parse().ok()?;
    Money::parse(amount.trim(), currency).ok().map(Money::minor)
}

/// A moment in milliseconds of Unix time; `None` for what is no moment.
pub(crate) fn moment_ms(text: &str) -> Option<i64> {
    let text = text.trim();
    let zoned = text.parse::<jiff::Timestamp>().ok();
    let stamp = zoned.or_else(|| {
        // WooCommerce writes its GMT moments without an offset.
        text.parse::<jiff::civil::DateTime>()
            .ok()?
            .to_zoned(jiff::tz::TimeZone::UTC)
            .ok()
            .map(|at| at.timestamp())
    })?;
    Some(stamp.as_millisecond())
}

/// A moment as RFC 3339 in UTC.
pub(crate) fn rfc3339(text: &str) -> Option<String> {
    jiff::Timestamp::from_millisecond(moment_ms(text)?).ok().map(|at| at.to_string())
}

/// The texts that are not empty, with a blank between them.
pub(crate) fn joined(parts: &[&str]) -> String {
    parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{joined, minor, moment_ms};

    #[test]
    fn amounts_and_moments_are_read_as_shops_write_them() {
        assert_eq!(minor("10.50", Some("USD")), Some(1_050));
        assert_eq!(minor("15000", Some("KRW")), Some(15_000));
        assert_eq!(minor("ten", Some("USD")), None);
        assert_eq!(moment_ms("2026-01-01T00:00:00-05:00"), moment_ms("2026-01-01T05:00:00"));
        assert_eq!(moment_ms("yesterday"), None);
        assert_eq!(joined(&["1 Old Road", "", " Flat 2 "]), "1 Old Road Flat 2");
    }
}
