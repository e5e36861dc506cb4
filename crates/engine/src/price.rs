//! Price tables: the shadow prices of scarce stock and capacity, as an immutable artefact known by its digest.
//!
//! Prices steer choices and are never paid. A table comes from a re-plan's bound and is replaced as a whole; the
//! event that adopts it names the digest, and each sourcing event carries the price it saw.

use std::collections::BTreeMap;

use holdfast_domain::id::{SiteId, SkuId};
use holdfast_domain::table::{Digest, digest_of};
use holdfast_domain::time::Day;
use serde::{Deserialize, Serialize};

/// Shadow prices in the operator's minor units; what is not listed has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceTable {
    /// Of a unit of stock.
    pub stock: BTreeMap<(SkuId, SiteId), i64>,
    /// Of a work unit on a day.
    pub capacity: BTreeMap<(SiteId, Day), i64>,
}

impl PriceTable {
    /// The price of a unit of `sku` at `site`.
    #[must_use]
    pub fn of_stock(&self, site: SiteId, sku: SkuId) -> i64 {
        self.stock.get(&(sku, site)).copied().unwrap_or(0)
    }

    /// The price of a work unit at `site` on `day`.
    #[must_use]
    pub fn of_capacity(&self, site: SiteId, day: Day) -> i64 {
        self.capacity.get(&(site, day)).copied().unwrap_or(0)
    }

    /// The digest it is known by.
    #[must_use]
    pub fn digest(&self) -> Digest {
        digest_of(self)
    }
}
