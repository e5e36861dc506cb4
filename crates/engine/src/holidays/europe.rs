//! Germany's national holidays, and the two days that are holidays in every member state of the European Union.
//!
//! Source: the holiday laws of the Länder where they agree, and Article 2(2) of the Unification Treaty for
//! 3 October; for the Union, the member states' lists published under Article 2(1) of Regulation (EEC,
//! Euratom) No 1182/71. Easter Monday, 1 May and 26 December are each missing in some state.

use super::rule::{date, easter};
use holdfast_domain::time::Day;

/// The 500th anniversary of the Reformation, a holiday everywhere that one year.
const REFORMATION: i16 = 2017;

/// The holidays all of Germany keeps in `year`.
pub(super) fn germany(year: i16) -> Vec<Day> {
    let easter = easter(year);
    let mut days = vec![
        date(year, 1, 1),
        easter.plus(-2),
        easter.plus(1),
        date(year, 5, 1),
        easter.plus(39),
        easter.plus(50),
        date(year, 10, 3),
        date(year, 12, 25),
        date(year, 12, 26),
    ];
    if year == REFORMATION {
        days.push(date(year, 10, 31));
    }
    days
}

/// The holidays every member state keeps in `year`.
pub(super) fn common(year: i16) -> Vec<Day> {
    vec![date(year, 1, 1), date(year, 12, 25)]
}

#[cfg(test)]
mod tests {
    use crate::holidays::{Country, calendar};

    #[test]
    fn germany_2025() {
        let days = calendar(Country::Germany, 2025, 2025).unwrap();
        let listed: Vec<String> = days.iter().map(|day| day.to_string()[5..].to_owned()).collect();
        assert_eq!(listed, ["01-01", "04-18", "04-21", "05-01", "05-29", "06-09", "10-03", "12-25", "12-26"]);
        assert_eq!(calendar(Country::EuropeanUnion, 2025, 2025).unwrap().len(), 2);
    }
}
