//! Warehouse location with or without capacity, p-median, and scenarios: one problem type and its solver.
//!
//! In every scenario each customer's demand is served from open sites within their capacity, wholly or split,
//! or left unserved at a price. The relaxation prices each customer's demand in each scenario; a site is then
//! worth what its cheapest fill of a fractional knapsack is worth. Its bound is at least the one of the strong
//! linear relaxation.

use super::branch::{self, Found, Relaxation, Status};
use super::transport::{self, Transport};
use super::{
    Assignment, Budget, FacilityError, MAX_CELLS, MAX_CUSTOMERS, MAX_SITES, Reason, Solution, Watch, gap_of,
    in_range, same_length,
};

/// How many sites may be open, forced ones included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// At least so many.
    pub least: usize,
    /// At most so many.
    pub most: usize,
}

/// One state of the world.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Its probability, or days a year: any weight of 0 or more.
    pub probability: f64,
    /// By customer: its service costs and its price of unserved demand are multiplied by this.
    pub scale: Vec<f64>,
    /// By customer: how much of a site's capacity it takes.
    pub load: Vec<f64>,
    /// By site: capacity left, 0 for a failed site, infinite for no limit.
    pub capacity: Vec<f64>,
}

impl Scenario {
    /// A certain scenario in which capacity never binds.
    #[must_use]
    pub fn uncapacitated(sites: usize, customers: usize) -> Self {
        Self {
            probability: 1.0,
            scale: vec![1.0; customers],
            load: vec![1.0; customers],
            capacity: vec![f64::INFINITY; sites],
        }
    }
}

/// Which of the sites to open so that fixed plus expected service cost is least.
#[derive(Clone, Debug, PartialEq)]
pub struct LocationProblem {
    /// By site: cost of opening it.
    pub fixed: Vec<f64>,
    /// By site, then customer: cost of serving all of the customer's demand at scale 1.
    pub serve: Vec<Vec<f64>>,
    /// By customer: cost of leaving all of its demand unserved at scale 1; infinite where it must be served.
    pub unserved: Vec<f64>,
    /// The states of the world; one where all is certain.
    pub scenarios: Vec<Scenario>,
    /// By site: whether it is open whatever happens (it may still fail in a scenario).
    pub forced: Vec<bool>,
    /// How many sites may be open.
    pub count: Count,
}

impl LocationProblem {
    fn validate(&self) -> Result<(), FacilityError> {
        let (sites, customers) = (self.fixed.len(), self.unserved.len());
        let limits = [("sites", sites, MAX_SITES), ("customers", customers, MAX_CUSTOMERS)];
        let cells = sites.saturating_mul(customers).saturating_mul(self.scenarios.len());
        for (what, found, limit) in limits.into_iter().chain([("cells", cells, MAX_CELLS)]) {
            if found > limit {
                return Err(FacilityError::TooLarge { what, found, limit });
            }
        }
        same_length("serve", self.serve.len(), sites)?;
        same_length("forced", self.forced.len(), sites)?;
        in_range("fixed cost", &self.fixed, |v| v.is_finite() && v >= 0.0, "of 0 or more")?;
        in_range("unserved cost", &self.unserved, |v| v >= 0.0, "of 0 or more, or infinity")?;
        for row in &self.serve {
            same_length("serve (row of a site)", row.len(), customers)?;
            in_range("service cost", row, |v| v.is_finite() && v >= 0.0, "of 0 or more")?;
        }
        for scenario in &self.scenarios {
            same_length("scale", scenario.scale.len(), customers)?;
            same_length("load", scenario.load.len(), customers)?;
            same_length("capacity", scenario.capacity.len(), sites)?;
            in_range("probability", &[scenario.probability], |v| v.is_finite() && v >= 0.0, "of 0 or more")?;
            in_range("scale", &scenario.scale, |v| v.is_finite() && v >= 0.0, "of 0 or more")?;
            in_range("load", &scenario.load, |v| v.is_finite() && v >= 0.0, "of 0 or more")?;
            in_range("capacity", &scenario.capacity, |v| v >= 0.0, "of 0 or more, or infinity")?;
        }
        Ok(())
    }
}

/// Finds the cheapest set of sites, or the best within the budget with its bound.
///
/// # Errors
/// [`FacilityError`] for tables that do not fit together and for demand that cannot be served.
///
/// ```
/// use holdfast_plan::facility::{Budget, location, read, unwatched};
/// let problem = read::orlib_cap("2 1\n 10 5.\n 10 7.\n 4\n 20. 10.").unwrap();
/// let solution = location::solve(&problem, Budget::default(), &mut unwatched()).unwrap();
/// assert_eq!((solution.open, solution.cost, solution.proven), (vec![1], 17.0, true));
/// ```
pub fn solve(problem: &LocationProblem, budget: Budget, watch: Watch<'_>) -> Result<Solution, FacilityError> {
    problem.validate()?;
    let model = Model::new(problem);
    let found = branch::search(&model, budget, watch).ok_or(FacilityError::Infeasible)?;
    if found.cost.is_finite() { Ok(model.publish(found)) } else { Err(FacilityError::Unfinished) }
}

