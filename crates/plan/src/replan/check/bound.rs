//! The bound is no higher than the cost, and no higher than what the prices prove.
//!
//! The proof is done again here, way by way instead of parcel by parcel: the cheapest cover of every subset of
//! an order's lines is extended by one (site, lane, day) at a time, `3^lines` steps each. Orders of more than
//! [`PROVEN_LINES`] lines get line values raised until parcels are paid for, as in Erlenkotter 1978.

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
    let prices = Looked::up(problem, plan);
    let orders: i128 = problem.orders.iter().map(|order| order_value(&prices, order)).sum();
    let scaled = orders - prices.paid();
    let scale = i128::from(PRICE_SCALE);
    let proven = (scaled + scale - 1).div_euclid(scale);
    if i128::from(plan.bound()) > proven {
        found.add(
            Code::BoundWrong,
            "bound",
            format!("{} is stated, the prices prove {proven}", plan.bound()),
        );
    }
}

struct Looked<'a> {
    problem: &'a Problem,
    stock: BTreeMap<(u32, u16), i128>,
    work: BTreeMap<(u16, u16), i128>,
    unkept: Vec<i128>,
    there: BTreeMap<(u32, u16), (u32, u16)>,
    lanes: Vec<Vec<usize>>,
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
        }
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

fn order_value(prices: &Looked, order: &Order) -> i128 {
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
        nothing.min(raise(&ways, &leave, back) - back)
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
        let (units, from) = *prices.there.get(&(line.sku.0, lane.site.0))?;
        let least = if line.may_split { 1 } else { line.quantity };
        let classes = site.allows & lane.allows;
        if units < least || day < from || classes & 1 << sku.class == 0 || sku.weight_g > lane.unit_max_g {
            return None;
        }
        let weight = (lane.per_kg * i64::from(sku.weight_g) + 999).div_euclid(1000);
        let unit = i128::from(lane.per_unit + lane.handling_unit + weight) * scale
            + work * i128::from(site.work_unit)
            + prices.stock.get(&(line.sku.0, lane.site.0)).copied().unwrap_or(0);
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

/// Line values that no way's parcel can undercut; their sum is a lower bound.
fn raise(ways: &[Way], leave: &[i128], split: i128) -> i128 {
    let mut slack: Vec<i128> = ways.iter().map(|way| way.parcel + split).collect();
    let mut values: Vec<i128> = (0..leave.len())
        .map(|line| ways.iter().filter_map(|way| way.lines[line]).fold(leave[line], i128::min))
        .collect();
    loop {
        let before: i128 = values.iter().sum();
        for line in 0..leave.len() {
            let tight = |way: &Way| way.lines[line].is_some_and(|cost| cost <= values[line]);
            let above = ways.iter().filter_map(|way| way.lines[line]).filter(|&cost| cost > values[line]);
            let next = above.fold(leave[line], i128::min);
            let paid = ways.iter().zip(&slack).filter(|(way, _)| tight(way)).map(|(_, &slack)| slack);
            let by = paid.fold(next - values[line], i128::min);
            if by > 0 {
                for (way, slack) in ways.iter().zip(&mut slack) {
                    if way.lines[line].is_some_and(|cost| cost <= values[line]) {
                        *slack -= by;
                    }
                }
                values[line] += by;
            }
        }
        if values.iter().sum::<i128>() == before {
            return before;
        }
    }
}
