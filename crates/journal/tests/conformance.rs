//! The suite, run on the journals there are.

use holdfast_journal::conformance;
use holdfast_journal::memory::MemoryJournal;
use holdfast_journal::sqlite::{Options, SqliteJournal};

#[test]
fn memory_conforms() {
    conformance::all(|| {
        let journal = MemoryJournal::new();
        move || journal.clone()
    });
}

#[test]
fn sqlite_conforms() {
    conformance::all(|| {
        let folder = tempfile::tempdir().expect("a folder for tests");
        // Two writers in one process stand for two processes whose lock does not work.
        let options = Options { writer_lock: false, ..Options::default() };
        move || SqliteJournal::open_with(&folder.path().join("journal"), options).expect("it opens")
    });
}
