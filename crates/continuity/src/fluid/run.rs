//! A shock from its start to the end of the history: every order, as the engine would source it.
//!
//! Invariant: an order whose sourcing sees nothing it did not see in the baseline keeps what it has there; every other
//! one is routed by the engine's rule.

use std::collections::BTreeMap;

use holdfast_plan::source::EXACT_LINES;

use super::live::Drift;
use super::pass::Matters;
use super::route::NO_PROMISE;
use super::shock::ms;
use super::{Call, Impact, Live, Patience, Pick, Served, Shock, What, World};

/// An order that a shock changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// Its index.
    pub order: usize,
    /// What it gets in the end.
    pub served: Served,
    /// What it loses.
    pub impact: Impact,
}

/// What a shock comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// All of it.
    pub impact: Impact,
    /// Orders it changes, by index.
    pub changed: Vec<Changed>,
    /// Standby sites that are called for it.
    pub called: Vec<u16>,
}

/// An order on its way through a shock.
#[derive(Clone)]
pub(super) struct Now {
    served: Served,
    /// The day lateness counts from.
    promise: i32,
}

/// What comes to its end.
enum Lift {
    Stop(What),
    Call(Call),
}

/// A shock on its way: what there is, what each order has, and how far it has come.
#[derive(Clone)]
pub(super) struct Run<'a> {
    world: &'a World,
    live: Live,
    drift: Drift,
    matters: Matters,
    now: BTreeMap<usize, Now>,
    /// Orders that came in while nobody could take them up.
    queue: Vec<usize>,
    /// The next order that comes in.
    next: usize,
    /// No order is passed by.
    #[cfg(test)]
    looks_at_all: bool,
}

impl World {
    /// Lets all orders flow through a shock to the end of the history. Standby sites are called where that costs less
    /// than to do without.
    #[must_use]
    pub fn run(&self, shock: &Shock, patience: Patience) -> Outcome {
        self.cheaper(shock, patience, |calls| Run::begin(self, shock, calls).end(shock, calls))
    }

    /// What a shock comes to, told what its orders get for calls of standby sites: none, or all that can be called.
    pub(super) fn cheaper(
        &self,
        shock: &Shock,
        patience: Patience,
        mut orders: impl FnMut(&[Call]) -> BTreeMap<usize, Now>,
    ) -> Outcome {
        let without = self.told(orders(&[]), &[], patience);
        let calls = self.calls(shock);
        let least: f64 = calls.iter().map(|call| call.cost as f64).sum();
        // What costs more than the whole loss cannot pay.
        if calls.is_empty() || least >= without.impact.loss() {
            return without;
        }
        let with = self.told(orders(&calls), &calls, patience);
        if with.impact.loss() < without.impact.loss() { with } else { without }
    }

    fn told(&self, now: BTreeMap<usize, Now>, calls: &[Call], patience: Patience) -> Outcome {
        let mut out = Outcome::default();
        for (order, Now { served, .. }) in now {
            let base = &self.base[order];
            if served == *base {
                continue;
            }
            let arrival = if served.whole { served.arrival } else { i32::MAX };
            let usual = base.whole.then_some((base.arrival, base.cost));
            let impact = self.judge(order, arrival, served.cost, usual, self.orders[order].promise, patience);
            out.impact = out.impact.plus(impact, 1.0);
            out.changed.push(Changed { order, served, impact });
        }
        let standby: i64 = calls.iter().map(|call| call.cost).sum();
        out.impact.standby_cost += standby as f64;
        out.called = calls.iter().map(|call| call.site).collect();
        out
    }

    /// Whether a pick goes from or by what stands still.
    fn is_stopped(&self, shock: &Shock, pick: &Pick) -> bool {
        shock.stops.iter().any(|stop| match stop.what {
            What::Site(site) => pick.site == site,
            What::Carrier(carrier) => self.carrier_of_lane(pick.lane) == carrier,
            What::Limit { .. } | What::Intake => false,
        })
    }
}

