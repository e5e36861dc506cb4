//! Channels: the other ways goods get to a customer, each as a lane with its own cost and lead time.
//!
//! A store used as a hub, a pick-up point, a local courier, zone skipping (line-haul to a hub near the customers,
//! then parcels) and the operator's own van all come down to the same three things a planner needs: what a parcel
//! costs, what a kilogram costs, and how many working days pass. Costs of a trip are shared by the parcels on it;
//! how many those are is said, never assumed.

use holdfast_domain::money::{Money, MoneyError, Rounding};
use holdfast_domain::time::Span;
use serde::{Deserialize, Serialize};

/// What kind of channel a lane is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A parcel carrier from the site to the door.
    Parcel,
    /// From a store used as a hub.
    StoreHub,
    /// To a point where the customer picks it up.
    PickUp,
    /// A local courier.
    Courier,
    /// Line-haul to a hub near the customers, then parcels.
    ZoneSkip,
    /// The operator's own van.
    OwnVan,
}

/// What a lane costs and how long it takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LaneTerms {
    /// The channel.
    pub channel: Channel,
    /// For each parcel.
    pub parcel: Money,
    /// For each kilogram.
    pub kg: Money,
    /// Working days from hand-over to the customer.
    pub days: u16,
}

/// Why a channel could not be priced.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// A trip that carries nothing has no cost for each parcel.
    #[error("price {channel:?}: a trip shared by no parcel; say how many parcels it carries")]
    EmptyTrip {
        /// The channel.
        channel: Channel,
    },
    /// The lane that goes on is no parcel lane.
    #[error("price {channel:?}: the lane it goes on with is {onward:?}; give a parcel lane")]
    Onward {
        /// The channel.
        channel: Channel,
        /// The kind of lane given.
        onward: Channel,
    },
    /// Amounts that do not add up.
    #[error("price a channel")]
    Money(#[from] MoneyError),
}

/// A trip between two places that many parcels share.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SharedTrip {
    /// Length, metres.
    pub length_m: u64,
    /// Cost of each kilometre.
    pub per_km: Money,
    /// Cost of the trip besides its kilometres: driver, tolls, loading.
    pub fixed: Money,
    /// How long it takes.
    pub takes: Span,
    /// Parcels on it.
    pub parcels: u32,
}

impl SharedTrip {
    /// What the whole trip costs.
    ///
    /// # Errors
    /// [`ChannelError::Money`].
    pub fn cost(&self) -> Result<Money, ChannelError> {
        let metres = i64::try_from(self.length_m).map_err(|_| MoneyError::Overflow)?;
        Ok(self.fixed.plus(self.per_km.share(metres, 1000, Rounding::HalfUp)?)?)
    }

    /// What each parcel bears of it, rounded to the nearest minor unit.
    fn per_parcel(&self, channel: Channel) -> Result<Money, ChannelError> {
        if self.parcels == 0 {
            return Err(ChannelError::EmptyTrip { channel });
        }
        Ok(self.cost()?.share(1, i64::from(self.parcels), Rounding::HalfUp)?)
    }

    /// Working days of a trip that sets out at the end of a day: one for each begun 24 hours.
    fn days(&self) -> u16 {
        u16::try_from(self.takes.0.div_ceil(Span::days(1).0)).unwrap_or(u16::MAX)
    }
}

/// Zone skipping: a truck takes the parcels to a hub near their customers, where `onward` begins.
///
/// # Errors
/// [`ChannelError::EmptyTrip`], [`ChannelError::Onward`], [`ChannelError::Money`].
///
/// ```
/// use holdfast_domain::{money::{Currency, Money}, time::Span};
/// use holdfast_plan::route::channel::{Channel, LaneTerms, SharedTrip, zone_skip};
/// let usd = |cents| Money::new(cents, Currency::USD);
/// let onward = LaneTerms { channel: Channel::Parcel, parcel: usd(545), kg: usd(24), days: 1 };
/// // 1,000 km at 1.40 dollars, 150 dollars for loading, 800 parcels: 1.94 dollars each.
/// let haul = SharedTrip { length_m: 1_000_000, per_km: usd(140), fixed: usd(15_000), takes: Span::hours(14), parcels: 800 };
/// let lane = zone_skip(&haul, &onward).unwrap();
/// assert_eq!((lane.parcel, lane.days), (usd(545 + 194), 2));
/// ```
pub fn zone_skip(line_haul: &SharedTrip, onward: &LaneTerms) -> Result<LaneTerms, ChannelError> {
    let channel = Channel::ZoneSkip;
    if onward.channel != Channel::Parcel {
        return Err(ChannelError::Onward { channel, onward: onward.channel });
    }
    let parcel = onward.parcel.plus(line_haul.per_parcel(channel)?)?;
    Ok(LaneTerms { channel, parcel, days: line_haul.days().saturating_add(onward.days), ..*onward })
}

