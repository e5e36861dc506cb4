//! Stock: what lies where, counted, adjusted, received; CSV in and out.

use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use holdfast_access::Right;
use holdfast_domain::command::Command;
use holdfast_domain::event::AdjustReason;
use holdfast_domain::id::{MerchantId, SiteId, SkuId};
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::{NameKind, State as DomainState};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::body::{self, Json};
use super::network::{merchant_code, site_id};
use super::orders::{Done, done};
use super::orders_bulk::safe;
use crate::app::App;
use crate::cursor;
use crate::guard::Who;
use crate::mount::Mount;
use crate::policy::Policy;
use crate::problem::Problem;

/// Sites an operator can have: the width of the list's cursor.
const SITES: u64 = 1 << 16;
/// A count that is so many units and so many hundredths of the shelf away from what is believed is held.
const COUNT_UNITS: u32 = 20;
const COUNT_PERCENT: u64 = 50;
/// Change of a shelf from which on a person has to say that it is meant.
const IMPLAUSIBLE: i64 = 100_000;

pub(super) fn mount() -> Mount {
    use Right as R;
    Mount::default()
        .api(Policy::own(R::ReadStock), routes!(list))
        .api(Policy::own(R::ReadStock), routes!(csv_out))
        .api(Policy::all(R::ChangeStock), routes!(receive))
        .api(Policy::all(R::ChangeStock), routes!(adjust))
        .api(Policy::all(R::ChangeStock), routes!(count))
        .api(Policy::all(R::ChangeStock), routes!(csv_in))
}

/// A SKU at a site.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShelfOut {
    /// Code of the site.
    pub site: String,
    /// Code of the merchant.
    pub merchant: String,
    /// Code of the SKU.
    pub sku: String,
    /// Units believed to lie there.
    pub on_hand: u32,
    /// Units promised to orders.
    pub reserved: u32,
    /// Units set aside.
    pub quarantined: u32,
    /// Units that can be promised now: none at a site that takes no orders.
    pub available: u32,
}

/// A page of shelves.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShelfPage {
    /// The shelves, by SKU, then site.
    pub shelves: Vec<ShelfOut>,
    /// Where the list goes on.
    pub next: Option<String>,
}

/// Which shelves.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Where the list goes on.
    pub cursor: Option<String>,
    /// Shelves of a page, 500 at most.
    pub limit: Option<usize>,
    /// Only at this site.
    pub site: Option<String>,
    /// Only of this merchant.
    pub merchant: Option<String>,
    /// Only this SKU.
    pub sku: Option<String>,
}

/// A change of one shelf.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Code of the site.
    pub site: String,
    /// Code of the merchant.
    pub merchant: String,
    /// Code of the SKU.
    pub sku: String,
    /// Units: received, counted, or the difference of an adjustment.
    pub quantity: i64,
    /// Why it is adjusted: `damaged`, `found`, `lost`, `correction` or `destroyed`.
    #[serde(default)]
    pub reason: Option<String>,
    /// Says that a change of 100,000 units or more is meant.
    #[serde(default)]
    pub meant: bool,
}

/// A shelf a person means.
pub(super) struct Shelf {
    /// Where.
    pub(super) site: SiteId,
    /// What.
    pub(super) sku: SkuId,
}

fn shelf_of(state: &DomainState, who: &Who, given: &Change) -> Result<Shelf, Problem> {
    let site = site_id(state, &given.site)?;
    let merchant: Option<MerchantId> = state.named(NameKind::Merchant, MerchantId(0), &given.merchant);
    let merchant =
        merchant.filter(|id| who.may_see(state, *id)).ok_or_else(|| Problem::not_found("merchant"))?;
    let sku = state.named(NameKind::Sku, merchant, &given.sku).ok_or_else(|| Problem::not_found("SKU"))?;
    if given.quantity.abs() >= IMPLAUSIBLE && !given.meant {
        return Err(Problem::field("quantity", "it is 100,000 units or more: say that it is meant"));
    }
    Ok(Shelf { site, sku })
}

fn quantity(given: i64) -> Result<Quantity, Problem> {
    let units = u32::try_from(given).map_err(|_| Problem::field("quantity", "it is no number of units"))?;
    Ok(Quantity(units))
}

fn shelf_out(state: &DomainState, sku: SkuId, site: SiteId) -> Option<ShelfOut> {
    let known = state.network.skus.get(sku)?;
    let shelf = state.stock.shelf(site, sku);
    Some(ShelfOut {
        site: state.network.site(site)?.code.to_string(),
        merchant: merchant_code(state, known.merchant),
        sku: known.code.to_string(),
        on_hand: shelf.on_hand,
        reserved: shelf.reserved,
        quarantined: shelf.quarantined,
        available: state.available(site, sku).0,
    })
}

/// Lists stock.
#[utoipa::path(get, path = "/api/v1/stock", tag = "stock", params(Filter), responses(
    (status = 200, description = "A page", body = ShelfPage),
    (status = 404, description = "No such site", body = Problem, content_type = "application/problem+json")))]
