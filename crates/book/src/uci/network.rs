//! The network around the real orders. The file has none: every site, lane, cost and stock here is declared
//! or derived by a rule, and the notes of the reading say so.

use std::collections::BTreeMap;

use holdfast_domain::money::{Currency, Money};
use holdfast_domain::place::Place;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::time::{Day, Zone};

use super::UciOptions;
use crate::cell::WeekCapacity;
use crate::country::{self, Country};
use crate::kind::{LaneKind, SiteKind};
use crate::model::{Book, Carrier, Lane, Merchant, Operator, Site, Stock, ZoneArea};

/// Code of the merchant and operator.
pub const MERCHANT: &str = "uci";
/// Code of the site in the United Kingdom.
pub const SITE_HOME: &str = "GB1";
/// Code of the second site.
pub const SITE_SECOND: &str = "EU1";

/// The country code of a country as the file writes it. `Unspecified` is ZZ and `West Indies` XW, both from
/// the range ISO 3166 leaves to users; `Channel Islands` is taken as Guernsey.
#[must_use]
pub fn country_code(text: &str) -> Option<&'static str> {
    match text {
        "Unspecified" => Some("ZZ"),
        "West Indies" => Some("XW"),
        other => country::find(other).map(|country| country.code),
    }
}

/// Language of a country's customers; English where it is not known.
#[must_use]
pub fn language(code: &str) -> &'static str {
    country::find(code).map_or("en", |country| country.language)
}

/// Working days from order to promised delivery, by a stated rule: 3 at home, 7 where road and ferry reach,
/// 10 elsewhere.
#[must_use]
pub fn promise_days(code: &str) -> u16 {
    match country::find(code).map_or(0, |country| country.surface_days) {
        _ if code == "GB" => 3,
        0 => 10,
        _ => 7,
    }
}

/// Puts operator, merchant, sites, zones, carriers and lanes into the book.
pub(super) fn declare(book: &mut Book, codes: &BTreeMap<String, u64>, options: &UciOptions, busiest: u32) {
    let london = Zone::named("Europe/London").unwrap_or_else(|_| Zone::utc());
    let paris = Zone::named("Europe/Paris").unwrap_or_else(|_| Zone::utc());
    book.operator = Some(Operator {
        currency: Currency::GBP,
        timezone: london.clone(),
        country: "GB".to_owned(),
        ..Operator::new("UCI Online Retail".to_owned())
    });
    book.merchants.push(Merchant {
        country: Some("GB".to_owned()),
        line_split: true,
        ..Merchant::new(MERCHANT.to_owned(), "UCI Online Retail".to_owned(), Currency::GBP)
    });
    let capacity = |share: u32| Some(WeekCapacity([busiest.saturating_mul(share).div_ceil(100); 7]));
    let site = |code: &str, name: &str, place: Place, country: &str, zone: Zone, share: u32| Site {
        country: country.to_owned(),
        timezone: Some(zone),
        capacity: capacity(share),
        ..Site::new(code.to_owned(), name.to_owned(), SiteKind::Centre, place)
    };
    book.sites.push(site(SITE_HOME, "United Kingdom (declared)", options.home, "GB", london, 120));
    if let Some(second) = &options.second {
        book.sites.push(site(SITE_SECOND, &second.name, second.place, &second.country, paris, 60));
    }
    for (code, name) in
        [("air", "Air freight"), ("sea", "Ferry and road"), ("road", "Road"), ("post", "Domestic post")]
    {
        book.carriers.push(Carrier::new(code.to_owned(), format!("{name} (declared)")));
    }
    for code in codes.keys() {
        let known = country::find(code);
        book.zones.push(ZoneArea {
            name: Some(known.map_or("not a country", |country| country.name).to_owned()),
            centroid: known.and_then(|country| Place::new(country.city.0, country.city.1).ok()),
            ..ZoneArea::new(code.clone(), code.clone())
        });
        lanes(book, code, known, options.second.is_some());
    }
}

/// The lanes to one country. Costs in pence a parcel, declared: post 450, road 800 + 100 a day, ferry 900 +
/// 100 a day, air 1,400 where road or ferry reach and 2,400 elsewhere; air takes 2 or 5 working days.
fn lanes(book: &mut Book, code: &str, known: Option<&Country>, second: bool) {
    let surface = known.map_or(0, |country| country.surface_days);
    let island = matches!(code, "GB" | "GG" | "IE" | "IS" | "MT" | "CY");
    let mut lane = |site: &str, carrier: &str, service: &str, pence: i64, days: u16, kind: LaneKind| {
        let cost = Money::new(pence, Currency::GBP);
        let (site, zone) = (site.to_owned(), code.to_owned());
        book.lanes
            .push(Lane { kind, ..Lane::new(site, zone, carrier.to_owned(), service.to_owned(), cost, days) });
    };
    let (air_pence, air_days) = if surface > 0 { (1400, 2) } else { (2400, 5) };
    let days_pence = |base: i64, days: u16| base + 100 * i64::from(days);
    if code == "GB" {
        lane(SITE_HOME, "post", "parcel", 450, 1, LaneKind::Parcel);
    } else {
        lane(SITE_HOME, "air", "parcel", air_pence, air_days, LaneKind::Air);
        if surface > 0 {
            lane(SITE_HOME, "sea", "parcel", days_pence(900, surface), surface, LaneKind::Ferry);
        }
    }
    if second {
        lane(SITE_SECOND, "air", "parcel", air_pence, air_days, LaneKind::Air);
        match (surface, island) {
            (0, _) => {}
            (days, true) => {
                lane(SITE_SECOND, "sea", "parcel", days_pence(900, days + 1), days + 1, LaneKind::Ferry)
            }
            (days, false) => {
                let days = days.saturating_sub(1).max(1);
                lane(SITE_SECOND, "road", "parcel", days_pence(800, days), days, LaneKind::Road);
            }
        }
    }
}

/// Stock by a stated rule: of each SKU, the units ordered times the cover, rounded up; of that the second site
/// holds its share, rounded down.
pub(super) fn stock(book: &mut Book, demand: &BTreeMap<String, i64>, options: &UciOptions, first: Day) {
    let counted = Some(first.at(0, &Zone::utc()));
    for sku in &book.skus {
        let units = demand.get(&sku.code).copied().unwrap_or(0).max(0).unsigned_abs();
        let all = (units * u64::from(options.cover_percent)).div_ceil(100);
        let share = options.second.as_ref().map_or(0, |second| u64::from(second.stock_percent));
        let there = all * share / 100;
        for (site, units) in [(SITE_HOME, all - there), (SITE_SECOND, there)] {
            if units > 0 {
                let units = Quantity(u32::try_from(units).unwrap_or(u32::MAX));
                let (merchant, code) = (sku.merchant.clone(), sku.code.clone());
                book.stock.push(Stock {
                    counted_at: counted,
                    ..Stock::new(site.to_owned(), merchant, code, units)
                });
            }
        }
    }
}
