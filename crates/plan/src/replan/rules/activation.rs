//! A standby site costs its activation once, if anything ships from it.

use crate::replan::problem::{Site, SiteStatus};

/// What using the site at all costs.
pub(crate) fn cost(site: &Site) -> i64 {
    match site.status {
        SiteStatus::Standby { activation, .. } => activation,
        SiteStatus::Usable | SiteStatus::Down => 0,
    }
}
