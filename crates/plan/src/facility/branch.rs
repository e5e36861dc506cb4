//! Branch and bound over sets of sites, with Lagrangian bounds.
//!
//! The search knows nothing of customers: a [`Relaxation`] turns prices into the worth of each site, and the
//! cheapest choice of sites under those worths is a lower bound for any prices. Prices follow subgradient
//! steps; worths that prove a site must be open or closed fix it. Leaves are costed exactly, so the result is
//! exact however weak the prices are. Best-first, ties by the order nodes were made: same input, same bits.

use super::{Budget, Progress, Watch, Work};
use core::cmp::Ordering;
use std::collections::BinaryHeap;

/// What a node of the search has decided about a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Free,
    Open,
    Closed,
}

/// A location problem whose coupling constraints are priced.
pub(crate) trait Relaxation {
    /// Candidates, with those decided beforehand.
    fn statuses(&self) -> Vec<Status>;
    /// Least and most sites that may be open, forced ones included.
    fn count(&self) -> (usize, usize);
    /// Prices to begin with.
    fn start(&self) -> Vec<f64>;
    /// By price: the size it typically has, so that steps are of one size for great and small.
    fn scale(&self) -> Vec<f64>;
    /// Brings prices back to where the bound is valid.
    fn project(&self, prices: &mut [f64]);
    /// Writes the cost of opening each site that is not closed; returns the part that depends on no site.
    fn price(&self, prices: &[f64], status: &[Status], worth: &mut [f64]) -> f64;
    /// Writes by how much each priced constraint is missed when `chosen` are open under the prices.
    fn slope(&self, prices: &[f64], chosen: &[usize], slope: &mut [f64]);
    /// The true cost of a set of sites; `None` if it cannot serve.
    fn cost(&self, open: &[usize]) -> Option<f64>;
    /// Whether the sites not closed could serve.
    fn can_serve(&self, status: &[Status]) -> bool;
    /// All costs are multiples of this; 0 where unknown.
    fn grain(&self) -> f64;
}

/// The best set found and what was proven about it.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub open: Vec<usize>,
    pub cost: f64,
    pub lower_bound: f64,
    pub proven: bool,
    pub work: Work,
}

const ROUNDS_AT_ROOT: u32 = 1_000;
const ROUNDS_AT_NODE: u32 = 60;
/// Sets tried by the exchange search before branching.
const EVALUATIONS_OF_EXCHANGE: u64 = 20_000;
/// Open nodes kept at most; the search stops with its bound beyond.
const NODES_KEPT: usize = 200_000;

struct Node {
    bound: f64,
    order: u64,
    status: Vec<Status>,
    prices: Vec<f64>,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Node {}
impl PartialOrd for Node {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Node {
    /// The heap's greatest is the node with the least bound, the older first.
    fn cmp(&self, other: &Self) -> Ordering {
        other.bound.total_cmp(&self.bound).then(other.order.cmp(&self.order))
    }
}

/// Finds the cheapest set of sites; `None` if none of the allowed sets can serve. A search stopped before it met
/// a set that serves has an infinite cost.
pub(crate) fn search(model: &impl Relaxation, budget: Budget, watch: Watch<'_>) -> Option<Found> {
    let status = model.statuses();
    if !model.can_serve(&status) {
        return None;
    }
    let mut search = Search::new(model, budget);
    search.first_sets(&status);
    let mut root = Node { bound: f64::NEG_INFINITY, order: 0, status, prices: model.start() };
    let branch_on = search.bound(&mut root, ROUNDS_AT_ROOT, 2.0);
    search.exchange();
    let mut heap = BinaryHeap::new();
    let mut stopped = false;
    if let Some(site) = branch_on {
        heap.push((root, site));
    }
    let mut order = 0;
    while let Some((node, site)) = heap.pop() {
        if node.bound >= search.cutoff() {
            break;
        }
        let told = Progress { work: search.work, cost: search.cost, lower_bound: node.bound };
        stopped = watch(&told).is_break() || search.work.rounds >= budget.rounds || heap.len() > NODES_KEPT;
        if stopped {
            heap.push((node, site));
            break;
        }
        for decided in [Status::Open, Status::Closed] {
            order += 1;
            let mut status = node.status.clone();
            status[site] = decided;
            let mut child = Node { bound: node.bound, order, status, prices: node.prices.clone() };
            if let Some(next) = search.bound(&mut child, ROUNDS_AT_NODE, 0.5) {
                heap.push((child, next));
            }
        }
    }
    search.conclude(&heap, stopped)
}

struct Search<'a, M> {
    model: &'a M,
    least: usize,
    most: usize,
    open: Vec<usize>,
    cost: f64,
    work: Work,
    rounds_allowed: u64,
    worth: Vec<f64>,
    slope: Vec<f64>,
    scale: Vec<f64>,
}

/// The sites that are cheapest under given worths.
struct Choice {
    chosen: Vec<usize>,
    value: f64,
    /// Greatest worth among chosen free sites, and least among free ones not chosen.
    worst_in: Option<f64>,
    best_out: Option<f64>,
}

impl<'a, M: Relaxation> Search<'a, M> {
    fn new(model: &'a M, budget: Budget) -> Self {
        let (least, most) = model.count();
        Self {
            model,
            least,
            most,
            open: Vec::new(),
            cost: f64::INFINITY,
            work: Work::default(),
            rounds_allowed: budget.rounds,
            worth: vec![0.0; model.statuses().len()],
            slope: vec![0.0; model.start().len()],
            scale: model.scale(),
        }
    }

