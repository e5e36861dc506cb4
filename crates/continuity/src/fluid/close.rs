//! The loss of a set of sites from a moment on, as a log of the orders it changes.

use super::{Served, World};

/// An order that a closure changes.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When it is hit, milliseconds.
    pub at: i64,
    /// Which.
    pub order: u32,
    /// The closed site it would have come from; `None` where the closure took its stock or capacity elsewhere.
    pub home: Option<u16>,
    /// What the open sites give it.
    pub served: Served,
    /// Cost of sending what waits by its usual ways, minor units.
    pub wait_cost: i64,
}

/// What a closure changes, by time.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Closed sites.
    pub sites: Vec<u16>,
    /// The phase it starts in.
    pub phase: usize,
    /// Changed orders.
    pub entries: Vec<Entry>,
}

impl World {
    /// Closes `sites` at a phase and lets the orders of the next `hours` (or of all that can be seen, if that is
    /// less) flow to the others. The log answers for closures up to that long.
    #[must_use]
    pub fn close(&self, sites: &[u16], phase: usize, hours: f64) -> Log {
        let start = self.phases[phase];
        let until = start + self.look_ahead_ms(phase).min((hours * 3_600_000.0).ceil() as i64);
        let mut live = self.snapshots[phase].clone();
        live.closed = sites.iter().fold(0, |mask, site| mask | 1 << site);
        let mut log = Log { sites: sites.to_vec(), phase, entries: Vec::new() };
        let first = self.orders.partition_point(|order| order.at < start);
        let pending: Vec<usize> =
            (0..first).filter(|order| self.is_caught(*order, live.closed, start)).collect();
        for order in &pending {
            live.give_back(self, *order, &self.base[*order].picks);
            self.reroute(&mut live, &mut log, *order, start);
        }
        for order in first..self.orders.len() {
            let at = self.orders[order].at;
            if at >= until {
                break;
            }
            let base = &self.base[order];
            if base.whole && live.has_room(self, order, &base.picks) {
                live.take(self, order, &base.picks);
            } else {
                self.reroute(&mut live, &mut log, order, at);
            }
        }
        log
    }

    /// Whether an order placed before the closure still lies at a closed site whole.
    pub(crate) fn is_caught(&self, order: usize, closed: u64, start: i64) -> bool {
        let picks = &self.base[order].picks;
        let leaves = |site: u16, day: u16| self.sites[usize::from(site)].cutoffs[usize::from(day)];
        picks.iter().any(|pick| closed >> pick.site & 1 == 1)
            && picks.iter().all(|pick| leaves(pick.site, pick.day) > start)
    }

    fn reroute(&self, live: &mut super::Live, log: &mut Log, order: usize, at: i64) {
        let all: Vec<u16> = (0..self.orders[order].lines.len() as u16).collect();
        let base = &self.base[order];
        let served = self.route(live, order, &all, at);
        live.take(self, order, &served.picks);
        if served == *base {
            return;
        }
        let home = base.picks.iter().find(|pick| live.closed >> pick.site & 1 == 1).map(|pick| pick.site);
        let mut lanes = Vec::new();
        let mut wait_cost = 0;
        for pick in base.picks.iter().filter(|pick| !served.picks.iter().any(|p| p.line == pick.line)) {
            if !lanes.contains(&pick.lane) {
                lanes.push(pick.lane);
                wait_cost += self.parcel_cost(pick.lane as usize);
            }
            let sku = self.orders[order].lines[usize::from(pick.line)].sku;
            wait_cost += self.line_cost(pick.lane as usize, sku, pick.quantity);
        }
        log.entries.push(Entry { at, order: order as u32, home, served, wait_cost });
    }
}
