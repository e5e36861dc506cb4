//! What the trade does without a plan: the site is switched off when somebody notices, the next morning its open
//! orders go to the nearest open site that has the goods, in order of arrival, and customers are told by hand.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_app::core::Reply;
use holdfast_app::writer::WriterError;
use holdfast_domain::command::{Command, NewIncident};
use holdfast_domain::event::Allocations;
use holdfast_domain::id::{Id, IncidentId, LaneId, PlanId, SiteId, SkuId};
use holdfast_domain::incident::{Hazard, Phase, Severity, SiteAccess, StockAccess};
use holdfast_domain::order::{Allocation, Order};
use holdfast_domain::plan_record::Move;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Span, Stamp};
use holdfast_engine::incident::{Planned, Summary, notices_due};
use holdfast_engine::price::PriceTable;

use super::onward::Onward;
use crate::world::{Policy, World};

/// How long until somebody switches the site off.
const NOTICED_AFTER: Span = Span::hours(2);
/// The local time at which the open orders are gone through.
const MORNING_MS: u32 = 9 * 3_600_000;

/// What the trade does.
#[derive(Clone, Debug, Default)]
pub struct Trade {
    incident: Option<IncidentId>,
    switch_off: BTreeMap<Stamp, Vec<(SiteId, StockAccess)>>,
    mornings: BTreeSet<Stamp>,
    /// Embargoes to be entered by hand in the morning.
    lanes: Vec<(Stamp, usize)>,
    onward: Onward,
}

impl Trade {
    fn incident(&mut self, world: &mut World) -> Result<IncidentId, WriterError> {
        if let Some(known) = self.incident {
            return Ok(known);
        }
        let ask = NewIncident {
            hazard: Hazard::Other,
            name: "switched off".into(),
            severity: Severity::Severe,
            expected_end: None,
            surges: Vec::new(),
            drill: true,
        };
        let incident = world.state().incidents.next_id();
        world.ask(Command::OpenIncident(Box::new(ask)), "trade")?;
        world.ask(Command::PhaseIncident { incident, phase: Phase::Declared }, "trade")?;
        self.incident = Some(incident);
        Ok(incident)
    }

    fn next_morning(&mut self, world: &mut World, at: Stamp) {
        let zone = world
            .state()
            .network
            .operator
            .as_ref()
            .map(|o| o.zone.clone())
            .unwrap_or(holdfast_domain::time::Zone::utc());
        let (day, _) = at.local(&zone);
        let morning = day.plus(1).at(MORNING_MS, &zone);
        if self.mornings.insert(morning) {
            world.call_at(morning);
        }
    }
}

impl Policy for Trade {
    fn ruin_settled(&mut self, world: &mut World, _: SiteId, at: Stamp) -> Result<(), WriterError> {
        self.next_morning(world, at);
        Ok(())
    }

    /// The driver is sent to the nearest site once somebody has switched the closed one off.
    fn redirect(
        &mut self,
        world: &World,
        site: SiteId,
        sku: SkuId,
        quantity: Quantity,
        at: Stamp,
    ) -> Vec<(SiteId, Quantity)> {
        if !matches!(world.state().sites[site.index()].access, SiteAccess::Closed { .. }) {
            return Vec::new();
        }
        self.onward.look(world.state(), at);
        let home = self.onward.nearest_home(world.state(), site, sku);
        home.map(|home| (home, quantity)).into_iter().collect()
    }

    fn moments(&mut self, _: &World) -> Vec<Stamp> {
        Vec::new()
    }

    fn act(&mut self, world: &mut World, at: Stamp) -> Result<(), WriterError> {
        let incident = self.incident(world)?;
        for (site, stock) in self.switch_off.remove(&at).unwrap_or_default() {
            // Nobody switches off what was never on.
            if world.state().sites[site.index()].access == SiteAccess::Dormant {
                continue;
            }
            world.ask(Command::CloseSite { site, incident, stock }, "trade")?;
        }
        if !self.mornings.remove(&at) {
            return Ok(());
        }
        let due: Vec<usize> =
            self.lanes.iter().filter(|(when, _)| *when <= at).map(|(_, index)| *index).collect();
        self.lanes.retain(|(when, _)| *when > at);
        for index in due {
            let rule = Box::new(world.truth.lanes[index].0.clone());
            world.ask(Command::EmbargoLanes { incident, rule }, "trade")?;
        }
        let planned = nearest_first(world.state(), incident, at);
        let plan = world.state().plans.next_id();
        if let Reply::Done { .. } = world.writer.adopt(&planned, "trade")? {
            for (step, moves) in (0..).zip(planned.steps()) {
                world.ask(Command::ExecuteStep { plan, step, moves: moves.into() }, "trade")?;
            }
        }
        let hit = world.truth.zones.keys().copied().collect();
        let notices = notices_due(world.state(), incident, &hit, Span::minutes(1), at);
        world.ask_all(notices, "trade").map(|_| ())
    }

    fn site_closed(&mut self, world: &mut World, site: SiteId, at: Stamp) -> Result<(), WriterError> {
        let stock = world.truth.site_out(site, at).map_or(StockAccess::Inaccessible, |closed| closed.stock);
        let noticed = at.after(NOTICED_AFTER);
        self.switch_off.entry(noticed).or_default().push((site, stock));
        world.call_at(noticed);
        self.next_morning(world, noticed);
        Ok(())
    }

    fn site_back(&mut self, world: &mut World, site: SiteId, _: Stamp) -> Result<(), WriterError> {
        world.ask(Command::LimitSite { site, permille: 1000, incident: self.incident }, "trade").map(|_| ())
    }

