//! How many units of which SKU to lay at which site under a budget.
//!
//! Scenarios come from the event catalogue: which sites lose their stock, how long, and which demand surges.
//! Laying a unit costs money before; a unit short costs its margin and the broken promise afterwards. For each
//! SKU the units worth laying form a path of falling return on money; the budget buys the best returns over all
//! SKUs. The return at which the money runs out is the price of the budget, and under that price each SKU alone
//! gives a lower bound (Lagrangian), so the plan is published with its gap. Whole units are laid; the bound is
//! for fractions too.

use super::outlook::{Good, Outlook};
use super::relax::{Effort, Relaxation, Relaxed};
use holdfast_domain::id::{SiteId, SkuId, ZoneId};
use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};
use serde::Serialize;
use std::collections::BTreeSet;

/// The most cells (SKU x scenario x site x zone) a problem may have.
pub const MAX_CELLS: usize = 500_000_000;
/// The most units of one SKU a step of a path looks at.
const MOST_UNITS: u64 = 1 << 24;
/// Units whose mean saving falls by no more than this share of the first one's make one step.
const ALIKE: f64 = 0.02;
/// The most steps on one SKU's path.
const MOST_STEPS: usize = 400;

/// What to lay where.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The sites.
    pub sites: Vec<SiteId>,
    /// The zones.
    pub zones: Vec<ZoneId>,
    /// By site, then zone: transport and handling of a unit, minor units; `None` where no lane runs.
    pub ship_minor: Vec<Vec<Option<i64>>>,
    /// The goods.
    pub skus: Vec<Sku>,
    /// What may happen, with what it is likely to do. What is left to 1 is the quiet year, which costs nothing.
    pub scenarios: Vec<Scenario>,
}

/// One good.
#[derive(Clone, Debug, PartialEq)]
pub struct Sku {
    /// Which.
    pub sku: SkuId,
    /// By site: units there anyway.
    pub held: Vec<u32>,
    /// By site: cost of laying one unit there for the period, minor units; `None` where it may not lie.
    pub lay_minor: Vec<Option<i64>>,
    /// Cost of a unit not served: margin and the broken promise, minor units.
    pub unserved_minor: i64,
    /// Revenue of a unit, minor units.
    pub revenue_minor: i64,
    /// By zone: units a day without a surge.
    pub units_per_day: Vec<f64>,
}

/// One thing that may happen.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// What it is called.
    pub name: String,
    /// How likely in the period.
    pub probability: f64,
    /// How many days demand lives from stock.
    pub days: f64,
    /// By site: the share of its stock that can still ship.
    pub survives: Vec<f64>,
    /// By SKU: demand is multiplied by this. Empty means 1.
    pub surge: Vec<f64>,
    /// By zone: demand is multiplied by this. Empty means 1.
    pub zone_surge: Vec<f64>,
}

/// Units laid of one SKU at one site, and why.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Lay {
    /// The SKU.
    pub sku: SkuId,
    /// The site.
    pub site: SiteId,
    /// Units.
    pub units: u64,
    /// What they cost, minor units.
    pub cost_minor: i64,
    /// What the last of them saves in expectation, minor units.
    pub last_unit_saves_minor: i64,
}

/// What a stock does in expectation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Money laid down, minor units.
    pub spent_minor: i64,
    /// Units laid.
    pub units: u64,
    /// Expected transport, margins lost and promises broken, minor units.
    pub second_stage_minor: i64,
    /// Expected units demanded in the scenarios.
    pub demanded: f64,
    /// Expected units not served.
    pub unserved: f64,
    /// Expected share of promises kept.
    pub promises_kept: f64,
    /// Expected revenue kept, minor units.
    pub revenue_kept_minor: i64,
}

impl Figures {
    /// Laying and expected second stage, minor units.
    #[must_use]
    pub const fn total_minor(&self) -> i64 {
        self.spent_minor + self.second_stage_minor
    }
}

