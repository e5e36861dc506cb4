//! A supporter's card of an order, as it is told.

use holdfast_domain::care::{AnswerChannel, AnswerChoice, ContactKind, EndCause};
use holdfast_domain::state::State as DomainState;
use holdfast_engine::desk::{Card, Say};
use holdfast_engine::law::view::ClockShown;
use serde::Serialize;
use utoipa::ToSchema;

use crate::routes::orders::day;
use crate::routes::stats::notice_word;

/// One screen for an order.
#[derive(Debug, Serialize, ToSchema)]
pub struct CareOut {
    /// The order.
    pub order: String,
    /// What may be said now.
    pub say: SayOut,
    /// Everything that was or is to be sent about it, oldest first.
    pub notices: Vec<NoticeSeenOut>,
    /// What the customer answered, oldest first.
    pub answers: Vec<AnswerOut>,
    /// When somebody got in touch, oldest first.
    pub contacts: Vec<ContactOut>,
    /// Which legal clocks run and until when, the first due first.
    pub clocks: Vec<ClockOut>,
    /// Money that goes back.
    pub refund: RefundOut,
    /// When it ended, and why.
    pub ended: Option<EndedOut>,
    /// Goodwill that may still be granted, in minor units.
    pub goodwill_left: i64,
    /// Currency of all amounts.
    pub currency: String,
    /// Whether it can be cancelled, wholly or in part.
    pub may_cancel: bool,
    /// Whether its address can be changed.
    pub may_change_address: bool,
}

/// What may be said now.
#[derive(Debug, Serialize, ToSchema)]
pub struct SayOut {
    /// `on_time`, `late`, `unknown`, `tracing`, `delivered` or `cancelled`.
    pub what: String,
    /// The day it is expected.
    pub day: Option<String>,
    /// The day the customer had first, where it is later now.
    pub promised: Option<String>,
}

/// A notice as the desk sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeSeenOut {
    /// The notice.
    pub notice: String,
    /// What it said of this order.
    pub cause: String,
    /// The day it gave.
    pub day: Option<String>,
    /// How far it is.
    pub status: String,
    /// When a channel took it.
    pub sent: Option<String>,
    /// Its incident.
    pub incident: Option<String>,
}

/// An answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnswerOut {
    /// When.
    pub at: String,
    /// `wait`, `wait_until`, `cancel` or `address`.
    pub choice: String,
    /// Until when the customer agreed to wait.
    pub until: Option<String>,
    /// `link`, `mail`, `phone`, `shop` or `desk`.
    pub channel: String,
    /// The notice it answers.
    pub notice: Option<String>,
}

/// Somebody got in touch.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactOut {
    /// When.
    pub at: String,
    /// `call`, `mail`, `chat` or `outgoing`.
    pub kind: String,
}

/// A legal clock.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClockOut {
    /// The rule.
    pub rule: String,
    /// What has to be done.
    pub duty: String,
    /// The last day on which it is in time, in the customer's days.
    pub last_day: String,
    /// The first moment that is too late.
    pub due: String,
    /// What follows then.
    pub then: String,
    /// The provision.
    pub source: String,
    /// Whether that moment has passed: an alarm.
    pub overdue: bool,
    /// Whether a timer is set for it; where not, nobody was told of the order and the clock is only shown.
    pub timed: bool,
}

/// Money that goes back, in minor units.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefundOut {
    /// Owed in all.
    pub owed: i64,
    /// Sent back to the means of payment, or in cash.
    pub paid: i64,
    /// Given as credit, which settles nothing.
    pub credited: i64,
    /// Still to go back.
    pub open: i64,
}

/// How an order ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndedOut {
    /// When.
    pub at: String,
    /// `customer`, `shop`, `given_up` or `law`.
    pub why: String,
}

pub(super) const fn channel_word(channel: AnswerChannel) -> &'static str {
    match channel {
        AnswerChannel::Link => "link",
        AnswerChannel::Mail => "mail",
        AnswerChannel::Phone => "phone",
        AnswerChannel::Shop => "shop",
        AnswerChannel::Desk => "desk",
    }
}

pub(super) const fn contact_word(kind: ContactKind) -> &'static str {
    match kind {
        ContactKind::Call => "call",
        ContactKind::Mail => "mail",
        ContactKind::Chat => "chat",
        ContactKind::Outgoing => "outgoing",
    }
}

pub(super) fn clock_out(clock: &ClockShown) -> ClockOut {
    ClockOut {
        rule: clock.rule.to_owned(),
        duty: clock.duty.to_owned(),
        last_day: clock.last_day.to_string(),
        due: clock.due.to_string(),
        then: clock.then.to_owned(),
        source: clock.source.to_owned(),
        overdue: clock.overdue,
        timed: clock.timed,
    }
}

/// The word of a value that is written as one.
pub(super) fn word(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|word| word.as_str().map(ToOwned::to_owned)).unwrap_or_default()
}

/// A card as it is told.
#[must_use]
pub fn card_out(state: &DomainState, card: &Card) -> CareOut {
    let (what, expected, promised) = match card.say {
        Say::OnTime(day) => ("on_time", Some(day), None),
        Say::Late { promised, now } => ("late", Some(now), Some(promised)),
        Say::Unknown => ("unknown", None, None),
        Say::Tracing => ("tracing", None, None),
        Say::Delivered => ("delivered", None, None),
        Say::Cancelled(_) => ("cancelled", None, None),
    };
    let merchant = state.order(card.order).ok().and_then(|order| state.network.merchant(order.merchant));
    CareOut {
        order: card.order.to_string(),
        say: SayOut { what: what.to_owned(), day: expected.and_then(day), promised: promised.and_then(day) },
        notices: card
            .notices
            .iter()
            .map(|seen| NoticeSeenOut {
                notice: seen.notice.to_string(),
                cause: word(seen.cause),
                day: seen.after.and_then(day),
                status: notice_word(seen.status).to_owned(),
                sent: seen.sent.map(|at| at.to_string()),
                incident: seen.incident.map(|incident| incident.to_string()),
            })
            .collect(),
        answers: card
            .answers
            .iter()
            .map(|answer| {
                let (choice, until) = match answer.choice {
                    AnswerChoice::Wait => ("wait", None),
                    AnswerChoice::WaitUntil(day) => ("wait_until", Some(day.to_string())),
                    AnswerChoice::Cancel => ("cancel", None),
                    AnswerChoice::Address => ("address", None),
                };
                AnswerOut {
                    at: answer.at.to_string(),
                    choice: choice.to_owned(),
                    until,
                    channel: channel_word(answer.evidence.channel).to_owned(),
                    notice: answer.notice.map(|notice| notice.to_string()),
                }
            })
            .collect(),
        contacts: card
            .contacts
            .iter()
            .map(|(at, kind)| ContactOut { at: at.to_string(), kind: contact_word(*kind).to_owned() })
            .collect(),
        clocks: card.clocks.iter().map(clock_out).collect(),
        refund: RefundOut {
            owed: card.refund.owed,
            paid: card.refund.paid,
            credited: card.refund.credited,
            open: card.refund.open(),
        },
        ended: card.ended.map(|(at, why)| EndedOut {
            at: at.to_string(),
            why: match why {
                EndCause::Customer => "customer",
                EndCause::Shop => "shop",
                EndCause::GivenUp => "given_up",
                EndCause::Law(..) => "law",
            }
            .to_owned(),
        }),
        goodwill_left: card.goodwill_left,
        currency: merchant.map_or_else(String::new, |merchant| merchant.currency.code().to_owned()),
        may_cancel: card.may_cancel,
        may_change_address: card.may_change_address,
    }
}
