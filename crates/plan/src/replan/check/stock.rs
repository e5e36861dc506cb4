//! What leaves a site of a SKU is no more than its stock there.

use std::collections::BTreeMap;

use super::{Code, Found, Seen};

pub(super) fn check(seen: &Seen, found: &mut Found) {
    let mut balance: BTreeMap<(u16, u32), i64> = BTreeMap::new();
    for stock in &seen.problem.stock {
        *balance.entry((stock.site.0, stock.sku.0)).or_insert(0) += i64::from(stock.quantity);
    }
    for at in &seen.pieces {
        *balance.entry((at.source(seen.problem).0, at.line.sku.0)).or_insert(0) -=
            i64::from(at.piece.quantity);
    }
    for ((site, sku), left) in balance {
        if left < 0 {
            found.add(
                Code::StockExceeded,
                format!("site-{site} sku-{sku}"),
                format!("{} units too many", -left),
            );
        }
    }
}
