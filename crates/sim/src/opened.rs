//! What a plan of a drill opens: standby sites, trucks, channels; and where it found no way.

use std::collections::BTreeMap;

use holdfast_domain::id::SiteId;
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Span};
use holdfast_engine::incident::{Called, LoadReason, NoTruck, Opened, Planned, PlannedTransfer, called};
use serde::Serialize;

/// What a plan opens. Money in the operator's minor units.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PlanOpened {
    /// Standby sites it calls.
    pub standby: Vec<Called>,
    /// Trucks it sends between sites.
    pub trucks: Vec<TruckPlan>,
    /// Channels it opens.
    pub channels: Vec<Opened>,
    /// Where no truck can go, and why.
    pub no_trucks: Vec<NoTruck>,
}

/// A truck as it was planned.
#[derive(Clone, Debug, Serialize)]
pub struct TruckPlan {
    /// From here.
    pub from: SiteId,
    /// To there.
    pub to: SiteId,
    /// The day it leaves.
    pub leaves: Day,
    /// The first day on which what it brings may ship.
    pub ready: Day,
    /// Its way, metres.
    pub length_m: u64,
    /// The same with every road open.
    pub open_length_m: u64,
    /// Time it waits for roads to open.
    pub waits: Span,
    /// Whether it goes by known roads.
    pub by_road: bool,
    /// What it carries.
    pub units: u64,
    /// Lines it carries for each reason.
    pub why: BTreeMap<LoadReason, u32>,
    /// What that costs.
    pub cost: i64,
}

impl TruckPlan {
    fn of(sent: &PlannedTransfer) -> Self {
        Self {
            from: sent.from,
            to: sent.to,
            leaves: sent.leaves,
            ready: sent.ready,
            length_m: sent.way.length_m,
            open_length_m: sent.way.open_length_m,
            waits: sent.way.waited,
            by_road: sent.way.by_road,
            units: sent.loads.iter().map(|load| u64::from(load.quantity.0)).sum(),
            why: sent.reasons(),
            cost: sent.cost,
        }
    }
}

impl PlanOpened {
    /// What the plan opens, seen from the state it was made from.
    #[must_use]
    pub fn of(state: &State, planned: &Planned) -> Self {
        Self {
            standby: called(state, planned),
            trucks: planned.transfers.iter().map(TruckPlan::of).collect(),
            channels: planned.opened.clone(),
            no_trucks: planned.no_trucks.clone(),
        }
    }
}
