//! From the database into a file, while a writer goes on: the same bytes, chain, keys and artefacts, of one moment.

use std::path::Path;

use holdfast_app::port::{Head, ReadError};
use tokio_postgres::Row;

use super::{PostgresError, PostgresJournal, read};
use crate::sqlite::BackupError;
use crate::sqlite::fill::Fill;

/// Rows that are fetched together; groups are at most a few megabytes each.
const FETCH_ROWS: i64 = 64;

/// Why a journal was not copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyOutError {
    /// The database failed.
    #[error("read the journal in the database")]
    Source(#[from] PostgresError),
    /// The journal could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The copy could not be written.
    #[error(transparent)]
    Target(#[from] BackupError),
    /// The copy could not be written.
    #[error("write the copy")]
    Sqlite(#[from] rusqlite::Error),
    /// The two do not end in the same place.
    #[error("copy the journal: the copy ends at version {copied}, the journal at {there}")]
    Different {
        /// Where the copy ends.
        copied: u64,
        /// Where the journal stood.
        there: u64,
    },
}

/// Copies the journal into a new file at `to`, its keys at `keys`, as they are at one moment.
///
/// # Errors
/// [`CopyOutError`]; then nothing is at `to`.
pub fn copy_out(from: &mut PostgresJournal, to: &Path, keys: Option<&Path>) -> Result<Head, CopyOutError> {
    let fill = Fill::begin(to, keys)?;
    from.reader()?;
    from.ask(async |client| client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await)?;
    let copied = rows(from, &fill);
    // Whatever was read is of one moment; how the transaction ends changes nothing.
    let _ = from.ask(async |client| client.batch_execute("ROLLBACK").await);
    let head = copied?;
    let there = fill.finish(head.epoch)?;
    if (there.version, there.chain) == (head.version, head.chain) {
        Ok(head)
    } else {
        Err(CopyOutError::Different { copied: there.version, there: head.version })
    }
}

fn rows(from: &mut PostgresJournal, fill: &Fill) -> Result<Head, CopyOutError> {
    let head = from.ask(read::head)?;
    let mut after = 0_i64;
    loop {
        let select =
            "SELECT first, last, chain, bytes FROM holdfast.groups WHERE first > $1 ORDER BY first LIMIT $2";
        let found: Vec<Row> = from.ask(async |client| client.query(select, &[&after, &FETCH_ROWS]).await)?;
        for row in &found {
            after = row.get(0);
            fill.group(after, row.get(1), row.get::<_, &[u8]>(2), row.get::<_, &[u8]>(3))?;
        }
        if found.is_empty() {
            break;
        }
    }
    let select = "SELECT digest, hash, bytes FROM holdfast.artefacts WHERE digest = $1";
    let digests = "SELECT digest FROM holdfast.artefacts ORDER BY digest";
    let digests = from.ask(async |client| client.query(digests, &[]).await)?;
    for digest in digests {
        let digest: Vec<u8> = digest.get(0);
        let row = from.ask(async |client| client.query_one(select, &[&digest]).await)?;
        fill.artefact(&digest, row.get::<_, &[u8]>(1), row.get::<_, &[u8]>(2))?;
    }
    let select = "SELECT subject, version, key, check_sum FROM holdfast_keys.keys ORDER BY subject, version";
    let keys = from.ask(async |client| client.query(select, &[]).await)?;
    for row in &keys {
        fill.key(row.get(0), row.get(1), row.get::<_, &[u8]>(2), row.get::<_, &[u8]>(3))?;
    }
    Ok(head)
}
