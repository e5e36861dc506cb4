//! A piece of a line that arrives after the promise costs a fixed amount and an amount for each day.

use super::{Found, Seen};

pub(super) fn check(seen: &Seen, found: &mut Found) {
    let mut cost = 0;
    for at in &seen.pieces {
        let days = at.arrives() as i64 - i64::from(at.order.promise_day);
        if days > 0 {
            cost += at.order.late_cost + days * at.order.late_cost_day;
        }
    }
    found.cost("late", seen.plan.cost_parts().late, cost);
}
