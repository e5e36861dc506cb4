//! The frozen re-planning problem: dense indices, whole numbers, and nothing the solver has to look up elsewhere.
//!
//! A [`Draft`] is filled by whoever knows the world (the engine, a file reader, a generator); [`Problem::freeze`]
//! checks every index and limit once and returns every fault it finds. After that a problem never changes, so a
//! plan can name it, a checker can re-verify it, and no later stage needs a bounds excuse.
//!
//! Days are counted from the first day of the horizon. Money is whole minor units of one currency. What is held
//! (see [`Line::held`]) is outside: `stock` and `capacity` are net of it.

use std::ops::Deref;

use holdfast_domain::id::{LaneId, SiteId, SkuId, ZoneId};
use serde::{Deserialize, Serialize};

/// Largest amount a single cost may have, in minor units; keeps every sum inside 64 bits.
pub const COST_MAX: i64 = 1 << 34;
/// Largest number of units in one order line.
pub const LINE_QUANTITY_MAX: u32 = 1 << 20;
/// Longest horizon, in days.
pub const HORIZON_MAX: u16 = 64;
/// Most sites.
pub const SITES_MAX: usize = 4096;
/// Most lines in one order.
pub const ORDER_LINES_MAX: usize = 1024;
/// Most trucks between sites.
pub const HAULS_MAX: usize = 1024;
/// Most orders.
pub const ORDERS_MAX: usize = 1 << 24;
/// Most faults reported by one [`Problem::freeze`].
pub const FAULTS_MAX: usize = 100;

/// Whether and since when a site may ship.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum SiteStatus {
    /// Ships now.
    Usable,
    /// Lost: its capacity is nothing and its stock cannot be touched.
    Down,
    /// A standby site: ships from a day on, and only if its activation is paid once.
    Standby {
        /// First day it ships.
        opens_day: u16,
        /// What activating it costs, in minor units.
        activation: i64,
    },
}

/// A place that ships.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Site {
    /// Usable, down or standby.
    pub status: SiteStatus,
    /// Work units it can do, by day of the horizon.
    pub capacity: Vec<u64>,
    /// Work units a parcel takes.
    pub work_parcel: u32,
    /// Work units a unit takes.
    pub work_unit: u32,
    /// Storage and hazard classes it may handle: bit `c` for class `c`.
    pub allows: u32,
}

/// What is sold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sku {
    /// Weight of a unit in grams.
    pub weight_g: u32,
    /// Storage or hazard class, 0 to 31.
    pub class: u8,
}

/// What sort of way a lane is; the plan says which it opened.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum LaneKind {
    /// A carrier's parcel service.
    Parcel,
    /// A store that ships like a hub.
    StoreHub,
    /// The customer picks it up.
    PickUp,
    /// A local courier.
    LocalCourier,
    /// Line-haul to a hub near the customers, then parcels.
    ZoneSkip,
}

/// A way from a site to a zone by one service.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Lane {
    /// Where it starts.
    pub site: SiteId,
    /// Where it ends.
    pub zone: ZoneId,
    /// Which service, for the reader of the plan.
    pub service: u16,
    /// What sort of way.
    pub kind: LaneKind,
    /// Shipping cost of a parcel, in minor units.
    pub fix: i64,
    /// Shipping cost of a unit.
    pub per_unit: i64,
    /// Shipping cost of a kilogram, charged on each unit's weight and rounded up per unit.
    pub per_kg: i64,
    /// Extra handling of a parcel on this way.
    pub handling_parcel: i64,
    /// Extra handling of a unit on this way.
    pub handling_unit: i64,
    /// Days on the way: one number for all ship days, or one for each day of the horizon.
    pub transit_days: Vec<u16>,
    /// First ship day on which the lane is open.
    pub open_from: u16,
    /// First ship day on which it is closed again; `open_from` or less: closed throughout (an embargo).
    pub open_until: u16,
    /// Classes it carries: bit `c` for class `c`.
    pub allows: u32,
    /// Heaviest unit it carries, in grams.
    pub unit_max_g: u32,
}

