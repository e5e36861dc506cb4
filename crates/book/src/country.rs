//! Countries: their ISO 3166 alpha-2 code, the names shops write, the language most people read there, and a
//! place for the middle of their people (the largest city).
//!
//! Facts typed from ISO 3166-1 and common knowledge of capitals and largest cities; coordinates to 0.1 degree.

/// What is known of a country.
#[derive(Clone, Copy, Debug)]
pub struct Country {
    /// ISO 3166 alpha-2.
    pub code: &'static str,
    /// English name.
    pub name: &'static str,
    /// Other spellings, the shops' own included.
    pub also: &'static [&'static str],
    /// Language, BCP 47.
    pub language: &'static str,
    /// Latitude and longitude of the largest city, degrees.
    pub city: (f64, f64),
    /// Whether it can be reached from Great Britain by ferry and road, in working days; 0 where it cannot.
    pub surface_days: u16,
}

macro_rules! countries {
    ($($code:literal $name:literal [$($also:literal)*] $language:literal $lat:literal $lon:literal $surface:literal;)+) => {
        /// Every country that is known by name, in order of code.
        pub const COUNTRIES: &[Country] = &[$(Country {
            code: $code, name: $name, also: &[$($also),*], language: $language, city: ($lat, $lon), surface_days: $surface,
        }),+];
    };
}

countries! {
    "AE" "United Arab Emirates" ["UAE"] "ar" 25.2 55.3 0;
    "AT" "Austria" [] "de" 48.2 16.4 4;
    "AU" "Australia" [] "en" -33.9 151.2 0;
    "BE" "Belgium" [] "nl" 50.8 4.4 2;
    "BH" "Bahrain" [] "ar" 26.2 50.6 0;
    "BM" "Bermuda" [] "en" 32.3 -64.8 0;
    "BR" "Brazil" [] "pt" -23.6 -46.6 0;
    "CA" "Canada" [] "en" 43.7 -79.4 0;
    "CH" "Switzerland" [] "de" 47.4 8.5 4;
    "CN" "China" ["중국"] "zh" 31.2 121.5 0;
    "CY" "Cyprus" [] "el" 35.2 33.4 9;
    "CZ" "Czechia" ["Czech Republic"] "cs" 50.1 14.4 4;
    "DE" "Germany" ["Deutschland"] "de" 52.5 13.4 3;
    "DK" "Denmark" [] "da" 55.7 12.6 4;
    "EE" "Estonia" [] "et" 59.4 24.8 6;
    "ES" "Spain" [] "es" 40.4 -3.7 4;
    "FI" "Finland" [] "fi" 60.2 24.9 6;
    "FR" "France" [] "fr" 48.9 2.4 2;
    "GB" "United Kingdom" ["UK" "Great Britain" "England" "Scotland" "Wales"] "en" 51.5 -0.1 1;
    "GG" "Guernsey" ["Channel Islands"] "en" 49.5 -2.5 3;
    "GR" "Greece" [] "el" 38.0 23.7 7;
    "HK" "Hong Kong" [] "zh-HK" 22.3 114.2 0;
    "HU" "Hungary" [] "hu" 47.5 19.0 5;
    "IE" "Ireland" ["EIRE"] "en" 53.3 -6.3 2;
    "IL" "Israel" [] "he" 32.1 34.8 0;
    "IN" "India" [] "en" 19.1 72.9 0;
    "IS" "Iceland" [] "is" 64.1 -21.9 8;
    "IT" "Italy" [] "it" 41.9 12.5 4;
    "JP" "Japan" ["일본"] "ja" 35.7 139.7 0;
    "KR" "South Korea" ["Korea" "Korea, Republic of" "Republic of Korea" "대한민국" "한국"] "ko" 37.6 127.0 0;
    "LB" "Lebanon" [] "ar" 33.9 35.5 0;
    "LT" "Lithuania" [] "lt" 54.7 25.3 6;
    "LU" "Luxembourg" [] "fr" 49.6 6.1 3;
    "LV" "Latvia" [] "lv" 56.9 24.1 6;
    "MT" "Malta" [] "en" 35.9 14.5 8;
    "MX" "Mexico" [] "es" 19.4 -99.1 0;
    "NG" "Nigeria" [] "en" 6.5 3.4 0;
    "NL" "Netherlands" ["Holland"] "nl" 52.4 4.9 2;
    "NO" "Norway" [] "nb" 59.9 10.8 5;
    "NZ" "New Zealand" [] "en" -36.8 174.8 0;
    "PL" "Poland" [] "pl" 52.2 21.0 4;
    "PR" "Puerto Rico" [] "es" 18.4 -66.1 0;
    "PT" "Portugal" [] "pt" 38.7 -9.1 5;
    "SA" "Saudi Arabia" [] "ar" 24.7 46.7 0;
    "SE" "Sweden" [] "sv" 59.3 18.1 5;
    "SG" "Singapore" [] "en" 1.4 103.8 0;
    "TH" "Thailand" [] "th" 13.8 100.5 0;
    "TW" "Taiwan" [] "zh-TW" 25.0 121.6 0;
    "US" "United States" ["USA" "United States of America" "미국"] "en" 40.7 -74.0 0;
    "VN" "Vietnam" ["베트남"] "vi" 10.8 106.7 0;
    "ZA" "South Africa" ["RSA"] "en" -26.2 28.0 0;
}

/// The country of a name or code; case and surrounding blanks do not matter.
#[must_use]
pub fn find(text: &str) -> Option<&'static Country> {
    let text = text.trim();
    let same = |name: &str| name.to_lowercase() == text.to_lowercase();
    COUNTRIES.iter().find(|country| country.code.eq_ignore_ascii_case(text)).or_else(|| {
        COUNTRIES.iter().find(|country| same(country.name) || country.also.iter().any(|name| same(name)))
    })
}

/// The code of a name or code. Two capital letters that are not in the table are taken as a code as they are:
/// the table has names, not the whole of ISO 3166.
#[must_use]
pub fn code_of(text: &str) -> Option<&str> {
    let text = text.trim();
    let is_code = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()) && text != "UK";
    if is_code { Some(text) } else { find(text).map(|country| country.code) }
}
