//! Shipments: told to a site in waves, handed over as far as it can, seen by carriers, delivered.

use holdfast_app::writer::WriterError;
use holdfast_domain::command::Command;
use holdfast_domain::event::DoubtEvidence;
use holdfast_domain::id::{ShipmentId, SiteId};
use holdfast_domain::order::ShipmentStage;
use holdfast_domain::time::{Day, Span, Stamp};
use rand::RngExt;

use super::{Happening, World};
use crate::clock::chance;

/// Of parcels released when a site closes, per mille that had left already without a scan.
const LEFT_UNSEEN_PERMILLE: u32 = 120;
/// When the carrier's next scan shows those.
const SCAN_AFTER: Span = Span::hours(30);
/// Thousandths of its capacity a site really has on the first day it is back, and how long that lasts.
const RESTART_PERMILLE: u16 = 600;
const RESTART: Span = Span::hours(24);

impl World {
    /// Tells a site of the parcels of a day.
    pub(super) fn wave(&mut self, site: SiteId, day: Day, at: Stamp) -> Result<(), WriterError> {
        if self.truth.site_out(site, at).is_some() || self.truth.permille(site, at) == 0 {
            return Ok(());
        }
        // A site the plan still holds shut, or one that is dormant, has nothing to release.
        self.ask(Command::ReleaseWave { site, day }, "scheduler").map(|_| ())
    }

    /// The site hands over what it could pack, and keeps the rest for its next day.
    pub(super) fn dispatch(&mut self, site: SiteId, day: Day, at: Stamp) -> Result<(), WriterError> {
        if self.truth.site_out(site, at).is_some() {
            return Ok(());
        }
        let waiting = std::mem::take(self.at_site.entry(site).or_default());
        let mut left = self.real_capacity(site, day, at);
        let (mut commands, mut stay) = (Vec::new(), Vec::new());
        for id in waiting {
            let Some(shipment) = self.state().shipments.get(id) else { continue };
            if shipment.stage.at_site().is_none() {
                continue;
            }
            let units: u32 = shipment.items.iter().map(|(_, quantity)| quantity.0).sum();
            let work = self.state().network.sites[usize::from(site.0)].work(1, units);
            let in_doubt = matches!(shipment.stage, ShipmentStage::InDoubt { .. });
            if in_doubt || work > left || self.truth.lane_out(shipment.lane, at) {
                stay.push(id);
                continue;
            }
            left -= work;
            let tracking = format!("HF{:09}", id.0);
            let package = holdfast_domain::order::Package { tracking: tracking.into(), weight_g: 0 };
            commands.push(Command::PackShipment { shipment: id });
            commands.push(Command::ShipShipment { shipment: id, packages: Box::new([package]), day });
        }
        self.at_site.insert(site, stay);
        if !commands.is_empty() {
            self.ask_all(commands, "site")?;
        }
        Ok(())
    }

    /// Work units the site can really do that day.
    fn real_capacity(&self, site: SiteId, day: Day, at: Stamp) -> u32 {
        // What a site has lent to a take-over is its section's to use.
        let whole = self.state().capacity_own(site, day);
        let restarting = self.truth.sites.iter().any(|closed| {
            closed.site == site && closed.out.until.is_some_and(|back| back <= at && at < back.after(RESTART))
        });
        let restart = if restarting { RESTART_PERMILLE } else { 1000 };
        let permille = u64::from(self.truth.permille(site, at).min(restart));
        u32::try_from(u64::from(whole) * permille / 1000).unwrap_or(u32::MAX)
    }

    /// Of what was released when the doors closed, some had been loaded already.
    pub(super) fn some_have_left(&mut self, site: SiteId, at: Stamp) {
        let released = self.at_site.get(&site).cloned().unwrap_or_default();
        for id in released {
            let left = chance(self.seed, "left unseen", u64::from(id.0)).random_range(0..1000)
                < LEFT_UNSEEN_PERMILLE;
            if left {
                self.left_unseen.push(id);
                self.push(at.after(SCAN_AFTER), Happening::Scan(id));
            }
        }
    }

    /// A carrier's scan shows that a parcel had left.
    pub(super) fn scan(&mut self, id: ShipmentId) -> Result<(), WriterError> {
        let Some(shipment) = self.state().shipments.get(id) else { return Ok(()) };
        let (site, stage, ship_day) = (shipment.site, shipment.stage, shipment.ship_day);
        let command = match stage {
            ShipmentStage::InDoubt { .. } => Command::ResolveDoubt {
                shipment: id,
                shipped: true,
                evidence: DoubtEvidence::Scan,
                day: ship_day,
            },
            stage if stage.at_site().is_some() => {
                Command::ShipShipment { shipment: id, packages: Box::new([]), day: ship_day }
            }
            _ => return Ok(()),
        };
        if let Some(list) = self.at_site.get_mut(&site) {
            list.retain(|other| *other != id);
        }
        self.ask(command, "carrier").map(|_| ())
    }

    /// A site that is back says what it still has; those parcels never left.
    pub(super) fn settle_doubts(&mut self, site: SiteId, at: Stamp) -> Result<(), WriterError> {
        let doubtful: Vec<ShipmentId> = self
            .state()
            .shipments
            .iter()
            .filter(|(id, s)| {
                s.site == site
                    && matches!(s.stage, ShipmentStage::InDoubt { .. })
                    && !self.left_unseen.contains(id)
            })
            .map(|(id, _)| id)
            .collect();
        let (day, _) = at.local(&self.state().network.sites[usize::from(site.0)].zone);
        let command =
            |shipment| Command::ResolveDoubt { shipment, shipped: false, evidence: DoubtEvidence::Site, day };
        self.ask_all(doubtful.into_iter().map(command).collect(), "site").map(|_| ())
    }

    /// The carrier delivers, or tells that the destination cannot be reached and tries again.
    pub(super) fn deliver(&mut self, id: ShipmentId, at: Stamp) -> Result<(), WriterError> {
        let Some(shipment) = self.state().shipments.get(id) else { return Ok(()) };
        if !shipment.stage.with_carrier() {
            return Ok(());
        }
        let Ok(order) = self.state().order(shipment.order) else { return Ok(()) };
        let zone = order.zone;
        let site_zone = self.state().network.sites[usize::from(shipment.site.0)].zone.clone();
        match self.truth.zone_back(zone, at) {
            Some(Some(back)) => {
                let arrival = Some(back.local(&site_zone).0.plus(1));
                self.ask(Command::ReportException { shipment: id, arrival }, "carrier")?;
                self.push(back.after(Span::hours(24)), Happening::Deliver(id));
                Ok(())
            }
            Some(None) => Ok(()),
            None => {
                let day = at.local(&site_zone).0;
                self.ask(Command::DeliverShipment { shipment: id, day }, "carrier").map(|_| ())
            }
        }
    }
}