async fn list(
    State(app): State<App>,
    who: Who,
    Query(filter): Query<Filter>,
) -> Result<axum::Json<ShelfPage>, Problem> {
    let view = app.view();
    app.block(move |_| page(view.state(), &who, &filter)).await?.map(axum::Json)
}

/// A page of stock.
///
/// # Errors
/// A problem for a filter that is none.
pub fn page(state: &DomainState, who: &Who, filter: &Filter) -> Result<ShelfPage, Problem> {
    let site = filter.site.as_deref().map(|code| site_id(state, code)).transpose()?;
    let from = cursor::first("stock", filter.cursor.as_deref())?;
    let most = cursor::page(filter.limit);
    let place = |sku: SkuId, site: SiteId| u64::from(sku.0) * SITES + u64::from(site.0);
    let fits = |(sku, at, _): &(SkuId, SiteId, holdfast_domain::stock::Shelf)| {
        let Some(known) = state.network.skus.get(*sku) else { return false };
        place(*sku, *at) >= from
            && site.is_none_or(|site| site == *at)
            && who.may_see(state, known.merchant)
            && filter.merchant.as_ref().is_none_or(|code| *merchant_code(state, known.merchant) == **code)
            && filter.sku.as_ref().is_none_or(|code| *known.code == **code)
    };
    let found = state.stock.iter().filter(fits).map(|(sku, site, _)| (sku, site));
    let (found, next) = cursor::cut("stock", most, found, |(sku, site)| place(*sku, *site));
    Ok(ShelfPage {
        shelves: found.into_iter().filter_map(|(sku, site)| shelf_out(state, sku, site)).collect(),
        next,
    })
}

/// Takes goods in.
#[utoipa::path(post, path = "/api/v1/stock/receive", tag = "stock", request_body = Change, responses(
    (status = 200, description = "Taken in", body = Done),
    (status = 404, description = "No such site or SKU", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "The quantity cannot be", body = Problem, content_type = "application/problem+json")))]
async fn receive(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Json(given): Json<Change>,
) -> Result<axum::Json<Done>, Problem> {
    let Shelf { site, sku } = shelf_of(app.view().state(), &who, &given)?;
    let command = Command::ReceiveStock { site, sku, quantity: quantity(given.quantity)? };
    done(&app, &who, command, &headers, "stock/receive").await
}

/// Changes what is on hand without a movement.
#[utoipa::path(post, path = "/api/v1/stock/adjust", tag = "stock", request_body = Change, responses(
    (status = 200, description = "Adjusted", body = Done),
    (status = 404, description = "No such site or SKU", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "The quantity cannot be", body = Problem, content_type = "application/problem+json")))]
async fn adjust(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Json(given): Json<Change>,
) -> Result<axum::Json<Done>, Problem> {
    let Shelf { site, sku } = shelf_of(app.view().state(), &who, &given)?;
    let reason = match given.reason.as_deref() {
        Some("damaged") => AdjustReason::Damaged,
        Some("found") => AdjustReason::Found,
        Some("lost") => AdjustReason::Lost,
        Some("correction") => AdjustReason::Correction,
        Some("destroyed") => AdjustReason::Destroyed,
        _ => return Err(Problem::field("reason", "it is damaged, found, lost, correction or destroyed")),
    };
    let command = Command::AdjustStock { site, sku, by: given.quantity, reason };
    done(&app, &who, command, &headers, "stock/adjust").await
}

/// Whether a count is so far from what is believed that somebody has to look again.
fn is_implausible(believed: u32, found: u32) -> bool {
    let apart = believed.abs_diff(found);
    apart >= COUNT_UNITS && u64::from(apart) * 100 >= u64::from(believed.max(1)) * COUNT_PERCENT
}

/// Holds an implausible count for a second look: it stands once another person has counted the same, or has approved it.
pub(super) async fn second_look(app: &App, who: &Who, shelf: &Shelf, found: Quantity) -> Result<(), Problem> {
    let believed = app.view().state().stock.shelf(shelf.site, shelf.sku).on_hand;
    if is_implausible(believed, found.0) { looked_twice(app, who, shelf, found).await } else { Ok(()) }
}

/// Holds a count, plausible or not, until another person has counted the same, or has approved it.
pub(super) async fn looked_twice(
    app: &App,
    who: &Who,
    shelf: &Shelf,
    found: Quantity,
) -> Result<(), Problem> {
    let view = app.view();
    let state = view.state();
    let believed = state.stock.shelf(shelf.site, shelf.sku).on_hand;
    let site = state.network.site(shelf.site).map_or_else(String::new, |site| site.code.to_string());
    let sku = state.network.skus.get(shelf.sku).map_or_else(String::new, |sku| sku.code.to_string());
    let what = format!("count {sku} at {site}: {} found, {believed} believed", found.0);
    let act = format!("count {} {} {}", shelf.site, shelf.sku, found.0);
    let (actor, now, named) = (who.actor().to_owned(), app.now(), what.clone());
    let taken = app
        .block(move |app| -> Result<Result<(), String>, Problem> {
            // Somebody else has counted the same: that is the second look.
            let waiting = app.access.approvals(now)?;
            let same = |other: &&holdfast_access::Approval| {
                other.what == named && other.asked_by != actor && other.approved_by.is_none()
            };
            if let Some(first) = waiting.iter().find(same)
                && app.access.approve(&first.id, &actor, now).is_ok()
            {
                return Ok(Ok(()));
            }
            Ok(app.access.approval_take(&act, &named, &actor, now)?)
        })
        .await??;
    taken.map_err(|id| {
        Problem::new(
            "count-held",
            format!("{what}; held as {id}, nothing was changed"),
            format!("let another person count the shelf and send it, or approve it at /api/v1/approvals/{id} and send it again"),
        )
    })
}

