//! The problem compiled for the solver: every rule applied once, what remains laid out for fast reading.
//!
//! *Hauls* add options after those: by the same parcel, out of another site's stock. *Slots* are (SKU, usable site) pairs with stock, contiguous by SKU and ordered by site. *Options* are
//! (site, lane, ship day) triples, contiguous by (zone, site). *Rows* are, for each order, the sites that have
//! anything for it, with one slot a line. Costs are in 1/[`PRICE_SCALE`] minor units.

use holdfast_domain::id::LaneId;

use super::plan::PRICE_SCALE;
use super::problem::{Lane, Order, Problem, SiteStatus, Stock};
use super::rules;

/// No slot, no option: the line is on backorder.
pub(crate) const NONE: u32 = u32::MAX;
/// No haul.
pub(crate) const NO_HAUL: u16 = u16::MAX;
/// More than any cost; a thousand of them still fit.
pub(crate) const FAR: i64 = 1 << 52;

/// A way a parcel may go: site, lane and ship day.
#[derive(Clone, Debug)]
pub(crate) struct Opt {
    pub(crate) lane: LaneId,
    pub(crate) site: u16,
    /// The site whose stock it takes: another one if a haul brings it.
    pub(crate) source: u16,
    /// The haul, or [`NO_HAUL`].
    pub(crate) haul: u16,
    /// The option its goods travel in one parcel with: itself if no haul brings them.
    pub(crate) parcel: u32,
    /// Its place among the options of its site, over all zones.
    rank: u32,
    pub(crate) day: u16,
    /// Index of (site, day) among capacities.
    pub(crate) cap: u32,
    pub(crate) arrival_day: u32,
    /// Parcel and unit cost, scaled.
    pub(crate) fix: i64,
    pub(crate) unit: i64,
    /// Whether the unit cost depends on the SKU's weight, so that `unit` is not all of it.
    pub(crate) by_weight: bool,
    pub(crate) work_parcel: u32,
    pub(crate) work_unit: u32,
    /// Whether the lane carries every class and weight there is.
    pub(crate) carries_all: bool,
}

/// A SKU at a usable site.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) site: u16,
    pub(crate) from_day: u16,
    pub(crate) sku: u32,
    pub(crate) units: u32,
}

/// A line to be decided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ModelLine {
    pub(crate) sku: u32,
    pub(crate) units: u32,
    pub(crate) order: u32,
    /// Planned site that can still ship, or `u16::MAX`.
    pub(crate) planned: u16,
    pub(crate) may_split: bool,
    /// Move cost and cost of the whole line on backorder, scaled.
    pub(crate) move_cost: i64,
    pub(crate) backorder: i64,
}

/// An order with at least one line to be decided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ModelOrder {
    /// Index in the problem.
    pub(crate) order: u32,
    pub(crate) first_line: u32,
    pub(crate) lines: u16,
    pub(crate) merchant: u16,
    pub(crate) zone: u16,
    pub(crate) earliest_day: u16,
    pub(crate) promise_day: u16,
    pub(crate) weight: u32,
    pub(crate) late: i64,
    pub(crate) late_day: i64,
    pub(crate) split: i64,
    pub(crate) first_row: u32,
    pub(crate) rows: u16,
    /// Whether two lines ask for one SKU, so that a slot may serve both.
    pub(crate) repeats: bool,
    pub(crate) first_row_slot: u32,
    /// Whether neither the order nor any stock it may take has to wait for a day.
    pub(crate) free: bool,
    /// Whether a haul may bring something for it.
    pub(crate) via: bool,
}

impl ModelOrder {
    /// Its place among the model's orders.
    #[inline]
    pub(crate) fn index(&self, model: &Model) -> usize {
        model.lines[self.first_line as usize].order as usize
    }
}

pub(crate) struct Model<'p> {
    pub(crate) problem: &'p Problem,
    pub(crate) sites: usize,
    pub(crate) opts: Vec<Opt>,
    /// Options without a haul; those with one come after them.
    pub(crate) plain_opts: usize,
    /// First option of each haul.
    haul_first: Vec<u32>,
    /// What may be carried, by SKU, then destination: haul and the slot it takes from.
    carried: Vec<(u16, u32)>,
    carried_first: Vec<u32>,
    /// First option of (zone, site), and the end.
    pub(crate) opt_first: Vec<u32>,
    /// 0, 1, 2, ...: every option, to take slices of.
    pub(crate) every_opt: Vec<u32>,
    pub(crate) slots: Vec<Slot>,
    pub(crate) sku_first: Vec<u32>,
    pub(crate) capacity: Vec<i64>,
    pub(crate) orders: Vec<ModelOrder>,
    pub(crate) lines: Vec<ModelLine>,
    /// Number in the problem of each model line.
    pub(crate) line_number: Vec<u32>,
    pub(crate) row_site: Vec<u16>,
    pub(crate) row_slots: Vec<u32>,
    /// Standby sites: site and scaled activation cost.
    pub(crate) standby: Vec<(u16, i64)>,
    /// Weight that may be lost by merchant before the floor is touched; negative: the floor cannot be met.
    pub(crate) kept_slack: Vec<i64>,
    pub(crate) any_floor: bool,
}

