//! A take-over played to its end: a merchant's sites burn down, an operator carries it, and hands it back.
//!
//! The same orders run twice through the real writer: nobody carries it, and somebody does. What lies between the two
//! is what the take-over saved; what it cost stands in the statements, counted from the journal.

use std::collections::BTreeMap;

use holdfast_app::core::Reply;
use holdfast_app::load::Loaded;
use holdfast_app::port::Journal;
use holdfast_app::writer::WriterError;
use holdfast_domain::command::{Command, NewIncident};
use holdfast_domain::event::DoubtEvidence;
use holdfast_domain::evolve::{Entry, Misfit};
use holdfast_domain::id::{Id, IncidentId, MerchantId, OrderId, ShipmentId, SiteId, SkuId, TakeoverId};
use holdfast_domain::incident::{Hazard, Phase, Severity, StockAccess};
use holdfast_domain::order::ShipmentStage;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::State;
use holdfast_domain::takeover::TakeoverStage;
use holdfast_domain::time::{Day, Span, Stamp};
use holdfast_engine::incident::{Effort, PlanAsk, Scope, make};
use holdfast_engine::takeover::{
    Inbound, Offer, OfferError, Statement, Tariff, Wish, offer, receipts, statements, to_commands,
};
use holdfast_plan::replan::Control;

use crate::tally::{Tally, kept, tally};
use crate::truth::{Cause, Out, SiteOut, Truth};
use crate::world::{Policy, Tick, World};

/// How long after the loss nobody looks for parcels in the ashes any more: what no carrier has scanned is gone.
const DOUBTS_END: Span = Span::hours(48);
/// From the last order until the take-over ends.
const END_AFTER: Span = Span::days(9);
/// Between two attempts to hand it back.
const HAND_BACK_EVERY: Span = Span::hours(24);
/// How much longer than a drill a take-over is played: nine days to the end, and the planner's horizon from there.
const MORE: Span = Span::days(16);
/// From the arrival of goods until what waits is planned.
const PLAN_AFTER_MS: u32 = 23_400_000;

