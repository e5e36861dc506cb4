//! The tally: what a run came to, counted from the final state and nothing else.

use std::collections::BTreeMap;

use holdfast_domain::care::EndCause;
use holdfast_domain::id::{MerchantId, OrderId, SiteId};
use holdfast_domain::notice::NoticeStatus;
use holdfast_domain::order::{Order, ShipmentStage};
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Stamp};
use serde::Serialize;

/// What a run came to. Money in the operator's minor units, but for revenue, which is by currency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Orders taken.
    pub orders: u64,
    /// Lines of them.
    pub lines: u64,
    /// Units of them.
    pub units: u64,
    /// Orders whole with the customer by the day first promised.
    pub on_time: u64,
    /// Orders whole with the customer, later.
    pub late: u64,
    /// Days late, over all late orders.
    pub late_days: u64,
    /// Orders not whole with the customer when the run ended.
    pub open: u64,
    /// Orders the law held to be cancelled before they were whole: they keep no promise and are not open.
    pub cancelled_by_law: u64,
    /// Money that goes back for those, by currency.
    pub refunded: BTreeMap<String, i64>,
    /// Lines of open and of cancelled orders that were not served.
    pub open_lines: u64,
    /// Parcels that left.
    pub parcels: u64,
    /// Carriers.
    pub shipping: i64,
    /// Handling.
    pub handling: i64,
    /// Lateness, at the merchants' rates.
    pub late_cost: i64,
    /// Lines not served, at the merchants' rates.
    pub open_cost: i64,
    /// Calls of standby sites.
    pub activation: i64,
    /// Trucks between sites.
    pub transfer: i64,
    /// Units they brought.
    pub carried_units: u64,
    /// All of it.
    pub total_cost: i64,
    /// Orders a plan moved.
    pub moved: u64,
    /// Notices that left.
    pub notices: u64,
    /// Parcels that were in doubt and were settled.
    pub settled_doubts: u64,
    /// Worth of orders that kept their promise, by currency.
    pub revenue_on_time: BTreeMap<String, i64>,
    /// Worth of orders not whole with their customers, by currency: what was not sold, unless it is delivered later.
    pub revenue_open: BTreeMap<String, i64>,
    /// Worth of all orders, by currency.
    pub revenue: BTreeMap<String, i64>,
    /// By merchant: each number of the whole is the sum of theirs, but for standby sites
    /// and trucks, which nobody owns alone.
    pub merchants: BTreeMap<MerchantId, MerchantTally>,
    /// Parcels by site.
    pub sites: BTreeMap<SiteId, u64>,
    /// Units on order that were unloaded during the run, at the site they were meant for.
    pub inbound_as_planned: u64,
    /// Units on order that were unloaded elsewhere, because their site was shut.
    pub inbound_redirected: u64,
    /// Units on order that nobody had taken in when the run ended.
    pub inbound_waiting: u64,
}

/// What a run came to for one merchant. Costs in the operator's minor units, revenue in the merchant's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MerchantTally {
    /// Orders taken.
    pub orders: u64,
    /// Units of them.
    pub units: u64,
    /// Whole with the customer by the day first promised.
    pub on_time: u64,
    /// Whole with the customer, later.
    pub late: u64,
    /// Days late.
    pub late_days: u64,
    /// Not whole with the customer when the run ended.
    pub open: u64,
    /// Held by law to be cancelled before they were whole.
    pub cancelled_by_law: u64,
    /// Money that goes back for those, in the merchant's own currency.
    pub refunded: i64,
    /// Parcels that left.
    pub parcels: u64,
    /// Carriers.
    pub shipping: i64,
    /// Handling.
    pub handling: i64,
    /// Lateness.
    pub late_cost: i64,
    /// Lines not served.
    pub open_cost: i64,
    /// Orders a plan moved.
    pub moved: u64,
    /// Worth of its orders.
    pub revenue: i64,
    /// Worth of those that kept their promise.
    pub revenue_on_time: i64,
    /// Worth of those that were not whole with their customers.
    pub revenue_open: i64,
}

