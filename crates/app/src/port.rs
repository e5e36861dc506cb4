//! Ports: what the writer needs of the world. Adapters implement them; nothing here knows how.

use core::time::Duration;

use holdfast_domain::evolve::Entry;
use holdfast_domain::id::SubjectId;
use holdfast_domain::table::Digest;
use holdfast_domain::time::Stamp;

/// The wall clock. Only the writer asks it, once for each command.
pub trait Clock: Send {
    /// Now.
    fn now(&mut self) -> Stamp;
}

/// Randomness for keys and tokens, never for decisions.
pub trait Entropy: Send {
    /// Fills `bytes` with unpredictable ones.
    fn fill(&mut self, bytes: &mut [u8]);
}

/// Where a journal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Head {
    /// Entries in it.
    pub version: u64,
    /// Hash chain over its groups.
    pub chain: Digest,
    /// Which writer wrote last; a newer one fences it.
    pub epoch: u64,
}

/// Entries that become durable together.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Group {
    /// The entries, in order; the first gets version `head.version + 1`.
    pub entries: Vec<Entry>,
    /// Keys of subjects sealed in this group: made durable before the entries, in a store of their own.
    pub subject_keys: Vec<(SubjectId, SubjectKey)>,
    /// Plans and price tables that entries of this group name, by digest.
    pub artefacts: Vec<(Digest, Vec<u8>)>,
    /// Digest of the state after this group, on checkpoints, with its state format.
    pub checkpoint: Option<(u32, Digest)>,
}

/// The key that opens one subject's sealed data.
#[derive(Clone, PartialEq, Eq)]
pub struct SubjectKey(pub [u8; 32]);

impl core::fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SubjectKey(…)")
    }
}

/// A group as it was read back.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredGroup {
    /// Version of the first entry.
    pub first: u64,
    /// The entries, upcast to today's format.
    pub entries: Vec<Entry>,
    /// Head after this group.
    pub head: Head,
    /// State digest after it, where one was written.
    pub checkpoint: Option<(u32, Digest)>,
}

/// A cache of the state, verified by its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Version of the state.
    pub version: u64,
    /// Number of its encoding.
    pub format: u32,
    /// Digest the decoded state must have.
    pub digest: Digest,
    /// The encoded state.
    pub bytes: Vec<u8>,
}

/// Why a group was not appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Another writer was here: the head or the epoch is not what was expected.
    #[error("append to the journal: another writer holds it (found version {found}, epoch {epoch})")]
    Fenced {
        /// Version found.
        found: u64,
        /// Epoch found.
        epoch: u64,
    },
    /// It certainly was not written.
    #[error("append to the journal: nothing was written")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It may or may not have been written: read the journal before answering anybody.
    #[error("append to the journal: the outcome is unknown")]
    Unknown(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why a journal could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The storage failed.
    #[error("read the journal")]
    Storage(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What was read is not what was written.
    #[error(
        "read the journal: group after version {after} is damaged ({why}); restore it from a backup, or stop there with `holdfast verify --until {after}`"
    )]
    Damaged {
        /// Last version that is whole.
        after: u64,
        /// What does not fit.
        why: String,
    },
    /// Another writer holds the journal now: this one reads as a follower, or not at all.
    #[error("read the journal: another writer holds it")]
    Superseded,
    /// A format from a newer program.
    #[error(
        "read the journal: it has format {found}, this program reads up to {newest}; use the newer program"
    )]
    TooNew {
        /// Format found.
        found: u16,
        /// Newest format known.
        newest: u16,
    },
}

/// What reads groups in order; stops at the first error.
pub type Groups<'a> = Box<dyn Iterator<Item = Result<StoredGroup, ReadError>> + 'a>;

/// The one durable truth of an operator.
pub trait Journal: Send {
    /// Takes the journal over: raises the epoch, so that every older writer is fenced.
    ///
    /// # Errors
    /// As [`Journal::append`].
    fn take_over(&mut self) -> Result<Head, AppendError>;

