//! Drills of whole scenarios, held beside the service on a copy of its state; their library, history and schedule.
//!
//! Invariant: one is held at a time, on half the machine's cores at most; what is handed over is a fork of the durable
//! state, so nothing a drill does is in the journal.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use holdfast_access::Right;
use holdfast_app::drills::{
    DrillLine, Drills, MINUTES_MAX, Objectives, PLANNED_MAX, PlanLine, Planned, Rehearsal, Standing, Wanted,
};
use holdfast_console::calendar;
use holdfast_console::drilled::Drilled;
use holdfast_console::words::Words;
use holdfast_domain::time::{Span, Stamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::analysis::on_half;
use crate::app::{App, lock};
use crate::guard::Who;
use crate::mount::Mount;
use crate::policy::Policy;
use crate::problem::Problem;
use crate::routes::body::Json;

/// A drill may be planned so far ahead.
const AHEAD_MAX: Span = Span::days(3 * 366);

/// Who runs drills, and how it stands with the next.
#[derive(Default)]
pub struct Kept {
    by: OnceLock<Arc<dyn Drills>>,
    standing: Mutex<Standing>,
    busy: AtomicBool,
}

impl Kept {
    /// Hands in who runs them; the first one counts.
    pub fn by(&self, drills: Arc<dyn Drills>) {
        // A second one would be a fault of whoever starts the service; the first goes on.
        let _ = self.by.set(drills);
    }

    /// How it stands with the next drill.
    #[must_use]
    pub fn standing(&self) -> Standing {
        lock(&self.standing).clone()
    }

    fn runner(&self) -> Result<&Arc<dyn Drills>, Problem> {
        self.by.get().ok_or_else(|| Problem::not_found("library of drills"))
    }
}

pub(crate) fn mount() -> Mount {
    Mount::default()
        .api(Policy::all(Right::ReadIncidents), routes!(read))
        .api(Policy::all(Right::CommandIncidents), routes!(hold))
        .api(Policy::all(Right::CommandIncidents), routes!(plan))
        .api(Policy::all(Right::CommandIncidents), routes!(call_off))
        .page(Policy::all(Right::ReadIncidents), Method::GET, "/drills.ics", get(ics))
}

/// What drills are scored against here.
#[must_use]
pub fn objectives(app: &App) -> Objectives {
    Objectives { rto_h: app.config.before.rto_hours, kept_percent: app.config.drills.promises_percent }
}

/// What a page shows of drills. What cannot be read is said, and what can be read is shown.
#[must_use]
pub fn drilled(app: &App) -> Drilled {
    let mut out =
        Drilled { standing: app.drills.standing(), objectives: objectives(app), ..Drilled::default() };
    let Ok(runner) = app.drills.runner() else { return out };
    let mut faults = Vec::new();
    let mut note = |why: String| {
        tracing::warn!(why, "drills");
        faults.push(why);
    };
    let library = runner.library().map_err(&mut note).unwrap_or_default();
    library.faults.into_iter().for_each(&mut note);
    out.library = library.all;
    out.held = runner.held().map_err(&mut note).unwrap_or_default();
    out.planned = runner.planned().map_err(&mut note).unwrap_or_default();
    out.faults = faults;
    out
}

/// Begins a drill on the state as it is.
///
/// # Errors
/// A problem when one is being held, or there is no such scenario.
pub fn begin(app: &App, key: &str, actor: &str) -> Result<(), Problem> {
    let runner = app.drills.runner()?.clone();
    let library = runner.library().map_err(|why| trouble(&why))?;
    if !library.has(key) {
        return Err(Problem::not_found("scenario"));
    }
    if app.drills.busy.swap(true, Ordering::AcqRel) {
        return Err(Problem::new("already-running", "a drill is being held", "wait until it is over"));
    }
    let (view, now) = (app.view(), Stamp(app.now()));
    let wanted = Wanted {
        key: key.to_owned(),
        now,
        objectives: objectives(app),
        orders_max: app.config.drills.orders,
    };
    let first = holdfast_app::drills::Progress {
        key: key.to_owned(),
        since: now,
        policy: String::new(),
        orders: 0,
        of: 0,
    };
    *lock(&app.drills.standing) = Standing::Running(first);
    let (app, actor) = (app.clone(), actor.to_owned());
    tokio::task::spawn_blocking(move || {
        let told = app.access.audit(app.now(), "drill-held", &actor, &wanted.key);
        if let Err(error) = told {
            tracing::warn!(%error, "a drill could not be written to the log");
        }
        let work = || {
            on_half(|| {
                let mut tell = |progress| *lock(&app.drills.standing) = Standing::Running(progress);
                runner.hold(view.state(), &wanted, &mut tell)
            })
        };
        let held = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work))
            .unwrap_or_else(|_| Err("the drill broke off: report it with the service's log".to_owned()));
        *lock(&app.drills.standing) = match held {
            Ok(line) => {
                tracing::info!(scenario = wanted.key, sound = line.sound, "a drill was held");
                Standing::Idle
            }
            Err(why) => {
                tracing::warn!(why, scenario = wanted.key, "a drill");
                Standing::Failed(Stamp(app.now()), wanted.key, why)
            }
        };
        app.drills.busy.store(false, Ordering::Release);
    });
    Ok(())
}

