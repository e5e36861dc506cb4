//! From the state to the frozen problem a planner solves.
//!
//! Every unit that no site has been told of is up for planning, with the stock and capacity it holds given back
//! first. What has been released is outside: its site must give it back before it may move.

use std::collections::{BTreeMap, BTreeSet};

use super::haul::{NoTruck, Transport, Truck, Trucks, line_hauls, trucks};
use holdfast_domain::id::{Id, LaneId, OrderId, SiteId, SkuId, ZoneId};
use holdfast_domain::incident::SiteAccess;
use holdfast_domain::network::{LaneKind, Site};
use holdfast_domain::order::{Line, Order};
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Stamp};
use holdfast_plan::replan::{self, Draft, FAIR_SCALE, Fair, Problem, ProblemError};

/// Which orders are up for planning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    #[default]
    /// All that have units no site has been told of.
    All,
    /// Only those that lost their site, lane or day, or have units without a site.
    Affected,
}

/// A frozen problem and what its indices stand for. Sites, SKUs, zones and lanes keep the state's own ids.
#[derive(Clone, Debug)]
pub struct Frozen {
    /// The problem.
    pub problem: Problem,
    /// The calendar day of the horizon's day 0.
    pub first_day: Day,
    /// The order behind each order of the problem.
    pub orders: Vec<OrderId>,
    /// The line number behind each line of each order of the problem.
    pub lines: Vec<Vec<u16>>,
    /// Version of the state it was made from.
    pub parent: u64,
    /// Weight of each merchant in the fairness, in thousandths of the heaviest.
    pub weights: Vec<u64>,
    /// What the first phase of fairness found, once it is solved.
    pub fair: Option<Fair>,
    /// The truck behind each haul of the problem.
    pub trucks: Vec<Truck>,
    /// Where no truck can go, and why.
    pub no_trucks: Vec<NoTruck>,
}

/// Days the planner looks ahead.
pub const HORIZON_DAYS: u16 = 21;

/// Freezes what is open at `at`, looking [`HORIZON_DAYS`] ahead.
///
/// # Errors
/// [`ProblemError`] when the state holds numbers beyond the planner's limits, such as a cost above its greatest.
pub fn freeze(state: &State, scope: Scope, at: Stamp) -> Result<Frozen, ProblemError> {
    freeze_over(state, scope, at, HORIZON_DAYS)
}

/// As [`freeze`], looking `horizon` days ahead.
///
/// # Errors
/// As [`freeze`], and for a horizon beyond the planner's.
pub fn freeze_over(state: &State, scope: Scope, at: Stamp, horizon: u16) -> Result<Frozen, ProblemError> {
    freeze_with(state, scope, at, horizon, None)
}

/// As [`freeze_over`], with trucks between the sites where they may help. Whoever gives `transport` sends the trucks of
/// the plan that comes out (see [`super::Planned::sends`]).
///
/// # Errors
/// As [`freeze_over`].
pub fn freeze_with(
    state: &State,
    scope: Scope,
    at: Stamp,
    horizon: u16,
    transport: Option<&Transport<'_>>,
) -> Result<Frozen, ProblemError> {
    let first_day = state.network.sites.iter().map(|site| at.local(&site.zone).0).min().unwrap_or(Day(0));
    let open: Vec<(OrderId, &Order)> = state
        .live_orders()
        .filter(|(_, order)| order.is_movable() && (scope == Scope::All || is_affected(state, order, at)))
        .collect();
    let mut draft = Draft {
        horizon_days: horizon,
        zones: state.network.zones.len(),
        sites: sites(state, &open, first_day, at, horizon),
        skus: state
            .network
            .skus
            .iter()
            .map(|(_, sku)| replan::Sku { weight_g: sku.weight_g, class: sku.storage })
            .collect(),
        lanes: Vec::new(),
        stock: stock(state, &open),
        hauls: Vec::new(),
        merchants: vec![replan::Merchant::default(); state.network.merchants.len()],
        orders: Vec::with_capacity(open.len()),
    };
    draft.lanes = lanes(state, &open, first_day, horizon);
    let mut found = Trucks::default();
    if let Some(transport) = transport {
        found = trucks(state, &open, &draft.stock, (first_day, horizon, at), transport);
        line_hauls(state, &mut draft.lanes, at, transport, &mut found.none);
        add_loads(&mut draft, &found, horizon);
    }
    let (mut orders, mut lines) = (Vec::with_capacity(open.len()), Vec::with_capacity(open.len()));
    for (id, order) in open {
        let (frozen, numbers) = freeze_order(state, order, first_day, horizon);
        draft.orders.push(frozen);
        orders.push(id);
        lines.push(numbers);
    }
    let problem = Problem::freeze(draft)?;
    Ok(Frozen {
        problem,
        first_day,
        orders,
        lines,
        parent: state.version,
        weights: weights(state),
        fair: None,
        trucks: found.trucks,
        no_trucks: found.none,
    })
}

