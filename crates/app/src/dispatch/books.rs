//! Where the sending loop reads and writes: a writer of its own, or the service that runs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use holdfast_domain::event::Event;
use holdfast_domain::id::SubjectId;
use holdfast_domain::state::State;
use holdfast_domain::time::Stamp;
use holdfast_engine::step::Ask;

use crate::core::Reply;
use crate::port::{Clock, Journal, ReadError};
use crate::recover::RecoverError;
use crate::seal::{self, PersonalData};
use crate::service::{Asked, Refused, Service, View};
use crate::writer::{Writer, WriterError};

/// How long the loop waits until it sees what it has done.
const SEEN_WITHIN: Duration = Duration::from_secs(10);
/// How long it waits before it asks again where there was no room.
const ROOM_EVERY: Duration = Duration::from_millis(20);
/// Entries between two people's seals up to which one reading of the journal goes on.
const STRIDE: u64 = 5_000;

/// A durable state with a way to ask for changes.
///
/// Invariant: [`Books::state`] goes as far as the last answer of [`Books::ask_all`], and nothing in it is not durable.
pub trait Books {
    /// Why they cannot be used any more.
    type Error;

    /// Now.
    fn now(&mut self) -> Stamp;

    /// The durable state.
    fn state(&self) -> &State;

    /// Asks in order, and waits until every answer is durable.
    ///
    /// # Errors
    /// When no answer will come.
    fn ask_all(&mut self, asks: Vec<Ask>) -> Result<Vec<Reply>, Self::Error>;

    /// What is known of these people now; whoever was erased is left out.
    ///
    /// # Errors
    /// When it cannot be read: then nobody may be taken to have no address.
    fn people(&mut self, wanted: &[SubjectId]) -> Result<BTreeMap<SubjectId, PersonalData>, Self::Error>;
}

impl<J: Journal, C: Clock> Books for Writer<J, C> {
    type Error = WriterError;

    fn now(&mut self) -> Stamp {
        self.clock().now()
    }

    fn state(&self) -> &State {
        &self.engine().state
    }

    fn ask_all(&mut self, asks: Vec<Ask>) -> Result<Vec<Reply>, WriterError> {
        Self::ask_all(self, asks)
    }

    fn people(&mut self, wanted: &[SubjectId]) -> Result<BTreeMap<SubjectId, PersonalData>, WriterError> {
        self.read_people(wanted)?;
        let mut found = BTreeMap::new();
        for subject in wanted {
            if let Some(person) = self.known_person(*subject)? {
                found.insert(*subject, person);
            }
        }
        Ok(found)
    }
}

/// Why the loop beside a service cannot go on now.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The service has ended.
    #[error("send: the service has ended")]
    Ended,
    /// The journal cannot be read.
    #[error("send: the people who are written to cannot be read now")]
    Read(#[source] ReadError),
    /// Where people's data lie is not known yet.
    #[error("send: the index has not come so far as the notices; it is tried again")]
    Behind,
}

/// Which journal entry sealed each of these people last. Fails while it is not known yet.
pub type Finder = Box<dyn FnMut(&[SubjectId], u64) -> Result<Vec<(SubjectId, u64)>, LiveError> + Send>;

/// The service that runs, as the sending loop uses it.
pub struct LiveBooks<C> {
    service: Service,
    view: Arc<View>,
    clock: C,
    finder: Finder,
}

impl<C: Clock> LiveBooks<C> {
    /// Books on a service. `finder` says where people's data lie, given the version of the state it has to know.
    pub fn new(service: Service, clock: C, finder: Finder) -> Self {
        let view = service.view();
        Self { service, view, clock, finder }
    }

    /// Looks at the newest durable state; returns its version.
    pub fn refresh(&mut self) -> u64 {
        self.view = self.service.view();
        self.view.state().version
    }

