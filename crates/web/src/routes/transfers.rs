//! Goods on their way between sites: listed, sent by hand, taken in. What a plan waits for a truck with goes on by
//! itself once the truck has been taken in.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use holdfast_access::Right;
use holdfast_domain::command::Command;
use holdfast_domain::id::{Id as _, MerchantId, SkuId, TransferId};
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::{NameKind, State as DomainState, Transfer};
use holdfast_domain::time::Day;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::body::Json;
use super::network::{merchant_code, site_id};
use super::orders::{Done, done};
use crate::app::App;
use crate::cursor::{self, Paged};
use crate::guard::Who;
use crate::mount::Mount;
use crate::policy::Policy;
use crate::problem::Problem;

/// The most SKUs of one truck.
const ITEMS_MAX: usize = 10_000;

pub(super) fn mount() -> Mount {
    use Right as R;
    Mount::default()
        .api(Policy::all(R::ReadStock), routes!(list))
        .api(Policy::all(R::ChangeStock), routes!(send))
        .api(Policy::all(R::ChangeStock), routes!(receive))
}

/// Goods on the way between two sites.
#[derive(Debug, Serialize, ToSchema)]
pub struct TransferOut {
    /// Its id.
    pub id: String,
    /// Code of the site it left.
    pub from: String,
    /// Code of the site it goes to.
    pub to: String,
    /// The day on which its goods should be there to ship.
    pub due: String,
    /// Whether it has been taken in.
    pub received: bool,
    /// What it carries.
    pub items: Vec<LoadOut>,
}

/// Units of a SKU on a truck.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoadOut {
    /// Code of the merchant.
    pub merchant: String,
    /// Code of the SKU.
    pub sku: String,
    /// Units.
    pub quantity: u32,
}

/// A page of transfers.
#[derive(Debug, Serialize, ToSchema)]
pub struct TransferPage {
    /// The transfers, newest first.
    pub transfers: Vec<TransferOut>,
    /// Where the list goes on.
    pub next: Option<String>,
}

/// Units of a SKU.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Code of the merchant.
    pub merchant: String,
    /// Code of the SKU.
    pub sku: String,
    /// Units.
    pub quantity: u32,
}

/// A truck to send.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Send {
    /// Code of the site it leaves.
    pub from: String,
    /// Code of the site it goes to.
    pub to: String,
    /// The day on which its goods should be there to ship, as `2026-09-28`.
    pub due: String,
    /// What it carries.
    pub items: Vec<Item>,
}

/// What was on a truck that has come.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Receive {
    /// What was unloaded; all that was sent, if not given. What is missing is not booked anywhere.
    pub items: Option<Vec<Item>>,
}

fn out(state: &DomainState, id: TransferId, sent: &Transfer) -> TransferOut {
    let code = |site| state.network.site(site).map_or_else(String::new, |site| site.code.to_string());
    let item = |(sku, quantity): &(SkuId, Quantity)| {
        let known = state.network.skus.get(*sku)?;
        let merchant = merchant_code(state, known.merchant);
        Some(LoadOut { merchant, sku: known.code.to_string(), quantity: quantity.0 })
    };
    TransferOut {
        id: id.to_string(),
        from: code(sent.from),
        to: code(sent.to),
        due: sent.due.to_string(),
        received: sent.received,
        items: sent.items.iter().filter_map(item).collect(),
    }
}

fn items(state: &DomainState, given: &[Item]) -> Result<Box<[(SkuId, Quantity)]>, Problem> {
    if given.len() > ITEMS_MAX {
        return Err(Problem::field("items", format!("there are {}, {ITEMS_MAX} are the most", given.len())));
    }
    let item = |(number, item): (usize, &Item)| {
        let field = |what: &str| format!("items[{number}].{what}");
        let merchant: Option<MerchantId> = state.named(NameKind::Merchant, MerchantId(0), &item.merchant);
        let merchant = merchant
            .ok_or_else(|| Problem::field(&field("merchant"), format!("there is no {:?}", item.merchant)))?;
        let sku: Option<SkuId> = state.named(NameKind::Sku, merchant, &item.sku);
        let sku = sku.ok_or_else(|| Problem::field(&field("sku"), format!("there is no {:?}", item.sku)))?;
        Ok((sku, Quantity(item.quantity)))
    };
    given.iter().enumerate().map(item).collect()
}

/// Lists goods on their way between sites, newest first.
#[utoipa::path(get, path = "/api/v1/transfers", tag = "stock", params(Paged), responses(
    (status = 200, description = "A page", body = TransferPage)))]
async fn list(
    State(app): State<App>,
    axum::extract::Query(filter): axum::extract::Query<Paged>,
) -> Result<axum::Json<TransferPage>, Problem> {
    let view = app.view();
    let state = view.state();
    let from = match &filter.cursor {
        None => u64::MAX,
        Some(cursor) => cursor::decode("transfers", cursor)?,
    };
    let most = cursor::page(filter.limit);
    let place = |id: TransferId| id.index() as u64;
    let mut found: Vec<(TransferId, &Transfer)> =
        state.transfers.iter().filter(|(id, _)| place(*id) <= from).collect();
    found.reverse();
    let next = found.get(most).map(|(id, _)| cursor::encode("transfers", place(*id)));
    found.truncate(most);
    let transfers = found.into_iter().map(|(id, sent)| out(state, id, sent)).collect();
    Ok(axum::Json(TransferPage { transfers, next }))
}

/// Sends goods from one site to another.
#[utoipa::path(post, path = "/api/v1/transfers", tag = "stock", request_body = Send, responses(
    (status = 200, description = "Sent", body = Done),
    (status = 404, description = "No such site", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It is not all there to be sent", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "No such SKU, or no such day", body = Problem, content_type = "application/problem+json")))]
async fn send(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Json(given): Json<Send>,
) -> Result<axum::Json<Done>, Problem> {
    let view = app.view();
    let state = view.state();
    let due: Day = given.due.parse().map_err(|_| Problem::field("due", "write a day as 2026-09-28"))?;
    let (from, to) = (site_id(state, &given.from)?, site_id(state, &given.to)?);
    if from == to {
        return Err(Problem::field("to", "it is where the goods are"));
    }
    let items = items(state, &given.items)?;
    done(&app, &who, Command::SendTransfer { from, to, items, due }, &headers, "transfers").await
}

/// Takes a truck in: its goods can be sold, and the plan that waits for it goes on.
#[utoipa::path(post, path = "/api/v1/transfers/{transfer}/receive", tag = "stock", params(("transfer" = String, Path)), request_body = Receive, responses(
    (status = 200, description = "Taken in", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It was taken in before, or more is said to have come than was sent", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "No such SKU", body = Problem, content_type = "application/problem+json")))]
async fn receive(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(transfer): Path<String>,
    Json(given): Json<Receive>,
) -> Result<axum::Json<Done>, Problem> {
    let view = app.view();
    let state = view.state();
    let id: Option<TransferId> = transfer.parse().ok();
    let (id, sent) = id
        .and_then(|id| Some((id, state.transfers.get(id)?)))
        .ok_or_else(|| Problem::not_found("transfer"))?;
    let items = match &given.items {
        None => sent.items.clone(),
        Some(given) => items(state, given)?,
    };
    let command = Command::ReceiveTransfer { transfer: id, items };
    done(&app, &who, command, &headers, &format!("receive {id}")).await
}
