//! The search after the first plan: pushing aside until nothing gives, then ruin and recreate for as long as
//! there is work.
//!
//! Two lanes start each round from the same plan and ruin apart; what the second found is then done on the
//! first, move by move where it still holds, and the second is brought to the same plan again. The lanes are
//! the same on one thread and on many, so the plan is too.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rayon::iter::{IntoParallelRefMutIterator as _, ParallelIterator as _};
use smallvec::SmallVec;

use super::improve::{Round, Search};
use super::model::{Model, NONE};
use super::price::PriceTable;
use super::ruin::SMALL;
use super::state::{SPLIT, State};

/// Lanes that search apart.
const LANES: usize = 2;
/// Work units each lane spends between two checkpoints, at least, and for each hundred orders.
const ROUND_WORK: u64 = 4000;
const ROUND_WORK_HUNDRED: u64 = 20;
/// Rounds between two looks at which orders are worth a ruin, with a local search in between.
const ROUNDS_A_SURVEY: u64 = 10;
/// Share of the average cost of an order by which a ruin may grow the cost, at first, on average.
const HEAT: f64 = 1.0 / 32.0;
/// Work units for each order in which the heat falls to a half.
const COOLING: f64 = 200.0;
/// Share of a scarce capacity that is lent while orders are pushed aside, as a divisor.
const LENT: i64 = 32;
/// Times the price of lent work is raised before the search starts over with nothing lent.
const RECALLS_MAX: u32 = 12;
/// Work is lent at no more capacities than this: with more, what one gives back another takes.
const LENDERS_MAX: usize = 6;

/// A move one lane made: every order it touched with its new choice, and how much more it costs.
struct Move {
    orders: SmallVec<[(u32, SmallVec<[u32; 6]>); 8]>,
    more: i64,
}

struct Lane {
    search: Search,
    rng: ChaCha8Rng,
    log: Vec<Move>,
}

/// What the search is doing.
enum Phase {
    /// Pushing aside, with work lent at prices; how often it was asked back.
    Lending(u32),
    /// Pushing aside with nothing lent.
    Settling,
    /// Ruin and recreate.
    Ruining,
}

/// The whole search, one round at a time.
pub(crate) struct Quest {
    base: Lane,
    others: Vec<Lane>,
    phase: Phase,
    work_prices: Vec<i64>,
    amounts: Vec<i64>,
    /// Orders that want something scarce, and those of them that do worse than they would alone.
    contested: Vec<u32>,
    suspects: Vec<u32>,
    /// The plan before anything was lent.
    start: Option<State>,
    heat: f64,
    orders: f64,
    spent: u64,
    rounds: u64,
}

impl Quest {
    pub(crate) fn new(model: &Model, state: State, prices: &PriceTable, seed: u64) -> Self {
        let priced = prices.work.iter().zip(&model.capacity);
        let amounts: Vec<i64> =
            priced.map(|(price, work)| if *price > 0 { work / LENT } else { 0 }).collect();
        let orders = model.orders.len().max(1) as f64;
        let heat = HEAT * state.cost as f64 / orders;
        let lenders = amounts.iter().filter(|&&amount| amount > 0).count();
        let lends = (1..=LENDERS_MAX).contains(&lenders);
        let mut quest = Self {
            start: lends.then(|| state.clone()),
            base: Lane::new(model, state, seed, 0),
            others: Vec::new(),
            phase: Phase::Lending(0),
            work_prices: prices.work.clone(),
            amounts,
            contested: contested(model, prices),
            suspects: Vec::new(),
            heat,
            orders,
            spent: 0,
            rounds: 0,
        };
        if lends {
            quest.base.search.lend(&quest.amounts, &quest.work_prices);
        } else {
            quest.phase = Phase::Settling;
        }
        quest
    }

    /// Whether the plan at hand keeps within every capacity.
    pub(crate) fn holds(&self) -> bool {
        self.base.search.state.overdrawn() == 0
    }

    /// Whether nothing is lent any more and plans differ in cost alone.
    pub(crate) fn is_ruining(&self) -> bool {
        matches!(self.phase, Phase::Ruining)
    }

    /// Cost of the best plan met, penalties included; scaled.
    pub(crate) fn best_cost(&self) -> i64 {
        self.base.search.best_cost
    }

