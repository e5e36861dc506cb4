//! Incidents: the list, and the form that declares one in two fields.

use holdfast_domain::id::SiteId;
use holdfast_domain::incident::{Hazard, Incident, Phase, Severity};
use holdfast_domain::time::Stamp;
use maud::{Markup, html};

use super::{Cx, head};
use crate::beside::{Threat, Why, silent_name};
use crate::page::Page;
use crate::parts::table::{Kind, Table};
use crate::parts::{Tone, chip, form, go, link_named, nothing, section};
use crate::reading::{site_code, site_ids};
use crate::viewer::Right;
use crate::words::{name, say};

pub(super) const fn phase_key(phase: Phase) -> &'static str {
    match phase {
        Phase::Watch => "watch",
        Phase::Declared => "declared",
        Phase::Recovering => "recovering",
        Phase::Closed => "closed",
    }
}

pub(super) const fn severity_key(severity: Severity) -> &'static str {
    match severity {
        Severity::Minor => "minor",
        Severity::Moderate => "moderate",
        Severity::Severe => "severe",
        Severity::Extreme => "extreme",
    }
}

pub(super) fn phase_chip(cx: &Cx<'_>, phase: Phase) -> Markup {
    let tone = match phase {
        Phase::Watch => Tone::Warn,
        Phase::Declared => Tone::Bad,
        Phase::Recovering => Tone::Info,
        Phase::Closed => Tone::Good,
    };
    chip(tone, &cx.words.say(&format!("phase-{}", phase_key(phase))))
}

pub(super) fn hazard_word(cx: &Cx<'_>, incident: &Incident) -> String {
    cx.words.say(&format!("hazard-{}", incident.hazard.key().replace('_', "-")))
}

/// The table of incidents, newest first.
pub(super) fn table(cx: &Cx<'_>, open_only: bool) -> Markup {
    let (w, state) = (cx.words, cx.view.state());
    let (what, hazard, phase, severity) =
        (w.say("incident"), w.say("hazard"), w.say("phase"), w.say("severity"));
    let (sites, lanes, since, end) =
        (w.say("sites-touched"), w.say("lanes-touched"), w.say("since"), w.say("expected-end"));
    let mut table = Table::new(
        &w.say("nav-incidents"),
        &[
            (&what, Kind::Head),
            (&phase, Kind::Text),
            (&hazard, Kind::Text),
            (&severity, Kind::Text),
            (&sites, Kind::Text),
            (&lanes, Kind::Number),
            (&since, Kind::Text),
            (&end, Kind::Text),
        ],
    );
    let mut all: Vec<_> =
        state.incidents.iter().filter(|(_, i)| !open_only || i.phase != Phase::Closed).collect();
    all.reverse();
    for (id, incident) in all {
        let codes: Vec<String> = incident.sites.iter().map(|site| site_code(state, *site)).collect();
        let end = incident.ended.or(incident.expected_end);
        table.row(vec![
            html! {
                @if cx.may(Right::SeeHouse) { (link_named(&Page::Incident(id, 0), &incident.name)) } @else { bdi { (incident.name) } }
                @if incident.drill { " " (chip(Tone::Info, &w.say("drill"))) }
            },
            phase_chip(cx, incident.phase),
            html! { (hazard_word(cx, incident)) },
            html! { (w.say(&format!("severity-{}", severity_key(incident.severity)))) },
            html! { @if codes.is_empty() { (w.say("none")) } @else { (codes.join(", ")) } },
            html! { (w.number(incident.lanes.len())) },
            html! { (w.moment_short(incident.declared.unwrap_or(incident.opened), &cx.view.zone())) },
            html! { @if let Some(end) = end { (w.moment_short(end, &cx.view.zone())) } @else { (w.say("none")) } },
        ]);
    }
    if table.is_empty() { nothing(&w.say("incidents-none")) } else { table.markup() }
}

pub(super) fn draw(cx: &Cx<'_>) -> (String, Markup) {
    let w = cx.words;
    let title = w.say("nav-incidents");
    let acts = html! { @if cx.may(Right::Command) { (go("/incidents/new", &w.say("declare"), "danger")) } };
    let content = html! {
        (head(&html! { (title) }, &html! { (w.say("incidents-lead")) }, &acts))
        (section("list", &w.say("incidents-all"), table(cx, false)))
    };
    (title, content)
}

pub(super) fn hazards(cx: &Cx<'_>) -> Vec<(String, String)> {
    let word = |hazard: Hazard| cx.words.say(&format!("hazard-{}", hazard.key().replace('_', "-")));
    Hazard::ALL.into_iter().map(|hazard| (hazard.key().to_owned(), word(hazard))).collect()
}

/// The two fields that must be filled in, and everything else folded away.
pub(super) fn draw_new(cx: &Cx<'_>, hazard: Option<Hazard>, sites: &[SiteId]) -> (String, Markup) {
    form_of(cx, &Filled { hazard, sites, ..Filled::default() }, &html! {})
}

/// What a potential incident is called: by whoever sent the alert, or in the reader's language where sites are silent.
pub(super) fn threat_name(cx: &Cx<'_>, threat: &Threat) -> String {
    if !threat.silent {
        return threat.name.clone();
    }
    let codes: Vec<String> = threat.sites.iter().map(|site| site_code(cx.view.state(), *site)).collect();
    silent_name(cx.words, &codes)
}

