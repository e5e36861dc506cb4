//! A document of unknown kind: what it is, and what it says.
//!
//! Every reader of this crate is reached from here, so a file can be looked at before a feed is set up. Invariant: a
//! document is read by one reader, the one its beginning names, and what is wrong with it is told by that reader with
//! place and remedy; what no reader knows is refused, never read as nothing.

use std::fmt;

use crate::alert::{
    AlertError, CurrentStorm, Reading, read_atom, read_cap, read_current_storms, read_gdacs,
    read_nws_geojson, read_nws_text, read_usgs,
};
use crate::geo::{Area, GeoJsonError, areas_from_geojson};
use crate::storms::tracks_from_text;
use crate::track::{Forecast, ReadError, Track, forecasts_from_atcf};

/// The forecaster whose forecasts are read from an ATCF a-deck: the official one.
pub const TECHNIQUE: &str = "OFCL";
/// How much of a document tells its kind, bytes.
const LOOKED_AT: usize = 1 << 16;

/// Kinds of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A CAP message.
    Cap,
    /// Atom of api.weather.gov.
    Atom,
    /// RSS of the Global Disaster Alert and Coordination System, or its GeoJSON.
    Gdacs,
    /// GeoJSON alerts of api.weather.gov.
    NwsGeoJson,
    /// GeoJSON earthquakes of the US Geological Survey.
    Usgs,
    /// The National Hurricane Center's list of storms.
    CurrentStorms,
    /// Areas an operator drew.
    Drawn,
    /// An NWS text product.
    NwsText,
    /// A best track: ATCF b-deck, HURDAT2, RSMC Tokyo, a table of storms, or the product's own table.
    Track,
    /// Forecasts as issued: ATCF a-deck.
    Forecasts,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Cap,
        Self::Atom,
        Self::Gdacs,
        Self::NwsGeoJson,
        Self::Usgs,
        Self::CurrentStorms,
        Self::Drawn,
        Self::NwsText,
        Self::Track,
        Self::Forecasts,
    ];

    /// Its name on the command line.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Cap => "cap",
            Self::Atom => "atom",
            Self::Gdacs => "gdacs",
            Self::NwsGeoJson => "nws-geojson",
            Self::Usgs => "usgs",
            Self::CurrentStorms => "current-storms",
            Self::Drawn => "drawn",
            Self::NwsText => "nws-text",
            Self::Track => "track",
            Self::Forecasts => "forecasts",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// What a document says.
#[derive(Clone, Debug, PartialEq)]
pub enum Document {
    /// Alerts, and the entries that could not be read.
    Alerts(Reading),
    /// Storms as of now, with the alerts about them.
    Storms(Vec<CurrentStorm>, Reading),
    /// Areas without a time: an operator says when.
    Areas(Vec<Area>),
    /// Tracks that were observed.
    Tracks(Vec<Track>),
    /// Forecasts as they were issued.
    Forecasts(Vec<Forecast>),
}

/// Why a document was not read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DocumentError {
    /// Nothing in it.
    #[error("read a document without content: fetch it again, or check the path")]
    Empty,
    /// UTF-16 or UTF-32.
    #[error("read a document in {0}: save it as UTF-8")]
    Encoding(&'static str),
    /// Not text at all.
    #[error(
        "read byte {at}: {byte:#04x} is no UTF-8 text; save the document as UTF-8, and unpack it if it is packed"
    )]
    NotText {
        /// Where.
        at: usize,
        /// The byte.
        byte: u8,
    },
    /// No reader knows it.
    #[error(
        "read a document that begins {begins:?}: no reader knows it; name its kind: {}",
        Kind::ALL.map(Kind::key).join(", ")
    )]
    Unknown {
        /// Its beginning.
        begins: String,
    },
    /// An alert's reader refused it.
    #[error(transparent)]
    Alert(#[from] AlertError),
    /// A track's reader refused it.
    #[error(transparent)]
    Track(#[from] ReadError),
    /// The reader of drawn areas refused it.
    #[error(transparent)]
    GeoJson(#[from] GeoJsonError),
}

/// The kind of a document by its beginning.
///
/// # Errors
/// [`DocumentError`] for one that is empty, in another encoding, or of no kind that is known.
pub fn kind_of(bytes: &[u8]) -> Result<Kind, DocumentError> {
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => return Err(DocumentError::Encoding("UTF-32")),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => return Err(DocumentError::Encoding("UTF-16")),
        [b'<' | b'{', 0, ..] | [0, b'<' | b'{', ..] => return Err(DocumentError::Encoding("UTF-16")),
        _ => {}
    }
    let begin = String::from_utf8_lossy(&bytes[..bytes.len().min(LOOKED_AT)]);
    let text = begin.trim_start_matches('\u{feff}').trim_start();
    if text.is_empty() {
        return Err(DocumentError::Empty);
    }
    let unknown = || DocumentError::Unknown { begins: text.chars().take(40).collect() };
    if text.starts_with('<') {
        return xml_kind(text).ok_or_else(unknown);
    }
    if text.starts_with('{') {
        return Ok(json_kind(text));
    }
    let first = text.lines().next().unwrap_or("");
    let fields: Vec<&str> = first.split(',').map(str::trim).collect();
    if let [basin, number, moment, _, technique, ..] = fields.as_slice()
        && basin.len() == 2
        && number.len() <= 2
        && moment.len() == 10
    {
        return Ok(if *technique == "BEST" { Kind::Track } else { Kind::Forecasts });
    }
    let headed = fields.len() > 1 && fields.iter().any(|field| field.trim_matches('"') == "name");
    let hurdat = fields.first().is_some_and(|id| id.len() == 8 && id.is_ascii()) && fields.len() >= 3;
    let own = first.starts_with("# holdfast") || first.starts_with('#');
    if headed || hurdat || own || first.starts_with("66666") {
        return Ok(Kind::Track);
    }
    let heading = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.len() == 3 && words[0].len() == 6 && words[1].len() == 4 && words[2].len() == 6
    };
    if text.lines().take(10).any(heading) { Ok(Kind::NwsText) } else { Err(unknown()) }
}

