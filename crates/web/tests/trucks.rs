//! A plan with a truck over HTTP: made, read, carried out as far as it goes, and on when the truck has been taken in.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use std::time::Duration;

use common::{Server, order};
use holdfast_access::Role;
use serde_json::{Value, json};

/// Asks until the answer is as wanted.
fn until(server: &Server, key: &str, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..2_000 {
        let told = server.get(key, path).json();
        if wanted(&told) {
            return told;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{path} never came to what was waited for: {}", server.get(key, path).text());
}

#[test]
fn a_plan_sends_a_truck_waits_for_it_and_goes_on_when_it_is_taken_in() {
    let server = Server::start(3);
    let key = server.key(Role::Admin, None);
    for number in 0..4 {
        let placed = server.post(&key, "/api/v1/orders", &order("m1", &format!("n{number}"), "sku1"));
        assert_eq!(placed.status, 201, "{}", placed.text());
    }
    assert_eq!(server.post(&key, "/api/v1/orders", &order("m2", "other", "sku2")).status, 201);
    let last = server.get(&key, "/api/v1/orders/ord-3").json();
    assert_eq!(last["lines"][0]["allocations"][0]["site"], "north", "the south has no more: {last}");
    let open = json!({"hazard": "carrier_stoppage", "name": "strike", "severity": "severe", "drill": true});
    assert_eq!(server.post(&key, "/api/v1/incidents", &open).status, 201);
    let declared = server.post(&key, "/api/v1/incidents/inc-0/phase", &json!({"phase": "declared"}));
    assert_eq!(declared.status, 200, "{}", declared.text());
    let embargo = server.post(&key, "/api/v1/incidents/inc-0/embargo", &json!({"site": "north"}));
    assert_eq!(embargo.status, 200, "{}", embargo.text());

    let wrong = json!({"incident": "inc-0", "closed_roads": [{"area": {"type": "Polygon"}}]});
    assert_eq!(server.post(&key, "/api/v1/plans/drafts", &wrong).status, 422);
    let area =
        json!({"type": "Polygon", "coordinates": [[[-79, 35], [-78, 35], [-78, 36], [-79, 36], [-79, 35]]]});
    let ask = json!({"incident": "inc-0", "seed": 7, "closed_roads": [{"area": area}]});
    let begun = server.post(&key, "/api/v1/plans/drafts", &ask);
    assert_eq!(begun.status, 202, "{}", begun.text());
    let job = format!("/api/v1/jobs/{}", begun.json()["job"]);
    let made = until(&server, &key, &job, |job| job["state"] != "running");
    assert_eq!(made["state"], "done", "{made}");
    let digest = made["plan"].as_str().unwrap();
    let page = server.get(&key, &format!("/api/v1/plans/drafts/{digest}")).json();
    let plan = &page["plan"];
    // Two merchants share the sites: the plan has a floor, and says what each gets.
    assert!(plan["summary"]["phi"].as_u64() <= plan["summary"]["phi_bound"].as_u64(), "{plan}");
    let merchants = plan["merchants"].as_array().unwrap();
    assert_eq!(merchants.len(), 2, "{plan}");
    for share in merchants {
        assert!(share["kept"].as_u64() >= share["floor"].as_u64(), "{share}");
        assert!(share["phi"].as_u64() >= plan["summary"]["phi"].as_u64(), "{share}");
    }
    let trucks = plan["opened"]["trucks"].as_array().unwrap();
    let [truck] = &trucks[..] else { panic!("{plan}") };
    assert_eq!((truck["from"].as_str(), truck["to"].as_str()), (Some("north"), Some("south")));
    assert_eq!((truck["units"].as_u64(), truck["why"]["no_lane"].as_u64()), (Some(1), Some(1)), "{truck}");
    assert_eq!(truck["cost"], plan["summary"]["transfer"]);
    assert!(truck["cost"].as_i64() > Some(0));

    let approve = json!({"execute": true});
    let adopted = server.post(&key, &format!("/api/v1/plans/drafts/{digest}/approve"), &approve);
    assert_eq!(adopted.status, 200, "{}", adopted.text());
    let job = format!("/api/v1/jobs/{}", adopted.json()["job"]);
    let ended = until(&server, &key, &job, |job| job["state"] != "running");
    assert_eq!((ended["state"].as_str(), ended["trucks_sent"].as_u64()), (Some("done"), Some(1)), "{ended}");
    assert_eq!(ended["waits_for"], "trf-0", "{ended}");
    let sent = server.get(&key, "/api/v1/transfers").json();
    assert_eq!(sent["transfers"][0]["items"][0]["sku"], "sku1", "{sent}");
    assert_eq!(sent["transfers"][0]["received"], false);
    // Asked to go on, it sends no second truck.
    let again = server.post(&key, "/api/v1/plans/plan-0/execute", &json!({}));
    assert_eq!(again.status, 202, "{}", again.text());
    let job = format!("/api/v1/jobs/{}", again.json()["job"]);
    until(&server, &key, &job, |job| job["state"] == "done");
    assert_eq!(server.get(&key, "/api/v1/transfers").json()["transfers"].as_array().unwrap().len(), 1);

    assert_eq!(server.post(&key, "/api/v1/transfers/trf-9/receive", &json!({})).status, 404);
    let more = json!({"items": [{"merchant": "m1", "sku": "sku1", "quantity": 2}]});
    assert_eq!(server.post(&key, "/api/v1/transfers/trf-0/receive", &more).status, 409, "more than was sent");
    let came = server.post(&key, "/api/v1/transfers/trf-0/receive", &json!({}));
    assert_eq!(came.status, 200, "{}", came.text());
    assert_eq!(server.post(&key, "/api/v1/transfers/trf-0/receive", &json!({})).status, 409, "once");
    let whole = |plan: &Value| plan["done"] == plan["steps"];
    let plan = until(&server, &key, "/api/v1/plans/plan-0", whole);
    assert_eq!(plan["undone"], false);
    let there = |order: &Value| order["lines"][0]["allocations"][0]["site"] == "south";
    until(&server, &key, "/api/v1/orders/ord-3", there);
    // Taken back as far as the world allows: north's lanes are closed, so the order stays.
    let undone = server.post(&key, "/api/v1/plans/plan-0/undo", &json!({}));
    assert_eq!(undone.status, 200, "{}", undone.text());
}

#[test]
fn a_truck_is_sent_by_hand_and_what_cannot_be_is_refused() {
    let server = Server::start(5);
    let key = server.key(Role::Admin, None);
    let send = |from: &str, to: &str, due: &str, units: u32| {
        let items = json!([{"merchant": "m2", "sku": "sku2", "quantity": units}]);
        server.post(&key, "/api/v1/transfers", &json!({"from": from, "to": to, "due": due, "items": items}))
    };
    assert_eq!(send("north", "north", "2026-10-01", 1).status, 422);
    assert_eq!(send("north", "south", "soon", 1).status, 422);
    assert_eq!(send("north", "nowhere", "2026-10-01", 1).status, 404);
    assert_eq!(send("north", "south", "2026-10-01", 6).status, 409, "there are five");
    assert_eq!(send("north", "south", "2026-10-01", 4).status, 200);
    let shelf = |site: &str| {
        server.get(&key, &format!("/api/v1/stock?site={site}&sku=sku2")).json()["shelves"][0]["on_hand"]
            .as_u64()
    };
    assert_eq!((shelf("north"), shelf("south")), (Some(1), Some(5)), "on its way it lies nowhere");
    // One unit has gone missing on the way: what came is booked, the rest nowhere.
    let came = json!({"items": [{"merchant": "m2", "sku": "sku2", "quantity": 3}]});
    assert_eq!(server.post(&key, "/api/v1/transfers/trf-0/receive", &came).status, 200);
    assert_eq!(shelf("south"), Some(8));
}
