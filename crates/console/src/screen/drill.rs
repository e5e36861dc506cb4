//! A drill that was held: the same orders under each policy, cost against its bound, scored against what was declared.

use holdfast_app::drills::{DrillLine, DrillResult, PolicyResult};
use holdfast_domain::money::Currency;
use holdfast_domain::time::Span;
use maud::{Markup, html};

use super::drills::{policy_name, scenario_name, scored};
use super::{Cx, head};
use crate::page::Page;
use crate::parts::table::{Kind, Table};
use crate::parts::{Stat, Tone, bar, chip, explained, facts, form, link, nothing, section, stats};
use crate::viewer::Right;
use crate::words::say;

pub(super) fn draw(cx: &Cx<'_>, number: u32) -> Option<(String, Markup)> {
    let (w, drilled) = (cx.words, &cx.view.beside.drilled);
    let line = drilled.held.get(usize::try_from(number).ok()?.checked_sub(1)?)?;
    let key = line.result.as_ref().map_or("", |result| result.key.as_str());
    let title = scenario_name(cx, key, &line.scenario);
    let again = html! { @if cx.may(Right::Command) && !drilled.is_running() && drilled.scenario(key).is_some() {
        (form::button(cx, "/act/drill", &[("scenario", key)], &w.say("drill-hold-again"), "primary"))
    } };
    let below = html! {
        (link(&Page::Drills, &w.say("drills-all"))) " · " (w.moment(line.at, &cx.view.zone())) " " (scored(cx, line))
    };
    let content = html! {
        (head(&html! { bdi { (title) } }, &below, &again))
        @match &line.result {
            Some(result) => (whole(cx, line, result)),
            None => (section("old", &w.say("drill-result"), old(cx, line))),
        }
    };
    Some((title, content))
}

/// A line of a version that kept less.
fn old(cx: &Cx<'_>, line: &DrillLine) -> Markup {
    let w = cx.words;
    html! {
        (stats(&[
            Stat::new(w.say("promises-kept"), w.number(line.kept)).hint(say!(w, "of-orders", n = line.orders)),
            Stat::new(w.say("policy-wait"), w.number(line.waiting)),
        ]))
        p class="hint" { (w.say("drill-old")) }
    }
}

fn currency(cx: &Cx<'_>, result: &DrillResult) -> Currency {
    result.currency.parse().unwrap_or_else(|_| cx.view.currency())
}

fn whole(cx: &Cx<'_>, line: &DrillLine, result: &DrillResult) -> Markup {
    let w = cx.words;
    html! {
        (headline(cx, line, result))
        (section("policies", &w.say("drill-result"), html! {
            p class="hint" { (w.say("drill-result-lead")) }
            (policies(cx, result))
            (explained(&w.say("where-from"), &w.say("drill-explained")))
        }))
        div class="split" {
            (section("outages", &w.say("drill-outages"), outages(cx, result)))
            (section("proof", &w.say("drill-proof"), proof(cx, line, result)))
        }
    }
}

fn share(row: &PolicyResult) -> f64 {
    if row.orders == 0 { 0.0 } else { row.on_time as f64 / row.orders as f64 }
}

fn headline(cx: &Cx<'_>, line: &DrillLine, result: &DrillResult) -> Markup {
    let (w, money) = (cx.words, currency(cx, result));
    let mut all = Vec::new();
    if let Some(ours) = result.policy("holdfast") {
        let wanted = result.objectives.kept_percent;
        let hint = wanted.map_or_else(
            || say!(w, "of-orders", n = ours.orders),
            |wanted| say!(w, "drill-kept-wanted", n = ours.on_time, of = ours.orders, wanted = wanted),
        );
        let met = result.kept_met();
        all.push(
            Stat::new(w.say("promises-kept"), w.percent(share(ours), 1))
                .hint(hint)
                .tone_if(met == Some(false), Tone::Bad),
        );
        let more = i64::try_from(ours.on_time).unwrap_or(0) - i64::try_from(line.waiting).unwrap_or(0);
        all.push(Stat::new(w.say("drill-saved"), w.number(more)).hint(w.say("drill-saved-means")));
        let gap = result.gap_permille(ours.cost);
        let cost = Stat::new(w.say("drill-cost"), w.minor(ours.cost, money));
        all.push(match (result.bound, gap) {
            (Some(bound), Some(gap)) => cost.hint(say!(
                w,
                "drill-bound",
                bound = w.minor(bound, money),
                gap = w.percent(gap as f64 / 1000.0, 1)
            )),
            _ => cost.hint(w.say("drill-no-bound")),
        });
    }
    let recovered = result.recovered_min.map_or_else(
        || w.say("none"),
        |minutes| if minutes == 0 { w.say("at-once") } else { w.span(Span::minutes(minutes)) },
    );
    let hint = match result.objectives.rto_h {
        Some(hours) => say!(w, "drill-rto-wanted", n = hours),
        None => w.say("drill-rto-none"),
    };
    all.push(
        Stat::new(w.say("drill-rto"), recovered)
            .hint(hint)
            .tone_if(result.rto_met() == Some(false), Tone::Bad),
    );
    stats(&all)
}

