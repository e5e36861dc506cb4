//! Shops kept honest: a real server here, a stand-in shop there, an incident in between, and everything that goes wrong
//! on the way.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test ends where something is missing")]

mod common;
mod stand_in;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::{NOW, SECRET, Server};
use holdfast_access::Role;
use holdfast_connect::http::{Http, Pace};
use holdfast_connect::sign::hmac_base64;
use holdfast_domain::id::{MerchantId, OrderId, SiteId, SkuId};
use holdfast_domain::order::Order;
use holdfast_domain::state::NameKind;
use holdfast_web::Config;
use holdfast_web::outward::{self, store::Store};
use serde_json::{Value, json};
use stand_in::{Clock, Shop, TOKEN, WOO_TOKEN};

/// A server whose connection `shop` is asked, with its lines running.
struct Desk {
    server: Server,
    key: String,
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.server.app.stopping.send_replace(true);
        if let Some(desk) = self.server.app.outward.desk() {
            desk.join();
        }
    }
}

impl Desk {
    fn start(shop: &Shop, kind: &str, more: &str, watch: bool) -> Self {
        let token = if kind == "shopify" { TOKEN } else { WOO_TOKEN };
        let text = format!(
            "[[connections]]\nid = 'shop'\nkind = '{kind}'\nmerchant = 'm1'\nsecret = '{SECRET}'\nwatch = {watch}\n\
             [connections.admin]\nurl = '{}'\ntoken = '{token}'\n{more}\n",
            shop.url
        );
        let server = Server::with(Config::read(&text, |_| None).unwrap(), 0);
        let key = server.key(Role::Admin, None);
        let clock: Arc<dyn Pace> = Arc::new(shop.inner().clock.clone());
        let http: Arc<dyn Http> = Arc::new(holdfast_outbound::Client::new());
        let lines = outward::start(&server.app, &server.handle(), &Store::open(None).unwrap(), &http, &clock)
            .unwrap();
        assert_eq!(lines, 1);
        Self { server, key }
    }

    fn connection(&self) -> Value {
        self.server.get(&self.key, "/api/v1/connections").json()[0].clone()
    }

    fn read_whole(&self) {
        wait_for("the first reading", 20, || self.connection()["read"] == true);
    }

    fn hear(&self, shop: &Shop, name: &str, topic: &str) {
        let body = shop.told(name).to_string();
        let signature = hmac_base64(SECRET, body.as_bytes());
        let headers = [
            ("Content-Type", "application/json"),
            ("X-Shopify-Topic", topic),
            ("X-Shopify-Webhook-Id", name),
            ("X-Shopify-Hmac-Sha256", signature.as_str()),
        ];
        assert_eq!(self.server.send("POST", "/hooks/shop", &headers, body.as_bytes()).status, 200);
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.server.post(&self.key, path, body);
        assert!(answer.status < 300, "{path}: {} {}", answer.status, answer.text());
        if answer.body.is_empty() { Value::Null } else { answer.json() }
    }

    fn close_south(&self, stock: &str) {
        self.post("/api/v1/incidents", &json!({"hazard": "hurricane", "name": "Test", "severity": "severe"}));
        self.post("/api/v1/incidents/inc-0/phase", &json!({"phase": "declared"}));
        self.post("/api/v1/incidents/inc-0/close-sites", &json!({"sites": ["south"], "stock": stock}));
    }

    fn plan(&self) {
        let begun = self.post("/api/v1/plans/drafts", &json!({"incident": "inc-0"}));
        let made = self.job(&begun);
        let digest = made["plan"].as_str().unwrap();
        let approved =
            self.post(&format!("/api/v1/plans/drafts/{digest}/approve"), &json!({"execute": true}));
        self.job(&approved);
    }

    fn job(&self, begun: &Value) -> Value {
        let path = format!("/api/v1/jobs/{}", begun["job"].as_u64().unwrap());
        for _ in 0..1_200 {
            let state = self.server.get(&self.key, &path).json();
            match state["state"].as_str() {
                Some("done") => return state,
                Some("running") => std::thread::sleep(Duration::from_millis(25)),
                _ => panic!("{state}"),
            }
        }
        panic!("the job does not end");
    }

