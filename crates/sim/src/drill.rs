//! The drill: one disaster, the same orders, several policies, one comparison.
//!
//! One file for one run from its orders to its comparison; what it measures lies beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use holdfast_app::load::{Loaded, TimedOrder};
use holdfast_app::port::Journal;
use holdfast_app::recover::RecoverError;
use holdfast_app::writer::WriterError;
use holdfast_domain::command::Command;
use holdfast_domain::evolve::Entry;
use holdfast_domain::id::{Id, MerchantId, OrderId, SiteId, SkuId};
use holdfast_domain::order::{Shipment, ShipmentStage};
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Span, Stamp, Zone};
use holdfast_engine::incident::Planned;
use holdfast_engine::takeover::statements;
use holdfast_hazard::track::{Forecast, Track};
use holdfast_plan::replan::{Plan, Problem, check, check_bound};
use rand::RngExt;

use crate::clock::chance;
use crate::decisions::Recorder;
use crate::forecast::Outlook;
use crate::hindsight::{Hindsight, hindsight_bound};
use crate::policy::{Holdfast, Trade};
use crate::recount::recount;
use crate::recount_notices::recount_notices;
use crate::roads::RoadTruth;
use crate::scenario::{Scenario, ScenarioError, TakeOver};
use crate::tally::{Tally, cancelled_by_law, completed, kept, tally};
use crate::truth::{Cause, Truth, truth};
use crate::world::{Policy, World};

pub use crate::report::{Lead, Needless, PolicyName, Report, TakeOverReport};

/// Samples of each forecast.
const SAMPLES: u32 = 400;

/// Why a drill did not run.
#[derive(Debug, thiserror::Error)]
pub enum DrillError {
    /// The scenario does not fit the book.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// The writer could not go on.
    #[error(transparent)]
    Writer(#[from] WriterError),
}

/// Where a drill stands; told while it runs.
#[derive(Clone, Copy, Debug)]
pub struct DrillProgress {
    /// Which policy.
    pub policy: PolicyName,
    /// The world's time.
    pub at: Stamp,
    /// Orders that have come in.
    pub orders: usize,
    /// Orders in all.
    pub of: usize,
}

/// One policy's run.
pub struct Run {
    /// Which policy.
    pub policy: PolicyName,
    /// What it came to.
    pub tally: Tally,
    /// The final state.
    pub state: State,
    /// The whole journal, for the auditor.
    pub world: World,
}

/// What a drill found.
pub struct Drill {
    /// The runs, in the order of [`PolicyName`].
    pub runs: Vec<Run>,
    /// What was really out.
    pub truth: Truth,
    /// The report.
    pub report: Report,
    /// Plans carried out by Holdfast.
    pub plans: Vec<Planned>,
    /// The state with the book loaded, before the first order.
    pub start: State,
    /// The final state of the same orders, had nothing happened.
    pub calm: State,
}

/// Hours before the first closure at which acting is tried out.
const LEADS_H: [u32; 3] = [72, 48, 24];

/// What a drill is run with.
pub struct Setting<'a> {
    /// The book, as commands.
    pub loaded: &'a Loaded,
    /// The disaster.
    pub scenario: &'a Scenario,
    /// Its storm's track, if it has one.
    pub track: Option<&'a Track>,
    /// Its storm's forecasts as issued, if there are any.
    pub forecasts: &'a [Forecast],
    /// Seed of every chance.
    pub seed: u64,
}

