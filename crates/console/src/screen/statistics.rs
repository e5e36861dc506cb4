//! Statistics: what disasters did, promises kept, notices; beside the published figures with their sources.

use std::collections::BTreeMap;

use holdfast_domain::id::{IncidentId, SiteId};
use holdfast_domain::incident::{Hazard, Phase, SiteAccess};
use holdfast_domain::notice::NoticeStatus;
use holdfast_domain::order::OrderStatus;
use holdfast_domain::time::{Span, Stamp};
use maud::{Markup, html};

use super::site::site_link;
use super::{Cx, plain_head};
use crate::chronicle::What;
use crate::overview::notice_index;
use crate::parts::table::{Kind, Table};
use crate::parts::{Stat, explained, nothing, section, stats};

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
    let content = html! {
        (plain_head(&title, &w.say("statistics-lead")))
        (promises(cx))
        div class="split" {
            (section("hazards", &w.say("stats-hazards"), hazards(cx)))
            (section("closed", &w.say("stats-closed"), closed(cx)))
        }
        (section("merchants", &w.say("stats-merchants"), merchants(cx)))
        (section("published", &w.say("stats-published"), published(cx)))
    };
    (title, content)
}

fn promises(cx: &Cx<'_>) -> Markup {
    let (w, overview) = (cx.words, cx.view.overview);
    let counts = &overview.all;
    let done = counts.kept + counts.late;
    let share = |part: u64| if done == 0 { w.say("none") } else { w.percent(part as f64 / done as f64, 1) };
    let plans = cx.view.state().plans.iter();
    let skipped: u64 = plans.map(|(_, plan)| u64::from(plan.skipped)).sum();
    html! {
        (stats(&[
            Stat::new(w.say("stats-orders"), w.number(counts.all())),
            Stat::new(w.say("stats-kept"), share(counts.kept)).hint(crate::words::say!(w, "stats-kept-of", kept = counts.kept, all = done)),
            Stat::new(w.say("stats-late"), w.number(counts.late)),
            Stat::new(w.say("stats-moved"), w.number(counts.moved)).hint(crate::words::say!(w, "stats-skipped", n = skipped)),
            Stat::new(w.say("stats-told"), w.number(overview.notices[notice_index(NoticeStatus::Sent)])),
            Stat::new(w.say("status-in-doubt"), w.number(counts.of(OrderStatus::InDoubt))),
        ]))
        (explained(&w.say("where-from"), &w.say("stats-explained")))
    }
}

fn hazards(cx: &Cx<'_>) -> Markup {
    let (w, state) = (cx.words, cx.view.state());
    let mut rows: BTreeMap<Hazard, (u64, u64, u64, Span)> = BTreeMap::new();
    for (id, incident) in state.incidents.iter().filter(|(_, incident)| !incident.drill) {
        let row = rows.entry(incident.hazard).or_default();
        row.0 += 1;
        row.1 += u64::from(incident.phase != Phase::Closed);
        row.2 += state
            .plans
            .iter()
            .filter(|(_, p)| p.incident == Some(id))
            .map(|(_, p)| u64::from(p.moved))
            .sum::<u64>();
        row.3.0 += closed_spans(cx, Some(id)).values().map(|span| span.0).sum::<u64>();
    }
    let (hazard, times, running, moved, hours) =
        (w.say("hazard"), w.say("times"), w.say("running"), w.say("stats-moved"), w.say("site-hours"));
    let mut table = Table::new(
        &w.say("stats-hazards"),
        &[
            (&hazard, Kind::Head),
            (&times, Kind::Number),
            (&running, Kind::Number),
            (&moved, Kind::Number),
            (&hours, Kind::Number),
        ],
    );
    for (hazard, (times, running, moved, span)) in rows {
        table.row(vec![
            html! { (w.say(&format!("hazard-{}", hazard.key().replace('_', "-")))) },
            html! { (w.number(times)) },
            html! { (w.number(running)) },
            html! { (w.number(moved)) },
            html! { (w.decimal(span.as_hours(), 1)) },
        ]);
    }
    if table.is_empty() { nothing(&w.say("incidents-none")) } else { table.markup() }
}

fn closed(cx: &Cx<'_>) -> Markup {
    let w = cx.words;
    let (site, hours) = (w.say("site"), w.say("site-hours"));
    let mut table = Table::new(&w.say("stats-closed"), &[(&site, Kind::Head), (&hours, Kind::Number)]);
    for (site, span) in closed_spans(cx, None) {
        table.row(vec![site_link(cx, site), html! { (w.decimal(span.as_hours(), 1)) }]);
    }
    if table.is_empty() { nothing(&w.say("stats-never-closed")) } else { table.markup() }
}

fn merchants(cx: &Cx<'_>) -> Markup {
    let (w, state) = (cx.words, cx.view.state());
    let (merchant, orders, open, risk, kept, late, moved) = (
        w.say("merchant"),
        w.say("orders"),
        w.say("status-open"),
        w.say("stat-risk"),
        w.say("stats-kept"),
        w.say("stats-late"),
        w.say("stats-moved"),
    );
    let mut table = Table::new(
        &w.say("stats-merchants"),
        &[
            (&merchant, Kind::Head),
            (&orders, Kind::Number),
            (&open, Kind::Number),
            (&risk, Kind::Number),
            (&kept, Kind::Number),
            (&late, Kind::Number),
            (&moved, Kind::Number),
        ],
    );
    for (id, counts) in &cx.view.overview.merchants {
        let done = counts.kept + counts.late;
        table.row(vec![
            html! { bdi { (state.network.merchant(*id).map_or("", |merchant| &merchant.name)) } },
            html! { (w.number(counts.all())) },
            html! { (w.number(counts.open())) },
            html! { (w.number(counts.at_risk)) },
            html! { @if done == 0 { (w.say("none")) } @else { (w.percent(counts.kept as f64 / done as f64, 1)) } },
            html! { (w.number(counts.late)) },
            html! { (w.number(counts.moved)) },
        ]);
    }
    table.markup()
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

fn published(cx: &Cx<'_>) -> Markup {
    let w = cx.words;
    let (threat, figure, source) = (w.say("threat"), w.say("figure"), w.say("source"));
    let mut table = Table::new(
        &w.say("stats-published"),
        &[(&threat, Kind::Head), (&figure, Kind::Text), (&source, Kind::Text)],
    );
    for (kind, key, from) in PUBLISHED {
        let from = if from == "–" { w.say("source-unnamed") } else { from.to_owned() };
        table.row(vec![
            html! { (w.say(&format!("threat-{kind}"))) },
            html! { (w.say(key)) },
            html! { span class="hint" { (from) } },
        ]);
    }
    html! { p class="hint" { (w.say("published-lead")) } (table.markup()) }
}
