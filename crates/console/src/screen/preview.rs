//! The preview: what a loss would touch, and the form that then does it. Nothing is closed but from here.

use std::collections::BTreeMap;

use holdfast_domain::decide::matching_lanes;
use holdfast_domain::id::{LaneId, MerchantId, SiteId};
use holdfast_domain::incident::Phase;
use holdfast_domain::money::Money;
use holdfast_domain::time::Day;
use holdfast_engine::incident::{Preview, StuckReason, preview};
use maud::{Markup, html};

use super::site::site_link;
use super::{Cx, head, incidents};
use crate::page::{Page, PreviewQuery, rule_fields};
use crate::parts::table::{Kind, Table};
use crate::parts::{Stat, Tone, bar, explained, form, link_named, nothing, section, stats};
use crate::reading::site_code;
use crate::viewer::Right;
use crate::words::say;

/// Orders that cannot move that are listed one by one.
const STUCK_SHOWN: usize = 25;

pub(super) fn draw(cx: &Cx<'_>, query: &PreviewQuery) -> Option<(String, Markup)> {
    let (w, state) = (cx.words, cx.view.state());
    if query.sites.iter().any(|site| state.site(*site).is_err()) {
        return None;
    }
    let lanes: Vec<LaneId> =
        query.rule.as_ref().map_or_else(Vec::new, |rule| matching_lanes(&state.network, rule));
    if query.sites.is_empty() && lanes.is_empty() {
        let title = w.say("preview-title");
        let content = html! { (super::plain_head(&title, &w.say("preview-nothing"))) };
        return Some((title, content));
    }
    let incident = query.incident.and_then(|id| Some((id, state.incidents.get(id)?)));
    let back =
        incident.and_then(|(_, incident)| incident.expected_end).map(|end| end.local(&cx.view.zone()).0);
    let found = preview(state, &query.sites, &lanes, back, cx.view.now);
    let codes: Vec<String> = query.sites.iter().map(|site| site_code(state, *site)).collect();
    let title = if codes.is_empty() {
        say!(w, "preview-lanes", n = lanes.len())
    } else {
        say!(w, "preview-sites", sites = codes.join(", "))
    };
    let content = html! {
        (head(&html! { (title) }, &html! { (w.say("preview-lead")) }, &html! {}))
        (impact(cx, &found, back))
        @if cx.may(Right::Command) { (section("act", &w.say("preview-act"), act(cx, query))) }
    };
    Some((title, content))
}

/// The form that does what was previewed: under an incident that runs, or a new one.
fn act(cx: &Cx<'_>, query: &PreviewQuery) -> Markup {
    let (w, state) = (cx.words, cx.view.state());
    let running: Vec<(String, String)> = state
        .incidents
        .iter()
        .filter(|(_, incident)| incident.phase != Phase::Closed)
        .map(|(id, incident)| (id.to_string(), incident.name.to_string()))
        .collect();
    let (action, label) =
        if query.sites.is_empty() { ("/act/embargo", "embargo-now") } else { ("/act/close", "close-now") };
    let fields = html! {
        @for site in &query.sites { (form::hidden("site", &site.to_string())) }
        @if let Some(rule) = &query.rule { @for (name, value) in rule_fields(rule) { (form::hidden(name, &value)) } }
        @if !query.sites.is_empty() { (incidents::stock_choice(cx)) }
    };
    let chosen = query.incident.map(|id| id.to_string()).unwrap_or_default();
    html! {
        @if !running.is_empty() {
            h3 { (w.say("under-running")) }
            (form::post(cx, action, "row", &html! {
                (form::select(cx, "incident", &w.say("incident"), &running, &chosen))
                (fields)
                (form::submit(&w.say(label), "danger"))
            }))
        }
        h3 { (w.say("under-new")) }
        (form::post(cx, "/act/declare", "row", &html! {
            (incidents::essentials(cx, None))
            (fields)
            button type="submit" name="phase" value="declared" class="danger" { (w.say(&format!("declare-and-{label}"))) }
        }))
    }
}

/// What is touched, in figures and tables.
pub(super) fn impact(cx: &Cx<'_>, found: &Preview, back: Option<Day>) -> Markup {
    let w = cx.words;
    html! {
        (figures(cx, found))
        p class="hint" { @match back {
            Some(day) => (say!(w, "preview-back", day = w.day(day))),
            None => (w.say("preview-back-unknown")),
        } }
        div class="split" {
            (section("load", &w.say("preview-load"), load(cx, found)))
            (section("stuck", &w.say("preview-stuck"), stuck(cx, found)))
        }
        @if !found.sites.is_empty() { (section("by-site", &w.say("preview-by-site"), by_site(cx, found))) }
        div class="split" {
            (section("by-merchant", &w.say("preview-by-merchant"), by_merchant(cx, &found.merchants)))
            (section("skus", &w.say("preview-skus"), skus(cx, found)))
        }
        (explained(&w.say("where-from"), &w.say("preview-explained")))
    }
}

