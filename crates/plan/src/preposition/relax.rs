//! Continuous stock and its prices, by a primal-dual method with restarts (Chambolle and Pock 2011; restarts
//! and primal weight after Applegate et al., PDLP, 2021).
//!
//! Iterates are never trusted: what comes out is a stock whose cost is evaluated exactly and prices whose bound
//! holds by construction. A slow convergence shows as a gap, never as a wrong number.

use super::outlook::{Good, bound};

/// Stock with its price certificate.
#[derive(Clone, Debug)]
pub(crate) struct Relaxed {
    /// By good, then place.
    pub stock: Vec<Vec<f64>>,
    /// By good, outlook, then place.
    pub prices: Vec<Vec<Vec<f64>>>,
    /// By place: price of a unit of room.
    pub room_price: Vec<f64>,
    /// Cost of the stock (room not charged for), where it fits.
    pub cost: f64,
    /// Lower bound.
    pub lower_bound: f64,
    /// Rounds done.
    pub rounds: u64,
    /// Where the method stood, to go on from.
    state: State,
    weights: Vec<f64>,
}

/// Goods that share room at places.
pub(crate) struct Relaxation<'a> {
    pub goods: &'a [Good],
    /// By good, then place: cost of a unit of stock.
    pub unit_cost: &'a [Vec<f64>],
    /// By good: room a unit takes.
    pub volume: &'a [f64],
    /// By place: room there is; `None` where room is free.
    pub room: Option<&'a [f64]>,
}

/// How long to try and when to stop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Rounds between restarts.
    pub rounds_per_epoch: u32,
    /// Restarts at most.
    pub epochs: u32,
    /// Relative gap that is good enough.
    pub gap: f64,
    /// A bound that is high enough: what costs more is of no interest.
    pub enough: f64,
}

/// One good's iterate: flows and prices of outlooks side by side.
#[derive(Clone, Debug)]
struct Iterate {
    stock: Vec<f64>,
    flow: Vec<Vec<f64>>,
    sink: Vec<Vec<f64>>,
    place: Vec<Vec<f64>>,
}

#[derive(Clone, Debug)]
struct State {
    goods: Vec<Iterate>,
    room_price: Vec<f64>,
}

