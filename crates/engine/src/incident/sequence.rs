//! The order in which a plan's moves are carried out: what a move takes is free by then.
//!
//! A plan is one exchange of all orders' places, but it is carried out in steps of [`super::STEP_MOVES`], and a move
//! whose units or work another one frees in a later step would be left out. So a move comes after those that free what
//! it takes. Moves in a ring stand side by side at the end: within a step, everything is given back before anything is
//! taken.

use std::collections::BTreeMap;

use holdfast_domain::id::{Id, LaneId, SiteId, SkuId};
use holdfast_domain::order::Allocation;
use holdfast_domain::plan_record::Move;
use holdfast_domain::state::State;
use holdfast_domain::time::Day;

/// Times the moves that are left are gone through: chains longer than this, all against the order of ids, are rare, and
/// what is left then is as it was before: in order of its ids.
const ROUNDS_MAX: usize = 32;

/// `moves` so that what each takes is free when it is carried out, as far as an order without rings has it. Moves that
/// are free from the start keep the order of their ids.
#[must_use]
pub fn sequence(state: &State, moves: Vec<Move>) -> Vec<Move> {
    let mut ledger = Ledger { state, units: BTreeMap::new(), work: BTreeMap::new() };
    let mut out = Vec::with_capacity(moves.len());
    let mut left = moves;
    for _ in 0..ROUNDS_MAX {
        let before = left.len();
        let mut later = Vec::new();
        for change in left {
            if ledger.carry_out(&change) { out.push(change) } else { later.push(change) }
        }
        left = later;
        if left.is_empty() || left.len() == before {
            break;
        }
    }
    out.extend(left);
    out
}

/// What is free at each shelf, and each day at each site, as the moves go by.
struct Ledger<'a> {
    state: &'a State,
    units: BTreeMap<(SiteId, SkuId), i64>,
    work: BTreeMap<(SiteId, Day), i64>,
}

impl Ledger<'_> {
    /// Carries a move out, if what it takes is there; otherwise nothing changes.
    fn carry_out(&mut self, change: &Move) -> bool {
        let (from, to) = (self.taken(change, &change.from), self.taken(change, &change.to));
        self.add(&from, 1);
        self.add(&to, -1);
        let fits =
            to.0.keys().all(|shelf| self.units[shelf] >= 0) && to.1.keys().all(|day| self.work[day] >= 0);
        if !fits {
            self.add(&to, 1);
            self.add(&from, -1);
        }
        fits
    }

    /// Units by shelf and work by day that allocations hold. Each site, lane and day is a parcel of its own: an order that
    /// keeps a part there may need less.
    fn taken(&self, change: &Move, held: &[(u16, Allocation)]) -> Taken {
        let mut taken = Taken::default();
        let mut parcels: BTreeMap<(SiteId, LaneId, Day), u32> = BTreeMap::new();
        let Ok(order) = self.state.order(change.order) else { return taken };
        for (number, allocation) in held {
            let open =
                self.state.sites.get(allocation.site.index()).is_some_and(|now| now.access.takes_orders());
            let Some(line) = order.lines.get(usize::from(*number)).filter(|_| open) else { continue };
            // What lies at a site that takes no orders is not free for others when it is given back.
            *taken.0.entry((allocation.site, line.sku)).or_default() += i64::from(allocation.quantity.0);
            *parcels.entry((allocation.site, allocation.lane, allocation.ship_day)).or_default() +=
                allocation.quantity.0;
        }
        for ((site, _, day), units) in parcels {
            let work = self.state.network.site(site).map_or(0, |known| known.work(1, units));
            *taken.1.entry((site, day)).or_default() += i64::from(work);
        }
        taken
    }

    fn add(&mut self, taken: &Taken, sign: i64) {
        for (shelf, units) in &taken.0 {
            let free = || i64::from(self.state.available(shelf.0, shelf.1).0);
            *self.units.entry(*shelf).or_insert_with(free) += sign * units;
        }
        for (day, work) in &taken.1 {
            let free = || i64::from(self.state.capacity_left(day.0, day.1));
            *self.work.entry(*day).or_insert_with(free) += sign * work;
        }
    }
}

#[derive(Default)]
struct Taken(BTreeMap<(SiteId, SkuId), i64>, BTreeMap<(SiteId, Day), i64>);
