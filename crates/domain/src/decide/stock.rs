//! Stock: receipts, adjustments, counts, quarantine, transfers. Less stock than was promised takes units from the
//! orders that can wait best, before the count is written, so that no shelf is ever promised twice.

use std::collections::BTreeMap;

use super::{Decision, misplaced};
use crate::command::Command;
use crate::event::{Allocations, DropCause, Event};
use crate::id::{OrderId, SiteId, SkuId};
use crate::quantity::Quantity;
use crate::reject::Rejection;
use crate::state::{State, unknown};
use crate::takeover::TakeoverStage;

pub(super) fn decide(state: &State, command: &Command) -> Decision {
    match command {
        Command::ReceiveStock { site, sku, quantity } => {
            takes_goods(state, *site)?;
            let shelf = known_shelf(state, *site, *sku, *quantity)?;
            shelf.plus(*quantity).ok_or(Rejection::TooMuch {})?;
            Ok(vec![Event::StockReceived { site: *site, sku: *sku, quantity: *quantity }])
        }
        Command::AdjustStock { site, sku, by, reason } => {
            let on_hand = known_shelf(state, *site, *sku, Quantity(1))?;
            let after = i64::from(on_hand.0).checked_add(*by).ok_or(Rejection::TooMuch {})?;
            let short = |missing: u64| Rejection::StockShort {
                site: *site,
                sku: *sku,
                missing: Quantity(u32::try_from(missing).unwrap_or(u32::MAX)),
            };
            let after = u32::try_from(after)
                .map_err(|_| if after < 0 { short(after.unsigned_abs()) } else { Rejection::TooMuch {} })?;
            let mut events = make_room(state, *site, *sku, Quantity(after))?;
            events.push(Event::StockAdjusted { site: *site, sku: *sku, by: *by, reason: *reason });
            Ok(events)
        }
        Command::CountStock { site, sku, found } => {
            known_shelf(state, *site, *sku, Quantity(1))?;
            let mut events = make_room(state, *site, *sku, *found)?;
            events.push(Event::StockCounted { site: *site, sku: *sku, found: *found });
            Ok(events)
        }
        Command::QuarantineStock { site, sku, quantity } => {
            known_shelf(state, *site, *sku, *quantity)?;
            let shelf = state.stock.shelf(*site, *sku);
            let missing = |shortage: crate::quantity::Shortage| Rejection::StockShort {
                site: *site,
                sku: *sku,
                missing: shortage.0,
            };
            // Units that are promised are taken back from their orders first.
            let free = Quantity(shelf.on_hand - shelf.quarantined).take(*quantity).map_err(missing)?;
            let mut events = drop_units(state, *site, *sku, shelf.reserved.saturating_sub(free.0))?;
            events.push(Event::StockQuarantined { site: *site, sku: *sku, quantity: *quantity });
            Ok(events)
        }
        Command::ClearStock { site, sku, quantity } => {
            known_shelf(state, *site, *sku, *quantity)?;
            let held = Quantity(state.stock.shelf(*site, *sku).quarantined);
            held.take(*quantity).map_err(|short| Rejection::StockShort {
                site: *site,
                sku: *sku,
                missing: short.0,
            })?;
            Ok(vec![Event::StockCleared { site: *site, sku: *sku, quantity: *quantity }])
        }
        Command::SendTransfer { from, to, items, due } => {
            takes_goods(state, *to)?;
            let mut wanted: BTreeMap<SkuId, Quantity> = BTreeMap::new();
            for (sku, quantity) in items {
                known_shelf(state, *from, *sku, *quantity)?;
                may_lie(state, *to, Some(*sku))?;
                let sum = wanted.entry(*sku).or_default();
                *sum = sum.plus(*quantity).ok_or(Rejection::TooMuch {})?;
            }
            if wanted.is_empty() {
                return Err(Rejection::NoQuantity {});
            }
            for (sku, quantity) in wanted {
                let short = |short: crate::quantity::Shortage| Rejection::StockShort {
                    site: *from,
                    sku,
                    missing: short.0,
                };
                state.available(*from, sku).take(quantity).map_err(short)?;
            }
            Ok(vec![Event::TransferSent { from: *from, to: *to, items: items.clone(), due: *due }])
        }
        Command::ReceiveTransfer { transfer, items } => {
            let sent = state.transfers.get(*transfer).ok_or_else(|| unknown("transfer", *transfer))?;
            if sent.received {
                return Err(Rejection::TransferDone { index: u64::from(transfer.0) });
            }
            let total = |list: &[(SkuId, Quantity)], sku: SkuId| -> u64 {
                list.iter()
                    .filter(|(other, _)| *other == sku)
                    .map(|(_, quantity)| u64::from(quantity.0))
                    .sum()
            };
            for (sku, _) in items {
                if total(items, *sku) > total(&sent.items, *sku) {
                    return Err(Rejection::TransferTooMuch { sku: *sku });
                }
                let here = state.stock.shelf(sent.to, *sku).on_hand;
                if u64::from(here) + total(items, *sku) > u64::from(u32::MAX) {
                    return Err(Rejection::TooMuch {});
                }
            }
            Ok(vec![Event::TransferReceived { transfer: *transfer, items: items.clone() }])
        }
        _ => Err(misplaced()),
    }
}

