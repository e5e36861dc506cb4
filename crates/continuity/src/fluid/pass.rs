//! Orders a shock passes by: those that get what they get in the baseline, told from the rest by a few words each.
//!
//! Invariant: whoever is passed by would have kept its sourcing had it been looked at; the other way round need not
//! hold. Stock only falls and load only rises in the baseline, so what has room to spare at its end always has.

use smallvec::SmallVec;

use super::live::{Drift, Live, bits};
use super::route::NO_PROMISE;
use super::{Pick, World};

/// The last bit of a mask of carriers stands for all that have no bit of their own.
const CARRIER_BITS: u16 = 63;
/// An order with more lines or units than all but one in so many is always looked at, so that the work set aside for
/// the greatest of the others stays small.
const GREAT_ONE_IN: usize = 500;

/// What of an order is looked at first.
#[derive(Clone, Copy, Debug)]
struct Look {
    /// Sites it goes from in the baseline, a bit each.
    sites: u64,
    /// Carriers it goes by.
    carriers: u64,
    /// Its lines begin here; they end where the next order's begin.
    first_line: u32,
    /// What it takes in the baseline begins here.
    takes: u32,
    zone: u16,
    lines: u16,
    units: u32,
    /// The baseline leaves it or a part of it waiting, it is great, or two of its lines take from one shelf.
    always: bool,
    plain: bool,
    /// Its merchant lets a line be split.
    split: bool,
    /// What a parcel may cost at most so that a way with it can be as cheap as the baseline's, minor units.
    spare: i64,
}

/// What an order takes in the baseline at a place.
#[derive(Clone, Copy, Debug)]
struct Take {
    shelf: u32,
    units: u32,
    cell: u32,
    work: u32,
}

/// The orders of a world as a shock passes by them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Looks {
    looks: Vec<Look>,
    /// SKU and units of every line.
    lines: Vec<(u32, u32)>,
    takes: Vec<Take>,
    /// Units of a shelf, and work of a site's day, when the baseline has ended.
    stock: Vec<u32>,
    load: Vec<u32>,
    /// Most units of a SKU an order that is not great asks for.
    units: Vec<u32>,
    /// Most work such an order can be at each site.
    work: Vec<u32>,
    /// The cheapest parcel to each zone, then from each site; `i64::MAX` without a lane.
    parcels: Vec<i64>,
}

/// What of the world is no longer as in the baseline, for as long as it may matter.
#[derive(Clone)]
pub(crate) struct Matters {
    /// Sites that are closed, or promise less than they can.
    shut: u64,
    /// Carriers that stand still.
    carriers: u64,
    /// Standby sites that are awake.
    called: u64,
    /// Something stands still.
    restricted: bool,
    /// Nobody can take orders up.
    intake_down: bool,
    /// SKUs of which a site may have too few, or had.
    skus: Vec<bool>,
    /// Days to come on which a site may have too little room, or had, by site.
    days: Vec<SmallVec<[u16; 16]>>,
    /// Sites with such a day.
    tight: u64,
}

impl Looks {
    /// Notes the orders, and what is left at the end of the baseline.
    pub(crate) fn new(world: &World, end: &Live) -> Self {
        let size = |figure: fn((usize, u32)) -> u32| {
            let mut all: Vec<u32> = (0..world.orders.len()).map(|order| figure(world.size(order))).collect();
            all.sort_unstable();
            all[all.len() - 1 - all.len() / GREAT_ONE_IN]
        };
        let (lines_max, units_max) = (size(|(lines, _)| lines as u32), size(|(_, units)| units));
        let mut out = Self {
            units: vec![0; world.skus.len()],
            stock: end.stock.clone(),
            load: end.load.clone(),
            parcels: vec![i64::MAX; world.by_zone.len() * world.sites_count],
            ..Self::default()
        };
        for (zone, lanes) in world.by_zone.iter().enumerate() {
            for lane in lanes {
                let least = &mut out.parcels[zone * world.sites_count + world.lanes[*lane].site];
                *least = (*least).min(world.parcel_cost(*lane));
            }
        }
        for site in &world.sites {
            let (parcel, unit) = site.work;
            out.work.push(parcel.saturating_mul(lines_max).saturating_add(unit.saturating_mul(units_max)));
        }
        for order in 0..world.orders.len() {
            let (lines, units) = world.size(order);
            let great = lines as u32 > lines_max || units > units_max;
            let look = out.look(world, order, great);
            out.looks.push(look);
        }
        out
    }

