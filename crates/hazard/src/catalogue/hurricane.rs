//! Hurricane years: a season of the record drawn again, each storm shifted a little.
//!
//! Drawing whole seasons keeps how many storms a year has and that active years are active everywhere;
//! shifting fills the gaps between fifty years of tracks. The wind at a site is Holland's profile about the
//! centre, hour by hour. Invariant: one storm has one shift, so near sites see the same storm.

use core::f64::consts::PI;

use holdfast_domain::incident::Severity;
use holdfast_domain::place::Place;

use super::chance::{normal, stream, uniform};
use super::season::{Fix, SEASONS, Storm, atlantic_seasons};
use crate::wind::{KNOT_MPS, holland_1980_profile_mps, radius_max_m};

/// Holland's B where only the wind is known: the mean of Atlantic hurricanes (Willoughby and Rahn 2004).
const HOLLAND_B: f64 = 1.3;
/// Degrees of latitude beyond which a storm does not matter to a site.
const REACH_DEG: f64 = 5.0;
/// Below this wind, knots, a storm does nothing here.
const GALE_KT: f64 = 34.0;
const KM_PER_DEG: f64 = 111.195;
/// A shift is never more than this many standard deviations.
const SHIFT_SD_MAX: f64 = 3.0;

/// How the seasons are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HurricaneConfig {
    /// Standard deviation of a storm's shift north and east, kilometres.
    pub shift_km: f64,
    /// Winds below this do not count, knots.
    pub wind_min_kt: f64,
}

impl Default for HurricaneConfig {
    fn default() -> Self {
        Self { shift_km: 40.0, wind_min_kt: 34.0 }
    }
}

/// The severity of a sustained wind at a site: gales, then the Saffir-Simpson categories 1, 2 to 3, 4 to 5.
#[must_use]
pub fn wind_severity(wind_kt: f64) -> Option<Severity> {
    Some(match wind_kt {
        wind if wind >= 113.0 => Severity::Extreme,
        wind if wind >= 83.0 => Severity::Severe,
        wind if wind >= 64.0 => Severity::Moderate,
        wind if wind >= 34.0 => Severity::Minor,
        _ => return None,
    })
}

/// A storm of a simulated year.
pub(super) struct Drawn {
    pub(super) storm: &'static Storm,
    /// Shift in degrees of latitude, and in degrees of longitude at the equator.
    pub(super) north_deg: f64,
    pub(super) east_deg: f64,
    /// Where each fix is now.
    centres: Vec<(f64, f64)>,
    /// South, north, west and east of the fixes with gales.
    bounds: [f64; 4],
}

/// What a storm did to a site.
pub(super) struct Struck {
    pub(super) wind_kt: f64,
    /// Hours since the storm's first fix when the wind was greatest.
    pub(super) hours: f64,
}

/// The storms of simulated year `year`.
pub(super) fn season(seed: u64, year: u32, config: &HurricaneConfig) -> Vec<Drawn> {
    let seasons = atlantic_seasons();
    let drawn = (uniform(&mut stream(seed, "hurricane season", year, 0)) * SEASONS as f64) as usize;
    let deviation = config.shift_km / KM_PER_DEG;
    seasons[drawn.min(SEASONS - 1)]
        .iter()
        .enumerate()
        .map(|(index, storm)| {
            let mut random = stream(seed, "hurricane shift", year, index as u64);
            let mut shift = || normal(&mut random).clamp(-SHIFT_SD_MAX, SHIFT_SD_MAX) * deviation;
            Drawn::new(storm, shift(), shift())
        })
        .collect()
}

impl Drawn {
    fn new(storm: &'static Storm, north_deg: f64, east_deg: f64) -> Self {
        let moved = |fix: &Fix| {
            let stretch = (fix.lat * PI / 180.0).cos().max(0.2);
            (fix.lat + north_deg, fix.lon + east_deg / stretch)
        };
        let centres: Vec<(f64, f64)> = storm.fixes.iter().map(moved).collect();
        let mut bounds = [f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY, f64::NEG_INFINITY];
        for (lat, lon) in
            centres.iter().zip(&storm.fixes).filter(|(_, f)| f.wind_kt >= GALE_KT).map(|(c, _)| *c)
        {
            bounds = [bounds[0].min(lat), bounds[1].max(lat), bounds[2].min(lon), bounds[3].max(lon)];
        }
        Self { storm, north_deg, east_deg, centres, bounds }
    }

