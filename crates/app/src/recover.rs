//! Recovery: from a journal, and a snapshot where one fits, back to the state, with every checkpoint compared.

use std::sync::Arc;

use holdfast_domain::evolve::Misfit;
use holdfast_domain::state::{STATE_FORMAT, State};
use holdfast_domain::table::digest_of;
use holdfast_engine::price::PriceTable;
use holdfast_engine::step::Engine;

use crate::port::{Head, Journal, ReadError, Snapshot};

/// Why a state could not be recovered.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// The journal could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An entry did not fit the state before it.
    #[error("replay journal entry {version}")]
    Misfit {
        /// The entry.
        version: u64,
        /// What did not fit.
        #[source]
        source: Misfit,
    },
    /// The replayed state is not the one that was written.
    #[error(
        "replay the journal: the state after entry {version} has another digest than was written there; the program or the journal was changed"
    )]
    Digest {
        /// The checkpoint's version.
        version: u64,
    },
}

/// A state recovered from a journal.
#[derive(Debug)]
pub struct Recovered {
    /// The state, with its prices.
    pub engine: Engine,
    /// Where the journal stands.
    pub head: Head,
    /// Entries replayed.
    pub replayed: u64,
    /// Checkpoints compared.
    pub compared: u64,
}

/// Replays `journal` up to `until` (all of it if `None`), from the newest snapshot that proves itself.
///
/// # Errors
/// [`RecoverError`]; nothing is changed.
pub fn recover(journal: &mut dyn Journal, until: Option<u64>) -> Result<Recovered, RecoverError> {
    let mut head = journal.head()?;
    let last = until.unwrap_or(u64::MAX).min(head.version);
    let mut engine = from_snapshot(journal, last)?;
    let (mut replayed, mut compared) = (0, 0);
    for group in journal.read(engine.state.version)? {
        let group = group?;
        let mut version = group.first;
        for entry in &group.entries {
            // A snapshot may lie inside a group.
            if version > engine.state.version && version <= last {
                engine.replay(entry).map_err(|source| RecoverError::Misfit { version, source })?;
                replayed += 1;
            }
            version += 1;
        }
        if version - 1 > last {
            break;
        }
        match group.checkpoint {
            Some((STATE_FORMAT, digest)) => {
                if engine.state.digest() != digest {
                    return Err(RecoverError::Digest { version: version - 1 });
                }
                compared += 1;
            }
            // Written under another encoding of the state: there is nothing to compare with.
            Some(_) | None => {}
        }
        if until.is_some() {
            head = group.head;
        }
    }
    if let Some(digest) = engine.state.prices {
        let table = journal.artefact(&digest)?.and_then(|bytes| recover_prices(&bytes));
        engine.prices = Arc::new(table.unwrap_or_default());
    }
    Ok(Recovered { engine, head, replayed, compared })
}

/// A price table from its artefact; `None` for bytes that are none.
#[must_use]
pub fn recover_prices(bytes: &[u8]) -> Option<PriceTable> {
    postcard::from_bytes(bytes).ok()
}

fn from_snapshot(journal: &mut dyn Journal, last: u64) -> Result<Engine, RecoverError> {
    let fits = |snapshot: &Snapshot| snapshot.format == STATE_FORMAT;
    if let Some(snapshot) = journal.snapshot(last)?.filter(fits) {
        // A snapshot is a cache: one that does not prove itself is passed over, not believed. The state's digest does
        // not cover what is derived from it (the lanes by zone, the width of the stock table), so the bytes are
        // proved first.
        if let Some(state) = proved(&snapshot.bytes).and_then(|body| postcard::from_bytes::<State>(body).ok())
        {
            if state.version == snapshot.version && state.digest() == snapshot.digest {
                return Ok(Engine::new(state, Arc::default()));
            }
        }
    }
    Ok(Engine::default())
}

/// The encoded state in a snapshot's bytes, if they are the ones that were written.
fn proved(bytes: &[u8]) -> Option<&[u8]> {
    let (body, digest) = bytes.split_last_chunk::<32>()?;
    (digest_of(body) == *digest).then_some(body)
}

/// A snapshot of a durable state: its bytes are the encoded state, followed by the digest of that.
#[must_use]
pub fn snapshot_of(state: &State) -> Snapshot {
    let mut bytes =
        postcard::to_stdvec(state).expect("domain types have known lengths, all postcard asks for");
    let proof = digest_of(bytes.as_slice());
    bytes.extend(proof);
    Snapshot { version: state.version, format: STATE_FORMAT, digest: state.digest(), bytes }
}
