//! The immutable plan: where every line ships from and why, what it costs, and how far from the best it can be.

use holdfast_domain::id::{LaneId, SiteId, SkuId};
use serde::{Deserialize, Serialize};

use super::problem::Held;

/// Units of one line that leave one site together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Piece {
    /// From where.
    pub site: SiteId,
    /// By which lane.
    pub lane: LaneId,
    /// On which day of the horizon.
    pub day: u16,
    /// How many units.
    pub quantity: u32,
    /// The truck that brings them there first, by the problem's index; they are another site's stock then.
    pub haul: Option<u16>,
}

/// Why a line ships from elsewhere than planned.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum MovedBecause {
    /// It had no planned site.
    NotPlanned,
    /// The planned site is down.
    SiteDown,
    /// The planned standby site does not ship yet, or was not activated.
    SiteNotOpen,
    /// The planned site has no stock of it at all.
    NoStockThere,
    /// No lane of the planned site that may carry it is open.
    NoLaneThere,
    /// The planned site's stock went to lines that lose more without it.
    StockToOthers,
    /// The planned site's capacity went to orders that lose more without it.
    CapacityToOthers,
    /// Another site is cheaper, moving included.
    Cheaper,
}

/// Why some of a line is not shipped by this plan.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum BackorderedBecause {
    /// No site that may ship it has enough of it.
    NoStock,
    /// Sites have it, but no open lane leads to the customer within the horizon.
    NoLane,
    /// Stock is there for some lines, and others lose more without it.
    StockToOthers,
    /// Stock and a lane are left, but no capacity on any day.
    NoCapacity,
    /// Stock, lane and capacity are left, and shipping costs more than the backorder.
    PriceTooHigh,
}

/// What was decided for a line, in one code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Reason {
    /// All of it ships from the planned site.
    Kept,
    /// All of it ships, some from elsewhere.
    Moved(MovedBecause),
    /// Some or all of it is on backorder.
    Backordered(BackorderedBecause),
    /// Not decided here.
    Held(Held),
}

/// The decision for one line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LinePlan {
    /// First of its pieces in [`Plan::pieces`].
    pub first_piece: u32,
    /// Units on backorder.
    pub backordered: u32,
    /// Why.
    pub reason: Reason,
}

/// Cost by cause, in minor units.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct CostParts {
    /// Parcels, units and weight on lanes.
    pub shipping: i64,
    /// Extra handling of the lanes.
    pub handling: i64,
    /// Late pieces.
    pub late: i64,
    /// Parcels after an order's first.
    pub split: i64,
    /// Pieces that ship from elsewhere than planned.
    pub moving: i64,
    /// Lines and units on backorder.
    pub backorder: i64,
    /// Standby sites activated.
    pub activation: i64,
    /// Units carried between sites.
    #[serde(default)]
    pub transfer: i64,
}

impl CostParts {
    /// The sum of all parts.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.shipping
            + self.handling
            + self.late
            + self.split
            + self.moving
            + self.backorder
            + self.activation
            + self.transfer
    }
}

/// Fractions of a minor unit a price counts in: a price of 256 is one minor unit.
pub const PRICE_SCALE: i64 = 256;

/// The shadow prices a bound was made with, in 1/[`PRICE_SCALE`] minor units, none negative; absent = 0.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Prices {
    /// Price of a unit of stock, ordered by SKU, then site.
    pub stock: Vec<(SkuId, SiteId, i64)>,
    /// Price of a work unit, ordered by site, then day.
    pub capacity: Vec<(SiteId, u16, i64)>,
    /// Price of a unit of promise weight below a merchant's floor, ordered by merchant.
    pub fairness: Vec<(u16, i64)>,
    /// What each line of the orders too long for an exact minimum is worth, by the problem's line number:
    /// values that pay for no parcel more than it costs, whose sum bounds their order (see
    /// [`crate::replan::check_bound`]). Empty where every order is short.
    #[serde(default)]
    pub line_values: Vec<(u32, i64)>,
}

