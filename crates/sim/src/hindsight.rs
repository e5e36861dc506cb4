//! The bound of a whole run: what no policy could have undercut, had it known every order and the disaster beforehand.
//!
//! All orders of the run are one problem: each may ship from the day it comes in, sites that are shut have no capacity
//! on the days they are shut whole, and everything else (deliveries that rest, sites that restart slowly, limits) is
//! left out, which only lowers the bound. Costs are those of the tally, so the bound stands beside its totals.

use holdfast_app::load::TimedOrder;
use holdfast_domain::command::Command;
use holdfast_domain::decide::decide;
use holdfast_domain::evolve::evolve;
use holdfast_domain::id::{Id, SiteId};
use holdfast_domain::state::State;
use holdfast_domain::time::{Span, Stamp};
use holdfast_engine::incident::{Scope, freeze_over};
use holdfast_plan::replan::{Control, HORIZON_MAX, Options, Problem, check_bound, solve};

use crate::truth::Truth;

/// Work units for each order: enough for the prices, not for a good plan.
const WORK_PER_ORDER: u64 = 20;

/// The least any policy's total cost can be, in minor units; `None` where the run is longer than the planner looks
/// ahead, or the bound was not confirmed.
#[must_use]
pub fn hindsight_bound(
    network: &State,
    orders: &[TimedOrder],
    truth: &Truth,
    start: Stamp,
    end: Stamp,
    seed: u64,
) -> Option<i64> {
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
        for line in &mut order.lines {
            line.move_cost = 0;
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
    let problem = Problem::freeze(draft).ok()?;
    let work = WORK_PER_ORDER * problem.orders.len().max(200) as u64;
    let plan = solve(&problem, &Options { seed, work, gap: 0.0, threads: None }, &mut |_| Control::Continue);
    check_bound(&problem, &plan).is_empty().then(|| plan.bound())
}
