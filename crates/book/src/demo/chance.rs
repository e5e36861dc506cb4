//! Chance in the demo books: ChaCha keyed by seed, purpose and entity, so that one more customer does not
//! change what another one orders.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The stream of chance of one entity for one purpose.
pub(crate) fn chance(seed: u64, purpose: &str, entity: u64) -> ChaCha8Rng {
    let mut key = [0_u8; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&fnv1a(purpose).to_le_bytes());
    key[16..24].copy_from_slice(&entity.to_le_bytes());
    ChaCha8Rng::from_seed(key)
}

/// A number for a word: FNV-1a (Fowler, Noll, Vo), 64 bits.
fn fnv1a(word: &str) -> u64 {
    word.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Draws positions in proportion to whole weights.
pub(crate) struct Weighted {
    sums: Vec<u64>,
}

impl Weighted {
    /// One position for each weight, in order. A weight of 0 is never drawn.
    pub(crate) fn new(weights: impl IntoIterator<Item = u64>) -> Self {
        let mut sum = 0;
        let sums = weights
            .into_iter()
            .map(|weight| {
                sum += weight;
                sum
            })
            .collect();
        Self { sums }
    }

    /// A position; 0 where all weights are 0.
    pub(crate) fn pick(&self, rng: &mut ChaCha8Rng) -> usize {
        let total = self.sums.last().copied().unwrap_or(0);
        if total == 0 {
            return 0;
        }
        let drawn = rng.random_range(0..total);
        self.sums.partition_point(|sum| *sum <= drawn)
    }
}

/// Whether something with `per_mille` chances in a thousand happens.
pub(crate) fn happens(rng: &mut ChaCha8Rng, per_mille: u32) -> bool {
    rng.random_range(0..1000) < per_mille
}

/// One of a list that is not empty.
pub(crate) fn one_of<'a, T: ?Sized>(rng: &mut ChaCha8Rng, list: &[&'a T]) -> &'a T {
    list[rng.random_range(0..list.len())]
}

#[cfg(test)]
mod tests {
    use super::{Weighted, chance};

    #[test]
    fn a_weight_of_nothing_is_never_drawn_and_a_key_gives_one_stream() {
        let weighted = Weighted::new([0, 3, 0, 1]);
        let draw = |entity| {
            let mut rng = chance(7, "test", entity);
            (0..64).map(|_| weighted.pick(&mut rng)).collect::<Vec<_>>()
        };
        assert!(draw(1).iter().all(|position| [1, 3].contains(position)));
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
}
