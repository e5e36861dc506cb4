//! Before the disaster: what each loss would cost, what to hold and where, who takes over, which ways are left; each
//! figure with the way to it. Where there is no analysis yet, the button that makes one.

mod critical;
mod figure;
mod losses;
mod ways;

use holdfast_continuity::bia::Report;
use holdfast_domain::money::{Currency, Money};
use holdfast_domain::time::Span;
use maud::{Markup, html};

use super::{Cx, head};
use crate::before::{Analysis, Before, FRESH_H};
use crate::page::Page;
use crate::parts::table::{Kind, Table};
use crate::parts::{Stat, Tone, chip, folding, form, link, nothing, section, stats};
use crate::viewer::{Right, Role};
use crate::words::say;

pub(super) use figure::draw as draw_figure;

pub(super) fn draw(cx: &Cx<'_>) -> (String, Markup) {
    let w = cx.words;
    let title = w.say("nav-before");
    let run = compute(cx);
    let Some(before) = cx.view.before else {
        return (
            title.clone(),
            html! {
                (head(&html! { (title) }, &html! { (w.say("before-lead")) }, &run))
                (standing(cx))
                (paper(cx))
                (section("none", &w.say("before-first"), html! { (nothing(&w.say("before-none"))) p { (w.say("before-none-more")) } }))
            },
        );
    };
    let report = &before.report;
    let content = html! {
        (head(&html! { (title) }, &html! { (w.say("before-lead")) }, &run))
        (standing(cx))
        (paper(cx))
        (made(cx, before))
        (annual(cx, report))
        nav class="local" aria-label=(w.say("on-this-page")) { ul {
            @for (anchor, key) in PARTS { li { a href={ "#" (anchor) } { (w.say(key)) } } }
            @if !report.processes.is_empty() { li { a href="#processes" { (w.say("before-processes")) } } }
        } }
        (folding("sites", &w.say("before-sites"), html! { p class="hint" { (w.say("before-sites-lead")) } (losses::sites(cx, report)) }))
        (folding("pairs", &w.say("before-pairs"), losses::matrix(cx, report)))
        (folding("curve", &w.say("before-curve"), losses::curves(cx, report)))
        (folding("hazards", &w.say("before-hazards"), losses::hazards(cx, report)))
        (folding("critical", &w.say("before-critical"), critical::markup(cx, before)))
        (folding("backups", &w.say("before-backups"), ways::backups(cx, before)))
        (folding("ways", &w.say("before-ways"), ways::markup(cx, before)))
        @if !report.processes.is_empty() { (folding("processes", &w.say("before-processes"), processes(cx, report))) }
    };
    (title, content)
}

/// The parts of the page, and what they are called.
const PARTS: [(&str, &str); 7] = [
    ("sites", "before-sites"),
    ("pairs", "before-pairs"),
    ("curve", "before-curve"),
    ("hazards", "before-hazards"),
    ("critical", "before-critical"),
    ("backups", "before-backups"),
    ("ways", "before-ways"),
];

fn compute(cx: &Cx<'_>) -> Markup {
    let running = matches!(cx.view.beside.analysis, Analysis::Running(_));
    html! { @if cx.may(Right::Command) && !running {
        (form::button(cx, "/act/analyse", &[], &cx.words.say("before-compute"), "primary"))
    } }
}

/// The continuity plan, to print: it names every site and partner, so it is nothing for a merchant alone.
fn paper(cx: &Cx<'_>) -> Markup {
    let own = matches!(cx.viewer.role, Role::Merchant(_));
    let address = format!("/plan.html?lang={}", cx.words.locale.tag());
    html! { @if !own { p { a href=(address) { (cx.words.say("bcp-open")) } } } }
}

/// How it stands with the next analysis.
fn standing(cx: &Cx<'_>) -> Markup {
    let w = cx.words;
    match &cx.view.beside.analysis {
        Analysis::Idle => html! {},
        Analysis::Running(since) => html! {
            p class="working" role="status" { (say!(w, "before-running", ago = w.since(*since, cx.view.now))) }
        },
        Analysis::Failed(at, why) => html! {
            div class="outcome warn" role="status" {
                p { (say!(w, "before-failed", ago = w.since(*at, cx.view.now))) }
                span class="code" { (why) }
            }
        },
    }
}

