//! The offer: who carries, how much a day, from when, at which prices, what that saves and whom it touches.

use std::collections::BTreeMap;

use holdfast_domain::decide::decide;
use holdfast_domain::evolve::evolve;
use holdfast_domain::id::{Id, IncidentId, MerchantId, SiteId, TakeoverId, ZoneId};
use holdfast_domain::network::Site;
use holdfast_domain::reject::Rejection;
use holdfast_domain::state::State;
use holdfast_domain::takeover::{CostCause, HostTerms, LaneTerms, ROOM_DAYS, TakeoverStage, TakeoverTerms};
use holdfast_domain::time::{Day, Span, Stamp};
use holdfast_plan::replan::ProblemError;
use serde::{Deserialize, Serialize};

use super::goods::{
    Inbound, Reachable, Receipt, Whereabouts, allot, first_arrival, is_client, plannable, reachable, wanted,
};
use super::host::{FreeDay, candidates, free_days, host_terms, lane_terms, lendable, mean_cost};
use super::outlook::{Coming, Effect, Outcome, Outlooks, effects, open_orders, outlook};

/// What a merchant, or its contract, asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Who wants to be carried.
    pub merchant: MerchantId,
    /// Because of this.
    pub incident: IncidentId,
    /// The standby site whose contract calls, where it is not the merchant who asks.
    pub contract: Option<SiteId>,
    /// The merchant's own sites that are out.
    pub home: Vec<SiteId>,
    /// Goods on their way to those sites, which can be sent to a host instead.
    pub inbound: Vec<Inbound>,
    /// Orders it expects a day; `None` takes what came in over the last seven days.
    pub orders_a_day: Option<u32>,
}

/// What an operator asks for carrying a guest, and how far it goes; amounts in its minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tariff {
    /// Thousandths of what is free on a host's fullest day that it lends at most. What its own merchants' orders
    /// have taken on a day of late is not free.
    pub share_permille: u16,
    /// Thousandths of the host's own handling cost.
    pub handling_permille: u32,
    /// Thousandths of the lanes' own cost.
    pub lane_permille: u32,
    /// Paid once; a standby contract's own amount takes its place.
    pub set_up: i64,
    /// Paid for each day; a standby contract's own amount takes its place.
    pub daily: i64,
    /// Paid for each unit taken in.
    pub goods_unit: i64,
    /// Thousandths of the extra cost the merchant bears, as [`CostCause::ALL`] goes.
    pub merchant_bears: [u16; 7],
    /// Days from the acceptance until the first parcel can leave.
    pub lead_days: u16,
    /// Days a truck takes longer to a host than to where it was bound.
    pub divert_days: u16,
    /// How long the terms can be accepted.
    pub valid: Span,
    /// How many days it runs; `None` until somebody ends it.
    pub days: Option<u16>,
    /// The most hosts.
    pub hosts_max: usize,
    /// Work units of each of the plans that the offer rests on.
    pub work: u64,
}

impl Default for Tariff {
    /// Half of what is free, a tenth over the own handling cost, a twentieth over the lanes', the guest bears
    /// everything but splits, which are the operator's choice.
    fn default() -> Self {
        Self {
            share_permille: 500,
            handling_permille: 1100,
            lane_permille: 1050,
            set_up: 50_000,
            daily: 5_000,
            goods_unit: 10,
            merchant_bears: [1000, 1000, 1000, 0, 1000, 1000, 1000],
            lead_days: 1,
            divert_days: 1,
            valid: Span::hours(24),
            days: None,
            hosts_max: 4,
            work: 60_000,
        }
    }
}

/// Why there is no offer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// The rules refuse it.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// No site can carry: all are closed, full, or without a lane to the guest's customers.
    #[error("no open site has capacity and lanes to lend from {first_day} on")]
    NoHost {
        /// The first day that was looked at.
        first_day: Day,
    },
    /// The state cannot be planned.
    #[error(transparent)]
    Plan(#[from] ProblemError),
    /// A decided event did not fit: a bug.
    #[error(transparent)]
    Broken(#[from] holdfast_domain::evolve::Misfit),
}

/// One host as its guest sees it; amounts in the operator's minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostOffer {
    /// The operator's code for it.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Work units a day, Monday first.
    pub capacity: [u32; 7],
    /// Work units of a parcel with one unit.
    pub work_parcel: u32,
    /// Handling of a parcel.
    pub cost_parcel: i64,
    /// Handling of each unit.
    pub cost_unit: i64,
    /// Lanes out of it.
    pub lanes: u32,
    /// The cheapest and the dearest of them, for a parcel.
    pub lane_parcel: (i64, i64),
    /// The same for a kilogram.
    pub lane_kg: (i64, i64),
}

