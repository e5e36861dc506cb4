//! Signing in and out, proving it again, the second factor.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use holdfast_access::{Attempt, Denied, LinkError, SignedIn};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::body::{self, Json};
use crate::app::App;
use crate::guard::{self, Who, cookie, network, peer, same_origin};
use crate::mount::Mount;
use crate::policy::Policy;
use crate::problem::Problem;

/// How long a device is known, in seconds: a year.
const DEVICE_S: i64 = 365 * 86_400;

/// What somebody signs in with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Name of the account.
    pub name: String,
    /// Password.
    pub password: String,
    /// Code of the second factor, if one is set up.
    #[serde(default)]
    pub code: Option<String>,
}

/// What somebody proves it again with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Prove {
    /// Password.
    pub password: String,
    /// Code of the second factor, if one is set up.
    #[serde(default)]
    pub code: Option<String>,
}

/// A one-time link redeemed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Redeem {
    /// The link's token.
    pub token: String,
    /// Name of the new account.
    pub name: String,
    /// Its password: 12 characters or more.
    pub password: String,
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub struct Me {
    /// Code by which the journal knows them.
    pub actor: String,
    /// Name.
    pub name: String,
    /// Role.
    pub role: String,
    /// Rights.
    pub rights: Vec<String>,
    /// The only merchant they may see.
    pub merchant: Option<String>,
    /// Token to send back as `X-CSRF-Token` with every request that changes something.
    pub csrf: Option<String>,
    /// Whether a second factor is set up.
    pub second_factor: bool,
}

/// A second factor to set up.
#[derive(Serialize, ToSchema)]
pub struct FactorOffer {
    /// The secret, to be sent back with a code of it.
    pub secret: String,
    /// The address an authenticator reads.
    pub address: String,
}

/// A second factor confirmed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FactorConfirm {
    /// The offered secret.
    pub secret: String,
    /// A code of it.
    pub code: String,
}

pub(super) fn mount() -> Mount {
    Mount::default()
        .api(Policy::Public, routes!(redeem))
        .api(Policy::Public, routes!(sign_in))
        .api(Policy::SignedIn, routes!(me))
        .api(Policy::SignedIn, routes!(sign_out))
        .api(Policy::SignedIn, routes!(prove))
        .api(Policy::SignedIn, routes!(factor_offer))
        .api(Policy::SignedIn, routes!(factor_confirm))
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Throttled { retry_ms } => Self::too_many(u64::try_from(retry_ms / 1000 + 1).unwrap_or(1)),
            Denied::Busy => Self::busy("too many sign-ins at once"),
            Denied::Wrong => Self::new("sign-in-refused", denied.to_string(), "check them and try again"),
            Denied::CodeNeeded => Self::new("sign-in-refused", denied.to_string(), "send the code as well"),
            Denied::Access(error) => error.into(),
        }
    }
}

impl From<LinkError> for Problem {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Gone => Self::new("gone", error.to_string(), "ask for another link"),
            LinkError::Password(why) => Self::field("password", why.to_string()),
            LinkError::Name(why) => Self::field("name", why),
            LinkError::Busy => Self::busy("too many sign-ins at once"),
            LinkError::Access(error) => error.into(),
        }
    }
}

/// Redeems a one-time link: makes the account, or gives it a new password.
#[utoipa::path(post, path = "/api/v1/session/redeem", tag = "session", request_body = Redeem, responses(
    (status = 204, description = "Done: sign in now"),
    (status = 410, description = "The link is gone", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "Name or password is not taken", body = Problem, content_type = "application/problem+json")))]
async fn redeem(
    State(app): State<App>,
    headers: HeaderMap,
    Json(given): Json<Redeem>,
) -> Result<StatusCode, Problem> {
    same_origin(&headers)?;
    let now = app.now();
    app.block(move |app| app.access.redeem(&given.token, &given.name, &given.password, now)).await??;
    Ok(StatusCode::NO_CONTENT)
}

/// Signs in; the session comes as a cookie.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", request_body = SignIn, responses(
    (status = 200, description = "Signed in", body = Me),
    (status = 401, description = "Refused", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "Too many attempts", body = Problem, content_type = "application/problem+json")))]
async fn sign_in(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    same_origin(request.headers())?;
    let headers = request.headers().clone();
    let address = network(peer(&app, &request)).to_string();
    let given: SignIn = body::parse(&body::whole(&app, request).await?)?;
    let signed = enter(&app, &headers, address, given).await?;
    Ok((cookies(&app, &signed), axum::Json(about(&signed.principal))).into_response())
}

/// Signs somebody in, wherever the form comes from.
///
/// # Errors
/// A problem: wrong, throttled, busy.
pub async fn enter(
    app: &App,
    headers: &HeaderMap,
    address: String,
    given: SignIn,
) -> Result<SignedIn, Problem> {
    let attempt = Attempt {
        name: given.name,
        password: given.password,
        code: given.code,
        address,
        device: cookie(headers, guard::DEVICE_COOKIE),
    };
    let now = app.now();
    Ok(app.block(move |app| app.access.sign_in(&attempt, now)).await??)
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/v1/session", tag = "session", responses(
    (status = 200, description = "Who", body = Me),
    (status = 401, description = "Nobody", body = Problem, content_type = "application/problem+json")))]
async fn me(who: Who) -> Result<axum::Json<Me>, Problem> {
    let principal = who.principal().ok_or_else(|| Problem::not_found("session"))?;
    Ok(axum::Json(about(principal)))
}

/// Signs out.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session", responses((status = 204, description = "Signed out")))]
async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    leave(&app, &headers).await
}

