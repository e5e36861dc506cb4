//! Webhooks of this house: how each endpoint is, and telling it again from an entry on.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use holdfast_access::Right;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::body::Json;
use crate::app::App;
use crate::guard::Who;
use crate::mount::Mount;
use crate::outward::webhooks::{self, Endpoint};
use crate::policy::Policy;
use crate::problem::Problem;

pub(super) fn mount() -> Mount {
    Mount::default()
        .api(Policy::all(Right::ReadEvents), routes!(list))
        .api(Policy::all(Right::ChangeConnections), routes!(replay))
}

/// An endpoint that is told of what happens.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookOut {
    /// Its name.
    pub id: String,
    /// The only merchant whose events it hears.
    pub merchant: Option<String>,
    /// The kinds of events it hears; all, if empty.
    pub kinds: Vec<String>,
    /// The last entry it has taken, or that was not for it.
    pub version: u64,
    /// Entries of the journal it has not been told yet.
    pub behind: u64,
    /// Tries in a row that failed.
    pub failures: u32,
    /// Since when it is switched off, in milliseconds of Unix time: an alarm.
    pub off: Option<i64>,
    /// Why it failed, last.
    pub error: Option<String>,
}

/// How an endpoint is.
///
/// # Errors
/// A problem where what is kept of it cannot be read.
pub(crate) fn told(app: &App, endpoint: &Endpoint) -> Result<WebhookOut, Problem> {
    let kept = app.outward.store().map(|store| store.endpoint(&endpoint.id)).transpose();
    let state = kept.map_err(|error| Problem::internal(&error))?.flatten().unwrap_or_default();
    let head = app.view().state().version;
    Ok(WebhookOut {
        id: endpoint.id.clone(),
        merchant: endpoint.merchant.clone(),
        kinds: endpoint.kinds.clone(),
        version: state.version,
        behind: head.saturating_sub(state.version),
        failures: state.failures,
        off: state.off,
        error: state.error,
    })
}

/// Lists the endpoints that are told of what happens.
#[utoipa::path(get, path = "/api/v1/webhooks", tag = "connections", responses((status = 200, description = "The endpoints", body = [WebhookOut])))]
async fn list(State(app): State<App>) -> Result<axum::Json<Vec<WebhookOut>>, Problem> {
    let all =
        app.block(|app| app.config.webhooks.iter().map(|one| told(app, one)).collect::<Result<Vec<_>, _>>());
    Ok(axum::Json(all.await??))
}

/// From where on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayIn {
    /// The first entry that is told again; 1 is the first of all.
    pub from: u64,
}

/// Tells an endpoint again from an entry on, and switches it on if it was off. It is logged.
#[utoipa::path(post, path = "/api/v1/webhooks/{webhook}/replay", tag = "connections", request_body = ReplayIn, params(("webhook" = String, Path)), responses(
    (status = 202, description = "It is told from there on"),
    (status = 404, description = "There is no such endpoint", body = Problem, content_type = "application/problem+json")))]
async fn replay(
    State(app): State<App>,
    who: Who,
    Path(id): Path<String>,
    Json(given): Json<ReplayIn>,
) -> Result<StatusCode, Problem> {
    tell_again(&app, &who, id, given.from).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Tells an endpoint again from an entry on; it is logged.
///
/// # Errors
/// A problem where there is no such endpoint, or it cannot be logged or written.
pub(crate) async fn tell_again(app: &App, who: &Who, id: String, from: u64) -> Result<(), Problem> {
    let known = app.config.webhooks.iter().any(|endpoint| endpoint.id == id);
    if !known || app.outward.store().is_none() {
        return Err(Problem::not_found("webhook"));
    }
    let head = app.view().state().version;
    let version = from.saturating_sub(1).min(head);
    let (actor, now) = (who.actor().to_owned(), app.now());
    let detail = format!("{id} from {}", version + 1);
    app.block(move |app| app.access.audit(now, "webhook-replayed", &actor, &detail)).await??;
    let kept = app.block(move |app| {
        let store = app.outward.store().expect("it was there above");
        store.keep_endpoint(&id, &webhooks::State { version, ..webhooks::State::default() })
    });
    kept.await?.map_err(|error| Problem::internal(&error))?;
    Ok(())
}