    /// Where it stands.
    ///
    /// # Errors
    /// [`ReadError`].
    fn head(&mut self) -> Result<Head, ReadError>;

    /// Appends a group durably, if the journal still stands at `expected`.
    ///
    /// # Errors
    /// [`AppendError`]; only on `Ok` is the group durable.
    fn append(&mut self, expected: Head, group: &Group) -> Result<Head, AppendError>;

    /// Reads all groups with entries after `version`, in order; the chain is verified from the start of the reading.
    ///
    /// # Errors
    /// [`ReadError`], also for each group.
    fn read(&mut self, after: u64) -> Result<Groups<'_>, ReadError>;

    /// A plan or price table by its digest.
    ///
    /// # Errors
    /// [`ReadError`].
    fn artefact(&mut self, digest: &Digest) -> Result<Option<Vec<u8>>, ReadError>;

    /// The key of a subject; `None` once it is erased.
    ///
    /// # Errors
    /// [`ReadError`].
    fn subject_key(&mut self, subject: SubjectId) -> Result<Option<SubjectKey>, ReadError>;

    /// Destroys the keys of erased subjects; safe to repeat.
    ///
    /// # Errors
    /// As [`Journal::append`].
    fn destroy_keys(&mut self, subjects: &[SubjectId]) -> Result<(), AppendError>;

    /// Keeps a snapshot; older ones may be dropped.
    ///
    /// # Errors
    /// As [`Journal::append`].
    fn keep_snapshot(&mut self, snapshot: &Snapshot) -> Result<(), AppendError>;

    /// The newest snapshot not after `version`.
    ///
    /// # Errors
    /// [`ReadError`].
    fn snapshot(&mut self, not_after: u64) -> Result<Option<Snapshot>, ReadError>;
}

impl<J: Journal + ?Sized> Journal for Box<J> {
    fn take_over(&mut self) -> Result<Head, AppendError> {
        (**self).take_over()
    }

    fn head(&mut self) -> Result<Head, ReadError> {
        (**self).head()
    }

    fn append(&mut self, expected: Head, group: &Group) -> Result<Head, AppendError> {
        (**self).append(expected, group)
    }

    fn read(&mut self, after: u64) -> Result<Groups<'_>, ReadError> {
        (**self).read(after)
    }

    fn artefact(&mut self, digest: &Digest) -> Result<Option<Vec<u8>>, ReadError> {
        (**self).artefact(digest)
    }

    fn subject_key(&mut self, subject: SubjectId) -> Result<Option<SubjectKey>, ReadError> {
        (**self).subject_key(subject)
    }

    fn destroy_keys(&mut self, subjects: &[SubjectId]) -> Result<(), AppendError> {
        (**self).destroy_keys(subjects)
    }

    fn keep_snapshot(&mut self, snapshot: &Snapshot) -> Result<(), AppendError> {
        (**self).keep_snapshot(snapshot)
    }

    fn snapshot(&mut self, not_after: u64) -> Result<Option<Snapshot>, ReadError> {
        (**self).snapshot(not_after)
    }
}

/// The writer's last sign of life, as a follower finds it beside the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign {
    /// How the writer is reached, as it has said itself.
    pub address: String,
    /// How old the sign is: what this follower shows is no older once it has read everything there is.
    pub age: Duration,
}

/// A journal another writer appends to.
pub trait Tail: Journal {
    /// The writer's last sign of life; `None` where no writer has ever given one.
    ///
    /// # Errors
    /// [`ReadError`].
    fn sign(&mut self) -> Result<Option<Sign>, ReadError>;
}

/// How a follower becomes the writer.
pub trait Succession: Send {
    /// The journal to write to, if nobody else holds it. Whoever has it takes it over at once; letting it go gives
    /// it back.
    ///
    /// # Errors
    /// As [`Journal::append`]: then the next try may succeed.
    fn claim(&mut self) -> Result<Option<Box<dyn Journal>>, AppendError>;
}
