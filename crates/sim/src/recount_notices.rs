//! The recount of notices: from the journal's events alone, whether every customer heard what was true, once, in their
//! own language, and nobody else heard anything.
//!
//! It shares no code with the engine's rules of what is due. It knows orders, their languages and customers, the dates
//! told, and the days parcels reached people; from these it says what is wrong.

use std::collections::BTreeMap;

use holdfast_domain::event::Event;
use holdfast_domain::evolve::Entry;
use holdfast_domain::notice::{Notice, NoticeCause, NoticeStatus};

/// What the recount of notices found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Notices that left.
    pub sent: u64,
    /// Orders told of at least once.
    pub orders_told: u64,
    /// Orders whose date was moved by a command.
    pub orders_moved: u64,
    /// What is wrong, in sentences for a person.
    pub wrong: Vec<String>,
}

#[derive(Default)]
struct Row {
    language: String,
    subject: Option<u32>,
    merchant: u16,
    /// The date the shop keeps for the customer.
    promise: i32,
    /// The date moved by a command, if one was.
    moved: Option<i32>,
    /// What was last said, and in which incident.
    said: Vec<(Option<u32>, Option<i32>)>,
    cancelled: bool,
}

/// Recounts the notices of a journal from its start.
#[must_use]
pub fn recount_notices(entries: &[Entry]) -> Told {
    let mut orders: Vec<Row> = Vec::new();
    let mut notices: Vec<(Notice, NoticeStatus)> = Vec::new();
    let mut out = Told::default();
    for event in entries.iter().flat_map(|entry| &entry.events) {
        match event {
            Event::OrderReceived(new) => orders.push(Row {
                language: format!("{:?}", new.language),
                subject: new.subject.map(|subject| subject.0),
                merchant: new.merchant.0,
                promise: new.promise.0,
                ..Row::default()
            }),
            Event::OrderSourced { order, promise: Some(day), .. } => {
                if let Some(row) = orders.get_mut(order.0 as usize) {
                    row.promise = day.0;
                }
            }
            Event::PromiseMoved { order, to } => {
                if let Some(row) = orders.get_mut(order.0 as usize) {
                    row.moved = Some(to.0);
                }
            }
            Event::NoticeQueued(notice) => notices.push(((**notice).clone(), NoticeStatus::Queued)),
            Event::NoticeChanged { notice, status } => {
                let Some((known, before)) = notices.get_mut(notice.0 as usize) else {
                    out.wrong.push(format!("{notice} was never queued"));
                    continue;
                };
                if *status == NoticeStatus::Sent {
                    if *before == NoticeStatus::Sent {
                        out.wrong.push(format!("{notice} was sent twice"));
                    }
                    out.sent += 1;
                    let known = known.clone();
                    said(&mut orders, &known, notice.0, &mut out.wrong);
                }
                *before = *status;
            }
            _ => {}
        }
    }
    let pending: BTreeMap<u32, usize> = notices
        .iter()
        .filter(|(_, status)| !matches!(status, NoticeStatus::Sent | NoticeStatus::Withdrawn))
        .flat_map(|(notice, _)| notice.orders.iter().map(|entry| entry.order.0))
        .fold(BTreeMap::new(), |mut sums, order| {
            *sums.entry(order).or_default() += 1;
            sums
        });
    for (number, row) in orders.iter().enumerate() {
        out.orders_told += u64::from(!row.said.is_empty());
        out.orders_moved += u64::from(row.moved.is_some());
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        let waits = pending.contains_key(&number);
        // A date the shop has changed is a date the customer has heard, unless a notice is still on its way out.
        let heard = |day: i32| day == row.promise || row.said.iter().any(|(_, after)| *after == Some(day));
        if let Some(day) = row.moved.filter(|day| !heard(*day) && !waits && !row.cancelled) {
            out.wrong.push(format!("ord-{number}: its date became {day} and its customer never heard"));
        }
    }
    out
}

