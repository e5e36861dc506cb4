//! The guard in front of every route: who asks, whether they may, how often, and whether they meant it.

use std::net::IpAddr;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use holdfast_access::{Principal, Right};
use holdfast_domain::id::{MerchantId, OrderId, SkuId};
use holdfast_domain::order::Order;
use holdfast_domain::state::{NameKind, State as DomainState};

use crate::app::App;
use crate::once;
use crate::policy::{Policy, Scope};
use crate::problem::Problem;
use crate::routes::body::raw;

/// Name of the session's cookie. The prefix makes browsers keep it to this host, over TLS only.
pub const SESSION_COOKIE: &str = "__Host-holdfast";
/// Its name where there is no TLS: on this machine, to try things out.
pub const SESSION_COOKIE_PLAIN: &str = "holdfast";
/// Name of the known device's cookie.
pub const DEVICE_COOKIE: &str = "holdfast-device";
/// The field and the header that carry the session's token against forged requests.
pub const CSRF_FIELD: &str = "csrf";
/// As [`CSRF_FIELD`], as a header.
pub const CSRF_HEADER: &str = "x-csrf-token";
/// The route of webhooks: what they send is bounded by connections, bodies and signatures, not by requests a minute.
const HOOKS: &str = "/hooks/{connection}";
/// On every answer of a service that follows: how the writer is reached.
const WRITER_HEADER: &str = "holdfast-writer";
/// Largest form a page may send.
const FORM_MAX: usize = 1 << 20;

/// The address a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who(Option<Principal>);

impl Who {
    /// Somebody known.
    #[must_use]
    pub const fn known(principal: Principal) -> Self {
        Self(Some(principal))
    }

    /// Who it is, if known.
    #[must_use]
    pub const fn principal(&self) -> Option<&Principal> {
        self.0.as_ref()
    }

    /// The code the journal knows them by.
    #[must_use]
    pub fn actor(&self) -> &str {
        self.0.as_ref().map_or("anybody", |principal| principal.actor.as_str())
    }

    /// Makes sure that a person has proved lately who they are, for routes whose policy does not ask for it.
    ///
    /// # Errors
    /// A problem that says where to prove it.
    pub fn proved_lately(&self, app: &App) -> Result<(), Problem> {
        let principal = self.0.as_ref();
        if principal.is_some_and(|principal| is_fresh(app, principal)) { Ok(()) } else { Err(prove_again()) }
    }

    /// Whether they have the right.
    #[must_use]
    pub fn has(&self, right: Right) -> bool {
        self.0.as_ref().is_some_and(|principal| principal.rights.has(right))
    }

    /// The merchant they are limited to: `None` for the operator's own people. A limit to a merchant that does not
    /// exist sees nothing.
    #[must_use]
    pub fn limit(&self, state: &DomainState) -> Option<MerchantId> {
        let code = self.0.as_ref()?.merchant.as_ref()?;
        Some(state.named(NameKind::Merchant, MerchantId(0), code).unwrap_or(MerchantId(u16::MAX)))
    }

    /// Whether they may see this merchant's data.
    #[must_use]
    pub fn may_see(&self, state: &DomainState, merchant: MerchantId) -> bool {
        self.0.is_some() && self.limit(state).is_none_or(|limit| limit == merchant)
    }

    /// The live order, if they may see it.
    ///
    /// # Errors
    /// A problem that does not tell another merchant's order from one that is not there.
    pub fn order<'a>(&self, state: &'a DomainState, id: OrderId) -> Result<&'a Order, Problem> {
        let missing = || Problem::not_found("order");
        match state.order(id) {
            Ok(order) if self.may_see(state, order.merchant) => Ok(order),
            Ok(_) => Err(missing()),
            // Whose an archived order was is in its record; a merchant's caller is not told of it here.
            Err(_) if self.limit(state).is_some() => Err(missing()),
            Err(rejection) => Err(rejection.into()),
        }
    }

    /// The SKU's merchant, if they may see it.
    ///
    /// # Errors
    /// As [`Who::order`].
    pub fn sku(&self, state: &DomainState, sku: SkuId) -> Result<MerchantId, Problem> {
        let merchant = state.network.skus.get(sku).map(|sku| sku.merchant);
        merchant.filter(|merchant| self.may_see(state, *merchant)).ok_or_else(|| Problem::not_found("SKU"))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Who {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Every route is mounted behind the guard, which puts it there.
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or(Self(None)))
    }
}

