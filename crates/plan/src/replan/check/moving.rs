//! A piece from elsewhere than planned costs its line's move cost, unless the planned site is lost.

use super::{Found, Seen};
use crate::replan::problem::SiteStatus;

pub(super) fn check(seen: &Seen, found: &mut Found) {
    let mut cost = 0;
    for at in &seen.pieces {
        let Some(planned) = at.line.planned else { continue };
        let lost = seen.problem.sites[usize::from(planned.0)].status == SiteStatus::Down;
        if !lost && at.piece.site != planned {
            cost += at.line.move_cost;
        }
    }
    found.cost("moving", seen.plan.cost_parts().moving, cost);
}
