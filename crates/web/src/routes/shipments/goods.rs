//! Goods that come back from customers, or go from one site to another.

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use holdfast_domain::command::Command;
use holdfast_domain::id::{Id, MerchantId, SkuId, TransferId};
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::{NameKind, State as DomainState, Transfer};
use holdfast_domain::time::Day;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::cursor::{self, Paged};
use crate::guard::Who;
use crate::problem::Problem;
use crate::routes::body::Json;
use crate::routes::network::{merchant_code, site_id};
use crate::routes::orders::{Done, done, order_id};

/// Most SKUs of a transfer.
const ITEMS_MAX: usize = 10_000;

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

/// Units of a SKU.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Goods {
    /// Code of the merchant.
    pub merchant: String,
    /// The merchant's code.
    pub sku: String,
    /// Units.
    pub quantity: u32,
}

/// Goods on their way between two sites.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferIn {
    /// Code of the site they leave.
    pub from: String,
    /// Code of the site they go to.
    pub to: String,
    /// The day they should arrive.
    #[schema(example = "2026-11-05")]
    pub due: String,
    /// What goes.
    pub items: Vec<Goods>,
}

/// What arrived of a transfer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Arrived {
    /// What arrived: less than was sent is lost on the way.
    pub items: Vec<Goods>,
}

/// A transfer.
#[derive(Debug, Serialize, ToSchema)]
pub struct TransferOut {
    /// Its id.
    pub id: String,
    /// Code of the site it left.
    pub from: String,
    /// Code of the site it goes to.
    pub to: String,
    /// The day it should arrive.
    pub due: String,
    /// Whether it has arrived.
    pub received: bool,
    /// What was sent.
    pub items: Vec<Goods>,
}

/// A page of transfers.
#[derive(Debug, Serialize, ToSchema)]
pub struct TransferPage {
    /// The transfers, oldest first.
    pub transfers: Vec<TransferOut>,
    /// Where the list goes on.
    pub next: Option<String>,
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

/// Lists transfers.
#[utoipa::path(get, path = "/api/v1/transfers", tag = "shipments", params(Paged), responses(
    (status = 200, description = "A page", body = TransferPage),
    (status = 422, description = "A cursor that is none", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn transfers(
    State(app): State<App>,
    Query(paged): Query<Paged>,
) -> Result<axum::Json<TransferPage>, Problem> {
    let view = app.view();
    let state = view.state();
    let from = cursor::first("transfers", paged.cursor.as_deref())?;
    let found = state.transfers.iter().filter(|(id, _)| id.index() as u64 >= from);
    let (found, next) =
        cursor::cut("transfers", cursor::page(paged.limit), found, |(id, _)| id.index() as u64);
    let transfers = found.into_iter().map(|(id, transfer)| transfer_out(state, id, transfer)).collect();
    Ok(axum::Json(TransferPage { transfers, next }))
}

fn transfer_out(state: &DomainState, id: TransferId, transfer: &Transfer) -> TransferOut {
    let site = |id| state.network.site(id).map_or_else(String::new, |site| site.code.to_string());
    let goods = |(sku, quantity): &(SkuId, Quantity)| {
        let known = state.network.skus.get(*sku);
        Goods {
            merchant: known.map_or_else(String::new, |sku| merchant_code(state, sku.merchant)),
            sku: known.map_or_else(String::new, |sku| sku.code.to_string()),
            quantity: quantity.0,
        }
    };
    TransferOut {
        id: id.to_string(),
        from: site(transfer.from),
        to: site(transfer.to),
        due: transfer.due.to_string(),
        received: transfer.received,
        items: transfer.items.iter().map(goods).collect(),
    }
}

fn items(state: &DomainState, given: &[Goods]) -> Result<Box<[(SkuId, Quantity)]>, Problem> {
    if given.len() > ITEMS_MAX {
        return Err(Problem::field("items", format!("there are more than {ITEMS_MAX}")));
    }
    let sku = |(at, goods): (usize, &Goods)| {
        let merchant: Option<MerchantId> = state.named(NameKind::Merchant, MerchantId(0), &goods.merchant);
        let sku = merchant.and_then(|merchant| state.named::<SkuId>(NameKind::Sku, merchant, &goods.sku));
        let missing = || Problem::field(&format!("items[{at}].sku"), "there is no such SKU");
        Ok((sku.ok_or_else(missing)?, Quantity(goods.quantity)))
    };
    given.iter().enumerate().map(sku).collect()
}

/// Sends goods to another site: they are nobody's to promise until they arrive.
#[utoipa::path(post, path = "/api/v1/transfers", tag = "shipments", request_body = TransferIn, responses(
    (status = 200, description = "Sent", body = Done),
    (status = 404, description = "No such site", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "Not enough units, or the site takes no goods", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "No goods, or no day", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn send_transfer(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Json(given): Json<TransferIn>,
) -> Result<axum::Json<Done>, Problem> {
    let view = app.view();
    let state = view.state();
    let (from, to) = (site_id(state, &given.from)?, site_id(state, &given.to)?);
    let due: Day = given.due.parse().map_err(|_| Problem::field("due", "it is no day such as 2026-11-05"))?;
    let command = Command::SendTransfer { from, to, items: items(state, &given.items)?, due };
    done(&app, &who, command, &headers, &format!("transfer {from} {to}")).await
}

/// Takes a transfer in.
#[utoipa::path(post, path = "/api/v1/transfers/{transfer}/receive", tag = "shipments", params(("transfer" = String, Path)), request_body = Arrived, responses(
    (status = 200, description = "Taken in", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It was taken in before", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "More than was sent", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn receive_transfer(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(transfer): Path<String>,
    Json(given): Json<Arrived>,
) -> Result<axum::Json<Done>, Problem> {
    let view = app.view();
    let id: TransferId = transfer.parse().map_err(|_| Problem::not_found("transfer"))?;
    let command = Command::ReceiveTransfer { transfer: id, items: items(view.state(), &given.items)? };
    done(&app, &who, command, &headers, &format!("receive {id}")).await
}
