//! Dates, times, amounts and lists as a language writes them; the forms are messages like any other.

use super::catalog::{Unsaid, Words};
use super::content::{DayRange, Moment, OrderShown};
use fluent_bundle::FluentArgs;
use holdfast_domain::money::Money;
use holdfast_domain::time::Day;
use jiff::tz::TimeZoneDatabase;
use std::sync::OnceLock;

/// Fluent arguments from pairs.
macro_rules! args {
    ($($name:literal = $value:expr),* $(,)?) => {{
        #[allow(unused_mut, reason = "a message may have no variables")]
        let mut args = fluent_bundle::FluentArgs::new();
        $(args.set($name, $value);)*
        args
    }};
}
pub(crate) use args;

fn of_day(day: Day) -> FluentArgs<'static> {
    let date = day.to_civil();
    args! {
        "weekday" = i64::from(day.weekday()) + 1,
        "day" = i64::from(date.day()),
        "month" = i64::from(date.month()),
        // As text: a year is never grouped.
        "year" = date.year().to_string(),
    }
}

/// `Thursday, October 6, 2022`.
pub(crate) fn date_long(words: &Words<'_>, day: Day) -> Result<String, Unsaid> {
    words.say("date-long", &of_day(day))
}

/// `October 6 to October 8`, for subjects and short texts.
pub(crate) fn range_short(words: &Words<'_>, range: DayRange) -> Result<String, Unsaid> {
    range_of(words, range, "date-short")
}

/// The range with whole dates, for bodies.
pub(crate) fn range_long(words: &Words<'_>, range: DayRange) -> Result<String, Unsaid> {
    range_of(words, range, "date-long")
}

fn range_of(words: &Words<'_>, range: DayRange, form: &str) -> Result<String, Unsaid> {
    let first = words.say(form, &of_day(range.first))?;
    if range.first == range.last {
        return Ok(first);
    }
    let last = words.say(form, &of_day(range.last))?;
    words.say("date-range", &args! { "first" = first, "last" = last })
}

/// A date, a time and the name of the zone they are in.
pub(crate) fn moment(words: &Words<'_>, moment: &Moment) -> Result<String, Unsaid> {
    let (day, ms) = moment.at.local(&moment.zone);
    let (hour, minute) = (ms / 3_600_000, ms / 60_000 % 60);
    let date = words.say("date-long", &of_day(day))?;
    let mut args = of_day(day);
    args.set("date", date);
    args.set("hour", i64::from(hour));
    args.set("hour12", i64::from(if hour.is_multiple_of(12) { 12 } else { hour % 12 }));
    args.set("half", if hour < 12 { "am" } else { "pm" });
    args.set("minute", format!("{minute:02}"));
    args.set("sharp", if minute == 0 { "yes" } else { "no" });
    args.set("zone", zone_abbreviation(moment));
    words.say("moment", &args)
}

fn zone_abbreviation(moment: &Moment) -> String {
    static DATABASE: OnceLock<TimeZoneDatabase> = OnceLock::new();
    let database = DATABASE.get_or_init(TimeZoneDatabase::bundled);
    let name = moment.zone.name();
    database.get(name).map_or_else(
        |_| name.to_owned(),
        |zone| moment.at.to_jiff().to_zoned(zone).strftime("%Z").to_string(),
    )
}

/// `$1,234.50`, `12,000원`.
pub(crate) fn money(words: &Words<'_>, money: Money) -> Result<String, Unsaid> {
    let none = FluentArgs::new();
    let (group, decimal) = (words.say("number-group", &none)?, words.say("number-decimal", &none)?);
    let digits = money.currency().digits();
    let (scale, minor) = (10_u64.pow(digits), money.minor().unsigned_abs());
    let mut amount = if money.minor() < 0 { "-".to_owned() } else { String::new() };
    amount += &holdfast_domain::money::group_thousands(minor / scale).replace(',', &group);
    if digits > 0 {
        amount += &format!("{decimal}{:0width$}", minor % scale, width = digits as usize);
    }
    let code = money.currency();
    words.say("money", &args! { "code" = code.code().to_owned(), "amount" = amount })
}

/// `A-1001`, `A-1001 and 2 more`.
pub(crate) fn orders_short(words: &Words<'_>, orders: &[OrderShown]) -> Result<String, Unsaid> {
    match orders {
        [] => Ok(String::new()),
        [only] => Ok(only.number.to_string()),
        [first, rest @ ..] => {
            let args = args! { "first" = first.number.to_string(), "count" = rest.len() as i64 };
            words.say("orders-more", &args)
        }
    }
}
