//! Stock by SKU: what can be promised, how many days it lasts, and which SKUs hang by one site.

use holdfast_domain::id::{Id, SkuId};
use holdfast_domain::incident::SiteAccess;
use holdfast_domain::network::Sku;
use holdfast_domain::state::State;
use maud::{Markup, html};

use super::{Cx, head, merchant_filter, site_filter};
use crate::overview::DEMAND_DAYS;
use crate::page::{Page, StockQuery};
use crate::parts::table::{Kind, Table};
use crate::parts::{Tone, chip, explained, form, go, link_named, nothing, section};
use crate::reading::site_ids;
use crate::words::say;

/// SKUs on a page.
const PAGE: usize = 60;
/// Below so many days of cover a SKU is short.
pub(super) const COVER_SHORT_DAYS: f64 = 7.0;

/// What lies of a SKU, over the sites that are looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    pub(super) on_hand: u64,
    pub(super) reserved: u64,
    pub(super) available: u64,
    pub(super) quarantined: u64,
    /// Lies at a site that takes no orders now.
    pub(super) out_of_reach: u64,
    /// Sites that can promise some.
    pub(super) sites: u32,
}

pub(super) fn sum(state: &State, sku: SkuId, only: Option<holdfast_domain::id::SiteId>) -> Sum {
    let mut sum = Sum::default();
    for site in site_ids(state).filter(|site| only.is_none_or(|only| only == *site)) {
        let shelf = state.stock.shelf(site, sku);
        let access = state.sites[site.index()].access;
        sum.on_hand += u64::from(shelf.on_hand);
        sum.reserved += u64::from(shelf.reserved);
        sum.quarantined += u64::from(shelf.quarantined);
        let available = u64::from(shelf.available().0);
        if access.takes_orders() {
            sum.available += available;
            sum.sites += u32::from(available > 0);
        } else if access != SiteAccess::Dormant {
            sum.out_of_reach += available;
        }
    }
    sum
}

/// Days the available units last at the demand of the last weeks.
pub(super) fn cover(cx: &Cx<'_>, sku: SkuId, available: u64) -> Option<f64> {
    let units = cx.view.overview.demand.get(&sku).copied().filter(|units| *units > 0)?;
    Some(available as f64 * DEMAND_DAYS as f64 / units as f64)
}

/// What is to be said of a SKU.
pub(super) fn flags(cx: &Cx<'_>, sku: SkuId, sum: &Sum) -> Vec<&'static str> {
    let mut flags = Vec::new();
    let wanted = cx.view.overview.demand.get(&sku).copied().unwrap_or(0) > 0;
    if wanted && sum.available == 0 {
        flags.push("out");
    } else if cover(cx, sku, sum.available).is_some_and(|days| days < COVER_SHORT_DAYS) {
        flags.push("short");
    }
    if sum.sites == 1 {
        flags.push("sole");
    }
    if sum.out_of_reach > 0 {
        flags.push("reach");
    }
    if sum.quarantined > 0 {
        flags.push("quarantined");
    }
    flags
}

pub(super) fn flag_chips(cx: &Cx<'_>, flags: &[&'static str]) -> Markup {
    html! { span class="chips" { @for flag in flags {
        (chip(if matches!(*flag, "out" | "reach") { Tone::Bad } else { Tone::Warn }, &cx.words.say(&format!("flag-{flag}"))))
    } } }
}

fn matches(query: &StockQuery, wanted: &str, sku: &Sku) -> bool {
    query.merchant.is_none_or(|merchant| merchant == sku.merchant)
        && (wanted.is_empty()
            || [&*sku.code, &*sku.name, &*sku.category]
                .iter()
                .any(|text| text.to_lowercase().contains(wanted)))
}

