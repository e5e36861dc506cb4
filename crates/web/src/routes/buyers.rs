//! For people who have not bought yet: the honest date for goods and a postal code, and a banner while an incident lasts.
//!
//! Invariants: nothing here names an order, a customer, a site or a quantity in stock; any page may ask (CORS), nobody is
//! identified, and the same question within a minute is answered from memory.

use std::collections::BTreeMap;
use std::sync::Mutex;

use axum::extract::{Query, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use holdfast_domain::id::{MerchantId, SkuId, ZoneId};
use holdfast_domain::network::Country;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::{NameKind, State as DomainState};
use holdfast_engine::quote::{Quote, quote};
use holdfast_notify::offer;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use crate::app::{App, lock};
use crate::mount::Mount;
use crate::policy::Policy;
use crate::problem::Problem;

/// The most units one question asks for.
const UNITS_MAX: u32 = 99;
/// How long an answer holds, in milliseconds and for caches on the way.
const HOLDS_MS: i64 = 60_000;
const CACHED: &str = "public, max-age=60";
/// Answers remembered; when there are more, all are forgotten.
const KNOWN_MAX: usize = 20_000;

pub(super) fn mount() -> Mount {
    Mount::default().api(Policy::Public, routes!(promise)).api(Policy::Public, routes!(banner)).page(
        Policy::Public,
        Method::GET,
        "/public/holdfast.js",
        get(snippet),
    )
}

/// What is asked: goods, units, zone.
type Question = (SkuId, u32, ZoneId);

/// Answers of the last minute.
#[derive(Default)]
pub struct Quotes(Mutex<BTreeMap<Question, (i64, Quote)>>);

impl Quotes {
    fn known(&self, question: Question, now: i64) -> Option<Quote> {
        lock(&self.0).get(&question).filter(|(at, _)| now - at < HOLDS_MS).map(|(_, quote)| *quote)
    }

    fn keep(&self, question: Question, now: i64, quote: Quote) {
        let mut known = lock(&self.0);
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(question, (now, quote));
    }
}

/// Which goods to where.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Buyer {
    /// Code of the merchant.
    merchant: String,
    /// The merchant's code of the goods.
    sku: String,
    /// ISO 3166-1, two letters.
    country: String,
    /// Postal code.
    postal: String,
    /// Units, one if not said, 99 at most.
    units: Option<u32>,
    /// Language of the words, such as `ko`; the merchant's without.
    lang: Option<String>,
}

/// What a buyer can be told.
#[derive(Debug, Serialize, ToSchema)]
struct PromiseOut {
    /// `on` (a day can be named), `unknown` (it can be ordered and nobody can say when it comes) or `not-there` (it is not
    /// delivered there).
    what: String,
    /// The day by which it would be there, if it were ordered now.
    day: Option<String>,
    /// The sentence for the shop's page.
    text: String,
    /// The language of it.
    language: String,
}

/// Which merchant's banner.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Shop {
    /// Code of the merchant.
    merchant: String,
    /// Language of the words, such as `ko`; the merchant's without.
    lang: Option<String>,
}

/// What a shop's pages show while an incident lasts.
#[derive(Debug, Serialize, ToSchema)]
struct BannerOut {
    /// Whether there is anything to show.
    active: bool,
    /// `investigating`, `identified` or `monitoring`, of the newest incident.
    state: Option<String>,
    /// The sentences.
    text: Option<String>,
    /// The language of them.
    language: String,
}

fn merchant(state: &DomainState, code: &str) -> Result<MerchantId, Problem> {
    state
        .named(NameKind::Merchant, MerchantId(0), code)
        .filter(|id| state.network.merchant(*id).is_some())
        .ok_or_else(|| Problem::not_found("merchant"))
}

/// A language in letters and hyphens, or the merchant's own.
fn language(state: &DomainState, merchant: MerchantId, asked: Option<&str>) -> String {
    let fits = |tag: &&str| tag.len() <= 8 && tag.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-');
    let own = state.network.merchant(merchant).map_or("en", |known| known.language.code());
    asked.filter(fits).unwrap_or(own).to_owned()
}