    /// A node whose bound reaches this cannot hold a better set.
    fn cutoff(&self) -> f64 {
        let slack = 1e-9 * self.cost.abs().max(1e-9);
        let grain = self.model.grain();
        if grain > 0.0 { self.cost - grain + grain * 1e-6 } else { self.cost - slack }
    }

    fn offer(&mut self, open: &[usize]) {
        if open.len() < self.least || open.len() > self.most {
            return;
        }
        self.work.evaluations += 1;
        if let Some(cost) = self.model.cost(open)
            && cost < self.cost
        {
            self.cost = cost;
            self.open = open.to_vec();
        }
    }

    /// Sites in order of worth at the first prices, longer and longer prefixes of them.
    fn first_sets(&mut self, status: &[Status]) {
        let prices = self.model.start();
        let _ = self.model.price(&prices, status, &mut self.worth);
        let mut order: Vec<usize> = (0..status.len()).filter(|site| status[*site] == Status::Free).collect();
        order.sort_by(|a, b| self.worth[*a].total_cmp(&self.worth[*b]).then(a.cmp(b)));
        let mut set: Vec<usize> = (0..status.len()).filter(|site| status[*site] == Status::Open).collect();
        self.offer(&set.clone());
        for site in order {
            set.push(site);
            set.sort_unstable();
            self.offer(&set.clone());
        }
    }

    /// Add, drop and swap from the best set while that pays.
    fn exchange(&mut self) {
        let status = self.model.statuses();
        let allowed = self.work.evaluations + EVALUATIONS_OF_EXCHANGE;
        loop {
            let before = self.cost;
            let base = self.open.clone();
            let outside: Vec<usize> =
                (0..status.len()).filter(|s| status[*s] == Status::Free && !base.contains(s)).collect();
            let gone = base.iter().copied().filter(|site| status[*site] == Status::Free).map(Some);
            for drop in gone.chain([None]) {
                let kept: Vec<usize> = base.iter().copied().filter(|site| Some(*site) != drop).collect();
                self.offer(&kept);
                for add in &outside {
                    if self.work.evaluations >= allowed {
                        return;
                    }
                    let mut set = kept.clone();
                    set.push(*add);
                    set.sort_unstable();
                    self.offer(&set);
                }
            }
            if self.cost >= before {
                return;
            }
        }
    }

    /// Raises the node's bound and fixes what it can. `None` when nothing is left to search below it, else the
    /// site to branch on.
    fn bound(&mut self, node: &mut Node, rounds: u32, mut agility: f64) -> Option<usize> {
        self.work.nodes += 1;
        let patience = if rounds == ROUNDS_AT_ROOT { 20 } else { 8 };
        let mut prices = node.prices.clone();
        let mut often = vec![0.5; node.status.len()];
        let mut stalled = 0;
        for _ in 0..rounds {
            if self.settle(node)? {
                return None;
            }
            self.work.rounds += 1;
            let constant = self.model.price(&prices, &node.status, &mut self.worth);
            let choice = self.choose(&node.status)?;
            let value = constant + choice.value;
            for site in &mut often {
                *site *= 0.9;
            }
            for site in &choice.chosen {
                often[*site] += 0.1;
            }
            if value > node.bound + 1e-12 * value.abs() {
                node.bound = value;
                node.prices.clone_from(&prices);
                stalled = 0;
                self.offer(&choice.chosen);
            } else {
                stalled += 1;
                if stalled % patience == 0 {
                    agility *= 0.5;
                }
            }
            if node.bound >= self.cutoff() {
                return None;
            }
            self.fix(node, value, &choice);
            if agility < 1e-3 {
                break;
            }
            self.model.slope(&prices, &choice.chosen, &mut self.slope);
            let norm: f64 = self.slope.iter().zip(&self.scale).map(|(s, size)| s * size * s * size).sum();
            if norm <= 0.0 {
                break;
            }
            let step = agility * (self.target(value) - value) / norm;
            for ((price, slope), size) in prices.iter_mut().zip(&self.slope).zip(&self.scale) {
                *price += step * slope * size * size;
            }
            self.model.project(&mut prices);
            if self.work.rounds >= self.rounds_allowed {
                break;
            }
        }
        if self.settle(node)? {
            return None;
        }
        self.branching_site(node, &often)
    }

