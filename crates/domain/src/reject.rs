//! Rejections: why a command was not carried out, with a stable code, a cause and what to do next.

use crate::id::{CallId, IncidentId, LaneId, OrderId, PlanId, ShipmentId, SiteId, SkuId, TakeoverId};
use crate::quantity::Quantity;
use crate::time::Day;

macro_rules! rejections {
    ($($(#[$doc:meta])* $name:ident { $($field:ident : $type:ty),* } $code:literal, $cause:literal, $action:literal;)*) => {
        /// Why a command was not carried out. It changed nothing.
        #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
        pub enum Rejection {$(
            $(#[$doc])*
            #[error($cause)]
            #[allow(missing_docs, reason = "the fields are named in the message")]
            $name { $($field: $type),* },
        )*}

        impl Rejection {
            /// The stable code, for machines and for looking it up.
            #[must_use]
            pub const fn code(&self) -> &'static str {
                match self { $(Self::$name { .. } => $code,)* }
            }

            /// What the asker can do about it.
            #[must_use]
            pub const fn action(&self) -> &'static str {
                match self { $(Self::$name { .. } => $action,)* }
            }

            /// Every code there is, for documentation and for tests that miss none.
            pub const CODES: &'static [&'static str] = &[$($code),*];
        }
    };
}