/// Runs a drill under every policy.
///
/// # Errors
/// [`DrillError`].
pub fn drill(setting: &Setting<'_>, tick: &mut dyn FnMut(DrillProgress)) -> Result<Drill, DrillError> {
    let start = setting.loaded.orders.first().ok_or(ScenarioError::NoOrders)?.at;
    let (orders, surge_orders) = surged(setting, start);
    let probe = world(setting, &orders, start, None)?;
    let outlooks = if setting.scenario.forecasts {
        Outlook::of(probe.state(), setting.forecasts, SAMPLES, setting.seed)
    } else {
        Vec::new()
    };
    let recovery = recoveries(setting, probe.state());
    let holdfast = |outlooks: Vec<Outlook>, ahead: bool| {
        let scenario = setting.scenario;
        Holdfast::new(scenario.hazard, scenario.severity, &scenario.name, recovery.clone(), outlooks, ahead)
    };
    let mut waiting = Recorder::new(outlooks.clone(), recovery.clone());
    let mut runs = vec![
        run(setting, &orders, start, PolicyName::Wait, &mut waiting, tick)?,
        run(setting, &orders, start, PolicyName::Trade, &mut Trade::default(), tick)?,
    ];
    let announced = probe.truth.sites.iter().any(|closed| closed.known < closed.out.from);
    if announced || !outlooks.is_empty() {
        let mut late = holdfast(Vec::new(), false);
        runs.push(run(setting, &orders, start, PolicyName::HoldfastAtClosure, &mut late, tick)?);
    }
    let mut ours = holdfast(outlooks.clone(), true);
    runs.push(run(setting, &orders, start, PolicyName::Holdfast, &mut ours, tick)?);
    let guest = setting.scenario.takeover.as_ref().map(|terms| guest(setting, terms)).transpose()?;
    let mut carrying = None;
    if let Some((merchant, after)) = guest {
        let mut acts = holdfast(outlooks.clone(), true).with_takeover(merchant, after);
        runs.push(run(setting, &orders, start, PolicyName::HoldfastTakeOver, &mut acts, tick)?);
        carrying = Some(acts);
    }
    let mut calm = calm(setting, &orders, start, probe.end)?;
    let mut report = report(setting, &runs, &calm, &ours, surge_orders, outlooks);
    report.decisions = waiting.decisions;
    let end = probe.end;
    let joined = runs.iter().flat_map(|run| run.world.trucks()).map(|truck| (truck.from, truck.to)).collect();
    let known = Hindsight { loaded: setting.loaded, orders: &orders, truth: &probe.truth, joined: &joined };
    report.bound = hindsight_bound(probe.state(), &known, start, end, setting.seed);
    if !report.outlooks.is_empty() {
        let first =
            probe.truth.sites.iter().find(|closed| closed.cause == Cause::Wind).map(|closed| closed.out.from);
        for hours in first.map(|_| LEADS_H).into_iter().flatten() {
            let from = first.unwrap_or(start).before(Span::hours(u64::from(hours)));
            let mut early = holdfast(report.outlooks.clone(), true).acting_from(from);
            let tried = run(setting, &orders, start, PolicyName::Holdfast, &mut early, tick)?;
            report.leads.push(lead(setting, hours, &early, &tried));
        }
        report.needless = needless(setting, &probe.truth, &mut |setting| {
            let mut ours = holdfast(report.outlooks.clone(), true);
            run(setting, &orders, start, PolicyName::Holdfast, &mut ours, tick)
        })?;
    }
    if let (Some(acts), Some(run)) = (&carrying, runs.last_mut()) {
        let (accepted, said) = verify(&acts.solved);
        report.plans_checked.0 += acts.solved.len();
        report.plans_checked.1 += accepted;
        report.violations.extend(said);
        report.takeover = takeover(acts, run)?;
        let fees = report.takeover.as_ref().map_or(0, TakeOverReport::fees);
        run.tally.activation += fees;
        run.tally.total_cost += fees;
        let told = report.policies.iter_mut().find(|(name, _)| *name == PolicyName::HoldfastTakeOver);
        if let Some((_, told)) = told {
            told.clone_from(&run.tally);
        }
    }
    report.recount_differs.extend(recount_differs(&mut calm)?);
    for run in &mut runs {
        let differs = recount_differs(run)?;
        if differs.is_empty() {
            report.recounted.push(run.policy);
        }
        report.recount_differs.extend(differs);
    }
    let (start, calm) = (probe.state().clone(), calm.state);
    Ok(Drill { runs, truth: probe.truth, report, plans: ours.plans, start, calm })
}

