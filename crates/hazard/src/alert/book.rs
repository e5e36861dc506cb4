//! What is valid now: alerts folded by their updates, cancellations and expiries.
//!
//! Invariants: folding the same messages in any order leaves the same valid set; a message that was taken
//! back or replaced never comes back, even if it arrives after the one that replaced it; an event is valid
//! until it ends, and only where no end is known until its message expires.

use std::collections::BTreeMap;

use holdfast_domain::time::{Span, Stamp};

use super::{Alert, Message, Status};

/// Alerts the book holds at most; the United States at their worst have some thousands in force.
pub const ALERTS_MAX: usize = 50_000;
/// How long a message holds that says neither when it expires nor when the event ends.
pub const NO_EXPIRY: Span = Span::hours(24);
/// How long after its end an alert is kept, so that a late copy of it is known.
pub const KEPT_AFTER_END: Span = Span::days(7);

/// A message by who sent it and what it called it; one from two feeds is one.
type Key = (String, String);

/// What folding a message did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folded {
    /// A threat that was not known.
    New,
    /// It replaced an earlier message.
    Updated,
    /// It took one back.
    Cancelled,
    /// It was there already, or a newer one was.
    Known,
    /// An acknowledgement or a draft: nothing to fold.
    Ignored,
    /// The book is full: an alarm. Nothing was dropped for it.
    Full,
}

/// The alerts that were folded in.
#[derive(Clone, Debug, Default)]
pub struct AlertBook {
    parts: BTreeMap<(Key, u16), Alert>,
    /// Messages that were replaced or taken back, and when that was said.
    retired: BTreeMap<Key, Stamp>,
    /// When old alerts were last looked for.
    swept: Stamp,
}

impl AlertBook {
    /// An empty book.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Folds one message in; `now` only serves to forget what ended long ago.
    pub fn fold(&mut self, alert: Alert, now: Stamp) -> Folded {
        // Looked for once an hour, or when there is no room: each time costs the whole book.
        if now.since(self.swept) >= Span::hours(1) || self.parts.len() >= ALERTS_MAX {
            self.forget(now);
            self.swept = now;
        }
        if matches!(alert.message, Message::Ack) || alert.status == Status::Draft {
            return Folded::Ignored;
        }
        let key: Key = (alert.sender.clone(), alert.id.clone());
        let part = (key.clone(), alert.part);
        if let Some(known) = self.parts.get(&part) {
            if known.sent >= alert.sent {
                return Folded::Known;
            }
        } else if self.parts.len() >= ALERTS_MAX {
            return Folded::Full;
        }
        // A test or exercise takes nothing back that is actual.
        let mut replaced = false;
        for reference in &alert.references {
            let target = (reference.sender.clone(), reference.id.clone());
            if target != key && self.same_status(&target, alert.status) {
                replaced |= self.retire(target, alert.sent);
            }
        }
        let takes_back = matches!(alert.message, Message::Cancel | Message::Error);
        let known = self.parts.insert(part, alert).is_some();
        match (takes_back, known || replaced) {
            (true, _) => Folded::Cancelled,
            (false, true) => Folded::Updated,
            (false, false) => Folded::New,
        }
    }

    fn same_status(&self, key: &Key, status: Status) -> bool {
        let mut parts = self.parts.range((key.clone(), 0)..=(key.clone(), u16::MAX));
        parts.all(|(_, known)| known.status == status || status == Status::Actual)
    }

    fn retire(&mut self, key: Key, when: Stamp) -> bool {
        let there = self.parts.range((key.clone(), 0)..=(key.clone(), u16::MAX)).next().is_some();
        let stamp = self.retired.entry(key).or_insert(when);
        *stamp = (*stamp).max(when);
        there
    }

    /// When an alert stops counting.
    fn end_of(alert: &Alert) -> Stamp {
        alert.ends.or(alert.expires).unwrap_or_else(|| alert.sent.after(NO_EXPIRY))
    }

    fn forget(&mut self, now: Stamp) {
        let horizon = now.before(KEPT_AFTER_END);
        self.parts.retain(|_, alert| Self::end_of(alert).max(alert.sent) >= horizon);
        self.retired.retain(|_, when| *when >= horizon.before(KEPT_AFTER_END));
    }

    fn in_force(&self, key: &(Key, u16), alert: &Alert, now: Stamp) -> bool {
        matches!(alert.message, Message::Alert | Message::Update)
            && !alert.all_clear
            && !self.retired.contains_key(&key.0)
            && now < Self::end_of(alert)
    }

    /// The actual alerts valid at `now`, the event still to come included, by sender and id.
    pub fn valid(&self, now: Stamp) -> impl Iterator<Item = &Alert> {
        self.with_status(Status::Actual, now)
    }

    /// Those of another status, such as an exercise.
    pub fn with_status(&self, status: Status, now: Stamp) -> impl Iterator<Item = &Alert> {
        self.parts
            .iter()
            .filter(move |(key, alert)| alert.status == status && self.in_force(key, alert, now))
            .map(|(_, alert)| alert)
    }
}

