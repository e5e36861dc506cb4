//! Orders that look like one another: the same person, the same goods, the same place, within a while.
//!
//! A shop that sends twice under one number is no duplicate: that is the same order. This is for whoever pressed the
//! button twice and got two numbers. Nothing is refused: the second one is held until a person lets it go.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use holdfast_domain::command::NewOrder;
use holdfast_domain::id::{MerchantId, OrderId, SkuId, SubjectId};
use holdfast_domain::order::OrderSlot;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::State;
use holdfast_domain::table::fingerprint;
use holdfast_domain::time::Stamp;

/// Orders that are remembered.
const RECENT_MAX: usize = 200_000;

/// What was ordered lately.
pub(super) struct Recent {
    within_ms: i64,
    seen: BTreeMap<u128, (Stamp, u128)>,
    order: VecDeque<(Stamp, u128)>,
}

impl Recent {
    /// What was ordered within `within` of `now`, as the state has it. Nothing is a duplicate within no time.
    pub(super) fn of(state: &State, within: Duration, now: Stamp) -> Self {
        let within_ms = i64::try_from(within.as_millis()).unwrap_or(i64::MAX);
        let mut recent = Self { within_ms, seen: BTreeMap::new(), order: VecDeque::new() };
        if within_ms == 0 {
            return recent;
        }
        let mut known = Vec::new();
        for index in (0..state.orders.len()).rev().take(RECENT_MAX) {
            let id = <OrderId as holdfast_domain::id::Id>::from_index(index);
            let Some(OrderSlot::Live(order)) = state.orders.get(id) else { continue };
            let lines = order.lines.iter().map(|line| (line.sku, line.ordered));
            if let (Some(subject), true) = (order.subject, order.placed.0 >= now.0.saturating_sub(within_ms))
            {
                known.push((
                    order.placed,
                    cart(order.merchant, subject, &order.postal, lines),
                    name(&order.number),
                ));
            }
        }
        known.sort_unstable();
        for (at, cart, number) in known {
            recent.keep(at, cart, number);
        }
        recent
    }

    /// Whether the order looks like another one; from now on it is remembered itself.
    pub(super) fn is_again(&mut self, order: &NewOrder, now: Stamp) -> bool {
        let Some(subject) = order.subject.filter(|_| self.within_ms > 0) else { return false };
        while self.order.front().is_some_and(|(at, _)| at.0.saturating_add(self.within_ms) < now.0) {
            self.forget();
        }
        let lines = order.lines.iter().map(|(sku, quantity, _)| (*sku, *quantity));
        let (cart, number) = (cart(order.merchant, subject, &order.postal, lines), name(&order.number));
        let again = self.seen.get(&cart).is_some_and(|(_, other)| *other != number);
        self.keep(now, cart, number);
        again
    }

    fn keep(&mut self, at: Stamp, cart: u128, number: u128) {
        if self.order.len() >= RECENT_MAX {
            self.forget();
        }
        self.seen.insert(cart, (at, number));
        self.order.push_back((at, cart));
    }

    fn forget(&mut self) {
        let Some((at, cart)) = self.order.pop_front() else { return };
        // It may have been ordered again since.
        if self.seen.get(&cart).is_some_and(|(last, _)| *last <= at) {
            self.seen.remove(&cart);
        }
    }
}

fn name(number: &str) -> u128 {
    fingerprint("recent number", 0, number)
}

/// What an order is for, whatever order its lines stand in.
fn cart(
    merchant: MerchantId,
    subject: SubjectId,
    postal: &str,
    lines: impl Iterator<Item = (SkuId, Quantity)>,
) -> u128 {
    let mut lines: Vec<(u32, u32)> = lines.map(|(sku, quantity)| (sku.0, quantity.0)).collect();
    lines.sort_unstable();
    fingerprint("cart", u32::from(merchant.0), &format!("{} {} {lines:?}", subject.0, postal.trim()))
}
