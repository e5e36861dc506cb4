//! Column mappings: how another system's file becomes rows of the book.
//!
//! A mapping is text (TOML or JSON) that can be saved, shared and edited. For each column of the book it names
//! the headers it may come from; the first that gives something counts.
//!
//! - `"주문번호"`: the cell under that header;
//! - `"기본배송지+상세배송지"`: several cells, joined by a blank;
//! - `"=KR"`: a constant; `"=#"`: the row's running number in its order.
//!
//! `values` translate what is found: by text, by `Header:text`, or by `*` for any text that is not empty.
//! A translation `@quantity` takes what stands in that column of the same file of the book.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::limits::MAPPING_BYTES_MAX;
use crate::row::FileSpec;

/// How another system's file becomes rows of the book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Its name, as reports call it.
    pub name: String,
    /// What it is for, and where its header names are known from.
    #[serde(default)]
    pub about: String,
    /// Headers a file must have for this mapping to be used without being asked for.
    pub detect: Vec<String>,
    /// Whether cells of an order stand only in its first row.
    #[serde(default)]
    pub carry: bool,
    /// What cells without a currency, zone or country of their own are read in.
    #[serde(default)]
    pub defaults: Defaults,
    /// Headers by column of the book, such as `orders.number`.
    pub columns: BTreeMap<String, Vec<String>>,
    /// Translations by column of the book.
    #[serde(default)]
    pub values: BTreeMap<String, BTreeMap<String, String>>,
}

/// What cells are read in that do not say it themselves.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    /// Currency, ISO 4217.
    pub currency: Option<String>,
    /// IANA time zone.
    pub timezone: Option<String>,
    /// Country, ISO 3166 alpha-2.
    pub country: Option<String>,
    /// Code of the merchant.
    pub merchant: Option<String>,
}

/// Why a mapping cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// Too long.
    #[error("read the column mapping: {0} bytes, at most {MAPPING_BYTES_MAX} are read")]
    TooLarge(usize),
    /// Neither TOML nor JSON of this shape.
    #[error("read the column mapping: {0}")]
    Text(String),
    /// A column the book has not.
    #[error(
        "use the column mapping {mapping}: the book has no column {column:?}; see docs/reference/formats.md"
    )]
    NoColumn {
        /// The mapping.
        mapping: String,
        /// The column.
        column: String,
    },
}

impl Mapping {
    /// Reads a mapping from TOML, or from JSON where the text begins with a brace.
    ///
    /// # Errors
    /// [`MappingError`] for text of another shape, or a column the book has not.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        if text.len() > MAPPING_BYTES_MAX {
            return Err(MappingError::TooLarge(text.len()));
        }
        let mapping: Self = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|error| MappingError::Text(error.to_string()))?
        } else {
            toml::from_str(text).map_err(|error| MappingError::Text(error.to_string()))?
        };
        for column in mapping.columns.keys().chain(mapping.values.keys()) {
            let known = crate::FILES
                .iter()
                .any(|file| file.columns.iter().any(|c| *column == format!("{}.{}", stem(file), c.name)));
            if !known && column != CURRENCY {
                return Err(MappingError::NoColumn { mapping: mapping.name, column: column.clone() });
            }
        }
        Ok(mapping)
    }

    /// Whether a file with this header is for this mapping.
    #[must_use]
    pub fn detects(&self, header: &[impl AsRef<str>]) -> bool {
        !self.detect.is_empty()
            && self.detect.iter().all(|name| header.iter().any(|column| column.as_ref().trim() == name))
    }

    /// Whether any column of `file` is mapped.
    #[must_use]
    pub fn gives(&self, file: &FileSpec) -> bool {
        let prefix = format!("{}.", stem(file));
        self.columns.keys().any(|column| column.starts_with(&prefix))
    }
}

/// The column of a mapping that gives the currency of the row's amounts.
pub const CURRENCY: &str = "row.currency";

/// `orders` of `orders.csv`.
#[must_use]
pub fn stem(file: &FileSpec) -> &'static str {
    file.name.trim_end_matches(".csv")
}

/// The mappings that are shipped: Naver Smartstore, Cafe24 and Shopify order exports.
#[must_use]
pub fn shipped() -> Vec<Mapping> {
    [
        include_str!("mapping/naver_smartstore.toml"),
        include_str!("mapping/cafe24.toml"),
        include_str!("mapping/shopify.toml"),
    ]
    .into_iter()
    .map(|text| Mapping::parse(text).expect("the shipped mappings are parsed by a test"))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::{Mapping, MappingError, shipped};

    #[test]
    fn shipped_mappings_parse_and_survive_being_saved() {
        for mapping in shipped() {
            let toml = toml::to_string(&mapping).unwrap();
            assert_eq!(Mapping::parse(&toml).unwrap(), mapping);
            let json = serde_json::to_string(&mapping).unwrap();
            assert_eq!(Mapping::parse(&json).unwrap(), mapping);
        }
    }

    #[test]
    fn a_column_the_book_has_not_is_named() {
        let error = Mapping::parse("name='x'\ndetect=['a']\n[columns]\n'orders.nmber'=['a']").unwrap_err();
        assert!(matches!(error, MappingError::NoColumn { column, .. } if column == "orders.nmber"));
        assert!(Mapping::parse(&"x".repeat(300_000)).is_err());
        assert!(Mapping::parse(&"[".repeat(100_000)).is_err());
        assert!(Mapping::parse(&format!("{{\"name\":{}", "[".repeat(100_000))).is_err());
    }
}