fn figures(cx: &Cx<'_>, found: &Preview) -> Markup {
    let w = cx.words;
    let worth: Vec<String> = found
        .revenue
        .iter()
        .filter_map(|(code, minor)| Some(w.money_whole(Money::new(*minor, code.parse().ok()?))))
        .collect();
    stats(&[
        Stat::new(w.say("touched-orders"), w.number(found.orders)).hint(say!(
            w,
            "lines-units",
            lines = found.lines,
            units = found.units
        )),
        Stat::new(w.say("touched-worth"), if worth.is_empty() { w.number(0) } else { worth.join(" + ") }),
        Stat::new(w.say("promises-broken"), w.number(found.promises_broken))
            .hint(w.say("if-nothing"))
            .tone_if(found.promises_broken > 0, Tone::Bad),
        Stat::new(w.say("cannot-move"), w.number(found.stuck.len()))
            .tone_if(!found.stuck.is_empty(), Tone::Warn),
        Stat::new(w.say("parcels-in-doubt"), w.number(found.in_doubt)).tone_if(found.in_doubt > 0, Tone::Bad),
        Stat::new(w.say("on-the-way"), w.number(found.on_the_way)),
        Stat::new(w.say("skus-at-risk"), w.number(found.skus_at_risk.len()))
            .tone_if(!found.skus_at_risk.is_empty(), Tone::Warn),
    ])
}

fn load(cx: &Cx<'_>, found: &Preview) -> Markup {
    let w = cx.words;
    let over = found.work_needed > found.capacity_left;
    html! {
        p { (say!(w, "load-said", needed = found.work_needed, left = found.capacity_left)) }
        (bar(found.work_needed, found.capacity_left, if over { Tone::Bad } else { Tone::Good }))
        p class="hint" { (w.say("load-explained")) }
    }
}

pub(super) const fn stuck_key(reason: StuckReason) -> &'static str {
    match reason {
        StuckReason::OnlyThere => "only-there",
        StuckReason::NoLane => "no-lane",
        StuckReason::InDoubt => "in-doubt",
    }
}

fn stuck(cx: &Cx<'_>, found: &Preview) -> Markup {
    let w = cx.words;
    if found.stuck.is_empty() {
        return nothing(&w.say("stuck-none"));
    }
    let mut by_reason: BTreeMap<StuckReason, u64> = BTreeMap::new();
    for order in &found.stuck {
        *by_reason.entry(order.reason).or_default() += 1;
    }
    let (order, why) = (w.say("order"), w.say("why"));
    let mut table = Table::new(&w.say("preview-stuck"), &[(&order, Kind::Head), (&why, Kind::Text)]);
    for stuck in found.stuck.iter().take(STUCK_SHOWN) {
        let number = cx
            .view
            .state()
            .order(stuck.order)
            .map_or_else(|_| stuck.order.to_string(), |o| o.number.to_string());
        table.row(vec![
            link_named(&Page::Order(stuck.order), &number),
            html! { (w.say(&format!("stuck-{}", stuck_key(stuck.reason)))) },
        ]);
    }
    html! {
        ul class="plain counts" { @for (reason, n) in &by_reason { li { strong { (w.number(*n)) } " · " (w.say(&format!("stuck-{}", stuck_key(*reason)))) } } }
        details { summary { (say!(w, "stuck-list", n = found.stuck.len().min(STUCK_SHOWN))) } (table.markup()) }
    }
}

fn by_site(cx: &Cx<'_>, found: &Preview) -> Markup {
    let w = cx.words;
    let (site, orders, lines, units, doubt) =
        (w.say("site"), w.say("orders"), w.say("lines"), w.say("units"), w.say("parcels-in-doubt"));
    let mut table = Table::new(
        &w.say("preview-by-site"),
        &[
            (&site, Kind::Head),
            (&orders, Kind::Number),
            (&lines, Kind::Number),
            (&units, Kind::Number),
            (&doubt, Kind::Number),
        ],
    );
    for loss in &found.sites {
        let site: Option<SiteId> = loss.site;
        table.row(vec![
            html! { @if let Some(site) = site { (site_link(cx, site)) } },
            html! { (w.number(loss.orders)) },
            html! { (w.number(loss.lines)) },
            html! { (w.number(loss.units)) },
            html! { (w.number(loss.in_doubt)) },
        ]);
    }
    table.markup()
}

fn by_merchant(cx: &Cx<'_>, merchants: &BTreeMap<MerchantId, u32>) -> Markup {
    let w = cx.words;
    let (merchant, orders) = (w.say("merchant"), w.say("orders"));
    let mut table =
        Table::new(&w.say("preview-by-merchant"), &[(&merchant, Kind::Head), (&orders, Kind::Number)]);
    for (id, count) in merchants {
        let name =
            cx.view.state().network.merchant(*id).map_or_else(|| id.to_string(), |m| m.name.to_string());
        table.row(vec![html! { bdi { (name) } }, html! { (w.number(*count)) }]);
    }
    if table.is_empty() { nothing(&w.say("none-touched")) } else { table.markup() }
}

fn skus(cx: &Cx<'_>, found: &Preview) -> Markup {
    let w = cx.words;
    if found.skus_at_risk.is_empty() {
        return nothing(&w.say("skus-none"));
    }
    let (sku, name) = (w.say("sku"), w.say("name"));
    let mut table = Table::new(&w.say("preview-skus"), &[(&sku, Kind::Head), (&name, Kind::Text)]);
    for id in found.skus_at_risk.iter().take(STUCK_SHOWN) {
        let Some(known) = cx.view.state().network.skus.get(*id) else { continue };
        table.row(vec![link_named(&Page::Sku(*id), &known.code), html! { bdi { (known.name) } }]);
    }
    html! { details { summary { (say!(w, "skus-list", n = found.skus_at_risk.len())) } (table.markup()) } }
}