impl Lane {
    /// Days on the way for a parcel that leaves on `day`.
    #[must_use]
    pub fn transit(&self, day: u16) -> u16 {
        if self.transit_days.len() == 1 { self.transit_days[0] } else { self.transit_days[usize::from(day)] }
    }
}

/// Units of one SKU at one site.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Stock {
    /// Where.
    pub site: SiteId,
    /// What.
    pub sku: SkuId,
    /// How many units may be promised by this plan.
    pub quantity: u32,
    /// First day they may be shipped (a receipt that is due later than day 0).
    pub from_day: u16,
}

/// A truck between two sites: what lies at one may ship from the other, later and at a cost.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Haul {
    /// Where it is loaded; it carries nothing from a site that is down or on standby.
    pub from: SiteId,
    /// Where it is unloaded, and what it brought ships from.
    pub to: SiteId,
    /// Day it leaves: what it carries is there by then.
    pub leaves_day: u16,
    /// First day on which what it brings may ship.
    pub ready_day: u16,
    /// Cost of carrying and handling a unit.
    pub per_unit: i64,
    /// Cost of carrying a kilogram, charged on each unit's weight and rounded up per unit.
    pub per_kg: i64,
    /// What it may carry, ascending.
    pub skus: Vec<SkuId>,
}

/// A merchant's rule on shared sites.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, Default)]
pub struct Merchant {
    /// Weight of promises that must be kept at least: the floor. 0 = no floor.
    /// [`crate::replan::fair_floors`] derives it from phi and the merchants' weights.
    pub kept_floor: u64,
}

/// Why a line may not be decided by this plan.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Held {
    /// Released to a 3PL, which must first accept the recall.
    RecallFirst,
    /// May have left already: the doubt is settled first.
    InDoubt,
    /// Already packed or loaded.
    Released,
    /// A person holds it.
    ByHand,
}

/// A line of an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Line {
    /// What.
    pub sku: SkuId,
    /// How many units.
    pub quantity: u32,
    /// Where it was planned to ship from.
    pub planned: Option<SiteId>,
    /// What shipping a piece of it from another site costs, while the planned site can still ship.
    pub move_cost: i64,
    /// Whether its units may come from several sites or days.
    pub may_split: bool,
    /// What leaving any of it on backorder costs, once.
    pub backorder_cost: i64,
    /// What each unit on backorder costs besides.
    pub backorder_unit: i64,
    /// Not to be decided here, and why. Such a line takes neither stock nor capacity of this problem.
    pub held: Option<Held>,
}

/// An open order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Order {
    /// Whose it is: an index into `merchants`.
    pub merchant: u16,
    /// Where it goes.
    pub zone: ZoneId,
    /// Last day of arrival that keeps the promise.
    pub promise_day: u16,
    /// First day it may ship.
    pub earliest_day: u16,
    /// What a piece of a line that arrives late costs.
    pub late_cost: i64,
    /// What each day of lateness of such a piece costs besides.
    pub late_cost_day: i64,
    /// What each parcel after the first costs besides its own price.
    pub split_cost: i64,
    /// Weight of its promise in the fairness floor; each line counts so much.
    pub weight: u32,
    /// Its lines, in the order of the world outside.
    pub lines: Vec<Line>,
}

/// A problem being put together: everything public, nothing checked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Default)]
pub struct Draft {
    /// Days in the horizon, at least 1.
    pub horizon_days: u16,
    /// Number of zones.
    pub zones: usize,
    /// Sites, by index.
    pub sites: Vec<Site>,
    /// SKUs, by index.
    pub skus: Vec<Sku>,
    /// Lanes, by index.
    pub lanes: Vec<Lane>,
    /// Stock, in any order; absent = none.
    pub stock: Vec<Stock>,
    /// Trucks between sites, by index.
    #[serde(default)]
    pub hauls: Vec<Haul>,
    /// Merchants, by index.
    pub merchants: Vec<Merchant>,
    /// Orders, by index.
    pub orders: Vec<Order>,
}

