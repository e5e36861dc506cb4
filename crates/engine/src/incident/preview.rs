//! The preview: what a loss would touch, before anybody acts on it.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::id::{Id, LaneId, MerchantId, OrderId, SiteId, SkuId};
use holdfast_domain::money::Currency;
use holdfast_domain::network::LaneKind;
use holdfast_domain::order::Order;
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Stamp};
use serde::{Deserialize, Serialize};

use crate::promise::{Expected, expected};

/// What is (or would be) lost at one site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteLoss {
    /// The site.
    pub site: Option<SiteId>,
    /// Orders with units there that no site has been told of.
    pub orders: u32,
    /// Lines of them.
    pub lines: u32,
    /// Units of them.
    pub units: u64,
    /// Parcels the site has been told of and that have not left: in doubt.
    pub in_doubt: u32,
}

/// Why an order cannot move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StuckReason {
    /// Only the lost site has its goods.
    OnlyThere,
    /// Others have the goods, no lane from them is open.
    NoLane,
    /// Its parcel is in doubt.
    InDoubt,
}

/// An order that cannot move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StuckOrder {
    /// The order.
    pub order: OrderId,
    /// Why.
    pub reason: StuckReason,
}

/// The blast radius of losing sites and lanes. Money by currency, in minor units.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// By lost site.
    pub sites: Vec<SiteLoss>,
    /// Orders touched: units at a lost site or on a lost lane, or parcels in doubt.
    pub orders: u32,
    /// Lines touched.
    pub lines: u32,
    /// Units touched.
    pub units: u64,
    /// What these orders are worth.
    pub revenue: BTreeMap<String, i64>,
    /// Orders by merchant.
    pub merchants: BTreeMap<MerchantId, u32>,
    /// Promises that break if nothing is done before `back`.
    pub promises_broken: u32,
    /// Parcels in doubt.
    pub in_doubt: u32,
    /// Parcels with carriers, on lanes that are lost.
    pub on_the_way: u32,
    /// SKUs of touched orders that lie nowhere else.
    pub skus_at_risk: Vec<SkuId>,
    /// What cannot move, and why.
    pub stuck: Vec<StuckOrder>,
    /// Touched orders that a way of each kind still reaches from an open site with goods for them: what is left to open.
    pub ways: BTreeMap<LaneKind, u32>,
    /// Work units the open sites have left over the next seven days.
    pub capacity_left: u64,
    /// Work units the touched orders need.
    pub work_needed: u64,
}

/// Counts what losing `sites` and `lanes` touches at `at`, if nothing comes back before the day `back`.
#[must_use]
pub fn preview(state: &State, sites: &[SiteId], lanes: &[LaneId], back: Option<Day>, at: Stamp) -> Preview {
    let lost_sites: BTreeSet<SiteId> = sites.iter().copied().collect();
    let lost_lanes: BTreeSet<LaneId> = lanes.iter().copied().collect();
    let mut out = Preview::default();
    let mut losses: BTreeMap<SiteId, SiteLoss> = BTreeMap::new();
    for site in &lost_sites {
        losses.insert(*site, SiteLoss { site: Some(*site), ..SiteLoss::default() });
    }
    let mut skus: BTreeMap<SkuId, bool> = BTreeMap::new();
    for (id, order) in state.live_orders() {
        count_order(state, id, order, &lost_sites, &lost_lanes, back, &mut out, &mut losses, &mut skus);
    }
    out.sites = losses.into_values().collect();
    out.skus_at_risk = skus.into_iter().filter(|(_, elsewhere)| !elsewhere).map(|(sku, _)| sku).collect();
    for (index, site) in state.network.sites.iter().enumerate() {
        let id = SiteId::from_index(index);
        if !lost_sites.contains(&id) {
            let today = at.local(&site.zone).0;
            let week = (0..7).map(|ahead| u64::from(state.capacity_left(id, today.plus(ahead))));
            out.capacity_left += week.sum::<u64>();
        }
    }
    out
}