impl Relaxation<'_> {
    fn places(&self) -> usize {
        self.goods.first().map_or(0, Good::places)
    }

    fn begin(&self) -> State {
        let goods = self.goods.iter().map(|good| Iterate {
            stock: vec![0.0; good.places()],
            flow: good.outlooks.iter().map(|o| vec![0.0; good.places() * o.demand.len()]).collect(),
            sink: good.outlooks.iter().map(|outlook| outlook.unserved.clone()).collect(),
            place: good.outlooks.iter().map(|_| vec![good.holding; good.places()]).collect(),
        });
        State { goods: goods.collect(), room_price: vec![0.0; self.places()] }
    }

    /// The bound of a state's prices; room pays its price back.
    fn bound(&self, state: &State) -> f64 {
        let rent: f64 = match self.room {
            Some(room) => room.iter().zip(&state.room_price).map(|(room, price)| room * price).sum(),
            None => 0.0,
        };
        let goods = self.goods.iter().enumerate().map(|(k, good)| {
            let cost: Vec<f64> =
                (0..good.places()).map(|i| self.unit_cost_at(k, i, &state.room_price)).collect();
            bound(good, &cost, &state.goods[k].place)
        });
        goods.sum::<f64>() - rent
    }

    /// Whether nothing can be laid at a place.
    fn closed(&self, place: usize) -> bool {
        self.room.is_some_and(|room| room[place] <= 0.0)
    }

    /// What a unit costs with the rent of its room; nothing can be laid at a closed place at any cost.
    fn unit_cost_at(&self, good: usize, place: usize, room_price: &[f64]) -> f64 {
        if self.closed(place) {
            return f64::INFINITY;
        }
        let rent = if self.room.is_some() { room_price[place] * self.volume[good] } else { 0.0 };
        self.unit_cost[good][place] + rent
    }

    /// A state's stock cut to the room there is, and its exact cost.
    fn fitted(&self, state: &State) -> (Vec<Vec<f64>>, f64) {
        let mut stock: Vec<Vec<f64>> = state.goods.iter().map(|good| good.stock.clone()).collect();
        if let Some(room) = self.room {
            for (place, room) in room.iter().enumerate() {
                let used: f64 =
                    stock.iter().zip(self.volume).map(|(stock, volume)| stock[place] * volume).sum();
                if used > *room || *room <= 0.0 {
                    let share = if *room <= 0.0 { 0.0 } else { room / used };
                    stock.iter_mut().for_each(|stock| stock[place] *= share);
                }
            }
        }
        let cost = self.cost(&stock);
        (stock, cost)
    }

    /// Unit costs and expected second stage of a stock.
    pub(crate) fn cost(&self, stock: &[Vec<f64>]) -> f64 {
        let goods = self.goods.iter().zip(stock).zip(self.unit_cost).map(|((good, stock), unit)| {
            {
                // Nothing laid costs nothing, also where laying is impossible (an infinite cost).
                let laid = stock.iter().zip(unit).filter(|(units, _)| **units > 0.0);
                laid.map(|(units, cost)| units * cost).sum::<f64>() + good.expected(stock)
            }
        });
        goods.sum()
    }

    /// Stock and prices that prove each other, to the gap asked for or as far as the effort goes.
    pub(crate) fn solve(&self, effort: Effort, warm: Option<&Relaxed>) -> Relaxed {
        let state = warm.map_or_else(|| self.begin(), |warm| warm.state.clone());
        let weights = warm.map_or_else(|| self.first_weights(), |warm| warm.weights.clone());
        self.run(state, weights, effort)
    }

    fn run(&self, mut state: State, mut weights: Vec<f64>, effort: Effort) -> Relaxed {
        let (stock, cost) = self.fitted(&state);
        let mut best = Relaxed {
            prices: state.goods.iter().map(|good| good.place.clone()).collect(),
            room_price: state.room_price.clone(),
            lower_bound: self.bound(&state),
            stock,
            cost,
            rounds: 0,
            state: state.clone(),
            weights: weights.clone(),
        };
        for _ in 0..effort.epochs {
            let before = state.clone();
            let (last, mean) = self.epoch(&state, &weights, effort.rounds_per_epoch);
            best.rounds += u64::from(effort.rounds_per_epoch);
            let mut merit = [0.0; 2];
            for (merit, candidate) in merit.iter_mut().zip([&last, &mean]) {
                let (stock, cost) = self.fitted(candidate);
                let lower = self.bound(candidate);
                *merit = cost - lower;
                if cost < best.cost {
                    (best.stock, best.cost) = (stock, cost);
                }
                if lower > best.lower_bound {
                    best.lower_bound = lower;
                    best.prices = candidate.goods.iter().map(|good| good.place.clone()).collect();
                    best.room_price.clone_from(&candidate.room_price);
                }
            }
            state = if merit[1] < merit[0] { mean } else { last };
            self.adapt(&mut weights, &before, &state);
            if best.cost - best.lower_bound <= effort.gap * best.cost.abs()
                || best.lower_bound >= effort.enough
            {
                break;
            }
        }
        (best.state, best.weights) = (state, weights);
        best
    }

    /// By good: a typical price over a typical quantity.
    fn first_weights(&self) -> Vec<f64> {
        let typical = |good: &Good| {
            let (mut price, mut units) = (0.0, 0.0);
            for outlook in &good.outlooks {
                price += outlook.probability * outlook.unserved.iter().copied().fold(0.0, f64::max).powi(2);
                units += outlook.probability * outlook.demand.iter().map(|units| units * units).sum::<f64>();
            }
            if units > 0.0 && price > 0.0 { (price / units).sqrt() } else { 1.0 }
        };
        self.goods.iter().map(typical).collect()
    }

    /// The weights that would have made prices and quantities move alike, blended with the old ones.
    fn adapt(&self, weights: &mut [f64], before: &State, after: &State) {
        let moved = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>();
        for (k, (good, weight)) in self.goods.iter().zip(weights).enumerate() {
            let (a, b) = (&before.goods[k], &after.goods[k]);
            let (mut quantity, mut price) = (moved(&a.stock, &b.stock), 0.0);
            for (s, outlook) in good.outlooks.iter().enumerate() {
                quantity += outlook.probability * moved(&a.flow[s], &b.flow[s]);
                price +=
                    outlook.probability * (moved(&a.sink[s], &b.sink[s]) + moved(&a.place[s], &b.place[s]));
            }
            if quantity > 0.0 && price > 0.0 {
                *weight = weight.sqrt() * (price / quantity).sqrt().sqrt();
            }
        }
    }

    /// A number of rounds from a state: the last state and the mean of all.
    fn epoch(&self, start: &State, weights: &[f64], rounds: u32) -> (State, State) {
        let mut state = start.clone();
        let mut mean = start.clone();
        let share: Vec<Vec<f64>> = self.goods.iter().map(Good::surviving).collect();
        let mut pull = vec![0.0; self.places()];
        for round in 1..=rounds {
            let blend = 1.0 / f64::from(round);
            let mut taken = vec![0.0; self.places()];
            for (k, (good, weight)) in self.goods.iter().zip(weights.iter().copied()).enumerate() {
                pull.fill(0.0);
                for (outlook, price) in good.outlooks.iter().zip(&state.goods[k].place) {
                    for place in 0..good.places() {
                        pull[place] += outlook.probability * outlook.survives[place] * price[place];
                    }
                }
                let iterate = &mut state.goods[k];
                let mut ahead = vec![0.0; good.places()];
                for place in (0..good.places()).filter(|place| !self.closed(*place)) {
                    let volume = if self.room.is_some() { self.volume[k] } else { 0.0 };
                    let slope = self.unit_cost[k][place]
                        + volume * state.room_price[place]
                        + good.holding * share[k][place]
                        - pull[place];
                    let step = 1.0 / (weight * (share[k][place] + room_row(volume)).max(1e-9));
                    let next = (iterate.stock[place] - step * slope).max(0.0);
                    ahead[place] = 2.0 * next - iterate.stock[place];
                    taken[place] += volume * ahead[place];
                    iterate.stock[place] = next;
                }
                for (s, outlook) in good.outlooks.iter().enumerate() {
                    step_outlook(good, outlook, s, iterate, &ahead, weight);
                    let mean = &mut mean.goods[k];
                    toward(&mut mean.flow[s], &iterate.flow[s], blend);
                    toward(&mut mean.sink[s], &iterate.sink[s], blend);
                    toward(&mut mean.place[s], &iterate.place[s], blend);
                }
                toward(&mut mean.goods[k].stock, &iterate.stock, blend);
            }
            if let Some(room) = self.room {
                for (place, room) in room.iter().enumerate().filter(|(_, room)| **room > 0.0) {
                    let column = |(volume, weight): (&f64, &f64)| volume * volume / weight;
                    let step = 1.0 / self.volume.iter().zip(weights).map(column).sum::<f64>().max(1e-9);
                    state.room_price[place] =
                        (state.room_price[place] + step * (taken[place] - room)).max(0.0);
                }
                toward(&mut mean.room_price, &state.room_price, blend);
            }
        }
        (state, mean)
    }
}

