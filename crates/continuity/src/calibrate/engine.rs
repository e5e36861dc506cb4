//! The engine's side of the comparison: forks of its step function through a shock.

use holdfast_domain::command::{Command, NewIncident, NewOrder};
use holdfast_domain::event::Event;
use holdfast_domain::id::{IncidentId, OrderId, SiteId};
use holdfast_domain::incident::{Hazard, LaneRule, Phase, Severity, StockAccess};
use holdfast_domain::order::{Allocation, HoldReason, Order};
use holdfast_domain::state::State;
use holdfast_domain::time::Stamp;
use holdfast_engine::step::{Ask, Engine};

use crate::fluid::{Impact, Patience, Shock, What, World};

/// A state and the orders it takes.
pub(super) struct Book {
    engine: Engine,
    orders: Vec<(Stamp, NewOrder)>,
}

/// The engine at each start, and every order's outcome when nothing happens.
pub(super) struct Forks<'a> {
    book: &'a Book,
    at_phase: Vec<Engine>,
    base: Vec<Option<(i32, i64)>>,
    ids: Vec<OrderId>,
}

fn ask(engine: &mut Engine, command: Command, at: Stamp) -> Option<Vec<Event>> {
    engine.step(&Ask { command, actor: "calibration".into(), key: None }, at).ok().map(|entry| entry.events)
}

/// Places an order; the id it got.
fn place(engine: &mut Engine, order: &NewOrder, at: Stamp) -> Option<OrderId> {
    ask(engine, Command::PlaceOrder(Box::new(order.clone())), at)?;
    u32::try_from(engine.state.orders.len()).ok()?.checked_sub(1).map(OrderId)
}

impl Book {
    /// Leaves out orders the engine refuses: the fluid form must not see them either.
    pub(super) fn new(state: &State, orders: Vec<(Stamp, NewOrder)>) -> Self {
        let engine = Engine::new(state.clone(), std::sync::Arc::default());
        let mut trial = engine.clone();
        let taken = |(at, order): &(Stamp, NewOrder)| place(&mut trial, order, *at).is_some();
        Self { engine, orders: orders.into_iter().filter(taken).collect() }
    }

    pub(super) fn orders(&self) -> &[(Stamp, NewOrder)] {
        &self.orders
    }

    pub(super) fn forks(&self, world: &World) -> Forks<'_> {
        let mut engine = self.engine.clone();
        let (mut at_phase, mut ids) = (Vec::new(), Vec::new());
        for (at, order) in &self.orders {
            while at_phase.len() < world.phases.len() && world.phases[at_phase.len()] <= at.0 {
                at_phase.push(engine.clone());
            }
            ids.extend(place(&mut engine, order, *at));
        }
        while at_phase.len() < world.phases.len() {
            at_phase.push(engine.clone());
        }
        let base = ids.iter().map(|id| outcome(&engine.state, *id)).collect();
        Forks { book: self, at_phase, base, ids }
    }
}

/// What ends at a moment.
#[derive(Clone, Copy)]
enum Lift {
    Stop(What),
    Release(SiteId),
}

struct Fork<'a> {
    engine: Engine,
    world: &'a World,
    incident: IncidentId,
    lifts: Vec<(Stamp, Lift)>,
    intake_down: bool,
    held: Vec<OrderId>,
}

