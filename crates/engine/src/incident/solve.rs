//! Solving a frozen problem as the product does: with fairness where merchants share sites.

use holdfast_plan::replan::{Control, Options, Plan, Progress, solve, solve_fair};

use super::problem::Frozen;

/// Whether merchants' kept promises have a floor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fairness {
    /// A floor for each, by its weight, where orders of more than one merchant are open.
    #[default]
    WhereShared,
    /// None: the cheapest plan, whoever pays for it.
    Off,
}

/// Solves the problem. With floors, they are in the problem afterwards, and `frozen.fair` says what they are made of:
/// phi, its bound, and each merchant's share.
pub fn solve_frozen(
    frozen: &mut Frozen,
    options: &Options,
    fairness: Fairness,
    progress: &mut (dyn FnMut(&Progress) -> Control + Send),
) -> Plan {
    let first = frozen.problem.orders.first().map(|order| order.merchant);
    let shared = frozen.problem.orders.iter().any(|order| Some(order.merchant) != first);
    if !shared || fairness == Fairness::Off {
        return solve(&frozen.problem, options, progress);
    }
    // A problem that was frozen once freezes again: floors have no limit it could exceed.
    match solve_fair(frozen.problem.clone(), &frozen.weights, options, progress) {
        Ok((fair, problem, plan)) => {
            frozen.problem = problem;
            frozen.fair = Some(fair);
            plan
        }
        Err(_) => solve(&frozen.problem, options, progress),
    }
}
