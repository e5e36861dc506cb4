//! A network of 14 sites and the orders that come to it, drawn from a seed.

use holdfast_app::core::Core;
use holdfast_app::port::Head;
use holdfast_domain::command::{Command, NewOrder};
use holdfast_domain::id::{MerchantId, ServiceId, SiteId, SkuId, ZoneId};
use holdfast_domain::money::Currency;
use holdfast_domain::network::{
    Country, DestinationZone, Lane, LaneKind, Language, Merchant, Operator, Service, Site, SiteKind, Sku,
    StorageSet,
};
use holdfast_domain::place::Place;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::time::{Calendar, Stamp, Zone};
use holdfast_engine::step::{Ask, Engine};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// Sites.
const SITES: u16 = 14;
/// Zones.
const ZONES: u16 = 60;
/// Merchants.
const MERCHANTS: u16 = 4;
/// Sites that hold a SKU.
const HELD_AT: u16 = 4;
/// When the first order comes: 2018-09-10, noon UTC, a Monday.
pub(crate) const START: Stamp = Stamp(1_536_580_800_000);

/// What there is of everything.
struct Plenty {
    /// Work units of a site on a day.
    capacity: u32,
    /// Units of a SKU at each site that holds it.
    stock: u32,
}

/// More than any order asks for.
const AMPLE: Plenty = Plenty { capacity: 100_000_000, stock: 1_000_000 };

/// The commands that set the network up.
pub(crate) fn setup(skus: u32, seed: u64) -> Vec<Command> {
    network(skus, seed, &AMPLE)
}

/// An engine on a network that has little more than `orders` orders ask for: goods for a third more, and work for all
/// of them in four days.
pub(crate) fn scarce(skus: u32, orders: u32, seed: u64) -> Engine {
    // A drawn order has 1.7 lines of 1.5 units on average.
    let units = u64::from(orders) * 26 / 10;
    let stock = (units * 4 / 3).div_ceil(u64::from(skus) * u64::from(HELD_AT)).max(1);
    let work = (u64::from(orders) * 3 + units).div_ceil(4 * u64::from(SITES));
    let plenty = Plenty {
        capacity: u32::try_from(work).unwrap_or(u32::MAX),
        stock: u32::try_from(stock).unwrap_or(u32::MAX),
    };
    started(network(skus, seed, &plenty))
}

fn network(skus: u32, seed: u64, plenty: &Plenty) -> Vec<Command> {
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let us = Country::new("US").expect("two letters");
    let mut all = vec![Command::SetOperator(Box::new(Operator {
        name: "Bench".into(),
        currency: Currency::USD,
        zone: Zone::utc(),
        language: Language::EN,
    }))];
    let place = |chance: &mut ChaCha8Rng| {
        Place::new(chance.random_range(26.0..48.0), chance.random_range(-122.0..-72.0))
            .expect("within the globe")
    };
    all.extend((0..MERCHANTS).map(|n| {
        Command::AddMerchant(Box::new(Merchant {
            code: format!("m{n}").into(),
            name: format!("Merchant {n}").into(),
            currency: Currency::USD,
            language: Language::EN,
            contact: "".into(),
            split_quantity: false,
            weight: 100,
            notice_after_days: 0,
            late_cost: 200,
            backorder_cost: 1_200,
            move_cost: 30,
            doubt: None,
        }))
    }));
    let sites: Vec<Place> = (0..SITES).map(|_| place(&mut chance)).collect();
    let zones: Vec<Place> = (0..ZONES).map(|_| place(&mut chance)).collect();
    all.extend(sites.iter().enumerate().map(|(n, place)| {
        Command::AddSite(Box::new(Site {
            code: format!("S{n:02}").into(),
            name: format!("Site {n}").into(),
            kind: SiteKind::Centre,
            place: *place,
            country: us,
            region: "".into(),
            zone: Zone::utc(),
            calendar: Calendar::weekdays_only(),
            cutoff_ms: 16 * 3_600_000,
            capacity: [plenty.capacity; 7],
            work_parcel: 3,
            work_unit: 1,
            cost_parcel: 110,
            cost_unit: 18,
            storage: StorageSet::ALL,
            wind_limit_kt: Some(64),
            standby: None,
        }))
    }));
    all.extend(zones.iter().enumerate().map(|(n, place)| {
        Command::AddZone(Box::new(DestinationZone {
            code: format!("Z{n:02}").into(),
            country: us,
            prefixes: vec![format!("{n:02}").into()],
            place: *place,
            population: 1_000_000,
        }))
    }));
    all.push(Command::AddService(Box::new(Service {
        carrier: "tern".into(),
        name: "ground".into(),
        kind: LaneKind::Parcel,
        calendar: Calendar::weekdays_only(),
    })));
    for (site, from) in (0..).zip(&sites) {
        for (zone, to) in (0..).zip(&zones) {
            let km = from.distance_m(*to) / 1000.0;
            all.push(Command::AddLane(Box::new(Lane {
                site: SiteId(site),
                zone: ZoneId(zone),
                service: ServiceId(0),
                cost_parcel: 500 + (km / 4.0) as i64,
                cost_kg: 45,
                transit_days: 1 + (km / 900.0) as u8,
            })));
        }
    }
    for sku in 0..skus {
        all.push(Command::AddSku(Box::new(Sku {
            merchant: MerchantId((sku % u32::from(MERCHANTS)) as u16),
            code: format!("K{sku:06}").into(),
            name: format!("Goods {sku}").into(),
            category: "goods".into(),
            weight_g: 100 + sku % 900,
            pack: 1,
            price: 1_999,
            cost: 900,
            storage: 0,
        })));
    }
    for sku in 0..skus {
        let first = chance.random_range(0..SITES);
        for step in 0..HELD_AT {
            let (site, quantity) = (SiteId((first + step * 3) % SITES), Quantity(plenty.stock));
            all.push(Command::ReceiveStock { site, sku: SkuId(sku), quantity });
        }
    }
    all
}

