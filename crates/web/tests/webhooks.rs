//! Webhooks of this house against a real endpoint: in order, signed, again after failures, off after too many.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;
mod stand_in;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::{NOW, Server, config, order};
use holdfast_access::Role;
use holdfast_connect::http::{Http, Pace};
use holdfast_connect::standard;
use holdfast_web::outward::{self, store::Store};
use serde_json::{Value, json};
use stand_in::{Clock, http};

const WHSEC: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[derive(Default)]
struct Heard {
    /// Ids in the order they were taken, and bodies.
    taken: Vec<(String, Value)>,
    /// Answers that are to fail.
    fail: u32,
    tries: u32,
}

fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !done() {
        assert!(Instant::now() < until, "{what} did not come");
        std::thread::sleep(Duration::from_millis(30));
    }
}

#[test]
fn an_endpoint_hears_its_merchants_entries_in_order_again_after_failures_and_is_switched_off_after_too_many()
{
    let clock = Clock::from(NOW);
    let heard: Arc<Mutex<Heard>> = Arc::default();
    let (hears, ticks) = (heard.clone(), clock.clone());
    let url = http::serve(move |asked| {
        let mut heard = hears.lock().unwrap();
        heard.tries += 1;
        let key = standard::key(WHSEC).unwrap();
        let id = standard::verify(&key, |name| asked.header(name), &asked.body, ticks.now())
            .expect("it is genuine");
        if heard.fail > 0 {
            heard.fail -= 1;
            return http::Answer::status(500);
        }
        let body: Value = serde_json::from_slice(&asked.body).unwrap();
        heard.taken.push((id.to_owned(), body));
        http::Answer::status(204)
    });
    let text = format!(
        "[[webhooks]]\nid = 'books'\nurl = '{url}/in'\nsecret = '{WHSEC}'\nmerchant = 'm1'\nkinds = ['OrderReceived']\ninside = true\nschedule_s = [0, 0, 0]\n"
    );
    let server = Server::with(config(&text), 50);
    assert!(!format!("{:?}", server.app.config).contains("whsec_"), "a secret is not printed");
    let key = server.key(Role::Admin, None);
    let client: Arc<dyn Http> = Arc::new(holdfast_outbound::Client::new());
    let pace: Arc<dyn Pace> = Arc::new(clock);
    outward::start(&server.app, &server.handle(), &Store::open(None).unwrap(), &client, &pace).unwrap();
    let state = || server.get(&key, "/api/v1/webhooks").json()[0].clone();
    wait_for("the start", || state()["version"].as_u64() > Some(0));
    heard.lock().unwrap().fail = 2;
    for number in 0..3 {
        server.post(&key, "/api/v1/orders", &order("m2", &format!("x{number}"), "sku2"));
        server.post(&key, "/api/v1/orders", &order("m1", &format!("n{number}"), "sku1"));
    }
    wait_for("all three", || heard.lock().unwrap().taken.len() >= 3);
    {
        let heard = heard.lock().unwrap();
        let numbers: Vec<&str> = heard
            .taken
            .iter()
            .map(|(_, body)| body["data"]["events"][0]["data"]["number"].as_str().unwrap())
            .collect();
        assert_eq!(numbers, ["n0", "n1", "n2"], "its own, in order, and nothing of another merchant");
        assert_eq!(heard.tries, 5);
    }
    heard.lock().unwrap().fail = 100;
    server.post(&key, "/api/v1/orders", &order("m1", "n3", "sku1"));
    wait_for("switched off", || state()["off"].is_i64());
    assert_eq!(state()["failures"], 4, "as often as its schedule is long, and once more");
    heard.lock().unwrap().fail = 0;
    server.post(&key, "/api/v1/orders", &order("m1", "n4", "sku1"));
    std::thread::sleep(Duration::from_millis(700));
    assert_eq!(heard.lock().unwrap().taken.len(), 3, "off is off");
    let version: u64 = heard.lock().unwrap().taken[2].0.rsplit('-').next().unwrap().parse().unwrap();
    let replayed = server.post(&key, "/api/v1/webhooks/books/replay", &json!({"from": version}));
    assert_eq!(replayed.status, 202, "{}", replayed.text());
    wait_for("the replay", || heard.lock().unwrap().taken.len() >= 6);
    let heard = heard.lock().unwrap();
    assert_eq!(heard.taken[3].0, heard.taken[2].0, "told again under the same id");
    drop(heard);
    server.app.stopping.send_replace(true);
    server.app.outward.desk().unwrap().join();
}
