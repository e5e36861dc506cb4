//! Before the disaster: the impact analysis, each figure with the way to it; critical inventory; where there is none
//! yet, the button that makes it.

use holdfast_continuity::bia::{BANDS, BANDS_H, Report, SiteLoss};
use holdfast_continuity::trace::Basis;
use holdfast_domain::money::{Currency, Money};
use maud::{Markup, html};

use super::{Cx, head, plain_head};
use crate::before::Before;
use crate::page::Page;
use crate::parts::table::{Kind, Table};
use crate::parts::{Stat, Tone, chip, facts, link, nothing, section, stats};
use crate::words::say;

/// Pairs of sites shown.
const PAIRS_SHOWN: usize = 15;

pub(super) fn draw(cx: &Cx<'_>) -> (String, Markup) {
    let w = cx.words;
    let title = w.say("nav-before");
    let run = html! {};
    let Some(before) = cx.view.before else {
        return (
            title.clone(),
            html! { (head(&html! { (title) }, &html! { (w.say("before-lead")) }, &run)) (nothing(&w.say("before-none"))) },
        );
    };
    let report = &before.report;
    let made = say!(
        w,
        "before-made",
        at = w.moment(before.at, &cx.view.zone()),
        version = before.version,
        years = report.years,
        seed = report.seed
    );
    let content = html! {
        (head(&html! { (title) }, &html! { (made) }, &run))
        (annual(cx, report))
        (section("sites", &w.say("before-sites"), html! { p class="hint" { (w.say("before-sites-lead")) } (sites(cx, report)) }))
        (section("curve", &w.say("before-curve"), html! { p class="hint" { (w.say("before-curve-lead")) } (curves(cx, report)) }))
        (section("pairs", &w.say("before-pairs"), pairs(cx, report)))
        @if let Some(critical) = critical(cx, before) { (section("critical", &w.say("before-critical"), critical)) }
        @if !report.processes.is_empty() { (section("processes", &w.say("before-processes"), processes(cx, report))) }
    };
    (title, content)
}

fn currency(cx: &Cx<'_>, report: &Report) -> Currency {
    report.currency.parse().unwrap_or_else(|_| cx.view.currency())
}

/// An amount that was computed in floating point, rounded to whole units of money, with the way to it.
fn amount(cx: &Cx<'_>, report: &Report, minor: f64, figure: &str) -> Markup {
    let text = cx.words.money_whole(Money::new(minor.round() as i64, currency(cx, report)));
    link(&Page::Figure(figure.to_owned()), &text)
}

fn annual(cx: &Cx<'_>, report: &Report) -> Markup {
    let (w, annual) = (cx.words, &report.annual);
    let money = |minor: f64| w.money_whole(Money::new(minor.round() as i64, currency(cx, report)));
    let of = |id: &str| Page::Figure(id.to_owned());
    let mut all = vec![
        Stat::new(w.say("aal"), money(annual.average)).hint(w.say("aal-means")).to(&of("annual.average")),
    ];
    if let Some(tail) = annual.tail_99 {
        all.push(Stat::new(w.say("tvar"), money(tail)).hint(w.say("tvar-means")).to(&of("annual.tail_99")));
    }
    for (years, occurrence, _) in &annual.exceedance {
        if let Some(loss) = occurrence {
            all.push(
                Stat::new(say!(w, "oep", years = *years as i64), money(*loss))
                    .to(&of(&format!("annual.{years}.oep"))),
            );
        }
    }
    stats(&all)
}

fn hours(cx: &Cx<'_>, hours: Option<f64>) -> String {
    hours.map_or_else(
        || cx.words.say("none"),
        |hours| say!(cx.words, "hours-n", n = cx.words.decimal(hours, 0)),
    )
}

fn sites(cx: &Cx<'_>, report: &Report) -> Markup {
    let w = cx.words;
    let (site, loss, late, unserved, backup, ttr, tts, rei, year) = (
        w.say("site"),
        w.say("n1-loss"),
        w.say("n1-late"),
        w.say("n1-unserved"),
        w.say("n1-backup"),
        w.say("ttr"),
        w.say("tts"),
        w.say("rei"),
        w.say("loss-per-year"),
    );
    let mut table = Table::new(
        &w.say("before-sites"),
        &[
            (&site, Kind::Head),
            (&loss, Kind::Number),
            (&late, Kind::Number),
            (&unserved, Kind::Number),
            (&backup, Kind::Text),
            (&ttr, Kind::Number),
            (&tts, Kind::Number),
            (&rei, Kind::Number),
            (&year, Kind::Number),
        ],
    );
    let mut rows: Vec<&SiteLoss> = report.sites.iter().collect();
    rows.sort_by(|a, b| b.reference.loss().total_cmp(&a.reference.loss()));
    for row in rows {
        let id = |field: &str| format!("site.{}.{field}", row.site);
        table.row(vec![
            html! { bdi { (row.site) } },
            amount(cx, report, row.reference.loss(), &id("revenue_lost")),
            html! { (link(&Page::Figure(id("late")), &w.decimal(row.reference.late, 0))) },
            html! { (link(&Page::Figure(id("unserved")), &w.decimal(row.reference.unserved, 0))) },
            html! { @if let Some((backup, share)) = &row.backup { bdi { (backup) } " " span class="hint" { (w.percent(*share, 0)) } } @else { (w.say("none")) } },
            html! { (link(&Page::Figure(id("ttr_h")), &hours(cx, row.ttr_h))) },
            html! { (link(&Page::Figure(id("tts_h")), &hours(cx, row.tts_h))) },
            html! { (link(&Page::Figure(id("rei")), &w.decimal(row.rei, 2))) },
            amount(cx, report, row.loss_per_year, &id("loss_per_year")),
        ]);
    }
    table.markup()
}

