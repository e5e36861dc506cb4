//! The rules as a whole: what an order lives through, every rejection, and random commands by the thousand.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test ends where something is missing")]

mod calls;
mod care;
mod life;
mod random;
mod rejections;
mod script;
mod takeover;
mod world;
