//! A shop kept honest by a service that is killed at the worst moments: nothing of what is to be written is lost, and
//! nothing is done twice that would do harm.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test ends where something is missing")]

mod common;
mod live;
#[path = "../../web/tests/stand_in/mod.rs"]
mod stand_in;

use std::time::{Duration, Instant};

use common::{arg, book, code, run, said};
use live::{Live, key};
use serde_json::json;
use stand_in::{Clock, Shop, TOKEN};

fn wait_for(what: &str, seconds: u64, mut done: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(seconds);
    while !done() {
        assert!(Instant::now() < until, "{what} did not come within {seconds} s");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_service_killed_while_it_takes_a_shop_down_and_puts_it_back_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (books, data) = (folder.path().join("book"), folder.path().join("data"));
    book(&books, 200);
    let live = Live::start(&data, Some(&books), &[]);
    let key = key(&live);
    let shelves = live.get(&key, "/api/v1/stock?limit=500")["shelves"].as_array().unwrap().clone();
    let first = shelves.iter().find(|shelf| shelf["available"].as_u64() > Some(0)).unwrap();
    let (site, merchant) =
        (first["site"].as_str().unwrap().to_owned(), first["merchant"].as_str().unwrap().to_owned());
    let sellable = live.get(&key, &format!("/api/v1/sellable?merchant={merchant}&limit=500"));
    let rows: Vec<(String, i64)> = sellable["sellable"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| Some((row["sku"].as_str()?.to_owned(), row["sites"][&site].as_i64()?)))
        .filter(|(_, units)| *units > 0)
        .take(60)
        .collect();
    assert!(rows.len() >= 5, "{} SKUs at {site}", rows.len());
    live.kill();

    let numbers: Vec<Vec<i64>> = rows.iter().map(|(_, units)| vec![*units]).collect();
    let items: Vec<(&str, &str, &[i64])> =
        rows.iter().zip(&numbers).map(|((sku, _), units)| (sku.as_str(), "10.00", &units[..])).collect();
    let wall = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    let shop = Shop::start(Clock::from(wall), &[site.as_str()], &items);
    {
        let mut inner = shop.inner();
        (inner.page, inner.faults.slow_ms) = (20, 400);
    }
    let config = format!(
        "[[connections]]\nid = 'shop'\nkind = 'shopify'\nmerchant = '{merchant}'\nsecret = 'a secret of the shop'\nwatch = false\n\
         [connections.admin]\nurl = '{}'\ntoken = '{TOKEN}'\n",
        shop.url
    );
    std::fs::write(data.join("holdfast.toml"), config).unwrap();
    let live = Live::start(&data, None, &[]);
    wait_for("the first reading", 60, || live.get(&key, "/api/v1/connections")[0]["read"] == true);
    live.done(&key, "/api/v1/incidents", &json!({"hazard": "flood", "name": "Test", "severity": "severe"}));
    live.done(&key, "/api/v1/incidents/inc-0/phase", &json!({"phase": "declared"}));
    live.done(
        &key,
        "/api/v1/incidents/inc-0/close-sites",
        &json!({"sites": [site], "stock": "inaccessible"}),
    );
    // Before anything was written; then while the shop has done it and not answered yet.
    live.kill();
    let sets = || shop.asked("inventorySetQuantities");
    let live = Live::start(&data, None, &[]);
    let before = sets();
    wait_for("the first change", 60, || sets() > before);
    live.kill();
    let live = Live::start(&data, None, &[]);
    let down = || rows.iter().all(|(sku, _)| shop.available(sku, &site) == 0);
    wait_for("down", 60, down);
    let cuts = live.get(&key, "/api/v1/connections")[0]["cuts"].as_u64();
    assert_eq!(cuts, Some(rows.len() as u64), "what is to be put back is known after two kills");

    for _ in 0..2 {
        live.done(&key, "/api/v1/incidents/inc-0/all-clear", &json!({"site": site}));
    }
    let before = sets();
    wait_for("the first number up", 60, || sets() > before);
    live.kill();
    let live = Live::start(&data, None, &[]);
    wait_for("put back", 60, || live.get(&key, "/api/v1/connections")[0]["cuts"] == 0);
    let sellable = live.get(&key, &format!("/api/v1/sellable?merchant={merchant}&limit=500"));
    for (sku, _) in &rows {
        let row = sellable["sellable"].as_array().unwrap().iter().find(|row| row["sku"] == **sku).unwrap();
        assert_eq!(Some(shop.available(sku, &site)), row["sites"][&site].as_i64(), "{sku}");
    }
    eprintln!("3 kills, {} numbers down and back, {} changes asked", rows.len(), sets());
    live.kill();
    let verified = run(&["--json", "verify", arg(&data.join("holdfast.db"))]);
    assert_eq!(code(&verified), 0, "{}", said(&verified));
    // The same by the command, for any other shop.
    let csv = folder.path().join("sellable.csv");
    let written =
        run(&["sellable", arg(&data.join("holdfast.db")), "--merchant", &merchant, "--csv", arg(&csv)]);
    assert_eq!(code(&written), 0, "{}", said(&written));
    let text = std::fs::read_to_string(&csv).unwrap();
    assert!(text.starts_with("sku,quantity\n") && text.lines().count() > rows.len(), "{text}");
}
