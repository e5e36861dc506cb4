//! Local search: orders are taken out and put back where they cost least, pushing others aside where that pays.

use smallvec::SmallVec;

use super::chain::{Chains, Path, order_of};
use super::construct::insert;
use super::model::{FAR, Model, ModelOrder, NONE, Opt};
use super::price::PriceTable;
use super::state::{SPLIT, State};
use super::subproblem::{Scratch, View, solve};

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
        let old: SmallVec<[u32; 8]> = state.choice[lines].iter().copied().collect();
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

/// What an order finds when it is taken out: the price of each of its slots, and its own room back.
struct Around<'a> {
    state: &'a State,
    /// By slot; only those of the order are meant.
    price: &'a [i64],
    own_room: &'a [(u32, i64)],
}

impl View for Around<'_> {
    const BOUND: bool = false;

    #[inline]
    fn take(&self, slot: u32, _units: u32) -> i64 {
        self.price[slot as usize]
    }
    #[inline]
    fn parcel(&self, _opt: usize, at: &Opt) -> i64 {
        if self.state.active[usize::from(at.site)] { at.fix + self.state.work_of(at).0 } else { FAR }
    }
    #[inline]
    fn unit(&self, _opt: usize, at: &Opt) -> i64 {
        self.state.work_of(at).1
    }
    #[inline]
    fn room(&self, cap: u32) -> i64 {
        let own = self.own_room.iter().find(|own| own.0 == cap).map_or(0, |own| own.1);
        self.state.room[cap as usize] + own
    }
    #[inline]
    fn unkept(&self, order: &ModelOrder) -> i64 {
        self.state.unkept_price[usize::from(order.merchant)] * i64::from(order.weight)
    }
}

/// The choice an order had before it was touched.
pub(crate) type Before = (u32, SmallVec<[u32; 6]>);

/// The search from one plan to better ones.
pub(crate) struct Search {
    pub(crate) state: State,
    pub(crate) chains: Chains,
    pub(crate) scratch: Scratch,
    price: Vec<i64>,
    pub(crate) choice: Vec<u32>,
    /// Orders touched by the move being tried, with what they had.
    pub(crate) undo: Vec<Before>,
    /// Where in it the move being tried begins.
    pub(crate) mark: usize,
    /// What orders had when the best plan was met, earliest first.
    since_best: Vec<Before>,
    pub(crate) best_cost: i64,
    /// How much dearer a slot may look where prices are shaken; scaled.
    pub(crate) shake: i64,
    /// How often anything about the SKU changed, and the sum over an order's SKUs when it was last tried.
    changed: Vec<u32>,
    tried: Vec<u64>,
    at: usize,
    pub(crate) moves: u64,
    pub(crate) work: u64,
}

/// Orders tried between two checkpoints.
const ROUND: usize = 4096;

impl Search {
    pub(crate) fn new(model: &Model, state: State) -> Self {
        let chains = Chains::new(model, &state);
        let state_cost = state.cost;
        Self {
            state,
            chains,
            scratch: Scratch::new(),
            price: vec![0; model.slots.len()],
            choice: Vec::new(),
            undo: Vec::new(),
            mark: 0,
            since_best: Vec::new(),
            best_cost: i64::MAX,
            shake: (state_cost / model.orders.len().max(1) as i64).min(1 << 40),
            changed: vec![1; model.sku_first.len()],
            tried: vec![0; model.orders.len()],
            at: 0,
            moves: 0,
            work: 0,
        }
    }

    /// Tries orders in turn; `exhausted` when none is left that anything changed for.
    pub(crate) fn round(&mut self, model: &Model) -> Round {
        let (work, moves) = (self.work, self.moves);
        let mut tried = 0;
        let mut passed = 0;
        while tried < ROUND && passed < model.orders.len() {
            let index = self.at as u32;
            self.at = (self.at + 1) % model.orders.len();
            passed += 1;
            if self.try_order(model, index) {
                tried += 1;
                passed = 0;
            }
        }
        let exhausted = tried < ROUND;
        Round { work: self.work - work, moves: self.moves - moves, exhausted }
    }

    fn stamp(&self, model: &Model, order: &ModelOrder) -> u64 {
        model.lines[State::lines(order)].iter().map(|line| u64::from(self.changed[line.sku as usize])).sum()
    }

    /// Tries to do better by one order, if anything about it changed since the last time. False if not.
    pub(crate) fn try_order(&mut self, model: &Model, index: u32) -> bool {
        let order = &model.orders[index as usize];
        let stamp = self.stamp(model, order);
        if self.tried[index as usize] == stamp || self.state.is_split(order) {
            return false;
        }
        self.tried[index as usize] = stamp;
        self.work += 1;
        let before = self.state.weighed_cost(model, order) + self.work_cost(model, order);
        let value = self.look_around(model, index);
        if value >= before {
            return true;
        }
        let weighed = self.weighed(model);
        if self.carry_out(model, index) && self.weighed(model) < weighed {
            self.moves += 1;
            self.commit(model);
        } else {
            self.roll_back(model);
        }
        true
    }

