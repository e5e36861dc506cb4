//! The live service as its users run it: started, signed in to, killed in the middle of a failover under load, and
//! started again. Nothing that was acknowledged is lost, and nothing is there twice.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test ends where something is missing")]

mod common;
mod live;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{arg, book, code, json as read_json, run, said};
use live::{Live, key, send};
use serde_json::{Value, json};

const ORDERS: u32 = 500;
const KILLS: usize = 3;
/// Sends orders until told to stop; remembers those that were acknowledged.
fn shop(
    address: String,
    key: String,
    like: Value,
    acknowledged: Arc<Mutex<BTreeSet<String>>>,
    stop: Arc<AtomicBool>,
    name: String,
) {
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let number = format!("{name}-{number}");
        let order = json!({"merchant": like["merchant"], "number": number,
            "ship_to": {"country": like["country"], "postal": like["postal"], "name": "Jo Tern", "mail": format!("{number}@example.org")},
            "lines": [{"sku": like["lines"][0]["sku"], "quantity": 1}]});
        match send(&address, "POST", "/api/v1/orders", &[("Authorization", &key)], &order) {
            Some((201, ..)) => {
                let merchant = like["merchant"].as_str().unwrap();
                acknowledged.lock().unwrap().insert(format!("{merchant}/{number}"));
            }
            Some((503, ..)) => std::thread::sleep(Duration::from_millis(20)),
            Some((status, _, body)) => panic!("{status} {body}"),
            None => return,
        }
    }
}

