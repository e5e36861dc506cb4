//! The state of one operator: everything rules need, and nothing personal.
//!
//! A clone is a fork: it shares its parent's pages and pays only for what it touches.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::care::Care;
use crate::id::{
    Id, IncidentId, LaneId, MerchantId, NoticeId, OrderId, PlanId, ShipmentId, SiteId, SkuId, SubjectId,
    TakeoverId, TransferId,
};
use crate::incident::{Embargoes, Incident, SiteAccess};
use crate::network::{Network, Site};
use crate::notice::Notice;
use crate::order::{Order, OrderSlot, Shipment};
use crate::plan_record::PlanRecord;
use crate::quantity::Quantity;
use crate::reject::Rejection;
use crate::stock::Stock;
use crate::table::{Digest, Index, Table, digest_of, fingerprint};
use crate::takeover::{Lent, Section, Takeover, TakeoverStage};
use crate::time::{Day, Stamp};
use crate::timer::Timers;

/// The number of the canonical encoding that [`State::digest`] hashes. It changes whenever a type of the state does.
pub const STATE_FORMAT: u32 = 6;

/// Everything an operator's writer knows.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct State {
    /// Journal entries applied so far.
    pub version: u64,
    /// Stamp of the last one.
    pub stamp: Stamp,
    /// What exists before any order.
    pub network: Arc<Network>,
    /// What each site can do now, by id.
    pub sites: Vec<SiteState>,
    /// What lies where.
    pub stock: Stock,
    /// Orders, live and archived.
    pub orders: Table<OrderId, OrderSlot>,
    /// Shipments.
    pub shipments: Table<ShipmentId, Shipment>,
    /// Goods between sites.
    pub transfers: Table<TransferId, Transfer>,
    /// People, by fingerprint alone.
    pub subjects: Table<SubjectId, Subject>,
    /// Incidents.
    pub incidents: Table<IncidentId, Incident>,
    /// Which incidents keep which lane closed.
    pub embargoes: Table<LaneId, Embargoes>,
    /// Notices.
    pub notices: Table<NoticeId, Notice>,
    /// Adopted plans.
    pub plans: Table<PlanId, PlanRecord>,
    /// Digest of the table of shadow prices in use.
    pub prices: Option<Digest>,
    /// Outside names, see [`name_key`].
    pub names: Index<u32>,
    /// Idempotency keys in their retention.
    pub keys: Index<KeyUse>,
    /// What is due when.
    pub timers: Timers,
    /// Take-overs.
    pub takeovers: Table<TakeoverId, Takeover>,
    /// What customers were told, answered and are owed.
    pub care: Care,
}

/// What a site can do now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteState {
    /// Open, limited, closed, dormant.
    pub access: SiteAccess,
    /// Whether it was closed before anybody had called it: when that ends it sleeps again, and does not open.
    pub uncalled: bool,
    /// Work units promised by day, of the orders that leave that day.
    pub load: BTreeMap<Day, u32>,
    /// The last day of a wave, and the work units released on it.
    pub waved: (Day, u32),
    /// Days on which it is expected to be shut, by incident: nothing new is promised from it for them. First day,
    /// and the first day no longer.
    pub outages: Vec<(IncidentId, Day, Day)>,
    /// What it lends to take-overs that are not handed back.
    pub lent: Vec<Lent>,
    /// The take-over it is a section of, if it is one; it stays one for ever.
    pub section: Option<Section>,
}

impl SiteState {
    /// Whether an incident is expected to keep it shut on `day`.
    #[must_use]
    pub fn is_out(&self, day: Day) -> bool {
        self.outages.iter().any(|(_, from, until)| *from <= day && day < *until)
    }

    /// Work units of `day` that take-overs have.
    #[must_use]
    pub fn lent_on(&self, day: Day) -> u32 {
        self.lent.iter().map(|lent| lent.on(day)).fold(0, u32::saturating_add)
    }
}

/// Goods on the way between two sites.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// From.
    pub from: SiteId,
    /// To.
    pub to: SiteId,
    /// What and how much.
    pub items: Box<[(SkuId, Quantity)]>,
    /// When they should arrive.
    pub due: Day,
    /// Whether they have.
    pub received: bool,
}

