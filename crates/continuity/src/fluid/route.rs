//! One order by the engine's rule: the first day with room at each site, each lane an offer, the cheapest set wins.

use holdfast_domain::id::{Id, LaneId, SiteId};
use holdfast_plan::source::{LINES_MAX, OFFERS_MAX, Offer, Question, source};

use super::{HORIZON_DAYS, World};

/// Units of a line by one lane on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pick {
    /// Line of the order.
    pub line: u16,
    /// Site.
    pub site: u16,
    /// Lane.
    pub lane: u32,
    /// Index of the day it leaves.
    pub day: u16,
    /// Units.
    pub quantity: u32,
}

/// What an order gets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// Its units' ways.
    pub picks: Vec<Pick>,
    /// Whether nothing waits.
    pub whole: bool,
    /// Day the last of what has a way arrives.
    pub arrival: i32,
    /// Carriers and handling, minor units.
    pub cost: i64,
}

/// Stock and load while orders flow.
#[derive(Clone, Debug)]
pub struct Live {
    /// Units left by SKU, then site.
    pub(crate) stock: Vec<u32>,
    /// Work promised by site, then day.
    pub(crate) load: Vec<u32>,
    /// Sites that are closed, a bit each.
    pub(crate) closed: u64,
}

struct Way {
    site: usize,
    lane: usize,
    day: usize,
    arrival: i32,
    parcel: i64,
}

impl Live {
    pub(crate) fn new(world: &World) -> Self {
        Self { stock: world.stock.clone(), load: vec![0; world.sites.len() * world.days], closed: 0 }
    }

    /// Takes units and capacity.
    pub(crate) fn take(&mut self, world: &World, order: usize, picks: &[Pick]) {
        self.change(world, order, picks, |have, by| have.saturating_sub(by), u32::saturating_add);
    }

    /// Gives them back.
    pub(crate) fn give_back(&mut self, world: &World, order: usize, picks: &[Pick]) {
        self.change(world, order, picks, u32::saturating_add, u32::saturating_sub);
    }

    fn change(
        &mut self,
        world: &World,
        order: usize,
        picks: &[Pick],
        on_stock: impl Fn(u32, u32) -> u32,
        on_load: impl Fn(u32, u32) -> u32,
    ) {
        for (index, pick) in picks.iter().enumerate() {
            let site = usize::from(pick.site);
            let sku = world.orders[order].lines[usize::from(pick.line)].sku as usize;
            let shelf = &mut self.stock[sku * world.sites_count + site];
            *shelf = on_stock(*shelf, pick.quantity);
            let first = !picks[..index].iter().any(|other| (other.lane, other.day) == (pick.lane, pick.day));
            let (parcel, unit) = world.sites[site].work;
            let work = unit.saturating_mul(pick.quantity) + if first { parcel } else { 0 };
            let load = &mut self.load[site * world.days + usize::from(pick.day)];
            *load = on_load(*load, work);
        }
    }

    /// Whether the picks could be taken now as they are.
    pub(crate) fn has_room(&self, world: &World, order: usize, picks: &[Pick]) -> bool {
        picks.iter().all(|pick| {
            let site = usize::from(pick.site);
            let sku = world.orders[order].lines[usize::from(pick.line)].sku;
            let same = |other: &&Pick| {
                other.site == pick.site && world.orders[order].lines[usize::from(other.line)].sku == sku
            };
            let wanted: u32 = picks.iter().filter(same).map(|other| other.quantity).sum();
            let units: u32 =
                picks.iter().filter(|other| other.site == pick.site).map(|other| other.quantity).sum();
            let (parcel, unit) = world.sites[site].work;
            let work = parcel + unit.saturating_mul(units);
            let day = usize::from(pick.day);
            self.closed >> site & 1 == 0
                && self.stock[sku as usize * world.sites_count + site] >= wanted
                && self.load[site * world.days + day] + work <= world.sites[site].capacity[day]
        })
    }
}

impl World {
    /// Index of the first day on which the site can ship what arrives at `at`.
    pub(crate) fn first_ship(&self, site: usize, at: i64) -> Option<usize> {
        let form = &self.sites[site];
        let from = form.cutoffs.partition_point(|cutoff| *cutoff <= at);
        (from..self.days).find(|day| form.works[*day])
    }

    fn with_room(&self, live: &Live, site: usize, units: u32, at: i64) -> Option<usize> {
        let form = &self.sites[site];
        if !form.open || live.closed >> site & 1 == 1 {
            return None;
        }
        let first = self.first_ship(site, at)?;
        let work = form.work.0 + form.work.1.saturating_mul(units);
        (first..(first + HORIZON_DAYS).min(self.days))
            .find(|day| form.capacity[*day].saturating_sub(live.load[site * self.days + day]) >= work)
    }

    /// Carrier and handling of a line's units by a lane, its parcel apart.
    pub(crate) fn line_cost(&self, lane: usize, sku: u32, quantity: u32) -> i64 {
        let form = &self.lanes[lane];
        let grams = form.per_kg * i64::from(self.skus[sku as usize].weight_g);
        let unit = grams / 1000 + i64::from(grams % 1000 > 0) + self.sites[form.site].cost.1;
        unit * i64::from(quantity)
    }

    pub(crate) fn parcel_cost(&self, lane: usize) -> i64 {
        self.lanes[lane].parcel + self.sites[self.lanes[lane].site].cost.0
    }

