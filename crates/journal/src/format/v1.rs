//! Format 1: postcard (field order, variable-length integers, no padding) of epoch, checkpoint and entries.
//!
//! Its types are the domain's own as they stand; `fixtures/format-1.bin` holds one of everything and fails as soon
//! as one of them is encoded differently. From then on this module needs frozen copies of what changed, and a
//! conversion; docs/decisions/0003-journal-format.md says how.

use holdfast_app::port::Group;
use holdfast_domain::evolve::Entry;
use holdfast_domain::table::Digest;
use serde::{Deserialize, Serialize};

use super::{FormatError, Record};

#[derive(Serialize)]
struct Written<'a> {
    epoch: u64,
    checkpoint: Option<(u32, Digest)>,
    entries: &'a [Entry],
}

#[derive(Deserialize)]
struct Read {
    epoch: u64,
    checkpoint: Option<(u32, Digest)>,
    entries: Vec<Entry>,
}

/// Appends the record to `bytes`.
pub(super) fn encode(bytes: Vec<u8>, epoch: u64, group: &Group) -> Result<Vec<u8>, FormatError> {
    let record = Written { epoch, checkpoint: group.checkpoint, entries: &group.entries };
    postcard::to_extend(&record, bytes).map_err(|error| FormatError::Malformed(error.to_string()))
}

pub(super) fn decode(body: &[u8]) -> Result<Record, FormatError> {
    let malformed = |why: String| FormatError::Malformed(why);
    let (read, rest) =
        postcard::take_from_bytes::<Read>(body).map_err(|error| malformed(error.to_string()))?;
    if !rest.is_empty() {
        return Err(malformed(format!("{} bytes follow its end", rest.len())));
    }
    if read.entries.is_empty() {
        return Err(malformed("it has no entries".to_owned()));
    }
    Ok(Record { epoch: read.epoch, checkpoint: read.checkpoint, entries: read.entries })
}
