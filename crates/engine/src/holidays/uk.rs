//! Bank holidays of England and Wales.
//!
//! Source: Banking and Financial Dealings Act 1971, schedule 1, and the royal proclamations that moved or
//! added single days (London Gazette; listed at gov.uk/bank-holidays): 8 May 2020 for VE Day, the Platinum
//! Jubilee of 2022, the state funeral of 19 September 2022, the coronation of 8 May 2023.

use super::rule::{MONDAY, SATURDAY, SUNDAY, date, easter, last, nth};
use holdfast_domain::time::Day;

/// The bank holidays of `year`, with the substitute days of those at a weekend.
pub(super) fn england_and_wales(year: i16) -> Vec<Day> {
    let easter = easter(year);
    let early_may = if year == 2020 { date(2020, 5, 8) } else { nth(year, 5, MONDAY, 1) };
    let spring = if year == 2022 { date(2022, 6, 2) } else { last(year, 5, MONDAY) };
    let new_year = date(year, 1, 1);
    let (christmas, boxing) = (date(year, 12, 25), date(year, 12, 26));
    let mut days = vec![
        new_year,
        easter.plus(-2),
        easter.plus(1),
        early_may,
        spring,
        last(year, 8, MONDAY),
        christmas,
        boxing,
    ];
    days.extend(match new_year.weekday() {
        SATURDAY => Some(new_year.plus(2)),
        SUNDAY => Some(new_year.plus(1)),
        _ => None,
    });
    days.extend(match christmas.weekday() {
        // Friday, Saturday, Sunday: Boxing Day, both, or Christmas Day alone fall on a weekend.
        4 => vec![boxing.plus(2)],
        SATURDAY => vec![christmas.plus(2), christmas.plus(3)],
        SUNDAY => vec![christmas.plus(2)],
        _ => vec![],
    });
    days.extend(match year {
        2022 => vec![date(2022, 6, 3), date(2022, 9, 19)],
        2023 => vec![date(2023, 5, 8)],
        _ => vec![],
    });
    days
}

#[cfg(test)]
mod tests {
    use crate::holidays::{Country, calendar};

    #[test]
    fn bank_holidays_as_the_government_lists_them() {
        let check = |year, expected: &[&str]| {
            let days = calendar(Country::UnitedKingdom, year, year).unwrap();
            let on_weekdays: Vec<String> = days
                .iter()
                .filter(|day| day.weekday() < 5)
                .map(|day| day.to_string()[5..].to_owned())
                .collect();
            assert_eq!(on_weekdays, expected, "{year}");
        };
        check(2020, &["01-01", "04-10", "04-13", "05-08", "05-25", "08-31", "12-25", "12-28"]);
        check(2021, &["01-01", "04-02", "04-05", "05-03", "05-31", "08-30", "12-27", "12-28"]);
        check(
            2022,
            &["01-03", "04-15", "04-18", "05-02", "06-02", "06-03", "08-29", "09-19", "12-26", "12-27"],
        );
        check(2023, &["01-02", "04-07", "04-10", "05-01", "05-08", "05-29", "08-28", "12-25", "12-26"]);
        check(2026, &["01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"]);
    }
}
