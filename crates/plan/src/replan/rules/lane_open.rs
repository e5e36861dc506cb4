//! A parcel leaves only on a day on which its lane is open.

use crate::replan::problem::Lane;

/// Whether a parcel may leave on `day`.
pub(crate) fn open(lane: &Lane, day: u16) -> bool {
    lane.open_from <= day && day < lane.open_until
}
