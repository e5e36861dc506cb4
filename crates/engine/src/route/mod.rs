//! Sourcing: which sites serve an order that has just arrived, and why those.
//!
//! Every site with an open lane to the customer makes an offer per lane: the first day it can ship, what the parcel
//! costs, what each line costs, and which lines it cannot serve. The cheapest set of offers wins; shadow prices are
//! part of the cost. Up to six lines the choice is exact over every partition; beyond that see [`choose`].

pub mod choose;
mod explain;

use smallvec::SmallVec;

use holdfast_domain::event::{Allocations, Terms};
use holdfast_domain::id::{LaneId, OrderId, SiteId};
use holdfast_domain::network::{Lane, Site};
use holdfast_domain::order::{Allocation, Order};
use holdfast_domain::quantity::Quantity;
use holdfast_domain::reject::Rejection;
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Span, Stamp};

use crate::price::PriceTable;
use choose::{Choice, LineCost, Offer};
pub use explain::{Explanation, SiteVerdict, Verdict, explain};

/// How many days ahead a new order may be promised capacity.
pub const HORIZON_DAYS: i32 = 21;

/// First ship days by site, which change only at a cut-off: computing a local day for every order and site would
/// cost more than all the rest.
#[derive(Clone, Debug, Default)]
pub struct ShipDays(Vec<Option<ShipDay>>);

#[derive(Clone, Copy, Debug)]
struct ShipDay {
    from: Stamp,
    until: Stamp,
    first: Option<Day>,
}

impl ShipDays {
    /// The first day on which `site` can ship what arrives at `at`.
    pub fn first(&mut self, id: SiteId, site: &Site, at: Stamp) -> Option<Day> {
        let index = usize::from(id.0);
        if self.0.len() <= index {
            self.0.resize(index + 1, None);
        }
        if let Some(known) = self.0[index].filter(|known| known.from <= at && at < known.until) {
            return known.first;
        }
        let (today, ms) = at.local(&site.zone);
        let next = if ms < site.cutoff_ms { today } else { today.plus(1) };
        let until = next.at(site.cutoff_ms, &site.zone);
        let first = site.first_ship_day(at);
        // A cut-off that a clock change moves may lie behind us: then the answer holds for this moment only.
        let until = until.max(at.after(Span(1)));
        self.0[index] = Some(ShipDay { from: at, until, first });
        first
    }

    /// Forgets everything: a site's calendar or cut-off has changed.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

/// Where an order's backordered units can come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routing {
    /// Which units, where, by what, when; what is missing stays backordered.
    pub allocations: Allocations,
    /// What the choice was made of.
    pub terms: Terms,
    /// When the last of it arrives, if all of it has a site.
    pub arrival: Option<Day>,
}

/// A way an order could go: a site, a lane and the first day both have room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    pub(crate) site: SiteId,
    pub(crate) lane: LaneId,
    pub(crate) ship_day: Day,
    pub(crate) arrival: Day,
}

/// Routes the backordered units of `order`; nothing is reserved yet.
///
/// # Errors
/// [`Rejection`] for an order that is unknown, archived or held.
pub fn route(
    state: &State,
    days: &mut ShipDays,
    prices: &PriceTable,
    id: OrderId,
    at: Stamp,
) -> Result<Routing, Rejection> {
    let order = state.order(id)?;
    if order.hold.is_some() {
        return Err(Rejection::OrderHeld { order: id });
    }
    let wanted: SmallVec<[(u16, Quantity); 4]> = (0_u16..)
        .zip(&order.lines)
        .map(|(number, line)| (number, line.backordered()))
        .filter(|(_, quantity)| !quantity.is_zero())
        .collect();
    let (ways, offers) = offers(state, days, prices, order, &wanted, at);
    let choice = choose::cheapest(&offers, wanted.len());
    let mut routing = assemble(order, &wanted, &ways, &offers, &choice);
    let split = state.network.merchant(order.merchant).is_some_and(|merchant| merchant.split_quantity);
    if split && routing.arrival.is_none() {
        fill_by_parts(state, order, &wanted, &ways, &offers, &mut routing);
    }
    Ok(routing)
}

