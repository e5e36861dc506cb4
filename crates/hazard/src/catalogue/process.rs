//! One hazard and severity over all sites: which site proposes an event, and which sites it hits.

use holdfast_domain::incident::{Hazard, Severity};
use rand_chacha::ChaCha8Rng;

use super::DowntimeTable;
use super::chance::{normal, poisson, stream, uniform};
use super::simulate::{EVENTS_PER_YEAR_MAX, Event, Footprint, Hit, SitePlace};
use crate::geo::destination;

const HOURS_OF_YEAR: f64 = 8_760.0;
/// The share of a downtime's spread that sites hit by one event have in common (a correlation).
const DOWNTIME_SHARED: f64 = 0.5;

/// One hazard and severity with each site's rate; built once for all years.
pub(super) struct Process {
    pub(super) hazard: Hazard,
    pub(super) severity: Severity,
    pub(super) radius_m: f64,
    /// By site; zero where it does not happen.
    pub(super) rates: Vec<f64>,
    /// For area hazards, the sites within two radii of each: all that an event near it can reach.
    pub(super) near: Vec<Vec<usize>>,
}

/// How far a hazard reaches.
#[derive(Clone, Copy, PartialEq)]
enum Scope {
    Area,
    Site,
    Country,
    Operator,
    World,
}

fn scope(hazard: Hazard) -> Scope {
    match hazard {
        Hazard::CyberAttack => Scope::Operator,
        Hazard::PandemicSurge => Scope::World,
        Hazard::CarrierStoppage => Scope::Country,
        Hazard::HumanError | Hazard::Fire | Hazard::Other => Scope::Site,
        _ => Scope::Area,
    }
}

impl Process {
    /// For each site, those an event it proposes can reach.
    pub(super) fn neighbours(&self, sites: &[SitePlace]) -> Vec<Vec<usize>> {
        let reach = |i: usize, j: usize| match scope(self.hazard) {
            Scope::Area => i == j || sites[i].place.distance_m(sites[j].place) <= 2.0 * self.radius_m,
            Scope::Site => i == j,
            Scope::Country => sites[i].country == sites[j].country,
            Scope::Operator | Scope::World => true,
        };
        let happens: Vec<usize> = (0..sites.len()).filter(|index| self.rates[*index] > 0.0).collect();
        (0..sites.len()).map(|i| happens.iter().copied().filter(|j| reach(i, *j)).collect()).collect()
    }

    fn purpose(&self) -> String {
        format!("{} {:?}", self.hazard.key(), self.severity)
    }

    /// The events of a year.
    pub(super) fn year(
        &self,
        sites: &[SitePlace],
        downtime: &DowntimeTable,
        seed: u64,
        year: u32,
    ) -> Vec<Event> {
        let mut events = Vec::new();
        let purpose = self.purpose();
        for (proposer, rate) in self.rates.iter().enumerate().filter(|(_, rate)| **rate > 0.0) {
            let mut random = stream(seed, &purpose, year, proposer as u64);
            for _ in 0..poisson(&mut random, *rate) {
                events.extend(self.event(sites, downtime, proposer, &mut random));
                if events.len() >= EVENTS_PER_YEAR_MAX {
                    return events;
                }
            }
        }
        events
    }

    /// One proposed event; nothing if a site of a higher rate speaks for this ground.
    fn event(
        &self,
        sites: &[SitePlace],
        downtime: &DowntimeTable,
        proposer: usize,
        random: &mut ChaCha8Rng,
    ) -> Option<Event> {
        // Everything is drawn before anything is decided, so that each event takes as much of the stream.
        let (distance, bearing) = (self.radius_m * uniform(random).sqrt(), 360.0 * uniform(random));
        let (start_h, share, common) = (HOURS_OF_YEAR * uniform(random), uniform(random), normal(random));
        let area = scope(self.hazard) == Scope::Area && self.radius_m > 0.0;
        let centre =
            if area { destination(sites[proposer].place, bearing, distance) } else { sites[proposer].place };
        let reached = self.near[proposer].iter().copied().filter(|site| {
            *site == proposer || !area || centre.distance_m(sites[*site].place) <= self.radius_m
        });
        let mut hits = Vec::new();
        for site in reached {
            let own = normal(random);
            let (theirs, mine) = (self.rates[site], self.rates[proposer]);
            if theirs > mine || (theirs == mine && site < proposer) {
                return None;
            }
            if share * mine < theirs {
                let z = match scope(self.hazard) {
                    Scope::Area | Scope::Site => mix(common, own),
                    _ => common,
                };
                let downtime_h = downtime.get(self.hazard, self.severity).map_or(0.0, |row| row.at_normal(z));
                hits.push(Hit { site, severity: self.severity, from_h: start_h, downtime_h, wind_kt: None });
            }
        }
        let footprint = match scope(self.hazard) {
            Scope::Area => Footprint::Circle { centre, radius_m: self.radius_m },
            Scope::Site => Footprint::Site(proposer),
            Scope::Country => Footprint::Country(sites[proposer].country.clone()),
            Scope::Operator => Footprint::Operator,
            Scope::World => Footprint::World,
        };
        Some(Event { hazard: self.hazard, severity: self.severity, start_h, footprint, hits })
    }
}

/// A standard normal number that shares [`DOWNTIME_SHARED`] with the event's.
pub(super) fn mix(common: f64, own: f64) -> f64 {
    DOWNTIME_SHARED.sqrt() * common + (1.0 - DOWNTIME_SHARED).sqrt() * own
}
