//! How often a site is hit, by hazard, severity and place, each with interval, basis and source.
//!
//! A place is a state (`US-FL`), a country (`US`) or anywhere (`*`); the closest one that has a row counts.
//! Invariant: `low <= rate <= high`, and rows of one hazard and severity have one radius, because it decides
//! which sites are hit together.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::incident::{Hazard, Severity};

use super::simulate::RATE_MAX;
use super::{CatalogueError, no_row, table_rows};
use crate::loss::RateInterval;

const BUNDLED: [&str; 2] =
    [include_str!("../../data/rates/rates_us.tsv"), include_str!("../../data/rates/rates_world.tsv")];

/// What a rate rests on; the order goes from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// Given by the operator for this site.
    Declared,
    /// Counted by the source for this place.
    Published,
    /// Counted by the source, times a share that is assumed (`data/rates/README.md`).
    PublishedTimesAssumed,
    /// Counted somewhere else: the national mean of another country.
    Coarse,
    /// No number could be shown: assumed.
    Assumed,
}

/// A yearly rate of one hazard and severity at a site.
#[derive(Clone, Debug, PartialEq)]
pub struct Rate {
    /// The rate and its interval, a year.
    pub interval: RateInterval,
    /// How far from its centre an event reaches, metres; 0 where distance does not matter.
    pub radius_m: f64,
    /// What it rests on.
    pub basis: Basis,
    /// The source's key; [`source_text`] tells it.
    pub source: String,
    /// The place of the row: `US-FL`, `US` or `*`; the site's own for an override.
    pub place: String,
}

/// A rate with the hazard and severity it is of.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteRate {
    /// The hazard.
    pub hazard: Hazard,
    /// The severity.
    pub severity: Severity,
    /// The rate.
    pub rate: Rate,
}

/// What an operator knows better for one site.
#[derive(Clone, Debug, PartialEq)]
pub struct RateOverride {
    /// Index of the site in the list that is simulated.
    pub site: usize,
    /// The hazard.
    pub hazard: Hazard,
    /// The severity; nothing for all of them, each scaled so that they sum to `rate`.
    pub severity: Option<Severity>,
    /// Events a year.
    pub rate: f64,
    /// Who says so.
    pub source: String,
}

/// The source of a key, as it is cited.
#[must_use]
pub fn source_text(key: &str) -> &'static str {
    match key {
        "eia" => "US EIA, Form EIA-861 reliability (SAIFI, IEEE), by state, 2013-2023",
        "spc" => "NOAA Storm Prediction Center, tornado database, 1991-2022",
        "fema" => "FEMA disaster declarations by state 1991-2020 and designated counties 2015-2019",
        "nfpa" => {
            "NFPA, Warehouse Structure Fires, 2022 (1,450 a year) over EIA CBECS 2018 (1.0 million warehouses)"
        }
        "strikes" => {
            "National stoppages: UPS 1997; Canada Post 1997, 2011, 2018, 2024; Royal Mail 2007, 2009, 2022; CJ Logistics 2021"
        }
        "marani" => "Marani, Katul, Pan, Parolari 2021, PNAS 118 (35) e2105482118",
        "csbs" => {
            "UK government, Cyber Security Breaches Survey 2025: ransomware, 1 % of businesses in a year"
        }
        "uscerf" => "USGS, UCERF3 2015: M6.7 in 30 years, San Francisco 72 %, Los Angeles 60 %",
        "wgueq" => "Working Group on Utah Earthquake Probabilities 2016: 50 years, M6.0 57 %, M6.75 43 %",
        "newmadrid" => "USGS Fact Sheet 2009-3071: New Madrid, M6 in 50 years 25-40 %",
        "cascadia" => {
            "Washington and Oregon emergency management after USGS: M9 in 50 years 10-15 %; deep M6.5 84 %"
        }
        "kma" => {
            "Korea Meteorological Administration: 3.1 typhoons a year affect Korea (1981-2010); inland M5 since 1978"
        }
        "ash" => "Eyjafjallajokull, April 2010: European airspace closed six days",
        _ => "assumed; no published number is shown",
    }
}

