//! Stock and capacity while orders flow, and how far they have drifted from a world in which nothing happened.

use super::{HORIZON_DAYS, Pick, World};

/// Stock, load and what stands still, at a moment.
#[derive(Clone, Debug)]
pub struct Live {
    /// Units left by SKU, then site.
    pub(crate) stock: Vec<u32>,
    /// Work promised by site, then day.
    pub(crate) load: Vec<u32>,
    /// Sites that take no orders, a bit each; dormant standby sites among them.
    pub(crate) closed: u64,
    /// First day a called standby site ships, by site; 0 for the others.
    pub(crate) ready: Vec<u16>,
    /// Thousandths of its capacity a site promises.
    pub(crate) permille: Vec<u16>,
    /// Services whose carrier has stopped.
    pub(crate) stopped: Vec<bool>,
    /// Whether any of them has.
    pub(crate) lanes_stopped: bool,
    /// Whether orders cannot be taken up.
    pub(crate) intake_down: bool,
    /// First day on which each site ships what comes in now; `u16::MAX` beyond the calendar.
    pub(crate) first: Vec<u16>,
    /// Index of the next cut-off by site.
    next: Vec<u16>,
    /// When the first of the next cut-offs comes.
    until: i64,
}

impl Live {
    pub(crate) fn new(world: &World) -> Self {
        let n = world.sites.len();
        Self {
            stock: world.stock.clone(),
            load: vec![0; n * world.days],
            closed: world.dormant,
            ready: vec![0; n],
            permille: vec![1000; n],
            stopped: vec![false; world.carrier_of.len()],
            lanes_stopped: false,
            intake_down: false,
            first: vec![0; n],
            next: vec![0; n],
            until: i64::MIN,
        }
    }

    /// Moves the first shipping days on to a moment, and says whether one has moved; time never runs backwards.
    pub(crate) fn tick(&mut self, world: &World, at: i64) -> bool {
        if at < self.until {
            return false;
        }
        self.until = i64::MAX;
        for (site, form) in world.sites.iter().enumerate() {
            let mut next = usize::from(self.next[site]);
            while form.cutoffs.get(next).is_some_and(|cutoff| *cutoff <= at) {
                next += 1;
            }
            self.next[site] = next as u16;
            self.first[site] = form.next_work.get(next).copied().unwrap_or(u16::MAX);
            self.until = self.until.min(form.cutoffs.get(next).copied().unwrap_or(i64::MAX));
        }
        true
    }

    /// Takes units and capacity; a parcel that `had` holds already is not paid with work again.
    pub(crate) fn take(&mut self, world: &World, order: usize, picks: &[Pick], had: &[Pick]) {
        for (index, pick) in picks.iter().enumerate() {
            let (shelf, cell) = world.cells(order, pick);
            self.stock[shelf] = self.stock[shelf].saturating_sub(pick.quantity);
            self.load[cell] = self.load[cell].saturating_add(world.work(pick, &picks[..index], had));
        }
    }

    /// Gives all units and capacity of an order back.
    pub(crate) fn give_back(&mut self, world: &World, order: usize, picks: &[Pick]) {
        for (index, pick) in picks.iter().enumerate() {
            let (shelf, cell) = world.cells(order, pick);
            self.stock[shelf] = self.stock[shelf].saturating_add(pick.quantity);
            self.load[cell] = self.load[cell].saturating_sub(world.work(pick, &picks[..index], &[]));
        }
    }

    pub(crate) fn is_closed(&self, site: usize) -> bool {
        self.closed >> site & 1 == 1
    }

    /// Work a site can still promise for a day.
    pub(crate) fn room(&self, world: &World, site: usize, day: usize) -> u32 {
        let whole = world.sites[site].capacity[day];
        let permille = self.permille[site];
        let whole =
            if permille == 1000 { whole } else { (u64::from(whole) * u64::from(permille) / 1000) as u32 };
        whole.saturating_sub(self.load[site * world.days + day])
    }