/// What a take-over saves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saving {
    /// Open orders of the guest.
    pub orders: u32,
    /// What they are worth, the guest's minor units.
    pub value: i64,
    /// Units that are lost with its sites.
    pub lost_units: u64,
    /// What they had cost, the guest's minor units.
    pub lost_cost: i64,
    /// What happens to the open orders if nothing is done.
    pub without: Outcome,
    /// What happens to them with the take-over.
    pub with: Outcome,
    /// Cost over the usual way, for the open orders and the days they take: carriers, handling, set-up, days, goods.
    pub added_cost: i64,
}

/// The offer as the guest sees it: nothing of anybody else is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestOffer {
    /// Who is offered it.
    pub merchant: String,
    /// Currency of all amounts but those said to be the guest's.
    pub currency: String,
    /// Sites that carry it.
    pub hosts: Vec<HostOffer>,
    /// The first day capacity is set aside for it.
    pub first_day: Day,
    /// The first day it no longer is.
    pub until: Option<Day>,
    /// Until when it can be accepted.
    pub valid_until: Stamp,
    /// Paid once.
    pub set_up: i64,
    /// Paid for each day.
    pub daily: i64,
    /// Paid for each unit taken in.
    pub goods_unit: i64,
    /// Thousandths of the extra cost the guest bears, by cause.
    pub bears: Vec<(CostCause, u16)>,
    /// The guest's goods, by where they are.
    pub goods: Vec<Reachable>,
    /// The first day one of its parcels can leave a host; `None` where none of its goods can be brought there.
    pub first_ship_day: Option<Day>,
    /// What it saves.
    pub saving: Saving,
}

/// An offer as the operator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Version of the state it was made from.
    pub parent: u64,
    /// When it was made.
    pub made: Stamp,
    /// Who is carried.
    pub merchant: MerchantId,
    /// Because of this.
    pub incident: IncidentId,
    /// The standby site whose contract called.
    pub contract: Option<SiteId>,
    /// The guest's own sites that are out.
    pub home: Vec<SiteId>,
    /// The terms, as they are journaled.
    pub terms: TakeoverTerms,
    /// Which goods arrive when at which host.
    pub receipts: Vec<Receipt>,
    /// What the guest sees.
    pub guest: GuestOffer,
    /// What is free at each site, for the operator alone.
    pub free: Vec<FreeDay>,
    /// What it does to the other merchants' open promises, for the operator alone.
    pub effects: Vec<Effect>,
}

/// Makes an offer for `wish` on the state as it stands at `at`.
///
/// # Errors
/// [`OfferError`]: nobody can carry, or the rules refuse.
pub fn offer(state: &State, wish: &Wish, tariff: &Tariff, at: Stamp) -> Result<Offer, OfferError> {
    let carriers = candidates(state, wish);
    let today =
        carriers.iter().filter_map(|site| state.network.site(*site)).map(|site| at.local(&site.zone).0);
    let today = today.max().unwrap_or(Day(0));
    let days = first_days(state, wish, tariff, today, at)?;
    let ahead = days.first.since(today).max(0);
    let free = free_days(state, &carriers, today, ROOM_DAYS + ahead);
    let demand = demand(state, wish.merchant);
    let hosts = hosts(state, wish, tariff, &carriers, &free, days.first, &demand, today)?;
    let sites: Vec<SiteId> = hosts.iter().map(|host| host.site).collect();
    let lanes = lane_terms(state, &sites, &demand, tariff);
    if lanes.is_empty() {
        return Err(OfferError::NoHost { first_day: days.first });
    }
    let receipts = allot(state, wish, &hosts, tariff.divert_days, today);
    let terms = TakeoverTerms {
        hosts: hosts.into(),
        lanes: lanes.into(),
        first_day: days.first,
        until: tariff.days.map(|count| days.first.plus(i32::from(count.max(1)))),
        valid_until: at.after(tariff.valid),
        set_up: days.set_up,
        daily: days.daily,
        goods_unit: tariff.goods_unit,
        merchant_bears: tariff.merchant_bears,
    };
    let fork = accepted(state, wish, &terms, at)?;
    let (without, with) = plans(state, &fork, wish, tariff, &terms, &receipts, at)?;
    let goods = reachable(state, wish, tariff.divert_days, today);
    let saving = saving(state, wish, &terms, &receipts, &goods, &without, &with);
    let first = first_ship_day(state, &terms, &receipts);
    let guest = guest_offer(state, wish, &terms, goods, first, saving)?;
    Ok(Offer {
        parent: state.version,
        made: at,
        merchant: wish.merchant,
        incident: wish.incident,
        contract: wish.contract,
        home: wish.home.clone(),
        terms,
        receipts,
        guest,
        free,
        effects: effects(wish.merchant, &without, &with),
    })
}

