//! What losses cost: of one site, of two, over time, and by hazard.

use std::collections::BTreeMap;

use holdfast_continuity::bia::{BANDS, BANDS_H, Report, SiteLoss};
use maud::{Markup, html};

use super::super::Cx;
use super::{amount, hours, money};
use crate::page::Page;
use crate::parts::plot::{self, CURVES_MAX, Curve};
use crate::parts::table::{Kind, Table};
use crate::parts::{Tone, chip, link};
use crate::words::say;

/// Pairs listed one by one.
const PAIRS_SHOWN: usize = 12;
/// Steps of shade in the matrix.
const SHADES: f64 = 5.0;

/// Sites that take orders, the dearest loss first.
fn dearest(report: &Report) -> Vec<&SiteLoss> {
    let mut rows: Vec<&SiteLoss> = report.sites.iter().collect();
    rows.sort_by(|a, b| b.reference.loss().total_cmp(&a.reference.loss()).then(a.site.cmp(&b.site)));
    rows
}

pub(super) fn sites(cx: &Cx<'_>, report: &Report) -> Markup {
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
    for row in dearest(report) {
        let id = |field: &str| format!("site.{}.{field}", row.site);
        table.row(vec![
            html! { bdi { (row.site) } },
            amount(cx, report, row.reference.loss(), &id("loss")),
            html! { (link(&Page::Figure(id("late")), &w.decimal(row.reference.late, 0))) },
            html! { (link(&Page::Figure(id("unserved")), &w.decimal(row.reference.unserved, 0))) },
            html! { @if let Some((backup, share)) = &row.backup { bdi { (backup) } " " span class="hint" { (w.percent(*share, 0)) } } @else { (w.say("none")) } },
            html! { (link(&Page::Figure(id("ttr_h")), &hours(cx, row.ttr_h))) },
            html! { (link(&Page::Figure(id("tts_h")), &hours(cx, row.tts_h))) },
            html! { (link(&Page::Figure(id("rei")), &w.decimal(row.rei, 2))) },
            amount(cx, report, row.loss_per_year, &id("loss_per_year")),
        ]);
    }
    let carriers: Vec<_> = report.singles.iter().filter(|one| one.code.starts_with("carrier ")).collect();
    html! {
        (table.markup())
        @if !carriers.is_empty() {
            h3 { (w.say("before-carriers")) }
            ul class="plain" { @for one in carriers { li {
                bdi { (one.code.trim_start_matches("carrier ")) } ": "
                (amount(cx, report, one.impact.loss(), &format!("single.{}", one.code))) " "
                span class="hint" { (say!(w, "before-carrier-share", share = w.percent(one.share, 0))) }
            } } }
        }
    }
}

/// Every two sites lost together: the diagonal is one alone.
pub(super) fn matrix(cx: &Cx<'_>, report: &Report) -> Markup {
    let w = cx.words;
    let mut losses: BTreeMap<(&str, &str), (f64, String)> = BTreeMap::new();
    for pair in &report.pairs {
        let id = format!("pair.{}+{}", pair.a, pair.b);
        losses.insert((&pair.a, &pair.b), (pair.impact.loss(), id.clone()));
        losses.insert((&pair.b, &pair.a), (pair.impact.loss(), id));
    }
    for row in &report.sites {
        losses.insert((&row.site, &row.site), (row.reference.loss(), format!("site.{}.loss", row.site)));
    }
    let codes: Vec<&str> =
        report.sites.iter().filter(|row| row.takes_orders).map(|row| row.site.as_str()).collect();
    let most = losses.values().map(|(loss, _)| *loss).fold(0.0, f64::max);
    let shade =
        |loss: f64| if most > 0.0 { (loss / most * SHADES).ceil().clamp(0.0, SHADES) as u8 } else { 0 };
    html! {
        p class="hint" { (w.say("before-pairs-lead")) }
        @if codes.len() < 2 { (crate::parts::nothing(&w.say("pairs-none"))) } @else {
            div class="scroll" tabindex="0" role="group" aria-label=(w.say("before-pairs")) {
                table class="matrix" {
                    caption class="unseen" { (w.say("before-pairs")) }
                    thead { tr { th scope="col" { (w.say("site")) } @for code in &codes { th scope="col" { (code) } } } }
                    tbody { @for a in &codes { tr {
                        th scope="row" { (a) }
                        @for b in &codes { td class=[losses.get(&(*a, *b)).map(|(loss, _)| format!("shade-{}", shade(*loss)))] {
                            @if let Some((loss, id)) = losses.get(&(*a, *b)) { (link(&Page::Figure(id.clone()), &short(cx, report, *loss))) }
                        } }
                    } } }
                }
            }
            (dearest_pairs(cx, report))
        }
    }
}

/// Money in thousands, for dense cells.
fn short(cx: &Cx<'_>, report: &Report, minor: f64) -> String {
    let scale = 10_f64.powi(i32::try_from(super::currency(cx, report).digits()).unwrap_or(2));
    say!(cx.words, "thousands", n = cx.words.decimal(minor / scale / 1000.0, 1))
}

