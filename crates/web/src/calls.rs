//! Calls to partners and staff: who is asked to do what, who has said yes, and who is asked next when nobody does.
//!
//! They lie in a file beside the journal: nothing in the engine rests on them. Invariants: a call is handed to a channel
//! only after that is durable here, and what a crash leaves open is not handed over again but counts as unanswered; each
//! contact of a call is asked once.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use rusqlite::Error;
use rusqlite::{Connection, OptionalExtension as _, params};

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS calls (id INTEGER PRIMARY KEY AUTOINCREMENT, incident INTEGER NOT NULL, audience TEXT NOT NULL,
  asks TEXT NOT NULL, place TEXT NOT NULL, touched INTEGER NOT NULL, contacts TEXT NOT NULL, within INTEGER NOT NULL,
  made INTEGER NOT NULL, by TEXT NOT NULL, ended INTEGER, how TEXT, who TEXT) STRICT;
CREATE TABLE IF NOT EXISTS steps (call INTEGER NOT NULL, position INTEGER NOT NULL, contact TEXT NOT NULL,
  status TEXT NOT NULL, at INTEGER, due INTEGER, PRIMARY KEY (call, position)) STRICT, WITHOUT ROWID;";

/// The most contacts of one call.
pub const CONTACTS_MAX: usize = 32;
/// The most calls listed.
pub const LISTED_MAX: usize = 500;

/// How far it is to ask one contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepStatus {
    /// To be asked now.
    Waiting,
    /// About to be handed over: from here it may have left.
    Sending,
    /// A channel took it.
    Sent,
    /// No channel took it.
    Failed,
    /// Nobody knows whether it left.
    InDoubt,
}

impl StepStatus {
    const ALL: [Self; 5] = [Self::Waiting, Self::Sending, Self::Sent, Self::Failed, Self::InDoubt];

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::InDoubt => "in_doubt",
        }
    }

    fn of(word: &str) -> Self {
        Self::ALL.into_iter().find(|status| status.word() == word).unwrap_or(Self::InDoubt)
    }
}

/// One contact of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Place in the tree, from 0.
    pub position: u32,
    /// The contact's code.
    pub contact: String,
    /// How far it is.
    pub status: StepStatus,
    /// When a channel took it.
    pub at: Option<i64>,
    /// Until when an answer is waited for.
    pub due: Option<i64>,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its number.
    pub id: i64,
    /// Number of its incident.
    pub incident: u32,
    /// Who is asked: `site`, `carrier`, `merchant` or `staff`.
    pub audience: String,
    /// What is asked, as codes.
    pub asks: Vec<String>,
    /// The site, lane or area.
    pub place: String,
    /// Orders touched when it was made.
    pub touched: u64,
    /// Whom to ask, in this order, by code.
    pub contacts: Vec<String>,
    /// Milliseconds in which a contact has to answer.
    pub within: i64,
    /// When it was made.
    pub made: i64,
    /// Who made it.
    pub by: String,
    /// When it ended, how (`acknowledged`, `withdrawn`, `unanswered`) and by whom.
    pub ended: Option<(i64, String, String)>,
    /// The contacts asked so far.
    pub steps: Vec<Step>,
}

/// What a call asks, before it has a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCall {
    /// Number of its incident.
    pub incident: u32,
    /// Who is asked.
    pub audience: String,
    /// What, as codes.
    pub asks: Vec<String>,
    /// The site, lane or area.
    pub place: String,
    /// Orders touched.
    pub touched: u64,
    /// Whom to ask, in this order.
    pub contacts: Vec<String>,
    /// Milliseconds in which a contact has to answer.
    pub within: i64,
}

/// The store.
#[derive(Clone)]
pub struct Calls {
    db: Arc<Mutex<Connection>>,
}

fn list(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}

impl Calls {
    /// Opens the calls at `path`, or some in memory. What was being handed over when the program ended is in doubt, and
    /// its time runs from `now`.
    ///
    /// # Errors
    /// SQLite's.
    pub fn open(path: Option<&Path>, now: i64) -> Result<Self, rusqlite::Error> {
        let db = match path {
            None => Connection::open_in_memory()?,
            Some(path) => {
                let db = Connection::open(path)?;
                db.pragma_update(None, "journal_mode", "wal")?;
                db.pragma_update(None, "synchronous", "full")?;
                db
            }
        };
        db.execute_batch(TABLES)?;
        db.execute(
            "UPDATE steps SET status = 'in_doubt', due = ?1 + (SELECT within FROM calls WHERE id = call) WHERE status = 'sending'",
            params![now],
        )?;
        Ok(Self { db: Arc::new(Mutex::new(db)) })
    }

