//! The fluid form of the engine's rules: orders flow to sites by day, without journal, notices or shipments.
//!
//! One baseline of the whole order history is kept; a shock forks it at one of its starts and lets the orders flow to
//! the end, routing anew only what sees something else than in the baseline. Stock, capacity, calendars, cut-offs,
//! lanes, standby sites and lateness count as in the engine ([`crate::calibrate`] holds one against the other).
//! Invariant: no order is given units or capacity that are not there.

mod impact;
mod line;
mod live;
mod pass;
mod route;
mod run;
mod shock;

use std::collections::BTreeMap;

use holdfast_domain::command::NewOrder;
use holdfast_domain::id::Id;
use holdfast_domain::incident::SiteAccess;
use holdfast_domain::network::StandbyTerms;
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Stamp, Zone};
use holdfast_engine::law::Jurisdiction;

pub use impact::{Attribution, Impact, Patience};
pub use line::Line;
pub use live::Live;
pub use route::{Pick, Served};
pub use run::{Changed, Outcome};
pub use shock::{Call, Shock, Stop, What};

/// How many days ahead a new order may be promised capacity, as in the engine.
pub(crate) const HORIZON_DAYS: usize = 21;
/// Days a log looks ahead at most; longer closures are extrapolated.
pub const LOOK_AHEAD_DAYS: i64 = 35;
/// Days on the calendar after the last order.
const TAIL_DAYS: i32 = 150;
pub(crate) const DAY_MS: i64 = 86_400_000;
/// Starts of a disaster at most.
const PHASES_MAX: usize = 14;

/// A book that cannot be analysed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FluidError {
    /// No orders.
    #[error("analyse the impact without an order: the book's orders.csv has none that is open")]
    NoOrders,
    /// Too short to learn from.
    #[error("analyse the impact of {days} days of orders: at least 4 days are needed")]
    TooShort {
        /// Days from the first to the last order.
        days: i64,
    },
    /// Money that cannot be added.
    #[error(
        "add money of merchant {merchant} in {found} to costs in {wanted}: analyse each currency in its own book"
    )]
    Currencies {
        /// Whose.
        merchant: String,
        /// Its currency.
        found: String,
        /// The operator's.
        wanted: String,
    },
    /// No site takes orders.
    #[error("analyse a network in which no site takes orders: add one to sites.csv")]
    NoSites,
}

/// A line of an order.
#[derive(Clone, Copy, Debug)]
pub struct LineForm {
    /// What.
    pub sku: u32,
    /// How much.
    pub quantity: u32,
    /// Price of a unit, minor units.
    pub price: i64,
}

/// An order as the fluid form sees it.
#[derive(Clone, Debug)]
pub struct OrderForm {
    /// When it comes in, milliseconds.
    pub at: i64,
    /// Zone it goes to.
    pub zone: usize,
    /// Whose it is.
    pub merchant: usize,
    /// Higher goes first.
    pub priority: u8,
    /// Day promised; what the baseline can keep where the shop said none.
    pub promise: i32,
    /// Day the shop promised; `i32::MAX` where it said none.
    pub(crate) asked: i32,
    /// Whether a statute known here sets the seller duties when it is late.
    pub(crate) regulated: bool,
    /// Whether two of its lines are of one SKU, and take from one shelf.
    pub(crate) twice: bool,
    /// Its lines.
    pub lines: Vec<LineForm>,
}

impl OrderForm {
    /// Its worth in minor units.
    #[must_use]
    pub fn value(&self) -> i64 {
        self.lines.iter().map(|line| line.price * i64::from(line.quantity)).sum()
    }
}

pub(crate) struct SiteForm {
    pub(crate) open: bool,
    /// First day from each on that is worked.
    pub(crate) next_work: Vec<u16>,
    pub(crate) cutoffs: Vec<i64>,
    pub(crate) capacity: Vec<u32>,
    pub(crate) work: (u32, u32),
    pub(crate) cost: (i64, i64),
    pub(crate) accepts: u32,
    pub(crate) zone: Zone,
}

pub(crate) struct LaneForm {
    pub(crate) site: usize,
    pub(crate) service: usize,
    pub(crate) parcel: i64,
    pub(crate) per_kg: i64,
    /// Index into the tables of arrivals.
    pub(crate) arrivals: usize,
}

pub(crate) struct SkuForm {
    pub(crate) weight_g: u32,
    pub(crate) storage: u8,
}

