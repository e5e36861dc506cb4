//! The sealed data of those who are written to: read from the journal once for a batch, opened one by one.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::event::Event;
use holdfast_domain::id::SubjectId;

use crate::port::{Clock, Journal};
use crate::recover::RecoverError;
use crate::seal::PersonalData;
use crate::writer::{Writer, WriterError};

/// Sealed data by subject. Nothing is kept open.
#[derive(Debug, Default)]
pub struct People {
    sealed: BTreeMap<SubjectId, Box<[u8]>>,
}

impl People {
    /// Reads what is missing of `wanted`. The newest sealed form of a person counts.
    ///
    /// # Errors
    /// [`WriterError`] if the journal cannot be read.
    pub fn read<J: Journal, C: Clock>(
        &mut self,
        writer: &mut Writer<J, C>,
        wanted: impl Iterator<Item = SubjectId>,
    ) -> Result<(), WriterError> {
        let missing: BTreeSet<SubjectId> = wanted.filter(|id| !self.sealed.contains_key(id)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        // Whoever has a notice that has not left will be asked for soon: one reading serves them all.
        let state = &writer.engine().state;
        let open = state.notices.iter().filter(|(_, notice)| !notice.status.is_final());
        let wanted: BTreeSet<SubjectId> =
            open.filter_map(|(_, notice)| notice.subject).chain(missing).collect();
        self.sealed.clear();
        for group in writer.journal().read(0).map_err(RecoverError::Read)? {
            for entry in group.map_err(RecoverError::Read)?.entries {
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

    /// A person's data; `None` for nobody, the erased, and whoever was not read.
    ///
    /// # Errors
    /// [`WriterError`] if the key store cannot be read.
    pub fn open<J: Journal, C: Clock>(
        &mut self,
        writer: &mut Writer<J, C>,
        subject: Option<SubjectId>,
    ) -> Result<Option<PersonalData>, WriterError> {
        let Some(subject) = subject else { return Ok(None) };
        let Some(sealed) = self.sealed.get(&subject) else { return Ok(None) };
        if let Some(person) = writer.person(subject, sealed)? {
            return Ok(Some(person));
        }
        // Sealed anew since it was read, or erased: the newest form decides.
        self.sealed.remove(&subject);
        self.read(writer, std::iter::once(subject))?;
        match self.sealed.get(&subject) {
            Some(sealed) => writer.person(subject, sealed),
            None => Ok(None),
        }
    }
}