/// The cost of a given set of open sites with its assignments, as a solution whose bound is its own cost.
///
/// # Errors
/// As [`solve`]; [`FacilityError::Infeasible`] if the set cannot serve.
pub fn evaluate(problem: &LocationProblem, open: &[usize]) -> Result<Solution, FacilityError> {
    problem.validate()?;
    if let Some(site) = open.iter().find(|site| **site >= problem.fixed.len()) {
        return Err(FacilityError::Shape {
            table: "open sites",
            found: *site,
            expected: problem.fixed.len(),
        });
    }
    let model = Model::new(problem);
    let mut open = open.to_vec();
    open.sort_unstable();
    open.dedup();
    let cost = model.cost(&open).ok_or(FacilityError::Infeasible)?;
    Ok(model.publish(Found { open, cost, lower_bound: cost, proven: false, work: super::Work::default() }))
}

struct Model<'a> {
    problem: &'a LocationProblem,
    /// By scenario: expected cost of serving, row by site.
    serve: Vec<Vec<f64>>,
    /// By scenario and customer: expected cost of leaving it unserved.
    unserved: Vec<Vec<f64>>,
    /// By scenario and site: whether all customers together could overload it.
    tight: Vec<Vec<bool>>,
    grain: f64,
}

impl<'a> Model<'a> {
    fn new(problem: &'a LocationProblem) -> Self {
        let weights = |s: &Scenario| s.scale.iter().map(|scale| scale * s.probability).collect::<Vec<f64>>();
        let serve = problem
            .scenarios
            .iter()
            .map(|scenario| {
                let weight = weights(scenario);
                problem.serve.iter().flat_map(|row| row.iter().zip(&weight).map(|(c, w)| c * w)).collect()
            })
            .collect();
        // A customer without demand in a scenario costs nothing there, served or not.
        let unserved = problem
            .scenarios
            .iter()
            .map(|scenario| {
                let weight = weights(scenario);
                let priced = |(price, weight): (&f64, &f64)| if *weight > 0.0 { price * weight } else { 0.0 };
                problem.unserved.iter().zip(&weight).map(priced).collect()
            })
            .collect();
        let tight = problem
            .scenarios
            .iter()
            .map(|scenario| {
                let all: f64 = scenario.load.iter().sum();
                scenario.capacity.iter().map(|capacity| *capacity < all).collect()
            })
            .collect();
        Self { problem, serve, unserved, tight, grain: grain(problem) }
    }

    fn customers(&self) -> usize {
        self.problem.unserved.len()
    }

    fn row(&self, scenario: usize, site: usize) -> &[f64] {
        let customers = self.customers();
        &self.serve[scenario][site * customers..(site + 1) * customers]
    }

    /// Calls `take` with each customer's share in the site's most valuable fill; returns the fill's cost.
    fn fill(&self, w: usize, site: usize, prices: &[f64], mut take: impl FnMut(usize, f64)) -> f64 {
        let (scenario, row) = (&self.problem.scenarios[w], self.row(w, site));
        let capacity = scenario.capacity[site];
        if capacity <= 0.0 {
            return 0.0;
        }
        let mut wanted: Vec<usize> = (0..row.len()).filter(|i| row[*i] < prices[*i]).collect();
        let worth = |i: usize| row[i] - prices[i];
        if wanted.iter().map(|i| scenario.load[*i]).sum::<f64>() > capacity {
            let density = |i: usize| worth(i) / scenario.load[i].max(f64::MIN_POSITIVE);
            wanted.sort_by(|a, b| density(*a).total_cmp(&density(*b)).then(a.cmp(b)));
        }
        let (mut left, mut cost) = (capacity, 0.0);
        for customer in wanted {
            let load = scenario.load[customer];
            let share = if load <= left { 1.0 } else { left / load };
            if share <= 0.0 {
                break;
            }
            left -= share * load;
            cost += share * worth(customer);
            take(customer, share);
        }
        cost
    }

