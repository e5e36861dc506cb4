//! Fairness between merchants who share sites: from phi and the merchants' weights to floors.
//!
//! The share of promises kept of merchant `m` is at least `phi` times its weight. Phi itself comes from a first
//! phase: [`fair_phi`] finds the largest the solver can meet, by solving for one phi after another, and says
//! what it tried; each of those plans carries its own bound.

use super::plan::Plan;
use super::problem::{Problem, ProblemError};
use super::rules;
use super::solve::{Control, Options, solve};

/// Thousandths: what phi and weights count in.
pub const FAIR_SCALE: u64 = 1000;

/// The problem with each merchant's floor set to `phi` times its weight times the weight of its promises,
/// rounded up. `phi` and `weights` are in thousandths, weights by merchant; an absent weight is 1000.
///
/// # Errors
/// As [`Problem::freeze`]; changing the floors of a frozen problem gives none.
pub fn fair_floors(problem: Problem, phi: u64, weights: &[u64]) -> Result<Problem, ProblemError> {
    let totals = rules::fairness::totals(&problem);
    let mut draft = problem.thaw();
    for (merchant, (rule, total)) in draft.merchants.iter_mut().zip(totals).enumerate() {
        let weight = weights.get(merchant).copied().unwrap_or(FAIR_SCALE).min(FAIR_SCALE);
        let scale = u128::from(FAIR_SCALE) * u128::from(FAIR_SCALE);
        let floor =
            (u128::from(phi.min(FAIR_SCALE)) * u128::from(weight) * u128::from(total)).div_ceil(scale);
        rule.kept_floor = u64::try_from(floor).unwrap_or(u64::MAX);
    }
    Problem::freeze(draft)
}

/// The largest phi met by a plan the solver finds with `options`, by halving, to a hundredth; with that plan.
/// Phi 0 is met always. A larger phi may exist: what was tried above it is not a proof.
///
/// # Errors
/// As [`fair_floors`].
pub fn fair_phi(
    problem: &Problem,
    weights: &[u64],
    options: &Options,
) -> Result<(u64, Problem, Plan), ProblemError> {
    let attempt = |phi: u64| -> Result<(Problem, Plan, bool), ProblemError> {
        let floored = fair_floors(problem.clone(), phi, weights)?;
        let plan = solve(&floored, options, &mut |_| Control::Continue);
        let met = super::check(&floored, &plan).is_empty();
        Ok((floored, plan, met))
    };
    let (floored, plan, met) = attempt(FAIR_SCALE)?;
    if met {
        return Ok((FAIR_SCALE, floored, plan));
    }
    let (floored, plan, _) = attempt(0)?;
    let mut best = (0, floored, plan);
    let mut above = FAIR_SCALE;
    while above - best.0 > FAIR_SCALE / 100 {
        let middle = best.0.midpoint(above);
        let (floored, plan, met) = attempt(middle)?;
        if met {
            best = (middle, floored, plan);
        } else {
            above = middle;
        }
    }
    Ok(best)
}
