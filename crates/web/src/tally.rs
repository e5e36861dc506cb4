//! The tally: what was turned away, counted by month, so that statistics can say what was held.
//!
//! Refusals of rules are no events: nothing happened. They are counted here and written beside the journal every few
//! seconds; a killed process loses the last seconds' counts and nothing else. Refused sign-ins are read from the
//! tamper-evident log, which has every one.

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use holdfast_continuity::statistics::{Guarded, month_of};
use holdfast_domain::time::{Stamp, Zone};
use rusqlite::Connection;

use crate::app::{App, lock};

/// The word for a refused sign-in.
pub const SIGN_IN: &str = "sign-in-refused";
/// How often counts are written.
const WRITE_EVERY: Duration = Duration::from_secs(5);
/// Rows of the log read at once.
const PAGE: usize = 5_000;
/// Pages of the log read for one answer; what is left is read for the next.
const PAGES_MAX: usize = 40;

const SCHEMA: &str = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;
    CREATE TABLE IF NOT EXISTS refused (month TEXT NOT NULL, what TEXT NOT NULL, count INTEGER NOT NULL,
        PRIMARY KEY (month, what)) WITHOUT ROWID, STRICT;";

/// Counts of what was turned away.
#[derive(Default)]
pub struct Tally {
    counts: Mutex<Guarded>,
    signed: Mutex<(i64, Guarded)>,
    file: Mutex<Option<Connection>>,
}

impl Tally {
    /// Goes on counting from a file.
    ///
    /// # Errors
    /// SQLite's: it cannot be opened or is none of ours.
    pub fn open(&self, path: &Path) -> Result<(), rusqlite::Error> {
        let db = Connection::open(path)?;
        db.execute_batch(SCHEMA)?;
        {
            let mut select = db.prepare("SELECT month, what, count FROM refused")?;
            let rows = select.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get::<_, i64>(2)?)))?;
            let mut counts = lock(&self.counts);
            for row in rows {
                let (key, count) = row?;
                *counts.entry(key).or_default() += count.unsigned_abs();
            }
        }
        *lock(&self.file) = Some(db);
        Ok(())
    }

    /// Counts one refusal.
    pub fn note(&self, at: Stamp, zone: &Zone, code: &str) {
        *lock(&self.counts).entry((month_of(at, zone), code.to_owned())).or_default() += 1;
    }

    /// Writes what was counted.
    ///
    /// # Errors
    /// SQLite's.
    pub fn write(&self) -> Result<(), rusqlite::Error> {
        let counts = lock(&self.counts).clone();
        let mut file = lock(&self.file);
        let Some(db) = file.as_mut() else { return Ok(()) };
        let transaction = db.transaction()?;
        {
            let mut put = transaction.prepare_cached("INSERT OR REPLACE INTO refused VALUES (?1, ?2, ?3)")?;
            for ((month, what), count) in &counts {
                put.execute((month, what, i64::try_from(*count).unwrap_or(i64::MAX)))?;
            }
        }
        transaction.commit()
    }

    /// Everything that was turned away, refused sign-ins among it.
    #[must_use]
    pub fn all(&self, app: &App, zone: &Zone) -> Guarded {
        let mut all = lock(&self.counts).clone();
        let mut signed = lock(&self.signed);
        for _ in 0..PAGES_MAX {
            // A log that cannot be read now is read for the next answer.
            let Ok(rows) = app.access.audit_after(signed.0, PAGE) else { break };
            let Some(last) = rows.last() else { break };
            signed.0 = last.seq;
            for row in rows.iter().filter(|row| row.what == SIGN_IN) {
                let key = (month_of(Stamp(row.at), zone), SIGN_IN.to_owned());
                *signed.1.entry(key).or_default() += 1;
            }
        }
        for (key, count) in &signed.1 {
            *all.entry(key.clone()).or_default() += count;
        }
        all
    }
}

/// Writes the counts every few seconds until the service ends, and once then.
pub async fn keep(app: App) {
    let mut stop = app.stopping.subscribe();
    loop {
        let ends = tokio::select! {
            () = tokio::time::sleep(WRITE_EVERY) => false,
            _ = stop.wait_for(|stop| *stop) => true,
        };
        let written = app.block(|app| app.tally.write()).await;
        if let Ok(Err(error)) = written {
            tracing::warn!(%error, "the tally could not be written");
        }
        if ends {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;
    use holdfast_domain::time::{Stamp, Zone};

    #[test]
    fn counts_go_on_where_the_last_process_left_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tally.db");
        let at = Stamp(1_769_860_800_000);
        for round in 1..=3 {
            let tally = Tally::default();
            tally.open(&path).unwrap();
            tally.note(at, &Zone::utc(), "stock-short");
            tally.write().unwrap();
            let counts = super::lock(&tally.counts).clone();
            assert_eq!(counts[&("2026-01".to_owned(), "stock-short".to_owned())], round);
        }
    }
}
