//! Reading: the head, and the groups in order, a few at a time.

use holdfast_app::port::{Groups, Head, ReadError, StoredGroup};
use holdfast_domain::table::Digest;
use tokio_postgres::{Client, Error, Row};

use super::{PostgresJournal, storage};
use crate::format::{Follower, GROUP_BYTES_MAX};

/// Groups that are fetched together, and the bytes of them together; one larger group comes alone.
const FETCH_GROUPS: i64 = 256;
const FETCH_BYTES: i64 = 32 << 20;

/// Where the journal stands, by the writer's row.
pub(super) async fn head(client: &Client) -> Result<Head, Error> {
    let row = client.query_one("SELECT epoch, version, chain FROM holdfast.writer WHERE id = 1", &[]).await?;
    Ok(head_of(&row))
}

/// The head in a row of epoch, version and chain.
pub(super) fn head_of(row: &Row) -> Head {
    Head {
        epoch: row.get::<_, i64>(0).cast_unsigned(),
        version: row.get::<_, i64>(1).cast_unsigned(),
        chain: digest(row, 2),
    }
}

/// A digest of 32 bytes; another length is no digest this program wrote, and fits no chain.
fn digest(row: &Row, column: usize) -> Digest {
    row.get::<_, Vec<u8>>(column).try_into().unwrap_or_default()
}

/// All groups with entries after `after`, and an error if they end before `head`.
pub(super) fn groups(journal: &mut PostgresJournal, after: u64, head: Head) -> Result<Groups<'_>, ReadError> {
    let (start, chain) = beginning(journal, after)?;
    let mut follower = Follower::after(start, chain);
    let mut fetched = std::collections::VecDeque::new();
    let mut over = false;
    Ok(Box::new(std::iter::from_fn(move || {
        while !over {
            match next(journal, &mut fetched, &mut follower, head) {
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
fn beginning(journal: &mut PostgresJournal, after: u64) -> Result<(u64, Digest), ReadError> {
    let next = i64::try_from(after).unwrap_or(i64::MAX).saturating_add(1);
    let select = "SELECT last, chain FROM holdfast.groups WHERE first < \
                  (SELECT max(first) FROM holdfast.groups WHERE first <= $1) ORDER BY first DESC LIMIT 1";
    let row = journal.ask(async |client| client.query_opt(select, &[&next]).await).map_err(storage)?;
    Ok(row.map_or_else(Default::default, |row| (row.get::<_, i64>(0).cast_unsigned(), digest(&row, 1))))
}

fn next(
    journal: &mut PostgresJournal,
    fetched: &mut std::collections::VecDeque<Row>,
    follower: &mut Follower,
    head: Head,
) -> Result<Option<StoredGroup>, ReadError> {
    let after = follower.version();
    // What is appended while this reads belongs to another reading.
    if after >= head.version {
        if after == head.version && follower.chain() != head.chain {
            return Err(damaged(after, "the chain does not end where the head is"));
        }
        return Ok(None);
    }
    if fetched.is_empty() {
        let select = "SELECT first, last, chain, size, bytes FROM holdfast.groups WHERE first IN \
             (SELECT first FROM (SELECT first, size, (sum(size) OVER (ORDER BY first))::bigint AS until FROM \
                (SELECT first, size FROM holdfast.groups WHERE first > $1 ORDER BY first LIMIT $2) AS coming) AS summed \
              WHERE until - size < $3) ORDER BY first";
        let rows = journal
            .ask(async |client| {
                client.query(select, &[&after.cast_signed(), &FETCH_GROUPS, &FETCH_BYTES]).await
            })
            .map_err(storage)?;
        fetched.extend(rows);
    }
    let Some(row) = fetched.pop_front() else {
        return Err(damaged(after, &format!("it is missing, and {} is the last version", head.version)));
    };
    if usize::try_from(row.get::<_, i64>(3)).is_ok_and(|size| size > GROUP_BYTES_MAX) {
        return Err(damaged(after, "it is larger than a group can be"));
    }
    let group = follower.follow(row.get::<_, i64>(0).cast_unsigned(), &digest(&row, 2), row.get(4))?;
    if group.head.version != row.get::<_, i64>(1).cast_unsigned() {
        return Err(damaged(after, "it does not have as many entries as its row says"));
    }
    Ok(Some(group))
}

fn damaged(after: u64, why: &str) -> ReadError {
    ReadError::Damaged { after, why: why.to_owned() }
}
