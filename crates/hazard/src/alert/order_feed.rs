//! The order feed as a sensor: a surge, or a silence, against what this hour of the week usually brings.
//!
//! Orders of an hour are taken as Poisson with the spread of the history (quasi-Poisson), so that a shop with
//! bursts is not alarmed by its usual ones. Invariant: without enough history there is no verdict.

use holdfast_domain::time::{Stamp, Zone};
use serde::{Deserialize, Serialize};

use crate::loss::gamma_below;

/// Hours of a week.
pub const HOURS_OF_WEEK: usize = 168;
/// Weeks of history an hour needs before it is judged.
pub const WEEKS_MIN: u32 = 4;
/// A verdict is given below this chance of it being usual: about once in eleven years of hours.
pub const CHANCE_MAX: f64 = 1e-5;
/// A surge is at least this many times the usual.
pub const SURGE_RATIO_MIN: f64 = 1.5;

/// What the hours of a week usually bring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderBaseline {
    /// Sums, sums of squares and counts by hour of the week, Monday 00:00 first.
    hours: Vec<HourStat>,
}

#[derive(Clone, Copy, Debug, PartialEq, Default, Serialize, Deserialize)]
struct HourStat {
    sum: f64,
    squares: f64,
    weeks: u32,
}

/// What the feed says.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderFeedState {
    /// Too little history for this hour.
    Unknown,
    /// As usual.
    Usual,
    /// Far more than usual.
    Surge {
        /// Orders expected so far in this hour.
        expected: f64,
        /// Orders over expected.
        ratio: f64,
        /// The chance of so many on a usual day.
        chance: f64,
    },
    /// Far fewer than usual: the feed or the shop may be down.
    Silent {
        /// Orders expected so far in this hour.
        expected: f64,
        /// The chance of so few on a usual day.
        chance: f64,
    },
}

/// The hour of the week of a moment, by the wall clock of `zone`.
#[must_use]
pub fn hour_of_week(at: Stamp, zone: &Zone) -> usize {
    let (day, ms) = at.local(zone);
    usize::from(day.weekday()) * 24 + (ms / 3_600_000) as usize % 24
}

impl OrderBaseline {
    /// Learns from whole hours of history: the hour of the week (0 to 167) and its orders.
    #[must_use]
    pub fn learn(history: impl IntoIterator<Item = (usize, u32)>) -> Self {
        let mut hours = vec![HourStat::default(); HOURS_OF_WEEK];
        for (hour, orders) in history {
            if let Some(stat) = hours.get_mut(hour) {
                let orders = f64::from(orders);
                stat.sum += orders;
                stat.squares += orders * orders;
                stat.weeks += 1;
            }
        }
        Self { hours }
    }

    /// Mean orders of the hour and the ratio of variance to mean, at least 1.
    fn usual(&self, hour: usize) -> Option<(f64, f64)> {
        let stat = self.hours.get(hour).filter(|stat| stat.weeks >= WEEKS_MIN)?;
        let weeks = f64::from(stat.weeks);
        let mean = stat.sum / weeks;
        let variance = ((stat.squares - weeks * mean * mean) / (weeks - 1.0)).max(0.0);
        Some((mean, if mean > 0.0 { (variance / mean).max(1.0) } else { 1.0 }))
    }
}

/// Judges `orders` that came in the first `share` (0 to 1) of an hour of the week.
#[must_use]
pub fn order_feed(baseline: &OrderBaseline, hour: usize, share: f64, orders: u32) -> OrderFeedState {
    let Some((mean, spread)) = baseline.usual(hour) else { return OrderFeedState::Unknown };
    let expected = mean * share.clamp(0.0, 1.0);
    // Counts and means over the spread are near enough Poisson in both tails.
    let (scaled, scaled_mean) = (f64::from(orders) / spread, expected / spread);
    let at_least = if orders == 0 { 1.0 } else { gamma_below(scaled.max(1e-9), scaled_mean) };
    let at_most = 1.0 - gamma_below(scaled + 1.0, scaled_mean);
    let ratio = if expected > 0.0 { f64::from(orders) / expected } else { f64::INFINITY };
    if orders > 0 && at_least < CHANCE_MAX && ratio >= SURGE_RATIO_MIN {
        OrderFeedState::Surge { expected, ratio, chance: at_least }
    } else if at_most < CHANCE_MAX && ratio * SURGE_RATIO_MIN <= 1.0 {
        OrderFeedState::Silent { expected, chance: at_most }
    } else {
        OrderFeedState::Usual
    }
}

#[cfg(test)]
mod tests {
    use super::{OrderBaseline, OrderFeedState, hour_of_week, order_feed};
    use holdfast_domain::time::{Stamp, Zone};

    #[test]
    fn surge_silence_and_too_little_history() {
        let weeks = [95, 104, 99, 110, 92, 101, 97, 102];
        let baseline = OrderBaseline::learn(weeks.map(|orders| (34, orders)));
        let judge = |share, orders| order_feed(&baseline, 34, share, orders);
        assert_eq!(judge(1.0, 120), OrderFeedState::Usual);
        assert!(matches!(judge(1.0, 300), OrderFeedState::Surge { ratio, .. } if (ratio - 3.0).abs() < 0.01));
        assert!(
            matches!(judge(0.5, 0), OrderFeedState::Silent { expected, .. } if (expected - 50.0).abs() < 0.01)
        );
        assert_eq!(judge(0.05, 0), OrderFeedState::Usual);
        assert_eq!(order_feed(&baseline, 35, 1.0, 500), OrderFeedState::Unknown);
        assert_eq!(order_feed(&baseline, 999, 1.0, 500), OrderFeedState::Unknown);
    }

    #[test]
    fn a_bursty_shop_is_not_alarmed_by_its_bursts() {
        let baseline = OrderBaseline::learn([10, 200, 15, 180, 20, 190, 5, 210].map(|orders| (0, orders)));
        assert_eq!(order_feed(&baseline, 0, 1.0, 230), OrderFeedState::Usual);
        assert_eq!(order_feed(&baseline, 0, 1.0, 3), OrderFeedState::Usual);
        let quiet = OrderBaseline::learn([0, 0, 0, 0, 0].map(|orders| (0, orders)));
        assert_eq!(order_feed(&quiet, 0, 1.0, 0), OrderFeedState::Usual);
    }

    #[test]
    fn the_week_begins_on_monday_local_time() {
        let at: Stamp = "2018-09-10T04:30:00Z".parse().unwrap();
        assert_eq!(hour_of_week(at, &Zone::named("America/New_York").unwrap()), 0);
        assert_eq!(hour_of_week(at, &Zone::named("Asia/Seoul").unwrap()), 13);
    }
}