    /// Asks one after the other; what there is no room for is asked again in a moment.
    fn offer(&self, ask: Ask, at: usize, tell: &mpsc::Sender<(usize, Reply)>) -> Result<(), LiveError> {
        loop {
            let told = tell.clone();
            let reply = Box::new(move |reply| {
                // Whoever asked may have gone with the program.
                let _ = told.send((at, reply));
            });
            match self.service.ask(Asked::from(ask.clone()), reply) {
                Ok(()) => return Ok(()),
                Err(Refused::Full) => std::thread::sleep(ROOM_EVERY),
                Err(Refused::Stopped | Refused::Following) => return Err(LiveError::Ended),
            }
        }
    }
}

impl<C: Clock> Books for LiveBooks<C> {
    type Error = LiveError;

    fn now(&mut self) -> Stamp {
        self.clock.now()
    }

    fn state(&self) -> &State {
        self.view.state()
    }

    fn ask_all(&mut self, asks: Vec<Ask>) -> Result<Vec<Reply>, LiveError> {
        let count = asks.len();
        let (tell, told) = mpsc::channel();
        for (at, ask) in asks.into_iter().enumerate() {
            self.offer(ask, at, &tell)?;
        }
        drop(tell);
        // An ask whose answer is lost with the service may have been done.
        let mut replies = vec![Reply::Unknown; count];
        let mut seen = 0;
        for (at, reply) in told {
            if let Reply::Done { version, .. } = &reply {
                seen = seen.max(*version);
            }
            replies[at] = reply;
        }
        self.view = self.service.view_at(seen, SEEN_WITHIN);
        Ok(replies)
    }

    fn people(&mut self, wanted: &[SubjectId]) -> Result<BTreeMap<SubjectId, PersonalData>, LiveError> {
        let state = self.view.state();
        let alive = |subject: &&SubjectId| state.subjects.get(**subject).is_some_and(|known| !known.erased);
        let wanted: Vec<SubjectId> = wanted.iter().filter(alive).copied().collect();
        if wanted.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut places = (self.finder)(&wanted, state.version)?;
        places.sort_unstable_by_key(|(_, version)| *version);
        let read = self.service.read_and_wait(move |journal| read_sealed(journal, &places));
        let sealed = read.map_err(|_| LiveError::Behind)?.map_err(LiveError::Read)?;
        let open = |(subject, key, blob): (SubjectId, crate::port::SubjectKey, Box<[u8]>)| {
            let fingerprint = state.subjects.get(subject)?.fingerprint;
            Some((subject, seal::open(&key, fingerprint, &blob).ok()?))
        };
        Ok(sealed.into_iter().filter_map(open).collect())
    }
}

type Sealed = (SubjectId, crate::port::SubjectKey, Box<[u8]>);

/// The sealed forms at these entries, in the order of the entries, with the keys that open them.
fn read_sealed(journal: &mut dyn Journal, places: &[(SubjectId, u64)]) -> Result<Vec<Sealed>, ReadError> {
    let mut blobs: Vec<(SubjectId, Box<[u8]>)> = Vec::new();
    let mut rest = places;
    while let Some((_, first)) = rest.first() {
        let mut reach = *first;
        let near = rest.iter().take_while(|(_, version)| {
            let near = *version <= reach.saturating_add(STRIDE);
            reach = if near { *version } else { reach };
            near
        });
        let (run, later) = rest.split_at(near.count());
        let last = run.last().map_or(*first, |(_, version)| *version);
        let wanted: std::collections::BTreeSet<(u64, SubjectId)> =
            run.iter().map(|(subject, version)| (*version, *subject)).collect();
        for group in journal.read(first.saturating_sub(1))? {
            let group = group?;
            let end = group.first + group.entries.len() as u64;
            for (version, entry) in (group.first..).zip(group.entries) {
                for event in entry.events {
                    if let Event::SubjectSealed { subject, sealed, .. } = event
                        && wanted.contains(&(version, subject))
                    {
                        blobs.push((subject, sealed));
                    }
                }
            }
            if end > last {
                break;
            }
        }
        rest = later;
    }
    let mut out = Vec::with_capacity(blobs.len());
    for (subject, blob) in blobs {
        if let Some(key) = journal.subject_key(subject)? {
            out.push((subject, key, blob));
        }
    }
    Ok(out)
}

impl From<ReadError> for WriterError {
    fn from(error: ReadError) -> Self {
        Self::Recover(RecoverError::Read(error))
    }
}
