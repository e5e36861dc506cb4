//! Webhooks: verified, applied, or kept for a person. A delivery that is genuine is answered with 200, whatever state
//! this service is in, as long as it can keep it: shops give up on hooks that fail.

mod fulfilments;

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use holdfast_access::{Principal, Rights, Role};
use holdfast_app::service::{Asked, What};
use holdfast_connect::{ShopOrder, amazon, shopify, standard, woo};
use holdfast_domain::command::Command;
use holdfast_domain::id::{MerchantId, OrderId};
use holdfast_domain::order::{HoldReason, Order};
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::{NameKind, State as DomainState};
use holdfast_domain::table::fingerprint;

use super::body::{self, text};
use super::inbox::Item;
use super::orders::{moment, person_of};
use crate::app::App;
use crate::config::{Connection, ConnectionKind};
use crate::guard::Who;
use crate::intake::{self, LineIn, OrderIn, ShipTo};
use crate::mount::Mount;
use crate::policy::Policy;
use crate::problem::Problem;

/// How long a delivery is worked on before it is kept for later: shops wait five seconds.
const APPLY_WITHIN: Duration = Duration::from_secs(3);
/// Why a delivery waits that is tried again without a person.
const BUSY: &str = "the service was busy; it is tried again by itself";
/// How often those are tried again.
const RETRY_EVERY: Duration = Duration::from_secs(10);
/// Deliveries read at once to be tried again: a body may have megabytes.
const RETRY_MAX: usize = 16;

pub(super) fn mount() -> Mount {
    // Each delivery carries a proof of its own: the signature, checked before anything else is done with it.
    Mount::default().page(Policy::Public, Method::POST, "/hooks/{connection}", post(receive))
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Applied {
    /// It changed something.
    Changed,
    /// It was known, or tells of nothing that is kept here.
    Known,
}

/// Why a delivery was not applied.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Unapplied {
    /// A person has to mend something first.
    Mend(String),
    /// The service could not, and will be able to later.
    Later,
}

/// A delivery of any shop, verified.
struct Delivery {
    topic: String,
    id: String,
    /// Whether it tells of an order or of its parcels: it is kept where it cannot be applied.
    is_order: bool,
}

async fn receive(
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let headers = request.headers().clone();
    let connection = app.config.connections.iter().find(|connection| connection.id == id).cloned();
    let connection = connection.ok_or_else(|| Problem::not_found("connection"))?;
    // The signature is over the raw body: what is packed is not unpacked first.
    let limit = app.config.limits.body_bytes;
    let raw = body::raw(&app, request.into_body(), limit).await?;
    let ping =
        connection.kind == ConnectionKind::Woocommerce && woo::is_ping(text(&headers, "content-type"), &raw);
    if ping {
        return Ok(StatusCode::OK.into_response());
    }
    let Some(delivery) = verified(&connection, &headers, &raw, app.now()) else {
        app.counters.hooks[3].fetch_add(1, Relaxed);
        return Err(Problem::new(
            "wrong-signature",
            "the signature is not the one of this body under the connection's secret",
            "check the connection's secret here and in the shop",
        ));
    };
    let (name, now) = (connection.id.clone(), app.now());
    if let Err(error) = app.block(move |app| app.inbox.heard(&name, now)).await? {
        tracing::warn!(%error, "that a delivery came could not be noted");
    }
    if !delivery.is_order {
        let heard = heard(&app, &connection, &delivery.topic, &raw).await?;
        app.counters.hooks[usize::from(!heard)].fetch_add(1, Relaxed);
        return Ok(StatusCode::OK.into_response());
    }
    let work = apply(&app, &connection, &delivery.topic, &raw, now);
    let outcome = tokio::time::timeout(APPLY_WITHIN, work).await.unwrap_or(Err(Unapplied::Later));
    match outcome {
        Ok(applied) => {
            app.counters.hooks[usize::from(applied == Applied::Known)].fetch_add(1, Relaxed);
        }
        Err(why) => {
            keep(&app, &connection, delivery, raw, why).await?;
            app.counters.hooks[2].fetch_add(1, Relaxed);
        }
    }
    Ok(StatusCode::OK.into_response())
}

fn verified(connection: &Connection, headers: &HeaderMap, raw: &Bytes, now: i64) -> Option<Delivery> {
    let secret = connection.secret.as_deref()?;
    let header = |name: &str| text(headers, name);
    match connection.kind {
        ConnectionKind::Shopify => {
            let read = shopify::delivery(header);
            read.is_genuine(secret, raw).then(|| Delivery {
                is_order: read.is_order() || read.is_fulfilment(),
                topic: read.topic,
                id: read.id,
            })
        }
        ConnectionKind::Amazon => {
            let id = standard::verify(&standard::key(secret)?, header, raw, now).ok()?;
            Some(Delivery { is_order: true, topic: "order".to_owned(), id: id.to_owned() })
        }
        ConnectionKind::Woocommerce => {
            let read = woo::delivery(header);
            read.is_genuine(secret, raw).then(|| Delivery {
                is_order: read.is_order(),
                topic: read.topic,
                id: read.id,
            })
        }
    }
}

