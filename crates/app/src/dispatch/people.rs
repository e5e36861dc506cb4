//! The sealed data of those who are written to: read from the journal once for a batch, opened one by one.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::event::Event;
use holdfast_domain::id::SubjectId;
use holdfast_domain::state::State;

use crate::port::{Journal, ReadError};

/// Sealed data by subject. Nothing is kept open.
#[derive(Debug, Default)]
pub struct People {
    sealed: BTreeMap<SubjectId, Box<[u8]>>,
}

impl People {
    /// Reads what is missing of `wanted`. The newest sealed form of a person counts.
    ///
    /// # Errors
    /// [`ReadError`] if the journal cannot be read.
    pub fn read(
        &mut self,
        journal: &mut dyn Journal,
        state: &State,
        wanted: impl Iterator<Item = SubjectId>,
    ) -> Result<(), ReadError> {
        let missing: BTreeSet<SubjectId> = wanted.filter(|id| !self.sealed.contains_key(id)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        // Whoever has a notice that has not left will be asked for soon: one reading serves them all.
        let open = state.notices.iter().filter(|(_, notice)| !notice.status.is_final());
        let wanted: BTreeSet<SubjectId> =
            open.filter_map(|(_, notice)| notice.subject).chain(missing).collect();
        self.sealed.clear();
        for group in journal.read(0)? {
            for entry in group?.entries {
                for event in entry.events {
                    if let Event::SubjectSealed { subject, sealed, .. } = event
                        && wanted.contains(&subject)
                    {
                        self.sealed.insert(subject, sealed);
                    }
                }
            }
        }
        Ok(())
    }

    /// The newest sealed form that was read; `None` for whoever was not read.
    #[must_use]
    pub fn sealed(&self, subject: SubjectId) -> Option<&[u8]> {
        self.sealed.get(&subject).map(|sealed| &**sealed)
    }

    /// Forgets one sealed form, which opens no more: it was sealed anew since, or erased.
    pub fn forget(&mut self, subject: SubjectId) {
        self.sealed.remove(&subject);
    }
}
