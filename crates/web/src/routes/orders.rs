//! Orders: taken, read, listed, changed one at a time, explained.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use holdfast_access::Right;
use holdfast_app::seal::{self, PersonalData};
use holdfast_app::service::{Asked, What};
use holdfast_domain::command::Command;
use holdfast_domain::event::Event;
use holdfast_domain::evolve::evolve;
use holdfast_domain::id::{Id, MerchantId, OrderId};
use holdfast_domain::incident::SiteAccess;
use holdfast_domain::order::{HoldReason, Order, OrderSlot, OrderStatus, ShipmentStage};
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::{NameKind, State as DomainState};
use holdfast_domain::time::{Day, Stamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::body::{Json, text};
use super::events::EntryOut;
use crate::app::{App, Outcome, idempotency};
use crate::cursor;
use crate::guard::Who;
use crate::index::entries_after;
use crate::intake::{self, OrderIn, ShipTo};
use crate::mount::Mount;
use crate::policy::Policy;
use crate::problem::Problem;

/// Orders a list looks at for one page: a filter that matches few goes on from its cursor.
const SCAN_MAX: usize = 200_000;
/// Entries of an order's history that are given.
const HISTORY_MAX: usize = 200;

pub(super) fn mount() -> Mount {
    use Right as R;
    Mount::default()
        .api(Policy::own(R::PlaceOrders), routes!(place))
        .api(Policy::own(R::ReadOrders), routes!(list))
        .api(Policy::own(R::ReadOrders), routes!(get))
        .api(Policy::own(R::ReadOrders), routes!(why))
        .api(Policy::own(R::ReadOrders), routes!(history))
        .api(Policy::own(R::ReadPeople), routes!(person))
        .api(Policy::own(R::ChangeOrders), routes!(cancel))
        .api(Policy::own(R::ChangeOrders), routes!(hold))
        .api(Policy::own(R::ChangeOrders), routes!(free))
        .api(Policy::own(R::ChangeOrders), routes!(address))
        .api(Policy::all(R::ErasePeople).fresh(), routes!(erase))
}

/// An order.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderOut {
    /// Its id.
    #[schema(example = "ord-17")]
    pub id: String,
    /// Code of its merchant.
    pub merchant: String,
    /// The merchant's number.
    pub number: String,
    /// What it is: the state of its least advanced units.
    pub status: String,
    /// Whose it is, by number alone.
    pub subject: Option<String>,
    /// Country it goes to.
    pub country: String,
    /// Postal code it goes to.
    pub postal: String,
    /// Code of its zone.
    pub zone: String,
    /// When the customer ordered.
    pub placed: String,
    /// When the customer paid.
    pub paid: Option<String>,
    /// The date the customer has; none before a site was found.
    pub promise: Option<String>,
    /// The date the customer had first.
    pub promise_first: Option<String>,
    /// Higher goes first.
    pub priority: u8,
    /// Why nothing is done with it for now.
    pub hold: Option<String>,
    /// How often a plan has moved it.
    pub moved: u8,
    /// What the customer still wants is worth this, in minor units.
    pub value: i64,
    /// Currency of it.
    pub currency: String,
    /// Its lines.
    pub lines: Vec<LineOut>,
}

/// A line of an order.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineOut {
    /// The merchant's code.
    pub sku: String,
    /// Units ordered.
    pub ordered: u32,
    /// Units cancelled since.
    pub cancelled: u32,
    /// Units that came back.
    pub returned: u32,
    /// Units without a site.
    pub backordered: u32,
    /// Price of a unit in minor units.
    pub price: i64,
    /// Where it comes from.
    pub allocations: Vec<AllocationOut>,
}

/// Units of a line at one site.
#[derive(Debug, Serialize, ToSchema)]
pub struct AllocationOut {
    /// Code of the site.
    pub site: String,
    /// Carrier and service.
    pub carrier: String,
    /// Day on which it leaves.
    pub ship_day: String,
    /// Units.
    pub quantity: u32,
    /// Shipment, once the site was told.
    pub shipment: Option<String>,
    /// How far it is, once the site was told.
    pub stage: Option<String>,
}

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

