//! What a take-over would do to open orders: planned with it and without it, never guessed.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::id::{Id, LaneId, MerchantId, OrderId, SiteId, SkuId, ZoneId};
use holdfast_domain::incident::SiteAccess;
use holdfast_domain::order::Order;
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Span, Stamp};
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
    /// Orders it is expected to get within a week: those of the last seven days once more.
    pub expected: u32,
    /// Promises of those that a plan without the take-over keeps.
    pub expected_kept_without: u32,
    /// Promises of those that a plan with it keeps.
    pub expected_kept_with: u32,
}

impl Effect {
    /// Open promises that break because of it; negative where the search found better ones.
    #[must_use]
    pub fn broken(&self) -> i64 {
        i64::from(self.kept_without) - i64::from(self.kept_with)
    }

    /// Promises of expected orders that break because of it; negative where the search found better ones.
    #[must_use]
    pub fn expected_broken(&self) -> i64 {
        i64::from(self.expected_kept_without) - i64::from(self.expected_kept_with)
    }
}

/// Goods a plan may count on beside the state's: site, SKU, from this day, units.
pub(super) type Coming = (SiteId, SkuId, Day, u32);

/// Days of the past that are expected to come again.
const EXPECTED_DAYS: i32 = 7;
/// The most orders that are expected; the latest count.
const EXPECTED_MAX: usize = 20_000;
/// What leaving a line of the guest costs a plan: more than any lateness. Whatever can leave does leave, as it will
/// once the goods are there; whether that is worth it is not the planner's to say.
const GUEST_BACKORDER: i64 = 1 << 30;

/// What plans come to, by merchant.
#[derive(Clone, Debug, Default)]
pub(super) struct Outlooks {
    /// Open orders.
    pub(super) open: BTreeMap<MerchantId, Outcome>,
    /// Orders that are expected; of the guest's none.
    pub(super) expected: BTreeMap<MerchantId, Outcome>,
}

impl Outlooks {
    /// Takes in the outlook of other merchants.
    pub(super) fn extend(&mut self, other: Self) {
        self.open.extend(other.open);
        self.expected.extend(other.expected);
    }
}

/// A problem with what stands behind its orders.
struct Posed {
    frozen: Frozen,
    /// By how many days each order of the problem is moved: 0 for an open one.
    shifts: Vec<i32>,
}

/// Plans the open and the expected orders of the merchants that `keep` names and counts what each gets.
pub(super) fn outlook(
    state: &State,
    at: Stamp,
    work: u64,
    keep: &dyn Fn(MerchantId) -> bool,
    coming: &[Coming],
    guest: (MerchantId, &[SiteId]),
) -> Result<Outlooks, ProblemError> {
    let posed = pose(state, freeze(state, Scope::All, at)?, keep, coming, guest.0, at)?;
    if posed.frozen.orders.is_empty() {
        return Ok(Outlooks::default());
    }
    // The first thousandth of a cent does not change whose promise is kept.
    let options = Options { seed: 1, work, gap: 0.0005, threads: None };
    let plan = solve(&posed.frozen.problem, &options, &mut |_| Control::Continue);
    Ok(count(state, &posed, &plan, guest))
}

fn pose(
    state: &State,
    mut frozen: Frozen,
    keep: &dyn Fn(MerchantId) -> bool,
    coming: &[Coming],
    guest: MerchantId,
    at: Stamp,
) -> Result<Posed, ProblemError> {
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
    frozen.orders = filter(frozen.orders, &kept);
    frozen.lines = filter(frozen.lines, &kept);
    for order in draft.orders.iter_mut().filter(|order| order.merchant == guest.0) {
        order.lines.iter_mut().for_each(|line| line.backorder_cost = GUEST_BACKORDER);
    }
    let mut shifts = vec![0; draft.orders.len()];
    for (id, order) in recent(state, keep, guest, at) {
        let (posed, numbers) = expected_order(state, order, frozen.first_day);
        if !posed.lines.is_empty() {
            draft.orders.push(posed);
            frozen.orders.push(id);
            frozen.lines.push(numbers);
            shifts.push(EXPECTED_DAYS);
        }
    }
    open_up(state, &mut draft, &shifts);
    frozen.problem = Problem::freeze(draft)?;
    Ok(Posed { frozen, shifts })
}

/// Orders of the last days, of everybody but the guest, in the order of their ids.
fn recent<'a>(
    state: &'a State,
    keep: &dyn Fn(MerchantId) -> bool,
    guest: MerchantId,
    at: Stamp,
) -> Vec<(OrderId, &'a Order)> {
    let since = at.before(Span::days(u64::from(EXPECTED_DAYS.unsigned_abs())));
    let mut out: Vec<(OrderId, &Order)> = state
        .live_orders()
        .filter(|(_, order)| order.placed > since && order.merchant != guest && keep(order.merchant))
        .collect();
    let skip = out.len().saturating_sub(EXPECTED_MAX);
    out.split_off(skip)
}

