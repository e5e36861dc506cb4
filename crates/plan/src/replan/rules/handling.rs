//! Ways other than plain parcels cost extra handling, by parcel and by unit.

use crate::replan::problem::Lane;

/// Extra handling of a parcel.
pub(crate) fn parcel(lane: &Lane) -> i64 {
    lane.handling_parcel
}

/// Extra handling of a unit.
pub(crate) fn unit(lane: &Lane) -> i64 {
    lane.handling_unit
}