/// Keeps a delivery durably. Only if not even that works the shop is asked to keep it itself.
async fn keep(
    app: &App,
    connection: &Connection,
    delivery: Delivery,
    raw: Bytes,
    why: Unapplied,
) -> Result<(), Problem> {
    // A delivery without a number of its own is known by its content.
    let id = if delivery.id.is_empty() { blake3::hash(&raw).to_hex()[..24].to_owned() } else { delivery.id };
    let item = Item {
        id: 0,
        at: app.now(),
        connection: connection.id.clone(),
        merchant: connection.merchant.clone(),
        number: number_of(connection.kind, &delivery.topic, &raw),
        topic: delivery.topic,
        delivery: id,
        why: match why {
            Unapplied::Mend(why) => why,
            Unapplied::Later => BUSY.to_owned(),
        },
        body: raw.to_vec(),
    };
    let kept = app.block(move |app| app.inbox.keep(&item)).await?;
    kept.map_err(|error| {
        tracing::error!(%error, "a delivery could not be kept");
        Problem::busy("the delivery could not be kept")
    })
}

/// The number of the order a delivery is about, as far as it can be read.
fn number_of(kind: ConnectionKind, topic: &str, raw: &[u8]) -> String {
    if fulfilments::is_one(topic) {
        return shopify::fulfilment(raw).map_or_else(|_| String::new(), |told| told.order);
    }
    read(kind, topic, raw).map_or_else(|_| String::new(), |order| order.number)
}

fn read(kind: ConnectionKind, topic: &str, raw: &[u8]) -> Result<ShopOrder, String> {
    match kind {
        ConnectionKind::Shopify => shopify::order(raw, topic),
        ConnectionKind::Woocommerce => woo::order(raw),
        ConnectionKind::Amazon => amazon::order(raw),
    }
    .map_err(|error| error.to_string())
}

/// Tries a kept delivery again; `None` if it was applied, else why it still waits.
///
/// # Errors
/// A problem when its connection is gone.
pub async fn again(app: &App, item: &Item) -> Result<Option<String>, Problem> {
    let connection =
        app.config.connections.iter().find(|connection| connection.id == item.connection).cloned();
    let connection = connection.ok_or_else(|| {
        Problem::new(
            "no-connection",
            "its connection is no longer configured",
            "configure it again, or dismiss the delivery",
        )
    })?;
    Ok(match apply(app, &connection, &item.topic, &item.body, item.at).await {
        Ok(_) => None,
        Err(Unapplied::Mend(why)) => Some(why),
        Err(Unapplied::Later) => Some(BUSY.to_owned()),
    })
}

/// Takes a delivery that was applied out of the inbox, or writes down why it still waits, for the person who looks.
///
/// # Errors
/// A problem when the inbox fails.
pub async fn settle(app: &App, id: i64, why: Option<String>) -> Result<(), Problem> {
    let written = app.block(move |app| match why {
        None => app.inbox.remove(id).map(drop),
        Some(why) => app.inbox.explain(id, &why),
    });
    written.await?.map_err(|error| Problem::internal(&error))
}

/// Tries again, from time to time, what waits for nothing but the service itself.
pub async fn retry_kept(app: App) {
    loop {
        tokio::time::sleep(RETRY_EVERY).await;
        app.is_writer().await;
        let mut after = 0;
        loop {
            let read = app.block(move |app| app.inbox.waiting(after, RETRY_MAX, BUSY)).await;
            let items = match read {
                Ok(Ok(items)) => items,
                Ok(Err(error)) => {
                    tracing::error!(%error, "the inbox cannot be read: what waits in it is not tried again");
                    break;
                }
                Err(_) => break,
            };
            let Some(last) = items.last().map(|item| item.id) else { break };
            for item in &items {
                let outcome = match again(&app, item).await {
                    Ok(outcome) => outcome,
                    Err(problem) => Some(format!("{}: {}", problem.detail, problem.action)),
                };
                if let Err(problem) = settle(&app, item.id, outcome).await {
                    tracing::error!(item = item.id, error = problem.detail, "the inbox cannot be written");
                }
            }
            after = last;
        }
    }
}

