//! One order by the engine's rule: the first day with room at each site, each lane an offer, the cheapest set wins.

use holdfast_domain::id::{Id, LaneId, SiteId};
use holdfast_plan::source::{EXACT_LINES, LINES_MAX, OFFERS_MAX, Offer, Question, source};

use smallvec::SmallVec;

use super::{HORIZON_DAYS, Live, World};

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

impl Pick {
    /// Whether the two leave in one parcel.
    pub(crate) fn shares_parcel(&self, other: &Self) -> bool {
        (self.lane, self.day) == (other.lane, other.day)
    }
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

/// Units of a line that look for a way.
pub(crate) type Wanted = (u16, u32);
/// Such units of an order; most orders have few lines.
pub(crate) type Wanteds = SmallVec<[Wanted; 8]>;

/// A lane as sourcing looks at it. Those to one zone lie side by side: an order reads all of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reach {
    lane: u32,
    pub(crate) site: u16,
    service: u16,
    /// Index into the tables of arrivals.
    arrivals: u32,
    /// A parcel with its handling.
    parcel: i64,
    per_kg: i64,
    /// Handling of a unit.
    unit: i64,
}

impl Reach {
    /// Carrier and handling of units of so many grams each, their parcel apart.
    #[inline]
    fn line_cost(&self, weight_g: u32, quantity: u32) -> i64 {
        unit_cost(self.per_kg, weight_g, self.unit) * i64::from(quantity)
    }
}

/// A started thousandth of a kilogram's price counts whole.
fn unit_cost(per_kg: i64, weight_g: u32, handling: i64) -> i64 {
    let grams = per_kg * i64::from(weight_g);
    grams / 1000 + i64::from(grams % 1000 > 0) + handling
}

struct Way {
    reach: Reach,
    day: usize,
    arrival: i32,
    /// Days after the promise.
    late: i32,
}

impl Way {
    fn site(&self) -> usize {
        usize::from(self.reach.site)
    }

    /// Whether it is never dearer than another from the same site: then sourcing, which takes the first of two that
    /// cost the same, never takes one that comes after it.
    fn beats(&self, reach: &Reach, late: i32) -> bool {
        self.reach.parcel <= reach.parcel && self.reach.per_kg <= reach.per_kg && self.late <= late
    }
}

/// A site's first day with room is not known yet; it has none.
const UNKNOWN: u16 = u16::MAX;
const NO_DAY: u16 = u16::MAX - 1;
/// Sites of a network at most.
const SITES_MAX: usize = 64;

/// Nobody was promised a day yet.
pub(crate) const NO_PROMISE: i32 = i32::MAX;

impl World {
    /// The shelf and the day's load a pick counts for.
    pub(crate) fn cells(&self, order: usize, pick: &Pick) -> (usize, usize) {
        let site = usize::from(pick.site);
        let sku = self.orders[order].lines[usize::from(pick.line)].sku as usize;
        (sku * self.sites_count + site, site * self.days + usize::from(pick.day))
    }

    /// Work of a pick, its parcel included if none of the others is in the same one.
    pub(crate) fn work(&self, pick: &Pick, before: &[Pick], had: &[Pick]) -> u32 {
        let (parcel, unit) = self.sites[usize::from(pick.site)].work;
        let first = !before.iter().chain(had).any(|other| pick.shares_parcel(other));
        unit.saturating_mul(pick.quantity).saturating_add(if first { parcel } else { 0 })
    }

    fn with_room(&self, live: &Live, site: usize, units: u32) -> Option<usize> {
        if live.is_closed(site) || live.first[site] == u16::MAX {
            return None;
        }
        let (parcel, unit) = self.sites[site].work;
        let first = usize::from(live.first[site].max(live.ready[site]));
        let work = parcel.saturating_add(unit.saturating_mul(units));
        (first..(first + HORIZON_DAYS).min(self.days)).find(|day| live.room(self, site, *day) >= work)
    }

