//! The watch: feeds from a stand-in that answers as badly as feeds do, sites that fall silent, orders that stop; and
//! what a person is offered to declare.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;
mod stand_in;

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::{NOW, Server};
use holdfast_access::Role;
use holdfast_connect::http::{Http, Pace};
use holdfast_web::{Config, watch};
use serde_json::{Value, json};
use stand_in::http::{Answer, Asked, serve};

/// A clock that stands still until it is set on.
#[derive(Clone)]
struct Set(Arc<AtomicI64>);

impl Set {
    fn on(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000, Ordering::AcqRel);
    }
}

impl Pace for Set {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::Acquire)
    }
    fn chance(&self) -> u64 {
        0
    }
    fn sleep(&self, _: u64) {}
}

/// A server that watches, and its clock.
struct House {
    server: Server,
    key: String,
    clock: Set,
}

impl Drop for House {
    fn drop(&mut self) {
        self.server.app.stopping.send_replace(true);
        self.server.app.watch.join();
    }
}

impl House {
    fn start(text: &str) -> Self {
        let server = Server::with(Config::read(text, |_| None).unwrap(), 10);
        let key = server.key(Role::Admin, None);
        let clock = Set(Arc::new(AtomicI64::new(NOW)));
        let http: Arc<dyn Http> = Arc::new(holdfast_outbound::Client::new());
        let pace: Arc<dyn Pace> = Arc::new(clock.clone());
        watch::start(&server.app, &http, &pace);
        Self { server, key, clock }
    }

    fn get(&self, path: &str) -> Value {
        self.server.get(&self.key, path).json()
    }

    fn feed(&self) -> Value {
        self.get("/api/v1/feeds")["feeds"][0].clone()
    }

    fn threats(&self) -> Vec<Value> {
        self.get("/api/v1/threats").as_array().unwrap().clone()
    }
}

fn wait_for(what: &str, done: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(60);
    while !done() {
        assert!(Instant::now() < until, "{what} does not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn stamp(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).unwrap().to_string()
}

/// A CAP message about a circle over the site `south`.
fn cap(id: &str, kind: &str, severity: &str, references: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{id}</identifier><sender>w-nws.webmaster@noaa.gov</sender>
<sent>{sent}</sent><status>Actual</status><msgType>{kind}</msgType><scope>Public</scope>{references}
<info><category>Met</category><event>Hurricane Warning</event><urgency>Expected</urgency><severity>{severity}</severity>
<certainty>Likely</certainty><onset>{onset}</onset><expires>{ends}</expires>
<area><areaDesc>Here</areaDesc><circle>{place} 50</circle></area></info></alert>"#,
        sent = stamp(NOW - 60_000),
        onset = stamp(NOW + 3_600_000),
        ends = stamp(NOW + 36_000_000),
        place = PLACE,
    )
}

/// Where `common` puts the site `south`, as CAP writes it.
const PLACE: &str = "34.0,-75.0";

/// What the stand-in answers now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mood {
    Well,
    Cached,
    Broken,
    Cut,
    Huge,
    Slow,
    Elsewhere,
}

fn feed_text(url: &str) -> String {
    format!(
        "[[feeds]]\nname = 'nws'\nkind = 'cap'\nurl = '{url}/alerts?key=s3cret'\nevery_seconds = 60\nstale_after_seconds = 300\n"
    )
}

