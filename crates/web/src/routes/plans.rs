//! Plans: made, looked at, approved whole or in part, carried out, taken back; and the notices that follow.

mod notices;
mod opened;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use holdfast_access::Right;
use holdfast_app::roads::ClosedRoads;
use holdfast_app::service::Asked;
use holdfast_domain::command::Command;
use holdfast_domain::id::{OrderId, PlanId};
use holdfast_domain::plan_record::{Move, PlanRecord};
use holdfast_domain::state::State as DomainState;
use holdfast_domain::time::Stamp;
use holdfast_engine::incident::{Planned, Scope, Summary};
use holdfast_hazard::geo::{Area, areas_from_geojson};
use holdfast_plan::route::way::Interval;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::body::Json;
use super::incidents::{incident_id, second_approver};
use super::orders::{Done, carrier, done};
use crate::app::{App, Outcome};
use crate::cursor::{self, Paged};
use crate::guard::Who;
use crate::mount::Mount;
use crate::planning::{self, JobState, Wanted, hex, unhex};
use crate::policy::Policy;
use crate::problem::Problem;

pub use notices::{NoticeOut, notice_out};

pub(super) fn mount() -> Mount {
    use Right as R;
    Mount::default()
        .api(Policy::all(R::PrepareIncidents), routes!(make))
        .api(Policy::all(R::ReadIncidents), routes!(jobs))
        .api(Policy::all(R::ReadIncidents), routes!(job))
        .api(Policy::all(R::PrepareIncidents), routes!(cancel))
        .api(Policy::all(R::ReadIncidents), routes!(drafts))
        .api(Policy::all(R::ReadIncidents), routes!(draft))
        .api(Policy::all(R::CommandIncidents).fresh(), routes!(approve))
        .api(Policy::all(R::ReadIncidents), routes!(plans))
        .api(Policy::all(R::ReadIncidents), routes!(plan))
        .api(Policy::all(R::CommandIncidents), routes!(execute))
        .api(Policy::all(R::CommandIncidents).fresh(), routes!(undo))
        .api(Policy::own(R::ReadIncidents), routes!(notices::notices))
        .api(Policy::all(R::ChangeNotices), routes!(notices::withdraw))
        .api(Policy::all(R::ChangeNotices), routes!(notices::withdraw_all))
}

/// What is to be planned.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Make {
    /// For this incident.
    pub incident: Option<String>,
    /// Only orders that lost their site, lane or day; otherwise all that can still move.
    pub affected_only: bool,
    /// Seed of every chance: the same seed and state give the same plan.
    pub seed: u64,
    /// Areas whose roads are closed: trucks between sites go round them, wait, or are not sent.
    pub closed_roads: Vec<RoadsClosed>,
}

/// An area whose roads are closed for a time.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoadsClosed {
    /// The area as GeoJSON: a polygon, several, or a feature that has them.
    #[schema(value_type = Object)]
    pub area: serde_json::Value,
    /// From when, as `2026-09-28T06:00:00Z`; now, and before, if not given.
    #[serde(default)]
    pub from: Option<String>,
    /// Until before when; until further notice, if not given.
    #[serde(default)]
    pub until: Option<String>,
}

impl RoadsClosed {
    fn read(&self) -> Result<Vec<(Area, Interval)>, Problem> {
        let moment = |given: &Option<String>, field: &str, absent: Stamp| match given {
            None => Ok(absent),
            Some(text) => text
                .parse::<Stamp>()
                .map_err(|error| Problem::field(&format!("closed_roads.{field}"), error.to_string())),
        };
        let from = moment(&self.from, "from", Interval::ALWAYS.from)?;
        let until = moment(&self.until, "until", Interval::ALWAYS.until)?;
        if until <= from {
            return Err(Problem::field("closed_roads.until", "it is not after `from`"));
        }
        let areas = areas_from_geojson(&self.area.to_string())
            .map_err(|error| Problem::field("closed_roads.area", error.to_string()))?;
        Ok(areas.into_iter().map(|area| (area, Interval { from, until })).collect())
    }
}

