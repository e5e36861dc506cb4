//! What was exchanged with warehouses: interchanges in and out, by their control numbers. It stands in the inbox's file
//! and goes where that goes.
//!
//! Invariants: a control number is used once, even by a service that has lost the last second of this file: it is at
//! least the seconds since 2026 began; what a 940 tells is noted before anybody can have it. No interchange is kept,
//! only what it was about: a 940 is written anew whenever it is asked for, so no person's data lie here.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension as _, Transaction, params};

use crate::routes::inbox::Inbox;

pub(crate) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS x12_out (id INTEGER PRIMARY KEY AUTOINCREMENT, warehouse TEXT NOT NULL,
  control INTEGER NOT NULL, at INTEGER NOT NULL, shipments TEXT NOT NULL, status TEXT, refused TEXT NOT NULL DEFAULT '',
  UNIQUE (warehouse, control)) STRICT;
CREATE TABLE IF NOT EXISTS x12_told (warehouse TEXT NOT NULL, shipment INTEGER NOT NULL, control INTEGER NOT NULL,
  PRIMARY KEY (warehouse, shipment)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS x12_in (id INTEGER PRIMARY KEY AUTOINCREMENT, warehouse TEXT NOT NULL, control TEXT NOT NULL,
  hash BLOB NOT NULL, at INTEGER NOT NULL, answer TEXT NOT NULL, result TEXT NOT NULL,
  UNIQUE (warehouse, control)) STRICT;
CREATE TABLE IF NOT EXISTS x12_held (id INTEGER PRIMARY KEY AUTOINCREMENT, warehouse TEXT NOT NULL, count BLOB NOT NULL,
  UNIQUE (warehouse, count)) STRICT;
CREATE TABLE IF NOT EXISTS x12_control (warehouse TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID;";
/// Interchanges kept of a warehouse, each way, and counts that were held.
const KEPT_MAX: i64 = 10_000;
/// The first moment control numbers count from: 2026 began, in seconds of Unix time.
const BEGAN_S: i64 = 1_767_225_600;
/// Control numbers have nine digits.
const CONTROL_MAX: i64 = 999_999_999;

/// A 940 that went out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Its row.
    pub id: i64,
    /// Its control number.
    pub control: u32,
    /// When it was made, in milliseconds of Unix time.
    pub at: i64,
    /// The shipments it tells of.
    pub shipments: Vec<u32>,
    /// What its 997 says: AK901.
    pub status: Option<String>,
    /// Shipments whose sets were refused.
    pub refused: Vec<u32>,
}

/// What became of telling a warehouse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// All are told: there is nothing new.
    Nothing,
    /// A 940.
    Sent(Sent),
    /// These were to be told again and do not wait at the warehouse; nothing was noted.
    NotOpen(Vec<u32>),
}

/// An interchange that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its row.
    pub id: i64,
    /// Its control number.
    pub control: String,
    /// Of its bytes.
    pub hash: [u8; 32],
    /// When it came, in milliseconds of Unix time.
    pub at: i64,
    /// What it was answered.
    pub answer: String,
    /// What became of it, as JSON.
    pub result: String,
}

fn numbers(text: &str) -> Vec<u32> {
    text.split(' ').filter_map(|one| one.parse().ok()).collect()
}

