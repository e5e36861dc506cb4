//! Now: what needs a person first, then how everything stands, on a map and in a table.

use holdfast_app::drills::{Due, due};
use holdfast_domain::incident::{Phase, Severity, SiteAccess};
use holdfast_domain::notice::NoticeStatus;
use holdfast_domain::order::OrderStatus;
use maud::{Markup, html};

use super::{Cx, head, incidents, sites};
use crate::health::Condition;
use crate::map;
use crate::overview::notice_index;
use crate::page::Page;
use crate::parts::{Stat, Tone, chip, form, go, section, section_with, stats};
use crate::viewer::Right;
use crate::words::{name, say};

/// Potential incidents that are listed; the interface has all.
const THREATS_SHOWN: usize = 12;

/// Something that waits for a person.
struct Need {
    tone: Tone,
    text: String,
    to: String,
}

pub(super) fn draw(cx: &Cx<'_>) -> (String, Markup) {
    let w = cx.words;
    let title = w.say("nav-now");
    let declare = html! {
        @if cx.may(Right::Command) { (go("/incidents/new", &w.say("declare"), "danger")) }
    };
    let content = html! {
        (head(&html! { (title) }, &html! { (w.say("now-lead")) }, &declare))
        (waiting(cx))
        (needs_markup(cx))
        @if cx.may(Right::SeeHouse) { (threats(cx)) }
        (orders_strip(cx))
        @if cx.view.overview.version != cx.view.state().version {
            p class="hint" { (say!(w, "counts-as-of", version = cx.view.overview.version)) }
        }
        @if cx.open_incidents() > 0 {
            (section("incidents", &w.say("now-incidents"), incidents::table(cx, true)))
        }
        div class="split wide-left" {
            div class="column" {
                (section("map", &w.say("now-map"), map::house(cx)))
                @if cx.may(Right::SeeHouse) { (health(cx)) }
            }
            (section_with("sites", &w.say("nav-sites"), html! { a href="/sites" { (w.say("all-sites-link")) } }, sites::brief(cx)))
        }
    };
    (title, content)
}

/// Acts that wait for a second person.
fn waiting(cx: &Cx<'_>) -> Markup {
    let w = cx.words;
    if cx.view.waiting.is_empty() || !cx.may(Right::Command) {
        return html! {};
    }
    section(
        "waiting",
        &w.say("now-waiting"),
        html! {
            ul class="needs" { @for act in cx.view.waiting { li {
                (chip(Tone::Bad, &w.say("tone-bad")))
                span { bdi { (act.what) } " " span class="hint" { (say!(w, "asked-by", actor = name(&act.asked_by))) } }
                @if act.approved { span class="hint" { (w.say("own-act-approved")) } }
                @else if act.own { span class="hint" { (w.say("own-act")) } }
                @else { (form::button(cx, "/act/second", &[("approval", &act.id)], &w.say("approve-second"), "small primary")) }
            } } }
        },
    )
}

fn needs_markup(cx: &Cx<'_>) -> Markup {
    let w = cx.words;
    let needs = needs(cx);
    section(
        "needs",
        &w.say("now-needs"),
        html! {
            @if needs.is_empty() {
                p class="all-well" { (chip(Tone::Good, &w.say("now-nothing"))) }
            } @else {
                ul class="needs" {
                    @for need in &needs { li { (chip(need.tone, &w.say(&format!("tone-{}", need.tone.class())))) a href=(need.to) { (need.text) } } }
                }
            }
        },
    )
}

/// What waits for a person, the worst first.
fn needs(cx: &Cx<'_>) -> Vec<Need> {
    let (w, view, scope) = (cx.words, &cx.view, cx.viewer.scope());
    let counts = view.overview.counts(scope);
    let mut all = Vec::new();
    let mut need = |tone, text, to: String| all.push(Need { tone, text, to });
    if cx.may(Right::SeeHouse) {
        for part in view.health.iter().filter(|part| part.condition != Condition::Good) {
            let tone = if part.condition == Condition::Bad { Tone::Bad } else { Tone::Warn };
            let label = w.say(&format!("part-{}", part.part.key()));
            let label = if part.name.is_empty() { label } else { format!("{label} {}", name(&part.name)) };
            need(tone, say!(w, "need-part", part = label), "#health".to_owned());
        }
        let drilled = &view.beside.drilled;
        for planned in drilled.planned.iter().filter(|one| due(one, &drilled.held, view.now) == Due::Overdue)
        {
            let called = super::drills::scenario_name(cx, &planned.scenario, &planned.scenario);
            need(Tone::Warn, say!(w, "need-drill", name = name(&called)), "/drills#schedule".to_owned());
        }
        for (id, incident) in view.state().incidents.iter().filter(|(_, i)| i.phase != Phase::Closed) {
            let to = || Page::Incident(id, 0).address();
            let planned = view.state().plans.iter().any(|(_, plan)| plan.incident == Some(id));
            let closed = incident.sites.iter().any(|site| {
                view.state()
                    .sites
                    .get(usize::from(site.0))
                    .is_some_and(|now| matches!(now.access, SiteAccess::Closed { .. }))
            });
            if closed && !planned {
                need(Tone::Bad, say!(w, "need-plan", name = name(&incident.name)), to() + "#plan");
            }
            if view.proposals.get(&id).is_some_and(|proposal| proposal.planned.is_some()) {
                need(Tone::Bad, say!(w, "need-approval", name = name(&incident.name)), to() + "#plan");
            }
            if incident.expected_end.is_some_and(|end| end < view.now) {
                need(Tone::Warn, say!(w, "need-end", name = name(&incident.name)), to() + "#recovery");
            }
        }
    }
    let doubts = view.overview.doubts(view.state(), scope).count();
    if doubts > 0 {
        need(Tone::Bad, say!(w, "need-doubt", n = doubts), Page::orders("in-doubt").address());
    }
    if scope.is_none() {
        let failed = view.overview.notices[notice_index(NoticeStatus::Failed)];
        if failed > 0 {
            need(Tone::Bad, say!(w, "need-notices", n = failed), "/incidents".to_owned());
        }
    }
    for (status, key, tone) in
        [(OrderStatus::Backordered, "backordered", Tone::Warn), (OrderStatus::Held, "held", Tone::Warn)]
    {
        let n = counts.of(status);
        if n > 0 {
            need(tone, say!(w, &format!("need-{key}"), n = n), Page::orders(key).address());
        }
    }
    if counts.at_risk > 0 {
        need(Tone::Warn, say!(w, "need-risk", n = counts.at_risk), Page::orders("risk").address());
    }
    all.sort_by_key(|need| need.tone != Tone::Bad);
    all
}