    /// Where the centre of fix `index` is now.
    pub(super) fn centre(&self, index: usize) -> (f64, f64) {
        self.centres[index]
    }

    /// The greatest wind at `site`, if it reaches `wind_min_kt`.
    pub(super) fn strikes(&self, site: Place, wind_min_kt: f64) -> Option<Struck> {
        let (lat, lon) = (site.lat(), site.lon());
        let squeeze = (lat * PI / 180.0).cos().max(0.2);
        let near =
            |(a, o): (f64, f64)| (a - lat).abs() <= REACH_DEG && (o - lon).abs() * squeeze <= REACH_DEG;
        let [south, north, west, east] = self.bounds;
        let wide = REACH_DEG / squeeze;
        if lat < south - REACH_DEG || lat > north + REACH_DEG || lon < west - wide || lon > east + wide {
            return None;
        }
        let mut best: Option<Struck> = None;
        let fixes = &self.storm.fixes;
        for index in 0..fixes.len() {
            let here = self.centre(index);
            let gales =
                fixes[index].wind_kt.max(fixes.get(index + 1).map_or(0.0, |fix| fix.wind_kt)) >= GALE_KT;
            if !gales || !near(here) {
                continue;
            }
            let (next, steps) = match fixes.get(index + 1) {
                Some(next) if next.hours - fixes[index].hours <= 24.0 => {
                    (self.centre(index + 1), (next.hours - fixes[index].hours).max(1.0) as u32)
                }
                _ => (here, 1),
            };
            for step in 0..steps {
                let share = f64::from(step) / f64::from(steps);
                let blend = |from: f64, to: f64| from + share * (to - from);
                let to_fix = fixes.get(index + 1).unwrap_or(&fixes[index]);
                let wind_kt = blend(fixes[index].wind_kt, to_fix.wind_kt);
                let centre = (blend(here.0, next.0), blend(here.1, next.1));
                let felt = wind_at(centre, wind_kt, site);
                if felt >= wind_min_kt && best.as_ref().is_none_or(|known| felt > known.wind_kt) {
                    best = Some(Struck { wind_kt: felt, hours: blend(fixes[index].hours, to_fix.hours) });
                }
            }
        }
        best
    }
}

/// The wind, knots, at `site` of a storm of `wind_kt` centred at latitude and longitude.
fn wind_at(centre: (f64, f64), wind_kt: f64, site: Place) -> f64 {
    if wind_kt < GALE_KT {
        return 0.0;
    }
    let Ok(place) = Place::new(centre.0.clamp(-90.0, 90.0), centre.1.clamp(-180.0, 180.0)) else {
        return 0.0;
    };
    let peak = wind_kt * KNOT_MPS;
    let radius = radius_max_m(peak, centre.0);
    // Inside the ring of greatest wind the eye passes within hours: the site has seen the ring.
    let distance = place.distance_m(site).max(radius);
    holland_1980_profile_mps(peak, radius, HOLLAND_B, distance, centre.0) / KNOT_MPS
}

#[cfg(test)]
mod tests {
    use super::{Drawn, HurricaneConfig, season, wind_severity};
    use crate::catalogue::season::{atlantic_seasons, storms_within};
    use holdfast_domain::incident::Severity;
    use holdfast_domain::place::Place;

    fn still(name: &str, year: u16) -> Drawn {
        let storm = atlantic_seasons().iter().flatten().find(|s| s.name == name && s.year == year).unwrap();
        Drawn::new(storm, 0.0, 0.0)
    }

