//! The bound of a whole run: what no policy could have undercut, had it known every order and the disaster beforehand.
//!
//! All orders of the run are one problem: each may ship from the day it comes in, sites that are shut have no capacity
//! on the days they are shut whole, and everything else (deliveries that rest, sites that restart slowly, limits) is
//! left out, which only lowers the bound. Goods on order count as there from the beginning; those of a site that closes
//! count at every site, for a policy may send them on to any. Trucks join the sites that any run's trucks have joined:
//! from the first day on, at once, by the straight line. Costs are those of the tally, so the bound stands beside its
//! totals.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_app::load::{Loaded, TimedOrder};
use holdfast_domain::command::Command;
use holdfast_domain::decide::decide;
use holdfast_domain::evolve::evolve;
use holdfast_domain::id::{Id, SiteId, SkuId};
use holdfast_domain::state::State;
use holdfast_domain::time::{Span, Stamp};
use holdfast_engine::incident::{Scope, freeze_over};
use holdfast_plan::replan::{
    Control, Draft, HAULS_MAX, HORIZON_MAX, Haul, Options, Problem, SiteStatus, Stock, check_bound, solve,
};

use crate::truth::Truth;

/// Work units for each order: enough for the prices, not for a good plan.
const WORK_PER_ORDER: u64 = 20;
/// Roads are no shorter than this share of the great circle: lengths of a graph are rounded.
const STRAIGHT_SHARE: f64 = 0.95;

/// What is known of a run once it is over.
#[derive(Clone, Copy, Debug)]
pub struct Hindsight<'a> {
    /// The book.
    pub loaded: &'a Loaded,
    /// Its orders, in the order in which they came in.
    pub orders: &'a [TimedOrder],
    /// What was really out.
    pub truth: &'a Truth,
    /// Sites that trucks may join.
    pub joined: &'a BTreeSet<(SiteId, SiteId)>,
}

/// The least any policy's total cost can be, in minor units; `None` where the run is longer than the planner looks
/// ahead, or the bound was not confirmed.
#[must_use]
pub fn hindsight_bound(
    network: &State,
    known: &Hindsight<'_>,
    start: Stamp,
    end: Stamp,
    seed: u64,
) -> Option<i64> {
    let Hindsight { loaded, orders, truth, joined } = *known;
    let mut state = network.clone();
    for timed in orders {
        let mut order = timed.order.clone();
        order.subject = None;
        let placed = decide(&state, &Command::PlaceOrder(Box::new(order)), start).ok()?;
        for event in &placed {
            evolve(&mut state, start, event).ok()?;
        }
    }
    let horizon =
        u16::try_from(end.since(start).0 / Span::days(1).0 + 2).ok().filter(|days| *days <= HORIZON_MAX)?;
    let frozen = freeze_over(&state, Scope::All, start.before(Span::hours(24)), horizon).ok()?;
    let (first_day, ids) = (frozen.first_day, frozen.orders);
    let mut draft = frozen.problem.thaw();
    for (order, id) in draft.orders.iter_mut().zip(&ids) {
        let known = state.order(*id).ok()?;
        let came = orders.get(id.index())?.at;
        // The earliest local date anywhere: no site could have shipped it before.
        let days =
            network.network.sites.iter().map(|site| came.local(&site.zone).0.since(first_day)).min()?;
        order.earliest_day = u16::try_from(days.max(0)).ok()?;
        order.late_cost_day = network.network.merchant(known.merchant)?.late_cost;
        let merchant = network.network.merchant(known.merchant)?;
        for line in &mut order.lines {
            line.move_cost = 0;
            // The tally's rate: what is still open when the run ends has cost nothing else.
            line.backorder_cost = merchant.backorder_cost * (1 + i64::from(known.priority));
            line.backorder_unit = 0;
        }
    }
    for (index, site) in draft.sites.iter_mut().enumerate() {
        let zone = &network.network.sites[index].zone;
        for (day, capacity) in (0_i32..).zip(&mut site.capacity) {
            let (from, to) = (first_day.plus(day).at(0, zone), first_day.plus(day + 1).at(0, zone));
            let shut = truth.sites.iter().any(|closed| {
                closed.site == SiteId::from_index(index)
                    && closed.out.from <= from
                    && closed.out.until.is_none_or(|until| to <= until)
            });
            if shut {
                *capacity = 0;
            }
        }
    }
    add_inbound(&mut draft, loaded, truth);
    add_trucks(&mut draft, network, truth, joined);
    let problem = Problem::freeze(draft).ok()?;
    let work = WORK_PER_ORDER * problem.orders.len().max(200) as u64;
    let plan = solve(&problem, &Options { seed, work, gap: 0.0, threads: None }, &mut |_| Control::Continue);
    check_bound(&problem, &plan).is_empty().then(|| plan.bound())
}

/// Trucks that nothing delays and no road makes longer: what they bring costs no run less.
fn add_trucks(draft: &mut Draft, network: &State, truth: &Truth, joined: &BTreeSet<(SiteId, SiteId)>) {
    let skus: BTreeSet<SkuId> = draft.stock.iter().map(|stock| stock.sku).collect();
    for (from, to) in joined.iter().take(HAULS_MAX) {
        let (Some(a), Some(b)) = (network.network.site(*from), network.network.site(*to)) else { continue };
        let metres = a.place.distance_m(b.place) * STRAIGHT_SHARE;
        // A run may have filled the truck at a site that was dark by the end: it was usable when it left.
        draft.sites[from.index()].status = SiteStatus::Usable;
        draft.hauls.push(Haul {
            from: *from,
            to: *to,
            leaves_day: 0,
            ready_day: 0,
            per_unit: truth.roads.terms.per_unit,
            per_kg: truth.roads.terms.per_kg(metres as u64),
            skus: skus.iter().copied().collect(),
        });
    }
}

fn add_inbound(draft: &mut Draft, loaded: &Loaded, truth: &Truth) {
    let mut more: BTreeMap<(SkuId, SiteId), u32> = BTreeMap::new();
    for (_, site, sku, quantity) in &loaded.inbound {
        let closes = truth.sites.iter().any(|closed| closed.site == *site);
        let everywhere = (0..draft.sites.len()).map(SiteId::from_index);
        for home in everywhere.filter(|home| closes || home == site) {
            *more.entry((*sku, home)).or_default() += quantity.0;
        }
    }
    // What suppliers send again is at most so much of what was ever there.
    for (from, _, permille) in &truth.supplies {
        let mut there: BTreeMap<SkuId, u64> = BTreeMap::new();
        for command in &loaded.setup {
            if let Command::ReceiveStock { site, sku, quantity } = command {
                if site == from {
                    *there.entry(*sku).or_default() += u64::from(quantity.0);
                }
            }
        }
        let goods = loaded.inbound.iter().filter(|(_, site, ..)| site == from);
        for (_, _, sku, quantity) in goods {
            *there.entry(*sku).or_default() += u64::from(quantity.0);
        }
        for (sku, units) in there {
            let again = u32::try_from(units * u64::from(*permille) / 1000).unwrap_or(u32::MAX);
            for home in (0..draft.sites.len()).map(SiteId::from_index) {
                *more.entry((sku, home)).or_default() += again;
            }
        }
    }
    for stock in &mut draft.stock {
        stock.quantity += more.remove(&(stock.sku, stock.site)).unwrap_or(0);
    }
    let rest = more.into_iter().filter(|(_, quantity)| *quantity > 0);
    draft.stock.extend(rest.map(|((sku, site), quantity)| Stock { site, sku, quantity, from_day: 0 }));
}
