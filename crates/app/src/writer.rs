//! The writer as one thread uses it: ask, and have the durable answer.
//!
//! Drills, imports and tests run on this; the live service runs the same [`Core`] with the journal on a thread of
//! its own, so that a group is decided while the one before it is written.

use holdfast_domain::command::Command;
use holdfast_domain::id::SubjectId;
use holdfast_domain::table::Digest;
use holdfast_domain::time::Stamp;
use holdfast_engine::incident::Planned;
use holdfast_engine::step::{Ask, Engine};

use crate::core::{Core, Reply, Ticket};
use crate::dispatch::People;
pub use crate::people::OPERATOR_KEY;
use crate::people::{Returning, Sealer};
use crate::port::{AppendError, Clock, Entropy, Head, Journal};
use crate::recover::{RecoverError, recover, snapshot_of};
use crate::seal::{self, PersonalData};

/// Why a writer could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum WriterError {
    /// The journal could not be taken over or written.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The state could not be recovered.
    #[error(transparent)]
    Recover(#[from] RecoverError),
}

/// One writer on one journal.
pub struct Writer<J, C> {
    core: Core,
    journal: J,
    clock: C,
    sealer: Sealer,
    /// Sealed data of those who are written to next.
    people: People,
}

impl<J: Journal, C: Clock> Writer<J, C> {
    /// Takes the journal over and recovers the state.
    ///
    /// # Errors
    /// [`WriterError`].
    pub fn open(mut journal: J, clock: C, entropy: Box<dyn Entropy>) -> Result<Self, WriterError> {
        journal.take_over()?;
        let recovered = recover(&mut journal, None)?;
        let sealer = Sealer::open(&mut journal, entropy, Returning::Keep).map_err(RecoverError::Read)?;
        let core = Core::new(recovered.engine, recovered.head);
        Ok(Self { core, journal, clock, sealer, people: People::default() })
    }

