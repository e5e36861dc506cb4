//! Dates and moments as shops and spreadsheets write them.
//!
//! Accepted: `2018-09-14`, `2018.09.14`, `2018/9/14`, `20180914`, each with an optional time (`07:15`,
//! `07:15:30`, `오후 2:15`, `2:15 PM`), RFC 3339 with an offset, `2018-09-14 07:15:00 -0400` as Shopify exports
//! it, and Excel's serial day numbers (1900 system). Day before month is never guessed.

use holdfast_domain::time::{Day, Stamp};

use crate::cell::{Cell, CellError, Context};

/// Excel's serial number of 1970-01-01 in the 1900 date system.
const EXCEL_EPOCH: i32 = 25_569;
/// Serial numbers taken as dates: 1954-10-03 to 2119-03-22. Others are more likely a wrong column.
const EXCEL_DAYS: core::ops::RangeInclusive<i32> = 20_000..=80_064;

impl Cell for Day {
    const KIND: &'static str = "date";
    fn parse(text: &str, context: &Context) -> Result<Self, CellError> {
        if let Some((day, _)) = serial(text) {
            return Ok(day);
        }
        match split(text) {
            Some((day, _)) => Ok(day),
            None => text
                .parse::<Stamp>()
                .map(|moment| moment.local(&context.zone).0)
                .map_err(|_| CellError::NotADate),
        }
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

impl Cell for Stamp {
    const KIND: &'static str = "moment";
    fn parse(text: &str, context: &Context) -> Result<Self, CellError> {
        if let Ok(moment) = text.parse() {
            return Ok(moment);
        }
        if let Some(moment) = spaced_offset(text) {
            return Ok(moment);
        }
        serial(text)
            .or_else(|| split(text))
            .map(|(day, ms)| day.at(ms, &context.zone))
            .ok_or(CellError::NotAMoment)
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

/// `44809.59375` as a day and milliseconds after its midnight.
fn serial(text: &str) -> Option<(Day, u32)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 5 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let day: i32 = whole.parse().ok()?;
    let part: f64 = if fraction.is_empty() { 0.0 } else { format!("0.{fraction}").parse().ok()? };
    // A spreadsheet's fraction of a day is exact to about a millisecond; whole seconds are what was typed.
    let seconds = (part * 86_400.0).round() as u32;
    EXCEL_DAYS.contains(&day).then(|| (Day(day - EXCEL_EPOCH), seconds.min(86_399) * 1000))
}

/// `2022-09-05 10:11:12 -0400`.
fn spaced_offset(text: &str) -> Option<Stamp> {
    let (front, offset) = text.rsplit_once(' ')?;
    let signed = offset.starts_with(['+', '-']) && offset.len() == 5;
    if !signed && offset != "UTC" {
        return None;
    }
    let offset = if signed { format!("{}:{}", &offset[..3], &offset[3..]) } else { "Z".to_owned() };
    format!("{}{offset}", front.trim().replacen(' ', "T", 1)).parse().ok()
}

/// A date and a time of day without a zone.
fn split(text: &str) -> Option<(Day, u32)> {
    let text = text.trim();
    // `2022. 9. 5. 14:00` has blanks inside the date.
    let compact;
    let end = text.find([' ', 'T']).unwrap_or(text.len());
    let (date, time) = if text[..end].ends_with('.') && text[..end].matches('.').count() == 1 {
        compact = text.replacen(". ", ".", 2);
        let end = compact.find(' ').unwrap_or(compact.len());
        compact.split_at(end)
    } else {
        text.split_at(end)
    };
    let date = date.trim_end_matches('.');
    let iso = if date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..])
    } else {
        let mut parts = date.split(['-', '.', '/']);
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || year.len() != 4 {
            return None;
        }
        format!("{year}-{month:0>2}-{day:0>2}")
    };
    Some((iso.parse().ok()?, clock(time.trim_start_matches(['T', ' ']).trim())?))
}

/// Milliseconds after midnight of `14:15`, `14:15:30`, `오후 2:15` or `2:15 PM`; 0 for nothing.
fn clock(text: &str) -> Option<u32> {
    if text.is_empty() {
        return Some(0);
    }
    let upper = text.to_uppercase();
    let half = |words: [&str; 2]| words.iter().any(|word| upper.contains(word));
    let (morning, evening) = (half(["오전", "AM"]), half(["오후", "PM"]));
    let plain: String = upper.chars().filter(|c| c.is_ascii_digit() || matches!(c, ':' | '.')).collect();
    let noise = upper.replace("오전", "").replace("오후", "").replace("AM", "").replace("PM", "");
    if noise.trim() != plain {
        return None;
    }
    let (hms, ms) = plain.split_once('.').unwrap_or((&plain, "0"));
    let mut parts = hms.split(':').map(|part| part.parse::<u32>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    let hour = match (morning, evening) {
        (true, _) if hour == 12 => 0,
        (_, true) if hour < 12 => hour + 12,
        _ => hour,
    };
    let ms: u32 = format!("{ms:0<3}")[..3].parse().ok()?;
    (parts.next().is_none() && hour < 24 && minute < 60 && second < 60)
        .then_some(((hour * 60 + minute) * 60 + second) * 1000 + ms)
}
