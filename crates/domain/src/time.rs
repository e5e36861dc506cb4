//! Time: moments the writer stamps, local days promises and capacity count in, working calendars.
//!
//! A [`Stamp`] is a moment, a [`Day`] a date somewhere, and the two meet only through a time zone. Zones come
//! from the database that is compiled in, so that the same journal gives the same days on every machine.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::OnceLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// A moment: milliseconds since 1970-01-01T00:00Z. The writer stamps each command once.
///
/// In the journal it is its number; in JSON and other formats for people it is ISO 8601 text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Stamp(pub i64);

/// A span of time in milliseconds, never negative.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default, Debug)]
#[serde(transparent)]
pub struct Span(pub u64);

/// A civil date: days since 1970-01-01, in a zone the context names.
///
/// In the journal it is its number; in JSON and other formats for people it is ISO 8601 text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Day(pub i32);

macro_rules! text_for_people {
    ($name:ident, $int:ty) => {
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    self.0.serialize(serializer)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if !deserializer.is_human_readable() {
                    return <$int>::deserialize(deserializer).map(Self);
                }
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
text_for_people!(Stamp, i64);
text_for_people!(Day, i32);

/// A text that is no time, date or zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not a moment.
    #[error("read {0:?} as a moment: write it as 2018-09-14T07:15:00Z or with an offset")]
    NotAMoment(String),
    /// Not a date.
    #[error("read {0:?} as a date: write it as 2018-09-14")]
    NotADate(String),
    /// Not a zone of the IANA database.
    #[error("read {0:?} as a time zone: write an IANA name such as America/New_York or Asia/Seoul")]
    NotAZone(String),
}

impl Span {
    /// A number of hours.
    #[must_use]
    pub const fn hours(hours: u64) -> Self {
        Self(hours * 3_600_000)
    }
    /// A number of minutes.
    #[must_use]
    pub const fn minutes(minutes: u64) -> Self {
        Self(minutes * 60_000)
    }
    /// A number of days of 24 hours.
    #[must_use]
    pub const fn days(days: u64) -> Self {
        Self::hours(days * 24)
    }
    /// The span in hours.
    #[must_use]
    pub fn as_hours(self) -> f64 {
        self.0 as f64 / 3_600_000.0
    }
}

impl Stamp {
    /// The moment `span` later; stays at the end of time instead of wrapping.
    #[must_use]
    pub fn after(self, span: Span) -> Self {
        Self(self.0.saturating_add_unsigned(span.0))
    }

    /// The moment `span` earlier; stays at the beginning of time instead of wrapping.
    #[must_use]
    pub fn before(self, span: Span) -> Self {
        Self(self.0.saturating_sub_unsigned(span.0))
    }

    /// How long after `earlier` this is, or nothing if it is not.
    #[must_use]
    pub fn since(self, earlier: Self) -> Span {
        Span(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The moment as jiff has it.
    #[must_use]
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }

    /// The moment from jiff's, cut to milliseconds.
    #[must_use]
    pub fn from_jiff(moment: jiff::Timestamp) -> Self {
        Self(moment.as_millisecond())
    }

    /// The local date and the milliseconds since its midnight by the wall clock, in `zone`.
    #[must_use]
    pub fn local(self, zone: &Zone) -> (Day, u32) {
        let civil = zone.0.to_datetime(self.to_jiff());
        let time = civil.time();
        let seconds = u32::from(time.hour() as u8) * 3600
            + u32::from(time.minute() as u8) * 60
            + u32::from(time.second() as u8);
        (Day::from_civil(civil.date()), seconds * 1000 + u32::from(time.millisecond() as u16))
    }
}

impl core::str::FromStr for Stamp {
    type Err = TimeError;
    fn from_str(text: &str) -> Result<Self, TimeError> {
        text.trim()
            .parse::<jiff::Timestamp>()
            .map(Self::from_jiff)
            .map_err(|_| TimeError::NotAMoment(text.to_owned()))
    }
}

impl core::fmt::Display for Stamp {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}", self.to_jiff())
    }
}

impl core::fmt::Debug for Stamp {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}", self.to_jiff())
    }
}

impl Day {
    /// The day of a civil date.
    #[must_use]
    pub fn from_civil(date: jiff::civil::Date) -> Self {
        let epoch = jiff::civil::date(1970, 1, 1);
        Self(
            date.since((jiff::Unit::Day, epoch))
                .expect("two civil dates are always some days apart")
                .get_days(),
        )
    }

    /// The civil date.
    #[must_use]
    pub fn to_civil(self) -> jiff::civil::Date {
        let span = jiff::Span::new().try_days(self.0).unwrap_or_default();
        jiff::civil::date(1970, 1, 1).saturating_add(span)
    }

    /// `days` later, or earlier if negative.
    #[must_use]
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Days from `earlier` to this one.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i32 {
        self.0.saturating_sub(earlier.0)
    }