/// The network, its orders and their baseline, frozen.
pub struct World {
    /// Orders by the moment they come in.
    pub orders: Vec<OrderForm>,
    /// What each gets when nothing happens.
    pub base: Vec<Served>,
    /// Moments at which a disaster may start, milliseconds.
    pub phases: Vec<i64>,
    /// End of the history, milliseconds.
    pub end: i64,
    /// Sites.
    pub sites_count: usize,
    pub(crate) days: usize,
    pub(crate) sites: Vec<SiteForm>,
    pub(crate) lanes: Vec<LaneForm>,
    pub(crate) by_zone: Vec<Vec<usize>>,
    /// Open lanes as sourcing reads them, and where those to each zone begin and end.
    pub(crate) reaches: Vec<route::Reach>,
    pub(crate) zone_reaches: Vec<core::ops::Range<u32>>,
    pub(crate) arrivals: Vec<Vec<i32>>,
    pub(crate) skus: Vec<SkuForm>,
    pub(crate) late_cost: Vec<i64>,
    pub(crate) split: Vec<bool>,
    pub(crate) snapshots: Vec<Live>,
    /// Carriers by name, in the order of their first service.
    pub carriers: Vec<Box<str>>,
    /// Carrier of each service.
    pub(crate) carrier_of: Vec<u16>,
    /// Terms of standby sites that sleep, by site.
    pub(crate) standby: Vec<Option<StandbyTerms>>,
    /// Sites that take no orders in normal times, a bit each.
    pub(crate) dormant: u64,
    /// Sites with an open lane to each zone, a bit each.
    pub(crate) zone_sites: Vec<u64>,
    /// The day of index 0.
    pub(crate) first_day: i32,
    /// Whether an order's sourcing is exact and each line comes from one site.
    pub(crate) is_plain: Vec<bool>,
    pub(crate) looks: pass::Looks,
    /// By phase: the first order after it, orders before it that wait, and those that have not begun to leave.
    pub(crate) after: Vec<usize>,
    pub(crate) waiting_at: Vec<Vec<u32>>,
    pub(crate) pending: Vec<Vec<u32>>,
    /// Units on hand at the beginning, by SKU, then site.
    pub stock: Vec<u32>,
}

impl World {
    /// Freezes a loaded state and the orders that will come in, and computes the baseline.
    ///
    /// # Errors
    /// [`FluidError`] for a book without orders or sites, or with several currencies.
    pub fn new(state: &State, orders: &[(Stamp, NewOrder)]) -> Result<Self, FluidError> {
        let (Some((first, _)), Some((last, _))) = (orders.first(), orders.last()) else {
            return Err(FluidError::NoOrders);
        };
        Self::starting_at(state, orders, phases(first.0, last.0))
    }