    fn sku(&self, code: &str) -> SkuId {
        self.server.app.view().state().named(NameKind::Sku, MerchantId(0), code).unwrap()
    }

    fn here(&self, sku: &str, site: u16) -> u32 {
        self.server.app.view().state().stock.shelf(SiteId(site), self.sku(sku)).on_hand
    }

    fn order(&self, name: &str) -> Option<(OrderId, Order)> {
        let view = self.server.app.view();
        let number = name.trim_start_matches('#');
        let id: OrderId = view.state().named(NameKind::Order, MerchantId(0), number)?;
        view.state().order(id).ok().cloned().map(|order| (id, order))
    }

    fn compare(&self) -> Vec<Value> {
        let before = self.connection()["compared"].clone();
        self.post("/api/v1/connections/shop/compare", &json!({}));
        wait_for("the comparison", 20, || self.connection()["compared"] != before);
        let page = self.server.get(&self.key, "/api/v1/connections/shop/differences?limit=500").json();
        page["differences"].as_array().unwrap().clone()
    }
}

fn wait_for(what: &str, seconds: u64, mut done: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(seconds);
    while !done() {
        assert!(Instant::now() < until, "{what} did not come within {seconds} s");
        std::thread::sleep(Duration::from_millis(50));
    }
}

const NORTH: usize = 0;
const SOUTH: usize = 1;

#[test]
fn two_hundred_buyers_cannot_buy_what_only_the_lost_site_holds() {
    let shop = Shop::start(
        Clock::from(NOW),
        &["north", "south"],
        &[("only", "19.90", &[0, 150]), ("both", "5.00", &[40, 60]), ("calm", "7.00", &[30, 30])],
    );
    let desk = Desk::start(&shop, "shopify", "", false);
    desk.read_whole();
    assert_eq!(
        (desk.here("only", 1), desk.here("both", 0), desk.here("both", 1)),
        (150, 40, 60),
        "brought in"
    );
    // Paid before the storm: of every third no webhook ever arrives.
    let mut paid: Vec<String> = Vec::new();
    for at in 0..30 {
        let name = shop.buy(if at % 2 == 0 { "only" } else { "both" }, 1).unwrap();
        if at % 3 > 0 {
            desk.hear(&shop, &name, "orders/create");
        }
        paid.push(name);
    }
    let stop = Arc::new(AtomicBool::new(false));
    let (tries, late) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let buyers: Vec<_> = (0..200)
        .map(|_| {
            let (shop, stop, tries, late) = (shop.clone(), stop.clone(), tries.clone(), late.clone());
            std::thread::spawn(move || {
                // Each comes when it pleases, and again until it has one.
                let mut bought: Vec<(String, bool)> = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    tries.fetch_add(1, Ordering::Relaxed);
                    let after = late.load(Ordering::SeqCst);
                    if bought.is_empty()
                        && let Some(name) = shop.buy("only", 1)
                    {
                        bought.push((name, after));
                    }
                    std::thread::sleep(Duration::from_millis(300));
                }
                bought
            })
        })
        .collect();
    let began = Instant::now();
    desk.close_south("lost");
    wait_for("the shop", 60, || shop.available("only", "south") == 0 && shop.available("both", "south") == 0);
    eprintln!("down after {} ms", began.elapsed().as_millis());
    // Whoever began to buy before the number was down may still be at it for an instant.
    std::thread::sleep(Duration::from_millis(400));
    late.store(true, Ordering::SeqCst);
    std::thread::sleep(Duration::from_millis(1_500));
    stop.store(true, Ordering::Relaxed);
    let mut after = 0;
    for buyer in buyers {
        for (name, late) in buyer.join().unwrap() {
            after += usize::from(late);
            paid.push(name);
        }
    }
    eprintln!(
        "{} tries, {} orders paid, {after} after the number was down",
        tries.load(Ordering::Relaxed),
        paid.len()
    );
    assert_eq!(after, 0, "nobody buys what cannot be sent");
    assert_eq!(shop.available("calm", "south"), 0, "everything that lies in the dark");
    assert_eq!(shop.available("calm", "north"), 30, "and nothing else");

    // The comparison takes the orders no webhook told of; the plan moves what can be moved; customers are told.
    let found = desk.compare();
    assert!(paid.iter().all(|name| desk.order(name).is_some()), "every paid order is known");
    drop(found);
    desk.plan();
    let view = desk.server.app.view();
    let state = view.state();
    let (mut routed, mut held) = (0, 0);
    for name in &paid {
        let (id, order) = desk.order(name).unwrap();
        let at_north =
            order.lines.iter().flat_map(|line| &line.allocations).all(|a| a.site == SiteId(NORTH as u16));
        assert!(at_north, "{name}: nothing is left at the lost site");
        if order.backordered().is_zero() {
            routed += 1;
        } else {
            held += 1;
            let heard =
                state.notices.iter().any(|(_, notice)| notice.orders.iter().any(|entry| entry.order == id));
            assert!(heard, "{name} waits, and its customer is told");
        }
    }
    eprintln!("{routed} routed, {held} held and told ({} notices)", state.notices.len());
    assert!(routed >= 15 && held >= 15 && routed + held == paid.len());
    // In the shop the parts of what was moved lie at the open place, and nothing became saleable in the dark one.
    let both: Vec<&String> =
        paid.iter().filter(|name| shop.told(name)["line_items"][0]["sku"] == "both").collect();
    wait_for("the parts", 30, || both.iter().all(|name| shop.lies_at(name) == ["north"]));
    wait_for("the numbers", 30, || shop.available("both", "south") == 0);
    let sellable = desk.server.get(&desk.key, "/api/v1/sellable?merchant=m1").json();
    let of = |sku: &str| {
        let rows = sellable["sellable"].as_array().unwrap();
        rows.iter().find(|row| row["sku"] == sku).unwrap()["units"].as_i64().unwrap()
    };
    assert_eq!(of("only"), 0);
    assert_eq!(of("both"), 25);
    wait_for("the moved units", 10, || shop.available("both", "north") <= of("both"));
    assert_eq!(desk.connection()["alarm"], Value::Null);
}