/// What became of an order that was sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct Placed {
    /// The order.
    pub order: OrderOut,
    /// Journal entry that took it.
    pub version: u64,
}

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct Done {
    /// Journal entry.
    pub version: u64,
    /// What it made, if it made something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// Units to cancel; without a line, all that has not been released.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Cancel {
    /// Line, from 0.
    pub line: Option<u16>,
    /// Units of it.
    pub quantity: Option<u32>,
}

/// Why an order is held.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// `unpaid`, `duplicate`, `implausible_quantity`, `address`, `fraud` or `person`.
    pub reason: String,
}

/// The person behind an order.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonOut {
    /// Name.
    pub name: String,
    /// Street.
    pub street: String,
    /// City.
    pub city: String,
    /// Mail.
    pub mail: String,
    /// Phone.
    pub phone: String,
}

/// The word for a reason.
#[must_use]
pub const fn hold_word(reason: HoldReason) -> &'static str {
    match reason {
        HoldReason::Unpaid => "unpaid",
        HoldReason::Duplicate => "duplicate",
        HoldReason::ImplausibleQuantity => "implausible_quantity",
        HoldReason::Address => "address",
        HoldReason::Fraud => "fraud",
        HoldReason::Person => "person",
    }
}

fn hold_of(word: &str) -> Option<HoldReason> {
    use HoldReason as H;
    [H::Unpaid, H::Duplicate, H::ImplausibleQuantity, H::Address, H::Fraud, H::Person]
        .into_iter()
        .find(|reason| hold_word(*reason) == word)
}

/// The word for a state.
#[must_use]
pub const fn status_word(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Held => "held",
        OrderStatus::Backordered => "backordered",
        OrderStatus::InDoubt => "in_doubt",
        OrderStatus::Reserved => "reserved",
        OrderStatus::Released => "released",
        OrderStatus::Picked => "picked",
        OrderStatus::Packed => "packed",
        OrderStatus::Shipped => "shipped",
        OrderStatus::Delivered => "delivered",
        OrderStatus::Cancelled => "cancelled",
    }
}

/// The word for a stage.
#[must_use]
pub const fn stage_word(stage: ShipmentStage) -> &'static str {
    match stage {
        ShipmentStage::Released => "released",
        ShipmentStage::Picked => "picked",
        ShipmentStage::Packed => "packed",
        ShipmentStage::InDoubt { .. } => "in_doubt",
        ShipmentStage::Recalling { .. } => "recalling",
        ShipmentStage::Shipped => "shipped",
        ShipmentStage::Exception => "exception",
        ShipmentStage::Delivered => "delivered",
        ShipmentStage::Recalled => "recalled",
        ShipmentStage::Lost => "lost",
    }
}

/// What an order is: the state of its least advanced units.
#[must_use]
pub fn status(state: &DomainState, order: &Order) -> OrderStatus {
    if order.hold.is_some() {
        return OrderStatus::Held;
    }
    if !order.backordered().is_zero() {
        return OrderStatus::Backordered;
    }
    let stage = |shipment| match state.shipments.get(shipment).map(|known| known.stage) {
        Some(ShipmentStage::InDoubt { .. }) => OrderStatus::InDoubt,
        Some(ShipmentStage::Picked) => OrderStatus::Picked,
        Some(ShipmentStage::Packed) => OrderStatus::Packed,
        Some(ShipmentStage::Shipped | ShipmentStage::Exception | ShipmentStage::Lost) => OrderStatus::Shipped,
        Some(ShipmentStage::Delivered) => OrderStatus::Delivered,
        Some(ShipmentStage::Released | ShipmentStage::Recalling { .. } | ShipmentStage::Recalled) | None => {
            OrderStatus::Released
        }
    };
    let units = order.lines.iter().flat_map(|line| &line.allocations);
    units.map(|a| a.shipment.map_or(OrderStatus::Reserved, stage)).min().unwrap_or(OrderStatus::Cancelled)
}