    /// Carrier and handling of a line's units by a lane, its parcel apart.
    pub(crate) fn line_cost(&self, lane: usize, sku: u32, quantity: u32) -> i64 {
        let form = &self.lanes[lane];
        let weight_g = self.skus[sku as usize].weight_g;
        unit_cost(form.per_kg, weight_g, self.sites[form.site].cost.1) * i64::from(quantity)
    }

    /// The open lanes to each zone, side by side, and where each zone's begin and end.
    pub(crate) fn reaches(&self) -> (Vec<Reach>, Vec<core::ops::Range<u32>>) {
        let mut all = Vec::new();
        let mut of_zone = Vec::new();
        for lanes in &self.by_zone {
            let from = all.len() as u32;
            all.extend(lanes.iter().map(|lane| {
                let form = &self.lanes[*lane];
                Reach {
                    lane: *lane as u32,
                    site: form.site as u16,
                    service: form.service as u16,
                    arrivals: form.arrivals as u32,
                    parcel: self.parcel_cost(*lane),
                    per_kg: form.per_kg,
                    unit: self.sites[form.site].cost.1,
                }
            }));
            of_zone.push(from..all.len() as u32);
        }
        (all, of_zone)
    }

    pub(crate) fn parcel_cost(&self, lane: usize) -> i64 {
        self.lanes[lane].parcel + self.sites[self.lanes[lane].site].cost.0
    }

    /// Carriers and handling of an order's picks: each parcel once, and its units.
    pub(crate) fn cost(&self, order: usize, picks: &[Pick]) -> i64 {
        let lines = &self.orders[order].lines;
        let one = |(index, pick): (usize, &Pick)| {
            let first = !picks[..index].iter().any(|other| pick.shares_parcel(other));
            let parcel = if first { self.parcel_cost(pick.lane as usize) } else { 0 };
            parcel + self.line_cost(pick.lane as usize, lines[usize::from(pick.line)].sku, pick.quantity)
        };
        picks.iter().enumerate().map(one).sum()
    }

    fn stored(&self, site: usize, sku: u32) -> bool {
        let class = self.skus[sku as usize].storage;
        class < 32 && self.sites[site].accepts >> class & 1 == 1
    }

    /// All lines of an order, none of which has a way.
    pub(crate) fn all_lines(&self, order: usize) -> Wanteds {
        (0..).zip(&self.orders[order].lines).map(|(number, line)| (number, line.quantity)).collect()
    }

    /// The units of an order that no pick carries.
    pub(crate) fn waiting(&self, order: usize, picks: &[Pick]) -> Wanteds {
        let left = |(number, quantity): Wanted| {
            let has: u32 = picks.iter().filter(|pick| pick.line == number).map(|pick| pick.quantity).sum();
            (number, quantity - has.min(quantity))
        };
        self.all_lines(order).into_iter().map(left).filter(|(_, quantity)| *quantity > 0).collect()
    }

    /// Gives units of an order a way as the engine does at the moment `live` was moved on to; takes nothing yet.
    /// `had` is what the order has already, `promise` the day it counts lateness from.
    pub(crate) fn route(
        &self,
        live: &Live,
        order: usize,
        wanted: &[Wanted],
        had: &[Pick],
        promise: i32,
    ) -> Served {
        let form = &self.orders[order];
        let units: u32 = wanted.iter().map(|(_, quantity)| quantity).sum();
        let mut ways: SmallVec<[Way; 32]> = SmallVec::new();
        let mut days = [UNKNOWN; SITES_MAX];
        let mut offers = 0;
        let of_zone = &self.zone_reaches[form.zone];
        for reach in &self.reaches[of_zone.start as usize..of_zone.end as usize] {
            let site = usize::from(reach.site);
            if live.lanes_stopped && live.stopped[usize::from(reach.service)] {
                continue;
            }
            if offers + 1 >= OFFERS_MAX {
                break;
            }
            if days[site] == UNKNOWN {
                days[site] = self.with_room(live, site, units).map_or(NO_DAY, |day| day as u16);
            }
            if days[site] == NO_DAY {
                continue;
            }
            let day = usize::from(days[site]);
            let arrival = self.arrivals[reach.arrivals as usize][day];
            if arrival == i32::MAX {
                continue;
            }
            offers += 1;
            let late = if promise == NO_PROMISE { 0 } else { (arrival - promise).max(0) };
            let same = ways.iter().rev().take_while(|way| way.reach.site == reach.site);
            // A long order is sourced by search, which may go another way past fewer offers.
            if wanted.len() > EXACT_LINES || !same.into_iter().any(|way| way.beats(reach, late)) {
                ways.push(Way { reach: *reach, day, arrival, late });
            }
        }
        let served = self.assemble(live, order, wanted, &ways);
        // The writer refuses a proposal whose parcels together are more than a day's room: then all of it waits.
        if live.parcels_fit(self, &served.picks, had) {
            served
        } else {
            Served { arrival: i32::MIN, ..Served::default() }
        }
    }

