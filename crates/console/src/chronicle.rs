//! The chronicle: what happened, as far as people ask about it afterwards, folded from the journal's entries.
//!
//! Who serves feeds it every durable entry once, in order, from the first one on. Invariant: it only ever grows at
//! its end, and every row names the entry it comes from.

use std::collections::BTreeMap;

use holdfast_continuity::statistics::Ledger;
use holdfast_domain::care::{CallEnd, CareEvent, StepStatus};
use holdfast_domain::event::{Event, Terms};
use holdfast_domain::evolve::Entry;
use holdfast_domain::id::{CallId, Id, IncidentId, NoticeId, OrderId, PlanId, SiteId};
use holdfast_domain::incident::{Phase, Severity, SiteAccess};
use holdfast_domain::notice::NoticeStatus;
use holdfast_domain::time::{Day, Stamp};

/// Rows kept; the oldest that belong to no incident go first.
pub const ROWS_MAX: usize = 50_000;

/// Rows looked back over for one of the same kind, to count into.
const MERGED_OVER: usize = 4;

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// An incident is watched.
    Opened,
    /// It is assessed anew.
    Assessed(Severity, Option<Stamp>),
    /// It went into another phase.
    Phased(Phase),
    /// What a site can do changed.
    Access(SiteId, SiteAccess),
    /// A site is expected to be shut for some days, or no longer.
    Outage(SiteId, Option<(Day, Day)>),
    /// So many lanes were closed.
    Embargoed(u32),
    /// So many lanes were opened again.
    Lifted(u32),
    /// So many parcels are in doubt.
    InDoubt(u32),
    /// A plan was approved.
    Adopted(PlanId),
    /// A step of it was carried out: step, moved, skipped.
    Stepped(PlanId, u32, u32, u32),
    /// It was taken back: orders that went back, orders that could not.
    Undone(PlanId, u32, u32),
    /// New shadow prices steer sourcing.
    Prices,
    /// So many notices were queued.
    Queued(u32),
    /// So many notices got that far.
    Notices(NoticeStatus, u32),
    /// The house was set up or changed: so many changes.
    SetUp(u32),
    /// Stock was counted, adjusted, quarantined or cleared: so many times.
    Stock(u32),
    /// So many orders were held, freed or cancelled by hand.
    Orders(u32),
    /// So many parcels in doubt were settled.
    Settled(u32),
    /// A person was forgotten.
    Erased,
    /// A partner or staff was called.
    Called(CallId),
    /// A contact of a call got so far: its place among the contacts.
    CallStepped(CallId, u32, StepStatus),
    /// A call ended, and by whom.
    CallEnded(CallId, CallEnd, Box<str>),
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The last journal entry it comes from.
    pub version: u64,
    /// When.
    pub at: Stamp,
    /// Who asked.
    pub actor: Box<str>,
    /// The incident it belongs to.
    pub incident: Option<IncidentId>,
    /// What.
    pub what: What,
}

/// What a sourcing choice was made of, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sourced {
    /// When.
    pub at: Stamp,
    /// What it was made of.
    pub terms: Terms,
}

/// What happened.
#[derive(Clone, Debug, Default)]
pub struct Chronicle {
    rows: Vec<Row>,
    sourced: BTreeMap<OrderId, Sourced>,
    notices: Vec<Option<IncidentId>>,
    plans: Vec<Option<IncidentId>>,
    calls: Vec<IncidentId>,
    incidents: usize,
    version: u64,
    ledger: Ledger,
}

