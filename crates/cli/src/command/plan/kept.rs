//! Versions of the plan that were kept: one file each, never written twice.

use std::io::Write as _;
use std::path::Path;

use holdfast_domain::time::Stamp;
use holdfast_print::Document;
use serde::{Deserialize, Serialize};

use crate::exit::Failure;
use crate::words::Lang;

/// The most versions that are read.
const VERSIONS_MAX: usize = 10_000;
/// The largest file of a version, bytes.
const BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A version of the plan, whole, in both languages.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Its number, from 1.
    pub number: u32,
    /// When it was made.
    pub made: Stamp,
    /// Journal entry it was made from.
    pub state_version: u64,
    /// Digest of the English document.
    pub digest_en: String,
    /// Digest of the Korean document.
    pub digest_ko: String,
    en: Document,
    ko: Document,
}

impl Kept {
    /// A version.
    pub fn new(number: u32, made: Stamp, state_version: u64, en: Document, ko: Document) -> Self {
        Self { number, made, state_version, digest_en: en.digest(), digest_ko: ko.digest(), en, ko }
    }

    /// The document in a language.
    pub const fn of(&self, lang: Lang) -> &Document {
        match lang {
            Lang::En => &self.en,
            Lang::Ko => &self.ko,
        }
    }

    /// Whether the documents still are what their digests say.
    pub fn is_whole(&self) -> bool {
        self.en.digest() == self.digest_en && self.ko.digest() == self.digest_ko
    }
}

fn name(number: u32) -> String {
    format!("plan-{number:05}.json")
}

/// All versions in a folder, by number; none where there is no such folder.
///
/// # Errors
/// [`Failure`] for a file that cannot be read, is none, or is not what its digests say.
pub fn read_all(folder: &Path) -> Result<Vec<Kept>, Failure> {
    let mut all = Vec::new();
    if !folder.exists() {
        return Ok(all);
    }
    let remedy = "name another folder with --versions, or put the file back from a backup";
    let unread = |error: &dyn std::fmt::Display| {
        Failure::input(format!("read the versions in {}: {error}", folder.display()), remedy)
    };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| unread(&error))? {
        let path = entry.map_err(|error| unread(&error))?.path();
        let named = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if named.starts_with("plan-") && named.ends_with(".json") {
            names.push(path);
        }
    }
    names.sort();
    if names.len() > VERSIONS_MAX {
        return Err(unread(&format!("{} of them, {VERSIONS_MAX} are the most", names.len())));
    }
    for path in names {
        let place = path.display();
        let size = std::fs::metadata(&path).map_err(|error| unread(&format!("{place}: {error}")))?.len();
        if size > BYTES_MAX {
            return Err(unread(&format!("{place}: {size} bytes, {BYTES_MAX} are the most")));
        }
        let bytes = std::fs::read(&path).map_err(|error| unread(&format!("{place}: {error}")))?;
        let kept: Kept =
            serde_json::from_slice(&bytes).map_err(|error| unread(&format!("{place}: {error}")))?;
        if !kept.is_whole() {
            return Err(unread(&format!("{place}: it was changed after it was made")));
        }
        all.push(kept);
    }
    all.sort_by_key(|kept| kept.number);
    Ok(all)
}

/// Keeps a version; one that is there already is never written over.
///
/// # Errors
/// [`Failure`] where the folder cannot be written, or another process has just made the same number.
pub fn write(folder: &Path, kept: &Kept) -> Result<(), Failure> {
    let path = folder.join(name(kept.number));
    let unwritten = |error: &dyn std::fmt::Display| {
        Failure::input(
            format!("keep version {} in {}: {error}", kept.number, path.display()),
            "check the folder and its permissions, or name another with --versions",
        )
    };
    std::fs::create_dir_all(folder).map_err(|error| unwritten(&error))?;
    let bytes = serde_json::to_vec_pretty(kept).map_err(|error| unwritten(&error))?;
    // Whole or not at all: a name of its own first, then the name that counts, which must be free.
    let part = folder.join(format!(".{}-{}", name(kept.number), std::process::id()));
    let mut file = std::fs::File::create(&part).map_err(|error| unwritten(&error))?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(|error| unwritten(&error))?;
    let linked = std::fs::hard_link(&part, &path);
    // What is left of it is of no use to anybody.
    let _ = std::fs::remove_file(&part);
    linked.map_err(|error| unwritten(&error))
}
