//! The fluid form held against the engine.
//!
//! A thinned world (every so many orders, stock and capacity in proportion) is closed for sampled times, once on the
//! engine's own step function and once in the fluid form, and judged by the same rule. Invariant: nothing of the
//! fluid form's routing is used on the engine's side.

use std::collections::BTreeMap;

use holdfast_domain::command::{Command, NewIncident, NewOrder};
use holdfast_domain::id::{Id, IncidentId, OrderId, SiteId};
use holdfast_domain::incident::{Hazard, Phase, Severity, StockAccess};
use holdfast_domain::order::{HoldReason, Order};
use holdfast_domain::state::State;
use holdfast_domain::time::Stamp;
use holdfast_engine::step::{Ask, Engine};
use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};
use serde::Serialize;

use crate::fluid::{FluidError, Impact, Log, Patience, World};

/// Greatest difference in the sum over all events.
pub const AGGREGATE_MAX: f64 = 0.05;
/// Greatest difference of an event at the 95th percentile.
pub const P95_MAX: f64 = 0.15;
/// Orders of the thinned world at most.
pub const ORDERS_MAX: usize = 1_500;
/// Lengths of closures, hours, a stratum each: minor to extreme.
pub const STRATA_H: [f64; 4] = [6.0, 24.0, 72.0, 168.0];

/// An event computed both ways.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// Sites closed.
    pub sites: Vec<u16>,
    /// Phase it starts in.
    pub phase: usize,
    /// Hours closed.
    pub hours: f64,
    /// By the engine.
    pub engine: Impact,
    /// By the fluid form.
    pub fluid: Impact,
}

/// How far apart they are: shares of the engine's figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Difference {
    /// |sum of fluid - sum of engine| / sum of engine.
    pub aggregate: f64,
    /// 95th percentile over events of |fluid - engine| / the engine's, or / the engine's mean where that is more.
    pub p95: f64,
}

impl Difference {
    /// Whether it is within the limits.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.aggregate <= AGGREGATE_MAX && self.p95 <= P95_MAX
    }
}

/// The comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// Events compared.
    pub events: usize,
    /// Orders of the thinned world.
    pub orders: usize,
    /// Orders late.
    pub late: Difference,
    /// Orders unserved.
    pub unserved: Difference,
    /// Loss: revenue, added cost and lateness.
    pub cost: Difference,
    /// By stratum: hours, events, aggregate difference of the loss.
    pub strata: Vec<(f64, usize, f64)>,
    /// The events.
    #[serde(skip)]
    pub pairs: Vec<Pair>,
}

impl Calibration {
    /// Whether all three are within the limits.
    #[must_use]
    pub fn holds(&self) -> bool {
        [self.late, self.unserved, self.cost].iter().all(Difference::holds)
    }
}

/// Compares at least `events` events of the four strata on one site or two, in turn.
///
/// # Errors
/// [`FluidError`] if the thinned book does not suffice.
pub fn calibrate(
    state: &State,
    orders: &[(Stamp, NewOrder)],
    events: usize,
    patience: Patience,
) -> Result<Calibration, FluidError> {
    let (state, orders) = thin(state, orders);
    let world = World::new(&state, &orders)?;
    let open: Vec<u16> = (0..world.sites_count as u16).filter(|s| world.is_open(usize::from(*s))).collect();
    let forks = forks(&state, &orders, &world);
    let mut asked = Vec::new();
    for index in 0..events {
        let hours = STRATA_H[index % STRATA_H.len()];
        let turn = index / STRATA_H.len();
        let first = open[turn % open.len()];
        let phase = (turn / open.len() + turn) % world.phases.len();
        let mut sites = vec![first];
        if turn % 5 == 4 && open.len() > 2 {
            sites.push(open[(turn + 1 + turn / open.len()) % open.len()]);
            sites.sort_unstable();
            sites.dedup();
        }
        // The history ends somewhere; what is beyond it cannot be compared.
        let seen = world.look_ahead_ms(phase) as f64 / 3_600_000.0;
        asked.push((sites, phase, hours.min((seen - 24.0).max(1.0)), hours));
    }
    let pairs: Vec<(f64, Pair)> = asked
        .par_iter()
        .map(|(sites, phase, hours, stratum)| {
            let log = Log { sites: sites.clone(), phase: *phase, entries: Vec::new() };
            let fluid = world.impact(&log, &vec![*hours; sites.len()], patience, None);
            let engine = on_engine(&forks, &orders, &world, sites, *phase, *hours, patience);
            (*stratum, Pair { sites: sites.clone(), phase: *phase, hours: *hours, engine, fluid })
        })
        .collect();
    let difference = |of: fn(&Impact) -> f64| difference(&pairs, of);
    let strata = STRATA_H
        .iter()
        .map(|hours| {
            let mine: Vec<&Pair> = pairs.iter().filter(|(s, _)| s == hours).map(|(_, p)| p).collect();
            let (engine, fluid): (f64, f64) = (
                mine.iter().map(|pair| pair.engine.loss()).sum(),
                mine.iter().map(|pair| pair.fluid.loss()).sum(),
            );
            (*hours, mine.len(), (fluid - engine) / engine.max(1.0))
        })
        .collect();
    Ok(Calibration {
        events: pairs.len(),
        orders: orders.len(),
        late: difference(|impact| impact.late),
        unserved: difference(|impact| impact.unserved),
        cost: difference(Impact::loss),
        strata,
        pairs: pairs.into_iter().map(|(_, pair)| pair).collect(),
    })
}

