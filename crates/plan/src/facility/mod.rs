//! Which sites to contract: facility location, solved exactly and published with its proof.
//!
//! Every answer carries its cost, a lower bound that holds whatever the solver did, and the work it took.
//! The bounds are Lagrangian: each customer's demand gets a price, under which every site decides alone
//! whether it is worth opening; branch and bound closes what the prices leave open. The invariant: a published
//! cost is recomputed from the open set, never taken from the relaxation.
//!
//! * [`location`]: capacitated and uncapacitated warehouses, p-median, with scenarios that change demand and
//!   take capacity away;
//! * [`reliable`]: sites that fail independently with one probability, and several levels of backup
//!   (Snyder and Daskin 2005);
//! * [`backup`]: the operator's question, which backup sites to contract against correlated failures;
//! * [`read`]: the OR-Library and Daskin file formats; [`answer`]: from a file's text to an answer;
//! * [`check`], [`check_backup`]: recompute an answer and share no code with the solvers.

pub mod answer;
pub mod backup;
mod branch;
pub mod check;
pub mod check_backup;
pub mod location;
pub mod read;
pub mod reliable;
pub(crate) mod transport;

use core::ops::ControlFlow;
use serde::Serialize;

/// The most candidate sites a problem may have; a bound on memory for hostile input.
pub const MAX_SITES: usize = 2_000;
/// The most customers a problem may have.
pub const MAX_CUSTOMERS: usize = 20_000;
/// The most cells (site x customer x scenario) a problem may have.
pub const MAX_CELLS: usize = 50_000_000;

/// How much work a solve may do. It counts price rounds, never seconds, so the same budget gives the same
/// answer on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Rounds of pricing, over all nodes of the search.
    pub rounds: u64,
}

impl Default for Budget {
    /// Enough to prove every instance the tests name, with room to spare.
    fn default() -> Self {
        Self { rounds: 2_000_000 }
    }
}

/// Where a solve stands, told once per node.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Work done so far.
    pub work: Work,
    /// The cheapest cost found.
    pub cost: f64,
    /// What no solution can undercut.
    pub lower_bound: f64,
}

/// Told of progress; [`ControlFlow::Break`] stops the solve, which then returns its best with its bound.
pub type Watch<'a> = &'a mut dyn FnMut(&Progress) -> ControlFlow<()>;

/// Lets a solve run to its end.
pub fn unwatched() -> impl FnMut(&Progress) -> ControlFlow<()> {
    |_| ControlFlow::Continue(())
}

/// The work a solve took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Work {
    /// Nodes of the search tree that were bounded.
    pub nodes: u64,
    /// Rounds of pricing.
    pub rounds: u64,
    /// Open sets whose true cost was computed.
    pub evaluations: u64,
}

/// One customer served, wholly or in part, by one site, or left unserved.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Assignment {
    /// Index of the customer.
    pub customer: usize,
    /// Index of the scenario; 0 where there is one.
    pub scenario: usize,
    /// 0 for the first choice, 1 for its backup, and so on.
    pub level: usize,
    /// Index of the site; `None` when unserved.
    pub site: Option<usize>,
    /// Share of the customer's demand, in (0, 1].
    pub share: f64,
}

/// Why a site is in the answer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Reason {
    /// Index of the site.
    pub site: usize,
    /// Customers it serves as first choice in the first scenario.
    pub customers_first: usize,
    /// What the network would cost without it, the other open sites kept; `None` if it could not serve.
    pub cost_without: Option<f64>,
}

/// A set of sites with its cost and its proof.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Solution {
    /// Fixed plus (expected) service cost, in the problem's own money.
    pub cost: f64,
    /// No set of sites costs less. When [`Solution::proven`], to one part in 10⁹.
    pub lower_bound: f64,
    /// `(cost - lower_bound) / cost`; 0 when proven.
    pub gap: f64,
    /// Whether the search ended by itself.
    pub proven: bool,
    /// Indices of the open sites, ascending.
    pub open: Vec<usize>,
    /// Who serves whom, by scenario, customer and level.
    pub assignments: Vec<Assignment>,
    /// The work it took.
    pub work: Work,
    /// Why each open site is open, in the order of [`Solution::open`].
    pub reasons: Vec<Reason>,
}

/// Why a problem cannot be solved as it stands.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FacilityError {
    /// A table whose length does not fit the others.
    #[error("use table {table}: it has {found} entries where {expected} are needed")]
    Shape {
        /// The table.
        table: &'static str,
        /// Its length.
        found: usize,
        /// The length it needs.
        expected: usize,
    },
    /// A value that is not a finite number in its range.
    #[error("use {value} as {field} number {index}: give a number {range}")]
    Value {
        /// What the value is.
        field: &'static str,
        /// Which one, from 0.
        index: usize,
        /// The value.
        value: f64,
        /// What is accepted.
        range: &'static str,
    },
    /// More than this solver takes.
    #[error("solve {found} {what}: at most {limit} are taken, merge or drop some")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much there is.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// No set of sites can serve everybody.
    #[error(
        "serve every customer even with every site open: raise capacity, or give unserved demand a price"
    )]
    Infeasible,
    /// Stopped before a set that serves was found.
    #[error("find a set of sites that serves within the budget: allow more rounds")]
    Unfinished,
}

pub(crate) fn in_range(
    field: &'static str,
    values: &[f64],
    accepted: impl Fn(f64) -> bool,
    range: &'static str,
) -> Result<(), FacilityError> {
    match values.iter().position(|value| !accepted(*value)) {
        Some(index) => Err(FacilityError::Value { field, index, value: values[index], range }),
        None => Ok(()),
    }
}

pub(crate) fn same_length(table: &'static str, found: usize, expected: usize) -> Result<(), FacilityError> {
    if found == expected { Ok(()) } else { Err(FacilityError::Shape { table, found, expected }) }
}

/// `(cost - bound) / cost`, 0 where the cost is 0.
pub(crate) fn gap_of(cost: f64, bound: f64) -> f64 {
    if cost.abs() > 0.0 { ((cost - bound) / cost.abs()).max(0.0) } else { 0.0 }
}