    /// The state. Everything in it is durable between two calls.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        self.core.engine()
    }

    /// The clock.
    pub const fn clock(&mut self) -> &mut C {
        &mut self.clock
    }

    /// The journal, to read from.
    pub const fn journal(&mut self) -> &mut J {
        &mut self.journal
    }

    /// Asks one thing and waits until the answer is durable.
    ///
    /// # Errors
    /// [`WriterError`] if the journal cannot be recovered; a failed append that was recovered is [`Reply::Retry`] or
    /// [`Reply::Unknown`].
    pub fn ask(&mut self, command: Command, actor: &str) -> Result<Reply, WriterError> {
        let replies = self.ask_all(vec![Ask { command, actor: actor.into(), key: None }])?;
        Ok(replies.into_iter().next().expect("one ask has one reply"))
    }

    /// Asks many things in order, in as few groups as possible.
    ///
    /// # Errors
    /// As [`Writer::ask`].
    pub fn ask_all(&mut self, asks: Vec<Ask>) -> Result<Vec<Reply>, WriterError> {
        let mut answers = Answers::new(asks.len());
        for ask in &asks {
            let now = self.clock.now();
            answers.expect(self.core.offer(ask, now));
            if !self.core.has_room() {
                self.flush(&mut answers)?;
            }
        }
        self.flush(&mut answers)?;
        Ok(answers.done())
    }

    /// Takes an order together with the person behind it, in one group.
    ///
    /// # Errors
    /// As [`Writer::ask`].
    pub fn place(
        &mut self,
        order: holdfast_domain::command::NewOrder,
        person: Option<(&str, &PersonalData)>,
        key: Option<u128>,
        actor: &str,
    ) -> Result<Reply, WriterError> {
        Ok(self
            .place_all(
                vec![(order, person.map(|(identity, data)| (identity.to_owned(), data.clone())), key)],
                actor,
            )?
            .pop()
            .expect("one order has one reply"))
    }

    /// Takes many orders with the people behind them, in as few groups as possible.
    ///
    /// # Errors
    /// As [`Writer::ask`].
    #[allow(clippy::type_complexity, reason = "a row of an import: order, person, key")]
    pub fn place_all(
        &mut self,
        orders: Vec<(holdfast_domain::command::NewOrder, Option<(String, PersonalData)>, Option<u128>)>,
        actor: &str,
    ) -> Result<Vec<Reply>, WriterError> {
        let mut answers = Answers::new(orders.len());
        for (mut order, person, key) in orders {
            let now = self.clock.now();
            if let Some((identity, data)) = person {
                let subject =
                    self.sealer.subject(&mut self.core, order.merchant, &identity, &data, now, actor);
                order.subject = Some(subject);
            }
            let ask = Ask { command: Command::PlaceOrder(Box::new(order)), actor: actor.into(), key };
            answers.expect(self.core.offer(&ask, now));
            if !self.core.has_room() {
                self.flush(&mut answers)?;
            }
        }
        self.flush(&mut answers)?;
        Ok(answers.done())
    }

    /// Adopts a plan and stores its artefact in the same group.
    ///
    /// # Errors
    /// As [`Writer::ask`].
    pub fn adopt(&mut self, plan: &Planned, actor: &str) -> Result<Reply, WriterError> {
        let bytes =
            postcard::to_stdvec(plan).expect("a plan's parts have known lengths, all postcard asks for");
        let ask =
            Ask { command: Command::AdoptPlan(Box::new(plan.record())), actor: actor.into(), key: None };
        self.ask_with_artefact(&ask, (plan.digest(), bytes))
    }

    /// Asks one thing that names an artefact, which becomes durable with it.
    ///
    /// # Errors
    /// As [`Writer::ask`].
    pub fn ask_with_artefact(
        &mut self,
        ask: &Ask,
        artefact: (Digest, Vec<u8>),
    ) -> Result<Reply, WriterError> {
        let mut answers = Answers::new(1);
        let now = self.clock.now();
        answers.expect(self.core.offer_with(ask, now, None, Some(artefact)));
        self.flush(&mut answers)?;
        Ok(answers.done().pop().expect("one ask has one reply"))
    }

    /// Fires every timer that is due.
    ///
    /// # Errors
    /// As [`Writer::ask`].
    pub fn fire_due(&mut self) -> Result<Vec<Reply>, WriterError> {
        let mut answers = Answers::new(0);
        let now = self.clock.now();
        while let Some(ticket) = self.core.fire_due(now) {
            answers.expect(ticket);
            if !self.core.has_room() {
                self.flush(&mut answers)?;
            }
        }
        self.flush(&mut answers)?;
        Ok(answers.done())
    }

    /// The command that sources an order's waiting units as things stand; `None` if nothing can be done for it.
    #[must_use]
    pub fn source_command(&mut self, order: holdfast_domain::id::OrderId, at: Stamp) -> Option<Command> {
        self.core.engine_mut().source_command(order, at)
    }

    /// Steers sourcing with a price table that has just been adopted.
    pub fn use_prices(&mut self, prices: holdfast_engine::price::PriceTable) {
        self.core.engine_mut().prices = std::sync::Arc::new(prices);
    }

    /// Keeps a snapshot of the state as it stands.
    ///
    /// # Errors
    /// [`WriterError::Append`].
    pub fn keep_snapshot(&mut self) -> Result<(), WriterError> {
        let snapshot = snapshot_of(&self.core.engine().state);
        Ok(self.journal.keep_snapshot(&snapshot)?)
    }

    /// Opens a person's data; `None` once they are erased.
    ///
    /// # Errors
    /// [`RecoverError::Read`] if the key store cannot be read.
    pub fn person(&mut self, subject: SubjectId, sealed: &[u8]) -> Result<Option<PersonalData>, WriterError> {
        let known = self.core.engine().state.subjects.get(subject).filter(|known| !known.erased);
        let Some(fingerprint) = known.map(|known| known.fingerprint) else { return Ok(None) };
        let key = self.journal.subject_key(subject).map_err(RecoverError::Read)?;
        Ok(key.and_then(|key| seal::open(&key, fingerprint, sealed).ok()))
    }

    /// Reads the sealed data of these people, and of all who will be written to soon.
    ///
    /// # Errors
    /// [`RecoverError::Read`] if the journal cannot be read.
    pub fn read_people(&mut self, wanted: &[SubjectId]) -> Result<(), WriterError> {
        let state = &self.core.engine().state;
        Ok(self.people.read(&mut self.journal, state, wanted.iter().copied())?)
    }

    /// A person whose sealed data were read; `None` for the erased.
    ///
    /// # Errors
    /// As [`Writer::person`].
    pub fn known_person(&mut self, subject: SubjectId) -> Result<Option<PersonalData>, WriterError> {
        for again in [false, true] {
            if again {
                // Sealed anew since it was read, or erased: the newest form decides.
                self.people.forget(subject);
                self.read_people(&[subject])?;
            }
            let Some(sealed) = self.people.sealed(subject).map(<[u8]>::to_vec) else { return Ok(None) };
            if let Some(person) = self.person(subject, &sealed)? {
                return Ok(Some(person));
            }
        }
        Ok(None)
    }

    /// The secret that signs links to customers' pages.
    #[must_use]
    pub fn link_secret(&self) -> [u8; 32] {
        self.sealer.link_secret()
    }

    /// Seals a person's data anew, under their own key: after an address has changed.
    ///
    /// # Errors
    /// As [`Writer::ask`]; [`Reply::Rejected`] for somebody unknown or erased.
    pub fn reseal(
        &mut self,
        subject: SubjectId,
        data: &PersonalData,
        actor: &str,
    ) -> Result<Reply, WriterError> {
        use holdfast_domain::reject::Rejection;
        let now = self.clock.now();
        let Some(ticket) = self.sealer.renew(&mut self.core, subject, data, now, actor) else {
            return Ok(Reply::Rejected(Rejection::SubjectErased {}));
        };
        let mut answers = Answers::new(1);
        answers.expect(ticket);
        self.flush(&mut answers)?;
        Ok(answers.done().pop().expect("one ask has one reply"))
    }

    /// Takes the writer apart, giving the journal back.
    #[must_use]
    pub fn into_journal(self) -> J {
        self.journal
    }

    fn flush(&mut self, answers: &mut Answers) -> Result<(), WriterError> {
        if self.core.is_broken() {
            return self.start_over(answers, false);
        }
        if let Some((expected, mut group)) = self.core.seal() {
            self.sealer.complete(expected, &mut group);
            match self.journal.append(expected, &group) {
                Ok(head) => answers.fill(self.core.appended(head).0),
                Err(AppendError::Fenced { found, epoch }) => {
                    return Err(AppendError::Fenced { found, epoch }.into());
                }
                Err(AppendError::Failed(_)) => self.start_over(answers, false)?,
                Err(AppendError::Unknown(_)) => self.start_over(answers, true)?,
            }
        }
        answers.fill(self.core.settled());
        Ok(())
    }

    fn start_over(&mut self, answers: &mut Answers, unknown: bool) -> Result<(), WriterError> {
        let recovered = recover(&mut self.journal, None)?;
        answers.fill(self.core.recovered(recovered.engine, recovered.head, unknown));
        // A broken step was never recorded as an outcome.
        answers.retry_rest();
        Ok(())
    }

    /// Where the journal stands.
    ///
    /// # Errors
    /// [`RecoverError::Read`].
    pub fn head(&mut self) -> Result<Head, WriterError> {
        Ok(self.journal.head().map_err(RecoverError::Read)?)
    }
}

