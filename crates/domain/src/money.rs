//! Money: whole minor units of one currency, in checked arithmetic.
//!
//! Amounts of two currencies never add up by accident, an overflow is an error and not a wrap, and a
//! division names how it rounds. Won and yen have no minor unit: `Money::parse("12000", KRW)` is 12,000 won.

use serde::{Deserialize, Serialize};

/// An ISO 4217 currency, by its three letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Currency([u8; 3]);

impl Currency {
    /// US dollar.
    pub const USD: Self = Self(*b"USD");
    /// South Korean won, without minor units.
    pub const KRW: Self = Self(*b"KRW");
    /// Euro.
    pub const EUR: Self = Self(*b"EUR");
    /// Pound sterling.
    pub const GBP: Self = Self(*b"GBP");

    /// How many decimal digits the minor unit has, as ISO 4217 lists them.
    #[must_use]
    pub const fn digits(self) -> u32 {
        match &self.0 {
            b"KRW" | b"JPY" | b"VND" | b"CLP" | b"ISK" | b"PYG" | b"UGX" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        core::str::from_utf8(&self.0).expect("a currency is made from ASCII letters only")
    }
}

impl core::str::FromStr for Currency {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let bad = || MoneyError::NotACurrency { text: text.to_owned() };
        let letters: [u8; 3] = text.trim().as_bytes().try_into().map_err(|_| bad())?;
        if letters.iter().all(u8::is_ascii_alphabetic) {
            Ok(Self(letters.map(|letter| letter.to_ascii_uppercase())))
        } else {
            Err(bad())
        }
    }
}

impl core::fmt::Debug for Currency {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.code())
    }
}

impl core::fmt::Display for Currency {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount in whole minor units (cents; won have none) of one currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// How a division treats what is left over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rounding {
    /// Towards minus infinity: never pay out more than there is.
    Down,
    /// To the nearest, halves away from zero: what an invoice does.
    HalfUp,
}

/// Why an amount could not be made or combined.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Two currencies in one sum.
    #[error("combine {left} with {right}: convert one of them first")]
    Mixed {
        /// Currency of the left amount.
        left: Currency,
        /// Currency of the right amount.
        right: Currency,
    },
    /// The result does not fit into 64 bits.
    #[error("amount does not fit into 64 bits")]
    Overflow,
    /// A division by zero.
    #[error("division of an amount by zero")]
    DivisionByZero,
    /// Text that is no amount of this currency.
    #[error(
        "read {text:?} as an amount of {currency}: write digits, an optional minus and at most {digits} decimals"
    )]
    NotAnAmount {
        /// What was read.
        text: String,
        /// The currency it should have been in.
        currency: Currency,
        /// Decimals the currency allows.
        digits: u32,
    },
    /// Text that is no currency.
    #[error("read {text:?} as a currency: write the three letters of ISO 4217, such as USD or KRW")]
    NotACurrency {
        /// What was read.
        text: String,
    },
}