    #[test]
    fn storms_that_are_remembered_strike_where_they_did() {
        let check = |name: &str, year, lat, lon, low, high| {
            let wind =
                still(name, year).strikes(Place::new(lat, lon).unwrap(), 1.0).map_or(0.0, |s| s.wind_kt);
            assert!((low..=high).contains(&wind), "{name}: {wind}");
        };
        // Andrew over Homestead, Michael over Panama City, Florence over Wilmington, Ian at Fort Myers.
        check("Andrew", 1992, 25.4687, -80.4776, 110.0, 150.0);
        check("Michael", 2018, 30.1588, -85.6602, 90.0, 140.0);
        check("Florence", 2018, 34.2257, -77.9447, 60.0, 90.0);
        check("Ian", 2022, 26.6406, -81.8723, 80.0, 140.0);
        check("Michael", 2018, 25.7617, -80.1918, 0.0, 34.0);
        assert_eq!(wind_severity(64.0), Some(Severity::Moderate));
        assert_eq!(wind_severity(33.0), None);
    }

    /// Many drawn years keep the record's rate of hurricane fixes within 100 km, over the whole coast from
    /// Brownsville to Providence together (about 150 km apart, not chosen by who was hit).
    #[test]
    fn drawn_years_keep_the_observed_rate() {
        let seed = 20_240_901;
        let years = 4_000;
        eprintln!("seed {seed}, {years} years");
        let coasts = [
            (25.9, -97.4),
            (27.8, -97.4),
            (28.7, -96.0),
            (29.3, -94.8),
            (29.8, -93.3),
            (29.7, -91.2),
            (29.3, -90.0),
            (30.4, -89.1),
            (30.4, -87.2),
            (30.2, -85.7),
            (30.1, -84.2),
            (29.1, -83.0),
            (28.0, -82.5),
            (26.6, -81.9),
            (24.6, -81.8),
            (25.8, -80.2),
            (27.4, -80.3),
            (29.2, -81.0),
            (30.3, -81.4),
            (32.0, -81.1),
            (32.8, -79.9),
            (34.2, -77.9),
            (35.2, -75.7),
            (36.9, -76.3),
            (39.4, -74.4),
            (40.7, -74.0),
            (41.8, -71.4),
        ]
        .map(|(lat, lon)| Place::new(lat, lon).unwrap());
        let observed: usize = coasts.iter().map(|coast| storms_within(*coast, 100_000.0, 64.0)).sum();
        let mut drawn = 0;
        for year in 0..years {
            for storm in season(seed, year, &HurricaneConfig::default()) {
                let strong: Vec<Place> = (0..storm.storm.fixes.len())
                    .filter(|index| storm.storm.fixes[*index].wind_kt >= 64.0)
                    .filter_map(|index| Place::new(storm.centre(index).0, storm.centre(index).1).ok())
                    .collect();
                drawn +=
                    coasts.iter().filter(|c| strong.iter().any(|s| s.distance_m(**c) <= 100_000.0)).count();
            }
        }
        let (observed, drawn) = (observed as f64 / 50.0, f64::from(drawn as u32) / f64::from(years));
        eprintln!("observed {observed} a year, drawn {drawn}");
        assert!((drawn / observed - 1.0).abs() < 0.10, "{observed} {drawn}");
    }

    #[test]
    fn each_storm_of_each_year_has_a_shift_of_its_own() {
        let config = HurricaneConfig::default();
        let mut shifts: Vec<u64> = (0..60)
            .flat_map(|year| season(8, year, &config))
            .map(|drawn| drawn.north_deg.to_bits())
            .collect();
        let all = shifts.len();
        shifts.sort_unstable();
        shifts.dedup();
        // A shift that is cut at three deviations may come twice.
        assert!(shifts.len() + 10 > all && all > 500, "{} of {all}", shifts.len());
    }

    #[test]
    fn the_spread_of_a_season_is_kept() {
        // Storms a year in the record: their mean and variance come back, variance above Poisson's.
        let counts: Vec<f64> = atlantic_seasons().iter().map(|season| season.len() as f64).collect();
        let drawn: Vec<f64> =
            (0..3000).map(|y| season(5, y, &HurricaneConfig::default()).len() as f64).collect();
        let moments = |values: &[f64]| {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            (mean, values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64)
        };
        let ((mean, variance), (drawn_mean, drawn_variance)) = (moments(&counts), moments(&drawn));
        assert!((drawn_mean / mean - 1.0).abs() < 0.03 && (drawn_variance / variance - 1.0).abs() < 0.1);
        assert!(variance > 1.2 * mean);
    }
}
