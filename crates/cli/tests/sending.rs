//! Customers hear from the running service: through a real SMTP server, each once although both sides are killed; not
//! at all in drill mode; and by links that hold, and cannot be forged, outlived or turned against others.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test ends where something is missing")]

mod common;
mod live;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use common::{arg, code, run, said};
use live::{Live, keys, raw};
use serde_json::{Value, json};

/// How long anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(180);

fn python_with_aiosmtpd() -> Option<String> {
    let named = std::env::var("HOLDFAST_PYTHON").ok();
    let found = named.into_iter().chain(["python3".to_owned()]).find(|python| {
        let tried = Command::new(python).args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    });
    if found.is_none() {
        let strict = std::env::var("HOLDFAST_STRICT").as_deref() == Ok("1");
        assert!(!strict, "no python with aiosmtpd: install python3-aiosmtpd, or name one in HOLDFAST_PYTHON");
        eprintln!("SKIPPED: sending from the service (no python with aiosmtpd)");
    }
    found
}

/// A relay as a child; killed when dropped.
struct Relay(Child);

impl Relay {
    fn start(python: &str, port: u16, log: &Path) -> Self {
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../notify/tests/smtp_server.py");
        let mut child = Command::new(python)
            .arg(script)
            .arg(port.to_string())
            .arg(log)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "ready", "the SMTP server did not start");
        Self(child)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// How often the relay took each mail, and how often one was presented that it had.
fn taken(log: &Path) -> (BTreeMap<String, usize>, usize) {
    let (mut found, mut again) = (BTreeMap::new(), 0);
    for line in std::fs::read_to_string(log).unwrap_or_default().lines() {
        match line.split_once(' ') {
            Some(("new", id)) => *found.entry(id.to_owned()).or_default() += 1,
            _ => again += 1,
        }
    }
    (found, again)
}

fn configure(data: &Path, text: &str) {
    std::fs::create_dir_all(data).unwrap();
    std::fs::write(data.join("holdfast.toml"), text).unwrap();
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < end, "it takes too long: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A disaster at the busiest site of the demo book; two commanders let its notices go. Gives how many.
fn strike(live: &Live, first: &str, second: &str, drill: bool) -> u64 {
    let open = json!({"hazard": "hurricane", "name": "Test", "severity": "severe", "drill": drill});
    assert_eq!(live.post(first, "/api/v1/incidents", &open).1["id"], "inc-0");
    live.post(first, "/api/v1/incidents/inc-0/phase", &json!({"phase": "declared"}));
    let sites = live.get(first, "/api/v1/stats")["sites"].as_object().unwrap().clone();
    let busiest = sites.iter().max_by_key(|(_, units)| units.as_u64()).unwrap().0.clone();
    let close = json!({"sites": [busiest], "stock": "lost"});
    let (status, closed) = live.post(first, "/api/v1/incidents/inc-0/close-sites", &close);
    assert_eq!(status, 200, "{closed}");
    let path = "/api/v1/incidents/inc-0/notices";
    let (mut status, mut told) = live.post(first, path, &json!({"hold_minutes": 0}));
    if status == 403 {
        let waiting = live.get(second, "/api/v1/approvals");
        let approval = waiting[0]["id"].as_str().unwrap().to_owned();
        assert_eq!(live.post(second, &format!("/api/v1/approvals/{approval}"), &json!({})).0, 200);
        (status, told) = live.post(first, path, &json!({"hold_minutes": 0}));
    }
    assert_eq!(status, 200, "{told}");
    told["notices"].as_u64().unwrap()
}

/// How many notices have each status.
fn statuses(live: &Live, key: &str) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    let mut path = "/api/v1/notices?limit=500".to_owned();
    loop {
        let page = live.get(key, &path);
        for notice in page["notices"].as_array().unwrap() {
            *found.entry(notice["status"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        let Some(next) = page["next"].as_str() else { return found };
        path = format!("/api/v1/notices?limit=500&cursor={next}");
    }
}

#[test]
fn every_customer_hears_once_although_the_service_and_the_relay_are_killed() {
    let Some(python) = python_with_aiosmtpd() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (data, log, port) = (folder.path().join("data"), folder.path().join("relay.log"), free_port());
    let mail = format!(
        "[mail]\nsmtp = 'smtp://127.0.0.1:{port}'\nfrom = 'orders@kelp.example'\n\
         answers = 'https://answers.kelp.example'\nreceipts = '{}'\nconnections = 4\n",
        arg(&log)
    );
    configure(&data, &mail);
    let mut relay = Relay::start(&python, port, &log);
    let mut live = Live::start(&data, None, &["--demo"]);
    assert_eq!(live.started["sending"], "mail");
    let made = keys(&live, &["commander", "commander"]);
    let (first, second) = (made[0].as_str(), made[1].as_str());
    // Whoever tries the command beside it is told what to do.
    let beside = run(&[
        "send",
        arg(&data.join("holdfast.db")),
        "--folder",
        arg(&folder.path().join("out")),
        "--from",
        "orders@kelp.example",
        "--answers",
        "https://answers.kelp.example",
    ]);
    assert_eq!(code(&beside), 4, "{}", said(&beside));
    assert!(said(&beside).contains("the service sends by itself"), "{}", said(&beside));

    let notices = strike(&live, first, second, false);
    assert!(notices > 150, "only {notices} customers are told: the test needs more");
    until("the first mails", || taken(&log).0.len() > 30);
    live.kill();
    live = Live::start(&data, None, &[]);
    until("mails after the service was killed", || taken(&log).0.len() > 80);
    drop(relay);
    std::thread::sleep(Duration::from_millis(300));
    relay = Relay::start(&python, port, &log);
    until("all mails", || {
        let found = statuses(&live, first);
        !found.keys().any(|status| matches!(status.as_str(), "queued" | "released" | "sending"))
    });
    let found = statuses(&live, first);
    let (mails, again) = taken(&log);
    eprintln!("{notices} notices, {found:?}, {} mails, {again} presented again", mails.len());
    assert_eq!(again, 0, "no mail was presented twice");
    assert!(mails.values().all(|times| *times == 1));
    assert_eq!(found.get("sent").copied().unwrap_or(0), mails.len() as u64);
    assert_eq!(found.get("in_doubt"), None, "the relay's log settles what was open");
    assert_eq!(found.values().sum::<u64>(), notices, "{found:?}");
    live.stop();
    drop(relay);
}

#[test]
fn drill_mode_sends_nothing_even_when_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let (data, out) = (folder.path().join("data"), folder.path().join("out"));
    let mail = format!(
        "[mail]\nfolder = '{}'\nfrom = 'orders@kelp.example'\nanswers = 'https://answers.kelp.example'\n",
        arg(&out)
    );
    let mails = || {
        std::fs::read_dir(&out).map_or(0, |files| {
            files
                .filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|end| end == "eml"))
                .count()
        })
    };
    // A real incident in a service that drills.
    configure(&data, &format!("mode = 'drill'\n{mail}"));
    let live = Live::start(&data, None, &["--demo"]);
    assert_eq!(live.started["sending"], "drill");
    let made = keys(&live, &["commander", "commander"]);
    let told = strike(&live, &made[0], &made[1], false);
    until("the hold", || statuses(&live, &made[0]).get("released").copied() == Some(told));
    std::thread::sleep(Duration::from_millis(800));
    assert_eq!((mails(), statuses(&live, &made[0]).get("sent")), (0, None));
    live.stop();
    // The same journal in a service that does not: what was held leaves.
    configure(&data, &mail);
    let live = Live::start(&data, None, &[]);
    until("the mails", || {
        let found = statuses(&live, &made[0]);
        !found.keys().any(|status| matches!(status.as_str(), "queued" | "released" | "sending"))
    });
    let found = statuses(&live, &made[0]);
    // Who has no mail address is an alarm for a person; everybody else has one mail.
    let (sent, failed) = (found["sent"], found.get("failed").copied().unwrap_or(0));
    assert_eq!((mails() as u64, sent + failed), (sent, told), "{found:?}");
    assert!(failed * 5 < told, "{found:?}");
    live.stop();
    // A drill's incident in a live service.
    let other = folder.path().join("other");
    let dry = folder.path().join("dry");
    configure(&other, &mail.replace(arg(&out), arg(&dry)));
    let live = Live::start(&other, None, &["--demo"]);
    let made = keys(&live, &["commander", "commander"]);
    assert!(strike(&live, &made[0], &made[1], true) > 0);
    std::thread::sleep(Duration::from_millis(1_500));
    let left = std::fs::read_dir(&dry).unwrap();
    let left = left.filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|end| end == "eml"));
    assert_eq!(left.count(), 0);
    live.stop();
}

