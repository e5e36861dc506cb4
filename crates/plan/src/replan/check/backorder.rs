//! What is not shipped costs a fixed amount for the line and an amount for each unit.

use super::{Found, Seen};

pub(super) fn check(seen: &Seen, found: &mut Found) {
    let mut cost = 0;
    for (number, _, _, _, line) in seen.lines() {
        let units = seen.plan.line(number).backordered;
        if units > 0 && line.held.is_none() {
            cost += line.backorder_cost + line.backorder_unit * i64::from(units);
        }
    }
    found.cost("backorder", seen.plan.cost_parts().backorder, cost);
}
