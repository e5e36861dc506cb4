//! What scanners read at the packing table: one scan is one unit, a misread is seen by its check digit, and a case's
//! code is not a unit's.
//!
//! Check digits and element strings as the GS1 General Specifications have them (sections 7.9 and 7.8): from the right,
//! digits weigh 3, 1, 3, …; the sum is filled up to the next ten.

/// Longest text of a scan.
pub const SCAN_MAX: usize = 128;

/// Why a scan is no unit's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misread {
    /// Nothing, or more than any code has.
    #[error("it is empty or too long")]
    Length,
    /// The last digit does not fit the others.
    #[error("its check digit is wrong: scan it again")]
    CheckDigit,
    /// A case, an inner pack, a pallet.
    #[error("it is a case's code: scan each unit in it")]
    Case,
}

/// What a scan says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scan {
    /// A trade item's number, in its form of 14 digits.
    Item([u8; 14]),
    /// A code of the merchant's own.
    Code(String),
}

/// Reads a scan: a GTIN of 8, 12, 13 or 14 digits, an element string that begins with one (`01…`, `(01)…`, `]C101…`),
/// or the merchant's own code. `is_known` says whether a text is a code of the merchant's as it stands: its own numbers
/// may look like a GTIN and have no check digit.
///
/// # Errors
/// [`Misread`].
pub fn read(text: &str, is_known: impl Fn(&str) -> bool) -> Result<Scan, Misread> {
    let text = text.trim();
    if text.is_empty() || text.len() > SCAN_MAX {
        return Err(Misread::Length);
    }
    if is_known(text) {
        return match gtin(text) {
            Some(Ok(digits)) => item(digits),
            _ => Ok(Scan::Code(text.to_owned())),
        };
    }
    let element = text.strip_prefix("]C1").or_else(|| text.strip_prefix("]d2")).unwrap_or(text);
    if let Some(rest) = element.strip_prefix("(01)").or_else(|| long_element(element)) {
        let digits = rest.get(..14).and_then(gtin).ok_or(Misread::CheckDigit)?;
        return item(digits?);
    }
    match gtin(text) {
        Some(digits) => item(digits?),
        None => Ok(Scan::Code(text.to_owned())),
    }
}

/// Whether a SKU's code is the item of a scan.
#[must_use]
pub fn is_item(code: &str, item: &[u8; 14]) -> bool {
    matches!(gtin(code.trim()), Some(Ok(digits)) if digits == *item)
}

/// The part behind `01` in an element string that is too long for a bare GTIN.
fn long_element(text: &str) -> Option<&str> {
    text.strip_prefix("01").filter(|rest| rest.len() >= 14 && text.len() >= 16)
}

/// A number as long as a GTIN, filled up to 14 digits; `None` for what is no such number.
fn gtin(text: &str) -> Option<Result<[u8; 14], Misread>> {
    if !matches!(text.len(), 8 | 12 | 13 | 14) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut digits = [0; 14];
    for (place, byte) in digits.iter_mut().rev().zip(text.bytes().rev()) {
        *place = byte - b'0';
    }
    Some(if is_sound(&digits) { Ok(digits) } else { Err(Misread::CheckDigit) })
}

/// Whether the last digit is the check digit of those before it.
fn is_sound(digits: &[u8]) -> bool {
    let Some((check, rest)) = digits.split_last() else { return false };
    let weights = [3_u32, 1].into_iter().cycle();
    let sum: u32 = rest.iter().rev().zip(weights).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    (10 - sum % 10) % 10 == u32::from(*check)
}

/// A first digit of 1 to 8 says that the item holds several units.
fn item(digits: [u8; 14]) -> Result<Scan, Misread> {
    if (1..=8).contains(&digits[0]) { Err(Misread::Case) } else { Ok(Scan::Item(digits)) }
}

#[cfg(test)]
mod tests {
    use super::{Misread, Scan, is_item, read};

    #[test]
    fn a_unit_is_known_by_each_of_its_codes() {
        // 4006381333931 is the example of many textbooks; 036000291452 that of the UPC.
        let nothing = |_: &str| false;
        for (code, text) in [
            ("4006381333931", "4006381333931"),
            ("4006381333931", "04006381333931"),
            ("4006381333931", "(01)04006381333931(17)271231"),
            ("4006381333931", "]C101040063813339311727123110AB"),
            ("036000291452", "036000291452"),
            ("96385074", "96385074"),
        ] {
            let Ok(Scan::Item(item)) = read(text, nothing) else { panic!("{text}") };
            assert!(is_item(code, &item), "{text}");
        }
        assert_eq!(read(" SKU-7 ", nothing), Ok(Scan::Code("SKU-7".to_owned())));
    }

    #[test]
    fn a_misread_and_a_case_are_told_apart_from_a_unit() {
        let nothing = |_: &str| false;
        for wrong in ["4006381333932", "4006381338931", "036000291453", "96385073", "(01)04006381333932"] {
            assert_eq!(read(wrong, nothing), Err(Misread::CheckDigit), "{wrong}");
        }
        assert_eq!(read("14006381333938", nothing), Err(Misread::Case));
        assert_eq!(read("", nothing), Err(Misread::Length));
        assert_eq!(read(&"x".repeat(200), nothing), Err(Misread::Length));
    }

    #[test]
    fn a_merchants_own_number_needs_no_check_digit() {
        let own = |text: &str| text == "12345678";
        assert_eq!(read("12345678", own), Ok(Scan::Code("12345678".to_owned())));
        assert_eq!(read("12345679", own), Err(Misread::CheckDigit));
    }
}
