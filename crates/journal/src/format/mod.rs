//! The bytes of a group: a format number, then that format's record. Written once, never edited.
//!
//! A format that ever existed stays readable: [`decode`] reads its number and hands the rest to its module, which
//! gives today's types. Groups are chained by hash: `chain = blake3(chain before ‖ first version ‖ bytes)`, so a
//! group can neither be changed, nor moved, nor left out.

mod v1;

use holdfast_app::port::{Group, Head, ReadError, StoredGroup};
use holdfast_domain::evolve::Entry;
use holdfast_domain::table::Digest;

/// The format that is written.
pub const NEWEST: u16 = 1;

/// The most bytes a group may have: a writer holds it in memory, and so does everyone who reads it.
pub const GROUP_BYTES_MAX: usize = 256 << 20;

/// The most entries a group may have.
pub const GROUP_ENTRIES_MAX: usize = 1 << 20;

/// A group as its bytes say it.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The writer's epoch.
    pub epoch: u64,
    /// Digest of the state after the group with its state format, on checkpoints.
    pub checkpoint: Option<(u32, Digest)>,
    /// The entries.
    pub entries: Vec<Entry>,
}

/// Why bytes are no group, or a group no bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// A group without entries says nothing.
    #[error("encode a group: it has no entries")]
    Empty,
    /// More than one group may hold.
    #[error("encode a group: {what} {found} is over the limit of {most}; append it in parts")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// So much.
        found: usize,
        /// The limit.
        most: usize,
    },
    /// A format of a newer program.
    #[error("decode a group: it has format {found}, this program reads up to {NEWEST}")]
    TooNew {
        /// Format found.
        found: u16,
    },
    /// The bytes are no record of the format they name.
    #[error("decode a group: {0}")]
    Malformed(String),
}

/// The bytes of a group, in the newest format.
///
/// # Errors
/// [`FormatError::Empty`] and [`FormatError::TooLarge`].
pub fn encode(epoch: u64, group: &Group) -> Result<Vec<u8>, FormatError> {
    let found = group.entries.len();
    if found == 0 {
        return Err(FormatError::Empty);
    }
    if found > GROUP_ENTRIES_MAX {
        return Err(FormatError::TooLarge { what: "number of entries", found, most: GROUP_ENTRIES_MAX });
    }
    let bytes = v1::encode(NEWEST.to_le_bytes().to_vec(), epoch, group)?;
    within_limit(bytes.len())?;
    Ok(bytes)
}

/// The group that `bytes` of any known format say.
///
/// # Errors
/// [`FormatError::TooNew`], [`FormatError::TooLarge`] and [`FormatError::Malformed`].
pub fn decode(bytes: &[u8]) -> Result<Record, FormatError> {
    within_limit(bytes.len())?;
    let Some((number, body)) = bytes.split_first_chunk::<2>() else {
        return Err(FormatError::Malformed("it is shorter than a format number".to_owned()));
    };
    match u16::from_le_bytes(*number) {
        1 => v1::decode(body),
        0 => Err(FormatError::Malformed("there is no format 0".to_owned())),
        found => Err(FormatError::TooNew { found }),
    }
}

fn within_limit(found: usize) -> Result<(), FormatError> {
    if found > GROUP_BYTES_MAX {
        return Err(FormatError::TooLarge { what: "length in bytes", found, most: GROUP_BYTES_MAX });
    }
    Ok(())
}

/// The hash chain after a group whose first entry has version `first`.
#[must_use]
pub fn chain(before: &Digest, first: u64, bytes: &[u8]) -> Digest {
    let mut hasher = blake3::Hasher::new();
    hasher.update(before).update(&first.to_le_bytes()).update(bytes);
    *hasher.finalize().as_bytes()
}

/// Follows the chain while groups are read, whatever they are kept in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Follower {
    version: u64,
    chain: Digest,
    epoch: u64,
}

impl Follower {
    /// Begins after `version`, where the chain is `chain`.
    #[must_use]
    pub const fn after(version: u64, chain: Digest) -> Self {
        Self { version, chain, epoch: 0 }
    }

