//! Outward work: what the shops are told, and how what they say is compared.
//!
//! Each connection with an `admin` part has a line: a thread that reads the shop whole once, takes its numbers down as
//! soon as an incident takes stock away, puts them back on all clear, gives parts of orders to the places a plan has
//! moved them to, and compares every night. Invariants: what is to be written follows from the journal's state and from
//! what the shop says now, so a kill loses nothing and doing it again does no harm; a number goes down to nothing
//! blindly and in no other way: any other number is set only against the number the shop has at that moment, after
//! every order that could explain it was taken here; a watched shop is read and never written to.

pub mod arrange;
pub mod goal;
pub mod memory;
mod moves;
mod push;
pub mod settings;
pub mod store;
mod sync;
pub mod webhooks;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use holdfast_connect::http::{Backoff, Http, Pace};
use holdfast_connect::order::ShopOrder;
use holdfast_connect::shop::{Level, Shop, ShopError};
use holdfast_connect::shopify::admin::Admin as Shopify;
use holdfast_connect::woo::rest::Rest as Woocommerce;
use tokio::runtime::Handle;

use crate::app::App;
use crate::config::{Connection, ConnectionKind};
use settings::Admin;
use store::{Spot, Store};

/// How often a line looks whether there is something to do.
const TICK: Duration = Duration::from_secs(1);
/// How long a shop that fails is left alone: from a second, doubling to half a minute, so that the minute holds.
const AGAIN: Backoff = Backoff { tries: u32::MAX, first_ms: 1_000, most_ms: 30_000 };
/// Milliseconds in which a number has to be down; after them it is an alarm.
pub const DOWN_WITHIN_MS: i64 = 60_000;
/// Milliseconds by which a shop's clock may be behind ours.
const CLOCKS_MS: i64 = 120_000;
/// Milliseconds after which a number a shop has refused is tried again.
const REFUSED_MS: i64 = 60_000;

/// The place of the desk in the app: empty until it is started.
#[derive(Default)]
pub struct Outward(OnceLock<Arc<Desk>>);

/// All lines.
pub struct Desk {
    lines: BTreeMap<String, Arc<Line>>,
    store: Store,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// What a line needs of the house.
#[derive(Clone)]
struct House {
    app: App,
    handle: Handle,
}

/// One connection's work.
pub struct Line {
    connection: Connection,
    admin: Admin,
    shop: Arc<dyn Shop>,
    store: Store,
    pace: Arc<dyn Pace>,
    status: Mutex<Status>,
    /// Orders of the shop that could not be taken: their units, and why.
    untaken: Mutex<BTreeMap<String, Untaken>>,
    refused: Mutex<BTreeMap<Spot, i64>>,
    dirty: AtomicBool,
    compare: AtomicBool,
    /// The state's version when the numbers were last looked at, and when they were last read again.
    seen: AtomicU64,
    reread: AtomicU64,
    nudge: (Mutex<bool>, Condvar),
}

/// An order of the shop that is not taken here.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Untaken {
    why: String,
    updated_ms: Option<i64>,
    units: Vec<(String, u32)>,
}

/// How a line is.
#[derive(Clone, Debug, Default)]
pub struct Status {
    /// When it last did all there was to do, in milliseconds of Unix time.
    pub well: Option<i64>,
    /// Why it could not, last.
    pub error: Option<String>,
    /// Numbers that are to go down and have not.
    pub down: usize,
    /// Other numbers that are to be set.
    pub other: usize,
    /// Since when numbers that are to go down have not.
    pub overdue: Option<i64>,
    /// Numbers written since the start.
    pub written: u64,
    /// Parts of orders given to other places since the start.
    pub given: u64,
    /// Places of the shop no site is behind: id and name.
    pub places: Vec<(String, String)>,
    /// SKUs the shop sells by more than one item.
    pub twice: Vec<String>,
    /// What the shop has refused, last.
    pub refused: Vec<String>,
    /// What a person should know of the first reading.
    pub first: Vec<String>,
}

impl Status {
    /// What a person has to see to at once.
    #[must_use]
    pub fn alarm(&self, now: i64) -> Option<String> {
        let since = self.overdue.filter(|since| now - since > DOWN_WITHIN_MS)?;
        let seconds = (now - since) / 1_000;
        let cause =
            self.error.as_deref().or(self.refused.last().map(String::as_str)).unwrap_or("it takes too long");
        Some(format!(
            "{} numbers should be down for {seconds} s and are not ({cause}): take them down in the shop by hand",
            self.down
        ))
    }
}

