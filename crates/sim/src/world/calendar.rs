//! What is known from the start to happen: orders, waves, hand-overs, goods on order, and the disaster.

use holdfast_domain::id::{Id, SiteId};
use holdfast_domain::incident::StockAccess;
use holdfast_domain::time::{Span, Stamp};

use super::{Happening, RETRY_MS, World};

/// How long after its cut-off a site hands its parcels over.
const DISPATCH_AFTER: Span = Span::hours(3);
/// The local time, the evening before, at which a site is told of the next day's orders.
const EVENING_MS: u32 = 20 * 3_600_000;
/// What no carrier has scanned by then was inside a site that was destroyed.
const RUIN_SETTLED_AFTER: Span = Span::hours(48);

impl World {
    /// Puts waves, hand-overs and orders of the whole run on the calendar.
    pub(super) fn plan_days(&mut self, start: Stamp) {
        let network = std::sync::Arc::clone(&self.state().network);
        for index in 0..self.orders.len() {
            self.push(self.orders[index].at, Happening::Order(index));
        }
        self.plan_sites(start);
        for index in 0..self.inbound.len() {
            let (day, site, ..) = self.inbound[index];
            let zone = &network.sites[usize::from(site.0)].zone;
            self.push(day.at(RETRY_MS, zone), Happening::Inbound(index, site));
        }
    }

    /// Puts waves and hand-overs of sites that are new on the calendar: all of them at the start, and the sections of
    /// take-overs later.
    pub(super) fn plan_sites(&mut self, from: Stamp) {
        let network = std::sync::Arc::clone(&self.state().network);
        for index in self.sites_planned..network.sites.len() {
            let (id, site) = (SiteId::from_index(index), &network.sites[index]);
            let (mut day, _) = from.local(&site.zone);
            let (last, _) = self.end.local(&site.zone);
            while day <= last {
                if site.calendar.works(day) {
                    let cutoff = day.at(site.cutoff_ms, &site.zone);
                    let evening = day.plus(-1).at(EVENING_MS, &site.zone);
                    let happenings = [
                        (evening, Happening::Wave(id, day)),
                        (cutoff, Happening::Wave(id, day)),
                        (cutoff.after(DISPATCH_AFTER), Happening::Dispatch(id, day)),
                    ];
                    for (at, happening) in happenings {
                        // The first site's calendar begins a day before the first order, as it always has.
                        if self.sites_planned == 0 || at >= from {
                            self.push(at, happening);
                        }
                    }
                }
                if index == 0 {
                    self.push(day.at(RETRY_MS, &site.zone), Happening::Retry);
                }
                day = day.plus(1);
            }
        }
        self.sites_planned = network.sites.len();
    }

    /// Puts what is really out, and back, on the calendar.
    pub(super) fn plan_disaster(&mut self) {
        for closed in self.truth.sites.clone() {
            self.push(closed.out.from, Happening::SiteCloses(closed.site));
            if closed.stock == StockAccess::Lost {
                self.push(closed.out.from.after(RUIN_SETTLED_AFTER), Happening::RuinSettled(closed.site));
            }
            if let Some(until) = closed.out.until {
                self.push(until, Happening::SiteBack(closed.site));
            }
        }
        for index in 0..self.truth.limits.len() {
            let out = self.truth.limits[index].2;
            self.push(out.from, Happening::LimitBegins(index));
            if let Some(until) = out.until {
                self.push(until, Happening::LimitEnds(index));
            }
        }
        for index in 0..self.truth.lanes.len() {
            let out = self.truth.lanes[index].2;
            self.push(out.from, Happening::LanesClose(index));
            if let Some(until) = out.until {
                self.push(until, Happening::LanesOpen(index));
            }
        }
    }
}