/// A shop's number of units, where the delivery tells of one and the shop's numbers are looked after.
async fn heard(app: &App, connection: &Connection, topic: &str, raw: &[u8]) -> Result<bool, Problem> {
    if connection.admin.is_none() {
        return Ok(false);
    }
    let told = match (connection.kind, topic) {
        (ConnectionKind::Shopify, "inventory_levels/update") => shopify::level(raw).ok(),
        (ConnectionKind::Woocommerce, "product.updated") => {
            woo::rest::level(raw).ok().flatten().map(|level| (level, None))
        }
        _ => None,
    };
    let Some((level, at)) = told else { return Ok(false) };
    let id = connection.id.clone();
    app.block(move |app| app.outward.told(&id, &level, at)).await?;
    Ok(true)
}

/// Takes an order as a shop tells of it now, whoever brought it; whether that changed anything.
///
/// # Errors
/// Why a person has to mend something first; `None` when the service could not and will be able to later.
pub(crate) async fn take(
    app: &App,
    connection: &Connection,
    order: &ShopOrder,
) -> Result<bool, Option<String>> {
    match taken(app, connection, order).await {
        Ok(applied) => Ok(applied == Applied::Changed),
        Err(Unapplied::Mend(why)) => Err(Some(why)),
        Err(Unapplied::Later) => Err(None),
    }
}

/// Applies a delivery that came at `came`, in milliseconds of Unix time.
async fn apply(
    app: &App,
    connection: &Connection,
    topic: &str,
    raw: &[u8],
    came: i64,
) -> Result<Applied, Unapplied> {
    if fulfilments::is_one(topic) {
        return fulfilments::apply(app, connection, raw, came).await;
    }
    let order = read(connection.kind, topic, raw).map_err(Unapplied::Mend)?;
    if connection.admin.is_some() {
        let (id, order) = (connection.id.clone(), order.clone());
        let kept = app.block(move |app| app.outward.knows(&id, &order)).await;
        kept.map_err(|_| Unapplied::Later)?;
    }
    taken(app, connection, &order).await
}

async fn taken(app: &App, connection: &Connection, order: &ShopOrder) -> Result<Applied, Unapplied> {
    // The journal is asked twice at most: the second time the order is there that was not in the view the first time.
    for _ in 0..2 {
        let view = app.view();
        let state = view.state();
        let Some(merchant) =
            state.named::<MerchantId>(NameKind::Merchant, MerchantId(0), &connection.merchant)
        else {
            return Err(Unapplied::Mend(format!("there is no merchant {:?}: add it", connection.merchant)));
        };
        let known: Option<OrderId> = state.named(NameKind::Order, merchant, &order.number);
        if let Some(updated) = order.updated_ms {
            let (id, number) = (connection.id.clone(), order.number.clone());
            let stale = app.block(move |app| app.inbox.is_stale(&id, &number, updated)).await;
            match stale {
                Ok(Ok(true)) => return Ok(Applied::Known),
                Ok(Ok(false)) => {}
                _ => return Err(Unapplied::Later),
            }
        }
        match known {
            Some(id) => return update(app, connection, id, order).await,
            // Cancelled before it was ever taken: there is nothing to do.
            None if order.cancelled => return Ok(Applied::Known),
            None if order.lines.is_empty() => return Ok(Applied::Known),
            None => {}
        }
        match place(app, connection, order).await {
            Err(problem) if problem.code == "order-known" => {
                app.seen(app.service.health().head.version).await
            }
            Err(problem) => return Err(unapplied(problem)),
            Ok(()) => return Ok(Applied::Changed),
        }
    }
    Err(Unapplied::Later)
}

fn unapplied(problem: Problem) -> Unapplied {
    if problem.status >= 500 {
        return Unapplied::Later;
    }
    let errors: Vec<String> =
        problem.errors.iter().map(|one| format!("{}: {}", one.field, one.detail)).collect();
    Unapplied::Mend(if errors.is_empty() { problem.detail } else { errors.join("; ") })
}

/// The connection as an asker: its merchant's, and no more.
fn asker(connection: &Connection) -> Who {
    Who::known(Principal {
        actor: format!("hook:{}", connection.id),
        name: connection.id.clone(),
        role: Role::Merchant,
        rights: Rights::default(),
        merchant: Some(connection.merchant.clone()),
        proved: None,
        csrf: None,
        second_factor: false,
    })
}

fn ship_to(order: &ShopOrder) -> ShipTo {
    let to = &order.ship_to;
    ShipTo {
        country: to.country.clone(),
        postal: to.postal.clone(),
        name: to.name.clone(),
        street: to.street.clone(),
        city: to.city.clone(),
        mail: to.mail.clone(),
        phone: to.phone.clone(),
        // A language nobody knows here is no reason to keep an order waiting.
        language: order.language.clone().filter(|tag| {
            tag.split(['-', '_'])
                .next()
                .is_some_and(|tag| holdfast_domain::network::Language::new(tag).is_some())
        }),
        reference: to.reference.clone(),
        consents: Vec::new(),
    }
}

