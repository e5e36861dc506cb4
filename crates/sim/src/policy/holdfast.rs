//! What Holdfast does: it acts on the forecast when the expected gain says so, plans with prices and a bound, carries
//! the plan out step by step, tells the customers, and comes back in stages.

mod ahead;
mod gain;

use std::collections::{BTreeMap, BTreeSet};

use holdfast_app::core::Reply;
use holdfast_app::writer::{WriterError, artefact_bytes};
use holdfast_domain::command::{Command, NewIncident};
use holdfast_domain::id::{Id, IncidentId, MerchantId, PlanId, SiteId, SkuId, TransferId, ZoneId};
use holdfast_domain::incident::{Hazard, Phase, Severity, SiteAccess, StockAccess};
use holdfast_domain::quantity::Quantity;
use holdfast_domain::time::{Day, Span, Stamp};
use holdfast_engine::incident::{
    Due, Effort, Made, PlanAsk, Planned, Preview, failback_step, make, notices_due, preview, truck_key,
};
use holdfast_engine::price::PriceTable;
use holdfast_engine::step::Ask;
use holdfast_plan::replan::{Control, Fair, Plan, Problem};
use serde::Serialize;

use super::carried::Carried;
use super::onward::Onward;
use crate::forecast::Outlook;
use crate::loss::Loss;
use crate::opened::PlanOpened;
use crate::world::{Policy, World};

pub(crate) use gain::{detour, first_day_lost};

/// How long a notice can be withdrawn.
const NOTICE_HOLD: Span = Span::minutes(30);
/// Between two steps of failback.
const FAILBACK_EVERY: Span = Span::hours(24);
/// How long after goods that were sent on have come the orders that wait are planned again.
const RESTOCK_AFTER: Span = Span::hours(1);
/// Work units for each order of a problem.
const WORK_PER_ORDER: u64 = 150;

/// One act on a forecast, or on an event.
#[derive(Clone, Debug, Serialize)]
pub struct ActLog {
    /// When.
    pub at: Stamp,
    /// What, as a code.
    pub what: &'static str,
    /// Which site, if it is about one.
    pub site: Option<SiteId>,
    /// Chance of the winds it acts on.
    pub chance: Option<f64>,
    /// Expected gain of acting now, minor units.
    pub expected_gain: Option<i64>,
    /// Expected first day shut, and first day open again.
    pub days: Option<(Day, Day)>,
    /// The plan that came of it.
    pub plan: Option<holdfast_engine::incident::Summary>,
    /// Orders moved.
    pub moved: u32,
    /// Notices queued.
    pub notices: u32,
    /// What the plan opens, and where it found no way.
    pub opened: Option<PlanOpened>,
    /// Each merchant's share of kept promises and its floor in the plan, where merchants share sites.
    pub fair: Option<Fair>,
}

/// What Holdfast does.
pub struct Holdfast {
    hazard: Hazard,
    severity: Severity,
    name: String,
    recovery: BTreeMap<SiteId, u32>,
    outlooks: Vec<Outlook>,
    ahead: bool,
    announced: BTreeMap<Stamp, Vec<(SiteId, Stamp)>>,
    /// Sites whose closure was announced: no forecast takes that back.
    ordered: BTreeSet<SiteId>,
    /// Acts on chances alone, from this moment on: to see what acting so early would have been worth.
    from: Option<Stamp>,
    incident: Option<IncidentId>,
    expected: BTreeMap<SiteId, (Day, Day)>,
    failbacks: BTreeMap<Stamp, Vec<SiteId>>,
    /// When goods that were sent on have been unloaded and orders that wait for them are planned again.
    restocked: BTreeSet<Stamp>,
    onward: Onward,
    /// The merchant who may be carried by others, and how long after the closure that is settled.
    guest: Option<(MerchantId, Span)>,
    settle: BTreeSet<Stamp>,
    /// The take-over, once it runs.
    pub carried: Option<Carried>,
    /// What each site took with it.
    pub losses: Vec<Loss>,
    /// What was done, in order.
    pub log: Vec<ActLog>,
    /// The blast radius when the first site closed.
    pub preview: Option<Preview>,
    /// The problems that were solved, with their plans: for the checker.
    pub solved: Vec<(Problem, Plan)>,
    /// Plans as they were carried out.
    pub plans: Vec<Planned>,
    /// The last of them, as it was adopted: what of it waits for trucks is done when they come.
    following: Option<(PlanId, Planned)>,
}