/// What to lay, with its proof.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// The budget, minor units.
    pub budget_minor: i64,
    /// What to lay, by SKU, then site.
    pub lays: Vec<Lay>,
    /// What it does.
    pub figures: Figures,
    /// What doing nothing does.
    pub without: Figures,
    /// No stock within the budget has a lower total of laying and expected second stage; minor units, rounded down.
    pub lower_bound_minor: i64,
    /// `(total - bound) / total`.
    pub gap: f64,
    /// What one more unit of money would save beyond itself; 0 where the budget does not bind.
    pub budget_price: f64,
    /// By SKU, scenario, then site: the prices of stock that prove the bound, minor units.
    #[serde(skip)]
    pub prices: Vec<Vec<Vec<f64>>>,
}

/// Plans for several budgets, and what doubling every SKU would do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Frontier {
    /// By budget as asked for.
    pub plans: Vec<Plan>,
    /// Every SKU's whole stock laid a second time at the second site.
    pub doubled: Figures,
    /// The least money on the path whose second stage costs no more than the doubled stock's; `None` where the
    /// path ends before.
    pub as_good_as_doubled: Option<Figures>,
    /// What it saves against doubling, minor units.
    pub saving_minor: Option<i64>,
}

/// Why no plan was made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ProductError {
    /// A list with another length than it needs.
    #[error("use {list} of {of} with {found} entries: it needs {expected}")]
    Length {
        /// The list.
        list: &'static str,
        /// Whose.
        of: String,
        /// What it has.
        found: usize,
        /// What it needs.
        expected: usize,
    },
    /// A number out of its range.
    #[error("use {value} as {field} of {of}: give a number {range}")]
    Number {
        /// What it is.
        field: &'static str,
        /// Whose.
        of: String,
        /// The value.
        value: f64,
        /// What is accepted.
        range: &'static str,
    },
    /// More than this solver takes.
    #[error(
        "solve {found} cells of SKU x scenario x site x zone: at most {MAX_CELLS} are taken, plan in groups of SKUs"
    )]
    TooLarge {
        /// How many there are.
        found: usize,
    },
    /// The same site, zone or SKU listed again.
    #[error("list {0} twice: each is listed once")]
    Twice(String),
    /// No such site.
    #[error("double stock at site number {0}: there is no such site")]
    NoSite(usize),
}

/// The best stock within a budget.
///
/// # Errors
/// [`ProductError`] for tables that are wrong.
///
/// ```
/// use holdfast_domain::id::{SiteId, SkuId, ZoneId};
/// use holdfast_plan::preposition::product::{Problem, Scenario, Sku, solve};
/// let problem = Problem {
///     sites: vec![SiteId(0), SiteId(1)],
///     zones: vec![ZoneId(0)],
///     ship_minor: vec![vec![Some(500)], vec![Some(800)]],
///     skus: vec![Sku {
///         sku: SkuId(0), held: vec![100, 0], lay_minor: vec![None, Some(100)],
///         unserved_minor: 4_000, revenue_minor: 9_000, units_per_day: vec![5.0],
///     }],
///     scenarios: vec![Scenario {
///         name: "main site lost".into(), probability: 0.1, days: 8.0,
///         survives: vec![0.0, 1.0], surge: vec![], zone_surge: vec![],
///     }],
/// };
/// let plan = solve(&problem, 1_000_000).unwrap();
/// // A unit saves 0.1 x (4,000 - 800) = 320 and costs 100, so all 40 units of the eight days are laid.
/// assert_eq!((plan.lays[0].units, plan.figures.promises_kept, plan.gap), (40, 1.0, 0.0));
/// ```
pub fn solve(problem: &Problem, budget_minor: i64) -> Result<Plan, ProductError> {
    let goods = goods(problem)?;
    let paths: Vec<Vec<Step>> = path_all(problem, &goods);
    Ok(plan(problem, &goods, &paths, budget_minor))
}