impl<'p> Model<'p> {
    pub(crate) fn compile(problem: &'p Problem) -> Self {
        let days = usize::from(problem.horizon_days);
        let sites = problem.sites.len();
        let (mut opts, opt_first) = options(problem);
        let plain_opts = opts.len();
        let (slots, sku_first) = slots(problem);
        let haul_first = haul_options(problem, &mut opts);
        let (carried, carried_first) = carried(problem, &slots, &sku_first);
        let capacity =
            problem.sites.iter().flat_map(|site| site.capacity.iter().map(|&work| work as i64)).collect();
        debug_assert_eq!(sites * days, problem.sites.iter().map(|site| site.capacity.len()).sum::<usize>());
        let standby = problem.sites.iter().enumerate().filter_map(|(index, site)| {
            matches!(site.status, SiteStatus::Standby { .. })
                .then(|| (index as u16, rules::activation::cost(site) * PRICE_SCALE))
        });
        let totals = rules::fairness::totals(problem);
        let kept_slack: Vec<i64> = problem
            .merchants
            .iter()
            .zip(&totals)
            .map(|(merchant, &total)| total as i64 - i64::try_from(merchant.kept_floor).unwrap_or(i64::MAX))
            .collect();
        let mut model = Self {
            problem,
            sites,
            every_opt: (0..plain_opts as u32).collect(),
            opts,
            plain_opts,
            haul_first,
            carried,
            carried_first,
            opt_first,
            slots,
            sku_first,
            capacity,
            orders: Vec::with_capacity(problem.orders.len()),
            lines: Vec::with_capacity(problem.line_count()),
            line_number: Vec::with_capacity(problem.line_count()),
            row_site: Vec::new(),
            row_slots: Vec::new(),
            standby: standby.collect(),
            kept_slack,
            any_floor: problem.merchants.iter().any(|merchant| merchant.kept_floor > 0),
        };
        for (index, order) in problem.orders.iter().enumerate() {
            model.add_order(index, order);
        }
        model
    }

    fn add_order(&mut self, index: usize, order: &Order) {
        let first_line = self.lines.len();
        for (number, line) in order.lines.iter().enumerate() {
            if !rules::held::free(line) {
                continue;
            }
            let planned = line.planned.filter(|&site| {
                // A planned site that can never be charged for is no planned site.
                self.problem.sites[usize::from(site.0)].status != SiteStatus::Down
            });
            self.line_number.push((self.problem.first_line(index) + number) as u32);
            self.lines.push(ModelLine {
                sku: line.sku.0,
                units: line.quantity,
                order: self.orders.len() as u32,
                planned: planned.map_or(u16::MAX, |site| site.0),
                may_split: line.may_split,
                move_cost: line.move_cost * PRICE_SCALE,
                backorder: rules::backorder::cost(line, line.quantity) * PRICE_SCALE,
            });
        }
        let lines = self.lines.len() - first_line;
        if lines == 0 {
            return;
        }
        let repeats = (first_line + 1..self.lines.len())
            .any(|late| self.lines[first_line..late].iter().any(|early| early.sku == self.lines[late].sku));
        let first_row = self.row_site.len();
        let first_row_slot = self.row_slots.len();
        let via = self.add_rows(order, first_line);
        self.orders.push(ModelOrder {
            order: index as u32,
            first_line: first_line as u32,
            lines: lines as u16,
            merchant: order.merchant,
            zone: order.zone.0,
            earliest_day: order.earliest_day,
            promise_day: order.promise_day,
            weight: order.weight,
            late: order.late_cost * PRICE_SCALE,
            late_day: order.late_cost_day * PRICE_SCALE,
            split: order.split_cost * PRICE_SCALE,
            first_row: first_row as u32,
            rows: (self.row_site.len() - first_row) as u16,
            repeats,
            first_row_slot: first_row_slot as u32,
            via,
            free: !via
                && order.earliest_day == 0
                && self.row_slots[first_row_slot..]
                    .iter()
                    .all(|&slot| slot == NONE || self.slots[slot as usize].from_day == 0),
        });
    }

