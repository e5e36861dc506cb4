//! The transportation problem: the cheapest way to serve demands from supplies, what cannot be served at a price.
//!
//! Successive shortest paths with potentials on the dense bipartite graph. The start serves each sink from its
//! nearest source while that has supply, which is already optimal for what it serves; only the overflow is
//! re-routed. Prices come out with the flow; the tests turn ANY sink prices into a valid bound and find it tight.

/// A flow with its prices.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    /// Transport plus unserved cost.
    pub cost: f64,
    /// Units from source to sink, row by source.
    pub units: Vec<f64>,
    /// Units left unserved, by sink.
    pub unserved: Vec<f64>,
    /// What one more unit demanded would cost, by sink.
    #[cfg(test)]
    pub sink_price: Vec<f64>,
}

/// Sources, sinks and the cost of a unit between them, row by source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Transport<'a> {
    pub supply: &'a [f64],
    pub demand: &'a [f64],
    pub unit_cost: &'a [f64],
    /// Price of a unit left unserved, by sink; infinite where everything must be served.
    pub unserved: &'a [f64],
}

/// Paths tried at most for each source and sink. Each path empties something, so far fewer are seen; should
/// rounding ever make them endless, the rest is left unserved, which is dearer but allowed.
const PATHS_PER_NODE: usize = 200;

/// The cheapest flow, or `None` where demand without a price exceeds what can be reached.
pub(crate) fn solve(problem: &Transport<'_>) -> Option<Flow> {
    let mut state = State::new(problem);
    for _ in 0..PATHS_PER_NODE * (state.sources + state.sinks + 1) {
        if !state.augment()? {
            return Some(state.finish());
        }
    }
    state.give_up().then(|| state.finish())
}

/// The value of sink prices as a dual solution: a lower bound of the flow's cost for any prices whatever.
#[cfg(test)]
pub(crate) fn dual_value(problem: &Transport<'_>, sink_price: &[f64]) -> (f64, Vec<f64>) {
    let sinks = problem.demand.len();
    let capped: Vec<f64> =
        sink_price.iter().zip(problem.unserved).map(|(price, most)| price.min(*most)).collect();
    let scarcity: Vec<f64> = (0..problem.supply.len())
        .map(|i| {
            let row = &problem.unit_cost[i * sinks..(i + 1) * sinks];
            capped.iter().zip(row).map(|(price, cost)| price - cost).fold(0.0, f64::max)
        })
        .collect();
    let gain: f64 = capped.iter().zip(problem.demand).map(|(price, units)| price * units).sum();
    let rent: f64 = scarcity.iter().zip(problem.supply).map(|(price, units)| price * units).sum();
    (gain - rent, scarcity)
}

struct State<'a> {
    problem: &'a Transport<'a>,
    sources: usize,
    sinks: usize,
    /// Less than this is nothing.
    crumb: f64,
    left: Vec<f64>,
    wanted: Vec<f64>,
    units: Vec<f64>,
    unserved: Vec<f64>,
    source_potential: Vec<f64>,
    sink_potential: Vec<f64>,
}

impl<'a> State<'a> {
    fn new(problem: &'a Transport<'a>) -> Self {
        let (sources, sinks) = (problem.supply.len(), problem.demand.len());
        let largest = problem.demand.iter().copied().fold(0.0, f64::max);
        let mut state = Self {
            problem,
            sources,
            sinks,
            crumb: largest * 1e-11,
            left: problem.supply.to_vec(),
            wanted: problem.demand.to_vec(),
            units: vec![0.0; sources * sinks],
            unserved: vec![0.0; sinks],
            source_potential: vec![0.0; sources],
            sink_potential: vec![0.0; sinks],
        };
        for sink in 0..sinks {
            state.start_sink(sink);
        }
        state
    }

    fn cost(&self, source: usize, sink: usize) -> f64 {
        self.problem.unit_cost[source * self.sinks + sink]
    }

    /// Serves a sink from its nearest source, as far as that goes, or leaves it unserved where that is cheaper.
    fn start_sink(&mut self, sink: usize) {
        let mut nearest = None;
        let mut least = self.problem.unserved[sink];
        for source in 0..self.sources {
            if self.problem.supply[source] > self.crumb && self.cost(source, sink) < least {
                least = self.cost(source, sink);
                nearest = Some(source);
            }
        }
        self.sink_potential[sink] = least;
        match nearest {
            Some(source) => {
                let moved = self.wanted[sink].min(self.left[source]);
                self.units[source * self.sinks + sink] += moved;
                self.left[source] -= moved;
                self.wanted[sink] -= moved;
            }
            None if least.is_finite() => {
                self.unserved[sink] = self.wanted[sink];
                self.wanted[sink] = 0.0;
            }
            None => {}
        }
    }