    fn db(&self) -> MutexGuard<'_, Connection> {
        // Every change is one transaction, so no panic leaves half of one.
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a call; its first contact is asked next. Gives its number.
    ///
    /// # Errors
    /// SQLite's.
    pub fn make(&self, call: &NewCall, by: &str, now: i64) -> Result<i64, rusqlite::Error> {
        let mut db = self.db();
        let transaction = db.transaction()?;
        let json = |texts: &[String]| serde_json::to_string(texts).unwrap_or_default();
        transaction.execute(
            "INSERT INTO calls (incident, audience, asks, place, touched, contacts, within, made, by)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                call.incident,
                call.audience,
                json(&call.asks),
                call.place,
                i64::try_from(call.touched).unwrap_or(i64::MAX),
                json(&call.contacts),
                call.within,
                now,
                by
            ],
        )?;
        let id = transaction.last_insert_rowid();
        let first = call.contacts.first().map_or("", String::as_str);
        transaction
            .execute("INSERT INTO steps VALUES (?1, 0, ?2, 'waiting', NULL, NULL)", params![id, first])?;
        transaction.commit()?;
        Ok(id)
    }

    /// The newest calls first.
    ///
    /// # Errors
    /// SQLite's.
    pub fn list(&self) -> Result<Vec<Call>, rusqlite::Error> {
        let db = self.db();
        let mut select = db.prepare_cached("SELECT * FROM calls ORDER BY id DESC LIMIT ?1")?;
        let rows = select.query_map(params![LISTED_MAX as i64], read_call)?;
        let mut calls: Vec<Call> = rows.collect::<Result<_, _>>()?;
        for call in &mut calls {
            call.steps = steps(&db, call.id)?;
        }
        Ok(calls)
    }

    /// A call by its number.
    ///
    /// # Errors
    /// SQLite's.
    pub fn get(&self, id: i64) -> Result<Option<Call>, rusqlite::Error> {
        let db = self.db();
        let found = db.query_row("SELECT * FROM calls WHERE id = ?1", params![id], read_call).optional()?;
        let Some(mut call) = found else { return Ok(None) };
        call.steps = steps(&db, id)?;
        Ok(Some(call))
    }

    /// Ends a call that is open: `acknowledged` or `withdrawn`, by whom. Whether it was open.
    ///
    /// # Errors
    /// SQLite's.
    pub fn end(&self, id: i64, how: &str, who: &str, now: i64) -> Result<bool, rusqlite::Error> {
        // A late yes is worth more than the alarm that nobody answered.
        let changed = self.db().execute(
            "UPDATE calls SET ended = ?2, how = ?3, who = ?4 WHERE id = ?1 AND (ended IS NULL OR how = 'unanswered')",
            params![id, now, how, who],
        )?;
        Ok(changed == 1)
    }

    /// Lets time pass: whoever has not answered in time is followed by the next contact, and a call whose last contact
    /// has not is unanswered.
    ///
    /// # Errors
    /// SQLite's.
    pub fn escalate(&self, now: i64) -> Result<(), rusqlite::Error> {
        let open: Vec<Call> = self.list()?.into_iter().filter(|call| call.ended.is_none()).collect();
        for call in open {
            let Some(last) = call.steps.last() else { continue };
            let over = match last.status {
                StepStatus::Failed => true,
                StepStatus::Sent | StepStatus::InDoubt => last.due.is_some_and(|due| due <= now),
                StepStatus::Waiting | StepStatus::Sending => false,
            };
            if !over {
                continue;
            }
            let next = last.position + 1;
            match call.contacts.get(next as usize) {
                Some(contact) => {
                    self.db().execute(
                        "INSERT OR IGNORE INTO steps VALUES (?1, ?2, ?3, 'waiting', NULL, NULL)",
                        params![call.id, next, contact],
                    )?;
                }
                None => {
                    self.db().execute(
                        "UPDATE calls SET ended = ?2, how = 'unanswered', who = '' WHERE id = ?1 AND ended IS NULL",
                        params![call.id, now],
                    )?;
                }
            }
        }
        Ok(())
    }

    /// Claims the next contact to be asked, durably: from here on it may have been handed over.
    ///
    /// # Errors
    /// SQLite's.
    pub fn claim(&self, id: i64, position: u32) -> Result<bool, rusqlite::Error> {
        let changed = self.db().execute(
            "UPDATE steps SET status = 'sending' WHERE call = ?1 AND position = ?2 AND status = 'waiting'
             AND EXISTS (SELECT 1 FROM calls WHERE id = ?1 AND ended IS NULL)",
            params![id, position],
        )?;
        Ok(changed == 1)
    }

    /// Reports what became of a claimed contact; the time to answer runs from `now`.
    ///
    /// # Errors
    /// SQLite's.
    pub fn report(
        &self,
        id: i64,
        position: u32,
        status: StepStatus,
        now: i64,
    ) -> Result<(), rusqlite::Error> {
        self.db().execute(
            "UPDATE steps SET status = ?3, at = ?4, due = ?4 + (SELECT within FROM calls WHERE id = ?1)
             WHERE call = ?1 AND position = ?2",
            params![id, position, status.word(), now],
        )?;
        Ok(())
    }
}

