//! A merchant with a floor keeps at least that weight of its promises; floors are what phi, the merchants' weights
//! and what each could keep alone make them.

use std::collections::BTreeMap;

use super::{Code, Found, Seen};
use crate::replan::fair::{Fair, Share};
use crate::replan::problem::{Lane, Line, Order, Problem, SiteStatus, Stock};

pub(super) fn check(seen: &Seen, found: &mut Found) {
    for (merchant, (rule, kept)) in seen.problem.merchants.iter().zip(kept(seen)).enumerate() {
        if kept < rule.kept_floor {
            let text = format!("keeps {kept}, the floor is {}", rule.kept_floor);
            found.add(Code::FloorMissed, format!("mer-{merchant}"), text);
        }
    }
}

/// What the first phase says of itself, against the problem's floors and the plan.
pub(super) fn check_fair(seen: &Seen, fair: &Fair, found: &mut Found) {
    if fair.phi > fair.phi_bound || fair.asked > fair.phi_bound {
        found.add(Code::FairWrong, "phi", format!("{} is above its bound {}", fair.phi, fair.phi_bound));
    }
    let (kept, could) = (kept(seen), could_keep(seen.problem));
    let mut promises = vec![0_u64; kept.len()];
    for (_, _, _, order, _) in seen.lines().filter(|(_, _, _, _, line)| line.held.is_none()) {
        promises[usize::from(order.merchant)] += u64::from(order.weight);
    }
    let mut least = 1000_u128;
    for (merchant, rule) in seen.problem.merchants.iter().enumerate() {
        let stated = fair.shares.iter().find(|share| usize::from(share.merchant) == merchant);
        let Some(share) = stated else {
            if promises[merchant] > 0 {
                found.add(Code::FairWrong, format!("mer-{merchant}"), "its share is not stated");
            }
            continue;
        };
        let asked = u128::from(fair.phi) * u128::from(share.weight) * u128::from(could[merchant]);
        let floor = u64::try_from((asked + 999_999) / 1_000_000).unwrap_or(u64::MAX);
        let true_share = Share {
            promises: promises[merchant],
            keepable: could[merchant],
            kept: kept[merchant],
            floor,
            ..*share
        };
        if *share != true_share || rule.kept_floor != floor {
            let text = format!("{share:?} with a floor of {}, it is {true_share:?}", rule.kept_floor);
            found.add(Code::FairWrong, format!("mer-{merchant}"), text);
        }
        let entitled = u128::from(share.weight) * u128::from(could[merchant]);
        if entitled > 0 {
            least = least.min(u128::from(kept[merchant]) * 1_000_000 / entitled);
        }
    }
    if least > u128::from(fair.phi_bound) {
        found.add(Code::FairWrong, "phi", format!("the plan has {least}, the bound is {}", fair.phi_bound));
    }
}

fn kept(seen: &Seen) -> Vec<u64> {
    let mut kept = vec![0_u64; seen.problem.merchants.len()];
    let mut late = vec![false; seen.plan.line_count()];
    let mut first_line = 0;
    let mut starts = Vec::new();
    for order in &seen.problem.orders {
        starts.push(first_line);
        first_line += order.lines.len();
    }
    for at in &seen.pieces {
        late[starts[at.order_index] + at.line_index] |= at.arrives() > u64::from(at.order.promise_day);
    }
    for (number, _, _, order, line) in seen.lines() {
        if line.held.is_none() && seen.plan.line(number).backordered == 0 && !late[number] {
            kept[usize::from(order.merchant)] += u64::from(order.weight);
        }
    }
    kept
}

/// Stock by SKU and lanes by site and zone.
struct Ways<'a> {
    problem: &'a Problem,
    stock: BTreeMap<u32, Vec<&'a Stock>>,
    lanes: BTreeMap<(u16, u16), Vec<&'a Lane>>,
}

/// What each merchant could keep with nobody else there, line by line and way by way.
fn could_keep(problem: &Problem) -> Vec<u64> {
    let mut ways = Ways { problem, stock: BTreeMap::new(), lanes: BTreeMap::new() };
    for held in problem.stock.iter().filter(|held| held.from_day < problem.horizon_days) {
        let site = &problem.sites[usize::from(held.site.0)];
        let class = problem.skus[held.sku.0 as usize].class;
        if site.status != SiteStatus::Down && site.allows >> class & 1 == 1 {
            ways.stock.entry(held.sku.0).or_default().push(held);
        }
    }
    for lane in &problem.lanes {
        ways.lanes.entry((lane.site.0, lane.zone.0)).or_default().push(lane);
    }
    let mut wanted: BTreeMap<(u16, u32), Vec<(u64, u64)>> = BTreeMap::new();
    for order in &problem.orders {
        for line in order.lines.iter().filter(|line| line.held.is_none()) {
            if ways.in_time(order, line) {
                let entry = wanted.entry((order.merchant, line.sku.0)).or_default();
                entry.push((u64::from(line.quantity), u64::from(order.weight)));
            }
        }
    }
    let mut could = vec![0; problem.merchants.len()];
    for ((merchant, sku), mut lines) in wanted {
        let held = ways.stock.get(&sku).into_iter().flatten();
        let mut units: u64 = held.map(|held| u64::from(held.quantity)).sum();
        // Most weight for a unit first; the last one counts in part, rounded up.
        lines.sort_by(|a, b| (b.1 * a.0).cmp(&(a.1 * b.0)));
        for (quantity, weight) in lines {
            let taken = quantity.min(units);
            could[usize::from(merchant)] += (weight * taken).div_ceil(quantity);
            units -= taken;
            if taken < quantity {
                break;
            }
        }
    }
    could
}

impl Ways<'_> {
    fn in_time(&self, order: &Order, line: &Line) -> bool {
        let least = if line.may_split { 1 } else { line.quantity };
        let mut held = self.stock.get(&line.sku.0).into_iter().flatten();
        held.any(|held| {
            let status = self.problem.sites[usize::from(held.site.0)].status;
            let mut hauls = self.problem.hauls.iter().filter(|haul| {
                haul.from == held.site
                    && haul.from != haul.to
                    && held.from_day <= haul.leaves_day
                    && status == SiteStatus::Usable
                    && haul.skus.contains(&line.sku)
            });
            held.quantity >= least
                && (self.leaves(order, held.site.0, held.from_day)
                    || hauls.any(|haul| self.leaves(order, haul.to.0, haul.ready_day)))
        })
    }

    fn leaves(&self, order: &Order, site: u16, there: u16) -> bool {
        let opens = match self.problem.sites[usize::from(site)].status {
            SiteStatus::Standby { opens_day, .. } => opens_day,
            SiteStatus::Usable => 0,
            SiteStatus::Down => return false,
        };
        let from = opens.max(there).max(order.earliest_day);
        let mut lanes = self.lanes.get(&(site, order.zone.0)).into_iter().flatten();
        lanes.any(|lane| self.arrives(order, lane, from))
    }

    fn arrives(&self, order: &Order, lane: &Lane, from: u16) -> bool {
        (from.max(lane.open_from)..lane.open_until.min(self.problem.horizon_days)).any(|day| {
            let transit = lane.transit_days[usize::from(day) % lane.transit_days.len()];
            u32::from(day) + u32::from(transit) <= u32::from(order.promise_day)
        })
    }
}
