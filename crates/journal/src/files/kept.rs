//! Small SQLite files that stand beside the journal, copied whole while they are in use.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::{FileError, beside};

/// The hash a copy is known by.
#[must_use]
pub fn hash(bytes: &[u8]) -> [u8; 32] {
    *blake3::hash(bytes).as_bytes()
}

/// A file that is watched for changes.
#[derive(Debug)]
pub struct KeptFile {
    path: PathBuf,
    db: Connection,
    /// What SQLite counts commits of other connections by, when the last copy was taken.
    copied: Option<i64>,
}

/// Why a file could not be copied.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// SQLite failed.
    #[error("copy {path}")]
    Sqlite {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: rusqlite::Error,
    },
    /// The copy could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
}

impl KeptFile {
    /// Watches the file at `path`.
    ///
    /// # Errors
    /// [`KeptError`].
    pub fn open(path: &Path) -> Result<Self, KeptError> {
        let fault = |source| KeptError::Sqlite { path: path.to_owned(), source };
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags).map_err(fault)?;
        db.busy_timeout(std::time::Duration::from_secs(5)).map_err(fault)?;
        Ok(Self { path: path.to_owned(), db, copied: None })
    }

    /// A whole copy, if anything was changed since the last one was [taken](Self::taken).
    ///
    /// # Errors
    /// [`KeptError`].
    pub fn changed(&self) -> Result<Option<(i64, Vec<u8>)>, KeptError> {
        let fault = |source| KeptError::Sqlite { path: self.path.clone(), source };
        let at: i64 = self.db.query_row("PRAGMA data_version", [], |row| row.get(0)).map_err(fault)?;
        if self.copied == Some(at) {
            return Ok(None);
        }
        let copy = beside(&self.path, "copy");
        // What an earlier try left behind.
        let _ = std::fs::remove_file(&copy);
        let text = copy.to_string_lossy().into_owned();
        self.db.execute("VACUUM INTO ?1", [text]).map_err(fault)?;
        let read = std::fs::read(&copy).map_err(|source| FileError { path: copy.clone(), source });
        let _ = std::fs::remove_file(&copy);
        Ok(Some((at, read?)))
    }

    /// Notes that the copy of `at` is where it has to be.
    pub const fn taken(&mut self, at: i64) {
        self.copied = Some(at);
    }
}
