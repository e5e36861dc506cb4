//! Small random problems.

use holdfast_domain::id::{SiteId, SkuId, ZoneId};
use holdfast_plan::replan::{
    Draft, Haul, Held, Lane, LaneKind, Line, Merchant, Order, Site, SiteStatus, Sku, Stock,
};
use rand::RngExt as _;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

/// Which problems to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// As in the benchmark: a day, a lane a place, whole lines.
    Plain,
    /// Days, services, standby sites, classes, weights, splitting, floors, held lines.
    EveryRule,
    /// No site has two SKUs of an order.
    ManySites,
    /// Orders of seven to nine lines, some held, standby sites and split costs; whole lines, a day.
    LongOrders,
    /// As under every rule, with trucks between the sites and few lanes of their own.
    Hauls,
    /// Long orders with trucks between the sites.
    LongHauls,
}

impl Kind {
    /// Without the trucks.
    const fn without_hauls(self) -> Self {
        match self {
            Self::Hauls => Self::EveryRule,
            Self::LongHauls => Self::LongOrders,
            other => other,
        }
    }
}

pub fn random(kind: Kind, seed: u64) -> Draft {
    let mut draft = without_hauls(kind.without_hauls(), seed);
    if kind != kind.without_hauls() {
        haul(&mut ChaCha8Rng::seed_from_u64(seed ^ 0x6861_756c), &mut draft);
    }
    draft
}

/// Puts trucks on the road, shuts every lane of one site, and makes waiting dear, so that they are needed.
fn haul(rng: &mut ChaCha8Rng, draft: &mut Draft) {
    let (days, sites) = (draft.horizon_days, draft.sites.len());
    let site = |rng: &mut ChaCha8Rng| SiteId(rng.random_range(0..sites) as u16);
    let cut_off = site(rng);
    if rng.random_bool(0.8) {
        draft.sites[usize::from(cut_off.0)].status = SiteStatus::Usable;
    }
    draft.lanes.iter_mut().filter(|lane| lane.site == cut_off).for_each(|lane| lane.open_until = 0);
    draft.stock.retain(|held| held.site == cut_off || rng.random_bool(0.5));
    draft.orders.truncate(2);
    for line in draft.orders.iter_mut().flat_map(|order| &mut order.lines) {
        line.backorder_cost += 1500;
        line.may_split &= rng.random_bool(0.3);
        line.quantity = line.quantity.min(2);
    }
    for number in 0..rng.random_range(1..=3) {
        let from = if number == 0 { cut_off } else { site(rng) };
        let leaves_day = u16::from(rng.random_bool(0.2) && days > 1);
        let skus = (0..draft.skus.len()).filter(|_| rng.random_bool(0.8)).map(|sku| SkuId(sku as u32));
        let skus = skus.collect();
        draft.hauls.push(Haul {
            from,
            to: site(rng),
            leaves_day,
            ready_day: rng.random_range(leaves_day..=days.min(leaves_day + 1)),
            per_unit: rng.random_range(0..250),
            per_kg: rng.random_range(0..80),
            skus,
        });
    }
}

fn without_hauls(kind: Kind, seed: u64) -> Draft {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ (kind as u64) << 40);
    let rng = &mut rng;
    let every = kind == Kind::EveryRule;
    let horizon_days = if every { rng.random_range(1..=2) } else { 1 };
    let sites = if every { rng.random_range(1..=3) } else { rng.random_range(1..=4) };
    let sites = if kind == Kind::ManySites { 4 } else { sites };
    let sites = if kind == Kind::LongOrders { rng.random_range(2..=3) } else { sites };
    let zones = rng.random_range(1..=2);
    let skus = if kind == Kind::ManySites { 4 } else { rng.random_range(1..=4) };
    let skus = if kind == Kind::LongOrders { rng.random_range(6..=9) } else { skus };
    let merchants = if every { 2 } else { 1 };
    let mut draft = Draft {
        horizon_days,
        zones,
        sites: (0..sites).map(|_| site(rng, horizon_days, kind)).collect(),
        skus: (0..skus)
            .map(|_| Sku {
                weight_g: if every { rng.random_range(0..3000) } else { 0 },
                class: u8::from(every && rng.random_bool(0.2)),
            })
            .collect(),
        merchants: vec![Merchant::default(); merchants],
        ..Draft::default()
    };
    for site in 0..sites {
        for zone in 0..zones {
            let services = if every { rng.random_range(1..=2) } else { 1 };
            draft
                .lanes
                .extend((0..services).map(|service| lane(rng, site, zone, service, horizon_days, every)));
        }
        for sku in 0..skus {
            let here = if kind == Kind::ManySites { sku == site } else { rng.random_bool(0.7) };
            if here {
                draft.stock.push(Stock {
                    site: SiteId(site as u16),
                    sku: SkuId(sku as u32),
                    quantity: rng.random_range(1..=4),
                    from_day: u16::from(every && rng.random_bool(0.2)),
                });
            }
        }
    }
    let orders = rng.random_range(1..=if every { 3 } else { 4 });
    let orders = if kind == Kind::LongOrders { rng.random_range(1..=2) } else { orders };
    let lines = if every { 2 } else { 3 };
    let lines = if kind == Kind::ManySites { 4 } else { lines };
    for _ in 0..orders {
        let order = order(rng, &draft, lines, kind);
        draft.orders.push(order);
    }
    if every && rng.random_bool(0.3) {
        draft.merchants[0].kept_floor = rng.random_range(1..=2);
    }
    draft
}

