//! What a plan of a drill opens: standby sites, trucks, channels; and where it found no way.

use std::collections::BTreeMap;

use holdfast_domain::id::{Id, SiteId};
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Span};
use holdfast_engine::incident::{
    Called, Destination, LoadReason, NoTruck, Opened, Planned, PlannedTransfer, called,
};
use serde::Serialize;

/// What a plan opens. Money in the operator's minor units.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PlanOpened {
    /// Standby sites it calls.
    pub standby: Vec<Called>,
    /// Trucks it sends between sites.
    pub trucks: Vec<TruckPlan>,
    /// Channels it opens: carrier and service, and what it comes to.
    pub channels: Vec<(String, Opened)>,
    /// Where no truck can go, and why.
    pub no_trucks: Vec<NoWay>,
}

/// Two places no truck joins.
#[derive(Clone, Debug, Serialize)]
pub struct NoWay {
    /// Code of the site.
    pub from: String,
    /// Code of the other site, or of the zone whose hub is not reached.
    pub to: String,
    /// The reason's code ([`holdfast_plan::route::haul::NoHaul::code`]).
    pub why: &'static str,
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
        let site = |id| state.network.site(id).map_or_else(String::new, |site| site.code.to_string());
        let channel = |opened: &Opened| {
            let service = state.network.services.get(opened.service.index());
            (service.map_or_else(String::new, |it| format!("{} {}", it.carrier, it.name)), *opened)
        };
        let no_way = |none: &NoTruck| {
            let zone = |index: usize| state.network.zones.get(index).map(|zone| zone.code.to_string());
            let to = match none.to {
                Destination::Site(id) => site(id),
                Destination::Zone(id) => zone(id.index()).unwrap_or_default(),
            };
            NoWay { from: site(none.from), to, why: none.why.code() }
        };
        Self {
            standby: called(state, planned),
            trucks: planned.transfers.iter().map(TruckPlan::of).collect(),
            channels: planned.opened.iter().map(channel).collect(),
            no_trucks: planned.no_trucks.iter().map(no_way).collect(),
        }
    }
}
