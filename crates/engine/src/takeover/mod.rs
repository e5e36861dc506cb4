//! Take-overs: what an operator can offer a merchant who has lost its sites, what acceptance turns into, and what it
//! came to.
//!
//! [`offer()`] reads a state and gives data: terms, what they save and from which day, and what they do to everybody
//! else, both planned and not guessed. The commands that come out go the same way as any other. [`statements()`]
//! counts from the journal's entries alone, so anybody with the journal can count again.

mod goods;
mod handover;
mod host;
mod offer;
mod outlook;
mod statement;

pub use goods::{Inbound, Reachable, Receipt, Whereabouts};
pub use handover::{receipts, to_commands};
pub use host::FreeDay;
pub use offer::{GuestOffer, HostOffer, Offer, OfferError, Saving, Tariff, Wish, offer};
pub use outlook::{Effect, Outcome};
pub use statement::{CauseLine, Role, Statement, Total, statements};
