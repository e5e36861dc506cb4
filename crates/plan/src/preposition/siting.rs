//! Where to open depots of which size and what to lay in them: the two-stage model of Rawls and Turnquist,
//! Pre-positioning of emergency supplies for disaster response, Transportation Research Part B 44 (2010) 521-534.
//!
//! First stage: a depot of one size, or none, at each place, and stock of several goods within its room. Second
//! stage, in each outlook: what survives is shipped, what is not met is penalised, what is left over is held.
//!
//! The bound lets room be rented at the cheapest size's cost per unit: no depot is ever cheaper than that, so no
//! plan costs less. The plan starts from mixes of sizes whose room fits what the relaxation lays down, and goes on
//! by other sizes at one place or two. The prices found for one set of depots bound the cost of every other set
//! (a cut, as in Benders' decomposition), so changes are tried in the order of what they could save, and what
//! cannot save is not tried. The plan publishes flows and prices, so both cost and bound can be recomputed.

use super::outlook::Good;
use super::relax::{Effort, Relaxation, Relaxed};
use rayon::prelude::{IntoParallelIterator, ParallelIterator};
use serde::Serialize;

/// A depot of a size.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Size {
    /// What it is called.
    pub name: String,
    /// Cost of opening it.
    pub fixed: f64,
    /// Room it has.
    pub room: f64,
}

/// Where to open what, and what to lay there.
#[derive(Clone, Debug, PartialEq)]
pub struct SitingProblem {
    /// Goods with their outlooks; all have the same places.
    pub goods: Vec<Good>,
    /// By good: cost of a unit laid down.
    pub unit_cost: Vec<f64>,
    /// By good: room a unit takes.
    pub volume: Vec<f64>,
    /// Sizes to choose from, by ascending room.
    pub sizes: Vec<Size>,
}

/// The second stage of one good in one outlook.
#[derive(Clone, Debug, PartialEq)]
pub struct Flows {
    /// By place, then sink: units shipped.
    pub units: Vec<f64>,
    /// By sink: units left unserved.
    pub unserved: Vec<f64>,
}

/// A plan with its proof.
#[derive(Clone, Debug, PartialEq)]
pub struct SitingPlan {
    /// Depots, stock and expected second stage.
    pub cost: f64,
    /// No plan costs less.
    pub lower_bound: f64,
    /// `(cost - lower_bound) / cost`.
    pub gap: f64,
    /// By place: index of the size opened.
    pub depots: Vec<Option<usize>>,
    /// By good, then place: units.
    pub stock: Vec<Vec<f64>>,
    /// By good, then outlook: who is served from where.
    pub flows: Vec<Vec<Flows>>,
    /// By good, outlook, then place: the prices that prove the bound.
    pub prices: Vec<Vec<Vec<f64>>>,
    /// Rounds of the primal-dual method.
    pub rounds: u64,
}

const ROOT: Effort = Effort { rounds_per_epoch: 200, epochs: 60, gap: 1e-4, enough: f64::INFINITY };
const STEP: Effort = Effort { rounds_per_epoch: 200, epochs: 15, gap: 2e-4, enough: f64::INFINITY };
const POLISH: Effort = Effort { rounds_per_epoch: 200, epochs: 40, gap: 5e-5, enough: f64::INFINITY };
/// A change that promises to save less than this share of the cost is not tried.
const LEAST_SAVING: f64 = 1e-5;
/// A place that uses less of the smallest depot than this share is not opened.
const LEAST_USE: f64 = 0.05;
/// So many depots of each larger size are tried at first.
const MOST_LARGE: usize = 3;

/// Finds a plan and its bound. `trials` is how many changes of a depot are tried after the first plan.
///
/// # Panics
/// If a good has another number of places than the first, or there is no size: readers refuse such input.
#[must_use]
pub fn solve(problem: &SitingProblem, trials: u32) -> SitingPlan {
    let rent = problem.sizes.iter().map(|size| size.fixed / size.room).fold(f64::INFINITY, f64::min);
    let root = rented(problem, rent, ROOT);
    let mut search = Search { problem, best: None, rounds: root.rounds };
    search.exchange(&root, trials);
    search.polish();
    let (cost, depots, stock) = search.best.expect("laying nothing down is a plan");
    let lower_bound = root.lower_bound.min(cost);
    let flows = problem.goods.iter().zip(&stock).map(|(good, stock)| {
        let second = good.outlooks.iter().map(|outlook| good.second(outlook, stock));
        second.map(|second| Flows { units: second.units, unserved: second.unserved }).collect()
    });
    SitingPlan {
        cost,
        lower_bound,
        gap: ((cost - lower_bound) / cost.max(f64::MIN_POSITIVE)).max(0.0),
        flows: flows.collect(),
        depots,
        stock,
        prices: root.prices,
        rounds: search.rounds,
    }
}

