//! Customers and contacts of the Korean book: nobody real.
//!
//! Names are family and given names drawn apart; the address is a real city or district with a common road name
//! and a drawn number; the postal code has the district's first three digits and two drawn ones, and need not
//! exist; the phone begins with 010-0, which is given to nobody.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::demo::chance::{Weighted, chance, happens, one_of};
use crate::demo::geo::{Area, KoreanCity, kr_cities};
use crate::demo::korea::region::area_of;
use crate::demo::people::{Person, consents, korean};
use crate::demo::site::SiteSpec;
use crate::kind::Consent;
use crate::model::{Contact, Customer};

/// Districts of the two largest cities with the first three digits of a postal code in each; the bundled table
/// has one row for each city. Facts typed from the postal-code system of 2015.
const DISTRICTS: &[(&str, &[(&str, &str)])] = &[
    (
        "서울특별시",
        &[
            ("강북구", "011"),
            ("도봉구", "013"),
            ("노원구", "017"),
            ("중랑구", "021"),
            ("동대문구", "025"),
            ("성북구", "028"),
            ("종로구", "031"),
            ("은평구", "034"),
            ("서대문구", "037"),
            ("마포구", "040"),
            ("용산구", "043"),
            ("중구", "045"),
            ("성동구", "047"),
            ("광진구", "050"),
            ("강동구", "053"),
            ("송파구", "056"),
            ("강남구", "061"),
            ("서초구", "066"),
            ("동작구", "070"),
            ("영등포구", "073"),
            ("강서구", "077"),
            ("양천구", "080"),
            ("구로구", "083"),
            ("금천구", "086"),
            ("관악구", "088"),
        ],
    ),
    (
        "부산광역시",
        &[
            ("금정구", "463"),
            ("북구", "465"),
            ("강서구", "467"),
            ("사상구", "469"),
            ("부산진구", "472"),
            ("연제구", "475"),
            ("동래구", "478"),
            ("해운대구", "481"),
            ("수영구", "482"),
            ("남구", "485"),
            ("동구", "487"),
            ("중구", "489"),
            ("영도구", "490"),
            ("서구", "492"),
            ("사하구", "494"),
        ],
    ),
];

const ROADS: &[&str] = &[
    "중앙로",
    "시청로",
    "번영로",
    "평화로",
    "문화로",
    "학교로",
    "역전로",
    "새싹로",
    "한빛로",
    "가람로",
    "느티나무길",
    "은행나무길",
    "솔밭길",
    "꽃길",
    "달맞이길",
    "바람길",
];

/// Draws customers: the city by population, a district in the two largest, a made-up person.
pub(super) fn customers(seed: u64, count: u32, _: &[Area]) -> Vec<Person> {
    let cities = kr_cities();
    let area: Vec<u16> = cities.iter().map(|city| area_of(city) as u16).collect();
    let by_population = Weighted::new(cities.iter().map(|city| u64::from(city.population)));
    (0..count)
        .map(|number| {
            let mut rng = chance(seed, "customer", u64::from(number));
            let drawn = by_population.pick(&mut rng);
            Person { row: person(&mut rng, number, &cities[drawn]), area: area[drawn] }
        })
        .collect()
}

fn person(rng: &mut ChaCha8Rng, number: u32, city: &KoreanCity) -> Customer {
    let (language, name, mail) = korean(rng);
    let (district, postal3) = district(rng, city);
    let mut row = Customer::new(format!("K-{number:06}"));
    row.name = Some(name);
    row.city = Some(format!("{} {district}", city.region));
    row.street = Some(street(rng));
    row.postal = Some(format!("{postal3}{:02}", rng.random_range(0..100)));
    row.country = Some("KR".to_owned());
    row.phone = Some(format!("010-0{:03}-{:04}", rng.random_range(0..1000), rng.random_range(0..10_000)));
    row.email = Some(format!("{mail}.{number}@example.com"));
    // Assumed: one customer in thirty-three reads English rather than Korean.
    row.language = Some(if happens(rng, 30) { "en" } else { language }.to_owned());
    row.consents = consents(rng, Consent::Kakao);
    row
}

/// The district and its three digits; Gijang-gun of Busan has a row of its own.
fn district(rng: &mut ChaCha8Rng, city: &KoreanCity) -> (&'static str, &'static str) {
    match DISTRICTS.iter().find(|(region, _)| *region == city.region) {
        Some((_, list)) if city.name != "기장군" => list[rng.random_range(0..list.len())],
        _ => (city.name, city.postal3),
    }
}

fn street(rng: &mut ChaCha8Rng) -> String {
    let (road, number) = (one_of(rng, ROADS), rng.random_range(1..300));
    if happens(rng, 600) {
        let (building, floor, door) =
            (rng.random_range(101..120), rng.random_range(1..25), rng.random_range(1..7));
        format!("{road} {number}, {building}동 {floor}{door:02}호")
    } else {
        format!("{road} {number}")
    }
}

/// Roles as in the other books, with Korean names.
const CONTACTS: &[(&str, &str, bool)] = &[
    ("incident lead", "서가람", false),
    ("incident lead", "한보라", true),
    ("operations lead", "오태오", false),
    ("operations lead", "윤나래", true),
    ("customer support lead", "임예린", false),
    ("customer support lead", "강은호", true),
    ("carrier manager", "신한결", false),
    ("carrier manager", "조채원", true),
    ("it lead", "정도윤", false),
    ("it lead", "장유진", true),
    ("merchant liaison", "최수아", false),
    ("finance", "박지우", false),
];

/// The call tree, with a lead and a deputy for each site.
pub(super) fn contacts(sites: &[SiteSpec]) -> Vec<Contact> {
    let roles = CONTACTS.iter().map(|(role, name, deputy)| {
        let mut row = Contact::new((*role).into(), (*name).into());
        row.deputy = *deputy;
        row
    });
    let leads = sites.iter().flat_map(|site| {
        [false, true].map(|deputy| {
            let title = if deputy { "부책임자" } else { "책임자" };
            let mut row = Contact::new("site lead".into(), format!("{} {title}", site.name));
            row.site = Some(site.code.into());
            row.deputy = deputy;
            row
        })
    });
    let mut rows: Vec<Contact> = roles.chain(leads).collect();
    for (at, row) in rows.iter_mut().enumerate() {
        row.email = Some(format!("contact{}@dasima.example", at + 1));
        row.phone = Some(format!("010-0000-{:04}", at + 1));
        row.call_order = Some(at as u32 + 1);
        row.language = Some("ko".into());
    }
    rows
}
