//! The core's thread: takes asks, decides them, seals groups, and answers once they are durable.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use holdfast_domain::command::Command;
use holdfast_domain::event::Event;
use holdfast_domain::evolve::Entry;
use holdfast_domain::id::OrderId;
use holdfast_domain::order::HoldReason;
use holdfast_domain::time::Stamp;
use holdfast_engine::step::{Ask, Engine};

use super::duplicate::Recent;
use super::feed::Durable;
use super::keeper::{Job, Landed};
use super::{Asked, Callback, Phase, Shared, View, What};
use crate::core::{Core, Reply, Ticket};
use crate::people::Sealer;
use crate::port::{Clock, Entropy, Head};
use crate::recover::{Recovered, recover_prices, snapshot_of};

/// The longest sleep with nothing to do.
const NAP_MAX: Duration = Duration::from_millis(500);
/// Waiting orders that are sourced between two looks at the inbox.
const SOURCE_STEP: usize = 64;
/// Timers that are fired between two looks at the inbox.
const TIMERS_STEP: usize = 256;

pub(super) enum Msg {
    Ask(Box<Asked>, Callback),
    Landed(Landed),
    Recovered(Box<Option<(Recovered, Vec<Durable>)>>),
    Stop,
}

pub(super) struct Run<C> {
    core: Core,
    clock: C,
    sealer: Sealer,
    inbox: Receiver<Msg>,
    jobs: Sender<Job>,
    shared: Arc<Shared>,
    /// Taken and not decided yet.
    held: VecDeque<(Box<Asked>, Callback)>,
    /// Decided and not durable yet.
    waiting: BTreeMap<Ticket, Callback>,
    durable: Head,
    recovering: Option<bool>,
    stopping: bool,
    ended: Option<Phase>,
    shown: Instant,
    shown_version: u64,
    snapshot_version: u64,
    /// Something has changed that an order may have waited for.
    look: bool,
    looked: Instant,
    waiting_orders: VecDeque<OrderId>,
    recent: Recent,
}

impl<C: Clock> Run<C> {
    pub(super) fn new(
        core: Core,
        mut clock: C,
        sealer: Sealer,
        inbox: Receiver<Msg>,
        jobs: Sender<Job>,
        shared: Arc<Shared>,
        durable: Head,
    ) -> Self {
        let recent = Recent::of(&core.engine().state, shared.options.duplicate_within, clock.now());
        Self {
            recent,
            core,
            clock,
            sealer,
            inbox,
            jobs,
            shared,
            held: VecDeque::new(),
            waiting: BTreeMap::new(),
            durable,
            recovering: None,
            stopping: false,
            ended: None,
            shown: Instant::now(),
            shown_version: durable.version,
            snapshot_version: durable.version,
            look: true,
            looked: Instant::now(),
            waiting_orders: VecDeque::new(),
        }
    }

    /// Runs until it ends, and gives back what the next run needs.
    pub(super) fn run(mut self) -> Left<C> {
        // A core that breaks off must not look as if it ran: nobody would start it anew.
        let _broken = BrokenUnlessEnded(self.shared.clone());
        while self.ended.is_none() {
            let nap = self.nap();
            match self.inbox.recv_timeout(nap) {
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => self.stopping = true,
            }
            while let Ok(message) = self.inbox.try_recv() {
                self.take(message);
            }
            self.decide();
            self.duties();
            self.hand_over();
            self.show();
            if self.stopping && self.is_idle() {
                self.ended = Some(Phase::Stopped);
            }
        }
        self.end()
    }

    /// How long there is nothing to do but listen.
    fn nap(&mut self) -> Duration {
        if self.recovering.is_none() && !(self.held.is_empty() && self.waiting_orders.is_empty()) {
            return if self.core.has_room() { Duration::ZERO } else { NAP_MAX };
        }
        let mut nap = NAP_MAX;
        if self.shown_version < self.durable.version {
            nap = nap.min(self.shared.options.view_idle);
        }
        if let Some((due, _)) = self.core.engine().state.timers.first() {
            let now = self.clock.now();
            nap = nap.min(Duration::from_millis(due.since(now).0).max(Duration::from_millis(1)));
        }
        nap
    }

