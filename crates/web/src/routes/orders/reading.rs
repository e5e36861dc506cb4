//! Orders read: one, a page of them, and what has happened to one.

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use holdfast_domain::id::{Id, MerchantId, OrderId};
use holdfast_domain::order::OrderSlot;
use holdfast_domain::state::{NameKind, State as DomainState};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::told::{OrderOut, order_out, status, status_word};
use super::{HISTORY_MAX, order_id, tagged};
use crate::app::App;
use crate::cursor;
use crate::guard::Who;
use crate::index::entries_after;
use crate::problem::Problem;
use crate::routes::events::{EntryOut, entry_out};
use crate::routes::network::site_id;

/// Orders a list looks at for one page: a filter that matches few goes on from its cursor.
const SCAN_MAX: usize = 200_000;

/// A page of orders.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderPage {
    /// The orders, newest first.
    pub orders: Vec<OrderOut>,
    /// Where the list goes on; none at its end.
    pub next: Option<String>,
}

/// Which orders.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Where the list goes on.
    pub cursor: Option<String>,
    /// Orders of a page, 500 at most.
    pub limit: Option<usize>,
    /// Only of this merchant.
    pub merchant: Option<String>,
    /// Only the one of this number.
    pub number: Option<String>,
    /// Only what is in this state, such as `backordered`.
    pub status: Option<String>,
    /// Only what comes from this site.
    pub site: Option<String>,
}

/// Lists orders, newest first.
#[utoipa::path(get, path = "/api/v1/orders", tag = "orders", params(Filter), responses(
    (status = 200, description = "A page", body = OrderPage),
    (status = 422, description = "A filter that is none", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn list(
    State(app): State<App>,
    who: Who,
    Query(filter): Query<Filter>,
) -> Result<axum::Json<OrderPage>, Problem> {
    let view = app.view();
    app.block(move |_| page(view.state(), &who, &filter)).await?.map(axum::Json)
}

/// A page of orders.
///
/// # Errors
/// A problem for a filter that is none.
pub fn page(state: &DomainState, who: &Who, filter: &Filter) -> Result<OrderPage, Problem> {
    let limit = who.limit(state);
    let merchant = match &filter.merchant {
        None => limit,
        Some(code) => {
            let found: Option<MerchantId> = state.named(NameKind::Merchant, MerchantId(0), code);
            Some(
                found
                    .filter(|id| who.may_see(state, *id))
                    .ok_or_else(|| Problem::field("merchant", "there is no such merchant"))?,
            )
        }
    };
    let status_wanted = filter.status.as_deref();
    let site = match &filter.site {
        None => None,
        Some(code) => Some(site_id(state, code)?),
    };
    let numbered = filter.number.as_ref().map(|number| {
        let all = (0..state.network.merchants.len()).map(MerchantId::from_index);
        all.filter(|id| who.may_see(state, *id))
            .filter_map(|id| state.named::<OrderId>(NameKind::Order, id, number))
            .collect::<Vec<_>>()
    });
    let most = cursor::page(filter.limit);
    let from = match &filter.cursor {
        None => state.orders.len() as u64,
        Some(cursor) => cursor::decode("orders", cursor)?.min(state.orders.len() as u64),
    };
    let mut ids: Box<dyn Iterator<Item = OrderId>> = match numbered {
        Some(ids) => Box::new(ids.into_iter().filter(move |id| (id.index() as u64) < from)),
        None => Box::new((0..from as usize).rev().map(OrderId::from_index)),
    };
    let (mut orders, mut last, mut looked) = (Vec::new(), None, 0);
    for id in ids.by_ref() {
        looked += 1;
        if let Some(OrderSlot::Live(order)) = state.orders.get(id) {
            let fits = merchant.is_none_or(|merchant| merchant == order.merchant)
                && site.is_none_or(|site| {
                    order.lines.iter().flat_map(|line| &line.allocations).any(|a| a.site == site)
                })
                && status_wanted.is_none_or(|wanted| status_word(status(state, order)) == wanted);
            if fits {
                orders.push(order_out(state, id, order));
            }
        }
        last = Some(id);
        if orders.len() >= most || looked >= SCAN_MAX {
            break;
        }
    }
    let next = last.filter(|_| ids.next().is_some()).map(|id| cursor::encode("orders", id.index() as u64));
    Ok(OrderPage { orders, next })
}

/// An order.
#[utoipa::path(get, path = "/api/v1/orders/{id}", tag = "orders", params(("id" = String, Path, description = "Such as ord-17")), responses(
    (status = 200, description = "The order", body = OrderOut),
    (status = 304, description = "It has not changed"),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn get(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let view = app.view();
    let id = order_id(&id)?;
    let order = who.order(view.state(), id)?;
    tagged(&headers, &order_out(view.state(), id, order))
}

/// What has happened to the order.
#[utoipa::path(get, path = "/api/v1/orders/{id}/events", tag = "orders", params(("id" = String, Path)), responses(
    (status = 200, description = "Its journal entries, oldest first", body = Vec<EntryOut>),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn history(
    State(app): State<App>,
    who: Who,
    Path(id): Path<String>,
) -> Result<axum::Json<Vec<EntryOut>>, Problem> {
    let view = app.view();
    let id = order_id(&id)?;
    who.order(view.state(), id)?;
    app.indexed(view.state().version).await;
    let versions = app.block(move |app| app.index.of_order(id, HISTORY_MAX)).await?;
    let versions = versions.map_err(|error| Problem::internal(&error))?;
    let read = app
        .read(move |journal| {
            let mut out = Vec::new();
            for version in versions {
                out.extend(entries_after(journal, version - 1, 1)?);
            }
            Ok::<_, holdfast_app::port::ReadError>(out)
        })
        .await?;
    let entries = read.map_err(|error| Problem::internal(&error))?;
    let about = |durable| entry_out(view.state(), &who, durable, Some(id));
    Ok(axum::Json(entries.iter().filter_map(about).collect()))
}
