//! The ledger: of what happened, what statistics need later, folded from the journal's entries.
//!
//! Invariant: it is a function of the entries alone, taken once each, in order, from the first one on.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::event::Event;
use holdfast_domain::evolve::Entry;
use holdfast_domain::id::{Id, IncidentId, OrderId, PlanId, ShipmentId, SiteId};
use holdfast_domain::incident::{Phase, SiteAccess};
use holdfast_domain::time::Stamp;

/// A time for which a site was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closure {
    /// The site.
    pub site: SiteId,
    /// What closed it.
    pub incident: IncidentId,
    /// From when.
    pub from: Stamp,
    /// Until when; `None` while it is closed.
    pub until: Option<Stamp>,
}

/// When an incident came how far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Milestones {
    /// It was opened.
    pub opened: Option<Stamp>,
    /// It was declared.
    pub declared: Option<Stamp>,
    /// Its first site was closed.
    pub closed: Option<Stamp>,
    /// A plan was approved.
    pub adopted: Option<Stamp>,
    /// The first step of a plan was carried out: orders flow again.
    pub flowing: Option<Stamp>,
    /// The last step so far.
    pub stepped: Option<Stamp>,
    /// The first customer was told.
    pub told: Option<Stamp>,
    /// All clear.
    pub clear: Option<Stamp>,
    /// It was closed.
    pub ended: Option<Stamp>,
}

/// What happened, as far as statistics ask.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    version: u64,
    incidents: usize,
    orders: usize,
    plans: Vec<Option<IncidentId>>,
    closures: Vec<Closure>,
    shut: BTreeMap<SiteId, usize>,
    milestones: BTreeMap<IncidentId, Milestones>,
    touched: BTreeMap<IncidentId, BTreeSet<OrderId>>,
    doubted: BTreeMap<IncidentId, BTreeSet<ShipmentId>>,
    left: BTreeMap<SiteId, BTreeSet<OrderId>>,
    rescued: BTreeMap<OrderId, IncidentId>,
    short: BTreeSet<OrderId>,
    waiting: BTreeMap<OrderId, u64>,
}

impl Ledger {
    /// The last entry it has seen.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// Closures, in the order they began.
    #[must_use]
    pub fn closures(&self) -> &[Closure] {
        &self.closures
    }

    /// How far an incident came, and when.
    #[must_use]
    pub fn milestones(&self, incident: IncidentId) -> Milestones {
        self.milestones.get(&incident).copied().unwrap_or_default()
    }