    fn stored(&self, site: usize, sku: u32) -> bool {
        let class = self.skus[sku as usize].storage;
        class < 32 && self.sites[site].accepts >> class & 1 == 1
    }

    /// Gives lines of an order a way as the engine does; takes nothing yet.
    #[must_use]
    pub fn route(&self, live: &Live, order: usize, wanted: &[u16], at: i64) -> Served {
        let form = &self.orders[order];
        let units: u32 = wanted.iter().map(|line| form.lines[usize::from(*line)].quantity).sum();
        let mut ways: Vec<Way> = Vec::with_capacity(32);
        let mut known: Option<(usize, Option<usize>)> = None;
        for lane in &self.by_zone[form.zone] {
            let site = self.lanes[*lane].site;
            if ways.len() + 1 >= OFFERS_MAX {
                break;
            }
            let day = match known {
                Some((same, day)) if same == site => day,
                _ => {
                    let day = self.with_room(live, site, units, at);
                    known = Some((site, day));
                    day
                }
            };
            let Some(day) = day else { continue };
            let arrival = self.arrivals[self.lanes[*lane].arrivals][day];
            if arrival != i32::MAX {
                ways.push(Way { site, lane: *lane, day, arrival, parcel: self.parcel_cost(*lane) });
            }
        }
        self.assemble(live, order, wanted, &ways)
    }

    fn assemble(&self, live: &Live, order: usize, wanted: &[u16], ways: &[Way]) -> Served {
        let form = &self.orders[order];
        let late_cost = self.late_cost[form.merchant];
        let mut served = Served { whole: true, arrival: i32::MIN, ..Served::default() };
        for lines in wanted.chunks(LINES_MAX) {
            let (mut offers, mut costs) = (Vec::with_capacity(ways.len()), Vec::new());
            for way in ways {
                let late = if form.promise == i32::MAX {
                    0
                } else {
                    late_cost * i64::from((way.arrival - form.promise).max(0))
                };
                let mut may = 0_u64;
                for (bit, line) in lines.iter().enumerate() {
                    let line = form.lines[usize::from(*line)];
                    let shelf = live.stock[line.sku as usize * self.sites_count + way.site];
                    if shelf >= line.quantity && self.stored(way.site, line.sku) {
                        may |= 1 << bit;
                    }
                    costs.push(self.line_cost(way.lane, line.sku, line.quantity) + late);
                }
                offers.push(Offer {
                    site: SiteId::from_index(way.site),
                    lane: LaneId::from_index(way.lane),
                    day: 0,
                    parcel: way.parcel,
                    may,
                });
            }
            let backorder = vec![None; lines.len()];
            let question = Question { offers: &offers, line_costs: &costs, backorder: &backorder };
            let chosen = source(&question).map(|sourced| sourced.lines).unwrap_or_default();
            for (bit, line) in lines.iter().enumerate() {
                let quantity = form.lines[usize::from(*line)].quantity;
                let way = chosen.get(bit).copied().flatten().map(|way| &ways[usize::from(way)]);
                match way {
                    Some(way) if self.free(live, order, &served.picks, way.site, *line) >= quantity => {
                        self.add(&mut served, order, way, *line, quantity);
                    }
                    _ => served.whole = false,
                }
            }
        }
        if !served.whole && self.split[form.merchant] {
            self.fill_by_parts(live, order, wanted, ways, &mut served);
        }
        served
    }

    fn free(&self, live: &Live, order: usize, picks: &[Pick], site: usize, line: u16) -> u32 {
        let lines = &self.orders[order].lines;
        let sku = lines[usize::from(line)].sku;
        let taken: u32 = picks
            .iter()
            .filter(|pick| usize::from(pick.site) == site && lines[usize::from(pick.line)].sku == sku)
            .map(|pick| pick.quantity)
            .sum();
        live.stock[sku as usize * self.sites_count + site].saturating_sub(taken)
    }

    fn add(&self, served: &mut Served, order: usize, way: &Way, line: u16, quantity: u32) {
        if !served.picks.iter().any(|pick| pick.lane as usize == way.lane) {
            served.cost += way.parcel;
        }
        served.cost += self.line_cost(way.lane, self.orders[order].lines[usize::from(line)].sku, quantity);
        served.arrival = served.arrival.max(way.arrival);
        served.picks.push(Pick {
            line,
            site: way.site as u16,
            lane: way.lane as u32,
            day: way.day as u16,
            quantity,
        });
    }

    fn fill_by_parts(&self, live: &Live, order: usize, wanted: &[u16], ways: &[Way], served: &mut Served) {
        let mut whole = true;
        for line in wanted {
            if served.picks.iter().any(|pick| pick.line == *line) {
                continue;
            }
            let form = self.orders[order].lines[usize::from(*line)];
            let used = |served: &Served, way: &Way| served.picks.iter().any(|p| p.lane as usize == way.lane);
            let mut turns: Vec<usize> = (0..ways.len()).collect();
            turns.sort_by_key(|way| (!used(served, &ways[*way]), ways[*way].parcel, *way));
            let mut left = form.quantity;
            for way in turns.into_iter().map(|way| &ways[way]) {
                let part = self.free(live, order, &served.picks, way.site, *line).min(left);
                if part > 0 && self.stored(way.site, form.sku) {
                    self.add(served, order, way, *line, part);
                    left -= part;
                }
                if left == 0 {
                    break;
                }
            }
            whole &= left == 0;
        }
        served.whole = whole;
    }
}
