//! The life of a shipment: released in a wave, picked, packed by scan, shipped, delivered; recalled, in doubt, lost.

mod acts;
mod packing;
pub mod reported;
mod returns;

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use holdfast_access::Right;
use holdfast_domain::id::{Id, ShipmentId};
use holdfast_domain::order::Shipment;
use holdfast_domain::state::State as DomainState;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::network::{merchant_code, site_id};
use super::orders::{carrier, order_id, stage_word, tagged, unchanged};
use crate::app::App;
use crate::cursor;
use crate::guard::Who;
use crate::mount::Mount;
use crate::policy::Policy;
use crate::problem::Problem;

pub use acts::day_in;
pub use packing::{Packing, packable};

/// Shipments a list looks at for one page: a filter that matches few goes on from its cursor.
const SCAN_MAX: usize = 200_000;

pub(super) fn mount() -> Mount {
    use Right as R;
    let report = Policy::all(R::ReportShipments);
    Mount::default()
        .api(Policy::own(R::ReadOrders), routes!(list))
        .api(Policy::own(R::ReadOrders), routes!(get))
        .api(report, routes!(acts::wave))
        .api(report, routes!(acts::pick))
        .api(report, routes!(packing::check))
        .api(report, routes!(packing::pack))
        .api(report, routes!(acts::ship))
        .api(report, routes!(acts::exception))
        .api(report, routes!(acts::deliver))
        .api(report, routes!(acts::lose))
        .api(report, routes!(acts::recall))
        .api(report, routes!(acts::recall_answer))
        .api(report, routes!(acts::doubt))
        .api(report, routes!(returns::return_in))
}

/// A shipment.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShipmentOut {
    /// Its id.
    #[schema(example = "shp-3")]
    pub id: String,
    /// The order.
    pub order: String,
    /// The merchant's number of the order: what stands on its papers.
    pub number: String,
    /// Code of the merchant.
    pub merchant: String,
    /// Code of the site.
    pub site: String,
    /// Carrier and service.
    pub carrier: String,
    /// `released`, `picked`, `packed`, `in_doubt`, `recalling`, `shipped`, `exception`, `delivered`, `recalled` or `lost`.
    pub stage: String,
    /// The site's day on which it leaves.
    pub ship_day: String,
    /// The day it should arrive, or did.
    pub arrival: Option<String>,
    /// What is in it.
    pub items: Vec<PackedOut>,
    /// Its parcels, once shipped.
    pub packages: Vec<PackageInOut>,
}

/// Units of a line in a shipment.
#[derive(Debug, Serialize, ToSchema)]
pub struct PackedOut {
    /// Line of the order, from 0.
    pub line: u16,
    /// The merchant's code.
    pub sku: String,
    /// Units.
    pub quantity: u32,
}

/// A parcel.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PackageInOut {
    /// The carrier's number for it.
    #[schema(example = "1Z999AA10123456784")]
    pub tracking: String,
    /// Its weight in grams; 0 where nobody weighed it.
    #[serde(default)]
    pub weight_g: u32,
}

/// A page of shipments.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShipmentPage {
    /// The shipments, newest first.
    pub shipments: Vec<ShipmentOut>,
    /// Where the list goes on; none at its end.
    pub next: Option<String>,
}

/// Which shipments.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Where the list goes on.
    pub cursor: Option<String>,
    /// Shipments of a page, 500 at most.
    pub limit: Option<usize>,
    /// Only from this site.
    pub site: Option<String>,
    /// Only of this order.
    pub order: Option<String>,
    /// Only in this stage.
    pub stage: Option<String>,
}

/// A shipment as it is told; `None` where its order is archived.
pub(super) fn shipment_out(state: &DomainState, id: ShipmentId, shipment: &Shipment) -> Option<ShipmentOut> {
    let order = state.order(shipment.order).ok()?;
    let sku = |line: u16| {
        let sku = order.lines.get(usize::from(line)).and_then(|line| state.network.skus.get(line.sku));
        sku.map_or_else(String::new, |sku| sku.code.to_string())
    };
    let items = shipment.items.iter();
    let packages = shipment.packages.iter();
    Some(ShipmentOut {
        id: id.to_string(),
        order: shipment.order.to_string(),
        number: order.number.to_string(),
        merchant: merchant_code(state, order.merchant),
        site: state.network.site(shipment.site).map_or_else(String::new, |site| site.code.to_string()),
        carrier: carrier(state, shipment.lane),
        stage: stage_word(shipment.stage).to_owned(),
        ship_day: shipment.ship_day.to_string(),
        arrival: shipment.arrival.map(|day| day.to_string()),
        items: items
            .map(|(line, quantity)| PackedOut { line: *line, sku: sku(*line), quantity: quantity.0 })
            .collect(),
        packages: packages
            .map(|package| PackageInOut {
                tracking: package.tracking.to_string(),
                weight_g: package.weight_g,
            })
            .collect(),
    })
}

