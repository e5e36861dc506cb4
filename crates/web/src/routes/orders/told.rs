//! An order as it is told: its lines, where they come from, and the words for what it is.

use holdfast_domain::id::{Id, OrderId};
use holdfast_domain::order::{HoldReason, Order, OrderStatus, ShipmentStage};
use holdfast_domain::state::State as DomainState;
use holdfast_domain::time::Day;
use serde::Serialize;
use utoipa::ToSchema;

/// An order.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderOut {
    /// Its id.
    #[schema(example = "ord-17")]
    pub id: String,
    /// Code of its merchant.
    pub merchant: String,
    /// The merchant's number.
    pub number: String,
    /// What it is: the state of its least advanced units.
    pub status: String,
    /// Whose it is, by number alone.
    pub subject: Option<String>,
    /// Country it goes to.
    pub country: String,
    /// Postal code it goes to.
    pub postal: String,
    /// Code of its zone.
    pub zone: String,
    /// When the customer ordered.
    pub placed: String,
    /// When the customer paid.
    pub paid: Option<String>,
    /// The date the customer has; none before a site was found.
    pub promise: Option<String>,
    /// The date the customer had first.
    pub promise_first: Option<String>,
    /// Higher goes first.
    pub priority: u8,
    /// Why nothing is done with it for now.
    pub hold: Option<String>,
    /// How often a plan has moved it.
    pub moved: u8,
    /// What the customer still wants is worth this, in minor units.
    pub value: i64,
    /// Currency of it.
    pub currency: String,
    /// Its lines.
    pub lines: Vec<LineOut>,
}

/// A line of an order.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineOut {
    /// The merchant's code.
    pub sku: String,
    /// Units ordered.
    pub ordered: u32,
    /// Units cancelled since.
    pub cancelled: u32,
    /// Units that came back.
    pub returned: u32,
    /// Units without a site.
    pub backordered: u32,
    /// Price of a unit in minor units.
    pub price: i64,
    /// Where it comes from.
    pub allocations: Vec<AllocationOut>,
}

/// Units of a line at one site.
#[derive(Debug, Serialize, ToSchema)]
pub struct AllocationOut {
    /// Code of the site.
    pub site: String,
    /// Carrier and service.
    pub carrier: String,
    /// Day on which it leaves.
    pub ship_day: String,
    /// Units.
    pub quantity: u32,
    /// Shipment, once the site was told.
    pub shipment: Option<String>,
    /// How far it is, once the site was told.
    pub stage: Option<String>,
}

/// The word for a reason.
#[must_use]
pub const fn hold_word(reason: HoldReason) -> &'static str {
    match reason {
        HoldReason::Unpaid => "unpaid",
        HoldReason::Duplicate => "duplicate",
        HoldReason::ImplausibleQuantity => "implausible_quantity",
        HoldReason::Address => "address",
        HoldReason::Fraud => "fraud",
        HoldReason::Person => "person",
    }
}

/// The word for a state.
#[must_use]
pub const fn status_word(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Held => "held",
        OrderStatus::Backordered => "backordered",
        OrderStatus::InDoubt => "in_doubt",
        OrderStatus::Reserved => "reserved",
        OrderStatus::Released => "released",
        OrderStatus::Picked => "picked",
        OrderStatus::Packed => "packed",
        OrderStatus::Shipped => "shipped",
        OrderStatus::Delivered => "delivered",
        OrderStatus::Cancelled => "cancelled",
    }
}

/// The word for a stage.
#[must_use]
pub const fn stage_word(stage: ShipmentStage) -> &'static str {
    match stage {
        ShipmentStage::Released => "released",
        ShipmentStage::Picked => "picked",
        ShipmentStage::Packed => "packed",
        ShipmentStage::InDoubt { .. } => "in_doubt",
        ShipmentStage::Recalling { .. } => "recalling",
        ShipmentStage::Shipped => "shipped",
        ShipmentStage::Exception => "exception",
        ShipmentStage::Delivered => "delivered",
        ShipmentStage::Recalled => "recalled",
        ShipmentStage::Lost => "lost",
    }
}

