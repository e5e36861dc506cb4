//! Answers, refunds, approvals and the way of a notice through its channels.

use super::{
    ANSWERS_MAX, AnswerChoice, CareCommand, CareEvent, EndCause, Evidence, HOLD_OUT_MAX, RESENT_MAX,
};
use crate::command::Command;
use crate::decide::{Decision, decide as decide_any};
use crate::event::{DropCause, Event};
use crate::id::{Id, IncidentId, NoticeId, OrderId, ZoneId};
use crate::network::Country;
use crate::notice::NoticeStatus;
use crate::order::{Order, ShipmentStage};
use crate::reject::Rejection;
use crate::state::{State, unknown};
use crate::time::Stamp;

/// Decides a command of this room. `actor` is who asks: a code, never a name.
///
/// # Errors
/// A [`Rejection`]; nothing happened.
pub fn decide(state: &State, command: &CareCommand, actor: &str, at: Stamp) -> Decision {
    use CareCommand as C;
    match command {
        C::SetPolicy(policy) => {
            let fits = policy.quiet.is_none_or(|(from, until)| from < DAY_MS && until <= DAY_MS);
            if !fits {
                return Err(Rejection::Invalid { field: "quiet", why: "give two times of a day" });
            }
            care(CareEvent::PolicySet(*policy))
        }
        C::RecordAnswer { order, notice, choice, evidence } => {
            answer(state, *order, *notice, *choice, *evidence, at)
        }
        C::ChangeAddress { order, zone, country, postal, evidence } => {
            change_address(state, *order, *zone, *country, postal, *evidence)
        }
        C::GiveUpOrder { order } => {
            not_ended(state, *order)?;
            end_order(state, *order, EndCause::GivenUp, at)
        }
        C::RecordRefund { order, amount, form } => {
            let open = state.care.file(*order).map_or(0, |file| file.refund.open());
            if *amount <= 0 || *amount > open {
                return Err(Rejection::RefundTooMuch { order: *order, open });
            }
            care(CareEvent::RefundRecorded { order: *order, amount: *amount, form: *form })
        }
        C::ApproveNotices { incident } => approve(state, *incident, actor),
        C::ClaimNotice { notice } => {
            let known = in_status(state, *notice, &[NoticeStatus::Released])?;
            let drill = known.incident.and_then(|id| state.incidents.get(id)).is_some_and(|i| i.drill);
            if drill {
                return Err(Rejection::DrillNotice { index: u64::from(notice.0) });
            }
            Ok(vec![changed(*notice, NoticeStatus::Sending)])
        }
        C::RetryNotice { notice, channel, again_at } => {
            in_status(state, *notice, &[NoticeStatus::Sending])?;
            let tried = CareEvent::NoticeTried { notice: *notice, channel: *channel, again_at: *again_at };
            Ok(vec![changed(*notice, NoticeStatus::Released), Event::Care(Box::new(tried))])
        }
        C::SuppressNotice { notice } => {
            in_status(state, *notice, &[NoticeStatus::Released])?;
            Ok(vec![changed(*notice, NoticeStatus::Withdrawn)])
        }
        C::DoubtNotice { notice } => {
            in_status(state, *notice, &[NoticeStatus::Sending])?;
            Ok(vec![changed(*notice, NoticeStatus::InDoubt)])
        }
        C::SettleNotice { notice, arrived } => {
            in_status(state, *notice, &[NoticeStatus::Sending, NoticeStatus::InDoubt])?;
            let status = if *arrived { NoticeStatus::Sent } else { NoticeStatus::Released };
            Ok(vec![changed(*notice, status)])
        }
        C::GrantGoodwill { order, amount } => {
            state.order(*order)?;
            let granted = state.care.file(*order).map_or(0, |file| file.goodwill);
            let most = state.care.policy.goodwill_max;
            if *amount <= 0 || granted.saturating_add(*amount) > most {
                return Err(Rejection::GoodwillTooMuch { order: *order, left: most.saturating_sub(granted) });
            }
            care(CareEvent::GoodwillGranted { order: *order, amount: *amount, by: actor.into() })
        }
        C::NoteContact { order, kind } => {
            state.order(*order)?;
            care(CareEvent::ContactNoted { order: *order, kind: *kind })
        }
        C::ResendNotice { notice } => resend(state, *notice, at),
        C::BounceNotice { notice, next } => bounce(state, *notice, *next, at),
        C::DeliverNotice { notice } => {
            in_status(state, *notice, &[NoticeStatus::Sent])?;
            if told(state, *notice).is_none_or(|told| told.delivered.is_some()) {
                return Err(Rejection::NoticeKnown { index: u64::from(notice.0) });
            }
            care(CareEvent::NoticeDelivered { notice: *notice })
        }
        C::CountOpens { merchant, on } => {
            if state.network.merchant(*merchant).is_none() {
                return Err(unknown("merchant", *merchant));
            }
            care(CareEvent::OpensCounted { merchant: *merchant, on: *on })
        }
        C::OpenNotice { notice } => {
            let known = in_status(state, *notice, &[NoticeStatus::Sent])?;
            if !state.care.opens.contains_key(&known.merchant) {
                return Err(Rejection::OpensNotCounted { index: u64::from(notice.0) });
            }
            if told(state, *notice).is_none_or(|told| told.opened.is_some()) {
                return Err(Rejection::NoticeKnown { index: u64::from(notice.0) });
            }
            care(CareEvent::NoticeOpened { notice: *notice })
        }
        C::MakeCall(new) => super::call::make(state, new, actor, at),
        C::ClaimCall { call, position } => super::call::claim(state, *call, *position),
        C::ReportCall { call, position, status } => super::call::report(state, *call, *position, *status, at),
        C::EndCall { call, how, who } => super::call::end(state, *call, *how, who),
        C::SetHoldOut { permille } => {
            if *permille > HOLD_OUT_MAX {
                return Err(Rejection::Invalid { field: "permille", why: "at most 500 of a thousand" });
            }
            care(CareEvent::HoldOutSet { permille: *permille })
        }
    }
}