/// Holdfast's run once more, on another setting of the same disaster.
///
/// # Errors
/// [`DrillError`].
pub fn again(setting: &Setting<'_>, outlooks: &[Outlook]) -> Result<Run, DrillError> {
    let start = setting.loaded.orders.first().ok_or(ScenarioError::NoOrders)?.at;
    let (orders, _) = surged(setting, start);
    let probe = world(setting, &orders, start, None)?;
    let recovery = recoveries(setting, probe.state());
    let scenario = setting.scenario;
    let (hazard, severity) = (scenario.hazard, scenario.severity);
    let mut ours = Holdfast::new(hazard, severity, &scenario.name, recovery, outlooks.to_vec(), true);
    run(setting, &orders, start, PolicyName::Holdfast, &mut ours, &mut |_| {})
}

/// A world with the scenario's disaster; with `calm_until`, one in which nothing happens and that goes on until then.
fn world(
    setting: &Setting<'_>,
    orders: &[TimedOrder],
    start: Stamp,
    calm_until: Option<Stamp>,
) -> Result<World, DrillError> {
    let mut failed = None;
    let made = World::new(
        setting.loaded,
        orders.to_vec(),
        |state| match truth_with_roads(state, setting, start) {
            Ok(found) if calm_until.is_none() => found,
            Ok(_) => Truth::default(),
            Err(error) => {
                failed = Some(error);
                Truth::default()
            }
        },
        calm_until,
        setting.seed,
    )?;
    failed.map_or(Ok(made), |error| Err(error.into()))
}

fn truth_with_roads(state: &State, setting: &Setting<'_>, start: Stamp) -> Result<Truth, ScenarioError> {
    let storm = (setting.track, setting.forecasts);
    let roads = RoadTruth::of(state, setting.loaded, setting.scenario, storm, start)?;
    let found = truth(state, setting.scenario, setting.track, start)?;
    Ok(Truth { roads: Arc::new(roads), ..found })
}

fn run(
    setting: &Setting<'_>,
    orders: &[TimedOrder],
    start: Stamp,
    policy: PolicyName,
    acts: &mut dyn Policy,
    tick: &mut dyn FnMut(DrillProgress),
) -> Result<Run, DrillError> {
    let mut world = world(setting, orders, start, None)?;
    let of = orders.len();
    world.run(acts, &mut |now| tick(DrillProgress { policy, at: now.at, orders: now.orders, of }))?;
    Ok(counted(policy, world))
}

/// The merchant a scenario lets others carry, and how long after the closure that is settled.
fn guest(setting: &Setting<'_>, terms: &TakeOver) -> Result<(MerchantId, Span), ScenarioError> {
    let known = &setting.loaded.merchants;
    let index = known.iter().position(|code| *code == terms.merchant);
    let index = index.ok_or_else(|| ScenarioError::Unknown {
        what: "merchant",
        code: terms.merchant.clone(),
        known: known.iter().take(20).cloned().collect::<Vec<_>>().join(", "),
    })?;
    Ok((MerchantId::from_index(index), Span::hours(u64::from(terms.after_h))))
}

/// What a take-over came to, from the state and the journal of its run.
fn takeover(acts: &Holdfast, run: &mut Run) -> Result<Option<TakeOverReport>, DrillError> {
    let Some(carried) = &acts.carried else { return Ok(None) };
    let known = run.state.takeovers.get(carried.takeover);
    let sections: Vec<SiteId> = known.map(|known| known.sections.to_vec()).unwrap_or_default();
    let left = |shipment: &Shipment| {
        sections.contains(&shipment.site)
            && matches!(
                shipment.stage,
                ShipmentStage::Shipped | ShipmentStage::Exception | ShipmentStage::Delivered
            )
    };
    let mut orders: Vec<OrderId> = Vec::new();
    let mut first_parcel = None;
    for (_, shipment) in run.state.shipments.iter().filter(|(_, shipment)| left(shipment)) {
        orders.push(shipment.order);
        first_parcel = Some(first_parcel.map_or(shipment.ship_day, |day: Day| day.min(shipment.ship_day)));
    }
    orders.sort_unstable();
    orders.dedup();
    let all = entries(run)?;
    let statements = statements(&State::default(), &all, carried.takeover).map_err(|source| {
        DrillError::Writer(WriterError::Recover(RecoverError::Misfit { version: 0, source }))
    })?;
    Ok(Some(TakeOverReport {
        merchant: carried.offer.merchant,
        accepted: carried.accepted,
        offer: carried.offer.guest.clone(),
        effects: carried.offer.effects.clone(),
        first_parcel,
        orders: orders.len() as u64,
        statements,
        log: acts.log.clone(),
    }))
}

