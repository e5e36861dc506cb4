//! The API as its callers meet it.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use std::io::{BufRead as _, BufReader, Write as _};
use std::time::Duration;

use common::{NOW, PASSWORD, Server, order};
use holdfast_access::Role;
use serde_json::json;

#[test]
fn an_order_is_taken_once_read_back_and_changed() {
    let server = Server::start(10);
    let key = server.key(Role::Operator, None);
    let bearer = format!("Bearer {key}");
    let headers =
        [("Authorization", bearer.as_str()), ("Content-Type", "application/json"), ("Idempotency-Key", "k1")];
    let body = order("m1", "1001", "sku1").to_string();
    let first = server.send("POST", "/api/v1/orders", &headers, body.as_bytes());
    assert_eq!(first.status, 201, "{}", first.text());
    assert_eq!(first.header("location"), Some("/api/v1/orders/ord-0"));
    let placed = first.json();
    assert_eq!(placed["order"]["lines"][0]["allocations"][0]["site"], "south", "the cheaper way");
    assert_eq!(placed["order"]["status"], "reserved");
    assert!(!first.text().contains("Tern"), "nothing of the person");
    let again = server.send("POST", "/api/v1/orders", &headers, body.as_bytes());
    assert_eq!((again.status, again.header("idempotency-replayed")), (200, Some("true")), "{}", again.text());
    assert_eq!(again.json()["order"]["id"], "ord-0");
    let known = server.post(&key, "/api/v1/orders", &order("m1", "1001", "sku1"));
    assert_eq!((known.status, known.json()["code"].as_str()), (409, Some("order-known")));
    assert_eq!(known.header("content-type"), Some("application/problem+json"));
    let wrong = server.post(
        &key,
        "/api/v1/orders",
        &json!({
        "merchant": "m1", "number": "", "ship_to": {"country": "XX1", "postal": ""},
        "lines": [{"sku": "nothing", "quantity": 1}] }),
    );
    assert_eq!(wrong.status, 422);
    let fields: Vec<_> =
        wrong.json()["errors"].as_array().unwrap().iter().map(|e| e["field"].clone()).collect();
    assert_eq!(fields, ["number", "ship_to.country", "lines[0].sku"], "all that is wrong at once");

    let read = server.get(&key, "/api/v1/orders/ord-0");
    let tag = read.header("etag").unwrap().to_owned();
    let same = server.send(
        "GET",
        "/api/v1/orders/ord-0",
        &[("Authorization", &bearer), ("If-None-Match", &tag)],
        b"",
    );
    assert_eq!((same.status, same.body.len()), (304, 0));
    server.indexed();
    let person = server.get(&key, "/api/v1/orders/ord-0/person");
    assert_eq!(person.json()["street"], "1 Old Road", "{}", person.text());
    let moved = json!({"country": "US", "postal": "28401", "name": "Jo Tern", "street": "2 New Road",
        "city": "Wilmington", "mail": "jo+m1@example.org"});
    assert_eq!(server.post(&key, "/api/v1/orders/ord-0/address", &moved).status, 200);
    server.indexed();
    assert_eq!(server.get(&key, "/api/v1/orders/ord-0/person").json()["street"], "2 New Road");
    let why = server.get(&key, "/api/v1/orders/ord-0/why").json();
    let verdicts: Vec<_> = why["sites"].as_array().unwrap().iter().map(|s| s["verdict"].clone()).collect();
    assert_eq!(verdicts, ["dearer", "chosen"], "{why}");
    assert_eq!(server.post(&key, "/api/v1/orders/ord-0/hold", &json!({"reason": "fraud"})).status, 200);
    assert_eq!(server.get(&key, "/api/v1/orders/ord-0").json()["status"], "held");
    assert_eq!(server.post(&key, "/api/v1/orders/ord-0/free", &json!({})).status, 200);
    assert_eq!(server.post(&key, "/api/v1/orders/ord-0/cancel", &json!({})).status, 200);
    assert_eq!(server.get(&key, "/api/v1/orders/ord-0").json()["status"], "cancelled");
    let history = server.get(&key, "/api/v1/orders/ord-0/events").text();
    for kind in ["OrderReceived", "OrderSourced", "OrderHeld", "OrderFreed", "LineCancelled"] {
        assert!(history.contains(kind), "{kind}: {history}");
    }
    assert!(!history.contains("sealed\":"), "no ciphertext");
}

