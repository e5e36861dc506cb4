//! A service's lives: it follows a writer, becomes the writer when that one is gone, and follows again once it is
//! superseded itself.
//!
//! Invariants: what is shown was read from the journal, group by group, each fitting the chain of the one before it;
//! nothing is decided before the journal has been taken over and every group before that has been replayed; who
//! follows takes no asks.

use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use holdfast_domain::state::STATE_FORMAT;
use holdfast_engine::step::Engine;

use super::feed::Durable;
use super::keeper::{Job, Keeper};
use super::run::{Left, Msg, Run};
use super::{Options, Phase, Service, Shared, View, destroy_erased, lock, spawn};
use crate::core::{Core, Reply};
use crate::people::{OPERATOR_KEY, Returning, Sealer};
use crate::port::{Clock, Entropy, Head, Journal, ReadError, SubjectKey, Succession, Tail};
use crate::recover::{RecoverError, recover, recover_prices};
use crate::seal;
use crate::writer::WriterError;

/// How often a follower looks for new groups.
const POLL: Duration = Duration::from_millis(100);
/// How often the writer's sign of life is looked for.
const SIGN_EVERY: Duration = Duration::from_secs(1);
/// How long between two tries to become the writer.
const CLAIM_EVERY: Duration = Duration::from_millis(500);
/// How long the journal is left alone after it could not be read.
const PAUSE: Duration = Duration::from_millis(500);
/// Entries that are replayed between two looks at anything else.
const STEP_ENTRIES: u64 = 20_000;

/// A state that goes along with a journal.
pub(super) struct Warm {
    engine: Engine,
    head: Head,
}

/// How a warm state stands to its journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    /// It has everything there is.
    Level,
    /// There is more.
    More,
    /// This server has less than was read before, from another.
    Ahead,
    /// It rests on groups the journal does not have.
    Forked,
}

impl Warm {
    fn read(journal: &mut dyn Journal) -> Result<Self, RecoverError> {
        let recovered = recover(journal, None)?;
        Ok(Self { engine: recovered.engine, head: recovered.head })
    }

    /// Replays what is new, as far as one step goes, and tells of it.
    fn step(
        &mut self,
        journal: &mut dyn Journal,
        tell: &mut dyn FnMut(Durable),
    ) -> Result<Stand, RecoverError> {
        let head = journal.head()?;
        let here = self.head.version;
        if head.version <= here {
            self.head.epoch = self.head.epoch.max(head.epoch);
            return Ok(match head.version {
                version if version < here => Stand::Ahead,
                _ if head.chain == self.head.chain => Stand::Level,
                _ => Stand::Forked,
            });
        }
        let prices = self.engine.state.prices;
        let mut steps = 0;
        // The last group that is known comes along, to see that it is the same one.
        for group in journal.read(here.saturating_sub(1))? {
            let group = group?;
            if group.head.version <= here || group.first <= here {
                if (group.head.version, group.head.chain) != (here, self.head.chain) {
                    return Ok(Stand::Forked);
                }
                continue;
            }
            for (version, entry) in (group.first..).zip(group.entries) {
                self.engine.replay(&entry).map_err(|source| RecoverError::Misfit { version, source })?;
                tell(Durable { version, entry: Arc::new(entry) });
                steps += 1;
            }
            self.head = group.head;
            if let Some((STATE_FORMAT, digest)) = group.checkpoint
                && self.engine.state.digest() != digest
            {
                return Err(RecoverError::Digest { version: self.head.version });
            }
            if steps >= STEP_ENTRIES {
                break;
            }
        }
        if let Some(digest) = self.engine.state.prices
            && prices != Some(digest)
        {
            let table = journal.artefact(&digest)?.and_then(|bytes| recover_prices(&bytes));
            self.engine.prices = Arc::new(table.unwrap_or_default());
        }
        Ok(if self.head.version < head.version { Stand::More } else { Stand::Level })
    }
}

/// What a life needs of the world.
struct Means<C> {
    clock: C,
    entropy: Box<dyn Entropy>,
    inbox: Receiver<Msg>,
    succession: Option<Box<dyn Succession>>,
    tail: Box<dyn Tail>,
}