    /// Orders an incident has touched by a plan or a notice.
    pub fn touched(&self, incident: IncidentId) -> impl Iterator<Item = OrderId> + '_ {
        self.touched.get(&incident).into_iter().flatten().copied()
    }

    /// Parcels an incident has put in doubt.
    pub fn doubted(&self, incident: IncidentId) -> impl Iterator<Item = ShipmentId> + '_ {
        self.doubted.get(&incident).into_iter().flatten().copied()
    }

    /// Orders a plan has moved away from a site while it was closed.
    pub fn left(&self, site: SiteId) -> impl Iterator<Item = OrderId> + '_ {
        self.left.get(&site).into_iter().flatten().copied()
    }

    /// Whether a plan moved the order from a closed site to others, where it still is.
    #[must_use]
    pub fn is_rescued(&self, order: OrderId) -> bool {
        self.rescued.contains_key(&order)
    }

    /// Orders that asked for units that were nowhere to be had: they wait, and nothing was promised from stock.
    #[must_use]
    pub fn short(&self) -> &BTreeSet<OrderId> {
        &self.short
    }

    /// Takes the next entry in.
    pub fn absorb(&mut self, entry: &Entry) {
        self.version += 1;
        for event in &entry.events {
            self.event(entry.at, event);
        }
        // What was taken and not sourced whole within the same entry asked for more than there was.
        let waiting = std::mem::take(&mut self.waiting);
        self.short.extend(waiting.into_iter().filter(|(_, units)| *units > 0).map(|(order, _)| order));
    }

    fn event(&mut self, at: Stamp, event: &Event) {
        match event {
            Event::IncidentOpened(incident) => {
                let id = IncidentId::from_index(self.incidents);
                self.incidents += 1;
                let mile = self.milestones.entry(id).or_default();
                (mile.opened, mile.declared) = (Some(at), incident.declared);
            }
            Event::IncidentPhased { incident, phase } => {
                let mile = self.milestones.entry(*incident).or_default();
                match phase {
                    Phase::Watch => {}
                    Phase::Declared => first(&mut mile.declared, at),
                    Phase::Recovering => first(&mut mile.clear, at),
                    Phase::Closed => mile.ended = Some(at),
                }
            }
            Event::SiteAccessChanged { site, access, .. } => self.access(at, *site, *access),
            Event::ShipmentsInDoubt { incident, shipments, .. } => {
                self.doubted.entry(*incident).or_default().extend(shipments.iter().copied());
            }
            Event::PlanAdopted(record) => {
                self.plans.push(record.incident);
                if let Some(incident) = record.incident {
                    first(&mut self.milestones.entry(incident).or_default().adopted, at);
                }
            }
            Event::PlanStepped { plan, .. } => {
                if let Some(incident) = self.plan(*plan) {
                    let mile = self.milestones.entry(incident).or_default();
                    first(&mut mile.flowing, at);
                    mile.stepped = Some(at);
                }
            }
            Event::OrderMoved { order, plan, from, to } => {
                let sites = |all: &holdfast_domain::event::Allocations| {
                    all.iter().map(|(_, a)| a.site).collect::<Vec<_>>()
                };
                self.moved(*order, *plan, &sites(from), &sites(to));
            }
            Event::NoticeQueued(notice) => {
                if let Some(incident) = notice.incident {
                    first(&mut self.milestones.entry(incident).or_default().told, at);
                    let orders = notice.orders.iter().map(|entry| entry.order);
                    self.touched.entry(incident).or_default().extend(orders);
                }
            }
            Event::OrderReceived(order) => {
                let id = OrderId::from_index(self.orders);
                self.orders += 1;
                if order.hold.is_none() {
                    let units = order.lines.iter().map(|line| u64::from(line.ordered.0)).sum();
                    self.waiting.insert(id, units);
                }
            }
            Event::OrderSourced { order, allocations, .. } => {
                if let Some(units) = self.waiting.get_mut(order) {
                    let found = allocations.iter().map(|(_, a)| u64::from(a.quantity.0)).sum();
                    *units = units.saturating_sub(found);
                }
            }
            _ => {}
        }
    }

    fn access(&mut self, at: Stamp, site: SiteId, access: SiteAccess) {
        if let SiteAccess::Closed { incident, .. } = access {
            let mile = self.milestones.entry(incident).or_default();
            first(&mut mile.closed, at);
            // Handed to another incident, it is another closure.
            let known = self.shut.get(&site).and_then(|index| self.closures.get(*index));
            if known.is_some_and(|closure| closure.incident == incident) {
                return;
            }
            self.reopen(at, site);
            self.shut.insert(site, self.closures.len());
            self.closures.push(Closure { site, incident, from: at, until: None });
        } else {
            self.reopen(at, site);
        }
    }

    fn reopen(&mut self, at: Stamp, site: SiteId) {
        let closure = self.shut.remove(&site).and_then(|index| self.closures.get_mut(index));
        if let Some(closure) = closure {
            closure.until = Some(at);
        }
    }

    fn moved(&mut self, order: OrderId, plan: PlanId, from: &[SiteId], to: &[SiteId]) {
        if let Some(incident) = self.plan(plan) {
            self.touched.entry(incident).or_default().insert(order);
        }
        for site in from {
            let closure = self.shut.get(site).and_then(|index| self.closures.get(*index));
            if let Some(closure) = closure {
                self.left.entry(*site).or_default().insert(order);
                self.rescued.insert(order, closure.incident);
            }
        }
        // Put back where it was, it is not saved.
        if to.iter().any(|site| self.shut.contains_key(site)) {
            self.rescued.remove(&order);
        }
    }

    fn plan(&self, plan: PlanId) -> Option<IncidentId> {
        self.plans.get(plan.index()).copied().flatten()
    }
}

fn first(slot: &mut Option<Stamp>, at: Stamp) {
    slot.get_or_insert(at);
}