    /// The weekday, Monday 0 to Sunday 6.
    #[must_use]
    pub const fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        (self.0 as i64 + 3).rem_euclid(7) as u8
    }

    /// The moment `ms` after this day's midnight by the wall clock of `zone`; a time that a clock change
    /// skips is taken as the same distance after the gap.
    #[must_use]
    pub fn at(self, ms: u32, zone: &Zone) -> Stamp {
        let (hour, rest) = (ms / 3_600_000, ms % 3_600_000);
        let (minute, rest) = (rest / 60_000, rest % 60_000);
        let time = jiff::civil::time(
            hour.min(23) as i8,
            minute as i8,
            (rest / 1000) as i8,
            (rest % 1000) as i32 * 1_000_000,
        );
        let moment = self.to_civil().to_datetime(time).to_zoned(zone.0.clone());
        Stamp::from_jiff(moment.map_or(jiff::Timestamp::MAX, |zoned| zoned.timestamp()))
    }
}

impl core::str::FromStr for Day {
    type Err = TimeError;
    fn from_str(text: &str) -> Result<Self, TimeError> {
        text.trim()
            .parse::<jiff::civil::Date>()
            .map(Self::from_civil)
            .map_err(|_| TimeError::NotADate(text.to_owned()))
    }
}

impl core::fmt::Display for Day {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}", self.to_civil())
    }
}

impl core::fmt::Debug for Day {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}", self.to_civil())
    }
}

/// A time zone of the compiled-in IANA database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone of an IANA name.
    ///
    /// # Errors
    /// [`TimeError::NotAZone`] for an unknown name.
    pub fn named(name: &str) -> Result<Self, TimeError> {
        static DATABASE: OnceLock<TimeZoneDatabase> = OnceLock::new();
        let database = DATABASE.get_or_init(TimeZoneDatabase::bundled);
        database.get(name).map(Self).map_err(|_| TimeError::NotAZone(name.to_owned()))
    }

    /// Coordinated universal time.
    #[must_use]
    pub const fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// Its IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }
}

impl Serialize for Zone {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).map_err(serde::de::Error::custom)
    }
}

/// Which days somebody works: a weekly pattern less the holidays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// Monday to Sunday.
    pub weekdays: [bool; 7],
    /// Days off besides.
    pub holidays: BTreeSet<Day>,
}

impl Calendar {
    /// The longest a search for a working day goes on: a year without one is a calendar without one.
    const SEARCH_MAX: i32 = 366;

    /// Works every day.
    #[must_use]
    pub const fn every_day() -> Self {
        Self { weekdays: [true; 7], holidays: BTreeSet::new() }
    }

    /// Works Monday to Friday.
    #[must_use]
    pub const fn weekdays_only() -> Self {
        Self { weekdays: [true, true, true, true, true, false, false], holidays: BTreeSet::new() }
    }

    /// Whether `day` is worked.
    #[must_use]
    pub fn works(&self, day: Day) -> bool {
        self.weekdays[day.weekday() as usize] && !self.holidays.contains(&day)
    }

    /// The first working day at or after `day`; `None` where no day of a year is worked.
    #[must_use]
    pub fn at_or_after(&self, day: Day) -> Option<Day> {
        (0..Self::SEARCH_MAX).map(|ahead| day.plus(ahead)).find(|candidate| self.works(*candidate))
    }

    /// The day that is `count` working days after `day`; 0 gives the first working day at or after it.
    #[must_use]
    pub fn plus_working(&self, day: Day, count: u16) -> Option<Day> {
        let mut reached = self.at_or_after(day)?;
        for _ in 0..count {
            reached = self.at_or_after(reached.plus(1))?;
        }
        Some(reached)
    }
}

#[cfg(test)]
mod tests {
    use super::{Calendar, Day, Stamp, Zone};

    #[test]
    fn a_moment_has_the_date_of_its_zone() {
        let moment: Stamp = "2018-09-14T03:15:00Z".parse().unwrap();
        let check = |zone: &str, day: &str| {
            assert_eq!(moment.local(&Zone::named(zone).unwrap()).0.to_string(), day);
        };
        check("America/New_York", "2018-09-13");
        check("Asia/Seoul", "2018-09-14");
        assert!(Zone::named("America/Nowhere").is_err());
    }

    #[test]
    fn a_local_time_comes_back_and_a_skipped_hour_goes_on() {
        let zone = Zone::named("America/New_York").unwrap();
        let day: Day = "2018-03-11".parse().unwrap();
        let noon = day.at(12 * 3_600_000, &zone);
        assert_eq!(noon.local(&zone), (day, 12 * 3_600_000));
        assert_eq!(day.at(2 * 3_600_000 + 1_800_000, &zone).to_string(), "2018-03-11T07:30:00Z");
    }

    #[test]
    fn working_days_skip_weekends_and_holidays() {
        let mut calendar = Calendar::weekdays_only();
        let friday: Day = "2018-09-14".parse().unwrap();
        assert_eq!(friday.weekday(), 4);
        calendar.holidays.insert(friday.plus(3));
        assert_eq!(calendar.plus_working(friday, 1), Some(friday.plus(4)));
        let never = Calendar { weekdays: [false; 7], ..Calendar::every_day() };
        assert_eq!(never.at_or_after(friday), None);
    }
}
