//! Geometry on the globe: areas, whether a place is in them and how far it is from them.
//!
//! Areas are data: built through constructors that check, written with serde, read from GeoJSON within named
//! limits. The test for a place inside a polygon is exact in microdegrees; distances are in metres on the
//! mean sphere (within 0.5 % of the ellipsoid).

mod geojson;
mod polygon;
mod segment;

pub use geojson::{BYTES_MAX, GeoJsonError, POINTS_MAX, areas_from_geojson};
pub use polygon::{HOLES_MAX, Polygon, PolygonError, RING_POINTS_MAX};
pub use segment::{along, destination, distance_to_polyline_m, distance_to_segment_m, sampled};

use holdfast_domain::place::{EARTH_RADIUS_M, Place};
use serde::{Deserialize, Serialize};

/// All places within a radius of a centre, its rim included.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(try_from = "RawCircle", into = "RawCircle")]
pub struct Circle {
    centre: Place,
    radius_m: f64,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct RawCircle {
    centre: Place,
    radius_m: f64,
}

/// All places between two parallels and two meridians, edges included; `west` may exceed `east`, and then
/// the box crosses the date line.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct BoundingBox {
    /// The corner in the south-west.
    pub south_west: Place,
    /// The corner in the north-east.
    pub north_east: Place,
}

/// A shape that bounds nothing.
#[derive(Clone, Copy, PartialEq, Debug, thiserror::Error)]
pub enum AreaError {
    /// Not a number, negative, or more than half round the earth.
    #[error("make a circle of radius {0} m: a radius lies between 0 and 20000000 m")]
    Radius(f64),
    /// South of its own southern edge.
    #[error("make a box from latitude {south} up to {north}: the first must not exceed the second")]
    UpsideDown {
        /// The southern edge given.
        south: f64,
        /// The northern edge given.
        north: f64,
    },
}

/// The furthest two places on the mean sphere can be apart, rounded down, in metres.
pub const RADIUS_MAX_M: f64 = 20_000_000.0;

impl Circle {
    /// The circle of `radius_m` metres about `centre`.
    ///
    /// # Errors
    /// [`AreaError::Radius`] for a radius that is no distance on earth.
    pub fn new(centre: Place, radius_m: f64) -> Result<Self, AreaError> {
        if (0.0..=RADIUS_MAX_M).contains(&radius_m) {
            Ok(Self { centre, radius_m })
        } else {
            Err(AreaError::Radius(radius_m))
        }
    }

    /// The centre.
    #[must_use]
    pub const fn centre(&self) -> Place {
        self.centre
    }

    /// The radius in metres.
    #[must_use]
    pub const fn radius_m(&self) -> f64 {
        self.radius_m
    }

    /// A closed ring of `corners` places on the rim, for maps.
    #[must_use]
    pub fn ring(&self, corners: u16) -> Vec<Place> {
        let corners = corners.max(3);
        (0..=corners)
            .map(|i| {
                let bearing = 360.0 * f64::from(i % corners) / f64::from(corners);
                destination(self.centre, bearing, self.radius_m)
            })
            .collect()
    }
}

impl TryFrom<RawCircle> for Circle {
    type Error = AreaError;
    fn try_from(raw: RawCircle) -> Result<Self, AreaError> {
        Self::new(raw.centre, raw.radius_m)
    }
}

impl From<Circle> for RawCircle {
    fn from(circle: Circle) -> Self {
        Self { centre: circle.centre, radius_m: circle.radius_m }
    }
}

impl BoundingBox {
    /// The box from `south_west` to `north_east`.
    ///
    /// # Errors
    /// [`AreaError::UpsideDown`] where the first corner lies north of the second.
    pub fn new(south_west: Place, north_east: Place) -> Result<Self, AreaError> {
        if south_west.lat() <= north_east.lat() {
            Ok(Self { south_west, north_east })
        } else {
            Err(AreaError::UpsideDown { south: south_west.lat(), north: north_east.lat() })
        }
    }

    /// Whether `place` is in the box or on its edge.
    #[must_use]
    pub fn contains(&self, place: Place) -> bool {
        let (west, east) = (self.south_west.lon(), self.north_east.lon());
        let lon = place.lon();
        let between = if west <= east { lon >= west && lon <= east } else { lon >= west || lon <= east };
        between && place.lat() >= self.south_west.lat() && place.lat() <= self.north_east.lat()
    }

