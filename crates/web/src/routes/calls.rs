//! Partners and staff are called: asked, followed up, acknowledged.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use holdfast_access::Right;
use holdfast_domain::incident::Incident;
use holdfast_domain::state::State as DomainState;
use holdfast_notify::template::{Ask, Audience};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::body::Json;
use super::incidents::incident_id;
use crate::app::App;
use crate::calls::{CONTACTS_MAX, Call, NewCall};
use crate::guard::Who;
use crate::mount::Mount;
use crate::policy::Policy;
use crate::problem::{FieldError, Problem};

/// The longest name of a place, in characters.
const PLACE_MAX: usize = 80;
/// The longest a contact may have to answer, in minutes.
const WITHIN_MAX: u64 = 7 * 24 * 60;

pub(super) fn mount() -> Mount {
    use Right as R;
    Mount::default()
        .api(Policy::all(R::ReadIncidents), routes!(calls))
        .api(Policy::all(R::CommandIncidents).fresh(), routes!(make))
        .api(Policy::all(R::PrepareIncidents), routes!(acknowledge))
        .api(Policy::all(R::CommandIncidents), routes!(withdraw))
}

/// A call to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CallIn {
    /// Who is asked: `site`, `carrier`, `merchant` or `staff`.
    audience: String,
    /// What is asked: `close-site`, `open-site`, `recall-orders`, `take-over`, `embargo`, `new-pickup`, `hold-parcels`,
    /// `confirm-plan`, `pause-promises`, `report-safe`, `take-role`.
    asks: Vec<String>,
    /// The site, lane or area, as people call it.
    place: String,
    /// Codes of the configuration's contacts: the first is asked, each next one when those before do not answer.
    contacts: Vec<String>,
    /// Minutes each has to answer.
    within_minutes: u64,
}

/// A call.
#[derive(Debug, Serialize, ToSchema)]
struct CallOut {
    /// Its number.
    id: i64,
    /// Its incident.
    incident: String,
    /// Who is asked.
    audience: String,
    /// What is asked.
    asks: Vec<String>,
    /// The site, lane or area.
    place: String,
    /// When it was made.
    made: String,
    /// Who made it.
    by: String,
    /// `open`, `acknowledged`, `withdrawn` or `unanswered` (an alarm).
    state: String,
    /// When it ended.
    ended: Option<String>,
    /// Who acknowledged it: a contact's code, or an account's.
    who: Option<String>,
    /// The contacts asked so far.
    steps: Vec<StepOut>,
}

/// One contact of a call.
#[derive(Debug, Serialize, ToSchema)]
struct StepOut {
    /// The contact's code.
    contact: String,
    /// `waiting`, `sending`, `sent`, `failed` or `in_doubt`.
    status: String,
    /// When a channel took it.
    at: Option<String>,
    /// Until when an answer is waited for.
    due: Option<String>,
}

/// What was made.
#[derive(Debug, Serialize, ToSchema)]
struct Made {
    /// The call's number.
    id: i64,
}

fn moment(ms: i64) -> String {
    holdfast_domain::time::Stamp(ms).to_string()
}

fn call_out(call: Call) -> CallOut {
    let (state, ended, who) = match call.ended {
        None => ("open".to_owned(), None, None),
        Some((at, how, who)) => (how, Some(moment(at)), Some(who).filter(|who| !who.is_empty())),
    };
    CallOut {
        id: call.id,
        incident: format!("inc-{}", call.incident),
        audience: call.audience,
        asks: call.asks,
        place: call.place,
        made: moment(call.made),
        by: call.by,
        state,
        ended,
        who,
        steps: call
            .steps
            .into_iter()
            .map(|step| StepOut {
                contact: step.contact,
                status: step.status.word().to_owned(),
                at: step.at.map(moment),
                due: step.due.map(moment),
            })
            .collect(),
    }
}

/// Orders with units at a site the incident has closed or limited, that have not left.
fn touched(state: &DomainState, incident: &Incident) -> u64 {
    let there = |order: &holdfast_domain::order::Order| {
        order.lines.iter().flat_map(|line| &line.allocations).any(|a| incident.sites.contains(&a.site))
    };
    state.live_orders().filter(|(_, order)| there(order)).count() as u64
}

/// Lists calls, the newest 500.
#[utoipa::path(get, path = "/api/v1/calls", tag = "calls", responses((status = 200, description = "The calls", body = Vec<CallOut>)))]
async fn calls(State(app): State<App>) -> Result<axum::Json<Vec<CallOut>>, Problem> {
    let all = app.block(|app| app.calls.list()).await?.map_err(|error| Problem::internal(&error))?;
    Ok(axum::Json(all.into_iter().map(call_out).collect()))
}

