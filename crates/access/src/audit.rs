//! The log of who did what here: append-only, each row chained to the one before, so that a change shows.

use rusqlite::{Connection, params};

use crate::store::{Access, AccessError};

/// A row of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number, from 1.
    pub seq: i64,
    /// When, in milliseconds of Unix time.
    pub at: i64,
    /// What happened: a stable word.
    pub what: String,
    /// Who did it: an actor's code.
    pub who: String,
    /// To whom or what; no secret and no personal data of customers.
    pub detail: String,
    /// Chain over everything up to here.
    pub chain: [u8; 32],
}

/// Where the log no longer is what was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "verify the audit log: row {seq} is not what was written; compare it with a backup of the file of accounts"
)]
pub struct AuditFault {
    /// The first row that does not fit.
    pub seq: i64,
}

pub(crate) fn append(
    db: &Connection,
    at: i64,
    what: &str,
    who: &str,
    detail: &str,
) -> Result<(), rusqlite::Error> {
    let last = db.query_row("SELECT seq, chain FROM audit ORDER BY seq DESC LIMIT 1", [], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 32]>(1)?))
    });
    let (seq, before) = match last {
        Ok(last) => last,
        Err(rusqlite::Error::QueryReturnedNoRows) => (0, [0; 32]),
        Err(error) => return Err(error),
    };
    let chain = link(&before, seq + 1, at, what, who, detail);
    db.prepare_cached("INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute(params![
        seq + 1,
        at,
        what,
        who,
        detail,
        &chain[..]
    ])?;
    Ok(())
}

fn link(before: &[u8; 32], seq: i64, at: i64, what: &str, who: &str, detail: &str) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(before).update(&seq.to_le_bytes()).update(&at.to_le_bytes());
    for text in [what, who, detail] {
        hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

impl Access {
    /// Writes a row.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn audit(&self, at: i64, what: &str, who: &str, detail: &str) -> Result<(), AccessError> {
        let mut db = self.db();
        let transaction = db.transaction()?;
        append(&transaction, at, what, who, detail)?;
        transaction.commit()?;
        Ok(())
    }

    /// At most `most` rows after `seq`, oldest first.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn audit_after(&self, seq: i64, most: usize) -> Result<Vec<AuditEntry>, AccessError> {
        let db = self.db();
        let mut select = db.prepare_cached(
            "SELECT seq, at, what, who, detail, chain FROM audit WHERE seq > ?1 ORDER BY seq LIMIT ?2",
        )?;
        let rows = select.query_map(params![seq, most as i64], |row| {
            Ok(AuditEntry {
                seq: row.get(0)?,
                at: row.get(1)?,
                what: row.get(2)?,
                who: row.get(3)?,
                detail: row.get(4)?,
                chain: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The number and chain of the last row; 0 and nothing before the first.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn audit_head(&self) -> Result<(i64, [u8; 32]), AccessError> {
        let select = "SELECT seq, chain FROM audit ORDER BY seq DESC LIMIT 1";
        match self.db().query_row(select, [], |row| Ok((row.get(0)?, row.get(1)?))) {
            Err(rusqlite::Error::QueryReturnedNoRows) => Ok((0, [0; 32])),
            other => Ok(other?),
        }
    }

    /// Checks the log from its first row and gives the number and chain of the last, to be kept outside.
    ///
    /// # Errors
    /// [`AccessError::Audit`] with the first row that does not fit.
    pub fn audit_verify(&self) -> Result<(i64, [u8; 32]), AccessError> {
        const PAGE: usize = 10_000;
        let (mut seq, mut chain) = (0, [0; 32]);
        loop {
            let page = self.audit_after(seq, PAGE)?;
            for row in &page {
                let wanted = link(&chain, seq + 1, row.at, &row.what, &row.who, &row.detail);
                if row.seq != seq + 1 || row.chain != wanted {
                    return Err(AuditFault { seq: seq + 1 }.into());
                }
                (seq, chain) = (row.seq, row.chain);
            }
            if page.len() < PAGE {
                return Ok((seq, chain));
            }
        }
    }
}
