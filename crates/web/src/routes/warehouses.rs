//! Warehouses and 3PLs by X12: what they send moves shipments and counts shelves, what they are to send goes out as 940s.
//!
//! Invariants: an interchange is judged whole and answered by a 997, whatever became of it here; the same control number
//! with other content is refused; the same interchange again applies only what was refused before; a count far from
//! what is believed waits for a second look as any other does.

mod apply;
mod out;

use std::collections::BTreeSet;

use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use holdfast_access::Right;
use holdfast_connect::x12::{self, Envelope, Interchange};
use holdfast_domain::id::{MerchantId, SiteId};
use holdfast_domain::state::{NameKind, State as DomainState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::body::{self, text};
use super::network::site_id;
use super::orders::moment;
use crate::app::App;
use crate::config::Warehouse;
use crate::cursor::{self, Paged};
use crate::exchange::{Received, Sent};
use crate::guard::Who;
use crate::mount::Mount;
use crate::policy::Policy;
use crate::problem::Problem;

/// The media type of an interchange.
const X12: &str = "application/edi-x12";
/// Things of one interchange that were refused and are told.
const REFUSED_MAX: usize = 1_000;

pub(super) fn mount() -> Mount {
    let report = Policy::all(Right::ReportShipments);
    Mount::default()
        .api(report, routes!(list))
        .api(report, routes!(receive, received))
        .api(report, routes!(out::make, out::sent))
        .api(report, routes!(out::again))
}

/// The warehouse a path names, its site, and the merchant its goods are limited to.
struct At {
    warehouse: Warehouse,
    site: SiteId,
    merchant: Option<MerchantId>,
}

fn at(app: &App, who: &Who, state: &DomainState, id: &str) -> Result<At, Problem> {
    let missing = || Problem::not_found("warehouse");
    let warehouse = app.config.warehouses.iter().find(|one| one.id == id).cloned().ok_or_else(missing)?;
    if !may_use(&warehouse, who) {
        return Err(missing());
    }
    let site = site_id(state, &warehouse.site)?;
    let named = |code: &str| state.named::<MerchantId>(NameKind::Merchant, MerchantId(0), code);
    let merchant = warehouse.merchant.as_deref().map(|code| named(code).ok_or_else(missing)).transpose()?;
    Ok(At { warehouse, site, merchant })
}

/// Whether a warehouse is this caller's: any other does not find it.
fn may_use(warehouse: &Warehouse, who: &Who) -> bool {
    warehouse.caller.as_deref().is_none_or(|caller| caller == who.actor())
}

/// The envelope of an interchange to a warehouse.
fn envelope(app: &App, warehouse: &Warehouse, control: u32) -> Envelope {
    let (sender, receiver) = warehouse.parties();
    Envelope {
        sender,
        receiver,
        control,
        version: warehouse.version.clone(),
        at: moment(app).to_string(),
        test: warehouse.test,
        terminator: if warehouse.terminator == "~" { '~' } else { '\n' },
    }
}

/// A warehouse.
#[derive(Debug, Serialize, ToSchema)]
pub struct WarehouseOut {
    /// Its name in the address of its interchanges.
    pub id: String,
    /// Code of its site.
    pub site: String,
    /// Code of the only merchant whose goods lie there.
    pub merchant: Option<String>,
    /// Version of what is sent to it.
    pub version: String,
    /// Whether its interchanges are tests.
    pub test: bool,
    /// When it last sent an interchange, in milliseconds of Unix time.
    pub received: Option<i64>,
    /// When it was last sent one.
    pub sent: Option<i64>,
    /// 940s of the last hundred it has not answered by a 997.
    pub unanswered: usize,
    /// Shipments of the last hundred 940s it has refused and was not told again: see to them, and send them again.
    pub refused: Vec<String>,
}

/// Lists the warehouses that speak X12, and how each is.
#[utoipa::path(get, path = "/api/v1/warehouses", tag = "connections", responses((status = 200, description = "The warehouses", body = [WarehouseOut])))]
async fn list(State(app): State<App>, who: Who) -> Result<axum::Json<Vec<WarehouseOut>>, Problem> {
    const LAST: usize = 100;
    let told = app.block(move |app| {
        let of = |one: &Warehouse| -> Result<WarehouseOut, rusqlite::Error> {
            let sent = app.inbox.x12_all_sent(&one.id, i64::MAX, LAST)?;
            let received = app.inbox.x12_all_received(&one.id, i64::MAX, 1)?;
            Ok(WarehouseOut {
                id: one.id.clone(),
                site: one.site.clone(),
                merchant: one.merchant.clone(),
                version: one.version.clone(),
                test: one.test,
                received: received.first().map(|one| one.at),
                sent: sent.first().map(|one| one.at),
                unanswered: sent.iter().filter(|sent| sent.status.is_none()).count(),
                refused: refused(&sent),
            })
        };
        app.config.warehouses.iter().filter(|one| may_use(one, &who)).map(of).collect::<Result<Vec<_>, _>>()
    });
    Ok(axum::Json(told.await?.map_err(|error| Problem::internal(&error))?))
}

/// Shipments that were refused and not told again since, of 940s with the newest first.
fn refused(sent: &[Sent]) -> Vec<String> {
    let mut told = BTreeSet::new();
    let mut out = Vec::new();
    for one in sent {
        let newest: BTreeSet<u32> = one.shipments.iter().copied().filter(|id| told.insert(*id)).collect();
        out.extend(one.refused.iter().filter(|id| newest.contains(id)).map(|id| format!("shp-{id}")));
    }
    out
}

/// Something of an interchange that was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RefusedOut {
    /// The set: its kind and control number.
    pub set: String,
    /// What in it: a shipment, an item.
    pub what: String,
    /// Why, and what to do.
    pub why: String,
}