rejections! {
    /// The id names nothing.
    Unknown { what: &'static str, index: u64 }
        "unknown", "there is no {what} {index}", "check the id, or import the book it belongs to";
    /// A name that must be unique is taken.
    NameTaken { what: &'static str, name: Box<str> }
        "name-taken", "{what} {name:?} exists already", "choose another code, or change the existing one";
    /// The order is known under its number.
    OrderKnown { order: OrderId }
        "order-known", "the merchant's order number is {order} already", "use the existing order; it was not taken twice";
    /// The order has no lines.
    NoLines {}
        "no-lines", "the order has no lines", "send at least one line with a quantity above 0";
    /// Too many lines for one order.
    TooManyLines { lines: usize, most: usize }
        "too-many-lines", "the order has {lines} lines, {most} are the most", "split the order";
    /// A quantity of nothing.
    NoQuantity {}
        "no-quantity", "the quantity is 0", "send a quantity above 0";
    /// More than can be counted.
    TooMuch {}
        "too-much", "the quantity does not fit into 32 bits", "check the quantity";
    /// A SKU of another merchant.
    ForeignSku { sku: SkuId }
        "foreign-sku", "{sku} belongs to another merchant", "check the SKU code";
    /// A description that contradicts itself.
    Invalid { field: &'static str, why: &'static str }
        "invalid", "{field}: {why}", "correct the field and send it again";
    /// There are as many sites as there can be.
    TooManySites { most: usize }
        "too-many-sites", "there are {most} sites already", "run the other sites as another operator";

    /// Not enough units.
    StockShort { site: SiteId, sku: SkuId, missing: Quantity }
        "stock-short", "{sku} at {site} lacks {missing} units", "source the order again: somebody was faster";
    /// Not enough capacity.
    CapacityShort { site: SiteId }
        "capacity-short", "{site} has no capacity left on that day", "choose a later day or another site";
    /// The site takes no orders.
    SiteClosed { site: SiteId }
        "site-closed", "{site} takes no orders now", "choose another site, or reopen it";
    /// The lane is closed.
    LaneClosed { lane: LaneId }
        "lane-closed", "{lane} is under embargo", "choose another lane, or lift the embargo";
    /// The lane does not fit.
    WrongLane { lane: LaneId }
        "wrong-lane", "{lane} does not lead from the site to the order's zone", "choose a lane between the two";
    /// Goods that may not lie there.
    WrongStorage { site: SiteId, sku: SkuId }
        "wrong-storage", "{site} does not take the storage class of {sku}", "choose another site";
    /// More units than the line lacks.
    NotBackordered { order: OrderId, line: u16 }
        "not-backordered", "line {line} of {order} does not lack so many units", "read the order again";
    /// A line may not be split between sites.
    SplitForbidden { order: OrderId, line: u16 }
        "split-forbidden", "line {line} of {order} may come from one site only", "allocate the whole line to one site";
    /// The order is held.
    OrderHeld { order: OrderId }
        "order-held", "{order} is held", "free it first";
    /// The order is not held.
    NotHeld { order: OrderId }
        "not-held", "{order} is not held", "nothing to do";
    /// The order is archived.
    OrderArchived { order: OrderId }
        "order-archived", "{order} is archived", "bring its record back from the journal first";
    /// The order still moves.
    OrderOpen { order: OrderId }
        "order-open", "{order} is not finished", "archive it when everything is delivered, returned or cancelled";
    /// Nothing is left to cancel.
    NothingToCancel { order: OrderId }
        "nothing-to-cancel", "nothing of {order} can still be cancelled", "ask the site for a recall, or take a return";
    /// Nothing of an order waits at a site.
    NothingWaiting { order: OrderId, site: SiteId }
        "nothing-waiting", "nothing of {order} waits at {site}", "read the order: it has left already, or goes from elsewhere now";
    /// A shipment in the wrong stage.
    WrongStage { shipment: ShipmentId, stage: &'static str }
        "wrong-stage", "{shipment} is {stage}", "read the shipment again; the report came late or twice";
    /// A shipment in doubt.
    ShipmentInDoubt { shipment: ShipmentId }
        "shipment-in-doubt", "{shipment} is in doubt: nobody knows whether it left", "resolve the doubt first";
    /// More came back than left.
    ReturnTooMuch { order: OrderId, line: u16 }
        "return-too-much", "more units of line {line} of {order} come back than were shipped", "check the order and the quantity";
    /// Goods that are not on the way.
    TransferDone { index: u64 }
        "transfer-done", "transfer {index} has arrived already", "nothing to do";
    /// More arrived than was sent.
    TransferTooMuch { sku: SkuId }
        "transfer-too-much", "more of {sku} arrived than was sent", "take the difference in as a receipt";

    /// The incident is closed.
    IncidentClosed { incident: IncidentId }
        "incident-closed", "{incident} is closed", "open a new one";
    /// A phase that cannot follow.
    WrongPhase { incident: IncidentId }
        "wrong-phase", "{incident} cannot go into that phase from where it is", "phases run watch, declared, recovering, closed";
    /// Sites or lanes are still closed.
    StillClosed { incident: IncidentId, site: SiteId }
        "still-closed", "{site} is still closed by {incident}", "reopen the site, or hand its closure to another incident";
    /// The site is closed already.
    SiteAlreadyClosed { site: SiteId }
        "site-already-closed", "{site} is closed already", "nothing to do";
    /// The site is no standby.
    NotStandby { site: SiteId }
        "not-standby", "{site} has no standby contract", "add the contract to the site first";
    /// The standby site is active already.
    StandbyActive { site: SiteId }
        "standby-active", "{site} has been called already", "nothing to do";
    /// The standby site still has work.
    StandbyBusy { site: SiteId }
        "standby-busy", "{site} still holds reservations", "move or ship its orders first";
    /// A rule that matches nothing.
    NoLanes {}
        "no-lanes", "no lane matches the rule", "widen the rule, or check carrier, service and postal codes";

    /// The plan is too old.
    PlanStale { parent: u64, now: u64 }
        "plan-stale", "the plan was made from version {parent}, which is ahead of version {now}", "plan again";
    /// Not the step that is due.
    WrongStep { plan: PlanId, due: u32 }
        "wrong-step", "step {due} of {plan} is due", "carry out the steps in order, each once";
    /// Not what was approved.
    NotAsApproved { plan: PlanId }
        "not-as-approved", "the moves are not those that were approved for {plan}", "load the plan by its digest";
    /// The plan was taken back.
    PlanUndone { plan: PlanId }
        "plan-undone", "{plan} was taken back", "plan again";

    /// The notice has left the outbox.
    NoticeGone { index: u64 }
        "notice-gone", "notice {index} is not in the outbox any more", "it cannot be withdrawn; queue another one";
    /// The timer is not set.
    NoTimer {}
        "no-timer", "the timer is not set", "nothing to do: it fired or was cleared";
    /// The timer is not due.
    NotDue {}
        "not-due", "the timer is not due yet", "wait";
    /// The order ended before it was whole.
    OrderEnded { order: OrderId }
        "order-ended", "{order} was cancelled already", "nothing to do: its money goes back, or has";
    /// The same answer was given before.
    AnswerStands { order: OrderId }
        "answer-stands", "the customer of {order} has answered so already", "nothing to do: the answer stands";
    /// More answers than anybody gives.
    TooManyAnswers { order: OrderId, most: usize }
        "too-many-answers", "{order} has {most} answers already", "speak with the customer";
    /// More money than is owed.
    RefundTooMuch { order: OrderId, open: i64 }
        "refund-too-much", "{open} minor units are still owed for {order}", "record at most what is owed, and more than nothing";
    /// More goodwill than the policy lets a supporter grant.
    GoodwillTooMuch { order: OrderId, left: i64 }
        "goodwill-too-much", "{left} minor units of goodwill are left for {order}", "ask somebody who may change the limit";
    /// No notices wait.
    NothingToApprove { incident: IncidentId }
        "nothing-to-approve", "no notices of {incident} wait for a second person", "nothing to do";
    /// The same person again.
    SecondPersonNeeded { incident: IncidentId }
        "second-person-needed", "the notices of {incident} were queued by the same person", "let somebody else approve them";
    /// A drill's notice.
    DrillNotice { index: u64 }
        "drill-notice", "notice {index} belongs to a drill, and nothing of a drill leaves the house", "nothing to do; open a real incident to send";
    /// What was reported of a notice is known.
    NoticeKnown { index: u64 }
        "notice-known", "that of notice {index} is known already", "nothing to do; it is counted once";
    /// Nobody asked to count who opens notices.
    OpensNotCounted { index: u64 }
        "opens-not-counted", "notice {index} is of a merchant who does not count who opens notices", "nothing to do; the merchant's setting would have to be on";
    /// The call is over, or that contact was asked.
    CallEnded { call: CallId }
        "call-ended", "{call} has ended, or that contact was asked already", "look at how it ended; make another one if need be";
    /// The person is forgotten.
    SubjectErased {}
        "subject-erased", "the person's data were erased", "nothing to do";

    /// The merchant has one that is not over.
    TakeoverOpen { takeover: TakeoverId }
        "takeover-open", "{takeover} of this merchant is not over", "go on with that one, or decline it";
    /// A step out of its turn.
    TakeoverStep { takeover: TakeoverId, stage: &'static str }
        "takeover-step", "{takeover} is {stage}", "steps run asked, offered, accepted, ending, handed back; each comes once";
    /// The terms were valid until earlier.
    TakeoverLapsed { takeover: TakeoverId }
        "takeover-lapsed", "the terms of {takeover} have lapsed", "ask again";
    /// A host does not have what it would lend.
    TakeoverNoRoom { site: SiteId, day: Day }
        "takeover-no-room", "{site} does not have the capacity to lend on {day}", "offer again with what is free now";
    /// Terms beside the standby contract.
    TakeoverContract { site: SiteId }
        "takeover-contract", "the terms are later or dearer than the standby contract of {site}, or leave it out", "offer what the contract says";
    /// A section takes nothing new.
    TakeoverOver { takeover: TakeoverId, site: SiteId }
        "takeover-over", "{site} takes nothing new: {takeover} is ending or over", "choose another site";
    /// A section still holds work.
    TakeoverBusy { takeover: TakeoverId, site: SiteId }
        "takeover-busy", "{site} still holds reservations or expects goods, so {takeover} cannot be handed back", "ship, move or cancel its orders and take the goods in first";
    /// A section is as its terms say.
    TakeoverBound { site: SiteId }
        "takeover-bound", "{site} is a section of a take-over: its terms say what it is", "name the host site, or agree on a new take-over";
    /// The idempotency key stands for another request.
    KeyReused {}
        "key-reused", "the idempotency key was used with another body", "send another key with another request, and the same body with the same key";
}
