//! 940s: what a warehouse is to send, told once, and told again when it is asked for.

use std::collections::BTreeSet;

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use holdfast_access::Right;
use holdfast_connect::x12::{self, Line, ShippingOrder};
use holdfast_domain::id::{Id as _, MerchantId, ShipmentId, SiteId};
use holdfast_domain::order::{Shipment, ShipmentStage};
use holdfast_domain::state::State as DomainState;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{At, X12, at, before, envelope, next};
use crate::app::App;
use crate::cursor::{self, Paged};
use crate::exchange::{Sent, Told};
use crate::guard::Who;
use crate::problem::Problem;
use crate::routes::body::Json;
use crate::routes::orders::{carrier, person_of};

/// Shipments of one interchange.
const SHIPMENTS_MAX: usize = 500;
/// Shipments that are asked to be told again at once.
const AGAIN_MAX: usize = 10_000;
/// Shipments that are named in a refusal.
const NAMED_MAX: usize = 20;

/// What is to be told besides what is new.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TellIn {
    /// Shipments that were told before and are told again, such as those a 997 has refused.
    pub again: Vec<String>,
}

/// A 940 that went out.
#[derive(Debug, Serialize, ToSchema)]
pub struct SentOut {
    /// Its control number.
    pub control: u32,
    /// When it was made, in milliseconds of Unix time.
    pub at: i64,
    /// The shipments it tells of.
    pub shipments: Vec<String>,
    /// What its 997 says: `A` accepted, `E` with errors noted, `P` in part, `R` rejected; none came yet if not given.
    pub status: Option<String>,
    /// Shipments whose sets were refused.
    pub refused: Vec<String>,
}

/// A page of 940s.
#[derive(Debug, Serialize, ToSchema)]
pub struct SentPage {
    /// Newest first.
    pub interchanges: Vec<SentOut>,
    /// Where the list goes on.
    pub next: Option<String>,
}

fn names(ids: &[u32]) -> Vec<String> {
    ids.iter().map(|id| format!("shp-{id}")).collect()
}

