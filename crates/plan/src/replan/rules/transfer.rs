//! Stock of one site ships from another after a truck has carried it there: later, and at the truck's cost. It is the
//! first site's stock that is taken, and the second's parcel, work and lane that are used.

use crate::replan::problem::{Haul, Site, SiteStatus, Sku, Stock};

use super::storage;

/// Whether the truck may carry this stock at all.
pub(crate) fn may(haul: &Haul, from: &Site, to: &Site, stock: &Stock, sku: &Sku) -> bool {
    haul.from == stock.site
        && haul.from != haul.to
        && from.status == SiteStatus::Usable
        && stock.from_day <= haul.leaves_day
        && haul.skus.binary_search(&stock.sku).is_ok()
        && storage::site_may(from, sku)
        && storage::site_may(to, sku)
}

/// What carrying a unit that weighs `weight_g` costs.
pub(crate) fn unit(haul: &Haul, weight_g: u32) -> i64 {
    haul.per_unit + (haul.per_kg * i64::from(weight_g) + 999) / 1000
}
