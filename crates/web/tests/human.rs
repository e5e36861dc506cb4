//! What people get wrong, kept from becoming a disaster: the button pressed twice, a digit too many, another system's
//! file, and a surge that sells what is not there.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use std::time::Duration;

use common::{Answer, SECRET, Server, config, order};
use holdfast_access::Role;
use holdfast_app::service::Options;
use holdfast_connect::sign::hmac_base64;
use serde_json::{Value, json};

fn held(server: &Server, key: &str, number: &str) -> Value {
    let all = server.get(key, "/api/v1/orders?limit=500").json()["orders"].as_array().unwrap().clone();
    let found = all.into_iter().find(|one| one["number"] == number);
    found.unwrap_or_else(|| panic!("{number} is not there"))["hold"].clone()
}

#[test]
fn a_cart_that_comes_twice_under_two_numbers_is_held_and_freed_by_a_person() {
    let options = Options { duplicate_within: Duration::from_secs(600), ..Options::default() };
    let server = Server::with_options(config(""), 50, options);
    let key = server.key(Role::Commander, None);
    let place = |number: &str, change: &dyn Fn(&mut Value)| {
        let mut order = order("m1", number, "sku1");
        change(&mut order);
        let placed = server.post(&key, "/api/v1/orders", &order);
        assert_eq!(placed.status, 201, "{number}: {}", placed.text());
        held(&server, &key, number)
    };
    assert_eq!(place("1", &|_| {}), Value::Null);
    assert_eq!(place("2", &|_| {}), "duplicate", "the same goods for the same person at the same place");
    assert_eq!(place("3", &|order| order["lines"][0]["quantity"] = json!(2)), Value::Null, "other goods");
    assert_eq!(
        place("4", &|order| order["ship_to"]["mail"] = json!("other@example.org")),
        Value::Null,
        "another person"
    );
    assert_eq!(
        place("5", &|order| order["ship_to"]["postal"] = json!("28402")),
        Value::Null,
        "another place"
    );
    // The shop's own webhook is no way around it, and its repeated delivery is no second order.
    let told = json!({ "id": 9, "name": "#6", "created_at": "2026-09-21T10:00:00Z", "updated_at": "2026-09-21T10:00:01Z",
        "financial_status": "paid", "currency": "USD", "email": "jo+m1@example.org",
        "shipping_address": { "name": "Jo Tern", "zip": "28401", "country_code": "US" },
        "line_items": [{ "sku": "sku1", "title": "Kelp", "quantity": 1, "price": "10.00" }] })
    .to_string();
    let signature = hmac_base64(SECRET, told.as_bytes());
    for delivery in ["d-1", "d-2"] {
        let headers = [
            ("X-Shopify-Topic", "orders/create"),
            ("X-Shopify-Webhook-Id", delivery),
            ("X-Shopify-Hmac-Sha256", signature.as_str()),
        ];
        assert_eq!(server.send("POST", "/hooks/shopify", &headers, told.as_bytes()).status, 200);
    }
    assert_eq!(held(&server, &key, "6"), "duplicate");
    let all = server.get(&key, "/api/v1/orders").json()["orders"].as_array().unwrap().clone();
    let six = all.iter().find(|one| one["number"] == "6").unwrap()["id"].as_str().unwrap().to_owned();
    assert_eq!(server.post(&key, &format!("/api/v1/orders/{six}/free"), &json!({})).status, 200);
    assert_eq!(held(&server, &key, "6"), Value::Null, "a person has let it go");
    // A digit too many.
    assert_eq!(place("7", &|order| order["lines"][0]["quantity"] = json!(10_000)), "implausible_quantity");
}

#[test]
fn a_surge_keeps_back_a_share_until_it_is_over() {
    let server = Server::start(0);
    let key = server.key(Role::Commander, None);
    for (code, category) in [("MASK", "masks"), ("KELP", "food")] {
        let sku = json!({"merchant": "m1", "code": code, "name": code, "weight_g": 100, "price": 1000, "category": category});
        let added = server.post(&key, "/api/v1/skus", &sku);
        assert_eq!(added.status, 200, "{}", added.text());
        for site in ["north", "south"] {
            let receive = json!({"site": site, "merchant": "m1", "sku": code, "quantity": 55});
            assert_eq!(server.post(&key, "/api/v1/stock/receive", &receive).status, 200);
        }
    }
    let sellable = |query: &str| {
        let all = server.get(&key, &format!("/api/v1/sellable?merchant=m1{query}")).json();
        let of = |code: &str| {
            let row =
                all["sellable"].as_array().unwrap().iter().find(|row| row["sku"] == code).unwrap().clone();
            (row["units"].as_u64().unwrap(), row["restricted"].as_bool().unwrap())
        };
        (of("MASK"), of("KELP"))
    };
    assert_eq!(sellable(""), ((110, false), (110, false)));
    let open = json!({"hazard": "pandemic_surge", "name": "Wave", "severity": "severe", "surges": [["masks", 3000]]});
    let opened = server.post(&key, "/api/v1/incidents", &open);
    assert_eq!(opened.status, 200, "{}", opened.text());
    let phase = |phase: &str| {
        let done = server.post(&key, "/api/v1/incidents/inc-0/phase", &json!({"phase": phase}));
        assert_eq!(done.status, 200, "{phase}: {}", done.text());
    };
    assert_eq!(sellable("").0, (110, false), "a watch keeps nothing back");
    phase("declared");
    // A tenth of 55 is 5.5: what is kept back is rounded up, at each site.
    assert_eq!(sellable(""), ((98, true), (110, false)), "what surges, and nothing else");
    assert_eq!(sellable("&keep_percent=100").0, (0, true));
    assert_eq!(sellable("&keep_percent=0").0, (110, true));
    let csv = server.get(&key, "/api/v1/sellable/csv?merchant=m1").text();
    let lines: std::collections::BTreeSet<&str> = csv.lines().collect();
    assert_eq!(lines, ["KELP,110", "MASK,98", "sku,quantity"].into());
    phase("recovering");
    assert_eq!(sellable("").0, (110, false));
}

