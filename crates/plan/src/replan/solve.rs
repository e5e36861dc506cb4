//! From a problem to a plan: prices, a first plan, then better ones until told to stop.
//!
//! Work is counted, never time: one unit is one order solved alone (an evaluation of all prices costs as many
//! units as there are orders; a move tried costs what it looks at). Between checkpoints, whose places depend on
//! nothing but the problem and the seed, the caller may stop; the same work then gives the same plan on any
//! number of threads.

use super::construct::construct;
use super::dual::Dual;
use super::finish::finish;
use super::model::Model;
use super::plan::{PRICE_SCALE, Plan, Stopped, Work, gap};
use super::price::bound_in_minor_units;
use super::problem::Problem;
use super::repair::{meet_floors, split_backordered};
use super::search::Quest;
use super::state::State;

/// How hard to try.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Options {
    /// Seed of every draw.
    pub seed: u64,
    /// Work units to spend at most; a checkpoint may overshoot it by one step.
    pub work: u64,
    /// Stop when the gap is this small.
    pub gap: f64,
    /// Threads; `None`: those there are. The plan is the same on any number.
    pub threads: Option<usize>,
}

impl Options {
    /// Work for a plan that is near the end of quick gains, for a problem of this size.
    #[must_use]
    pub fn for_problem(problem: &Problem) -> Self {
        Self { seed: 1, work: 400 * problem.orders.len().max(100) as u64, gap: 0.0, threads: None }
    }
}

/// Where the search stands.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Progress {
    /// Work units spent.
    pub work: u64,
    /// Cost of the best plan so far, in minor units; none before the first.
    pub cost: Option<i64>,
    /// Bound so far, in minor units.
    pub bound: i64,
    /// The gap between them; 1 before the first plan.
    pub gap: f64,
}

/// What the caller wants next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Control {
    /// Go on.
    Continue,
    /// Give the best plan found so far.
    Stop,
}

/// Price steps after which a plan is made; the search starts from the best of them.
const BUILDS: [u64; 4] = [12, 36, 72, 130];
/// The same for [`MANY`] orders and more, where a step takes long and the search has more to gain.
const BUILDS_MANY: [u64; 2] = [8, 36];
const MANY: usize = 250_000;

/// Finds a plan and proves how good it is.
///
/// `progress` is called at checkpoints and may stop the search once there is a plan; before that its answer
/// waits. The plan is feasible always, but for a fairness floor that cannot be met: [`super::check()`] names it.
///
/// ```
/// use holdfast_plan::replan::{bench_format, check, solve, Control, Options};
/// let text = b"H holdfast-replan 1 1 1 1 1 7\nK 2 1 2500 30\nF 0 U 10\nL 0 0 500 10 2 1\nS 0 0 4\nO 0 0 3 400 1 0:2:0\n";
/// let problem = bench_format::parse(text).unwrap();
/// let plan = solve(&problem, &Options::for_problem(&problem), &mut |_| Control::Continue);
/// assert_eq!((plan.cost(), plan.bound()), (520, 520));
/// assert!(check(&problem, &plan).is_empty());
/// ```
pub fn solve(
    problem: &Problem,
    options: &Options,
    progress: &mut (dyn FnMut(&Progress) -> Control + Send),
) -> Plan {
    let pool = options.threads.and_then(|threads| {
        // Without a pool of its own it runs on the common one: slower or faster, never different.
        rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build().ok()
    });
    match pool {
        Some(pool) => pool.install(|| Run::new(problem, options, progress).go()),
        None => Run::new(problem, options, progress).go(),
    }
}

struct Run<'p, 'c> {
    model: Model<'p>,
    options: Options,
    progress: &'c mut (dyn FnMut(&Progress) -> Control + Send),
    dual: Dual,
    best: Option<State>,
    /// Cost of a better one the search holds, scaled.
    found: Option<i64>,
    /// Lowest weighed cost of a plan taken out of the search.
    taken: i64,
    work: Work,
    stopped: Option<Stopped>,
}

impl<'p, 'c> Run<'p, 'c> {
    fn new(
        problem: &'p Problem,
        options: &Options,
        progress: &'c mut (dyn FnMut(&Progress) -> Control + Send),
    ) -> Self {
        let model = Model::compile(problem);
        let dual = Dual::new(&model);
        let work = Work { units: model.orders.len() as u64, price_steps: 1, moves: 0 };
        Self {
            model,
            options: *options,
            progress,
            dual,
            best: None,
            found: None,
            taken: i64::MAX,
            work,
            stopped: None,
        }
    }