    /// The last version that was followed.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// The chain there.
    #[must_use]
    pub const fn chain(&self) -> Digest {
        self.chain
    }

    /// Takes the next group: it has to begin where the last one ended, and to have been written with `stored` as
    /// its chain.
    ///
    /// # Errors
    /// [`ReadError::Damaged`] and [`ReadError::TooNew`]; the follower stays where it was.
    pub fn follow(&mut self, first: u64, stored: &Digest, bytes: &[u8]) -> Result<StoredGroup, ReadError> {
        let after = self.version;
        let damaged = |why: String| ReadError::Damaged { after, why };
        if first != after + 1 {
            return Err(damaged(format!("the next group begins at version {first}")));
        }
        let chain = chain(&self.chain, first, bytes);
        if chain != *stored {
            return Err(damaged("its bytes do not have the hash they were written with".to_owned()));
        }
        let record = decode(bytes).map_err(|error| match error {
            FormatError::TooNew { found } => ReadError::TooNew { found, newest: NEWEST },
            other => damaged(other.to_string()),
        })?;
        if record.epoch < self.epoch {
            return Err(damaged(format!(
                "epoch {} wrote after it was fenced by {}",
                record.epoch, self.epoch
            )));
        }
        let version = after + record.entries.len() as u64;
        *self = Self { version, chain, epoch: record.epoch };
        let head = Head { version, chain, epoch: record.epoch };
        Ok(StoredGroup { first, entries: record.entries, head, checkpoint: record.checkpoint })
    }
}

#[cfg(test)]
mod tests {
    use super::{Follower, FormatError, GROUP_BYTES_MAX, chain, decode, encode};
    use crate::conformance::samples;
    use holdfast_app::port::{Group, ReadError};

    fn group() -> Group {
        Group { entries: samples::entries(0, 3), checkpoint: Some((1, [7; 32])), ..Group::default() }
    }

    #[test]
    fn a_group_comes_back_from_its_bytes() {
        let bytes = encode(4, &group()).unwrap();
        let record = decode(&bytes).unwrap();
        assert_eq!(
            (record.epoch, record.checkpoint, record.entries),
            (4, Some((1, [7; 32])), group().entries)
        );
    }

    #[test]
    fn bytes_that_are_no_group_are_refused() {
        let bytes = encode(4, &group()).unwrap();
        let malformed = |bytes: &[u8]| matches!(decode(bytes), Err(FormatError::Malformed(_)));
        assert!(malformed(&[]) && malformed(&[1]) && malformed(&[0, 0, 1]));
        assert!((2..bytes.len()).all(|length| malformed(&bytes[..length])), "cut anywhere");
        assert!(malformed(&[bytes.as_slice(), &[0]].concat()), "something after the end");
        assert_eq!(decode(&[2, 0, 1]), Err(FormatError::TooNew { found: 2 }));
        assert!(matches!(decode(&vec![1; GROUP_BYTES_MAX + 1]), Err(FormatError::TooLarge { .. })));
        assert_eq!(encode(1, &Group::default()), Err(FormatError::Empty));
    }

    #[test]
    fn a_chain_notices_change_order_and_omission() {
        let bytes = encode(1, &group()).unwrap();
        let first = chain(&[0; 32], 1, &bytes);
        let second = chain(&first, 4, &bytes);
        let mut follower = Follower::default();
        assert!(matches!(follower.follow(4, &second, &bytes), Err(ReadError::Damaged { after: 0, .. })));
        assert!(matches!(follower.follow(1, &second, &bytes), Err(ReadError::Damaged { after: 0, .. })));
        assert_eq!(follower.follow(1, &first, &bytes).unwrap().head.version, 3);
        assert!(matches!(follower.follow(4, &first, &bytes), Err(ReadError::Damaged { after: 3, .. })));
        assert_eq!(follower.follow(4, &second, &bytes).unwrap().head.chain, second);
    }
}
