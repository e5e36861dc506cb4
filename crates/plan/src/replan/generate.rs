//! Random problems of any size, from a seed: what the benchmarks and the product's own promises are measured on.
//!
//! The world is in the manner of the shared benchmark instances: sites and zones in a plane, parcel prices and
//! transit by distance, SKUs of skewed popularity held at a few sites each, orders planned where they were
//! cheapest, and then the busiest site lost and some lanes closed.

use holdfast_domain::id::{SiteId, SkuId, ZoneId};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::problem::{Draft, Lane, LaneKind, Line, Merchant, Order, Problem, Site, SiteStatus, Sku, Stock};

/// What to draw.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct World {
    /// Seed of every draw.
    pub seed: u64,
    /// Sites; the one with most orders planned is down.
    pub sites: u16,
    /// Zones.
    pub zones: u16,
    /// SKUs.
    pub skus: u32,
    /// Orders.
    pub orders: u32,
    /// Days of the horizon; each day has its share of the capacity.
    pub days: u16,
    /// Services from each site to each zone: ground, and faster dearer ones.
    pub services: u16,
    /// Merchants that share the sites.
    pub merchants: u16,
}

impl World {
    /// The benchmark's shape: 14 sites, 60 zones, 5,000 SKUs, one day, one service, one merchant.
    #[must_use]
    pub fn benchmark(seed: u64, orders: u32) -> Self {
        Self { seed, sites: 14, zones: 60, skus: 5000, orders, days: 1, services: 1, merchants: 1 }
    }

    /// A shared network: 14 sites, five days, two services, 60 merchants.
    #[must_use]
    pub fn shared(seed: u64, orders: u32) -> Self {
        Self { days: 5, services: 2, merchants: 60, ..Self::benchmark(seed, orders) }
    }
}

/// Units of an order line in ten thousand draws: mostly one.
const UNITS: [(u32, u32); 3] = [(1, 9000), (2, 800), (3, 200)];
/// Lines of an order in ten thousand draws.
const LINES: [(usize, u32); 4] = [(1, 5500), (2, 2500), (3, 1300), (4, 700)];

/// Draws a problem.
///
/// ```
/// use holdfast_plan::replan::{World, generate};
/// let problem = generate(&World::shared(1, 100));
/// assert_eq!((problem.orders.len(), problem.horizon_days), (100, 5));
/// assert_eq!(problem, generate(&World::shared(1, 100)));
/// ```
#[must_use]
pub fn generate(world: &World) -> Problem {
    let mut rng = ChaCha8Rng::seed_from_u64(world.seed);
    let mut draw = Draw::places(&mut rng, world);
    draw.lanes();
    let held = draw.assortment();
    draw.orders(&held);
    draw.lose_a_site();
    Problem::freeze(draw.draft).expect("a drawn world is within the limits")
}

struct Draw<'a> {
    rng: &'a mut ChaCha8Rng,
    world: World,
    site_at: Vec<(f64, f64)>,
    zone_at: Vec<(f64, f64)>,
    draft: Draft,
}

fn pick<T: Copy>(rng: &mut ChaCha8Rng, table: &[(T, u32)]) -> T {
    let mut draw = rng.random_range(0..10_000_u32);
    for &(value, share) in table {
        if draw < share {
            return value;
        }
        draw -= share;
    }
    table[0].0
}

impl<'a> Draw<'a> {
    fn places(rng: &'a mut ChaCha8Rng, world: &World) -> Self {
        let mut point = || (rng.random::<f64>() * 2800.0, rng.random::<f64>() * 1600.0);
        let site_at = (0..world.sites.max(1)).map(|_| point()).collect();
        let zone_at = (0..world.zones.max(1)).map(|_| point()).collect();
        let draft = Draft {
            horizon_days: world.days.max(1),
            zones: usize::from(world.zones.max(1)),
            skus: vec![Sku { weight_g: 0, class: 0 }; world.skus.max(1) as usize],
            merchants: vec![Merchant::default(); usize::from(world.merchants.max(1))],
            ..Draft::default()
        };
        Self { rng, world: *world, site_at, zone_at, draft }
    }

    fn miles(&self, site: usize, zone: usize) -> f64 {
        let ((ax, ay), (bx, by)) = (self.site_at[site], self.zone_at[zone]);
        ((ax - bx) * (ax - bx) + (ay - by) * (ay - by)).sqrt()
    }

    fn lanes(&mut self) {
        for site in 0..self.site_at.len() {
            for zone in 0..self.zone_at.len() {
                let band = (self.miles(site, zone) / 400.0).floor().min(7.0) as i64;
                for service in 0..self.world.services.max(1) {
                    let speed = i64::from(service);
                    let open = self.rng.random_bool(0.97);
                    self.draft.lanes.push(Lane {
                        site: SiteId(site as u16),
                        zone: ZoneId(zone as u16),
                        service,
                        kind: LaneKind::Parcel,
                        fix: (650 + 70 * band) * (2 + speed) / 2 + self.rng.random_range(0..30),
                        per_unit: 45 + 13 * band,
                        per_kg: 0,
                        handling_parcel: 0,
                        handling_unit: 0,
                        transit_days: vec![(1 + band.min(5) - speed * 2).max(1) as u16],
                        open_from: 0,
                        open_until: if open { self.draft.horizon_days } else { 0 },
                        allows: u32::MAX,
                        unit_max_g: u32::MAX,
                    });
                }
            }
        }
    }

