//! What a take-over would do to open orders: planned with it and without it, never guessed.

use std::collections::BTreeMap;

use holdfast_domain::id::{Id, LaneId, MerchantId, OrderId, SiteId, SkuId};
use holdfast_domain::order::Order;
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Stamp};
use holdfast_plan::replan::{self, Control, Draft, Options, Plan, Problem, ProblemError, solve};
use serde::{Deserialize, Serialize};

use crate::incident::{Frozen, Scope, freeze};

/// What a plan comes to for one merchant's open orders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Orders that were up for planning.
    pub orders: u32,
    /// Orders of which every unit leaves within the horizon.
    pub served: u32,
    /// Orders that arrive whole by the date the customer has.
    pub kept: u32,
    /// Units that leave.
    pub units: u64,
    /// The first day anything of it leaves.
    pub first_day: Option<Day>,
    /// The last day anything of it leaves.
    pub last_day: Option<Day>,
    /// Carriers: parcels and weight, operator's minor units.
    pub shipping: i64,
    /// Handling, operator's minor units.
    pub handling: i64,
    /// Lateness at the merchant's price for a line and day, operator's minor units.
    pub late: i64,
    /// What carriers and handling would have taken for the same units from the guest's own sites; nothing for
    /// other merchants, and where the guest's lanes are not known.
    pub usual: i64,
}

/// What a take-over does to another merchant's open promises.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// The merchant.
    pub merchant: MerchantId,
    /// Its open orders.
    pub orders: u32,
    /// Promises a plan without the take-over keeps.
    pub kept_without: u32,
    /// Promises a plan with it keeps.
    pub kept_with: u32,
    /// Lateness without it, operator's minor units.
    pub late_without: i64,
    /// Lateness with it, operator's minor units.
    pub late_with: i64,
}

impl Effect {
    /// Promises that break because of it; negative where the search found better ones.
    #[must_use]
    pub fn broken(&self) -> i64 {
        i64::from(self.kept_without) - i64::from(self.kept_with)
    }
}

/// Goods a plan may count on beside the state's: site, SKU, from this day, units.
pub(super) type Coming = (SiteId, SkuId, Day, u32);

/// Plans the open orders of the merchants that `keep` names and counts what each gets.
pub(super) fn outlook(
    state: &State,
    at: Stamp,
    work: u64,
    keep: &dyn Fn(MerchantId) -> bool,
    coming: &[Coming],
    guest: (MerchantId, &[SiteId]),
) -> Result<BTreeMap<MerchantId, Outcome>, ProblemError> {
    let frozen = only(state, freeze(state, Scope::All, at)?, keep, coming)?;
    if frozen.orders.is_empty() {
        return Ok(BTreeMap::new());
    }
    // The first thousandth of a cent does not change whose promise is kept.
    let options = Options { seed: 1, work, gap: 0.0005, threads: None };
    let plan = solve(&frozen.problem, &options, &mut |_| Control::Continue);
    Ok(count(state, &frozen, &plan, guest))
}

fn only(
    state: &State,
    mut frozen: Frozen,
    keep: &dyn Fn(MerchantId) -> bool,
    coming: &[Coming],
) -> Result<Frozen, ProblemError> {
    let mut draft: Draft = (*frozen.problem).clone();
    let kept: Vec<bool> = draft.orders.iter().map(|order| keep(MerchantId(order.merchant))).collect();
    fn filter<T>(list: Vec<T>, kept: &[bool]) -> Vec<T> {
        list.into_iter().zip(kept).filter(|(_, kept)| **kept).map(|(item, _)| item).collect()
    }
    draft.orders = filter(draft.orders, &kept);
    for (site, sku, day, quantity) in coming {
        let from_day = u16::try_from(day.since(frozen.first_day).max(0)).unwrap_or(u16::MAX);
        if from_day >= draft.horizon_days || state.network.skus.get(*sku).is_none() {
            continue;
        }
        match draft.stock.iter_mut().find(|known| known.site == *site && known.sku == *sku) {
            Some(known) => known.quantity = known.quantity.saturating_add(*quantity),
            None => {
                draft.stock.push(replan::Stock { site: *site, sku: *sku, quantity: *quantity, from_day });
            }
        }
    }
    frozen.problem = Problem::freeze(draft)?;
    frozen.orders = filter(frozen.orders, &kept);
    frozen.lines = filter(frozen.lines, &kept);
    Ok(frozen)
}

fn count(
    state: &State,
    frozen: &Frozen,
    plan: &Plan,
    guest: (MerchantId, &[SiteId]),
) -> BTreeMap<MerchantId, Outcome> {
    let mut out: BTreeMap<MerchantId, Outcome> = BTreeMap::new();
    for (index, id) in frozen.orders.iter().enumerate() {
        let Ok(order) = state.order(*id) else { continue };
        let sum = out.entry(order.merchant).or_default();
        let shipped = count_order(state, frozen, plan, index, order, sum);
        if order.merchant == guest.0 && !shipped.is_empty() {
            let usual = cheapest_home(state, guest.1, order, &shipped);
            sum.usual += usual.map_or(0, |(_, shipping, handling)| shipping + handling);
        }
    }
    out
}

