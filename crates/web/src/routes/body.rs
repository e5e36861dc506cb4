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