/// Tells a warehouse what it is to send: an interchange of 940s with every released shipment it was not told of, 500 at
/// most. Reading the people behind them is logged. With an answer of 204 there is nothing to tell.
#[utoipa::path(post, path = "/api/v1/warehouses/{warehouse}/x12/940", tag = "connections",
    params(("warehouse" = String, Path)), request_body = TellIn, responses(
        (status = 200, description = "The interchange", body = String, content_type = "application/edi-x12"),
        (status = 204, description = "Nothing is to be told"),
        (status = 404, description = "There is no such warehouse", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A shipment that is none, or that does not wait there to be sent", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn make(
    State(app): State<App>,
    who: Who,
    Path(id): Path<String>,
    Json(given): Json<TellIn>,
) -> Result<Response, Problem> {
    let at = at(&app, &who, app.view().state(), &id)?;
    let number = |text: &String| text.parse::<ShipmentId>().ok().map(|id| id.0);
    let again: Option<BTreeSet<u32>> = given.again.iter().map(number).collect();
    let again = again.filter(|_| given.again.len() <= AGAIN_MAX);
    let again =
        again.ok_or_else(|| Problem::field("again", "name shipments such as shp-3, 10,000 at most"))?;
    may_read_people(&who)?;
    let (site, merchant, now) = (at.site, at.merchant, app.now());
    let told = app.block(move |app| {
        let open = || -> Vec<u32> {
            let view = app.view();
            let state = view.state();
            let open = state.shipments.iter().filter(|(_, shipment)| {
                shipment.stage == ShipmentStage::Released && lies_at(state, site, merchant, shipment)
            });
            open.map(|(id, _)| id.0).collect()
        };
        app.inbox.x12_tell(&id, now, open, &again, SHIPMENTS_MAX)
    });
    match told.await?.map_err(|error| Problem::internal(&error))? {
        Told::Nothing => Ok(StatusCode::NO_CONTENT.into_response()),
        Told::Sent(sent) => written(&app, &who, &at, &sent).await,
        Told::NotOpen(gone) => {
            let named: Vec<String> = names(&gone).into_iter().take(NAMED_MAX).collect();
            let more = gone.len() - named.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let why = format!("{}{more}: not released here, or gone; nothing was told", named.join(" "));
            Err(Problem::field("again", why))
        }
    }
}

/// Whether a shipment is of this site, and of the merchant whose goods lie there.
fn lies_at(state: &DomainState, site: SiteId, merchant: Option<MerchantId>, shipment: &Shipment) -> bool {
    let order = || state.order(shipment.order).ok();
    shipment.site == site && merchant.is_none_or(|limit| order().is_some_and(|order| order.merchant == limit))
}

/// Whether a shipment is still to be sent: the site has it, and it was neither recalled nor has it left.
const fn is_to_be_sent(stage: ShipmentStage) -> bool {
    matches!(stage, ShipmentStage::Released | ShipmentStage::Picked | ShipmentStage::Packed)
}

/// A 940 interchange again, by its control number: those of its shipments that are still to be sent, as they are to be
/// sent now, each under its set's number. With an answer of 204 none of them is: they have left or were recalled.
#[utoipa::path(get, path = "/api/v1/warehouses/{warehouse}/x12/940/{control}", tag = "connections",
    params(("warehouse" = String, Path), ("control" = u32, Path)), responses(
        (status = 200, description = "The interchange", body = String, content_type = "application/edi-x12"),
        (status = 204, description = "Nothing of it is to be sent any more"),
        (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn again(
    State(app): State<App>,
    who: Who,
    Path((id, control)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let at = at(&app, &who, app.view().state(), &id)?;
    may_read_people(&who)?;
    let missing = || Problem::not_found("940");
    let control: u32 = control.parse().map_err(|_| missing())?;
    let sent = app.block(move |app| app.inbox.x12_sent(&id, control)).await?;
    let sent = sent.map_err(|error| Problem::internal(&error))?.ok_or_else(missing)?;
    written(&app, &who, &at, &sent).await
}

fn may_read_people(who: &Who) -> Result<(), Problem> {
    if who.has(Right::ReadPeople) {
        return Ok(());
    }
    Err(Problem::new("forbidden", "a 940 names who gets it", "give this key the right people:read"))
}

async fn written(app: &App, who: &Who, at: &At, sent: &Sent) -> Result<Response, Problem> {
    let view = app.view();
    let state = view.state();
    let here: Vec<(usize, ShipmentId)> = (1..)
        .zip(sent.shipments.iter().map(|id| ShipmentId::from_index(*id as usize)))
        .filter(|(_, id)| {
            state.shipments.get(*id).is_some_and(|shipment| {
                is_to_be_sent(shipment.stage) && lies_at(state, at.site, at.merchant, shipment)
            })
        })
        .collect();
    if here.is_empty() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let (actor, now) = (who.actor().to_owned(), app.now());
    let named: Vec<String> = here.iter().map(|(_, id)| id.to_string()).collect();
    let what = format!("940 {} to {}: {}", sent.control, at.warehouse.id, named.join(" "));
    // Nobody is read without a trace: no log, no interchange.
    app.block(move |app| app.access.audit(now, "person-read", &actor, &what)).await??;
    let mut orders = Vec::with_capacity(here.len());
    for (set, id) in here {
        orders.extend(order(app, state, id, set).await?);
    }
    let text = x12::shipping_orders(&envelope(app, &at.warehouse, sent.control), &orders);
    Ok(([(header::CONTENT_TYPE, X12)], text).into_response())
}

/// A shipment as the warehouse has to know it, under its set's number; `None` where its order is finished.
async fn order(
    app: &App,
    state: &DomainState,
    id: ShipmentId,
    set: usize,
) -> Result<Option<ShippingOrder>, Problem> {
    let Some(shipment) = state.shipments.get(id) else { return Ok(None) };
    let Ok(order) = state.order(shipment.order) else { return Ok(None) };
    let person = person_of(app, shipment.order).await?.unwrap_or_default();
    let lines = shipment.items.iter().map(|(line, quantity)| {
        let sku = order.lines.get(usize::from(*line)).and_then(|line| state.network.skus.get(line.sku));
        Line { sku: sku.map_or_else(String::new, |sku| sku.code.to_string()), units: quantity.0 }
    });
    Ok(Some(ShippingOrder {
        set,
        shipment: id.to_string(),
        order: order.number.to_string(),
        day: shipment.ship_day.to_string(),
        carrier: carrier(state, shipment.lane),
        name: person.name,
        street: person.street,
        city: person.city,
        postal: order.postal.to_string(),
        country: order.country.code().to_owned(),
        phone: person.phone,
        lines: lines.collect(),
    }))
}

/// Lists the 940s that went to a warehouse, and what it made of them.
#[utoipa::path(get, path = "/api/v1/warehouses/{warehouse}/x12/940", tag = "connections", params(("warehouse" = String, Path), Paged), responses(
    (status = 200, description = "A page", body = SentPage),
    (status = 404, description = "There is no such warehouse", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "The cursor is none", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn sent(
    State(app): State<App>,
    who: Who,
    Path(id): Path<String>,
    Query(paged): Query<Paged>,
) -> Result<axum::Json<SentPage>, Problem> {
    at(&app, &who, app.view().state(), &id)?;
    let list = format!("x12 out {id}");
    let (from, most) = (before(&list, &paged)?, cursor::page(paged.limit));
    let found = app.block(move |app| app.inbox.x12_all_sent(&id, from, most)).await?;
    let found = found.map_err(|error| Problem::internal(&error))?;
    let next = next(&list, found.last().map(|one| one.id), found.len(), most);
    let told = found.into_iter().map(|one| SentOut {
        control: one.control,
        at: one.at,
        shipments: names(&one.shipments),
        status: one.status,
        refused: names(&one.refused),
    });
    Ok(axum::Json(SentPage { interchanges: told.collect(), next }))
}
