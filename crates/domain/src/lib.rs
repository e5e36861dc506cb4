//! Facts and rules of disaster-recovery fulfilment, and nothing else.
//!
//! [`decide`](decide::decide) turns a state and a command into events or a rejection;
//! [`evolve`](evolve::evolve) turns a state and an event into the next state. Nothing here knows a clock, entropy,
//! a network, a file or a thread.

pub mod care;
pub mod command;
pub mod decide;
pub mod event;
pub mod evolve;
pub mod id;
pub mod incident;
pub mod invariant;
pub mod money;
pub mod network;
pub mod notice;
pub mod order;
pub mod place;
pub mod plan_record;
pub mod quantity;
pub mod reject;
pub mod state;
pub mod stock;
pub mod table;
pub mod takeover;
pub mod time;
pub mod timer;
