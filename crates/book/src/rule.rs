//! Rules of single columns beyond their type: postal codes, phones, countries, barcodes, scales.
//!
//! What a spreadsheet damages in a known way (a leading zero lost) is repaired and reported; everything else
//! that breaks a rule is refused.

use holdfast_domain::place::Place;

use crate::cell::CellError;
use crate::country;

/// What a rule made of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruled {
    /// Taken as it is.
    Kept,
    /// The same, in the spelling of the book.
    Spelled(String),
    /// Damaged, and repaired.
    Repaired(String),
}

impl Ruled {
    /// The text to go on with.
    #[must_use]
    pub fn text<'a>(&'a self, original: &'a str) -> &'a str {
        match self {
            Self::Kept => original,
            Self::Spelled(text) | Self::Repaired(text) => text,
        }
    }
}

/// Applies the rule of `column`, in a row of `country`.
///
/// # Errors
/// The rule that is broken.
pub fn apply(column: &str, text: &str, country: &str) -> Result<Ruled, CellError> {
    match column {
        "country" | "ship_country" => country_code(text),
        "postal" | "ship_postal" => Ok(postal(text, country::code_of(country).unwrap_or(country))),
        "phone" | "ship_phone" => Ok(phone(text, country::code_of(country).unwrap_or(country))),
        "county_fips" => county(text),
        "gtin" => gtin(text),
        "place" => place(text, country),
        "email" => email(text),
        "legal_scale" | "reputation_scale" => {
            within(text, 4, "a scale goes from 0 to 4", "write 0, 1, 2, 3 or 4")
        }
        "mbco_percent" => within(text, 100, "more than 100 per cent", "write a per cent from 0 to 100"),
        _ => Ok(Ruled::Kept),
    }
}

/// Metres beyond which a place is nowhere near its country's capital or greatest city.
const FAR_M: f64 = 4_000_000.0;
/// Parts of a country far from it that would look swapped: Réunion and Mayotte, whose addresses many write as French.
const FAR_PARTS: [(&str, f64, f64); 2] = [("FR", -21.1, 55.5), ("FR", -12.8, 45.2)];
/// Metres from there within which a place is of that part.
const PART_M: f64 = 300_000.0;

/// A place that is far from its country, and near it the other way round, has latitude and longitude swapped. What is no
/// place at all, and what cannot be told, is left to the type.
fn place(text: &str, country: &str) -> Result<Ruled, CellError> {
    let parts: Vec<f64> = text.split([' ', ',', ';']).filter_map(|part| part.parse().ok()).collect();
    let (&[first, second], Some(home)) = (&parts[..], country::find(country)) else { return Ok(Ruled::Kept) };
    let Ok(city) = Place::new(home.city.0, home.city.1) else { return Ok(Ruled::Kept) };
    let far = |place: Place| place.distance_m(city);
    let given = Place::new(first, second).map_or(f64::INFINITY, far);
    let turned = Place::new(second, first).map_or(f64::INFINITY, far);
    let part = |&(code, lat, lon): &(&str, f64, f64)| {
        let apart =
            |part: Place| Place::new(first, second).map_or(f64::INFINITY, |place| place.distance_m(part));
        country::code_of(country) == Some(code) && Place::new(lat, lon).is_ok_and(|part| apart(part) < PART_M)
    };
    if FAR_PARTS.iter().any(part) {
        return Ok(Ruled::Kept);
    }
    if given > FAR_M && turned <= FAR_M {
        return Err(CellError::Rule {
            cause: "far from its country; latitude and longitude seem to be swapped",
            remedy: "write the latitude first, then the longitude, such as 34.2257 -77.9447",
        });
    }
    Ok(Ruled::Kept)
}

fn country_code(text: &str) -> Result<Ruled, CellError> {
    match country::code_of(text) {
        Some(code) if code == text => Ok(Ruled::Kept),
        Some(code) => Ok(Ruled::Spelled(code.to_owned())),
        None => Err(CellError::Rule {
            cause: "not a country",
            remedy: "write the two letters of ISO 3166, such as US, KR or GB",
        }),
    }
}

/// Postal codes of five digits lose their leading zero in spreadsheets (Korea since 2015, United States,
/// Germany, France, Italy, Spain); some shops put an apostrophe before them so that they do not.
fn postal(text: &str, country: &str) -> Ruled {
    if let Some(rest) = text.strip_prefix('\'') {
        return Ruled::Repaired(rest.to_owned());
    }
    let five = matches!(country, "KR" | "US" | "DE" | "FR" | "IT" | "ES");
    let digits = text.strip_suffix(".0").unwrap_or(text);
    if five && (3..5).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ruled::Repaired(format!("{digits:0>5}"));
    }
    if five && digits.len() == 5 && digits != text {
        return Ruled::Repaired(digits.to_owned());
    }
    Ruled::Kept
}

