//! The same stops for many lengths: what happens before the first of them ends is computed once for all.
//!
//! Invariant: every length comes to what [`World::run`] says of it alone.

use std::collections::BTreeMap;

use super::impact::growth;
use super::run::Run;
use super::shock::{HOUR_MS, ms};
use super::{Call, DAY_MS, Impact, Outcome, Patience, Shock, Stop, What, World};

/// Stops from one start that all last equally long.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// Index of the start in [`World::phases`].
    pub phase: usize,
    /// What stops.
    pub whats: Vec<What>,
    /// Sleeping standby sites that cannot be called, a bit each.
    pub blocked: u64,
}

/// So many events of a line are each computed at its own length, if there are no more.
const OWN_MAX: usize = 240;
/// Of more events, the longest keep their own: most of the loss is theirs.
const LONGEST: usize = 24;
/// The others are told by so many of their lengths, chosen so that equal hours lie between two of them.
const STEPS: usize = 30;
/// Days from the start on which a site's cut-offs are lengths as well: what comes back before one leaves a day earlier
/// than what comes back after it, so a loss leaps there.
const CUTOFF_DAYS: i64 = 10;
/// A carrier of more sites has so many cut-offs a day that none of them matters much.
const CUTOFF_SITES: usize = 3;

impl Line {
    /// The shock of a length.
    #[must_use]
    pub fn shock(&self, hours: f64) -> Shock {
        let stops = self.whats.iter().map(|what| Stop { what: *what, hours }).collect();
        Shock { phase: self.phase, stops, blocked: self.blocked }
    }
}

impl World {
    /// Lengths at which a line with events of these hours is computed, rising; between two of them a loss goes up in
    /// proportion.
    pub(crate) fn lengths(&self, line: &Line, mut hours: Vec<f64>) -> Vec<f64> {
        hours.sort_by(f64::total_cmp);
        hours.dedup();
        if hours.len() <= OWN_MAX {
            return hours;
        }
        let longest = hours.split_off(hours.len() - LONGEST);
        let least = longest[0];
        let step = hours.iter().sum::<f64>() / STEPS as f64;
        let mut lengths = vec![hours[0]];
        let mut sum = 0.0;
        for hours in hours {
            sum += hours;
            if sum >= step {
                lengths.push(hours);
                sum = 0.0;
            }
        }
        lengths.extend(self.leaps(line).into_iter().filter(|hours| *hours < least));
        lengths.extend(longest);
        // From the end of the history on a loss only goes on.
        lengths.push(self.seen_h(line.phase));
        lengths.sort_by(f64::total_cmp);
        // A millisecond apart is what a cut-off needs.
        lengths.dedup_by(|a, b| ms(*a) == ms(*b));
        lengths
    }

    /// Hours until just before, and until, the sites a line is about close their day.
    fn leaps(&self, line: &Line) -> Vec<f64> {
        let start = self.phases[line.phase];
        let mut sites: Vec<usize> = Vec::new();
        for what in &line.whats {
            match what {
                What::Site(site) | What::Limit { site, .. } => sites.push(usize::from(*site)),
                What::Carrier(carrier) => {
                    let of = |lane: &usize| self.carrier_of_lane(*lane as u32) == *carrier;
                    let mut all: Vec<usize> =
                        (0..self.lanes.len()).filter(of).map(|lane| self.lanes[lane].site).collect();
                    all.sort_unstable();
                    all.dedup();
                    if all.len() <= CUTOFF_SITES {
                        sites.extend(all);
                    }
                }
                What::Intake => {}
            }
        }
        let after = sites.iter().flat_map(|site| &self.sites[*site].cutoffs).map(|cutoff| cutoff - start);
        let near = after.filter(|at| (2..CUTOFF_DAYS * DAY_MS).contains(at));
        near.flat_map(|at| [at - 1, at]).map(|at| at as f64 / HOUR_MS).collect()
    }

    /// Tells `each` of the lengths' impacts, as [`World::impact`] gives them, with what they rest on: the outcome as far
    /// as the history goes. Lengths come in rising order, by their index.
    pub(crate) fn along(
        &self,
        line: &Line,
        lengths_h: &[f64],
        patience: Patience,
        mut each: impl FnMut(usize, Impact, &Outcome),
    ) {
        let seen = self.seen_h(line.phase);
        let mut ends: Vec<f64> = lengths_h.iter().map(|hours| hours.min(seen)).collect();
        if lengths_h.iter().any(|hours| *hours > seen) {
            ends.push(seen * 2.0 / 3.0);
        }
        ends.sort_by(f64::total_cmp);
        ends.dedup();
        let mut runs: BTreeMap<Vec<u16>, Run> = BTreeMap::new();
        let mut before = Impact::default();
        for end in ends {
            let shock = line.shock(end);
            let outcome = self.cheaper(&shock, patience, |calls: &[Call]| {
                let called = calls.iter().map(|call| call.site).collect();
                let run = runs.entry(called).or_insert_with(|| Run::begin(self, &shock, calls));
                run.until(self.phases[line.phase] + ms(end));
                run.clone().end(&shock, calls)
            });
            if end <= seen * 2.0 / 3.0 {
                before = outcome.impact;
            }
            for (index, hours) in lengths_h.iter().enumerate().filter(|(_, hours)| hours.min(seen) == end) {
                each(index, self.beyond(outcome.impact, before, *hours, seen), &outcome);
            }
        }
    }

    /// Hours that can be looked at from a start.
    pub(crate) fn seen_h(&self, phase: usize) -> f64 {
        self.look_ahead_ms(phase) as f64 / HOUR_MS
    }

    /// An impact of `seen` hours as one of `hours`, where that is more: it goes on as in the last third.
    pub(crate) fn beyond(&self, whole: Impact, two_thirds: Impact, hours: f64, seen: f64) -> Impact {
        let more = (hours - seen).max(0.0) / (seen / 3.0);
        if more > 0.0 { whole.plus(growth(&whole, two_thirds), more) } else { whole }
    }
}