/// A job that was begun.
#[derive(Debug, Serialize, ToSchema)]
pub struct Begun {
    /// Its number: look at `/api/v1/jobs/{job}`.
    pub job: u64,
}

/// What a plan comes to, in the operator's minor units and in counts.
#[derive(Debug, Serialize, ToSchema)]
pub struct SummaryOut {
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
    /// No plan for the same problem costs less than this.
    pub bound: i64,
    /// How far from the best possible it is at most: a share.
    pub gap: f64,
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
    /// Trucks between sites.
    pub transfer: i64,
    /// Units they bring to the site they ship from.
    pub carried_units: u64,
    /// Share of its weight every merchant's kept promises have at least, in thousandths; absent where nobody shares.
    pub phi: Option<u64>,
    /// No plan gives every merchant more.
    pub phi_bound: Option<u64>,
}

/// A plan nobody has adopted yet.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftOut {
    /// Its digest.
    pub digest: String,
    /// Its incident.
    pub incident: Option<String>,
    /// Version of the state it was made from.
    pub parent: u64,
    /// When it was made.
    pub made: String,
    /// What it comes to.
    pub summary: SummaryOut,
    /// Standby sites it calls.
    pub activate: Vec<String>,
    /// What it opens and why: standby sites, trucks, channels; and where it found no way.
    pub opened: opened::OpenedOut,
    /// What each merchant gets, where merchants share sites.
    pub merchants: Vec<opened::ShareOut>,
}

/// A page of a plan's moves.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftPage {
    /// The plan.
    pub plan: DraftOut,
    /// The moves.
    pub moves: Vec<MoveOut>,
    /// Where the moves go on.
    pub next: Option<String>,
}

/// One order's change.
#[derive(Debug, Serialize, ToSchema)]
pub struct MoveOut {
    /// The order.
    pub order: String,
    /// The merchant's number.
    pub number: String,
    /// What it has.
    pub from: Vec<WayOut>,
    /// What it gets; units of `from` that are missing here are backordered.
    pub to: Vec<WayOut>,
    /// Why, by line.
    pub why: Vec<(u16, String)>,
}

/// Units of a line on a way.
#[derive(Debug, Serialize, ToSchema)]
pub struct WayOut {
    /// The line.
    pub line: u16,
    /// Code of the site.
    pub site: String,
    /// Carrier and service.
    pub carrier: String,
    /// Day on which it leaves.
    pub ship_day: String,
    /// Units.
    pub quantity: u32,
}

/// What of a plan is approved.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Approve {
    /// Only the moves of these orders; all, if not given.
    pub orders: Option<Vec<String>>,
    /// Carry it out at once.
    pub execute: bool,
}

/// A plan that was adopted.
#[derive(Debug, Serialize, ToSchema)]
pub struct Adopted {
    /// The plan.
    pub plan: String,
    /// Journal entry.
    pub version: u64,
    /// The job that carries it out, if one was begun.
    pub job: Option<u64>,
}

/// An adopted plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanOut {
    /// Its id.
    pub id: String,
    /// Its digest.
    pub digest: String,
    /// Its incident.
    pub incident: Option<String>,
    /// When it was approved.
    pub adopted: String,
    /// Steps in all.
    pub steps: usize,
    /// Steps carried out.
    pub done: u32,
    /// Orders moved.
    pub moved: u32,
    /// Orders left because the move no longer fitted.
    pub skipped: u32,
    /// Its cost.
    pub cost: i64,
    /// Its bound.
    pub bound: i64,
    /// Whether it was taken back.
    pub undone: bool,
}

