//! Renders and sends what customers and partners are told.
//!
//! Knows words, layouts, channels and links. Does not know the engine's state, who is due a notice, or the
//! journal: it takes plain contents and hands back what was accepted.

pub mod link;
pub mod mail;
pub mod outbox_folder;
pub mod retry;
pub mod send;
#[cfg(feature = "smtp")]
pub mod smtp;
pub mod status;
pub mod template;
