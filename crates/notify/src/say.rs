//! The words a supporter may say about an order now, in the customer's language.
//!
//! What may be said comes from [`holdfast_engine::desk`]; here it only gets its sentence. Nothing is promised that the
//! state does not hold.

use fluent_bundle::FluentArgs;
use holdfast_domain::id::OrderId;
use holdfast_domain::money::Money;
use holdfast_domain::state::State;
use holdfast_domain::time::Stamp;
use holdfast_engine::desk::{Say, card};

use crate::template::phrase::{self, args};
use crate::template::{Catalog, Unsaid};

/// Words for a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// The language they are in.
    pub language: String,
    /// The sentences.
    pub text: String,
}

/// What may be said of an order at `now`; nothing of one that is archived.
///
/// # Errors
/// [`Unsaid`] where a word is missing.
pub fn words(catalog: &Catalog, state: &State, id: OrderId, now: Stamp) -> Result<Option<Spoken>, Unsaid> {
    let (Ok(order), Some(card)) = (state.order(id), card(state, id, now)) else { return Ok(None) };
    let merchant = state.network.merchant(order.merchant);
    let words = catalog.words(order.language.code(), merchant.map_or("", |merchant| &merchant.code));
    let number = order.number.to_string();
    let mut sentences = vec![match card.say {
        Say::OnTime(day) => {
            words.say("say-on-time", &args! { "number" = number, "day" = phrase::date_long(&words, day)? })?
        }
        Say::Late { promised, now } => words.say(
            "say-late",
            &args! {
                "number" = number, "promised" = phrase::date_long(&words, promised)?,
                "day" = phrase::date_long(&words, now)?,
            },
        )?,
        Say::Unknown => words.say("say-unknown", &args! { "number" = number })?,
        Say::Tracing => words.say("say-tracing", &args! { "number" = number })?,
        Say::Delivered => words.say("say-delivered", &args! { "number" = number })?,
        Say::Cancelled(0) => words.say("say-cancelled", &args! { "number" = number })?,
        Say::Cancelled(amount) => {
            let currency = merchant.map_or(holdfast_domain::money::Currency::USD, |known| known.currency);
            let amount = phrase::money(&words, Money::new(amount, currency))?;
            words.say("say-cancelled-refund", &args! { "number" = number, "amount" = amount })?
        }
    }];
    let waits = matches!(card.say, Say::Late { .. } | Say::Unknown | Say::Tracing);
    if waits && card.may_cancel {
        sentences.push(words.say("say-choices", &FluentArgs::new())?);
    }
    if waits && card.may_change_address {
        sentences.push(words.say("say-address", &FluentArgs::new())?);
    }
    Ok(Some(Spoken { language: words.language().to_owned(), text: sentences.join(" ") }))
}
