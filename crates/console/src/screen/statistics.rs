//! Statistics: what disasters did to the own orders, by hazard, site, merchant, month and year; what was turned away;
//! beside the published figures with their sources. The interface has the same numbers: both ask
//! [`holdfast_continuity::statistics`].

use std::collections::BTreeMap;

use holdfast_continuity::statistics::{Disaster, Period, Statistics, Struck, Totals};
use holdfast_domain::id::{IncidentId, SiteId};
use holdfast_domain::incident::{Hazard, SiteAccess};
use holdfast_domain::time::{Span, Stamp};
use maud::{Markup, html};

use super::incidents::phase_chip;
use super::site::site_link;
use super::{Cx, head as page_head};
use crate::chronicle::What;
use crate::page::Page;
use crate::parts::plot::{self, Curve};
use crate::parts::table::{Kind, Table};
use crate::parts::{Stat, Tone, chip, explained, link_named, nothing, section, stats};
use crate::words::say;

/// Disasters listed, the newest first.
const DISASTERS_SHOWN: usize = 50;
/// Months shown, the newest.
const MONTHS_SHOWN: usize = 24;

/// How long each site was closed, by an incident or by all, until now.
pub(super) fn closed_spans(cx: &Cx<'_>, only: Option<IncidentId>) -> BTreeMap<SiteId, Span> {
    let mut since: BTreeMap<SiteId, (Stamp, Option<IncidentId>)> = BTreeMap::new();
    let mut spans: BTreeMap<SiteId, Span> = BTreeMap::new();
    let mut add = |site: SiteId, from: Stamp, until: Stamp, by: Option<IncidentId>| {
        if only.is_none() || only == by {
            spans.entry(site).or_default().0 += until.since(from).0;
        }
    };
    for row in cx.view.chronicle.rows() {
        let What::Access(site, access) = row.what else { continue };
        match access {
            SiteAccess::Closed { incident, .. } => {
                since.entry(site).or_insert((row.at, Some(incident)));
            }
            _ => {
                if let Some((from, by)) = since.remove(&site) {
                    add(site, from, row.at, by);
                }
            }
        }
    }
    for (site, (from, by)) in since {
        add(site, from, cx.view.now, by);
    }
    spans
}

pub(super) fn draw(cx: &Cx<'_>) -> (String, Markup) {
    let w = cx.words;
    let title = w.say("nav-statistics");
    let view = &cx.view;
    let now = view.now.max(view.state().stamp);
    let of = Statistics::of(view.state(), view.chronicle.ledger(), &view.beside.guarded, now);
    let csv = html! { a class="button" href="/statistics.csv" { (w.say("stats-csv")) } };
    let content = html! {
        (page_head(&html! { (title) }, &html! { (w.say("statistics-lead")) }, &csv))
        (strip(cx, &of))
        (explained(&w.say("where-from"), &w.say("stats-how")))
        (section("disasters", &w.say("stats-disasters"), disasters(cx, &of)))
        div class="split" {
            (section("hazards", &w.say("stats-hazards"), hazards(cx, &of)))
            (section("sites", &w.say("stats-by-site"), sites(cx, &of)))
        }
        (section("merchants", &w.say("stats-merchants"), merchants(cx, &of)))
        (section("months", &w.say("stats-months"), months(cx, &of)))
        div class="split" {
            (section("told", &w.say("stats-notices"), told(cx, &of)))
            (section("guarded", &w.say("stats-guarded"), guarded(cx, &of)))
        }
        (section("published", &w.say("stats-published"), published(cx, &of)))
    };
    (title, content)
}

fn share(cx: &Cx<'_>, totals: &Totals) -> String {
    totals.kept_share().map_or_else(|| cx.words.say("none"), |share| cx.words.percent(share, 1))
}

fn strip(cx: &Cx<'_>, of: &Statistics) -> Markup {
    let w = cx.words;
    let done = of.all.kept + of.all.late + of.all.lost;
    let without = of.all.kept.saturating_sub(of.kept_by_plans);
    let without = if done == 0 { w.say("none") } else { w.percent(without as f64 / done as f64, 1) };
    stats(&[
        Stat::new(w.say("stats-orders"), w.number(of.all.orders)).hint(say!(
            w,
            "stats-archived",
            n = of.archived
        )),
        Stat::new(w.say("stats-kept"), share(cx, &of.all)).hint(say!(
            w,
            "stats-kept-of-done",
            kept = of.all.kept,
            all = done
        )),
        Stat::new(w.say("stats-without"), without).hint(say!(w, "stats-without-means", n = of.kept_by_plans)),
        Stat::new(w.say("stats-late"), w.number(of.all.late)).tone_if(of.all.late > 0, Tone::Warn),
        Stat::new(w.say("stats-lost"), w.number(of.all.lost)).tone_if(of.all.lost > 0, Tone::Warn),
        Stat::new(w.say("stats-open"), w.number(of.all.open)),
        Stat::new(w.say("stats-moved"), w.number(of.moved)),
    ])
}

