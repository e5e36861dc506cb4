//! The cheapest set of offers for an order's lines.
//!
//! Up to [`EXACT_LINES`] lines: exact, over every partition of the lines into parcels, by dynamic programming over
//! subsets. Beyond: the best single parcel first, then lines that miss take their cheapest way, then lines change
//! parcels as long as that saves. Ties go to the lower offer, so the result does not depend on chance.

use smallvec::SmallVec;

/// The most lines that are partitioned exactly: 3^6 subset pairs.
pub const EXACT_LINES: usize = 6;

/// What one line costs by one offer, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineCost {
    /// Paid.
    pub cost: i64,
    /// For arriving late.
    pub late: i64,
    /// Shadow prices.
    pub price: i64,
}

impl LineCost {
    const fn total(self) -> i64 {
        self.cost + self.late + self.price
    }
}

/// A way an order could go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Paid for the parcel.
    pub parcel: i64,
    /// Shadow price of the parcel's own work.
    pub parcel_price: i64,
    /// Each line's cost; `None` where it cannot be served.
    pub lines: SmallVec<[Option<LineCost>; 4]>,
}

/// Which offer each line takes; `None` is backordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// By line.
    pub offers: SmallVec<[Option<usize>; 4]>,
    /// The sum of all costs and prices of the lines served.
    pub total: i64,
}

/// The cheapest way to serve as many of `lines` lines as can be served.
#[must_use]
pub fn cheapest(offers: &[Offer], lines: usize) -> Choice {
    if lines <= EXACT_LINES { exact(offers, lines) } else { heuristic(offers, lines) }
}

fn exact(offers: &[Offer], lines: usize) -> Choice {
    let served = |line: usize| offers.iter().any(|offer| offer.lines[line].is_some());
    let goal: usize = (0..lines).filter(|line| served(*line)).map(|line| 1 << line).sum();
    // The cheapest single parcel for each set of lines, and which offer makes it.
    let mut one = [(i64::MAX, usize::MAX); 1 << EXACT_LINES];
    for (index, offer) in offers.iter().enumerate() {
        let mut sums = [i64::MAX; 1 << EXACT_LINES];
        sums[0] = offer.parcel + offer.parcel_price;
        for set in 1..1_usize << lines {
            let line = set.trailing_zeros() as usize;
            let rest = sums[set & (set - 1)];
            if let Some(cost) = offer.lines[line].filter(|_| rest < i64::MAX) {
                sums[set] = rest + cost.total();
                if sums[set] < one[set].0 {
                    one[set] = (sums[set], index);
                }
            }
        }
    }
    // The cheapest partition of each set; the parcel with the lowest line is the one that is chosen last.
    let mut best = [(i64::MAX, 0_usize); 1 << EXACT_LINES];
    best[0].0 = 0;
    for set in 1..1_usize << lines {
        let lowest = set & set.wrapping_neg();
        let mut part = set;
        while part != 0 {
            let rest = best[set & !part].0;
            if part & lowest != 0 && one[part].0 < i64::MAX && rest < i64::MAX {
                let total = one[part].0 + rest;
                if total < best[set].0 {
                    best[set] = (total, part);
                }
            }
            part = (part - 1) & set;
        }
    }
    let mut choice = Choice { offers: smallvec::smallvec![None; lines], total: best[goal].0 };
    let mut left = goal;
    while left != 0 {
        let part = best[left].1;
        for line in (0..lines).filter(|line| part & (1 << line) != 0) {
            choice.offers[line] = Some(one[part].1);
        }
        left &= !part;
    }
    choice
}

fn heuristic(offers: &[Offer], lines: usize) -> Choice {
    let cost = |offer: usize, line: usize| offers[offer].lines[line].map(LineCost::total);
    let parcel = |offer: usize| offers[offer].parcel + offers[offer].parcel_price;
    // The parcel that serves most lines, then the cheapest of those.
    let start = (0..offers.len()).min_by_key(|offer| {
        let served = offers[*offer].lines.iter().filter(|line| line.is_some()).count();
        let sum: i64 = (0..lines).filter_map(|line| cost(*offer, line)).sum();
        (core::cmp::Reverse(served), sum.saturating_add(parcel(*offer)), *offer)
    });
    let mut taken: SmallVec<[Option<usize>; 4]> =
        (0..lines).map(|line| start.filter(|s| cost(*s, line).is_some())).collect();
    for line in 0..lines {
        if taken[line].is_none() {
            taken[line] = (0..offers.len())
                .filter_map(|offer| {
                    let opened = if taken.contains(&Some(offer)) { 0 } else { parcel(offer) };
                    cost(offer, line).map(|cost| (cost + opened, offer))
                })
                .min()
                .map(|(_, offer)| offer);
        }
    }
    improve(offers, &mut taken, &cost, &parcel);
    let mut used: Vec<usize> = taken.iter().flatten().copied().collect();
    used.sort_unstable();
    used.dedup();
    let lines_total: i64 = taken.iter().enumerate().filter_map(|(line, offer)| cost((*offer)?, line)).sum();
    Choice { total: lines_total + used.into_iter().map(parcel).sum::<i64>(), offers: taken }
}