/// An artefact's bytes, as the journal keeps them by digest.
///
/// # Panics
/// Never for the artefacts of this program: their parts have known lengths.
#[must_use]
pub fn artefact_bytes<T: serde::Serialize>(artefact: &T) -> Vec<u8> {
    postcard::to_stdvec(artefact).expect("an artefact's parts have known lengths, all postcard asks for")
}

/// Replies in the order of their asks.
struct Answers {
    tickets: Vec<Ticket>,
    replies: Vec<Option<Reply>>,
}

impl Answers {
    fn new(count: usize) -> Self {
        Self { tickets: Vec::with_capacity(count), replies: Vec::with_capacity(count) }
    }

    fn expect(&mut self, ticket: Ticket) {
        self.tickets.push(ticket);
        self.replies.push(None);
    }

    fn fill(&mut self, replies: Vec<(Ticket, Reply)>) {
        for (ticket, reply) in replies {
            // Tickets are given out in order; those nobody waits for (a sealed person) have no place here.
            if let Ok(at) = self.tickets.binary_search(&ticket) {
                self.replies[at] = Some(reply);
            }
        }
    }

    fn retry_rest(&mut self) {
        for reply in &mut self.replies {
            reply.get_or_insert(Reply::Retry);
        }
    }

    fn done(self) -> Vec<Reply> {
        self.replies.into_iter().map(|reply| reply.unwrap_or(Reply::Retry)).collect()
    }
}
