//! The operator's own past as something to analyse: orders that were taken flow again, on the stock they came from.
//!
//! Invariant: the same state gives the same history, whatever is closed or moved in it now: a house is analysed as it
//! stands in normal times.

use holdfast_domain::command::NewOrder;
use holdfast_domain::id::SiteId;
use holdfast_domain::incident::SiteAccess;
use holdfast_domain::order::{Order, ShipmentStage};
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::State;
use holdfast_domain::table::Table;
use holdfast_domain::time::Stamp;

/// Orders of a history at most; the newest count.
pub const ORDERS_MAX: usize = 100_000;

/// A past to analyse.
#[derive(Clone, Debug)]
pub struct History {
    /// Network and stock before the orders, every site and lane as in normal times.
    pub state: State,
    /// Orders by the moment they were placed.
    pub orders: Vec<(Stamp, NewOrder)>,
    /// Orders that are left out because there are too many, or because they are archived.
    pub left_out: usize,
}

/// The past of a live state: orders that are not archived, as they were ordered, less what was cancelled.
///
/// What a shop promised then is left out: the analysis promises what the house can keep in normal times, so that a
/// loss is counted against that and not against what a disaster in the history has already broken.
#[must_use]
pub fn history(live: &State) -> History {
    let mut orders: Vec<(Stamp, NewOrder)> =
        live.live_orders().filter_map(|(_, order)| Some((order.placed, again(order)?))).collect();
    // A stable sort keeps the order of ids where moments are equal.
    orders.sort_by_key(|(at, _)| *at);
    let over = orders.len().saturating_sub(ORDERS_MAX);
    orders.drain(..over);
    let left_out = live.orders.len().saturating_sub(orders.len());
    History { state: before(live), orders, left_out }
}

fn again(order: &Order) -> Option<NewOrder> {
    let lines = order.lines.iter().filter_map(|line| {
        let wanted = line.ordered.0.saturating_sub(line.cancelled.0);
        (wanted > 0).then_some((line.sku, Quantity(wanted), line.price))
    });
    let lines: smallvec::SmallVec<[_; 2]> = lines.collect();
    (!lines.is_empty()).then(|| NewOrder {
        merchant: order.merchant,
        number: order.number.clone(),
        subject: None,
        zone: order.zone,
        country: order.country,
        postal: order.postal.clone(),
        language: order.language,
        placed: order.placed,
        paid: order.paid,
        promise: None,
        priority: order.priority,
        hold: None,
        lines,
    })
}

/// The state without what happened: nothing reserved, what has left lies where it came from, nothing is closed.
fn before(live: &State) -> State {
    let mut state = live.clone();
    let shelves: Vec<_> = live.stock.iter().collect();
    for (sku, site, _) in shelves {
        state.stock.shelf_mut(site, sku).reserved = 0;
    }
    for (_, order) in live.live_orders() {
        for line in &order.lines {
            for a in &line.allocations {
                let stage = a.shipment.and_then(|id| live.shipments.get(id)).map(|shipment| shipment.stage);
                if stage.is_some_and(left) && usize::from(a.site.0) < live.sites.len() {
                    let shelf = state.stock.shelf_mut(a.site, line.sku);
                    shelf.on_hand = shelf.on_hand.saturating_add(a.quantity.0);
                }
            }
        }
    }
    for (index, now) in state.sites.iter_mut().enumerate() {
        let site = SiteId(u16::try_from(index).unwrap_or(u16::MAX));
        let standby = live.network.site(site).is_some_and(|site| site.standby.is_some());
        let sleeps = standby && now.access != SiteAccess::FULL;
        now.access = if sleeps { SiteAccess::Dormant } else { SiteAccess::FULL };
        now.load.clear();
        now.outages.clear();
    }
    state.embargoes = Table::default();
    state
}

const fn left(stage: ShipmentStage) -> bool {
    matches!(
        stage,
        ShipmentStage::Shipped | ShipmentStage::Exception | ShipmentStage::Delivered | ShipmentStage::Lost
    )
}
