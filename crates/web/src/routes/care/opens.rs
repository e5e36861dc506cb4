//! Whether a merchant counts which of its notices are opened: off unless somebody asks for it.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use holdfast_domain::care::CareCommand;
use holdfast_domain::command::Command;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::merchant_of;
use crate::app::App;
use crate::guard::Who;
use crate::problem::Problem;
use crate::routes::body::Json;
use crate::routes::orders::{Done, done};

/// Whether opened notices are counted.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Opens {
    /// Whether mails carry an image of one pixel that tells when they are first shown. It names a notice and nobody; no
    /// law's clock asks whether a notice was opened. Tell your customers in your privacy notice, and get their consent
    /// where the law asks for it.
    counted: bool,
}

/// Whether a merchant's opened notices are counted.
#[utoipa::path(get, path = "/api/v1/merchants/{merchant}/opens", tag = "care", params(("merchant" = String, Path)), responses(
    (status = 200, description = "Whether they are", body = Opens),
    (status = 404, description = "There is no such merchant", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn get(
    State(app): State<App>,
    who: Who,
    Path(merchant): Path<String>,
) -> Result<axum::Json<Opens>, Problem> {
    let view = app.view();
    let merchant = merchant_of(view.state(), &who, &merchant)?;
    Ok(axum::Json(Opens { counted: view.state().care.opens.contains_key(&merchant) }))
}

/// Sets whether a merchant's opened notices are counted: for mails that leave from now on.
#[utoipa::path(put, path = "/api/v1/merchants/{merchant}/opens", tag = "care", params(("merchant" = String, Path)), request_body = Opens, responses(
    (status = 200, description = "Set", body = Done),
    (status = 404, description = "There is no such merchant", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn put(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(merchant): Path<String>,
    Json(given): Json<Opens>,
) -> Result<axum::Json<Done>, Problem> {
    let id = merchant_of(app.view().state(), &who, &merchant)?;
    let command = Command::Care(Box::new(CareCommand::CountOpens { merchant: id, on: given.counted }));
    done(&app, &who, command, &headers, &format!("opens {merchant} {}", given.counted)).await
}