#[test]
fn a_failover_that_is_killed_under_load_goes_on_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (books, data) = (folder.path().join("book"), folder.path().join("data"));
    book(&books, ORDERS);
    let mut live = Live::start(&data, Some(&books), &[]);
    let key = key(&live);
    let bearer = [("Authorization", key.as_str())];
    let get = |live: &Live, path: &str| send(&live.address, "GET", path, &bearer, &Value::Null).unwrap().2;
    let post =
        |live: &Live, path: &str, body: &Value| send(&live.address, "POST", path, &bearer, body).unwrap();
    let some = get(&live, "/api/v1/orders?limit=100");
    let sourced = |order: &&Value| order["lines"][0]["allocations"][0]["site"].is_string();
    let like =
        some["orders"].as_array().unwrap().iter().find(sourced).expect("an order that has a site").clone();
    let site = like["lines"][0]["allocations"][0]["site"].as_str().unwrap().to_owned();
    let open = json!({"hazard": "hurricane", "name": "Test", "severity": "severe"});
    assert_eq!(post(&live, "/api/v1/incidents", &open).2["id"], "inc-0");
    post(&live, "/api/v1/incidents/inc-0/phase", &json!({"phase": "declared"}));
    let close = json!({"sites": [site], "stock": "lost"});
    let closed = post(&live, "/api/v1/incidents/inc-0/close-sites", &close);
    assert_eq!(closed.0, 200, "{}", closed.2);
    let job = post(&live, "/api/v1/plans/drafts", &json!({"incident": "inc-0"})).2["job"].as_u64().unwrap();
    let digest = loop {
        let state = get(&live, &format!("/api/v1/jobs/{job}"));
        match state["state"].as_str() {
            Some("done") => break state["plan"].as_str().unwrap().to_owned(),
            Some("running") => std::thread::sleep(Duration::from_millis(50)),
            _ => panic!("{state}"),
        }
    };
    let adopted = post(&live, &format!("/api/v1/plans/drafts/{digest}/approve"), &json!({}));
    assert_eq!((adopted.0, adopted.2["plan"].as_str()), (200, Some("plan-0")), "{}", adopted.2);

    let acknowledged = Arc::new(Mutex::new(BTreeSet::new()));
    for kill in 0..KILLS {
        let stop = Arc::new(AtomicBool::new(false));
        let shops: Vec<_> = (0..3)
            .map(|shop_number| {
                let (address, key, like) = (live.address.clone(), key.clone(), like.clone());
                let (acknowledged, stop) = (acknowledged.clone(), stop.clone());
                std::thread::spawn(move || {
                    shop(address, key, like, acknowledged, stop, format!("k{kill}s{shop_number}"));
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(150));
        let begun = post(&live, "/api/v1/plans/plan-0/execute", &json!({})).0;
        // After the first kill it may be going on by itself already, or be done.
        assert!(matches!(begun, 202 | 409), "{begun}");
        std::thread::sleep(Duration::from_millis(10 + 60 * kill as u64));
        live.child.kill().unwrap();
        live.child.wait().unwrap();
        stop.store(true, Ordering::Relaxed);
        shops.into_iter().for_each(|shop| shop.join().unwrap());
        let verified = run(&["--json", "verify", arg(&data.join("holdfast.db"))]);
        assert_eq!(code(&verified), 0, "kill {kill}: {}", said(&verified));
        live = Live::start(&data, None, &[]);
        assert_eq!(live.setup, None, "the admin is there");
    }
    for _ in 0..400 {
        let plan = get(&live, "/api/v1/plans/plan-0");
        if plan["done"] == plan["steps"] {
            break;
        }
        post(&live, "/api/v1/plans/plan-0/execute", &json!({}));
        std::thread::sleep(Duration::from_millis(50));
    }
    let plan = get(&live, "/api/v1/plans/plan-0");
    assert_eq!(plan["done"], plan["steps"], "{plan}");
    let mut found: Vec<String> = Vec::new();
    let mut path = "/api/v1/orders?limit=500".to_owned();
    loop {
        let page = get(&live, &path);
        found.extend(page["orders"].as_array().unwrap().iter().map(|o| {
            // A number is its merchant's: two merchants may use the same.
            format!("{}/{}", o["merchant"].as_str().unwrap(), o["number"].as_str().unwrap())
        }));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/orders?limit=500&cursor={next}");
    }
    let once: BTreeSet<&String> = found.iter().collect();
    assert_eq!(once.len(), found.len(), "no order is there twice");
    let acknowledged = acknowledged.lock().unwrap();
    let lost: Vec<&String> = acknowledged.iter().filter(|number| !once.contains(number)).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    assert!(acknowledged.len() > 20, "only {} orders came in between the kills", acknowledged.len());
    eprintln!("{KILLS} kills, {} orders acknowledged in between, plan {plan}", acknowledged.len());
    live.stop();
    let verified = read_json(&run(&["--json", "verify", arg(&data.join("holdfast.db"))]));
    assert_eq!(verified["orders"].as_u64().unwrap() as usize, found.len());
}

#[test]
fn a_rewritten_audit_log_shows_against_the_anchors_outside() {
    let folder = tempfile::tempdir().unwrap();
    let (data, outside) = (folder.path().join("data"), folder.path().join("outside"));
    let config = folder.path().join("holdfast.toml");
    let text = format!("[anchors]\nfolder = '{}'\n", outside.display());
    std::fs::write(&config, text).unwrap();
    let options = ["--config", arg(&config)];
    let live = Live::start(&data, None, &options);
    key(&live);
    live.stop();
    let anchors = std::fs::read_to_string(outside.join("anchors.jsonl")).unwrap();
    assert!(anchors.lines().count() >= 2, "one when it starts, one when it ends: {anchors}");
    let journal = data.join("holdfast.db");
    let verify = || run(&["--json", "verify", arg(&journal), "--anchors", arg(&outside)]);
    let whole = verify();
    assert_eq!(code(&whole), 0, "{}", said(&whole));
    assert_eq!(read_json(&whole)["anchors"].as_u64(), Some(anchors.lines().count() as u64));

    // The log is written anew, whole and sound in itself: only what was written down outside tells.
    for name in ["access.db", "access.db-wal", "access.db-shm"] {
        drop(std::fs::remove_file(data.join(name)));
    }
    let live = Live::start(&data, None, &[]);
    key(&live);
    live.stop();
    let other = verify();
    assert_ne!(code(&other), 0, "{}", said(&other));
    let told = read_json(&other);
    assert!(
        told["anchor_faults"][0].as_str().unwrap().contains("the audit log is not the one that was anchored"),
        "{told}"
    );
    assert_eq!((told["fault"].is_null(), told["whole"].as_bool()), (true, Some(false)), "{told}");
    let alone = run(&["--json", "verify", arg(&journal)]);
    assert_eq!(code(&alone), 0, "by itself it is whole: {}", said(&alone));
}

#[test]
fn the_doctor_looks_at_each_connection_and_says_what_to_mend() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let config = folder.path().join("holdfast.toml");
    let deaf = "[[connections]]\nid = 'shop'\nkind = 'shopify'\nmerchant = 'm'\nsecret = 'short one'\n\
        [connections.admin]\nurl = 'http://127.0.0.1:9'\ntoken = 'a token of the shop'\n";
    std::fs::write(&config, deaf).unwrap();
    let doctor = |more: &[&str]| {
        let told =
            run(&[&["--json", "doctor", "--config", arg(&config), "--data", arg(&data)], more].concat());
        let found = read_json(&told);
        let wrong: Vec<String> = found
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["ok"] == false)
            .map(|one| {
                assert_eq!(one["connection"], "shop");
                assert!(!one["remedy"].as_str().unwrap().is_empty(), "{one}");
                one["what"].as_str().unwrap().to_owned()
            })
            .collect();
        (code(&told), wrong)
    };
    let (ended, wrong) = doctor(&["--ask"]);
    assert_ne!(ended, 0);
    assert_eq!(wrong, ["secret", "address of its webhooks", "last delivery", "the shop's answer"]);

    // Mended, and heard once: a delivery for a merchant nobody has added waits for a person.
    let secret = "a secret of the shop that is long";
    let heard = format!(
        "public_url = 'https://holdfast.example.org'\n[[connections]]\nid = 'shop'\nkind = 'woocommerce'\nmerchant = 'm'\nsecret = '{secret}'\n"
    );
    std::fs::write(&config, heard).unwrap();
    let live = Live::start(&data, None, &["--config", arg(&config)]);
    let order = json!({"id": 7, "number": "7", "status": "processing", "currency": "USD",
        "billing": {"country": "US", "postcode": "28401"}, "line_items": [{"sku": "a", "quantity": 1, "total": "1.00"}]});
    let signature = holdfast_connect::sign::hmac_base64(secret, order.to_string().as_bytes());
    let headers = [("X-WC-Webhook-Topic", "order.created"), ("X-WC-Webhook-Signature", signature.as_str())];
    let answer = send(&live.address, "POST", "/hooks/shop", &headers, &order).unwrap();
    assert_eq!(answer.0, 200, "{}", answer.2);
    // Beside the running service.
    assert_eq!(doctor(&[]).1, ["deliveries that wait for a person"]);
    live.stop();
}
