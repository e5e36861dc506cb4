//! Every route, walked over by a caller who may not have what it gives. A route that is added without a thought for
//! this fails here.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use common::{SECRET, Server, order};
use holdfast_access::Role;
use holdfast_connect::sign::hmac_base64;
use holdfast_web::{Policy, Scope, routes};
use serde_json::{Value, json};

/// Routes anybody may use, each with its reason.
const PUBLIC: &[(&str, &str)] = &[
    ("/healthz", "a load balancer asks"),
    ("/readyz", "a load balancer asks"),
    ("/metrics", "names nobody; a proxy keeps it inside"),
    ("/openapi.json", "describes, and holds no data"),
    ("/api/v1/session/redeem", "carries the link's token"),
    ("/api/v1/session", "signing in"),
    ("/setup/{token}", "carries the link's token"),
    ("/sign-in", "signing in"),
    ("/hooks/{connection}", "carries a signature"),
    ("/receipts/{channel}", "carries a signature"),
    ("/hooks/carriers/{carrier}", "carries a signature"),
    ("/assets/{name}", "style, script, type"),
    ("/public/v1/promise", "a date for goods and a postal code; names no order, customer, site or stock"),
    ("/public/v1/banner", "what the public status page says"),
    ("/public/holdfast.js", "the script that shows both"),
];

/// What other merchants' data would show itself by.
const FOREIGN: [&str; 3] = ["SECRET-M2", "sku2", "\"m2\""];

fn path_of(pattern: &str) -> String {
    pattern
        .split('/')
        .map(|part| match part {
            "{id}" if pattern.starts_with("/stock") => "sku-1",
            "{id}" if pattern.starts_with("/sites") => "site-1",
            "{id}" if pattern.starts_with("/incidents") => "inc-0",
            "{id}" if pattern.starts_with("/drills") => "1",
            "{id}" if pattern.starts_with("/connections") => "woo",
            "{id}" if pattern.contains("/shipments/") => "shp-0",
            "{id}" if pattern.contains("/people/") => "sub-1",
            "{id}" => "ord-1",
            "{site}" => "south",
            "{item}" | "{call}" | "{user}" | "{key}" | "{job}" | "{number}" => "1",
            "{connection}" => "woo",
            "{webhook}" => "books",
            "{warehouse}" => "south",
            "{control}" => "1",
            "{threat}" => "00ff",
            "{incident}" => "inc-0",
            "{plan}" => "plan-0",
            "{notice}" => "not-0",
            "{merchant}" => "m2",
            "{transfer}" => "trf-0",
            "{approval}" => "abcdefghijkl",
            "{digest}" => "00",
            part if part.starts_with('{') => panic!("{pattern}: say here what stands for {part}"),
            part => part,
        })
        .collect::<Vec<_>>()
        .join("/")
}

fn body_of(pattern: &str) -> Value {
    match pattern {
        "/api/v1/orders" | "/api/v1/orders/bulk" => order("m2", "NEW", "sku2"),
        "/api/v1/orders/{id}/hold" => json!({"reason": "fraud"}),
        "/api/v1/orders/{id}/address" => json!({"country": "US", "postal": "28401", "street": "evil"}),
        "/api/v1/orders/{id}/answers" => json!({"choice": "cancel", "channel": "phone", "proof": "ticket 7"}),
        "/api/v1/orders/{id}/destination" => json!({
            "ship_to": {"country": "US", "postal": "28401", "street": "evil"}, "channel": "phone", "proof": "ticket 7"
        }),
        "/api/v1/orders/{id}/refunds" => json!({"amount": 1, "form": "money"}),
        "/api/v1/orders/{id}/goodwill" => json!({"amount": 1}),
        "/api/v1/merchants/{merchant}/opens" => json!({"counted": true}),
        "/api/v1/orders/{id}/contacts" => json!({"kind": "call"}),
        _ => json!({}),
    }
}

