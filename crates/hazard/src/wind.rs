//! Wind of a tropical cyclone from its pressure, its radial profile, and the damage it does.
//!
//! Every function is a published formula with SI units inside (metres per second, pascals); pressures come
//! in hectopascals because bulletins give them so. Nothing here is tuned.

use core::f64::consts::E;

/// Density of surface air that the formulas take, kg/m³.
pub const AIR_DENSITY_KG_M3: f64 = 1.15;
/// One knot in metres per second.
pub const KNOT_MPS: f64 = 0.514_444_444_444_444_4;
/// Holland's B stays inside these limits (Holland 1980).
pub const HOLLAND_B_RANGE: (f64, f64) = (1.0, 2.5);
/// Below this wind Emanuel's function does no damage, m/s (Emanuel 2011; 50 kt).
pub const EMANUEL_V_THRESHOLD_MPS: f64 = 25.7;
/// At this wind Emanuel's function destroys half, m/s (CLIMADA's reference value).
pub const EMANUEL_V_HALF_MPS: f64 = 74.7;

const PASCALS_PER_HPA: f64 = 100.0;
/// The earth's angular velocity, rad/s.
const EARTH_ROTATION: f64 = 7.292_115e-5;

/// Holland's shape parameter B from the gradient wind (m/s) and the pressure deficit (hPa, environment
/// less centre), clipped to [`HOLLAND_B_RANGE`]; a deficit of zero or less gives the lower limit.
///
/// Source: G. J. Holland 1980, An analytic model of the wind and pressure profiles in hurricanes, Monthly
/// Weather Review 108: B = v² ρ e / Δp.
///
/// ```
/// use holdfast_hazard::wind::holland_1980_b;
/// assert!((holland_1980_b(40.0, 30.0) - 1.667213).abs() < 1e-6);
/// ```
#[must_use]
pub fn holland_1980_b(gradient_wind_mps: f64, pressure_deficit_hpa: f64) -> f64 {
    if pressure_deficit_hpa <= 0.0 {
        return HOLLAND_B_RANGE.0;
    }
    let b = gradient_wind_mps.powi(2) * AIR_DENSITY_KG_M3 * E / (pressure_deficit_hpa * PASCALS_PER_HPA);
    b.clamp(HOLLAND_B_RANGE.0, HOLLAND_B_RANGE.1)
}

/// The maximum surface wind, m/s, from the shape parameter and the pressure deficit (hPa).
///
/// Source: G. J. Holland 2008, A revised hurricane pressure–wind model, Monthly Weather Review 136:
/// v = √(b Δp / (ρ e)).
#[must_use]
pub fn holland_2008_wind_max_mps(b: f64, pressure_deficit_hpa: f64) -> f64 {
    (b * pressure_deficit_hpa.max(0.0) * PASCALS_PER_HPA / (AIR_DENSITY_KG_M3 * E)).sqrt()
}

/// The wind, m/s, at `distance_m` from the centre, of a cyclone of `wind_max_mps` at `radius_max_m`.
///
/// Holland's 1980 profile scaled so that its peak is the maximum wind; the Coriolis term keeps the far
/// field from going to zero too slowly. At the centre it is calm.
#[must_use]
pub fn holland_1980_profile_mps(
    wind_max_mps: f64,
    radius_max_m: f64,
    b: f64,
    distance_m: f64,
    lat_deg: f64,
) -> f64 {
    if distance_m <= 0.0 || radius_max_m <= 0.0 || wind_max_mps <= 0.0 {
        return 0.0;
    }
    let ratio = (radius_max_m / distance_m).powf(b);
    let half_coriolis = distance_m * EARTH_ROTATION * lat_deg.to_radians().sin().abs();
    let cyclostrophic = wind_max_mps.powi(2) * ratio * (1.0 - ratio).exp();
    ((cyclostrophic + half_coriolis.powi(2)).sqrt() - half_coriolis).min(wind_max_mps)
}

/// The radius of maximum wind in metres, from the maximum wind (m/s) and the latitude.
///
/// Source: H. E. Willoughby, R. W. R. Darling, M. E. Rahn 2006, Parametric representation of the primary
/// hurricane vortex, part II, Monthly Weather Review 134, equation 7a: 46.4 exp(−0.0155 v + 0.0169 φ) km.
#[must_use]
pub fn radius_max_m(wind_max_mps: f64, lat_deg: f64) -> f64 {
    46_400.0 * (-0.015_5 * wind_max_mps + 0.016_9 * lat_deg.abs()).exp()
}

/// The share of value lost, 0 to 1, at a wind of `wind_mps`.
///
/// Source: K. Emanuel 2011, Global warming effects on U.S. hurricane damage, Weather, Climate, and Society
/// 3: D = x³ / (1 + x³), x = max(v − v₀, 0) / (v½ − v₀).
///
/// ```
/// use holdfast_hazard::wind::{EMANUEL_V_HALF_MPS, emanuel_damage};
/// assert_eq!(emanuel_damage(20.0), 0.0);
/// assert_eq!(emanuel_damage(EMANUEL_V_HALF_MPS), 0.5);
/// ```
#[must_use]
pub fn emanuel_damage(wind_mps: f64) -> f64 {
    let over = (wind_mps - EMANUEL_V_THRESHOLD_MPS).max(0.0);
    let cube = (over / (EMANUEL_V_HALF_MPS - EMANUEL_V_THRESHOLD_MPS)).powi(3);
    cube / (1.0 + cube)
}

#[cfg(test)]
mod tests {
    use super::{
        KNOT_MPS, emanuel_damage, holland_1980_b, holland_1980_profile_mps, holland_2008_wind_max_mps,
        radius_max_m,
    };

    // Values: shared benchmark list "catastrophe", which CLIMADA's tests also hold.
    #[test]
    fn published_values_of_holland() {
        assert!((holland_2008_wind_max_mps(2.5, 15.0) - 34.635_341).abs() < 1e-6);
        assert!((holland_2008_wind_max_mps(1.67, 30.0) - 40.033_421).abs() < 1e-6);
        assert_eq!(holland_1980_b(35.0, 15.0), 2.5);
        assert!((holland_1980_b(40.0, 30.0) - 1.667_213).abs() < 1e-6);
        assert_eq!(holland_1980_b(40.0, 0.0), 1.0);
        assert_eq!(holland_2008_wind_max_mps(2.0, -3.0), 0.0);
    }

    #[test]
    fn emanuel_rises_from_nothing_through_one_half() {
        assert_eq!(emanuel_damage(25.7), 0.0);
        assert_eq!(emanuel_damage(74.7), 0.5);
        // x = (50.2 - 25.7) / 49 = 0.5, so D = 0.125 / 1.125.
        assert!((emanuel_damage(50.2) - 1.0 / 9.0).abs() < 1e-12);
        assert!(emanuel_damage(200.0) < 1.0);
    }

    #[test]
    fn the_profile_peaks_at_the_radius_of_maximum_wind() {
        let (peak, lat) = (100.0 * KNOT_MPS, 27.0);
        let radius = radius_max_m(peak, lat);
        let at = |m| holland_1980_profile_mps(peak, radius, 1.5, m, lat);
        assert!((25_000.0..40_000.0).contains(&radius));
        assert!(at(radius) > 0.97 * peak && at(radius) <= peak);
        assert!(at(radius / 3.0) < at(radius) && at(radius * 3.0) < at(radius));
        assert!(at(0.0) == 0.0 && at(1_000_000.0) < 5.0);
    }
}