    /// Merges the lines' slots, and what hauls bring, by site. Whether a haul may bring anything.
    fn add_rows(&mut self, order: &Order, first_line: usize) -> bool {
        let lines = self.lines.len() - first_line;
        let mut at: smallvec::SmallVec<[(u32, u32); 8]> = self.lines[first_line..]
            .iter()
            .map(|line| (self.sku_first[line.sku as usize], self.sku_first[line.sku as usize + 1]))
            .collect();
        let mut brought = self.brought(order, first_line);
        let via = !brought.is_empty();
        loop {
            let slots = at.iter().filter(|(from, to)| from < to);
            let next = slots.map(|&(from, _)| self.slots[from as usize].site).min();
            let next = next.into_iter().chain(brought.last().copied()).min();
            let Some(site) = next else { return via };
            let start = self.row_slots.len();
            let zone_site = usize::from(order.zone.0) * self.sites + usize::from(site);
            let reachable = self.opt_first[zone_site] < self.opt_first[zone_site + 1];
            let mut any = brought.last() == Some(&site);
            if any {
                brought.pop();
            }
            for (number, (from, to)) in at.iter_mut().enumerate() {
                let here = *from < *to && self.slots[*from as usize].site == site;
                let slot = if here { *from } else { NONE };
                *from += u32::from(here);
                let line = &self.lines[first_line + number];
                let least = rules::split::least_units(line.may_split, line.units);
                let useful = here
                    && reachable
                    && rules::stock::fits(self.slots[slot as usize].units.into(), least.into());
                any |= useful;
                self.row_slots.push(if useful { slot } else { NONE });
            }
            if any {
                self.row_site.push(site);
                debug_assert_eq!(self.row_slots.len() - start, lines);
            } else {
                self.row_slots.truncate(start);
            }
        }
    }

    /// Sites a haul may bring something to for the order, descending, each once.
    fn brought(&self, order: &Order, first_line: usize) -> smallvec::SmallVec<[u16; 8]> {
        let mut sites = smallvec::SmallVec::new();
        if self.haul_first.is_empty() {
            return sites;
        }
        for line in &self.lines[first_line..] {
            let least = rules::split::least_units(line.may_split, line.units);
            for &(haul, slot) in self.carried(line.sku) {
                let to = self.problem.hauls[usize::from(haul)].to.0;
                let zone_site = usize::from(order.zone.0) * self.sites + usize::from(to);
                if self.opt_first[zone_site] < self.opt_first[zone_site + 1]
                    && rules::stock::fits(self.slots[slot as usize].units.into(), least.into())
                {
                    sites.push(to);
                }
            }
        }
        sites.sort_unstable_by(|a, b| b.cmp(a));
        sites.dedup();
        sites
    }

    /// What may be carried of the SKU: haul, and the slot it takes from; by destination.
    pub(crate) fn carried(&self, sku: u32) -> &[(u16, u32)] {
        let at = sku as usize;
        match self.carried_first.get(at..at + 2) {
            Some(range) => &self.carried[range[0] as usize..range[1] as usize],
            None => &[],
        }
    }

    /// The option by the same parcel as `plain`, out of what the haul brings.
    pub(crate) fn by_haul(&self, plain: u32, haul: u16) -> u32 {
        self.haul_first[usize::from(haul)] + self.opts[plain as usize].rank
    }

    /// Whether one of the `chosen` options travels in the parcel of `number`.
    #[inline]
    pub(crate) fn shares_parcel(&self, chosen: &[u32], number: u32) -> bool {
        if self.haul_first.is_empty() {
            return chosen.contains(&number);
        }
        chosen.iter().any(|&other| self.parcel_of(other) == self.parcel_of(number))
    }

    /// The option whose parcel this one travels in; what is no option stays as it is.
    #[inline]
    pub(crate) fn parcel_of(&self, number: u32) -> u32 {
        self.opts.get(number as usize).map_or(number, |opt| opt.parcel)
    }

    /// Cost of `units` of the model line, but not all, on backorder; scaled.
    pub(crate) fn part_backorder(&self, order: &ModelOrder, line: usize, units: u32) -> i64 {
        let number = self.line_number[line] as usize - self.problem.first_line(order.order as usize);
        let line = &self.problem.orders[order.order as usize].lines[number];
        rules::backorder::cost(line, units) * PRICE_SCALE
    }

    pub(crate) fn options_of(&self, zone: u16, site: u16) -> core::ops::Range<usize> {
        let at = usize::from(zone) * self.sites + usize::from(site);
        self.opt_first[at] as usize..self.opt_first[at + 1] as usize
    }

