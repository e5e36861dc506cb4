//! `evolve`: a state and an event give the next state. It decides nothing and refuses nothing that was decided.
//!
//! An event that does not fit the state (a broken journal, or a bug) is a [`Misfit`], never a panic and never a guess.

mod incident;
mod order;
mod setup;
mod shipment;
mod stock;
mod takeover;

use std::sync::Arc;

use smallvec::SmallVec;

use crate::event::{Allocations, Event};
use crate::id::{LaneId, SiteId};
use crate::notice::NoticeStatus;
use crate::order::Order;
use crate::quantity::Quantity;
use crate::state::{KeyUse, NameKind, State, Subject, name_key};
use crate::time::{Day, Stamp};
use crate::timer::Timer;

/// An event that does not fit the state it was applied to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("apply event: {what} does not fit the state; the journal or the program is broken")]
pub struct Misfit {
    /// Which part of the event.
    pub what: &'static str,
}

pub(crate) const fn misfit(what: &'static str) -> Misfit {
    Misfit { what }
}

/// One journal entry: what came of one command.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Entry {
    /// When it was decided.
    pub at: Stamp,
    /// Who asked, as the outside knows them: a code, never a name.
    pub actor: Box<str>,
    /// Idempotency key of the command, hashed.
    pub key: Option<u128>,
    /// What happened.
    pub events: Vec<Event>,
}

/// Applies an entry: its events, its key, its stamp.
///
/// # Errors
/// [`Misfit`]; the state is then in between and must be thrown away.
pub fn evolve_entry(state: &mut State, entry: &Entry) -> Result<(), Misfit> {
    for event in &entry.events {
        evolve(state, entry.at, event)?;
    }
    finish_entry(state, entry.at, entry.key, &entry.events);
    Ok(())
}

/// Closes an entry whose events have been applied: version, stamp and key.
pub fn finish_entry(state: &mut State, at: Stamp, key: Option<u128>, events: &[Event]) {
    state.version += 1;
    state.stamp = state.stamp.max(at);
    if let Some(key) = key {
        let made = events.iter().find_map(|event| made(state, event));
        state.keys.insert(key, KeyUse { at, version: state.version, made });
    }
}

/// The id of what an event made, once it is applied and the last of its kind.
fn made(state: &State, event: &Event) -> Option<u32> {
    let last = match event {
        Event::OrderReceived(_) => state.orders.len(),
        Event::IncidentOpened(_) => state.incidents.len(),
        Event::TransferSent { .. } => state.transfers.len(),
        Event::NoticeQueued(_) => state.notices.len(),
        Event::PlanAdopted(_) => state.plans.len(),
        Event::TakeoverAsked(_) => state.takeovers.len(),
        Event::SubjectSealed { subject, .. } => return Some(subject.0),
        _ => return None,
    };
    u32::try_from(last).ok()?.checked_sub(1)
}

