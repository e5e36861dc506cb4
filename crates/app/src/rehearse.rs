//! A live house as something to rehearse on: its network, its stock and its own orders as commands, so that a drill plays
//! them again in a world of its own.
//!
//! Invariant: ids come out as they are in the house: the first site of the house is the first site of the copy. Nothing
//! of a person is copied.

use holdfast_domain::command::{Command, NewOrder};
use holdfast_domain::id::OrderId;
use holdfast_domain::order::Order;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::State;
use holdfast_domain::time::{Span, Stamp};

use crate::load::{Loaded, TimedOrder};

/// Orders of more than a week are moved in time by whole weeks, so that a Monday stays a Monday.
const WEEK: Span = Span::days(7);
/// Orders of less are moved by whole days: a week would put all of them before the disaster.
const DAY: Span = Span::days(1);

/// The house before its orders (`before`, nothing reserved) and the orders to play, in the order of their moments.
#[must_use]
pub fn of_state(before: &State, orders: Vec<(Stamp, NewOrder)>) -> Loaded {
    let network = &before.network;
    let mut setup: Vec<Command> = Vec::new();
    setup.extend(network.operator.clone().map(|operator| Command::SetOperator(Box::new(operator))));
    setup.extend(network.merchants.iter().map(|one| Command::AddMerchant(Box::new(one.clone()))));
    setup.extend(network.sites.iter().map(|one| Command::AddSite(Box::new(one.clone()))));
    setup.extend(network.services.iter().map(|one| Command::AddService(Box::new(one.clone()))));
    setup.extend(network.zones.iter().map(|one| Command::AddZone(Box::new(one.clone()))));
    setup.extend(network.skus.iter().map(|(_, one)| Command::AddSku(Box::new(one.clone()))));
    setup.extend(network.lanes.iter().map(|(_, one)| Command::AddLane(Box::new(one.clone()))));
    for (sku, site, shelf) in before.stock.iter() {
        let units = shelf.on_hand.saturating_sub(shelf.quarantined);
        if units > 0 {
            setup.push(Command::ReceiveStock { site, sku, quantity: Quantity(units) });
        }
    }
    let timed = |(at, order): (Stamp, NewOrder)| TimedOrder {
        at,
        order: NewOrder { subject: None, promise: None, ..order },
        person: None,
    };
    Loaded {
        setup,
        orders: orders.into_iter().map(timed).collect(),
        sites: network.sites.iter().map(|site| site.code.to_string()).collect(),
        merchants: network.merchants.iter().map(|merchant| merchant.code.to_string()).collect(),
        ..Loaded::default()
    }
}

/// Takes what the orders before `first` hold off the shelves: where only the newest orders are played, the stock is what
/// it was before the first of those.
pub fn without_older(before: &mut State, live: &State, first: Stamp) {
    let older = |(_, order): &(OrderId, &Order)| order.placed < first;
    for (_, order) in live.live_orders().filter(older) {
        for line in &order.lines {
            for given in &line.allocations {
                let shelf = before.stock.shelf_mut(given.site, line.sku);
                shelf.on_hand = shelf.on_hand.saturating_sub(given.quantity.0).max(shelf.quarantined);
            }
        }
    }
}

/// Moves all orders by whole weeks, or days, so that the first one comes in within the week, or day, that ends at `by`. A
/// storm of years ago is met by today's orders.
pub fn move_to(loaded: &mut Loaded, by: Stamp) {
    let Some(first) = loaded.orders.first().map(|order| order.at) else { return };
    let last = loaded.orders.last().map_or(first, |order| order.at);
    // A house of a few hours' orders is moved by hours, or the disaster would find it over.
    let unit = match last.since(first) {
        long if long >= Span::days(8) => WEEK,
        some if some >= Span::days(2) => DAY,
        _ => Span::hours(1),
    };
    let unit = i64::try_from(unit.0).unwrap_or(i64::MAX);
    let shift = (by.0 - first.0).div_euclid(unit) * unit;
    for order in &mut loaded.orders {
        let moved = |at: Stamp| Stamp(at.0 + shift);
        order.at = moved(order.at);
        order.order.placed = moved(order.order.placed);
        order.order.paid = order.order.paid.map(moved);
    }
}

#[cfg(test)]
mod tests {
    use holdfast_book::demo::{Options, florence};
    use holdfast_domain::state::State;
    use holdfast_domain::time::{Span, Stamp};
    use holdfast_engine::step::{Ask, Engine};

    use super::{move_to, of_state};
    use crate::load::load;

    fn set_up(setup: &[holdfast_domain::command::Command]) -> State {
        let mut engine = Engine::default();
        for command in setup {
            let ask = Ask { command: command.clone(), actor: "test".into(), key: None };
            engine.step(&ask, Stamp(0)).expect("the book's set-up fits");
        }
        engine.state
    }

    #[test]
    fn a_copy_of_a_house_is_the_house() {
        let loaded = load(&florence(7, &Options::orders(40)));
        let house = set_up(&loaded.setup);
        let orders: Vec<_> = loaded.orders.iter().map(|order| (order.at, order.order.clone())).collect();
        let again = of_state(&house, orders);
        let copy = set_up(&again.setup);
        assert_eq!(again.orders.len(), loaded.orders.len());
        assert_eq!((&copy.network.sites, &copy.network.zones), (&house.network.sites, &house.network.zones));
        assert!(copy.network.skus.iter().eq(house.network.skus.iter()));
        assert!(copy.network.lanes.iter().eq(house.network.lanes.iter()));
        assert!(copy.stock.iter().eq(house.stock.iter()), "every unit lies where it lay");
        assert!(again.orders.iter().all(|order| order.person.is_none() && order.order.subject.is_none()));
    }

    #[test]
    fn orders_are_moved_by_whole_weeks_and_few_of_them_by_days() {
        let mut loaded = load(&florence(7, &Options::orders(40)));
        let span = Span(loaded.orders.last().unwrap().at.since(loaded.orders[0].at).0);
        let unit = match span.0 {
            long if long >= Span::days(8).0 => Span::days(7),
            some if some >= Span::days(2).0 => Span::days(1),
            _ => Span::hours(1),
        };
        let first = loaded.orders[0].at;
        let by = first.before(Span::days(100));
        move_to(&mut loaded, by);
        let moved = loaded.orders[0].at;
        assert!(moved <= by && by.since(moved).0 < unit.0, "{moved} {by}");
        assert_eq!(first.since(moved).0 % unit.0, 0);
        assert_eq!(loaded.orders[0].order.placed.0 - moved.0, 0);
    }
}