/// Rounds of single-line changes; each saves something, so the limit is a guard and not a budget.
const ROUNDS_MAX: usize = 100;

fn improve(
    offers: &[Offer],
    taken: &mut [Option<usize>],
    cost: &impl Fn(usize, usize) -> Option<i64>,
    parcel: &impl Fn(usize) -> i64,
) {
    for _ in 0..ROUNDS_MAX {
        let mut changed = false;
        for line in 0..taken.len() {
            let Some(now) = taken[line] else { continue };
            let alone = taken.iter().filter(|offer| **offer == Some(now)).count() == 1;
            let here = cost(now, line).unwrap_or(0) + if alone { parcel(now) } else { 0 };
            let best = (0..offers.len())
                .filter(|offer| *offer != now)
                .filter_map(|offer| {
                    let opened = if taken.contains(&Some(offer)) { 0 } else { parcel(offer) };
                    cost(offer, line).map(|cost| (cost + opened, offer))
                })
                .min();
            if let Some((there, offer)) = best.filter(|(there, _)| *there < here) {
                debug_assert!(there < here);
                taken[line] = Some(offer);
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Choice, LineCost, Offer, cheapest};

    fn offer(parcel: i64, lines: &[Option<i64>]) -> Offer {
        let line = |cost: &Option<i64>| cost.map(|cost| LineCost { cost, late: 0, price: 0 });
        Offer { parcel, parcel_price: 0, lines: lines.iter().map(line).collect() }
    }

    /// Every assignment of lines to offers, as many lines served as can be, the cheapest of those.
    fn exhaustive(offers: &[Offer], lines: usize) -> (usize, i64) {
        let choices = offers.len() + 1;
        let mut best = (0, i64::MAX);
        for mut code in 0..choices.pow(u32::try_from(lines).unwrap()) {
            let (mut total, mut served, mut used) = (0, 0, vec![false; offers.len()]);
            let mut fits = true;
            for line in 0..lines {
                let taken = code % choices;
                code /= choices;
                if taken < offers.len() {
                    match offers[taken].lines[line] {
                        Some(cost) => total += cost.cost,
                        None => fits = false,
                    }
                    served += 1;
                    used[taken] = true;
                }
            }
            total += used
                .iter()
                .zip(offers)
                .filter(|(used, _)| **used)
                .map(|(_, offer)| offer.parcel)
                .sum::<i64>();
            if fits && (served > best.0 || (served == best.0 && total < best.1)) {
                best = (served, total);
            }
        }
        best
    }

    #[test]
    fn up_to_six_lines_it_is_the_best_there_is() {
        let mut seed = 7_u64;
        let mut next = move |below: i64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from(seed >> 33).unwrap() % below
        };
        for round in 0..400 {
            let lines = 1 + round % 5;
            let offers: Vec<Offer> = (0..1 + next(4))
                .map(|_| {
                    let lines: Vec<Option<i64>> =
                        (0..lines).map(|_| (next(4) > 0).then(|| next(50))).collect();
                    offer(next(60), &lines)
                })
                .collect();
            let Choice { offers: taken, total } = cheapest(&offers, lines);
            let served = taken.iter().flatten().count();
            let total = if served == 0 { i64::MAX } else { total };
            let best = exhaustive(&offers, lines);
            let best = if best.0 == 0 { (0, i64::MAX) } else { best };
            assert_eq!((served, total), best, "round {round}: {offers:?}");
        }
    }

    #[test]
    fn a_long_order_is_served_whole_and_gathers_where_that_saves() {
        let lines = 12;
        let cheap_for_half = |first: bool| {
            (0..lines).map(|line| Some(if (line < 6) == first { 1 } else { 100 })).collect::<Vec<_>>()
        };
        let offers = [offer(10, &cheap_for_half(true)), offer(10, &cheap_for_half(false))];
        let choice = cheapest(&offers, lines);
        assert_eq!(choice.total, 20 + 12);
    }
}
