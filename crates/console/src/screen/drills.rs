//! Drills: what there is to rehearse, the schedule, what was held. Everything here is played on a copy of the house.

use holdfast_app::drills::{DrillLine, Due, Planned, Progress, Rehearsal, Standing, due};
use maud::{Markup, html};

use super::{Cx, head};
use crate::page::Page;
use crate::parts::table::{Kind, Table};
use crate::parts::{Tone, bar, chip, form, go, link_named, nothing, section, section_with};
use crate::viewer::Right;
use crate::words::{name, say};

/// Drills of the history that are shown, the newest.
const SHOWN: usize = 50;
/// Minutes a planned drill takes if nobody says another.
const MINUTES: &str = "90";

pub(super) fn draw(cx: &Cx<'_>) -> (String, Markup) {
    let (w, drilled) = (cx.words, &cx.view.beside.drilled);
    let title = w.say("nav-drills");
    let calendar =
        html! { @if !drilled.planned.is_empty() { (go("/drills.ics", &w.say("drills-ics"), "")) } };
    let content = html! {
        (head(&html! { (title) }, &html! { (w.say("drills-lead")) }, &calendar))
        (standing(cx))
        @for fault in &drilled.faults { div class="outcome warn" role="alert" { p { (w.say("drills-fault")) } span class="code" { (fault) } } }
        (section("history", &w.say("drills-history"), history(cx)))
        (section("schedule", &w.say("drills-schedule"), schedule(cx)))
        (section_with("library", &w.say("drills-library"), html! { span class="hint" { (objectives(cx)) } }, library(cx)))
    };
    (title, content)
}

/// What drills are scored against, in a sentence.
fn objectives(cx: &Cx<'_>) -> String {
    let (w, wanted) = (cx.words, cx.view.beside.drilled.objectives);
    let mut said: Vec<String> = Vec::new();
    said.extend(wanted.rto_h.map(|hours| say!(w, "drills-objective-rto", n = hours)));
    said.extend(wanted.kept_percent.map(|percent| say!(w, "drills-objective-kept", n = percent)));
    if said.is_empty() { w.say("drills-objective-none") } else { said.join(" · ") }
}

/// The name of a scenario in the reader's language.
pub(super) fn scenario_name(cx: &Cx<'_>, key: &str, otherwise: &str) -> String {
    let known = cx.view.beside.drilled.scenario(key);
    known.map_or_else(|| otherwise.to_owned(), |known| known.name(cx.words.locale.tag()).to_owned())
}

/// The name of a policy.
pub(super) fn policy_name(cx: &Cx<'_>, policy: &str) -> String {
    cx.words.known(&format!("policy-{}", policy.replace('_', "-"))).unwrap_or_else(|| policy.to_owned())
}

fn standing(cx: &Cx<'_>) -> Markup {
    let w = cx.words;
    match &cx.view.beside.drilled.standing {
        Standing::Idle => html! {},
        Standing::Running(now) => running(cx, now),
        Standing::Failed(at, key, why) => html! {
            div class="outcome warn" role="status" {
                p { (say!(w, "drill-failed", name = name(&scenario_name(cx, key, key)), ago = w.since((*at).min(cx.view.now), cx.view.now))) }
                span class="code" { (why) }
            }
        },
    }
}

fn running(cx: &Cx<'_>, now: &Progress) -> Markup {
    let w = cx.words;
    let begun = say!(
        w,
        "drill-running",
        name = name(&scenario_name(cx, &now.key, &now.key)),
        ago = w.since(now.since.min(cx.view.now), cx.view.now)
    );
    html! {
        div class="working" role="status" {
            p { strong { (begun) } }
            @if now.of > 0 {
                div class="load" {
                    (bar(now.orders as u64, now.of as u64, Tone::Good))
                    span { (say!(w, "drill-progress", policy = policy_name(cx, &now.policy), n = now.orders, of = now.of)) }
                }
            }
            p class="hint" { (w.say("drill-running-more")) }
        }
    }
}

