//! When to ask again, and when to leave a house that is ill alone. Pure: the time and the chance are given.

use jiff::fmt::rfc2822::DateTimeParser;

/// The most an answer's `Retry-After` is believed, in milliseconds.
pub const RETRY_AFTER_MAX_MS: u64 = 3_600_000;

/// What waiting needs of the world.
pub trait Pace: Send + Sync {
    /// Milliseconds of Unix time.
    fn now_ms(&self) -> i64;
    /// A number nobody can foresee.
    fn chance(&self) -> u64;
    /// Waits so many milliseconds.
    fn sleep(&self, ms: u64);
}

/// Waits that double from the first to the most, each between half of it and all of it by chance, so that many who
/// failed together do not come back together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Tries in all.
    pub tries: u32,
    /// The first wait, in milliseconds.
    pub first_ms: u64,
    /// The longest wait.
    pub most_ms: u64,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { tries: 4, first_ms: 250, most_ms: 4_000 }
    }
}

impl Backoff {
    /// One try and no more.
    pub const ONCE: Self = Self { tries: 1, first_ms: 0, most_ms: 0 };

    /// Milliseconds until the next try after `failed` tries have failed, at least what the other side asks for;
    /// `None` when there is no other try, or the other side asks for more than the longest wait.
    #[must_use]
    pub fn wait_ms(&self, failed: u32, chance: u64, asked_ms: Option<u64>) -> Option<u64> {
        if failed >= self.tries {
            return None;
        }
        let asked = asked_ms.unwrap_or(0);
        (asked <= self.most_ms).then(|| self.spread_ms(failed, chance).max(asked))
    }

    /// Milliseconds to wait after so many failures, however many tries there are.
    #[must_use]
    pub fn spread_ms(&self, failed: u32, chance: u64) -> u64 {
        let doubled =
            self.first_ms.saturating_mul(1_u64.checked_shl(failed.saturating_sub(1)).unwrap_or(u64::MAX));
        let whole = doubled.min(self.most_ms);
        whole / 2 + chance % (whole / 2 + 1)
    }
}

/// Milliseconds of a `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3).
#[must_use]
pub fn retry_after_ms(header: &str, now_ms: i64) -> Option<u64> {
    static DATES: DateTimeParser = DateTimeParser::new();
    let text = header.trim();
    // Shopify says fractions of a second, such as 2.0.
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    let ms = match whole.parse::<u64>() {
        Ok(seconds) => seconds
            .saturating_add(u64::from(text.contains('.') && !text.ends_with(".0")))
            .saturating_mul(1_000),
        Err(_) => {
            let at = DATES.parse_timestamp(text).ok()?.as_millisecond();
            u64::try_from(at.saturating_sub(now_ms)).unwrap_or(0)
        }
    };
    Some(ms.min(RETRY_AFTER_MAX_MS))
}

/// Failures in a row after which a house is left alone.
pub const FAILURES_MAX: u32 = 5;
/// How long it is left alone the first time, in milliseconds; it doubles with every probe that fails.
pub const REST_MS: u64 = 10_000;
/// How long it is left alone at most.
pub const REST_MAX_MS: u64 = 300_000;

/// Stops asking a house that fails, and probes it now and then: one probe at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Breaker {
    failures: u32,
    rests: u32,
    until_ms: i64,
}

impl Breaker {
    /// Whether it may be asked now.
    ///
    /// # Errors
    /// Milliseconds it is left alone yet.
    pub fn may(&mut self, now_ms: i64) -> Result<(), u64> {
        if self.failures < FAILURES_MAX {
            return Ok(());
        }
        let left = self.until_ms.saturating_sub(now_ms);
        if left > 0 {
            return Err(left.unsigned_abs());
        }
        // The caller is the probe: whoever comes while it is under way is turned away.
        self.rests = self.rests.saturating_add(1);
        self.until_ms = now_ms.saturating_add(self.rest_ms());
        Ok(())
    }

    /// It has answered.
    pub const fn worked(&mut self) {
        *self = Self { failures: 0, rests: 0, until_ms: 0 };
    }

    /// It has failed.
    pub fn failed(&mut self, now_ms: i64) {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= FAILURES_MAX {
            self.until_ms = now_ms.saturating_add(self.rest_ms());
        }
    }

    /// Whether it is left alone.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.failures >= FAILURES_MAX
    }

    fn rest_ms(&self) -> i64 {
        let doubled = REST_MS.saturating_mul(1_u64.checked_shl(self.rests).unwrap_or(u64::MAX));
        i64::try_from(doubled.min(REST_MAX_MS)).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::{Backoff, Breaker, FAILURES_MAX, REST_MS, retry_after_ms};

    #[test]
    fn waits_double_within_bounds_and_heed_the_other_side() {
        let backoff = Backoff { tries: 4, first_ms: 100, most_ms: 1_000 };
        for chance in 0..500 {
            assert!((50..=100).contains(&backoff.wait_ms(1, chance, None).unwrap()));
            assert!((200..=400).contains(&backoff.wait_ms(3, chance, None).unwrap()));
        }
        assert_eq!(backoff.wait_ms(4, 0, None), None);
        assert_eq!(backoff.wait_ms(1, 0, Some(700)), Some(700));
        assert_eq!(backoff.wait_ms(1, 0, Some(5_000)), None, "it asks for more than is waited here");
        assert!(backoff.spread_ms(200, u64::MAX) <= 1_000);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = "2026-11-23T10:00:00Z".parse::<jiff::Timestamp>().unwrap().as_millisecond();
        assert_eq!(retry_after_ms("2", now), Some(2_000));
        assert_eq!(retry_after_ms("2.0", now), Some(2_000));
        assert_eq!(retry_after_ms("0.3", now), Some(1_000));
        assert_eq!(retry_after_ms("Mon, 23 Nov 2026 10:00:07 GMT", now), Some(7_000));
        assert_eq!(retry_after_ms("Mon, 23 Nov 2026 09:00:00 GMT", now), Some(0));
        assert_eq!(retry_after_ms("99999999999", now), Some(3_600_000));
        assert_eq!(retry_after_ms("soon", now), None);
    }

    #[test]
    fn a_house_that_fails_is_left_alone_and_probed_once_at_a_time() {
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES_MAX {
            assert_eq!(breaker.may(0), Ok(()));
            breaker.failed(0);
        }
        assert!(breaker.is_open());
        assert_eq!(breaker.may(1), Err(REST_MS - 1));
        let later = REST_MS as i64;
        assert_eq!(breaker.may(later), Ok(()), "a probe");
        assert!(breaker.may(later).is_err(), "one at a time");
        breaker.failed(later);
        assert!(breaker.may(later + later).is_err(), "left alone for longer");
        breaker.worked();
        assert_eq!(breaker.may(later), Ok(()));
    }
}
