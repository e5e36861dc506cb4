//! Alerts: what others say threatens an area, in one form, from whatever feed it came.
//!
//! Each reader is a function from bytes to alerts or an error that names the place and the remedy; nothing is
//! fetched. [`AlertBook`] folds updates, cancellations and expiries into what is valid now. Invariants: an
//! [`Alert`] that was read has an id, a moment sent and at least one area (drawn or by code) unless it is a
//! cancellation; a test or exercise never counts as actual.

mod area;
mod atom;
mod book;
mod cap;
mod codes;
mod drawn;
mod feed;
mod gdacs;
#[cfg(test)]
mod hostile;
mod json;
mod nhc;
mod nws;
mod order_feed;
#[cfg(test)]
pub(crate) mod samples;
mod text;
mod usgs;
mod xml;

use std::collections::BTreeMap;

use holdfast_domain::incident::Hazard;
use holdfast_domain::time::Stamp;
use serde::{Deserialize, Serialize};

pub use area::{AlertArea, Precision, ResolvedArea, county_shapes, resolve};
pub use atom::read_atom;
pub use book::{ALERTS_MAX, AlertBook, Folded, NO_EXPIRY};
pub use cap::read_cap;
pub use codes::{AreaCode, Vtec, hazard_of_words, same, same_hazard, ugc};
pub use drawn::{DrawnHead, around, read_drawn};
pub use feed::{FeedState, FeedWatch, SiteVoice, heartbeat, silent_site};
pub use gdacs::read_gdacs;
pub use nhc::{CurrentStorm, read_current_storms};
pub use nws::read_nws_geojson;
pub use order_feed::{OrderBaseline, OrderFeedState, hour_of_week, order_feed};
pub use text::read_nws_text;
pub use usgs::{intensity, intensity_radius_m, read_usgs};
pub use xml::{BYTES_MAX, DEPTH_MAX, ELEMENTS_MAX};

/// Why a feed's document was not read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AlertError {
    /// Larger than any real document.
    #[error("read an alert of {bytes} bytes: at most {max} are read; check what the feed's address serves")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// A document type declaration, with which entities could be defined.
    #[error(
        "read line {line}: document type declarations are refused, alerts need none; do not trust this source"
    )]
    DocumentType {
        /// Where.
        line: usize,
    },
    /// An entity that is not one of XML's five.
    #[error("read line {line}: entity &{name}; is not defined; only lt, gt, amp, apos, quot and numbers are")]
    Entity {
        /// Where.
        line: usize,
        /// Its name.
        name: String,
    },
    /// Elements too deep inside each other.
    #[error("read line {line}: more than {max} elements inside each other; do not trust this source")]
    TooDeep {
        /// Where.
        line: usize,
        /// The limit.
        max: usize,
    },
    /// Too many of something.
    #[error("read more than {max} {what}: do not trust this source, or split the document")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The limit.
        max: usize,
    },
    /// Not well-formed.
    #[error("read line {line}: {what}; fetch the document again, it may be cut")]
    Malformed {
        /// Where.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// Another kind of document.
    #[error("read {found} as {expected}: check which reader the feed is set to")]
    NotThisFormat {
        /// What it looks like.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
    /// Something that has to be there is not.
    #[error("find {what} at {place}: the format requires it")]
    Missing {
        /// Where it should be.
        place: String,
        /// What.
        what: &'static str,
    },
    /// A value that cannot be.
    #[error("read {field} {value:?} at {place}: expected {expected}")]
    Field {
        /// Where.
        place: String,
        /// Which field.
        field: &'static str,
        /// What it says.
        value: String,
        /// What it may say.
        expected: String,
    },
}

/// What a feed of many entries gave: those that could be read, and why the others could not.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Reading {
    /// What was read.
    pub alerts: Vec<Alert>,
    /// What was not; each names its entry.
    pub refused: Vec<AlertError>,
}

impl Reading {
    pub(crate) fn take(&mut self, read: Result<Vec<Alert>, AlertError>) {
        match read {
            Ok(alerts) => self.alerts.extend(alerts),
            Err(error) => self.refused.push(error),
        }
    }
}

/// Where an alert comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A CAP document (IPAWS, Environment Canada, any CAP 1.0 to 1.2).
    Cap,
    /// GeoJSON or Atom of api.weather.gov.
    NwsApi,
    /// An NWS text product.
    NwsText,
    /// The earthquake feed of the US Geological Survey.
    Usgs,
    /// The Global Disaster Alert and Coordination System.
    Gdacs,
    /// The National Hurricane Center.
    Nhc,
    /// An area an operator drew.
    Drawn,
    /// A site that stopped answering.
    Heartbeat,
    /// An anomaly of the order feed.
    OrderFeed,
}

/// Whether it is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// To be acted on.
    Actual,
    /// To be acted on by those who take part in the exercise.
    Exercise,
    /// For the alerting networks themselves.
    System,
    /// To be discarded.
    Test,
    /// Not ready.
    Draft,
}

/// What the message does to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// The first word.
    Alert,
    /// Replaces those it refers to.
    Update,
    /// Takes back those it refers to.
    Cancel,
    /// Confirms receipt.
    Ack,
    /// Says that those it refers to were wrong.
    Error,
}