/// How a drill stands against what was declared, in chips.
pub(super) fn scored(cx: &Cx<'_>, line: &DrillLine) -> Markup {
    let w = cx.words;
    let result = line.result.as_ref();
    let chips: Vec<(Tone, String)> = [
        (result.and_then(|result| result.kept_met()), "kept"),
        (result.and_then(|result| result.rto_met()), "rto"),
    ]
    .into_iter()
    .filter_map(|(met, what)| met.map(|met| (met, what)))
    .map(|(met, what)| {
        let tone = if met { Tone::Good } else { Tone::Bad };
        (tone, w.say(&format!("drill-{what}-{}", if met { "met" } else { "missed" })))
    })
    .collect();
    html! {
        span class="chips" {
            @for (tone, text) in &chips { (chip(*tone, text)) }
            @if !line.sound { (chip(Tone::Bad, &w.say("drill-unsound"))) }
            @if chips.is_empty() && line.sound { (chip(Tone::Quiet, &w.say("drill-unscored"))) }
        }
    }
}

fn history(cx: &Cx<'_>) -> Markup {
    let (w, zone) = (cx.words, cx.view.zone());
    let held = &cx.view.beside.drilled.held;
    if held.is_empty() {
        return nothing(&w.say("drills-none-held"));
    }
    let (what, when, kept, wait, score) = (
        w.say("scenario"),
        w.say("when"),
        w.say("promises-kept"),
        w.say("policy-wait"),
        w.say("drill-score"),
    );
    let mut table = Table::new(
        &w.say("drills-history"),
        &[
            (&what, Kind::Head),
            (&when, Kind::Text),
            (&kept, Kind::Number),
            (&wait, Kind::Number),
            (&score, Kind::Text),
        ],
    );
    for (index, line) in held.iter().enumerate().rev().take(SHOWN) {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let key = line.result.as_ref().map_or("", |result| result.key.as_str());
        table.row(vec![
            link_named(&Page::Drill(number), &scenario_name(cx, key, &line.scenario)),
            html! { (w.moment(line.at, &zone)) },
            html! { (say!(w, "n-of", n = line.kept, of = line.orders)) },
            html! { (w.number(line.waiting)) },
            scored(cx, line),
        ]);
    }
    html! {
        @if held.len() > SHOWN { p class="hint" { (say!(w, "drills-newest", n = SHOWN, of = held.len())) } }
        (table.markup())
    }
}

fn schedule(cx: &Cx<'_>) -> Markup {
    let (w, drilled) = (cx.words, &cx.view.beside.drilled);
    let mut options = vec![(String::new(), w.say("choose"))];
    options.extend(drilled.library.iter().map(|one| (one.key.clone(), one.name(w.locale.tag()).to_owned())));
    html! {
        (planned(cx))
        @if cx.may(Right::Command) && !drilled.library.is_empty() {
            details open[cx.fault("start").is_some() || cx.fault("scenario").is_some()] {
                summary { (w.say("drills-plan-one")) }
                (form::post(cx, "/act/drill-plan", "row", &html! {
                    (form::select(cx, "scenario", &w.say("scenario"), &options, ""))
                    (form::text(cx, "start", &w.say("drills-start"), "datetime-local", "", Some(&say!(w, "in-zone", zone = cx.view.zone().name()))))
                    (form::text(cx, "minutes", &w.say("drills-minutes"), "number", MINUTES, None))
                    (form::submit(&w.say("drills-plan"), "primary"))
                }))
            }
        }
    }
}