/// An answer any page may read and any cache may keep for a minute.
fn open(value: &impl Serialize) -> Result<Response, Problem> {
    let bytes = serde_json::to_vec(value).map_err(|error| Problem::internal(&error))?;
    Ok(with_headers(bytes, "application/json", CACHED))
}

fn with_headers(bytes: Vec<u8>, kind: &'static str, cached: &'static str) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cached));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    let resource = HeaderName::from_static("cross-origin-resource-policy");
    headers.insert(resource, HeaderValue::from_static("cross-origin"));
    response
}

/// The day by which goods would reach a postal code if they were ordered now: closed sites, closed lanes and stock count
/// as for a real order. Anybody may ask; nothing personal is needed.
#[utoipa::path(get, path = "/public/v1/promise", tag = "buyers", params(Buyer), responses(
    (status = 200, description = "What can be told", body = PromiseOut),
    (status = 404, description = "There is no such merchant or goods", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A field cannot be read", body = Problem, content_type = "application/problem+json")))]
async fn promise(State(app): State<App>, Query(asked): Query<Buyer>) -> Result<Response, Problem> {
    let view = app.view();
    let state = view.state();
    let shop = merchant(state, &asked.merchant)?;
    let sku: Option<SkuId> = state.named(NameKind::Sku, shop, &asked.sku);
    let sku = sku.ok_or_else(|| Problem::not_found("SKU"))?;
    let country = Country::new(&asked.country).ok_or_else(|| Problem::field("country", "two letters"))?;
    let units = asked.units.unwrap_or(1);
    if !(1..=UNITS_MAX).contains(&units) {
        return Err(Problem::field("units", "from 1 to 99"));
    }
    let language = language(state, shop, asked.lang.as_deref());
    let found = match state.network.zone_of(country, &asked.postal) {
        None => Quote::NotThere,
        Some(zone) => {
            let (question, now) = ((sku, units, zone), app.now());
            match app.quotes.known(question, now) {
                Some(known) => known,
                None => {
                    let (fork, postal) = (view.clone(), asked.postal.clone());
                    let ask =
                        move |_: &App| quote(&fork.engine, country, &postal, sku, Quantity(units), fork.at);
                    let made = app.block(ask).await?;
                    app.quotes.keep(question, now, made);
                    made
                }
            }
        }
    };
    let code = state.network.merchant(shop).map_or("", |known| &known.code);
    let said =
        offer::promise(&app.words, &language, code, found).map_err(|error| Problem::internal(&error))?;
    let (what, day) = match found {
        Quote::On(day) => ("on", Some(day.to_string())),
        Quote::Unknown => ("unknown", None),
        Quote::NotThere => ("not-there", None),
    };
    open(&PromiseOut { what: what.to_owned(), day, text: said.text, language: said.language })
}

/// What a shop's pages show while an incident lasts, in the words of the status page; nothing to show without one.
#[utoipa::path(get, path = "/public/v1/banner", tag = "buyers", params(Shop), responses(
    (status = 200, description = "What to show", body = BannerOut),
    (status = 404, description = "There is no such merchant", body = Problem, content_type = "application/problem+json")))]
async fn banner(State(app): State<App>, Query(asked): Query<Shop>) -> Result<Response, Problem> {
    let view = app.view();
    let shop = merchant(view.state(), &asked.merchant)?;
    let language = language(view.state(), shop, asked.lang.as_deref());
    let fork = view.clone();
    let made =
        app.block(move |app| offer::banner(&app.words, fork.state(), shop, &language, fork.at)).await?;
    let made = made.map_err(|error| Problem::internal(&error))?;
    open(&BannerOut {
        active: made.state.is_some(),
        state: made.state.map(|state| state.code().to_owned()),
        text: made.state.is_some().then_some(made.text),
        language: made.language,
    })
}

/// The snippet a shop puts into its pages.
async fn snippet() -> Response {
    let script = include_str!("buyers/holdfast.js");
    with_headers(script.as_bytes().to_vec(), "text/javascript; charset=utf-8", "public, max-age=3600")
}
