//! The writer's core: decides at once in memory, lets nothing out before it is durable.
//!
//! Asks are decided into a pending group. A sealed group is handed to the journal while the next one is decided on
//! top of it. Every answer, rejections included, waits for its group: it may rest on events that are not durable
//! yet. When an append fails or its outcome is unknown, the memory is thrown away with everything decided on top of
//! it, and the journal alone says what is true.
//!
//! The core has no thread, no clock and no storage, so the simulator can put any failure between any two steps.

use std::collections::VecDeque;
use std::sync::Arc;

use holdfast_domain::command::Command;
use holdfast_domain::evolve::Entry;
use holdfast_domain::reject::Rejection;
use holdfast_domain::state::{KeyUse, STATE_FORMAT};
use holdfast_domain::table::Digest;
use holdfast_domain::time::Stamp;
use holdfast_engine::step::{Ask, Engine, StepError};

use crate::port::{Group, Head, SubjectKey};

/// Groups that may be on their way to the journal at once.
pub const IN_FLIGHT_MAX: usize = 2;
/// Entries after which a pending group is full.
pub const GROUP_MAX: usize = 4_096;
/// Groups between two checkpoints of the state's digest.
pub const CHECKPOINT_GROUPS: u64 = 256;

/// Names an ask until it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What becomes of an ask, told once it is certain.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// Done and durable.
    Done {
        /// The journal entry.
        version: u64,
        /// What happened.
        entry: Arc<Entry>,
    },
    /// Done before, under the same idempotency key.
    Repeated(KeyUse),
    /// Refused; nothing happened.
    Rejected(Rejection),
    /// Not carried out, and nothing is wrong with it: ask again.
    Retry,
    /// It may or may not have been carried out: ask again with the same idempotency key to find out.
    Unknown,
}

#[derive(Clone, Debug)]
enum Outcome {
    Entry(u64, Arc<Entry>),
    Repeated(KeyUse),
    Rejected(Rejection),
}

/// A group on its way to the journal.
#[derive(Debug)]
struct InFlight {
    outcomes: Vec<(Ticket, Outcome)>,
    view: Option<Engine>,
}

/// The writer's memory and what is on its way.
#[derive(Debug)]
pub struct Core {
    engine: Engine,
    /// Where the journal stands once everything in flight is durable.
    ahead: Head,
    pending: Group,
    outcomes: Vec<(Ticket, Outcome)>,
    in_flight: VecDeque<InFlight>,
    next_ticket: u64,
    groups: u64,
    view_wanted: bool,
    broken: bool,
}

impl Core {
    /// A core on a recovered engine whose journal stands at `head`.
    #[must_use]
    pub fn new(engine: Engine, head: Head) -> Self {
        Self {
            engine,
            ahead: head,
            pending: Group::default(),
            outcomes: Vec::new(),
            in_flight: VecDeque::new(),
            next_ticket: 0,
            groups: 0,
            view_wanted: false,
            broken: false,
        }
    }

    /// The writer's memory. It may be ahead of what is durable: show it to nobody.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The writer's memory, for routing questions that fill its caches.
    pub const fn engine_mut(&mut self) -> &mut Engine {
        &mut self.engine
    }

    /// Whether another ask fits into the pending group.
    #[must_use]
    pub fn has_room(&self) -> bool {
        !self.broken && self.pending.entries.len() < GROUP_MAX
    }

    /// Whether the memory no longer fits its own events and must be recovered.
    #[must_use]
    pub const fn is_broken(&self) -> bool {
        self.broken
    }

    /// Decides an ask at `now` into the pending group. Its answer comes with the group.
    pub fn offer(&mut self, ask: &Ask, now: Stamp) -> Ticket {
        self.offer_with(ask, now, None, None)
    }

