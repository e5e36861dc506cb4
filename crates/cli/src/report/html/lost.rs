//! What was lost: what each site took with it, and what became of goods on order.

use holdfast_domain::money::group_thousands;
use holdfast_sim::drill::PolicyName;

use super::{cells, escape, stock, table};
use crate::report::Shown;

/// The table, and goods on order by policy.
pub fn lost(shown: &Shown<'_>) -> String {
    if shown.report.losses.is_empty() {
        return String::new();
    }
    let keys = [
        "column-site",
        "column-stock",
        "column-units",
        "column-skus",
        "column-only-there",
        "column-at-cost",
        "column-at-price",
        "column-orders-there",
        "column-stuck",
        "column-in-doubt",
        "column-inbound",
    ];
    let row = |loss: &holdfast_sim::loss::Loss| {
        let whole = &loss.whole;
        vec![
            escape(shown.report.site(loss.site)),
            escape(&shown.say(stock(loss.stock))),
            group_thousands(whole.units),
            group_thousands(whole.skus),
            group_thousands(whole.skus_only_there),
            shown.amounts(&whole.at_cost),
            shown.amounts(&whole.at_price),
            group_thousands(whole.orders),
            group_thousands(whole.stuck),
            group_thousands(whole.in_doubt),
            group_thousands(whole.inbound_units),
        ]
    };
    let rows: Vec<Vec<String>> = shown.report.losses.iter().map(row).collect();
    format!(
        "<h2>{}</h2>{}<p class=\"small\">{}</p>{}",
        escape(&shown.say("head-lost")),
        table(&cells(shown.words, &keys), &rows, &[1]),
        escape(&shown.say("lost-explained")),
        inbound(shown)
    )
}

fn inbound(shown: &Shown<'_>) -> String {
    let keys = ["column-policy", "column-as-planned", "column-elsewhere", "column-nowhere"];
    let row = |(name, t): &(PolicyName, holdfast_sim::tally::Tally)| {
        vec![
            escape(&shown.policy(*name)),
            group_thousands(t.inbound_as_planned),
            group_thousands(t.inbound_redirected),
            group_thousands(t.inbound_waiting),
        ]
    };
    let policies = &shown.report.policies;
    if policies.iter().all(|(_, t)| t.inbound_redirected + t.inbound_waiting == 0) {
        return String::new();
    }
    let rows: Vec<Vec<String>> = policies.iter().map(row).collect();
    format!(
        "<p>{}</p>{}",
        escape(&shown.say("inbound-explained")),
        table(&cells(shown.words, &keys), &rows, &[])
    )
}
