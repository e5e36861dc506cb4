//! Where a figure comes from: its value, what it rests on, its inputs, its formula, its version.

use holdfast_continuity::bia::Report;
use holdfast_continuity::trace::{Basis, Trace};
use holdfast_continuity::{backups, critical};
use maud::{Markup, html};

use super::super::{Cx, plain_head};
use super::money;
use crate::page::Page;
use crate::parts::{facts, link, section};

/// The id of a figure of the critical inventory or of the backups: which answer, what it stands within, its name.
pub(super) fn id_of(answer: &str, within: &str, name: &str) -> Page {
    Page::Figure(format!("{answer}/{within}/{name}"))
}

/// Where a figure comes from.
pub(in super::super) fn draw(cx: &Cx<'_>, id: &str) -> Option<(String, Markup)> {
    let w = cx.words;
    let title = w.say("figure-title");
    if let Some((answer, rest)) = id.split_once('/') {
        let (within, name) = rest.split_once('/')?;
        let before = cx.view.before?;
        let trace = match answer {
            "critical" => critical::origin(before.critical.as_ref()?, within, name)?,
            "backups" => backups::origin(within, name)?,
            _ => return None,
        };
        let content = html! {
            (plain_head(&title, id))
            (section("figure", name, facts(&way(cx, &trace))))
            p { (link(&Page::Before, &w.say("back-to-before"))) }
        };
        return Some((title, content));
    }
    let report = &cx.view.before?.report;
    let found = report.where_from(id);
    if found.is_empty() {
        return None;
    }
    let content = html! {
        (plain_head(&title, id))
        @for (index, (figure, trace)) in found.iter().enumerate() {
            @let mut rows = vec![
                (w.say("value"), figure.value.map_or_else(|| html! { (w.say("none")) }, |value| amount(cx, report, value, figure.unit))),
                (w.say("basis"), html! { (w.say(&format!("basis-{}", basis_key(figure.basis)))) @if let Some(note) = &figure.note { span class="hint" { (note) } } }),
            ];
            @let _ = rows.extend(way(cx, trace));
            (section(&format!("figure-{index}"), &figure.id, facts(&rows)))
        }
        p { (link(&Page::Before, &w.say("back-to-before"))) }
    };
    Some((title, content))
}

/// A value in its unit; money as the language writes it, for minor units are the file's, not the reader's.
fn amount(cx: &Cx<'_>, report: &Report, value: f64, unit: &str) -> Markup {
    match unit.strip_prefix("minor units") {
        Some(rest) => html! { (money(cx, report, value)) span class="hint" { (rest) } },
        None => html! { (cx.words.decimal(value, 2)) " " span class="hint" { (unit) } },
    }
}

fn way(cx: &Cx<'_>, trace: &Trace) -> Vec<(String, Markup)> {
    let w = cx.words;
    vec![
        (w.say("inputs"), html! { ul class="plain" { @for input in &trace.inputs { li { (input) } } } }),
        (w.say("formula"), html! { (trace.formula) }),
        (w.say("version"), html! { (trace.version) }),
    ]
}

const fn basis_key(basis: Basis) -> &'static str {
    match basis {
        Basis::Computed => "computed",
        Basis::Declared => "declared",
        Basis::Published => "published",
        Basis::Assumed => "assumed",
        Basis::Missing => "missing",
    }
}