    fn look(&mut self, world: &World, order: usize, great: bool) -> Look {
        let (form, base) = (&world.orders[order], &world.base[order]);
        let mut look = Look {
            sites: 0,
            carriers: 0,
            first_line: self.lines.len() as u32,
            takes: self.takes.len() as u32,
            zone: form.zone as u16,
            lines: u16::try_from(form.lines.len()).unwrap_or(u16::MAX),
            units: world.size(order).1,
            always: great || form.twice || !base.whole,
            plain: world.is_plain[order],
            split: world.split[form.merchant],
            spare: world.spare(order),
        };
        for line in &form.lines {
            self.lines.push((line.sku, line.quantity));
            if !great {
                let same = form.lines.iter().filter(|other| other.sku == line.sku);
                let units = same.fold(0_u32, |sum, other| sum.saturating_add(other.quantity));
                let most = &mut self.units[line.sku as usize];
                *most = (*most).max(units);
            }
        }
        for (index, pick) in base.picks.iter().enumerate() {
            look.sites |= 1 << pick.site;
            look.carriers |= carrier_bit(world.carrier_of_lane(pick.lane));
            let (shelf, cell) = world.cells(order, pick);
            let work = world.work(pick, &base.picks[..index], &[]);
            self.takes.push(Take { shelf: shelf as u32, units: pick.quantity, cell: cell as u32, work });
        }
        look
    }

    fn of<'a, T>(&self, all: &'a [T], order: usize, begins: fn(&Look) -> u32) -> &'a [T] {
        let end = self.looks.get(order + 1).map_or(all.len(), |next| begins(next) as usize);
        &all[begins(&self.looks[order]) as usize..end]
    }

    /// Whether a way of the order that uses the site can be as cheap as what it has in the baseline.
    pub(crate) fn pays(&self, order: usize, site: usize) -> bool {
        self.may_pay(&self.looks[order], site)
    }

    fn may_pay(&self, look: &Look, site: usize) -> bool {
        self.parcels[usize::from(look.zone) * self.work.len() + site] <= look.spare
    }

    /// Takes what the order takes in the baseline.
    pub(crate) fn take(&self, live: &mut Live, order: usize) {
        for take in self.of(&self.takes, order, |look| look.takes) {
            let (stock, load) = (&mut live.stock[take.shelf as usize], &mut live.load[take.cell as usize]);
            *stock = stock.saturating_sub(take.units);
            *load = load.saturating_add(take.work);
        }
    }
}

fn carrier_bit(carrier: u16) -> u64 {
    1 << carrier.min(CARRIER_BITS)
}

impl World {
    /// Lines and units of an order.
    fn size(&self, order: usize) -> (usize, u32) {
        let lines = &self.orders[order].lines;
        (lines.len(), lines.iter().fold(0, |sum, line| sum.saturating_add(line.quantity)))
    }

    /// What the baseline's way costs, lateness included, less the least its lines could cost from anywhere.
    fn spare(&self, order: usize) -> i64 {
        let (form, base) = (&self.orders[order], &self.base[order]);
        if !base.whole {
            return i64::MAX;
        }
        let late = if form.asked == NO_PROMISE { 0 } else { (base.arrival - form.asked).max(0) };
        let cost = base.cost + i64::from(late) * self.late_cost[form.merchant] * form.lines.len() as i64;
        let least = |line: &super::LineForm| {
            let costs =
                self.by_zone[form.zone].iter().map(|lane| self.line_cost(*lane, line.sku, line.quantity));
            costs.min().unwrap_or(0)
        };
        cost - form.lines.iter().map(least).sum::<i64>()
    }
}

impl Matters {
    pub(crate) fn new(world: &World) -> Self {
        Self {
            shut: 0,
            carriers: 0,
            called: 0,
            restricted: false,
            intake_down: false,
            skus: vec![false; world.skus.len()],
            days: vec![SmallVec::new(); world.sites_count],
            tight: 0,
        }
    }

    /// Reads what stands still now.
    pub(crate) fn stands(&mut self, world: &World, live: &Live) {
        let limited = live.permille.iter().enumerate().filter(|(_, permille)| **permille != 1000);
        let limited = limited.fold(0_u64, |mask, (site, _)| mask | 1 << site);
        self.shut = (live.closed & !world.dormant) | limited;
        let stopped = live.stopped.iter().zip(&world.carrier_of).filter(|(stopped, _)| **stopped);
        self.carriers = stopped.fold(0, |mask, (_, carrier)| mask | carrier_bit(*carrier));
        self.called = world.dormant & !live.closed;
        self.restricted = self.shut | self.carriers | self.called != 0;
        self.intake_down = live.intake_down;
    }