#[test]
fn a_feed_is_followed_through_everything_that_goes_wrong_with_it() {
    let mood = Arc::new(Mutex::new(Mood::Well));
    let (asked, unchanged) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (seen, same, feels) = (asked.clone(), unchanged.clone(), mood.clone());
    let url = serve(move |request: &Asked| {
        seen.fetch_add(1, Ordering::AcqRel);
        let mood = *feels.lock().unwrap();
        let xml = |body: String| Answer { body, ..Answer::status(200) };
        match mood {
            Mood::Well if request.header("if-none-match") == Some("\"one\"") => {
                same.fetch_add(1, Ordering::AcqRel);
                Answer::status(304)
            }
            Mood::Well => Answer {
                headers: vec![("ETag".to_owned(), "\"one\"".to_owned())],
                ..xml(cap("w1", "Alert", "Extreme", ""))
            },
            Mood::Cached => Answer {
                headers: vec![("Age".to_owned(), "4000".to_owned())],
                ..xml(cap("w1", "Alert", "Extreme", ""))
            },
            Mood::Broken => Answer::status(500),
            Mood::Cut => Answer {
                headers: vec![("ETag".to_owned(), "\"cut\"".to_owned())],
                ..xml(cap("w2", "Alert", "Extreme", "")[..300].to_owned())
            },
            Mood::Huge => xml(" ".repeat((16 << 20) + 10)),
            Mood::Slow => Answer { lost: true, ..Answer::status(200) },
            Mood::Elsewhere => Answer {
                headers: vec![("Location".to_owned(), "http://127.0.0.1:1/steal".to_owned())],
                ..Answer::status(302)
            },
        }
    });
    let house = House::start(&feed_text(&url));
    let said = |error: &str| {
        let feed = house.feed();
        feed["last_error"].as_str().is_some_and(|why| why.contains(error))
    };
    wait_for("the first reading", || house.feed()["read"] == 1);
    let feed = house.feed();
    assert_eq!((feed["state"].as_str(), feed["alerts"].as_u64()), (Some("fresh"), Some(1)), "{feed}");
    assert!(!feed["from"].as_str().unwrap().contains("s3cret"), "a key in an address is not told");
    wait_for("the threat", || house.threats().len() == 1);
    // Nothing new: the feed is asked whether anything has changed, and its age is that of the answer.
    house.clock.on(61);
    wait_for("the second look", || house.feed()["unchanged"] == 1);
    assert_eq!(unchanged.load(Ordering::Acquire), 1);
    for (now, why) in [
        (Mood::Broken, "status 500"),
        (Mood::Cut, "read line"),
        (Mood::Huge, "more than"),
        (Mood::Slow, "hear from"),
        (Mood::Elsewhere, "points to"),
    ] {
        *mood.lock().unwrap() = now;
        let before = asked.load(Ordering::Acquire);
        house.clock.on(61);
        wait_for(&format!("{now:?}"), || asked.load(Ordering::Acquire) > before && said(why));
    }
    // A document that could not be read was not remembered: nobody asks whether that has changed.
    let feed = house.feed();
    assert_eq!((feed["failures"].as_u64(), feed["read"].as_u64()), (Some(5), Some(1)), "{feed}");
    assert_eq!(feed["alerts"], 1, "what was said before still holds");
    let metrics = || house.server.send("GET", "/metrics", &[], b"").text();
    assert!(metrics().contains("holdfast_feed_failures_total{feed=\"nws\"} 5"), "{}", metrics());
    // An answer out of a cache is as old as the cache says: the feed is read, and stays stale.
    *mood.lock().unwrap() = Mood::Cached;
    house.clock.on(61);
    wait_for("the cached answer", || house.feed()["read"] == 2);
    assert_eq!(house.feed()["last_error"], Value::Null);
    *mood.lock().unwrap() = Mood::Well;
    house.clock.on(61);
    wait_for("the well answer", || {
        house.feed()["read"].as_u64() >= Some(3) && house.feed()["last_error"].is_null()
    });
}

#[test]
fn a_feed_that_never_answers_grows_stale_and_the_first_screen_says_so() {
    // The routes' clock stands at NOW: polling began an hour before it.
    let server = Server::with(Config::read(&feed_text("http://127.0.0.1:1"), |_| None).unwrap(), 10);
    let key = server.key(Role::Admin, None);
    let clock = Set(Arc::new(AtomicI64::new(NOW - 3_600_000)));
    let http: Arc<dyn Http> = Arc::new(holdfast_outbound::Client::new());
    let pace: Arc<dyn Pace> = Arc::new(clock.clone());
    watch::start(&server.app, &http, &pace);
    let house = House { server, key, clock };
    wait_for("the failure", || house.feed()["failures"].as_u64() > Some(0));
    let feed = house.feed();
    assert_eq!((feed["state"].as_str(), feed["stale"].as_bool()), (Some("stale"), Some(true)), "{feed}");
    assert_eq!(feed["age_seconds"], 3_600.0);
    let metrics = house.server.send("GET", "/metrics", &[], b"").text();
    assert!(metrics.contains("holdfast_feed_stale{feed=\"nws\"} 1"), "{metrics}");
    let page =
        house.server.send("GET", "/", &[("Authorization", &format!("Bearer {}", house.key))], b"").text();
    assert!(page.contains("Alerts \u{2068}nws\u{2069} needs a look"), "{page}");
}

