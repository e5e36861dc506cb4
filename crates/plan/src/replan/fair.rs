//! Fairness between merchants who share sites: from phi and the merchants' weights to floors.
//!
//! The share of promises kept of merchant `m` is at least `phi` times its weight. A promise counts if the merchant
//! could keep it had it every site to itself: what nobody can keep would pull every merchant's floor down with it.
//! Phi comes from a first phase ([`solve_fair`]) and stands beside its own bound ([`phi_bound`]): no plan gives
//! every merchant a larger one. The cost bound of the plan that comes out is for that phi fixed.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use super::keepable::{keepable, phi_bound};
use super::plan::Plan;
use super::problem::{Problem, ProblemError};
use super::rules;
use super::solve::{Control, Options, Progress, solve};

/// Thousandths: what phi, weights and shares count in.
pub const FAIR_SCALE: u64 = 1000;
/// Share of the bound on phi that is asked for, in thousandths: beyond it the last promise of one merchant may
/// cost the others any amount.
pub const FAIR_PART: u64 = 900;
/// Times a phi between the one at hand and the one asked for is tried.
const ATTEMPTS: u32 = 4;
/// Share of the work a try may take, as a divisor.
const ATTEMPT_SHARE: u64 = 4;

/// One merchant in a plan; weights of promises, a line counting with its order's weight.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Share {
    /// Whose, by index.
    pub merchant: u16,
    /// Its weight in the fairness, in thousandths of the heaviest.
    pub weight: u64,
    /// All its promises to be decided.
    pub promises: u64,
    /// Those it could keep at most had it every site to itself.
    pub keepable: u64,
    /// Those the plan keeps.
    pub kept: u64,
    /// Those it must keep: phi times its weight times what it could keep, rounded up.
    pub floor: u64,
}

impl Share {
    /// Kept over keepable and weight, in thousandths, rounded down: no merchant's is less than the plan's phi.
    #[must_use]
    pub fn phi(&self) -> u64 {
        let asked = u128::from(self.weight) * u128::from(self.keepable);
        let kept = u128::from(self.kept) * u128::from(FAIR_SCALE) * u128::from(FAIR_SCALE);
        let phi = kept.checked_div(asked).and_then(|phi| u64::try_from(phi).ok());
        phi.unwrap_or(FAIR_SCALE).min(FAIR_SCALE)
    }
}

/// What the first phase found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Fair {
    /// The phi the floors were made with, in thousandths.
    pub phi: u64,
    /// No plan has a larger one.
    pub phi_bound: u64,
    /// The phi that was asked for: [`FAIR_PART`] of the bound.
    pub asked: u64,
    /// Phis tried beyond the plan without floors.
    pub tried: u32,
    /// Every merchant with promises to be decided.
    pub shares: Vec<Share>,
}

/// The problem with each merchant's floor set to `phi` times its weight times the weight of the promises it could
/// keep alone, rounded up. `phi` and `weights` are in thousandths, weights by merchant; an absent weight is 1000.
///
/// # Errors
/// As [`Problem::freeze`]; changing the floors of a frozen problem gives none.
pub fn fair_floors(problem: Problem, phi: u64, weights: &[u64]) -> Result<Problem, ProblemError> {
    let could = keepable(&problem);
    with_floors(problem, phi, weights, &could)
}

fn with_floors(problem: Problem, phi: u64, weights: &[u64], could: &[u64]) -> Result<Problem, ProblemError> {
    let mut draft = problem.thaw();
    for (merchant, (rule, &could)) in draft.merchants.iter_mut().zip(could).enumerate() {
        rule.kept_floor = floor(phi, weight_of(weights, merchant), could);
    }
    Problem::freeze(draft)
}

/// The weight of a merchant, in thousandths.
pub(super) fn weight_of(weights: &[u64], merchant: usize) -> u64 {
    weights.get(merchant).copied().unwrap_or(FAIR_SCALE).min(FAIR_SCALE)
}

/// The weight of promises a merchant must keep.
pub(super) fn floor(phi: u64, weight: u64, could: u64) -> u64 {
    let scale = u128::from(FAIR_SCALE) * u128::from(FAIR_SCALE);
    let floor = (u128::from(phi.min(FAIR_SCALE)) * u128::from(weight) * u128::from(could)).div_ceil(scale);
    u64::try_from(floor).unwrap_or(u64::MAX)
}

