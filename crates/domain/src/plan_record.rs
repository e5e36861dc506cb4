//! Adopted plans: what the state remembers of a plan while it is carried out.
//!
//! The plan itself is an immutable artefact, stored by its digest. It is cut into steps, and the record holds each
//! step's digest, so a step can be carried out only as it was approved, in order, and once.

use serde::{Deserialize, Serialize};

use crate::event::Allocations;
use crate::id::{IncidentId, OrderId};
use crate::table::{Digest, digest_of};
use crate::time::Stamp;

/// One order's change in a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// The order.
    pub order: OrderId,
    /// The unreleased allocations it must still have for the move to fit.
    pub from: Allocations,
    /// The allocations it gets instead. Units of `from` that are missing here are backordered.
    pub to: Allocations,
    /// The date to tell the customer, where it changes.
    pub promise: Option<crate::time::Day>,
}

/// A plan in execution, or after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRecord {
    /// Digest of the artefact.
    pub digest: Digest,
    /// The incident it answers.
    pub incident: Option<IncidentId>,
    /// Version of the state it was made from.
    pub parent: u64,
    /// Digest of each step's moves.
    pub steps: Box<[Digest]>,
    /// Steps carried out.
    pub done: u32,
    /// Orders moved.
    pub moved: u32,
    /// Orders left because the move no longer fitted.
    pub skipped: u32,
    /// Cost of the plan in the operator's minor units.
    pub cost: i64,
    /// Proven lower bound of that cost.
    pub bound: i64,
    /// When it was approved.
    pub adopted: Stamp,
    /// Whether it was taken back.
    pub undone: bool,
}

/// The digest by which a step of a plan is known.
#[must_use]
pub fn step_digest(moves: &[Move]) -> Digest {
    digest_of(moves)
}