impl MerchantTally {
    /// All costs.
    #[must_use]
    pub const fn total_cost(&self) -> i64 {
        self.shipping + self.handling + self.late_cost + self.open_cost
    }

    /// Thousandths of its promises that were kept; `None` without orders.
    #[must_use]
    pub const fn kept_permille(&self) -> Option<u64> {
        if self.orders == 0 { None } else { Some(self.on_time * 1000 / self.orders) }
    }
}

/// When an order was whole with its customer; `None` while something is missing.
#[must_use]
pub fn completed(state: &State, order: &Order) -> Option<Day> {
    let mut last = None;
    for line in &order.lines {
        if !line.backordered().is_zero() {
            return None;
        }
        for a in &line.allocations {
            let shipment = state.shipments.get(a.shipment?)?;
            if shipment.stage != ShipmentStage::Delivered {
                return None;
            }
            last = last.max(shipment.arrival);
        }
    }
    last
}

/// Orders that kept their first promise.
#[must_use]
pub fn kept(state: &State) -> Vec<OrderId> {
    state.live_orders().filter(|(id, order)| keeps(state, *id, order)).map(|(id, _)| id).collect()
}

/// Whether an order was served whole by the day it was first promised.
#[must_use]
pub fn keeps(state: &State, id: OrderId, order: &Order) -> bool {
    let on_time = || completed(state, order).is_some_and(|day| day <= order.promise_first);
    cancelled_by_law(state, id).is_none() && on_time()
}

/// When the law held the order to be cancelled; `None` where it did not.
#[must_use]
pub fn cancelled_by_law(state: &State, order: OrderId) -> Option<Stamp> {
    match state.care.file(order)?.ended? {
        (at, EndCause::Law(..)) => Some(at),
        _ => None,
    }
}

/// Counts a run.
#[must_use]
pub fn tally(state: &State) -> Tally {
    let mut out = Tally::default();
    for (id, order) in state.live_orders() {
        count_order(state, id, order, &mut out);
    }
    for (_, shipment) in state.shipments.iter() {
        let left = matches!(
            shipment.stage,
            ShipmentStage::Shipped
                | ShipmentStage::Exception
                | ShipmentStage::Delivered
                | ShipmentStage::Lost
        );
        let (Some(site), Some(lane)) =
            (state.network.site(shipment.site), state.network.lanes.get(shipment.lane))
        else {
            continue;
        };
        if !left {
            continue;
        }
        *out.sites.entry(shipment.site).or_default() += 1;
        let Ok(order) = state.order(shipment.order) else { continue };
        let (mut shipping, mut handling) = (lane.cost_parcel, site.cost_parcel);
        for (number, quantity) in &shipment.items {
            let sku = order.lines.get(usize::from(*number)).and_then(|line| state.network.skus.get(line.sku));
            shipping += lane.cost_unit(sku.map_or(0, |sku| sku.weight_g)) * i64::from(quantity.0);
            handling += site.cost_unit * i64::from(quantity.0);
        }
        let mine = out.merchants.entry(order.merchant).or_default();
        mine.parcels += 1;
        mine.shipping += shipping;
        mine.handling += handling;
    }
    for mine in out.merchants.values() {
        out.orders += mine.orders;
        out.units += mine.units;
        out.on_time += mine.on_time;
        out.late += mine.late;
        out.late_days += mine.late_days;
        out.open += mine.open;
        out.cancelled_by_law += mine.cancelled_by_law;
        out.parcels += mine.parcels;
        out.shipping += mine.shipping;
        out.handling += mine.handling;
        out.late_cost += mine.late_cost;
        out.open_cost += mine.open_cost;
        out.moved += mine.moved;
    }
    out.notices =
        state.notices.iter().filter(|(_, notice)| notice.status == NoticeStatus::Sent).count() as u64;
    out.activation = activation(state);
    out.carried_units = carried(state);
    out.total_cost = out.shipping + out.handling + out.late_cost + out.open_cost + out.activation;
    out
}

