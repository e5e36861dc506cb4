//! Finding an order in one box: by its number, by mail address, telephone or name.
//!
//! Personal data stay sealed in the journal. What this keeps are keyed fingerprints of them, so that a dump of this
//! memory tells nobody's name; it is made again from the journal at every start and follows it entry by entry.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::event::Event;
use holdfast_domain::evolve::Entry;
use holdfast_domain::id::{Id, MerchantId, OrderId, SubjectId};
use holdfast_domain::state::{NameKind, State};

use crate::port::SubjectKey;
use crate::seal::{PersonalData, fingerprint};

/// The most orders one search gives.
pub const FOUND_MAX: usize = 100;
/// The longest text searched for, in characters.
pub const QUERY_MAX: usize = 200;
/// The scope of desk fingerprints: no merchant has this number, so none equals a subject's own.
const SCOPE: u16 = u16::MAX;

/// Keyed fingerprints of what people are found by.
#[derive(Debug)]
pub struct DeskIndex {
    key: SubjectKey,
    by_print: BTreeMap<u128, BTreeSet<SubjectId>>,
    by_subject: BTreeMap<SubjectId, Vec<u128>>,
}

/// A phone number as digits, a country's prefix cut off: the last nine tell numbers apart.
fn digits(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(char::is_ascii_digit).collect();
    let others = text.chars().any(char::is_alphabetic);
    (plain.len() >= 7 && !others).then(|| plain[plain.len().saturating_sub(9)..].to_owned())
}

