//! What it costs to free units of a slot by moving lines of the same SKU along to other sites.
//!
//! For each SKU the sites that have it are nodes; an arc is the line that loses least when it alone goes from
//! one site to another, whatever else its order does staying as it is. The cheapest path from a full slot to
//! one with units left is the true price of a unit there, now. Arcs depend on the orders of the SKU alone, so
//! they are kept until one of those changes.

use super::model::{FAR, Model, ModelOrder, NONE};
use super::state::{SPLIT, State};

/// Most arcs followed to free one slot.
const PATH_MAX: usize = 5;
/// Most sites with one SKU that are searched; more are left to plain reinsertion.
const SITES_MAX: usize = 32;

/// The line that goes from one site to another at least cost.
#[derive(Clone, Copy)]
pub(crate) struct Arc {
    pub(crate) cost: i64,
    pub(crate) line: u32,
    /// Option it takes at its new site; [`NONE`] for backorder.
    pub(crate) opt: u32,
}

const NO_ARC: Arc = Arc { cost: FAR, line: NONE, opt: NONE };

/// A line that moves, the last of a path first.
pub(crate) type Path = smallvec::SmallVec<[(u32, u32); PATH_MAX]>;

/// Arcs of every SKU: for each pair of sites the two best lines, of different orders.
pub(crate) struct Chains {
    /// First arc of each SKU, by its number of sites squared plus those to backorder.
    first: Vec<usize>,
    arcs: Vec<[Arc; 2]>,
    valid: Vec<bool>,
    /// Lines in each slot, and where each line stands there.
    slot_lines: Vec<Vec<u32>>,
    /// Slots of each site.
    pub(crate) site_slots: Vec<Vec<u32>>,
    standing: Vec<u32>,
    /// Cheapest way to free a slot of one SKU, and its first arc; valid for the last [`Chains::price`] only.
    dist: [i64; SITES_MAX],
    step: [(u8, u8); SITES_MAX],
}

impl Chains {
    pub(crate) fn new(model: &Model, state: &State) -> Self {
        let skus = model.sku_first.len() - 1;
        let mut first = Vec::with_capacity(skus + 1);
        let mut size = 0;
        for sku in 0..skus {
            first.push(size);
            let sites = (model.sku_first[sku + 1] - model.sku_first[sku]) as usize;
            if sites <= SITES_MAX {
                size += sites * (sites + 1);
            }
        }
        first.push(size);
        let mut chains = Self {
            first,
            arcs: vec![[NO_ARC; 2]; size],
            valid: vec![false; skus],
            slot_lines: vec![Vec::new(); model.slots.len()],
            site_slots: vec![Vec::new(); model.sites],
            standing: vec![NONE; model.lines.len()],
            dist: [FAR; SITES_MAX],
            step: [(0, 0); SITES_MAX],
        };
        for (slot, at) in model.slots.iter().enumerate() {
            chains.site_slots[usize::from(at.site)].push(slot as u32);
        }
        for line in 0..model.lines.len() {
            chains.enter(state, line);
        }
        chains
    }

    /// The lines that stand in the slot.
    pub(crate) fn lines_in(&self, slot: u32) -> &[u32] {
        &self.slot_lines[slot as usize]
    }

    /// Tells that the line stands in its slot now.
    pub(crate) fn enter(&mut self, state: &State, line: usize) {
        if state.choice[line] != NONE && state.choice[line] != SPLIT {
            let lines = &mut self.slot_lines[state.slot[line] as usize];
            self.standing[line] = lines.len() as u32;
            lines.push(line as u32);
        }
    }

    /// Tells that the line leaves the slot it stands in.
    pub(crate) fn leave(&mut self, state: &State, line: usize) {
        let at = self.standing[line];
        if at != NONE {
            let lines = &mut self.slot_lines[state.slot[line] as usize];
            lines.swap_remove(at as usize);
            if let Some(&moved) = lines.get(at as usize) {
                self.standing[moved as usize] = at;
            }
            self.standing[line] = NONE;
        }
    }

    /// Tells that every arc changed.
    pub(crate) fn forget_all(&mut self) {
        self.valid.fill(false);
    }

