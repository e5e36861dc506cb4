//! Nothing of an order ships before its earliest day, nor stock before it is there.

use crate::replan::problem::Order;

/// First day on which stock that is there from `stock_from` may ship for the order.
pub(crate) fn first(order: &Order, stock_from: u16) -> u16 {
    order.earliest_day.max(stock_from)
}
