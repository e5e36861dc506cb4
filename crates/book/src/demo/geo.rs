//! Bundled geography: US sorting areas, US and Korean cities, the US freeway graph.
//!
//! The tables are compiled in and made by `data/make/bundle.py`; sources and licences stand in
//! `data/SOURCES.md`. A table that cannot be read is a broken build, so reading panics with the line.

use std::sync::OnceLock;

use holdfast_domain::place::Place;

/// US sorting areas (ZIP3) as text, in the form `holdfast_plan::route::zone::Zip3Table` reads.
pub const US_ZIP3: &str = include_str!("../../data/geo/us_zip3.csv");
/// The US freeway graph as text, in the form `holdfast_plan::route::road::RoadGraph` reads.
pub const US_FREEWAYS: &str = include_str!("../../data/geo/us_freeways.txt");
const US_CITIES: &str = include_str!("../../data/geo/us_cities.csv");
const KR_CITIES: &str = include_str!("../../data/geo/kr_cities.csv");

/// One US sorting area: the ZIP codes that share their first three digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// The three digits.
    pub zip3: &'static str,
    /// Its main city's centre.
    pub place: Place,
    /// Postal abbreviation of the state or territory.
    pub state: &'static str,
    /// Its main city.
    pub city: &'static str,
    /// Inhabitants of its cities of 5,000 and more.
    pub population: u32,
}

/// A city with some of its postal codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct City {
    /// Name.
    pub name: &'static str,
    /// Postal abbreviation of the state.
    pub state: &'static str,
    /// Its centre.
    pub place: Place,
    /// Inhabitants.
    pub population: u32,
    /// ZIP codes, at least one.
    pub zip_codes: Vec<&'static str>,
}

/// A Korean city or county.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KoreanCity {
    /// First three digits of its postal codes.
    pub postal3: &'static str,
    /// Province or metropolitan city.
    pub region: &'static str,
    /// Name.
    pub name: &'static str,
    /// Its centre.
    pub place: Place,
    /// Inhabitants.
    pub population: u32,
}

/// Every US sorting area, by number.
pub fn us_areas() -> &'static [Area] {
    static AREAS: OnceLock<Vec<Area>> = OnceLock::new();
    AREAS.get_or_init(|| rows(US_ZIP3, area))
}

/// US cities of 10,000 and more, by state and name.
pub fn us_cities() -> &'static [City] {
    static CITIES: OnceLock<Vec<City>> = OnceLock::new();
    CITIES.get_or_init(|| rows(US_CITIES, city))
}

/// Korean cities and counties, by postal code.
pub fn kr_cities() -> &'static [KoreanCity] {
    static CITIES: OnceLock<Vec<KoreanCity>> = OnceLock::new();
    CITIES.get_or_init(|| rows(KR_CITIES, korean_city))
}

/// Rows of a bundled table after its header. Bundled names hold no commas or quotes.
fn rows<T>(text: &'static str, read: fn(&[&'static str]) -> Option<T>) -> Vec<T> {
    let read_line = |(index, line): (usize, &'static str)| {
        let cells: Vec<&str> = line.split(',').collect();
        read(&cells).unwrap_or_else(|| panic!("bundled table, line {}: {line:?}", index + 2))
    };
    text.lines().skip(1).enumerate().map(read_line).collect()
}

fn place(lat: &str, lon: &str) -> Option<Place> {
    Place::new(lat.parse().ok()?, lon.parse().ok()?).ok()
}

fn area(cells: &[&'static str]) -> Option<Area> {
    let [zip3, lat, lon, state, city, population] = *cells else { return None };
    Some(Area { zip3, place: place(lat, lon)?, state, city, population: population.parse().ok()? })
}

fn city(cells: &[&'static str]) -> Option<City> {
    let [name, state, lat, lon, population, zips] = *cells else { return None };
    let zip_codes: Vec<&str> = zips.split(' ').filter(|zip| zip.len() == 5).collect();
    let found =
        City { name, state, place: place(lat, lon)?, population: population.parse().ok()?, zip_codes };
    if found.zip_codes.is_empty() { None } else { Some(found) }
}

fn korean_city(cells: &[&'static str]) -> Option<KoreanCity> {
    let [postal3, region, name, _, lat, lon, population] = *cells else { return None };
    Some(KoreanCity { postal3, region, name, place: place(lat, lon)?, population: population.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::{kr_cities, us_areas, us_cities};

    #[test]
    fn the_bundled_tables_are_whole() {
        assert_eq!((us_areas().len(), us_cities().len(), kr_cities().len()), (912, 4681, 85));
        let wilmington = us_areas().iter().find(|area| area.zip3 == "284").unwrap();
        assert_eq!((wilmington.city, wilmington.state), ("Wilmington", "NC"));
        let people: u64 = us_cities().iter().map(|city| u64::from(city.population)).sum();
        assert!((200_000_000..300_000_000).contains(&people), "{people}");
        for city in us_cities() {
            for zip in &city.zip_codes {
                assert!(us_areas().binary_search_by(|area| area.zip3.cmp(&zip[..3])).is_ok(), "{zip}");
            }
        }
        assert!(kr_cities().iter().any(|city| city.name == "이천시" && city.postal3 == "173"));
    }
}
