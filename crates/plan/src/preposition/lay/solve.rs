//! The price of money at which the budget is spent, and what follows from it.

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::certificate::{bound, prices};
use super::good::Form;
use super::{Figures, Lay, LayError, Least, Plan, Problem, validate};

/// Prices of money tried between two rungs: each halves the ratio.
const BISECTIONS: usize = 40;
/// The price at which everything that saves anything is laid.
const PRICE_MIN: f64 = 1e-7;
/// Units that are bought one by one with the rest of the money, at most.
const SINGLES_MAX: usize = 20_000;

type Stock = Vec<Vec<u32>>;

/// Prices of money solved beforehand, from the one at which nothing is laid to the least: neighbours on them
/// bracket every budget.
const RUNGS: usize = 24;

struct Solver<'a> {
    problem: &'a Problem,
    forms: Vec<Form>,
    /// By falling price, the best stock: from nothing to everything that saves anything.
    ladder: Vec<(f64, Stock)>,
}

impl<'a> Solver<'a> {
    fn new(problem: &'a Problem) -> Result<Self, LayError> {
        validate(problem)?;
        let forms: Vec<Form> =
            problem.goods.par_iter().map(|good| Form::new(good, &problem.scenarios)).collect();
        let mut solver = Self { problem, forms, ladder: Vec::with_capacity(RUNGS + 1) };
        let (top, mut stock) = (solver.price_max(), solver.nothing());
        solver.ladder.push((top, stock.clone()));
        for rung in 1..=RUNGS {
            let price = top * (PRICE_MIN / top).powf(rung as f64 / RUNGS as f64);
            stock = solver.at_price(price, &stock);
            solver.ladder.push((price, stock.clone()));
        }
        Ok(solver)
    }

    fn nothing(&self) -> Stock {
        vec![vec![0; self.problem.sites.len()]; self.forms.len()]
    }

    fn at_price(&self, price: f64, from: &Stock) -> Stock {
        let pairs: Vec<(&Form, &Vec<u32>)> = self.forms.iter().zip(from).collect();
        pairs.par_iter().map(|(form, from)| form.best(price, from)).collect()
    }

    fn spend(&self, stock: &Stock) -> i64 {
        self.forms.iter().zip(stock).map(|(form, units)| form.spend(units)).sum()
    }

    fn saving(&self, stock: &Stock) -> f64 {
        self.forms.iter().zip(stock).map(|(form, units)| form.saving(units)).sum()
    }

    /// A price at which nothing is worth laying.
    fn price_max(&self) -> f64 {
        let best = |form: &Form| {
            let one = |site: usize, lay: i64| {
                let mut units = vec![0; form.lay.len()];
                units[site] = 1;
                form.saving(&units) / lay as f64
            };
            form.lay
                .iter()
                .enumerate()
                .filter_map(|(site, lay)| lay.map(|lay| one(site, lay)))
                .fold(0.0, f64::max)
        };
        self.forms.iter().map(best).fold(PRICE_MIN, f64::max) * 1.01
    }

    /// The best stock at a price between two others. A SKU whose best units are the same at both has the same
    /// between: the saving less the price of its money is linear in the price for fixed units.
    fn between(&self, price: f64, dearer: &Stock, cheaper: &Stock) -> Stock {
        let rows: Vec<usize> = (0..dearer.len()).collect();
        let of = |k: &usize| {
            let (a, b) = (&dearer[*k], &cheaper[*k]);
            if a == b { a.clone() } else { self.forms[*k].best(price, a) }
        };
        rows.par_iter().map(of).collect()
    }

    /// Stocks on either side of a limit, with their prices: the first is within, the second is the next beyond it;
    /// there is none where everything is within. `within` holds at high prices.
    fn around(&self, within: &dyn Fn(&Stock) -> bool) -> ((f64, Stock), Option<(f64, Stock)>) {
        let at = self.ladder.iter().position(|rung| !within(&rung.1)).unwrap_or(self.ladder.len());
        let Some(poorer) = at.checked_sub(1).map(|at| self.ladder[at].clone()) else {
            return (self.ladder[0].clone(), Some(self.ladder[0].clone()));
        };
        let Some(mut low) = self.ladder.get(at).cloned() else { return (poorer, None) };
        let mut high = poorer;
        for _ in 0..BISECTIONS {
            let middle = (low.0 * high.0).sqrt();
            if middle <= low.0 || middle >= high.0 {
                break;
            }
            let stock = self.between(middle, &high.1, &low.1);
            if within(&stock) {
                high = (middle, stock);
            } else {
                low = (middle, stock);
            }
        }
        (high, Some(low))
    }

