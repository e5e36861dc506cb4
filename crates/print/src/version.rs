//! What changed between two versions of a document: its facts, one by one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Block, CHANGES, Document};

/// The facts of a document by their place: section, block, row.
pub type Facts = BTreeMap<String, String>;

/// How a fact changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// It is new.
    Added,
    /// It is another.
    Altered,
    /// It is gone.
    Removed,
}

/// A change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Where.
    pub place: String,
    /// How.
    pub changed: Changed,
    /// What it was.
    pub before: String,
    /// What it is.
    pub after: String,
}

/// The facts of a document: each row of a table, each thing to do, each text. A drawing has no facts of its own.
///
/// Rows of a table are told apart by their first cell; rows that share it are numbered.
#[must_use]
pub fn facts(document: &Document) -> Facts {
    let mut facts = Facts::new();
    for section in document.sections.iter().filter(|section| section.id != CHANGES) {
        for block in &section.blocks {
            for (name, value) in of_block(block) {
                let place = format!("{} · {name}", section.title);
                let mut free = place.clone();
                let mut number = 2;
                while facts.contains_key(&free) {
                    free = format!("{place} ({number})");
                    number += 1;
                }
                facts.insert(free, value);
            }
        }
    }
    facts
}

fn of_block(block: &Block) -> Vec<(String, String)> {
    match block {
        Block::Text { text } | Block::Box { text } | Block::Note { text } => {
            // A sentence is its own name: another sentence is one gone and one new.
            vec![(text.clone(), String::new())]
        }
        Block::Table { rows, .. } => rows
            .iter()
            .filter_map(|row| {
                let (name, rest) = row.split_first()?;
                Some((name.clone(), rest.join(" | ")))
            })
            .collect(),
        Block::Checklist { caption, items, .. } => {
            let item = |item: &crate::Item| {
                (format!("{caption} · {}", item.what), format!("{} | {}", item.who, item.within))
            };
            items.iter().map(item).collect()
        }
        Block::Quote { caption, language, subject, text } => {
            vec![(format!("{caption} ({language})"), format!("{subject} | {text}"))]
        }
        Block::Drawing { .. } | Block::Form { .. } => Vec::new(),
    }
}

/// What changed from `before` to `after`, by place.
///
/// ```
/// use holdfast_print::{Changed, Facts, changes};
/// let before = Facts::from([("a".into(), "1".into()), ("b".into(), "2".into())]);
/// let after = Facts::from([("b".into(), "3".into()), ("c".into(), "4".into())]);
/// let found: Vec<_> = changes(&before, &after).into_iter().map(|c| (c.place, c.changed)).collect();
/// assert_eq!(found, [
///     ("a".to_owned(), Changed::Removed),
///     ("b".to_owned(), Changed::Altered),
///     ("c".to_owned(), Changed::Added),
/// ]);
/// ```
#[must_use]
pub fn changes(before: &Facts, after: &Facts) -> Vec<Change> {
    let mut places: Vec<&String> = before.keys().chain(after.keys()).collect();
    places.sort_unstable();
    places.dedup();
    let of = |facts: &Facts, place: &String| facts.get(place).cloned().unwrap_or_default();
    places
        .into_iter()
        .filter_map(|place| {
            let changed = match (before.get(place), after.get(place)) {
                (None, _) => Changed::Added,
                (_, None) => Changed::Removed,
                (Some(old), Some(new)) if old != new => Changed::Altered,
                _ => return None,
            };
            Some(Change { place: place.clone(), changed, before: of(before, place), after: of(after, place) })
        })
        .collect()
}