/// The same orders in a world in which nothing happens.
fn calm(setting: &Setting<'_>, orders: &[TimedOrder], start: Stamp, until: Stamp) -> Result<Run, DrillError> {
    let mut world = world(setting, orders, start, Some(until))?;
    world.run(&mut Recorder::new(Vec::new(), BTreeMap::new()), &mut |_| {})?;
    Ok(counted(PolicyName::Wait, world))
}

fn counted(policy: PolicyName, world: World) -> Run {
    let state = world.state().clone();
    let mut tally = tally(&state);
    (tally.inbound_as_planned, tally.inbound_redirected, tally.inbound_waiting) = world.inbound_units();
    tally.transfer = world.trucks().iter().map(|run| run.cost).sum();
    tally.total_cost += tally.transfer;
    Run { policy, tally, state, world }
}

fn recoveries(setting: &Setting<'_>, state: &State) -> BTreeMap<SiteId, u32> {
    let hours = |code: &str| {
        let own = setting.scenario.recoveries.iter().find(|recovery| recovery.site == code);
        // What is expected beforehand is the general figure; a site's own is known only afterwards.
        own.map_or(setting.scenario.recovery_h, |own| own.hours.min(setting.scenario.recovery_h))
    };
    (0..).zip(&state.network.sites).map(|(index, site)| (SiteId(index), hours(&site.code))).collect()
}

/// The orders with the scenario's surge: copies of real orders under numbers of their own.
fn surged(setting: &Setting<'_>, start: Stamp) -> (Vec<TimedOrder>, usize) {
    let mut orders = setting.loaded.orders.clone();
    let categories = categories(setting.loaded);
    let mut added = Vec::new();
    for (index, surge) in setting.scenario.surges.iter().enumerate() {
        let (from, until) = (surge.from.of(start), surge.until.of(start));
        for (number, order) in setting.loaded.orders.iter().enumerate() {
            if order.at < from
                || order.at >= until
                || !has_category(&categories, order, surge.category.as_deref())
            {
                continue;
            }
            let mut draw = chance(setting.seed, "surge", (index as u64) << 32 | number as u64);
            let more = surge.permille.saturating_sub(1000);
            let copies = more / 1000 + u32::from(draw.random_range(0..1000) < more % 1000);
            for copy in 0..copies.min(100) {
                let mut again = order.clone();
                again.order.number = format!("{}-surge{index}-{copy}", order.order.number).into();
                again.at = Stamp(order.at.0 + draw.random_range(0..3_600_000_i64));
                again.order.placed = again.at;
                added.push(again);
            }
        }
    }
    let count = added.len();
    orders.extend(added);
    orders.sort_by(|a, b| (a.at, &a.order.number).cmp(&(b.at, &b.order.number)));
    (orders, count)
}

/// The category of each SKU; SKUs are set up in the order of their ids.
fn categories(loaded: &Loaded) -> Vec<&str> {
    let skus = loaded.setup.iter().filter_map(|command| match command {
        Command::AddSku(sku) => Some(&*sku.category),
        _ => None,
    });
    skus.collect()
}

fn has_category(categories: &[&str], order: &TimedOrder, wanted: Option<&str>) -> bool {
    let of = |sku: SkuId| categories.get(sku.index()).copied();
    wanted.is_none_or(|wanted| order.order.lines.iter().any(|(sku, ..)| of(*sku) == Some(wanted)))
}

