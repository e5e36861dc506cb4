//! The auditor's own books.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::event::Event;
use holdfast_domain::evolve::Entry;
use holdfast_domain::id::{
    IncidentId, LaneId, MerchantId, OrderId, PlanId, ShipmentId, SiteId, SkuId, SubjectId, ZoneId,
};
use holdfast_domain::incident::{Phase, SiteAccess};
use holdfast_domain::notice::NoticeStatus;
use holdfast_domain::time::{Day, Stamp};
use holdfast_domain::timer::Timer;

use super::Claim;

/// A rule that is broken by an entry.
#[derive(Debug)]
pub(super) struct Breach {
    pub(super) rule: &'static str,
    pub(super) what: String,
}

pub(super) type Checked = Result<(), Breach>;

/// Breaks the rule unless `holds`.
pub(super) fn must(holds: bool, rule: &'static str, what: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(Breach { rule, what: what() }) }
}

/// What a thing that has to be there is, or the breach that it is not.
pub(super) fn there<T>(found: Option<T>, what: &str, id: impl core::fmt::Debug) -> Result<T, Breach> {
    found.ok_or_else(|| Breach { rule: "unknown-thing", what: format!("there is no {what} {id:?}") })
}

/// Where units of a line lie: site, lane, day, shipment.
pub(super) type Place = (SiteId, LaneId, Day, Option<ShipmentId>);

#[derive(Debug)]
pub(super) struct BookLine {
    pub(super) sku: SkuId,
    pub(super) ordered: i64,
    pub(super) cancelled: i64,
    pub(super) shipped: i64,
    pub(super) returned: i64,
    pub(super) price: i64,
    pub(super) places: BTreeMap<Place, i64>,
}

impl BookLine {
    pub(super) fn placed(&self) -> i64 {
        self.places.values().sum()
    }
}

#[derive(Debug)]
pub(super) struct BookOrder {
    pub(super) merchant: MerchantId,
    pub(super) number: Box<str>,
    pub(super) zone: ZoneId,
    pub(super) held: bool,
    pub(super) archived: bool,
    pub(super) lines: Vec<BookLine>,
}

impl BookOrder {
    pub(super) fn value(&self) -> i64 {
        self.lines.iter().map(|line| line.price * (line.ordered - line.cancelled)).sum()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    AtSite,
    Recalling,
    Doubt,
    Shipped,
    Delivered,
    Recalled,
    Lost,
}

#[derive(Debug)]
pub(super) struct BookShipment {
    pub(super) order: OrderId,
    pub(super) site: SiteId,
    pub(super) items: Vec<(u16, i64)>,
    pub(super) stage: Stage,
}

#[derive(Debug)]
pub(super) struct BookTransfer {
    pub(super) to: SiteId,
    pub(super) items: BTreeMap<SkuId, i64>,
    pub(super) received: bool,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BookShelf {
    pub(super) on_hand: i64,
    pub(super) reserved: i64,
    pub(super) quarantined: i64,
}

#[derive(Debug)]
pub(super) struct BookNotice {
    pub(super) incident: Option<IncidentId>,
    pub(super) orders: Vec<(OrderId, Option<Day>)>,
    pub(super) status: NoticeStatus,
}

/// What a run came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Journal entries.
    pub entries: u64,
    /// Events in them.
    pub events: u64,
    /// Orders taken.
    pub orders: u64,
    /// Units that came from outside.
    pub received: i64,
    /// Units by which counts and adjustments changed what is on hand.
    pub adjusted: i64,
    /// Units that left for customers.
    pub shipped: i64,
    /// Units that customers sent back.
    pub returned: i64,
    /// Units on the way between sites.
    pub in_transit: i64,
    /// Units that were lost on that way.
    pub lost: i64,
    /// What was ordered, minor units.
    pub ordered_value: i64,
    /// What was cancelled of it.
    pub cancelled_value: i64,
    /// Parcels that came into doubt.
    pub doubts: u64,
    /// Plan steps carried out.
    pub steps: u64,
    /// Orders moved by plans.
    pub moves: u64,
    /// Plans taken back.
    pub undone: u64,
    /// Notices queued.
    pub notices: u64,
    /// Timers fired.
    pub timers: u64,
}

/// Everything the auditor knows.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) version: u64,
    pub(super) stamp: Option<Stamp>,
    pub(super) keys: BTreeMap<u128, Stamp>,
    pub(super) merchants: usize,
    pub(super) zones: usize,
    pub(super) skus: Vec<MerchantId>,
    pub(super) lanes: Vec<(SiteId, ZoneId)>,
    pub(super) access: Vec<SiteAccess>,
    pub(super) shelves: BTreeMap<(SiteId, SkuId), BookShelf>,
    pub(super) orders: Vec<BookOrder>,
    pub(super) numbers: BTreeMap<(MerchantId, Box<str>), OrderId>,
    pub(super) shipments: Vec<BookShipment>,
    pub(super) transfers: Vec<BookTransfer>,
    pub(super) phases: Vec<(Phase, Option<Stamp>)>,
    pub(super) embargoes: BTreeSet<(LaneId, IncidentId)>,
    pub(super) plans: Vec<(usize, u32, bool)>,
    pub(super) notices: Vec<BookNotice>,
    pub(super) timers: BTreeSet<(Stamp, Timer)>,
    pub(super) subjects: BTreeMap<SubjectId, bool>,
    /// Take-overs: whose, how far (asked 0, offered 1, accepted 2, ending 3, over 4), and their sections.
    pub(super) takeovers: Vec<(MerchantId, u8, Vec<SiteId>)>,
    pub(super) totals: Totals,
    /// Shelves this entry has touched.
    pub(super) touched: BTreeSet<(SiteId, SkuId)>,
    /// Plans this entry has moved orders for, and those it has stepped or taken back.
    pub(super) moving: BTreeSet<PlanId>,
    pub(super) stepping: BTreeSet<PlanId>,
    /// Lines this entry has touched.
    pub(super) lines: BTreeSet<(OrderId, u16)>,
    /// Timers fired and sites closed in this entry.
    pub(super) fired: BTreeSet<Timer>,
    pub(super) closed: BTreeSet<SiteId>,
}

