//! What a request carries: JSON with its limits, packed or not, and problems that name the place.

use std::io::Read as _;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::problem::Problem;

/// A body of JSON.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.split(';').next().is_some_and(|kind| kind.trim().ends_with("json")) {
            return Err(Problem::new(
                "not-json",
                "the body is not JSON",
                "send it with Content-Type: application/json",
            ));
        }
        let bytes = whole(app, request).await?;
        parse(&bytes).map(Self)
    }
}

/// JSON from bytes.
///
/// # Errors
/// A problem that names the place.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        let action = "see /openapi.json for the body of this route";
        if error.is_data() {
            return Problem { action: action.to_owned(), ..Problem::field("body", error.to_string()) };
        }
        Problem::new("malformed", format!("the body is no JSON: {error}"), action)
    })
}

/// A whole body, unpacked, within the limits and in time.
///
/// # Errors
/// A problem for one that is too large, too slow or cannot be unpacked.
pub async fn whole(app: &App, request: Request) -> Result<Bytes, Problem> {
    let most = app.config.limits.body_bytes;
    let headers = request.headers().clone();
    let bytes = raw(app, request.into_body(), most).await?;
    crate::once::body(&bytes);
    unpack(&headers, bytes, most)
}

/// A whole body as it came, of `most` bytes at most and in time: whoever sends one byte a minute holds no connection.
///
/// # Errors
/// A problem for one that is too large or too slow.
pub async fn raw(app: &App, body: Body, most: usize) -> Result<Bytes, Problem> {
    let patience = std::time::Duration::from_secs(app.config.limits.request_seconds);
    match tokio::time::timeout(patience, to_bytes(body, most)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(too_large(most)),
        Err(_) => Err(Problem::new("malformed", "the body did not come in time", "send it at once")),
    }
}

/// Unpacks a body sent with `Content-Encoding: gzip`, up to a limit on what comes out.
///
/// # Errors
/// A problem for one that is too large or cannot be unpacked.
pub fn unpack(headers: &HeaderMap, bytes: Bytes, most: usize) -> Result<Bytes, Problem> {
    match headers.get(header::CONTENT_ENCODING).map(|encoding| encoding.as_bytes()) {
        None | Some(b"identity") => Ok(bytes),
        Some(b"gzip") => {
            let mut plain = Vec::new();
            let mut unpack = flate2::read::GzDecoder::new(&bytes[..]).take(most as u64 + 1);
            unpack.read_to_end(&mut plain).map_err(|_| {
                Problem::new("malformed", "the body cannot be unpacked", "send it as gzip, or plain")
            })?;
            if plain.len() > most { Err(too_large(most)) } else { Ok(plain.into()) }
        }
        Some(_) => {
            Err(Problem::new("not-json", "the body's encoding is not known", "send it as gzip, or plain"))
        }
    }
}

/// A CSV file of a request: UTF-8 with a header row, in any order of columns and any case.
pub struct Table<'a> {
    header: Vec<String>,
    reader: csv::Reader<&'a [u8]>,
}

fn no_csv(error: &csv::Error) -> Problem {
    Problem::new("malformed", format!("read the CSV: {error}"), "save it as UTF-8 with a header row")
}

/// Opens a CSV file.
///
/// # Errors
/// A problem where its header row cannot be read.
pub fn csv(bytes: &[u8]) -> Result<Table<'_>, Problem> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(bytes);
    let header = reader.headers().map_err(|error| no_csv(&error))?.iter().map(str::to_lowercase).collect();
    Ok(Table { header, reader })
}

impl Table<'_> {
    /// The place of a column.
    #[must_use]
    pub fn place(&self, column: &str) -> Option<usize> {
        self.header.iter().position(|name| name == column)
    }

    /// The place of a column that has to be there.
    ///
    /// # Errors
    /// A problem that names it.
    pub fn needed(&self, column: &str) -> Result<usize, Problem> {
        self.place(column).ok_or_else(|| Problem::field("header", format!("the column {column} is missing")))
    }

    /// The rows with their numbers, the header's being 1; a problem for each that cannot be read.
    pub fn rows(&mut self) -> impl Iterator<Item = (u64, Result<csv::StringRecord, Problem>)> + '_ {
        (2..).zip(self.reader.records().map(|record| record.map_err(|error| no_csv(&error))))
    }
}

/// The problem of a body over the limit.
#[must_use]
pub fn too_large(most: usize) -> Problem {
    Problem::new(
        "too-large",
        format!("the body is over {most} bytes"),
        "send less at once, or use the bulk route",
    )
}

/// A header's text.
#[must_use]
pub fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
