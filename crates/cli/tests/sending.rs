//! Customers hear from the running service: through a real SMTP server, each once although both sides are killed; not
//! at all in drill mode; and by links that hold, and cannot be forged, outlived or turned against others.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test ends where something is missing")]

mod common;
mod live;
#[path = "../../notify/tests/common/relay.rs"]
mod relay;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64::Engine as _;
use common::{arg, code, run, said};
use live::{Live, keys, raw, send};
use relay::{Relay, free_port, python_with_aiosmtpd, taken};
use serde_json::{Value, json};

/// How long anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(180);

fn configure(data: &Path, text: &str) {
    std::fs::create_dir_all(data).unwrap();
    std::fs::write(data.join("holdfast.toml"), text).unwrap();
}

/// A house whose mails are put into a folder.
struct Mailing {
    folder: tempfile::TempDir,
    data: PathBuf,
    out: PathBuf,
    /// The part of the configuration that says so.
    text: String,
}

/// Sets such a house up; `more` is the rest of its configuration.
fn mailing(more: &str) -> Mailing {
    let folder = tempfile::tempdir().unwrap();
    let (data, out) = (folder.path().join("data"), folder.path().join("out"));
    let text = format!(
        "[mail]\nfolder = '{}'\nfrom = 'orders@kelp.example'\nanswers = 'https://answers.kelp.example'\n",
        arg(&out)
    );
    configure(&data, &format!("{text}{more}"));
    Mailing { folder, data, out, text }
}

/// The mails in a folder; none before there is one.
fn mails_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = files.map(|file| file.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|end| end == "eml")).collect()
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
    declare(live, first, drill);
    close(live, first, second, &json!({"hold_minutes": 0}), "lost")
}

/// The same with a hold and a stock of one's own choice.
fn strike_with(live: &Live, first: &str, second: &str, hold: &Value, stock: &str) -> u64 {
    declare(live, first, false);
    close(live, first, second, hold, stock)
}

/// Gives the site back that the disaster has closed, all of it.
fn reopen(live: &Live, key: &str) {
    let sites = live.get(key, "/api/v1/sites");
    let closed = sites.as_array().unwrap().iter().find(|site| site["access"] == "closed").unwrap();
    let clear = json!({"site": closed["code"]});
    for _ in 0..6 {
        let (status, said) = live.post(key, "/api/v1/incidents/inc-0/all-clear", &clear);
        if status == 409 {
            return;
        }
        assert_eq!(status, 200, "{said}");
    }
}

fn declare(live: &Live, first: &str, drill: bool) {
    let open = json!({"hazard": "hurricane", "name": "Test", "severity": "severe", "drill": drill});
    assert_eq!(live.post(first, "/api/v1/incidents", &open).1["id"], "inc-0");
    live.post(first, "/api/v1/incidents/inc-0/phase", &json!({"phase": "declared"}));
}

fn close(live: &Live, first: &str, second: &str, hold: &Value, stock: &str) -> u64 {
    let sites = live.get(first, "/api/v1/stats")["sites"].as_object().unwrap().clone();
    let busiest = sites.iter().max_by_key(|(_, units)| units.as_u64()).unwrap().0.clone();
    let close = json!({"sites": [busiest], "stock": stock});
    let (status, closed) = live.post(first, "/api/v1/incidents/inc-0/close-sites", &close);
    assert_eq!(status, 200, "{closed}");
    tell(live, first, second, hold)
}