impl Holdfast {
    /// Holdfast on a hazard; `recovery` are the hours each site is expected to need after the winds, `outlooks` the
    /// forecasts as they become known, empty where nothing announces itself; `ahead` says whether it acts on forecasts and
    /// announcements at all.
    #[must_use]
    pub fn new(
        hazard: Hazard,
        severity: Severity,
        name: &str,
        recovery: BTreeMap<SiteId, u32>,
        outlooks: Vec<Outlook>,
        ahead: bool,
    ) -> Self {
        Self {
            hazard,
            severity,
            name: name.to_owned(),
            recovery,
            outlooks,
            ahead,
            announced: BTreeMap::new(),
            ordered: BTreeSet::new(),
            from: None,
            incident: None,
            expected: BTreeMap::new(),
            failbacks: BTreeMap::new(),
            restocked: BTreeSet::new(),
            onward: Onward::default(),
            guest: None,
            settle: BTreeSet::new(),
            carried: None,
            losses: Vec::new(),
            log: Vec::new(),
            preview: None,
            solved: Vec::new(),
            plans: Vec::new(),
            following: None,
        }
    }

    /// The same, but acting on the first forecast from `from` on that gives any site a chance worth acting on,
    /// whatever the expected gain.
    #[must_use]
    pub const fn acting_from(mut self, from: Stamp) -> Self {
        self.from = Some(from);
        self
    }

    /// The same, but a merchant whose sites close asks to be carried by others of the same journal, and accepts what is
    /// offered `after` so long.
    #[must_use]
    pub const fn with_takeover(mut self, merchant: MerchantId, after: Span) -> Self {
        self.guest = Some((merchant, after));
        self
    }

    /// The incident it opened.
    #[must_use]
    pub const fn incident_id(&self) -> Option<IncidentId> {
        self.incident
    }

    fn incident(&mut self, world: &mut World) -> Result<IncidentId, WriterError> {
        if let Some(known) = self.incident {
            return Ok(known);
        }
        let ask = NewIncident {
            hazard: self.hazard,
            name: self.name.as_str().into(),
            severity: self.severity,
            expected_end: None,
            surges: Vec::new(),
            drill: true,
        };
        let incident = world.state().incidents.next_id();
        world.ask(Command::OpenIncident(Box::new(ask)), "holdfast")?;
        self.incident = Some(incident);
        Ok(incident)
    }

    fn declare(&mut self, world: &mut World) -> Result<IncidentId, WriterError> {
        let incident = self.incident(world)?;
        let phase = world.state().incidents.get(incident).map(|known| known.phase);
        if matches!(phase, Some(Phase::Watch | Phase::Recovering)) {
            world.ask(Command::PhaseIncident { incident, phase: Phase::Declared }, "holdfast")?;
        }
        Ok(incident)
    }