fn summary(summary: &Summary) -> SummaryOut {
    SummaryOut {
        orders: summary.orders,
        lines: summary.lines,
        moved: summary.moved,
        backordered_lines: summary.backordered_lines,
        waiting_lines: summary.waiting_lines,
        cost: summary.cost,
        bound: summary.bound,
        gap: summary.gap(),
        shipping: summary.shipping,
        handling: summary.handling,
        late: summary.late,
        moving: summary.moving,
        backorder: summary.backorder,
        activation: summary.activation,
        transfer: summary.transfer,
        carried_units: summary.carried_units,
        phi: summary.phi,
        phi_bound: summary.phi_bound,
    }
}

fn draft_out(state: &DomainState, planned: &Planned) -> DraftOut {
    DraftOut {
        digest: hex(&planned.digest()),
        incident: planned.incident.map(|incident| incident.to_string()),
        parent: planned.parent,
        made: planned.made.to_string(),
        summary: summary(&planned.summary),
        activate: planned
            .activate
            .iter()
            .filter_map(|site| state.network.site(*site))
            .map(|site| site.code.to_string())
            .collect(),
        opened: opened::opened(state, planned),
        merchants: opened::shares(state, planned),
    }
}

fn move_out(state: &DomainState, planned: &Planned, change: &Move) -> MoveOut {
    let way = |(line, a): &(u16, holdfast_domain::order::Allocation)| WayOut {
        line: *line,
        site: state.network.site(a.site).map_or_else(String::new, |site| site.code.to_string()),
        carrier: carrier(state, a.lane),
        ship_day: a.ship_day.to_string(),
        quantity: a.quantity.0,
    };
    // Reasons are in the order of the orders, as moves are.
    let from = planned.reasons.partition_point(|reason| reason.order < change.order);
    let why = planned.reasons[from..].iter().take_while(|reason| reason.order == change.order);
    MoveOut {
        order: change.order.to_string(),
        number: state.order(change.order).map_or_else(|_| String::new(), |order| order.number.to_string()),
        from: change.from.iter().map(way).collect(),
        to: change.to.iter().map(way).collect(),
        why: why.map(|reason| (reason.line, format!("{:?}", reason.reason))).collect(),
    }
}

fn plan_out(id: PlanId, record: &PlanRecord) -> PlanOut {
    PlanOut {
        id: id.to_string(),
        digest: hex(&record.digest),
        incident: record.incident.map(|incident| incident.to_string()),
        adopted: record.adopted.to_string(),
        steps: record.steps.len(),
        done: record.done,
        moved: record.moved,
        skipped: record.skipped,
        cost: record.cost,
        bound: record.bound,
        undone: record.undone,
    }
}

fn plan_id(state: &DomainState, path: &str) -> Result<PlanId, Problem> {
    let id: Option<PlanId> = path.parse().ok();
    id.filter(|id| state.plans.get(*id).is_some()).ok_or_else(|| Problem::not_found("plan"))
}

/// Begins to plan what is open. The plan changes nothing until it is approved.
#[utoipa::path(post, path = "/api/v1/plans/drafts", tag = "plans", request_body = Make, responses(
    (status = 202, description = "Begun", body = Begun),
    (status = 404, description = "No such incident", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "An area or a time of closed roads cannot be read", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "Two plans are being made already", body = Problem, content_type = "application/problem+json")))]
async fn make(
    State(app): State<App>,
    Json(given): Json<Make>,
) -> Result<(StatusCode, axum::Json<Begun>), Problem> {
    let incident = given.incident.as_deref().map(|id| incident_id(app.view().state(), id)).transpose()?;
    let scope = if given.affected_only { Scope::Affected } else { Scope::All };
    let areas = given.closed_roads.iter().map(RoadsClosed::read).collect::<Result<Vec<_>, _>>()?;
    let closed = ClosedRoads::areas(areas.into_iter().flatten().collect());
    let wanted = Wanted { closed: Arc::new(closed), ..Wanted::of(incident, scope, given.seed) };
    let job = planning::plan(&app, wanted)?;
    Ok((StatusCode::ACCEPTED, axum::Json(Begun { job })))
}

