//! Bugs planted on purpose, each where a real one could be: the auditor has to find every one of them.

use std::sync::Arc;

use holdfast_app::core::Reply;
use holdfast_domain::event::Event;
use holdfast_domain::evolve::Entry;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::time::Span;

use crate::auditor::Told;

/// A bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plant {
    /// A disk that acknowledges what it does not write.
    LyingDisk,
    /// Clients are answered before their group is durable.
    AckBeforeDurable,
    /// A writer that was taken over from goes on writing.
    NotFenced,
    /// A recovery stops three entries short and goes on from there.
    StaleMemory,
    /// A recovery forgets the idempotency keys.
    KeysLost,
    /// An order is given a unit more than is taken off the shelf.
    UnitPromisedTwice,
    /// A site goes dark and its parcels are not in doubt.
    DoubtSkipped,
    /// A parcel leaves twice.
    ShippedTwice,
    /// A parcel in doubt is shipped without evidence.
    DoubtIgnored,
    /// A cancelled line keeps its units.
    CancelKeepsUnits,
    /// A step of a plan is carried out twice.
    StepTwice,
    /// A plan moves orders without a step.
    MoveWithoutStep,
    /// A customer is told the same twice.
    ToldTwice,
    /// A transfer is taken in twice.
    TransferTwice,
    /// A stamp goes back.
    StampBack,
    /// A key has two effects.
    KeyTwice,
    /// A timer fires twice.
    TimerTwice,
    /// A recall frees no units.
    RecallLost,
    /// An order is taken at another price.
    OtherPrice,
    /// More comes back from a customer than was sent.
    ReturnGrows,
}

impl Plant {
    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::LyingDisk,
        Self::AckBeforeDurable,
        Self::NotFenced,
        Self::StaleMemory,
        Self::KeysLost,
        Self::UnitPromisedTwice,
        Self::DoubtSkipped,
        Self::ShippedTwice,
        Self::DoubtIgnored,
        Self::CancelKeepsUnits,
        Self::StepTwice,
        Self::MoveWithoutStep,
        Self::ToldTwice,
        Self::TransferTwice,
        Self::StampBack,
        Self::KeyTwice,
        Self::TimerTwice,
        Self::RecallLost,
        Self::OtherPrice,
        Self::ReturnGrows,
    ];

    /// Writes history as an engine with this bug would have written it, in the journal and in the replies alike, so
    /// that nothing but the rules can tell. Bugs of the writer's own are planted while it runs, not here.
    pub fn corrupt(self, entries: &mut [Entry], told: &mut [Told]) {
        if self == Self::StampBack {
            if let Some(last) = entries.last_mut() {
                last.at = last.at.before(Span::days(100));
            }
        } else if self == Self::KeyTwice {
            let first = entries.iter().find_map(|entry| entry.key);
            if let Some(entry) =
                entries.iter_mut().rev().find(|entry| entry.key.is_some_and(|k| Some(k) != first))
            {
                entry.key = first;
            }
        } else if let Some(entry) = entries.iter_mut().find(|entry| self.edit(&mut entry.events.clone())) {
            self.edit(&mut entry.events);
        }
        for one in told {
            if let Reply::Done { version, entry } = &mut one.reply {
                let now = version.checked_sub(1).and_then(|index| entries.get(index as usize));
                // Bugs of the writer show in replies that differ from the journal: those stay.
                if let Some(now) = now.filter(|now| !self.is_writers() && **entry != **now) {
                    *entry = Arc::new(now.clone());
                    one.key = entry.key;
                }
            }
        }
    }

    const fn is_writers(self) -> bool {
        matches!(
            self,
            Self::LyingDisk | Self::AckBeforeDurable | Self::NotFenced | Self::StaleMemory | Self::KeysLost
        )
    }

    /// Edits the first entry this bug can be seen in.
    fn edit(self, events: &mut Vec<Event>) -> bool {
        let position = |fits: fn(&Event) -> bool| events.iter().position(fits);
        let twice = |events: &mut Vec<Event>, at: Option<usize>| {
            at.map(|at| events.insert(at, events[at].clone())).is_some()
        };
        match self {
            Self::ShippedTwice => {
                let at = position(|event| matches!(event, Event::ShipmentShipped { .. }));
                twice(events, at)
            }
            Self::StepTwice => {
                let at = position(|event| matches!(event, Event::PlanStepped { .. }));
                twice(events, at)
            }
            Self::ToldTwice => {
                let of_incident =
                    |event: &Event| matches!(event, Event::NoticeQueued(notice) if notice.incident.is_some());
                let at = position(of_incident);
                twice(events, at)
            }
            Self::TransferTwice => {
                let at = position(|event| matches!(event, Event::TransferReceived { .. }));
                twice(events, at)
            }
            Self::TimerTwice => {
                let at = position(|event| matches!(event, Event::TimerFired { .. }));
                twice(events, at)
            }
            Self::DoubtSkipped => {
                let at = position(|event| matches!(event, Event::ShipmentsInDoubt { .. }));
                at.map(|at| events.remove(at)).is_some()
            }
            Self::RecallLost => {
                let at = position(|event| matches!(event, Event::ShipmentRecalled { .. }));
                let resourced = events.iter().any(|event| matches!(event, Event::OrderSourced { .. }));
                at.filter(|_| resourced).map(|at| events.remove(at)).is_some()
            }
            Self::MoveWithoutStep => {
                let moves = events.iter().any(|event| matches!(event, Event::OrderMoved { .. }));
                let at = position(|event| matches!(event, Event::PlanStepped { .. })).filter(|_| moves);
                at.map(|at| events.remove(at)).is_some()
            }
            _ => events.iter_mut().any(|event| self.edit_one(event)),
        }
    }

    fn edit_one(self, event: &mut Event) -> bool {
        match (self, event) {
            (Self::UnitPromisedTwice, Event::OrderSourced { allocations, .. }) => {
                match allocations.first_mut() {
                    Some((_, allocation)) => {
                        allocation.quantity = Quantity(allocation.quantity.0 + 1);
                        true
                    }
                    None => false,
                }
            }
            (Self::DoubtIgnored, Event::ShipmentShipped { evidence, .. }) => evidence.take().is_some(),
            (Self::CancelKeepsUnits, Event::LineCancelled { dropped, .. }) if !dropped.is_empty() => {
                dropped.clear();
                true
            }
            (Self::OtherPrice, Event::OrderReceived(order)) => {
                order.lines[0].price += 1;
                true
            }
            (Self::ReturnGrows, Event::ReturnReceived { quantity, .. }) => {
                *quantity = Quantity(quantity.0 + 100);
                true
            }
            _ => false,
        }
    }
}
