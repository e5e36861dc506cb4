//! Where an alert holds: shapes that were drawn, codes that stand for an area, and the areas of those codes.
//!
//! The counties' borders are simplified to about two kilometres and bundled (`data/zones/README.md`).
//! Invariant: resolving never shrinks an alert: what cannot be placed exactly is placed by the next greater
//! area, and the answer says so.

use std::collections::BTreeMap;
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
fn named_in(state: &str, description: &str) -> Vec<Area> {
    let words = |text: &str| -> String {
        let spaced: String = text.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
        format!(" {} ", spaced.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase())
    };
    let description = words(description);
    of_state(state)
        .filter(|(_, county)| description.contains(&words(county.name)))
        .flat_map(|(_, county)| county.shapes())
        .collect()
}

fn of_code(code: &AreaCode, description: &str) -> (Vec<Area>, Precision) {
    let placed = |shapes: Vec<Area>, precision: Precision| {
        if shapes.is_empty() { (shapes, Precision::Unplaced) } else { (shapes, precision) }
    };
    let whole_state = |state: &str| -> Vec<Area> { of_state(state).flat_map(|(_, c)| c.shapes()).collect() };
    match code {
        AreaCode::Same(code) => {
            let fips = &code[code.len().min(1)..];
            let precision = if fips.ends_with("000") { Precision::State } else { Precision::County };
            placed(county_shapes(fips), precision)
        }
        AreaCode::UgcCounty(state, number) => {
            let prefix = of_state(state).next().map(|(fips, _)| &fips[..2]);
            match prefix {
                Some(prefix) if *number > 0 => {
                    placed(county_shapes(&format!("{prefix}{number:03}")), Precision::County)
                }
                _ => placed(whole_state(state), Precision::State),
            }
        }
        AreaCode::UgcZone(state, number) => {
            let by_name = if *number > 0 { named_in(state, description) } else { Vec::new() };
            if by_name.is_empty() {
                placed(whole_state(state), Precision::State)
            } else {
                (by_name, Precision::County)
            }
        }
        AreaCode::Other(..) => (Vec::new(), Precision::Unplaced),
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
    let is_zone = |code: &&AreaCode| matches!(code, AreaCode::UgcZone(..));
    let mut counties: Vec<&AreaCode> = area.codes.iter().filter(|code| !is_zone(code)).collect();
    let mut zones: Vec<&AreaCode> = area.codes.iter().filter(is_zone).collect();
    if counties.iter().any(|code| !matches!(code, AreaCode::Other(..))) {
        zones.clear();
    }
    counties.append(&mut zones);
    counties.sort();
    counties.dedup();
    let (mut shapes, mut precision): (Vec<Area>, Option<Precision>) = (Vec::new(), None);
    for code in counties {
        let (mut more, how) = of_code(code, &area.description);
        if how != Precision::Unplaced {
            precision = precision.max(Some(how));
        }
        for shape in more.drain(..) {
            if !shapes.contains(&shape) {
                shapes.push(shape);
            }
        }
    }
    ResolvedArea { shapes, precision: precision.unwrap_or(Precision::Unplaced) }
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
        check("x", vec![AreaCode::Other("CLC".into(), "041420".into())], melbourne, Precision::Unplaced);
    }
}
