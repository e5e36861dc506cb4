//! Who is behind which order, for the support desk's search: keyed fingerprints that follow the journal.
//!
//! Invariant: nothing personal is kept in this memory; a dump of it names nobody.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use holdfast_app::desk::DeskIndex;
use holdfast_app::people::OPERATOR_KEY;
use holdfast_app::port::{Journal, ReadError, SubjectKey};
use holdfast_app::seal;
use holdfast_app::service::{Durable, Service};
use holdfast_domain::event::Event;
use holdfast_domain::id::{MerchantId, OrderId, SubjectId};
use holdfast_domain::state::State;

use crate::app::App;
use crate::index::entries_after;

/// Entries read at once.
const CHUNK: usize = 5_000;
/// How often it is looked for new ones.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long to wait after the journal could not be read.
const AGAIN: Duration = Duration::from_secs(2);

/// The search. It knows nothing until the operator's key could be read.
#[derive(Default)]
pub struct Desk {
    index: RwLock<Option<DeskIndex>>,
    version: AtomicU64,
}

/// Entries with the keys that open what is sealed in them.
type Read = (Vec<Durable>, BTreeMap<SubjectId, SubjectKey>);

fn read(journal: &mut dyn Journal, after: u64) -> Result<Read, ReadError> {
    let entries = entries_after(journal, after, CHUNK)?;
    let mut keys = BTreeMap::new();
    for event in entries.iter().flat_map(|durable| &durable.entry.events) {
        if let Event::SubjectSealed { subject, .. } = event
            && let Some(key) = journal.subject_key(*subject)?
        {
            keys.insert(*subject, key);
        }
    }
    Ok((entries, keys))
}

impl Desk {
    /// Follows the journal on a thread of its own until the service ends.
    #[must_use]
    pub fn follow(app: &App) -> JoinHandle<()> {
        let app = app.clone();
        std::thread::Builder::new()
            .name("holdfast-desk".to_owned())
            .spawn(move || app.desk.run(&app.service))
            .expect("the system gives a thread at start-up")
    }

    fn run(&self, service: &Service) {
        loop {
            if service.health().phase.is_over() {
                return;
            }
            if service.health().head.version <= self.version.load(Ordering::Acquire) {
                std::thread::sleep(LOOK_EVERY);
            } else if !self.catch_up(service) {
                std::thread::sleep(AGAIN);
            }
        }
    }

    /// Reads what is new; whether it could.
    fn catch_up(&self, service: &Service) -> bool {
        if self.index.read().unwrap_or_else(PoisonError::into_inner).is_none() {
            let key = service.read_and_wait(|journal| journal.subject_key(OPERATOR_KEY));
            let Ok(Ok(Some(key))) = key else { return false };
            *self.index.write().unwrap_or_else(PoisonError::into_inner) = Some(DeskIndex::new(key));
        }
        let after = self.version.load(Ordering::Acquire);
        let Ok(Ok((entries, keys))) = service.read_and_wait(move |journal| read(journal, after)) else {
            return false;
        };
        let Some(last) = entries.last().map(|durable| durable.version) else { return false };
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        let Some(index) = index.as_mut() else { return false };
        let view = service.view_at(last, AGAIN);
        for durable in &entries {
            index.follow(&durable.entry, |subject, sealed| {
                let known = view.state().subjects.get(subject).filter(|known| !known.erased)?;
                seal::open(keys.get(&subject)?, known.fingerprint, sealed).ok()
            });
        }
        self.version.store(last, Ordering::Release);
        true
    }

    /// Up to which journal entry it goes.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// The orders a text finds, the newest first; `None` while it cannot find anybody yet.
    #[must_use]
    pub fn find(&self, state: &State, text: &str, merchant: Option<MerchantId>) -> Option<Vec<OrderId>> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        Some(index.as_ref()?.find(state, text, merchant))
    }
}
