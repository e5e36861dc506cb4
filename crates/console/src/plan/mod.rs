//! The continuity plan as a document: what a team holds in its hands at three in the morning, and an auditor reads.
//!
//! It is drawn from the live state, the last analysis and the operator's contacts. Invariant: what nobody has said or
//! computed is said to be missing; no figure stands here that is not in what the plan was made from.

mod before;
mod checklists;
mod network;
mod paper;

use holdfast_continuity::bia::Report;
use holdfast_continuity::critical::Critical;
use holdfast_domain::money::Currency;
use holdfast_domain::state::State;
use holdfast_domain::time::{Stamp, Zone};
use holdfast_print::{Block, Change, Changed, Document, Section};

use crate::words::{Locale, Words, say};

/// Changes on paper at most.
const CHANGES_SHOWN: usize = 60;

/// Somebody to call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// What they decide or do.
    pub role: String,
    /// Name.
    pub name: String,
    /// Site they are at, if it is one site's.
    pub site: String,
    /// Telephone.
    pub phone: String,
    /// Mail address.
    pub mail: String,
    /// Whether they stand in for somebody.
    pub deputy: bool,
}

/// Words customers would be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// When they are sent: a key such as `delayed`.
    pub when: String,
    /// Their language, by its two letters.
    pub language: String,
    /// Subject.
    pub subject: String,
    /// Text.
    pub text: String,
}

/// What a plan is made from.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// Network, stock, what each site can do.
    pub state: &'a State,
    /// When it is made.
    pub made: Stamp,
    /// The impact analysis, where there is one.
    pub analysis: Option<&'a Report>,
    /// Critical inventory, where it was computed.
    pub critical: Option<&'a Critical>,
    /// Whom to call, in the order they are called.
    pub contacts: &'a [Contact],
    /// What customers are sent.
    pub messages: &'a [Message],
    /// Remarks on what it was made from: defaults, samples.
    pub remarks: &'a [String],
    /// Says a sentence of the analyses, which are written in English alone, in the plan's language.
    pub say: &'a dyn Fn(&str) -> String,
}

/// What a plan is drawn with.
pub(crate) struct Draft<'a> {
    input: Input<'a>,
    w: Words,
    zone: Zone,
    currency: Currency,
}

impl Draft<'_> {
    fn section(&self, id: &str, own_page: bool, blocks: Vec<Block>) -> Section {
        Section { id: id.to_owned(), title: self.w.say(&format!("bcp-{id}")), own_page, blocks }
    }

    fn text(&self, key: &str) -> Block {
        Block::Text { text: self.w.say(key) }
    }

    /// What a role of the call tree is called: the common ones in the reader's language, others as the book has them.
    fn role(&self, role: &str) -> String {
        let key = format!("bcp-role-{}", role.to_lowercase().replace([' ', '_'], "-"));
        self.w.known(&key).unwrap_or_else(|| role.to_owned())
    }

    fn heads(&self, keys: &[&str]) -> Vec<String> {
        keys.iter().map(|key| self.w.say(key)).collect()
    }

    fn table(&self, caption: &str, heads: &[&str], right: &[usize], rows: Vec<Vec<String>>) -> Block {
        let caption = if caption.is_empty() { String::new() } else { self.w.say(caption) };
        Block::Table { caption, head: self.heads(heads), right: right.to_vec(), rows }
    }

    /// An amount in minor units, without its minor part.
    fn money(&self, minor: f64) -> String {
        self.w.money_whole(holdfast_domain::money::Money::new(minor.round() as i64, self.currency))
    }

    fn hours(&self, hours: Option<f64>) -> String {
        hours.map_or_else(|| self.w.say("none"), |hours| say!(self.w, "bcp-h", h = self.w.decimal(hours, 0)))
    }
}

/// The plan, without version: [`sealed`] gives it one.
#[must_use]
pub fn plan(input: Input<'_>, locale: Locale) -> Document {
    let operator = input.state.network.operator.as_ref();
    let draft = Draft {
        input,
        w: Words::of(locale),
        zone: operator.map_or_else(Zone::utc, |operator| operator.zone.clone()),
        currency: operator.map_or(Currency::USD, |operator| operator.currency),
    };
    let mut sections = vec![
        checklists::first(&draft),
        checklists::activation(&draft),
        network::contacts(&draft),
        before::threats(&draft),
        before::impact(&draft),
        network::sites(&draft),
        before::critical(&draft),
        network::lanes(&draft),
        paper::messages(&draft),
    ];
    sections.extend(checklists::all(&draft));
    sections.extend([
        paper::computers(&draft),
        paper::calendar(&draft),
        paper::after_action(&draft),
        before::origins(&draft),
        paper::sign_off(&draft),
    ]);
    Document {
        language: locale.tag().to_owned(),
        title: draft.w.say("bcp-title"),
        owner: operator.map_or_else(String::new, |operator| operator.name.to_string()),
        cover: Vec::new(),
        running: String::new(),
        contents: draft.w.say("bcp-contents"),
        sections,
    }
}

