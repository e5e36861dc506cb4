//! Random commands by the thousand: whatever is asked, and however wrong, the rules hold.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::command::{Command, NewIncident, NewOrder};
use holdfast_domain::event::{AdjustReason, Allocations, DoubtEvidence, Terms};
use holdfast_domain::evolve::evolve_entry;
use holdfast_domain::id::{
    IncidentId, LaneId, MerchantId, NoticeId, OrderId, PlanId, ServiceId, ShipmentId, SiteId, SkuId,
    SubjectId, TakeoverId, TransferId, ZoneId,
};
use holdfast_domain::incident::{Hazard, LaneRule, Phase, Severity, StockAccess};
use holdfast_domain::invariant::breaches;
use holdfast_domain::network::{LaneKind, Language};
use holdfast_domain::notice::{Notice, NoticeCause, NoticeOrder, NoticeStatus};
use holdfast_domain::order::{Allocation, HoldReason, OrderSlot, Package};
use holdfast_domain::plan_record::{Move, PlanRecord, step_digest};
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::State;
use holdfast_domain::takeover::{TakeoverParty, TakeoverStage};
use holdfast_domain::time::{Day, Span, Stamp};
use holdfast_domain::timer::Timer;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::takeover::terms;
use crate::world::{World, lane_of, merchant, site, sku, us};

/// Sequences in the usual run, and commands in each.
const SEQUENCES: u64 = 500;
const COMMANDS: u32 = 200;

/// How often what is dear to check is checked: every so many commands.
const DEAR: u32 = 25;

/// A number from the environment, to look further than the usual run.
#[allow(clippy::disallowed_methods, reason = "a test's own wish, no rule sees it")]
fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().expect("a whole number"))
}

#[test]
fn whatever_is_asked_the_rules_hold() {
    let (first, sequences) = (number("HOLDFAST_SEED", 0), number("HOLDFAST_SEQUENCES", SEQUENCES));
    eprintln!("seeds {first}..{}", first + sequences);
    let (mut accepted, mut kinds) = (0, BTreeMap::new());
    for seed in first..first + sequences {
        let run = std::panic::catch_unwind(|| sequence(seed));
        let (taken, seen) = run.unwrap_or_else(|_| panic!("HOLDFAST_SEED={seed} HOLDFAST_SEQUENCES=1"));
        accepted += taken;
        for (name, outcomes) in seen {
            let known: &mut BTreeSet<&str> = kinds.entry(name).or_default();
            known.extend(outcomes);
        }
    }
    let asked = sequences * u64::from(COMMANDS);
    eprintln!("{accepted} of {asked} commands accepted");
    for (name, outcomes) in &kinds {
        eprintln!("{name}: {outcomes:?}");
    }
    if sequences >= SEQUENCES {
        let never: Vec<_> = kinds.iter().filter(|(_, outcomes)| !outcomes.contains("ok")).collect();
        assert!(never.is_empty(), "commands that were never accepted: {never:?}");
        assert_eq!(kinds.len(), KINDS, "kinds of commands that were asked");
        assert!(accepted * 3 > asked, "a third of what is asked can be done");
    }
}

/// How many kinds of commands there are.
const KINDS: usize = 63;

type Seen = BTreeMap<String, BTreeSet<&'static str>>;

