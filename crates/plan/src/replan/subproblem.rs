//! One order alone: the cheapest way to partition its lines into parcels under given prices.
//!
//! Up to [`EXACT_LINES`] lines every partition is covered by a recursion over subsets, backorder included, so
//! the value is the exact minimum. Longer orders get a lower bound by dual ascent and, apart from it, a plan
//! by opening and closing options; the bound never comes from a restricted minimum.

use super::model::{FAR, Model, ModelLine, ModelOrder, NONE, Opt, late};
use super::rules;

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
    /// The options of (zone, site) worth a look. `free`: nothing of the order has to wait for a day.
    fn ways<'a>(&'a self, model: &'a Model, zone: u16, site: u16, _free: bool) -> &'a [u32] {
        &model.every_opt[model.options_of(zone, site)]
    }
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
pub(crate) fn line_cost<V: View>(
    model: &Model,
    view: &V,
    order: &ModelOrder,
    line: &ModelLine,
    (number, opt): (usize, &Opt),
    slot: u32,
) -> i64 {
    let by = (base_cost(view, line, opt.site, slot), view.unit(number, opt), late_cost(view, order, opt));
    way_cost(model, order, line, opt, by, slot)
}

/// Cost of one line in the parcel of a plain option, out of the site's own stock or of what a haul brings, whichever
/// is cheaper, and the option that is; at least [`FAR`] if it may not.
pub(crate) fn line_way<V: View>(
    model: &Model,
    view: &V,
    order: &ModelOrder,
    line: &ModelLine,
    (number, opt): (u32, &Opt),
    slot: u32,
) -> (i64, u32) {
    let mut best = (line_cost(model, view, order, line, (number as usize, opt), slot), number);
    if !order.via {
        return best;
    }
    let (unit, late) = (view.unit(number as usize, opt), late_cost(view, order, opt));
    let least = rules::split::least_units(line.may_split, line.units);
    for &(haul, source) in model.carried(line.sku) {
        if model.problem.hauls[usize::from(haul)].to.0 != opt.site
            || !rules::stock::fits(model.slots[source as usize].units.into(), least.into())
        {
            continue;
        }
        let number = model.by_haul(number, haul);
        let by = (base_cost(view, line, opt.site, source), unit, late);
        let cost = way_cost(model, order, line, &model.opts[number as usize], by, source);
        if cost < best.0 {
            best = (cost, number);
        }
    }
    best
}

/// Turns the plain options chosen into those that say where the goods come from.
fn resolve<V: View>(model: &Model, view: &V, order: &ModelOrder, choice: &mut [u32]) {
    let count = usize::from(order.lines);
    let rows = &model.row_site[order.first_row as usize..][..usize::from(order.rows)];
    for (place, chosen) in choice.iter_mut().enumerate().filter(|(_, chosen)| **chosen != NONE) {
        let opt = &model.opts[*chosen as usize];
        let row = rows.iter().position(|&site| site == opt.site).expect("an option is of one of its rows");
        let slot = model.row_slots[order.first_row_slot as usize + row * count + place];
        let line = &model.lines[order.first_line as usize + place];
        *chosen = line_way(model, view, order, line, (*chosen, opt), slot).1;
    }
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
        lines if order.via && lines <= EXACT_LINES => {
            let value = solve_subsets(model, view, order, scratch, choice);
            resolve(model, view, order, choice);
            value
        }
        1 => solve_single(model, view, order, choice),
        2 => solve_pair(model, view, order, choice),
        lines if lines <= EXACT_LINES => solve_subsets(model, view, order, scratch, choice),
        _ => scratch.long.solve(model, view, order, choice),
    }
}

/// What a line costs at one site whatever the option; [`FAR`] where the site has nothing for it.
#[inline]
fn base_cost<V: View>(view: &V, line: &ModelLine, site: u16, slot: u32) -> i64 {
    if slot == NONE {
        return FAR;
    }
    let moved = if line.planned != site && line.planned != u16::MAX { line.move_cost } else { 0 };
    view.take(slot, line.units) + moved
}

/// What arriving late by the option costs each line.
#[inline]
fn late_cost<V: View>(view: &V, order: &ModelOrder, opt: &Opt) -> i64 {
    if opt.arrival_day > u32::from(order.promise_day) { late(order, opt) + view.unkept(order) } else { 0 }
}

/// The line's cost by the option, given its base at the site; no limit of the rules lets the sums overflow.
#[inline]
fn way_cost(
    model: &Model,
    order: &ModelOrder,
    line: &ModelLine,
    opt: &Opt,
    by: (i64, i64, i64),
    slot: u32,
) -> i64 {
    let (base, unit, late) = by;
    if base >= FAR
        || ((!order.free || !opt.carries_all) && !model.may(order, line, opt, &model.slots[slot as usize]))
    {
        return FAR;
    }
    let own = if opt.by_weight { model.unit_cost(line, opt) } else { opt.unit };
    base.wrapping_add(late).wrapping_add(own.wrapping_add(unit).wrapping_mul(i64::from(line.units)))
}

