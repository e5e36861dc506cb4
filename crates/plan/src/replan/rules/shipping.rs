//! A lane's price: for the parcel, for each unit, and for each unit's weight rounded up to a minor unit.

use crate::replan::problem::Lane;

/// Price of a parcel.
pub(crate) fn parcel(lane: &Lane) -> i64 {
    lane.fix
}

/// Price of a unit that weighs `weight_g`.
pub(crate) fn unit(lane: &Lane, weight_g: u32) -> i64 {
    lane.per_unit + (lane.per_kg * i64::from(weight_g) + 999) / 1000
}