impl Forks<'_> {
    /// The shock on forks of the engine, judged as the fluid form is: standby sites are called where that costs less.
    pub(super) fn judge(&self, world: &World, shock: &Shock, patience: Patience) -> Impact {
        let without = self.judge_with(world, shock, patience, false);
        // A network without a standby site that sleeps has nobody to call: the second fork would be the first.
        if shock.longest_closure().is_none() || world.standby.iter().all(Option::is_none) {
            return without;
        }
        let with = self.judge_with(world, shock, patience, true);
        if with.loss() < without.loss() { with } else { without }
    }

    fn judge_with(&self, world: &World, shock: &Shock, patience: Patience, calls: bool) -> Impact {
        let start = Stamp(world.phases[shock.phase]);
        let mut fork = Fork {
            engine: self.at_phase[shock.phase].clone(),
            world,
            incident: IncidentId(0),
            lifts: Vec::new(),
            intake_down: false,
            held: Vec::new(),
        };
        let called = fork.begin(shock, start, calls);
        let orders = &self.book.orders;
        let first = orders.partition_point(|(at, _)| *at < start);
        for (at, order) in &orders[first..] {
            fork.lift_until(*at);
            let mut order = order.clone();
            if fork.intake_down {
                order.hold = Some(HoldReason::Person);
            }
            let id = place(&mut fork.engine, &order, *at);
            fork.held.extend(id.filter(|_| fork.intake_down));
        }
        fork.lift_until(Stamp(i64::MAX));
        let mut sum = Impact { standby_cost: called, ..Impact::default() };
        for (index, id) in self.ids.iter().enumerate() {
            let (base, after) = (self.base[index], outcome(&fork.engine.state, *id));
            if base != after {
                let promise = orders[index].1.promise.map_or(i32::MIN, |day| day.0);
                let (arrival, cost) = after.unwrap_or((i32::MAX, 0));
                sum = sum.plus(world.judge(index, arrival, cost, base, promise, patience), 1.0);
            }
        }
        sum
    }
}

