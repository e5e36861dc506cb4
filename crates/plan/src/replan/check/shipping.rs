//! A lane's price: for the parcel, for each unit, and for each unit's weight rounded up to a minor unit.

use super::{Found, Seen};

pub(super) fn check(seen: &Seen, found: &mut Found) {
    let parcels: i64 = seen.parcels.iter().map(|parcel| seen.problem.lanes[parcel.1 as usize].fix).sum();
    let units: i64 = seen
        .pieces
        .iter()
        .map(|at| {
            let grams = i64::from(seen.problem.skus[at.line.sku.0 as usize].weight_g);
            let thousandths = at.lane.per_kg * grams;
            let weight = thousandths / 1000 + i64::from(thousandths % 1000 > 0);
            i64::from(at.piece.quantity) * (at.lane.per_unit + weight)
        })
        .sum();
    found.cost("shipping", seen.plan.cost_parts().shipping, parcels + units);
}