fn read_call(row: &rusqlite::Row<'_>) -> Result<Call, rusqlite::Error> {
    let ended: Option<i64> = row.get("ended")?;
    let how: Option<String> = row.get("how")?;
    let who: Option<String> = row.get("who")?;
    Ok(Call {
        id: row.get("id")?,
        incident: row.get("incident")?,
        audience: row.get("audience")?,
        asks: list(&row.get::<_, String>("asks")?),
        place: row.get("place")?,
        touched: u64::try_from(row.get::<_, i64>("touched")?).unwrap_or(0),
        contacts: list(&row.get::<_, String>("contacts")?),
        within: row.get("within")?,
        made: row.get("made")?,
        by: row.get("by")?,
        ended: ended.map(|at| (at, how.unwrap_or_default(), who.unwrap_or_default())),
        steps: Vec::new(),
    })
}

fn steps(db: &Connection, call: i64) -> Result<Vec<Step>, rusqlite::Error> {
    let mut select = db.prepare_cached("SELECT * FROM steps WHERE call = ?1 ORDER BY position")?;
    let rows = select.query_map(params![call], |row| {
        Ok(Step {
            position: row.get("position")?,
            contact: row.get("contact")?,
            status: StepStatus::of(&row.get::<_, String>("status")?),
            at: row.get("at")?,
            due: row.get("due")?,
        })
    })?;
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::{Calls, NewCall, StepStatus};

    fn call() -> NewCall {
        NewCall {
            incident: 0,
            audience: "staff".into(),
            asks: vec!["take-role".into()],
            place: "Wilmington".into(),
            touched: 12,
            contacts: vec!["lead".into(), "deputy".into()],
            within: 1_000,
        }
    }

    #[test]
    fn whoever_does_not_answer_is_followed_by_the_next_and_the_last_silence_is_an_alarm() {
        let calls = Calls::open(None, 0).unwrap();
        let id = calls.make(&call(), "user:1", 0).unwrap();
        let asked = || calls.get(id).unwrap().unwrap();
        assert!(calls.claim(id, 0).unwrap() && !calls.claim(id, 0).unwrap(), "each contact is asked once");
        calls.report(id, 0, StepStatus::Sent, 10).unwrap();
        calls.escalate(1_009).unwrap();
        assert_eq!(asked().steps.len(), 1, "there is time left");
        calls.escalate(1_010).unwrap();
        calls.escalate(1_011).unwrap();
        assert_eq!((asked().steps.len(), asked().steps[1].contact.as_str()), (2, "deputy"));
        assert!(calls.claim(id, 1).unwrap());
        calls.report(id, 1, StepStatus::Failed, 1_020).unwrap();
        calls.escalate(1_021).unwrap();
        assert_eq!(asked().ended.unwrap().1, "unanswered");
        assert!(calls.end(id, "acknowledged", "lead", 2_000).unwrap(), "a late yes counts");
        assert!(!calls.end(id, "withdrawn", "user:1", 2_001).unwrap(), "and stands");
        assert_eq!(asked().ended.unwrap().2, "lead");
    }

    #[test]
    fn what_a_crash_left_open_is_not_handed_over_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls.db");
        let id = {
            let calls = Calls::open(Some(&path), 0).unwrap();
            let id = calls.make(&call(), "user:1", 0).unwrap();
            assert!(calls.claim(id, 0).unwrap());
            id
        };
        let calls = Calls::open(Some(&path), 5_000).unwrap();
        let step = calls.get(id).unwrap().unwrap().steps.remove(0);
        assert_eq!((step.status, step.due), (StepStatus::InDoubt, Some(6_000)));
        assert!(!calls.claim(id, 0).unwrap());
        calls.escalate(6_000).unwrap();
        assert!(calls.claim(id, 1).unwrap(), "the next contact is asked");
        assert!(calls.end(id, "withdrawn", "user:1", 6_001).unwrap());
        calls.escalate(99_000).unwrap();
        assert_eq!(calls.get(id).unwrap().unwrap().steps.len(), 2, "nobody is asked of what was withdrawn");
    }
}
