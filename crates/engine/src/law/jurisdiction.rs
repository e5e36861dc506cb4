//! Whose rule applies to an order: that of the customer's country if it has one here, else the merchant's.
//!
//! Sources: Regulation (EC) No 593/2008 (Rome I), Article 6, for consumers in the Union; 16 CFR 435.2 "in or
//! affecting commerce" for what US sellers send elsewhere; Korea's Act on the Consumer Protection in
//! Electronic Commerce, Article 2, for Korean mail-order sellers.

use crate::holidays::Country;
use serde::{Deserialize, Serialize};

/// Whose rule applies.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Jurisdiction {
    /// The United States and their territories.
    UnitedStates,
    /// A member state of the European Union (or the EEA), with the holiday calendar to count in.
    EuropeanUnion(Country),
    /// The United Kingdom.
    UnitedKingdom,
    /// The Republic of Korea.
    Korea,
    /// No rule is known here.
    Unregulated,
}

/// What a rule's time runs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Milestone {
    /// The goods handed to the carrier.
    Shipment,
    /// The goods in the customer's hands.
    Delivery,
}

/// The Union's members and the three further states of the EEA, which apply the Directive too (ISO 3166-1).
const UNION_AND_EEA: [&str; 30] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT",
    "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];

impl Jurisdiction {
    /// The jurisdiction of an order that goes to `destination` from a merchant in `merchant`, both ISO 3166-1
    /// alpha-2 codes in either case.
    #[must_use]
    pub fn of(destination: &str, merchant: &str) -> Self {
        match Self::of_country(destination) {
            Self::Unregulated => Self::of_country(merchant),
            known => known,
        }
    }

    fn of_country(country: &str) -> Self {
        let country = country.trim().to_ascii_uppercase();
        match country.as_str() {
            "US" | "PR" | "GU" | "VI" | "AS" | "MP" => Self::UnitedStates,
            "GB" | "UK" => Self::UnitedKingdom,
            "KR" => Self::Korea,
            "DE" => Self::EuropeanUnion(Country::Germany),
            other if UNION_AND_EEA.contains(&other) => Self::EuropeanUnion(Country::EuropeanUnion),
            _ => Self::Unregulated,
        }
    }

    /// What the rule's time runs to, and so what a promised or revised day in the facts must mean. Where only
    /// a day of delivery was promised in a country that counts shipment, that day is the outer limit.
    #[must_use]
    pub const fn milestone(self) -> Milestone {
        match self {
            Self::UnitedStates | Self::Korea | Self::Unregulated => Milestone::Shipment,
            Self::EuropeanUnion(_) | Self::UnitedKingdom => Milestone::Delivery,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Jurisdiction;
    use crate::holidays::Country;

    #[test]
    fn the_destination_decides_and_the_merchant_where_it_has_no_rule() {
        for (destination, merchant, expected) in [
            ("US", "KR", Jurisdiction::UnitedStates),
            ("pr", "US", Jurisdiction::UnitedStates),
            ("KR", "US", Jurisdiction::Korea),
            ("DE", "US", Jurisdiction::EuropeanUnion(Country::Germany)),
            ("FR", "GB", Jurisdiction::EuropeanUnion(Country::EuropeanUnion)),
            ("GB", "FR", Jurisdiction::UnitedKingdom),
            ("CA", "US", Jurisdiction::UnitedStates),
            ("BR", "AR", Jurisdiction::Unregulated),
        ] {
            assert_eq!(Jurisdiction::of(destination, merchant), expected, "{destination} from {merchant}");
        }
    }
}
