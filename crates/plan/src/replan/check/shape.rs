//! The plan's lists fit the problem: a decision for each line, indices that name something, units that add up.

use super::{Code, Found};
use crate::replan::plan::{Plan, Reason};
use crate::replan::problem::Problem;

pub(super) fn check(problem: &Problem, plan: &Plan, found: &mut Found) {
    let lines: usize = problem.orders.iter().map(|order| order.lines.len()).sum();
    if plan.line_count() != lines {
        found.add(Code::Shape, "plan", format!("{} lines, the problem has {lines}", plan.line_count()));
        return;
    }
    let mut last = 0;
    for number in 0..lines {
        let first = plan.line(number).first_piece as usize;
        if first < last || first > plan.pieces().len() || (number == 0 && first != 0) {
            found.add(Code::Shape, format!("line {number}"), "its pieces are out of order");
            return;
        }
        last = first;
    }
    for (index, piece) in plan.pieces().iter().enumerate() {
        let known = usize::from(piece.site.0) < problem.sites.len()
            && (piece.lane.0 as usize) < problem.lanes.len()
            && piece.day < problem.horizon_days
            && piece.haul.is_none_or(|haul| usize::from(haul) < problem.hauls.len());
        if !known {
            found.add(Code::Shape, format!("piece {index}"), "its site, lane, day or haul does not exist");
        }
    }
    if found.0.is_empty() {
        lines_add_up(problem, plan, found);
    }
}

fn lines_add_up(problem: &Problem, plan: &Plan, found: &mut Found) {
    let mut number = 0;
    for (index, order) in problem.orders.iter().enumerate() {
        for (position, line) in order.lines.iter().enumerate() {
            let place = format!("order {index} line {position}");
            let decided = plan.line(number);
            let pieces = plan.pieces_of(number);
            number += 1;
            for (at, piece) in pieces.iter().enumerate() {
                let lane = &problem.lanes[piece.lane.0 as usize];
                if lane.site != piece.site || lane.zone != order.zone {
                    found.add(
                        Code::LaneWrong,
                        &place,
                        format!("{} is not from {} to {}", piece.lane, piece.site, order.zone),
                    );
                }
                let same = |other: &&crate::replan::plan::Piece| {
                    (other.lane, other.day, other.haul) == (piece.lane, piece.day, piece.haul)
                };
                if piece.quantity == 0 || pieces[..at].iter().any(|other| same(&other)) {
                    found.add(Code::PieceTwice, &place, format!("{} on day {}", piece.lane, piece.day));
                }
            }
            if line.held.is_some() {
                continue;
            }
            let shipped: u64 = pieces.iter().map(|piece| u64::from(piece.quantity)).sum();
            if shipped + u64::from(decided.backordered) != u64::from(line.quantity) {
                let text = format!(
                    "{shipped} shipped and {} on backorder of {}",
                    decided.backordered, line.quantity
                );
                found.add(Code::UnitsWrong, &place, text);
            }
            let at_planned = pieces.iter().all(|piece| Some(piece.site) == line.planned);
            let fits = match decided.reason {
                Reason::Kept => decided.backordered == 0 && at_planned,
                Reason::Moved(_) => decided.backordered == 0 && !at_planned,
                Reason::Backordered(_) => decided.backordered > 0,
                Reason::Held(_) => false,
            };
            if !fits {
                found.add(Code::ReasonWrong, &place, format!("{:?}", decided.reason));
            }
        }
    }
}