/// Milliseconds of a day.
const DAY_MS: u32 = 86_400_000;

fn care(event: CareEvent) -> Decision {
    Ok(vec![Event::Care(Box::new(event))])
}

/// A notice that left, or that nobody took, goes out once more as the same notice.
fn resend(state: &State, id: NoticeId, at: Stamp) -> Decision {
    let notice = in_status(state, id, &[NoticeStatus::Sent, NoticeStatus::Failed])?;
    if notice.incident.and_then(|id| state.incidents.get(id)).is_some_and(|incident| incident.drill) {
        return Err(Rejection::DrillNotice { index: u64::from(id.0) });
    }
    if state.care.resent.get(&id).is_some_and(|times| *times >= RESENT_MAX) {
        return Err(Rejection::Invalid { field: "notice", why: "it was sent again 20 times already" });
    }
    Ok(vec![
        Event::Care(Box::new(CareEvent::NoticeResent { notice: id })),
        changed(id, NoticeStatus::Released),
        Event::Care(Box::new(CareEvent::NoticeTried { notice: id, channel: 0, again_at: at })),
    ])
}

/// What came back was not told: the law's clocks go on as if it had not been sent, and the next channel has its turn.
fn bounce(state: &State, id: NoticeId, next: Option<u8>, at: Stamp) -> Decision {
    in_status(state, id, &[NoticeStatus::Sent])?;
    let mut events = vec![Event::Care(Box::new(CareEvent::NoticeBounced { notice: id }))];
    match next {
        None => events.push(changed(id, NoticeStatus::Failed)),
        Some(channel) => {
            events.push(changed(id, NoticeStatus::Released));
            let tried = CareEvent::NoticeTried { notice: id, channel, again_at: at };
            events.push(Event::Care(Box::new(tried)));
        }
    }
    Ok(events)
}

/// What is known of a notice that was sent: the same in the files of all its orders.
fn told(state: &State, id: NoticeId) -> Option<&super::Telling> {
    let order = state.notices.get(id)?.orders.first()?.order;
    state.care.file(order)?.told.iter().find(|told| told.notice == id)
}

const fn changed(notice: NoticeId, status: NoticeStatus) -> Event {
    Event::NoticeChanged { notice, status }
}

fn in_status<'a>(
    state: &'a State,
    id: NoticeId,
    wanted: &[NoticeStatus],
) -> Result<&'a crate::notice::Notice, Rejection> {
    let notice = state.notices.get(id).ok_or_else(|| unknown("notice", id))?;
    if wanted.contains(&notice.status) {
        Ok(notice)
    } else {
        Err(Rejection::NoticeGone { index: u64::from(id.0) })
    }
}

fn not_ended(state: &State, id: OrderId) -> Result<&Order, Rejection> {
    let order = state.order(id)?;
    if state.care.file(id).is_some_and(|file| file.ended.is_some()) {
        return Err(Rejection::OrderEnded { order: id });
    }
    Ok(order)
}

