//! Orders: found by number, postal code, status, site or merchant; newest first.

use holdfast_domain::id::{Id, OrderId};
use holdfast_domain::order::{Order, OrderSlot, OrderStatus};
use holdfast_engine::promise::{Expected, expected};
use maud::{Markup, html};

use super::{Cx, head, merchant_filter, site_filter};
use crate::page::{OrderQuery, Page};
use crate::parts::table::{Kind, Table};
use crate::parts::{Tone, chip, form, go, link_named, nothing, section};
use crate::reading::{LOOKED_MAX, STATUSES, is_open, order_status, site_code, status_key};
use crate::words::say;

/// Orders on a page.
pub(super) const PAGE: usize = 50;

pub(super) const fn tone(status: OrderStatus) -> Tone {
    match status {
        OrderStatus::InDoubt => Tone::Bad,
        OrderStatus::Held | OrderStatus::Backordered => Tone::Warn,
        OrderStatus::Reserved | OrderStatus::Released | OrderStatus::Picked | OrderStatus::Packed => {
            Tone::Info
        }
        OrderStatus::Shipped | OrderStatus::Delivered => Tone::Good,
        OrderStatus::Cancelled => Tone::Quiet,
    }
}

pub(super) fn status_chip(cx: &Cx<'_>, status: OrderStatus) -> Markup {
    chip(tone(status), &cx.words.say(&format!("status-{}", status_key(status))))
}

/// What a search found.
struct Found {
    orders: Vec<OrderId>,
    /// Where the next page begins, if there may be more.
    next: Option<OrderId>,
}

fn search(cx: &Cx<'_>, query: &OrderQuery) -> Found {
    let state = cx.view.state();
    let end = query.before.map_or(state.orders.len(), |before| before.index().min(state.orders.len()));
    let wanted = query.text.to_lowercase();
    let mut orders = Vec::new();
    for (looked, index) in (0..end).rev().enumerate() {
        let id = OrderId::from_index(index);
        if orders.len() == PAGE || looked == LOOKED_MAX {
            return Found { orders, next: Some(OrderId::from_index(index + 1)) };
        }
        let Some(OrderSlot::Live(order)) = state.orders.get(id) else { continue };
        if cx.viewer.sees(order.merchant) && matches(cx, query, &wanted, id, order) {
            orders.push(id);
        }
    }
    Found { orders, next: None }
}

fn matches(cx: &Cx<'_>, query: &OrderQuery, wanted: &str, id: OrderId, order: &Order) -> bool {
    let state = cx.view.state();
    if query.merchant.is_some_and(|merchant| merchant != order.merchant) {
        return false;
    }
    let holds = |site| order.lines.iter().flat_map(|line| &line.allocations).any(|a| a.site == site);
    if query.site.is_some_and(|site| !holds(site)) {
        return false;
    }
    let text = wanted.is_empty()
        || order.number.to_lowercase().contains(wanted)
        || order.postal.to_lowercase().starts_with(wanted)
        || id.to_string() == wanted;
    text && match query.status.as_str() {
        "" | "all" => true,
        "open" => is_open(order_status(state, order)),
        "risk" => is_open(order_status(state, order)) && is_at_risk(cx, order),
        key => status_key(order_status(state, order)) == key,
    }
}

/// Whether an open order's promise breaks as things stand, or nobody can say.
fn is_at_risk(cx: &Cx<'_>, order: &Order) -> bool {
    !matches!(expected(cx.view.state(), order), Expected::On(day) if day <= order.promise)
}

pub(super) fn draw(cx: &Cx<'_>, query: &OrderQuery) -> (String, Markup) {
    let w = cx.words;
    let title = w.say("nav-orders");
    let found = search(cx, query);
    let content = html! {
        (head(&html! { (title) }, &html! { (w.say("orders-lead")) }, &html! {}))
        (filter(cx, query))
        (section("list", &w.say("orders-found"), html! {
            @if found.orders.is_empty() && found.next.is_none() { (nothing(&w.say("orders-none"))) } @else { (list(cx, &found.orders)) }
            nav class="pages" aria-label=(w.say("pages")) {
                @if query.before.is_some() { (go(&Page::Orders(OrderQuery { before: None, ..query.clone() }).address(), &w.say("first-page"), "")) }
                @if found.next.is_some() { (go(&Page::Orders(OrderQuery { before: found.next, ..query.clone() }).address(), &w.say("next-page"), "")) }
            }
        }))
    };
    (title, content)
}

