//! The step function, and what an incident needs: preview, plan, failback, notices due, legal clocks.
//!
//! Pure: a state and a stamped command give events and timers. Live it runs on the wall clock, in a drill on a
//! scripted one, in a forecast on thousands of forks; the code is the same.

pub mod desk;
pub mod holidays;
pub mod incident;
pub mod law;
pub mod price;
pub mod promise;
pub mod quote;
pub mod route;
pub mod sellable;
pub mod step;
pub mod takeover;
