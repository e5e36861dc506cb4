//! What was computed before the disaster, and how it stands with the next analysis.

use holdfast_domain::time::Stamp;

pub use holdfast_continuity::house::{Before, Ways};

/// An analysis older than this is said to be old.
pub const FRESH_H: u64 = 36;

/// How it stands with the next analysis.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Analysis {
    /// None is being made.
    #[default]
    Idle,
    /// One is being made since then.
    Running(Stamp),
    /// The last one failed then: why, in English.
    Failed(Stamp, String),
}
