//! The parcels and units that leave a site on a day take no more work than it can do that day.

use crate::replan::problem::Site;

/// Work of a parcel with `units` in it.
pub(crate) fn work(site: &Site, units: u32) -> u64 {
    u64::from(site.work_parcel) + u64::from(site.work_unit) * u64::from(units)
}
