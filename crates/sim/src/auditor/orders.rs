//! Orders: taken once, promised no more than is wanted and there, cancelled no more than is left.

use holdfast_domain::event::{Allocations, Event};
use holdfast_domain::id::OrderId;
use holdfast_domain::order::Order;

use super::model::{BookLine, BookOrder, Checked, Model, Stage, must, there};

impl Model {
    /// `None` for an event that is about something else.
    pub(super) fn on_order(&mut self, event: &Event) -> Option<Checked> {
        Some(match event {
            Event::OrderReceived(new) => self.order_received(new),
            Event::OrderHeld { order, .. } => self.held(*order, true),
            Event::OrderFreed { order } => self.held(*order, false),
            Event::OrderSourced { order, allocations, .. } => self.give(*order, allocations),
            Event::OrderMoved { order, plan, from, to } => {
                self.moving.insert(*plan);
                self.totals.moves += u64::from(!to.is_empty());
                self.take(*order, from).and_then(|()| self.give(*order, to))
            }
            Event::UnitsDropped { order, dropped, .. } => self.take(*order, dropped),
            Event::LineCancelled { order, line, quantity, dropped } => {
                self.take(*order, dropped).and_then(|()| self.cancelled(*order, *line, i64::from(quantity.0)))
            }
            Event::PromiseMoved { order, .. } => self.live(*order).map(|_| ()),
            Event::OrderArchived { order, .. } => self.archived(*order),
            _ => return None,
        })
    }

    pub(super) fn live(&mut self, id: OrderId) -> Result<&mut BookOrder, super::model::Breach> {
        let order = there(self.orders.get_mut(id.0 as usize), "order", id)?;
        must(!order.archived, "archived-order-touched", || id.to_string())?;
        Ok(order)
    }

    fn order_received(&mut self, new: &Order) -> Checked {
        let id = OrderId(u32::try_from(self.orders.len()).unwrap_or(u32::MAX));
        let name = (new.merchant, new.number.clone());
        let first = self.numbers.insert(name, id).is_none();
        must(first, "order-taken-twice", || format!("{} of {}", new.number, new.merchant))?;
        must(usize::from(new.zone.0) < self.zones, "unknown-thing", || new.zone.to_string())?;
        must(!new.lines.is_empty(), "order-without-lines", || id.to_string())?;
        let mut lines = Vec::new();
        for line in &new.lines {
            let owner = there(self.skus.get(line.sku.0 as usize), "SKU", line.sku)?;
            must(*owner == new.merchant, "foreign-sku", || format!("{} in {id}", line.sku))?;
            let fresh = line.allocations.is_empty() && line.cancelled.0 == 0 && line.returned.0 == 0;
            must(fresh, "order-not-new", || id.to_string())?;
            lines.push(BookLine {
                sku: line.sku,
                ordered: i64::from(line.ordered.0),
                cancelled: 0,
                shipped: 0,
                returned: 0,
                price: line.price,
                places: std::collections::BTreeMap::new(),
            });
        }
        let order = BookOrder {
            merchant: new.merchant,
            number: new.number.clone(),
            zone: new.zone,
            held: new.hold.is_some(),
            archived: false,
            lines,
        };
        self.totals.orders += 1;
        self.totals.ordered_value += order.value();
        self.orders.push(order);
        Ok(())
    }

    fn held(&mut self, id: OrderId, held: bool) -> Checked {
        let order = self.live(id)?;
        order.held = held;
        let works = order.lines.iter().flat_map(|line| line.places.keys()).any(|place| place.3.is_none());
        must(!held || !works, "held-order-keeps-units", || id.to_string())
    }

    /// Units get a place: the order may, the way is open, the shelf has them.
    fn give(&mut self, id: OrderId, new: &Allocations) -> Checked {
        for (number, a) in new {
            let order = self.live(id)?;
            must(!order.held, "held-order-sourced", || id.to_string())?;
            let zone = order.zone;
            let line = there(order.lines.get_mut(usize::from(*number)), "line", number)?;
            let (sku, units) = (line.sku, i64::from(a.quantity.0));
            must(units > 0 && a.shipment.is_none(), "odd-allocation", || format!("{a:?} for {id}"))?;
            *line.places.entry((a.site, a.lane, a.ship_day, None)).or_default() += units;
            self.lines.insert((id, *number));
            must(self.takes_orders(a.site), "dark-site-promised", || format!("{} for {id}", a.site))?;
            let lane = there(self.lanes.get(a.lane.0 as usize), "lane", a.lane)?;
            must(*lane == (a.site, zone), "wrong-lane", || format!("{} for {id}", a.lane))?;
            let closed = self.embargoes.iter().any(|(lane, _)| *lane == a.lane);
            must(!closed, "closed-lane-promised", || format!("{} for {id}", a.lane))?;
            self.shelf(a.site, sku).reserved += units;
        }
        Ok(())
    }

    /// Units lose their place: they must have been there, and no site may have been told of them.
    fn take(&mut self, id: OrderId, old: &Allocations) -> Checked {
        for (number, a) in old {
            let order = self.live(id)?;
            let line = there(order.lines.get_mut(usize::from(*number)), "line", number)?;
            let (sku, units) = (line.sku, i64::from(a.quantity.0));
            let place = (a.site, a.lane, a.ship_day, None);
            let has = line.places.get(&place).copied().unwrap_or(0);
            must(a.shipment.is_none() && has >= units, "units-not-there", || {
                format!("{id} line {number} gives back {units} of {has} at {place:?}, in {:?}", a.shipment)
            })?;
            if has == units {
                line.places.remove(&place);
            } else {
                line.places.insert(place, has - units);
            }
            self.lines.insert((id, *number));
            self.shelf(a.site, sku).reserved -= units;
        }
        Ok(())
    }

    fn cancelled(&mut self, id: OrderId, number: u16, units: i64) -> Checked {
        let line = there(self.live(id)?.lines.get_mut(usize::from(number)), "line", number)?;
        line.cancelled += units;
        let value = line.price * units;
        self.lines.insert((id, number));
        self.totals.cancelled_value += value;
        Ok(())
    }

    fn archived(&mut self, id: OrderId) -> Checked {
        let order = self.live(id)?;
        order.archived = true;
        let order = &self.orders[id.0 as usize];
        for line in &order.lines {
            let done = line.places.keys().all(|(.., shipment)| {
                shipment.is_some_and(|shipment| {
                    matches!(self.shipments[shipment.0 as usize].stage, Stage::Delivered | Stage::Lost)
                })
            });
            must(done && line.placed() == line.ordered - line.cancelled, "open-order-archived", || {
                id.to_string()
            })?;
        }
        Ok(())
    }
}