#[test]
fn an_alert_over_a_site_is_offered_and_a_person_declares_it() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    put("w1.xml", &cap("w1", "Alert", "Severe", ""));
    put("half.xml", &cap("w9", "Alert", "Severe", "")[..200]);
    put(".alive", "");
    let text = format!(
        "[[feeds]]\nname = 'drop'\nkind = 'cap'\nfolder = '{}'\nevery_seconds = 60\n",
        folder.path().display()
    );
    let house = House::start(&text);
    wait_for("the threat", || house.threats().len() == 1);
    let feed = house.feed();
    assert!(feed["last_error"].as_str().unwrap().starts_with("half.xml"), "{feed}");
    let version = house.server.app.service.health().head.version;
    let threat = house.threats()[0].clone();
    assert_eq!(threat["sites"], json!(["south"]), "{threat}");
    assert_eq!((threat["hazard"].as_str(), threat["severity"].as_str()), (Some("hurricane"), Some("severe")));
    assert_eq!(threat["expected_end"], stamp(NOW + 36_000_000));
    assert_eq!(threat["evidence"][0]["id"], "w1");
    assert_eq!(threat["incident"], Value::Null);
    // Nothing acts by itself.
    assert_eq!(house.server.app.service.health().head.version, version);
    let bearer = format!("Bearer {}", house.key);
    let page = |path: &str| house.server.send("GET", path, &[("Authorization", &bearer)], b"").text();
    let id = threat["id"].as_str().unwrap();
    let link = format!("/incidents/new?threat={id}");
    assert!(page("/").contains(&link), "{}", page("/"));
    let form = page(&link);
    for filled in ["value=\"Hurricane Warning: south\"", "w1", "2026-09-"] {
        assert!(form.contains(filled), "{filled} is not in {form}");
    }
    let open = format!("/api/v1/threats/{id}/open");
    let viewer = house.server.key(Role::Viewer, None);
    assert_eq!(house.server.post(&viewer, &open, &json!({})).status, 403);
    let opened = house.server.post(&house.key, &open, &json!({}));
    assert_eq!(opened.json()["id"], "inc-0", "{}", opened.text());
    let incident = house.get("/api/v1/incidents/inc-0");
    assert_eq!(
        (incident["phase"].as_str(), incident["name"].as_str(), incident["severity"].as_str()),
        (Some("watch"), Some("Hurricane Warning: south"), Some("severe"))
    );
    assert_eq!(house.threats()[0]["incident"], "inc-0");
    assert_eq!(house.server.post(&house.key, &open, &json!({})).status, 409, "not twice");
    // A key of one's own opens no second one either; what a key has done is told again.
    let keyed = |key: &str| {
        let headers = [("Authorization", bearer.as_str()), ("Idempotency-Key", key)];
        house.server.send("POST", &open, &headers, b"{}")
    };
    let other = keyed("another");
    assert_eq!((other.status, other.text().contains("inc-0")), (409, true), "{}", other.text());
    assert_eq!(house.server.app.view().state().incidents.len(), 1);
    let closed = json!({"phase": "closed"});
    let path = "/api/v1/incidents/inc-0/phase";
    assert_eq!(house.server.post(&house.key, path, &closed).status, 200);
    let second = keyed("another");
    assert_eq!(second.json()["id"], "inc-1", "that one is over: {}", second.text());
    assert_eq!(keyed("another").json()["id"], "inc-1", "the same key again is no other request");
    assert_eq!(keyed("a third").status, 409);
    // The sender takes it back: nothing is offered any more, and the incident is the people's.
    let back = "<references>w-nws.webmaster@noaa.gov,w1,2026-09-21T13:00:00-00:00</references>";
    put("w2.xml", &cap("w2", "Cancel", "Severe", back));
    house.clock.on(61);
    wait_for("the cancellation", || house.threats().is_empty());
    assert_eq!(house.server.post(&house.key, &open, &json!({})).status, 404);
    assert!(page(&link).contains("is over or has changed"));
    assert_eq!(house.get("/api/v1/incidents/inc-1")["phase"], "watch");
}

