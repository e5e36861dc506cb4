//! Sites: what each can do now, what it has to do, and how full the next days are.

use holdfast_domain::id::{Id, SiteId};
use holdfast_domain::incident::SiteAccess;
use maud::{Markup, html};

use super::{Cx, head};
use crate::page::Page;
use crate::parts::table::{Kind, Table};
use crate::parts::{Tone, bar, chip, go, link_named, section};
use crate::reading::access_key;
use crate::viewer::Right;
use crate::words::say;

/// Days ahead that a site's load is shown for.
pub(super) const DAYS: i32 = 7;

pub(super) const fn tone(access: SiteAccess) -> Tone {
    match access {
        SiteAccess::Open { permille: 1000.. } => Tone::Good,
        SiteAccess::Open { .. } => Tone::Warn,
        SiteAccess::Closed { .. } => Tone::Bad,
        SiteAccess::Dormant => Tone::Quiet,
        SiteAccess::Activating { .. } => Tone::Info,
    }
}

/// A site's state in a word, with its share where it is limited.
pub(super) fn access(cx: &Cx<'_>, access: SiteAccess) -> Markup {
    let w = cx.words;
    let word = w.say(&format!("access-{}", access_key(access)));
    let text = match access {
        SiteAccess::Open { permille } if permille < 1000 => {
            format!("{word} {}", w.percent(f64::from(permille) / 1000.0, 0))
        }
        _ => word,
    };
    chip(tone(access), &text)
}

/// Work promised and work possible over the next [`DAYS`] days.
pub(super) fn week(cx: &Cx<'_>, id: SiteId) -> (u64, u64) {
    let state = cx.view.state();
    let Ok((site, now)) = state.site(id) else { return (0, 0) };
    let today = cx.view.now.local(&site.zone).0;
    let days = || (0..DAYS).map(|ahead| today.plus(ahead));
    let load = days().map(|day| u64::from(now.load.get(&day).copied().unwrap_or(0))).sum();
    (load, days().map(|day| u64::from(state.capacity_whole(id, day))).sum())
}

fn load_cell(cx: &Cx<'_>, id: SiteId) -> Markup {
    let (load, whole) = week(cx, id);
    let tone = if load > whole {
        Tone::Bad
    } else if load * 10 > whole * 9 {
        Tone::Warn
    } else {
        Tone::Good
    };
    html! {
        div class="load" { (bar(load, whole, tone)) span {
            @if whole == 0 { @if load == 0 { (cx.words.say("none")) } @else { (say!(cx.words, "load-without", load = load)) } }
            @else { (cx.words.percent(load as f64 / whole as f64, 0)) }
        } }
    }
}

/// The table beside the map.
pub(super) fn brief(cx: &Cx<'_>) -> Markup {
    let (w, state, scope) = (cx.words, cx.view.state(), cx.viewer.scope());
    let (site, now, orders, load) = (w.say("site"), w.say("state"), w.say("open-orders"), w.say("load-week"));
    let mut columns =
        vec![(site.as_str(), Kind::Head), (now.as_str(), Kind::Text), (orders.as_str(), Kind::Number)];
    if scope.is_none() {
        columns.push((load.as_str(), Kind::Text));
    }
    let mut table = Table::new(&w.say("sites-caption"), &columns);
    for (index, (site, now)) in state.network.sites.iter().zip(&state.sites).enumerate() {
        let id = SiteId::from_index(index);
        let work = cx.view.overview.sites.get(index);
        let mut row = vec![
            html! { (link_named(&Page::Site(id), &site.code)) " " span class="hint" { bdi { (site.name) } } },
            access(cx, now.access),
            html! { (w.number(work.map_or(0, |work| work.orders_of(scope)))) },
        ];
        if scope.is_none() {
            row.push(load_cell(cx, id));
        }
        table.row(row);
    }
    table.markup()
}

pub(super) fn draw(cx: &Cx<'_>) -> (String, Markup) {
    let (w, state, scope) = (cx.words, cx.view.state(), cx.viewer.scope());
    let title = w.say("nav-sites");
    let (site, now, kind, orders, units) =
        (w.say("site"), w.say("state"), w.say("kind"), w.say("open-orders"), w.say("open-units"));
    let (doubt, load, time) = (w.say("status-in-doubt"), w.say("load-week"), w.say("local-time"));
    let mut columns = vec![
        (site.as_str(), Kind::Head),
        (now.as_str(), Kind::Text),
        (kind.as_str(), Kind::Text),
        (orders.as_str(), Kind::Number),
        (units.as_str(), Kind::Number),
    ];
    if scope.is_none() {
        columns.extend([(doubt.as_str(), Kind::Number), (load.as_str(), Kind::Text)]);
    }
    columns.push((time.as_str(), Kind::Text));
    let mut table = Table::new(&w.say("sites-caption"), &columns);
    for (index, (site, now)) in state.network.sites.iter().zip(&state.sites).enumerate() {
        let id = SiteId::from_index(index);
        let work = cx.view.overview.sites.get(index).cloned().unwrap_or_default();
        let mut row = vec![
            html! { (link_named(&Page::Site(id), &site.code)) " " span class="hint" { bdi { (site.name) } } },
            access(cx, now.access),
            html! { (w.say(&format!("site-kind-{}", kind_key(site.kind)))) },
            html! { (w.number(work.orders_of(scope))) },
            html! { (w.number(work.units_of(scope))) },
        ];
        if scope.is_none() {
            row.push(html! { @if work.in_doubt > 0 { strong { (w.number(work.in_doubt)) } } @else { (w.number(0)) } });
            row.push(load_cell(cx, id));
        }
        row.push(html! { (w.moment_short(cx.view.now, &site.zone)) });
        table.row(row);
    }
    let acts = html! {
        (go("/lanes", &w.say("lanes"), ""))
        @if cx.may(Right::Command) { (go("/incidents/new", &w.say("declare"), "danger")) }
    };
    let content = html! {
        (head(&html! { (title) }, &html! { (w.say("sites-lead")) }, &acts))
        (section("map", &w.say("now-map"), crate::map::house(cx)))
        (section("sites", &w.say("sites-all"), table.markup()))
    };
    (title, content)
}

pub(super) const fn kind_key(kind: holdfast_domain::network::SiteKind) -> &'static str {
    use holdfast_domain::network::SiteKind;
    match kind {
        SiteKind::Centre => "centre",
        SiteKind::StoreHub => "store-hub",
        SiteKind::ThirdParty => "third-party",
        SiteKind::Standby => "standby",
    }
}