    /// As [`World::new`], with starts of one's own, in rising order and within the history.
    ///
    /// # Errors
    /// As [`World::new`].
    pub fn starting_at(
        state: &State,
        orders: &[(Stamp, NewOrder)],
        starts: Vec<i64>,
    ) -> Result<Self, FluidError> {
        let (Some((first, _)), Some((last, _))) = (orders.first(), orders.last()) else {
            return Err(FluidError::NoOrders);
        };
        let span = (last.0 - first.0) / DAY_MS;
        if span < 4 {
            return Err(FluidError::TooShort { days: span });
        }
        one_currency(state)?;
        let network = &state.network;
        let first_day = (first.0.div_euclid(DAY_MS)) as i32 - 1;
        let days = usize::try_from(span).unwrap_or(0) + TAIL_DAYS as usize;
        let day = |index: usize| Day(first_day).plus(index as i32);
        let sites: Vec<SiteForm> = (0..)
            .zip(&network.sites)
            .map(|(index, site)| SiteForm {
                open: state.sites.get(index).is_some_and(|now| now.access.takes_orders()),
                next_work: next_work(days, |at| site.calendar.works(day(at))),
                cutoffs: (0..days).map(|at| day(at).at(site.cutoff_ms, &site.zone).0).collect(),
                capacity: (0..days).map(|at| site.capacity_on(day(at))).collect(),
                work: (site.work_parcel, site.work_unit),
                cost: (site.cost_parcel, site.cost_unit),
                accepts: site.storage.0,
                zone: site.zone.clone(),
            })
            .collect();
        if !sites.iter().any(|site| site.open) {
            return Err(FluidError::NoSites);
        }
        let mut tables: BTreeMap<(u16, u8), usize> = BTreeMap::new();
        let mut arrivals = Vec::new();
        let mut lanes = Vec::new();
        for (_, lane) in network.lanes.iter() {
            let table = *tables.entry((lane.service.0, lane.transit_days)).or_insert_with(|| {
                let of = |at: usize| network.arrival(lane, day(at)).map_or(i32::MAX, |day| day.0);
                arrivals.push((0..days).map(of).collect());
                arrivals.len() - 1
            });
            lanes.push(LaneForm {
                site: lane.site.index(),
                service: lane.service.index(),
                parcel: lane.cost_parcel,
                per_kg: lane.cost_kg,
                arrivals: table,
            });
        }
        let by_zone: Vec<Vec<usize>> = (0..network.zones.len())
            .map(|zone| {
                let of = network.lanes_to(Id::from_index(zone));
                of.iter()
                    .filter(|(_, lane)| state.lane_is_open(*lane))
                    .map(|(_, lane)| lane.index())
                    .collect()
            })
            .collect();
        let n = sites.len();
        let zone_sites = by_zone
            .iter()
            .map(|of| of.iter().fold(0_u64, |mask, lane| mask | 1 << lanes[*lane].site))
            .collect();
        let (carriers, carrier_of) = carriers(state);
        let standby = |(index, site): (usize, &holdfast_domain::network::Site)| {
            let sleeps = state.sites.get(index).is_some_and(|now| now.access == SiteAccess::Dormant);
            site.standby.filter(|_| sleeps)
        };
        let standby = network.sites.iter().enumerate().map(standby).collect();
        let dormant = (0..n).filter(|site| !sites[*site].open).fold(0_u64, |mask, site| mask | 1 << site);
        let mut stock = vec![0; network.skus.len() * n];
        for (sku, site, shelf) in state.stock.iter() {
            stock[sku.index() * n + site.index()] = shelf.available().0;
        }
        let mut world = Self {
            orders: orders.iter().map(|(at, order)| form(*at, order)).collect(),
            base: Vec::new(),
            phases: starts,
            end: last.0,
            sites_count: n,
            days,
            sites,
            lanes,
            by_zone,
            reaches: Vec::new(),
            zone_reaches: Vec::new(),
            arrivals,
            skus: network
                .skus
                .iter()
                .map(|(_, sku)| SkuForm { weight_g: sku.weight_g, storage: sku.storage })
                .collect(),
            late_cost: network.merchants.iter().map(|merchant| merchant.late_cost).collect(),
            split: network.merchants.iter().map(|merchant| merchant.split_quantity).collect(),
            snapshots: Vec::new(),
            carriers,
            carrier_of,
            standby,
            dormant,
            zone_sites,
            first_day,
            is_plain: Vec::new(),
            looks: pass::Looks::default(),
            after: Vec::new(),
            waiting_at: Vec::new(),
            pending: Vec::new(),
            stock,
        };
        (world.reaches, world.zone_reaches) = world.reaches();
        world.run_baseline();
        world.prepare_starts();
        Ok(world)
    }

    fn run_baseline(&mut self) {
        let mut live = Live::new(self);
        for index in 0..self.orders.len() {
            let at = self.orders[index].at;
            while self.phases.get(self.snapshots.len()).is_some_and(|phase| *phase <= at) {
                self.snapshots.push(live.clone());
                self.after.push(index);
            }
            live.tick(self, at);
            let asked = self.orders[index].asked;
            let served = self.route(&live, index, &self.all_lines(index), &[], asked);
            live.take(self, index, &served.picks, &[]);
            if asked == i32::MAX && served.whole {
                self.orders[index].promise = served.arrival;
            }
            self.base.push(served);
        }
        while self.snapshots.len() < self.phases.len() {
            self.snapshots.push(live.clone());
            self.after.push(self.orders.len());
        }
        self.is_plain = (0..self.orders.len()).map(|order| run::is_plain(self, order)).collect();
        self.looks = pass::Looks::new(self, &live);
    }

    /// Notes for each start which orders before it wait and which have not begun to leave.
    fn prepare_starts(&mut self) {
        for (phase, start) in self.phases.iter().enumerate() {
            let before = 0..self.after[phase];
            let leaves = |pick: &Pick| self.sites[usize::from(pick.site)].cutoffs[usize::from(pick.day)];
            let waits = |order: &usize| !self.base[*order].whole;
            let lies = |order: &usize| {
                let picks = &self.base[*order].picks;
                !picks.is_empty() && picks.iter().all(|pick| leaves(pick) > *start)
            };
            self.waiting_at.push(before.clone().filter(waits).map(|order| order as u32).collect());
            self.pending.push(before.filter(lies).map(|order| order as u32).collect());
        }
    }

