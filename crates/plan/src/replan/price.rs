//! The relaxation: every order solved alone under prices of stock, work and broken promises, in whole numbers.
//!
//! For any prices that are not negative, [`Relaxation::evaluate`] returns a lower bound on the cost of every
//! plan: the orders' least priced costs, less what the prices pay for what there is. Sums of whole numbers do
//! not depend on their order, so neither does the result on the number of threads.

use rayon::iter::{IntoParallelRefMutIterator as _, ParallelIterator as _};

use super::long_order::Long;
use super::model::{Model, ModelOrder, NONE, Opt};
use super::plan::{PRICE_SCALE, Prices};
use super::subproblem::{EXACT_LINES, Scratch, View, solve};

/// Prices by slot, capacity and merchant; scaled, never negative.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct PriceTable {
    pub(crate) stock: Vec<i64>,
    pub(crate) work: Vec<i64>,
    pub(crate) unkept: Vec<i64>,
}

/// No price is higher: more than any cost, and a thousand units of it still fit.
pub(crate) const PRICE_MAX: i64 = 1 << 42;

impl PriceTable {
    pub(crate) fn zero(model: &Model) -> Self {
        Self {
            stock: vec![0; model.slots.len()],
            work: vec![0; model.capacity.len()],
            unkept: vec![0; model.kept_slack.len()],
        }
    }

    /// Sparse, with the names of the world outside.
    pub(crate) fn publish(&self, model: &Model) -> Prices {
        use holdfast_domain::id::{SiteId, SkuId};
        let days = usize::from(model.problem.horizon_days);
        let priced = |prices: &[i64]| -> Vec<(usize, i64)> {
            prices.iter().copied().enumerate().filter(|&(_, price)| price > 0).collect()
        };
        Prices {
            stock: priced(&self.stock)
                .into_iter()
                .map(|(slot, price)| (SkuId(model.slots[slot].sku), SiteId(model.slots[slot].site), price))
                .collect(),
            capacity: priced(&self.work)
                .into_iter()
                .map(|(cap, price)| (SiteId((cap / days) as u16), (cap % days) as u16, price))
                .collect(),
            fairness: priced(&self.unkept)
                .into_iter()
                .map(|(merchant, price)| (merchant as u16, price))
                .collect(),
            line_values: Vec::new(),
        }
    }
}

/// Prices as the subproblem sees them.
pub(crate) struct Priced<'a> {
    pub(crate) table: &'a PriceTable,
    /// Parcel cost and extra unit cost by option, price of work included.
    pub(crate) parcel: &'a [i64],
    pub(crate) unit: &'a [i64],
    pub(crate) any_floor: bool,
    /// Options no other option of their place is better than at these prices, and where each place's begin.
    pub(crate) live: &'a [u32],
    pub(crate) live_first: &'a [u32],
}

impl View for Priced<'_> {
    const BOUND: bool = true;

    #[inline]
    fn take(&self, slot: u32, units: u32) -> i64 {
        self.table.stock[slot as usize] * i64::from(units)
    }
    #[inline]
    fn parcel(&self, opt: usize, _at: &Opt) -> i64 {
        self.parcel[opt]
    }
    #[inline]
    fn unit(&self, opt: usize, _at: &Opt) -> i64 {
        self.unit[opt]
    }
    #[inline]
    fn ways<'a>(&'a self, model: &'a Model, zone: u16, site: u16, free: bool) -> &'a [u32] {
        if free {
            let at = usize::from(zone) * model.sites + usize::from(site);
            &self.live[self.live_first[at] as usize..self.live_first[at + 1] as usize]
        } else {
            &model.every_opt[model.options_of(zone, site)]
        }
    }
    #[inline]
    fn room(&self, _cap: u32) -> i64 {
        i64::MAX
    }
    #[inline]
    fn unkept(&self, order: &ModelOrder) -> i64 {
        if self.any_floor {
            self.table.unkept[usize::from(order.merchant)] * i64::from(order.weight)
        } else {
            0
        }
    }
}

/// Parts the orders are dealt into; more than threads, so that a slow one does not hold up the rest.
const PARTS: usize = 8;

/// What one part of the orders takes.
struct Part {
    first_order: usize,
    end_order: usize,
    lines: usize,
    value: i128,
    stock: Vec<i64>,
    work: Vec<i64>,
    unkept: Vec<i64>,
    scratch: Scratch,
}