    /// The best plan met since work was last lent or taken back.
    pub(crate) fn best(&mut self, model: &Model) -> State {
        self.base.search.best(model)
    }

    /// One round. `relaxed` is what each line would choose alone under `prices`.
    pub(crate) fn round(&mut self, model: &Model, prices: &PriceTable, relaxed: &[u32], seed: u64) -> Round {
        let done = match self.phase {
            Phase::Lending(times) => {
                let done = self.base.search.round(model);
                if done.exhausted {
                    self.recall(model, times);
                }
                Round { exhausted: false, ..done }
            }
            Phase::Settling => {
                let done = self.base.search.round(model);
                if done.exhausted {
                    self.phase = Phase::Ruining;
                    self.others = (1..LANES)
                        .map(|lane| Lane::new(model, self.base.search.state.clone(), seed, lane as u64))
                        .collect();
                }
                Round { exhausted: done.exhausted && self.contested.is_empty(), ..done }
            }
            Phase::Ruining => self.ruin(model, prices, relaxed),
        };
        self.spent += done.work;
        done
    }

    /// Asks for the work back that was lent, at a higher price; when it is back, nothing is lent any more.
    fn recall(&mut self, model: &Model, times: u32) {
        let start = self.start.take();
        let search = &mut self.base.search;
        if search.state.overdrawn() == 0 {
            let none = vec![0; self.amounts.len()];
            search.lend(&none, &none);
            self.phase = Phase::Settling;
            return;
        }
        if let Some(start) = start {
            if times >= RECALLS_MAX {
                let spent = (search.work, search.moves);
                *search = Search::new(model, start);
                (search.work, search.moves) = spent;
                self.phase = Phase::Settling;
                return;
            }
            self.start = Some(start);
        }
        for (cap, price) in self.work_prices.iter_mut().enumerate() {
            if search.state.room[cap] < search.state.lent[cap] {
                *price += *price / 32 + 1;
            }
        }
        search.lend(&self.amounts, &self.work_prices);
        self.phase = Phase::Lending(times + 1);
    }

    fn ruin(&mut self, model: &Model, prices: &PriceTable, relaxed: &[u32]) -> Round {
        let (work, moves) = (self.base.search.work, self.base.search.moves);
        if self.rounds.is_multiple_of(ROUNDS_A_SURVEY) {
            self.survey(model, prices, relaxed);
        }
        self.rounds += 1;
        let heat = self.heat / (1.0 + self.spent as f64 / (self.orders * COOLING));
        let Self { base, others, contested, suspects, .. } = self;
        let mut lanes: Vec<&mut Lane> = core::iter::once(base).chain(others.iter_mut()).collect();
        lanes.par_iter_mut().for_each(|lane| lane.ruin(model, prices, contested, suspects, heat));
        let spent: u64 = self.others.iter().map(|lane| lane.search.work).sum();
        self.merge(model);
        let others: u64 = self.others.iter_mut().map(|lane| core::mem::take(&mut lane.search.work)).sum();
        debug_assert!(others >= spent);
        let search = &self.base.search;
        Round { work: search.work - work + others, moves: search.moves - moves, exhausted: false }
    }

    /// Finds the orders that do worse than alone, after a local search on what the ruins left.
    fn survey(&mut self, model: &Model, prices: &PriceTable, relaxed: &[u32]) {
        let first = self.rounds == 0;
        self.base.search.mark = 0;
        if !first {
            self.base.search.round(model);
            let state = &self.base.search.state;
            for lane in &mut self.others {
                let all: Vec<u32> = (0..model.orders.len() as u32)
                    .filter(|&index| {
                        let lines = State::lines(&model.orders[index as usize]);
                        lane.search.state.choice[lines.clone()] != state.choice[lines]
                    })
                    .collect();
                lane.search.copy(model, state, &all);
            }
        }
        let state = &self.base.search.state;
        let worse = |index: &u32| {
            let order = &model.orders[*index as usize];
            let lines = State::lines(order);
            let now = priced_cost(model, prices, *index, &state.choice[lines.clone()]);
            now - priced_cost(model, prices, *index, &relaxed[lines]) > self.heat as i64 / 8
        };
        self.suspects = self.contested.iter().copied().filter(worse).collect();
    }