/// The text of a mail, its parts decoded.
fn text_of(mail: &Path) -> String {
    let raw = std::fs::read_to_string(mail).unwrap();
    let mut out = String::new();
    for part in raw.split("\r\n\r\n") {
        let plain: String = part.lines().take_while(|line| !line.starts_with("--")).collect();
        if let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(plain.trim()) {
            out.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
    out
}

#[test]
fn a_cancel_link_works_and_a_forged_an_expired_or_a_replayed_one_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let (data, out) = (folder.path().join("data"), folder.path().join("out"));
    configure(
        &data,
        &format!(
            "[mail]\nfolder = '{}'\nfrom = 'orders@kelp.example'\nanswers = 'https://answers.kelp.example'\n",
            arg(&out)
        ),
    );
    let live = Live::start(&data, None, &["--demo"]);
    let made = keys(&live, &["commander", "commander"]);
    let key = made[0].as_str();
    let told = strike(&live, key, &made[1], false);
    until("the mails", || statuses(&live, key).get("released").is_none());
    let mails: Vec<PathBuf> = std::fs::read_dir(&out)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "eml"))
        .collect();
    assert!(mails.len() > 10 && mails.len() as u64 <= told);
    // A notice about one order, not in doubt: its link can cancel it.
    let one = mails.iter().find_map(|mail| {
        let notice = mail.file_stem().unwrap().to_str().unwrap().to_owned();
        let page = live.get(key, &format!("/api/v1/notices/{notice}"));
        let orders = page["orders"].as_array().unwrap();
        let fits = orders.len() == 1 && orders[0]["cause"] == "backordered";
        fits.then(|| (text_of(mail), orders[0]["order"].as_str().unwrap().to_owned()))
    });
    let (text, order) = one.expect("a customer with one order that nobody can send");
    let link = "https://answers.kelp.example/a/";
    let token = text.split(link).nth(1).unwrap().split(|c: char| "?\"< \r\n".contains(c)).next().unwrap();
    let path = format!("/a/{token}");
    let get = |path: &str| raw(&live.address, "GET", path, &[], "").unwrap();
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let post = |path: &str, body: &str| raw(&live.address, "POST", path, &form, body).unwrap();

    let before = live.get(key, &format!("/api/v1/orders/{order}"));
    let (status, head, page) = get(&format!("{path}?choice=cancel"));
    assert_eq!(status, 200);
    assert!(head.to_lowercase().contains("no-store") && head.to_lowercase().contains("no-referrer"));
    let number = before["number"].as_str().unwrap();
    assert!(page.contains(number), "the page is about the order");
    let same = live.get(key, &format!("/api/v1/orders/{order}"));
    assert_eq!(before, same, "looking, as scanners of mail do, changes nothing");

    // Forged: a changed byte, another key's signature, another order in the form.
    let (head_part, signature) = token.rsplit_once('.').unwrap();
    let (start, payload) = head_part.rsplit_once('.').unwrap();
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let mut claim: Value = serde_json::from_slice(&engine.decode(payload).unwrap()).unwrap();
    let real = claim.clone();
    claim["order"] = json!(0);
    claim["notice"] = json!(0);
    let forged = format!("{start}.{}.{signature}", engine.encode(claim.to_string()));
    let flipped = format!("{head_part}.{}", signature.chars().rev().collect::<String>());
    for wrong in [forged.as_str(), flipped.as_str(), "h1.1.e30.AAAA", "nonsense"] {
        let (status, _, page) = get(&format!("/a/{wrong}"));
        assert_eq!(status, 404, "{wrong}");
        assert!(!page.contains(number));
        assert_eq!(post(&format!("/a/{wrong}"), "choice=cancel").0, 404, "{wrong}");
    }
    let other = if order == "ord-0" { "ord-1" } else { "ord-0" };
    assert_eq!(post(&path, &format!("choice=cancel&order={other}")).0, 404, "nothing of others");
    assert_eq!(live.get(key, &format!("/api/v1/orders/{order}")), before);

    // Expired: the claim's own time lies 90 days ahead; one that is made older has no valid signature.
    let mut old = real;
    old["expires_at"] = json!(0);
    let expired = format!("{start}.{}.{signature}", engine.encode(old.to_string()));
    assert_eq!(get(&format!("/a/{expired}")).0, 404, "a claim whose time was changed is forged");

    // It works, once: the second time changes nothing.
    let (status, _, thanks) = post(&path, "choice=cancel");
    assert_eq!(status, 200, "{thanks}");
    let care = live.get(key, &format!("/api/v1/orders/{order}/care"));
    assert_eq!(care["ended"]["why"], "customer", "{care}");
    assert_eq!(care["answers"].as_array().unwrap().len(), 1, "{care}");
    let cancelled = live.get(key, &format!("/api/v1/orders/{order}"));
    assert_eq!(cancelled["status"], "cancelled", "{cancelled}");
    assert_eq!(post(&path, "choice=cancel").0, 200, "the answer stands, and its page says so");
    assert_eq!(post(&path, "choice=wait").0, 200);
    let after = live.get(key, &format!("/api/v1/orders/{order}/care"));
    assert_eq!((&after["answers"], &after["ended"]), (&care["answers"], &care["ended"]), "replayed: nothing");
    live.stop();
}

