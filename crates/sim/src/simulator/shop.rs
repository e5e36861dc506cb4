//! The small network a simulation runs on: few sites, few units, so that everybody wants the same last one.

use holdfast_domain::command::Command;
use holdfast_domain::id::{MerchantId, ServiceId, SiteId, SkuId, ZoneId};
use holdfast_domain::money::Currency;
use holdfast_domain::network::{
    Country, DestinationZone, DoubtRule, Lane, LaneKind, Language, Merchant, Operator, Presumption, Service,
    Site, SiteKind, Sku, StandbyTerms, StorageSet,
};
use holdfast_domain::place::Place;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::time::{Calendar, Span, Zone};
use rand::RngExt;
use rand_chacha::ChaCha12Rng;

/// How much there is of everything; the last site is a standby.
#[derive(Clone, Copy, Debug)]
pub struct Shop {
    /// Sites, 3 to 6.
    pub sites: u16,
    /// Merchants, 2 or 3.
    pub merchants: u16,
    /// SKUs, 5 to 12; SKU n belongs to merchant n modulo merchants.
    pub skus: u32,
    /// Destination zones.
    pub zones: u16,
}

impl Shop {
    /// A shop by chance.
    pub fn by(chance: &mut ChaCha12Rng) -> Self {
        Self {
            sites: chance.random_range(3..=6),
            merchants: chance.random_range(2..=3),
            skus: chance.random_range(5..=12),
            zones: chance.random_range(1..=3),
        }
    }

    /// The merchant of a SKU.
    #[must_use]
    pub fn merchant_of(&self, sku: SkuId) -> MerchantId {
        MerchantId((sku.0 % u32::from(self.merchants)) as u16)
    }

    /// The commands that set it up, first stock included.
    pub fn setup(&self, chance: &mut ChaCha12Rng) -> Vec<Command> {
        let zone = Zone::named("America/New_York").expect("the zone is in the database compiled in");
        let mut out = vec![Command::SetOperator(Box::new(Operator {
            name: "harbour".into(),
            currency: Currency::USD,
            zone: zone.clone(),
            language: Language::EN,
        }))];
        out.extend((0..self.merchants).map(|index| Command::AddMerchant(Box::new(merchant(index)))));
        for index in 0..self.sites {
            let standby = index + 1 == self.sites;
            out.push(Command::AddSite(Box::new(site(index, standby, &zone, chance))));
        }
        for (name, kind) in [("ground", LaneKind::Parcel), ("air", LaneKind::Air)] {
            let (carrier, calendar) = ("post".into(), Calendar::every_day());
            out.push(Command::AddService(Box::new(Service { carrier, name: name.into(), kind, calendar })));
        }
        for index in 0..self.zones {
            out.push(Command::AddZone(Box::new(DestinationZone {
                code: format!("z{index}").into(),
                country: us(),
                prefixes: Vec::new(),
                place: place(index),
                population: 1_000,
            })));
        }
        for zone in 0..self.zones {
            for site in 0..self.sites {
                for service in 0..2_u16 {
                    let cost_parcel = 500 + i64::from(service) * 900 + chance.random_range(0..300);
                    let (site, zone, service_id) = (SiteId(site), ZoneId(zone), ServiceId(service));
                    let transit_days = if service == 0 { 3 } else { 1 };
                    let lane =
                        Lane { site, zone, service: service_id, cost_parcel, cost_kg: 50, transit_days };
                    out.push(Command::AddLane(Box::new(lane)));
                }
            }
        }
        for index in 0..self.skus {
            out.push(Command::AddSku(Box::new(sku(index, self.merchant_of(SkuId(index))))));
            for site in 0..self.sites {
                let quantity = Quantity(chance.random_range(0..5));
                if quantity.0 > 0 {
                    out.push(Command::ReceiveStock { site: SiteId(site), sku: SkuId(index), quantity });
                }
            }
        }
        out
    }
}

/// The country everything is in.
#[must_use]
pub fn us() -> Country {
    Country::new("US").expect("two letters")
}

fn place(index: u16) -> Place {
    Place::new(34.0 + f64::from(index), -78.0).expect("a place on earth")
}

fn merchant(index: u16) -> Merchant {
    let presume = if index == 1 { Presumption::NotShipped } else { Presumption::Shipped };
    Merchant {
        code: format!("m{index}").into(),
        name: format!("m{index}").into(),
        currency: Currency::USD,
        language: Language::EN,
        contact: "help@example.com".into(),
        split_quantity: index != 1,
        weight: 1,
        notice_after_days: 1,
        late_cost: 100,
        backorder_cost: 2_500,
        move_cost: 50,
        doubt: (index > 0).then_some(DoubtRule { after: Span::days(2), presume }),
    }
}

fn site(index: u16, standby: bool, zone: &Zone, chance: &mut ChaCha12Rng) -> Site {
    let terms = StandbyTerms { lead_time: Span::hours(36), activation_cost: 1_000, daily_cost: 100 };
    Site {
        code: format!("s{index}").into(),
        name: format!("s{index}").into(),
        kind: if standby { SiteKind::Standby } else { SiteKind::Centre },
        place: place(index),
        country: us(),
        region: "NC".into(),
        zone: zone.clone(),
        calendar: Calendar::every_day(),
        cutoff_ms: 15 * 3_600_000,
        capacity: [chance.random_range(4..40); 7],
        work_parcel: 1,
        work_unit: 1,
        cost_parcel: 100,
        cost_unit: 10,
        storage: if index == 1 { StorageSet(1) } else { StorageSet::ALL },
        wind_limit_kt: None,
        standby: standby.then_some(terms),
    }
}

fn sku(index: u32, merchant: MerchantId) -> Sku {
    Sku {
        merchant,
        code: format!("k{index}").into(),
        name: format!("k{index}").into(),
        category: "goods".into(),
        weight_g: 500,
        pack: 1,
        price: 1_000,
        cost: 400,
        storage: u8::from(index == 4),
    }
}
