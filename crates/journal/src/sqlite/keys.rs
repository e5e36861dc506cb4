//! The keys of subjects, in a database of their own that is backed up apart.
//!
//! It is not attached to the journal's connection: a transaction over attached files in WAL mode is atomic in each
//! file, not over both, when the power fails. So the order is fixed instead: keys first, then the group. A key is
//! kept with the version that brought it, so one whose group was never written is known for what it is, and does
//! not replace the key of data that exist.

use std::path::Path;

use holdfast_app::port::{AppendError, ReadError, SubjectKey};
use holdfast_domain::id::SubjectId;
use rusqlite::{Connection, OptionalExtension, params};

use super::open::{KEYS_APPLICATION_ID, OpenError, Options, database};
use super::{WriteError, failed, read};
use crate::files::beside;
use crate::keys::check_sum;

pub(super) const TABLES: &str = "
    CREATE TABLE keys (subject INTEGER NOT NULL, version INTEGER NOT NULL, key BLOB NOT NULL,
        check_sum BLOB NOT NULL, PRIMARY KEY (subject, version)) STRICT, WITHOUT ROWID;
    CREATE INDEX keys_version ON keys (version);";

#[derive(Debug)]
pub(super) struct Keys {
    connection: Connection,
    /// Whether keys may be there whose group was never written.
    orphans: bool,
}

impl Keys {
    pub(super) fn open(journal: &Path, options: &Options) -> Result<Self, OpenError> {
        let connection = database(&beside(journal, "keys"), options, KEYS_APPLICATION_ID, TABLES)?;
        Ok(Self { connection, orphans: true })
    }

    /// Makes keys durable that the group beginning at `first` brings, and drops those from `first` on: they came
    /// with groups that were never written, and would be taken for this one's.
    pub(super) fn keep(&mut self, first: u64, keys: &[(SubjectId, SubjectKey)]) -> Result<(), WriteError> {
        if keys.is_empty() && !self.orphans {
            return Ok(());
        }
        self.orphans |= !keys.is_empty();
        let transaction = self.connection.transaction()?;
        transaction.prepare_cached("DELETE FROM keys WHERE version >= ?1")?.execute([first as i64])?;
        {
            let mut insert =
                transaction.prepare_cached("INSERT OR REPLACE INTO keys VALUES (?1, ?2, ?3, ?4)")?;
            for (subject, key) in keys {
                insert.execute(params![
                    subject.0,
                    first as i64,
                    &key.0[..],
                    &check_sum(*subject, key)[..]
                ])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// Notes that the group is durable whose keys were kept last.
    pub(super) const fn settled(&mut self) {
        self.orphans = false;
    }

    /// The key of a subject as it stood at `version`.
    pub(super) fn get(&self, subject: SubjectId, version: u64) -> Result<Option<SubjectKey>, ReadError> {
        let select = "SELECT key, check_sum FROM keys WHERE subject = ?1 AND version <= ?2 \
                      ORDER BY version DESC LIMIT 1";
        let found = self
            .connection
            .prepare_cached(select)
            .and_then(|mut select| {
                select
                    .query_row(params![subject.0, version as i64], |row| {
                        Ok((SubjectKey(row.get(0)?), row.get::<_, [u8; 8]>(1)?))
                    })
                    .optional()
            })
            .map_err(|error| read::fault(error, version))?;
        match found {
            Some((key, sum)) if check_sum(subject, &key) != sum => Err(ReadError::Damaged {
                after: version,
                why: format!("the key of {subject} is not the one that was written"),
            }),
            found => Ok(found.map(|(key, _)| key)),
        }
    }

    /// Destroys keys: rows are overwritten, and the log that still holds them is emptied.
    pub(super) fn destroy(&mut self, subjects: &[SubjectId]) -> Result<(), AppendError> {
        let transaction = self.connection.transaction().map_err(failed)?;
        for subject in subjects {
            transaction
                .prepare_cached("DELETE FROM keys WHERE subject = ?1")
                .and_then(|mut delete| delete.execute([subject.0]))
                .map_err(failed)?;
        }
        transaction.commit().map_err(|error| AppendError::Unknown(Box::new(WriteError::Sqlite(error))))?;
        // A reader of the keys can hold the log open; then the next destruction or the last close empties it.
        let emptied = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        emptied.map_err(|error| AppendError::Unknown(Box::new(WriteError::Sqlite(error))))
    }

    /// Every fault that SQLite or a sum finds.
    pub(super) fn faults(&self) -> Result<Vec<String>, rusqlite::Error> {
        let mut out = read::page_faults(&self.connection)?;
        let mut select = self.connection.prepare("SELECT subject, key, check_sum FROM keys")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let (subject, key) = (SubjectId(row.get(0)?), SubjectKey(row.get(1)?));
            if check_sum(subject, &key) != row.get::<_, [u8; 8]>(2)? {
                out.push(format!("the key of {subject} is not the one that was written"));
            }
        }
        Ok(out)
    }
}
