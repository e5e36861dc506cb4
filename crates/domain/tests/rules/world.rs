//! A small network with something of everything, and the way of a command through it.

use holdfast_domain::command::Command;
use holdfast_domain::decide::decide;
use holdfast_domain::event::Event;
use holdfast_domain::evolve::{Entry, evolve_entry};
use holdfast_domain::id::{MerchantId, ServiceId, SiteId, SkuId, ZoneId};
use holdfast_domain::money::Currency;
use holdfast_domain::network::{
    Country, DestinationZone, DoubtRule, Lane, LaneKind, Language, Merchant, Operator, Presumption, Service,
    Site, SiteKind, Sku, StandbyTerms, StorageSet,
};
use holdfast_domain::place::Place;
use holdfast_domain::reject::Rejection;
use holdfast_domain::state::State;
use holdfast_domain::time::{Calendar, Day, Span, Stamp, Zone};

/// Codes of the sites by id: the third is a standby.
pub const SITES: [&str; 3] = ["ilm", "atl", "sby"];
/// Codes of the SKUs by id. The first three are acme's, the others bolt's; milk is chilled, and atl takes none.
pub const SKUS: [&str; 5] = ["batt", "lamp", "milk", "tea", "cup"];
/// Codes of the merchants by id. acme lets lines be split and presumes nothing; bolt forbids it and has a rule for
/// parcels in doubt.
pub const MERCHANTS: [&str; 2] = ["acme", "bolt"];
/// Work units each site does in a day; a parcel takes one and each unit in it another.
pub const CAPACITY: [u32; 3] = [60, 40, 50];

/// Monday, 10 September 2018, 8 o'clock in New York.
pub const START: Stamp = Stamp(1_536_580_800_000);
/// That day.
pub const DAY: Day = Day(17_784);

/// A state with everything that was journaled to get there.
#[derive(Clone)]
pub struct World {
    pub state: State,
    pub now: Stamp,
    pub journal: Vec<Entry>,
}

impl World {
    /// The network, without stock or orders.
    pub fn new() -> Self {
        let mut world = Self { state: State::default(), now: START, journal: Vec::new() };
        for command in network() {
            world.ask(&command).expect("the network is sound");
        }
        world
    }

    /// Decides a command and applies what comes of it.
    pub fn ask(&mut self, command: &Command) -> Result<Vec<Event>, Rejection> {
        self.ask_once(command, None)
    }

    /// As [`World::ask`], with an idempotency key.
    pub fn ask_once(&mut self, command: &Command, key: Option<u128>) -> Result<Vec<Event>, Rejection> {
        let events = decide(&self.state, command, self.now)?;
        let entry = Entry { at: self.now, actor: "test".into(), key, events };
        if let Err(misfit) = evolve_entry(&mut self.state, &entry) {
            panic!("{misfit}\nafter {command:?}\nwith {:?}", entry.events);
        }
        self.journal.push(entry);
        Ok(self.journal.last().expect("it was just pushed").events.clone())
    }

    /// Lets time pass; every timer that is due meanwhile fires at its moment.
    pub fn wait(&mut self, span: Span) {
        let until = self.now.after(span);
        while let Some((due, timer)) = self.state.timers.first().filter(|(due, _)| *due <= until) {
            self.now = self.now.max(due);
            self.ask(&Command::FireTimer { due, timer }).expect("a timer that is due fires");
        }
        self.now = until;
    }
}

pub fn us() -> Country {
    Country::new("US").unwrap()
}

fn place(lat: f64, lon: f64) -> Place {
    Place::new(lat, lon).unwrap()
}

pub fn merchant(code: &str) -> Merchant {
    let bolt = code == "bolt";
    Merchant {
        code: code.into(),
        name: code.into(),
        currency: Currency::USD,
        language: Language::EN,
        contact: "help@example.com".into(),
        split_quantity: !bolt,
        weight: 1,
        notice_after_days: 1,
        late_cost: 100,
        backorder_cost: 900,
        move_cost: 50,
        doubt: bolt.then_some(DoubtRule { after: Span::days(2), presume: Presumption::NotShipped }),
    }
}

pub fn site(index: usize) -> Site {
    let standby = index == 2;
    let terms = StandbyTerms { lead_time: Span::hours(36), activation_cost: 1_000, daily_cost: 100 };
    Site {
        code: SITES[index].into(),
        name: SITES[index].into(),
        kind: if standby { SiteKind::Standby } else { SiteKind::Centre },
        place: place(34.0 + index as f64, -78.0),
        country: us(),
        region: "NC".into(),
        zone: Zone::named("America/New_York").unwrap(),
        calendar: Calendar::every_day(),
        cutoff_ms: 15 * 3_600_000,
        capacity: [CAPACITY[index]; 7],
        work_parcel: 1,
        work_unit: 1,
        cost_parcel: 100,
        cost_unit: 10,
        storage: if index == 1 { StorageSet(0b1) } else { StorageSet::ALL },
        wind_limit_kt: Some(64),
        standby: standby.then_some(terms),
    }
}

pub fn sku(index: usize) -> Sku {
    Sku {
        merchant: MerchantId(u16::from(index >= 3)),
        code: SKUS[index].into(),
        name: SKUS[index].into(),
        category: "storm".into(),
        weight_g: 500,
        pack: 1,
        price: 1_000,
        cost: 400,
        storage: u8::from(SKUS[index] == "milk"),
    }
}

/// Two zones, the second across a border; from each site a lane to each by ground (even ids) and by air (odd).
pub fn lane_of(site: SiteId, zone: ZoneId, service: ServiceId) -> Lane {
    let (cost_parcel, transit_days) = if service.0 == 0 { (700, 3) } else { (1_900, 1) };
    Lane { site, zone, service, cost_parcel, cost_kg: 50, transit_days }
}

fn network() -> Vec<Command> {
    let operator = Operator {
        name: "Harbour".into(),
        currency: Currency::USD,
        zone: Zone::named("America/New_York").unwrap(),
        language: Language::EN,
    };
    let mut out = vec![Command::SetOperator(Box::new(operator))];
    out.extend(MERCHANTS.map(|code| Command::AddMerchant(Box::new(merchant(code)))));
    out.extend((0..3).map(|index| Command::AddSite(Box::new(site(index)))));
    for (name, kind) in [("ground", LaneKind::Parcel), ("air", LaneKind::Air)] {
        let (carrier, calendar) = ("ups".into(), Calendar::weekdays_only());
        out.push(Command::AddService(Box::new(Service { carrier, name: name.into(), kind, calendar })));
    }
    for (code, country) in [("284", "US"), ("ca", "CA")] {
        out.push(Command::AddZone(Box::new(DestinationZone {
            code: code.into(),
            country: Country::new(country).unwrap(),
            prefixes: vec![],
            place: place(35.0, -79.0),
            population: 1_000,
        })));
    }
    for zone in [0, 1] {
        for site in [0, 1, 2] {
            for service in [0, 1] {
                let lane = lane_of(SiteId(site), ZoneId(zone), ServiceId(service));
                out.push(Command::AddLane(Box::new(lane)));
            }
        }
    }
    out.extend((0..SKUS.len()).map(|index| Command::AddSku(Box::new(sku(index)))));
    out
}

pub fn site_id(code: &str) -> SiteId {
    SiteId(SITES.iter().position(|known| *known == code).unwrap_or_else(|| panic!("site {code}")) as u16)
}

pub fn sku_id(code: &str) -> SkuId {
    SkuId(SKUS.iter().position(|known| *known == code).unwrap_or_else(|| panic!("SKU {code}")) as u32)
}