/// Korean mobile numbers begin with 010; a spreadsheet keeps `1012345678` of them.
fn phone(text: &str, country: &str) -> Ruled {
    let plain = text.strip_suffix(".0").unwrap_or(text);
    let digits: String = plain.chars().filter(char::is_ascii_digit).collect();
    let only_digits = digits.len() == plain.len();
    if country == "KR" && only_digits && digits.len() == 10 && digits.starts_with("10") {
        return Ruled::Repaired(format!("0{}-{}-{}", &digits[..2], &digits[2..6], &digits[6..]));
    }
    if country == "KR" && only_digits && digits.len() == 11 && digits.starts_with("010") {
        return Ruled::Spelled(format!("{}-{}-{}", &digits[..3], &digits[3..7], &digits[7..]));
    }
    Ruled::Kept
}

fn county(text: &str) -> Result<Ruled, CellError> {
    let digits = text.strip_suffix(".0").unwrap_or(text);
    match (digits.len(), digits.bytes().all(|byte| byte.is_ascii_digit())) {
        (5, true) if digits == text => Ok(Ruled::Kept),
        (4 | 5, true) => Ok(Ruled::Repaired(format!("{digits:0>5}"))),
        _ => Err(CellError::Rule {
            cause: "not a county code",
            remedy: "write the five digits of the FIPS code, such as 37129",
        }),
    }
}

/// Check digit of GS1: weights 3 and 1 from the right.
fn gtin(text: &str) -> Result<Ruled, CellError> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(10)).collect();
    let right = |digits: &[u32]| {
        let sum: u32 =
            digits.iter().rev().enumerate().map(|(i, d)| if i % 2 == 1 { d * 3 } else { *d }).sum();
        matches!(digits.len(), 8 | 12 | 13 | 14) && sum.is_multiple_of(10)
    };
    match digits {
        Some(digits) if right(&digits) => Ok(Ruled::Kept),
        _ => Err(CellError::Rule {
            cause: "not a barcode: wrong length or check digit",
            remedy: "write the 8, 12, 13 or 14 digits printed under the barcode, or leave the cell empty",
        }),
    }
}

fn email(text: &str) -> Result<Ruled, CellError> {
    let parts: Vec<&str> = text.split('@').collect();
    match parts[..] {
        [name, host] if !name.is_empty() && !host.is_empty() && !text.contains(char::is_whitespace) => {
            Ok(Ruled::Kept)
        }
        _ => Err(CellError::Rule {
            cause: "not a mail address",
            remedy: "write it as name@example.org, or leave the cell empty",
        }),
    }
}

fn within(text: &str, most: u32, cause: &'static str, remedy: &'static str) -> Result<Ruled, CellError> {
    match text.parse::<u32>() {
        Ok(number) if number > most => Err(CellError::Rule { cause, remedy }),
        _ => Ok(Ruled::Kept),
    }
}

#[cfg(test)]
mod tests {
    use super::{Ruled, apply};

    #[test]
    fn lost_zeros_come_back_and_other_texts_stay() {
        let repaired = |text: &str| Ok(Ruled::Repaired(text.to_owned()));
        assert_eq!(apply("ship_postal", "6236", "KR"), repaired("06236"));
        assert_eq!(apply("postal", "2108.0", "US"), repaired("02108"));
        assert_eq!(apply("postal", "W1A", "GB"), Ok(Ruled::Kept));
        assert_eq!(apply("phone", "1012345678", "대한민국"), repaired("010-1234-5678"));
        assert_eq!(apply("phone", "02-123-4567", "KR"), Ok(Ruled::Kept));
    }

    #[test]
    fn a_latitude_where_the_longitude_belongs_is_told() {
        let swapped = |text: &str, country: &str| {
            apply("place", text, country).is_err_and(|error| error.to_string().contains("swapped"))
        };
        for (text, country) in [
            ("-77.9447 34.2257", "US"),
            ("-80, 25.8", "United States"),
            ("127.0 37.5", "KR"),
            ("2.35 48.85", "FR"),
            ("151.2 -33.9", "AU"),
        ] {
            assert!(swapped(text, country), "{text} {country}");
        }
        for (text, country) in [
            ("34.2257 -77.9447", "US"),
            ("61.2 -149.9", "US"),
            ("21.3 -157.9", "US"),
            ("35.1 129.0", "KR"),
            ("33.5;126.5", "KR"),
            ("13.4 144.8", "US"),
            ("48.85 2.35", "XX"),
            ("-20.9 55.4", "FR"),
            ("somewhere", "US"),
            ("95 200", "US"),
        ] {
            assert_eq!(apply("place", text, country), Ok(Ruled::Kept), "{text} {country}");
        }
    }

    #[test]
    fn a_barcode_with_a_wrong_check_digit_is_refused() {
        assert_eq!(apply("gtin", "4006381333931", "US"), Ok(Ruled::Kept));
        assert!(apply("gtin", "4006381333932", "US").is_err());
        assert!(apply("country", "Atlantis", "US").is_err());
        assert!(apply("legal_scale", "5", "US").is_err());
    }
}