/// Applies one event.
///
/// # Errors
/// [`Misfit`]; the state is then in between and must be thrown away.
pub fn evolve(state: &mut State, at: Stamp, event: &Event) -> Result<(), Misfit> {
    use Event as E;
    match event {
        E::OperatorSet(_)
        | E::MerchantAdded(_)
        | E::MerchantChanged(..)
        | E::SiteAdded(_)
        | E::SiteChanged(..)
        | E::ServiceAdded(_)
        | E::ZoneAdded(_)
        | E::LaneAdded(_)
        | E::LaneRated { .. }
        | E::SkuAdded(_) => setup::evolve(state, event),
        E::StockReceived { .. }
        | E::StockAdjusted { .. }
        | E::StockCounted { .. }
        | E::StockQuarantined { .. }
        | E::StockCleared { .. }
        | E::TransferSent { .. }
        | E::TransferReceived { .. } => stock::evolve(state, event),
        E::SubjectSealed { subject, fingerprint, .. } => {
            if *subject == state.subjects.next_id() {
                state.subjects.push(Subject { fingerprint: *fingerprint, erased: false });
                let key =
                    name_key(NameKind::Subject, crate::id::MerchantId(0), &format!("{fingerprint:032x}"));
                state.names.insert(key, subject.0);
                return Ok(());
            }
            state.subjects.get(*subject).filter(|known| !known.erased).map(|_| ()).ok_or(misfit("subject"))
        }
        E::SubjectErased { subject } => {
            state.subjects.get_mut(*subject).ok_or(misfit("subject"))?.erased = true;
            Ok(())
        }
        E::OrderReceived(_)
        | E::OrderHeld { .. }
        | E::OrderFreed { .. }
        | E::OrderSourced { .. }
        | E::OrderMoved { .. }
        | E::UnitsDropped { .. }
        | E::LineCancelled { .. }
        | E::PromiseMoved { .. }
        | E::OrderArchived { .. } => order::evolve(state, event),
        E::ShipmentReleased(_)
        | E::ShipmentPicked { .. }
        | E::ShipmentPacked { .. }
        | E::ShipmentShipped { .. }
        | E::ShipmentException { .. }
        | E::ShipmentDelivered { .. }
        | E::ShipmentLost { .. }
        | E::ShipmentsInDoubt { .. }
        | E::RecallAsked { .. }
        | E::RecallRefused { .. }
        | E::ShipmentRecalled { .. }
        | E::ReturnReceived { .. } => shipment::evolve(state, at, event),
        E::IncidentOpened(_)
        | E::IncidentAssessed { .. }
        | E::IncidentPhased { .. }
        | E::SiteAccessChanged { .. }
        | E::OutageExpected { .. }
        | E::LanesEmbargoed { .. }
        | E::EmbargoLifted { .. } => incident::evolve(state, at, event),
        E::PlanAdopted(record) => {
            state.plans.push((**record).clone());
            Ok(())
        }
        E::PlanStepped { plan, step, moved, skipped } => {
            let record = state.plans.get_mut(*plan).ok_or(misfit("plan"))?;
            if record.done != *step {
                return Err(misfit("plan step"));
            }
            record.done += 1;
            record.moved += moved;
            record.skipped += skipped;
            Ok(())
        }
        E::PlanUndone { plan, .. } => {
            state.plans.get_mut(*plan).ok_or(misfit("plan"))?.undone = true;
            Ok(())
        }
        E::PricesAdopted { table } => {
            state.prices = Some(*table);
            Ok(())
        }
        E::NoticeQueued(notice) => {
            let due = notice.hold_until;
            let id = state.notices.push((**notice).clone());
            state.timers.set(due, Timer::NoticeHold(id));
            crate::care::note_queued(state, at, id, notice);
            Ok(())
        }
        E::NoticeChanged { notice, status } => {
            let known = state.notices.get_mut(*notice).ok_or(misfit("notice"))?;
            let before = std::mem::replace(&mut known.status, *status);
            let due = known.hold_until;
            if *status == NoticeStatus::Withdrawn {
                state.timers.clear(due, Timer::NoticeHold(*notice));
            }
            crate::care::note_sent(state, at, *notice, before, *status)
        }
        E::TimerFired { due, timer } => {
            if state.timers.clear(*due, *timer) {
                Ok(())
            } else {
                Err(misfit("timer"))
            }
        }
        E::TimerSet { due, timer } => {
            state.timers.set(*due, *timer);
            Ok(())
        }
        E::KeysForgotten { before } => {
            state.keys.retain(|_, used| used.at >= *before);
            Ok(())
        }
        E::TakeoverAsked(_)
        | E::TakeoverOffered { .. }
        | E::TakeoverAccepted { .. }
        | E::TakeoverDeclined { .. }
        | E::TakeoverLapsed { .. }
        | E::TakeoverEnded { .. }
        | E::TakeoverHandedBack { .. } => takeover::evolve(state, at, event),
        E::Care(happened) => crate::care::evolve(state, at, happened),
    }
}

/// What leaves one site for an order together, as capacity counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parcel {
    pub(crate) site: SiteId,
    pub(crate) lane: LaneId,
    pub(crate) ship_day: Day,
    pub(crate) units: u32,
}

