//! The words of notices: those of the house, and what a folder adds or changes. Read and linted once, at the start: a
//! message that lost a fact stops the service before it stops a notice.

use std::path::{Path, PathBuf};

use holdfast_notify::template::Catalog;
use serde::Deserialize;

use super::ConfigError;

/// The most files of a folder of words.
const FILES_MAX: usize = 1_000;
/// The largest file, in bytes.
const FILE_MAX: u64 = 256 << 10;

/// Where more words lie: `<tag>.ftl` is a language, `<merchant's code>/<tag>.ftl` a merchant's own words over it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wording {
    /// The folder; the words of the house alone without one.
    pub folder: Option<PathBuf>,
    /// What it holds, once it was read: the merchant's code, empty for a language; the tag; the text.
    #[serde(skip)]
    files: Vec<(String, String, String)>,
}

impl Wording {
    /// All words there are.
    ///
    /// # Panics
    /// Never: what was read was linted.
    #[must_use]
    pub fn catalog(&self) -> Catalog {
        let mut catalog = Catalog::embedded();
        for (merchant, tag, text) in &self.files {
            put(&mut catalog, merchant, tag, text).expect("it was linted when it was read");
        }
        catalog
    }
}

/// Puts words into a catalog: a language, or a merchant's own.
///
/// # Errors
/// Every problem the lint finds, as sentences.
pub fn put(catalog: &mut Catalog, merchant: &str, tag: &str, text: &str) -> Result<(), Vec<String>> {
    let put = if merchant.is_empty() {
        catalog.add_language(tag, text)
    } else {
        catalog.set_override(merchant, tag, text)
    };
    put.map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

/// Reads the folder, and lints what it holds.
///
/// # Errors
/// [`ConfigError`] names the file and all that is wrong with it.
pub(super) fn read(words: &mut Wording) -> Result<(), ConfigError> {
    let Some(folder) = words.folder.clone() else { return Ok(()) };
    let mut found = Vec::new();
    for path in entries(&folder)? {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if path.is_dir() {
            let theirs = entries(&path)?.into_iter().map(|file| (name.clone(), file));
            found.extend(theirs);
        } else {
            found.push((String::new(), path));
        }
    }
    found.retain(|(_, path)| path.extension().is_some_and(|end| end == "ftl"));
    // Languages first, `ko` before `ko-KP`: what leans on another comes after it.
    found.sort();
    if found.len() > FILES_MAX {
        return Err(fault(&folder, "it holds more than 1,000 files"));
    }
    let mut catalog = Catalog::embedded();
    for (merchant, path) in found {
        let tag = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        if std::fs::metadata(&path).is_ok_and(|known| known.len() > FILE_MAX) {
            return Err(fault(&path, "it is larger than 256 KiB"));
        }
        let text = std::fs::read_to_string(&path).map_err(|error| fault(&path, &error.to_string()))?;
        put(&mut catalog, &merchant, &tag, &text).map_err(|problems| fault(&path, &problems.join("; ")))?;
        words.files.push((merchant, tag, text));
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, ConfigError> {
    let all = std::fs::read_dir(folder).map_err(|error| fault(folder, &error.to_string()))?;
    let paths: Result<Vec<PathBuf>, std::io::Error> = all.map(|entry| Ok(entry?.path())).collect();
    paths.map_err(|error| fault(folder, &error.to_string()))
}

fn fault(path: &Path, why: &str) -> ConfigError {
    ConfigError::Value { field: format!("words: {}", path.display()), why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use holdfast_engine::quote::Quote;
    use holdfast_notify::offer::promise;

    fn read(folder: &std::path::Path) -> Result<Config, String> {
        let text = format!("[words]\nfolder = '{}'\n", folder.display());
        Config::read(&text, |_| None).map_err(|error| error.to_string())
    }

    #[test]
    fn a_merchants_words_and_a_language_need_only_files_and_a_lost_fact_stops_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("acme")).unwrap();
        std::fs::write(path("acme/en.ftl"), "buy-unknown = Ask us first.\n").unwrap();
        let german = include_str!("../../../notify/locales/en/notices.ftl");
        let german = german.replace("buy-not-there = We do not", "buy-not-there = Wir");
        std::fs::write(path("de.ftl"), german).unwrap();
        let words = read(folder.path()).unwrap().words.catalog();
        let say = |tag: &str, code: &str, quote: Quote| promise(&words, tag, code, quote).unwrap().text;
        assert!(say("de", "", Quote::NotThere).starts_with("Wir"));
        assert_eq!(say("en", "acme", Quote::Unknown), "Ask us first.");
        assert_ne!(say("en", "other", Quote::Unknown), "Ask us first.");
        std::fs::write(path("acme/ko.ftl"), "subject-delayed = 늦습니다\n").unwrap();
        let told = read(folder.path()).unwrap_err();
        assert!(told.contains("ko.ftl") && told.contains("subject-delayed"), "{told}");
        assert!(read(&path("none")).unwrap_err().contains("none"));
    }
}
