//! Parcels a shop tells of: what was sent by the shop's own people, and what the carrier told the shop. They move the
//! shipment whose units they are; what fits none is for a person, so that nothing is sent a second time.

use holdfast_app::service::Asked;
use holdfast_connect::shopify::{self, Fulfilment};
use holdfast_connect::tracking::Event;
use holdfast_domain::id::{MerchantId, OrderId, ShipmentId};
use holdfast_domain::order::ShipmentStage;
use holdfast_domain::state::NameKind;
use holdfast_domain::table::fingerprint;
use holdfast_domain::time::{Day, Stamp};

use super::{Applied, Unapplied, asker, unapplied};
use crate::app::App;
use crate::config::Connection;
use crate::routes::carriers;
use crate::routes::orders::moment;
use crate::routes::shipments::reported::{Reported, left};

/// How long parcels wait for their order, in milliseconds: a shop sends its webhooks in no order, and sends those again
/// that failed. It counts from when they came: after an outage all of them tell of what is long past.
const ORDER_WAIT_MS: i64 = 15 * 60 * 1_000;

/// Whether a topic tells of parcels.
pub(super) fn is_one(topic: &str) -> bool {
    topic.starts_with("fulfillments/")
}

/// Applies a delivery that came at `came`, in milliseconds of Unix time.
pub(super) async fn apply(
    app: &App,
    connection: &Connection,
    raw: &[u8],
    came: i64,
) -> Result<Applied, Unapplied> {
    let told = shopify::fulfilment(raw).map_err(|error| Unapplied::Mend(error.to_string()))?;
    if let Some(updated) = told.updated_ms {
        let (id, name) = (connection.id.clone(), format!("fulfilment {}", told.id));
        match app.block(move |app| app.inbox.is_stale(&id, &name, updated)).await {
            Ok(Ok(true)) => return Ok(Applied::Known),
            Ok(Ok(false)) => {}
            _ => return Err(Unapplied::Later),
        }
    }
    let Some(order) = order(app, connection, &told.order) else {
        // Its order may be on its way: dropped now, the goods would go out a second time.
        if app.now().saturating_sub(came) < ORDER_WAIT_MS {
            return Err(Unapplied::Later);
        }
        let (id, number) = (connection.id.clone(), told.order.clone());
        return match app.block(move |app| app.inbox.holds(&id, &number)).await {
            // An order from before this house was asked: its parcels are none of ours.
            Ok(Ok(false)) => Ok(Applied::Known),
            Ok(Ok(true)) => Err(Unapplied::Mend(format!(
                "the shop has sent parcels of {}, which waits here: mend the order first, then try this again before a site sends it too",
                told.order
            ))),
            _ => Err(Unapplied::Later),
        };
    };
    if !told.stands {
        return recalled(app, order, &told);
    }
    let moved = sent(app, connection, order, &told).await?;
    let followed = follow(app, connection, moved.0, &told).await?;
    Ok(if moved.1 || followed { Applied::Changed } else { Applied::Known })
}

fn order(app: &App, connection: &Connection, number: &str) -> Option<OrderId> {
    let view = app.view();
    let state = view.state();
    let merchant = state.named::<MerchantId>(NameKind::Merchant, MerchantId(0), &connection.merchant)?;
    state.named(NameKind::Order, merchant, number)
}

/// A fulfilment that no longer stands: known, unless its parcel has left as far as this house knows.
fn recalled(app: &App, order: OrderId, told: &Fulfilment) -> Result<Applied, Unapplied> {
    let view = app.view();
    let labelled = view.state().shipments.iter().find(|(_, shipment)| {
        shipment.order == order
            && shipment.stage.with_carrier()
            && shipment.packages.iter().any(|one| told.tracking.iter().any(|label| **label == *one.tracking))
    });
    match labelled {
        None => Ok(Applied::Known),
        Some((id, _)) => Err(Unapplied::Mend(format!(
            "the shop has taken back its parcels {}, and {id} is on its way with them: ask the carrier, then dismiss this",
            told.tracking.join(" ")
        ))),
    }
}

async fn sent(
    app: &App,
    connection: &Connection,
    order: OrderId,
    told: &Fulfilment,
) -> Result<(ShipmentId, bool), Unapplied> {
    let who = asker(connection);
    let reported = Reported {
        order: Some(order),
        lines: told.lines.iter().map(|(sku, units)| (vec![sku.clone()], *units)).collect(),
        tracking: told.tracking.clone(),
        // The day is the site's today: the shop tells when it wrote it down, which may be a day the site has not had.
        ..Reported::default()
    };
    let key = format!("{} fulfilment {}", connection.id, told.id);
    left(app, who.actor(), &reported, &key).await.map_err(|problem| match unapplied(problem) {
        Unapplied::Mend(why) => Unapplied::Mend(format!(
            "the shop has sent parcels of {}: {why}; release and report them here, or cancel the units that were sent",
            told.order
        )),
        later => later,
    })
}

/// What the carrier has told the shop since.
async fn follow(
    app: &App,
    connection: &Connection,
    id: ShipmentId,
    told: &Fulfilment,
) -> Result<bool, Unapplied> {
    let Some(happened) = told.happened else { return Ok(false) };
    let view = app.view();
    let Ok(shipment) = view.state().shipment(id) else { return Ok(false) };
    // A problem that was told is told once: the shop repeats it with every other change.
    let repeated = shipment.stage == ShipmentStage::Exception
        && happened == holdfast_connect::tracking::Happened::Exception;
    if repeated {
        return Ok(false);
    }
    let zone = view.state().network.site(shipment.site).map(|site| site.zone.clone());
    let now: Stamp = moment(app);
    let day = zone.map_or(Day(0), |zone| now.local(&zone).0);
    let event = Event {
        tracking: told.tracking.first().cloned(),
        shipment: None,
        event: happened,
        at: String::new(),
        arrival: None,
    };
    let who = asker(connection);
    let commands = carriers::commands(id, shipment, &event, day, None);
    let some = !commands.is_empty();
    for (step, command) in commands.into_iter().enumerate() {
        let name = format!("{} {} {:?} {happened:?} {step}", connection.id, told.id, told.updated_ms);
        let key = fingerprint("fulfilment", 0, &name);
        app.ask(Asked::new(command, who.actor()).with_key(Some(key))).await.map_err(unapplied)?;
    }
    Ok(some)
}
