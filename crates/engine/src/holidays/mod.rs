//! Public holidays: which days deadlines and promises skip, computed from typed facts and statutory rules.
//!
//! Each country is one file with its source. A year outside what is known is refused, never answered with a
//! calendar that silently lacks its holidays: a missing holiday would move a legal deadline.

mod carrier;
mod europe;
mod korea;
mod rule;
mod uk;
mod us;

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::time::{Calendar, Day};
use serde::{Deserialize, Serialize};

pub use carrier::{Carrier, carrier_holidays};

/// A public-holiday calendar that deadlines are counted in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Country {
    /// Federal holidays of the United States, with the day observed in their stead.
    UnitedStates,
    /// Bank holidays of England and Wales, with substitute days.
    UnitedKingdom,
    /// Public holidays of the Republic of Korea, with substitute and temporary ones.
    Korea,
    /// Holidays of all of Germany; those of single Länder are left out.
    Germany,
    /// What is a holiday in every member state of the European Union: so few that no deadline is ever
    /// computed later than any state's own calendar would have it.
    EuropeanUnion,
}

impl Country {
    /// Every calendar there is.
    pub const ALL: [Self; 5] =
        [Self::UnitedStates, Self::UnitedKingdom, Self::Korea, Self::Germany, Self::EuropeanUnion];

    /// First and last year this calendar is known for.
    #[must_use]
    pub const fn known_years(self) -> (i16, i16) {
        match self {
            Self::UnitedStates => (1972, 2099),
            Self::UnitedKingdom => (2018, 2099),
            Self::Korea => (korea::FIRST_YEAR, korea::LAST_YEAR),
            Self::Germany | Self::EuropeanUnion => (1991, 2099),
        }
    }
}

/// Why no calendar can be given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HolidayError {
    /// The years asked for are not all known.
    #[error(
        "list the holidays of {country:?} from {from} to {to}: they are known from {first} to {last}; \
         ask for those years or add the missing facts to its file"
    )]
    YearsNotKnown {
        /// The calendar.
        country: Country,
        /// First year asked for.
        from: i16,
        /// Last year asked for.
        to: i16,
        /// First year known.
        first: i16,
        /// Last year known.
        last: i16,
    },
}

/// The holidays of `country` from `from_year` to `to_year`, both included. A range that ends before it
/// begins has none.
///
/// # Errors
/// [`HolidayError::YearsNotKnown`] where a year lies outside [`Country::known_years`].
///
/// ```
/// use holdfast_engine::holidays::{Country, calendar};
/// let days = calendar(Country::Korea, 2022, 2022).unwrap();
/// assert!(days.contains(&"2022-09-12".parse().unwrap())); // the substitute day of Chuseok
/// ```
pub fn calendar(country: Country, from_year: i16, to_year: i16) -> Result<BTreeSet<Day>, HolidayError> {
    let (first, last) = country.known_years();
    if from_year < first || to_year > last {
        return Err(HolidayError::YearsNotKnown { country, from: from_year, to: to_year, first, last });
    }
    // A neighbouring year may reach over: New Year's Day on a Saturday is observed on 31 December.
    let years = from_year..=to_year;
    let mut days = BTreeSet::new();
    for year in years.clone().chain(years.clone().map(|year| year + 1)).collect::<BTreeSet<_>>() {
        days.extend(match country {
            Country::UnitedStates => us::federal(year),
            Country::UnitedKingdom => uk::england_and_wales(year),
            Country::Korea => korea::public(year),
            Country::Germany => europe::germany(year),
            Country::EuropeanUnion => europe::common(year),
        });
    }
    days.retain(|day| years.contains(&day.to_civil().year()));
    Ok(days)
}

/// Monday to Friday less the holidays of `country`: what its law calls a working or business day.
///
/// # Errors
/// As [`calendar`].
pub fn working(country: Country, from_year: i16, to_year: i16) -> Result<Calendar, HolidayError> {
    Ok(Calendar { holidays: calendar(country, from_year, to_year)?, ..Calendar::weekdays_only() })
}

/// The working calendars of all countries, built once and looked up for every order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendars {
    by_country: BTreeMap<Country, Calendar>,
}

impl Calendars {
    /// The calendars of every year that is known for each country.
    #[must_use]
    pub fn all_known() -> Self {
        let by_country = Country::ALL
            .into_iter()
            .map(|country| {
                let (first, last) = country.known_years();
                (country, working(country, first, last).expect("the known years are known"))
            })
            .collect();
        Self { by_country }
    }

    /// The working calendar of `country`.
    #[must_use]
    pub fn of(&self, country: Country) -> &Calendar {
        self.by_country.get(&country).expect("every country has its calendar from the constructor")
    }

    /// Replaces the calendar of `country`, for an operator who knows more: a temporary holiday proclaimed
    /// last week, a Land's own.
    pub fn set(&mut self, country: Country, calendar: Calendar) {
        self.by_country.insert(country, calendar);
    }

    /// Whether the calendar of `country` covers the year `day` lies in.
    #[must_use]
    pub fn covers(&self, country: Country, day: Day) -> bool {
        let (first, last) = country.known_years();
        (first..=last).contains(&day.to_civil().year())
    }
}

#[cfg(test)]
mod tests {
    use super::{Calendars, Country, HolidayError, calendar, working};
    use holdfast_domain::time::Day;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn unknown_years_are_refused() {
        assert!(matches!(calendar(Country::Korea, 2017, 2020), Err(HolidayError::YearsNotKnown { .. })));
        assert!(matches!(calendar(Country::Korea, 2018, 2031), Err(HolidayError::YearsNotKnown { .. })));
        assert!(calendar(Country::Korea, 2018, 2030).is_ok());
        assert_eq!(calendar(Country::Korea, 2020, 2019).unwrap().len(), 0);
    }

    #[test]
    fn a_year_holds_the_days_of_its_neighbour_that_fall_into_it() {
        let days = calendar(Country::UnitedStates, 2021, 2021).unwrap();
        assert!(days.contains(&day("2021-12-31")), "New Year's Day 2022 was a Saturday");
        assert!(days.iter().all(|day| day.to_civil().year() == 2021));
    }

    #[test]
    fn three_korean_working_days_over_chuseok_2022() {
        let korea = working(Country::Korea, 2022, 2022).unwrap();
        // Thursday 8 September; 9 to 12 are off.
        assert_eq!(korea.plus_working(day("2022-09-08"), 3), Some(day("2022-09-15")));
    }

    #[test]
    fn an_operator_can_add_a_holiday() {
        let mut calendars = Calendars::all_known();
        let mut korea = calendars.of(Country::Korea).clone();
        korea.holidays.insert(day("2026-11-25"));
        calendars.set(Country::Korea, korea);
        assert!(!calendars.of(Country::Korea).works(day("2026-11-25")));
        assert!(calendars.covers(Country::Korea, day("2030-12-31")));
        assert!(!calendars.covers(Country::Korea, day("2031-01-01")));
    }
}
