//! Sourcing: which sites serve an order that has just arrived, and why those.
//!
//! Every site with an open lane to the customer makes an offer per lane: the first day it can ship, what the parcel
//! costs, what each line costs, and which lines it cannot serve. [`holdfast_plan::source`] picks the cheapest set,
//! shadow prices included: exact up to six lines, by a stated heuristic beyond.

mod explain;

use smallvec::SmallVec;

use holdfast_domain::event::{Allocations, Terms};
use holdfast_domain::id::{LaneId, OrderId, SiteId, SkuId};
use holdfast_domain::incident::SiteAccess;
use holdfast_domain::network::{Lane, Site};
use holdfast_domain::order::{Allocation, Order};
use holdfast_domain::quantity::Quantity;
use holdfast_domain::reject::Rejection;
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Span, Stamp};
use holdfast_plan::source::{self, LINES_MAX, Offer, Question};

use crate::price::PriceTable;
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

/// A line's units that want a site.
type Wanted = SmallVec<[(u16, Quantity); 4]>;

/// A way an order could go: a site, a lane and the first day both have room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    pub(crate) site: SiteId,
    pub(crate) lane: LaneId,
    pub(crate) ship_day: Day,
    pub(crate) arrival: Day,
    /// Paid for a parcel.
    pub(crate) parcel: i64,
    /// Shadow price of a parcel's own work.
    pub(crate) parcel_price: i64,
}

/// What one line costs by one way, in minor units; `None` where it cannot be served.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LineCost {
    pub(crate) paid: i64,
    pub(crate) late: i64,
    pub(crate) price: i64,
}

impl LineCost {
    pub(crate) const fn total(self) -> i64 {
        self.paid + self.late + self.price
    }
}

/// Everything a sourcing decision looks at: ways, and each wanted line's cost by each way.
pub(crate) struct Offers {
    pub(crate) ways: SmallVec<[Way; 32]>,
    /// At `way * lines + line`.
    pub(crate) costs: SmallVec<[Option<LineCost>; 64]>,
    pub(crate) lines: usize,
}

impl Offers {
    pub(crate) fn cost(&self, way: usize, line: usize) -> Option<LineCost> {
        self.costs[way * self.lines + line]
    }

    /// The ways that take each of the lines `from..to`, by [`holdfast_plan::source`].
    pub(crate) fn choose(&self, from: usize, to: usize) -> SmallVec<[Option<u8>; 6]> {
        let lines = from..to;
        let offer = |(index, way): (usize, &Way)| Offer {
            site: way.site,
            lane: way.lane,
            day: 0,
            parcel: way.parcel + way.parcel_price,
            may: lines
                .clone()
                .filter(|line| self.cost(index, *line).is_some())
                .map(|line| 1 << (line - from))
                .sum(),
        };
        let offers: SmallVec<[Offer; 32]> = self.ways.iter().enumerate().map(offer).collect();
        let costs: SmallVec<[i64; 64]> = (0..self.ways.len())
            .flat_map(|way| lines.clone().map(move |line| (way, line)))
            .map(|(way, line)| self.cost(way, line).map_or(0, LineCost::total))
            .collect();
        let backorder: SmallVec<[Option<i64>; 6]> = lines.clone().map(|_| None).collect();
        let question = Question { offers: &offers, line_costs: &costs, backorder: &backorder };
        // Costs beyond the sourcing's limits leave the lines for a person to look at.
        source::source(&question).map_or_else(|_| lines.map(|_| None).collect(), |sourced| sourced.lines)
    }
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
    let wanted: Wanted = (0_u16..)
        .zip(&order.lines)
        .map(|(number, line)| (number, line.backordered()))
        .filter(|(_, quantity)| !quantity.is_zero())
        .collect();
    if wanted.is_empty() {
        return Ok(Routing { allocations: Allocations::new(), terms: Terms::default(), arrival: None });
    }
    let offers = offers(state, days, prices, order, &wanted, at);
    let mut routing = assemble(state, order, &wanted, &offers);
    let split = state.network.merchant(order.merchant).is_some_and(|merchant| merchant.split_quantity);
    if split && routing.arrival.is_none() {
        fill_by_parts(state, order, &wanted, &offers, &mut routing);
    }
    Ok(routing)
}

