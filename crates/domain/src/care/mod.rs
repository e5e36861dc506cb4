//! Care: what the customers of threatened orders were told and answered, what they are owed, and how notices leave.
//!
//! An order has a file here once somebody was to be told of it, answered, or is owed money; all others have none, so
//! taking orders costs nothing. A file holds stamps, days, amounts and codes: no sentence, no address. What the law
//! makes of it is the engine's.
//!
//! One file for the file of an order and its numbers: every part of it is read by every other.

pub mod call;
mod decide;
mod evolve;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::id::{CallId, Id, IncidentId, MerchantId, NoticeId, OrderId, ZoneId};
use crate::network::Country;
use crate::table::{Digest, Index, Table, digest_of};
use crate::time::{Day, Span, Stamp};

pub(crate) use call::fire as fire_call;
pub use call::{Call, CallAudience, CallEnd, CallStep, NewCall, StepStatus};
pub use decide::{decide, end_order};
pub(crate) use evolve::{evolve, note_delivered, note_queued, note_sent, note_shipped};

/// The most answers one order may have.
pub const ANSWERS_MAX: usize = 64;
/// The most notices kept in a file; beyond, the first and the newest stay.
pub const TELLINGS_MAX: usize = 64;
/// The most times one notice is sent again.
pub const RESENT_MAX: u16 = 20;
/// The largest share of customers that may be held out, in thousandths.
pub const HOLD_OUT_MAX: u16 = 500;
/// The most contacts kept in a file.
pub const CONTACTS_MAX: usize = 64;

/// The place of a file among the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileId(pub u32);

impl Id for FileId {
    fn from_index(index: usize) -> Self {
        Self(u32::try_from(index).expect("there are no more files than orders"))
    }
    fn index(self) -> usize {
        self.0 as usize
    }
}

/// How the operator lets notices leave, and what it does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticePolicy {
    /// How long a notice the law's clocks queue can be withdrawn.
    pub hold: Span,
    /// Batches of more notices than this wait for a second person; `None` never.
    pub approve_above: Option<u32>,
    /// Hours in which nothing leaves that the law does not require: first and end, milliseconds of the customer's
    /// day; may pass midnight.
    pub quiet: Option<(u32, u32)>,
    /// The most notices in an hour that the law does not require.
    pub per_hour: Option<u32>,
    /// Whether an order whose customer was told nothing at all is cancelled too when the law holds it to be. Else it is
    /// an alarm for a person.
    pub cancel_untold: bool,
    /// The most a supporter may grant of their own accord for one order, in the merchant's minor units.
    pub goodwill_max: i64,
}

impl Default for NoticePolicy {
    fn default() -> Self {
        Self {
            hold: Span::minutes(10),
            approve_above: None,
            quiet: None,
            per_hour: None,
            cancel_untold: false,
            goodwill_max: 0,
        }
    }
}

/// The facts about one order that the law and the support desk ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFile {
    /// The order.
    pub order: OrderId,
    /// Since when the shop has known that the time in force cannot be kept.
    pub unable_since: Option<Stamp>,
    /// Since when it has been decided not to send it at all.
    pub will_not_ship_since: Option<Stamp>,
    /// The notice that was queued for it last.
    pub queued: Option<NoticeId>,
    /// What was sent, oldest first.
    pub told: Vec<Telling>,
    /// What was answered, oldest first.
    pub answers: Vec<Answer>,
    /// When the last of it was handed to the carrier.
    pub shipped_at: Option<Stamp>,
    /// When the last of it reached the customer.
    pub delivered_at: Option<Stamp>,
    /// When it ended, and why.
    pub ended: Option<(Stamp, EndCause)>,
    /// Money that goes back.
    pub refund: Refund,
    /// The timer that is set for it.
    pub clock: Option<Clock>,
    /// The legal due moment of which it was last warned ahead.
    pub warned: Option<Stamp>,
    /// Goodwill granted, in the merchant's minor units.
    pub goodwill: i64,
    /// When the customer got in touch, or was; oldest first.
    pub contacts: Vec<(Stamp, ContactKind)>,
}

/// A notice that was sent, as far as the law asks about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    /// The notice.
    pub notice: NoticeId,
    /// Its incident.
    pub incident: Option<IncidentId>,
    /// When a channel took it.
    pub at: Stamp,
    /// The new day, if one could be given.
    pub revised: Option<Day>,
    /// Whether it offered to cancel for a full refund.
    pub offers_cancellation: bool,
    /// When a provider said that it arrived; most ways never say.
    pub delivered: Option<Stamp>,
    /// When it was first opened, where its merchant counts that; most readers never say.
    pub opened: Option<Stamp>,
}

