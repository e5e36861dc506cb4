//! The few pages a person needs before any other: the first link, signing in, proving it again, the second factor.
//! The console draws them; here is what their forms do. No script is needed.

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use holdfast_console::page::{Page, encoded};
use holdfast_console::{Alone, SignInFailed, render_plain};

use super::body;
use super::session::{Prove, SignIn, cookies, enter, leave, prove_again, unhex, user};
use crate::app::App;
use crate::console::{fields, in_language, locale};
use crate::guard::{Who, form_field, network, peer, same_origin};
use crate::mount::Mount;
use crate::policy::Policy;
use crate::problem::Problem;

/// The page of the second factor.
const SECOND_FACTOR: &str = "/second-factor";

pub(super) fn mount() -> Mount {
    Mount::default()
        .page(Policy::Public, Method::GET, "/setup/{token}", get(setup))
        .page(Policy::Public, Method::POST, "/setup/{token}", post(set_up))
        .page(Policy::Public, Method::GET, "/sign-in", get(sign_in_page))
        .page(Policy::Public, Method::POST, "/sign-in", post(signed_in))
        .page(Policy::SignedIn, Method::GET, "/prove", get(prove_page))
        .page(Policy::SignedIn, Method::POST, "/prove", post(proved))
        .page(Policy::SignedIn, Method::GET, SECOND_FACTOR, get(factor_page))
        .page(Policy::SignedIn, Method::POST, SECOND_FACTOR, post(factor_set))
        .page(Policy::SignedIn, Method::POST, "/sign-out", post(sign_out))
}

fn drawn(page: &Alone, headers: &HeaderMap) -> Html<String> {
    Html(render_plain(page, locale(headers)))
}

fn refused(status: u16, page: &Alone, headers: &HeaderMap) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    (status, drawn(page, headers)).into_response()
}

/// Why it failed, as the page says it; `None` for what is no fault of the person's.
fn why(problem: &Problem) -> Option<SignInFailed> {
    match problem.code.as_str() {
        "sign-in-refused" => Some(SignInFailed::Wrong),
        "too-many-requests" => Some(SignInFailed::Throttled),
        "not-signed-in" => Some(SignInFailed::Expired),
        "invalid" => Some(SignInFailed::Account),
        _ => None,
    }
}

/// The page again with what was wrong, or the page of the problem.
fn again(problem: &Problem, headers: &HeaderMap, page: impl FnOnce(SignInFailed) -> Alone) -> Response {
    let page = why(problem).map_or(Alone::Problem { status: problem.status }, page);
    refused(problem.status, &page, headers)
}

/// A token's own letters: what else is in the address is not repeated.
fn clean(token: &str) -> String {
    token.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
}

/// The address of one of our own pages, with its query; anything else leads to the first page.
fn local(address: &str) -> String {
    let plain =
        address.starts_with('/') && !address.starts_with("//") && !address.contains(['\\', '\r', '\n']);
    let uri = if plain { address.parse::<Uri>().ok() } else { None };
    let known = uri.filter(|uri| {
        uri.path() == SECOND_FACTOR
            || Page::parse(uri.path(), &fields(uri.query().unwrap_or_default())).is_some()
    });
    known.map_or_else(|| "/".to_owned(), |uri| uri.to_string())
}

/// Where a person who has to prove it again goes on: the page the form was on.
#[must_use]
pub fn prove_from(headers: &HeaderMap) -> String {
    let from = body::text(headers, "referer").and_then(|address| address.parse::<Uri>().ok());
    let then = from.and_then(|uri| uri.path_and_query().map(ToString::to_string)).unwrap_or_default();
    match local(&then) {
        then if then == "/" => "/prove".to_owned(),
        then => format!("/prove?then={}", encoded(&then)),
    }
}

async fn setup(
    State(app): State<App>,
    Path(token): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(turned) = in_language(&uri) {
        return Ok(turned);
    }
    let (asked, now) = (token.clone(), app.now());
    let found = app.block(move |app| app.access.link(&asked, now)).await??;
    let token = found.map(|_| clean(&token));
    Ok(drawn(&Alone::SetUp { token, failed: None }, &headers).into_response())
}

async fn set_up(
    State(app): State<App>,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    same_origin(request.headers())?;
    let headers = request.headers().clone();
    let form = body::whole(&app, request).await?;
    let (name, password) = (field(&form, "name"), field(&form, "password"));
    let (asked, now) = (token.clone(), app.now());
    match app.block(move |app| app.access.redeem(&asked, &name, &password, now)).await? {
        Ok(_) => Ok(Redirect::to("/sign-in").into_response()),
        Err(error) => {
            let problem = Problem::from(error);
            if problem.code == "gone" {
                return Ok(refused(problem.status, &Alone::SetUp { token: None, failed: None }, &headers));
            }
            let token = Some(clean(&token));
            Ok(again(&problem, &headers, |failed| Alone::SetUp { token, failed: Some(failed) }))
        }
    }
}