/// From when, and what a contract says of it.
struct Start {
    first: Day,
    set_up: i64,
    daily: i64,
}

fn first_days(
    state: &State,
    wish: &Wish,
    tariff: &Tariff,
    today: Day,
    at: Stamp,
) -> Result<Start, OfferError> {
    if let Some(site) = wish.contract {
        // The contract says when, and holds the capacity from then on, goods or not.
        let (description, _) = state.site(site)?;
        let agreed = description.standby.ok_or(Rejection::NotStandby { site })?;
        let asked = pending(state, wish.merchant).map_or(at, |(_, asked)| asked);
        let ready = asked.after(agreed.lead_time).local(&description.zone).0;
        let first = description.calendar.at_or_after(ready).unwrap_or(ready).max(today);
        return Ok(Start { first, set_up: agreed.activation_cost, daily: agreed.daily_cost });
    }
    let lead = today.plus(i32::from(tariff.lead_days));
    // Capacity without goods would be taken from others for nothing.
    let first = first_arrival(state, wish, tariff.divert_days, today).map_or(lead, |day| day.max(lead));
    Ok(Start { first, set_up: tariff.set_up, daily: tariff.daily })
}

/// The guest's take-over that is asked for and not yet offered, if there is one.
pub(super) fn pending(state: &State, merchant: MerchantId) -> Option<(TakeoverId, Stamp)> {
    let asked = |known: &holdfast_domain::takeover::Takeover| {
        known.merchant == merchant && known.stage == TakeoverStage::Asked
    };
    state.takeovers.iter().find(|(_, known)| asked(known)).map(|(id, known)| (id, known.asked))
}

/// Where the guest ships to: orders by zone.
fn demand(state: &State, merchant: MerchantId) -> BTreeMap<ZoneId, u64> {
    let mut out = BTreeMap::new();
    for (_, order) in state.live_orders().filter(|(_, order)| order.merchant == merchant) {
        *out.entry(order.zone).or_default() += 1;
    }
    out
}

/// Work units the guest needs on a day: what comes in and a quarter more, and its backlog within five days.
fn need_a_day(state: &State, wish: &Wish, site: &Site, today: Day) -> u32 {
    let recent = state.live_orders().filter(|(_, order)| {
        order.merchant == wish.merchant && today.since(order.placed.local(&site.zone).0) <= 7
    });
    let (mut orders, mut units) = (0_u64, 0_u64);
    for (_, order) in recent {
        orders += 1;
        units += order.lines.iter().map(|line| u64::from(line.wanted().0)).sum::<u64>();
    }
    let (open, open_units) =
        open_orders(state, wish.merchant).fold((0_u64, 0_u64), |(count, sum), (_, order)| {
            let units: u64 = order.lines.iter().map(|line| u64::from(line.wanted().0)).sum();
            (count + 1, sum + units)
        });
    let (known, known_units) = if orders > 0 { (orders, units) } else { (open.max(1), open_units) };
    let work =
        |orders: u64, units: u64| orders * u64::from(site.work_parcel) + units * u64::from(site.work_unit);
    let a_day = wish.orders_a_day.map_or_else(|| orders.div_ceil(7), u64::from);
    let coming = work(a_day, a_day * known_units / known) * 5 / 4;
    u32::try_from(coming + work(open, open_units) / 5).unwrap_or(u32::MAX).max(site.work(1, 1))
}