    /// Price of the work the order takes.
    fn work_cost(&self, model: &Model, order: &ModelOrder) -> i64 {
        let lines = State::lines(order);
        let mut cost = 0;
        for line in lines.clone() {
            let number = self.state.choice[line];
            if number != NONE {
                let (parcel, unit) = self.state.work_of(&model.opts[number as usize]);
                let opened = model.shares_parcel(&self.state.choice[lines.start..line], number);
                cost += unit * i64::from(model.lines[line].units) + if opened { 0 } else { parcel };
            }
        }
        cost
    }

    /// Cost of everything, broken promises and lent work at their prices.
    pub(crate) fn weighed(&self, model: &Model) -> i64 {
        let work = self.state.work_price.iter().zip(&self.state.room);
        let mut cost = self.state.cost - work.map(|(price, room)| price * room).sum::<i64>();
        if model.any_floor {
            let prices = self.state.unkept_price.iter().zip(&self.state.unkept);
            cost += prices.map(|(price, broken)| price * broken).sum::<i64>();
        }
        cost
    }

    /// Lends work, or takes back what was lent; every order is worth a try again.
    pub(crate) fn lend(&mut self, amounts: &[i64], prices: &[i64]) {
        self.state.lend(amounts, prices);
        self.chains.forget_all();
        self.tried.fill(0);
        self.best_cost = i64::MAX;
        self.since_best.clear();
    }

    /// Finds the best place for the order with everything else pushed aside at its price; writes the choice.
    fn look_around(&mut self, model: &Model, index: u32) -> i64 {
        let order = &model.orders[index as usize];
        let lines = State::lines(order);
        let count = lines.len();
        for (place, line) in lines.clone().enumerate() {
            let ModelLineView { sku, units } = line_view(model, line);
            let mut priced = false;
            // What a haul may bring lies in any slot of the SKU.
            let any = model.sku_first[sku as usize]..model.sku_first[sku as usize + 1];
            let rows = (0..if order.via { 0 } else { usize::from(order.rows) })
                .map(|row| model.row_slots[order.first_row_slot as usize + row * count + place]);
            for slot in rows.chain(any.take(if order.via { usize::MAX } else { 0 })) {
                if slot == NONE {
                    continue;
                }
                // Every line of the order in this slot gives back what it has.
                let own: i64 = lines
                    .clone()
                    .filter(|&other| self.state.slot[other] == slot)
                    .map(|other| i64::from(model.lines[other].units))
                    .sum();
                self.price[slot as usize] = if self.state.left[slot as usize] + own >= i64::from(units) {
                    0
                } else if order.repeats {
                    FAR
                } else {
                    if !priced {
                        self.work += self.chains.price(model, &self.state, sku, units, index);
                        priced = true;
                    }
                    self.chains.cost(model, slot)
                };
            }
        }
        let mut own_room: SmallVec<[(u32, i64); 6]> = SmallVec::new();
        for (place, line) in lines.clone().enumerate() {
            let number = self.state.choice[line];
            if number == NONE {
                continue;
            }
            let opt = &model.opts[number as usize];
            let opened = model.shares_parcel(&self.state.choice[lines.start..lines.start + place], number);
            let work = i64::from(opt.work_unit) * i64::from(model.lines[line].units)
                + if opened { 0 } else { i64::from(opt.work_parcel) };
            match own_room.iter_mut().find(|own| own.0 == opt.cap) {
                Some(own) => own.1 += work,
                None => own_room.push((opt.cap, work)),
            }
        }
        self.choice.clear();
        self.choice.resize(count, NONE);
        let view = Around { state: &self.state, price: &self.price, own_room: &own_room };
        solve(model, &view, order, &mut self.scratch, &mut self.choice)
    }

    /// Takes the order out, frees the slots it wants, and puts it there. False if something did not fit.
    fn carry_out(&mut self, model: &Model, index: u32) -> bool {
        let order = &model.orders[index as usize];
        let choice: SmallVec<[u32; 8]> = self.choice.iter().copied().collect();
        let mut paths: SmallVec<[Path; 4]> = SmallVec::new();
        for (line, &number) in State::lines(order).zip(&choice) {
            if number == NONE {
                continue;
            }
            let at = &model.lines[line];
            let slot = model.slot_of(at.sku, model.opts[number as usize].source);
            let own = if self.state.slot[line] == slot { i64::from(at.units) } else { 0 };
            if self.state.left[slot as usize] + own < i64::from(at.units) && !order.repeats {
                self.work += self.chains.price(model, &self.state, at.sku, at.units, index);
                let Some(path) = self.chains.path(model, slot, index) else { return false };
                paths.push(path);
            }
        }
        self.lift(model, index);
        for path in paths {
            for (line, opt) in path {
                if !self.shift(model, line, opt) {
                    return false;
                }
            }
        }
        self.set(model, index, &choice)
    }