/// All ways and their offers for the wanted lines, ordered by site, then lane.
pub(crate) fn offers(
    state: &State,
    days: &mut ShipDays,
    prices: &PriceTable,
    order: &Order,
    wanted: &[(u16, Quantity)],
    at: Stamp,
) -> (SmallVec<[Way; 32]>, SmallVec<[Offer; 32]>) {
    let network = &state.network;
    let late_cost = network.merchant(order.merchant).map_or(0, |merchant| merchant.late_cost);
    let units: u32 = wanted.iter().map(|(_, quantity)| quantity.0).sum();
    let mut ways = SmallVec::new();
    let mut offers = SmallVec::new();
    let mut room: Option<(SiteId, Option<Day>)> = None;
    for (site_id, lane_id) in network.lanes_to(order.zone) {
        let (Ok((site, _)), Some(lane)) = (state.site(*site_id), network.lanes.get(*lane_id)) else {
            continue;
        };
        if !state.lane_is_open(*lane_id) {
            continue;
        }
        let day = match room {
            Some((known, day)) if known == *site_id => day,
            _ => {
                let day = first_day_with_room(state, days, *site_id, site, units, at);
                room = Some((*site_id, day));
                day
            }
        };
        let Some(ship_day) = day else { continue };
        let Some(arrival) = network.arrival(lane, ship_day) else { continue };
        let late_days = i64::from(arrival.since(order.promise).max(0));
        let capacity_price = prices.of_capacity(*site_id, ship_day);
        let lines = wanted.iter().map(|(number, quantity)| {
            let line = &order.lines[usize::from(*number)];
            line_cost(
                state,
                prices,
                *site_id,
                site,
                lane,
                line.sku,
                *quantity,
                late_cost * late_days,
                capacity_price,
            )
        });
        offers.push(Offer {
            parcel: lane.cost_parcel + site.cost_parcel,
            parcel_price: capacity_price * i64::from(site.work_parcel),
            lines: lines.collect(),
        });
        ways.push(Way { site: *site_id, lane: *lane_id, ship_day, arrival });
    }
    (ways, offers)
}

fn first_day_with_room(
    state: &State,
    days: &mut ShipDays,
    id: SiteId,
    site: &Site,
    units: u32,
    at: Stamp,
) -> Option<Day> {
    use holdfast_domain::incident::SiteAccess;
    let now = state.sites.get(usize::from(id.0))?;
    if !now.access.takes_orders() {
        return None;
    }
    let mut first = days.first(id, site, at)?;
    if let SiteAccess::Activating { ready } = now.access {
        first = first.max(ready.local(&site.zone).0);
    }
    // An order larger than a whole day's capacity could never ship; it gets the first day that is untouched.
    let work = site.work(1, units);
    (0..HORIZON_DAYS).map(|ahead| first.plus(ahead)).find(|day| {
        let left = state.capacity_left(id, *day);
        left >= work
    })
}

#[allow(clippy::too_many_arguments, reason = "the terms of one line's cost, each from its own place")]
fn line_cost(
    state: &State,
    prices: &PriceTable,
    site_id: SiteId,
    site: &Site,
    lane: &Lane,
    sku_id: holdfast_domain::id::SkuId,
    quantity: Quantity,
    late: i64,
    capacity_price: i64,
) -> Option<LineCost> {
    let sku = state.network.skus.get(sku_id)?;
    if !site.storage.accepts(sku.storage) || state.stock.shelf(site_id, sku_id).available() < quantity {
        return None;
    }
    let units = i64::from(quantity.0);
    let price = prices.of_stock(site_id, sku_id) * units + capacity_price * i64::from(site.work_unit) * units;
    Some(LineCost { cost: (site.cost_unit + lane.cost_unit(sku.weight_g)) * units, late, price })
}

