//! The overview: counts over all orders, made in one pass for each state that is shown.
//!
//! Invariant: the counts of the merchants add up to those of the house.

use std::collections::BTreeMap;

use holdfast_domain::id::{Id, MerchantId, OrderId, ShipmentId, SiteId, SkuId, ZoneId};
use holdfast_domain::notice::NoticeStatus;
use holdfast_domain::order::{Order, OrderStatus, ShipmentStage};
use holdfast_domain::state::State;
use holdfast_domain::time::{Span, Stamp};
use holdfast_engine::promise::{Expected, expected};

use crate::reading::{is_open, order_status};

/// Days over which demand is measured.
pub const DEMAND_DAYS: u64 = 14;

/// Counts of a set of orders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Orders by status.
    pub by_status: BTreeMap<OrderStatus, u64>,
    /// Open orders whose promise breaks as things stand, or of which nobody can say.
    pub at_risk: u64,
    /// Open orders that arrive in time as things stand.
    pub on_course: u64,
    /// What open orders are worth, by currency, in minor units.
    pub open_value: BTreeMap<String, i64>,
    /// Orders that are whole with the customer by the day first promised, and later.
    pub kept: u64,
    /// Orders that came whole, later than first promised.
    pub late: u64,
    /// Orders a plan moved.
    pub moved: u64,
}

impl Counts {
    /// Orders that are not shipped, delivered or cancelled.
    #[must_use]
    pub fn open(&self) -> u64 {
        self.by_status.iter().filter(|(status, _)| is_open(**status)).map(|(_, count)| count).sum()
    }

    /// Orders of a status.
    #[must_use]
    pub fn of(&self, status: OrderStatus) -> u64 {
        self.by_status.get(&status).copied().unwrap_or(0)
    }

    /// All orders.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.by_status.values().sum()
    }
}

/// What a site has to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteWork {
    /// Open orders with units there, by merchant.
    pub orders: BTreeMap<MerchantId, u32>,
    /// Units of them, by merchant.
    pub units: BTreeMap<MerchantId, u64>,
    /// Parcels in doubt there.
    pub in_doubt: u32,
    /// Parcels the site has been told of and that have not left.
    pub released: u32,
    /// Work units promised for days that are over.
    pub overdue: u32,
}

/// Counts over everything.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    /// Version of the state it was counted from.
    pub version: u64,
    /// Of the house.
    pub all: Counts,
    /// By merchant.
    pub merchants: BTreeMap<MerchantId, Counts>,
    /// By site.
    pub sites: Vec<SiteWork>,
    /// Units ordered in the last [`DEMAND_DAYS`] days, by SKU.
    pub demand: BTreeMap<SkuId, u64>,
    /// Open orders with units from a site to a zone, by merchant.
    pub flows: BTreeMap<(MerchantId, SiteId, ZoneId), u32>,
    /// Parcels in doubt, oldest first.
    pub in_doubt: Vec<ShipmentId>,
    /// Notices by status, as their order in [`NoticeStatus`].
    pub notices: [u64; 8],
}

/// The place of a status in [`Overview::notices`].
#[must_use]
pub const fn notice_index(status: NoticeStatus) -> usize {
    match status {
        NoticeStatus::Queued => 0,
        NoticeStatus::Withdrawn => 1,
        NoticeStatus::Released => 2,
        NoticeStatus::Sent => 3,
        NoticeStatus::Failed => 4,
        NoticeStatus::Waiting => 5,
        NoticeStatus::Sending => 6,
        NoticeStatus::InDoubt => 7,
    }
}

impl Overview {
    /// Counts a state at `now`.
    #[must_use]
    pub fn of(state: &State, now: Stamp) -> Self {
        let mut out = Self {
            version: state.version,
            sites: vec![SiteWork::default(); state.network.sites.len()],
            ..Self::default()
        };
        let since = now.before(Span::days(DEMAND_DAYS));
        for (_, order) in state.live_orders() {
            out.count(state, order, since);
        }
        for (id, shipment) in state.shipments.iter() {
            let Some(site) = out.sites.get_mut(shipment.site.index()) else { continue };
            match shipment.stage {
                ShipmentStage::InDoubt { .. } => {
                    site.in_doubt += 1;
                    out.in_doubt.push(id);
                }
                stage if stage.at_site().is_some() => site.released += 1,
                _ => {}
            }
        }
        for (index, now_there) in state.sites.iter().enumerate() {
            let today = state.network.sites.get(index).map(|site| now.local(&site.zone).0);
            let past = now_there.load.iter().filter(|(day, _)| today.is_some_and(|today| **day < today));
            if let Some(site) = out.sites.get_mut(index) {
                site.overdue = past.map(|(_, load)| *load).sum();
            }
        }
        for (_, notice) in state.notices.iter() {
            out.notices[notice_index(notice.status)] += 1;
        }
        out
    }