    /// The slot of the SKU at the site.
    pub(crate) fn slot_of(&self, sku: u32, site: u16) -> u32 {
        let (from, to) = (self.sku_first[sku as usize], self.sku_first[sku as usize + 1]);
        (from..to).find(|&slot| self.slots[slot as usize].site == site).unwrap_or(NONE)
    }

    /// Cost of `units` of the line by the option, lateness and moving included, without the parcel; scaled.
    /// The caller has made sure that the option may carry it.
    pub(crate) fn piece_cost(&self, order: &ModelOrder, line: &ModelLine, opt: &Opt, units: u32) -> i64 {
        let mut cost = self.unit_cost(line, opt) * i64::from(units) + late(order, opt);
        if line.planned != u16::MAX && line.planned != opt.site {
            cost += line.move_cost;
        }
        cost
    }

    /// Cost of one unit of the line by the option, scaled.
    pub(crate) fn unit_cost(&self, line: &ModelLine, opt: &Opt) -> i64 {
        if !opt.by_weight {
            return opt.unit;
        }
        let lane = self.problem.lane(opt.lane);
        let weight_g = self.problem.skus[line.sku as usize].weight_g;
        let carried = self.problem.hauls.get(usize::from(opt.haul));
        let carried = carried.map_or(0, |haul| rules::transfer::unit(haul, weight_g));
        (rules::shipping::unit(lane, weight_g) + rules::handling::unit(lane) + carried) * PRICE_SCALE
    }

    /// Whether the option may carry the line out of the slot.
    pub(crate) fn may(&self, order: &ModelOrder, line: &ModelLine, opt: &Opt, slot: &Slot) -> bool {
        let there =
            self.problem.hauls.get(usize::from(opt.haul)).map_or(slot.from_day, |haul| haul.ready_day);
        opt.day >= rules::ship_day::first(order.earliest_day, there)
            && (opt.carries_all
                || rules::storage::lane_may(
                    self.problem.lane(opt.lane),
                    &self.problem.skus[line.sku as usize],
                ))
    }
}

/// Cost of one late piece, scaled.
pub(crate) fn late(order: &ModelOrder, opt: &Opt) -> i64 {
    let promise = u32::from(order.promise_day);
    if opt.arrival_day <= promise {
        0
    } else {
        order.late + order.late_day * i64::from(opt.arrival_day - promise)
    }
}

/// Whether `other` is never better than `lane` on a day, whatever is shipped and whenever it is due.
fn dominates(lane: &Lane, other: &Lane, day: u16) -> bool {
    lane.fix + lane.handling_parcel <= other.fix + other.handling_parcel
        && lane.per_unit + lane.handling_unit <= other.per_unit + other.handling_unit
        && lane.per_kg <= other.per_kg
        && lane.transit(day) <= other.transit(day)
        && lane.allows & other.allows == other.allows
        && lane.unit_max_g >= other.unit_max_g
}

fn options(problem: &Problem) -> (Vec<Opt>, Vec<u32>) {
    let sites = problem.sites.len();
    let mut by_place: Vec<Vec<u32>> = vec![Vec::new(); problem.zones * sites];
    for (index, lane) in problem.lanes.iter().enumerate() {
        by_place[usize::from(lane.zone.0) * sites + usize::from(lane.site.0)].push(index as u32);
    }
    let heaviest = problem.skus.iter().map(|sku| sku.weight_g).max().unwrap_or(0);
    let classes = problem.skus.iter().fold(0_u32, |all, sku| all | 1 << sku.class);
    let mut opts = Vec::new();
    let mut first = Vec::with_capacity(by_place.len() + 1);
    for lanes in &by_place {
        first.push(opts.len() as u32);
        for day in 0..problem.horizon_days {
            for (rank, &index) in lanes.iter().enumerate() {
                let lane = &problem.lanes[index as usize];
                let site = &problem.sites[usize::from(lane.site.0)];
                let site_open = rules::site_open::from_day(site).is_some_and(|from| day >= from);
                if !site_open || !rules::lane_open::open(lane, day) {
                    continue;
                }
                let beaten = lanes.iter().enumerate().any(|(rival_rank, &rival)| {
                    let rival_lane = &problem.lanes[rival as usize];
                    rival != index
                        && rules::lane_open::open(rival_lane, day)
                        && dominates(rival_lane, lane, day)
                        && (rival_rank < rank || !dominates(lane, rival_lane, day))
                });
                if !beaten {
                    let full = lane.allows & classes == classes && lane.unit_max_g >= heaviest;
                    opts.push(option(problem, LaneId(index), day, full));
                }
            }
        }
    }
    first.push(opts.len() as u32);
    let mut ranks = vec![0; sites];
    for (number, opt) in opts.iter_mut().enumerate() {
        let rank: &mut u32 = &mut ranks[usize::from(opt.site)];
        (opt.parcel, opt.rank) = (number as u32, *rank);
        *rank += 1;
    }
    (opts, first)
}

