//! One order: what it is, where each unit comes from and why, which clock runs, and what can be done.

use holdfast_domain::id::{OrderId, ShipmentId};
use holdfast_domain::order::{HoldReason, Order, OrderStatus, Shipment, ShipmentStage};
use holdfast_engine::route::{Verdict, explain};
use maud::{Markup, html};

use super::orders::{expectation, status_chip};
use super::site::site_link;
use super::{Cx, head};
use crate::page::Page;
use crate::parts::table::{Kind, Table};
use crate::parts::{Tone, chip, explained, facts, form, link_named, section};
use crate::reading::{order_status, stage_key};
use crate::viewer::Right;
use crate::words::say;

pub(super) fn draw(cx: &Cx<'_>, id: OrderId) -> Option<(String, Markup)> {
    let (w, state) = (cx.words, cx.view.state());
    let order = state.order(id).ok().filter(|order| cx.viewer.sees(order.merchant))?;
    let status = order_status(state, order);
    let merchant = state.network.merchant(order.merchant);
    let below = html! {
        (status_chip(cx, status)) " "
        @if let Some(reason) = order.hold { (w.say(&format!("hold-{}", hold_key(reason)))) " " }
        @if let Some(merchant) = merchant { bdi { (merchant.name) } }
    };
    let title = say!(w, "order-title", number = crate::words::name(&order.number));
    let content = html! {
        (head(&html! { (title) }, &below, &acts(cx, id, status)))
        div class="split" {
            (section("facts", &w.say("order-facts"), overview(cx, order)))
            (section("clock", &w.say("order-clock"), super::care::clock(cx, id)))
        }
        @if let Some((_, customer)) = cx.view.customer.filter(|(of, _)| *of == id) {
            (section("customer", &w.say("order-customer"), facts(&[
                (w.say("name"), html! { bdi { (customer.name) } }),
                (w.say("mail"), html! { bdi { (customer.mail) } }),
                (w.say("phone"), html! { bdi { (customer.phone) } }),
                (w.say("address"), html! { @for line in &customer.address { bdi { (line) } br; } }),
            ])))
        }
        (super::care::draw(cx, id, order))
        (section("lines", &w.say("order-lines"), lines(cx, order)))
        @let shipments = shipments_of(cx, order);
        @if !shipments.is_empty() { (section("parcels", &w.say("order-parcels"), parcels(cx, &shipments))) }
        (section("why", &w.say("order-why"), why(cx, id)))
        (section("told", &w.say("order-told"), told(cx, id)))
    };
    Some((title, content))
}

pub(super) const fn hold_key(reason: HoldReason) -> &'static str {
    match reason {
        HoldReason::Unpaid => "unpaid",
        HoldReason::Duplicate => "duplicate",
        HoldReason::ImplausibleQuantity => "quantity",
        HoldReason::Address => "address",
        HoldReason::Fraud => "fraud",
        HoldReason::Person => "person",
    }
}

fn acts(cx: &Cx<'_>, id: OrderId, status: OrderStatus) -> Markup {
    let (w, text) = (cx.words, id.to_string());
    let one = |what: &str, class: &str| {
        form::button(
            cx,
            "/act/order",
            &[("order", &text), ("what", what)],
            &w.say(&format!("order-{what}")),
            class,
        )
    };
    let movable = matches!(status, OrderStatus::Backordered | OrderStatus::Reserved | OrderStatus::Held);
    html! {
        @if cx.may(Right::ActOnOrders) && movable {
            @if status == OrderStatus::Held { (one("free", "primary")) } @else { (one("hold", "")) }
            (one("cancel", "danger"))
        }
    }
}

fn overview(cx: &Cx<'_>, order: &Order) -> Markup {
    let (w, zone) = (cx.words, cx.view.zone());
    let currency = cx.view.currency_of(order.merchant);
    let mut rows = vec![
        (w.say("placed"), html! { (w.moment(order.placed, &zone)) }),
        (
            w.say("paid"),
            html! { @if let Some(paid) = order.paid { (w.moment(paid, &zone)) } @else { (w.say("not-paid")) } },
        ),
        (w.say("goes-to"), html! { bdi { (order.country.code()) " " (order.postal) } }),
        (w.say("worth"), html! { (w.minor(order.value(), currency)) }),
        (
            w.say("promised"),
            html! {
                (w.day(order.promise))
                @if order.promise != order.promise_first { span class="hint" { (say!(w, "first-promised", day = w.day(order.promise_first))) } }
            },
        ),
        (w.say("expected"), expectation(cx, order)),
    ];
    if order.moved > 0 {
        rows.push((w.say("moved-times"), html! { (w.number(order.moved)) }));
    }
    if order.priority > 0 {
        rows.push((w.say("priority"), html! { (w.number(order.priority)) }));
    }
    facts(&rows)
}

