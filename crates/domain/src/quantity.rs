//! Quantities: whole sellable units. What cannot be taken away is returned as the shortage.

use serde::{Deserialize, Serialize};

/// A number of sellable units of one SKU. A pack of six that is sold as one is one unit; the SKU's pack
/// factor says how many pieces are in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, Debug)]
#[serde(transparent)]
pub struct Quantity(pub u32);

impl Quantity {
    /// No units.
    pub const ZERO: Self = Self(0);

    /// Whether there is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, or `None` past 32 bits.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// What is left after taking `wanted` away.
    ///
    /// # Errors
    /// The units that were missing.
    ///
    /// ```
    /// use holdfast_domain::quantity::{Quantity, Shortage};
    /// assert_eq!(Quantity(5).take(Quantity(3)), Ok(Quantity(2)));
    /// assert_eq!(Quantity(5).take(Quantity(8)), Err(Shortage(Quantity(3))));
    /// ```
    pub fn take(self, wanted: Self) -> Result<Self, Shortage> {
        self.0.checked_sub(wanted.0).map(Self).ok_or(Shortage(Self(wanted.0.wrapping_sub(self.0))))
    }

    /// What is left, or nothing.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// The units that were missing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shortage(pub Quantity);

impl core::fmt::Display for Quantity {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}", self.0)
    }
}
