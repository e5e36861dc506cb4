//! Places on the globe: coordinates in whole microdegrees, great-circle distances in metres.
//!
//! Microdegrees (11 cm at the equator) keep a place exact in the journal; floating point appears only in
//! the trigonometry.

use serde::{Deserialize, Serialize};

/// Mean earth radius, IUGG 1980, in metres.
pub const EARTH_RADIUS_M: f64 = 6_371_008.8;
/// One international mile in metres.
pub const MILE_M: f64 = 1_609.344;
/// One nautical mile in metres.
pub const NAUTICAL_MILE_M: f64 = 1_852.0;

/// A point by latitude and longitude in microdegrees, WGS 84.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Place {
    lat_e6: i32,
    lon_e6: i32,
}

/// Coordinates that are not on the globe.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("place at latitude {lat}, longitude {lon}: latitude goes from -90 to 90, longitude from -180 to 180")]
pub struct PlaceError {
    /// The latitude given.
    pub lat: f64,
    /// The longitude given.
    pub lon: f64,
}

impl Place {
    /// The place at `lat`, `lon` in degrees; north and east are positive.
    ///
    /// # Errors
    /// [`PlaceError`] for numbers that are not on the globe.
    pub fn new(lat: f64, lon: f64) -> Result<Self, PlaceError> {
        if (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon) {
            Ok(Self { lat_e6: (lat * 1e6).round() as i32, lon_e6: (lon * 1e6).round() as i32 })
        } else {
            Err(PlaceError { lat, lon })
        }
    }

    /// Latitude in degrees.
    #[must_use]
    pub fn lat(self) -> f64 {
        f64::from(self.lat_e6) / 1e6
    }

    /// Longitude in degrees.
    #[must_use]
    pub fn lon(self) -> f64 {
        f64::from(self.lon_e6) / 1e6
    }

    /// Great-circle distance in metres (haversine on the mean sphere; within 0.5 % of the ellipsoid).
    #[must_use]
    pub fn distance_m(self, other: Self) -> f64 {
        let (a, b) = (self.lat().to_radians(), other.lat().to_radians());
        let d_lat = b - a;
        let d_lon = (other.lon() - self.lon()).to_radians();
        let h = (d_lat / 2.0).sin().powi(2) + a.cos() * b.cos() * (d_lon / 2.0).sin().powi(2);
        2.0 * EARTH_RADIUS_M * h.sqrt().min(1.0).asin()
    }

    /// Initial bearing towards `other`, degrees clockwise from north in `[0, 360)`.
    #[must_use]
    pub fn bearing_deg(self, other: Self) -> f64 {
        let (a, b) = (self.lat().to_radians(), other.lat().to_radians());
        let d_lon = (other.lon() - self.lon()).to_radians();
        let y = d_lon.sin() * b.cos();
        let x = a.cos() * b.sin() - a.sin() * b.cos() * d_lon.cos();
        y.atan2(x).to_degrees().rem_euclid(360.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{MILE_M, Place};

    #[test]
    fn miami_to_tampa_and_the_date_line() {
        let miami = Place::new(25.7617, -80.1918).unwrap();
        let tampa = Place::new(27.9506, -82.4572).unwrap();
        assert!((miami.distance_m(tampa) / MILE_M - 205.0).abs() < 3.0);
        let east = Place::new(0.0, 179.5).unwrap();
        let west = Place::new(0.0, -179.5).unwrap();
        assert!((east.distance_m(west) - 111_195.0).abs() < 100.0);
        assert!((east.bearing_deg(west) - 90.0).abs() < 1e-6);
        assert!(Place::new(91.0, 0.0).is_err());
    }
}