    /// Tells that an order with this SKU changed.
    pub(crate) fn forget(&mut self, sku: u32) {
        self.valid[sku as usize] = false;
    }

    /// Finds for every slot of the SKU what freeing `units` beyond what is left costs, with the order `but`
    /// out of the way. Returns the work it took.
    pub(crate) fn price(&mut self, model: &Model, state: &State, sku: u32, units: u32, but: u32) -> u64 {
        let slots = model.sku_first[sku as usize]..model.sku_first[sku as usize + 1];
        let sites = slots.len();
        self.dist[..sites.min(SITES_MAX)].fill(FAR);
        if sites > SITES_MAX {
            return 1;
        }
        let mut work = 0;
        if !self.valid[sku as usize] {
            work += self.draw(model, state, sku);
        }
        let arcs = &self.arcs[self.first[sku as usize]..self.first[sku as usize + 1]];
        for round in 0..PATH_MAX {
            let mut changed = false;
            for from in 0..sites {
                for to in 0..=sites {
                    if to == from {
                        continue;
                    }
                    let Some(arc) = arc_of(model, &arcs[from * (sites + 1) + to], but) else { continue };
                    let moving = model.lines[arc.line as usize].units;
                    let here = slots.start + from as u32;
                    if i64::from(moving) < i64::from(units) - state.left[here as usize] || moving > units {
                        continue;
                    }
                    let beyond = if to == sites || has_left(model, state, slots.start + to as u32, &arc) {
                        0
                    } else if round > 0 && moving == units {
                        self.dist[to]
                    } else {
                        FAR
                    };
                    if arc.cost + beyond < self.dist[from] {
                        self.dist[from] = arc.cost + beyond;
                        self.step[from] = (to as u8, u8::from(beyond == 0));
                        changed = true;
                    }
                }
            }
            if !changed {
                break;
            }
        }
        work + 1
    }

    /// What freeing the slot costs, by the last [`Chains::price`] of its SKU.
    pub(crate) fn cost(&self, model: &Model, slot: u32) -> i64 {
        let sku = model.slots[slot as usize].sku;
        let place = (slot - model.sku_first[sku as usize]) as usize;
        if place < SITES_MAX { self.dist[place] } else { FAR }
    }

    /// The lines to move to free the slot, last first, by the last [`Chains::price`] of its SKU.
    pub(crate) fn path(&self, model: &Model, slot: u32, but: u32) -> Option<Path> {
        let sku = model.slots[slot as usize].sku;
        let start = model.sku_first[sku as usize];
        let sites = (model.sku_first[sku as usize + 1] - start) as usize;
        let arcs = &self.arcs[self.first[sku as usize]..self.first[sku as usize + 1]];
        let mut path = Path::new();
        let mut at = (slot - start) as usize;
        // A path may close on itself where a cycle of lines gains; it is cut at its longest.
        while path.len() < PATH_MAX {
            let (to, last) = self.step[at];
            let arc = arc_of(model, &arcs[at * (sites + 1) + usize::from(to)], but)?;
            if path
                .iter()
                .any(|&(line, _)| model.lines[line as usize].order == model.lines[arc.line as usize].order)
            {
                return None;
            }
            path.push((arc.line, arc.opt));
            at = usize::from(to);
            if last == 1 {
                path.reverse();
                return Some(path);
            }
        }
        None
    }

    /// Finds the arcs of one SKU.
    fn draw(&mut self, model: &Model, state: &State, sku: u32) -> u64 {
        let start = model.sku_first[sku as usize];
        let end = model.sku_first[sku as usize + 1];
        let sites = (end - start) as usize;
        let arcs = &mut self.arcs[self.first[sku as usize]..self.first[sku as usize + 1]];
        arcs.fill([NO_ARC; 2]);
        let mut work = 1;
        for from in start..end {
            let row = (from - start) as usize * (sites + 1);
            for &line in &self.slot_lines[from as usize] {
                work += 1;
                draw_line(model, state, line, start..end, &mut arcs[row..=row + sites]);
            }
        }
        self.valid[sku as usize] = true;
        work / 4 + 1
    }
}

