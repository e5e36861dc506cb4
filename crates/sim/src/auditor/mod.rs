//! The auditor: an independent oracle over what clients were told and what the journal holds in the end.
//!
//! It shares no code with the rules it judges: it has its own model of shelves, orders, shipments, plans and notices,
//! fed by the durable entries alone, and breaks off at the first entry that no honest writer could have written.
//! Only the types of commands, events and replies are the program's own.

mod model;
mod orders;
mod rest;
mod shipments;
mod stock;
mod told;

use std::collections::BTreeMap;

use holdfast_app::core::Reply;
use holdfast_domain::command::Command;
use holdfast_domain::evolve::Entry;
use holdfast_domain::id::{SiteId, SkuId};

pub use model::Totals;
use model::{Breach, Model};

/// What a client asked and was told, with what was durable at that moment.
#[derive(Clone, Debug)]
pub struct Told {
    /// What was asked.
    pub command: Command,
    /// Under which key.
    pub key: Option<u128>,
    /// What was answered.
    pub reply: Reply,
    /// Entries that were durable when the answer went out.
    pub durable: u64,
}

/// What the writer's memory says at the end, for comparison with the auditor's own books.
#[derive(Clone, Debug, Default)]
pub struct Claim {
    /// On hand, reserved, quarantined; shelves on which nothing lies may be left out.
    pub shelves: BTreeMap<(SiteId, SkuId), (u32, u32, u32)>,
    /// By order: what the customer still wants in minor units, `None` once archived.
    pub orders: Vec<Option<i64>>,
}

/// A rule that was broken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rule}: {what} (entry {version})")]
pub struct Violation {
    /// Its name.
    pub rule: &'static str,
    /// Journal entry that breaks it; the last one for what is found at the end.
    pub version: u64,
    /// What was found.
    pub what: String,
}

/// Audits a run: every entry by the rules, every answer against the entries, and the claim against the books.
///
/// # Errors
/// The first [`Violation`].
pub fn audit(entries: &[Entry], told: &[Told], claim: Option<&Claim>) -> Result<Totals, Violation> {
    let mut model = Model::default();
    for entry in entries {
        let version = model.version + 1;
        let found = |breach: Breach| Violation { rule: breach.rule, version, what: breach.what };
        model.entry(entry).map_err(found)?;
    }
    let at_end = |breach: Breach| Violation { rule: breach.rule, version: model.version, what: breach.what };
    model.conserved().map_err(at_end)?;
    told::compare(&model, entries, told).map_err(at_end)?;
    if let Some(claim) = claim {
        model.agrees(claim).map_err(at_end)?;
    }
    Ok(model.totals)
}