/// Plans for several budgets, and the comparison with laying all of `main`'s stock a second time at `second`
/// (positions in [`Problem::sites`]).
///
/// # Errors
/// [`ProductError`] for tables that are wrong, or a site that does not exist.
pub fn frontier(
    problem: &Problem,
    budgets_minor: &[i64],
    main: usize,
    second: usize,
) -> Result<Frontier, ProductError> {
    let goods = goods(problem)?;
    if let Some(site) = [main, second].into_iter().find(|site| *site >= problem.sites.len()) {
        return Err(ProductError::NoSite(site));
    }
    let paths: Vec<Vec<Step>> = path_all(problem, &goods);
    let mut doubled = vec![vec![0; problem.sites.len()]; problem.skus.len()];
    for (stock, sku) in doubled.iter_mut().zip(&problem.skus) {
        stock[second] = u64::from(sku.held[main]);
    }
    let doubled = figures(problem, &goods, &doubled);
    let as_good_as_doubled = cheapest_as_good(problem, &goods, &paths, doubled.second_stage_minor);
    Ok(Frontier {
        plans: budgets_minor.iter().map(|budget| plan(problem, &goods, &paths, *budget)).collect(),
        doubled,
        as_good_as_doubled,
        saving_minor: as_good_as_doubled.map(|figures| doubled.spent_minor - figures.spent_minor),
    })
}

fn goods(problem: &Problem) -> Result<Vec<Good>, ProductError> {
    validate(problem)?;
    let good = |(index, sku): (usize, &Sku)| Good {
        held: sku.held.iter().map(|units| f64::from(*units)).collect(),
        holding: 0.0,
        outlooks: problem.scenarios.iter().map(|scenario| outlook(problem, sku, index, scenario)).collect(),
    };
    Ok(problem.skus.iter().enumerate().map(good).collect())
}

fn outlook(problem: &Problem, sku: &Sku, index: usize, scenario: &Scenario) -> Outlook {
    let surge = scenario.surge.get(index).copied().unwrap_or(1.0);
    let zone = |zone: usize| scenario.zone_surge.get(zone).copied().unwrap_or(1.0);
    let demand =
        sku.units_per_day.iter().enumerate().map(|(i, units)| units * scenario.days * surge * zone(i));
    Outlook {
        probability: scenario.probability,
        survives: scenario.survives.clone(),
        demand: demand.collect(),
        unit_cost: problem
            .ship_minor
            .iter()
            .flatten()
            .map(|c| c.map_or(f64::INFINITY, |c| c as f64))
            .collect(),
        unserved: vec![sku.unserved_minor as f64; problem.zones.len()],
    }
}

fn validate(problem: &Problem) -> Result<(), ProductError> {
    let (sites, zones) = (problem.sites.len(), problem.zones.len());
    let found = [problem.skus.len(), problem.scenarios.len(), sites, zones]
        .into_iter()
        .fold(1_usize, |cells, more| cells.saturating_mul(more.max(1)));
    if found > MAX_CELLS {
        return Err(ProductError::TooLarge { found });
    }
    listed_once(&problem.sites)?;
    listed_once(&problem.zones)?;
    listed_once(&problem.skus.iter().map(|sku| sku.sku).collect::<Vec<_>>())?;
    let length = |list: &'static str, of: String, found: usize, expected: usize| {
        if found == expected { Ok(()) } else { Err(ProductError::Length { list, of, found, expected }) }
    };
    let number = |field: &'static str, of: &str, value: f64, most: f64, range: &'static str| {
        let fine = value.is_finite() && (0.0..=most).contains(&value);
        if fine { Ok(()) } else { Err(ProductError::Number { field, of: of.to_owned(), value, range }) }
    };
    length("ship_minor", "the problem".to_owned(), problem.ship_minor.len(), sites)?;
    for (site, row) in problem.sites.iter().zip(&problem.ship_minor) {
        length("ship_minor", site.to_string(), row.len(), zones)?;
        for cost in row.iter().flatten() {
            number("ship_minor", &site.to_string(), *cost as f64, 1e12, "of 0 to 10^12")?;
        }
    }
    for sku in &problem.skus {
        let of = sku.sku.to_string();
        length("held", of.clone(), sku.held.len(), sites)?;
        length("lay_minor", of.clone(), sku.lay_minor.len(), sites)?;
        length("units_per_day", of.clone(), sku.units_per_day.len(), zones)?;
        for cost in sku.lay_minor.iter().flatten() {
            number("lay_minor", &of, *cost as f64, 1e12, "of 0 to 10^12")?;
        }
        number("unserved_minor", &of, sku.unserved_minor as f64, 1e12, "of 0 to 10^12")?;
        number("revenue_minor", &of, sku.revenue_minor as f64, 1e12, "of 0 to 10^12")?;
        for units in &sku.units_per_day {
            number("units_per_day", &of, *units, 1e9, "of 0 to 10^9")?;
        }
    }
    for scenario in &problem.scenarios {
        let of = format!("scenario {:?}", scenario.name);
        length("survives", of.clone(), scenario.survives.len(), sites)?;
        number("probability", &of, scenario.probability, 1.0, "of 0 to 1")?;
        number("days", &of, scenario.days, 1e4, "of 0 to 10^4")?;
        for share in &scenario.survives {
            number("survives", &of, *share, 1.0, "of 0 to 1")?;
        }
        for (list, values, expected) in
            [("surge", &scenario.surge, problem.skus.len()), ("zone_surge", &scenario.zone_surge, zones)]
        {
            if !values.is_empty() {
                length(list, of.clone(), values.len(), expected)?;
            }
            for value in values {
                number(list, &of, *value, 1e6, "of 0 to 10^6")?;
            }
        }
    }
    Ok(())
}

