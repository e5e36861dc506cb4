//! Goods that come back from customers.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use holdfast_domain::command::Command;
use holdfast_domain::quantity::Quantity;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::guard::Who;
use crate::problem::Problem;
use crate::routes::body::Json;
use crate::routes::network::site_id;
use crate::routes::orders::{Done, done, order_id};

/// Units that came back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Return {
    /// Line of the order, from 0.
    pub line: u16,
    /// Units.
    pub quantity: u32,
    /// Code of the site where they arrived.
    pub site: String,
    /// Whether they can be sold again.
    #[serde(default)]
    pub restock: bool,
}

/// Takes units back from a customer.
#[utoipa::path(post, path = "/api/v1/orders/{id}/returns", tag = "shipments", params(("id" = String, Path)), request_body = Return, responses(
    (status = 200, description = "Taken back", body = Done),
    (status = 404, description = "No such order, line or site", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "More than left", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn return_in(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
    Json(given): Json<Return>,
) -> Result<axum::Json<Done>, Problem> {
    let order = order_id(&id)?;
    let view = app.view();
    who.order(view.state(), order)?;
    let site = site_id(view.state(), &given.site)?;
    let (line, quantity) = (given.line, Quantity(given.quantity));
    let command = Command::ReceiveReturn { order, line, quantity, site, restock: given.restock };
    done(&app, &who, command, &headers, &format!("return {id} {line}")).await
}
