//! Federal holidays of the United States.
//!
//! Source: 5 U.S.C. § 6103(a), and (b) with Executive Order 11582 for the day observed: Friday for a holiday
//! on Saturday, Monday for one on Sunday. Juneteenth since Pub. L. 117-17 of 17 June 2021.

use super::rule::{MONDAY, SATURDAY, SUNDAY, THURSDAY, date, last, nth};
use holdfast_domain::time::Day;

/// The first year Juneteenth was a federal holiday.
const JUNETEENTH_FROM: i16 = 2021;
/// The first year of the holiday for Martin Luther King (Pub. L. 98-144).
const KING_FROM: i16 = 1986;

/// The statutory dates of `year`, before any is moved.
pub(super) fn statutory(year: i16) -> Vec<Day> {
    let mut days = vec![
        date(year, 1, 1),
        nth(year, 2, MONDAY, 3),
        last(year, 5, MONDAY),
        date(year, 7, 4),
        nth(year, 9, MONDAY, 1),
        nth(year, 10, MONDAY, 2),
        date(year, 11, 11),
        nth(year, 11, THURSDAY, 4),
        date(year, 12, 25),
    ];
    if year >= KING_FROM {
        days.push(nth(year, 1, MONDAY, 3));
    }
    if year >= JUNETEENTH_FROM {
        days.push(date(year, 6, 19));
    }
    days
}

/// The dates and the days observed in their stead; the latter may lie in the year before.
pub(super) fn federal(year: i16) -> Vec<Day> {
    let mut days = statutory(year);
    let observed: Vec<Day> = days.iter().filter_map(|day| observed(*day)).collect();
    days.extend(observed);
    days
}

fn observed(day: Day) -> Option<Day> {
    match day.weekday() {
        SATURDAY => Some(day.plus(-1)),
        SUNDAY => Some(day.plus(1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::holidays::{Country, calendar};

    #[test]
    fn federal_holidays_as_the_personnel_office_lists_them() {
        // OPM, Federal Holidays: the observed days of 2021 (with 2022's New Year) and 2026.
        let check = |year, expected: &[&str]| {
            let days = calendar(Country::UnitedStates, year, year).unwrap();
            let on_weekdays: Vec<String> = days
                .iter()
                .filter(|day| day.weekday() < 5)
                .map(|day| day.to_string()[5..].to_owned())
                .collect();
            assert_eq!(on_weekdays, expected, "{year}");
        };
        check(
            2021,
            &[
                "01-01", "01-18", "02-15", "05-31", "06-18", "07-05", "09-06", "10-11", "11-11", "11-25",
                "12-24", "12-31",
            ],
        );
        check(
            2026,
            &[
                "01-01", "01-19", "02-16", "05-25", "06-19", "07-03", "09-07", "10-12", "11-11", "11-26",
                "12-25",
            ],
        );
        check(
            2018,
            &["01-01", "01-15", "02-19", "05-28", "07-04", "09-03", "10-08", "11-12", "11-22", "12-25"],
        );
    }
}
