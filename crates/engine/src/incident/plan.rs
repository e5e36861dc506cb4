//! From the solver's plan to moves: the immutable artefact that is shown, approved, stored and carried out.

use std::collections::BTreeMap;

use holdfast_domain::event::Allocations;
use holdfast_domain::id::{Id, IncidentId, OrderId, SiteId};
use holdfast_domain::incident::{SiteAccess, StockAccess};
use holdfast_domain::order::{Allocation, Order};
use holdfast_domain::plan_record::{Move, PlanRecord, step_digest};
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::State;
use holdfast_domain::table::{Digest, digest_of};
use holdfast_domain::time::{Day, Stamp};
use holdfast_plan::replan::{Plan, Reason};
use serde::{Deserialize, Serialize};

use super::problem::Frozen;
use crate::price::PriceTable;

/// Moves in a step: small enough that new orders are taken between two steps.
pub const STEP_MOVES: usize = 200;

/// Why a line of an order goes where the plan puts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveReason {
    /// The order.
    pub order: OrderId,
    /// The line.
    pub line: u16,
    /// Why.
    pub reason: Reason,
}

/// What a plan comes to, in the operator's minor units and in counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Orders that were up for planning.
    pub orders: u32,
    /// Lines of them.
    pub lines: u32,
    /// Orders that move.
    pub moved: u32,
    /// Lines left without a site.
    pub backordered_lines: u32,
    /// Lines that wait at a dark site, because nobody else has the goods.
    pub waiting_lines: u32,
    /// Cost of the plan.
    pub cost: i64,
    /// Carriers and weight.
    pub shipping: i64,
    /// Handling.
    pub handling: i64,
    /// Lateness.
    pub late: i64,
    /// Moving.
    pub moving: i64,
    /// Backorders.
    pub backorder: i64,
    /// Standby sites.
    pub activation: i64,
    /// No plan for the same problem costs less than this.
    pub bound: i64,
}

impl Summary {
    /// How far from the best possible the plan is at most.
    #[must_use]
    pub fn gap(&self) -> f64 {
        holdfast_plan::replan::gap(self.cost, self.bound)
    }
}

/// A plan as an artefact: what is shown, approved, stored by digest and carried out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    /// The incident it answers.
    pub incident: Option<IncidentId>,
    /// Version of the state it was made from.
    pub parent: u64,
    /// When it was made.
    pub made: Stamp,
    /// What it comes to.
    pub summary: Summary,
    /// What changes, by order.
    pub moves: Vec<Move>,
    /// Why, by line, for every line that is not simply kept.
    pub reasons: Vec<MoveReason>,
    /// Standby sites to call first.
    pub activate: Vec<SiteId>,
    /// Prices that prove the bound, to steer new orders with.
    pub prices: PriceTable,
}

impl Planned {
    /// The digest it is known by.
    #[must_use]
    pub fn digest(&self) -> Digest {
        digest_of(self)
    }

    /// Its moves in steps.
    pub fn steps(&self) -> impl Iterator<Item = &[Move]> + '_ {
        self.moves.chunks(STEP_MOVES)
    }

    /// What the state has to remember to carry it out.
    #[must_use]
    pub fn record(&self) -> PlanRecord {
        PlanRecord {
            digest: self.digest(),
            incident: self.incident,
            parent: self.parent,
            steps: self.steps().map(step_digest).collect(),
            done: 0,
            moved: 0,
            skipped: 0,
            cost: self.summary.cost,
            bound: self.summary.bound,
            adopted: self.made,
            undone: false,
        }
    }

    /// The same plan with the moves of some orders only: approval in part.
    #[must_use]
    pub fn only(&self, keep: impl Fn(OrderId) -> bool) -> Self {
        let mut part = self.clone();
        part.moves.retain(|change| keep(change.order));
        part.reasons.retain(|reason| keep(reason.order));
        part.summary.moved = u32::try_from(part.moves.len()).unwrap_or(u32::MAX);
        part
    }
}