/// Lists jobs: plans in the making and in execution.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "plans", responses((status = 200, description = "The jobs", body = Vec<JobState>)))]
async fn jobs(State(app): State<App>) -> axum::Json<Vec<JobState>> {
    axum::Json(app.plans.jobs())
}

/// A job.
#[utoipa::path(get, path = "/api/v1/jobs/{job}", tag = "plans", params(("job" = u64, Path)), responses(
    (status = 200, description = "The job", body = JobState),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json")))]
async fn job(State(app): State<App>, Path(job): Path<u64>) -> Result<axum::Json<JobState>, Problem> {
    app.plans.job(job).map(axum::Json).ok_or_else(|| Problem::not_found("job"))
}

/// Ends a job early: a plan in the making gives the best found so far, steps that were carried out stay.
#[utoipa::path(delete, path = "/api/v1/jobs/{job}", tag = "plans", params(("job" = u64, Path)), responses(
    (status = 202, description = "It will end"),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json")))]
async fn cancel(State(app): State<App>, Path(job): Path<u64>) -> Result<StatusCode, Problem> {
    if app.plans.cancel(job) { Ok(StatusCode::ACCEPTED) } else { Err(Problem::not_found("job")) }
}

/// Lists plans nobody has adopted.
#[utoipa::path(get, path = "/api/v1/plans/drafts", tag = "plans", responses((status = 200, description = "The plans", body = Vec<DraftOut>)))]
async fn drafts(State(app): State<App>) -> axum::Json<Vec<DraftOut>> {
    let view = app.view();
    axum::Json(app.plans.drafts().iter().map(|(_, planned)| draft_out(view.state(), planned)).collect())
}

/// A plan with its moves and reasons: one not adopted yet, or one that was.
#[utoipa::path(get, path = "/api/v1/plans/drafts/{digest}", tag = "plans", params(("digest" = String, Path), Paged), responses(
    (status = 200, description = "The plan and a page of its moves", body = DraftPage),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json")))]
async fn draft(
    State(app): State<App>,
    Path(digest): Path<String>,
    Query(filter): Query<Paged>,
) -> Result<axum::Json<DraftPage>, Problem> {
    let wanted = unhex(&digest).ok_or_else(|| Problem::not_found("plan"))?;
    let planned = planning::load(&app, wanted).await?;
    let view = app.view();
    let from = match &filter.cursor {
        None => 0,
        Some(cursor) => usize::try_from(cursor::decode("moves", cursor)?).unwrap_or(usize::MAX),
    };
    let rest = planned.moves.get(from..).unwrap_or_default();
    let page = rest.get(..cursor::page(filter.limit)).unwrap_or(rest);
    let next = (page.len() < rest.len()).then(|| cursor::encode("moves", (from + page.len()) as u64));
    let moves = page.iter().map(|change| move_out(view.state(), &planned, change)).collect();
    Ok(axum::Json(DraftPage { plan: draft_out(view.state(), &planned), moves, next }))
}

