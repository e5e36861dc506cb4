//! Invariants: what is true of every state, told apart from the rules that keep it so.

use std::collections::BTreeMap;

use crate::id::{OrderId, ShipmentId, SiteId, SkuId, TakeoverId};
use crate::order::OrderSlot;
use crate::state::State;

/// Something that must never be true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Breach {
    /// A shelf promises more than lies on it.
    Oversold(SiteId, SkuId),
    /// A shelf's reservations are not the sum of its allocations.
    Reservation(SiteId, SkuId, u32, u32),
    /// A line has more units allocated than are wanted.
    Overallocated(OrderId),
    /// An allocation names a shipment that does not carry it.
    Loose(OrderId),
    /// A shipment's units are not those of its allocations.
    ShipmentUnits(ShipmentId),
    /// What a host has lent, or a section may do, is not what its take-over says.
    Lent(TakeoverId),
    /// Goods at a section that are not its guest's, or lie there after it was handed back.
    Strange(SiteId, SkuId),
}

/// Checks every invariant from nothing and gives all breaches.
#[must_use]
pub fn breaches(state: &State) -> Vec<Breach> {
    let mut out = Vec::new();
    let mut reserved: BTreeMap<(SkuId, SiteId), u32> = BTreeMap::new();
    let mut shipped: BTreeMap<ShipmentId, u32> = BTreeMap::new();
    for (id, slot) in state.orders.iter() {
        let OrderSlot::Live(order) = slot else { continue };
        for line in &order.lines {
            if line.allocated() > line.wanted() {
                out.push(Breach::Overallocated(id));
            }
            for a in &line.allocations {
                let shipment = a.shipment.map(|id| (id, state.shipments.get(id)));
                let there = match shipment {
                    None => true,
                    Some((_, None)) => {
                        out.push(Breach::Loose(id));
                        false
                    }
                    Some((number, Some(known))) => {
                        *shipped.entry(number).or_default() += a.quantity.0;
                        if known.order != id || known.site != a.site {
                            out.push(Breach::Loose(id));
                        }
                        known.stage.at_site().is_some()
                    }
                };
                if there {
                    *reserved.entry((line.sku, a.site)).or_default() += a.quantity.0;
                }
            }
        }
    }
    for (sku, site, shelf) in state.stock.iter() {
        if !shelf.is_sound() {
            out.push(Breach::Oversold(site, sku));
        }
        let sum = reserved.remove(&(sku, site)).unwrap_or(0);
        if sum != shelf.reserved {
            out.push(Breach::Reservation(site, sku, shelf.reserved, sum));
        }
    }
    out.extend(reserved.into_iter().map(|((sku, site), sum)| Breach::Reservation(site, sku, 0, sum)));
    out.extend(takeover_breaches(state));
    for (id, shipment) in state.shipments.iter() {
        let archived = matches!(state.orders.get(shipment.order), Some(OrderSlot::Archived(_)));
        let recalled = shipment.stage == crate::order::ShipmentStage::Recalled;
        let units: u32 = if recalled || archived { 0 } else { shipment.items.iter().map(|(_, q)| q.0).sum() };
        if shipped.remove(&id).unwrap_or(0) != units {
            out.push(Breach::ShipmentUnits(id));
        }
    }
    out
}

/// Breaches around take-overs: what is lent is lent once and as agreed, and sections hold the guest's goods alone.
fn takeover_breaches(state: &State) -> Vec<Breach> {
    let mut out = Vec::new();
    for (id, known) in state.takeovers.iter() {
        let running = known.stage.is_running();
        let hosts = known.terms.as_ref().map_or(&[][..], |terms| &terms.hosts);
        let lent = |site: SiteId| {
            let now = state.sites.get(usize::from(site.0));
            now.map_or(0, |now| now.lent.iter().filter(|lent| lent.takeover == id).count())
        };
        let as_agreed = hosts.iter().all(|host| lent(host.site) == usize::from(running));
        let mut parts = known.sections.iter().map(|site| state.sites.get(usize::from(site.0)));
        let staged =
            parts.all(|now| now.and_then(|now| now.section).is_some_and(|part| part.stage == known.stage));
        if !as_agreed || !staged {
            out.push(Breach::Lent(id));
        }
    }
    for (sku, site, shelf) in state.stock.iter() {
        let Some(part) = state.sites.get(usize::from(site.0)).and_then(|now| now.section) else { continue };
        let owner = state.network.skus.get(sku).map(|known| known.merchant);
        if owner != Some(part.merchant) || (part.stage.is_over() && shelf.on_hand > 0) {
            out.push(Breach::Strange(site, sku));
        }
    }
    out
}
