//! One SKU: what lies at each site, and what can be done with it.

use holdfast_domain::id::SkuId;
use maud::{Markup, html};

use super::site::site_link;
use super::sites::access;
use super::stock::{COVER_SHORT_DAYS, cover, flag_chips, flags, sum};
use super::{Cx, head};
use crate::overview::DEMAND_DAYS;
use crate::parts::table::{Kind, Table};
use crate::parts::{Stat, Tone, explained, facts, form, section, stats};
use crate::reading::{site_code, site_ids};
use crate::viewer::Right;
use crate::words::say;

pub(super) fn draw(cx: &Cx<'_>, id: SkuId) -> Option<(String, Markup)> {
    let (w, state) = (cx.words, cx.view.state());
    let sku = state.network.skus.get(id).filter(|sku| cx.viewer.sees(sku.merchant))?;
    let sum = sum(state, id, None);
    let days = cover(cx, id, sum.available);
    let currency = cx.view.currency_of(sku.merchant);
    let below = html! { bdi { (sku.name) } " " (flag_chips(cx, &flags(cx, id, &sum))) };
    let figures = [
        Stat::new(w.say("available"), w.number(sum.available)),
        Stat::new(w.say("reserved"), w.number(sum.reserved)),
        Stat::new(w.say("quarantined"), w.number(sum.quarantined)).tone_if(sum.quarantined > 0, Tone::Warn),
        Stat::new(w.say("out-of-reach"), w.number(sum.out_of_reach)).tone_if(sum.out_of_reach > 0, Tone::Bad),
        Stat::new(
            w.say("cover"),
            days.map_or_else(|| w.say("none"), |days| say!(w, "days-about", n = w.decimal(days, 1))),
        )
        .tone_if(days.is_some_and(|days| days < COVER_SHORT_DAYS), Tone::Warn),
    ];
    let merchant = state.network.merchant(sku.merchant);
    let content = html! {
        (head(&html! { bdi { (sku.code) } }, &below, &html! {}))
        (stats(&figures))
        (section("shelves", &w.say("sku-shelves"), shelves(cx, id)))
        div class="split" {
            (section("facts", &w.say("sku-facts"), facts(&[
                (w.say("merchant"), html! { bdi { (merchant.map_or("", |merchant| &merchant.name)) } }),
                (w.say("category"), html! { bdi { (sku.category) } }),
                (w.say("price"), html! { (w.minor(sku.price, currency)) }),
                (w.say("weight"), html! { (say!(w, "grams", n = sku.weight_g)) }),
                (w.say("pack"), html! { (w.number(sku.pack)) }),
                (w.say("storage"), html! { (w.say(&format!("storage-{}", sku.storage.min(4)))) }),
            ])))
            @if cx.may(Right::ActOnStock) { (section("acts", &w.say("sku-acts"), acts(cx, id))) }
        }
        (explained(&w.say("where-from"), &say!(w, "cover-explained", days = DEMAND_DAYS, short = COVER_SHORT_DAYS as i64)))
    };
    Some((sku.code.to_string(), content))
}

fn shelves(cx: &Cx<'_>, id: SkuId) -> Markup {
    let (w, state) = (cx.words, cx.view.state());
    let (site, now, hand, reserved, aside, available) = (
        w.say("site"),
        w.say("state"),
        w.say("on-hand"),
        w.say("reserved"),
        w.say("quarantined"),
        w.say("available"),
    );
    let mut table = Table::new(
        &w.say("sku-shelves"),
        &[
            (&site, Kind::Head),
            (&now, Kind::Text),
            (&hand, Kind::Number),
            (&reserved, Kind::Number),
            (&aside, Kind::Number),
            (&available, Kind::Number),
        ],
    );
    for site in site_ids(state) {
        let shelf = state.stock.shelf(site, id);
        if shelf == holdfast_domain::stock::Shelf::default() {
            continue;
        }
        table.row(vec![
            site_link(cx, site),
            access(cx, state.sites[usize::from(site.0)].access),
            html! { (w.number(shelf.on_hand)) },
            html! { (w.number(shelf.reserved)) },
            html! { (w.number(shelf.quarantined)) },
            html! { (w.number(state.available(site, id).0)) },
        ]);
    }
    if table.is_empty() { crate::parts::nothing(&w.say("sku-nowhere")) } else { table.markup() }
}

fn acts(cx: &Cx<'_>, id: SkuId) -> Markup {
    let (w, state) = (cx.words, cx.view.state());
    let sites: Vec<(String, String)> =
        site_ids(state).map(|site| (site.to_string(), site_code(state, site))).collect();
    let whats =
        ["count", "quarantine", "clear"].map(|what| (what.to_owned(), w.say(&format!("stock-{what}"))));
    form::post(
        cx,
        "/act/stock",
        "row",
        &html! {
            (form::hidden("sku", &id.to_string()))
            (form::select(cx, "what", &w.say("act"), &whats, "count"))
            (form::select(cx, "site", &w.say("site"), &sites, ""))
            (form::text(cx, "units", &w.say("units"), "number", "", None))
            (form::submit(&w.say("enter"), "primary"))
        },
    )
}
