//! The fluid form held against the engine.
//!
//! A thinned world (every so many orders, stock and capacity in proportion) meets events of the catalogue, once on the
//! engine's own step function at their own lengths, and once in the fluid form as the simulated years use it; both are
//! judged by the same rule. Invariant: nothing of the fluid form's routing is used on the engine's side.

mod engine;

use std::collections::BTreeMap;

use holdfast_domain::command::NewOrder;
use holdfast_domain::id::Id;
use holdfast_domain::incident::{Hazard, Severity};
use holdfast_domain::state::State;
use holdfast_domain::time::Stamp;
use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};
use serde::Serialize;

use crate::bia::{BiaError, Drawn, Question, draw, lengths, used};
use crate::fluid::{Impact, World};

/// Greatest difference in the sum over all events.
pub const AGGREGATE_MAX: f64 = 0.05;
/// Greatest difference of an event at the 95th percentile.
pub const P95_MAX: f64 = 0.15;
/// Orders of the thinned world at most.
pub const ORDERS_MAX: usize = 1_500;
/// Severities, a stratum each.
pub const STRATA: [Severity; 4] = [Severity::Minor, Severity::Moderate, Severity::Severe, Severity::Extreme];
/// Hours before the end of the history at which a compared event ends at the latest.
const END_H: f64 = 24.0;
/// Years searched for events at most.
const YEARS_SEARCHED_MAX: u32 = 10_000;

/// An event computed both ways.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// What kind.
    pub hazard: Hazard,
    /// How bad: its stratum.
    pub severity: Severity,
    /// How many sites, carriers or limits it is.
    pub stops: usize,
    /// Phase it starts in.
    pub phase: usize,
    /// Hours of the longest stop.
    pub hours: f64,
    /// By the engine.
    pub engine: Impact,
    /// By the fluid form as the simulated years use it: between lengths, where all that stops lasts equally long.
    pub fluid: Impact,
    /// By the fluid form at the event's own lengths.
    pub exact: Impact,
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

/// The three figures that are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Differences {
    /// Orders late.
    pub late: Difference,
    /// Orders unserved.
    pub unserved: Difference,
    /// Loss: revenue, added cost, lateness, standby sites.
    pub cost: Difference,
}

impl Differences {
    /// Whether all three are within the limits.
    #[must_use]
    pub fn hold(&self) -> bool {
        [self.late, self.unserved, self.cost].iter().all(Difference::holds)
    }
}

/// A stratum's events.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stratum {
    /// Its severity.
    pub severity: Severity,
    /// Events compared.
    pub events: usize,
    /// Of them, events in which the engine changes an order.
    pub felt: usize,
    /// Difference of the loss in the sum, as a share of the engine's.
    pub cost: f64,
}

/// The comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// Events compared.
    pub events: usize,
    /// Orders of the thinned world.
    pub orders: usize,
    /// The fluid form as the simulated years use it; the limits are for these.
    #[serde(flatten)]
    pub used: Differences,
    /// The fluid form at the events' own lengths: what is left is rule, not rounding.
    pub exact: Differences,
    /// By severity.
    pub strata: Vec<Stratum>,
    /// Events whose length was cut because the history ends.
    pub cut: usize,
    /// The events.
    #[serde(skip)]
    pub pairs: Vec<Pair>,
}

impl Calibration {
    /// Whether all three are within the limits.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.used.hold()
    }
}

/// Compares at least `events` events of the catalogue, as many of each severity as there are.
///
/// # Errors
/// [`BiaError`] if the thinned book does not suffice or the hazards cannot be simulated.
pub fn calibrate(question: &Question, events: usize) -> Result<Calibration, BiaError> {
    let (state, orders) = thin(question.state, question.orders);
    let forks_state = engine::Book::new(&state, orders);
    let orders = forks_state.orders();
    let world = World::new(&state, orders)?;
    let thinned = Question { state: &state, orders, ..*question };
    let years = question.years.min(YEARS_SEARCHED_MAX);
    let (drawn, _) = draw(&thinned, &world, years)?;
    // The history ends somewhere, and what is beyond it cannot be compared: here no event is longer.
    let within = |mut event: Drawn| {
        let most = (world.seen_h(event.shock.phase) - END_H).max(1.0);
        let is_whole = event.shock.longest() <= most;
        event.shock = event.shock.cut(most);
        (event, is_whole)
    };
    let drawn: Vec<(Drawn, bool)> = drawn.into_iter().flatten().map(within).collect();
    let lengths = lengths(&world, drawn.iter().map(|(event, _)| event));
    let chosen = choose(drawn, events);
    let cut = chosen.iter().filter(|(_, is_whole)| !is_whole).count();
    let forks = forks_state.forks(&world);
    let pairs: Vec<Pair> = chosen
        .par_iter()
        .map(|(event, _)| Pair {
            hazard: event.hazard,
            severity: event.severity,
            stops: event.shock.stops.len(),
            phase: event.shock.phase,
            hours: event.shock.longest(),
            engine: forks.judge(&world, &event.shock, question.patience),
            exact: world.impact(&event.shock, question.patience, None),
            fluid: used(&world, &lengths, event, question.patience),
        })
        .collect();
    Ok(Calibration {
        events: pairs.len(),
        orders: orders.len(),
        used: differences(&pairs, |pair| &pair.fluid),
        exact: differences(&pairs, |pair| &pair.exact),
        strata: STRATA.iter().map(|severity| stratum(&pairs, *severity)).collect(),
        cut,
        pairs,
    })
}

