//! Orders: taken, held, sourced, cancelled, archived.

use smallvec::SmallVec;

use super::{Decision, LINES_MAX, misplaced};
use crate::command::{Command, NewOrder};
use crate::event::{Allocations, DropCause, Event};
use crate::evolve::{Parcel, parcels_of};
use crate::id::{Id, OrderId, SiteId, SkuId};
use crate::incident::SiteAccess;
use crate::order::{Allocation, Line, Order, ShipmentStage};
use crate::quantity::Quantity;
use crate::reject::Rejection;
use crate::state::{NameKind, State, name_key, unknown};
use crate::table::digest_of;
use crate::takeover::TakeoverStage;
use crate::time::Day;

/// The promise of an order that has none yet: a date no sourcing is late for.
pub(crate) const NO_PROMISE: Day = Day(i32::MAX);

pub(super) fn decide(state: &State, command: &Command) -> Decision {
    match command {
        Command::PlaceOrder(ask) => place(state, ask),
        Command::HoldOrder { order, reason } => {
            let held = state.order(*order)?;
            if held.hold.is_some() {
                return Err(Rejection::OrderHeld { order: *order });
            }
            let dropped = unreleased(held);
            let mut events = Vec::new();
            if !dropped.is_empty() {
                events.push(Event::UnitsDropped { order: *order, dropped, cause: DropCause::Held });
            }
            events.push(Event::OrderHeld { order: *order, reason: *reason });
            Ok(events)
        }
        Command::FreeOrder { order } => match state.order(*order)?.hold {
            Some(_) => Ok(vec![Event::OrderFreed { order: *order }]),
            None => Err(Rejection::NotHeld { order: *order }),
        },
        Command::SourceOrder { order, allocations, terms, promise } => {
            let asked = state.order(*order)?;
            if asked.hold.is_some() {
                return Err(Rejection::OrderHeld { order: *order });
            }
            check_allocations(state, *order, asked, allocations, &Allocations::new())?;
            let promise = promise.filter(|_| asked.promise == NO_PROMISE);
            Ok(vec![Event::OrderSourced {
                order: *order,
                allocations: allocations.clone(),
                terms: *terms,
                promise,
            }])
        }
        Command::CancelLine { order, line, quantity } => {
            let asked = state.order(*order)?;
            let wanted = asked
                .lines
                .get(usize::from(*line))
                .ok_or_else(|| unknown("line", OrderId(u32::from(*line))))?;
            if quantity.is_zero() {
                return Err(Rejection::NoQuantity {});
            }
            let event = cancel(*order, *line, wanted, *quantity);
            Ok(vec![event.ok_or(Rejection::NothingToCancel { order: *order })?])
        }
        Command::CancelOrder { order } => {
            let mut events = Vec::new();
            for (number, line) in state.order(*order)?.lines.iter().enumerate() {
                let number = u16::try_from(number).expect("an order has at most LINES_MAX lines");
                let released: u32 =
                    line.allocations.iter().filter(|a| a.shipment.is_some()).map(|a| a.quantity.0).sum();
                let free = line.wanted().saturating_sub(Quantity(released));
                if !free.is_zero() {
                    events.extend(cancel(*order, number, line, free));
                }
            }
            if events.is_empty() {
                return Err(Rejection::NothingToCancel { order: *order });
            }
            Ok(events)
        }
        Command::MovePromise { order, to } => {
            state.order(*order)?;
            Ok(vec![Event::PromiseMoved { order: *order, to: *to }])
        }
        Command::ArchiveOrder { order } => {
            let done = state.order(*order)?;
            if !is_finished(state, done) {
                return Err(Rejection::OrderOpen { order: *order });
            }
            Ok(vec![Event::OrderArchived { order: *order, record: digest_of(done) }])
        }
        _ => Err(misplaced()),
    }
}

fn place(state: &State, ask: &NewOrder) -> Decision {
    let network = &state.network;
    network.merchant(ask.merchant).ok_or_else(|| unknown("merchant", ask.merchant))?;
    network.zones.get(ask.zone.index()).ok_or_else(|| unknown("zone", ask.zone))?;
    if let Some(known) = state.names.get(name_key(NameKind::Order, ask.merchant, &ask.number)) {
        return Err(Rejection::OrderKnown { order: OrderId(*known) });
    }
    if ask.number.is_empty() {
        return Err(Rejection::Invalid { field: "number", why: "it is empty" });
    }
    if ask.lines.is_empty() {
        return Err(Rejection::NoLines {});
    }
    if ask.lines.len() > LINES_MAX {
        return Err(Rejection::TooManyLines { lines: ask.lines.len(), most: LINES_MAX });
    }
    if let Some(subject) = ask.subject {
        let person = state.subjects.get(subject).ok_or_else(|| unknown("subject", subject))?;
        if person.erased {
            return Err(Rejection::SubjectErased {});
        }
    }
    for (sku, quantity, _) in &ask.lines {
        let known = network.skus.get(*sku).ok_or_else(|| unknown("SKU", *sku))?;
        if known.merchant != ask.merchant {
            return Err(Rejection::ForeignSku { sku: *sku });
        }
        if quantity.is_zero() {
            return Err(Rejection::NoQuantity {});
        }
    }
    countable(ask)?;
    let promise = ask.promise.unwrap_or(NO_PROMISE);
    let lines = ask.lines.iter().map(|(sku, quantity, price)| Line {
        sku: *sku,
        ordered: *quantity,
        cancelled: Quantity::ZERO,
        returned: Quantity::ZERO,
        price: *price,
        allocations: SmallVec::new(),
    });
    Ok(vec![Event::OrderReceived(Box::new(Order {
        merchant: ask.merchant,
        number: ask.number.clone(),
        subject: ask.subject,
        zone: ask.zone,
        country: ask.country,
        postal: ask.postal.clone(),
        language: ask.language,
        placed: ask.placed,
        paid: ask.paid,
        promise,
        promise_first: promise,
        priority: ask.priority,
        moved: 0,
        hold: ask.hold,
        lines: lines.collect(),
    }))])
}

