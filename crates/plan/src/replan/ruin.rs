//! Ruin and recreate: a few orders that want the same stock are taken out together and put back another way.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use smallvec::SmallVec;

use super::improve::{Before, Search};
use super::model::{Model, ModelOrder, NONE, Opt};
use super::price::PriceTable;
use super::state::{Left, State};
use super::subproblem::{View, solve};

/// Fewest and most orders taken out together.
const RUIN_MIN: usize = 3;
const RUIN_MAX: usize = 16;
/// Problems of at most so many orders are ruined at random too.
pub(crate) const SMALL: usize = 64;
/// A site with room for fewer single units than this is busy.
const TIGHT: i64 = 4;
/// Slots of a busy site looked at for orders to take out.
const TRIES: usize = 24;

/// One ruin in so many is put back with prices shaken.
const PUT_IN: u32 = 6;

/// How orders are put back.
#[derive(Clone, Copy)]
enum PutIn<'a> {
    /// At what it costs today.
    Plain,
    /// With scarce things at their prices.
    Priced(&'a PriceTable),
    /// Each slot dearer by up to so much, drawn from a salt: what plain costs would never choose.
    Shaken(u64, i64),
}

struct Shaken<'a> {
    left: Left<'a>,
    salt: u64,
    most: i64,
}

impl Shaken<'_> {
    fn draw(&self, number: u64) -> i64 {
        // Fibonacci hashing: a multiplication spreads number and salt over the upper bits.
        let mixed = (self.salt ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let share = (mixed.rotate_left(23).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as i64;
        (self.most * share) >> 16
    }
}

impl View for Shaken<'_> {
    const BOUND: bool = false;

    fn take(&self, slot: u32, units: u32) -> i64 {
        self.left.take(slot, units) + self.draw(u64::from(slot))
    }
    fn parcel(&self, opt: usize, at: &Opt) -> i64 {
        self.left.parcel(opt, at)
    }
    fn unit(&self, opt: usize, at: &Opt) -> i64 {
        self.left.unit(opt, at)
    }
    fn room(&self, cap: u32) -> i64 {
        self.left.room(cap)
    }
    fn unkept(&self, order: &ModelOrder) -> i64 {
        self.left.unkept(order)
    }
}

type Ruined = SmallVec<[u32; RUIN_MAX]>;

impl Search {
    /// Takes out `seed` and orders around it, and puts them back. If the cost grows by less than `grow` and
    /// something changed, says by how much and leaves the move open for [`Search::commit`]; else undoes it.
    pub(crate) fn ruin(
        &mut self,
        model: &Model,
        prices: &PriceTable,
        rng: &mut ChaCha8Rng,
        seed: u32,
        grow: i64,
    ) -> Option<i64> {
        let before = self.weighed(model);
        let size = rng.random_range(RUIN_MIN..=RUIN_MAX);
        let mut out = Ruined::new();
        self.mark = 0;
        self.take_out(model, rng, seed, size, &mut out);
        for at in (1..out.len()).rev() {
            out.swap(at, rng.random_range(0..=at));
        }
        let way = match rng.random_range(0..PUT_IN) {
            0 => PutIn::Shaken(rng.random(), self.shake),
            at if at * 2 <= PUT_IN => PutIn::Priced(prices),
            _ => PutIn::Plain,
        };
        for &index in &out {
            self.put_in(model, index, way);
        }
        self.work += out.len() as u64;
        let more = self.weighed(model) - before;
        let state = &self.state;
        let same = |(index, choice): &Before| {
            state.choice[State::lines(&model.orders[*index as usize])] == choice[..]
        };
        if more == 0 && self.undo.iter().all(same) {
            self.undo.clear();
            return None;
        }
        if more >= grow {
            self.roll_back(model);
            return None;
        }
        self.moves += u64::from(more < 0);
        Some(more)
    }

    /// Puts an order that is out where it costs least of what is left.
    fn put_in(&mut self, model: &Model, index: u32, way: PutIn) {
        let order = &model.orders[index as usize];
        let mut choice = core::mem::take(&mut self.choice);
        choice.clear();
        choice.resize(usize::from(order.lines), NONE);
        let left = |prices| Left { state: &self.state, prices };
        match way {
            PutIn::Priced(prices) => solve(model, &left(Some(prices)), order, &mut self.scratch, &mut choice),
            PutIn::Plain => solve(model, &left(None), order, &mut self.scratch, &mut choice),
            PutIn::Shaken(salt, most) => {
                let view = Shaken { left: left(None), salt, most };
                solve(model, &view, order, &mut self.scratch, &mut choice)
            }
        };
        // Two lines may have counted on the same stock or room: the last gives way.
        while !self.set(model, index, &choice) {
            let Some(last) = choice.iter().rposition(|&number| number != NONE) else { break };
            choice[last] = NONE;
        }
        self.choice = choice;
    }