    /// Service cost of one scenario and, if asked, who serves whom.
    fn serve(&self, w: usize, open: &[usize], mut told: Option<&mut Vec<Assignment>>) -> Option<f64> {
        let scenario = &self.problem.scenarios[w];
        let alive: Vec<usize> = open.iter().copied().filter(|site| scenario.capacity[*site] > 0.0).collect();
        let mut load = vec![0.0; alive.len()];
        let mut nearest = vec![None; self.customers()];
        let mut cost = 0.0;
        for (customer, nearest) in nearest.iter_mut().enumerate() {
            let mut least = self.unserved[w][customer];
            for (rank, site) in alive.iter().enumerate() {
                let c = self.row(w, *site)[customer];
                if c < least || (nearest.is_none() && c <= least) {
                    least = c;
                    *nearest = Some(rank);
                }
            }
            cost += least;
            if let Some(rank) = *nearest {
                load[rank] += scenario.load[customer];
            }
        }
        if !cost.is_finite() {
            return None;
        }
        let fits =
            load.iter().zip(&alive).all(|(load, site)| *load <= scenario.capacity[*site] * (1.0 + 1e-12));
        if !fits {
            return self.serve_within_capacity(w, &alive, told);
        }
        if let Some(told) = told.as_mut() {
            for (customer, rank) in nearest.iter().enumerate() {
                let site = rank.map(|rank| alive[rank]);
                told.push(Assignment { customer, scenario: w, level: 0, site, share: 1.0 });
            }
        }
        Some(cost)
    }

    fn serve_within_capacity(
        &self,
        w: usize,
        alive: &[usize],
        told: Option<&mut Vec<Assignment>>,
    ) -> Option<f64> {
        let scenario = &self.problem.scenarios[w];
        let supply: Vec<f64> = alive.iter().map(|site| scenario.capacity[*site].min(f64::MAX)).collect();
        // Customers without load cannot overload anything: they are served for their cost by their nearest.
        let (heavy, light): (Vec<usize>, Vec<usize>) =
            (0..self.customers()).partition(|customer| scenario.load[*customer] > 0.0);
        let demand: Vec<f64> = heavy.iter().map(|customer| scenario.load[*customer]).collect();
        let per_load = |cost: f64, customer: usize| cost / scenario.load[customer];
        let unit_cost: Vec<f64> = alive
            .iter()
            .flat_map(|site| heavy.iter().map(|c| per_load(self.row(w, *site)[*c], *c)))
            .collect();
        let unserved: Vec<f64> = heavy.iter().map(|c| per_load(self.unserved[w][*c], *c)).collect();
        let transport =
            Transport { supply: &supply, demand: &demand, unit_cost: &unit_cost, unserved: &unserved };
        let flow = transport::solve(&transport)?;
        let mut cost = flow.cost;
        let mut light_sites = Vec::new();
        for customer in light {
            let best = alive
                .iter()
                .map(|site| (self.row(w, *site)[customer], Some(*site)))
                .min_by(|a, b| a.0.total_cmp(&b.0))
                .filter(|(cost, _)| *cost <= self.unserved[w][customer])
                .unwrap_or((self.unserved[w][customer], None));
            cost += best.0;
            light_sites.push((customer, best.1));
        }
        if let Some(told) = told {
            for (sink, customer) in heavy.iter().enumerate() {
                let shares = alive
                    .iter()
                    .enumerate()
                    .map(|(source, site)| (Some(*site), flow.units[source * heavy.len() + sink]));
                for (site, units) in shares.chain([(None, flow.unserved[sink])]) {
                    if units > 0.0 {
                        let share = units / demand[sink];
                        told.push(Assignment { customer: *customer, scenario: w, level: 0, site, share });
                    }
                }
            }
            for (customer, site) in light_sites {
                told.push(Assignment { customer, scenario: w, level: 0, site, share: 1.0 });
            }
        }
        Some(cost)
    }