    fn site_limited(
        &mut self,
        world: &mut World,
        site: SiteId,
        permille: u16,
        _: Stamp,
    ) -> Result<(), WriterError> {
        world
            .ask(Command::LimitSite { site, permille: permille.max(1), incident: self.incident }, "trade")
            .map(|_| ())
    }

    fn lanes_changed(
        &mut self,
        world: &mut World,
        index: usize,
        closed: bool,
        at: Stamp,
    ) -> Result<(), WriterError> {
        if closed {
            self.lanes.push((at, index));
            self.next_morning(world, at);
            return Ok(());
        }
        let Some(incident) = self.incident else { return Ok(()) };
        let rule = Box::new(world.truth.lanes[index].0.clone());
        world.ask(Command::LiftEmbargo { incident, rule }, "trade").map(|_| ())
    }
}

/// The trade's rule: orders that lost their site or lane, in order of arrival, each to the nearest open site that
/// has all it lost, else line by line; by that site's cheapest lane, on the first day with room.
fn nearest_first(state: &State, incident: IncidentId, at: Stamp) -> Planned {
    let mut fork = state.clone();
    let (mut moves, mut backordered) = (Vec::new(), 0);
    for (id, order) in state.live_orders() {
        let lost = lost_allocations(state, order);
        if lost.is_empty() || order.hold.is_some() {
            continue;
        }
        let mut to = Allocations::new();
        let all: Vec<(u16, Allocation)> = lost.to_vec();
        let whole = place_at_nearest(&fork, order, &all, at);
        match whole {
            Some(found) => to.extend(found),
            None => {
                for one in &all {
                    match place_at_nearest(&fork, order, std::slice::from_ref(one), at) {
                        Some(found) => to.extend(found),
                        None => backordered += 1,
                    }
                }
            }
        }
        if to.is_empty() {
            continue;
        }
        // Lines that found nothing keep their place at the dark site.
        let from: Allocations =
            lost.iter().filter(|(number, _)| to.iter().any(|(other, _)| other == number)).copied().collect();
        let event = holdfast_domain::event::Event::OrderMoved {
            order: id,
            plan: PlanId(0),
            from: from.clone(),
            to: to.clone(),
        };
        if holdfast_domain::evolve::evolve(&mut fork, at, &event).is_err() {
            fork = state.clone();
            continue;
        }
        moves.push(Move { order: id, from, to, promise: None });
    }
    let summary = Summary {
        moved: u32::try_from(moves.len()).unwrap_or(u32::MAX),
        backordered_lines: backordered,
        ..Summary::default()
    };
    Planned {
        incident: Some(incident),
        parent: state.version,
        made: at,
        summary,
        moves,
        reasons: Vec::new(),
        activate: Vec::new(),
        prices: PriceTable::default(),
        fair: None,
        transfers: Vec::new(),
        arrivals: Vec::new(),
        opened: Vec::new(),
        no_trucks: Vec::new(),
    }
}

fn lost_allocations(state: &State, order: &Order) -> Allocations {
    let mut lost = Allocations::new();
    for (number, line) in (0_u16..).zip(&order.lines) {
        for a in line.allocations.iter().filter(|a| a.shipment.is_none()) {
            let open = state.sites[a.site.index()].access.takes_orders() && state.lane_is_open(a.lane);
            if !open {
                lost.push((number, *a));
            }
        }
    }
    lost
}

fn place_at_nearest(
    state: &State,
    order: &Order,
    lost: &[(u16, Allocation)],
    at: Stamp,
) -> Option<Vec<(u16, Allocation)>> {
    let network = &state.network;
    let to = network.zones.get(order.zone.index())?.place;
    let mut sites: Vec<(i64, SiteId)> = (0..)
        .zip(&network.sites)
        .map(|(index, site)| (site.place.distance_m(to) as i64, SiteId(index)))
        .filter(|(_, site)| state.sites[site.index()].access.takes_orders())
        .collect();
    sites.sort_unstable();
    for (_, site) in sites {
        let has = |(number, a): &(u16, Allocation)| {
            let sku = order.lines[usize::from(*number)].sku;
            let wanted: u32 = lost
                .iter()
                .filter(|(other, _)| order.lines[usize::from(*other)].sku == sku)
                .map(|(_, a)| a.quantity.0)
                .sum();
            state.available(site, sku).0 >= wanted.max(a.quantity.0)
        };
        if !lost.iter().all(has) {
            continue;
        }
        let Some((lane, day)) = cheapest_lane(state, order, site, lost, at) else { continue };
        let moved = |(number, a): &(u16, Allocation)| {
            (*number, Allocation { site, lane, ship_day: day, quantity: a.quantity, shipment: None })
        };
        return Some(lost.iter().map(moved).collect());
    }
    None
}

fn cheapest_lane(
    state: &State,
    order: &Order,
    site: SiteId,
    lost: &[(u16, Allocation)],
    at: Stamp,
) -> Option<(LaneId, Day)> {
    let network = &state.network;
    let here = network.site(site)?;
    let units: u32 = lost.iter().map(|(_, a)| a.quantity.0).sum();
    let first = here.first_ship_day(at)?;
    let day = (0..30)
        .map(|ahead| first.plus(ahead))
        .find(|day| state.capacity_left(site, *day) >= here.work(1, units))?;
    let open =
        network.lanes_to(order.zone).iter().filter(|(s, lane)| *s == site && state.lane_is_open(*lane));
    let cost = |lane: &LaneId| network.lanes.get(*lane).map_or(i64::MAX, |lane| lane.cost_parcel);
    open.map(|(_, lane)| *lane).min_by_key(|lane| (cost(lane), *lane)).map(|lane| (lane, day))
}