/// Adds for each haul the options of its destination, out of its source; returns where each haul's begin.
fn haul_options(problem: &Problem, opts: &mut Vec<Opt>) -> Vec<u32> {
    let plain = opts.len();
    let mut first = Vec::with_capacity(problem.hauls.len());
    for (number, haul) in (0..).zip(&problem.hauls) {
        first.push(opts.len() as u32);
        for at in 0..plain {
            if opts[at].site == haul.to.0 {
                let mut opt = opts[at].clone();
                opt.source = haul.from.0;
                opt.haul = number;
                opt.unit += rules::transfer::unit(haul, 0) * PRICE_SCALE;
                opt.by_weight |= haul.per_kg > 0;
                opts.push(opt);
            }
        }
    }
    first
}

/// What hauls may carry, by SKU and destination.
fn carried(problem: &Problem, slots: &[Slot], sku_first: &[u32]) -> (Vec<(u16, u32)>, Vec<u32>) {
    let mut all: Vec<(u32, u16, u16, u32)> = Vec::new();
    for (number, haul) in (0_u16..).zip(&problem.hauls) {
        let (from, to) = (&problem.sites[usize::from(haul.from.0)], &problem.sites[usize::from(haul.to.0)]);
        for sku in &haul.skus {
            let range = sku_first[sku.0 as usize] as usize..sku_first[sku.0 as usize + 1] as usize;
            for slot in range.filter(|&slot| slots[slot].site == haul.from.0) {
                let at = &slots[slot];
                let stock = Stock { site: haul.from, sku: *sku, quantity: at.units, from_day: at.from_day };
                if rules::transfer::may(haul, from, to, &stock, &problem.skus[sku.0 as usize]) {
                    all.push((sku.0, haul.to.0, number, slot as u32));
                }
            }
        }
    }
    all.sort_unstable();
    let mut first = Vec::new();
    if !problem.hauls.is_empty() {
        first = vec![0_u32; problem.skus.len() + 1];
        for entry in &all {
            first[entry.0 as usize + 1] += 1;
        }
        for sku in 0..problem.skus.len() {
            first[sku + 1] += first[sku];
        }
    }
    (all.into_iter().map(|(_, _, haul, slot)| (haul, slot)).collect(), first)
}

fn option(problem: &Problem, id: LaneId, day: u16, carries_all: bool) -> Opt {
    let lane = problem.lane(id);
    let site = &problem.sites[usize::from(lane.site.0)];
    let empty = rules::capacity::work(site, 0);
    Opt {
        lane: id,
        site: lane.site.0,
        source: lane.site.0,
        haul: NO_HAUL,
        parcel: NONE,
        rank: 0,
        day,
        cap: u32::from(lane.site.0) * u32::from(problem.horizon_days) + u32::from(day),
        arrival_day: u32::from(day) + u32::from(lane.transit(day)),
        fix: (rules::shipping::parcel(lane) + rules::handling::parcel(lane)) * PRICE_SCALE,
        unit: (rules::shipping::unit(lane, 0) + rules::handling::unit(lane)) * PRICE_SCALE,
        by_weight: lane.per_kg > 0,
        work_parcel: empty as u32,
        work_unit: (rules::capacity::work(site, 1) - empty) as u32,
        carries_all,
    }
}

fn slots(problem: &Problem) -> (Vec<Slot>, Vec<u32>) {
    let usable = problem.stock.iter().filter(|stock| {
        let site = &problem.sites[usize::from(stock.site.0)];
        let sku = &problem.skus[stock.sku.0 as usize];
        stock.quantity > 0
            && stock.from_day < problem.horizon_days
            && rules::site_open::from_day(site).is_some()
            && rules::storage::site_may(site, sku)
    });
    let mut slots: Vec<Slot> = usable
        .map(|stock| Slot {
            site: stock.site.0,
            from_day: stock.from_day,
            sku: stock.sku.0,
            units: stock.quantity,
        })
        .collect();
    slots.sort_unstable_by_key(|slot| (slot.sku, slot.site));
    let mut first = vec![0_u32; problem.skus.len() + 1];
    for slot in &slots {
        first[slot.sku as usize + 1] += 1;
    }
    for sku in 0..problem.skus.len() {
        first[sku + 1] += first[sku];
    }
    (slots, first)
}
