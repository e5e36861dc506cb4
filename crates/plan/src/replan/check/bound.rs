//! The bound is no higher than the cost, and no higher than what the prices prove.
//!
//! The proof is done again here, way by way instead of parcel by parcel: the cheapest cover of every subset of
//! an order's lines is extended by one (site, lane, day) at a time, `3^lines` steps each. For an order of more
//! than [`PROVEN_LINES`] lines the plan carries a value for each line. If no way's parcel is paid more than it
//! costs by the values above the way's line costs, their sum bounds the order (Erlenkotter 1978): that is checked
//! at every way, and values that fail it, or are absent, count for nothing.

use std::collections::BTreeMap;

use super::{Code, Found};
use crate::replan::plan::{PRICE_SCALE, Plan};
use crate::replan::problem::{Order, Problem, SiteStatus};

const PROVEN_LINES: usize = 6;

pub(super) fn check_against_cost(plan: &Plan, found: &mut Found) {
    if plan.bound() > plan.cost() {
        found.add(Code::BoundWrong, "bound", format!("{} is above the cost {}", plan.bound(), plan.cost()));
    }
    let prices = plan.prices();
    let stock = prices.stock.iter().map(|price| price.2);
    let work = prices.capacity.iter().map(|price| price.2);
    let unkept = prices.fairness.iter().map(|price| price.1);
    if stock.chain(work).chain(unkept).any(|price| price < 0) {
        found.add(Code::BoundWrong, "prices", "a price is negative");
    }
}

pub(super) fn prove(problem: &Problem, plan: &Plan, found: &mut Found) {
    let proven = proven(problem, plan);
    if i128::from(plan.bound()) > proven {
        found.add(
            Code::BoundWrong,
            "bound",
            format!("{} is stated, the prices prove {proven}", plan.bound()),
        );
    }
}

/// The least any plan costs as far as the prices prove it, in whole minor units.
pub(super) fn proven(problem: &Problem, plan: &Plan) -> i128 {
    let prices = Looked::up(problem, plan);
    let mut orders: i128 = 0;
    let mut first_line = 0;
    for order in &problem.orders {
        orders += order_value(&prices, order, first_line);
        first_line += order.lines.len() as u32;
    }
    let scaled = orders - prices.paid();
    let scale = i128::from(PRICE_SCALE);
    (scaled + scale - 1).div_euclid(scale)
}

struct Looked<'a> {
    problem: &'a Problem,
    stock: BTreeMap<(u32, u16), i128>,
    work: BTreeMap<(u16, u16), i128>,
    unkept: Vec<i128>,
    there: BTreeMap<(u32, u16), (u32, u16)>,
    lanes: Vec<Vec<usize>>,
    line_values: BTreeMap<u32, i128>,
}

impl<'a> Looked<'a> {
    fn up(problem: &'a Problem, plan: &Plan) -> Self {
        let prices = plan.prices();
        let mut unkept = vec![0; problem.merchants.len()];
        for &(merchant, price) in &prices.fairness {
            unkept[usize::from(merchant)] = i128::from(price);
        }
        let mut lanes = vec![Vec::new(); problem.zones];
        for (index, lane) in problem.lanes.iter().enumerate() {
            lanes[usize::from(lane.zone.0)].push(index);
        }
        Self {
            problem,
            stock: prices
                .stock
                .iter()
                .map(|&(sku, site, price)| ((sku.0, site.0), i128::from(price)))
                .collect(),
            work: prices
                .capacity
                .iter()
                .map(|&(site, day, price)| ((site.0, day), i128::from(price)))
                .collect(),
            unkept,
            there: problem.stock.iter().map(|s| ((s.sku.0, s.site.0), (s.quantity, s.from_day))).collect(),
            lanes,
            line_values: prices.line_values.iter().map(|&(line, value)| (line, i128::from(value))).collect(),
        }
    }

