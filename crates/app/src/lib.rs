//! The one-writer loop, its ports, outbox and views.
//!
//! Command in, durable answer out: [`core`] decides in memory and lets nothing out before it is durable,
//! [`writer`] runs it on one thread,
//! [`service`] with the journal on a thread of its own, [`recover`] brings a state back from its journal, [`seal`] keeps personal data
//! out of it. The world (storage, clock, entropy) comes in through [`port`].

pub mod core;
pub mod desk;
pub mod dispatch;
pub mod drills;
pub mod load;
pub mod pack;
pub mod packing;
pub mod people;
pub mod port;
pub mod recover;
pub mod rehearse;
pub mod retry;
pub mod roads;
pub mod scan;
pub mod seal;
pub mod service;
pub mod writer;
