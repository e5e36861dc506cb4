//! What happened to files, batches and tries.

use std::sync::Arc;

use super::{Answer, Batch, CONTACTS_MAX, CareEvent, EndCause, RefundForm, TELLINGS_MAX, Telling, Tries};
use crate::evolve::{Misfit, misfit};
use crate::id::{NoticeId, OrderId};
use crate::notice::{Notice, NoticeCause, NoticeStatus};
use crate::order::{OrderSlot, ShipmentStage};
use crate::state::State;
use crate::time::Stamp;
use crate::timer::Timer;

pub(crate) fn evolve(state: &mut State, at: Stamp, event: &CareEvent) -> Result<(), Misfit> {
    match event {
        CareEvent::PolicySet(policy) => state.care.policy = *policy,
        CareEvent::AnswerRecorded { order, notice, choice, evidence } => {
            let file = state.care.open(*order);
            file.answers.push(Answer { at, notice: *notice, choice: *choice, evidence: *evidence });
        }
        CareEvent::AddressChanged { order, zone, country, postal } => {
            let Some(OrderSlot::Live(known)) = state.orders.get_mut(*order) else {
                return Err(misfit("order"));
            };
            (known.zone, known.country) = (*zone, *country);
            known.postal = postal.clone();
        }
        CareEvent::OrderEnded { order, why } => {
            let file = state.care.open(*order);
            file.ended = Some((at, *why));
            if *why == EndCause::GivenUp {
                file.will_not_ship_since = Some(at);
            }
        }
        CareEvent::RefundDue { order, amount } => {
            let refund = &mut state.care.open(*order).refund;
            refund.owed = refund.owed.checked_add(*amount).ok_or(misfit("refund"))?;
            refund.since = refund.since.or(Some(at));
        }
        CareEvent::RefundRecorded { order, amount, form } => {
            let refund = &mut state.care.file_mut(*order).ok_or(misfit("file"))?.refund;
            match form {
                RefundForm::Money => {
                    refund.paid = refund.paid.checked_add(*amount).ok_or(misfit("refund"))?;
                    refund.last = Some(at);
                }
                RefundForm::Credit => {
                    refund.credited = refund.credited.checked_add(*amount).ok_or(misfit("refund"))?;
                }
            }
        }
        CareEvent::ClockSet { order, from, to } => {
            if let Some(clock) = from {
                // It may have fired in this very entry: then it is gone already.
                state.timers.clear(clock.wake, Timer::Law(*order, clock.rule));
            }
            if let Some(clock) = to {
                state.timers.set(clock.wake, Timer::Law(*order, clock.rule));
            }
            state.care.open(*order).clock = *to;
        }
        CareEvent::LawWarned { order, due } => state.care.open(*order).warned = Some(*due),
        CareEvent::BatchOpened { incident, by, first } => {
            // The notice that opens it is queued already.
            let batch = Batch { by: by.clone(), first: *first, pending: 1 };
            Arc::make_mut(&mut state.care.batches).insert(*incident, batch);
        }
        // Who approved is kept in the journal; each notice goes on by an event of its own.
        CareEvent::NoticesApproved { .. } => {}
        CareEvent::NoticeTried { notice, channel, again_at } => {
            let tries = Arc::make_mut(&mut state.care.tries);
            let failed = tries.get(notice).map_or(0, |known| known.failed).saturating_add(1);
            tries.insert(*notice, Tries { failed, channel: *channel, again_at: *again_at });
        }
        CareEvent::GoodwillGranted { order, amount, .. } => {
            let file = state.care.open(*order);
            file.goodwill = file.goodwill.checked_add(*amount).ok_or(misfit("goodwill"))?;
        }
        CareEvent::NoticeResent { notice } => {
            let times = Arc::make_mut(&mut state.care.resent).entry(*notice).or_default();
            *times = times.saturating_add(1);
        }
        CareEvent::NoticeBounced { notice } => {
            let known = state.notices.get(*notice).ok_or(misfit("notice"))?;
            let orders: Vec<OrderId> = known.orders.iter().map(|entry| entry.order).collect();
            for order in orders {
                let file = state.care.file_mut(order).ok_or(misfit("file"))?;
                file.told.retain(|told| told.notice != *notice);
            }
        }
        CareEvent::NoticeDelivered { notice } => {
            let known = state.notices.get(*notice).ok_or(misfit("notice"))?;
            let orders: Vec<OrderId> = known.orders.iter().map(|entry| entry.order).collect();
            for order in orders {
                let file = state.care.file_mut(order).ok_or(misfit("file"))?;
                let told = file.told.iter_mut().filter(|told| told.notice == *notice);
                told.for_each(|told| told.delivered = told.delivered.or(Some(at)));
            }
        }
        CareEvent::NoticeOpened { notice } => {
            let known = state.notices.get(*notice).ok_or(misfit("notice"))?;
            let orders: Vec<OrderId> = known.orders.iter().map(|entry| entry.order).collect();
            for order in orders {
                let file = state.care.file_mut(order).ok_or(misfit("file"))?;
                let told = file.told.iter_mut().filter(|told| told.notice == *notice);
                told.for_each(|told| told.opened = told.opened.or(Some(at)));
            }
        }
        CareEvent::OpensCounted { merchant, on } => {
            let opens = Arc::make_mut(&mut state.care.opens);
            if *on {
                opens.entry(*merchant).or_insert(at);
            } else {
                opens.remove(merchant);
            }
        }
        CareEvent::CallMade { .. } | CareEvent::CallStepped { .. } | CareEvent::CallEnded { .. } => {
            super::call::evolve(state, at, event)?;
        }
        CareEvent::HoldOutSet { permille } => state.care.hold_out_permille = *permille,
        CareEvent::ContactNoted { order, kind } => {
            let contacts = &mut state.care.open(*order).contacts;
            if contacts.len() < CONTACTS_MAX {
                contacts.push((at, *kind));
            }
        }
    }
    Ok(())
}