fn report(
    setting: &Setting<'_>,
    runs: &[Run],
    calm: &Run,
    ours: &Holdfast,
    surge_orders: usize,
    outlooks: Vec<Outlook>,
) -> Report {
    let run_of =
        |policy: PolicyName| runs.iter().find(|run| run.policy == policy).expect("every policy was run");
    let mine = run_of(PolicyName::Holdfast);
    let truth = &mine.world.truth;
    let code = |site: SiteId| setting.loaded.sites.get(usize::from(site.0)).cloned().unwrap_or_default();
    let against = |policy: PolicyName| difference(&mine.state, &run_of(policy).state);
    let (accepted, violations) = verify(&ours.solved);
    let network = &mine.state.network;
    // A take-over's sections are sites that only its own run has, behind all the others.
    let widest = &runs.last().expect("policies were run").state;
    let zone = network.operator.as_ref().map_or(Zone::utc(), |operator| operator.zone.clone());
    let span = (mine.world.start().local(&zone).0, mine.world.end.local(&zone).0);
    let weights: Vec<u32> = network.merchants.iter().map(|merchant| merchant.weight).collect();
    Report {
        scenario: setting.scenario.name.clone(),
        hazard: setting.scenario.hazard.key(),
        notes: setting.scenario.notes.clone(),
        seed: setting.seed,
        closures: truth.sites.clone(),
        winds: truth.winds.iter().map(|(site, wind)| (code(*site), *wind)).collect(),
        zones_out: truth.zones.len(),
        policies: runs.iter().map(|run| (run.policy, run.tally.clone())).collect(),
        calm: calm.tally.clone(),
        losses: ours.losses.clone(),
        first_day: span.0,
        ends: mine.world.end,
        waiting: runs.iter().map(|run| (run.policy, waiting(&run.state, &zone, span))).collect(),
        fairness: runs.iter().map(|run| (run.policy, phi(&run.tally, &weights))).collect(),
        merchants_saved: merchants_saved(&mine.state, &run_of(PolicyName::Trade).state),
        weights,
        texts: setting.scenario.texts.clone(),
        saved_against_trade: against(PolicyName::Trade),
        saved_against_wait: against(PolicyName::Wait),
        beyond_all: beyond_all(runs),
        bound: None,
        leads: Vec::new(),
        decisions: Vec::new(),
        needless: None,
        takeover: None,
        preview: ours.preview.clone(),
        log: ours.log.clone(),
        trucks: mine.world.trucks().to_vec(),
        plans_checked: (ours.solved.len(), accepted),
        violations,
        recounted: Vec::new(),
        recount_differs: Vec::new(),
        assumptions: setting.loaded.assumptions.clone(),
        faults: setting.loaded.faults.clone(),
        surge_orders,
        outlooks,
        sites: widest.network.sites.iter().map(|site| site.code.to_string()).collect(),
        merchants: setting.loaded.merchants.clone(),
    }
}

/// All entries of a run's journal, in order.
///
/// # Errors
/// [`DrillError::Writer`] if the journal cannot be read back.
pub fn entries(run: &mut Run) -> Result<Vec<Entry>, DrillError> {
    let read = |error| DrillError::Writer(WriterError::Recover(RecoverError::Read(error)));
    let mut all = Vec::new();
    for group in run.world.writer.journal().read(0).map_err(read)? {
        all.extend(group.map_err(read)?.entries);
    }
    Ok(all)
}