/// What became of an interchange.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceivedOut {
    /// Its control number.
    pub control: String,
    /// When it came first, in milliseconds of Unix time.
    pub at: i64,
    /// The interchange that answers it, with a 997 for each group; nothing answers a 997.
    pub acknowledgement: Option<String>,
    /// Sets that are no sets of the standard: their faults are in the acknowledgement.
    pub rejected: usize,
    /// Shipments moved, shelves counted, 940s known to be accepted.
    pub applied: usize,
    /// What was known before.
    pub known: usize,
    /// What was not done, the first thousand.
    pub refused: Vec<RefusedOut>,
    /// What was not done besides.
    #[serde(default)]
    pub refused_more: usize,
}

/// Takes an interchange of a warehouse: 945 and 856 move shipments, 846 counts shelves, 997 and TA1 say what it makes of
/// ours.
/// It is answered by a 997, in the JSON, or alone with `Accept: application/edi-x12`. The same interchange again does
/// nothing twice and tries again what was refused.
#[utoipa::path(post, path = "/api/v1/warehouses/{warehouse}/x12", tag = "connections",
    params(("warehouse" = String, Path)), request_body(content = String, content_type = "application/edi-x12", description = "One interchange, X12 004010 or 005010"),
    responses(
        (status = 200, description = "What became of it", body = ReceivedOut),
        (status = 400, description = "It is no interchange, or not whole", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such warehouse", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Its control number belongs to another interchange", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "It is too large", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It is not from this warehouse, not for this house, or a test", body = Problem, content_type = "application/problem+json")))]
async fn receive(
    State(app): State<App>,
    who: Who,
    Path(id): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let at = at(&app, &who, app.view().state(), &id)?;
    let bytes = body::whole(&app, request).await?;
    let (read, hash) = app.block(move |_| (x12::read(&bytes), *blake3::hash(&bytes).as_bytes())).await?;
    let read = read.map_err(|error| {
        Problem::new("malformed", error.to_string(), "send one whole interchange, from ISA to IEA")
    })?;
    is_meant(&at.warehouse, &read)?;
    let (name, control) = (id.clone(), read.control.clone());
    let known = app.block(move |app| app.inbox.x12_received(&name, &control)).await?;
    let known = known.map_err(|error| Problem::internal(&error))?;
    if known.as_ref().is_some_and(|known| known.hash != hash) {
        return Err(Problem::new(
            "control-number-used",
            format!("interchange {} came before with other content", read.control),
            "give it a control number of its own (ISA13)",
        ));
    }
    let mut out = apply::all(&app, &who, &at, &read).await?;
    (out.control, out.at) = (read.control.clone(), known.as_ref().map_or(app.now(), |known| known.at));
    out.acknowledgement = match known {
        Some(known) => Some(known.answer).filter(|answer| !answer.is_empty()),
        None => {
            let (name, now) = (id.clone(), app.now());
            let control = app.block(move |app| app.inbox.x12_control(&name, now)).await?;
            let control = control.map_err(|error| Problem::internal(&error))?;
            x12::answer(&read, &envelope(&app, &at.warehouse, control))
        }
    };
    let one = Received {
        id: 0,
        control: out.control.clone(),
        hash,
        at: out.at,
        answer: out.acknowledgement.clone().unwrap_or_default(),
        result: serde_json::to_string(&ReceivedOut { acknowledgement: None, ..out.clone() })
            .unwrap_or_default(),
    };
    // One that came damaged is sent again under the same number.
    if read.code.is_none() {
        let kept = app.block(move |app| app.inbox.x12_keep(&id, &one)).await?;
        kept.map_err(|error| Problem::internal(&error))?;
    }
    if text(&headers, "accept").is_some_and(|accept| accept.contains("edi-x12")) {
        let plain = out.acknowledgement.unwrap_or_default();
        return Ok(([(header::CONTENT_TYPE, X12)], plain).into_response());
    }
    Ok(axum::Json(out).into_response())
}

/// Makes sure that an interchange comes from this warehouse and is for this house.
fn is_meant(warehouse: &Warehouse, read: &Interchange) -> Result<(), Problem> {
    let (ours, theirs) = warehouse.parties();
    if read.sender != theirs {
        let said = format!("{}:{}", read.sender.qualifier, read.sender.id);
        return Err(Problem::field("ISA06", format!("it is from {said:?}, not from {:?}", warehouse.theirs)));
    }
    if read.receiver != ours {
        let said = format!("{}:{}", read.receiver.qualifier, read.receiver.id);
        return Err(Problem::field("ISA08", format!("it is for {said:?}, not for {:?}", warehouse.ours)));
    }
    if read.test != warehouse.test {
        let detail = if read.test {
            "it is a test, and this connection is not: say test = true for it"
        } else {
            "this connection is a test, and it is none"
        };
        return Err(Problem::field("ISA15", detail));
    }
    Ok(())
}

/// A page of interchanges that came.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceivedPage {
    /// What became of each, newest first.
    pub interchanges: Vec<ReceivedOut>,
    /// Where the list goes on.
    pub next: Option<String>,
}

/// Where a list of rows, newest first, goes on: before this row.
fn before(list: &str, paged: &Paged) -> Result<i64, Problem> {
    let row = paged.cursor.as_deref().map(|cursor| cursor::decode(list, cursor)).transpose()?;
    Ok(row.map_or(i64::MAX, |row| i64::try_from(row).unwrap_or(i64::MAX)))
}

/// The cursor behind the last row of a full page.
fn next(list: &str, last: Option<i64>, found: usize, most: usize) -> Option<String> {
    last.filter(|_| found == most).map(|row| cursor::encode(list, row.unsigned_abs()))
}

/// Lists the interchanges that came from a warehouse and what became of them.
#[utoipa::path(get, path = "/api/v1/warehouses/{warehouse}/x12", tag = "connections", params(("warehouse" = String, Path), Paged), responses(
    (status = 200, description = "A page", body = ReceivedPage),
    (status = 404, description = "There is no such warehouse", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "The cursor is none", body = Problem, content_type = "application/problem+json")))]
async fn received(
    State(app): State<App>,
    who: Who,
    Path(id): Path<String>,
    Query(paged): Query<Paged>,
) -> Result<axum::Json<ReceivedPage>, Problem> {
    at(&app, &who, app.view().state(), &id)?;
    let list = format!("x12 in {id}");
    let (from, most) = (before(&list, &paged)?, cursor::page(paged.limit));
    let found = app.block(move |app| app.inbox.x12_all_received(&id, from, most)).await?;
    let found = found.map_err(|error| Problem::internal(&error))?;
    let next = next(&list, found.last().map(|one| one.id), found.len(), most);
    let told = found.into_iter().map(|one| ReceivedOut {
        acknowledgement: Some(one.answer).filter(|answer| !answer.is_empty()),
        ..serde_json::from_str(&one.result).unwrap_or_default()
    });
    Ok(axum::Json(ReceivedPage { interchanges: told.collect(), next }))
}