/// A day as text; none for "not promised yet".
#[must_use]
pub fn day(day: Day) -> Option<String> {
    (day.0 != i32::MAX).then(|| day.to_string())
}

/// An order as it is told.
#[must_use]
pub fn order_out(state: &DomainState, id: OrderId, order: &Order) -> OrderOut {
    let network = &state.network;
    let merchant = network.merchant(order.merchant);
    let line = |line: &holdfast_domain::order::Line| LineOut {
        sku: network.skus.get(line.sku).map_or_else(String::new, |sku| sku.code.to_string()),
        ordered: line.ordered.0,
        cancelled: line.cancelled.0,
        returned: line.returned.0,
        backordered: line.backordered().0,
        price: line.price,
        allocations: line
            .allocations
            .iter()
            .map(|a| AllocationOut {
                site: network.site(a.site).map_or_else(String::new, |site| site.code.to_string()),
                carrier: carrier(state, a.lane),
                ship_day: a.ship_day.to_string(),
                quantity: a.quantity.0,
                shipment: a.shipment.map(|shipment| shipment.to_string()),
                stage: a
                    .shipment
                    .and_then(|shipment| state.shipments.get(shipment))
                    .map(|shipment| stage_word(shipment.stage).to_owned()),
            })
            .collect(),
    };
    OrderOut {
        id: id.to_string(),
        merchant: merchant.map_or_else(String::new, |merchant| merchant.code.to_string()),
        number: order.number.to_string(),
        status: status_word(status(state, order)).to_owned(),
        subject: order.subject.map(|subject| subject.to_string()),
        country: order.country.code().to_owned(),
        postal: order.postal.to_string(),
        zone: network.zones.get(order.zone.index()).map_or_else(String::new, |zone| zone.code.to_string()),
        placed: order.placed.to_string(),
        paid: order.paid.map(|paid| paid.to_string()),
        promise: day(order.promise),
        promise_first: day(order.promise_first),
        priority: order.priority,
        hold: order.hold.map(|reason| hold_word(reason).to_owned()),
        moved: order.moved,
        value: order.value(),
        currency: merchant.map_or_else(String::new, |merchant| merchant.currency.code().to_owned()),
        lines: order.lines.iter().map(line).collect(),
    }
}

/// Carrier and service of a lane.
#[must_use]
pub fn carrier(state: &DomainState, lane: holdfast_domain::id::LaneId) -> String {
    let lane = state.network.lanes.get(lane);
    let service = lane.and_then(|lane| state.network.services.get(lane.service.index()));
    service.map_or_else(String::new, |service| format!("{}/{}", service.carrier, service.name))
}

/// An answer with its ETag: nothing but 304 where the caller has it already.
pub fn tagged<T: Serialize>(headers: &HeaderMap, value: &T) -> Result<Response, Problem> {
    let bytes = serde_json::to_vec(value).map_err(|error| Problem::internal(&error))?;
    let tag = format!("\"{}\"", &blake3::hash(&bytes).to_hex()[..24]);
    let known = text(headers, "if-none-match")
        .is_some_and(|tags| tags.split(',').any(|known| known.trim() == tag || known.trim() == "*"));
    let tag = HeaderValue::from_str(&tag).map_err(|error| Problem::internal(&error))?;
    if known {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let kind = HeaderValue::from_static("application/json");
    Ok(([(header::ETAG, tag), (header::CONTENT_TYPE, kind)], bytes).into_response())
}

/// The moment of a request, on the wall clock.
#[must_use]
pub fn moment(app: &App) -> Stamp {
    Stamp(app.now())
}

/// The order a path names.
///
/// # Errors
/// A problem for what is no id.
pub fn order_id(path: &str) -> Result<OrderId, Problem> {
    path.parse().map_err(|_| Problem::not_found("order"))
}

/// Takes an order. The same number of the same merchant is the same order, for ever.
#[utoipa::path(post, path = "/api/v1/orders", tag = "orders", request_body = OrderIn,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key is the same request")),
    responses(
        (status = 201, description = "Taken, and durable", body = Placed),
        (status = 200, description = "Taken before under the same key", body = Placed),
        (status = 409, description = "The number is known already", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Something is wrong with it", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No room now: ask again", body = Problem, content_type = "application/problem+json")))]