/// What the solver did; equal counts mean the same computation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Work {
    /// Work units spent: order evaluations, weighted as [`crate::replan::solve()`] says.
    pub units: u64,
    /// Price iterations.
    pub price_steps: u64,
    /// Moves accepted by the local search.
    pub moves: u64,
}

/// Why the solver stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Stopped {
    /// The caller said so.
    ByCaller,
    /// The work budget was spent.
    WorkSpent,
    /// The gap asked for was reached.
    GapReached,
    /// Cost equals bound: nothing is left to gain.
    Optimal,
    /// The search has no more ideas.
    Exhausted,
}

/// An immutable plan for every order of one problem.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Plan {
    pub(crate) pieces: Vec<Piece>,
    pub(crate) lines: Vec<LinePlan>,
    pub(crate) activated: Vec<SiteId>,
    pub(crate) cost: CostParts,
    pub(crate) bound: i64,
    pub(crate) prices: Prices,
    pub(crate) work: Work,
    pub(crate) stopped: Stopped,
}

/// The fields of a [`Plan`], to make one elsewhere (an older plan read back, a test). Nothing is trusted:
/// [`crate::replan::check`] says whether it holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PlanParts {
    /// Every piece, ordered by line.
    pub pieces: Vec<Piece>,
    /// Every line of every order, in the problem's numbering.
    pub lines: Vec<LinePlan>,
    /// Standby sites activated, ascending.
    pub activated: Vec<SiteId>,
    /// Cost by cause.
    pub cost: CostParts,
    /// Proven lower bound on the cost of any plan.
    pub bound: i64,
    /// The prices that prove it.
    pub prices: Prices,
    /// What was done.
    pub work: Work,
    /// Why no more was done.
    pub stopped: Stopped,
}

impl From<PlanParts> for Plan {
    fn from(parts: PlanParts) -> Self {
        let PlanParts { pieces, lines, activated, cost, bound, prices, work, stopped } = parts;
        Self { pieces, lines, activated, cost, bound, prices, work, stopped }
    }
}

impl From<Plan> for PlanParts {
    fn from(plan: Plan) -> Self {
        let Plan { pieces, lines, activated, cost, bound, prices, work, stopped } = plan;
        Self { pieces, lines, activated, cost, bound, prices, work, stopped }
    }
}

impl Plan {
    /// Number of lines.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// The decision for the line with this number (see [`crate::replan::Problem::first_line`]).
    #[must_use]
    pub fn line(&self, line: usize) -> LinePlan {
        self.lines[line]
    }

    /// The pieces of the line with this number; none if it is held or wholly on backorder.
    #[must_use]
    pub fn pieces_of(&self, line: usize) -> &[Piece] {
        let end = self.lines.get(line + 1).map_or(self.pieces.len(), |next| next.first_piece as usize);
        self.pieces.get(self.lines[line].first_piece as usize..end).unwrap_or(&[])
    }

    /// Every piece, ordered by line.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Standby sites that are activated, ascending.
    #[must_use]
    pub fn activated(&self) -> &[SiteId] {
        &self.activated
    }

    /// Cost by cause.
    #[must_use]
    pub fn cost_parts(&self) -> CostParts {
        self.cost
    }

    /// Total cost in minor units.
    #[must_use]
    pub fn cost(&self) -> i64 {
        self.cost.total()
    }

    /// Proven lower bound on the cost of any plan, in minor units.
    #[must_use]
    pub fn bound(&self) -> i64 {
        self.bound
    }

    /// How far from the best possible it is at most: `(cost - bound) / bound`; 0 where both are 0.
    #[must_use]
    pub fn gap(&self) -> f64 {
        gap(self.cost(), self.bound)
    }

    /// The prices that prove the bound, and that route new orders.
    #[must_use]
    pub fn prices(&self) -> &Prices {
        &self.prices
    }

    /// What was done to find it.
    #[must_use]
    pub fn work(&self) -> Work {
        self.work
    }

