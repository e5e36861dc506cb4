//! Who is told of what has become durable: in order, each once, and nobody can hold the writer up.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, Weak};
use std::time::{Duration, Instant};

use holdfast_domain::evolve::Entry;

use super::lock;

/// An entry that has become durable.
#[derive(Clone, Debug, PartialEq)]
pub struct Durable {
    /// Its version.
    pub version: u64,
    /// What happened.
    pub entry: Arc<Entry>,
}

/// What a subscriber hears.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// The next entry.
    Entry(Durable),
    /// Entries were missed: the next one told is behind this many that are to be read from the journal.
    Missed(u64),
}

type Sink = Box<dyn FnMut(&Durable) -> bool + Send>;

#[derive(Default)]
pub(super) struct Feeds {
    sinks: Mutex<Vec<Sink>>,
}

impl Feeds {
    pub(super) fn add(&self, sink: Sink) {
        lock(&self.sinks).push(sink);
    }

    pub(super) fn tell(&self, durable: &Durable) {
        lock(&self.sinks).retain_mut(|sink| sink(durable));
    }

    pub(super) fn subscribe(&self, capacity: usize) -> Subscription {
        let queue = Arc::new(Queue { inner: Mutex::default(), ready: Condvar::new() });
        let weak: Weak<Queue> = Arc::downgrade(&queue);
        self.add(Box::new(move |durable| {
            let Some(queue) = weak.upgrade() else { return false };
            queue.push(durable, capacity);
            true
        }));
        Subscription { queue }
    }
}

#[derive(Default)]
struct Inner {
    waiting: VecDeque<Durable>,
    missed: u64,
}

struct Queue {
    inner: Mutex<Inner>,
    ready: Condvar,
}

impl Queue {
    fn push(&self, durable: &Durable, capacity: usize) {
        let mut inner = lock(&self.inner);
        if inner.waiting.len() >= capacity {
            inner.waiting.pop_front();
            inner.missed += 1;
        }
        inner.waiting.push_back(durable.clone());
        self.ready.notify_one();
    }
}

/// A bounded queue of durable entries.
pub struct Subscription {
    queue: Arc<Queue>,
}

impl Subscription {
    /// The next entry, or how many were missed before it; `None` if nothing comes within `patience`.
    #[must_use]
    pub fn next(&self, patience: Duration) -> Option<Told> {
        let until = Instant::now() + patience;
        let mut inner = lock(&self.queue.inner);
        loop {
            if inner.missed > 0 {
                return Some(Told::Missed(std::mem::take(&mut inner.missed)));
            }
            if let Some(durable) = inner.waiting.pop_front() {
                return Some(Told::Entry(durable));
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            inner = self
                .queue
                .ready
                .wait_timeout(inner, left)
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .0;
        }
    }
}