fn lines(cx: &Cx<'_>, order: &Order) -> Markup {
    let (w, state) = (cx.words, cx.view.state());
    let currency = cx.view.currency_of(order.merchant);
    let (sku, ordered, price, from) = (w.say("sku"), w.say("ordered"), w.say("price"), w.say("comes-from"));
    let mut table = Table::new(
        &w.say("order-lines"),
        &[(&sku, Kind::Head), (&ordered, Kind::Number), (&price, Kind::Number), (&from, Kind::Text)],
    );
    for line in &order.lines {
        let known = state.network.skus.get(line.sku);
        table.row(vec![
            html! {
                (link_named(&Page::Sku(line.sku), known.map_or("", |sku| &sku.code))) " "
                span class="hint" { bdi { (known.map_or("", |sku| &sku.name)) } }
            },
            html! { (w.number(line.wanted().0)) @if line.cancelled.0 > 0 { span class="hint" { (say!(w, "of-cancelled", n = line.cancelled.0)) } } },
            html! { (w.minor(line.price, currency)) },
            html! { ul class="plain" {
                @for a in &line.allocations {
                    @let lane = state.network.lanes.get(a.lane);
                    @let service = lane.and_then(|lane| state.network.services.get(usize::from(lane.service.0)));
                    li { (say!(w, "units-n", n = a.quantity.0)) " · " (site_link(cx, a.site)) " · "
                        bdi { (service.map_or("", |s| &s.carrier)) " " (service.map_or("", |s| &s.name)) } " · "
                        (say!(w, "leaves-on", day = w.day_short(a.ship_day))) }
                }
                @if line.backordered().0 > 0 { li { (chip(Tone::Warn, &say!(w, "units-nowhere", n = line.backordered().0))) } }
            } },
        ]);
    }
    table.markup()
}

fn shipments_of<'a>(cx: &Cx<'a>, order: &Order) -> Vec<(ShipmentId, &'a Shipment)> {
    let mut ids: Vec<ShipmentId> =
        order.lines.iter().flat_map(|line| &line.allocations).filter_map(|a| a.shipment).collect();
    ids.sort_unstable();
    ids.dedup();
    let state: &'a holdfast_domain::state::State = &cx.view.engine.state;
    ids.into_iter().filter_map(|id| Some((id, state.shipments.get(id)?))).collect()
}

fn parcels(cx: &Cx<'_>, shipments: &[(ShipmentId, &Shipment)]) -> Markup {
    let w = cx.words;
    let (parcel, stage, from, leaves, arrives, act) = (
        w.say("parcel"),
        w.say("stage"),
        w.say("comes-from"),
        w.say("leaves"),
        w.say("arrives"),
        w.say("act"),
    );
    let mut table = Table::new(
        &w.say("order-parcels"),
        &[
            (&parcel, Kind::Head),
            (&stage, Kind::Text),
            (&from, Kind::Text),
            (&leaves, Kind::Text),
            (&arrives, Kind::Text),
            (&act, Kind::Text),
        ],
    );
    for (id, shipment) in shipments {
        let tone = match shipment.stage {
            ShipmentStage::InDoubt { .. } | ShipmentStage::Lost => Tone::Bad,
            ShipmentStage::Exception | ShipmentStage::Recalling { .. } => Tone::Warn,
            ShipmentStage::Shipped | ShipmentStage::Delivered => Tone::Good,
            _ => Tone::Info,
        };
        let tracking: Vec<&str> = shipment.packages.iter().map(|package| &*package.tracking).collect();
        table.row(vec![
            html! { (id) @for number in &tracking { br; span class="hint" { bdi { (number) } } } },
            chip(tone, &w.say(&format!("stage-{}", stage_key(shipment.stage)))),
            site_link(cx, shipment.site),
            html! { (w.day_short(shipment.ship_day)) },
            html! { @if let Some(day) = shipment.arrival { (w.day_short(day)) } @else { (w.say("none")) } },
            doubt_form(cx, *id, shipment),
        ]);
    }
    table.markup()
}

fn doubt_form(cx: &Cx<'_>, id: ShipmentId, shipment: &Shipment) -> Markup {
    let (w, text) = (cx.words, id.to_string());
    let settled = |shipped: &str, class: &str| {
        let fields = [("shipment", text.as_str()), ("shipped", shipped)];
        form::button(cx, "/act/doubt", &fields, &w.say(&format!("doubt-{shipped}")), class)
    };
    match shipment.stage {
        ShipmentStage::InDoubt { incident, was } => {
            let key = match was {
                holdfast_domain::order::LastSeen::Released => "released",
                holdfast_domain::order::LastSeen::Picked => "picked",
                holdfast_domain::order::LastSeen::Packed => "packed",
            };
            let name = cx.view.state().incidents.get(incident).map(|incident| incident.name.clone());
            html! {
                p class="hint" { (say!(w, "doubt-since", stage = w.say(&format!("stage-{key}")), name = crate::words::name(name.as_deref().unwrap_or_default()))) }
                @if cx.may(Right::ActOnOrders) { div class="row" { (settled("yes", "small")) (settled("no", "small")) } }
            }
        }
        _ => html! { (w.say("none")) },
    }
}

