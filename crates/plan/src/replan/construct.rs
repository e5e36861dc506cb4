//! A first feasible plan: order by order, the cheapest that fits, scarce things at their prices.

use super::model::{Model, ModelOrder, NONE};
use super::price::PriceTable;
use super::state::{Left, SPLIT, State};
use super::subproblem::{Scratch, solve};

/// Places every order in turn; those given first choose first.
pub(crate) fn construct(model: &Model, prices: &PriceTable, sequence: &[u32], state: &mut State) {
    let mut scratch = Scratch::new();
    let mut choice = Vec::new();
    for &index in sequence {
        insert(model, &model.orders[index as usize], Some(prices), state, &mut scratch, &mut choice);
    }
}

/// Places one order that takes nothing yet, at the least cost that fits.
pub(crate) fn insert(
    model: &Model,
    order: &ModelOrder,
    prices: Option<&PriceTable>,
    state: &mut State,
    scratch: &mut Scratch,
    choice: &mut Vec<u32>,
) {
    choice.clear();
    choice.resize(usize::from(order.lines), NONE);
    solve(model, &Left { state, prices }, order, scratch, choice);
    place_what_fits(model, order, state, choice);
}

/// Places `choice`, or as much of it as fits: two lines may have counted on the same stock or room.
pub(crate) fn place_what_fits(model: &Model, order: &ModelOrder, state: &mut State, choice: &mut [u32]) {
    while !state.place(model, order, choice) {
        // The last line that ships gives way first; with none left, nothing is asked and it fits.
        let Some(last) = choice.iter().rposition(|&number| number != NONE && number != SPLIT) else { return };
        choice[last] = NONE;
    }
}