fn sequence(seed: u64) -> (u64, Seen) {
    let mut asker =
        Asker { chance: ChaCha8Rng::seed_from_u64(seed), plans: Vec::new(), loads_drift: false, sites: 3 };
    let mut world = World::new();
    let (mut accepted, mut seen) = (0, Seen::new());
    for n in 0..COMMANDS {
        world.now = world.now.after(Span::minutes(asker.chance.random_range(0..180)));
        let command = if n < 12 { asker.receive() } else { asker.command(&world.state, world.now) };
        let name = format!("{command:?}");
        let name = name.split([' ', '(', '{']).next().unwrap_or_default().to_owned();
        let fork = world.clone();
        let before = (n % DEAR == 0).then(|| fork.state.digest_afresh());
        let key = asker.chance.random_bool(0.3).then(|| asker.chance.random());
        let outcome = world.ask_once(&command, key);
        seen.entry(name)
            .or_default()
            .insert(outcome.as_ref().map_or_else(|rejection| rejection.code(), |_| "ok"));
        match &outcome {
            Ok(_) => {
                accepted += 1;
                asker.accepted(&command);
                if let Some(key) = key {
                    let used = world.state.keys.get(key).expect("its key is known");
                    assert_eq!(used.version, world.state.version);
                }
            }
            Err(_) if n % DEAR == 0 => {
                assert_eq!(Some(world.state.digest()), before, "{command:?}: a rejection changes nothing");
            }
            Err(_) => {}
        }
        assert_eq!(breaches(&world.state), [], "after {command:?}");
        sound(&world.state, asker.loads_drift);
        if n % DEAR == 0 {
            assert_eq!(
                Some(fork.state.digest_afresh()),
                before,
                "{command:?}: a fork's parent does not see it"
            );
            dear(&world.state);
        }
    }
    let mut again = State::default();
    for entry in &world.journal {
        evolve_entry(&mut again, entry).expect("what was applied once is applied again");
    }
    assert_eq!(again.digest(), world.state.digest(), "a replay gives the same state");
    dear(&world.state);
    (accepted, seen)
}

/// What is dear to check: digests from nothing, and the way through the encoding.
fn dear(state: &State) {
    let digest = state.digest();
    assert_eq!(digest, state.digest_afresh());
    let bytes = postcard::to_stdvec(state).expect("a state has an encoding");
    let decoded: State = postcard::from_bytes(&bytes).expect("and comes back from it");
    assert_eq!(decoded.digest(), digest);
    assert_eq!(decoded.digest_afresh(), digest);
}

/// What [`breaches`] does not look at: loads are those of the allocations, nothing is sent twice.
fn sound(state: &State, loads_drift: bool) {
    let mut loads: BTreeMap<(SiteId, Day), u32> = BTreeMap::new();
    let mut archived = false;
    for (id, slot) in state.orders.iter() {
        let OrderSlot::Live(order) = slot else {
            archived = true;
            continue;
        };
        let mut parcels: BTreeMap<(SiteId, LaneId, Day), u32> = BTreeMap::new();
        for line in &order.lines {
            let left: u32 = line
                .allocations
                .iter()
                .filter(|a| {
                    let shipment = a.shipment.and_then(|shipment| state.shipments.get(shipment));
                    shipment.is_some_and(|shipment| shipment.stage.at_site().is_none())
                })
                .map(|a| a.quantity.0)
                .sum();
            assert!(left <= line.ordered.0, "{id} was sent more than was ordered");
            assert!(line.returned.0 <= left, "{id} got more back than was sent");
            for a in &line.allocations {
                assert!(!a.quantity.is_zero(), "{id} has an allocation of nothing");
                *parcels.entry((a.site, a.lane, a.ship_day)).or_default() += a.quantity.0;
            }
        }
        for ((site, _, day), units) in parcels {
            let known = state.network.site(site).expect("an allocation has a site");
            *loads.entry((site, day)).or_default() += known.work(1, units);
        }
    }
    // An archived order's work stays counted on days that are over.
    if loads_drift || archived {
        return;
    }
    for (index, now) in state.sites.iter().enumerate() {
        for (day, load) in &now.load {
            let wanted = loads.remove(&(SiteId(index as u16), *day));
            assert_eq!(Some(*load), wanted, "load of site {index} on {day}");
        }
    }
    assert!(loads.is_empty(), "loads that no site knows: {loads:?}");
}

struct Asker {
    chance: ChaCha8Rng,
    plans: Vec<Vec<Vec<Move>>>,
    /// A site's work units changed, so loads of before are those of before.
    loads_drift: bool,
    /// Sites there are, sections of take-overs among them.
    sites: usize,
}

impl Asker {
    fn upto(&mut self, n: usize) -> u32 {
        // Now and then one that is not there.
        let one_more = usize::from(self.chance.random_bool(0.02));
        self.chance.random_range(0..(n + one_more).max(1)) as u32
    }

