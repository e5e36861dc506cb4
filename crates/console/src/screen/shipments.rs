//! Shipments by stage: what waits to be picked and packed, what left, what nobody knows.

use holdfast_domain::id::{Id, ShipmentId};
use holdfast_domain::order::{Order, Shipment, ShipmentStage};
use maud::{Markup, html};

use super::site::site_link;
use super::{Cx, head, site_filter};
use crate::page::{PackingQuery, Page, ShipmentQuery};
use crate::parts::table::{Kind, Table};
use crate::parts::{Stat, Tone, chip, form, go, link_named, nothing, section, stats};
use crate::reading::{LOOKED_MAX, stage_key};
use crate::viewer::Right;
use crate::words::say;

/// Shipments on a page.
const PAGE: usize = 50;
/// The stages a list may be cut to, in their order.
const STAGES: [&str; 10] = [
    "released",
    "picked",
    "packed",
    "in-doubt",
    "recalling",
    "shipped",
    "exception",
    "delivered",
    "lost",
    "recalled",
];

/// How a stage stands.
const fn tone(stage: ShipmentStage) -> Tone {
    match stage {
        ShipmentStage::InDoubt { .. } | ShipmentStage::Lost => Tone::Bad,
        ShipmentStage::Exception | ShipmentStage::Recalling { .. } => Tone::Warn,
        ShipmentStage::Released | ShipmentStage::Picked | ShipmentStage::Packed => Tone::Info,
        ShipmentStage::Shipped | ShipmentStage::Delivered => Tone::Good,
        ShipmentStage::Recalled => Tone::Quiet,
    }
}

type Row<'a> = (ShipmentId, &'a Shipment, &'a Order);

/// What the viewer may see of the newest shipments, newest first, at the site that is asked for.
fn seen<'a>(cx: &Cx<'a>, query: &ShipmentQuery) -> impl Iterator<Item = Row<'a>> {
    let state: &'a holdfast_domain::state::State = &cx.view.engine.state;
    let (scope, site) = (cx.viewer.scope(), query.site);
    let all = state.shipments.len();
    (all.saturating_sub(LOOKED_MAX)..all).rev().map(ShipmentId::from_index).filter_map(move |id| {
        let known = state.shipments.get(id).filter(|known| site.is_none_or(|site| site == known.site))?;
        let order = state.order(known.order).ok()?;
        scope.is_none_or(|own| own == order.merchant).then_some((id, known, order))
    })
}

pub(super) fn draw(cx: &Cx<'_>, query: &ShipmentQuery) -> (String, Markup) {
    let w = cx.words;
    let title = w.say("nav-shipments");
    let acts = html! { @if cx.may(Right::ActOnStock) {
        (go(&Page::Packing(PackingQuery::default()).address(), &w.say("packing-open"), "primary"))
    } };
    let mut counts = std::collections::BTreeMap::<&str, u64>::new();
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut next = None;
    for row in seen(cx, query) {
        let key = stage_key(row.1.stage);
        *counts.entry(key).or_default() += 1;
        let wanted = (query.stage.is_empty() || query.stage == key)
            && query.before.is_none_or(|before| row.0 < before);
        if wanted && rows.len() < PAGE {
            rows.push(row);
        } else if wanted && next.is_none() {
            next = rows.last().map(|last| last.0);
        }
    }
    let content = html! {
        (head(&html! { (title) }, &html! { (w.say("shipments-lead")) }, &acts))
        (strip(cx, query, &counts))
        (filter(cx, query))
        @if cx.view.state().shipments.len() > LOOKED_MAX { p class="hint" { (say!(w, "shipments-newest", n = LOOKED_MAX)) } }
        (section("shipments", &w.say("shipments-list"), html! {
            (table(cx, &rows))
            @if let Some(before) = next {
                nav class="pages" aria-label=(w.say("pages")) {
                    (go(&Page::Shipments(ShipmentQuery { before: Some(before), ..query.clone() }).address(), &w.say("next-page"), ""))
                }
            }
        }))
        @if cx.may(Right::ActOnStock) { (section("wave", &w.say("shipments-wave"), wave(cx, query))) }
    };
    (title, content)
}

fn strip(cx: &Cx<'_>, query: &ShipmentQuery, counts: &std::collections::BTreeMap<&str, u64>) -> Markup {
    let w = cx.words;
    let of = |key: &str| counts.get(key).copied().unwrap_or(0);
    let to =
        |key: &str| Page::Shipments(ShipmentQuery { stage: key.to_owned(), before: None, ..query.clone() });
    let stat = |key: &str, tone: Option<Tone>| {
        let stat = Stat::new(w.say(&format!("stage-{key}")), w.number(of(key))).to(&to(key));
        match tone {
            Some(tone) => stat.tone_if(of(key) > 0, tone),
            None => stat,
        }
    };
    let all = stats(&[
        stat("released", None),
        stat("picked", None),
        stat("packed", None),
        stat("in-doubt", Some(Tone::Bad)),
        stat("shipped", None),
        stat("exception", Some(Tone::Warn)),
        stat("delivered", None),
    ]);
    html! { div class="tight" { (all) } }
}