    /// Plans what is open, carries it out, and tells the customers.
    fn replan(&mut self, world: &mut World, what: &'static str, at: Stamp) -> Result<(), WriterError> {
        let roads = std::sync::Arc::clone(&world.truth.roads);
        let known = roads.known(at);
        let ask = PlanAsk {
            incident: self.incident,
            transport: Some(roads.net.transport(roads.terms, &known)),
            effort: Effort { seed: world.seed, per_order: WORK_PER_ORDER, gap: 0.001, threads: None },
            ..PlanAsk::default()
        };
        let Ok(made) = make(world.state(), &ask, at, &mut |_| Control::Continue) else { return Ok(()) };
        let Made { frozen, plan, planned } = made;
        let (mut summary, mut moved, mut opened) = (None, 0, None);
        if !frozen.orders.is_empty() {
            opened = Some(PlanOpened::of(world.state(), &planned));
            self.solved.push((frozen.problem, plan));
            for site in &planned.activate {
                let command = Command::ActivateStandby { site: *site, incident: self.incident };
                world.ask(command, "holdfast")?;
            }
            moved = self.carry_out(world, &planned, at)?;
            summary = Some(planned.summary);
        }
        let notices = self.tell(world, at)?;
        self.log.push(ActLog {
            at,
            what,
            site: None,
            chance: None,
            expected_gain: None,
            days: None,
            plan: summary,
            moved,
            notices,
            opened,
            fair: planned.fair.clone(),
        });
        if summary.is_some() {
            self.plans.push(planned);
        }
        Ok(())
    }

    fn carry_out(&mut self, world: &mut World, planned: &Planned, at: Stamp) -> Result<u32, WriterError> {
        let plan = world.state().plans.next_id();
        let Reply::Done { .. } = world.writer.adopt(planned, "holdfast")? else { return Ok(0) };
        for (step, moves) in (0..).zip(planned.steps()) {
            world.ask(Command::ExecuteStep { plan, step, moves: moves.into() }, "holdfast")?;
        }
        for (index, command) in planned.sends(world.state(), plan, at) {
            world.send_truck(command, truck_key(plan, index), "holdfast")?;
        }
        self.adopt_prices(world, &planned.prices)?;
        self.following = Some((plan, planned.clone()));
        self.go_on(world)?;
        Ok(world.state().plans.get(plan).map_or(0, |record| record.moved))
    }

    /// Does what of the last plan has become due: the orders whose truck has come get what it brought.
    fn go_on(&mut self, world: &mut World) -> Result<(), WriterError> {
        let Some((plan, planned)) = &self.following else { return Ok(()) };
        while let Due::Step(step, moves) = planned.due(world.state(), *plan) {
            let reply =
                world.ask(Command::ExecuteStep { plan: *plan, step, moves: moves.into() }, "holdfast")?;
            if !matches!(reply, Reply::Done { .. }) {
                break;
            }
        }
        Ok(())
    }

    fn adopt_prices(&self, world: &mut World, prices: &PriceTable) -> Result<(), WriterError> {
        let table = prices.digest();
        let ask = Ask { command: Command::AdoptPrices { table }, actor: "holdfast".into(), key: None };
        world.writer.ask_with_artefact(&ask, (table, artefact_bytes(prices)))?;
        world.writer.use_prices(prices.clone());
        Ok(())
    }

    fn tell(&mut self, world: &mut World, at: Stamp) -> Result<u32, WriterError> {
        let Some(incident) = self.incident else { return Ok(0) };
        let hit: BTreeSet<ZoneId> = world
            .truth
            .zones
            .iter()
            .filter(|(_, outs)| outs.iter().any(|out| out.covers(at)))
            .map(|(z, _)| *z)
            .collect();
        let commands = notices_due(world.state(), incident, &hit, NOTICE_HOLD, at);
        let notices = commands.iter().filter(|command| matches!(command, Command::QueueNotice(_))).count();
        world.ask_all(commands, "holdfast")?;
        Ok(u32::try_from(notices).unwrap_or(u32::MAX))
    }

    /// Asks for an offer, accepts it, and plans again over the sections.
    fn take_over(&mut self, world: &mut World, at: Stamp) -> Result<(), WriterError> {
        let (Some((merchant, _)), Some(incident), None) = (self.guest, self.incident, &self.carried) else {
            return Ok(());
        };
        let settled = Carried::settle(world, merchant, incident, at)?;
        let what = if settled.is_some() { "takeover_accepted" } else { "takeover_refused" };
        self.carried = settled;
        self.replan(world, what, at)
    }

