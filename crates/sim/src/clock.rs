//! A clock that is set, and an entropy that is seeded: the fake world's time and chance.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use holdfast_app::port::{Clock, Entropy};
use holdfast_domain::time::Stamp;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha12Rng;

/// A clock that stands where it was set.
#[derive(Clone, Debug, Default)]
pub struct SetClock(Arc<AtomicI64>);

impl SetClock {
    /// A clock at `now`.
    #[must_use]
    pub fn at(now: Stamp) -> Self {
        let clock = Self::default();
        clock.set(now);
        clock
    }

    /// Where it stands.
    #[must_use]
    pub fn stands(&self) -> Stamp {
        Stamp(self.0.load(Ordering::Relaxed))
    }

    /// Sets it.
    pub fn set(&self, now: Stamp) {
        self.0.store(now.0, Ordering::Relaxed);
    }
}

impl Clock for SetClock {
    fn now(&mut self) -> Stamp {
        Stamp(self.0.load(Ordering::Relaxed))
    }
}

/// Entropy that repeats itself: for drills and tests, never for real keys.
#[derive(Clone, Debug)]
pub struct SeededEntropy(ChaCha12Rng);

impl SeededEntropy {
    /// Entropy keyed by `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(ChaCha12Rng::seed_from_u64(seed))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }
}

/// Chance keyed by seed, purpose and entity: asking for one thing does not shift another.
#[must_use]
pub fn chance(seed: u64, purpose: &str, entity: u64) -> ChaCha12Rng {
    let mut hasher = blake3_key(purpose);
    hasher[..8].copy_from_slice(&seed.to_le_bytes());
    for (byte, other) in hasher[8..16].iter_mut().zip(entity.to_le_bytes()) {
        *byte ^= other;
    }
    ChaCha12Rng::from_seed(hasher)
}

fn blake3_key(purpose: &str) -> [u8; 32] {
    holdfast_domain::table::digest_of(purpose)
}
