//! The parcels and units that leave a site on a day take no more work than it can do that day.

use std::collections::BTreeMap;

use super::{Code, Found, Seen};

pub(super) fn check(seen: &Seen, found: &mut Found) {
    let mut done: BTreeMap<(usize, u16), u128> = BTreeMap::new();
    for at in &seen.pieces {
        let site = usize::from(at.piece.site.0);
        let work = u128::from(seen.problem.sites[site].work_unit) * u128::from(at.piece.quantity);
        *done.entry((site, at.piece.day)).or_insert(0) += work;
    }
    for &(_, lane, day) in &seen.parcels {
        let site = usize::from(seen.problem.lanes[lane as usize].site.0);
        *done.entry((site, day)).or_insert(0) += u128::from(seen.problem.sites[site].work_parcel);
    }
    for ((site, day), work) in done {
        let capacity = u128::from(seen.problem.sites[site].capacity[usize::from(day)]);
        if work > capacity {
            found.add(
                Code::CapacityExceeded,
                format!("site-{site} day {day}"),
                format!("{work} work units of {capacity}"),
            );
        }
    }
}
