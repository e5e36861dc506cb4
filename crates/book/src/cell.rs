//! Cells: how one value is spelled in a file. Reading is forgiving about spelling and strict about meaning.
//!
//! `show` gives the one spelling the writer uses, and `parse(show(x)) == x` for every value of the book.

use holdfast_domain::money::{Currency, Money};
use holdfast_domain::place::Place;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::time::{Calendar, Zone};
use serde::{Deserialize, Serialize};

/// What a cell needs to know beyond its text.
#[derive(Clone, Debug)]
pub struct Context {
    /// Currency of an amount that names none.
    pub currency: Currency,
    /// Zone of a moment that has no offset.
    pub zone: Zone,
    /// Country of a row that names none, ISO 3166 alpha-2.
    pub country: String,
}

/// A value that has a spelling in files.
pub trait Cell: Sized {
    /// The type, as docs/reference/formats.md calls it.
    const KIND: &'static str;
    /// Whether a cell holds several of it, separated by vertical bars.
    const SEVERAL: bool = false;

    /// Reads a cell that is not empty.
    ///
    /// # Errors
    /// Why the text is no such value, and what to write instead.
    fn parse(text: &str, context: &Context) -> Result<Self, CellError>;

    /// The spelling the writer uses; empty for no value.
    fn show(&self) -> String;
}

/// Why a cell was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CellError {
    /// A required cell is empty.
    #[error("the cell is empty")]
    Empty,
    /// Not a whole number.
    #[error("not a whole number between {least} and {most}")]
    NotANumber {
        /// Least value allowed.
        least: i64,
        /// Greatest value allowed.
        most: i64,
    },
    /// A quantity below zero.
    #[error("a quantity below zero")]
    Negative,
    /// Not an amount.
    #[error("not an amount of {currency}")]
    NotAnAmount {
        /// The currency it was read in.
        currency: Currency,
    },
    /// Not a currency.
    #[error("not a currency")]
    NotACurrency,
    /// Not a date.
    #[error("not a date")]
    NotADate,
    /// Not a moment.
    #[error("not a moment")]
    NotAMoment,
    /// Not a time of day.
    #[error("not a time of day")]
    NotATime,
    /// Not a zone.
    #[error("not a time zone")]
    NotAZone,
    /// Not on the globe.
    #[error("not a place on the globe")]
    NotAPlace,
    /// Not a calendar.
    #[error("not a calendar")]
    NotACalendar,
    /// Not seven numbers.
    #[error("not a week of capacities")]
    NotAWeek,
    /// Neither yes nor no.
    #[error("neither yes nor no")]
    NotYesNo,
    /// Not one of a closed list.
    #[error("not one of the allowed words")]
    NotListed {
        /// The words, separated by blanks.
        allowed: &'static str,
    },
    /// A text that breaks the rule of its column.
    #[error("{cause}")]
    Rule {
        /// What is wrong.
        cause: &'static str,
        /// What to do.
        remedy: &'static str,
    },
}

impl CellError {
    /// What to write instead.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::Empty => "fill the cell; the column is required".to_owned(),
            Self::NotANumber { least, most } => {
                format!("write digits only, a whole number from {least} to {most}")
            }
            Self::Negative => {
                "write how many units there are; record cancelled units in `cancelled` and returns in returns.csv"
                    .to_owned()
            }
            Self::NotAnAmount { currency } => format!(
                "write digits, a point and at most {} decimals, such as {}; a currency may follow",
                currency.digits(),
                if currency.digits() == 0 { "12000" } else { "12.50" }
            ),
            Self::NotACurrency => "write the three letters of ISO 4217, such as USD or KRW".to_owned(),
            Self::NotADate => "write it as 2018-09-14".to_owned(),
            Self::NotAMoment => "write it as 2018-09-14T07:15:00Z, or 2018-09-14 07:15 in the operator's time zone".to_owned(),
            Self::NotATime => "write it as 14:00".to_owned(),
            Self::NotAZone => "write an IANA name such as America/New_York or Asia/Seoul".to_owned(),
            Self::NotAPlace => "write latitude and longitude in degrees, such as 34.2257 -77.9447".to_owned(),
            Self::NotACalendar => "write the weekdays, then holidays: mon tue wed thu fri except 2018-09-03".to_owned(),
            Self::NotAWeek => "write seven numbers, Monday to Sunday, or one number for every day".to_owned(),
            Self::NotYesNo => "write yes or no".to_owned(),
            Self::NotListed { allowed } => format!("write one of: {allowed}"),
            Self::Rule { remedy, .. } => (*remedy).to_owned(),
        }
    }
}

/// A local wall-clock time, in minutes since midnight.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// `hour:minute`; past 23:59 it stays there.
    #[must_use]
    pub const fn from_hm(hour: u16, minute: u16) -> Self {
        let minutes = hour.saturating_mul(60).saturating_add(minute);
        Self(if minutes > 1439 { 1439 } else { minutes })
    }

    /// Minutes since midnight.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.0
    }

    /// Milliseconds since midnight, as [`holdfast_domain::time::Day::at`] takes them.
    #[must_use]
    pub const fn ms(self) -> u32 {
        self.0 as u32 * 60_000
    }
}

