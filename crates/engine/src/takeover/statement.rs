//! The statement: what a take-over came to for each merchant, counted from the journal's entries and nothing else.
//!
//! Every parcel that left a section is one row of an account: what it cost at the terms' prices, and what the same
//! units would have cost from the guest's own site. What is over the usual is extra; the terms say by cause who
//! bears it. Two shares of an amount always add up to the amount: the merchant's is rounded, the other is the rest.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::event::{Allocations, Event};
use holdfast_domain::evolve::{Entry, Misfit, evolve, finish_entry};
use holdfast_domain::id::{LaneId, MerchantId, OrderId, PlanId, ShipmentId, SiteId, SkuId, TakeoverId};
use holdfast_domain::money::{Money, Rounding};
use holdfast_domain::order::Order;
use holdfast_domain::state::State;
use holdfast_domain::takeover::{CostCause, Takeover, TakeoverTerms};
use holdfast_domain::time::{Day, Stamp};
use serde::{Deserialize, Serialize};

use super::outlook::cheapest_home;

/// Whose statement it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The merchant who was carried.
    Guest,
    /// A merchant of the hosts, whose orders may have had to move.
    Neighbour,
}

/// Amounts of one cause or of all; the operator's minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// What it cost.
    pub cost: i64,
    /// What the same would have cost by the usual way.
    pub usual: i64,
    /// The difference; below 0 where the take-over was cheaper.
    pub extra: i64,
    /// What of the difference this merchant bears.
    pub borne_here: i64,
    /// What of it others bear: the operator, or for a neighbour the operator and the guest.
    pub borne_elsewhere: i64,
}

impl Total {
    fn add(&mut self, other: &Self) {
        self.cost += other.cost;
        self.usual += other.usual;
        self.extra += other.extra;
        self.borne_here += other.borne_here;
        self.borne_elsewhere += other.borne_elsewhere;
    }
}

/// One cause of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseLine {
    /// The cause.
    pub cause: CostCause,
    /// What it came to.
    #[serde(flatten)]
    pub total: Total,
}

/// One merchant's statement. Nothing of another merchant is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The take-over.
    pub takeover: TakeoverId,
    /// Whose it is.
    pub merchant: MerchantId,
    /// Its code.
    pub code: String,
    /// As what.
    pub role: Role,
    /// Currency of all amounts.
    pub currency: String,
    /// When it was accepted.
    pub from: Option<Stamp>,
    /// When it was handed back; `None` while it runs.
    pub until: Option<Stamp>,
    /// Orders of which something left a section; for a neighbour, a host.
    pub orders: u32,
    /// Parcels that left.
    pub parcels: u32,
    /// Units in them.
    pub units: u64,
    /// Parcels that arrived after the date the customer was told first.
    pub late_parcels: u32,
    /// Units taken in.
    pub goods_in: u64,
    /// Units that were left when it was handed back, gone out or kept.
    pub goods_left: u64,
    /// By cause, in the order of [`CostCause::ALL`]; causes without an amount are left out.
    pub causes: Vec<CauseLine>,
    /// All causes.
    pub total: Total,
    /// What making room for it cost at the hosts and this merchant bears; nothing for a neighbour.
    pub room: i64,
}

/// What was counted of one merchant.
#[derive(Default)]
struct Account {
    orders: BTreeSet<OrderId>,
    parcels: u32,
    units: u64,
    late_parcels: u32,
    goods_in: u64,
    goods_left: u64,
    /// Cost and usual cost by cause.
    amounts: BTreeMap<CostCause, (i64, i64)>,
}

impl Account {
    fn put(&mut self, cause: CostCause, cost: i64, usual: i64) {
        let amount = self.amounts.entry(cause).or_default();
        amount.0 += cost;
        amount.1 += usual;
    }
}

/// Everything counted so far.
struct Ledger {
    state: State,
    id: TakeoverId,
    accounts: BTreeMap<MerchantId, Account>,
    /// The usual lane of orders of which a parcel has left a section.
    usual: BTreeMap<OrderId, Option<LaneId>>,
}

/// The statements of a take-over: the guest's first, then those of the hosts' own merchants that shipped or moved,
/// by id. `start` is the state before the first of `entries`; both together must reach back to the acceptance. While
/// the take-over runs, they say what it has come to so far.
///
/// # Errors
/// [`Misfit`] where the entries do not follow from `start`.
pub fn statements(start: &State, entries: &[Entry], id: TakeoverId) -> Result<Vec<Statement>, Misfit> {
    let mut ledger = Ledger { state: start.clone(), id, accounts: BTreeMap::new(), usual: BTreeMap::new() };
    for entry in entries {
        ledger.entry(entry)?;
    }
    Ok(ledger.close())
}

