//! Connections: how each is, what was found to differ, and what any other shop may sell, as JSON and CSV.

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use holdfast_access::Right;
use holdfast_domain::id::{MerchantId, SkuId};
use holdfast_domain::state::{NameKind, State as DomainState};
use holdfast_engine::sellable;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::network::merchant_code;
use super::orders_bulk::safe;
use crate::app::App;
use crate::config::{Connection, ConnectionKind};
use crate::cursor::{self, Paged};
use crate::guard::Who;
use crate::mount::Mount;
use crate::outward::settings::StockRule;
use crate::policy::Policy;
use crate::problem::Problem;

/// Share kept back in a surge where no connection says another, in hundredths.
const KEEP_PERCENT: u32 = 10;
/// Orders that are not taken, named in a connection's notes.
const NOTES_MAX: usize = 100;

pub(super) fn mount() -> Mount {
    Mount::default()
        .api(Policy::own(Right::ReadNetwork), routes!(list))
        .api(Policy::own(Right::ReadNetwork), routes!(differences))
        .api(Policy::all(Right::MendInbox), routes!(compare))
        .api(Policy::own(Right::ReadStock), routes!(sellable_json))
        .api(Policy::own(Right::ReadStock), routes!(sellable_csv))
}

/// A connection.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConnectionOut {
    /// Its name in the address of its webhooks.
    pub id: String,
    /// `shopify`, `woocommerce` or `amazon`.
    pub kind: &'static str,
    /// Code of the merchant whose shop it is.
    pub merchant: String,
    /// Whether it is only watched: read, and nothing written to it.
    pub watch: bool,
    /// When a genuine delivery last came, to the minute, in milliseconds of Unix time.
    pub heard: Option<i64>,
    /// Whether the shop's own API is asked.
    pub asked: bool,
    /// When its numbers are written: `incident` or `always`.
    pub stock: Option<&'static str>,
    /// Whether the shop was read whole.
    pub read: bool,
    /// When it was last compared, in milliseconds of Unix time.
    pub compared: Option<i64>,
    /// Orders and changes that comparisons found and no webhook had told of.
    pub missed: u64,
    /// When all there was to do was done, in milliseconds of Unix time.
    pub well: Option<i64>,
    /// Why not, last.
    pub error: Option<String>,
    /// Numbers that are to go down and have not; with `watch`, that would go down.
    pub down: usize,
    /// Other numbers that are to be set, or would be.
    pub other: usize,
    /// Numbers that were taken down and are to be put back.
    pub cuts: usize,
    /// Numbers written since the start.
    pub written: u64,
    /// Parts of orders given to other places since the start.
    pub given: u64,
    /// Orders whose parts wait to be given to another place.
    pub moves: u64,
    /// What a person has to see to at once.
    pub alarm: Option<String>,
    /// What a person should see to.
    pub notes: Vec<String>,
}

fn kind(kind: ConnectionKind) -> &'static str {
    match kind {
        ConnectionKind::Shopify => "shopify",
        ConnectionKind::Woocommerce => "woocommerce",
        ConnectionKind::Amazon => "amazon",
    }
}

/// How a connection is.
///
/// # Errors
/// A problem where what is kept of it cannot be read.
pub(crate) fn told(app: &App, connection: &Connection) -> Result<ConnectionOut, Problem> {
    let mut out = ConnectionOut {
        id: connection.id.clone(),
        kind: kind(connection.kind),
        merchant: connection.merchant.clone(),
        watch: connection.watch,
        heard: app.inbox.heard_at(&connection.id).map_err(|error| Problem::internal(&error))?,
        asked: false,
        stock: None,
        read: false,
        compared: None,
        missed: 0,
        well: None,
        error: None,
        down: 0,
        other: 0,
        cuts: 0,
        written: 0,
        given: 0,
        moves: 0,
        alarm: None,
        notes: Vec::new(),
    };
    let Some(line) = app.outward.line(&connection.id) else { return Ok(out) };
    let internal = |error: rusqlite::Error| Problem::internal(&error);
    let status = line.status();
    let kept = line.store().line(&connection.id).map_err(internal)?;
    let (moves, waiting) = line.store().moves_waiting(&connection.id).map_err(internal)?;
    out.asked = true;
    out.stock = connection.admin.as_ref().map(|admin| match admin.stock {
        StockRule::Incident => "incident",
        StockRule::Always => "always",
    });
    (out.read, out.compared, out.missed) = (kept.first, kept.reconciled, kept.missed);
    (out.well, out.error, out.down, out.other) =
        (status.well, status.error.clone(), status.down, status.other);
    out.cuts = line.store().cuts(&connection.id).map_err(internal)?.len();
    (out.written, out.given, out.moves) = (status.written, status.given, moves);
    out.alarm = status.alarm(app.now());
    let places =
        status.places.iter().map(|(id, name)| format!("no site is behind the place {name:?} ({id})"));
    let twice = status.twice.iter().map(|sku| format!("the shop sells {sku:?} by more than one item"));
    let orders = waiting.into_iter().map(|(order, note)| format!("ord-{order}: {note}"));
    let untaken = line.untaken().into_iter().take(NOTES_MAX);
    let untaken = untaken.map(|(number, why)| format!("order {number} is not taken: {why}"));
    let notes = status.first.iter().cloned().chain(places).chain(twice).chain(orders).chain(untaken);
    out.notes = notes.chain(status.refused).collect();
    Ok(out)
}