    /// As [`Core::offer`], with a subject's key or an artefact that must become durable with it.
    pub fn offer_with(
        &mut self,
        ask: &Ask,
        now: Stamp,
        key: Option<(holdfast_domain::id::SubjectId, SubjectKey)>,
        artefact: Option<(Digest, Vec<u8>)>,
    ) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        let outcome = match self.engine.step(ask, now) {
            Ok(entry) => {
                let entry = Arc::new(entry);
                self.pending.entries.push((*entry).clone());
                self.pending.subject_keys.extend(key);
                self.pending.artefacts.extend(artefact);
                Outcome::Entry(self.engine.state.version, entry)
            }
            Err(StepError::Rejected(rejection)) => Outcome::Rejected(rejection),
            Err(StepError::Repeated(used)) => Outcome::Repeated(used),
            Err(StepError::Broken(_)) => {
                // Nothing of this group can be trusted: the caller sees `is_broken`, recovers, and all get `Retry`.
                self.broken = true;
                return ticket;
            }
        };
        self.outcomes.push((ticket, outcome));
        ticket
    }

    /// Fires the first timer due by `now`, if any is.
    pub fn fire_due(&mut self, now: Stamp) -> Option<Ticket> {
        let (due, timer) = self.engine.due(now)?;
        let ask = Ask { command: Command::FireTimer { due, timer }, actor: "timer".into(), key: None };
        Some(self.offer(&ask, now))
    }

    /// Asks for a fork of the state with the next group, to be shown once that is durable.
    pub const fn want_view(&mut self) {
        self.view_wanted = true;
    }

    /// Closes the pending group and gives it to be appended at the returned head, if there is anything to append and
    /// a place in flight. Answers that need no append come back at once when nothing is in flight before them.
    pub fn seal(&mut self) -> Option<(Head, Group)> {
        if self.broken || self.in_flight.len() >= IN_FLIGHT_MAX || self.pending.entries.is_empty() {
            return None;
        }
        let mut group = std::mem::take(&mut self.pending);
        self.groups += 1;
        if self.groups.is_multiple_of(CHECKPOINT_GROUPS) {
            group.checkpoint = Some((STATE_FORMAT, self.engine.state.digest()));
        }
        let view = std::mem::take(&mut self.view_wanted).then(|| self.engine.clone());
        self.in_flight.push_back(InFlight { outcomes: std::mem::take(&mut self.outcomes), view });
        let expected = self.ahead;
        self.ahead.version += group.entries.len() as u64;
        Some((expected, group))
    }

    /// Answers that rest on durable events only and wait for no append: a pending group of rejections alone, with
    /// nothing in flight.
    pub fn settled(&mut self) -> Vec<(Ticket, Reply)> {
        if self.broken || !self.in_flight.is_empty() || !self.pending.entries.is_empty() {
            return Vec::new();
        }
        self.outcomes.drain(..).map(|(ticket, outcome)| (ticket, reply(outcome))).collect()
    }

    /// The oldest group in flight is durable and the journal stands at `head`: its answers, and the view if one was
    /// asked for.
    ///
    /// # Panics
    /// If nothing is in flight.
    pub fn appended(&mut self, head: Head) -> (Vec<(Ticket, Reply)>, Option<Engine>) {
        let done = self.in_flight.pop_front().expect("a group was handed out to be appended");
        if self.in_flight.is_empty() {
            self.ahead = Head { version: self.ahead.version, ..head };
        } else {
            (self.ahead.chain, self.ahead.epoch) = (head.chain, head.epoch);
        }
        (done.outcomes.into_iter().map(|(ticket, outcome)| (ticket, reply(outcome))).collect(), done.view)
    }

    /// Whether a group is on its way.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.in_flight.is_empty()
    }

    /// An append failed: everything in memory that is not durable is gone. The asks of the failed group are told
    /// `Unknown` if its outcome is not known, all others `Retry`. Afterwards the core stands on `engine` at `head`,
    /// both read back from the journal.
    pub fn recovered(&mut self, engine: Engine, head: Head, unknown: bool) -> Vec<(Ticket, Reply)> {
        let mut replies = Vec::new();
        let flights = std::mem::take(&mut self.in_flight);
        for (index, flight) in flights.into_iter().enumerate() {
            let lost = |outcome: &Outcome| match outcome {
                Outcome::Entry(..) if unknown && index == 0 => Reply::Unknown,
                _ => Reply::Retry,
            };
            replies.extend(flight.outcomes.iter().map(|(ticket, outcome)| (*ticket, lost(outcome))));
        }
        replies
            .extend(std::mem::take(&mut self.outcomes).into_iter().map(|(ticket, _)| (ticket, Reply::Retry)));
        self.pending = Group::default();
        (self.engine, self.ahead, self.broken) = (engine, head, false);
        replies
    }
}

fn reply(outcome: Outcome) -> Reply {
    match outcome {
        Outcome::Entry(version, entry) => Reply::Done { version, entry },
        Outcome::Repeated(used) => Reply::Repeated(used),
        Outcome::Rejected(rejection) => Reply::Rejected(rejection),
    }
}