/// What the guard of one route has.
#[derive(Clone)]
pub struct Guarded {
    /// The app.
    pub app: App,
    /// The route's policy.
    pub policy: Policy,
}

/// Lets a request through to its handler, or not.
pub async fn guard(State(guarded): State<Guarded>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let Guarded { app, policy } = guarded;
    let (method, headers) = (request.method().clone(), request.headers().clone());
    let route = request.extensions().get::<axum::extract::MatchedPath>().map(|path| path.as_str().to_owned());
    let principal = identify(&app, &headers);
    let caller = match &principal {
        Some(principal) => principal.actor.clone(),
        None => network(peer(&app, &request)).to_string(),
    };
    let mut left = app.rate.take(&caller, app.now());
    // A shop's burst comes from few addresses, and a shop gives up on a hook that answers 429.
    left.passes |= route.as_deref() == Some(HOOKS);
    let followed = app.service.followed();
    let reads = matches!(method, Method::GET | Method::HEAD | Method::OPTIONS);
    let mut response = if let (Some(followed), false) = (&followed, reads) {
        Problem::not_the_writer(followed.writer.as_deref()).into_response()
    } else if left.passes {
        match admit(&app, policy, principal.as_ref(), &method, &headers, &mut request).await {
            Ok(()) => {
                request.extensions_mut().insert(Who(principal));
                let (mut response, replayed) =
                    once::answer(format!("{method} {}", request.uri().path()), next.run(request)).await;
                if replayed {
                    response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
                }
                response
            }
            Err(problem) => refuse(problem, &method, &headers),
        }
    } else {
        Problem::too_many(left.seconds).into_response()
    };
    response = as_problem(response);
    let fields = response.headers_mut();
    let text = |text: String| HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""));
    fields.insert("ratelimit-policy", text(app.rate.policy()));
    fields.insert("ratelimit", text(format!("\"default\";r={};t={}", left.left, left.seconds)));
    if let Some(followed) = followed {
        // What is read here may be older than what the writer has: say how much.
        if let Some(age) = followed.age {
            fields.insert(header::AGE, text(age.as_secs_f64().ceil().to_string()));
        }
        fields.insert(WRITER_HEADER, text(followed.writer.unwrap_or_default()));
    }
    secure(fields, app.config.tls.is_some());
    log(&app, &method, route.as_deref(), &caller, &response, started);
    response
}

/// What the router itself refuses (a query or a path that cannot be read) is a problem like every other.
fn as_problem(response: Response) -> Response {
    let plain = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if response.status() == StatusCode::BAD_REQUEST && plain {
        let action = "see /openapi.json for the path and the query of this route";
        return Problem::new("malformed", "the path or the query cannot be read", action).into_response();
    }
    response
}

/// A person at a browser is led to the sign-in; everybody else is told the problem.
fn refuse(problem: Problem, method: &Method, headers: &HeaderMap) -> Response {
    let html = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    match problem.code.as_str() {
        "not-signed-in" if html && *method == Method::GET => Redirect::to("/sign-in").into_response(),
        "prove-again" if html => Redirect::to(&crate::routes::pages::prove_from(headers)).into_response(),
        _ => problem.into_response(),
    }
}

async fn admit(
    app: &App,
    policy: Policy,
    principal: Option<&Principal>,
    method: &Method,
    headers: &HeaderMap,
    request: &mut Request,
) -> Result<(), Problem> {
    let signed_in = || {
        principal.ok_or_else(|| {
            Problem::new(
                "not-signed-in",
                "nobody is signed in",
                "sign in, or send an API key as a bearer token",
            )
        })
    };
    match policy {
        Policy::Public => {}
        Policy::SignedIn => {
            signed_in()?;
        }
        Policy::Right { right, scope, fresh } => {
            let principal = signed_in()?;
            if !principal.rights.has(right) || (scope == Scope::All && principal.merchant.is_some()) {
                return Err(Problem::new(
                    "forbidden",
                    format!("this needs the right {}", right.word()),
                    "ask an admin for a role or an API key that has it",
                ));
            }
            if fresh && !is_fresh(app, principal) {
                return Err(prove_again());
            }
        }
    }
    // What anybody may do carries a proof of its own, and must work for those who are signed in too.
    let safe = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) || policy == Policy::Public;
    if let (false, Some(csrf)) = (safe, principal.and_then(|principal| principal.csrf.as_deref())) {
        meant(app, csrf, headers, request).await?;
    }
    Ok(())
}