fn planned(cx: &Cx<'_>) -> Markup {
    let (w, drilled, zone) = (cx.words, &cx.view.beside.drilled, cx.view.zone());
    if drilled.planned.is_empty() {
        return nothing(&w.say("drills-none-planned"));
    }
    let (what, when, minutes, who, stands, act) = (
        w.say("scenario"),
        w.say("when"),
        w.say("drills-minutes"),
        w.say("drills-by"),
        w.say("drills-stands"),
        w.say("act"),
    );
    let mut table = Table::new(
        &w.say("drills-schedule"),
        &[
            (&what, Kind::Head),
            (&when, Kind::Text),
            (&minutes, Kind::Number),
            (&who, Kind::Text),
            (&stands, Kind::Text),
            (&act, Kind::Act),
        ],
    );
    let mut all: Vec<&Planned> = drilled.planned.iter().collect();
    all.sort_by_key(|one| (core::cmp::Reverse(one.start), one.number));
    for one in all.into_iter().take(SHOWN) {
        let stands = due(one, &drilled.held, cx.view.now);
        let (tone, key) = match stands {
            Due::Ahead => (Tone::Info, "ahead"),
            Due::Overdue => (Tone::Warn, "overdue"),
            Due::Held => (Tone::Good, "held"),
            Due::CalledOff => (Tone::Quiet, "off"),
        };
        let number = one.number.to_string();
        table.row(vec![
            html! { bdi { (scenario_name(cx, &one.scenario, &one.scenario)) } },
            html! { (w.moment(one.start, &zone)) },
            html! { (w.number(one.minutes)) },
            html! { bdi { (one.by) } },
            chip(tone, &w.say(&format!("drill-due-{key}"))),
            html! { @if matches!(stands, Due::Ahead | Due::Overdue) && cx.may(Right::Command) {
                (form::button(cx, "/act/drill-off", &[("number", &number)], &w.say("drills-call-off"), "small"))
            } },
        ]);
    }
    table.markup()
}

/// The last time a scenario was held.
fn last_of<'a>(cx: &Cx<'a>, key: &str) -> Option<(u32, &'a DrillLine)> {
    let held: &'a [DrillLine] = &cx.view.beside.drilled.held;
    let its = |line: &DrillLine| line.result.as_ref().is_some_and(|result| result.key == key);
    (1_u32..).zip(held).filter(|(_, line)| its(line)).last()
}

fn library(cx: &Cx<'_>) -> Markup {
    let (w, drilled) = (cx.words, &cx.view.beside.drilled);
    if drilled.library.is_empty() {
        return nothing(&w.say("drills-no-library"));
    }
    let (what, hazard, last, act) = (w.say("scenario"), w.say("hazard"), w.say("drills-last"), w.say("act"));
    let mut table = Table::new(
        &w.say("drills-library"),
        &[(&what, Kind::Head), (&hazard, Kind::Text), (&last, Kind::Text), (&act, Kind::Act)],
    );
    for one in &drilled.library {
        let last = last_of(cx, &one.key);
        table.row(vec![
            described(cx, one),
            html! { (w.say(&format!("hazard-{}", one.hazard.key().replace('_', "-")))) },
            html! { @match last {
                Some((number, line)) => { (link_named(&Page::Drill(number), &w.since(line.at.min(cx.view.now), cx.view.now))) " " (scored(cx, line)) }
                None => span class="hint" { (w.say("drills-never")) },
            } },
            html! { @if cx.may(Right::Command) && !drilled.is_running() {
                (form::button(cx, "/act/drill", &[("scenario", &one.key)], &w.say("drill-hold"), "small primary"))
            } },
        ]);
    }
    table.markup()
}

fn described(cx: &Cx<'_>, one: &Rehearsal) -> Markup {
    let w = cx.words;
    let notes = one.notes(w.locale.tag());
    html! {
        bdi { (one.name(w.locale.tag())) }
        @if one.own { " " (chip(Tone::Info, &w.say("drills-own"))) }
        @if one.book.is_some() { " " span class="hint" { (w.say("drills-for-book")) } }
        @if !notes.is_empty() {
            details class="explained" { summary { (w.say("drills-facts")) } @for note in notes { p { (note) } } }
        }
    }
}