#[test]
fn what_was_taken_down_comes_back_exactly_whatever_goes_wrong_on_the_way() {
    let items: Vec<(String, Vec<i64>)> = (0..12).map(|at| (format!("s{at:02}"), vec![5, 20 + at])).collect();
    let items: Vec<(&str, &str, &[i64])> =
        items.iter().map(|(sku, units)| (sku.as_str(), "3.00", &units[..])).collect();
    let shop = Shop::start(Clock::from(NOW), &["north", "south"], &items);
    // Points for one costly query, filled fast: almost every query has to wait.
    shop.inner().points = (160.0, 160.0, 900.0, Instant::now());
    let desk = Desk::start(&shop, "shopify", "", false);
    desk.read_whole();
    assert_eq!(desk.here("s03", SOUTH as u16), 23, "read page by page");
    shop.inner().faults.lose = 1;
    desk.close_south("inaccessible");
    let down = |shop: &Shop| (0..12).all(|at| shop.available(&format!("s{at:02}"), "south") == 0);
    wait_for("down", 60, || down(&shop));
    // Sold in the dark time from the open site, and told or not.
    let first = shop.buy("s03", 2).unwrap();
    desk.hear(&shop, &first, "orders/create");
    let silent = shop.buy("s04", 3).unwrap();
    // Somebody puts units back into the dark place by hand: they do not stay.
    shop.put("s05", "south", 9);
    wait_for("down again", 45, || down(&shop));
    // All clear, with a shop that loses answers and in which others change numbers at the worst moment.
    {
        let mut inner = shop.inner();
        (inner.faults.lose, inner.faults.meddle) = (2, 2);
    }
    desk.post("/api/v1/incidents/inc-0/all-clear", &json!({"site": "south"}));
    desk.post("/api/v1/incidents/inc-0/all-clear", &json!({"site": "south"}));
    wait_for("put back", 60, || desk.connection()["cuts"] == 0);
    assert!(desk.order(&silent).is_some(), "before a number goes up every order is taken");
    // What the meddlers bought is found by the comparison; then every number is what lies here, unit by unit.
    desk.compare();
    let here = |sku: &str, site: u16| {
        let view = desk.server.app.view();
        i64::from(view.state().stock.shelf(SiteId(site), desk.sku(sku)).available().0)
    };
    let skus: Vec<String> = (0..12).map(|at| format!("s{at:02}")).collect();
    let differ = || {
        let of = |sku: &String, site: u16, place: &str| {
            let (there, here) = (shop.available(sku, place), here(sku, site));
            (there != here).then(|| format!("{sku} at {place}: {there} for sale, {here} here"))
        };
        skus.iter().flat_map(|sku| [of(sku, 0, "north"), of(sku, 1, "south")]).flatten().collect::<Vec<_>>()
    };
    let until = Instant::now() + Duration::from_secs(60);
    while !differ().is_empty() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(differ(), [""; 0], "{}", desk.connection());
    let inner = shop.inner();
    eprintln!("{} queries were throttled, {} changes asked", inner.throttled, inner.keys.len());
    assert!(inner.throttled > 0 || inner.log.len() > 20);
    drop(inner);
    assert_eq!(
        (desk.connection()["error"].clone(), desk.connection()["alarm"].clone()),
        (Value::Null, Value::Null)
    );
}

