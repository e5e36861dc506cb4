//! One run: steps by chance, then calm until every client has its answer, then the audit.

use std::collections::{BTreeMap, VecDeque};

use holdfast_app::core::{Core, Reply, Ticket};
use holdfast_app::port::{AppendError, Group, Head, Journal};
use holdfast_app::recover::{RecoverError, Recovered, recover, snapshot_of};
use holdfast_domain::command::Command;
use holdfast_domain::evolve::{Entry, evolve_entry};
use holdfast_domain::plan_record::Move;
use holdfast_domain::state::State;
use holdfast_domain::table::Digest;
use holdfast_domain::time::{Span, Stamp};
use holdfast_engine::price::PriceTable;
use holdfast_engine::step::{Ask, Engine};
use rand::RngExt;
use rand_chacha::ChaCha12Rng;

use super::asker::Asker;
use super::journal::{Fault, FaultyJournal};
use super::plant::Plant;
use super::shop::Shop;
use super::{Finding, Options, Stats};
use crate::auditor::{Claim, Told, audit};
use crate::clock::chance;

/// Monday, 10 September 2018, 8 o'clock in New York.
const START: Stamp = Stamp(1_536_580_800_000);
/// Rounds in which everything has to be settled once nothing fails any more.
const CALM_MAX: u32 = 60;

/// Somebody who wants an answer.
struct Client {
    ask: Ask,
    artefact: Option<(Digest, Vec<u8>)>,
    again: bool,
    prices: Option<PriceTable>,
}

pub(super) struct Run {
    seed: u64,
    options: Options,
    step: u32,
    pub(super) now: Stamp,
    pub(super) chance: ChaCha12Rng,
    asker: Asker,
    journal: FaultyJournal,
    pub(super) core: Core,
    head: Head,
    flying: VecDeque<(Head, Group)>,
    tickets: BTreeMap<Ticket, usize>,
    clients: Vec<Client>,
    again: VecDeque<usize>,
    told: Vec<Told>,
    /// The steps of plans that were made, by digest.
    pub(super) plans: BTreeMap<Digest, Vec<Vec<Move>>>,
    digests: Vec<(u64, Digest)>,
    calm: bool,
    stats: Stats,
}

impl Run {
    pub(super) fn new(seed: u64, options: &Options) -> Self {
        let mut dice = chance(seed, "simulator", 0);
        let shop = Shop::by(&mut dice);
        let mut run = Self {
            seed,
            options: *options,
            step: 0,
            now: START,
            chance: dice,
            asker: Asker::new(chance(seed, "simulator workload", 0), shop),
            journal: FaultyJournal::default(),
            core: Core::new(Engine::default(), Head::default()),
            head: Head::default(),
            flying: VecDeque::new(),
            tickets: BTreeMap::new(),
            clients: Vec::new(),
            again: VecDeque::new(),
            told: Vec::new(),
            plans: BTreeMap::new(),
            digests: Vec::new(),
            calm: true,
            stats: Stats { seeds: 1, ..Stats::default() },
        };
        for command in shop.setup(&mut run.chance) {
            run.ask(command, None);
        }
        run
    }

    pub(super) fn go(mut self) -> Result<Stats, Finding> {
        let ran = self.steps();
        if let (Err(finding), None) = (&ran, self.options.plant) {
            return Err(finding.clone());
        }
        // Under a planted bug the auditor speaks first: it is the one to be tried.
        self.audit()?;
        ran.map(|()| self.stats)
    }

    fn found(&self, rule: &'static str, what: impl Into<String>) -> Finding {
        Finding { seed: self.seed, step: self.step, rule, what: what.into() }
    }

    pub(super) fn trace(&self, what: impl FnOnce() -> String) {
        #[allow(clippy::print_stderr, reason = "a trace is asked for by a person at a terminal")]
        if self.options.trace {
            eprintln!("{} step {} at {}: {}", self.seed, self.step, self.now, what());
        }
    }

