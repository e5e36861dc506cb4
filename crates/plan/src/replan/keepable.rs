//! What merchants could keep at most: by themselves, and together.
//!
//! Both are bounds made by leaving rules out, so they hold for every plan. Alone, a merchant's lines share its SKUs'
//! stock, wherever it lies. Together they share all work that can be done, and the lines that need least of it are
//! the ones that are kept.

use super::fair::{FAIR_SCALE, floor, weight_of};
use super::problem::{HORIZON_MAX, Line, Order, Problem};
use super::rules;

/// No parcel arrives: later than any promise.
const NEVER: u32 = u32::MAX;

/// The earliest arrival from a site in a zone for a parcel that leaves on a day or after it.
struct Reach {
    days: usize,
    sites: usize,
    /// By zone, site and day.
    earliest: Vec<u32>,
    /// Stock by SKU: the site it ships from, first day, units; with `true` where it is carried there first.
    stock: Vec<Vec<(u16, u16, u32, bool)>>,
}

impl Reach {
    fn of(problem: &Problem) -> Self {
        let (days, sites) = (usize::from(problem.horizon_days.min(HORIZON_MAX)), problem.sites.len());
        let mut earliest = vec![NEVER; problem.zones * sites * days];
        for lane in &problem.lanes {
            let from = rules::site_open::from_day(&problem.sites[usize::from(lane.site.0)]);
            let Some(from) = from else { continue };
            let at = (usize::from(lane.zone.0) * sites + usize::from(lane.site.0)) * days;
            for day in (from..problem.horizon_days).filter(|&day| rules::lane_open::open(lane, day)) {
                let arrival = u32::from(day) + u32::from(lane.transit(day));
                let known = &mut earliest[at + usize::from(day)];
                *known = (*known).min(arrival);
            }
        }
        for row in earliest.chunks_mut(days.max(1)) {
            for day in (1..row.len()).rev() {
                row[day - 1] = row[day - 1].min(row[day]);
            }
        }
        let mut stock = vec![Vec::new(); problem.skus.len()];
        for held in problem.stock.iter().filter(|held| held.from_day < problem.horizon_days) {
            let (site, sku) = (&problem.sites[usize::from(held.site.0)], &problem.skus[held.sku.0 as usize]);
            if rules::site_open::from_day(site).is_some() && rules::storage::site_may(site, sku) {
                let entries = &mut stock[held.sku.0 as usize];
                entries.push((held.site.0, held.from_day, held.quantity, false));
                for haul in problem.hauls.iter().filter(|haul| {
                    let to = &problem.sites[usize::from(haul.to.0)];
                    rules::transfer::may(haul, site, to, held, sku)
                }) {
                    entries.push((haul.to.0, haul.ready_day, held.quantity, true));
                }
            }
        }
        Self { days, sites, earliest, stock }
    }

    /// Whether some site could bring the line in time, with the least units that site must have.
    fn in_time(&self, order: &Order, line: &Line) -> bool {
        let least = rules::split::least_units(line.may_split, line.quantity);
        self.stock[line.sku.0 as usize].iter().any(|&(site, from, units, _)| {
            let day = usize::from(rules::ship_day::first(order.earliest_day, from));
            let at = (usize::from(order.zone.0) * self.sites + usize::from(site)) * self.days;
            units >= least && day < self.days && self.earliest[at + day] <= u32::from(order.promise_day)
        })
    }

    fn units(&self, sku: usize) -> u64 {
        let own = self.stock[sku].iter().filter(|(_, _, _, carried)| !carried);
        own.map(|held| u64::from(held.2)).sum()
    }
}

/// Weight of the promises each merchant could keep at most, had it every site to itself.
pub(super) fn keepable(problem: &Problem) -> Vec<u64> {
    let reach = Reach::of(problem);
    // By merchant and SKU: units and weight of the lines that could be in time.
    let mut asked: Vec<(u16, u32, u64, u64)> = Vec::new();
    for order in &problem.orders {
        for line in order.lines.iter().filter(|line| rules::held::free(line)) {
            if reach.in_time(order, line) {
                let weight = rules::fairness::weight(order);
                asked.push((order.merchant, line.sku.0, u64::from(line.quantity), weight));
            }
        }
    }
    // The most weight for a unit first: filling up so, and counting the last one whole, no choice keeps more.
    asked.sort_unstable_by(|a, b| {
        (a.0, a.1)
            .cmp(&(b.0, b.1))
            .then_with(|| (u128::from(b.3) * u128::from(a.2)).cmp(&(u128::from(a.3) * u128::from(b.2))))
    });
    let mut could = vec![0; problem.merchants.len()];
    for lines in asked.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let mut left = reach.units(lines[0].1 as usize);
        for &(merchant, _, units, weight) in lines {
            if units <= left {
                left -= units;
                could[usize::from(merchant)] += weight;
            } else {
                could[usize::from(merchant)] += (weight * left).div_ceil(units.max(1));
                break;
            }
        }
    }
    could
}

/// The largest phi, in thousandths, that leaves enough work for every merchant's floor; an upper bound on any plan's.
pub(super) fn phi_bound(problem: &Problem, weights: &[u64], could: &[u64]) -> u64 {
    let usable: Vec<_> =
        problem.sites.iter().filter(|site| rules::site_open::from_day(site).is_some()).collect();
    let work: u128 = usable.iter().flat_map(|site| &site.capacity).map(|&work| u128::from(work)).sum();
    let parcel = usable.iter().map(|site| u64::from(site.work_parcel)).min().unwrap_or(0);
    let unit = usable.iter().map(|site| u64::from(site.work_unit)).min().unwrap_or(0);
    // The least work of each merchant's lines, with their weight; an order's parcel is shared by its lines.
    let mut lines: Vec<Vec<(u64, u64)>> = vec![Vec::new(); problem.merchants.len()];
    for order in &problem.orders {
        let free = order.lines.iter().filter(|line| rules::held::free(line));
        let count = free.clone().count() as u64;
        for line in free {
            let least = unit * u64::from(line.quantity) + parcel / count.max(1);
            lines[usize::from(order.merchant)].push((least, rules::fairness::weight(order)));
        }
    }
    for lines in &mut lines {
        lines.sort_unstable_by(|a, b| {
            (u128::from(a.0) * u128::from(b.1)).cmp(&(u128::from(b.0) * u128::from(a.1)))
        });
    }
    let needed = |phi: u64| -> u128 {
        let of = |(merchant, lines): (usize, &Vec<(u64, u64)>)| {
            least_work(lines, floor(phi, weight_of(weights, merchant), could[merchant]))
        };
        lines.iter().enumerate().map(of).sum()
    };
    let (mut low, mut high) = (0, FAIR_SCALE + 1);
    while high - low > 1 {
        let middle = low.midpoint(high);
        if needed(middle) <= work { low = middle } else { high = middle }
    }
    low
}

/// The least work that keeps so much weight: lines in order of work for their weight, the last one in part.
fn least_work(lines: &[(u64, u64)], floor: u64) -> u128 {
    let (mut left, mut sum) = (floor, 0_u128);
    for &(work, weight) in lines {
        if weight >= left {
            return sum + u128::from(work) * u128::from(left) / u128::from(weight.max(1));
        }
        left -= weight;
        sum += u128::from(work);
    }
    sum
}
