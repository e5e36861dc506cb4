//! Polygons with holes on the latitude-longitude plane, the date line included.
//!
//! Edges are straight in latitude and longitude, as GeoJSON (RFC 7946) has them. Each edge takes the short
//! way round, so a ring that crosses the date line needs no cut. The test for a place inside is done in whole
//! microdegrees and is exact: a place on an edge is inside, whatever point the ring starts from.

use holdfast_domain::place::Place;
use serde::{Deserialize, Serialize};

use super::segment::distance_to_segment_m;

const DEGREE_E6: i64 = 1_000_000;
const TURN_E6: i64 = 360 * DEGREE_E6;

/// The most points one ring may have.
pub const RING_POINTS_MAX: usize = 100_000;
/// The most holes one polygon may have.
pub const HOLES_MAX: usize = 1_000;

/// A ring that bounds nothing, or more than is allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolygonError {
    /// Fewer than three different corners.
    #[error("make a ring of {0} different corners: an area needs three")]
    TooFewCorners(usize),
    /// More than [`RING_POINTS_MAX`].
    #[error("make a ring of {0} points: at most {RING_POINTS_MAX} are read; simplify the area")]
    TooManyPoints(usize),
    /// More than [`HOLES_MAX`].
    #[error("make a polygon with {0} holes: at most {HOLES_MAX} are read; simplify the area")]
    TooManyHoles(usize),
    /// The ring goes once round the earth: which side is inside cannot be told.
    #[error("make a ring that goes round a pole: cut it into polygons that do not hold the pole")]
    RoundsPole,
}

/// A ring in microdegrees `[lon, lat]`, longitudes unwrapped so that no step exceeds half a turn; not closed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ring {
    points: Vec<[i64; 2]>,
    low: [i64; 2],
    high: [i64; 2],
}

/// An area with one outer ring and any holes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Rings", into = "Rings")]
pub struct Polygon {
    outer: Ring,
    holes: Vec<Ring>,
}

/// The polygon as lists of places, the form in which it is written.
#[derive(Clone, Serialize, Deserialize)]
struct Rings {
    outer: Vec<Place>,
    #[serde(default)]
    holes: Vec<Vec<Place>>,
}

fn e6(place: Place) -> [i64; 2] {
    [(place.lon() * 1e6).round() as i64, (place.lat() * 1e6).round() as i64]
}

fn place(point: [i64; 2]) -> Place {
    let lon = (point[0] + TURN_E6 / 2).rem_euclid(TURN_E6) - TURN_E6 / 2;
    Place::new(point[1] as f64 / 1e6, lon as f64 / 1e6).expect("a wrapped microdegree is on the globe")
}

/// The short way from `from` to `to` in longitude: half a turn goes east.
fn short_way(from: i64, to: i64) -> i64 {
    let step = (to - from).rem_euclid(TURN_E6);
    if step > TURN_E6 / 2 { step - TURN_E6 } else { step }
}

impl Ring {
    fn new(places: &[Place]) -> Result<Self, PolygonError> {
        if places.len() > RING_POINTS_MAX {
            return Err(PolygonError::TooManyPoints(places.len()));
        }
        let mut points: Vec<[i64; 2]> = Vec::with_capacity(places.len());
        for place in places {
            let [lon, lat] = e6(*place);
            let lon = points.last().map_or(lon, |last| last[0] + short_way(last[0], lon));
            if points.last() != Some(&[lon, lat]) {
                points.push([lon, lat]);
            }
        }
        let (Some(first), Some(last)) = (points.first().copied(), points.last().copied()) else {
            return Err(PolygonError::TooFewCorners(0));
        };
        if last[0] + short_way(last[0], first[0]) != first[0] {
            return Err(PolygonError::RoundsPole);
        }
        if points.len() > 1 && first == last {
            points.pop();
        }
        let mut corners = points.clone();
        corners.sort_unstable();
        corners.dedup();
        if corners.len() < 3 {
            return Err(PolygonError::TooFewCorners(corners.len()));
        }
        let mut ring = Self { points, low: [i64::MAX; 2], high: [i64::MIN; 2] };
        ring.measure();
        // Wider than a turn it overlaps itself, and what is inside is anybody's guess.
        if ring.high[0] - ring.low[0] >= TURN_E6 {
            return Err(PolygonError::RoundsPole);
        }
        Ok(ring)
    }

