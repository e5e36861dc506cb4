//! Words for people who have not bought yet: the honest date, and a banner while an incident lasts. Nothing personal.

use fluent_bundle::FluentArgs;
use holdfast_domain::id::MerchantId;
use holdfast_domain::state::State;
use holdfast_domain::time::Stamp;
use holdfast_engine::quote::Quote;

use crate::say::Spoken;
use crate::status::{State as Standing, StatusError, Update};
use crate::status_site;
use crate::template::phrase::{self, args};
use crate::template::{Catalog, Unsaid};

/// What a buyer is told of goods they have not ordered.
///
/// # Errors
/// [`Unsaid`] where a word is missing.
pub fn promise(catalog: &Catalog, language: &str, merchant: &str, quote: Quote) -> Result<Spoken, Unsaid> {
    let words = catalog.words(language, merchant);
    let text = match quote {
        Quote::On(day) => words.say("buy-on", &args! { "day" = phrase::date_long(&words, day)? })?,
        Quote::Unknown => words.say("buy-unknown", &FluentArgs::new())?,
        Quote::NotThere => words.say("buy-not-there", &FluentArgs::new())?,
    };
    Ok(Spoken { language: words.language().to_owned(), text })
}

/// A banner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner {
    /// Where the newest incident stands; `None` when there is nothing to show.
    pub state: Option<Standing>,
    /// The language of the words.
    pub language: String,
    /// What to show; empty when there is nothing.
    pub text: String,
}

/// The banner of a merchant's shop at `now`: of the newest incident that touches its customers and is not over.
///
/// # Errors
/// [`StatusError`] where a word is missing.
pub fn banner(
    catalog: &Catalog,
    state: &State,
    merchant: MerchantId,
    language: &str,
    now: Stamp,
) -> Result<Banner, StatusError> {
    let code = state.network.merchant(merchant).map_or("", |known| &known.code);
    let words = catalog.words(language, code);
    // The page is not served from here: its address stands nowhere in what is told.
    let page = status_site::page(state, merchant, "https://status.invalid", &words, now)?;
    let latest = |incident: &crate::status::Incident| -> Option<Update> {
        incident.updates.iter().max_by_key(|update| update.at).cloned()
    };
    let newest = page
        .incidents
        .iter()
        .filter_map(|incident| Some((latest(incident)?, incident.title.clone())))
        .filter(|(update, _)| !matches!(update.state, Standing::Planned | Standing::Resolved))
        .max_by_key(|(update, _)| update.at);
    Ok(match newest {
        None => Banner { state: None, language: words.language().to_owned(), text: String::new() },
        Some((update, title)) => Banner {
            state: Some(update.state),
            language: words.language().to_owned(),
            text: format!("{title} {}", update.text),
        },
    })
}
