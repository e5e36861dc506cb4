//! Partners and staff are called: asked, followed up, acknowledged. All of it is in the journal.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use holdfast_access::Right;
use holdfast_app::service::Asked;
use holdfast_domain::care::call::{CALL_CONTACTS_MAX, CALL_PLACE_MAX, CALL_WITHIN_MAX};
use holdfast_domain::care::{Call, CallAudience, CallEnd, CareCommand, NewCall};
use holdfast_domain::command::Command;
use holdfast_domain::id::{CallId, Id as _};
use holdfast_domain::incident::Incident;
use holdfast_domain::state::State as DomainState;
use holdfast_domain::time::Span;
use holdfast_notify::template::Ask;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::body::{Json, text};
use super::incidents::incident_id;
use crate::app::{App, Outcome};
use crate::guard::Who;
use crate::mount::Mount;
use crate::once;
use crate::policy::Policy;
use crate::problem::{FieldError, Problem};

/// The most calls listed.
const LISTED_MAX: usize = 500;

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
    /// Its id.
    id: String,
    /// Its incident.
    incident: String,
    /// Whether it belongs to a drill: nobody is written to.
    drill: bool,
    /// Who is asked.
    audience: String,
    /// What is asked.
    asks: Vec<String>,
    /// The site, lane or area.
    place: String,
    /// Orders touched when it was made.
    touched: u32,
    /// Whom it asks, in this order.
    contacts: Vec<String>,
    /// When it was made.
    made: String,
    /// Who made it.
    by: String,
    /// `open`, `acknowledged`, `withdrawn` or `unanswered` (an alarm).
    state: String,
    /// When it ended.
    ended: Option<String>,
    /// Who ended it: a contact's code, or an account's.
    who: Option<String>,
    /// The contacts asked so far.
    steps: Vec<StepOut>,
}

/// One contact of a call.
#[derive(Debug, Serialize, ToSchema)]
struct StepOut {
    /// The contact's code.
    contact: String,
    /// `waiting`, `sending`, `sent`, `failed`, `in_doubt`, or `practised` (a drill: nobody was written to).
    status: String,
    /// When it came so far.
    at: String,
    /// Until when an answer is waited for.
    due: Option<String>,
}

/// What was made.
#[derive(Debug, Serialize, ToSchema)]
struct Made {
    /// The call's id; none for a request that was repeated.
    id: Option<String>,
    /// The journal entry.
    version: u64,
}

fn call_out(state: &DomainState, id: CallId, call: &Call) -> CallOut {
    let (how, ended, who) = match &call.ended {
        None => ("open", None, None),
        Some((at, how, who)) => {
            (how.code(), Some(at.to_string()), Some(who.to_string()).filter(|who| !who.is_empty()))
        }
    };
    let texts = |texts: &[Box<str>]| texts.iter().map(ToString::to_string).collect();
    CallOut {
        id: id.to_string(),
        incident: call.new.incident.to_string(),
        drill: state.incidents.get(call.new.incident).is_some_and(|incident| incident.drill),
        audience: call.new.audience.code().to_owned(),
        asks: texts(&call.new.asks),
        place: call.new.place.to_string(),
        touched: call.new.touched,
        contacts: texts(&call.new.contacts),
        made: call.made.to_string(),
        by: call.by.to_string(),
        state: how.to_owned(),
        ended,
        who,
        steps: call
            .steps
            .iter()
            .zip(&call.new.contacts)
            .map(|(step, contact)| StepOut {
                contact: contact.to_string(),
                status: step.status.code().to_owned(),
                at: step.at.to_string(),
                due: step.due.map(|due| due.to_string()),
            })
            .collect(),
    }
}