    fn measure(&mut self) {
        (self.low, self.high) = ([i64::MAX; 2], [i64::MIN; 2]);
        for point in &self.points {
            for (axis, value) in point.iter().enumerate() {
                self.low[axis] = self.low[axis].min(*value);
                self.high[axis] = self.high[axis].max(*value);
            }
        }
    }

    fn edges(&self) -> impl Iterator<Item = ([i64; 2], [i64; 2])> + '_ {
        self.points.iter().copied().zip(self.points.iter().copied().cycle().skip(1)).take(self.points.len())
    }

    /// Inside, outside or (nothing) on the edge; `at` in the ring's own unwrapped longitudes.
    fn side(&self, at: [i64; 2]) -> Option<bool> {
        let mut inside = false;
        for (a, b) in self.edges() {
            // Twice the signed area of a, b, at; below 1.2e18 for any longitudes within a turn and a half.
            let turn = (b[0] - a[0]) * (at[1] - a[1]) - (b[1] - a[1]) * (at[0] - a[0]);
            let within = at[0] >= a[0].min(b[0])
                && at[0] <= a[0].max(b[0])
                && at[1] >= a[1].min(b[1])
                && at[1] <= a[1].max(b[1]);
            if turn == 0 && within {
                return None;
            }
            let upward = a[1] <= at[1] && b[1] > at[1];
            let downward = b[1] <= at[1] && a[1] > at[1];
            if (upward && turn > 0) || (downward && turn < 0) {
                inside = !inside;
            }
        }
        Some(inside)
    }

    /// The longitudes of `at` that may fall within the ring, a turn apart.
    fn turns(&self, at: [i64; 2]) -> impl Iterator<Item = [i64; 2]> {
        let (low, high) = (self.low, self.high);
        let first = low[0] + (at[0] - low[0]).rem_euclid(TURN_E6);
        (0..2)
            .map(move |turn| [first + turn * TURN_E6, at[1]])
            .filter(move |at| at[0] <= high[0] && at[1] >= low[1] && at[1] <= high[1])
    }
}

impl Polygon {
    /// The polygon of an outer ring and holes; rings may be closed or not, of either direction.
    ///
    /// # Errors
    /// [`PolygonError`] for rings without area, round a pole, or over the limits.
    pub fn new(outer: &[Place], holes: &[Vec<Place>]) -> Result<Self, PolygonError> {
        if holes.len() > HOLES_MAX {
            return Err(PolygonError::TooManyHoles(holes.len()));
        }
        let outer = Ring::new(outer)?;
        let holes = holes.iter().map(|hole| Ring::new(hole)).collect::<Result<_, _>>()?;
        Ok(Self { outer, holes })
    }

    /// Whether `at` is inside or on an edge; a hole's edge still belongs to the polygon.
    #[must_use]
    pub fn contains(&self, at: Place) -> bool {
        let at = e6(at);
        let inside = self.outer.turns(at).any(|at| self.outer.side(at) != Some(false));
        inside && !self.holes.iter().any(|hole| hole.turns(at).any(|at| hole.side(at) == Some(true)))
    }

    /// Metres to the nearest edge; 0 inside.
    #[must_use]
    pub fn distance_m(&self, at: Place) -> f64 {
        if self.contains(at) {
            return 0.0;
        }
        core::iter::once(&self.outer)
            .chain(&self.holes)
            .flat_map(Ring::edges)
            .map(|(a, b)| distance_to_segment_m(at, place(a), place(b)))
            .fold(f64::INFINITY, f64::min)
    }

    /// The outer ring, not closed.
    #[must_use]
    pub fn outer(&self) -> Vec<Place> {
        self.outer.points.iter().copied().map(place).collect()
    }

    /// The holes, not closed.
    #[must_use]
    pub fn holes(&self) -> Vec<Vec<Place>> {
        self.holes.iter().map(|hole| hole.points.iter().copied().map(place).collect()).collect()
    }

    /// South, north, west and east in degrees; east below west where the date line is crossed.
    #[must_use]
    pub fn bounds(&self) -> [f64; 4] {
        let (west, east) = (place(self.outer.low), place(self.outer.high));
        [west.lat(), east.lat(), west.lon(), east.lon()]
    }
}

