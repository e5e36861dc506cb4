//! The packing table: papers first, then every unit, one scan each. It works with a scanner that types what it reads and
//! presses Enter; a scan that does not belong is turned away at once, loudly, and is not carried on.

use std::collections::BTreeMap;

use holdfast_app::packing::{self, Packed};
use holdfast_domain::id::{ShipmentId, SkuId};
use holdfast_domain::order::Shipment;
use maud::{Markup, html};

use super::{Cx, head};
use crate::act::of_papers;
use crate::page::{PackingQuery, Page, ShipmentQuery};
use crate::parts::table::{Kind, Table};
use crate::parts::{Tone, bar, chip, explained, form, go, link, section};
use crate::words::{name, say};

pub(super) fn draw(cx: &Cx<'_>, query: &PackingQuery) -> (String, Markup) {
    let w = cx.words;
    let title = w.say("packing");
    let known = query.shipment.and_then(|id| Some((id, cx.view.engine.state.shipments.get(id)?)));
    let found = known.and_then(|(id, known)| {
        let packed = packing::compare(cx.view.state(), known, &query.papers, &query.scans).ok()?;
        Some((id, known, packed))
    });
    let all = link(&Page::Shipments(ShipmentQuery::default()), &w.say("packing-all"));
    let content = html! {
        (head(&html! { (title) }, &html! { (all) }, &html! {}))
        (refused(cx, query))
        @match &found {
            Some((id, known, packed)) => (table(cx, query, *id, known, packed)),
            None => (papers(cx, query)),
        }
        (explained(&w.say("packing-how"), &w.say("packing-explained")))
    };
    (title, content)
}

/// The last scan, where it was turned away.
fn refused(cx: &Cx<'_>, query: &PackingQuery) -> Markup {
    let w = cx.words;
    let Some((scan, why)) = &query.refused else { return html! {} };
    let said = w.known(&format!("scan-{why}")).unwrap_or_else(|| w.say("scan-unknown"));
    html! {
        div class="outcome bad scan" role="alert" {
            p { (chip(Tone::Bad, &w.say("scan-stop"))) " " (said) }
            span class="code" { bdi { (scan) } }
        }
    }
}

/// The one field of the table; it has the focus, so that a scanner can go on.
fn field(cx: &Cx<'_>, label: &str) -> Markup {
    html! {
        div class="field scan" {
            label for="next" { (label) }
            input id="next" name="next" type="text" autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="128" autofocus;
        }
        (form::submit(&cx.words.say("scan-enter"), ""))
    }
}

fn papers(cx: &Cx<'_>, query: &PackingQuery) -> Markup {
    let w = cx.words;
    let several =
        if query.papers.is_empty() { Vec::new() } else { of_papers(cx.view.state(), &query.papers) };
    html! {
        (section("papers", &w.say("packing-papers"), html! {
            p { (w.say("packing-papers-lead")) }
            (form::post(cx, "/act/scan", "row", &field(cx, &w.say("packing-papers-field"))))
        }))
        @if !several.is_empty() {
            (section("several", &w.say("packing-several"), html! {
                ul class="needs" { @for id in &several { li { (go(&to(*id, &number(cx, *id)).address(), &id.to_string(), "")) (contents(cx, *id)) } } }
            }))
        }
    }
}

fn to(id: ShipmentId, papers: &str) -> Page {
    Page::Packing(PackingQuery { shipment: Some(id), papers: papers.to_owned(), ..PackingQuery::default() })
}

fn number(cx: &Cx<'_>, id: ShipmentId) -> String {
    let state = cx.view.state();
    let order = state.shipments.get(id).and_then(|known| state.order(known.order).ok());
    order.map_or_else(String::new, |order| order.number.to_string())
}

/// What is in a shipment, and whose.
fn contents(cx: &Cx<'_>, id: ShipmentId) -> Markup {
    let state = cx.view.state();
    let Some(known) = state.shipments.get(id) else { return html! {} };
    let site = state.network.site(known.site).map_or("", |site| &site.code);
    let merchant = state.order(known.order).ok().and_then(|order| state.network.merchant(order.merchant));
    let units: u32 = known.items.iter().map(|(_, quantity)| quantity.0).sum();
    html! { span class="hint" { bdi { (merchant.map_or("", |merchant| &merchant.name)) } " · " (site) " · " (say!(cx.words, "units-n", n = units)) } }
}

fn table(cx: &Cx<'_>, query: &PackingQuery, id: ShipmentId, known: &Shipment, packed: &Packed) -> Markup {
    let w = cx.words;
    let carried = html! {
        (form::hidden("shipment", &id.to_string()))
        (form::hidden("papers", &query.papers))
        @for scan in &query.scans { (form::hidden("scan", scan)) }
    };
    let wanted: u64 = packed.wanted.values().map(|units| u64::from(*units)).sum();
    let missing: u64 = packed.missing.values().map(|units| u64::from(*units)).sum();
    let label = if packed.is_complete() { "scan-papers-again" } else { "scan-unit" };
    html! {
        (section("table", &say!(w, "packing-order", number = name(&number(cx, id))), html! {
            p { (contents(cx, id)) }
            @if packed.is_complete() {
                div class="outcome good" role="status" { p { (w.say("packing-complete")) } (w.say("packing-complete-more")) }
            }
            @for (_, why) in packed.wrong.iter().filter(|(at, _)| at.is_none()) {
                div class="outcome bad" role="alert" { p { (w.known(&format!("scan-{}", why.word())).unwrap_or_default()) } }
            }
            div class="load whole" { (bar(wanted - missing, wanted, Tone::Good)) span { (say!(w, "packing-progress", n = wanted - missing, of = wanted)) } }
            (form::post(cx, "/act/scan", "row", &html! { (carried) (field(cx, &w.say(label))) }))
            (units(cx, packed))
            div class="row" {
                @if packed.is_complete() {
                    (form::post(cx, "/act/pack", "inline", &html! { (carried) (form::submit(&w.say("packing-done"), "primary")) }))
                }
                @if !query.scans.is_empty() { (go(&to(id, &query.papers).address(), &w.say("packing-again"), "")) }
                (go(&Page::Packing(PackingQuery::default()).address(), &w.say("packing-leave"), ""))
            }
        }))
        @if !packing::is_at_table(known) { p class="outcome warn" role="status" { (w.say("packing-elsewhere")) } }
    }
}

fn units(cx: &Cx<'_>, packed: &Packed) -> Markup {
    let (w, state) = (cx.words, cx.view.state());
    let (sku, wanted, scanned, stands) =
        (w.say("sku"), w.say("packing-wanted"), w.say("packing-scanned"), w.say("packing-stands"));
    let mut table = Table::new(
        &w.say("packing-units"),
        &[(&sku, Kind::Head), (&wanted, Kind::Number), (&scanned, Kind::Number), (&stands, Kind::Text)],
    );
    let missing: &BTreeMap<SkuId, u32> = &packed.missing;
    for (id, units) in &packed.wanted {
        let known = state.network.skus.get(*id);
        let left = missing.get(id).copied().unwrap_or(0);
        table.row(vec![
            html! { bdi { (known.map_or("", |sku| &sku.code)) } " " span class="hint" { bdi { (known.map_or("", |sku| &sku.name)) } } },
            html! { (w.number(*units)) },
            html! { (w.number(units - left)) },
            html! { @if left == 0 { (chip(Tone::Good, &w.say("packing-all-there"))) } @else { (chip(Tone::Warn, &say!(w, "packing-missing", n = left))) } },
        ]);
    }
    table.markup()
}
