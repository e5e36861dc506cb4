//! From a state to a plan, the one way there is: freeze with trucks and line-hauls, solve with fairness, write moves.
//!
//! The live service, the console, drills and the bench all come through here, so that what a drill has shown is what
//! a disaster gets.

use holdfast_domain::id::IncidentId;
use holdfast_domain::state::State;
use holdfast_domain::time::Stamp;
use holdfast_plan::replan::{Control, Options, Plan, ProblemError, Progress};

use super::haul::Transport;
use super::plan::{Planned, to_moves};
use super::problem::{Frozen, HORIZON_DAYS, Scope, freeze_with};
use super::solve::{Fairness, solve_frozen};

/// Orders a plan's work is counted for at least.
const ORDERS_LEAST: usize = 200;

/// What a plan is asked with, beside the state.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlanAsk<'a> {
    /// The incident it answers.
    pub incident: Option<IncidentId>,
    /// Which orders are up for planning.
    pub scope: Scope,
    /// How goods may be carried between sites; `None`: they are not.
    pub transport: Option<Transport<'a>>,
    /// Whether merchants' kept promises have a floor.
    pub fairness: Fairness,
    /// How hard to try.
    pub effort: Effort,
}

/// How hard to try.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effort {
    /// Seed of every draw: the same seed and state give the same plan, on any number of threads.
    pub seed: u64,
    /// Work units for each order.
    pub per_order: u64,
    /// Stop when the gap is this small.
    pub gap: f64,
    /// Threads; `None`: those there are.
    pub threads: Option<usize>,
}

impl Default for Effort {
    fn default() -> Self {
        Self { seed: 1, per_order: 400, gap: 0.0, threads: None }
    }
}

impl Effort {
    /// Work units for a problem of so many orders.
    #[must_use]
    pub fn work(&self, orders: usize) -> u64 {
        self.per_order.saturating_mul(orders.max(ORDERS_LEAST) as u64)
    }
}

/// A plan with the problem it solves.
#[derive(Clone, Debug)]
pub struct Made {
    /// The problem, with the floors that were set.
    pub frozen: Frozen,
    /// The solver's answer, for the checker.
    pub plan: Plan,
    /// The plan as it is shown, approved and carried out.
    pub planned: Planned,
}

/// Plans what is open at `at`. `progress` is told where the search stands and may stop it.
///
/// # Errors
/// [`ProblemError`] when the state holds numbers beyond the planner's limits.
pub fn make(
    state: &State,
    ask: &PlanAsk<'_>,
    at: Stamp,
    progress: &mut (dyn FnMut(&Progress) -> Control + Send),
) -> Result<Made, ProblemError> {
    let mut frozen = freeze_with(state, ask.scope, at, HORIZON_DAYS, ask.transport.as_ref())?;
    let Effort { seed, gap, threads, .. } = ask.effort;
    let options = Options { seed, work: ask.effort.work(frozen.orders.len()), gap, threads };
    let plan = solve_frozen(&mut frozen, &options, ask.fairness, progress);
    let planned = to_moves(state, &frozen, &plan, ask.incident, at);
    Ok(Made { frozen, plan, planned })
}
