//! Plans in the making and in execution: solved off the threads that serve, carried out step by step.
//!
//! Invariant: a plan that is carried out again after a crash does nothing twice, because each step is asked for by
//! its number and the journal knows which one is due.
//!
//! One file for one plan's life; what it is asked over HTTP lies in `routes/plans`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use holdfast_app::service::Asked;
use holdfast_domain::command::Command;
use holdfast_domain::event::Event;
use holdfast_domain::id::{IncidentId, PlanId, ZoneId};
use holdfast_domain::incident::SiteAccess;
use holdfast_domain::plan_record::{Move, PlanRecord};
use holdfast_domain::state::State;
use holdfast_domain::table::{Digest, fingerprint};
use holdfast_domain::time::{Span, Stamp};
use holdfast_engine::incident::{
    Due, Effort, HAULS_OFFERED, PlanAsk, Planned, Scope, is_superseded, make as plan_of, notices_due,
    truck_key,
};
use holdfast_plan::replan::{Control, Progress};
use holdfast_plan::route::way::Closures;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{App, Outcome, lock};
use crate::problem::Problem;

/// Plans kept that nobody has adopted; the oldest is forgotten.
const DRAFTS_MAX: usize = 32;
/// Jobs remembered; the oldest that has ended is forgotten.
const JOBS_MAX: usize = 256;
/// Plans that may be made at once.
const SOLVING_MAX: u64 = 2;
/// How long a notice waits for somebody to take it back.
pub const NOTICE_HOLD: Span = Span::minutes(15);
/// Commands that tell customers and wait for their answers together.
const TELL_AT_ONCE: usize = 512;
/// How often a step that found no room is asked again.
const TRIES_MAX: u32 = 120;
/// How long to wait before it is.
const PAUSE: Duration = Duration::from_millis(250);

/// What a job is doing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JobState {
    /// Its number.
    pub id: u64,
    /// `plan` or `execute`.
    pub kind: String,
    /// `running`, `done`, `failed` or `cancelled`.
    pub state: String,
    /// Thousandths done, as far as can be told.
    pub permille: u32,
    /// Cost of the best plan so far, in minor units.
    pub cost: Option<i64>,
    /// No plan costs less than this.
    pub bound: Option<i64>,
    /// The plan it made, once done, or carries out.
    pub plan: Option<String>,
    /// Steps carried out, of how many.
    #[schema(value_type = Option<Vec<u32>>)]
    pub steps: Option<(u32, u32)>,
    /// Customers who are told.
    pub notices: Option<u32>,
    /// Trucks that were sent between sites.
    pub trucks_sent: Option<u32>,
    /// Trucks whose load was gone, or whose day had passed: their orders wait for stock like any others.
    pub trucks_refused: Option<u32>,
    /// The truck the next step waits for; it is carried out when that truck has been taken in.
    pub waits_for: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
}

/// A job and the flag that ends it early.
#[derive(Debug)]
struct Job {
    state: JobState,
    cancel: Arc<AtomicBool>,
}

/// Drafts and jobs.
#[derive(Default)]
pub struct Plans {
    drafts: Mutex<Vec<(Digest, Arc<Planned>)>>,
    jobs: Mutex<BTreeMap<u64, Job>>,
    next: AtomicU64,
    solving: AtomicU64,
    executing: Mutex<BTreeSet<PlanId>>,
    /// Held by whoever tells customers: two at once would tell some of them twice.
    telling: tokio::sync::Mutex<()>,
}

impl Plans {
    /// The plans that were made and not adopted.
    #[must_use]
    pub fn drafts(&self) -> Vec<(Digest, Arc<Planned>)> {
        lock(&self.drafts).clone()
    }

    /// A plan by its digest.
    #[must_use]
    pub fn draft(&self, digest: &Digest) -> Option<Arc<Planned>> {
        lock(&self.drafts).iter().find(|(known, _)| known == digest).map(|(_, plan)| plan.clone())
    }

    /// Keeps a plan for a look.
    pub fn keep(&self, plan: Planned) -> Digest {
        let digest = plan.digest();
        let mut drafts = lock(&self.drafts);
        drafts.retain(|(known, _)| *known != digest);
        if drafts.len() >= DRAFTS_MAX {
            drafts.remove(0);
        }
        drafts.push((digest, Arc::new(plan)));
        digest
    }

