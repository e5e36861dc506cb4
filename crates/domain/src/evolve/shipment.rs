//! What happened to shipments.

use super::order::{live, unreserve};
use super::{Misfit, misfit, with_loads};
use crate::event::{Allocations, Event};
use crate::id::{OrderId, ShipmentId};
use crate::order::{Allocation, LastSeen, Shipment, ShipmentStage};
use crate::quantity::Quantity;
use crate::state::State;
use crate::time::Stamp;
use crate::timer::Timer;

pub(super) fn evolve(state: &mut State, at: Stamp, event: &Event) -> Result<(), Misfit> {
    match event {
        Event::ShipmentReleased(new) => release(state, new),
        Event::ShipmentPicked { shipment } => set(state, *shipment, ShipmentStage::Picked),
        Event::ShipmentPacked { shipment } => set(state, *shipment, ShipmentStage::Packed),
        Event::ShipmentShipped { shipment, packages, arrival, .. } => {
            let known = state.shipments.get_mut(*shipment).ok_or(misfit("shipment"))?;
            known.stage = ShipmentStage::Shipped;
            known.packages = packages.clone();
            known.arrival = *arrival;
            let (order, site, items) = (known.order, known.site, known.items.clone());
            for (number, Quantity(units)) in items {
                let sku = live(state, order)?.lines.get(usize::from(number)).ok_or(misfit("line"))?.sku;
                let shelf = state.stock.shelf_mut(site, sku);
                shelf.on_hand = shelf.on_hand.checked_sub(units).ok_or(misfit("shipment"))?;
                shelf.reserved = shelf.reserved.checked_sub(units).ok_or(misfit("shipment"))?;
            }
            crate::care::note_shipped(state, at, order);
            Ok(())
        }
        Event::ShipmentException { shipment, arrival } => {
            let known = state.shipments.get_mut(*shipment).ok_or(misfit("shipment"))?;
            known.stage = ShipmentStage::Exception;
            known.arrival = arrival.or(known.arrival);
            Ok(())
        }
        Event::ShipmentDelivered { shipment, day } => {
            let known = state.shipments.get_mut(*shipment).ok_or(misfit("shipment"))?;
            known.stage = ShipmentStage::Delivered;
            known.arrival = Some(*day);
            let order = known.order;
            crate::care::note_delivered(state, at, order);
            Ok(())
        }
        Event::ShipmentLost { shipment } => set(state, *shipment, ShipmentStage::Lost),
        Event::ShipmentsInDoubt { incident, shipments, timers } => {
            for shipment in shipments {
                let was = last_seen(state, *shipment)?;
                set(state, *shipment, ShipmentStage::InDoubt { incident: *incident, was })?;
            }
            for (due, shipment) in timers {
                state.timers.set(*due, Timer::Doubt(*shipment));
            }
            Ok(())
        }
        Event::RecallAsked { shipment } => {
            let was = last_seen(state, *shipment)?;
            set(state, *shipment, ShipmentStage::Recalling { was })
        }
        Event::RecallRefused { shipment } => {
            let stage = match last_seen(state, *shipment)? {
                LastSeen::Released => ShipmentStage::Released,
                LastSeen::Picked => ShipmentStage::Picked,
                LastSeen::Packed => ShipmentStage::Packed,
            };
            set(state, *shipment, stage)
        }
        Event::ShipmentRecalled { shipment, .. } => recall(state, *shipment),
        Event::ReturnReceived { order, line, quantity, site, restock } => {
            let known = live(state, *order)?.lines.get_mut(usize::from(*line)).ok_or(misfit("line"))?;
            known.returned = known.returned.plus(*quantity).ok_or(misfit("return"))?;
            let sku = known.sku;
            let shelf = state.stock.shelf_mut(*site, sku);
            shelf.on_hand = shelf.on_hand.checked_add(quantity.0).ok_or(misfit("return"))?;
            if !restock {
                shelf.quarantined = shelf.quarantined.checked_add(quantity.0).ok_or(misfit("return"))?;
            }
            Ok(())
        }
        _ => Err(misfit("event")),
    }
}

fn set(state: &mut State, id: ShipmentId, stage: ShipmentStage) -> Result<(), Misfit> {
    state.shipments.get_mut(id).ok_or(misfit("shipment"))?.stage = stage;
    Ok(())
}

fn last_seen(state: &State, id: ShipmentId) -> Result<LastSeen, Misfit> {
    state.shipments.get(id).and_then(|shipment| shipment.stage.at_site()).ok_or(misfit("shipment stage"))
}

/// Binds allocations to a new shipment: those of its site and lane that are in none and due by its day.
fn release(state: &mut State, new: &Shipment) -> Result<(), Misfit> {
    let id = state.shipments.push(new.clone());
    let site = state.network.site(new.site).ok_or(misfit("site"))?;
    let units: u32 = new.items.iter().map(|(_, quantity)| quantity.0).sum();
    let work = site.work(1, units);
    let now = state.sites.get_mut(usize::from(new.site.0)).ok_or(misfit("site"))?;
    now.waved = if now.waved.0 == new.ship_day {
        (new.ship_day, now.waved.1.saturating_add(work))
    } else {
        (new.ship_day, work)
    };
    let mut bound = 0_u32;
    with_loads(state, new.order, |order| {
        for (number, _) in &new.items {
            let Some(line) = order.lines.get_mut(usize::from(*number)) else { return false };
            for a in &mut line.allocations {
                let due = a.site == new.site
                    && a.lane == new.lane
                    && a.shipment.is_none()
                    && a.ship_day <= new.ship_day;
                if due {
                    bound += a.quantity.0;
                    a.shipment = Some(id);
                    a.ship_day = new.ship_day;
                }
            }
            merge(&mut line.allocations);
        }
        bound == units
    })
}

/// Makes one allocation of those that differ in quantity alone.
fn merge(allocations: &mut smallvec::SmallVec<[Allocation; 1]>) {
    let mut merged: smallvec::SmallVec<[Allocation; 1]> = smallvec::SmallVec::new();
    for a in allocations.drain(..) {
        match merged.iter_mut().find(|m| Allocation { quantity: a.quantity, ..**m } == a) {
            Some(m) => m.quantity = Quantity(m.quantity.0.saturating_add(a.quantity.0)),
            None => merged.push(a),
        }
    }
    *allocations = merged;
}

/// Frees a shipment's units: they are reserved nowhere and wait for a site.
fn recall(state: &mut State, id: ShipmentId) -> Result<(), Misfit> {
    let order: OrderId = state.shipments.get(id).ok_or(misfit("shipment"))?.order;
    let mut bound = Allocations::new();
    for (number, line) in live(state, order)?.lines.iter().enumerate() {
        let number = u16::try_from(number).map_err(|_| misfit("line"))?;
        bound.extend(line.allocations.iter().filter(|a| a.shipment == Some(id)).map(|a| (number, *a)));
    }
    unreserve(state, order, &bound)?;
    set(state, id, ShipmentStage::Recalled)
}
