//! What is put on paper: a document of blocks, laid out as HTML that prints well, and as PDF with the feature `pdf`.
//!
//! Invariant: both layouts show the same blocks in the same order; text from outside is data in both and never markup;
//! the same document gives the same bytes. Nothing here knows what a plan, an order or a clock is.

mod html;
#[cfg(feature = "pdf")]
mod pdf;
mod version;

use serde::{Deserialize, Serialize};

pub use html::html;
#[cfg(feature = "pdf")]
pub use pdf::pdf;
pub use version::{Change, Changed, Facts, changes, facts};

/// The id of the section that says what changed since the last version: the digest does not cover it, or the same plan
/// would never have the same digest twice.
pub const CHANGES: &str = "changes";

/// Whether this build can lay out PDF.
pub const HAS_PDF: bool = cfg!(feature = "pdf");

/// A document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its language, by its two letters.
    pub language: String,
    /// Title on the cover.
    pub title: String,
    /// Whose it is.
    pub owner: String,
    /// What the cover says besides: name and value.
    pub cover: Vec<(String, String)>,
    /// A line on every page: version and digest.
    pub running: String,
    /// Heading of the table of contents.
    pub contents: String,
    /// The body.
    pub sections: Vec<Section>,
}

/// A section with a place in the table of contents.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// A name that does not change with the language: letters, digits, hyphens.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// Whether it begins a page of its own.
    pub own_page: bool,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// A block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    /// A paragraph.
    Text {
        /// It.
        text: String,
    },
    /// A paragraph in a frame.
    Box {
        /// It.
        text: String,
    },
    /// Small print.
    Note {
        /// It.
        text: String,
    },
    /// A table; the columns named in `right` hold numbers.
    Table {
        /// What it shows.
        caption: String,
        /// Column headings.
        head: Vec<String>,
        /// Columns with numbers.
        right: Vec<usize>,
        /// Rows of cells.
        rows: Vec<Vec<String>>,
    },
    /// Things to do, with a box to tick each.
    Checklist {
        /// What they are for.
        caption: String,
        /// Headings: what, who, within, done at and by.
        head: [String; 4],
        /// The things.
        items: Vec<Item>,
    },
    /// Words somebody would be sent.
    Quote {
        /// When.
        caption: String,
        /// Their language, by its two letters.
        language: String,
        /// Subject.
        subject: String,
        /// Text.
        text: String,
    },
    /// A drawing.
    Drawing {
        /// SVG without references to anything outside.
        svg: String,
        /// What it shows.
        caption: String,
    },
    /// Lines to fill in by hand.
    Form {
        /// Column headings.
        head: Vec<String>,
        /// The first column's words, one a line; the rest of the line is empty.
        lines: Vec<String>,
    },
}

/// A thing to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What.
    pub what: String,
    /// Who.
    pub who: String,
    /// Within which time.
    pub within: String,
}

impl Document {
    /// The digest of what it says: title, owner and sections. Cover and running line, which name the digest itself, are
    /// not in it, nor is the section [`CHANGES`].
    ///
    /// ```
    /// use holdfast_print::Document;
    /// let mut one = Document { title: "Plan".into(), ..Document::default() };
    /// let before = one.digest();
    /// one.running = format!("version 1, {before}");
    /// assert_eq!(one.digest(), before);
    /// one.title = "Another".into();
    /// assert_ne!(one.digest(), before);
    /// ```
    #[must_use]
    pub fn digest(&self) -> String {
        let sections: Vec<&Section> = self.sections.iter().filter(|section| section.id != CHANGES).collect();
        let said = (&self.language, &self.title, &self.owner, sections);
        let bytes = serde_json::to_vec(&said).expect("text and lists of text always are JSON");
        blake3::hash(&bytes).to_hex().to_string()
    }
}

/// Why there is no PDF.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrintError {
    /// The layout engine refused the document.
    #[error("lay out the document as PDF: {0}")]
    Layout(String),
    /// The pages could not be written as PDF.
    #[error("write the pages as PDF: {0}")]
    Write(String),
}
