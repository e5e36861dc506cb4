//! What a plan opens beside moves: standby sites, trucks between sites, channels; where no truck can go; what each
//! merchant gets; and the trucks that are on their way.

use std::collections::BTreeMap;

use holdfast_domain::id::{Id, MerchantId, SiteId};
use holdfast_engine::incident::{Called, Destination, LoadReason, Opened, Planned, PlannedTransfer, called};
use holdfast_plan::replan::Reason;
use maud::{Markup, html};

use super::Cx;
use super::plan::reason_key;
use super::site::site_link;
use crate::page::lane_kind_key;
use crate::parts::Tone;
use crate::parts::table::{Kind, Table};
use crate::parts::{chip, form};
use crate::reading::site_code;
use crate::viewer::Right;
use crate::words::say;

/// What the plan opens, each with its cost and its reason; nothing where it opens nothing.
pub(super) fn opened(cx: &Cx<'_>, planned: &Planned) -> Markup {
    let w = cx.words;
    let standby = called(cx.view.state(), planned);
    let any = !standby.is_empty() || !planned.transfers.is_empty() || !planned.opened.is_empty();
    html! {
        @if any {
            h3 { (w.say("plan-opens")) }
            ul {
                @for it in &standby { li { (of_standby(cx, it)) } }
                @for it in &planned.transfers { li { (of_truck(cx, it)) } }
                @for it in &planned.opened { li { (of_channel(cx, it)) } }
            }
        }
        @if !planned.no_trucks.is_empty() {
            p class="hint" { (w.say("plan-no-trucks")) }
            ul { @for (why, pairs) in no_trucks(cx, planned) { li { (chip(Tone::Warn, &w.say(&format!("no-truck-{why}")))) " " (pairs.join(", ")) } } }
        }
        (fairness(cx, planned))
    }
}

fn of_standby(cx: &Cx<'_>, it: &Called) -> Markup {
    let (w, currency) = (cx.words, cx.view.currency());
    let why: Vec<String> = it
        .why
        .iter()
        .map(|(why, lines)| {
            let why = w.say(&format!("reason-{}", reason_key(Reason::Moved(*why))));
            say!(w, "why-lines", n = *lines, why = why)
        })
        .collect();
    html! {
        (site_link(cx, it.site)) ": "
        (say!(w, "opens-standby", cost = w.minor(it.activation, currency), daily = w.minor(it.daily, currency), ready = w.moment_short(it.ready, &cx.view.zone()), n = it.orders))
        " " span class="hint" { (why.join("; ")) }
    }
}

fn of_truck(cx: &Cx<'_>, it: &PlannedTransfer) -> Markup {
    let (w, currency, state) = (cx.words, cx.view.currency(), cx.view.state());
    let key = |why: LoadReason| match why {
        LoadReason::NoLane => "load-no-lane",
        LoadReason::SiteStrained => "load-site-strained",
        LoadReason::Cheaper => "load-cheaper",
    };
    let why: Vec<String> =
        it.reasons().iter().map(|(why, n)| say!(w, "why-lines", n = *n, why = w.say(key(*why)))).collect();
    let units: u64 = it.loads.iter().map(|load| u64::from(load.quantity.0)).sum();
    let km = it.way.length_m.div_ceil(1000);
    let round = it.way.length_m.saturating_sub(it.way.open_length_m).div_ceil(1000);
    html! {
        (say!(w, "opens-truck", from = site_code(state, it.from), to = site_code(state, it.to), n = units, cost = w.minor(it.cost, currency), leaves = w.day_short(it.leaves), ready = w.day_short(it.ready), km = km))
        " "
        @if round > 0 { (say!(w, "truck-round", km = round)) " " }
        @if it.way.waited.0 > 0 { (say!(w, "truck-waits", time = w.span(it.way.waited))) " " }
        @if !it.way.by_road { (w.say("truck-no-roads")) " " }
        span class="hint" { (why.join("; ")) }
    }
}

