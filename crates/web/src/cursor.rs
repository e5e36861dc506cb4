//! Cursors: where a list goes on. Ids are dense and never shift, so a cursor survives whatever is added meanwhile.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::problem::Problem;

/// Entries of a page where the caller does not say.
pub const PAGE: usize = 50;
/// Most entries of a page.
pub const PAGE_MAX: usize = 500;

/// Where a list goes on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paged {
    /// Where the list goes on.
    pub cursor: Option<String>,
    /// Entries of a page, 500 at most.
    pub limit: Option<usize>,
}

/// The cursor of list `list` behind `last`.
#[must_use]
pub fn encode(list: &str, last: u64) -> String {
    let mut bytes = last.to_le_bytes().to_vec();
    bytes.extend(&blake3::hash(format!("{list} {last}").as_bytes()).as_bytes()[..4]);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Where the cursor of `list` points.
///
/// # Errors
/// A problem for one that is not ours, or another list's.
pub fn decode(list: &str, cursor: &str) -> Result<u64, Problem> {
    let fault = || Problem::field("cursor", "it is not a cursor of this list; start without one");
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| fault())?;
    let last =
        bytes.get(..8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes).ok_or_else(fault)?;
    if encode(list, last) == cursor { Ok(last) } else { Err(fault()) }
}

/// The first place of a page: the one behind its cursor, or 0 without one.
///
/// # Errors
/// As [`decode`].
pub fn first(list: &str, cursor: Option<&str>) -> Result<u64, Problem> {
    cursor.map_or(Ok(0), |cursor| decode(list, cursor).map(|last| last + 1))
}

/// A page of `most` of the entries found, and its cursor where there are more; `place` is an entry's place in `list`.
pub fn cut<T>(
    list: &str,
    most: usize,
    found: impl Iterator<Item = T>,
    place: impl Fn(&T) -> u64,
) -> (Vec<T>, Option<String>) {
    let mut found: Vec<T> = found.take(most + 1).collect();
    let more = found.len() > most;
    found.truncate(most);
    let next = found.last().filter(|_| more).map(|last| encode(list, place(last)));
    (found, next)
}

/// How many entries a page has.
#[must_use]
pub fn page(limit: Option<usize>) -> usize {
    limit.unwrap_or(PAGE).clamp(1, PAGE_MAX)
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn a_cursor_reads_back_in_its_own_list_only() {
        let cursor = encode("orders", 17);
        assert_eq!(decode("orders", &cursor).unwrap(), 17);
        assert!(decode("events", &cursor).is_err());
        assert!(decode("orders", "x").is_err());
        assert!(decode("orders", "").is_err());
    }
}
