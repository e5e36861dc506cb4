//! Commands: what somebody asks for, in the imperative. A command is decided once, with the writer's stamp.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::care::CareCommand;
use crate::event::{AdjustReason, Allocations, DoubtEvidence, Terms};
use crate::id::{
    ExternalRef, IncidentId, LaneId, MerchantId, NoticeId, OrderId, PlanId, ShipmentId, SiteId, SkuId,
    SubjectId, TakeoverId, TransferId, ZoneId,
};
use crate::incident::{Hazard, LaneRule, Phase, Severity, StockAccess};
use crate::network::{Country, DestinationZone, Lane, Language, Merchant, Operator, Service, Site, Sku};
use crate::notice::Notice;
use crate::order::{HoldReason, Package};
use crate::plan_record::{Move, PlanRecord};
use crate::quantity::Quantity;
use crate::table::Digest;
use crate::takeover::{TakeoverParty, TakeoverTerms};
use crate::time::{Day, Stamp};
use crate::timer::Timer;

/// An order as the shop hands it over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewOrder {
    /// Whose order it is.
    pub merchant: MerchantId,
    /// The merchant's number; the same number is the same order, for ever.
    pub number: ExternalRef,
    /// Who ordered.
    pub subject: Option<SubjectId>,
    /// Where it goes.
    pub zone: ZoneId,
    /// Country it goes to.
    pub country: Country,
    /// Postal code it goes to.
    pub postal: Box<str>,
    /// Language of its customer.
    pub language: Language,
    /// When the customer ordered.
    pub placed: Stamp,
    /// When the customer paid.
    pub paid: Option<Stamp>,
    /// The date the shop has promised; `None` lets the sourcing promise what it can keep.
    pub promise: Option<Day>,
    /// Higher goes first.
    pub priority: u8,
    /// Keep it for a second look.
    pub hold: Option<HoldReason>,
    /// SKU, units, price of a unit in the merchant's minor units.
    pub lines: SmallVec<[(SkuId, Quantity, i64); 2]>,
}

/// A disaster as it is reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewIncident {
    /// What kind.
    pub hazard: Hazard,
    /// Name for people.
    pub name: Box<str>,
    /// How bad.
    pub severity: Severity,
    /// When it should be over.
    pub expected_end: Option<Stamp>,
    /// Demand it changes, by category: thousandths of normal.
    pub surges: Vec<(Box<str>, u32)>,
    /// Nothing may leave the house.
    pub drill: bool,
}