/// Work units a day, Monday to Sunday. Days the calendar does not work count for nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WeekCapacity(pub [u32; 7]);

impl Cell for String {
    const KIND: &'static str = "text";
    fn parse(text: &str, _: &Context) -> Result<Self, CellError> {
        Ok(text.to_owned())
    }
    fn show(&self) -> String {
        self.clone()
    }
}

impl<T: Cell> Cell for Option<T> {
    const KIND: &'static str = T::KIND;
    fn parse(text: &str, context: &Context) -> Result<Self, CellError> {
        T::parse(text, context).map(Some)
    }
    fn show(&self) -> String {
        self.as_ref().map(Cell::show).unwrap_or_default()
    }
}

impl<T: Cell> Cell for Vec<T> {
    const KIND: &'static str = T::KIND;
    const SEVERAL: bool = true;
    fn parse(text: &str, context: &Context) -> Result<Self, CellError> {
        let mut items = vec![String::new()];
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match (c, items.last_mut()) {
                ('|', _) => items.push(String::new()),
                ('\\', Some(item)) => item.extend(chars.next()),
                (_, Some(item)) => item.push(c),
                (_, None) => {}
            }
        }
        items
            .iter()
            .map(|item| item.trim())
            .filter(|item| !item.is_empty())
            .map(|item| T::parse(item, context))
            .collect()
    }
    fn show(&self) -> String {
        let items: Vec<String> =
            self.iter().map(|item| item.show().replace('\\', "\\\\").replace('|', "\\|")).collect();
        items.join("|")
    }
}

impl Cell for bool {
    const KIND: &'static str = "yes or no";
    fn parse(text: &str, _: &Context) -> Result<Self, CellError> {
        match text.to_lowercase().as_str() {
            "yes" | "y" | "true" | "1" | "예" | "o" => Ok(true),
            "no" | "n" | "false" | "0" | "아니오" | "아니요" | "x" => Ok(false),
            _ => Err(CellError::NotYesNo),
        }
    }
    fn show(&self) -> String {
        if *self { "yes" } else { "no" }.to_owned()
    }
}