    /// Mostly few; rarely none, and rarely all there are.
    fn units(&mut self) -> Quantity {
        Quantity(match self.chance.random_range(0..200) {
            0 => 0,
            1 => u32::MAX,
            2 => u32::MAX / 2,
            _ => self.chance.random_range(1..6),
        })
    }

    fn site(&mut self) -> SiteId {
        let n = if self.chance.random_bool(0.2) { self.sites } else { 3 };
        SiteId(self.upto(n) as u16)
    }

    fn sku(&mut self) -> SkuId {
        SkuId(self.upto(5))
    }

    fn order(&mut self, state: &State) -> OrderId {
        // The last ones are still of interest.
        let n = state.orders.len();
        if self.chance.random_bool(0.7) && n > 8 {
            return OrderId(n as u32 - 1 - self.upto(8));
        }
        OrderId(self.upto(n))
    }

    fn shipment(&mut self, state: &State) -> ShipmentId {
        let n = state.shipments.len();
        if self.chance.random_bool(0.7) && n > 8 {
            return ShipmentId(n as u32 - 1 - self.upto(8));
        }
        ShipmentId(self.upto(n))
    }

    fn incident(&mut self, state: &State) -> IncidentId {
        IncidentId(self.upto(state.incidents.len()))
    }

    fn maybe_incident(&mut self, state: &State) -> Option<IncidentId> {
        self.chance.random_bool(0.5).then(|| self.incident(state))
    }

    fn line(&mut self) -> u16 {
        self.chance.random_range(0..3)
    }

    fn receive(&mut self) -> Command {
        let quantity = Quantity(self.chance.random_range(1..30));
        Command::ReceiveStock { site: self.site(), sku: self.sku(), quantity }
    }

    fn accepted(&mut self, command: &Command) {
        if let Command::ChangeSite(..) = command {
            self.loads_drift = true;
        }
    }

    fn command(&mut self, state: &State, now: Stamp) -> Command {
        self.sites = state.sites.len();
        match self.chance.random_range(0..100) {
            0..=14 => self.place(state, now),
            15..=17 => self.on_takeover(state, now),
            18..=41 => self.source(state, now),
            42..=48 => self.on_order(state),
            49..=57 => self.on_stock(state),
            58..=63 => Command::ReleaseWave { site: self.site(), day: self.day(now) },
            64..=80 => self.on_shipment(state, now),
            81..=88 => self.on_incident(state, now),
            89..=94 => self.on_plan(state, now),
            95..=96 => self.on_notice(state, now),
            97 => self.on_network(state),
            _ => self.on_time(state, now),
        }
    }

    /// A site's day near to now.
    fn day(&mut self, now: Stamp) -> Day {
        let today = now.local(&site(0).zone).0;
        today.plus(self.chance.random_range(-1..5))
    }

    fn place(&mut self, state: &State, now: Stamp) -> Command {
        let merchant = MerchantId(self.upto(2) as u16);
        let lines =
            self.chance.random_range(0..20).clamp(0, 3).max(usize::from(self.chance.random_bool(0.97)));
        let number = self.chance.random_range(0..400);
        let lines = (0..lines)
            .map(|_| {
                let own = if merchant.0 == 0 {
                    self.chance.random_range(0..3)
                } else {
                    self.chance.random_range(3..5)
                };
                let sku = if self.chance.random_bool(0.97) { SkuId(own) } else { self.sku() };
                (sku, self.units(), self.chance.random_range(0..100_000))
            })
            .collect();
        Command::PlaceOrder(Box::new(NewOrder {
            merchant,
            number: if self.chance.random_bool(0.01) { "".into() } else { format!("#{number}").into() },
            subject: self.chance.random_bool(0.3).then(|| SubjectId(self.upto(state.subjects.len()))),
            zone: ZoneId(self.upto(2) as u16),
            country: us(),
            postal: "28401".into(),
            language: Language::EN,
            placed: now,
            paid: None,
            promise: self.chance.random_bool(0.3).then(|| self.day(now)),
            priority: self.chance.random_range(0..4),
            hold: self.chance.random_bool(0.05).then_some(HoldReason::Unpaid),
            lines,
        }))
    }

