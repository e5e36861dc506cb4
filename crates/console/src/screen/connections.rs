//! Connections: shops, carriers, endpoints that are told; how each is, what differs, and who is right.

use maud::{Markup, html};

use super::{Cx, head};
use crate::connections::{Difference, Hook, Shop};
use crate::page::Page;
use crate::parts::table::{Kind, Table};
use crate::parts::{Stat, Tone, chip, explained, facts, form, link, link_named, nothing, section, stats};
use crate::words::{name, say};

/// What was said by a program, in English.
fn said(text: &str) -> Markup {
    html! { span class="code" lang="en" { (text) } }
}

pub(super) fn draw(cx: &Cx<'_>) -> (String, Markup) {
    let (w, known) = (cx.words, &cx.view.beside.connections);
    let title = w.say("nav-connections");
    let content = html! {
        (head(&html! { (title) }, &html! { (w.say("connections-lead")) }, &html! {}))
        @if known.waiting > 0 {
            div class="outcome warn" role="status" { p { (say!(w, "connections-waiting", n = known.waiting)) } span class="hint" { (w.say("connections-waiting-more")) } }
        }
        (section("shops", &w.say("connections-shops"), shops(cx)))
        @if cx.viewer.scope().is_none() {
            (section("endpoints", &w.say("connections-hooks"), hooks(cx)))
            (section("carriers", &w.say("connections-carriers"), carriers(cx)))
        }
    };
    (title, content)
}

/// How a shop is, in a word.
fn shop_chip(cx: &Cx<'_>, shop: &Shop) -> Markup {
    let w = cx.words;
    let (tone, key) = if shop.alarm.is_some() {
        (Tone::Bad, "alarm")
    } else if shop.error.is_some() {
        (Tone::Warn, "trouble")
    } else if !shop.asked {
        (Tone::Info, "heard")
    } else if !shop.read {
        (Tone::Info, "reading")
    } else {
        (Tone::Good, "well")
    };
    chip(tone, &w.say(&format!("shop-{key}")))
}

/// Whether anything is written to it.
fn writes_chip(cx: &Cx<'_>, shop: &Shop) -> Markup {
    let (tone, key) = match (shop.asked, shop.watch) {
        (false, _) => (Tone::Quiet, "never"),
        (true, true) => (Tone::Info, "watch"),
        (true, false) => (Tone::Good, "on"),
    };
    chip(tone, &cx.words.say(&format!("shop-writes-{key}")))
}

fn kind(cx: &Cx<'_>, kind: &str) -> String {
    cx.words.known(&format!("shop-kind-{kind}")).unwrap_or_else(|| kind.to_owned())
}

fn shops(cx: &Cx<'_>) -> Markup {
    let (w, known) = (cx.words, &cx.view.beside.connections);
    if known.shops.is_empty() {
        return html! { (nothing(&w.say("connections-none"))) p class="hint" { (w.say("connections-none-more")) } };
    }
    let (shop, merchant, state, writes, compared, differs) = (
        w.say("shop"),
        w.say("merchant"),
        w.say("shop-state"),
        w.say("shop-writes"),
        w.say("shop-compared"),
        w.say("shop-open"),
    );
    let mut table = Table::new(
        &w.say("connections-shops"),
        &[
            (&shop, Kind::Head),
            (&merchant, Kind::Text),
            (&state, Kind::Text),
            (&writes, Kind::Text),
            (&compared, Kind::Text),
            (&differs, Kind::Number),
        ],
    );
    for one in &known.shops {
        table.row(vec![
            html! { (link_named(&Page::Connection(one.id.clone()), &one.id)) " " span class="hint" { (kind(cx, &one.kind)) } },
            html! { bdi { (one.merchant) } },
            html! { (shop_chip(cx, one)) @if let Some(alarm) = &one.alarm { " " (said(alarm)) } },
            writes_chip(cx, one),
            html! { @match one.compared { Some(at) => (w.since(at, cx.view.now)), None => span class="hint" { (w.say("shop-not-compared")) } } },
            html! { (w.number(one.down + one.other)) },
        ]);
    }
    html! { (table.markup()) (explained(&w.say("shop-writes-how"), &w.say("shop-writes-explained"))) }
}

