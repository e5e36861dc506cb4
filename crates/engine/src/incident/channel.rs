//! Which channels a plan opens, and what they cost against the best lane that is closed.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::id::{Id, LaneId, OrderId, ServiceId, SkuId};
use holdfast_domain::network::LaneKind;
use holdfast_domain::plan_record::Move;
use holdfast_domain::state::State;
use holdfast_domain::time::Day;
use serde::{Deserialize, Serialize};

/// A channel some orders take that did not take it before. Money in the operator's minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// The service.
    pub service: ServiceId,
    /// What kind of way it is.
    pub kind: LaneKind,
    /// Orders that take it now.
    pub orders: u32,
    /// Parcels of theirs on it.
    pub parcels: u32,
    /// What carriers and handling take for those.
    pub cost: i64,
    /// Parcels for which a carrier's lane to the same place is closed: why the channel was opened.
    pub shut_out: u32,
    /// What these cost here.
    pub shut_out_cost: i64,
    /// What the cheapest of the closed lanes would have taken for them.
    pub closed_cost: i64,
}

/// Whether the kind is a carrier's ordinary way, rather than a channel the operator opens.
#[must_use]
pub const fn is_carrier(kind: LaneKind) -> bool {
    matches!(kind, LaneKind::Parcel | LaneKind::Air | LaneKind::Ferry)
}

/// The kind of a lane.
#[must_use]
pub fn kind_of(state: &State, lane: LaneId) -> Option<(ServiceId, LaneKind)> {
    let lane = state.network.lanes.get(lane)?;
    Some((lane.service, state.network.services.get(lane.service.index())?.kind))
}

/// The channels that these moves open, by service.
#[must_use]
pub fn opened<'a>(state: &State, moves: impl IntoIterator<Item = &'a Move>) -> Vec<Opened> {
    let mut all: BTreeMap<ServiceId, (Opened, BTreeSet<OrderId>)> = BTreeMap::new();
    for change in moves {
        let had: BTreeSet<ServiceId> = change
            .from
            .iter()
            .filter_map(|(_, a)| kind_of(state, a.lane))
            .map(|(service, _)| service)
            .collect();
        let mut parcels: BTreeMap<(LaneId, Day), Vec<(SkuId, u32)>> = BTreeMap::new();
        let Ok(order) = state.order(change.order) else { continue };
        for (number, a) in &change.to {
            let Some(line) = order.lines.get(usize::from(*number)) else { continue };
            parcels.entry((a.lane, a.ship_day)).or_default().push((line.sku, a.quantity.0));
        }
        for ((lane, day), goods) in parcels {
            let Some((service, kind)) = kind_of(state, lane) else { continue };
            if is_carrier(kind) || had.contains(&service) {
                continue;
            }
            let cost = parcel_cost(state, lane, &goods);
            let (entry, orders) = all.entry(service).or_insert_with(|| {
                let none = Opened {
                    service,
                    kind,
                    orders: 0,
                    parcels: 0,
                    cost: 0,
                    shut_out: 0,
                    shut_out_cost: 0,
                    closed_cost: 0,
                };
                (none, BTreeSet::new())
            });
            entry.parcels += 1;
            entry.cost += cost;
            orders.insert(change.order);
            let closed =
                state.network.lanes_to(order.zone).iter().filter(|(_, lane)| is_shut(state, *lane, day));
            if let Some(least) = closed.map(|(_, lane)| parcel_cost(state, *lane, &goods)).min() {
                entry.shut_out += 1;
                entry.shut_out_cost += cost;
                entry.closed_cost += least;
            }
        }
    }
    let count = |(entry, orders): (Opened, BTreeSet<OrderId>)| Opened {
        orders: u32::try_from(orders.len()).unwrap_or(u32::MAX),
        ..entry
    };
    all.into_values().map(count).collect()
}

/// Whether a carrier's lane cannot be used that day: embargoed, or its site shut.
fn is_shut(state: &State, lane: LaneId, day: Day) -> bool {
    let (Some((_, kind)), Some(known)) = (kind_of(state, lane), state.network.lanes.get(lane)) else {
        return false;
    };
    let site = state.sites.get(known.site.index());
    let shut = site.is_none_or(|now| !now.access.takes_orders() || now.is_out(day));
    // A standby that was never called has closed nothing.
    let standby = state.network.site(known.site).is_some_and(|site| site.standby.is_some());
    is_carrier(kind) && !standby && (shut || !state.lane_is_open(lane))
}

fn parcel_cost(state: &State, lane: LaneId, goods: &[(SkuId, u32)]) -> i64 {
    let Some(lane) = state.network.lanes.get(lane) else { return 0 };
    let Some(site) = state.network.site(lane.site) else { return 0 };
    let unit = |sku: &SkuId| {
        let weight_g = state.network.skus.get(*sku).map_or(0, |sku| sku.weight_g);
        lane.cost_unit(weight_g) + site.cost_unit
    };
    let units: i64 = goods.iter().map(|(sku, units)| unit(sku) * i64::from(*units)).sum();
    lane.cost_parcel + site.cost_parcel + units
}
