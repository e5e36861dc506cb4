//! Lanes, zones and roads: how goods reach the customer around a closed area.
//!
//! Rates, transit times, roads and closures are the caller's data; this module holds no network of its own.
//! It does not know what closed a road: a closure is an answer to "from when to when is this stretch shut".

pub mod channel;
pub mod haul;
pub mod last_mile;
pub mod road;
pub mod way;
pub mod zone;