/// The next life.
enum Life {
    Write(Box<dyn Journal>, Warm, Option<SubjectKey>),
    Follow(Warm),
}

/// A service through all its lives.
struct Lives {
    shared: Arc<Shared>,
    sender: Sender<Msg>,
    /// The last fault of following, so that the same one is told once.
    told: Option<String>,
    /// Whether the operator's key is known.
    keyed: bool,
}

/// What a follower reads by.
pub struct Readers {
    /// Reads what another writer appends.
    pub tail: Box<dyn Tail>,
    /// For reads that must hold up nobody.
    pub reads: Box<dyn Journal>,
}

impl Service {
    /// Starts as the writer if nobody else is one, and follows otherwise. The readers are opened after the first
    /// claim, because the first writer of all makes what they read.
    ///
    /// # Errors
    /// [`WriterError`] when the journal can neither be taken over nor read.
    pub fn follow<C: Clock + 'static>(
        mut succession: Box<dyn Succession>,
        open: impl FnOnce() -> Result<Readers, ReadError>,
        mut clock: C,
        mut entropy: Box<dyn Entropy>,
        options: Options,
    ) -> Result<Self, WriterError> {
        let claimed = succession.claim()?;
        let Readers { mut tail, reads } = open().map_err(RecoverError::Read)?;
        let mut warm = Warm::read(&mut *tail)?;
        let view = View { engine: warm.engine.clone(), at: clock.now() };
        // Until the first writer has made the operator's key, links are signed with one nobody can know.
        let key = tail.subject_key(OPERATOR_KEY).map_err(RecoverError::Read)?;
        let keyed = key.is_some();
        let secret = seal::link_secret(&key.unwrap_or_else(|| seal::new_key(&mut *entropy)));
        let shared = Arc::new(Shared::new(options, view, warm.head, secret, true));
        shared.set_phase(Phase::Following);
        let (sender, inbox) = mpsc::channel();
        let (reader, todo) = mpsc::channel();
        let keeper = Keeper::new(reads, Head::default(), sender.clone(), shared.clone());
        let lives = Lives { shared: shared.clone(), sender: sender.clone(), told: None, keyed };
        let first = match claimed {
            Some(mut journal) => {
                let key = lives.take_over(&mut *journal, &mut warm)?;
                // It is the writer from here on, for whoever asks before its thread has begun.
                shared.set_phase(Phase::Running);
                Life::Write(journal, warm, key)
            }
            None => Life::Follow(warm),
        };
        let means = Means { clock, entropy, inbox, succession: Some(succession), tail };
        let threads = vec![
            spawn("holdfast-reader", move || keeper.run(&todo)),
            spawn("holdfast-core", move || lives.run(first, means)),
        ];
        Ok(Self {
            shared,
            inbox: sender,
            jobs: reader.clone(),
            reads: reader,
            threads: Arc::new(Mutex::new(threads)),
        })
    }
}

impl Lives {
    fn run<C: Clock>(mut self, mut life: Life, mut means: Means<C>) {
        loop {
            let next = match life {
                Life::Write(journal, warm, key) => self.write(journal, warm, key, means),
                Life::Follow(warm) => self.go_along(warm, means),
            };
            let Some((following, left)) = next else { return };
            (life, means) = (following, left);
        }
    }

    /// Takes the journal over and replays what is left of it; gives the operator's key.
    fn take_over(
        &self,
        journal: &mut dyn Journal,
        warm: &mut Warm,
    ) -> Result<Option<SubjectKey>, WriterError> {
        let head = journal.take_over()?;
        loop {
            match warm.step(journal, &mut |durable| self.shared.feeds.tell(&durable)) {
                Ok(Stand::More) => {}
                Ok(Stand::Level) => break,
                // What was shown was never acknowledged, or does not replay: only the journal counts.
                Ok(Stand::Ahead | Stand::Forked)
                | Err(RecoverError::Misfit { .. } | RecoverError::Digest { .. }) => {
                    *warm = Warm::read(journal)?;
                    break;
                }
                Err(error) => return Err(error.into()),
            }
        }
        warm.head.epoch = head.epoch;
        destroy_erased(journal, &warm.engine.state)?;
        Ok(journal.subject_key(OPERATOR_KEY).map_err(RecoverError::Read)?)
    }

