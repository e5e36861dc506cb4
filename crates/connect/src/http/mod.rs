//! What this house asks of other houses over HTTP: a port, and what is sent and answered through it.
//!
//! Nothing here opens a connection; `holdfast-outbound` does. Invariants: a secret is never printed; a request says how
//! long it may take, how much it may answer and how far it may reach; an error says whether the other side may have
//! heard it, so that nobody sends twice what may have arrived.

pub mod address;
pub mod pace;
pub mod steady;

use core::fmt;

pub use address::{Address, AddressError};
pub use pace::{Backoff, Breaker, Pace, retry_after_ms};
pub use steady::Steady;

/// Milliseconds until a connection stands.
pub const CONNECT_MS: u64 = 5_000;
/// Milliseconds a request may take with its answer.
pub const TOTAL_MS: u64 = 20_000;
/// Bytes of an answer that are read.
pub const ANSWER_MAX: usize = 8 << 20;
/// Bytes of a request's body.
pub const BODY_MAX: usize = 8 << 20;
/// Headers of a request.
pub const HEADERS_MAX: usize = 64;

/// Sends a request once and brings its answer, whatever its status.
pub trait Http: Send + Sync {
    /// Sends, and waits for the answer within the request's limits.
    ///
    /// # Errors
    /// [`HttpError`]; [`HttpError::may_have_arrived`] says whether it may be sent again without harm.
    fn send(&self, request: &Request) -> Result<Response, HttpError>;
}

impl<H: Http + ?Sized> Http for std::sync::Arc<H> {
    fn send(&self, request: &Request) -> Result<Response, HttpError> {
        (**self).send(request)
    }
}

/// A text that is never printed: a token, a signature, a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    /// A secret.
    #[must_use]
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the wire alone.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<'de> serde::Deserialize<'de> for Secret {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// What is done with the thing at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Read it.
    Get,
    /// Give it something.
    Post,
    /// Make it so.
    Put,
    /// Take it away.
    Delete,
}

impl Method {
    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// A header's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// May be printed.
    Plain(Box<str>),
    /// May not.
    Secret(Secret),
}

impl Value {
    /// The text on the wire.
    #[must_use]
    pub fn reveal(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(secret) => secret.reveal(),
        }
    }
}

/// How far a request may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Without TLS to another machine. To this machine itself it is always allowed where `internal` is.
    pub plain: bool,
    /// To addresses of the house's own network and of this machine.
    pub internal: bool,
}

impl Reach {
    /// Addresses that somebody else may have chosen: TLS, and nothing inside the house.
    pub const PUBLIC: Self = Self { plain: false, internal: false };
    /// Addresses the operator has written into the configuration: TLS, except to this machine itself.
    pub const CONFIGURED: Self = Self { plain: false, internal: true };
    /// Addresses the operator has written into the configuration with leave to do without TLS.
    pub const PLAIN: Self = Self { plain: true, internal: true };
}

/// What a request may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Milliseconds until the connection stands.
    pub connect_ms: u64,
    /// Milliseconds for all of it.
    pub total_ms: u64,
    /// Bytes of the answer's body.
    pub answer_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect_ms: CONNECT_MS, total_ms: TOTAL_MS, answer_bytes: ANSWER_MAX }
    }
}

/// A request. Its address may be logged and its secret headers not; an address never holds a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// What is done.
    pub method: Method,
    /// With what: an absolute address.
    pub url: Box<str>,
    /// Headers.
    pub headers: Vec<(Box<str>, Value)>,
    /// Body; empty for none.
    pub body: Vec<u8>,
    /// What it may take.
    pub limits: Limits,
    /// How far it may go.
    pub reach: Reach,
    /// Whether the other side does it once however often it is sent.
    pub repeatable: bool,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, _) = self.url.split_once('?').unwrap_or((&self.url, ""));
        write!(f, "{} {path} ({} bytes)", self.method.word(), self.body.len())
    }
}

impl Request {
    /// A request to an address of the operator's own configuration. Reading, putting and deleting are repeatable.
    #[must_use]
    pub fn new(method: Method, url: &str) -> Self {
        Self {
            method,
            url: url.into(),
            headers: Vec::new(),
            body: Vec::new(),
            limits: Limits::default(),
            reach: Reach::CONFIGURED,
            repeatable: method != Method::Post,
        }
    }

    /// A request that reads.
    #[must_use]
    pub fn get(url: &str) -> Self {
        Self::new(Method::Get, url)
    }

    /// A request that gives JSON.
    #[must_use]
    pub fn post_json(url: &str, body: Vec<u8>) -> Self {
        Self { body, ..Self::new(Method::Post, url).with("Content-Type", "application/json") }
    }

