//! Routing one order on arrival: which site ships which line, at today's costs and prices.
//!
//! Pure and small enough to run for every order: no allocation up to [`EXACT_LINES`] lines, well under a
//! microsecond for two lines over fourteen sites. The answer there is exact: every partition of the lines into
//! parcels is covered, backorder included. Longer orders, up to [`LINES_MAX`] lines, are routed by opening the
//! offer that saves most while one saves, then closing offers that cost more than they save; that is a
//! heuristic, and [`Sourced::exact`] says so.
//!
//! **Backorder** is one more way for each line, at its own cost and without a parcel; a line whose backorder is
//! `None` ships if anything may ship it and is otherwise left without a site. No cost may be negative.
//!
//! The caller makes the [`Offer`]s: one for each site, with the parcel's cost at the lane and ship day that
//! suit the order (lateness included), or one for each lane and day worth considering. Costs count in any one
//! unit; with prices of a plan that is 1/[`PRICE_SCALE`](crate::replan::PRICE_SCALE) minor units.

use holdfast_domain::id::{LaneId, SiteId};
use smallvec::SmallVec;

mod explain;
mod long;

pub use explain::{Unchosen, Why, explain};

/// Orders with at most this many lines are routed exactly.
pub const EXACT_LINES: usize = 6;
/// Longest order that can be routed.
pub const LINES_MAX: usize = 64;
/// Most offers considered.
pub const OFFERS_MAX: usize = 256;
/// Highest single cost; keeps sums inside 64 bits.
pub const COST_MAX: i64 = 1 << 48;

/// More than any sum of costs.
const FAR: i64 = 1 << 56;
/// More than leaving every line that must ship.
const NEVER: i64 = 1 << 61;

/// A parcel one site could send.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Offer {
    /// From where.
    pub site: SiteId,
    /// By which lane.
    pub lane: LaneId,
    /// On which day of the horizon.
    pub day: u16,
    /// Cost of the parcel whatever is in it, price of work included.
    pub parcel: i64,
    /// Lines it may carry: bit `i` for line `i`.
    pub may: u64,
}

/// An order to route: its offers, and each line's cost by each.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Offers, in the order that breaks ties.
    pub offers: &'a [Offer],
    /// Cost of line `i` by offer `o`, at `o * lines + i`: its units, lateness, moving and prices. Ignored
    /// where the offer may not carry the line.
    pub line_costs: &'a [i64],
    /// Cost of each line on backorder; `None` where it must ship if it can.
    pub backorder: &'a [Option<i64>],
}

/// Where every line goes, and the terms of the cost.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sourced {
    /// Index of the offer each line takes; `None` for backorder.
    pub lines: SmallVec<[Option<u8>; EXACT_LINES]>,
    /// Cost of the parcels.
    pub parcels: i64,
    /// Cost of the lines in them.
    pub carried: i64,
    /// Cost of the lines on backorder.
    pub backorder: i64,
    /// Whether nothing cheaper exists.
    pub exact: bool,
}

impl Sourced {
    /// The whole cost.
    #[must_use]
    pub fn cost(&self) -> i64 {
        self.parcels + self.carried + self.backorder
    }
}

/// A question that cannot be answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SourceError {
    /// Too many or too few of something.
    #[error("source the order: {what} is {found}, expected {expected}")]
    Size {
        /// What was counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there should be, or may be at most.
        expected: usize,
    },
    /// A cost that is negative or above [`COST_MAX`].
    #[error("source the order: a cost is {0}; costs go from 0 to 2^48")]
    Cost(i64),
}

/// Routes one order.
///
/// # Errors
/// [`SourceError`] for lists that do not fit together and costs outside their limits.
///
/// ```
/// use holdfast_domain::id::{LaneId, SiteId};
/// use holdfast_plan::source::{Offer, Question, source};
/// let near = Offer { site: SiteId(0), lane: LaneId(0), day: 0, parcel: 500, may: 0b01 };
/// let far = Offer { site: SiteId(1), lane: LaneId(1), day: 0, parcel: 700, may: 0b11 };
/// let costs = [10, 0, 60, 60];
/// let question = Question { offers: &[near, far], line_costs: &costs, backorder: &[Some(2500), Some(2500)] };
/// let sourced = source(&question).unwrap();
/// assert_eq!(sourced.lines.as_slice(), [Some(1), Some(1)]); // one parcel for both
/// assert_eq!(sourced.cost(), 820);
/// ```
pub fn source(question: &Question) -> Result<Sourced, SourceError> {
    validate(question)?;
    Ok(route(question))
}