    /// The least a unit costs that is at the site on the day, its own or brought there.
    fn cheapest_unit(&self, sku: u32, site: u16, day: u16, least: u32) -> Option<i128> {
        let held = |site: u16| self.there.get(&(sku, site)).filter(|(units, _)| *units >= least);
        let price = |site: u16| self.stock.get(&(sku, site)).copied().unwrap_or(0);
        let own = held(site).filter(|(_, from)| *from <= day).map(|_| price(site));
        let weight_g = i64::from(self.problem.skus[sku as usize].weight_g);
        let class = self.problem.skus[sku as usize].class;
        let brought = self.problem.hauls.iter().filter(|haul| {
            let from = &self.problem.sites[usize::from(haul.from.0)];
            haul.to.0 == site
                && haul.from != haul.to
                && haul.ready_day <= day
                && from.status == SiteStatus::Usable
                && from.allows >> class & 1 == 1
                && haul.skus.iter().any(|carried| carried.0 == sku)
                && held(haul.from.0).is_some_and(|(_, from)| *from <= haul.leaves_day)
        });
        let carried = brought.map(|haul| {
            let grams = haul.per_kg * weight_g;
            let cost = haul.per_unit + grams / 1000 + i64::from(grams % 1000 > 0);
            price(haul.from.0) + i128::from(cost) * i128::from(PRICE_SCALE)
        });
        own.into_iter().chain(carried).min()
    }

    /// What the prices pay for what there is.
    fn paid(&self) -> i128 {
        let mut worth = vec![0_i128; self.problem.sites.len()];
        for (&(sku, site), price) in &self.stock {
            let units = self.there.get(&(sku, site)).map_or(0, |stock| stock.0);
            worth[usize::from(site)] += price * i128::from(units);
        }
        for (&(site, day), price) in &self.work {
            let capacity = self.problem.sites[usize::from(site)].capacity[usize::from(day)];
            worth[usize::from(site)] += price * i128::from(capacity);
        }
        let mut paid = 0;
        for (site, worth) in self.problem.sites.iter().zip(worth) {
            paid += match site.status {
                SiteStatus::Standby { activation, .. } => {
                    (worth - i128::from(activation) * i128::from(PRICE_SCALE)).max(0)
                }
                _ => worth,
            };
        }
        let mut weight = vec![0_i128; self.unkept.len()];
        for order in &self.problem.orders {
            let lines = order.lines.iter().filter(|line| line.held.is_none()).count();
            weight[usize::from(order.merchant)] += i128::from(order.weight) * lines as i128;
        }
        for ((price, weight), merchant) in self.unkept.iter().zip(weight).zip(&self.problem.merchants) {
            paid += price * (weight - i128::from(merchant.kept_floor));
        }
        paid
    }
}

/// A way with its parcel cost and each line's cost; `None` where it may not carry the line.
struct Way {
    parcel: i128,
    lines: Vec<Option<i128>>,
}

fn order_value(prices: &Looked, order: &Order, first_line: u32) -> i128 {
    let scale = i128::from(PRICE_SCALE);
    let penalty = prices.unkept[usize::from(order.merchant)] * i128::from(order.weight);
    let leave: Vec<i128> = order
        .lines
        .iter()
        .filter(|line| line.held.is_none())
        .map(|line| {
            let units = line.backorder_unit * i64::from(line.quantity);
            i128::from(line.backorder_cost + units) * scale + penalty
        })
        .collect();
    let mut ways = Vec::new();
    for &index in &prices.lanes[usize::from(order.zone.0)] {
        for day in 0..prices.problem.horizon_days {
            if let Some(way) = way(prices, order, index, day, penalty) {
                ways.push(way);
            }
        }
    }
    let back = i128::from(order.split_cost) * scale;
    let nothing: i128 = leave.iter().sum();
    if leave.len() <= PROVEN_LINES {
        let some = cover(&ways, &leave, back);
        some.map_or(nothing, |some| nothing.min(some - back))
    } else {
        let free = (first_line..).zip(&order.lines).filter(|(_, line)| line.held.is_none());
        let stated: Option<Vec<i128>> =
            free.map(|(number, _)| prices.line_values.get(&number).copied()).collect();
        nothing.min(worth(&ways, &leave, back, stated) - back)
    }
}

