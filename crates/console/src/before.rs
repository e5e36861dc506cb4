//! What was computed before the disaster: the impact analysis the pages of *Before* are drawn from.

use holdfast_continuity::bia::Report;
use holdfast_continuity::critical::Critical;
use holdfast_domain::time::Stamp;

/// An impact analysis with what was computed beside it.
#[derive(Clone, Debug)]
pub struct Before {
    /// When it was computed.
    pub at: Stamp,
    /// Version of the state it was computed from.
    pub version: u64,
    /// The analysis.
    pub report: Report,
    /// Critical inventory, where it was asked for.
    pub critical: Option<Critical>,
}
