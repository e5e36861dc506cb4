//! The support desk's one screen for an order, and what is measured of all that was told: read off a state.
//!
//! Nothing personal is here: who the customer is, the edge knows. Words are codes with arguments, for the edge to say.

use holdfast_domain::care::{Answer, AnswerChoice, ContactKind, EndCause, Refund};
use holdfast_domain::id::{IncidentId, NoticeId, OrderId};
use holdfast_domain::notice::{NoticeCause, NoticeStatus};
use holdfast_domain::order::{OrderSlot, ShipmentStage};
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Stamp};

use crate::law::view::{ClockShown, clocks};
use crate::promise::{Expected, expected};

/// A notice as the desk sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeSeen {
    /// The notice.
    pub notice: NoticeId,
    /// What it said of this order.
    pub cause: NoticeCause,
    /// The day it gave.
    pub after: Option<Day>,
    /// How far it is.
    pub status: NoticeStatus,
    /// When a channel took it.
    pub sent: Option<Stamp>,
    /// Its incident.
    pub incident: Option<IncidentId>,
}

/// What a supporter may say now, as a code with arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Say {
    /// It comes on this day, as promised.
    OnTime(Day),
    /// It comes later than first promised, on this day.
    Late {
        /// First promised.
        promised: Day,
        /// Expected now.
        now: Day,
    },
    /// Nobody can say when it comes.
    Unknown,
    /// Its parcel is being traced.
    Tracing,
    /// It was delivered.
    Delivered,
    /// It is cancelled; so much goes back, in minor units.
    Cancelled(i64),
}

/// One screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The order.
    pub order: OrderId,
    /// The words.
    pub say: Say,
    /// Everything that was or is to be sent about it, oldest first.
    pub notices: Vec<NoticeSeen>,
    /// What the customer answered.
    pub answers: Vec<Answer>,
    /// When somebody got in touch.
    pub contacts: Vec<(Stamp, ContactKind)>,
    /// Which legal clocks run.
    pub clocks: Vec<ClockShown>,
    /// Money that goes back.
    pub refund: Refund,
    /// When it ended, and why.
    pub ended: Option<(Stamp, EndCause)>,
    /// Goodwill that may still be granted, in minor units.
    pub goodwill_left: i64,
    /// Whether it can be cancelled, wholly or in part.
    pub may_cancel: bool,
    /// Whether its address can be changed.
    pub may_change_address: bool,
}

/// The screen of an order; `None` for one that is archived.
#[must_use]
pub fn card(state: &State, id: OrderId, now: Stamp) -> Option<Card> {
    let order = state.order(id).ok()?;
    let file = state.care.file(id);
    let told = file.map_or(&[][..], |file| file.told.as_slice());
    let notices = state
        .notices
        .iter()
        .filter_map(|(notice, known)| {
            let entry = known.orders.iter().find(|entry| entry.order == id)?;
            Some(NoticeSeen {
                notice,
                cause: entry.cause,
                after: entry.after,
                status: known.status,
                sent: told.iter().find(|told| told.notice == notice).map(|told| told.at),
                incident: known.incident,
            })
        })
        .collect();
    let stages: Vec<Option<ShipmentStage>> = order
        .lines
        .iter()
        .flat_map(|line| &line.allocations)
        .map(|a| a.shipment.and_then(|id| state.shipments.get(id)).map(|known| known.stage))
        .collect();
    let refund = file.map_or(Refund::default(), |file| file.refund);
    let ended = file.and_then(|file| file.ended);
    let gone = |stage: &Option<ShipmentStage>| {
        stage.is_some_and(|stage| stage.with_carrier() || stage == ShipmentStage::Delivered)
    };
    let open = !order.backordered().is_zero() || stages.iter().any(|stage| !gone(stage));
    let say = if ended.is_some() || order.lines.iter().all(|line| line.wanted().is_zero()) {
        Say::Cancelled(refund.owed)
    } else if stages.iter().flatten().any(|stage| matches!(stage, ShipmentStage::InDoubt { .. })) {
        Say::Tracing
    } else {
        match expected(state, order) {
            Expected::Nothing => Say::Delivered,
            Expected::Unknown => Say::Unknown,
            Expected::On(day) if day > order.promise_first => {
                Say::Late { promised: order.promise_first, now: day }
            }
            Expected::On(day) => Say::OnTime(day),
        }
    };
    Some(Card {
        order: id,
        say,
        notices,
        answers: file.map_or_else(Vec::new, |file| file.answers.clone()),
        contacts: file.map_or_else(Vec::new, |file| file.contacts.clone()),
        clocks: clocks(state, id, now).unwrap_or_default(),
        refund,
        ended,
        goodwill_left: state.care.policy.goodwill_max.saturating_sub(file.map_or(0, |file| file.goodwill)),
        may_cancel: ended.is_none() && open,
        may_change_address: ended.is_none() && stages.iter().all(Option::is_none),
    })
}

