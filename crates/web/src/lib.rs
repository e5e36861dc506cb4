//! The live service over HTTP: API, webhooks, events, sign-in.
//!
//! Invariants: a route cannot be mounted without saying who may use it ([`policy::Policy`]); nothing is answered
//! before it is durable; what a caller reads is a fork of the durable state; a merchant's caller sees its own data
//! or nothing; one table maps rejections to status. It does not know how a site is chosen, nor where a journal lies.

pub mod analysis;
pub mod anchor;
pub mod app;
pub mod bounce;
pub mod config;
pub mod console;
pub mod cursor;
pub mod desk;
pub mod drills;
pub mod exchange;
pub mod guard;
pub mod index;
pub mod intake;
pub mod mount;
pub mod once;
pub mod outward;
pub mod planning;
pub mod policy;
pub mod problem;
pub mod rate;
pub mod routes;
pub mod serve;
pub mod tally;
pub mod watch;

pub use app::{App, Parts};
pub use config::Config;
pub use guard::Who;
pub use mount::Mount;
pub use policy::{Policy, Scope};
pub use problem::Problem;