    fn steps(&mut self) -> Result<(), Finding> {
        self.settle()?;
        self.calm = false;
        for step in 1..=self.options.steps {
            self.step = step;
            self.pass_time();
            self.happen()?;
            if self.core.is_broken() {
                return Err(self.found("broken-step", "a decided event did not fit the state"));
            }
            let settled = self.core.settled();
            self.tell(settled);
        }
        self.calm = true;
        self.settle()?;
        self.same_everywhere()
    }

    /// Mostly minutes, now and then half a day, now and then back.
    fn pass_time(&mut self) {
        self.now = match self.chance.random_range(0..100) {
            0..=2 => self.now.before(Span::minutes(self.chance.random_range(1..300))),
            3..=14 => self.now.after(Span::minutes(self.chance.random_range(300..900))),
            _ => self.now.after(Span::minutes(self.chance.random_range(0..40))),
        };
    }

    fn happen(&mut self) -> Result<(), Finding> {
        match self.chance.random_range(0..100) {
            0..=44 => self.some_ask(),
            45..=50 => self.fire(),
            51..=53 => self.source(),
            54..=70 => self.seal(),
            71..=88 => self.land()?,
            89..=90 => self.crash(true)?,
            91 => self.second_writer()?,
            92 => self.core.want_view(),
            93..=94 => self.plan(),
            95..=97 => self.carry_on_plan(),
            _ => self.notify(),
        }
        Ok(())
    }

    fn some_ask(&mut self) {
        if self.chance.random_bool(0.15) {
            let pair = self.asker.last_unit(&self.core.engine().state, self.now);
            if let Some(pair) = pair {
                self.stats.races += 1;
                for command in pair {
                    self.ask(command, None);
                }
                return;
            }
        }
        for _ in 0..self.chance.random_range(1..6) {
            match self.again.pop_front().filter(|_| self.chance.random_bool(0.7)) {
                Some(client) => self.offer(client),
                None => {
                    let command = self.asker.command(&self.core.engine().state, self.now);
                    self.ask(command, None);
                }
            }
        }
    }

    /// A new client asks; what must not be done twice carries a key, and some are impatient and ask twice at once.
    pub(super) fn ask(&mut self, command: Command, artefact: Option<(Digest, Vec<u8>)>) -> usize {
        use Command as C;
        let once = matches!(
            command,
            C::ReceiveStock { .. }
                | C::AdjustStock { .. }
                | C::QuarantineStock { .. }
                | C::ClearStock { .. }
                | C::SendTransfer { .. }
                | C::CancelLine { .. }
                | C::ReceiveReturn { .. }
                | C::OpenIncident(_)
                | C::AdoptPlan(_)
        );
        let told_anew = matches!(command, C::QueueNotice(_) | C::MovePromise { .. } | C::SourceOrder { .. });
        let often = if matches!(command, C::PlaceOrder(_)) { 0.95 } else { 0.3 };
        let keyed = once || (!told_anew && self.chance.random_bool(often));
        let key = keyed.then(|| self.chance.random::<u128>());
        let ask = Ask { command, actor: "sim".into(), key };
        self.clients.push(Client { ask, artefact, again: !told_anew, prices: None });
        let client = self.clients.len() - 1;
        self.offer(client);
        if keyed && self.chance.random_bool(0.05) {
            self.offer(client);
        }
        client
    }

    /// A price table is adopted, and steers once that is durable.
    pub(super) fn adopt_prices(&mut self, table: PriceTable) {
        let digest = table.digest();
        let artefact = (digest, holdfast_app::writer::artefact_bytes(&table));
        let client = self.ask(Command::AdoptPrices { table: digest }, Some(artefact));
        self.clients[client].prices = Some(table);
    }

    fn offer(&mut self, client: usize) {
        let Client { ask, artefact, .. } = &self.clients[client];
        let ticket = self.core.offer_with(ask, self.now, None, artefact.clone());
        self.stats.asks += 1;
        self.tickets.insert(ticket, client);
    }

    fn fire(&mut self) {
        for _ in 0..6 {
            if self.core.is_broken() || self.core.fire_due(self.now).is_none() {
                return;
            }
        }
    }

