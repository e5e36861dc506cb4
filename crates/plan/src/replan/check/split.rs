//! A line comes whole unless it may split; each parcel of an order after its first costs its split cost.

use super::{Code, Found, Seen};

pub(super) fn check(seen: &Seen, found: &mut Found) {
    for (number, order, position, _, line) in seen.lines() {
        let pieces = seen.plan.pieces_of(number).len();
        let parts = pieces + usize::from(seen.plan.line(number).backordered > 0);
        if parts > 1 && !line.may_split {
            found.add(Code::LineSplit, format!("order {order} line {position}"), format!("{parts} parts"));
        }
    }
    let mut cost = 0;
    for (at, parcel) in seen.parcels.iter().enumerate() {
        if at > 0 && seen.parcels[at - 1].0 == parcel.0 {
            cost += seen.problem.orders[parcel.0].split_cost;
        }
    }
    found.cost("split", seen.plan.cost_parts().split, cost);
}
