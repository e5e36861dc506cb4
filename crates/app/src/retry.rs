//! When to try again, and when to leave a sender alone: pure, with time and chance handed in.

use holdfast_domain::time::{Span, Stamp};
use serde::{Deserialize, Serialize};

/// How failed sends are tried again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Schedule {
    /// The wait after the first failure.
    pub first: Span,
    /// The longest wait.
    pub longest: Span,
    /// Tries in all; the first one counts.
    pub tries_max: u32,
}

impl Schedule {
    /// Half a minute, doubling to four hours, 20 tries: about two days, as mail servers do (RFC 5321, section
    /// 4.5.4.1 asks for 4 to 5 days; a notice about a date is stale before).
    pub const MAIL: Self = Self { first: Span(30_000), longest: Span::hours(4), tries_max: 20 };

    /// The wait after the `failed`-th failure (from 1), or nothing when no try is left. `chance` is drawn by
    /// the caller from all of `u32`; it spreads the waits evenly between half and all of the doubled time, so
    /// that ten thousand mails that failed together do not come back together.
    #[must_use]
    pub fn wait(&self, failed: u32, chance: u32) -> Option<Span> {
        if failed == 0 || failed >= self.tries_max {
            return None;
        }
        let doubled = self.first.0.saturating_mul(1_u64.checked_shl(failed - 1).unwrap_or(u64::MAX));
        let whole = u128::from(doubled.min(self.longest.0));
        let half = whole / 2;
        let spread = (whole - half) * u128::from(chance) / u128::from(u32::MAX);
        Some(Span(u64::try_from(half + spread).expect("at most the longest wait, which is a u64")))
    }
}

/// Whether a failure may pass.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum FailureKind {
    /// It will fail again: a wrong address, a refused text.
    Permanent,
    /// It may pass: a busy or silent server.
    Transient,
    /// The message may have arrived or not: the answer was lost. Tried again under the same Message-ID.
    Unknown,
}

/// What an SMTP reply code means for another try (RFC 5321, section 4.2.1).
#[must_use]
pub const fn classify_smtp(code: u16) -> FailureKind {
    match code {
        // 421, 450..: try later. 535 and 530 are about our own sign-in, which an operator can mend.
        400..=499 | 530 | 535 => FailureKind::Transient,
        500..=599 => FailureKind::Permanent,
        _ => FailureKind::Unknown,
    }
}

/// A circuit breaker: after so many failures in a row nothing is tried for a while, then one probe.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Breaker {
    /// Failures in a row that open it.
    pub failures_max: u32,
    /// How long it stays open.
    pub rest: Span,
    state: BreakerState,
}

/// Where a breaker stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum BreakerState {
    /// Everything is tried; so many have failed in a row.
    Closed {
        /// Failures in a row.
        failures: u32,
    },
    /// Nothing is tried before this moment.
    Open {
        /// The moment of the next probe.
        until: Stamp,
    },
    /// One probe is under way.
    Probing,
}

impl Breaker {
    /// A closed breaker.
    #[must_use]
    pub const fn new(failures_max: u32, rest: Span) -> Self {
        Self { failures_max, rest, state: BreakerState::Closed { failures: 0 } }
    }

    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> BreakerState {
        self.state
    }

    /// Whether a send may be tried at `now`; after a rest, one probe may.
    pub fn admits(&mut self, now: Stamp) -> bool {
        match self.state {
            BreakerState::Closed { .. } => true,
            BreakerState::Open { until } if now >= until => {
                self.state = BreakerState::Probing;
                true
            }
            BreakerState::Open { .. } | BreakerState::Probing => false,
        }
    }

    /// Records how a try ended. A permanent failure is about the message and shows that the sender works.
    pub fn record(&mut self, failure: Option<FailureKind>, now: Stamp) {
        self.state = match (failure, self.state) {
            (None | Some(FailureKind::Permanent), _) => BreakerState::Closed { failures: 0 },
            (Some(_), BreakerState::Closed { failures }) if failures + 1 < self.failures_max => {
                BreakerState::Closed { failures: failures + 1 }
            }
            (Some(_), BreakerState::Closed { .. } | BreakerState::Probing) => {
                BreakerState::Open { until: now.after(self.rest) }
            }
            (Some(_), open @ BreakerState::Open { .. }) => open,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::{Breaker, BreakerState, FailureKind, Schedule, classify_smtp};
    use holdfast_domain::time::{Span, Stamp};

    #[test]
    fn waits_double_to_the_longest_and_end() {
        let wait = |failed, chance| Schedule::MAIL.wait(failed, chance).map(|span| span.0 / 1_000);
        assert_eq!(wait(1, u32::MAX), Some(30));
        assert_eq!(wait(1, 0), Some(15));
        assert_eq!(wait(2, u32::MAX), Some(60));
        assert_eq!(wait(15, u32::MAX), Some(14_400));
        assert_eq!(wait(19, 0), Some(7_200));
        assert_eq!((wait(20, 0), wait(0, 0), wait(200, 0)), (None, None, None));
    }

    #[test]
    fn replies_are_told_apart() {
        for (code, kind) in [
            (421, FailureKind::Transient),
            (451, FailureKind::Transient),
            (535, FailureKind::Transient),
            (550, FailureKind::Permanent),
            (552, FailureKind::Permanent),
            (0, FailureKind::Unknown),
        ] {
            assert_eq!(classify_smtp(code), kind, "{code}");
        }
    }

    #[test]
    fn a_breaker_opens_rests_probes_and_closes() {
        let mut breaker = Breaker::new(3, Span(100));
        let failed = Some(FailureKind::Transient);
        for _ in 0..2 {
            assert!(breaker.admits(Stamp(0)));
            breaker.record(failed, Stamp(0));
        }
        breaker.record(Some(FailureKind::Permanent), Stamp(0));
        assert_eq!(breaker.state(), BreakerState::Closed { failures: 0 }, "a wrong address is no outage");
        for _ in 0..3 {
            breaker.record(failed, Stamp(0));
        }
        assert!(!breaker.admits(Stamp(99)));
        assert!(breaker.admits(Stamp(100)), "one probe");
        assert!(!breaker.admits(Stamp(100)), "and no second beside it");
        breaker.record(failed, Stamp(110));
        assert!(!breaker.admits(Stamp(150)) && breaker.admits(Stamp(210)));
        breaker.record(None, Stamp(211));
        assert!(breaker.admits(Stamp(212)) && breaker.admits(Stamp(212)));
    }
}