    fn go(mut self) -> Plan {
        let builds: &[u64] = if self.model.orders.len() < MANY { &BUILDS } else { &BUILDS_MANY };
        for &steps in builds {
            self.raise_prices(steps);
            self.build();
        }
        self.search();
        let state = self.best.take().unwrap_or_else(|| State::empty(&self.model));
        finish(&self.model, state, &mut self.dual, self.work, self.stopped.unwrap_or(Stopped::WorkSpent))
    }

    /// Tells the caller where it stands; true to go on.
    fn checkpoint(&mut self) -> bool {
        let bound = bound_in_minor_units(self.dual.best_bound);
        let best = self.best.as_ref().map(|state| state.total(&self.model));
        let cost = best.map(|cost| cost.min(self.found.unwrap_or(i64::MAX)) / PRICE_SCALE);
        let gap_now = cost.map_or(1.0, |cost| gap(cost, bound));
        let now = Progress { work: self.work.units, cost, bound, gap: gap_now };
        let control = (self.progress)(&now);
        let Some(best) = &self.best else { return true };
        let fair = best.floor_missed(&self.model) == 0;
        self.stopped = match control {
            Control::Stop => Some(Stopped::ByCaller),
            Control::Continue if cost == Some(bound) && fair => Some(Stopped::Optimal),
            Control::Continue if gap_now <= self.options.gap && fair => Some(Stopped::GapReached),
            Control::Continue if self.work.units >= self.options.work => Some(Stopped::WorkSpent),
            Control::Continue => None,
        };
        self.stopped.is_none()
    }

    fn raise_prices(&mut self, steps: u64) {
        while self.stopped.is_none() && self.dual.steps < steps {
            self.dual.step(&self.model);
            self.work.units += self.model.orders.len() as u64;
            self.work.price_steps += 1;
            self.checkpoint();
        }
    }

    /// Makes a plan from the prices at hand.
    fn build(&mut self) {
        if self.stopped.is_some() {
            return;
        }
        let sequence: Vec<u32> = (0..self.model.orders.len() as u32).collect();
        let mut state = self.construct(&sequence, vec![true; self.model.sites]);
        let standby = self.model.standby.clone();
        for (site, _) in standby {
            let mut active = state.active.clone();
            active[usize::from(site)] = false;
            let without = self.construct(&sequence, active);
            if self.rank(&without) < self.rank(&state) {
                state = without;
            }
        }
        split_backordered(&self.model, &mut state);
        meet_floors(&self.model, &self.dual.best, &sequence, &mut state);
        self.keep(state);
        self.checkpoint();
    }

    fn construct(&mut self, sequence: &[u32], active: Vec<bool>) -> State {
        let mut state = State::empty(&self.model);
        state.active = active;
        state.unkept_price.clone_from(&self.dual.best.unkept);
        construct(&self.model, &self.dual.best, sequence, &mut state);
        self.work.units += self.model.orders.len() as u64;
        state
    }

    fn rank(&self, state: &State) -> (i64, i64) {
        (state.floor_missed(&self.model), state.total(&self.model))
    }

    fn keep(&mut self, state: State) {
        if self.best.as_ref().is_none_or(|best| self.rank(&state) < self.rank(best)) {
            self.best = Some(state);
        }
    }

    /// Makes the plan better round by round.
    fn search(&mut self) {
        let Some(state) = self.best.clone() else { return };
        if self.stopped.is_some() {
            return;
        }
        let prices = self.dual.best.clone();
        self.dual.relaxation.evaluate(&self.model, &prices);
        self.work.units += self.model.orders.len() as u64;
        let mut quest = Quest::new(&self.model, state, &prices, self.options.seed);
        while self.stopped.is_none() {
            let relaxed = &self.dual.relaxation.choice;
            let done = quest.round(&self.model, &prices, relaxed, self.options.seed);
            self.work.units += done.work;
            self.work.moves += done.moves;
            if quest.holds() {
                self.take_best(&mut quest);
            }
            self.checkpoint();
            if done.exhausted {
                self.stopped.get_or_insert(Stopped::Exhausted);
            }
        }
        if self.found.is_some() {
            self.keep(quest.best(&self.model));
        }
    }

    /// Notes the best of the search; copies it out only where its cost is not all that counts.
    fn take_best(&mut self, quest: &mut Quest) {
        if self.model.any_floor || !quest.is_ruining() {
            self.found = None;
            if quest.best_cost() < self.taken {
                self.taken = quest.best_cost();
                self.keep(quest.best(&self.model));
            }
        } else {
            let activation = self.best.as_ref().map_or(0, |best| best.total(&self.model) - best.cost);
            self.found = Some(quest.best_cost().saturating_add(activation));
        }
    }
}
