//! What clients were told, held against the journal: nothing acknowledged is lost, nothing unknown stays unsettled.

use std::collections::BTreeMap;

use holdfast_app::core::Reply;
use holdfast_domain::command::{Command, NewOrder};
use holdfast_domain::event::Event;
use holdfast_domain::evolve::Entry;
use holdfast_domain::id::MerchantId;
use holdfast_domain::reject::Rejection;

use super::Told;
use super::model::{Checked, Model, must};

pub(super) fn compare(model: &Model, entries: &[Entry], told: &[Told]) -> Checked {
    let mut last: BTreeMap<u128, &Told> = BTreeMap::new();
    for one in told {
        let at = |version: u64| version.checked_sub(1).and_then(|index| entries.get(index as usize));
        match &one.reply {
            Reply::Done { version, entry } => {
                must(*version <= one.durable, "told-before-durable", || {
                    format!("entry {version} when {} were durable", one.durable)
                })?;
                must(at(*version) == Some(&**entry), "acknowledged-lost", || {
                    format!("entry {version} is not what was acknowledged for {:?}", one.command)
                })?;
                must(entry.key == one.key, "other-key", || format!("entry {version}"))?;
                if let Command::PlaceOrder(ask) = &one.command {
                    taken(model, ask, Some(entry))?;
                }
            }
            Reply::Repeated(used) => {
                must(used.version <= one.durable, "told-before-durable", || {
                    format!("entry {} when {} were durable", used.version, one.durable)
                })?;
                let same = at(used.version).is_some_and(|entry| entry.key == one.key && one.key.is_some());
                must(same, "acknowledged-lost", || {
                    format!("entry {} was not made under the key of {:?}", used.version, one.command)
                })?;
                if let Command::PlaceOrder(ask) = &one.command {
                    taken(model, ask, None)?;
                }
            }
            Reply::Rejected(Rejection::OrderKnown { order }) => {
                if let Command::PlaceOrder(ask) = &one.command {
                    let known = model.numbers.get(&(ask.merchant, ask.number.clone()));
                    must(known == Some(order), "acknowledged-lost", || {
                        format!("{} of {} was said to be known as {order}", ask.number, ask.merchant)
                    })?;
                }
            }
            Reply::Rejected(_) | Reply::Retry | Reply::Unknown => {}
        }
        if let Some(key) = one.key {
            last.insert(key, one);
        }
    }
    settled(entries, &last)
}

/// An order that was acknowledged is in the books with the customer's own lines and prices.
fn taken(model: &Model, ask: &NewOrder, entry: Option<&Entry>) -> Checked {
    let name: (MerchantId, Box<str>) = (ask.merchant, ask.number.clone());
    let order = model.numbers.get(&name).and_then(|id| model.orders.get(id.0 as usize));
    let as_asked = order.is_some_and(|order| {
        (order.merchant, &order.number, order.zone) == (ask.merchant, &ask.number, ask.zone)
            && order.lines.len() == ask.lines.len()
            && order.lines.iter().zip(&ask.lines).all(|(line, (sku, quantity, price))| {
                (line.sku, line.ordered, line.price) == (*sku, i64::from(quantity.0), *price)
            })
    });
    must(as_asked, "acknowledged-lost", || {
        format!("order {} of {} is not as it was asked", ask.number, ask.merchant)
    })?;
    let received = entry.is_none_or(|entry| {
        let taken = entry.events.iter().filter(|event| matches!(event, Event::OrderReceived(_)));
        taken.count() == 1
    });
    must(received, "acknowledged-lost", || format!("order {} was acknowledged and not taken", ask.number))
}

/// Whoever asked again until there was an answer has one that fits: done is in the journal, refused is not.
fn settled(entries: &[Entry], last: &BTreeMap<u128, &Told>) -> Checked {
    let mut made: BTreeMap<u128, u64> = BTreeMap::new();
    for (entry, version) in entries.iter().zip(1..) {
        if let Some(key) = entry.key {
            made.entry(key).or_insert(version);
        }
    }
    for (key, one) in last {
        match &one.reply {
            Reply::Done { .. } | Reply::Repeated(_) => {
                must(made.contains_key(key), "acknowledged-lost", || format!("key {key:x}"))?;
            }
            Reply::Rejected(_) => {
                must(!made.contains_key(key), "refused-and-done", || {
                    format!("key {key:x}: {:?} was refused and stands in the journal", one.command)
                })?;
            }
            // It gave up without an answer: at most one effect, which the entries' own check holds to.
            Reply::Retry | Reply::Unknown => {}
        }
    }
    Ok(())
}
