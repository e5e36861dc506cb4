//! Passwords known from breaches, from the operator's own copy of a list.
//!
//! Two forms: plain passwords, one a line, read whole; or the SHA-1 digests of "Have I Been Pwned", ordered by
//! digest, which may be tens of gigabytes and are searched on disk.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sha1::{Digest as _, Sha1};

/// The largest list of plain passwords: 64 MiB.
const PLAIN_MAX: u64 = 64 << 20;
/// Bytes read around a line of digests: longer than any line.
const LINE_MAX: usize = 256;

/// Why a list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BreachedError {
    /// It cannot be read.
    #[error("read the list of breached passwords {path}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It is too large to be read whole.
    #[error(
        "read the list of breached passwords {path}: a list of plain passwords may have 64 MiB; take the one of SHA-1 digests ordered by digest"
    )]
    Large {
        /// Which.
        path: PathBuf,
    },
}

/// A list of breached passwords.
pub enum Breached {
    /// None was given.
    None,
    /// Plain passwords in lower case.
    Plain(BTreeSet<String>),
    /// A file of digests, ordered.
    Digests(Mutex<(File, u64)>),
}

impl Breached {
    /// Opens a list.
    ///
    /// # Errors
    /// [`BreachedError`].
    pub fn open(path: Option<&Path>) -> Result<Self, BreachedError> {
        let Some(path) = path else { return Ok(Self::None) };
        let fault = |source| BreachedError::Read { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(fault)?;
        let size = file.metadata().map_err(fault)?.len();
        let mut head = [0; 40];
        let read = file.read(&mut head).map_err(fault)?;
        if read == 40 && head.iter().all(u8::is_ascii_hexdigit) {
            return Ok(Self::Digests(Mutex::new((file, size))));
        }
        if size > PLAIN_MAX {
            return Err(BreachedError::Large { path: path.to_owned() });
        }
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_end(&mut bytes)).map_err(fault)?;
        let text = String::from_utf8_lossy(&bytes);
        Ok(Self::Plain(text.lines().map(|line| line.trim_end().to_lowercase()).collect()))
    }

    /// Whether the password is on the list. A list that can no longer be read knows none: sign-up must go on.
    #[must_use]
    pub fn has(&self, password: &str) -> bool {
        match self {
            Self::None => false,
            Self::Plain(list) => list.contains(&password.to_lowercase()),
            Self::Digests(file) => {
                let digest = Sha1::digest(password.as_bytes());
                let wanted: String = digest.iter().map(|byte| format!("{byte:02X}")).collect();
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                let size = file.1;
                search(&mut file.0, size, &wanted).unwrap_or(false)
            }
        }
    }
}

/// Searches lines ordered by their first forty characters.
fn search(file: &mut File, size: u64, wanted: &str) -> std::io::Result<bool> {
    let (mut low, mut high) = (0, size);
    while low < high {
        let middle = low + (high - low) / 2;
        // The first whole line at or after the middle.
        let Some((start, line)) = line_after(file, middle, size)? else {
            high = middle;
            continue;
        };
        match line.get(..40).map(|digest| digest.to_ascii_uppercase().as_str().cmp(wanted)) {
            Some(std::cmp::Ordering::Equal) => return Ok(true),
            Some(std::cmp::Ordering::Less) => low = start + line.len() as u64,
            _ => high = middle,
        }
    }
    Ok(false)
}

/// The first line that begins at or after `at`, with where it begins.
fn line_after(file: &mut File, at: u64, size: u64) -> std::io::Result<Option<(u64, String)>> {
    let from = at.saturating_sub(1);
    let mut buffer = vec![0; LINE_MAX * 2];
    file.seek(SeekFrom::Start(from))?;
    let mut filled = 0;
    while filled < buffer.len() {
        let read = file.read(&mut buffer[filled..])?;
        if read == 0 {
            break;
        }
        filled += read;
    }
    let text = &buffer[..filled];
    let begin = if at == 0 {
        0
    } else {
        match text.iter().position(|byte| *byte == b'\n') {
            Some(end) => end + 1,
            None => return Ok(None),
        }
    };
    let rest = &text[begin..];
    if rest.is_empty() || from + begin as u64 >= size {
        return Ok(None);
    }
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    Ok(Some((from + begin as u64, String::from_utf8_lossy(&rest[..end]).into_owned())))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use sha1::{Digest as _, Sha1};

    use super::Breached;

    #[test]
    fn both_forms_know_what_is_in_them_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let plain = folder.path().join("plain.txt");
        std::fs::write(&plain, "Password123456\r\nletmeinletmein\n").unwrap();
        let list = Breached::open(Some(&plain)).unwrap();
        assert!(list.has("password123456") && list.has("letmeinletmein") && !list.has("x"));
        let mut lines: Vec<String> = (0..300)
            .map(|n| {
                let digest = Sha1::digest(format!("pw{n}").as_bytes());
                let hex: String = digest.iter().map(|byte| format!("{byte:02X}")).collect();
                format!("{hex}:{}", n * n)
            })
            .collect();
        lines.sort();
        let digests = folder.path().join("digests.txt");
        let mut file = std::fs::File::create(&digests).unwrap();
        file.write_all(lines.join("\r\n").as_bytes()).unwrap();
        let list = Breached::open(Some(&digests)).unwrap();
        assert!((0..300).all(|n| list.has(&format!("pw{n}"))));
        assert!((300..600).all(|n| !list.has(&format!("pw{n}"))));
    }
}
