//! The formats of the trade: what shops, carriers and warehouses send, parsed and verified; and the port through which
//! other houses are asked.
//!
//! Pure: bytes in, data out. Nothing here knows ids, a clock or a network. Every reader takes hostile bytes and
//! answers with data or an error that names the place; no reader panics.

pub mod amazon;
pub mod http;
pub mod order;
pub mod shop;
pub mod shopify;
pub mod sign;
pub mod standard;
pub mod tracking;
pub mod woo;
pub mod x12;

pub use order::{ReadError, ShopAddress, ShopLine, ShopOrder};
