//! The toy network of the tests.

use holdfast_domain::command::{Command, NewOrder};
use holdfast_domain::id::{MerchantId, ServiceId, SiteId, SkuId, ZoneId};
use holdfast_domain::money::Currency;
use holdfast_domain::network::{
    Country, DestinationZone, Lane, LaneKind, Language, Merchant, Operator, Service, Site, SiteKind, Sku,
    StorageSet,
};
use holdfast_domain::place::Place;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::State;
use holdfast_domain::time::{Calendar, Day, Stamp, Zone};
use holdfast_engine::step::{Ask, Engine};

/// A day in milliseconds.
pub const DAY: i64 = 86_400_000;
/// When the toy network is loaded and its first order comes: noon of a day.
pub const START: i64 = 17_000 * DAY + 12 * 3_600_000;

/// Two sites, one zone, two SKUs: the first at both sites, the second at the first site alone. A parcel costs 5.00
/// from the first and 8.00 from the second. One order of each SKU a day for 24 days, 20.00 a unit, promised two days
/// ahead; a parcel takes a day from the first site and three from the second.
pub fn toy(backup_units: u32) -> (State, Vec<(Stamp, NewOrder)>) {
    let us = Country::new("US").unwrap();
    let site = |code: &str, lat: f64| {
        Command::AddSite(Box::new(Site {
            code: code.into(),
            name: code.into(),
            kind: SiteKind::Centre,
            place: Place::new(lat, -80.0).unwrap(),
            country: us,
            region: "NC".into(),
            zone: Zone::utc(),
            calendar: Calendar::every_day(),
            cutoff_ms: 14 * 3_600_000,
            capacity: [100; 7],
            work_parcel: 1,
            work_unit: 0,
            cost_parcel: 0,
            cost_unit: 0,
            storage: StorageSet::ALL,
            wind_limit_kt: None,
            standby: None,
        }))
    };
    let lane = |site: u16, cost_parcel: i64, transit_days: u8| {
        Command::AddLane(Box::new(Lane {
            site: SiteId(site),
            zone: ZoneId(0),
            service: ServiceId(0),
            cost_parcel,
            cost_kg: 0,
            transit_days,
        }))
    };
    let sku = |code: &str| {
        Command::AddSku(Box::new(Sku {
            merchant: MerchantId(0),
            code: code.into(),
            name: code.into(),
            category: "x".into(),
            weight_g: 100,
            pack: 1,
            price: 2_000,
            cost: 1_000,
            storage: 0,
        }))
    };
    let stock = |site: u16, sku: u32, units: u32| Command::ReceiveStock {
        site: SiteId(site),
        sku: SkuId(sku),
        quantity: Quantity(units),
    };
    let mut commands = vec![
        Command::SetOperator(Box::new(Operator {
            name: "toy".into(),
            currency: Currency::USD,
            zone: Zone::utc(),
            language: Language::EN,
        })),
        Command::AddMerchant(Box::new(Merchant {
            code: "m".into(),
            name: "m".into(),
            currency: Currency::USD,
            language: Language::EN,
            contact: "".into(),
            split_quantity: false,
            weight: 1,
            notice_after_days: 0,
            late_cost: 100,
            backorder_cost: 1_000,
            move_cost: 0,
            doubt: None,
        })),
        site("A", 34.0),
        site("B", 40.0),
        Command::AddService(Box::new(Service {
            carrier: "c".into(),
            name: "s".into(),
            kind: LaneKind::Parcel,
            calendar: Calendar::every_day(),
        })),
        Command::AddZone(Box::new(DestinationZone {
            code: "z".into(),
            country: us,
            prefixes: vec![],
            place: Place::new(35.0, -80.0).unwrap(),
            population: 0,
        })),
        lane(0, 500, 1),
        lane(1, 800, 3),
        sku("both"),
        sku("sole"),
        stock(0, 0, 100),
        stock(0, 1, 100),
    ];
    if backup_units > 0 {
        commands.push(stock(1, 0, backup_units));
    }
    let mut engine = Engine::default();
    for command in commands {
        let ask = Ask { command, actor: "test".into(), key: None };
        engine.step(&ask, Stamp(START)).unwrap();
    }
    let orders = (0..48_i64)
        .map(|index| {
            let at = Stamp(START + index / 2 * DAY + index % 2);
            let order = NewOrder {
                merchant: MerchantId(0),
                number: format!("o{index}").as_str().into(),
                subject: None,
                zone: ZoneId(0),
                country: us,
                postal: "28401".into(),
                language: Language::EN,
                placed: at,
                paid: None,
                promise: Some(Day((at.0 / DAY) as i32 + 2)),
                priority: 0,
                hold: None,
                lines: [(SkuId((index % 2) as u32), Quantity(1), 2_000)].into_iter().collect(),
            };
            (at, order)
        })
        .collect();
    (engine.state, orders)
}
