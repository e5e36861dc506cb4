//! What happens to a network: sites that close, carriers that stop, capacity that shrinks, orders that cannot come in.
//!
//! Invariant: every stop of a shock begins at the shock's start and is lifted after its own hours.

use holdfast_domain::id::Id;
use holdfast_domain::time::Stamp;

use super::{Live, World};

/// What stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// A site ships nothing; its stock lies there, out of reach.
    Site(u16),
    /// A carrier brings nothing: all its lanes are embargoed. An index into [`World::carriers`].
    Carrier(u16),
    /// A site promises so many thousandths of its capacity.
    Limit {
        /// The site.
        site: u16,
        /// Thousandths, 1 to 999.
        permille: u16,
    },
    /// Orders come in but nobody can take them up: they wait in the queue.
    Intake,
}

/// Something that stands still for so long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stop {
    /// What.
    pub what: What,
    /// Hours.
    pub hours: f64,
}

/// Stops that begin together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shock {
    /// Index of the start in [`World::phases`].
    pub phase: usize,
    /// What stops.
    pub stops: Vec<Stop>,
    /// Sleeping standby sites that are struck too and cannot be called, a bit each.
    pub blocked: u64,
}

impl Shock {
    /// Sites closed for the same hours.
    #[must_use]
    pub fn sites(phase: usize, sites: &[u16], hours: f64) -> Self {
        let stops = sites.iter().map(|site| Stop { what: What::Site(*site), hours }).collect();
        Self { phase, stops, blocked: 0 }
    }

    /// The same stops for the same hours each.
    #[must_use]
    pub fn of(phase: usize, whats: &[What], hours: f64) -> Self {
        let stops = whats.iter().map(|what| Stop { what: *what, hours }).collect();
        Self { phase, stops, blocked: 0 }
    }

    /// The hours of the longest stop.
    #[must_use]
    pub fn longest(&self) -> f64 {
        self.stops.iter().map(|stop| stop.hours).fold(0.0, f64::max)
    }

    /// The hours of the longest closure of a site; `None` without one.
    #[must_use]
    pub fn longest_closure(&self) -> Option<f64> {
        let closures = self.stops.iter().filter(|stop| matches!(stop.what, What::Site(_)));
        closures.map(|stop| stop.hours).reduce(f64::max)
    }

    /// The same, no stop longer than `hours`.
    #[must_use]
    pub fn cut(&self, hours: f64) -> Self {
        let shorter = |stop: &Stop| Stop { what: stop.what, hours: stop.hours.min(hours) };
        Self { stops: self.stops.iter().map(shorter).collect(), ..*self }
    }

    /// Whether the site can be called while it lasts.
    #[must_use]
    pub fn blocks(&self, site: u16) -> bool {
        self.blocked >> site & 1 == 1
    }

    /// Whether the site is closed by it.
    #[must_use]
    pub fn closes(&self, site: u16) -> bool {
        self.stops.iter().any(|stop| stop.what == What::Site(site))
    }
}

/// A standby site that is called for a shock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Call {
    /// The site.
    pub site: u16,
    /// From when it ships, milliseconds.
    pub ready: i64,
    /// When it is let go, milliseconds.
    pub until: i64,
    /// What the call and its days cost, minor units.
    pub cost: i64,
}

/// Milliseconds of an hour.
pub(crate) const HOUR_MS: f64 = 3_600_000.0;

/// Milliseconds of so many hours.
pub(crate) fn ms(hours: f64) -> i64 {
    (hours * HOUR_MS).round() as i64
}

impl World {
    /// The standby sites that are called when sites close for longer than the standby's lead time; each is let go
    /// when the last of the sites is back.
    #[must_use]
    pub fn calls(&self, shock: &Shock) -> Vec<Call> {
        let Some(hours) = shock.longest_closure() else { return Vec::new() };
        let start = self.phases[shock.phase];
        let until = start + ms(hours);
        (0..)
            .zip(&self.standby)
            .filter_map(|(site, terms)| {
                let terms = (*terms)?;
                let ready = start.checked_add_unsigned(terms.lead_time.0)?;
                let days = (until - ready + super::DAY_MS - 1) / super::DAY_MS;
                (ready < until && !self.is_open(usize::from(site)) && !shock.blocks(site)).then(|| Call {
                    site,
                    ready,
                    until,
                    cost: terms.activation_cost + terms.daily_cost * days,
                })
            })
            .collect()
    }

    /// Sets a stop up or lifts it.
    pub(crate) fn set(&self, live: &mut Live, what: What, stands: bool) {
        match what {
            What::Site(site) => {
                let bit = 1_u64 << site;
                live.closed = if stands { live.closed | bit } else { live.closed & !bit };
            }
            What::Carrier(carrier) => {
                for (stopped, of) in live.stopped.iter_mut().zip(&self.carrier_of) {
                    if *of == carrier {
                        *stopped = stands;
                    }
                }
                live.lanes_stopped = live.stopped.iter().any(|stopped| *stopped);
            }
            What::Limit { site, permille } => {
                live.permille[usize::from(site)] = if stands { permille } else { 1000 };
            }
            What::Intake => live.intake_down = stands,
        }
    }

    /// Calls a standby site, or lets it go.
    pub(crate) fn call(&self, live: &mut Live, call: &Call, stands: bool) {
        let site = usize::from(call.site);
        if stands {
            let day = Stamp(call.ready).local(&self.sites[site].zone).0;
            live.closed &= !(1 << site);
            live.ready[site] = (day.0 - self.first_day).clamp(0, i32::from(u16::MAX)) as u16;
        } else {
            live.closed |= 1 << site;
        }
    }

    /// Index of a carrier in [`World::carriers`].
    #[must_use]
    pub fn carrier_of_lane(&self, lane: u32) -> u16 {
        self.carrier_of[self.lanes[lane as usize].service]
    }

    /// Index of a site's id.
    #[must_use]
    pub fn site_id(&self, site: u16) -> holdfast_domain::id::SiteId {
        holdfast_domain::id::SiteId::from_index(usize::from(site))
    }
}
