//! A new journal's file, filled with rows as they lay in another store, and a journal cut where somebody wants to
//! begin again.

use std::path::{Path, PathBuf};

use holdfast_app::port::{Head, ReadError};
use rusqlite::{Connection, params};

use super::backup::{BackupError, copy, vacant};
use super::keys::TABLES as KEY_TABLES;
use super::open::{KEYS_APPLICATION_ID, Options, database, open};
use super::read;
use crate::files::beside;

/// A copy in the making: nothing bears its name before it is whole.
#[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "a copy out of PostgreSQL alone fills one"))]
pub(crate) struct Fill {
    to: PathBuf,
    keys_to: Option<PathBuf>,
    folder: PathBuf,
    groups: Connection,
    keys: Connection,
}

#[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "a copy out of PostgreSQL alone fills one"))]
impl Fill {
    /// A copy that will be at `to`, with its keys at `keys`.
    pub(crate) fn begin(to: &Path, keys_to: Option<&Path>) -> Result<Self, BackupError> {
        for target in [Some(to), keys_to].into_iter().flatten() {
            vacant(target)?;
        }
        let folder = beside(to, "filling");
        let file = |source| BackupError::File { path: folder.clone(), source };
        // What an earlier try left behind is no copy.
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).map_err(file)?;
        let options = Options::default();
        let groups = open(&folder.join("journal"), &options)?;
        let keys = database(&folder.join("keys"), &options, KEYS_APPLICATION_ID, KEY_TABLES)?;
        // One transaction each: the copy is synced whole when it gets its name.
        groups.execute_batch("BEGIN")?;
        keys.execute_batch("BEGIN")?;
        Ok(Self { to: to.to_owned(), keys_to: keys_to.map(Path::to_owned), folder, groups, keys })
    }

    pub(crate) fn group(&self, first: i64, last: i64, chain: &[u8], bytes: &[u8]) -> rusqlite::Result<()> {
        let mut insert = self.groups.prepare_cached("INSERT INTO groups VALUES (?1, ?2, ?3, ?4)")?;
        insert.execute(params![first, last, chain, bytes]).map(drop)
    }

    pub(crate) fn artefact(&self, digest: &[u8], hash: &[u8], bytes: &[u8]) -> rusqlite::Result<()> {
        let insert = "INSERT INTO artefacts (digest, hash, bytes) VALUES (?1, ?2, ?3)";
        self.groups.prepare_cached(insert)?.execute(params![digest, hash, bytes]).map(drop)
    }

    pub(crate) fn key(
        &self,
        subject: i64,
        version: i64,
        key: &[u8],
        check_sum: &[u8],
    ) -> rusqlite::Result<()> {
        let mut insert = self.keys.prepare_cached("INSERT INTO keys VALUES (?1, ?2, ?3, ?4)")?;
        insert.execute(params![subject, version, key, check_sum]).map(drop)
    }

    /// Gives the copy its name, with the epoch the journal had.
    pub(crate) fn finish(self, epoch: u64) -> Result<Head, BackupError> {
        self.groups.execute("UPDATE writer SET epoch = ?1", [epoch.cast_signed()])?;
        self.groups.execute_batch("COMMIT")?;
        self.keys.execute_batch("COMMIT")?;
        copy(&self.groups, &self.to)?;
        if let Some(keys) = &self.keys_to {
            copy(&self.keys, keys)?;
        }
        Ok(read::head(&self.groups)?)
    }
}

impl Drop for Fill {
    fn drop(&mut self) {
        // It holds keys: nothing of it stays.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Takes everything after `until` out of a journal nobody has opened: its last groups, and the keys they brought. A
/// group that goes beyond `until` goes whole. Gives where the journal stands now.
///
/// # Errors
/// [`BackupError`].
pub fn cut(path: &Path, until: u64) -> Result<Head, BackupError> {
    let options = Options { create: false, ..Options::default() };
    let until = i64::try_from(until).unwrap_or(i64::MAX);
    let groups = open(path, &options)?;
    groups.execute("DELETE FROM groups WHERE last > ?1", [until])?;
    let keys = beside(path, "keys");
    if keys.exists() {
        let keys = database(&keys, &options, KEYS_APPLICATION_ID, "")?;
        keys.execute("DELETE FROM keys WHERE version > ?1", [until])?;
    }
    // What the witness saw is no longer to be there.
    match std::fs::remove_file(beside(path, "head")) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(source) => return Err(BackupError::File { path: beside(path, "head"), source }),
    }
    read::head(&groups).map_err(|error: ReadError| error.into())
}
