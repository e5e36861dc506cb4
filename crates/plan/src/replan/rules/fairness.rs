//! A merchant with a floor keeps at least that weight of its promises. A line counts with its order's weight
//! and is kept if every unit of it arrives by the promise. Held lines count neither way.

use crate::replan::plan::Plan;
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

/// Weight of the promises the plan keeps, by merchant.
pub(crate) fn kept(problem: &Problem, plan: &Plan) -> Vec<u64> {
    let mut kept = vec![0; problem.merchants.len()];
    for (index, order) in problem.orders.iter().enumerate() {
        let first = problem.first_line(index);
        for (number, line) in order.lines.iter().enumerate().filter(|(_, line)| line.held.is_none()) {
            let late = plan.pieces_of(first + number).iter().any(|piece| {
                let arrival = u32::from(piece.day) + u32::from(problem.lane(piece.lane).transit(piece.day));
                arrival > u32::from(order.promise_day)
            });
            let shipped: u32 = plan.pieces_of(first + number).iter().map(|piece| piece.quantity).sum();
            if !late && shipped == line.quantity {
                kept[usize::from(order.merchant)] += weight(order);
            }
        }
    }
    kept
}
