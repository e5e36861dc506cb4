//! What has to be done in the shop so that the parts of an order lie where this house sends them from. Pure.

use std::collections::BTreeMap;

use holdfast_connect::shop::{Part, PartStatus, Request};

/// A deed in the shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Who has accepted the part is asked to give it back.
    AskBack {
        /// The part.
        part: String,
    },
    /// Lines of a part go to another place.
    Give {
        /// The part.
        part: String,
        /// Line id and units.
        lines: Vec<(String, u32)>,
        /// The place.
        to: String,
        /// Whether that is all that is left of the part.
        whole: bool,
    },
    /// An answer is waited for.
    Wait,
    /// A person has to see to it.
    Person(&'static str),
}

/// Units wanted, by SKU and place.
pub type Wanted = BTreeMap<(String, String), u32>;

/// The deeds, in order. What already lies right stays; what has no place here stays where it is.
#[must_use]
pub fn arrange(parts: &[Part], wanted: &Wanted) -> Vec<Act> {
    let mut need = wanted.clone();
    let live = || parts.iter().filter(|part| part.status != PartStatus::Over);
    let mut wrong: BTreeMap<&str, Vec<(&str, &str, u32)>> = BTreeMap::new();
    for part in live() {
        for (line, sku, units) in &part.lines {
            let here = need.entry((sku.clone(), part.location.clone())).or_default();
            let stays = (*units).min(*here);
            *here -= stays;
            if *units > stays {
                wrong.entry(&part.id).or_default().push((line, sku, units - stays));
            }
        }
    }
    let mut acts = Vec::new();
    for part in live() {
        let Some(lines) = wrong.get(part.id.as_str()) else { continue };
        let mut goes: BTreeMap<String, Vec<(String, u32)>> = BTreeMap::new();
        for (line, sku, units) in lines {
            let mut left = *units;
            for ((_, place), there) in need.iter_mut().filter(|((wanted, _), _)| wanted == sku) {
                let takes = left.min(*there);
                if takes > 0 {
                    (*there, left) = (*there - takes, left - takes);
                    goes.entry(place.clone()).or_default().push(((*line).to_owned(), takes));
                }
            }
        }
        if goes.is_empty() {
            continue;
        }
        match part.request {
            Request::Submitted | Request::Accepted => acts.push(Act::AskBack { part: part.id.clone() }),
            Request::CancelAsked => acts.push(Act::Wait),
            Request::CancelRefused => {
                acts.push(Act::Person(
                    "who has accepted it does not give it back: ask them, or let it be sent from there",
                ));
            }
            Request::None if part.status == PartStatus::InProgress => {
                acts.push(Act::Person("it is being worked on where it lies: stop it there first"));
            }
            Request::None => {
                let all: u64 = part.lines.iter().map(|(_, _, units)| u64::from(*units)).sum();
                for (to, lines) in goes {
                    let given: u64 = lines.iter().map(|(_, units)| u64::from(*units)).sum();
                    acts.push(Act::Give { part: part.id.clone(), lines, to, whole: given == all });
                    // What is left of it has a new id in the shop: it is read again before more of it is given.
                    break;
                }
            }
        }
    }
    acts
}

#[cfg(test)]
mod tests {
    use super::{Act, Wanted, arrange};
    use holdfast_connect::shop::{Part, PartStatus, Request};

    fn part(id: &str, location: &str, lines: &[(&str, &str, u32)]) -> Part {
        let line = |(id, sku, units): &(&str, &str, u32)| ((*id).to_owned(), (*sku).to_owned(), *units);
        Part {
            id: id.to_owned(),
            location: location.to_owned(),
            lines: lines.iter().map(line).collect(),
            ..Part::default()
        }
    }

    fn wanted(all: &[(&str, &str, u32)]) -> Wanted {
        all.iter().map(|(sku, place, units)| (((*sku).to_owned(), (*place).to_owned()), *units)).collect()
    }

    #[test]
    fn parts_go_where_the_goods_are_and_nothing_else_moves() {
        let at_dark = part("p", "dark", &[("l1", "A", 2), ("l2", "B", 1)]);
        assert_eq!(arrange(&[at_dark.clone()], &wanted(&[("A", "dark", 2), ("B", "dark", 1)])), []);
        let give = |lines: &[(&str, u32)], whole| Act::Give {
            part: "p".to_owned(),
            lines: lines.iter().map(|(id, units)| ((*id).to_owned(), *units)).collect(),
            to: "well".to_owned(),
            whole,
        };
        let all = arrange(&[at_dark.clone()], &wanted(&[("A", "well", 2), ("B", "well", 1)]));
        assert_eq!(all, [give(&[("l1", 2), ("l2", 1)], true)]);
        let one =
            arrange(&[at_dark.clone()], &wanted(&[("A", "well", 1), ("A", "dark", 1), ("B", "dark", 1)]));
        assert_eq!(one, [give(&[("l1", 1)], false)]);
        assert_eq!(arrange(&[at_dark], &wanted(&[])), [], "what has no place here stays");
        let over = Part { status: PartStatus::Over, ..part("p", "dark", &[("l1", "A", 2)]) };
        assert_eq!(arrange(&[over], &wanted(&[("A", "well", 2)])), []);
    }

    #[test]
    fn what_was_accepted_is_asked_back_first() {
        let of = |request| Part { request, ..part("p", "dark", &[("l1", "A", 2)]) };
        let acts = |request| arrange(&[of(request)], &wanted(&[("A", "well", 2)]));
        assert_eq!(acts(Request::Accepted), [Act::AskBack { part: "p".to_owned() }]);
        assert_eq!(acts(Request::CancelAsked), [Act::Wait]);
        assert!(matches!(acts(Request::CancelRefused)[..], [Act::Person(_)]));
        assert!(matches!(acts(Request::None)[..], [Act::Give { whole: true, .. }]));
    }
}