impl Ledger {
    fn entry(&mut self, entry: &Entry) -> Result<(), Misfit> {
        let mut moves: BTreeMap<(PlanId, OrderId), (Allocations, Allocations)> = BTreeMap::new();
        for event in &entry.events {
            self.before(event);
            evolve(&mut self.state, entry.at, event)?;
            self.after(event);
            if let Event::OrderMoved { order, plan, from, to } = event {
                let (had, gets) = moves.entry((*plan, *order)).or_default();
                had.extend(from.iter().copied());
                gets.extend(to.iter().copied());
            }
        }
        for ((plan, order), (from, to)) in moves {
            self.moved(plan, order, &from, &to);
        }
        finish_entry(&mut self.state, entry.at, entry.key, &entry.events);
        Ok(())
    }

    fn known(&self) -> Option<&Takeover> {
        self.state.takeovers.get(self.id)
    }

    fn is_section(&self, site: SiteId) -> bool {
        self.known().is_some_and(|known| known.sections.contains(&site))
    }

    fn runs_at_host(&self, site: SiteId) -> bool {
        self.known().is_some_and(|known| {
            known.stage.is_running()
                && known.terms.as_ref().is_some_and(|terms| terms.hosts.iter().any(|host| host.site == site))
        })
    }

    /// What has to be read before the event changes it.
    fn before(&mut self, event: &Event) {
        // A section is emptied when it is handed back, and never otherwise by this reason.
        if let Event::StockAdjusted {
            site,
            by,
            reason: holdfast_domain::event::AdjustReason::HandedBack,
            ..
        } = event
        {
            if self.is_section(*site) {
                if let Some(merchant) = self.known().map(|known| known.merchant) {
                    self.accounts.entry(merchant).or_default().goods_left += by.unsigned_abs();
                }
            }
        }
    }

    fn after(&mut self, event: &Event) {
        match event {
            Event::ShipmentShipped { shipment, .. } => self.shipped(*shipment),
            Event::ShipmentDelivered { shipment, day } => self.delivered(*shipment, *day),
            Event::StockReceived { site, quantity, .. } if self.is_section(*site) => {
                self.taken_in(u64::from(quantity.0));
            }
            Event::TransferReceived { transfer, items } => {
                let to = self.state.transfers.get(*transfer).map(|sent| sent.to);
                if to.is_some_and(|to| self.is_section(to)) {
                    self.taken_in(items.iter().map(|(_, quantity)| u64::from(quantity.0)).sum());
                }
            }
            _ => {}
        }
    }

    fn taken_in(&mut self, units: u64) {
        let Some((merchant, unit)) =
            self.known().and_then(|known| Some((known.merchant, known.terms.as_ref()?.goods_unit)))
        else {
            return;
        };
        let account = self.accounts.entry(merchant).or_default();
        account.goods_in += units;
        account.put(CostCause::Goods, unit.saturating_mul(i64::try_from(units).unwrap_or(i64::MAX)), 0);
    }

    fn shipped(&mut self, id: ShipmentId) {
        let Some(shipment) = self.state.shipments.get(id).cloned() else { return };
        let Ok(order) = self.state.order(shipment.order) else { return };
        let (section, host) = (self.is_section(shipment.site), self.runs_at_host(shipment.site));
        let guest = self.known().is_some_and(|known| known.merchant == order.merchant);
        // What the guest has at a host beside its section is its ordinary business.
        if !section && (guest || !host) {
            return;
        }
        let units: Vec<(SkuId, u32)> = shipment
            .items
            .iter()
            .filter_map(|(number, quantity)| Some((order.lines.get(usize::from(*number))?.sku, quantity.0)))
            .collect();
        let merchant = order.merchant;
        let account = self.accounts.entry(merchant).or_default();
        account.parcels += 1;
        account.units += units.iter().map(|(_, units)| u64::from(*units)).sum::<u64>();
        account.orders.insert(shipment.order);
        if section {
            self.carried(shipment.order, shipment.site, shipment.lane, &units);
        }
    }

