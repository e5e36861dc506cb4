//! Optimisation, pure: frozen problems in, immutable plans out, and a checker that shares no code with the solvers.

pub mod facility;
pub mod preposition;
pub mod replan;
pub mod route;
pub mod source;
