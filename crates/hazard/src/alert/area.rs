//! Where an alert holds: shapes that were drawn, codes that stand for an area, and the areas of those codes.
//!
//! The counties' borders are simplified to about two kilometres and bundled (`data/zones/README.md`).
//! Invariant: resolving never shrinks an alert: what cannot be placed exactly is placed by the next greater
//! area, and the answer says so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use holdfast_domain::place::Place;
use serde::{Deserialize, Serialize};

use super::codes::AreaCode;
use crate::geo::{Area, Polygon};

/// One area of an alert as the feed gave it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct AlertArea {
    /// Its name for people.
    pub description: String,
    /// What was drawn.
    pub shapes: Vec<Area>,
    /// What was named by code.
    pub codes: Vec<AreaCode>,
}

/// How exactly an area could be placed; the order goes from exact to nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// As drawn by the sender.
    Drawn,
    /// The county of its code, or the counties a zone's name holds.
    County,
    /// The whole state: the zone is in no table here.
    State,
    /// Nowhere on land that is known here (a marine zone, a code of another country).
    Unplaced,
}

/// An area with its borders.
#[derive(Clone, Debug, PartialEq)]
pub struct ResolvedArea {
    /// The borders.
    pub shapes: Vec<Area>,
    /// How exact they are.
    pub precision: Precision,
}

impl ResolvedArea {
    /// Whether `at` is inside.
    #[must_use]
    pub fn contains(&self, at: Place) -> bool {
        self.shapes.iter().any(|shape| shape.contains(at))
    }
}

struct County {
    state: &'static str,
    name: &'static str,
    rings: &'static str,
}

const COUNTIES: &str = include_str!("../../data/zones/us_counties.tsv");

/// Counties by FIPS code.
fn counties() -> &'static BTreeMap<&'static str, County> {
    static TABLE: OnceLock<BTreeMap<&'static str, County>> = OnceLock::new();
    TABLE.get_or_init(|| {
        COUNTIES
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| {
                let mut fields = line.split('\t');
                let (fips, state, name, rings) =
                    (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
                Some((fips, County { state, name, rings }))
            })
            .collect()
    })
}

impl County {
    fn shapes(&self) -> Vec<Area> {
        let polygons: Vec<Polygon> = self.rings.split('|').filter_map(ring).collect();
        if polygons.is_empty() { Vec::new() } else { vec![Area::Polygons(polygons)] }
    }
}

/// Reads a ring of the table: a point and then steps, in hundredths of a degree, longitude first.
fn ring(text: &str) -> Option<Polygon> {
    let (mut lon, mut lat) = (0_i32, 0_i32);
    let mut places = Vec::new();
    for step in text.split(' ') {
        let (x, y) = step.split_once(',')?;
        lon += x.parse::<i32>().ok()?;
        lat += y.parse::<i32>().ok()?;
        places.push(Place::new(f64::from(lat) / 100.0, f64::from(lon) / 100.0).ok()?);
    }
    Polygon::new(&places, &[]).ok()
}

/// The borders of a county by its five-digit FIPS code, of a state by its two digits and `000`; empty for an
/// unknown code.
#[must_use]
pub fn county_shapes(fips: &str) -> Vec<Area> {
    match fips.strip_suffix("000").filter(|state| state.len() == 2) {
        Some(state) => counties()
            .iter()
            .filter(|(fips, _)| fips.starts_with(state))
            .flat_map(|(_, county)| county.shapes())
            .collect(),
        None => counties().get(fips).map(County::shapes).unwrap_or_default(),
    }
}

fn of_state(letters: &str) -> impl Iterator<Item = (&'static str, &'static County)> + '_ {
    counties().iter().filter(move |(_, county)| county.state == letters).map(|(fips, county)| (*fips, county))
}

/// Counties of a state whose name stands in `description` as whole words.
fn named_in(state: &str, description: &str) -> Vec<&'static str> {
    let words = |text: &str| -> String {
        let spaced: String = text.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
        format!(" {} ", spaced.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase())
    };
    let description = words(description);
    of_state(state)
        .filter(|(_, county)| description.contains(&words(county.name)))
        .map(|(fips, _)| fips)
        .collect()
}

/// What the codes of an area name: counties, each once, so that a long list of codes costs no more than the
/// table has rows.
#[derive(Default)]
struct Named {
    counties: BTreeSet<&'static str>,
    precision: Option<Precision>,
}

impl Named {
    fn add(&mut self, counties: impl IntoIterator<Item = &'static str>, precision: Precision) -> bool {
        let mut any = false;
        for county in counties {
            self.counties.insert(county);
            any = true;
        }
        if any {
            self.precision = self.precision.max(Some(precision));
        }
        any
    }

    fn add_state(&mut self, state: &str) {
        self.add(of_state(state).map(|(fips, _)| fips), Precision::State);
    }

