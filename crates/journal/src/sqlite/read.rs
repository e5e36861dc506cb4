//! Reading: the head, the groups in order, and what an error of SQLite's means.

use holdfast_app::port::{Groups, Head, ReadError, StoredGroup};
use holdfast_domain::table::Digest;
use rusqlite::{Connection, ErrorCode, OptionalExtension};

use crate::format::{Follower, GROUP_BYTES_MAX};

/// Faults of a file that are listed before the rest is left out.
const FAULTS_MAX: u32 = 20;

/// Where the journal stands, by its last group and its writer.
pub(super) fn head(connection: &Connection) -> Result<Head, ReadError> {
    let head = || -> rusqlite::Result<Head> {
        let epoch: i64 = connection
            .prepare_cached("SELECT epoch FROM writer WHERE id = 1")?
            .query_row([], |row| row.get(0))?;
        let last = connection
            .prepare_cached("SELECT last, chain FROM groups ORDER BY first DESC LIMIT 1")?
            .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Digest>(1)?)))
            .optional()?;
        let (version, chain) = last.unwrap_or_default();
        Ok(Head { version: version.cast_unsigned(), chain, epoch: epoch.cast_unsigned() })
    };
    head().map_err(|error| fault(error, 0))
}

/// All groups with entries after `after`, and an error if they end before `head`.
pub(super) fn groups(connection: &Connection, after: u64, head: Head) -> Result<Groups<'_>, ReadError> {
    let (start, chain) = beginning(connection, after).map_err(|error| fault(error, 0))?;
    let mut follower = Follower::after(start, chain);
    let mut over = false;
    Ok(Box::new(std::iter::from_fn(move || {
        while !over {
            match next(connection, &mut follower, head) {
                Ok(Some(group)) if group.head.version <= after => {}
                Ok(Some(group)) => return Some(Ok(group)),
                Ok(None) => over = true,
                Err(error) => {
                    over = true;
                    return Some(Err(error));
                }
            }
        }
        None
    })))
}

/// Version and chain before the group that holds the entry after `after`.
fn beginning(connection: &Connection, after: u64) -> rusqlite::Result<(u64, Digest)> {
    let next = i64::try_from(after).unwrap_or(i64::MAX).saturating_add(1);
    let first: Option<i64> =
        connection.query_row("SELECT max(first) FROM groups WHERE first <= ?1", [next], |row| row.get(0))?;
    let Some(first) = first else { return Ok((0, Digest::default())) };
    let before = connection
        .query_row(
            "SELECT last, chain FROM groups WHERE first < ?1 ORDER BY first DESC LIMIT 1",
            [first],
            |row| Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?)),
        )
        .optional()?;
    Ok(before.unwrap_or_default())
}

fn next(
    connection: &Connection,
    follower: &mut Follower,
    head: Head,
) -> Result<Option<StoredGroup>, ReadError> {
    let after = follower.version();
    let select =
        "SELECT first, last, chain, length(bytes), bytes FROM groups WHERE first > ?1 ORDER BY first LIMIT 1";
    let mut select = connection.prepare_cached(select).map_err(|error| fault(error, after))?;
    let mut rows = select.query([after.cast_signed()]).map_err(|error| fault(error, after))?;
    let damaged = |why: &str| Err(ReadError::Damaged { after, why: why.to_owned() });
    let Some(row) = rows.next().map_err(|error| fault(error, after))? else {
        if after < head.version {
            return damaged(&format!("it is missing, and {} is the last version", head.version));
        }
        if after == head.version && follower.chain() != head.chain {
            return damaged("the chain does not end where the head is");
        }
        return Ok(None);
    };
    let group = || -> rusqlite::Result<_> {
        let (first, last): (i64, i64) = (row.get(0)?, row.get(1)?);
        let (chain, length): (Digest, i64) = (row.get(2)?, row.get(3)?);
        Ok((first.cast_unsigned(), last.cast_unsigned(), chain, length))
    };
    let (first, last, chain, length) = group().map_err(|error| fault(error, after))?;
    if usize::try_from(length).is_ok_and(|length| length > GROUP_BYTES_MAX) {
        return damaged("it is larger than a group can be");
    }
    let bytes = row.get_ref(4).map_err(|error| fault(error, after))?;
    let Ok(bytes) = bytes.as_blob() else { return damaged("it has no bytes") };
    let group = follower.follow(first, &chain, bytes)?;
    if group.head.version != last {
        return damaged("it does not have as many entries as its row says");
    }
    Ok(Some(group))
}

/// What an error of SQLite's means to somebody who reads after `after`: damage, or storage that failed.
pub(super) fn fault(error: rusqlite::Error, after: u64) -> ReadError {
    let storage = match error.sqlite_error_code() {
        // The statements are fixed, so one that does not fit the tables means that the tables are not ours any more.
        Some(
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown | ErrorCode::TooBig,
        ) => false,
        Some(_) => true,
        None => false,
    };
    if storage {
        ReadError::Storage(Box::new(error))
    } else {
        ReadError::Damaged { after, why: error.to_string() }
    }
}

/// What SQLite itself finds wrong with a file's pages.
pub(super) fn page_faults(connection: &Connection) -> Result<Vec<String>, rusqlite::Error> {
    let mut check = connection.prepare(&format!("PRAGMA integrity_check({FAULTS_MAX})"))?;
    let rows = check.query_map([], |row| row.get::<_, String>(0))?;
    let mut out = rows.collect::<Result<Vec<_>, _>>()?;
    out.retain(|line| line != "ok");
    Ok(out)
}
