//! Orders taken: one at a time, once for each number.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use holdfast_app::service::Asked;
use holdfast_domain::event::Event;
use holdfast_domain::id::OrderId;
use holdfast_domain::state::{NameKind, State as DomainState};
use serde::Serialize;
use utoipa::ToSchema;

use super::moment;
use super::told::{OrderOut, order_out};
use crate::app::{App, Outcome};
use crate::guard::Who;
use crate::intake::{self, OrderIn};
use crate::once;
use crate::problem::Problem;
use crate::routes::body::{Json, text};

/// What became of an order that was sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct Placed {
    /// The order.
    pub order: OrderOut,
    /// Journal entry that took it.
    pub version: u64,
}

/// Takes an order. The same number of the same merchant is the same order, for ever.
#[utoipa::path(post, path = "/api/v1/orders", tag = "orders", request_body = OrderIn,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key is the same request")),
    responses(
        (status = 201, description = "Taken, and durable", body = Placed),
        (status = 200, description = "Taken before under the same key", body = Placed),
        (status = 409, description = "The number is known already", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Something is wrong with it", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No room now: ask again", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn place(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Json(order): Json<OrderIn>,
) -> Result<Response, Problem> {
    let (new, person) = intake::resolve(app.view().state(), &who, &order, moment(&app))?;
    let key = once::key(&who, "place", text(&headers, "idempotency-key"));
    let outcome = app.ask(Asked::place(new.clone(), person, who.actor()).with_key(key)).await?;
    let (id, order) = match as_decided(app.view().state(), &outcome) {
        Some(decided) => decided,
        None => {
            app.seen(outcome.version()).await;
            let view = app.view();
            let state = view.state();
            let id = match &outcome {
                Outcome::Repeated(used) => used.made.map(OrderId),
                Outcome::Done { .. } => state.named(NameKind::Order, new.merchant, &new.number),
            };
            let id = id.ok_or_else(|| Problem::busy("the order is taken and not to be seen yet"))?;
            (id, order_out(state, id, who.order(state, id)?))
        }
    };
    let placed = Placed { order, version: outcome.version() };
    let location = [(header::LOCATION, format!("/api/v1/orders/{id}"))];
    Ok(match outcome {
        Outcome::Done { .. } => (StatusCode::CREATED, location, axum::Json(placed)).into_response(),
        Outcome::Repeated(_) => (StatusCode::OK, location, axum::Json(placed)).into_response(),
    })
}

/// An order as its own entry has decided it, whatever has become of it since. `None` where the entry does not name it,
/// because no site was found at once.
fn as_decided(state: &DomainState, outcome: &Outcome) -> Option<(OrderId, OrderOut)> {
    let Outcome::Done { entry, .. } = outcome else { return None };
    let mut order = entry.events.iter().find_map(|event| match event {
        Event::OrderReceived(order) => Some((**order).clone()),
        _ => None,
    })?;
    let (id, allocations, promise) = entry.events.iter().find_map(|event| match event {
        Event::OrderSourced { order, allocations, promise, .. } => Some((*order, allocations, *promise)),
        _ => None,
    })?;
    for (line, allocation) in allocations {
        order.lines.get_mut(usize::from(*line))?.allocations.push(*allocation);
    }
    if let Some(promise) = promise {
        (order.promise, order.promise_first) = (promise, promise);
    }
    Some((id, order_out(state, id, &order)))
}