    /// Whether the picks could be taken now as they are.
    pub(crate) fn has_room(&self, world: &World, order: usize, picks: &[Pick]) -> bool {
        let lines = &world.orders[order].lines;
        let units: u32 = picks.iter().map(|pick| pick.quantity).sum();
        picks.iter().all(|pick| {
            let site = usize::from(pick.site);
            if self.is_closed(site)
                || (self.lanes_stopped && self.stopped[world.lanes[pick.lane as usize].service])
            {
                return false;
            }
            let sku = lines[usize::from(pick.line)].sku;
            let same = |other: &&Pick| other.site == pick.site && lines[usize::from(other.line)].sku == sku;
            let wanted: u32 = picks.iter().filter(same).map(|other| other.quantity).sum();
            // The engine offers a day with room for all units of the order, wherever the others go.
            let (parcel, unit) = world.sites[site].work;
            let work = parcel.saturating_add(unit.saturating_mul(units));
            self.stock[sku as usize * world.sites_count + site] >= wanted
                && self.room(world, site, usize::from(pick.day)) >= work
        }) && self.parcels_fit(world, picks, &[])
    }

    /// Whether every site has room for its parcels among the picks on their day.
    pub(crate) fn parcels_fit(&self, world: &World, picks: &[Pick], had: &[Pick]) -> bool {
        picks.iter().enumerate().all(|(index, pick)| {
            let here = |other: &&Pick| other.site == pick.site && other.day == pick.day;
            if picks[..index].iter().any(|other| here(&other)) {
                return true;
            }
            let mut work = 0_u32;
            for (at, other) in picks.iter().enumerate().filter(|(_, other)| here(other)) {
                work = work.saturating_add(world.work(other, &picks[..at], had));
            }
            work <= self.room(world, usize::from(pick.site), usize::from(pick.day))
        })
    }
}

/// How stock and load differ from the baseline at the same moment.
#[derive(Clone)]
pub(crate) struct Drift {
    /// Units more than in the baseline, by SKU, then site.
    stock: Vec<i32>,
    /// Sites whose stock of a SKU differs, a bit each.
    sku_sites: Vec<u64>,
    /// Work free beyond the baseline's, by site, then day.
    room: Vec<i32>,
    /// One past the last day on which room differs, by site.
    room_until: Vec<u16>,
    /// Sites with such a day.
    room_sites: u64,
    /// Sites that have ever had a day with more room than in the baseline.
    freer_sites: u64,
}

impl Drift {
    pub(crate) fn new(world: &World) -> Self {
        let n = world.sites_count;
        Self {
            stock: vec![0; world.stock.len()],
            sku_sites: vec![0; world.skus.len()],
            room: vec![0; n * world.days],
            room_until: vec![0; n],
            room_sites: 0,
            freer_sites: 0,
        }
    }

    /// Units more than in the baseline.
    pub(crate) fn stock(&self, shelf: usize) -> i32 {
        self.stock[shelf]
    }

    /// Sites whose stock of a SKU differs, a bit each.
    pub(crate) fn sites_of(&self, sku: usize) -> u64 {
        self.sku_sites[sku]
    }

    /// Work free beyond the baseline's.
    pub(crate) fn room(&self, cell: usize) -> i32 {
        self.room[cell]
    }

    /// The baseline's picks that were not taken count for, the picks taken instead against.
    pub(crate) fn instead(&mut self, world: &World, order: usize, base: &[Pick], picks: &[Pick]) {
        self.count(world, order, base, &[], 1);
        self.count(world, order, picks, &[], -1);
    }

    /// Picks taken that the baseline does not take, on top of what the order had.
    pub(crate) fn taken(&mut self, world: &World, order: usize, picks: &[Pick], had: &[Pick]) {
        self.count(world, order, picks, had, -1);
    }

    fn count(&mut self, world: &World, order: usize, picks: &[Pick], had: &[Pick], sign: i32) {
        for (index, pick) in picks.iter().enumerate() {
            let (shelf, cell) = world.cells(order, pick);
            let site = u32::from(pick.site);
            self.stock[shelf] += sign * pick.quantity as i32;
            let sites = &mut self.sku_sites[shelf / world.sites_count];
            *sites = if self.stock[shelf] == 0 { *sites & !(1 << site) } else { *sites | 1 << site };
            self.room[cell] += sign * world.work(pick, &picks[..index], had) as i32;
            let until = &mut self.room_until[site as usize];
            *until = (*until).max(pick.day + 1);
            self.room_sites |= 1 << site;
            self.freer_sites |= u64::from(self.room[cell] > 0) << site;
        }
    }

