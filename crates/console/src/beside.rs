//! What stands beside the state: how it stands with the analysis, and what was turned away at the door.

use crate::before::Analysis;

/// What stands beside the state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// How it stands with the next analysis.
    pub analysis: Analysis,
}
