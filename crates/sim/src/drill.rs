//! The drill: one disaster, the same orders, several policies, one comparison.

use std::collections::BTreeMap;

use holdfast_app::load::{Assumption, LoadFault, Loaded, TimedOrder};
use holdfast_app::port::Journal;
use holdfast_app::recover::RecoverError;
use holdfast_app::writer::WriterError;
use holdfast_domain::command::Command;
use holdfast_domain::evolve::Entry;
use holdfast_domain::id::{Id, OrderId, SiteId, SkuId};
use holdfast_domain::state::State;
use holdfast_domain::time::{Span, Stamp};
use holdfast_engine::incident::{Planned, Preview};
use holdfast_hazard::track::{Forecast, Track};
use holdfast_plan::replan::{Plan, Problem, check, check_bound};
use rand::RngExt;
use serde::Serialize;

use crate::clock::chance;
use crate::forecast::Outlook;
use crate::hindsight::hindsight_bound;
use crate::policy::{ActLog, Holdfast, Trade, Wait};
use crate::recount::recount;
use crate::recount_notices::recount_notices;
use crate::scenario::{Scenario, ScenarioError};
use crate::tally::{Tally, kept, tally};
use crate::truth::{Cause, SiteOut, Truth, truth};
use crate::world::{Policy, World};

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

/// The policies that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyName {
    /// Nobody does anything.
    Wait,
    /// What the trade does.
    Trade,
    /// Holdfast, acting when a site closes.
    HoldfastAtClosure,
    /// Holdfast, acting on the forecasts as they were issued.
    Holdfast,
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
}

/// What acting on the forecasts of an hour would have been worth.
#[derive(Clone, Debug, Serialize)]
pub struct Lead {
    /// Hours before the first site closed by the wind.
    pub hours: u32,
    /// Sites acted on, with the chance that was known then.
    pub sites: Vec<(String, f64)>,
    /// Sites acted on that never closed.
    pub false_alarms: Vec<String>,
    /// Promises kept.
    pub on_time: u64,
    /// Total cost, minor units.
    pub total_cost: i64,
}

/// What closures that the wind never justified came to: Holdfast's run without them.
#[derive(Clone, Debug, Serialize)]
pub struct Needless {
    /// The sites.
    pub sites: Vec<String>,
    /// Promises kept, had they stayed open.
    pub on_time: u64,
    /// Total cost, had they stayed open, minor units.
    pub total_cost: i64,
}

/// Hours before the first closure at which acting is tried out.
const LEADS_H: [u32; 3] = [72, 48, 24];

/// The numbers of a drill.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The scenario's name.
    pub scenario: String,
    /// The hazard's key.
    pub hazard: &'static str,
    /// What is fact and what is assumed.
    pub notes: Vec<String>,
    /// The seed of every chance.
    pub seed: u64,
    /// Sites that closed.
    pub closures: Vec<SiteOut>,
    /// Highest wind by site code, in knots.
    pub winds: BTreeMap<String, f64>,
    /// Zones in which deliveries rested.
    pub zones_out: usize,
    /// By policy.
    pub policies: Vec<(PolicyName, Tally)>,
    /// Orders whose promise Holdfast kept and the trade did not, and the other way round.
    pub saved_against_trade: (u64, u64),
    /// The same against doing nothing.
    pub saved_against_wait: (u64, u64),
    /// Orders that no policy brought in time: deliveries rested in their zones, or nobody had the goods.
    pub beyond_all: u64,
    /// No policy can cost less, in minor units, had it known everything beforehand; `None` where that is not computed.
    pub bound: Option<i64>,
    /// What acting on the forecasts of each hour would have been worth.
    pub leads: Vec<Lead>,
    /// What closures that the wind never justified came to.
    pub needless: Option<Needless>,
    /// The blast radius at the first closure.
    pub preview: Option<Preview>,
    /// What Holdfast did.
    pub log: Vec<ActLog>,
    /// Plans that were made, and how many of them the checker accepts.
    pub plans_checked: (usize, usize),
    /// What the checker said of the others.
    pub violations: Vec<String>,
    /// Policies whose numbers the recount from the journal confirms.
    pub recounted: Vec<PolicyName>,
    /// Where the recount disagrees.
    pub recount_differs: Vec<String>,
    /// Defaults the book rests on.
    pub assumptions: Vec<Assumption>,
    /// Rows that could not be used.
    pub faults: Vec<LoadFault>,
    /// Orders the surge added.
    pub surge_orders: usize,
    /// Chances of each site as of each advisory.
    pub outlooks: Vec<Outlook>,
    /// Site codes by id.
    pub sites: Vec<String>,
    /// Merchant codes by id.
    pub merchants: Vec<String>,
}

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
    let probe = world(setting, &orders, start)?;
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
    let mut runs = vec![
        run(setting, &orders, start, PolicyName::Wait, &mut Wait, tick)?,
        run(setting, &orders, start, PolicyName::Trade, &mut Trade::default(), tick)?,
    ];
    let announced = probe.truth.sites.iter().any(|closed| closed.known < closed.out.from);
    if announced || !outlooks.is_empty() {
        let mut late = holdfast(Vec::new(), false);
        runs.push(run(setting, &orders, start, PolicyName::HoldfastAtClosure, &mut late, tick)?);
    }
    let mut ours = holdfast(outlooks.clone(), true);
    runs.push(run(setting, &orders, start, PolicyName::Holdfast, &mut ours, tick)?);
    let mut report = report(setting, &runs, &ours, surge_orders, outlooks);
    let end = probe.end;
    report.bound = hindsight_bound(probe.state(), &orders, &probe.truth, start, end, setting.seed);
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
    for run in &mut runs {
        let differs = recount_differs(run)?;
        if differs.is_empty() {
            report.recounted.push(run.policy);
        }
        report.recount_differs.extend(differs);
    }
    let truth = probe.truth;
    Ok(Drill { runs, truth, report, plans: ours.plans })
}

