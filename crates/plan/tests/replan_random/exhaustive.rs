//! The best plan by trying every one: for each order every way to ship its lines, then every choice of ways.

use std::collections::BTreeMap;

use holdfast_plan::replan::{Lane, Line, Order, Problem, SiteStatus};

/// Part of a line: lane, ship day, haul that brings it, units.
type Part = (usize, u16, Option<usize>, u32);

/// One way to deal with an order: its cost and what it takes.
struct Way {
    cost: i64,
    units: BTreeMap<(u16, u32), u64>,
    work: BTreeMap<(u16, u16), u64>,
    kept: u64,
    sites: u64,
}

/// Cost of the best plan; `None` if no plan meets the floors.
pub fn best(problem: &Problem) -> Option<i64> {
    let orders: Vec<Vec<Way>> = problem.orders.iter().map(|order| ways(problem, order)).collect();
    let mut least = vec![0; orders.len() + 1];
    for at in (0..orders.len()).rev() {
        least[at] = least[at + 1] + orders[at].iter().map(|way| way.cost).min().unwrap_or(0);
    }
    let mut search = Search { problem, orders: &orders, least: &least, best: None };
    let mut taken = Taken {
        units: BTreeMap::new(),
        work: BTreeMap::new(),
        kept: vec![0; problem.merchants.len()],
        sites: 0,
    };
    search.descend(0, 0, &mut taken);
    search.best
}

struct Taken {
    units: BTreeMap<(u16, u32), u64>,
    work: BTreeMap<(u16, u16), u64>,
    kept: Vec<u64>,
    sites: u64,
}

struct Search<'a> {
    problem: &'a Problem,
    orders: &'a [Vec<Way>],
    least: &'a [i64],
    best: Option<i64>,
}

impl Search<'_> {
    fn descend(&mut self, at: usize, cost: i64, taken: &mut Taken) {
        if self.best.is_some_and(|best| cost + self.least[at] >= best) {
            return;
        }
        let Some(ways) = self.orders.get(at) else {
            self.leaf(cost, taken);
            return;
        };
        let merchant = usize::from(self.problem.orders[at].merchant);
        for way in ways {
            let before = taken.sites;
            shift(taken, way, 1);
            taken.kept[merchant] += way.kept;
            taken.sites |= way.sites;
            if fits(self.problem, taken) {
                self.descend(at + 1, cost + way.cost, taken);
            }
            taken.sites = before;
            taken.kept[merchant] -= way.kept;
            shift(taken, way, -1);
        }
    }

    fn leaf(&mut self, cost: i64, taken: &Taken) {
        let floors = self.problem.merchants.iter().zip(&taken.kept);
        if floors.into_iter().any(|(merchant, kept)| *kept < merchant.kept_floor) {
            return;
        }
        let activation: i64 = self
            .problem
            .sites
            .iter()
            .enumerate()
            .filter(|(index, _)| taken.sites >> index & 1 == 1)
            .map(
                |(_, site)| {
                    if let SiteStatus::Standby { activation, .. } = site.status { activation } else { 0 }
                },
            )
            .sum();
        let total = cost + activation;
        if self.best.is_none_or(|best| total < best) {
            self.best = Some(total);
        }
    }
}

fn shift(taken: &mut Taken, way: &Way, sign: i64) {
    for (key, units) in &way.units {
        let entry = taken.units.entry(*key).or_default();
        *entry = entry.wrapping_add_signed(sign * *units as i64);
    }
    for (key, work) in &way.work {
        let entry = taken.work.entry(*key).or_default();
        *entry = entry.wrapping_add_signed(sign * *work as i64);
    }
}

fn fits(problem: &Problem, taken: &Taken) -> bool {
    let stock = |site: u16, sku: u32| {
        problem
            .stock
            .iter()
            .filter(|s| s.site.0 == site && s.sku.0 == sku)
            .map(|s| u64::from(s.quantity))
            .sum()
    };
    taken.units.iter().all(|(&(site, sku), &units)| units <= stock(site, sku))
        && taken
            .work
            .iter()
            .all(|(&(site, day), &work)| work <= problem.sites[usize::from(site)].capacity[usize::from(day)])
}

fn ways(problem: &Problem, order: &Order) -> Vec<Way> {
    let lines: Vec<&Line> = order.lines.iter().filter(|line| line.held.is_none()).collect();
    let choices: Vec<Vec<Vec<Part>>> = lines.iter().map(|line| line_choices(problem, order, line)).collect();
    let mut ways = Vec::new();
    let mut pick = vec![0; lines.len()];
    loop {
        let chosen: Vec<&Vec<Part>> = pick.iter().zip(&choices).map(|(&at, choices)| &choices[at]).collect();
        ways.push(way(problem, order, &lines, &chosen));
        let mut at = 0;
        while at < pick.len() {
            pick[at] += 1;
            if pick[at] < choices[at].len() {
                break;
            }
            pick[at] = 0;
            at += 1;
        }
        if at == pick.len() {
            break;
        }
    }
    ways.retain(|way| fits_alone(problem, way));
    ways.sort_by_key(|way| way.cost);
    ways
}

fn fits_alone(problem: &Problem, way: &Way) -> bool {
    let taken = Taken { units: way.units.clone(), work: way.work.clone(), kept: Vec::new(), sites: 0 };
    fits(problem, &taken)
}

