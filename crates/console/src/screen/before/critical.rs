//! Critical inventory: which goods must not run out and why, what to lay where, and what more money would buy.

use holdfast_continuity::critical::{COVER_MIN_DAYS, Critical, Laid, SkuRow};
use holdfast_domain::money::Money;
use maud::{Markup, html};

use super::super::Cx;
use super::figure::id_of;
use super::money;
use crate::before::Before;
use crate::parts::plot::{self, Curve};
use crate::parts::table::{Kind, Table};
use crate::parts::{link, nothing};
use crate::words::{name, say};

/// SKUs listed.
const SKUS_SHOWN: usize = 40;
/// Lays listed.
const LAYS_SHOWN: usize = 25;

pub(super) fn markup(cx: &Cx<'_>, before: &Before) -> Markup {
    let w = cx.words;
    let Some(critical) = &before.critical else { return nothing(&w.say("before-critical-none")) };
    html! {
        p { (say!(w, "critical-count", n = critical.critical, all = critical.skus.len())) }
        @if let Some(laid) = &critical.laid { (frontier(cx, before, laid)) }
        (skus(cx, critical))
    }
}

/// Why a SKU is critical, in the reader's language: the same cases, in the same order, as the analysis has them.
fn reason(cx: &Cx<'_>, row: &SkuRow) -> String {
    let w = cx.words;
    let cover = row.cover_days.unwrap_or(0.0);
    if row.reason.is_some() && row.abc == 'A' && cover <= 0.0 {
        return w.say("critical-sole");
    }
    let most = row.surges.iter().max_by(|a, b| a.factor.total_cmp(&b.factor));
    if let Some(surge) = most
        .filter(|surge| row.reason.is_some() && surge.factor > 1.0 && cover / surge.factor < COVER_MIN_DAYS)
    {
        let hazard = w.say(&format!("hazard-{}", surge.hazard.key().replace('_', "-")));
        let key = if surge.before { "critical-surge-before" } else { "critical-surge-after" };
        let (factor, days) = (w.decimal(surge.factor, 1), w.decimal(cover / surge.factor, 1));
        return say!(w, key, factor = factor, hazard = hazard, days = days);
    }
    say!(w, "critical-cover", days = w.decimal(cover, 1))
}

fn skus(cx: &Cx<'_>, critical: &Critical) -> Markup {
    let w = cx.words;
    let (sku, class, daily, cover, main, why) = (
        w.say("sku"),
        w.say("class"),
        w.say("units-a-day"),
        w.say("cover-without-main"),
        w.say("main-site"),
        w.say("why"),
    );
    let mut table = Table::new(
        &w.say("before-critical"),
        &[
            (&sku, Kind::Head),
            (&class, Kind::Text),
            (&daily, Kind::Number),
            (&cover, Kind::Number),
            (&main, Kind::Text),
            (&why, Kind::Text),
        ],
    );
    for row in critical.skus.iter().filter(|row| row.reason.is_some()).take(SKUS_SHOWN) {
        table.row(vec![
            html! { bdi { (row.sku) } " " span class="hint" { bdi { (row.name) } } },
            html! { (link(&id_of("critical", "skus", "abc"), &format!("{}{}", row.abc, row.xyz))) },
            html! { (link(&id_of("critical", "skus", "units_per_day"), &w.decimal(row.units_per_day, 1))) },
            html! { @if let Some(days) = row.cover_days { (link(&id_of("critical", "skus", "cover_days"), &say!(w, "days-about", n = w.decimal(days, 1)))) } @else { (w.say("none")) } },
            html! { bdi { (row.main_site.as_deref().unwrap_or("–")) } },
            html! { (reason(cx, row)) },
        ]);
    }
    if table.is_empty() {
        return nothing(&w.say("before-no-critical"));
    }
    html! { h3 { (say!(w, "before-critical-list", n = critical.critical.min(SKUS_SHOWN))) } (table.markup()) }
}

/// Money against promises kept: from laying nothing to laying all that saves anything, beside doubling every SKU.
fn frontier(cx: &Cx<'_>, before: &Before, laid: &Laid) -> Markup {
    let (w, report) = (cx.words, &before.report);
    let scale = 10_f64.powi(i32::try_from(super::currency(cx, report).digits()).unwrap_or(2));
    let share = |kept: f64| kept * 100.0;
    let points: Vec<(f64, f64)> = laid
        .points
        .iter()
        .map(|p| (p.figures.spent_minor as f64 / scale, share(p.figures.promises_kept)))
        .collect();
    let fresh: Vec<(f64, f64)> = laid
        .points
        .iter()
        .map(|p| (p.figures.spent_minor as f64 / scale, share(p.fresh_promises_kept)))
        .collect();
    let most = points.iter().map(|(spent, _)| *spent).fold(0.0, f64::max);
    let across: Vec<plot::Mark> =
        plot::round_marks(most).into_iter().map(|mark| (mark, money(cx, report, mark * scale))).collect();
    let up: Vec<plot::Mark> =
        [0.0, 25.0, 50.0, 75.0, 100.0].map(|mark| (mark, w.percent(mark / 100.0, 0))).into();
    let curves = [
        Curve { name: w.say("frontier-planned"), points },
        Curve { name: w.say("frontier-fresh"), points: fresh },
    ];
    html! {
        p { (statement(cx, before, laid)) }
        (plot::curves(&w.say("frontier-plot"), &curves, &across, &up))
        (points_table(cx, before, laid))
        (lays(cx, before, laid))
    }
}

