//! The few pages a person needs before any other: the first link, signing in, proving it again. No script.

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::body;
use super::session::{Prove, SignIn, cookies, enter, leave, prove_again};
use holdfast_access::Right;

use crate::app::App;
use crate::guard::{Who, form_field, network, peer, same_origin};
use crate::mount::Mount;
use crate::policy::Policy;
use crate::problem::Problem;

pub(super) fn mount() -> Mount {
    Mount::default()
        .page(Policy::Public, Method::GET, "/setup/{token}", get(setup))
        .page(Policy::Public, Method::POST, "/setup/{token}", post(set_up))
        .page(Policy::Public, Method::GET, "/sign-in", get(sign_in_page))
        .page(Policy::Public, Method::POST, "/sign-in", post(signed_in))
        .page(Policy::SignedIn, Method::GET, "/prove", get(prove_page))
        .page(Policy::SignedIn, Method::POST, "/prove", post(proved))
        .page(Policy::SignedIn, Method::POST, "/sign-out", post(sign_out))
        .page(Policy::Public, Method::GET, "/sign-in.css", get(style))
        .page(Policy::all(Right::CommandIncidents), Method::GET, "/approvals", get(approvals))
        .page(
            Policy::all(Right::CommandIncidents).fresh(),
            Method::POST,
            "/approvals/{approval}",
            post(approve),
        )
}

/// A sentence in English and Korean.
type Words = (&'static str, &'static str);

const SIGN_IN: Words = ("Sign in", "로그인");
const SETUP: Words = ("Make your account", "계정 만들기");
const PROVE: Words = ("Confirm it is you", "본인 확인");
const NAME: Words = ("Name", "이름");
const PASSWORD: Words = ("Password", "비밀번호");
const PASSWORD_NEW: Words = ("Password, 12 characters or more", "비밀번호(12자 이상)");
const CODE: Words = ("Code of your second factor, if you have one", "2단계 인증 코드(설정한 경우)");
const GONE: Words = (
    "This link is unknown, was used, or is too old.",
    "이 링크는 알 수 없거나 이미 사용되었거나 만료되었습니다.",
);

fn korean(headers: &HeaderMap) -> bool {
    body::text(headers, "accept-language").is_some_and(|wanted| wanted.trim_start().starts_with("ko"))
}

struct Page {
    korean: bool,
    out: String,
}

impl Page {
    fn new(headers: &HeaderMap, title: Words) -> Self {
        let korean = korean(headers);
        let (lang, text) = if korean { ("ko", title.1) } else { ("en", title.0) };
        let out = format!(
            "<!doctype html><html lang=\"{lang}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{text} · Holdfast</title><link rel=\"stylesheet\" href=\"/sign-in.css\"></head><body><main><h1>{text}</h1>"
        );
        Self { korean, out }
    }

