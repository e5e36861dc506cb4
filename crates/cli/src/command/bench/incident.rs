//! The loss of a site with many open orders: how soon its preview stands, and a plan with its gap.
//!
//! Goods and work are scarce, so that orders stand in one another's way; four merchants share the sites, so the plan has
//! a floor for each. What is measured is what the product runs: preview, then the plan with trucks on the bundled roads,
//! fairness and moves.

use std::time::Instant;

use holdfast_app::roads::{RoadNet, TruckTerms};
use holdfast_domain::command::{Command, NewIncident};
use holdfast_domain::id::{Id as _, IncidentId, SiteId};
use holdfast_domain::incident::{Hazard, Phase, Severity, StockAccess};
use holdfast_domain::state::State;
use holdfast_engine::incident::{Effort, Made, PlanAsk, make, preview};
use holdfast_engine::step::{Ask, Engine};
use holdfast_plan::replan::{Control, check, check_fair};
use holdfast_plan::route::way::AllOpen;

use super::{Figure, world};
use crate::exit::{Code, Failure};
use crate::output::Output;

/// Seconds from the loss to the plan, freezing and moves included.
const PLAN_SECONDS: f64 = 3.0;
/// Of these, what is kept back for checking floors and writing moves.
const RESERVE: f64 = 0.7;
/// SKUs of the world.
const SKUS: u32 = 5_000;

/// Measures it.
pub(crate) fn measure(quick: bool, seed: u64, out: &Output) -> Result<Vec<Figure>, Failure> {
    let orders: u32 = if quick { 5_000 } else { 50_000 };
    let bug = |what: String| Failure::new(Code::Bug, what, "report it");
    let bar = out.progress(1, "drawing open orders");
    let mut engine = world::scarce(SKUS, orders, seed);
    for (n, ask) in (0..).zip(world::orders(0, orders, SKUS, seed)) {
        engine
            .step(&ask, world::moment(n))
            .map_err(|error| bug(format!("a drawn order was refused: {error}")))?;
    }
    bar.finish_and_clear();
    let at = world::moment(orders);
    let lost = busiest(&engine.state);
    let start = Instant::now();
    let seen = preview(&engine.state, &[lost], &[], None, at);
    let preview_s = start.elapsed().as_secs_f64();
    close(&mut engine, lost, at)?;
    let net = RoadNet::bundled();
    let start = Instant::now();
    let mut first = None;
    let mut freeze_s = None;
    let ask = PlanAsk {
        incident: Some(IncidentId(0)),
        transport: Some(net.transport(TruckTerms::default().of_state(&engine.state), &AllOpen)),
        effort: Effort { seed, per_order: u64::MAX, gap: 0.000_5, threads: None },
        ..PlanAsk::default()
    };
    let made = make(&engine.state, &ask, at, &mut |now| {
        let spent = start.elapsed().as_secs_f64();
        freeze_s.get_or_insert(spent);
        if now.cost.is_some() && first.is_none() {
            first = Some((spent, now.gap));
        }
        if spent > PLAN_SECONDS - RESERVE { Control::Stop } else { Control::Continue }
    });
    let Made { frozen, plan, planned } = made.map_err(|error| bug(format!("freeze the state: {error}")))?;
    let plan_s = start.elapsed().as_secs_f64();
    let freeze_s = freeze_s.unwrap_or(plan_s);
    let mut found = check(&frozen.problem, &plan);
    if let Some(fair) = &frozen.fair {
        found.extend(check_fair(&frozen.problem, &plan, fair));
    }
    if let Some(violation) = found.first() {
        return Err(bug(format!("the checker refuses the plan: {violation}")));
    }
    let of = format!("{} orders, {} lines, 14 sites", planned.summary.orders, planned.summary.lines);
    let phi = |phi: Option<u64>| phi.unwrap_or(0) as f64 / 1000.0;
    let fair =
        format!("phi {:.3}, its bound {:.3}", phi(planned.summary.phi), phi(planned.summary.phi_bound));
    let (first_s, first_gap) = first.unwrap_or((plan_s, plan.gap()));
    Ok(vec![
        Figure::new("loss of a site: preview", preview_s, "s")
            .at_most(1.0)
            .note(format!("{} orders touched", seen.orders)),
        Figure::new("loss of a site: problem frozen, first prices", freeze_s, "s").note(of),
        Figure::new("loss of a site: first plan", first_s, "s")
            .note(format!("gap {:.3} %", 100.0 * first_gap)),
        Figure::new("loss of a site: plan, with its moves", plan_s, "s").at_most(PLAN_SECONDS).note(format!(
            "gap {:.3} %, {} orders move, {} trucks of {} offered, {fair}",
            100.0 * plan.gap(),
            planned.summary.moved,
            planned.transfers.len(),
            frozen.trucks.len()
        )),
    ])
}

/// The site with most open orders.
fn busiest(state: &State) -> SiteId {
    let mut open = vec![0_u32; state.sites.len()];
    for (_, order) in state.live_orders() {
        for a in order.lines.iter().flat_map(|line| &line.allocations) {
            open[a.site.index()] += 1;
        }
    }
    let most = (0..open.len()).rev().max_by_key(|site| open[*site]).unwrap_or(0);
    SiteId::from_index(most)
}

fn close(engine: &mut Engine, site: SiteId, at: holdfast_domain::time::Stamp) -> Result<(), Failure> {
    let incident = NewIncident {
        hazard: Hazard::Fire,
        name: "bench".into(),
        severity: Severity::Extreme,
        expected_end: None,
        surges: Vec::new(),
        drill: true,
    };
    let id = IncidentId(0);
    for command in [
        Command::OpenIncident(Box::new(incident)),
        Command::PhaseIncident { incident: id, phase: Phase::Declared },
        Command::CloseSite { site, incident: id, stock: StockAccess::Lost },
    ] {
        let ask = Ask { command, actor: "bench".into(), key: None };
        engine
            .step(&ask, at)
            .map_err(|error| Failure::new(Code::Bug, format!("close the site: {error}"), "report it"))?;
    }
    Ok(())
}