/// The same form, filled in from a potential incident; one that is over leaves it empty and says so.
pub(super) fn draw_threat(cx: &Cx<'_>, id: &str) -> (String, Markup) {
    let w = cx.words;
    let Some(threat) = cx.view.beside.threats.iter().find(|threat| threat.id == id) else {
        let over = html! { div class="outcome warn" role="alert" { (w.say("threat-over")) } };
        return form_of(cx, &Filled::default(), &over);
    };
    let called = threat_name(cx, threat);
    let filled = Filled {
        hazard: Some(threat.hazard),
        name: &called,
        severity: Some(threat.severity),
        until: threat.until.filter(|until| *until > cx.view.now),
        sites: &threat.sites,
        open: true,
    };
    let why = html! {
        @if let Some(incident) = threat.incident {
            div class="outcome warn" role="alert" { (w.say("threat-known")) " " a href=(Page::Incident(incident, 0).address()) { (incident.to_string()) } }
        }
        section class="panel narrow" aria-label=(w.say("threat-evidence")) {
            h2 { (w.say("threat-evidence")) }
            ul { @for why in &threat.evidence { li {
                @match why {
                    Why::Said(line) => bdi { (line) },
                    Why::Silent(site) => (say!(w, "threat-evidence-silent", site = name(site))),
                }
            } } }
        }
    };
    form_of(cx, &filled, &why)
}

/// What the form begins with.
#[derive(Default)]
struct Filled<'a> {
    hazard: Option<Hazard>,
    name: &'a str,
    severity: Option<Severity>,
    until: Option<Stamp>,
    sites: &'a [SiteId],
    /// Whether what is folded away is shown.
    open: bool,
}

fn form_of(cx: &Cx<'_>, filled: &Filled<'_>, before: &Markup) -> (String, Markup) {
    let w = cx.words;
    let title = w.say("declare-title");
    let content = html! {
        (head(&html! { (title) }, &html! { (w.say("declare-lead")) }, &html! {}))
        (before)
        section class="panel narrow" aria-label=(title) {
            (form::post(cx, "/act/declare", "stack", &html! {
                (named(cx, filled.hazard, filled.name))
                details open[filled.open] {
                    summary { (w.say("declare-more")) }
                    (more(cx, filled))
                    (site_ticks(cx, filled.sites))
                }
                div class="row" {
                    button type="submit" name="phase" value="declared" class="danger" { (w.say("declare-now")) }
                    button type="submit" name="phase" value="watch" { (w.say("declare-watch")) }
                }
                p class="hint" { (w.say("declare-after")) }
            }))
        }
    };
    (title, content)
}

/// What and its name.
pub(super) fn essentials(cx: &Cx<'_>, hazard: Option<Hazard>) -> Markup {
    named(cx, hazard, "")
}

fn named(cx: &Cx<'_>, hazard: Option<Hazard>, name: &str) -> Markup {
    let w = cx.words;
    let mut options = vec![(String::new(), w.say("choose"))];
    options.extend(hazards(cx));
    html! {
        (form::select(cx, "hazard", &w.say("hazard"), &options, hazard.map_or("", Hazard::key)))
        (form::text(cx, "name", &w.say("incident-name"), "text", name, Some(&w.say("incident-name-hint"))))
    }
}

pub(super) fn severities(cx: &Cx<'_>, chosen: Severity) -> Markup {
    let all = [Severity::Minor, Severity::Moderate, Severity::Severe, Severity::Extreme];
    let options = all.map(|severity| {
        let key = severity_key(severity);
        (
            key.to_owned(),
            format!(
                "{} · {}",
                cx.words.say(&format!("severity-{key}")),
                cx.words.say(&format!("severity-{key}-means"))
            ),
        )
    });
    form::select(cx, "severity", &cx.words.say("severity"), &options, severity_key(chosen))
}

fn more(cx: &Cx<'_>, filled: &Filled<'_>) -> Markup {
    let w = cx.words;
    // As the browser's field has it: minutes of the head office's clock.
    let local = |at: Stamp| {
        let (day, ms) = at.local(&cx.view.zone());
        format!("{day}T{:02}:{:02}", ms / 3_600_000, ms / 60_000 % 60)
    };
    html! {
        (severities(cx, filled.severity.unwrap_or(Severity::Moderate)))
        (form::text(cx, "expected_end", &w.say("expected-end"), "datetime-local", &filled.until.map_or_else(String::new, local), Some(&w.say("expected-end-hint"))))
        (stock_choice(cx))
        (form::tick("drill", "yes", false, &html! { (w.say("drill-tick")) }))
    }
}

pub(super) fn stock_choice(cx: &Cx<'_>) -> Markup {
    let options = ["inaccessible", "unknown", "lost"]
        .map(|key| (key.to_owned(), cx.words.say(&format!("stock-access-{key}"))));
    form::select(cx, "stock", &cx.words.say("stock-there"), &options, "inaccessible")
}

fn site_ticks(cx: &Cx<'_>, sites: &[SiteId]) -> Markup {
    let state = cx.view.state();
    form::group(
        &cx.words.say("sites-to-close"),
        &html! { div class="ticks" {
            @for site in site_ids(state) {
                @let name = state.network.site(site).map_or("", |site| &site.name);
                (form::tick("site", &site.to_string(), sites.contains(&site), &html! { (site_code(state, site)) " " span class="hint" { bdi { (name) } } }))
            }
        } },
    )
}