    /// The scheduler looks for sites for what waits: all on the same stock, so that two may want the same unit.
    fn source(&mut self) {
        let waiting: Vec<_> = self.core.engine().backorders().into_iter().take(8).collect();
        let now = self.now;
        let engine = self.core.engine_mut();
        let found: Vec<Command> =
            waiting.into_iter().filter_map(|order| engine.source_command(order, now)).collect();
        for command in found {
            self.ask(command, None);
        }
    }

    fn seal(&mut self) {
        if let Some(sealed) = self.core.seal() {
            self.trace(|| format!("seal {} entries after {}", sealed.1.entries.len(), sealed.0.version));
            self.flying.push_back(sealed);
        }
    }

    fn fault(&mut self) -> Fault {
        if self.calm {
            return Fault::None;
        }
        match self.chance.random_range(0..100) {
            0..=5 => Fault::Refused,
            6..=10 => Fault::AnswerLost,
            11..=14 => Fault::Dropped,
            15..=18 => Fault::Torn(self.chance.random_range(0..=1000)),
            19..=30 if self.options.plant == Some(Plant::LyingDisk) => Fault::Lied,
            _ => Fault::None,
        }
    }

    /// The oldest group on its way arrives at the journal, or something befalls it.
    fn land(&mut self) -> Result<(), Finding> {
        let Some((expected, group)) = self.flying.pop_front() else { return Ok(()) };
        let fault = self.fault();
        self.journal.next = fault;
        let mut expected = Head { version: expected.version, ..self.head };
        if self.options.plant == Some(Plant::NotFenced) {
            expected = self.durable();
        }
        let early = self.options.plant == Some(Plant::AckBeforeDurable);
        if early && fault == Fault::None {
            let version = expected.version + group.entries.len() as u64;
            let (replies, _) = self.core.appended(Head { version, ..expected });
            self.tell(replies);
            self.head =
                self.journal.append(expected, &group).map_err(|e| self.found("append", e.to_string()))?;
            return Ok(());
        }
        let outcome = self.journal.append(expected, &group);
        self.trace(|| format!("land {fault:?} after {}: {outcome:?}", expected.version));
        let decided_on_top = u64::from(!self.flying.is_empty());
        match outcome {
            Ok(head) => self.landed(head),
            Err(AppendError::Failed(_)) => {
                self.stats.refused += 1;
                self.stats.in_flight += decided_on_top;
                self.start_over(false)
            }
            Err(AppendError::Unknown(_)) => {
                self.stats.unknown += 1;
                self.stats.in_flight += decided_on_top;
                if matches!(fault, Fault::Torn(_)) {
                    self.stats.torn += 1;
                    return self.crash(false);
                }
                self.start_over(true)
            }
            // Only a disk that has lied, or a bug, fences a writer that is alone.
            Err(AppendError::Fenced { .. }) if self.options.plant.is_some() => self.crash(false),
            Err(error) => Err(self.found("fenced-alone", error.to_string())),
        }
    }

    fn landed(&mut self, head: Head) -> Result<(), Finding> {
        self.head = head;
        let (replies, view) = self.core.appended(head);
        self.tell(replies);
        if let Some(view) = view {
            self.digests.push((view.state.version, view.state.digest()));
            let kept = self.journal.keep_snapshot(&snapshot_of(&view.state));
            kept.map_err(|error| self.found("snapshot", error.to_string()))?;
        }
        Ok(())
    }

    fn durable(&self) -> Head {
        self.journal.truth().head().expect("the inner journal never fails to say where it stands")
    }

