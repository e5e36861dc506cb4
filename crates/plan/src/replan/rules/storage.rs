//! Storage and hazard classes: the site may hold the SKU's class, the lane may carry it and is not too weak for a unit.

use crate::replan::problem::{Lane, Site, Sku};

/// Whether the site may handle the SKU.
pub(crate) fn site_may(site: &Site, sku: &Sku) -> bool {
    site.allows >> sku.class & 1 == 1
}

/// Whether the lane may carry the SKU.
pub(crate) fn lane_may(lane: &Lane, sku: &Sku) -> bool {
    lane.allows >> sku.class & 1 == 1 && sku.weight_g <= lane.unit_max_g
}
