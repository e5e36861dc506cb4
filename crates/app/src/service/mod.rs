//! The live service: one thread decides, another writes, and nothing is told before it is durable.
//!
//! A [`Service`] is a handle any number of threads share. Its queue is bounded: what does not fit is refused at once
//! and can be asked again. What everybody reads is a [`View`]: a fork of the state as it was durable a moment ago.
//! There is no async here, so the simulator and the tests run it as it is.
//!
//! A service that [follows](Service::follow) replays what another one writes, refuses asks, and goes on by itself when
//! the other one is gone; when it is superseded it follows again.
//!
//! One file for the handle and its two threads: what is durable and what is told is one argument.

mod duplicate;
mod feed;
mod follow;
mod keeper;
mod run;

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use holdfast_domain::command::{Command, NewOrder};
use holdfast_domain::id::SubjectId;
use holdfast_domain::state::State;
use holdfast_domain::table::Digest;
use holdfast_domain::time::Stamp;
use holdfast_engine::incident::Planned;
use holdfast_engine::step::{Ask, Engine};

use crate::core::{Core, Reply};
use crate::people::{Returning, Sealer};
use crate::port::{Clock, Entropy, Head, Journal};
use crate::recover::{RecoverError, recover};
use crate::seal::PersonalData;
use crate::writer::{WriterError, artefact_bytes};

pub use feed::{Durable, Subscription, Told};
pub use follow::Readers;

use feed::Feeds;
use keeper::{Job, Keeper};
use run::{Msg, Run};

/// How a service is run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Asks that may wait to be decided; more are refused.
    pub queue_max: usize,
    /// How old the view may become under load.
    pub view_every: Duration,
    /// How long the view may lag behind a service that has nothing else to do.
    pub view_idle: Duration,
    /// Entries after which a snapshot is kept.
    pub snapshot_entries: u64,
    /// How often orders that wait for stock are looked at, once something has changed for them.
    pub source_every: Duration,
    /// Reads of the journal that may wait.
    pub reads_max: usize,
    /// An order that repeats another one's goods for the same person within this time is held; never, if it is none.
    pub duplicate_within: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            queue_max: 16_384,
            view_every: Duration::from_millis(100),
            view_idle: Duration::from_millis(10),
            snapshot_entries: 200_000,
            source_every: Duration::from_secs(2),
            reads_max: 256,
            duplicate_within: Duration::ZERO,
        }
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A command as it is.
    Command(Command),
    /// An order, with what identifies the person behind it and what is known of them.
    Place(Box<NewOrder>, Option<Box<(String, PersonalData)>>),
    /// New data of a known person.
    Renew(SubjectId, Box<PersonalData>),
}

/// An ask with what must become durable with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// What.
    pub what: What,
    /// Who asks: a code, never a name.
    pub actor: Box<str>,
    /// The asker's idempotency key, hashed.
    pub key: Option<u128>,
    /// A plan or price table the command names.
    pub artefact: Option<(Digest, Vec<u8>)>,
}

impl Asked {
    /// A command.
    #[must_use]
    pub fn new(command: Command, actor: &str) -> Self {
        Self { what: What::Command(command), actor: actor.into(), key: None, artefact: None }
    }

    /// An order with the person behind it.
    #[must_use]
    pub fn place(order: NewOrder, person: Option<(String, PersonalData)>, actor: &str) -> Self {
        let what = What::Place(Box::new(order), person.map(Box::new));
        Self { what, actor: actor.into(), key: None, artefact: None }
    }

    /// The adoption of a plan, with the plan.
    #[must_use]
    pub fn adopt(plan: &Planned, actor: &str) -> Self {
        let asked = Self::new(Command::AdoptPlan(Box::new(plan.record())), actor);
        Self { artefact: Some((plan.digest(), artefact_bytes(plan))), ..asked }
    }