    /// Does the other lanes' moves on the base where they still hold, and brings every lane to the same plan.
    fn merge(&mut self, model: &Model) {
        let mut touched: Vec<u32> = Vec::new();
        for lane in core::iter::once(&self.base).chain(&self.others) {
            touched.extend(lane.log.iter().flat_map(|made| made.orders.iter().map(|order| order.0)));
        }
        touched.sort_unstable();
        touched.dedup();
        for lane in &mut self.others {
            for made in lane.log.drain(..) {
                self.base.search.redo(model, &made.orders, made.more);
            }
        }
        self.base.log.clear();
        for lane in &mut self.others {
            lane.search.copy(model, &self.base.search.state, &touched);
        }
    }
}

impl Lane {
    fn new(model: &Model, state: State, seed: u64, lane: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        // One stream for each lane: purpose "ruin", entity the lane.
        rng.set_stream(0x7275_696e_0000 + lane);
        Self { search: Search::new(model, state), rng, log: Vec::new() }
    }

    fn ruin(&mut self, model: &Model, prices: &PriceTable, contested: &[u32], suspects: &[u32], heat: f64) {
        let Self { search, rng, log } = self;
        let end = search.work + ROUND_WORK + model.orders.len() as u64 / 100 * ROUND_WORK_HUNDRED;
        if contested.is_empty() {
            search.work = end;
        }
        while search.work < end {
            let from = if suspects.is_empty() || rng.random_bool(0.5) { contested } else { suspects };
            let order = from[rng.random_range(0..from.len())];
            let draw: f64 = rng.random();
            let grow = 1 + (-(draw.max(1e-9)).ln() * heat) as i64;
            search.work += 1;
            if let Some(more) = search.ruin(model, prices, rng, order, grow) {
                let orders = search.undo.iter().map(|(index, _)| {
                    let lines = State::lines(&model.orders[*index as usize]);
                    (*index, search.state.choice[lines].iter().copied().collect())
                });
                log.push(Move { orders: orders.collect(), more });
                search.commit(model);
            }
        }
    }
}

/// Orders with a line whose stock, or a site whose work, has a price.
fn contested(model: &Model, prices: &PriceTable) -> Vec<u32> {
    if model.orders.len() <= SMALL {
        return (0..model.orders.len() as u32).collect();
    }
    let days = usize::from(model.problem.horizon_days);
    let busy: Vec<bool> =
        prices.work.chunks(days).map(|prices| prices.iter().any(|&price| price > 0)).collect();
    let wants = |order: &super::model::ModelOrder| {
        let rows = order.first_row as usize..order.first_row as usize + usize::from(order.rows);
        if model.row_site[rows].iter().any(|&site| busy[usize::from(site)]) {
            return true;
        }
        let first = order.first_row_slot as usize;
        let slots = &model.row_slots[first..first + usize::from(order.rows) * usize::from(order.lines)];
        let carried = || model.lines[State::lines(order)].iter().flat_map(|line| model.carried(line.sku));
        slots.iter().any(|&slot| slot != NONE && prices.stock[slot as usize] > 0)
            || order.via && carried().any(|&(_, slot)| prices.stock[slot as usize] > 0)
    };
    let orders = model.orders.iter().enumerate().filter(|(_, order)| wants(order));
    orders.map(|(index, _)| index as u32).collect()
}

/// What the order costs with this choice, at prices.
fn priced_cost(model: &Model, prices: &PriceTable, index: u32, choice: &[u32]) -> i64 {
    let order = &model.orders[index as usize];
    let lines = &model.lines[State::lines(order)];
    let mut cost = 0;
    for (at, (&number, line)) in choice.iter().zip(lines).enumerate() {
        if number == NONE || number == SPLIT {
            cost += line.backorder;
            continue;
        }
        let opt = &model.opts[number as usize];
        let slot = model.slot_of(line.sku, opt.source);
        let work = prices.work[opt.cap as usize];
        let unit = prices.stock[slot as usize] + work * i64::from(opt.work_unit);
        cost += model.piece_cost(order, line, opt, line.units) + unit * i64::from(line.units);
        if !model.shares_parcel(&choice[..at], number) {
            cost += opt.fix + work * i64::from(opt.work_parcel);
        }
    }
    cost
}