/// What an order is: the state of its least advanced units.
#[must_use]
pub fn status(state: &DomainState, order: &Order) -> OrderStatus {
    if order.hold.is_some() {
        return OrderStatus::Held;
    }
    if !order.backordered().is_zero() {
        return OrderStatus::Backordered;
    }
    let stage = |shipment| match state.shipments.get(shipment).map(|known| known.stage) {
        Some(ShipmentStage::InDoubt { .. }) => OrderStatus::InDoubt,
        Some(ShipmentStage::Picked) => OrderStatus::Picked,
        Some(ShipmentStage::Packed) => OrderStatus::Packed,
        Some(ShipmentStage::Shipped | ShipmentStage::Exception | ShipmentStage::Lost) => OrderStatus::Shipped,
        Some(ShipmentStage::Delivered) => OrderStatus::Delivered,
        Some(ShipmentStage::Released | ShipmentStage::Recalling { .. } | ShipmentStage::Recalled) | None => {
            OrderStatus::Released
        }
    };
    let units = order.lines.iter().flat_map(|line| &line.allocations);
    units.map(|a| a.shipment.map_or(OrderStatus::Reserved, stage)).min().unwrap_or(OrderStatus::Cancelled)
}

/// A day as text; none for "not promised yet".
#[must_use]
pub fn day(day: Day) -> Option<String> {
    (day.0 != i32::MAX).then(|| day.to_string())
}

/// An order as it is told.
#[must_use]
pub fn order_out(state: &DomainState, id: OrderId, order: &Order) -> OrderOut {
    let network = &state.network;
    let merchant = network.merchant(order.merchant);
    let line = |line: &holdfast_domain::order::Line| LineOut {
        sku: network.skus.get(line.sku).map_or_else(String::new, |sku| sku.code.to_string()),
        ordered: line.ordered.0,
        cancelled: line.cancelled.0,
        returned: line.returned.0,
        backordered: line.backordered().0,
        price: line.price,
        allocations: line
            .allocations
            .iter()
            .map(|a| AllocationOut {
                site: network.site(a.site).map_or_else(String::new, |site| site.code.to_string()),
                carrier: carrier(state, a.lane),
                ship_day: a.ship_day.to_string(),
                quantity: a.quantity.0,
                shipment: a.shipment.map(|shipment| shipment.to_string()),
                stage: a
                    .shipment
                    .and_then(|shipment| state.shipments.get(shipment))
                    .map(|shipment| stage_word(shipment.stage).to_owned()),
            })
            .collect(),
    };
    OrderOut {
        id: id.to_string(),
        merchant: merchant.map_or_else(String::new, |merchant| merchant.code.to_string()),
        number: order.number.to_string(),
        status: status_word(status(state, order)).to_owned(),
        subject: order.subject.map(|subject| subject.to_string()),
        country: order.country.code().to_owned(),
        postal: order.postal.to_string(),
        zone: network.zones.get(order.zone.index()).map_or_else(String::new, |zone| zone.code.to_string()),
        placed: order.placed.to_string(),
        paid: order.paid.map(|paid| paid.to_string()),
        promise: day(order.promise),
        promise_first: day(order.promise_first),
        priority: order.priority,
        hold: order.hold.map(|reason| hold_word(reason).to_owned()),
        moved: order.moved,
        value: order.value(),
        currency: merchant.map_or_else(String::new, |merchant| merchant.currency.code().to_owned()),
        lines: order.lines.iter().map(line).collect(),
    }
}

/// Carrier and service of a lane.
#[must_use]
pub fn carrier(state: &DomainState, lane: holdfast_domain::id::LaneId) -> String {
    let lane = state.network.lanes.get(lane);
    let service = lane.and_then(|lane| state.network.services.get(lane.service.index()));
    service.map_or_else(String::new, |service| format!("{}/{}", service.carrier, service.name))
}