fn hooks(cx: &Cx<'_>) -> Markup {
    let (w, known) = (cx.words, &cx.view.beside.connections);
    if known.hooks.is_empty() {
        return nothing(&w.say("hooks-none"));
    }
    let (hook, hears, state, behind, act) =
        (w.say("hook"), w.say("hook-hears"), w.say("shop-state"), w.say("hook-behind"), w.say("act"));
    let mut table = Table::new(
        &w.say("connections-hooks"),
        &[
            (&hook, Kind::Head),
            (&hears, Kind::Text),
            (&state, Kind::Text),
            (&behind, Kind::Number),
            (&act, Kind::Act),
        ],
    );
    for one in &known.hooks {
        let (tone, key) = match (one.off, one.failures) {
            (Some(_), _) => (Tone::Bad, "off"),
            (None, 1..) => (Tone::Warn, "failing"),
            (None, 0) => (Tone::Good, "well"),
        };
        table.row(vec![
            html! { bdi { (one.id) } },
            html! { @match &one.merchant { Some(code) => bdi { (code) }, None => (w.say("all-merchants")) } },
            html! {
                (chip(tone, &w.say(&format!("hook-{key}"))))
                @if let Some(since) = one.off { " " span class="hint" { (w.since(since, cx.view.now)) } }
                @if let Some(error) = &one.error { " " (said(error)) }
            },
            html! { (w.number(one.behind)) },
            html! { @if known.may_replay { (replay(cx, one)) } },
        ]);
    }
    table.markup()
}

/// Telling an endpoint again reaches outside the house: it is done knowingly.
fn replay(cx: &Cx<'_>, hook: &Hook) -> Markup {
    let w = cx.words;
    let label = say!(w, "hook-replay-of", name = name(&hook.id));
    html! {
        details {
            summary { (w.say("hook-replay")) span class="unseen" { " " (label) } }
            (form::post(cx, "/act/replay", "stack", &html! {
                (form::hidden("webhook", &hook.id))
                div class="field" {
                    label for={ "from-" (hook.id) } { (w.say("hook-from")) }
                    input id={ "from-" (hook.id) } name="from" type="number" min="1" value=(hook.version + 1);
                }
                (form::tick("sure", "yes", false, &html! { (w.say("hook-replay-sure")) }))
                (form::submit(&w.say("hook-replay-do"), "small danger"))
            }))
        }
    }
}

fn carriers(cx: &Cx<'_>) -> Markup {
    let (w, known) = (cx.words, &cx.view.beside.connections);
    html! {
        @if known.carriers.is_empty() { (nothing(&w.say("carriers-none"))) }
        @else { ul class="plain" { @for id in &known.carriers { li { bdi { (id) } " " span class="hint" { (w.say("carriers-hear")) } } } } }
    }
}

pub(super) fn draw_one(cx: &Cx<'_>, id: &str) -> Option<(String, Markup)> {
    let (w, known) = (cx.words, &cx.view.beside.connections);
    let shop = known.shops.iter().find(|shop| shop.id == id)?;
    let compare = html! { @if known.may_compare && shop.asked {
        (form::button(cx, "/act/compare", &[("connection", id)], &w.say("shop-compare"), "primary"))
    } };
    let below = html! { (link(&Page::Connections, &w.say("connections-all"))) " · " (kind(cx, &shop.kind)) " · " bdi { (shop.merchant) } " " (shop_chip(cx, shop)) " " (writes_chip(cx, shop)) };
    let content = html! {
        (head(&html! { bdi { (shop.id) } }, &below, &compare))
        @if let Some(alarm) = &shop.alarm { div class="outcome bad" role="alert" { p { (w.say("shop-alarm-now")) } (said(alarm)) } }
        @if let Some(error) = &shop.error { div class="outcome warn" role="status" { p { (w.say("shop-error-last")) } (said(error)) } }
        @if shop.asked { (figures(cx, shop)) }
        (section("differences", &w.say("shop-differences"), differences(cx, shop)))
        (section("how", &w.say("shop-how"), how(cx, shop)))
    };
    Some((shop.id.clone(), content))
}

