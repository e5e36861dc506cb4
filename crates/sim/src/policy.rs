//! What is done about a disaster: nothing, what the trade does, or what Holdfast does.

mod carried;
mod holdfast;
mod onward;
mod trade;

pub use carried::Carried;
pub use holdfast::{ActLog, Holdfast};
pub(crate) use holdfast::{detour, first_day_lost};
pub use trade::Trade;