/// A room row counts as one in a stock column, its step being divided by the volumes' squares.
fn room_row(volume: f64) -> f64 {
    if volume > 0.0 { 1.0 } else { 0.0 }
}

fn toward(mean: &mut [f64], value: &[f64], blend: f64) {
    for (mean, value) in mean.iter_mut().zip(value) {
        *mean += blend * (value - *mean);
    }
}

/// Moves the flows of one outlook along their reduced cost, then the prices along what is missing.
fn step_outlook(
    good: &Good,
    outlook: &super::outlook::Outlook,
    s: usize,
    iterate: &mut Iterate,
    stock_ahead: &[f64],
    weight: f64,
) {
    let sinks = outlook.demand.len();
    let (flow, sink, place) = (&mut iterate.flow[s], &mut iterate.sink[s], &mut iterate.place[s]);
    let step = 0.5 / weight;
    let mut reached = vec![0.0; sinks];
    let alive = outlook.survives.iter().filter(|lives| **lives > 0.0).count().max(1) as f64;
    for i in 0..good.places() {
        let lives = outlook.survives[i];
        if lives <= 0.0 {
            continue;
        }
        let mut sent = 0.0;
        let row = i * sinks..(i + 1) * sinks;
        let costs = &outlook.unit_cost[row.clone()];
        for (((flow, cost), sink), reached) in
            flow[row].iter_mut().zip(costs).zip(sink.iter()).zip(&mut reached)
        {
            let next = (*flow - step * (cost - sink + place[i])).max(0.0);
            let ahead = 2.0 * next - *flow;
            *flow = next;
            sent += ahead;
            *reached += ahead;
        }
        let stock = lives * (good.held[i] + stock_ahead[i]);
        place[i] = (place[i] + weight / (sinks as f64 + 1.0) * (sent - stock)).max(0.0);
    }
    for (j, sink) in sink.iter_mut().enumerate() {
        let missing = outlook.demand[j] - reached[j];
        *sink = (*sink + weight / alive * missing).clamp(0.0, outlook.unserved[j] + good.holding);
    }
}
