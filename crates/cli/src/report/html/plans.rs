//! What Holdfast did and when, each plan with its cost, bound and gap; what the forecasts said; the first preview.

use holdfast_domain::money::group_thousands;

use super::{cells, escape, table};
use crate::report::{Shown, opened};

/// Acts and plans.
pub fn plans(shown: &Shown<'_>) -> String {
    let keys = [
        "column-when",
        "column-what",
        "column-looked-at",
        "column-moved",
        "column-cost",
        "column-bound",
        "column-gap",
        "column-notices",
    ];
    let row = |entry: &holdfast_sim::policy::ActLog| {
        let when = format!("<time>{}</time>", shown.moment(entry.at));
        let mut row = vec![when, escape(&shown.act(entry))];
        match entry.plan {
            Some(plan) => row.extend([
                group_thousands(u64::from(plan.orders)),
                group_thousands(u64::from(entry.moved)),
                shown.money(plan.cost),
                shown.money(plan.bound),
                format!("{:.2} %", 100.0 * plan.gap()),
                group_thousands(u64::from(entry.notices)),
            ]),
            None => row.extend(std::iter::repeat_n(String::new(), 6)),
        }
        row
    };
    let rows: Vec<Vec<String>> = shown.report.log.iter().map(row).collect();
    let list = |key: &str, lines: Vec<String>| {
        let items: String = lines.iter().map(|line| format!("<li>{}</li>", escape(line))).collect();
        if lines.is_empty() { items } else { format!("<h2>{}</h2><ul>{items}</ul>", escape(&shown.say(key))) }
    };
    format!(
        "<h2>{}</h2>{}<p class=\"small\">{}</p>{}{}",
        escape(&shown.say("head-plans")),
        table(&cells(shown.words, &keys), &rows, &[1]),
        escape(&shown.say("plans-explained")),
        list("head-opened", opened::opened(shown)),
        list("head-trucks", opened::trucks(shown))
    )
}

/// What the forecasts said, as they were issued.
pub fn forecasts(shown: &Shown<'_>) -> String {
    let report = shown.report;
    if report.outlooks.is_empty() {
        return String::new();
    }
    let likely = report.outlooks.iter().flat_map(|outlook| &outlook.sites).filter(|c| c.probability >= 0.05);
    let mut sites: Vec<_> = likely.map(|chance| chance.site).collect();
    sites.sort_unstable();
    sites.dedup();
    let mut header = vec![escape(&shown.say("column-public"))];
    header.extend(sites.iter().map(|site| escape(report.site(*site))));
    let mut rows = Vec::new();
    for outlook in &report.outlooks {
        let chance =
            |site| outlook.sites.iter().find(|chance| chance.site == site).map_or(0.0, |c| c.probability);
        if sites.iter().all(|site| chance(*site) < 0.01) {
            continue;
        }
        let mut row = vec![shown.moment(outlook.public_at)];
        row.extend(sites.iter().map(|site| format!("{:.0} %", 100.0 * chance(*site))));
        rows.push(row);
    }
    format!(
        "<h2>{}</h2><p>{}</p>{}",
        escape(&shown.say("head-forecasts")),
        escape(&shown.say("forecasts-explained")),
        table(&header, &rows, &[])
    )
}

/// What acting earlier would have been worth.
pub fn early(shown: &Shown<'_>) -> String {
    let leads = shown.report.leads.iter().map(|lead| shown.lead(lead));
    let needless = shown.report.needless.iter().map(|needless| shown.needless(needless));
    let lines: String = leads.chain(needless).map(|line| format!("<li>{}</li>", escape(&line))).collect();
    let mut html = String::new();
    if !lines.is_empty() {
        html = format!("<h2>{}</h2><ul>{lines}</ul>", escape(&shown.say("head-early")));
    }
    if let Some(table) = crate::report::text::decisions(shown) {
        html.push_str(&format!(
            "<h2>{}</h2><p>{}</p><div class=\"wide\"><pre>{}</pre></div>",
            escape(&shown.say("head-decisions")),
            escape(&shown.say("decisions-explained")),
            escape(&table)
        ));
    }
    html
}

/// The blast radius at the first closure.
pub fn preview(shown: &Shown<'_>) -> String {
    let Some(p) = &shown.report.preview else { return String::new() };
    let rows = [
        ("preview-orders", group_thousands(u64::from(p.orders))),
        ("preview-lines", group_thousands(u64::from(p.lines))),
        ("preview-units", group_thousands(p.units)),
        ("preview-worth", shown.amounts(&p.revenue)),
        ("preview-promises", group_thousands(u64::from(p.promises_broken))),
        ("preview-in-doubt", group_thousands(u64::from(p.in_doubt))),
        ("preview-stuck", group_thousands(p.stuck.len() as u64)),
        ("preview-only-there", group_thousands(p.skus_at_risk.len() as u64)),
        ("preview-capacity", group_thousands(p.capacity_left)),
        ("preview-work", group_thousands(p.work_needed)),
    ];
    let row = |(key, value): &(&str, String)| {
        format!("<tr><td>{}</td><td>{value}</td></tr>", escape(&shown.say(key)))
    };
    format!(
        "<h2>{}</h2><table><tbody>{}</tbody></table>",
        escape(&shown.say("head-preview")),
        rows.iter().map(row).collect::<String>()
    )
}