    /// The adoption of a price table, with the table.
    #[must_use]
    pub fn adopt_prices(prices: &holdfast_engine::price::PriceTable, actor: &str) -> Self {
        let table = prices.digest();
        let asked = Self::new(Command::AdoptPrices { table }, actor);
        Self { artefact: Some((table, artefact_bytes(prices))), ..asked }
    }

    /// With an idempotency key.
    #[must_use]
    pub fn with_key(self, key: Option<u128>) -> Self {
        Self { key, ..self }
    }
}

impl From<Ask> for Asked {
    fn from(ask: Ask) -> Self {
        Self { what: What::Command(ask.command), actor: ask.actor, key: ask.key, artefact: None }
    }
}

/// Why an ask was not even taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The queue is full: ask again in a moment.
    #[error("the service has more to do than it can: ask again in a moment")]
    Full,
    /// The service ends, or another writer has taken over.
    #[error("the service takes no more asks")]
    Stopped,
    /// It follows another writer, who takes asks.
    #[error("this service follows another writer, who takes asks")]
    Following,
}

/// How a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It takes asks.
    Running,
    /// An append failed: the state is read back from the journal, asks wait.
    Recovering,
    /// It answers what it has taken, and takes no more.
    Stopping,
    /// It has ended as it was asked to.
    Stopped,
    /// Another writer has taken the journal over.
    Fenced,
    /// It has ended by a fault of its own.
    Broken,
    /// Another writer takes asks: this one replays what that one writes, until it has to take over.
    Following,
}

impl Phase {
    const ALL: [Self; 7] = [
        Self::Running,
        Self::Recovering,
        Self::Stopping,
        Self::Stopped,
        Self::Fenced,
        Self::Broken,
        Self::Following,
    ];

    /// Whether it has ended for good.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Stopped | Self::Fenced | Self::Broken)
    }

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Recovering => "recovering",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Fenced => "fenced",
            Self::Broken => "broken",
            Self::Following => "following",
        }
    }
}

/// What can be told of a service's health.
#[derive(Clone, Copy, Debug)]
pub struct Health {
    /// How it is.
    pub phase: Phase,
    /// Where the journal stands.
    pub head: Head,
    /// Version of the view.
    pub view: u64,
    /// Asks that wait.
    pub queue: usize,
    /// Asks that may wait.
    pub queue_max: usize,
    /// How long ago a group became durable; `None` before the first.
    pub last_append: Option<Duration>,
    /// How long the last append took.
    pub append_took: Duration,
    /// What has been counted since the start.
    pub counts: Counts,
}

/// What a service has done since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Groups that became durable.
    pub groups: u64,
    /// Entries in them.
    pub entries: u64,
    /// Asks that were refused by a rule.
    pub rejected: u64,
    /// Asks that had been done before.
    pub repeated: u64,
    /// Asks there was no room for.
    pub refused: u64,
    /// Appends that failed or whose outcome was unknown.
    pub appends_failed: u64,
    /// Times the state was read back.
    pub recoveries: u64,
    /// Timers fired.
    pub timers: u64,
    /// Orders that got a site after they had waited.
    pub sourced_late: u64,
    /// Times this service became the writer.
    pub take_overs: u64,
}

/// Whom a service follows, and how far behind it may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// How the writer is reached, if it has said so.
    pub writer: Option<String>,
    /// What is shown is no older than this; `None` before the first reading.
    pub age: Option<Duration>,
}

/// A fork of the durable state.
#[derive(Debug)]
pub struct View {
    /// The fork. Its state's `version` says how far it goes.
    pub engine: Engine,
    /// When it was made, on the service's clock.
    pub at: Stamp,
}

impl View {
    /// The state.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.engine.state
    }
}

/// What is done with an answer.
pub type Callback = Box<dyn FnOnce(Reply) + Send>;
/// What is done with the journal by a reader.
pub type ReadJob = Box<dyn FnOnce(&mut dyn Journal) + Send>;