    /// A job.
    #[must_use]
    pub fn job(&self, id: u64) -> Option<JobState> {
        lock(&self.jobs).get(&id).map(|job| job.state.clone())
    }

    /// All jobs.
    #[must_use]
    pub fn jobs(&self) -> Vec<JobState> {
        lock(&self.jobs).values().map(|job| job.state.clone()).collect()
    }

    /// Asks a job to end; a plan in the making gives the best found so far, steps that were carried out stay.
    pub fn cancel(&self, id: u64) -> bool {
        lock(&self.jobs).get(&id).is_some_and(|job| {
            job.cancel.store(true, Ordering::Release);
            true
        })
    }

    fn begin(&self, kind: &str) -> (u64, Arc<AtomicBool>) {
        let id = self.next.fetch_add(1, Ordering::AcqRel) + 1;
        let mut jobs = lock(&self.jobs);
        while jobs.len() >= JOBS_MAX {
            let ended = jobs.iter().find(|(_, job)| job.state.state != "running").map(|(id, _)| *id);
            let Some(oldest) = ended.or_else(|| jobs.keys().next().copied()) else { break };
            jobs.remove(&oldest);
        }
        let cancel = Arc::new(AtomicBool::new(false));
        let state = JobState {
            id,
            kind: kind.to_owned(),
            state: "running".to_owned(),
            permille: 0,
            cost: None,
            bound: None,
            plan: None,
            steps: None,
            notices: None,
            trucks_sent: None,
            trucks_refused: None,
            waits_for: None,
            error: None,
        };
        jobs.insert(id, Job { state, cancel: cancel.clone() });
        (id, cancel)
    }

    fn update(&self, id: u64, change: impl FnOnce(&mut JobState)) {
        if let Some(job) = lock(&self.jobs).get_mut(&id) {
            change(&mut job.state);
        }
    }

    fn end(&self, id: u64, result: Result<(), String>) {
        self.update(id, |job| match result {
            Ok(()) => (job.state, job.permille) = ("done".to_owned(), 1000),
            // One that was stopped by hand did not fail.
            Err(why) if job.state == "cancelled" => job.error = Some(why),
            Err(why) => (job.state, job.error) = ("failed".to_owned(), Some(why)),
        });
    }
}

/// What a plan is made for.
#[derive(Clone)]
pub struct Wanted {
    /// For this incident.
    pub incident: Option<IncidentId>,
    /// Which orders are up for planning.
    pub scope: Scope,
    /// Seed of every chance.
    pub seed: u64,
    /// Roads that are closed to trucks.
    pub closed: Arc<dyn Closures + Send + Sync>,
}

impl Wanted {
    /// A plan for all that can still move, with every road open.
    #[must_use]
    pub fn of(incident: Option<IncidentId>, scope: Scope, seed: u64) -> Self {
        Self { incident, scope, seed, closed: Arc::new(holdfast_plan::route::way::AllOpen) }
    }
}

/// Starts to plan what is open, for an incident or for none, and gives the job's number.
///
/// # Errors
/// A problem when as many plans are being made as may be.
pub fn plan(app: &App, wanted: Wanted) -> Result<u64, Problem> {
    if app.plans.solving.fetch_add(1, Ordering::AcqRel) >= SOLVING_MAX {
        app.plans.solving.fetch_sub(1, Ordering::AcqRel);
        return Err(Problem::busy("two plans are being made already"));
    }
    let (id, cancel) = app.plans.begin("plan");
    let app = app.clone();
    tokio::task::spawn_blocking(move || {
        // A solver that breaks off must not keep its place for ever, nor look as if it still ran.
        let work = || make(&app, id, &wanted, &cancel);
        let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work))
            .unwrap_or_else(|_| Err("the planning broke off: report it with the service's log".to_owned()));
        app.plans.solving.fetch_sub(1, Ordering::AcqRel);
        app.plans.end(id, made);
    });
    Ok(id)
}