/// Why a take-over was not played.
#[derive(Debug, thiserror::Error)]
pub enum TakeoverError {
    /// The writer could not go on.
    #[error(transparent)]
    Writer(#[from] WriterError),
    /// Nobody could carry.
    #[error(transparent)]
    Offer(#[from] OfferError),
    /// The journal could not be read.
    #[error(transparent)]
    Recover(#[from] holdfast_app::recover::RecoverError),
    /// The journal does not follow from its beginning: a bug.
    #[error(transparent)]
    Broken(#[from] Misfit),
    /// A step of the take-over was refused: a bug, or a setting that contradicts itself.
    #[error("carry out the take-over: {0}")]
    Refused(holdfast_domain::reject::Rejection),
}

/// What is played.
pub struct Setting<'a> {
    /// The operator's book, the guest in it.
    pub loaded: &'a Loaded,
    /// Who is carried.
    pub merchant: MerchantId,
    /// Its sites, which are destroyed.
    pub home: Vec<SiteId>,
    /// When.
    pub at: Stamp,
    /// The operator's prices and limits.
    pub tariff: Tariff,
    /// Days after which suppliers have sent again what was destroyed; `None`: only what was on order comes.
    pub resupply_days: Option<u16>,
    /// Seed of every chance.
    pub seed: u64,
}

/// What it came to.
pub struct Played {
    /// The offer.
    pub offer: Offer,
    /// The take-over in the operator's journal.
    pub takeover: TakeoverId,
    /// How far it is: handed back, unless parcels were still there when the drill ended.
    pub stage: TakeoverStage,
    /// The statements, the guest's first.
    pub statements: Vec<Statement>,
    /// Everybody's tally without a take-over.
    pub without: Tally,
    /// Everybody's tally with it.
    pub with: Tally,
    /// Orders that kept their first promise without it.
    pub kept_without: Vec<OrderId>,
    /// The same with it.
    pub kept_with: Vec<OrderId>,
    /// The whole journal of the run with it.
    pub entries: Vec<Entry>,
    /// The state at its end.
    pub state: State,
}

impl Played {
    /// Orders and kept promises of a merchant: without the take-over, with it.
    #[must_use]
    pub fn promises(&self, merchant: MerchantId) -> ((u64, u64), (u64, u64)) {
        let of = |tally: &Tally| {
            let mine = tally.merchants.get(&merchant).copied().unwrap_or_default();
            (mine.orders, mine.on_time)
        };
        (of(&self.without), of(&self.with))
    }
}

/// Plays a take-over to its end.
///
/// # Errors
/// [`TakeoverError`]: nobody can carry, or the journal fails.
pub fn play(setting: &Setting<'_>, tick: &mut dyn FnMut(Tick)) -> Result<Played, TakeoverError> {
    let (without, _) = run(setting, false, tick)?;
    let (mut with, carry) = run(setting, true, tick)?;
    let (offer, takeover) = carry.carried.ok_or(OfferError::NoHost { first_day: Day(0) })?;
    let broken = |error| TakeoverError::Recover(holdfast_app::recover::RecoverError::Read(error));
    let mut entries = Vec::new();
    for group in with.writer.journal().read(0).map_err(broken)? {
        entries.extend(group.map_err(broken)?.entries);
    }
    let state = with.state().clone();
    Ok(Played {
        statements: statements(&State::default(), &entries, takeover)?,
        stage: state.takeovers.get(takeover).map_or(TakeoverStage::Asked, |known| known.stage),
        without: tally(without.state()),
        with: tally(&state),
        kept_without: kept(without.state()),
        kept_with: kept(&state),
        offer,
        takeover,
        entries,
        state,
    })
}

/// The offer at the moment of the loss, without playing on.
///
/// # Errors
/// [`TakeoverError`].
pub fn offer_only(setting: &Setting<'_>) -> Result<Offer, TakeoverError> {
    let orders = setting.loaded.orders.iter().filter(|order| order.at <= setting.at).cloned().collect();
    let mut world = World::new(setting.loaded, orders, |_| truth_of(setting), None, setting.seed)?;
    // Nothing of what comes after the loss plays a part.
    world.end = setting.at;
    let mut carry = Carry::new(setting, true);
    world.run(&mut carry, &mut |_| {})?;
    carry.finish()?;
    let (offer, _) = carry.carried.ok_or(OfferError::NoHost { first_day: Day(0) })?;
    Ok(offer)
}

fn truth_of(setting: &Setting<'_>) -> Truth {
    let closed = |site: &SiteId| SiteOut {
        site: *site,
        out: Out { from: setting.at, until: None },
        stock: StockAccess::Lost,
        cause: Cause::Declared,
        known: setting.at,
        peak_wind_kt: None,
    };
    Truth { sites: setting.home.iter().map(closed).collect(), ..Truth::default() }
}

fn run<'a>(
    setting: &'a Setting<'a>,
    carries: bool,
    tick: &mut dyn FnMut(Tick),
) -> Result<(World, Carry<'a>), TakeoverError> {
    // The world goes on until what was reserved on the last day has left: a reservation looks a horizon ahead.
    let made = |until| {
        World::new(setting.loaded, setting.loaded.orders.clone(), |_| truth_of(setting), until, setting.seed)
    };
    let until = made(None)?.end.after(MORE);
    let mut world = made(Some(until))?;
    let mut carry = Carry::new(setting, carries);
    world.run(&mut carry, tick)?;
    carry.finish()?;
    Ok((world, carry))
}

/// What the two sides do.
struct Carry<'a> {
    setting: &'a Setting<'a>,
    carries: bool,
    incident: Option<IncidentId>,
    closed: usize,
    carried: Option<(Offer, TakeoverId)>,
    acts: BTreeMap<Stamp, Vec<Act>>,
    failed: Option<TakeoverError>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Plan,
    SettleDoubts,
    End,
    HandBack,
}

impl<'a> Carry<'a> {
    const fn new(setting: &'a Setting<'a>, carries: bool) -> Self {
        Self {
            setting,
            carries,
            incident: None,
            closed: 0,
            carried: None,
            acts: BTreeMap::new(),
            failed: None,
        }
    }