/// All ways and what each wanted line costs by them, ordered by site, then lane.
pub(crate) fn offers(
    state: &State,
    days: &mut ShipDays,
    prices: &PriceTable,
    order: &Order,
    wanted: &[(u16, Quantity)],
    at: Stamp,
) -> Offers {
    let network = &state.network;
    let late_cost = network.merchant(order.merchant).map_or(0, |merchant| merchant.late_cost);
    let units: u32 = wanted.iter().map(|(_, quantity)| quantity.0).sum();
    let mut out = Offers { ways: SmallVec::new(), costs: SmallVec::new(), lines: wanted.len() };
    let mut room: Option<(SiteId, Option<Day>)> = None;
    for (site_id, lane_id) in network.lanes_to(order.zone) {
        let (Ok((site, _)), Some(lane)) = (state.site(*site_id), network.lanes.get(*lane_id)) else {
            continue;
        };
        if !state.lane_is_open(*lane_id) || out.ways.len() + 1 >= source::OFFERS_MAX {
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
        let late = late_cost * i64::from(arrival.since(order.promise_first).max(0));
        let work_price = prices.of_capacity(*site_id, ship_day);
        for (number, quantity) in wanted {
            let sku = order.lines[usize::from(*number)].sku;
            let cost = line_cost(state, *site_id, site, lane, sku, *quantity).map(|paid| LineCost {
                paid,
                late,
                price: i64::from(quantity.0)
                    * (prices.of_stock(*site_id, sku) + work_price * i64::from(site.work_unit)),
            });
            out.costs.push(cost);
        }
        out.ways.push(Way {
            site: *site_id,
            lane: *lane_id,
            ship_day,
            arrival,
            parcel: lane.cost_parcel + site.cost_parcel,
            parcel_price: work_price * i64::from(site.work_parcel),
        });
    }
    out
}

fn first_day_with_room(
    state: &State,
    days: &mut ShipDays,
    id: SiteId,
    site: &Site,
    units: u32,
    at: Stamp,
) -> Option<Day> {
    let now = state.sites.get(usize::from(id.0))?;
    if !now.access.takes_orders() {
        return None;
    }
    let mut first = days.first(id, site, at)?;
    if let SiteAccess::Activating { ready } = now.access {
        first = first.max(ready.local(&site.zone).0);
    }
    let work = site.work(1, units);
    (0..HORIZON_DAYS).map(|ahead| first.plus(ahead)).find(|day| state.capacity_left(id, *day) >= work)
}

/// Carrier and handling cost of a line's units; `None` where the site lacks them or may not keep them.
fn line_cost(
    state: &State,
    id: SiteId,
    site: &Site,
    lane: &Lane,
    sku: SkuId,
    quantity: Quantity,
) -> Option<i64> {
    let known = state.network.skus.get(sku)?;
    if !site.storage.accepts(known.storage) || state.stock.shelf(id, sku).available() < quantity {
        return None;
    }
    Some((site.cost_unit + lane.cost_unit(known.weight_g)) * i64::from(quantity.0))
}

fn assemble(state: &State, order: &Order, wanted: &[(u16, Quantity)], offers: &Offers) -> Routing {
    let mut routing = Routing { allocations: Allocations::new(), terms: Terms::default(), arrival: None };
    let (mut last, mut whole) = (None, true);
    for from in (0..wanted.len()).step_by(LINES_MAX) {
        let to = wanted.len().min(from + LINES_MAX);
        for (line, taken) in (from..to).zip(offers.choose(from, to)) {
            let (number, quantity) = wanted[line];
            let chosen = taken.map(usize::from).and_then(|way| Some((way, offers.cost(way, line)?)));
            // Two lines of one SKU were each offered the whole shelf.
            let fits = chosen
                .filter(|(way, _)| has_left(state, order, &routing, &offers.ways[*way], number, quantity));
            let Some((way, cost)) = fits else {
                whole = false;
                continue;
            };
            let way = offers.ways[way];
            if !routing.allocations.iter().any(|(_, a)| a.lane == way.lane) {
                routing.terms.parcel += way.parcel;
                routing.terms.price += way.parcel_price;
            }
            routing.terms.line += cost.paid;
            routing.terms.late += cost.late;
            routing.terms.price += cost.price;
            last = last.max(Some(way.arrival));
            routing.allocations.push((number, allocation(&way, quantity)));
        }
    }
    routing.arrival = last.filter(|_| whole);
    routing
}

const fn allocation(way: &Way, quantity: Quantity) -> Allocation {
    Allocation { site: way.site, lane: way.lane, ship_day: way.ship_day, quantity, shipment: None }
}

/// Units of a line's SKU that the way's site still has beside what this routing takes there already.
fn free_at(state: &State, order: &Order, routing: &Routing, way: &Way, number: u16) -> Quantity {
    let sku = order.lines[usize::from(number)].sku;
    let same =
        |(other, a): &&(u16, Allocation)| a.site == way.site && order.lines[usize::from(*other)].sku == sku;
    let taken: u32 = routing.allocations.iter().filter(same).map(|(_, a)| a.quantity.0).sum();
    state.available(way.site, sku).saturating_sub(Quantity(taken))
}

fn has_left(
    state: &State,
    order: &Order,
    routing: &Routing,
    way: &Way,
    number: u16,
    quantity: Quantity,
) -> bool {
    free_at(state, order, routing, way, number) >= quantity
}

/// Serves lines no site can serve whole from several sites: parcels that go anyway first, then the cheapest.
fn fill_by_parts(
    state: &State,
    order: &Order,
    wanted: &[(u16, Quantity)],
    offers: &Offers,
    routing: &mut Routing,
) {
    let ways = &offers.ways;
    let used = |routing: &Routing, way: &Way| routing.allocations.iter().any(|(_, a)| a.lane == way.lane);
    let mut last = ways.iter().filter(|way| used(routing, way)).map(|way| way.arrival).max();
    let mut whole = true;
    for (number, quantity) in wanted {
        if routing.allocations.iter().any(|(other, _)| other == number) {
            continue;
        }
        let sku = order.lines[usize::from(*number)].sku;
        let storage = state.network.skus.get(sku).map_or(u8::MAX, |sku| sku.storage);
        let mut turns: Vec<usize> = (0..ways.len()).collect();
        turns.sort_by_key(|way| (!used(routing, &ways[*way]), ways[*way].parcel, *way));
        let mut left = *quantity;
        for way in turns.into_iter().map(|index| ways[index]) {
            let part = Quantity(free_at(state, order, routing, &way, *number).0.min(left.0));
            let stored = state.network.site(way.site).is_some_and(|site| site.storage.accepts(storage));
            if part.is_zero() || !stored {
                continue;
            }
            if !used(routing, &way) {
                routing.terms.parcel += way.parcel;
            }
            routing.allocations.push((*number, allocation(&way, part)));
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
