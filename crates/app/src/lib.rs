//! The one-writer loop, its ports, outbox and views.

pub mod port;