fn text(numbers: &[u32]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn next_control(step: &Transaction<'_>, warehouse: &str, now_ms: i64) -> Result<u32, rusqlite::Error> {
    let select = "SELECT last FROM x12_control WHERE warehouse = ?1";
    let last: i64 = step.query_row(select, [warehouse], |row| row.get(0)).optional()?.unwrap_or(0);
    let by_clock = (now_ms.div_euclid(1_000) - BEGAN_S).rem_euclid(CONTROL_MAX);
    let next = by_clock.max(last + 1).clamp(1, CONTROL_MAX);
    step.execute("INSERT OR REPLACE INTO x12_control VALUES (?1, ?2)", params![warehouse, next])?;
    Ok(u32::try_from(next).unwrap_or(1))
}

fn sent(row: &rusqlite::Row<'_>) -> Result<Sent, rusqlite::Error> {
    Ok(Sent {
        id: row.get("id")?,
        control: row.get("control")?,
        at: row.get("at")?,
        shipments: numbers(&row.get::<_, String>("shipments")?),
        status: row.get("status")?,
        refused: numbers(&row.get::<_, String>("refused")?),
    })
}

fn received(row: &rusqlite::Row<'_>) -> Result<Received, rusqlite::Error> {
    Ok(Received {
        id: row.get("id")?,
        control: row.get("control")?,
        hash: row.get("hash")?,
        at: row.get("at")?,
        answer: row.get("answer")?,
        result: row.get("result")?,
    })
}

fn forget(step: &Transaction<'_>, table: &str, warehouse: &str) -> Result<(), rusqlite::Error> {
    let delete = format!(
        "DELETE FROM {table} WHERE warehouse = ?1 AND id <= (SELECT id FROM {table} WHERE warehouse = ?1 ORDER BY id DESC LIMIT 1 OFFSET {KEPT_MAX})"
    );
    step.execute(&delete, [warehouse]).map(drop)
}

impl Inbox {
    /// A number for an interchange to a warehouse.
    ///
    /// # Errors
    /// SQLite's.
    pub fn x12_control(&self, warehouse: &str, now_ms: i64) -> Result<u32, rusqlite::Error> {
        let mut db = self.db();
        let step = db.transaction()?;
        let control = next_control(&step, warehouse, now_ms)?;
        step.commit()?;
        Ok(control)
    }

    /// Notes a 940 for those shipments that no other one has told of. `open` reads all that wait at the warehouse, once
    /// nobody else can tell it anything: what is no longer among them is forgotten, so an older reading would have
    /// forgotten what was just told. `again` are told once more.
    ///
    /// # Errors
    /// SQLite's.
    pub fn x12_tell(
        &self,
        warehouse: &str,
        now_ms: i64,
        open: impl FnOnce() -> Vec<u32>,
        again: &BTreeSet<u32>,
        most: usize,
    ) -> Result<Told, rusqlite::Error> {
        let mut db = self.db();
        let open = open();
        let still: BTreeSet<u32> = open.iter().copied().collect();
        let gone: Vec<u32> = again.difference(&still).copied().collect();
        if !gone.is_empty() {
            return Ok(Told::NotOpen(gone));
        }
        let step = db.transaction()?;
        let told: Vec<u32> = {
            let mut select = step.prepare_cached("SELECT shipment FROM x12_told WHERE warehouse = ?1")?;
            select.query_map([warehouse], |row| row.get(0))?.collect::<Result<_, _>>()?
        };
        for shipment in told.iter().filter(|id| !still.contains(id) || again.contains(id)) {
            step.prepare_cached("DELETE FROM x12_told WHERE warehouse = ?1 AND shipment = ?2")?
                .execute(params![warehouse, shipment])?;
        }
        let known: BTreeSet<u32> = told.into_iter().filter(|id| !again.contains(id)).collect();
        let shipments: Vec<u32> = open.iter().copied().filter(|id| !known.contains(id)).take(most).collect();
        if shipments.is_empty() {
            step.commit()?;
            return Ok(Told::Nothing);
        }
        let control = next_control(&step, warehouse, now_ms)?;
        let insert = "INSERT INTO x12_out (warehouse, control, at, shipments) VALUES (?1, ?2, ?3, ?4)";
        step.execute(insert, params![warehouse, control, now_ms, text(&shipments)])?;
        let id = step.last_insert_rowid();
        for shipment in &shipments {
            step.prepare_cached("INSERT OR REPLACE INTO x12_told VALUES (?1, ?2, ?3)")?
                .execute(params![warehouse, shipment, control])?;
        }
        forget(&step, "x12_out", warehouse)?;
        step.commit()?;
        Ok(Told::Sent(Sent { id, control, at: now_ms, shipments, status: None, refused: Vec::new() }))
    }

    /// Notes what a 997 says of a 940; `refused` are the numbers of its sets from 1. Whether there is such a 940.
    ///
    /// # Errors
    /// SQLite's.
    pub fn x12_answered(
        &self,
        warehouse: &str,
        control: u32,
        status: &str,
        refused: &[usize],
    ) -> Result<bool, rusqlite::Error> {
        let Some(known) = self.x12_sent(warehouse, control)? else { return Ok(false) };
        let place = |number: &usize| number.checked_sub(1).and_then(|at| known.shipments.get(at)).copied();
        let all = matches!(status, "A" | "E" | "P");
        let refused: Vec<u32> =
            if all { refused.iter().filter_map(place).collect() } else { known.shipments.clone() };
        let update = "UPDATE x12_out SET status = ?3, refused = ?4 WHERE warehouse = ?1 AND control = ?2";
        self.db().execute(update, params![warehouse, control, status, text(&refused)])?;
        Ok(true)
    }

    /// A 940 by its control number.
    ///
    /// # Errors
    /// SQLite's.
    pub fn x12_sent(&self, warehouse: &str, control: u32) -> Result<Option<Sent>, rusqlite::Error> {
        let select = "SELECT * FROM x12_out WHERE warehouse = ?1 AND control = ?2";
        self.db().query_row(select, params![warehouse, control], sent).optional()
    }

    /// At most `most` 940s before a row, newest first.
    ///
    /// # Errors
    /// SQLite's.
    pub fn x12_all_sent(
        &self,
        warehouse: &str,
        before: i64,
        most: usize,
    ) -> Result<Vec<Sent>, rusqlite::Error> {
        let db = self.db();
        let select = "SELECT * FROM x12_out WHERE warehouse = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";
        let mut select = db.prepare_cached(select)?;
        select.query_map(params![warehouse, before, most as i64], sent)?.collect()
    }

    /// An interchange that came, by its control number.
    ///
    /// # Errors
    /// SQLite's.
    pub fn x12_received(&self, warehouse: &str, control: &str) -> Result<Option<Received>, rusqlite::Error> {
        let select = "SELECT * FROM x12_in WHERE warehouse = ?1 AND control = ?2";
        self.db().query_row(select, params![warehouse, control], received).optional()
    }

    /// Keeps what became of an interchange; of one that is known, what became of it now.
    ///
    /// # Errors
    /// SQLite's.
    pub fn x12_keep(&self, warehouse: &str, one: &Received) -> Result<(), rusqlite::Error> {
        let mut db = self.db();
        let step = db.transaction()?;
        let insert = "INSERT INTO x12_in (warehouse, control, hash, at, answer, result) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
                      ON CONFLICT (warehouse, control) DO UPDATE SET result = excluded.result";
        let row = params![warehouse, one.control, &one.hash[..], one.at, one.answer, one.result];
        step.execute(insert, row)?;
        forget(&step, "x12_in", warehouse)?;
        step.commit()
    }

    /// Notes that a count of a warehouse was held for a second look; `count` is its key.
    ///
    /// # Errors
    /// SQLite's.
    pub fn x12_hold(&self, warehouse: &str, count: u128) -> Result<(), rusqlite::Error> {
        let mut db = self.db();
        let step = db.transaction()?;
        let insert = "INSERT OR IGNORE INTO x12_held (warehouse, count) VALUES (?1, ?2)";
        step.execute(insert, params![warehouse, &count.to_be_bytes()[..]])?;
        forget(&step, "x12_held", warehouse)?;
        step.commit()
    }

    /// Whether a count of a warehouse was held once.
    ///
    /// # Errors
    /// SQLite's.
    pub fn x12_was_held(&self, warehouse: &str, count: u128) -> Result<bool, rusqlite::Error> {
        let select = "SELECT count(*) FROM x12_held WHERE warehouse = ?1 AND count = ?2";
        let row = params![warehouse, &count.to_be_bytes()[..]];
        self.db().query_row(select, row, |row| row.get::<_, i64>(0)).map(|count| count > 0)
    }

    /// At most `most` interchanges that came before a row, newest first.
    ///
    /// # Errors
    /// SQLite's.
    pub fn x12_all_received(
        &self,
        warehouse: &str,
        before: i64,
        most: usize,
    ) -> Result<Vec<Received>, rusqlite::Error> {
        let db = self.db();
        let select = "SELECT * FROM x12_in WHERE warehouse = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";
        let mut select = db.prepare_cached(select)?;
        select.query_map(params![warehouse, before, most as i64], received)?.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{BEGAN_S, Told};
    use crate::routes::inbox::Inbox;

    #[test]
    fn a_control_number_is_used_once_even_by_who_has_lost_the_last_of_them() {
        let now = (BEGAN_S + 1_000) * 1_000;
        let inbox = Inbox::open(None).unwrap();
        let numbers: Vec<u32> = (0..3).map(|_| inbox.x12_control("a", now).unwrap()).collect();
        assert_eq!(numbers, [1_000, 1_001, 1_002]);
        assert_eq!(inbox.x12_control("b", now).unwrap(), 1_000, "each warehouse has its own");
        assert!(Inbox::open(None).unwrap().x12_control("a", now + 5_000).unwrap() > 1_002, "an empty file");
    }

    #[test]
    fn each_shipment_is_told_once_until_it_is_told_again_on_purpose() {
        let inbox = Inbox::open(None).unwrap();
        let now = BEGAN_S * 1_000;
        let told = |open: &[u32], again: &[u32]| {
            inbox.x12_tell("a", now, || open.to_vec(), &again.iter().copied().collect(), 2).unwrap()
        };
        let tell = |open: &[u32], again: &[u32]| match told(open, again) {
            Told::Sent(sent) => Some((sent.control, sent.shipments)),
            _ => None,
        };
        assert_eq!(tell(&[5, 6, 7], &[]), Some((1, vec![5, 6])), "two at most");
        assert_eq!(tell(&[5, 6, 7], &[]), Some((2, vec![7])));
        assert_eq!(tell(&[5, 6, 7], &[]), None);
        assert!(inbox.x12_answered("a", 1, "P", &[2]).unwrap());
        assert_eq!(inbox.x12_sent("a", 1).unwrap().unwrap().refused, [6]);
        assert!(inbox.x12_answered("a", 2, "R", &[]).unwrap());
        assert_eq!(inbox.x12_sent("a", 2).unwrap().unwrap().refused, [7]);
        assert!(!inbox.x12_answered("a", 3, "A", &[]).unwrap());
        assert_eq!(tell(&[5, 6], &[6]), Some((3, vec![6])));
        assert_eq!(tell(&[5, 6, 7], &[]), Some((4, vec![7])), "it was gone meanwhile, and is there anew");
        assert_eq!(told(&[5, 6], &[6, 9, 8]), Told::NotOpen(vec![8, 9]));
        assert_eq!(tell(&[5, 6, 7], &[]), None, "nothing was noted: 6 and 7 are still told");
    }

    #[test]
    fn what_waits_is_read_when_nobody_else_can_tell() {
        let inbox = Inbox::open(None).unwrap();
        let mut held = false;
        let open = || {
            held = inbox.is_held();
            vec![5]
        };
        inbox.x12_tell("a", BEGAN_S * 1_000, open, &[].into(), 2).unwrap();
        assert!(held && !inbox.is_held());
    }
}
