//! Before the disaster: impact analysis, critical inventory, statistics.
//!
//! Everything is computed from the operator's own orders, stock, sites and lanes. Invariant: the same input and seed
//! give the same bits on any number of threads, and every figure can be asked where it comes from.

pub mod backups;
pub mod bia;
pub mod calibrate;
pub mod critical;
pub mod fluid;
pub mod history;
pub mod house;
pub mod score;
pub mod statistics;
pub mod trace;