/// Calls a site, a carrier, a merchant or the call tree: the first contact is written to at once, each next one when those
/// before have not acknowledged in time. Of a drill nobody is written to.
#[utoipa::path(post, path = "/api/v1/incidents/{incident}/calls", tag = "calls", params(("incident" = String, Path)), request_body = CallIn, responses(
    (status = 201, description = "Made", body = Made),
    (status = 404, description = "There is no such incident", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A field cannot be read", body = Problem, content_type = "application/problem+json")))]
async fn make(
    State(app): State<App>,
    who: Who,
    Path(incident): Path<String>,
    Json(given): Json<CallIn>,
) -> Result<(StatusCode, axum::Json<Made>), Problem> {
    let view = app.view();
    let id = incident_id(view.state(), &incident)?;
    let known = view.state().incident(id)?;
    let mut errors = Vec::new();
    let mut wrong = |field: &str, detail: &str| {
        errors.push(FieldError { field: field.to_owned(), detail: detail.to_owned() });
    };
    let audience = Audience::from_code(&given.audience)
        .filter(|audience| !matches!(audience, Audience::Customer | Audience::Press));
    if audience.is_none() {
        wrong("audience", "site, carrier, merchant or staff");
    }
    if given.asks.is_empty() || given.asks.iter().any(|ask| Ask::from_code(ask).is_none()) {
        wrong("asks", "name what is asked, as /openapi.json lists it");
    }
    let place = given.place.trim();
    if place.is_empty() || place.chars().count() > PLACE_MAX || place.chars().any(char::is_control) {
        wrong("place", "name the site, lane or area in at most 80 characters");
    }
    let is_known = |code: &String| app.config.contacts.iter().any(|contact| contact.code == *code);
    if given.contacts.is_empty()
        || given.contacts.len() > CONTACTS_MAX
        || !given.contacts.iter().all(is_known)
    {
        wrong("contacts", "name contacts of the configuration, 32 at most");
    }
    if !(1..=WITHIN_MAX).contains(&given.within_minutes) {
        wrong("within_minutes", "from one minute to a week");
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let call = NewCall {
        incident: u32::from(id.0),
        audience: given.audience,
        asks: given.asks,
        place: place.to_owned(),
        touched: touched(view.state(), known),
        contacts: given.contacts,
        within: i64::try_from(given.within_minutes).unwrap_or(i64::MAX).saturating_mul(60_000),
    };
    let (by, now) = (who.actor().to_owned(), app.now());
    let made = app.block(move |app| app.calls.make(&call, &by, now)).await?;
    let id = made.map_err(|error| Problem::internal(&error))?;
    Ok((StatusCode::CREATED, axum::Json(Made { id })))
}

async fn end(app: &App, who: &Who, call: &str, how: &'static str) -> Result<axum::Json<CallOut>, Problem> {
    let id: i64 = call.parse().map_err(|_| Problem::not_found("call"))?;
    let (actor, now) = (who.actor().to_owned(), app.now());
    let ended = app.block(move |app| {
        let was_open = app.calls.end(id, how, &actor, now)?;
        Ok::<_, rusqlite::Error>((was_open, app.calls.get(id)?))
    });
    let (was_open, call) = ended.await?.map_err(|error| Problem::internal(&error))?;
    let call = call.ok_or_else(|| Problem::not_found("call"))?;
    if was_open {
        return Ok(axum::Json(call_out(call)));
    }
    Err(Problem::new("call-ended", "the call has ended", "look at how it ended; make another one if need be"))
}

/// Takes down that somebody acknowledged a call by telephone or in person.
#[utoipa::path(post, path = "/api/v1/calls/{call}/acknowledge", tag = "calls", params(("call" = i64, Path)), responses(
    (status = 200, description = "Acknowledged", body = CallOut),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It has ended", body = Problem, content_type = "application/problem+json")))]
async fn acknowledge(
    State(app): State<App>,
    who: Who,
    Path(call): Path<String>,
) -> Result<axum::Json<CallOut>, Problem> {
    end(&app, &who, &call, "acknowledged").await
}

/// Takes a call back: nobody else is asked.
#[utoipa::path(delete, path = "/api/v1/calls/{call}", tag = "calls", params(("call" = i64, Path)), responses(
    (status = 200, description = "Taken back", body = CallOut),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It has ended", body = Problem, content_type = "application/problem+json")))]
async fn withdraw(
    State(app): State<App>,
    who: Who,
    Path(call): Path<String>,
) -> Result<axum::Json<CallOut>, Problem> {
    end(&app, &who, &call, "withdrawn").await
}
