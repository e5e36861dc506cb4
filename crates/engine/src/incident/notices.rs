//! Which customers are to be told what: one notice for each customer and incident, and none where the promise holds.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::command::Command;
use holdfast_domain::id::{IncidentId, MerchantId, NoticeId, OrderId, SubjectId, ZoneId};
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

/// Whom a notice is for: customers are told once, of all their orders; an order that names nobody stands alone.
type Reader = (MerchantId, Option<SubjectId>, Language, Option<OrderId>);

/// The commands that tell every customer whose promise has moved since it was last told, and record the new date:
/// for each order a `MovePromise`, for each customer a `QueueNotice`. `hit` are the zones the disaster covers:
/// parcels on their way into them are told of as well.
///
/// A notice that has not left is part of what is about to be said: where it no longer says what is true, or says less
/// than all, it is withdrawn and one notice takes its place, which leaves no later than it would have.
#[must_use]
pub fn notices_due(
    state: &State,
    incident: IncidentId,
    hit: &BTreeSet<ZoneId>,
    hold: Span,
    at: Stamp,
) -> Vec<Command> {
    let told = told(state, incident);
    let unsent = unsent(state, incident);
    let mut before = unheard(state, incident);
    before.extend(
        unsent
            .values()
            .flatten()
            .flat_map(|(_, notice)| notice.orders.iter().map(|entry| (entry.order, entry.before))),
    );
    let mut promises = Vec::new();
    let mut by_customer: BTreeMap<Reader, Vec<NoticeOrder>> = BTreeMap::new();
    for (id, order) in state.live_orders() {
        let had = before.get(&id).copied().unwrap_or(order.promise);
        let entry = due(state, id, order, had, told.get(&id).copied(), hit);
        let day = match &entry {
            Some(entry) => entry.after,
            // What was about to be said is no longer true, and nobody has heard it.
            None => before.get(&id).copied(),
        };
        if let Some(day) = day.filter(|day| *day != order.promise) {
            promises.push(Command::MovePromise { order: id, to: day });
        }
        if let Some(entry) = entry {
            by_customer.entry(reader(id, order)).or_default().push(entry);
        }
    }
    let mut commands = Vec::new();
    let mut sooner: BTreeMap<Reader, Stamp> = BTreeMap::new();
    for (reader, notices) in unsent {
        if let [(_, only)] = notices.as_slice()
            && by_customer.get(&reader) == Some(&only.orders)
        {
            by_customer.remove(&reader);
            continue;
        }
        for (id, notice) in notices {
            commands.push(Command::WithdrawNotice { notice: id });
            let leaves = notice.hold_until.max(at);
            sooner.entry(reader).and_modify(|known| *known = leaves.min(*known)).or_insert(leaves);
        }
    }
    let queue = |(reader, orders): (Reader, Vec<NoticeOrder>)| {
        let (merchant, subject, language, _) = reader;
        Command::QueueNotice(Box::new(Notice {
            merchant,
            subject,
            language,
            incident: Some(incident),
            orders,
            hold_until: sooner.get(&reader).copied().unwrap_or_else(|| at.after(hold)),
            status: NoticeStatus::Queued,
        }))
    };
    commands.extend(by_customer.into_iter().map(queue));
    // Notices first: each still sees the date the customer had.
    commands.extend(promises);
    commands
}

/// Orders that name nobody are told of one by one, to the merchant.
fn reader(id: OrderId, order: &Order) -> Reader {
    (order.merchant, order.subject, order.language, order.subject.is_none().then_some(id))
}

/// Notices of the incident that have not left, by reader.
fn unsent(state: &State, incident: IncidentId) -> BTreeMap<Reader, Vec<(NoticeId, &Notice)>> {
    let mut found: BTreeMap<Reader, Vec<(NoticeId, &Notice)>> = BTreeMap::new();
    for (id, notice) in state.notices.iter() {
        let waits = matches!(notice.status, NoticeStatus::Queued | NoticeStatus::Waiting);
        if notice.incident != Some(incident) || !waits {
            continue;
        }
        let alone = notice.subject.is_none().then(|| notice.orders.first().map(|entry| entry.order));
        let reader = (notice.merchant, notice.subject, notice.language, alone.flatten());
        found.entry(reader).or_default().push((id, notice));
    }
    found
}