impl Model {
    /// Takes an entry into the books.
    pub(super) fn entry(&mut self, entry: &Entry) -> Checked {
        if let Some(before) = self.stamp {
            must(entry.at >= before, "stamp-goes-back", || format!("{} after {before}", entry.at))?;
        }
        self.stamp = Some(entry.at);
        if let Some(key) = entry.key {
            let first = self.keys.insert(key, entry.at).is_none();
            must(first, "key-used-twice", || format!("key {key:x} has two effects"))?;
        }
        self.touched.clear();
        self.moving.clear();
        self.stepping.clear();
        self.lines.clear();
        self.fired.clear();
        self.closed.clear();
        for event in &entry.events {
            self.event(event, entry.at)?;
        }
        self.version += 1;
        self.totals.entries += 1;
        self.totals.events += entry.events.len() as u64;
        self.whole()
    }

    fn event(&mut self, event: &Event, at: Stamp) -> Checked {
        if let Some(checked) = self.on_stock(event) {
            return checked;
        }
        if let Some(checked) = self.on_order(event) {
            return checked;
        }
        if let Some(checked) = self.on_shipment(event) {
            return checked;
        }
        self.on_rest(event, at)
    }

    /// What must hold between two entries, of all that this one has touched.
    fn whole(&self) -> Checked {
        for shelf in &self.touched {
            let BookShelf { on_hand, reserved, quarantined } = self.shelves[shelf];
            let sound = reserved >= 0 && quarantined >= 0 && reserved + quarantined <= on_hand;
            must(sound, "oversold", || {
                format!("{shelf:?} has {on_hand} on hand, {reserved} promised, {quarantined} set aside")
            })?;
        }
        for (order, number) in &self.lines {
            let line = &self.orders[order.0 as usize].lines[usize::from(*number)];
            let (wanted, placed) = (line.ordered - line.cancelled, line.placed());
            must(line.cancelled >= 0 && wanted >= 0, "cancelled-too-much", || {
                format!("{order} line {number}")
            })?;
            must(placed <= wanted, "promised-twice", || {
                format!("{order} line {number} wants {wanted} and is promised {placed}")
            })?;
            must(line.shipped <= wanted, "shipped-too-much", || {
                format!("{order} line {number} wants {wanted} and was sent {}", line.shipped)
            })?;
            must(line.returned <= line.shipped, "returned-too-much", || format!("{order} line {number}"))?;
        }
        for plan in &self.moving {
            must(self.stepping.contains(plan), "move-without-step", || format!("{plan} moved orders"))?;
        }
        for site in &self.closed {
            let forgotten = self.shipments.iter().position(|known| {
                known.site == *site && matches!(known.stage, Stage::AtSite | Stage::Recalling)
            });
            must(forgotten.is_none(), "doubt-skipped", || {
                format!("{site} went dark and shipment {forgotten:?} is not in doubt")
            })?;
        }
        Ok(())
    }

