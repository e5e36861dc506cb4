//! Stock: what lies where, what of it is spoken for, and what nobody may touch.

use serde::{Deserialize, Serialize};

use crate::id::{Id, SiteId, SkuId};
use crate::quantity::{Quantity, Shortage};
use crate::table::{Digest, Table};

/// One SKU at one site.
///
/// Invariant: `reserved + quarantined <= on_hand`. A closed site's whole stock is out of reach by the site's
/// own state and is not moved on paper; `quarantined` counts what is set aside at an open one.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Shelf {
    /// Units believed to lie there.
    pub on_hand: u32,
    /// Units of it promised to orders that have not left.
    pub reserved: u32,
    /// Units of it that may not be sold: damaged, recalled, in doubt.
    pub quarantined: u32,
}

impl Shelf {
    /// Units that can be promised, were the site open.
    #[must_use]
    pub const fn available(self) -> Quantity {
        Quantity(self.on_hand.saturating_sub(self.reserved).saturating_sub(self.quarantined))
    }

    /// Whether the invariant holds.
    #[must_use]
    pub fn is_sound(self) -> bool {
        self.reserved.checked_add(self.quarantined).is_some_and(|taken| taken <= self.on_hand)
    }

    /// The shelf with `quantity` more reserved.
    ///
    /// # Errors
    /// The units that are not there: this is where oversell is refused.
    pub fn reserve(self, quantity: Quantity) -> Result<Self, Shortage> {
        self.available().take(quantity)?;
        Ok(Self { reserved: self.reserved + quantity.0, ..self })
    }
}

/// A position in the stock table: SKU major, so that one order line looks at all sites in one place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct ShelfIndex(usize);

impl Id for ShelfIndex {
    fn from_index(index: usize) -> Self {
        Self(index)
    }
    fn index(self) -> usize {
        self.0
    }
}

/// All shelves.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stock {
    stride: usize,
    shelves: Table<ShelfIndex, Shelf>,
}

impl Default for Stock {
    fn default() -> Self {
        Self { stride: Self::FIRST_STRIDE, shelves: Table::default() }
    }
}

impl Stock {
    /// Sites for which there is room before the table has to be laid out again.
    const FIRST_STRIDE: usize = 16;

    /// The shelf of `sku` at `site`; an empty one where nothing ever lay.
    #[must_use]
    pub fn shelf(&self, site: SiteId, sku: SkuId) -> Shelf {
        if site.index() >= self.stride {
            return Shelf::default();
        }
        self.shelves.get(ShelfIndex(sku.index() * self.stride + site.index())).copied().unwrap_or_default()
    }

    /// The shelf for writing; room is made for new SKUs and sites.
    pub fn shelf_mut(&mut self, site: SiteId, sku: SkuId) -> &mut Shelf {
        if site.index() >= self.stride {
            self.widen(site.index() + 1);
        }
        let at = sku.index() * self.stride + site.index();
        while self.shelves.len() <= at {
            self.shelves.push(Shelf::default());
        }
        self.shelves.get_mut(ShelfIndex(at)).expect("room was made above")
    }

    /// Every shelf something ever lay on, ordered by SKU, then site.
    pub fn iter(&self) -> impl Iterator<Item = (SkuId, SiteId, Shelf)> + '_ {
        let stride = self.stride;
        self.shelves.iter().filter(|(_, shelf)| **shelf != Shelf::default()).map(move |(at, shelf)| {
            (SkuId::from_index(at.0 / stride), SiteId::from_index(at.0 % stride), *shelf)
        })
    }

    /// The digest of all shelves.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.shelves.digest()
    }

    /// The digest computed from nothing.
    #[must_use]
    pub fn digest_afresh(&self) -> Digest {
        self.shelves.digest_afresh()
    }

    fn widen(&mut self, sites: usize) {
        let old = std::mem::take(self);
        self.stride = sites.next_power_of_two().max(old.stride);
        let skus = old.shelves.len().div_ceil(old.stride);
        for sku in 0..skus {
            for site in 0..self.stride {
                let inside = site < old.stride;
                let shelf = old.shelves.get(ShelfIndex(sku * old.stride + site)).filter(|_| inside);
                self.shelves.push(shelf.copied().unwrap_or_default());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Shelf, Stock};
    use crate::id::{SiteId, SkuId};
    use crate::quantity::Quantity;

    #[test]
    fn a_shelf_never_promises_what_is_not_there() {
        let shelf = Shelf { on_hand: 5, reserved: 2, quarantined: 1 };
        assert_eq!(shelf.reserve(Quantity(2)).unwrap().reserved, 4);
        assert_eq!(shelf.reserve(Quantity(3)).unwrap_err().0, Quantity(1));
    }

    #[test]
    fn a_seventeenth_site_keeps_what_lay_at_the_others() {
        let mut stock = Stock::default();
        for sku in 0..5 {
            stock.shelf_mut(SiteId(15), SkuId(sku)).on_hand = sku + 1;
        }
        stock.shelf_mut(SiteId(16), SkuId(2)).on_hand = 99;
        for sku in 0..5 {
            assert_eq!(stock.shelf(SiteId(15), SkuId(sku)).on_hand, sku + 1);
        }
        assert_eq!(stock.shelf(SiteId(16), SkuId(2)).on_hand, 99);
        assert_eq!(stock.iter().count(), 6);
    }
}