    fn count(&mut self, state: &State, order: &Order, since: Stamp) {
        let status = order_status(state, order);
        let expected = expected(state, order);
        let currency = state.network.merchant(order.merchant).map(|merchant| merchant.currency);
        for counts in [&mut self.all, self.merchants.entry(order.merchant).or_default()] {
            *counts.by_status.entry(status).or_default() += 1;
            counts.moved += u64::from(order.moved > 0);
            if is_open(status) {
                let in_time = matches!(expected, Expected::On(day) if day <= order.promise);
                counts.at_risk += u64::from(!in_time);
                counts.on_course += u64::from(in_time);
                if let Some(currency) = currency {
                    // Two orders of absurd prices must not take the page from everybody.
                    let value = counts.open_value.entry(currency.code().to_owned()).or_default();
                    *value = value.saturating_add(order.value());
                }
            }
            if status == OrderStatus::Delivered {
                let last = arrived(state, order);
                let in_time = last.is_some_and(|day| day <= order.promise_first);
                counts.kept += u64::from(in_time);
                counts.late += u64::from(!in_time);
            }
        }
        let mut here: Vec<SiteId> = Vec::new();
        for line in &order.lines {
            if order.placed >= since {
                *self.demand.entry(line.sku).or_default() += u64::from(line.wanted().0);
            }
            for a in line.allocations.iter().filter(|a| a.shipment.is_none()) {
                let Some(site) = self.sites.get_mut(a.site.index()) else { continue };
                *site.units.entry(order.merchant).or_default() += u64::from(a.quantity.0);
                if !here.contains(&a.site) {
                    here.push(a.site);
                    *site.orders.entry(order.merchant).or_default() += 1;
                    *self.flows.entry((order.merchant, a.site, order.zone)).or_default() += 1;
                }
            }
        }
    }

    /// The counts a viewer of one merchant, or of all, may see.
    #[must_use]
    pub fn counts(&self, scope: Option<MerchantId>) -> Counts {
        match scope {
            None => self.all.clone(),
            Some(merchant) => self.merchants.get(&merchant).cloned().unwrap_or_default(),
        }
    }

    /// Parcels in doubt that belong to `scope`, with their orders.
    pub fn doubts<'a>(
        &'a self,
        state: &'a State,
        scope: Option<MerchantId>,
    ) -> impl Iterator<Item = (ShipmentId, OrderId)> + 'a {
        self.in_doubt.iter().filter_map(move |id| {
            let shipment = state.shipments.get(*id)?;
            let order = state.order(shipment.order).ok()?;
            scope.is_none_or(|own| own == order.merchant).then_some((*id, shipment.order))
        })
    }
}

impl SiteWork {
    /// Open orders of one merchant, or of all.
    #[must_use]
    pub fn orders_of(&self, scope: Option<MerchantId>) -> u64 {
        let mine = self.orders.iter().filter(|(merchant, _)| scope.is_none_or(|own| own == **merchant));
        mine.map(|(_, count)| u64::from(*count)).sum()
    }

    /// Units of one merchant, or of all.
    #[must_use]
    pub fn units_of(&self, scope: Option<MerchantId>) -> u64 {
        let mine = self.units.iter().filter(|(merchant, _)| scope.is_none_or(|own| own == **merchant));
        mine.map(|(_, count)| *count).sum()
    }
}

fn arrived(state: &State, order: &Order) -> Option<holdfast_domain::time::Day> {
    let allocations = order.lines.iter().flat_map(|line| &line.allocations);
    allocations.filter_map(|a| state.shipments.get(a.shipment?)?.arrival).max()
}