/// Says what a count found. One that is far from what is believed is held until another person has counted the same.
#[utoipa::path(post, path = "/api/v1/stock/count", tag = "stock", request_body = Change, responses(
    (status = 200, description = "Counted", body = Done),
    (status = 409, description = "Held for a second look", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such site or SKU", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "The quantity cannot be", body = Problem, content_type = "application/problem+json")))]
async fn count(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Json(given): Json<Change>,
) -> Result<axum::Json<Done>, Problem> {
    let shelf = shelf_of(app.view().state(), &who, &given)?;
    let found = quantity(given.quantity)?;
    second_look(&app, &who, &shelf, found).await?;
    let command = Command::CountStock { site: shelf.site, sku: shelf.sku, found };
    done(&app, &who, command, &headers, "stock/count").await
}

/// What became of a file of counts.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountResult {
    /// Shelves counted.
    pub counted: usize,
    /// Rows refused: row, and why.
    pub refused: Vec<(u64, String)>,
}

/// Takes counts from a CSV file in UTF-8: site, merchant, sku, on_hand. Each row says what lies there now.
#[utoipa::path(post, path = "/api/v1/stock/csv", tag = "stock", request_body(content = String, content_type = "text/csv"), responses(
    (status = 200, description = "What became of each row", body = CountResult),
    (status = 422, description = "The header row lacks a column", body = Problem, content_type = "application/problem+json")))]
async fn csv_in(
    State(app): State<App>,
    who: Who,
    request: Request,
) -> Result<axum::Json<CountResult>, Problem> {
    let bytes = body::whole(&app, request).await?;
    let mut table = body::csv(&bytes)?;
    let mut at = [0; 4];
    for (place, needed) in at.iter_mut().zip(["site", "merchant", "sku", "on_hand"]) {
        *place = table.needed(needed)?;
    }
    let mut out = CountResult { counted: 0, refused: Vec::new() };
    for (row, record) in table.rows() {
        // What was counted before this row stays counted, so the answer tells of every row.
        let record = match record {
            Ok(record) => record,
            Err(problem) => {
                out.refused.push((row, problem.detail));
                continue;
            }
        };
        let cell = |column: usize| record.get(at[column]).unwrap_or_default().to_owned();
        let counted = cell(3).parse().unwrap_or(-1);
        let given = Change {
            site: cell(0),
            merchant: cell(1),
            sku: cell(2),
            quantity: counted,
            reason: None,
            meant: false,
        };
        let asked =
            shelf_of(app.view().state(), &who, &given).and_then(|shelf| Ok((shelf, quantity(counted)?)));
        let result = match asked {
            Err(problem) => Err(problem),
            Ok((shelf, found)) => match second_look(&app, &who, &shelf, found).await {
                Err(problem) => Err(problem),
                Ok(()) => {
                    let command = Command::CountStock { site: shelf.site, sku: shelf.sku, found };
                    app.ask_only(holdfast_app::service::Asked::new(command, who.actor())).await
                }
            },
        };
        match result {
            Ok(_) => out.counted += 1,
            Err(problem) => out.refused.push((row, problem.detail)),
        }
    }
    Ok(axum::Json(out))
}

/// The stock as CSV.
#[utoipa::path(get, path = "/api/v1/stock/csv", tag = "stock", responses((status = 200, description = "The file", body = String, content_type = "text/csv")))]
async fn csv_out(State(app): State<App>, who: Who) -> Result<Response, Problem> {
    let view = app.view();
    let bytes = app
        .block(move |_| write_csv(view.state(), &who))
        .await?
        .map_err(|error| Problem::internal(&error))?;
    let name = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"stock.csv\""),
    ];
    Ok((name, bytes).into_response())
}

fn write_csv(state: &DomainState, who: &Who) -> Result<Vec<u8>, csv::Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["site", "merchant", "sku", "on_hand", "reserved", "quarantined", "available"])?;
    for (sku, site, _) in state.stock.iter() {
        let mine = state.network.skus.get(sku).is_some_and(|known| who.may_see(state, known.merchant));
        let Some(shelf) = shelf_out(state, sku, site).filter(|_| mine) else { continue };
        let numbers =
            [shelf.on_hand, shelf.reserved, shelf.quarantined, shelf.available].map(|n| n.to_string());
        let mut row = vec![safe(&shelf.site), safe(&shelf.merchant), safe(&shelf.sku)];
        row.extend(numbers);
        out.write_record(row)?;
    }
    out.into_inner().map_err(|error| error.into_error().into())
}
