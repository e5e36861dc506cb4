//! Customers' pages: what a signed link in a notice leads to, mounted beside the service's own routes.
//!
//! Looking changes nothing; only a sent form does. The link is the proof of who asks.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use holdfast_app::core::Reply;
use holdfast_app::service::{Asked, Service, What};
use holdfast_domain::care::{CallEnd, CareCommand};
use holdfast_domain::command::Command;
use holdfast_domain::id::{CallId, NoticeId, SubjectId};
use holdfast_domain::reject::Rejection;
use holdfast_domain::state::State as DomainState;
use holdfast_notify::answer::{ACTOR, Answers, FORM_MAX, Form, HEADERS, NewAddress, Page};
use holdfast_notify::call::{self, Said};
use holdfast_notify::letter::opened;
use holdfast_notify::link::KeyRing;
use holdfast_web::Config;
use holdfast_web::config::Links;
use holdfast_web::guard::form_field;
use holdfast_web::routes::body::raw;
use holdfast_web::routes::orders::person_of;
use holdfast_web::{App, Mount, Policy, Problem};

/// The keys that sign and verify links: the journal's own, and those of the configuration.
pub fn links(service: &Service, config: &Config) -> KeyRing {
    ring(&service.link_secret(), &config.links)
}

/// The keys that sign and verify links, of the journal's own secret and what the configuration adds and retires.
pub fn ring(secret: &[u8; 32], links: &Links) -> KeyRing {
    let mut keys = KeyRing::new(1, secret).expect("a secret of 32 bytes is long enough");
    for key in &links.keys {
        keys.add(key.number, key.secret.as_bytes())
            .expect("the configuration was checked: long, and no number twice");
    }
    for number in &links.retired {
        keys.retire(*number);
    }
    keys
}

/// The routes of customers' pages.
pub fn mount(service: &Service, config: &Config) -> Mount {
    let made = Arc::new(Made(Mutex::new(None), config.clone()));
    let own = || (made.clone(), service.clone());
    let (looking, sending, asked, heard, seen) = (own(), own(), own(), own(), own());
    let look = move |State(app): State<App>, Path(token): Path<String>, uri: Uri, headers: HeaderMap| {
        let answers = looking.0.by(&looking.1);
        async move { open(&app, &answers, &token, &uri, &headers) }
    };
    let send = move |State(app): State<App>, Path(token): Path<String>, request: Request| {
        let answers = sending.0.by(&sending.1);
        async move { choose(&app, &answers, &token, request).await }
    };
    let ask = move |State(app): State<App>, Path(token): Path<String>, headers: HeaderMap| {
        let answers = asked.0.by(&asked.1);
        async move { call(&app, &answers, &token, &headers, false).await }
    };
    let hear = move |State(app): State<App>, Path(token): Path<String>, headers: HeaderMap| {
        let answers = heard.0.by(&heard.1);
        async move { call(&app, &answers, &token, &headers, true).await }
    };
    let show = move |State(app): State<App>, Path(token): Path<String>| {
        let answers = seen.0.by(&seen.1);
        async move { shown(&app, &answers, &token).await }
    };
    Mount::default()
        .page(Policy::Public, Method::GET, "/o/{token}", get(show))
        .page(Policy::Public, Method::GET, "/a/{token}", get(look))
        .page(Policy::Public, Method::POST, "/a/{token}", post(send))
        .page(Policy::Public, Method::GET, "/k/{token}", get(ask))
        .page(Policy::Public, Method::POST, "/k/{token}", post(hear))
}

/// The page of a call to a partner or to staff; a sent form acknowledges it. The link is the proof of who does.
async fn call(
    app: &App,
    answers: &Answers,
    token: &str,
    headers: &HeaderMap,
    acknowledges: bool,
) -> Result<Response, Problem> {
    let view = app.view();
    let calls = &view.state().care.calls;
    let opened = call::open(&answers.keys, token, view.at).ok();
    let known = opened.and_then(|(number, position, made)| {
        let id = CallId(number);
        calls.get(id).filter(|call| call.made == made).map(|call| (id, position, call.new.clone()))
    });
    let Some((id, position, known)) = known else {
        let page = answers.open(view.state(), "", None, &language(headers), view.at);
        return Ok(served(page));
    };
    let contact = known.contacts.get(position as usize).cloned().unwrap_or_default();
    let mut said = Said::Asked;
    if acknowledges {
        let command = CareCommand::EndCall { call: id, how: CallEnd::Acknowledged, who: contact.clone() };
        said = match app.reply(Asked::new(Command::Care(Box::new(command)), ACTOR)).await? {
            Reply::Done { version, .. } => {
                app.seen(version).await;
                Said::Thanks
            }
            Reply::Repeated(_) | Reply::Rejected(_) => Said::Over,
            Reply::Retry => return Err(Problem::busy("the service did not take it")),
            Reply::Unknown => return Err(Problem::unknown_outcome()),
        };
    } else if let Some((_, how, _)) = view.state().care.calls.get(id).and_then(|call| call.ended.as_ref())
        && *how != CallEnd::Unanswered
    {
        said = Said::Over;
    }
    let spoken = app.config.contacts.iter().find(|one| *one.code == *contact);
    let language = spoken.map_or_else(|| language(headers), |one| one.language.clone());
    let asks: Vec<String> = known.asks.iter().map(ToString::to_string).collect();
    Ok(served(call::page(&answers.catalog, &language, token, &known.place, &asks, said)))
}