/// Lets the notices of the incident go, approved by a second person where that is asked for. Gives how many.
fn tell(live: &Live, first: &str, second: &str, hold: &Value) -> u64 {
    let path = "/api/v1/incidents/inc-0/notices";
    let (mut status, mut told) = live.post(first, path, hold);
    if status == 403 {
        let waiting = live.get(second, "/api/v1/approvals");
        let approval = waiting[0]["id"].as_str().unwrap().to_owned();
        assert_eq!(live.post(second, &format!("/api/v1/approvals/{approval}"), &json!({})).0, 200);
        (status, told) = live.post(first, path, hold);
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
    let Some(python) = python_with_aiosmtpd("sending from the service") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (data, log, port) = (folder.path().join("data"), folder.path().join("relay.log"), free_port());
    let mail = format!(
        "[mail]\nsmtp = 'smtp://127.0.0.1:{port}'\nfrom = 'orders@kelp.example'\n\
         answers = 'https://answers.kelp.example'\nreceipts = '{}'\nconnections = 4\n",
        arg(&log)
    );
    configure(&data, &mail);
    let mut relay = Relay::start(&python, port, &log, None);
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
    relay = Relay::start(&python, port, &log, None);
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
    let Mailing { folder, data, out, text: mail } = mailing("");
    let mails = || mails_in(&out).len();
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
    assert_eq!(mails_in(&dry).len(), 0);
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
    let Mailing { folder: _folder, data, out, .. } = mailing("");
    let live = Live::start(&data, None, &["--demo"]);
    let made = keys(&live, &["commander", "commander"]);
    let key = made[0].as_str();
    let told = strike(&live, key, &made[1], false);
    until("the mails", || statuses(&live, key).get("released").is_none());
    let mails = mails_in(&out);
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

/// The first link to `kind` (`a`, `k` or `o`) in a mail.
fn token_of(text: &str, kind: &str) -> Option<String> {
    let rest = text.split(&format!("https://answers.kelp.example/{kind}/")).nth(1)?;
    rest.split(|c: char| "?\"< \r\n".contains(c)).next().map(ToOwned::to_owned)
}

#[test]
fn whoever_is_called_and_does_not_answer_is_followed_by_the_next_and_a_link_acknowledges_once() {
    let Mailing { folder, data, out, .. } = mailing(
        "[[contacts]]\ncode = 'lead'\nname = 'Dana'\nmail = 'dana@kelp.example'\n\
         [[contacts]]\ncode = 'deputy'\nname = '김하나'\nmail = 'hana@kelp.example'\nlanguage = 'ko'\n",
    );
    let mut live = Live::start(&data, None, &["--demo"]);
    let made = keys(&live, &["commander"]);
    let key = made[0].as_str();
    let open =
        |drill: bool| json!({"hazard": "hurricane", "name": "Test", "severity": "severe", "drill": drill});
    assert_eq!(live.post(key, "/api/v1/incidents", &open(false)).1["id"], "inc-0");
    assert_eq!(live.post(key, "/api/v1/incidents", &open(true)).1["id"], "inc-1");
    let call = |contacts: &[&str], minutes: u32| {
        json!({"audience": "staff", "asks": ["take-role"], "place": "Wilmington", "contacts": contacts,
            "within_minutes": minutes})
    };
    let path = "/api/v1/incidents/inc-0/calls";
    assert_eq!(live.post(key, path, &call(&["nobody", "deputy"], 60)).0, 422, "a contact nobody knows");
    assert_eq!(live.post(key, path, &call(&["lead", "deputy"], 60)).1["id"], "call-0");
    until("the mail to the lead", || out.join("call-0-0.eml").exists());
    until("the report", || live.get(key, "/api/v1/calls")[0]["steps"][0]["status"] == "sent");
    // In a drill the same call is made, and nobody is written to.
    let drilled = live.post(key, "/api/v1/incidents/inc-1/calls", &call(&["lead", "deputy"], 60)).1;
    assert_eq!(drilled["id"], "call-1");
    let practised = live.get(key, "/api/v1/calls")[0].clone();
    assert_eq!((&practised["drill"], &practised["steps"][0]["status"]), (&json!(true), &json!("practised")));

    // The machine dies, and with it every file but the journal: the call goes on where it was.
    live.kill();
    for file in ["index.db", "inbox.db", "tally.db"] {
        let _ = std::fs::remove_file(data.join(file));
    }
    live = Live::start(&data, None, &[]);
    let text = text_of(&out.join("call-0-0.eml"));
    let token = token_of(&text, "k").unwrap();
    let path = format!("/k/{token}");
    let (status, _, page) = raw(&live.address, "GET", &path, &[], "").unwrap();
    assert!(status == 200 && page.contains("Wilmington") && page.contains("<form"), "{page}");
    assert_eq!(live.get(key, "/api/v1/calls")[1]["state"], "open", "looking acknowledges nothing");
    let (start, signature) = token.rsplit_once('.').unwrap();
    let forged = format!("/k/{start}.{}", signature.chars().rev().collect::<String>());
    assert_eq!(raw(&live.address, "POST", &forged, &[], "").unwrap().0, 404);
    assert_eq!(raw(&live.address, "POST", &path, &[], "").unwrap().0, 200);
    let ended = live.get(key, "/api/v1/calls")[1].clone();
    assert_eq!((&ended["state"], &ended["who"]), (&json!("acknowledged"), &json!("lead")), "{ended}");
    let (_, _, over) = raw(&live.address, "POST", &path, &[], "").unwrap();
    assert!(!over.contains("<form"), "the second time changes nothing");
    assert!(!out.join("call-0-1.eml").exists(), "nobody else is asked");
    assert!(!out.join("call-1-0.eml").exists(), "nobody is asked in a drill");
    // The room of the incident tells of it, and so does what an auditor is given.
    // A service that has just begun still reads its journal for the timeline.
    until("the timeline of the room", || {
        let room = raw(&live.address, "GET", "/incidents/inc-0", &[("Authorization", key)], "");
        room.is_some_and(|(_, _, page)| page.contains("acknowledged by") && page.contains("Wilmington"))
    });
    live.stop();
    let shown = folder.path().join("evidence");
    let told = run(&["evidence", "--data", arg(&data), "--out", arg(&shown)]);
    assert!(matches!(code(&told), 0 | 1), "{}", said(&told));
    let evidence: Value =
        serde_json::from_slice(&std::fs::read(shown.join("evidence.json")).unwrap()).unwrap();
    let calls = &evidence["incidents"][0]["calls"];
    assert_eq!((&calls[0]["how"], &calls[0]["who"]), (&json!("acknowledged"), &json!("lead")), "{calls}");
    assert_eq!(calls[0]["contacts"][0]["status"], "sent");
    assert_eq!(evidence["incidents"][1]["calls"][0]["contacts"][0]["status"], "practised");
}

/// The policy of how notices leave, as the test begins, with changes.
fn policy(live: &Live, key: &str, changes: &Value) {
    let mut policy = json!({"hold_minutes": 0, "approve_above": null, "quiet": null, "per_hour": null,
        "cancel_untold": false, "goodwill_max": 0, "hold_out_permille": 0});
    for (field, value) in changes.as_object().unwrap() {
        policy[field] = value.clone();
    }
    let (status, _, said) =
        send(&live.address, "PUT", "/api/v1/care/policy", &[("Authorization", key)], &policy).unwrap();
    assert_eq!(status, 200, "{said}");
}

fn counted(live: &Live, key: &str, status: &str) -> u64 {
    statuses(live, key).get(status).copied().unwrap_or(0)
}

#[test]
fn the_running_service_holds_withdraws_waits_for_a_second_person_keeps_quiet_throttles_and_holds_out() {
    let Mailing { folder: _folder, data, out, .. } = mailing("");
    let mails = || mails_in(&out).len();
    let live = Live::start(&data, None, &["--demo"]);
    let made = keys(&live, &["commander", "commander"]);
    let (first, second) = (made[0].as_str(), made[1].as_str());
    // All day is quiet: that keeps back what no law requires, and nothing else.
    policy(&live, first, &json!({"approve_above": 5, "quiet": ["00:00", "24:00"]}));

    // Held: nothing leaves, and it can be taken back.
    let told = strike_with(&live, first, second, &json!({"hold_minutes": 60}), "inaccessible");
    assert!(told > 40, "{told}");
    std::thread::sleep(Duration::from_millis(800));
    assert_eq!((counted(&live, first, "queued"), mails()), (told, 0), "held in the outbox");
    let path = "/api/v1/incidents/inc-0/notices";
    let (status, _, taken_back) =
        send(&live.address, "DELETE", path, &[("Authorization", first)], &Value::Null).unwrap();
    assert_eq!((status, &taken_back["withdrawn"]), (200, &json!(told)), "{taken_back}");
    assert_eq!((counted(&live, first, "queued"), mails()), (0, 0), "what was taken back never leaves");

    // Over the threshold a second person lets them go, and not the one who queued them.
    let again = tell(&live, first, second, &json!({"hold_minutes": 0}));
    assert_eq!(again, told, "whoever was to be told still has the old date");
    until("the batch waits", || counted(&live, first, "waiting") >= again - 5);
    let approve = "/api/v1/incidents/inc-0/notices/approve";
    assert_eq!(live.post(first, approve, &json!({})).0, 409);
    assert!(mails() <= 5, "nothing over the threshold has left");
    assert_eq!(live.post(second, approve, &json!({})).0, 200);
    // What a law requires leaves at any hour.
    until("what the law requires", || {
        let left = counted(&live, first, "sent") + counted(&live, first, "failed");
        left >= again
    });
    let required = counted(&live, first, "sent");
    eprintln!("{told} held and taken back, {again} told again, {required} sent in quiet hours");

    // The site opens again: better news is an extra, so it waits for the morning.
    policy(&live, first, &json!({"quiet": ["00:00", "24:00"]}));
    reopen(&live, first);
    let better = tell(&live, first, second, &json!({"hold_minutes": 0}));
    let gone = || counted(&live, first, "sent") + counted(&live, first, "failed");
    let moves =
        || ["queued", "waiting", "sending"].iter().map(|status| counted(&live, first, status)).sum::<u64>();
    // Whoever hears of a later day after all hears at once; whoever hears that all is well can wait.
    until("the hold is over", || {
        moves() == 0 && gone() + counted(&live, first, "released") == again + better
    });
    std::thread::sleep(Duration::from_millis(1_200));
    let (quiet, extras) = (gone(), counted(&live, first, "released"));
    assert!(extras > 12, "{extras} of {better} hear that it is on schedule");
    std::thread::sleep(Duration::from_millis(1_200));
    assert_eq!((gone(), counted(&live, first, "released")), (quiet, extras), "quiet");

    // Three an hour.
    policy(&live, first, &json!({"per_hour": 3}));
    until("the first of three", || gone() > quiet);
    std::thread::sleep(Duration::from_millis(1_200));
    assert!(gone() <= quiet + 3, "throttled");

    // Half of the customers are held out of extras, and of nothing else.
    let withdrawn = counted(&live, first, "withdrawn");
    policy(&live, first, &json!({"hold_out_permille": 500}));
    until("the rest", || counted(&live, first, "released") + moves() == 0);
    let held_out = counted(&live, first, "withdrawn") - withdrawn;
    assert!(held_out > 0 && held_out < extras, "{held_out} of {extras}");
    let measures = live.get(first, "/api/v1/notices/measures");
    assert!(measures["held_out"]["orders"].as_u64().unwrap() >= held_out, "{measures}");
    assert!(measures["updated"]["orders"].as_u64().unwrap() > 0, "{measures}");
    let n = |field: &str| measures[field].as_u64().unwrap();
    let all: u64 = statuses(&live, first).values().sum();
    assert_eq!(n("sent") + n("failed") + n("in_doubt") + n("withdrawn") + n("in_outbox"), all, "{measures}");
    assert_eq!(n("cancelled") + n("kept") + n("open"), n("orders_told"), "{measures}");
    assert_eq!(live.get(first, "/api/v1/statistics")["told"]["orders_told"], measures["orders_told"]);
    live.stop();
}

#[test]
fn an_image_counts_who_opened_only_where_the_merchant_wants_it_and_once() {
    let Mailing { folder: _folder, data, out, .. } = mailing("");
    let live = Live::start(&data, None, &["--demo"]);
    let made = keys(&live, &["commander", "commander"]);
    let key = made[0].as_str();
    let merchants = live.get(key, "/api/v1/merchants");
    let code = merchants[0]["code"].as_str().unwrap().to_owned();
    let setting = format!("/api/v1/merchants/{code}/opens");
    assert_eq!(live.get(key, &setting)["counted"], false, "off unless somebody asks for it");
    let on = json!({"counted": true});
    let set = send(&live.address, "PUT", &setting, &[("Authorization", key)], &on).unwrap();
    assert_eq!(set.0, 200, "{}", set.2);
    strike(&live, key, &made[1], false);
    until("the mails", || counted(&live, key, "released") == 0 && counted(&live, key, "sent") > 0);
    let (mut with, mut without) = (None, 0);
    for file in std::fs::read_dir(&out).unwrap() {
        let path = file.unwrap().path();
        let Some(id) = path.file_stem().and_then(|stem| stem.to_str()).filter(|id| id.starts_with("not-"))
        else {
            continue;
        };
        let theirs = live.get(key, &format!("/api/v1/notices/{id}"))["merchant"] == code.as_str();
        let token = token_of(&text_of(&path), "o");
        assert_eq!(token.is_some(), theirs, "{id}: an image for the merchant who counts, and for no other");
        without += u32::from(token.is_none());
        with = with.or(token);
        if without > 3 && with.is_some() {
            break;
        }
    }
    let token = with.expect("a notice of that merchant");
    let opened = || live.get(key, "/api/v1/notices/measures")["opened"].as_u64().unwrap();
    let image = |token: &str| raw(&live.address, "GET", &format!("/o/{token}"), &[], "").unwrap();
    assert_eq!(opened(), 0);
    let (start, signature) = token.rsplit_once('.').unwrap();
    let forged = image(&format!("{start}.{}", signature.chars().rev().collect::<String>()));
    assert_eq!((forged.0, opened()), (200, 0), "a forged one counts nothing and tells nothing");
    let (status, head, _) = image(&token);
    assert!(status == 200 && head.to_lowercase().contains("image/gif"), "{head}");
    // Readers see it a moment after the writer has it.
    until("the opening", || opened() == 1);
    image(&token);
    assert_eq!(opened(), 1, "once");
    // What a law asks about a notice does not depend on it.
    let answer = raw(&live.address, "GET", &format!("/a/{token}"), &[], "").unwrap();
    assert_eq!(answer.0, 404, "the image's link opens no order");
    live.stop();
}

#[test]
fn the_commands_take_reports_down_and_sign_with_the_newest_key() {
    let folder = tempfile::tempdir().unwrap();
    let (data, out) = (folder.path().join("data"), folder.path().join("out"));
    let secret = folder.path().join("key-2");
    std::fs::write(&secret, "a second key of more than thirty-two characters").unwrap();
    let links = format!("[[links.keys]]\nnumber = 2\nsecret_file = '{}'\n", arg(&secret));
    configure(&data, &links);
    let live = Live::start(&data, None, &["--demo"]);
    let made = keys(&live, &["commander", "commander"]);
    let told = strike(&live, &made[0], &made[1], false);
    until("the hold", || counted(&live, &made[0], "released") == told);
    live.stop();
    let journal = data.join("holdfast.db");
    let (from, answers) = ("orders@kelp.example", "https://answers.kelp.example");
    let sent = run(&["send", arg(&journal), "--folder", arg(&out), "--from", from, "--answers", answers]);
    assert_eq!(code(&sent), 0, "{}", said(&sent));
    let mails = mails_in(&out);
    let token = token_of(&text_of(&mails[0]), "a").unwrap();
    assert!(token.starts_with("h1.2."), "signed with the newest key of the configuration: {token}");

    let id = |mail: &Path| {
        let text = std::fs::read_to_string(mail).unwrap();
        text.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap().trim().to_owned()
    };
    let report = |mail: &Path, action: &str, status: &str| {
        format!(
            "From mailer\nMessage-ID: <1@mx.example>\n\nAction: {action}\nStatus: {status}\n\nMessage-ID: {}\n",
            id(mail)
        )
    };
    let mbox = folder.path().join("returned.mbox");
    let text = report(&mails[0], "failed", "5.1.1")
        + &report(&mails[1], "delivered", "2.1.5")
        + &report(&mails[2], "delayed", "4.2.2")
        + "From me\nSubject: hello\n\nhi\n";
    std::fs::write(&mbox, text).unwrap();
    let taken = run(&["--json", "bounces", arg(&journal), arg(&mbox)]);
    assert_eq!(code(&taken), 1, "{}", said(&taken));
    let counts: Value = serde_json::from_slice(&taken.stdout).unwrap();
    assert_eq!(counts["bounced"].as_array().unwrap().len(), 1, "{counts}");
    assert_eq!(counts["delivered"].as_array().unwrap().len(), 1, "{counts}");
    assert_eq!((&counts["delayed"], &counts["unread"], &counts["known"]), (&json!(1), &json!(1), &json!(0)));
    let again = run(&["--json", "bounces", arg(&journal), arg(&mbox)]);
    let counts: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!((code(&again), &counts["known"], &counts["refused"]), (0, &json!(2), &json!([])), "{counts}");
    let alarms = run(&["alarms", arg(&journal)]);
    let alarms = String::from_utf8(alarms.stdout).unwrap();
    assert!(alarms.contains("no channel took it"), "{alarms}");
    // The link holds in the service that knows both keys.
    let live = Live::start(&data, None, &[]);
    let (status, ..) = raw(&live.address, "GET", &format!("/a/{token}"), &[], "").unwrap();
    assert_eq!(status, 200);
    live.stop();
}
