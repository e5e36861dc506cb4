//! A plan being made: what each order takes, and what is left.
//!
//! Stock and room are never negative, whatever is tried: an order is placed only if all of it fits.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use super::model::{FAR, Model, ModelOrder, NONE, Opt};
use super::price::PriceTable;
use super::subproblem::View;

/// The line comes in several pieces, kept apart.
pub(crate) const SPLIT: u32 = u32::MAX - 1;

/// The pieces of a split line: option and units.
pub(crate) type Pieces = SmallVec<[(u32, u32); 4]>;

#[derive(Clone)]
pub(crate) struct State {
    /// Option of each line, [`NONE`] or [`SPLIT`].
    pub(crate) choice: Vec<u32>,
    /// Slot of each line that ships whole.
    pub(crate) slot: Vec<u32>,
    pub(crate) split: BTreeMap<u32, Pieces>,
    /// Units left by slot.
    pub(crate) left: Vec<i64>,
    /// Work left by capacity, what was lent included.
    pub(crate) room: Vec<i64>,
    /// Work lent by capacity: the plan holds only if as much is left.
    pub(crate) lent: Vec<i64>,
    /// Price of a work unit by capacity while some is lent, scaled; otherwise 0.
    pub(crate) work_price: Vec<i64>,
    /// Standby sites that are activated; every other site counts as active.
    pub(crate) active: Vec<bool>,
    /// Weight of promises broken so far, by merchant.
    pub(crate) unkept: Vec<i64>,
    /// Penalty for a unit of broken promise weight, by merchant; scaled.
    pub(crate) unkept_price: Vec<i64>,
    /// Cost of all orders without penalties and activation, scaled.
    pub(crate) cost: i64,
    /// Each order's share of it, and how many of its lines break their promise.
    order_cost: Vec<i64>,
    order_broken: Vec<u16>,
}

impl State {
    /// Nothing ships.
    pub(crate) fn empty(model: &Model) -> Self {
        let mut unkept = vec![0; model.kept_slack.len()];
        for order in &model.orders {
            unkept[usize::from(order.merchant)] +=
                if model.any_floor { i64::from(order.weight) * i64::from(order.lines) } else { 0 };
        }
        Self {
            choice: vec![NONE; model.lines.len()],
            slot: vec![NONE; model.lines.len()],
            split: BTreeMap::new(),
            left: model.slots.iter().map(|slot| i64::from(slot.units)).collect(),
            room: model.capacity.clone(),
            lent: vec![0; model.capacity.len()],
            work_price: vec![0; model.capacity.len()],
            active: vec![true; model.sites],
            unkept,
            unkept_price: vec![0; model.kept_slack.len()],
            cost: model.lines.iter().map(|line| line.backorder).sum(),
            order_cost: model.orders.iter().map(|order| nothing_cost(model, order)).collect(),
            order_broken: model
                .orders
                .iter()
                .map(|order| if model.any_floor { order.lines } else { 0 })
                .collect(),
        }
    }

    pub(crate) fn lines(order: &ModelOrder) -> core::ops::Range<usize> {
        order.first_line as usize..order.first_line as usize + usize::from(order.lines)
    }

    /// Whether any line of the order comes in several pieces.
    pub(crate) fn is_split(&self, order: &ModelOrder) -> bool {
        !self.split.is_empty() && self.choice[Self::lines(order)].contains(&SPLIT)
    }

    /// Every piece of the order: line, option, units.
    pub(crate) fn pieces(&self, model: &Model, order: &ModelOrder) -> SmallVec<[(u32, u32, u32); 8]> {
        let mut pieces = SmallVec::new();
        for line in Self::lines(order) {
            match self.choice[line] {
                NONE => {}
                SPLIT => {
                    let parts = self.split.get(&(line as u32)).into_iter().flatten();
                    pieces.extend(parts.map(|&(opt, units)| (line as u32, opt, units)));
                }
                opt => pieces.push((line as u32, opt, model.lines[line].units)),
            }
        }
        pieces
    }

    /// Cost of what the order takes now, without penalties; scaled.
    fn count_cost(&self, model: &Model, order: &ModelOrder) -> i64 {
        if !self.is_split(order) {
            return self.count_whole(model, order);
        }
        let pieces = self.pieces(model, order);
        let mut cost = 0;
        let mut parcels = 0;
        for (at, &(line, number, units)) in pieces.iter().enumerate() {
            let opt = &model.opts[number as usize];
            cost += model.piece_cost(order, &model.lines[line as usize], opt, units);
            if !pieces[..at].iter().any(|&(_, other, _)| model.parcel_of(other) == opt.parcel) {
                cost += opt.fix + if parcels > 0 { order.split } else { 0 };
                parcels += 1;
            }
        }
        for line in Self::lines(order) {
            cost += self.backorder_cost(model, order, line, &pieces);
        }
        cost
    }

