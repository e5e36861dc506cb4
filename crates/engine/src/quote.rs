//! The honest date for somebody who has not bought yet: what the shop would promise if they ordered now.
//!
//! The order is really placed, on a fork that is thrown away: closed sites, embargoes, expected outages, stock and
//! capacity count exactly as they would for the real one.

use holdfast_domain::command::{Command, NewOrder};
use holdfast_domain::id::SkuId;
use holdfast_domain::network::Country;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::time::{Day, Stamp};

use crate::promise::{Expected, expected};
use crate::step::{Ask, Engine};

/// What a buyer can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quote {
    /// It would arrive on this day.
    On(Day),
    /// It cannot be sent now, and nobody can say when.
    Unknown,
    /// The shop does not deliver there, or knows no such goods.
    NotThere,
}

/// What `units` of `sku` to a postal code would be promised at `at`. The engine is as it was.
#[must_use]
pub fn quote(
    engine: &Engine,
    country: Country,
    postal: &str,
    sku: SkuId,
    units: Quantity,
    at: Stamp,
) -> Quote {
    let network = &engine.state.network;
    let (Some(zone), Some(goods)) = (network.zone_of(country, postal), network.skus.get(sku)) else {
        return Quote::NotThere;
    };
    let mut fork = engine.clone();
    let order = fork.state.orders.next_id();
    let command = Command::PlaceOrder(Box::new(NewOrder {
        merchant: goods.merchant,
        // No real number can be this one: it holds a control character, which the edge refuses.
        number: "\u{1}quote".into(),
        subject: None,
        zone,
        country,
        postal: postal.into(),
        language: network
            .merchant(goods.merchant)
            .map_or(holdfast_domain::network::Language::EN, |m| m.language),
        placed: at,
        paid: None,
        promise: None,
        priority: 0,
        hold: None,
        lines: [(sku, units, goods.price)].into_iter().collect(),
    }));
    if fork.step(&Ask { command, actor: "quote".into(), key: None }, at).is_err() {
        return Quote::NotThere;
    }
    match fork.state.order(order).map(|placed| expected(&fork.state, placed)) {
        Ok(Expected::On(day)) => Quote::On(day),
        Ok(Expected::Unknown | Expected::Nothing) | Err(_) => Quote::Unknown,
    }
}