/// A checked problem. Reads like its [`Draft`] and cannot be written.
///
/// ```
/// use holdfast_plan::replan::{Draft, Problem};
/// let empty = Problem::freeze(Draft { horizon_days: 1, ..Draft::default() }).unwrap();
/// assert!(empty.orders.is_empty());
/// assert!(Problem::freeze(Draft::default()).is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    draft: Draft,
    /// First line of each order in the numbering of all lines, and their total at the end.
    first_line: Vec<u32>,
}

impl Deref for Problem {
    type Target = Draft;
    fn deref(&self) -> &Draft {
        &self.draft
    }
}

/// One fault of a draft: where and what. Stable codes are the variants' names.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProblemFault {
    /// A number outside its limit.
    #[error("{place}: {what} is {value}, the limit is {limit}")]
    OutOfRange {
        /// Entity and index.
        place: String,
        /// Field.
        what: &'static str,
        /// What it was.
        value: i64,
        /// What it may be at most (or at least, where the field says so).
        limit: i64,
    },
    /// An index that names nothing.
    #[error("{place}: {what} {value} does not exist, there are {count}")]
    Unknown {
        /// Entity and index.
        place: String,
        /// Which index.
        what: &'static str,
        /// What it was.
        value: usize,
        /// How many there are.
        count: usize,
    },
    /// A list that must have one entry a day.
    #[error("{place}: {what} has {found} entries, the horizon has {expected} days")]
    WrongLength {
        /// Entity and index.
        place: String,
        /// Which list.
        what: &'static str,
        /// Entries found.
        found: usize,
        /// Entries expected.
        expected: usize,
    },
    /// A truck's SKUs are not in ascending order, or one is named twice.
    #[error("haul {haul}: its SKUs are not ascending")]
    HaulOrder {
        /// Which, by index.
        haul: usize,
    },
    /// Two stock entries for one site and SKU.
    #[error("stock of {sku} at {site} is given twice: add the two")]
    StockTwice {
        /// Where.
        site: SiteId,
        /// What.
        sku: SkuId,
    },
}

/// All faults of a draft, at most [`FAULTS_MAX`].
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("freeze the problem: {} fault(s), the first: {}", .0.len(), .0[0])]
pub struct ProblemError(pub Vec<ProblemFault>);

impl Problem {
    /// Checks `draft` and freezes it.
    ///
    /// # Errors
    /// Every index that names nothing and every number outside its limit, up to [`FAULTS_MAX`] of them.
    pub fn freeze(draft: Draft) -> Result<Self, ProblemError> {
        let mut faults = Faults(Vec::new());
        faults.check_world(&draft);
        faults.check_stock(&draft);
        faults.check_hauls(&draft);
        let dearest = Dearest::of(&draft);
        let mut first_line = Vec::with_capacity(draft.orders.len() + 1);
        let mut lines = 0_usize;
        for (index, order) in draft.orders.iter().enumerate() {
            first_line.push(u32::try_from(lines).unwrap_or(u32::MAX));
            lines += order.lines.len();
            faults.check_order(&draft, &dearest, index, order);
        }
        faults.at_most(|| "problem".into(), "lines", lines as i64, i64::from(u32::MAX) - 2);
        first_line.push(u32::try_from(lines).unwrap_or(u32::MAX));
        if faults.0.is_empty() { Ok(Self { draft, first_line }) } else { Err(ProblemError(faults.0)) }
    }

    /// Index of the order's first line in the numbering of all lines; `order` may be the number of orders.
    #[must_use]
    pub fn first_line(&self, order: usize) -> usize {
        self.first_line[order] as usize
    }

    /// Number of lines of all orders.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.first_line[self.draft.orders.len()] as usize
    }

    /// The draft, to change and freeze again.
    #[must_use]
    pub fn thaw(self) -> Draft {
        self.draft
    }

    /// The lane with this id.
    #[must_use]
    pub fn lane(&self, lane: LaneId) -> &Lane {
        &self.draft.lanes[lane.0 as usize]
    }
}

