//! The journal in SQLite: one file an operator can copy, with the keys of its subjects in a file of their own.
//!
//! Invariants: a group is one transaction, synced to disk before [`Journal::append`] returns; the head, the epoch
//! and the group are checked and written in that one transaction; keys are on disk before the group that needs
//! them. Beside `<journal>` stand `<journal>.keys`, `<journal>.head` (the last acknowledged head, see `witness`),
//! `<journal>.lock` and the folder `<journal>.snapshots` (a cache).

mod backup;
mod check;
pub(crate) mod fill;
mod keys;
mod open;
#[cfg(feature = "postgres")]
pub(crate) mod raw;
mod read;

use std::path::{Path, PathBuf};

use holdfast_app::port::{AppendError, Group, Groups, Head, Journal, ReadError, Snapshot, SubjectKey};
use holdfast_domain::id::SubjectId;
use holdfast_domain::table::Digest;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use crate::files::snapshots::Snapshots;
use crate::files::witness::{self, Witness};
use crate::files::{FileError, beside};
use crate::format;

pub use backup::{BackupError, backup, restore};
pub use check::FileFault;
pub use fill::cut;
pub use open::{APPLICATION_ID, OpenError, Options, SCHEMA};

use keys::Keys;

/// The most bytes an artefact may have; SQLite itself ends at a thousand million.
pub const ARTEFACT_BYTES_MAX: usize = 512 << 20;

/// A journal in a file.
#[derive(Debug)]
pub struct SqliteJournal {
    path: PathBuf,
    options: Options,
    state: Connected,
    keys: Keys,
    snapshots: Snapshots,
    witness: Witness,
    lock: Option<std::fs::File>,
    #[cfg(test)]
    fault: Option<Fault>,
}

/// Whether the connection's view of the file is to be trusted.
#[derive(Debug)]
enum Connected {
    /// It is.
    Sure(Connection),
    /// A commit's outcome is unknown: the file has to be opened anew before anything else.
    Unsure,
}

/// What a test lets a commit do.
#[cfg(test)]
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// Report a failure, and have written.
    AfterCommit,
    /// Report a failure, and have written nothing.
    BeforeCommit,
}

