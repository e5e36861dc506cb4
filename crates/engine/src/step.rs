//! The step: one stamped command in, one journal entry out, the state moved on.
//!
//! The engine adds to the domain's rules what follows from a command by itself: an order that is taken is sourced at
//! once, units that lost their site look for another. All of it is one entry, so it becomes durable together or not
//! at all.

use std::sync::Arc;

use holdfast_domain::care::CareEvent;
use holdfast_domain::command::Command;
use holdfast_domain::decide::{decide, decide_as};
use holdfast_domain::event::{DropCause, Event};
use holdfast_domain::evolve::{Entry, Misfit, evolve, evolve_entry, finish_entry};
use holdfast_domain::id::OrderId;
use holdfast_domain::reject::Rejection;
use holdfast_domain::state::{KeyUse, State};
use holdfast_domain::time::Stamp;
use holdfast_domain::timer::Timer;

use crate::law::clock::follow;
use crate::price::PriceTable;
use crate::route::{ShipDays, route};

/// A command with everything the writer adds to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// What is asked.
    pub command: Command,
    /// Who asks: a code, never a name.
    pub actor: Box<str>,
    /// The asker's idempotency key, hashed; the same key is the same command.
    pub key: Option<u128>,
}

/// Why a step was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// The command was refused; nothing happened.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The key was used before: this is what came of it then.
    #[error("the idempotency key was used before")]
    Repeated(KeyUse),
    /// A decided event did not fit: a bug. The state must be thrown away and recovered from the journal.
    #[error(transparent)]
    Broken(#[from] Misfit),
}

/// The state with what steers it; a clone is a fork.
#[derive(Clone, Debug, Default)]
pub struct Engine {
    /// The operator's state.
    pub state: State,
    /// The shadow prices in use.
    pub prices: Arc<PriceTable>,
    days: ShipDays,
}

impl Engine {
    /// An engine on a state, with the price table the state names.
    #[must_use]
    pub fn new(state: State, prices: Arc<PriceTable>) -> Self {
        Self { state, prices, days: ShipDays::default() }
    }

    /// Decides one command at `at` and moves the state on. Time never runs backwards: a stamp before the last one
    /// counts as the last one.
    ///
    /// # Errors
    /// [`StepError::Rejected`] and [`StepError::Repeated`] change nothing; after [`StepError::Broken`] the state
    /// must be thrown away.
    pub fn step(&mut self, ask: &Ask, at: Stamp) -> Result<Entry, StepError> {
        if let Some(used) = ask.key.and_then(|key| self.state.keys.get(key)) {
            return Err(StepError::Repeated(*used));
        }
        if ask.key.is_some_and(|key| self.state.keys.has_sibling(key)) {
            return Err(StepError::Rejected(Rejection::KeyReused {}));
        }
        let at = at.max(self.state.stamp);
        let mut events = decide_as(&self.state, &ask.command, &ask.actor, at)?;
        for event in &events {
            evolve(&mut self.state, at, event)?;
        }
        follow(&mut self.state, &ask.actor, at, &mut events)?;
        for order in orders_to_source(&self.state, &events) {
            self.source(order, at, &mut events)?;
        }
        if matches!(ask.command, Command::ChangeSite(..)) {
            self.days.clear();
        }
        finish_entry(&mut self.state, at, ask.key, &events);
        Ok(Entry { at, actor: ask.actor.clone(), key: ask.key, events })
    }

    /// Applies an entry read from a journal.
    ///
    /// # Errors
    /// [`Misfit`]; the state must be thrown away.
    pub fn replay(&mut self, entry: &Entry) -> Result<(), Misfit> {
        if entry.events.iter().any(|event| matches!(event, Event::SiteChanged(..))) {
            self.days.clear();
        }
        evolve_entry(&mut self.state, entry)
    }

    /// The command that fires the first timer due by `now`, if any is.
    #[must_use]
    pub fn due(&self, now: Stamp) -> Option<(Stamp, Timer)> {
        self.state.timers.first().filter(|(due, _)| *due <= now)
    }

    /// Orders with units that have no site and could be given one, most urgent first.
    #[must_use]
    pub fn backorders(&self) -> Vec<OrderId> {
        let mut waiting: Vec<_> = self
            .state
            .live_orders()
            .filter(|(_, order)| order.hold.is_none() && !order.backordered().is_zero())
            .map(|(id, order)| (core::cmp::Reverse(order.priority), order.promise, id))
            .collect();
        waiting.sort_unstable();
        waiting.into_iter().map(|(_, _, id)| id).collect()
    }

    /// The command that sources an order's waiting units as things stand; `None` if nothing can be done for it.
    #[must_use]
    pub fn source_command(&mut self, order: OrderId, at: Stamp) -> Option<Command> {
        let routing = route(&self.state, &mut self.days, &self.prices, order, at).ok()?;
        if routing.allocations.is_empty() {
            return None;
        }
        let (allocations, terms, promise) = (routing.allocations, routing.terms, routing.arrival);
        Some(Command::SourceOrder { order, allocations, terms, promise })
    }

    fn source(&mut self, order: OrderId, at: Stamp, events: &mut Vec<Event>) -> Result<(), StepError> {
        let Some(command) = self.source_command(order, at) else { return Ok(()) };
        // What routing proposes, decide still checks; should they ever differ, the units stay backordered.
        let Ok(sourced) = decide(&self.state, &command, at) else { return Ok(()) };
        for event in &sourced {
            evolve(&mut self.state, at, event)?;
        }
        events.extend(sourced);
        Ok(())
    }
}

/// Orders that these events have left with units to source.
fn orders_to_source(state: &State, events: &[Event]) -> Vec<OrderId> {
    let mut orders = Vec::new();
    for event in events {
        let order = match event {
            // One command takes one order, so the last order is the one just received.
            Event::OrderReceived(new) if new.hold.is_none() => {
                u32::try_from(state.orders.len()).ok().and_then(|count| count.checked_sub(1)).map(OrderId)
            }
            Event::OrderFreed { order } => Some(*order),
            Event::UnitsDropped { order, cause: DropCause::StockMissing, .. } => Some(*order),
            Event::Care(happened) => match &**happened {
                CareEvent::AddressChanged { order, .. } => Some(*order),
                _ => None,
            },
            Event::ShipmentRecalled { shipment, .. } => {
                state.shipments.get(*shipment).map(|known| known.order)
            }
            _ => None,
        };
        orders.extend(order.filter(|order| !orders.contains(order)));
    }
    orders
}
