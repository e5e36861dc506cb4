//! Promises: when an order will arrive as things stand, and what that means for the date its customer has.

use holdfast_domain::order::{Order, ShipmentStage};
use holdfast_domain::state::State;
use holdfast_domain::time::Day;

/// When an order will be complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expected {
    /// On this day the last of it arrives.
    On(Day),
    /// Nobody can say: units without a site, a site that is dark, a parcel in doubt.
    Unknown,
    /// Nothing is left to come.
    Nothing,
}

/// When the last unit of `order` arrives as things stand.
#[must_use]
pub fn expected(state: &State, order: &Order) -> Expected {
    let mut last: Option<Day> = None;
    for line in &order.lines {
        if !line.backordered().is_zero() {
            return Expected::Unknown;
        }
        for a in &line.allocations {
            let shipment = a.shipment.and_then(|id| state.shipments.get(id));
            let arrival = match shipment.map(|known| (known.stage, known.arrival)) {
                Some((ShipmentStage::Delivered, _)) => continue,
                Some((ShipmentStage::Lost | ShipmentStage::InDoubt { .. }, _)) => None,
                Some((ShipmentStage::Shipped | ShipmentStage::Exception, arrival)) => arrival,
                _ if !state.sites.get(usize::from(a.site.0)).is_some_and(|now| now.access.takes_orders()) => {
                    None
                }
                _ => state.network.lanes.get(a.lane).and_then(|lane| state.network.arrival(lane, a.ship_day)),
            };
            match arrival {
                Some(day) => last = Some(last.map_or(day, |had| had.max(day))),
                None => return Expected::Unknown,
            }
        }
    }
    last.map_or(Expected::Nothing, Expected::On)
}
