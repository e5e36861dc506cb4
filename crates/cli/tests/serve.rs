//! The live service as its users run it: started, signed in to, killed in the middle of a failover under load, and
//! started again. Nothing that was acknowledged is lost, and nothing is there twice.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test ends where something is missing")]

mod common;

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{arg, book, code, json as read_json, program, run, said};
use serde_json::{Value, json};

const ORDERS: u32 = 500;
const KILLS: usize = 3;
const PASSWORD: &str = "tide pool at noon";

struct Live {
    child: Child,
    address: String,
    setup: Option<String>,
}

impl Live {
    fn start(data: &Path, book: Option<&Path>) -> Self {
        let mut command = program();
        command.args(["--json", "serve", "--data", arg(data), "--listen", "127.0.0.1:0"]);
        if let Some(book) = book {
            command.args(["--book", arg(book)]);
        }
        command.env("HOLDFAST_LOG", "warn");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut text = String::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            text.push_str(&line);
            if line == "}" {
                break;
            }
        }
        let started: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let address = started["address"].as_str().unwrap().trim_start_matches("http://").to_owned();
        let setup = started["setup"].as_str().map(|link| link.rsplit('/').next().unwrap().to_owned());
        Self { child, address, setup }
    }

    fn stop(mut self) {
        let told = std::process::Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(told.success());
        assert!(self.child.wait().unwrap().success(), "it ends by itself, and says that all is well");
    }
}

/// Sends a request; `None` when the server has gone.
fn send(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &Value,
) -> Option<(u16, String, Value)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
    let body = body.to_string();
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}\r\n{body}").as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, head.to_owned(), serde_json::from_str(body).unwrap_or(Value::Null)))
}

/// Makes the admin by the one-time link, signs in, and makes an API key.
fn key(live: &Live) -> String {
    let token = live.setup.clone().expect("a new service gives a link");
    let redeem = json!({"token": token, "name": "ada", "password": PASSWORD});
    assert_eq!(send(&live.address, "POST", "/api/v1/session/redeem", &[], &redeem).unwrap().0, 204);
    let credentials = json!({"name": "ada", "password": PASSWORD});
    let (status, head, me) = send(&live.address, "POST", "/api/v1/session", &[], &credentials).unwrap();
    assert_eq!(status, 200, "{me}");
    let cookies: Vec<&str> =
        head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next()).collect();
    let (cookie, csrf) = (cookies.join("; "), me["csrf"].as_str().unwrap().to_owned());
    let headers = [("Cookie", cookie.as_str()), ("X-CSRF-Token", csrf.as_str())];
    let asked = json!({"name": "test", "role": "commander"});
    let (status, _, made) = send(&live.address, "POST", "/api/v1/keys", &headers, &asked).unwrap();
    assert_eq!(status, 201, "{made}");
    format!("Bearer {}", made["secret"].as_str().unwrap())
}

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
    let mut live = Live::start(&data, Some(&books));
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
        live = Live::start(&data, None);
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