/// Whether a connection is for a caller's eyes.
pub(crate) fn may(who: &Who, connection: &Connection) -> bool {
    let limit = who.principal().and_then(|principal| principal.merchant.as_deref());
    limit.is_none_or(|limit| limit == connection.merchant)
}

/// Lists the connections and how each is.
#[utoipa::path(get, path = "/api/v1/connections", tag = "connections", responses((status = 200, description = "The connections", body = [ConnectionOut])))]
async fn list(State(app): State<App>, who: Who) -> Result<axum::Json<Vec<ConnectionOut>>, Problem> {
    let all = app.block(move |app| {
        let mine = app.config.connections.iter().filter(|connection| may(&who, connection));
        mine.map(|connection| told(app, connection)).collect::<Result<Vec<_>, _>>()
    });
    Ok(axum::Json(all.await??))
}

fn mine<'a>(app: &'a App, who: &Who, id: &str) -> Result<&'a Connection, Problem> {
    let found = app.config.connections.iter().find(|connection| connection.id == id);
    found.filter(|connection| may(who, connection)).ok_or_else(|| Problem::not_found("connection"))
}

/// A difference between a shop and this house.
#[derive(Debug, Serialize, ToSchema)]
pub struct DifferenceOut {
    /// When it was found, in milliseconds of Unix time.
    pub at: i64,
    /// `stock`, `order`, `sku` or `location`.
    pub kind: String,
    /// The SKU, or the order's number.
    pub sku: String,
    /// The shop's place.
    pub location: String,
    /// Units the shop sells.
    pub shop: Option<i64>,
    /// Units this house would let it sell.
    pub here: Option<i64>,
    /// Units of the shop's orders that are not taken here yet.
    pub on_the_way: Option<i64>,
    /// Who is right: `here`, `shop`, `both` or `nobody`.
    pub right: String,
    /// Why, and what to do.
    pub why: String,
}

/// A page of differences.
#[derive(Debug, Serialize, ToSchema)]
pub struct DifferencePage {
    /// Those of the last comparison.
    pub differences: Vec<DifferenceOut>,
    /// Where the list goes on.
    pub next: Option<String>,
}

/// Lists what the last comparison with a shop found to differ, each with who is right.
#[utoipa::path(get, path = "/api/v1/connections/{connection}/differences", tag = "connections", params(("connection" = String, Path), Paged), responses(
    (status = 200, description = "A page", body = DifferencePage),
    (status = 404, description = "There is no such connection", body = Problem, content_type = "application/problem+json")))]
async fn differences(
    State(app): State<App>,
    who: Who,
    Path(id): Path<String>,
    Query(filter): Query<Paged>,
) -> Result<axum::Json<DifferencePage>, Problem> {
    mine(&app, &who, &id)?;
    let list = format!("differences {id}");
    let after = match &filter.cursor {
        None => 0,
        Some(cursor) => i64::try_from(cursor::decode(&list, cursor)?).unwrap_or(0),
    };
    let most = cursor::page(filter.limit);
    let found = app.block(move |app| match app.outward.line(&id) {
        Some(line) => line.store().differences(&id, after, most),
        None => Ok(Vec::new()),
    });
    let found = found.await?.map_err(|error| Problem::internal(&error))?;
    let next = found
        .last()
        .filter(|_| found.len() == most)
        .map(|(row, _)| cursor::encode(&list, row.unsigned_abs()));
    let differences = found.into_iter().map(|(_, one)| DifferenceOut {
        at: one.at,
        kind: one.kind,
        sku: one.sku,
        location: one.location,
        shop: one.shop,
        here: one.here,
        on_the_way: one.way,
        right: one.who,
        why: one.why,
    });
    Ok(axum::Json(DifferencePage { differences: differences.collect(), next }))
}

/// Compares a shop with this house now, as it is done every night.
#[utoipa::path(post, path = "/api/v1/connections/{connection}/compare", tag = "connections", params(("connection" = String, Path)), responses(
    (status = 202, description = "It is begun; `compared` of the connection tells when it is done"),
    (status = 404, description = "There is no such connection, or its shop is not asked", body = Problem, content_type = "application/problem+json")))]
async fn compare(State(app): State<App>, who: Who, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    begin_compare(&app, &who, &id)?;
    Ok(StatusCode::ACCEPTED)
}

/// Begins the comparison of a shop with this house.
///
/// # Errors
/// A problem where there is no such connection, or its shop is not asked.
pub(crate) fn begin_compare(app: &App, who: &Who, id: &str) -> Result<(), Problem> {
    mine(app, who, id)?;
    let line = app.outward.line(id).ok_or_else(|| Problem::not_found("connection whose shop is asked"))?;
    line.compare();
    Ok(())
}