#[test]
fn what_somebody_has_accepted_is_asked_back_before_it_is_given_to_another_place() {
    let shop = Shop::start(Clock::from(NOW), &["north", "south"], &[("both", "5.00", &[40, 60])]);
    let desk = Desk::start(&shop, "shopify", "", false);
    desk.read_whole();
    let names: Vec<String> = (0..3).map(|_| shop.buy("both", 1).unwrap()).collect();
    for name in &names {
        desk.hear(&shop, name, "orders/create");
    }
    wait_for("its site", 10, || {
        names.iter().all(|name| desk.order(name).is_some_and(|(_, order)| order.backordered().is_zero()))
    });
    let request = |at: usize, word: &'static str| {
        let mut inner = shop.inner();
        let order = inner.orders.iter_mut().find(|order| order.name == names[at]).unwrap();
        order.parts[0].request = word;
    };
    request(0, "ACCEPTED");
    request(1, "ACCEPTED");
    desk.close_south("inaccessible");
    desk.plan();
    wait_for("the free one", 20, || shop.lies_at(&names[2]) == ["north"]);
    let asked = |at: usize| {
        let inner = shop.inner();
        inner.orders.iter().find(|order| order.name == names[at]).unwrap().parts[0].request
    };
    wait_for("asked back", 20, || {
        asked(0) == "CANCELLATION_REQUESTED" && asked(1) == "CANCELLATION_REQUESTED"
    });
    assert_eq!(shop.lies_at(&names[0]), ["south"], "not before the answer");
    request(0, "CANCELLATION_ACCEPTED");
    request(1, "CANCELLATION_REJECTED");
    // Its own routing gets it there where the plain move does not.
    shop.inner().faults.no_moves = true;
    wait_for("given", 40, || shop.lies_at(&names[0]) == ["north"]);
    wait_for("a note", 20, || desk.connection()["notes"].to_string().contains("does not give it back"));
    assert_eq!(shop.lies_at(&names[1]), ["south"], "what is refused stays, and a person is told");
    assert!(shop.asked("fulfillmentOrdersReroute") >= 1);
    assert_eq!(shop.available("both", "south"), 0, "what moves away is not for sale in the dark");
}

#[test]
fn a_watched_shop_is_read_compared_and_never_written_to() {
    let shop = Shop::start(
        Clock::from(NOW),
        &["north", "south", "attic"],
        &[("both", "5.00", &[40, 60, 7]), ("", "1.00", &[1, 1, 1])],
    );
    let desk = Desk::start(&shop, "shopify", "", true);
    desk.read_whole();
    let silent = shop.buy("both", 2).unwrap();
    desk.close_south("lost");
    wait_for("what would be done", 20, || desk.connection()["down"] == 1);
    assert_eq!(shop.available("both", "south"), 58, "nothing is written");
    let found = desk.compare();
    let kinds = |kind: &str| found.iter().filter(|one| one["kind"] == kind).cloned().collect::<Vec<_>>();
    assert!(desk.order(&silent).is_some(), "taken without a webhook");
    assert_eq!(kinds("location").len(), 1, "{found:?}");
    assert_eq!(kinds("sku").len(), 1, "{found:?}");
    let stock = kinds("stock");
    let south = stock.iter().find(|one| one["location"] == "gid://shopify/Location/102").unwrap();
    assert_eq!(
        (south["shop"].as_i64(), south["here"].as_i64(), south["right"].as_str()),
        (Some(58), Some(0), Some("here"))
    );
    let changes = ["inventorySetQuantities", "fulfillmentOrderMove", "fulfillmentOrdersReroute"];
    assert!(changes.iter().all(|change| shop.asked(change) == 0));
    let foreign = desk.server.key(Role::Merchant, Some("m2"));
    assert_eq!(desk.server.get(&foreign, "/api/v1/connections").json(), json!([]));
    assert_eq!(desk.server.get(&foreign, "/api/v1/connections/shop/differences").status, 404);
}

