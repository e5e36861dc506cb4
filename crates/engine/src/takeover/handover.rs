//! What acceptance turns into: the commands of the steps, and the receipts that follow.

use holdfast_domain::command::Command;
use holdfast_domain::id::{IncidentId, MerchantId, SiteId, TakeoverId};
use holdfast_domain::state::State;
use holdfast_domain::takeover::TakeoverTerms;
use holdfast_domain::time::Day;

use super::offer::{Offer, pending};

/// The commands by which an offer becomes a running take-over, in their order: asked (unless it was asked for
/// before), offered, accepted. Asked a second time they are refused and change nothing.
#[must_use]
pub fn to_commands(state: &State, offer: &Offer) -> Vec<Command> {
    steps(state, offer.merchant, offer.incident, offer.contract, &offer.home, &offer.terms)
}

/// The goods that arrive at the sections of an accepted take-over, by day; nothing for one that is not accepted.
#[must_use]
pub fn receipts(state: &State, takeover: TakeoverId, offer: &Offer) -> Vec<(Day, Command)> {
    let sections = state.takeovers.get(takeover).map_or(&[][..], |known| &known.sections);
    let command = |receipt: &super::Receipt| {
        let site = *sections.get(receipt.host)?;
        let (sku, quantity) = (receipt.sku, receipt.quantity);
        Some((receipt.day, Command::ReceiveStock { site, sku, quantity }))
    };
    offer.receipts.iter().filter_map(command).collect()
}

pub(super) fn steps(
    state: &State,
    merchant: MerchantId,
    incident: IncidentId,
    contract: Option<SiteId>,
    home: &[SiteId],
    terms: &TakeoverTerms,
) -> Vec<Command> {
    let asked = pending(state, merchant).map(|(id, _)| id);
    let takeover = asked.unwrap_or_else(|| state.takeovers.next_id());
    let ask = Command::AskTakeover { merchant, incident, contract, home: home.into() };
    let mut out: Vec<Command> = asked.is_none().then_some(ask).into_iter().collect();
    out.push(Command::OfferTakeover { takeover, terms: Box::new(terms.clone()) });
    out.push(Command::AcceptTakeover { takeover });
    out
}