    fn count_whole(&self, model: &Model, order: &ModelOrder) -> i64 {
        let chosen = &self.choice[Self::lines(order)];
        let lines = &model.lines[Self::lines(order)];
        let mut cost = 0;
        let mut parcels = 0;
        for (at, (&number, line)) in chosen.iter().zip(lines).enumerate() {
            if number == NONE {
                cost += line.backorder;
                continue;
            }
            let opt = &model.opts[number as usize];
            cost += model.piece_cost(order, line, opt, line.units);
            if !model.shares_parcel(&chosen[..at], number) {
                cost += opt.fix + if parcels > 0 { order.split } else { 0 };
                parcels += 1;
            }
        }
        cost
    }

    fn backorder_cost(
        &self,
        model: &Model,
        order: &ModelOrder,
        line: usize,
        pieces: &[(u32, u32, u32)],
    ) -> i64 {
        match self.choice[line] {
            NONE => model.lines[line].backorder,
            SPLIT => {
                let mine = pieces.iter().filter(|piece| piece.0 as usize == line);
                let shipped: u32 = mine.map(|piece| piece.2).sum();
                let units = model.lines[line].units - shipped;
                if units == 0 { 0 } else { model.part_backorder(order, line, units) }
            }
            _ => 0,
        }
    }

    /// Lines of the order that arrive late or not at all.
    fn broken_lines(&self, model: &Model, order: &ModelOrder) -> i64 {
        let late = |number: u32| model.opts[number as usize].arrival_day > u32::from(order.promise_day);
        let broken = Self::lines(order).filter(|&line| match self.choice[line] {
            NONE => true,
            SPLIT => self.split.get(&(line as u32)).is_none_or(|parts| {
                parts.iter().map(|part| part.1).sum::<u32>() < model.lines[line].units
                    || parts.iter().any(|part| late(part.0))
            }),
            opt => late(opt),
        });
        broken.count() as i64
    }

    /// Cost of the order with the penalty for the promises it breaks.
    pub(crate) fn weighed_cost(&self, model: &Model, order: &ModelOrder) -> i64 {
        let index = order.index(model);
        let cost = self.order_cost[index];
        if !model.any_floor {
            return cost;
        }
        let price = self.unkept_price[usize::from(order.merchant)] * i64::from(order.weight);
        cost + price * i64::from(self.order_broken[index])
    }

    /// Counts what the order takes now into the sums, in place of what it took.
    fn recount(&mut self, model: &Model, order: &ModelOrder, cost: i64, broken: u16) {
        let index = order.index(model);
        self.cost += cost - self.order_cost[index];
        self.order_cost[index] = cost;
        let more = i64::from(broken) - i64::from(self.order_broken[index]);
        self.unkept[usize::from(order.merchant)] += i64::from(order.weight) * more;
        self.order_broken[index] = broken;
    }

    fn recount_all(&mut self, model: &Model, order: &ModelOrder) {
        let broken = if model.any_floor { self.broken_lines(model, order) as u16 } else { 0 };
        self.recount(model, order, self.count_cost(model, order), broken);
    }

    /// Gives back all the order takes; all its lines are on backorder then.
    pub(crate) fn remove(&mut self, model: &Model, order: &ModelOrder) {
        let lines = Self::lines(order);
        if self.is_split(order) {
            self.give_pieces(model, order);
        } else {
            for line in lines.clone() {
                let number = self.choice[line];
                if number != NONE {
                    self.give(model, line, number, lines.start);
                }
            }
        }
        self.choice[lines.clone()].fill(NONE);
        self.slot[lines].fill(NONE);
        let broken = if model.any_floor { order.lines } else { 0 };
        self.recount(model, order, nothing_cost(model, order), broken);
    }

    fn give_pieces(&mut self, model: &Model, order: &ModelOrder) {
        let pieces = self.pieces(model, order);
        for (at, &(line, number, units)) in pieces.iter().enumerate() {
            let opt = &model.opts[number as usize];
            let slot = model.slot_of(model.lines[line as usize].sku, opt.source);
            self.left[slot as usize] += i64::from(units);
            let mut work = i64::from(opt.work_unit) * i64::from(units);
            if !pieces[..at].iter().any(|&(_, other, _)| model.parcel_of(other) == opt.parcel) {
                work += i64::from(opt.work_parcel);
            }
            self.room[opt.cap as usize] += work;
        }
        for line in Self::lines(order) {
            if self.choice[line] == SPLIT {
                self.split.remove(&(line as u32));
            }
        }
    }

    /// Places an order that takes nothing yet. False, and nothing changed, if some of it does not fit.
    pub(crate) fn place(&mut self, model: &Model, order: &ModelOrder, choice: &[u32]) -> bool {
        let start = order.first_line as usize;
        for (place, &number) in choice.iter().enumerate() {
            if number != NONE && !self.take(model, start + place, number, start) {
                for line in (start..start + place).rev() {
                    if self.choice[line] != NONE {
                        self.give(model, line, self.choice[line], start);
                        self.choice[line] = NONE;
                        self.slot[line] = NONE;
                    }
                }
                return false;
            }
        }
        self.recount_all(model, order);
        true
    }