    fn finish(&mut self) -> Result<(), TakeoverError> {
        self.failed.take().map_or(Ok(()), Err)
    }

    fn plan_act(&mut self, world: &mut World, at: Stamp, act: Act) {
        self.acts.entry(at).or_default().push(act);
        world.call_at(at);
    }

    fn incident(&mut self, world: &mut World) -> Result<IncidentId, WriterError> {
        if let Some(known) = self.incident {
            return Ok(known);
        }
        let ask = NewIncident {
            hazard: Hazard::Fire,
            name: "take-over".into(),
            severity: Severity::Extreme,
            expected_end: None,
            surges: Vec::new(),
            drill: true,
        };
        let incident = world.state().incidents.next_id();
        world.ask(Command::OpenIncident(Box::new(ask)), "holdfast")?;
        world.ask(Command::PhaseIncident { incident, phase: Phase::Declared }, "holdfast")?;
        self.incident = Some(incident);
        Ok(incident)
    }

    /// Makes the offer, accepts it, and has the goods sent to the hosts.
    fn take_over(&mut self, world: &mut World, incident: IncidentId, at: Stamp) -> Result<(), WriterError> {
        let setting = self.setting;
        let lost = destroyed(world.state(), setting);
        let mut inbound: Vec<Inbound> = world
            .divert(&setting.home)
            .into_iter()
            .map(|(day, sku, quantity)| Inbound { day, sku, quantity })
            .collect();
        if let Some(days) = setting.resupply_days {
            let zone = &world.state().network.sites[setting.home[0].index()].zone;
            let day = at.local(zone).0.plus(i32::from(days));
            inbound.extend(lost.into_iter().map(|(sku, quantity)| Inbound { day, sku, quantity }));
        }
        let wish = Wish {
            merchant: setting.merchant,
            incident,
            contract: None,
            home: setting.home.clone(),
            inbound,
            orders_a_day: None,
        };
        let found = match offer(world.state(), &wish, &setting.tariff, at) {
            Ok(found) => found,
            Err(error) => {
                self.failed = Some(error.into());
                return Ok(());
            }
        };
        let commands = to_commands(world.state(), &found);
        for reply in world.ask_all(commands, "operator")? {
            if let Reply::Rejected(rejection) = reply {
                self.failed = Some(TakeoverError::Refused(rejection));
                return Ok(());
            }
        }
        let takeover = TakeoverId::from_index(world.state().takeovers.len() - 1);
        let zone = world.state().network.site(found.terms.hosts[0].site).map(|site| site.zone.clone());
        let mut days = Vec::new();
        for (day, command) in receipts(world.state(), takeover, &found) {
            if let Command::ReceiveStock { site, sku, quantity } = command {
                world.expect_goods(day, site, sku, quantity);
                days.push(day);
            }
        }
        days.dedup();
        for day in days {
            if let Some(zone) = &zone {
                self.plan_act(world, day.at(PLAN_AFTER_MS, zone), Act::Plan);
            }
        }
        self.carried = Some((found, takeover));
        let last = world.orders().last().map_or(at, |order| order.at).max(at);
        self.plan_act(world, last.after(END_AFTER), Act::End);
        Ok(())
    }

    /// Gives the guest's orders that cannot leave as they were planned another way, or none.
    fn plan(&self, world: &mut World, at: Stamp) -> Result<(), WriterError> {
        let effort = Effort { seed: self.setting.seed, per_order: 150, gap: 0.001, threads: None };
        let ask = PlanAsk { incident: self.incident, scope: Scope::Affected, effort, ..PlanAsk::default() };
        let Ok(made) = make(world.state(), &ask, at, &mut |_| Control::Continue) else { return Ok(()) };
        let all = made.planned;
        let mine: Vec<OrderId> = all
            .moves
            .iter()
            .map(|change| change.order)
            .filter(|id| world.state().order(*id).is_ok_and(|order| order.merchant == self.setting.merchant))
            .collect();
        let planned = all.only(|order| mine.binary_search(&order).is_ok());
        if planned.moves.is_empty() {
            return Ok(());
        }
        let id = world.state().plans.next_id();
        let Reply::Done { .. } = world.writer.adopt(&planned, "operator")? else { return Ok(()) };
        for (step, moves) in (0..).zip(planned.steps()) {
            world.ask(Command::ExecuteStep { plan: id, step, moves: moves.into() }, "operator")?;
        }
        Ok(())
    }