#[allow(clippy::too_many_arguments, reason = "one pass over all orders fills every count")]
fn count_order(
    state: &State,
    id: OrderId,
    order: &Order,
    sites: &BTreeSet<SiteId>,
    lanes: &BTreeSet<LaneId>,
    back: Option<Day>,
    out: &mut Preview,
    losses: &mut BTreeMap<SiteId, SiteLoss>,
    skus: &mut BTreeMap<SkuId, bool>,
) {
    let (mut touched, mut doubt, mut stuck) = (false, false, None);
    let mut here: BTreeSet<SiteId> = BTreeSet::new();
    for line in &order.lines {
        let mut line_touched = false;
        for a in &line.allocations {
            let stage = a.shipment.and_then(|id| state.shipments.get(id)).map(|shipment| shipment.stage);
            let at_site = stage.is_none_or(|stage| stage.at_site().is_some());
            if !at_site {
                if stage.is_some_and(|stage| stage.with_carrier()) && lanes.contains(&a.lane) {
                    out.on_the_way += 1;
                }
                continue;
            }
            let lost = sites.contains(&a.site);
            if !lost && !(lanes.contains(&a.lane) && stage.is_none()) {
                continue;
            }
            if stage.is_some() {
                doubt = true;
                if let Some(loss) = losses.get_mut(&a.site) {
                    loss.in_doubt += 1;
                }
                continue;
            }
            line_touched = true;
            out.units += u64::from(a.quantity.0);
            if let Some(loss) = losses.get_mut(&a.site) {
                loss.units += u64::from(a.quantity.0);
                loss.lines += 1;
                here.insert(a.site);
            }
            out.work_needed += state.network.site(a.site).map_or(0, |s| u64::from(s.work(1, a.quantity.0)));
            let reason = why_stuck(state, order, line.sku, a.quantity.0, sites, lanes);
            skus.entry(line.sku)
                .and_modify(|e| *e |= reason != Some(StuckReason::OnlyThere))
                .or_insert(reason != Some(StuckReason::OnlyThere));
            stuck = stuck.max(reason);
        }
        if line_touched {
            out.lines += 1;
            touched = true;
        }
    }
    for site in here {
        if let Some(loss) = losses.get_mut(&site) {
            loss.orders += 1;
        }
    }
    if doubt {
        out.in_doubt += 1;
        stuck = stuck.max(Some(StuckReason::InDoubt));
    }
    if !touched && !doubt {
        return;
    }
    out.orders += 1;
    let currency = state.network.merchant(order.merchant).map_or(Currency::USD, |merchant| merchant.currency);
    let value = out.revenue.entry(currency.code().to_owned()).or_default();
    *value = value.saturating_add(order.value());
    *out.merchants.entry(order.merchant).or_default() += 1;
    for kind in kinds_left(state, order, sites, lanes) {
        *out.ways.entry(kind).or_default() += 1;
    }
    if let Some(reason) = stuck {
        out.stuck.push(StuckOrder { order: id, reason });
    }
    // Without anybody acting it leaves when the site is back, and travels as planned.
    let breaks = match (expected(state, order), back) {
        (Expected::On(day), Some(back)) => {
            let slip = order.lines.iter().flat_map(|l| &l.allocations).filter(|a| a.shipment.is_none());
            let wait = slip.map(|a| back.since(a.ship_day).max(0)).max().unwrap_or(0);
            day.plus(wait) > order.promise
        }
        _ => true,
    };
    out.promises_broken += u32::from(breaks);
}

/// Kinds of open lanes to the order's zone from open sites that have any of its goods.
fn kinds_left(
    state: &State,
    order: &Order,
    sites: &BTreeSet<SiteId>,
    lanes: &BTreeSet<LaneId>,
) -> BTreeSet<LaneKind> {
    let has = |site: SiteId| order.lines.iter().any(|line| !state.available(site, line.sku).is_zero());
    let mut last = None;
    let mut kinds = BTreeSet::new();
    for (site, lane) in state.network.lanes_to(order.zone) {
        // Lanes are by site, so each site is asked once.
        let stocked = match last {
            Some((known, stocked)) if known == *site => stocked,
            _ => !sites.contains(site) && has(*site),
        };
        last = Some((*site, stocked));
        if stocked && !lanes.contains(lane) && state.lane_is_open(*lane) {
            kinds.extend(super::channel::kind_of(state, *lane).map(|(_, kind)| kind));
        }
    }
    kinds
}

fn why_stuck(
    state: &State,
    order: &Order,
    sku: SkuId,
    units: u32,
    sites: &BTreeSet<SiteId>,
    lanes: &BTreeSet<LaneId>,
) -> Option<StuckReason> {
    let others = || (0..state.sites.len()).map(SiteId::from_index).filter(|site| !sites.contains(site));
    let has = |site: SiteId| state.available(site, sku).0 >= units;
    if !others().any(has) {
        return Some(StuckReason::OnlyThere);
    }
    let way = |site: SiteId| {
        let mut to = state.network.lanes_to(order.zone).iter();
        to.any(|(s, lane)| *s == site && !lanes.contains(lane) && state.lane_is_open(*lane))
    };
    if others().any(|site| has(site) && way(site)) { None } else { Some(StuckReason::NoLane) }
}