/// An engine with the network.
pub(crate) fn engine(skus: u32, seed: u64) -> Engine {
    started(setup(skus, seed))
}

fn started(commands: Vec<Command>) -> Engine {
    let mut engine = Engine::default();
    for command in commands {
        engine.step(&Ask { command, actor: "bench".into(), key: None }, START).expect("the network is sound");
    }
    engine
}

/// The same as a writer's core at the beginning of a journal.
pub(crate) fn core(head: Head) -> Core {
    Core::new(Engine::default(), head)
}

/// Orders from `from` on; each is drawn for itself, so that a part is the same as in the whole.
pub(crate) fn orders(from: u32, count: u32, skus: u32, seed: u64) -> Vec<Ask> {
    let mut chance = ChaCha8Rng::seed_from_u64(seed ^ 0x6f72_6465_7273 ^ u64::from(from) << 32);
    (from..from + count).map(|n| order(n, skus, &mut chance)).collect()
}

fn order(n: u32, skus: u32, chance: &mut ChaCha8Rng) -> Ask {
    let merchant = chance.random_range(0..MERCHANTS);
    // 55 % of the orders have one line, 25 % two, 13 % three, 7 % four.
    let lines = match chance.random_range(0..100) {
        0..55 => 1,
        55..80 => 2,
        80..93 => 3,
        _ => 4,
    };
    let zone = chance.random_range(0..ZONES);
    let each = skus / u32::from(MERCHANTS);
    let line = |chance: &mut ChaCha8Rng| {
        let sku = chance.random_range(0..each) * u32::from(MERCHANTS) + u32::from(merchant);
        (SkuId(sku), Quantity(chance.random_range(1..3)), 1_999)
    };
    let order = NewOrder {
        merchant: MerchantId(merchant),
        number: format!("#{n:08}").into(),
        subject: None,
        zone: ZoneId(zone),
        country: Country::new("US").expect("two letters"),
        postal: format!("{zone:02}{:03}", n % 1000).into(),
        language: Language::EN,
        placed: START,
        paid: Some(START),
        promise: None,
        priority: 0,
        hold: None,
        lines: (0..lines).map(|_| line(chance)).collect(),
    };
    Ask { command: Command::PlaceOrder(Box::new(order)), actor: "shop".into(), key: Some(chance.random()) }
}

/// When the `n`th order comes: twenty in a second.
pub(crate) fn moment(n: u32) -> Stamp {
    Stamp(START.0 + i64::from(n) * 50)
}
