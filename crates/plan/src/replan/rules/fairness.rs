//! A merchant with a floor keeps at least that weight of its promises. A line counts with its order's weight
//! and is kept if every unit of it arrives by the promise. Held lines count neither way.

use crate::replan::problem::{Order, Problem};

/// Weight one line of the order has in its merchant's floor.
pub(crate) fn weight(order: &Order) -> u64 {
    u64::from(order.weight)
}

/// Weight of all lines to be decided, by merchant.
pub(crate) fn totals(problem: &Problem) -> Vec<u64> {
    let mut totals = vec![0; problem.merchants.len()];
    for order in &problem.orders {
        let lines = order.lines.iter().filter(|line| line.held.is_none()).count();
        totals[usize::from(order.merchant)] += weight(order) * lines as u64;
    }
    totals
}
