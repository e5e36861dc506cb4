//! One order alone: the cheapest way to partition its lines into parcels under given prices.
//!
//! Up to [`EXACT_LINES`] lines every partition is covered by a recursion over subsets, backorder included, so
//! the value is the exact minimum. Longer orders get a lower bound by dual ascent and, apart from it, a plan
//! by opening and closing options; the bound never comes from a restricted minimum.

use super::model::{FAR, Model, ModelLine, ModelOrder, NONE, Opt, late};

/// Orders with at most this many lines are solved exactly.
pub(crate) const EXACT_LINES: usize = 6;

const SUBSETS: usize = 1 << EXACT_LINES;

/// What an order is solved against: prices in the relaxation, what is left in the plan.
pub(crate) trait View {
    /// Whether the value wanted is a lower bound, rather than the cost of the plan written.
    const BOUND: bool;
    /// Cost of taking these units out of the slot, scaled; [`FAR`] if it cannot be.
    fn take(&self, slot: u32, units: u32) -> i64;
    /// Cost of a parcel by the option, price of work included.
    fn parcel(&self, opt: usize, at: &Opt) -> i64;
    /// What a unit by the option costs beyond its lane's price.
    fn unit(&self, opt: usize, at: &Opt) -> i64;
    /// Work that may still be done at this capacity; `i64::MAX` where it is priced instead.
    fn room(&self, cap: u32) -> i64;
    /// Penalty of a line that is late or on backorder, for the merchant's floor.
    fn unkept(&self, order: &ModelOrder) -> i64;
}

/// Memory for solving one order after another without allocating.
pub(crate) struct Scratch {
    parcel_cost: [i64; SUBSETS],
    parcel_opt: [u32; SUBSETS],
    rest_cost: [i64; SUBSETS],
    rest_take: [u8; SUBSETS],
    sums: [i64; SUBSETS],
    loads: [i64; SUBSETS],
    long: super::long_order::Long,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        Self {
            parcel_cost: [0; SUBSETS],
            parcel_opt: [0; SUBSETS],
            rest_cost: [0; SUBSETS],
            rest_take: [0; SUBSETS],
            sums: [0; SUBSETS],
            loads: [0; SUBSETS],
            long: super::long_order::Long::default(),
        }
    }
}

/// Cost of one line by one option under the view, without the parcel; at least [`FAR`] if it may not.
#[inline]
pub(crate) fn line_cost<V: View>(
    model: &Model,
    view: &V,
    order: &ModelOrder,
    line: &ModelLine,
    (number, opt): (usize, &Opt),
    slot: u32,
) -> i64 {
    if slot == NONE || !model.may(order, line, opt, &model.slots[slot as usize]) {
        return FAR;
    }
    let mut cost = view.take(slot, line.units) + late(order, opt);
    cost += (model.unit_cost(line, opt) + view.unit(number, opt)) * i64::from(line.units);
    if line.planned != opt.site && line.planned != u16::MAX {
        cost += line.move_cost;
    }
    if opt.arrival_day > u32::from(order.promise_day) {
        cost += view.unkept(order);
    }
    cost
}

/// Solves `order` under `view`; writes the option of each line (or [`NONE`]) to `choice` and returns a
/// value: the exact minimum up to [`EXACT_LINES`] lines, beyond that a lower bound if the view wants one,
/// else the cost of what was written.
pub(crate) fn solve<V: View>(
    model: &Model,
    view: &V,
    order: &ModelOrder,
    scratch: &mut Scratch,
    choice: &mut [u32],
) -> i64 {
    match usize::from(order.lines) {
        1 => solve_single(model, view, order, choice),
        lines if lines <= EXACT_LINES => solve_subsets(model, view, order, scratch, choice),
        _ => scratch.long.solve(model, view, order, choice),
    }
}

fn solve_single<V: View>(model: &Model, view: &V, order: &ModelOrder, choice: &mut [u32]) -> i64 {
    let line = &model.lines[order.first_line as usize];
    let mut best = line.backorder + view.unkept(order);
    choice[0] = NONE;
    for row in 0..order.rows as usize {
        let slot = model.row_slots[order.first_row_slot as usize + row];
        let range = model.options_of(order.zone, model.row_site[order.first_row as usize + row]);
        for (number, opt) in range.clone().zip(&model.opts[range]) {
            let cost = line_cost(model, view, order, line, (number, opt), slot) + view.parcel(number, opt);
            let load = i64::from(opt.work_parcel) + i64::from(opt.work_unit) * i64::from(line.units);
            if cost < best && load <= view.room(opt.cap) {
                best = cost;
                choice[0] = number as u32;
            }
        }
    }
    best
}