/// Solves with floors. First without any; if that plan gives some merchant less than [`FAIR_PART`] of the bound on
/// phi, phis between what it gives and that are tried with part of the work, and the largest that is met is solved
/// with all of it. The problem that comes back has the floors, and its plan meets them.
///
/// A floor shares out what there is; it calls no standby site that the plan without floors leaves dormant, for then one
/// merchant's share would be paid for with a site whose price the floor does not know.
///
/// # Errors
/// As [`fair_floors`].
pub fn solve_fair(
    problem: Problem,
    weights: &[u64],
    options: &Options,
    progress: &mut (dyn FnMut(&Progress) -> Control + Send),
) -> Result<(Fair, Problem, Plan), ProblemError> {
    let could = keepable(&problem);
    let bound = phi_bound(&problem, weights, &could);
    let asked = bound * FAIR_PART / FAIR_SCALE;
    let free = with_floors(problem, 0, weights, &could)?;
    // Once the caller has had enough, the plan at hand is the answer, with the phi it has.
    let stopped = AtomicBool::new(false);
    let mut progress = |now: &Progress| {
        let control = progress(now);
        stopped.fetch_or(control == Control::Stop, Ordering::Relaxed);
        control
    };
    let stopped = || stopped.load(Ordering::Relaxed);
    let mut best = solve(&free, options, &mut progress);
    let given = phi_of(&free, &best, weights, &could);
    let called = best.activated().to_vec();
    let meets = |problem: &Problem, plan: &Plan, phi: u64| {
        phi_of(problem, plan, weights, &could) >= phi
            && plan.activated().iter().all(|site| called.contains(site))
    };
    let mut fair = Fair { phi: given.min(asked), phi_bound: bound, asked, tried: 0, shares: Vec::new() };
    let mut free = free;
    if given < asked {
        let part = Options { work: options.work / ATTEMPT_SHARE, ..*options };
        let mut attempt = asked;
        while fair.tried < ATTEMPTS && attempt > fair.phi && !stopped() {
            let floored = with_floors(free.clone(), attempt, weights, &could)?;
            let plan = solve(&floored, &part, &mut progress);
            fair.tried += 1;
            if meets(&floored, &plan, attempt) {
                fair.phi = attempt;
                best = plan;
                attempt = attempt.midpoint(asked);
            } else {
                attempt = attempt.midpoint(fair.phi);
            }
        }
    }
    free = with_floors(free, fair.phi, weights, &could)?;
    if fair.phi > given && !stopped() {
        // The same beginning with more work: what was met stays met, the search only ever gives better plans.
        let whole = solve(&free, options, &mut progress);
        if meets(&free, &whole, fair.phi) {
            best = whole;
        }
    }
    fair.shares = shares(&free, &best, weights, &could);
    Ok((fair, free, best))
}

/// The largest phi the plan gives every merchant, in thousandths, rounded down; 1000 where nobody has anything to ask.
fn phi_of(problem: &Problem, plan: &Plan, weights: &[u64], could: &[u64]) -> u64 {
    let kept = rules::fairness::kept(problem, plan);
    let of = |merchant: usize, kept: u64| {
        let asked = u128::from(weight_of(weights, merchant)) * u128::from(could[merchant]);
        let scale = u128::from(FAIR_SCALE) * u128::from(FAIR_SCALE);
        (u128::from(kept) * scale)
            .checked_div(asked)
            .map_or(FAIR_SCALE, |phi| u64::try_from(phi).unwrap_or(FAIR_SCALE).min(FAIR_SCALE))
    };
    kept.into_iter().enumerate().map(|(merchant, kept)| of(merchant, kept)).min().unwrap_or(FAIR_SCALE)
}

fn shares(problem: &Problem, plan: &Plan, weights: &[u64], could: &[u64]) -> Vec<Share> {
    let kept = rules::fairness::kept(problem, plan);
    let totals = rules::fairness::totals(problem);
    let share = |merchant: usize| Share {
        merchant: merchant as u16,
        weight: weight_of(weights, merchant),
        promises: totals[merchant],
        keepable: could[merchant],
        kept: kept[merchant],
        floor: problem.merchants[merchant].kept_floor,
    };
    (0..totals.len()).filter(|&merchant| totals[merchant] > 0).map(share).collect()
}