/// Ends the session a request came with.
///
/// # Errors
/// A problem when the file of accounts fails.
pub async fn leave(app: &App, headers: &HeaderMap) -> Result<Response, Problem> {
    if let Some(token) = guard::session_token(headers) {
        app.block(move |app| app.access.session_end(&token)).await??;
    }
    let gone = cookie_of(app, "", 0);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, gone)]).into_response())
}

/// Proves again who one is; the session gets a new secret.
#[utoipa::path(post, path = "/api/v1/session/prove", tag = "session", request_body = Prove, responses(
    (status = 200, description = "Proved", body = Me),
    (status = 401, description = "Refused", body = Problem, content_type = "application/problem+json")))]
async fn prove(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let headers = request.headers().clone();
    let address = network(peer(&app, &request)).to_string();
    let given: Prove = body::parse(&body::whole(&app, request).await?)?;
    let signed = prove_again(&app, &headers, address, given).await?;
    Ok((cookies(&app, &signed), axum::Json(about(&signed.principal))).into_response())
}

/// Proves again who holds the session a request came with.
///
/// # Errors
/// A problem: wrong, throttled, no session.
pub async fn prove_again(
    app: &App,
    headers: &HeaderMap,
    address: String,
    given: Prove,
) -> Result<SignedIn, Problem> {
    let Some(token) = guard::session_token(headers) else {
        return Err(Problem::new("not-signed-in", "an API key has nothing to prove", "sign in as a person"));
    };
    let attempt = Attempt {
        name: String::new(),
        password: given.password,
        code: given.code,
        address,
        device: cookie(headers, guard::DEVICE_COOKIE),
    };
    let now = app.now();
    Ok(app.block(move |app| app.access.prove_again(&token, &attempt, now)).await??)
}

/// Offers a second factor: a secret for an authenticator.
#[utoipa::path(post, path = "/api/v1/session/second-factor", tag = "session", responses((status = 200, description = "The offer", body = FactorOffer)))]
async fn factor_offer(State(app): State<App>, who: Who) -> Result<axum::Json<FactorOffer>, Problem> {
    let (_, name) = user(&who)?;
    let (secret, address) = app.access.totp_offer(&name);
    Ok(axum::Json(FactorOffer { secret: crate::planning::hex(&secret), address }))
}

/// Sets the second factor up with a code of it.
#[utoipa::path(put, path = "/api/v1/session/second-factor", tag = "session", request_body = FactorConfirm, responses(
    (status = 204, description = "Set up"),
    (status = 403, description = "Prove again who you are first", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "The code is wrong", body = Problem, content_type = "application/problem+json")))]
async fn factor_confirm(
    State(app): State<App>,
    who: Who,
    Json(given): Json<FactorConfirm>,
) -> Result<StatusCode, Problem> {
    let (id, _) = user(&who)?;
    // Whoever finds a browser open must not put their own second factor in the owner's place.
    who.proved_lately(&app)?;
    let secret =
        unhex(&given.secret).ok_or_else(|| Problem::field("secret", "it is not the one that was offered"))?;
    let now = app.now();
    let right = app.block(move |app| app.access.totp_confirm(id, &secret, &given.code, now)).await??;
    if right {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::field("code", "it is not a code of this secret now"))
    }
}

pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !(32..=128).contains(&text.len()) || !text.is_ascii() {
        return None;
    }
    let pair = |pair: &[u8]| u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok();
    text.as_bytes().chunks(2).map(pair).collect()
}

pub(super) fn user(who: &Who) -> Result<(i64, String), Problem> {
    let principal = who.principal().ok_or_else(|| Problem::not_found("account"))?;
    let id = principal.actor.strip_prefix("user:").and_then(|id| id.parse().ok());
    let id = id
        .ok_or_else(|| Problem::new("forbidden", "an API key has no second factor", "sign in as a person"))?;
    Ok((id, principal.name.clone()))
}

/// What is told of somebody about themselves.
#[must_use]
pub fn about(principal: &holdfast_access::Principal) -> Me {
    Me {
        actor: principal.actor.clone(),
        name: principal.name.clone(),
        role: principal.role.word().to_owned(),
        rights: principal.rights.words().into_iter().map(ToOwned::to_owned).collect(),
        merchant: principal.merchant.clone(),
        csrf: principal.csrf.clone(),
        second_factor: principal.second_factor,
    }
}

/// The cookies of a session that begins.
#[must_use]
pub fn cookies(app: &App, signed: &SignedIn) -> HeaderMap {
    let mut out = HeaderMap::new();
    let seconds = app.access.options().session_ms / 1000;
    out.append(header::SET_COOKIE, cookie_of(app, &signed.session, seconds));
    if let Some(device) = &signed.device {
        let secure = if is_secure(app) { "; Secure" } else { "" };
        let text = format!(
            "{}={device}; Path=/; HttpOnly; SameSite=Strict; Max-Age={DEVICE_S}{secure}",
            guard::DEVICE_COOKIE
        );
        out.append(header::SET_COOKIE, value(text));
    }
    out
}

fn cookie_of(app: &App, token: &str, seconds: i64) -> HeaderValue {
    let (name, secure) =
        if is_secure(app) { (guard::SESSION_COOKIE, "; Secure") } else { (guard::SESSION_COOKIE_PLAIN, "") };
    value(format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}"))
}

fn value(text: String) -> HeaderValue {
    HeaderValue::from_str(&text).expect("a cookie of ours holds letters, digits and punctuation only")
}

/// Whether people reach the service by TLS, its own or a proxy's.
fn is_secure(app: &App) -> bool {
    app.config.tls.is_some() || app.config.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
}