impl Chronicle {
    /// Rows, oldest first.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The rows of an incident, oldest first.
    pub fn of(&self, incident: IncidentId) -> impl DoubleEndedIterator<Item = &Row> + '_ {
        self.rows.iter().filter(move |row| row.incident == Some(incident))
    }

    /// What the last sourcing of an order was made of.
    #[must_use]
    pub fn sourced(&self, order: OrderId) -> Option<Sourced> {
        self.sourced.get(&order).copied()
    }

    /// What statistics need of it.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The last entry it has seen.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// Takes the next entry in.
    pub fn absorb(&mut self, entry: &Entry) {
        self.version += 1;
        self.ledger.absorb(entry);
        for event in &entry.events {
            self.event(entry, event);
        }
        if self.rows.len() > ROWS_MAX {
            let (mut over, incidents) = (self.rows.len() - ROWS_MAX, self.incidents);
            self.rows.retain(|row| {
                let goes = over > 0 && (row.incident.is_none() || incidents == 0);
                over -= usize::from(goes);
                !goes
            });
        }
    }

    fn event(&mut self, entry: &Entry, event: &Event) {
        let (incident, what) = match event {
            Event::OrderSourced { order, terms, .. } => {
                self.sourced.insert(*order, Sourced { at: entry.at, terms: *terms });
                return;
            }
            Event::IncidentOpened(_) => {
                let id = IncidentId::from_index(self.incidents);
                self.incidents += 1;
                (Some(id), What::Opened)
            }
            Event::IncidentAssessed { incident, severity, expected_end, .. } => {
                (Some(*incident), What::Assessed(*severity, *expected_end))
            }
            Event::IncidentPhased { incident, phase } => (Some(*incident), What::Phased(*phase)),
            Event::SiteAccessChanged { site, access, incident } => (*incident, What::Access(*site, *access)),
            Event::OutageExpected { site, incident, days } => (Some(*incident), What::Outage(*site, *days)),
            Event::LanesEmbargoed { incident, lanes } => {
                (Some(*incident), What::Embargoed(count(lanes.len())))
            }
            Event::EmbargoLifted { incident, lanes } => (Some(*incident), What::Lifted(count(lanes.len()))),
            Event::ShipmentsInDoubt { incident, shipments, .. } => {
                (Some(*incident), What::InDoubt(count(shipments.len())))
            }
            Event::PlanAdopted(record) => {
                let id = PlanId::from_index(self.plans.len());
                self.plans.push(record.incident);
                (record.incident, What::Adopted(id))
            }
            Event::PlanStepped { plan, step, moved, skipped } => {
                (self.plan(*plan), What::Stepped(*plan, *step, *moved, *skipped))
            }
            Event::PlanUndone { plan, undone, kept } => {
                (self.plan(*plan), What::Undone(*plan, *undone, *kept))
            }
            Event::PricesAdopted { .. } => (None, What::Prices),
            Event::NoticeQueued(notice) => {
                self.notices.push(notice.incident);
                (notice.incident, What::Queued(1))
            }
            Event::NoticeChanged { notice, status } => (self.notice(*notice), What::Notices(*status, 1)),
            Event::ShipmentRecalled { evidence: Some(_), .. }
            | Event::ShipmentShipped { evidence: Some(_), .. } => (None, What::Settled(1)),
            Event::OrderHeld { .. } | Event::OrderFreed { .. } | Event::LineCancelled { .. } => {
                (None, What::Orders(1))
            }
            Event::StockReceived { .. }
            | Event::StockAdjusted { .. }
            | Event::StockCounted { .. }
            | Event::StockQuarantined { .. }
            | Event::StockCleared { .. } => (None, What::Stock(1)),
            Event::SubjectErased { .. } => (None, What::Erased),
            Event::Care(care) => match &**care {
                CareEvent::CallMade { call, .. } => {
                    let id = CallId::from_index(self.calls.len());
                    self.calls.push(call.incident);
                    (Some(call.incident), What::Called(id))
                }
                // That it is about to be handed over says nothing yet.
                CareEvent::CallStepped { status: StepStatus::Sending, .. } => return,
                CareEvent::CallStepped { status: StepStatus::Waiting, position: 0, .. } => return,
                CareEvent::CallStepped { call, position, status, .. } => {
                    (self.call(*call), What::CallStepped(*call, *position, *status))
                }
                CareEvent::CallEnded { call, how, who } => {
                    (self.call(*call), What::CallEnded(*call, *how, who.clone()))
                }
                _ => return,
            },
            Event::OperatorSet(_)
            | Event::MerchantAdded(_)
            | Event::MerchantChanged(..)
            | Event::SiteAdded(_)
            | Event::SiteChanged(..)
            | Event::ServiceAdded(_)
            | Event::ZoneAdded(_)
            | Event::LaneAdded(_)
            | Event::LaneRated { .. }
            | Event::SkuAdded(_) => (None, What::SetUp(1)),
            _ => return,
        };
        self.push(Row { version: self.version, at: entry.at, actor: entry.actor.clone(), incident, what });
    }

    /// Adds a row, or counts it into one of the last few of the same kind by the same person within the same minute.
    fn push(&mut self, row: Row) {
        // Notices are queued and taken back in turn: kinds that alternate are counted each in its own row.
        for index in (0..self.rows.len()).rev().take(MERGED_OVER) {
            let known = &mut self.rows[index];
            let same = known.actor == row.actor
                && known.incident == row.incident
                && known.at.0 / 60_000 == row.at.0 / 60_000;
            if !same {
                break;
            }
            if merge(&mut known.what, &row.what) {
                known.version = row.version;
                // What it now tells is the newest there is.
                let merged = self.rows.remove(index);
                self.rows.push(merged);
                return;
            }
        }
        self.rows.push(row);
    }

    fn plan(&self, plan: PlanId) -> Option<IncidentId> {
        self.plans.get(plan.index()).copied().flatten()
    }

    fn call(&self, call: CallId) -> Option<IncidentId> {
        self.calls.get(call.index()).copied()
    }

    fn notice(&self, notice: NoticeId) -> Option<IncidentId> {
        self.notices.get(notice.index()).copied().flatten()
    }
}

fn merge(into: &mut What, more: &What) -> bool {
    match (into, more) {
        (What::Queued(had), What::Queued(n))
        | (What::SetUp(had), What::SetUp(n))
        | (What::Stock(had), What::Stock(n))
        | (What::Orders(had), What::Orders(n))
        | (What::Settled(had), What::Settled(n)) => *had += n,
        (What::Notices(was, had), What::Notices(is, n)) if was == is => *had += n,
        _ => return false,
    }
    true
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