fn arrival(lane: &Lane, day: u16) -> i64 {
    i64::from(day) + i64::from(lane.transit_days[usize::from(day) % lane.transit_days.len()])
}

fn line_choices(problem: &Problem, order: &Order, line: &Line) -> Vec<Vec<Part>> {
    let sku = problem.skus[line.sku.0 as usize];
    let mut places = Vec::new();
    let class = 1_u32 << sku.class;
    for (index, lane) in problem.lanes.iter().enumerate().filter(|(_, lane)| lane.zone == order.zone) {
        let site = &problem.sites[usize::from(lane.site.0)];
        // Where the goods lie, since when they can leave this site, and what brings them.
        let held = problem.stock.iter().filter(|s| s.sku == line.sku);
        let own = held.clone().filter(|s| s.site == lane.site).map(|s| (s.from_day, None));
        let brought = held.flat_map(|s| {
            let from = &problem.sites[usize::from(s.site.0)];
            problem.hauls.iter().enumerate().filter_map(move |(number, haul)| {
                let runs = haul.from == s.site && haul.to == lane.site && haul.from != haul.to;
                let carries = haul.skus.contains(&s.sku) && from.allows & class != 0;
                let whole = from.status == SiteStatus::Usable && s.from_day <= haul.leaves_day;
                (runs && carries && whole).then_some((haul.ready_day, Some(number)))
            })
        });
        let sources: Vec<(u16, Option<usize>)> = own.chain(brought).collect();
        let opens = match site.status {
            SiteStatus::Usable => 0,
            SiteStatus::Standby { opens_day, .. } => opens_day,
            SiteStatus::Down => continue,
        };
        for &(there, haul) in &sources {
            for day in 0..problem.horizon_days {
                let late_enough = day >= opens && day >= order.earliest_day && day >= there;
                let allowed =
                    site.allows & class != 0 && lane.allows & class != 0 && sku.weight_g <= lane.unit_max_g;
                if late_enough && allowed && lane.open_from <= day && day < lane.open_until {
                    places.push((index, day, haul));
                }
            }
        }
    }
    let mut choices = vec![Vec::new()];
    if line.may_split {
        spread(&places, line.quantity, &mut Vec::new(), &mut choices);
    } else {
        choices.extend(places.iter().map(|&(lane, day, haul)| vec![(lane, day, haul, line.quantity)]));
    }
    choices
}

/// Every way to share out up to `units` over `places`.
fn spread(
    places: &[(usize, u16, Option<usize>)],
    units: u32,
    so_far: &mut Vec<Part>,
    choices: &mut Vec<Vec<Part>>,
) {
    for (at, &(lane, day, haul)) in places.iter().enumerate() {
        for part in 1..=units {
            so_far.push((lane, day, haul, part));
            choices.push(so_far.clone());
            spread(&places[at + 1..], units - part, so_far, choices);
            so_far.pop();
        }
    }
}

fn way(problem: &Problem, order: &Order, lines: &[&Line], chosen: &[&Vec<Part>]) -> Way {
    let mut way = Way { cost: 0, units: BTreeMap::new(), work: BTreeMap::new(), kept: 0, sites: 0 };
    let mut parcels = Vec::new();
    for (line, parts) in lines.iter().zip(chosen) {
        let mut missing = line.quantity;
        let mut in_time = true;
        for &(index, day, haul, units) in *parts {
            let lane = &problem.lanes[index];
            let site = &problem.sites[usize::from(lane.site.0)];
            let grams = i64::from(problem.skus[line.sku.0 as usize].weight_g);
            let weight = (lane.per_kg * grams + 999) / 1000;
            way.cost += i64::from(units) * (lane.per_unit + lane.handling_unit + weight);
            let late = arrival(lane, day) - i64::from(order.promise_day);
            if late > 0 {
                in_time = false;
                way.cost += order.late_cost + late * order.late_cost_day;
            }
            if let Some(planned) = line.planned {
                let lost = problem.sites[usize::from(planned.0)].status == SiteStatus::Down;
                way.cost += if lost || planned == lane.site { 0 } else { line.move_cost };
            }
            let haul = haul.map(|number| &problem.hauls[number]);
            if let Some(haul) = haul {
                way.cost += i64::from(units) * (haul.per_unit + (haul.per_kg * grams + 999) / 1000);
            }
            let source = haul.map_or(lane.site, |haul| haul.from);
            *way.units.entry((source.0, line.sku.0)).or_default() += u64::from(units);
            *way.work.entry((lane.site.0, day)).or_default() += u64::from(site.work_unit) * u64::from(units);
            way.sites |= 1 << lane.site.0;
            parcels.push((index, day));
            missing -= units;
        }
        if missing > 0 {
            way.cost += line.backorder_cost + line.backorder_unit * i64::from(missing);
        }
        way.kept += u64::from(order.weight) * u64::from(missing == 0 && in_time);
    }
    parcels.sort_unstable();
    parcels.dedup();
    for &(index, day) in &parcels {
        let lane = &problem.lanes[index];
        way.cost += lane.fix + lane.handling_parcel;
        let work = u64::from(problem.sites[usize::from(lane.site.0)].work_parcel);
        *way.work.entry((lane.site.0, day)).or_default() += work;
    }
    way.cost += order.split_cost * parcels.len().saturating_sub(1) as i64;
    way
}