/// The hosts with what each lends: the cheapest way to the guest's customers first, until its need is met.
#[allow(clippy::too_many_arguments, reason = "one decision over everything the offer has looked up")]
fn hosts(
    state: &State,
    wish: &Wish,
    tariff: &Tariff,
    carriers: &[SiteId],
    free: &[FreeDay],
    first: Day,
    demand: &BTreeMap<ZoneId, u64>,
    today: Day,
) -> Result<Vec<HostTerms>, OfferError> {
    let most = tariff.hosts_max.max(1);
    let turn = |site: &SiteId| {
        let description = state.network.site(*site)?;
        let need = u64::from(need_a_day(state, wish, description, today));
        let week: u64 =
            lendable(free, *site, first, tariff.share_permille).iter().map(|n| u64::from(*n)).sum();
        // Sites of which the most there may be do not carry the guest come after those that are large enough.
        let small = week * most as u64 / 5 < need;
        Some((wish.contract != Some(*site), small, mean_cost(state, *site, demand)?, *site))
    };
    let mut turns: Vec<(bool, bool, i64, SiteId)> = carriers.iter().filter_map(turn).collect();
    turns.sort_unstable();
    let mut out: Vec<HostTerms> = Vec::new();
    let mut left: Option<[u32; 7]> = None;
    for (_, _, _, id) in turns {
        let Some(site) = state.network.site(id) else { continue };
        let left = left.get_or_insert_with(|| [need_a_day(state, wish, site, today); 7]);
        let lends = lendable(free, id, first, tariff.share_permille);
        let mut capacity = [0; 7];
        for day in 0..7 {
            capacity[day] = lends[day].min(left[day]);
            left[day] -= capacity[day];
        }
        // A share no parcel fits into is none.
        if capacity.iter().any(|units| *units >= site.work(1, 1).max(1)) {
            out.push(host_terms(id, site, capacity, tariff));
        }
        if out.len() >= most || left[..5].iter().all(|need| *need == 0) {
            break;
        }
    }
    if out.is_empty() { Err(OfferError::NoHost { first_day: first }) } else { Ok(out) }
}

/// A fork in which the take-over has been accepted.
fn accepted(state: &State, wish: &Wish, terms: &TakeoverTerms, at: Stamp) -> Result<State, OfferError> {
    let mut fork = state.clone();
    for command in
        super::handover::steps(state, wish.merchant, wish.incident, wish.contract, &wish.home, terms)
    {
        for event in decide(&fork, &command, at)? {
            evolve(&mut fork, at, &event)?;
        }
    }
    Ok(fork)
}

/// Everybody's outcome without and with the take-over. Where the guest has nothing at the operator's sites but its
/// sections, it and the others meet in what is lent and nowhere else, so each side is planned alone: the search's
/// own noise then does not look like an effect.
fn plans(
    state: &State,
    fork: &State,
    wish: &Wish,
    tariff: &Tariff,
    terms: &TakeoverTerms,
    receipts: &[Receipt],
    at: Stamp,
) -> Result<(Outlooks, Outlooks), OfferError> {
    let first = state.network.sites.len();
    let wanted = wanted(state, wish.merchant);
    let coming: Vec<Coming> = plannable(receipts, &wanted)
        .into_iter()
        .map(|(host, sku, day, units)| {
            (SiteId::from_index(first + host), sku, day.max(terms.first_day), units)
        })
        .collect();
    let guest = (wish.merchant, wish.home.as_slice());
    if is_client(state, wish) {
        let all = |_: MerchantId| true;
        let without = outlook(state, at, tariff.work, &all, &[], guest)?;
        return Ok((without, outlook(fork, at, tariff.work, &all, &coming, guest)?));
    }
    let (mine, others) =
        (|merchant: MerchantId| merchant == wish.merchant, |merchant: MerchantId| merchant != wish.merchant);
    let mut without = outlook(state, at, tariff.work, &others, &[], guest)?;
    without.extend(outlook(state, at, tariff.work, &mine, &[], guest)?);
    let mut with = outlook(fork, at, tariff.work, &others, &[], guest)?;
    with.extend(outlook(fork, at, tariff.work, &mine, &coming, guest)?);
    Ok((without, with))
}