async fn place(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Json(order): Json<OrderIn>,
) -> Result<Response, Problem> {
    let (new, person) = intake::resolve(app.view().state(), &who, &order, moment(&app))?;
    let key = idempotency(&who, "POST /api/v1/orders", text(&headers, "idempotency-key"));
    let outcome = app.ask(Asked::place(new.clone(), person, who.actor()).with_key(key)).await?;
    let (id, order) = match as_decided(app.view().state(), &outcome) {
        Some(decided) => decided,
        None => {
            app.seen(outcome.version()).await;
            let view = app.view();
            let state = view.state();
            let id = match &outcome {
                Outcome::Repeated(used) => used.made.map(OrderId),
                Outcome::Done { .. } => state.named(NameKind::Order, new.merchant, &new.number),
            };
            let id = id.ok_or_else(|| Problem::busy("the order is taken and not to be seen yet"))?;
            (id, order_out(state, id, who.order(state, id)?))
        }
    };
    let placed = Placed { order, version: outcome.version() };
    let location = [(header::LOCATION, format!("/api/v1/orders/{id}"))];
    Ok(match outcome {
        Outcome::Done { .. } => (StatusCode::CREATED, location, axum::Json(placed)).into_response(),
        Outcome::Repeated(_) => {
            let replayed = [("idempotency-replayed", "true")];
            (StatusCode::OK, location, replayed, axum::Json(placed)).into_response()
        }
    })
}

/// An order as its own entry has decided it, whatever has become of it since. `None` where the entry does not name it,
/// because no site was found at once.
fn as_decided(state: &DomainState, outcome: &Outcome) -> Option<(OrderId, OrderOut)> {
    let Outcome::Done { entry, .. } = outcome else { return None };
    let mut order = entry.events.iter().find_map(|event| match event {
        Event::OrderReceived(order) => Some((**order).clone()),
        _ => None,
    })?;
    let (id, allocations, promise) = entry.events.iter().find_map(|event| match event {
        Event::OrderSourced { order, allocations, promise, .. } => Some((*order, allocations, *promise)),
        _ => None,
    })?;
    for (line, allocation) in allocations {
        order.lines.get_mut(usize::from(*line))?.allocations.push(*allocation);
    }
    if let Some(promise) = promise {
        (order.promise, order.promise_first) = (promise, promise);
    }
    Some((id, order_out(state, id, &order)))
}

/// Lists orders, newest first.
#[utoipa::path(get, path = "/api/v1/orders", tag = "orders", params(Filter), responses(
    (status = 200, description = "A page", body = OrderPage),
    (status = 422, description = "A filter that is none", body = Problem, content_type = "application/problem+json")))]
