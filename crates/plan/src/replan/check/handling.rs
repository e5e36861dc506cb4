//! Ways other than plain parcels cost extra handling, by parcel and by unit.

use super::{Found, Seen};

pub(super) fn check(seen: &Seen, found: &mut Found) {
    let mut cost = 0;
    for &(_, lane, _) in &seen.parcels {
        cost += seen.problem.lanes[lane as usize].handling_parcel;
    }
    for at in &seen.pieces {
        cost += at.lane.handling_unit * i64::from(at.piece.quantity);
    }
    found.cost("handling", seen.plan.cost_parts().handling, cost);
}
