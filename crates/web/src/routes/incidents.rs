//! Incidents: opened, assessed, previewed, commanded, brought back step by step.

mod lanes;
mod preview;
mod sites;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use holdfast_access::Right;
use holdfast_app::service::Asked;
use holdfast_domain::command::{Command, NewIncident};
use holdfast_domain::event::Event;
use holdfast_domain::id::{Id, IncidentId, LaneId, SiteId};
use holdfast_domain::incident::{Hazard, Incident, Phase, Severity};
use holdfast_domain::state::State as DomainState;
use holdfast_domain::time::{Day, Span, Stamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::body::{Json, text};
use super::orders::{Done, done};
use crate::app::{App, Outcome};
use crate::guard::Who;
use crate::mount::Mount;
use crate::once;
use crate::planning;
use crate::policy::Policy;
use crate::problem::Problem;

pub use preview::counted;

/// Entries looked at behind the one that opened an incident.
const LATER_MAX: usize = 5_000;

/// The largest body that says how customers are told, in bytes.
const TELL_MAX: usize = 4_096;
/// The longest a notice may be held, in minutes.
const HOLD_MAX_MINUTES: u64 = 1_440;

pub(super) fn mount() -> Mount {
    use Right as R;
    Mount::default()
        .api(Policy::all(R::ReadIncidents), routes!(list))
        .api(Policy::all(R::ReadIncidents), routes!(get))
        .api(Policy::all(R::PrepareIncidents), routes!(open))
        .api(Policy::all(R::PrepareIncidents), routes!(assess))
        .api(Policy::all(R::PrepareIncidents), routes!(preview::look_ahead))
        .api(Policy::all(R::CommandIncidents), routes!(phase))
        .api(Policy::all(R::CommandIncidents).fresh(), routes!(sites::close_sites))
        .api(Policy::all(R::CommandIncidents), routes!(sites::all_clear))
        .api(Policy::all(R::CommandIncidents), routes!(sites::expect))
        .api(Policy::all(R::CommandIncidents), routes!(sites::limit))
        .api(Policy::all(R::CommandIncidents).fresh(), routes!(lanes::embargo))
        .api(Policy::all(R::CommandIncidents), routes!(lanes::lift))
        .api(Policy::all(R::CommandIncidents).fresh(), routes!(tell))
}

/// An incident.
#[derive(Debug, Serialize, ToSchema)]
pub struct IncidentOut {
    /// Its id.
    pub id: String,
    /// What kind.
    pub hazard: String,
    /// Its name.
    pub name: String,
    /// `watch`, `declared`, `recovering` or `closed`.
    pub phase: String,
    /// `minor`, `moderate`, `severe` or `extreme`.
    pub severity: String,
    /// When it was first recorded.
    pub opened: String,
    /// When it was declared.
    pub declared: Option<String>,
    /// When it should be over.
    pub expected_end: Option<String>,
    /// When it was.
    pub ended: Option<String>,
    /// Codes of the sites it has touched.
    pub sites: Vec<String>,
    /// Lanes it keeps closed.
    pub lanes_closed: usize,
    /// Whether nothing may leave the house.
    pub drill: bool,
    /// Plans adopted for it.
    pub plans: Vec<String>,
}

/// An incident to open.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// What kind, such as `hurricane` or `power_outage`.
    pub hazard: String,
    /// Its name.
    pub name: String,
    /// `minor`, `moderate`, `severe` or `extreme`.
    pub severity: String,
    /// When it should be over.
    #[serde(default)]
    pub expected_end: Option<String>,
    /// Demand it changes, by category: thousandths of normal.
    #[serde(default)]
    pub surges: Vec<(String, u32)>,
    /// Whether nothing may leave the house.
    #[serde(default)]
    pub drill: bool,
}

/// An incident assessed anew.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assess {
    /// `minor`, `moderate`, `severe` or `extreme`.
    pub severity: String,
    /// When it should be over.
    #[serde(default)]
    pub expected_end: Option<String>,
    /// Demand it changes, by category: thousandths of normal.
    #[serde(default)]
    pub surges: Vec<(String, u32)>,
}

/// A phase.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhaseIn {
    /// `watch`, `declared`, `recovering` or `closed`.
    pub phase: String,
}

/// Customers who are told.
#[derive(Debug, Serialize, ToSchema)]
pub struct Told {
    /// How many.
    pub notices: u32,
}

fn word<T: Serialize>(value: T) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(ToOwned::to_owned))
        .unwrap_or_default()
}

fn of_word<T: serde::de::DeserializeOwned>(field: &str, word: &str) -> Result<T, Problem> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).map_err(|_| {
        Problem::field(field, format!("there is no {word:?}: see the description of this route"))
    })
}

fn moment_of(field: &str, text: Option<&str>) -> Result<Option<Stamp>, Problem> {
    text.map(|text| {
        text.parse().map_err(|_| Problem::field(field, "it is no moment such as 2026-11-01T12:00:00Z"))
    })
    .transpose()
}

