//! The second approver: a dangerous act waits until another person has said yes to exactly this act.

use rusqlite::params;

use crate::audit::append;
use crate::key::none;
use crate::store::{Access, AccessError, digest, secret};

/// An act that waits for, or has, a second approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// What names it.
    pub id: String,
    /// What is to be done, for people.
    pub what: String,
    /// Who wants to do it.
    pub asked_by: String,
    /// When it was asked, in milliseconds of Unix time.
    pub asked_at: i64,
    /// Who has said yes.
    pub approved_by: Option<String>,
    /// Whether it has been done.
    pub used: bool,
}

/// Why an approval was not given.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalError {
    /// Unknown, too old, approved or used already.
    #[error("the approval is unknown, too old, or given already")]
    Gone,
    /// Whoever asks cannot approve.
    #[error("whoever asks for an act cannot approve it: another person has to")]
    Same,
    /// The file failed.
    #[error(transparent)]
    Access(#[from] AccessError),
}

impl From<rusqlite::Error> for ApprovalError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Access(error.into())
    }
}

fn read(row: &rusqlite::Row<'_>) -> Result<Approval, rusqlite::Error> {
    Ok(Approval {
        id: row.get("id")?,
        what: row.get("what")?,
        asked_by: row.get("asked_by")?,
        asked_at: row.get("asked_at")?,
        approved_by: row.get("approved_by")?,
        used: row.get("used")?,
    })
}

impl Access {
    /// Whether `actor` may do exactly `act` now because another person has approved it; uses the approval up.
    /// Otherwise the number under which it waits.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn approval_take(
        &self,
        act: &str,
        what: &str,
        actor: &str,
        now: i64,
    ) -> Result<Result<(), String>, AccessError> {
        let wanted = digest(act);
        let mut db = self.db();
        let transaction = db.transaction()?;
        let waiting = transaction
            .query_row(
                "SELECT * FROM approvals WHERE digest = ?1 AND asked_by = ?2 AND used = 0 AND asked_at >= ?3",
                params![&wanted[..], actor, now - self.options.approval_ms],
                read,
            )
            .map(Some)
            .or_else(none)?;
        let answer = match waiting {
            Some(Approval { id, approved_by: Some(by), .. }) => {
                transaction.execute("UPDATE approvals SET used = 1 WHERE id = ?1", [&id])?;
                append(&transaction, now, "approval-used", actor, &format!("{id} by {by}"))?;
                Ok(())
            }
            Some(waiting) => Err(waiting.id),
            None => {
                let id: String = secret().chars().filter(char::is_ascii_alphanumeric).take(12).collect();
                transaction.execute(
                    "INSERT INTO approvals (id, digest, what, asked_by, asked_at) VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![id, &wanted[..], what, actor, now],
                )?;
                append(&transaction, now, "approval-asked", actor, &id)?;
                Err(id)
            }
        };
        transaction.commit()?;
        Ok(answer)
    }

    /// Says yes to an act somebody else has asked for.
    ///
    /// # Errors
    /// [`ApprovalError`].
    pub fn approve(&self, id: &str, actor: &str, now: i64) -> Result<Approval, ApprovalError> {
        let mut db = self.db();
        let transaction = db.transaction()?;
        let found = transaction
            .query_row(
                "SELECT * FROM approvals WHERE id = ?1 AND used = 0 AND approved_by IS NULL AND asked_at >= ?2",
                params![id, now - self.options.approval_ms],
                read,
            )
            .map(Some)
            .or_else(none)?;
        let Some(mut approval) = found else { return Err(ApprovalError::Gone) };
        if approval.asked_by == actor {
            return Err(ApprovalError::Same);
        }
        transaction.execute("UPDATE approvals SET approved_by = ?2 WHERE id = ?1", params![id, actor])?;
        append(&transaction, now, "approval-given", actor, id)?;
        transaction.commit()?;
        approval.approved_by = Some(actor.to_owned());
        Ok(approval)
    }

    /// Acts that wait for a second approval.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn approvals(&self, now: i64) -> Result<Vec<Approval>, AccessError> {
        let db = self.db();
        let mut select =
            db.prepare("SELECT * FROM approvals WHERE used = 0 AND asked_at >= ?1 ORDER BY asked_at, id")?;
        let rows = select.query_map([now - self.options.approval_ms], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