/// What is on hand, once site, SKU and a quantity above 0 have been made sure of.
fn known_shelf(state: &State, site: SiteId, sku: SkuId, quantity: Quantity) -> Result<Quantity, Rejection> {
    may_lie(state, site, None)?;
    state.network.skus.get(sku).ok_or_else(|| unknown("SKU", sku))?;
    may_lie(state, site, Some(sku))?;
    if quantity.is_zero() {
        return Err(Rejection::NoQuantity {});
    }
    Ok(Quantity(state.stock.shelf(site, sku).on_hand))
}

/// Makes sure that nothing lies at a section of a take-over but its guest's goods, and nothing once it is over.
pub(super) fn may_lie(state: &State, site: SiteId, sku: Option<SkuId>) -> Result<(), Rejection> {
    let Some(part) = state.site(site)?.1.section else { return Ok(()) };
    if part.stage.is_over() {
        return Err(Rejection::TakeoverOver { takeover: part.takeover, site });
    }
    let owner = sku.and_then(|sku| state.network.skus.get(sku)).map(|known| known.merchant);
    match (sku, owner) {
        (Some(sku), Some(owner)) if owner != part.merchant => Err(Rejection::ForeignSku { sku }),
        _ => Ok(()),
    }
}

/// Makes sure that goods may still be sent to a site: a take-over that is ending takes none in.
fn takes_goods(state: &State, site: SiteId) -> Result<(), Rejection> {
    match state.site(site)?.1.section {
        Some(part) if part.stage != TakeoverStage::Accepted => {
            Err(Rejection::TakeoverOver { takeover: part.takeover, site })
        }
        _ => Ok(()),
    }
}

/// The events after which no more than `found` units of a shelf are spoken for: quarantine first, then orders.
fn make_room(state: &State, site: SiteId, sku: SkuId, found: Quantity) -> Result<Vec<Event>, Rejection> {
    let shelf = state.stock.shelf(site, sku);
    let excess = (shelf.reserved + shelf.quarantined).saturating_sub(found.0);
    let cleared = excess.min(shelf.quarantined);
    let mut events = drop_units(state, site, sku, excess - cleared)?;
    if cleared > 0 {
        events.push(Event::StockCleared { site, sku, quantity: Quantity(cleared) });
    }
    Ok(events)
}

/// Takes `units` of a shelf back from orders not yet released: lowest priority first, then the youngest.
fn drop_units(state: &State, site: SiteId, sku: SkuId, units: u32) -> Result<Vec<Event>, Rejection> {
    if units == 0 {
        return Ok(Vec::new());
    }
    let mut holders: Vec<(u8, core::cmp::Reverse<OrderId>)> = state
        .live_orders()
        .filter(|(_, order)| {
            order.lines.iter().any(|line| {
                line.sku == sku && line.allocations.iter().any(|a| a.site == site && a.shipment.is_none())
            })
        })
        .map(|(id, order)| (order.priority, core::cmp::Reverse(id)))
        .collect();
    holders.sort_unstable();
    let (mut left, mut events) = (units, Vec::new());
    for (_, core::cmp::Reverse(id)) in holders {
        if left == 0 {
            break;
        }
        let mut dropped = Allocations::new();
        for (number, line) in state.order(id)?.lines.iter().enumerate().filter(|(_, line)| line.sku == sku) {
            for allocation in line.allocations.iter().filter(|a| a.site == site && a.shipment.is_none()) {
                let quantity = Quantity(allocation.quantity.0.min(left));
                if !quantity.is_zero() {
                    left -= quantity.0;
                    let number = u16::try_from(number).expect("an order has at most LINES_MAX lines");
                    dropped.push((number, crate::order::Allocation { quantity, ..*allocation }));
                }
            }
        }
        events.push(Event::UnitsDropped { order: id, dropped, cause: DropCause::StockMissing });
    }
    if left > 0 {
        // The rest is in the hands of pickers: their shipments have to be recalled or reported first.
        return Err(Rejection::StockShort { site, sku, missing: Quantity(left) });
    }
    Ok(events)
}
