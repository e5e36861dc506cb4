//! Tables: with a caption, column headers, and a form as cards on narrow screens.
//!
//! The roles are written out because a table that is drawn as cards would lose them.

use maud::{Markup, html};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Names the row.
    Head,
    /// Text.
    Text,
    /// A number, set flush right.
    Number,
    /// Something to act on.
    Act,
}

/// A table.
pub(crate) struct Table {
    caption: String,
    shows_caption: bool,
    columns: Vec<(String, Kind)>,
    rows: Vec<Vec<Markup>>,
}

impl Table {
    /// A table whose caption is for readers of screens alone: the heading above says it.
    pub(crate) fn new(caption: &str, columns: &[(&str, Kind)]) -> Self {
        let columns = columns.iter().map(|(label, kind)| ((*label).to_owned(), *kind)).collect();
        Self { caption: caption.to_owned(), shows_caption: false, columns, rows: Vec::new() }
    }

    /// Shows the caption to everybody.
    pub(crate) fn captioned(self) -> Self {
        Self { shows_caption: true, ..self }
    }

    pub(crate) fn row(&mut self, cells: Vec<Markup>) {
        self.rows.push(cells);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn markup(&self) -> Markup {
        html! {
            table role="table" {
                caption class=[(!self.shows_caption).then_some("unseen")] { (self.caption) }
                thead role="rowgroup" {
                    tr role="row" {
                        @for (label, kind) in &self.columns {
                            th role="columnheader" scope="col" class=[class(*kind)] {
                                @if *kind == Kind::Act { span class="unseen" { (label) } } @else { (label) }
                            }
                        }
                    }
                }
                tbody role="rowgroup" {
                    @for row in &self.rows {
                        tr role="row" {
                            @for (cell, (label, kind)) in row.iter().zip(&self.columns) {
                                @if *kind == Kind::Head {
                                    th role="rowheader" scope="row" { (cell) }
                                } @else {
                                    td role="cell" class=[class(*kind)] data-label=(label) { (cell) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

const fn class(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Number => Some("number"),
        Kind::Act => Some("act"),
        Kind::Head | Kind::Text => None,
    }
}