#[test]
fn a_site_that_is_not_heard_is_an_alarm_and_one_beat_ends_it() {
    let text = "[[heartbeats]]\nsite = 'south'\nevery_seconds = 60\n";
    let house = House::start(text);
    let beat = || house.get("/api/v1/feeds")["heartbeats"][0].clone();
    assert_eq!(beat()["state"], "answers", "it is given time after a start: {}", beat());
    let warehouse = house.server.key(Role::Operator, None);
    assert_eq!(house.server.post(&warehouse, "/api/v1/sites/south/heartbeat", &json!({})).status, 204);
    assert_eq!(beat()["count"], 1);
    let refused = house.server.post(&warehouse, "/api/v1/sites/north/heartbeat", &json!({}));
    assert_eq!(refused.status, 404);
    assert!(refused.text().contains("[[heartbeats]]"), "{}", refused.text());
    let merchant = house.server.key(Role::Merchant, Some("m1"));
    assert_eq!(house.server.post(&merchant, "/api/v1/sites/south/heartbeat", &json!({})).status, 403);
    house.clock.on(300);
    wait_for("the silence", || house.threats().len() == 1);
    let threat = house.threats()[0].clone();
    assert_eq!(
        (threat["name"].as_str(), threat["hazard"].as_str()),
        (Some("Site silent: south"), Some("other"))
    );
    assert_eq!(
        house.server.app.service.health().head.version,
        house.get("/readyz")["version"].as_u64().unwrap()
    );
}

#[test]
fn a_site_is_heard_by_its_own_key_or_by_one_that_is_no_sites() {
    // Keys are numbered in the order they are made: House makes the first.
    let warehouse = |id: &str, caller: &str| {
        format!(
            "[[warehouses]]\nid = '{id}'\nsite = '{id}'\nours = 'ZZ:HOLDFAST'\ntheirs = 'ZZ:{id}'\ncaller = '{caller}'\n"
        )
    };
    let beats = "[[heartbeats]]\nsite = 'south'\n[[heartbeats]]\nsite = 'north'\ncaller = 'key:2'\n";
    let house =
        House::start(&format!("{beats}{}{}", warehouse("south", "key:3"), warehouse("north", "key:4")));
    let keys: Vec<String> = (0..4).map(|_| house.server.key(Role::Operator, None)).collect();
    let beat = |key: usize, site: &str| {
        house.server.post(&keys[key - 2], &format!("/api/v1/sites/{site}/heartbeat"), &json!({})).status
    };
    assert_eq!((beat(2, "north"), beat(2, "south")), (204, 403), "named for the north");
    assert_eq!((beat(3, "north"), beat(3, "south")), (403, 204), "the warehouse in the south");
    assert_eq!((beat(4, "north"), beat(4, "south")), (403, 403), "the north is heard by another key");
    assert_eq!((beat(5, "north"), beat(5, "south")), (403, 204), "of no site");
    let counts = house.get("/api/v1/feeds")["heartbeats"].clone();
    assert_eq!((counts[0]["count"].as_u64(), counts[1]["count"].as_u64()), (Some(2), Some(1)), "{counts}");
    let refused = house.server.post(&keys[2], "/api/v1/sites/south/heartbeat", &json!({}));
    assert!(refused.text().contains("caller under [[heartbeats]]"), "{}", refused.text());
}