    /// Days of orders from a phase to the end of what can be looked at.
    #[must_use]
    pub fn look_ahead_ms(&self, phase: usize) -> i64 {
        (self.end - self.phases[phase]).min(LOOK_AHEAD_DAYS * DAY_MS)
    }

    /// Days from the first order to the last.
    #[must_use]
    pub fn span_days(&self) -> f64 {
        ((self.end - self.orders[0].at) as f64 / DAY_MS as f64).max(1.0)
    }

    /// At most three starts spread over all: for stops of everything, which are dear to compute.
    #[must_use]
    pub fn few_phases(&self) -> Vec<usize> {
        let last = self.phases.len().saturating_sub(1);
        let mut few = vec![0, last / 2, last];
        few.dedup();
        few
    }

    /// Service of a lane by its index.
    #[must_use]
    pub fn service_of(&self, lane: u32) -> usize {
        self.lanes[lane as usize].service
    }

    /// What a line that is a day late costs a merchant, minor units.
    #[must_use]
    pub fn late_cost(&self, merchant: usize) -> i64 {
        self.late_cost[merchant]
    }

    /// Whether the site takes orders when nothing happens.
    #[must_use]
    pub fn is_open(&self, site: usize) -> bool {
        self.sites[site].open
    }

    /// Work units a site does on an average day of the history.
    #[must_use]
    pub fn capacity_per_day(&self, site: usize) -> f64 {
        let days = self.span_days().ceil() as usize;
        let sum: f64 = self.sites[site].capacity.iter().take(days + 1).map(|c| f64::from(*c)).sum();
        sum / (days + 1) as f64
    }

    /// Work units of a parcel and of a unit at a site.
    #[must_use]
    pub fn work_of(&self, site: usize) -> (u32, u32) {
        self.sites[site].work
    }
}

/// Starts, a day apart at least, from the second day to where a third of the history is left to look at.
fn phases(first: i64, last: i64) -> Vec<i64> {
    let span = (last - first) / DAY_MS;
    let from = first / DAY_MS + 2;
    let until = from.max(last / DAY_MS - (span / 3).clamp(1, LOOK_AHEAD_DAYS));
    let step = ((until - from) / PHASES_MAX as i64 + 1).max(1);
    // 15:00 UTC lies in the working day of both coasts of North America and of Europe.
    (from..=until).step_by(step as usize).map(|day| day * DAY_MS + 15 * 3_600_000).collect()
}

fn form(at: Stamp, order: &NewOrder) -> OrderForm {
    let mut skus: Vec<_> = order.lines.iter().map(|(sku, ..)| *sku).collect();
    skus.sort_unstable();
    OrderForm {
        at: at.0,
        zone: order.zone.index(),
        merchant: order.merchant.index(),
        priority: order.priority,
        promise: order.promise.map_or(i32::MAX, |day| day.0),
        asked: order.promise.map_or(i32::MAX, |day| day.0),
        regulated: Jurisdiction::of(order.country.code(), "") != Jurisdiction::Unregulated,
        twice: skus.windows(2).any(|two| two[0] == two[1]),
        lines: order
            .lines
            .iter()
            .map(|(sku, quantity, price)| LineForm {
                sku: sku.index() as u32,
                quantity: quantity.0,
                price: *price,
            })
            .collect(),
    }
}

/// First day from each on that is worked.
fn next_work(days: usize, works: impl Fn(usize) -> bool) -> Vec<u16> {
    let mut next = vec![u16::MAX; days];
    for day in (0..days).rev() {
        next[day] = if works(day) { day as u16 } else { next.get(day + 1).copied().unwrap_or(u16::MAX) };
    }
    next
}

/// Carriers by name, and the carrier of each service.
fn carriers(state: &State) -> (Vec<Box<str>>, Vec<u16>) {
    let mut names: Vec<Box<str>> = Vec::new();
    let mut of = Vec::new();
    for service in &state.network.services {
        let known = names.iter().position(|name| *name == service.carrier).unwrap_or_else(|| {
            names.push(service.carrier.clone());
            names.len() - 1
        });
        of.push(known as u16);
    }
    (names, of)
}

fn one_currency(state: &State) -> Result<(), FluidError> {
    let Some(operator) = &state.network.operator else { return Ok(()) };
    match state.network.merchants.iter().find(|merchant| merchant.currency != operator.currency) {
        Some(merchant) => Err(FluidError::Currencies {
            merchant: merchant.code.to_string(),
            found: merchant.currency.to_string(),
            wanted: operator.currency.to_string(),
        }),
        None => Ok(()),
    }
}
