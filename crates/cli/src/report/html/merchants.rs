//! Merchants who share the sites: each one's promises under each policy, what was added to its costs, and its share.

use holdfast_domain::money::group_thousands;
use holdfast_sim::drill::PolicyName;
use holdfast_sim::tally::Tally;

use super::{bar, escape, table};
use crate::report::{Shown, signed};

/// The table; nothing for a book of one merchant.
pub fn merchants(shown: &Shown<'_>) -> String {
    let report = shown.report;
    if report.calm.merchants.len() < 2 {
        return String::new();
    }
    let mut header =
        vec![shown.say("column-merchant"), shown.say("column-weight"), shown.say("column-orders")];
    header.extend(report.policies.iter().map(|(name, _)| shown.policy(*name)));
    let more = [
        "column-promises",
        "column-late",
        "column-open",
        "column-added",
        "column-over-trade",
        "column-fair-share",
    ];
    header.extend(more.map(|key| shown.say(key)));
    let header: Vec<String> = header.iter().map(|text| escape(text)).collect();
    let heaviest = report.weights.iter().copied().max().unwrap_or(0).max(1);
    let row = |(merchant, calm): (&holdfast_domain::id::MerchantId, &holdfast_sim::tally::MerchantTally)| {
        let of = |tally: &Tally| tally.merchants.get(merchant).copied().unwrap_or_default();
        let ours = report.tally(PolicyName::Holdfast).map(of).unwrap_or_default();
        let index = usize::from(merchant.0);
        let weight = report.weights.get(index).copied().unwrap_or(0);
        let mut row = vec![
            escape(report.merchants.get(index).map_or("?", String::as_str)),
            format!("{:.2}", f64::from(weight) / 100.0),
            group_thousands(calm.orders),
        ];
        row.extend(report.policies.iter().map(|(_, tally)| {
            let mine = of(tally);
            format!("{} ({})", group_thousands(mine.on_time), shown.percent(mine.on_time, mine.orders))
        }));
        let (saved, lost) = report.merchants_saved.get(merchant).copied().unwrap_or_default();
        let share = shown.percent(ours.on_time, ours.orders);
        let fair = if ours.orders == 0 || weight == 0 {
            "–".to_owned()
        } else {
            let share = ours.on_time as f64 / ours.orders as f64;
            format!("{:.2}", share * f64::from(heaviest) / f64::from(weight))
        };
        row.extend([
            bar(
                &shown.tell("bar-label", &[("share", &share)]),
                [ours.on_time, ours.late, ours.open + ours.cancelled_by_law],
            ),
            group_thousands(ours.late),
            group_thousands(ours.open),
            shown.money(ours.total_cost() - calm.total_cost()),
            signed(saved as i64 - lost as i64),
            fair,
        ]);
        row
    };
    let rows: Vec<Vec<String>> = report.calm.merchants.iter().map(row).collect();
    let met = report.fairness.iter().map(|(name, phi)| {
        let phi = format!("{:.3}", *phi as f64 / 1000.0);
        format!(
            "<li>{}</li>",
            escape(&shown.tell("fairness-met", &[("policy", &shown.policy(*name)), ("phi", &phi)]))
        )
    });
    format!(
        "<h2>{}</h2><p>{}</p>{}<ul>{}</ul>",
        escape(&shown.say("head-merchants")),
        escape(&shown.say("merchants-explained")),
        table(&header, &rows, &[]),
        met.collect::<String>()
    )
}