/// Approves a plan, whole or in part. Over the threshold a second person has to approve it too.
#[utoipa::path(post, path = "/api/v1/plans/drafts/{digest}/approve", tag = "plans", params(("digest" = String, Path)), request_body = Approve, responses(
    (status = 200, description = "Adopted", body = Adopted),
    (status = 403, description = "A second person has to approve it", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json")))]
async fn approve(
    State(app): State<App>,
    who: Who,
    Path(digest): Path<String>,
    Json(given): Json<Approve>,
) -> Result<axum::Json<Adopted>, Problem> {
    let wanted = unhex(&digest).ok_or_else(|| Problem::not_found("plan"))?;
    let whole = app.plans.draft(&wanted).ok_or_else(|| Problem::not_found("plan"))?;
    let planned = match &given.orders {
        None => (*whole).clone(),
        Some(orders) => {
            let keep = orders
                .iter()
                .map(|order| {
                    order.parse().map_err(|_| Problem::field("orders", format!("{order:?} is no order")))
                })
                .collect::<Result<BTreeSet<OrderId>, _>>()?;
            whole.only(|order| keep.contains(&order))
        }
    };
    let moved = planned.summary.moved;
    let digest = planned.digest();
    // Asked again after a lost answer: what was adopted is adopted once.
    let known = |app: &App| {
        let view = app.view();
        let found = view.state().plans.iter().find(|(_, plan)| plan.digest == digest && !plan.undone);
        found.map(|(id, _)| (id, view.state().version))
    };
    let (plan, version) = match known(&app) {
        Some(found) => found,
        None => {
            if moved >= app.config.second_approver.orders {
                let what = format!("adopt a plan that moves {moved} orders");
                second_approver(&app, &who, format!("adopt {}", hex(&digest)), what).await?;
            }
            let outcome = app.ask(Asked::adopt(&planned, who.actor())).await?;
            let version = match outcome {
                Outcome::Done { version, .. } => version,
                Outcome::Repeated(used) => used.version,
            };
            let (plan, _) =
                known(&app).ok_or_else(|| Problem::busy("the plan is adopted and not to be seen yet"))?;
            (plan, version)
        }
    };
    let job = if given.execute { Some(planning::execute(&app, plan, who.actor())?) } else { None };
    Ok(axum::Json(Adopted { plan: plan.to_string(), version, job }))
}

/// Lists adopted plans, newest first.
#[utoipa::path(get, path = "/api/v1/plans", tag = "plans", responses((status = 200, description = "The plans", body = Vec<PlanOut>)))]
async fn plans(State(app): State<App>) -> axum::Json<Vec<PlanOut>> {
    let view = app.view();
    let mut all: Vec<PlanOut> = view.state().plans.iter().map(|(id, record)| plan_out(id, record)).collect();
    all.reverse();
    axum::Json(all)
}

/// An adopted plan.
#[utoipa::path(get, path = "/api/v1/plans/{plan}", tag = "plans", params(("plan" = String, Path)), responses(
    (status = 200, description = "The plan", body = PlanOut),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json")))]
async fn plan(State(app): State<App>, Path(plan): Path<String>) -> Result<axum::Json<PlanOut>, Problem> {
    let view = app.view();
    let id = plan_id(view.state(), &plan)?;
    let record = view.state().plans.get(id).ok_or_else(|| Problem::not_found("plan"))?;
    Ok(axum::Json(plan_out(id, record)))
}

/// Carries an adopted plan out, or goes on with it: each step is done once, whatever happens in between.
#[utoipa::path(post, path = "/api/v1/plans/{plan}/execute", tag = "plans", params(("plan" = String, Path)), responses(
    (status = 202, description = "Begun", body = Begun),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It is being carried out already", body = Problem, content_type = "application/problem+json")))]
async fn execute(
    State(app): State<App>,
    who: Who,
    Path(plan): Path<String>,
) -> Result<(StatusCode, axum::Json<Begun>), Problem> {
    let id = plan_id(app.view().state(), &plan)?;
    let job = planning::execute(&app, id, who.actor())?;
    Ok((StatusCode::ACCEPTED, axum::Json(Begun { job })))
}

/// Takes a plan back as far as nothing of it has been released.
#[utoipa::path(post, path = "/api/v1/plans/{plan}/undo", tag = "plans", params(("plan" = String, Path)), responses(
    (status = 200, description = "Taken back", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It was taken back before", body = Problem, content_type = "application/problem+json")))]
async fn undo(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(plan): Path<String>,
) -> Result<axum::Json<Done>, Problem> {
    let view = app.view();
    let id = plan_id(view.state(), &plan)?;
    let record = view.state().plans.get(id).ok_or_else(|| Problem::not_found("plan"))?;
    let planned = planning::load(&app, record.digest).await?;
    let command = Command::UndoPlan { plan: id, moves: planned.executed(record.done).into() };
    done(&app, &who, command, &headers, &format!("undo {id}")).await
}