/// The parcels of an order: its allocations by site, lane and day.
pub(crate) fn parcels(order: &Order) -> SmallVec<[Parcel; 4]> {
    parcels_of(order.lines.iter().flat_map(|line| &line.allocations))
}

/// The parcels that allocations make: those with equal site, lane and day leave together.
pub(crate) fn parcels_of<'a>(
    allocations: impl Iterator<Item = &'a crate::order::Allocation>,
) -> SmallVec<[Parcel; 4]> {
    let mut out: SmallVec<[Parcel; 4]> = SmallVec::new();
    for a in allocations {
        let same = |p: &&mut Parcel| p.site == a.site && p.lane == a.lane && p.ship_day == a.ship_day;
        match out.iter_mut().find(same) {
            Some(parcel) => parcel.units = parcel.units.saturating_add(a.quantity.0),
            None => {
                let (site, lane, ship_day) = (a.site, a.lane, a.ship_day);
                out.push(Parcel { site, lane, ship_day, units: a.quantity.0 });
            }
        }
    }
    out
}

/// Takes units out of an order's allocations; those with equal site, lane, day and shipment are meant.
/// Says whether all of them were there.
pub(crate) fn take_allocations(order: &mut Order, taken: &Allocations) -> bool {
    let mut whole = true;
    for (number, wanted) in taken {
        let Some(line) = order.lines.get_mut(usize::from(*number)) else { return false };
        let mut left = wanted.quantity;
        for a in &mut line.allocations {
            let same = a.site == wanted.site
                && a.lane == wanted.lane
                && a.ship_day == wanted.ship_day
                && a.shipment == wanted.shipment;
            if same && !left.is_zero() {
                let part = Quantity(a.quantity.0.min(left.0));
                a.quantity = a.quantity.saturating_sub(part);
                left = left.saturating_sub(part);
            }
        }
        line.allocations.retain(|a| !a.quantity.is_zero());
        whole &= left.is_zero();
    }
    whole
}

/// Adds units to an order's allocations; those with equal site, lane, day and shipment become one.
pub(crate) fn give_allocations(order: &mut Order, given: &Allocations) -> bool {
    for (number, new) in given {
        let Some(line) = order.lines.get_mut(usize::from(*number)) else { return false };
        let same = |a: &&mut crate::order::Allocation| {
            a.site == new.site
                && a.lane == new.lane
                && a.ship_day == new.ship_day
                && a.shipment == new.shipment
        };
        match line.allocations.iter_mut().find(same) {
            Some(a) => a.quantity = Quantity(a.quantity.0.saturating_add(new.quantity.0)),
            None => line.allocations.push(*new),
        }
    }
    true
}

/// Changes an order's allocations and keeps the sites' loads in step.
pub(crate) fn with_loads(
    state: &mut State,
    id: crate::id::OrderId,
    change: impl FnOnce(&mut Order) -> bool,
) -> Result<(), Misfit> {
    let network = Arc::clone(&state.network);
    let Some(crate::order::OrderSlot::Live(order)) = state.orders.get_mut(id) else {
        return Err(misfit("order"));
    };
    let before = parcels(order);
    if !change(order) {
        return Err(misfit("allocation"));
    }
    let after = parcels(order);
    add_loads(state, &network, &before, false);
    add_loads(state, &network, &after, true);
    Ok(())
}

fn add_loads(state: &mut State, network: &crate::network::Network, parcels: &[Parcel], plus: bool) {
    for parcel in parcels {
        let (Some(site), Some(now)) =
            (network.site(parcel.site), state.sites.get_mut(usize::from(parcel.site.0)))
        else {
            continue;
        };
        let work = site.work(1, parcel.units);
        let load = now.load.entry(parcel.ship_day).or_insert(0);
        *load = if plus { load.saturating_add(work) } else { load.saturating_sub(work) };
        if *load == 0 {
            now.load.remove(&parcel.ship_day);
        }
    }
}
