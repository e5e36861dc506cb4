//! Notices: what a customer is told, once, about the orders an incident touches.
//!
//! A notice holds no sentence and no address: a cause, the orders and dates. Texts are rendered and sent at the
//! edge.

use serde::{Deserialize, Serialize};

use crate::id::{IncidentId, MerchantId, OrderId, SubjectId};
use crate::network::Language;
use crate::time::{Day, Stamp};

/// Something a customer is to be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// In whose name.
    pub merchant: MerchantId,
    /// To whom; `None` for an order that names nobody, whose merchant is told instead.
    pub subject: Option<SubjectId>,
    /// In which language.
    pub language: Language,
    /// Because of what.
    pub incident: Option<IncidentId>,
    /// Each order with what changes for it.
    pub orders: Vec<NoticeOrder>,
    /// When it leaves unless withdrawn before.
    pub hold_until: Stamp,
    /// How far it is.
    pub status: NoticeStatus,
}

impl Notice {
    /// Whether a law asks for it: it tells of a later day or of none, of a cancellation, or offers a choice. Such a
    /// notice leaves at any hour and whatever its reader opted out of.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.orders.iter().any(|entry| match entry.cause {
            NoticeCause::Cancelled => true,
            NoticeCause::BackOnSchedule | NoticeCause::OnTheWay => false,
            NoticeCause::Rerouted
            | NoticeCause::Delayed
            | NoticeCause::Backordered
            | NoticeCause::InDoubt => entry.after.is_none_or(|day| day > entry.before),
        })
    }
}

impl NoticeStatus {
    /// Whether nothing more happens to it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Withdrawn | Self::Sent | Self::Failed)
    }
}

/// What changes for one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeOrder {
    /// The order.
    pub order: OrderId,
    /// The date the customer had.
    pub before: Day,
    /// The date now; `None` where nobody can say.
    pub after: Option<Day>,
    /// What was done about it.
    pub cause: NoticeCause,
}

/// What happened to the order, for the customer's ears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeCause {
    /// It now comes from another site.
    Rerouted,
    /// It leaves later than promised.
    Delayed,
    /// Nobody can send it now.
    Backordered,
    /// Its parcel has not been seen since the site went dark.
    InDoubt,
    /// It is with the carrier, on a way the disaster has closed.
    OnTheWay,
    /// It will come as first promised after all.
    BackOnSchedule,
    /// It was cancelled and is refunded.
    Cancelled,
}

/// How far a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeStatus {
    /// In the outbox; can be withdrawn.
    Queued,
    /// Taken back before it left.
    Withdrawn,
    /// May leave.
    Released,
    /// Accepted by the channel.
    Sent,
    /// Refused by every channel.
    Failed,
    /// Its batch is so large that a second person has to let it go.
    Waiting,
    /// About to be handed to a channel: from here it may have left.
    Sending,
    /// Handed to a channel that never answered: nobody knows whether it arrived.
    InDoubt,
}
