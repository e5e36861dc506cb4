//! JSON feeds: read within limits, and fields taken out by path.
//!
//! serde_json itself refuses nesting beyond 128 levels.

use serde_json::Value;

use super::{AlertError, clip, xml};

/// Entries of one feed at most.
pub(crate) const ENTRIES_MAX: usize = 100_000;

pub(crate) fn read(bytes: &[u8]) -> Result<Value, AlertError> {
    serde_json::from_str(xml::text_of(bytes)?).map_err(|error| AlertError::Malformed {
        line: error.line(),
        what: format!("column {}: {error}", error.column()),
    })
}

/// The list called `name` of the feed's top.
pub(crate) fn entries<'a>(
    top: &'a Value,
    name: &'static str,
    expected: &'static str,
) -> Result<&'a [Value], AlertError> {
    let list = top.get(name).and_then(Value::as_array).ok_or_else(|| AlertError::NotThisFormat {
        found: format!("JSON without a list {name:?}"),
        expected,
    })?;
    if list.len() > ENTRIES_MAX {
        return Err(AlertError::TooMany { what: "entries", max: ENTRIES_MAX });
    }
    Ok(list)
}

/// A text that is not empty.
pub(crate) fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

/// A text that has to be there.
pub(crate) fn require<'a>(object: &'a Value, name: &'static str, place: &str) -> Result<&'a str, AlertError> {
    text(object, name).ok_or_else(|| AlertError::Missing { place: place.to_owned(), what: name })
}

/// A finite number, written as one or as a text.
pub(crate) fn number(object: &Value, name: &str) -> Option<f64> {
    let value = object.get(name)?;
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|number: &f64| number.is_finite())
}

/// One of the words an enumeration knows.
pub(crate) fn word<T>(
    object: &Value,
    name: &'static str,
    place: &str,
    expected: &str,
    parse: fn(&str) -> Option<T>,
) -> Result<T, AlertError> {
    let text = require(object, name, place)?;
    parse(text).ok_or_else(|| AlertError::Field {
        place: place.to_owned(),
        field: name,
        value: clip(text),
        expected: expected.to_owned(),
    })
}