fn has_left(model: &Model, state: &State, slot: u32, arc: &Arc) -> bool {
    let opt = &model.opts[arc.opt as usize];
    let units = i64::from(model.lines[arc.line as usize].units);
    let load = i64::from(opt.work_parcel) + i64::from(opt.work_unit) * units;
    state.left[slot as usize] >= units && state.room[opt.cap as usize] >= load
}

fn arc_of(model: &Model, pair: &[Arc; 2], but: u32) -> Option<Arc> {
    let arc = pair.iter().find(|arc| arc.line != NONE && model.lines[arc.line as usize].order != but)?;
    (arc.cost < FAR).then_some(*arc)
}

fn draw_line(model: &Model, state: &State, line: u32, slots: core::ops::Range<u32>, row: &mut [[Arc; 2]]) {
    let at = &model.lines[line as usize];
    let order = &model.orders[at.order as usize];
    let chosen = &state.choice[State::lines(order)];
    if chosen.contains(&SPLIT) {
        return;
    }
    let now = state.choice[line as usize];
    let place = (line - order.first_line) as usize;
    let alone =
        !model.shares_parcel(&chosen[..place], now) && !model.shares_parcel(&chosen[place + 1..], now);
    let penalty = state.unkept_price[usize::from(order.merchant)] * i64::from(order.weight);
    let late = |number: u32| model.opts[number as usize].arrival_day > u32::from(order.promise_day);
    let opt = &model.opts[now as usize];
    let units = i64::from(at.units);
    let work = state.work_of(opt);
    let saved = model.piece_cost(order, at, opt, at.units)
        + work.1 * units
        + if alone { opt.fix + work.0 + order.split } else { 0 }
        + if late(now) { penalty } else { 0 };
    for slot in slots.clone() {
        let there = &model.slots[slot as usize];
        if slot == state.slot[line as usize]
            || there.units < at.units
            || !state.active[usize::from(there.site)]
        {
            continue;
        }
        let plain = model.options_of(order.zone, there.site);
        let carried = model.carried(at.sku).iter().filter(|(_, source)| order.via && *source == slot);
        let carried = carried.flat_map(|&(haul, _)| {
            let to = model.problem.hauls[usize::from(haul)].to.0;
            model.options_of(order.zone, to).map(move |plain| model.by_haul(plain as u32, haul) as usize)
        });
        let mut best = NO_ARC;
        for number in plain.chain(carried) {
            let way = &model.opts[number];
            if !model.may(order, at, way, there) || !state.active[usize::from(way.site)] {
                continue;
            }
            let number = number as u32;
            let opened = model.shares_parcel(chosen, number);
            let work = state.work_of(way);
            let cost = model.piece_cost(order, at, way, at.units)
                + work.1 * units
                + if opened { 0 } else { way.fix + work.0 + order.split }
                + if late(number) { penalty } else { 0 };
            if cost - saved < best.cost {
                best = Arc { cost: cost - saved, line, opt: number };
            }
        }
        note(model, &mut row[(slot - slots.start) as usize], best);
    }
    let away = Arc { cost: at.backorder + penalty - saved, line, opt: NONE };
    note(model, row.last_mut().expect("a row ends with backorder"), away);
}

/// Keeps the two best of different orders; of equals the earlier line.
fn note(model: &Model, pair: &mut [Arc; 2], arc: Arc) {
    let order = |arc: &Arc| if arc.line == NONE { NONE } else { model.lines[arc.line as usize].order };
    let better = |arc: &Arc, than: &Arc| (arc.cost, arc.line) < (than.cost, than.line);
    if arc.cost >= FAR {
        return;
    }
    if better(&arc, &pair[0]) {
        if order(&arc) != order(&pair[0]) {
            pair[1] = pair[0];
        }
        pair[0] = arc;
    } else if order(&arc) != order(&pair[0]) && better(&arc, &pair[1]) {
        pair[1] = arc;
    }
}

/// The order a line belongs to.
pub(crate) fn order_of<'m>(model: &'m Model, line: u32) -> (u32, &'m ModelOrder) {
    let order = model.lines[line as usize].order;
    (order, &model.orders[order as usize])
}