/// How bad, in CAP's words; the order goes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Not said.
    #[default]
    Unknown,
    /// Minimal threat.
    Minor,
    /// Possible threat.
    Moderate,
    /// Significant threat.
    Severe,
    /// Extraordinary threat.
    Extreme,
}

/// How sure, in CAP's words; the order goes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Not said.
    #[default]
    Unknown,
    /// Near zero.
    Unlikely,
    /// At most one half.
    Possible,
    /// More than one half.
    Likely,
    /// Seen.
    Observed,
}

/// How soon, in CAP's words; the order goes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Not said.
    #[default]
    Unknown,
    /// Over.
    Past,
    /// Later.
    Future,
    /// Within the next hour.
    Expected,
    /// Now.
    Immediate,
}

/// What is told in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct AlertText {
    /// The event's name.
    pub event: String,
    /// One line.
    pub headline: String,
    /// The whole.
    pub description: String,
    /// What to do.
    pub instruction: String,
}

/// Another message, as `references` names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reference {
    /// Who sent it; empty where the feed does not say.
    pub sender: String,
    /// Its identifier.
    pub id: String,
}

/// One threat to one set of areas.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Which feed.
    pub source: Source,
    /// Who sent it.
    pub sender: String,
    /// The identifier the sender gave.
    pub id: String,
    /// Which of the document's threats, from 0: a CAP message may hold several.
    pub part: u16,
    /// When it was sent.
    pub sent: Stamp,
    /// Whether it is meant.
    pub status: Status,
    /// What it does to those before it.
    pub message: Message,
    /// The kind of hazard.
    pub hazard: Hazard,
    /// The event's name in the first language.
    pub event: String,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub certainty: Certainty,
    /// How soon.
    pub urgency: Urgency,
    /// Over: an all-clear, or an urgency of "past".
    pub all_clear: bool,
    /// When the event begins.
    pub onset: Option<Stamp>,
    /// When the event ends, which is not when the message expires.
    pub ends: Option<Stamp>,
    /// When the message expires; the next one is due by then.
    pub expires: Option<Stamp>,
    /// Where.
    pub areas: Vec<AlertArea>,
    /// What is told, by language tag.
    pub texts: BTreeMap<String, AlertText>,
    /// The messages it follows.
    pub references: Vec<Reference>,
    /// The event codes in it.
    pub vtec: Vec<Vtec>,
    /// Magnitude, wind or whatever the feed measures, with its name and unit.
    pub measures: BTreeMap<String, f64>,
}

impl Alert {
    /// An alert with nothing but its origin; readers fill in the rest.
    pub(crate) fn blank(source: Source, sender: &str, id: &str, sent: Stamp) -> Self {
        Self {
            source,
            sender: clip(sender),
            id: clip(id),
            part: 0,
            sent,
            status: Status::Actual,
            message: Message::Alert,
            hazard: Hazard::Other,
            event: String::new(),
            severity: Severity::Unknown,
            certainty: Certainty::Unknown,
            urgency: Urgency::Unknown,
            all_clear: false,
            onset: None,
            ends: None,
            expires: None,
            areas: Vec::new(),
            texts: BTreeMap::new(),
            references: Vec::new(),
            vtec: Vec::new(),
            measures: BTreeMap::new(),
        }
    }
}

impl Severity {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Some(match text.trim() {
            "Extreme" => Self::Extreme,
            "Severe" => Self::Severe,
            "Moderate" => Self::Moderate,
            "Minor" => Self::Minor,
            "Unknown" => Self::Unknown,
            _ => return None,
        })
    }
}

impl Certainty {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Some(match text.trim() {
            "Observed" => Self::Observed,
            // CAP 1.0 had "Very Likely".
            "Likely" | "Very Likely" => Self::Likely,
            "Possible" => Self::Possible,
            "Unlikely" => Self::Unlikely,
            "Unknown" => Self::Unknown,
            _ => return None,
        })
    }
}

impl Urgency {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Some(match text.trim() {
            "Immediate" => Self::Immediate,
            "Expected" => Self::Expected,
            "Future" => Self::Future,
            "Past" => Self::Past,
            "Unknown" => Self::Unknown,
            _ => return None,
        })
    }
}

impl Status {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Some(match text.trim() {
            "Actual" => Self::Actual,
            "Exercise" => Self::Exercise,
            "System" => Self::System,
            "Test" => Self::Test,
            "Draft" => Self::Draft,
            _ => return None,
        })
    }
}

impl Message {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Some(match text.trim() {
            "Alert" => Self::Alert,
            "Update" => Self::Update,
            "Cancel" => Self::Cancel,
            "Ack" => Self::Ack,
            "Error" => Self::Error,
            _ => return None,
        })
    }
}

/// Characters of a short field that are kept; a hostile one may be longer.
const FIELD_CHARS_MAX: usize = 500;

/// A short field cut to a length that can be shown.
pub(crate) fn clip(text: &str) -> String {
    text.trim().chars().take(FIELD_CHARS_MAX).collect()
}

/// A moment of a feed.
pub(crate) fn moment(text: &str, field: &'static str, place: &str) -> Result<Stamp, AlertError> {
    text.parse().map_err(|_| AlertError::Field {
        place: place.to_owned(),
        field,
        value: clip(text),
        expected: "a moment with its offset, such as 2018-09-14T07:15:00Z".to_owned(),
    })
}
