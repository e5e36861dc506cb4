//! What happened to orders. Reservations on shelves follow allocations, one to one.

use super::{Misfit, give_allocations, misfit, take_allocations, with_loads};
use crate::event::{Allocations, Event};
use crate::id::OrderId;
use crate::order::{Order, OrderSlot};
use crate::quantity::Quantity;
use crate::state::{NameKind, State, name_key};
use crate::table::digest_of;

pub(super) fn evolve(state: &mut State, event: &Event) -> Result<(), Misfit> {
    match event {
        Event::OrderReceived(new) => {
            let id = state.orders.push(OrderSlot::Live(new.clone()));
            state.names.insert(name_key(NameKind::Order, new.merchant, &new.number), id.0);
            Ok(())
        }
        Event::OrderHeld { order, reason } => {
            live(state, *order)?.hold = Some(*reason);
            Ok(())
        }
        Event::OrderFreed { order } => {
            live(state, *order)?.hold = None;
            Ok(())
        }
        Event::OrderSourced { order, allocations, promise, .. } => {
            reserve(state, *order, allocations)?;
            if let Some(day) = promise {
                let known = live(state, *order)?;
                (known.promise, known.promise_first) = (*day, *day);
            }
            Ok(())
        }
        Event::OrderMoved { order, from, to, .. } => {
            unreserve(state, *order, from)?;
            reserve(state, *order, to)?;
            if !to.is_empty() {
                let known = live(state, *order)?;
                known.moved = known.moved.saturating_add(1);
            }
            Ok(())
        }
        Event::UnitsDropped { order, dropped, .. } => unreserve(state, *order, dropped),
        Event::LineCancelled { order, line, quantity, dropped } => {
            unreserve(state, *order, dropped)?;
            let known = live(state, *order)?.lines.get_mut(usize::from(*line)).ok_or(misfit("line"))?;
            let cancelled = known.cancelled.plus(*quantity).filter(|sum| *sum <= known.ordered);
            known.cancelled = cancelled.ok_or(misfit("cancellation"))?;
            Ok(())
        }
        Event::PromiseMoved { order, to } => {
            live(state, *order)?.promise = *to;
            Ok(())
        }
        Event::OrderArchived { order, record } => {
            let slot = state.orders.get_mut(*order).ok_or(misfit("order"))?;
            let OrderSlot::Live(done) = &*slot else { return Err(misfit("order")) };
            if digest_of(&**done) != *record {
                return Err(misfit("archived record"));
            }
            *slot = OrderSlot::Archived(*record);
            Ok(())
        }
        _ => Err(misfit("event")),
    }
}

pub(super) fn live(state: &mut State, id: OrderId) -> Result<&mut Order, Misfit> {
    match state.orders.get_mut(id) {
        Some(OrderSlot::Live(order)) => Ok(order),
        _ => Err(misfit("order")),
    }
}

fn reserve(state: &mut State, id: OrderId, new: &Allocations) -> Result<(), Misfit> {
    if new.is_empty() {
        return Ok(());
    }
    each_shelf(state, id, new, |reserved, units| reserved.checked_add(units))?;
    with_loads(state, id, |order| give_allocations(order, new))
}

pub(super) fn unreserve(state: &mut State, id: OrderId, old: &Allocations) -> Result<(), Misfit> {
    if old.is_empty() {
        return Ok(());
    }
    each_shelf(state, id, old, |reserved, units| reserved.checked_sub(units))?;
    with_loads(state, id, |order| take_allocations(order, old))
}

fn each_shelf(
    state: &mut State,
    id: OrderId,
    allocations: &Allocations,
    change: impl Fn(u32, u32) -> Option<u32>,
) -> Result<(), Misfit> {
    for (number, allocation) in allocations {
        let Some(OrderSlot::Live(order)) = state.orders.get(id) else { return Err(misfit("order")) };
        let sku = order.lines.get(usize::from(*number)).ok_or(misfit("line"))?.sku;
        let Quantity(units) = allocation.quantity;
        let shelf = state.stock.shelf_mut(allocation.site, sku);
        shelf.reserved = change(shelf.reserved, units).ok_or(misfit("reservation"))?;
        if !shelf.is_sound() {
            return Err(misfit("reservation"));
        }
    }
    Ok(())
}