fn file(server: &Server, key: &str, query: &str, body: &[u8]) -> Answer {
    let bearer = format!("Bearer {key}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "text/csv")];
    server.send("POST", &format!("/api/v1/orders/csv{query}"), &headers, body)
}

#[test]
fn another_systems_file_is_read_by_its_saved_mapping() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.toml");
    let mapping = "name = 'old-shop'\nabout = 'The old shop'\ndetect = ['Ref', 'Article']\n[defaults]\ncurrency = 'USD'\ntimezone = 'UTC'\n\
        [columns]\n'skus.code' = ['Article']\n'skus.name' = ['Article']\n'customers.reference' = ['Mail']\n'customers.email' = ['Mail']\n'orders.number' = ['Ref']\n'orders.ordered_at' = ['When']\n\
        'orders.ship_country' = ['Land']\n'orders.ship_postal' = ['Zip']\n'orders.customer' = ['Mail']\n'orders.ship_name' = ['Who']\n'orders.status' = ['State']\n\
        'order_lines.order' = ['Ref']\n'order_lines.line' = ['=#']\n'order_lines.sku' = ['Article']\n'order_lines.quantity' = ['Pieces']\n'order_lines.unit_price' = ['Price']\n\
        [values.'orders.status']\n'new' = 'open'\n'gone' = 'shipped'\n";
    std::fs::write(&path, mapping).unwrap();
    let server = Server::with(config(&format!("[mappings]\nold = '{}'\n", path.display())), 50);
    let key = server.key(Role::Operator, None);
    let names = server.get(&key, "/api/v1/mappings").json();
    let names: Vec<&str> =
        names.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(
        names.contains(&"old") && names.contains(&"naver-smartstore") && names.contains(&"cafe24"),
        "{names:?}"
    );
    // In the encoding of an old spreadsheet, with a row that cannot be and an order that is finished.
    let text = "Ref;When;State;Who;Mail;Land;Zip;Article;Pieces;Price\n\
        A1;2026-09-21 10:00;new;NAME;jo@example.org;US;28401;sku1;2;10.00\n\
        A1;2026-09-21 10:00;new;NAME;jo@example.org;US;28401;sku1;1;10.00\n\
        A2;2026-09-21 11:00;new;Al;al@example.org;US;28401;sku1;many;10.00\n\
        A5;2026-09-21 11:00;new;Di;di@example.org;US;28401;sku1;1;10.00\n\
        A5;2026-09-21 11:00;new;Di;di@example.org;US;28401;sku2;many;10.00\n\
        A3;2026-09-21 11:00;gone;Bo;bo@example.org;US;28401;sku1;1;10.00\n\
        A4;2026-09-21 11:00;new;Cy;cy@example.org;US;28401;none;1;10.00\n";
    // CP949, as spreadsheets in Korea save it.
    let kim = [0xb1, 0xe8];
    let parts: Vec<&[u8]> = text.split("NAME").map(str::as_bytes).collect();
    let bytes = parts.join(&kim[..]);
    let read = file(&server, &key, "?mapping=old&merchant=m1", &bytes);
    assert_eq!(read.status, 200, "{}", read.text());
    let read = read.json();
    assert_eq!((read["taken"].as_u64(), read["finished"].as_u64()), (Some(1), Some(1)), "{read}");
    let refused = read["refused"].as_array().unwrap();
    let all = read.to_string();
    // The bad rows of A2 and A5, A4 for its SKU, and A5 as a whole: not the half of it that could be read.
    assert_eq!(refused.len(), 4, "{read}");
    assert!(all.contains("a row of order A5 was refused"), "{read}");
    assert!(all.contains("Pieces") || all.contains("quantity"), "{read}");
    assert!(all.contains("there is no SKU"), "{read}");
    let again = file(&server, &key, "?mapping=old&merchant=m1", &bytes).json();
    assert_eq!((again["taken"].as_u64(), again["known"].as_u64()), (Some(0), Some(1)), "{again}");
    let orders = server.get(&key, "/api/v1/orders").json();
    let id = orders["orders"][0]["id"].as_str().unwrap();
    let person = server.get(&key, &format!("/api/v1/orders/{id}/person")).json();
    assert_eq!(person["name"], "\u{ae40}");
    for (query, named) in [("?mapping=none", "there is no mapping"), ("?mapping=cafe24", "wants the columns")]
    {
        let answer = file(&server, &key, query, &bytes);
        assert_eq!(answer.status, 422, "{query}: {}", answer.text());
        assert!(answer.text().contains(named), "{}", answer.text());
    }
}