impl Money {
    /// `minor` minor units of `currency`.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in `currency`.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// The amount in minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError::Mixed`] for two currencies, [`MoneyError::Overflow`] past 64 bits.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.same(other)?;
        self.minor.checked_add(other.minor).map(|minor| Self { minor, ..self }).ok_or(MoneyError::Overflow)
    }

    /// The difference.
    ///
    /// # Errors
    /// As [`Money::plus`].
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.same(other)?;
        self.minor.checked_sub(other.minor).map(|minor| Self { minor, ..self }).ok_or(MoneyError::Overflow)
    }

    /// The amount `factor` times.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] past 64 bits.
    pub fn times(self, factor: i64) -> Result<Self, MoneyError> {
        self.minor.checked_mul(factor).map(|minor| Self { minor, ..self }).ok_or(MoneyError::Overflow)
    }

    /// The amount multiplied by the fraction `numerator / denominator`, rounded as said.
    ///
    /// # Errors
    /// [`MoneyError::DivisionByZero`], or [`MoneyError::Overflow`] past 64 bits.
    pub fn share(self, numerator: i64, denominator: i64, rounding: Rounding) -> Result<Self, MoneyError> {
        if denominator == 0 {
            return Err(MoneyError::DivisionByZero);
        }
        let (mut top, mut bottom) = (i128::from(self.minor) * i128::from(numerator), i128::from(denominator));
        if bottom < 0 {
            (top, bottom) = (-top, -bottom);
        }
        let minor = match rounding {
            Rounding::Down => top.div_euclid(bottom),
            Rounding::HalfUp if top < 0 => -((-top * 2 + bottom) / (bottom * 2)),
            Rounding::HalfUp => (top * 2 + bottom) / (bottom * 2),
        };
        i64::try_from(minor).map(|minor| Self { minor, ..self }).map_err(|_| MoneyError::Overflow)
    }

    /// Reads a plain decimal such as `-12.5` or, for won, `12000`. Grouping commas between digits are accepted.
    ///
    /// # Errors
    /// [`MoneyError::NotAnAmount`] for anything else, more decimals than the currency has included.
    ///
    /// ```
    /// use holdfast_domain::money::{Currency, Money};
    /// assert_eq!(Money::parse("1,234.5", Currency::USD).unwrap().minor(), 123_450);
    /// assert_eq!(Money::parse("12,000", Currency::KRW).unwrap().minor(), 12_000);
    /// assert!(Money::parse("0.5", Currency::KRW).is_err());
    /// ```
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let digits = currency.digits();
        let bad = || MoneyError::NotAnAmount { text: text.to_owned(), currency, digits };
        let trimmed = text.trim();
        let (negative, unsigned) = match trimmed.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, trimmed),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let grouped = whole.contains(',');
        let groups_are_right = !grouped
            || whole
                .split(',')
                .enumerate()
                .all(|(i, part)| if i == 0 { (1..=3).contains(&part.len()) } else { part.len() == 3 });
        let ascii = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let plain: String = whole.chars().filter(|c| *c != ',').collect();
        if plain.is_empty() || !groups_are_right || !ascii(&plain) || !ascii(fraction) {
            return Err(bad());
        }
        let spare = fraction.get(digits as usize..).unwrap_or("");
        if spare.bytes().any(|byte| byte != b'0') {
            return Err(bad());
        }
        let scale = 10_i64.pow(digits);
        let kept = &fraction[..fraction.len().min(digits as usize)];
        let part = kept.parse::<i64>().unwrap_or(0) * 10_i64.pow(digits - kept.len() as u32);
        let minor = plain
            .parse::<i64>()
            .ok()
            .and_then(|whole| whole.checked_mul(scale))
            .and_then(|whole| whole.checked_add(part))
            .ok_or(MoneyError::Overflow)?;
        Ok(Self::new(if negative { -minor } else { minor }, currency))
    }

    fn same(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::Mixed { left: self.currency, right: other.currency })
        }
    }
}

impl core::fmt::Display for Money {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let digits = self.currency.digits();
        let scale = 10_u64.pow(digits);
        let amount = self.minor.unsigned_abs();
        let sign = if self.minor < 0 { "-" } else { "" };
        let grouped = group_thousands(amount / scale);
        if digits == 0 {
            write!(f, "{sign}{grouped} {}", self.currency)
        } else {
            write!(f, "{sign}{grouped}.{:0width$} {}", amount % scale, self.currency, width = digits as usize)
        }
    }
}

/// `1234567` as `1,234,567`.
#[must_use]
pub fn group_thousands(amount: u64) -> String {
    let digits = amount.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Currency, Money, MoneyError, Rounding};

    #[test]
    fn currencies_do_not_mix_and_overflow_is_an_error() {
        let dollar = Money::new(1, Currency::USD);
        assert!(matches!(dollar.plus(Money::new(1, Currency::KRW)), Err(MoneyError::Mixed { .. })));
        assert_eq!(Money::new(i64::MAX, Currency::USD).plus(dollar), Err(MoneyError::Overflow));
    }

    #[test]
    fn a_share_rounds_as_it_is_told_to() {
        let check = |minor, rounding, expected| {
            assert_eq!(Money::new(minor, Currency::USD).share(1, 2, rounding).unwrap().minor(), expected);
        };
        check(5, Rounding::Down, 2);
        check(5, Rounding::HalfUp, 3);
        check(-5, Rounding::Down, -3);
        check(-5, Rounding::HalfUp, -3);
    }

    #[test]
    fn text_reads_back() {
        for (text, currency, minor) in [
            ("12.34", Currency::USD, 1234),
            ("-0.05", Currency::USD, -5),
            ("1,200,000", Currency::KRW, 1_200_000),
        ] {
            assert_eq!(Money::parse(text, currency).unwrap(), Money::new(minor, currency));
        }
        for text in ["", "-", "1,2,3", "1.234", "ten", "1.2.3", "+5"] {
            assert!(Money::parse(text, Currency::USD).is_err(), "{text:?}");
        }
        assert_eq!(Money::new(-123_456_789, Currency::USD).to_string(), "-1,234,567.89 USD");
    }
}
