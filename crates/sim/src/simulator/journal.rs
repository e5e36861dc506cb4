//! A journal that fails as disks and networks do, over the journal in memory.
//!
//! The fault of the next append is set from outside; what is durable is always what the inner journal holds, so the
//! simulation knows the truth that the writer has to find out.

use holdfast_app::port::{AppendError, Group, Groups, Head, Journal, ReadError, Snapshot, SubjectKey};
use holdfast_domain::id::SubjectId;
use holdfast_domain::table::Digest;
use holdfast_journal::format;
use holdfast_journal::memory::MemoryJournal;

/// What happens to an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Fault {
    /// It works.
    #[default]
    None,
    /// It fails before anything is written, and says so.
    Refused,
    /// It is written, and the answer is lost.
    AnswerLost,
    /// It is dropped on the way, and nobody knows.
    Dropped,
    /// So many thousandths of its bytes are written, then the power goes.
    Torn(u16),
    /// It is dropped and acknowledged: a lying disk. Only planted; no writer can survive it.
    Lied,
}

/// The fault as the writer sees it.
#[derive(Debug, thiserror::Error)]
#[error("simulated fault: {0}")]
struct Simulated(&'static str);

/// A journal with faults.
#[derive(Clone, Debug, Default)]
pub struct FaultyJournal {
    inner: MemoryJournal,
    /// What befalls the next append.
    pub next: Fault,
    /// Damage the next snapshot that is read at this thousandth of its bytes.
    pub damage: Option<u16>,
    /// Fail the next reading.
    pub read_fails: bool,
    torn: Option<(Head, Group, Vec<u8>)>,
}

impl FaultyJournal {
    /// What is durable, without faults.
    #[must_use]
    pub fn truth(&self) -> MemoryJournal {
        self.inner.clone()
    }

    /// Reads the torn tail as a writer that opens the journal does: a group is whole or it was never written.
    ///
    /// # Errors
    /// What the journal should have noticed.
    pub fn mend(&mut self) -> Result<(), String> {
        let Some((expected, group, bytes)) = self.torn.take() else { return Ok(()) };
        let whole = format::encode(expected.epoch, &group).map_err(|error| error.to_string())?;
        match format::decode(&bytes) {
            Ok(_) if bytes.len() == whole.len() => {
                self.inner.append(expected, &group).map(|_| ()).map_err(|error| error.to_string())
            }
            Ok(_) => Err(format!("{} of {} bytes were taken for a whole group", bytes.len(), whole.len())),
            Err(_) if bytes.len() < whole.len() => Ok(()),
            Err(error) => Err(format!("a whole group was taken for a torn one: {error}")),
        }
    }

    fn reading(&mut self) -> Result<(), ReadError> {
        if std::mem::take(&mut self.read_fails) {
            return Err(ReadError::Storage(Box::new(Simulated("read failed"))));
        }
        Ok(())
    }
}

impl Journal for FaultyJournal {
    fn take_over(&mut self) -> Result<Head, AppendError> {
        self.inner.take_over()
    }

    fn head(&mut self) -> Result<Head, ReadError> {
        self.reading()?;
        self.inner.head()
    }

    fn append(&mut self, expected: Head, group: &Group) -> Result<Head, AppendError> {
        let unknown = |why| AppendError::Unknown(Box::new(Simulated(why)));
        match std::mem::take(&mut self.next) {
            Fault::None => self.inner.append(expected, group),
            Fault::Refused => Err(AppendError::Failed(Box::new(Simulated("nothing was written")))),
            Fault::AnswerLost => {
                self.inner.append(expected, group)?;
                Err(unknown("the answer was lost"))
            }
            Fault::Dropped => Err(unknown("it was lost on the way")),
            Fault::Torn(permille) => {
                let bytes = format::encode(expected.epoch, group)
                    .map_err(|error| AppendError::Failed(Box::new(error)))?;
                let kept = bytes.len() * usize::from(permille.min(1000)) / 1000;
                self.torn = Some((expected, group.clone(), bytes[..kept].to_vec()));
                Err(unknown("the power went"))
            }
            Fault::Lied => {
                let version = expected.version + group.entries.len() as u64;
                Ok(Head { version, ..expected })
            }
        }
    }

    fn read(&mut self, after: u64) -> Result<Groups<'_>, ReadError> {
        self.reading()?;
        self.inner.read(after)
    }

    fn artefact(&mut self, digest: &Digest) -> Result<Option<Vec<u8>>, ReadError> {
        self.inner.artefact(digest)
    }

    fn subject_key(&mut self, subject: SubjectId) -> Result<Option<SubjectKey>, ReadError> {
        self.inner.subject_key(subject)
    }

    fn destroy_keys(&mut self, subjects: &[SubjectId]) -> Result<(), AppendError> {
        self.inner.destroy_keys(subjects)
    }

    fn keep_snapshot(&mut self, snapshot: &Snapshot) -> Result<(), AppendError> {
        self.inner.keep_snapshot(snapshot)
    }

    fn snapshot(&mut self, not_after: u64) -> Result<Option<Snapshot>, ReadError> {
        let mut found = self.inner.snapshot(not_after)?;
        if let (Some(snapshot), Some(permille)) = (&mut found, self.damage.take()) {
            let at = snapshot.bytes.len().saturating_sub(1) * usize::from(permille.min(1000)) / 1000;
            if let Some(byte) = snapshot.bytes.get_mut(at) {
                *byte ^= 1 << (permille % 8);
            }
        }
        Ok(found)
    }
}
