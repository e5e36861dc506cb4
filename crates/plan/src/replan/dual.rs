//! Raising the bound: prices follow the use of what they price.
//!
//! Each price moves along a running average of its own overuse, measured in its running root mean square, by a
//! step that shrinks geometrically. Slots with one unit and slots with a thousand then move alike, which a
//! plain subgradient with Polyak's step does not manage: on the shared instances it needs ten times the steps.
//! Any prices give a valid bound, so nothing here has to be exact.

use super::model::Model;
use super::plan::Prices;
use super::price::{PRICE_MAX, PriceTable, Relaxation};

/// First step for a unit of stock, in average costs of a unit at no prices.
const STEP_FIRST: f64 = 0.40;
/// Factor from step to step.
const STEP_SHRINK: f64 = 0.962;
/// Share of the newest overuse in the average that is followed.
const FRESH: f64 = 0.3;
/// Share of the newest overuse in the mean square.
const FRESH_SQUARE: f64 = 0.05;
/// Added to the root mean square, in units, so that a slot that is hardly touched does not jump.
const CALM: f64 = 0.1;
/// First step for a work unit, as a share of the step for a unit of stock divided by its average work.
const WORK_SHARE: f64 = 0.4;

/// One family of prices with its running averages.
struct Track {
    point: Vec<f64>,
    mean: Vec<f64>,
    square: Vec<f64>,
    scale: f64,
}

impl Track {
    fn new(size: usize, scale: f64) -> Self {
        Self { point: vec![0.0; size], mean: vec![0.0; size], square: vec![0.0; size], scale }
    }

    fn advance(&mut self, over: &[i64], step: f64, weigh: f64, prices: &mut [i64]) {
        let step = step * self.scale;
        for (at, price) in prices.iter_mut().enumerate() {
            // What is unused at no price is no news.
            let use_over = if self.point[at] == 0.0 { over[at].max(0) } else { over[at] } as f64;
            let mean = self.mean[at] + FRESH * (use_over - self.mean[at]);
            let square = self.square[at] + FRESH_SQUARE * (use_over * use_over - self.square[at]);
            self.mean[at] = if self.point[at] == 0.0 { mean.max(0.0) } else { mean };
            self.square[at] = square;
            let moved = self.point[at] + step * self.mean[at] / ((square / weigh).sqrt() + CALM);
            self.point[at] = moved.clamp(0.0, PRICE_MAX as f64);
            *price = self.point[at].round() as i64;
        }
    }
}

/// The search for good prices, one step at a time.
pub(crate) struct Dual {
    pub(crate) relaxation: Relaxation,
    /// Best prices so far, and their bound, scaled.
    pub(crate) best: PriceTable,
    pub(crate) best_bound: i128,
    now: PriceTable,
    stock: Track,
    work: Track,
    unkept: Track,
    step: f64,
    pub(crate) steps: u64,
}

impl Dual {
    pub(crate) fn new(model: &Model) -> Self {
        let now = PriceTable::zero(model);
        let mut relaxation = Relaxation::new(model);
        let bound = relaxation.evaluate(model, &now);
        let units: f64 = model.lines.iter().map(|line| f64::from(line.units)).sum::<f64>().max(1.0);
        let unit_cost = (bound as f64 / units).max(1.0);
        let work: f64 = relaxation.used_work();
        let unit_work = (work / units).max(1e-3);
        let weight: f64 = model.orders.iter().map(|o| f64::from(o.weight)).sum::<f64>();
        let mean_weight = (weight / model.orders.len().max(1) as f64).max(1.0);
        Self {
            relaxation,
            best: now.clone(),
            best_bound: bound,
            stock: Track::new(now.stock.len(), unit_cost),
            work: Track::new(now.work.len(), WORK_SHARE * unit_cost / unit_work),
            unkept: Track::new(now.unkept.len(), unit_cost / mean_weight),
            now,
            step: STEP_FIRST,
            steps: 1,
        }
    }

    /// The best prices, with the values of the lines they cannot be had from again.
    pub(crate) fn publish(&mut self, model: &Model) -> Prices {
        let line_values = self.relaxation.line_values(model, &self.best);
        Prices { line_values, ..self.best.publish(model) }
    }

    /// One step. Returns the bound found there, scaled; the best is kept.
    pub(crate) fn step(&mut self, model: &Model) -> i128 {
        let weigh = 1.0 - (1.0 - FRESH_SQUARE).powi(i32::try_from(self.steps).unwrap_or(i32::MAX));
        let Self { relaxation, now, step, .. } = self;
        self.stock.advance(&relaxation.over.stock, *step, weigh, &mut now.stock);
        self.work.advance(&relaxation.over.work, *step, weigh, &mut now.work);
        if model.any_floor {
            self.unkept.advance(&relaxation.over.unkept, *step, weigh, &mut now.unkept);
        }
        self.step *= STEP_SHRINK;
        self.steps += 1;
        let bound = self.relaxation.evaluate(model, &self.now);
        if bound > self.best_bound {
            self.best_bound = bound;
            self.best.clone_from(&self.now);
        }
        bound
    }
}