/// Puts the trucks into the problem; a load on its way is the stock of a site that only the truck leaves.
fn add_loads(draft: &mut Draft, found: &Trucks, horizon: u16) {
    for (items, _) in &found.loads {
        let site = SiteId::from_index(draft.sites.len());
        draft.sites.push(replan::Site {
            status: replan::SiteStatus::Usable,
            capacity: vec![0; usize::from(horizon)],
            work_parcel: 0,
            work_unit: 0,
            allows: u32::MAX,
        });
        let stock = |&(sku, quantity): &(SkuId, u32)| replan::Stock { site, sku, quantity, from_day: 0 };
        draft.stock.extend(items.iter().filter(|(_, quantity)| *quantity > 0).map(stock));
    }
    draft.hauls.clone_from(&found.hauls);
}

/// The merchants' weights in thousandths of the heaviest; all alike where nobody has any.
fn weights(state: &State) -> Vec<u64> {
    let weights = || state.network.merchants.iter().map(|merchant| u64::from(merchant.weight));
    let most = weights().max().unwrap_or(0);
    weights().map(|weight| (weight * FAIR_SCALE).checked_div(most).unwrap_or(FAIR_SCALE)).collect()
}

/// Whether something of the order cannot leave as it was planned.
pub(super) fn is_affected(state: &State, order: &Order, at: Stamp) -> bool {
    order.lines.iter().any(|line| {
        !line.backordered().is_zero()
            || line.allocations.iter().filter(|a| a.shipment.is_none()).any(|a| {
                let Ok((site, now)) = state.site(a.site) else { return true };
                let shut = now.is_out(a.ship_day);
                let overfull = now.access.permille() < 1000 && state.capacity_left(a.site, a.ship_day) == 0;
                let overdue = a.ship_day < at.local(&site.zone).0;
                !now.access.takes_orders() || !state.lane_is_open(a.lane) || shut || overfull || overdue
            })
    })
}

/// Units of a line that no site has been told of.
pub(super) fn open_units(line: &Line) -> u32 {
    let held: u32 = line.allocations.iter().filter(|a| a.shipment.is_some()).map(|a| a.quantity.0).sum();
    line.wanted().0.saturating_sub(held)
}

