//! What has been imported before, by stable external key, so that importing twice gives nothing new.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::Book;
use crate::row::Row;

/// Keys of rows that were imported before, by file of the book.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Known(BTreeMap<String, BTreeSet<String>>);

impl Known {
    /// Nothing is known.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Everything in `book` is known.
    #[must_use]
    pub fn of(book: &Book) -> Self {
        let mut known = Self::none();
        known.learn(book);
        known
    }

    /// Everything in `book` is known from now on.
    pub fn learn(&mut self, book: &Book) {
        self.rows(book.operator.as_slice());
        self.rows(&book.merchants);
        self.rows(&book.sites);
        self.rows(&book.capacity_days);
        self.rows(&book.standby_contracts);
        self.rows(&book.skus);
        self.rows(&book.stock);
        self.rows(&book.inbound);
        self.rows(&book.zones);
        self.rows(&book.carriers);
        self.rows(&book.lanes);
        self.rows(&book.customers);
        self.rows(&book.orders);
        self.rows(&book.order_lines);
        self.rows(&book.returns);
        self.rows(&book.contacts);
        self.rows(&book.processes);
    }

    fn rows<R: Row>(&mut self, rows: &[R]) {
        if !rows.is_empty() {
            self.0.entry(R::FILE.name.to_owned()).or_default().extend(rows.iter().map(Row::key));
        }
    }

    /// Adds one key: the key columns' texts joined by the unit separator (U+001F).
    pub fn insert(&mut self, file: &str, key: String) {
        self.0.entry(file.to_owned()).or_default().insert(key);
    }

    /// Whether the row of `file` with `key` is known.
    #[must_use]
    pub fn has(&self, file: &str, key: &str) -> bool {
        self.0.get(file).is_some_and(|keys| keys.contains(key))
    }

    /// Whether anything of `file` is known.
    #[must_use]
    pub fn has_any(&self, file: &str) -> bool {
        self.0.contains_key(file)
    }

    /// The keys known of `file`, in order.
    pub fn keys(&self, file: &str) -> impl Iterator<Item = &str> {
        self.0.get(file).into_iter().flatten().map(String::as_str)
    }
}