/// Why a line could not do what there was to do.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Shop(#[from] ShopError),
    #[error("read or write what is known of the shops: {0}")]
    Store(#[from] store::Fault),
    #[error("{0}")]
    House(String),
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Outward {
    /// The desk, once it is started.
    #[must_use]
    pub fn desk(&self) -> Option<&Arc<Desk>> {
        self.0.get()
    }

    /// What is known of shops and endpoints, once it is started.
    #[must_use]
    pub fn store(&self) -> Option<&Store> {
        self.desk().map(|desk| &desk.store)
    }

    /// A line.
    #[must_use]
    pub fn line(&self, connection: &str) -> Option<&Arc<Line>> {
        self.desk()?.lines.get(connection)
    }

    /// A shop has told of a number.
    pub fn told(&self, connection: &str, level: &Level, at_ms: Option<i64>) {
        let Some(line) = self.line(connection) else { return };
        let at = at_ms.unwrap_or_else(|| line.pace.now_ms() - CLOCKS_MS);
        if let Err(error) = line.store.keep_levels(connection, std::slice::from_ref(level), at) {
            tracing::error!(%error, "a shop's number could not be kept; the nightly comparison finds it");
        }
        line.wake(true);
    }

    /// A shop has told of an order: its own id for it is kept.
    pub(crate) fn knows(&self, connection: &str, order: &ShopOrder) {
        let (Some(line), Some(id)) = (self.line(connection), &order.id) else { return };
        if let Err(error) = line.store.keep_order(connection, &order.number, id) {
            tracing::warn!(%error, "a shop's id of an order could not be kept; it is asked for when it is needed");
        }
    }
}

/// The shop behind a connection, if it is asked.
#[must_use]
pub fn shop_of(connection: &Connection, http: &Arc<dyn Http>, pace: &Arc<dyn Pace>) -> Option<Arc<dyn Shop>> {
    let admin = connection.admin.as_ref()?;
    let token = admin.token.clone().expect("the configuration is refused without one");
    let (http, pace, version) = (http.clone(), pace.clone(), admin.version.as_deref());
    match connection.kind {
        ConnectionKind::Shopify => {
            Some(Arc::new(Shopify::new(http, pace, &admin.url, version, token, admin.reach())))
        }
        ConnectionKind::Woocommerce => {
            Some(Arc::new(Woocommerce::new(http, pace, &admin.url, &token, admin.reach())))
        }
        // The configuration is refused if it asks for it.
        ConnectionKind::Amazon => None,
    }
}

/// Starts the lines of all connections that have an `admin` part, and the endpoints that are told, on threads of their
/// own; gives the number of lines. `http` sends once: what fails is tried again by a schedule that is kept.
///
/// # Errors
/// SQLite's.
pub fn start(
    app: &App,
    handle: &Handle,
    store: &Store,
    http: &Arc<dyn Http>,
    pace: &Arc<dyn Pace>,
) -> Result<usize, store::Fault> {
    let mut lines = BTreeMap::new();
    for connection in &app.config.connections {
        let (Some(admin), Some(shop)) = (connection.admin.clone(), shop_of(connection, http, pace)) else {
            continue;
        };
        let pace = pace.clone();
        let line = Line {
            connection: connection.clone(),
            admin,
            shop,
            store: store.clone(),
            pace,
            status: Mutex::default(),
            untaken: Mutex::default(),
            refused: Mutex::default(),
            dirty: AtomicBool::new(true),
            compare: AtomicBool::new(false),
            seen: AtomicU64::new(0),
            reread: AtomicU64::new(0),
            nudge: (Mutex::new(false), Condvar::new()),
        };
        lines.insert(connection.id.clone(), Arc::new(line));
    }
    let house = House { app: app.clone(), handle: handle.clone() };
    let mut threads = Vec::new();
    for line in lines.values() {
        let (line, house) = (line.clone(), house.clone());
        let thread = std::thread::Builder::new().name("holdfast-shop".to_owned());
        threads.push(thread.spawn(move || line.run(&house)).expect("the system gives a thread at start-up"));
    }
    for endpoint in &app.config.webhooks {
        let teller = webhooks::Teller {
            endpoint: endpoint.clone(),
            store: store.clone(),
            http: http.clone(),
            pace: pace.clone(),
        };
        let (app, thread) = (app.clone(), std::thread::Builder::new().name("holdfast-webhook".to_owned()));
        threads.push(thread.spawn(move || teller.run(&app)).expect("the system gives a thread at start-up"));
    }
    let count = lines.len();
    let desk = Desk { lines, store: store.clone(), threads: Mutex::new(threads) };
    if app.outward.0.set(Arc::new(desk)).is_err() {
        tracing::error!("outward work was started twice");
    }
    Ok(count)
}

impl Desk {
    /// The lines, by the name of their connection.
    pub fn lines(&self) -> impl Iterator<Item = &Arc<Line>> {
        self.lines.values()
    }

    /// Waits until all lines have ended; the app has to be stopping.
    pub fn join(&self) {
        for line in self.lines.values() {
            line.wake(false);
        }
        for thread in std::mem::take(&mut *lock(&self.threads)) {
            // A line that broke off has said so in the log.
            drop(thread.join());
        }
    }
}

impl Line {
    /// The connection.
    #[must_use]
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// How it is.
    #[must_use]
    pub fn status(&self) -> Status {
        lock(&self.status).clone()
    }

    /// Orders of the shop that are not taken here: number and why.
    #[must_use]
    pub fn untaken(&self) -> Vec<(String, String)> {
        lock(&self.untaken).iter().map(|(number, order)| (number.clone(), order.why.clone())).collect()
    }

    /// What is known of the shop.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Asks for a comparison now.
    pub fn compare(&self) {
        self.compare.store(true, Ordering::Release);
        self.wake(true);
    }

    /// Whether nothing may be written to the shop: it is only watched, or nothing may leave the house at all.
    fn only_watches(&self, house: &House) -> bool {
        self.connection.watch || house.app.config.mode == crate::config::Mode::Drill
    }

    fn id(&self) -> &str {
        &self.connection.id
    }

    /// Looks again at once; `dirty` when a number may have changed.
    fn wake(&self, dirty: bool) {
        if dirty {
            self.dirty.store(true, Ordering::Release);
        }
        *lock(&self.nudge.0) = true;
        self.nudge.1.notify_one();
    }

    fn run(&self, house: &House) {
        let (mut failed, mut followed) = (0_u32, false);
        loop {
            if *house.app.stopping.borrow() {
                return;
            }
            // Who follows another writer does nothing outside; it goes on where that one was once it takes over.
            if !house.app.service.is_writer() {
                followed = true;
                self.rest(house, TICK);
                continue;
            }
            if core::mem::take(&mut followed) {
                // What is known of the shop here is as old as the last time this machine asked it.
                self.compare.store(true, Ordering::Release);
                self.dirty.store(true, Ordering::Release);
            }
            match self.round(house) {
                Ok(()) => {
                    if failed > 0 {
                        tracing::info!(connection = self.id(), "the shop is well again");
                    }
                    failed = 0;
                    let mut status = lock(&self.status);
                    (status.well, status.error) = (Some(self.pace.now_ms()), None);
                }
                Err(error) => {
                    if failed == 0 {
                        tracing::warn!(connection = self.id(), %error, "outward work is put off");
                    }
                    failed = failed.saturating_add(1);
                    self.dirty.store(true, Ordering::Release);
                    lock(&self.status).error = Some(error.to_string());
                }
            }
            let now = self.pace.now_ms();
            if let Some(alarm) = self.status().alarm(now) {
                tracing::error!(connection = self.id(), alarm, "a shop sells what cannot be sent");
            }
            let wait = if failed == 0 {
                TICK
            } else {
                Duration::from_millis(AGAIN.spread_ms(failed, self.pace.chance()))
            };
            self.rest(house, wait);
        }
    }

    /// Waits, but no longer than until it is woken or the app stops.
    fn rest(&self, house: &House, wait: Duration) {
        let until = std::time::Instant::now() + wait;
        let mut woken = lock(&self.nudge.0);
        while !*woken && !*house.app.stopping.borrow() {
            let left = until.saturating_duration_since(std::time::Instant::now());
            if left.is_zero() {
                break;
            }
            let slice = left.min(Duration::from_millis(250));
            woken = self.nudge.1.wait_timeout(woken, slice).unwrap_or_else(PoisonError::into_inner).0;
        }
        *woken = false;
    }

    /// Does all there is to do.
    fn round(&self, house: &House) -> Result<(), Failure> {
        if !self.store.line(self.id())?.first {
            self.first(house)?;
        }
        self.note_moves(house)?;
        // What has to go down goes down before anything else is asked of the shop.
        self.push(house)?;
        self.work_moves(house)?;
        self.push(house)?;
        if self.compare.swap(false, Ordering::AcqRel) || self.is_night()? {
            self.reconcile(house)?;
            self.push(house)?;
        }
        Ok(())
    }

    /// Whether the hour of the comparison has come and it has not been made today.
    fn is_night(&self) -> Result<bool, Failure> {
        const DAY_MS: i64 = 86_400_000;
        let now = self.pace.now_ms();
        let since_hour = now - i64::from(self.admin.reconcile_utc_hour) * 3_600_000;
        let last = self.store.line(self.id())?.reconciled.unwrap_or(now);
        let due =
            since_hour.div_euclid(DAY_MS) * DAY_MS + i64::from(self.admin.reconcile_utc_hour) * 3_600_000;
        Ok(last < due)
    }
}
