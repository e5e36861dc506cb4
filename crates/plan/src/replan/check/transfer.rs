//! What a truck brings was at its first stop in time, may be carried, and ships after it has arrived; each unit costs
//! what the truck takes.

use super::{Code, Found, Seen};
use crate::replan::problem::SiteStatus;

pub(super) fn check(seen: &Seen, found: &mut Found) {
    let mut cost = 0;
    for at in &seen.pieces {
        let Some(number) = at.piece.haul else { continue };
        let haul = &seen.problem.hauls[usize::from(number)];
        let from = &seen.problem.sites[usize::from(haul.from.0)];
        let sku = &seen.problem.skus[at.line.sku.0 as usize];
        let mut wrong = |text: String| found.add(Code::TransferWrong, at.place(), text);
        if haul.to != at.piece.site || haul.to == haul.from {
            wrong(format!("haul {number} does not bring anything to {}", at.piece.site));
        }
        if from.status != SiteStatus::Usable {
            wrong(format!("haul {number} leaves {}, which does not ship", haul.from));
        }
        if !haul.skus.contains(&at.line.sku) || from.allows >> sku.class & 1 == 0 {
            wrong(format!("haul {number} does not carry {}", at.line.sku));
        }
        if at.piece.day < haul.ready_day {
            wrong(format!("ships on day {}, haul {number} is there on day {}", at.piece.day, haul.ready_day));
        }
        let there = seen.problem.stock.iter().find(|s| s.site == haul.from && s.sku == at.line.sku);
        if there.is_none_or(|stock| stock.from_day > haul.leaves_day) {
            wrong(format!("haul {number} leaves on day {}, before its load is there", haul.leaves_day));
        }
        let thousandths = haul.per_kg * i64::from(sku.weight_g);
        let weight = thousandths / 1000 + i64::from(thousandths % 1000 > 0);
        cost += i64::from(at.piece.quantity) * (haul.per_unit + weight);
    }
    found.cost("transfer", seen.plan.cost_parts().transfer, cost);
}
