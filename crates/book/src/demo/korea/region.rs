//! Korean destination areas: the seventeen regions by the first two digits of the postal code, and the islands
//! that cost more by three.
//!
//! Facts: the five-digit postal codes that Korea Post has used since 1 August 2015. Island districts are those
//! whose codes share three digits and that carriers charge extra for; single islands of other districts are not
//! told apart.

use crate::demo::geo::{Area, KoreanCity, kr_cities};
use crate::model::ZoneArea;

/// A destination area.
struct Region {
    /// Short code in the zone's name.
    code: &'static str,
    /// Region, as addresses have it.
    name: &'static str,
    /// District, where the area is an island.
    island: Option<&'static str>,
    /// Beginnings of its postal codes.
    prefixes: &'static [&'static str],
    /// Extra cost in won a parcel and extra working days, assumed.
    surcharge: (i64, u16),
}

const fn mainland(code: &'static str, name: &'static str, prefixes: &'static [&'static str]) -> Region {
    Region { code, name, island: None, prefixes, surcharge: (0, 0) }
}

const fn island(
    code: &'static str,
    name: &'static str,
    district: &'static str,
    prefixes: &'static [&'static str],
) -> Region {
    Region { code, name, island: Some(district), prefixes, surcharge: (5000, 2) }
}

const REGIONS: &[Region] = &[
    mainland("SEL", "서울특별시", &["01", "02", "03", "04", "05", "06", "07", "08", "09"]),
    mainland("GGI", "경기도", &["10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20"]),
    mainland("ICH", "인천광역시", &["21", "22", "23"]),
    mainland("GWN", "강원도", &["24", "25", "26"]),
    mainland("CBK", "충청북도", &["27", "28", "29"]),
    mainland("SJG", "세종특별자치시", &["30"]),
    mainland("CNM", "충청남도", &["31", "32", "33"]),
    mainland("DJN", "대전광역시", &["34", "35"]),
    mainland("GBK", "경상북도", &["36", "37", "38", "39", "40"]),
    mainland("TAE", "대구광역시", &["41", "42", "43"]),
    mainland("ULS", "울산광역시", &["44", "45"]),
    mainland("PUS", "부산광역시", &["46", "47", "48", "49"]),
    mainland("GNM", "경상남도", &["50", "51", "52", "53"]),
    mainland("JBK", "전라북도", &["54", "55", "56"]),
    mainland("JNM", "전라남도", &["57", "58", "59"]),
    mainland("KWJ", "광주광역시", &["61", "62"]),
    Region {
        code: "JJU", name: "제주특별자치도", island: None, prefixes: &["63"], surcharge: (3000, 1)
    },
    island("ONG", "인천광역시", "옹진군", &["231"]),
    island("ULL", "경상북도", "울릉군", &["402"]),
    island("SIN", "전라남도", "신안군", &["588"]),
];

fn in_region(region: &Region, city: &KoreanCity) -> bool {
    let is_island = REGIONS.iter().any(|listed| listed.island == Some(city.name));
    match region.island {
        Some(district) => city.name == district,
        None => city.region == region.name && !is_island,
    }
}

/// The areas, in the order of the table; the place is that of the largest city.
pub(super) fn areas() -> Vec<Area> {
    REGIONS
        .iter()
        .map(|region| {
            let cities: Vec<&KoreanCity> =
                kr_cities().iter().filter(|city| in_region(region, city)).collect();
            let largest = cities.iter().max_by_key(|city| city.population);
            let place = largest.expect("every region has a bundled city").place;
            let population = cities.iter().map(|city| city.population).sum();
            let city = region.island.unwrap_or(region.name);
            Area { zip3: region.code, place, state: region.name, city, population }
        })
        .collect()
}

/// A zone for each area.
pub(super) fn zones(areas: &[Area]) -> Vec<ZoneArea> {
    REGIONS
        .iter()
        .zip(areas)
        .map(|(region, area)| {
            let mut zone = ZoneArea::new(format!("KR-{}", region.code), "KR".to_owned());
            zone.postal_prefixes = region.prefixes.iter().map(|prefix| (*prefix).to_owned()).collect();
            zone.name = Some(area.city.to_owned());
            zone.centroid = Some(area.place);
            zone.population = Some(area.population);
            zone
        })
        .collect()
}

/// What an area costs and takes more than its distance.
pub(super) fn surcharge(area: &Area) -> (i64, u16) {
    REGIONS.iter().find(|region| region.code == area.zip3).map_or((0, 0), |region| region.surcharge)
}

/// Position of the area a city's customers live in.
pub(super) fn area_of(city: &KoreanCity) -> usize {
    REGIONS.iter().position(|region| in_region(region, city)).expect("every bundled city lies in a region")
}

#[cfg(test)]
mod tests {
    use super::{REGIONS, area_of, areas};
    use crate::demo::geo::kr_cities;

    #[test]
    fn every_city_has_the_postal_code_of_its_area() {
        let areas = areas();
        assert_eq!(areas.len(), 20);
        for city in kr_cities() {
            let region = &REGIONS[area_of(city)];
            let fits = region.prefixes.iter().any(|prefix| city.postal3.starts_with(prefix));
            assert!(fits, "{} {} {}", city.region, city.name, city.postal3);
        }
        let ulleung = kr_cities().iter().find(|city| city.name == "울릉군").unwrap();
        assert_eq!(REGIONS[area_of(ulleung)].surcharge, (5000, 2));
    }
}
