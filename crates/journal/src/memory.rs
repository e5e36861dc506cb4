//! The journal in memory: the same bytes, chain and refusals as on disk, without the disk.
//!
//! Clones are handles on one store, as two processes have on one file.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use holdfast_app::port::{
    AppendError, Group, Groups, Head, Journal, ReadError, Snapshot, StoredGroup, SubjectKey,
};
use holdfast_domain::id::SubjectId;
use holdfast_domain::table::Digest;

use crate::format::{self, Follower};

/// How many snapshots are kept.
const SNAPSHOTS_MAX: usize = 2;

/// A journal that lives as long as its last handle.
#[derive(Clone, Debug, Default)]
pub struct MemoryJournal {
    store: Arc<Mutex<Store>>,
}

#[derive(Debug, Default)]
struct Store {
    head: Head,
    /// Groups by the version of their first entry.
    groups: BTreeMap<u64, Kept>,
    /// By subject and the version that brought the key.
    keys: BTreeMap<(SubjectId, u64), SubjectKey>,
    artefacts: BTreeMap<Digest, Vec<u8>>,
    snapshots: BTreeMap<u64, Snapshot>,
}

#[derive(Debug)]
struct Kept {
    chain: Digest,
    bytes: Box<[u8]>,
}

impl MemoryJournal {
    /// An empty journal.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The bytes of all groups, as they would lie on disk.
    #[must_use]
    pub fn size(&self) -> usize {
        self.store().groups.values().map(|kept| kept.bytes.len()).sum()
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        // No store is left half changed by a panic: every change is made after the last thing that can fail.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a group was refused before anything was written.
#[derive(Debug, thiserror::Error)]
#[error("keep artefact: another one is kept under the same digest")]
struct OtherArtefact;

impl Journal for MemoryJournal {
    fn take_over(&mut self) -> Result<Head, AppendError> {
        let mut store = self.store();
        store.head.epoch += 1;
        Ok(store.head)
    }

    fn head(&mut self) -> Result<Head, ReadError> {
        Ok(self.store().head)
    }

    fn append(&mut self, expected: Head, group: &Group) -> Result<Head, AppendError> {
        let bytes =
            format::encode(expected.epoch, group).map_err(|error| AppendError::Failed(Box::new(error)))?;
        let mut store = self.store();
        if store.head != expected {
            return Err(AppendError::Fenced { found: store.head.version, epoch: store.head.epoch });
        }
        let other = |(digest, bytes): &(Digest, Vec<u8>)| {
            store.artefacts.get(digest).is_some_and(|kept| kept != bytes)
        };
        if group.artefacts.iter().any(other) {
            return Err(AppendError::Failed(Box::new(OtherArtefact)));
        }
        let first = expected.version + 1;
        let chain = format::chain(&expected.chain, first, &bytes);
        for (subject, key) in &group.subject_keys {
            store.keys.insert((*subject, first), key.clone());
        }
        store.artefacts.extend(group.artefacts.iter().cloned());
        store.groups.insert(first, Kept { chain, bytes: bytes.into_boxed_slice() });
        store.head = Head { version: expected.version + group.entries.len() as u64, chain, ..expected };
        Ok(store.head)
    }

    fn read(&mut self, after: u64) -> Result<Groups<'_>, ReadError> {
        let store = self.store();
        let start = store.groups.range(..=after + 1).next_back().map_or(1, |(first, _)| *first);
        let before = store.groups.range(..start).next_back();
        let chain = before.map_or(Digest::default(), |(_, kept)| kept.chain);
        let end = store.head.version;
        drop(store);
        let mut follower = Follower::after(start - 1, chain);
        Ok(Box::new(std::iter::from_fn(move || -> Option<Result<StoredGroup, ReadError>> {
            while follower.version() < end {
                let first = follower.version() + 1;
                let group = {
                    let store = self.store();
                    let kept = &store.groups[&first];
                    follower.follow(first, &kept.chain, &kept.bytes)
                };
                match group {
                    Ok(group) if group.head.version <= after => {}
                    other => return Some(other),
                }
            }
            None
        })))
    }

    fn artefact(&mut self, digest: &Digest) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.store().artefacts.get(digest).cloned())
    }

    fn subject_key(&mut self, subject: SubjectId) -> Result<Option<SubjectKey>, ReadError> {
        let store = self.store();
        Ok(store.keys.range((subject, 0)..=(subject, u64::MAX)).next_back().map(|(_, key)| key.clone()))
    }

    fn destroy_keys(&mut self, subjects: &[SubjectId]) -> Result<(), AppendError> {
        let subjects: std::collections::BTreeSet<SubjectId> = subjects.iter().copied().collect();
        self.store().keys.retain(|(subject, _), _| !subjects.contains(subject));
        Ok(())
    }

    fn keep_snapshot(&mut self, snapshot: &Snapshot) -> Result<(), AppendError> {
        let mut store = self.store();
        store.snapshots.insert(snapshot.version, snapshot.clone());
        while store.snapshots.len() > SNAPSHOTS_MAX {
            store.snapshots.pop_first();
        }
        Ok(())
    }

    fn snapshot(&mut self, not_after: u64) -> Result<Option<Snapshot>, ReadError> {
        Ok(self.store().snapshots.range(..=not_after).next_back().map(|(_, snapshot)| snapshot.clone()))
    }
}