/// Where the recount from the journal and the tally from the state disagree, for the whole and for each merchant.
fn recount_differs(run: &mut Run) -> Result<Vec<String>, DrillError> {
    let all = entries(run)?;
    let found = recount(&all);
    let t = &run.tally;
    let mut pairs = vec![
        (String::from("orders"), found.orders as i64, t.orders as i64),
        ("parcels".into(), found.parcels as i64, t.parcels as i64),
        ("shipping".into(), found.shipping, t.shipping),
        ("handling".into(), found.handling, t.handling),
        ("notices".into(), found.notices as i64, t.notices as i64),
        ("shipped_too_much".into(), found.shipped_too_much as i64, 0),
        ("on_time".into(), found.on_time as i64, t.on_time as i64),
        ("late".into(), found.late as i64, t.late as i64),
        ("open".into(), found.open as i64, t.open as i64),
        ("cancelled_by_law".into(), found.cancelled_by_law as i64, t.cancelled_by_law as i64),
        ("carried_units".into(), found.carried_units as i64, t.carried_units as i64),
    ];
    for (index, again) in found.merchants.iter().enumerate() {
        let told = t.merchants.get(&MerchantId::from_index(index)).copied().unwrap_or_default();
        let mut pair = |what: &str, recounted: i64, told: i64| {
            pairs.push((format!("merchant {index} {what}"), recounted, told));
        };
        pair("orders", again.orders as i64, told.orders as i64);
        pair("units", again.units as i64, told.units as i64);
        pair("on_time", again.on_time as i64, told.on_time as i64);
        pair("late", again.late as i64, told.late as i64);
        pair("late_days", again.late_days as i64, told.late_days as i64);
        pair("open", again.open as i64, told.open as i64);
        pair("cancelled_by_law", again.cancelled_by_law as i64, told.cancelled_by_law as i64);
        pair("refunded", again.refunded, told.refunded);
        pair("parcels", again.parcels as i64, told.parcels as i64);
        pair("shipping", again.shipping, told.shipping);
        pair("handling", again.handling, told.handling);
        pair("late_cost", again.late_cost, told.late_cost);
        pair("open_cost", again.open_cost, told.open_cost);
        pair("moved", again.moved as i64, told.moved as i64);
    }
    let differs = pairs.into_iter().filter(|(_, recounted, told)| recounted != told);
    let differs = differs.map(|(what, recounted, told)| {
        format!("{:?} {what}: {recounted} recounted, {told} told", run.policy)
    });
    // What customers heard is judged by a recount of its own.
    let wrong = recount_notices(&all).wrong;
    let wrong = wrong.into_iter().take(20).map(|what| format!("{:?} notices: {what}", run.policy));
    Ok(differs.chain(wrong).collect())
}

/// Orders that have come in and are not whole with their customers, at the end of each day.
fn waiting(state: &State, zone: &Zone, (first, last): (Day, Day)) -> Vec<u64> {
    let days = usize::try_from(last.since(first) + 1).unwrap_or(0);
    let place = |day: Day| usize::try_from(day.since(first)).map_or(0, |day| day.min(days));
    let mut change = vec![0_i64; days + 1];
    for (id, order) in state.live_orders() {
        change[place(order.placed.local(zone).0)] += 1;
        let ended = cancelled_by_law(state, id).map(|at| at.local(zone).0);
        if let Some(day) = ended.or_else(|| completed(state, order)) {
            change[place(day)] -= 1;
        }
    }
    let mut now = 0;
    let ends = change.into_iter().take(days).map(|by| {
        now += by;
        u64::try_from(now).unwrap_or(0)
    });
    ends.collect()
}

/// The least share of promises kept over weight, in thousandths; weights count over the greatest.
fn phi(tally: &Tally, weights: &[u32]) -> u64 {
    let most = u64::from(weights.iter().copied().max().unwrap_or(0).max(1));
    let share = |(merchant, mine): (&MerchantId, &crate::tally::MerchantTally)| {
        let weight = u64::from(weights.get(merchant.index()).copied().unwrap_or(0)).max(1);
        (mine.orders > 0).then(|| mine.on_time * 1000 * most / (mine.orders * weight))
    };
    tally.merchants.iter().filter_map(share).min().unwrap_or(1000).min(1000)
}

