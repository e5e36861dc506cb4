//! From the solver's plan to moves: the immutable artefact that is shown, approved, stored and carried out.
//!
//! One file, because every move is made, put into sequence and named by what the others have taken.

use std::collections::BTreeMap;

use holdfast_domain::command::Command;
use holdfast_domain::event::Allocations;
use holdfast_domain::id::{Id, IncidentId, OrderId, PlanId, SiteId, SkuId, TransferId};
use holdfast_domain::incident::{SiteAccess, StockAccess};
use holdfast_domain::order::{Allocation, Order};
use holdfast_domain::plan_record::{Move, PlanRecord, step_digest};
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::State;
use holdfast_domain::table::{Digest, digest_of, fingerprint};
use holdfast_domain::time::{Day, Stamp};
use holdfast_plan::replan::{Fair, Piece, Plan, Reason};
use holdfast_plan::route::haul::HaulWay;
use serde::{Deserialize, Serialize};

use super::channel::{Opened, opened};
use super::haul::{NoTruck, Truck};
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
    /// Share of its weight every merchant's kept promises have at least, in thousandths; `None` where nobody shares.
    pub phi: Option<u64>,
    /// No plan gives every merchant more.
    pub phi_bound: Option<u64>,
    /// Carrying goods between sites.
    pub transfer: i64,
    /// Units that trucks bring to the site they ship from.
    pub carried_units: u64,
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
    /// Each merchant's share of kept promises and its floor, where merchants share sites.
    pub fair: Option<Fair>,
    /// Trucks to send between sites, and what for.
    pub transfers: Vec<PlannedTransfer>,
    /// What is done when trucks arrive, in the order in which they are expected.
    pub arrivals: Vec<Arrival>,
    /// Channels it opens, and why.
    pub opened: Vec<Opened>,
    /// Where no truck can go, and why.
    pub no_trucks: Vec<NoTruck>,
}

/// Why goods go by truck before they ship.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoadReason {
    /// No open lane leads from where they lie to the customer.
    NoLane,
    /// Their site is limited, or expected to shut.
    SiteStrained,
    /// Shipping from where they lie costs more, or comes too late.
    Cheaper,
}

/// Units on a truck that belong to one line of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// The order.
    pub order: OrderId,
    /// The line.
    pub line: u16,
    /// What.
    pub sku: SkuId,
    /// How much.
    pub quantity: Quantity,
    /// Why.
    pub why: LoadReason,
}

/// A truck the plan sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedTransfer {
    /// From here.
    pub from: SiteId,
    /// To there.
    pub to: SiteId,
    /// The day it leaves.
    pub leaves: Day,
    /// The first day on which what it brings may ship.
    pub ready: Day,
    /// Its way: how long, round what, by road or by the great circle.
    pub way: HaulWay,
    /// What it carries and whose.
    pub loads: Vec<Load>,
    /// What that costs, operator's minor units.
    pub cost: i64,
}

impl PlannedTransfer {
    /// Its load by SKU.
    #[must_use]
    pub fn items(&self) -> Box<[(SkuId, Quantity)]> {
        let mut items: BTreeMap<SkuId, u32> = BTreeMap::new();
        for load in &self.loads {
            *items.entry(load.sku).or_default() += load.quantity.0;
        }
        items.into_iter().map(|(sku, units)| (sku, Quantity(units))).collect()
    }

    /// Lines it carries for each reason.
    #[must_use]
    pub fn reasons(&self) -> BTreeMap<LoadReason, u32> {
        let mut reasons = BTreeMap::new();
        for load in &self.loads {
            *reasons.entry(load.why).or_default() += 1;
        }
        reasons
    }
}

/// Which truck an arrival is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArrivalOf {
    /// A truck of this plan, by its place in [`Planned::transfers`].
    Planned(u16),
    /// One that was sent before.
    Underway(TransferId),
}

