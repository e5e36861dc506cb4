//! Ruin and recreate: a few orders that want the same stock are taken out together and put back another way.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use smallvec::SmallVec;

use super::improve::Search;
use super::model::{Model, NONE};
use super::price::PriceTable;
use super::state::{Left, State};
use super::subproblem::solve;

/// Most orders taken out together.
const RUIN_MAX: usize = 24;

type Ruined = SmallVec<[u32; RUIN_MAX]>;

impl Search {
    /// Takes out `seed` and orders around it, and puts them back. Kept if the cost grows by less than `grow`.
    pub(crate) fn ruin(
        &mut self,
        model: &Model,
        prices: &PriceTable,
        rng: &mut ChaCha8Rng,
        seed: u32,
        grow: i64,
    ) -> bool {
        let before = self.weighed(model);
        let size = rng.random_range(RSIZE.0..=RSIZE.1);
        let mut out = Ruined::new();
        self.mark = 0;
        self.take_out(model, rng, seed, size, &mut out);
        for at in (1..out.len()).rev() {
            out.swap(at, rng.random_range(0..=at));
        }
        let priced = rng.random_bool(0.5);
        for &index in &out {
            let order = &model.orders[index as usize];
            self.choice.clear();
            self.choice.resize(usize::from(order.lines), NONE);
            let view = Left { state: &self.state, prices: priced.then_some(prices) };
            solve(model, &view, order, &mut self.scratch, &mut self.choice);
            let mut choice = core::mem::take(&mut self.choice);
            while !self.set(model, index, &choice) {
                let Some(last) = choice.iter().rposition(|&number| number != NONE) else { break };
                choice[last] = NONE;
            }
            self.choice = choice;
        }
        self.work += out.len() as u64;
        let more = self.weighed(model) - before;
        if more < grow {
            self.moves += u64::from(more < 0);
            self.commit(model);
            true
        } else {
            self.roll_back(model);
            false
        }
    }

    /// Walks from order to order over the SKUs they share.
    fn take_out(&mut self, model: &Model, rng: &mut ChaCha8Rng, seed: u32, size: usize, out: &mut Ruined) {
        if self.state.is_split(&model.orders[seed as usize]) {
            return;
        }
        out.push(seed);
        let mut at = 0;
        while at < out.len() && out.len() < size {
            let order = &model.orders[out[at] as usize];
            let lines = State::lines(order);
            let turn = rng.random_range(0..lines.len());
            for step in 0..lines.len() {
                let line = lines.start + (turn + step) % lines.len();
                self.take_neighbours(model, rng, model.lines[line].sku, size, out);
            }
            at += 1;
        }
        for &index in out.iter() {
            self.lift(model, index);
        }
    }

    fn take_neighbours(&self, model: &Model, rng: &mut ChaCha8Rng, sku: u32, size: usize, out: &mut Ruined) {
        let slots = model.sku_first[sku as usize]..model.sku_first[sku as usize + 1];
        for slot in slots {
            let lines = self.chains.lines_in(slot);
            if lines.is_empty() || out.len() >= size {
                continue;
            }
            for _ in 0..2 {
                let index = model.lines[lines[rng.random_range(0..lines.len())] as usize].order;
                let split = self.state.is_split(&model.orders[index as usize]);
                if !split && out.len() < size && !out.contains(&index) {
                    out.push(index);
                }
            }
        }
    }
}

const RSIZE: (usize, usize) = (3, 16);
