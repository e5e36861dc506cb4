//! A shop as this house deals with it, whatever its make: what it can be asked, and what it answers.

use core::fmt;

use crate::ReadError;
use crate::http::HttpError;
use crate::order::ShopOrder;

/// Places of a shop that are read.
pub const LOCATIONS_MAX: usize = 250;
/// Items of a shop that are read.
pub const ITEMS_MAX: usize = 1_000_000;
/// Orders read at once.
pub const ORDERS_MAX: usize = 200_000;

/// A place the shop keeps stock at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The shop's id for it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether the shop uses it.
    pub active: bool,
}

/// A thing the shop sells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// The shop's id for its stock.
    pub id: String,
    /// The SKU; empty where the shop has none for it.
    pub sku: String,
    /// What the shop calls it.
    pub title: String,
    /// Price of a unit, as the shop writes it.
    pub price: Option<String>,
    /// Weight of a unit in grams.
    pub grams: Option<u32>,
    /// Whether the shop counts it.
    pub tracked: bool,
}

/// What the shop has of an item at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// The item, by its id.
    pub item: String,
    /// The place, by its id.
    pub location: String,
    /// Units the shop sells; below zero when it has sold more than it had.
    pub available: i64,
    /// Units that lie there with what is sold and has not left, where the shop tells it.
    pub on_hand: Option<i64>,
}

/// A number of units the shop is to sell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Of this item.
    pub item: String,
    /// At this place.
    pub location: String,
    /// Only if it sells so many now; `None` whatever it sells: only taking down to nothing may say so.
    pub from: Option<i64>,
    /// So many.
    pub to: u32,
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Set {
    /// The shop sells so many now.
    Done,
    /// It sells another number than was thought: read it again.
    Stale,
    /// The shop does not do it.
    Refused(String),
}

/// An order with the shop's id for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The shop's id.
    pub id: String,
    /// The order, or why it cannot be read.
    pub order: Result<ShopOrder, ReadError>,
}

/// Units of an order that one place of the shop is to send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The shop's id for it.
    pub id: String,
    /// How far it is.
    pub status: PartStatus,
    /// Who sends it has been asked, and what was said.
    pub request: Request,
    /// The place, by its id.
    pub location: String,
    /// What of it has not left: line id, SKU, units.
    pub lines: Vec<(String, String, u32)>,
}

/// How far a part is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PartStatus {
    /// It can be sent.
    #[default]
    Open,
    /// Whoever sends it works on it.
    InProgress,
    /// Held, or not to be sent yet.
    Waiting,
    /// Nothing is left of it.
    Over,
}

/// What passed between the shop and who sends a part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Request {
    /// Nobody was asked, or it was taken back.
    #[default]
    None,
    /// It was asked for.
    Submitted,
    /// It was accepted: it has to be given back first.
    Accepted,
    /// It was asked to be given back.
    CancelAsked,
    /// It is not given back.
    CancelRefused,
}

/// A shop that can be asked.
pub trait Shop: Send + Sync {
    /// Its places.
    ///
    /// # Errors
    /// [`ShopError`].
    fn locations(&self) -> Result<Vec<Location>, ShopError>;

    /// All it sells, page by page, with what it has of it; `take` says whether to go on.
    ///
    /// # Errors
    /// [`ShopError`].
    fn catalogue(&self, take: &mut dyn FnMut(Vec<(Item, Vec<Level>)>)) -> Result<(), ShopError>;

    /// What it has of these items now, at all places.
    ///
    /// # Errors
    /// [`ShopError`].
    fn levels(&self, items: &[String]) -> Result<Vec<Level>, ShopError>;

    /// Orders changed since a moment of Unix time in milliseconds, oldest change first; without one, those that are
    /// open.
    ///
    /// # Errors
    /// [`ShopError`].
    fn orders(&self, since_ms: Option<i64>, take: &mut dyn FnMut(Vec<Found>)) -> Result<(), ShopError>;

    /// Sets what it sells; `key` is the same when the same changes are sent again because no answer came. At most
    /// [`Shop::set_max`] of them.
    ///
    /// # Errors
    /// [`ShopError`]: nothing is known of any change.
    fn set(&self, changes: &[Change], key: &str) -> Result<Vec<Set>, ShopError>;

    /// Changes it takes at once.
    fn set_max(&self) -> usize;

    /// Whether it checks [`Change::from`] itself, in the same step as it changes.
    fn compares(&self) -> bool;

    /// Whether its orders are in parts that can be given to another place.
    fn has_parts(&self) -> bool {
        false
    }

    /// The shop's id of an order by the number people know it by.
    ///
    /// # Errors
    /// [`ShopError`].
    fn order_id(&self, _number: &str) -> Result<Option<String>, ShopError> {
        Ok(None)
    }

    /// The parts of an order.
    ///
    /// # Errors
    /// [`ShopError`].
    fn parts(&self, _order: &str) -> Result<Vec<Part>, ShopError> {
        Ok(Vec::new())
    }

    /// Asks that a part that was accepted is given back.
    ///
    /// # Errors
    /// [`ShopError`].
    fn ask_back(&self, _part: &str, _why: &str) -> Result<(), ShopError> {
        Ok(())
    }

    /// Gives units of a part to another place: line id and units.
    ///
    /// # Errors
    /// [`ShopError`].
    fn give(&self, _part: &str, _lines: &[(String, u32)], _location: &str) -> Result<(), ShopError> {
        Ok(())
    }

    /// Lets the shop find another place for a whole part, among these.
    ///
    /// # Errors
    /// [`ShopError`].
    fn reroute(&self, _part: &str, _among: &[String]) -> Result<(), ShopError> {
        Ok(())
    }
}

/// Why a shop does not do what it is asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShopError {
    /// There was no answer.
    #[error("{0}")]
    Http(#[from] HttpError),
    /// The token is not one of this shop, or may not do this.
    #[error("ask the shop: it refuses the token ({status}: {said}); check it, and that it may {scope}")]
    Denied {
        /// The status.
        status: u16,
        /// What the shop says.
        said: String,
        /// What the token needs.
        scope: &'static str,
    },
    /// It has no room, however long it was waited.
    #[error("ask the shop: it has no room for more requests now")]
    Busy,
    /// It does not do it.
    #[error("ask the shop: it says {0:?}")]
    Refused(String),
    /// Its answer is not what its documentation says.
    #[error("read the shop's answer: {0}")]
    Odd(String),
    /// It has more than is read.
    #[error("read the shop: it has more than {most} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are read.
        most: usize,
    },
}

impl ShopError {
    /// Whether the same may do better later, without a person.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::Http(error) => error.is_passing(),
            Self::Busy => true,
            _ => false,
        }
    }

    pub(crate) fn odd(what: impl fmt::Display) -> Self {
        Self::Odd(what.to_string())
    }
}
