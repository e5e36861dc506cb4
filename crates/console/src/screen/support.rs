//! Support desk: one box finds an order; its page says what happened, what was sent and what may be promised.

use holdfast_domain::id::{Id, OrderId};
use holdfast_domain::order::OrderSlot;
use maud::{Markup, html};

use super::orders::list;
use super::{Cx, plain_head};
use crate::parts::{form, nothing, section};

/// Orders shown for one question: support works with one order at a time.
const FOUND_MAX: usize = 10;
/// The shortest text that is searched for.
const TEXT_MIN: usize = 3;

pub(super) fn draw(cx: &Cx<'_>, text: &str) -> (String, Markup) {
    let w = cx.words;
    let title = w.say("nav-support");
    let found: Vec<OrderId> = match cx.view.desk.found {
        Some(found) => found.iter().copied().take(FOUND_MAX).collect(),
        None => find(cx, text),
    };
    let content = html! {
        (plain_head(&title, &w.say("support-lead")))
        form method="get" action="/support" class="filter" role="search" {
            (form::text(cx, "q", &w.say("support-box"), "search", text, Some(&w.say("support-hint"))))
            (form::submit(&w.say("find"), "primary"))
        }
        @if !text.is_empty() {
            (section("found", &w.say("orders-found"), html! {
                @if text.chars().count() < TEXT_MIN { (nothing(&w.say("support-short"))) }
                @else if found.is_empty() { (nothing(&w.say("orders-none"))) }
                @else { (list(cx, &found)) }
            }))
        }
    };
    (title, content)
}

fn find(cx: &Cx<'_>, text: &str) -> Vec<OrderId> {
    let state = cx.view.state();
    let wanted = text.trim().to_lowercase();
    if wanted.chars().count() < TEXT_MIN {
        return Vec::new();
    }
    let fits = |id: OrderId| match state.orders.get(id) {
        Some(OrderSlot::Live(order)) => {
            cx.viewer.sees(order.merchant)
                && (order.number.to_lowercase().contains(&wanted) || id.to_string() == wanted)
        }
        _ => false,
    };
    (0..state.orders.len()).rev().map(OrderId::from_index).filter(|id| fits(*id)).take(FOUND_MAX).collect()
}
