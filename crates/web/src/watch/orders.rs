//! The order feed against itself: what this hour brings, compared with the same hours of the weeks before.
//!
//! The history is that of the live orders, so it reaches back as far as orders are kept open for returns. The hour that
//! runs is judged by the share of it that has passed, and so is the whole hour before it, so that a silence does not end
//! when the clock strikes.

use std::collections::BTreeMap;

use holdfast_app::service::View;
use holdfast_domain::id::MerchantId;
use holdfast_domain::time::{Stamp, Zone};
use holdfast_hazard::alert::{OrderBaseline, OrderFeedState, hour_of_week, order_feed};

use crate::app::zone_of;

const HOUR_MS: i64 = 3_600_000;
/// Hours of history that are learnt from: half a year.
const HOURS_MAX: i64 = 26 * 7 * 24;
/// Merchants that are looked at one by one.
const MERCHANTS_MAX: usize = 500;

/// What the orders do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderState {
    /// Too little history.
    Unknown,
    /// As usual.
    Usual,
    /// Far more than usual.
    Surge,
    /// Far fewer than usual.
    Silent,
}

impl OrderState {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Usual => "usual",
            Self::Surge => "surge",
            Self::Silent => "silent",
        }
    }

    /// Whether somebody has to look.
    #[must_use]
    pub const fn is_alarm(self) -> bool {
        matches!(self, Self::Surge | Self::Silent)
    }
}

/// What the orders of all, or of one merchant, do.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderAlarm {
    /// The merchant's code; none for all orders.
    pub merchant: Option<String>,
    /// What they do.
    pub state: OrderState,
    /// Orders of the hour that was judged, as far as it has run.
    pub orders: u32,
    /// Orders such an hour usually brings by then; none where that is not known or nothing is out of the usual.
    pub expected: Option<f64>,
    /// When that hour began.
    pub hour: Stamp,
}

impl OrderAlarm {
    /// Whose orders.
    #[must_use]
    pub fn of(&self) -> &str {
        self.merchant.as_deref().unwrap_or("all merchants")
    }
}

/// Counts by hour, of all orders and of each merchant.
type Counts = BTreeMap<Option<MerchantId>, BTreeMap<i64, u32>>;

/// What was learnt, and when.
#[derive(Default)]
pub(super) struct History {
    hour: i64,
    learnt: BTreeMap<Option<MerchantId>, OrderBaseline>,
}

impl History {
    /// Judges the hour before the one that runs, and the one that runs.
    pub(super) fn look(&mut self, view: &View, now: Stamp) -> Vec<OrderAlarm> {
        let state = view.state();
        let (zone, hour) = (zone_of(state), now.0.div_euclid(HOUR_MS));
        let counts = count(view, hour);
        if self.hour != hour {
            self.hour = hour;
            self.learnt = counts.iter().map(|(whose, hours)| (*whose, learn(hours, hour, &zone))).collect();
        }
        let share = (now.0 - hour * HOUR_MS) as f64 / HOUR_MS as f64;
        let judged = self.learnt.iter().map(|(whose, baseline)| {
            let none = BTreeMap::new();
            let hours = counts.get(whose).unwrap_or(&none);
            let code =
                whose.and_then(|id| state.network.merchant(id)).map(|merchant| merchant.code.to_string());
            let one = |hour: i64, share: f64| {
                let at = Stamp(hour * HOUR_MS);
                let orders = hours.get(&hour).copied().unwrap_or(0);
                let (state, expected) = match order_feed(baseline, hour_of_week(at, &zone), share, orders) {
                    OrderFeedState::Unknown => (OrderState::Unknown, None),
                    OrderFeedState::Usual => (OrderState::Usual, None),
                    OrderFeedState::Surge { expected, .. } => (OrderState::Surge, Some(expected)),
                    OrderFeedState::Silent { expected, .. } => (OrderState::Silent, Some(expected)),
                };
                OrderAlarm { merchant: code.clone(), state, orders, expected, hour: at }
            };
            let (now, before) = (one(hour, share), one(hour - 1, 1.0));
            if !now.state.is_alarm() && before.state.is_alarm() && now.orders == 0 { before } else { now }
        });
        judged.collect()
    }
}

/// Orders by the hour they were placed in, of the hours that count.
fn count(view: &View, hour: i64) -> Counts {
    let mut counts = Counts::new();
    for (_, order) in view.state().live_orders() {
        let placed = order.placed.0.div_euclid(HOUR_MS);
        if placed > hour || placed < hour - HOURS_MAX {
            continue;
        }
        *counts.entry(None).or_default().entry(placed).or_default() += 1;
        if counts.len() <= MERCHANTS_MAX || counts.contains_key(&Some(order.merchant)) {
            *counts.entry(Some(order.merchant)).or_default().entry(placed).or_default() += 1;
        }
    }
    // With one merchant it is the same feed.
    if counts.len() == 2 {
        counts.retain(|whose, _| whose.is_none());
    }
    counts
}

/// Learns from the whole hours before the one before `hour`: what is judged teaches nothing. Hours without an order
/// count; the hour of the first order is not whole.
fn learn(hours: &BTreeMap<i64, u32>, hour: i64, zone: &Zone) -> OrderBaseline {
    let Some(first) = hours.keys().next().copied() else { return OrderBaseline::learn([]) };
    let each = (first + 1..hour - 1)
        .map(|past| (hour_of_week(Stamp(past * HOUR_MS), zone), hours.get(&past).copied().unwrap_or(0)));
    OrderBaseline::learn(each)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use holdfast_domain::time::Zone;
    use holdfast_hazard::alert::{OrderFeedState, order_feed};

    use super::{HOUR_MS, learn};
    use holdfast_domain::time::Stamp;
    use holdfast_hazard::alert::hour_of_week;

    #[test]
    fn the_hours_without_an_order_are_learnt_from_and_the_judged_one_is_not() {
        let (start, hours) = (400_000_i64, 7 * 24 * 6);
        // Forty orders an hour by day, none by night.
        let usual = |hour: i64| if (8..20).contains(&(hour % 24)) { 40 } else { 0 };
        let mut counts: BTreeMap<i64, u32> =
            (start..start + hours).map(|hour| (hour, usual(hour))).filter(|(_, count)| *count > 0).collect();
        let mut hour = start + hours;
        while usual(hour) == 0 || usual(hour - 1) == 0 {
            hour += 1;
        }
        counts.insert(hour - 1, 4_000);
        let zone = Zone::utc();
        let baseline = learn(&counts, hour, &zone);
        let week = |hour: i64| hour_of_week(Stamp(hour * HOUR_MS), &zone);
        let judge = |hour: i64, count: u32| order_feed(&baseline, week(hour), 1.0, count);
        assert!(matches!(judge(hour, 0), OrderFeedState::Silent { .. }), "{:?}", judge(hour, 0));
        assert!(matches!(judge(hour, 400), OrderFeedState::Surge { .. }));
        assert!(
            matches!(judge(hour - 1, 4_000), OrderFeedState::Surge { .. }),
            "its own count taught it nothing"
        );
        let night = (hour..hour + 24).find(|hour| usual(*hour) == 0).unwrap();
        assert_eq!(judge(night, 0), OrderFeedState::Usual);
    }
}