/// A notice was queued: from now on the shop knows what it says.
pub(crate) fn note_queued(state: &mut State, at: Stamp, id: NoticeId, notice: &Notice) {
    if let Some(incident) = notice.incident.filter(|id| state.care.batches.contains_key(id))
        && let Some(batch) = Arc::make_mut(&mut state.care.batches).get_mut(&incident)
    {
        batch.pending += 1;
    }
    for entry in &notice.orders {
        let late = entry.after.is_none_or(|day| day > entry.before);
        let file = state.care.open(entry.order);
        file.queued = Some(id);
        if late && !matches!(entry.cause, NoticeCause::BackOnSchedule | NoticeCause::Cancelled) {
            file.unable_since = Some(at);
        }
    }
}

/// A notice got to `status` from `before`.
pub(crate) fn note_sent(
    state: &mut State,
    at: Stamp,
    id: NoticeId,
    before: NoticeStatus,
    status: NoticeStatus,
) -> Result<(), Misfit> {
    let notice = state.notices.get(id).ok_or(misfit("notice"))?;
    let left = |status| !matches!(status, NoticeStatus::Queued | NoticeStatus::Waiting);
    if let Some(incident) = notice.incident.filter(|_| !left(before) && left(status)) {
        let of_batch = state.care.batches.get(&incident).is_some_and(|batch| batch.first <= id);
        if of_batch {
            let batches = Arc::make_mut(&mut state.care.batches);
            if let Some(batch) = batches.get_mut(&incident) {
                batch.pending = batch.pending.saturating_sub(1);
                if batch.pending == 0 {
                    batches.remove(&incident);
                }
            }
        }
    }
    if matches!(status, NoticeStatus::Sent | NoticeStatus::Failed | NoticeStatus::Withdrawn)
        && state.care.tries.contains_key(&id)
    {
        Arc::make_mut(&mut state.care.tries).remove(&id);
    }
    if status != NoticeStatus::Sent {
        return Ok(());
    }
    let notice = state.notices.get(id).ok_or(misfit("notice"))?.clone();
    for entry in &notice.orders {
        let asks = matches!(
            entry.cause,
            NoticeCause::Rerouted | NoticeCause::Delayed | NoticeCause::Backordered | NoticeCause::InDoubt
        );
        let told = &mut state.care.open(entry.order).told;
        // Sent once more, it stays one notice: the law's clocks count from the first time.
        if told.iter().any(|before| before.notice == id) {
            continue;
        }
        if told.len() >= TELLINGS_MAX {
            told.remove(1);
        }
        told.push(Telling {
            notice: id,
            incident: notice.incident,
            at,
            revised: entry.after,
            offers_cancellation: asks,
            delivered: None,
            opened: None,
        });
    }
    Ok(())
}

/// Something of an order was handed to a carrier. Only orders with a file are looked at.
pub(crate) fn note_shipped(state: &mut State, at: Stamp, order: OrderId) {
    if state.care.file(order).is_some_and(|file| file.shipped_at.is_none())
        && all(state, order, |stage| {
            stage.with_carrier() || matches!(stage, ShipmentStage::Delivered | ShipmentStage::Lost)
        })
        && let Some(file) = state.care.file_mut(order)
    {
        file.shipped_at = Some(at);
    }
}

/// Something of an order reached its customer. Only orders with a file are looked at.
pub(crate) fn note_delivered(state: &mut State, at: Stamp, order: OrderId) {
    if state.care.file(order).is_some_and(|file| file.delivered_at.is_none())
        && all(state, order, |stage| stage == ShipmentStage::Delivered)
        && let Some(file) = state.care.file_mut(order)
    {
        file.delivered_at = Some(at);
    }
}

fn all(state: &State, id: OrderId, fits: impl Fn(ShipmentStage) -> bool) -> bool {
    let Some(OrderSlot::Live(order)) = state.orders.get(id) else { return false };
    let stage = |allocation: &crate::order::Allocation| {
        allocation.shipment.and_then(|id| state.shipments.get(id)).map(|shipment| shipment.stage)
    };
    order.backordered().is_zero()
        && order.lines.iter().flat_map(|line| &line.allocations).all(|a| stage(a).is_some_and(&fits))
}
