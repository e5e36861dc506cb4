//! What a page shows of drills: how it stands with the next, what there is to rehearse, what was held, what is planned.

use holdfast_app::drills::{DrillLine, Objectives, Planned, Rehearsal, Standing};

/// Everything of drills that stands beside the state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drilled {
    /// How it stands with the next.
    pub standing: Standing,
    /// What drills are scored against.
    pub objectives: Objectives,
    /// What there is to rehearse.
    pub library: Vec<Rehearsal>,
    /// What was held, in its order.
    pub held: Vec<DrillLine>,
    /// What is planned, in the order of the numbers.
    pub planned: Vec<Planned>,
    /// What could not be read, in English.
    pub faults: Vec<String>,
}

impl Drilled {
    /// The scenario of a key.
    #[must_use]
    pub fn scenario(&self, key: &str) -> Option<&Rehearsal> {
        self.library.iter().find(|one| one.key == key)
    }

    /// Whether a drill runs now.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        matches!(self.standing, Standing::Running(_))
    }
}
