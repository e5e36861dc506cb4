//! The Atlantic seasons 1975 to 2024, fix by fix.
//!
//! Source: NOAA NHC, HURDAT2 (public domain), bundled as `data/rates/atlantic_storms.tsv`. Invariant: fixes of
//! a storm are in order of time.

use std::sync::OnceLock;

use holdfast_domain::place::Place;

const BUNDLED: &str = include_str!("../../data/rates/atlantic_storms.tsv");
/// The first season.
pub const FIRST_YEAR: u16 = 1975;
/// How many seasons.
pub const SEASONS: usize = 50;

/// Where a storm was, and how strong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fix {
    /// Hours since the storm's first fix.
    pub hours: f64,
    /// Latitude of the centre, degrees.
    pub lat: f64,
    /// Longitude of the centre, degrees.
    pub lon: f64,
    /// Greatest sustained wind, knots.
    pub wind_kt: f64,
}

/// A storm of the record.
#[derive(Clone, Debug, PartialEq)]
pub struct Storm {
    /// Name.
    pub name: &'static str,
    /// The season: the year of its first fix.
    pub year: u16,
    /// Hours from the beginning of that year to the first fix.
    pub start_h: f64,
    /// Its fixes.
    pub fixes: Vec<Fix>,
}

/// The seasons, 1975 first.
///
/// # Panics
/// Never: a test reads the bundled table.
#[must_use]
pub fn atlantic_seasons() -> &'static [Vec<Storm>] {
    static TABLE: OnceLock<Vec<Vec<Storm>>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut seasons = vec![Vec::new(); SEASONS];
        for line in BUNDLED.lines().filter(|line| !line.starts_with('#')) {
            let storm = storm(line).expect("the bundled table of storms is read by a test");
            seasons[usize::from(storm.year - FIRST_YEAR)].push(storm);
        }
        seasons
    })
}

fn storm(line: &'static str) -> Option<Storm> {
    let mut fields = line.split('\t');
    let (name, start, steps) = (fields.next()?, fields.next()?, fields.next()?);
    let (date, hour) = start.split_once('T')?;
    let date: jiff::civil::Date = date.parse().ok()?;
    let year = u16::try_from(date.year()).ok()?;
    let start_h = f64::from(date.day_of_year() - 1) * 24.0 + hour.parse::<f64>().ok()?;
    let (mut hours, mut lat, mut lon) = (0_i32, 0_i32, 0_i32);
    let mut fixes = Vec::new();
    for step in steps.split(' ') {
        let mut parts = step.split(',').map(|part| part.parse::<i32>().ok());
        hours += parts.next()??;
        lat += parts.next()??;
        lon += parts.next()??;
        let wind_kt = f64::from(parts.next()??);
        fixes.push(Fix {
            hours: f64::from(hours),
            lat: f64::from(lat) / 10.0,
            lon: f64::from(lon) / 10.0,
            wind_kt,
        });
    }
    Some(Storm { name, year, start_h, fixes })
}

/// How many storms of the record had a fix of `wind_kt` or more within `radius_m` of `place`: raw fixes, no
/// interpolation, each storm once.
#[must_use]
pub fn storms_within(place: Place, radius_m: f64, wind_kt: f64) -> usize {
    let near = |fix: &Fix| {
        fix.wind_kt >= wind_kt
            && Place::new(fix.lat, fix.lon).is_ok_and(|centre| centre.distance_m(place) <= radius_m)
    };
    atlantic_seasons().iter().flatten().filter(|storm| storm.fixes.iter().any(near)).count()
}

#[cfg(test)]
mod tests {
    use super::{atlantic_seasons, storms_within};
    use holdfast_domain::place::Place;

    #[test]
    fn the_record_is_whole() {
        let seasons = atlantic_seasons();
        let storms: usize = seasons.iter().map(Vec::len).sum();
        let fixes: usize = seasons.iter().flatten().map(|storm| storm.fixes.len()).sum();
        // 693 by name and year: Zeta of 2005 ended in 2006 and is one storm here.
        assert_eq!((storms, fixes), (692, 20_778));
        for storm in seasons.iter().flatten() {
            assert!(storm.fixes.is_sorted_by(|a, b| a.hours <= b.hours), "{}", storm.name);
        }
    }

    // Counts of the shared benchmark list "catastrophe": 64 kt and more within 100 km, 1975 to 2024.
    #[test]
    fn hurricanes_near_four_cities() {
        let check = |city: &str, lat, lon, count| {
            assert_eq!(storms_within(Place::new(lat, lon).unwrap(), 100_000.0, 64.0), count, "{city}");
        };
        check("Miami", 25.7617, -80.1918, 6);
        check("Houston", 29.7604, -95.3698, 6);
        check("Savannah", 32.0809, -81.0912, 3);
        check("Memphis", 35.1495, -90.0490, 0);
    }
}