fn count_order(
    state: &State,
    frozen: &Frozen,
    plan: &Plan,
    index: usize,
    order: &Order,
    out: &mut Outcome,
) -> Vec<(SkuId, u32)> {
    let first = frozen.problem.first_line(index);
    let late_cost = state.network.merchant(order.merchant).map_or(0, |merchant| merchant.late_cost);
    let mut parcels: Vec<(SiteId, LaneId, u16)> = Vec::new();
    let mut shipped: Vec<(SkuId, u32)> = Vec::new();
    let (mut whole, mut last) = (true, None::<Day>);
    for (offset, number) in frozen.lines[index].iter().enumerate() {
        let Some(line) = order.lines.get(usize::from(*number)) else { continue };
        whole &= plan.line(first + offset).backordered == 0;
        let weight = state.network.skus.get(line.sku).map_or(0, |sku| sku.weight_g);
        for piece in plan.pieces_of(first + offset) {
            let (Some(lane), Some(site)) =
                (state.network.lanes.get(piece.lane), state.network.site(piece.site))
            else {
                continue;
            };
            let day = frozen.first_day.plus(i32::from(piece.day));
            let arrival = state.network.arrival(lane, day).unwrap_or(Day(i32::MAX));
            out.units += u64::from(piece.quantity);
            shipped.push((line.sku, piece.quantity));
            out.last_day = out.last_day.max(Some(day));
            out.first_day = Some(out.first_day.map_or(day, |had| had.min(day)));
            out.shipping += lane.cost_unit(weight) * i64::from(piece.quantity);
            out.handling += site.cost_unit * i64::from(piece.quantity);
            out.late += late_cost * i64::from(arrival.since(order.promise).max(0));
            last = last.max(Some(arrival));
            let parcel = (piece.site, piece.lane, piece.day);
            if !parcels.contains(&parcel) {
                parcels.push(parcel);
                out.shipping += lane.cost_parcel;
                out.handling += site.cost_parcel;
            }
        }
    }
    out.orders += 1;
    out.served += u32::from(whole);
    out.kept += u32::from(whole && last.is_some_and(|day| day <= order.promise));
    shipped
}

/// The effects on all merchants but the guest, by merchant; those without open orders are left out.
pub(super) fn effects(
    guest: MerchantId,
    without: &BTreeMap<MerchantId, Outcome>,
    with: &BTreeMap<MerchantId, Outcome>,
) -> Vec<Effect> {
    let nothing = Outcome::default();
    let merchants = without.keys().chain(with.keys()).filter(|merchant| **merchant != guest);
    let merchants: std::collections::BTreeSet<MerchantId> = merchants.copied().collect();
    let effect = |merchant: MerchantId| {
        let (before, after) =
            (without.get(&merchant).unwrap_or(&nothing), with.get(&merchant).unwrap_or(&nothing));
        Effect {
            merchant,
            orders: before.orders.max(after.orders),
            kept_without: before.kept,
            kept_with: after.kept,
            late_without: before.late,
            late_with: after.late,
        }
    };
    merchants.into_iter().map(effect).collect()
}

/// The cheapest lane from a home site for these units, as if nothing were closed: lane, shipping, handling.
pub(super) fn cheapest_home(
    state: &State,
    home: &[SiteId],
    order: &Order,
    units: &[(SkuId, u32)],
) -> Option<(LaneId, i64, i64)> {
    let ways = state.network.lanes_to(order.zone).iter().filter(|(site, _)| home.contains(site));
    let cost = |(site, id): &(SiteId, LaneId)| {
        let (lane, site) = (state.network.lanes.get(*id)?, state.network.site(*site)?);
        let weight = |sku: SkuId| state.network.skus.get(sku).map_or(0, |known| known.weight_g);
        let by_weight: i64 =
            units.iter().map(|(sku, units)| lane.cost_unit(weight(*sku)) * i64::from(*units)).sum();
        let by_unit: i64 = units.iter().map(|(_, units)| site.cost_unit * i64::from(*units)).sum();
        Some((*id, lane.cost_parcel + by_weight, site.cost_parcel + by_unit))
    };
    ways.filter_map(cost).min_by_key(|(id, shipping, handling)| (shipping + handling, id.index()))
}

/// The open orders of a merchant, in the order of their ids.
pub(super) fn open_orders(state: &State, merchant: MerchantId) -> impl Iterator<Item = (OrderId, &Order)> {
    state.live_orders().filter(move |(_, order)| order.merchant == merchant && order.is_movable())
}