    fn tell(&mut self, replies: Vec<(Ticket, Reply)>) {
        let durable = self.durable().version;
        for (ticket, reply) in replies {
            // A timer's own command has no client.
            let Some(index) = self.tickets.remove(&ticket) else { continue };
            let client = &self.clients[index];
            match &reply {
                Reply::Retry | Reply::Unknown => {
                    let keyed = client.ask.key.is_some();
                    if client.again && (keyed || self.chance.random_bool(0.5)) {
                        self.again.push_back(index);
                    }
                }
                Reply::Done { .. } => {
                    if let Some(table) = client.prices.clone() {
                        self.core.engine_mut().prices = std::sync::Arc::new(table);
                    }
                }
                Reply::Repeated(_) | Reply::Rejected(_) => {}
            }
            let Ask { command, key, .. } = &self.clients[index].ask;
            self.trace(|| format!("told {command:?}: {reply:?}"));
            self.told.push(Told { command: command.clone(), key: *key, reply, durable });
        }
    }

    /// Reads the state back, with the faults that readings have.
    fn read_back(&mut self) -> Result<Recovered, Finding> {
        self.journal.read_fails = !self.calm && self.chance.random_bool(0.1);
        if self.chance.random_bool(0.5) {
            self.stats.damaged += 1;
            self.journal.damage = Some(self.chance.random_range(0..=1000));
        }
        let until = (self.options.plant == Some(Plant::StaleMemory))
            .then(|| self.durable().version.saturating_sub(3));
        let mut recovered = match recover(&mut self.journal, until) {
            Err(RecoverError::Read(_)) => recover(&mut self.journal, until),
            other => other,
        }
        .map_err(|error| self.found("recovery", format!("{error:?}")))?;
        self.journal.damage = None;
        match self.options.plant {
            Some(Plant::StaleMemory) => recovered.head = self.durable(),
            Some(Plant::KeysLost) => recovered.engine.state.keys = Default::default(),
            _ => {
                let fresh = self.replay()?;
                let bytes = |state: &State| snapshot_of(state).bytes;
                if bytes(&fresh) != bytes(&recovered.engine.state) {
                    return Err(self.found("recovery-differs", "from a snapshot it is not as from the start"));
                }
            }
        }
        Ok(recovered)
    }

    /// Everything not durable is thrown away; the same process goes on.
    fn start_over(&mut self, unknown: bool) -> Result<(), Finding> {
        self.flying.clear();
        let Recovered { engine, head, .. } = self.read_back()?;
        self.head = head;
        let replies = self.core.recovered(engine, head, unknown);
        self.tell(replies);
        Ok(())
    }

    /// The process dies. Of the groups on their way the first ones may have been written.
    fn crash(&mut self, may_land: bool) -> Result<(), Finding> {
        self.stats.crashes += 1;
        self.stats.in_flight += u64::from(self.flying.len() > 1);
        let mut truth = self.journal.truth();
        for (_, group) in std::mem::take(&mut self.flying) {
            if !may_land || !self.chance.random_bool(0.5) {
                break;
            }
            let at = self.durable();
            truth.append(at, &group).map_err(|error| self.found("append", error.to_string()))?;
        }
        self.open()
    }

    /// A new process takes the journal over.
    fn open(&mut self) -> Result<(), Finding> {
        self.journal.mend().map_err(|what| self.found("torn-group", what))?;
        self.journal.take_over().map_err(|error| self.found("take-over", error.to_string()))?;
        let Recovered { engine, head, .. } = self.read_back()?;
        self.head = head;
        self.core = Core::new(engine, head);
        let lost: Vec<Ticket> = self.tickets.keys().copied().collect();
        self.tell(lost.into_iter().map(|ticket| (ticket, Reply::Unknown)).collect());
        self.tickets.clear();
        Ok(())
    }

    /// A second writer takes over while the first is alive and goes on writing: it must not get through.
    fn second_writer(&mut self) -> Result<(), Finding> {
        self.stats.fenced += 1;
        self.seal();
        let mut first = self.journal.clone();
        let (mut late, old) = (std::mem::take(&mut self.flying), self.head);
        if self.options.plant == Some(Plant::NotFenced) {
            self.open()?;
            while let Some((_, group)) = late.pop_front() {
                let at = self.durable();
                first.append(at, &group).map_err(|error| self.found("append", error.to_string()))?;
            }
            return Ok(());
        }
        self.open()?;
        if let Some((expected, group)) = late.pop_front() {
            let outcome = first.append(Head { version: expected.version, ..old }, &group);
            if !matches!(outcome, Err(AppendError::Fenced { .. })) {
                return Err(self.found("not-fenced", format!("{outcome:?}")));
            }
        }
        Ok(())
    }

