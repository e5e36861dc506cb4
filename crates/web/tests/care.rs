//! Care over HTTP: one order at a time, each act with its limit, notices settled, sent again and let go by a second
//! person; and buyers, who get an honest date and nothing else.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use common::{Server, config, order};
use holdfast_access::Role;
use holdfast_app::service::Asked;
use holdfast_domain::care::CareCommand;
use holdfast_domain::command::Command;
use holdfast_domain::id::NoticeId;
use serde_json::{Value, json};

fn paid(number: &str, mail: &str) -> Value {
    let mut made = order("m1", number, "sku1");
    made["paid"] = json!("2026-09-20T00:00:00Z");
    made["placed"] = json!("2026-09-20T00:00:00Z");
    made["ship_to"]["mail"] = json!(mail);
    made
}

fn care(server: &Server, command: CareCommand) {
    let asked = Asked::new(Command::Care(Box::new(command)), "dispatch");
    let reply = server.app.service.ask_and_wait(asked).unwrap();
    assert!(matches!(reply, holdfast_app::core::Reply::Done { .. }), "{reply:?}");
}

/// Waits until a read shows what was done beside the API.
fn until(mut done: impl FnMut() -> bool) {
    for _ in 0..400 {
        if done() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("it does not come to that");
}

fn policy() -> Value {
    json!({"hold_minutes": 0, "approve_above": 1, "quiet": ["21:00", "08:00"], "per_hour": 100,
        "cancel_untold": false, "goodwill_max": 500, "hold_out_permille": 50})
}

#[test]
fn a_supporter_cares_for_one_order_within_the_limits() {
    let server = Server::with(config("[second_approver]\nrefund = 900\n"), 50);
    let (support, commander) = (server.key(Role::Support, None), server.key(Role::Commander, None));
    let (second, shop) = (server.key(Role::Commander, None), server.key(Role::Merchant, Some("m2")));
    for number in ["A-1", "A-2"] {
        let placed = server.post(&commander, "/api/v1/orders", &paid(number, "ada@example.org"));
        assert_eq!(placed.status, 201, "{}", placed.text());
    }
    // The policy is a commander's; what it says comes back.
    assert_eq!(server.call(&support, "PUT", "/api/v1/care/policy", &policy()).status, 403);
    let set = server.call(&commander, "PUT", "/api/v1/care/policy", &policy());
    assert_eq!(set.status, 200, "{}", set.text());
    assert_eq!(server.get(&support, "/api/v1/care/policy").json(), policy());
    let mut wrong = policy();
    wrong["quiet"] = json!(["9pm", "08:00"]);
    assert_eq!(server.call(&commander, "PUT", "/api/v1/care/policy", &wrong).status, 422);

    // Found by mail, by name, by number; by nobody else's supporter.
    until(|| server.app.desk.version() >= server.app.service.health().head.version);
    for text in ["ADA@example.org", "jo%20tern", "A-1", "ord-0"] {
        let found = server.get(&support, &format!("/api/v1/desk?q={text}")).json();
        assert!(found["orders"].to_string().contains("A-1"), "{text}: {found}");
        let foreign = server.get(&shop, &format!("/api/v1/desk?q={text}")).json();
        assert_eq!(foreign["orders"], json!([]), "{text}");
    }
    let log = server.app.access.audit_after(0, 500).unwrap();
    let traces = log.iter().filter(|line| line.what == "desk-search").count();
    assert_eq!(traces, 8, "nobody searches without a trace");

    let card = |id: &str| server.get(&support, &format!("/api/v1/orders/{id}/care")).json();
    assert_eq!(card("ord-0")["say"]["what"], "on_time");
    assert!(!card("ord-0")["clocks"].as_array().unwrap().is_empty(), "a clock runs, and until when");
    let act = |id: &str, what: &str, body: Value| {
        server.post(&support, &format!("/api/v1/orders/{id}/{what}"), &body).status
    };
    assert_eq!(act("ord-0", "contacts", json!({"kind": "call"})), 200);
    assert_eq!(act("ord-0", "contacts", json!({"kind": "shout"})), 422);
    assert_eq!(act("ord-0", "goodwill", json!({"amount": 300})), 200);
    assert_eq!(act("ord-0", "goodwill", json!({"amount": 300})), 409, "over the limit for one order");
    let to = json!({"country": "US", "postal": "28401", "name": "Ada King", "street": "2 New Road",
        "city": "Wilmington", "mail": "ada@example.org"});
    let moved = json!({"ship_to": to, "channel": "phone", "proof": "ticket 7"});
    assert_eq!(act("ord-0", "destination", moved), 200);
    let person = server.get(&support, "/api/v1/orders/ord-0/person").json();
    assert_eq!(person["street"], "2 New Road");
    let again = server.post(&support, "/api/v1/orders/ord-0/reship", &json!({}));
    assert_eq!(again.status, 200, "{}", again.text());
    let sent = again.json()["id"].as_str().unwrap().to_owned();
    let reshipped = server.get(&support, &format!("/api/v1/orders/{sent}")).json();
    assert_eq!((&reshipped["number"], &reshipped["value"]), (&json!("A-1-R1"), &json!(0)));

    // Cancelled on the telephone: what is owed goes back once, over the amount with a second person.
    let cancel = json!({"choice": "cancel", "channel": "phone", "proof": "ticket 8"});
    assert_eq!(act("ord-1", "answers", cancel.clone()), 200);
    assert_eq!(act("ord-1", "answers", cancel), 409);
    let ended = card("ord-1");
    assert_eq!((&ended["ended"]["why"], &ended["refund"]["open"]), (&json!("customer"), &json!(1_000)));
    assert_eq!(act("ord-1", "refunds", json!({"amount": 500, "form": "credit"})), 200);
    assert_eq!(card("ord-1")["refund"]["open"], 1_000, "credit settles nothing");
    let whole = json!({"amount": 1_000, "form": "money"});
    assert_eq!(act("ord-1", "refunds", whole.clone()), 403, "over 900 a second person says yes");
    let waiting = server.get(&second, "/api/v1/approvals").json();
    let approval = waiting[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(server.post(&second, &format!("/api/v1/approvals/{approval}"), &json!({})).status, 200);
    assert_eq!(act("ord-1", "refunds", whole.clone()), 200);
    assert_eq!(card("ord-1")["refund"]["open"], 0);
    assert_eq!(
        act("ord-1", "refunds", json!({"amount": 1, "form": "money"})),
        409,
        "nothing is owed any more"
    );
    assert_eq!(server.post(&commander, "/api/v1/orders/ord-0/give-up", &json!({})).status, 200);
    assert_eq!(card("ord-0")["ended"]["why"], "given_up");
    let measures = server.get(&support, "/api/v1/notices/measures").json();
    assert_eq!(measures["held_out"]["permille"], 50, "{measures}");
}

fn struck(server: &Server, first: &str) -> u64 {
    for number in 0..3 {
        let mail = format!("c{number}@example.org");
        let placed = server.post(first, "/api/v1/orders", &paid(&format!("B-{number}"), &mail));
        assert_eq!(placed.status, 201);
    }
    server.post(first, "/api/v1/incidents", &json!({"hazard": "flood", "name": "T", "severity": "severe"}));
    server.post(first, "/api/v1/incidents/inc-0/phase", &json!({"phase": "declared"}));
    let close = json!({"sites": ["south"], "stock": "lost"});
    assert_eq!(server.post(first, "/api/v1/incidents/inc-0/close-sites", &close).status, 200);
    let told = server.post(first, "/api/v1/incidents/inc-0/notices", &json!({"hold_minutes": 0}));
    if told.status == 200 {
        return told.json()["notices"].as_u64().unwrap();
    }
    let second = server.key(Role::Commander, None);
    let approval = server.get(&second, "/api/v1/approvals").json()[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(server.post(&second, &format!("/api/v1/approvals/{approval}"), &json!({})).status, 200);
    let told = server.post(first, "/api/v1/incidents/inc-0/notices", &json!({"hold_minutes": 0}));
    assert_eq!(told.status, 200, "{}", told.text());
    told.json()["notices"].as_u64().unwrap()
}

#[test]
fn a_batch_waits_for_a_second_person_and_each_notice_can_be_settled_resent_and_returned() {
    let server = Server::start(50);
    let (first, second) = (server.key(Role::Commander, None), server.key(Role::Commander, None));
    let support = server.key(Role::Support, None);
    let mut strict = policy();
    strict["approve_above"] = json!(0);
    assert_eq!(server.call(&first, "PUT", "/api/v1/care/policy", &strict).status, 200);
    let told = struck(&server, &first);
    assert!(told > 0, "somebody is told");
    let status = |id: u64| server.get(&first, &format!("/api/v1/notices/not-{id}")).json()["status"].clone();
    until(|| status(0) == "waiting");
    let alarms = server.get(&support, "/api/v1/alarms").json();
    assert!(alarms["alarms"].to_string().contains("approval"), "{alarms}");
    let approve = "/api/v1/incidents/inc-0/notices/approve";
    assert_eq!(server.post(&support, approve, &json!({})).status, 403);
    let own = server.post(&first, approve, &json!({}));
    assert_eq!((own.status, own.json()["code"].clone()), (409, json!("second-person-needed")));
    assert_eq!(server.post(&second, approve, &json!({})).status, 200);
    assert_eq!(status(0), "released");
    assert_eq!(server.post(&second, approve, &json!({})).status, 409, "none waits any more");

    // Handed over, and nobody knows: a person settles it, and nobody settles what is not in doubt.
    let notice = NoticeId(0);
    let settle = |arrived: bool| {
        server.post(&second, "/api/v1/notices/not-0/settle", &json!({"arrived": arrived})).status
    };
    assert_eq!(settle(true), 409);
    care(&server, CareCommand::ClaimNotice { notice });
    assert_eq!(settle(true), 409, "what is being handed over is the sending loop's");
    care(&server, CareCommand::DoubtNotice { notice });
    until(|| status(0) == "in_doubt");
    assert!(server.get(&support, "/api/v1/alarms").text().contains("notice_in_doubt"));
    assert_eq!(settle(true), 200);
    assert_eq!(status(0), "sent");
    let order = server.get(&first, "/api/v1/notices/not-0").json()["orders"][0]["order"].clone();
    let card = || server.get(&support, &format!("/api/v1/orders/{}/care", order.as_str().unwrap())).json();
    let (before, sent) = (card()["clocks"].clone(), card()["notices"][0]["sent"].clone());
    assert!(sent.is_string());

    // Sent once more it stays one notice, and no clock moves.
    assert_eq!(server.post(&support, "/api/v1/notices/not-0/resend", &json!({})).status, 200);
    assert_eq!(status(0), "released");
    care(&server, CareCommand::ClaimNotice { notice });
    let report = Asked::new(Command::ReportNotice { notice, sent: true }, "dispatch");
    server.app.service.ask_and_wait(report).unwrap();
    until(|| status(0) == "sent");
    assert_eq!((&card()["clocks"], &card()["notices"][0]["sent"]), (&before, &sent));

    // It comes back: the customer was not told, and that is an alarm.
    let report = "From mailer\nMessage-ID: <1@mx.example>\n\nStatus: 5.1.1\n\n\
                  Message-ID: <not-0-r1.holdfast@m1.example>\n";
    let bearer = format!("Bearer {second}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "message/rfc822")];
    let back = || server.send("POST", "/api/v1/notices/bounces", &headers, report.as_bytes()).json();
    assert_eq!(back()["bounced"], json!(["not-0"]));
    let again = back();
    assert_eq!((&again["known"], &again["refused"]), (&json!(1), &json!([])), "it changes nothing: {again}");
    // Of a notice there is not, nothing is known.
    let nobodys = report.replace("not-0-r1", "not-99");
    let told = server.send("POST", "/api/v1/notices/bounces", &headers, nobodys.as_bytes()).json();
    assert_eq!((&told["known"], &told["refused"][0]["notice"]), (&json!(0), &json!("not-99")), "{told}");
    assert!(told["refused"][0]["why"].as_str().is_some_and(|why| why.contains("notice")), "{told}");
    assert_eq!(status(0), "failed");
    assert_eq!(card()["notices"][0]["sent"], Value::Null);
    assert!(server.get(&support, "/api/v1/alarms").text().contains("not_reached"));
}

#[test]
fn buyers_get_an_honest_date_from_any_page_and_a_banner_while_it_lasts() {
    let server = Server::start(50);
    let key = server.key(Role::Commander, None);
    let ask = |path: &str| server.send("GET", path, &[("Origin", "https://shop.example")], b"");
    let promise = "/public/v1/promise?merchant=m1&sku=sku1&country=US&postal=28401";
    let told = ask(promise);
    assert_eq!(told.status, 200, "{}", told.text());
    assert_eq!(told.header("access-control-allow-origin"), Some("*"));
    assert_eq!(told.header("cache-control"), Some("public, max-age=60"));
    assert_eq!(told.header("cross-origin-resource-policy"), Some("cross-origin"));
    assert!(told.header("set-cookie").is_none());
    let told = told.json();
    assert_eq!((&told["what"], &told["language"]), (&json!("on"), &json!("en")), "{told}");
    assert!(told["day"].is_string() && told["text"].as_str().unwrap().contains("with you by"));
    let korean = ask(&format!("{promise}&lang=ko")).json();
    assert!(korean["text"].as_str().unwrap().contains("받아 보실 수 있습니다"), "{korean}");
    assert_eq!(korean["day"], told["day"]);
    let many = ask(&format!("{promise}&units=90")).json();
    assert_eq!(many["what"], "unknown", "more than there is: {many}");
    for (path, status) in [
        ("/public/v1/promise?merchant=none&sku=sku1&country=US&postal=28401", 404),
        ("/public/v1/promise?merchant=m1&sku=sku2&country=US&postal=28401", 404),
        ("/public/v1/promise?merchant=m1&sku=sku1&country=Utopia&postal=28401", 422),
        ("/public/v1/promise?merchant=m1&sku=sku1&country=US&postal=28401&units=1000", 422),
        ("/public/v1/promise?merchant=m1", 400),
    ] {
        assert_eq!(ask(path).status, status, "{path}");
    }
    let nowhere = ask("/public/v1/promise?merchant=m1&sku=sku1&country=FR&postal=75001").json();
    assert_eq!(nowhere["what"], "not-there");
    let version = server.app.service.health().head.version;
    let banner = "/public/v1/banner?merchant=m1";
    assert_eq!(ask(banner).json()["active"], false);
    server.post(
        &key,
        "/api/v1/incidents",
        &json!({"hazard": "hurricane", "name": "Secret name", "severity": "severe"}),
    );
    server.post(&key, "/api/v1/incidents/inc-0/phase", &json!({"phase": "declared"}));
    server.post(
        &key,
        "/api/v1/incidents/inc-0/close-sites",
        &json!({"sites": ["south"], "stock": "inaccessible"}),
    );
    let shown = ask(banner).json();
    assert_eq!((&shown["active"], &shown["state"]), (&json!(true), &json!("identified")), "{shown}");
    let text = shown.to_string();
    assert!(!text.contains("Secret name") && !text.contains("south"), "{text}");
    assert!(ask("/public/holdfast.js").text().contains("textContent"));
    assert!(server.app.service.health().head.version > version, "asking changed nothing, commanding did");
}