/// Columns of [`Totals`], and their cells.
fn fates(cx: &Cx<'_>) -> [String; 5] {
    ["orders", "stats-fate-kept", "stats-fate-late", "stats-fate-lost", "stats-fate-open"]
        .map(|key| cx.words.say(key))
}

fn cells(cx: &Cx<'_>, totals: &Totals) -> Vec<Markup> {
    [totals.orders, totals.kept, totals.late, totals.lost, totals.open]
        .map(|count| html! { (cx.words.number(count)) })
        .into()
}

/// A table whose last columns are [`Totals`].
fn table(cx: &Cx<'_>, caption: &str, before: &[(&str, Kind)]) -> Table {
    let fates = fates(cx);
    let mut columns = before.to_vec();
    columns.extend(fates.iter().map(|label| (label.as_str(), Kind::Number)));
    Table::new(caption, &columns)
}

fn hours(cx: &Cx<'_>, hours: Option<f64>) -> String {
    hours.map_or_else(
        || cx.words.say("none"),
        |hours| say!(cx.words, "hours-n", n = cx.words.decimal(hours, 1)),
    )
}

fn disasters(cx: &Cx<'_>, of: &Statistics) -> Markup {
    let w = cx.words;
    let (which, phase, closed, notices, recovery) = (
        w.say("incident"),
        w.say("state"),
        w.say("site-hours"),
        w.say("stats-notices-short"),
        w.say("stats-recovery"),
    );
    let mut rows = table(
        cx,
        &w.say("stats-disasters"),
        &[
            (&which, Kind::Head),
            (&phase, Kind::Text),
            (&closed, Kind::Number),
            (&recovery, Kind::Text),
            (&notices, Kind::Number),
        ],
    );
    for one in of.disasters.iter().rev().take(DISASTERS_SHOWN) {
        let mut row = vec![
            html! { (link_named(&Page::Incident(one.incident, 0), &one.name)) " " span class="hint" { (hazard_name(cx, one.hazard.key())) } },
            phase_chip(cx, one.phase),
            html! { (w.decimal(one.site_hours, 1)) },
            recovery_cell(cx, one),
            html! { (w.number(one.notices.values().sum::<u64>())) },
        ];
        row.extend(cells(cx, &one.touched));
        rows.row(row);
    }
    if rows.is_empty() {
        return nothing(&w.say("incidents-none"));
    }
    html! { p class="hint" { (w.say("stats-disasters-lead")) } (rows.markup()) }
}

/// How soon orders flowed again, against the operator's objective.
fn recovery_cell(cx: &Cx<'_>, one: &Disaster) -> Markup {
    let w = cx.words;
    let Some(took) = one.recovery_hours else { return html! { (w.say("none")) } };
    html! {
        (hours(cx, Some(took)))
        @if let Some(objective) = cx.view.beside.objective_h {
            " " @if took <= f64::from(objective) { (chip(Tone::Good, &say!(w, "within-objective", n = objective))) }
            @else { (chip(Tone::Bad, &say!(w, "over-objective", n = objective))) }
        }
    }
}

fn hazard_name(cx: &Cx<'_>, key: &str) -> String {
    cx.words.say(&format!("hazard-{}", key.replace('_', "-")))
}

fn hazards(cx: &Cx<'_>, of: &Statistics) -> Markup {
    struck(
        cx,
        &cx.words.say("stats-hazards"),
        &cx.words.say("hazard"),
        "incidents-none",
        of.hazards.iter().map(|(key, struck)| (html! { (hazard_name(cx, key)) }, struck)),
    )
}

fn sites(cx: &Cx<'_>, of: &Statistics) -> Markup {
    struck(
        cx,
        &cx.words.say("stats-by-site"),
        &cx.words.say("site"),
        "stats-never-closed",
        of.sites.iter().map(|(site, struck)| (site_link(cx, *site), struck)),
    )
}

