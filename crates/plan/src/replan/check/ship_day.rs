//! Nothing of an order ships before its earliest day, nor stock before it is there.

use std::collections::BTreeMap;

use super::{Code, Found, Seen};

pub(super) fn check(seen: &Seen, found: &mut Found) {
    let there: BTreeMap<(u16, u32), u16> =
        seen.problem.stock.iter().map(|stock| ((stock.site.0, stock.sku.0), stock.from_day)).collect();
    for at in &seen.pieces {
        let day = at.piece.day;
        if day < at.order.earliest_day {
            let text = format!("day {day}, the order may ship from day {}", at.order.earliest_day);
            found.add(Code::ShipsTooEarly, at.place(), text);
        }
        if at.piece.haul.is_some() {
            continue;
        }
        if let Some(&from) = there.get(&(at.piece.site.0, at.line.sku.0)).filter(|&&from| day < from) {
            found.add(
                Code::ShipsTooEarly,
                at.place(),
                format!("day {day}, the stock is there from day {from}"),
            );
        }
    }
}
