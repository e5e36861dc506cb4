//! A shop in the state of New York, with as many customers as wanted and a flood.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test uses its part, and a set-up that fails should panic"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use holdfast_app::core::Reply;
use holdfast_app::dispatch::OPT_OUT;
use holdfast_app::port::{Clock, Entropy, Journal};
use holdfast_app::seal::PersonalData;
use holdfast_app::writer::Writer;
use holdfast_domain::command::{Command, NewIncident, NewOrder};
use holdfast_domain::id::{IncidentId, MerchantId, ServiceId, SiteId, SkuId, ZoneId};
use holdfast_domain::incident::{Hazard, Severity, StockAccess};
use holdfast_domain::money::Currency;
use holdfast_domain::network::{
    Country, DestinationZone, Lane, LaneKind, Language, Merchant, Operator, Service, Site, SiteKind, Sku,
    StorageSet,
};
use holdfast_domain::notice::NoticeStatus;
use holdfast_domain::place::Place;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::time::{Calendar, Span, Stamp, Zone};
use holdfast_engine::incident::notices_due;
use holdfast_engine::step::Ask;
use holdfast_notify::letter::Letters;
use holdfast_notify::link::KeyRing;
use holdfast_notify::template::{Catalog, Channel as Kind};

/// The machine's clock.
pub struct Wall;
impl Clock for Wall {
    fn now(&mut self) -> Stamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Stamp(i64::try_from(since.as_millis()).unwrap())
    }
}

/// A clock that stands where it was set.
#[derive(Clone)]
pub struct Fixed(pub Arc<Mutex<Stamp>>);
impl Clock for Fixed {
    fn now(&mut self) -> Stamp {
        *self.0.lock().unwrap()
    }
}

pub struct Counting(pub u64);
impl Entropy for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (self.0 >> 33) as u8;
        }
    }
}

pub fn open<J: Journal, C: Clock>(journal: J, clock: C) -> Writer<J, C> {
    Writer::open(journal, clock, Box::new(Counting(7))).unwrap()
}

pub fn done<J: Journal, C: Clock>(writer: &mut Writer<J, C>, command: Command) {
    let reply = writer.ask(command.clone(), "test").unwrap();
    assert!(matches!(reply, Reply::Done { .. }), "{command:?}: {reply:?}");
}

/// A shop with `customers` orders and nothing wrong.
pub fn shop<J: Journal, C: Clock>(writer: &mut Writer<J, C>, customers: usize) {
    let zone = Zone::named("America/New_York").unwrap();
    let country = Country::new("US").unwrap();
    let place = Place::new(40.7, -74.0).unwrap();
    let merchant = Merchant {
        code: "kelp".into(),
        name: "Kelp & Co".into(),
        currency: Currency::USD,
        language: Language::EN,
        contact: "help@kelp.example".into(),
        split_quantity: false,
        weight: 1,
        notice_after_days: 0,
        late_cost: 100,
        backorder_cost: 1_000,
        move_cost: 10,
        doubt: None,
    };
    let site = Site {
        code: "a".into(),
        name: "a".into(),
        kind: SiteKind::Centre,
        place,
        country,
        region: "NY".into(),
        zone: zone.clone(),
        calendar: Calendar::every_day(),
        cutoff_ms: 0,
        capacity: [10_000_000; 7],
        work_parcel: 1,
        work_unit: 1,
        cost_parcel: 100,
        cost_unit: 10,
        storage: StorageSet::ALL,
        wind_limit_kt: None,
        standby: None,
    };
    let (currency, language) = (Currency::USD, Language::EN);
    let sku = Sku {
        merchant: MerchantId(0),
        code: "tea".into(),
        name: "Tea".into(),
        category: "tea".into(),
        weight_g: 100,
        pack: 1,
        price: 1_000,
        cost: 500,
        storage: 0,
    };
    let lane = Lane {
        site: SiteId(0),
        zone: ZoneId(0),
        service: ServiceId(0),
        cost_parcel: 500,
        cost_kg: 10,
        transit_days: 2,
    };
    let service = Service {
        carrier: "c".into(),
        name: "g".into(),
        kind: LaneKind::Parcel,
        calendar: Calendar::every_day(),
    };
    let zone_of = DestinationZone { code: "z".into(), country, prefixes: vec![], place, population: 1 };
    for command in [
        Command::SetOperator(Box::new(Operator { name: "op".into(), currency, zone, language })),
        Command::AddMerchant(Box::new(merchant)),
        Command::AddSite(Box::new(site)),
        Command::AddService(Box::new(service)),
        Command::AddZone(Box::new(zone_of)),
        Command::AddLane(Box::new(lane)),
        Command::AddSku(Box::new(sku)),
        Command::ReceiveStock { site: SiteId(0), sku: SkuId(0), quantity: Quantity(1_000_000) },
    ] {
        done(writer, command);
    }
    let now = writer.clock().now();
    let orders = (0..customers).map(|number| {
        let order = NewOrder {
            merchant: MerchantId(0),
            number: format!("A-{number}").into(),
            subject: None,
            zone: ZoneId(0),
            country,
            postal: "10001".into(),
            language: if number % 3 == 0 { Language::KO } else { Language::EN },
            placed: now,
            paid: Some(now),
            promise: None,
            priority: 0,
            hold: None,
            lines: [(SkuId(0), Quantity(1), 1_000)].into_iter().collect(),
        };
        let person = PersonalData {
            name: format!("Reader {number}"),
            mail: format!("reader{number}@mail.example"),
            phone: if number % 2 == 0 { format!("010-0000-{number:04}") } else { String::new() },
            consents: if number == 1 { vec![OPT_OUT.to_owned()] } else { vec![] },
            ..PersonalData::default()
        };
        (order, Some((person.mail.clone(), person)), None)
    });
    let replies = writer.place_all(orders.collect(), "shop").unwrap();
    assert!(replies.iter().all(|reply| matches!(reply, Reply::Done { .. })));
}

/// A flood closes the only site, and every customer is to be told.
pub fn strike<J: Journal, C: Clock>(writer: &mut Writer<J, C>, drill: bool) {
    done(
        writer,
        Command::OpenIncident(Box::new(NewIncident {
            hazard: Hazard::Flood,
            name: "flood".into(),
            severity: Severity::Severe,
            expected_end: None,
            surges: vec![],
            drill,
        })),
    );
    let (site, incident) = (SiteId(0), IncidentId(0));
    done(writer, Command::CloseSite { site, incident, stock: StockAccess::Inaccessible });
    let now = writer.clock().now();
    let commands = notices_due(&writer.engine().state.clone(), incident, &BTreeSet::new(), Span(0), now);
    let asks = commands.into_iter().map(|command| Ask { command, actor: "test".into(), key: None });
    let replies = writer.ask_all(asks.collect()).unwrap();
    assert!(replies.iter().all(|reply| matches!(reply, Reply::Done { .. })));
    writer.fire_due().unwrap();
}

pub fn letters(secret: [u8; 32], channels: Vec<Kind>) -> Letters {
    Letters {
        catalog: Catalog::embedded(),
        keys: KeyRing::new(1, &secret).unwrap(),
        base: "https://answers.kelp.example".into(),
        from: "orders@kelp.example".into(),
        regions: BTreeMap::new(),
        channels: channels.into_iter().map(Into::into).collect(),
    }
}

pub fn count<J: Journal, C: Clock>(writer: &Writer<J, C>, status: NoticeStatus) -> usize {
    writer.engine().state.notices.iter().filter(|(_, notice)| notice.status == status).count()
}