/// Evenly spaced events of each severity, first of those that are whole, then of those that were cut; a severity that
/// has too few leaves its places to the other severities.
fn choose(drawn: Vec<(Drawn, bool)>, events: usize) -> Vec<(Drawn, bool)> {
    type Events = Vec<(Drawn, bool)>;
    let mut strata: Vec<(Events, Events)> = vec![Default::default(); STRATA.len()];
    for event in drawn {
        if let Some(at) = STRATA.iter().position(|severity| *severity == event.0.severity) {
            let (whole, cut) = &mut strata[at];
            if event.1 { whole.push(event) } else { cut.push(event) }
        }
    }
    let sizes: Vec<usize> = strata.iter().map(|(whole, cut)| whole.len() + cut.len()).collect();
    let mut wanted = [0_usize; STRATA.len()];
    let mut left = events.min(sizes.iter().sum());
    while left > 0 {
        let open: Vec<usize> = (0..STRATA.len()).filter(|at| wanted[*at] < sizes[*at]).collect();
        let share = left.div_ceil(open.len().max(1));
        for at in open {
            let more = share.min(sizes[at] - wanted[at]).min(left);
            wanted[at] += more;
            left -= more;
        }
    }
    let spaced = |events: &Events, wanted: usize| -> Events {
        (0..wanted).map(|index| events[index * events.len() / wanted].clone()).collect()
    };
    let chosen = |((whole, cut), wanted): (&(Events, Events), &usize)| {
        let of_whole = whole.len().min(*wanted);
        [spaced(whole, of_whole), spaced(cut, wanted - of_whole)].concat()
    };
    strata.iter().zip(&wanted).flat_map(chosen).collect()
}

fn stratum(pairs: &[Pair], severity: Severity) -> Stratum {
    let mine: Vec<&Pair> = pairs.iter().filter(|pair| pair.severity == severity).collect();
    let engine: f64 = mine.iter().map(|pair| pair.engine.loss()).sum();
    let fluid: f64 = mine.iter().map(|pair| pair.fluid.loss()).sum();
    Stratum {
        severity,
        events: mine.len(),
        felt: mine.iter().filter(|pair| pair.engine.touched > 0.0).count(),
        cost: if engine > 0.0 { (fluid - engine) / engine } else { 0.0 },
    }
}

fn differences(pairs: &[Pair], of: fn(&Pair) -> &Impact) -> Differences {
    Differences {
        late: difference(pairs, of, |impact| impact.late),
        unserved: difference(pairs, of, |impact| impact.unserved),
        cost: difference(pairs, of, Impact::loss),
    }
}

fn difference(pairs: &[Pair], of: fn(&Pair) -> &Impact, figure: fn(&Impact) -> f64) -> Difference {
    let engine: f64 = pairs.iter().map(|pair| figure(&pair.engine)).sum();
    let fluid: f64 = pairs.iter().map(|pair| figure(of(pair))).sum();
    if pairs.is_empty() || (engine == 0.0 && fluid == 0.0) {
        return Difference::default();
    }
    let mean = (engine / pairs.len() as f64).max(f64::MIN_POSITIVE);
    let mut apart: Vec<f64> = pairs
        .iter()
        .map(|pair| (figure(of(pair)) - figure(&pair.engine)).abs() / figure(&pair.engine).max(mean))
        .collect();
    apart.sort_by(f64::total_cmp);
    let at = (apart.len() * 95).div_ceil(100).saturating_sub(1);
    Difference { aggregate: (fluid - engine).abs() / engine.max(f64::MIN_POSITIVE), p95: apart[at] }
}

/// Every so many orders, with stock, capacity and standby costs in proportion.
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
        if let Some(terms) = &mut site.standby {
            terms.activation_cost /= step as i64;
            terms.daily_cost /= step as i64;
        }
    }
    (out, kept)
}