    fn remember(&mut self, model: &Model, index: u32) {
        if self.undo[self.mark..].iter().all(|undo| undo.0 != index) {
            let lines = State::lines(&model.orders[index as usize]);
            self.undo.push((index, self.state.choice[lines].iter().copied().collect()));
        }
    }

    /// Takes an order out.
    pub(crate) fn lift(&mut self, model: &Model, index: u32) {
        self.remember(model, index);
        let order = &model.orders[index as usize];
        for line in State::lines(order) {
            self.chains.leave(&self.state, line);
        }
        self.state.remove(model, order);
    }

    /// Puts an order that was lifted.
    pub(crate) fn set(&mut self, model: &Model, index: u32, choice: &[u32]) -> bool {
        let order = &model.orders[index as usize];
        let placed = self.state.place(model, order, choice);
        if placed {
            for line in State::lines(order) {
                self.chains.enter(&self.state, line);
            }
        }
        placed
    }

    /// Moves one line of an order.
    fn shift(&mut self, model: &Model, line: u32, opt: u32) -> bool {
        let (index, order) = order_of(model, line);
        let mut choice: SmallVec<[u32; 8]> = self.state.choice[State::lines(order)].iter().copied().collect();
        if choice.contains(&SPLIT) {
            return false;
        }
        choice[(line - order.first_line) as usize] = opt;
        self.lift(model, index);
        self.set(model, index, &choice)
    }

    /// Makes the moves tried final.
    pub(crate) fn commit(&mut self, model: &Model) {
        for at in 0..self.undo.len() {
            self.tell_changed(model, self.undo[at].0);
        }
        self.since_best.append(&mut self.undo);
        let cost = self.weighed(model);
        if cost < self.best_cost {
            self.best_cost = cost;
            self.since_best.clear();
        } else if self.since_best.len() > 2 * model.orders.len() + 1000 {
            // Only the earliest entry of each order counts.
            let mut seen = vec![false; model.orders.len()];
            self.since_best.retain(|(index, _)| !core::mem::replace(&mut seen[*index as usize], true));
        }
    }

    /// Forgets the best plan met so far: the one at hand is the best.
    pub(crate) fn forget_best(&mut self) {
        self.since_best.clear();
        self.best_cost = i64::MAX;
    }

    /// The order itself was put where it is best; it is looked at again when others move.
    fn tell_changed(&mut self, model: &Model, index: u32) {
        let order = &model.orders[index as usize];
        for line in &model.lines[State::lines(order)] {
            self.chains.forget(line.sku);
            self.changed[line.sku as usize] += 1;
        }
    }

    /// Puts everything back as it was when the mark was set.
    pub(crate) fn roll_back(&mut self, model: &Model) {
        let mark = self.mark;
        let entries: SmallVec<[Before; 16]> = self.undo.drain(mark..).collect();
        self.put_back(model, &entries);
    }

    /// Puts orders back as the earliest entry of each has them.
    fn put_back(&mut self, model: &Model, entries: &[Before]) {
        for (index, _) in entries {
            let order = &model.orders[*index as usize];
            for line in State::lines(order) {
                self.chains.leave(&self.state, line);
            }
            self.state.remove(model, order);
        }
        for (at, (index, choice)) in entries.iter().enumerate() {
            if entries[..at].iter().all(|earlier| earlier.0 != *index) {
                let placed = self.set(model, *index, choice);
                debug_assert!(placed, "what was taken out fits again");
            }
        }
    }

    /// Takes out the best plan met so far.
    pub(crate) fn best(&mut self, model: &Model) -> State {
        let entries = core::mem::take(&mut self.since_best);
        let mut state = self.state.clone();
        let mut first = std::collections::BTreeMap::new();
        for (index, choice) in &entries {
            first.entry(*index).or_insert(choice);
        }
        for index in first.keys() {
            state.remove(model, &model.orders[*index as usize]);
        }
        for (index, choice) in first {
            let placed = state.place(model, &model.orders[index as usize], choice);
            debug_assert!(placed, "the best plan fits");
        }
        self.since_best = entries;
        state
    }
}

struct ModelLineView {
    sku: u32,
    units: u32,
}

fn line_view(model: &Model, line: usize) -> ModelLineView {
    ModelLineView { sku: model.lines[line].sku, units: model.lines[line].units }
}