fn day_of(field: &str, text: Option<&str>) -> Result<Option<Day>, Problem> {
    text.map(|text| text.parse().map_err(|_| Problem::field(field, "it is no day such as 2026-11-01")))
        .transpose()
}

fn surges(given: Vec<(String, u32)>) -> Vec<(Box<str>, u32)> {
    given.into_iter().map(|(category, permille)| (category.into(), permille)).collect()
}

/// The incident of a path.
///
/// # Errors
/// A problem for one that is not there.
pub fn incident_id(state: &DomainState, path: &str) -> Result<IncidentId, Problem> {
    let id: Option<IncidentId> = path.parse().ok();
    id.filter(|id| state.incidents.get(*id).is_some()).ok_or_else(|| Problem::not_found("incident"))
}

fn incident_out(state: &DomainState, id: IncidentId, incident: &Incident) -> IncidentOut {
    let code =
        |site: &SiteId| state.network.site(*site).map_or_else(String::new, |site| site.code.to_string());
    let closed = |lane: &&LaneId| state.embargoes.get(**lane).is_some_and(|closed| closed.contains(&id));
    IncidentOut {
        id: id.to_string(),
        hazard: incident.hazard.key().to_owned(),
        name: incident.name.to_string(),
        phase: word(incident.phase),
        severity: word(incident.severity),
        opened: incident.opened.to_string(),
        declared: incident.declared.map(|at| at.to_string()),
        expected_end: incident.expected_end.map(|at| at.to_string()),
        ended: incident.ended.map(|at| at.to_string()),
        sites: incident.sites.iter().map(code).collect(),
        lanes_closed: incident.lanes.iter().filter(closed).count(),
        drill: incident.drill,
        plans: state
            .plans
            .iter()
            .filter(|(_, plan)| plan.incident == Some(id))
            .map(|(plan, _)| plan.to_string())
            .collect(),
    }
}

/// Lists incidents, newest first.
#[utoipa::path(get, path = "/api/v1/incidents", tag = "incidents", responses((status = 200, description = "The incidents", body = Vec<IncidentOut>)))]
async fn list(State(app): State<App>) -> axum::Json<Vec<IncidentOut>> {
    let view = app.view();
    let state = view.state();
    let mut all: Vec<IncidentOut> =
        state.incidents.iter().map(|(id, incident)| incident_out(state, id, incident)).collect();
    all.reverse();
    axum::Json(all)
}

/// An incident.
#[utoipa::path(get, path = "/api/v1/incidents/{incident}", tag = "incidents", params(("incident" = String, Path)), responses(
    (status = 200, description = "The incident", body = IncidentOut),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json")))]
async fn get(
    State(app): State<App>,
    Path(incident): Path<String>,
) -> Result<axum::Json<IncidentOut>, Problem> {
    let view = app.view();
    let id = incident_id(view.state(), &incident)?;
    Ok(axum::Json(incident_out(view.state(), id, view.state().incident(id)?)))
}

/// Opens an incident to watch.
#[utoipa::path(post, path = "/api/v1/incidents", tag = "incidents", request_body = Open, responses(
    (status = 200, description = "Opened", body = Done),
    (status = 422, description = "Something is wrong with it", body = Problem, content_type = "application/problem+json")))]
async fn open(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Json(given): Json<Open>,
) -> Result<axum::Json<Done>, Problem> {
    let hazard =
        Hazard::from_key(&given.hazard).ok_or_else(|| Problem::field("hazard", "there is no such hazard"))?;
    let severity: Severity = of_word("severity", &given.severity)?;
    let incident = NewIncident {
        hazard,
        name: given.name.as_str().into(),
        severity,
        expected_end: moment_of("expected_end", given.expected_end.as_deref())?,
        surges: surges(given.surges),
        drill: given.drill,
    };
    let key = once::key(&who, "open", text(&headers, "idempotency-key"));
    let asked = Asked::new(Command::OpenIncident(Box::new(incident)), who.actor()).with_key(key);
    let outcome = app.ask(asked).await?;
    let id = match &outcome {
        Outcome::Repeated(used) => used.made.map(IncidentId),
        Outcome::Done { version, .. } => opened_at(&app, *version).await?,
    };
    Ok(axum::Json(Done { version: outcome.version(), id: id.map(|id| id.to_string()) }))
}

/// The incident an entry has opened: as many as were opened up to it, less one.
///
/// # Errors
/// A problem when the journal cannot be read.
pub async fn opened_at(app: &App, version: u64) -> Result<Option<IncidentId>, Problem> {
    let view = app.view();
    let count = view.state().incidents.len();
    if view.state().version == version {
        return Ok(count.checked_sub(1).map(IncidentId::from_index));
    }
    // Others may have opened one since: the journal says how many came later.
    let later = app
        .read(move |journal| crate::index::entries_after(journal, version, LATER_MAX))
        .await?
        .map_err(|error| Problem::internal(&error))?;
    let is_open = |event: &Event| matches!(event, Event::IncidentOpened(_));
    let seen = later.iter().filter(|durable| durable.version <= view.state().version);
    let later = seen.flat_map(|durable| &durable.entry.events).filter(|event| is_open(event)).count();
    Ok(count.checked_sub(1 + later).map(IncidentId::from_index))
}

