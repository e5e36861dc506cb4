//! What is done before a site closes: on forecasts, and on what is announced.

use holdfast_app::writer::WriterError;
use holdfast_domain::command::Command;
use holdfast_domain::id::Id;
use holdfast_domain::incident::SiteAccess;
use holdfast_domain::time::{Span, Stamp};

use super::gain::{expected_gain, first_day_lost};
use super::{ActLog, Holdfast};
use crate::forecast::Outlook;
use crate::world::World;

/// How long an announced closure is expected to last when nobody says.
pub(super) const ANNOUNCED_DAYS: i32 = 3;

impl Holdfast {
    /// Reads the outlook of this moment and expects, or no longer expects, outages.
    pub(super) fn watch(&mut self, world: &mut World, at: Stamp) -> Result<(), WriterError> {
        let Some(outlook) = self.outlooks.iter().find(|outlook| outlook.public_at == at).cloned() else {
            return Ok(());
        };
        let mut changed = false;
        for chance in &outlook.sites {
            let site = chance.site;
            let shut = matches!(world.state().sites[site.index()].access, SiteAccess::Closed { .. });
            if shut || self.ordered.contains(&site) || self.from.is_some_and(|from| at < from) {
                continue;
            }
            let hours = self.recovery.get(&site).copied().unwrap_or(48);
            let zone = world.state().network.sites[site.index()].zone.clone();
            let days = chance.window.map(|(enters, leaves)| {
                let until = leaves.after(Span::hours(u64::from(hours))).local(&zone).0;
                (first_day_lost(enters, &zone), until.plus(1))
            });
            let known = self.expected.get(&site).copied();
            let gain = days.map(|days| expected_gain(world, site, days, chance.probability));
            // What has been acted on stands until the chance has clearly gone: turning back costs as much again.
            let wanted = match known {
                Some(known) if chance.probability >= Outlook::GIVE_UP_BELOW => days.or(Some(known)),
                Some(_) => None,
                None => {
                    let worth = self.from.is_some() || gain.is_some_and(|gain| gain > 0);
                    days.filter(|_| worth && chance.probability >= Outlook::ACT_AT_LEAST)
                }
            };
            if wanted == known {
                continue;
            }
            let incident = self.incident(world)?;
            world.ask(Command::ExpectOutage { site, incident, days: wanted }, "holdfast")?;
            match wanted {
                Some(days) => self.expected.insert(site, days),
                None => self.expected.remove(&site),
            };
            self.log.push(ActLog {
                at,
                what: if wanted.is_some() { "outage_expected" } else { "outage_no_longer_expected" },
                site: Some(site),
                chance: Some(chance.probability),
                expected_gain: gain,
                days: wanted,
                plan: None,
                moved: 0,
                notices: 0,
                opened: None,
                fair: None,
            });
            changed = true;
        }
        if changed { self.replan(world, "replan_on_forecast", at) } else { Ok(()) }
    }

    /// Reads what was announced for later, such as an evacuation, and leads orders round it.
    pub(super) fn heed(&mut self, world: &mut World, at: Stamp) -> Result<(), WriterError> {
        let Some(announced) = self.announced.remove(&at) else { return Ok(()) };
        for (site, from) in announced {
            let zone = world.state().network.sites[site.index()].zone.clone();
            let first = first_day_lost(from, &zone);
            let days = (first, first.plus(ANNOUNCED_DAYS));
            let incident = self.incident(world)?;
            world.ask(Command::ExpectOutage { site, incident, days: Some(days) }, "holdfast")?;
            self.expected.insert(site, days);
            self.ordered.insert(site);
            let gain = Some(expected_gain(world, site, days, 1.0));
            self.log.push(ActLog {
                at,
                what: "closure_announced",
                site: Some(site),
                chance: None,
                expected_gain: gain,
                days: Some(days),
                plan: None,
                moved: 0,
                notices: 0,
                opened: None,
                fair: None,
            });
        }
        self.replan(world, "replan_on_announcement", at)
    }
}
