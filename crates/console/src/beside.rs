//! What stands beside the state: how it stands with the analysis, and what was turned away at the door.

use std::collections::BTreeMap;

use holdfast_continuity::statistics::Guarded;
use holdfast_domain::id::PlanId;

use crate::before::Analysis;
use crate::drilled::Drilled;
use crate::links::Links;
use crate::undoing::Undoing;

/// What stands beside the state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// How it stands with the next analysis.
    pub analysis: Analysis,
    /// What was turned away, by month and by code.
    pub guarded: Guarded,
    /// The operator's recovery time objective, hours.
    pub objective_h: Option<u32>,
    /// Drills: how it stands with the next on every page, all else where a page shows it.
    pub drilled: Drilled,
    /// What taking each plan of the incident on the page back would come to.
    pub undoing: BTreeMap<PlanId, Undoing>,
    /// Shops, carriers and endpoints, where a page shows them.
    pub links: Links,
}
