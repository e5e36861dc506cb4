//! A piece that ships from elsewhere than planned costs its line's move cost, unless the planned site is lost.

use holdfast_domain::id::SiteId;

use crate::replan::problem::{Line, Site, SiteStatus};

/// Cost of shipping a piece of the line from `site`.
pub(crate) fn cost(line: &Line, sites: &[Site], site: SiteId) -> i64 {
    match line.planned {
        Some(planned) if planned != site && sites[usize::from(planned.0)].status != SiteStatus::Down => {
            line.move_cost
        }
        _ => 0,
    }
}