/// The dates customers still have although the promise has moved: what would have told them was taken back.
fn unheard(state: &State, incident: IncidentId) -> BTreeMap<OrderId, Day> {
    let mut found: BTreeMap<OrderId, (Day, Option<Day>)> = BTreeMap::new();
    for (_, notice) in state.notices.iter().filter(|(_, notice)| notice.incident == Some(incident)) {
        for entry in &notice.orders {
            if notice.status == NoticeStatus::Withdrawn {
                let first = found.get(&entry.order).map_or(entry.before, |(before, _)| *before);
                found.insert(entry.order, (first, entry.after));
            } else {
                found.remove(&entry.order);
            }
        }
    }
    // Whoever moved the promise elsewhere since has told the customer by another way.
    let stands = |order: OrderId, after: Option<Day>| {
        after.is_some_and(|day| state.order(order).is_ok_and(|known| known.promise == day))
    };
    let lost = found.into_iter().filter(|(order, (_, after))| stands(*order, *after));
    lost.map(|(order, (before, _))| (order, before)).collect()
}

/// What each order's customer was last told in this incident.
fn told(state: &State, incident: IncidentId) -> BTreeMap<OrderId, Told> {
    let mut told = BTreeMap::new();
    for (_, notice) in state.notices.iter() {
        let heard =
            !matches!(notice.status, NoticeStatus::Withdrawn | NoticeStatus::Queued | NoticeStatus::Waiting);
        if notice.incident == Some(incident) && heard {
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
    had: Day,
    told: Option<Told>,
    hit: &BTreeSet<ZoneId>,
) -> Option<NoticeOrder> {
    let ended = state.care.file(id).is_some_and(|file| file.ended.is_some());
    if order.hold.is_some() || ended {
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
        (None, Some(now)) => now.since(had) > threshold,
        (None, None) => true,
    };
    let cause = if told.is_some() && after.is_some_and(|day| day <= order.promise_first) {
        NoticeCause::BackOnSchedule
    } else {
        cause
    };
    moved.then_some(NoticeOrder { order: id, before: had, after, cause })
}

/// When the order comes and what has happened to it; `None` where nothing is left to come.
pub(crate) fn outlook(
    state: &State,
    order: &Order,
    hit: &BTreeSet<ZoneId>,
) -> Option<(Option<Day>, NoticeCause)> {
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

/// What a batch that has not left would say, before somebody lets it go.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct NoticePreview {
    /// Notices.
    pub notices: usize,
    /// Orders in them.
    pub orders: usize,
    /// Notices by language.
    pub languages: BTreeMap<String, usize>,
    /// Orders by what is said of them; parcels on their way are told apart.
    pub causes: BTreeMap<NoticeCause, usize>,
    /// Notices nobody can be named for: the merchant is told instead.
    pub without_reader: usize,
    /// Notices that wait for a second person.
    pub waiting: usize,
    /// The first few, to be looked at.
    pub sample: Vec<NoticeId>,
}

/// Notices a preview shows.
pub const SAMPLE: usize = 10;

/// What stands in the outbox for an incident and has not left.
#[must_use]
pub fn preview_notices(state: &State, incident: IncidentId) -> NoticePreview {
    let mut out = NoticePreview::default();
    for (id, notice) in state.notices.iter() {
        let waits = matches!(notice.status, NoticeStatus::Queued | NoticeStatus::Waiting);
        if notice.incident != Some(incident) || !waits {
            continue;
        }
        out.notices += 1;
        out.orders += notice.orders.len();
        *out.languages.entry(notice.language.code().to_owned()).or_default() += 1;
        for entry in &notice.orders {
            *out.causes.entry(entry.cause).or_default() += 1;
        }
        out.without_reader += usize::from(notice.subject.is_none());
        out.waiting += usize::from(notice.status == NoticeStatus::Waiting);
        if out.sample.len() < SAMPLE {
            out.sample.push(id);
        }
    }
    out
}
