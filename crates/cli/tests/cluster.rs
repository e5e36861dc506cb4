//! Two services on one database of three servers: the writer is killed under load, then the primary. Nothing that was
//! acknowledged is lost, nothing is there twice, and the gap is printed.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test ends where something is missing")]

#[path = "../../journal/tests/cluster/mod.rs"]
#[allow(dead_code, reason = "the journal's own tests use the rest")]
mod cluster;
mod common;
mod live;
#[path = "../../web/tests/stand_in/mod.rs"]
#[allow(dead_code, reason = "the shops' own tests use the rest")]
mod stand_in;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use cluster::{Cluster, programs};
use common::{arg, book, code, json as read_json, run, said};
use live::{Live, key, send};
use serde_json::{Value, json};

const ORDERS: u32 = 120;
const PATIENCE: Duration = Duration::from_secs(90);

/// Buyers' orders, each sent until one of the services has acknowledged it.
struct Shop {
    addresses: [String; 2],
    key: String,
    like: Value,
    acknowledged: Mutex<BTreeSet<String>>,
    /// When an order was acknowledged last, and the longest time between two.
    gap: Mutex<(Instant, Duration)>,
    stop: AtomicBool,
}

impl Shop {
    fn buy(&self, name: &str) {
        for number in 0.. {
            let number = format!("{name}-{number}");
            let order = json!({"merchant": self.like["merchant"], "number": number,
                "ship_to": {"country": self.like["country"], "postal": self.like["postal"], "name": "Jo Tern", "mail": format!("{number}@example.org")},
                "lines": [{"sku": self.like["lines"][0]["sku"], "quantity": 1}]});
            let begun = Instant::now();
            for at in 0_usize.. {
                if self.stop.load(Ordering::Relaxed) {
                    return;
                }
                assert!(begun.elapsed() < PATIENCE, "{number} was not acknowledged for {PATIENCE:?}");
                let headers = [("Authorization", self.key.as_str()), ("Idempotency-Key", number.as_str())];
                match send(&self.addresses[at % 2], "POST", "/api/v1/orders", &headers, &order) {
                    Some((200 | 201, ..)) => break,
                    // It was taken, and the answer got lost.
                    Some((409, _, body)) if body["code"] == "order-known" => break,
                    Some((503, ..)) | None => std::thread::sleep(Duration::from_millis(20)),
                    // The account's copy may not have come over yet.
                    Some((401, ..)) if begun.elapsed() < Duration::from_secs(5) => {
                        std::thread::sleep(Duration::from_millis(50));
                    }
                    Some((status, _, body)) => panic!("{number}: {status} {body}"),
                }
            }
            self.acknowledged.lock().unwrap().insert(number);
            let mut gap = self.gap.lock().unwrap();
            *gap = (Instant::now(), gap.1.max(gap.0.elapsed()));
        }
    }

    /// The longest time without an acknowledgement since it was asked last.
    fn gap(&self) -> Duration {
        let mut gap = self.gap.lock().unwrap();
        std::mem::replace(&mut *gap, (Instant::now(), Duration::ZERO)).1
    }

    fn count(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }

