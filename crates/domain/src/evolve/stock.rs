//! What happened to stock.

use super::{Misfit, misfit};
use crate::event::Event;
use crate::state::{State, Transfer};

pub(super) fn evolve(state: &mut State, event: &Event) -> Result<(), Misfit> {
    let stock = &mut state.stock;
    match event {
        Event::StockReceived { site, sku, quantity } => {
            let shelf = stock.shelf_mut(*site, *sku);
            shelf.on_hand = shelf.on_hand.checked_add(quantity.0).ok_or(misfit("receipt"))?;
        }
        Event::StockAdjusted { site, sku, by, .. } => {
            let shelf = stock.shelf_mut(*site, *sku);
            let after = i64::from(shelf.on_hand).checked_add(*by).and_then(|after| u32::try_from(after).ok());
            shelf.on_hand = after.ok_or(misfit("adjustment"))?;
        }
        Event::StockCounted { site, sku, found } => stock.shelf_mut(*site, *sku).on_hand = found.0,
        Event::StockQuarantined { site, sku, quantity } => {
            let shelf = stock.shelf_mut(*site, *sku);
            shelf.quarantined = shelf.quarantined.checked_add(quantity.0).ok_or(misfit("quarantine"))?;
        }
        Event::StockCleared { site, sku, quantity } => {
            let shelf = stock.shelf_mut(*site, *sku);
            shelf.quarantined = shelf.quarantined.checked_sub(quantity.0).ok_or(misfit("quarantine"))?;
        }
        Event::TransferSent { from, to, items, due } => {
            for (sku, quantity) in items {
                let shelf = stock.shelf_mut(*from, *sku);
                shelf.on_hand = shelf.on_hand.checked_sub(quantity.0).ok_or(misfit("transfer"))?;
            }
            let transfer =
                Transfer { from: *from, to: *to, items: items.clone(), due: *due, received: false };
            state.transfers.push(transfer);
        }
        Event::TransferReceived { transfer, items } => {
            let known = state.transfers.get_mut(*transfer).ok_or(misfit("transfer"))?;
            known.received = true;
            let to = known.to;
            for (sku, quantity) in items {
                let shelf = stock.shelf_mut(to, *sku);
                shelf.on_hand = shelf.on_hand.checked_add(quantity.0).ok_or(misfit("transfer"))?;
            }
        }
        _ => return Err(misfit("event")),
    }
    Ok(())
}
