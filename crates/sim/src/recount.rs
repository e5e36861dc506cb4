//! The recount: a drill's numbers once more, from the journal's events alone.
//!
//! It shares no code with the engine, the state or the tally: it keeps its own few tables and adds up. Where the two
//! disagree, one of them is wrong, and the drill says so.

use holdfast_domain::care::{CareEvent, EndCause};
use holdfast_domain::event::Event;
use holdfast_domain::evolve::Entry;
use holdfast_domain::notice::NoticeStatus;

/// What the recount adds up to, in the names of the tally.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recount {
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
    /// Not whole with the customer.
    pub open: u64,
    /// Held by law to be cancelled.
    pub cancelled_by_law: u64,
    /// Units trucks brought from one site to another.
    pub carried_units: u64,
    /// Parcels that left.
    pub parcels: u64,
    /// Carriers, minor units.
    pub shipping: i64,
    /// Handling, minor units.
    pub handling: i64,
    /// Orders a plan moved.
    pub moved: u64,
    /// Notices that left.
    pub notices: u64,
    /// Units that left twice for one line, or beyond what it wanted: must be none.
    pub shipped_too_much: u64,
    /// By merchant, in the order of their ids.
    pub merchants: Vec<MerchantRecount>,
}

/// What the recount adds up to for one merchant, in the names of the tally.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MerchantRecount {
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
    /// Not whole with the customer.
    pub open: u64,
    /// Held by law to be cancelled.
    pub cancelled_by_law: u64,
    /// Money that goes back for those, in its own minor units.
    pub refunded: i64,
    /// Parcels that left.
    pub parcels: u64,
    /// Carriers, minor units.
    pub shipping: i64,
    /// Handling, minor units.
    pub handling: i64,
    /// Lateness at its own rate, minor units.
    pub late_cost: i64,
    /// Lines not served at its own rate, minor units.
    pub open_cost: i64,
    /// Orders a plan moved.
    pub moved: u64,
}

#[derive(Default)]
struct OrderRow {
    merchant: usize,
    urgency: i64,
    promise: i32,
    wanted: Vec<i64>,
    skus: Vec<u32>,
    left: Vec<i64>,
    there: Vec<i64>,
    /// The last day something of the line was delivered.
    days: Vec<i32>,
    moved: bool,
    /// Units cancelled, by line.
    cancelled: Vec<i64>,
    ended_by_law: bool,
    owed: i64,
}

#[derive(Default)]
struct Books {
    sku_weight: Vec<i64>,
    lane: Vec<(i64, i64)>,
    site: Vec<(i64, i64)>,
    /// What a late line costs a day, and one that is not served.
    rates: Vec<(i64, i64)>,
    orders: Vec<OrderRow>,
    shipments: Vec<(usize, usize, usize, Vec<(usize, i64)>)>,
    out: Recount,
}

/// Recounts a journal from its start.
#[must_use]
pub fn recount<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Recount {
    let mut books = Books::default();
    for entry in entries {
        for event in &entry.events {
            books.read(event);
        }
    }
    books.close()
}