/// The relaxation in which room is rented by the unit: the goods are then apart from each other.
fn rented(problem: &SitingProblem, rent: f64, effort: Effort) -> Rented {
    let solve = |k: usize| {
        let good = &problem.goods[k];
        let unit_cost = vec![vec![problem.unit_cost[k] + problem.volume[k] * rent; good.places()]];
        let volume = [problem.volume[k]];
        let relaxation = Relaxation {
            goods: core::slice::from_ref(good),
            unit_cost: &unit_cost,
            volume: &volume,
            room: None,
        };
        relaxation.solve(effort, None)
    };
    let solved: Vec<Relaxed> = (0..problem.goods.len()).into_par_iter().map(solve).collect();
    Rented {
        lower_bound: solved.iter().map(|good| good.lower_bound).sum(),
        rounds: solved.iter().map(|good| good.rounds).sum(),
        stock: solved.iter().map(|good| good.stock[0].clone()).collect(),
        prices: solved.into_iter().map(|mut good| good.prices.remove(0)).collect(),
    }
}

struct Rented {
    lower_bound: f64,
    rounds: u64,
    stock: Vec<Vec<f64>>,
    prices: Vec<Vec<Vec<f64>>>,
}

type Candidate = (f64, Vec<Option<usize>>, Vec<Vec<f64>>);

struct Search<'a> {
    problem: &'a SitingProblem,
    best: Option<Candidate>,
    rounds: u64,
}