fn solve_subsets<V: View>(
    model: &Model,
    view: &V,
    order: &ModelOrder,
    scratch: &mut Scratch,
    choice: &mut [u32],
) -> i64 {
    let count = usize::from(order.lines);
    let all = (1_usize << count) - 1;
    scratch.parcel_cost[..=all].fill(FAR);
    let first_line = order.first_line as usize;
    let lines = &model.lines[first_line..first_line + count];
    for row in 0..order.rows as usize {
        let slots_at = order.first_row_slot as usize + row * count;
        let slots = &model.row_slots[slots_at..slots_at + count];
        let range = model.options_of(order.zone, model.row_site[order.first_row as usize + row]);
        for (number, opt) in range.clone().zip(&model.opts[range]) {
            let room = view.room(opt.cap);
            scratch.sums[0] = view.parcel(number, opt) + order.split;
            scratch.loads[0] = i64::from(opt.work_parcel);
            if scratch.loads[0] > room {
                continue;
            }
            for (place, line) in lines.iter().enumerate() {
                let cost = line_cost(model, view, order, line, (number, opt), slots[place]);
                let load = i64::from(opt.work_unit) * i64::from(line.units);
                let bit = 1 << place;
                for below in 0..bit {
                    let sum = scratch.sums[below] + cost;
                    let loaded = scratch.loads[below] + load;
                    scratch.sums[below | bit] = sum;
                    scratch.loads[below | bit] = loaded;
                    if sum < scratch.parcel_cost[below | bit] && loaded <= room {
                        scratch.parcel_cost[below | bit] = sum;
                        scratch.parcel_opt[below | bit] = number as u32;
                    }
                }
            }
        }
    }
    partition(lines, view.unkept(order), order.split, scratch, choice)
}

/// The cheapest partition, given the cheapest parcel for every subset. The parcels' costs include the split
/// cost once too often, for the first parcel; it is taken back where there is a parcel.
fn partition(lines: &[ModelLine], unkept: i64, split: i64, scratch: &mut Scratch, choice: &mut [u32]) -> i64 {
    let all = (1_usize << lines.len()) - 1;
    let Scratch { parcel_cost, parcel_opt, rest_cost, rest_take, .. } = scratch;
    rest_cost[0] = 0;
    for set in 1..=all {
        let low = set & set.wrapping_neg();
        let mut best = rest_cost[set ^ low] + lines[low.trailing_zeros() as usize].backorder + unkept;
        let mut take = 0;
        let others = set ^ low;
        let mut with = others;
        loop {
            let parcel = with | low;
            let cost = parcel_cost[parcel] + rest_cost[set ^ parcel];
            if cost < best {
                best = cost;
                take = parcel;
            }
            if with == 0 {
                break;
            }
            with = (with - 1) & others;
        }
        rest_cost[set] = best;
        rest_take[set] = take as u8;
    }
    let mut total = rest_cost[all];
    let mut left = all;
    choice.fill(NONE);
    if split > 0 {
        let none: i64 = lines.iter().map(|line| line.backorder + unkept).sum();
        let first = (1..=all).min_by_key(|&set| parcel_cost[set] + rest_cost[all ^ set]).unwrap_or(all);
        let some = parcel_cost[first] + rest_cost[all ^ first] - split;
        if some >= none {
            return none;
        }
        total = some;
        mark(first, parcel_opt[first], choice);
        left = all ^ first;
    }
    while left != 0 {
        let take = usize::from(rest_take[left]);
        mark(take, parcel_opt[take], choice);
        left ^= if take == 0 { left & left.wrapping_neg() } else { take };
    }
    total
}

fn mark(set: usize, opt: u32, choice: &mut [u32]) {
    for (place, chosen) in choice.iter_mut().enumerate() {
        if set >> place & 1 == 1 {
            *chosen = opt;
        }
    }
}
