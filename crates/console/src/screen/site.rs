//! One site: its state, its days, its lanes, and what can be done with it, always through the preview.

use std::collections::BTreeMap;

use holdfast_domain::id::{LaneId, ServiceId, SiteId};
use holdfast_domain::incident::SiteAccess;
use holdfast_domain::network::{Site, SiteKind};
use maud::{Markup, html};

use super::sites::{DAYS, access, kind_key};
use super::{Cx, head};
use crate::page::{OrderQuery, Page, PreviewQuery, StockQuery};
use crate::parts::table::{Kind, Table};
use crate::parts::{Stat, Tone, bar, facts, form, go, link, link_named, section, stats};
use crate::viewer::Right;
use crate::words::say;

pub(super) fn draw(cx: &Cx<'_>, id: SiteId) -> Option<(String, Markup)> {
    let (w, state, scope) = (cx.words, cx.view.state(), cx.viewer.scope());
    let (site, now) = state.site(id).ok()?;
    let work = cx.view.overview.sites.get(usize::from(id.0)).cloned().unwrap_or_default();
    let orders =
        Page::Orders(OrderQuery { site: Some(id), status: "open".to_owned(), ..OrderQuery::default() });
    let stock = Page::Stock(StockQuery { site: Some(id), ..StockQuery::default() });
    let mut figures = vec![
        Stat::new(w.say("open-orders"), w.number(work.orders_of(scope))).to(&orders),
        Stat::new(w.say("open-units"), w.number(work.units_of(scope))),
    ];
    if scope.is_none() {
        figures.push(Stat::new(w.say("at-site"), w.number(work.released)));
        figures.push(
            Stat::new(w.say("status-in-doubt"), w.number(work.in_doubt))
                .tone_if(work.in_doubt > 0, Tone::Bad),
        );
        figures.push(
            Stat::new(w.say("overdue-work"), w.number(work.overdue)).tone_if(work.overdue > 0, Tone::Warn),
        );
    }
    let acts = html! { (go(&stock.address(), &w.say("nav-stock"), "")) (go(&orders.address(), &w.say("nav-orders"), "")) };
    let title = format!("{} · {}", site.code, site.name);
    let content = html! {
        (head(&html! { bdi { (site.code) } " " span class="hint" { bdi { (site.name) } } },
            &html! { (access(cx, now.access)) " " (because(cx, now.access)) }, &acts))
        (stats(&figures))
        div class="split" {
            @if scope.is_none() { (section("days", &w.say("site-days"), days(cx, id, site))) }
            (section("facts", &w.say("site-facts"), describe(cx, site)))
        }
        @if cx.may(Right::Command) { (section("acts", &w.say("site-acts"), acts_on(cx, id, site, now.access))) }
        (section("lanes", &w.say("site-lanes"), services(cx, id)))
    };
    Some((title, content))
}

fn because(cx: &Cx<'_>, access: SiteAccess) -> Markup {
    let w = cx.words;
    match access {
        SiteAccess::Closed { incident, stock } => {
            let known = cx.view.state().incidents.get(incident);
            let stock_key = super::incident::stock_key(stock);
            html! {
                @if let Some(known) = known {
                    @if cx.may(Right::SeeHouse) { (link_named(&Page::Incident(incident, 0), &known.name)) } @else { bdi { (known.name) } }
                    ". "
                }
                (w.say(&format!("stock-access-{stock_key}")))
            }
        }
        SiteAccess::Activating { ready } => {
            html! { (say!(w, "ready-at", at = w.moment(ready, &cx.view.zone()))) }
        }
        _ => html! {},
    }
}

fn days(cx: &Cx<'_>, id: SiteId, site: &Site) -> Markup {
    let (w, state) = (cx.words, cx.view.state());
    let today = cx.view.now.local(&site.zone).0;
    let (day, load, whole, share) =
        (w.say("day"), w.say("work-promised"), w.say("work-possible"), w.say("share"));
    let mut table = Table::new(
        &w.say("site-days"),
        &[(&day, Kind::Head), (&load, Kind::Number), (&whole, Kind::Number), (&share, Kind::Text)],
    );
    for ahead in 0..DAYS {
        let day = today.plus(ahead);
        let load = state.sites[usize::from(id.0)].load.get(&day).copied().unwrap_or(0);
        let whole = state.capacity_whole(id, day);
        let tone = if load > whole { Tone::Bad } else { Tone::Good };
        table.row(vec![
            html! { (w.day_short(day)) },
            html! { (w.number(load)) },
            html! { (w.number(whole)) },
            html! { div class="load" { (bar(load.into(), whole.into(), tone)) span {
                @if whole == 0 { (w.say("no-work")) } @else { (w.percent(f64::from(load) / f64::from(whole), 0)) }
            } } },
        ]);
    }
    html! { (table.markup()) p class="hint" { (w.say("work-explained")) } }
}