    /// Work the line adds to the order's lines from `first` up to it.
    fn load(&self, model: &Model, line: usize, number: u32, first: usize) -> i64 {
        let opt = &model.opts[number as usize];
        let opened = model.shares_parcel(&self.choice[first..line], number);
        let parcel = if opened { 0 } else { i64::from(opt.work_parcel) };
        parcel + i64::from(opt.work_unit) * i64::from(model.lines[line].units)
    }

    fn take(&mut self, model: &Model, line: usize, number: u32, first: usize) -> bool {
        let opt = &model.opts[number as usize];
        let slot = model.slot_of(model.lines[line].sku, opt.source);
        let units = i64::from(model.lines[line].units);
        let load = self.load(model, line, number, first);
        if !super::rules::stock::fits(self.left[slot as usize], units) || self.room[opt.cap as usize] < load {
            return false;
        }
        self.left[slot as usize] -= units;
        self.room[opt.cap as usize] -= load;
        self.choice[line] = number;
        self.slot[line] = slot;
        true
    }

    fn give(&mut self, model: &Model, line: usize, number: u32, first: usize) {
        let cap = model.opts[number as usize].cap as usize;
        self.left[self.slot[line] as usize] += i64::from(model.lines[line].units);
        self.room[cap] += self.load(model, line, number, first);
    }

    /// Places an order piece by piece; used for split lines, whose pieces are known to fit.
    pub(crate) fn place_pieces(&mut self, model: &Model, order: &ModelOrder, line: u32, parts: Pieces) {
        for &(number, units) in &parts {
            let opt = &model.opts[number as usize];
            let others = self.pieces(model, order);
            let opened = others.iter().any(|piece| model.parcel_of(piece.1) == opt.parcel);
            let slot = model.slot_of(model.lines[line as usize].sku, opt.source) as usize;
            self.left[slot] -= i64::from(units);
            self.room[opt.cap as usize] -= i64::from(opt.work_unit) * i64::from(units)
                + if opened { 0 } else { i64::from(opt.work_parcel) };
        }
        self.choice[line as usize] = SPLIT;
        self.split.insert(line, parts);
        self.recount_all(model, order);
    }

    /// Cost of all, with activation; without penalties. Scaled.
    pub(crate) fn total(&self, model: &Model) -> i64 {
        let active = model.standby.iter().filter(|(site, _)| self.active[usize::from(*site)]);
        self.cost + active.map(|(_, activation)| activation).sum::<i64>()
    }

    /// Lends work at scarce capacities, so that orders can change places there: work has a price instead, and
    /// what was lent is to be given back. With nothing to lend the room is as it is.
    pub(crate) fn lend(&mut self, amounts: &[i64], prices: &[i64]) {
        for cap in 0..self.room.len() {
            self.room[cap] += amounts[cap] - self.lent[cap];
            self.lent[cap] = amounts[cap];
            self.work_price[cap] = prices[cap];
        }
    }

    /// Work used of what was lent.
    pub(crate) fn overdrawn(&self) -> i64 {
        self.room.iter().zip(&self.lent).map(|(room, lent)| (lent - room).max(0)).sum()
    }

    /// Price of a parcel's and of a unit's work by the option.
    pub(crate) fn work_of(&self, opt: &Opt) -> (i64, i64) {
        let price = self.work_price[opt.cap as usize];
        (price * i64::from(opt.work_parcel), price * i64::from(opt.work_unit))
    }

    /// Promise weight broken beyond what the floors allow.
    pub(crate) fn floor_missed(&self, model: &Model) -> i64 {
        self.unkept.iter().zip(&model.kept_slack).map(|(broken, slack)| (broken - slack).max(0)).sum()
    }
}

/// Cost of leaving the whole order on backorder, scaled.
fn nothing_cost(model: &Model, order: &ModelOrder) -> i64 {
    model.lines[State::lines(order)].iter().map(|line| line.backorder).sum()
}

/// What is left, valued at prices so that scarce things go to those who lose most without them; with no
/// prices, at what it costs today.
pub(crate) struct Left<'a> {
    pub(crate) state: &'a State,
    pub(crate) prices: Option<&'a PriceTable>,
}

impl View for Left<'_> {
    const BOUND: bool = false;

    #[inline]
    fn take(&self, slot: u32, units: u32) -> i64 {
        let units = i64::from(units);
        if self.state.left[slot as usize] < units {
            return FAR;
        }
        self.prices.map_or(0, |prices| prices.stock[slot as usize] * units)
    }
    #[inline]
    fn parcel(&self, _opt: usize, at: &Opt) -> i64 {
        if !self.state.active[usize::from(at.site)] {
            return FAR;
        }
        at.fix + self.prices.map_or(0, |prices| prices.work[at.cap as usize] * i64::from(at.work_parcel))
    }
    #[inline]
    fn unit(&self, _opt: usize, at: &Opt) -> i64 {
        self.prices.map_or(0, |prices| prices.work[at.cap as usize] * i64::from(at.work_unit))
    }
    #[inline]
    fn room(&self, cap: u32) -> i64 {
        self.state.room[cap as usize]
    }
    #[inline]
    fn unkept(&self, order: &ModelOrder) -> i64 {
        self.state.unkept_price[usize::from(order.merchant)] * i64::from(order.weight)
    }
}