/// Which version a plan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbered {
    /// Kept under this number.
    Kept(u32),
    /// Drawn now; kept, it would have this number.
    Draft(u32),
}

impl Numbered {
    fn shown(self, w: Words) -> String {
        match self {
            Self::Kept(number) => w.number(number),
            Self::Draft(number) => say!(w, "bcp-cover-draft", number = number),
        }
    }
}

/// The plan with its version, its digest on the cover and every page, and what changed since the last.
#[must_use]
pub fn sealed(
    mut document: Document,
    input: &Input<'_>,
    locale: Locale,
    number: Numbered,
    changes: Option<&[Change]>,
) -> Document {
    let w = Words::of(locale);
    let zone = input.state.network.operator.as_ref().map_or_else(Zone::utc, |operator| operator.zone.clone());
    let digest = document.digest();
    let (short, made) = (digest[..16].to_owned(), w.moment(input.made, &zone));
    document.cover = vec![
        (w.say("bcp-cover-version"), number.shown(w)),
        (w.say("bcp-cover-made"), made.clone()),
        (w.say("bcp-cover-digest"), digest),
        (w.say("bcp-cover-state"), say!(w, "bcp-cover-entry", version = input.state.version)),
        (w.say("bcp-cover-analysis"), analysis_line(w, input)),
        (w.say("bcp-cover-next"), w.day(next_review(input.made, &zone))),
    ];
    document.running = say!(
        w,
        "bcp-running",
        owner = document.owner.as_str(),
        version = number.shown(w),
        digest = short,
        made = made
    );
    let mut blocks = Vec::new();
    match changes {
        None => blocks.push(Block::Text { text: w.say("bcp-changes-first") }),
        Some([]) => blocks.push(Block::Text { text: w.say("bcp-changes-none") }),
        Some(changes) => {
            let row = |change: &Change| {
                let kind = match change.changed {
                    Changed::Added => "bcp-change-added",
                    Changed::Altered => "bcp-change-altered",
                    Changed::Removed => "bcp-change-removed",
                };
                vec![
                    shortened(&change.place),
                    w.say(kind),
                    shortened(&change.before),
                    shortened(&change.after),
                ]
            };
            blocks.push(Block::Table {
                caption: say!(
                    w,
                    "bcp-changes-count",
                    n = changes.len(),
                    shown = changes.len().min(CHANGES_SHOWN)
                ),
                head: ["bcp-change-place", "bcp-change-kind", "bcp-change-before", "bcp-change-after"]
                    .map(|key| w.say(key))
                    .to_vec(),
                right: Vec::new(),
                rows: changes.iter().take(CHANGES_SHOWN).map(row).collect(),
            });
        }
    }
    let section = Section {
        id: holdfast_print::CHANGES.to_owned(),
        title: w.say("bcp-changes"),
        own_page: false,
        blocks,
    };
    // Behind the first page, before what an auditor reads.
    document.sections.insert(1.min(document.sections.len()), section);
    document
}

/// A plan is looked at again after a quarter of a year at the latest.
const REVIEW_DAYS: i32 = 91;

fn next_review(made: Stamp, zone: &Zone) -> holdfast_domain::time::Day {
    made.local(zone).0.plus(REVIEW_DAYS)
}

fn analysis_line(w: Words, input: &Input<'_>) -> String {
    input.analysis.map_or_else(
        || w.say("bcp-cover-unanalysed"),
        |report| {
            say!(w, "bcp-cover-analysed", years = report.years, events = report.events, seed = report.seed)
        },
    )
}

/// A cell that does not fill a page.
fn shortened(text: &str) -> String {
    const MAX: usize = 160;
    if text.chars().count() <= MAX {
        return text.to_owned();
    }
    let head: String = text.chars().take(MAX - 1).collect();
    format!("{head}…")
}