#[test]
fn pages_survive_what_is_added_meanwhile() {
    let server = Server::start(100);
    let key = server.key(Role::Operator, None);
    for number in 0..7 {
        let placed = server.post(&key, "/api/v1/orders", &order("m1", &format!("n{number}"), "sku1"));
        assert_eq!(placed.status, 201, "{}", placed.text());
    }
    let first = server.get(&key, "/api/v1/orders?limit=3").json();
    assert_eq!(server.post(&key, "/api/v1/orders", &order("m1", "late", "sku1")).status, 201);
    let mut seen: Vec<String> = Vec::new();
    let mut page = first;
    loop {
        seen.extend(
            page["orders"].as_array().unwrap().iter().map(|o| o["number"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else { break };
        page = server.get(&key, &format!("/api/v1/orders?limit=3&cursor={next}")).json();
    }
    assert_eq!(seen, ["n6", "n5", "n4", "n3", "n2", "n1", "n0"]);
    assert_eq!(server.get(&key, "/api/v1/orders?cursor=AAAA").status, 422);
    assert_eq!(server.get(&key, "/api/v1/orders?number=n3").json()["orders"].as_array().unwrap().len(), 1);
    assert_eq!(
        server.get(&key, "/api/v1/orders?status=backordered").json()["orders"].as_array().unwrap().len(),
        0
    );
}

#[test]
fn bulk_lines_are_answered_in_order_each_once_it_is_durable() {
    let server = Server::start(1_000);
    let key = server.key(Role::Operator, None);
    let mut body = String::new();
    for number in 0..300 {
        body.push_str(&order("m1", &format!("b{number}"), "sku1").to_string());
        body.push('\n');
        if number == 100 {
            body.push_str("{\"broken\n\n");
        }
    }
    let headers = [("Authorization", format!("Bearer {key}"))];
    let headers = [("Authorization", headers[0].1.as_str()), ("Content-Type", "application/x-ndjson")];
    let answer = server.send("POST", "/api/v1/orders/bulk", &headers, body.as_bytes());
    let lines: Vec<serde_json::Value> =
        answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 301);
    assert!(lines.windows(2).all(|pair| pair[0]["line"].as_u64() < pair[1]["line"].as_u64()));
    let count = |outcome: &str| lines.iter().filter(|line| line["outcome"] == outcome).count();
    assert_eq!((count("taken"), count("refused")), (300, 1));
    let again = server.send("POST", "/api/v1/orders/bulk", &headers, body.as_bytes());
    assert_eq!(again.text().matches("\"known\"").count(), 300);
    let csv = "merchant,number,country,postal,sku,quantity,mail\nm1,c1,US,28401,sku1,2,a@example.org\nm1,c1,US,28401,sku1,1,a@example.org\nm1,c2,US,28401,none,1,b@example.org\n";
    let headers = [headers[0], ("Content-Type", "text/csv")];
    let file = server.send("POST", "/api/v1/orders/csv", &headers, csv.as_bytes());
    assert_eq!((file.status, file.json()["taken"].as_u64()), (200, Some(1)), "{}", file.text());
    assert_eq!(file.json()["refused"][0]["line"], 4);
    let out = server.get(&key, "/api/v1/orders/csv").text();
    assert!(out.lines().any(|line| line.contains(",c1,") && line.contains(",south")), "{out}");
    let stock = "site,merchant,sku,on_hand\nnorth,m1,sku1,990\nnowhere,m1,sku1,7\n";
    let counted = server.send("POST", "/api/v1/stock/csv", &headers, stock.as_bytes()).json();
    assert_eq!(
        (counted["counted"].as_u64(), counted["refused"][0][0].as_u64()),
        (Some(1), Some(3)),
        "{counted}"
    );
}

#[test]
fn a_stream_goes_on_where_it_was_broken_off() {
    let server = Server::start(100);
    let key = server.key(Role::Operator, None);
    let before = server.app.view().state().version;
    for number in 0..3 {
        server.post(&key, "/api/v1/orders", &order("m1", &format!("s{number}"), "sku1"));
    }
    let mut stream = std::net::TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let head = format!(
        "GET /api/v1/events/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nLast-Event-ID: {}\r\n\r\n",
        before + 1
    );
    stream.write_all(head.as_bytes()).unwrap();
    server.post(&key, "/api/v1/orders", &order("m1", "s3", "sku1"));
    let last = server.app.service.health().head.version;
    let mut ids = Vec::new();
    for line in BufReader::new(stream).lines() {
        let line = line.unwrap();
        assert!(!line.contains("Tern"), "nothing of the person");
        if let Some(id) = line.strip_prefix("id: ").or_else(|| line.strip_prefix("id:")) {
            ids.push(id.trim().parse::<u64>().unwrap());
        }
        if ids.last() == Some(&last) {
            break;
        }
    }
    assert_eq!(ids, (before + 2..=last).collect::<Vec<_>>(), "each once, in order, none missed");
}

#[test]
fn a_person_signs_in_by_the_first_link_and_forged_requests_are_refused() {
    let server = Server::start(1);
    let link = server.app.access.setup_link(NOW).unwrap().unwrap();
    let page = server.send("GET", &format!("/setup/{link}"), &[("Accept-Language", "ko")], b"");
    assert_eq!(page.status, 200);
    assert!(page.text().contains("계정 만들기"));
    let form = format!("name=ada&password={}", PASSWORD.replace(' ', "+"));
    let kind = ("Content-Type", "application/x-www-form-urlencoded");
    let evil = [kind, ("Origin", "https://evil.example")];
    assert_eq!(server.send("POST", &format!("/setup/{link}"), &evil, form.as_bytes()).status, 403);
    let made = server.send("POST", &format!("/setup/{link}"), &[kind], form.as_bytes());
    assert_eq!((made.status, made.header("location")), (303, Some("/sign-in")), "{}", made.text());
    let credentials = json!({"name": "ada", "password": PASSWORD}).to_string();
    let signed = server.send(
        "POST",
        "/api/v1/session",
        &[("Content-Type", "application/json")],
        credentials.as_bytes(),
    );
    assert_eq!(signed.status, 200, "{}", signed.text());
    let set: Vec<_> = signed.headers.iter().filter(|(key, _)| key == "set-cookie").collect();
    assert!(
        set.iter().all(|(_, value)| value.contains("HttpOnly") && value.contains("SameSite=Strict")),
        "{set:?}"
    );
    let (cookie, csrf) = (signed.cookies(), signed.json()["csrf"].as_str().unwrap().to_owned());
    let me = server.send("GET", "/api/v1/session", &[("Cookie", &cookie)], b"");
    assert_eq!(me.json()["role"], "admin");
    for (name, wanted) in
        [("x-frame-options", "DENY"), ("x-content-type-options", "nosniff"), ("cache-control", "no-store")]
    {
        assert_eq!(me.header(name), Some(wanted));
    }
    assert!(me.header("content-security-policy").unwrap().contains("script-src 'self'"));
    assert!(me.header("ratelimit").is_some());
    let body = json!({"name": "k", "role": "viewer"}).to_string();
    let make =
        |headers: &[(&str, &str)]| server.send("POST", "/api/v1/keys", headers, body.as_bytes()).status;
    let json_kind = ("Content-Type", "application/json");
    assert_eq!(make(&[json_kind, ("Cookie", &cookie)]), 403, "no token");
    assert_eq!(make(&[json_kind, ("Cookie", &cookie), ("X-CSRF-Token", "wrong")]), 403);
    let cross = [json_kind, ("Cookie", &cookie), ("X-CSRF-Token", &csrf), ("Sec-Fetch-Site", "cross-site")];
    assert_eq!(make(&cross), 403, "another site's page");
    assert_eq!(make(&[json_kind, ("Cookie", &cookie), ("X-CSRF-Token", &csrf)]), 201);
    let out = server.send("DELETE", "/api/v1/session", &[("Cookie", &cookie), ("X-CSRF-Token", &csrf)], b"");
    assert_eq!(out.status, 204);
    assert_eq!(server.send("GET", "/api/v1/session", &[("Cookie", &cookie)], b"").status, 401);
    let viewer = server.key(Role::Viewer, None);
    assert_eq!(server.post(&viewer, "/api/v1/orders", &order("m1", "x", "sku1")).status, 403);
}

#[test]
fn bodies_are_limited_packed_and_plain() {
    let server = Server::with(common::config("[limits]\nbody_bytes = 10000\n"), 1);
    let key = server.key(Role::Operator, None);
    let bearer = format!("Bearer {key}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    assert_eq!(server.send("POST", "/api/v1/orders", &headers, &vec![b' '; 20_000]).status, 413);
    let packed = |bytes: &[u8]| {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    };
    let gzip = [headers[0], headers[1], ("Content-Encoding", "gzip")];
    let bomb = packed(&vec![b' '; 5_000_000]);
    assert!(bomb.len() < 10_000);
    assert_eq!(server.send("POST", "/api/v1/orders", &gzip, &bomb).status, 413, "the unpacked size counts");
    let fine = packed(order("m1", "gz", "sku1").to_string().as_bytes());
    assert_eq!(server.send("POST", "/api/v1/orders", &gzip, &fine).status, 201);
    assert_eq!(server.send("POST", "/api/v1/orders", &headers, b"{").status, 400);
    assert_eq!(server.send("POST", "/api/v1/orders", &headers[..1], b"{}").status, 415);
    assert_eq!(server.get(&key, "/healthz").text(), "ok\n");
    assert_eq!(server.get(&key, "/readyz").json()["ready"], true);
    let metrics = server.get(&key, "/metrics").text();
    for line in metrics.lines().filter(|line| !line.starts_with('#')) {
        let (_, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
    assert!(metrics.contains("holdfast_up 1"));
    let api = server.get(&key, "/openapi.json").json();
    assert!(api["openapi"].as_str().unwrap().starts_with("3.1"));
    assert!(api["paths"]["/api/v1/orders"]["post"].is_object());
}

#[test]
fn statistics_add_up_and_say_what_was_turned_away() {
    let server = Server::start(5);
    let key = server.key(Role::Commander, None);
    for number in 0..4 {
        let placed = server.post(&key, "/api/v1/orders", &order("m1", &format!("s{number}"), "sku1"));
        assert_eq!(placed.status, 201, "{}", placed.text());
    }
    let known = server.post(&key, "/api/v1/orders", &order("m1", "s0", "sku1"));
    assert_eq!(known.status, 409);
    let wrong = json!({"name": "nobody", "password": "not the password 1"}).to_string();
    let refused =
        server.send("POST", "/api/v1/session", &[("Content-Type", "application/json")], wrong.as_bytes());
    assert_eq!(refused.status, 401);
    let of = server.get(&key, "/api/v1/statistics").json();
    let totals = &of["orders"];
    assert_eq!(totals["orders"], 4, "{of}");
    let parts = ["kept", "late", "lost", "open"].map(|part| totals[part].as_u64().unwrap());
    assert_eq!(parts.iter().sum::<u64>(), 4, "{of}");
    assert_eq!(of["merchants"]["m1"]["orders"], 4, "{of}");
    assert_eq!(
        (&of["refused"]["order-known"], &of["refused"]["sign-in-refused"]),
        (&json!(1), &json!(1)),
        "{of}"
    );
    let bearer = format!("Bearer {key}");
    let csv = server.send("GET", "/statistics.csv", &[("Authorization", &bearer)], b"").text();
    assert!(csv.contains("all,,orders,4\n") && csv.contains("refused,,order-known,1\n"), "{csv}");
}
