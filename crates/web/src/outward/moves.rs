//! Orders a plan or the sourcing gave another site: their parts in the shop follow.
//!
//! Which orders to look at is read from the journal, with the place up to which it was read kept in the same
//! transaction; what to do follows from the order here and its parts there as they are at that moment.

use holdfast_connect::http::HttpError;
use holdfast_connect::shop::ShopError;
use holdfast_domain::event::Event;
use holdfast_domain::id::OrderId;
use holdfast_domain::order::Order;
use holdfast_domain::state::State;

use super::arrange::{Act, Wanted, arrange};
use super::goal::Places;
use super::settings::StockRule;
use super::{CLOCKS_MS, Failure, House, Line, lock};
use crate::index::entries_after;

/// Entries read from the journal at once.
const CHUNK: usize = 2_000;
/// Orders looked at in one round.
const ROUND_MAX: usize = 20;
/// Milliseconds a shop has to make the parts of a new order.
const PARTS_AFTER_MS: i64 = 2_000;
/// Milliseconds until a deed is looked at.
const LOOK_MS: i64 = 1_000;
/// Milliseconds between looks while somebody else has to answer.
const WAIT_MS: i64 = 15_000;
/// Milliseconds between looks while a person has to do something.
const PERSON_MS: i64 = 300_000;

impl Line {
    /// Notes the orders the journal has new allocations of.
    pub(super) fn note_moves(&self, house: &House) -> Result<(), Failure> {
        if !self.shop.has_parts() {
            return Ok(());
        }
        let view = house.app.view();
        let merchant = self.merchant(view.state())?;
        let Some(mut at) = self.store.line(self.id())?.version else {
            // What was before the shop was connected lies where it lies.
            return Ok(self.store.note_moves(self.id(), &[], view.state().version, 0)?);
        };
        while at < view.state().version {
            let read = house.app.service.read_and_wait(move |journal| entries_after(journal, at, CHUNK));
            let entries = read
                .map_err(|refused| Failure::House(refused.to_string()))?
                .map_err(|error| Failure::House(error.to_string()))?;
            let Some(last) = entries.last().map(|durable| durable.version) else { break };
            let mine =
                |order: &OrderId| view.state().order(*order).is_ok_and(|known| known.merchant == merchant);
            let touched =
                entries.iter().flat_map(|durable| &durable.entry.events).filter_map(|event| match event {
                    Event::OrderMoved { order, .. } | Event::OrderSourced { order, .. } => Some(*order),
                    _ => None,
                });
            let orders: Vec<u32> = touched.filter(mine).map(|order| order.0).collect();
            self.store.note_moves(self.id(), &orders, last, self.pace.now_ms() + PARTS_AFTER_MS)?;
            at = last;
        }
        Ok(())
    }