fn field(form: &[u8], name: &str) -> String {
    form_field(form, name).unwrap_or_default()
}

fn code(form: &[u8]) -> Option<String> {
    form_field(form, "code").filter(|code| !code.trim().is_empty())
}

async fn sign_in_page(uri: Uri, headers: HeaderMap) -> Response {
    let page = Alone::SignIn { name: String::new(), failed: None };
    in_language(&uri).unwrap_or_else(|| drawn(&page, &headers).into_response())
}

async fn signed_in(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    same_origin(request.headers())?;
    let headers = request.headers().clone();
    let address = network(peer(&app, &request)).to_string();
    let form = body::whole(&app, request).await?;
    let name = field(&form, "name");
    let given = SignIn { name: name.clone(), password: field(&form, "password"), code: code(&form) };
    Ok(match enter(&app, &headers, address, given).await {
        Ok(signed) => (cookies(&app, &signed), Redirect::to("/")).into_response(),
        Err(problem) => again(&problem, &headers, |failed| Alone::SignIn { name, failed: Some(failed) }),
    })
}

fn token_of(who: &Who) -> String {
    who.principal().and_then(|principal| principal.csrf.clone()).unwrap_or_default()
}

async fn prove_page(who: Who, uri: Uri, headers: HeaderMap) -> Html<String> {
    let then = local(fields(uri.query().unwrap_or_default()).one("then"));
    drawn(&Alone::Prove { csrf: token_of(&who), then, failed: None }, &headers)
}

async fn proved(State(app): State<App>, who: Who, request: Request) -> Result<Response, Problem> {
    let headers = request.headers().clone();
    let address = network(peer(&app, &request)).to_string();
    let form = body::whole(&app, request).await?;
    let then = local(&field(&form, "then"));
    let given = Prove { password: field(&form, "password"), code: code(&form) };
    Ok(match prove_again(&app, &headers, address, given).await {
        Ok(signed) => (cookies(&app, &signed), Redirect::to(&then)).into_response(),
        Err(problem) => {
            let csrf = token_of(&who);
            again(&problem, &headers, |failed| Alone::Prove { csrf, then, failed: Some(failed) })
        }
    })
}

/// The second factor: whether there is one, and a fresh secret to set one up with.
async fn factor_page(
    State(app): State<App>,
    who: Who,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(turned) = in_language(&uri) {
        return Ok(turned);
    }
    if who.proved_lately(&app).is_err() {
        return Ok(Redirect::to(&format!("/prove?then={SECOND_FACTOR}")).into_response());
    }
    let (_, name) = user(&who)?;
    let there = who.principal().is_some_and(|principal| principal.second_factor);
    let (secret, address) = app.access.totp_offer(&name);
    let secret = crate::planning::hex(&secret);
    let page = Alone::SecondFactor { csrf: token_of(&who), there, secret, address, failed: false };
    Ok(drawn(&page, &headers).into_response())
}

async fn factor_set(State(app): State<App>, who: Who, request: Request) -> Result<Response, Problem> {
    let headers = request.headers().clone();
    // Whoever finds a browser open must not put their own second factor in the owner's place.
    if who.proved_lately(&app).is_err() {
        return Ok(Redirect::to(&format!("/prove?then={SECOND_FACTOR}")).into_response());
    }
    let (id, name) = user(&who)?;
    let form = body::whole(&app, request).await?;
    let secret = unhex(&field(&form, "secret"));
    let (given, now) = (field(&form, "code"), app.now());
    let right = match secret.clone() {
        Some(secret) => {
            app.block(move |app| app.access.totp_confirm(id, &secret, given.trim(), now)).await??
        }
        None => false,
    };
    if right {
        return Ok(Redirect::to("/?done=done-second-factor").into_response());
    }
    // The same secret again: an authenticator has read it already.
    let (secret, address) = match secret {
        Some(secret) => {
            let address = app.access.totp_address(&name, &secret);
            (secret, address)
        }
        None => app.access.totp_offer(&name),
    };
    let there = who.principal().is_some_and(|principal| principal.second_factor);
    let secret = crate::planning::hex(&secret);
    let page = Alone::SecondFactor { csrf: token_of(&who), there, secret, address, failed: true };
    Ok(refused(422, &page, &headers))
}

async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    let left = leave(&app, &headers).await?;
    let gone = left.headers().get(header::SET_COOKIE).cloned();
    let mut response = Redirect::to("/sign-in").into_response();
    if let Some(gone) = gone {
        response.headers_mut().insert(header::SET_COOKIE, gone);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn nobody_is_led_away_from_the_house() {
        for (given, to) in [
            ("/incidents/inc-0?from=40", "/incidents/inc-0?from=40"),
            ("/second-factor", "/second-factor"),
            ("//evil.example/", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example/", "/"),
            ("/assets/console.js", "/"),
            ("", "/"),
        ] {
            assert_eq!(local(given), to, "{given}");
        }
    }
}