#[test]
fn anchors_that_cannot_be_written_are_seen_where_backups_are() {
    let folder = tempfile::tempdir().unwrap();
    // A file stands where the folder should be.
    let place = folder.path().join("anchors");
    std::fs::write(&place, "").unwrap();
    let text = format!("[anchors]\nfolder = '{}'\n", place.display());
    let server = Server::with(Config::read(&text, |_| None).unwrap(), 10);
    let key = server.key(Role::Admin, None);
    let anchors = || server.get(&key, "/api/v1/backups").json()["anchors"].clone();
    let metrics = || server.get(&key, "/metrics").text();
    let page = || server.send("GET", "/", &[("Authorization", &format!("Bearer {key}"))], b"").text();
    assert_eq!(anchors(), json!({"age_seconds": null, "failed_age_seconds": null, "why": null}));
    assert!(metrics().contains("holdfast_anchor_age_seconds -1"), "{}", metrics());
    server.handle().spawn(holdfast_web::anchor::keep(server.app.clone()));
    wait_for("the failure", || anchors()["why"].is_string());
    let told = anchors();
    assert!(told["why"].as_str().unwrap().contains(place.to_str().unwrap()), "{told}");
    assert_eq!((&told["failed_age_seconds"], &told["age_seconds"]), (&json!(0.0), &Value::Null), "{told}");
    assert!(metrics().contains("holdfast_anchor_failed 1"), "{}", metrics());
    assert!(page().contains("Anchors of the logs needs a look"), "the first screen says so");
    // It is mended: the next try writes it, and nothing needs a look.
    std::fs::remove_file(&place).unwrap();
    wait_for("the anchor", || anchors()["age_seconds"].is_number());
    assert_eq!(anchors()["why"], Value::Null);
    assert!(metrics().contains("holdfast_anchor_failed 0"), "{}", metrics());
    assert!(!page().contains("Anchors of the logs needs a look"), "and no longer");
    assert_eq!(holdfast_web::anchor::read(&place).unwrap().len(), 1);
    server.app.stopping.send_replace(true);
}

#[test]
fn settings_that_cannot_be_are_refused_by_name() {
    let refused = |text: &str, why: &str| {
        let said = Config::read(text, |_| None).unwrap_err().to_string();
        assert!(said.contains(why), "{said}");
    };
    let feed = |more: &str| format!("[[feeds]]\nname = 'a'\n{more}\n");
    refused(&feed("kind = 'weather'\nurl = 'https://x.example/'"), "write one of cap, atom");
    refused(&feed("kind = 'track'\nurl = 'https://x.example/'"), "no kind");
    refused(&feed("kind = 'cap'"), "a url or a folder");
    refused(&feed("kind = 'cap'\nurl = 'https://x.example/'\nfolder = '/x'"), "one of them");
    refused(&feed("kind = 'cap'\nurl = 'http://x.example/'"), "plain = true");
    refused(&feed("kind = 'cap'\nurl = 'ftp://x.example/'"), "feeds.a");
    refused(&feed("kind = 'cap'\nurl = 'https://x.example/'\nevery_seconds = 1"), "every_seconds");
    refused(&feed("kind = 'cap'\nurl = 'https://x.example/'\nstale_after_seconds = 60"), "stale_after");
    refused(&feed("kind = 'forecasts'\nurl = 'https://x.example/'\nwinds_kt = 60"), "winds_kt");
    let twice = feed("kind = 'cap'\nfolder = '/x'");
    refused(&format!("{twice}{twice}"), "two of that name");
    refused("[[feeds]]\nname = 'a b'\nkind = 'cap'\nfolder = '/x'", "letters, digits");
    refused("[[heartbeats]]\nsite = 'a'\n[[heartbeats]]\nsite = 'a'", "once");
    refused("[order_feed]\nevery_seconds = 2", "order_feed");
    let many: String =
        (0..40).map(|n| format!("[[feeds]]\nname = 'f{n}'\nkind = 'cap'\nfolder = '/x'\n")).collect();
    refused(&many, "more than 32");
}
