//! Typed identifiers: dense numbers allocated by the writer in order, one type for each noun.
//!
//! An id is an index into the state's table of its noun, so a look-up is an array access, and an id never
//! shifts when another entity is added. What the outside world calls a thing (the merchant's order number,
//! a SKU code) is an [`ExternalRef`] and is resolved to an id at the edge.

use serde::{Deserialize, Serialize};

/// A dense index that names one entity of one kind.
pub trait Id: Copy + Ord + core::fmt::Debug {
    /// The id of the entity at `index`.
    fn from_index(index: usize) -> Self;
    /// The position of this entity in its table.
    fn index(self) -> usize;
}

macro_rules! id {
    ($(#[$doc:meta] $name:ident($int:ty) $prefix:literal;)*) => {$(
        #[$doc]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Debug)]
        #[serde(transparent)]
        pub struct $name(pub $int);

        impl Id for $name {
            fn from_index(index: usize) -> Self {
                Self(<$int>::try_from(index).expect(concat!("more ", stringify!($name), "s than its integer holds")))
            }
            fn index(self) -> usize { self.0 as usize }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl core::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix($prefix)
                    .and_then(|digits| digits.parse().ok())
                    .map(Self)
                    .ok_or_else(|| IdError { text: text.to_owned(), example: concat!($prefix, "1") })
            }
        }
    )*};
}

/// A text that is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("read id {text:?}: expected the form {example}")]
pub struct IdError {
    text: String,
    example: &'static str,
}

id! {
    /// Owns SKUs, stock and orders.
    MerchantId(u16) "mer-";
    /// A place that ships: fulfilment centre, store as hub, 3PL centre, standby backup.
    SiteId(u16) "site-";
    /// A carrier.
    CarrierId(u16) "car-";
    /// A destination area.
    ZoneId(u16) "zone-";
    /// A carrier's service: ground, two-day, local courier.
    ServiceId(u16) "svc-";
    /// A way from a site to a zone by a carrier's service.
    LaneId(u32) "lane-";
    /// A stock-keeping unit of one merchant.
    SkuId(u32) "sku-";
    /// An order.
    OrderId(u32) "ord-";
    /// What leaves one site for one order together; it has packages.
    ShipmentId(u32) "shp-";
    /// Goods on the way between two sites.
    TransferId(u32) "trf-";
    /// A disaster, from the watch to the review.
    IncidentId(u32) "inc-";
    /// A re-plan that was adopted.
    PlanId(u32) "plan-";
    /// What a customer or partner is told, once.
    NoticeId(u32) "not-";
    /// An operator's carrying of a merchant who lost its sites.
    TakeoverId(u32) "tko-";
    /// A call to a partner or to staff.
    CallId(u32) "call-";
    /// The person behind an order; owner of one sealed blob of personal data.
    SubjectId(u32) "sub-";
}

/// What the outside calls an entity: the merchant's order number, a SKU code, a tracking number.
pub type ExternalRef = Box<str>;

#[cfg(test)]
mod tests {
    use super::{Id, OrderId, SiteId};

    #[test]
    fn an_id_reads_back_from_its_text_and_not_from_another_kind() {
        assert_eq!("ord-17".parse::<OrderId>(), Ok(OrderId(17)));
        assert!("site-17".parse::<OrderId>().is_err());
        assert_eq!(SiteId::from_index(3).to_string(), "site-3");
    }
}
