//! Lanes, by site and carrier's service: where they lead, what they cost, which are closed and by what.

use std::collections::BTreeMap;

use holdfast_domain::id::{Id, LaneId, ServiceId, SiteId};
use holdfast_domain::incident::LaneRule;
use maud::{Markup, html};

use super::{Cx, head, site::site_link};
use crate::page::{LANE_KINDS, Page, PreviewQuery, lane_kind_key};
use crate::parts::table::{Kind, Table};
use crate::parts::{Tone, chip, form, go, section};
use crate::viewer::Right;
use crate::words::say;

pub(super) fn draw(cx: &Cx<'_>) -> (String, Markup) {
    let (w, state) = (cx.words, cx.view.state());
    let title = w.say("lanes");
    let mut all: BTreeMap<(SiteId, ServiceId), Vec<LaneId>> = BTreeMap::new();
    for (id, lane) in state.network.lanes.iter() {
        all.entry((lane.site, lane.service)).or_default().push(id);
    }
    let rows = all.into_iter().map(|((site, service), lanes)| (site, service, lanes)).collect();
    let content = html! {
        (head(&html! { (title) }, &html! { (w.say("lanes-lead")) }, &html! {}))
        @if cx.may(Right::Command) { (section("embargo", &w.say("lanes-close"), embargo_form(cx))) }
        (section("lanes", &w.say("lanes-all"), table(cx, rows, true)))
    };
    (title, content)
}

/// The fields that describe an embargo; sent to the preview, never straight to an act.
fn embargo_form(cx: &Cx<'_>) -> Markup {
    let (w, network) = (cx.words, &cx.view.state().network);
    let any = || (String::new(), w.say("any"));
    let mut carriers: Vec<String> =
        network.services.iter().map(|service| service.carrier.to_string()).collect();
    carriers.sort();
    carriers.dedup();
    let carriers: Vec<_> =
        std::iter::once(any()).chain(carriers.into_iter().map(|c| (c.clone(), c))).collect();
    let sites = std::iter::once(any()).chain(
        network
            .sites
            .iter()
            .enumerate()
            .map(|(i, s)| (SiteId::from_index(i).to_string(), s.code.to_string())),
    );
    let kinds =
        std::iter::once(any()).chain(LANE_KINDS.into_iter().map(|kind| {
            (lane_kind_key(kind).to_owned(), w.say(&format!("lane-kind-{}", lane_kind_key(kind))))
        }));
    html! {
        form method="get" action="/preview" class="row" {
            (form::hidden("what", "embargo"))
            (form::select(cx, "carrier", &w.say("carrier"), &carriers, ""))
            (form::select(cx, "from_site", &w.say("from-site"), &sites.collect::<Vec<_>>(), ""))
            (form::select(cx, "kind", &w.say("channel"), &kinds.collect::<Vec<_>>(), ""))
            (form::text(cx, "country", &w.say("to-country"), "text", "", Some(&w.say("country-hint"))))
            (form::tick("cross_border", "yes", false, &html! { (w.say("cross-border")) }))
            (form::submit(&w.say("see-preview"), "primary"))
        }
    }
}

/// Lanes grouped by site and service.
pub(super) fn table(cx: &Cx<'_>, rows: Vec<(SiteId, ServiceId, Vec<LaneId>)>, with_site: bool) -> Markup {
    let (w, state, currency) = (cx.words, cx.view.state(), cx.view.currency());
    let (site, service, kind, zones) = (w.say("site"), w.say("service"), w.say("channel"), w.say("zones"));
    let (cost, transit, closed, act) = (w.say("cost-parcel"), w.say("transit"), w.say("state"), w.say("act"));
    let mut columns = if with_site {
        vec![(site.as_str(), Kind::Head), (service.as_str(), Kind::Text)]
    } else {
        vec![(service.as_str(), Kind::Head)]
    };
    columns.extend([(kind.as_str(), Kind::Text), (zones.as_str(), Kind::Number)]);
    let priced = cx.viewer.scope().is_none();
    if priced {
        columns.push((cost.as_str(), Kind::Number));
    }
    columns.extend([(transit.as_str(), Kind::Number), (closed.as_str(), Kind::Text)]);
    let acts = cx.may(Right::Command);
    if acts {
        columns.push((act.as_str(), Kind::Act));
    }
    let mut table = Table::new(&w.say("lanes-caption"), &columns);
    for (site, service_id, lanes) in rows {
        let Some(service) = state.network.services.get(service_id.index()) else { continue };
        let known: Vec<_> = lanes.iter().filter_map(|id| state.network.lanes.get(*id)).collect();
        let shut = lanes.iter().filter(|lane| !state.lane_is_open(**lane)).count();
        let range = |of: &dyn Fn(&holdfast_domain::network::Lane) -> i64| {
            let all = || known.iter().map(|lane| of(lane));
            (all().min().unwrap_or(0), all().max().unwrap_or(0))
        };
        let (cheap, dear) = range(&|lane| lane.cost_parcel);
        let (fast, slow) = range(&|lane| i64::from(lane.transit_days));
        let mut row = Vec::new();
        if with_site {
            row.push(site_link(cx, site));
        }
        row.push(html! { bdi { (service.carrier) " " (service.name) } });
        row.push(html! { (w.say(&format!("lane-kind-{}", lane_kind_key(service.kind)))) });
        row.push(html! { (w.number(known.len())) });
        if priced {
            row.push(
                html! { (w.minor(cheap, currency)) @if dear != cheap { "–" (w.minor(dear, currency)) } },
            );
        }
        row.push(html! { @if fast == slow { (say!(w, "days", n = fast)) } @else { (say!(w, "days-range", from = fast, to = slow)) } });
        row.push(if shut == 0 {
            chip(Tone::Good, &w.say("access-open"))
        } else if shut == known.len() {
            chip(Tone::Bad, &w.say("access-closed"))
        } else {
            chip(Tone::Warn, &say!(w, "lanes-shut", n = shut))
        });
        if acts {
            let rule = LaneRule { site: Some(site), service: Some(service_id), ..LaneRule::default() };
            let preview =
                PreviewQuery { rule: Some(rule), what: "embargo".to_owned(), ..PreviewQuery::default() };
            row.push(html! { @if shut < known.len() { (go(&Page::Preview(preview).address(), &w.say("close-these"), "small")) } });
        }
        table.row(row);
    }
    table.markup()
}
