//! Recomputes the money, the second stage and the bound of a plan of laid stock.
//!
//! Shares no code with the solver. A plan that passes costs what it says, does what it says in every scenario, and
//! its bound follows from its prices as a feasible solution of the dual.

use super::lay::{Plan, Problem};

/// What is wrong with a plan of laid stock.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LayViolation {
    /// A unit of an unknown SKU, at an unknown site, or where it may not lie.
    #[error("lay number {0} is of a SKU or at a site where nothing may lie")]
    Place(usize),
    /// Money beyond the budget, or not what is published.
    #[error("{found} is laid out, {published} published, of a budget of {budget}")]
    Money {
        /// As added up.
        found: i64,
        /// As published.
        published: i64,
        /// The budget.
        budget: i64,
    },
    /// A published figure is not what the stock does.
    #[error("{what} is published as {published} and comes to {found}")]
    Figure {
        /// Which.
        what: &'static str,
        /// As published.
        published: f64,
        /// As recomputed.
        found: f64,
    },
    /// The published bound is more than the prices prove, or above the cost.
    #[error("the bound is published as {published}; its prices prove {proven}, against a cost of {cost}")]
    Bound {
        /// As published.
        published: f64,
        /// What the prices prove.
        proven: f64,
        /// The second stage.
        cost: f64,
    },
}

/// How far recomputed figures may be from published ones, relatively.
const TOLERANCE: f64 = 1e-7;

fn differs(published: f64, found: f64) -> bool {
    // Written so that a figure that is no number differs.
    let near = (published - found).abs() <= TOLERANCE * (1.0 + found.abs());
    !near
}

/// All that is wrong with a plan; empty when it holds.
#[must_use]
pub fn lay(problem: &Problem, plan: &Plan) -> Vec<LayViolation> {
    let mut out = Vec::new();
    let mut stock = vec![vec![0_u32; problem.sites.len()]; problem.goods.len()];
    let mut spent = 0_i64;
    let mut units = 0_u64;
    for (index, lay) in plan.lays.iter().enumerate() {
        let k = problem.goods.iter().position(|good| good.sku == lay.sku);
        let site = problem.sites.iter().position(|site| *site == lay.site);
        let place = k.zip(site).and_then(|(k, s)| problem.goods[k].lay_minor[s].map(|cost| (k, s, cost)));
        let Some((k, site, cost)) = place else {
            out.push(LayViolation::Place(index));
            continue;
        };
        stock[k][site] = stock[k][site].saturating_add(lay.units);
        spent = spent.saturating_add(cost.saturating_mul(i64::from(lay.units)));
        units += u64::from(lay.units);
    }
    let figures = &plan.figures;
    if spent > plan.budget_minor || spent != figures.spent_minor || units != figures.units {
        let (published, budget) = (figures.spent_minor, plan.budget_minor);
        out.push(LayViolation::Money { found: spent, published, budget });
    }
    second_stage(problem, plan, &stock, &mut out);
    let proven = proven(problem, plan);
    let (published, cost) = (plan.lower_bound_minor, figures.second_stage_minor);
    let holds =
        published <= proven + TOLERANCE * (1.0 + proven.abs()) && published <= cost * (1.0 + TOLERANCE);
    if !holds {
        out.push(LayViolation::Bound { published, proven, cost });
    }
    out
}

/// Serves every scenario by repeatedly taking the cheapest unit there is.
fn second_stage(problem: &Problem, plan: &Plan, stock: &[Vec<u32>], out: &mut Vec<LayViolation>) {
    let (mut cost, mut demanded, mut short, mut kept) = (0.0, 0.0, 0.0, 0.0);
    for (good, laid) in problem.goods.iter().zip(stock) {
        for need in &good.needs {
            let scenario = &problem.scenarios[need.scenario as usize];
            let mut left = laid.clone();
            let mut open = need.units;
            let mut here = 0.0;
            while open > 0 {
                let mut cheapest: Option<(i64, usize)> = None;
                for (site, units) in left.iter().enumerate() {
                    if let Some(serve) = scenario.serve_minor[site]
                        && *units > 0
                        && serve < good.unserved_minor
                        && cheapest.is_none_or(|known| (serve, site) < known)
                    {
                        cheapest = Some((serve, site));
                    }
                }
                let Some((serve, site)) = cheapest else { break };
                let taken = open.min(left[site]);
                here += serve as f64 * f64::from(taken);
                left[site] -= taken;
                open -= taken;
            }
            let missing = f64::from(open + need.beyond);
            let all = f64::from(need.units + need.elsewhere + need.beyond);
            cost += scenario.per_year * (here + missing * good.unserved_minor as f64);
            demanded += scenario.per_year * all;
            short += scenario.per_year * missing;
            kept += scenario.per_year * (all - missing) * good.revenue_minor as f64;
        }
    }
    let f = &plan.figures;
    for (what, published, found) in [
        ("the second stage", f.second_stage_minor, cost),
        ("demand", f.demanded, demanded),
        ("unserved demand", f.unserved, short),
        ("revenue kept", f.revenue_kept_minor, kept),
    ] {
        if differs(published, found) {
            out.push(LayViolation::Figure { what, published, found });
        }
    }
}

/// What the published prices prove. A unit at a site costs its laying at the price of money; it earns at most the
/// prices of stock there over the scenarios. Prices under which it earned more are cut back in proportion; what
/// demand must cost at what is left, less the price of the budget, no stock within the budget can undercut.
fn proven(problem: &Problem, plan: &Plan) -> f64 {
    let money = plan.budget_price.max(0.0);
    let mut value = -money * plan.budget_minor.max(0) as f64;
    for (k, good) in problem.goods.iter().enumerate() {
        let price = |n: usize, site: usize| {
            let found = plan.prices.get(k).and_then(|needs| needs.get(n)).and_then(|sites| sites.get(site));
            found.copied().filter(|price| price.is_finite()).unwrap_or(0.0).max(0.0)
        };
        let mut keep = vec![1.0_f64; problem.sites.len()];
        for (site, keep) in keep.iter_mut().enumerate() {
            let Some(lay) = good.lay_minor[site] else { continue };
            let mut earns = 0.0;
            for (n, need) in good.needs.iter().enumerate() {
                let scenario = &problem.scenarios[need.scenario as usize];
                if scenario.serve_minor[site].is_some() {
                    earns += scenario.per_year * price(n, site);
                }
            }
            if earns > money * lay as f64 {
                *keep = money * lay as f64 / earns;
            }
        }
        for (n, need) in good.needs.iter().enumerate() {
            let scenario = &problem.scenarios[need.scenario as usize];
            let mut unit = good.unserved_minor as f64;
            for (site, keep) in keep.iter().enumerate() {
                if let (Some(serve), Some(_)) = (scenario.serve_minor[site], good.lay_minor[site]) {
                    unit = unit.min(serve as f64 + price(n, site) * keep);
                }
            }
            let beyond = f64::from(need.beyond) * good.unserved_minor as f64;
            value += scenario.per_year * (unit * f64::from(need.units) + beyond);
        }
    }
    value
}