fn listed_once<T: Ord + core::fmt::Display>(ids: &[T]) -> Result<(), ProductError> {
    let mut seen = BTreeSet::new();
    match ids.iter().find(|id| !seen.insert(*id)) {
        Some(id) => Err(ProductError::Twice(id.to_string())),
        None => Ok(()),
    }
}

/// Units that go to a site together: each saves the same in expectation.
#[derive(Clone, Copy, Debug)]
struct Step {
    site: usize,
    units: u64,
    /// Cost of a unit.
    lay_minor: i64,
    /// Savings per money, not above the step's before.
    ratio: f64,
}

fn path_all(problem: &Problem, goods: &[Good]) -> Vec<Vec<Step>> {
    let pairs: Vec<(&Sku, &Good)> = problem.skus.iter().zip(goods).collect();
    pairs.par_iter().map(|(sku, good)| path(sku, good)).collect()
}

/// The units of one SKU worth laying, best return first. The expected second stage is convex in the stock, so a
/// unit's saving falls as its site fills, and a step can be found by doubling and halving.
fn path(sku: &Sku, good: &Good) -> Vec<Step> {
    let mut stock = vec![0.0; good.places()];
    let mut now = good.expected(&stock);
    let mut steps: Vec<Step> = Vec::new();
    while steps.len() < MOST_STEPS {
        let gain = |site: usize, units: f64| {
            let mut more = stock.clone();
            more[site] += units;
            now - good.expected(&more)
        };
        let ratio = |saves: f64, lay: i64| if lay > 0 { saves / lay as f64 } else { f64::INFINITY };
        let best = sku
            .lay_minor
            .iter()
            .enumerate()
            .filter_map(|(site, lay)| lay.map(|lay| (site, lay, gain(site, 1.0))))
            .filter(|(_, lay, saves)| *saves > *lay as f64 + 1e-6)
            .min_by(|a, b| ratio(b.2, b.1).total_cmp(&ratio(a.2, a.1)).then(a.0.cmp(&b.0)));
        let Some((site, lay_minor, saves)) = best else { return steps };
        let alike = |units: u64| gain(site, units as f64) >= units as f64 * saves * (1.0 - ALIKE);
        let mut units = 1_u64;
        while units < MOST_UNITS && alike(units * 2) {
            units *= 2;
        }
        let mut more = units / 2;
        while more > 0 {
            if alike(units + more) {
                units += more;
            }
            more /= 2;
        }
        let before = steps.last().map_or(f64::INFINITY, |step| step.ratio);
        steps.push(Step { site, units, lay_minor, ratio: ratio(saves, lay_minor).min(before) });
        now -= gain(site, units as f64);
        stock[site] += units as f64;
    }
    steps
}

