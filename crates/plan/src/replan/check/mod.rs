//! Re-verifies a plan from the problem alone. Shares no code with the solver or with `replan/rules`: every
//! rule is written a second time here, in a file of the same name, and every number is computed again.

use holdfast_domain::id::SiteId;

use super::fair::Fair;
use super::plan::{Piece, Plan};
use super::problem::{Lane, Line, Order, Problem};

mod activation;
mod backorder;
mod bound;
mod capacity;
mod fairness;
mod handling;
mod held;
mod lane_open;
mod late;
mod moving;
mod shape;
mod ship_day;
mod shipping;
mod site_open;
mod split;
mod stock;
mod storage;
mod transfer;

/// What a plan breaks. The names are stable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Code {
    /// Lists that do not fit together, or an index that names nothing; nothing else was checked then.
    Shape,
    /// Units shipped and on backorder are not the line's quantity.
    UnitsWrong,
    /// A piece without units, or two pieces of a line by the same site, lane and day.
    PieceTwice,
    /// The lane does not start at the piece's site or end in the order's zone.
    LaneWrong,
    /// The reason does not match what was decided.
    ReasonWrong,
    /// More leaves a site of a SKU than it has.
    StockExceeded,
    /// A site does more work on a day than it can.
    CapacityExceeded,
    /// A parcel leaves while its lane is closed.
    LaneClosed,
    /// A parcel leaves a site that is down or not open yet.
    SiteClosed,
    /// A site or lane handles a class it may not, or a unit that is too heavy.
    ClassForbidden,
    /// A piece leaves before the order may ship or its stock is there.
    ShipsTooEarly,
    /// A truck brings what it may not carry, or what is not there yet, or brings it elsewhere.
    TransferWrong,
    /// A line that must come whole comes in parts.
    LineSplit,
    /// A held line was decided.
    HeldDecided,
    /// A merchant keeps less than its floor.
    FloorMissed,
    /// A standby site ships without being activated, or the list of activated sites is wrong.
    NotActivated,
    /// A part of the cost is not what the rules give.
    CostWrong,
    /// What the first phase of fairness says of phi, floors or shares is not so.
    FairWrong,
    /// The bound is above the cost, or not what the prices prove, or a price is negative.
    BoundWrong,
}

/// One violation: which rule, where, and what was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// Which rule.
    pub code: Code,
    /// Where: an order, line, site, lane or merchant.
    pub place: String,
    /// What was found and what it should be.
    pub found: String,
}

impl core::fmt::Display for Violation {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:?} at {}: {}", self.code, self.place, self.found)
    }
}

/// Checks every rule and every cost part; returns all violations, those of the shape alone if there are any.
/// The bound is checked against the cost only; [`check_bound`] proves it again.
#[must_use]
pub fn check(problem: &Problem, plan: &Plan) -> Vec<Violation> {
    let mut found = Found(Vec::new());
    shape::check(problem, plan, &mut found);
    if found.0.iter().any(|violation| violation.code == Code::Shape) {
        return found.0;
    }
    let seen = Seen::of(problem, plan);
    for rule in [
        stock::check,
        capacity::check,
        lane_open::check,
        site_open::check,
        storage::check,
        transfer::check,
        ship_day::check,
        split::check,
        held::check,
        fairness::check,
        activation::check,
        shipping::check,
        handling::check,
        late::check,
        moving::check,
        backorder::check,
    ] {
        rule(&seen, &mut found);
    }
    bound::check_against_cost(plan, &mut found);
    found.0
}

/// Proves the bound again from the plan's prices, by an algorithm of its own; slower than [`check()`].
#[must_use]
pub fn check_bound(problem: &Problem, plan: &Plan) -> Vec<Violation> {
    let mut found = Found(Vec::new());
    bound::prove(problem, plan, &mut found);
    found.0
}

/// Checks what the first phase of fairness says: floors, shares and phi against its bound.
#[must_use]
pub fn check_fair(problem: &Problem, plan: &Plan, fair: &Fair) -> Vec<Violation> {
    let mut found = Found(Vec::new());
    shape::check(problem, plan, &mut found);
    if found.0.is_empty() {
        fairness::check_fair(&Seen::of(problem, plan), fair, &mut found);
    }
    found.0
}

/// The highest bound [`check_bound`] accepts with the plan's prices.
#[cfg(test)]
pub(super) fn proven(problem: &Problem, plan: &Plan) -> i128 {
    bound::proven(problem, plan)
}

struct Found(Vec<Violation>);

impl Found {
    fn add(&mut self, code: Code, place: impl Into<String>, found: impl Into<String>) {
        self.0.push(Violation { code, place: place.into(), found: found.into() });
    }

    fn cost(&mut self, part: &str, stated: i64, computed: i64) {
        if stated != computed {
            self.add(Code::CostWrong, part, format!("the plan says {stated}, the rules give {computed}"));
        }
    }
}

/// One piece with what it belongs to.
struct SeenPiece<'a> {
    order_index: usize,
    line_index: usize,
    order: &'a Order,
    line: &'a Line,
    lane: &'a Lane,
    piece: Piece,
}

impl SeenPiece<'_> {
    fn place(&self) -> String {
        format!("order {} line {}", self.order_index, self.line_index)
    }

    /// The site whose stock it takes.
    fn source(&self, problem: &Problem) -> SiteId {
        self.piece.haul.map_or(self.piece.site, |haul| problem.hauls[usize::from(haul)].from)
    }

    fn arrives(&self) -> u64 {
        let days = &self.lane.transit_days;
        let transit = if days.len() > 1 { days[usize::from(self.piece.day)] } else { days[0] };
        u64::from(self.piece.day) + u64::from(transit)
    }
}

/// The plan laid out for checking.
struct Seen<'a> {
    problem: &'a Problem,
    plan: &'a Plan,
    pieces: Vec<SeenPiece<'a>>,
    /// Distinct parcels: order, lane, day, ascending.
    parcels: Vec<(usize, u32, u16)>,
}

impl<'a> Seen<'a> {
    fn of(problem: &'a Problem, plan: &'a Plan) -> Self {
        let mut pieces = Vec::new();
        let mut parcels = Vec::new();
        let mut number = 0;
        for (order_index, order) in problem.orders.iter().enumerate() {
            for (line_index, line) in order.lines.iter().enumerate() {
                for &piece in plan.pieces_of(number) {
                    let lane = &problem.lanes[piece.lane.0 as usize];
                    pieces.push(SeenPiece { order_index, line_index, order, line, lane, piece });
                    parcels.push((order_index, piece.lane.0, piece.day));
                }
                number += 1;
            }
        }
        parcels.sort_unstable();
        parcels.dedup();
        Self { problem, plan, pieces, parcels }
    }

    /// Every line with its number, order and position.
    fn lines(&self) -> impl Iterator<Item = (usize, usize, usize, &'a Order, &'a Line)> {
        let all = self.problem.orders.iter().enumerate().flat_map(|(index, order)| {
            order.lines.iter().enumerate().map(move |(position, line)| (index, position, order, line))
        });
        all.enumerate().map(|(number, (index, position, order, line))| (number, index, position, order, line))
    }
}

fn site_name(site: SiteId) -> String {
    format!("{site}")
}