/// Makes sure that an order's units and its value can be summed: whoever reads it does so unchecked.
fn countable(ask: &NewOrder) -> Result<(), Rejection> {
    let (mut units, mut value) = (Quantity::ZERO, 0_i64);
    for (_, quantity, price) in &ask.lines {
        units = units.plus(*quantity).ok_or(Rejection::TooMuch {})?;
        let worth = price.checked_mul(i64::from(quantity.0)).and_then(i64::checked_abs);
        value = worth.and_then(|worth| value.checked_add(worth)).ok_or(Rejection::TooMuch {})?;
    }
    Ok(())
}

/// All allocations of an order that no site has been told of.
pub(crate) fn unreleased(order: &Order) -> Allocations {
    let mut out = Allocations::new();
    for (number, line) in order.lines.iter().enumerate() {
        let number = u16::try_from(number).expect("an order has at most LINES_MAX lines");
        out.extend(line.allocations.iter().filter(|a| a.shipment.is_none()).map(|a| (number, *a)));
    }
    out
}

/// Makes sure that an order may have `allocations` once it has given `freed` back: lane, storage, split, stock and
/// capacity. This is the only way to a reservation, so this is where oversell is impossible.
pub(super) fn check_allocations(
    state: &State,
    id: OrderId,
    order: &Order,
    allocations: &Allocations,
    freed: &Allocations,
) -> Result<(), Rejection> {
    // Sorted lists, not maps: this runs for every order, and most have one or two lines.
    let mut by_line: SmallVec<[(u16, u32); 8]> = SmallVec::new();
    let mut by_shelf: SmallVec<[((SiteId, SkuId), u32); 8]> = SmallVec::new();
    for (number, allocation) in allocations {
        let line = order
            .lines
            .get(usize::from(*number))
            .ok_or_else(|| unknown("line", OrderId(u32::from(*number))))?;
        check_way(state, order, line, allocation)?;
        by_line.push((*number, allocation.quantity.0));
        by_shelf.push(((allocation.site, line.sku), allocation.quantity.0));
    }
    sum_up(&mut by_line)?;
    sum_up(&mut by_shelf)?;
    for (number, units) in by_line {
        let line = &order.lines[usize::from(number)];
        let given: u32 = freed.iter().filter(|(other, _)| *other == number).map(|(_, a)| a.quantity.0).sum();
        if units > line.backordered().0 + given {
            return Err(Rejection::NotBackordered { order: id, line: number });
        }
        check_split(state, id, order, number, allocations, freed)?;
    }
    for ((site, sku), units) in by_shelf {
        let given: u32 = freed
            .iter()
            .filter(|(number, a)| a.site == site && order.lines[usize::from(*number)].sku == sku)
            .map(|(_, a)| a.quantity.0)
            .sum();
        let there =
            Quantity(state.available(site, sku).0 + if takes_orders(state, site) { given } else { 0 });
        there.take(Quantity(units)).map_err(|short| Rejection::StockShort { site, sku, missing: short.0 })?;
    }
    check_capacity(state, order, allocations, freed)
}

/// Sums the units of equal keys; afterwards each key is there once, in order.
fn sum_up<K: Copy + Ord, const N: usize>(units: &mut SmallVec<[(K, u32); N]>) -> Result<(), Rejection> {
    units.sort_unstable_by_key(|(key, _)| *key);
    let mut whole = true;
    units.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            let sum = kept.1.checked_add(next.1);
            whole &= sum.is_some();
            kept.1 = sum.unwrap_or(u32::MAX);
        }
        same
    });
    if whole { Ok(()) } else { Err(Rejection::TooMuch {}) }
}

fn takes_orders(state: &State, site: SiteId) -> bool {
    state.sites.get(site.index()).is_some_and(|now| now.access.takes_orders())
}