/// What is measured of everything that was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Measures {
    /// Notices a channel took.
    pub sent: u64,
    /// Of those, notices a provider or a mail server says have arrived; most ways never say.
    pub delivered: u64,
    /// Of those sent, notices that were opened, where the merchant counts that.
    pub opened: u64,
    /// Notices no channel took.
    pub failed: u64,
    /// Notices nobody knows the fate of.
    pub in_doubt: u64,
    /// Notices taken back before they left.
    pub withdrawn: u64,
    /// Notices that have not left yet.
    pub in_outbox: u64,
    /// Orders told of: those cancelled, kept and open add up to them.
    pub orders_told: u64,
    /// Of those, orders whose customer answered.
    pub answered: u64,
    /// Of those told, orders that were cancelled.
    pub cancelled: u64,
    /// Of those told, orders that reached their customer whole.
    pub kept: u64,
    /// Of those told, orders that are neither.
    pub open: u64,
    /// Contacts noted about orders told of.
    pub contacts: u64,
}

/// Measures a state: of one merchant's orders, or of all.
#[must_use]
pub fn measures(state: &State, merchant: Option<holdfast_domain::id::MerchantId>) -> Measures {
    let mut out = Measures::default();
    for (_, notice) in state.notices.iter().filter(|(_, n)| merchant.is_none_or(|m| m == n.merchant)) {
        match notice.status {
            NoticeStatus::Sent => out.sent += 1,
            NoticeStatus::Failed => out.failed += 1,
            NoticeStatus::InDoubt => out.in_doubt += 1,
            NoticeStatus::Withdrawn => out.withdrawn += 1,
            NoticeStatus::Queued | NoticeStatus::Released | NoticeStatus::Waiting | NoticeStatus::Sending => {
                out.in_outbox += 1;
            }
        }
    }
    for (_, file) in state.care.files.iter().filter(|(_, file)| !file.told.is_empty()) {
        let theirs = match state.orders.get(file.order) {
            Some(OrderSlot::Live(order)) => Some(order.merchant),
            _ => None,
        };
        if merchant.is_some() && theirs != merchant {
            continue;
        }
        out.orders_told += 1;
        // A notice of several orders stands in the file of each, and counts with the first.
        for told in &file.told {
            let known = state.notices.get(told.notice);
            let first = known.and_then(|known| known.orders.first()).is_some_and(|e| e.order == file.order);
            if first && known.is_some_and(|known| known.status == NoticeStatus::Sent) {
                out.delivered += u64::from(told.delivered.is_some());
                out.opened += u64::from(told.opened.is_some());
            }
        }
        let answered = file.answers.iter().any(|answer| answer.choice != AnswerChoice::Address);
        out.answered += u64::from(answered);
        out.cancelled += u64::from(file.ended.is_some());
        out.kept += u64::from(file.ended.is_none() && file.delivered_at.is_some());
        out.open += u64::from(file.ended.is_none() && file.delivered_at.is_none());
        out.contacts += file.contacts.len() as u64;
    }
    out
}
