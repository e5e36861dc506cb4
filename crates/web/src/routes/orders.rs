//! Orders: taken, read, listed, changed one at a time, explained.

mod acts;
mod person;
mod reading;
mod taken;
mod told;
mod why;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use holdfast_access::Right;
use holdfast_app::service::Asked;
use holdfast_domain::command::Command;
use holdfast_domain::id::OrderId;
use holdfast_domain::time::Stamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::body::text;
use crate::app::App;
use crate::guard::Who;
use crate::mount::Mount;
use crate::once;
use crate::policy::Policy;
use crate::problem::Problem;

pub use person::person_of;
pub use told::{carrier, day, order_out, stage_word, status, status_word};

/// Entries of an order's history that are given.
const HISTORY_MAX: usize = 200;

pub(super) fn mount() -> Mount {
    use Right as R;
    Mount::default()
        .api(Policy::own(R::PlaceOrders), routes!(taken::place))
        .api(Policy::own(R::ReadOrders), routes!(reading::list))
        .api(Policy::own(R::ReadOrders), routes!(reading::get))
        .api(Policy::own(R::ReadOrders), routes!(why::why))
        .api(Policy::own(R::ReadOrders), routes!(reading::history))
        .api(Policy::own(R::ReadPeople), routes!(person::person))
        .api(Policy::own(R::ChangeOrders), routes!(acts::cancel))
        .api(Policy::own(R::ChangeOrders), routes!(acts::hold))
        .api(Policy::own(R::ChangeOrders), routes!(acts::free))
        .api(Policy::own(R::ChangeOrders), routes!(person::address))
        .api(Policy::all(R::ErasePeople).fresh(), routes!(person::erase))
}

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct Done {
    /// Journal entry.
    pub version: u64,
    /// What it made, if it made something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// A thing's JSON and its ETag.
fn tag<T: Serialize>(value: &T) -> Result<(Vec<u8>, String), Problem> {
    let bytes = serde_json::to_vec(value).map_err(|error| Problem::internal(&error))?;
    let tag = format!("\"{}\"", &blake3::hash(&bytes).to_hex()[..24]);
    Ok((bytes, tag))
}

/// Makes sure that a thing still is what the caller has seen, where the caller says in `If-Match` what that was.
///
/// # Errors
/// A problem for a thing that has changed.
pub fn unchanged<T: Serialize>(headers: &HeaderMap, value: impl FnOnce() -> T) -> Result<(), Problem> {
    let Some(seen) = text(headers, "if-match") else { return Ok(()) };
    let (_, tag) = tag(&value())?;
    if seen.split(',').any(|seen| seen.trim() == tag || seen.trim() == "*") {
        return Ok(());
    }
    Err(Problem::new(
        "precondition-failed",
        "it has changed since it was read",
        "read it again, and decide anew",
    ))
}

/// An answer with its ETag: nothing but 304 where the caller has it already.
pub fn tagged<T: Serialize>(headers: &HeaderMap, value: &T) -> Result<Response, Problem> {
    let (bytes, tag) = tag(value)?;
    let known = text(headers, "if-none-match")
        .is_some_and(|tags| tags.split(',').any(|known| known.trim() == tag || known.trim() == "*"));
    let tag = HeaderValue::from_str(&tag).map_err(|error| Problem::internal(&error))?;
    if known {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let kind = HeaderValue::from_static("application/json");
    Ok(([(header::ETAG, tag), (header::CONTENT_TYPE, kind)], bytes).into_response())
}

/// The moment of a request, on the wall clock.
#[must_use]
pub fn moment(app: &App) -> Stamp {
    Stamp(app.now())
}

/// The order a path names.
///
/// # Errors
/// A problem for what is no id.
pub fn order_id(path: &str) -> Result<OrderId, Problem> {
    path.parse().map_err(|_| Problem::not_found("order"))
}

/// Asks for a command and tells what was done.
///
/// # Errors
/// As [`App::ask`].
pub async fn done(
    app: &App,
    who: &Who,
    command: Command,
    headers: &HeaderMap,
    act: &str,
) -> Result<axum::Json<Done>, Problem> {
    let key = once::key(who, act, text(headers, "idempotency-key"));
    let outcome = app.ask(Asked::new(command, who.actor()).with_key(key)).await?;
    Ok(axum::Json(Done { version: outcome.version(), id: None }))
}