fn dearest_pairs(cx: &Cx<'_>, report: &Report) -> Markup {
    let w = cx.words;
    let (two, loss, beyond, together) =
        (w.say("two-sites"), w.say("n1-loss"), w.say("before-beyond"), w.say("before-together"));
    let mut table = Table::new(
        &w.say("before-dearest-pairs"),
        &[(&two, Kind::Head), (&loss, Kind::Number), (&beyond, Kind::Number), (&together, Kind::Number)],
    )
    .captioned();
    let mut rows: Vec<_> = report.pairs.iter().collect();
    rows.sort_by(|a, b| b.impact.loss().total_cmp(&a.impact.loss()).then((&a.a, &a.b).cmp(&(&b.a, &b.b))));
    for pair in rows.into_iter().take(PAIRS_SHOWN) {
        let events = report
            .together
            .iter()
            .find(|(a, b, _)| (a, b) == (&pair.a, &pair.b) || (b, a) == (&pair.a, &pair.b));
        table.row(vec![
            html! { bdi { (pair.a) } " + " bdi { (pair.b) } },
            amount(cx, report, pair.impact.loss(), &format!("pair.{}+{}", pair.a, pair.b)),
            html! { (money(cx, report, pair.beyond)) },
            html! { @match events {
                Some((_, _, rate)) if *rate > 0.0 => (say!(w, "once-in", years = w.decimal(1.0 / rate, 0))),
                _ => (w.say("none")),
            } },
        ]);
    }
    table.markup()
}

pub(super) fn curves(cx: &Cx<'_>, report: &Report) -> Markup {
    let w = cx.words;
    let site = w.say("site");
    let mut columns = vec![(site.clone(), Kind::Head)];
    columns.extend(BANDS_H.iter().map(|hours| (band(cx, *hours), Kind::Number)));
    let columns: Vec<(&str, Kind)> = columns.iter().map(|(label, kind)| (label.as_str(), *kind)).collect();
    let mut table = Table::new(&w.say("before-curve"), &columns);
    let rows = dearest(report);
    for row in &rows {
        let mut cells = vec![html! { bdi { (row.site) } }];
        for (loss, hours) in row.curve.iter().zip(BANDS_H) {
            cells.push(amount(cx, report, *loss, &format!("site.{}.after_{hours}_h", row.site)));
        }
        table.row(cells);
    }
    debug_assert_eq!(BANDS.len(), BANDS_H.len());
    let scale = 10_f64.powi(i32::try_from(super::currency(cx, report).digits()).unwrap_or(2));
    let lines: Vec<Curve> = rows
        .iter()
        .take(CURVES_MAX)
        .map(|row| Curve {
            name: row.site.clone(),
            points: row
                .curve
                .iter()
                .zip(BANDS_H)
                .map(|(loss, hours)| (hours.log10(), loss / scale))
                .collect(),
        })
        .collect();
    let most = lines.iter().flat_map(|line| &line.points).map(|(_, loss)| *loss).fold(0.0, f64::max);
    let across: Vec<plot::Mark> = BANDS_H.iter().map(|hours| (hours.log10(), band(cx, *hours))).collect();
    let up: Vec<plot::Mark> =
        plot::round_marks(most).into_iter().map(|mark| (mark, money(cx, report, mark * scale))).collect();
    html! {
        p class="hint" { (w.say("before-curve-lead")) }
        (plot::curves(&w.say("before-curve-plot"), &lines, &across, &up))
        (table.markup())
    }
}

/// A length of closure in hours or days.
fn band(cx: &Cx<'_>, hours: f64) -> String {
    let w = cx.words;
    if hours < 48.0 {
        say!(w, "hours-n", n = w.decimal(hours, 0))
    } else {
        say!(w, "days-about", n = w.decimal(hours / 24.0, 0))
    }
}

pub(super) fn hazards(cx: &Cx<'_>, report: &Report) -> Markup {
    let w = cx.words;
    let (hazard, rate, loss, basis) =
        (w.say("hazard"), w.say("before-events-year"), w.say("loss-per-year"), w.say("basis"));
    let mut table = Table::new(
        &w.say("before-hazards"),
        &[(&hazard, Kind::Head), (&rate, Kind::Number), (&loss, Kind::Number), (&basis, Kind::Text)],
    );
    for row in &report.hazards {
        let id = |field: &str| format!("hazard.{}.{field}", row.hazard);
        let assumed = row.rates_assumed || row.downtime_assumed;
        table.row(vec![
            html! { (w.say(&format!("hazard-{}", row.hazard.replace('_', "-")))) },
            html! { (link(&Page::Figure(id("events")), &w.decimal(row.events_per_year, 2))) },
            amount(cx, report, row.loss_per_year, &id("loss_per_year")),
            html! { (chip(if assumed { Tone::Warn } else { Tone::Quiet }, &w.say(if assumed { "before-partly-assumed" } else { "basis-published" }))) },
        ]);
    }
    html! { p class="hint" { (w.say("before-hazards-lead")) } (table.markup()) }
}