/// Steps of all SKUs, best return first; a SKU's own steps keep their order.
fn merged(paths: &[Vec<Step>]) -> Vec<(usize, usize)> {
    let mut order: Vec<(usize, usize)> = paths
        .iter()
        .enumerate()
        .flat_map(|(sku, path)| (0..path.len()).map(move |step| (sku, step)))
        .collect();
    let ratio = |at: &(usize, usize)| paths[at.0][at.1].ratio;
    order.sort_by(|a, b| ratio(b).total_cmp(&ratio(a)).then(a.cmp(b)));
    order
}

/// What the best returns buy: the stock, and the price of the budget where the money ran out.
fn buy(problem: &Problem, paths: &[Vec<Step>], budget_minor: i64) -> (Vec<Vec<u64>>, f64) {
    let mut stock = vec![vec![0_u64; problem.sites.len()]; problem.skus.len()];
    let mut left = budget_minor;
    // A SKU whose step was cut short goes no further: its later steps build on it.
    let mut cut = vec![false; problem.skus.len()];
    let mut price = 0.0;
    for (sku, step) in merged(paths) {
        let step = paths[sku][step];
        if cut[sku] {
            continue;
        }
        let afford = left.checked_div(step.lay_minor).map_or(u64::MAX, |units| units.unsigned_abs());
        let units = step.units.min(afford);
        if units < step.units {
            cut[sku] = true;
            if price == 0.0 {
                price = (step.ratio - 1.0).max(0.0);
            }
        }
        left -= step.lay_minor * i64::try_from(units).expect("steps are at most MOST_UNITS doubled");
        stock[sku][step.site] += units;
    }
    (stock, price)
}

fn plan(problem: &Problem, goods: &[Good], paths: &[Vec<Step>], budget_minor: i64) -> Plan {
    let budget = budget_minor.max(0);
    let (mut stock, price) = buy(problem, paths, budget);
    let bounds = bounds(problem, goods, &stock, price);
    exchange(problem, goods, &bounds, price, budget, &mut stock);
    let figures = figures(problem, goods, &stock);
    let value: f64 = bounds.iter().map(|bound| bound.lower_bound).sum();
    let bound = if price > 0.0 { value - price * budget as f64 } else { value };
    let total = figures.total_minor();
    let lower_bound_minor = (bound.floor() as i64).min(total);
    Plan {
        budget_minor,
        lays: lays(problem, goods, &stock),
        figures,
        without: self::figures(problem, goods, &vec![vec![0; problem.sites.len()]; problem.skus.len()]),
        lower_bound_minor,
        gap: if total > 0 { (total - lower_bound_minor) as f64 / total as f64 } else { 0.0 },
        budget_price: price,
        prices: bounds.into_iter().map(|mut bound| bound.prices.remove(0)).collect(),
    }
}

fn lays(problem: &Problem, goods: &[Good], stock: &[Vec<u64>]) -> Vec<Lay> {
    let mut lays = Vec::new();
    for ((stock, sku), good) in stock.iter().zip(&problem.skus).zip(goods) {
        for (site, units) in stock.iter().enumerate().filter(|(_, units)| **units > 0) {
            let mut fewer = floats(stock);
            let now = good.expected(&fewer);
            fewer[site] -= 1.0;
            lays.push(Lay {
                sku: sku.sku,
                site: problem.sites[site],
                units: *units,
                cost_minor: sku.lay_minor[site].unwrap_or(0) * i64::try_from(*units).unwrap_or(i64::MAX),
                last_unit_saves_minor: (good.expected(&fewer) - now).round() as i64,
            });
        }
    }
    lays
}

fn floats(stock: &[u64]) -> Vec<f64> {
    stock.iter().map(|units| *units as f64).collect()
}

fn spend(sku: &Sku, stock: &[u64]) -> i64 {
    stock.iter().zip(&sku.lay_minor).map(|(units, lay)| lay.unwrap_or(0).saturating_mul(*units as i64)).sum()
}

