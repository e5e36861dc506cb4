//! Customers of the US demo books: nobody real.
//!
//! A name is a first and a family name from short lists, drawn apart; the street a number and a common street
//! name; the phone an area code of the state and a number from 555-0100 to 555-0199, which are kept for
//! fiction; the mail an `example` domain. City and ZIP code are real and drawn by population. Languages are
//! assumed: 84 % English, 13 % Spanish, 3 % Korean.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::demo::chance::{Weighted, chance, happens, one_of};
use crate::demo::geo::{Area, us_cities};
use crate::kind::Consent;
use crate::model::Customer;

const FIRST_EN: &[&str] = &[
    "Ada", "Amos", "Beth", "Cole", "Dana", "Eli", "Fern", "Glen", "Hope", "Iris", "Jude", "Kit", "Lena",
    "Miles", "Nora", "Owen", "Pia", "Quinn", "Rose", "Seth", "Tess", "Vera", "Wade", "Zoe",
];
const LAST_EN: &[&str] = &[
    "Alder", "Birch", "Cove", "Dune", "Ferris", "Gale", "Harbor", "Inlet", "Juniper", "Keel", "Larkin",
    "Marsh", "Nettle", "Oakes", "Pike", "Quill", "Reed", "Shoal", "Tern", "Umber", "Vale", "Wren", "Yarrow",
];
const FIRST_ES: &[&str] =
    &["Alba", "Bruno", "Celia", "Diego", "Elena", "Hugo", "Inés", "Javier", "Lucía", "Mateo", "Noa", "Pablo"];
const LAST_ES: &[&str] =
    &["Arroyo", "Campos", "Delgado", "Fuentes", "Lagos", "Marín", "Naranjo", "Olmos", "Peña", "Ríos", "Vega"];
/// Korean family names with their usual romanisation.
pub(crate) const LAST_KO: &[(&str, &str)] = &[
    ("김", "kim"),
    ("이", "lee"),
    ("박", "park"),
    ("최", "choi"),
    ("정", "jung"),
    ("강", "kang"),
    ("조", "cho"),
    ("윤", "yoon"),
    ("장", "jang"),
    ("임", "lim"),
    ("한", "han"),
    ("오", "oh"),
    ("서", "seo"),
    ("신", "shin"),
];
/// Korean given names with their romanisation.
pub(crate) const FIRST_KO: &[(&str, &str)] = &[
    ("서연", "seoyeon"),
    ("민준", "minjun"),
    ("지우", "jiwoo"),
    ("하준", "hajun"),
    ("수아", "sua"),
    ("도윤", "doyun"),
    ("예린", "yerin"),
    ("시우", "siwoo"),
    ("채원", "chaewon"),
    ("은호", "eunho"),
    ("가람", "garam"),
    ("보라", "bora"),
    ("한결", "hangyeol"),
    ("나래", "narae"),
    ("유진", "yujin"),
    ("태오", "taeo"),
];
const STREETS: &[&str] = &[
    "Main St",
    "Oak St",
    "Maple Ave",
    "Park Ave",
    "Pine St",
    "Cedar Ln",
    "Lake Rd",
    "Hill St",
    "River Rd",
    "Church St",
    "Mill Rd",
    "Spring St",
    "Ridge Rd",
    "Market St",
    "Elm St",
    "Water St",
];
/// One telephone area code of each state, from the North American Numbering Plan.
const AREA_CODES: &[(&str, u16)] = &[
    ("AK", 907),
    ("AL", 205),
    ("AR", 501),
    ("AZ", 602),
    ("CA", 213),
    ("CO", 303),
    ("CT", 203),
    ("DC", 202),
    ("DE", 302),
    ("FL", 305),
    ("GA", 404),
    ("HI", 808),
    ("IA", 515),
    ("ID", 208),
    ("IL", 312),
    ("IN", 317),
    ("KS", 316),
    ("KY", 502),
    ("LA", 504),
    ("MA", 617),
    ("MD", 410),
    ("ME", 207),
    ("MI", 313),
    ("MN", 612),
    ("MO", 314),
    ("MS", 601),
    ("MT", 406),
    ("NC", 910),
    ("ND", 701),
    ("NE", 402),
    ("NH", 603),
    ("NJ", 201),
    ("NM", 505),
    ("NV", 702),
    ("NY", 212),
    ("OH", 614),
    ("OK", 405),
    ("OR", 503),
    ("PA", 215),
    ("RI", 401),
    ("SC", 803),
    ("SD", 605),
    ("TN", 615),
    ("TX", 214),
    ("UT", 801),
    ("VA", 757),
    ("VT", 802),
    ("WA", 206),
    ("WI", 414),
    ("WV", 304),
    ("WY", 307),
];