    /// Units for an order, mostly such that they may be had.
    fn allocations(&mut self, state: &State, order: OrderId, now: Stamp) -> Allocations {
        let mut out = Allocations::new();
        let Ok(order) = state.order(order) else { return out };
        for (number, line) in (0..).zip(&order.lines) {
            if line.backordered().is_zero() && self.chance.random_bool(0.9) {
                continue;
            }
            let site = self.site();
            let there = state.available(site, line.sku).0;
            let wanted = line.backordered().0.min(there);
            let quantity = match self.chance.random_range(0..10) {
                0 => self.units(),
                1 => Quantity(self.chance.random_range(0..=wanted)),
                _ => Quantity(wanted),
            };
            let lane = u32::from(order.zone.0) * 6 + u32::from(site.0) * 2 + self.chance.random_range(0..2);
            let own = state.network.lanes_to(order.zone).iter().find(|(from, _)| *from == site);
            let lane = if site.0 < 3 { lane } else { own.map_or(lane, |(_, lane)| lane.0) };
            let lane = if self.chance.random_bool(0.97) { lane } else { self.upto(12) };
            let shipment = self.chance.random_bool(0.005).then_some(ShipmentId(0));
            let ship_day = self.day(now);
            if !quantity.is_zero() || self.chance.random_bool(0.02) {
                out.push((number, Allocation { site, lane: LaneId(lane), ship_day, quantity, shipment }));
            }
            if self.chance.random_bool(0.05) {
                out.extend(out.last().copied());
            }
        }
        out
    }

    fn source(&mut self, state: &State, now: Stamp) -> Command {
        let order = self.order(state);
        let promise = self.chance.random_bool(0.5).then(|| self.day(now));
        let allocations = self.allocations(state, order, now);
        Command::SourceOrder { order, allocations, terms: Terms::default(), promise }
    }

    fn on_order(&mut self, state: &State) -> Command {
        let order = self.order(state);
        match self.chance.random_range(0..7) {
            0 => Command::HoldOrder { order, reason: HoldReason::Address },
            1 | 2 => Command::FreeOrder { order },
            3 => Command::CancelOrder { order },
            4 => Command::CancelLine { order, line: self.line(), quantity: self.units() },
            5 => Command::MovePromise { order, to: Day(self.chance.random()) },
            _ => Command::ArchiveOrder { order },
        }
    }

    fn on_stock(&mut self, state: &State) -> Command {
        let (site, sku, quantity) = (self.site(), self.sku(), self.units());
        match self.chance.random_range(0..10) {
            0..=2 => self.receive(),
            3 => Command::ReceiveStock { site, sku, quantity },
            4 => {
                let by = match self.chance.random_range(0..20) {
                    0 => i64::MIN,
                    1 => i64::MAX,
                    2 => i64::from(u32::MAX),
                    _ => self.chance.random_range(-6..6),
                };
                Command::AdjustStock { site, sku, by, reason: AdjustReason::Damaged }
            }
            5 => {
                let there = state.stock.shelf(site, sku).on_hand;
                let found = Quantity(there.saturating_sub(self.chance.random_range(0..6)));
                Command::CountStock {
                    site,
                    sku,
                    found: if self.chance.random_bool(0.9) { found } else { quantity },
                }
            }
            6 => Command::QuarantineStock { site, sku, quantity },
            7 => Command::ClearStock { site, sku, quantity },
            8 => {
                let items = (0..self.chance.random_range(0..3)).map(|_| (self.sku(), self.units())).collect();
                Command::SendTransfer { from: site, to: self.site(), items, due: Day(17_790) }
            }
            _ => {
                let transfer = TransferId(self.upto(state.transfers.len()));
                let mut items =
                    state.transfers.get(transfer).map(|sent| sent.items.clone()).unwrap_or_default();
                if let Some(item) = items.first_mut().filter(|_| self.chance.random_bool(0.3)) {
                    item.1 = quantity;
                }
                Command::ReceiveTransfer { transfer, items }
            }
        }
    }

