//! A site ships only if it is not down, and a standby site only from its opening day.

use crate::replan::problem::{Site, SiteStatus};

/// First day the site ships, or never.
pub(crate) fn from_day(site: &Site) -> Option<u16> {
    match site.status {
        SiteStatus::Usable => Some(0),
        SiteStatus::Down => None,
        SiteStatus::Standby { opens_day, .. } => Some(opens_day),
    }
}