fn sites(
    state: &State,
    open: &[(OrderId, &Order)],
    first_day: Day,
    at: Stamp,
    horizon: u16,
) -> Vec<replan::Site> {
    let mut freed: BTreeMap<(SiteId, Day), u64> = BTreeMap::new();
    for (_, order) in open {
        let mut parcels: BTreeMap<(SiteId, LaneId, Day), u32> = BTreeMap::new();
        for a in order.lines.iter().flat_map(|line| &line.allocations).filter(|a| a.shipment.is_none()) {
            *parcels.entry((a.site, a.lane, a.ship_day)).or_default() += a.quantity.0;
        }
        for ((site, _, day), units) in parcels {
            let work = state.network.site(site).map_or(0, |site| u64::from(site.work(1, units)));
            *freed.entry((site, day)).or_default() += work;
        }
    }
    let of = |index: usize, site: &Site| {
        let id = SiteId::from_index(index);
        let first = first_usable_day(state, id, site, at);
        let day = |ahead: u16| first_day.plus(i32::from(ahead));
        let capacity = (0..horizon).map(|ahead| match first {
            Some(first) if day(ahead) >= first => {
                let given = freed.get(&(id, day(ahead))).copied().unwrap_or(0);
                // What is given back leaves what was released; an overbooked day has nothing.
                let load = state.sites[index].load.get(&day(ahead)).copied().map_or(0, u64::from);
                u64::from(state.capacity_whole(id, day(ahead))).saturating_sub(load.saturating_sub(given))
            }
            _ => 0,
        });
        replan::Site {
            status: if first.is_some() { replan::SiteStatus::Usable } else { replan::SiteStatus::Down },
            capacity: capacity.collect(),
            work_parcel: site.work_parcel,
            work_unit: site.work_unit,
            allows: site.storage.0,
        }
    };
    let mut all: Vec<replan::Site> =
        state.network.sites.iter().enumerate().map(|(i, site)| of(i, site)).collect();
    for (index, site) in state.network.sites.iter().enumerate() {
        if let (SiteAccess::Dormant, Some(terms)) = (state.sites[index].access, site.standby) {
            let ready = at.after(terms.lead_time).local(&site.zone).0;
            let opens = u16::try_from(ready.since(first_day).max(0)).unwrap_or(u16::MAX);
            if opens < horizon {
                // It is paid by the day as well; the planner counts a week of it.
                let activation = terms.activation_cost + 7 * terms.daily_cost;
                all[index].status = replan::SiteStatus::Standby { opens_day: opens, activation };
                let capacity = |ahead: u16| {
                    let day = first_day.plus(i32::from(ahead));
                    if state.sites[index].is_out(day) { 0 } else { u64::from(site.capacity_on(day)) }
                };
                all[index].capacity = (0..horizon).map(capacity).collect();
            }
        }
    }
    all
}

fn first_usable_day(state: &State, id: SiteId, site: &Site, at: Stamp) -> Option<Day> {
    let first = site.first_ship_day(at)?;
    match state.sites[id.index()].access {
        SiteAccess::Open { permille } if permille > 0 => Some(first),
        SiteAccess::Activating { ready } => Some(first.max(ready.local(&site.zone).0)),
        SiteAccess::Open { .. } | SiteAccess::Closed { .. } | SiteAccess::Dormant => None,
    }
}

fn stock(state: &State, open: &[(OrderId, &Order)]) -> Vec<replan::Stock> {
    let mut freed: BTreeMap<(SkuId, SiteId), u32> = BTreeMap::new();
    let mut wanted: BTreeSet<SkuId> = BTreeSet::new();
    for (_, order) in open {
        for line in &order.lines {
            wanted.insert(line.sku);
            for a in line.allocations.iter().filter(|a| a.shipment.is_none()) {
                *freed.entry((line.sku, a.site)).or_default() += a.quantity.0;
            }
        }
    }
    let mut out = Vec::new();
    for sku in wanted {
        for index in 0..state.sites.len() {
            let site = SiteId::from_index(index);
            let reachable = !matches!(state.sites[index].access, SiteAccess::Closed { .. });
            let free = if reachable { state.stock.shelf(site, sku).available().0 } else { 0 };
            let given = if reachable { freed.get(&(sku, site)).copied().unwrap_or(0) } else { 0 };
            if free + given > 0 {
                out.push(replan::Stock { site, sku, quantity: free + given, from_day: 0 });
            }
        }
    }
    out
}

fn lanes(state: &State, open: &[(OrderId, &Order)], first_day: Day, horizon: u16) -> Vec<replan::Lane> {
    let zones: BTreeSet<ZoneId> = open.iter().map(|(_, order)| order.zone).collect();
    let network = &state.network;
    let mut arrivals: BTreeMap<(u16, u8), Vec<u16>> = BTreeMap::new();
    let lane_of = |(id, lane): (LaneId, &holdfast_domain::network::Lane)| {
        let used = zones.contains(&lane.zone) && state.lane_is_open(id);
        let site = network.site(lane.site);
        let transit = arrivals
            .entry((lane.service.0, lane.transit_days))
            .or_insert_with(|| {
                let day = |ahead: u16| first_day.plus(i32::from(ahead));
                let days =
                    |ahead: u16| network.arrival(lane, day(ahead)).map_or(i32::MAX, |a| a.since(day(ahead)));
                (0..horizon).map(|ahead| u16::try_from(days(ahead)).unwrap_or(365)).collect()
            })
            .clone();
        replan::Lane {
            site: lane.site,
            zone: lane.zone,
            service: lane.service.0,
            kind: kind(network.services.get(lane.service.index()).map(|service| service.kind)),
            fix: lane.cost_parcel,
            per_unit: 0,
            per_kg: lane.cost_kg,
            handling_parcel: site.map_or(0, |site| site.cost_parcel),
            handling_unit: site.map_or(0, |site| site.cost_unit),
            transit_days: transit,
            open_from: 0,
            open_until: if used { horizon } else { 0 },
            allows: u32::MAX,
            unit_max_g: u32::MAX,
        }
    };
    network.lanes.iter().map(lane_of).collect()
}