async fn list(
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
        Some(code) => Some(super::network::site_id(state, code)?),
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
async fn get(
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

/// Why the order goes where it goes, and why nowhere else, from the state it was decided in.
#[utoipa::path(get, path = "/api/v1/orders/{id}/why", tag = "orders", params(("id" = String, Path)), responses(
    (status = 200, description = "Every site's verdict", body = Why),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json")))]
async fn why(State(app): State<App>, who: Who, Path(id): Path<String>) -> Result<axum::Json<Why>, Problem> {
    let view = app.view();
    let id = order_id(&id)?;
    who.order(view.state(), id)?;
    app.indexed(view.state().version).await;
    let versions = app.block(move |app| app.index.of_order(id, HISTORY_MAX)).await?;
    let versions = versions.map_err(|error| Problem::internal(&error))?;
    app.read(move |journal| explain(journal, id, &versions)).await?.map(axum::Json)
}

/// Why an order goes where it goes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Why {
    /// Journal entry that gave it its first site, or took it.
    pub version: u64,
    /// When.
    pub at: String,
    /// By whom.
    pub by: String,
    /// What the choice cost, shadow prices included, in the operator's minor units.
    pub cost: i64,
    /// For and against each site.
    pub sites: Vec<SiteWhy>,
}

/// For and against one site.
#[derive(Debug, Serialize, ToSchema)]
pub struct SiteWhy {
    /// Code of the site.
    pub site: String,
    /// Its best carrier and service.
    pub carrier: Option<String>,
    /// The day it could ship.
    pub ship_day: Option<String>,
    /// The day it could arrive.
    pub arrival: Option<String>,
    /// What it would cost to send all lines from there.
    pub cost: Option<i64>,
    /// `chosen`, `dearer`, `no_stock`, `not_open` or `no_lane`.
    pub verdict: String,
    /// Minor units it costs more, or line numbers it serves or lacks.
    pub detail: Option<serde_json::Value>,
}

fn explain(
    journal: &mut dyn holdfast_app::port::Journal,
    id: OrderId,
    versions: &[u64],
) -> Result<Why, Problem> {
    let mut decided = None;
    for version in versions {
        let entries = entries_after(journal, version - 1, 1).map_err(|error| Problem::internal(&error))?;
        let Some(durable) = entries.into_iter().next() else { continue };
        let sourced = |event: &Event| matches!(event, Event::OrderSourced { order, .. } if *order == id);
        let received = |event: &Event| matches!(event, Event::OrderReceived(_));
        if durable.entry.events.iter().any(sourced)
            || (decided.is_none() && durable.entry.events.iter().any(received))
        {
            let stop = durable.entry.events.iter().any(sourced);
            decided = Some(durable);
            if stop {
                break;
            }
        }
    }
    let decided = decided.ok_or_else(|| Problem::busy("the index has not come so far yet"))?;
    let before = holdfast_app::recover::recover(journal, Some(decided.version - 1))
        .map_err(|error| Problem::internal(&error))?
        .engine;
    let mut state = before.state;
    for event in &decided.entry.events {
        if matches!(event, Event::OrderSourced { order, .. } if *order == id) {
            break;
        }
        evolve(&mut state, decided.entry.at, event).map_err(|error| Problem::internal(&error))?;
    }
    let found = holdfast_engine::route::explain(&state, &before.prices, id, decided.entry.at)?;
    let site = |verdict: &holdfast_engine::route::SiteVerdict| {
        let mut told = serde_json::to_value(&verdict.verdict).unwrap_or_default();
        let word = told["verdict"].as_str().unwrap_or_default().to_owned();
        let detail = told.as_object_mut().and_then(|fields| {
            fields.remove("verdict");
            fields.values().next().cloned()
        });
        SiteWhy {
            site: state.network.site(verdict.site).map_or_else(String::new, |site| site.code.to_string()),
            carrier: verdict.lane.map(|lane| carrier(&state, lane)),
            ship_day: verdict.ship_day.map(|day| day.to_string()),
            arrival: verdict.arrival.map(|day| day.to_string()),
            cost: verdict.cost,
            verdict: word,
            detail,
        }
    };
    Ok(Why {
        version: decided.version,
        at: decided.entry.at.to_string(),
        by: decided.entry.actor.to_string(),
        cost: found.cost,
        sites: found.sites.iter().map(site).collect(),
    })
}

/// What has happened to the order.
#[utoipa::path(get, path = "/api/v1/orders/{id}/events", tag = "orders", params(("id" = String, Path)), responses(
    (status = 200, description = "Its journal entries, oldest first", body = Vec<EntryOut>),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json")))]
async fn history(
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
    let about = |durable| super::events::entry_out(view.state(), &who, durable, Some(id));
    Ok(axum::Json(entries.iter().filter_map(about).collect()))
}

/// The person behind the order, from the data that came with it. Reading it is logged.
#[utoipa::path(get, path = "/api/v1/orders/{id}/person", tag = "orders", params(("id" = String, Path)), responses(
    (status = 200, description = "The person", body = PersonOut),
    (status = 404, description = "There is none, or they are forgotten", body = Problem, content_type = "application/problem+json")))]
