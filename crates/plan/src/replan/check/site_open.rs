//! Nothing leaves a site that is down, nor a standby site before it opens.

use super::{Code, Found, Seen, site_name};
use crate::replan::problem::SiteStatus;

pub(super) fn check(seen: &Seen, found: &mut Found) {
    for at in &seen.pieces {
        let closed = match seen.problem.sites[usize::from(at.piece.site.0)].status {
            SiteStatus::Usable => false,
            SiteStatus::Down => true,
            SiteStatus::Standby { opens_day, .. } => at.piece.day < opens_day,
        };
        if closed {
            found.add(
                Code::SiteClosed,
                at.place(),
                format!("{} on day {}", site_name(at.piece.site), at.piece.day),
            );
        }
    }
}