impl Search<'_> {
    fn used(&self, stock: &[Vec<f64>], place: usize) -> f64 {
        stock.iter().zip(&self.problem.volume).map(|(stock, volume)| stock[place] * volume).sum()
    }

    /// Sets of depots to begin with: the places with most stock get the larger sizes, the others the smallest,
    /// for every mix whose room is about what the stock needs.
    fn first_sets(&self, stock: &[Vec<f64>]) -> Vec<Vec<Option<usize>>> {
        let sizes = &self.problem.sizes;
        let used: Vec<f64> = (0..stock[0].len()).map(|place| self.used(stock, place)).collect();
        let total: f64 = used.iter().sum();
        let mut order: Vec<usize> = (0..used.len()).collect();
        order.sort_by(|a, b| used[*b].total_cmp(&used[*a]).then(a.cmp(b)));
        let small: Vec<usize> =
            order.iter().copied().filter(|place| used[*place] > sizes[0].room * LEAST_USE).collect();
        let mut mixes = vec![Vec::new()];
        for size in (1..sizes.len()).rev() {
            let more = |mix: &Vec<usize>| {
                (0..=MOST_LARGE).map(|n| [mix.clone(), vec![size; n]].concat()).collect::<Vec<_>>()
            };
            mixes = mixes.iter().flat_map(more).collect();
        }
        let mut sets = vec![vec![None; used.len()]];
        for mix in mixes.iter().filter(|mix| mix.len() <= order.len()) {
            let mut depots = vec![None; used.len()];
            for place in &small {
                depots[*place] = Some(0);
            }
            for (place, size) in order.iter().zip(mix) {
                depots[*place] = Some(*size);
            }
            let room: f64 = depots.iter().flatten().map(|size| sizes[*size].room).sum();
            if (total * 0.85..total * 1.35).contains(&room) {
                sets.push(depots);
            }
        }
        sets
    }

    /// Depots of other sizes at one place or two, in the order of what the cuts promise, until none promises more.
    fn exchange(&mut self, root: &Rented, trials: u32) {
        let mut tried = self.first_sets(&root.stock);
        let mut cuts: Vec<Cut> = Vec::new();
        let mut now: Option<(f64, usize, Relaxed)> = None;
        for (index, depots) in tried.iter().enumerate() {
            let enough = now.as_ref().map_or(f64::INFINITY, |now| now.0);
            let (cost, relaxed) = self.within(depots, now.as_ref().map(|now| &now.2), enough);
            cuts.push(self.cut(depots, &relaxed));
            if cost < enough {
                now = Some((cost, index, relaxed));
            }
        }
        let Some((mut cost, index, mut warm)) = now else { return };
        let mut depots = tried[index].clone();
        for _ in 0..trials {
            let cutoff = cost * (1.0 - LEAST_SAVING);
            let Some(other) = self.most_promising(&depots, &cuts, &tried, cutoff) else { return };
            let (found, relaxed) = self.within(&other, Some(&warm), cost);
            cuts.push(self.cut(&other, &relaxed));
            tried.push(other.clone());
            if found < cost {
                (cost, depots, warm) = (found, other, relaxed);
            }
        }
    }

    /// The best depots' stock once more, with more effort.
    fn polish(&mut self) {
        let Some((_, depots, _)) = self.best.clone() else { return };
        let _ = self.within_effort(&depots, None, POLISH);
    }

    /// The untried neighbour whose bound by all cuts is least, if that is below `cutoff`.
    fn most_promising(
        &self,
        depots: &[Option<usize>],
        cuts: &[Cut],
        tried: &[Vec<Option<usize>>],
        cutoff: f64,
    ) -> Option<Vec<Option<usize>>> {
        let sizes = &self.problem.sizes;
        let size =
            |depot: Option<usize>| depot.map_or((0.0, 0.0), |size| (sizes[size].fixed, sizes[size].room));
        let base: Vec<f64> = cuts
            .iter()
            .map(|cut| {
                let part = |(place, depot): (usize, &Option<usize>)| {
                    size(*depot).0 - cut.rent[place] * size(*depot).1
                };
                cut.value + depots.iter().enumerate().map(part).sum::<f64>()
            })
            .collect();
        // A change: its place, its depot, and by cut what it changes.
        let mut changes: Vec<(usize, Option<usize>, Vec<f64>)> = Vec::new();
        for (place, now) in depots.iter().enumerate() {
            for depot in core::iter::once(None).chain((0..sizes.len()).map(Some)).filter(|depot| depot != now)
            {
                let by = |cut: &Cut| {
                    size(depot).0 - size(*now).0 - cut.rent[place] * (size(depot).1 - size(*now).1)
                };
                changes.push((place, depot, cuts.iter().map(by).collect()));
            }
        }
        let with = |list: &[usize]| {
            let mut other = depots.to_vec();
            for change in list {
                other[changes[*change].0] = changes[*change].1;
            }
            other
        };
        let mut best: Option<(f64, Vec<Option<usize>>)> = None;
        for a in 0..changes.len() {
            for b in a..changes.len() {
                if b > a && changes[a].0 == changes[b].0 {
                    continue;
                }
                let second = |cut: usize| if b > a { changes[b].2[cut] } else { 0.0 };
                let value = |cut: usize| base[cut] + changes[a].2[cut] + second(cut);
                let value = (0..cuts.len()).map(value).fold(f64::NEG_INFINITY, f64::max);
                if value < best.as_ref().map_or(cutoff, |best| best.0) {
                    let other = with(&[a, b]);
                    if !tried.contains(&other) {
                        best = Some((value, other));
                    }
                }
            }
        }
        best.map(|(_, other)| other)
    }

    /// What the prices found for one set of depots say about every other: `value + fixed - rent x room`.
    fn cut(&self, depots: &[Option<usize>], relaxed: &Relaxed) -> Cut {
        let problem = self.problem;
        let mut rent = relaxed.room_price.clone();
        for (place, depot) in depots.iter().enumerate() {
            if depot.is_none() {
                rent[place] = self.rent_of_nothing(relaxed, place);
            }
        }
        let value = relaxed.lower_bound
            + depots
                .iter()
                .zip(&rent)
                .map(|(depot, rent)| depot.map_or(0.0, |size| problem.sizes[size].room * rent))
                .sum::<f64>();
        Cut { value, rent }
    }

    /// At a place without a depot: the rent of room at which nothing would be laid there.
    fn rent_of_nothing(&self, relaxed: &Relaxed, place: usize) -> f64 {
        let goods = self.problem.goods.iter().enumerate().map(|(k, good)| {
            let mut earned = 0.0;
            let mut held = 0.0;
            for (outlook, price) in good.outlooks.iter().zip(&relaxed.prices[k]) {
                let lives = outlook.probability * outlook.survives[place];
                earned += lives * price[place];
                held += lives * good.holding;
            }
            (earned - held - self.problem.unit_cost[k]) / self.problem.volume[k].max(f64::MIN_POSITIVE)
        });
        goods.fold(0.0, f64::max)
    }

    /// The best stock within given depots, as far as it may cost less than `enough`.
    fn within(&mut self, depots: &[Option<usize>], warm: Option<&Relaxed>, enough: f64) -> (f64, Relaxed) {
        self.within_effort(depots, warm, Effort { enough, ..STEP })
    }

    fn within_effort(
        &mut self,
        depots: &[Option<usize>],
        warm: Option<&Relaxed>,
        effort: Effort,
    ) -> (f64, Relaxed) {
        let problem = self.problem;
        let size = |depot: &Option<usize>| depot.map(|size| &problem.sizes[size]);
        let room: Vec<f64> = depots.iter().map(|depot| size(depot).map_or(0.0, |size| size.room)).collect();
        let fixed: f64 = depots.iter().filter_map(size).map(|size| size.fixed).sum();
        let unit_cost: Vec<Vec<f64>> = problem.unit_cost.iter().map(|cost| vec![*cost; room.len()]).collect();
        let relaxation = Relaxation {
            goods: &problem.goods,
            unit_cost: &unit_cost,
            volume: &problem.volume,
            room: Some(&room),
        };
        let found = relaxation.solve(Effort { enough: effort.enough - fixed, ..effort }, warm);
        self.rounds += found.rounds;
        let cost = fixed + found.cost;
        if self.best.as_ref().is_none_or(|best| cost < best.0) {
            self.best = Some((cost, depots.to_vec(), found.stock.clone()));
        }
        (cost, found)
    }
}

/// A lower bound of any set of depots.
struct Cut {
    value: f64,
    rent: Vec<f64>,
}
