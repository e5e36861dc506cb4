//! What left a site by a list on paper, while no computer ran.
//!
//! One command takes the units of an order at a site through release and hand-over together, so that nothing that
//! was shipped on paper is left to be shipped again.

use smallvec::SmallVec;

use super::Decision;
use crate::event::Event;
use crate::id::{LaneId, OrderId, SiteId};
use crate::order::{Package, Shipment, ShipmentStage};
use crate::quantity::Quantity;
use crate::reject::Rejection;
use crate::state::State;
use crate::time::Day;

/// The units of `order` that were to leave `site` by `lane` and have not been released, released and shipped.
pub(super) fn shipped(
    state: &State,
    order: OrderId,
    site: SiteId,
    lane: LaneId,
    packages: &[Package],
    day: Day,
) -> Decision {
    let known = state.order(order)?;
    state.site(site)?;
    let mut items: SmallVec<[(u16, Quantity); 2]> = SmallVec::new();
    // A parcel may leave before the day it was planned for; its allocations are due on the latest of their days.
    let mut ship_day = day;
    for (number, line) in known.lines.iter().enumerate() {
        let waiting = line
            .allocations
            .iter()
            .filter(|a| a.site == site && a.lane == lane && a.shipment.is_none() && !a.quantity.is_zero());
        for allocation in waiting {
            ship_day = ship_day.max(allocation.ship_day);
            items.push((
                u16::try_from(number).expect("an order has at most LINES_MAX lines"),
                allocation.quantity,
            ));
        }
    }
    if items.is_empty() {
        return Err(Rejection::NothingWaiting { order, site });
    }
    let arrival = state.network.lanes.get(lane).and_then(|lane| state.network.arrival(lane, day));
    let shipment = state.shipments.next_id();
    let released = Shipment {
        order,
        site,
        lane,
        ship_day,
        items,
        stage: ShipmentStage::Released,
        packages: Box::new([]),
        arrival,
    };
    let left = Event::ShipmentShipped { shipment, packages: packages.into(), arrival, evidence: None };
    Ok(vec![Event::ShipmentReleased(Box::new(released)), left])
}