#[test]
fn a_shop_of_woocommerce_is_taken_down_and_put_back_with_its_sales_in_between() {
    let items: [(&str, &str, &[i64]); 5] = [
        ("a", "10.00", &[30]),
        ("b", "11.00", &[8]),
        ("c", "12.00", &[9]),
        ("d", "13.00", &[4]),
        ("e", "14.00", &[5]),
    ];
    let shop = Shop::start(Clock::from(NOW), &["south"], &items);
    let desk = Desk::start(&shop, "woocommerce", "locations = { shop = 'south' }", false);
    desk.read_whole();
    assert_eq!(desk.here("e", SOUTH as u16), 5, "three products a page");
    let sold = shop.buy("a", 4).unwrap();
    shop.inner().faults.lose = 1;
    desk.close_south("inaccessible");
    let down = || items.iter().all(|(sku, ..)| shop.available(sku, "south") == 0);
    wait_for("down", 60, down);
    assert_eq!(shop.buy("a", 1), None);
    desk.post("/api/v1/incidents/inc-0/all-clear", &json!({"site": "south"}));
    desk.post("/api/v1/incidents/inc-0/all-clear", &json!({"site": "south"}));
    wait_for("put back", 60, || desk.connection()["cuts"] == 0);
    assert!(
        desk.order(&sold).is_some(),
        "sold before it was down, and never told of: {} {:?}",
        desk.connection(),
        shop.inner().log
    );
    assert_eq!(shop.available("a", "south"), 26, "its units are not for sale again");
    assert_eq!(shop.available("e", "south"), 5);
}

#[test]
fn a_wrong_token_is_told_and_a_number_that_should_be_down_is_an_alarm() {
    let shop = Shop::start(Clock::from(NOW), &["north", "south"], &[("both", "5.00", &[40, 60])]);
    let desk = Desk::start(&shop, "shopify", "", false);
    desk.read_whole();
    shop.inner().faults.down = true;
    desk.close_south("lost");
    wait_for("the error", 20, || desk.connection()["error"].is_string());
    assert_eq!(desk.connection()["down"], 1);
    let status = desk.server.app.outward.line("shop").unwrap().status();
    let since = status.overdue.unwrap();
    assert_eq!(status.alarm(since + 59_000), None);
    assert!(status.alarm(since + 61_000).unwrap().contains("by hand"));
    shop.inner().faults.down = false;
    wait_for("down at last", 60, || shop.available("both", "south") == 0);
    let wrong = format!(
        "[[connections]]\nid = 'shop'\nkind = 'shopify'\nmerchant = 'm1'\nsecret = '{SECRET}'\n[connections.admin]\nurl = '{}'\ntoken = 'not the token'\n",
        shop.url
    );
    let server = Server::with(Config::read(&wrong, |_| None).unwrap(), 0);
    assert!(!format!("{:?}", server.app.config).contains("not the token"), "a token is not printed");
    let clock: Arc<dyn Pace> = Arc::new(shop.inner().clock.clone());
    let http: Arc<dyn Http> = Arc::new(holdfast_outbound::Client::new());
    outward::start(&server.app, &server.handle(), &Store::open(None).unwrap(), &http, &clock).unwrap();
    let line = server.app.outward.line("shop").unwrap().clone();
    wait_for("the refusal", 20, || {
        line.status().error.is_some_and(|error| error.contains("refuses the token"))
    });
    server.app.stopping.send_replace(true);
    server.app.outward.desk().unwrap().join();
}