fn of_channel(cx: &Cx<'_>, it: &Opened) -> Markup {
    let (w, currency) = (cx.words, cx.view.currency());
    let service = cx.view.state().network.services.get(it.service.index());
    let service = service.map_or_else(String::new, |known| format!("{} {}", known.carrier, known.name));
    let kind = w.say(&format!("lane-kind-{}", lane_kind_key(it.kind)));
    html! {
        (say!(w, "opens-channel", service = crate::words::name(&service), kind = kind, n = it.orders, cost = w.minor(it.cost, currency)))
        @if it.shut_out > 0 { " " span class="hint" {
            (say!(w, "opens-shut-out", n = it.shut_out, here = w.minor(it.shut_out_cost, currency), closed = w.minor(it.closed_cost, currency)))
        } }
    }
}

/// Places no truck joins, by the reason's key.
fn no_trucks(cx: &Cx<'_>, planned: &Planned) -> BTreeMap<String, Vec<String>> {
    let state = cx.view.state();
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for none in &planned.no_trucks {
        let to = match none.to {
            Destination::Site(site) => site_code(state, site),
            Destination::Zone(zone) => {
                state.network.zones.get(zone.index()).map_or_else(String::new, |zone| zone.code.to_string())
            }
        };
        let pair = format!("{} – {to}", site_code(state, none.from));
        found.entry(none.why.code().replace('_', "-")).or_default().push(pair);
    }
    found
}

fn fairness(cx: &Cx<'_>, planned: &Planned) -> Markup {
    let (w, state) = (cx.words, cx.view.state());
    let Some(fair) = &planned.fair else { return html! {} };
    let (merchant, weight, kept, floor, share) = (
        w.say("merchant"),
        w.say("fair-weight"),
        w.say("fair-kept"),
        w.say("fair-floor"),
        w.say("fair-share"),
    );
    let mut table = Table::new(
        &w.say("plan-fairness"),
        &[
            (&merchant, Kind::Head),
            (&weight, Kind::Number),
            (&kept, Kind::Number),
            (&floor, Kind::Number),
            (&share, Kind::Number),
        ],
    );
    for it in &fair.shares {
        let known = state.network.merchant(MerchantId(it.merchant));
        table.row(vec![
            html! { (known.map_or("?", |known| &known.code)) },
            html! { (w.decimal(it.weight as f64 / 1000.0, 2)) },
            html! { (say!(w, "n-of-all", n = it.kept, all = it.keepable)) },
            html! { (w.number(it.floor)) },
            html! { (w.decimal(it.phi() as f64 / 1000.0, 3)) },
        ]);
    }
    let phi = |phi: u64| w.decimal(phi as f64 / 1000.0, 3);
    html! {
        details {
            summary { (say!(w, "plan-fair", phi = phi(fair.phi), bound = phi(fair.phi_bound))) }
            (table.markup())
        }
    }
}

/// Trucks between sites that nobody has taken in, with the button that does.
pub(super) fn underway(cx: &Cx<'_>) -> Markup {
    let (w, state) = (cx.words, cx.view.state());
    let open: Vec<_> = state.transfers.iter().filter(|(_, sent)| !sent.received).collect();
    let units = |items: &[(holdfast_domain::id::SkuId, holdfast_domain::quantity::Quantity)]| {
        items.iter().map(|(_, quantity)| u64::from(quantity.0)).sum::<u64>()
    };
    let place = |site: SiteId| site_code(state, site);
    html! {
        @if !open.is_empty() {
            h3 { (w.say("trucks-underway")) }
            ul { @for (id, sent) in open {
                li {
                    (say!(w, "truck-underway", from = place(sent.from), to = place(sent.to), n = units(&sent.items), due = w.day_short(sent.due))) " "
                    @if cx.may(Right::ActOnStock) {
                        (form::button(cx, "/act/truck-in", &[("transfer", &id.to_string())], &w.say("truck-take-in"), "small"))
                    }
                }
            } }
            p class="hint" { (w.say("trucks-explained")) }
        }
    }
}