#[test]
fn nobody_gets_what_is_not_theirs_by_any_route() {
    let server = Server::start(50);
    let operator = server.key(Role::Operator, None);
    let merchant = server.key(Role::Merchant, Some("m1"));
    assert_eq!(server.post(&operator, "/api/v1/orders", &order("m1", "MINE", "sku1")).status, 201);
    assert_eq!(server.post(&operator, "/api/v1/orders", &order("m2", "SECRET-M2", "sku2")).status, 201);
    let unknown = json!({"id": 1, "number": "SECRET-M2-KEPT", "status": "processing", "currency": "USD",
        "billing": {"country": "US", "postcode": "28401"}, "line_items": [{"sku": "none", "quantity": 1, "total": "1.00"}]});
    let signature = hmac_base64(SECRET, unknown.to_string().as_bytes());
    let headers = [("X-WC-Webhook-Topic", "order.created"), ("X-WC-Webhook-Signature", signature.as_str())];
    assert_eq!(server.send("POST", "/hooks/woo", &headers, unknown.to_string().as_bytes()).status, 200);
    assert_eq!(server.app.inbox.count().unwrap(), 1);
    server.indexed();
    let version = server.app.service.health().head.version;
    let digest = server.app.view().state().digest_afresh();
    let mut walked = 0;
    for route in routes::all().list() {
        for method in &route.methods {
            let (method, path, body) =
                (method.as_str(), path_of_public(&route.path, route.policy), body_of(&route.path));
            let streams = path.ends_with("/stream");
            match route.policy {
                Policy::Public => {
                    let known = PUBLIC.iter().any(|(known, _)| *known == route.path);
                    assert!(known, "{method} {path}: open to everybody without a reason in this list");
                    continue;
                }
                Policy::SignedIn => {}
                Policy::Right { scope: Scope::All, .. } => {
                    let answer = server.call(&merchant, method, &path, &body);
                    assert_eq!(answer.status, 403, "{method} {path}: {}", answer.text());
                }
                Policy::Right { scope: Scope::Own, .. } if !streams => {
                    let answer = server.call(&merchant, method, &path, &body);
                    let text = answer.text();
                    for foreign in FOREIGN {
                        let told = text.contains(foreign) && !text.contains("there is no");
                        assert!(!told, "{method} {path} tells of another merchant: {text}");
                    }
                    let about_one = route.path.contains("{id}")
                        || route.path.contains("{item}")
                        || route.path.contains("{merchant}")
                        || route.path.contains("{connection}");
                    let shared = route.path.starts_with("/sites/");
                    if about_one && !shared {
                        assert!(
                            matches!(answer.status, 403 | 404),
                            "{method} {path}: {} {text}",
                            answer.status
                        );
                    }
                }
                Policy::Right { .. } => {}
            }
            let nobody = server.send(
                method,
                &path,
                &[("Content-Type", "application/json")],
                body.to_string().as_bytes(),
            );
            assert_eq!(nobody.status, 401, "{method} {path}: {}", nobody.text());
            walked += 1;
        }
    }
    assert!(walked > 80, "{walked} routes were walked");
    assert_eq!(server.app.service.health().head.version, version, "nothing was changed on the way");
    assert_eq!(server.app.view().state().digest_afresh(), digest);
    assert_eq!(server.app.inbox.count().unwrap(), 1);
    let own = server.get(&merchant, "/api/v1/orders").text();
    assert!(own.contains("MINE"), "its own data are there: {own}");
}

fn path_of_public(pattern: &str, policy: Policy) -> String {
    if policy == Policy::Public { pattern.to_owned() } else { path_of(pattern) }
}

#[test]
fn a_dangerous_act_over_the_floor_needs_a_second_person() {
    let server = Server::start(50);
    let (first, second) = (server.key(Role::Commander, None), server.key(Role::Commander, None));
    let open = json!({"hazard": "hurricane", "name": "Test", "severity": "severe"});
    assert_eq!(server.post(&first, "/api/v1/incidents", &open).json()["id"], "inc-0");
    assert_eq!(
        server.post(&first, "/api/v1/incidents/inc-0/phase", &json!({"phase": "declared"})).status,
        200
    );
    let south = json!({"sites": ["south"], "stock": "inaccessible"});
    assert_eq!(server.post(&first, "/api/v1/incidents/inc-0/close-sites", &south).status, 200);
    let north = json!({"sites": ["north"], "stock": "inaccessible"});
    let refused = server.post(&first, "/api/v1/incidents/inc-0/close-sites", &north);
    assert_eq!(
        (refused.status, refused.json()["code"].as_str()),
        (403, Some("second-approver-needed")),
        "the last open site"
    );
    let waiting = server.get(&second, "/api/v1/approvals").json();
    let approval = waiting[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        server.post(&first, &format!("/api/v1/approvals/{approval}"), &json!({})).status,
        403,
        "not one's own"
    );
    assert_eq!(server.post(&second, &format!("/api/v1/approvals/{approval}"), &json!({})).status, 200);
    assert_eq!(server.post(&first, "/api/v1/incidents/inc-0/close-sites", &north).status, 200);
    assert_eq!(server.get(&first, "/api/v1/sites/north").json()["access"], "closed");
}