/// The relaxation's memory, and what its last evaluation took of everything.
pub(crate) struct Relaxation {
    parts: Vec<Part>,
    parcel: Vec<i64>,
    unit: Vec<i64>,
    live: Vec<u32>,
    live_first: Vec<u32>,
    /// Option of each line in the last evaluation, or [`NONE`].
    pub(crate) choice: Vec<u32>,
    /// Use beyond what there is, by slot, capacity and merchant: the subgradient of the bound.
    pub(crate) over: PriceTable,
}

impl Relaxation {
    pub(crate) fn new(model: &Model) -> Self {
        let mut parts = Vec::new();
        let mut first_order = 0;
        for number in 1..=PARTS {
            let end_order = model.orders.len() * number / PARTS;
            let line_at =
                |order: usize| model.orders.get(order).map_or(model.lines.len(), |o| o.first_line as usize);
            parts.push(Part {
                first_order,
                end_order,
                lines: line_at(end_order) - line_at(first_order),
                value: 0,
                stock: vec![0; model.slots.len()],
                work: vec![0; model.capacity.len()],
                unkept: vec![0; model.kept_slack.len()],
                scratch: Scratch::new(),
            });
            first_order = end_order;
        }
        Self {
            parts,
            parcel: vec![0; model.plain_opts],
            unit: vec![0; model.plain_opts],
            live: Vec::new(),
            live_first: Vec::new(),
            choice: vec![NONE; model.lines.len()],
            over: PriceTable::zero(model),
        }
    }

    /// Solves every order under `table`; returns the bound, scaled.
    pub(crate) fn evaluate(&mut self, model: &Model, table: &PriceTable) -> i128 {
        self.price_options(model, table);
        let view = Priced {
            table,
            parcel: &self.parcel,
            unit: &self.unit,
            any_floor: model.any_floor,
            live: &self.live,
            live_first: &self.live_first,
        };
        let mut rest = self.choice.as_mut_slice();
        let mut dealt: Vec<(&mut Part, &mut [u32])> = Vec::with_capacity(PARTS);
        for part in &mut self.parts {
            let (mine, others) = rest.split_at_mut(part.lines);
            rest = others;
            dealt.push((part, mine));
        }
        dealt.par_iter_mut().for_each(|(part, choice)| part.solve(model, &view, choice));
        let orders: i128 = self.parts.iter().map(|part| part.value).sum();
        self.sum_up(model);
        orders + self.settle(model, table)
    }

    /// The values whose sums are the bounds of the orders too long to be solved exactly, by line number.
    pub(crate) fn line_values(&mut self, model: &Model, table: &PriceTable) -> Vec<(u32, i64)> {
        let mut values = Vec::new();
        if model.orders.iter().all(|order| usize::from(order.lines) <= EXACT_LINES) {
            return values;
        }
        self.price_options(model, table);
        let view = Priced {
            table,
            parcel: &self.parcel,
            unit: &self.unit,
            any_floor: model.any_floor,
            live: &self.live,
            live_first: &self.live_first,
        };
        let mut long = Long::default();
        for order in model.orders.iter().filter(|order| usize::from(order.lines) > EXACT_LINES) {
            let numbers = &model.line_number[order.first_line as usize..];
            values.extend(numbers.iter().copied().zip(long.values(model, &view, order).iter().copied()));
        }
        values
    }

    fn price_options(&mut self, model: &Model, table: &PriceTable) {
        for (number, opt) in model.opts[..model.plain_opts].iter().enumerate() {
            let work = table.work[opt.cap as usize];
            self.parcel[number] = opt.fix + work * i64::from(opt.work_parcel);
            self.unit[number] = work * i64::from(opt.work_unit);
        }
        self.find_live(model);
    }

    /// Finds the options worth a look where nothing has to wait. One that costs no less for the parcel and for
    /// each unit, arrives no earlier and carries no more than another of its place is never needed.
    fn find_live(&mut self, model: &Model) {
        self.live.clear();
        self.live_first.clear();
        for place in model.opt_first.windows(2) {
            self.live_first.push(self.live.len() as u32);
            let range = place[0] as usize..place[1] as usize;
            for at in range.clone() {
                let beaten = range.clone().any(|other| {
                    other != at
                        && self.beats(model, other, at)
                        && (other < at || !self.beats(model, at, other))
                });
                if !beaten {
                    self.live.push(at as u32);
                }
            }
        }
        self.live_first.push(self.live.len() as u32);
    }

