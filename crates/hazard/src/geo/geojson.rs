//! GeoJSON (RFC 7946) areas: Polygon, MultiPolygon and Point with a radius, alone or in features, feature
//! collections and geometry collections.
//!
//! A point needs `radius_m` (metres) or `radius_km` among the properties of its feature. Nothing is skipped:
//! a geometry that is no area is an error that names where it stands.

use holdfast_domain::place::Place;
use serde_json::Value;

use super::{Area, AreaError, Circle, Polygon, PolygonError};

/// The longest text read, in bytes.
pub const BYTES_MAX: usize = 16 << 20;
/// The most points read from one text.
pub const POINTS_MAX: usize = 500_000;
/// The deepest collections may be nested in each other.
const NESTING_MAX: usize = 4;

/// Why a text is not a GeoJSON area; `at` is the path to the member, as `features[2].geometry`.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GeoJsonError {
    /// Longer than [`BYTES_MAX`].
    #[error("read GeoJSON of {0} bytes: at most {BYTES_MAX} are read; simplify the area")]
    TooLong(usize),
    /// Not JSON.
    #[error("read GeoJSON at line {line}, column {column}: {cause}")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What the JSON reader found.
        cause: String,
    },
    /// A member is missing or of the wrong kind.
    #[error("read GeoJSON at {at}: {expected}")]
    Shape {
        /// The path to the member.
        at: String,
        /// What should stand there.
        expected: &'static str,
    },
    /// Coordinates that are not on the globe.
    #[error(
        "read GeoJSON at {at}: longitude {lon}, latitude {lat} is not on the globe; longitude comes first"
    )]
    NotOnGlobe {
        /// The path to the position.
        at: String,
        /// Longitude given.
        lon: f64,
        /// Latitude given.
        lat: f64,
    },
    /// More than [`POINTS_MAX`] positions.
    #[error("read GeoJSON of more than {POINTS_MAX} points: simplify the area")]
    TooManyPoints,
    /// A ring without area or over the limits.
    #[error("read GeoJSON at {at}")]
    Polygon {
        /// The path to the polygon.
        at: String,
        /// What is wrong with it.
        #[source]
        source: PolygonError,
    },
    /// A radius that is no distance.
    #[error("read GeoJSON at {at}")]
    Radius {
        /// The path to the feature.
        at: String,
        /// What is wrong with it.
        #[source]
        source: AreaError,
    },
}

struct Reader {
    areas: Vec<Area>,
    points: usize,
}

/// The areas of a GeoJSON text, in its order: polygons of one geometry together, points as circles.
///
/// # Errors
/// [`GeoJsonError`] at the first thing that is not an area.
///
/// ```
/// use holdfast_hazard::geo::areas_from_geojson;
/// let text = r#"{"type": "Feature", "properties": {"radius_km": 30},
///     "geometry": {"type": "Point", "coordinates": [-77.94, 34.23]}}"#;
/// let areas = areas_from_geojson(text)?;
/// assert!(areas[0].contains(holdfast_domain::place::Place::new(34.1, -77.9)?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn areas_from_geojson(text: &str) -> Result<Vec<Area>, GeoJsonError> {
    if text.len() > BYTES_MAX {
        return Err(GeoJsonError::TooLong(text.len()));
    }
    // serde_json refuses nesting beyond 128 by itself.
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
        GeoJsonError::NotJson { line: error.line(), column: error.column(), cause: error.to_string() }
    })?;
    let mut reader = Reader { areas: Vec::new(), points: 0 };
    reader.object(&value, "the top", None, 0)?;
    Ok(reader.areas)
}

fn shape<T>(at: &str, expected: &'static str) -> Result<T, GeoJsonError> {
    Err(GeoJsonError::Shape { at: at.to_owned(), expected })
}

fn list<'a>(value: &'a Value, member: &str, at: &str) -> Result<&'a [Value], GeoJsonError> {
    match value.get(member).and_then(Value::as_array) {
        Some(items) => Ok(items),
        None => shape(&format!("{at}.{member}"), "an array was expected"),
    }
}

impl Reader {
    fn object(
        &mut self,
        value: &Value,
        at: &str,
        radius_m: Option<f64>,
        depth: usize,
    ) -> Result<(), GeoJsonError> {
        if depth > NESTING_MAX {
            return shape(at, "collections nest at most four deep");
        }
        match value.get("type").and_then(Value::as_str) {
            Some("FeatureCollection") => {
                for (i, feature) in list(value, "features", at)?.iter().enumerate() {
                    self.object(feature, &format!("features[{i}]"), None, depth + 1)?;
                }
                Ok(())
            }
            Some("GeometryCollection") => {
                for (i, geometry) in list(value, "geometries", at)?.iter().enumerate() {
                    self.object(geometry, &format!("{at}.geometries[{i}]"), radius_m, depth + 1)?;
                }
                Ok(())
            }
            Some("Feature") => {
                let radius = radius_of(value, at)?;
                match value.get("geometry") {
                    Some(geometry) if geometry.is_object() => {
                        self.object(geometry, &format!("{at}.geometry"), radius, depth + 1)
                    }
                    _ => shape(
                        &format!("{at}.geometry"),
                        "a geometry was expected: without one there is no area",
                    ),
                }
            }
            Some("Polygon") => {
                let polygon = self.polygon(list(value, "coordinates", at)?, at)?;
                self.areas.push(Area::Polygons(vec![polygon]));
                Ok(())
            }
            Some("MultiPolygon") => {
                let mut polygons = Vec::new();
                for (i, rings) in list(value, "coordinates", at)?.iter().enumerate() {
                    let at = format!("{at}.coordinates[{i}]");
                    let Some(rings) = rings.as_array() else {
                        return shape(&at, "a list of rings was expected");
                    };
                    polygons.push(self.polygon(rings, &at)?);
                }
                self.areas.push(Area::Polygons(polygons));
                Ok(())
            }
            Some("Point") => {
                let centre = self.position(value.get("coordinates").unwrap_or(&Value::Null), at)?;
                let Some(radius_m) = radius_m else {
                    return shape(at, "a point needs radius_m or radius_km among its feature's properties");
                };
                let circle = Circle::new(centre, radius_m)
                    .map_err(|source| GeoJsonError::Radius { at: at.to_owned(), source })?;
                self.areas.push(Area::Circle(circle));
                Ok(())
            }
            Some(_) => shape(at, "an area was expected: Polygon, MultiPolygon or Point with a radius"),
            None => shape(at, "a GeoJSON object with a type was expected"),
        }
    }