    /// Writes until it ends or is superseded; then it follows.
    fn write<C: Clock>(
        &mut self,
        journal: Box<dyn Journal>,
        warm: Warm,
        key: Option<SubjectKey>,
        means: Means<C>,
    ) -> Option<(Life, Means<C>)> {
        let Means { mut clock, entropy, inbox, succession, tail } = means;
        let shared = &self.shared;
        let sealer = Sealer::with_key(key, entropy, Returning::Renew);
        *lock(&shared.link_secret) = sealer.link_secret();
        *lock(&shared.head) = (warm.head, None, Duration::ZERO);
        shared.show(View { engine: warm.engine.clone(), at: clock.now() });
        shared.take_overs.fetch_add(1, Ordering::Relaxed);
        let (jobs, todo) = mpsc::channel();
        let keeper = Keeper::new(journal, warm.head, self.sender.clone(), shared.clone());
        let appends = spawn("holdfast-journal", move || keeper.run(&todo));
        shared.set_phase(Phase::Running);
        let core = Core::new(warm.engine, warm.head);
        let run = Run::new(core, clock, sealer, inbox, jobs.clone(), shared.clone(), warm.head);
        let Left { phase, clock, entropy, inbox } = run.run();
        let _ = jobs.send(Job::Stop);
        if appends.join().is_err() {
            shared.set_phase(Phase::Broken);
            return None;
        }
        if phase != Phase::Following {
            return None;
        }
        let mut means = Means { clock, entropy, inbox, succession, tail };
        // What was decided and not durable is in nobody's journal: the state is read anew.
        loop {
            match Warm::read(&mut *means.tail) {
                Ok(warm) => return Some((Life::Follow(warm), means)),
                Err(error) => self.fault("the state cannot be read back yet", &error),
            }
            if !self.listen(&means, PAUSE) {
                return None;
            }
        }
    }

    /// Follows until it stops, or the journal can be had.
    fn go_along<C: Clock>(&mut self, mut warm: Warm, mut means: Means<C>) -> Option<(Life, Means<C>)> {
        self.shared.set_phase(Phase::Following);
        self.publish(&warm, &mut means.clock);
        let mut claim = None;
        let mut signed: Option<Instant> = None;
        while self.listen(&means, POLL) {
            if let Some(succession) = means.succession.take() {
                claim = Some(self.claim(succession));
            }
            if signed.is_none_or(|at| at.elapsed() >= SIGN_EVERY) {
                signed = Some(Instant::now());
                self.read_sign(&mut warm, &mut means);
            } else {
                self.replay(&mut warm, &mut means);
            }
            let Some(done) = claim.take_if(|claim| claim.is_finished()) else { continue };
            let Ok((succession, journal)) = done.join() else {
                self.shared
                    .note("the thread that claims the journal broke off: report it with the log".to_owned());
                self.shared.set_phase(Phase::Broken);
                return None;
            };
            means.succession = Some(succession);
            let Some(mut journal) = journal else { continue };
            match self.take_over(&mut *journal, &mut warm) {
                Ok(key) => return Some((Life::Write(journal, warm, key), means)),
                // Letting the journal go gives it back; it is claimed again.
                Err(error) => self.fault("the journal could not be taken over", &error),
            }
        }
        None
    }