/// Whether a person has proved lately who they are; a program has nothing to prove.
fn is_fresh(app: &App, principal: &Principal) -> bool {
    principal.proved.is_none_or(|at| app.now() - at <= app.access.options().proof_ms)
}

fn prove_again() -> Problem {
    Problem::new(
        "prove-again",
        "this act needs a proof of who you are that is not older than ten minutes",
        "prove it at /api/v1/session/prove and ask again",
    )
}

/// A browser's cookie comes along with any request, so a request that changes something has to show that a page of
/// ours has made it: by where it says it comes from, and by the session's token.
async fn meant(app: &App, csrf: &str, headers: &HeaderMap, request: &mut Request) -> Result<(), Problem> {
    same_origin(headers)?;
    let forged =
        || Problem::new("forged", "the request does not carry the session's token", "load the page again");
    let matches = |given: &[u8]| bool::from(subtle::ConstantTimeEq::ct_eq(given, csrf.as_bytes()));
    if let Some(given) = headers.get(CSRF_HEADER) {
        return if matches(given.as_bytes()) { Ok(()) } else { Err(forged()) };
    }
    let form = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if !form {
        return Err(forged());
    }
    let body = std::mem::replace(request.body_mut(), Body::empty());
    let bytes = raw(app, body, FORM_MAX).await?;
    let given =
        form_field(&bytes, CSRF_FIELD).or_else(|| form_field(&bytes, holdfast_console::act::CSRF_FIELD));
    *request.body_mut() = Body::from(bytes);
    if given.is_some_and(|given| matches(given.as_bytes())) { Ok(()) } else { Err(forged()) }
}

/// Refuses what another site's page has sent.
///
/// # Errors
/// A problem for a request whose browser says it comes from elsewhere.
pub fn same_origin(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let forged = || {
        Problem::new("forged", "the request comes from another site's page", "use this service's own pages")
    };
    match text("sec-fetch-site") {
        Some("same-origin" | "none") => return Ok(()),
        Some(_) => return Err(forged()),
        None => {}
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => {
            let from = origin.split_once("://").map(|(_, from)| from);
            if from == Some(host) { Ok(()) } else { Err(forged()) }
        }
        // No browser of this decade sends neither; the token still has to be right.
        (None, _) => Ok(()),
        (Some(_), None) => Err(forged()),
    }
}

/// A field of a form.
#[must_use]
pub fn form_field(bytes: &[u8], name: &str) -> Option<String> {
    let text = core::str::from_utf8(bytes).ok()?;
    let mut pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| unescape(key) == name).map(|(_, value)| unescape(value))
}

