//! Each parcel of an order after its first costs the order's split cost; a line comes whole unless it may split.

use crate::replan::problem::Order;

/// Cost of sending the order in this many parcels.
pub(crate) fn cost(order: &Order, parcels: usize) -> i64 {
    order.split_cost * parcels.saturating_sub(1) as i64
}

/// Least units of a line a site must have to be of any use to it.
pub(crate) fn least_units(may_split: bool, units: u32) -> u32 {
    if may_split { 1 } else { units }
}