/// What a customer chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AnswerChoice {
    /// Agrees to what the latest notice proposed.
    Wait,
    /// Agrees to wait until the end of this day and no longer.
    WaitUntil(Day),
    /// Cancels for a full refund.
    Cancel,
    /// Gave another address.
    Address,
}

/// By what way an answer came, and how it can be proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The way.
    pub channel: AnswerChannel,
    /// What proves it: a fingerprint of the signed link, of the mail, of the ticket.
    pub proof: u128,
}

/// By what way a customer answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerChannel {
    /// The signed link of a notice.
    Link,
    /// A mail.
    Mail,
    /// A call.
    Phone,
    /// The shop's own pages.
    Shop,
    /// A person of the support desk, for the customer.
    Desk,
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// When it arrived.
    pub at: Stamp,
    /// The notice it answers.
    pub notice: Option<NoticeId>,
    /// What it says.
    pub choice: AnswerChoice,
    /// How it can be proved.
    pub evidence: Evidence,
}

/// Why an order ended before it was whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndCause {
    /// The customer cancelled by answering.
    Customer,
    /// Every unit was cancelled by the shop's own commands.
    Shop,
    /// The merchant will not send it.
    GivenUp,
    /// The law holds it to be cancelled: the rule's number, and the day the right to the money vested.
    Law(u16, Day),
}

/// Money that goes back for one order, in the merchant's minor units. Holdfast moves no money: a connection does, and
/// records it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Owed in all.
    pub owed: i64,
    /// Sent back to the means of payment, or in cash.
    pub paid: i64,
    /// Given as credit, which settles nothing.
    pub credited: i64,
    /// Since when something is owed.
    pub since: Option<Stamp>,
    /// When money last went back.
    pub last: Option<Stamp>,
}

/// In what form money went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundForm {
    /// To the means of payment, or in cash.
    Money,
    /// A voucher, points, store credit: no law here takes it for a refund.
    Credit,
}

/// A timer that is set for an order's law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// When it fires.
    pub wake: Stamp,
    /// The rule's number.
    pub rule: u16,
}

/// How somebody got in touch about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactKind {
    /// The customer called.
    Call,
    /// The customer wrote.
    Mail,
    /// By chat.
    Chat,
    /// The desk reached out.
    Outgoing,
}

/// Notices of one incident that have not left, as a second person approves them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Who queued the first of them.
    pub by: Box<str>,
    /// The first notice of it.
    pub first: NoticeId,
    /// Notices that have neither left nor been withdrawn.
    pub pending: u32,
}

/// Tries to send one notice that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tries {
    /// How many.
    pub failed: u32,
    /// The channel to try next, as the sender numbers them.
    pub channel: u8,
    /// Not before.
    pub again_at: Stamp,
}

/// Everything of this room in a state.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Care {
    /// How notices leave.
    pub policy: NoticePolicy,
    /// Files, in the order they were opened.
    pub files: Table<FileId, OrderFile>,
    by_order: Index<u32>,
    /// Batches that wait or are being released, by incident.
    pub batches: Arc<BTreeMap<IncidentId, Batch>>,
    /// Failed tries of notices that have not left.
    pub tries: Arc<BTreeMap<NoticeId, Tries>>,
    /// Notices that were sent again, with how often: each time is a letter of its own.
    pub resent: Arc<BTreeMap<NoticeId, u16>>,
    /// How many customers of a thousand get no updates beyond what a law requires, so that others can be compared with
    /// them.
    pub hold_out_permille: u16,
    /// Merchants who count which notices are opened, with the moment from which on.
    pub opens: Arc<BTreeMap<MerchantId, Stamp>>,
    /// Calls to partners and staff.
    pub calls: Table<CallId, Call>,
}

impl Care {
    /// The file of an order.
    #[must_use]
    pub fn file(&self, order: OrderId) -> Option<&OrderFile> {
        self.files.get(FileId(*self.by_order.get(u128::from(order.0))?))
    }

    /// The file of an order, to be written to, if it has one.
    pub(crate) fn file_mut(&mut self, order: OrderId) -> Option<&mut OrderFile> {
        self.files.get_mut(FileId(*self.by_order.get(u128::from(order.0))?))
    }

    /// The file of an order, opened if it has none.
    pub(crate) fn open(&mut self, order: OrderId) -> &mut OrderFile {
        let id = match self.by_order.get(u128::from(order.0)) {
            Some(known) => FileId(*known),
            None => {
                let id = self.files.push(OrderFile::new(order));
                self.by_order.insert(u128::from(order.0), id.0);
                id
            }
        };
        self.files.get_mut(id).expect("the index names files that exist")
    }