fn way(prices: &Looked, order: &Order, index: usize, day: u16, penalty: i128) -> Option<Way> {
    let problem = prices.problem;
    let lane = &problem.lanes[index];
    let site = &problem.sites[usize::from(lane.site.0)];
    let site_opens = match site.status {
        SiteStatus::Usable => 0,
        SiteStatus::Standby { opens_day, .. } => opens_day,
        SiteStatus::Down => return None,
    };
    if day < site_opens || day < lane.open_from || day >= lane.open_until || day < order.earliest_day {
        return None;
    }
    let scale = i128::from(PRICE_SCALE);
    let work = prices.work.get(&(lane.site.0, day)).copied().unwrap_or(0);
    let transit = lane.transit_days[if lane.transit_days.len() == 1 { 0 } else { usize::from(day) }];
    let days_late = i64::from(day) + i64::from(transit) - i64::from(order.promise_day);
    let mut late = 0;
    if days_late > 0 {
        late = i128::from(order.late_cost + order.late_cost_day * days_late) * scale + penalty;
    }
    let costs = order.lines.iter().filter(|line| line.held.is_none()).map(|line| {
        let sku = &problem.skus[line.sku.0 as usize];
        let classes = site.allows & lane.allows;
        if classes & 1 << sku.class == 0 || sku.weight_g > lane.unit_max_g {
            return None;
        }
        let least = if line.may_split { 1 } else { line.quantity };
        let weight = (lane.per_kg * i64::from(sku.weight_g) + 999).div_euclid(1000);
        let unit = i128::from(lane.per_unit + lane.handling_unit + weight) * scale
            + work * i128::from(site.work_unit)
            + prices.cheapest_unit(line.sku.0, lane.site.0, day, least)?;
        let lost =
            line.planned.is_none_or(|site| problem.sites[usize::from(site.0)].status == SiteStatus::Down);
        let moved = if lost || line.planned == Some(lane.site) { 0 } else { line.move_cost };
        Some(unit * i128::from(line.quantity) + late + i128::from(moved) * scale)
    });
    let lines: Vec<Option<i128>> = costs.collect();
    let parcel = i128::from(lane.fix + lane.handling_parcel) * scale + work * i128::from(site.work_parcel);
    Some(Way { parcel, lines })
}

/// Least cost of shipping something, what stays behind included; every parcel pays `split`.
fn cover(ways: &[Way], leave: &[i128], split: i128) -> Option<i128> {
    let all = (1_usize << leave.len()) - 1;
    let mut best: Vec<Option<i128>> = vec![None; all + 1];
    best[0] = Some(0);
    let mut extended = best.clone();
    for way in ways {
        for set in 1..=all {
            let mut part = set;
            while part > 0 {
                let own = (0..leave.len()).filter(|line| part >> line & 1 == 1).map(|line| way.lines[line]);
                let own: Option<i128> = own.sum();
                if let (Some(own), Some(rest)) = (own, best[set ^ part]) {
                    let cost = own + way.parcel + split + rest;
                    if extended[set].is_none_or(|known| cost < known) {
                        extended[set] = Some(cost);
                    }
                }
                part = (part - 1) & set;
            }
        }
        best.clone_from(&extended);
    }
    (1..=all)
        .filter_map(|set| {
            let behind = (0..leave.len()).filter(|line| set >> line & 1 == 0).map(|line| leave[line]);
            best[set].map(|cost| cost + behind.sum::<i128>())
        })
        .min()
}

/// Sum of line values that no way's parcel can undercut: a lower bound, every parcel paying `split`.
fn worth(ways: &[Way], leave: &[i128], split: i128, stated: Option<Vec<i128>>) -> i128 {
    let holds = |values: &Vec<i128>| {
        values.iter().zip(leave).all(|(value, leave)| value <= leave)
            && ways.iter().all(|way| {
                let above = values.iter().zip(&way.lines).map(|(value, cost)| match cost {
                    Some(cost) => (value - cost).max(0),
                    None => 0,
                });
                above.sum::<i128>() <= way.parcel + split
            })
    };
    // Without values that hold, every line goes its cheapest way and parcels are free.
    let cheapest = |line: usize| ways.iter().filter_map(|way| way.lines[line]).fold(leave[line], i128::min);
    stated.filter(holds).map_or_else(|| (0..leave.len()).map(cheapest).sum(), |values| values.iter().sum())
}