/// Orders with units at a site the incident has closed or limited, that have not left.
fn touched(state: &DomainState, incident: &Incident) -> u32 {
    let there = |order: &holdfast_domain::order::Order| {
        order.lines.iter().flat_map(|line| &line.allocations).any(|a| incident.sites.contains(&a.site))
    };
    let count = state.live_orders().filter(|(_, order)| there(order)).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Lists calls, the newest 500.
#[utoipa::path(get, path = "/api/v1/calls", tag = "calls", responses((status = 200, description = "The calls", body = Vec<CallOut>)))]
async fn calls(State(app): State<App>) -> axum::Json<Vec<CallOut>> {
    let view = app.view();
    let state = view.state();
    let newest = (0..state.care.calls.len()).rev().take(LISTED_MAX).map(CallId::from_index);
    let told = newest.filter_map(|id| Some(call_out(state, id, state.care.calls.get(id)?)));
    axum::Json(told.collect())
}

/// Calls a site, a carrier, a merchant or the call tree: the first contact is written to at once, each next one when those
/// before have not acknowledged in time. Of a drill nobody is written to; its clocks run.
#[utoipa::path(post, path = "/api/v1/incidents/{incident}/calls", tag = "calls", params(("incident" = String, Path)), request_body = CallIn, responses(
    (status = 201, description = "Made", body = Made),
    (status = 404, description = "There is no such incident", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A field cannot be read", body = Problem, content_type = "application/problem+json")))]
async fn make(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
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
    let audience = CallAudience::ALL.into_iter().find(|audience| audience.code() == given.audience);
    if audience.is_none() {
        wrong("audience", "site, carrier, merchant or staff");
    }
    if given.asks.is_empty() || given.asks.iter().any(|ask| Ask::from_code(ask).is_none()) {
        wrong("asks", "name what is asked, as /openapi.json lists it");
    }
    let place = given.place.trim();
    if place.is_empty() || place.chars().count() > CALL_PLACE_MAX || place.chars().any(char::is_control) {
        wrong("place", "name the site, lane or area in at most 80 characters");
    }
    let is_known = |code: &String| app.config.contacts.iter().any(|contact| contact.code == *code);
    if given.contacts.is_empty()
        || given.contacts.len() > CALL_CONTACTS_MAX
        || !given.contacts.iter().all(is_known)
    {
        wrong("contacts", "name contacts of the configuration, 32 at most");
    }
    let within = Span::minutes(given.within_minutes.min(u64::from(u32::MAX)));
    if within < Span::minutes(1) || within > CALL_WITHIN_MAX {
        wrong("within_minutes", "from one minute to a week");
    }
    let Some(audience) = audience.filter(|_| errors.is_empty()) else {
        return Err(Problem::invalid(errors));
    };
    let boxed = |texts: &[String]| texts.iter().map(|text| text.as_str().into()).collect();
    let call = NewCall {
        incident: id,
        audience,
        asks: boxed(&given.asks),
        place: place.into(),
        touched: touched(view.state(), known),
        contacts: boxed(&given.contacts),
        within,
    };
    let act = format!("call {id} {} {place} {:?}", given.audience, given.contacts);
    let key = once::key(&who, &act, text(&headers, "idempotency-key"));
    let command = Command::Care(Box::new(CareCommand::MakeCall(Box::new(call))));
    let outcome = app.ask(Asked::new(command, who.actor()).with_key(key)).await?;
    let made = match &outcome {
        Outcome::Repeated(_) => None,
        // Ids are dense: the newest call of the state at that entry is this one, and steps name it.
        Outcome::Done { entry, .. } => entry.events.iter().find_map(stepped).map(|id| id.to_string()),
    };
    Ok((StatusCode::CREATED, axum::Json(Made { id: made, version: outcome.version() })))
}

fn stepped(event: &holdfast_domain::event::Event) -> Option<CallId> {
    use holdfast_domain::care::CareEvent;
    let holdfast_domain::event::Event::Care(care) = event else { return None };
    if let CareEvent::CallStepped { call, .. } = &**care { Some(*call) } else { None }
}

async fn end(app: &App, who: &Who, call: &str, how: CallEnd) -> Result<axum::Json<CallOut>, Problem> {
    let id: CallId = call.parse().map_err(|_| Problem::not_found("call"))?;
    let command = CareCommand::EndCall { call: id, how, who: who.actor().into() };
    app.ask(Asked::new(Command::Care(Box::new(command)), who.actor())).await?;
    let view = app.view();
    let call = view.state().care.calls.get(id).ok_or_else(|| Problem::not_found("call"))?;
    Ok(axum::Json(call_out(view.state(), id, call)))
}

/// Takes down that somebody acknowledged a call by telephone or in person.
#[utoipa::path(post, path = "/api/v1/calls/{call}/acknowledge", tag = "calls", params(("call" = String, Path)), responses(
    (status = 200, description = "Acknowledged", body = CallOut),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It has ended", body = Problem, content_type = "application/problem+json")))]
async fn acknowledge(
    State(app): State<App>,
    who: Who,
    Path(call): Path<String>,
) -> Result<axum::Json<CallOut>, Problem> {
    end(&app, &who, &call, CallEnd::Acknowledged).await
}

/// Takes a call back: nobody else is asked.
#[utoipa::path(delete, path = "/api/v1/calls/{call}", tag = "calls", params(("call" = String, Path)), responses(
    (status = 200, description = "Taken back", body = CallOut),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It has ended", body = Problem, content_type = "application/problem+json")))]
async fn withdraw(
    State(app): State<App>,
    who: Who,
    Path(call): Path<String>,
) -> Result<axum::Json<CallOut>, Problem> {
    end(&app, &who, &call, CallEnd::Withdrawn).await
}