/// Whether rows of a table may name it: two letters of a country, a state behind them or not, or anywhere.
fn is_place(text: &str) -> bool {
    let letters = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_uppercase());
    let state =
        |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    text == "*"
        || match text.split_once('-') {
            None => letters(text),
            Some((country, part)) => letters(country) && state(part),
        }
}

pub(super) fn severity_of(class: &str) -> Option<Severity> {
    Some(match class {
        "minor" => Severity::Minor,
        "moderate" => Severity::Moderate,
        "severe" => Severity::Severe,
        "extreme" => Severity::Extreme,
        _ => return None,
    })
}

/// Rates by hazard, severity and place.
#[derive(Clone, Debug, PartialEq)]
pub struct RateTable {
    rows: BTreeMap<(Hazard, Severity), BTreeMap<String, Rate>>,
}

impl RateTable {
    /// The bundled rates.
    ///
    /// # Panics
    /// Never: a test reads them.
    #[must_use]
    pub fn bundled() -> Self {
        let mut table = Self { rows: BTreeMap::new() };
        for text in BUNDLED {
            table.read(text).expect("the bundled rates are read by a test");
        }
        table
    }

    /// Adds the rows of a tab-separated text: hazard, class, place, rate, low, high, radius in km, basis and
    /// source. A row that is there already is replaced.
    ///
    /// # Errors
    /// [`CatalogueError::Row`] naming line and field; the rows before it stay.
    pub fn read(&mut self, text: &str) -> Result<(), CatalogueError> {
        let mut given = BTreeSet::new();
        for (at, line) in table_rows(text) {
            let refuse = |field: &str, value: &str, expected: &'static str| CatalogueError::Row {
                table: "the table of rates",
                line: at + 1,
                field: field.to_owned(),
                value: value.to_owned(),
                expected,
            };
            let fields: Vec<&str> = line.split('\t').collect();
            let [hazard, class, place, mean, low, high, radius_km, basis, source] = fields.as_slice() else {
                return Err(refuse("row", line, "nine fields with tabs between"));
            };
            let key = (
                Hazard::from_key(hazard).ok_or_else(|| refuse("hazard", hazard, "a hazard's key"))?,
                severity_of(class)
                    .ok_or_else(|| refuse("class", class, "minor, moderate, severe or extreme"))?,
            );
            let number = |field: &str, text: &str| -> Result<f64, CatalogueError> {
                let parsed = text.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
                parsed.ok_or_else(|| refuse(field, text, "a number of zero or more"))
            };
            if number("rate_per_year", mean)? > RATE_MAX {
                return Err(refuse("rate_per_year", mean, "at most 1,000 events a year"));
            }
            let interval = RateInterval {
                low: number("low", low)?,
                mean: number("rate_per_year", mean)?,
                high: number("high", high)?,
            };
            if !(interval.low <= interval.mean && interval.mean <= interval.high) {
                return Err(refuse("rate_per_year", mean, "a rate inside its interval"));
            }
            let basis = match *basis {
                "published" => Basis::Published,
                "published x assumed" => Basis::PublishedTimesAssumed,
                "coarse" => Basis::Coarse,
                "assumed" => Basis::Assumed,
                "declared" => Basis::Declared,
                other => {
                    let expected = "published, published x assumed, coarse, assumed or declared";
                    return Err(refuse("basis", other, expected));
                }
            };
            let radius_m = number("radius_km", radius_km)? * 1000.0;
            if !is_place(place) {
                return Err(refuse("place", place, "a state as US-NC, a country as US, or * for anywhere"));
            }
            if source.trim().is_empty() {
                return Err(refuse("source", source, "who says so"));
            }
            let places = self.rows.entry(key).or_default();
            // They all have one radius, so the first one speaks for them.
            if places.values().next().is_some_and(|row| row.radius_m != radius_m) {
                return Err(refuse(
                    "radius_km",
                    radius_km,
                    "the radius of the other rows of this hazard and class",
                ));
            }
            let row =
                Rate { interval, radius_m, basis, source: (*source).to_owned(), place: (*place).to_owned() };
            if !given.insert((key, *place)) {
                return Err(refuse("place", place, "one row for each hazard, class and place"));
            }
            places.insert((*place).to_owned(), row);
        }
        if given.is_empty() {
            return Err(no_row("the table of rates"));
        }
        Ok(())
    }

    /// Every rate that applies in a state (letters, may be empty) of a country (two letters).
    #[must_use]
    pub fn at(&self, country: &str, state: &str) -> Vec<SiteRate> {
        let wanted = [format!("{country}-{state}"), country.to_owned(), "*".to_owned()];
        self.rows
            .iter()
            .filter_map(|((hazard, severity), places)| {
                let rate = wanted.iter().find_map(|place| places.get(place))?;
                Some(SiteRate { hazard: *hazard, severity: *severity, rate: rate.clone() })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Basis, RateTable, source_text};
    use holdfast_domain::incident::{Hazard, Severity};

    #[test]
    fn the_bundled_rates_are_whole_and_cited() {
        let table = RateTable::bundled();
        let needed = [
            Hazard::Tornado,
            Hazard::Flood,
            Hazard::Wildfire,
            Hazard::WinterStorm,
            Hazard::Earthquake,
            Hazard::PowerOutage,
            Hazard::CyberAttack,
            Hazard::PandemicSurge,
            Hazard::HumanError,
            Hazard::CarrierStoppage,
            Hazard::Fire,
        ];
        for place in [("US", "FL"), ("US", "AK"), ("KR", ""), ("BR", "")] {
            let rates = table.at(place.0, place.1);
            for hazard in needed {
                assert!(rates.iter().any(|row| row.hazard == hazard), "{place:?} {hazard:?}");
            }
            for row in &rates {
                let assumed = source_text(&row.rate.source).starts_with("assumed");
                assert_eq!(assumed, row.rate.basis == Basis::Assumed, "{row:?}");
            }
        }
    }

    #[test]
    fn the_closest_place_counts() {
        let table = RateTable::bundled();
        let tornado = |country: &str, state: &str| {
            let rates = table.at(country, state);
            let row = rates.iter().find(|r| (r.hazard, r.severity) == (Hazard::Tornado, Severity::Severe));
            row.unwrap().rate.clone()
        };
        assert_eq!(
            (tornado("US", "OK").place.as_str(), tornado("US", "OK").basis),
            ("US-OK", Basis::Published)
        );
        assert_eq!(tornado("US", "XX").place, "US");
        assert_eq!((tornado("FR", "").place.as_str(), tornado("FR", "").basis), ("*", Basis::Coarse));
        assert!(tornado("US", "OK").interval.mean > 20.0 * tornado("US", "CA").interval.mean);
    }

    #[test]
    fn bad_rows_name_line_and_field() {
        let good = "flood\tminor\tUS\t0.1\t0.05\t0.2\t60\tpublished\tfema";
        let check = |text: String, part: &str| {
            let told = RateTable::bundled().read(&text).unwrap_err().to_string();
            assert!(told.contains(part) && told.contains("line 2"), "{told}");
        };
        check(format!("# x\n{}", good.replace("0.05", "0.15")), "rate_per_year");
        check(format!("# x\n{}", good.replace("flood", "frogs")), "frogs");
        check(format!("# x\n{}", good.replace("60", "61")), "radius_km");
        check(format!("# x\n{}", good.replace("0.2", "NaN")), "high");
        check(format!("# x\n{good}\textra"), "nine fields");
        for place in ["", "us", "North Carolina", "US-", "US-NORTH"] {
            check(format!("# x\n{}", good.replace("\tUS\t", &format!("\t{place}\t"))), "a state as US-NC");
        }
        check(format!("# x\n{}", good.replace("fema", " ")), "who says so");
    }

    /// Each row was once held against all rows before it: a million rows took hours.
    #[test]
    fn many_rows_cost_no_more_than_their_number() {
        let letters = |n: usize| char::from(b'A' + u8::try_from(n % 26).unwrap());
        let places =
            (0..26 * 26 * 1_000).map(|n| format!("{}{}-{:03}", letters(n), letters(n / 26), n / 676));
        let rows: Vec<String> = places
            .take(300_000)
            .map(|place| format!("flood\tminor\t{place}\t1\t1\t1\t60\tdeclared\tme"))
            .collect();
        let mut table = RateTable::bundled();
        table.read(&rows.join("\n")).unwrap();
        assert!(table.at("AA", "000").iter().any(|row| row.rate.place == "AA-000"));
    }
}