    /// The digest of everything here. Costs what changed since the last one.
    #[must_use]
    pub fn digest(&self) -> Digest {
        digest_of(&(
            (self.files.digest(), self.by_order.digest()),
            (&self.policy, &*self.batches, &*self.tries, &*self.resent, self.hold_out_permille),
            (&*self.opens, self.calls.digest()),
        ))
    }

    /// The digest as [`Care::digest`] gives it, every file hashed anew.
    #[must_use]
    pub fn digest_afresh(&self) -> Digest {
        digest_of(&(
            (self.files.digest_afresh(), self.by_order.digest_afresh()),
            (&self.policy, &*self.batches, &*self.tries, &*self.resent, self.hold_out_permille),
            (&*self.opens, self.calls.digest_afresh()),
        ))
    }
}

impl OrderFile {
    fn new(order: OrderId) -> Self {
        Self {
            order,
            unable_since: None,
            will_not_ship_since: None,
            queued: None,
            told: Vec::new(),
            answers: Vec::new(),
            shipped_at: None,
            delivered_at: None,
            ended: None,
            refund: Refund::default(),
            clock: None,
            warned: None,
            goodwill: 0,
            contacts: Vec::new(),
        }
    }
}

impl Refund {
    /// What is still to go back as money.
    #[must_use]
    pub const fn open(&self) -> i64 {
        self.owed.saturating_sub(self.paid)
    }
}

/// What is asked about care.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CareCommand {
    /// Set how notices leave.
    SetPolicy(NoticePolicy),
    /// Record a customer's answer; a cancellation is carried out with it.
    RecordAnswer {
        /// The order.
        order: OrderId,
        /// The notice it answers.
        notice: Option<NoticeId>,
        /// What it says.
        choice: AnswerChoice,
        /// How it can be proved.
        evidence: Evidence,
    },
    /// Send the order elsewhere: only while nothing of it has been released.
    ChangeAddress {
        /// The order.
        order: OrderId,
        /// The new destination.
        zone: ZoneId,
        /// Its country.
        country: Country,
        /// Its postal code.
        postal: Box<str>,
        /// How the wish can be proved.
        evidence: Evidence,
    },
    /// Decide not to send an order at all: it is cancelled and refunded.
    GiveUpOrder {
        /// The order.
        order: OrderId,
    },
    /// Record money that went back.
    RecordRefund {
        /// The order.
        order: OrderId,
        /// How much, in the merchant's minor units.
        amount: i64,
        /// In what form.
        form: RefundForm,
    },
    /// Let all notices of an incident leave that wait for a second person.
    ApproveNotices {
        /// The incident.
        incident: IncidentId,
    },
    /// A notice is about to be handed to a channel.
    ClaimNotice {
        /// The notice.
        notice: NoticeId,
    },
    /// A claimed notice was certainly not taken, and is tried again later.
    RetryNotice {
        /// The notice.
        notice: NoticeId,
        /// The channel to try next.
        channel: u8,
        /// Not before.
        again_at: Stamp,
    },
    /// Take back a notice that may leave, has not left, and is not required by law: its reader wants none.
    SuppressNotice {
        /// The notice.
        notice: NoticeId,
    },
    /// Nobody knows whether a claimed notice was taken.
    DoubtNotice {
        /// The notice.
        notice: NoticeId,
    },
    /// Say what became of a notice in doubt, or of one that was claimed by a sender that is no more.
    SettleNotice {
        /// The notice.
        notice: NoticeId,
        /// Whether it arrived; if not, it is sent again.
        arrived: bool,
    },
    /// Grant a customer something for the trouble, within the limit.
    GrantGoodwill {
        /// The order.
        order: OrderId,
        /// How much, in the merchant's minor units.
        amount: i64,
    },
    /// Note that somebody got in touch.
    NoteContact {
        /// The order.
        order: OrderId,
        /// How.
        kind: ContactKind,
    },
    /// Send a notice once more: its reader has lost it, or no channel took it. It stays one notice.
    ResendNotice {
        /// The notice.
        notice: NoticeId,
    },
    /// A notice that a channel had taken came back: its reader was not told.
    BounceNotice {
        /// The notice.
        notice: NoticeId,
        /// The channel to try next, as the sender numbers them; none is left without.
        next: Option<u8>,
    },
    /// A provider says that a notice arrived.
    DeliverNotice {
        /// The notice.
        notice: NoticeId,
    },
    /// Set how many customers of a thousand get no updates beyond what a law requires.
    SetHoldOut {
        /// Thousandths, [`HOLD_OUT_MAX`] at most.
        permille: u16,
    },
    /// Count which of a merchant's notices are opened from now on, or count no more.
    CountOpens {
        /// The merchant.
        merchant: MerchantId,
        /// Whether to count.
        on: bool,
    },
    /// A notice was opened.
    OpenNotice {
        /// The notice.
        notice: NoticeId,
    },
    /// Call a partner or staff.
    MakeCall(Box<NewCall>),
    /// A contact of a call is about to be handed to a channel.
    ClaimCall {
        /// The call.
        call: CallId,
        /// The contact's place.
        position: u32,
    },
    /// Say what became of a contact that was handed over.
    ReportCall {
        /// The call.
        call: CallId,
        /// The contact's place.
        position: u32,
        /// What became of it.
        status: StepStatus,
    },
    /// End a call: it was acknowledged, or is taken back.
    EndCall {
        /// The call.
        call: CallId,
        /// How.
        how: CallEnd,
        /// By whom: a contact's code, or an account's.
        who: Box<str>,
    },
}

