//! The step function: state and stamped command to events and timers

pub mod holidays;
pub mod law;
