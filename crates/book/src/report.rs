//! What became of every row: the report that adds up.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::encoding::Encoding;
use crate::limits::{ERRORS_KEPT_MAX, REPAIRS_KEPT_MAX};
use crate::row::{Repair, RowError};

/// What became of the rows of one file.
///
/// `read = accepted + refused + duplicates + known + ignored` always holds; [`FileReport::adds_up`] checks it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    /// The file as it was handed over; `book.xlsx[orders]` for a sheet.
    pub file: String,
    /// What it was read as: a file of the book, or the name of a column mapping.
    pub read_as: String,
    /// The encoding it was in.
    pub encoding: Encoding,
    /// What separated the fields.
    pub separator: char,
    /// Rows under the header.
    pub read: u64,
    /// Rows that are in the book now.
    pub accepted: u64,
    /// Rows with an error.
    pub refused: u64,
    /// Rows that say the same as an earlier row.
    pub duplicates: u64,
    /// Rows that were known before this reading.
    pub known: u64,
    /// Rows left out for a reason that is no error, by reason.
    pub ignored: BTreeMap<String, u64>,
    /// Columns that nothing reads.
    pub columns_unread: Vec<String>,
    /// Why rows were refused; at most [`ERRORS_KEPT_MAX`].
    pub errors: Vec<RowError>,
    /// All errors, those not kept included. A row may have several.
    pub errors_count: u64,
    /// What was repaired; at most [`REPAIRS_KEPT_MAX`].
    pub repairs: Vec<Repair>,
    /// All repairs.
    pub repairs_count: u64,
    /// Of an export of orders: numbers of the orders a row of which was refused, so that the others are not the whole.
    #[serde(skip)]
    pub orders_in_part: BTreeSet<String>,
}

impl FileReport {
    pub(crate) fn new(file: &str, read_as: &str, encoding: Encoding, separator: char) -> Self {
        Self {
            file: file.to_owned(),
            read_as: read_as.to_owned(),
            encoding,
            separator,
            read: 0,
            accepted: 0,
            refused: 0,
            duplicates: 0,
            known: 0,
            ignored: BTreeMap::new(),
            columns_unread: Vec::new(),
            errors: Vec::new(),
            errors_count: 0,
            repairs: Vec::new(),
            repairs_count: 0,
            orders_in_part: BTreeSet::new(),
        }
    }

    /// Whether every row is accounted for.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        let ignored: u64 = self.ignored.values().sum();
        self.read == self.accepted + self.refused + self.duplicates + self.known + ignored
    }

    pub(crate) fn ignore(&mut self, reason: &str) {
        *self.ignored.entry(reason.to_owned()).or_default() += 1;
    }

    pub(crate) fn refuse(&mut self, errors: impl IntoIterator<Item = RowError>) {
        self.refused += 1;
        self.errors(errors);
    }

    pub(crate) fn errors(&mut self, errors: impl IntoIterator<Item = RowError>) {
        for error in errors {
            self.errors_count += 1;
            if self.errors.len() < ERRORS_KEPT_MAX {
                self.errors.push(error);
            }
        }
    }

    pub(crate) fn repaired(&mut self, repairs: impl IntoIterator<Item = Repair>) {
        for repair in repairs {
            self.repairs_count += 1;
            if self.repairs.len() < REPAIRS_KEPT_MAX {
                self.repairs.push(repair);
            }
        }
    }
}

/// What became of every file and row of a reading.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Report {
    /// Files that were read, row by row.
    pub files: Vec<FileReport>,
    /// Files that were refused as a whole, with row 0.
    pub files_refused: Vec<RowError>,
    /// What was assumed or derived, in sentences.
    pub notes: Vec<String>,
}

impl Report {
    /// Whether every row of every file is accounted for.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        self.files.iter().all(FileReport::adds_up)
    }

    /// Rows and files that were refused.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.files.iter().map(|file| file.refused).sum::<u64>() + self.files_refused.len() as u64
    }

    /// Rows that are in the book now.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.files.iter().map(|file| file.accepted).sum()
    }

    /// Every error, in the order of the files.
    pub fn errors(&self) -> impl Iterator<Item = &RowError> {
        self.files_refused.iter().chain(self.files.iter().flat_map(|file| &file.errors))
    }
}

impl core::fmt::Display for Report {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for file in &self.files {
            writeln!(
                f,
                "{} as {}: {} rows read = {} accepted + {} refused + {} duplicates + {} known + {} ignored",
                file.file,
                file.read_as,
                file.read,
                file.accepted,
                file.refused,
                file.duplicates,
                file.known,
                file.ignored.values().sum::<u64>()
            )?;
            for (reason, count) in &file.ignored {
                writeln!(f, "  ignored: {count} {reason}")?;
            }
            if file.repairs_count > 0 {
                writeln!(f, "  repaired: {} cells damaged by a spreadsheet", file.repairs_count)?;
            }
            if !file.columns_unread.is_empty() {
                writeln!(f, "  columns not read: {}", file.columns_unread.join(", "))?;
            }
        }
        for error in self.errors() {
            writeln!(f, "  {error}")?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "{note}"))
    }
}
