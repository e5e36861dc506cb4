//! How the feeds of alerts are: told by whoever asks them, shown on the first page.
//!
//! Invariant: nothing here asks anything; a feed that is not told of again grows old on the page by itself.

use std::collections::BTreeMap;
use std::sync::Mutex;

use holdfast_domain::time::Stamp;

use crate::app::lock;

/// Feeds told of at most.
const FEEDS_MAX: usize = 100;

/// How a feed is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feed {
    /// When it last gave something that could be read; `None`: never yet.
    pub last: Option<Stamp>,
    /// Whether that is longer ago than it should be.
    pub stale: bool,
}

/// All feeds, by name.
#[derive(Default)]
pub struct Feeds(Mutex<BTreeMap<String, Feed>>);

impl Feeds {
    /// Says how a feed is. Over the limit a new name is left out.
    pub fn tell(&self, name: &str, feed: Feed) {
        let mut all = lock(&self.0);
        if all.len() < FEEDS_MAX || all.contains_key(name) {
            all.insert(name.to_owned(), feed);
        }
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> Vec<(String, Feed)> {
        lock(&self.0).iter().map(|(name, feed)| (name.clone(), *feed)).collect()
    }
}
