//! A merchant with a floor keeps at least that weight of its promises.

use super::{Code, Found, Seen};

pub(super) fn check(seen: &Seen, found: &mut Found) {
    let mut kept = vec![0_u64; seen.problem.merchants.len()];
    let mut late = vec![false; seen.plan.line_count()];
    let mut first_line = 0;
    let mut starts = Vec::new();
    for order in &seen.problem.orders {
        starts.push(first_line);
        first_line += order.lines.len();
    }
    for at in &seen.pieces {
        late[starts[at.order_index] + at.line_index] |= at.arrives() > u64::from(at.order.promise_day);
    }
    for (number, _, _, order, line) in seen.lines() {
        if line.held.is_none() && seen.plan.line(number).backordered == 0 && !late[number] {
            kept[usize::from(order.merchant)] += u64::from(order.weight);
        }
    }
    for (merchant, (rule, kept)) in seen.problem.merchants.iter().zip(kept).enumerate() {
        if kept < rule.kept_floor {
            let text = format!("keeps {kept}, the floor is {}", rule.kept_floor);
            found.add(Code::FloorMissed, format!("mer-{merchant}"), text);
        }
    }
}