/// Assesses an incident anew.
#[utoipa::path(post, path = "/api/v1/incidents/{incident}/assess", tag = "incidents", params(("incident" = String, Path)), request_body = Assess, responses(
    (status = 200, description = "Assessed", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json")))]
async fn assess(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(incident): Path<String>,
    Json(given): Json<Assess>,
) -> Result<axum::Json<Done>, Problem> {
    let id = incident_id(app.view().state(), &incident)?;
    let command = Command::AssessIncident {
        incident: id,
        severity: of_word("severity", &given.severity)?,
        expected_end: moment_of("expected_end", given.expected_end.as_deref())?,
        surges: surges(given.surges),
    };
    done(&app, &who, command, &headers, &format!("assess {id}")).await
}

/// Takes an incident into its next phase.
#[utoipa::path(post, path = "/api/v1/incidents/{incident}/phase", tag = "incidents", params(("incident" = String, Path)), request_body = PhaseIn, responses(
    (status = 200, description = "Done", body = Done),
    (status = 409, description = "It cannot go there from where it is", body = Problem, content_type = "application/problem+json")))]
async fn phase(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(incident): Path<String>,
    Json(given): Json<PhaseIn>,
) -> Result<axum::Json<Done>, Problem> {
    let id = incident_id(app.view().state(), &incident)?;
    let phase: Phase = of_word("phase", &given.phase)?;
    done(
        &app,
        &who,
        Command::PhaseIncident { incident: id, phase },
        &headers,
        &format!("phase {id} {}", given.phase),
    )
    .await
}

/// Lets an act over the threshold through once another person has approved exactly this act.
///
/// # Errors
/// A problem that names the approval to be given.
pub async fn second_approver(app: &App, who: &Who, act: String, what: String) -> Result<(), Problem> {
    let (actor, now) = (who.actor().to_owned(), app.now());
    let taken = app.block(move |app| app.access.approval_take(&act, &what, &actor, now)).await??;
    taken.map_err(|id| {
        Problem::new(
            "second-approver-needed",
            format!("this act needs a second person: approval {id}"),
            format!(
                "let another commander approve it at /api/v1/approvals/{id}, then ask for the same act again"
            ),
        )
    })
}

/// How customers are told.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct Tell {
    /// Minutes in which a notice can be taken back, 1,440 at most.
    #[schema(example = 15)]
    hold_minutes: u64,
}

impl Default for Tell {
    fn default() -> Self {
        Self { hold_minutes: planning::NOTICE_HOLD.0 / 60_000 }
    }
}

/// Tells every customer whose promise has moved since they were last told. Over the threshold, and always when it
/// would write to everybody, a second person has to approve it. Without a body the notices are held for 15 minutes.
#[utoipa::path(post, path = "/api/v1/incidents/{incident}/notices", tag = "incidents", params(("incident" = String, Path)), request_body = Tell, responses(
    (status = 200, description = "Queued; each can be taken back for a while", body = Told),
    (status = 403, description = "A second person has to approve it", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json")))]
async fn tell(
    State(app): State<App>,
    who: Who,
    Path(incident): Path<String>,
    request: axum::extract::Request,
) -> Result<axum::Json<Told>, Problem> {
    let view = app.view();
    let id = incident_id(view.state(), &incident)?;
    let body = super::body::raw(&app, request.into_body(), TELL_MAX).await?;
    let given: Tell = if body.is_empty() { Tell::default() } else { super::body::parse(&body)? };
    if given.hold_minutes > HOLD_MAX_MINUTES {
        return Err(Problem::field("hold_minutes", "at most 1,440"));
    }
    let hold = Span::minutes(given.hold_minutes);
    let fork = view.clone();
    let (due, customers) = app
        .block(move |_| {
            let commands = planning::due_after(fork.state(), id, fork.at, hold);
            let notices =
                commands.iter().filter(|command| matches!(command, Command::QueueNotice(_))).count();
            let customers = fork.state().live_orders().filter_map(|(_, order)| order.subject);
            (notices, customers.collect::<std::collections::BTreeSet<_>>().len())
        })
        .await?;
    if due > 1 && (due >= app.config.second_approver.notices as usize || due >= customers) {
        let what = format!("write to {due} customers about {id}");
        second_approver(&app, &who, format!("notices {id}"), what).await?;
    }
    let notices = planning::tell_customers(&app, id, hold, who.actor()).await?;
    Ok(axum::Json(Told { notices }))
}