    fn polygon(&mut self, rings: &[Value], at: &str) -> Result<Polygon, GeoJsonError> {
        let mut places: Vec<Vec<Place>> = Vec::with_capacity(rings.len().min(super::HOLES_MAX));
        for (i, ring) in rings.iter().enumerate() {
            let at = format!("{at}, ring {i}");
            let Some(points) = ring.as_array() else { return shape(&at, "a list of positions was expected") };
            places.push(points.iter().map(|point| self.position(point, &at)).collect::<Result<_, _>>()?);
        }
        let Some((outer, holes)) = places.split_first() else {
            return shape(at, "an outer ring was expected");
        };
        Polygon::new(outer, holes).map_err(|source| GeoJsonError::Polygon { at: at.to_owned(), source })
    }

    fn position(&mut self, value: &Value, at: &str) -> Result<Place, GeoJsonError> {
        self.points += 1;
        if self.points > POINTS_MAX {
            return Err(GeoJsonError::TooManyPoints);
        }
        let number = |i: usize| value.get(i).and_then(Value::as_f64);
        let (Some(lon), Some(lat)) = (number(0), number(1)) else {
            return shape(at, "a position [longitude, latitude] in degrees was expected");
        };
        Place::new(lat, lon).map_err(|_| GeoJsonError::NotOnGlobe { at: at.to_owned(), lon, lat })
    }
}

fn radius_of(feature: &Value, at: &str) -> Result<Option<f64>, GeoJsonError> {
    let property = |name: &str| feature.get("properties").and_then(|properties| properties.get(name));
    for (name, metres) in [("radius_m", 1.0), ("radius_km", 1_000.0)] {
        if let Some(value) = property(name) {
            return match value.as_f64() {
                Some(radius) => Ok(Some(radius * metres)),
                None => shape(&format!("{at}.properties.{name}"), "a number was expected"),
            };
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::{BYTES_MAX, areas_from_geojson};
    use crate::geo::Area;
    use holdfast_domain::place::Place;

    #[test]
    fn a_collection_gives_its_areas_in_order() {
        let text = r#"{"type":"FeatureCollection","features":[
            {"type":"Feature","properties":{},"geometry":{"type":"MultiPolygon","coordinates":[
                [[[0,0],[1,0],[1,1],[0,1],[0,0]]], [[[5,5],[6,5],[6,6],[5,5]]]]}},
            {"type":"Feature","properties":{"radius_m":1000},"geometry":{"type":"Point","coordinates":[127,37.5,3]}}
        ]}"#;
        let areas = areas_from_geojson(text).unwrap();
        assert_eq!(areas.len(), 2);
        assert!(areas[0].contains(Place::new(5.2, 5.5).unwrap()));
        assert!(matches!(&areas[1], Area::Circle(circle) if circle.radius_m() == 1000.0));
    }

    #[test]
    fn what_is_no_area_is_refused_by_name() {
        let check = |text: &str, expected: &str| {
            let message = areas_from_geojson(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{message:?} does not say {expected:?}");
        };
        check("", "line 1");
        check("{\"type\":\"Polygon\",\n \"coordinates\":[[[1,2],", "line 2");
        check(r#"{"type":"Point","coordinates":[1,2]}"#, "radius_m");
        check(r#"{"type":"LineString","coordinates":[[1,2],[3,4]]}"#, "an area was expected");
        check(r#"{"type":"Polygon","coordinates":[[[1,2],[3,4],[1,2]]]}"#, "at the top");
        check(r#"{"type":"Polygon","coordinates":[[[1,200],[3,4],[1,2]]]}"#, "latitude 200");
        check(r#"{"type":"Feature","geometry":null,"properties":{}}"#, "the top.geometry");
        check(&"[".repeat(100_000), "recursion limit");
        check(&" ".repeat(BYTES_MAX + 1), "bytes");
        let mut nested = r#"{"type":"GeometryCollection","geometries":[]}"#.to_owned();
        for _ in 0..6 {
            nested = format!(r#"{{"type":"GeometryCollection","geometries":[{nested}]}}"#);
        }
        check(&nested, "four deep");
    }
}