    fn until_more(&self, more: usize) {
        let (before, begun) = (self.count(), Instant::now());
        while self.count() < before + more {
            assert!(begun.elapsed() < PATIENCE, "no orders are taken any more");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn a_killed_writer_and_a_killed_primary_lose_nothing_and_the_service_goes_on() {
    let Some(programs) = programs() else { return };
    let mut cluster = Cluster::start(&programs);
    let folder = tempfile::tempdir().unwrap();
    let (books, one, two) =
        (folder.path().join("book"), folder.path().join("one"), folder.path().join("two"));
    book(&books, ORDERS);
    let connection = cluster.connection();
    let config = folder.path().join("holdfast.toml");
    std::fs::write(&config, format!("[database]\nurl = \"{connection}\"\nseconds = 4\n")).unwrap();
    let args = ["--config", arg(&config)];
    let mut first = Live::start(&one, Some(&books), &args);
    assert_eq!(first.phase, "running");
    let key = key(&first);
    let second = Live::start(&two, None, &args);
    assert_eq!((second.phase.as_str(), second.setup.as_deref()), ("following", None));
    let bearer = [("Authorization", key.as_str())];
    let get = |address: &str, path: &str| send(address, "GET", path, &bearer, &Value::Null);

    // The follower has the accounts within a second or two, shows what the writer has, and says how old that is.
    let begun = Instant::now();
    let (head, some) = loop {
        match get(&second.address, "/api/v1/orders?limit=100") {
            Some((200, head, page)) if page["orders"].as_array().is_some_and(|orders| orders.len() > 50) => {
                break (head, page);
            }
            other => assert!(begun.elapsed() < PATIENCE, "the follower shows nothing: {other:?}"),
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    eprintln!("a follower shows its writer's orders after {:?}", begun.elapsed());
    assert!(head.contains(&format!("holdfast-writer: http://{}", first.address)), "{head}");
    let begun = Instant::now();
    while !get(&second.address, "/api/v1/orders?limit=1").unwrap().1.contains("\nage: ") {
        assert!(begun.elapsed() < PATIENCE, "it never says how old it is");
        std::thread::sleep(Duration::from_millis(50));
    }
    let like =
        some["orders"].as_array().unwrap().iter().find(|o| o["lines"][0]["sku"].is_string()).unwrap().clone();
    let refused = send(&second.address, "POST", "/api/v1/orders", &bearer, &json!({})).unwrap();
    assert_eq!((refused.0, refused.2["code"].as_str()), (503, Some("not-the-writer")));
    assert!(refused.2["detail"].as_str().unwrap().contains(&first.address), "{}", refused.2);
    assert_eq!(get(&second.address, "/readyz").unwrap().0, 503, "asks go to the writer");

    // A copy out of the database, beside the running service, proves itself.
    let (copy, record) = (folder.path().join("copy"), folder.path().join("record"));
    std::fs::create_dir_all(&record).unwrap();
    let made = run(&[
        "--json",
        "backup",
        "--database",
        &connection,
        "--to",
        arg(&copy),
        "--record",
        arg(&record),
        "--prove",
    ]);
    assert_eq!(code(&made), 0, "{}", said(&made));
    let made = read_json(&made);
    assert_eq!(made["proof"]["ok"], true, "{made}");
    assert!(copy.join("access.db").exists(), "the accounts come along");

    let shop = Arc::new(Shop {
        addresses: [first.address.clone(), second.address.clone()],
        key: key.clone(),
        like,
        acknowledged: Mutex::default(),
        gap: Mutex::new((Instant::now(), Duration::ZERO)),
        stop: AtomicBool::new(false),
    });
    let buyers: Vec<_> = (0..3)
        .map(|name| {
            let shop = shop.clone();
            std::thread::spawn(move || shop.buy(&format!("b{name}")))
        })
        .collect();
    shop.until_more(30);
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    shop.gap();
    shop.until_more(30);
    eprintln!(
        "writer killed: the other one goes on, longest gap between two acknowledgements {:?}",
        shop.gap()
    );

    cluster.nodes[0].kill();
    cluster.take_over([1, 2]);
    shop.until_more(30);
    eprintln!("primary killed: the service goes on, longest gap {:?}", shop.gap());
    shop.stop.store(true, Ordering::Relaxed);
    buyers.into_iter().for_each(|buyer| buyer.join().unwrap());

    let mut found: Vec<String> = Vec::new();
    let mut path = "/api/v1/orders?limit=500".to_owned();
    loop {
        let (status, _, page) = get(&second.address, &path).unwrap();
        assert_eq!(status, 200, "{page}");
        found.extend(
            page["orders"].as_array().unwrap().iter().map(|o| o["number"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/orders?limit=500&cursor={next}");
    }
    let bought: Vec<&String> = found.iter().filter(|number| number.starts_with('b')).collect();
    let once: BTreeSet<&String> = bought.iter().copied().collect();
    assert_eq!(once.len(), bought.len(), "no order is there twice");
    let acknowledged = shop.acknowledged.lock().unwrap();
    let lost: Vec<&String> = acknowledged.iter().filter(|number| !once.contains(number)).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    eprintln!("{} orders acknowledged, 0 lost, 0 twice", acknowledged.len());
    second.stop();
}

/// A number that a surge has lowered shows nothing by itself: only who knows that it was lowered puts it back.
#[test]
fn who_takes_over_knows_which_numbers_of_a_shop_were_lowered_and_puts_them_back() {
    let Some(programs) = programs() else { return };
    let cluster = Cluster::start(&programs);
    let folder = tempfile::tempdir().unwrap();
    let (books, one, two) =
        (folder.path().join("book"), folder.path().join("one"), folder.path().join("two"));
    book(&books, ORDERS);
    let wait = |what: &str, done: &mut dyn FnMut() -> bool| {
        let begun = Instant::now();
        while !done() {
            assert!(begun.elapsed() < PATIENCE, "{what} did not come within {PATIENCE:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    let database = format!("[database]\nurl = \"{}\"\nseconds = 4\n", cluster.connection());
    let config = folder.path().join("holdfast.toml");
    std::fs::write(&config, &database).unwrap();
    let args = ["--config", arg(&config)];
    let first = Live::start(&one, Some(&books), &args);
    let key = key(&first);
    let shelves = first.get(&key, "/api/v1/stock?limit=500")["shelves"].as_array().unwrap().clone();
    let merchant = shelves[0]["merchant"].as_str().unwrap().to_owned();
    let sku = json!({"merchant": merchant, "code": "MASK", "name": "Mask", "weight_g": 100, "price": 1000, "category": "masks"});
    first.done(&key, "/api/v1/skus", &sku);
    let site = shelves[0]["site"].as_str().unwrap().to_owned();
    let receive = json!({"site": site, "merchant": merchant, "sku": "MASK", "quantity": 50});
    first.done(&key, "/api/v1/stock/receive", &receive);
    first.stop();

    let wall = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    let shop =
        stand_in::Shop::start(stand_in::Clock::from(wall), &[site.as_str()], &[("MASK", "10.00", &[50])]);
    let connected = format!(
        "{database}[[connections]]\nid = 'shop'\nkind = 'shopify'\nmerchant = '{merchant}'\nsecret = 'a secret of the shop'\nwatch = false\n\
         [connections.admin]\nurl = '{}'\ntoken = '{}'\n",
        shop.url,
        stand_in::TOKEN
    );
    std::fs::write(&config, connected).unwrap();
    let first = Live::start(&one, None, &args);
    let second = Live::start(&two, None, &args);
    assert_eq!((first.phase.as_str(), second.phase.as_str()), ("running", "following"));
    wait("the first reading", &mut || first.get(&key, "/api/v1/connections")[0]["read"] == true);
    let surge = json!({"hazard": "pandemic_surge", "name": "Wave", "severity": "severe", "surges": [["masks", 3000]]});
    first.done(&key, "/api/v1/incidents", &surge);
    first.done(&key, "/api/v1/incidents/inc-0/phase", &json!({"phase": "declared"}));
    // Killed as soon as the shop shows the lower number: whatever was not kept before that is lost with the machine.
    wait("the lower number", &mut || shop.available("MASK", &site) == 45);
    first.kill();
    let begun = Instant::now();
    let recover = json!({"phase": "recovering"});
    wait("the other one to write", &mut || {
        let asked = second.post(&key, "/api/v1/incidents/inc-0/phase", &recover);
        asked.0 < 300
    });
    wait("the number put back", &mut || shop.available("MASK", &site) == 50);
    eprintln!("the shop's number is back {:?} after the writer was killed", begun.elapsed());
    wait("the end of it", &mut || second.get(&key, "/api/v1/connections")[0]["cuts"] == 0);
    second.stop();
}
