//! Packing by scan: every unit is scanned, one scan stands for one unit, and the papers of the order are scanned too.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use holdfast_app::packing::{self, SCANS_MAX, Wrong};
use holdfast_domain::command::Command;
use holdfast_domain::id::{ShipmentId, SkuId};
use holdfast_domain::order::Shipment;
use holdfast_domain::state::State as DomainState;
use holdfast_domain::time::Stamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{shipment_of, shipment_to_change};
use crate::app::{App, zone_of};
use crate::guard::Who;
use crate::problem::{FieldError, Problem};
use crate::routes::body::Json;
use crate::routes::orders::{Done, done};

/// What was scanned at the packing table.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Packing {
    /// The order's number, as it was scanned from its papers.
    #[schema(example = "1001")]
    pub order: String,
    /// One scan for each unit, as the scanner gave it: the SKU's code, its GTIN, or a GS1 element string.
    pub scans: Vec<String>,
}

/// How far packing is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Packed {
    /// Whether everything is there, and nothing else.
    pub complete: bool,
    /// Units still to be scanned, by SKU.
    pub missing: BTreeMap<String, u32>,
    /// What is wrong: the scan's place in the list, and why.
    pub wrong: Vec<FieldError>,
}

/// Says how far packing is; nothing is changed. For the lamp at the table.
#[utoipa::path(post, path = "/api/v1/shipments/{id}/check", tag = "shipments", params(("id" = String, Path)), request_body = Packing, responses(
    (status = 200, description = "How far it is", body = Packed),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "Too many scans", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn check(
    State(app): State<App>,
    who: Who,
    Path(id): Path<String>,
    Json(given): Json<Packing>,
) -> Result<axum::Json<Packed>, Problem> {
    let view = app.view();
    let (_, shipment) = shipment_of(view.state(), &who, &id)?;
    compare(view.state(), shipment, &given).map(axum::Json)
}

/// Reports a shipment packed. It is taken only when every unit was scanned, and nothing else.
#[utoipa::path(post, path = "/api/v1/shipments/{id}/pack", tag = "shipments", params(("id" = String, Path)), request_body = Packing, responses(
    (status = 200, description = "Packed", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It is not at the packing table", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "Another order's papers, a wrong unit, one too many or one too few", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn pack(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
    Json(given): Json<Packing>,
) -> Result<axum::Json<Done>, Problem> {
    let view = app.view();
    let (shipment, known) = shipment_to_change(view.state(), &who, &headers, &id)?;
    packable(&app, view.state(), shipment, known, &given)?;
    done(&app, &who, Command::PackShipment { shipment }, &headers, &format!("pack {id}")).await
}

/// Compares what was scanned with what belongs into a shipment.
fn compare(state: &DomainState, shipment: &Shipment, given: &Packing) -> Result<Packed, Problem> {
    if given.scans.len() > SCANS_MAX {
        return Err(Problem::field("scans", format!("there are more than {SCANS_MAX}")));
    }
    let found = packing::compare(state, shipment, &given.order, &given.scans)?;
    let code = |sku: SkuId| state.network.skus.get(sku).map_or_else(String::new, |sku| sku.code.to_string());
    let fault = |(at, why): &(Option<usize>, Wrong)| FieldError {
        field: at.map_or_else(|| "order".to_owned(), |at| format!("scans[{at}]")),
        detail: why.to_string(),
    };
    Ok(Packed {
        complete: found.is_complete(),
        wrong: found.wrong.iter().map(fault).collect(),
        missing: found.missing.into_iter().map(|(sku, left)| (code(sku), left)).collect(),
    })
}

/// The scans of a shipment against what belongs into it, before it is reported packed.
///
/// # Errors
/// A problem with everything that is wrong, or missing.
pub fn packable(
    app: &App,
    state: &DomainState,
    id: ShipmentId,
    known: &Shipment,
    given: &Packing,
) -> Result<(), Problem> {
    let packed = compare(state, known, given)?;
    // A shipment that is elsewhere is refused for that by the rule; what was scanned comes second.
    if !packing::is_at_table(known) || packed.complete {
        return Ok(());
    }
    app.tally.note(Stamp(app.now()), &zone_of(state), "wrong-scan");
    let missing = packed.missing.iter().map(|(sku, units)| FieldError {
        field: "scans".to_owned(),
        detail: format!("{units} of {sku} were not scanned"),
    });
    let errors: Vec<FieldError> = packed.wrong.into_iter().chain(missing).collect();
    let detail = format!("what was scanned is not what belongs into {id}");
    let action = "put it right at the table and scan every unit again";
    Err(Problem { errors, ..Problem::new("wrong-scan", detail, action) })
}