/// The name of who asks, for a calendar that people read.
#[must_use]
pub fn name_of(who: &Who) -> String {
    who.principal().map_or_else(|| who.actor().to_owned(), |principal| principal.name.clone())
}

fn trouble(why: &str) -> Problem {
    Problem::internal(&std::io::Error::other(why.to_owned()))
}

/// Plans a drill.
///
/// # Errors
/// A problem for a time that has passed or is too far, a scenario nobody has, a schedule that is full.
pub fn plan_for(app: &App, key: &str, start: Stamp, minutes: u32, actor: &str) -> Result<u32, Problem> {
    let now = Stamp(app.now());
    if start <= now || start > now.after(AHEAD_MAX) {
        return Err(Problem::field("start", "it lies in the coming three years"));
    }
    if !(1..=MINUTES_MAX).contains(&minutes) {
        return Err(Problem::field("minutes", format!("it is 1 to {MINUTES_MAX}")));
    }
    let runner = app.drills.runner()?;
    if !runner.library().map_err(|why| trouble(&why))?.has(key) {
        return Err(Problem::not_found("scenario"));
    }
    let standing = runner.planned().map_err(|why| trouble(&why))?;
    if standing.iter().filter(|one| one.called_off.is_none() && one.start > now).count() >= PLANNED_MAX {
        return Err(Problem::field(
            "start",
            format!("{PLANNED_MAX} drills are planned already: call one of them off"),
        ));
    }
    let (scenario, by) = (key.to_owned(), actor.to_owned());
    let line = PlanLine::Planned { number: 0, at: now, start, minutes, scenario, by };
    runner.plan(line).map_err(|why| trouble(&why))
}

/// Calls a planned drill off.
///
/// # Errors
/// A problem where nobody planned it.
pub fn call_off_plan(app: &App, number: u32, actor: &str) -> Result<(), Problem> {
    let runner = app.drills.runner()?;
    let standing = runner.planned().map_err(|why| trouble(&why))?;
    if !standing.iter().any(|one| one.number == number && one.called_off.is_none()) {
        return Err(Problem::not_found("planned drill"));
    }
    let line = PlanLine::CalledOff { number, at: Stamp(app.now()), by: actor.to_owned() };
    runner.plan(line).map(drop).map_err(|why| trouble(&why))
}

/// A scenario that can be rehearsed.
#[derive(Serialize, ToSchema)]
pub struct RehearsalOut {
    /// Its key.
    key: String,
    /// Its name in English.
    name: String,
    /// The hazard's key.
    hazard: &'static str,
    /// Whether it is the operator's own.
    own: bool,
    /// The demo book it is written for.
    book: Option<String>,
}