fn make(app: &App, id: u64, wanted: &Wanted, cancel: &AtomicBool) -> Result<(), String> {
    let view = app.view();
    let state = view.state();
    let at = view.at.max(state.stamp);
    // Half the machine at most: orders come in while a plan is made. The plan is the same on any number.
    let threads = std::thread::available_parallelism().map_or(1, |all| (all.get() / 2).max(1));
    let effort = Effort { seed: wanted.seed, threads: Some(threads), ..Effort::default() };
    let net = app.config.roads.net();
    let ask = PlanAsk {
        incident: wanted.incident,
        scope: wanted.scope,
        transport: Some(net.transport(app.config.trucks.of_state(state), &*wanted.closed)),
        effort,
        ..PlanAsk::default()
    };
    let work = effort.work(state.live_orders().filter(|(_, order)| order.is_movable()).count()).max(1);
    let tell = |progress: &Progress| {
        let permille = u32::try_from((progress.work.min(work) * 1000 / work).min(999)).unwrap_or(999);
        app.plans.update(id, |job| {
            // With floors it is solved more than once; what was told does not go back.
            job.permille = job.permille.max(permille);
            (job.cost, job.bound) = (progress.cost, Some(progress.bound));
        });
        if cancel.load(Ordering::Acquire) { Control::Stop } else { Control::Continue }
    };
    let made = plan_of(state, &ask, at, &mut |progress| tell(progress)).map_err(|error| error.to_string())?;
    let digest = app.plans.keep(made.planned);
    app.plans.update(id, |job| job.plan = Some(hex(&digest)));
    Ok(())
}

/// Starts, or goes on, to carry out an adopted plan, and gives the job's number.
///
/// # Errors
/// A problem when it is being carried out already.
pub fn execute(app: &App, plan: PlanId, actor: &str) -> Result<u64, Problem> {
    if !lock(&app.plans.executing).insert(plan) {
        return Err(Problem::new("already-running", "the plan is being carried out", "look at its job"));
    }
    let (id, cancel) = app.plans.begin("execute");
    app.plans.update(id, |job| job.plan = Some(plan.to_string()));
    let (app, actor) = (app.clone(), actor.to_owned());
    tokio::spawn(async move {
        let done = loop {
            let done = carry_out(&app, id, plan, &actor, &cancel).await;
            lock(&app.plans.executing).remove(&plan);
            // A truck that came in while the job was ending would find nobody.
            let Ok(planned) = &done else { break done };
            let due = planned.due(app.view().state(), plan);
            if !matches!(due, Due::Step(..)) || !lock(&app.plans.executing).insert(plan) {
                break done;
            }
        };
        app.plans.end(id, done.map(drop).map_err(|problem| problem.detail));
    });
    Ok(id)
}

/// Whether something of the plan was carried out or sent.
fn is_begun(state: &State, plan: PlanId, record: &PlanRecord) -> bool {
    let sent = |index: usize| {
        u16::try_from(index).is_ok_and(|index| state.keys.get(truck_key(plan, index)).is_some())
    };
    record.done > 0 || (0..HAULS_OFFERED).any(sent)
}

/// Goes on with every plan a crash has interrupted, or whose trucks have come in: begun, not ended, not taken back, no
/// later one in its place.
pub fn resume(app: &App) -> Vec<u64> {
    let view = app.view();
    let state = view.state();
    let begun = state.plans.iter().filter(|(id, plan)| {
        let open = (plan.done as usize) < plan.steps.len() && !plan.undone;
        open && is_begun(state, *id, plan) && !is_superseded(state, *id)
    });
    begun.filter_map(|(plan, _)| execute(app, plan, "holdfast").ok()).collect()
}