    fn beats(&self, model: &Model, one: usize, other: usize) -> bool {
        let (a, b) = (&model.opts[one], &model.opts[other]);
        // Ways by weight or class compare only with the same lane on another day.
        let comparable = a.lane == b.lane || (a.carries_all && !a.by_weight && !b.by_weight);
        comparable
            && self.parcel[one] <= self.parcel[other]
            && a.unit + self.unit[one] <= b.unit + self.unit[other]
            && a.arrival_day <= b.arrival_day
    }

    /// Work the last evaluation used in all.
    pub(crate) fn used_work(&self) -> f64 {
        self.parts.iter().flat_map(|part| &part.work).map(|&work| work as f64).sum()
    }

    fn sum_up(&mut self, model: &Model) {
        self.over.stock.fill(0);
        self.over.work.fill(0);
        self.over.unkept.fill(0);
        for part in &self.parts {
            add(&mut self.over.stock, &part.stock);
            add(&mut self.over.work, &part.work);
            add(&mut self.over.unkept, &part.unkept);
        }
        for (over, slack) in self.over.unkept.iter_mut().zip(&model.kept_slack) {
            *over -= slack;
        }
    }

    /// What the prices pay for what there is; subtracts it from the use. A standby site is opened where what
    /// it has is worth more than its activation.
    fn settle(&mut self, model: &Model, table: &PriceTable) -> i128 {
        let days = usize::from(model.problem.horizon_days);
        let mut worth = vec![0_i128; model.sites];
        for (slot, &price) in model.slots.iter().zip(&table.stock) {
            worth[usize::from(slot.site)] += i128::from(price) * i128::from(slot.units);
        }
        for (cap, (&work, &price)) in model.capacity.iter().zip(&table.work).enumerate() {
            worth[cap / days] += i128::from(price) * i128::from(work);
        }
        let mut closed = vec![false; model.sites];
        let mut paid: i128 = 0;
        for &(site, activation) in &model.standby {
            let gain = worth[usize::from(site)] - i128::from(activation);
            closed[usize::from(site)] = gain <= 0;
            worth[usize::from(site)] = gain.max(0);
        }
        paid -= worth.iter().sum::<i128>();
        for (over, slot) in self.over.stock.iter_mut().zip(&model.slots) {
            *over -= if closed[usize::from(slot.site)] { 0 } else { i64::from(slot.units) };
        }
        for (cap, (over, &work)) in self.over.work.iter_mut().zip(&model.capacity).enumerate() {
            *over -= if closed[cap / days] { 0 } else { work };
        }
        for (&price, &slack) in table.unkept.iter().zip(&model.kept_slack) {
            paid -= i128::from(price) * i128::from(slack);
        }
        paid
    }
}

fn add(sum: &mut [i64], part: &[i64]) {
    for (sum, part) in sum.iter_mut().zip(part) {
        *sum += part;
    }
}

impl Part {
    fn solve(&mut self, model: &Model, view: &Priced, choice: &mut [u32]) {
        self.value = 0;
        self.stock.fill(0);
        self.work.fill(0);
        self.unkept.fill(0);
        let mut at = 0;
        for order in &model.orders[self.first_order..self.end_order] {
            let count = usize::from(order.lines);
            let chosen = &mut choice[at..at + count];
            at += count;
            self.value += i128::from(solve(model, view, order, &mut self.scratch, chosen));
            self.take(model, order, chosen);
        }
    }

    fn take(&mut self, model: &Model, order: &ModelOrder, chosen: &[u32]) {
        for (place, &number) in chosen.iter().enumerate() {
            if number == NONE {
                self.unkept[usize::from(order.merchant)] += i64::from(order.weight);
                continue;
            }
            let line = &model.lines[order.first_line as usize + place];
            let opt = &model.opts[number as usize];
            self.stock[model.slot_of(line.sku, opt.source) as usize] += i64::from(line.units);
            let opened = model.shares_parcel(&chosen[..place], number);
            self.work[opt.cap as usize] += i64::from(opt.work_unit) * i64::from(line.units)
                + if opened { 0 } else { i64::from(opt.work_parcel) };
            if opt.arrival_day > u32::from(order.promise_day) {
                self.unkept[usize::from(order.merchant)] += i64::from(order.weight);
            }
        }
    }
}

/// A scaled bound in whole minor units: the cost of a plan is whole, so the bound is rounded up.
pub(crate) fn bound_in_minor_units(scaled: i128) -> i64 {
    let scale = i128::from(PRICE_SCALE);
    i64::try_from(scaled.div_euclid(scale) + i128::from(scaled.rem_euclid(scale) > 0)).unwrap_or(i64::MIN)
}
