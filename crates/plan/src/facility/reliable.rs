//! Reliable facility location: sites that fail independently, and customers with a list of backups.
//!
//! Snyder and Daskin, Reliability models for facility location: the expected failure cost case,
//! Transportation Science 39 (2005) 400-416. Each site fails with the same probability `q` (some never fail). A
//! customer goes to its nearest site; if that has failed to the next, at most `levels` failing sites deep;
//! beyond that, or where it is dearer than going without, its demand pays a penalty. The cost is fixed cost
//! plus *expected* transport and penalty. With `q = 0` it is the uncapacitated location problem.

use super::branch::{self, Found, Relaxation, Status};
use super::{
    Assignment, Budget, FacilityError, MAX_CELLS, MAX_SITES, Reason, Solution, Watch, Work, gap_of, in_range,
    same_length,
};

/// The deepest list of backups.
pub const MAX_LEVELS: usize = 12;

/// Which sites to open when they fail with a probability.
#[derive(Clone, Debug, PartialEq)]
pub struct ReliableProblem {
    /// By site: cost of opening it.
    pub fixed: Vec<f64>,
    /// By site, then customer: cost of serving all of the customer's demand.
    pub serve: Vec<Vec<f64>>,
    /// By customer: cost of leaving all of its demand unserved.
    pub unserved: Vec<f64>,
    /// Probability that a site has failed, in [0, 1).
    pub failure_probability: f64,
    /// By site: whether it can fail at all.
    pub can_fail: Vec<bool>,
    /// How many failing sites a customer has in its list, 1 to [`MAX_LEVELS`].
    pub levels: usize,
}

impl ReliableProblem {
    fn validate(&self) -> Result<(), FacilityError> {
        let (sites, customers) = (self.fixed.len(), self.unserved.len());
        let cells = sites.saturating_mul(customers).saturating_mul(self.levels);
        for (what, found, limit) in [
            ("sites", sites, MAX_SITES),
            ("levels of backup", self.levels, MAX_LEVELS),
            ("cells", cells, MAX_CELLS),
        ] {
            if found > limit {
                return Err(FacilityError::TooLarge { what, found, limit });
            }
        }
        same_length("serve", self.serve.len(), sites)?;
        same_length("can fail", self.can_fail.len(), sites)?;
        in_range("levels of backup", &[self.levels as f64], |v| v >= 1.0, "of 1 or more")?;
        in_range("fixed cost", &self.fixed, |v| v.is_finite() && v >= 0.0, "of 0 or more")?;
        in_range("unserved cost", &self.unserved, |v| v.is_finite() && v >= 0.0, "of 0 or more")?;
        in_range(
            "failure probability",
            &[self.failure_probability],
            |q| (0.0..1.0).contains(&q),
            "in [0, 1)",
        )?;
        for row in &self.serve {
            same_length("serve (row of a site)", row.len(), customers)?;
            in_range("service cost", row, |v| v.is_finite() && v >= 0.0, "of 0 or more")?;
        }
        Ok(())
    }
}

/// Finds the set of sites with the least expected cost, or the best within the budget with its bound.
///
/// # Errors
/// [`FacilityError`] for tables that do not fit together.
pub fn solve(problem: &ReliableProblem, budget: Budget, watch: Watch<'_>) -> Result<Solution, FacilityError> {
    problem.validate()?;
    let model = Model { problem };
    let found = branch::search(&model, budget, watch).ok_or(FacilityError::Infeasible)?;
    if found.cost.is_finite() { Ok(model.publish(found)) } else { Err(FacilityError::Unfinished) }
}

/// The expected cost of a given set with its lists of backups, as a solution whose bound is its own cost.
///
/// # Errors
/// As [`solve`].
pub fn evaluate(problem: &ReliableProblem, open: &[usize]) -> Result<Solution, FacilityError> {
    problem.validate()?;
    if let Some(site) = open.iter().find(|site| **site >= problem.fixed.len()) {
        return Err(FacilityError::Shape {
            table: "open sites",
            found: *site,
            expected: problem.fixed.len(),
        });
    }
    let mut open = open.to_vec();
    open.sort_unstable();
    open.dedup();
    let model = Model { problem };
    let cost = model.cost(&open).ok_or(FacilityError::Infeasible)?;
    Ok(model.publish(Found { open, cost, lower_bound: cost, proven: false, work: Work::default() }))
}