fn merchants_saved(ours: &State, theirs: &State) -> BTreeMap<MerchantId, (u64, u64)> {
    let mut saved: BTreeMap<MerchantId, (u64, u64)> = BTreeMap::new();
    let (mine, their) = (kept(ours), kept(theirs));
    let mut count = |ids: &[OrderId], others: &[OrderId], first: bool| {
        for id in ids.iter().filter(|id| others.binary_search(id).is_err()) {
            let Ok(order) = ours.order(*id) else { continue };
            let entry = saved.entry(order.merchant).or_default();
            *(if first { &mut entry.0 } else { &mut entry.1 }) += 1;
        }
    };
    count(&mine, &their, true);
    count(&their, &mine, false);
    saved
}

/// Promises the first state kept and the second did not, and the other way round.
fn difference(ours: &State, theirs: &State) -> (u64, u64) {
    let (ours, theirs) = (kept(ours), kept(theirs));
    let missing =
        |a: &[OrderId], b: &[OrderId]| a.iter().filter(|id| b.binary_search(id).is_err()).count() as u64;
    (missing(&ours, &theirs), missing(&theirs, &ours))
}

/// Orders whose promise no run kept.
fn beyond_all(runs: &[Run]) -> u64 {
    let mut kept_by_any: Vec<OrderId> = runs.iter().flat_map(|run| kept(&run.state)).collect();
    kept_by_any.sort_unstable();
    kept_by_any.dedup();
    runs.first().map_or(0, |run| run.tally.orders - kept_by_any.len() as u64)
}

fn lead(setting: &Setting<'_>, hours: u32, acts: &Holdfast, tried: &Run) -> Lead {
    let code = |site: SiteId| setting.loaded.sites.get(site.index()).cloned().unwrap_or_default();
    let mut sites: Vec<(SiteId, f64)> = Vec::new();
    for act in acts.log.iter().filter(|act| act.what == "outage_expected") {
        if let (Some(site), Some(chance)) = (act.site, act.chance) {
            if sites.iter().all(|(known, _)| *known != site) {
                sites.push((site, chance));
            }
        }
    }
    let closed = |site: SiteId| tried.world.truth.sites.iter().any(|closed| closed.site == site);
    Lead {
        hours,
        false_alarms: sites.iter().filter(|(site, _)| !closed(*site)).map(|(site, _)| code(*site)).collect(),
        sites: sites.into_iter().map(|(site, chance)| (code(site), chance)).collect(),
        on_time: tried.tally.on_time,
        total_cost: tried.tally.total_cost,
    }
}

/// Runs the drill again without the declared closures of sites the wind left below their own limit.
fn needless(
    setting: &Setting<'_>,
    truth: &Truth,
    again: &mut dyn FnMut(&Setting<'_>) -> Result<Run, DrillError>,
) -> Result<Option<Needless>, DrillError> {
    let by_wind = |site: SiteId| truth.sites.iter().any(|c| c.site == site && c.cause == Cause::Wind);
    let declared = truth.sites.iter().filter(|c| c.cause == Cause::Declared && !by_wind(c.site));
    let sites: Vec<String> =
        declared.filter_map(|c| setting.loaded.sites.get(c.site.index()).cloned()).collect();
    if sites.is_empty() {
        return Ok(None);
    }
    let mut without = setting.scenario.clone();
    without.closures.retain(|closure| closure.site.as_ref().is_none_or(|code| !sites.contains(code)));
    let run = again(&Setting { scenario: &without, ..*setting })?;
    Ok(Some(Needless { sites, on_time: run.tally.on_time, total_cost: run.tally.total_cost }))
}

/// How many plans the independent checker accepts, and what it says of the others.
fn verify(solved: &[(Problem, Plan)]) -> (usize, Vec<String>) {
    let (mut accepted, mut said) = (0, Vec::new());
    for (number, (problem, plan)) in solved.iter().enumerate() {
        let mut found = check(problem, plan);
        found.extend(check_bound(problem, plan));
        if found.is_empty() {
            accepted += 1;
        }
        said.extend(found.iter().take(5).map(|violation| format!("plan {number}: {violation:?}")));
    }
    (accepted, said)
}
