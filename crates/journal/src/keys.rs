//! What every store of subjects' keys has in common.

use holdfast_app::port::SubjectKey;
use holdfast_domain::id::SubjectId;

/// A sum over a key and whose it is: a key that was damaged or swapped is known for it.
pub(crate) fn check_sum(subject: SubjectId, key: &SubjectKey) -> [u8; 8] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&subject.0.to_le_bytes()).update(&key.0);
    let mut sum = [0; 8];
    sum.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    sum
}