    /// Goes from a stock towards a richer one, SKU by SKU, best saving for the money first, as far as `may` allows.
    fn toward(&self, stock: &mut Stock, richer: &Stock, may: &mut dyn FnMut(i64, f64) -> bool) {
        let mut changes: Vec<(f64, usize, i64, f64)> = (0..stock.len())
            .filter(|k| stock[*k] != richer[*k])
            .map(|k| {
                let form = &self.forms[k];
                let more = form.spend(&richer[k]) - form.spend(&stock[k]);
                let saves = form.saving(&richer[k]) - form.saving(&stock[k]);
                let ratio = if more > 0 { saves / more as f64 } else { f64::INFINITY };
                (ratio, k, more, saves)
            })
            .collect();
        changes.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        for (_, k, more, saves) in changes {
            if may(more, saves) {
                stock[k].clone_from(&richer[k]);
            }
        }
    }

    /// Spends what is left on single units, best saving for the money first.
    fn fill(&self, stock: &mut Stock, mut left: i64) {
        let offer = |k: usize, units: &[u32], left: i64| {
            let form = &self.forms[k];
            let now = form.saving(units);
            let one = |(site, lay): (usize, &Option<i64>)| {
                let lay = lay.filter(|lay| *lay <= left)?;
                let mut more = units.to_vec();
                more[site] = more[site].checked_add(1)?;
                let saves = form.saving(&more) - now;
                (saves > 1e-9).then(|| (saves / lay as f64, k, site, lay))
            };
            let offers = form.lay.iter().enumerate().filter_map(one);
            offers.max_by(|a, b| a.0.total_cmp(&b.0).then(b.2.cmp(&a.2)))
        };
        let rows: Vec<usize> = (0..stock.len()).collect();
        let mut offers: Vec<_> = rows.par_iter().map(|k| offer(*k, &stock[*k], left)).collect();
        for _ in 0..SINGLES_MAX {
            let best =
                offers.iter().flatten().max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1))).copied();
            let Some((_, k, site, lay)) = best else { return };
            if lay <= left {
                stock[k][site] += 1;
                left -= lay;
            }
            offers[k] = offer(k, &stock[k], left);
        }
    }

    /// Certificates of all SKUs at a price of money: prices by good, and the sum of their bounds.
    fn certified(&self, stock: &Stock, price: f64) -> (Vec<Vec<Vec<f64>>>, f64) {
        let rows: Vec<usize> = (0..stock.len()).collect();
        let scenarios = &self.problem.scenarios;
        let parts: Vec<(Vec<Vec<f64>>, f64)> = rows
            .par_iter()
            .map(|k| {
                let good = &self.problem.goods[*k];
                let prices = prices(good, scenarios, &self.forms[*k], &stock[*k], price);
                let bound = bound(good, scenarios, &prices, price);
                (prices, bound)
            })
            .collect();
        let sum = parts.iter().map(|part| part.1).sum();
        (parts.into_iter().map(|part| part.0).collect(), sum)
    }

    fn plan(&self, stock: &Stock, budget_minor: i64, price: f64, supported: &Stock) -> Plan {
        let figures = figures(self.problem, &self.forms, stock);
        let (prices, sum) = self.certified(supported, price);
        let bound =
            (sum + always(self.problem) - price * budget_minor as f64).min(figures.second_stage_minor);
        // What no stock can save is no cost of the plan's.
        let left = figures.second_stage_minor;
        Plan {
            budget_minor,
            lays: self.lays(stock),
            figures,
            lower_bound_minor: bound,
            gap: if left > 0.0 { ((left - bound) / left).max(0.0) } else { 0.0 },
            budget_price: price,
            prices,
        }
    }

    fn lays(&self, stock: &Stock) -> Vec<Lay> {
        let mut lays = Vec::new();
        for ((units, form), good) in stock.iter().zip(&self.forms).zip(&self.problem.goods) {
            for (site, count) in units.iter().enumerate().filter(|(_, units)| **units > 0) {
                let mut fewer = units.clone();
                fewer[site] -= 1;
                lays.push(Lay {
                    sku: good.sku,
                    site: self.problem.sites[site],
                    units: *count,
                    cost_minor: i64::from(*count) * good.lay_minor[site].unwrap_or(0),
                    last_unit_saves_minor: form.saving(units) - form.saving(&fewer),
                });
            }
        }
        lays
    }

    fn within(&self, budget_minor: i64) -> Plan {
        let budget = budget_minor.max(0);
        let (within, beyond) = self.around(&|stock| self.spend(stock) <= budget);
        let mut stock = within.1.clone();
        let mut left = budget - self.spend(&stock);
        if let Some((_, richer)) = &beyond {
            self.toward(&mut stock, richer, &mut |more, _| {
                let fits = more <= left;
                if fits {
                    left -= more;
                }
                fits
            });
        }
        self.fill(&mut stock, left);
        self.plan(&stock, budget, within.0, &within.1)
    }
}

