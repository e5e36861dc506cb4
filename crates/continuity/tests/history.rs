//! A live house gives back the book it was made of, whatever has happened in it since.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use common::toy;
use holdfast_continuity::history::history;
use holdfast_domain::command::Command;
use holdfast_domain::id::{Id, IncidentId, OrderId};
use holdfast_domain::incident::{SiteAccess, StockAccess};
use holdfast_engine::step::{Ask, Engine};

#[test]
fn orders_that_were_taken_flow_again_on_the_stock_they_came_from() {
    let (state, orders) = toy(100);
    let stock = |state: &holdfast_domain::state::State| state.stock.iter().collect::<Vec<_>>();
    let (before, access) = (stock(&state), state.sites[0].access);
    let mut engine = Engine::new(state, std::sync::Arc::default());
    for (at, order) in &orders {
        let ask =
            Ask { command: Command::PlaceOrder(Box::new(order.clone())), actor: "shop".into(), key: None };
        engine.step(&ask, *at).unwrap();
    }
    assert_ne!(stock(&engine.state), before, "units are reserved");
    let cancel = Command::CancelOrder { order: OrderId::from_index(0) };
    let last = orders.last().unwrap().0;
    engine.step(&Ask { command: cancel, actor: "shop".into(), key: None }, last).unwrap();
    engine.state.sites[0].access = SiteAccess::Closed { incident: IncidentId(0), stock: StockAccess::Lost };
    let found = history(&engine.state);
    assert_eq!(stock(&found.state), before);
    assert_eq!(found.state.sites[0].access, access);
    assert_eq!(
        (found.orders.len(), found.left_out),
        (orders.len() - 1, 1),
        "what was cancelled does not flow again"
    );
    for ((at, again), (_, order)) in found.orders.iter().zip(&orders[1..]) {
        assert_eq!((*at, &again.lines), (order.placed, &order.lines));
    }
}
