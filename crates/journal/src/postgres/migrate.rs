//! From a file to a database: the same bytes, chain, keys and artefacts, in one transaction, read back and compared.

use std::path::Path;

use holdfast_app::port::{AppendError, Head, Journal as _, ReadError};
use holdfast_domain::table::Digest;

use super::{PostgresError, PostgresJournal};
use crate::sqlite::raw::{self, RawGroup};
use crate::verify::{Fault, verify};

/// Groups and bytes that are sent together.
const SEND_GROUPS: usize = 512;
const SEND_BYTES: usize = 16 << 20;

/// What was brought over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// Where the journal stands.
    pub head: Head,
    /// Groups in it.
    pub groups: u64,
    /// Keys of subjects.
    pub keys: u64,
    /// Plans and price tables.
    pub artefacts: u64,
    /// Digest of the state, the same on both sides.
    pub digest: Digest,
}

/// Why a journal was not brought over. The database is as it was before, but for [`MigrateError::Different`] and a
/// faulty new side, which are found when it has been written.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The file could not be read, or is held by a running service.
    #[error("read the journal's file")]
    Source(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database failed.
    #[error("write the journal to the database")]
    Target(#[from] PostgresError),
    /// The target could not be taken over.
    #[error("take the database's journal over")]
    TakeOver(#[from] AppendError),
    /// There is something already.
    #[error("bring the journal over: the database's journal stands at version {0}; it has to be empty")]
    NotEmpty(u64),
    /// One of the two does not replay.
    #[error("verify the {side} journal")]
    Faulty {
        /// Which: `old` or `new`.
        side: &'static str,
        /// What is wrong.
        #[source]
        fault: Fault,
    },
    /// The two do not end in the same state.
    #[error("compare the journals: they do not end in the same state; keep the old one, and report this")]
    Different,
    /// The target could not be read back.
    #[error("read the database's journal")]
    Read(#[from] ReadError),
}

/// Brings the journal at `from` into an empty one. Nothing may write to either meanwhile; the file stays as it is.
/// `progress` hears the version reached.
///
/// # Errors
/// [`MigrateError`].
pub fn migrate(
    from: &Path,
    to: &mut PostgresJournal,
    progress: &mut dyn FnMut(u64),
) -> Result<Migrated, MigrateError> {
    let mut source = raw::open(from).map_err(|error| MigrateError::Source(Box::new(error)))?;
    let before = verify(source.journal());
    if let Some(fault) = before.fault {
        return Err(MigrateError::Faulty { side: "old", fault });
    }
    let taken = to.take_over()?;
    if taken.version > 0 {
        return Err(MigrateError::NotEmpty(taken.version));
    }
    let counted = copy(&source, before.head, to, progress);
    if counted.is_err() {
        // A dropped connection rolls back whatever was begun.
        to.session = None;
    }
    let (groups, keys, artefacts) = counted?;
    let head = to.head()?;
    let after = verify(to);
    if let Some(fault) = after.fault {
        return Err(MigrateError::Faulty { side: "new", fault });
    }
    if (after.head.version, after.head.chain, after.digest)
        != (before.head.version, before.head.chain, before.digest)
    {
        return Err(MigrateError::Different);
    }
    Ok(Migrated { head, groups, keys, artefacts, digest: after.digest })
}

fn copy(
    source: &raw::Raw,
    head: Head,
    to: &mut PostgresJournal,
    progress: &mut dyn FnMut(u64),
) -> Result<(u64, u64, u64), MigrateError> {
    let unread = |error: rusqlite::Error| MigrateError::Source(Box::new(error));
    to.ask(async |client| client.batch_execute("BEGIN").await)?;
    let (mut groups, mut keys, mut artefacts) = (0, 0, 0);
    let mut batch: Vec<RawGroup> = Vec::new();
    let mut bytes = 0;
    source.each_group(unread, &mut |group| {
        bytes += group.bytes.len();
        groups += 1;
        batch.push(group);
        if batch.len() >= SEND_GROUPS || bytes >= SEND_BYTES {
            bytes = 0;
            progress(send(to, &std::mem::take(&mut batch))?);
        }
        Ok::<_, MigrateError>(())
    })?;
    send(to, &batch)?;
    for key in source.keys().map_err(unread)? {
        let insert = "INSERT INTO holdfast_keys.keys VALUES ($1, $2, $3, $4)";
        to.ask(async |client| {
            client.execute(insert, &[&key.subject, &key.version, &key.key, &key.check_sum]).await
        })?;
        keys += 1;
    }
    for digest in source.artefact_digests().map_err(unread)? {
        let (hash, bytes) = source.artefact(&digest).map_err(unread)?;
        let insert = "INSERT INTO holdfast.artefacts VALUES ($1, $2, $3)";
        to.ask(async |client| client.execute(insert, &[&digest, &hash, &bytes]).await)?;
        artefacts += 1;
    }
    // The epoch is beyond both: a writer that still stands on the file is as fenced as one on the database.
    let update =
        "UPDATE holdfast.writer SET version = $1, chain = $2, epoch = greatest(epoch, $3) + 1 WHERE id = 1";
    let (version, epoch) = (head.version.cast_signed(), head.epoch.cast_signed());
    to.ask(async |client| client.execute(update, &[&version, &&head.chain[..], &epoch]).await)?;
    to.write(async |client| client.batch_execute("COMMIT").await).map_err(|(error, _)| error)?;
    progress(head.version);
    Ok((groups, keys, artefacts))
}

/// Sends groups in one statement and gives the last version sent.
fn send(to: &mut PostgresJournal, batch: &[RawGroup]) -> Result<u64, PostgresError> {
    let firsts: Vec<i64> = batch.iter().map(|group| group.first).collect();
    let lasts: Vec<i64> = batch.iter().map(|group| group.last).collect();
    let chains: Vec<&[u8]> = batch.iter().map(|group| &group.chain[..]).collect();
    let bytes: Vec<&[u8]> = batch.iter().map(|group| &group.bytes[..]).collect();
    let insert = "INSERT INTO holdfast.groups SELECT f, l, c, octet_length(b), b FROM \
                  unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[]) AS sent (f, l, c, b)";
    to.ask(async |client| client.execute(insert, &[&firsts, &lasts, &chains, &bytes]).await)?;
    Ok(lasts.last().copied().unwrap_or_default().cast_unsigned())
}