fn difference(pairs: &[(f64, Pair)], of: fn(&Impact) -> f64) -> Difference {
    let sum = |values: &dyn Fn(&Pair) -> f64| pairs.iter().map(|(_, pair)| values(pair)).sum::<f64>();
    let (engine, fluid) = (sum(&|pair| of(&pair.engine)), sum(&|pair| of(&pair.fluid)));
    if pairs.is_empty() || (engine == 0.0 && fluid == 0.0) {
        return Difference::default();
    }
    let mean = (engine / pairs.len() as f64).max(f64::MIN_POSITIVE);
    let mut apart: Vec<f64> = pairs
        .iter()
        .map(|(_, pair)| (of(&pair.fluid) - of(&pair.engine)).abs() / of(&pair.engine).max(mean))
        .collect();
    apart.sort_by(f64::total_cmp);
    let at = (apart.len() * 95).div_ceil(100).saturating_sub(1);
    Difference { aggregate: (fluid - engine).abs() / engine.max(f64::MIN_POSITIVE), p95: apart[at] }
}

/// Every so many orders, with stock and capacity in proportion.
fn thin(state: &State, orders: &[(Stamp, NewOrder)]) -> (State, Vec<(Stamp, NewOrder)>) {
    let step = orders.len().div_ceil(ORDERS_MAX).max(1);
    if step == 1 {
        return (state.clone(), orders.to_vec());
    }
    let kept: Vec<(Stamp, NewOrder)> = orders.iter().step_by(step).cloned().collect();
    let demand = |orders: &[(Stamp, NewOrder)]| {
        let mut units: BTreeMap<usize, u64> = BTreeMap::new();
        for (sku, quantity, _) in orders.iter().flat_map(|(_, order)| &order.lines) {
            *units.entry(sku.index()).or_default() += u64::from(quantity.0);
        }
        units
    };
    let (all, some) = (demand(orders), demand(&kept));
    let mut out = state.clone();
    let shelves: Vec<_> = state.stock.iter().collect();
    for (sku, site, shelf) in shelves {
        let (all, some) =
            (all.get(&sku.index()).copied().unwrap_or(0), some.get(&sku.index()).copied().unwrap_or(0));
        let units = if all == 0 { 0 } else { (u64::from(shelf.on_hand) * some).div_ceil(all) };
        out.stock.shelf_mut(site, sku).on_hand = u32::try_from(units).unwrap_or(u32::MAX);
    }
    let network = std::sync::Arc::make_mut(&mut out.network);
    for site in &mut network.sites {
        for capacity in &mut site.capacity {
            *capacity = capacity.div_ceil(step as u32);
        }
    }
    (out, kept)
}

fn ask(engine: &mut Engine, command: Command, at: Stamp) -> bool {
    engine.step(&Ask { command, actor: "calibration".into(), key: None }, at).is_ok()
}

/// The engine at each phase, and after the last order when nothing happens; orders by index have ids by index.
struct Forks {
    at_phase: Vec<Engine>,
    base: Vec<Option<(i32, i64)>>,
}

fn forks(state: &State, orders: &[(Stamp, NewOrder)], world: &World) -> Forks {
    let mut engine = Engine::new(state.clone(), std::sync::Arc::default());
    let mut at_phase = Vec::new();
    for (at, order) in orders {
        while at_phase.len() < world.phases.len() && world.phases[at_phase.len()] <= at.0 {
            at_phase.push(engine.clone());
        }
        ask(&mut engine, Command::PlaceOrder(Box::new(order.clone())), *at);
    }
    let base = (0..orders.len()).map(|index| outcome(&engine.state, index)).collect();
    Forks { at_phase, base }
}