fn count_order(state: &State, id: OrderId, order: &Order, out: &mut Tally) {
    let Some(merchant) = state.network.merchant(order.merchant) else { return };
    let currency = merchant.currency.code();
    let value = order.value();
    out.lines += order.lines.len() as u64;
    *out.revenue.entry(currency.to_owned()).or_default() += value;
    let mine = out.merchants.entry(order.merchant).or_default();
    mine.orders += 1;
    mine.units += order.lines.iter().map(|line| u64::from(line.wanted().0)).sum::<u64>();
    mine.moved += u64::from(order.moved > 0);
    mine.revenue += value;
    mine.late_cost += merchant.late_cost * late_lines(state, order);
    let rate = merchant.backorder_cost * (1 + i64::from(order.priority));
    if cancelled_by_law(state, id).is_some() {
        mine.cancelled_by_law += 1;
        let owed = state.care.file(id).map_or(0, |file| file.refund.owed);
        mine.refunded += owed;
        *out.refunded.entry(currency.to_owned()).or_default() += owed;
        mine.revenue_open += value;
        *out.revenue_open.entry(currency.to_owned()).or_default() += value;
        let lost = order.lines.iter().filter(|line| !line.cancelled.is_zero() || !line_done(state, line));
        let lost = lost.count();
        mine.open_cost += rate * lost as i64;
        out.open_lines += lost as u64;
        return;
    }
    match completed(state, order) {
        Some(day) if day <= order.promise_first => {
            mine.on_time += 1;
            mine.revenue_on_time += value;
            *out.revenue_on_time.entry(currency.to_owned()).or_default() += value;
        }
        Some(day) => {
            mine.late += 1;
            mine.late_days += u64::try_from(day.since(order.promise_first)).unwrap_or(0);
        }
        None => {
            mine.open += 1;
            mine.revenue_open += value;
            *out.revenue_open.entry(currency.to_owned()).or_default() += value;
            let open = order.lines.iter().filter(|line| !line_done(state, line)).count();
            mine.open_cost += rate * open as i64;
            out.open_lines += open as u64;
        }
    }
}

fn line_done(state: &State, line: &holdfast_domain::order::Line) -> bool {
    line.backordered().is_zero()
        && line.allocations.iter().all(|a| {
            a.shipment
                .and_then(|id| state.shipments.get(id))
                .is_some_and(|s| s.stage == ShipmentStage::Delivered)
        })
}

/// Lines times days late, of what was delivered.
fn late_lines(state: &State, order: &Order) -> i64 {
    let arrival = |line: &holdfast_domain::order::Line| {
        let days = line.allocations.iter().filter_map(|a| state.shipments.get(a.shipment?)?.arrival);
        days.max().filter(|_| line_done(state, line))
    };
    order.lines.iter().filter_map(arrival).map(|day| i64::from(day.since(order.promise_first).max(0))).sum()
}

/// Units that trucks brought from one site to another.
fn carried(state: &State) -> u64 {
    let received = state.transfers.iter().filter(|(_, sent)| sent.received);
    received.flat_map(|(_, sent)| sent.items.iter()).map(|(_, quantity)| u64::from(quantity.0)).sum()
}

/// Calls of standby sites: each paid once, and by the day from its opening to the end.
fn activation(state: &State) -> i64 {
    use holdfast_domain::incident::SiteAccess;
    let called =
        state.network.sites.iter().zip(&state.sites).filter(|(_, now)| now.access != SiteAccess::Dormant);
    called
        .filter_map(|(site, _)| site.standby)
        .map(|terms| terms.activation_cost + 7 * terms.daily_cost)
        .sum()
}