    /// A standby that is hit before anybody has called it closes nothing; it only cannot be called for a while.
    fn cannot_be_called(
        &mut self,
        world: &mut World,
        site: SiteId,
        incident: IncidentId,
        at: Stamp,
    ) -> Result<(), WriterError> {
        let (today, _) = at.local(&world.state().network.sites[site.index()].zone);
        let days = (today, today.plus(ahead::ANNOUNCED_DAYS));
        world.ask(Command::ExpectOutage { site, incident, days: Some(days) }, "holdfast")?;
        self.expected.insert(site, days);
        Ok(())
    }

    fn back_one_step(&mut self, world: &mut World, site: SiteId, at: Stamp) -> Result<(), WriterError> {
        let Some(incident) = self.incident else { return Ok(()) };
        // It may have closed again meanwhile.
        if world.truth.site_out(site, at).is_some() {
            return Ok(());
        }
        let Some(command) = failback_step(world.state(), site, incident) else { return Ok(()) };
        world.ask(command, "holdfast")?;
        if world.state().sites[site.index()].access != SiteAccess::FULL {
            let next = at.after(FAILBACK_EVERY);
            self.failbacks.entry(next).or_default().push(site);
            world.call_at(next);
            return Ok(());
        }
        // What was led elsewhere because the site could not do all of its work may come back now.
        self.replan(world, "replan_on_full", at)
    }
}

/// Whether an order has units without a site, or at one that is shut.
fn somebody_waits(world: &World) -> bool {
    let state = world.state();
    let shut = |site: SiteId| !state.sites[site.index()].access.takes_orders();
    state.live_orders().flat_map(|(_, order)| &order.lines).any(|line| {
        !line.backordered().is_zero() || line.allocations.iter().any(|a| a.shipment.is_none() && shut(a.site))
    })
}

impl Policy for Holdfast {
    fn moments(&mut self, world: &World) -> Vec<Stamp> {
        let start = world.orders().first().map_or(Stamp(0), |order| order.at);
        if !self.ahead {
            return Vec::new();
        }
        for closed in world.truth.sites.iter().filter(|closed| closed.known < closed.out.from) {
            self.announced.entry(closed.known.max(start)).or_default().push((closed.site, closed.out.from));
        }
        let forecasts = self.outlooks.iter().map(|outlook| outlook.public_at).filter(|at| *at >= start);
        let mut moments: Vec<Stamp> = forecasts.chain(self.announced.keys().copied()).collect();
        moments.sort_unstable();
        moments.dedup();
        moments
    }

    fn act(&mut self, world: &mut World, at: Stamp) -> Result<(), WriterError> {
        for site in self.failbacks.remove(&at).unwrap_or_default() {
            self.back_one_step(world, site, at)?;
        }
        self.heed(world, at)?;
        self.watch(world, at)?;
        if self.settle.remove(&at) {
            self.take_over(world, at)?;
        }
        if self.restocked.remove(&at) && somebody_waits(world) {
            self.replan(world, "replan_on_receipt", at)?;
        }
        // The last site at full strength ends the incident.
        if let Some(incident) = self.incident {
            let whole = world.state().sites.iter().all(|now| {
                matches!(now.access, SiteAccess::Open { permille: 1000 } | SiteAccess::Dormant)
                    || matches!(now.access, SiteAccess::Activating { .. })
            });
            let phase = world.state().incidents.get(incident).map(|known| known.phase);
            if whole && self.failbacks.is_empty() && phase == Some(Phase::Recovering) {
                world.ask(Command::PhaseIncident { incident, phase: Phase::Closed }, "holdfast")?;
                // The scarcity the prices told of is over.
                self.adopt_prices(world, &PriceTable::default())?;
            }
        }
        Ok(())
    }