/// What is done once a truck has been taken in: the orders it came for get what it brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// Which truck.
    pub of: ArrivalOf,
    /// The day it is expected to be unloaded.
    pub ready: Day,
    /// The orders' moves.
    pub moves: Vec<Move>,
}

/// What is due next of an adopted plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due<'a> {
    /// This step, with its moves.
    Step(u32, &'a [Move]),
    /// The next step waits until this truck has been taken in.
    Truck(TransferId),
    /// Nothing: all is done, it was taken back, or a later plan has taken its place.
    Nothing,
}

/// The idempotency key under which a plan's truck is sent, by its place in [`Planned::transfers`]: from it the state
/// knows which transfer it became.
#[must_use]
pub fn truck_key(plan: PlanId, index: u16) -> u128 {
    fingerprint("truck of a plan", plan.0, &index.to_string())
}

/// Whether a later plan has been begun: what waits for trucks is planned there anew.
#[must_use]
pub fn is_superseded(state: &State, plan: PlanId) -> bool {
    let later = state.plans.iter().filter(|(id, record)| *id > plan && !record.undone);
    later.into_iter().any(|(_, record)| record.done > 0 || record.steps.is_empty())
}

impl Planned {
    /// The digest it is known by.
    #[must_use]
    pub fn digest(&self) -> Digest {
        digest_of(self)
    }