/// Makes the artefact of a solved problem.
#[must_use]
pub fn to_moves(
    state: &State,
    frozen: &Frozen,
    plan: &Plan,
    incident: Option<IncidentId>,
    at: Stamp,
) -> Planned {
    let (mut moves, mut reasons) = (Vec::new(), Vec::new());
    let (mut backordered, mut waiting, mut lines) = (0, 0, 0);
    for (index, id) in frozen.orders.iter().enumerate() {
        let Ok(order) = state.order(*id) else { continue };
        let first = frozen.problem.first_line(index);
        let mut change = Move { order: *id, from: Allocations::new(), to: Allocations::new(), promise: None };
        for (offset, number) in frozen.lines[index].iter().enumerate() {
            lines += 1;
            let decision = plan.line(first + offset);
            if decision.reason != Reason::Kept {
                reasons.push(MoveReason { order: *id, line: *number, reason: decision.reason });
            }
            let had = open_allocations(order, *number);
            let gets = pieces(frozen, plan, first + offset);
            if decision.backordered > 0 {
                if waits_at_dark_site(state, &had) && gets.is_empty() {
                    // Its goods are whole and nobody else has them: it keeps its place.
                    waiting += 1;
                    continue;
                }
                backordered += 1;
            }
            if !same_way(&had, &gets) {
                change.from.extend(had.iter().map(|a| (*number, *a)));
                change.to.extend(gets.iter().map(|a| (*number, *a)));
            }
        }
        if !change.from.is_empty() || !change.to.is_empty() {
            moves.push(change);
        }
    }
    let parts = plan.cost_parts();
    let summary = Summary {
        orders: u32::try_from(frozen.orders.len()).unwrap_or(u32::MAX),
        lines,
        moved: u32::try_from(moves.len()).unwrap_or(u32::MAX),
        backordered_lines: backordered,
        waiting_lines: waiting,
        cost: plan.cost(),
        shipping: parts.shipping,
        handling: parts.handling,
        late: parts.late,
        moving: parts.moving,
        backorder: parts.backorder,
        activation: parts.activation,
        bound: plan.bound(),
    };
    Planned {
        incident,
        parent: frozen.parent,
        made: at,
        summary,
        moves,
        reasons,
        activate: plan.activated().to_vec(),
        prices: prices(plan, frozen.first_day),
    }
}

fn open_allocations(order: &Order, number: u16) -> Vec<Allocation> {
    let line = order.lines.get(usize::from(number));
    line.into_iter().flat_map(|line| &line.allocations).filter(|a| a.shipment.is_none()).copied().collect()
}

fn pieces(frozen: &Frozen, plan: &Plan, line: usize) -> Vec<Allocation> {
    let mut merged: BTreeMap<(SiteId, holdfast_domain::id::LaneId, Day), u32> = BTreeMap::new();
    for piece in plan.pieces_of(line) {
        let day = frozen.first_day.plus(i32::from(piece.day));
        *merged.entry((piece.site, piece.lane, day)).or_default() += piece.quantity;
    }
    let allocation = |((site, lane, ship_day), units)| Allocation {
        site,
        lane,
        ship_day,
        quantity: Quantity(units),
        shipment: None,
    };
    merged.into_iter().map(allocation).collect()
}

fn same_way(had: &[Allocation], gets: &[Allocation]) -> bool {
    let key = |a: &Allocation| (a.site, a.lane, a.ship_day, a.quantity);
    let mut had: Vec<_> = had.iter().map(key).collect();
    let mut gets: Vec<_> = gets.iter().map(key).collect();
    had.sort_unstable();
    gets.sort_unstable();
    had == gets
}

fn waits_at_dark_site(state: &State, had: &[Allocation]) -> bool {
    !had.is_empty()
        && had.iter().all(|a| {
            state.sites.get(a.site.index()).is_some_and(|now| {
                matches!(
                    now.access,
                    SiteAccess::Closed { stock: StockAccess::Inaccessible | StockAccess::Unknown, .. }
                )
            })
        })
}

fn prices(plan: &Plan, first_day: Day) -> PriceTable {
    let scale = holdfast_plan::replan::PRICE_SCALE;
    // Whole minor units are enough to steer by; a price below one would steer nothing.
    let whole = |price: i64| price / scale;
    let found = plan.prices();
    PriceTable {
        stock: found
            .stock
            .iter()
            .filter(|(_, _, price)| whole(*price) > 0)
            .map(|(sku, site, price)| ((*sku, *site), whole(*price)))
            .collect(),
        capacity: found
            .capacity
            .iter()
            .filter(|(_, _, price)| whole(*price) > 0)
            .map(|(site, day, price)| ((*site, first_day.plus(i32::from(*day))), whole(*price)))
            .collect(),
    }
}