    /// Whether some site could serve the order better than in the baseline.
    pub(crate) fn betters(&self, world: &World, live: &Live, order: usize) -> bool {
        let form = &world.orders[order];
        let near = world.zone_sites[form.zone] & !live.closed;
        let called = world.dormant & near;
        for line in &form.lines {
            for site in bits((self.sku_sites[line.sku as usize] | called) & near) {
                let shelf = line.sku as usize * world.sites_count + site;
                let now = i64::from(live.stock[shelf]);
                // What a sleeping site held was no use to anybody.
                let base = if called >> site & 1 == 1 { 0 } else { now - i64::from(self.stock[shelf]) };
                let wanted = i64::from(line.quantity);
                if now >= wanted && base < wanted && world.looks.pays(order, site) {
                    return true;
                }
            }
        }
        // An earlier day than in the baseline needs a day with more room.
        let moves = |site, now, base| now < base && world.looks.pays(order, site);
        self.day_moves(world, live, order, self.freer_sites, |room| room > 0, moves)
    }

    /// Whether anything the order's sourcing looks at differs from the baseline. Where units may be split, every unit
    /// counts.
    pub(crate) fn touches(&self, world: &World, live: &Live, order: usize) -> bool {
        let form = &world.orders[order];
        let sites = world.zone_sites[form.zone];
        let split = world.split[form.merchant];
        for line in &form.lines {
            for site in bits(self.sku_sites[line.sku as usize] & sites) {
                let shelf = line.sku as usize * world.sites_count + site;
                let now = i64::from(live.stock[shelf]);
                let base = now - i64::from(self.stock[shelf]);
                let wanted = i64::from(line.quantity);
                if form.twice
                    || (now >= wanted) != (base >= wanted)
                    || (split && now.min(wanted) != base.min(wanted))
                {
                    return true;
                }
            }
        }
        self.day_moves(world, live, order, self.room_sites, |room| room != 0, |_, now, base| now != base)
    }

    /// Whether the first day with room for the order moves at a site with a lane to its zone.
    /// `sites` and `may` leave out what cannot move it.
    fn day_moves(
        &self,
        world: &World,
        live: &Live,
        order: usize,
        sites: u64,
        may: fn(i32) -> bool,
        moves: impl Fn(usize, usize, usize) -> bool,
    ) -> bool {
        let form = &world.orders[order];
        let near = sites & world.zone_sites[form.zone] & !live.closed;
        bits(near).any(|site| {
            let (first, until) = (usize::from(live.first[site]), usize::from(self.room_until[site]));
            let cell = |day: usize| site * world.days + day;
            let last = (first + HORIZON_DAYS).min(world.days);
            if first >= until || !(first..until.min(last)).any(|day| may(self.room[cell(day)])) {
                return false;
            }
            let (parcel, unit) = world.sites[site].work;
            let units: u32 = form.lines.iter().map(|line| line.quantity).sum();
            let work = i64::from(parcel.saturating_add(unit.saturating_mul(units)));
            let day_of = |room: &dyn Fn(usize) -> i64| {
                (first..last).find(|day| room(*day) >= work).unwrap_or(usize::MAX)
            };
            let base = |day: usize| {
                let load = i64::from(live.load[cell(day)]) + i64::from(self.room[cell(day)]);
                (i64::from(world.sites[site].capacity[day]) - load).max(0)
            };
            moves(site, day_of(&|day| i64::from(live.room(world, site, day))), day_of(&base))
        })
    }
}

/// The positions of the bits that are set, from the lowest.
pub(crate) fn bits(mut mask: u64) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let at = (mask != 0).then(|| mask.trailing_zeros() as usize)?;
        mask &= mask - 1;
        Some(at)
    })
}
