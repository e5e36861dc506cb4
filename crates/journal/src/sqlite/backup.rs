//! Copies of a journal: taken while it is written to, put back only where nothing is.

use std::path::{Path, PathBuf};

use holdfast_app::port::{Head, Journal as _, ReadError};
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::open::{KEYS_APPLICATION_ID, OpenError, Options, database, open, wal};
use super::{SqliteJournal, read};
use crate::files::beside;

/// How often a copy is begun before a busy source is given up.
const TRIES_MAX: u32 = 50;

/// Why a journal was not copied.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Something is there already.
    #[error("copy the journal: {path} exists; choose another path, or move it away")]
    Exists {
        /// What is there.
        path: PathBuf,
    },
    /// There is nothing to copy.
    #[error("copy the journal: there is no {path}")]
    Missing {
        /// What is not there.
        path: PathBuf,
    },
    /// The source or the copy could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The source or the copy could not be read.
    #[error("copy the journal")]
    Read(#[from] ReadError),
    /// SQLite failed.
    #[error("copy the journal")]
    Sqlite(#[from] rusqlite::Error),
    /// A file could not be written.
    #[error("write {path}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// Copies the journal at `from` to `to`, and its keys to `keys`, while a writer may go on appending. The keys are
/// wanted in another place than the journal, so that a lost copy of it opens nobody's data; without a place they
/// are not copied. Keys are copied after the journal: every group has its keys. Gives the head of the copy.
///
/// # Errors
/// [`BackupError`]; what was begun is removed again.
pub fn backup(from: &Path, to: &Path, keys: Option<&Path>) -> Result<Head, BackupError> {
    let options = Options { create: false, ..Options::default() };
    for target in [Some(to), keys].into_iter().flatten() {
        vacant(target)?;
    }
    for source in [from.to_owned(), beside(from, "keys")] {
        if !source.exists() {
            return Err(BackupError::Missing { path: source });
        }
    }
    copy(&open(from, &options)?, to)?;
    if let Some(keys) = keys {
        copy(&database(&beside(from, "keys"), &options, KEYS_APPLICATION_ID, "")?, keys)?;
    }
    let copied = Connection::open_with_flags(to, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    Ok(read::head(&copied)?)
}

/// Puts a copy back as the journal at `to`, with its keys, and checks its last group. Erased subjects' keys may be
/// among them: whoever opens the journal destroys these again, as its events say.
///
/// # Errors
/// [`BackupError::Exists`] where anything of a journal is at `to`: a log left from it would be applied to the copy.
pub fn restore(from: &Path, keys: Option<&Path>, to: &Path) -> Result<Head, BackupError> {
    vacant(to)?;
    let put = |source: &Path, target: &Path| -> Result<(), BackupError> {
        if !source.exists() {
            return Err(BackupError::Missing { path: source.to_owned() });
        }
        let source = Connection::open_with_flags(source, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        copy(&source, target)
    };
    put(from, to)?;
    if let Some(keys) = keys {
        put(keys, &beside(to, "keys"))?;
    }
    Ok(SqliteJournal::open(to)?.head()?)
}

pub(super) fn vacant(target: &Path) -> Result<(), BackupError> {
    let others = ["keys", "head", "snapshots"].map(|suffix| beside(target, suffix));
    for path in [target.to_owned(), wal(target)].into_iter().chain(others) {
        if path.exists() {
            return Err(BackupError::Exists { path });
        }
    }
    Ok(())
}

/// Copies a database whole, in one step and so in one state, and syncs it before it gets its name.
pub(super) fn copy(source: &Connection, to: &Path) -> Result<(), BackupError> {
    let part = beside(to, "part");
    let file = |source| BackupError::File { path: to.to_owned(), source };
    let copied = (|| {
        let mut target = Connection::open(&part)?;
        {
            let backup = Backup::new(source, &mut target)?;
            let mut tries = 0;
            // All pages in one step: the source is read in one transaction, which no writer waits for.
            while backup.step(-1)? != StepResult::Done {
                tries += 1;
                if tries == TRIES_MAX {
                    return Err(BackupError::Sqlite(rusqlite::Error::QueryReturnedNoRows));
                }
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
        }
        target.close().map_err(|(_, error)| error)?;
        std::fs::File::open(&part).and_then(|part| part.sync_all()).map_err(file)?;
        std::fs::rename(&part, to).map_err(file)
    })();
    if copied.is_err() {
        // What is left of it is no copy; the error that matters is the first one.
        let _ = std::fs::remove_file(&part);
    }
    copied
}
