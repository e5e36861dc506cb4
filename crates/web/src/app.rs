//! What every handler has: the service, the accounts, the configuration, and the way from an ask to an answer.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use holdfast_access::Access;
use holdfast_app::core::Reply;
use holdfast_app::port::Journal;
use holdfast_app::service::{Asked, Durable, Service, View};
use holdfast_domain::evolve::Entry;
use holdfast_domain::state::{KeyUse, State};
use holdfast_domain::time::{Stamp, Zone};
use holdfast_notify::template::Catalog;
use tokio::sync::{broadcast, oneshot, watch};

use crate::analysis;
use crate::config::Config;
use crate::console::Console;
use crate::desk::Desk;
use crate::drills;
use crate::index::Index;
use crate::once;
use crate::planning::Plans;
use crate::problem::Problem;
use crate::rate::Rate;
use crate::routes::buyers::Quotes;
use crate::routes::inbox::Inbox;
use crate::tally::Tally;

/// Entries a slow stream of events may lag behind before it reads the journal.
const EVENTS_MAX: usize = 8_192;
/// How long an answer waits until the caller would see what it has done.
const SEEN_WITHIN: Duration = Duration::from_millis(500);

/// How often, and how long between, it is looked whether the index has come as far as a caller needs it.
const INDEXED_TRIES: u32 = 100;
const INDEXED_EVERY: Duration = Duration::from_millis(20);

/// What an app is made of.
pub struct Parts {
    /// The live service.
    pub service: Service,
    /// Accounts, sessions, keys.
    pub access: Access,
    /// Where to find what.
    pub index: Index,
    /// Deliveries that could not be applied.
    pub inbox: Inbox,
    /// Configuration.
    pub config: Config,
    /// Milliseconds of Unix time: the wall clock of sign-in. Only the service's own clock stamps the journal.
    pub now: fn() -> i64,
}

/// Counters of the HTTP side.
#[derive(Debug, Default)]
pub struct Counters {
    /// Requests by status class, 1xx to 5xx.
    pub requests: [AtomicU64; 5],
    /// Milliseconds spent on them.
    pub took_ms: AtomicU64,
    /// Open connections.
    pub connections: AtomicUsize,
    /// Open streams of events.
    pub streams: AtomicUsize,
    /// Deliveries of webhooks by what became of them: applied, known, kept, refused.
    pub hooks: [AtomicU64; 4],
}

/// What handlers share.
pub struct Inner {
    /// The live service.
    pub service: Service,
    /// Accounts, sessions, keys.
    pub access: Arc<Access>,
    /// Where to find what.
    pub index: Index,
    /// Deliveries that could not be applied.
    pub inbox: Inbox,
    /// Configuration.
    pub config: Config,
    /// The words of notices, at the desk and for buyers.
    pub words: Catalog,
    /// Plans that were made and not adopted yet, and the jobs that make or carry out plans.
    pub plans: Plans,
    /// What the console keeps beside the state.
    pub console: Console,
    /// What was turned away.
    pub tally: Tally,
    /// The impact analysis.
    pub before: analysis::Kept,
    /// Drills beside the service.
    pub drills: drills::Kept,
    /// What buyers were told in the last minute.
    pub quotes: Quotes,
    /// How many alarms there are, counted a moment ago.
    pub alarmed: crate::routes::care::Alarmed,
    /// Who is behind which order, for the desk's search.
    pub desk: Desk,
    /// What the shops are told; empty until it is started.
    pub outward: crate::outward::Outward,
    /// Feeds of alerts, sites that are listened for, the order feed; empty until it is started.
    pub watch: crate::watch::Watch,
    /// Durable entries, as they come.
    pub events: broadcast::Sender<Durable>,
    /// How many requests each caller may make.
    pub rate: Rate,
    /// Counters.
    pub counters: Counters,
    /// How it stands with the anchors of both logs.
    pub anchored: crate::anchor::Anchored,
    /// Turns true when the server is to end.
    pub stopping: watch::Sender<bool>,
    now: fn() -> i64,
    openapi: Mutex<Arc<str>>,
}

/// A handle on what handlers share.
#[derive(Clone)]
pub struct App(Arc<Inner>);

impl core::ops::Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// What became of an ask.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Done now.
    Done {
        /// The journal entry.
        version: u64,
        /// What happened.
        entry: Arc<Entry>,
    },
    /// Done before, under the same idempotency key.
    Repeated(KeyUse),
}

impl Outcome {
    /// The journal entry.
    #[must_use]
    pub const fn version(&self) -> u64 {
        match self {
            Self::Done { version, .. } => *version,
            Self::Repeated(used) => used.version,
        }
    }
}