/// What feeds and silent sites mean for the sites: for a person to declare, or to leave.
fn threats(cx: &Cx<'_>) -> Markup {
    let w = cx.words;
    let all = &cx.view.beside.threats;
    if all.is_empty() {
        return html! {};
    }
    let zone = cx.view.zone();
    let moment = |at| w.moment_short(at, &zone);
    section(
        "threats",
        &w.say("now-threats"),
        html! {
            p class="hint" { (w.say("now-threats-lead")) }
            ul class="needs" { @for threat in all.iter().take(THREATS_SHOWN) { li {
                @let tone = if threat.severity >= Severity::Severe { Tone::Bad } else { Tone::Warn };
                (chip(tone, &w.say(&format!("severity-{}", incidents::severity_key(threat.severity)))))
                span {
                    @if threat.silent { (incidents::threat_name(cx, threat)) } @else { bdi { (threat.name) } } " "
                    span class="hint" {
                        (w.say(&format!("hazard-{}", threat.hazard.key().replace('_', "-"))))
                        @if let Some(from) = threat.from { " · " (say!(w, "threat-from", at = moment(from))) }
                        @if let Some(until) = threat.until { " · " (say!(w, "threat-until", at = moment(until))) }
                        @if let Some(chance) = threat.chance_permille { " · " (say!(w, "threat-chance", percent = (chance + 5) / 10)) }
                    }
                }
                @if let Some(incident) = threat.incident { a href=(Page::Incident(incident, 0).address()) { (w.say("threat-running")) } }
                @else if cx.may(Right::Command) { (go(&Page::DeclareThreat(threat.id.clone()).address(), &w.say("threat-declare"), "small danger")) }
            } } }
            @if all.len() > THREATS_SHOWN { p class="hint" { (say!(w, "threats-more", n = all.len() - THREATS_SHOWN)) } }
        },
    )
}

fn orders_strip(cx: &Cx<'_>) -> Markup {
    let (w, counts) = (cx.words, cx.view.overview.counts(cx.viewer.scope()));
    let value: Vec<String> = counts
        .open_value
        .iter()
        .filter_map(|(code, minor)| {
            let currency = code.parse().ok()?;
            Some(w.money_whole(holdfast_domain::money::Money::new(*minor, currency)))
        })
        .collect();
    let waiting = counts.of(OrderStatus::Reserved);
    let at_work =
        counts.of(OrderStatus::Released) + counts.of(OrderStatus::Picked) + counts.of(OrderStatus::Packed);
    let doubt = counts.of(OrderStatus::InDoubt);
    stats(&[
        Stat::new(w.say("stat-open"), w.number(counts.open()))
            .hint(say!(w, "stat-worth", value = value.join(" + ")))
            .to(&Page::orders("open")),
        Stat::new(w.say("status-reserved"), w.number(waiting)).to(&Page::orders("reserved")),
        Stat::new(w.say("stat-at-work"), w.number(at_work)).to(&Page::orders("released")),
        Stat::new(w.say("stat-risk"), w.number(counts.at_risk))
            .tone_if(counts.at_risk > 0, Tone::Warn)
            .to(&Page::orders("risk")),
        Stat::new(w.say("status-backordered"), w.number(counts.of(OrderStatus::Backordered)))
            .tone_if(counts.of(OrderStatus::Backordered) > 0, Tone::Warn)
            .to(&Page::orders("backordered")),
        Stat::new(w.say("status-in-doubt"), w.number(doubt))
            .tone_if(doubt > 0, Tone::Bad)
            .to(&Page::orders("in-doubt")),
    ])
}

fn health(cx: &Cx<'_>) -> Markup {
    let w = cx.words;
    section(
        "health",
        &w.say("now-health"),
        html! {
            ul class="health" {
                @for part in cx.view.health {
                    @let tone = match part.condition { Condition::Good => Tone::Good, Condition::Weak => Tone::Warn, Condition::Bad => Tone::Bad };
                    li {
                        (chip(tone, &w.say(&format!("condition-{}", tone.class()))))
                        span { (w.say(&format!("part-{}", part.part.key()))) @if !part.name.is_empty() { " " bdi { (part.name) } } }
                        @if let Some(last) = part.last { span class="hint" { (w.since(last, cx.view.now)) } }
                    }
                }
                li { (chip(Tone::Good, &w.say("condition-good"))) span { (say!(w, "health-version", n = cx.view.state().version)) } }
            }
        },
    )
}