    /// A parcel that left a section, with the usual way of the same units beside it.
    fn carried(&mut self, id: OrderId, site: SiteId, lane: LaneId, units: &[(SkuId, u32)]) {
        let Ok(order) = self.state.order(id) else { return };
        let Some(cost) = Cost::of(&self.state, site, lane, units) else { return };
        let home = self.known().map(|known| known.home.clone()).unwrap_or_default();
        let first = !self.usual.contains_key(&id);
        let usual_lane = match self.usual.get(&id) {
            Some(known) => *known,
            None => cheapest_home(&self.state, &home, order, units).map(|(lane, ..)| lane),
        };
        let usual = usual_lane.and_then(|lane| {
            let site = self.state.network.lanes.get(lane)?.site;
            Cost::of(&self.state, site, lane, units)
        });
        let usual = usual.unwrap_or_default();
        let merchant = order.merchant;
        self.usual.insert(id, usual_lane);
        let account = self.accounts.entry(merchant).or_default();
        if first {
            account.put(
                CostCause::Shipping,
                cost.lane_parcel + cost.lane_units,
                usual.lane_parcel + usual.lane_units,
            );
            account.put(
                CostCause::Handling,
                cost.hand_parcel + cost.hand_units,
                usual.hand_parcel + usual.hand_units,
            );
        } else {
            account.put(CostCause::Shipping, cost.lane_units, usual.lane_units);
            account.put(CostCause::Handling, cost.hand_units, usual.hand_units);
            account.put(CostCause::Split, cost.lane_parcel + cost.hand_parcel, 0);
        }
    }

    fn delivered(&mut self, id: ShipmentId, day: Day) {
        let Some(shipment) = self.state.shipments.get(id) else { return };
        let Ok(order) = self.state.order(shipment.order) else { return };
        let late = i64::from(day.since(order.promise_first));
        if !self.is_section(shipment.site) || late <= 0 || order.promise_first == Day(i32::MAX) {
            return;
        }
        let lines = i64::try_from(shipment.items.len()).unwrap_or(i64::MAX);
        let price = self.state.network.merchant(order.merchant).map_or(0, |merchant| merchant.late_cost);
        let account = self.accounts.entry(order.merchant).or_default();
        account.late_parcels += 1;
        account.put(CostCause::Late, price.saturating_mul(lines).saturating_mul(late), 0);
    }

    /// An order that a plan gave another way: the guest's to a section, or a neighbour's to make room.
    fn moved(&mut self, plan: PlanId, id: OrderId, from: &Allocations, to: &Allocations) {
        let Some(known) = self.known() else { return };
        let (guest, incident, running) = (known.merchant, known.incident, known.stage.is_running());
        let Ok(order) = self.state.order(id) else { return };
        let answers = self.state.plans.get(plan).is_some_and(|plan| plan.incident == Some(incident));
        let move_cost = self.state.network.merchant(order.merchant).map_or(0, |merchant| merchant.move_cost);
        if order.merchant == guest {
            let lines: BTreeSet<u16> =
                to.iter().filter(|(_, a)| self.is_section(a.site)).map(|(number, _)| *number).collect();
            let cost = move_cost * i64::try_from(lines.len()).unwrap_or(0);
            if cost != 0 {
                self.accounts.entry(guest).or_default().put(CostCause::Move, cost, 0);
            }
            return;
        }
        let touches = from.iter().any(|(_, a)| self.runs_at_host(a.site));
        if !running || !answers || !touches || to.is_empty() {
            return;
        }
        let (had, gets) = (self.way(order, from), self.way(order, to));
        let lines: BTreeSet<u16> = to.iter().map(|(number, _)| *number).collect();
        let merchant = order.merchant;
        let account = self.accounts.entry(merchant).or_default();
        account.put(CostCause::Shipping, gets.0, had.0);
        account.put(CostCause::Handling, gets.1, had.1);
        account.put(CostCause::Late, gets.2, had.2);
        account.put(CostCause::Move, move_cost * i64::try_from(lines.len()).unwrap_or(0), 0);
    }

    /// What allocations cost: carriers, handling, lateness.
    fn way(&self, order: &Order, allocations: &Allocations) -> (i64, i64, i64) {
        let late_cost = self.state.network.merchant(order.merchant).map_or(0, |merchant| merchant.late_cost);
        let mut parcels: BTreeMap<(SiteId, LaneId, Day), Vec<(SkuId, u32)>> = BTreeMap::new();
        let mut late = 0;
        for (number, a) in allocations {
            let Some(line) = order.lines.get(usize::from(*number)) else { continue };
            parcels.entry((a.site, a.lane, a.ship_day)).or_default().push((line.sku, a.quantity.0));
            let lane = self.state.network.lanes.get(a.lane);
            let arrival = lane.and_then(|lane| self.state.network.arrival(lane, a.ship_day));
            late += late_cost * arrival.map_or(0, |day| i64::from(day.since(order.promise_first).max(0)));
        }
        let costs =
            parcels.iter().filter_map(|((site, lane, _), units)| Cost::of(&self.state, *site, *lane, units));
        let (mut shipping, mut handling) = (0, 0);
        for cost in costs {
            shipping += cost.lane_parcel + cost.lane_units;
            handling += cost.hand_parcel + cost.hand_units;
        }
        (shipping, handling, late)
    }