/// When it was made, and of what.
fn made(cx: &Cx<'_>, before: &Before) -> Markup {
    let (w, zone) = (cx.words, cx.view.zone());
    let old = cx.view.now.since(before.at).0 > Span::hours(FRESH_H).0;
    html! {
        p class="hint" {
            @if old { (chip(Tone::Warn, &w.say("before-old"))) " " }
            (say!(w, "before-made", at = w.moment(before.at, &zone), ago = w.since(before.at, cx.view.now), version = before.version,
                years = before.report.years, seed = before.report.seed, took = w.span(before.took)))
            " "
            (say!(w, "before-made-of", orders = before.orders, from = w.day(before.span.0.local(&zone).0), until = w.day(before.span.1.local(&zone).0)))
            @if before.left_out > 0 { " " (say!(w, "before-left-out", n = before.left_out)) }
            " " a href="/before.csv" { (w.say("before-csv")) }
        }
    }
}

fn currency(cx: &Cx<'_>, report: &Report) -> Currency {
    report.currency.parse().unwrap_or_else(|_| cx.view.currency())
}

/// An amount that was computed in floating point, rounded to whole units of money.
fn money(cx: &Cx<'_>, report: &Report, minor: f64) -> String {
    cx.words.money_whole(Money::new(minor.round() as i64, currency(cx, report)))
}

/// The same with the way to it.
fn amount(cx: &Cx<'_>, report: &Report, minor: f64, figure: &str) -> Markup {
    link(&Page::Figure(figure.to_owned()), &money(cx, report, minor))
}

fn annual(cx: &Cx<'_>, report: &Report) -> Markup {
    let (w, annual) = (cx.words, &report.annual);
    let of = |id: &str| Page::Figure(id.to_owned());
    let mut all = vec![
        Stat::new(w.say("aal"), money(cx, report, annual.average))
            .hint(w.say("aal-means"))
            .to(&of("annual.average")),
    ];
    if let Some(tail) = annual.tail_99 {
        all.push(
            Stat::new(w.say("tvar"), money(cx, report, tail))
                .hint(w.say("tvar-means"))
                .to(&of("annual.tail_99")),
        );
    }
    for (years, occurrence, _) in &annual.exceedance {
        if let Some(loss) = occurrence {
            all.push(
                Stat::new(say!(w, "oep", years = *years as i64), money(cx, report, *loss))
                    .to(&of(&format!("annual.{years}.oep"))),
            );
        }
    }
    all.push(
        Stat::new(w.say("before-assumed"), w.percent(report.assumed_share, 0))
            .hint(w.say("before-assumed-means")),
    );
    stats(&all)
}

fn hours(cx: &Cx<'_>, hours: Option<f64>) -> String {
    hours.map_or_else(
        || cx.words.say("none"),
        |hours| say!(cx.words, "hours-n", n = cx.words.decimal(hours, 0)),
    )
}

fn processes(cx: &Cx<'_>, report: &Report) -> Markup {
    let w = cx.words;
    let (process, rto, reach, gap, mtpd, missing) = (
        w.say("process"),
        w.say("rto"),
        w.say("achievable"),
        w.say("gap-hours"),
        w.say("mtpd"),
        w.say("not-said"),
    );
    let mut table = Table::new(
        &w.say("before-processes"),
        &[
            (&process, Kind::Head),
            (&rto, Kind::Number),
            (&reach, Kind::Number),
            (&gap, Kind::Text),
            (&mtpd, Kind::Number),
            (&missing, Kind::Number),
        ],
    );
    for row in &report.processes {
        let late = row.gap_h.is_some_and(|gap| gap > 0.0);
        table.row(vec![
            html! { bdi { (row.declared.name) } },
            html! { (hours(cx, row.declared.rto_h.map(f64::from))) },
            html! { (hours(cx, row.achievable_h)) },
            html! { @if row.gap_h.is_some() { (chip(if late { Tone::Bad } else { Tone::Good }, &hours(cx, row.gap_h))) } @else { (w.say("none")) } },
            html! { (hours(cx, row.mtpd_computed_h)) },
            html! { (w.number(row.missing.len())) },
        ]);
    }
    table.markup()
}