/// The path never takes back what it laid; here units move between sites, go or come where that pays at the
/// price of the budget, and the result is taken SKU by SKU as far as the money goes, savers first.
fn exchange(
    problem: &Problem,
    goods: &[Good],
    bounds: &[Relaxed],
    price: f64,
    budget_minor: i64,
    stock: &mut [Vec<u64>],
) {
    let rows: Vec<usize> = (0..goods.len()).collect();
    let better: Vec<(i64, Vec<u64>)> = rows
        .par_iter()
        .map(|k| {
            let (sku, good) = (&problem.skus[*k], &goods[*k]);
            let round = bounds[*k].stock[0].iter().zip(&sku.lay_minor);
            let round =
                round.map(|(units, lay)| if lay.is_some() { (units + 0.5) as u64 } else { 0 }).collect();
            let priced =
                |stock: &[u64]| spend(sku, stock) as f64 * (1.0 + price) + good.expected(&floats(stock));
            let from_path = moved(sku, &priced, stock[*k].clone());
            let from_relaxed = moved(sku, &priced, round);
            let best = if priced(&from_relaxed) < priced(&from_path) { from_relaxed } else { from_path };
            (spend(sku, &best) - spend(sku, &stock[*k]), best)
        })
        .collect();
    let mut left =
        budget_minor - problem.skus.iter().zip(stock.iter()).map(|(sku, s)| spend(sku, s)).sum::<i64>();
    let mut order = rows;
    order.sort_by_key(|k| (better[*k].0, *k));
    for k in order {
        let (more, best) = &better[k];
        if *more <= left {
            left -= more;
            stock[k].clone_from(best);
        }
    }
    fill(problem, goods, stock, left);
}

/// Spends what is left unit by unit on the best return that is affordable.
fn fill(problem: &Problem, goods: &[Good], stock: &mut [Vec<u64>], mut left: i64) {
    const MOST: usize = 2_000;
    let best = |k: usize, stock: &[u64], left: i64| -> Option<(f64, usize, usize, i64)> {
        let now = goods[k].expected(&floats(stock));
        let choices = problem.skus[k].lay_minor.iter().enumerate().filter_map(|(site, lay)| {
            let lay = lay.filter(|lay| *lay <= left)?;
            let mut more = floats(stock);
            more[site] += 1.0;
            let saves = now - goods[k].expected(&more);
            (saves > lay as f64 + 1e-6).then(|| (saves / lay.max(1) as f64, k, site, lay))
        });
        choices.max_by(|a, b| a.0.total_cmp(&b.0).then(b.2.cmp(&a.2)))
    };
    let rows: Vec<usize> = (0..goods.len()).collect();
    let mut offers: Vec<_> = rows.par_iter().map(|k| best(*k, &stock[*k], left)).collect();
    for _ in 0..MOST {
        for k in &rows {
            if offers[*k].is_some_and(|offer| offer.3 > left) {
                offers[*k] = best(*k, &stock[*k], left);
            }
        }
        let found = offers.iter().flatten().max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        let Some((_, k, site, lay)) = found.copied() else { return };
        stock[k][site] += 1;
        left -= lay;
        offers[k] = best(k, &stock[k], left);
    }
}

/// A stock improved by moving, adding or removing units in powers of two until nothing pays.
fn moved(sku: &Sku, priced: &dyn Fn(&[u64]) -> f64, mut stock: Vec<u64>) -> Vec<u64> {
    const PASSES: usize = 40;
    let mut now = priced(&stock);
    let places: Vec<Option<usize>> =
        (0..stock.len()).filter(|site| sku.lay_minor[*site].is_some()).map(Some).chain([None]).collect();
    for _ in 0..PASSES {
        let before = now;
        for from in &places {
            for to in places.iter().filter(|to| *to != from) {
                let most = from.map_or_else(|| stock.iter().sum::<u64>().max(64), |site| stock[site]);
                let mut units = if most == 0 { 0 } else { 1_u64 << most.ilog2() };
                while units > 0 {
                    let mut other = stock.clone();
                    let taken = from.is_none_or(|site| other[site] >= units);
                    if let (Some(site), true) = (*from, taken) {
                        other[site] -= units;
                    }
                    if let Some(site) = *to {
                        other[site] += units;
                    }
                    let cost = if taken { priced(&other) } else { f64::INFINITY };
                    if cost < now - 1e-6 {
                        (now, stock) = (cost, other);
                    } else {
                        units /= 2;
                    }
                }
            }
        }
        if now >= before {
            break;
        }
    }
    stock
}