/// The best stock within a budget.
///
/// # Errors
/// [`LayError`] for tables that are wrong.
///
/// ```
/// use holdfast_domain::id::{SiteId, SkuId};
/// use holdfast_plan::preposition::lay::{Good, Need, Problem, Scenario, solve};
/// let problem = Problem {
///     sites: vec![SiteId(1)],
///     scenarios: vec![Scenario { per_year: 0.1, serve_minor: vec![Some(800)] }],
///     goods: vec![Good {
///         sku: SkuId(0), lay_minor: vec![Some(100)], value_minor: 500, unserved_minor: 4_000, revenue_minor: 9_000,
///         needs: vec![Need { scenario: 0, units: 40, elsewhere: 0, beyond: 0 }],
///     }],
/// };
/// let plan = solve(&problem, 1_000_000).unwrap();
/// // A unit saves 0.1 x (4,000 - 800) = 320 a year and costs 100, so all 40 are laid; carriage stays: 0.1 x 40 x 800.
/// assert_eq!((plan.lays[0].units, plan.figures.promises_kept), (40, 1.0));
/// assert!(plan.gap < 1e-4);
/// assert_eq!(plan.figures.second_stage_minor, 3_200.0);
/// ```
pub fn solve(problem: &Problem, budget_minor: i64) -> Result<Plan, LayError> {
    Ok(Solver::new(problem)?.within(budget_minor))
}

/// The best stock for each of several budgets.
///
/// # Errors
/// [`LayError`] for tables that are wrong.
pub fn frontier(problem: &Problem, budgets_minor: &[i64]) -> Result<Vec<Plan>, LayError> {
    let solver = Solver::new(problem)?;
    Ok(budgets_minor.iter().map(|budget| solver.within(*budget)).collect())
}

/// The stock beyond which a further unit of money brings back less than itself, whatever the budget.
///
/// # Errors
/// [`LayError`] for tables that are wrong.
pub fn worth_it(problem: &Problem) -> Result<Plan, LayError> {
    let solver = Solver::new(problem)?;
    let near = solver
        .ladder
        .iter()
        .rev()
        .find(|rung| rung.0 >= 1.0)
        .map_or_else(|| solver.nothing(), |rung| rung.1.clone());
    let stock = solver.at_price(1.0, &near);
    Ok(solver.plan(&stock, solver.spend(&stock), 1.0, &stock))
}

/// The money beyond which nothing is saved any more, minor units a year.
///
/// # Errors
/// [`LayError`] for tables that are wrong.
pub fn full_minor(problem: &Problem) -> Result<i64, LayError> {
    let solver = Solver::new(problem)?;
    Ok(solver.ladder.last().map_or(0, |rung| solver.spend(&rung.1)))
}

/// The least money whose expected second stage is no higher than `second_stage_minor`; `None` where no stock reaches
/// it.
///
/// # Errors
/// [`LayError`] for tables that are wrong.
pub fn least_for(problem: &Problem, second_stage_minor: f64) -> Result<Option<Least>, LayError> {
    let solver = Solver::new(problem)?;
    let nothing = solver.nothing();
    let without = figures(problem, &solver.forms, &nothing).second_stage_minor;
    let target = second_stage_minor + 1e-6 * (1.0 + second_stage_minor.abs());
    let reached = |stock: &Stock| without - solver.saving(stock) <= target;
    let (poorer, richer) = solver.around(&|stock| !reached(stock));
    let mut stock = poorer.1.clone();
    let mut missing = without - solver.saving(&stock) - target;
    match &richer {
        Some((_, richer)) => solver.toward(&mut stock, richer, &mut |_, saves| {
            let more = missing > 0.0;
            if more {
                missing -= saves;
            }
            more
        }),
        // Not even everything reaches it.
        None => return Ok(None),
    }
    let spent = solver.spend(&stock);
    let plan = solver.plan(&stock, spent, poorer.0, &poorer.1);
    // Money at least: the same prices, with the second stage at most what is asked for.
    let (_, sum) = solver.certified(&poorer.1, poorer.0);
    let bound = ((sum + always(problem) - target) / poorer.0).clamp(0.0, spent as f64);
    let gap = if spent > 0 { (spent as f64 - bound) / spent as f64 } else { 0.0 };
    Ok(Some(Least { plan, spent_bound_minor: bound, gap }))
}