/// What the handle and the threads share.
pub(crate) struct Shared {
    options: Options,
    link_secret: Mutex<[u8; 32]>,
    /// Whether it follows when another writer takes over, rather than end.
    follows: bool,
    /// While it follows: the writer, and as of when what it shows was all there was.
    followed: Mutex<(Option<String>, Option<Instant>)>,
    view: RwLock<Arc<View>>,
    seen: (Mutex<u64>, Condvar),
    feeds: Feeds,
    depth: AtomicUsize,
    reads: AtomicUsize,
    phase: AtomicUsize,
    stopping: AtomicBool,
    head: Mutex<(Head, Option<Instant>, Duration)>,
    /// What went wrong last and was told to nobody yet.
    fault: Mutex<Option<String>>,
    groups: AtomicU64,
    entries: AtomicU64,
    rejected: AtomicU64,
    repeated: AtomicU64,
    refused: AtomicU64,
    appends_failed: AtomicU64,
    recoveries: AtomicU64,
    timers: AtomicU64,
    sourced_late: AtomicU64,
    take_overs: AtomicU64,
}

impl Shared {
    fn new(options: Options, view: View, head: Head, link_secret: [u8; 32], follows: bool) -> Self {
        let none = || AtomicU64::new(0);
        Self {
            options,
            link_secret: Mutex::new(link_secret),
            follows,
            followed: Mutex::default(),
            seen: (Mutex::new(view.state().version), Condvar::new()),
            view: RwLock::new(Arc::new(view)),
            feeds: Feeds::default(),
            depth: AtomicUsize::new(0),
            reads: AtomicUsize::new(0),
            phase: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
            head: Mutex::new((head, None, Duration::ZERO)),
            fault: Mutex::new(None),
            groups: none(),
            entries: none(),
            rejected: none(),
            repeated: none(),
            refused: none(),
            appends_failed: none(),
            recoveries: none(),
            timers: none(),
            sourced_late: none(),
            take_overs: none(),
        }
    }

    fn phase(&self) -> Phase {
        Phase::ALL[self.phase.load(Ordering::Acquire)]
    }

    fn set_phase(&self, phase: Phase) {
        let index = Phase::ALL.iter().position(|known| *known == phase).expect("it is one of all");
        self.phase.store(index, Ordering::Release);
    }

    fn note(&self, what: String) {
        *lock(&self.fault) = Some(what);
    }

    /// Notes a fault with all its causes.
    fn fault(&self, what: &str, error: &dyn std::error::Error) {
        let mut text = format!("{what}: {error}");
        let mut cause = error.source();
        while let Some(error) = cause {
            text.push_str(&format!(": {error}"));
            cause = error.source();
        }
        self.note(text);
    }

    fn show(&self, view: View) {
        let version = view.state().version;
        let view = Arc::new(view);
        let before = std::mem::replace(&mut *self.view.write().unwrap_or_else(PoisonError::into_inner), view);
        *lock(&self.seen.0) = version;
        self.seen.1.notify_all();
        drop(before);
    }
}

