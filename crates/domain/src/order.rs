//! Orders, their lines and allocations; shipments and their packages.
//!
//! An order has lines; a line has allocations, each some units at one site on one day; what leaves a site for an
//! order together is a shipment. Partial shipment, partial cancellation, partial return and several promises in
//! one order follow from that. What an order "is" (backordered, shipped, …) is read off its parts, never stored.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::id::{
    ExternalRef, IncidentId, LaneId, MerchantId, OrderId, ShipmentId, SiteId, SkuId, SubjectId, ZoneId,
};
use crate::network::{Country, Language};
use crate::quantity::Quantity;
use crate::time::{Day, Stamp};

/// An order that is not archived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Whose order it is.
    pub merchant: MerchantId,
    /// The merchant's number for it.
    pub number: ExternalRef,
    /// Who ordered; `None` where the source names nobody.
    pub subject: Option<SubjectId>,
    /// Where it goes.
    pub zone: ZoneId,
    /// Country it goes to.
    pub country: Country,
    /// Postal code it goes to.
    pub postal: Box<str>,
    /// Language its customer is written to in.
    pub language: Language,
    /// When the customer ordered.
    pub placed: Stamp,
    /// When the customer paid, if so.
    pub paid: Option<Stamp>,
    /// The date the customer was told, in the destination's days.
    pub promise: Day,
    /// The date the customer was told first.
    pub promise_first: Day,
    /// Higher goes first when not all can be served; 0 is normal.
    pub priority: u8,
    /// How often a plan gave it another site, lane or day; stays at 255.
    pub moved: u8,
    /// Why nothing is done with it for now.
    pub hold: Option<HoldReason>,
    /// What was ordered.
    pub lines: SmallVec<[Line; 2]>,
}

/// One SKU of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What.
    pub sku: SkuId,
    /// How much was ordered.
    pub ordered: Quantity,
    /// How much of it was cancelled since.
    pub cancelled: Quantity,
    /// How much of what was shipped came back.
    pub returned: Quantity,
    /// Price of a unit in the merchant's minor units.
    pub price: i64,
    /// Where it comes from. Units in no allocation and not cancelled are backordered.
    pub allocations: SmallVec<[Allocation; 1]>,
}

/// Units of a line at one site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    /// From this site.
    pub site: SiteId,
    /// By this lane.
    pub lane: LaneId,
    /// On this day of the site.
    pub ship_day: Day,
    /// So many.
    pub quantity: Quantity,
    /// In this shipment, once released to the site.
    pub shipment: Option<ShipmentId>,
}

/// Why an order is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HoldReason {
    /// Not paid yet.
    Unpaid,
    /// Looks like another order.
    Duplicate,
    /// A quantity nobody orders.
    ImplausibleQuantity,
    /// Postal code and country do not fit.
    Address,
    /// Suspected fraud or account take-over.
    Fraud,
    /// A person asked for it.
    Person,
}

/// What an order is, worst first: the state of its least advanced units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum OrderStatus {
    /// Nothing is done with it for now.
    Held,
    /// Units without a site.
    Backordered,
    /// Units in a parcel nobody has seen since its site went dark.
    InDoubt,
    /// All units have a site.
    Reserved,
    /// The site has been told.
    Released,
    /// In a picker's tote.
    Picked,
    /// In a parcel.
    Packed,
    /// With the carrier.
    Shipped,
    /// With the customer.
    Delivered,
    /// Nothing is left of it.
    Cancelled,
}

impl Line {
    /// Units the customer still wants.
    #[must_use]
    pub const fn wanted(&self) -> Quantity {
        self.ordered.saturating_sub(self.cancelled)
    }

    /// Units that have a site.
    #[must_use]
    pub fn allocated(&self) -> Quantity {
        Quantity(self.allocations.iter().map(|allocation| allocation.quantity.0).sum())
    }

    /// Units without a site.
    #[must_use]
    pub fn backordered(&self) -> Quantity {
        self.wanted().saturating_sub(self.allocated())
    }
}

impl Order {
    /// Units without a site, over all lines.
    #[must_use]
    pub fn backordered(&self) -> Quantity {
        Quantity(self.lines.iter().map(|line| line.backordered().0).sum())
    }

    /// What the customer still wants, at the prices of the order, in the merchant's minor units.
    #[must_use]
    pub fn value(&self) -> i64 {
        self.lines.iter().map(|line| line.price.saturating_mul(i64::from(line.wanted().0))).sum()
    }

    /// Whether any unit may still be given a site or moved to another.
    #[must_use]
    pub fn is_movable(&self) -> bool {
        self.hold.is_none()
            && self.lines.iter().any(|line| {
                !line.backordered().is_zero()
                    || line.allocations.iter().any(|allocation| allocation.shipment.is_none())
            })
    }
}

/// What leaves one site for one order together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// For this order.
    pub order: OrderId,
    /// From this site.
    pub site: SiteId,
    /// By this lane.
    pub lane: LaneId,
    /// On this day of the site.
    pub ship_day: Day,
    /// Line number and units.
    pub items: SmallVec<[(u16, Quantity); 2]>,
    /// How far it is.
    pub stage: ShipmentStage,
    /// Parcels, once shipped.
    pub packages: Box<[Package]>,
    /// The day it should arrive, or did.
    pub arrival: Option<Day>,
}

/// A parcel of a shipment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// The carrier's number for it.
    pub tracking: ExternalRef,
    /// Its weight in grams, where known.
    pub weight_g: u32,
}

/// How far a shipment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ShipmentStage {
    /// The site has been told.
    Released,
    /// In a picker's tote.
    Picked,
    /// In a parcel.
    Packed,
    /// Its site went dark when it had come so far; nobody knows where it is.
    InDoubt {
        /// The incident that darkened the site.
        incident: IncidentId,
        /// How far it was.
        was: LastSeen,
    },
    /// The site has been asked to give it back and has not answered.
    Recalling {
        /// How far it was.
        was: LastSeen,
    },
    /// With the carrier.
    Shipped,
    /// With the carrier, which reports a problem.
    Exception,
    /// With the customer.
    Delivered,
    /// It never left; its units are free for another site.
    Recalled,
    /// Gone for good with the carrier.
    Lost,
}

/// The last stage a site reported before it fell silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LastSeen {
    /// The site had been told.
    Released,
    /// In a picker's tote.
    Picked,
    /// In a parcel.
    Packed,
}

impl ShipmentStage {
    /// Whether the units still lie at the site as far as anybody knows.
    #[must_use]
    pub const fn at_site(self) -> Option<LastSeen> {
        match self {
            Self::Released => Some(LastSeen::Released),
            Self::Picked => Some(LastSeen::Picked),
            Self::Packed => Some(LastSeen::Packed),
            Self::InDoubt { was, .. } | Self::Recalling { was } => Some(was),
            Self::Shipped | Self::Exception | Self::Delivered | Self::Recalled | Self::Lost => None,
        }
    }

    /// Whether the carrier has it.
    #[must_use]
    pub const fn with_carrier(self) -> bool {
        matches!(self, Self::Shipped | Self::Exception)
    }
}

/// An order's place in the table: live, or archived and known by its hash alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrderSlot {
    /// Still of interest.
    Live(Box<Order>),
    /// Its return window is over; the journal holds the record with this digest.
    Archived(crate::table::Digest),
}