/// A drill that was held.
#[derive(Serialize, ToSchema)]
pub struct HeldOut {
    /// Its number, from 1.
    number: usize,
    /// When.
    at: String,
    /// The scenario's name.
    scenario: String,
    /// Orders that were played.
    orders: u64,
    /// Promises Holdfast kept.
    kept: u64,
    /// Promises kept by doing nothing.
    waiting: u64,
    /// Whether the recount and every check agree.
    sound: bool,
    /// Whether orders flowed again in time; none where nothing was declared.
    rto_met: Option<bool>,
    /// Whether enough promises were kept; none where nothing was declared.
    kept_met: Option<bool>,
    /// All of it, as it is recorded.
    #[schema(value_type = Option<Object>)]
    result: Option<serde_json::Value>,
}

/// A planned drill.
#[derive(Serialize, ToSchema)]
pub struct PlannedOut {
    /// Its number.
    number: u32,
    /// When it is held.
    start: String,
    /// How long it may take, minutes.
    minutes: u32,
    /// The scenario's key.
    scenario: String,
    /// Who planned it.
    by: String,
    /// When it was called off.
    called_off: Option<String>,
}

/// Drills.
#[derive(Serialize, ToSchema)]
pub struct DrillsOut {
    /// `idle`, `running` or `failed`.
    standing: &'static str,
    /// The scenario of the running or failed one.
    scenario: Option<String>,
    /// The policy that is played now.
    policy: Option<String>,
    /// Orders that have come in.
    orders: Option<usize>,
    /// Orders in all.
    of: Option<usize>,
    /// Why the last one broke off.
    failed: Option<String>,
    /// What there is to rehearse.
    library: Vec<RehearsalOut>,
    /// What was held, in its order.
    held: Vec<HeldOut>,
    /// What is planned, in the order of the numbers.
    planned: Vec<PlannedOut>,
    /// What could not be read, such as a scenario of the operator's own: file, cause and remedy, in English.
    faults: Vec<String>,
}

fn rehearsal_out(one: &Rehearsal) -> RehearsalOut {
    RehearsalOut {
        key: one.key.clone(),
        name: one.name("en").to_owned(),
        hazard: one.hazard.key(),
        own: one.own,
        book: one.book.clone(),
    }
}

fn held_out(number: usize, line: &DrillLine) -> Result<HeldOut, Problem> {
    let result = line.result.as_ref();
    Ok(HeldOut {
        number,
        at: line.at.to_string(),
        scenario: line.scenario.clone(),
        orders: line.orders,
        kept: line.kept,
        waiting: line.waiting,
        sound: line.sound,
        rto_met: result.and_then(|result| result.rto_met()),
        kept_met: result.and_then(|result| result.kept_met()),
        result: result.map(serde_json::to_value).transpose().map_err(|error| Problem::internal(&error))?,
    })
}

fn planned_out(one: &Planned) -> PlannedOut {
    PlannedOut {
        number: one.number,
        start: one.start.to_string(),
        minutes: one.minutes,
        scenario: one.scenario.clone(),
        by: one.by.clone(),
        called_off: one.called_off.map(|at| at.to_string()),
    }
}

/// Drills: the library, what was held, what is planned, and whether one runs.
#[utoipa::path(get, path = "/api/v1/drills", tag = "drills", responses(
    (status = 200, description = "All of it", body = DrillsOut)))]