/// Arrival and cost of an order that is served whole.
fn outcome(state: &State, index: usize) -> Option<(i32, i64)> {
    let order = state.order(OrderId::from_index(index)).ok()?;
    if !order.backordered().is_zero() {
        return None;
    }
    let (mut arrival, mut cost, mut parcels) = (i32::MIN, 0, Vec::new());
    for line in &order.lines {
        for a in &line.allocations {
            let (lane, site) = (state.network.lanes.get(a.lane)?, state.network.site(a.site)?);
            arrival = arrival.max(state.network.arrival(lane, a.ship_day)?.0);
            if !parcels.contains(&a.lane) {
                parcels.push(a.lane);
                cost += lane.cost_parcel + site.cost_parcel;
            }
            let weight = state.network.skus.get(line.sku)?.weight_g;
            cost += (site.cost_unit + lane.cost_unit(weight)) * i64::from(a.quantity.0);
        }
    }
    Some((arrival, cost))
}

fn on_engine(
    forks: &Forks,
    orders: &[(Stamp, NewOrder)],
    world: &World,
    sites: &[u16],
    phase: usize,
    hours: f64,
    patience: Patience,
) -> Impact {
    let start = Stamp(world.phases[phase]);
    let back = Stamp(start.0 + (hours * 3_600_000.0) as i64);
    let mut engine = forks.at_phase[phase].clone();
    let incident = close(&mut engine, sites, start);
    let mut reopened = false;
    let first = orders.partition_point(|(at, _)| *at < start);
    for (at, order) in &orders[first..] {
        if *at >= back && !reopened {
            reopen(&mut engine, sites, incident, back);
            reopened = true;
        }
        ask(&mut engine, Command::PlaceOrder(Box::new(order.clone())), *at);
    }
    if !reopened {
        reopen(&mut engine, sites, incident, back);
    }
    (0..orders.len()).fold(Impact::default(), |sum, index| {
        let (base, after) = (forks.base[index], outcome(&engine.state, index));
        if base == after {
            return sum;
        }
        let promise = orders[index].1.promise.map_or(i32::MIN, |day| day.0);
        let (arrival, cost) = after.unwrap_or((i32::MAX, 0));
        sum.plus(world.judge(index, arrival, cost, base, promise, patience), 1.0)
    })
}

/// Closes the sites; what lies there whole and has not left looks for another.
fn close(engine: &mut Engine, sites: &[u16], at: Stamp) -> IncidentId {
    let incident = engine.state.incidents.next_id();
    let new = NewIncident {
        hazard: Hazard::Other,
        name: "calibration".into(),
        severity: Severity::Severe,
        expected_end: None,
        surges: Vec::new(),
        drill: true,
    };
    ask(engine, Command::OpenIncident(Box::new(new)), at);
    ask(engine, Command::PhaseIncident { incident, phase: Phase::Declared }, at);
    let caught: Vec<OrderId> = engine
        .state
        .live_orders()
        .filter(|(_, order)| is_caught(&engine.state, order, sites, at))
        .map(|(id, _)| id)
        .collect();
    for site in sites {
        let site = SiteId(*site);
        ask(engine, Command::CloseSite { site, incident, stock: StockAccess::Inaccessible }, at);
    }
    for order in caught {
        ask(engine, Command::HoldOrder { order, reason: HoldReason::Person }, at);
        ask(engine, Command::FreeOrder { order }, at);
    }
    incident
}

fn is_caught(state: &State, order: &Order, sites: &[u16], at: Stamp) -> bool {
    let all = || order.lines.iter().flat_map(|line| &line.allocations);
    let here = |site: SiteId| sites.contains(&site.0);
    all().any(|a| here(a.site))
        && all().all(|a| {
            state.network.site(a.site).is_some_and(|site| a.ship_day.at(site.cutoff_ms, &site.zone) > at)
        })
}

fn reopen(engine: &mut Engine, sites: &[u16], incident: IncidentId, at: Stamp) {
    for site in sites {
        let (site, incident) = (SiteId(*site), Some(incident));
        ask(engine, Command::LimitSite { site, permille: 1000, incident }, at);
    }
    for order in engine.backorders() {
        if let Some(command) = engine.source_command(order, at) {
            ask(engine, command, at);
        }
    }
}
