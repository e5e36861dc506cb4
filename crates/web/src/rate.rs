//! How many requests a caller may make: a bucket for each, told in the RateLimit fields of every answer.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Callers remembered; when there are more, all are forgotten.
const CALLERS_MAX: usize = 100_000;

/// What is left of a caller's bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Requests left now.
    pub left: u32,
    /// Seconds until one more is there, if none is left; else until the bucket is full.
    pub seconds: u64,
    /// Whether this request may go on.
    pub passes: bool,
}

/// Buckets by caller.
pub struct Rate {
    per_minute: u32,
    callers: Mutex<BTreeMap<String, (f64, i64)>>,
}

impl Rate {
    /// So many requests a minute for each caller; as many may come at once.
    #[must_use]
    pub fn per_minute(per_minute: u32) -> Self {
        Self { per_minute: per_minute.max(1), callers: Mutex::default() }
    }

    /// The policy as a RateLimit-Policy field.
    #[must_use]
    pub fn policy(&self) -> String {
        format!("\"default\";q={};w=60", self.per_minute)
    }

    /// Takes one request of `caller` at `now` (milliseconds).
    pub fn take(&self, caller: &str, now: i64) -> Left {
        let most = f64::from(self.per_minute);
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if callers.len() >= CALLERS_MAX {
            callers.clear();
        }
        let (left, at) = callers.entry(caller.to_owned()).or_insert((most, now));
        *left = (*left + (now - *at).max(0) as f64 * most / 60_000.0).min(most);
        *at = now;
        let passes = *left >= 1.0;
        if passes {
            *left -= 1.0;
        }
        let missing = if passes { most - *left } else { 1.0 - *left };
        let seconds = (missing * 60.0 / most).ceil().max(1.0) as u64;
        Left { left: left.floor() as u32, seconds, passes }
    }
}

#[cfg(test)]
mod tests {
    use super::Rate;

    #[test]
    fn requests_run_out_and_come_back() {
        let rate = Rate::per_minute(60);
        assert!((0..60).all(|_| rate.take("a", 0).passes));
        let out = rate.take("a", 0);
        assert!(!out.passes);
        assert_eq!((out.left, out.seconds), (0, 1));
        assert!(rate.take("b", 0).passes);
        assert!(rate.take("a", 1_000).passes);
        assert!(!rate.take("a", 1_000).passes);
    }
}
