//! The client: one request, one answer, within its limits.

use std::io::Read as _;
use std::time::Duration;

use holdfast_connect::http::{Http, HttpError, Method, Request, Response};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Timeout, http};

use crate::inside::{Inside, OutsideOnly};

/// Bytes of an answer's head.
const HEAD_MAX: usize = 32 << 10;
/// Connections kept open to one house.
const IDLE_MAX: usize = 4;
/// How long an idle connection is kept: shorter than the keep-alive of common servers, so that a request is seldom
/// sent into a connection the other side is just closing.
const IDLE_AGE: Duration = Duration::from_secs(4);

/// Asks by HTTP/1.1 and TLS.
#[derive(Debug)]
pub struct Client {
    anywhere: Agent,
    outside: Agent,
}

impl Default for Client {
    fn default() -> Self {
        Self::new()
    }
}

impl Client {
    /// A client. It keeps a few connections open for a few seconds.
    #[must_use]
    pub fn new() -> Self {
        let config = || {
            Agent::config_builder()
                .http_status_as_error(false)
                // A redirect could lead a token to another house: none is followed.
                .max_redirects(0)
                .max_redirects_will_error(false)
                // The environment's proxy is not asked: names are looked up and checked here.
                .proxy(None)
                .user_agent(concat!("holdfast/", env!("CARGO_PKG_VERSION")))
                .max_response_header_size(HEAD_MAX)
                .max_idle_connections_per_host(IDLE_MAX)
                .max_idle_age(IDLE_AGE)
                .build()
        };
        Self {
            anywhere: Agent::new_with_config(config()),
            outside: Agent::with_parts(config(), DefaultConnector::new(), OutsideOnly::default()),
        }
    }
}

const fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Delete => http::Method::DELETE,
    }
}

impl Http for Client {
    fn send(&self, request: &Request) -> Result<Response, HttpError> {
        let host = request.address()?.host;
        let mut head = http::Request::builder().method(method(request.method)).uri(&*request.url);
        for (name, value) in &request.headers {
            let mut said = http::HeaderValue::from_str(value.reveal())
                .map_err(|_| HttpError::Refused { why: format!("the header {name:?} is none") })?;
            said.set_sensitive(matches!(value, holdfast_connect::http::Value::Secret(_)));
            head = head.header(&**name, said);
        }
        let agent = if request.reach.internal { &self.anywhere } else { &self.outside };
        let answer = if request.body.is_empty() && request.method != Method::Post {
            let made = head.body(()).map_err(|error| HttpError::Refused { why: error.to_string() })?;
            agent.run(timed(agent, made, request))
        } else {
            let made = head
                .body(&request.body[..])
                .map_err(|error| HttpError::Refused { why: error.to_string() })?;
            agent.run(timed(agent, made, request))
        };
        let answer = answer.map_err(|error| told(&error, &host))?;
        read(answer, request, host)
    }
}

fn timed<S: ureq::AsSendBody>(agent: &Agent, made: http::Request<S>, request: &Request) -> http::Request<S> {
    let connect = Duration::from_millis(request.limits.connect_ms);
    agent
        .configure_request(made)
        .timeout_resolve(Some(connect))
        .timeout_connect(Some(connect))
        .timeout_global(Some(Duration::from_millis(request.limits.total_ms)))
        .build()
}

fn read(answer: http::Response<ureq::Body>, request: &Request, host: String) -> Result<Response, HttpError> {
    let status = answer.status().as_u16();
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    if (300..400).contains(&status) && status != 304 {
        let to = answer.headers().get("location").map(text).unwrap_or_default();
        return Err(HttpError::Moved { host, to: to.chars().take(200).collect() });
    }
    let headers =
        answer.headers().iter().map(|(name, value)| (name.as_str().into(), text(value).into())).collect();
    let limit = request.limits.answer_bytes;
    let mut body = Vec::new();
    // One byte more than may come tells an answer that is too large from one that just fits.
    let mut reader = answer.into_body().into_with_config().limit(u64::MAX).reader().take(limit as u64 + 1);
    if let Err(error) = reader.read_to_end(&mut body) {
        return Err(HttpError::Unheard { host, why: error.to_string() });
    }
    if body.len() > limit {
        return Err(HttpError::TooLarge { host, limit });
    }
    Ok(Response { status, headers, body })
}

/// What an error of the library is to us: whether anything was sent.
fn told(error: &ureq::Error, host: &str) -> HttpError {
    use std::io::ErrorKind as K;
    let (host, why) = (host.to_owned(), error.to_string());
    match error {
        ureq::Error::Other(cause) if cause.is::<Inside>() => {
            HttpError::Refused { why: format!("{host}: {why}") }
        }
        ureq::Error::BadUri(_) | ureq::Error::Http(_) | ureq::Error::RequireHttpsOnly(_) => {
            HttpError::Refused { why }
        }
        ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed
        | ureq::Error::Tls(_)
        | ureq::Error::TlsRequired
        | ureq::Error::Rustls(_)
        | ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => HttpError::Unreached { host, why },
        ureq::Error::Io(cause)
            if matches!(
                cause.kind(),
                K::ConnectionRefused | K::HostUnreachable | K::NetworkUnreachable | K::AddrNotAvailable
            ) || is_before(&why) =>
        {
            HttpError::Unreached { host, why }
        }
        _ => HttpError::Unheard { host, why },
    }
}

/// Whether an error's words are those of a look-up or a handshake that failed: the system gives these no kind of their
/// own, and both come before the first byte of a request.
fn is_before(why: &str) -> bool {
    why.contains("failed to lookup address") || why.contains("invalid peer certificate")
}
