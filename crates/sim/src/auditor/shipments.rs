//! Shipments: what leaves, leaves once, and never out of doubt without evidence.

use holdfast_domain::event::Event;
use holdfast_domain::id::{OrderId, ShipmentId, SiteId};
use holdfast_domain::incident::SiteAccess;
use holdfast_domain::order::Shipment;

use super::model::{BookShipment, Breach, Checked, Model, Stage, must, there};

impl Model {
    /// `None` for an event that is about something else.
    pub(super) fn on_shipment(&mut self, event: &Event) -> Option<Checked> {
        Some(match event {
            Event::ShipmentReleased(new) => self.released(new),
            Event::ShipmentPicked { shipment } | Event::ShipmentPacked { shipment } => {
                self.from(*shipment, &[Stage::AtSite]).map(|_| ())
            }
            Event::ShipmentShipped { shipment, evidence, .. } => self.shipped(*shipment, evidence.is_some()),
            Event::ShipmentException { shipment, .. } => self.from(*shipment, &[Stage::Shipped]).map(|_| ()),
            Event::ShipmentDelivered { shipment, .. } => self.to(*shipment, Stage::Shipped, Stage::Delivered),
            Event::ShipmentLost { shipment } => self.to(*shipment, Stage::Shipped, Stage::Lost),
            Event::ShipmentsInDoubt { shipments, timers, .. } => {
                self.timers
                    .extend(timers.iter().map(|(due, id)| (*due, holdfast_domain::timer::Timer::Doubt(*id))));
                self.totals.doubts += shipments.len() as u64;
                shipments.iter().try_for_each(|id| {
                    self.from(*id, &[Stage::AtSite, Stage::Recalling])?.stage = Stage::Doubt;
                    Ok(())
                })
            }
            Event::RecallAsked { shipment } => self.to(*shipment, Stage::AtSite, Stage::Recalling),
            Event::RecallRefused { shipment } => self.to(*shipment, Stage::Recalling, Stage::AtSite),
            Event::ShipmentRecalled { shipment, evidence } => self.recalled(*shipment, evidence.is_some()),
            Event::ReturnReceived { order, line, quantity, site, restock } => {
                self.came_back(*order, *line, i64::from(quantity.0), *site, *restock)
            }
            _ => return None,
        })
    }

    fn from(&mut self, id: ShipmentId, stages: &[Stage]) -> Result<&mut BookShipment, Breach> {
        let known = there(self.shipments.get_mut(id.0 as usize), "shipment", id)?;
        must(stages.contains(&known.stage), "wrong-stage", || {
            format!("{id} is {:?}, it had to be one of {stages:?}", known.stage)
        })?;
        Ok(known)
    }

    fn to(&mut self, id: ShipmentId, from: Stage, to: Stage) -> Checked {
        self.from(id, &[from])?.stage = to;
        Ok(())
    }

    fn released(&mut self, new: &Shipment) -> Checked {
        let id = ShipmentId(u32::try_from(self.shipments.len()).unwrap_or(u32::MAX));
        let open =
            matches!(self.access.get(usize::from(new.site.0)), Some(SiteAccess::Open { permille: 1.. }));
        must(open, "dark-site-released", || format!("{id} at {}", new.site))?;
        let order = self.live(new.order)?;
        must(!order.held, "held-order-released", || new.order.to_string())?;
        let mut items: Vec<(u16, i64)> = Vec::new();
        for (number, quantity) in &new.items {
            match items.iter_mut().find(|(known, _)| known == number) {
                Some((_, units)) => *units += i64::from(quantity.0),
                None => items.push((*number, i64::from(quantity.0))),
            }
        }
        for (number, units) in &items {
            let line = there(order.lines.get_mut(usize::from(*number)), "line", number)?;
            let due = |place: &super::model::Place| {
                (place.0, place.1, place.3) == (new.site, new.lane, None) && place.2 <= new.ship_day
            };
            let bound: Vec<_> = line.places.keys().filter(|place| due(place)).copied().collect();
            let sum: i64 = bound.iter().filter_map(|place| line.places.remove(place)).sum();
            must(sum == *units, "released-other-units", || {
                format!("{id} takes {units} of line {number} of {}, {sum} were due", new.order)
            })?;
            line.places.insert((new.site, new.lane, new.ship_day, Some(id)), sum);
        }
        self.shipments.push(BookShipment { order: new.order, site: new.site, items, stage: Stage::AtSite });
        Ok(())
    }

    fn shipped(&mut self, id: ShipmentId, evidence: bool) -> Checked {
        let known = self.from(id, &[Stage::AtSite, Stage::Recalling, Stage::Doubt])?;
        must(evidence == (known.stage == Stage::Doubt), "shipped-out-of-doubt", || id.to_string())?;
        known.stage = Stage::Shipped;
        let (order, site, items) = (known.order, known.site, known.items.clone());
        for (number, units) in items {
            let line = there(self.live(order)?.lines.get_mut(usize::from(number)), "line", number)?;
            line.shipped += units;
            let sku = line.sku;
            self.lines.insert((order, number));
            let shelf = self.shelf(site, sku);
            shelf.on_hand -= units;
            shelf.reserved -= units;
            self.totals.shipped += units;
        }
        Ok(())
    }

    fn recalled(&mut self, id: ShipmentId, evidence: bool) -> Checked {
        let known = self.from(id, &[Stage::Recalling, Stage::Doubt])?;
        must(evidence == (known.stage == Stage::Doubt), "recalled-out-of-doubt", || id.to_string())?;
        known.stage = Stage::Recalled;
        let (order, site, items) = (known.order, known.site, known.items.clone());
        for (number, units) in items {
            let line = there(self.live(order)?.lines.get_mut(usize::from(number)), "line", number)?;
            line.places.retain(|place, _| place.3 != Some(id));
            let sku = line.sku;
            self.lines.insert((order, number));
            self.shelf(site, sku).reserved -= units;
        }
        Ok(())
    }

    fn came_back(&mut self, order: OrderId, number: u16, units: i64, site: SiteId, restock: bool) -> Checked {
        let line = there(self.live(order)?.lines.get_mut(usize::from(number)), "line", number)?;
        line.returned += units;
        let sku = line.sku;
        self.lines.insert((order, number));
        let shelf = self.shelf(site, sku);
        shelf.on_hand += units;
        if !restock {
            shelf.quarantined += units;
        }
        self.totals.returned += units;
        Ok(())
    }
}