/// The dearest lane there could be, so that no line's cost can overflow.
struct Dearest {
    unit: i64,
    kg: i64,
}

impl Dearest {
    fn of(draft: &Draft) -> Self {
        let (lanes, hauls) = (&draft.lanes, &draft.hauls);
        let lane = lanes.iter().map(|lane| lane.per_unit.saturating_add(lane.handling_unit)).max();
        let haul = hauls.iter().map(|haul| haul.per_unit).max().unwrap_or(0);
        let kg = lanes.iter().map(|lane| lane.per_kg).max().unwrap_or(0);
        let haul_kg = hauls.iter().map(|haul| haul.per_kg).max().unwrap_or(0);
        Self { unit: lane.unwrap_or(0).saturating_add(haul), kg: kg.saturating_add(haul_kg) }
    }

    fn unit(&self, weight_g: i64) -> i64 {
        self.unit.saturating_add(self.kg.saturating_mul(weight_g) / 1000 + 2)
    }
}

struct Faults(Vec<ProblemFault>);

impl Faults {
    fn push(&mut self, fault: ProblemFault) {
        if self.0.len() < FAULTS_MAX {
            self.0.push(fault);
        }
    }

    fn at_most(&mut self, place: impl Fn() -> String, what: &'static str, value: i64, limit: i64) {
        if value < 0 || value > limit {
            self.push(ProblemFault::OutOfRange { place: place(), what, value, limit });
        }
    }

    fn known(&mut self, place: impl Fn() -> String, what: &'static str, value: usize, count: usize) {
        if value >= count {
            self.push(ProblemFault::Unknown { place: place(), what, value, count });
        }
    }

    fn check_world(&mut self, draft: &Draft) {
        let whole = || "problem".to_owned();
        let days = usize::from(draft.horizon_days);
        self.at_most(whole, "horizon_days", i64::from(draft.horizon_days), i64::from(HORIZON_MAX));
        if days == 0 {
            self.push(ProblemFault::OutOfRange { place: whole(), what: "horizon_days", value: 0, limit: 1 });
        }
        self.at_most(whole, "sites", draft.sites.len() as i64, SITES_MAX as i64);
        self.at_most(whole, "orders", draft.orders.len() as i64, ORDERS_MAX as i64);
        for (index, site) in draft.sites.iter().enumerate() {
            let place = || format!("site {index}");
            if site.capacity.len() != days {
                let found = site.capacity.len();
                self.push(ProblemFault::WrongLength {
                    place: place(),
                    what: "capacity",
                    found,
                    expected: days,
                });
            }
            for &work in &site.capacity {
                self.at_most(place, "capacity", i64::try_from(work).unwrap_or(i64::MAX), COST_MAX);
            }
            self.at_most(place, "work_parcel", i64::from(site.work_parcel), 1 << 20);
            self.at_most(place, "work_unit", i64::from(site.work_unit), 1 << 20);
            if let SiteStatus::Standby { activation, .. } = site.status {
                self.at_most(place, "activation", activation, COST_MAX);
            }
        }
        for (index, sku) in draft.skus.iter().enumerate() {
            self.at_most(|| format!("sku {index}"), "class", i64::from(sku.class), 31);
        }
        for (index, lane) in draft.lanes.iter().enumerate() {
            self.check_lane(draft, index, lane);
        }
    }

    fn check_lane(&mut self, draft: &Draft, index: usize, lane: &Lane) {
        let place = || format!("lane {index}");
        self.known(place, "site", usize::from(lane.site.0), draft.sites.len());
        self.known(place, "zone", usize::from(lane.zone.0), draft.zones);
        let days = usize::from(draft.horizon_days);
        let found = lane.transit_days.len();
        if found != 1 && found != days {
            self.push(ProblemFault::WrongLength {
                place: place(),
                what: "transit_days",
                found,
                expected: days,
            });
        }
        let parcel = lane.fix.saturating_add(lane.handling_parcel);
        self.at_most(place, "fix", lane.fix, COST_MAX);
        self.at_most(place, "handling_parcel", lane.handling_parcel, COST_MAX);
        self.at_most(place, "fix + handling_parcel", parcel, COST_MAX);
        for (what, value) in
            [("per_unit", lane.per_unit), ("per_kg", lane.per_kg), ("handling_unit", lane.handling_unit)]
        {
            self.at_most(place, what, value, 1 << 28);
        }
    }