/// A customer with what drawing an order needs.
pub(crate) struct Person {
    pub(crate) row: Customer,
    /// Position of the area the ship-to lies in.
    pub(crate) area: u16,
}

/// Draws customers: the city by population, one of its ZIP codes, a made-up person.
pub(crate) fn customers(seed: u64, count: u32, areas: &[Area]) -> Vec<Person> {
    let cities = us_cities();
    let by_population = Weighted::new(cities.iter().map(|city| u64::from(city.population)));
    (0..count)
        .map(|number| {
            let mut rng = chance(seed, "customer", u64::from(number));
            let city = &cities[by_population.pick(&mut rng)];
            let zip = one_of(&mut rng, &city.zip_codes);
            let area = areas
                .binary_search_by(|area| area.zip3.cmp(&zip[..3]))
                .expect("every bundled city lies in a bundled area");
            let mut row = person(&mut rng, number, city.state);
            row.city = Some(city.name.to_owned());
            row.postal = Some(zip.to_owned());
            Person { row, area: area as u16 }
        })
        .collect()
}

fn person(rng: &mut ChaCha8Rng, number: u32, state: &str) -> Customer {
    let mut row = Customer::new(format!("C-{number:06}"));
    let (language, name, mail) = match rng.random_range(0..100) {
        0..84 => english(rng),
        84..97 => spanish(rng),
        _ => korean(rng),
    };
    let domain = one_of(rng, &["example.com", "example.org", "example.net"]);
    let area_code = AREA_CODES.iter().find(|(listed, _)| *listed == state).map_or(800, |(_, code)| *code);
    row.name = Some(name);
    row.email = Some(format!("{mail}.{number}@{domain}"));
    row.language = Some(language.to_owned());
    row.street = Some(format!("{} {}", rng.random_range(1..2500), one_of(rng, STREETS)));
    row.country = Some("US".to_owned());
    row.phone = Some(format!("+1 {area_code} 555 01{:02}", rng.random_range(0..100)));
    row.consents = consents(rng, Consent::Sms);
    row
}

/// Consents, assumed: 92 % agree to mail, 45 % to text messages, 8 % to calls, 20 % to advertising.
pub(crate) fn consents(rng: &mut ChaCha8Rng, text: Consent) -> Vec<Consent> {
    [(Consent::Email, 920), (text, 450), (Consent::Phone, 80), (Consent::Marketing, 200)]
        .into_iter()
        .filter_map(|(consent, per_mille)| happens(rng, per_mille).then_some(consent))
        .collect()
}

fn english(rng: &mut ChaCha8Rng) -> (&'static str, String, String) {
    let (first, last) = (one_of(rng, FIRST_EN), one_of(rng, LAST_EN));
    ("en", format!("{first} {last}"), format!("{first}.{last}").to_lowercase())
}

fn spanish(rng: &mut ChaCha8Rng) -> (&'static str, String, String) {
    let (first, last) = (one_of(rng, FIRST_ES), one_of(rng, LAST_ES));
    let plain = |name: &str| -> String {
        name.to_lowercase()
            .chars()
            .map(|letter| match letter {
                'á' => 'a',
                'é' => 'e',
                'í' => 'i',
                'ñ' => 'n',
                other => other,
            })
            .collect()
    };
    ("es", format!("{first} {last}"), format!("{}.{}", plain(first), plain(last)))
}

/// A Korean name and the part of a mail address before the number.
pub(crate) fn korean(rng: &mut ChaCha8Rng) -> (&'static str, String, String) {
    let last = LAST_KO[rng.random_range(0..LAST_KO.len())];
    let first = FIRST_KO[rng.random_range(0..FIRST_KO.len())];
    ("ko", format!("{}{}", last.0, first.0), format!("{}.{}", first.1, last.1))
}
