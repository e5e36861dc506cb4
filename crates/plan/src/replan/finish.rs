//! The plan as it is published: pieces, reasons and costs, from the state the search ended in.

use holdfast_domain::id::SiteId;

use super::dual::Dual;
use super::model::{Model, ModelOrder, NO_HAUL, NONE};
use super::plan::{
    BackorderedBecause, CostParts, LinePlan, MovedBecause, Piece, Plan, Reason, Stopped, Work,
};
use super::price::bound_in_minor_units;
use super::problem::{Line, SiteStatus};
use super::rules;
use super::state::State;

/// Writes the plan.
pub(crate) fn finish(model: &Model, mut state: State, dual: &mut Dual, work: Work, stopped: Stopped) -> Plan {
    let problem = model.problem;
    let mut plan = Plan {
        pieces: Vec::with_capacity(model.lines.len()),
        lines: Vec::with_capacity(problem.line_count()),
        activated: Vec::new(),
        cost: CostParts::default(),
        bound: bound_in_minor_units(dual.best_bound),
        prices: dual.publish(model),
        work,
        stopped,
    };
    close_unused(model, &mut state);
    for &(site, _) in &model.standby {
        if state.active[usize::from(site)] {
            plan.activated.push(SiteId(site));
            plan.cost.activation += rules::activation::cost(&problem.sites[usize::from(site)]);
        }
    }
    let mut orders = model.orders.iter().peekable();
    let mut next_line = 0;
    for (index, order) in problem.orders.iter().enumerate() {
        let planned = orders.next_if(|planned| planned.order as usize == index);
        for (number, line) in order.lines.iter().enumerate() {
            let first_piece = plan.pieces.len() as u32;
            let Some(planned) = planned.filter(|_| line.held.is_none()) else {
                let held = line.held.expect("an order without a model has held lines only");
                plan.lines.push(LinePlan { first_piece, backordered: 0, reason: Reason::Held(held) });
                continue;
            };
            debug_assert_eq!(model.line_number[next_line] as usize, problem.first_line(index) + number);
            add_line(model, &state, (planned, line, next_line), first_piece, &mut plan);
            next_line += 1;
        }
        if let Some(planned) = planned {
            add_parcels(model, &state, planned, &mut plan);
        }
    }
    plan
}

/// A standby site nothing ships from is not activated.
fn close_unused(model: &Model, state: &mut State) {
    let mut used = vec![false; model.sites];
    for order in &model.orders {
        for (_, number, _) in state.pieces(model, order) {
            used[usize::from(model.opts[number as usize].site)] = true;
        }
    }
    for &(site, _) in &model.standby {
        state.active[usize::from(site)] &= used[usize::from(site)];
    }
}

fn add_line(
    model: &Model,
    state: &State,
    (order, line, at): (&ModelOrder, &Line, usize),
    first_piece: u32,
    plan: &mut Plan,
) {
    let source = &model.problem.orders[order.order as usize];
    let mut missing = line.quantity;
    let all = state.pieces(model, order);
    for &(_, number, units) in all.iter().filter(|piece| piece.0 as usize == at) {
        let opt = &model.opts[number as usize];
        let lane = model.problem.lane(opt.lane);
        let weight_g = model.problem.skus[line.sku.0 as usize].weight_g;
        let site = SiteId(opt.site);
        missing -= units;
        let haul = (opt.haul != NO_HAUL).then_some(opt.haul);
        plan.pieces.push(Piece { site, lane: opt.lane, day: opt.day, quantity: units, haul });
        if let Some(haul) = model.problem.hauls.get(usize::from(opt.haul)) {
            plan.cost.transfer += rules::transfer::unit(haul, weight_g) * i64::from(units);
        }
        plan.cost.shipping += rules::shipping::unit(lane, weight_g) * i64::from(units);
        plan.cost.handling += rules::handling::unit(lane) * i64::from(units);
        plan.cost.late += rules::late::cost(source, opt.arrival_day);
        plan.cost.moving += rules::moving::cost(line, &model.problem.sites, site);
    }
    if missing > 0 {
        plan.cost.backorder += rules::backorder::cost(line, missing);
    }
    let pieces = &plan.pieces[first_piece as usize..];
    let reason = if missing > 0 {
        Reason::Backordered(why_backordered(model, state, order, at))
    } else if line.planned.is_some_and(|site| pieces.iter().all(|piece| piece.site == site)) {
        Reason::Kept
    } else {
        Reason::Moved(why_moved(model, state, order, line, at))
    };
    plan.lines.push(LinePlan { first_piece, backordered: missing, reason });
}

