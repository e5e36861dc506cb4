//! How much of which SKU to lay at which site before a disaster: two-stage stochastic stock, with its bound.
//!
//! Stock is laid before anything happens; when it happens, what survives serves what it can. The invariant: a
//! published cost is evaluated exactly for the published stock, and a published bound follows from published
//! prices, whatever method found either.
//!
//! * [`lay`]: the operator's question, how many units of which SKU at which site under a budget, and the
//!   frontier of money spent against promises kept; [`check_lay`] verifies its plans;
//! * [`siting`]: depots of several sizes and stock of several goods (Rawls and Turnquist 2010), read by
//!   [`hurricane`];
//! * [`check`]: recomputes cost and bound, sharing no code with the solvers.

pub mod check;
pub mod check_lay;
pub mod hurricane;
pub mod lay;
pub mod outlook;
pub(crate) mod relax;
pub mod siting;
