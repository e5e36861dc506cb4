//! The real app on a fake world: scenarios, policies, drills, faults, and an independent auditor.

pub mod auditor;
pub mod clock;
pub mod decisions;
pub mod drill;
pub mod forecast;
pub mod hindsight;
pub mod loss;
pub mod merchant;
pub mod opened;
pub mod parts;
pub mod policy;
pub mod recount;
pub mod recount_notices;
pub mod report;
pub mod roads;
pub mod scenario;
pub mod simulator;
pub mod takeover;
pub mod tally;
pub mod truth;
pub mod world;