/// A transparent image of one pixel (GIF89a).
const PIXEL: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

/// The image of a notice: the first time it is shown, where its merchant counts that, the notice was opened. Everybody gets
/// the same image, so it tells nothing about a notice to whoever asks.
async fn shown(app: &App, answers: &Answers, token: &str) -> Response {
    let view = app.view();
    if let Ok(notice) = opened(&answers.keys, token, view.at)
        && is_news(view.state(), notice)
    {
        let command = Command::Care(Box::new(CareCommand::OpenNotice { notice }));
        // An image that is not counted is no fault its reader could mend.
        drop(app.reply(Asked::new(command, ACTOR)).await);
    }
    let headers = [
        (header::CONTENT_TYPE, "image/gif"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, PIXEL).into_response()
}

/// Whether it would be counted: looked at first, so that nobody fills the journal's queue by asking for an image.
fn is_news(state: &DomainState, notice: NoticeId) -> bool {
    let Some(known) = state.notices.get(notice) else { return false };
    let file = known.orders.first().and_then(|entry| state.care.file(entry.order));
    let told = file.and_then(|file| file.told.iter().find(|told| told.notice == notice));
    state.care.opens.contains_key(&known.merchant) && told.is_some_and(|told| told.opened.is_none())
}

/// Answers with the secret they read links by. A service that follows learns the secret with the first entries.
struct Made(Mutex<Option<([u8; 32], Arc<Answers>)>>, Config);

impl Made {
    fn by(&self, service: &Service) -> Arc<Answers> {
        let secret = service.link_secret();
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*made {
            Some((known, answers)) if *known == secret => answers.clone(),
            _ => {
                let keys = links(service, &self.1);
                let answers = Arc::new(Answers { catalog: self.1.words.catalog(), keys });
                *made = Some((secret, answers.clone()));
                answers
            }
        }
    }
}

/// The browser's language, by its two letters.
fn language(headers: &HeaderMap) -> String {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    wanted.and_then(|tags| tags.get(..2)).unwrap_or("en").to_owned()
}

fn served(page: Page) -> Response {
    let status = StatusCode::from_u16(page.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, page.html).into_response();
    for (name, value) in HEADERS {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

fn open(app: &App, answers: &Answers, token: &str, uri: &Uri, headers: &HeaderMap) -> Response {
    let choice = form_field(uri.query().unwrap_or_default().as_bytes(), "choice");
    let view = app.view();
    served(answers.open(view.state(), token, choice.as_deref(), &language(headers), view.at))
}

async fn choose(app: &App, answers: &Answers, token: &str, request: Request) -> Result<Response, Problem> {
    let language = language(request.headers());
    let body = raw(app, request.into_body(), FORM_MAX).await?;
    let form = Form::parse(&body).map_err(|why| Problem::new("malformed", why, "use the page's own form"))?;
    let view = app.view();
    let chosen = match answers.choose(view.state(), token, &form, &language, view.at) {
        Ok(chosen) => chosen,
        Err(page) => return Ok(served(page)),
    };
    let mut refused: Option<Rejection> = None;
    for command in chosen.commands {
        match app.reply(Asked::new(command, ACTOR)).await? {
            Reply::Done { version, .. } => app.seen(version).await,
            Reply::Repeated(_) => {}
            Reply::Rejected(rejection) => {
                refused.get_or_insert(rejection);
            }
            Reply::Retry => return Err(Problem::busy("the service did not take all of it")),
            Reply::Unknown => return Err(Problem::unknown_outcome()),
        }
    }
    if let (None, Some((subject, address))) = (&refused, chosen.address) {
        readdress(app, subject, address).await?;
    }
    let view = app.view();
    Ok(served(answers.done(view.state(), token, refused.as_ref(), &language, view.at)))
}

/// Seals the person's data anew with the new street.
async fn readdress(app: &App, subject: SubjectId, address: NewAddress) -> Result<(), Problem> {
    let view = app.view();
    let theirs = view.state().live_orders().find(|(_, order)| order.subject == Some(subject));
    // Nobody is told that an address was taken down which was not.
    let gone = || Problem::new("gone", "the order's data are no longer kept", "write to the shop");
    let (order, _) = theirs.ok_or_else(gone)?;
    let mut data = person_of(app, order).await?.ok_or_else(gone)?;
    (data.street, data.city) = (address.street, address.city);
    let what = What::Renew(subject, Box::new(data));
    app.ask(Asked { what, actor: ACTOR.into(), key: None, artefact: None }).await.map(|_| ())
}
