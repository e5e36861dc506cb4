//! Webhooks as shops send them: each order once, at its site, and nothing lost.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use common::{Answer, SECRET, Server};
use holdfast_access::Role;
use holdfast_connect::sign::hmac_base64;
use holdfast_web::routes::inbox::Item;
use serde_json::{Value, json};

fn shopify(server: &Server, topic: &str, id: &str, body: &Value) -> Answer {
    let body = body.to_string();
    let signature = hmac_base64(SECRET, body.as_bytes());
    let headers = [
        ("Content-Type", "application/json"),
        ("X-Shopify-Topic", topic),
        ("X-Shopify-Webhook-Id", id),
        ("X-Shopify-Hmac-Sha256", signature.as_str()),
        ("X-Shopify-Shop-Domain", "m1.myshopify.com"),
    ];
    server.send("POST", "/hooks/shopify", &headers, body.as_bytes())
}

fn shop_order(name: &str, sku: &str, units: u32, updated: &str) -> Value {
    json!({ "id": 1, "name": name, "created_at": "2026-09-21T10:00:00Z", "updated_at": updated,
        "financial_status": "paid", "currency": "USD", "email": "jo@example.org",
        "shipping_address": { "name": "Jo Tern", "address1": "1 Old Road", "city": "Wilmington", "zip": "28401",
          "country_code": "US" },
        "line_items": [{ "sku": sku, "title": "Kelp", "quantity": units, "price": "10.00" }] })
}

fn woo(server: &Server, id: &str, body: &Value) -> Answer {
    let body = body.to_string();
    let signature = hmac_base64(SECRET, body.as_bytes());
    let headers = [
        ("Content-Type", "application/json"),
        ("X-WC-Webhook-Topic", "order.created"),
        ("X-WC-Webhook-Delivery-ID", id),
        ("X-WC-Webhook-Signature", signature.as_str()),
    ];
    server.send("POST", "/hooks/woo", &headers, body.as_bytes())
}

fn woo_order(number: &str) -> Value {
    json!({ "id": 7, "number": number, "status": "processing", "currency": "USD",
        "date_created_gmt": "2026-09-21T10:00:00", "date_modified_gmt": "2026-09-21T10:00:01",
        "billing": { "first_name": "An", "last_name": "Reed", "email": "an@example.org", "address_1": "2 Reed St",
          "city": "Raleigh", "postcode": "27601", "country": "US" }, "shipping": { "country": "" },
        "line_items": [{ "sku": "sku2", "name": "Reed", "quantity": 2, "total": "20.00" }] })
}

fn orders(server: &Server, key: &str) -> Vec<Value> {
    server.get(key, "/api/v1/orders").json()["orders"].as_array().unwrap().clone()
}

