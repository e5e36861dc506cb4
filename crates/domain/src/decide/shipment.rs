//! Shipments: released to a site, picked, packed, shipped, delivered; recalled, in doubt, returned.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use super::{Decision, misplaced};
use crate::command::Command;
use crate::event::{DoubtEvidence, Event};
use crate::id::{LaneId, OrderId, ShipmentId, SiteId};
use crate::order::{Order, Package, Shipment, ShipmentStage};
use crate::quantity::Quantity;
use crate::reject::Rejection;
use crate::state::{State, unknown};
use crate::time::Day;

pub(super) fn decide(state: &State, command: &Command) -> Decision {
    use ShipmentStage as S;
    let one = |event: Event| Ok(vec![event]);
    match command {
        Command::ReleaseWave { site, day } => wave(state, *site, *day),
        Command::PickShipment { shipment } => {
            in_stage(state, *shipment, |stage| matches!(stage, S::Released))?;
            one(Event::ShipmentPicked { shipment: *shipment })
        }
        Command::PackShipment { shipment } => {
            in_stage(state, *shipment, |stage| matches!(stage, S::Released | S::Picked))?;
            one(Event::ShipmentPacked { shipment: *shipment })
        }
        Command::ShipShipment { shipment, packages, day } => {
            // A site that was asked to give a parcel back may have been faster: then it has left.
            let known = in_stage(state, *shipment, |stage| {
                matches!(stage, S::Released | S::Picked | S::Packed | S::Recalling { .. })
            })?;
            one(shipped(state, *shipment, known, packages.clone(), *day, None))
        }
        Command::ReportException { shipment, arrival } => {
            in_stage(state, *shipment, S::with_carrier)?;
            one(Event::ShipmentException { shipment: *shipment, arrival: *arrival })
        }
        Command::DeliverShipment { shipment, day } => {
            in_stage(state, *shipment, S::with_carrier)?;
            one(Event::ShipmentDelivered { shipment: *shipment, day: *day })
        }
        Command::LoseShipment { shipment } => {
            in_stage(state, *shipment, S::with_carrier)?;
            one(Event::ShipmentLost { shipment: *shipment })
        }
        Command::AskRecall { shipment } => {
            in_stage(state, *shipment, |stage| matches!(stage, S::Released | S::Picked | S::Packed))?;
            one(Event::RecallAsked { shipment: *shipment })
        }
        Command::AnswerRecall { shipment, accepted } => {
            in_stage(state, *shipment, |stage| matches!(stage, S::Recalling { .. }))?;
            one(if *accepted {
                Event::ShipmentRecalled { shipment: *shipment, evidence: None }
            } else {
                Event::RecallRefused { shipment: *shipment }
            })
        }
        Command::ResolveDoubt { shipment, shipped: left, evidence, day } => {
            resolve(state, *shipment, *left, *evidence, *day)
        }
        Command::ReceiveReturn { order, line, quantity, site, restock } => {
            let asked = state.order(*order)?;
            super::stock::may_lie(state, *site, None)?;
            let known = asked
                .lines
                .get(usize::from(*line))
                .ok_or_else(|| unknown("line", OrderId(u32::from(*line))))?;
            super::stock::may_lie(state, *site, Some(known.sku))?;
            if quantity.is_zero() {
                return Err(Rejection::NoQuantity {});
            }
            let left: u32 =
                known.allocations.iter().filter(|a| has_left(state, a.shipment)).map(|a| a.quantity.0).sum();
            let too_much = |_| Rejection::ReturnTooMuch { order: *order, line: *line };
            Quantity(left).saturating_sub(known.returned).take(*quantity).map_err(too_much)?;
            let there = Quantity(state.stock.shelf(*site, known.sku).on_hand);
            there.plus(*quantity).ok_or(Rejection::TooMuch {})?;
            one(Event::ReturnReceived {
                order: *order,
                line: *line,
                quantity: *quantity,
                site: *site,
                restock: *restock,
            })
        }
        _ => Err(misplaced()),
    }
}

/// What happened to a parcel in doubt, as events.
pub(super) fn resolve(
    state: &State,
    id: ShipmentId,
    left: bool,
    evidence: DoubtEvidence,
    day: Day,
) -> Decision {
    let known = in_stage(state, id, |stage| matches!(stage, ShipmentStage::InDoubt { .. }))?;
    Ok(vec![if left {
        shipped(state, id, known, Box::new([]), day, Some(evidence))
    } else {
        Event::ShipmentRecalled { shipment: id, evidence: Some(evidence) }
    }])
}

fn shipped(
    state: &State,
    shipment: ShipmentId,
    known: &Shipment,
    packages: Box<[Package]>,
    day: Day,
    evidence: Option<DoubtEvidence>,
) -> Event {
    let lane = state.network.lanes.get(known.lane);
    let arrival = lane.and_then(|lane| state.network.arrival(lane, day));
    Event::ShipmentShipped { shipment, packages, arrival, evidence }
}

