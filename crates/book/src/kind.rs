//! The closed lists of the book: what a site, a lane, an order's state and a consent may be.

/// Declares an enum whose variants have one spelling in files.
macro_rules! listed {
    ($(#[doc = $about:literal])+ $name:ident, default $default:ident { $($(#[doc = $doc:literal])+ $variant:ident = $text:literal,)+ }) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[doc = $doc])+ $variant,)+ }

        impl $name {
            /// Every value, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The spelling in files.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The value of a spelling; case, blanks, hyphens and underscores do not matter.
            #[must_use]
            pub fn from_text(text: &str) -> Option<Self> {
                let plain = |text: &str| -> String {
                    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
                };
                let wanted = plain(text);
                Self::ALL.iter().copied().find(|value| plain(value.text()) == wanted)
            }
        }

        impl Default for $name {
            fn default() -> Self { Self::$default }
        }

        impl $crate::cell::Cell for $name {
            const KIND: &'static str = concat!("one of", $(" `", $text, "`"),+);
            fn parse(text: &str, _: &$crate::cell::Context) -> Result<Self, $crate::cell::CellError> {
                Self::from_text(text).ok_or_else(|| $crate::cell::CellError::NotListed {
                    allowed: concat!($($text, " "),+).trim_end(),
                })
            }
            fn show(&self) -> String { self.text().to_owned() }
        }
    };
}

listed! {
    /// What kind of place a site is.
    SiteKind, default Centre {
        /// A fulfilment centre of the operator.
        Centre = "centre",
        /// A store that ships as a hub.
        StoreHub = "store_hub",
        /// A centre run by a third-party logistics company, which must accept recalls.
        ThirdParty = "third_party",
        /// A backup that ships only after its contract is activated.
        Standby = "standby",
    }
}

listed! {
    /// How a lane moves goods.
    LaneKind, default Parcel {
        /// A parcel carrier's ordinary service.
        Parcel = "parcel",
        /// By road over long distance.
        Road = "road",
        /// By air.
        Air = "air",
        /// By sea ferry.
        Ferry = "ferry",
        /// Line-haul to a hub near the customers, then parcels (zone skipping).
        Hub = "hub",
        /// The customer collects.
        Pickup = "pickup",
        /// A local courier or the operator's own van.
        Courier = "courier",
    }
}

listed! {
    /// Where an order stands when it is handed over.
    OrderStatus, default Open {
        /// Received and to be shipped.
        Open = "open",
        /// Waits for a person: payment, address, fraud check.
        Held = "held",
        /// Given to its site already.
        Released = "released",
        /// On its way.
        Shipped = "shipped",
        /// With the customer.
        Delivered = "delivered",
        /// Cancelled as a whole.
        Cancelled = "cancelled",
        /// Waits for stock.
        Backordered = "backordered",
    }
}

listed! {
    /// How urgent an order is.
    Priority, default Standard {
        /// As promised.
        Standard = "standard",
        /// Paid for speed.
        Express = "express",
        /// Medical, infant or other goods somebody depends on.
        Vital = "vital",
    }
}

listed! {
    /// What a customer has agreed to. What the law requires to be told needs no consent.
    Consent, default Email {
        /// Updates about orders by mail.
        Email = "email",
        /// Updates about orders by text message.
        Sms = "sms",
        /// Updates about orders by KakaoTalk.
        Kakao = "kakao",
        /// Calls about orders.
        Phone = "phone",
        /// Advertising.
        Marketing = "marketing",
    }
}
