//! The real world's adapters: the system's clock, the system's entropy, journals on disk.
//!
//! Only the composition root may reach these; everything below it is handed a port.

use std::path::Path;

use holdfast_app::port::{Clock, Entropy, Journal};
use holdfast_app::writer::{Writer, WriterError};
use holdfast_domain::time::Stamp;
use holdfast_journal::sqlite::{OpenError, Options, SqliteJournal};

use crate::exit::{Code, Failure, chain};

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&mut self) -> Stamp {
        Stamp(jiff::Timestamp::now().as_millisecond())
    }
}

/// The system's entropy.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        // Without entropy no key may be made: weak keys would look like good ones.
        getrandom::fill(bytes).expect("the system gives entropy; without it nothing may be sealed");
    }
}

/// A writer on a journal on disk.
pub type LiveWriter = Writer<Box<dyn Journal>, SystemClock>;

/// What is left to do when a journal cannot be used.
const REMEDY: &str =
    "run `holdfast verify` on it, or restore a backup as docs/how-to/verify-and-restore.md says";

/// Opens a journal that is there, to read or to write.
pub fn open(path: &Path) -> Result<SqliteJournal, Failure> {
    if !path.exists() {
        return Err(Failure::input(
            format!("open {}: there is no such journal", path.display()),
            "check the path; `holdfast import` makes a journal",
        ));
    }
    let options = Options { create: false, ..Options::default() };
    SqliteJournal::open_with(path, options).map_err(|error| unopened(path, &error))
}

/// Opens a journal, or makes it.
pub fn open_or_make(path: &Path) -> Result<SqliteJournal, Failure> {
    SqliteJournal::open(path).map_err(|error| unopened(path, &error))
}

/// Takes a journal over and recovers its state.
pub fn writer(path: &Path, journal: impl Journal + 'static) -> Result<LiveWriter, Failure> {
    Writer::open(Box::new(journal) as Box<dyn Journal>, SystemClock, Box::new(OsEntropy))
        .map_err(|error| unwritten(path, &error))
}

/// A journal that cannot be read or written.
pub fn broken(path: &Path, error: &dyn std::error::Error) -> Failure {
    Failure::new(Code::Journal, format!("{}: {}", path.display(), chain(error)), REMEDY)
}

/// A writer that cannot go on.
pub fn unwritten(path: &Path, error: &WriterError) -> Failure {
    let text = chain(error);
    let remedy = if text.contains("another process") {
        "stop the other process, or wait until it is done"
    } else {
        REMEDY
    };
    Failure::new(Code::Journal, format!("{}: {text}", path.display()), remedy)
}

fn unopened(path: &Path, error: &OpenError) -> Failure {
    // A path that cannot hold a file is a wrong argument, not a damaged journal.
    let is_path =
        matches!(error, OpenError::File { .. } | OpenError::NotADatabase { .. } | OpenError::Foreign { .. });
    let code = if is_path { Code::Input } else { Code::Journal };
    let remedy = if is_path { "check the path and its permissions" } else { REMEDY };
    Failure::new(code, format!("{}: {}", path.display(), chain(error)), remedy)
}

/// A digest as text.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