fn filter(cx: &Cx<'_>, query: &OrderQuery) -> Markup {
    let (w, counts) = (cx.words, cx.view.overview.counts(cx.viewer.scope()));
    let mut statuses = vec![
        ("all".to_owned(), w.say("status-all")),
        ("open".to_owned(), say!(w, "with-count", what = w.say("status-open"), n = counts.open())),
        ("risk".to_owned(), say!(w, "with-count", what = w.say("stat-risk"), n = counts.at_risk)),
    ];
    statuses.extend(STATUSES.into_iter().map(|status| {
        let word = w.say(&format!("status-{}", status_key(status)));
        (status_key(status).to_owned(), say!(w, "with-count", what = word, n = counts.of(status)))
    }));
    html! {
        form method="get" action="/orders" class="filter" role="search" {
            (form::text(cx, "q", &w.say("search"), "search", &query.text, Some(&w.say("orders-search-hint"))))
            (form::select(cx, "status", &w.say("status"), &statuses, if query.status.is_empty() { "all" } else { &query.status }))
            (site_filter(cx, query.site))
            (merchant_filter(cx, query.merchant))
            (form::submit(&w.say("show"), "primary"))
        }
    }
}

/// A list of orders.
pub(super) fn list(cx: &Cx<'_>, orders: &[OrderId]) -> Markup {
    let (w, state) = (cx.words, cx.view.state());
    let (order, merchant, status, from) =
        (w.say("order"), w.say("merchant"), w.say("status"), w.say("comes-from"));
    let (to, promised, expects, units, placed) =
        (w.say("goes-to"), w.say("promised"), w.say("expected"), w.say("units"), w.say("placed"));
    let whole = cx.viewer.scope().is_none();
    let mut columns = vec![(order.as_str(), Kind::Head), (status.as_str(), Kind::Text)];
    if whole {
        columns.push((merchant.as_str(), Kind::Text));
    }
    columns.extend([
        (from.as_str(), Kind::Text),
        (to.as_str(), Kind::Text),
        (units.as_str(), Kind::Number),
        (placed.as_str(), Kind::Text),
        (promised.as_str(), Kind::Text),
        (expects.as_str(), Kind::Text),
    ]);
    let mut table = Table::new(&w.say("orders-found"), &columns);
    for id in orders {
        let Ok(order) = state.order(*id) else { continue };
        let units: u64 = order.lines.iter().map(|line| u64::from(line.wanted().0)).sum();
        let mut row =
            vec![link_named(&Page::Order(*id), &order.number), status_chip(cx, order_status(state, order))];
        if whole {
            row.push(html! { bdi { (state.network.merchant(order.merchant).map_or("", |m| &m.name)) } });
        }
        row.extend([
            html! { (sources(cx, order)) },
            html! { bdi { (order.country.code()) " " (order.postal) } },
            html! { (w.number(units)) },
            html! { (w.moment_short(order.placed, &cx.view.zone())) },
            html! { (w.day_short(order.promise)) },
            expectation(cx, order),
        ]);
        table.row(row);
    }
    table.markup()
}

/// The sites an order comes from.
fn sources(cx: &Cx<'_>, order: &Order) -> String {
    let mut sites: Vec<String> = order
        .lines
        .iter()
        .flat_map(|line| &line.allocations)
        .map(|allocation| site_code(cx.view.state(), allocation.site))
        .collect();
    sites.sort();
    sites.dedup();
    if sites.is_empty() { cx.words.say("nowhere-yet") } else { sites.join(", ") }
}

/// When it arrives, held against the promise.
pub(super) fn expectation(cx: &Cx<'_>, order: &Order) -> Markup {
    let w = cx.words;
    match expected(cx.view.state(), order) {
        Expected::Nothing => html! { (w.say("nothing-to-come")) },
        Expected::Unknown => chip(Tone::Bad, &w.say("nobody-knows")),
        Expected::On(day) if day > order.promise => {
            chip(Tone::Warn, &say!(w, "late-by", day = w.day_short(day), n = day.since(order.promise)))
        }
        Expected::On(day) => html! { (w.day_short(day)) },
    }
}
