//! The people behind orders: known again by a keyed fingerprint, sealed before anything is journaled.
//!
//! Invariant: what goes to the core is ciphertext, and its key becomes durable before the entry that needs it.

use std::collections::BTreeMap;

use holdfast_domain::command::Command;
use holdfast_domain::id::{MerchantId, SubjectId};
use holdfast_domain::state::NameKind;
use holdfast_domain::time::Stamp;
use holdfast_engine::step::Ask;

use crate::core::{Core, Ticket};
use crate::port::{Entropy, Group, Head, Journal, ReadError, SubjectKey};
use crate::seal::{self, PersonalData};

/// The subject under whose number the operator's own fingerprint key is kept.
pub const OPERATOR_KEY: SubjectId = SubjectId(u32::MAX);
/// People whose last sealed data are remembered, as a digest.
const REMEMBERED_MAX: usize = 100_000;

/// What a known person's new data do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returning {
    /// Nothing: the first data stand.
    Keep,
    /// They are sealed anew where they differ, so that each order finds the data that came with it.
    Renew,
}

/// Seals people into a core.
pub struct Sealer {
    operator_key: SubjectKey,
    entropy: Box<dyn Entropy>,
    returning: Returning,
    last: BTreeMap<SubjectId, [u8; 16]>,
}

impl Sealer {
    /// A sealer with the journal's operator key, or a new one for a new journal.
    ///
    /// # Errors
    /// [`ReadError`] if the key store cannot be read.
    pub fn open(
        journal: &mut dyn Journal,
        entropy: Box<dyn Entropy>,
        returning: Returning,
    ) -> Result<Self, ReadError> {
        Ok(Self::with_key(journal.subject_key(OPERATOR_KEY)?, entropy, returning))
    }

    /// A sealer with the operator's key, or a new one where there is none yet.
    pub(crate) fn with_key(
        key: Option<SubjectKey>,
        mut entropy: Box<dyn Entropy>,
        returning: Returning,
    ) -> Self {
        let operator_key = key.unwrap_or_else(|| seal::new_key(&mut *entropy));
        Self { operator_key, entropy, returning, last: BTreeMap::new() }
    }

    /// The secret that signs links to customers' pages.
    #[must_use]
    pub fn link_secret(&self) -> [u8; 32] {
        seal::link_secret(&self.operator_key)
    }

    /// The entropy it was made with, for the next one.
    pub(crate) fn into_entropy(self) -> Box<dyn Entropy> {
        self.entropy
    }

    /// Puts the operator key into the journal's first group.
    pub fn complete(&self, expected: Head, group: &mut Group) {
        if expected.version == 0 {
            group.subject_keys.push((OPERATOR_KEY, self.operator_key.clone()));
        }
    }

    /// The subject behind what identifies a person to a merchant, sealed into the core where that is needed.
    pub fn subject(
        &mut self,
        core: &mut Core,
        merchant: MerchantId,
        identity: &str,
        data: &PersonalData,
        now: Stamp,
        actor: &str,
    ) -> SubjectId {
        let fingerprint = seal::fingerprint(&self.operator_key, merchant.0, identity);
        let state = &core.engine().state;
        let known: Option<SubjectId> =
            state.named(NameKind::Subject, MerchantId(0), &format!("{fingerprint:032x}"));
        let alive = known.filter(|id| state.subjects.get(*id).is_some_and(|subject| !subject.erased));
        if let Some(known) = alive
            && (self.returning == Returning::Keep || self.last.get(&known) == Some(&self.digest(data)))
        {
            return known;
        }
        let subject = alive.unwrap_or_else(|| state.subjects.next_id());
        self.seal(core, subject, fingerprint, data, now, actor);
        subject
    }

    /// Seals a known person's data anew; `None` if there is no such person, or it was erased.
    pub fn renew(
        &mut self,
        core: &mut Core,
        subject: SubjectId,
        data: &PersonalData,
        now: Stamp,
        actor: &str,
    ) -> Option<Ticket> {
        let known = core.engine().state.subjects.get(subject).filter(|known| !known.erased)?;
        let fingerprint = known.fingerprint;
        Some(self.seal(core, subject, fingerprint, data, now, actor))
    }

    /// Forgets what was remembered: the core stands on another state.
    pub fn forget(&mut self) {
        self.last.clear();
    }

    fn seal(
        &mut self,
        core: &mut Core,
        subject: SubjectId,
        fingerprint: u128,
        data: &PersonalData,
        now: Stamp,
        actor: &str,
    ) -> Ticket {
        let key = seal::new_key(&mut *self.entropy);
        let sealed = seal::seal(&key, fingerprint, data, &mut *self.entropy);
        if self.last.len() >= REMEMBERED_MAX {
            self.last.clear();
        }
        self.last.insert(subject, self.digest(data));
        let ask =
            Ask { command: Command::SealSubject { fingerprint, sealed }, actor: actor.into(), key: None };
        core.offer_with(&ask, now, Some((subject, key)), None)
    }

    /// A keyed digest, so that the memory of a running program holds no list to guess addresses from.
    fn digest(&self, data: &PersonalData) -> [u8; 16] {
        let bytes = postcard::to_stdvec(data).expect("strings have known lengths, all postcard asks for");
        let digest = blake3::keyed_hash(&self.operator_key.0, &bytes);
        digest.as_bytes()[..16].try_into().expect("sixteen bytes of thirty-two")
    }
}