    /// Looks at the orders that are due.
    pub(super) fn work_moves(&self, house: &House) -> Result<(), Failure> {
        if self.only_watches(house) || !self.shop.has_parts() {
            return Ok(());
        }
        for one in self.store.moves(self.id(), self.pace.now_ms(), ROUND_MAX)? {
            let view = house.app.view();
            let Ok(order) = view.state().order(OrderId(one.order)) else {
                // It is archived: nothing of it is to be sent.
                self.store.moved(self.id(), one.order)?;
                continue;
            };
            match self.look(view.state(), order) {
                Ok(Look::Right) => self.store.moved(self.id(), one.order)?,
                Ok(Look::Later(ms, note)) => {
                    self.store.put_off(self.id(), one.order, self.pace.now_ms() + ms, &note)?;
                }
                // It may have been done: what the shop says next tells.
                Err(Failure::Shop(ShopError::Http(HttpError::Unheard { .. }))) => {
                    self.store.put_off(self.id(), one.order, self.pace.now_ms() + LOOK_MS, "")?;
                }
                Err(Failure::Shop(error)) if !error.is_passing() => {
                    let at = self.pace.now_ms() + PERSON_MS;
                    self.store.put_off(self.id(), one.order, at, &error.to_string())?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn look(&self, state: &State, order: &Order) -> Result<Look, Failure> {
        let places = self.places(state)?;
        let mut wanted = Wanted::new();
        for line in &order.lines {
            let sku = state.network.skus.get(line.sku).map_or("", |sku| &*sku.code);
            for allocation in &line.allocations {
                let left = allocation.shipment.and_then(|id| state.shipment(id).ok());
                if left.is_some_and(|shipment| shipment.stage.at_site().is_none()) {
                    continue;
                }
                let Some(place) = places.place_of(allocation.site) else {
                    let site = state.network.site(allocation.site).map_or("", |site| &*site.code);
                    let note = format!(
                        "site {site:?} is no place of the shop: name one in [connections.admin.locations]"
                    );
                    return Ok(Look::Later(PERSON_MS, note));
                };
                *wanted.entry((sku.to_owned(), place.to_owned())).or_default() += allocation.quantity.0;
            }
        }
        if wanted.is_empty() {
            return Ok(Look::Right);
        }
        let known = self.store.order(self.id(), &order.number)?;
        let id = match known {
            Some(id) => id,
            None => match self.shop.order_id(&order.number)? {
                Some(id) => {
                    self.store.keep_order(self.id(), &order.number, &id)?;
                    id
                }
                // It did not come from this shop.
                None => return Ok(Look::Right),
            },
        };
        let acts = arrange(&self.shop.parts(&id)?, &wanted);
        if acts.is_empty() {
            return Ok(Look::Right);
        }
        let mut later = Look::Later(LOOK_MS, String::new());
        let mut given = false;
        for act in acts {
            match act {
                Act::AskBack { part } => {
                    self.shop.ask_back(&part, "the goods are sent from another site")?;
                    later = Look::Later(LOOK_MS, "who has accepted it was asked to give it back".to_owned());
                }
                Act::Wait => {
                    later = Look::Later(WAIT_MS, "who has accepted it has not answered yet".to_owned());
                }
                Act::Person(why) => later = Look::Later(PERSON_MS, why.to_owned()),
                Act::Give { part, lines, to, whole } => {
                    // Noted before: an answer that does not come may hide a deed.
                    self.own(state, order, &places)?;
                    match self.give(&part, &lines, &to, whole)? {
                        Some(note) => later = Look::Later(PERSON_MS, note),
                        None => given = true,
                    }
                }
            }
        }
        if given {
            self.reread(state, order)?;
        }
        Ok(later)
    }

    /// Gives lines away; what the shop says against it, if it does not.
    fn give(
        &self,
        part: &str,
        lines: &[(String, u32)],
        to: &str,
        whole: bool,
    ) -> Result<Option<String>, Failure> {
        let refused = match self.shop.give(part, lines, to) {
            Ok(()) => {
                lock(&self.status).given += 1;
                return Ok(None);
            }
            Err(ShopError::Refused(why)) => why,
            Err(error) => return Err(error.into()),
        };
        if !whole {
            return Ok(Some(refused));
        }
        // Its own routing knows of rules this house does not.
        match self.shop.reroute(part, &[to.to_owned()]) {
            Ok(()) => {
                lock(&self.status).given += 1;
                Ok(None)
            }
            Err(ShopError::Refused(why)) => Ok(Some(format!("{refused}; {why}"))),
            Err(error) => Err(error.into()),
        }
    }

    /// The shop's items of an order's goods.
    fn items_of(&self, state: &State, order: &Order) -> Result<Vec<String>, Failure> {
        let items = self.store.items(self.id())?;
        let skus = order.lines.iter().filter_map(|line| state.network.skus.get(line.sku));
        Ok(skus.filter_map(|sku| items.get(&*sku.code)).flatten().cloned().collect())
    }

    /// A part that is given away changes the numbers of both places: from then on they are this house's to set right.
    fn own(&self, state: &State, order: &Order, places: &Places) -> Result<(), Failure> {
        if self.admin.stock != StockRule::Incident {
            return Ok(());
        }
        let items = self.items_of(state, order)?;
        let spots =
            items.iter().flat_map(|item| places.sites.keys().map(move |place| (item.clone(), place.clone())));
        Ok(self.store.cut(self.id(), &spots.collect::<Vec<_>>())?)
    }

    /// Reads the numbers of an order's goods again: a part given away gives its units back to the place it leaves, and
    /// they would be for sale there.
    fn reread(&self, state: &State, order: &Order) -> Result<(), Failure> {
        let ids = self.items_of(state, order)?;
        if !ids.is_empty() {
            let levels = self.shop.levels(&ids)?;
            self.store.keep_levels(self.id(), &levels, self.pace.now_ms() - CLOCKS_MS)?;
            self.dirty.store(true, std::sync::atomic::Ordering::Release);
        }
        Ok(())
    }
}

/// How an order's parts lie.
enum Look {
    /// Where this house sends them from, or nothing is left to do.
    Right,
    /// To be looked at again after so many milliseconds; a note for people, or none.
    Later(i64, String),
}