fn has_left(state: &State, shipment: Option<ShipmentId>) -> bool {
    shipment.and_then(|id| state.shipments.get(id)).is_some_and(|shipment| {
        matches!(
            shipment.stage,
            ShipmentStage::Shipped
                | ShipmentStage::Exception
                | ShipmentStage::Delivered
                | ShipmentStage::Lost
        )
    })
}

fn in_stage(
    state: &State,
    id: ShipmentId,
    fits: impl Fn(ShipmentStage) -> bool,
) -> Result<&Shipment, Rejection> {
    let shipment = state.shipment(id)?;
    if fits(shipment.stage) {
        return Ok(shipment);
    }
    Err(match shipment.stage {
        ShipmentStage::InDoubt { .. } => Rejection::ShipmentInDoubt { shipment: id },
        stage => Rejection::WrongStage { shipment: id, stage: stage_word(stage) },
    })
}

const fn stage_word(stage: ShipmentStage) -> &'static str {
    match stage {
        ShipmentStage::Released => "released",
        ShipmentStage::Picked => "picked",
        ShipmentStage::Packed => "packed",
        ShipmentStage::InDoubt { .. } => "in doubt",
        ShipmentStage::Recalling { .. } => "being recalled",
        ShipmentStage::Shipped => "shipped",
        ShipmentStage::Exception => "stopped with the carrier",
        ShipmentStage::Delivered => "delivered",
        ShipmentStage::Recalled => "recalled",
        ShipmentStage::Lost => "lost",
    }
}

/// One parcel that is due: what it is sorted by comes first.
struct Due {
    urgency: (core::cmp::Reverse<u8>, Day, OrderId, LaneId),
    items: SmallVec<[(u16, Quantity); 2]>,
    units: u32,
}

/// The shipments of a site's wave: what is due by `day`, most urgent first, as far as the day's capacity goes.
fn wave(state: &State, site: SiteId, day: Day) -> Decision {
    let (description, now) = state.site(site)?;
    if now.access.permille() == 0 {
        return Err(Rejection::SiteClosed { site });
    }
    // What is lent to a take-over is its section's to release.
    let whole = u64::from(state.capacity_own(site, day)) * u64::from(now.access.permille()) / 1000;
    let used = if now.waved.0 == day { now.waved.1 } else { 0 };
    let mut left = u32::try_from(whole).unwrap_or(u32::MAX).saturating_sub(used);
    let mut due: Vec<Due> = state
        .live_orders()
        .filter(|(_, order)| order.hold.is_none() && is_due(order, site, day))
        .flat_map(|(id, order)| due_parcels(state, id, order, site, day))
        .collect();
    due.sort_by_key(|parcel| parcel.urgency);
    let mut events = Vec::new();
    for parcel in due {
        let work = description.work(1, parcel.units);
        // One that does not fit waits, and holds nothing behind it up.
        if work > left {
            continue;
        }
        left -= work;
        let (_, _, order, lane) = parcel.urgency;
        events.push(Event::ShipmentReleased(Box::new(Shipment {
            order,
            site,
            lane,
            ship_day: day,
            items: parcel.items,
            stage: ShipmentStage::Released,
            packages: Box::new([]),
            arrival: state.network.lanes.get(lane).and_then(|lane| state.network.arrival(lane, day)),
        })));
    }
    Ok(events)
}

/// Whether anything of the order is due at the site: most orders are not, and cost no more than this look.
fn is_due(order: &Order, site: SiteId, day: Day) -> bool {
    let due = |a: &crate::order::Allocation| a.site == site && a.shipment.is_none() && a.ship_day <= day;
    order.lines.iter().any(|line| line.allocations.iter().any(due))
}

fn due_parcels(state: &State, id: OrderId, order: &Order, site: SiteId, day: Day) -> Vec<Due> {
    let mut by_lane: BTreeMap<LaneId, Due> = BTreeMap::new();
    for (number, line) in order.lines.iter().enumerate() {
        for a in
            line.allocations.iter().filter(|a| a.site == site && a.shipment.is_none() && a.ship_day <= day)
        {
            // A lane that is closed now keeps its parcels here until a plan gives them another.
            if !state.lane_is_open(a.lane) {
                continue;
            }
            let parcel = by_lane.entry(a.lane).or_insert_with(|| Due {
                urgency: (core::cmp::Reverse(order.priority), order.promise, id, a.lane),
                items: SmallVec::new(),
                units: 0,
            });
            let number = u16::try_from(number).expect("an order has at most LINES_MAX lines");
            parcel.items.push((number, a.quantity));
            parcel.units = parcel.units.saturating_add(a.quantity.0);
        }
    }
    by_lane.into_values().collect()
}
