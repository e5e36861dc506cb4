//! A standby site that ships is activated, and each activated site is paid once.

use super::{Code, Found, Seen, site_name};
use crate::replan::problem::SiteStatus;

pub(super) fn check(seen: &Seen, found: &mut Found) {
    let activated = seen.plan.activated();
    if activated.windows(2).any(|pair| pair[0] >= pair[1]) {
        found.add(Code::NotActivated, "plan", "activated sites are not ascending");
    }
    let mut cost = 0;
    for &site in activated {
        match seen.problem.sites.get(usize::from(site.0)).map(|site| site.status) {
            Some(SiteStatus::Standby { activation, .. }) => cost += activation,
            _ => found.add(Code::NotActivated, site_name(site), "activated, but no standby site"),
        }
    }
    found.cost("activation", seen.plan.cost_parts().activation, cost);
    for at in &seen.pieces {
        let status = seen.problem.sites[usize::from(at.piece.site.0)].status;
        if matches!(status, SiteStatus::Standby { .. }) && !activated.contains(&at.piece.site) {
            found.add(Code::NotActivated, at.place(), format!("{} is not activated", at.piece.site));
        }
    }
}
