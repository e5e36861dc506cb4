//! Packing by scan: every unit is scanned, one scan stands for one unit, and the papers of the order are scanned too.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use holdfast_domain::command::Command;
use holdfast_domain::id::{MerchantId, SkuId};
use holdfast_domain::order::{LastSeen, Shipment, ShipmentStage};
use holdfast_domain::state::{NameKind, State as DomainState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{shipment_of, shipment_to_change};
use crate::app::App;
use crate::guard::Who;
use crate::problem::{FieldError, Problem};
use crate::routes::body::Json;
use crate::routes::orders::{Done, done};
use crate::scan::{self, Scan};

/// Most units of one shipment that are packed by scan.
const SCANS_MAX: usize = 10_000;

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
    let packed = compare(view.state(), known, &given)?;
    // A shipment that is elsewhere is refused for that by the rule; what was scanned comes second.
    let at_table = matches!(known.stage, ShipmentStage::Released | ShipmentStage::Picked)
        || known.stage.at_site() == Some(LastSeen::Packed);
    if at_table && !packed.complete {
        let missing = packed.missing.iter().map(|(sku, units)| FieldError {
            field: "scans".to_owned(),
            detail: format!("{units} of {sku} were not scanned"),
        });
        let errors: Vec<FieldError> = packed.wrong.into_iter().chain(missing).collect();
        let detail = format!("what was scanned is not what belongs into {id}");
        let action = "put it right at the table and scan every unit again";
        return Err(Problem { errors, ..Problem::new("wrong-scan", detail, action) });
    }
    done(&app, &who, Command::PackShipment { shipment }, &headers, &format!("pack {id}")).await
}

/// Compares what was scanned with what belongs into a shipment.
fn compare(state: &DomainState, shipment: &Shipment, given: &Packing) -> Result<Packed, Problem> {
    if given.scans.len() > SCANS_MAX {
        return Err(Problem::field("scans", format!("there are more than {SCANS_MAX}")));
    }
    let order = state.order(shipment.order)?;
    let mut wanted: BTreeMap<SkuId, u32> = BTreeMap::new();
    for (line, quantity) in &shipment.items {
        if let Some(line) = order.lines.get(usize::from(*line)) {
            *wanted.entry(line.sku).or_default() += quantity.0;
        }
    }
    let mut wrong = Vec::new();
    let mut fault = |field: String, detail: String| wrong.push(FieldError { field, detail });
    if given.order.trim() != &*order.number {
        let detail =
            format!("these are the papers of {}, and {} is packed here", given.order.trim(), order.number);
        fault("order".to_owned(), detail);
    }
    for (at, text) in given.scans.iter().enumerate() {
        let field = format!("scans[{at}]");
        match sku_of(state, order.merchant, &wanted, text) {
            Err(why) => fault(field, why),
            Ok(sku) => match wanted.get_mut(&sku) {
                Some(0) => fault(field, "one more than was ordered".to_owned()),
                Some(left) => *left -= 1,
                None => fault(field, "it does not belong into this shipment".to_owned()),
            },
        }
    }
    let code = |sku: SkuId| state.network.skus.get(sku).map_or_else(String::new, |sku| sku.code.to_string());
    let missing: BTreeMap<String, u32> =
        wanted.into_iter().filter(|(_, left)| *left > 0).map(|(sku, left)| (code(sku), left)).collect();
    Ok(Packed { complete: missing.is_empty() && wrong.is_empty(), missing, wrong })
}

/// The SKU of one scan.
fn sku_of(
    state: &DomainState,
    merchant: MerchantId,
    wanted: &BTreeMap<SkuId, u32>,
    text: &str,
) -> Result<SkuId, String> {
    let named = |code: &str| state.named::<SkuId>(NameKind::Sku, merchant, code);
    match scan::read(text, |code| named(code).is_some()).map_err(|misread| misread.to_string())? {
        Scan::Code(code) => named(&code).ok_or_else(|| "no SKU of this merchant has this code".to_owned()),
        Scan::Item(item) => {
            let code = |sku: &SkuId| state.network.skus.get(*sku).map(|sku| &*sku.code);
            let is = |sku: &&SkuId| code(sku).is_some_and(|code| scan::is_item(code, &item));
            wanted.keys().find(is).copied().ok_or_else(|| "it does not belong into this shipment".to_owned())
        }
    }
}