    /// Parcels in the ashes: what no scan has shown to have left is gone, and its units are wanted again.
    fn settle(&self, world: &mut World, at: Stamp) -> Result<(), WriterError> {
        let home = &self.setting.home;
        let zone = &world.state().network.sites[home[0].index()].zone;
        let day = at.local(zone).0;
        let doubtful: Vec<ShipmentId> = world
            .state()
            .shipments
            .iter()
            .filter(|(_, known)| {
                home.contains(&known.site) && matches!(known.stage, ShipmentStage::InDoubt { .. })
            })
            .map(|(id, _)| id)
            .collect();
        let evidence = DoubtEvidence::Person;
        let gone = |shipment| Command::ResolveDoubt { shipment, shipped: false, evidence, day };
        world.ask_all(doubtful.into_iter().map(gone).collect(), "operator").map(|_| ())
    }
}

/// What lay at the sites that were destroyed, by SKU.
fn destroyed(state: &State, setting: &Setting<'_>) -> BTreeMap<SkuId, Quantity> {
    let mut out: BTreeMap<SkuId, Quantity> = BTreeMap::new();
    for (sku, site, shelf) in state.stock.iter().filter(|(_, site, _)| setting.home.contains(site)) {
        let owner = state.network.skus.get(sku).map(|known| known.merchant);
        if owner == Some(setting.merchant) && shelf.on_hand > 0 && setting.home.contains(&site) {
            let sum = out.entry(sku).or_default();
            *sum = Quantity(sum.0.saturating_add(shelf.on_hand));
        }
    }
    out
}

impl Policy for Carry<'_> {
    fn moments(&mut self, _: &World) -> Vec<Stamp> {
        Vec::new()
    }

    fn act(&mut self, world: &mut World, at: Stamp) -> Result<(), WriterError> {
        for act in self.acts.remove(&at).unwrap_or_default() {
            match act {
                Act::Plan => self.plan(world, at)?,
                Act::SettleDoubts => {
                    self.settle(world, at)?;
                    self.plan(world, at)?;
                }
                Act::End => {
                    if let Some((_, takeover)) = &self.carried {
                        world.ask(Command::EndTakeover { takeover: *takeover }, "operator")?;
                    }
                    self.plan_act(world, at.after(HAND_BACK_EVERY), Act::HandBack);
                }
                Act::HandBack => {
                    let Some((_, takeover)) = &self.carried else { continue };
                    let command = Command::HandBackTakeover { takeover: *takeover, keep_goods: false };
                    if let Reply::Rejected(_) = world.ask(command, "operator")? {
                        self.plan_act(world, at.after(HAND_BACK_EVERY), Act::HandBack);
                    }
                }
            }
        }
        Ok(())
    }

    fn site_closed(&mut self, world: &mut World, site: SiteId, at: Stamp) -> Result<(), WriterError> {
        let incident = self.incident(world)?;
        world.ask(Command::CloseSite { site, incident, stock: StockAccess::Lost }, "holdfast")?;
        self.closed += 1;
        if self.closed < self.setting.home.len() {
            return Ok(());
        }
        if self.carries {
            self.take_over(world, incident, at)?;
        }
        self.plan_act(world, at.after(DOUBTS_END), Act::SettleDoubts);
        self.plan(world, at)
    }

    fn site_back(&mut self, _: &mut World, _: SiteId, _: Stamp) -> Result<(), WriterError> {
        Ok(())
    }

    fn site_limited(&mut self, _: &mut World, _: SiteId, _: u16, _: Stamp) -> Result<(), WriterError> {
        Ok(())
    }

    fn lanes_changed(&mut self, _: &mut World, _: usize, _: bool, _: Stamp) -> Result<(), WriterError> {
        Ok(())
    }
}
