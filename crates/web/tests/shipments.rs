//! The life of a shipment over HTTP, and what a scanner, a second counter and a key sent twice keep from going wrong.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use common::{Server, order};
use holdfast_access::Role;
use holdfast_domain::command::Command;
use holdfast_domain::id::MerchantId;
use holdfast_domain::network::Sku;
use serde_json::{Value, json};

/// A textbook's GTIN-13, and another one.
const GTIN: &str = "4006381333931";
const OTHER: &str = "0036000291452";

fn lines(number: &str, lines: &Value) -> Value {
    let mut order = order("m1", number, "sku1");
    order["lines"] = lines.clone();
    order["ship_to"]["mail"] = json!(format!("{number}@example.org"));
    order
}

fn code(answer: &common::Answer) -> (u16, String) {
    (answer.status, answer.json()["code"].as_str().unwrap_or_default().to_owned())
}

/// Releases what is due in the south and gives the shipments.
fn wave(server: &Server, key: &str) -> Vec<String> {
    let released = server.post(key, "/api/v1/sites/south/wave", &json!({"day": "2030-01-01"}));
    assert_eq!(released.status, 200, "{}", released.text());
    released.json()["shipments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_str().unwrap().to_owned())
        .collect()
}

fn goods(server: &Server, key: &str, sku: &str, units: u32) {
    let asked = Sku {
        merchant: MerchantId(0),
        code: sku.into(),
        name: sku.into(),
        category: "".into(),
        weight_g: 500,
        pack: 1,
        price: 1_000,
        cost: 500,
        storage: 0,
    };
    let command = Command::AddSku(Box::new(asked));
    server.app.service.ask_and_wait(holdfast_app::service::Asked::new(command, "setup")).unwrap();
    for _ in 0..400 {
        let change = json!({"site": "south", "merchant": "m1", "sku": sku, "quantity": units});
        match server.post(key, "/api/v1/stock/receive", &change).status {
            200 => return,
            404 => std::thread::sleep(std::time::Duration::from_millis(5)),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn a_shipment_goes_from_the_wave_to_the_customer_and_back() {
    let server = Server::start(50);
    let key = server.key(Role::Operator, None);
    let placed =
        server.post(&key, "/api/v1/orders", &lines("1001", &json!([{"sku": "sku1", "quantity": 2}])));
    assert_eq!(placed.status, 201, "{}", placed.text());
    let shipments = wave(&server, &key);
    assert_eq!(shipments.len(), 1);
    let path = format!("/api/v1/shipments/{}", shipments[0]);
    let known = server.get(&key, &path).json();
    assert_eq!((known["stage"].as_str(), known["number"].as_str()), (Some("released"), Some("1001")));
    assert_eq!(server.post(&key, &format!("{path}/pick"), &json!({})).status, 200);
    let left = json!({"packages": [{"tracking": "1Z1", "weight_g": 900}]});
    assert_eq!(code(&server.post(&key, &format!("{path}/ship"), &left)), (409, "not-packed".to_owned()));
    let packing = json!({"order": "1001", "scans": ["sku1", "sku1"]});
    assert_eq!(server.post(&key, &format!("{path}/pack"), &packing).status, 200);
    assert_eq!(server.post(&key, &format!("{path}/ship"), &left).status, 200);
    let gone = server.post(&key, &format!("{path}/recall"), &json!({}));
    assert_eq!(code(&gone), (409, "wrong-stage".to_owned()), "what has left is not recalled");
    let late = json!({"arrival": "2030-02-01"});
    assert_eq!(server.post(&key, &format!("{path}/exception"), &late).status, 200);
    assert_eq!(server.get(&key, &path).json()["arrival"], "2030-02-01");
    assert_eq!(server.post(&key, &format!("{path}/deliver"), &json!({"day": "2030-01-05"})).status, 200);
    assert_eq!(server.get(&key, "/api/v1/orders/ord-0").json()["status"], "delivered");
    let back = json!({"line": 0, "quantity": 1, "site": "north", "restock": true});
    assert_eq!(server.post(&key, "/api/v1/orders/ord-0/returns", &back).status, 200);
    let more = json!({"line": 0, "quantity": 2, "site": "north", "restock": true});
    assert_eq!(
        code(&server.post(&key, "/api/v1/orders/ord-0/returns", &more)),
        (422, "return-too-much".to_owned())
    );
    // The same label on another shipment, while the first is on its way.
    for number in ["1002", "1003"] {
        let sent = lines(number, &json!([{"sku": "sku1", "quantity": 1}]));
        assert_eq!(server.post(&key, "/api/v1/orders", &sent).status, 201);
    }
    let shipments = wave(&server, &key);
    assert_eq!(shipments.len(), 2);
    let ship = |id: &str, tracking: &str| {
        let left = json!({"packages": [{"tracking": tracking}], "packed_elsewhere": true});
        server.post(&key, &format!("/api/v1/shipments/{id}/ship"), &left)
    };
    assert_eq!(ship(&shipments[0], "1Z7").status, 200);
    assert_eq!(code(&ship(&shipments[1], "1Z7")), (409, "label-known".to_owned()));
    // A recall that is granted frees the units.
    let path = format!("/api/v1/shipments/{}", shipments[1]);
    assert_eq!(server.post(&key, &format!("{path}/recall"), &json!({})).status, 200);
    assert_eq!(server.post(&key, &format!("{path}/recall-answer"), &json!({"accepted": true})).status, 200);
    assert_eq!(server.get(&key, &path).json()["stage"], "recalled");
    let listed = server.get(&key, "/api/v1/shipments?stage=shipped&limit=1").json();
    assert_eq!(listed["shipments"].as_array().unwrap().len(), 1, "{listed}");
}

#[test]
fn every_unit_is_scanned_and_one_scan_is_one_unit() {
    let server = Server::start(50);
    let key = server.key(Role::Operator, None);
    goods(&server, &key, GTIN, 50);
    goods(&server, &key, OTHER, 50);
    let asked = json!([{"sku": GTIN, "quantity": 3}, {"sku": "sku1", "quantity": 1}]);
    assert_eq!(server.post(&key, "/api/v1/orders", &lines("77", &asked)).status, 201);
    let path = format!("/api/v1/shipments/{}", wave(&server, &key)[0]);
    let try_pack = |order: &str, scans: &[&str]| {
        server.post(&key, &format!("{path}/pack"), &json!({"order": order, "scans": scans}))
    };
    let right = [GTIN, "(01)04006381333931", "04006381333931", "sku1"];
    for (what, order, scans) in [
        ("another order's papers", "78", &right[..]),
        ("one scan for three units", "77", &[GTIN, "sku1"]),
        ("one too many", "77", &[GTIN, GTIN, GTIN, GTIN, "sku1"]),
        ("another SKU", "77", &[GTIN, GTIN, OTHER, "sku1"]),
        ("a misread", "77", &[GTIN, GTIN, "4006381333932", "sku1"]),
        ("a case", "77", &["14006381333938", "sku1"]),
        ("nothing", "77", &[]),
    ] {
        let refused = try_pack(order, scans);
        assert_eq!(code(&refused), (422, "wrong-scan".to_owned()), "{what}: {}", refused.text());
        assert!(!refused.json()["errors"].as_array().unwrap().is_empty(), "{what}");
    }
    let far =
        server.post(&key, &format!("{path}/check"), &json!({"order": "77", "scans": [GTIN, GTIN]})).json();
    assert_eq!((far["complete"].as_bool(), far["missing"][GTIN].as_u64()), (Some(false), Some(1)), "{far}");
    assert_eq!(server.get(&key, &path).json()["stage"], "released", "nothing was taken");
    assert_eq!(try_pack("77", &right).status, 200);
    assert_eq!(server.get(&key, &path).json()["stage"], "packed");
}

#[test]
fn a_key_stands_for_one_body_and_says_when_it_repeats() {
    let server = Server::start(50);
    let (key, other) = (server.key(Role::Operator, None), server.key(Role::Operator, None));
    let send = |key: &str, idempotency: &str, body: &Value| {
        let bearer = format!("Bearer {key}");
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/json"),
            ("Idempotency-Key", idempotency),
        ];
        server.send("POST", "/api/v1/stock/receive", &headers, body.to_string().as_bytes())
    };
    let five = json!({"site": "south", "merchant": "m1", "sku": "sku1", "quantity": 5});
    let six = json!({"site": "south", "merchant": "m1", "sku": "sku1", "quantity": 6});
    let first = send(&key, "k1", &five);
    assert_eq!((first.status, first.header("idempotency-replayed")), (200, None));
    let again = send(&key, "k1", &five);
    assert_eq!((again.status, again.header("idempotency-replayed")), (200, Some("true")));
    assert_eq!(again.json()["version"], first.json()["version"]);
    assert_eq!(code(&send(&key, "k1", &six)), (422, "key-reused".to_owned()));
    assert_eq!(send(&other, "k1", &six).status, 200, "another caller's key is another key");
    assert_eq!(send(&key, "k2", &six).status, 200);
    let shelf = server.get(&key, "/api/v1/stock?site=south&sku=sku1").json();
    assert_eq!(shelf["shelves"][0]["on_hand"], 50 + 5 + 6 + 6, "{shelf}");
}

#[test]
fn a_change_is_refused_when_the_thing_is_not_what_the_caller_saw() {
    let server = Server::start(50);
    let key = server.key(Role::Operator, None);
    assert_eq!(server.post(&key, "/api/v1/orders", &order("m1", "1", "sku1")).status, 201);
    let seen = server.get(&key, "/api/v1/orders/ord-0").header("etag").unwrap().to_owned();
    assert_eq!(server.post(&key, "/api/v1/orders/ord-0/hold", &json!({"reason": "fraud"})).status, 200);
    let bearer = format!("Bearer {key}");
    let free = |tag: &str| {
        let headers =
            [("Authorization", bearer.as_str()), ("Content-Type", "application/json"), ("If-Match", tag)];
        server.send("POST", "/api/v1/orders/ord-0/free", &headers, b"{}")
    };
    assert_eq!(code(&free(&seen)), (412, "precondition-failed".to_owned()));
    let now = server.get(&key, "/api/v1/orders/ord-0").header("etag").unwrap().to_owned();
    assert_eq!(free(&now).status, 200);
}

#[test]
fn a_count_far_from_what_is_believed_waits_for_a_second_person() {
    let server = Server::start(100);
    let (first, second) = (server.key(Role::Operator, None), server.key(Role::Operator, None));
    let count = |key: &str, units: u32| {
        let body = json!({"site": "south", "merchant": "m1", "sku": "sku1", "quantity": units});
        server.post(key, "/api/v1/stock/count", &body)
    };
    let on_hand =
        || server.get(&first, "/api/v1/stock?site=south&sku=sku1").json()["shelves"][0]["on_hand"].clone();
    assert_eq!(count(&first, 97).status, 200, "a few units are not worth a second look");
    assert_eq!(code(&count(&first, 10)), (409, "count-held".to_owned()));
    assert_eq!(code(&count(&first, 10)), (409, "count-held".to_owned()), "not by saying it twice");
    assert_eq!(on_hand(), 97);
    assert_eq!(code(&count(&second, 12)), (409, "count-held".to_owned()), "another number is no second look");
    assert_eq!(count(&second, 10).status, 200, "two people have counted the same");
    assert_eq!(on_hand(), 10);
}