    fn is_idle(&self) -> bool {
        self.held.is_empty() && self.recovering.is_none() && self.is_durable() && self.waiting.is_empty()
    }

    /// Whether everything in memory is durable.
    fn is_durable(&self) -> bool {
        !self.core.is_waiting() && self.core.engine().state.version == self.durable.version
    }

    fn take(&mut self, message: Msg) {
        match message {
            Msg::Ask(asked, reply) => self.held.push_back((asked, reply)),
            Msg::Landed(Landed::Durable(head)) => self.landed(head),
            Msg::Landed(Landed::Lost { unknown }) => self.start_over(unknown),
            Msg::Landed(Landed::Fenced) => self.ended = Some(Phase::Fenced),
            Msg::Recovered(recovered) => match *recovered {
                Some((recovered, untold)) => self.recovered(recovered, untold),
                None => self.ended = Some(Phase::Stopped),
            },
            Msg::Stop => {
                self.stopping = true;
                self.waiting_orders.clear();
                self.shared.set_phase(Phase::Stopping);
            }
        }
    }

    fn decide(&mut self) {
        while self.recovering.is_none() && self.core.has_room() {
            let Some((asked, reply)) = self.held.pop_front() else { return };
            self.shared.depth.fetch_sub(1, Ordering::AcqRel);
            let now = self.clock.now();
            match self.offer(*asked, now) {
                Some(ticket) => {
                    self.waiting.insert(ticket, reply);
                }
                // A person who is unknown or erased: nothing happened, and the asker is told as of an unknown id.
                None => reply(Reply::Rejected(holdfast_domain::reject::Rejection::SubjectErased {})),
            }
        }
    }

    fn offer(&mut self, asked: Asked, now: Stamp) -> Option<Ticket> {
        let Asked { what, actor, key, artefact } = asked;
        let command = match what {
            What::Command(command) => command,
            What::Renew(subject, data) => {
                return self.sealer.renew(&mut self.core, subject, &data, now, &actor);
            }
            What::Place(mut order, person) => {
                // An order that is known needs nobody sealed for it.
                let repeated = key.is_some_and(|key| self.core.engine().state.keys.get(key).is_some());
                if let Some(person) = person.filter(|_| !repeated && !self.is_taken(&order)) {
                    let (identity, data) = *person;
                    let merchant = order.merchant;
                    let subject =
                        self.sealer.subject(&mut self.core, merchant, &identity, &data, now, &actor);
                    order.subject = Some(subject);
                    if order.hold.is_none() && self.recent.is_again(&order, now) {
                        order.hold = Some(HoldReason::Duplicate);
                    }
                }
                Command::PlaceOrder(order)
            }
        };
        let prices = match (&command, &artefact) {
            (Command::AdoptPrices { table }, Some((_, bytes))) => Some((*table, bytes.clone())),
            _ => None,
        };
        let ticket = self.core.offer_with(&Ask { command, actor, key }, now, None, artefact);
        if let Some((table, bytes)) = prices
            && self.core.engine().state.prices == Some(table)
            && let Some(prices) = recover_prices(&bytes)
        {
            self.core.engine_mut().prices = Arc::new(prices);
        }
        Some(ticket)
    }

    fn is_taken(&self, order: &holdfast_domain::command::NewOrder) -> bool {
        use holdfast_domain::state::NameKind;
        self.core.engine().state.named::<OrderId>(NameKind::Order, order.merchant, &order.number).is_some()
    }

