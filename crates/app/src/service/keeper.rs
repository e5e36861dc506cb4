//! The journal's thread: appends in the order they were sealed, and reads the state back when one fails.
//!
//! Invariant: after a failed append nothing is appended until the state has been read back, because what was decided
//! on top of the failed group rests on it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender};
use std::time::{Duration, Instant};

use holdfast_domain::id::SubjectId;

use super::feed::Durable;
use super::run::Msg;
use super::{ReadJob, Shared, lock};
use crate::port::{AppendError, Group, Head, Journal, ReadError, Snapshot};
use crate::recover::{RecoverError, Recovered, recover};

/// How long the journal is left alone after it could not be read back.
const PAUSE: Duration = Duration::from_millis(500);
/// How long to wait before keys that could not be destroyed are tried again.
const DESTROY_AGAIN: Duration = Duration::from_secs(30);

pub(super) enum Job {
    Append(Head, Group),
    Recover,
    Keep(Snapshot),
    Destroy(Vec<SubjectId>),
    Read(ReadJob),
    Stop,
}

/// What became of an append.
pub(super) enum Landed {
    Durable(Head),
    Lost { unknown: bool },
    Fenced,
}

pub(super) struct Keeper {
    journal: Box<dyn Journal>,
    /// Where the journal stands. A group sealed while another is on its way does not know the chain it will find.
    head: Head,
    failed: bool,
    /// Keys of erased people that could not be destroyed yet, and when that was tried last.
    owed: (Vec<SubjectId>, Option<Instant>),
    core: Sender<Msg>,
    shared: Arc<Shared>,
}

impl Keeper {
    pub(super) fn new(journal: Box<dyn Journal>, head: Head, core: Sender<Msg>, shared: Arc<Shared>) -> Self {
        Self { journal, head, failed: false, owed: (Vec::new(), None), core, shared }
    }

    pub(super) fn run(mut self, todo: &Receiver<Job>) {
        while let Ok(job) = todo.recv() {
            match job {
                Job::Append(..) if self.failed => {}
                Job::Append(expected, group) => {
                    let landed = self.append(expected, &group);
                    self.tell(Msg::Landed(landed));
                }
                Job::Recover => {
                    let message = self.recover();
                    self.tell(message);
                }
                // A snapshot is a cache: without it the next start takes longer.
                Job::Keep(snapshot) => {
                    if let Err(error) = self.journal.keep_snapshot(&snapshot) {
                        self.shared.fault("a snapshot could not be kept", &error);
                    }
                }
                Job::Destroy(subjects) => {
                    self.owed.0.extend(subjects);
                    self.owed.1 = None;
                }
                Job::Read(read) => {
                    self.shared.reads.fetch_sub(1, Ordering::AcqRel);
                    // One read that breaks off must not take the thread from all others; its asker gets no answer.
                    if catch_unwind(AssertUnwindSafe(|| read(&mut *self.journal))).is_err() {
                        self.shared
                            .note("a read of the journal broke off: report it with the log".to_owned());
                    }
                }
                Job::Stop => return,
            }
            self.destroy();
        }
    }

    /// Destroys the keys that are owed; what fails is tried again between other jobs, and at the next start.
    fn destroy(&mut self) {
        let (subjects, tried) = &mut self.owed;
        if subjects.is_empty() || tried.is_some_and(|at| at.elapsed() < DESTROY_AGAIN) {
            return;
        }
        match self.journal.destroy_keys(subjects) {
            Ok(()) => subjects.clear(),
            Err(error) => {
                *tried = Some(Instant::now());
                self.shared.fault("the keys of erased people could not be destroyed yet", &error);
            }
        }
    }

    fn tell(&self, message: Msg) {
        // The core ends before the journal only when the program does.
        let _ = self.core.send(message);
    }

    fn append(&mut self, expected: Head, group: &Group) -> Landed {
        let started = Instant::now();
        let expected = Head { version: expected.version, ..self.head };
        match self.journal.append(expected, group) {
            Ok(head) => {
                self.head = head;
                *lock(&self.shared.head) = (head, Some(Instant::now()), started.elapsed());
                Landed::Durable(head)
            }
            Err(error @ AppendError::Fenced { .. }) => {
                self.failed = true;
                self.shared.fault("nothing is appended any more", &error);
                Landed::Fenced
            }
            Err(error) => {
                self.failed = true;
                self.shared.appends_failed.fetch_add(1, Ordering::Relaxed);
                self.shared.fault("a group could not be appended", &error);
                Landed::Lost { unknown: matches!(error, AppendError::Unknown(_)) }
            }
        }
    }

    /// Reads the state back, however long the journal needs to be readable again; nothing when the service stops
    /// meanwhile. Another writer's epoch is never taken for this one's: then this one is fenced.
    fn recover(&mut self) -> Msg {
        loop {
            let told = self.head.version;
            match self.read_back(told) {
                Ok((recovered, _)) if recovered.head.epoch != self.head.epoch => {
                    self.shared.note("another writer has taken the journal over".to_owned());
                    return Msg::Landed(Landed::Fenced);
                }
                Ok((recovered, untold)) => {
                    self.shared.recoveries.fetch_add(1, Ordering::Relaxed);
                    self.head = recovered.head;
                    self.failed = false;
                    return Msg::Recovered(Box::new(Some((recovered, untold))));
                }
                Err(error @ RecoverError::Read(ReadError::Superseded)) => {
                    self.shared.fault("nothing is appended any more", &error);
                    return Msg::Landed(Landed::Fenced);
                }
                Err(error) => self.shared.fault("the state cannot be read back yet", &error),
            }
            if self.shared.stopping.load(Ordering::Acquire) {
                return Msg::Recovered(Box::new(None));
            }
            std::thread::sleep(PAUSE);
        }
    }

    fn read_back(&mut self, told: u64) -> Result<(Recovered, Vec<Durable>), RecoverError> {
        let recovered = recover(&mut *self.journal, None)?;
        let untold = self.after(told).map_err(RecoverError::Read)?;
        Ok((recovered, untold))
    }

    /// Entries after `version`: durable, and told to nobody, because their append seemed to have failed.
    fn after(&mut self, version: u64) -> Result<Vec<Durable>, ReadError> {
        let mut untold = Vec::new();
        for group in self.journal.read(version)? {
            let group = group?;
            let entries = (group.first..).zip(group.entries).filter(|(at, _)| *at > version);
            untold.extend(entries.map(|(version, entry)| Durable { version, entry: Arc::new(entry) }));
        }
        Ok(untold)
    }
}