impl App {
    /// An app of its parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { service, access, index, inbox, config, now } = parts;
        let (events, _) = broadcast::channel(EVENTS_MAX);
        let told = events.clone();
        service.watch(Box::new(move |durable| {
            // Nobody listening is no fault.
            let _ = told.send(durable.clone());
            true
        }));
        Self(Arc::new(Inner {
            rate: Rate::per_minute(config.limits.requests_per_minute),
            service,
            access: Arc::new(access),
            index,
            inbox,
            words: config.words.catalog(),
            config,
            plans: Plans::default(),
            console: Console::default(),
            tally: Tally::default(),
            before: analysis::Kept::default(),
            drills: drills::Kept::default(),
            quotes: Quotes::default(),
            alarmed: crate::routes::care::Alarmed::default(),
            desk: Desk::default(),
            outward: crate::outward::Outward::default(),
            watch: crate::watch::Watch::default(),
            events,
            counters: Counters::default(),
            anchored: crate::anchor::Anchored::default(),
            stopping: watch::Sender::new(false),
            now,
            openapi: Mutex::new("".into()),
        }))
    }

    /// Waits until this service is the writer; at once where it is. Whoever acts in the world on its behalf waits here
    /// before each round.
    pub async fn is_writer(&self) {
        while !self.service.is_writer() {
            tokio::time::sleep(INDEXED_EVERY).await;
        }
    }

    /// Milliseconds of Unix time.
    #[must_use]
    pub fn now(&self) -> i64 {
        (self.now)()
    }

    /// The durable state as it was a moment ago.
    #[must_use]
    pub fn view(&self) -> Arc<View> {
        self.service.view()
    }

    /// Asks, and waits until the answer is durable and a reader would see it.
    ///
    /// # Errors
    /// A problem: refused by a rule, no room, outcome unknown.
    pub async fn ask(&self, asked: Asked) -> Result<Outcome, Problem> {
        let outcome = self.ask_only(asked).await?;
        self.seen(outcome.version()).await;
        Ok(outcome)
    }

    /// Asks, and waits until the answer is durable.
    ///
    /// # Errors
    /// As [`App::ask`].
    pub async fn ask_only(&self, asked: Asked) -> Result<Outcome, Problem> {
        let outcome = outcome(self.reply(asked).await?)?;
        if matches!(outcome, Outcome::Repeated(_)) {
            once::replayed();
        }
        Ok(outcome)
    }

    /// Asks, and waits for the reply as it is.
    ///
    /// # Errors
    /// A problem when there is no room.
    pub async fn reply(&self, asked: Asked) -> Result<Reply, Problem> {
        let (tell, told) = oneshot::channel();
        let reply = Box::new(move |reply| {
            // A caller who has gone wants no answer.
            let _ = tell.send(reply);
        });
        self.service.ask(asked, reply)?;
        let reply = told.await.unwrap_or(Reply::Unknown);
        if let Reply::Rejected(rejection) = &reply {
            let view = self.view();
            self.tally.note(Stamp(self.now()), &zone_of(view.state()), rejection.code());
        }
        Ok(reply)
    }

    /// Waits, for a bounded time, until the view goes as far as `version`.
    pub async fn seen(&self, version: u64) {
        if self.service.view().state().version >= version {
            return;
        }
        let service = self.service.clone();
        let wait = move || drop(service.view_at(version, SEEN_WITHIN));
        // A view that is late is late; what was done is done.
        drop(tokio::task::spawn_blocking(wait).await);
    }

    /// Waits, for a bounded time, until the index goes as far as `version`.
    pub async fn indexed(&self, version: u64) {
        for _ in 0..INDEXED_TRIES {
            if self.index.version() >= version {
                return;
            }
            tokio::time::sleep(INDEXED_EVERY).await;
        }
    }

    /// Reads the journal on the reader's thread.
    ///
    /// # Errors
    /// A problem when there are too many reads.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut dyn Journal) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let (tell, told) = oneshot::channel();
        self.service.read(Box::new(move |journal| {
            let _ = tell.send(read(journal));
        }))?;
        told.await.map_err(|_| Problem::busy("the service is ending"))
    }

    /// Runs what blocks, such as SQLite or a password's hash, away from the threads that serve.
    ///
    /// # Errors
    /// A problem when it panicked.
    pub async fn block<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let app = self.clone();
        tokio::task::spawn_blocking(move || work(&app)).await.map_err(|error| Problem::internal(&error))
    }

    /// The API's description.
    #[must_use]
    pub fn openapi(&self) -> Arc<str> {
        lock(&self.openapi).clone()
    }

    /// Keeps the API's description.
    pub fn describe(&self, openapi: Arc<str>) {
        *lock(&self.openapi) = openapi;
    }
}

/// An answer, or the problem it is.
///
/// # Errors
/// As [`App::ask`].
pub fn outcome(reply: Reply) -> Result<Outcome, Problem> {
    match reply {
        Reply::Done { version, entry } => Ok(Outcome::Done { version, entry }),
        Reply::Repeated(used) => Ok(Outcome::Repeated(used)),
        Reply::Rejected(rejection) => Err(rejection.into()),
        Reply::Retry => Err(Problem::busy("the journal did not take it; nothing was done")),
        Reply::Unknown => Err(Problem::unknown_outcome()),
    }
}

/// The zone of the head office.
pub(crate) fn zone_of(state: &State) -> Zone {
    state.network.operator.as_ref().map_or_else(Zone::utc, |operator| operator.zone.clone())
}

/// A lock whose data no panic leaves half changed.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts by name, for statistics.
pub type ByName = BTreeMap<String, u64>;