/// A person, known by a fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Keyed fingerprint of what identifies the person.
    pub fingerprint: u128,
    /// Whether the person's data were erased.
    pub erased: bool,
}

/// What an idempotency key was used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUse {
    /// When.
    pub at: Stamp,
    /// The journal entry it made.
    pub version: u64,
    /// What the entry made: the id of the order, incident or other thing, where it made one.
    pub made: Option<u32>,
}

/// The key under which an outside name is kept in [`State::names`]. The scope is the merchant for SKUs and orders.
#[must_use]
pub fn name_key(kind: NameKind, merchant: MerchantId, name: &str) -> u128 {
    fingerprint(kind.word(), u32::from(merchant.0), name)
}

/// The kinds of outside names. All but SKUs and orders have the operator as scope: merchant 0 stands for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKind {
    /// A merchant's code.
    Merchant,
    /// A site's code.
    Site,
    /// A carrier and service.
    Service,
    /// A zone's code.
    Zone,
    /// A SKU code.
    Sku,
    /// An order number.
    Order,
    /// A person's fingerprint in hexadecimal.
    Subject,
}

impl NameKind {
    const fn word(self) -> &'static str {
        match self {
            Self::Merchant => "merchant",
            Self::Site => "site",
            Self::Service => "service",
            Self::Zone => "zone",
            Self::Sku => "sku",
            Self::Order => "order",
            Self::Subject => "subject",
        }
    }
}

impl State {
    /// The id behind an outside name.
    #[must_use]
    pub fn named<I: Id>(&self, kind: NameKind, merchant: MerchantId, name: &str) -> Option<I> {
        self.names.get(name_key(kind, merchant, name)).map(|index| I::from_index(*index as usize))
    }

    /// The live order.
    ///
    /// # Errors
    /// [`Rejection::Unknown`] or [`Rejection::OrderArchived`].
    pub fn order(&self, id: OrderId) -> Result<&Order, Rejection> {
        match self.orders.get(id) {
            Some(OrderSlot::Live(order)) => Ok(order),
            Some(OrderSlot::Archived(_)) => Err(Rejection::OrderArchived { order: id }),
            None => Err(unknown("order", id)),
        }
    }