struct Model<'a> {
    problem: &'a ReliableProblem,
}

/// What a customer's price list says about where its demand ends.
struct End {
    value: f64,
    level: usize,
}

impl Model<'_> {
    /// The probability that the first `level` sites of a list have failed.
    fn reached(&self, level: usize) -> f64 {
        self.problem.failure_probability.powi(i32::try_from(level).expect("levels are at most MAX_LEVELS"))
    }

    /// Prices per customer: one for each level, and one for what comes after the last.
    fn stride(&self) -> usize {
        self.problem.levels + 1
    }

    /// The best level to end a customer's list at with something that never fails and costs `cost`.
    fn end(&self, cost: f64, prices: &[f64]) -> End {
        let mut best = End { value: f64::INFINITY, level: 0 };
        let mut covered = 0.0;
        for level in (0..self.stride()).rev() {
            covered += prices[level];
            let value = cost * self.reached(level) - covered;
            if value < best.value {
                best = End { value, level };
            }
        }
        best
    }

    /// The best level for a failing site in a customer's list.
    fn place(&self, cost: f64, prices: &[f64]) -> End {
        let stays = 1.0 - self.problem.failure_probability;
        let mut best = End { value: f64::INFINITY, level: 0 };
        for (level, price) in prices.iter().take(self.problem.levels).enumerate() {
            let value = cost * self.reached(level) * stays - price;
            if value < best.value {
                best = End { value, level };
            }
        }
        best
    }

    /// A customer's list: its sites in order, and whether it ends with no service.
    fn list(&self, customer: usize, open: &[usize]) -> (Vec<usize>, f64) {
        let problem = self.problem;
        let mut near: Vec<usize> = open
            .iter()
            .copied()
            .filter(|site| problem.serve[*site][customer] < problem.unserved[customer])
            .collect();
        near.sort_by(|a, b| {
            problem.serve[*a][customer].total_cmp(&problem.serve[*b][customer]).then(a.cmp(b))
        });
        let sure = near.iter().position(|site| !problem.can_fail[*site]);
        let mut list: Vec<usize> =
            near.iter().copied().take(sure.unwrap_or(near.len())).take(problem.levels).collect();
        let mut cost = 0.0;
        for (level, site) in list.iter().enumerate() {
            cost +=
                problem.serve[*site][customer] * self.reached(level) * (1.0 - problem.failure_probability);
        }
        let last = sure.map_or(problem.unserved[customer], |at| problem.serve[near[at]][customer]);
        cost += last * self.reached(list.len());
        if let Some(at) = sure {
            list.push(near[at]);
        }
        (list, cost)
    }

    fn publish(&self, found: Found) -> Solution {
        let mut assignments = Vec::new();
        for customer in 0..self.problem.unserved.len() {
            let (list, _) = self.list(customer, &found.open);
            let ends_served = list.last().is_some_and(|site| !self.problem.can_fail[*site]);
            let sites = list.iter().copied().map(Some).chain((!ends_served).then_some(None));
            for (level, site) in sites.enumerate() {
                assignments.push(Assignment { customer, scenario: 0, level, site, share: 1.0 });
            }
        }
        let reasons = found
            .open
            .iter()
            .map(|site| {
                let rest: Vec<usize> = found.open.iter().copied().filter(|other| other != site).collect();
                let first = |a: &&Assignment| a.level == 0 && a.site == Some(*site);
                let customers_first = assignments.iter().filter(first).count();
                Reason { site: *site, customers_first, cost_without: self.cost(&rest) }
            })
            .collect();
        Solution {
            cost: found.cost,
            lower_bound: found.lower_bound,
            gap: gap_of(found.cost, found.lower_bound),
            proven: found.proven,
            open: found.open,
            assignments,
            work: found.work,
            reasons,
        }
    }
}

