//! The inbox: deliveries that could not be applied, kept as they came until a person has mended what they need.
//!
//! Invariant: a delivery is either applied and durable in the journal, or durable here, before its sender is told
//! that it arrived.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Path as UrlPath, Query, State};
use axum::http::StatusCode;
use holdfast_access::Right;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::hooks;
use crate::app::App;
use crate::cursor::{self, Paged};
use crate::exchange;
use crate::guard::Who;
use crate::mount::Mount;
use crate::policy::Policy;
use crate::problem::Problem;

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS items (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, connection TEXT NOT NULL,
  merchant TEXT NOT NULL, topic TEXT NOT NULL, delivery TEXT NOT NULL, number TEXT NOT NULL, why TEXT NOT NULL,
  body BLOB NOT NULL, UNIQUE (connection, topic, delivery)) STRICT;
CREATE TABLE IF NOT EXISTS heard (connection TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen (connection TEXT NOT NULL, number TEXT NOT NULL, updated INTEGER NOT NULL,
  PRIMARY KEY (connection, number)) STRICT, WITHOUT ROWID;";
/// Items kept; with more, deliveries are answered with 503, so that the shop keeps them.
const ITEMS_MAX: i64 = 1_000_000;
/// Milliseconds between two notes of a connection's deliveries.
const HEARD_EVERY_MS: i64 = 60_000;

pub(super) fn mount() -> Mount {
    Mount::default()
        .api(Policy::own(Right::MendInbox), routes!(list))
        .api(Policy::own(Right::MendInbox), routes!(retry))
        .api(Policy::own(Right::MendInbox), routes!(dismiss))
}

/// Deliveries that wait for a person.
#[derive(Clone)]
pub struct Inbox {
    db: Arc<Mutex<Connection>>,
    /// When a connection's last delivery was noted.
    noted: Arc<Mutex<BTreeMap<String, i64>>>,
}

/// A delivery as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its number.
    pub id: i64,
    /// When it came, in milliseconds of Unix time.
    pub at: i64,
    /// By which connection.
    pub connection: String,
    /// For which merchant, by its code.
    pub merchant: String,
    /// What it tells of.
    pub topic: String,
    /// The sender's number for it.
    pub delivery: String,
    /// The order's number, as far as it could be read.
    pub number: String,
    /// Why it could not be applied.
    pub why: String,
    /// What was sent.
    pub body: Vec<u8>,
}

fn read(row: &rusqlite::Row<'_>) -> Result<Item, rusqlite::Error> {
    Ok(Item {
        id: row.get("id")?,
        at: row.get("at")?,
        connection: row.get("connection")?,
        merchant: row.get("merchant")?,
        topic: row.get("topic")?,
        delivery: row.get("delivery")?,
        number: row.get("number")?,
        why: row.get("why")?,
        body: row.get("body")?,
    })
}

impl Inbox {
    /// Opens the inbox at `path`, or one in memory.
    ///
    /// # Errors
    /// SQLite's.
    pub fn open(path: Option<&Path>) -> Result<Self, rusqlite::Error> {
        let db = match path {
            None => Connection::open_in_memory()?,
            Some(path) => {
                let db = Connection::open(path)?;
                restrict(path);
                db.pragma_update(None, "journal_mode", "wal")?;
                db.pragma_update(None, "synchronous", "full")?;
                // What was dismissed or applied held people's data: its bytes are overwritten.
                db.pragma_update(None, "secure_delete", true)?;
                db
            }
        };
        db.execute_batch(TABLES)?;
        db.execute_batch(exchange::TABLES)?;
        Ok(Self { db: Arc::new(Mutex::new(db)), noted: Arc::default() })
    }

