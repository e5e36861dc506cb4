//! Where to find what: which journal entries touched an order, and where a person's sealed data lie.
//!
//! A cache beside the journal, made again from it whenever it does not fit; nothing rests on it alone.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use holdfast_app::port::ReadError;
use holdfast_app::service::{Durable, Service, Told};
use holdfast_domain::event::Event;
use holdfast_domain::id::{MerchantId, OrderId, SkuId, SubjectId};
use holdfast_domain::state::{NameKind, State};
use holdfast_domain::table::digest_of;
use rusqlite::{Connection, params};

/// Entries read from the journal at once.
const CHUNK: usize = 5_000;
/// Entries that may wait to be indexed.
const QUEUE: usize = 100_000;
/// How long to wait for the next entry before looking whether the service still runs.
const LISTEN: Duration = Duration::from_millis(300);

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS orders (id INTEGER NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (id, version)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seals (subject INTEGER NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (subject, version)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS at (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, digest BLOB NOT NULL) STRICT;";

/// The index.
#[derive(Clone)]
pub struct Index {
    db: Arc<Mutex<Connection>>,
    at: Arc<AtomicU64>,
}

impl Index {
    /// Opens the index at `path`, or one in memory; one that cannot be read is made anew.
    ///
    /// # Errors
    /// SQLite's, when not even a new one can be made.
    pub fn open(path: Option<&Path>) -> Result<Self, rusqlite::Error> {
        let open = |path: &Path| -> Result<Connection, rusqlite::Error> {
            let db = Connection::open(path)?;
            db.pragma_update(None, "journal_mode", "wal")?;
            // A lost tail is read from the journal again.
            db.pragma_update(None, "synchronous", "normal")?;
            db.execute_batch(TABLES)?;
            Ok(db)
        };
        let db = match path {
            None => {
                let db = Connection::open_in_memory()?;
                db.execute_batch(TABLES)?;
                db
            }
            Some(path) => open(path).or_else(|_| {
                // Its log too: one that is left behind would be played into the new file.
                for end in ["", "-wal", "-shm"] {
                    let mut file = path.as_os_str().to_owned();
                    file.push(end);
                    drop(std::fs::remove_file(file));
                }
                open(path)
            })?,
        };
        let at = db.query_row("SELECT version FROM at", [], |row| row.get::<_, i64>(0)).unwrap_or(0);
        let at = Arc::new(AtomicU64::new(u64::try_from(at).unwrap_or(0)));
        Ok(Self { db: Arc::new(Mutex::new(db)), at })
    }

    /// Up to which journal entry it goes.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.at.load(Ordering::Acquire)
    }

    /// The last `most` entries that touched an order, oldest first.
    ///
    /// # Errors
    /// SQLite's.
    pub fn of_order(&self, order: OrderId, most: usize) -> Result<Vec<u64>, rusqlite::Error> {
        let db = self.db();
        let mut select = db.prepare_cached(
            "SELECT version FROM (SELECT version FROM orders WHERE id = ?1 ORDER BY version DESC LIMIT ?2) ORDER BY version",
        )?;
        let rows = select.query_map(params![order.0, most as i64], |row| row.get::<_, i64>(0))?;
        rows.map(|row| row.map(|version| u64::try_from(version).unwrap_or(0))).collect()
    }

    /// The entry that sealed a person's data last, not after `version`.
    ///
    /// # Errors
    /// SQLite's.
    pub fn seal(&self, subject: SubjectId, version: u64) -> Result<Option<u64>, rusqlite::Error> {
        let found: Option<i64> = self.db().query_row(
            "SELECT max(version) FROM seals WHERE subject = ?1 AND version <= ?2",
            params![subject.0, version as i64],
            |row| row.get(0),
        )?;
        Ok(found.and_then(|version| u64::try_from(version).ok()))
    }

    /// Follows the journal on a thread of its own until the service ends.
    #[must_use]
    pub fn follow(&self, service: Service) -> JoinHandle<()> {
        let index = self.clone();
        let run = move || {
            let heard = service.subscribe(QUEUE);
            if let Err(error) = index.run(&service, &heard) {
                tracing::warn!(%error, "the index is behind; it is made again at the next start");
            }
        };
        std::thread::Builder::new()
            .name("holdfast-index".to_owned())
            .spawn(run)
            .expect("the system gives a thread at start-up")
    }

    fn run(&self, service: &Service, heard: &holdfast_app::service::Subscription) -> Result<(), IndexError> {
        if !self.fits(service)? {
            self.db().execute_batch("DELETE FROM orders; DELETE FROM seals; DELETE FROM at;")?;
            self.at.store(0, Ordering::Release);
        }
        self.catch_up(service)?;
        loop {
            match heard.next(LISTEN) {
                None if ended(service) => return Ok(()),
                None => {}
                Some(Told::Missed(_)) => self.catch_up(service)?,
                Some(Told::Entry(first)) => {
                    let mut batch = vec![first];
                    while batch.len() < CHUNK {
                        match heard.next(Duration::ZERO) {
                            Some(Told::Entry(durable)) => batch.push(durable),
                            Some(Told::Missed(_)) => {
                                batch.clear();
                                break;
                            }
                            None => break,
                        }
                    }
                    if batch.is_empty() {
                        self.catch_up(service)?;
                    }
                    self.write(service, &batch)?;
                }
            }
        }
    }

    /// Whether what was indexed last is what the journal has there.
    fn fits(&self, service: &Service) -> Result<bool, IndexError> {
        let kept: Option<(i64, Vec<u8>)> = self
            .db()
            .query_row("SELECT version, digest FROM at", [], |row| Ok((row.get(0)?, row.get(1)?)))
            .map(Some)
            .or_else(none)?;
        let Some((version, digest)) = kept else { return Ok(true) };
        let Ok(version) = u64::try_from(version) else { return Ok(false) };
        if version == 0 {
            return Ok(true);
        }
        let found = self.after(service, version - 1, 1)?;
        Ok(found.first().is_some_and(|durable| digest_of(&*durable.entry)[..] == digest[..]))
    }

    fn catch_up(&self, service: &Service) -> Result<(), IndexError> {
        loop {
            let batch = self.after(service, self.version(), CHUNK)?;
            if batch.is_empty() {
                return Ok(());
            }
            self.write(service, &batch)?;
        }
    }

    fn after(&self, service: &Service, version: u64, most: usize) -> Result<Vec<Durable>, IndexError> {
        loop {
            match service.read_and_wait(move |journal| entries_after(journal, version, most)) {
                Ok(read) => return Ok(read?),
                Err(_) if ended(service) => return Ok(Vec::new()),
                Err(_) => std::thread::sleep(LISTEN),
            }
        }
    }

    fn write(&self, service: &Service, batch: &[Durable]) -> Result<(), IndexError> {
        let at = self.version();
        let fresh: Vec<&Durable> = batch.iter().filter(|durable| durable.version > at).collect();
        let Some(last) = fresh.last() else { return Ok(()) };
        let view = service.view_at(last.version, Duration::from_secs(5));
        let mut db = self.db();
        let transaction = db.transaction()?;
        {
            let mut order = transaction.prepare_cached("INSERT OR IGNORE INTO orders VALUES (?1, ?2)")?;
            let mut seal = transaction.prepare_cached("INSERT OR IGNORE INTO seals VALUES (?1, ?2)")?;
            for durable in &fresh {
                for event in &durable.entry.events {
                    for id in orders_of(event, view.state()) {
                        order.execute(params![id.0, durable.version as i64])?;
                    }
                    if let Event::SubjectSealed { subject, .. } = event {
                        seal.execute(params![subject.0, durable.version as i64])?;
                    }
                }
            }
            transaction.execute(
                "INSERT OR REPLACE INTO at VALUES (1, ?1, ?2)",
                params![last.version as i64, &digest_of(&*last.entry)[..]],
            )?;
        }
        transaction.commit()?;
        self.at.store(last.version, Ordering::Release);
        Ok(())
    }

    fn db(&self) -> MutexGuard<'_, Connection> {
        // Every change is one transaction, so no panic leaves half of one.
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why the index cannot go on.
#[derive(Debug, thiserror::Error)]
enum IndexError {
    #[error("write the index")]
    Sqlite(#[from] rusqlite::Error),
    #[error(transparent)]
    Read(#[from] ReadError),
}

fn none<T>(error: rusqlite::Error) -> Result<Option<T>, rusqlite::Error> {
    match error {
        rusqlite::Error::QueryReturnedNoRows => Ok(None),
        other => Err(other),
    }
}

fn ended(service: &Service) -> bool {
    service.health().phase.is_over()
}

/// At most `most` entries after `version`.
///
/// # Errors
/// [`ReadError`].
pub fn entries_after(
    journal: &mut dyn holdfast_app::port::Journal,
    version: u64,
    most: usize,
) -> Result<Vec<Durable>, ReadError> {
    let mut out = Vec::new();
    for group in journal.read(version)? {
        let group = group?;
        for (at, entry) in (group.first..).zip(group.entries) {
            if at > version && out.len() < most {
                out.push(Durable { version: at, entry: Arc::new(entry) });
            }
        }
        if out.len() >= most {
            break;
        }
    }
    Ok(out)
}

/// The orders an event is about. `state` has to go at least as far as the event.
#[must_use]
pub fn orders_of(event: &Event, state: &State) -> Vec<OrderId> {
    use Event as E;
    let of_shipment =
        |id: &holdfast_domain::id::ShipmentId| state.shipments.get(*id).map(|known| known.order);
    match event {
        E::OrderReceived(order) => {
            state.named(NameKind::Order, order.merchant, &order.number).into_iter().collect()
        }
        E::OrderHeld { order, .. }
        | E::OrderFreed { order }
        | E::OrderSourced { order, .. }
        | E::OrderMoved { order, .. }
        | E::UnitsDropped { order, .. }
        | E::LineCancelled { order, .. }
        | E::PromiseMoved { order, .. }
        | E::OrderArchived { order, .. }
        | E::ReturnReceived { order, .. } => vec![*order],
        E::ShipmentReleased(shipment) => vec![shipment.order],
        E::ShipmentPicked { shipment }
        | E::ShipmentPacked { shipment }
        | E::ShipmentShipped { shipment, .. }
        | E::ShipmentException { shipment, .. }
        | E::ShipmentDelivered { shipment, .. }
        | E::ShipmentLost { shipment }
        | E::RecallAsked { shipment }
        | E::RecallRefused { shipment }
        | E::ShipmentRecalled { shipment, .. } => of_shipment(shipment).into_iter().collect(),
        E::ShipmentsInDoubt { shipments, .. } => shipments.iter().filter_map(of_shipment).collect(),
        E::NoticeQueued(notice) => notice.orders.iter().map(|order| order.order).collect(),
        _ => Vec::new(),
    }
}

/// The merchant an event is about; `None` for what concerns the operator or nobody in particular.
#[must_use]
pub fn merchant_of(event: &Event, state: &State) -> Option<MerchantId> {
    use Event as E;
    let of_sku = |sku: &SkuId| state.network.skus.get(*sku).map(|sku| sku.merchant);
    match event {
        E::OrderReceived(order) => Some(order.merchant),
        E::NoticeQueued(notice) => Some(notice.merchant),
        E::NoticeChanged { notice, .. } => state.notices.get(*notice).map(|notice| notice.merchant),
        E::MerchantChanged(merchant, _) => Some(*merchant),
        E::SkuAdded(sku) => Some(sku.merchant),
        E::StockReceived { sku, .. }
        | E::StockAdjusted { sku, .. }
        | E::StockCounted { sku, .. }
        | E::StockQuarantined { sku, .. }
        | E::StockCleared { sku, .. } => of_sku(sku),
        // It lists the parcels of every merchant.
        E::ShipmentsInDoubt { .. } => None,
        other => {
            let order = orders_of(other, state).into_iter().next()?;
            state.order(order).ok().map(|order| order.merchant)
        }
    }
}
