//! What is known of the shops and what is still to be told them: one SQLite file, a change is one transaction.
//!
//! Everything here can be made again from the journal and the shops but for the cuts: which numbers this house has
//! taken down and has to put back. A cut is durable before the shop hears of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use holdfast_connect::shop::{Item, Level, Location};
use rusqlite::{Connection, OptionalExtension as _, params};

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS lines (connection TEXT PRIMARY KEY, first INTEGER NOT NULL DEFAULT 0,
  since INTEGER, reconciled INTEGER, missed INTEGER NOT NULL DEFAULT 0, version INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS locations (connection TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL,
  active INTEGER NOT NULL, PRIMARY KEY (connection, id)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS items (connection TEXT NOT NULL, id TEXT NOT NULL, sku TEXT NOT NULL, title TEXT NOT NULL,
  PRIMARY KEY (connection, id)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS levels (connection TEXT NOT NULL, item TEXT NOT NULL, location TEXT NOT NULL,
  available INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (connection, item, location)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cuts (connection TEXT NOT NULL, item TEXT NOT NULL, location TEXT NOT NULL,
  look INTEGER NOT NULL, PRIMARY KEY (connection, item, location)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS orders (connection TEXT NOT NULL, number TEXT NOT NULL, id TEXT NOT NULL,
  PRIMARY KEY (connection, number)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS moves (connection TEXT NOT NULL, ord INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
  due INTEGER NOT NULL, note TEXT NOT NULL DEFAULT '', PRIMARY KEY (connection, ord)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS differences (connection TEXT NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
  sku TEXT NOT NULL, location TEXT NOT NULL, shop INTEGER, here INTEGER, way INTEGER, who TEXT NOT NULL,
  why TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS of_connection ON differences (connection);";
/// Differences kept of one comparison.
pub const DIFFERENCES_MAX: usize = 100_000;

/// An item at a place.
pub type Spot = (String, String);

/// A line's own state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Whether the shop was read whole once.
    pub first: bool,
    /// Up to when its orders were read, in milliseconds of its time.
    pub since: Option<i64>,
    /// When it was last compared.
    pub reconciled: Option<i64>,
    /// Orders and changes the last comparison found that no webhook had told of.
    pub missed: u64,
    /// Journal entries whose consequences for its orders are noted.
    pub version: Option<u64>,
}

/// An order whose parts in the shop may lie at another place than here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The order.
    pub order: u32,
    /// Times it was tried.
    pub tries: u32,
    /// What it waits for.
    pub note: String,
}

/// A difference between the shop and this house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// `stock`, `order`, `sku`, `location`.
    pub kind: &'static str,
    /// The SKU, or the order's number.
    pub sku: String,
    /// The place.
    pub location: String,
    /// Units the shop sells.
    pub shop: Option<i64>,
    /// Units this house would let it sell.
    pub here: Option<i64>,
    /// Units of orders of the shop that are not taken here yet.
    pub way: Option<i64>,
    /// Who is right: `here`, `shop`, `both`, `nobody`.
    pub who: &'static str,
    /// Why.
    pub why: String,
}

/// A difference as it is read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// When it was found, in milliseconds of Unix time.
    pub at: i64,
    /// `stock`, `order`, `sku`, `location`.
    pub kind: String,
    /// The SKU, or the order's number.
    pub sku: String,
    /// The place.
    pub location: String,
    /// Units the shop sells.
    pub shop: Option<i64>,
    /// Units this house would let it sell.
    pub here: Option<i64>,
    /// Units on their way.
    pub way: Option<i64>,
    /// Who is right.
    pub who: String,
    /// Why.
    pub why: String,
}

/// What SQLite says.
pub type Fault = rusqlite::Error;

/// The store of all lines.
#[derive(Clone)]
pub struct Store {
    db: Arc<Mutex<Connection>>,
    pub(super) elsewhere: Arc<OnceLock<Box<Elsewhere>>>,
}

/// Keeps what is remembered on more machines than this one; why it could not.
pub type Elsewhere = dyn Fn(&Store) -> Result<(), String> + Send + Sync;

impl Store {
    /// Opens the store at `path`, or one in memory.
    ///
    /// # Errors
    /// SQLite's.
    pub fn open(path: Option<&Path>) -> Result<Self, Fault> {
        let db = match path {
            None => Connection::open_in_memory()?,
            Some(path) => {
                let db = Connection::open(path)?;
                db.pragma_update(None, "journal_mode", "wal")?;
                db.pragma_update(None, "synchronous", "full")?;
                #[cfg(unix)]
                {
                    use std::os::unix::fs::PermissionsExt as _;
                    drop(std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)));
                }
                db
            }
        };
        db.execute_batch(TABLES)?;
        db.execute_batch(super::webhooks::TABLES)?;
        Ok(Self { db: Arc::new(Mutex::new(db)), elsewhere: Arc::default() })
    }

    pub(super) fn db(&self) -> MutexGuard<'_, Connection> {
        // Every change is one transaction, so no panic leaves half of one.
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A line's state.
    ///
    /// # Errors
    /// SQLite's.
    pub fn line(&self, line: &str) -> Result<Line, Fault> {
        let select = "SELECT first, since, reconciled, missed, version FROM lines WHERE connection = ?1";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Line {
                first: row.get::<_, i64>(0)? == 1,
                since: row.get(1)?,
                reconciled: row.get(2)?,
                missed: row.get::<_, i64>(3)?.unsigned_abs(),
                version: row.get::<_, Option<i64>>(4)?.map(i64::unsigned_abs),
            })
        };
        Ok(self.db().query_row(select, [line], read).optional()?.unwrap_or_default())
    }

    /// Keeps a line's state.
    ///
    /// # Errors
    /// SQLite's.
    pub fn keep_line(&self, name: &str, line: &Line) -> Result<(), Fault> {
        let insert = "INSERT OR REPLACE INTO lines (connection, first, since, reconciled, missed, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let version = line.version.map(|version| version as i64);
        let row =
            params![name, i64::from(line.first), line.since, line.reconciled, line.missed as i64, version];
        self.db().execute(insert, row).map(drop)
    }

    /// Keeps the places of a shop.
    ///
    /// # Errors
    /// SQLite's.
    pub fn keep_locations(&self, line: &str, all: &[Location]) -> Result<(), Fault> {
        let mut db = self.db();
        let step = db.transaction()?;
        step.execute("DELETE FROM locations WHERE connection = ?1", [line])?;
        for one in all {
            let row = params![line, one.id, one.name, i64::from(one.active)];
            step.execute("INSERT OR REPLACE INTO locations VALUES (?1, ?2, ?3, ?4)", row)?;
        }
        step.commit()
    }

    /// The places of a shop that are in use: id and name.
    ///
    /// # Errors
    /// SQLite's.
    pub fn locations(&self, line: &str) -> Result<Vec<(String, String)>, Fault> {
        let db = self.db();
        let mut select = db.prepare_cached(
            "SELECT id, name FROM locations WHERE connection = ?1 AND active = 1 ORDER BY id",
        )?;
        let rows = select.query_map([line], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect()
    }

    /// Keeps items and what the shop has of them, as read at `at`.
    ///
    /// # Errors
    /// SQLite's.
    pub fn keep_items(&self, line: &str, items: &[(Item, Vec<Level>)], at: i64) -> Result<(), Fault> {
        let mut db = self.db();
        let step = db.transaction()?;
        for (item, levels) in items {
            step.prepare_cached("INSERT OR REPLACE INTO items VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![line, item.id, item.sku, item.title])?;
            for level in levels {
                put_level(&step, line, level, at)?;
            }
        }
        step.commit()
    }

    /// Keeps what the shop has, unless something newer is known.
    ///
    /// # Errors
    /// SQLite's.
    pub fn keep_levels(&self, line: &str, levels: &[Level], at: i64) -> Result<(), Fault> {
        let mut db = self.db();
        let step = db.transaction()?;
        for level in levels {
            put_level(&step, line, level, at)?;
        }
        step.commit()
    }

    /// Items by SKU, in the order of their ids.
    ///
    /// # Errors
    /// SQLite's.
    pub fn items(&self, line: &str) -> Result<BTreeMap<String, Vec<String>>, Fault> {
        let db = self.db();
        let mut select = db.prepare_cached("SELECT sku, id FROM items WHERE connection = ?1 ORDER BY id")?;
        let rows = select.query_map([line], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in rows {
            let (sku, id) = row?;
            all.entry(sku).or_default().push(id);
        }
        Ok(all)
    }

    /// What the shop has, as far as is known.
    ///
    /// # Errors
    /// SQLite's.
    pub fn levels(&self, line: &str) -> Result<BTreeMap<Spot, i64>, Fault> {
        let db = self.db();
        let mut select =
            db.prepare_cached("SELECT item, location, available FROM levels WHERE connection = ?1")?;
        let rows = select.query_map([line], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?;
        rows.collect()
    }

    /// What was taken down and is to be put back, and whether the shop's number has to be read before it counts.
    ///
    /// # Errors
    /// SQLite's.
    pub fn cuts(&self, line: &str) -> Result<BTreeMap<Spot, bool>, Fault> {
        let db = self.db();
        let mut select = db.prepare_cached("SELECT item, location, look FROM cuts WHERE connection = ?1")?;
        let rows =
            select.query_map([line], |row| Ok(((row.get(0)?, row.get(1)?), row.get::<_, i64>(2)? == 1)))?;
        rows.collect()
    }

    /// Notes what is going to be changed: until it is known to be done, the shop's number has to be read.
    ///
    /// # Errors
    /// SQLite's.
    pub fn cut(&self, line: &str, spots: &[Spot]) -> Result<(), Fault> {
        let mut db = self.db();
        let step = db.transaction()?;
        for (item, location) in spots {
            step.prepare_cached("INSERT OR REPLACE INTO cuts VALUES (?1, ?2, ?3, 1)")?
                .execute(params![line, item, location])?;
        }
        step.commit()
    }

    /// Notes what is put back for good.
    ///
    /// # Errors
    /// SQLite's.
    pub fn settled(&self, line: &str, spots: &[Spot]) -> Result<(), Fault> {
        self.each(line, spots, "DELETE FROM cuts WHERE connection = ?1 AND item = ?2 AND location = ?3")
    }

    /// Notes what the shop is known to show.
    ///
    /// # Errors
    /// SQLite's.
    pub fn looked(&self, line: &str, spots: &[Spot]) -> Result<(), Fault> {
        self.each(
            line,
            spots,
            "UPDATE cuts SET look = 0 WHERE connection = ?1 AND item = ?2 AND location = ?3",
        )
    }

    fn each(&self, line: &str, spots: &[Spot], sql: &str) -> Result<(), Fault> {
        let mut db = self.db();
        let step = db.transaction()?;
        for (item, location) in spots {
            step.prepare_cached(sql)?.execute(params![line, item, location])?;
        }
        step.commit()
    }

    /// Keeps the shop's id of an order.
    ///
    /// # Errors
    /// SQLite's.
    pub fn keep_order(&self, line: &str, number: &str, id: &str) -> Result<(), Fault> {
        let insert = "INSERT INTO orders VALUES (?1, ?2, ?3) ON CONFLICT (connection, number) DO UPDATE SET id = excluded.id WHERE id <> excluded.id";
        self.db().prepare_cached(insert)?.execute(params![line, number, id]).map(drop)
    }

    /// The shop's id of an order.
    ///
    /// # Errors
    /// SQLite's.
    pub fn order(&self, line: &str, number: &str) -> Result<Option<String>, Fault> {
        let select = "SELECT id FROM orders WHERE connection = ?1 AND number = ?2";
        self.db().query_row(select, params![line, number], |row| row.get(0)).optional()
    }

    /// Notes orders that may have to be moved in the shop, and up to which journal entry that is done.
    ///
    /// # Errors
    /// SQLite's.
    pub fn note_moves(&self, line: &str, orders: &[u32], version: u64, due: i64) -> Result<(), Fault> {
        let mut db = self.db();
        let step = db.transaction()?;
        for order in orders {
            let insert = "INSERT INTO moves (connection, ord, due) VALUES (?1, ?2, ?3) ON CONFLICT (connection, ord) DO UPDATE SET due = excluded.due, tries = 0, note = ''";
            step.prepare_cached(insert)?.execute(params![line, order, due])?;
        }
        let upsert = "INSERT INTO lines (connection, version) VALUES (?1, ?2) ON CONFLICT (connection) DO UPDATE SET version = excluded.version";
        step.execute(upsert, params![line, version as i64])?;
        step.commit()
    }

    /// At most `most` moves that are due.
    ///
    /// # Errors
    /// SQLite's.
    pub fn moves(&self, line: &str, now: i64, most: usize) -> Result<Vec<Move>, Fault> {
        let db = self.db();
        let mut select = db.prepare_cached(
            "SELECT ord, tries, note FROM moves WHERE connection = ?1 AND due <= ?2 ORDER BY due, ord LIMIT ?3",
        )?;
        let rows = select.query_map(params![line, now, most as i64], |row| {
            Ok(Move { order: row.get(0)?, tries: row.get(1)?, note: row.get(2)? })
        })?;
        rows.collect()
    }

    /// How many moves wait, and the notes of those that need a person.
    ///
    /// # Errors
    /// SQLite's.
    pub fn moves_waiting(&self, line: &str) -> Result<(u64, Vec<(u32, String)>), Fault> {
        let db = self.db();
        let count: i64 =
            db.query_row("SELECT count(*) FROM moves WHERE connection = ?1", [line], |row| row.get(0))?;
        let mut select = db.prepare_cached(
            "SELECT ord, note FROM moves WHERE connection = ?1 AND note <> '' ORDER BY ord LIMIT 100",
        )?;
        let notes = select.query_map([line], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok((count.unsigned_abs(), notes.collect::<Result<_, _>>()?))
    }

    /// Puts a move off, with what it waits for.
    ///
    /// # Errors
    /// SQLite's.
    pub fn put_off(&self, line: &str, order: u32, due: i64, note: &str) -> Result<(), Fault> {
        let update =
            "UPDATE moves SET tries = tries + 1, due = ?3, note = ?4 WHERE connection = ?1 AND ord = ?2";
        self.db().execute(update, params![line, order, due, note]).map(drop)
    }

    /// A move is done.
    ///
    /// # Errors
    /// SQLite's.
    pub fn moved(&self, line: &str, order: u32) -> Result<(), Fault> {
        self.db()
            .execute("DELETE FROM moves WHERE connection = ?1 AND ord = ?2", params![line, order])
            .map(drop)
    }

    /// Keeps the differences of a comparison instead of those of the last one.
    ///
    /// # Errors
    /// SQLite's.
    pub fn keep_differences(&self, line: &str, at: i64, all: &[Difference]) -> Result<(), Fault> {
        let mut db = self.db();
        let step = db.transaction()?;
        step.execute("DELETE FROM differences WHERE connection = ?1", [line])?;
        for one in all.iter().take(DIFFERENCES_MAX) {
            let row = params![
                line,
                at,
                one.kind,
                one.sku,
                one.location,
                one.shop,
                one.here,
                one.way,
                one.who,
                one.why
            ];
            step.prepare_cached("INSERT INTO differences VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")?
                .execute(row)?;
        }
        step.commit()
    }

    /// At most `most` differences after a row.
    ///
    /// # Errors
    /// SQLite's.
    pub fn differences(&self, line: &str, after: i64, most: usize) -> Result<Vec<(i64, Kept)>, Fault> {
        let db = self.db();
        let mut select = db.prepare_cached(
            "SELECT rowid, at, kind, sku, location, shop, here, way, who, why FROM differences WHERE connection = ?1 AND rowid > ?2 ORDER BY rowid LIMIT ?3",
        )?;
        let rows = select.query_map(params![line, after, most as i64], |row| {
            let kept = Kept {
                at: row.get(1)?,
                kind: row.get(2)?,
                sku: row.get(3)?,
                location: row.get(4)?,
                shop: row.get(5)?,
                here: row.get(6)?,
                way: row.get(7)?,
                who: row.get(8)?,
                why: row.get(9)?,
            };
            Ok((row.get(0)?, kept))
        })?;
        rows.collect()
    }
}

fn put_level(step: &rusqlite::Transaction<'_>, line: &str, level: &Level, at: i64) -> Result<(), Fault> {
    let insert = "INSERT INTO levels VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (connection, item, location) DO UPDATE SET available = excluded.available, at = excluded.at WHERE excluded.at >= levels.at";
    step.prepare_cached(insert)?
        .execute(params![line, level.item, level.location, level.available, at])
        .map(drop)
}