    fn site_closed(&mut self, world: &mut World, site: SiteId, at: Stamp) -> Result<(), WriterError> {
        let incident = self.declare(world)?;
        if world.state().sites[site.index()].access == SiteAccess::Dormant {
            return self.cannot_be_called(world, site, incident, at);
        }
        let closed = world.truth.site_out(site, at);
        let stock = closed.map_or(StockAccess::Inaccessible, |closed| closed.stock);
        if self.preview.is_none() {
            let back = self.expected.get(&site).map(|days| days.1);
            self.preview = Some(preview(world.state(), &[site], &[], back, at));
        }
        self.losses.push(Loss::of(world, site, stock, at));
        if let Some((_, after)) = self.guest {
            let settled = at.after(after);
            self.settle.insert(settled);
            world.call_at(settled);
        }
        world.ask(Command::CloseSite { site, incident, stock }, "holdfast")?;
        self.replan(world, "replan_on_closure", at)
    }

    fn ruin_settled(&mut self, world: &mut World, _: SiteId, at: Stamp) -> Result<(), WriterError> {
        self.replan(world, "replan_on_ruin", at)
    }

    /// Goods whose site is lost, and goods somebody waits for, are sent on; the others wait at the gate. Those of a
    /// guest go to its sections.
    fn redirect(
        &mut self,
        world: &World,
        site: SiteId,
        sku: SkuId,
        quantity: Quantity,
        at: Stamp,
    ) -> Vec<(SiteId, Quantity)> {
        let state = world.state();
        let lost = match state.sites[site.index()].access {
            SiteAccess::Closed { stock, .. } => stock == StockAccess::Lost,
            _ => return Vec::new(),
        };
        if let Some(carried) = &self.carried {
            let parts = carried.portions(state, sku, quantity);
            if !parts.is_empty() {
                return parts;
            }
        }
        self.onward.look(state, at);
        if !lost && !self.onward.is_wanted(sku) {
            return Vec::new();
        }
        let home = self.onward.best_home(state, site, sku);
        home.map(|home| (home, quantity)).into_iter().collect()
    }

    fn truck_in(&mut self, world: &mut World, _: TransferId, at: Stamp) -> Result<(), WriterError> {
        self.go_on(world)?;
        self.tell(world, at).map(|_| ())
    }

    fn unloaded_elsewhere(&mut self, world: &mut World, at: Stamp) -> Result<(), WriterError> {
        // All that comes in the same morning is planned once.
        let planned = at.after(RESTOCK_AFTER);
        if self.restocked.insert(planned) {
            world.call_at(planned);
        }
        Ok(())
    }

    fn site_back(&mut self, world: &mut World, site: SiteId, at: Stamp) -> Result<(), WriterError> {
        let Some(incident) = self.incident else { return Ok(()) };
        if self.expected.remove(&site).is_some() {
            world.ask(Command::ExpectOutage { site, incident, days: None }, "holdfast")?;
        }
        if world.state().sites[site.index()].access == SiteAccess::Dormant {
            return Ok(());
        }
        self.back_one_step(world, site, at)?;
        let dark = world.state().sites.iter().any(|now| matches!(now.access, SiteAccess::Closed { .. }));
        if !dark {
            world.ask(Command::PhaseIncident { incident, phase: Phase::Recovering }, "holdfast")?;
        }
        self.replan(world, "replan_on_return", at)
    }

    fn site_limited(
        &mut self,
        world: &mut World,
        site: SiteId,
        permille: u16,
        at: Stamp,
    ) -> Result<(), WriterError> {
        let incident = self.declare(world)?;
        world.ask(
            Command::LimitSite { site, permille: permille.max(1), incident: Some(incident) },
            "holdfast",
        )?;
        if permille < 1000 { self.replan(world, "replan_on_limit", at) } else { Ok(()) }
    }

    fn lanes_changed(
        &mut self,
        world: &mut World,
        index: usize,
        closed: bool,
        at: Stamp,
    ) -> Result<(), WriterError> {
        let incident = self.declare(world)?;
        let rule = Box::new(world.truth.lanes[index].0.clone());
        if closed {
            world.ask(Command::EmbargoLanes { incident, rule }, "holdfast")?;
            self.replan(world, "replan_on_embargo", at)
        } else {
            world.ask(Command::LiftEmbargo { incident, rule }, "holdfast")?;
            self.replan(world, "replan_on_reopening", at)
        }
    }
}
