//! What the loss of a site takes with it, counted at the moment it closes, before anybody acts.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::id::{Id, MerchantId, OrderId, SiteId, SkuId};
use holdfast_domain::incident::StockAccess;
use holdfast_domain::state::State;
use holdfast_domain::time::Stamp;
use holdfast_engine::incident::{StuckReason, preview};
use serde::Serialize;

use crate::world::World;

/// What a site took with it. Worth is in minor units, by currency; orders that are touched at two sites count at both.
#[derive(Clone, Debug, Serialize)]
pub struct Loss {
    /// The site.
    pub site: SiteId,
    /// When it closed.
    pub at: Stamp,
    /// What became of its stock: out of reach for a time, unknown, or lost.
    pub stock: StockAccess,
    /// The whole of it.
    pub whole: Lost,
    /// By merchant.
    pub merchants: BTreeMap<MerchantId, Lost>,
    /// Each SKU that lay there: its units, and whether another site has some within reach.
    #[serde(skip)]
    pub shelves: Vec<(SkuId, u32, bool)>,
}

/// What is lost, or out of reach, to somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// SKUs that lay there.
    pub skus: u64,
    /// SKUs of them that lay nowhere else within reach.
    pub skus_only_there: u64,
    /// Units that lay there.
    pub units: u64,
    /// What they had cost.
    pub at_cost: BTreeMap<String, i64>,
    /// What they would have sold for.
    pub at_price: BTreeMap<String, i64>,
    /// Orders with something there that had not left.
    pub orders: u64,
    /// Orders of them that no other site can serve, with what is known now.
    pub stuck: u64,
    /// Parcels the site had been told of: whether they left is in doubt.
    pub in_doubt: u64,
    /// Units on order for the site that had not come.
    pub inbound_units: u64,
}

impl Loss {
    /// Counts what closing `site` takes with it at `at`.
    #[must_use]
    pub fn of(world: &World, site: SiteId, stock: StockAccess, at: Stamp) -> Self {
        let state = world.state();
        let mut merchants: BTreeMap<MerchantId, Lost> = BTreeMap::new();
        let mut shelves = Vec::new();
        let elsewhere = reachable_elsewhere(state, site);
        for (sku, _, shelf) in
            state.stock.iter().filter(|(_, place, shelf)| *place == site && shelf.on_hand > 0)
        {
            let Some(goods) = state.network.skus.get(sku) else { continue };
            shelves.push((sku, shelf.on_hand, elsewhere.contains(&sku)));
            let mine = merchants.entry(goods.merchant).or_default();
            let units = i64::from(shelf.on_hand);
            let currency = currency(state, goods.merchant);
            mine.skus += 1;
            mine.skus_only_there += u64::from(!elsewhere.contains(&sku));
            mine.units += u64::from(shelf.on_hand);
            *mine.at_cost.entry(currency.clone()).or_default() += goods.cost.saturating_mul(units);
            *mine.at_price.entry(currency).or_default() += goods.price.saturating_mul(units);
        }
        for (_, place, sku, quantity) in world.inbound_expected() {
            if let (true, Some(goods)) = (place == site, state.network.skus.get(sku)) {
                merchants.entry(goods.merchant).or_default().inbound_units += u64::from(quantity.0);
            }
        }
        let touched = preview(state, &[site], &[], None, at);
        for (merchant, orders) in &touched.merchants {
            merchants.entry(*merchant).or_default().orders += u64::from(*orders);
        }
        let merchant_of = |order: OrderId| state.order(order).ok().map(|order| order.merchant);
        for stuck in touched.stuck.iter().filter(|stuck| stuck.reason != StuckReason::InDoubt) {
            if let Some(merchant) = merchant_of(stuck.order) {
                merchants.entry(merchant).or_default().stuck += 1;
            }
        }
        for (_, shipment) in state.shipments.iter() {
            if let (true, true, Some(merchant)) =
                (shipment.site == site, shipment.stage.at_site().is_some(), merchant_of(shipment.order))
            {
                merchants.entry(merchant).or_default().in_doubt += 1;
            }
        }
        Self { site, at, stock, whole: sum(merchants.values()), merchants, shelves }
    }
}

fn currency(state: &State, merchant: MerchantId) -> String {
    state.network.merchant(merchant).map_or_else(String::new, |merchant| merchant.currency.code().to_owned())
}

/// SKUs with units that another site can ship.
fn reachable_elsewhere(state: &State, site: SiteId) -> BTreeSet<SkuId> {
    let usable = |place: SiteId| place != site && state.sites[place.index()].access.takes_orders();
    let shelves =
        state.stock.iter().filter(|(_, place, shelf)| usable(*place) && !shelf.available().is_zero());
    shelves.map(|(sku, ..)| sku).collect()
}

fn sum<'a>(parts: impl Iterator<Item = &'a Lost>) -> Lost {
    let mut whole = Lost::default();
    for part in parts {
        whole.skus += part.skus;
        whole.skus_only_there += part.skus_only_there;
        whole.units += part.units;
        whole.orders += part.orders;
        whole.stuck += part.stuck;
        whole.in_doubt += part.in_doubt;
        whole.inbound_units += part.inbound_units;
        for (currency, amount) in &part.at_cost {
            *whole.at_cost.entry(currency.clone()).or_default() += amount;
        }
        for (currency, amount) in &part.at_price {
            *whole.at_price.entry(currency.clone()).or_default() += amount;
        }
    }
    whole
}