/// What happened in care. A variant is never moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CareEvent {
    /// Notices leave so from now on.
    PolicySet(NoticePolicy),
    /// A customer answered.
    AnswerRecorded {
        /// The order.
        order: OrderId,
        /// The notice it answers.
        notice: Option<NoticeId>,
        /// What it says.
        choice: AnswerChoice,
        /// How it can be proved.
        evidence: Evidence,
    },
    /// An order goes elsewhere.
    AddressChanged {
        /// The order.
        order: OrderId,
        /// The new destination.
        zone: ZoneId,
        /// Its country.
        country: Country,
        /// Its postal code.
        postal: Box<str>,
    },
    /// An order ended before it was whole: what is left of it is not sent.
    OrderEnded {
        /// The order.
        order: OrderId,
        /// Why.
        why: EndCause,
    },
    /// Money has to go back.
    RefundDue {
        /// The order.
        order: OrderId,
        /// How much more, in the merchant's minor units.
        amount: i64,
    },
    /// Money went back.
    RefundRecorded {
        /// The order.
        order: OrderId,
        /// How much, in the merchant's minor units.
        amount: i64,
        /// In what form.
        form: RefundForm,
    },
    /// The legal timer of an order was set, moved or taken away.
    ClockSet {
        /// The order.
        order: OrderId,
        /// What was set.
        from: Option<Clock>,
        /// What is set.
        to: Option<Clock>,
    },
    /// It was looked at ahead of a legal due moment whether the time can be kept.
    LawWarned {
        /// The order.
        order: OrderId,
        /// The due moment.
        due: Stamp,
    },
    /// Somebody began to queue notices of an incident.
    BatchOpened {
        /// The incident.
        incident: IncidentId,
        /// Who.
        by: Box<str>,
        /// The first notice.
        first: NoticeId,
    },
    /// A second person approved a batch.
    NoticesApproved {
        /// The incident.
        incident: IncidentId,
        /// Who.
        by: Box<str>,
    },
    /// A channel certainly did not take a notice.
    NoticeTried {
        /// The notice.
        notice: NoticeId,
        /// The channel to try next.
        channel: u8,
        /// Not before.
        again_at: Stamp,
    },
    /// A supporter granted something.
    GoodwillGranted {
        /// The order.
        order: OrderId,
        /// How much, in the merchant's minor units.
        amount: i64,
        /// Who.
        by: Box<str>,
    },
    /// Somebody got in touch.
    ContactNoted {
        /// The order.
        order: OrderId,
        /// How.
        kind: ContactKind,
    },
    /// A notice is sent once more.
    NoticeResent {
        /// The notice.
        notice: NoticeId,
    },
    /// A notice came back: its reader was not told.
    NoticeBounced {
        /// The notice.
        notice: NoticeId,
    },
    /// A notice arrived.
    NoticeDelivered {
        /// The notice.
        notice: NoticeId,
    },
    /// So many customers of a thousand get no updates beyond what a law requires.
    HoldOutSet {
        /// Thousandths.
        permille: u16,
    },
    /// Which of a merchant's notices are opened is counted from now on, or no more.
    OpensCounted {
        /// The merchant.
        merchant: MerchantId,
        /// Whether.
        on: bool,
    },
    /// A notice was opened for the first time.
    NoticeOpened {
        /// The notice.
        notice: NoticeId,
    },
    /// A partner or staff is called.
    CallMade {
        /// What is asked of whom.
        call: Box<NewCall>,
        /// Who called.
        by: Box<str>,
    },
    /// A contact of a call got so far; the first event of a contact asks it.
    CallStepped {
        /// The call.
        call: CallId,
        /// The contact's place.
        position: u32,
        /// How far.
        status: StepStatus,
        /// Until when an answer is waited for.
        due: Option<Stamp>,
    },
    /// A call ended.
    CallEnded {
        /// The call.
        call: CallId,
        /// How.
        how: CallEnd,
        /// By whom; empty where nobody answered.
        who: Box<str>,
    },
}