fn solve_single<V: View>(model: &Model, view: &V, order: &ModelOrder, choice: &mut [u32]) -> i64 {
    let line = &model.lines[order.first_line as usize];
    let mut best = line.backorder + view.unkept(order);
    choice[0] = NONE;
    for row in 0..order.rows as usize {
        let slot = model.row_slots[order.first_row_slot as usize + row];
        let site = model.row_site[order.first_row as usize + row];
        let base = base_cost(view, line, site, slot);
        if base >= best {
            continue;
        }
        for &number in view.ways(model, order.zone, site, order.free) {
            let opt = &model.opts[number as usize];
            let by = (base, view.unit(number as usize, opt), late_cost(view, order, opt));
            let cost =
                way_cost(model, order, line, opt, by, slot).wrapping_add(view.parcel(number as usize, opt));
            if cost < best {
                let load = i64::from(opt.work_parcel) + i64::from(opt.work_unit) * i64::from(line.units);
                if V::BOUND || load <= view.room(opt.cap) {
                    best = cost;
                    choice[0] = number;
                }
            }
        }
    }
    best
}

/// Two lines: one parcel for both, or each for itself.
fn solve_pair<V: View>(model: &Model, view: &V, order: &ModelOrder, choice: &mut [u32]) -> i64 {
    let lines = &model.lines[order.first_line as usize..order.first_line as usize + 2];
    let (mut first, mut second, mut both) = ((FAR, NONE), (FAR, NONE), (FAR, NONE));
    for row in 0..order.rows as usize {
        let at = order.first_row_slot as usize + 2 * row;
        let slots = &model.row_slots[at..at + 2];
        let site = model.row_site[order.first_row as usize + row];
        let bases = (base_cost(view, &lines[0], site, slots[0]), base_cost(view, &lines[1], site, slots[1]));
        for &number in view.ways(model, order.zone, site, order.free) {
            let opt = &model.opts[number as usize];
            let room = if V::BOUND { i64::MAX } else { view.room(opt.cap) - i64::from(opt.work_parcel) };
            let parcel = view.parcel(number as usize, opt).wrapping_add(order.split);
            let (unit, late) = (view.unit(number as usize, opt), late_cost(view, order, opt));
            let a = way_cost(model, order, &lines[0], opt, (bases.0, unit, late), slots[0]);
            let b = way_cost(model, order, &lines[1], opt, (bases.1, unit, late), slots[1]);
            let loads = (
                i64::from(opt.work_unit) * i64::from(lines[0].units),
                i64::from(opt.work_unit) * i64::from(lines[1].units),
            );
            if parcel.wrapping_add(a) < first.0 && loads.0 <= room {
                first = (parcel.wrapping_add(a), number);
            }
            if parcel.wrapping_add(b) < second.0 && loads.1 <= room {
                second = (parcel.wrapping_add(b), number);
            }
            let sum = parcel.wrapping_add(a).wrapping_add(b);
            if sum < both.0 && loads.0 + loads.1 <= room {
                both = (sum, number);
            }
        }
    }
    let unkept = view.unkept(order);
    let leave = (lines[0].backorder + unkept, lines[1].backorder + unkept);
    let mut best = (leave.0 + leave.1, NONE, NONE);
    // The first parcel's split cost was counted once too often.
    for way in [
        (both.0 - order.split, both.1, both.1),
        (first.0 + leave.1 - order.split, first.1, NONE),
        (second.0 + leave.0 - order.split, NONE, second.1),
        (first.0 + second.0 - order.split, first.1, second.1),
    ] {
        if way.0 < best.0 {
            best = way;
        }
    }
    choice[0] = best.1;
    choice[1] = best.2;
    best.0
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
        let site = model.row_site[order.first_row as usize + row];
        let mut bases = [FAR; EXACT_LINES];
        for (base, (line, &slot)) in bases.iter_mut().zip(lines.iter().zip(slots)) {
            *base = base_cost(view, line, site, slot);
        }
        for &number in view.ways(model, order.zone, site, order.free) {
            let opt = &model.opts[number as usize];
            let room = if V::BOUND { i64::MAX } else { view.room(opt.cap) };
            scratch.sums[0] = view.parcel(number as usize, opt) + order.split;
            scratch.loads[0] = i64::from(opt.work_parcel);
            if scratch.loads[0] > room {
                continue;
            }
            let (unit, late) = (view.unit(number as usize, opt), late_cost(view, order, opt));
            for (place, line) in lines.iter().enumerate() {
                let cost = if order.via {
                    line_way(model, view, order, line, (number, opt), slots[place]).0
                } else {
                    way_cost(model, order, line, opt, (bases[place], unit, late), slots[place])
                };
                let load = i64::from(opt.work_unit) * i64::from(line.units);
                let bit = 1 << place;
                for below in 0..bit {
                    let sum = scratch.sums[below].wrapping_add(cost);
                    scratch.sums[below | bit] = sum;
                    let mut fits = true;
                    if !V::BOUND {
                        scratch.loads[below | bit] = scratch.loads[below] + load;
                        fits = scratch.loads[below | bit] <= room;
                    }
                    if sum < scratch.parcel_cost[below | bit] && fits {
                        scratch.parcel_cost[below | bit] = sum;
                        scratch.parcel_opt[below | bit] = number;
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
