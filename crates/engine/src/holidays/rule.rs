//! The few ways statutes name a day: a date, the n-th weekday of a month, a distance from Easter.

use holdfast_domain::time::Day;

/// Monday, as [`Day::weekday`] counts.
pub(super) const MONDAY: u8 = 0;
/// Thursday.
pub(super) const THURSDAY: u8 = 3;
/// Saturday.
pub(super) const SATURDAY: u8 = 5;
/// Sunday.
pub(super) const SUNDAY: u8 = 6;

/// The date `year`-`month`-`day`.
pub(super) fn date(year: i16, month: i8, day: i8) -> Day {
    Day::from_civil(jiff::civil::date(year, month, day))
}

/// The `nth` (from 1) `weekday` of a month.
pub(super) fn nth(year: i16, month: i8, weekday: u8, nth: i32) -> Day {
    let first = date(year, month, 1);
    let ahead = (i32::from(weekday) - i32::from(first.weekday())).rem_euclid(7);
    first.plus(ahead + 7 * (nth - 1))
}

/// The last `weekday` of a month.
pub(super) fn last(year: i16, month: i8, weekday: u8) -> Day {
    let end = Day::from_civil(jiff::civil::date(year, month, 1).last_of_month());
    end.plus(-(i32::from(end.weekday()) - i32::from(weekday)).rem_euclid(7))
}

/// Easter Sunday of the western churches, by the Gregorian rule (Meeus, Astronomical Algorithms, ch. 8).
pub(super) fn easter(year: i16) -> Day {
    let year_number = i32::from(year);
    let (golden, century, of_century) = (year_number % 19, year_number / 100, year_number % 100);
    let solar = century - century / 4 - (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + solar + 15) % 30;
    let to_sunday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let correction = (golden + 11 * epact + 22 * to_sunday) / 451;
    // Days from 22 March, the earliest Easter.
    date(year, 3, 22).plus(epact + to_sunday - 7 * correction)
}

#[cfg(test)]
mod tests {
    use super::{MONDAY, THURSDAY, date, easter, last, nth};

    #[test]
    fn easter_falls_where_the_almanac_has_it() {
        // Dates of Easter Sunday, US Naval Observatory; 1943, 2038 the latest, 2285 the earliest.
        for (year, month, day) in [
            (1943, 4, 25),
            (2000, 4, 23),
            (2018, 4, 1),
            (2019, 4, 21),
            (2020, 4, 12),
            (2022, 4, 17),
            (2024, 3, 31),
            (2025, 4, 20),
            (2026, 4, 5),
            (2038, 4, 25),
            (2049, 4, 18),
            (2076, 4, 19),
            (2285, 3, 22),
        ] {
            assert_eq!(easter(year), date(year, month, day), "{year}");
        }
    }

    #[test]
    fn weekdays_of_a_month_are_counted_from_either_end() {
        assert_eq!(nth(2025, 11, THURSDAY, 4), date(2025, 11, 27));
        assert_eq!(last(2025, 5, MONDAY), date(2025, 5, 26));
        assert_eq!(last(2026, 8, MONDAY), date(2026, 8, 31));
        assert_eq!(nth(2026, 6, MONDAY, 1), date(2026, 6, 1));
    }
}