/// A lock whose data no panic leaves half changed: each holder only stores whole values.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A handle on the live service.
#[derive(Clone)]
pub struct Service {
    shared: Arc<Shared>,
    inbox: Sender<Msg>,
    jobs: Sender<Job>,
    reads: Sender<Job>,
    threads: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl Service {
    /// Takes the journal over, recovers the state and starts. `reader` is a second handle on the same journal, for
    /// reads that must not hold up the writing; without one they take their turn with the appends.
    ///
    /// # Errors
    /// [`WriterError`].
    pub fn start<C: Clock + 'static>(
        mut journal: Box<dyn Journal>,
        reader: Option<Box<dyn Journal>>,
        mut clock: C,
        entropy: Box<dyn Entropy>,
        options: Options,
    ) -> Result<Self, WriterError> {
        journal.take_over()?;
        let recovered = recover(&mut *journal, None)?;
        let sealer = Sealer::open(&mut *journal, entropy, Returning::Renew).map_err(RecoverError::Read)?;
        destroy_erased(&mut *journal, &recovered.engine.state)?;
        let view = View { engine: recovered.engine.clone(), at: clock.now() };
        let shared = Arc::new(Shared::new(options, view, recovered.head, sealer.link_secret(), false));
        let (inbox, messages) = mpsc::channel();
        let (jobs, todo) = mpsc::channel();
        let mut threads = Vec::new();
        let keeper = Keeper::new(journal, recovered.head, inbox.clone(), shared.clone());
        threads.push(spawn("holdfast-journal", move || keeper.run(&todo)));
        let reads = match reader {
            None => jobs.clone(),
            Some(reader) => {
                let (reads, todo) = mpsc::channel();
                let keeper = Keeper::new(reader, Head::default(), inbox.clone(), shared.clone());
                threads.push(spawn("holdfast-reader", move || keeper.run(&todo)));
                reads
            }
        };
        let core = Core::new(recovered.engine, recovered.head);
        let run = Run::new(core, clock, sealer, messages, jobs.clone(), shared.clone(), recovered.head);
        threads.push(spawn("holdfast-core", move || drop(run.run())));
        Ok(Self { shared, inbox, jobs, reads, threads: Arc::new(Mutex::new(threads)) })
    }

    /// Asks; `reply` is called with the durable answer, on the service's thread: it must not block.
    ///
    /// # Errors
    /// [`Refused`]; then `reply` is never called.
    pub fn ask(&self, asked: Asked, reply: Callback) -> Result<(), Refused> {
        if self.shared.stopping.load(Ordering::Acquire) {
            return Err(Refused::Stopped);
        }
        if self.shared.phase() == Phase::Following {
            return Err(Refused::Following);
        }
        let options = &self.shared.options;
        if self.shared.depth.fetch_add(1, Ordering::AcqRel) >= options.queue_max {
            self.shared.depth.fetch_sub(1, Ordering::AcqRel);
            self.shared.refused.fetch_add(1, Ordering::Relaxed);
            return Err(Refused::Full);
        }
        self.inbox.send(Msg::Ask(Box::new(asked), reply)).map_err(|_| Refused::Stopped)
    }

