//! Rows: a line of a table, seen as named cells, and what went wrong in it.

use serde::{Deserialize, Serialize};

use crate::cell::{Cell, CellError, Context};
use crate::rule;

/// A file of the book.
#[derive(Clone, Copy, Debug)]
pub struct FileSpec {
    /// Its name, such as `orders.csv`.
    pub name: &'static str,
    /// What it holds.
    pub about: &'static str,
    /// Columns that name a row: its stable external key.
    pub key: &'static [&'static str],
    /// Its columns, in the order of the writer.
    pub columns: &'static [Column],
}

/// A column of a file.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Whether a row without it is refused.
    pub required: bool,
    /// Its type.
    pub kind: &'static str,
    /// Whether a cell holds several values.
    pub several: bool,
    /// A value.
    pub example: &'static str,
    /// What stands for an empty cell, as the code says it.
    pub default: &'static str,
    /// What it means.
    pub about: &'static str,
}

/// A row type with its file.
pub trait Row: Sized {
    /// Its file.
    const FILE: FileSpec;
    /// Reads a row; `None` if a required cell is missing or wrong. Errors are left in `cells`.
    fn read(cells: &mut Cells<'_>) -> Option<Self>;
    /// The cells in the order of the columns.
    fn write(&self) -> Vec<String>;
    /// The stable external key.
    fn key(&self) -> String;
}

/// A row that was not taken, or one of the reasons why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowError {
    /// The file as it was handed over.
    pub file: String,
    /// Line of a CSV file, or row of a sheet, from 1; 0 for the file as a whole.
    pub row: u64,
    /// The column, by the name it has in the file.
    pub column: String,
    /// What stood there, shortened.
    pub value: String,
    /// What is wrong.
    pub cause: String,
    /// What to do.
    pub remedy: String,
}

impl core::fmt::Display for RowError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "{} row {} column {}: {:?}: {}; {}",
            self.file, self.row, self.column, self.value, self.cause, self.remedy
        )
    }
}

/// A cell that was changed while it was read, because a spreadsheet had damaged it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repair {
    /// The file as it was handed over.
    pub file: String,
    /// Line or row.
    pub row: u64,
    /// The column.
    pub column: String,
    /// What stood there.
    pub before: String,
    /// What it was taken for.
    pub after: String,
}

/// Longest value quoted in an error, characters.
const QUOTED_MAX: usize = 60;

/// `value` shortened for an error.
#[must_use]
pub fn quoted(value: &str) -> String {
    if value.chars().count() <= QUOTED_MAX {
        return value.to_owned();
    }
    value.chars().take(QUOTED_MAX).chain(['…']).collect()
}

/// One row seen as named cells.
pub struct Cells<'a> {
    /// Where each column's text comes from.
    find: &'a dyn Fn(&str) -> Option<&'a str>,
    /// How a column is called in the file.
    called: &'a dyn Fn(&str) -> String,
    file: &'a str,
    row: u64,
    context: &'a Context,
    /// What went wrong so far.
    pub errors: Vec<RowError>,
    /// What was repaired so far.
    pub repairs: Vec<Repair>,
}

impl<'a> Cells<'a> {
    /// The row `row` of `file`, whose cells `find` gives by column.
    pub fn new(
        file: &'a str,
        row: u64,
        context: &'a Context,
        find: &'a dyn Fn(&str) -> Option<&'a str>,
        called: &'a dyn Fn(&str) -> String,
    ) -> Self {
        Self { find, called, file, row, context, errors: Vec::new(), repairs: Vec::new() }
    }

    /// The trimmed text of a column; `None` if there is none.
    #[must_use]
    pub fn text(&self, column: &str) -> Option<&'a str> {
        (self.find)(column).map(str::trim).filter(|text| !text.is_empty())
    }

    /// A required cell; its absence is an error.
    pub fn required<T: Cell>(&mut self, column: &'static str) -> Option<T> {
        match self.text(column) {
            Some(text) => self.parse(column, text),
            None => {
                self.refuse(column, "", &CellError::Empty);
                None
            }
        }
    }

    /// An optional cell; `None` if empty or wrong.
    pub fn optional<T: Cell>(&mut self, column: &'static str) -> Option<T> {
        let text = self.text(column)?;
        self.parse(column, text)
    }

    fn parse<T: Cell>(&mut self, column: &'static str, text: &str) -> Option<T> {
        let country = ["ship_country", "country"].iter().find_map(|name| self.text(name));
        let country = country.unwrap_or(&self.context.country);
        let ruled = match rule::apply(column, text, country) {
            Ok(ruled) => ruled,
            Err(error) => {
                self.refuse(column, text, &error);
                return None;
            }
        };
        if let rule::Ruled::Repaired(after) = &ruled {
            self.repairs.push(Repair {
                file: self.file.to_owned(),
                row: self.row,
                column: (self.called)(column),
                before: quoted(text),
                after: after.clone(),
            });
        }
        match T::parse(ruled.text(text), self.context) {
            Ok(value) => Some(value),
            Err(error) => {
                self.refuse(column, text, &error);
                None
            }
        }
    }

    fn refuse(&mut self, column: &str, value: &str, error: &CellError) {
        self.errors.push(RowError {
            file: self.file.to_owned(),
            row: self.row,
            column: (self.called)(column),
            value: quoted(value),
            cause: error.to_string(),
            remedy: error.remedy(),
        });
    }
}
