//! Renders and sends what customers and partners are told.
//!
//! Templates, channels and links know no state: they take plain contents. [`letter`] and [`answer`] are the edge where
//! a notice of the state becomes words, and an answer becomes commands. Nothing here knows the journal.

pub mod answer;
pub mod call;
pub mod folder_channel;
pub mod letter;
pub mod link;
pub mod mail;
pub mod offer;
pub mod outbox_folder;
pub mod say;
pub mod send;
#[cfg(feature = "smtp")]
pub mod smtp;
#[cfg(feature = "smtp")]
pub mod smtp_channel;
pub mod status;
pub mod status_site;
pub mod template;
pub mod webhook_channel;

pub use holdfast_app::retry;
