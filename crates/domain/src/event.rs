//! Events: facts in the past tense. The journal holds nothing else, and [`evolve`](crate::evolve) reads nothing else.
//!
//! Their encoding is part of the journal's format: a variant is never moved, and a changed field means a new
//! format number with an upcast (see the journal crate). Texts for people are no events: a reason is a code.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::care::CareEvent;
use crate::id::{
    IncidentId, LaneId, MerchantId, NoticeId, OrderId, PlanId, ShipmentId, SiteId, SkuId, SubjectId,
    TakeoverId, TransferId,
};
use crate::incident::{Incident, Phase, Severity, SiteAccess};
use crate::network::{DestinationZone, Lane, Merchant, Operator, Service, Site, Sku};
use crate::notice::{Notice, NoticeStatus};
use crate::order::{Allocation, HoldReason, Order, Package, Shipment};
use crate::plan_record::PlanRecord;
use crate::quantity::Quantity;
use crate::table::Digest;
use crate::takeover::{Takeover, TakeoverParty, TakeoverTerms};
use crate::time::{Day, Stamp};
use crate::timer::Timer;

/// Line number and allocation, in the order of the lines.
pub type Allocations = SmallVec<[(u16, Allocation); 2]>;

/// What a sourcing decision was made of, in the operator's minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Parcels: carrier and handling.
    pub parcel: i64,
    /// Lines: weight and handling by unit.
    pub line: i64,
    /// Lateness.
    pub late: i64,
    /// Shadow prices of stock and capacity: steered the choice, is not paid.
    pub price: i64,
}

/// Why units lost their site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DropCause {
    /// A count or adjustment found less than was promised.
    StockMissing,
    /// The order was held.
    Held,
    /// A person asked for it.
    Person,
}

/// Why stock was adjusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AdjustReason {
    /// Damaged.
    Damaged,
    /// Found.
    Found,
    /// Lost or stolen.
    Lost,
    /// Correction of a mistake.
    Correction,
    /// Destroyed by an incident.
    Destroyed,
    /// Left with a take-over that was handed back.
    HandedBack,
}

/// How it became known what happened to a parcel in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DoubtEvidence {
    /// A carrier scanned it.
    Scan,
    /// The site said so.
    Site,
    /// Nobody said anything, and the merchant's rule took over.
    Rule,
    /// A person decided.
    Person,
}