    fn assemble(&self, live: &Live, order: usize, wanted: &[Wanted], ways: &[Way]) -> Served {
        let form = &self.orders[order];
        let late_cost = self.late_cost[form.merchant];
        let mut served = Served { whole: true, arrival: i32::MIN, ..Served::default() };
        let (mut offers, mut costs): (SmallVec<[Offer; 32]>, SmallVec<[i64; 64]>) = Default::default();
        for lines in wanted.chunks(LINES_MAX) {
            offers.clear();
            costs.clear();
            for way in ways {
                let late = late_cost * i64::from(way.late);
                let mut may = 0_u64;
                for (bit, (line, quantity)) in lines.iter().enumerate() {
                    let sku = form.lines[usize::from(*line)].sku;
                    let shelf = live.stock[sku as usize * self.sites_count + way.site()];
                    if shelf >= *quantity && self.stored(way.site(), sku) {
                        may |= 1 << bit;
                    }
                    costs.push(way.reach.line_cost(self.skus[sku as usize].weight_g, *quantity) + late);
                }
                offers.push(Offer {
                    site: SiteId::from_index(way.site()),
                    lane: LaneId::from_index(way.reach.lane as usize),
                    day: 0,
                    parcel: way.reach.parcel,
                    may,
                });
            }
            let backorder: SmallVec<[Option<i64>; 6]> = SmallVec::from_elem(None, lines.len());
            let question = Question { offers: &offers, line_costs: &costs, backorder: &backorder };
            let chosen = source(&question).map(|sourced| sourced.lines).unwrap_or_default();
            for (bit, (line, quantity)) in lines.iter().enumerate() {
                let way = chosen.get(bit).copied().flatten().map(|way| &ways[usize::from(way)]);
                match way {
                    Some(way) if self.free(live, order, &served.picks, way.site(), *line) >= *quantity => {
                        add(&mut served, way, *line, *quantity);
                    }
                    _ => served.whole = false,
                }
            }
        }
        if !served.whole && self.split[form.merchant] {
            self.fill_by_parts(live, order, wanted, ways, &mut served);
        }
        served.cost = self.cost(order, &served.picks);
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

    fn fill_by_parts(&self, live: &Live, order: usize, wanted: &[Wanted], ways: &[Way], served: &mut Served) {
        let mut whole = true;
        for (line, quantity) in wanted {
            if served.picks.iter().any(|pick| pick.line == *line) {
                continue;
            }
            let sku = self.orders[order].lines[usize::from(*line)].sku;
            let used = |served: &Served, way: &Way| served.picks.iter().any(|p| p.lane == way.reach.lane);
            let mut turns: Vec<usize> = (0..ways.len()).collect();
            turns.sort_by_key(|way| (!used(served, &ways[*way]), ways[*way].reach.parcel, *way));
            let mut left = *quantity;
            for way in turns.into_iter().map(|way| &ways[way]) {
                let part = self.free(live, order, &served.picks, way.site(), *line).min(left);
                if part > 0 && self.stored(way.site(), sku) {
                    add(served, way, *line, part);
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

fn add(served: &mut Served, way: &Way, line: u16, quantity: u32) {
    served.arrival = served.arrival.max(way.arrival);
    served.picks.push(Pick {
        line,
        site: way.reach.site,
        lane: way.reach.lane,
        day: way.day as u16,
        quantity,
    });
}
