//! From a benchmark file's text to an answer that can be printed: one function per command.
//!
//! Time is not measured here: a pure crate has no clock. The caller adds the seconds.

use super::location::{self, LocationProblem};
use super::read::{self, City, ReadError};
use super::reliable::{self, ReliableProblem};
use super::{Budget, FacilityError, Solution, Watch, Work, check};
use serde::Serialize;

/// Snyder and Daskin's transport cost: dollars per mile and unit of demand.
pub const DASKIN_DOLLARS_PER_MILE: f64 = 0.000_01;
/// Snyder and Daskin's penalty for a unit of demand nobody serves, as miles.
pub const DASKIN_PENALTY_MILES: f64 = 10_000.0;

/// What `holdfast sites` says about a file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SitesAnswer {
    /// Which model was solved.
    pub model: &'static str,
    /// Cost of the best set found.
    pub cost: f64,
    /// No set costs less.
    pub lower_bound: f64,
    /// `(cost - lower_bound) / cost`.
    pub gap: f64,
    /// Whether the search ended by itself.
    pub proven: bool,
    /// The open sites by number, from 1 as in the file, with a name where the file has one.
    pub open: Vec<OpenSite>,
    /// The work it took.
    pub work: Work,
    /// What the checker, which shares no code with the solver, objects to; empty when all is well.
    pub violations: Vec<String>,
}

/// One open site and why it is open.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OpenSite {
    /// Its number in the file, from 1.
    pub number: usize,
    /// Its name, empty where the file has none.
    pub name: String,
    /// Its fixed cost.
    pub fixed: f64,
    /// Customers for whom it is the first choice.
    pub customers_first: usize,
    /// Cost of the network without it; absent if it could not serve.
    pub cost_without: Option<f64>,
    /// Transport cost while it is down and the others are up; only for reliable location.
    pub transport_if_failed: Option<f64>,
}

/// Why a file has no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AnswerError {
    /// The file could not be read.
    #[error("read the instance")]
    Read(#[from] ReadError),
    /// The problem could not be solved.
    #[error("solve the instance")]
    Solve(#[from] FacilityError),
}

fn answer(
    model: &'static str,
    solution: &Solution,
    violations: &[check::Violation],
    fixed: &[f64],
    name: impl Fn(usize) -> String,
) -> SitesAnswer {
    let open = solution
        .reasons
        .iter()
        .map(|reason| OpenSite {
            number: reason.site + 1,
            name: name(reason.site),
            fixed: fixed[reason.site],
            customers_first: reason.customers_first,
            cost_without: reason.cost_without,
            transport_if_failed: None,
        })
        .collect();
    SitesAnswer {
        model,
        cost: solution.cost,
        lower_bound: solution.lower_bound,
        gap: solution.gap,
        proven: solution.proven,
        open,
        work: solution.work,
        violations: violations.iter().map(ToString::to_string).collect(),
    }
}

fn located(
    model: &'static str,
    problem: &LocationProblem,
    budget: Budget,
    watch: Watch<'_>,
) -> Result<SitesAnswer, AnswerError> {
    let solution = location::solve(problem, budget, watch)?;
    let violations = check::location(problem, &solution);
    Ok(answer(model, &solution, &violations, &problem.fixed, |_| String::new()))
}

/// `holdfast sites --orlib-cap FILE`: capacitated warehouse location.
///
/// # Errors
/// [`AnswerError`] for a file that cannot be read or demand that cannot be served.
pub fn orlib_cap(text: &str, budget: Budget, watch: Watch<'_>) -> Result<SitesAnswer, AnswerError> {
    located("capacitated warehouse location", &read::orlib_cap(text)?, budget, watch)
}

/// `holdfast sites --orlib-pmedian FILE`: p-median.
///
/// # Errors
/// As [`orlib_cap`].
pub fn orlib_pmedian(text: &str, budget: Budget, watch: Watch<'_>) -> Result<SitesAnswer, AnswerError> {
    located("p-median", &read::orlib_pmedian(text)?, budget, watch)
}

/// Snyder and Daskin's instance over a table of cities: every city is customer and candidate.
#[must_use]
pub fn daskin_problem(cities: &[City], failure_probability: f64, levels: usize) -> ReliableProblem {
    let serve = |site: &City| {
        cities.iter().map(|c| c.demand * DASKIN_DOLLARS_PER_MILE * site.miles_to(c)).collect::<Vec<f64>>()
    };
    ReliableProblem {
        fixed: cities.iter().map(|city| city.fixed).collect(),
        serve: cities.iter().map(serve).collect(),
        unserved: cities.iter().map(|c| c.demand * DASKIN_DOLLARS_PER_MILE * DASKIN_PENALTY_MILES).collect(),
        failure_probability,
        can_fail: vec![true; cities.len()],
        levels,
    }
}

/// `holdfast sites --daskin FILE --failure-probability q`: reliable location with `levels` of assignment.
///
/// # Errors
/// As [`orlib_cap`].
pub fn daskin(
    text: &str,
    failure_probability: f64,
    levels: usize,
    budget: Budget,
    watch: Watch<'_>,
) -> Result<SitesAnswer, AnswerError> {
    let cities = read::daskin(text)?;
    let problem = daskin_problem(&cities, failure_probability, levels);
    let solution = reliable::solve(&problem, budget, watch)?;
    let violations = check::reliable(&problem, &solution);
    let name = |site: usize| format!("{}, {}", cities[site].name, cities[site].state);
    let mut answer = answer("reliable facility location", &solution, &violations, &problem.fixed, name);
    for site in &mut answer.open {
        site.transport_if_failed = Some(transport_without(&problem, &solution.open, site.number - 1));
    }
    Ok(answer)
}

/// Transport cost when `lost` is down and every other site of `open` is up; pass an unopened site for none.
#[must_use]
pub fn transport_without(problem: &ReliableProblem, open: &[usize], lost: usize) -> f64 {
    let nearest = |customer: usize| {
        let alive = open.iter().filter(|site| **site != lost);
        alive.map(|site| problem.serve[*site][customer]).fold(problem.unserved[customer], f64::min)
    };
    (0..problem.unserved.len()).map(nearest).sum()
}