    /// Its moves in steps, those that wait for a truck aside.
    pub fn steps(&self) -> impl Iterator<Item = &[Move]> + '_ {
        self.moves.chunks(STEP_MOVES)
    }

    /// The steps that wait for trucks, after all of [`Planned::steps`]: number of the step, place of its arrival, and
    /// moves. A step is carried out when its truck has been taken in; one whose truck is lost is carried out as well,
    /// and leaves its orders to be sourced like any that wait.
    pub fn arrival_steps(&self) -> impl Iterator<Item = (u32, usize, &[Move])> + '_ {
        let first = u32::try_from(self.steps().count()).unwrap_or(u32::MAX);
        let chunks = self.arrivals.iter().enumerate();
        let chunks = chunks.flat_map(|(at, arrival)| arrival.moves.chunks(STEP_MOVES).map(move |c| (at, c)));
        (first..).zip(chunks).map(|(step, (at, moves))| (step, at, moves))
    }

    /// The trucks to send at `at`, after every one of [`Planned::steps`]: these free what the trucks carry. Each is asked
    /// for by its place and [`truck_key`], so that no crash sends it twice. A truck whose load is gone by then is refused,
    /// and its orders wait for stock like any others; one whose day has passed is not sent any more.
    #[must_use]
    pub fn sends(&self, state: &State, plan: PlanId, at: Stamp) -> Vec<(u16, Command)> {
        let Some(record) = state.plans.get(plan) else { return Vec::new() };
        let plain = u32::try_from(self.steps().count()).unwrap_or(u32::MAX);
        if record.done != plain || record.undone || is_superseded(state, plan) {
            return Vec::new();
        }
        let due = |(index, sent): &(u16, &PlannedTransfer)| {
            let today = state.network.site(sent.from).map(|site| at.local(&site.zone).0);
            !sent.loads.is_empty()
                && today.is_some_and(|today| today <= sent.leaves)
                && state.keys.get(truck_key(plan, *index)).is_none()
        };
        let send = |(index, sent): (u16, &PlannedTransfer)| {
            let (from, to, items, due) = (sent.from, sent.to, sent.items(), sent.ready);
            (index, Command::SendTransfer { from, to, items, due })
        };
        (0..).zip(&self.transfers).filter(due).map(send).collect()
    }

    /// The truck an arrival is of, once it was sent.
    #[must_use]
    pub fn transfer_of(&self, state: &State, plan: PlanId, of: ArrivalOf) -> Option<TransferId> {
        match of {
            ArrivalOf::Underway(transfer) => Some(transfer),
            ArrivalOf::Planned(index) => state.keys.get(truck_key(plan, index))?.made.map(TransferId),
        }
    }

    /// What is due next of the plan, once it is adopted as `plan` and its trucks are sent.
    #[must_use]
    pub fn due(&self, state: &State, plan: PlanId) -> Due<'_> {
        let Some(record) = state.plans.get(plan).filter(|record| !record.undone) else { return Due::Nothing };
        if let Some(moves) = self.steps().nth(record.done as usize) {
            return Due::Step(record.done, moves);
        }
        let Some((step, at, moves)) = self.arrival_steps().find(|(step, ..)| *step == record.done) else {
            return Due::Nothing;
        };
        if is_superseded(state, plan) {
            return Due::Nothing;
        }
        let sent = self.transfer_of(state, plan, self.arrivals[at].of);
        let open = |transfer: &TransferId| state.transfers.get(*transfer).is_some_and(|sent| !sent.received);
        sent.filter(open).map_or(Due::Step(step, moves), Due::Truck)
    }

    /// The moves of the first `done` steps, as taking the plan back asks for them. Orders go back to the stock they
    /// had, as far as it is still there: what a truck has carried away stays where it is.
    #[must_use]
    pub fn executed(&self, done: u32) -> Vec<Move> {
        let steps = self.steps().chain(self.arrival_steps().map(|(_, _, moves)| moves));
        steps.take(done as usize).flatten().cloned().collect()
    }

    /// What the state has to remember to carry it out.
    #[must_use]
    pub fn record(&self) -> PlanRecord {
        PlanRecord {
            digest: self.digest(),
            incident: self.incident,
            parent: self.parent,
            steps: self
                .steps()
                .chain(self.arrival_steps().map(|(_, _, moves)| moves))
                .map(step_digest)
                .collect(),
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
        part.transfers.iter_mut().for_each(|sent| sent.loads.retain(|load| keep(load.order)));
        part.arrivals.iter_mut().for_each(|arrival| arrival.moves.retain(|change| keep(change.order)));
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
    let mut hauled = Hauled::new(state, frozen);
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
            hauled.add(plan.pieces_of(first + offset), (*id, order, *number));
            if decision.backordered > 0 {
                if waits_at_dark_site(state, &had) && plan.pieces_of(first + offset).is_empty() {
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
    let moves = super::sequence::sequence(state, moves);
    let (transfers, arrivals) = hauled.finish();
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
        phi: frozen.fair.as_ref().map(|fair| fair.phi),
        phi_bound: frozen.fair.as_ref().map(|fair| fair.phi_bound),
        transfer: parts.transfer,
        carried_units: transfers
            .iter()
            .flat_map(|sent| &sent.loads)
            .map(|load| u64::from(load.quantity.0))
            .sum(),
    };
    let opened = opened(state, moves.iter().chain(arrivals.iter().flat_map(|arrival| &arrival.moves)));
    Planned {
        incident,
        parent: frozen.parent,
        made: at,
        summary,
        moves,
        reasons,
        activate: plan.activated().to_vec(),
        prices: prices(plan, frozen.first_day, state.sites.len()),
        fair: frozen.fair.clone(),
        transfers,
        arrivals,
        opened,
        no_trucks: frozen.no_trucks.clone(),
    }
}

/// The pieces that trucks bring, put together by truck.
struct Hauled<'a> {
    state: &'a State,
    frozen: &'a Frozen,
    loads: Vec<Vec<Load>>,
    cost: Vec<i64>,
    moves: Vec<Vec<Move>>,
}

impl<'a> Hauled<'a> {
    fn new(state: &'a State, frozen: &'a Frozen) -> Self {
        let count = frozen.trucks.len();
        Self {
            state,
            frozen,
            loads: vec![Vec::new(); count],
            cost: vec![0; count],
            moves: vec![Vec::new(); count],
        }
    }

    fn add(&mut self, pieces: &[Piece], (id, order, number): (OrderId, &Order, u16)) {
        for piece in pieces {
            let Some(haul) = piece.haul.map(usize::from) else { continue };
            let Some(line) = order.lines.get(usize::from(number)) else { continue };
            let allocation = Allocation {
                site: piece.site,
                lane: piece.lane,
                ship_day: self.frozen.first_day.plus(i32::from(piece.day)),
                quantity: Quantity(piece.quantity),
                shipment: None,
            };
            let moves = &mut self.moves[haul];
            if moves.last().is_none_or(|last| last.order != id) {
                moves.push(Move {
                    order: id,
                    from: Allocations::new(),
                    to: Allocations::new(),
                    promise: None,
                });
            }
            if let Some(last) = moves.last_mut() {
                last.to.push((number, allocation));
            }
            let terms = &self.frozen.problem.hauls[haul];
            let weight_g = self.state.network.skus.get(line.sku).map_or(0, |sku| sku.weight_g);
            let unit = terms.per_unit + (terms.per_kg * i64::from(weight_g) + 999) / 1000;
            self.cost[haul] += unit * i64::from(piece.quantity);
            let why = self.why(terms.from, order);
            self.loads[haul].push(Load {
                order: id,
                line: number,
                sku: line.sku,
                quantity: allocation.quantity,
                why,
            });
        }
    }

    fn why(&self, from: SiteId, order: &Order) -> LoadReason {
        let mut lanes = self.state.network.lanes_to(order.zone).iter();
        let Some(now) = self.state.sites.get(from.index()) else { return LoadReason::Cheaper };
        if !lanes.any(|(site, lane)| *site == from && self.state.lane_is_open(*lane)) {
            LoadReason::NoLane
        } else if now.access.permille() < 1000 || !now.outages.is_empty() {
            LoadReason::SiteStrained
        } else {
            LoadReason::Cheaper
        }
    }

    fn finish(self) -> (Vec<PlannedTransfer>, Vec<Arrival>) {
        let (mut transfers, mut arrivals) = (Vec::new(), Vec::new());
        let all = self.frozen.trucks.iter().zip(self.loads).zip(self.cost).zip(self.moves);
        for (((truck, loads), cost), moves) in all.filter(|(_, moves)| !moves.is_empty()) {
            match *truck {
                Truck::Offered { from, to, leaves, ready, way } => {
                    let of = ArrivalOf::Planned(u16::try_from(transfers.len()).unwrap_or(u16::MAX));
                    transfers.push(PlannedTransfer { from, to, leaves, ready, way, loads, cost });
                    arrivals.push(Arrival { of, ready, moves });
                }
                Truck::Underway { transfer, ready } => {
                    arrivals.push(Arrival { of: ArrivalOf::Underway(transfer), ready, moves });
                }
            }
        }
        arrivals.sort_by_key(|arrival| arrival.ready);
        (transfers, arrivals)
    }
}

fn open_allocations(order: &Order, number: u16) -> Vec<Allocation> {
    let line = order.lines.get(usize::from(number));
    line.into_iter().flat_map(|line| &line.allocations).filter(|a| a.shipment.is_none()).copied().collect()
}

fn pieces(frozen: &Frozen, plan: &Plan, line: usize) -> Vec<Allocation> {
    let mut merged: BTreeMap<(SiteId, holdfast_domain::id::LaneId, Day), u32> = BTreeMap::new();
    for piece in plan.pieces_of(line).iter().filter(|piece| piece.haul.is_none()) {
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

fn prices(plan: &Plan, first_day: Day, sites: usize) -> PriceTable {
    let scale = holdfast_plan::replan::PRICE_SCALE;
    // Whole minor units are enough to steer by; a price below one would steer nothing.
    let whole = |price: i64| price / scale;
    let found = plan.prices();
    PriceTable {
        stock: found
            .stock
            .iter()
            // What is on its way has a price as well, and no site yet.
            .filter(|(_, site, price)| whole(*price) > 0 && site.index() < sites)
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
