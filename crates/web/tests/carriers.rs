//! Partners who send here under the Standard Webhooks form: Amazon's orders and carriers' tracking events.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use common::{Answer, NOW, Server, config};
use holdfast_access::Role;
use holdfast_app::service::Asked;
use holdfast_connect::standard::{key, sign};
use holdfast_domain::command::Command;
use holdfast_domain::id::{ShipmentId, SiteId};
use holdfast_domain::order::ShipmentStage;
use serde_json::{Value, json};

const WHSEC: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn send(server: &Server, path: &str, id: &str, at_s: i64, body: &Value) -> Answer {
    let body = body.to_string();
    let signature = sign(&key(WHSEC).unwrap(), id, at_s, body.as_bytes());
    let at = at_s.to_string();
    let headers =
        [("webhook-id", id), ("webhook-timestamp", at.as_str()), ("webhook-signature", signature.as_str())];
    server.send("POST", path, &headers, body.as_bytes())
}

fn amazon(number: &str, status: &str) -> Value {
    json!({ "Order": { "AmazonOrderId": number, "PurchaseDate": "2026-09-21T10:00:00Z",
        "LastUpdateDate": "2026-09-21T10:00:01Z", "OrderStatus": status, "FulfillmentChannel": "MFN",
        "OrderTotal": { "CurrencyCode": "USD", "Amount": "10.00" } },
      "OrderItems": [{ "SellerSKU": "sku1", "Title": "Kelp", "QuantityOrdered": 1,
        "ItemPrice": { "CurrencyCode": "USD", "Amount": "10.00" } }],
      "ShippingAddress": { "Name": "Jo Tern", "AddressLine1": "1 Old Road", "City": "Wilmington", "PostalCode": "28401",
        "CountryCode": "US" } })
}

#[test]
fn a_carriers_scans_move_parcels_and_settle_those_in_doubt() {
    let server = Server::with(
        config(&format!(
            "[[carriers]]\nid = 'van'\nsecret = '{WHSEC}'\n[[connections]]\nid = 'amazon'\nkind = 'amazon'\nmerchant = 'm1'\nsecret = '{WHSEC}'\n"
        )),
        50,
    );
    let operator = server.key(Role::Commander, None);
    let now = NOW / 1_000;
    for number in 0..3 {
        let order = amazon(&format!("111-{number}"), "Unshipped");
        for _ in 0..2 {
            assert_eq!(send(&server, "/hooks/amazon", "m1", now, &order).status, 200);
        }
    }
    assert_eq!(send(&server, "/hooks/amazon", "old", now - 400, &amazon("111-9", "Unshipped")).status, 401);
    let orders = server.get(&operator, "/api/v1/orders").json();
    assert_eq!(orders["orders"].as_array().unwrap().len(), 3, "each once: {orders}");
    let day = server.app.view().state().live_orders().next().unwrap().1.lines[0].allocations[0].ship_day;
    let released =
        server.app.service.ask_and_wait(Asked::new(Command::ReleaseWave { site: SiteId(1), day }, "test"));
    let head = server.app.service.health().head.version;
    drop(server.app.service.view_at(head, std::time::Duration::from_secs(10)));
    let stage = |at: u32| server.app.view().state().shipment(ShipmentId(at)).unwrap().stage;
    assert_eq!(stage(0), ShipmentStage::Released, "{released:?}");

    let path = "/hooks/carriers/van";
    let accepted =
        json!({"shipment": "shp-0", "tracking": "1Z-0", "event": "accepted", "at": "2026-09-21T15:00:00Z"});
    let told = send(&server, path, "e1", now, &accepted);
    assert_eq!((told.status, told.json()["applied"].as_u64()), (200, Some(1)), "{}", told.text());
    assert_eq!(stage(0), ShipmentStage::Shipped);
    assert_eq!(send(&server, path, "e1", now, &accepted).json()["known"], 1, "the same delivery again");
    // The site goes dark with the others in it; a scan proves that one has left.
    server.post(
        &operator,
        "/api/v1/incidents",
        &json!({"hazard": "flood", "name": "Test", "severity": "severe"}),
    );
    server.post(&operator, "/api/v1/incidents/inc-0/phase", &json!({"phase": "declared"}));
    let close = json!({"sites": ["south"], "stock": "unknown"});
    assert_eq!(server.post(&operator, "/api/v1/incidents/inc-0/close-sites", &close).status, 200);
    assert!(matches!(stage(1), ShipmentStage::InDoubt { .. }));
    let events = json!({"events": [
        {"shipment": "shp-1", "tracking": "1Z-1", "event": "departed", "at": "2026-09-21T18:00:00Z"},
        {"tracking": "1Z-0", "event": "exception", "at": "2026-09-21T19:00:00Z", "arrival": "2026-09-30"},
        {"tracking": "1Z-0", "event": "delivered", "at": "2026-09-22T09:00:00Z"},
        {"tracking": "nobody's", "event": "delivered", "at": "2026-09-22T09:00:00Z"}]});
    let told = send(&server, path, "e2", now, &events).json();
    assert_eq!(
        (told["applied"].as_u64(), told["unknown"][0].as_str()),
        (Some(3), Some("nobody's")),
        "{told}"
    );
    assert_eq!((stage(0), stage(1)), (ShipmentStage::Delivered, ShipmentStage::Shipped));
    assert!(matches!(stage(2), ShipmentStage::InDoubt { .. }), "of which nobody has told anything");
    // The carrier's own list, brought by a person.
    let file = "\u{feff}Tracking,Shipment,Event,At\n1Z-2,shp-2,Accepted,2026-09-21T20:00:00Z\n1Z-2,,eaten,2026-09-21T20:00:00Z\n,,delivered,2026-09-21T20:00:00Z\n1Z-9,,lost,2026-09-21T20:00:00Z\n";
    let csv = |key: &str, text: &str| {
        let bearer = format!("Bearer {key}");
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "text/csv")];
        server.send("POST", "/api/v1/tracking/csv", &headers, text.as_bytes())
    };
    let told = csv(&operator, file).json();
    assert_eq!((told["applied"].as_u64(), &told["unknown"]), (Some(1), &json!(["1Z-9"])), "{told}");
    assert_eq!(told["refused"].as_array().unwrap().len(), 2, "{told}");
    assert_eq!(stage(2), ShipmentStage::Shipped);
    assert_eq!(csv(&operator, file).json()["applied"], 0, "the same file again");
    assert_eq!(csv(&operator, "tracking,at\n1Z-2,x\n").status, 422);
    assert_eq!(csv(&server.key(Role::Merchant, Some("m1")), file).status, 403);
    let forged = server.send("POST", path, &[("webhook-id", "x")], accepted.to_string().as_bytes());
    assert_eq!(forged.status, 401);
    assert_eq!(send(&server, "/hooks/carriers/none", "e3", now, &accepted).status, 404);
    assert_eq!(send(&server, path, "e4", now, &json!({"event": "eaten"})).status, 400);
}
