//! Days on which US carriers neither collect nor deliver.
//!
//! Sources: USPS, "Holidays and Events" (the federal holidays; a Saturday holiday is kept on the Saturday, a
//! Sunday one on the Monday after); UPS, "Holiday operations schedule", and FedEx, "Holiday schedule": the same
//! six full stops each year. The yearly schedules of both change in detail (reduced service on further days):
//! an operator overrides them with their own list.

use super::rule::{MONDAY, SUNDAY, THURSDAY, date, last, nth};
use super::us;
use holdfast_domain::time::Day;
use std::collections::BTreeSet;

/// A carrier whose holidays are known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Carrier {
    /// United States Postal Service.
    Usps,
    /// United Parcel Service, domestic ground.
    Ups,
    /// FedEx, domestic ground.
    FedEx,
}

/// The days from `from_year` to `to_year` on which `carrier` does not move parcels, Sundays aside.
#[must_use]
pub fn carrier_holidays(carrier: Carrier, from_year: i16, to_year: i16) -> BTreeSet<Day> {
    (from_year..=to_year)
        .flat_map(|year| match carrier {
            Carrier::Usps => us::statutory(year),
            Carrier::Ups | Carrier::FedEx => full_stops(year),
        })
        .flat_map(|day| if day.weekday() == SUNDAY { vec![day, day.plus(1)] } else { vec![day] })
        .collect()
}

/// New Year's Day, Memorial Day, Independence Day, Labor Day, Thanksgiving and Christmas.
fn full_stops(year: i16) -> Vec<Day> {
    vec![
        date(year, 1, 1),
        last(year, 5, MONDAY),
        date(year, 7, 4),
        nth(year, 9, MONDAY, 1),
        nth(year, 11, THURSDAY, 4),
        date(year, 12, 25),
    ]
}

#[cfg(test)]
mod tests {
    use super::{Carrier, carrier_holidays};

    #[test]
    fn the_post_keeps_columbus_day_and_parcels_do_not() {
        let columbus = "2026-10-12".parse().unwrap();
        assert!(carrier_holidays(Carrier::Usps, 2026, 2026).contains(&columbus));
        assert!(!carrier_holidays(Carrier::Ups, 2026, 2026).contains(&columbus));
    }

    #[test]
    fn a_saturday_holiday_of_the_post_is_not_kept_on_the_friday() {
        let days = carrier_holidays(Carrier::Usps, 2021, 2022);
        assert!(!days.contains(&"2021-12-31".parse().unwrap()));
        assert!(days.contains(&"2022-01-01".parse().unwrap()));
        assert!(days.contains(&"2022-12-26".parse().unwrap()), "Christmas 2022 was a Sunday");
    }
}