    fn on_shipment(&mut self, state: &State, now: Stamp) -> Command {
        let shipment = self.shipment(state);
        let day = self.day(now);
        match self.chance.random_range(0..16) {
            0 | 1 => Command::PickShipment { shipment },
            2 | 3 => Command::PackShipment { shipment },
            4..=6 => {
                let packages = Box::new([Package { tracking: "1Z".into(), weight_g: 1 }]);
                Command::ShipShipment { shipment, packages, day }
            }
            7 => Command::ReportException { shipment, arrival: None },
            8..=10 => Command::DeliverShipment { shipment, day },
            11 => Command::LoseShipment { shipment },
            12 => Command::AskRecall { shipment },
            13 => Command::AnswerRecall { shipment, accepted: self.chance.random() },
            14 => {
                let evidence = DoubtEvidence::Scan;
                Command::ResolveDoubt { shipment, shipped: self.chance.random(), evidence, day }
            }
            _ => {
                let (order, line, quantity) = (self.order(state), self.line(), self.units());
                Command::ReceiveReturn {
                    order,
                    line,
                    quantity,
                    site: self.site(),
                    restock: self.chance.random(),
                }
            }
        }
    }

    fn lane_rule(&mut self) -> LaneRule {
        LaneRule {
            site: self.chance.random_bool(0.6).then(|| self.site()),
            service: self.chance.random_bool(0.3).then(|| ServiceId(self.upto(2) as u16)),
            carrier: self.chance.random_bool(0.2).then(|| "ups".into()),
            zones: if self.chance.random_bool(0.3) { vec![ZoneId(self.upto(2) as u16)] } else { vec![] },
            country: self.chance.random_bool(0.1).then(us),
            cross_border: self.chance.random_bool(0.2),
            kind: self.chance.random_bool(0.2).then_some(LaneKind::Air),
        }
    }

    fn on_incident(&mut self, state: &State, now: Stamp) -> Command {
        let (incident, site) = (self.incident(state), self.site());
        let expected_end =
            self.chance.random_bool(0.5).then(|| now.after(Span::hours(self.chance.random_range(0..200))));
        match self.chance.random_range(0..14) {
            0 | 1 => Command::OpenIncident(Box::new(NewIncident {
                hazard: Hazard::Flood,
                name: "flood".into(),
                severity: Severity::Moderate,
                expected_end,
                surges: vec![],
                drill: false,
            })),
            2 => Command::AssessIncident {
                incident,
                severity: Severity::Extreme,
                expected_end,
                surges: vec![("storm".into(), 2_000)],
            },
            3 | 4 => {
                let phases = [Phase::Watch, Phase::Declared, Phase::Recovering, Phase::Closed];
                Command::PhaseIncident { incident, phase: phases[self.upto(3) as usize] }
            }
            5 => Command::CloseSite { site, incident, stock: StockAccess::Inaccessible },
            6..=8 => {
                let permille = *[0, 1, 300, 1000, 1000, 1000, 1001].get(self.upto(6) as usize).unwrap_or(&7);
                Command::LimitSite { site, permille, incident: self.maybe_incident(state) }
            }
            9 => {
                let from = self.day(now);
                let days =
                    self.chance.random_bool(0.7).then(|| (from, from.plus(self.chance.random_range(0..4))));
                Command::ExpectOutage { site, incident, days }
            }
            10 => Command::ActivateStandby { site: SiteId(2), incident: self.maybe_incident(state) },
            11 => Command::ReleaseStandby { site },
            12 => Command::EmbargoLanes { incident, rule: Box::new(self.lane_rule()) },
            _ => Command::LiftEmbargo { incident, rule: Box::new(self.lane_rule()) },
        }
    }

