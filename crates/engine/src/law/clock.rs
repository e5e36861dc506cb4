//! The clocks as state: one timer for each order that is threatened, set anew whenever its facts change, and what
//! follows when it fires.
//!
//! Invariant: a timer decides nothing. When it fires, the facts are asked again; whoever answered, shipped or was told
//! in the meantime is treated by what is true then. Orders nobody was told of have no timer, so taking orders costs
//! nothing; whether their time is over is read off them when somebody asks ([`super::view`]).

use std::sync::LazyLock;

use holdfast_domain::care::{CareEvent, Clock, EndCause, end_order};
use holdfast_domain::event::Event;
use holdfast_domain::evolve::{Misfit, evolve};
use holdfast_domain::id::{Id, NoticeId, OrderId};
use holdfast_domain::notice::{Notice, NoticeCause, NoticeOrder, NoticeStatus};
use holdfast_domain::state::State;
use holdfast_domain::time::{Span, Stamp};
use holdfast_domain::timer::Timer;

use super::facts::{facts, zone};
use super::{Consequence, Duty, LawError, Obligation, Rule, obligations};
use crate::holidays::Calendars;
use crate::incident::outlook;

/// How long before a legal moment it is looked at whether the time can be kept: two days, so that an offer reaches its
/// reader on the day before the last.
pub const WARN_AHEAD: Span = Span::days(2);

static CALENDARS: LazyLock<Calendars> = LazyLock::new(Calendars::all_known);

/// The calendars every clock counts by.
#[must_use]
pub fn calendars() -> &'static Calendars {
    &CALENDARS
}

/// What is owed to an order now, in the order it falls due.
///
/// # Errors
/// [`LawError`] where a period reaches past the known holidays.
pub fn owed(state: &State, order: OrderId) -> Result<Vec<Obligation>, LawError> {
    facts(state, order).map_or(Ok(Vec::new()), |facts| obligations(&facts, calendars()))
}

/// Adds to an entry what the law makes follow from it: cancellations, refunds, notices, timers.
///
/// # Errors
/// [`Misfit`] if a decided event does not fit: a bug.
pub(crate) fn follow(
    state: &mut State,
    actor: &str,
    at: Stamp,
    events: &mut Vec<Event>,
) -> Result<(), Misfit> {
    if !events.iter().any(concerns) {
        return Ok(());
    }
    let mut touched: Vec<OrderId> = Vec::new();
    // What is added below is looked at too, so the loop runs over a growing list; each addition comes from an event of
    // another kind, so it ends.
    let mut at_event = 0;
    while at_event < events.len() {
        let added = react(state, actor, at, &events[at_event], &mut touched);
        at_event += 1;
        for event in added {
            evolve(state, at, &event)?;
            events.push(event);
        }
    }
    touched.sort_unstable();
    touched.dedup();
    for order in touched {
        if let Some(event) = reset(state, order, at) {
            evolve(state, at, &event)?;
            events.push(event);
        }
    }
    Ok(())
}

/// Whether the law may ask about an event at all: a glance, for every command.
fn concerns(event: &Event) -> bool {
    matches!(
        event,
        Event::NoticeQueued(_)
            | Event::NoticeChanged { .. }
            | Event::LineCancelled { .. }
            | Event::ShipmentShipped { .. }
            | Event::ShipmentDelivered { .. }
            | Event::ShipmentRecalled { .. }
            | Event::TimerFired { timer: Timer::Law(..), .. }
            | Event::Care(_)
    )
}

