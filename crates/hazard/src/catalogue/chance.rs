//! Chance, keyed by seed, purpose, year and entity: one stream of ChaCha for each.
//!
//! Invariant: streams do not depend on the order in which they are made.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Draws of one Poisson number at most; the rates here are a few a year.
const POISSON_MAX: u32 = 10_000;

/// The stream of one entity in one year.
pub(super) fn stream(seed: u64, purpose: &str, year: u32, entity: u64) -> ChaCha8Rng {
    // FNV-1a keeps purposes apart; the key holds the other three as they are.
    let purpose = purpose
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&purpose.to_le_bytes());
    key[16..24].copy_from_slice(&u64::from(year).to_le_bytes());
    key[24..].copy_from_slice(&entity.to_le_bytes());
    ChaCha8Rng::from_seed(key)
}

/// A number of `[0, 1)`.
pub(super) fn uniform(random: &mut ChaCha8Rng) -> f64 {
    random.random::<f64>()
}

/// How many events of a yearly `rate` happen, by waiting times.
pub(super) fn poisson(random: &mut ChaCha8Rng, rate: f64) -> u32 {
    let mut waited = 0.0;
    for count in 0..POISSON_MAX {
        waited -= (1.0 - uniform(random)).ln();
        if waited > rate {
            return count;
        }
    }
    POISSON_MAX
}

/// A standard normal number (Box and Muller).
pub(super) fn normal(random: &mut ChaCha8Rng) -> f64 {
    let (a, b) = (1.0 - uniform(random), uniform(random));
    (-2.0 * a.ln()).sqrt() * (2.0 * core::f64::consts::PI * b).cos()
}

#[cfg(test)]
mod tests {
    use super::{normal, poisson, stream, uniform};

    #[test]
    fn streams_are_apart_and_repeat() {
        let first = |seed, purpose: &str, year, entity| uniform(&mut stream(seed, purpose, year, entity));
        assert_eq!(first(1, "flood", 2, 3), first(1, "flood", 2, 3));
        let others = [
            first(2, "flood", 2, 3),
            first(1, "fire", 2, 3),
            first(1, "flood", 3, 3),
            first(1, "flood", 2, 4),
        ];
        assert!(others.iter().all(|other| *other != first(1, "flood", 2, 3)));
    }

    #[test]
    fn moments_of_the_draws() {
        let seed = 11;
        eprintln!("seed {seed}");
        let mut random = stream(seed, "test", 0, 0);
        let counts: Vec<f64> = (0..40_000).map(|_| f64::from(poisson(&mut random, 2.5))).collect();
        let mean = counts.iter().sum::<f64>() / 40_000.0;
        let variance = counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / 40_000.0;
        assert!((mean - 2.5).abs() < 0.04 && (variance - 2.5).abs() < 0.1, "{mean} {variance}");
        let squares = (0..40_000).map(|_| normal(&mut random).powi(2)).sum::<f64>() / 40_000.0;
        assert!((squares - 1.0).abs() < 0.03, "{squares}");
    }
}
