//! A held line is not decided: it gets no piece and no backorder, and says why.

use super::{Code, Found, Seen};
use crate::replan::plan::Reason;

pub(super) fn check(seen: &Seen, found: &mut Found) {
    for (number, order, position, _, line) in seen.lines() {
        let decided = seen.plan.line(number);
        let Some(why) = line.held else { continue };
        let untouched = decided.backordered == 0 && seen.plan.pieces_of(number).is_empty();
        if !untouched || decided.reason != Reason::Held(why) {
            found.add(Code::HeldDecided, format!("order {order} line {position}"), format!("held: {why:?}"));
        }
    }
}
