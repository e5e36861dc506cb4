//! A held line is not decided: it gets no piece, no backorder and no cost.

use crate::replan::problem::Line;

/// Whether the plan may decide the line.
pub(crate) fn free(line: &Line) -> bool {
    line.held.is_none()
}