    fn check_stock(&mut self, draft: &Draft) {
        let mut keys: Vec<(SkuId, SiteId)> = Vec::with_capacity(draft.stock.len());
        for (index, stock) in draft.stock.iter().enumerate() {
            let place = || format!("stock {index}");
            self.known(place, "site", usize::from(stock.site.0), draft.sites.len());
            self.known(place, "sku", stock.sku.0 as usize, draft.skus.len());
            keys.push((stock.sku, stock.site));
        }
        keys.sort_unstable();
        for pair in keys.windows(2) {
            if pair[0] == pair[1] {
                self.push(ProblemFault::StockTwice { sku: pair[0].0, site: pair[0].1 });
            }
        }
    }

    fn check_hauls(&mut self, draft: &Draft) {
        self.at_most(|| "problem".to_owned(), "hauls", draft.hauls.len() as i64, HAULS_MAX as i64);
        for (index, haul) in draft.hauls.iter().enumerate() {
            let place = || format!("haul {index}");
            self.known(place, "from", usize::from(haul.from.0), draft.sites.len());
            self.known(place, "to", usize::from(haul.to.0), draft.sites.len());
            self.at_most(place, "leaves_day", i64::from(haul.leaves_day), i64::from(haul.ready_day));
            self.at_most(place, "per_unit", haul.per_unit, 1 << 28);
            self.at_most(place, "per_kg", haul.per_kg, 1 << 28);
            for sku in &haul.skus {
                self.known(place, "sku", sku.0 as usize, draft.skus.len());
            }
            if haul.skus.windows(2).any(|pair| pair[0] >= pair[1]) {
                self.push(ProblemFault::HaulOrder { haul: index });
            }
        }
    }

    fn check_order(&mut self, draft: &Draft, dearest: &Dearest, index: usize, order: &Order) {
        let place = || format!("order {index}");
        self.known(place, "merchant", usize::from(order.merchant), draft.merchants.len());
        self.known(place, "zone", usize::from(order.zone.0), draft.zones);
        self.at_most(place, "lines", order.lines.len() as i64, ORDER_LINES_MAX as i64);
        self.at_most(place, "weight", i64::from(order.weight), 1 << 20);
        self.at_most(place, "late_cost", order.late_cost, COST_MAX);
        self.at_most(place, "late_cost_day", order.late_cost_day, COST_MAX >> 17);
        self.at_most(place, "split_cost", order.split_cost, COST_MAX);
        for (number, line) in order.lines.iter().enumerate() {
            let place = || format!("order {index} line {number}");
            self.known(place, "sku", line.sku.0 as usize, draft.skus.len());
            if let Some(site) = line.planned {
                self.known(place, "planned site", usize::from(site.0), draft.sites.len());
            }
            self.at_most(place, "quantity", i64::from(line.quantity), i64::from(LINE_QUANTITY_MAX));
            if line.quantity == 0 {
                self.push(ProblemFault::OutOfRange { place: place(), what: "quantity", value: 0, limit: 1 });
            }
            self.at_most(place, "move_cost", line.move_cost, COST_MAX);
            self.at_most(place, "backorder_cost", line.backorder_cost, COST_MAX);
            let weight = draft.skus.get(line.sku.0 as usize).map_or(0, |sku| i64::from(sku.weight_g));
            let shipped = dearest.unit(weight).saturating_mul(i64::from(line.quantity));
            self.at_most(place, "dearest lane's units", shipped, COST_MAX);
            let units = line.backorder_unit.saturating_mul(i64::from(line.quantity));
            self.at_most(place, "backorder_unit x quantity", units, COST_MAX);
        }
    }
}
