//! The take-over: what was offered and accepted, what it saved and from which day, and each merchant's statement.

use holdfast_domain::money::group_thousands;

use super::{cells, escape, table};
use crate::report::{Shown, text};

/// The section; nothing without a take-over.
pub fn takeover(shown: &Shown<'_>) -> String {
    let Some(takeover) = &shown.report.takeover else { return String::new() };
    let keys = [
        "column-merchant",
        "column-orders",
        "column-parcels",
        "column-late-parcels",
        "column-goods-in",
        "column-came-to",
        "column-usual",
        "column-extra",
        "column-borne-here",
        "column-borne-elsewhere",
    ];
    let row = |statement: &holdfast_engine::takeover::Statement| {
        vec![
            escape(&statement.code),
            group_thousands(u64::from(statement.orders)),
            group_thousands(u64::from(statement.parcels)),
            group_thousands(u64::from(statement.late_parcels)),
            group_thousands(statement.goods_in),
            shown.money(statement.total.cost),
            shown.money(statement.total.usual),
            shown.money(statement.total.extra),
            shown.money(statement.total.borne_here),
            shown.money(statement.total.borne_elsewhere),
        ]
    };
    let rows: Vec<Vec<String>> = takeover.statements.iter().map(row).collect();
    format!(
        "<h2>{}</h2><p>{}</p><p>{}</p>{}<p class=\"small\">{}</p>",
        escape(&shown.say("head-takeover")),
        escape(&text::takeover_terms(shown, takeover)),
        escape(&text::takeover_outlook(shown, takeover)),
        table(&cells(shown.words, &keys), &rows, &[]),
        escape(&shown.say("takeover-explained"))
    )
}