fn policies(cx: &Cx<'_>, result: &DrillResult) -> Markup {
    let (w, money) = (cx.words, currency(cx, result));
    let (policy, kept, late, open, moved, told, cost, gap) = (
        w.say("drill-policy"),
        w.say("promises-kept"),
        w.say("drill-late"),
        w.say("drill-open"),
        w.say("plan-moved"),
        w.say("drill-told"),
        w.say("cost"),
        w.say("drill-over-bound"),
    );
    let mut table = Table::new(
        &w.say("drill-result"),
        &[
            (&policy, Kind::Head),
            (&kept, Kind::Text),
            (&late, Kind::Number),
            (&open, Kind::Number),
            (&moved, Kind::Number),
            (&told, Kind::Number),
            (&cost, Kind::Number),
            (&gap, Kind::Number),
        ],
    );
    for row in &result.policies {
        let tone = if row.policy == "holdfast" { Tone::Good } else { Tone::Warn };
        // Of a world in which nothing happened there is no bound: that one is of the disaster.
        let gap = result.gap_permille(row.cost).filter(|_| row.policy != "calm");
        table.row(vec![
            html! { (policy_name(cx, &row.policy)) },
            html! { div class="load" {
                (bar(row.on_time, row.orders, tone))
                span { (w.percent(share(row), 1)) " " span class="hint" { (say!(w, "n-of", n = row.on_time, of = row.orders)) } }
            } },
            html! { (w.number(row.late)) },
            html! { (w.number(row.open)) },
            html! { (w.number(row.moved)) },
            html! { (w.number(row.notices)) },
            html! { (w.minor(row.cost, money)) },
            html! { @match gap { Some(gap) => (w.percent(gap as f64 / 1000.0, 1)), None => (w.say("none")) } },
        ]);
    }
    table.markup()
}

fn outages(cx: &Cx<'_>, result: &DrillResult) -> Markup {
    let (w, zone) = (cx.words, cx.view.zone());
    if result.outages.is_empty() {
        return nothing(&w.say("drill-no-outage"));
    }
    let (site, from, until) = (w.say("site"), w.say("drill-from"), w.say("drill-until"));
    let mut table = Table::new(
        &w.say("drill-outages"),
        &[(&site, Kind::Head), (&from, Kind::Text), (&until, Kind::Text)],
    );
    for one in &result.outages {
        table.row(vec![
            html! { bdi { (one.site) } },
            html! { (w.moment(one.from, &zone)) },
            html! { @match one.until { Some(at) => (w.moment(at, &zone)), None => (w.say("drill-for-good")) } },
        ]);
    }
    html! { (table.markup()) p class="hint" { (w.say("drill-times")) } }
}

fn proof(cx: &Cx<'_>, line: &DrillLine, result: &DrillResult) -> Markup {
    let w = cx.words;
    let (made, accepted) = line.plans;
    let tone = if line.sound { Tone::Good } else { Tone::Bad };
    let mut rows = vec![
        (
            w.say("drill-sound"),
            chip(tone, &w.say(if line.sound { "drill-sound-yes" } else { "drill-unsound" })),
        ),
        (w.say("drill-plans"), html! { (say!(w, "drill-plans-of", n = accepted, of = made)) }),
        (w.say("drill-recounted"), html! { (say!(w, "drill-recounted-n", n = result.recounted)) }),
        (
            w.say("drill-made-of"),
            html! { (say!(w, "drill-made-of-n", version = result.version, seed = line.seed)) },
        ),
        (
            w.say("drill-took"),
            html! { (say!(w, "seconds-n", n = w.decimal(result.took_ms as f64 / 1000.0, 1))) },
        ),
    ];
    if result.left_out > 0 {
        rows.push((w.say("drill-left-out"), html! { (w.number(result.left_out)) }));
    }
    if !line.open_findings.is_empty() {
        let numbers: Vec<String> = line.open_findings.iter().map(|number| format!("#{number}")).collect();
        rows.push((w.say("drill-findings"), html! { (numbers.join(", ")) }));
    }
    html! {
        (facts(&rows))
        @for wrong in &result.wrong { p class="code" { (wrong) } }
    }
}
