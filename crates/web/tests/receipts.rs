//! Delivery receipts of providers: signed, each counted once, and the measures they add up to.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use common::{NOW, Server, config, order};
use holdfast_access::Role;
use holdfast_app::service::Asked;
use holdfast_connect::standard;
use holdfast_domain::care::CareCommand;
use holdfast_domain::command::Command;
use holdfast_domain::id::NoticeId;
use serde_json::{Value, json};

const RECEIPTS: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn server(folder: &std::path::Path) -> Server {
    let (secret, receipts) = (folder.join("secret"), folder.join("receipts"));
    std::fs::write(&secret, "0123456789abcdef").unwrap();
    std::fs::write(&receipts, RECEIPTS).unwrap();
    let channel = |name: &str, more: &str| {
        let receipts = receipts.display();
        format!(
            "[channels.{name}]\nkind = 'sms'\nurl = 'https://sms.example/send'\nsecret_file = '{}'\n\
             receipts_file = '{receipts}'\n{more}",
            secret.display()
        )
    };
    let mail = "[mail]\nfolder = 'out'\nfrom = 'a@b.example'\nanswers = 'https://a.example'\n";
    let text = format!("{mail}{}{}", channel("sms", ""), channel("other", "order = 2\nmerchants = ['m2']\n"));
    Server::with(config(&text), 50)
}

/// What the service answers to receipts of a channel, signed with a secret at a moment.
fn receipts(server: &Server, channel: &str, secret: &str, at_ms: i64, body: &Value) -> (u16, Value) {
    let (id, at, body) = ("msg_1", at_ms / 1_000, body.to_string());
    let signature = standard::sign(&standard::key(secret).unwrap(), id, at, body.as_bytes());
    let at = at.to_string();
    let headers = [
        ("webhook-id", id),
        ("webhook-timestamp", at.as_str()),
        ("webhook-signature", signature.as_str()),
        ("Content-Type", "application/json"),
    ];
    let answer = server.send("POST", &format!("/receipts/{channel}"), &headers, body.as_bytes());
    (answer.status, serde_json::from_str(&answer.text()).unwrap_or(Value::Null))
}

fn command(server: &Server, command: Command) {
    let reply = server.app.service.ask_and_wait(Asked::new(command, "dispatch")).unwrap();
    assert!(matches!(reply, holdfast_app::core::Reply::Done { .. }), "{reply:?}");
}

