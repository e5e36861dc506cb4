//! Site and lane may handle the SKU's class, and the lane carries a unit's weight.

use super::{Code, Found, Seen};

pub(super) fn check(seen: &Seen, found: &mut Found) {
    for at in &seen.pieces {
        let sku = seen.problem.skus[at.line.sku.0 as usize];
        let bit = 1_u32 << sku.class;
        let site = &seen.problem.sites[usize::from(at.piece.site.0)];
        if site.allows & bit == 0 {
            found.add(Code::ClassForbidden, at.place(), format!("class {} at {}", sku.class, at.piece.site));
        }
        if at.lane.allows & bit == 0 {
            found.add(Code::ClassForbidden, at.place(), format!("class {} on {}", sku.class, at.piece.lane));
        }
        if sku.weight_g > at.lane.unit_max_g {
            found.add(Code::ClassForbidden, at.place(), format!("{} g on {}", sku.weight_g, at.piece.lane));
        }
    }
}