impl Fork<'_> {
    /// Declares the incident and stops what stops; what lies there whole and has not left looks for another way.
    /// Gives what the standby sites called cost.
    fn begin(&mut self, shock: &Shock, start: Stamp, calls: bool) -> f64 {
        self.incident = self.engine.state.incidents.next_id();
        let new = NewIncident {
            hazard: Hazard::Other,
            name: "calibration".into(),
            severity: Severity::Severe,
            expected_end: None,
            surges: Vec::new(),
            drill: true,
        };
        let incident = self.incident;
        ask(&mut self.engine, Command::OpenIncident(Box::new(new)), start);
        ask(&mut self.engine, Command::PhaseIncident { incident, phase: Phase::Declared }, start);
        let caught: Vec<OrderId> = self
            .engine
            .state
            .live_orders()
            .filter(|(_, order)| self.is_caught(order, shock, start))
            .map(|(id, _)| id)
            .collect();
        for stop in &shock.stops {
            let end = Stamp(start.0 + (stop.hours * 3_600_000.0).round() as i64);
            self.lifts.push((end, Lift::Stop(stop.what)));
            match stop.what {
                What::Site(site) => {
                    let stock = StockAccess::Inaccessible;
                    ask(&mut self.engine, Command::CloseSite { site: SiteId(site), incident, stock }, start);
                }
                What::Carrier(carrier) => {
                    let rule = self.rule(carrier);
                    ask(&mut self.engine, Command::EmbargoLanes { incident, rule }, start);
                }
                What::Limit { site, permille } => {
                    let (site, incident) = (SiteId(site), Some(incident));
                    ask(&mut self.engine, Command::LimitSite { site, permille, incident }, start);
                }
                What::Intake => self.intake_down = true,
            }
        }
        let cost = if calls { self.call_standby(shock, start) } else { 0.0 };
        self.lifts.sort_by_key(|(at, _)| *at);
        for order in caught {
            ask(&mut self.engine, Command::HoldOrder { order, reason: HoldReason::Person }, start);
            ask(&mut self.engine, Command::FreeOrder { order }, start);
        }
        cost
    }

    /// Calls each standby site that can open before the last closed site is back.
    fn call_standby(&mut self, shock: &Shock, start: Stamp) -> f64 {
        let Some(hours) = shock.longest_closure() else { return 0.0 };
        let end = Stamp(start.0 + (hours * 3_600_000.0).round() as i64);
        let sites: Vec<_> = (0..).map(SiteId).zip(self.engine.state.network.sites.clone()).collect();
        let mut cost = 0.0;
        for (site, description) in sites {
            let Some(terms) = description.standby else { continue };
            let ready = start.after(terms.lead_time);
            let incident = Some(self.incident);
            if ready < end
                && !shock.blocks(site.0)
                && ask(&mut self.engine, Command::ActivateStandby { site, incident }, start).is_some()
            {
                let days = (end.0 - ready.0 + 86_399_999) / 86_400_000;
                cost += (terms.activation_cost + terms.daily_cost * days) as f64;
                self.lifts.push((end, Lift::Release(site)));
            }
        }
        cost
    }

    fn rule(&self, carrier: u16) -> Box<LaneRule> {
        let carrier = Some(self.world.carriers[usize::from(carrier)].clone());
        Box::new(LaneRule { carrier, ..LaneRule::default() })
    }

    fn is_caught(&self, order: &Order, shock: &Shock, at: Stamp) -> bool {
        let network = &self.engine.state.network;
        let all = || order.lines.iter().flat_map(|line| &line.allocations);
        let stopped = |a: &Allocation| {
            let carrier = network.lanes.get(a.lane).and_then(|lane| {
                network.services.get(usize::from(lane.service.0)).map(|service| &service.carrier)
            });
            shock.stops.iter().any(|stop| match stop.what {
                What::Site(site) => a.site == SiteId(site),
                What::Carrier(index) => carrier == self.world.carriers.get(usize::from(index)),
                What::Limit { .. } | What::Intake => false,
            })
        };
        let stays = |a: &Allocation| {
            network.site(a.site).is_some_and(|site| a.ship_day.at(site.cutoff_ms, &site.zone) > at)
        };
        all().any(stopped) && all().all(stays)
    }

    /// Everything that ends by a moment ends, and what waits looks for a way.
    fn lift_until(&mut self, until: Stamp) {
        while let Some((at, _)) = self.lifts.first().copied().filter(|(at, _)| *at <= until) {
            let same = self.lifts.iter().take_while(|(other, _)| *other == at).count();
            for (_, lift) in self.lifts.drain(..same).collect::<Vec<_>>() {
                self.lift(lift, at);
            }
            if !self.intake_down {
                for order in std::mem::take(&mut self.held) {
                    ask(&mut self.engine, Command::FreeOrder { order }, at);
                }
            }
            for order in self.engine.backorders() {
                if let Some(command) = self.engine.source_command(order, at) {
                    ask(&mut self.engine, command, at);
                }
            }
        }
    }

    fn lift(&mut self, lift: Lift, at: Stamp) {
        let incident = self.incident;
        match lift {
            Lift::Stop(What::Site(site) | What::Limit { site, .. }) => {
                let (site, incident) = (SiteId(site), Some(incident));
                ask(&mut self.engine, Command::LimitSite { site, permille: 1000, incident }, at);
            }
            Lift::Stop(What::Carrier(carrier)) => {
                let rule = self.rule(carrier);
                ask(&mut self.engine, Command::LiftEmbargo { incident, rule }, at);
            }
            Lift::Stop(What::Intake) => self.intake_down = false,
            // What it has promised leaves; nothing new comes in.
            Lift::Release(site) => {
                let stock = StockAccess::Inaccessible;
                ask(&mut self.engine, Command::CloseSite { site, incident, stock }, at);
            }
        }
    }
}

/// Arrival and cost of an order that is served whole.
fn outcome(state: &State, id: OrderId) -> Option<(i32, i64)> {
    let order = state.order(id).ok()?;
    if !order.backordered().is_zero() {
        return None;
    }
    let (mut arrival, mut cost, mut parcels) = (i32::MIN, 0, Vec::new());
    for line in &order.lines {
        for a in &line.allocations {
            let (lane, site) = (state.network.lanes.get(a.lane)?, state.network.site(a.site)?);
            arrival = arrival.max(state.network.arrival(lane, a.ship_day)?.0);
            if !parcels.contains(&(a.lane, a.ship_day)) {
                parcels.push((a.lane, a.ship_day));
                cost += lane.cost_parcel + site.cost_parcel;
            }
            let weight = state.network.skus.get(line.sku)?.weight_g;
            cost += (site.cost_unit + lane.cost_unit(weight)) * i64::from(a.quantity.0);
        }
    }
    Some((arrival, cost))
}