    /// What a step aims at: a little over the best cost, so that a good bound does not stop moving.
    fn target(&self, value: f64) -> f64 {
        if self.cost.is_finite() { self.cost + 0.001 * self.cost.abs() } else { value + 0.1 * value.abs() }
    }

    /// `Some(true)` when the node has been costed exactly, `None` when it holds nothing feasible.
    fn settle(&mut self, node: &Node) -> Option<bool> {
        let open: Vec<usize> =
            (0..node.status.len()).filter(|site| node.status[*site] == Status::Open).collect();
        let free = node.status.iter().filter(|status| **status == Status::Free).count();
        if open.len() > self.most || open.len() + free < self.least || !self.model.can_serve(&node.status) {
            return None;
        }
        if free == 0 || open.len() == self.most {
            self.offer(&open);
            return Some(true);
        }
        if open.len() + free == self.least {
            let all: Vec<usize> =
                (0..node.status.len()).filter(|site| node.status[*site] != Status::Closed).collect();
            self.offer(&all);
            return Some(true);
        }
        Some(false)
    }

    fn choose(&self, status: &[Status]) -> Option<Choice> {
        let mut chosen: Vec<usize> = (0..status.len()).filter(|site| status[*site] == Status::Open).collect();
        let mut free: Vec<usize> = (0..status.len()).filter(|site| status[*site] == Status::Free).collect();
        free.sort_by(|a, b| self.worth[*a].total_cmp(&self.worth[*b]).then(a.cmp(b)));
        let needed = self.least.saturating_sub(chosen.len());
        let room = self.most.checked_sub(chosen.len())?;
        if free.len() < needed {
            return None;
        }
        let taken = free
            .iter()
            .enumerate()
            .take_while(|(rank, site)| *rank < needed || (*rank < room && self.worth[**site] < 0.0))
            .count();
        let worst_in = taken.checked_sub(1).map(|last| self.worth[free[last]]);
        let best_out = free.get(taken).map(|site| self.worth[*site]);
        chosen.extend(&free[..taken]);
        chosen.sort_unstable();
        let value = chosen.iter().map(|site| self.worth[*site]).sum();
        Some(Choice { chosen, value, worst_in, best_out })
    }

    /// Decides free sites whose other choice would reach the cut-off.
    fn fix(&self, node: &mut Node, value: f64, choice: &Choice) {
        let cutoff = self.cutoff();
        let count = choice.chosen.len();
        for site in 0..node.status.len() {
            if node.status[site] != Status::Free {
                continue;
            }
            let worth = self.worth[site];
            if choice.chosen.binary_search(&site).is_ok() {
                let stand_in = choice.best_out.unwrap_or(f64::INFINITY);
                let instead = if count > self.least { stand_in.min(0.0) } else { stand_in };
                if value - worth + instead >= cutoff {
                    node.status[site] = Status::Open;
                }
            } else {
                let leaves = choice.worst_in.unwrap_or(f64::NEG_INFINITY);
                let instead = if count < self.most { leaves.max(0.0) } else { leaves };
                if value + worth - instead >= cutoff {
                    node.status[site] = Status::Closed;
                }
            }
        }
    }

    /// The free site the prices are least sure of.
    fn branching_site(&self, node: &Node, often: &[f64]) -> Option<usize> {
        (0..node.status.len()).filter(|site| node.status[*site] == Status::Free).min_by(|a, b| {
            let doubt = |site: usize| (often[site] - 0.5).abs();
            doubt(*a).total_cmp(&doubt(*b)).then(self.worth[*a].total_cmp(&self.worth[*b])).then(a.cmp(b))
        })
    }

    fn conclude(self, heap: &BinaryHeap<(Node, usize)>, stopped: bool) -> Option<Found> {
        if !self.cost.is_finite() && !stopped {
            return None;
        }
        let waiting = heap.iter().map(|(node, _)| node.bound).fold(f64::INFINITY, f64::min);
        let lower_bound = if stopped { waiting.min(self.cost) } else { self.cost };
        Some(Found { open: self.open, cost: self.cost, lower_bound, proven: !stopped, work: self.work })
    }
}