fn struck<'s>(
    cx: &Cx<'_>,
    caption: &str,
    what: &str,
    none: &str,
    all: impl Iterator<Item = (Markup, &'s Struck)>,
) -> Markup {
    let w = cx.words;
    let (times, hours) = (w.say("times"), w.say("site-hours"));
    let mut rows = table(cx, caption, &[(what, Kind::Head), (&times, Kind::Number), (&hours, Kind::Number)]);
    for (name, struck) in all {
        let mut row =
            vec![name, html! { (w.number(struck.times)) }, html! { (w.decimal(struck.site_hours, 1)) }];
        row.extend(cells(cx, &struck.touched));
        rows.row(row);
    }
    if rows.is_empty() { nothing(&w.say(none)) } else { rows.markup() }
}

fn merchants(cx: &Cx<'_>, of: &Statistics) -> Markup {
    let (w, state) = (cx.words, cx.view.state());
    let (merchant, kept) = (w.say("merchant"), w.say("stats-kept"));
    let mut rows = table(cx, &w.say("stats-merchants"), &[(&merchant, Kind::Head), (&kept, Kind::Number)]);
    for (id, totals) in &of.merchants {
        let mut row = vec![
            html! { bdi { (state.network.merchant(*id).map_or("", |merchant| &merchant.name)) } },
            html! { (share(cx, totals)) },
        ];
        row.extend(cells(cx, totals));
        rows.row(row);
    }
    rows.markup()
}

fn months(cx: &Cx<'_>, of: &Statistics) -> Markup {
    let w = cx.words;
    let (month, year, disasters, hours) =
        (w.say("stats-month"), w.say("stats-year"), w.say("stats-disasters-short"), w.say("site-hours"));
    let columns =
        |first| [(first, Kind::Head), (disasters.as_str(), Kind::Number), (hours.as_str(), Kind::Number)];
    let mut rows = table(cx, &w.say("stats-months"), &columns(month.as_str()));
    let mut years = table(cx, &w.say("stats-years"), &columns(year.as_str())).captioned();
    let row = |key: &str, period: &Period| {
        let mut row = vec![
            html! { (key) },
            html! { (w.number(period.disasters)) },
            html! { (w.decimal(period.site_hours, 1)) },
        ];
        row.extend(cells(cx, &period.orders));
        row
    };
    for (key, period) in of.months.iter().rev().take(MONTHS_SHOWN) {
        rows.row(row(key, period));
    }
    for (key, period) in of.years.iter().rev() {
        years.row(row(key, period));
    }
    html! {
        @if of.months.len() > 1 { (months_plot(cx, of)) }
        (rows.markup())
        (years.markup())
    }
}

/// Orders and finished ones by month.
fn months_plot(cx: &Cx<'_>, of: &Statistics) -> Markup {
    let w = cx.words;
    let skip = of.months.len().saturating_sub(MONTHS_SHOWN);
    let shown: Vec<(&String, &Period)> = of.months.iter().skip(skip).collect();
    let curve = |key: &str, count: &dyn Fn(&Period) -> u64| Curve {
        name: w.say(key),
        points: shown.iter().enumerate().map(|(at, (_, period))| (at as f64, count(period) as f64)).collect(),
    };
    let curves = [
        curve("orders", &|period| period.orders.orders),
        curve("stats-fate-kept", &|period| period.orders.kept),
        curve("stats-fate-late", &|period| period.orders.late),
    ];
    let step = shown.len().div_ceil(8).max(1);
    let across: Vec<plot::Mark> = (0..shown.len())
        .filter(|at| at % step == 0 || at + 1 == shown.len())
        .map(|at| (at as f64, shown[at].0.clone()))
        .collect();
    let most = curves.iter().flat_map(|curve| &curve.points).map(|(_, count)| *count).fold(0.0, f64::max);
    let up: Vec<plot::Mark> =
        plot::round_marks(most).into_iter().map(|mark| (mark, w.decimal(mark, 0))).collect();
    plot::curves(&w.say("stats-months"), &curves, &across, &up)
}

fn told(cx: &Cx<'_>, of: &Statistics) -> Markup {
    let w = cx.words;
    let list = |kind: &str, counts: &BTreeMap<&'static str, u64>| {
        html! {
            ul class="plain counts" { @for (key, count) in counts {
                li { strong { (w.number(*count)) } " · " (w.say(&format!("{kind}-{}", key.replace('_', "-")))) }
            } }
        }
    };
    html! {
        @if of.notices.is_empty() { (nothing(&w.say("stats-notices-none"))) } @else { (list("notice", &of.notices)) }
        h3 { (w.say("stats-answers")) }
        @if of.answers.is_empty() { (nothing(&w.say("stats-answers-none"))) } @else { (list("answered", &of.answers)) }
    }
}