    fn add_fips(&mut self, fips: &str) {
        match fips.strip_suffix("000").filter(|state| state.len() == 2) {
            Some(state) => {
                let all = counties().keys().copied().filter(|fips| fips.starts_with(state));
                self.add(all, Precision::State);
            }
            None => {
                self.add(counties().get_key_value(fips).map(|(fips, _)| *fips), Precision::County);
            }
        }
    }

    fn add_code(&mut self, code: &AreaCode) {
        match code {
            AreaCode::Same(code) => self.add_fips(&code[code.len().min(1)..]),
            AreaCode::UgcCounty(state, 0) => self.add_state(state),
            AreaCode::UgcCounty(state, number) => {
                if let Some(prefix) = of_state(state).next().map(|(fips, _)| &fips[..2]) {
                    self.add_fips(&format!("{prefix}{number:03}"));
                }
            }
            AreaCode::UgcZone(..) | AreaCode::Other(..) => {}
        }
    }
}

/// The borders of an area: as drawn; else of the counties its SAME, FIPS and UGC codes name; else of the
/// counties that the name of a forecast zone holds; else of the state.
///
/// A zone's own code is used only where no county code stands beside it, because both then mean the same
/// place and the county is known better.
#[must_use]
pub fn resolve(area: &AlertArea) -> ResolvedArea {
    if !area.shapes.is_empty() {
        return ResolvedArea { shapes: area.shapes.clone(), precision: Precision::Drawn };
    }
    let mut named = Named::default();
    for code in &area.codes {
        named.add_code(code);
    }
    if named.precision.is_none() {
        let zones: BTreeSet<(&str, bool)> = area
            .codes
            .iter()
            .filter_map(|code| match code {
                AreaCode::UgcZone(state, number) => Some((state.as_str(), *number == 0)),
                _ => None,
            })
            .collect();
        for (state, whole) in zones {
            let by_name = if whole { Vec::new() } else { named_in(state, &area.description) };
            if !named.add(by_name, Precision::County) {
                named.add_state(state);
            }
        }
    }
    let shapes = named.counties.iter().flat_map(|fips| county_shapes(fips)).collect();
    ResolvedArea { shapes, precision: named.precision.unwrap_or(Precision::Unplaced) }
}

#[cfg(test)]
mod tests {
    use super::{AlertArea, Precision, counties, county_shapes, resolve};
    use crate::alert::codes::{AreaCode, ugc};
    use holdfast_domain::place::Place;

    fn place(lat: f64, lon: f64) -> Place {
        Place::new(lat, lon).unwrap()
    }

    #[test]
    fn every_county_has_a_border() {
        assert_eq!(counties().len(), 3231);
        for (fips, county) in counties() {
            assert!(!county.shapes().is_empty() && county.state.len() == 2, "{fips} {}", county.name);
        }
        assert!(county_shapes("99999").is_empty() && county_shapes("").is_empty());
        assert_eq!(county_shapes("10000").len(), 3);
    }

    #[test]
    fn cities_are_in_their_counties() {
        let check = |fips: &str, lat, lon| {
            assert!(county_shapes(fips).iter().any(|s| s.contains(place(lat, lon))), "{fips}");
        };
        check("12086", 25.7743, -80.1937); // Miami
        check("48201", 29.7604, -95.3698); // Houston
        check("37129", 34.2257, -77.9447); // Wilmington NC
        check("47157", 35.1495, -90.0490); // Memphis
        check("06037", 34.0522, -118.2437); // Los Angeles
        check("02020", 61.2181, -149.9003); // Anchorage
        assert!(!county_shapes("12086").iter().any(|s| s.contains(place(28.5, -81.4))));
    }

    #[test]
    fn codes_without_geometry_are_placed_and_say_how_exactly() {
        let check = |description: &str, codes: Vec<AreaCode>, at: Place, precision| {
            let area = AlertArea { description: description.to_owned(), shapes: Vec::new(), codes };
            let resolved = resolve(&area);
            assert_eq!(resolved.precision, precision, "{description}");
            assert_eq!(resolved.contains(at), precision != Precision::Unplaced, "{description}");
        };
        let codes = |text: &str| ugc(text).unwrap().0;
        let melbourne = place(28.0836, -80.6081);
        check("Mainland Southern Brevard", codes("FLZ647"), melbourne, Precision::County);
        check("Coastal waters of no county", codes("FLZ647"), melbourne, Precision::State);
        check("Brevard", codes("FLC009"), melbourne, Precision::County);
        check("Florida", codes("FLC000"), melbourne, Precision::State);
        check("Atlantic", codes("AMZ550"), melbourne, Precision::Unplaced);
        check("x", vec![AreaCode::Same("012009".into())], melbourne, Precision::County);
        check("x", vec![AreaCode::Same("012000".into())], melbourne, Precision::State);
        check("x", codes("TXZ001>999-FLZ001>900"), melbourne, Precision::State);
        check("x", vec![AreaCode::Other("CLC".into(), "041420".into())], melbourne, Precision::Unplaced);
    }
}
