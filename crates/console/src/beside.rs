//! What stands beside the state: how it stands with the analysis, and what was turned away at the door.

use holdfast_continuity::statistics::Guarded;

use crate::before::Analysis;

/// What stands beside the state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// How it stands with the next analysis.
    pub analysis: Analysis,
    /// What was turned away, by month and by code.
    pub guarded: Guarded,
    /// The operator's recovery time objective, hours.
    pub objective_h: Option<u32>,
}