impl TryFrom<Rings> for Polygon {
    type Error = PolygonError;
    fn try_from(rings: Rings) -> Result<Self, PolygonError> {
        Self::new(&rings.outer, &rings.holes)
    }
}

impl From<Polygon> for Rings {
    fn from(polygon: Polygon) -> Self {
        Self { outer: polygon.outer(), holes: polygon.holes() }
    }
}

#[cfg(test)]
mod tests {
    use super::{Polygon, PolygonError};
    use holdfast_domain::place::Place;
    use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

    fn ring(points: &[(f64, f64)]) -> Vec<Place> {
        points.iter().map(|(lat, lon)| Place::new(*lat, *lon).unwrap()).collect()
    }

    fn at(lat: f64, lon: f64) -> Place {
        Place::new(lat, lon).unwrap()
    }

    #[test]
    fn a_hole_is_outside_and_its_edge_is_not() {
        let hole = ring(&[(4.0, 4.0), (4.0, 6.0), (6.0, 6.0), (6.0, 4.0)]);
        let square = ring(&[(0.0, 0.0), (0.0, 10.0), (10.0, 10.0), (10.0, 0.0), (0.0, 0.0)]);
        let area = Polygon::new(&square, &[hole]).unwrap();
        for (lat, lon, inside) in [
            (1.0, 1.0, true),
            (5.0, 5.0, false),
            (4.0, 5.0, true),
            (0.0, 5.0, true),
            (10.0, 10.0, true),
            (10.000_001, 5.0, false),
            (5.0, -0.1, false),
        ] {
            assert_eq!(area.contains(at(lat, lon)), inside, "{lat} {lon}");
        }
        assert!((area.distance_m(at(5.0, 5.0)) - 111_195.0).abs() < 500.0);
        assert!((area.distance_m(at(-1.0, 5.0)) - 111_195.0).abs() < 500.0);
    }

    #[test]
    fn the_date_line_cuts_nothing() {
        let fiji = ring(&[(-20.0, 176.0), (-20.0, -178.0), (-12.0, -178.0), (-12.0, 176.0)]);
        let area = Polygon::new(&fiji, &[]).unwrap();
        assert!(area.contains(at(-17.0, 179.9)) && area.contains(at(-17.0, -179.9)));
        assert!(area.contains(at(-17.0, 180.0)) && area.contains(at(-17.0, -180.0)));
        assert!(!area.contains(at(-17.0, 175.0)) && !area.contains(at(-17.0, -177.0)));
        assert!(!area.contains(at(-17.0, 0.0)));
        let written = serde_json::to_string(&area).unwrap();
        assert_eq!(serde_json::from_str::<Polygon>(&written).unwrap(), area);
    }

    #[test]
    fn what_bounds_nothing_is_refused() {
        let check = |points: &[(f64, f64)], expected: PolygonError| {
            assert_eq!(Polygon::new(&ring(points), &[]).unwrap_err(), expected);
        };
        check(&[], PolygonError::TooFewCorners(0));
        check(&[(0.0, 0.0), (1.0, 1.0), (0.0, 0.0)], PolygonError::TooFewCorners(2));
        check(&[(60.0, 0.0), (60.0, 120.0), (60.0, -120.0)], PolygonError::RoundsPole);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn the_start_and_direction_of_a_ring_do_not_matter(
            corners in proptest::collection::vec((-40..40_i32, -40..40_i32), 3..12),
            start in 0..12_usize,
            shift in -180..180_i32,
            lat in -42..42_i32,
            lon in -42..42_i32,
        ) {
            let wrap = |lon: i32| f64::from((lon + shift + 540).rem_euclid(360) - 180);
            let points: Vec<Place> = corners.iter().map(|(a, b)| at(f64::from(*a), wrap(*b))).collect();
            let Ok(area) = Polygon::new(&points, &[]) else { return Ok(()) };
            let probe = at(f64::from(lat), wrap(lon));
            let mut turned = points.clone();
            turned.rotate_left(start % points.len());
            prop_assert_eq!(Polygon::new(&turned, &[]).unwrap().contains(probe), area.contains(probe));
            turned.reverse();
            prop_assert_eq!(Polygon::new(&turned, &[]).unwrap().contains(probe), area.contains(probe));
        }
    }
}
