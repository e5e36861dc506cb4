//! A piece of a line that arrives after the promise costs a fixed amount and an amount for each day.

use crate::replan::problem::Order;

/// Cost of a piece that arrives on `arrival_day`.
pub(crate) fn cost(order: &Order, arrival_day: u32) -> i64 {
    let promise = u32::from(order.promise_day);
    if arrival_day <= promise {
        0
    } else {
        order.late_cost + order.late_cost_day * i64::from(arrival_day - promise)
    }
}
