//! One look at a feed: an address asked with what is known of its last answer, or a folder's new files.
//!
//! Invariant: what is remembered to ask "has it changed since" by is that of a document that could be read: one that
//! could not is asked for whole again, never taken as unchanged.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use holdfast_connect::http::{Http, Limits, Request, Response, retry_after_ms};
use holdfast_hazard::alert::BYTES_MAX;
use holdfast_hazard::document::Kind;

use super::settings::Feed;

/// Milliseconds until a feed's connection stands, and for all of its answer.
const CONNECT_MS: u64 = 5_000;
const TOTAL_MS: u64 = 30_000;
/// Files of a folder that are looked at.
pub const FILES_MAX: usize = 1_000;
/// Characters of an error that are kept.
pub const WHY_MAX: usize = 400;
/// A cached answer is not believed to be older than this, seconds: a month.
const AGE_MAX: i64 = 31 * 86_400;

/// What is known of a feed's last documents.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// `ETag` and `Last-Modified` of the last document that was read.
    pub tag: Option<String>,
    pub modified: Option<String>,
    /// Files of a folder that were read: when they were last written, and their size.
    pub files: BTreeMap<PathBuf, (i64, u64)>,
}

/// What a look brought.
#[derive(Debug, Default)]
pub struct Look {
    /// Documents that are new: what they are called, and their bytes.
    pub documents: Vec<(String, Vec<u8>)>,
    /// What is wrong with single files.
    pub faults: Vec<String>,
    /// As of when the source has spoken, in milliseconds of Unix time; none for a folder without a file.
    pub spoken: Option<i64>,
    /// What to remember once the documents have been read.
    pub known: Known,
}

/// Why there was nothing to see, and how long the source asks to be left alone, milliseconds.
#[derive(Debug)]
pub struct Failed {
    /// Why.
    pub why: String,
    /// How long it asks for.
    pub again_after_ms: Option<u64>,
}

impl From<String> for Failed {
    fn from(why: String) -> Self {
        Self { why: clip(&why), again_after_ms: None }
    }
}

/// A text for people, cut to a length that can be shown.
#[must_use]
pub fn clip(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(WHY_MAX).collect()
}

/// Looks at a feed.
///
/// # Errors
/// [`Failed`] says why nothing could be seen.
pub fn look(feed: &Feed, known: &Known, http: &dyn Http, now_ms: i64) -> Result<Look, Failed> {
    match (&feed.url, &feed.folder) {
        (Some(url), _) => ask(feed, url, known, http, now_ms),
        (None, Some(folder)) => Ok(files(folder, known, now_ms)?),
        (None, None) => Err(Failed::from("it has neither url nor folder".to_owned())),
    }
}

fn accepts(kind: Option<Kind>) -> &'static str {
    match kind {
        Some(Kind::NwsGeoJson) => "application/geo+json, application/json",
        Some(Kind::Usgs | Kind::CurrentStorms) => "application/json, application/geo+json",
        Some(Kind::Atom) => "application/atom+xml, application/xml",
        Some(Kind::Cap) => "application/cap+xml, application/xml, text/xml",
        _ => "*/*",
    }
}

fn ask(feed: &Feed, url: &str, known: &Known, http: &dyn Http, now_ms: i64) -> Result<Look, Failed> {
    let limits = Limits { connect_ms: CONNECT_MS, total_ms: TOTAL_MS, answer_bytes: BYTES_MAX };
    let mut request =
        Request::get(url).with("Accept", accepts(feed.kind())).within(limits).reaching(feed.reach());
    if let Some(tag) = &known.tag {
        request = request.with("If-None-Match", tag);
    }
    if let Some(modified) = &known.modified {
        request = request.with("If-Modified-Since", modified);
    }
    let answer = http.send(&request).map_err(|error| error.to_string())?;
    // An answer out of somebody's cache is as old as the cache says.
    let age = answer.header("age").and_then(|age| age.trim().parse().ok()).unwrap_or(0_i64);
    let spoken = Some(now_ms - age.clamp(0, AGE_MAX) * 1_000);
    match answer.status {
        304 if known.tag.is_some() || known.modified.is_some() => {
            Ok(Look { spoken, known: known.clone(), ..Look::default() })
        }
        200 => {
            let header =
                |name: &str| answer.header(name).filter(|value| value.len() <= 256).map(ToOwned::to_owned);
            let remembered =
                Known { tag: header("etag"), modified: header("last-modified"), ..Known::default() };
            let body = unpacked(answer.body)?;
            Ok(Look { documents: vec![(String::new(), body)], spoken, known: remembered, ..Look::default() })
        }
        status => Err(refused(&answer, status, now_ms)),
    }
}

fn refused(answer: &Response, status: u16, now_ms: i64) -> Failed {
    let after = answer.header("retry-after").and_then(|header| retry_after_ms(header, now_ms));
    let why = match status {
        304 => "it says that nothing has changed, and nothing was read before".to_owned(),
        401 | 403 => format!("status {status}: it does not let this house in; check the address"),
        404 | 410 => format!("status {status}: there is nothing at this address; check it"),
        429 => format!("status {status}: it is asked too often; raise every_seconds"),
        _ => format!("status {status}: {}", answer.excerpt(120)),
    };
    Failed { why: clip(&why), again_after_ms: after }
}

/// Unpacks what begins as gzip, up to the size of a document.
fn unpacked(body: Vec<u8>) -> Result<Vec<u8>, String> {
    if !body.starts_with(&[0x1f, 0x8b]) {
        return Ok(body);
    }
    let mut out = Vec::new();
    let mut reader = flate2::read::MultiGzDecoder::new(&body[..]).take(BYTES_MAX as u64 + 1);
    reader.read_to_end(&mut out).map_err(|error| format!("unpack its gzip answer: {error}"))?;
    if out.len() > BYTES_MAX {
        return Err(format!("its gzip answer holds more than {BYTES_MAX} bytes"));
    }
    Ok(out)
}

/// The files of a folder that are new or have changed. The folder has spoken when its newest file was written: whoever
/// fills it writes or touches a file each time it has looked itself.
fn files(folder: &Path, known: &Known, now_ms: i64) -> Result<Look, String> {
    let fault = |error: std::io::Error| format!("read folder {}: {error}", folder.display());
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        let about = entry.metadata().map_err(fault)?;
        if !about.is_file() {
            continue;
        }
        let written = about.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let written = written.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
        paths.push((entry.path(), written, about.len()));
        if paths.len() > FILES_MAX {
            return Err(format!(
                "folder {} holds more than {FILES_MAX} files: move those away that are over",
                folder.display()
            ));
        }
    }
    paths.sort();
    // A file from the future is as young as one from now.
    let mut look = Look { spoken: paths.iter().map(|(_, at, _)| (*at).min(now_ms)).max(), ..Look::default() };
    for (path, written, size) in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with('.') || size == 0 {
            continue;
        }
        let is_known = known.files.get(&path) == Some(&(written, size));
        look.known.files.insert(path.clone(), (written, size));
        if is_known {
            continue;
        }
        if size > BYTES_MAX as u64 {
            look.faults.push(format!("{name}: {size} bytes, more than {BYTES_MAX}"));
            continue;
        }
        match std::fs::read(&path).map_err(|error| error.to_string()).and_then(unpacked) {
            Ok(bytes) => look.documents.push((name, bytes)),
            Err(why) => look.faults.push(format!("{name}: {why}")),
        }
    }
    Ok(look)
}
