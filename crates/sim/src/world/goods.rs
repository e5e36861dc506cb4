//! Goods on order: unloaded, sent on from the gate of a site that is shut, sent again by suppliers.

use holdfast_app::core::Reply;
use holdfast_app::writer::WriterError;
use holdfast_domain::command::Command;
use holdfast_domain::id::{Id, SiteId, SkuId};
use holdfast_domain::quantity::Quantity;
use holdfast_domain::time::{Span, Stamp};

use super::{Happening, Policy, RETRY_MS, World};

/// How far goods that are sent on travel by road in a day, in metres.
const ROAD_DAY_M: f64 = 800_000.0;

impl World {
    /// Suppliers send again what lay at a site that has closed, as far as the scenario says.
    pub(super) fn send_again(&mut self, site: SiteId, at: Stamp) {
        let zone = self.state().network.sites[site.index()].zone.clone();
        for (_, days, permille) in self.truth.supplies.clone().into_iter().filter(|(to, ..)| *to == site) {
            let day = at.local(&zone).0.plus(i32::from(days));
            let shelves = self.state().stock.iter().filter(|(_, place, _)| *place == site);
            let part = |on_hand: u32| u64::from(on_hand) * u64::from(permille) / 1000;
            let goods: Vec<(SkuId, Quantity)> = shelves
                .map(|(sku, _, shelf)| {
                    (sku, Quantity(u32::try_from(part(shelf.on_hand)).unwrap_or(u32::MAX)))
                })
                .filter(|(_, quantity)| !quantity.is_zero())
                .collect();
            for (sku, quantity) in goods {
                let index = self.inbound.len();
                self.inbound.push((day, site, sku, quantity));
                self.unloaded.push(None);
                self.push(day.at(RETRY_MS, &zone), Happening::Inbound(index, site));
            }
        }
    }

    /// Goods on order are unloaded; at the gate of a site that is shut they are sent on, or ask again the next day.
    pub(super) fn take_in(
        &mut self,
        policy: &mut dyn Policy,
        index: usize,
        site: SiteId,
        at: Stamp,
    ) -> Result<(), WriterError> {
        let (_, planned, sku, quantity) = self.inbound[index];
        if quantity.is_zero() {
            // It was sent elsewhere before it came.
            return Ok(());
        }
        if self.truth.site_out(site, at).is_none() {
            let reply = self.ask(Command::ReceiveStock { site, sku, quantity }, "site")?;
            if matches!(reply, Reply::Done { .. }) {
                self.unloaded[index] = Some(site);
            }
            return if site == planned { Ok(()) } else { policy.unloaded_elsewhere(self, at) };
        }
        let sent: Vec<(SiteId, Quantity)> = policy
            .redirect(self, site, sku, quantity, at)
            .into_iter()
            .filter(|(to, _)| *to != site)
            .collect();
        if sent.is_empty() {
            self.push(at.after(Span::hours(24)), Happening::Inbound(index, site));
            return Ok(());
        }
        let mut left = quantity;
        for (number, (other, part)) in sent.iter().enumerate() {
            // What the parts do not add up to goes with the last.
            let part = if number + 1 == sent.len() { left } else { Quantity(part.0.min(left.0)) };
            left = left.saturating_sub(part);
            let index = if number == 0 {
                self.inbound[index].3 = part;
                index
            } else {
                self.inbound.push((self.inbound[index].0, planned, sku, part));
                self.unloaded.push(None);
                self.inbound.len() - 1
            };
            self.push(at.after(self.by_road(site, *other)), Happening::Inbound(index, *other));
        }
        Ok(())
    }

    /// How long goods take by road from the gate of one site to another: whole days.
    fn by_road(&self, from: SiteId, to: SiteId) -> Span {
        let sites = &self.state().network.sites;
        let far = sites[from.index()].place.distance_m(sites[to.index()].place);
        Span::days((far / ROAD_DAY_M).ceil().max(1.0) as u64)
    }
}
