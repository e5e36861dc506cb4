//! Recomputes the cost of a pre-positioning plan from its flows and its bound from its prices.
//!
//! Shares no code with the solvers. A plan that passes can be paid for what it says, and its bound holds: the
//! bound is rebuilt here from the published prices as a feasible solution of the dual.

use super::siting::{SitingPlan, SitingProblem};

/// What is wrong with a plan.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Violation {
    /// More stock than room, or stock without a depot.
    #[error("place {place} holds {used} of room where its depot has {room}")]
    Room {
        /// The place.
        place: usize,
        /// Room its stock takes.
        used: f64,
        /// Room it has.
        room: f64,
    },
    /// More shipped than survives.
    #[error("good {good} in outlook {outlook}: place {place} ships {shipped} of {left} that survive")]
    Supply {
        /// The good.
        good: usize,
        /// The outlook.
        outlook: usize,
        /// The place.
        place: usize,
        /// Units shipped.
        shipped: f64,
        /// Units there are.
        left: f64,
    },
    /// Served and unserved units that do not add up to what is demanded.
    #[error("good {good} in outlook {outlook}: sink {sink} is accounted for {found} of {expected} units")]
    Demand {
        /// The good.
        good: usize,
        /// The outlook.
        outlook: usize,
        /// The sink.
        sink: usize,
        /// Units accounted for.
        found: f64,
        /// Units demanded.
        expected: f64,
    },
    /// The published cost is not what the plan costs.
    #[error("the cost is published as {published} and adds up to {found}")]
    Cost {
        /// As published.
        published: f64,
        /// As recomputed.
        found: f64,
    },
    /// The published bound is more than the prices prove.
    #[error("the bound is published as {published}; its prices prove {proven}, against a cost of {cost}")]
    Bound {
        /// As published.
        published: f64,
        /// What the prices prove.
        proven: f64,
        /// The cost.
        cost: f64,
    },
}

/// How far recomputed figures may be from published ones, relatively.
const TOLERANCE: f64 = 1e-6;

/// All that is wrong with a plan of depots; empty when it holds.
#[must_use]
pub fn siting(problem: &SitingProblem, plan: &SitingPlan) -> Vec<Violation> {
    let mut out = Vec::new();
    let mut cost = 0.0;
    for (place, depot) in plan.depots.iter().enumerate() {
        let (mut used, mut room) = (0.0, 0.0);
        if let Some(size) = depot {
            room = problem.sizes[*size].room;
            cost += problem.sizes[*size].fixed;
        }
        for (good, stock) in plan.stock.iter().enumerate() {
            used += stock[place] * problem.volume[good];
            cost += stock[place] * problem.unit_cost[good];
        }
        if used > room * (1.0 + TOLERANCE)
            || plan.stock.iter().any(|stock| stock[place].is_nan() || stock[place] < 0.0)
        {
            out.push(Violation::Room { place, used, room });
        }
    }
    for good in 0..problem.goods.len() {
        for outlook in 0..problem.goods[good].outlooks.len() {
            cost += second_stage(problem, plan, good, outlook, &mut out);
        }
    }
    if (cost - plan.cost).is_nan() || (cost - plan.cost).abs() > TOLERANCE * (1.0 + cost.abs()) {
        out.push(Violation::Cost { published: plan.cost, found: cost });
    }
    let proven = proven(problem, plan);
    let (published, cost) = (plan.lower_bound, plan.cost);
    let most = (proven + TOLERANCE * proven.abs()).min(cost * (1.0 + TOLERANCE));
    if published.is_nan() || most.is_nan() || published > most {
        out.push(Violation::Bound { published, proven, cost });
    }
    out
}

/// The expected cost of one outlook's flows.
fn second_stage(
    problem: &SitingProblem,
    plan: &SitingPlan,
    g: usize,
    s: usize,
    out: &mut Vec<Violation>,
) -> f64 {
    let good = &problem.goods[g];
    let outlook = &good.outlooks[s];
    let flows = &plan.flows[g][s];
    let sinks = outlook.demand.len();
    let mut cost = 0.0;
    for place in 0..plan.depots.len() {
        let left = outlook.survives[place] * (plan.stock[g][place] + good.held[place]);
        let mut shipped = 0.0;
        for sink in 0..sinks {
            let units = flows.units[place * sinks + sink];
            shipped += units;
            if units != 0.0 {
                cost += units * outlook.unit_cost[place * sinks + sink];
            }
        }
        cost += good.holding * (left - shipped);
        if shipped > left + TOLERANCE * (1.0 + left) {
            out.push(Violation::Supply { good: g, outlook: s, place, shipped, left });
        }
    }
    for sink in 0..sinks {
        let served: f64 = (0..plan.depots.len()).map(|place| flows.units[place * sinks + sink]).sum();
        let found = served + flows.unserved[sink];
        let expected = outlook.demand[sink];
        cost += flows.unserved[sink] * outlook.unserved[sink];
        let negative = flows.units.iter().chain(&flows.unserved).any(|units| *units < 0.0);
        if negative || (found - expected).abs() > TOLERANCE * (1.0 + expected) {
            out.push(Violation::Demand { good: g, outlook: s, sink, found, expected });
        }
    }
    cost * outlook.probability
}

/// What the published prices prove. A unit laid at a place costs its price and at least the cheapest rent of its
/// room; it earns at most the expected price of what survives of it, less its holding. Prices under which it
/// would earn more are cut back in proportion. What is left is what demand must cost at those prices.
fn proven(problem: &SitingProblem, plan: &SitingPlan) -> f64 {
    let mut rent = f64::INFINITY;
    for size in &problem.sizes {
        rent = rent.min(size.fixed / size.room);
    }
    let mut value = 0.0;
    for (g, good) in problem.goods.iter().enumerate() {
        let most = problem.unit_cost[g] + problem.volume[g] * rent;
        let places = plan.depots.len();
        let mut keep = vec![1.0_f64; places];
        for (place, keep) in keep.iter_mut().enumerate() {
            let (mut earns, mut holds) = (0.0, 0.0);
            for (s, outlook) in good.outlooks.iter().enumerate() {
                let alive = outlook.probability * outlook.survives[place];
                earns += alive * plan.prices[g][s][place].max(0.0);
                holds += alive * good.holding;
            }
            if earns > most + holds {
                *keep = (most + holds) / earns;
            }
        }
        for (s, outlook) in good.outlooks.iter().enumerate() {
            let sinks = outlook.demand.len();
            let mut here = 0.0;
            for sink in 0..sinks {
                // A unit of demand costs the cheapest of going without and of being shipped at the price of stock;
                // shipping it saves its holding.
                let mut unit = outlook.unserved[sink];
                for place in (0..places).filter(|place| outlook.survives[*place] > 0.0) {
                    let price = plan.prices[g][s][place].max(0.0) * keep[place];
                    unit = unit.min(outlook.unit_cost[place * sinks + sink] + price - good.holding);
                }
                here += unit * outlook.demand[sink];
            }
            for (place, keep) in keep.iter().enumerate() {
                let price = plan.prices[g][s][place].max(0.0) * keep;
                here += good.held[place] * outlook.survives[place] * (good.holding - price);
            }
            value += here * outlook.probability;
        }
    }
    value
}