#[test]
fn signed_deliveries_sent_twice_are_each_order_once_at_its_site() {
    let server = Server::start(50);
    let key = server.key(Role::Operator, None);
    for _ in 0..2 {
        let first = shop_order("#1001", "sku1", 1, "2026-09-21T10:00:01Z");
        assert_eq!(shopify(&server, "orders/create", "d-1", &first).status, 200);
        assert_eq!(woo(&server, "12", &woo_order("727")).status, 200);
    }
    let all = orders(&server, &key);
    let told: Vec<_> = all
        .iter()
        .map(|o| {
            (
                o["merchant"].as_str().unwrap(),
                o["number"].as_str().unwrap(),
                o["lines"][0]["allocations"][0]["site"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(told, [("m2", "727", "south"), ("m1", "1001", "south")], "{all:?}");
    assert_eq!(server.get(&key, "/api/v1/inbox").json()["items"], json!([]));

    // A forgery, another family of headers, a form without a signature, the ping that has none.
    let body = shop_order("#6", "sku1", 1, "2026-09-21T10:00:01Z").to_string();
    let forged = [("X-Shopify-Topic", "orders/create"), ("X-Shopify-Hmac-Sha256", "AAAA")];
    assert_eq!(server.send("POST", "/hooks/shopify", &forged, body.as_bytes()).status, 401);
    assert_eq!(server.send("POST", "/hooks/shopify", &[], body.as_bytes()).status, 401);
    let signature = hmac_base64(SECRET, body.as_bytes());
    let newer = [
        ("Shopify-Topic", "orders/create"),
        ("Shopify-Webhook-Id", "x"),
        ("Shopify-Hmac-Sha256", signature.as_str()),
    ];
    assert_eq!(server.send("POST", "/hooks/shopify", &newer, body.as_bytes()).status, 200);
    assert_eq!(
        server.send("POST", "/hooks/shopify", &newer, &body.as_bytes()[1..]).status,
        401,
        "one byte is missing"
    );
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    assert_eq!(server.send("POST", "/hooks/woo", &form, b"webhook_id=3").status, 200);
    assert_eq!(server.send("POST", "/hooks/woo", &form, b"webhook_id=3&x=1").status, 401);
    assert_eq!(server.send("POST", "/hooks/none", &form, b"webhook_id=3").status, 404);
    assert_eq!(orders(&server, &key).len(), 3);
}

#[test]
fn what_cannot_be_applied_waits_for_a_person_and_is_not_lost() {
    let server = Server::start(50);
    let key = server.key(Role::Commander, None);
    let order = shop_order("#2001", "NEW-SKU", 1, "2026-09-21T10:00:01Z");
    assert_eq!(
        shopify(&server, "orders/create", "d-9", &order).status,
        200,
        "the shop is not told of our trouble"
    );
    assert_eq!(shopify(&server, "orders/create", "d-9", &order).status, 200);
    let waiting = server.get(&key, "/api/v1/inbox").json();
    assert_eq!(waiting["items"].as_array().unwrap().len(), 1, "{waiting}");
    let item = &waiting["items"][0];
    assert_eq!(item["number"], "2001");
    assert!(item["why"].as_str().unwrap().contains("NEW-SKU"), "{item}");
    let foreign = server.key(Role::Merchant, Some("m2"));
    let id = item["id"].as_i64().unwrap();
    assert_eq!(server.get(&foreign, "/api/v1/inbox").json()["items"], json!([]));
    assert_eq!(server.post(&foreign, &format!("/api/v1/inbox/{id}/retry"), &json!({})).status, 404);
    assert_eq!(server.post(&key, &format!("/api/v1/inbox/{id}/retry"), &json!({})).json()["applied"], false);
    let sku = json!({"merchant": "m1", "code": "NEW-SKU", "name": "New", "weight_g": 100, "price": 1000});
    assert_eq!(server.post(&key, "/api/v1/skus", &sku).status, 200);
    let retried = server.post(&key, &format!("/api/v1/inbox/{id}/retry"), &json!({})).json();
    assert_eq!(retried["applied"], true, "{retried}");
    assert_eq!(server.get(&key, "/api/v1/inbox").json()["items"], json!([]));
    assert_eq!(orders(&server, &key)[0]["number"], "2001");
    // A body that is genuine and no order is kept as well.
    assert_eq!(shopify(&server, "orders/create", "d-10", &json!({"hello": 1})).status, 200);
    assert_eq!(server.get(&key, "/api/v1/inbox").json()["items"].as_array().unwrap().len(), 1);
}

#[test]
fn an_order_follows_its_shop() {
    let server = Server::start(50);
    let key = server.key(Role::Operator, None);
    let mut unpaid = shop_order("#3001", "sku1", 5, "2026-09-21T10:00:01Z");
    unpaid["financial_status"] = json!("pending");
    shopify(&server, "orders/create", "a", &unpaid);
    let status = |server: &Server| orders(server, &key)[0].clone();
    assert_eq!(
        (status(&server)["status"].as_str(), status(&server)["hold"].as_str()),
        (Some("held"), Some("unpaid"))
    );
    server.indexed();
    shopify(&server, "orders/paid", "b", &shop_order("#3001", "sku1", 5, "2026-09-21T10:05:00Z"));
    assert_eq!(status(&server)["status"], "reserved");
    server.indexed();
    shopify(&server, "orders/updated", "c", &shop_order("#3001", "sku1", 3, "2026-09-21T10:10:00Z"));
    assert_eq!(status(&server)["lines"][0]["cancelled"], 2);
    server.indexed();
    shopify(&server, "orders/updated", "d", &shop_order("#3001", "sku1", 4, "2026-09-21T10:07:00Z"));
    assert_eq!(status(&server)["lines"][0]["cancelled"], 2, "a stale delivery changes nothing");
    assert_eq!(server.get(&key, "/api/v1/inbox").json()["items"], json!([]));
    shopify(&server, "orders/updated", "e", &shop_order("#3001", "sku1", 9, "2026-09-21T10:11:00Z"));
    assert_eq!(
        server.get(&key, "/api/v1/inbox").json()["items"].as_array().unwrap().len(),
        1,
        "more is for a person"
    );
    shopify(&server, "orders/cancelled", "f", &shop_order("#3001", "sku1", 3, "2026-09-21T10:12:00Z"));
    assert_eq!(status(&server)["status"], "cancelled");
    shopify(&server, "orders/cancelled", "g", &shop_order("#4001", "sku1", 3, "2026-09-21T10:12:00Z"));
    shopify(&server, "orders/create", "h", &shop_order("#4001", "sku1", 3, "2026-09-21T10:01:00Z"));
    assert_eq!(orders(&server, &key).len(), 1, "cancelled before it was told of: never taken");
}

fn fulfilment(id: u64, name: &str, units: u32, status: &str, carrier: Option<&str>, updated: &str) -> Value {
    json!({ "id": id, "order_id": 1, "name": name, "status": status, "created_at": "2026-09-21T11:00:00Z",
        "updated_at": updated, "shipment_status": carrier, "tracking_company": "c",
        "tracking_numbers": [format!("1Z{id}")], "line_items": [{ "sku": "sku1", "quantity": units }] })
}

#[test]
fn parcels_the_shop_tells_of_move_the_shipment_whose_goods_they_are() {
    let server = Server::start(50);
    let key = server.key(Role::Commander, None);
    for (name, units) in [("#4001", 2), ("#4002", 3)] {
        let order = shop_order(name, "sku1", units, "2026-09-21T10:00:01Z");
        assert_eq!(shopify(&server, "orders/create", name, &order).status, 200);
    }
    let tell = |delivery: &str, body: &Value| {
        assert_eq!(shopify(&server, "fulfillments/update", delivery, body).status, 200);
    };
    let waiting = || server.get(&key, "/api/v1/inbox").json()["items"].as_array().unwrap().clone();
    // Before anything was released: a person has to see it, or a site would send it a second time.
    let early = fulfilment(7, "#4001.1", 2, "success", None, "2026-09-21T11:00:01Z");
    tell("f-1", &early);
    assert_eq!(waiting().len(), 1);
    assert!(waiting()[0]["why"].as_str().unwrap().contains("4001"), "{:?}", waiting());
    let day = server.app.view().state().live_orders().next().unwrap().1.lines[0].allocations[0].ship_day;
    let wave = json!({"day": day.to_string()});
    assert_eq!(server.post(&key, "/api/v1/sites/south/wave", &wave).status, 200);
    let id = waiting()[0]["id"].as_i64().unwrap();
    let retried = server.post(&key, &format!("/api/v1/inbox/{id}/retry"), &json!({})).json();
    assert_eq!(retried["applied"], true, "{retried}");
    let shipment = |number: &str| {
        let all = server.get(&key, "/api/v1/shipments").json()["shipments"].as_array().unwrap().clone();
        all.into_iter().find(|one| one["number"] == number).unwrap()
    };
    assert_eq!(
        (shipment("4001")["stage"].clone(), shipment("4001")["packages"][0]["tracking"].clone()),
        (json!("shipped"), json!("1Z7"))
    );
    // The carrier's news, in order, late and twice.
    tell("f-2", &fulfilment(7, "#4001.1", 2, "success", Some("delivered"), "2026-09-22T11:00:00Z"));
    tell("f-2", &fulfilment(7, "#4001.1", 2, "success", Some("delivered"), "2026-09-22T11:00:00Z"));
    tell("f-3", &fulfilment(7, "#4001.1", 2, "success", Some("in_transit"), "2026-09-21T19:00:00Z"));
    assert_eq!(shipment("4001")["stage"], "delivered");
    // Fewer units than the shipment has; one that was taken back before it left.
    tell("f-4", &fulfilment(8, "#4002.1", 1, "success", None, "2026-09-22T11:00:00Z"));
    assert!(waiting()[0]["why"].as_str().unwrap().contains("2 of sku1 are missing"), "{:?}", waiting());
    tell("f-6", &fulfilment(10, "#4002.2", 3, "cancelled", None, "2026-09-22T11:00:00Z"));
    assert_eq!((waiting().len(), shipment("4002")["stage"].clone()), (1, json!("released")));
    // Taken back after it left: the carrier has it.
    tell("f-7", &fulfilment(11, "#4002.3", 3, "success", None, "2026-09-22T11:00:00Z"));
    tell("f-8", &fulfilment(11, "#4002.3", 3, "cancelled", None, "2026-09-22T12:00:00Z"));
    assert_eq!((waiting().len(), shipment("4002")["stage"].clone()), (2, json!("shipped")));
}

#[test]
fn parcels_that_are_told_of_before_their_order_wait_for_it() {
    let server = Server::start(50);
    let key = server.key(Role::Commander, None);
    let waiting = || server.get(&key, "/api/v1/inbox").json()["items"].as_array().unwrap().clone();
    let retry = |id: i64| server.post(&key, &format!("/api/v1/inbox/{id}/retry"), &json!({})).json();
    let early = fulfilment(7, "#4001.1", 2, "success", None, "2026-09-21T11:00:01Z");
    assert_eq!(shopify(&server, "fulfillments/create", "f-1", &early).status, 200);
    assert_eq!(waiting().len(), 1, "it would be sent a second time");
    let id = waiting()[0]["id"].as_i64().unwrap();
    assert_eq!(retry(id)["applied"], false);
    let why = waiting()[0]["why"].as_str().unwrap().to_owned();
    assert!(why.contains("tried again by itself"), "{why}");
    // Its order comes: what waits finds it.
    let order = shop_order("#4001", "sku1", 2, "2026-09-21T10:00:01Z");
    assert_eq!(shopify(&server, "orders/create", "o-1", &order).status, 200);
    assert!(retry(id)["why"].as_str().unwrap().contains("parcels of 4001"), "{:?}", waiting());
    let day = server.app.view().state().live_orders().next().unwrap().1.lines[0].allocations[0].ship_day;
    let wave = json!({"day": day.to_string()});
    assert_eq!(server.post(&key, "/api/v1/sites/south/wave", &wave).status, 200);
    assert_eq!(retry(id)["applied"], true);
    let shipment = server.get(&key, "/api/v1/shipments").json()["shipments"][0].clone();
    assert_eq!((shipment["stage"].as_str(), shipment["number"].as_str()), (Some("shipped"), Some("4001")));
    // Parcels of an order from before this house was asked: after a quarter of an hour they are none of ours.
    let keep = |id: u64, minutes: i64| {
        let name = format!("#{id}.1");
        let body = fulfilment(id, &name, 1, "success", None, "2026-09-21T11:00:01Z").to_string().into_bytes();
        let at = common::NOW - minutes * 60_000;
        let (connection, merchant) = ("shopify".to_owned(), "m1".to_owned());
        let (topic, delivery) = ("fulfillments/create".to_owned(), format!("g-{id}"));
        let item = Item {
            id: 0,
            at,
            connection,
            merchant,
            topic,
            delivery,
            number: id.to_string(),
            why: why.clone(),
            body,
        };
        server.app.inbox.keep(&item).unwrap();
        waiting().last().unwrap()["id"].as_i64().unwrap()
    };
    let young = keep(12, 14);
    assert_eq!(retry(young)["applied"], false);
    let old = keep(13, 15);
    assert_eq!(retry(old)["applied"], true);
    assert_eq!(waiting().len(), 1, "the young one");
}