/// The shipment a path names, if the caller may see it.
///
/// # Errors
/// A problem that does not tell another merchant's shipment from one that is not there.
pub(super) fn shipment_of<'a>(
    state: &'a DomainState,
    who: &Who,
    path: &str,
) -> Result<(ShipmentId, &'a Shipment), Problem> {
    let missing = || Problem::not_found("shipment");
    let id: ShipmentId = path.parse().map_err(|_| missing())?;
    let shipment = state.shipments.get(id).ok_or_else(missing)?;
    who.order(state, shipment.order).map_err(|_| missing())?;
    Ok((id, shipment))
}

/// As [`shipment_of`], for a change: it still has to be what `If-Match` says the caller has seen.
///
/// # Errors
/// As [`shipment_of`] and [`unchanged`].
pub(super) fn shipment_to_change<'a>(
    state: &'a DomainState,
    who: &Who,
    headers: &HeaderMap,
    path: &str,
) -> Result<(ShipmentId, &'a Shipment), Problem> {
    let (id, shipment) = shipment_of(state, who, path)?;
    unchanged(headers, || shipment_out(state, id, shipment))?;
    Ok((id, shipment))
}

/// Lists shipments, newest first.
#[utoipa::path(get, path = "/api/v1/shipments", tag = "shipments", params(Filter), responses(
    (status = 200, description = "A page", body = ShipmentPage),
    (status = 404, description = "No such site or order", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A filter that is none", body = Problem, content_type = "application/problem+json")))]
async fn list(
    State(app): State<App>,
    who: Who,
    Query(filter): Query<Filter>,
) -> Result<axum::Json<ShipmentPage>, Problem> {
    let view = app.view();
    app.block(move |_| page(view.state(), &who, &filter)).await?.map(axum::Json)
}

fn page(state: &DomainState, who: &Who, filter: &Filter) -> Result<ShipmentPage, Problem> {
    let site = filter.site.as_deref().map(|code| site_id(state, code)).transpose()?;
    let order = filter.order.as_deref().map(order_id).transpose()?;
    if let Some(order) = order {
        who.order(state, order)?;
    }
    let all = state.shipments.len() as u64;
    let from = match &filter.cursor {
        None => all,
        Some(cursor) => cursor::decode("shipments", cursor)?.min(all),
    };
    let most = cursor::page(filter.limit);
    let (mut shipments, mut last, mut looked) = (Vec::new(), None, 0);
    let mut ids = (0..from as usize).rev().map(ShipmentId::from_index);
    for id in ids.by_ref() {
        looked += 1;
        last = Some(id);
        let fits = |shipment: &&Shipment| {
            site.is_none_or(|site| site == shipment.site)
                && order.is_none_or(|order| order == shipment.order)
                && filter.stage.as_deref().is_none_or(|stage| stage == stage_word(shipment.stage))
                && who.order(state, shipment.order).is_ok()
        };
        let found = state.shipments.get(id).filter(fits);
        shipments.extend(found.and_then(|shipment| shipment_out(state, id, shipment)));
        if shipments.len() >= most || looked >= SCAN_MAX {
            break;
        }
    }
    let next = last.filter(|_| ids.next().is_some()).map(|id| cursor::encode("shipments", id.index() as u64));
    Ok(ShipmentPage { shipments, next })
}

/// A shipment.
#[utoipa::path(get, path = "/api/v1/shipments/{id}", tag = "shipments", params(("id" = String, Path, description = "Such as shp-3")), responses(
    (status = 200, description = "The shipment", body = ShipmentOut),
    (status = 304, description = "It has not changed"),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json")))]
async fn get(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let view = app.view();
    let (id, shipment) = shipment_of(view.state(), &who, &id)?;
    let out = shipment_out(view.state(), id, shipment).ok_or_else(|| Problem::not_found("shipment"))?;
    tagged(&headers, &out)
}