pub(super) fn draw(cx: &Cx<'_>, query: &StockQuery) -> (String, Markup) {
    let (w, state) = (cx.words, cx.view.state());
    let title = w.say("nav-stock");
    let wanted = query.text.to_lowercase();
    let mut rows: Vec<(SkuId, &Sku, Sum, Vec<&'static str>)> = Vec::new();
    let mut next = None;
    for (id, sku) in state.network.skus.iter().skip(query.from.map_or(0, SkuId::index)) {
        if !cx.viewer.sees(sku.merchant) || !matches(query, &wanted, sku) {
            continue;
        }
        let sum = sum(state, id, query.site);
        let flags = flags(cx, id, &sum);
        if !query.flag.is_empty() && !flags.contains(&query.flag.as_str()) {
            continue;
        }
        if rows.len() == PAGE {
            next = Some(id);
            break;
        }
        rows.push((id, sku, sum, flags));
    }
    let content = html! {
        (head(&html! { (title) }, &html! { (w.say("stock-lead")) }, &html! {}))
        (filter(cx, query))
        (section("list", &w.say("stock-found"), html! {
            @if rows.is_empty() { (nothing(&w.say("stock-none"))) } @else { (list(cx, &rows)) }
            nav class="pages" aria-label=(w.say("pages")) {
                @if query.from.is_some() { (go(&Page::Stock(StockQuery { from: None, ..query.clone() }).address(), &w.say("first-page"), "")) }
                @if next.is_some() { (go(&Page::Stock(StockQuery { from: next, ..query.clone() }).address(), &w.say("next-page"), "")) }
            }
            (explained(&w.say("where-from"), &say!(w, "cover-explained", days = DEMAND_DAYS, short = COVER_SHORT_DAYS as i64)))
        }))
    };
    (title, content)
}

fn filter(cx: &Cx<'_>, query: &StockQuery) -> Markup {
    let w = cx.words;
    let mut flags = vec![(String::new(), w.say("any"))];
    let all = ["out", "short", "sole", "reach", "quarantined"];
    flags.extend(all.map(|flag| (flag.to_owned(), w.say(&format!("flag-{flag}")))));
    html! {
        form method="get" action="/stock" class="filter" role="search" {
            (form::text(cx, "q", &w.say("search"), "search", &query.text, Some(&w.say("stock-search-hint"))))
            (form::select(cx, "flag", &w.say("flag"), &flags, &query.flag))
            (site_filter(cx, query.site))
            (merchant_filter(cx, query.merchant))
            (form::submit(&w.say("show"), "primary"))
        }
    }
}

fn list(cx: &Cx<'_>, rows: &[(SkuId, &Sku, Sum, Vec<&'static str>)]) -> Markup {
    let w = cx.words;
    let (sku, available, reserved, set_aside) =
        (w.say("sku"), w.say("available"), w.say("reserved"), w.say("quarantined"));
    let (reach, sites, demand, days, flag) = (
        w.say("out-of-reach"),
        w.say("nav-sites-count"),
        w.say("units-a-day"),
        w.say("cover"),
        w.say("flag"),
    );
    let mut table = Table::new(
        &w.say("stock-found"),
        &[
            (&sku, Kind::Head),
            (&available, Kind::Number),
            (&reserved, Kind::Number),
            (&set_aside, Kind::Number),
            (&reach, Kind::Number),
            (&sites, Kind::Number),
            (&demand, Kind::Number),
            (&days, Kind::Number),
            (&flag, Kind::Text),
        ],
    );
    for (id, sku, sum, flags) in rows {
        let units = cx.view.overview.demand.get(id).copied().unwrap_or(0);
        table.row(vec![
            html! { (link_named(&Page::Sku(*id), &sku.code)) " " span class="hint" { bdi { (sku.name) } } },
            html! { (w.number(sum.available)) },
            html! { (w.number(sum.reserved)) },
            html! { (w.number(sum.quarantined)) },
            html! { (w.number(sum.out_of_reach)) },
            html! { (w.number(sum.sites)) },
            html! { (w.decimal(units as f64 / DEMAND_DAYS as f64, 1)) },
            html! { @if let Some(days) = cover(cx, *id, sum.available) { (say!(w, "days-about", n = w.decimal(days, if days < 10.0 { 1 } else { 0 }))) } @else { (w.say("none")) } },
            flag_chips(cx, flags),
        ]);
    }
    table.markup()
}
