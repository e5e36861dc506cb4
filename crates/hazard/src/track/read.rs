//! What the readers of tracks have in common: limits, errors that name the line, and fields read by name.

use holdfast_domain::place::Place;
use holdfast_domain::time::Stamp;

/// The longest text read, in bytes.
pub const BYTES_MAX: usize = 64 << 20;
/// The longest line read, in bytes.
pub const LINE_BYTES_MAX: usize = 2_048;
/// The most fixes one track or forecast may have.
pub const FIXES_MAX: usize = 10_000;
/// The most tracks or forecasts read from one text.
pub const TRACKS_MAX: usize = 50_000;

/// Why a text is not a track; lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Longer than [`BYTES_MAX`].
    #[error("read a track file of {0} bytes: at most {BYTES_MAX} are read; split it by storm")]
    TooLong(usize),
    /// A line longer than [`LINE_BYTES_MAX`].
    #[error(
        "read line {line}: it has {bytes} bytes and at most {LINE_BYTES_MAX} are read; is this a track file?"
    )]
    LineTooLong {
        /// The line.
        line: usize,
        /// Its length in bytes.
        bytes: usize,
    },
    /// A field that is missing or does not read.
    #[error("read line {line}, field {field}: {text:?} is not {expected}")]
    Field {
        /// The line.
        line: usize,
        /// The field's name.
        field: &'static str,
        /// What stands there, at most 40 characters.
        text: String,
        /// What should stand there.
        expected: &'static str,
    },
    /// The same moment twice with different facts.
    #[error("read line {line}: the moment {at} was already given with another {what}")]
    Contradiction {
        /// The line.
        line: usize,
        /// The moment.
        at: String,
        /// What differs.
        what: &'static str,
    },
    /// A line of another storm or an unexpected kind.
    #[error("read line {line}: {cause}")]
    Structure {
        /// The line.
        line: usize,
        /// What is wrong and what to do.
        cause: String,
    },
    /// Over [`FIXES_MAX`] or [`TRACKS_MAX`].
    #[error("read line {line}: more than {limit} {what}; split the file")]
    TooMany {
        /// The line.
        line: usize,
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// No fix in the whole text.
    #[error("read a track: the text has none; expected {0}")]
    Empty(&'static str),
}

/// A line with its number, for errors.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) number: usize,
    pub(super) text: &'a str,
}

/// The lines that are not blank, numbered from 1; the length limits are checked first.
pub(super) fn lines(text: &str) -> Result<Vec<Line<'_>>, ReadError> {
    if text.len() > BYTES_MAX {
        return Err(ReadError::TooLong(text.len()));
    }
    let text = text.trim_start_matches('\u{feff}');
    let mut out = Vec::new();
    for (i, line) in text.lines().enumerate() {
        if line.len() > LINE_BYTES_MAX {
            return Err(ReadError::LineTooLong { line: i + 1, bytes: line.len() });
        }
        if !line.trim().is_empty() {
            out.push(Line { number: i + 1, text: line });
        }
    }
    Ok(out)
}

impl Line<'_> {
    pub(super) fn wrong<T>(
        self,
        field: &'static str,
        text: &str,
        expected: &'static str,
    ) -> Result<T, ReadError> {
        let text = text.chars().take(40).collect();
        Err(ReadError::Field { line: self.number, field, text, expected })
    }

    pub(super) fn structure<T>(self, cause: impl Into<String>) -> Result<T, ReadError> {
        Err(ReadError::Structure { line: self.number, cause: cause.into() })
    }

    /// A whole number within bounds.
    pub(super) fn whole(
        self,
        field: &'static str,
        text: &str,
        bounds: core::ops::RangeInclusive<i32>,
        expected: &'static str,
    ) -> Result<i32, ReadError> {
        match text.parse::<i32>() {
            Ok(value) if bounds.contains(&value) => Ok(value),
            _ => self.wrong(field, text, expected),
        }
    }

    /// A whole number within 0 and `most`, where 0, nothing and negative "missing" codes say it is unknown.
    pub(super) fn known(
        self,
        field: &'static str,
        text: &str,
        most: u16,
        expected: &'static str,
    ) -> Result<Option<u16>, ReadError> {
        if matches!(text, "" | "NA" | "-99" | "-999") {
            return Ok(None);
        }
        let value = self.whole(field, text, 0..=i32::from(most), expected)?;
        Ok(u16::try_from(value).ok().filter(|value| *value > 0))
    }

    /// The moment of `YYYYMMDDHH`.
    pub(super) fn hour(self, field: &'static str, text: &str) -> Result<Stamp, ReadError> {
        const EXPECTED: &str = "a moment as 2018091400, year to hour, UTC";
        let digits = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit());
        let part = |from: usize| text.get(from..from + 2).and_then(|part| part.parse::<i8>().ok());
        let year = text.get(..4).and_then(|year| year.parse::<i16>().ok());
        if let (true, Some(year), Some(month), Some(day), Some(hour)) =
            (digits, year, part(4), part(6), part(8))
            && let Some(stamp) = utc(year, month, day, hour, 0)
        {
            return Ok(stamp);
        }
        self.wrong(field, text, EXPECTED)
    }

    /// A coordinate of degrees with a hemisphere letter; `per_degree` 10 for tenths, 1 for decimal degrees.
    pub(super) fn degrees(
        self,
        field: &'static str,
        text: &str,
        letters: [char; 2],
        per_degree: f64,
    ) -> Result<f64, ReadError> {
        let expected = if letters[0] == 'N' {
            "a latitude with its hemisphere, N or S"
        } else {
            "a longitude with its hemisphere, E or W"
        };
        let Some(letter) = text.chars().next_back().filter(|letter| letters.contains(letter)) else {
            return self.wrong(field, text, expected);
        };
        let number = text.strip_suffix(letter).unwrap_or(text).trim();
        let plain = number.bytes().all(|byte| byte.is_ascii_digit() || (per_degree == 1.0 && byte == b'.'));
        match number.parse::<f64>() {
            Ok(value) if plain && value <= 360.0 * per_degree => {
                Ok(if letter == letters[0] { value } else { -value } / per_degree)
            }
            _ => self.wrong(field, text, expected),
        }
    }

    /// The place of a latitude and a longitude; longitudes beyond 180 degrees are taken round.
    pub(super) fn place(self, lat: f64, lon: f64) -> Result<Place, ReadError> {
        let lon =
            if !(-180.0..=180.0).contains(&lon) { (lon + 540.0).rem_euclid(360.0) - 180.0 } else { lon };
        match Place::new(lat, lon) {
            Ok(place) => Ok(place),
            Err(_) => self.wrong("position", &format!("{lat} {lon}"), "a place on the globe"),
        }
    }
}

/// The moment of a civil time in UTC; nothing for one that does not exist.
pub(super) fn utc(year: i16, month: i8, day: i8, hour: i8, minute: i8) -> Option<Stamp> {
    let civil = jiff::civil::DateTime::new(year, month, day, hour, minute, 0, 0).ok()?;
    civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| Stamp::from_jiff(zoned.timestamp()))
}
