//! The demo books by their keys, as scenarios and the command line name them.

use super::{
    Options, florence, fourteen_sites_sixty_merchants, ian, korea, one_warehouse, third_party, two_warehouses,
};
use crate::model::Book;

/// A demo book under its key.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// The key.
    pub key: &'static str,
    /// Builds it from a seed.
    pub build: fn(u64, &Options) -> Book,
}

/// Every demo book.
pub const SHIPPED: [Shipped; 7] = [
    Shipped { key: "florence", build: florence },
    Shipped { key: "ian", build: ian },
    Shipped { key: "korea", build: korea },
    Shipped { key: "one-warehouse", build: one_warehouse },
    Shipped { key: "two-warehouses", build: two_warehouses },
    Shipped { key: "third-party", build: third_party },
    Shipped { key: "fourteen-sites", build: fourteen_sites_sixty_merchants },
];

/// The demo book of a key; `None` if there is none.
#[must_use]
pub fn shipped(key: &str) -> Option<Shipped> {
    SHIPPED.into_iter().find(|book| book.key == key)
}
