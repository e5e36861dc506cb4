//! Local search: an order is taken out and put back where it costs least now.

use super::construct::insert;
use super::model::Model;
use super::price::PriceTable;
use super::state::State;
use super::subproblem::Scratch;

/// Takes each order of `sequence` out and puts it back at least cost. Returns how many changed for the better.
pub(crate) fn reinsert(
    model: &Model,
    sequence: &[u32],
    prices: Option<&PriceTable>,
    state: &mut State,
    scratch: &mut Scratch,
) -> u64 {
    let mut better = 0;
    let mut choice = Vec::new();
    for &index in sequence {
        let order = &model.orders[index as usize];
        if state.is_split(order) {
            continue;
        }
        let lines = State::lines(order);
        let old: smallvec::SmallVec<[u32; 8]> = state.choice[lines].iter().copied().collect();
        let before = state.weighed_cost(model, order);
        state.remove(model, order);
        insert(model, order, prices, state, scratch, &mut choice);
        let after = state.weighed_cost(model, order);
        if after < before {
            better += 1;
        } else if after > before {
            state.remove(model, order);
            let placed = state.place(model, order, &old);
            debug_assert!(placed, "what was taken out fits again");
        }
    }
    better
}

/// What one round did.
pub(crate) struct Round {
    pub(crate) work: u64,
    pub(crate) moves: u64,
    pub(crate) exhausted: bool,
}

/// The search from one plan to better ones.
pub(crate) struct Search {
    state: State,
    sequence: Vec<u32>,
    scratch: Scratch,
    improved: bool,
}

impl Search {
    pub(crate) fn new(model: &Model, state: State, _seed: u64) -> Self {
        let sequence = (0..model.orders.len() as u32).collect();
        Self { state, sequence, scratch: Scratch::new(), improved: false }
    }

    pub(crate) fn round(&mut self, model: &Model, _prices: &PriceTable) -> Round {
        let moves = reinsert(model, &self.sequence, None, &mut self.state, &mut self.scratch);
        self.improved = moves > 0;
        Round { work: self.sequence.len() as u64, moves, exhausted: moves == 0 }
    }

    pub(crate) fn improved(&self) -> bool {
        self.improved
    }

    pub(crate) fn best(&self) -> &State {
        &self.state
    }
}