    /// Puts the content of a copy in the place of this one's.
    ///
    /// # Errors
    /// SQLite's; then nothing was changed.
    pub fn replace(&self, copy: &Path) -> Result<(), rusqlite::Error> {
        let source = Connection::open_with_flags(copy, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let mut db = self.db();
        rusqlite::backup::Backup::new(&source, &mut db)?.run_to_completion(
            i32::MAX,
            core::time::Duration::ZERO,
            None,
        )?;
        // The copy may be of an older program.
        db.execute_batch(TABLES)?;
        db.execute_batch(exchange::TABLES)
    }

    pub(crate) fn db(&self) -> MutexGuard<'_, Connection> {
        // Every change is one statement, so no panic leaves half of one.
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether somebody is at it.
    #[cfg(test)]
    pub(crate) fn is_held(&self) -> bool {
        self.db.try_lock().is_err()
    }

    /// Keeps a delivery; the same delivery again changes nothing.
    ///
    /// # Errors
    /// SQLite's; also when it is full.
    pub fn keep(&self, item: &Item) -> Result<(), rusqlite::Error> {
        let db = self.db();
        let count: i64 = db.query_row("SELECT count(*) FROM items", [], |row| row.get(0))?;
        if count >= ITEMS_MAX {
            return Err(rusqlite::Error::QueryReturnedNoRows);
        }
        let insert = "INSERT INTO items (at, connection, merchant, topic, delivery, number, why, body) \
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
                      ON CONFLICT (connection, topic, delivery) DO UPDATE SET why = excluded.why";
        let Item { at, connection, merchant, topic, delivery, number, why, body, .. } = item;
        db.prepare_cached(insert)?
            .execute(params![at, connection, merchant, topic, delivery, number, why, body])?;
        Ok(())
    }

    /// How many there are.
    ///
    /// # Errors
    /// SQLite's.
    pub fn count(&self) -> Result<u64, rusqlite::Error> {
        let count: i64 = self.db().query_row("SELECT count(*) FROM items", [], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// An item.
    ///
    /// # Errors
    /// SQLite's.
    pub fn get(&self, id: i64) -> Result<Option<Item>, rusqlite::Error> {
        match self.db().query_row("SELECT * FROM items WHERE id = ?1", [id], read) {
            Ok(item) => Ok(Some(item)),
            Err(rusqlite::Error::QueryReturnedNoRows) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// At most `most` items after `id`, oldest first, without their bodies; of one merchant, if given.
    ///
    /// # Errors
    /// SQLite's.
    pub fn after(&self, id: i64, most: usize, merchant: Option<&str>) -> Result<Vec<Item>, rusqlite::Error> {
        let db = self.db();
        // A list needs no bodies, and a page of them could have gigabytes.
        let mut select = db.prepare_cached(
            "SELECT id, at, connection, merchant, topic, delivery, number, why, x'' AS body FROM items WHERE id > ?1 AND (?2 IS NULL OR merchant = ?2) ORDER BY id LIMIT ?3",
        )?;
        let rows = select.query_map(params![id, merchant, most as i64], read)?;
        rows.collect()
    }

    /// At most `most` items after `id` that wait for this very reason, oldest first.
    ///
    /// # Errors
    /// SQLite's.
    pub fn waiting(&self, id: i64, most: usize, why: &str) -> Result<Vec<Item>, rusqlite::Error> {
        let db = self.db();
        let mut select =
            db.prepare_cached("SELECT * FROM items WHERE id > ?1 AND why = ?2 ORDER BY id LIMIT ?3")?;
        let rows = select.query_map(params![id, why, most as i64], read)?;
        rows.collect()
    }

    /// Says anew why an item waits.
    ///
    /// # Errors
    /// SQLite's.
    pub fn explain(&self, id: i64, why: &str) -> Result<(), rusqlite::Error> {
        self.db().execute("UPDATE items SET why = ?2 WHERE id = ?1 AND why <> ?2", params![id, why])?;
        Ok(())
    }

    /// Takes an item out.
    ///
    /// # Errors
    /// SQLite's.
    pub fn remove(&self, id: i64) -> Result<bool, rusqlite::Error> {
        Ok(self.db().execute("DELETE FROM items WHERE id = ?1", [id])? == 1)
    }

    /// Notes that a genuine delivery has come, once a minute: a busy shop writes no more for it.
    ///
    /// # Errors
    /// SQLite's.
    pub fn heard(&self, connection: &str, now_ms: i64) -> Result<(), rusqlite::Error> {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.get(connection).is_some_and(|last| now_ms - last < HEARD_EVERY_MS) {
            return Ok(());
        }
        noted.insert(connection.to_owned(), now_ms);
        let insert = "INSERT OR REPLACE INTO heard VALUES (?1, ?2)";
        self.db().execute(insert, params![connection, now_ms]).map(drop)
    }

    /// When a connection's last delivery came, to the minute.
    ///
    /// # Errors
    /// SQLite's.
    pub fn heard_at(&self, connection: &str) -> Result<Option<i64>, rusqlite::Error> {
        let select = "SELECT at FROM heard WHERE connection = ?1";
        self.db().query_row(select, [connection], |row| row.get(0)).optional()
    }

    /// How many deliveries of a connection wait here.
    ///
    /// # Errors
    /// SQLite's.
    pub fn waits(&self, connection: &str) -> Result<u64, rusqlite::Error> {
        let select = "SELECT count(*) FROM items WHERE connection = ?1";
        let count: i64 = self.db().query_row(select, [connection], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// Whether an order waits here; its parcels alone are none.
    ///
    /// # Errors
    /// SQLite's.
    pub fn holds(&self, connection: &str, number: &str) -> Result<bool, rusqlite::Error> {
        let select = "SELECT count(*) FROM items WHERE connection = ?1 AND number = ?2 AND topic NOT LIKE 'fulfillments/%'";
        let count: i64 = self.db().query_row(select, params![connection, number], |row| row.get(0))?;
        Ok(count > 0)
    }

    /// Whether an order's delivery is older than one that was applied; otherwise remembers it as the newest.
    ///
    /// # Errors
    /// SQLite's.
    pub fn is_stale(&self, connection: &str, number: &str, updated: i64) -> Result<bool, rusqlite::Error> {
        let upsert = "INSERT INTO seen VALUES (?1, ?2, ?3) ON CONFLICT (connection, number) \
                      DO UPDATE SET updated = excluded.updated WHERE excluded.updated >= seen.updated";
        let changed = self.db().prepare_cached(upsert)?.execute(params![connection, number, updated])?;
        Ok(changed == 0)
    }
}

fn restrict(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        drop(std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)));
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// A delivery that waits.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryOut {
    /// Its number.
    pub id: i64,
    /// When it came, in milliseconds of Unix time.
    pub at: i64,
    /// By which connection.
    pub connection: String,
    /// For which merchant.
    pub merchant: String,
    /// What it tells of.
    pub topic: String,
    /// The order's number.
    pub number: String,
    /// Why it waits, and what to mend.
    pub why: String,
}

/// A page of deliveries.
#[derive(Debug, Serialize, ToSchema)]
pub struct ItemPage {
    /// The deliveries, oldest first.
    pub items: Vec<DeliveryOut>,
    /// Where the list goes on.
    pub next: Option<String>,
}

/// What became of a delivery that was tried again.
#[derive(Debug, Serialize, ToSchema)]
pub struct Retried {
    /// Whether it was applied and is gone from the inbox.
    pub applied: bool,
    /// Why it still waits.
    pub why: Option<String>,
}

/// Lists deliveries that wait for a person.
#[utoipa::path(get, path = "/api/v1/inbox", tag = "connections", params(Paged), responses((status = 200, description = "A page", body = ItemPage)))]
async fn list(
    State(app): State<App>,
    who: Who,
    Query(filter): Query<Paged>,
) -> Result<axum::Json<ItemPage>, Problem> {
    let after = match &filter.cursor {
        None => 0,
        Some(cursor) => i64::try_from(cursor::decode("inbox", cursor)?).unwrap_or(0),
    };
    let most = cursor::page(filter.limit);
    let merchant = who.principal().and_then(|principal| principal.merchant.clone());
    let found = app.block(move |app| app.inbox.after(after, most, merchant.as_deref())).await?;
    let found = found.map_err(|error| Problem::internal(&error))?;
    let next = found
        .last()
        .filter(|_| found.len() == most)
        .map(|item| cursor::encode("inbox", item.id.unsigned_abs()));
    let told = found.into_iter().map(|item| DeliveryOut {
        id: item.id,
        at: item.at,
        connection: item.connection,
        merchant: item.merchant,
        topic: item.topic,
        number: item.number,
        why: item.why,
    });
    Ok(axum::Json(ItemPage { items: told.collect(), next }))
}

async fn mine(app: &App, who: &Who, id: i64) -> Result<Item, Problem> {
    let found = app.block(move |app| app.inbox.get(id)).await?.map_err(|error| Problem::internal(&error))?;
    let limit = who.principal().and_then(|principal| principal.merchant.as_deref());
    found
        .filter(|item| limit.is_none_or(|limit| limit == item.merchant))
        .ok_or_else(|| Problem::not_found("delivery"))
}

/// Tries a delivery again, after what it lacked was added.
#[utoipa::path(post, path = "/api/v1/inbox/{item}/retry", tag = "connections", params(("item" = i64, Path)), responses(
    (status = 200, description = "What became of it", body = Retried),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json")))]
async fn retry(
    State(app): State<App>,
    who: Who,
    UrlPath(id): UrlPath<i64>,
) -> Result<axum::Json<Retried>, Problem> {
    let item = mine(&app, &who, id).await?;
    let why = hooks::again(&app, &item).await?;
    hooks::settle(&app, id, why.clone()).await?;
    Ok(axum::Json(Retried { applied: why.is_none(), why }))
}

/// Takes a delivery out without applying it. It is logged.
#[utoipa::path(delete, path = "/api/v1/inbox/{item}", tag = "connections", params(("item" = i64, Path)), responses(
    (status = 204, description = "Taken out"),
    (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json")))]
async fn dismiss(State(app): State<App>, who: Who, UrlPath(id): UrlPath<i64>) -> Result<StatusCode, Problem> {
    let item = mine(&app, &who, id).await?;
    let (actor, now) = (who.actor().to_owned(), app.now());
    let detail = format!("{} {} {}", item.connection, item.topic, item.delivery);
    app.block(move |app| app.access.audit(now, "delivery-dismissed", &actor, &detail)).await??;
    app.block(move |app| app.inbox.remove(id)).await?.map_err(|error| Problem::internal(&error))?;
    Ok(StatusCode::NO_CONTENT)
}
