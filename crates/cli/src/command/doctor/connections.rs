//! What is connected, looked at one by one: is it reached, heard, of one time with this machine; and what to mend.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use holdfast_connect::http::{Http, HttpError, Request, Response};
use holdfast_connect::shop::ShopError;
use holdfast_web::Config;
use holdfast_web::config::Connection;
use holdfast_web::outward::shop_of;
use holdfast_web::routes::inbox::Inbox;
use serde::Serialize;

use crate::command::serve::shops;
use crate::exit::{Failure, chain};
use crate::output::Output;

/// Secrets shorter than this can be guessed.
const SECRET_MIN: usize = 24;
/// Milliseconds by which clocks may differ.
const CLOCKS_MS: i64 = 60_000;
/// Milliseconds without a delivery that are too many.
const SILENT_MS: i64 = 7 * 86_400_000;

/// Something that was looked at.
#[derive(Serialize)]
pub(super) struct Found {
    /// Which connection.
    connection: String,
    /// What of it.
    what: &'static str,
    /// Whether it is well.
    pub(super) ok: bool,
    found: String,
    remedy: String,
}

struct Looked<'a> {
    connection: &'a Connection,
    all: Vec<Found>,
}

impl Looked<'_> {
    fn note(&mut self, what: &'static str, ok: bool, found: impl Into<String>, remedy: impl Into<String>) {
        let connection = self.connection.id.clone();
        self.all.push(Found { connection, what, ok, found: found.into(), remedy: remedy.into() });
    }
}

/// Looks at every shop; `data` is the folder of the service, and with `ask` each shop itself is asked.
pub(super) fn look(config: &Config, data: Option<&Path>, ask: bool) -> Result<Vec<Found>, Failure> {
    let path = data.map(|folder| folder.join("inbox.db")).filter(|path| path.is_file());
    let inbox = path.map(|path| Inbox::open(Some(&path))).transpose().map_err(|error| {
        Failure::input(format!("open inbox.db: {}", chain(&error)), "check the data folder")
    })?;
    let mut all = Vec::new();
    for connection in &config.connections {
        let mut looked = Looked { connection, all: Vec::new() };
        settings(config, &mut looked);
        if data.is_some() {
            deliveries(config, inbox.as_ref(), &mut looked)?;
        }
        if ask {
            asked(&mut looked);
        }
        all.append(&mut looked.all);
    }
    Ok(all)
}

fn settings(config: &Config, looked: &mut Looked<'_>) {
    let connection = looked.connection;
    let secret = connection.secret.as_ref().map_or(0, |secret| secret.chars().count());
    let remedy = "make a longer one, here and in the shop";
    looked.note("secret", secret >= SECRET_MIN, format!("{secret} characters"), remedy);
    let public = config.public_url.as_deref().unwrap_or_default();
    let hook = format!("{}/hooks/{}", public.trim_end_matches('/'), connection.id);
    let remedy = "set public_url to the https address shops reach this service by";
    looked.note("address of its webhooks", public.starts_with("https://"), hook, remedy);
    match &connection.admin {
        None => looked.note("its own API", true, "not asked: numbers are not taken down in the shop", ""),
        Some(admin) => {
            let watched =
                if connection.watch { "watched: nothing is written" } else { "asked and written to" };
            looked.note("its own API", true, format!("{} ({watched})", admin.url), "");
        }
    }
}

fn deliveries(config: &Config, inbox: Option<&Inbox>, looked: &mut Looked<'_>) -> Result<(), Failure> {
    let id = looked.connection.id.clone();
    let fault = |error: &dyn std::error::Error| {
        Failure::input(format!("read inbox.db: {}", chain(error)), "check the data folder")
    };
    let heard = inbox.map(|inbox| inbox.heard_at(&id)).transpose().map_err(|error| fault(&error))?;
    let waits = inbox.map(|inbox| inbox.waits(&id)).transpose().map_err(|error| fault(&error))?;
    let (heard, waits) = (heard.flatten(), waits.unwrap_or(0));
    let now = jiff::Timestamp::now().as_millisecond();
    let public = config.public_url.as_deref().unwrap_or("this service").trim_end_matches('/');
    let remedy = format!(
        "send a test delivery from the shop to {public}/hooks/{id}, and look into the log for refused signatures"
    );
    match heard {
        None => looked.note("last delivery", false, "none yet", remedy),
        Some(at) => {
            let minutes = (now - at).max(0) / 60_000;
            let ok = now - at < SILENT_MS;
            looked.note("last delivery", ok, format!("{} h {} min ago", minutes / 60, minutes % 60), remedy);
        }
    }
    let remedy = "mend what they need and try them again: /api/v1/inbox, or the console's inbox";
    looked.note("deliveries that wait for a person", waits == 0, waits.to_string(), remedy);
    Ok(())
}

/// A client that notes what time the other side has.
struct Dated {
    http: Arc<dyn Http>,
    ahead_ms: Mutex<Option<i64>>,
}

impl Http for Dated {
    fn send(&self, request: &Request) -> Result<Response, HttpError> {
        let answer = self.http.send(request)?;
        let theirs = answer.header("date").and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
        if let Some(theirs) = theirs {
            let ahead = jiff::Timestamp::now().as_millisecond() - theirs.timestamp().as_millisecond();
            *self.ahead_ms.lock().unwrap_or_else(PoisonError::into_inner) = Some(ahead);
        }
        Ok(answer)
    }
}

fn asked(looked: &mut Looked<'_>) {
    let (http, pace) = shops::client();
    let dated = Arc::new(Dated { http, ahead_ms: Mutex::default() });
    let client: Arc<dyn Http> = dated.clone();
    let Some(shop) = shop_of(looked.connection, &client, &pace) else { return };
    match shop.locations() {
        Ok(places) => {
            let active = places.iter().filter(|place| place.active).count();
            looked.note(
                "the shop's answer",
                active > 0,
                format!("{active} places"),
                "give the shop a place that keeps stock",
            );
        }
        Err(error) => {
            let remedy = match &error {
                ShopError::Denied { .. } => {
                    "make a new token in the shop, with the rights docs/how-to/connect-a-shop.md lists"
                }
                ShopError::Http(_) => "check admin.url, and that this machine reaches it",
                _ => "try again; if it stays so, look at the shop's own status",
            };
            looked.note("the shop's answer", false, error.to_string(), remedy);
        }
    }
    let ahead = *dated.ahead_ms.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(ahead) = ahead {
        let found = format!("this machine's is {:.0} s ahead of the shop's", ahead as f64 / 1_000.0);
        let remedy = "set this machine's clock by NTP: signatures with a time are refused when it is wrong";
        looked.note("clock", ahead.abs() <= CLOCKS_MS, found, remedy);
    }
}

pub(super) fn print(found: &[Found], out: &Output) {
    for one in found {
        let mark = if one.ok { "ok   " } else { "WRONG" };
        out.line(format!("{mark} {}: {}: {}", one.connection, one.what, one.found));
        if !one.ok {
            out.line(format!("      do: {}", one.remedy));
        }
    }
}
