//! A Korean book: six sites, four merchants, won, Seoul time, and Typhoon Hinnamnor in its window.
//!
//! Landfall was near Geoje on 6 September 2022, early in the morning (Korea Meteorological Administration).
//! Chuseok was on 10 September 2022; the 9th and the 12th were days off too.

mod goods;
mod people;
mod region;

use holdfast_domain::money::Currency;
use holdfast_domain::time::Day;

use crate::demo::Options;
use crate::demo::build::{Locale, MerchantSpec, Spec, build};
use crate::demo::florence::{CAPACITY_PERCENT, COVER};
use crate::demo::order::Threat;
use crate::demo::reach::{Band, Tariff};
use crate::demo::site::SiteSpec;
use crate::model::Book;

const SEOUL: &str = "Asia/Seoul";
const PARTNER: &str = "등대물류";

/// Sites; coordinates are the cities'. They close at 50 kt, the strongest winds whose radius Japan's and Korea's
/// agencies publish.
const SITES: [SiteSpec; 6] = [
    site("ICN1", "이천 센터", 37.2723, 127.435, "17379", "경기도", 10),
    site("YNG1", "용인 센터", 37.2411, 127.1776, "17019", "경기도", 10),
    site("PUS1", "부산 강서 센터", 35.2122, 128.9806, "46706", "부산광역시", 16).with_sole_stock(),
    site("KMP3", "김포 3PL 센터", 37.6153, 126.7156, "10049", "경기도", 6).run_by(PARTNER),
    site("TAE2", "대구 매장 허브", 35.8714, 128.6014, "41911", "대구광역시", 6).as_store(),
    site("DJN9", "대전 예비 센터", 36.3504, 127.3845, "35208", "대전광역시", 0).standby(PARTNER),
];

const fn site(
    code: &'static str,
    name: &'static str,
    lat: f64,
    lon: f64,
    postal: &'static str,
    region: &'static str,
    weight: u64,
) -> SiteSpec {
    let centre = SiteSpec::centre(code, name, lat, lon, postal, region, "", SEOUL, weight);
    SiteSpec { wind_kt: 50, ..centre }
}

const fn band(km: f64, ground: (i64, i64, u16), expedited: (i64, i64, u16)) -> Band {
    Band { reach_m: km * 1000.0, ground, expedited }
}

/// Assumed, in the size of contract rates: won a parcel and a kilogram, working days. Jeju and the islands cost
/// and take more, as every Korean carrier has it.
static TARIFF: Tariff = Tariff {
    currency: Currency::KRW,
    bands: &[
        band(100.0, (2600, 60, 1), (4200, 110, 1)),
        band(250.0, (2800, 80, 1), (4900, 150, 1)),
        band(f64::INFINITY, (3000, 100, 2), (5600, 190, 1)),
    ],
    carriers: ["제비택배", "갈매기특송", "도요새퀵"],
    courier: (6500, 0, 1),
    courier_reach_m: 40_000.0,
    surcharge: region::surcharge,
};

static LOCALE: Locale = Locale {
    country: "KR",
    currency: Currency::KRW,
    timezone: SEOUL,
    language: "ko",
    operator: "다시마 풀필먼트",
    partner: PARTNER,
    tariff: &TARIFF,
    areas: region::areas,
    zones: region::zones,
    customers: people::customers,
    contacts: people::contacts,
};

/// The Korean book: 6 sites, 4 merchants and `options.orders` orders, placed from 29 August to 18 September 2022.
/// Goods, people and addresses are invented; baskets are the sample's, with these goods in place of its own.
#[must_use]
pub fn korea(seed: u64, options: &Options) -> Book {
    let day = |text: &str| text.parse::<Day>().expect("the demo's days are dates");
    let merchant = |code: &str, name: &str, late, backorder| MerchantSpec {
        code: code.to_owned(),
        name: name.to_owned(),
        line_split: false,
        fairness_weight: 100,
        late,
        backorder,
    };
    let spec = Spec {
        locale: &LOCALE,
        sites: &SITES,
        merchants: vec![
            merchant("haneul", "하늘생활", 1500, 9000),
            merchant("badabap", "바다밥상", 2500, 12_000),
            merchant("naru", "나루전자", 3000, 20_000),
            merchant("deungdae", "등대안전", 4000, 15_000),
        ],
        catalogue: goods::catalogue(),
        first: day("2022-08-29"),
        days: 21,
        holidays: &[day("2022-09-09"), day("2022-09-10"), day("2022-09-12")],
        threat: Some(Threat {
            watched: day("2022-09-02"),
            landfall: day("2022-09-06"),
            states: &["부산광역시", "울산광역시", "경상남도", "경상북도", "제주특별자치도"],
        }),
        orders: options.orders,
        cover: COVER,
        capacity_percent: CAPACITY_PERCENT,
    };
    build(&spec, seed)
}