async fn read(State(app): State<App>) -> Result<axum::Json<DrillsOut>, Problem> {
    let all = app.block(drilled).await?;
    let (standing, scenario, policy, orders, failed) = match all.standing {
        Standing::Idle => ("idle", None, None, None, None),
        Standing::Running(now) => {
            ("running", Some(now.key), Some(now.policy), Some((now.orders, now.of)), None)
        }
        Standing::Failed(_, key, why) => ("failed", Some(key), None, None, Some(why)),
    };
    let held = (1..).zip(&all.held).map(|(number, line)| held_out(number, line));
    Ok(axum::Json(DrillsOut {
        standing,
        scenario,
        policy,
        orders: orders.map(|(come, _)| come),
        of: orders.map(|(_, of)| of),
        failed,
        library: all.library.iter().map(rehearsal_out).collect(),
        held: held.collect::<Result<_, _>>()?,
        planned: all.planned.iter().map(planned_out).collect(),
        faults: all.faults,
    }))
}

/// Which scenario.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldIn {
    /// Its key.
    scenario: String,
}

/// Holds a drill on a copy of the house as it is now. Nothing leaves, and nothing of it is in the journal.
#[utoipa::path(post, path = "/api/v1/drills", tag = "drills", request_body = HoldIn, responses(
    (status = 202, description = "It has begun"),
    (status = 404, description = "There is no such scenario", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "One is being held", body = Problem, content_type = "application/problem+json")))]
async fn hold(State(app): State<App>, who: Who, Json(given): Json<HoldIn>) -> Result<StatusCode, Problem> {
    let actor = who.actor().to_owned();
    app.block(move |app| begin(app, &given.scenario, &actor)).await??;
    Ok(StatusCode::ACCEPTED)
}

/// A drill to be held.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanIn {
    /// The scenario's key.
    scenario: String,
    /// When.
    #[schema(example = "2027-03-01T09:00:00Z")]
    start: String,
    /// How long it may take, minutes.
    minutes: u32,
}

/// What was planned.
#[derive(Serialize, ToSchema)]
pub struct PlannedNumber {
    /// Its number.
    number: u32,
}

/// Plans a drill: it stands in the calendar, and on the first page once its time has come.
#[utoipa::path(post, path = "/api/v1/drills/plan", tag = "drills", request_body = PlanIn, responses(
    (status = 201, description = "Planned", body = PlannedNumber),
    (status = 404, description = "There is no such scenario", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A time that is none, or has passed", body = Problem, content_type = "application/problem+json")))]
async fn plan(State(app): State<App>, who: Who, Json(given): Json<PlanIn>) -> Result<Response, Problem> {
    let start: Stamp = given
        .start
        .parse()
        .map_err(|_| Problem::field("start", "it is no moment such as 2027-03-01T09:00:00Z"))?;
    let actor = name_of(&who);
    let made = app.block(move |app| plan_for(app, &given.scenario, start, given.minutes, &actor)).await?;
    Ok((StatusCode::CREATED, axum::Json(PlannedNumber { number: made? })).into_response())
}

/// Calls a planned drill off. It stays in the calendar as cancelled.
#[utoipa::path(delete, path = "/api/v1/drills/plan/{number}", tag = "drills", params(("number" = u32, Path)), responses(
    (status = 204, description = "Called off"),
    (status = 404, description = "Nobody planned it", body = Problem, content_type = "application/problem+json")))]
async fn call_off(
    State(app): State<App>,
    who: Who,
    Path(number): Path<String>,
) -> Result<StatusCode, Problem> {
    let number: u32 = number.parse().map_err(|_| Problem::not_found("planned drill"))?;
    let actor = name_of(&who);
    app.block(move |app| call_off_plan(app, number, &actor)).await??;
    Ok(StatusCode::NO_CONTENT)
}

/// The schedule as a calendar, in the reader's language.
async fn ics(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    let words = Words::of(crate::console::locale(&headers));
    let text = app
        .block(move |app| {
            let host =
                app.config.public_url.clone().unwrap_or_else(|| format!("http://{}", app.config.listen));
            calendar::of(&drilled(app), words, &host)
        })
        .await?;
    let head = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"drills.ics\""),
    ];
    Ok((head, text).into_response())
}