    /// Days that are over matter no longer.
    pub(crate) fn tick(&mut self, live: &Live) {
        for site in bits(self.tight) {
            let days = &mut self.days[site];
            days.retain(|day| *day >= live.first[site]);
            if days.is_empty() {
                self.tight &= !(1 << site);
            }
        }
    }

    /// Notes what picks that drifted from the baseline have left.
    pub(crate) fn drifted(
        &mut self,
        world: &World,
        live: &Live,
        drift: &Drift,
        order: usize,
        picks: &[Pick],
    ) {
        let looks = &world.looks;
        for pick in picks {
            let (shelf, cell) = world.cells(order, pick);
            let sku = shelf / world.sites_count;
            let least = i64::from(looks.stock[shelf]) + i64::from(drift.stock(shelf).min(0));
            self.skus[sku] |= least < i64::from(looks.units[sku]);
            let site = usize::from(pick.site);
            let load = i64::from(looks.load[cell]) - i64::from(drift.room(cell).min(0));
            let is_tight = load + i64::from(looks.work[site])
                > i64::from(world.sites[site].capacity[usize::from(pick.day)]);
            let days = &mut self.days[site];
            if is_tight && pick.day >= live.first[site] && !days.contains(&pick.day) {
                days.push(pick.day);
                self.tight |= 1 << site;
            }
        }
    }

    /// Whether the order gets what it gets in the baseline, told by what has drifted alone.
    pub(crate) fn passes(&self, world: &World, live: &Live, drift: &Drift, order: usize) -> bool {
        let looks = &world.looks;
        let look = &looks.looks[order];
        let stands = look.sites & self.shut != 0
            || look.carriers & self.carriers != 0
            || (self.restricted && !look.plain);
        if look.always || stands || self.intake_down {
            return false;
        }
        let near = world.zone_sites[usize::from(look.zone)];
        self.called & near == 0
            && !looks
                .of(&looks.lines, order, |look| look.first_line)
                .iter()
                .any(|line| self.skus[line.0 as usize] && line_moves(world, live, drift, look, *line, near))
            && !bits(self.tight & near & !live.closed)
                .any(|site| self.day_moves(world, live, drift, look, site))
    }

    /// Whether a day on which room has drifted may be another's for the order than in the baseline. One that is plain
    /// keeps what it has as long as that is there and nothing is better.
    fn day_moves(&self, world: &World, live: &Live, drift: &Drift, look: &Look, site: usize) -> bool {
        let (parcel, unit) = world.sites[site].work;
        let units = unit.saturating_mul(look.units);
        let work = i64::from(parcel.saturating_add(units));
        let parcels = i64::from(parcel.saturating_mul(u32::from(look.lines)).saturating_add(units));
        let goes = look.sites >> site & 1 == 1;
        let pays = world.looks.may_pay(look, site);
        self.days[site].iter().any(|day| {
            let (cell, day) = (site * world.days + usize::from(*day), usize::from(*day));
            let load = i64::from(live.load[cell]) + i64::from(drift.room(cell));
            let base = (i64::from(world.sites[site].capacity[day]) - load).max(0);
            let now = i64::from(live.room(world, site, day));
            let (better, worse) = (now >= work && base < work, now < work && base >= work);
            (better && pays) || (goes && now < parcels.max(work)) || (!look.plain && worse)
        })
    }
}

/// Whether some site could serve a line, or could not, other than in the baseline.
fn line_moves(world: &World, live: &Live, drift: &Drift, look: &Look, line: (u32, u32), near: u64) -> bool {
    let (sku, wanted) = (line.0 as usize, i64::from(line.1));
    bits(drift.sites_of(sku) & near & !live.closed).any(|site| {
        let shelf = sku * world.sites_count + site;
        let now = i64::from(live.stock[shelf]);
        let base = now - i64::from(drift.stock(shelf));
        let (better, worse) = (now >= wanted && base < wanted, now < wanted && base >= wanted);
        let scarce = look.sites >> site & 1 == 1 && now < i64::from(world.looks.units[sku]);
        let pays = world.looks.may_pay(look, site);
        (better && pays)
            || scarce
            || (!look.plain && (worse || (look.split && now.min(wanted) != base.min(wanted))))
    })
}
