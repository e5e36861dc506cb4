//! A drill as text.

use std::fmt::Write;

use comfy_table::{CellAlignment, Table, presets};
use holdfast_domain::money::group_thousands;
use holdfast_sim::drill::{PolicyName, TakeOverReport};
use holdfast_sim::tally::Tally;

use super::{Shown, moment, opened, signed};
use crate::outbox::Put;

/// Merchants listed in the text; the page and the JSON have them all.
const MERCHANTS_SHOWN: usize = 80;

fn table(header: Vec<String>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(header);
    table
}

fn right(table: &mut Table, columns: std::ops::Range<usize>) {
    for column in columns {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// The comparison of the policies.
pub fn comparison(shown: &Shown<'_>) -> String {
    let law = shown.any_cancelled();
    let mut keys = vec![
        "column-on-time",
        "column-late",
        "column-days-late",
        "column-open",
        "column-unsold",
        "column-shipping",
        "column-lateness",
        "column-total",
        "column-more",
    ];
    if law {
        keys.insert(4, "column-cancelled");
    }
    let columns = keys.len() + 1;
    let header = std::iter::once(String::new()).chain(keys.iter().map(|key| shown.say(key)));
    let mut table = table(header.collect());
    let calm = &shown.report.calm;
    let row = |name: String, t: &Tally| {
        let mut row = vec![
            name,
            format!("{} ({})", group_thousands(t.on_time), shown.percent(t.on_time, t.orders)),
            group_thousands(t.late),
            group_thousands(t.late_days),
            group_thousands(t.open),
            shown.amounts(&t.revenue_open),
            shown.money(t.shipping + t.handling + t.activation + t.transfer),
            shown.money(t.late_cost + t.open_cost),
            shown.money(t.total_cost),
            shown.money(t.total_cost - calm.total_cost),
        ];
        if law {
            row.insert(5, group_thousands(t.cancelled_by_law));
        }
        row
    };
    for (name, t) in &shown.report.policies {
        table.add_row(row(shown.policy(*name), t));
    }
    table.add_row(row(shown.say("row-calm"), calm));
    if let Some(bound) = shown.report.bound {
        let mut row = vec![shown.say("row-bound")];
        row.extend(std::iter::repeat_n(String::new(), columns - 3));
        row.push(shown.money(bound));
        row.push(String::new());
        table.add_row(row);
    }
    right(&mut table, 1..columns);
    table.to_string()
}

/// The whole report.
pub fn page(shown: &Shown<'_>, put: &Put) -> String {
    let report = shown.report;
    let mut lines: Vec<String> = vec![
        format!("{}  ({})", shown.title(), shown.tell("seed", &[("seed", &report.seed)])),
        shown.tell("zone-of-times", &[("zone", &shown.zone.name())]),
        String::new(),
    ];
    lines.extend(closures(shown));
    lines.push(String::new());
    lines.push(comparison(shown));
    lines.extend(sentences(shown));
    if let Some(table) = decisions(shown) {
        lines.push(String::new());
        lines.push(shown.say("head-decisions"));
        lines.push(shown.say("decisions-explained"));
        lines.push(table);
    }
    lines.push(String::new());
    lines.push(shown.say("head-lost"));
    lines.extend(lost(shown));
    lines.extend(takeover(shown));
    lines.push(String::new());
    lines.push(shown.say("head-plans"));
    lines.push(plans(shown));
    for (head, told) in [("head-opened", opened::opened(shown)), ("head-trucks", opened::trucks(shown))] {
        if !told.is_empty() {
            lines.push(String::new());
            lines.push(shown.say(head));
            lines.extend(told.into_iter().map(|line| format!("  {line}")));
        }
    }
    if report.policies.first().is_some_and(|(_, tally)| tally.merchants.len() > 1) {
        lines.push(String::new());
        lines.push(shown.say("head-merchants"));
        lines.push(merchants(shown));
        lines.push(shown.say("merchants-explained"));
    }
    lines.push(String::new());
    lines.push(shown.tell(
        "notices-line",
        &[("mails", &group_thousands(put.mails as u64)), ("without", &put.without_address)],
    ));
    lines.extend(proof(shown));
    lines.push(String::new());
    lines.push(shown.say("head-facts"));
    lines.extend(shown.facts().iter().map(|fact| format!("  - {fact}")));
    let mut text = String::new();
    for line in lines {
        writeln!(text, "{line}").expect("writing to a string cannot fail");
    }
    text
}

fn closures(shown: &Shown<'_>) -> Vec<String> {
    let line = |closed: &holdfast_sim::truth::SiteOut| {
        let until = closed.out.until.map_or_else(String::new, |until| shown.moment(until));
        let mut line = shown.tell(
            if closed.out.until.is_some() { "closure-line" } else { "closure-for-good" },
            &[
                ("site", &shown.report.site(closed.site)),
                ("from", &shown.moment(closed.out.from)),
                ("until", &until),
                ("why", &shown.say(super::html::cause(closed.cause))),
            ],
        );
        if let Some(wind) = closed.peak_wind_kt {
            line.push_str(&shown.tell("closure-wind", &[("wind", &format!("{wind:.0}"))]));
        }
        format!("  {line}")
    };
    shown.report.closures.iter().map(line).collect()
}

/// What the comparison means, in sentences.
pub fn sentences(shown: &Shown<'_>) -> Vec<String> {
    let report = shown.report;
    let mut lines = Vec::new();
    for (key, (saved, lost)) in [
        ("saved-against-trade", report.saved_against_trade),
        ("saved-against-wait", report.saved_against_wait),
    ] {
        lines.push(shown.tell(key, &[("saved", &group_thousands(saved)), ("lost", &group_thousands(lost))]));
    }
    lines.push(shown.tell("beyond-all", &[("orders", &group_thousands(report.beyond_all))]));
    lines.extend(opened::cancelled(shown));
    lines.extend(report.leads.iter().map(|lead| shown.lead(lead)));
    lines.extend(report.needless.iter().map(|needless| shown.needless(needless)));
    lines
}

/// Expected gains by hour of decision, where there were forecasts to decide on.
pub fn decisions(shown: &Shown<'_>) -> Option<String> {
    let report = shown.report;
    let any = report.decisions.iter().any(|decision| !decision.sites.is_empty());
    any.then(|| holdfast_sim::decisions::table(&report.decisions, &report.sites, &|minor| shown.money(minor)))
}

/// What each site took with it.
pub fn lost(shown: &Shown<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for loss in &shown.report.losses {
        let whole = &loss.whole;
        lines.push(format!(
            "  {}",
            shown.tell(
                "lost-line",
                &[
                    ("site", &shown.report.site(loss.site)),
                    ("stock", &shown.say(super::html::stock(loss.stock))),
                    ("units", &group_thousands(whole.units)),
                    ("skus", &group_thousands(whole.skus)),
                    ("only", &group_thousands(whole.skus_only_there)),
                    ("cost", &shown.amounts(&whole.at_cost)),
                    ("price", &shown.amounts(&whole.at_price)),
                    ("orders", &group_thousands(whole.orders)),
                    ("stuck", &group_thousands(whole.stuck)),
                    ("doubt", &group_thousands(whole.in_doubt)),
                    ("inbound", &group_thousands(whole.inbound_units)),
                ],
            )
        ));
    }
    if let Some(ours) = shown.report.tally(PolicyName::Holdfast) {
        lines.push(format!(
            "  {}",
            shown.tell(
                "inbound-line",
                &[
                    ("planned", &group_thousands(ours.inbound_as_planned)),
                    ("elsewhere", &group_thousands(ours.inbound_redirected)),
                    ("nowhere", &group_thousands(ours.inbound_waiting)),
                ],
            )
        ));
    }
    lines
}

/// The take-over: what was offered, what it saved, and each merchant's statement.
pub fn takeover(shown: &Shown<'_>) -> Vec<String> {
    let Some(takeover) = &shown.report.takeover else { return Vec::new() };
    let mut lines = vec![String::new(), shown.say("head-takeover")];
    lines.extend(shown.saved_by_takeover().map(|line| format!("  {line}")));
    lines.push(format!("  {}", takeover_terms(shown, takeover)));
    lines.push(format!("  {}", takeover_outlook(shown, takeover)));
    for statement in &takeover.statements {
        lines.push(format!(
            "  {}",
            shown.tell(
                "takeover-statement",
                &[
                    ("merchant", &statement.code),
                    ("orders", &group_thousands(u64::from(statement.orders))),
                    ("parcels", &group_thousands(u64::from(statement.parcels))),
                    ("late", &group_thousands(u64::from(statement.late_parcels))),
                    ("goods", &group_thousands(statement.goods_in)),
                    ("extra", &shown.money(statement.total.extra)),
                    ("borne", &shown.money(statement.total.borne_here)),
                ],
            )
        ));
    }
    lines
}

/// The terms that were accepted, in one sentence.
pub fn takeover_terms(shown: &Shown<'_>, takeover: &TakeOverReport) -> String {
    let offer = &takeover.offer;
    let hosts: Vec<String> = offer
        .hosts
        .iter()
        .map(|host| {
            let week: u64 = host.capacity.iter().map(|units| u64::from(*units)).sum();
            shown.tell("takeover-host", &[("site", &host.code), ("week", &group_thousands(week))])
        })
        .collect();
    shown.tell(
        "takeover-terms",
        &[
            ("accepted", &shown.moment(takeover.accepted)),
            ("hosts", &hosts.join(", ")),
            ("first", &offer.first_day),
            ("setup", &shown.money(offer.set_up)),
            ("daily", &shown.money(offer.daily)),
            ("unit", &shown.money(offer.goods_unit)),
        ],
    )
}

/// What the offer foretold, for the guest and for the others.
pub fn takeover_outlook(shown: &Shown<'_>, takeover: &TakeOverReport) -> String {
    let saving = &takeover.offer.saving;
    let broken: i64 = takeover.effects.iter().map(|effect| effect.broken().max(0)).sum();
    shown.tell(
        "takeover-outlook",
        &[
            ("orders", &group_thousands(u64::from(saving.orders))),
            ("without", &group_thousands(u64::from(saving.without.served))),
            ("with", &group_thousands(u64::from(saving.with.served))),
            ("added", &shown.money(saving.added_cost)),
            ("broken", &broken),
        ],
    )
}

/// What Holdfast did; each plan with its cost, bound and gap.
fn plans(shown: &Shown<'_>) -> String {
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
    let mut table = table(keys.iter().map(|key| shown.say(key)).collect());
    for entry in &shown.report.log {
        let mut row = vec![moment(entry.at, &shown.zone), shown.act(entry)];
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
        table.add_row(row);
    }
    right(&mut table, 2..8);
    table.to_string()
}

fn merchants(shown: &Shown<'_>) -> String {
    let report = shown.report;
    let mut header =
        vec![shown.say("column-merchant"), shown.say("column-weight"), shown.say("column-orders")];
    header.extend(report.policies.iter().map(|(name, _)| shown.policy(*name)));
    header.extend(
        ["column-late", "column-open", "column-added", "column-over-trade"].map(|key| shown.say(key)),
    );
    let columns = header.len();
    let mut table = table(header);
    for (merchant, calm) in report.calm.merchants.iter().take(MERCHANTS_SHOWN) {
        let of = |tally: &Tally| tally.merchants.get(merchant).copied().unwrap_or_default();
        let ours = report.tally(PolicyName::Holdfast).map(of).unwrap_or_default();
        let index = usize::from(merchant.0);
        let mut row = vec![
            report.merchants.get(index).cloned().unwrap_or_default(),
            format!("{:.2}", f64::from(report.weights.get(index).copied().unwrap_or(0)) / 100.0),
            group_thousands(calm.orders),
        ];
        row.extend(report.policies.iter().map(|(_, tally)| {
            let mine = of(tally);
            format!("{} ({})", group_thousands(mine.on_time), shown.percent(mine.on_time, mine.orders))
        }));
        let (saved, lost) = report.merchants_saved.get(merchant).copied().unwrap_or_default();
        row.extend([
            group_thousands(ours.late),
            group_thousands(ours.open),
            shown.money(ours.total_cost() - calm.total_cost()),
            signed(saved as i64 - lost as i64),
        ]);
        table.add_row(row);
    }
    right(&mut table, 1..columns);
    table.to_string()
}

fn proof(shown: &Shown<'_>) -> Vec<String> {
    let report = shown.report;
    let (plans, accepted) = report.plans_checked;
    let mut lines = vec![
        shown.tell("plans-accepted", &[("accepted", &accepted), ("plans", &plans)]),
        shown.tell("recounted", &[("policies", &shown.policies(&report.recounted))]),
    ];
    let differs = report.recount_differs.iter().chain(&report.violations);
    lines.extend(differs.map(|text| format!("  {}", shown.tell("differs", &[("what", &text)]))));
    lines
}
