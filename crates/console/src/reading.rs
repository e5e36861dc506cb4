//! Reading the state: what an order, a parcel or a site is in one word, and what a set of allocations costs.

use std::collections::BTreeMap;

use holdfast_domain::id::{Id, LaneId, SiteId};
use holdfast_domain::incident::SiteAccess;
use holdfast_domain::network::Network;
use holdfast_domain::order::{Allocation, Order, OrderStatus, ShipmentStage};
use holdfast_domain::state::State;
use holdfast_domain::time::Day;

/// Orders or shipments that one page or one scan looks at, at most: the newest, or those up to where the next page begins.
pub(crate) const LOOKED_MAX: usize = 200_000;

/// What an order is: the state of its least advanced units.
pub(crate) fn order_status(state: &State, order: &Order) -> OrderStatus {
    if order.hold.is_some() {
        return OrderStatus::Held;
    }
    if order.lines.iter().all(|line| line.wanted().is_zero()) {
        return OrderStatus::Cancelled;
    }
    if !order.backordered().is_zero() {
        return OrderStatus::Backordered;
    }
    let stage = |a: &Allocation| match a.shipment.and_then(|id| state.shipments.get(id)) {
        None => OrderStatus::Reserved,
        Some(shipment) => match shipment.stage {
            ShipmentStage::InDoubt { .. } => OrderStatus::InDoubt,
            ShipmentStage::Released | ShipmentStage::Recalling { .. } => OrderStatus::Released,
            ShipmentStage::Recalled => OrderStatus::Reserved,
            ShipmentStage::Picked => OrderStatus::Picked,
            ShipmentStage::Packed => OrderStatus::Packed,
            ShipmentStage::Shipped | ShipmentStage::Exception | ShipmentStage::Lost => OrderStatus::Shipped,
            ShipmentStage::Delivered => OrderStatus::Delivered,
        },
    };
    let allocations = order.lines.iter().flat_map(|line| &line.allocations);
    allocations.map(stage).min().unwrap_or(OrderStatus::Cancelled)
}

/// Whether anything is still to be done for an order of this status.
pub(crate) const fn is_open(status: OrderStatus) -> bool {
    !matches!(status, OrderStatus::Shipped | OrderStatus::Delivered | OrderStatus::Cancelled)
}

/// All statuses, worst first.
pub(crate) const STATUSES: [OrderStatus; 10] = [
    OrderStatus::Held,
    OrderStatus::Backordered,
    OrderStatus::InDoubt,
    OrderStatus::Reserved,
    OrderStatus::Released,
    OrderStatus::Picked,
    OrderStatus::Packed,
    OrderStatus::Shipped,
    OrderStatus::Delivered,
    OrderStatus::Cancelled,
];

/// The word of a status in keys and addresses.
pub(crate) const fn status_key(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Held => "held",
        OrderStatus::Backordered => "backordered",
        OrderStatus::InDoubt => "in-doubt",
        OrderStatus::Reserved => "reserved",
        OrderStatus::Released => "released",
        OrderStatus::Picked => "picked",
        OrderStatus::Packed => "packed",
        OrderStatus::Shipped => "shipped",
        OrderStatus::Delivered => "delivered",
        OrderStatus::Cancelled => "cancelled",
    }
}

/// The word of a parcel's stage in keys.
pub(crate) const fn stage_key(stage: ShipmentStage) -> &'static str {
    match stage {
        ShipmentStage::Released => "released",
        ShipmentStage::Picked => "picked",
        ShipmentStage::Packed => "packed",
        ShipmentStage::InDoubt { .. } => "in-doubt",
        ShipmentStage::Recalling { .. } => "recalling",
        ShipmentStage::Shipped => "shipped",
        ShipmentStage::Exception => "exception",
        ShipmentStage::Delivered => "delivered",
        ShipmentStage::Recalled => "recalled",
        ShipmentStage::Lost => "lost",
    }
}

/// The word of what a site can do in keys.
pub(crate) const fn access_key(access: SiteAccess) -> &'static str {
    match access {
        SiteAccess::Open { permille: 1000.. } => "open",
        SiteAccess::Open { .. } => "limited",
        SiteAccess::Closed { .. } => "closed",
        SiteAccess::Dormant => "dormant",
        SiteAccess::Activating { .. } => "activating",
    }
}

/// What carrying and handling a set of allocations costs, in the operator's minor units: parcels by site, lane and day.
pub(crate) fn carriage<'a>(
    network: &Network,
    order: &Order,
    allocations: impl IntoIterator<Item = &'a (u16, Allocation)>,
) -> i64 {
    let mut parcels: BTreeMap<(SiteId, LaneId, Day), ()> = BTreeMap::new();
    let mut cost = 0_i64;
    for (number, a) in allocations {
        let (Some(site), Some(lane)) = (network.site(a.site), network.lanes.get(a.lane)) else { continue };
        let sku = order.lines.get(usize::from(*number)).and_then(|line| network.skus.get(line.sku));
        let unit = lane.cost_unit(sku.map_or(0, |sku| sku.weight_g)).saturating_add(site.cost_unit);
        cost = cost.saturating_add(unit.saturating_mul(i64::from(a.quantity.0)));
        if parcels.insert((a.site, a.lane, a.ship_day), ()).is_none() {
            cost = cost.saturating_add(lane.cost_parcel).saturating_add(site.cost_parcel);
        }
    }
    cost
}

/// All site ids.
pub(crate) fn site_ids(state: &State) -> impl Iterator<Item = SiteId> + '_ {
    (0..state.network.sites.len()).map(SiteId::from_index)
}

/// A site's code; its id where there is none.
pub(crate) fn site_code(state: &State, site: SiteId) -> String {
    state.network.site(site).map_or_else(|| site.to_string(), |site| site.code.to_string())
}