    fn distance_m(&self, place: Place) -> f64 {
        if self.contains(place) {
            return 0.0;
        }
        // A parallel is no great circle: its nearest point to a place is straight north or south of it.
        let (south, north) = (self.south_west.lat(), self.north_east.lat());
        let strip = Self { south_west: self.south_west, north_east: self.north_east };
        let straight = Place::new(place.lat().clamp(south, north), place.lon())
            .ok()
            .filter(|foot| strip.contains(*foot))
            .map_or(f64::INFINITY, |foot| place.distance_m(foot));
        let corner = |lat: f64, lon: f64| Place::new(lat, lon).unwrap_or(self.south_west);
        let side = |lon: f64| distance_to_segment_m(place, corner(south, lon), corner(north, lon));
        straight.min(side(self.south_west.lon())).min(side(self.north_east.lon()))
    }
}

/// A fixed area on the globe.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// The union of polygons.
    Polygons(Vec<Polygon>),
    /// A centre and a radius.
    Circle(Circle),
    /// Two parallels and two meridians.
    Box(BoundingBox),
}

impl Area {
    /// Whether `place` is in the area; edges belong to it.
    #[must_use]
    pub fn contains(&self, place: Place) -> bool {
        match self {
            Self::Polygons(polygons) => polygons.iter().any(|polygon| polygon.contains(place)),
            Self::Circle(circle) => circle.centre.distance_m(place) <= circle.radius_m,
            Self::Box(bounds) => bounds.contains(place),
        }
    }

    /// Metres from `place` to the area: 0 inside, infinite for an area of no polygons.
    #[must_use]
    pub fn distance_m(&self, place: Place) -> f64 {
        match self {
            Self::Polygons(polygons) => {
                polygons.iter().map(|polygon| polygon.distance_m(place)).fold(f64::INFINITY, f64::min)
            }
            Self::Circle(circle) => (circle.centre.distance_m(place) - circle.radius_m).max(0.0),
            Self::Box(bounds) => bounds.distance_m(place),
        }
    }

    /// Whether a circle of `radius_m` metres about `place` touches the area.
    #[must_use]
    pub fn touches(&self, place: Place, radius_m: f64) -> bool {
        self.distance_m(place) <= radius_m.max(0.0)
    }

    /// Whether the polyline through `points` enters the area: looked at every `spacing_m` metres, at most
    /// [`POLYLINE_SAMPLES_MAX`] times, so that a sliver thinner than that may be missed.
    #[must_use]
    pub fn crosses(&self, points: &[Place], spacing_m: f64) -> bool {
        sampled(points, spacing_m, POLYLINE_SAMPLES_MAX).into_iter().any(|place| self.contains(place))
    }
}

/// The most places at which one polyline is looked at.
pub const POLYLINE_SAMPLES_MAX: usize = 2_000;

/// Half the circumference of the mean sphere in metres: nothing is further away.
pub const ANTIPODE_M: f64 = core::f64::consts::PI * EARTH_RADIUS_M;

#[cfg(test)]
mod tests {
    use super::{Area, BoundingBox, Circle};
    use holdfast_domain::place::Place;

    fn at(lat: f64, lon: f64) -> Place {
        Place::new(lat, lon).unwrap()
    }

    #[test]
    fn circles_and_boxes_hold_their_rims() {
        let circle = Area::Circle(Circle::new(at(0.0, 179.9), 50_000.0).unwrap());
        assert!(circle.contains(at(0.0, -179.9)) && !circle.contains(at(0.0, -179.0)));
        assert!(circle.touches(at(0.0, -179.0), 80_000.0));
        let bounds = Area::Box(BoundingBox::new(at(-1.0, 179.0), at(1.0, -179.0)).unwrap());
        assert!(bounds.contains(at(1.0, 180.0)) && !bounds.contains(at(0.0, 0.0)));
        assert!((bounds.distance_m(at(0.0, -178.0)) - 111_195.0).abs() < 10.0);
        assert!((bounds.distance_m(at(2.0, 180.0)) - 111_195.0).abs() < 10.0);
        for radius in [-1.0, f64::NAN, 3e7] {
            assert!(Circle::new(at(0.0, 0.0), radius).is_err());
        }
        assert!(BoundingBox::new(at(1.0, 0.0), at(0.0, 1.0)).is_err());
        let written = serde_json::to_string(&circle).unwrap();
        assert_eq!(serde_json::from_str::<Area>(&written).unwrap(), circle);
        assert!(serde_json::from_str::<Area>(&written.replace("50000.0", "-5.0")).is_err());
    }

    #[test]
    fn a_road_that_passes_through_crosses() {
        let circle = Area::Circle(Circle::new(at(34.0, -78.0), 20_000.0).unwrap());
        let road = [at(36.0, -78.05), at(32.0, -78.05)];
        assert!(circle.crosses(&road, 5_000.0));
        assert!(!circle.crosses(&[at(36.0, -78.05), at(35.0, -78.05)], 5_000.0));
    }
}
