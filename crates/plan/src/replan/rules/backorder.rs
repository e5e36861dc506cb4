//! What is not shipped costs a fixed amount for the line and an amount for each unit.

use crate::replan::problem::Line;

/// Cost of leaving `units` of the line, at least one, on backorder.
pub(crate) fn cost(line: &Line, units: u32) -> i64 {
    line.backorder_cost + line.backorder_unit * i64::from(units)
}
