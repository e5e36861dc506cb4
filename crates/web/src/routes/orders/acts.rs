//! Orders changed: cancelled, held, let go on.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use holdfast_domain::command::Command;
use holdfast_domain::id::OrderId;
use holdfast_domain::order::HoldReason;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::State as DomainState;
use serde::Deserialize;
use utoipa::ToSchema;

use super::told::{hold_word, order_out};
use super::{Done, done, order_id, unchanged};
use crate::app::App;
use crate::guard::Who;
use crate::problem::Problem;
use crate::routes::body::Json;

/// Units to cancel; without a line, all that has not been released.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Cancel {
    /// Line, from 0.
    pub line: Option<u16>,
    /// Units of it.
    pub quantity: Option<u32>,
}

/// Why an order is held.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// `unpaid`, `duplicate`, `implausible_quantity`, `address`, `fraud` or `person`.
    pub reason: String,
}

fn hold_of(word: &str) -> Option<HoldReason> {
    use HoldReason as H;
    [H::Unpaid, H::Duplicate, H::ImplausibleQuantity, H::Address, H::Fraud, H::Person]
        .into_iter()
        .find(|reason| hold_word(*reason) == word)
}

/// Makes sure that the caller may see the order, and that it still is what `If-Match` says the caller has seen.
fn still(state: &DomainState, who: &Who, id: OrderId, headers: &HeaderMap) -> Result<(), Problem> {
    let order = who.order(state, id)?;
    unchanged(headers, || order_out(state, id, order))
}

/// Cancels units of a line, or whatever of the order has not been released.
#[utoipa::path(post, path = "/api/v1/orders/{id}/cancel", tag = "orders", params(("id" = String, Path)), request_body = Cancel, responses(
    (status = 200, description = "Cancelled", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 412, description = "It is not what If-Match says", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "Nothing is left to cancel", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn cancel(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
    Json(given): Json<Cancel>,
) -> Result<axum::Json<Done>, Problem> {
    let order = order_id(&id)?;
    still(app.view().state(), &who, order, &headers)?;
    let command = match (given.line, given.quantity) {
        (None, None) => Command::CancelOrder { order },
        (Some(line), Some(quantity)) => Command::CancelLine { order, line, quantity: Quantity(quantity) },
        _ => return Err(Problem::field("line", "a line and its quantity go together")),
    };
    done(&app, &who, command, &headers, &format!("cancel {id}")).await
}

/// Holds the order.
#[utoipa::path(post, path = "/api/v1/orders/{id}/hold", tag = "orders", params(("id" = String, Path)), request_body = Hold, responses(
    (status = 200, description = "Held", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 412, description = "It is not what If-Match says", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It is held already", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn hold(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
    Json(given): Json<Hold>,
) -> Result<axum::Json<Done>, Problem> {
    let order = order_id(&id)?;
    still(app.view().state(), &who, order, &headers)?;
    let reason = hold_of(&given.reason).ok_or_else(|| Problem::field("reason", "there is no such reason"))?;
    done(&app, &who, Command::HoldOrder { order, reason }, &headers, &format!("hold {id}")).await
}

/// Lets a held order go on.
#[utoipa::path(post, path = "/api/v1/orders/{id}/free", tag = "orders", params(("id" = String, Path)), responses(
    (status = 200, description = "It goes on", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 412, description = "It is not what If-Match says", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It is not held", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn free(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<axum::Json<Done>, Problem> {
    let order = order_id(&id)?;
    still(app.view().state(), &who, order, &headers)?;
    done(&app, &who, Command::FreeOrder { order }, &headers, &format!("free {id}")).await
}
