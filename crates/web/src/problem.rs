//! What went wrong, as RFC 9457 has it: a stable code, a cause, what to do. One table maps codes to status.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use holdfast_app::service::Refused;
use holdfast_domain::reject::Rejection;
use serde::Serialize;
use utoipa::ToSchema;

/// Seconds after which a caller that was turned away for want of room may come back.
const RETRY_S: u64 = 1;

/// A problem document.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// A name for the kind of problem: `urn:holdfast:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status of the answer.
    pub status: u16,
    /// The stable code.
    pub code: String,
    /// What is wrong.
    pub detail: String,
    /// What the caller can do.
    pub action: String,
    /// Everything that is wrong, where it is more than one thing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Seconds after which it is worth asking again.
    #[serde(skip)]
    pub retry_after: Option<u64>,
}

/// One thing that is wrong with one part of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Where: a path into the body.
    pub field: String,
    /// What is wrong.
    pub detail: String,
}

impl Problem {
    /// A problem of the service's own table.
    #[must_use]
    pub fn new(code: &str, detail: impl Into<String>, action: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:holdfast:problem:{code}"),
            status: status_of(code).as_u16(),
            code: code.to_owned(),
            detail: detail.into(),
            action: action.into(),
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// There is no such thing, or it is another merchant's: the two are not told apart.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new("unknown", format!("there is no such {what}"), "check the id")
    }

    /// The body does not say what is needed.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match &errors[..] {
            [one] => format!("{}: {}", one.field, one.detail),
            many => format!("{} fields are wrong", many.len()),
        };
        Self { errors, ..Self::new("invalid", detail, "correct the fields and send it again") }
    }

    /// One field is wrong.
    #[must_use]
    pub fn field(field: &str, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError { field: field.to_owned(), detail: detail.into() }])
    }

    /// The service is too busy or not ready; nothing was done.
    #[must_use]
    pub fn busy(detail: &str) -> Self {
        let problem = Self::new("busy", detail, "ask again after the time in Retry-After");
        Self { retry_after: Some(RETRY_S), ..problem }
    }

    /// It may or may not have been done.
    #[must_use]
    pub fn unknown_outcome() -> Self {
        let problem = Self::new(
            "outcome-unknown",
            "the journal did not say whether it was written",
            "ask again with the same Idempotency-Key: it is done once",
        );
        Self { retry_after: Some(RETRY_S), ..problem }
    }

    /// This service follows; the writer takes changes.
    #[must_use]
    pub fn not_the_writer(writer: Option<&str>) -> Self {
        let detail = match writer {
            Some(address) => format!("this service follows the writer at {address}; nothing was done"),
            None => "this service follows another one, which is the writer; nothing was done".to_owned(),
        };
        let action = "ask the writer; if it is gone, ask again after the time in Retry-After";
        Self { retry_after: Some(RETRY_S), ..Self::new("not-the-writer", detail, action) }
    }

    /// Something of ours failed. What caused it, down to the first cause, goes to the log, not to the caller.
    #[must_use]
    pub fn internal(error: &(dyn core::error::Error + 'static)) -> Self {
        let (mut text, mut cause) = (error.to_string(), error.source());
        while let Some(error) = cause {
            text.push_str(&format!(": {error}"));
            cause = error.source();
        }
        tracing::error!(error = text, "a request failed");
        Self::new("internal", "the service failed", "try again; if it stays so, look into the service's log")
    }

    /// Come back later.
    #[must_use]
    pub fn too_many(retry_after: u64) -> Self {
        let problem = Self::new("too-many-requests", "too many requests", "wait as long as Retry-After says");
        Self { retry_after: Some(retry_after), ..problem }
    }
}

/// The one table: what each code is to HTTP. Codes of [`Rejection::CODES`] that are not named are conflicts with the
/// state as it is.
#[must_use]
pub fn status_of(code: &str) -> StatusCode {
    use StatusCode as S;
    match code {
        "unknown" => S::NOT_FOUND,
        "invalid" | "no-lines" | "too-many-lines" | "no-quantity" | "too-much" | "foreign-sku"
        | "wrong-lane" | "wrong-storage" | "no-lanes" | "return-too-much" | "transfer-too-much"
        | "split-forbidden" => S::UNPROCESSABLE_ENTITY,
        "malformed" => S::BAD_REQUEST,
        "not-signed-in" | "wrong-signature" | "sign-in-refused" => S::UNAUTHORIZED,
        "forbidden" | "prove-again" | "forged" | "second-approver-needed" => S::FORBIDDEN,
        "wrong-scan" | "key-reused" => S::UNPROCESSABLE_ENTITY,
        "too-large" => S::PAYLOAD_TOO_LARGE,
        "not-json" => S::UNSUPPORTED_MEDIA_TYPE,
        "precondition-failed" => S::PRECONDITION_FAILED,
        "order-archived" | "gone" => S::GONE,
        "too-many-requests" => S::TOO_MANY_REQUESTS,
        "busy" | "outcome-unknown" | "stopped" | "not-the-writer" => S::SERVICE_UNAVAILABLE,
        "internal" => S::INTERNAL_SERVER_ERROR,
        _ => S::CONFLICT,
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        Self::new(rejection.code(), rejection.to_string(), rejection.action())
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Following => Self::not_the_writer(None),
            Refused::Full => Self::busy("the service has more to do than it can"),
            Refused::Stopped => {
                let problem = Self::new("stopped", "the service is ending", "ask its successor");
                Self { retry_after: Some(RETRY_S), ..problem }
            }
        }
    }
}

impl From<holdfast_access::AccessError> for Problem {
    fn from(error: holdfast_access::AccessError) -> Self {
        match error {
            holdfast_access::AccessError::Account(why) => Self::field("account", why),
            other => Self::internal(&other),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry = self.retry_after;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"holdfast\""));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::status_of;
    use axum::http::StatusCode;
    use holdfast_domain::reject::Rejection;

    #[test]
    fn every_rejection_is_the_callers_and_none_is_a_fault_of_ours() {
        for code in Rejection::CODES {
            assert!(status_of(code).is_client_error(), "{code}");
        }
        assert_eq!(status_of("order-known"), StatusCode::CONFLICT);
        assert_eq!(status_of("unknown"), StatusCode::NOT_FOUND);
    }
}