/// Refused by a rule or at the door, by month: what it was is said where there are words for it.
fn guarded(cx: &Cx<'_>, of: &Statistics) -> Markup {
    let w = cx.words;
    let (what, all, last) =
        (w.say("stats-guarded-what"), w.say("stats-guarded-all"), w.say("stats-guarded-month"));
    let mut rows = Table::new(
        &w.say("stats-guarded"),
        &[(&what, Kind::Head), (&all, Kind::Number), (&last, Kind::Number)],
    );
    let newest = of.months.values().next_back();
    rows.row(vec![
        html! { (w.say("guarded-short")) },
        html! { (w.number(of.short)) },
        html! { (w.number(newest.map_or(0, |period| period.short))) },
    ]);
    let named = |code: &str| {
        w.known(&format!("guarded-{code}"))
            .or_else(|| w.known(&format!("reject-{code}")))
            .unwrap_or_else(|| code.to_owned())
    };
    for (code, count) in &of.guarded {
        rows.row(vec![
            html! { (named(code)) " " span class="code" { (code) } },
            html! { (w.number(*count)) },
            html! { (w.number(newest.and_then(|period| period.guarded.get(code)).copied().unwrap_or(0))) },
        ]);
    }
    html! { p class="hint" { (w.say("stats-guarded-lead")) } (rows.markup()) }
}

/// The operator's own figure beside what is published on a threat.
fn own(cx: &Cx<'_>, of: &Statistics, threat: &str) -> String {
    let w = cx.words;
    let of_hazards = |hazards: &[Hazard]| {
        let rows = hazards.iter().filter_map(|hazard| of.hazards.get(hazard.key()));
        rows.fold((0, 0.0), |(times, hours), row| (times + row.times, hours + row.site_hours))
    };
    let struck = |hazards: &[Hazard]| {
        let (times, hours) = of_hazards(hazards);
        say!(w, "own-struck", times = times, hours = w.decimal(hours, 1))
    };
    let refused = |code: &str| of.guarded.get(code).copied().unwrap_or(0);
    match threat {
        "pandemic" => struck(&[Hazard::PandemicSurge]),
        "cyber" => say!(
            w,
            "own-cyber",
            n = refused("sign-in-refused"),
            attacks = of_hazards(&[Hazard::CyberAttack]).0
        ),
        "power" => struck(&[Hazard::PowerOutage]),
        "human" => say!(w, "own-human", short = of.short, refused = refused("stock-short")),
        "weather" => struck(&[
            Hazard::Hurricane,
            Hazard::Tornado,
            Hazard::Flood,
            Hazard::Wildfire,
            Hazard::WinterStorm,
        ]),
        _ => {
            let shut = of.sites.values().map(|site| site.running).sum::<u64>();
            say!(w, "own-after", closed = of.sites.len(), shut = shut)
        }
    }
}

/// What others have published on each threat: key of the sentence and its source, as it is cited.
const PUBLISHED: [(&str, &str, &str); 15] = [
    ("pandemic", "pub-stores", "Supply Chain Dive"),
    ("cyber", "pub-takeover", "–"),
    ("cyber", "pub-stuffing", "Akamai, July 2018 – June 2020"),
    ("cyber", "pub-ddos", "–"),
    ("power", "pub-hours", "PowerOutage.US, 2020"),
    ("power", "pub-offline", "–"),
    ("power", "pub-lost", "–"),
    ("human", "pub-breach", "IBM, 2020"),
    ("human", "pub-root", "–"),
    ("human", "pub-oversold", "–"),
    ("weather", "pub-names", "2020"),
    ("weather", "pub-fires", "2020"),
    ("weather", "pub-dams", "2020"),
    ("weather", "pub-tornadoes", "2020"),
    ("after", "pub-reopen", "FEMA"),
];

fn published(cx: &Cx<'_>, of: &Statistics) -> Markup {
    let w = cx.words;
    let (threat, figure, source, mine) =
        (w.say("threat"), w.say("figure"), w.say("source"), w.say("stats-own"));
    let mut table = Table::new(
        &w.say("stats-published"),
        &[(&threat, Kind::Head), (&figure, Kind::Text), (&source, Kind::Text), (&mine, Kind::Text)],
    );
    let mut last = "";
    for (kind, key, from) in PUBLISHED {
        let from = if from == "–" { w.say("source-unnamed") } else { from.to_owned() };
        table.row(vec![
            html! { (w.say(&format!("threat-{kind}"))) },
            html! { (w.say(key)) },
            html! { span class="hint" { (from) } },
            html! { @if kind != last { (own(cx, of, kind)) } },
        ]);
        last = kind;
    }
    html! { p class="hint" { (w.say("published-lead")) } (table.markup()) }
}