    /// Mostly the step that is due, on terms that mostly hold.
    fn on_takeover(&mut self, state: &State, now: Stamp) -> Command {
        let last = TakeoverId(state.takeovers.len().saturating_sub(1) as u32);
        let takeover = if self.chance.random_bool(0.95) { last } else { TakeoverId(self.upto(3)) };
        let stage = state.takeovers.get(last).map(|known| known.stage);
        let step = if self.chance.random_bool(0.85) { stage } else { None };
        match step {
            Some(TakeoverStage::Asked) => {
                let mut terms = terms(self.site(), now, self.chance.random_range(0..30));
                terms.first_day = self.day(now);
                terms.until = self.chance.random_bool(0.5).then(|| terms.first_day.plus(4));
                Command::OfferTakeover { takeover, terms: Box::new(terms) }
            }
            Some(TakeoverStage::Offered) => Command::AcceptTakeover { takeover },
            Some(TakeoverStage::Accepted) if self.chance.random_bool(0.7) => {
                let known = state.takeovers.get(last).expect("it has a stage");
                let (site, merchant) = (known.sections[0], known.merchant);
                let sku = SkuId(if merchant.0 == 0 { 0 } else { 3 });
                Command::ReceiveStock { site, sku, quantity: self.units() }
            }
            Some(TakeoverStage::Accepted) => Command::EndTakeover { takeover },
            Some(TakeoverStage::Ending) => {
                Command::HandBackTakeover { takeover, keep_goods: self.chance.random() }
            }
            _ if self.chance.random_bool(0.2) => {
                let by = [TakeoverParty::Merchant, TakeoverParty::Operator][self.chance.random_range(0..2)];
                Command::DeclineTakeover { takeover, by }
            }
            _ => Command::AskTakeover {
                merchant: MerchantId(self.upto(2) as u16),
                incident: self.incident(state),
                contract: self.chance.random_bool(0.1).then_some(SiteId(2)),
                home: Box::new([]),
            },
        }
    }

    /// Moves of some orders: all they have unreleased, or some of it, to somewhere else or nowhere.
    fn moves(&mut self, state: &State, now: Stamp) -> Vec<Move> {
        (0..self.chance.random_range(0..4))
            .map(|_| {
                let order = self.order(state);
                let mut from = Allocations::new();
                if let Ok(known) = state.order(order) {
                    for (number, line) in (0..).zip(&known.lines) {
                        from.extend(
                            line.allocations.iter().filter(|a| a.shipment.is_none()).map(|a| (number, *a)),
                        );
                    }
                }
                if self.chance.random_bool(0.1) {
                    from.extend(from.first().copied());
                }
                let mut to = if self.chance.random_bool(0.3) {
                    self.allocations(state, order, now)
                } else {
                    from.clone()
                };
                for (_, a) in &mut to {
                    if self.chance.random_bool(0.8) {
                        a.site = self.site();
                        a.lane = LaneId(a.lane.0 / 6 * 6 + u32::from(a.site.0) * 2);
                    }
                }
                let promise = self.chance.random_bool(0.5).then(|| self.day(now));
                Move { order, from, to, promise }
            })
            .collect()
    }

    fn on_plan(&mut self, state: &State, now: Stamp) -> Command {
        let plan = self.upto(state.plans.len());
        let steps = self.plans.get(plan as usize).cloned();
        match (self.chance.random_range(0..10), steps) {
            (0..=3, _) | (_, None) => {
                let steps: Vec<Vec<Move>> =
                    (0..self.chance.random_range(1..4)).map(|_| self.moves(state, now)).collect();
                let record = PlanRecord {
                    digest: [3; 32],
                    incident: self.maybe_incident(state),
                    parent: state.version + u64::from(self.chance.random_bool(0.02)),
                    steps: steps.iter().map(|moves| step_digest(moves)).collect(),
                    done: 0,
                    moved: 0,
                    skipped: 0,
                    cost: 0,
                    bound: 0,
                    adopted: now,
                    undone: false,
                };
                let incident_known = record.incident.is_none_or(|id| state.incidents.get(id).is_some());
                if record.parent <= state.version && incident_known {
                    self.plans.push(steps);
                }
                Command::AdoptPlan(Box::new(record))
            }
            (4..=7, Some(steps)) => {
                let due = state.plans.get(PlanId(plan)).map_or(0, |known| known.done);
                let step = if self.chance.random_bool(0.9) { due } else { self.chance.random_range(0..4) };
                let moves = steps.get(step as usize).cloned().unwrap_or_default();
                Command::ExecuteStep { plan: PlanId(plan), step, moves: moves.into() }
            }
            (8, Some(steps)) => Command::UndoPlan { plan: PlanId(plan), moves: steps.concat().into() },
            _ => Command::AdoptPrices { table: [plan as u8; 32] },
        }
    }