async fn place(app: &App, connection: &Connection, order: &ShopOrder) -> Result<(), Problem> {
    let lines = order.lines.iter().filter(|line| line.quantity > 0);
    let new = OrderIn {
        number: order.number.clone(),
        placed: order.placed.clone(),
        unpaid: !order.paid,
        currency: order.currency.clone(),
        ship_to: ship_to(order),
        lines: lines
            .map(|line| LineIn {
                // A line without a SKU is told by its title, so that a person can see what is meant.
                sku: if line.sku.is_empty() { format!("(no SKU) {}", line.title) } else { line.sku.clone() },
                quantity: line.quantity,
                price: line.price,
            })
            .collect(),
        ..OrderIn::default()
    };
    let who = asker(connection);
    let (new, person) = intake::resolve(app.view().state(), &who, &new, moment(app))?;
    app.ask(Asked::place(new, person, who.actor())).await.map(|_| ())
}

/// Brings a known order to what the shop says now, as far as that is possible without a person.
async fn update(
    app: &App,
    connection: &Connection,
    id: OrderId,
    told: &ShopOrder,
) -> Result<Applied, Unapplied> {
    let (who, view) = (asker(connection), app.view());
    // An archived order is finished: what the shop still tells of it changes nothing.
    let Ok(order) = view.state().order(id) else { return Ok(Applied::Known) };
    let mut commands = Vec::new();
    if told.cancelled {
        commands.push(Command::CancelOrder { order: id });
    } else {
        commands.extend(fewer(view.state(), id, order, told)?);
        if order.hold == Some(HoldReason::Unpaid) && told.paid {
            commands.push(Command::FreeOrder { order: id });
        }
        readdress(app, connection, id, order, told).await?;
    }
    let mut applied = Applied::Known;
    for command in commands {
        let key =
            fingerprint("hook", 0, &format!("{} {id} {:?} {command:?}", connection.id, told.updated_ms));
        match app.ask(Asked::new(command, who.actor()).with_key(Some(key))).await {
            Ok(_) => applied = Applied::Changed,
            // It has left, or was cancelled before: the shop's own people see that in the shop.
            Err(problem) if problem.code == "nothing-to-cancel" || problem.code == "not-held" => {}
            Err(problem) => return Err(unapplied(problem)),
        }
    }
    Ok(applied)
}

/// Units the shop's customer no longer wants, by line; more than was ordered is for a person.
fn fewer(
    state: &DomainState,
    id: OrderId,
    order: &Order,
    told: &ShopOrder,
) -> Result<Vec<Command>, Unapplied> {
    let mut wanted: std::collections::BTreeMap<&str, u32> = std::collections::BTreeMap::new();
    for line in &told.lines {
        let units = wanted.entry(line.sku.as_str()).or_default();
        *units = units.saturating_add(line.quantity);
    }
    let mut commands = Vec::new();
    for (number, line) in (0_u16..).zip(&order.lines) {
        let code = state.network.skus.get(line.sku).map_or("", |sku| &*sku.code);
        let left = wanted.entry(code).or_default();
        let here = line.wanted().0.min(*left);
        *left -= here;
        let gone = line.wanted().0 - here;
        if gone > 0 {
            commands.push(Command::CancelLine { order: id, line: number, quantity: Quantity(gone) });
        }
    }
    if let Some((sku, units)) = wanted.into_iter().find(|(_, units)| *units > 0) {
        return Err(Unapplied::Mend(format!(
            "the shop's order has {units} units of {sku:?} more than were taken: place them as an order of their own, then dismiss this"
        )));
    }
    Ok(commands)
}

/// Seals a corrected address within the same zone; another zone is for a person.
async fn readdress(
    app: &App,
    connection: &Connection,
    id: OrderId,
    order: &Order,
    told: &ShopOrder,
) -> Result<(), Unapplied> {
    let to = ship_to(told);
    let same_place = to.country.eq_ignore_ascii_case(order.country.code()) && *to.postal == *order.postal;
    if !same_place {
        return Err(Unapplied::Mend(format!(
            "the address was moved to {} {}: cancel the order and place it anew with its new address, then dismiss this",
            to.country, to.postal
        )));
    }
    let Some(subject) = order.subject else { return Ok(()) };
    intake::bounded(&to).map_err(|error| Unapplied::Mend(format!("{}: {}", error.field, error.detail)))?;
    let data = intake::personal(&to);
    match person_of(app, id).await {
        Ok(Some(known)) if known != data => {
            let what = What::Renew(subject, Box::new(data));
            let actor = format!("hook:{}", connection.id).into();
            app.ask(Asked { what, actor, key: None, artefact: None }).await.map(|_| ()).map_err(unapplied)
        }
        Ok(_) => Ok(()),
        Err(problem) => Err(unapplied(problem)),
    }
}