async fn person(
    State(app): State<App>,
    who: Who,
    Path(id): Path<String>,
) -> Result<axum::Json<PersonOut>, Problem> {
    let view = app.view();
    let id = order_id(&id)?;
    who.order(view.state(), id)?;
    let (actor, now) = (who.actor().to_owned(), app.now());
    // Nobody reads without a trace: no log, no person.
    app.block(move |app| app.access.audit(now, "person-read", &actor, &id.to_string())).await??;
    let found = person_of(&app, id).await?.ok_or_else(|| Problem::not_found("person"))?;
    Ok(axum::Json(PersonOut {
        name: found.name,
        street: found.street,
        city: found.city,
        mail: found.mail,
        phone: found.phone,
    }))
}

/// What is known of the person behind an order: the data sealed last. `None` where the order names nobody, or the
/// person is forgotten.
///
/// # Errors
/// A problem when journal or index cannot be read.
pub async fn person_of(app: &App, id: OrderId) -> Result<Option<PersonalData>, Problem> {
    let view = app.view();
    let Some(subject) = view.state().order(id)?.subject else { return Ok(None) };
    app.indexed(view.state().version).await;
    let known = view.state().subjects.get(subject).filter(|known| !known.erased);
    let Some(fingerprint) = known.map(|known| known.fingerprint) else { return Ok(None) };
    let sealed = app.block(move |app| app.index.seal(subject, u64::MAX >> 1)).await?;
    let Some(version) = sealed.map_err(|error| Problem::internal(&error))? else {
        return Err(Problem::busy("the index has not come so far yet"));
    };
    app.read(move |journal| {
        let fault = |error: holdfast_app::port::ReadError| Problem::internal(&error);
        let Some(key) = journal.subject_key(subject).map_err(fault)? else { return Ok(None) };
        let entries = entries_after(journal, version - 1, 1).map_err(fault)?;
        let blob = entries.iter().flat_map(|durable| &durable.entry.events).find_map(|event| match event {
            Event::SubjectSealed { subject: of, sealed, .. } if *of == subject => Some(sealed),
            _ => None,
        });
        Ok(blob.and_then(|blob| seal::open(&key, fingerprint, blob).ok()))
    })
    .await?
}

/// Cancels units of a line, or whatever of the order has not been released.
#[utoipa::path(post, path = "/api/v1/orders/{id}/cancel", tag = "orders", params(("id" = String, Path)), request_body = Cancel, responses(
    (status = 200, description = "Cancelled", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "Nothing is left to cancel", body = Problem, content_type = "application/problem+json")))]
async fn cancel(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
    Json(given): Json<Cancel>,
) -> Result<axum::Json<Done>, Problem> {
    let order = order_id(&id)?;
    who.order(app.view().state(), order)?;
    let command = match (given.line, given.quantity) {
        (None, None) => Command::CancelOrder { order },
        (Some(line), Some(quantity)) => Command::CancelLine { order, line, quantity: Quantity(quantity) },
        _ => return Err(Problem::field("line", "a line and its quantity go together")),
    };
    done(&app, &who, command, &headers, &format!("cancel {id}")).await
}

