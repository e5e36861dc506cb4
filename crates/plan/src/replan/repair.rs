//! Repairs of a plan that is feasible but not yet what the rules ask for: lines that may split, floors not met.

use super::improve::{Search, reinsert};
use super::model::{FAR, Model, ModelOrder, NONE};
use super::price::PriceTable;
use super::state::{Pieces, State};
use super::subproblem::Scratch;

/// Rounds in which the price of broken promises is doubled before a floor is given up.
const FLOOR_ROUNDS: u32 = 24;

/// Rounds of pushing aside for a floor.
const PUSH_ROUNDS: u32 = 16;

/// Ships lines on backorder in pieces, where they may split and it costs less. Returns how many.
pub(crate) fn split_backordered(model: &Model, state: &mut State) -> u64 {
    let mut done = 0;
    for order in &model.orders {
        for line in State::lines(order) {
            if model.lines[line].may_split && state.choice[line] == NONE {
                done += u64::from(split_line(model, order, line, state));
            }
        }
    }
    done
}

/// Takes the line's units from wherever a unit is cheapest, parcel included, until it has them all.
fn split_line(model: &Model, order: &ModelOrder, line: usize, state: &mut State) -> bool {
    let Some(parts) = find_parts(model, order, line, state) else { return false };
    let before = state.weighed_cost(model, order);
    let lines = State::lines(order);
    let old: smallvec::SmallVec<[u32; 8]> = state.choice[lines.clone()].iter().copied().collect();
    let others_split: Vec<(u32, Pieces)> = lines
        .filter_map(|line| state.split.get(&(line as u32)).map(|parts| (line as u32, parts.clone())))
        .collect();
    state.place_pieces(model, order, line as u32, parts);
    if state.weighed_cost(model, order) < before {
        return true;
    }
    state.remove(model, order);
    let whole: smallvec::SmallVec<[u32; 8]> =
        old.iter().map(|&number| if number == super::state::SPLIT { NONE } else { number }).collect();
    let placed = state.place(model, order, &whole);
    debug_assert!(placed, "what was taken out fits again");
    for (line, parts) in others_split {
        state.place_pieces(model, order, line, parts);
    }
    false
}

fn find_parts(model: &Model, order: &ModelOrder, line: usize, state: &State) -> Option<Pieces> {
    let count = usize::from(order.lines);
    let place = line - order.first_line as usize;
    let ours = state.pieces(model, order);
    let mut parts = Pieces::new();
    let mut missing = i64::from(model.lines[line].units);
    while missing > 0 {
        let mut best: Option<(i64, i64, u32)> = None;
        for row in 0..order.rows as usize {
            let site = model.row_site[order.first_row as usize + row];
            let slot = model.row_slots[order.first_row_slot as usize + row * count + place];
            if slot == NONE || !state.active[usize::from(site)] {
                continue;
            }
            let used = parts.iter().filter(|part| model.opts[part.0 as usize].site == site);
            let left = state.left[slot as usize] - used.map(|part| i64::from(part.1)).sum::<i64>();
            let range = model.options_of(order.zone, site);
            for (number, opt) in range.clone().zip(&model.opts[range]) {
                let number = number as u32;
                if parts.iter().any(|part| part.0 == number)
                    || !model.may(order, &model.lines[line], opt, &model.slots[slot as usize])
                {
                    continue;
                }
                let opened = ours.iter().any(|piece| model.parcel_of(piece.1) == number);
                let taken = parts.iter().filter(|part| model.opts[part.0 as usize].cap == opt.cap);
                let taken: i64 = taken
                    .map(|part| {
                        let at = &model.opts[part.0 as usize];
                        i64::from(at.work_parcel) + i64::from(at.work_unit) * i64::from(part.1)
                    })
                    .sum();
                let room = state.room[opt.cap as usize]
                    - taken
                    - if opened { 0 } else { i64::from(opt.work_parcel) };
                let fits = if opt.work_unit == 0 {
                    if room >= 0 { FAR } else { 0 }
                } else {
                    room / i64::from(opt.work_unit)
                };
                let units = missing.min(left).min(fits);
                if units <= 0 {
                    continue;
                }
                let cost = model.piece_cost(order, &model.lines[line], opt, units as u32)
                    + if opened { 0 } else { opt.fix };
                // By cost of a unit, in whole numbers; ties to the first option.
                let cheaper = best.is_none_or(|(other, others, _)| {
                    i128::from(cost) * i128::from(others) < i128::from(other) * i128::from(units)
                });
                if cheaper {
                    best = Some((cost, units, number));
                }
            }
        }
        let Some((_, units, number)) = best else { break };
        parts.push((number, units as u32));
        missing -= units;
    }
    (!parts.is_empty()).then_some(parts)
}

/// Raises the price of broken promises of merchants below their floor until it is met or given up.
pub(crate) fn meet_floors(model: &Model, prices: &PriceTable, sequence: &[u32], state: &mut State) {
    let mut scratch = Scratch::new();
    for _ in 0..FLOOR_ROUNDS {
        if state.floor_missed(model) == 0 {
            return;
        }
        for (merchant, price) in state.unkept_price.iter_mut().enumerate() {
            if state.unkept[merchant] > model.kept_slack[merchant] {
                *price = (*price * 2).clamp(super::plan::PRICE_SCALE, 1 << 24);
            }
        }
        reinsert(model, sequence, Some(prices), state, &mut scratch);
    }
    push_for_floors(model, state);
}

/// Where putting orders back one by one does not meet a floor, others are pushed aside for them: an order that is late
/// anyway gives way to one that would be in time.
fn push_for_floors(model: &Model, state: &mut State) {
    let missed = state.floor_missed(model);
    if missed == 0 {
        return;
    }
    let mut search = Search::new(model, state.clone());
    for _ in 0..PUSH_ROUNDS {
        if search.round(model).exhausted || search.state.floor_missed(model) == 0 {
            break;
        }
    }
    if search.state.floor_missed(model) < missed {
        *state = search.state;
    }
}