fn answer(
    state: &State,
    order: OrderId,
    notice: Option<NoticeId>,
    choice: AnswerChoice,
    evidence: Evidence,
    at: Stamp,
) -> Decision {
    not_ended(state, order)?;
    if let Some(id) = notice {
        let known = state.notices.get(id).ok_or_else(|| unknown("notice", id))?;
        if !known.orders.iter().any(|entry| entry.order == order) {
            return Err(Rejection::Invalid { field: "notice", why: "it does not speak of this order" });
        }
    }
    if choice == AnswerChoice::Address {
        return Err(Rejection::Invalid { field: "choice", why: "an address is changed by ChangeAddress" });
    }
    if let Some(file) = state.care.file(order) {
        let same = |last: &super::Answer| last.choice == choice && last.notice == notice;
        if file.answers.last().is_some_and(same) {
            return Err(Rejection::AnswerStands { order });
        }
        if file.answers.len() >= ANSWERS_MAX {
            return Err(Rejection::TooManyAnswers { order, most: ANSWERS_MAX });
        }
    }
    let mut events =
        vec![Event::Care(Box::new(CareEvent::AnswerRecorded { order, notice, choice, evidence }))];
    if choice == AnswerChoice::Cancel {
        events.extend(end_order(state, order, EndCause::Customer, at)?);
    }
    Ok(events)
}

/// The events that end an order: what no site has been told of is cancelled, what a site has is asked back, and what
/// comes back later is cancelled too. What is with a carrier stays.
///
/// # Errors
/// [`Rejection::NothingToCancel`] where all of it is with a carrier or the customer.
pub fn end_order(state: &State, id: OrderId, why: EndCause, at: Stamp) -> Decision {
    let order = state.order(id)?;
    let mut events = match decide_any(state, &Command::CancelOrder { order: id }, at) {
        Ok(cancelled) => cancelled,
        Err(Rejection::NothingToCancel { .. }) => Vec::new(),
        Err(other) => return Err(other),
    };
    let mut seen = Vec::new();
    let mut doubtful = false;
    for shipment in order.lines.iter().flat_map(|line| &line.allocations).filter_map(|a| a.shipment) {
        if seen.contains(&shipment) {
            continue;
        }
        seen.push(shipment);
        match state.shipments.get(shipment).map(|known| known.stage) {
            Some(ShipmentStage::Released | ShipmentStage::Picked | ShipmentStage::Packed) => {
                events.push(Event::RecallAsked { shipment });
            }
            Some(ShipmentStage::InDoubt { .. } | ShipmentStage::Recalling { .. }) => doubtful = true,
            _ => {}
        }
    }
    if events.is_empty() && !doubtful {
        return Err(Rejection::NothingToCancel { order: id });
    }
    events.push(Event::Care(Box::new(CareEvent::OrderEnded { order: id, why })));
    Ok(events)
}

fn change_address(
    state: &State,
    id: OrderId,
    zone: ZoneId,
    country: Country,
    postal: &str,
    evidence: Evidence,
) -> Decision {
    let order = not_ended(state, id)?;
    let known = state.network.zones.get(zone.index()).ok_or_else(|| unknown("zone", zone))?;
    if known.country != country {
        return Err(Rejection::Invalid { field: "country", why: "the zone lies in another country" });
    }
    if postal.trim().is_empty() || postal.len() > 16 {
        return Err(Rejection::Invalid {
            field: "postal",
            why: "give the postal code, at most 16 characters",
        });
    }
    if let Some(shipment) =
        order.lines.iter().flat_map(|line| &line.allocations).find_map(|allocation| allocation.shipment)
    {
        return Err(Rejection::WrongStage {
            shipment,
            stage: "released: its address can be changed no more",
        });
    }
    let mut events = vec![Event::Care(Box::new(CareEvent::AnswerRecorded {
        order: id,
        notice: None,
        choice: AnswerChoice::Address,
        evidence,
    }))];
    let dropped = crate::decide::unreleased(order);
    // Another zone has other lanes: its units look for a site again.
    if zone != order.zone && !dropped.is_empty() {
        events.push(Event::UnitsDropped { order: id, dropped, cause: DropCause::Person });
    }
    let postal = postal.trim().into();
    events.push(Event::Care(Box::new(CareEvent::AddressChanged { order: id, zone, country, postal })));
    Ok(events)
}

fn approve(state: &State, incident: IncidentId, actor: &str) -> Decision {
    state.incident(incident)?;
    let waiting: Vec<NoticeId> = state
        .notices
        .iter()
        .filter(|(_, notice)| notice.incident == Some(incident) && notice.status == NoticeStatus::Waiting)
        .map(|(id, _)| id)
        .collect();
    let Some(batch) = state.care.batches.get(&incident) else {
        return Err(Rejection::NothingToApprove { incident });
    };
    if waiting.is_empty() {
        return Err(Rejection::NothingToApprove { incident });
    }
    if actor.is_empty() || *batch.by == *actor {
        return Err(Rejection::SecondPersonNeeded { incident });
    }
    let mut events = vec![Event::Care(Box::new(CareEvent::NoticesApproved { incident, by: actor.into() }))];
    events.extend(waiting.into_iter().map(|notice| changed(notice, NoticeStatus::Released)));
    Ok(events)
}