fn curves(cx: &Cx<'_>, report: &Report) -> Markup {
    let w = cx.words;
    let site = w.say("site");
    let mut columns = vec![(site.as_str(), Kind::Head)];
    columns.extend(BANDS.iter().map(|band| (*band, Kind::Number)));
    let mut table = Table::new(&w.say("before-curve"), &columns);
    for row in &report.sites {
        let mut cells = vec![html! { bdi { (row.site) } }];
        for (loss, hours) in row.curve.iter().zip(BANDS_H) {
            cells.push(amount(cx, report, *loss, &format!("site.{}.after_{hours}_h.impact", row.site)));
        }
        table.row(cells);
    }
    table.markup()
}

fn pairs(cx: &Cx<'_>, report: &Report) -> Markup {
    let w = cx.words;
    let (two, loss) = (w.say("two-sites"), w.say("n1-loss"));
    let mut table = Table::new(&w.say("before-pairs"), &[(&two, Kind::Head), (&loss, Kind::Number)]);
    let mut rows: Vec<_> = report.pairs.iter().collect();
    rows.sort_by(|a, b| b.impact.loss().total_cmp(&a.impact.loss()));
    for pair in rows.into_iter().take(PAIRS_SHOWN) {
        table.row(vec![
            html! { bdi { (pair.a) } " + " bdi { (pair.b) } },
            amount(cx, report, pair.impact.loss(), &format!("pair.{}+{}.loss", pair.a, pair.b)),
        ]);
    }
    if table.is_empty() { nothing(&w.say("pairs-none")) } else { table.markup() }
}

fn critical(cx: &Cx<'_>, before: &Before) -> Option<Markup> {
    let (w, critical) = (cx.words, before.critical.as_ref()?);
    let (sku, class, daily, cover, main) =
        (w.say("sku"), w.say("class"), w.say("units-a-day"), w.say("cover-without-main"), w.say("main-site"));
    let mut table = Table::new(
        &w.say("before-critical"),
        &[
            (&sku, Kind::Head),
            (&class, Kind::Text),
            (&daily, Kind::Number),
            (&cover, Kind::Number),
            (&main, Kind::Text),
        ],
    );
    for row in critical.skus.iter().filter(|row| row.reason.is_some()).take(40) {
        table.row(vec![
            html! { bdi { (row.sku) } },
            html! { (row.abc) (row.xyz) },
            html! { (w.decimal(row.units_per_day, 1)) },
            html! { @if let Some(days) = row.cover_days { (say!(w, "days-about", n = w.decimal(days, 1))) } @else { (w.say("none")) } },
            html! { bdi { (row.main_site.as_deref().unwrap_or("–")) } },
        ]);
    }
    Some(
        html! { p { (say!(w, "critical-count", n = critical.critical, all = critical.skus.len())) } (table.markup()) },
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

/// Where a figure comes from.
pub(super) fn draw_figure(cx: &Cx<'_>, id: &str) -> Option<(String, Markup)> {
    let w = cx.words;
    let found = cx.view.before?.report.where_from(id);
    let title = w.say("figure-title");
    if found.is_empty() {
        return None;
    }
    let content = html! {
        (plain_head(&title, id))
        @for (index, (figure, trace)) in found.iter().enumerate() {
            (section(&format!("figure-{index}"), &figure.id, facts(&[
                (w.say("value"), html! { @if let Some(value) = figure.value { (w.decimal(value, 2)) " " span class="hint" { (figure.unit) } } @else { (w.say("none")) } }),
                (w.say("basis"), html! { (w.say(&format!("basis-{}", basis_key(figure.basis)))) }),
                (w.say("inputs"), html! { ul class="plain" { @for input in &trace.inputs { li { (input) } } } }),
                (w.say("formula"), html! { (trace.formula) }),
                (w.say("version"), html! { (trace.version) }),
            ])))
        }
        p { (link(&Page::Before, &w.say("back-to-before"))) }
    };
    Some((title, content))
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