    fn on_notice(&mut self, state: &State, now: Stamp) -> Command {
        let notice = NoticeId(self.upto(state.notices.len()));
        match self.chance.random_range(0..4) {
            0 => Command::WithdrawNotice { notice },
            1 => Command::ReportNotice { notice, sent: self.chance.random() },
            _ => Command::QueueNotice(Box::new(Notice {
                merchant: MerchantId(0),
                subject: None,
                language: Language::EN,
                incident: None,
                orders: vec![NoticeOrder {
                    order: self.order(state),
                    before: self.day(now),
                    after: None,
                    cause: NoticeCause::Rerouted,
                }],
                hold_until: now.after(Span::minutes(self.chance.random_range(0..300))),
                status: NoticeStatus::Sent,
            })),
        }
    }

    fn on_network(&mut self, state: &State) -> Command {
        let index = self.chance.random_range(0..3);
        let lane = lane_of(self.site(), ZoneId(self.upto(2) as u16), ServiceId(self.upto(2) as u16));
        let negative = if self.chance.random_bool(0.1) { -1 } else { 1 };
        match self.chance.random_range(0..12) {
            0 => Command::SetOperator(Box::new(state.network.operator.clone().expect("it is set up"))),
            1 => Command::AddMerchant(Box::new(merchant(["acme", "coil"][self.chance.random_range(0..2)]))),
            2 => {
                let code = ["acme", "bolt"][self.chance.random_range(0..2)];
                Command::ChangeMerchant(MerchantId(self.upto(2) as u16), Box::new(merchant(code)))
            }
            3 => {
                let code = format!("s{}", self.chance.random_range(0..100)).into();
                Command::AddSite(Box::new(holdfast_domain::network::Site { code, ..site(index) }))
            }
            4 => {
                let mut changed = site(index);
                (changed.work_parcel, changed.work_unit) =
                    (self.chance.random_range(0..3), self.chance.random_range(0..3));
                Command::ChangeSite(SiteId(index as u16), Box::new(changed))
            }
            5 => Command::AddService(Box::new({
                let name = format!("n{}", self.chance.random_range(0..100)).into();
                holdfast_domain::network::Service { name, ..state.network.services[0].clone() }
            })),
            6 => Command::AddZone(Box::new({
                let code = format!("z{}", self.chance.random_range(0..100)).into();
                holdfast_domain::network::DestinationZone { code, ..state.network.zones[0].clone() }
            })),
            7 => Command::AddLane(Box::new(lane)),
            8 => Command::RateLane {
                lane: LaneId(self.upto(12)),
                cost_parcel: negative * 5,
                cost_kg: 5,
                transit_days: 9,
            },
            9 => {
                let code = format!("k{}", self.chance.random_range(0..100)).into();
                Command::AddSku(Box::new(holdfast_domain::network::Sku { code, ..sku(index) }))
            }
            10 => Command::SealSubject { fingerprint: u128::from(self.upto(9)), sealed: Box::new([1, 2, 3]) },
            _ => Command::EraseSubject { subject: SubjectId(self.upto(state.subjects.len())) },
        }
    }

    fn on_time(&mut self, state: &State, now: Stamp) -> Command {
        if self.chance.random_bool(0.1) {
            return Command::ForgetKeys { before: now.before(Span::hours(20)) };
        }
        if self.chance.random_bool(0.1) {
            return Command::SealSubject { fingerprint: u128::from(self.upto(9)), sealed: Box::new([1]) };
        }
        match state.timers.first().filter(|_| self.chance.random_bool(0.95)) {
            Some((due, timer)) => Command::FireTimer { due, timer },
            None => Command::FireTimer { due: now, timer: Timer::Law(OrderId(0), 1) },
        }
    }
}