/// What a given stock does, by good, then site.
///
/// # Errors
/// [`LayError`] for tables that are wrong, or a stock of another shape.
pub fn evaluate(problem: &Problem, stock: &[Vec<u32>]) -> Result<Figures, LayError> {
    let solver = Solver::new(problem)?;
    let expected = problem.goods.len();
    if stock.len() != expected || stock.iter().any(|units| units.len() != problem.sites.len()) {
        return Err(LayError::Shape { found: stock.len(), expected });
    }
    Ok(figures(problem, &solver.forms, stock))
}

/// Units by good laid once more at one of the sites; where a good may not lie there, none.
#[must_use]
pub fn doubled(problem: &Problem, held: &[u32], site: usize) -> Vec<Vec<u32>> {
    let of = |(good, held): (&super::Good, &u32)| {
        let mut units = vec![0; problem.sites.len()];
        if good.lay_minor.get(site).is_some_and(Option::is_some) {
            units[site] = *held;
        }
        units
    };
    problem.goods.iter().zip(held).map(of).collect()
}

/// What no stock changes: the units beyond all help, a year.
fn always(problem: &Problem) -> f64 {
    let beyond = |good: &super::Good| {
        let units = good.needs.iter();
        units.map(|n| problem.scenarios[n.scenario as usize].per_year * f64::from(n.beyond)).sum::<f64>()
            * good.unserved_minor as f64
    };
    problem.goods.iter().map(beyond).sum()
}

/// What a stock does, evaluated need by need.
fn figures(problem: &Problem, forms: &[Form], stock: &[Vec<u32>]) -> Figures {
    let rows: Vec<usize> = (0..forms.len()).collect();
    let parts: Vec<[f64; 5]> = rows
        .par_iter()
        .map(|k| {
            let good = &problem.goods[*k];
            let mut sum = [0.0; 5];
            for need in &good.needs {
                let scenario = &problem.scenarios[need.scenario as usize];
                let (mut left, mut cost) = (need.units, 0.0);
                for (site, serve) in super::good::order(good, scenario) {
                    let served = left.min(stock[*k][site]);
                    cost += f64::from(served) * serve as f64;
                    left -= served;
                }
                let short = f64::from(left) + f64::from(need.beyond);
                let asked = f64::from(need.units) + f64::from(need.elsewhere) + f64::from(need.beyond);
                cost += short * good.unserved_minor as f64;
                let revenue = good.revenue_minor as f64;
                let values = [cost, asked, short, (asked - short) * revenue, short * revenue];
                for (sum, value) in sum.iter_mut().zip(values) {
                    *sum += scenario.per_year * value;
                }
            }
            sum
        })
        .collect();
    let sum = |at: usize| parts.iter().map(|part| part[at]).sum::<f64>();
    let (mut spent, mut value, mut count) = (0_i64, 0_i64, 0_u64);
    for (units, good) in stock.iter().zip(&problem.goods) {
        for (units, lay) in units.iter().zip(&good.lay_minor) {
            spent = spent.saturating_add(lay.unwrap_or(0).saturating_mul(i64::from(*units)));
            value = value.saturating_add(good.value_minor.saturating_mul(i64::from(*units)));
            count += u64::from(*units);
        }
    }
    let (demanded, unserved) = (sum(1), sum(2));
    Figures {
        spent_minor: spent,
        value_minor: value,
        units: count,
        second_stage_minor: sum(0),
        demanded,
        unserved,
        promises_kept: if demanded > 0.0 { 1.0 - unserved / demanded } else { 1.0 },
        revenue_kept_minor: sum(3),
        revenue_lost_minor: sum(4),
    }
}
