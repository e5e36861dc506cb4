//! Journals: where an operator's facts become durable, and how they are read back.
//!
//! Invariant: what was acknowledged is read back whole and in order, or reading ends with an error that names the
//! last version that is whole. Nothing here knows what an event means; only [`verify`] replays them.

#[cfg(feature = "conformance")]
pub mod conformance;
pub mod files;
pub mod format;
mod keys;
pub mod memory;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod sqlite;
pub mod verify;

pub use files::FileError;
