//! Asks other houses over HTTP: the adapter behind `holdfast_connect::http::Http`.
//!
//! One client for shops, webhooks and providers of messages: TLS by rustls on ring with Mozilla's roots, no proxy of the
//! environment, no redirect followed, nothing inside the house unless the request may go there. Blocking: it is called
//! from threads that may wait.

pub mod client;
pub mod inside;
pub mod world;

use std::sync::Arc;

use holdfast_connect::http::{Backoff, Http, Steady};

pub use client::Client;
pub use world::World;

/// The client with retries and breakers, as all rooms of the house use it.
#[must_use]
pub fn steady() -> Arc<dyn Http> {
    Arc::new(Steady::new(Client::new(), World, Backoff::default()))
}

/// The client that sends once, for callers that keep what they send and try again by a schedule of their own.
#[must_use]
pub fn once() -> Arc<dyn Http> {
    Arc::new(Steady::new(Client::new(), World, Backoff::ONCE))
}