/// A store used as a hub: `feed` brings the goods to the store, which ships them by `onward` and takes
/// `handling` for each parcel.
///
/// # Errors
/// As [`zone_skip`].
pub fn store_hub(feed: &SharedTrip, handling: Money, onward: &LaneTerms) -> Result<LaneTerms, ChannelError> {
    let by_truck = zone_skip(feed, onward)?;
    Ok(LaneTerms { channel: Channel::StoreHub, parcel: by_truck.parcel.plus(handling)?, ..by_truck })
}

/// A pick-up point: a trip brings the parcels to the point, which takes a fee for each; the customer does the
/// rest.
///
/// # Errors
/// [`ChannelError::EmptyTrip`], [`ChannelError::Money`].
pub fn pick_up(trip: &SharedTrip, fee: Money) -> Result<LaneTerms, ChannelError> {
    let channel = Channel::PickUp;
    let parcel = trip.per_parcel(channel)?.plus(fee)?;
    Ok(LaneTerms { channel, parcel, kg: Money::zero(fee.currency()), days: trip.days().max(1) })
}

/// A local courier: a fee for each parcel and so much a kilometre to the customer, the next working day.
///
/// # Errors
/// [`ChannelError::Money`].
pub fn courier(fee: Money, per_km: Money, length_m: u64) -> Result<LaneTerms, ChannelError> {
    let metres = i64::try_from(length_m).map_err(|_| MoneyError::Overflow)?;
    let parcel = fee.plus(per_km.share(metres, 1000, Rounding::HalfUp)?)?;
    Ok(LaneTerms { channel: Channel::Courier, parcel, kg: Money::zero(fee.currency()), days: 1 })
}

/// The operator's own van on a tour: its stops share the tour.
///
/// # Errors
/// [`ChannelError::EmptyTrip`], [`ChannelError::Money`].
pub fn own_van(tour: &SharedTrip) -> Result<LaneTerms, ChannelError> {
    let channel = Channel::OwnVan;
    let parcel = tour.per_parcel(channel)?;
    Ok(LaneTerms { channel, parcel, kg: Money::zero(parcel.currency()), days: tour.days().max(1) })
}

#[cfg(test)]
mod tests {
    use super::{
        Channel, ChannelError, LaneTerms, SharedTrip, courier, own_van, pick_up, store_hub, zone_skip,
    };
    use holdfast_domain::money::{Currency, Money, MoneyError};
    use holdfast_domain::time::Span;

    fn usd(cents: i64) -> Money {
        Money::new(cents, Currency::USD)
    }

    fn trip(parcels: u32) -> SharedTrip {
        let (length_m, per_km, fixed) = (320_000, usd(150), usd(9_000));
        SharedTrip { length_m, per_km, fixed, takes: Span::hours(30), parcels }
    }

    const ONWARD: LaneTerms = LaneTerms {
        channel: Channel::Parcel,
        parcel: Money::new(500, Currency::USD),
        kg: Money::new(20, Currency::USD),
        days: 1,
    };

    #[test]
    fn a_trip_is_shared_to_the_nearest_cent() {
        // 320 km x 1.50 + 90 = 570 dollars over 700 parcels: 81.43 cents each.
        assert_eq!(trip(700).cost(), Ok(usd(57_000)));
        assert_eq!(zone_skip(&trip(700), &ONWARD).unwrap().parcel, usd(581));
        assert_eq!(own_van(&trip(700)).unwrap().parcel, usd(81));
    }

    #[test]
    fn each_channel_has_its_own_lead_time() {
        let check = |lane: Result<LaneTerms, ChannelError>, channel, cents, days| {
            let lane = lane.unwrap();
            assert_eq!((lane.channel, lane.parcel, lane.days), (channel, usd(cents), days));
        };
        check(zone_skip(&trip(100), &ONWARD), Channel::ZoneSkip, 1070, 3);
        check(store_hub(&trip(100), usd(90), &ONWARD), Channel::StoreHub, 1160, 3);
        check(pick_up(&trip(100), usd(110)), Channel::PickUp, 680, 2);
        check(courier(usd(600), usd(40), 12_500), Channel::Courier, 1100, 1);
        check(own_van(&trip(100)), Channel::OwnVan, 570, 2);
    }

    #[test]
    fn what_cannot_be_priced_is_refused() {
        let empty = ChannelError::EmptyTrip { channel: Channel::ZoneSkip };
        assert_eq!(zone_skip(&trip(0), &ONWARD), Err(empty));
        let twice = zone_skip(&trip(1), &ONWARD).unwrap();
        assert!(matches!(zone_skip(&trip(1), &twice), Err(ChannelError::Onward { .. })));
        let won = Money::new(3000, Currency::KRW);
        assert!(matches!(pick_up(&trip(1), won), Err(ChannelError::Money(MoneyError::Mixed { .. }))));
    }
}