/// Goes on with plans whenever a truck between sites has been taken in, until the service ends.
pub async fn follow_trucks(app: App) {
    let mut heard = app.events.subscribe();
    let mut stop = app.stopping.subscribe();
    loop {
        let entry = tokio::select! {
            entry = heard.recv() => entry,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        use tokio::sync::broadcast::error::RecvError;
        match entry {
            Ok(durable) => {
                let came = |event: &Event| matches!(event, Event::TransferReceived { .. });
                if durable.entry.events.iter().any(came) {
                    app.seen(durable.version).await;
                    resume(&app);
                }
            }
            // What was missed may have been a truck.
            Err(RecvError::Lagged(_)) => drop(resume(&app)),
            Err(RecvError::Closed) => return,
        }
    }
}

async fn carry_out(
    app: &App,
    job: u64,
    plan: PlanId,
    actor: &str,
    cancel: &AtomicBool,
) -> Result<Arc<Planned>, Problem> {
    let view = app.view();
    let record = view.state().plans.get(plan).ok_or_else(|| Problem::not_found("plan"))?.clone();
    let planned = load(app, record.digest).await?;
    for site in &planned.activate {
        let dormant = view.state().sites.get(usize::from(site.0)).map(|now| now.access);
        if dormant == Some(SiteAccess::Dormant) && record.done == 0 {
            let command = Command::ActivateStandby { site: *site, incident: planned.incident };
            ask_until(app, Asked::new(command, actor)).await?;
        }
    }
    let plain: Vec<_> = planned.steps().map(|moves| moves.to_vec().into_boxed_slice()).collect();
    let total = u32::try_from(record.steps.len()).unwrap_or(u32::MAX);
    let mut step = record.done;
    while let Some(moves) = plain.get(step as usize) {
        step = take_step(app, plan, step, moves.clone(), (actor, cancel), job, total).await?;
    }
    caught_up(app, plan, step).await;
    send_trucks(app, job, plan, &planned, actor).await?;
    if (record.done as usize) <= plain.len() {
        ask_until(app, Asked::adopt_prices(&planned.prices, actor)).await?;
    }
    loop {
        caught_up(app, plan, step).await;
        let view = app.view();
        match planned.due(view.state(), plan) {
            Due::Step(due, moves) => {
                let moves = moves.to_vec().into_boxed_slice();
                step = take_step(app, plan, due, moves, (actor, cancel), job, total).await?;
            }
            Due::Truck(transfer) => {
                app.plans.update(job, |job| job.waits_for = Some(transfer.to_string()));
                break;
            }
            Due::Nothing => {
                app.plans.update(job, |job| job.waits_for = None);
                break;
            }
        }
    }
    if let Some(incident) = planned.incident {
        let told = tell_customers(app, incident, NOTICE_HOLD, actor).await?;
        app.plans.update(job, |job| job.notices = Some(job.notices.unwrap_or(0) + told));
    }
    Ok(planned)
}

/// Waits, for a bounded time, until the view has come as far as what was done.
async fn caught_up(app: &App, plan: PlanId, step: u32) {
    for _ in 0..TRIES_MAX {
        if app.view().state().plans.get(plan).is_none_or(|known| known.done >= step) {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Carries a step out, once, and gives the number of the one that is due then.
async fn take_step(
    app: &App,
    plan: PlanId,
    step: u32,
    moves: Box<[Move]>,
    (actor, cancel): (&str, &AtomicBool),
    job: u64,
    total: u32,
) -> Result<u32, Problem> {
    if cancel.load(Ordering::Acquire) {
        app.plans.update(job, |job| job.state = "cancelled".to_owned());
        return Err(Problem::new("cancelled", "stopped between two steps", "carry it out again to go on"));
    }
    let command = Command::ExecuteStep { plan, step, moves };
    let next = match ask_until(app, Asked::new(command, actor)).await {
        Ok(_) => step + 1,
        // It was carried out by an ask whose answer was lost.
        Err(problem) if problem.code == "wrong-step" => {
            let due = app.view().state().plans.get(plan).map_or(step, |record| record.done);
            if due <= step {
                return Err(problem);
            }
            due
        }
        Err(problem) => return Err(problem),
    };
    app.plans.update(job, |job| {
        (job.steps, job.permille) = (Some((next, total)), 1000 * next / total.max(1));
    });
    Ok(next)
}

/// Sends the plan's trucks, each once: the key under which it is asked for tells what has been sent.
async fn send_trucks(
    app: &App,
    job: u64,
    plan: PlanId,
    planned: &Planned,
    actor: &str,
) -> Result<(), Problem> {
    let view = app.view();
    let (mut sent, mut refused) = (0, 0);
    for (index, command) in planned.sends(view.state(), plan, view.at.max(view.state().stamp)) {
        let asked = Asked::new(command, actor).with_key(Some(truck_key(plan, index)));
        match ask_until(app, asked).await {
            Ok(_) => sent += 1,
            Err(problem) if problem.code == "busy" || problem.code == "outcome-unknown" => {
                return Err(problem);
            }
            Err(problem) => {
                tracing::warn!(%plan, truck = index, why = problem.detail, "a truck was not sent");
                refused += 1;
            }
        }
    }
    if sent + refused > 0 {
        app.plans.update(job, |job| (job.trucks_sent, job.trucks_refused) = (Some(sent), Some(refused)));
    }
    Ok(())
}

/// An adopted plan, or a draft.
///
/// # Errors
/// A problem when there is none of this digest.
pub async fn load(app: &App, digest: Digest) -> Result<Arc<Planned>, Problem> {
    if let Some(draft) = app.plans.draft(&digest) {
        return Ok(draft);
    }
    let bytes = app.read(move |journal| journal.artefact(&digest)).await?;
    let bytes =
        bytes.map_err(|error| Problem::internal(&error))?.ok_or_else(|| Problem::not_found("plan"))?;
    let plan: Planned = postcard::from_bytes(&bytes).map_err(|error| Problem::internal(&error))?;
    Ok(Arc::new(plan))
}

/// Queues the notices that are due for an incident, and the new dates; gives how many customers are told. Whoever tells
/// at the same time waits, and then finds nothing left to tell.
///
/// # Errors
/// A problem when the journal takes nothing.
pub async fn tell_customers(
    app: &App,
    incident: IncidentId,
    hold: Span,
    actor: &str,
) -> Result<u32, Problem> {
    let _alone = app.plans.telling.lock().await;
    let view = app.view();
    let (version, fork) = (view.state().version, view.clone());
    let commands = app.block(move |_| due_after(fork.state(), incident, fork.at, hold)).await?;
    let mut told = 0;
    let mut last = 0;
    let mut commands = commands.into_iter().enumerate().peekable();
    while commands.peek().is_some() {
        let some: Vec<Asked> = commands
            .by_ref()
            .take(TELL_AT_ONCE)
            .map(|(at, command)| {
                told += u32::from(matches!(command, Command::QueueNotice(_)));
                // An answer that is lost must not make a second notice of the same.
                let key = fingerprint("tell", incident.0, &format!("{version} {at}"));
                Asked::new(command, actor).with_key(Some(key))
            })
            .collect();
        // They are asked in this order, and decided in it.
        let outcomes = join_all(some.iter().map(|asked| app.ask_only(asked.clone()))).await;
        for (asked, outcome) in some.into_iter().zip(outcomes) {
            let again = match outcome {
                Err(_) => ask_until(app, asked).await,
                done => done,
            };
            match again {
                Ok(done) => last = last.max(done.version()),
                Err(problem) if matches!(problem.code.as_str(), "busy" | "outcome-unknown" | "stopped") => {
                    return Err(problem);
                }
                // An order that changed meanwhile is looked at again when customers are told next; the others are not
                // kept waiting for it.
                Err(problem) => {
                    told = told.saturating_sub(1);
                    tracing::warn!(code = problem.code, "a customer was not told yet");
                }
            }
        }
    }
    app.seen(last).await;
    Ok(told)
}

/// The commands that tell customers what has changed for them; a notice waits so long for somebody to take it back.
#[must_use]
pub fn due_after(state: &State, incident: IncidentId, at: Stamp, hold: Span) -> Vec<Command> {
    let lanes = state.incidents.get(incident).map_or(&[][..], |known| &known.lanes);
    let hit: BTreeSet<ZoneId> =
        lanes.iter().filter_map(|lane| state.network.lanes.get(*lane)).map(|lane| lane.zone).collect();
    notices_due(state, incident, &hit, hold, at.max(state.stamp))
}

/// Asks until there is room, for a bounded time.
async fn ask_until(app: &App, asked: Asked) -> Result<Outcome, Problem> {
    let mut tries = 0;
    loop {
        match app.ask(asked.clone()).await {
            Err(problem)
                if tries < TRIES_MAX && (problem.code == "busy" || problem.code == "outcome-unknown") =>
            {
                tries += 1;
                tokio::time::sleep(PAUSE).await;
            }
            other => return other,
        }
    }
}

/// A digest as text.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A digest from its text.
#[must_use]
pub fn unhex(text: &str) -> Option<Digest> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut out = [0; 32];
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(out)
}
