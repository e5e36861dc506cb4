//! A drill as text.

use std::fmt::Write;

use comfy_table::{CellAlignment, Table, presets};
use holdfast_domain::money::{Currency, group_thousands};
use holdfast_sim::drill::{Lead, Needless, PolicyName, Report};

use super::{act, money, percent, policy};
use crate::outbox::Put;

/// The comparison of the policies.
pub fn comparison(report: &Report, currency: Currency) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header([
        "",
        "on time",
        "late",
        "days late",
        "open",
        "parcels",
        "shipping + handling",
        "lateness + open",
        "total",
    ]);
    for (name, t) in &report.policies {
        table.add_row([
            policy(*name).to_owned(),
            format!("{} ({})", group_thousands(t.on_time), percent(t.on_time, t.orders)),
            group_thousands(t.late),
            group_thousands(t.late_days),
            group_thousands(t.open),
            group_thousands(t.parcels),
            money(t.shipping + t.handling, currency),
            money(t.late_cost + t.open_cost, currency),
            money(t.total_cost, currency),
        ]);
    }
    if let Some(bound) = report.bound {
        let mut row = vec!["no policy can cost less".to_owned()];
        row.extend(std::iter::repeat_n(String::new(), 7));
        row.push(money(bound, currency));
        table.add_row(row);
    }
    for column in 1..9 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}

/// The whole report.
pub fn page(report: &Report, put: &Put, currency: Currency) -> String {
    let mut text = String::new();
    let mut line = |words: String| writeln!(text, "{words}").expect("writing to a string cannot fail");
    line(format!("{}  (seed {})", report.scenario, report.seed));
    line(String::new());
    for closed in &report.closures {
        let code = &report.sites[usize::from(closed.site.0)];
        let until = closed.out.until.map_or("never".to_owned(), |until| until.to_string());
        let wind = closed.peak_wind_kt.map_or(String::new(), |wind| format!(", up to {wind:.0} kt there"));
        line(format!("  {code} shut from {} until {until} ({:?}{wind})", closed.out.from, closed.cause));
    }
    line(String::new());
    line(comparison(report, currency));
    let (saved, lost) = report.saved_against_trade;
    line(format!("Promises kept that the trade breaks: {saved}; the other way round: {lost}."));
    let (saved, lost) = report.saved_against_wait;
    line(format!("Promises kept that waiting breaks: {saved}; the other way round: {lost}."));
    line(format!(
        "Promises no policy could keep: {} (deliveries rested in their zones, or nobody had the goods).",
        report.beyond_all
    ));
    for lead in &report.leads {
        line(lead_line(report, lead, currency));
    }
    if let Some(needless) = &report.needless {
        line(needless_line(report, needless, currency));
    }
    if let Some(preview) = &report.preview {
        line(format!(
            "Preview at the first closure: {} orders, {} lines, {} units, {} promises at risk, {} cannot move, {} SKUs lie nowhere else.",
            preview.orders,
            preview.lines,
            preview.units,
            preview.promises_broken,
            preview.stuck.len(),
            preview.skus_at_risk.len()
        ));
    }
    line(String::new());
    line("What Holdfast did:".to_owned());
    for entry in &report.log {
        line(format!("  {}", log_line(report, entry, currency)));
    }
    line(String::new());
    line(format!(
        "Notices in the outbox: {} mails {:?}; {} without an address; none was sent.",
        put.mails, put.languages, put.without_address
    ));
    let (plans, accepted) = report.plans_checked;
    line(format!("Plans accepted by the independent checker, bound included: {accepted} of {plans}."));
    let recounted: Vec<&str> = report.recounted.iter().map(|name| policy(*name)).collect();
    line(format!("Recounted from the journal and confirmed: {}.", recounted.join(", ")));
    for differs in report.recount_differs.iter().chain(&report.violations) {
        line(format!("  DIFFERS {differs}"));
    }
    line(String::new());
    line("What is fact and what is assumed:".to_owned());
    for note in &report.notes {
        line(format!("  - {note}"));
    }
    for assumption in &report.assumptions {
        line(format!(
            "  - Assumed for want of {}: {} ({} rows).",
            assumption.file, assumption.what, assumption.rows
        ));
    }
    text
}

/// One act in words.
pub fn log_line(report: &Report, entry: &holdfast_sim::policy::ActLog, currency: Currency) -> String {
    let site = entry.site.map_or(String::new(), |site| format!("{}: ", report.sites[usize::from(site.0)]));
    let mut text = format!("{}  {site}{}", entry.at, act(entry.what));
    if let Some(chance) = entry.chance {
        text.push_str(&format!(", chance {:.0} %", 100.0 * chance));
    }
    if let Some(gain) = entry.expected_gain {
        text.push_str(&format!(", expected gain {}", money(gain, currency)));
    }
    if let Some((from, until)) = entry.days {
        text.push_str(&format!(", days {from} to {}", until.plus(-1)));
    }
    if let Some(plan) = entry.plan {
        text.push_str(&format!(
            ": {} orders looked at, {} moved, cost {}, bound {}, gap {:.2} %, {} notices",
            plan.orders,
            entry.moved,
            money(plan.cost, currency),
            money(plan.bound, currency),
            100.0 * plan.gap(),
            entry.notices
        ));
    }
    text
}

/// What acting so early would have been worth, against acting at the closure.
pub fn lead_line(report: &Report, lead: &Lead, currency: Currency) -> String {
    let closure = report
        .policies
        .iter()
        .find(|(name, _)| *name == PolicyName::HoldfastAtClosure)
        .map(|(_, tally)| tally);
    let (kept, saved) = closure.map_or((0, 0), |late| {
        (lead.on_time as i64 - late.on_time as i64, late.total_cost - lead.total_cost)
    });
    let sites: Vec<String> =
        lead.sites.iter().map(|(code, chance)| format!("{code} ({:.0} %)", 100.0 * chance)).collect();
    let sites = if sites.is_empty() { "no site".to_owned() } else { sites.join(", ") };
    let alarms = if lead.false_alarms.is_empty() { "none".to_owned() } else { lead.false_alarms.join(", ") };
    format!(
        "Acting on forecasts from {} h before: on {sites}; false alarms: {alarms}; {kept:+} promises and {} against acting at the closure.",
        lead.hours,
        money(saved, currency)
    )
}

/// What a needless closure came to.
pub fn needless_line(report: &Report, needless: &Needless, currency: Currency) -> String {
    let ours = report.policies.iter().find(|(name, _)| *name == PolicyName::Holdfast).map(|(_, tally)| tally);
    let (lost, cost) = ours.map_or((0, 0), |ours| {
        (needless.on_time as i64 - ours.on_time as i64, ours.total_cost - needless.total_cost)
    });
    format!(
        "Needless closure of {}: the wind there never reached its limit; it cost {lost} promises and {}.",
        needless.sites.join(", "),
        money(cost, currency)
    )
}

/// The headline: what was saved.
pub fn headline(report: &Report) -> String {
    let find =
        |name: PolicyName| report.policies.iter().find(|(policy, _)| *policy == name).map(|(_, tally)| tally);
    match (find(PolicyName::Holdfast), find(PolicyName::Trade), find(PolicyName::Wait)) {
        (Some(ours), Some(trade), Some(wait)) => format!(
            "Holdfast kept {} of {} promises: {} more than what the trade does, {} more than waiting.",
            group_thousands(ours.on_time),
            group_thousands(ours.orders),
            ours.on_time as i64 - trade.on_time as i64,
            ours.on_time as i64 - wait.on_time as i64,
        ),
        _ => String::new(),
    }
}