    /// Sends one path's worth to the nearest sink that still wants something. `Some(false)` when all is done,
    /// `None` when a sink cannot be reached.
    fn augment(&mut self) -> Option<bool> {
        if self.wanted.iter().all(|units| *units <= self.crumb) {
            return Some(false);
        }
        // Nodes: sources, then sinks. Each sink also has its own unlimited source at the price of unserved.
        let nodes = self.sources + self.sinks;
        let mut distance = vec![f64::INFINITY; nodes];
        let mut parent = vec![usize::MAX; nodes];
        let mut done = vec![false; nodes];
        for ((distance, left), potential) in distance.iter_mut().zip(&self.left).zip(&self.source_potential) {
            if *left > self.crumb {
                *distance = -potential;
            }
        }
        for sink in 0..self.sinks {
            let price = self.problem.unserved[sink];
            if price.is_finite() {
                distance[self.sources + sink] = (price - self.sink_potential[sink]).max(0.0);
            }
        }
        let target = loop {
            let next = (0..nodes)
                .filter(|node| !done[*node] && distance[*node].is_finite())
                .min_by(|a, b| distance[*a].total_cmp(&distance[*b]))?;
            done[next] = true;
            if next >= self.sources {
                let sink = next - self.sources;
                if self.wanted[sink] > self.crumb {
                    break next;
                }
                self.relax_back(sink, &mut distance, &mut parent, &done);
            } else {
                self.relax_forth(next, &mut distance, &mut parent, &done);
            }
        };
        let reached = distance[target];
        let potentials = self.source_potential.iter_mut().chain(&mut self.sink_potential);
        for (potential, distance) in potentials.zip(&distance) {
            *potential += distance.min(reached);
        }
        self.push(target, &parent);
        Some(true)
    }

    /// Leaves unserved what is still wanted; whether that is allowed.
    fn give_up(&mut self) -> bool {
        for sink in 0..self.sinks {
            self.unserved[sink] += core::mem::take(&mut self.wanted[sink]);
        }
        self.unserved
            .iter()
            .zip(self.problem.unserved)
            .all(|(units, price)| *units <= 0.0 || price.is_finite())
    }

    fn relax_forth(&self, source: usize, distance: &mut [f64], parent: &mut [usize], done: &[bool]) {
        for sink in 0..self.sinks {
            let node = self.sources + sink;
            let cost = self.cost(source, sink);
            if done[node] || !cost.is_finite() {
                continue;
            }
            let reduced = (cost + self.source_potential[source] - self.sink_potential[sink]).max(0.0);
            if distance[source] + reduced < distance[node] {
                distance[node] = distance[source] + reduced;
                parent[node] = source;
            }
        }
    }

    fn relax_back(&self, sink: usize, distance: &mut [f64], parent: &mut [usize], done: &[bool]) {
        let from = self.sources + sink;
        for source in 0..self.sources {
            if done[source] || self.units[source * self.sinks + sink] <= self.crumb {
                continue;
            }
            if distance[from] < distance[source] {
                distance[source] = distance[from];
                parent[source] = from;
            }
        }
    }

    /// Moves as much as the path to `target` carries.
    fn push(&mut self, target: usize, parent: &[usize]) {
        let mut most = self.wanted[target - self.sources];
        let mut node = target;
        while parent[node] != usize::MAX {
            let before = parent[node];
            if node < self.sources {
                most = most.min(self.units[node * self.sinks + before - self.sources]);
            }
            node = before;
        }
        if node < self.sources {
            most = most.min(self.left[node]);
            self.left[node] -= most;
        } else {
            self.unserved[node - self.sources] += most;
        }
        self.wanted[target - self.sources] -= most;
        let mut node = target;
        while parent[node] != usize::MAX {
            let before = parent[node];
            if node < self.sources {
                self.units[node * self.sinks + before - self.sources] -= most;
            } else {
                self.units[before * self.sinks + node - self.sources] += most;
            }
            node = before;
        }
    }

    fn finish(mut self) -> Flow {
        let mut cost = 0.0;
        for source in 0..self.sources {
            for sink in 0..self.sinks {
                let units = &mut self.units[source * self.sinks + sink];
                if *units <= self.crumb {
                    *units = 0.0;
                } else {
                    cost += *units * self.problem.unit_cost[source * self.sinks + sink];
                }
            }
        }
        for (units, price) in self.unserved.iter().zip(self.problem.unserved) {
            if *units > 0.0 {
                cost += units * price;
            }
        }
        Flow {
            cost,
            units: self.units,
            unserved: self.unserved,
            #[cfg(test)]
            sink_price: self.sink_potential,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Transport, dual_value, solve};
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn flow_and_prices_prove_each_other_on_random_instances() {
        for seed in 0..400_u64 {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let (m, n) = (rng.random_range(1..7), rng.random_range(1..9));
            let supply: Vec<f64> = (0..m).map(|_| f64::from(rng.random_range(0..12_u32))).collect();
            let demand: Vec<f64> = (0..n).map(|_| f64::from(rng.random_range(0..9_u32))).collect();
            let unit_cost: Vec<f64> = (0..m * n).map(|_| f64::from(rng.random_range(1..30_u32))).collect();
            let unserved: Vec<f64> = (0..n).map(|_| f64::from(rng.random_range(5..60_u32))).collect();
            let problem =
                Transport { supply: &supply, demand: &demand, unit_cost: &unit_cost, unserved: &unserved };
            let flow = solve(&problem).unwrap();
            let (bound, _) = dual_value(&problem, &flow.sink_price);
            assert!((flow.cost - bound).abs() < 1e-7, "seed {seed}: cost {} bound {bound}", flow.cost);
            for (j, demand) in demand.iter().enumerate() {
                let served: f64 = (0..m).map(|i| flow.units[i * n + j]).sum();
                assert!((served + flow.unserved[j] - demand).abs() < 1e-7, "seed {seed} sink {j}");
            }
            for (i, supply) in supply.iter().enumerate() {
                assert!(flow.units[i * n..(i + 1) * n].iter().sum::<f64>() <= supply + 1e-7, "seed {seed}");
            }
        }
    }

    #[test]
    fn what_must_be_served_and_cannot_is_told() {
        let problem =
            Transport { supply: &[1.0], demand: &[2.0], unit_cost: &[1.0], unserved: &[f64::INFINITY] };
        assert!(solve(&problem).is_none());
    }
}
