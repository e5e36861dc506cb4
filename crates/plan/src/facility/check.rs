//! Recomputes what a solution claims, from the problem alone.
//!
//! Shares no code with the solvers: it trusts neither the published cost nor the assignments, and looks only at
//! the problem's own tables. It cannot prove a set the best one; it proves that the set is allowed, that
//! everybody is served once and within capacity, that the assignments cost what is claimed and that the claimed
//! bound, gap and cost agree with each other.

use super::Solution;
use super::location::LocationProblem;
use super::reliable::ReliableProblem;

/// What is wrong with a solution.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Violation {
    /// A site index out of the table, twice, or out of order.
    #[error("open site {0} is not in ascending order of known sites")]
    OpenSites(usize),
    /// More or fewer sites than allowed.
    #[error("{0} sites are open where {1} to {2} are allowed")]
    Count(usize, usize, usize),
    /// A site that is open whatever happens, and is not.
    #[error("site {0} is forced and not open")]
    Forced(usize),
    /// An assignment to a site that is not open, has failed, or does not exist.
    #[error(
        "customer {customer} is served in scenario {scenario} by site {site}, which is not open or has failed"
    )]
    Closed {
        /// The customer.
        customer: usize,
        /// The scenario.
        scenario: usize,
        /// The site.
        site: usize,
    },
    /// A customer whose shares do not add up to one.
    #[error("customer {customer} is served {share} times in scenario {scenario}")]
    Share {
        /// The customer.
        customer: usize,
        /// The scenario.
        scenario: usize,
        /// The sum of its shares.
        share: f64,
    },
    /// A site with more load than capacity.
    #[error("site {site} carries {load} in scenario {scenario}, more than its capacity {capacity}")]
    Capacity {
        /// The site.
        site: usize,
        /// The scenario.
        scenario: usize,
        /// What it carries.
        load: f64,
        /// What it can carry.
        capacity: f64,
    },
    /// A customer's list of backups that is broken: a gap, a site twice, too deep, or no end.
    #[error("the list of backups of customer {0} has a gap, a site twice, too many levels or no end")]
    List(usize),
    /// The published cost is not what the assignments cost.
    #[error("the cost is published as {published} and adds up to {found}")]
    Cost {
        /// As published.
        published: f64,
        /// As recomputed.
        found: f64,
    },
    /// The bound is over the cost, or the gap is not theirs.
    #[error("cost {cost}, bound {bound} and gap {gap} do not belong together")]
    Bound {
        /// The cost.
        cost: f64,
        /// The bound.
        bound: f64,
        /// The gap.
        gap: f64,
    },
}

/// How far recomputed money may be from published money, relatively.
const TOLERANCE: f64 = 1e-7;

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= TOLERANCE * (1.0 + a.abs().max(b.abs()))
}

fn check_head(solution: &Solution, sites: usize, found: f64, out: &mut Vec<Violation>) {
    let ascending = solution.open.windows(2).find(|pair| pair[0] >= pair[1]).map(|pair| pair[1]);
    let unknown = solution.open.iter().copied().find(|site| *site >= sites);
    out.extend(ascending.or(unknown).map(Violation::OpenSites));
    if !near(solution.cost, found) {
        out.push(Violation::Cost { published: solution.cost, found });
    }
    let (cost, bound, gap) = (solution.cost, solution.lower_bound, solution.gap);
    let expected = if cost == 0.0 { 0.0 } else { ((cost - bound) / cost).max(0.0) };
    let sound = bound <= cost * (1.0 + TOLERANCE) && (gap - expected).abs() <= TOLERANCE;
    if !sound || (solution.proven && !near(cost, bound)) {
        out.push(Violation::Bound { cost, bound, gap });
    }
}

/// All that is wrong with a solution of a [`LocationProblem`]; empty when it holds.
#[must_use]
pub fn location(problem: &LocationProblem, solution: &Solution) -> Vec<Violation> {
    let mut out = Vec::new();
    let (sites, customers) = (problem.fixed.len(), problem.unserved.len());
    let mut cost = 0.0;
    for site in &solution.open {
        cost += problem.fixed.get(*site).copied().unwrap_or(f64::NAN);
    }
    let count = solution.open.len();
    if count < problem.count.least || count > problem.count.most {
        out.push(Violation::Count(count, problem.count.least, problem.count.most));
    }
    for (site, forced) in problem.forced.iter().enumerate() {
        if *forced && !solution.open.contains(&site) {
            out.push(Violation::Forced(site));
        }
    }
    for (w, scenario) in problem.scenarios.iter().enumerate() {
        let mut share = vec![0.0; customers];
        let mut load = vec![0.0; sites];
        for given in solution.assignments.iter().filter(|given| given.scenario == w) {
            let customer = given.customer;
            let weight = scenario.probability * scenario.scale[customer] * given.share;
            // A negative part is no part: it makes the sum, and so the customer, wrong.
            share[customer] += if given.share >= 0.0 { given.share } else { f64::NAN };
            match given.site {
                Some(site) if solution.open.contains(&site) && scenario.capacity[site] > 0.0 => {
                    load[site] += given.share * scenario.load[customer];
                    cost += weight * problem.serve[site][customer];
                }
                Some(site) => out.push(Violation::Closed { customer, scenario: w, site }),
                None if weight > 0.0 => cost += weight * problem.unserved[customer],
                None => {}
            }
        }
        for (customer, share) in share.into_iter().enumerate() {
            if share.is_nan() || (share - 1.0_f64).abs() > 1e-6 {
                out.push(Violation::Share { customer, scenario: w, share });
            }
        }
        for (site, load) in load.into_iter().enumerate() {
            let capacity = scenario.capacity[site];
            if load > capacity * (1.0 + TOLERANCE) {
                out.push(Violation::Capacity { site, scenario: w, load, capacity });
            }
        }
    }
    check_head(solution, sites, cost, &mut out);
    out
}

/// All that is wrong with a solution of a [`ReliableProblem`]; empty when it holds.
#[must_use]
pub fn reliable(problem: &ReliableProblem, solution: &Solution) -> Vec<Violation> {
    let mut out = Vec::new();
    let mut cost = 0.0;
    for site in &solution.open {
        cost += problem.fixed.get(*site).copied().unwrap_or(f64::NAN);
    }
    for customer in 0..problem.unserved.len() {
        let mut list: Vec<_> =
            solution.assignments.iter().filter(|given| given.customer == customer).collect();
        list.sort_by_key(|given| given.level);
        // Walk down the list with the probability that everything above has failed.
        let (mut reached, mut seen, mut broken) = (1.0, Vec::new(), false);
        for (level, given) in list.iter().enumerate() {
            broken |= given.level != level || reached == 0.0 && problem.failure_probability > 0.0;
            let Some(site) = given.site else {
                cost += reached * problem.unserved[customer];
                reached = 0.0;
                continue;
            };
            if !solution.open.contains(&site) {
                out.push(Violation::Closed { customer, scenario: 0, site });
                continue;
            }
            broken |= seen.contains(&site);
            seen.push(site);
            let fails = if problem.can_fail[site] { problem.failure_probability } else { 0.0 };
            cost += reached * (1.0 - fails) * problem.serve[site][customer];
            reached *= fails;
        }
        let failing = seen.iter().filter(|site| problem.can_fail[**site]).count();
        if broken || reached != 0.0 || failing > problem.levels {
            out.push(Violation::List(customer));
        }
    }
    check_head(solution, problem.fixed.len(), cost, &mut out);
    out
}