/// By the first element; declarations and comments before it are passed over, a document type is left to the reader,
/// who refuses it.
fn xml_kind(text: &str) -> Option<Kind> {
    let has = |what: &str| text.contains(what);
    let names = [("alert", Kind::Cap), ("feed", Kind::Atom), ("rss", Kind::Gdacs)];
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if rest.starts_with(['?', '!']) {
            continue;
        }
        let name = rest.split(|c: char| c.is_whitespace() || c == '>' || c == '/').next().unwrap_or("");
        let name = name.rsplit(':').next().unwrap_or(name);
        return names.into_iter().find(|(known, _)| *known == name).map(|(_, kind)| kind).or_else(|| {
            // A bomb's entities come before anything else; who reads it says so.
            has("<!DOCTYPE").then_some(Kind::Cap)
        });
    }
    has("<!DOCTYPE").then_some(Kind::Cap)
}

fn json_kind(text: &str) -> Kind {
    let has = |what: &str| text.contains(what);
    if has("\"activeStorms\"") {
        Kind::CurrentStorms
    } else if has("\"areaDesc\"") || has("api.weather.gov") {
        Kind::NwsGeoJson
    } else if has("\"eventtype\"") || has("gdacs") {
        Kind::Gdacs
    } else if has("\"mag\"") || has("earthquake.usgs.gov") {
        Kind::Usgs
    } else {
        Kind::Drawn
    }
}

/// Reads a document as `kind`, or as what its beginning says.
///
/// # Errors
/// [`DocumentError`], with place, cause and remedy.
pub fn read(bytes: &[u8], kind: Option<Kind>) -> Result<(Kind, Document), DocumentError> {
    let kind = kind.map_or_else(|| kind_of(bytes), Ok)?;
    let document = match kind {
        Kind::Cap => Document::Alerts(Reading { alerts: read_cap(bytes)?, refused: Vec::new() }),
        Kind::Atom => Document::Alerts(read_atom(bytes)?),
        Kind::Gdacs => Document::Alerts(read_gdacs(bytes)?),
        Kind::NwsGeoJson => Document::Alerts(read_nws_geojson(bytes)?),
        Kind::Usgs => Document::Alerts(read_usgs(bytes)?),
        Kind::NwsText => Document::Alerts(read_nws_text(bytes)?),
        Kind::CurrentStorms => {
            let (storms, reading) = read_current_storms(bytes)?;
            Document::Storms(storms, reading)
        }
        Kind::Drawn => Document::Areas(areas_from_geojson(text(bytes)?)?),
        Kind::Track => Document::Tracks(tracks_from_text(text(bytes)?)?),
        Kind::Forecasts => Document::Forecasts(forecasts_from_atcf(text(bytes)?, TECHNIQUE)?),
    };
    Ok((kind, document))
}

fn text(bytes: &[u8]) -> Result<&str, DocumentError> {
    core::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        DocumentError::NotText { at, byte: bytes.get(at).copied().unwrap_or(0) }
    })
}