#[test]
fn a_disaster_runs_from_the_preview_to_the_failback() {
    let server = Server::start(100);
    let key = server.key(Role::Commander, None);
    for number in 0..40 {
        assert_eq!(
            server.post(&key, "/api/v1/orders", &order("m1", &format!("d{number}"), "sku1")).status,
            201
        );
    }
    server.post(&key, "/api/v1/incidents", &json!({"hazard": "flood", "name": "Test", "severity": "severe"}));
    let preview = server.post(&key, "/api/v1/previews", &json!({"sites": ["south"]})).json();
    assert_eq!(
        (preview["orders"].as_u64(), preview["second_approver"].as_bool()),
        (Some(40), Some(false)),
        "{preview}"
    );
    server.post(&key, "/api/v1/incidents/inc-0/phase", &json!({"phase": "declared"}));
    let close = json!({"sites": ["south"], "stock": "lost"});
    assert_eq!(server.post(&key, "/api/v1/incidents/inc-0/close-sites", &close).status, 200);
    let begun = server.post(&key, "/api/v1/plans/drafts", &json!({"incident": "inc-0"}));
    assert_eq!(begun.status, 202, "{}", begun.text());
    let job = begun.json()["job"].as_u64().unwrap();
    let made = wait(&server, &key, job);
    let digest = made["plan"].as_str().unwrap();
    let draft = server.get(&key, &format!("/api/v1/plans/drafts/{digest}?limit=5")).json();
    assert_eq!(draft["plan"]["summary"]["moved"], 40, "{draft}");
    assert!(draft["next"].is_string() && draft["moves"].as_array().unwrap().len() == 5);
    assert!(draft["plan"]["summary"]["gap"].as_f64().unwrap() >= 0.0);
    let approved =
        server.post(&key, &format!("/api/v1/plans/drafts/{digest}/approve"), &json!({"execute": true}));
    assert_eq!(approved.status, 200, "{}", approved.text());
    let done = wait(&server, &key, approved.json()["job"].as_u64().unwrap());
    assert_eq!(done["steps"], json!([1, 1]), "{done}");
    let stats = server.get(&key, "/api/v1/stats").json();
    assert_eq!(
        (stats["sites"]["north"].as_u64(), stats["sites"]["south"].as_u64()),
        (Some(40), None),
        "{stats}"
    );
    assert_eq!(server.get(&key, "/api/v1/plans/plan-0").json()["moved"], 40);
    let clear = json!({"site": "south"});
    assert_eq!(server.post(&key, "/api/v1/incidents/inc-0/all-clear", &clear).status, 200);
    assert_eq!(server.get(&key, "/api/v1/sites/south").json()["permille"], 600);
    assert_eq!(server.post(&key, "/api/v1/incidents/inc-0/all-clear", &clear).status, 200);
    assert_eq!(server.get(&key, "/api/v1/sites/south").json()["access"], "open");
    assert_eq!(server.post(&key, "/api/v1/incidents/inc-0/all-clear", &clear).status, 409);
    let page = server.send("GET", "/incidents/inc-0", &[("Authorization", &format!("Bearer {key}"))], b"");
    assert_eq!(page.status, 200, "the console draws its room");
}

fn wait(server: &Server, key: &str, job: u64) -> Value {
    for _ in 0..1_200 {
        let state = server.get(key, &format!("/api/v1/jobs/{job}")).json();
        match state["state"].as_str() {
            Some("done") => return state,
            Some("running") => std::thread::sleep(std::time::Duration::from_millis(25)),
            _ => panic!("{state}"),
        }
    }
    panic!("the job does not end");
}