    fn close(mut self) -> Vec<Statement> {
        let Some(known) = self.known().cloned() else { return Vec::new() };
        let Some(terms) = known.terms.as_deref().filter(|_| known.accepted.is_some()) else {
            return Vec::new();
        };
        let days = running_days(&self.state, &known, terms);
        let guest = self.accounts.entry(known.merchant).or_default();
        guest.put(CostCause::Standby, terms.set_up + terms.daily * days, 0);
        let accounts = std::mem::take(&mut self.accounts);
        let mut out = Vec::new();
        let mut room = 0;
        for (merchant, account) in &accounts {
            if *merchant != known.merchant {
                room += neighbour_extra(account, terms);
                out.push(self.statement(&known, terms, *merchant, account, Role::Neighbour));
            }
        }
        let mut first =
            self.statement(&known, terms, known.merchant, &accounts[&known.merchant], Role::Guest);
        first.room = room;
        out.insert(0, first);
        out
    }

    fn statement(
        &self,
        known: &Takeover,
        terms: &TakeoverTerms,
        merchant: MerchantId,
        account: &Account,
        role: Role,
    ) -> Statement {
        let network = &self.state.network;
        let mut total = Total::default();
        let mut causes = Vec::new();
        for (number, cause) in CostCause::ALL.into_iter().enumerate() {
            let Some((cost, usual)) = account.amounts.get(&cause).copied() else { continue };
            let extra = cost - usual;
            // A neighbour bears nothing of what a guest's stay costs.
            let permille = if role == Role::Guest { terms.merchant_bears[number] } else { 0 };
            let borne_here = share(extra, permille);
            let line = Total { cost, usual, extra, borne_here, borne_elsewhere: extra - borne_here };
            total.add(&line);
            causes.push(CauseLine { cause, total: line });
        }
        Statement {
            takeover: self.id,
            merchant,
            code: network.merchant(merchant).map_or_else(String::new, |known| known.code.to_string()),
            role,
            currency: network.operator.as_ref().map_or("USD", |known| known.currency.code()).to_owned(),
            from: known.accepted,
            until: known.closed,
            orders: u32::try_from(account.orders.len()).unwrap_or(u32::MAX),
            parcels: account.parcels,
            units: account.units,
            late_parcels: account.late_parcels,
            goods_in: account.goods_in,
            goods_left: account.goods_left,
            causes,
            total,
            room: 0,
        }
    }
}

/// What the guest bears of a neighbour's extra cost.
fn neighbour_extra(account: &Account, terms: &TakeoverTerms) -> i64 {
    let part = |(number, cause): (usize, CostCause)| {
        let (cost, usual) = account.amounts.get(&cause).copied().unwrap_or_default();
        share(cost - usual, terms.merchant_bears[number])
    };
    CostCause::ALL.into_iter().enumerate().map(part).sum()
}

/// So many thousandths of an amount, to the nearest minor unit.
fn share(amount: i64, permille: u16) -> i64 {
    let currency = holdfast_domain::money::Currency::USD;
    let part = Money::new(amount, currency).share(i64::from(permille), 1000, Rounding::HalfUp);
    part.map_or(amount, Money::minor)
}

/// Days from the first shipping day until it ended, or until now.
fn running_days(state: &State, known: &Takeover, terms: &TakeoverTerms) -> i64 {
    let zone = terms.hosts.first().and_then(|host| state.network.site(host.site)).map(|site| &site.zone);
    let Some(zone) = zone else { return 0 };
    let end = known.ended.unwrap_or(state.stamp).local(zone).0;
    let end = terms.until.map_or(end, |until| end.min(until.plus(-1)));
    i64::from(end.since(terms.first_day) + 1).max(0)
}

/// What a parcel costs, in its four parts.
#[derive(Clone, Copy, Default)]
struct Cost {
    lane_parcel: i64,
    lane_units: i64,
    hand_parcel: i64,
    hand_units: i64,
}

impl Cost {
    fn of(state: &State, site: SiteId, lane: LaneId, units: &[(SkuId, u32)]) -> Option<Self> {
        let (site, lane) = (state.network.site(site)?, state.network.lanes.get(lane)?);
        let weight = |sku: SkuId| state.network.skus.get(sku).map_or(0, |known| known.weight_g);
        Some(Self {
            lane_parcel: lane.cost_parcel,
            lane_units: units.iter().map(|(sku, n)| lane.cost_unit(weight(*sku)) * i64::from(*n)).sum(),
            hand_parcel: site.cost_parcel,
            hand_units: units.iter().map(|(_, n)| site.cost_unit * i64::from(*n)).sum(),
        })
    }
}