/// A text as it is compared: small letters, single spaces.
fn plain(text: &str) -> String {
    text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

impl DeskIndex {
    /// An empty index under the operator's key.
    #[must_use]
    pub const fn new(key: SubjectKey) -> Self {
        Self { key, by_print: BTreeMap::new(), by_subject: BTreeMap::new() }
    }

    fn print(&self, kind: &str, text: &str) -> u128 {
        fingerprint(&self.key, SCOPE, &format!("{kind}:{text}"))
    }

    /// Takes a person in, or anew after their data changed.
    pub fn learn(&mut self, subject: SubjectId, person: &PersonalData) {
        self.forget(subject);
        let mut prints = Vec::new();
        if !person.mail.trim().is_empty() {
            prints.push(self.print("mail", &plain(&person.mail)));
        }
        prints.extend(digits(&person.phone).map(|digits| self.print("phone", &digits)));
        let name = plain(&person.name);
        if !name.is_empty() {
            prints.push(self.print("name", &name));
            // A family name alone finds them too; in Korea it stands first and joined, so the whole name counts.
            prints.extend(name.rsplit_once(' ').map(|(_, last)| self.print("name", last)));
        }
        for print in &prints {
            self.by_print.entry(*print).or_default().insert(subject);
        }
        self.by_subject.insert(subject, prints);
    }

    /// Forgets a person.
    pub fn forget(&mut self, subject: SubjectId) {
        for print in self.by_subject.remove(&subject).unwrap_or_default() {
            if let Some(known) = self.by_print.get_mut(&print) {
                known.remove(&subject);
                if known.is_empty() {
                    self.by_print.remove(&print);
                }
            }
        }
    }

    /// Follows an entry of the journal. `open` opens a subject's sealed data, where they are still there.
    pub fn follow(&mut self, entry: &Entry, mut open: impl FnMut(SubjectId, &[u8]) -> Option<PersonalData>) {
        for event in &entry.events {
            match event {
                Event::SubjectSealed { subject, sealed, .. } => match open(*subject, sealed) {
                    Some(person) => self.learn(*subject, &person),
                    None => self.forget(*subject),
                },
                Event::SubjectErased { subject } => self.forget(*subject),
                _ => {}
            }
        }
    }

    /// The orders a text finds, the newest first: an order's number, a mail address, a telephone number, a name. A
    /// merchant's own people are given `merchant`, and find nothing of others.
    #[must_use]
    pub fn find(&self, state: &State, text: &str, merchant: Option<MerchantId>) -> Vec<OrderId> {
        let text: String = text.trim().chars().take(QUERY_MAX).collect();
        if text.is_empty() {
            return Vec::new();
        }
        let mut found: BTreeSet<OrderId> = BTreeSet::new();
        found.extend(text.parse::<OrderId>().ok().filter(|id| state.order(*id).is_ok()));
        for number in 0..state.network.merchants.len() {
            found.extend(state.named::<OrderId>(NameKind::Order, MerchantId::from_index(number), &text));
        }
        let mut prints = vec![self.print("mail", &plain(&text)), self.print("name", &plain(&text))];
        prints.extend(digits(&text).map(|digits| self.print("phone", &digits)));
        let people: BTreeSet<SubjectId> =
            prints.iter().filter_map(|print| self.by_print.get(print)).flatten().copied().collect();
        if !people.is_empty() {
            let theirs = |order: &holdfast_domain::order::Order| {
                order.subject.is_some_and(|subject| people.contains(&subject))
            };
            found.extend(state.live_orders().filter(|(_, order)| theirs(order)).map(|(id, _)| id));
        }
        let allowed = |id: &OrderId| {
            merchant.is_none_or(|mine| state.order(*id).is_ok_and(|order| order.merchant == mine))
        };
        found.into_iter().rev().filter(allowed).take(FOUND_MAX).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::DeskIndex;
    use crate::port::SubjectKey;
    use crate::seal::PersonalData;
    use holdfast_domain::id::{MerchantId, OrderId, SubjectId, ZoneId};
    use holdfast_domain::network::{Country, Language};
    use holdfast_domain::order::{Order, OrderSlot};
    use holdfast_domain::state::State;
    use holdfast_domain::time::{Day, Stamp};

    fn person(name: &str, mail: &str, phone: &str) -> PersonalData {
        PersonalData { name: name.into(), mail: mail.into(), phone: phone.into(), ..PersonalData::default() }
    }

    fn order(subject: u32, merchant: u16) -> OrderSlot {
        OrderSlot::Live(Box::new(Order {
            merchant: MerchantId(merchant),
            number: "A".into(),
            subject: Some(SubjectId(subject)),
            zone: ZoneId(0),
            country: Country::new("KR").unwrap(),
            postal: "1".into(),
            language: Language::KO,
            placed: Stamp(0),
            paid: None,
            promise: Day(1),
            promise_first: Day(1),
            priority: 0,
            moved: 0,
            hold: None,
            lines: smallvec::SmallVec::new(),
        }))
    }

    #[test]
    fn people_are_found_by_what_they_say_on_the_phone_and_forgotten() {
        let mut state = State::default();
        for (subject, merchant) in [(0, 0), (1, 1), (0, 1)] {
            state.orders.push(order(subject, merchant));
        }
        let mut desk = DeskIndex::new(SubjectKey([1; 32]));
        desk.learn(SubjectId(0), &person("Ada King", "Ada@Mail.example", "+82 10-1234-5678"));
        desk.learn(SubjectId(1), &person("김철수", "kim@mail.example", "010-9999-8888"));
        let find = |desk: &DeskIndex, text: &str| desk.find(&state, text, None);
        let ada = vec![OrderId(2), OrderId(0)];
        for text in ["ada@mail.example", "  ADA   king", "king", "010-1234-5678", "01012345678"] {
            assert_eq!(find(&desk, text), ada, "{text}");
        }
        assert_eq!(find(&desk, "김철수"), [OrderId(1)]);
        assert_eq!(find(&desk, "ord-1"), [OrderId(1)]);
        assert_eq!(desk.find(&state, "king", Some(MerchantId(1))), [OrderId(2)]);
        assert!(find(&desk, "ad").is_empty() && find(&desk, "").is_empty());
        assert!(!format!("{desk:?}").to_lowercase().contains("king"));
        desk.learn(SubjectId(0), &person("Ada Lovelace", "ada@mail.example", ""));
        assert!(find(&desk, "king").is_empty() && !find(&desk, "lovelace").is_empty());
        desk.forget(SubjectId(0));
        assert!(find(&desk, "ada@mail.example").is_empty());
    }
}