    fn words(&self, words: Words) -> &'static str {
        if self.korean { words.1 } else { words.0 }
    }

    fn note(mut self, problem: Option<&str>) -> Self {
        if let Some(problem) = problem {
            self.out.push_str(&format!("<p role=\"alert\">{}</p>", escape(problem)));
        }
        self
    }

    fn form(
        mut self,
        action: &str,
        csrf: Option<&str>,
        fields: &[(&str, &str, &str, Words)],
        button: Words,
    ) -> Self {
        self.out.push_str(&format!("<form method=\"post\" action=\"{}\">", escape(action)));
        if let Some(csrf) = csrf {
            self.out.push_str(&format!("<input type=\"hidden\" name=\"csrf\" value=\"{}\">", escape(csrf)));
        }
        for (name, kind, complete, label) in fields {
            let needed = if *name == "code" { "" } else { " required" };
            let label = self.words(*label);
            self.out.push_str(&format!(
                "<label for=\"{name}\">{label}</label><input id=\"{name}\" name=\"{name}\" type=\"{kind}\" autocomplete=\"{complete}\"{needed}>"
            ));
        }
        let button = self.words(button);
        self.out.push_str(&format!("<button>{button}</button></form>"));
        self
    }

    fn done(mut self) -> Html<String> {
        self.out.push_str("</main></body></html>");
        Html(self.out)
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

async fn style() -> Response {
    const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;background:#f3f5f6;color:#15222b;margin:0}\
        main{max-width:22rem;margin:12vh auto;padding:2rem;background:#fff;border-radius:.5rem;box-shadow:0 1px 4px #0003}\
        h1{font-size:1.3rem;margin:0 0 1rem}label{display:block;margin:.8rem 0 .2rem}\
        input{width:100%;box-sizing:border-box;font:inherit;padding:.5rem;border:1px solid #8796a0;border-radius:.3rem}\
        button{margin-top:1.2rem;width:100%;font:inherit;padding:.6rem;border:0;border-radius:.3rem;background:#0b5c7a;color:#fff}\
        [role=alert]{background:#fbe9e7;border-left:4px solid #b3261e;padding:.5rem .8rem}";
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

const ACCOUNT: [(&str, &str, &str, Words); 2] =
    [("name", "text", "username", NAME), ("password", "password", "new-password", PASSWORD_NEW)];
const ENTER: [(&str, &str, &str, Words); 3] = [
    ("name", "text", "username", NAME),
    ("password", "password", "current-password", PASSWORD),
    ("code", "text", "one-time-code", CODE),
];

async fn setup(
    State(app): State<App>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Html<String>, Problem> {
    let (asked, now) = (token.clone(), app.now());
    let found = app.block(move |app| app.access.link(&asked, now)).await??;
    let page = Page::new(&headers, SETUP);
    Ok(match found {
        Some(_) => page.form(&format!("/setup/{}", clean(&token)), None, &ACCOUNT, SETUP).done(),
        None => {
            let gone = page.words(GONE);
            page.note(Some(gone)).done()
        }
    })
}

/// A token's own letters: what else is in the address is not repeated.
fn clean(token: &str) -> String {
    token.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
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
            let page = Page::new(&headers, SETUP).note(Some(&problem.detail));
            Ok(page.form(&format!("/setup/{}", clean(&token)), None, &ACCOUNT, SETUP).done().into_response())
        }
    }
}

fn field(form: &[u8], name: &str) -> String {
    form_field(form, name).unwrap_or_default()
}

fn code(form: &[u8]) -> Option<String> {
    form_field(form, "code").filter(|code| !code.trim().is_empty())
}

async fn sign_in_page(headers: HeaderMap) -> Html<String> {
    Page::new(&headers, SIGN_IN).form("/sign-in", None, &ENTER, SIGN_IN).done()
}

async fn signed_in(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    same_origin(request.headers())?;
    let headers = request.headers().clone();
    let address = network(peer(&app, &request)).to_string();
    let form = body::whole(&app, request).await?;
    let given = SignIn { name: field(&form, "name"), password: field(&form, "password"), code: code(&form) };
    match enter(&app, &headers, address, given).await {
        Ok(signed) => Ok((cookies(&app, &signed), Redirect::to("/")).into_response()),
        Err(problem) => {
            let page = Page::new(&headers, SIGN_IN).note(Some(&problem.detail));
            Ok((status(&problem), page.form("/sign-in", None, &ENTER, SIGN_IN).done()).into_response())
        }
    }
}

fn status(problem: &Problem) -> axum::http::StatusCode {
    axum::http::StatusCode::from_u16(problem.status).unwrap_or(axum::http::StatusCode::BAD_REQUEST)
}

async fn prove_page(who: Who, headers: HeaderMap) -> Html<String> {
    let csrf = who.principal().and_then(|principal| principal.csrf.clone());
    Page::new(&headers, PROVE).form("/prove", csrf.as_deref(), &ENTER[1..], PROVE).done()
}

async fn proved(State(app): State<App>, who: Who, request: Request) -> Result<Response, Problem> {
    let headers = request.headers().clone();
    let address = network(peer(&app, &request)).to_string();
    let form = body::whole(&app, request).await?;
    let given = Prove { password: field(&form, "password"), code: code(&form) };
    match prove_again(&app, &headers, address, given).await {
        Ok(signed) => Ok((cookies(&app, &signed), Redirect::to("/")).into_response()),
        Err(problem) => {
            let csrf = who.principal().and_then(|principal| principal.csrf.clone());
            let page = Page::new(&headers, PROVE).note(Some(&problem.detail));
            Ok((status(&problem), page.form("/prove", csrf.as_deref(), &ENTER[1..], PROVE).done())
                .into_response())
        }
    }
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

const WAITING: Words = ("Acts that wait for a second person", "두 번째 승인을 기다리는 작업");
const NONE_WAITS: Words = ("Nothing waits for you.", "승인을 기다리는 작업이 없습니다.");
const YES: Words = ("Approve", "승인");
const APPROVED: Words =
    ("approved: whoever asked does it again now", "승인됨: 요청한 사람이 다시 실행하면 됩니다");
const PROBLEM: Words = ("Not done", "실행되지 않음");

/// Acts of others that wait for this person's yes.
async fn approvals(State(app): State<App>, who: Who, headers: HeaderMap) -> Result<Html<String>, Problem> {
    let now = app.now();
    let waiting = app.block(move |app| app.access.approvals(now)).await??;
    let csrf = who.principal().and_then(|principal| principal.csrf.clone());
    let mut page = Page::new(&headers, WAITING);
    if waiting.is_empty() {
        let none = page.words(NONE_WAITS);
        page.out.push_str(&format!("<p>{none}</p>"));
    }
    for act in waiting {
        page.out.push_str(&format!("<p>{} ({})</p>", escape(&act.what), escape(&act.asked_by)));
        if act.approved_by.is_some() {
            let done = page.words(APPROVED);
            page.out.push_str(&format!("<p>{done}</p>"));
        } else if act.asked_by != who.actor() {
            page = page.form(&format!("/approvals/{}", clean(&act.id)), csrf.as_deref(), &[], YES);
        }
    }
    Ok(page.done())
}

async fn approve(
    State(app): State<App>,
    who: Who,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (actor, now) = (who.actor().to_owned(), app.now());
    Ok(match app.block(move |app| app.access.approve(&id, &actor, now)).await? {
        Ok(_) => Redirect::to("/approvals").into_response(),
        Err(error) => message(&headers, &Problem::new("forbidden", error.to_string(), "")),
    })
}

/// A problem as a page, for people.
#[must_use]
pub fn message(headers: &HeaderMap, problem: &Problem) -> Response {
    let page = Page::new(headers, PROBLEM)
        .note(Some(&problem.detail))
        .note(Some(&problem.action).filter(|text| !text.is_empty()).map(String::as_str));
    (status(problem), page.done()).into_response()
}
