//! The rows of a journal as they lie there, for whoever moves it into another store without touching a byte.

use std::path::Path;

use holdfast_app::port::{AppendError, Journal as _};
use rusqlite::{Connection, OpenFlags, params};

use super::SqliteJournal;
use super::open::{OpenError, Options};
use crate::files::beside;

/// A journal's file that nobody else writes to.
pub(crate) struct Raw {
    journal: SqliteJournal,
    groups: Connection,
    keys: Connection,
}

/// A row of groups.
pub(crate) struct RawGroup {
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) chain: [u8; 32],
    pub(crate) bytes: Vec<u8>,
}

/// A row of keys.
pub(crate) struct RawKey {
    pub(crate) subject: i64,
    pub(crate) version: i64,
    pub(crate) key: Vec<u8>,
    pub(crate) check_sum: Vec<u8>,
}

/// Why a file is not moved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RawError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("take the journal over; stop the service that runs on it first")]
    Held(#[from] AppendError),
    #[error("open the journal's file")]
    Sqlite(#[from] rusqlite::Error),
}

/// Opens the journal at `path`, takes it over so that no service can go on writing to it, and holds its lock.
pub(crate) fn open(path: &Path) -> Result<Raw, RawError> {
    let mut journal = SqliteJournal::open_with(path, Options { create: false, ..Options::default() })?;
    journal.take_over()?;
    let read = |path: &Path| Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
    Ok(Raw { journal, groups: read(path)?, keys: read(&beside(path, "keys"))? })
}

impl Raw {
    pub(crate) const fn journal(&mut self) -> &mut SqliteJournal {
        &mut self.journal
    }

    /// Hands every group on, in order.
    pub(crate) fn each_group<E>(
        &self,
        unread: impl Fn(rusqlite::Error) -> E,
        take: &mut dyn FnMut(RawGroup) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut select = self
            .groups
            .prepare("SELECT first, last, chain, bytes FROM groups ORDER BY first")
            .map_err(&unread)?;
        let mut rows = select.query([]).map_err(&unread)?;
        while let Some(row) = rows.next().map_err(&unread)? {
            let group = (|| {
                Ok(RawGroup { first: row.get(0)?, last: row.get(1)?, chain: row.get(2)?, bytes: row.get(3)? })
            })();
            take(group.map_err(&unread)?)?;
        }
        Ok(())
    }

    pub(crate) fn keys(&self) -> rusqlite::Result<Vec<RawKey>> {
        let mut select = self.keys.prepare("SELECT subject, version, key, check_sum FROM keys")?;
        let rows = select.query_map([], |row| {
            Ok(RawKey {
                subject: row.get(0)?,
                version: row.get(1)?,
                key: row.get(2)?,
                check_sum: row.get(3)?,
            })
        })?;
        rows.collect()
    }

    pub(crate) fn artefact_digests(&self) -> rusqlite::Result<Vec<Vec<u8>>> {
        let mut select = self.groups.prepare("SELECT digest FROM artefacts ORDER BY id")?;
        let rows = select.query_map([], |row| row.get(0))?;
        rows.collect()
    }

    /// Hash and bytes of an artefact.
    pub(crate) fn artefact(&self, digest: &[u8]) -> rusqlite::Result<(Vec<u8>, Vec<u8>)> {
        let select = "SELECT hash, bytes FROM artefacts WHERE digest = ?1";
        self.groups.query_row(select, params![digest], |row| Ok((row.get(0)?, row.get(1)?)))
    }
}