fn check_way(state: &State, order: &Order, line: &Line, allocation: &Allocation) -> Result<(), Rejection> {
    let (site, now) = state.site(allocation.site)?;
    let lane = state.network.lanes.get(allocation.lane).ok_or_else(|| unknown("lane", allocation.lane))?;
    if allocation.quantity.is_zero() {
        return Err(Rejection::NoQuantity {});
    }
    if allocation.shipment.is_some() {
        return Err(Rejection::Invalid { field: "allocation", why: "a new allocation is in no shipment" });
    }
    if let Some(part) = now.section.filter(|part| part.stage != TakeoverStage::Accepted) {
        return Err(Rejection::TakeoverOver { takeover: part.takeover, site: allocation.site });
    }
    match now.access {
        SiteAccess::Activating { ready } if allocation.ship_day < ready.local(&site.zone).0 => {
            return Err(Rejection::SiteClosed { site: allocation.site });
        }
        access if !access.takes_orders() => return Err(Rejection::SiteClosed { site: allocation.site }),
        _ => {}
    }
    if lane.site != allocation.site || lane.zone != order.zone {
        return Err(Rejection::WrongLane { lane: allocation.lane });
    }
    if !state.lane_is_open(allocation.lane) {
        return Err(Rejection::LaneClosed { lane: allocation.lane });
    }
    let sku = state.network.skus.get(line.sku).ok_or_else(|| unknown("SKU", line.sku))?;
    if !site.storage.accepts(sku.storage) {
        return Err(Rejection::WrongStorage { site: allocation.site, sku: line.sku });
    }
    Ok(())
}

/// Where a merchant does not let lines be split, all units of a line that still have to leave come from one site.
fn check_split(
    state: &State,
    id: OrderId,
    order: &Order,
    number: u16,
    new: &Allocations,
    freed: &Allocations,
) -> Result<(), Rejection> {
    if state.network.merchant(order.merchant).is_some_and(|merchant| merchant.split_quantity) {
        return Ok(());
    }
    let is_freed = |a: &Allocation| freed.iter().any(|(other, f)| *other == number && f == a);
    let stays =
        order.lines[usize::from(number)].allocations.iter().filter(|a| a.shipment.is_none() && !is_freed(a));
    let comes = new.iter().filter(|(other, _)| *other == number).map(|(_, a)| a);
    let mut sites = stays.chain(comes).map(|a| a.site);
    match sites.next() {
        Some(first) if sites.any(|site| site != first) => {
            Err(Rejection::SplitForbidden { order: id, line: number })
        }
        _ => Ok(()),
    }
}

fn check_capacity(
    state: &State,
    order: &Order,
    new: &Allocations,
    freed: &Allocations,
) -> Result<(), Rejection> {
    let work = |parcels: &[Parcel], site: SiteId, day: Day| -> u64 {
        let here = parcels.iter().filter(|p| p.site == site && p.ship_day == day);
        here.map(|p| state.network.site(site).map_or(0, |s| u64::from(s.work(1, p.units)))).sum()
    };
    // An order that has nothing yet, which is every order when it comes in, needs no copy to compare with.
    if freed.is_empty() && order.lines.iter().all(|line| line.allocations.is_empty()) {
        let then = parcels_of(new.iter().map(|(_, allocation)| allocation));
        let short = |p: &&Parcel| {
            work(&then, p.site, p.ship_day) > u64::from(state.capacity_left(p.site, p.ship_day))
        };
        return match then.iter().find(short) {
            Some(parcel) => Err(Rejection::CapacityShort { site: parcel.site }),
            None => Ok(()),
        };
    }
    let mut after = order.clone();
    crate::evolve::take_allocations(&mut after, freed);
    let kept = crate::evolve::parcels(&after);
    crate::evolve::give_allocations(&mut after, new);
    let before = crate::evolve::parcels(order);
    let then = crate::evolve::parcels(&after);
    for parcel in &then {
        let (site, day) = (parcel.site, parcel.ship_day);
        let (had, has) = (work(&before, site, day), work(&then, site, day));
        if has > work(&kept, site, day) && has.saturating_sub(had) > u64::from(state.capacity_left(site, day))
        {
            return Err(Rejection::CapacityShort { site });
        }
    }
    Ok(())
}

/// The cancellation of units of a line: backordered ones first, then unreleased allocations, the last first.
fn cancel(order: OrderId, number: u16, line: &Line, quantity: Quantity) -> Option<Event> {
    let mut left = quantity.saturating_sub(line.backordered());
    let mut dropped = Allocations::new();
    for allocation in line.allocations.iter().rev().filter(|a| a.shipment.is_none()) {
        let take = Quantity(allocation.quantity.0.min(left.0));
        if !take.is_zero() {
            dropped.push((number, Allocation { quantity: take, ..*allocation }));
            left = left.saturating_sub(take);
        }
    }
    left.is_zero().then_some(Event::LineCancelled { order, line: number, quantity, dropped })
}

fn is_finished(state: &State, order: &Order) -> bool {
    order.backordered().is_zero()
        && order.lines.iter().flat_map(|line| &line.allocations).all(|allocation| {
            let stage =
                allocation.shipment.and_then(|id| state.shipments.get(id)).map(|shipment| shipment.stage);
            matches!(stage, Some(ShipmentStage::Delivered | ShipmentStage::Lost))
        })
}
