//! Facts and rules of disaster-recovery fulfilment, and nothing else.
//!
//! `decide` turns a state and a command into events or a rejection; `evolve` turns a state and an event
//! into the next state. Nothing here knows a clock, entropy, a network, a file or a thread.

pub mod id;
pub mod money;
pub mod place;
pub mod quantity;
pub mod time;