impl<'a> Run<'a> {
    /// All stops of the shock begin, and the calls are made.
    pub(super) fn begin(world: &'a World, shock: &Shock, calls: &[Call]) -> Self {
        let mut run = Self {
            world,
            live: world.snapshots[shock.phase].clone(),
            drift: Drift::new(world),
            matters: Matters::new(world),
            now: BTreeMap::new(),
            queue: Vec::new(),
            next: world.after[shock.phase],
            #[cfg(test)]
            looks_at_all: false,
        };
        run.live.tick(world, world.phases[shock.phase]);
        for stop in &shock.stops {
            world.set(&mut run.live, stop.what, true);
        }
        for call in calls {
            world.call(&mut run.live, call, true);
        }
        run.matters.stands(world, &run.live);
        run.caught(shock);
        run
    }

    /// Orders that come in before a moment.
    pub(super) fn until(&mut self, moment: i64) {
        let world = self.world;
        while let Some(at) = world.orders.get(self.next).map(|order| order.at).filter(|at| *at < moment) {
            self.tick(at);
            if self.passes(self.next) {
                world.looks.take(&mut self.live, self.next);
            } else {
                self.arrive(self.next);
            }
            self.next += 1;
        }
    }

    /// All stops end at their time, calls with them, and orders flow to the end of the history.
    pub(super) fn end(mut self, shock: &Shock, calls: &[Call]) -> BTreeMap<usize, Now> {
        let start = self.world.phases[shock.phase];
        let stops = shock.stops.iter().map(|stop| (start + ms(stop.hours), Lift::Stop(stop.what)));
        let calls = calls.iter().map(|call| (call.until, Lift::Call(*call)));
        let mut lifts: BTreeMap<i64, Vec<Lift>> = BTreeMap::new();
        for (at, lift) in stops.chain(calls) {
            lifts.entry(at).or_default().push(lift);
        }
        for (at, lifts) in lifts {
            self.until(at);
            self.lift(at, lifts);
        }
        self.until(i64::MAX);
        self.now
    }

    fn passes(&self, order: usize) -> bool {
        #[cfg(test)]
        if self.looks_at_all {
            return false;
        }
        self.matters.passes(self.world, &self.live, &self.drift, order)
    }

    fn tick(&mut self, at: i64) {
        if self.live.tick(self.world, at) {
            self.matters.tick(&self.live);
        }
    }

    /// What waits already waits on; what lies whole at a place that stops looks for another.
    fn caught(&mut self, shock: &Shock) {
        let world = self.world;
        for order in world.waiting_at[shock.phase].iter().map(|order| *order as usize) {
            let promise = world.orders[order].asked;
            self.now.insert(order, Now { served: world.base[order].clone(), promise });
        }
        for order in world.pending[shock.phase].iter().map(|order| *order as usize) {
            let base = &world.base[order];
            if !base.picks.iter().any(|pick| world.is_stopped(shock, pick)) {
                continue;
            }
            // It was promised a day when it was first sourced whole.
            let asked = world.orders[order].asked;
            let promise = if asked == NO_PROMISE && base.whole { base.arrival } else { asked };
            self.live.give_back(world, order, &base.picks);
            self.source(order, promise);
        }
    }

    /// Routes an order that has nothing.
    fn source(&mut self, order: usize, promise: i32) {
        let world = self.world;
        let served = world.route(&self.live, order, &world.all_lines(order), &[], promise);
        self.live.take(world, order, &served.picks, &[]);
        self.instead(order, &served.picks);
        let promise = if promise == NO_PROMISE && served.whole { served.arrival } else { promise };
        self.now.insert(order, Now { served, promise });
    }

    /// Notes that an order takes these picks and not the baseline's.
    fn instead(&mut self, order: usize, picks: &[Pick]) {
        let base = &self.world.base[order].picks;
        self.drift.instead(self.world, order, base, picks);
        self.matters.drifted(self.world, &self.live, &self.drift, order, base);
        self.matters.drifted(self.world, &self.live, &self.drift, order, picks);
    }

