//! Plans: adopted as data, carried out step by step, each step once and exactly as approved, taken back as far as
//! the world still allows.

use super::order::{check_allocations, unreleased};
use super::{Decision, misplaced};
use crate::command::Command;
use crate::event::{Allocations, Event};
use crate::evolve::evolve;
use crate::id::PlanId;
use crate::order::{Allocation, Order};
use crate::plan_record::{Move, PlanRecord, step_digest};
use crate::reject::Rejection;
use crate::state::{State, unknown};
use crate::time::Stamp;

pub(super) fn decide(state: &State, command: &Command, at: Stamp) -> Decision {
    match command {
        Command::AdoptPlan(record) => {
            if record.parent > state.version {
                return Err(Rejection::PlanStale { parent: record.parent, now: state.version });
            }
            if let Some(incident) = record.incident {
                state.incident(incident)?;
            }
            let fresh = PlanRecord {
                done: 0,
                moved: 0,
                skipped: 0,
                undone: false,
                adopted: at,
                ..(**record).clone()
            };
            Ok(vec![Event::PlanAdopted(Box::new(fresh))])
        }
        Command::ExecuteStep { plan, step, moves } => execute(state, *plan, *step, moves, at),
        Command::UndoPlan { plan, moves } => undo(state, *plan, moves, at),
        Command::AdoptPrices { table } => Ok(vec![Event::PricesAdopted { table: *table }]),
        _ => Err(misplaced()),
    }
}

fn known(state: &State, plan: PlanId) -> Result<&PlanRecord, Rejection> {
    let record = state.plans.get(plan).ok_or_else(|| unknown("plan", plan))?;
    if record.undone { Err(Rejection::PlanUndone { plan }) } else { Ok(record) }
}

/// Moves of one step touch one another's stock and capacity, so each is decided on a fork that has seen the ones
/// before it. A move that no longer fits its order is left, and counted.
fn execute(state: &State, plan: PlanId, step: u32, moves: &[Move], at: Stamp) -> Decision {
    let record = known(state, plan)?;
    if step != record.done {
        return Err(Rejection::WrongStep { plan, due: record.done });
    }
    if record.steps.get(step as usize) != Some(&step_digest(moves)) {
        return Err(Rejection::NotAsApproved { plan });
    }
    let mut fork = state.clone();
    let (mut events, mut moved, mut skipped) = (Vec::new(), 0, 0);
    // All steps back first, then all steps forward: two orders may swap their units.
    let mut fitting: Vec<(&Move, Vec<Event>)> = Vec::new();
    for change in moves {
        match give_back(&fork, plan, change) {
            Some(event) => {
                if evolve(&mut fork, at, &event).is_err() {
                    skipped += 1;
                    continue;
                }
                fitting.push((change, vec![event]));
            }
            None => skipped += 1,
        }
    }
    for (change, mut steps) in fitting {
        match take_new(&fork, plan, change) {
            Ok(new) => {
                for event in &new {
                    evolve(&mut fork, at, event).map_err(|_| Rejection::NotAsApproved { plan })?;
                }
                steps.extend(new);
                moved += 1;
            }
            Err(_) => {
                // Back to where it was, where that is still possible; otherwise it waits for a site.
                let back = restore(&fork, plan, change);
                for event in &back {
                    evolve(&mut fork, at, event).map_err(|_| Rejection::NotAsApproved { plan })?;
                }
                steps.extend(back);
                skipped += 1;
            }
        }
        events.extend(steps);
    }
    order_by_phase(&mut events, plan);
    events.push(Event::PlanStepped { plan, step, moved, skipped });
    Ok(events)
}

/// Events that give units back come before those that take new ones, each group in its own order, as they were
/// decided on the fork.
fn order_by_phase(events: &mut Vec<Event>, plan: PlanId) {
    let gives =
        |event: &Event| matches!(event, Event::OrderMoved { plan: p, to, .. } if *p == plan && to.is_empty());
    let (mut first, rest): (Vec<Event>, Vec<Event>) = events.drain(..).partition(gives);
    first.extend(rest);
    *events = first;
}

fn give_back(state: &State, plan: PlanId, change: &Move) -> Option<Event> {
    let order = state.order(change.order).ok()?;
    if order.hold.is_some() || !holds(order, &change.from) {
        return None;
    }
    Some(Event::OrderMoved { order: change.order, plan, from: change.from.clone(), to: Allocations::new() })
}

fn take_new(state: &State, plan: PlanId, change: &Move) -> Result<Vec<Event>, Rejection> {
    let order = state.order(change.order)?;
    check_allocations(state, change.order, order, &change.to, &Allocations::new())?;
    let mut events = Vec::new();
    if !change.to.is_empty() {
        events.push(Event::OrderMoved {
            order: change.order,
            plan,
            from: Allocations::new(),
            to: change.to.clone(),
        });
    }
    if let Some(to) = change.promise.filter(|to| *to != order.promise) {
        events.push(Event::PromiseMoved { order: change.order, to });
    }
    Ok(events)
}

fn restore(state: &State, plan: PlanId, change: &Move) -> Vec<Event> {
    let Ok(order) = state.order(change.order) else { return Vec::new() };
    if change.from.is_empty()
        || check_allocations(state, change.order, order, &change.from, &Allocations::new()).is_err()
    {
        return Vec::new();
    }
    vec![Event::OrderMoved { order: change.order, plan, from: Allocations::new(), to: change.from.clone() }]
}

/// Whether the order still has, unreleased, every allocation the move starts from, each named once.
fn holds(order: &Order, from: &Allocations) -> bool {
    let has = unreleased(order);
    let once = |at: usize, wanted: &(u16, Allocation)| !from[..at].contains(wanted);
    from.iter().enumerate().all(|(at, wanted)| has.contains(wanted) && once(at, wanted))
}

fn undo(state: &State, plan: PlanId, moves: &[Move], at: Stamp) -> Decision {
    let record = known(state, plan)?;
    let approved = record.steps.iter().take(record.done as usize);
    let mut rest = moves;
    for digest in approved {
        let length = (0..=rest.len()).find(|n| step_digest(&rest[..*n]) == *digest);
        rest = &rest[length.ok_or(Rejection::NotAsApproved { plan })?..];
    }
    let executed = &moves[..moves.len() - rest.len()];
    let mut fork = state.clone();
    let (mut events, mut undone, mut kept) = (Vec::new(), 0, 0);
    for change in executed.iter().rev() {
        let reverse =
            Move { order: change.order, from: change.to.clone(), to: change.from.clone(), promise: None };
        let back = undo_one(&fork, plan, &reverse);
        if back.is_empty() {
            kept += 1;
            continue;
        }
        for event in &back {
            evolve(&mut fork, at, event).map_err(|_| Rejection::NotAsApproved { plan })?;
        }
        events.extend(back);
        undone += 1;
    }
    events.push(Event::PlanUndone { plan, undone, kept });
    Ok(events)
}

fn undo_one(state: &State, plan: PlanId, reverse: &Move) -> Vec<Event> {
    let Ok(order) = state.order(reverse.order) else { return Vec::new() };
    if reverse.to.is_empty() || order.hold.is_some() || !holds(order, &reverse.from) {
        return Vec::new();
    }
    if check_allocations(state, reverse.order, order, &reverse.to, &reverse.from).is_err() {
        return Vec::new();
    }
    vec![Event::OrderMoved { order: reverse.order, plan, from: reverse.from.clone(), to: reverse.to.clone() }]
}