    /// Does on this plan what was done on another; undone if it does not fit or costs more than there.
    pub(crate) fn redo(&mut self, model: &Model, orders: &[(u32, SmallVec<[u32; 6]>)], more: i64) {
        self.mark = 0;
        let before = self.weighed(model);
        let whole = orders.iter().all(|(index, _)| !self.state.is_split(&model.orders[*index as usize]));
        if !whole {
            return;
        }
        for (index, _) in orders {
            self.lift(model, *index);
        }
        let fits = orders.iter().all(|(index, choice)| self.set(model, *index, choice));
        if fits && self.weighed(model) - before <= more.max(0) {
            self.moves += 1;
            self.commit(model);
        } else {
            self.roll_back(model);
        }
    }

    /// Makes these orders as they are in another plan; all others are the same already.
    pub(crate) fn copy(&mut self, model: &Model, from: &State, orders: &[u32]) {
        self.mark = 0;
        for &index in orders {
            self.lift(model, index);
        }
        for &index in orders {
            let lines = State::lines(&model.orders[index as usize]);
            let choice: SmallVec<[u32; 6]> = from.choice[lines].iter().copied().collect();
            let placed = self.set(model, index, &choice);
            debug_assert!(placed, "what fits there fits here");
        }
        self.commit(model);
        self.forget_best();
    }

    /// Walks from order to order over the SKUs they share.
    fn take_out(&mut self, model: &Model, rng: &mut ChaCha8Rng, seed: u32, size: usize, out: &mut Ruined) {
        if self.state.is_split(&model.orders[seed as usize]) {
            return;
        }
        out.push(seed);
        if rng.random_bool(0.25) {
            self.take_from_busy_site(model, rng, seed, size.div_ceil(2), out);
        }
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
        if model.orders.len() <= SMALL {
            // So few orders may as well be taken out whatever they share.
            for _ in out.len()..size {
                let index = rng.random_range(0..model.orders.len()) as u32;
                if !self.state.is_split(&model.orders[index as usize]) && !out.contains(&index) {
                    out.push(index);
                }
            }
        }
        for &index in out.iter() {
            self.lift(model, index);
        }
    }

    /// Takes orders out of a site the seed could use, if its work is scarce: they share no SKU, but room.
    fn take_from_busy_site(
        &self,
        model: &Model,
        rng: &mut ChaCha8Rng,
        seed: u32,
        size: usize,
        out: &mut Ruined,
    ) {
        let order = &model.orders[seed as usize];
        if order.rows == 0 {
            return;
        }
        let row = rng.random_range(0..usize::from(order.rows));
        let site = model.row_site[order.first_row as usize + row];
        let ways = model.options_of(order.zone, site);
        let tight = |opt: &super::model::Opt| {
            self.state.room[opt.cap as usize] < TIGHT * i64::from(opt.work_parcel + opt.work_unit)
        };
        if !model.opts[ways].iter().any(tight) {
            return;
        }
        let slots = &self.chains.site_slots[usize::from(site)];
        // A site that only hauls bring anything to has no stock of its own.
        for _ in 0..if slots.is_empty() { 0 } else { TRIES } {
            let lines = self.chains.lines_in(slots[rng.random_range(0..slots.len())]);
            if lines.is_empty() || out.len() >= size {
                continue;
            }
            let index = model.lines[lines[rng.random_range(0..lines.len())] as usize].order;
            if !self.state.is_split(&model.orders[index as usize]) && !out.contains(&index) {
                out.push(index);
            }
        }
    }

    fn take_neighbours(&self, model: &Model, rng: &mut ChaCha8Rng, sku: u32, size: usize, out: &mut Ruined) {
        let slots = model.sku_first[sku as usize]..model.sku_first[sku as usize + 1];
        for slot in slots {
            let lines = self.chains.lines_in(slot);
            if lines.is_empty() || out.len() >= size || self.state.left[slot as usize] > 0 {
                continue;
            }
            let index = model.lines[lines[rng.random_range(0..lines.len())] as usize].order;
            if !self.state.is_split(&model.orders[index as usize]) && !out.contains(&index) {
                out.push(index);
            }
        }
    }
}
