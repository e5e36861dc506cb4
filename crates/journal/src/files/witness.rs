//! The witness: the last acknowledged head, in a small file beside the journal.
//!
//! SQLite takes a damaged log for one that ends there, and opens without a word. The witness is written after a
//! group is durable and before it is acknowledged, so a journal that ends before its witness has lost something.
//! It is not synced: after a power failure it may be old, and then shows less, but it is never ahead of what was
//! durable.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use holdfast_app::port::{Head, ReadError};

use super::{FileError, beside};

const MAGIC: &[u8; 8] = b"HFHEAD01";
const BYTES: usize = 64;

#[derive(Debug)]
pub(crate) struct Witness {
    path: PathBuf,
    file: Option<File>,
}

impl Witness {
    pub(crate) fn open(journal: &Path, create: bool) -> Result<Self, FileError> {
        let path = beside(journal, "head");
        let opened = File::options().read(true).write(true).create(create).truncate(false).open(&path);
        match opened {
            Ok(file) => Ok(Self { path, file: Some(file) }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self { path, file: None }),
            Err(source) => Err(FileError { path, source }),
        }
    }

    /// The head it saw. `None` where it never saw one, or where it is damaged itself: then it is no witness.
    pub(crate) fn read(&self) -> Result<Option<Seen>, ReadError> {
        let Some(file) = &self.file else { return Ok(None) };
        let mut bytes = [0; BYTES];
        match file.read_exact_at(&mut bytes, 0) {
            Ok(()) => {
                Ok(decode(&bytes).map(|(version, chain)| Seen { version, chain, path: self.path.clone() }))
            }
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(ReadError::Storage(Box::new(error))),
        }
    }

    /// Notes a head that is durable. A failure is not told: the group is durable all the same, and an old witness
    /// still tells the truth.
    pub(crate) fn write(&self, head: Head) {
        if let Some(file) = &self.file {
            let _ = file.write_all_at(&encode(head), 0);
        }
    }
}

/// A head the witness saw.
pub(crate) struct Seen {
    version: u64,
    chain: [u8; 32],
    path: PathBuf,
}

/// Makes sure that the journal still holds what was acknowledged.
pub(crate) fn compare(seen: Option<Seen>, head: Head) -> Result<(), ReadError> {
    let Some(seen) = seen else { return Ok(()) };
    let why = if seen.version > head.version {
        format!("version {} was acknowledged and is not there", seen.version)
    } else if seen.version == head.version && seen.chain != head.chain {
        "its last group is not the one that was acknowledged".to_owned()
    } else {
        return Ok(());
    };
    let why = format!("{why}; where this is a restored backup, remove {}", seen.path.display());
    Err(ReadError::Damaged { after: head.version, why })
}

fn encode(head: Head) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    bytes[..8].copy_from_slice(MAGIC);
    bytes[8..16].copy_from_slice(&head.version.to_le_bytes());
    bytes[16..48].copy_from_slice(&head.chain);
    let sum = blake3::hash(&bytes[..48]);
    bytes[48..].copy_from_slice(&sum.as_bytes()[..16]);
    bytes
}

fn decode(bytes: &[u8; BYTES]) -> Option<(u64, [u8; 32])> {
    let sound = &bytes[..8] == MAGIC && bytes[48..] == blake3::hash(&bytes[..48]).as_bytes()[..16];
    let version = u64::from_le_bytes(bytes[8..16].try_into().ok()?);
    sound.then_some((version, bytes[16..48].try_into().ok()?))
}