    /// Why no more was done.
    #[must_use]
    pub fn stopped(&self) -> Stopped {
        self.stopped
    }

    /// The plan in bytes that are the same for equal plans, for a digest: fixed-width little-endian
    /// numbers, every list led by its length, starting with the format's name.
    #[must_use]
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let mut out = Bytes(Vec::with_capacity(64 + self.pieces.len() * 12 + self.lines.len() * 11));
        out.0.extend_from_slice(b"holdfast-plan 3\n");
        out.length(self.lines.len());
        for line in &self.lines {
            out.0.extend_from_slice(&line.first_piece.to_le_bytes());
            out.0.extend_from_slice(&line.backordered.to_le_bytes());
            out.0.extend_from_slice(&reason_code(line.reason).to_le_bytes());
        }
        out.length(self.pieces.len());
        for piece in &self.pieces {
            out.0.extend_from_slice(&piece.site.0.to_le_bytes());
            out.0.extend_from_slice(&piece.lane.0.to_le_bytes());
            out.0.extend_from_slice(&piece.day.to_le_bytes());
            out.0.extend_from_slice(&piece.quantity.to_le_bytes());
            out.0.extend_from_slice(&piece.haul.map_or(0, |haul| u32::from(haul) + 1).to_le_bytes());
        }
        out.length(self.activated.len());
        for site in &self.activated {
            out.0.extend_from_slice(&site.0.to_le_bytes());
        }
        let c = &self.cost;
        let parts =
            [c.shipping, c.handling, c.late, c.split, c.moving, c.backorder, c.activation, c.transfer];
        for value in parts.into_iter().chain([self.bound]) {
            out.0.extend_from_slice(&value.to_le_bytes());
        }
        out.prices(&self.prices);
        for count in [self.work.units, self.work.price_steps, self.work.moves] {
            out.0.extend_from_slice(&count.to_le_bytes());
        }
        out.0
    }
}

/// `(cost - bound) / bound`, 0 where both are 0, and 1 where the bound is nothing but the cost is not.
#[must_use]
pub fn gap(cost: i64, bound: i64) -> f64 {
    match (cost - bound, bound) {
        (0, _) => 0.0,
        (_, 0) => 1.0,
        (over, bound) => over as f64 / bound.abs() as f64,
    }
}

struct Bytes(Vec<u8>);

impl Bytes {
    fn length(&mut self, length: usize) {
        self.0.extend_from_slice(&(length as u64).to_le_bytes());
    }

    fn prices(&mut self, prices: &Prices) {
        self.length(prices.stock.len());
        for (sku, site, price) in &prices.stock {
            self.0.extend_from_slice(&sku.0.to_le_bytes());
            self.0.extend_from_slice(&site.0.to_le_bytes());
            self.0.extend_from_slice(&price.to_le_bytes());
        }
        self.length(prices.capacity.len());
        for (site, day, price) in &prices.capacity {
            self.0.extend_from_slice(&site.0.to_le_bytes());
            self.0.extend_from_slice(&day.to_le_bytes());
            self.0.extend_from_slice(&price.to_le_bytes());
        }
        self.length(prices.fairness.len());
        for (merchant, price) in &prices.fairness {
            self.0.extend_from_slice(&merchant.to_le_bytes());
            self.0.extend_from_slice(&price.to_le_bytes());
        }
        self.length(prices.line_values.len());
        for (line, value) in &prices.line_values {
            self.0.extend_from_slice(&line.to_le_bytes());
            self.0.extend_from_slice(&value.to_le_bytes());
        }
    }
}

/// A reason as a number that never changes its meaning.
fn reason_code(reason: Reason) -> u16 {
    match reason {
        Reason::Kept => 0,
        Reason::Moved(why) => 0x100 + why as u16,
        Reason::Backordered(why) => 0x200 + why as u16,
        Reason::Held(why) => 0x300 + why as u16,
    }
}
