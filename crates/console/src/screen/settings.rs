//! Settings: the house as it is set up. Changed by importing a book; shown here as it stands.

use maud::{Markup, html};

use super::{Cx, plain_head};
use crate::page::lane_kind_key;
use crate::parts::table::{Kind, Table};
use crate::parts::{facts, section};
use crate::words::say;

pub(super) fn draw(cx: &Cx<'_>) -> (String, Markup) {
    let (w, network) = (cx.words, &cx.view.state().network);
    let title = w.say("nav-settings");
    let counted = [
        ("nav-sites-count", network.sites.len()),
        ("merchants", network.merchants.len()),
        ("skus", network.skus.len()),
        ("zones", network.zones.len()),
        ("lanes", network.lanes.len()),
    ];
    let operator = network.operator.as_ref();
    let mut rows = vec![
        (w.say("operator"), html! { bdi { (operator.map_or("", |operator| &operator.name)) } }),
        (w.say("currency"), html! { (cx.view.currency().code()) }),
        (w.say("zone-of-time"), html! { (cx.view.zone().name()) }),
    ];
    rows.extend(counted.map(|(key, n)| (w.say(key), html! { (w.number(n)) })));
    let content = html! {
        (plain_head(&title, &w.say("settings-lead")))
        (section("house", &w.say("operator"), facts(&rows)))
        (section("merchants", &w.say("merchants"), merchants(cx)))
        (section("services", &w.say("services"), services(cx)))
    };
    (title, content)
}

fn merchants(cx: &Cx<'_>) -> Markup {
    let (w, view) = (cx.words, &cx.view);
    let (code, name, late, back, moving, split, tell, doubt) = (
        w.say("code"),
        w.say("name"),
        w.say("late-cost"),
        w.say("backorder-cost"),
        w.say("move-cost"),
        w.say("may-split"),
        w.say("tell-after"),
        w.say("doubt-rule"),
    );
    let mut table = Table::new(
        &w.say("merchants"),
        &[
            (&code, Kind::Head),
            (&name, Kind::Text),
            (&late, Kind::Number),
            (&back, Kind::Number),
            (&moving, Kind::Number),
            (&split, Kind::Text),
            (&tell, Kind::Text),
            (&doubt, Kind::Text),
        ],
    );
    let currency = view.currency();
    for merchant in &view.state().network.merchants {
        table.row(vec![
            html! { bdi { (merchant.code) } },
            html! { bdi { (merchant.name) } },
            html! { (w.minor(merchant.late_cost, currency)) },
            html! { (w.minor(merchant.backorder_cost, currency)) },
            html! { (w.minor(merchant.move_cost, currency)) },
            html! { (w.say(if merchant.split_quantity { "yes" } else { "no" })) },
            html! { (say!(w, "days", n = merchant.notice_after_days)) },
            html! { @match merchant.doubt {
                None => (w.say("doubt-person")),
                Some(rule) => (say!(w, if rule.presume == holdfast_domain::network::Presumption::Shipped { "doubt-shipped" } else { "doubt-not-shipped" }, span = w.span(rule.after))),
            } },
        ]);
    }
    table.markup()
}

fn services(cx: &Cx<'_>) -> Markup {
    let w = cx.words;
    let (carrier, service, kind, days) =
        (w.say("carrier"), w.say("service"), w.say("channel"), w.say("works-on"));
    let mut table = Table::new(
        &w.say("services"),
        &[(&carrier, Kind::Head), (&service, Kind::Text), (&kind, Kind::Text), (&days, Kind::Text)],
    );
    for service in &cx.view.state().network.services {
        let days: Vec<String> = (0..7_usize)
            .filter(|day| service.calendar.weekdays[*day])
            .map(|day| w.say(&format!("weekday-{}", day + 1)))
            .collect();
        table.row(vec![
            html! { bdi { (service.carrier) } },
            html! { bdi { (service.name) } },
            html! { (w.say(&format!("lane-kind-{}", lane_kind_key(service.kind)))) },
            html! { (days.join(" ")) },
        ]);
    }
    table.markup()
}
