//! Where the tests find the shared samples.

use std::path::PathBuf;

/// The folder of shared data, or nothing (said aloud) where it is absent.
#[allow(clippy::disallowed_methods)] // Tests read files; the crate does not.
pub(crate) fn data(path: &str) -> Option<Vec<u8>> {
    let folder = std::env::var("HOLDFAST_DATA").map_or_else(
        |_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    match std::fs::read(folder.join(path)) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            assert!(std::env::var("HOLDFAST_STRICT").as_deref() != Ok("1"), "{path}: {error}");
            eprintln!("SKIPPED: {path} (no data folder)");
            None
        }
    }
}

/// A sample of `hazards/alerts`.
pub(crate) fn sample(name: &str) -> Option<Vec<u8>> {
    data(&format!("hazards/alerts/{name}"))
}

/// Gives `check` the document cut after every `step` bytes, short of its end.
pub(crate) fn cut_everywhere(bytes: &[u8], step: usize, check: impl Fn(&[u8])) {
    let end = bytes.trim_ascii_end().len();
    (0..end).step_by(step).chain([end - 1]).for_each(|at| check(&bytes[..at]));
}
