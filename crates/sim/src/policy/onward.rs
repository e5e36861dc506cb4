//! Where goods on order go when they stand at the gate of a site that is shut.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::id::{Id, MerchantId, SiteId, SkuId, ZoneId};
use holdfast_domain::network::Site;
use holdfast_domain::state::State;
use holdfast_domain::time::Stamp;

/// What is asked of a state for every truck of a morning, looked up once.
#[derive(Clone, Debug, Default)]
pub(super) struct Onward {
    at: Option<Stamp>,
    /// Open sites that keep goods of a merchant: at others it has no contract.
    homes: BTreeMap<MerchantId, BTreeSet<SiteId>>,
    /// Units that wait for a SKU, by zone: without a site, or promised at one that is shut.
    waiting: BTreeMap<SkuId, BTreeMap<ZoneId, i64>>,
}

impl Onward {
    /// Looks the state up, unless that was done at this moment.
    pub(super) fn look(&mut self, state: &State, at: Stamp) {
        if self.at.replace(at) == Some(at) {
            return;
        }
        self.homes.clear();
        self.waiting.clear();
        let open = |site: SiteId| state.sites[site.index()].access.takes_orders();
        for (sku, site, _) in state.stock.iter().filter(|(_, site, _)| open(*site)) {
            if let Some(goods) = state.network.skus.get(sku) {
                self.homes.entry(goods.merchant).or_default().insert(site);
            }
        }
        for (_, order) in state.live_orders() {
            for line in &order.lines {
                let shut = line.allocations.iter().filter(|a| a.shipment.is_none() && !open(a.site));
                let units = line.backordered().0 + shut.map(|a| a.quantity.0).sum::<u32>();
                if units > 0 {
                    let zones = self.waiting.entry(line.sku).or_default();
                    *zones.entry(order.zone).or_default() += i64::from(units);
                }
            }
        }
    }

    /// Whether somebody waits for the SKU.
    pub(super) fn is_wanted(&self, sku: SkuId) -> bool {
        self.waiting.contains_key(&sku)
    }

    /// The open site from which the units that wait for this SKU are served at the least cost; where nobody waits, the
    /// one nearest to the gate. `None` if no open site may keep the goods.
    pub(super) fn best_home(&self, state: &State, gate: SiteId, sku: SkuId) -> Option<SiteId> {
        let nobody = BTreeMap::new();
        let waiting = self.waiting.get(&sku).unwrap_or(&nobody);
        let weight = state.network.skus.get(sku).map_or(0, |goods| goods.weight_g);
        let cost_of = |(id, site): &(SiteId, &Site)| -> Option<i64> {
            let mut cost = 0_i64;
            for (zone, units) in waiting {
                let lanes = state.network.lanes_to(*zone).iter();
                let open = lanes.filter(|(from, lane)| from == id && state.lane_is_open(*lane));
                let way = |lane| {
                    let lane = state.network.lanes.get(lane)?;
                    let unit = lane.cost_unit(weight) + site.cost_unit;
                    Some(lane.cost_parcel + unit * units + site.cost_parcel)
                };
                cost = cost.saturating_add(open.filter_map(|(_, lane)| way(*lane)).min()?);
            }
            Some(cost)
        };
        let by_cost = self.candidates(state, sku);
        let by_cost =
            by_cost.iter().filter_map(|one| Some((cost_of(one)?, distance(state, gate, one), one.0)));
        by_cost.min().map(|(_, _, site)| site)
    }

    /// The open site nearest to the gate that may keep the goods.
    pub(super) fn nearest_home(&self, state: &State, gate: SiteId, sku: SkuId) -> Option<SiteId> {
        let candidates = self.candidates(state, sku);
        candidates.iter().map(|one| (distance(state, gate, one), one.0)).min().map(|(_, site)| site)
    }

    fn candidates<'a>(&self, state: &'a State, sku: SkuId) -> Vec<(SiteId, &'a Site)> {
        let Some(goods) = state.network.skus.get(sku) else { return Vec::new() };
        let homes = self.homes.get(&goods.merchant).into_iter().flatten();
        let sites = homes.filter_map(|id| Some((*id, state.network.site(*id)?)));
        sites.filter(|(_, site)| site.storage.accepts(goods.storage)).collect()
    }
}

/// Metres between the gate and a site.
fn distance(state: &State, gate: SiteId, (_, site): &(SiteId, &Site)) -> u64 {
    state.network.site(gate).map_or(0, |from| from.place.distance_m(site.place) as u64)
}