fn assemble(
    order: &Order,
    wanted: &[(u16, Quantity)],
    ways: &[Way],
    offers: &[Offer],
    choice: &Choice,
) -> Routing {
    let mut routing = Routing { allocations: Allocations::new(), terms: Terms::default(), arrival: None };
    let (mut last, mut whole) = (None, true);
    let mut used: SmallVec<[usize; 4]> = SmallVec::new();
    for ((number, quantity), taken) in wanted.iter().zip(&choice.offers) {
        let Some(offer) = taken else {
            whole = false;
            continue;
        };
        let way = ways[*offer];
        let cost = offers[*offer].lines[routing_index(wanted, *number)];
        let cost = cost.expect("the choice takes only lines an offer can serve");
        routing.terms.line += cost.cost;
        routing.terms.late += cost.late;
        routing.terms.price += cost.price;
        if !used.contains(offer) {
            used.push(*offer);
            routing.terms.parcel += offers[*offer].parcel;
            routing.terms.price += offers[*offer].parcel_price;
        }
        last = last.max(Some(way.arrival));
        routing.allocations.push((*number, allocation(&way, *quantity)));
    }
    debug_assert!(order.lines.len() >= wanted.len());
    routing.arrival = last.filter(|_| whole);
    routing
}

fn routing_index(wanted: &[(u16, Quantity)], number: u16) -> usize {
    wanted.iter().position(|(other, _)| *other == number).expect("the number is one of the wanted")
}

const fn allocation(way: &Way, quantity: Quantity) -> Allocation {
    Allocation { site: way.site, lane: way.lane, ship_day: way.ship_day, quantity, shipment: None }
}

/// Serves lines no site can serve whole from several sites: parcels that go anyway first, then the cheapest.
fn fill_by_parts(
    state: &State,
    order: &Order,
    wanted: &[(u16, Quantity)],
    ways: &[Way],
    offers: &[Offer],
    routing: &mut Routing,
) {
    let mut last = routing
        .allocations
        .iter()
        .filter_map(|(_, a)| ways.iter().find(|w| w.lane == a.lane))
        .map(|w| w.arrival)
        .max();
    let mut whole = true;
    for (number, quantity) in wanted {
        if routing.allocations.iter().any(|(other, _)| other == number) {
            continue;
        }
        let sku = order.lines[usize::from(*number)].sku;
        let mut order_of_ways: Vec<usize> = (0..ways.len()).collect();
        let goes_anyway = |way: &Way, so_far: &Allocations| so_far.iter().any(|(_, a)| a.lane == way.lane);
        order_of_ways.sort_by_key(|i| (!goes_anyway(&ways[*i], &routing.allocations), offers[*i].parcel, *i));
        let mut left = *quantity;
        for index in order_of_ways {
            let way = &ways[index];
            let taken_here: u32 = routing
                .allocations
                .iter()
                .filter(|(other, a)| a.site == way.site && order.lines[usize::from(*other)].sku == sku)
                .map(|(_, a)| a.quantity.0)
                .sum();
            let free = state.available(way.site, sku).saturating_sub(Quantity(taken_here));
            let Ok((site, _)) = state.site(way.site) else { continue };
            let stored = state.network.skus.get(sku).is_some_and(|sku| site.storage.accepts(sku.storage));
            let part = Quantity(free.0.min(left.0));
            if part.is_zero() || !stored {
                continue;
            }
            if !goes_anyway(way, &routing.allocations) {
                routing.terms.parcel += offers[index].parcel;
            }
            routing.allocations.push((*number, allocation(way, part)));
            last = last.max(Some(way.arrival));
            left = left.saturating_sub(part);
            if left.is_zero() {
                break;
            }
        }
        whole &= left.is_zero();
    }
    routing.allocations.sort_by_key(|(number, a)| (*number, a.site));
    routing.arrival = last.filter(|_| whole);
}
