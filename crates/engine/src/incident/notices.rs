//! Which customers are to be told what: one notice for each customer and incident, and none where the promise holds.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::command::Command;
use holdfast_domain::id::{IncidentId, MerchantId, OrderId, SubjectId, ZoneId};
use holdfast_domain::network::Language;
use holdfast_domain::notice::{Notice, NoticeCause, NoticeOrder, NoticeStatus};
use holdfast_domain::order::{Order, ShipmentStage};
use holdfast_domain::state::State;
use holdfast_domain::time::{Day, Span, Stamp};

use crate::promise::{Expected, expected};

/// What was last told to a customer about an order in an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// The date, `None` for "nobody can say".
    pub after: Option<Day>,
}

/// The commands that tell every customer whose promise has moved since it was last told, and record the new date:
/// for each order a `MovePromise`, for each customer a `QueueNotice`. `hit` are the zones the disaster covers:
/// parcels on their way into them are told of as well.
#[must_use]
pub fn notices_due(
    state: &State,
    incident: IncidentId,
    hit: &BTreeSet<ZoneId>,
    hold: Span,
    at: Stamp,
) -> Vec<Command> {
    let told = told(state, incident);
    let mut promises = Vec::new();
    let mut by_customer: BTreeMap<
        (MerchantId, Option<SubjectId>, Language, Option<OrderId>),
        Vec<NoticeOrder>,
    > = BTreeMap::new();
    for (id, order) in state.live_orders() {
        let Some(entry) = due(state, id, order, told.get(&id).copied(), hit) else { continue };
        if let Some(day) = entry.after.filter(|day| *day != order.promise) {
            promises.push(Command::MovePromise { order: id, to: day });
        }
        // Orders that name nobody are told of one by one, to the merchant.
        let alone = order.subject.is_none().then_some(id);
        by_customer.entry((order.merchant, order.subject, order.language, alone)).or_default().push(entry);
    }
    let queue = |((merchant, subject, language, _), orders)| {
        Command::QueueNotice(Box::new(Notice {
            merchant,
            subject,
            language,
            incident: Some(incident),
            orders,
            hold_until: at.after(hold),
            status: NoticeStatus::Queued,
        }))
    };
    let mut commands: Vec<Command> = by_customer.into_iter().map(queue).collect();
    // Notices first: each still sees the date the customer had.
    commands.extend(promises);
    commands
}

/// What each order's customer was last told in this incident.
fn told(state: &State, incident: IncidentId) -> BTreeMap<OrderId, Told> {
    let mut told = BTreeMap::new();
    for (_, notice) in state.notices.iter() {
        if notice.incident == Some(incident) && notice.status != NoticeStatus::Withdrawn {
            for entry in &notice.orders {
                told.insert(entry.order, Told { after: entry.after });
            }
        }
    }
    told
}

fn due(
    state: &State,
    id: OrderId,
    order: &Order,
    told: Option<Told>,
    hit: &BTreeSet<ZoneId>,
) -> Option<NoticeOrder> {
    if order.hold.is_some() {
        return None;
    }
    let threshold =
        state.network.merchant(order.merchant).map_or(0, |merchant| i32::from(merchant.notice_after_days));
    let (after, cause) = outlook(state, order, hit)?;
    let moved = match (told, after) {
        // Told before: only a change is news, and good news as well.
        (Some(Told { after: Some(was) }), Some(now)) => now.since(was).abs() > threshold,
        (Some(Told { after: None }), None) => false,
        (Some(_), _) => true,
        (None, Some(now)) => now.since(order.promise) > threshold,
        (None, None) => true,
    };
    let cause = if told.is_some() && after.is_some_and(|day| day <= order.promise_first) {
        NoticeCause::BackOnSchedule
    } else {
        cause
    };
    moved.then_some(NoticeOrder { order: id, before: order.promise, after, cause })
}

/// When the order comes and what has happened to it; `None` where nothing is left to come.
fn outlook(state: &State, order: &Order, hit: &BTreeSet<ZoneId>) -> Option<(Option<Day>, NoticeCause)> {
    let stages = || {
        let all = order.lines.iter().flat_map(|line| &line.allocations);
        all.filter_map(|a| a.shipment.and_then(|id| state.shipments.get(id))).map(|shipment| shipment.stage)
    };
    let in_doubt = stages().any(|stage| matches!(stage, ShipmentStage::InDoubt { .. }));
    let on_the_way = stages().any(|stage| stage.with_carrier());
    let carrier_trouble = stages().any(|stage| stage == ShipmentStage::Exception);
    match expected(state, order) {
        Expected::Nothing => None,
        Expected::Unknown if in_doubt => Some((None, NoticeCause::InDoubt)),
        Expected::Unknown => Some((None, NoticeCause::Backordered)),
        Expected::On(day) if on_the_way && (carrier_trouble || hit.contains(&order.zone)) => {
            Some((Some(day), NoticeCause::OnTheWay))
        }
        Expected::On(day) => {
            Some((Some(day), if order.moved > 0 { NoticeCause::Rerouted } else { NoticeCause::Delayed }))
        }
    }
}