fn validate(question: &Question) -> Result<(), SourceError> {
    let Question { offers, line_costs, backorder } = *question;
    let size = |what, found, expected| Err(SourceError::Size { what, found, expected });
    if backorder.len() > LINES_MAX {
        return size("the number of lines", backorder.len(), LINES_MAX);
    }
    if offers.len() > OFFERS_MAX - 1 {
        return size("the number of offers", offers.len(), OFFERS_MAX - 1);
    }
    if line_costs.len() != offers.len() * backorder.len() {
        return size("the number of line costs", line_costs.len(), offers.len() * backorder.len());
    }
    let bad = |cost: &i64| !(0..=COST_MAX).contains(cost);
    let parcel = offers.iter().map(|offer| offer.parcel).find(bad);
    let leave = backorder.iter().copied().flatten().find(bad);
    let line = line_costs.iter().copied().enumerate().find(|(at, cost)| {
        let (offer, line) = (at / backorder.len(), at % backorder.len());
        offers[offer].may >> line & 1 == 1 && bad(cost)
    });
    parcel.or(leave).or(line.map(|(_, cost)| cost)).map_or(Ok(()), |cost| Err(SourceError::Cost(cost)))
}

fn route(question: &Question) -> Sourced {
    match question.backorder.len() {
        1 => single(question),
        lines if lines <= EXACT_LINES => subsets(question),
        _ => long::route(question),
    }
}

/// Cost of leaving a line; a line that must ship pays more than any way of shipping it.
fn leave(question: &Question, line: usize) -> i64 {
    question.backorder[line].unwrap_or(FAR)
}

fn single(question: &Question) -> Sourced {
    let mut best = (leave(question, 0), None);
    for (number, (offer, &cost)) in question.offers.iter().zip(question.line_costs).enumerate() {
        if offer.may & 1 == 1 && offer.parcel + cost < best.0 {
            best = (offer.parcel + cost, Some(number as u8));
        }
    }
    told(question, core::iter::once(best.1), true)
}

fn subsets(question: &Question) -> Sourced {
    const SETS: usize = 1 << EXACT_LINES;
    let count = question.backorder.len();
    let all = (1_usize << count) - 1;
    let mut parcel_cost = [NEVER; SETS];
    let mut parcel_offer = [0_u8; SETS];
    let mut sums = [0_i64; SETS];
    let mut masks_may;
    for (number, offer) in question.offers.iter().enumerate() {
        masks_may = offer.may as usize & all;
        if masks_may == 0 {
            continue;
        }
        sums[0] = offer.parcel;
        let costs = &question.line_costs[number * count..(number + 1) * count];
        for (place, &cost) in costs.iter().enumerate() {
            let bit = 1 << place;
            let cost = if masks_may & bit == 0 { FAR } else { cost };
            for below in 0..bit {
                let sum = sums[below] + cost;
                sums[below | bit] = sum;
                if sum < parcel_cost[below | bit].min(FAR) {
                    parcel_cost[below | bit] = sum;
                    parcel_offer[below | bit] = number as u8;
                }
            }
        }
    }
    let take = partition(question, &parcel_cost);
    let mut lines = [None; EXACT_LINES];
    let mut left = all;
    while left != 0 {
        let set = usize::from(take[left]);
        for (place, line) in lines.iter_mut().enumerate() {
            if set >> place & 1 == 1 {
                *line = Some(parcel_offer[set]);
            }
        }
        left ^= if set == 0 { left & left.wrapping_neg() } else { set };
    }
    told(question, lines.into_iter().take(count), true)
}

/// For each set of lines, the parcel its lowest line takes in the cheapest partition; 0 for backorder.
fn partition(question: &Question, parcel_cost: &[i64; 1 << EXACT_LINES]) -> [u8; 1 << EXACT_LINES] {
    let all = (1_usize << question.backorder.len()) - 1;
    let mut rest = [0_i64; 1 << EXACT_LINES];
    let mut take = [0_u8; 1 << EXACT_LINES];
    for set in 1..=all {
        let low = set & set.wrapping_neg();
        let others = set ^ low;
        let mut best = rest[others] + leave(question, low.trailing_zeros() as usize);
        let mut with = others;
        loop {
            let cost = parcel_cost[with | low] + rest[others ^ with];
            if cost < best {
                best = cost;
                take[set] = (with | low) as u8;
            }
            if with == 0 {
                break;
            }
            with = (with - 1) & others;
        }
        rest[set] = best;
    }
    take
}

/// The answer with its terms counted from the question.
fn told(question: &Question, chosen: impl Iterator<Item = Option<u8>>, exact: bool) -> Sourced {
    let lines: SmallVec<[Option<u8>; EXACT_LINES]> = chosen.collect();
    let mut sourced = Sourced { lines, parcels: 0, carried: 0, backorder: 0, exact };
    let count = sourced.lines.len();
    for (place, offer) in sourced.lines.iter().enumerate() {
        let Some(offer) = *offer else {
            sourced.backorder += question.backorder[place].unwrap_or(0);
            continue;
        };
        sourced.carried += question.line_costs[usize::from(offer) * count + place];
        if !sourced.lines[..place].contains(&Some(offer)) {
            sourced.parcels += question.offers[usize::from(offer)].parcel;
        }
    }
    sourced
}

#[cfg(test)]
mod tests;