fn add_parcels(model: &Model, state: &State, order: &ModelOrder, plan: &mut Plan) {
    let pieces = state.pieces(model, order);
    let mut opened: Vec<u32> = pieces.iter().map(|piece| model.parcel_of(piece.1)).collect();
    opened.sort_unstable();
    opened.dedup();
    for &number in &opened {
        let lane = model.problem.lane(model.opts[number as usize].lane);
        plan.cost.shipping += rules::shipping::parcel(lane);
        plan.cost.handling += rules::handling::parcel(lane);
    }
    plan.cost.split += rules::split::cost(&model.problem.orders[order.order as usize], opened.len());
}

/// How far one (line, site) gets: each step is a rule that did not stop it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    NoStock,
    NoLane,
    StockTaken,
    NoRoom,
    Free,
}

fn reach(model: &Model, state: &State, order: &ModelOrder, at: usize, site: u16) -> Reach {
    let slot = model.slot_of(model.lines[at].sku, site);
    reach_by(model, state, (order, at, slot), model.options_of(order.zone, site))
}

/// The same by what hauls may bring.
fn reach_carried(model: &Model, state: &State, order: &ModelOrder, at: usize) -> Option<Reach> {
    let carried = model.carried(model.lines[at].sku).iter().filter(|_| order.via);
    let by = |&(haul, slot): &(u16, u32)| {
        let to = model.problem.hauls[usize::from(haul)].to.0;
        let ways = model.options_of(order.zone, to).map(|plain| model.by_haul(plain as u32, haul) as usize);
        reach_by(model, state, (order, at, slot), ways)
    };
    carried.map(by).max()
}

fn reach_by(
    model: &Model,
    state: &State,
    (order, at, slot): (&ModelOrder, usize, u32),
    ways: impl Iterator<Item = usize>,
) -> Reach {
    let line = &model.lines[at];
    let least = rules::split::least_units(line.may_split, line.units);
    if slot == NONE || model.slots[slot as usize].units < least {
        return Reach::NoStock;
    }
    let ways = ways.map(|number| &model.opts[number]);
    let mut ways = ways.filter(|opt| model.may(order, line, opt, &model.slots[slot as usize])).peekable();
    if ways.peek().is_none() {
        return Reach::NoLane;
    }
    if state.left[slot as usize] < i64::from(least) {
        return Reach::StockTaken;
    }
    let load =
        |opt: &super::model::Opt| i64::from(opt.work_parcel) + i64::from(opt.work_unit) * i64::from(least);
    if ways.any(|opt| {
        state.active[usize::from(opt.site)] && {
            load(opt) <= state.room[opt.cap as usize] - state.lent[opt.cap as usize]
        }
    }) {
        Reach::Free
    } else {
        Reach::NoRoom
    }
}

fn why_backordered(model: &Model, state: &State, order: &ModelOrder, at: usize) -> BackorderedBecause {
    let best = (0..model.sites as u16).map(|site| reach(model, state, order, at, site)).max();
    match best.max(reach_carried(model, state, order, at)).unwrap_or(Reach::NoStock) {
        Reach::NoStock => BackorderedBecause::NoStock,
        Reach::NoLane => BackorderedBecause::NoLane,
        Reach::StockTaken => BackorderedBecause::StockToOthers,
        Reach::NoRoom => BackorderedBecause::NoCapacity,
        Reach::Free => BackorderedBecause::PriceTooHigh,
    }
}

fn why_moved(model: &Model, state: &State, order: &ModelOrder, line: &Line, at: usize) -> MovedBecause {
    let Some(planned) = line.planned else { return MovedBecause::NotPlanned };
    match model.problem.sites[usize::from(planned.0)].status {
        SiteStatus::Down => return MovedBecause::SiteDown,
        SiteStatus::Standby { .. } if !state.active[usize::from(planned.0)] => {
            return MovedBecause::SiteNotOpen;
        }
        _ => {}
    }
    match reach(model, state, order, at, planned.0) {
        Reach::NoStock => MovedBecause::NoStockThere,
        Reach::NoLane => MovedBecause::NoLaneThere,
        Reach::StockTaken => MovedBecause::StockToOthers,
        Reach::NoRoom => MovedBecause::CapacityToOthers,
        Reach::Free => MovedBecause::Cheaper,
    }
}
