//! How often somebody may guess: by account, by address and in all, counted before anything is hashed.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::store::Options;

/// Buckets kept; when there are more, the full ones are forgotten, and then all.
const BUCKETS_MAX: usize = 50_000;

/// A bucket of tokens that fills up evenly.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Thousandths of a token.
    left: i64,
    at: i64,
}

/// So many in so long.
#[derive(Clone, Copy, Debug)]
struct Rate {
    tokens: u32,
    window_ms: i64,
}

impl Rate {
    fn take(self, bucket: &mut Bucket, now: i64) -> Result<(), i64> {
        let most = i64::from(self.tokens) * 1000;
        let gained = (now - bucket.at).max(0).saturating_mul(most) / self.window_ms.max(1);
        if gained > 0 {
            bucket.left = (bucket.left.saturating_add(gained)).min(most);
            bucket.at = now;
        }
        if bucket.left >= 1000 {
            bucket.left -= 1000;
            return Ok(());
        }
        Err(((1000 - bucket.left) * self.window_ms / most.max(1)).max(1))
    }

    const fn full(self, now: i64) -> Bucket {
        Bucket { left: self.tokens as i64 * 1000, at: now }
    }
}

#[derive(Default)]
struct Buckets {
    by: BTreeMap<String, Bucket>,
}

pub(crate) struct Throttle {
    account: Rate,
    address: Rate,
    all: Rate,
    buckets: Mutex<Buckets>,
}

impl Throttle {
    pub(crate) fn new(options: &Options) -> Self {
        let quarter = 15 * 60_000;
        Self {
            account: Rate { tokens: options.guesses_account, window_ms: quarter },
            address: Rate { tokens: options.guesses_address, window_ms: quarter },
            all: Rate { tokens: options.guesses_all, window_ms: 60_000 },
            buckets: Mutex::default(),
        }
    }

    /// Takes a guess from a device the account does not know, or says after how many milliseconds to come back.
    pub(crate) fn stranger(&self, account: &str, address: &str, now: i64) -> Result<(), i64> {
        self.take(
            &[
                (format!("account {}", account.to_lowercase()), self.account),
                (format!("address {address}"), self.address),
                ("all".to_owned(), self.all),
            ],
            now,
        )
    }

    /// Takes a guess from a device that has signed in to the account before: others' guesses do not count.
    pub(crate) fn known_device(&self, device: &str, now: i64) -> Result<(), i64> {
        self.take(&[(format!("device {device}"), self.account)], now)
    }

    fn take(&self, wanted: &[(String, Rate)], now: i64) -> Result<(), i64> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.by.len() >= BUCKETS_MAX {
            let hour = now - 60 * 60_000;
            buckets.by.retain(|_, bucket| bucket.at > hour);
            if buckets.by.len() >= BUCKETS_MAX {
                buckets.by.clear();
            }
        }
        let mut wait = 0;
        for (name, rate) in wanted {
            let bucket = buckets.by.entry(name.clone()).or_insert_with(|| rate.full(now));
            if let Err(ms) = rate.take(bucket, now) {
                wait = wait.max(ms);
            }
        }
        if wait > 0 { Err(wait) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::Throttle;
    use crate::store::Options;

    #[test]
    fn guesses_run_out_by_account_and_come_back_with_time() {
        let options = Options { guesses_account: 3, ..Options::default() };
        let throttle = Throttle::new(&options);
        for _ in 0..3 {
            assert_eq!(throttle.stranger("Jo", "10.0.0.1", 0), Ok(()));
        }
        let wait = throttle.stranger("jo", "10.0.0.2", 0).unwrap_err();
        assert!((1..=300_000).contains(&wait), "{wait}");
        assert_eq!(throttle.stranger("ann", "10.0.0.2", 0), Ok(()), "others are not touched");
        assert_eq!(throttle.known_device("d", 0), Ok(()), "a known device is not touched");
        assert_eq!(throttle.stranger("jo", "10.0.0.1", wait), Ok(()));
    }
}