impl Relaxation for Model<'_> {
    fn statuses(&self) -> Vec<Status> {
        vec![Status::Free; self.problem.fixed.len()]
    }

    fn count(&self) -> (usize, usize) {
        (0, self.problem.fixed.len())
    }

    /// At each level the expected cost of the second site beyond it in the list of all sites.
    fn start(&self) -> Vec<f64> {
        let problem = self.problem;
        let mut prices = Vec::new();
        for customer in 0..problem.unserved.len() {
            let mut costs: Vec<f64> = problem
                .serve
                .iter()
                .map(|row| row[customer])
                .filter(|cost| *cost < problem.unserved[customer])
                .collect();
            costs.sort_by(f64::total_cmp);
            for level in 0..problem.levels {
                let cost = costs.get(level + 1).copied().unwrap_or(problem.unserved[customer]);
                prices.push(cost * self.reached(level) * (1.0 - problem.failure_probability));
            }
            prices.push(problem.unserved[customer] * self.reached(problem.levels));
        }
        prices
    }

    fn scale(&self) -> Vec<f64> {
        let levels = |_| (0..self.stride()).map(|level| self.reached(level).max(1e-6));
        let weight: Vec<f64> = (0..self.problem.unserved.len())
            .map(|customer| {
                let row = self.problem.serve.iter().map(|row| row[customer]);
                (row.sum::<f64>() / self.problem.serve.len().max(1) as f64).max(f64::MIN_POSITIVE)
            })
            .collect();
        let most = weight.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        weight.iter().flat_map(|w| levels(()).map(move |reached| reached * w / most)).collect()
    }

    fn project(&self, _prices: &mut [f64]) {}

    fn price(&self, prices: &[f64], status: &[Status], worth: &mut [f64]) -> f64 {
        let problem = self.problem;
        let mut constant = 0.0;
        let stride = self.stride();
        for (customer, prices) in prices.chunks_exact(stride).enumerate() {
            constant += prices.iter().sum::<f64>();
            constant += self.end(problem.unserved[customer], prices).value.min(0.0);
        }
        for (site, worth) in worth.iter_mut().enumerate() {
            *worth = problem.fixed[site];
            if status[site] == Status::Closed {
                continue;
            }
            for (customer, prices) in prices.chunks_exact(stride).enumerate() {
                *worth += self.use_of(site, customer, prices).map_or(0.0, |end| end.value);
            }
        }
        constant
    }

    fn slope(&self, prices: &[f64], chosen: &[usize], slope: &mut [f64]) {
        slope.fill(1.0);
        let stride = self.stride();
        for (customer, slope) in slope.chunks_exact_mut(stride).enumerate() {
            let prices = &prices[customer * stride..(customer + 1) * stride];
            let end = self.end(self.problem.unserved[customer], prices);
            if end.value < 0.0 {
                slope[end.level..].iter_mut().for_each(|missing| *missing -= 1.0);
            }
            for site in chosen {
                if let Some(end) = self.use_of(*site, customer, prices) {
                    let last = if self.problem.can_fail[*site] { end.level + 1 } else { stride };
                    slope[end.level..last].iter_mut().for_each(|missing| *missing -= 1.0);
                }
            }
        }
    }

    fn cost(&self, open: &[usize]) -> Option<f64> {
        let fixed: f64 = open.iter().map(|site| self.problem.fixed[*site]).sum();
        let serve: f64 = (0..self.problem.unserved.len()).map(|customer| self.list(customer, open).1).sum();
        Some(fixed + serve)
    }

    fn can_serve(&self, _status: &[Status]) -> bool {
        true
    }

    fn grain(&self) -> f64 {
        0.0
    }
}

impl Model<'_> {
    /// How a customer would use an open site under the prices, if at all.
    fn use_of(&self, site: usize, customer: usize, prices: &[f64]) -> Option<End> {
        let cost = self.problem.serve[site][customer];
        if cost >= self.problem.unserved[customer] {
            return None;
        }
        let end = if self.problem.can_fail[site] { self.place(cost, prices) } else { self.end(cost, prices) };
        (end.value < 0.0).then_some(end)
    }
}