    /// What is due without anybody asking: timers, and orders that wait for goods.
    fn duties(&mut self) {
        if self.recovering.is_some() || self.stopping {
            return;
        }
        let now = self.clock.now();
        let mut last = None;
        for _ in 0..TIMERS_STEP {
            let due = self.core.engine().due(now);
            // A timer whose firing is refused stays set; it is tried again later, not for ever now.
            if due.is_none() || due == last || !self.core.has_room() {
                break;
            }
            last = due;
            self.core.fire_due(now);
            self.shared.timers.fetch_add(1, Ordering::Relaxed);
        }
        if self.waiting_orders.is_empty() {
            if !self.look || self.looked.elapsed() < self.shared.options.source_every {
                return;
            }
            (self.look, self.looked) = (false, Instant::now());
            self.waiting_orders = self.core.engine().backorders().into();
        }
        for _ in 0..SOURCE_STEP {
            if !self.core.has_room() {
                return;
            }
            let Some(order) = self.waiting_orders.pop_front() else { return };
            if let Some(command) = self.core.engine_mut().source_command(order, now) {
                self.core.offer(&Ask { command, actor: "sourcing".into(), key: None }, now);
                self.shared.sourced_late.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn hand_over(&mut self) {
        if self.recovering.is_some() {
            return;
        }
        if self.core.is_broken() {
            return self.start_over(false);
        }
        if self.shown.elapsed() >= self.shared.options.view_every {
            self.core.want_view();
        }
        while let Some((expected, mut group)) = self.core.seal() {
            self.sealer.complete(expected, &mut group);
            // A journal thread that has ended is a fault of its own: nothing can become durable any more.
            if self.jobs.send(Job::Append(expected, group)).is_err() {
                self.ended = Some(Phase::Broken);
                return;
            }
        }
        let settled = self.core.settled();
        self.answer(settled);
    }

    fn landed(&mut self, head: Head) {
        self.durable = head;
        let (replies, view) = self.core.appended(head);
        self.shared.groups.fetch_add(1, Ordering::Relaxed);
        self.answer(replies);
        if let Some(engine) = view {
            self.publish(engine);
        }
    }

    fn answer(&mut self, replies: Vec<(Ticket, Reply)>) {
        for (ticket, reply) in replies {
            match &reply {
                Reply::Done { version, entry } => {
                    self.shared.entries.fetch_add(1, Ordering::Relaxed);
                    self.durable_entry(*version, entry);
                }
                Reply::Rejected(_) => {
                    self.shared.rejected.fetch_add(1, Ordering::Relaxed);
                }
                Reply::Repeated(_) => {
                    self.shared.repeated.fetch_add(1, Ordering::Relaxed);
                }
                Reply::Retry | Reply::Unknown => {}
            }
            // A timer's own command has nobody who waits for it.
            if let Some(tell) = self.waiting.remove(&ticket) {
                tell(reply);
            }
        }
    }

    fn durable_entry(&mut self, version: u64, entry: &Arc<Entry>) {
        self.look |= entry.events.iter().any(may_help_others);
        let erased: Vec<_> = entry
            .events
            .iter()
            .filter_map(|event| match event {
                Event::SubjectErased { subject } => Some(*subject),
                _ => None,
            })
            .collect();
        if !erased.is_empty() {
            self.job(Job::Destroy(erased));
        }
        self.shared.feeds.tell(&Durable { version, entry: entry.clone() });
    }

    fn job(&mut self, job: Job) {
        if self.jobs.send(job).is_err() {
            self.ended = Some(Phase::Broken);
        }
    }

    fn show(&mut self) {
        let idle = self.shown_version < self.durable.version
            && self.shown.elapsed() >= self.shared.options.view_idle
            && self.recovering.is_none()
            && self.is_durable();
        if idle {
            self.publish(self.core.engine().clone());
        }
    }

    fn publish(&mut self, engine: Engine) {
        (self.shown, self.shown_version) = (Instant::now(), engine.state.version);
        if engine.state.version >= self.snapshot_version + self.shared.options.snapshot_entries {
            self.snapshot_version = engine.state.version;
            let (fork, jobs) = (engine.clone(), self.jobs.clone());
            // Encoding a large state takes seconds: neither the core nor the journal waits for it.
            let keep = move || drop(jobs.send(Job::Keep(snapshot_of(&fork.state))));
            drop(std::thread::Builder::new().name("holdfast-snapshot".to_owned()).spawn(keep));
        }
        let at = self.clock.now();
        self.shared.show(View { engine, at });
    }

    fn start_over(&mut self, unknown: bool) {
        self.recovering = Some(unknown);
        self.shared.set_phase(Phase::Recovering);
        self.job(Job::Recover);
    }

    fn recovered(&mut self, recovered: Recovered, untold: Vec<Durable>) {
        let unknown = self.recovering.take().unwrap_or(false);
        for durable in untold {
            self.durable_entry(durable.version, &durable.entry);
        }
        self.durable = recovered.head;
        self.sealer.forget();
        self.waiting_orders.clear();
        self.look = true;
        let before = self.shown_version;
        let view = recovered.engine.clone();
        let replies = self.core.recovered(recovered.engine, recovered.head, unknown);
        self.answer(replies);
        self.answer_rest(Reply::Retry);
        if view.state.version != before {
            self.publish(view);
        }
        self.shared.set_phase(if self.stopping { Phase::Stopping } else { Phase::Running });
    }

    fn answer_rest(&mut self, reply: Reply) {
        for (_, tell) in std::mem::take(&mut self.waiting) {
            tell(reply.clone());
        }
    }

    fn end(mut self) -> Left<C> {
        let mut phase = self.ended.unwrap_or(Phase::Broken);
        if phase == Phase::Fenced && self.shared.follows {
            phase = if self.stopping { Phase::Stopped } else { Phase::Following };
        }
        if phase == Phase::Following {
            // From here on nothing more is taken; what was taken is answered below.
            self.shared.set_phase(phase);
        } else {
            self.shared.stopping.store(true, Ordering::Release);
        }
        // What may be durable is not said to be undone: the thread that appends broke off, or an append whose outcome
        // nobody knows could not be read back in time.
        let unknown = phase == Phase::Broken || self.recovering == Some(true);
        self.answer_rest(if unknown { Reply::Unknown } else { Reply::Retry });
        // Asks that came in while the last ones were answered.
        while let Ok(message) = self.inbox.try_recv() {
            if let Msg::Ask(asked, reply) = message {
                self.held.push_back((asked, reply));
            }
        }
        for (_, reply) in std::mem::take(&mut self.held) {
            self.shared.depth.fetch_sub(1, Ordering::AcqRel);
            reply(Reply::Retry);
        }
        if phase == Phase::Stopped && self.is_durable() {
            let engine = self.core.engine().clone();
            if engine.state.version > 0 {
                drop(self.jobs.send(Job::Keep(snapshot_of(&engine.state))));
            }
            self.publish(engine);
        }
        self.shared.set_phase(phase);
        Left { phase, clock: self.clock, entropy: self.sealer.into_entropy(), inbox: self.inbox }
    }
}

/// What is left of a run.
pub(super) struct Left<C> {
    pub(super) phase: Phase,
    pub(super) clock: C,
    pub(super) entropy: Box<dyn Entropy>,
    pub(super) inbox: Receiver<Msg>,
}

/// Says that the service broke off when its thread ends without having said how.
struct BrokenUnlessEnded(Arc<Shared>);

impl Drop for BrokenUnlessEnded {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stopping.store(true, Ordering::Release);
            self.0.set_phase(Phase::Broken);
        }
    }
}

/// Whether an order that waits could find a site after this.
const fn may_help_others(event: &Event) -> bool {
    matches!(
        event,
        Event::StockReceived { .. }
            | Event::StockAdjusted { .. }
            | Event::StockCounted { .. }
            | Event::StockCleared { .. }
            | Event::TransferReceived { .. }
            | Event::SiteAdded(_)
            | Event::SiteChanged(..)
            | Event::LaneAdded(_)
            | Event::SiteAccessChanged { .. }
            | Event::EmbargoLifted { .. }
            | Event::OutageExpected { .. }
            | Event::UnitsDropped { .. }
            | Event::LineCancelled { .. }
            | Event::ReturnReceived { .. }
            | Event::PlanStepped { .. }
            | Event::PlanUndone { .. }
            | Event::TimerFired { .. }
    )
}