    /// The writer's sign of life, and everything that was there when it was given.
    fn read_sign<C: Clock>(&mut self, warm: &mut Warm, means: &mut Means<C>) {
        let sign = match means.tail.sign() {
            Ok(sign) => sign.and_then(|sign| Some((sign.address, Instant::now().checked_sub(sign.age)?))),
            Err(error) => return self.fault("the journal cannot be read", &error),
        };
        let Some((address, as_of)) = sign else { return };
        let level = self.replay(warm, means);
        if !self.keyed
            && let Ok(Some(key)) = means.tail.subject_key(OPERATOR_KEY)
        {
            *lock(&self.shared.link_secret) = seal::link_secret(&key);
            self.keyed = true;
        }
        let mut followed = lock(&self.shared.followed);
        followed.0 = Some(address);
        if level {
            followed.1 = followed.1.max(Some(as_of));
        }
    }

    /// Replays what is new; whether that is all there is.
    fn replay<C: Clock>(&mut self, warm: &mut Warm, means: &mut Means<C>) -> bool {
        let before = warm.head.version;
        let shared = self.shared.clone();
        let stepped = warm.step(&mut *means.tail, &mut |durable| shared.feeds.tell(&durable));
        if warm.head.version > before {
            self.publish(warm, &mut means.clock);
        }
        match stepped {
            Ok(Stand::Level) => {
                self.told = None;
                return true;
            }
            Ok(Stand::More | Stand::Ahead) => {}
            Ok(Stand::Forked) => {
                self.start_over("it rests on groups that are not in the journal", warm, means)
            }
            Err(error @ (RecoverError::Misfit { .. } | RecoverError::Digest { .. })) => {
                self.start_over(&error.to_string(), warm, means);
            }
            Err(error) => self.fault("the journal cannot be read", &error),
        }
        false
    }

    fn start_over<C: Clock>(&mut self, why: &str, warm: &mut Warm, means: &mut Means<C>) {
        self.shared.note(format!("what this service shows is read anew: {why}"));
        match Warm::read(&mut *means.tail) {
            Ok(read) => {
                *warm = read;
                self.publish(warm, &mut means.clock);
            }
            Err(error) => self.fault("the state cannot be read back yet", &error),
        }
    }

    fn publish(&self, warm: &Warm, clock: &mut impl Clock) {
        *lock(&self.shared.head) = (warm.head, Some(Instant::now()), Duration::ZERO);
        self.shared.show(View { engine: warm.engine.clone(), at: clock.now() });
    }

    /// Tries to get the journal, on a thread of its own: a database that does not answer holds nothing else up.
    fn claim(&self, mut succession: Box<dyn Succession>) -> JoinHandle<Claimed> {
        let shared = self.shared.clone();
        spawn("holdfast-claim", move || {
            let mut told = String::new();
            while !shared.stopping.load(Ordering::Acquire) {
                match succession.claim() {
                    Ok(None) => {}
                    Ok(journal) => return (succession, journal),
                    Err(error) => {
                        let text = text_of(&error);
                        if text != told {
                            shared.note(format!("the journal cannot be claimed: {text}"));
                            told = text;
                        }
                    }
                }
                std::thread::sleep(CLAIM_EVERY);
            }
            (succession, None)
        })
    }

    /// Answers whoever asks all the same, for so long; `false` when the service is to stop.
    fn listen<C>(&self, means: &Means<C>, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        loop {
            match means.inbox.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Msg::Ask(_, reply)) => {
                    self.shared.depth.fetch_sub(1, Ordering::AcqRel);
                    reply(Reply::Retry);
                }
                // Of a life that is over.
                Ok(Msg::Landed(_) | Msg::Recovered(_)) => {}
                Err(RecvTimeoutError::Timeout) => return true,
                Ok(Msg::Stop) | Err(RecvTimeoutError::Disconnected) => {
                    self.shared.stopping.store(true, Ordering::Release);
                    self.shared.set_phase(Phase::Stopped);
                    return false;
                }
            }
        }
    }

    fn fault(&mut self, what: &str, error: &dyn std::error::Error) {
        let text = format!("{what}: {}", text_of(error));
        if self.told.as_ref() != Some(&text) {
            self.shared.note(text.clone());
            self.told = Some(text);
        }
    }
}

/// What a claim comes to.
type Claimed = (Box<dyn Succession>, Option<Box<dyn Journal>>);

/// An error with all its causes.
fn text_of(error: &dyn std::error::Error) -> String {
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