fn filter(cx: &Cx<'_>, query: &ShipmentQuery) -> Markup {
    let w = cx.words;
    let mut options = vec![(String::new(), w.say("status-all"))];
    options.extend(STAGES.map(|key| (key.to_owned(), w.say(&format!("stage-{key}")))));
    html! {
        form method="get" action="/shipments" class="filter" role="search" {
            (form::select(cx, "stage", &w.say("stage"), &options, &query.stage))
            (site_filter(cx, query.site))
            (form::submit(&w.say("show"), "primary"))
        }
    }
}

fn table(cx: &Cx<'_>, rows: &[Row<'_>]) -> Markup {
    let (w, state) = (cx.words, cx.view.state());
    if rows.is_empty() {
        return nothing(&w.say("shipments-none"));
    }
    let (parcel, order, from, carrier, stage, leaves, act) = (
        w.say("parcel"),
        w.say("order"),
        w.say("from-site"),
        w.say("carrier"),
        w.say("stage"),
        w.say("leaves"),
        w.say("act"),
    );
    let mut table = Table::new(
        &w.say("shipments-list"),
        &[
            (&parcel, Kind::Head),
            (&order, Kind::Text),
            (&from, Kind::Text),
            (&carrier, Kind::Text),
            (&stage, Kind::Text),
            (&leaves, Kind::Text),
            (&act, Kind::Act),
        ],
    );
    for (id, known, order) in rows {
        let lane = state.network.lanes.get(known.lane);
        let service = lane.and_then(|lane| state.network.services.get(usize::from(lane.service.0)));
        let units: u32 = known.items.iter().map(|(_, quantity)| quantity.0).sum();
        table.row(vec![
            html! { (id) " " span class="hint" { (say!(w, "units-n", n = units)) } },
            html! { (link_named(&Page::Order(known.order), &order.number)) },
            site_link(cx, known.site),
            html! {
                bdi { (service.map_or("", |service| &service.carrier)) }
                @for package in &known.packages { " " span class="code" { (package.tracking) } }
            },
            chip(tone(known.stage), &w.say(&format!("stage-{}", stage_key(known.stage)))),
            html! {
                (w.day_short(known.ship_day))
                @if let Some(day) = known.arrival { " " span class="hint" { (say!(w, "shipment-arrives", day = w.day_short(day))) } }
            },
            acts(cx, *id, known, order),
        ]);
    }
    table.markup()
}

fn acts(cx: &Cx<'_>, id: ShipmentId, known: &Shipment, order: &Order) -> Markup {
    let (w, text) = (cx.words, id.to_string());
    let at_table = || {
        let query =
            PackingQuery { shipment: Some(id), papers: order.number.to_string(), ..PackingQuery::default() };
        go(&Page::Packing(query).address(), &w.say("shipment-pack"), "small")
    };
    let stock = cx.may(Right::ActOnStock);
    html! {
        @match known.stage {
            ShipmentStage::Released if stock => {
                (form::button(cx, "/act/pick", &[("shipment", &text)], &w.say("shipment-picked"), "small")) " " (at_table())
            }
            ShipmentStage::Picked if stock => (at_table()),
            ShipmentStage::Packed if stock => (leaves(cx, id)),
            ShipmentStage::InDoubt { .. } if cx.may(Right::ActOnOrders) => {
                a class="button small" href={ (Page::Order(known.order).address()) "#parcels" } { (w.say("shipment-settle")) }
            }
            _ => {}
        }
    }
}

/// A packed shipment leaves with the number on its label, which is scanned or typed.
fn leaves(cx: &Cx<'_>, id: ShipmentId) -> Markup {
    let (w, text) = (cx.words, id.to_string());
    html! {
        details {
            summary { (w.say("shipment-leaves")) span class="unseen" { " " (text) } }
            (form::post(cx, "/act/ship", "stack", &html! {
                (form::hidden("shipment", &text))
                div class="field" {
                    label for={ "tracking-" (text) } { (w.say("shipment-label")) }
                    input id={ "tracking-" (text) } name="tracking" autocomplete="off" maxlength="64";
                }
                (form::submit(&w.say("shipment-hand-over"), "small primary"))
            }))
        }
    }
}

/// Tells a site what to ship today.
fn wave(cx: &Cx<'_>, query: &ShipmentQuery) -> Markup {
    let w = cx.words;
    let sites = (0_u16..).zip(&cx.view.state().network.sites);
    let options: Vec<(String, String)> = sites
        .filter(|(index, _)| {
            cx.view.state().sites.get(usize::from(*index)).is_some_and(|now| now.access.takes_orders())
        })
        .map(|(index, site)| {
            (holdfast_domain::id::SiteId(index).to_string(), format!("{} · {}", site.code, site.name))
        })
        .collect();
    let chosen = query.site.map(|site| site.to_string()).unwrap_or_default();
    let choice = form::select(cx, "wave-site", &w.say("site"), &options, &chosen)
        .into_string()
        .replace("name=\"wave-site\"", "name=\"site\"");
    html! {
        p class="hint" { (w.say("shipments-wave-lead")) }
        (form::post(cx, "/act/wave", "row", &html! {
            (maud::PreEscaped(choice))
            (form::submit(&w.say("shipments-wave-do"), "primary"))
        }))
    }
}