    /// Asks and waits for the durable answer. Not to be called from the service's own threads.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn ask_and_wait(&self, asked: Asked) -> Result<Reply, Refused> {
        let (send, answer) = mpsc::sync_channel(1);
        let tell = Box::new(move |reply| {
            // Whoever asked may have gone.
            let _ = send.send(reply);
        });
        self.ask(asked, tell)?;
        answer.recv().map_err(|_| Refused::Stopped)
    }

    /// The state as it was durable a moment ago.
    #[must_use]
    pub fn view(&self) -> Arc<View> {
        self.shared.view.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The first view that goes as far as `version`, or the last one there is when `patience` ends.
    #[must_use]
    pub fn view_at(&self, version: u64, patience: Duration) -> Arc<View> {
        let until = Instant::now() + patience;
        let mut seen = lock(&self.shared.seen.0);
        while *seen < version {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            seen = self.shared.seen.1.wait_timeout(seen, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(seen);
        self.view()
    }

    /// Tells `sink` of every entry that becomes durable from now on, on the service's thread, in order: it must not
    /// block. It is dropped once it returns `false`.
    pub fn watch(&self, sink: Box<dyn FnMut(&Durable) -> bool + Send>) {
        self.shared.feeds.add(sink);
    }

    /// A bounded queue of every entry that becomes durable from now on; when its owner is too slow, it is told how
    /// many entries it has missed and reads them from the journal.
    #[must_use]
    pub fn subscribe(&self, capacity: usize) -> Subscription {
        self.shared.feeds.subscribe(capacity)
    }

    /// Reads the journal on the reader's thread.
    ///
    /// # Errors
    /// [`Refused`]; then `read` is never called.
    pub fn read(&self, read: ReadJob) -> Result<(), Refused> {
        if self.shared.reads.fetch_add(1, Ordering::AcqRel) >= self.shared.options.reads_max {
            self.shared.reads.fetch_sub(1, Ordering::AcqRel);
            return Err(Refused::Full);
        }
        self.reads.send(Job::Read(read)).map_err(|_| Refused::Stopped)
    }

    /// Reads the journal and waits for what comes of it.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn read_and_wait<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut dyn Journal) -> T + Send + 'static,
    ) -> Result<T, Refused> {
        let (send, answer) = mpsc::sync_channel(1);
        self.read(Box::new(move |journal| {
            let _ = send.send(read(journal));
        }))?;
        answer.recv().map_err(|_| Refused::Stopped)
    }

    /// The secret that signs links to customers' pages.
    #[must_use]
    pub fn link_secret(&self) -> [u8; 32] {
        *lock(&self.shared.link_secret)
    }

    /// Whether this is the writer: whoever acts in the world for the service (sends, pushes, carries plans out) does
    /// it only while this holds.
    #[must_use]
    pub fn is_writer(&self) -> bool {
        matches!(self.shared.phase(), Phase::Running | Phase::Recovering)
    }

    /// Whom it follows; `None` unless it does.
    #[must_use]
    pub fn followed(&self) -> Option<Followed> {
        if self.shared.phase() != Phase::Following {
            return None;
        }
        let (writer, as_of) = lock(&self.shared.followed).clone();
        Some(Followed { writer, age: as_of.map(|at| at.elapsed()) })
    }

    /// What went wrong last with the journal, with its causes, once: for a log.
    #[must_use]
    pub fn take_fault(&self) -> Option<String> {
        lock(&self.shared.fault).take()
    }

    /// How it is.
    #[must_use]
    pub fn health(&self) -> Health {
        let shared = &self.shared;
        let (head, last, append_took) = *lock(&shared.head);
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Health {
            phase: shared.phase(),
            head,
            view: *lock(&shared.seen.0),
            queue: shared.depth.load(Ordering::Acquire),
            queue_max: shared.options.queue_max,
            last_append: last.map(|at| at.elapsed()),
            append_took,
            counts: Counts {
                groups: count(&shared.groups),
                entries: count(&shared.entries),
                rejected: count(&shared.rejected),
                repeated: count(&shared.repeated),
                refused: count(&shared.refused),
                appends_failed: count(&shared.appends_failed),
                recoveries: count(&shared.recoveries),
                timers: count(&shared.timers),
                sourced_late: count(&shared.sourced_late),
                take_overs: count(&shared.take_overs),
            },
        }
    }

    /// Takes no more asks, answers those it has, keeps a snapshot and ends its threads. Safe to call again.
    pub fn stop(&self) -> Phase {
        if !self.shared.stopping.swap(true, Ordering::AcqRel) {
            // A core that has ended already is what is wanted.
            let _ = self.inbox.send(Msg::Stop);
        }
        let mut threads = std::mem::take(&mut *lock(&self.threads));
        if let Some(core) = threads.pop() {
            self.join(core);
            let _ = self.jobs.send(Job::Stop);
            let _ = self.reads.send(Job::Stop);
            for thread in threads {
                self.join(thread);
            }
        }
        self.shared.phase()
    }

    fn join(&self, thread: JoinHandle<()>) {
        if thread.join().is_err() {
            self.shared.set_phase(Phase::Broken);
        }
    }
}

/// An erasure holds after every restore: keys that came back with a copy are destroyed again.
fn destroy_erased(journal: &mut dyn Journal, state: &State) -> Result<(), WriterError> {
    let erased = state.subjects.iter().filter(|(_, subject)| subject.erased).map(|(id, _)| id);
    let erased: Vec<SubjectId> = erased.collect();
    if !erased.is_empty() {
        journal.destroy_keys(&erased)?;
    }
    Ok(())
}

fn spawn<T: Send + 'static>(name: &str, run: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .expect("the system gives a thread at start-up")
}