const fn kind(kind: Option<LaneKind>) -> replan::LaneKind {
    match kind {
        Some(LaneKind::StoreHub) => replan::LaneKind::StoreHub,
        Some(LaneKind::PickUp) => replan::LaneKind::PickUp,
        Some(LaneKind::Courier | LaneKind::OwnVan) => replan::LaneKind::LocalCourier,
        Some(LaneKind::ZoneSkip) => replan::LaneKind::ZoneSkip,
        Some(LaneKind::Parcel | LaneKind::Air | LaneKind::Ferry) | None => replan::LaneKind::Parcel,
    }
}

fn freeze_order(state: &State, order: &Order, first_day: Day, horizon: u16) -> (replan::Order, Vec<u16>) {
    let merchant = state.network.merchant(order.merchant);
    let urgency = 1 + i64::from(order.priority);
    // Lateness counts from the day first promised: a new date the customer was told makes no room for more of it.
    let promise_day = u16::try_from(order.promise_first.since(first_day).max(0)).unwrap_or(u16::MAX);
    let late_cost_day = merchant.map_or(0, |m| m.late_cost) * urgency;
    let late_whole = late_cost_day * i64::from(horizon.saturating_sub(promise_day));
    let (mut lines, mut numbers) = (Vec::new(), Vec::new());
    for (number, line) in (0_u16..).zip(&order.lines) {
        let quantity = open_units(line);
        if quantity == 0 {
            continue;
        }
        let planned =
            line.allocations.iter().filter(|a| a.shipment.is_none()).max_by_key(|a| (a.quantity, a.site));
        let (parcel, unit) = postponed(state, order, line.sku, quantity);
        lines.push(replan::Line {
            sku: line.sku,
            quantity: quantity.min(replan::LINE_QUANTITY_MAX),
            planned: planned.map(|a| a.site),
            move_cost: merchant.map_or(0, |m| m.move_cost),
            may_split: merchant.is_some_and(|m| m.split_quantity),
            // Urgent orders lose more by waiting. What waits is shipped later, and later still than anything planned:
            // leaving it saves neither its way nor its lateness.
            backorder_cost: merchant.map_or(0, |m| m.backorder_cost) * urgency + parcel + late_whole,
            backorder_unit: unit,
            held: None,
        });
        numbers.push(number);
    }
    let frozen = replan::Order {
        merchant: order.merchant.0,
        zone: order.zone,
        promise_day,
        earliest_day: 0,
        late_cost: 0,
        late_cost_day,
        split_cost: 0,
        weight: 1,
        lines,
    };
    (frozen, numbers)
}

/// What shipping a line costs from the site that is dearest for it, by that site's cheapest lane: for its parcel, and
/// for each unit. No planned way costs more, so that nothing is left without a site because leaving it is cheaper.
fn postponed(state: &State, order: &Order, sku: SkuId, units: u32) -> (i64, i64) {
    let weight = state.network.skus.get(sku).map_or(0, |sku| sku.weight_g);
    let mut cheapest: BTreeMap<SiteId, (i64, i64, i64)> = BTreeMap::new();
    for (id, lane) in state.network.lanes_to(order.zone) {
        let (Some(site), Some(lane)) = (state.network.site(*id), state.network.lanes.get(*lane)) else {
            continue;
        };
        let (parcel, unit) = (lane.cost_parcel + site.cost_parcel, lane.cost_unit(weight) + site.cost_unit);
        let way = (parcel.saturating_add(unit.saturating_mul(i64::from(units))), parcel, unit);
        cheapest.entry(*id).and_modify(|best| *best = way.min(*best)).or_insert(way);
    }
    cheapest.into_values().max().map_or((0, 0), |(_, parcel, unit)| (parcel, unit))
}