fn react(state: &State, actor: &str, at: Stamp, event: &Event, touched: &mut Vec<OrderId>) -> Vec<Event> {
    match event {
        Event::NoticeQueued(notice) => {
            touched.extend(notice.orders.iter().map(|entry| entry.order));
            batch(state, actor, notice).into_iter().collect()
        }
        Event::NoticeChanged { notice, status: NoticeStatus::Sent | NoticeStatus::Failed } => {
            let known = state.notices.get(*notice);
            touched.extend(known.iter().flat_map(|known| &known.orders).map(|entry| entry.order));
            Vec::new()
        }
        Event::LineCancelled { order, line, quantity, .. } => {
            let Ok(known) = state.order(*order) else { return Vec::new() };
            let price = known.lines.get(usize::from(*line)).map_or(0, |line| line.price);
            let amount = price.saturating_mul(i64::from(quantity.0));
            touched.push(*order);
            let mut added = Vec::new();
            if known.paid.is_some() && amount > 0 {
                added.push(care(CareEvent::RefundDue { order: *order, amount }));
            }
            // The shop took the last of it back by itself.
            let nothing_left = known.lines.iter().all(|line| line.wanted().is_zero());
            let ended = state.care.file(*order).is_some_and(|file| file.ended.is_some());
            let has_reason = !added.is_empty() || state.care.file(*order).is_some();
            if nothing_left && !ended && has_reason {
                added.push(care(CareEvent::OrderEnded { order: *order, why: EndCause::Shop }));
            }
            added
        }
        Event::ShipmentShipped { shipment, .. } | Event::ShipmentDelivered { shipment, .. } => {
            let order = state.shipments.get(*shipment).map(|known| known.order);
            touched.extend(order.filter(|order| state.care.file(*order).is_some()));
            Vec::new()
        }
        Event::ShipmentRecalled { shipment, .. } => recalled(state, at, *shipment),
        Event::TimerFired { timer: Timer::Law(order, _), .. } => {
            touched.push(*order);
            fired(state, *order, at)
        }
        Event::Care(happened) => {
            touched.extend(order_of(happened));
            match &**happened {
                CareEvent::OrderEnded { order, why } => farewell(state, *order, *why, at),
                CareEvent::NoticeBounced { notice } => {
                    let known = state.notices.get(*notice);
                    touched.extend(known.iter().flat_map(|known| &known.orders).map(|entry| entry.order));
                    Vec::new()
                }
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

fn care(event: CareEvent) -> Event {
    Event::Care(Box::new(event))
}

/// The order whose clock an event may move.
fn order_of(event: &CareEvent) -> Option<OrderId> {
    match event {
        CareEvent::AnswerRecorded { order, .. }
        | CareEvent::AddressChanged { order, .. }
        | CareEvent::OrderEnded { order, .. }
        | CareEvent::RefundDue { order, .. }
        | CareEvent::RefundRecorded { order, .. }
        | CareEvent::LawWarned { order, .. } => Some(*order),
        CareEvent::PolicySet(_)
        | CareEvent::ClockSet { .. }
        | CareEvent::BatchOpened { .. }
        | CareEvent::NoticesApproved { .. }
        | CareEvent::NoticeTried { .. }
        | CareEvent::GoodwillGranted { .. }
        | CareEvent::ContactNoted { .. }
        | CareEvent::NoticeResent { .. }
        | CareEvent::NoticeBounced { .. }
        | CareEvent::NoticeDelivered { .. }
        | CareEvent::OpensCounted { .. }
        | CareEvent::NoticeOpened { .. }
        | CareEvent::CallMade { .. }
        | CareEvent::CallStepped { .. }
        | CareEvent::CallEnded { .. }
        | CareEvent::HoldOutSet { .. } => None,
    }
}

/// The first notice of an incident that is queued opens a batch in the name of who asked.
fn batch(state: &State, actor: &str, notice: &Notice) -> Option<Event> {
    let incident = notice.incident.filter(|id| !state.care.batches.contains_key(id))?;
    // Without a second person nobody counts.
    state.care.policy.approve_above?;
    let first = NoticeId::from_index(state.notices.len().checked_sub(1)?);
    Some(care(CareEvent::BatchOpened { incident, by: actor.into(), first }))
}

/// Units of an order that ended come back from a site: they are cancelled, not sent from elsewhere.
fn recalled(state: &State, at: Stamp, shipment: holdfast_domain::id::ShipmentId) -> Vec<Event> {
    let Some(order) = state.shipments.get(shipment).map(|known| known.order) else { return Vec::new() };
    if state.care.file(order).is_none_or(|file| file.ended.is_none()) {
        return Vec::new();
    }
    let command = holdfast_domain::command::Command::CancelOrder { order };
    holdfast_domain::decide::decide(state, &command, at).unwrap_or_default()
}

/// The word to a customer whose order was cancelled by the law, by the merchant, or on their own wish.
fn farewell(state: &State, order: OrderId, why: EndCause, at: Stamp) -> Vec<Event> {
    if why == EndCause::Shop {
        return Vec::new();
    }
    queue(state, order, None, NoticeCause::Cancelled, at).into_iter().collect()
}

/// What follows now that an order's timer has fired.
fn fired(state: &State, order: OrderId, at: Stamp) -> Vec<Event> {
    let (Some(file), Ok(owed)) = (state.care.file(order), owed(state, order)) else { return Vec::new() };
    let (warned, told) = (file.warned, !file.told.is_empty());
    for duty in owed {
        if duty.due <= at {
            match duty.consequence {
                Consequence::CancelAndRefund { .. } if told || state.care.policy.cancel_untold => {
                    let why = EndCause::Law(duty.rule.number(), duty.last_day);
                    return end_order(state, order, why, at).unwrap_or_default();
                }
                Consequence::CustomerMaySetPeriod | Consequence::CustomerMayTerminate => {
                    return tell(state, order, &duty, at);
                }
                _ => {}
            }
        } else if warned != Some(duty.due) && at >= warn_at(&duty) && may_need_word(duty.duty) {
            return tell(state, order, &duty, at);
        }
    }
    Vec::new()
}

const fn may_need_word(duty: Duty) -> bool {
    matches!(
        duty,
        Duty::Ship | Duty::Deliver | Duty::OfferDelayOption | Duty::OfferRenewedOption | Duty::GiveReason
    )
}

/// Tells a customer how things stand, if the time in force cannot be kept and they do not know; notes that it was
/// looked at.
fn tell(state: &State, order: OrderId, duty: &Obligation, at: Stamp) -> Vec<Event> {
    let mut events = vec![care(CareEvent::LawWarned { order, due: duty.due })];
    let Ok(known) = state.order(order) else { return events };
    let Some((after, cause)) = outlook(state, known, &std::collections::BTreeSet::new()) else {
        return events;
    };
    // A day that is over is no outlook.
    let today = at.local(&zone(&state.network, known)).0;
    let after = after.filter(|day| *day >= today);
    let kept = after.is_some_and(|day| day <= duty.last_day) && duty.due > at;
    if !kept && !is_known(state, order, after) {
        events.extend(queue(state, order, after, cause, at));
    }
    events
}

/// Whether the customer was told this very thing last, or is about to be.
fn is_known(state: &State, order: OrderId, after: Option<holdfast_domain::time::Day>) -> bool {
    let Some(file) = state.care.file(order) else { return false };
    let about_to = file.queued.and_then(|id| state.notices.get(id)).is_some_and(|notice| {
        let over =
            matches!(notice.status, NoticeStatus::Withdrawn | NoticeStatus::Failed | NoticeStatus::Sent);
        !over && notice.orders.iter().any(|entry| entry.order == order && entry.after == after)
    });
    let last = file.told.last();
    about_to || last.is_some_and(|told| told.revised == after && told.offers_cancellation)
}

/// A notice of one order, in the name of the incident its customer was told of last.
fn queue(
    state: &State,
    id: OrderId,
    after: Option<holdfast_domain::time::Day>,
    cause: NoticeCause,
    at: Stamp,
) -> Option<Event> {
    let order = state.order(id).ok()?;
    // What is said because of the law is no news of the incident: it stands outside its batches.
    let entry = NoticeOrder { order: id, before: order.promise, after, cause };
    Some(Event::NoticeQueued(Box::new(Notice {
        merchant: order.merchant,
        subject: order.subject,
        language: order.language,
        incident: None,
        orders: vec![entry],
        hold_until: at.after(state.care.policy.hold),
        status: NoticeStatus::Queued,
    })))
}

fn warn_at(duty: &Obligation) -> Stamp {
    duty.due.before(WARN_AHEAD)
}

/// The event that brings an order's timer in step with its facts, if it is not.
fn reset(state: &State, order: OrderId, at: Stamp) -> Option<Event> {
    let file = state.care.file(order)?;
    let to = next(state, order, at);
    (file.clock != to).then(|| care(CareEvent::ClockSet { order, from: file.clock, to }))
}

/// When an order's law has to be looked at next.
fn next(state: &State, order: OrderId, at: Stamp) -> Option<Clock> {
    let warned = state.care.file(order)?.warned;
    // A clock that cannot be counted is an alarm of the view; no timer helps there.
    let owed = owed(state, order).ok()?;
    let wake = |duty: &Obligation| {
        let warn = warn_at(duty);
        if may_need_word(duty.duty) && warned != Some(duty.due) && duty.due > at {
            return Some(warn.max(at));
        }
        (duty.due > at).then_some(duty.due)
    };
    owed.iter()
        .filter_map(|duty| Some(Clock { wake: wake(duty)?, rule: duty.rule.number() }))
        .min_by_key(|clock| clock.wake)
}

impl Rule {
    /// The number of the rule in timers and events. Never changed.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::Us16Cfr435 => 1,
            Self::Eu2011Art18 => 2,
            Self::UkCra2015S28 => 3,
            Self::KoreaEcommerceArt15 => 4,
        }
    }

    /// The rule of a number.
    #[must_use]
    pub const fn of_number(number: u16) -> Option<Self> {
        match number {
            1 => Some(Self::Us16Cfr435),
            2 => Some(Self::Eu2011Art18),
            3 => Some(Self::UkCra2015S28),
            4 => Some(Self::KoreaEcommerceArt15),
            _ => None,
        }
    }
}