/// Holds the order.
#[utoipa::path(post, path = "/api/v1/orders/{id}/hold", tag = "orders", params(("id" = String, Path)), request_body = Hold, responses(
    (status = 200, description = "Held", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It is held already", body = Problem, content_type = "application/problem+json")))]
async fn hold(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
    Json(given): Json<Hold>,
) -> Result<axum::Json<Done>, Problem> {
    let order = order_id(&id)?;
    who.order(app.view().state(), order)?;
    let reason = hold_of(&given.reason).ok_or_else(|| Problem::field("reason", "there is no such reason"))?;
    done(&app, &who, Command::HoldOrder { order, reason }, &headers, &format!("hold {id}")).await
}

/// Lets a held order go on.
#[utoipa::path(post, path = "/api/v1/orders/{id}/free", tag = "orders", params(("id" = String, Path)), responses(
    (status = 200, description = "It goes on", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It is not held", body = Problem, content_type = "application/problem+json")))]
async fn free(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<axum::Json<Done>, Problem> {
    let order = order_id(&id)?;
    who.order(app.view().state(), order)?;
    done(&app, &who, Command::FreeOrder { order }, &headers, &format!("free {id}")).await
}

/// Corrects the address within the order's zone: name, street, city, mail, phone. A parcel that has left keeps the one
/// it has. Another country or zone is another order: cancel this one and place it anew.
#[utoipa::path(post, path = "/api/v1/orders/{id}/address", tag = "orders", params(("id" = String, Path)), request_body = ShipTo, responses(
    (status = 200, description = "Corrected", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The new address lies in another zone", body = Problem, content_type = "application/problem+json")))]
async fn address(
    State(app): State<App>,
    who: Who,
    Path(id): Path<String>,
    Json(given): Json<ShipTo>,
) -> Result<axum::Json<Done>, Problem> {
    let id = order_id(&id)?;
    let view = app.view();
    let order = who.order(view.state(), id)?;
    let country = holdfast_domain::network::Country::new(&given.country);
    let zone = country.and_then(|country| view.state().network.zone_of(country, &given.postal));
    if zone != Some(order.zone) || *given.postal != *order.postal {
        return Err(Problem::new(
            "other-zone",
            "the new country or postal code is not the order's",
            "cancel the order and place it anew with its new address",
        ));
    }
    let subject = order.subject.ok_or_else(|| Problem::not_found("person"))?;
    let asked = Asked {
        what: What::Renew(subject, Box::new(intake::personal(&given))),
        actor: who.actor().into(),
        key: None,
        artefact: None,
    };
    let outcome = app.ask(asked).await?;
    Ok(axum::Json(Done { version: outcome.version(), id: None }))
}

/// Forgets the person: the key to their data is destroyed, here and again after every restore.
#[utoipa::path(delete, path = "/api/v1/people/{id}", tag = "orders", params(("id" = String, Path, description = "Such as sub-17")), responses(
    (status = 200, description = "Forgotten", body = Done),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "They were forgotten before", body = Problem, content_type = "application/problem+json")))]
async fn erase(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<axum::Json<Done>, Problem> {
    let subject = id.parse().map_err(|_| Problem::not_found("person"))?;
    done(&app, &who, Command::EraseSubject { subject }, &headers, &format!("erase {id}")).await
}

/// Asks for a command and tells what was done.
///
/// # Errors
/// As [`App::ask`].
pub async fn done(
    app: &App,
    who: &Who,
    command: Command,
    headers: &HeaderMap,
    route: &str,
) -> Result<axum::Json<Done>, Problem> {
    let key = idempotency(who, route, text(headers, "idempotency-key"));
    let outcome = app.ask(Asked::new(command, who.actor()).with_key(key)).await?;
    Ok(axum::Json(Done { version: outcome.version(), id: None }))
}

/// Whether a site works, in a word.
#[must_use]
pub const fn access_word(access: SiteAccess) -> &'static str {
    match access {
        SiteAccess::Open { permille: 1000 } => "open",
        SiteAccess::Open { .. } => "limited",
        SiteAccess::Closed { .. } => "closed",
        SiteAccess::Dormant => "dormant",
        SiteAccess::Activating { .. } => "activating",
    }
}