    fn arrive(&mut self, order: usize) {
        let world = self.world;
        let base = &world.base[order];
        if self.live.intake_down {
            self.queue.push(order);
            self.instead(order, &[]);
            let promise = world.orders[order].asked;
            self.now
                .insert(order, Now { served: Served { arrival: i32::MIN, ..Served::default() }, promise });
        } else if self.keeps(order) {
            self.live.take(world, order, &base.picks, &[]);
            if !base.whole {
                let promise = world.orders[order].asked;
                self.now.insert(order, Now { served: base.clone(), promise });
            }
        } else {
            self.source(order, world.orders[order].asked);
        }
    }

    /// Whether the order's sourcing gives what it gives in the baseline.
    fn keeps(&self, order: usize) -> bool {
        let (world, live) = (self.world, &self.live);
        let base = &world.base[order];
        // Up to six lines the cheapest of all ways is taken: it stays the cheapest while it is there and none is new.
        if base.whole && world.is_plain[order] {
            return live.has_room(world, order, &base.picks) && !self.drift.betters(world, live, order);
        }
        let restricted = live.closed != world.dormant
            || live.lanes_stopped
            || live.permille.iter().any(|permille| *permille != 1000);
        !restricted && !self.drift.touches(world, live, order)
    }

    /// All that ends at a moment ends; then what waits looks for a way, the most urgent first.
    fn lift(&mut self, at: i64, lifts: Vec<Lift>) {
        self.tick(at);
        for lift in lifts {
            match lift {
                Lift::Stop(what) => self.world.set(&mut self.live, what, false),
                Lift::Call(call) => self.world.call(&mut self.live, &call, false),
            }
        }
        self.matters.stands(self.world, &self.live);
        if !self.live.intake_down {
            for order in std::mem::take(&mut self.queue) {
                let promise = self.world.orders[order].asked;
                let served = self.world.route(&self.live, order, &self.world.all_lines(order), &[], promise);
                self.add(order, served);
            }
        }
        self.come_back();
    }

    fn come_back(&mut self) {
        let world = self.world;
        let mut waiting: Vec<_> = self
            .now
            .iter()
            .filter(|(order, now)| !now.served.whole && self.queue.binary_search(order).is_err())
            .map(|(order, now)| (core::cmp::Reverse(world.orders[*order].priority), now.promise, *order))
            .collect();
        waiting.sort_unstable();
        for (_, promise, order) in waiting {
            let had = self.now.get(&order).map_or(&[][..], |now| now.served.picks.as_slice());
            let wanted = world.waiting(order, had);
            let more = world.route(&self.live, order, &wanted, had, promise);
            self.add(order, more);
        }
    }

    /// Gives an order more than it has.
    fn add(&mut self, order: usize, more: Served) {
        let world = self.world;
        let Some(now) = self.now.get_mut(&order) else { return };
        if more.picks.is_empty() {
            return;
        }
        self.live.take(world, order, &more.picks, &now.served.picks);
        self.drift.taken(world, order, &more.picks, &now.served.picks);
        self.matters.drifted(world, &self.live, &self.drift, order, &more.picks);
        if now.promise == NO_PROMISE && more.whole {
            now.promise = more.arrival;
        }
        now.served.whole = more.whole;
        now.served.arrival = now.served.arrival.max(more.arrival);
        now.served.picks.extend(more.picks);
        now.served.cost = world.cost(order, &now.served.picks);
    }
}

/// Whether an order's sourcing is exact, no line is in another's way, and each comes from one site.
pub(super) fn is_plain(world: &World, order: usize) -> bool {
    let (form, base) = (&world.orders[order], &world.base[order]);
    form.lines.len() <= EXACT_LINES && !form.twice && base.picks.len() == form.lines.len()
}

#[cfg(test)]
mod tests;