fn site(rng: &mut ChaCha8Rng, days: u16, kind: Kind) -> Site {
    let (every, long) = (kind == Kind::EveryRule, kind == Kind::LongOrders);
    let status = match rng.random_range(0..10) {
        0 => SiteStatus::Down,
        1..=3 if every || long => {
            SiteStatus::Standby { opens_day: rng.random_range(0..=1), activation: rng.random_range(0..800) }
        }
        _ => SiteStatus::Usable,
    };
    Site {
        status,
        capacity: (0..days).map(|_| rng.random_range(if long { 8..60 } else { 0..24 })).collect(),
        work_parcel: rng.random_range(0..=2),
        work_unit: rng.random_range(0..=2),
        allows: if every && rng.random_bool(0.3) { 1 } else { u32::MAX },
    }
}

fn lane(rng: &mut ChaCha8Rng, site: usize, zone: usize, service: u16, days: u16, every: bool) -> Lane {
    let open = rng.random_bool(0.9);
    let extra = |rng: &mut ChaCha8Rng, most: i64| if every { rng.random_range(0..most) } else { 0 };
    Lane {
        site: SiteId(site as u16),
        zone: ZoneId(zone as u16),
        service,
        kind: if service == 0 { LaneKind::Parcel } else { LaneKind::LocalCourier },
        fix: rng.random_range(300..1200),
        per_unit: rng.random_range(0..200),
        per_kg: extra(rng, 100),
        handling_parcel: extra(rng, 60),
        handling_unit: extra(rng, 20),
        transit_days: if every && rng.random_bool(0.3) {
            (0..days).map(|_| rng.random_range(1..4)).collect()
        } else {
            vec![rng.random_range(1..5)]
        },
        open_from: u16::from(every && days > 1 && rng.random_bool(0.2)),
        open_until: if open { days } else { 0 },
        allows: if every && rng.random_bool(0.2) { 1 } else { u32::MAX },
        unit_max_g: if every && rng.random_bool(0.3) { 2000 } else { u32::MAX },
    }
}

fn order(rng: &mut ChaCha8Rng, draft: &Draft, lines_max: usize, kind: Kind) -> Order {
    let every = kind == Kind::EveryRule;
    let count =
        if kind == Kind::ManySites { rng.random_range(3..=4) } else { rng.random_range(1..=lines_max) };
    let long = kind == Kind::LongOrders;
    let most = if draft.sites.len() == 2 { 9 } else { 7 };
    let count = if long { rng.random_range(7..=most) } else { count };
    let lines = (0..count).map(|position| {
        let sku = if kind == Kind::ManySites { position } else { rng.random_range(0..draft.skus.len()) };
        Line {
            sku: SkuId(sku as u32),
            quantity: rng.random_range(1..=3),
            planned: rng.random_bool(0.8).then(|| SiteId(rng.random_range(0..draft.sites.len()) as u16)),
            move_cost: rng.random_range(0..60),
            may_split: every && rng.random_bool(0.4),
            backorder_cost: rng.random_range(0..2600),
            backorder_unit: if every { rng.random_range(0..300) } else { 0 },
            held: ((every || long) && rng.random_bool(0.05)).then_some(Held::RecallFirst),
        }
    });
    let lines = lines.collect();
    Order {
        merchant: if every { rng.random_range(0..2) } else { 0 },
        zone: ZoneId(rng.random_range(0..draft.zones) as u16),
        promise_day: rng.random_range(1..5),
        earliest_day: u16::from(every && rng.random_bool(0.2)),
        late_cost: rng.random_range(0..700),
        late_cost_day: if every { rng.random_range(0..100) } else { 0 },
        split_cost: if every || long { rng.random_range(0..200) } else { 0 },
        weight: 1,
        lines,
    }
}
