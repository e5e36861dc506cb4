//! The file of accounts: SQLite beside the journal, nothing of customers in it. What requests need is kept in memory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::Connection;

use crate::audit::AuditFault;
use crate::breach::Breached;
use crate::password::Hasher;
use crate::session::Live;
use crate::throttle::Throttle;
use crate::{Principal, key, session};

/// What stands in SQLite's `application_id`: "HFA1".
const APPLICATION_ID: i32 = 0x4846_4131;
/// Number of the tables' layout.
const SCHEMA: i32 = 1;

const TABLES: &str = "
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  role TEXT NOT NULL, merchant TEXT, password TEXT NOT NULL, totp BLOB, totp_used INTEGER NOT NULL DEFAULT 0,
  created INTEGER NOT NULL, disabled INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE sessions (hash BLOB PRIMARY KEY, user INTEGER NOT NULL REFERENCES users(id), csrf TEXT NOT NULL,
  created INTEGER NOT NULL, seen INTEGER NOT NULL, proved INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE keys (id INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB NOT NULL UNIQUE, name TEXT NOT NULL,
  role TEXT NOT NULL, merchant TEXT, rights TEXT NOT NULL, created INTEGER NOT NULL,
  revoked INTEGER) STRICT;
CREATE TABLE links (hash BLOB PRIMARY KEY, role TEXT NOT NULL, merchant TEXT, user INTEGER,
  expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE devices (hash BLOB PRIMARY KEY, user INTEGER NOT NULL REFERENCES users(id),
  created INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE approvals (id TEXT PRIMARY KEY, digest BLOB NOT NULL, what TEXT NOT NULL, asked_by TEXT NOT NULL,
  asked_at INTEGER NOT NULL, approved_by TEXT, used INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE TABLE audit (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, what TEXT NOT NULL, who TEXT NOT NULL,
  detail TEXT NOT NULL, chain BLOB NOT NULL) STRICT;";

/// How sign-in is run. Times in milliseconds.
#[derive(Clone, Debug)]
pub struct Options {
    /// A session nobody uses for so long ends.
    pub idle_ms: i64,
    /// A session ends after so long in any case.
    pub session_ms: i64,
    /// Dangerous acts ask for the password again when it was last given longer ago.
    pub proof_ms: i64,
    /// A one-time link works for so long.
    pub link_ms: i64,
    /// A second approval works for so long.
    pub approval_ms: i64,
    /// Guesses at one account, from devices it does not know, in a quarter of an hour.
    pub guesses_account: u32,
    /// Guesses from one address in a quarter of an hour.
    pub guesses_address: u32,
    /// Guesses in all in a minute.
    pub guesses_all: u32,
    /// Passwords that may wait to be hashed.
    pub hashes_max: usize,
    /// The operator's own copy of a list of breached passwords.
    pub breached: Option<PathBuf>,
    /// Argon2id's memory in KiB and passes; lower only in tests.
    pub hash_cost: (u32, u32),
}

impl Default for Options {
    fn default() -> Self {
        let minute = 60_000;
        Self {
            idle_ms: 60 * minute,
            session_ms: 12 * 60 * minute,
            proof_ms: 10 * minute,
            link_ms: 24 * 60 * minute,
            approval_ms: 30 * minute,
            guesses_account: 10,
            guesses_address: 30,
            guesses_all: 300,
            hashes_max: 16,
            breached: None,
            hash_cost: (19_456, 2),
        }
    }
}

/// Why the file of accounts could not be used.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// SQLite failed.
    #[error("use the file of accounts")]
    Sqlite(#[from] rusqlite::Error),
    /// Another program's file, or a newer one's.
    #[error("open {path}: it is not a file of accounts of this version; choose another data folder")]
    Foreign {
        /// Which.
        path: PathBuf,
    },
    /// The breached-password list cannot be read.
    #[error(transparent)]
    Breached(#[from] crate::breach::BreachedError),
    /// The log of who did what was altered.
    #[error(transparent)]
    Audit(#[from] AuditFault),
    /// The name is taken, unknown, or not one.
    #[error("{0}")]
    Account(&'static str),
}

/// Accounts, sessions, keys.
pub struct Access {
    pub(crate) options: Options,
    pub(crate) db: Mutex<Connection>,
    pub(crate) throttle: Throttle,
    pub(crate) hasher: Hasher,
    pub(crate) breached: Breached,
    /// API keys by digest.
    pub(crate) keys: RwLock<BTreeMap<[u8; 32], Principal>>,
    /// Sessions by digest.
    pub(crate) sessions: RwLock<BTreeMap<[u8; 32], Live>>,
}

impl Access {
    /// Opens the file of accounts, or makes it.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn open(path: &Path, options: Options) -> Result<Self, AccessError> {
        let db = Connection::open(path)?;
        restrict(path);
        db.pragma_update(None, "journal_mode", "wal")?;
        db.pragma_update(None, "synchronous", "full")?;
        db.pragma_update(None, "foreign_keys", true)?;
        db.busy_timeout(std::time::Duration::from_secs(5))?;
        let found: i32 = db.query_row("PRAGMA application_id", [], |row| row.get(0))?;
        let schema: i32 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        match (found, schema) {
            (APPLICATION_ID, SCHEMA) => {}
            (0, 0) => {
                let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
                if tables > 0 {
                    return Err(AccessError::Foreign { path: path.to_owned() });
                }
                db.execute_batch(&format!(
                    "BEGIN; {TABLES} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA}; COMMIT;"
                ))?;
            }
            _ => return Err(AccessError::Foreign { path: path.to_owned() }),
        }
        let breached = Breached::open(options.breached.as_deref())?;
        let (keys, sessions) = (key::load(&db)?, session::load(&db)?);
        Ok(Self {
            throttle: Throttle::new(&options),
            hasher: Hasher::new(options.hash_cost, options.hashes_max),
            breached,
            options,
            db: Mutex::new(db),
            keys: RwLock::new(keys),
            sessions: RwLock::new(sessions),
        })
    }

    /// Puts the accounts, sessions and keys of a copy in the place of this file's: for a service that follows another.
    ///
    /// # Errors
    /// [`AccessError`]; then nothing was changed.
    pub fn replace(&self, copy: &Path) -> Result<(), AccessError> {
        let source = Connection::open_with_flags(copy, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let found: i32 = source.query_row("PRAGMA application_id", [], |row| row.get(0))?;
        let schema: i32 = source.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if (found, schema) != (APPLICATION_ID, SCHEMA) {
            return Err(AccessError::Foreign { path: copy.to_owned() });
        }
        let mut db = self.db();
        rusqlite::backup::Backup::new(&source, &mut db)?.run_to_completion(
            i32::MAX,
            std::time::Duration::ZERO,
            None,
        )?;
        let (keys, sessions) = (key::load(&db)?, session::load(&db)?);
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        *self.sessions.write().unwrap_or_else(PoisonError::into_inner) = sessions;
        Ok(())
    }

    /// How sign-in is run.
    #[must_use]
    pub const fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) fn db(&self) -> MutexGuard<'_, Connection> {
        // Every change is one transaction, so no panic leaves half of one.
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Only its owner may read the file. Where the system knows no such thing, the folder's own rights stand.
fn restrict(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        drop(std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)));
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// A fresh secret of 256 bits as text.
pub(crate) fn secret() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the system gives entropy; without it nobody may be let in");
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What is stored of a secret. It has 256 bits of entropy, so a fast digest is enough.
pub(crate) fn digest(secret: &str) -> [u8; 32] {
    *blake3::hash(secret.as_bytes()).as_bytes()
}