/// Reads a whole number between `least` and `most`. A spreadsheet's `12.0` and `1,200` are whole numbers.
fn whole(text: &str, least: i64, most: i64) -> Result<i64, CellError> {
    let bad = CellError::NotANumber { least, most };
    let plain = text.trim().trim_end_matches('개');
    let (digits, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    let grouped_right = digits.split(',').enumerate().all(|(i, part)| i == 0 || part.len() == 3);
    if !grouped_right || digits.starts_with(',') || fraction.bytes().any(|byte| byte != b'0') {
        return Err(bad);
    }
    let number: i64 = digits.replace(',', "").parse().map_err(|_| bad.clone())?;
    if (least..=most).contains(&number) { Ok(number) } else { Err(bad) }
}

macro_rules! whole_cell {
    ($($int:ty),*) => {$(
        impl Cell for $int {
            const KIND: &'static str = "whole number";
            fn parse(text: &str, _: &Context) -> Result<Self, CellError> {
                let bad = || CellError::NotANumber { least: 0, most: i64::from(<$int>::MAX) };
                <$int>::try_from(whole(text, 0, i64::from(<$int>::MAX))?).map_err(|_| bad())
            }
            fn show(&self) -> String { self.to_string() }
        }
    )*};
}
whole_cell!(u16, u32);

impl Cell for Quantity {
    const KIND: &'static str = "units";
    fn parse(text: &str, _: &Context) -> Result<Self, CellError> {
        let most = i64::from(u32::MAX);
        match whole(text, -most, most)? {
            number if number < 0 => Err(CellError::Negative),
            number => Ok(Self(u32::try_from(number).unwrap_or(u32::MAX))),
        }
    }
    fn show(&self) -> String {
        self.0.to_string()
    }
}

impl Cell for Currency {
    const KIND: &'static str = "currency";
    fn parse(text: &str, _: &Context) -> Result<Self, CellError> {
        text.parse().map_err(|_| CellError::NotACurrency)
    }
    fn show(&self) -> String {
        self.code().to_owned()
    }
}

impl Cell for Money {
    const KIND: &'static str = "amount";
    fn parse(text: &str, context: &Context) -> Result<Self, CellError> {
        let (number, currency) = split_currency(text.trim(), context.currency);
        Self::parse(number, currency).map_err(|_| CellError::NotAnAmount { currency })
    }
    fn show(&self) -> String {
        let digits = self.currency().digits() as usize;
        let scale = 10_u64.pow(self.currency().digits());
        let (sign, amount) = (if self.minor() < 0 { "-" } else { "" }, self.minor().unsigned_abs());
        if digits == 0 {
            format!("{sign}{amount} {}", self.currency())
        } else {
            format!("{sign}{}.{:0digits$} {}", amount / scale, amount % scale, self.currency())
        }
    }
}

/// Takes a currency sign or code off an amount: `2,000원`, `$12.50`, `12.50 USD`, `USD 12.50`.
fn split_currency(text: &str, default: Currency) -> (&str, Currency) {
    const SIGNS: [(&str, Currency); 6] = [
        ("원", Currency::KRW),
        ("₩", Currency::KRW),
        ("￦", Currency::KRW),
        ("$", Currency::USD),
        ("£", Currency::GBP),
        ("€", Currency::EUR),
    ];
    for (sign, currency) in SIGNS {
        if let Some(rest) = text.strip_suffix(sign).or_else(|| text.strip_prefix(sign)) {
            // A dollar that is not the US one keeps its own name.
            let dollar = sign == "$" && ["CAD", "AUD", "NZD", "SGD", "HKD"].contains(&default.code());
            return (rest.trim(), if dollar { default } else { currency });
        }
    }
    let cut = |head: &str| head.parse::<Currency>().ok();
    if let Some((number, code)) = text.rsplit_once(' ') {
        if let Some(currency) = cut(code) {
            return (number.trim(), currency);
        }
        if let Some((currency, number)) =
            text.split_once(' ').and_then(|(code, rest)| Some((cut(code)?, rest)))
        {
            return (number.trim(), currency);
        }
    }
    (text, default)
}

impl Cell for Zone {
    const KIND: &'static str = "time zone";
    fn parse(text: &str, _: &Context) -> Result<Self, CellError> {
        Self::named(text).map_err(|_| CellError::NotAZone)
    }
    fn show(&self) -> String {
        self.name().to_owned()
    }
}

impl Cell for Place {
    const KIND: &'static str = "latitude longitude";
    fn parse(text: &str, _: &Context) -> Result<Self, CellError> {
        let parts: Vec<f64> = text
            .split([' ', ',', ';'])
            .filter(|part| !part.is_empty())
            .map(|part| part.parse().map_err(|_| CellError::NotAPlace))
            .collect::<Result<_, _>>()?;
        match parts[..] {
            [lat, lon] => Self::new(lat, lon).map_err(|_| CellError::NotAPlace),
            _ => Err(CellError::NotAPlace),
        }
    }
    fn show(&self) -> String {
        format!("{:.6} {:.6}", self.lat(), self.lon())
    }
}

impl Cell for TimeOfDay {
    const KIND: &'static str = "time of day";
    fn parse(text: &str, _: &Context) -> Result<Self, CellError> {
        let mut parts = text.split(':').map(|part| part.trim().parse::<u16>());
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Ok(hour @ 0..24)), Some(Ok(minute @ 0..60)), None | Some(Ok(0..60)), None) => {
                Ok(Self::from_hm(hour, minute))
            }
            _ => Err(CellError::NotATime),
        }
    }
    fn show(&self) -> String {
        format!("{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Cell for WeekCapacity {
    const KIND: &'static str = "work units by weekday";
    fn parse(text: &str, context: &Context) -> Result<Self, CellError> {
        let days: Vec<u32> = text
            .split([' ', '|'])
            .filter(|part| !part.is_empty())
            .map(|part| u32::parse(part, context).map_err(|_| CellError::NotAWeek))
            .collect::<Result<_, _>>()?;
        match days[..] {
            [one] => Ok(Self([one; 7])),
            _ => days.try_into().map(Self).map_err(|_| CellError::NotAWeek),
        }
    }
    fn show(&self) -> String {
        self.0.map(|units| units.to_string()).join(" ")
    }
}

/// Weekdays as a calendar cell spells them.
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Cell for Calendar {
    const KIND: &'static str = "calendar";
    fn parse(text: &str, context: &Context) -> Result<Self, CellError> {
        let mut calendar = Self { weekdays: [false; 7], holidays: Default::default() };
        let lower = text.to_lowercase();
        let (week, holidays) = lower.split_once("except").unwrap_or((&lower, ""));
        for word in week.split([' ', ',', '|']).filter(|word| !word.is_empty()) {
            match (word, WEEKDAYS.iter().position(|day| *day == word)) {
                (_, Some(day)) => calendar.weekdays[day] = true,
                ("daily", None) => calendar.weekdays = [true; 7],
                ("none", None) => {}
                _ => return Err(CellError::NotACalendar),
            }
        }
        for day in holidays.split([' ', ',', '|']).filter(|day| !day.is_empty()) {
            calendar.holidays.insert(Cell::parse(day, context).map_err(|_| CellError::NotACalendar)?);
        }
        Ok(calendar)
    }
    fn show(&self) -> String {
        let mut words: Vec<String> = WEEKDAYS
            .iter()
            .zip(self.weekdays)
            .filter(|(_, works)| *works)
            .map(|(day, _)| (*day).to_owned())
            .collect();
        if words.is_empty() {
            words.push("none".to_owned());
        }
        if !self.holidays.is_empty() {
            words.push("except".to_owned());
            words.extend(self.holidays.iter().map(ToString::to_string));
        }
        words.join(" ")
    }
}