/// The saving against doubling every SKU, as a sentence.
fn statement(cx: &Cx<'_>, before: &Before, laid: &Laid) -> String {
    let (w, report) = (cx.words, &before.report);
    let amount = |minor: i64| w.money_whole(Money::new(minor, super::currency(cx, report)));
    match (&laid.as_good_as_doubled, laid.saving_minor, laid.saving_value_minor) {
        (Some(least), Some(saving), Some(free)) => say!(
            w,
            "frontier-said",
            skus = least.skus,
            units = least.figures.units,
            sites = laid.sites.join(", "),
            spent = amount(least.figures.spent_minor),
            main = name(&laid.main_site),
            second = name(&laid.second_site),
            doubled = amount(laid.doubled.spent_minor),
            saving = amount(saving),
            free = amount(free)
        ),
        _ => say!(
            w,
            "frontier-not-said",
            main = name(&laid.main_site),
            second = name(&laid.second_site),
            doubled = amount(laid.doubled.spent_minor),
            kept = w.percent(laid.doubled.promises_kept, 1)
        ),
    }
}

fn points_table(cx: &Cx<'_>, before: &Before, laid: &Laid) -> Markup {
    let (w, report) = (cx.words, &before.report);
    let (what, spent, skus, kept, fresh, loss, gap) = (
        w.say("frontier-plan"),
        w.say("frontier-spent"),
        w.say("frontier-skus"),
        w.say("frontier-kept"),
        w.say("frontier-fresh-kept"),
        w.say("frontier-loss"),
        w.say("gap"),
    );
    let mut table = Table::new(
        &w.say("frontier-plot"),
        &[
            (&what, Kind::Head),
            (&spent, Kind::Number),
            (&skus, Kind::Number),
            (&kept, Kind::Number),
            (&fresh, Kind::Number),
            (&loss, Kind::Number),
            (&gap, Kind::Number),
        ],
    );
    let way = |name: &str, text: &str| link(&id_of("critical", "points", name), text);
    for (number, point) in laid.points.iter().enumerate() {
        table.row(vec![
            html! { (w.number(number + 1)) @if *point == laid.worth_it { " " span class="hint" { (w.say("frontier-worth-it")) } } },
            way("spent_minor", &money(cx, report, point.figures.spent_minor as f64)),
            way("skus", &w.number(point.skus)),
            way("promises_kept", &w.percent(point.figures.promises_kept, 1)),
            way("fresh_promises_kept", &w.percent(point.fresh_promises_kept, 1)),
            way("second_stage_minor", &money(cx, report, point.figures.second_stage_minor)),
            way("gap", &w.percent(point.gap, 2)),
        ]);
    }
    table.row(vec![
        html! { (w.say("frontier-doubled")) },
        way("spent_minor", &money(cx, report, laid.doubled.spent_minor as f64)),
        html! { (w.say("frontier-all")) },
        way("promises_kept", &w.percent(laid.doubled.promises_kept, 1)),
        html! { (w.say("none")) },
        way("second_stage_minor", &money(cx, report, laid.doubled.second_stage_minor)),
        html! { (w.say("none")) },
    ]);
    table.markup()
}

fn lays(cx: &Cx<'_>, before: &Before, laid: &Laid) -> Markup {
    let (w, report) = (cx.words, &before.report);
    let (sku, site, units, cost, saves, why) =
        (w.say("sku"), w.say("site"), w.say("units"), w.say("lay-cost"), w.say("lay-saves"), w.say("why"));
    let mut table = Table::new(
        &w.say("before-lays"),
        &[
            (&sku, Kind::Head),
            (&site, Kind::Text),
            (&units, Kind::Number),
            (&cost, Kind::Number),
            (&saves, Kind::Number),
            (&why, Kind::Text),
        ],
    );
    let critical = before.critical.as_ref();
    for lay in laid.lays.iter().take(LAYS_SHOWN) {
        let row = critical.and_then(|critical| critical.skus.iter().find(|row| row.sku == lay.sku));
        let way = |name: &str, text: &str| link(&id_of("critical", "lays", name), text);
        table.row(vec![
            html! { bdi { (lay.sku) } },
            html! { bdi { (lay.site) } },
            way("units", &w.number(lay.units)),
            way("cost_minor", &money(cx, report, lay.cost_minor as f64)),
            way("last_unit_saves_minor", &money(cx, report, lay.last_unit_saves_minor)),
            html! { @if let Some(row) = row { (reason(cx, row)) } },
        ]);
    }
    if table.is_empty() {
        return html! { p { (w.say("before-lays-none")) } };
    }
    html! {
        h3 { (say!(w, "before-lays-list", n = laid.lays.len().min(LAYS_SHOWN), all = laid.lays.len(), budget = money(cx, report, laid.budget_minor as f64))) }
        (table.markup())
    }
}