impl Books {
    fn read(&mut self, event: &Event) {
        match event {
            Event::SkuAdded(sku) => self.sku_weight.push(i64::from(sku.weight_g)),
            Event::LaneAdded(lane) => self.lane.push((lane.cost_parcel, lane.cost_kg)),
            Event::SiteAdded(site) => self.site.push((site.cost_parcel, site.cost_unit)),
            Event::MerchantAdded(merchant) => {
                self.rates.push((merchant.late_cost, merchant.backorder_cost));
                self.out.merchants.push(MerchantRecount::default());
            }
            Event::MerchantChanged(merchant, now) => {
                self.rates[merchant.0 as usize] = (now.late_cost, now.backorder_cost);
            }
            Event::OrderReceived(order) => self.orders.push(OrderRow {
                merchant: order.merchant.0 as usize,
                urgency: 1 + i64::from(order.priority),
                promise: order.promise.0,
                wanted: order.lines.iter().map(|line| i64::from(line.ordered.0)).collect(),
                skus: order.lines.iter().map(|line| line.sku.0).collect(),
                left: vec![0; order.lines.len()],
                there: vec![0; order.lines.len()],
                days: vec![i32::MIN; order.lines.len()],
                moved: false,
                cancelled: vec![0; order.lines.len()],
                ended_by_law: false,
                owed: 0,
            }),
            Event::OrderSourced { order, promise: Some(day), .. } => {
                self.orders[order.0 as usize].promise = day.0
            }
            Event::OrderMoved { order, to, .. } if !to.is_empty() => {
                self.orders[order.0 as usize].moved = true
            }
            Event::LineCancelled { order, line, quantity, .. } => {
                let row = &mut self.orders[order.0 as usize];
                row.wanted[usize::from(*line)] -= i64::from(quantity.0);
                row.cancelled[usize::from(*line)] += i64::from(quantity.0);
            }
            Event::Care(told) => match &**told {
                CareEvent::OrderEnded { order, why: EndCause::Law(..) } => {
                    self.orders[order.0 as usize].ended_by_law = true;
                }
                CareEvent::RefundDue { order, amount } => self.orders[order.0 as usize].owed += amount,
                _ => {}
            },
            Event::TransferReceived { items, .. } => {
                self.out.carried_units += items.iter().map(|(_, units)| u64::from(units.0)).sum::<u64>();
            }
            Event::ShipmentReleased(shipment) => {
                let items =
                    shipment.items.iter().map(|(line, units)| (usize::from(*line), i64::from(units.0)));
                let (order, site) = (shipment.order.0 as usize, usize::from(shipment.site.0));
                self.shipments.push((order, site, shipment.lane.0 as usize, items.collect()));
            }
            Event::ShipmentShipped { shipment, .. } => self.shipped(shipment.0 as usize),
            Event::ShipmentDelivered { shipment, day } => {
                let (order, _, _, items) = &self.shipments[shipment.0 as usize];
                let row = &mut self.orders[*order];
                for (line, units) in items {
                    row.there[*line] += units;
                    row.days[*line] = row.days[*line].max(day.0);
                }
            }
            Event::NoticeChanged { status: NoticeStatus::Sent, .. } => self.out.notices += 1,
            _ => {}
        }
    }

    fn shipped(&mut self, shipment: usize) {
        let (order, site, lane, items) = &self.shipments[shipment];
        let ((parcel, kg), (hand_parcel, hand_unit)) = (self.lane[*lane], self.site[*site]);
        let row = &mut self.orders[*order];
        let (mut shipping, mut handling) = (parcel, hand_parcel);
        for (line, units) in items {
            row.left[*line] += units;
            let grams = kg * self.sku_weight[row.skus[*line] as usize];
            // A unit's own weight is paid for, rounded up.
            shipping += units * ((grams + 999) / 1000);
            handling += units * hand_unit;
        }
        let whose = &mut self.out.merchants[row.merchant];
        whose.parcels += 1;
        whose.shipping += shipping;
        whose.handling += handling;
        self.out.parcels += 1;
        self.out.shipping += shipping;
        self.out.handling += handling;
    }

    fn close(mut self) -> Recount {
        for row in &self.orders {
            let units = u64::try_from(row.wanted.iter().sum::<i64>()).unwrap_or(0);
            let beyond = row.left.iter().zip(&row.wanted).map(|(left, wanted)| (left - wanted).max(0));
            let beyond = u64::try_from(beyond.sum::<i64>()).unwrap_or(0);
            let (late_cost, open_cost) = self.rates[row.merchant];
            let whose = &mut self.out.merchants[row.merchant];
            whose.orders += 1;
            whose.units += units;
            whose.moved += u64::from(row.moved);
            let (mut missing, mut late_line_days, mut last) = (0, 0, i32::MIN);
            let lines = row.there.iter().zip(&row.wanted).zip(&row.days).zip(&row.cancelled);
            for (((there, wanted), day), cancelled) in lines {
                missing += i64::from(there < wanted || (row.ended_by_law && *cancelled > 0));
                if there >= wanted && *day != i32::MIN {
                    late_line_days += i64::from((day - row.promise).max(0));
                    last = last.max(*day);
                }
            }
            whose.late_cost += late_cost * late_line_days;
            whose.open_cost += open_cost * row.urgency * missing;
            // Of an order that was cancelled whole nothing was delivered: no promise of it was kept.
            if row.ended_by_law {
                whose.cancelled_by_law += 1;
                whose.refunded += row.owed;
            } else if missing > 0 || last == i32::MIN {
                whose.open += 1;
            } else if last <= row.promise {
                whose.on_time += 1;
            } else {
                whose.late += 1;
                whose.late_days += u64::try_from(i64::from(last) - i64::from(row.promise)).unwrap_or(0);
            }
            self.out.shipped_too_much += beyond;
        }
        for whose in &self.out.merchants {
            self.out.orders += whose.orders;
            self.out.units += whose.units;
            self.out.on_time += whose.on_time;
            self.out.late += whose.late;
            self.out.late_days += whose.late_days;
            self.out.open += whose.open;
            self.out.cancelled_by_law += whose.cancelled_by_law;
            self.out.moved += whose.moved;
        }
        self.out
    }
}