    /// Nothing has come from nowhere, and nothing is gone.
    pub(super) fn conserved(&self) -> Checked {
        let t = &self.totals;
        let on_hand: i64 = self.shelves.values().map(|shelf| shelf.on_hand).sum();
        let flows = t.received + t.adjusted + t.returned - t.shipped - t.in_transit - t.lost;
        must(on_hand == flows, "stock-not-conserved", || {
            format!("{on_hand} on hand, the flows say {flows}")
        })?;
        let mut reserved: BTreeMap<(SiteId, SkuId), i64> = BTreeMap::new();
        let at_site = |shipment: Option<ShipmentId>| {
            shipment.is_none_or(|id| {
                matches!(self.shipments[id.0 as usize].stage, Stage::AtSite | Stage::Recalling | Stage::Doubt)
            })
        };
        for line in self.orders.iter().flat_map(|order| &order.lines) {
            for ((site, _, _, shipment), units) in &line.places {
                if at_site(*shipment) {
                    *reserved.entry((*site, line.sku)).or_default() += units;
                }
            }
        }
        for (shelf, book) in &self.shelves {
            let sum = reserved.remove(shelf).unwrap_or(0);
            must(sum == book.reserved, "reservations-differ", || {
                format!("{shelf:?}: orders hold {sum}, the shelf says {}", book.reserved)
            })?;
        }
        must(reserved.is_empty(), "reservations-differ", || format!("{reserved:?} on no shelf"))?;
        let value: i64 = self.orders.iter().map(BookOrder::value).sum();
        must(value == t.ordered_value - t.cancelled_value, "money-not-conserved", || {
            format!("{value} is wanted, {} ordered, {} cancelled", t.ordered_value, t.cancelled_value)
        })
    }

    /// The writer's memory says the same as the books.
    pub(super) fn agrees(&self, claim: &Claim) -> Checked {
        let shelves: BTreeSet<_> = self.shelves.keys().chain(claim.shelves.keys()).copied().collect();
        for shelf in shelves {
            let book = self.shelves.get(&shelf).copied().unwrap_or_default();
            let (on_hand, reserved, quarantined) = claim.shelves.get(&shelf).copied().unwrap_or_default();
            let same = (book.on_hand, book.reserved, book.quarantined)
                == (i64::from(on_hand), i64::from(reserved), i64::from(quarantined));
            must(same, "memory-differs", || {
                format!("{shelf:?}: books {book:?}, memory {on_hand}, {reserved}, {quarantined}")
            })?;
        }
        must(self.orders.len() == claim.orders.len(), "memory-differs", || {
            format!("{} orders in the books, {} in memory", self.orders.len(), claim.orders.len())
        })?;
        for (index, (book, said)) in self.orders.iter().zip(&claim.orders).enumerate() {
            let value = (!book.archived).then(|| book.value());
            must(value == *said, "memory-differs", || {
                format!("order {index} is worth {value:?}, memory says {said:?}")
            })?;
        }
        Ok(())
    }

    pub(super) fn shelf(&mut self, site: SiteId, sku: SkuId) -> &mut BookShelf {
        self.touched.insert((site, sku));
        self.shelves.entry((site, sku)).or_default()
    }

    pub(super) fn takes_orders(&self, site: SiteId) -> bool {
        self.access
            .get(usize::from(site.0))
            .is_some_and(|access| matches!(access, SiteAccess::Open { .. } | SiteAccess::Activating { .. }))
    }
}