fn figures(cx: &Cx<'_>, shop: &Shop) -> Markup {
    let w = cx.words;
    let key = if shop.watch { "shop-would-set" } else { "shop-to-set" };
    stats(&[
        Stat::new(w.say("shop-down"), w.number(shop.down))
            .hint(w.say(key))
            .tone_if(shop.down > 0 && !shop.watch, Tone::Warn),
        Stat::new(w.say("shop-other"), w.number(shop.other)),
        Stat::new(w.say("shop-cuts"), w.number(shop.cuts)).hint(w.say("shop-cuts-means")),
        Stat::new(w.say("shop-written"), w.number(shop.written)),
        Stat::new(w.say("shop-moves"), w.number(shop.moves)),
        Stat::new(w.say("shop-missed"), w.number(shop.missed)).hint(w.say("shop-missed-means")),
    ])
}

fn how(cx: &Cx<'_>, shop: &Shop) -> Markup {
    let w = cx.words;
    let moment = |at: Option<holdfast_domain::time::Stamp>| {
        at.map_or_else(|| w.say("none"), |at| w.moment(at, &cx.view.zone()))
    };
    let stock = match shop.stock.as_str() {
        "incident" => w.say("shop-stock-incident"),
        "always" => w.say("shop-stock-always"),
        _ => w.say("none"),
    };
    html! {
        (facts(&[
            (w.say("shop-hook-at"), html! { span class="code" { "/hooks/" (shop.id) } }),
            (w.say("shop-writes"), html! { (writes_chip(cx, shop)) span class="hint" { (w.say("shop-writes-explained")) } }),
            (w.say("shop-stock"), html! { (stock) }),
            (w.say("shop-compared"), html! { (moment(shop.compared)) }),
            (w.say("shop-well-at"), html! { (moment(shop.well)) }),
        ]))
        @if !shop.notes.is_empty() {
            h3 { (w.say("shop-notes")) }
            ul class="plain" { @for note in &shop.notes { li { (said(note)) } } }
        }
    }
}

fn differences(cx: &Cx<'_>, shop: &Shop) -> Markup {
    let (w, known) = (cx.words, &cx.view.beside.connections);
    if known.differences.is_empty() {
        let key = if shop.compared.is_some() { "shop-same" } else { "shop-not-compared-yet" };
        return nothing(&w.say(key));
    }
    let (what, place, there, here, way, right, why) = (
        w.say("difference-of"),
        w.say("difference-place"),
        w.say("difference-shop"),
        w.say("difference-here"),
        w.say("difference-way"),
        w.say("difference-right"),
        w.say("why"),
    );
    let mut table = Table::new(
        &w.say("shop-differences"),
        &[
            (&what, Kind::Head),
            (&place, Kind::Text),
            (&there, Kind::Number),
            (&here, Kind::Number),
            (&way, Kind::Number),
            (&right, Kind::Text),
            (&why, Kind::Text),
        ],
    );
    let units = |units: Option<i64>| units.map_or_else(|| w.say("none"), |units| w.number(units));
    for one in &known.differences {
        table.row(vec![
            html! { bdi { (one.sku) } " " span class="hint" { (difference_kind(cx, one)) } },
            html! { bdi { (one.place) } },
            html! { (units(one.shop)) },
            html! { (units(one.here)) },
            html! { (units(one.on_the_way)) },
            right_chip(cx, one),
            said(&one.why),
        ]);
    }
    html! {
        (table.markup())
        @if known.more { p class="hint" { (w.say("differences-more")) } }
        (explained(&w.say("difference-who"), &w.say("difference-who-explained")))
    }
}

fn difference_kind(cx: &Cx<'_>, one: &Difference) -> String {
    cx.words.known(&format!("difference-{}", one.kind)).unwrap_or_else(|| one.kind.clone())
}

fn right_chip(cx: &Cx<'_>, one: &Difference) -> Markup {
    let tone = match one.right.as_str() {
        "here" => Tone::Info,
        "shop" => Tone::Warn,
        "both" => Tone::Good,
        _ => Tone::Bad,
    };
    let text = cx.words.known(&format!("right-{}", one.right)).unwrap_or_else(|| one.right.clone());
    chip(tone, &text)
}