fn world(setting: &Setting<'_>, orders: &[TimedOrder], start: Stamp) -> Result<World, DrillError> {
    let mut failed = None;
    let made = World::new(
        setting.loaded,
        orders.to_vec(),
        |state| match truth(state, setting.scenario, setting.track, start) {
            Ok(found) => found,
            Err(error) => {
                failed = Some(error);
                Truth::default()
            }
        },
        setting.seed,
    )?;
    failed.map_or(Ok(made), |error| Err(error.into()))
}

fn run(
    setting: &Setting<'_>,
    orders: &[TimedOrder],
    start: Stamp,
    policy: PolicyName,
    acts: &mut dyn Policy,
    tick: &mut dyn FnMut(DrillProgress),
) -> Result<Run, DrillError> {
    let mut world = world(setting, orders, start)?;
    let of = orders.len();
    world.run(acts, &mut |now| tick(DrillProgress { policy, at: now.at, orders: now.orders, of }))?;
    let state = world.state().clone();
    Ok(Run { policy, tally: tally(&state), state, world })
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
    Report {
        scenario: setting.scenario.name.clone(),
        hazard: setting.scenario.hazard.key(),
        notes: setting.scenario.notes.clone(),
        seed: setting.seed,
        closures: truth.sites.clone(),
        winds: truth.winds.iter().map(|(site, wind)| (code(*site), *wind)).collect(),
        zones_out: truth.zones.len(),
        policies: runs.iter().map(|run| (run.policy, run.tally.clone())).collect(),
        saved_against_trade: against(PolicyName::Trade),
        saved_against_wait: against(PolicyName::Wait),
        beyond_all: beyond_all(runs),
        bound: None,
        leads: Vec::new(),
        needless: None,
        preview: ours.preview.clone(),
        log: ours.log.clone(),
        plans_checked: (ours.solved.len(), accepted),
        violations,
        recounted: Vec::new(),
        recount_differs: Vec::new(),
        assumptions: setting.loaded.assumptions.clone(),
        faults: setting.loaded.faults.clone(),
        surge_orders,
        outlooks,
        sites: setting.loaded.sites.clone(),
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

/// Where the recount from the journal and the tally from the state disagree.
fn recount_differs(run: &mut Run) -> Result<Vec<String>, DrillError> {
    let all = entries(run)?;
    let found = recount(&all);
    let t = &run.tally;
    let pairs = [
        ("orders", found.orders as i64, t.orders as i64),
        ("units", found.units as i64, t.units as i64),
        ("on_time", found.on_time as i64, t.on_time as i64),
        ("late", found.late as i64, t.late as i64),
        ("late_days", found.late_days as i64, t.late_days as i64),
        ("open", found.open as i64, t.open as i64),
        ("parcels", found.parcels as i64, t.parcels as i64),
        ("shipping", found.shipping, t.shipping),
        ("handling", found.handling, t.handling),
        ("moved", found.moved as i64, t.moved as i64),
        ("notices", found.notices as i64, t.notices as i64),
        ("shipped_too_much", found.shipped_too_much as i64, 0),
    ];
    let differs = pairs.into_iter().filter(|(_, recounted, told)| recounted != told);
    let differs = differs.map(|(what, recounted, told)| {
        format!("{:?} {what}: {recounted} recounted, {told} told", run.policy)
    });
    // What customers heard is judged by a recount of its own.
    let wrong = recount_notices(&all).wrong;
    let wrong = wrong.into_iter().take(20).map(|what| format!("{:?} notices: {what}", run.policy));
    Ok(differs.chain(wrong).collect())
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