fn saving(
    state: &State,
    wish: &Wish,
    terms: &TakeoverTerms,
    receipts: &[Receipt],
    goods: &[Reachable],
    without: &Outlooks,
    with: &Outlooks,
) -> Saving {
    let of = |plans: &Outlooks| plans.open.get(&wish.merchant).cloned().unwrap_or_default();
    let (without, with) = (of(without), of(with));
    let (mut orders, mut value) = (0, 0_i64);
    for (_, order) in open_orders(state, wish.merchant) {
        orders += 1;
        value = value.saturating_add(order.value());
    }
    let (mut lost_units, mut lost_cost) = (0, 0_i64);
    for lost in goods.iter().filter(|known| known.whereabouts == Whereabouts::Lost) {
        let cost = state.network.skus.get(lost.sku).map_or(0, |sku| sku.cost);
        lost_units += u64::from(lost.quantity.0);
        lost_cost = lost_cost.saturating_add(cost.saturating_mul(i64::from(lost.quantity.0)));
    }
    let days = with.last_day.map_or(0, |last| i64::from(last.since(terms.first_day) + 1).max(0));
    let taken: i64 = receipts
        .iter()
        .filter(|receipt| with.last_day.is_some_and(|last| receipt.day <= last))
        .map(|receipt| i64::from(receipt.quantity.0))
        .sum();
    let added_cost =
        with.shipping + with.handling - with.usual - (without.shipping + without.handling - without.usual)
            + terms.set_up
            + terms.daily * days
            + terms.goods_unit * taken;
    Saving { orders, value, lost_units, lost_cost, without, with, added_cost }
}

/// The first day on which a host has goods of the guest and capacity for them.
fn first_ship_day(state: &State, terms: &TakeoverTerms, receipts: &[Receipt]) -> Option<Day> {
    let ships = |receipt: &Receipt| {
        let host = terms.hosts.get(receipt.host)?;
        let site = state.network.site(host.site)?;
        let from = receipt.day.max(terms.first_day);
        let works = |day: &Day| site.calendar.works(*day) && host.capacity[usize::from(day.weekday())] > 0;
        let day = (0..ROOM_DAYS).map(|ahead| from.plus(ahead)).find(works)?;
        terms.until.is_none_or(|until| day < until).then_some(day)
    };
    receipts.iter().filter_map(ships).min()
}

fn guest_offer(
    state: &State,
    wish: &Wish,
    terms: &TakeoverTerms,
    goods: Vec<Reachable>,
    first_ship_day: Option<Day>,
    saving: Saving,
) -> Result<GuestOffer, OfferError> {
    let network = &state.network;
    let merchant = network
        .merchant(wish.merchant)
        .ok_or(Rejection::Unknown { what: "merchant", index: u64::from(wish.merchant.0) })?;
    let currency = network.operator.as_ref().map_or("USD", |operator| operator.currency.code());
    let mut hosts = Vec::new();
    for (number, host) in terms.hosts.iter().enumerate() {
        let site = state.site(host.site)?.0;
        let mine = || terms.lanes.iter().filter(move |lane| usize::from(lane.host) == number);
        let span = |of: fn(&LaneTerms) -> i64| {
            (mine().map(of).min().unwrap_or(0), mine().map(of).max().unwrap_or(0))
        };
        hosts.push(HostOffer {
            code: site.code.to_string(),
            name: site.name.to_string(),
            capacity: host.capacity,
            work_parcel: site.work(1, 1),
            cost_parcel: host.cost_parcel,
            cost_unit: host.cost_unit,
            lanes: u32::try_from(mine().count()).unwrap_or(u32::MAX),
            lane_parcel: span(|lane| lane.cost_parcel),
            lane_kg: span(|lane| lane.cost_kg),
        });
    }
    Ok(GuestOffer {
        merchant: merchant.code.to_string(),
        currency: currency.to_owned(),
        hosts,
        first_day: terms.first_day,
        until: terms.until,
        valid_until: terms.valid_until,
        set_up: terms.set_up,
        daily: terms.daily,
        goods_unit: terms.goods_unit,
        bears: CostCause::ALL.into_iter().zip(terms.merchant_bears).collect(),
        goods,
        first_ship_day,
        saving,
    })
}