#[cfg(test)]
mod tests {
    use super::{AlertBook, Folded};
    use crate::alert::samples::sample;
    use crate::alert::{Alert, Message, Reference, Source, Status, read_nws_text};
    use holdfast_domain::time::{Span, Stamp};

    const HOUR: i64 = 3_600_000;
    const START: Stamp = Stamp(1_000 * 24 * HOUR);

    fn at(hours: i64) -> Stamp {
        Stamp(START.0 + hours * HOUR)
    }

    fn message(id: &str, kind: Message, sent_h: i64, follows: &[&str]) -> Alert {
        let mut alert = Alert::blank(Source::Cap, "s", id, at(sent_h));
        alert.message = kind;
        alert.expires = Some(at(sent_h + 6));
        alert.references =
            follows.iter().map(|id| Reference { sender: "s".into(), id: (*id).into() }).collect();
        alert
    }

    fn valid(book: &AlertBook, hour: i64) -> Vec<&str> {
        book.valid(at(hour)).map(|alert| alert.id.as_str()).collect()
    }

    #[test]
    fn an_update_chain_leaves_its_last_in_whatever_order_it_comes() {
        let chain = [
            message("a", Message::Alert, 0, &[]),
            message("b", Message::Update, 1, &["a"]),
            message("c", Message::Update, 2, &["a", "b"]),
        ];
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [2, 0, 1], [0, 2, 1], [1, 2, 0]] {
            let mut book = AlertBook::new();
            for index in order {
                book.fold(chain[index].clone(), at(3));
            }
            assert_eq!(valid(&book, 3), ["c"], "{order:?}");
        }
        let mut book = AlertBook::new();
        assert_eq!(book.fold(chain[0].clone(), at(0)), Folded::New);
        assert_eq!(book.fold(chain[0].clone(), at(0)), Folded::Known);
        assert_eq!(book.fold(chain[1].clone(), at(1)), Folded::Updated);
        assert_eq!(book.fold(message("x", Message::Cancel, 2, &["b"]), at(2)), Folded::Cancelled);
        assert!(valid(&book, 2).is_empty());
    }

    #[test]
    fn an_event_outlives_its_message_and_an_all_clear_ends_it() {
        let mut book = AlertBook::new();
        let mut long = message("long", Message::Alert, 0, &[]);
        long.ends = Some(at(60));
        book.fold(long, at(0));
        book.fold(message("short", Message::Alert, 0, &[]), at(0));
        assert_eq!(valid(&book, 5), ["long", "short"]);
        assert_eq!(valid(&book, 6), ["long"]);
        assert!(valid(&book, 60).is_empty());
        let mut clear = message("clear", Message::Update, 7, &["long"]);
        clear.all_clear = true;
        book.fold(clear, at(7));
        assert!(valid(&book, 8).is_empty());
        let mut open = message("open", Message::Alert, 0, &[]);
        open.expires = None;
        book.fold(open, at(8));
        assert_eq!((valid(&book, 23), valid(&book, 24)), (vec!["open"], vec![]));
    }

    #[test]
    fn exercises_and_tests_are_apart_and_take_nothing_back() {
        let mut book = AlertBook::new();
        book.fold(message("real", Message::Alert, 0, &[]), at(0));
        let mut drill = message("drill", Message::Cancel, 1, &["real"]);
        drill.status = Status::Exercise;
        book.fold(drill, at(1));
        let mut second = message("second", Message::Alert, 1, &[]);
        second.status = Status::Exercise;
        book.fold(second, at(1));
        assert_eq!(valid(&book, 2), ["real"]);
        assert_eq!(book.with_status(Status::Exercise, at(2)).count(), 1);
    }

    #[test]
    fn a_text_product_cancels_the_zones_of_the_one_before() {
        let Some(bytes) = sample("TCVMLB.txt") else { return };
        let cancelled = read_nws_text(&bytes).unwrap().alerts;
        let earlier = String::from_utf8(bytes)
            .unwrap()
            .replace("/O.CAN.", "/O.NEW.")
            .replace("444 PM EDT", "200 PM EDT");
        let mut book = AlertBook::new();
        let now: Stamp = "2022-06-04T21:00:00Z".parse().unwrap();
        let raised = read_nws_text(earlier.as_bytes()).unwrap().alerts;
        let count = raised.len();
        for alert in raised {
            book.fold(alert, now);
        }
        assert_eq!(book.valid(now).count(), count);
        for alert in cancelled.into_iter().skip(1) {
            book.fold(alert, now);
        }
        assert_eq!(
            book.valid(now).map(|alert| alert.id.as_str()).collect::<Vec<_>>(),
            ["KMLB.TR.W.1001.2022/FLZ447"]
        );
    }

    #[test]
    fn what_ended_long_ago_is_forgotten() {
        let mut book = AlertBook::new();
        book.fold(message("old", Message::Alert, 0, &[]), at(0));
        book.fold(message("new", Message::Alert, 1000, &[]), at(0).after(Span::days(60)));
        assert_eq!(book.parts.len(), 1);
    }
}