    /// Which sites hold each SKU.
    fn assortment(&mut self) -> Vec<Vec<u16>> {
        let sites = self.site_at.len() as u16;
        let skus = self.draft.skus.len();
        (0..skus)
            .map(|_| {
                let many = if self.rng.random_bool(0.2) { 9 } else { 4 };
                let count = self.rng.random_range(1..=many.min(sites));
                let mut held: Vec<u16> = (0..count).map(|_| self.rng.random_range(0..sites)).collect();
                held.sort_unstable();
                held.dedup();
                held
            })
            .collect()
    }

    /// A SKU by popularity: its rank is skewed towards the first.
    fn sku(&mut self) -> usize {
        let draw: f64 = self.rng.random();
        ((draw * draw * self.draft.skus.len() as f64) as usize).min(self.draft.skus.len() - 1)
    }

    fn orders(&mut self, held: &[Vec<u16>]) {
        let mut used = vec![0_u64; self.site_at.len()];
        let mut sold: Vec<Vec<u32>> = held.iter().map(|sites| vec![0; sites.len()]).collect();
        let mut asked = vec![0_u32; held.len()];
        for _ in 0..self.world.orders {
            let zone = self.rng.random_range(0..self.zone_at.len());
            let (promise, late_cost) = [(2_u16, 600), (3, 400), (5, 250)][self.rng.random_range(0..3)];
            let count = pick(self.rng, &LINES);
            let mut lines: Vec<Line> = Vec::with_capacity(count);
            while lines.len() < count {
                let sku = self.sku();
                if lines.iter().any(|line| line.sku.0 as usize == sku) {
                    continue;
                }
                let nearest = (0..held[sku].len()).min_by(|&a, &b| {
                    let miles = |at: usize| self.miles(usize::from(held[sku][at]), zone);
                    miles(a).total_cmp(&miles(b)).then(a.cmp(&b))
                });
                let at = nearest.expect("each SKU is held somewhere");
                let quantity = pick(self.rng, &UNITS);
                let site = usize::from(held[sku][at]);
                sold[sku][at] += quantity;
                asked[sku] += quantity;
                used[site] += u64::from(quantity) + 2;
                lines.push(Line {
                    sku: SkuId(sku as u32),
                    quantity,
                    planned: Some(SiteId(site as u16)),
                    move_cost: 30,
                    may_split: false,
                    backorder_cost: 2500,
                    backorder_unit: 0,
                    held: None,
                });
            }
            let last_day = self.draft.horizon_days - 1;
            self.draft.orders.push(Order {
                merchant: self.rng.random_range(0..self.draft.merchants.len()) as u16,
                zone: ZoneId(zone as u16),
                promise_day: promise + if last_day > 0 { self.rng.random_range(0..=1) } else { 0 },
                earliest_day: 0,
                late_cost,
                late_cost_day: 0,
                split_cost: 0,
                weight: 1,
                lines,
            });
        }
        self.stock(held, &sold, &asked);
        self.sites(&used);
    }

    /// What was planned is there, and a little more.
    fn stock(&mut self, held: &[Vec<u16>], sold: &[Vec<u32>], asked: &[u32]) {
        for (sku, sites) in held.iter().enumerate() {
            let spare = asked[sku] / (3 * sites.len() as u32) + 1;
            for (&site, &sold) in sites.iter().zip(&sold[sku]) {
                let quantity = sold + self.rng.random_range(0..=spare);
                if quantity > 0 {
                    let (site, sku) = (SiteId(site), SkuId(sku as u32));
                    self.draft.stock.push(Stock { site, sku, quantity, from_day: 0 });
                }
            }
        }
    }

    fn sites(&mut self, used: &[u64]) {
        let days = u64::from(self.draft.horizon_days);
        for &work in used {
            let all = work * self.rng.random_range(105..150_u64) / 100 + 4 * days;
            self.draft.sites.push(Site {
                status: SiteStatus::Usable,
                capacity: vec![all.div_ceil(days); days as usize],
                work_parcel: 2,
                work_unit: 1,
                allows: u32::MAX,
            });
        }
    }

    fn lose_a_site(&mut self) {
        let capacity = |site: &Site| site.capacity[0];
        let busiest = (0..self.draft.sites.len()).rev().max_by_key(|&site| capacity(&self.draft.sites[site]));
        if let Some(site) = busiest.filter(|_| self.draft.sites.len() > 1) {
            self.draft.sites[site].status = SiteStatus::Down;
            self.draft.sites[site].capacity.fill(0);
        }
    }
}