fn told(server: &Server, key: &str) -> u32 {
    for number in 0..3 {
        let mut placed = order("m1", &format!("C-{number}"), "sku1");
        placed["ship_to"]["mail"] = json!(format!("c{number}@example.org"));
        assert_eq!(server.post(key, "/api/v1/orders", &placed).status, 201);
    }
    server.post(key, "/api/v1/incidents", &json!({"hazard": "flood", "name": "T", "severity": "severe"}));
    server.post(key, "/api/v1/incidents/inc-0/phase", &json!({"phase": "declared"}));
    let sites = json!({"sites": ["south"], "stock": "lost"});
    assert_eq!(server.post(key, "/api/v1/incidents/inc-0/close-sites", &sites).status, 200);
    let tell = || server.post(key, "/api/v1/incidents/inc-0/notices", &json!({"hold_minutes": 0}));
    let mut notices = tell();
    if notices.status == 403 {
        let second = server.key(Role::Commander, None);
        let waiting = server.get(&second, "/api/v1/approvals").json();
        let approval = format!("/api/v1/approvals/{}", waiting[0]["id"].as_str().unwrap());
        assert_eq!(server.post(&second, &approval, &json!({})).status, 200);
        notices = tell();
    }
    assert_eq!(notices.status, 200, "{}", notices.text());
    let count = u32::try_from(notices.json()["notices"].as_u64().unwrap()).unwrap();
    // What readers see follows what the writer has done.
    let until = |id: u32, status: &str| {
        for _ in 0..400 {
            if server.get(key, &format!("/api/v1/notices/not-{id}")).json()["status"] == status {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    };
    for id in 0..count {
        until(id, "released");
        let notice = NoticeId(id);
        command(server, Command::Care(Box::new(CareCommand::ClaimNotice { notice })));
        command(server, Command::ReportNotice { notice, sent: true });
        until(id, "sent");
    }
    count
}

#[test]
fn a_signed_receipt_is_counted_once_and_the_measures_add_up() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(folder.path());
    let key = server.key(Role::Commander, None);
    assert!(told(&server, &key) >= 2, "somebody is told");
    let one =
        |id: u32, status: &str| json!({"key": format!("not-{id}.holdfast@m1.example"), "status": status});
    let measures = || server.get(&key, "/api/v1/notices/measures").json();
    let before = measures();
    let n = |measures: &Value, field: &str| measures[field].as_u64().unwrap();
    assert_eq!(n(&before, "delivered"), 0, "that a channel took it is not that it arrived");

    // Forged, old or unsigned: nothing is taken.
    let foreign = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    assert_eq!(receipts(&server, "sms", foreign, NOW, &one(0, "delivered")).0, 401);
    assert_eq!(receipts(&server, "sms", RECEIPTS, NOW - 3_600_000, &one(0, "delivered")).0, 401);
    assert_eq!(receipts(&server, "none", RECEIPTS, NOW, &one(0, "delivered")).0, 404);
    assert_eq!(receipts(&server, "sms", RECEIPTS, NOW, &json!({"what": 1})).0, 400);
    let unsigned = server.send("POST", "/receipts/sms", &[], one(0, "delivered").to_string().as_bytes());
    assert_eq!(unsigned.status, 401);
    // A channel speaks of its own merchants' notices only.
    let (status, others) = receipts(&server, "other", RECEIPTS, NOW, &one(0, "delivered"));
    assert_eq!((status, &others["unread"]), (200, &json!(1)));
    assert_eq!(n(&measures(), "delivered"), 0);

    let (status, taken) = receipts(&server, "sms", RECEIPTS, NOW, &one(0, "delivered"));
    assert_eq!((status, &taken["taken"]), (200, &json!(1)), "{taken}");
    let many =
        json!({"receipts": [one(0, "delivered"), one(1, "queued"), one(99, "delivered"), one(0, "opened")]});
    let (_, taken) = receipts(&server, "sms", RECEIPTS, NOW, &many);
    assert_eq!((&taken["taken"], &taken["known"], &taken["unread"]), (&json!(0), &json!(1), &json!(2)));
    assert_eq!(taken["refused"], 1, "its merchant does not count who opens");
    assert_eq!((n(&measures(), "delivered"), n(&measures(), "opened")), (1, 0), "opened is off");
    let on = json!({"counted": true});
    assert_eq!(server.call(&key, "PUT", "/api/v1/merchants/m1/opens", &on).status, 200);
    assert_eq!(receipts(&server, "sms", RECEIPTS, NOW, &one(0, "opened")).1["taken"], 1);
    assert_eq!(receipts(&server, "sms", RECEIPTS, NOW, &one(0, "opened")).1["known"], 1);

    // One that did not arrive goes by the next way, and is not told.
    assert_eq!(receipts(&server, "sms", RECEIPTS, NOW, &one(1, "failed")).1["taken"], 1);
    let now = measures();
    assert_eq!(
        (n(&now, "delivered"), n(&now, "opened"), n(&now, "sent")),
        (1, 1, n(&before, "sent") - 1),
        "{now}"
    );
    assert_eq!(n(&now, "in_outbox"), 1, "the next way is tried");
    assert_eq!(n(&now, "cancelled") + n(&now, "kept") + n(&now, "open"), n(&now, "orders_told"), "{now}");
    let statistics = server.get(&key, "/api/v1/statistics").json();
    assert_eq!(statistics["told"], now);
    let metrics = server.send("GET", "/metrics", &[], b"").text();
    assert!(metrics.contains("holdfast_alarms{kind=\"overdue\"}"), "{metrics}");
}

#[test]
fn a_notice_is_read_before_it_leaves_and_a_draft_that_loses_a_fact_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(folder.path());
    let key = server.key(Role::Commander, None);
    told(&server, &key);
    let foreign = server.key(Role::Merchant, Some("m2"));
    let say =
        |key: &str, words: &str| server.post(key, "/api/v1/notices/not-0/words", &json!({"words": words}));
    let version = server.app.service.health().head.version;
    let plain = say(&key, "").json();
    assert!(plain["subject"].as_str().unwrap().contains("C-"), "{plain}");
    let text = plain["text"].as_str().unwrap();
    assert!(
        text.contains("https://preview.holdfast.example/a/") && !text.contains("c0@example.org"),
        "{text}"
    );
    let draft = say(
        &key,
        "lead-date-unknown = We are sorry: it is late.\nlead-delayed = We are sorry: it is late.\n",
    );
    assert!(draft.json()["text"].as_str().unwrap().contains("We are sorry: it is late."), "{}", draft.text());
    let lost = say(&key, "subject-date-unknown = Late\n");
    assert_eq!(lost.status, 422);
    assert!(lost.text().contains("subject-date-unknown"), "{}", lost.text());
    assert_eq!(say(&foreign, "").status, 404);
    assert_eq!(server.app.service.health().head.version, version, "looking changes nothing");
}

#[test]
fn a_merchant_sets_for_itself_whether_opened_notices_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(folder.path());
    let (mine, support) = (server.key(Role::Merchant, Some("m1")), server.key(Role::Support, None));
    let put = |key: &str, merchant: &str, on: bool| {
        let path = format!("/api/v1/merchants/{merchant}/opens");
        server.call(key, "PUT", &path, &json!({"counted": on})).status
    };
    assert_eq!((put(&mine, "m1", true), put(&mine, "m2", true), put(&support, "m1", false)), (200, 404, 403));
    assert_eq!(server.get(&mine, "/api/v1/merchants/m1/opens").json()["counted"], true);
    assert_eq!(put(&mine, "m1", false), 200);
    assert_eq!(server.get(&mine, "/api/v1/merchants/m1/opens").json()["counted"], false);
}