    /// All live orders in the order of their ids.
    pub fn live_orders(&self) -> impl Iterator<Item = (OrderId, &Order)> + '_ {
        self.orders.iter().filter_map(|(id, slot)| match slot {
            OrderSlot::Live(order) => Some((id, &**order)),
            OrderSlot::Archived(_) => None,
        })
    }

    /// The shipment.
    ///
    /// # Errors
    /// [`Rejection::Unknown`].
    pub fn shipment(&self, id: ShipmentId) -> Result<&Shipment, Rejection> {
        self.shipments.get(id).ok_or_else(|| unknown("shipment", id))
    }

    /// The incident.
    ///
    /// # Errors
    /// [`Rejection::Unknown`].
    pub fn incident(&self, id: IncidentId) -> Result<&Incident, Rejection> {
        self.incidents.get(id).ok_or_else(|| unknown("incident", id))
    }

    /// A site's description and state.
    ///
    /// # Errors
    /// [`Rejection::Unknown`].
    pub fn site(&self, id: SiteId) -> Result<(&Site, &SiteState), Rejection> {
        match (self.network.site(id), self.sites.get(id.index())) {
            (Some(site), Some(now)) => Ok((site, now)),
            _ => Err(unknown("site", id)),
        }
    }

    /// Units of `sku` that can be promised from `site` now: none unless the site takes orders.
    #[must_use]
    pub fn available(&self, site: SiteId, sku: SkuId) -> Quantity {
        match self.sites.get(site.index()) {
            Some(now) if now.access.takes_orders() => self.stock.shelf(site, sku).available(),
            _ => Quantity::ZERO,
        }
    }

    /// Whether no incident keeps the lane closed.
    #[must_use]
    pub fn lane_is_open(&self, lane: LaneId) -> bool {
        self.embargoes.get(lane).is_none_or(|incidents| incidents.is_empty())
    }

    /// Work units `site` can do on `day` as far as is known now, before anything is promised.
    #[must_use]
    pub fn capacity_whole(&self, site: SiteId, day: Day) -> u32 {
        let Ok((description, now)) = self.site(site) else { return 0 };
        let permille = match now.access {
            _ if now.is_out(day) => 0,
            SiteAccess::Activating { ready } if ready.local(&description.zone).0 <= day => 1000,
            access => access.permille(),
        };
        let whole = share_of(self.capacity_own(site, day), permille);
        match now.section {
            Some(part) if !part.runs_on(day) || part.stage == TakeoverStage::HandedBack => 0,
            // What is reserved may still leave; there is no room for more.
            Some(part) if part.stage == TakeoverStage::Ending => {
                whole.min(now.load.get(&day).copied().unwrap_or(0))
            }
            _ => whole,
        }
    }

    /// Work units `site` does on `day` in normal times, without what it has lent to take-overs.
    #[must_use]
    pub fn capacity_own(&self, site: SiteId, day: Day) -> u32 {
        let Ok((description, now)) = self.site(site) else { return 0 };
        description.capacity_on(day).saturating_sub(now.lent_on(day))
    }

    /// The sections of `host` that are not handed back, in the order of their ids.
    pub fn sections_of(&self, host: SiteId) -> impl Iterator<Item = SiteId> + '_ {
        let is_part = move |now: &SiteState| {
            now.section.is_some_and(|part| part.host == host && part.stage.is_running())
        };
        self.sites
            .iter()
            .enumerate()
            .filter(move |(_, now)| is_part(now))
            .map(|(at, _)| SiteId::from_index(at))
    }

    /// Work units that can still be promised at `site` for `day`.
    #[must_use]
    pub fn capacity_left(&self, site: SiteId, day: Day) -> u32 {
        let load = self.sites.get(site.index()).and_then(|now| now.load.get(&day)).copied().unwrap_or(0);
        self.capacity_whole(site, day).saturating_sub(load)
    }

    /// The digest of the whole state. Costs what changed since the last one.
    #[must_use]
    pub fn digest(&self) -> Digest {
        digest_of(&(
            (STATE_FORMAT, self.version, self.stamp),
            [self.network.digest(), self.stock.digest(), self.orders.digest(), self.shipments.digest()],
            [
                self.transfers.digest(),
                self.subjects.digest(),
                self.incidents.digest(),
                self.embargoes.digest(),
            ],
            [self.notices.digest(), self.plans.digest(), self.names.digest(), self.keys.digest()],
            (&self.sites, self.prices, &self.timers, self.takeovers.digest(), self.care.digest()),
        ))
    }

    /// The digest as [`State::digest`] gives it, every entity hashed anew: what an audit compares with.
    #[must_use]
    pub fn digest_afresh(&self) -> Digest {
        digest_of(&(
            (STATE_FORMAT, self.version, self.stamp),
            [
                self.network.digest(),
                self.stock.digest_afresh(),
                self.orders.digest_afresh(),
                self.shipments.digest_afresh(),
            ],
            [
                self.transfers.digest_afresh(),
                self.subjects.digest_afresh(),
                self.incidents.digest_afresh(),
                self.embargoes.digest_afresh(),
            ],
            [
                self.notices.digest_afresh(),
                self.plans.digest_afresh(),
                self.names.digest_afresh(),
                self.keys.digest_afresh(),
            ],
            (
                &self.sites,
                self.prices,
                &self.timers,
                self.takeovers.digest_afresh(),
                self.care.digest_afresh(),
            ),
        ))
    }
}

/// So many thousandths of `units`, rounded down.
fn share_of(units: u32, permille: u16) -> u32 {
    let part = u64::from(units) * u64::from(permille) / 1000;
    u32::try_from(part).unwrap_or(u32::MAX)
}

/// The rejection of an id that names nothing.
pub(crate) fn unknown<I: Id>(what: &'static str, id: I) -> Rejection {
    Rejection::Unknown { what, index: id.index() as u64 }
}