/// Why it comes from there: what the choice was made of, and how the sites compare now.
fn why(cx: &Cx<'_>, id: OrderId) -> Markup {
    let (w, currency) = (cx.words, cx.view.currency());
    let made = cx.view.chronicle.sourced(id).filter(|_| cx.viewer.scope().is_none());
    let now = explain(cx.view.state(), &cx.view.engine.prices, id, cx.view.now);
    let (site, verdict, ship, arrive, cost) =
        (w.say("site"), w.say("verdict"), w.say("leaves"), w.say("arrives"), w.say("cost"));
    let priced = cx.viewer.scope().is_none();
    let mut columns = vec![
        (site.as_str(), Kind::Head),
        (verdict.as_str(), Kind::Text),
        (ship.as_str(), Kind::Text),
        (arrive.as_str(), Kind::Text),
    ];
    if priced {
        columns.push((cost.as_str(), Kind::Number));
    }
    let mut table = Table::new(&w.say("why-now"), &columns).captioned();
    let mut sites = now.map(|explanation| explanation.sites).unwrap_or_default();
    sites.sort_by_key(|row| {
        let chosen = matches!(row.verdict, Verdict::Chosen { .. });
        (!chosen, row.cost.is_none(), row.cost, row.ship_day.is_none(), row.site)
    });
    for row in sites {
        let day = |day: Option<holdfast_domain::time::Day>| {
            day.map_or_else(|| w.say("none"), |day| w.day_short(day))
        };
        let word = match &row.verdict {
            Verdict::Chosen { .. } => chip(Tone::Good, &w.say("verdict-chosen")),
            Verdict::Dearer { by } if priced => {
                html! { (say!(w, "verdict-dearer", by = w.minor(*by, currency))) }
            }
            Verdict::Dearer { .. } => html! { (w.say("verdict-second")) },
            Verdict::NoStock { lines } => html! { (say!(w, "verdict-no-stock", n = lines.len())) },
            Verdict::NotOpen => html! { (w.say("verdict-not-open")) },
            Verdict::NoLane => html! { (w.say("verdict-no-lane")) },
        };
        let mut cells =
            vec![site_link(cx, row.site), word, html! { (day(row.ship_day)) }, html! { (day(row.arrival)) }];
        if priced {
            cells.push(html! { @if let Some(cost) = row.cost { (w.minor(cost, currency)) } @else { (w.say("none")) } });
        }
        table.row(cells);
    }
    html! {
        @if let Some(made) = made {
            h3 { (say!(w, "why-then", at = w.moment(made.at, &cx.view.zone()))) }
            (facts(&[
                (w.say("term-parcel"), html! { (w.minor(made.terms.parcel, currency)) }),
                (w.say("term-line"), html! { (w.minor(made.terms.line, currency)) }),
                (w.say("term-late"), html! { (w.minor(made.terms.late, currency)) }),
                (w.say("term-price"), html! { (w.minor(made.terms.price, currency)) }),
            ]))
        }
        @if !table.is_empty() { div class="scroll-none" { (table.markup()) } }
        (explained(&w.say("where-from"), &w.say("why-explained")))
    }
}

fn told(cx: &Cx<'_>, id: OrderId) -> Markup {
    let (w, state) = (cx.words, cx.view.state());
    let (when, what, before, after, status, act) = (
        w.say("leaves"),
        w.say("cause"),
        w.say("date-before"),
        w.say("date-after"),
        w.say("status"),
        w.say("act"),
    );
    let mut table = Table::new(
        &w.say("order-told"),
        &[
            (&what, Kind::Head),
            (&before, Kind::Text),
            (&after, Kind::Text),
            (&status, Kind::Text),
            (&when, Kind::Text),
            (&act, Kind::Text),
        ],
    );
    for (number, notice) in state.notices.iter() {
        for entry in notice.orders.iter().filter(|entry| entry.order == id) {
            table.row(vec![
                html! { (w.say(&format!("cause-{}", super::incident::cause_key(entry.cause)))) },
                html! { (w.day(entry.before)) },
                html! { @if let Some(day) = entry.after { (w.day(day)) } @else { (w.say("nobody-knows")) } },
                super::incident::notice_chip(cx, notice.status),
                html! { (w.moment_short(notice.hold_until, &cx.view.zone())) },
                super::care::notice_acts(cx, number, notice.status),
            ]);
        }
    }
    if table.is_empty() { crate::parts::nothing(&w.say("told-nothing")) } else { table.markup() }
}