    /// Nothing fails any more; everybody asks until there is an answer.
    fn settle(&mut self) -> Result<(), Finding> {
        for _ in 0..CALM_MAX {
            for client in std::mem::take(&mut self.again) {
                self.offer(client);
            }
            self.seal();
            self.land()?;
            let settled = self.core.settled();
            self.tell(settled);
            if self.core.is_broken() {
                return Err(self.found("broken-step", "a decided event did not fit the state"));
            }
            if self.again.is_empty() && !self.core.is_waiting() && self.tickets.is_empty() {
                // What timers have put into the pending group has no client who waits for it.
                self.seal();
                return if self.flying.is_empty() { Ok(()) } else { self.land() };
            }
        }
        Err(self.found("never-settled", format!("{} wait for an answer", self.tickets.len())))
    }

    fn entries(&self) -> Result<Vec<Entry>, Finding> {
        let mut truth = self.journal.truth();
        let mut entries = Vec::new();
        let unreadable = |error: holdfast_app::port::ReadError| self.found("unreadable", error.to_string());
        for group in truth.read(0).map_err(unreadable)? {
            entries.extend(group.map_err(unreadable)?.entries);
        }
        Ok(entries)
    }

    fn replay(&self) -> Result<State, Finding> {
        let mut state = State::default();
        let mut wanted = self.digests.iter().peekable();
        for entry in &self.entries()? {
            evolve_entry(&mut state, entry).map_err(|misfit| self.found("replay", misfit.to_string()))?;
            while let Some((version, digest)) = wanted.next_if(|(version, _)| *version <= state.version) {
                if *version == state.version && *digest != state.digest() {
                    return Err(self.found("view-differs", format!("at entry {version}")));
                }
            }
        }
        Ok(state)
    }

    /// The writer's memory, a replay from the start, and one from a snapshot are the same.
    fn same_everywhere(&mut self) -> Result<(), Finding> {
        let live = self.core.engine().state.clone();
        let fresh = self.replay()?;
        if live.digest() != fresh.digest() || live.digest() != live.digest_afresh() {
            return Err(self.found("memory-differs", "the writer's memory is not what a replay gives"));
        }
        let again = self.read_back()?;
        if again.engine.state.digest() != live.digest() {
            return Err(self.found("recovery-differs", "a recovery is not what the writer had"));
        }
        for (_, plan) in live.plans.iter() {
            if self.journal.artefact(&plan.digest).ok().flatten().is_none() {
                return Err(self.found("artefact-lost", "a plan was adopted and its artefact is not there"));
            }
        }
        Ok(())
    }

    fn audit(&mut self) -> Result<(), Finding> {
        let mut entries = self.entries()?;
        if let Some(plant) = self.options.plant {
            plant.corrupt(&mut entries, &mut self.told);
        }
        let claim = self.options.plant.is_none().then(|| claim(&self.core.engine().state));
        let totals = audit(&entries, &self.told, claim.as_ref())
            .map_err(|violation| Finding::of(self.seed, self.step, &violation))?;
        self.stats.audited(&totals);
        Ok(())
    }
}

fn claim(state: &State) -> Claim {
    let shelf = |(sku, site, shelf): (_, _, holdfast_domain::stock::Shelf)| {
        ((site, sku), (shelf.on_hand, shelf.reserved, shelf.quarantined))
    };
    let value = |slot: &holdfast_domain::order::OrderSlot| match slot {
        holdfast_domain::order::OrderSlot::Live(order) => Some(order.value()),
        holdfast_domain::order::OrderSlot::Archived(_) => None,
    };
    Claim {
        shelves: state.stock.iter().map(shelf).collect(),
        orders: state.orders.iter().map(|(_, slot)| value(slot)).collect(),
    }
}
