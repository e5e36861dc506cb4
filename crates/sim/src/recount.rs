//! The recount: a drill's numbers once more, from the journal's events alone.
//!
//! It shares no code with the engine, the state or the tally: it keeps its own few tables and adds up. Where the two
//! disagree, one of them is wrong, and the drill says so.

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
}

#[derive(Default)]
struct OrderRow {
    promise: i32,
    wanted: Vec<i64>,
    skus: Vec<u32>,
    left: Vec<i64>,
    there: Vec<i64>,
    last: i32,
    moved: bool,
}

#[derive(Default)]
struct Books {
    sku_weight: Vec<i64>,
    lane: Vec<(i64, i64)>,
    site: Vec<(i64, i64)>,
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
            Event::OrderReceived(order) => self.orders.push(OrderRow {
                promise: order.promise.0,
                wanted: order.lines.iter().map(|line| i64::from(line.ordered.0)).collect(),
                skus: order.lines.iter().map(|line| line.sku.0).collect(),
                left: vec![0; order.lines.len()],
                there: vec![0; order.lines.len()],
                last: i32::MIN,
                moved: false,
            }),
            Event::OrderSourced { order, promise: Some(day), .. } => {
                self.orders[order.0 as usize].promise = day.0
            }
            Event::OrderMoved { order, to, .. } if !to.is_empty() => {
                self.orders[order.0 as usize].moved = true
            }
            Event::LineCancelled { order, line, quantity, .. } => {
                self.orders[order.0 as usize].wanted[usize::from(*line)] -= i64::from(quantity.0);
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
                }
                row.last = row.last.max(day.0);
            }
            Event::NoticeChanged { status: NoticeStatus::Sent, .. } => self.out.notices += 1,
            _ => {}
        }
    }

    fn shipped(&mut self, shipment: usize) {
        let (order, site, lane, items) = &self.shipments[shipment];
        let ((parcel, kg), (hand_parcel, hand_unit)) = (self.lane[*lane], self.site[*site]);
        self.out.parcels += 1;
        self.out.shipping += parcel;
        self.out.handling += hand_parcel;
        let row = &mut self.orders[*order];
        for (line, units) in items {
            row.left[*line] += units;
            let grams = kg * self.sku_weight[row.skus[*line] as usize];
            // A unit's own weight is paid for, rounded up.
            self.out.shipping += units * ((grams + 999) / 1000);
            self.out.handling += units * hand_unit;
        }
    }

    fn close(mut self) -> Recount {
        for row in &self.orders {
            self.out.orders += 1;
            self.out.units += u64::try_from(row.wanted.iter().sum::<i64>()).unwrap_or(0);
            self.out.moved += u64::from(row.moved);
            let beyond = row.left.iter().zip(&row.wanted).map(|(left, wanted)| (left - wanted).max(0));
            self.out.shipped_too_much += u64::try_from(beyond.sum::<i64>()).unwrap_or(0);
            let whole = row.there.iter().zip(&row.wanted).all(|(there, wanted)| there >= wanted);
            match (whole, row.last <= row.promise) {
                (false, _) => self.out.open += 1,
                (true, true) => self.out.on_time += 1,
                (true, false) => {
                    self.out.late += 1;
                    self.out.late_days +=
                        u64::try_from(i64::from(row.last) - i64::from(row.promise)).unwrap_or(0);
                }
            }
        }
        self.out
    }
}