/// Undoes a form's escapes.
#[must_use]
pub fn unescape(text: &str) -> String {
    let (mut out, bytes, mut at) = (Vec::new(), text.as_bytes(), 0);
    while let Some(byte) = bytes.get(at) {
        let hex = || text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (byte, (*byte == b'%').then(hex).flatten()) {
            (_, Some(byte)) => {
                out.push(byte);
                at += 3;
                continue;
            }
            (b'+', None) => out.push(b' '),
            (byte, None) => out.push(*byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// What a request proves who it is with: an API key, or else a session's secret.
#[must_use]
pub fn proof(headers: &HeaderMap) -> Option<String> {
    match headers.get(header::AUTHORIZATION) {
        Some(given) => Some(given.to_str().ok()?.strip_prefix("Bearer ")?.trim().to_owned()),
        None => session_token(headers),
    }
}

fn identify(app: &App, headers: &HeaderMap) -> Option<Principal> {
    if let Some(given) = headers.get(header::AUTHORIZATION) {
        // Whoever sends a key is known by it alone, never by a cookie beside it.
        let token = given.to_str().ok()?.strip_prefix("Bearer ")?;
        return app.access.key(token.trim());
    }
    app.access.session(&session_token(headers)?, app.now())
}

/// The session's secret, from its cookie.
#[must_use]
pub fn session_token(headers: &HeaderMap) -> Option<String> {
    cookie(headers, SESSION_COOKIE).or_else(|| cookie(headers, SESSION_COOKIE_PLAIN))
}

/// A cookie.
#[must_use]
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

/// The address a request comes from: the last one a trusted proxy has added, or the connection's own.
#[must_use]
pub fn peer(app: &App, request: &Request) -> IpAddr {
    let own = request.extensions().get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0);
    if !app.config.behind_proxy {
        return own;
    }
    // Some proxies write a line of their own behind the sender's: the last address of the last line is theirs.
    let forwarded = request.headers().get_all("x-forwarded-for").iter().next_back();
    let forwarded = forwarded.and_then(|value| value.to_str().ok());
    forwarded.and_then(|list| list.rsplit(',').next()?.trim().parse().ok()).unwrap_or(own)
}

/// What stands for an address when requests or guesses are counted: whoever has one address of IPv6 has the 2^64 of its
/// network.
#[must_use]
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            IpAddr::V6(std::net::Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)))
        }
    }
}

/// The headers that keep a page from being framed, sniffed, scripted from elsewhere or remembered.
fn secure(fields: &mut HeaderMap, tls: bool) {
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                  font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    for (name, value) in [
        ("content-security-policy", policy),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ] {
        // A page that is made for another policy brings it along.
        fields.entry(name).or_insert(HeaderValue::from_static(value));
    }
    fields.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if tls {
        fields.insert("strict-transport-security", HeaderValue::from_static("max-age=31536000"));
    }
}

/// One line for a request: its route and not its path, because a path may hold a number that leads to a person.
fn log(app: &App, method: &Method, route: Option<&str>, caller: &str, response: &Response, started: Instant) {
    use std::sync::atomic::Ordering::Relaxed;
    let status = response.status();
    let took = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let class = usize::from(status.as_u16() / 100).clamp(1, 5) - 1;
    app.counters.requests[class].fetch_add(1, Relaxed);
    app.counters.took_ms.fetch_add(took, Relaxed);
    let (route, status) = (route.unwrap_or("-"), status.as_u16());
    if status >= StatusCode::INTERNAL_SERVER_ERROR.as_u16() {
        tracing::warn!(%method, route, status, took, caller, "request");
    } else {
        tracing::info!(%method, route, status, took, caller, "request");
    }
}

#[cfg(test)]
mod tests {
    use super::{form_field, network, same_origin};
    use axum::http::{HeaderMap, HeaderValue};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(k, v)| (k.parse().unwrap(), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn another_sites_page_is_refused() {
        assert!(same_origin(&headers(&[("sec-fetch-site", "same-origin")])).is_ok());
        assert!(same_origin(&headers(&[("sec-fetch-site", "cross-site")])).is_err());
        assert!(same_origin(&headers(&[("sec-fetch-site", "same-site")])).is_err());
        assert!(same_origin(&headers(&[("origin", "https://a.example"), ("host", "a.example")])).is_ok());
        assert!(same_origin(&headers(&[("origin", "https://b.example"), ("host", "a.example")])).is_err());
        assert!(same_origin(&headers(&[("origin", "null"), ("host", "a.example")])).is_err());
    }

    #[test]
    fn a_network_counts_as_one_sender() {
        let of = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("2001:db8:1:2:ffff::1"), of("2001:db8:1:2::7"));
        assert_eq!(
            (of("::ffff:192.0.2.7"), of("192.0.2.7")),
            ("192.0.2.7".to_owned(), "192.0.2.7".to_owned())
        );
    }

    #[test]
    fn forms_are_read_as_browsers_write_them() {
        assert_eq!(form_field(b"a=1&csrf=x%2By+z", "csrf").as_deref(), Some("x+y z"));
        assert_eq!(form_field("name=%EA%B9%80".as_bytes(), "name").as_deref(), Some("김"));
        assert_eq!(form_field(b"a=%zz&b=%", "a").as_deref(), Some("%zz"));
        assert_eq!(form_field(b"a", "a"), None);
    }
}