/// Why a write was refused or failed; the source of an [`AppendError`].
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// SQLite failed.
    #[error("write to the journal's file")]
    Sqlite(#[from] rusqlite::Error),
    /// The group has no bytes.
    #[error(transparent)]
    Format(#[from] format::FormatError),
    /// A file beside the journal could not be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// Another process writes.
    #[error("lock {0}: another process is writing to this journal; stop it first")]
    Locked(PathBuf),
    /// The same digest stands for something else already.
    #[error("keep artefact: another one is kept under the same digest")]
    OtherArtefact,
    /// An artefact over the limit.
    #[error("keep artefact: its {0} bytes are over the limit of {ARTEFACT_BYTES_MAX}")]
    LargeArtefact(usize),
    /// The journal could not be read before writing to it.
    #[error(transparent)]
    Read(#[from] Box<ReadError>),
    /// The file could not be opened anew.
    #[error(transparent)]
    Open(#[from] Box<OpenError>),
}

fn failed(error: impl Into<WriteError>) -> AppendError {
    AppendError::Failed(Box::new(error.into()))
}

impl SqliteJournal {
    /// Opens the journal at `path`, or makes it.
    ///
    /// # Errors
    /// [`OpenError`]: not a database, another program's, a newer one's, or settings that would lose what was
    /// acknowledged.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Self::open_with(path, Options::default())
    }

    /// As [`SqliteJournal::open`], with [`Options`].
    ///
    /// # Errors
    /// As [`SqliteJournal::open`].
    pub fn open_with(path: &Path, options: Options) -> Result<Self, OpenError> {
        let witness = Witness::open(path, options.create)?;
        if std::fs::metadata(path).map_or(true, |file| file.len() == 0) {
            // Before anything is made anew: what was acknowledged must not turn into an empty journal.
            let seen = witness.read();
            seen.and_then(|seen| witness::compare(seen, Head::default()))
                .map_err(|error| OpenError::Unreadable(Box::new(error)))?;
        }
        let connection = open::open(path, &options)?;
        let mut journal = Self {
            path: path.to_owned(),
            options,
            state: Connected::Sure(connection),
            keys: Keys::open(path, &options)?,
            snapshots: Snapshots::beside(path),
            witness,
            lock: None,
            #[cfg(test)]
            fault: None,
        };
        journal.head().map_err(|error| OpenError::Unreadable(Box::new(error)))?;
        Ok(journal)
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn connection(&mut self) -> Result<&mut Connection, OpenError> {
        if matches!(self.state, Connected::Unsure) {
            let connection = open::open(&self.path, &self.options)?;
            // A frame that a failed commit left behind the log's known end could come back after a crash. A write
            // that is durable takes its place; only then is it certain what the journal holds.
            connection.execute("UPDATE writer SET settled = settled + 1", [])?;
            self.state = Connected::Sure(connection);
        }
        match &mut self.state {
            Connected::Sure(connection) => Ok(connection),
            Connected::Unsure => unreachable!("it was made sure above"),
        }
    }

    fn reader(&mut self) -> Result<&mut Connection, ReadError> {
        self.connection().map_err(|error| ReadError::Storage(Box::new(error)))
    }

    /// Takes the file lock that keeps a second process from writing; held until this journal is dropped.
    fn hold_lock(&mut self) -> Result<(), WriteError> {
        if self.lock.is_some() || !self.options.writer_lock {
            return Ok(());
        }
        let path = beside(&self.path, "lock");
        let file = |source| WriteError::File(FileError { path: path.clone(), source });
        let lock =
            std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(file)?;
        match lock.try_lock() {
            Ok(()) => self.lock = Some(lock),
            Err(std::fs::TryLockError::WouldBlock) => return Err(WriteError::Locked(path)),
            Err(std::fs::TryLockError::Error(source)) => return Err(file(source)),
        }
        Ok(())
    }

    /// Writes in one durable transaction. An error before the commit is `Failed`, one of the commit is `Unknown`.
    fn transact<T>(
        &mut self,
        write: impl FnOnce(&rusqlite::Transaction<'_>, &mut Keys) -> Result<T, AppendError>,
    ) -> Result<T, AppendError> {
        self.hold_lock().map_err(failed)?;
        self.connection().map_err(|error| failed(Box::new(error)))?;
        let Connected::Sure(connection) = &mut self.state else { unreachable!("it was made sure above") };
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        // Dropping the transaction rolls it back.
        let value = write(&transaction, &mut self.keys)?;
        #[cfg(test)]
        let committed = match self.fault.take() {
            None => transaction.commit(),
            Some(Fault::AfterCommit) => transaction.commit().and(Err(rusqlite::Error::InvalidQuery)),
            Some(Fault::BeforeCommit) => transaction.rollback().and(Err(rusqlite::Error::InvalidQuery)),
        };
        #[cfg(not(test))]
        let committed = transaction.commit();
        if let Err(error) = committed {
            self.state = Connected::Unsure;
            return Err(AppendError::Unknown(Box::new(WriteError::Sqlite(error))));
        }
        Ok(value)
    }
}

impl Journal for SqliteJournal {
    fn take_over(&mut self) -> Result<Head, AppendError> {
        self.hold_lock().map_err(failed)?;
        self.head().map_err(|error| failed(Box::new(error)))?;
        self.transact(|transaction, _| {
            transaction.execute("UPDATE writer SET epoch = epoch + 1", []).map_err(failed)?;
            read::head(transaction).map_err(|error| failed(Box::new(error)))
        })
    }

    fn head(&mut self) -> Result<Head, ReadError> {
        // The witness first: a group that is appended meanwhile must not look like one that was lost.
        let seen = self.witness.read()?;
        let head = read::head(self.reader()?)?;
        witness::compare(seen, head)?;
        Ok(head)
    }

    fn append(&mut self, expected: Head, group: &Group) -> Result<Head, AppendError> {
        let bytes = format::encode(expected.epoch, group).map_err(failed)?;
        let first = expected.version + 1;
        let chain = format::chain(&expected.chain, first, &bytes);
        let head = Head { version: expected.version + group.entries.len() as u64, chain, ..expected };
        self.transact(|transaction, keys| {
            let found = read::head(transaction).map_err(|error| failed(Box::new(error)))?;
            if found != expected {
                return Err(AppendError::Fenced { found: found.version, epoch: found.epoch });
            }
            for (digest, bytes) in &group.artefacts {
                keep_artefact(transaction, digest, bytes).map_err(failed)?;
            }
            // Durable before the group: a key without a group harms nobody, a group without its key is lost data.
            keys.keep(first, &group.subject_keys).map_err(failed)?;
            let insert = "INSERT INTO groups (first, last, chain, bytes) VALUES (?1, ?2, ?3, ?4)";
            let mut insert = transaction.prepare_cached(insert).map_err(failed)?;
            insert
                .execute(params![first as i64, head.version as i64, &head.chain[..], bytes])
                .map_err(failed)?;
            Ok(())
        })?;
        self.keys.settled();
        self.witness.write(head);
        Ok(head)
    }

    fn read(&mut self, after: u64) -> Result<Groups<'_>, ReadError> {
        let head = self.head()?;
        read::groups(self.reader()?, after, head)
    }

    fn artefact(&mut self, digest: &Digest) -> Result<Option<Vec<u8>>, ReadError> {
        let connection = self.reader()?;
        let found = connection
            .query_row("SELECT hash, bytes FROM artefacts WHERE digest = ?1", [&digest[..]], |row| {
                Ok((row.get::<_, [u8; 32]>(0)?, row.get::<_, Vec<u8>>(1)?))
            })
            .optional()
            .map_err(|error| read::fault(error, 0))?;
        let Some((hash, bytes)) = found else { return Ok(None) };
        if *blake3::hash(&bytes).as_bytes() != hash {
            let why = "an artefact's bytes do not have the hash they were written with".to_owned();
            return Err(ReadError::Damaged { after: read::head(connection)?.version, why });
        }
        Ok(Some(bytes))
    }

    fn subject_key(&mut self, subject: SubjectId) -> Result<Option<SubjectKey>, ReadError> {
        let version = read::head(self.reader()?)?.version;
        self.keys.get(subject, version)
    }

    fn destroy_keys(&mut self, subjects: &[SubjectId]) -> Result<(), AppendError> {
        self.hold_lock().map_err(failed)?;
        self.keys.destroy(subjects)
    }

    fn keep_snapshot(&mut self, snapshot: &Snapshot) -> Result<(), AppendError> {
        self.snapshots.keep(snapshot).map_err(failed)
    }

    fn snapshot(&mut self, not_after: u64) -> Result<Option<Snapshot>, ReadError> {
        self.snapshots.newest(not_after).map_err(|error| ReadError::Storage(Box::new(error)))
    }
}

fn keep_artefact(
    transaction: &rusqlite::Transaction<'_>,
    digest: &Digest,
    bytes: &[u8],
) -> Result<(), WriteError> {
    if bytes.len() > ARTEFACT_BYTES_MAX {
        return Err(WriteError::LargeArtefact(bytes.len()));
    }
    let hash = blake3::hash(bytes);
    let known: Option<[u8; 32]> = transaction
        .query_row("SELECT hash FROM artefacts WHERE digest = ?1", [&digest[..]], |row| row.get(0))
        .optional()?;
    match known {
        Some(known) if known == *hash.as_bytes() => Ok(()),
        Some(_) => Err(WriteError::OtherArtefact),
        None => {
            let insert = "INSERT INTO artefacts (digest, hash, bytes) VALUES (?1, ?2, ?3)";
            transaction.execute(insert, params![&digest[..], &hash.as_bytes()[..], bytes])?;
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests;