/// A fact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// The operator was set up or changed.
    OperatorSet(Box<Operator>),
    /// A merchant joined.
    MerchantAdded(Box<Merchant>),
    /// A merchant's settings changed.
    MerchantChanged(MerchantId, Box<Merchant>),
    /// A site was added.
    SiteAdded(Box<Site>),
    /// A site's description changed.
    SiteChanged(SiteId, Box<Site>),
    /// A carrier's service was added.
    ServiceAdded(Box<Service>),
    /// A zone was added.
    ZoneAdded(Box<DestinationZone>),
    /// A lane was added.
    LaneAdded(Box<Lane>),
    /// A lane has a new rate.
    LaneRated {
        /// The lane.
        lane: LaneId,
        /// For each parcel.
        cost_parcel: i64,
        /// For each started kilogram.
        cost_kg: i64,
        /// Working days.
        transit_days: u8,
    },
    /// A SKU was added.
    SkuAdded(Box<Sku>),

    /// Goods arrived from outside.
    StockReceived {
        /// Where.
        site: SiteId,
        /// What.
        sku: SkuId,
        /// How much.
        quantity: Quantity,
    },
    /// What is on hand changed without a movement.
    StockAdjusted {
        /// Where.
        site: SiteId,
        /// What.
        sku: SkuId,
        /// By so much.
        by: i64,
        /// Why.
        reason: AdjustReason,
    },
    /// Somebody counted.
    StockCounted {
        /// Where.
        site: SiteId,
        /// What.
        sku: SkuId,
        /// This many lie there.
        found: Quantity,
    },
    /// Units were set aside.
    StockQuarantined {
        /// Where.
        site: SiteId,
        /// What.
        sku: SkuId,
        /// How much.
        quantity: Quantity,
    },
    /// Units set aside may be sold again.
    StockCleared {
        /// Where.
        site: SiteId,
        /// What.
        sku: SkuId,
        /// How much.
        quantity: Quantity,
    },
    /// Goods left for another site.
    TransferSent {
        /// From.
        from: SiteId,
        /// To.
        to: SiteId,
        /// What and how much.
        items: Box<[(SkuId, Quantity)]>,
        /// When they should arrive.
        due: Day,
    },
    /// They arrived; what is missing of what was sent is lost.
    TransferReceived {
        /// The transfer.
        transfer: TransferId,
        /// What arrived.
        items: Box<[(SkuId, Quantity)]>,
    },

    /// A person's data were sealed, for the first time or anew.
    SubjectSealed {
        /// Whose.
        subject: SubjectId,
        /// Keyed fingerprint of what identifies the person.
        fingerprint: u128,
        /// Ciphertext; its key is kept elsewhere.
        sealed: Box<[u8]>,
    },
    /// A person is forgotten: the key is destroyed, again after every restore.
    SubjectErased {
        /// Who.
        subject: SubjectId,
    },

    /// An order came in.
    OrderReceived(Box<Order>),
    /// Nothing is to be done with an order for now.
    OrderHeld {
        /// The order.
        order: OrderId,
        /// Why.
        reason: HoldReason,
    },
    /// An order may go on.
    OrderFreed {
        /// The order.
        order: OrderId,
    },
    /// Units of an order got a site.
    OrderSourced {
        /// The order.
        order: OrderId,
        /// Which units, where, by what, when.
        allocations: Allocations,
        /// What the choice was made of.
        terms: Terms,
        /// The date told to the customer, where the order came without one.
        promise: Option<Day>,
    },
    /// A plan gave units of an order another site, lane or day.
    OrderMoved {
        /// The order.
        order: OrderId,
        /// The plan.
        plan: PlanId,
        /// What it had.
        from: Allocations,
        /// What it has.
        to: Allocations,
    },
    /// Units lost their site and wait for another.
    UnitsDropped {
        /// The order.
        order: OrderId,
        /// Which.
        dropped: Allocations,
        /// Why.
        cause: DropCause,
    },
    /// The customer no longer wants some units.
    LineCancelled {
        /// The order.
        order: OrderId,
        /// Which line.
        line: u16,
        /// How many units.
        quantity: Quantity,
        /// Allocations that were given up for it.
        dropped: Allocations,
    },
    /// The customer has a new date.
    PromiseMoved {
        /// The order.
        order: OrderId,
        /// The new date.
        to: Day,
    },
    /// An order's record went to the archive.
    OrderArchived {
        /// The order.
        order: OrderId,
        /// Digest of its last record.
        record: Digest,
    },

    /// A site was told to ship.
    ShipmentReleased(Box<Shipment>),
    /// Its units are in a tote.
    ShipmentPicked {
        /// The shipment.
        shipment: ShipmentId,
    },
    /// They are in a parcel.
    ShipmentPacked {
        /// The shipment.
        shipment: ShipmentId,
    },
    /// The carrier has it.
    ShipmentShipped {
        /// The shipment.
        shipment: ShipmentId,
        /// Its parcels.
        packages: Box<[Package]>,
        /// The day it should arrive.
        arrival: Option<Day>,
        /// How it is known, if it was in doubt.
        evidence: Option<DoubtEvidence>,
    },
    /// The carrier reports a problem, or a new day.
    ShipmentException {
        /// The shipment.
        shipment: ShipmentId,
        /// The day it should arrive now, if anybody knows.
        arrival: Option<Day>,
    },
    /// The customer has it.
    ShipmentDelivered {
        /// The shipment.
        shipment: ShipmentId,
        /// On this day.
        day: Day,
    },
    /// The carrier lost it.
    ShipmentLost {
        /// The shipment.
        shipment: ShipmentId,
    },
    /// A site went dark with these parcels in it.
    ShipmentsInDoubt {
        /// Because of this.
        incident: IncidentId,
        /// These.
        shipments: Box<[ShipmentId]>,
        /// When the merchants' rules take over, for those that have one.
        timers: Box<[(Stamp, ShipmentId)]>,
    },
    /// The site was asked to give it back.
    RecallAsked {
        /// The shipment.
        shipment: ShipmentId,
    },
    /// The site does not give it back.
    RecallRefused {
        /// The shipment.
        shipment: ShipmentId,
    },
    /// It never left; its units wait for a site.
    ShipmentRecalled {
        /// The shipment.
        shipment: ShipmentId,
        /// How it is known, if it was in doubt.
        evidence: Option<DoubtEvidence>,
    },
    /// The customer sent units back.
    ReturnReceived {
        /// The order.
        order: OrderId,
        /// Which line.
        line: u16,
        /// How many.
        quantity: Quantity,
        /// Where they arrived.
        site: SiteId,
        /// Whether they can be sold again.
        restock: bool,
    },

    /// An incident is watched.
    IncidentOpened(Box<Incident>),
    /// It is now assessed so.
    IncidentAssessed {
        /// The incident.
        incident: IncidentId,
        /// How bad.
        severity: Severity,
        /// When it should be over.
        expected_end: Option<Stamp>,
        /// Demand it changes, by category: thousandths of normal.
        surges: Vec<(Box<str>, u32)>,
    },
    /// It went into another phase.
    IncidentPhased {
        /// The incident.
        incident: IncidentId,
        /// The phase.
        phase: Phase,
    },
    /// What a site can do changed.
    SiteAccessChanged {
        /// The site.
        site: SiteId,
        /// What it can do now.
        access: SiteAccess,
        /// Because of this.
        incident: Option<IncidentId>,
    },
    /// Lanes were closed.
    LanesEmbargoed {
        /// Because of this.
        incident: IncidentId,
        /// These.
        lanes: Box<[LaneId]>,
    },
    /// An incident no longer closes these lanes.
    EmbargoLifted {
        /// The incident.
        incident: IncidentId,
        /// These.
        lanes: Box<[LaneId]>,
    },

    /// A plan was approved and will be carried out.
    PlanAdopted(Box<PlanRecord>),
    /// A step of it was carried out.
    PlanStepped {
        /// The plan.
        plan: PlanId,
        /// Which step, from 0.
        step: u32,
        /// Moves that were made.
        moved: u32,
        /// Moves that no longer fitted the order and were left.
        skipped: u32,
    },
    /// It was taken back as far as the world still allowed.
    PlanUndone {
        /// The plan.
        plan: PlanId,
        /// Orders that went back.
        undone: u32,
        /// Orders that could not.
        kept: u32,
    },
    /// A new table of shadow prices steers sourcing.
    PricesAdopted {
        /// Digest of the table.
        table: Digest,
    },

    /// A customer is to be told.
    NoticeQueued(Box<Notice>),
    /// A notice got further.
    NoticeChanged {
        /// The notice.
        notice: NoticeId,
        /// How far it is.
        status: NoticeStatus,
    },

    /// A timer ran out.
    TimerFired {
        /// When it was due.
        due: Stamp,
        /// Which.
        timer: Timer,
    },
    /// A timer was set.
    TimerSet {
        /// When it is due.
        due: Stamp,
        /// Which.
        timer: Timer,
    },
    /// Idempotency keys older than this were forgotten.
    KeysForgotten {
        /// Keys used before.
        before: Stamp,
    },
    /// A site is expected to be shut for some days, or no longer.
    OutageExpected {
        /// The site.
        site: SiteId,
        /// Because of this.
        incident: IncidentId,
        /// First day, and first day no longer; `None` takes the expectation back.
        days: Option<(Day, Day)>,
    },

    /// Somebody asked to be carried.
    TakeoverAsked(Box<Takeover>),
    /// Terms were offered.
    TakeoverOffered {
        /// The take-over.
        takeover: TakeoverId,
        /// The terms.
        terms: Box<TakeoverTerms>,
    },
    /// The terms were accepted; the sites and lanes added before it are its sections.
    TakeoverAccepted {
        /// The take-over.
        takeover: TakeoverId,
        /// One for each host, in the order of the terms.
        sections: Box<[SiteId]>,
    },
    /// One side did not want it.
    TakeoverDeclined {
        /// The take-over.
        takeover: TakeoverId,
        /// Who did not.
        by: TakeoverParty,
    },
    /// Nobody accepted the terms in time.
    TakeoverLapsed {
        /// The take-over.
        takeover: TakeoverId,
    },
    /// Nothing new is taken from now on.
    TakeoverEnded {
        /// The take-over.
        takeover: TakeoverId,
    },
    /// Its sections are closed, the capacity is the hosts' again.
    TakeoverHandedBack {
        /// The take-over.
        takeover: TakeoverId,
        /// Whether what was left of the goods stayed at the hosts.
        kept: bool,
    },
    /// Something was answered, refunded, approved, or a legal clock moved.
    Care(Box<CareEvent>),
}
