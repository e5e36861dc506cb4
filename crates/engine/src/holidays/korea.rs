//! Public holidays of the Republic of Korea, with substitute, temporary and election days.
//!
//! Sources: 「관공서의 공휴일에 관한 규정」 (Regulations on Holidays of Public Offices), articles 2 and 3, and
//! 「공휴일에 관한 법률」 (Act on Public Holidays, in force since 1 January 2022), with the substitute days as the law
//! stood in each year: Seollal, Chuseok and Children's Day since 2014; the four national days since 4 August
//! 2021; Buddha's Birthday and Christmas since 4 May 2023; Labour Day and Constitution Day are public
//! holidays since 2026. Lunar dates: Korea Astronomy and Space Science Institute (KASI), monthly almanacs.
//! Election days: Public Official Election Act, article 34. Every day on a Sunday is a public holiday too
//! and is left to the weekly pattern.

use super::rule::{SATURDAY, SUNDAY, date};
use holdfast_domain::time::Day;
use std::collections::BTreeSet;

/// The first year the facts below cover.
pub(super) const FIRST_YEAR: i16 = 2018;
/// The last year the facts below cover.
pub(super) const LAST_YEAR: i16 = 2030;

/// Solar dates (month, day) of the lunar new year, Buddha's Birthday (8th of the 4th lunar month) and
/// Chuseok (15th of the 8th), for each year from [`FIRST_YEAR`].
const LUNAR: [[(i8, i8); 3]; 13] = [
    [(2, 16), (5, 22), (9, 24)],
    [(2, 5), (5, 12), (9, 13)],
    [(1, 25), (4, 30), (10, 1)],
    [(2, 12), (5, 19), (9, 21)],
    [(2, 1), (5, 8), (9, 10)],
    [(1, 22), (5, 27), (9, 29)],
    [(2, 10), (5, 15), (9, 17)],
    [(1, 29), (5, 5), (10, 6)],
    [(2, 17), (5, 24), (9, 25)],
    [(2, 7), (5, 13), (9, 15)],
    [(1, 27), (5, 2), (10, 3)],
    [(2, 13), (5, 20), (9, 22)],
    [(2, 3), (5, 9), (9, 12)],
];

/// Days the cabinet proclaimed as temporary holidays (Official Gazette), and polling days.
const SINGLE: [(i16, i8, i8); 14] = [
    (2018, 6, 13),
    (2020, 4, 15),
    (2020, 8, 17),
    (2022, 3, 9),
    (2022, 6, 1),
    (2023, 10, 2),
    (2024, 4, 10),
    (2024, 10, 1),
    (2025, 1, 27),
    (2025, 6, 3),
    (2026, 6, 3),
    (2028, 4, 12),
    // First Wednesday from the 70th day before the presidential term ends on 3 June 2030.
    (2030, 3, 27),
    // First Wednesday from the 30th day before the local terms end, a week later for Memorial Day's sake.
    (2030, 6, 12),
];

/// When a holiday that falls on another day off gives a day in its stead.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Substitute {
    /// Never.
    No,
    /// On a Sunday or another holiday (the three-day festivals).
    NotForSaturday,
    /// On a Saturday, a Sunday or another holiday.
    Full,
}

/// A holiday of one day or three, and its rule.
struct Feast {
    first: Day,
    days: i32,
    substitute: Substitute,
}

/// The public holidays of `year`; none for a year outside the facts.
pub(super) fn public(year: i16) -> Vec<Day> {
    let Some(lunar) = usize::try_from(year - FIRST_YEAR).ok().and_then(|index| LUNAR.get(index)) else {
        return vec![];
    };
    let feasts = feasts(year, *lunar);
    let mut base: BTreeSet<Day> =
        feasts.iter().flat_map(|feast| (0..feast.days).map(|ahead| feast.first.plus(ahead))).collect();
    base.extend(SINGLE.iter().filter(|(of, ..)| *of == year).map(|(y, m, d)| date(*y, *m, *d)));
    let substitutes: Vec<Day> = feasts
        .iter()
        .enumerate()
        .filter(|(at, feast)| {
            overlaps(feast, feasts.iter().enumerate().filter(|(b, _)| b != at).map(|(_, f)| f))
        })
        .map(|(_, feast)| first_free(feast.first.plus(feast.days), &base))
        .collect();
    base.extend(substitutes);
    base.into_iter().collect()
}

fn feasts(year: i16, [seollal, buddha, chuseok]: [(i8, i8); 3]) -> Vec<Feast> {
    let since = |first_year, rule| if year >= first_year { rule } else { Substitute::No };
    let on =
        |(month, day): (i8, i8), substitute| Feast { first: date(year, month, day), days: 1, substitute };
    let festival = |(month, day): (i8, i8)| Feast {
        first: date(year, month, day).plus(-1),
        days: 3,
        substitute: Substitute::NotForSaturday,
    };
    // The rule for national days came into force on 4 August 2021, after that year's 1 March.
    let national_autumn = since(2021, Substitute::Full);
    let mut feasts = vec![
        on((1, 1), Substitute::No),
        festival(seollal),
        on((3, 1), since(2022, Substitute::Full)),
        on((5, 5), Substitute::Full),
        on(buddha, since(2023, Substitute::Full)),
        on((6, 6), Substitute::No),
        on((8, 15), national_autumn),
        festival(chuseok),
        on((10, 3), national_autumn),
        on((10, 9), national_autumn),
        on((12, 25), since(2023, Substitute::Full)),
    ];
    if year >= 2026 {
        feasts.push(on((5, 1), Substitute::Full));
        feasts.push(on((7, 17), Substitute::Full));
    }
    feasts
}

