//! Timers: moments at which something is due. They are state, and their firing is a journaled command.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::id::{CallId, IncidentId, NoticeId, OrderId, ShipmentId, SiteId, TakeoverId};
use crate::time::Stamp;

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Timer {
    /// A standby site is ready.
    StandbyReady(SiteId),
    /// A notice may leave.
    NoticeHold(NoticeId),
    /// A parcel has been in doubt for as long as the merchant's rule waits.
    Doubt(ShipmentId),
    /// An incident was expected to be over by now.
    IncidentEnd(IncidentId),
    /// A legal clock of an order runs out; the number is the rule's.
    Law(OrderId, u16),
    /// A take-over's terms lapse, or it has run its time.
    Takeover(TakeoverId),
    /// A contact of a call has had its time to answer; the number is its place.
    Call(CallId, u32),
}

/// The timers that are set, in buckets so that a fork shares what it does not touch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timers {
    buckets: BTreeMap<i64, Arc<BTreeSet<(Stamp, Timer)>>>,
}

/// The width of a bucket: an hour.
const BUCKET_MS: i64 = 3_600_000;

impl Timers {
    /// Sets `timer` for `due`. Setting the same twice is setting it once.
    pub fn set(&mut self, due: Stamp, timer: Timer) {
        Arc::make_mut(self.buckets.entry(due.0.div_euclid(BUCKET_MS)).or_default()).insert((due, timer));
    }

    /// Takes `timer` for `due` away, and says whether it was set.
    pub fn clear(&mut self, due: Stamp, timer: Timer) -> bool {
        let key = due.0.div_euclid(BUCKET_MS);
        let Some(bucket) = self.buckets.get_mut(&key) else { return false };
        let had = Arc::make_mut(bucket).remove(&(due, timer));
        if bucket.is_empty() {
            self.buckets.remove(&key);
        }
        had
    }

    /// Whether `timer` is set for `due`.
    #[must_use]
    pub fn is_set(&self, due: Stamp, timer: Timer) -> bool {
        self.buckets.get(&due.0.div_euclid(BUCKET_MS)).is_some_and(|bucket| bucket.contains(&(due, timer)))
    }

    /// The timer that is due first, ties in the order of [`Timer`].
    #[must_use]
    pub fn first(&self) -> Option<(Stamp, Timer)> {
        self.buckets.first_key_value().and_then(|(_, bucket)| bucket.first().copied())
    }

    /// All timers, the first due first.
    pub fn iter(&self) -> impl Iterator<Item = (Stamp, Timer)> + '_ {
        self.buckets.values().flat_map(|bucket| bucket.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::{Timer, Timers};
    use crate::id::NoticeId;
    use crate::time::{Span, Stamp};

    #[test]
    fn the_first_due_comes_first_and_is_gone_once_cleared() {
        let mut timers = Timers::default();
        let start = Stamp(0);
        timers.set(start.after(Span::hours(5)), Timer::NoticeHold(NoticeId(1)));
        timers.set(start.after(Span::minutes(5)), Timer::NoticeHold(NoticeId(2)));
        let first = timers.first().unwrap();
        assert_eq!(first.1, Timer::NoticeHold(NoticeId(2)));
        assert!(timers.clear(first.0, first.1));
        assert!(!timers.clear(first.0, first.1));
        assert_eq!(timers.iter().count(), 1);
    }
}
