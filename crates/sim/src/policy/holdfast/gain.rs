//! What acting now is worth: what waiting costs, and what going round costs.

use holdfast_domain::id::{SiteId, SkuId};
use holdfast_domain::time::{Day, Stamp};

use crate::world::World;

/// The local time by which a site's parcels have left: a closure after it costs the next day, not this one.
const DAY_DONE_MS: u32 = 17 * 3_600_000;

/// The first local day whose parcels do not leave when a site closes at `closes`.
pub(crate) fn first_day_lost(closes: Stamp, zone: &holdfast_domain::time::Zone) -> Day {
    let (day, ms) = closes.local(zone);
    if ms < DAY_DONE_MS { day } else { day.plus(1) }
}

/// What acting now on an expected outage gains, in minor units: the chance that it comes times what the orders that
/// would then be shut in lose by waiting until it is expected back, less what going round the site costs in any case:
/// for each order the next best site that has its goods. Only orders that are there now are counted.
pub(super) fn expected_gain(world: &World, site: SiteId, days: (Day, Day), chance: f64) -> i64 {
    let state = world.state();
    let mut shut_in = 0_i64;
    let mut detour = 0_i64;
    for (_, order) in state.live_orders() {
        let Some(merchant) = state.network.merchant(order.merchant) else { continue };
        for line in &order.lines {
            for a in line.allocations.iter().filter(|a| a.site == site && a.shipment.is_none()) {
                if a.ship_day < days.0 || a.ship_day >= days.1 {
                    continue;
                }
                let wait = days.1.since(a.ship_day);
                let arrives =
                    state.network.lanes.get(a.lane).and_then(|lane| state.network.arrival(lane, a.ship_day));
                let late = arrives.map_or(wait, |day| day.plus(wait).since(order.promise).max(0));
                shut_in += merchant.late_cost * i64::from(late);
                detour += merchant.move_cost + detour_cost(world, order, line.sku, a);
            }
        }
    }
    (chance * shut_in as f64).round() as i64 - detour
}

/// What the next best site would cost more for this allocation, in minor units. Without another site it would stay where
/// it is: going round costs nothing because nobody can.
fn detour_cost(
    world: &World,
    order: &holdfast_domain::order::Order,
    sku: SkuId,
    a: &holdfast_domain::order::Allocation,
) -> i64 {
    detour(world, order, sku, a).unwrap_or(0)
}

/// What the next best site would cost more for this allocation, in minor units; `None` if no other site has it.
pub(crate) fn detour(
    world: &World,
    order: &holdfast_domain::order::Order,
    sku: SkuId,
    a: &holdfast_domain::order::Allocation,
) -> Option<i64> {
    let state = world.state();
    let network = &state.network;
    let weight = network.skus.get(sku).map_or(0, |sku| sku.weight_g);
    let cost = |site: SiteId, lane: holdfast_domain::id::LaneId| {
        let (site, lane) = (network.site(site)?, network.lanes.get(lane)?);
        Some(
            lane.cost_parcel
                + site.cost_parcel
                + (site.cost_unit + lane.cost_unit(weight)) * i64::from(a.quantity.0),
        )
    };
    let now = cost(a.site, a.lane).unwrap_or(0);
    let others = network.lanes_to(order.zone).iter().filter(|(site, lane)| {
        *site != a.site && state.lane_is_open(*lane) && state.available(*site, sku) >= a.quantity
    });
    let best = others.filter_map(|(site, lane)| cost(*site, *lane)).min();
    best.map(|best| (best - now).max(0))
}
