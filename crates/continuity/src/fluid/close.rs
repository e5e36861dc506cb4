//! The loss of a set of sites from a moment on, as a log of the orders it changes.

use std::collections::BTreeMap;

use super::{Impact, Live, Patience, Served, World};

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

    /// Closes `sites` for so many hours each and lets all orders flow to the end of the history; what waits is looked
    /// at again when a site is back. The impact, and the loss of each order that changed.
    pub(crate) fn run(
        &self,
        sites: &[u16],
        phase: usize,
        hours: &[f64],
        patience: Patience,
    ) -> (Impact, Vec<(usize, f64)>) {
        let start = self.phases[phase];
        let mut live = self.snapshots[phase].clone();
        live.closed = sites.iter().fold(0, |mask, site| mask | 1 << site);
        let mut back: Vec<(i64, u16)> =
            hours.iter().zip(sites).map(|(h, site)| (start + (h * 3_600_000.0) as i64, *site)).collect();
        back.sort_unstable();
        back.reverse();
        let first = self.orders.partition_point(|order| order.at < start);
        let mut changed: BTreeMap<usize, Served> = BTreeMap::new();
        // What waited already looks for a way again when a site is back, before later orders, as in the engine.
        for order in (0..first).filter(|order| !self.base[*order].whole) {
            changed.insert(order, self.base[order].clone());
        }
        let closed = live.closed;
        for order in (0..first).filter(|order| self.is_caught(*order, closed, start)) {
            live.give_back(self, order, &self.base[order].picks);
            let served = self.route_all(&live, order, start);
            live.take(self, order, &served.picks);
            changed.insert(order, served);
        }
        for order in first..self.orders.len() {
            let at = self.orders[order].at;
            while let Some((moment, site)) = back.pop_if(|(moment, _)| *moment <= at) {
                self.come_back(&mut live, &mut changed, site, moment);
            }
            let base = &self.base[order];
            if base.whole && live.has_room(self, order, &base.picks) {
                live.take(self, order, &base.picks);
            } else {
                let served = self.route_all(&live, order, at);
                live.take(self, order, &served.picks);
                changed.insert(order, served);
            }
        }
        while let Some((moment, site)) = back.pop() {
            self.come_back(&mut live, &mut changed, site, moment);
        }
        let (mut sum, mut parts) = (Impact::default(), Vec::new());
        for (order, served) in &changed {
            let base = &self.base[*order];
            if served == base {
                continue;
            }
            let arrival = if served.whole { served.arrival } else { i32::MAX };
            let usual = base.whole.then_some((base.arrival, base.cost));
            let one = self.judge(*order, arrival, served.cost, usual, self.orders[*order].promise, patience);
            parts.push((*order, one.loss()));
            sum = sum.plus(one, 1.0);
        }
        (sum, parts)
    }

    fn route_all(&self, live: &Live, order: usize, at: i64) -> Served {
        let all: Vec<u16> = (0..self.orders[order].lines.len() as u16).collect();
        self.route(live, order, &all, at)
    }

    /// A site is back: lines that wait look for a way, the earliest promise first.
    fn come_back(&self, live: &mut Live, changed: &mut BTreeMap<usize, Served>, site: u16, at: i64) {
        live.closed &= !(1 << site);
        let mut waiting: Vec<usize> =
            changed.iter().filter(|(_, served)| !served.whole).map(|(order, _)| *order).collect();
        let urgency = |order: &usize| {
            (core::cmp::Reverse(self.orders[*order].priority), self.orders[*order].promise, *order)
        };
        waiting.sort_by_key(urgency);
        for order in waiting {
            let Some(had) = changed.get_mut(&order) else { continue };
            let lines = 0..self.orders[order].lines.len() as u16;
            let open: Vec<u16> =
                lines.filter(|line| !had.picks.iter().any(|pick| pick.line == *line)).collect();
            let more = self.route(live, order, &open, at);
            live.take(self, order, &more.picks);
            had.whole = more.whole;
            had.arrival = had.arrival.max(more.arrival);
            had.cost += more.cost;
            had.picks.extend(more.picks);
        }
    }

    /// Whether an order placed before the closure still lies at a closed site whole.
    pub(crate) fn is_caught(&self, order: usize, closed: u64, start: i64) -> bool {
        let picks = &self.base[order].picks;
        let leaves = |site: u16, day: u16| self.sites[usize::from(site)].cutoffs[usize::from(day)];
        picks.iter().any(|pick| closed >> pick.site & 1 == 1)
            && picks.iter().all(|pick| leaves(pick.site, pick.day) > start)
    }

    fn reroute(&self, live: &mut Live, log: &mut Log, order: usize, at: i64) {
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
