//! Which standby sites a plan calls, what they cost, and why.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::id::{OrderId, SiteId};
use holdfast_domain::state::State;
use holdfast_domain::time::Stamp;
use holdfast_plan::replan::{MovedBecause, Reason};
use serde::{Deserialize, Serialize};

use super::plan::Planned;

/// A standby site a plan calls. Money in the operator's minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Called {
    /// The site.
    pub site: SiteId,
    /// What calling it costs once.
    pub activation: i64,
    /// What each of its days costs.
    pub daily: i64,
    /// When the first parcel can leave.
    pub ready: Stamp,
    /// Orders that ship from it.
    pub orders: u32,
    /// Units that do.
    pub units: u64,
    /// Lines of those orders by the reason for which they move.
    pub why: BTreeMap<MovedBecause, u32>,
}

/// The standby sites the plan calls, by id.
#[must_use]
pub fn called(state: &State, planned: &Planned) -> Vec<Called> {
    let mut all: BTreeMap<SiteId, (Called, BTreeSet<OrderId>)> = BTreeMap::new();
    for site in &planned.activate {
        let Some(terms) = state.network.site(*site).and_then(|known| known.standby) else { continue };
        let none = Called {
            site: *site,
            activation: terms.activation_cost,
            daily: terms.daily_cost,
            ready: planned.made.after(terms.lead_time),
            orders: 0,
            units: 0,
            why: BTreeMap::new(),
        };
        all.insert(*site, (none, BTreeSet::new()));
    }
    if all.is_empty() {
        return Vec::new();
    }
    let arrivals = planned.arrivals.iter().flat_map(|arrival| &arrival.moves);
    for change in planned.moves.iter().chain(arrivals) {
        // Reasons are in the order of the orders.
        let from = planned.reasons.partition_point(|reason| reason.order < change.order);
        let reasons = || planned.reasons[from..].iter().take_while(|reason| reason.order == change.order);
        for (line, a) in &change.to {
            let Some((entry, orders)) = all.get_mut(&a.site) else { continue };
            orders.insert(change.order);
            entry.units += u64::from(a.quantity.0);
            let why = reasons().find(|reason| reason.line == *line).map(|reason| reason.reason);
            if let Some(Reason::Moved(because)) = why {
                *entry.why.entry(because).or_default() += 1;
            }
        }
    }
    let count = |(entry, orders): (Called, BTreeSet<OrderId>)| Called {
        orders: u32::try_from(orders.len()).unwrap_or(u32::MAX),
        ..entry
    };
    all.into_values().map(count).collect()
}