fn describe(cx: &Cx<'_>, site: &Site) -> Markup {
    let w = cx.words;
    let weekdays: Vec<String> = (0..7_usize)
        .filter(|day| site.calendar.weekdays[*day])
        .map(|day| w.say(&format!("weekday-{}", day + 1)))
        .collect();
    let cutoff = format!("{:02}:{:02}", site.cutoff_ms / 3_600_000, site.cutoff_ms / 60_000 % 60);
    let mut rows = vec![
        (w.say("kind"), html! { (w.say(&format!("site-kind-{}", kind_key(site.kind)))) }),
        (w.say("country-region"), html! { bdi { (site.country.code()) " " (site.region) } }),
        (w.say("zone-of-time"), html! { (site.zone.name()) }),
        (w.say("works-on"), html! { (weekdays.join(", ")) }),
        (w.say("cut-off"), html! { (cutoff) }),
        (
            w.say("handling"),
            html! { (say!(w, "handling-costs", parcel = w.minor(site.cost_parcel, cx.view.currency()), unit = w.minor(site.cost_unit, cx.view.currency()))) },
        ),
    ];
    if let Some(limit) = site.wind_limit_kt {
        rows.push((w.say("wind-limit"), html! { (say!(w, "knots", n = limit)) }));
    }
    if let Some(terms) = site.standby {
        rows.push((w.say("standby-terms"), html! { (say!(w, "standby-costs", lead = w.span(terms.lead_time), once = w.minor(terms.activation_cost, cx.view.currency()), day = w.minor(terms.daily_cost, cx.view.currency()))) }));
    }
    if cx.viewer.scope().is_some() {
        rows.truncate(5);
    }
    facts(&rows)
}

fn acts_on(cx: &Cx<'_>, id: SiteId, site: &Site, now: SiteAccess) -> Markup {
    let w = cx.words;
    let preview = |what: &str| {
        Page::Preview(PreviewQuery { sites: vec![id], what: what.to_owned(), ..PreviewQuery::default() })
            .address()
    };
    let text = id.to_string();
    html! {
        div class="row" {
            @if matches!(now, SiteAccess::Open { .. } | SiteAccess::Activating { .. }) {
                (go(&preview("close"), &w.say("site-close"), "danger"))
            }
            @if site.kind == SiteKind::Standby && !matches!(now, SiteAccess::Closed { .. }) {
                @let key = if now == SiteAccess::Dormant { "standby-call" } else { "standby-release" };
                (form::button(cx, "/act/standby", &[("site", &text)], &w.say(key), ""))
            }
        }
        @if matches!(now, SiteAccess::Open { .. }) {
            (form::post(cx, "/act/limit", "row", &html! {
                (form::hidden("site", &text))
                (form::text(cx, "percent", &w.say("limit-to"), "number", "50", Some(&w.say("limit-hint"))))
                (form::submit(&w.say("site-limit"), ""))
            }))
        }
    }
}

fn services(cx: &Cx<'_>, id: SiteId) -> Markup {
    let state = cx.view.state();
    let mut by_service: BTreeMap<ServiceId, Vec<LaneId>> = BTreeMap::new();
    for (lane_id, lane) in state.network.lanes.iter().filter(|(_, lane)| lane.site == id) {
        by_service.entry(lane.service).or_default().push(lane_id);
    }
    super::lanes::table(
        cx,
        by_service.into_iter().map(|(service, lanes)| (id, service, lanes)).collect(),
        false,
    )
}

/// A link to a site by its code.
pub(super) fn site_link(cx: &Cx<'_>, id: SiteId) -> Markup {
    link(&Page::Site(id), &crate::reading::site_code(cx.view.state(), id))
}
