//! What of the shops cannot be made again, small enough to be kept on every machine: which numbers were taken down, up
//! to where orders were read, what endpoints were told, whose parcels are to be moved.
//!
//! Invariant: where there is a place for it elsewhere, a number is noted there before the shop hears of it; a machine
//! that takes over puts back what another one has taken down.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension as _, params};
use serde::{Deserialize, Serialize};

use super::store::{Elsewhere, Fault, Store};

/// Parcels to be moved that are remembered; the others are found by the nightly comparison.
const MOVES_MAX: usize = 100_000;

/// A number that was taken down: connection, item, place.
type Cut = (String, String, String);

/// Why what is remembered could not be told or taken over.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// The file could not be used.
    #[error("use what is known of the shops")]
    Store(#[from] Fault),
    /// It could not be written down.
    #[error("write down what is known of the shops")]
    Written(#[source] serde_json::Error),
    /// What another machine has remembered is none of that.
    #[error("read what another machine knew of the shops: nothing was taken over")]
    Read(#[source] serde_json::Error),
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Memory {
    // Every memory has them, if only to say that there are none: without them it is no memory.
    cuts: Vec<Cut>,
    #[serde(default)]
    lines: BTreeMap<String, Reading>,
    #[serde(default)]
    moves: Vec<(String, u32, i64)>,
    #[serde(default)]
    endpoints: Vec<(String, i64, u32, i64, Option<i64>, Option<String>)>,
}

/// How far a shop was read.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Reading {
    since: Option<i64>,
    reconciled: Option<i64>,
    missed: i64,
    version: Option<i64>,
}

fn rows<T>(
    db: &rusqlite::Connection,
    select: &str,
    read: impl FnMut(&rusqlite::Row<'_>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    db.prepare_cached(select)?.query_map([], read)?.collect()
}

impl Store {
    /// Where it is remembered as well; said once. Who keeps it reads [`Store::memory`] once nobody else keeps anything: what
    /// was read before that could be older than what another one has kept meanwhile.
    pub fn remember_elsewhere(&self, keep: Box<Elsewhere>) {
        // A second place would be a second service's.
        drop(self.elsewhere.set(keep));
    }

    /// Remembers everything elsewhere now, if there is such a place.
    ///
    /// # Errors
    /// Why it could not: then nothing may be told to a shop that has to be put back one day.
    pub fn remember(&self) -> Result<(), String> {
        let Some(keep) = self.elsewhere.get() else { return Ok(()) };
        keep(self)
    }

    /// What cannot be made again, as bytes: the same bytes as long as nothing has changed.
    ///
    /// # Errors
    /// The file cannot be read, or what it holds not be written down: there is nothing to be kept then.
    pub fn memory(&self) -> Result<Vec<u8>, MemoryError> {
        let db = self.db();
        let cuts = rows(&db, "SELECT connection, item, location FROM cuts ORDER BY 1, 2, 3", |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
        let select = "SELECT connection, since, reconciled, missed, version FROM lines ORDER BY 1";
        let lines = rows(&db, select, |row| {
            let reading = Reading {
                since: row.get(1)?,
                reconciled: row.get(2)?,
                missed: row.get(3)?,
                version: row.get(4)?,
            };
            Ok((row.get(0)?, reading))
        })?;
        let select = format!("SELECT connection, ord, due FROM moves ORDER BY 1, 2 LIMIT {MOVES_MAX}");
        let moves = rows(&db, &select, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let select = "SELECT id, version, failures, due, off, error FROM endpoints ORDER BY 1";
        let endpoints = rows(&db, select, |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
        })?;
        let memory = Memory { cuts, lines: lines.into_iter().collect(), moves, endpoints };
        serde_json::to_vec(&memory).map_err(MemoryError::Written)
    }

    /// Takes over what another machine has remembered. Every number it has taken down is read again before it counts.
    ///
    /// # Errors
    /// The bytes are no memory, or SQLite's; then nothing was changed.
    pub fn recall(&self, bytes: &[u8]) -> Result<(), MemoryError> {
        // An empty memory is one that says so: bytes that break off must not forget what has to be put back.
        let memory: Memory = serde_json::from_slice(bytes).map_err(MemoryError::Read)?;
        let mut db = self.db();
        let step = db.transaction()?;
        step.execute_batch("DELETE FROM cuts; DELETE FROM moves; DELETE FROM endpoints;")?;
        for (connection, item, location) in &memory.cuts {
            step.prepare_cached("INSERT INTO cuts VALUES (?1, ?2, ?3, 1)")?
                .execute(params![connection, item, location])?;
        }
        for (connection, order, due) in &memory.moves {
            step.prepare_cached("INSERT INTO moves (connection, ord, due) VALUES (?1, ?2, ?3)")?
                .execute(params![connection, order, due])?;
        }
        for (id, version, failures, due, off, error) in &memory.endpoints {
            step.prepare_cached("INSERT INTO endpoints VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
                .execute(params![id, version, failures, due, off, error])?;
        }
        for (connection, reading) in &memory.lines {
            // Whether this machine has read the shop whole is its own.
            let select = "SELECT first FROM lines WHERE connection = ?1";
            let first: Option<i64> = step.query_row(select, [connection], |row| row.get(0)).optional()?;
            let insert = "INSERT OR REPLACE INTO lines (connection, first, since, reconciled, missed, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            let Reading { since, reconciled, missed, version } = reading;
            let row = params![connection, first.unwrap_or(0), since, reconciled, missed, version];
            step.execute(insert, row)?;
        }
        Ok(step.commit()?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::super::store::{Line, Store};
    use super::super::webhooks::State;

    #[test]
    fn another_machine_knows_what_was_taken_down_before_the_shop_does() {
        let spot = |item: &str| (item.to_owned(), "south".to_owned());
        let (one, two) = (Store::open(None).unwrap(), Store::open(None).unwrap());
        let kept: Arc<Mutex<Vec<u8>>> = Arc::default();
        let to = kept.clone();
        one.remember_elsewhere(Box::new(move |store| {
            *to.lock().unwrap() = store.memory().map_err(|error| error.to_string())?;
            Ok(())
        }));
        one.keep_line("shop", &Line { first: true, since: Some(5), version: Some(9), ..Line::default() })
            .unwrap();
        one.cut("shop", &[spot("a"), spot("b")]).unwrap();
        one.looked("shop", &[spot("a")]).unwrap();
        one.note_moves("shop", &[7], 10, 3).unwrap();
        one.keep_endpoint("books", &State { version: 4, ..State::default() }).unwrap();
        one.remember().unwrap();
        // What the other one had before is not what holds.
        two.cut("shop", &[spot("old")]).unwrap();
        two.recall(&kept.lock().unwrap()).unwrap();
        let cuts: Vec<_> = two.cuts("shop").unwrap().into_iter().collect();
        assert_eq!(cuts, [(spot("a"), true), (spot("b"), true)], "both are read before they count");
        let line = two.line("shop").unwrap();
        assert_eq!((line.first, line.since, line.version), (false, Some(5), Some(10)));
        assert_eq!(two.moves("shop", 3, 10).unwrap()[0].order, 7);
        assert_eq!(two.endpoint("books").unwrap().unwrap().version, 4);
        assert_eq!(two.memory().unwrap(), one.memory().unwrap(), "it is known by its bytes");
        // What broke off on its way, or is none, forgets nothing.
        for bytes in [&b"{"[..], b"", b"{}", b"[]", b"null", b"{\"cuts\": 1}"] {
            assert!(matches!(two.recall(bytes), Err(super::MemoryError::Read(_))), "{bytes:?}");
            assert_eq!(two.memory().unwrap(), one.memory().unwrap(), "{bytes:?}");
        }
        // A program that knew less, or more, is understood.
        two.recall(br#"{"cuts": [["shop", "a", "south"]], "lines": {"shop": {"since": 6}}, "more": 1}"#)
            .unwrap();
        assert_eq!((two.cuts("shop").unwrap().len(), two.line("shop").unwrap().since), (1, Some(6)));
        // A place that cannot be reached stops what has to be put back one day.
        let three = Store::open(None).unwrap();
        three.remember_elsewhere(Box::new(|_| Err("gone".to_owned())));
        assert!(three.remember().is_err());
    }
}
