//! The incident workflow, pure: preview, the frozen problem, the plan as commands, notices due, failback.
//!
//! Each part reads a state and gives data. Nothing here changes anything; the commands that come out go the same way
//! as an order does.

mod called;
mod channel;
mod failback;
mod haul;
mod make;
mod notices;
mod plan;
mod preview;
mod problem;
mod sequence;
mod solve;

pub use called::{Called, called};
pub use channel::{Opened, opened};
pub use failback::{FAILBACK_STEPS, failback_step};
pub use haul::{Destination, HAULS_OFFERED, HAULS_PER_SITE, NoTruck, Transport, Truck};
pub use make::{Effort, Made, PlanAsk, make};
pub(crate) use notices::outlook;
pub use notices::{NoticePreview, SAMPLE, Told, notices_due, preview_notices};
pub use plan::{
    Arrival, ArrivalOf, Due, Load, LoadReason, MoveReason, Planned, PlannedTransfer, STEP_MOVES, Summary,
    is_superseded, to_moves, truck_key,
};
pub use preview::{Preview, SiteLoss, StuckOrder, StuckReason, preview};
pub use problem::{Frozen, HORIZON_DAYS, Scope, freeze, freeze_over, freeze_with};
pub use sequence::sequence;
pub use solve::{Fairness, solve_frozen};