    /// With a header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), Value::Plain(value.into())));
        self
    }

    /// With a header nobody may read.
    #[must_use]
    pub fn with_secret(mut self, name: &str, value: Secret) -> Self {
        self.headers.push((name.into(), Value::Secret(value)));
        self
    }

    /// With an `Idempotency-Key`: it may be sent again without harm.
    #[must_use]
    pub fn once(self, key: &str) -> Self {
        Self { repeatable: true, ..self.with("Idempotency-Key", key) }
    }

    /// With other limits.
    #[must_use]
    pub fn within(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// With another reach.
    #[must_use]
    pub fn reaching(self, reach: Reach) -> Self {
        Self { reach, ..self }
    }

    /// Its address, if it may be asked at all.
    ///
    /// # Errors
    /// [`HttpError::Refused`].
    pub fn address(&self) -> Result<Address, HttpError> {
        let refused = |why: String| HttpError::Refused { why };
        let address = Address::parse(&self.url).map_err(|error| refused(error.to_string()))?;
        let here = address.is_loopback() && self.reach.internal;
        if !address.tls && !self.reach.plain && !here {
            return Err(refused(format!("{} is not reached by https", address.host)));
        }
        if !self.reach.internal && address.is_internal() {
            return Err(refused(format!("{} lies inside the house", address.host)));
        }
        if self.body.len() > BODY_MAX {
            return Err(refused(format!("a body of {} bytes is too large", self.body.len())));
        }
        if self.headers.len() > HEADERS_MAX {
            return Err(refused(format!("{} headers are too many", self.headers.len())));
        }
        for (name, value) in &self.headers {
            let named =
                !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
            let said = value.reveal().bytes().all(|b| b == b'\t' || (b >= b' ' && b != 0x7f));
            if !named || !said {
                return Err(refused(format!("the header {name:?} is none")));
            }
        }
        Ok(address)
    }
}

/// An answer, of whatever status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(Box<str>, Box<str>)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Response {
    /// Whether it was done: a status of 2xx.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// Whether the other side has no room or is ill, and may be well later: 408, 425, 429 and 5xx except 501 and 505.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self.status, 408 | 425 | 429) || (self.status >= 500 && !matches!(self.status, 501 | 505))
    }

    /// A header by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| &**known == name).map(|(_, value)| &**value)
    }

    /// The body as text, as far as it is UTF-8, for people: at most `most` characters.
    #[must_use]
    pub fn excerpt(&self, most: usize) -> String {
        let text = String::from_utf8_lossy(&self.body);
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(most).collect()
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// It was not even sent: the request breaks a rule of this house.
    #[error("ask another house: {why}")]
    Refused {
        /// Which.
        why: String,
    },
    /// Nobody was reached: nothing was sent.
    #[error("reach {host}: {why}")]
    Unreached {
        /// Whom.
        host: String,
        /// Why not.
        why: String,
    },
    /// It was sent, and the answer did not come or did not end: it may have been done.
    #[error("hear from {host}: {why}; it may have been done")]
    Unheard {
        /// From whom.
        host: String,
        /// Why not.
        why: String,
    },
    /// The answer is larger than it may be; it was done as far as the status says.
    #[error("hear from {host}: the answer has more than {limit} bytes")]
    TooLarge {
        /// From whom.
        host: String,
        /// How many are read.
        limit: usize,
    },
    /// The other side points elsewhere; nothing is sent there.
    #[error("ask {host}: it points to {to:?}, where nothing is sent: write that address if it is right")]
    Moved {
        /// Who.
        host: String,
        /// Where.
        to: String,
    },
    /// It failed so often lately that it is left alone for a while: nothing was sent.
    #[error("ask {host}: it failed too often and is left alone for {for_ms} ms")]
    Resting {
        /// Who.
        host: String,
        /// How long yet.
        for_ms: u64,
    },
}

impl HttpError {
    /// Whether the other side may have done what was asked.
    #[must_use]
    pub const fn may_have_arrived(&self) -> bool {
        matches!(self, Self::Unheard { .. } | Self::TooLarge { .. })
    }

    /// Whether the same request may do better later.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Unreached { .. } | Self::Unheard { .. } | Self::Resting { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::{HttpError, Reach, Request, Response, Secret};

    #[test]
    fn secrets_are_never_printed() {
        let request = Request::get("https://shop.example/a?key=1")
            .with_secret("Authorization", Secret::new("Bearer s3cret"))
            .once("k-1");
        let printed = format!("{request:?} {:?}", request.headers);
        assert!(!printed.contains("s3cret"), "{printed}");
        assert!(!format!("{request:?}").contains("key=1"));
    }

    #[test]
    fn a_request_that_breaks_a_rule_is_not_sent() {
        let refused = |request: Request| matches!(request.address(), Err(HttpError::Refused { .. }));
        assert!(refused(Request::get("http://shop.example/")), "no TLS");
        assert!(!refused(Request::get("http://127.0.0.1:9/")), "this machine itself");
        assert!(refused(Request::get("http://127.0.0.1:9/").reaching(Reach::PUBLIC)));
        assert!(refused(Request::get("https://10.0.0.7/").reaching(Reach::PUBLIC)));
        assert!(refused(Request::get("https://[::ffff:10.0.0.7]/").reaching(Reach::PUBLIC)));
        assert!(!refused(Request::get("http://shop.example/").reaching(Reach::PLAIN)));
        assert!(refused(Request::get("https://shop.example/").with("X", "a\r\nHost: b")));
        assert!(refused(Request::get("https://shop.example/").with("X Y", "a")));
        assert!(refused(Request::get("ftp://shop.example/")));
    }

    #[test]
    fn statuses_say_whether_later_is_better() {
        let of = |status| Response { status, headers: Vec::new(), body: b"a\nb".to_vec() };
        for status in [408, 425, 429, 500, 502, 503, 504] {
            assert!(of(status).is_passing(), "{status}");
        }
        for status in [200, 301, 400, 401, 404, 409, 422, 501] {
            assert!(!of(status).is_passing(), "{status}");
        }
        assert_eq!(of(200).excerpt(2), "a ");
    }
}
