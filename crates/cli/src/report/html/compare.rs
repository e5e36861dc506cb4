//! The comparison: the same orders under each policy, as a table and over time.

use holdfast_domain::money::group_thousands;
use holdfast_sim::drill::PolicyName;
use holdfast_sim::tally::Tally;

use super::{bar, cells, escape};
use crate::report::{Shown, text};

/// Colours and dashes of the lines, policy by policy.
const LINES: [(&str, &str); 6] = [
    ("var(--bad)", "2 4"),
    ("var(--mid)", "8 4"),
    ("var(--good)", "12 3 2 3"),
    ("var(--us)", ""),
    ("var(--ink)", "4 2"),
    ("var(--ink)", ""),
];

/// The table, and what it means in sentences.
pub fn comparison(shown: &Shown<'_>) -> String {
    let report = shown.report;
    let law = shown.any_cancelled();
    let mut keys = vec![
        "column-policy",
        "column-promises",
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
        keys.insert(6, "column-cancelled");
    }
    let span = keys.len() - 3;
    let head: String =
        cells(shown.words, &keys).iter().map(|cell| format!("<th scope=\"col\">{cell}</th>")).collect();
    let row = |class: &str, name: String, t: &Tally| {
        let share = shown.percent(t.on_time, t.orders);
        let label = shown.tell("bar-label", &[("share", &share)]);
        let mut cells = vec![
            escape(&name),
            bar(&label, [t.on_time, t.late, t.open + t.cancelled_by_law]),
            format!("{} ({share})", group_thousands(t.on_time)),
            group_thousands(t.late),
            group_thousands(t.late_days),
            group_thousands(t.open),
            shown.amounts(&t.revenue_open),
            shown.money(t.shipping + t.handling + t.activation + t.transfer),
            shown.money(t.late_cost + t.open_cost),
            shown.money(t.total_cost),
            shown.money(t.total_cost - report.calm.total_cost),
        ];
        if law {
            cells.insert(6, group_thousands(t.cancelled_by_law));
        }
        let cells: String = cells.iter().map(|cell| format!("<td>{cell}</td>")).collect();
        format!("<tr class=\"{class}\">{cells}</tr>")
    };
    let mut rows = String::new();
    for (name, t) in &report.policies {
        let class = if *name == PolicyName::Holdfast { "us" } else { "" };
        rows.push_str(&row(class, shown.policy(*name), t));
    }
    rows.push_str(&row("calm", shown.say("row-calm"), &report.calm));
    if let Some(bound) = report.bound {
        rows.push_str(&format!(
            "<tr><td>{}</td><td class=\"word\" colspan=\"{span}\">{}</td><td>{}</td><td></td></tr>",
            escape(&shown.say("row-bound")),
            escape(&shown.say("row-bound-explained")),
            shown.money(bound)
        ));
    }
    let lines: String =
        text::sentences(shown).iter().map(|line| format!("<li>{}</li>", escape(line))).collect();
    format!(
        "<h2>{}</h2><div class=\"wide\"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div><ul>{lines}</ul><p class=\"small\">{}</p>",
        escape(&shown.say("head-comparison")),
        escape(&shown.say("comparison-explained"))
    )
}

/// Orders that are not whole with their customers, day by day.
pub fn waiting(shown: &Shown<'_>) -> String {
    let report = shown.report;
    let days = report.waiting.iter().map(|(_, line)| line.len()).max().unwrap_or(0);
    let most = report.waiting.iter().flat_map(|(_, line)| line).copied().max().unwrap_or(0);
    if days < 2 || most == 0 {
        return String::new();
    }
    let x = |day: usize| 70.0 + 800.0 * day as f64 / (days - 1) as f64;
    let y = |count: u64| 240.0 - 210.0 * count as f64 / most as f64;
    let mut svg = format!(
        "<svg viewBox=\"0 0 900 300\" role=\"img\" aria-label=\"{}\"><path d=\"M70 20V240H875\" fill=\"none\" stroke=\"var(--line)\"/>",
        escape(&shown.say("head-waiting"))
    );
    for part in 0..=2 {
        let count = most * part / 2;
        svg.push_str(&format!(
            "<text x=\"62\" y=\"{:.0}\" text-anchor=\"end\">{}</text>",
            y(count) + 4.0,
            group_thousands(count)
        ));
    }
    for day in (0..days).step_by(days.div_ceil(7).max(1)) {
        let date = report.first_day.plus(i32::try_from(day).unwrap_or(0));
        svg.push_str(&format!("<text x=\"{:.0}\" y=\"256\" text-anchor=\"middle\">{date}</text>", x(day)));
    }
    for (index, ((name, line), (colour, dash))) in report.waiting.iter().zip(LINES).enumerate() {
        let points: Vec<String> =
            line.iter().enumerate().map(|(day, count)| format!("{:.1},{:.1}", x(day), y(*count))).collect();
        let style =
            format!("fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\"");
        let left = 70 + 165 * index;
        svg.push_str(&format!(
            "<polyline points=\"{}\" {style}/><path d=\"M{left} 280h28\" {style}/><text x=\"{}\" y=\"284\">{}</text>",
            points.join(" "),
            left + 33,
            escape(&shown.policy(*name))
        ));
    }
    format!("<h2>{}</h2>{svg}</svg>", escape(&shown.say("head-waiting")))
}