/// An order as it is expected to come again.
fn expected_order(state: &State, order: &Order, first_day: Day) -> (replan::Order, Vec<u16>) {
    let merchant = state.network.merchant(order.merchant);
    let ahead = |day: Day| u16::try_from(day.plus(EXPECTED_DAYS).since(first_day).max(0)).unwrap_or(u16::MAX);
    let utc = holdfast_domain::time::Zone::utc();
    let zone = state.network.operator.as_ref().map_or(utc, |operator| operator.zone.clone());
    let (mut lines, mut numbers) = (Vec::new(), Vec::new());
    for (number, line) in (0_u16..).zip(&order.lines) {
        if line.wanted().is_zero() {
            continue;
        }
        lines.push(replan::Line {
            sku: line.sku,
            quantity: line.wanted().0.min(replan::LINE_QUANTITY_MAX),
            planned: None,
            move_cost: 0,
            may_split: merchant.is_some_and(|known| known.split_quantity),
            backorder_cost: merchant.map_or(0, |known| known.backorder_cost)
                * (1 + i64::from(order.priority)),
            backorder_unit: 0,
            held: None,
        });
        numbers.push(number);
    }
    let posed = replan::Order {
        merchant: order.merchant.0,
        zone: order.zone,
        promise_day: ahead(order.promise_first),
        earliest_day: ahead(order.placed.local(&zone).0),
        late_cost: 0,
        late_cost_day: merchant.map_or(0, |known| known.late_cost) * (1 + i64::from(order.priority)),
        split_cost: 0,
        weight: 1,
        lines,
    };
    (posed, numbers)
}

/// Opens the lanes and lays out the stock that expected orders need and freezing has left out.
fn open_up(state: &State, draft: &mut Draft, shifts: &[i32]) {
    let mut zones: BTreeSet<ZoneId> = BTreeSet::new();
    let mut skus: BTreeSet<SkuId> = BTreeSet::new();
    for (order, _) in draft.orders.iter().zip(shifts).filter(|(_, shift)| **shift > 0) {
        zones.insert(order.zone);
        skus.extend(order.lines.iter().map(|line| line.sku));
    }
    for (index, lane) in draft.lanes.iter_mut().enumerate() {
        if zones.contains(&lane.zone) && state.lane_is_open(LaneId::from_index(index)) {
            lane.open_until = draft.horizon_days;
        }
    }
    for known in &draft.stock {
        skus.remove(&known.sku);
    }
    for (sku, site, shelf) in state.stock.iter().filter(|(sku, ..)| skus.contains(sku)) {
        let closed = matches!(state.sites[site.index()].access, SiteAccess::Closed { .. });
        let quantity = shelf.available().0;
        if !closed && quantity > 0 {
            draft.stock.push(replan::Stock { site, sku, quantity, from_day: 0 });
        }
    }
}

fn count(state: &State, posed: &Posed, plan: &Plan, guest: (MerchantId, &[SiteId])) -> Outlooks {
    let mut out = Outlooks::default();
    for (index, id) in posed.frozen.orders.iter().enumerate() {
        let Ok(order) = state.order(*id) else { continue };
        let list = if posed.shifts[index] == 0 { &mut out.open } else { &mut out.expected };
        let sum = list.entry(order.merchant).or_default();
        let shipped = count_order(state, posed, plan, index, order, sum);
        if order.merchant == guest.0 && !shipped.is_empty() {
            let usual = cheapest_home(state, guest.1, order, &shipped);
            sum.usual += usual.map_or(0, |(_, shipping, handling)| shipping + handling);
        }
    }
    out
}

fn count_order(
    state: &State,
    posed: &Posed,
    plan: &Plan,
    index: usize,
    order: &Order,
    out: &mut Outcome,
) -> Vec<(SkuId, u32)> {
    let frozen = &posed.frozen;
    let promise = order.promise.plus(posed.shifts[index]);
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
            out.late += late_cost * i64::from(arrival.since(promise).max(0));
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
    out.kept += u32::from(whole && last.is_some_and(|day| day <= promise));
    shipped
}

/// The effects on all merchants but the guest, by merchant; those without open or recent orders are left out.
pub(super) fn effects(guest: MerchantId, without: &Outlooks, with: &Outlooks) -> Vec<Effect> {
    let nothing = Outcome::default();
    let lists = [&without.open, &with.open, &without.expected, &with.expected];
    let merchants = lists.into_iter().flat_map(BTreeMap::keys).filter(|merchant| **merchant != guest);
    let merchants: BTreeSet<MerchantId> = merchants.copied().collect();
    let effect = |merchant: MerchantId| {
        let of = |list: &BTreeMap<MerchantId, Outcome>| list.get(&merchant).unwrap_or(&nothing).clone();
        let (before, after) = (of(&without.open), of(&with.open));
        let (soon_before, soon_after) = (of(&without.expected), of(&with.expected));
        Effect {
            merchant,
            orders: before.orders.max(after.orders),
            kept_without: before.kept,
            kept_with: after.kept,
            late_without: before.late,
            late_with: after.late,
            expected: soon_before.orders.max(soon_after.orders),
            expected_kept_without: soon_before.kept,
            expected_kept_with: soon_after.kept,
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
