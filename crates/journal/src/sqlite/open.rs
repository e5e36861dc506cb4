//! Opening a database of ours, and refusing every other: what it is, what it can be trusted with, what is in it.

use std::ffi::OsString;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use holdfast_app::port::ReadError;
use rusqlite::{Connection, OpenFlags};

use crate::files::FileError;

/// What stands in SQLite's `application_id`: "HFJ1".
pub const APPLICATION_ID: i32 = 0x4846_4A31;

/// What stands in the `application_id` of the file with the keys: "HFK1".
pub(super) const KEYS_APPLICATION_ID: i32 = 0x4846_4B31;

/// What stands in `user_version`: the number of the tables' layout. Groups have a format number of their own.
pub const SCHEMA: i32 = 1;

/// Bytes of a page. Groups are blobs of tens of kilobytes, so large pages mean short chains.
const PAGE_BYTES: u32 = 8_192;

/// How a journal is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether writing takes the file lock that keeps other processes from writing. Off only where another lock
    /// does it; expected head and epoch are checked in any case.
    pub writer_lock: bool,
    /// Whether files that are not there are made; otherwise they have to exist.
    pub create: bool,
    /// How long to wait for another connection's write, in milliseconds.
    pub busy_timeout_ms: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { writer_lock: true, create: true, busy_timeout_ms: 5_000 }
    }
}

/// Why a file is not opened as a journal.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No file of SQLite's.
    #[error("open {path}: it is not a database; check the path, or restore it from a backup")]
    NotADatabase {
        /// Which file.
        path: PathBuf,
    },
    /// Another program's.
    #[error(
        "open {path}: it is another program's database (application id {found:#010x}); choose another path"
    )]
    Foreign {
        /// Which file.
        path: PathBuf,
        /// The id it has.
        found: i32,
    },
    /// A newer program's.
    #[error(
        "open {path}: its tables have layout {found}, this program knows up to {SCHEMA}; use the newer program"
    )]
    TooNew {
        /// Which file.
        path: PathBuf,
        /// The layout it has.
        found: i32,
    },
    /// A setting without which an acknowledged group could be lost.
    #[error(
        "open {path}: {pragma} is {found:?} and not {wanted:?}, so a power failure could lose what was \
         acknowledged; put the journal on a local disk"
    )]
    Unsafe {
        /// Which file.
        path: PathBuf,
        /// Which setting.
        pragma: &'static str,
        /// What it is.
        found: String,
        /// What it has to be.
        wanted: &'static str,
    },
    /// The file's log is there, its content is not.
    #[error(
        "open {path}: it is empty or missing, and {log} is not; restore it from a backup, and keep the log for that"
    )]
    Lost {
        /// Which file.
        path: PathBuf,
        /// Its log.
        log: PathBuf,
    },
    /// It opens and cannot be read.
    #[error("open the journal")]
    Unreadable(#[source] Box<ReadError>),
    /// A file beside the journal.
    #[error(transparent)]
    File(#[from] FileError),
    /// SQLite failed.
    #[error("open the journal's file")]
    Sqlite(#[from] rusqlite::Error),
}

/// The write-ahead log of the database at `path`.
pub(super) fn wal(path: &Path) -> PathBuf {
    let mut name = OsString::from(path.as_os_str());
    name.push("-wal");
    PathBuf::from(name)
}

/// A connection to the journal at `path`.
pub(super) fn open(path: &Path, options: &Options) -> Result<Connection, OpenError> {
    let tables = "
        CREATE TABLE writer (id INTEGER PRIMARY KEY CHECK (id = 1), epoch INTEGER NOT NULL, settled INTEGER NOT NULL) STRICT;
        INSERT INTO writer VALUES (1, 0, 0);
        CREATE TABLE groups (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, chain BLOB NOT NULL, bytes BLOB NOT NULL) STRICT;
        CREATE TABLE artefacts (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, hash BLOB NOT NULL, bytes BLOB NOT NULL) STRICT;";
    database(path, options, APPLICATION_ID, tables)
}

/// A connection to a database with `application_id`; `tables` are made where the file is new.
pub(super) fn database(
    path: &Path,
    options: &Options,
    application_id: i32,
    tables: &str,
) -> Result<Connection, OpenError> {
    looks_like_sqlite(path)?;
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if options.create {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let named = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => OpenError::NotADatabase { path: path.to_owned() },
        _ => OpenError::Sqlite(error),
    };
    let connection = Connection::open_with_flags(path, flags).map_err(named)?;
    connection.busy_timeout(Duration::from_millis(u64::from(options.busy_timeout_ms)))?;
    let found: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0)).map_err(named)?;
    let tables_there: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(named)?;
    let fresh = found == 0 && tables_there == 0;
    if !fresh && found != application_id {
        return Err(OpenError::Foreign { path: path.to_owned(), found });
    }
    let layout: i32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if layout > SCHEMA {
        return Err(OpenError::TooNew { path: path.to_owned(), found: layout });
    }
    if fresh {
        connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    }
    make_safe(&connection, path)?;
    if fresh {
        connection.execute_batch(&format!(
            "BEGIN IMMEDIATE; {tables} PRAGMA application_id = {application_id}; PRAGMA user_version = {SCHEMA}; COMMIT;"
        ))?;
    }
    Ok(connection)
}

/// A file that is there and not empty has to begin as SQLite's do. One that is empty beside a log that is not has
/// lost its content: SQLite would delete the log and begin anew.
fn looks_like_sqlite(path: &Path) -> Result<(), OpenError> {
    let mut start = [0; 16];
    let io = |source| OpenError::File(FileError { path: path.to_owned(), source });
    let mut file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return new_or_lost(path),
        Err(error) => return Err(io(error)),
    };
    if file.metadata().map_err(io)?.len() == 0 {
        return new_or_lost(path);
    }
    match file.read_exact(&mut start) {
        Ok(()) if &start == b"SQLite format 3\0" => Ok(()),
        Err(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => Err(io(error)),
        _ => Err(OpenError::NotADatabase { path: path.to_owned() }),
    }
}

fn new_or_lost(path: &Path) -> Result<(), OpenError> {
    let log = wal(path);
    if std::fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        return Err(OpenError::Lost { path: path.to_owned(), log });
    }
    Ok(())
}

/// Sets what durability needs, and reads it back: a setting that did not take is refused.
fn make_safe(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let refuse = |pragma, found: String, wanted| {
        Err(OpenError::Unsafe { path: path.to_owned(), pragma, found, wanted })
    };
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return refuse("journal_mode", mode, "wal");
    }
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;
         PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA secure_delete = ON;
         PRAGMA foreign_keys = OFF; PRAGMA cache_size = -16384;",
    )?;
    let _: i64 = connection.query_row("PRAGMA mmap_size = 0", [], |row| row.get(0)).unwrap_or(0);
    let synchronous: i64 = connection.query_row("PRAGMA synchronous", [], |row| row.get(0))?;
    // 2 is FULL; 3, EXTRA, is as good.
    if !(2..=3).contains(&synchronous) {
        return refuse("synchronous", synchronous.to_string(), "2");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{OpenError, make_safe};
    use std::path::Path;

    #[test]
    fn a_database_that_cannot_be_made_durable_is_refused() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let refused = make_safe(&connection, Path::new("memory"));
        assert!(matches!(refused, Err(OpenError::Unsafe { pragma: "journal_mode", .. })), "{refused:?}");
    }
}
