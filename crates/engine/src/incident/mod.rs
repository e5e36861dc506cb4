//! The incident workflow, pure: preview, the frozen problem, the plan as commands, notices due, failback.
//!
//! Each part reads a state and gives data. Nothing here changes anything; the commands that come out go the same way
//! as an order does.

mod failback;
mod notices;
mod plan;
mod preview;
mod problem;

pub use failback::{FAILBACK_STEPS, failback_step};
pub use notices::{Told, notices_due};
pub use plan::{MoveReason, Planned, STEP_MOVES, Summary, to_moves};
pub use preview::{Preview, SiteLoss, StuckOrder, StuckReason, preview};
pub use problem::{Frozen, Scope, freeze, freeze_over};
