//! Nothing of an order ships before its earliest day, nor stock before it is there.

/// First day on which stock that is there from `stock_from` may ship for an order.
pub(crate) fn first(order_earliest: u16, stock_from: u16) -> u16 {
    order_earliest.max(stock_from)
}