#[test]
fn whoever_is_called_and_does_not_answer_is_followed_by_the_next_and_a_link_acknowledges_once() {
    let folder = tempfile::tempdir().unwrap();
    let (data, out) = (folder.path().join("data"), folder.path().join("out"));
    configure(
        &data,
        &format!(
            "[mail]\nfolder = '{}'\nfrom = 'ops@kelp.example'\nanswers = 'https://answers.kelp.example'\n\
             [[contacts]]\ncode = 'lead'\nname = 'Dana'\nmail = 'dana@kelp.example'\n\
             [[contacts]]\ncode = 'deputy'\nname = '김하나'\nmail = 'hana@kelp.example'\nlanguage = 'ko'\n",
            arg(&out)
        ),
    );
    let live = Live::start(&data, None, &["--demo"]);
    let made = keys(&live, &["commander"]);
    let key = made[0].as_str();
    let open = json!({"hazard": "hurricane", "name": "Test", "severity": "severe"});
    assert_eq!(live.post(key, "/api/v1/incidents", &open).1["id"], "inc-0");
    let call = json!({"audience": "staff", "asks": ["take-role"], "place": "Wilmington",
        "contacts": ["nobody", "deputy"], "within_minutes": 60});
    assert_eq!(live.post(key, "/api/v1/incidents/inc-0/calls", &call).0, 422, "a contact nobody knows");
    let call = json!({"audience": "staff", "asks": ["take-role"], "place": "Wilmington",
        "contacts": ["lead", "deputy"], "within_minutes": 60});
    assert_eq!(live.post(key, "/api/v1/incidents/inc-0/calls", &call).0, 201);
    until("the mail to the lead", || out.join("call-1-0.eml").exists());
    until("the report", || live.get(key, "/api/v1/calls")[0]["steps"][0]["status"] == "sent");
    let text = text_of(&out.join("call-1-0.eml"));
    let token = text.split("https://answers.kelp.example/k/").nth(1).unwrap();
    let token = token.split(|c: char| "?\"< \r\n".contains(c)).next().unwrap();
    let path = format!("/k/{token}");
    let (status, _, page) = raw(&live.address, "GET", &path, &[], "").unwrap();
    assert!(status == 200 && page.contains("Wilmington") && page.contains("<form"), "{page}");
    assert_eq!(live.get(key, "/api/v1/calls")[0]["state"], "open", "looking acknowledges nothing");
    let (start, signature) = token.rsplit_once('.').unwrap();
    let forged = format!("/k/{start}.{}", signature.chars().rev().collect::<String>());
    assert_eq!(raw(&live.address, "POST", &forged, &[], "").unwrap().0, 404);
    assert_eq!(raw(&live.address, "POST", &path, &[], "").unwrap().0, 200);
    let ended = live.get(key, "/api/v1/calls")[0].clone();
    assert_eq!((&ended["state"], &ended["who"]), (&json!("acknowledged"), &json!("lead")), "{ended}");
    let (_, _, over) = raw(&live.address, "POST", &path, &[], "").unwrap();
    assert!(!over.contains("<form"), "the second time changes nothing");
    assert!(!out.join("call-1-1.eml").exists(), "nobody else is asked");
    live.stop();
}