/// Whether a day of `feast` is off anyway, in the way its rule makes good.
fn overlaps<'a>(feast: &Feast, others: impl Iterator<Item = &'a Feast> + Clone) -> bool {
    let days = || (0..feast.days).map(|ahead| feast.first.plus(ahead));
    let meets_another =
        || days().any(|day| others.clone().any(|o| day >= o.first && day < o.first.plus(o.days)));
    match feast.substitute {
        Substitute::No => false,
        Substitute::NotForSaturday => days().any(|day| day.weekday() == SUNDAY) || meets_another(),
        Substitute::Full => days().any(|day| day.weekday() >= SATURDAY) || meets_another(),
    }
}

/// The first day from `from` that is no weekend and no holiday.
fn first_free(from: Day, holidays: &BTreeSet<Day>) -> Day {
    let mut day = from;
    while day.weekday() >= SATURDAY || holidays.contains(&day) {
        day = day.plus(1);
    }
    day
}

#[cfg(test)]
mod tests {
    use crate::holidays::{Country, calendar};
    use holdfast_domain::time::Day;

    fn listed(from: &str, to: &str) -> Vec<String> {
        let (from, to): (Day, Day) = (from.parse().unwrap(), to.parse().unwrap());
        calendar(Country::Korea, 2018, 2030)
            .unwrap()
            .range(from..=to)
            .map(|day| day.to_string()[5..].to_owned())
            .collect()
    }

    #[test]
    fn chuseok_of_2022_and_the_long_week_of_2025() {
        assert_eq!(listed("2022-09-01", "2022-09-30"), ["09-09", "09-10", "09-11", "09-12"]);
        assert_eq!(
            listed("2025-10-01", "2025-10-12"),
            ["10-03", "10-05", "10-06", "10-07", "10-08", "10-09"]
        );
        // With the weekend between them nobody worked from 3 to 9 October 2025.
        let korea = crate::holidays::working(Country::Korea, 2025, 2025).unwrap();
        let first: Day = "2025-10-03".parse().unwrap();
        assert!((0..7).all(|ahead| !korea.works(first.plus(ahead))));
        assert!(korea.works(first.plus(-1)) && korea.works(first.plus(7)));
    }

    #[test]
    fn whole_years_as_the_gazette_had_them() {
        assert_eq!(
            listed("2018-01-01", "2018-12-31"),
            [
                "01-01", "02-15", "02-16", "02-17", "03-01", "05-05", "05-07", "05-22", "06-06", "06-13",
                "08-15", "09-23", "09-24", "09-25", "09-26", "10-03", "10-09", "12-25"
            ]
        );
        assert_eq!(
            listed("2023-01-01", "2023-12-31"),
            [
                "01-01", "01-21", "01-22", "01-23", "01-24", "03-01", "05-05", "05-27", "05-29", "06-06",
                "08-15", "09-28", "09-29", "09-30", "10-02", "10-03", "10-09", "12-25"
            ]
        );
    }

    #[test]
    fn substitute_days_follow_the_law_of_their_year() {
        let check = |present: bool, dates: &[&str]| {
            let days = calendar(Country::Korea, 2018, 2030).unwrap();
            for date in dates {
                assert_eq!(days.contains(&date.parse().unwrap()), present, "{date}");
            }
        };
        check(
            true,
            &[
                "2018-05-07",
                "2018-09-26",
                "2019-05-06",
                "2020-01-27",
                "2021-08-16",
                "2021-10-04",
                "2021-10-11",
                "2022-09-12",
                "2022-10-10",
                "2023-01-24",
                "2023-05-29",
                "2024-02-12",
                "2024-05-06",
                "2025-03-03",
                "2025-05-06",
                "2025-10-08",
                "2026-03-02",
                "2026-05-25",
                "2026-08-17",
                "2026-10-05",
                "2027-02-09",
                "2027-08-16",
                "2027-10-04",
                "2027-10-11",
                "2027-12-27",
                "2028-10-05",
                "2029-05-07",
                "2029-05-21",
                "2029-09-24",
                "2030-02-05",
                "2030-05-06",
            ],
        );
        check(
            false,
            &[
                // Before the extensions: 1 March 2020 was a Sunday, Christmas 2021 a Saturday, Buddha's
                // Birthday 2022 a Sunday.
                "2020-03-02",
                "2020-10-05",
                "2021-12-27",
                "2022-05-09",
                "2022-12-26",
                // A festival day on a Saturday gives none: Seollal 2018, Chuseok 2023.
                "2018-02-19",
                "2023-10-04",
                // Two holidays on one day give one day, not two: 5 May 2025.
                "2025-05-07",
                "2028-10-06",
            ],
        );
    }

    #[test]
    fn the_number_of_days_each_year() {
        // Counted from the tables of the holidays library 0.109 (MIT), an independent source.
        let days = calendar(Country::Korea, 2018, 2030).unwrap();
        let count = |year: i16| days.iter().filter(|day| day.to_civil().year() == year).count();
        let counts: Vec<usize> = (2018..=2030).map(count).collect();
        assert_eq!(counts, COUNTS);
    }

    const COUNTS: [usize; 13] = [18, 16, 18, 18, 19, 18, 19, 19, 22, 24, 18, 20, 21];
}