/// What a stock does, evaluated exactly.
fn figures(problem: &Problem, goods: &[Good], stock: &[Vec<u64>]) -> Figures {
    let rows: Vec<(usize, &Good)> = goods.iter().enumerate().collect();
    let parts: Vec<[f64; 4]> = rows
        .par_iter()
        .map(|(index, good)| {
            let units: Vec<f64> = stock[*index].iter().map(|units| *units as f64).collect();
            let mut sum = [0.0; 4];
            for outlook in &good.outlooks {
                let second = good.second(outlook, &units);
                let (demanded, short): (f64, f64) =
                    (outlook.demand.iter().sum(), second.unserved.iter().sum());
                let revenue = (demanded - short) * problem.skus[*index].revenue_minor as f64;
                for (sum, value) in sum.iter_mut().zip([second.cost, demanded, short, revenue]) {
                    *sum += outlook.probability * value;
                }
            }
            sum
        })
        .collect();
    let sum = |at: usize| parts.iter().map(|part| part[at]).sum::<f64>();
    let spent = stock.iter().zip(&problem.skus).flat_map(|(stock, sku)| {
        stock.iter().zip(&sku.lay_minor).map(|(units, lay)| i128::from(*units) * i128::from(lay.unwrap_or(0)))
    });
    let (demanded, unserved) = (sum(1), sum(2));
    Figures {
        spent_minor: i64::try_from(spent.sum::<i128>()).unwrap_or(i64::MAX),
        units: stock.iter().flatten().sum(),
        second_stage_minor: sum(0).round() as i64,
        demanded,
        unserved,
        promises_kept: if demanded > 0.0 { 1.0 - unserved / demanded } else { 1.0 },
        revenue_kept_minor: sum(3).round() as i64,
    }
}

/// Each SKU alone with money at `1 + price`: the sum less the price of the budget is a lower bound for any price
/// of 0 or more. The primal-dual method starts from the plan's own second stages.
fn bounds(problem: &Problem, goods: &[Good], stock: &[Vec<u64>], price: f64) -> Vec<Relaxed> {
    const EFFORT: Effort = Effort { rounds_per_epoch: 60, epochs: 20, gap: 3e-4, enough: f64::INFINITY };
    let rows: Vec<usize> = (0..goods.len()).collect();
    rows.par_iter()
        .map(|k| {
            let cost = |lay: &Option<i64>| lay.map_or(f64::INFINITY, |lay| lay as f64 * (1.0 + price));
            let unit_cost = vec![problem.skus[*k].lay_minor.iter().map(cost).collect::<Vec<f64>>()];
            let goods = core::slice::from_ref(&goods[*k]);
            let relaxation = Relaxation { goods, unit_cost: &unit_cost, volume: &[1.0], room: None };
            relaxation.solve_from(&[floats(&stock[*k])], EFFORT)
        })
        .collect()
}

/// The shortest prefix of the merged path whose second stage costs no more than `second_stage_minor`.
fn cheapest_as_good(
    problem: &Problem,
    goods: &[Good],
    paths: &[Vec<Step>],
    second_stage_minor: i64,
) -> Option<Figures> {
    let order = merged(paths);
    let prefix = |steps: usize| {
        let mut stock = vec![vec![0_u64; problem.sites.len()]; problem.skus.len()];
        for (sku, step) in &order[..steps] {
            stock[*sku][paths[*sku][*step].site] += paths[*sku][*step].units;
        }
        figures(problem, goods, &stock)
    };
    let good_enough = |figures: &Figures| figures.second_stage_minor <= second_stage_minor;
    let (mut low, mut high) = (0, order.len());
    let mut best = Some(prefix(high)).filter(good_enough)?;
    while low < high {
        let middle = (low + high) / 2;
        let found = prefix(middle);
        if good_enough(&found) {
            (best, high) = (found, middle);
        } else {
            low = middle + 1;
        }
    }
    Some(best)
}