/// What can be asked of an operator's state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Set up or change the operator.
    SetOperator(Box<Operator>),
    /// Add a merchant.
    AddMerchant(Box<Merchant>),
    /// Change a merchant's settings.
    ChangeMerchant(MerchantId, Box<Merchant>),
    /// Add a site.
    AddSite(Box<Site>),
    /// Change a site's description.
    ChangeSite(SiteId, Box<Site>),
    /// Add a carrier's service.
    AddService(Box<Service>),
    /// Add a zone.
    AddZone(Box<DestinationZone>),
    /// Add a lane.
    AddLane(Box<Lane>),
    /// Give a lane a new rate.
    RateLane {
        /// The lane.
        lane: LaneId,
        /// For each parcel.
        cost_parcel: i64,
        /// For each started kilogram.
        cost_kg: i64,
        /// Working days.
        transit_days: u8,
    },
    /// Add a SKU.
    AddSku(Box<Sku>),

    /// Take goods in.
    ReceiveStock {
        /// Where.
        site: SiteId,
        /// What.
        sku: SkuId,
        /// How much.
        quantity: Quantity,
    },
    /// Change what is on hand without a movement.
    AdjustStock {
        /// Where.
        site: SiteId,
        /// What.
        sku: SkuId,
        /// By so much.
        by: i64,
        /// Why.
        reason: AdjustReason,
    },
    /// Say what a count found.
    CountStock {
        /// Where.
        site: SiteId,
        /// What.
        sku: SkuId,
        /// This many lie there.
        found: Quantity,
    },
    /// Set units aside.
    QuarantineStock {
        /// Where.
        site: SiteId,
        /// What.
        sku: SkuId,
        /// How much.
        quantity: Quantity,
    },
    /// Let units that were set aside be sold again.
    ClearStock {
        /// Where.
        site: SiteId,
        /// What.
        sku: SkuId,
        /// How much.
        quantity: Quantity,
    },
    /// Send goods to another site.
    SendTransfer {
        /// From.
        from: SiteId,
        /// To.
        to: SiteId,
        /// What and how much.
        items: Box<[(SkuId, Quantity)]>,
        /// When they should arrive.
        due: Day,
    },
    /// Take a transfer in.
    ReceiveTransfer {
        /// The transfer.
        transfer: TransferId,
        /// What arrived.
        items: Box<[(SkuId, Quantity)]>,
    },

    /// Keep a person's sealed data; the same fingerprint is the same person.
    SealSubject {
        /// Keyed fingerprint of what identifies the person.
        fingerprint: u128,
        /// Ciphertext.
        sealed: Box<[u8]>,
    },
    /// Forget a person.
    EraseSubject {
        /// Who.
        subject: SubjectId,
    },

    /// Take an order.
    PlaceOrder(Box<NewOrder>),
    /// Stop working on an order; units not released lose their site.
    HoldOrder {
        /// The order.
        order: OrderId,
        /// Why.
        reason: HoldReason,
    },
    /// Let an order go on.
    FreeOrder {
        /// The order.
        order: OrderId,
    },
    /// Give units of an order a site.
    SourceOrder {
        /// The order.
        order: OrderId,
        /// Which units, where, by what, when.
        allocations: Allocations,
        /// What the choice was made of.
        terms: Terms,
        /// The date to tell the customer, if the order has none yet.
        promise: Option<Day>,
    },
    /// Take units of a line back that the customer no longer wants.
    CancelLine {
        /// The order.
        order: OrderId,
        /// Which line.
        line: u16,
        /// How many units.
        quantity: Quantity,
    },
    /// Cancel whatever of an order has not been released.
    CancelOrder {
        /// The order.
        order: OrderId,
    },
    /// Give the customer a new date.
    MovePromise {
        /// The order.
        order: OrderId,
        /// The new date.
        to: Day,
    },
    /// Put the record of a finished order into the archive.
    ArchiveOrder {
        /// The order.
        order: OrderId,
    },

    /// Tell a site to ship what is due by a day, as far as its capacity goes.
    ReleaseWave {
        /// The site.
        site: SiteId,
        /// The site's day.
        day: Day,
    },
    /// Report units picked.
    PickShipment {
        /// The shipment.
        shipment: ShipmentId,
    },
    /// Report them packed.
    PackShipment {
        /// The shipment.
        shipment: ShipmentId,
    },
    /// Report them handed to the carrier.
    ShipShipment {
        /// The shipment.
        shipment: ShipmentId,
        /// Its parcels.
        packages: Box<[Package]>,
        /// The site's day on which it left.
        day: Day,
    },
    /// Report a carrier's problem, or new day.
    ReportException {
        /// The shipment.
        shipment: ShipmentId,
        /// The day it should arrive now.
        arrival: Option<Day>,
    },
    /// Report it delivered.
    DeliverShipment {
        /// The shipment.
        shipment: ShipmentId,
        /// On this day.
        day: Day,
    },
    /// Report it lost by the carrier.
    LoseShipment {
        /// The shipment.
        shipment: ShipmentId,
    },
    /// Ask a site to give a shipment back.
    AskRecall {
        /// The shipment.
        shipment: ShipmentId,
    },
    /// The site's answer.
    AnswerRecall {
        /// The shipment.
        shipment: ShipmentId,
        /// Whether it gives it back.
        accepted: bool,
    },
    /// Say what happened to a parcel in doubt.
    ResolveDoubt {
        /// The shipment.
        shipment: ShipmentId,
        /// Whether it left.
        shipped: bool,
        /// How it is known.
        evidence: DoubtEvidence,
        /// The site's day on which it left, if so.
        day: Day,
    },
    /// Take units back from a customer.
    ReceiveReturn {
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

    /// Watch an incident.
    OpenIncident(Box<NewIncident>),
    /// Assess it anew.
    AssessIncident {
        /// The incident.
        incident: IncidentId,
        /// How bad.
        severity: Severity,
        /// When it should be over.
        expected_end: Option<Stamp>,
        /// Demand it changes, by category: thousandths of normal.
        surges: Vec<(Box<str>, u32)>,
    },
    /// Take it into its next phase.
    PhaseIncident {
        /// The incident.
        incident: IncidentId,
        /// The phase.
        phase: Phase,
    },
    /// Close a site: its stock is quarantined, what was released there is in doubt.
    CloseSite {
        /// The site.
        site: SiteId,
        /// Because of this.
        incident: IncidentId,
        /// What is known of the stock.
        stock: StockAccess,
    },
    /// Expect a site to be shut for some days: nothing new is promised from it for them, and plans work around them.
    ExpectOutage {
        /// The site.
        site: SiteId,
        /// Because of this.
        incident: IncidentId,
        /// First day, and first day no longer; `None` takes the expectation back.
        days: Option<(Day, Day)>,
    },
    /// Let a site work with some thousandths of its capacity; also how it comes back step by step.
    LimitSite {
        /// The site.
        site: SiteId,
        /// 1 to 1000.
        permille: u16,
        /// Because of this.
        incident: Option<IncidentId>,
    },
    /// Call a standby site.
    ActivateStandby {
        /// The site.
        site: SiteId,
        /// Because of this.
        incident: Option<IncidentId>,
    },
    /// Send a standby site home.
    ReleaseStandby {
        /// The site.
        site: SiteId,
    },
    /// Close all lanes a rule matches.
    EmbargoLanes {
        /// Because of this.
        incident: IncidentId,
        /// Which.
        rule: Box<LaneRule>,
    },
    /// Open all lanes again that an incident closed and a rule matches.
    LiftEmbargo {
        /// The incident.
        incident: IncidentId,
        /// Which.
        rule: Box<LaneRule>,
    },

    /// Approve a plan.
    AdoptPlan(Box<PlanRecord>),
    /// Carry out a plan's next step.
    ExecuteStep {
        /// The plan.
        plan: PlanId,
        /// Which step, from 0.
        step: u32,
        /// Its moves, exactly as approved.
        moves: Box<[Move]>,
    },
    /// Take back what a plan's step moved, as far as nothing of it has been released.
    UndoPlan {
        /// The plan.
        plan: PlanId,
        /// All its moves.
        moves: Box<[Move]>,
    },
    /// Let a new table of shadow prices steer sourcing.
    AdoptPrices {
        /// Digest of the table.
        table: Digest,
    },

    /// Queue a notice.
    QueueNotice(Box<Notice>),
    /// Take a notice back before it leaves.
    WithdrawNotice {
        /// The notice.
        notice: NoticeId,
    },
    /// Report how sending ended.
    ReportNotice {
        /// The notice.
        notice: NoticeId,
        /// Whether a channel took it.
        sent: bool,
    },

    /// Do what is due; the writer's own command.
    FireTimer {
        /// When it was due.
        due: Stamp,
        /// Which.
        timer: Timer,
    },
    /// Forget idempotency keys used before a moment.
    ForgetKeys {
        /// The moment.
        before: Stamp,
    },

    /// Ask an operator to carry a merchant who has lost its sites.
    AskTakeover {
        /// Who asks to be carried.
        merchant: MerchantId,
        /// Because of this.
        incident: IncidentId,
        /// The standby site whose contract calls, where it is not the merchant who asks.
        contract: Option<SiteId>,
        /// The merchant's own sites that are out.
        home: Box<[SiteId]>,
    },
    /// Offer terms.
    OfferTakeover {
        /// The take-over.
        takeover: TakeoverId,
        /// The terms.
        terms: Box<TakeoverTerms>,
    },
    /// Accept the terms: sections and lanes are there from now on.
    AcceptTakeover {
        /// The take-over.
        takeover: TakeoverId,
    },
    /// Not want it.
    DeclineTakeover {
        /// The take-over.
        takeover: TakeoverId,
        /// Who does not.
        by: TakeoverParty,
    },
    /// Take nothing new from now on.
    EndTakeover {
        /// The take-over.
        takeover: TakeoverId,
    },
    /// Give everything back, once nothing is left to ship.
    HandBackTakeover {
        /// The take-over.
        takeover: TakeoverId,
        /// Whether what is left of the goods stays, as ordinary stock of the hosts.
        keep_goods: bool,
    },
    /// Answers, refunds, approvals, the sending of notices.
    Care(Box<CareCommand>),
    /// Report that what an order had waiting at a site left it by a list on paper, while no computer ran.
    ShipOnPaper {
        /// The order.
        order: OrderId,
        /// From this site.
        site: SiteId,
        /// By this lane.
        lane: LaneId,
        /// Its parcels.
        packages: Box<[Package]>,
        /// The site's day on which it left.
        day: Day,
    },
}
