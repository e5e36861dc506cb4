//! What a zip container unpacks to, counted before anything else looks into it: a small workbook may not
//! swell to gigabytes.
//!
//! Only the structure that is needed is read: the end record, the directory, and each part's bytes inflated
//! into nothing. The layout is PKWARE's APPNOTE 6.3.

use std::io::Read;

/// Why a container is not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnpackError {
    /// No directory of parts: cut off, or no zip.
    #[error("it is cut off or damaged")]
    Damaged,
    /// More parts than any workbook has.
    #[error("it has {0} parts")]
    TooManyParts(usize),
    /// It swells.
    #[error("it unpacks to more than {most} bytes")]
    Swells {
        /// The limit.
        most: u64,
    },
    /// A compression that workbooks do not use.
    #[error("a part is packed by method {0}, which workbooks do not use")]
    Method(u16),
}

/// Checks that `bytes` is a zip container of at most `parts_max` parts that unpack to at most `most` bytes.
///
/// # Errors
/// [`UnpackError`] for anything else.
pub fn check(bytes: &[u8], most: u64, parts_max: usize) -> Result<(), UnpackError> {
    let (mut at, parts) = directory(bytes).ok_or(UnpackError::Damaged)?;
    if parts > parts_max {
        return Err(UnpackError::TooManyParts(parts));
    }
    let mut left = most;
    for _ in 0..parts {
        let entry = bytes.get(at..).ok_or(UnpackError::Damaged)?;
        if !entry.starts_with(b"PK\x01\x02") {
            return Err(UnpackError::Damaged);
        }
        let part = part(bytes, entry).ok_or(UnpackError::Damaged)?;
        let size = match part.method {
            0 => part.packed.len() as u64,
            8 => inflated(part.packed, left)?,
            method => return Err(UnpackError::Method(method)),
        };
        left = left.checked_sub(size).ok_or(UnpackError::Swells { most })?;
        at += part.entry_len;
    }
    Ok(())
}

struct Part<'a> {
    method: u16,
    packed: &'a [u8],
    entry_len: usize,
}

/// Where the directory begins and how many parts it has, from the end record.
fn directory(bytes: &[u8]) -> Option<(usize, usize)> {
    const END_LEN: usize = 22;
    const COMMENT_MAX: usize = 65_535;
    let from = bytes.len().saturating_sub(END_LEN + COMMENT_MAX);
    let end = bytes[from..].windows(4).rposition(|window| window == b"PK\x05\x06")? + from;
    Some((u32_at(bytes, end + 16)? as usize, u16_at(bytes, end + 10)? as usize))
}

fn part<'a>(bytes: &'a [u8], entry: &[u8]) -> Option<Part<'a>> {
    let packed_len = u32_at(entry, 20)? as usize;
    let entry_len =
        46 + [28, 30, 32].iter().map(|at| u16_at(entry, *at).map(usize::from)).sum::<Option<usize>>()?;
    let local = u32_at(entry, 42)? as usize;
    if bytes.get(local..)?.get(..4)? != b"PK\x03\x04" {
        return None;
    }
    let start =
        local + 30 + usize::from(u16_at(bytes, local + 26)?) + usize::from(u16_at(bytes, local + 28)?);
    let packed = bytes.get(start..start.checked_add(packed_len)?)?;
    Some(Part { method: u16_at(entry, 10)?, packed, entry_len })
}

fn inflated(packed: &[u8], most: u64) -> Result<u64, UnpackError> {
    let mut reader = flate2::read::DeflateDecoder::new(packed).take(most.saturating_add(1));
    let size = std::io::copy(&mut reader, &mut std::io::sink()).map_err(|_| UnpackError::Damaged)?;
    if size > most { Err(UnpackError::Swells { most }) } else { Ok(size) }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}
