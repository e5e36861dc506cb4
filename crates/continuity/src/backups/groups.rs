//! Destinations, put together by the two sites that reach them most cheaply, and what a usual order is.

use std::collections::BTreeMap;

use holdfast_domain::id::{Id, SkuId};

use super::Ask;

/// Groups of destinations.
const GROUPS_MAX: usize = 60;

/// Destinations put together.
pub(super) struct Group {
    pub(super) orders_per_day: f64,
    pub(super) unserved_minor: i64,
    /// By site: carriage and handling of an order.
    pub(super) cost: Vec<Option<i64>>,
}

/// Mean units and grams of an order, and what it costs to lose one.
fn typical(ask: &Ask<'_>) -> (f64, f64) {
    let (mut units, mut grams) = (0.0, 0.0);
    for line in ask.world.orders.iter().flat_map(|order| &order.lines) {
        units += f64::from(line.quantity);
        grams += f64::from(line.quantity) * f64::from(ask.world.skus[line.sku as usize].weight_g);
    }
    let count = ask.world.orders.len().max(1) as f64;
    (units / count, grams / count)
}

/// Orders a day a site can ship, by the work of a mean order.
pub(super) fn orders_per_day(ask: &Ask<'_>, site: usize) -> f64 {
    let (parcel, unit) = ask.world.work_of(site);
    let work = f64::from(parcel) + f64::from(unit) * typical(ask).0;
    if work > 0.0 { ask.world.capacity_per_day(site) / work } else { 1e9 }
}

/// Destinations by the two sites that reach them most cheaply.
pub(super) fn groups(ask: &Ask<'_>, used: &[usize]) -> Vec<Group> {
    let (state, world) = (ask.question.state, ask.world);
    let zones = world.by_zone.len();
    let (units, grams) = typical(ask);
    let mut orders = vec![0_u32; zones];
    let mut lost = vec![0_i64; zones];
    for order in &world.orders {
        orders[order.zone] += 1;
        for line in &order.lines {
            let sku = state.network.skus.get(SkuId::from_index(line.sku as usize));
            let (price, cost) = sku.map_or((line.price, 0), |sku| (line.price, sku.cost));
            let cost = if cost > 0 { cost } else { price / 2 };
            let backorder =
                state.network.merchants.get(order.merchant).map_or(0, |m| m.backorder_cost.max(0));
            lost[order.zone] += (price - cost).max(0) * i64::from(line.quantity) + backorder;
        }
    }
    let cost_of = |zone: usize, site: usize| {
        let lanes = world.by_zone[zone].iter().filter(|lane| world.lanes[**lane].site == site);
        let of = |lane: &usize| {
            let form = &world.lanes[*lane];
            world.parcel_cost(*lane)
                + (form.per_kg as f64 * grams / 1_000.0 + world.sites[site].cost.1 as f64 * units).round()
                    as i64
        };
        lanes.map(of).min()
    };
    let mut parts: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for zone in (0..zones).filter(|zone| orders[*zone] > 0) {
        let mut near: Vec<(i64, usize)> =
            used.iter().filter_map(|site| cost_of(zone, *site).map(|cost| (cost, *site))).collect();
        near.sort_unstable();
        let at = |index: usize| near.get(index).map_or(usize::MAX, |one| one.1);
        parts.entry((at(0), at(1))).or_default().push(zone);
    }
    let mut parts: Vec<Vec<usize>> = parts.into_values().collect();
    // The smallest are put together where there are too many.
    let size = |zones: &Vec<usize>| zones.iter().map(|zone| u64::from(orders[*zone])).sum::<u64>();
    parts.sort_by(|a, b| size(b).cmp(&size(a)).then(a.cmp(b)));
    if parts.len() > GROUPS_MAX {
        let rest: Vec<usize> = parts.split_off(GROUPS_MAX - 1).into_iter().flatten().collect();
        parts.push(rest);
    }
    let group = |zones: &Vec<usize>| {
        let count: f64 = zones.iter().map(|zone| f64::from(orders[*zone])).sum();
        let mean = |site: usize| {
            let (mut sum, mut reached) = (0.0, 0.0);
            for zone in zones {
                if let Some(cost) = cost_of(*zone, site) {
                    sum += cost as f64 * f64::from(orders[*zone]);
                    reached += f64::from(orders[*zone]);
                }
            }
            (reached > 0.5 * count).then(|| (sum / reached).round() as i64)
        };
        Group {
            orders_per_day: count / world.span_days(),
            unserved_minor: (zones.iter().map(|zone| lost[*zone] as f64).sum::<f64>() / count.max(1.0))
                as i64,
            cost: (0..world.sites_count).map(mean).collect(),
        }
    };
    parts.iter().map(group).collect()
}