/// Judges a notice that left, order by order.
fn said(orders: &mut [Row], notice: &Notice, number: u32, wrong: &mut Vec<String>) {
    if notice.orders.is_empty() {
        wrong.push(format!("not-{number} speaks of no order"));
    }
    for entry in &notice.orders {
        let Some(row) = orders.get_mut(entry.order.0 as usize) else {
            wrong.push(format!("not-{number} speaks of an order nobody took"));
            continue;
        };
        if row.language != format!("{:?}", notice.language) {
            wrong.push(format!("not-{number}: {} is written in another language", entry.order));
        }
        if row.subject != notice.subject.map(|subject| subject.0) || row.merchant != notice.merchant.0 {
            wrong.push(format!("not-{number}: {} is somebody else's", entry.order));
        }
        let after = entry.after.map(|day| day.0);
        let incident = notice.incident.map(|incident| incident.0);
        let last = row.said.iter().rev().find(|(of, _)| *of == incident).map(|(_, after)| *after);
        let news = match entry.cause {
            NoticeCause::Cancelled => !row.cancelled,
            // Between two of the same something else may have been said.
            _ => last != Some(after) || row.said.last().map(|(_, after)| *after) != Some(after),
        };
        if !news {
            wrong.push(format!("not-{number}: {} was told the same before", entry.order));
        }
        // Nothing to say: the date stands, and nothing happened to the parcel.
        let idle = matches!(entry.cause, NoticeCause::Rerouted | NoticeCause::Delayed)
            && last.is_none()
            && after == Some(entry.before.0);
        if idle {
            wrong.push(format!("not-{number}: {} was told of a date that had not changed", entry.order));
        }
        row.cancelled |= entry.cause == NoticeCause::Cancelled;
        row.said.push((incident, after));
    }
}

#[cfg(test)]
mod tests {
    use super::recount_notices;
    use holdfast_domain::event::Event;
    use holdfast_domain::evolve::Entry;
    use holdfast_domain::id::{MerchantId, NoticeId, OrderId, ZoneId};
    use holdfast_domain::network::{Country, Language};
    use holdfast_domain::notice::{Notice, NoticeCause, NoticeOrder, NoticeStatus};
    use holdfast_domain::order::Order;
    use holdfast_domain::time::{Day, Stamp};

    fn order() -> Event {
        Event::OrderReceived(Box::new(Order {
            merchant: MerchantId(0),
            number: "A".into(),
            subject: None,
            zone: ZoneId(0),
            country: Country::new("US").unwrap(),
            postal: "1".into(),
            language: Language::KO,
            placed: Stamp(0),
            paid: None,
            promise: Day(10),
            promise_first: Day(10),
            priority: 0,
            moved: 0,
            hold: None,
            lines: Default::default(),
        }))
    }

    fn notice(language: Language, after: i32) -> Event {
        Event::NoticeQueued(Box::new(Notice {
            merchant: MerchantId(0),
            subject: None,
            language,
            incident: None,
            orders: vec![NoticeOrder {
                order: OrderId(0),
                before: Day(10),
                after: Some(Day(after)),
                cause: NoticeCause::Delayed,
            }],
            hold_until: Stamp(0),
            status: NoticeStatus::Queued,
        }))
    }

    fn sent(id: u32) -> Event {
        Event::NoticeChanged { notice: NoticeId(id), status: NoticeStatus::Sent }
    }

    fn wrong(events: Vec<Event>) -> usize {
        let entry = Entry { at: Stamp(0), actor: "x".into(), key: None, events };
        recount_notices(&[entry]).wrong.len()
    }

    #[test]
    fn each_fault_is_found_and_what_is_right_is_not() {
        let moved = || Event::PromiseMoved { order: OrderId(0), to: Day(12) };
        let ko = || notice(Language::KO, 12);
        assert_eq!(wrong(vec![order(), ko(), moved(), sent(0)]), 0);
        assert_eq!(wrong(vec![order(), ko(), moved()]), 0, "it is on its way out");
        assert_eq!(wrong(vec![order(), moved()]), 1, "never heard");
        assert_eq!(wrong(vec![order(), ko(), ko(), sent(0), sent(1)]), 1, "told twice");
        assert_eq!(wrong(vec![order(), ko(), sent(0), sent(0)]), 2, "sent twice");
        assert_eq!(wrong(vec![order(), notice(Language::EN, 12), sent(0)]), 1, "another language");
        assert_eq!(wrong(vec![order(), notice(Language::KO, 10), sent(0)]), 1, "nothing to say");
    }
}