    fn publish(&self, found: Found) -> Solution {
        let mut assignments = Vec::new();
        for w in 0..self.problem.scenarios.len() {
            let served = self.serve(w, &found.open, Some(&mut assignments));
            debug_assert!(served.is_some(), "a published set was costed before");
        }
        let reasons = found
            .open
            .iter()
            .map(|site| {
                let rest: Vec<usize> = found.open.iter().copied().filter(|other| other != site).collect();
                let first = |a: &&Assignment| a.scenario == 0 && a.level == 0 && a.site == Some(*site);
                Reason {
                    site: *site,
                    customers_first: assignments.iter().filter(first).count(),
                    cost_without: self.cost(&rest),
                }
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

/// 1 where every cost is whole and nothing is split or weighted, so that costs differ by at least 1.
fn grain(problem: &LocationProblem) -> f64 {
    let whole = |v: &f64| v.fract() == 0.0 && v.abs() < 1e9;
    let certain = problem.scenarios.len() == 1
        && problem.scenarios.iter().all(|s| {
            let all: f64 = s.load.iter().sum();
            s.probability == 1.0
                && s.scale.iter().all(|scale| *scale == 1.0)
                && s.capacity.iter().all(|capacity| *capacity >= all)
        });
    let costs = problem.serve.iter().flatten().chain(&problem.fixed);
    let priced = problem.unserved.iter().filter(|v| v.is_finite());
    if certain && costs.chain(priced).all(whole) { 1.0 } else { 0.0 }
}

impl Relaxation for Model<'_> {
    fn statuses(&self) -> Vec<Status> {
        self.problem.forced.iter().map(|forced| if *forced { Status::Open } else { Status::Free }).collect()
    }

    fn count(&self) -> (usize, usize) {
        // As many sites as the largest capacities need for what must be served.
        let mut needed = self.problem.count.least;
        for scenario in &self.problem.scenarios {
            let must =
                |(i, load): (usize, &f64)| if self.problem.unserved[i].is_infinite() { *load } else { 0.0 };
            let mut left: f64 = scenario.load.iter().enumerate().map(must).sum::<f64>() * (1.0 - 1e-12);
            let mut capacity = scenario.capacity.clone();
            capacity.sort_by(|a, b| b.total_cmp(a));
            let sites = capacity
                .iter()
                .take_while(|capacity| {
                    let more = left > 0.0;
                    left -= **capacity;
                    more
                })
                .count();
            needed = needed.max(sites);
        }
        (needed, self.problem.count.most)
    }

    /// Each customer's second cheapest service: what a market with two bidders would settle at.
    fn start(&self) -> Vec<f64> {
        let sites = self.problem.fixed.len();
        let mut prices = Vec::new();
        for w in 0..self.problem.scenarios.len() {
            for customer in 0..self.customers() {
                let (mut first, mut second) = (self.unserved[w][customer], self.unserved[w][customer]);
                for site in 0..sites {
                    let cost = self.row(w, site)[customer];
                    if cost < first {
                        (first, second) = (cost, first);
                    } else if cost < second {
                        second = cost;
                    }
                }
                prices.push(if second.is_finite() { second } else { first.min(f64::MAX) });
            }
        }
        prices
    }

    fn scale(&self) -> Vec<f64> {
        let weight = |s: &Scenario| s.scale.iter().map(|scale| scale * s.probability).collect::<Vec<f64>>();
        self.problem.scenarios.iter().flat_map(weight).collect()
    }

    fn project(&self, prices: &mut [f64]) {
        for (price, most) in prices.iter_mut().zip(self.unserved.iter().flatten()) {
            *price = price.clamp(0.0, *most);
        }
    }

    fn price(&self, prices: &[f64], status: &[Status], worth: &mut [f64]) -> f64 {
        let customers = self.customers();
        for (site, worth) in worth.iter_mut().enumerate() {
            *worth = self.problem.fixed[site];
            if status[site] == Status::Closed {
                continue;
            }
            for (w, scenario) in self.problem.scenarios.iter().enumerate() {
                let prices = &prices[w * customers..(w + 1) * customers];
                if self.tight[w][site] {
                    *worth += self.fill(w, site, prices, |_, _| {});
                } else if scenario.capacity[site] > 0.0 {
                    let gain =
                        self.row(w, site).iter().zip(prices).map(|(cost, price)| (cost - price).min(0.0));
                    *worth += gain.sum::<f64>();
                }
            }
        }
        prices.iter().sum()
    }

    fn slope(&self, prices: &[f64], chosen: &[usize], slope: &mut [f64]) {
        let customers = self.customers();
        slope.fill(1.0);
        for w in 0..self.problem.scenarios.len() {
            let range = w * customers..(w + 1) * customers;
            for site in chosen {
                let slope = &mut slope[range.clone()];
                let _ =
                    self.fill(w, *site, &prices[range.clone()], |customer, share| slope[customer] -= share);
            }
        }
    }

    fn cost(&self, open: &[usize]) -> Option<f64> {
        let mut cost: f64 = open.iter().map(|site| self.problem.fixed[*site]).sum();
        for w in 0..self.problem.scenarios.len() {
            cost += self.serve(w, open, None)?;
        }
        Some(cost)
    }

    fn can_serve(&self, status: &[Status]) -> bool {
        self.problem.scenarios.iter().all(|scenario| {
            let must = |(load, price): (&f64, &f64)| if price.is_infinite() { *load } else { 0.0 };
            let load: f64 = scenario.load.iter().zip(&self.problem.unserved).map(must).sum();
            let capacity: f64 = scenario
                .capacity
                .iter()
                .zip(status)
                .filter(|(_, status)| **status != Status::Closed)
                .map(|(capacity, _)| capacity)
                .sum();
            let anywhere = capacity > 0.0 || self.problem.unserved.iter().all(|price| price.is_finite());
            anywhere && load <= capacity * (1.0 + 1e-9)
        })
    }

    fn grain(&self) -> f64 {
        self.grain
    }
}
