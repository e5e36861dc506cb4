//! Snapshots: a cache of the state in plain files, which may be deleted at any time.
//!
//! A file that is not whole is no snapshot: it is passed over, and the next older one is taken. Nothing is synced.

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use holdfast_app::port::Snapshot;

use super::{FileError, beside};

/// How many are kept.
const KEPT_MAX: usize = 2;

const MAGIC: &[u8; 8] = b"HFSNAP01";

/// Magic, version, format, digest, hash over these and the bytes.
const HEADER: usize = 8 + 8 + 4 + 32 + 32;

#[derive(Debug)]
pub(crate) struct Snapshots {
    folder: PathBuf,
}

impl Snapshots {
    pub(crate) fn beside(journal: &Path) -> Self {
        Self { folder: beside(journal, "snapshots") }
    }

    /// Keeps a snapshot and drops all but the newest.
    pub(crate) fn keep(&self, snapshot: &Snapshot) -> Result<(), FileError> {
        let error = |path: &Path| {
            let path = path.to_owned();
            move |source| FileError { path, source }
        };
        fs::create_dir_all(&self.folder).map_err(error(&self.folder))?;
        let path = self.folder.join(format!("{:020}.snapshot", snapshot.version));
        let part = path.with_extension("part");
        let write = || -> std::io::Result<()> {
            let mut file = fs::File::create(&part)?;
            let prefix = prefix(snapshot.version, snapshot.format, &snapshot.digest);
            file.write_all(&prefix)?;
            file.write_all(&hash(&prefix, &snapshot.bytes))?;
            file.write_all(&snapshot.bytes)?;
            fs::rename(&part, &path)
        };
        write().map_err(error(&path))?;
        let list = self.list().map_err(error(&self.folder))?;
        for (_, old) in list.iter().rev().skip(KEPT_MAX) {
            // One that cannot be removed only takes room.
            let _ = fs::remove_file(old);
        }
        Ok(())
    }

    /// The newest whole one that is not after `version`.
    pub(crate) fn newest(&self, not_after: u64) -> std::io::Result<Option<Snapshot>> {
        let list = self.list()?;
        let fitting = list.into_iter().rev().filter(|(version, _)| *version <= not_after);
        Ok(fitting
            .into_iter()
            .find_map(|(version, path)| read(&path).filter(|found| found.version == version)))
    }

    /// Version and path of each, the oldest first.
    fn list(&self) -> std::io::Result<Vec<(u64, PathBuf)>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut list = Vec::new();
        for entry in entries {
            let path = entry?.path();
            let name =
                path.file_name().and_then(|name| name.to_str()).and_then(|n| n.strip_suffix(".snapshot"));
            if let Some(version) = name.and_then(|digits| digits.parse().ok()) {
                list.push((version, path));
            }
        }
        list.sort_unstable();
        Ok(list)
    }
}

fn prefix(version: u64, format: u32, digest: &[u8; 32]) -> Vec<u8> {
    [MAGIC.as_slice(), &version.to_le_bytes(), &format.to_le_bytes(), digest].concat()
}

fn hash(prefix: &[u8], bytes: &[u8]) -> [u8; 32] {
    *blake3::Hasher::new().update(prefix).update(bytes).finalize().as_bytes()
}

fn read(path: &Path) -> Option<Snapshot> {
    let mut header = [0; HEADER];
    let mut file = fs::File::open(path).ok()?;
    file.read_exact(&mut header).ok()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).ok()?;
    let (prefix, sum) = header.split_at(HEADER - 32);
    if &prefix[..8] != MAGIC || sum != hash(prefix, &bytes) {
        return None;
    }
    Some(Snapshot {
        version: u64::from_le_bytes(prefix[8..16].try_into().ok()?),
        format: u32::from_le_bytes(prefix[16..20].try_into().ok()?),
        digest: prefix[20..52].try_into().ok()?,
        bytes,
    })
}