/// What may be sold of a SKU.
#[derive(Debug, Serialize, ToSchema)]
pub struct SellableOut {
    /// Code of the merchant.
    pub merchant: String,
    /// Code of the SKU.
    pub sku: String,
    /// Units any shop of the merchant may sell, over all sites.
    pub units: u32,
    /// Whether something takes units away now.
    pub restricted: bool,
    /// Units by code of the site.
    pub sites: BTreeMap<String, u32>,
}

/// A page of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct SellablePage {
    /// By SKU.
    pub sellable: Vec<SellableOut>,
    /// Where the list goes on.
    pub next: Option<String>,
}

/// Which SKUs.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Code of the merchant; a merchant's own caller may leave it out.
    pub merchant: Option<String>,
    /// Share kept back of what an incident makes wanted, in hundredths; 10 if not given.
    pub keep_percent: Option<u32>,
    /// Where the list goes on.
    pub cursor: Option<String>,
    /// SKUs of a page, 500 at most.
    pub limit: Option<usize>,
}

fn merchant_of(state: &DomainState, who: &Who, which: &Which) -> Result<MerchantId, Problem> {
    let named = match &which.merchant {
        Some(code) => state.named(NameKind::Merchant, MerchantId(0), code),
        None => who.limit(state),
    };
    let known = named.filter(|id| state.network.merchant(*id).is_some() && who.may_see(state, *id));
    known.ok_or_else(|| Problem::field("merchant", "there is no such merchant, or it is not yours"))
}

/// Rows by SKU: total, whether restricted, and by site.
fn by_sku(state: &DomainState, merchant: MerchantId, keep: u32) -> Vec<(SkuId, SellableOut)> {
    let mut all: Vec<(SkuId, SellableOut)> = Vec::new();
    for row in sellable::of(state, merchant, keep) {
        let Some(sku) = state.network.skus.get(row.sku) else { continue };
        if all.last().is_none_or(|(last, _)| *last != row.sku) {
            let out = SellableOut {
                merchant: merchant_code(state, merchant),
                sku: sku.code.to_string(),
                units: 0,
                restricted: row.restricted,
                sites: BTreeMap::new(),
            };
            all.push((row.sku, out));
        }
        let (_, out) = all.last_mut().expect("one was pushed above");
        out.units = out.units.saturating_add(row.units);
        let site = state.network.site(row.site).map(|site| site.code.to_string()).unwrap_or_default();
        out.sites.insert(site, row.units);
    }
    all
}

/// Lists what a merchant's shops may sell now: none of what lies at a site that takes no orders, nothing twice.
#[utoipa::path(get, path = "/api/v1/sellable", tag = "connections", params(Which), responses(
    (status = 200, description = "A page", body = SellablePage),
    (status = 422, description = "There is no such merchant", body = Problem, content_type = "application/problem+json")))]
async fn sellable_json(
    State(app): State<App>,
    who: Who,
    Query(which): Query<Which>,
) -> Result<axum::Json<SellablePage>, Problem> {
    let view = app.view();
    let merchant = merchant_of(view.state(), &who, &which)?;
    let first = cursor::first("sellable", which.cursor.as_deref())?;
    let most = cursor::page(which.limit);
    let keep = which.keep_percent.unwrap_or(KEEP_PERCENT);
    let all = app.block(move |_| by_sku(view.state(), merchant, keep)).await?;
    let page = all.into_iter().filter(|(sku, _)| u64::from(sku.0) >= first);
    let (found, next) = cursor::cut("sellable", most, page, |(sku, _)| u64::from(sku.0));
    Ok(axum::Json(SellablePage { sellable: found.into_iter().map(|(_, out)| out).collect(), next }))
}

/// What a merchant's shops may sell now, as CSV: SKU and quantity, as importers of stock want it.
#[utoipa::path(get, path = "/api/v1/sellable/csv", tag = "connections", params(Which), responses(
    (status = 200, description = "The file", body = String, content_type = "text/csv"),
    (status = 422, description = "There is no such merchant", body = Problem, content_type = "application/problem+json")))]
async fn sellable_csv(
    State(app): State<App>,
    who: Who,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    let view = app.view();
    let merchant = merchant_of(view.state(), &who, &which)?;
    let keep = which.keep_percent.unwrap_or(KEEP_PERCENT);
    let written = app.block(move |_| {
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record(["sku", "quantity"])?;
        for (_, row) in by_sku(view.state(), merchant, keep) {
            out.write_record([safe(&row.sku), row.units.to_string()])?;
        }
        out.into_inner().map_err(|error| csv::Error::from(error.into_error()))
    });
    let bytes = written.await?.map_err(|error| Problem::internal(&error))?;
    let head = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"sellable.csv\""),
    ];
    Ok((head, bytes).into_response())
}
