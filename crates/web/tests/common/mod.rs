//! A real server on 127.0.0.1, on a journal in memory, and a client without a library.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "every test file uses a part of it, and ends where something is missing"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use holdfast_access::{Access, Rights, Role};
use holdfast_app::port::{Clock, Entropy};
use holdfast_app::service::{Asked, Options, Service};
use holdfast_domain::command::Command;
use holdfast_domain::id::{MerchantId, ServiceId, SiteId, SkuId, ZoneId};
use holdfast_domain::money::Currency;
use holdfast_domain::network::{
    Country, DestinationZone, Lane, LaneKind, Language, Merchant, Service as Carrier, Site, SiteKind, Sku,
    StorageSet,
};
use holdfast_domain::place::Place;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::time::{Calendar, Stamp, Zone};
use holdfast_journal::memory::MemoryJournal;
use holdfast_web::console::Console;
use holdfast_web::desk::Desk;
use holdfast_web::index::Index;
use holdfast_web::routes::inbox::Inbox;
use holdfast_web::{App, Config, Parts, routes, serve};
use serde_json::Value;

/// The moment of every test: the service's clock ticks on from it, sign-in's stands still.
pub const NOW: i64 = 1_790_000_000_000;
pub const PASSWORD: &str = "tide pool at noon";
pub const SECRET: &str = "a secret of the shop";

struct Ticking(i64);
impl Clock for Ticking {
    fn now(&mut self) -> Stamp {
        self.0 += 1;
        Stamp(self.0)
    }
}

struct Counting(u8);
impl Entropy for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(31).wrapping_add(7);
            *byte = self.0;
        }
    }
}

/// A server, its app, and what keeps them.
pub struct Server {
    pub app: App,
    pub address: SocketAddr,
    pub journal: MemoryJournal,
    runtime: Option<tokio::runtime::Runtime>,
    folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.app.stopping.send_replace(true);
        self.app.service.stop();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(2));
        }
    }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
    pub fn cookies(&self) -> String {
        let all = self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case("set-cookie"));
        all.filter_map(|(_, value)| value.split(';').next()).collect::<Vec<_>>().join("; ")
    }
}

pub fn config(text: &str) -> Config {
    let connections = format!(
        "{text}\n[[connections]]\nid = 'shopify'\nkind = 'shopify'\nmerchant = 'm1'\nsecret = '{SECRET}'\n\
         [[connections]]\nid = 'woo'\nkind = 'woocommerce'\nmerchant = 'm2'\nsecret = '{SECRET}'\n"
    );
    Config::read(&connections, |_| None).unwrap()
}

impl Server {
    /// A server on two merchants, two sites, a SKU each, `units` of each at each site.
    pub fn start(units: u32) -> Self {
        Self::with(config(""), units)
    }

    pub fn with(config: Config, units: u32) -> Self {
        Self::with_options(config, units, Options::default())
    }

    pub fn with_options(config: Config, units: u32, options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let journal = MemoryJournal::new();
        let service = Service::start(
            Box::new(journal.clone()),
            Some(Box::new(journal.clone())),
            Ticking(NOW),
            Box::new(Counting(1)),
            options,
        )
        .unwrap();
        for command in network(units) {
            service.ask_and_wait(Asked::new(command, "setup")).unwrap();
        }
        // An answer is durable before readers see it; a request in the same instant would meet an older view.
        let head = service.health().head.version;
        assert!(service.view_at(head, Duration::from_secs(20)).state().version >= head, "readers follow");
        let options = holdfast_access::Options { hash_cost: (64, 1), ..holdfast_access::Options::default() };
        let access = Access::open(&folder.path().join("access.db"), options).unwrap();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let parts = Parts {
            service,
            access,
            index: Index::open(None).unwrap(),
            inbox: Inbox::open(None).unwrap(),
            config,
            now: || NOW,
        };
        let (app, address) = runtime.block_on(async {
            let app = App::new(parts);
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            tokio::spawn(serve::serve(app.clone(), routes::all(), listener, None));
            (app, address)
        });
        drop(app.index.follow(app.service.clone()));
        drop(Console::follow(&app));
        drop(Desk::follow(&app));
        Self { app, address, journal, runtime: Some(runtime), folder }
    }

    /// Where the server's work runs.
    pub fn handle(&self) -> tokio::runtime::Handle {
        self.runtime.as_ref().unwrap().handle().clone()
    }

    /// An API key of a role.
    pub fn key(&self, role: Role, merchant: Option<&str>) -> String {
        let rights = Rights::of(holdfast_access::Right::ALL);
        self.app.access.key_make("test", role, rights, merchant, "test", NOW).unwrap().1
    }

    /// Sends a request and reads its answer.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n",
            self.address,
            body.len()
        );
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        // A server that refuses a large body may close before it has all of it.
        let _ = stream.write_all(body);
        read_answer(stream)
    }

    pub fn get(&self, key: &str, path: &str) -> Answer {
        self.send("GET", path, &[("Authorization", &format!("Bearer {key}"))], b"")
    }

    pub fn post(&self, key: &str, path: &str, body: &Value) -> Answer {
        self.call(key, "POST", path, body)
    }

    pub fn call(&self, key: &str, method: &str, path: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {key}");
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
        self.send(method, path, &headers, body.to_string().as_bytes())
    }

    /// Waits until the index has everything.
    pub fn indexed(&self) {
        for _ in 0..2_000 {
            if self.app.index.version() >= self.app.service.health().head.version {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the index does not follow");
    }
}

fn read_answer(stream: TcpStream) -> Answer {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let status =
        line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{line:?}"));
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut body = Vec::new();
    reader.read_to_end(&mut body).unwrap();
    let answer = Answer { status, headers, body };
    if answer.header("transfer-encoding") == Some("chunked") {
        let body = unchunk(&answer.body);
        return Answer { body, ..answer };
    }
    answer
}

fn unchunk(mut bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(end) = bytes.windows(2).position(|pair| pair == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap().trim(), 16).unwrap();
        if size == 0 {
            break;
        }
        out.extend(&bytes[end + 2..end + 2 + size]);
        bytes = &bytes[end + 4 + size..];
    }
    out
}

/// Two merchants with a SKU each, at two sites.
pub fn network(units: u32) -> Vec<Command> {
    let us = Country::new("US").unwrap();
    let merchant = |code: &str| {
        Command::AddMerchant(Box::new(Merchant {
            code: code.into(),
            name: code.into(),
            currency: Currency::USD,
            language: Language::EN,
            contact: "help@example.org".into(),
            split_quantity: false,
            weight: 1,
            notice_after_days: 0,
            late_cost: 200,
            backorder_cost: 1_200,
            move_cost: 30,
            doubt: None,
        }))
    };
    let site = |code: &str, lat: f64| {
        Command::AddSite(Box::new(Site {
            code: code.into(),
            name: code.into(),
            kind: SiteKind::Centre,
            place: Place::new(lat, -75.0).unwrap(),
            country: us,
            region: "NC".into(),
            zone: Zone::utc(),
            calendar: Calendar::every_day(),
            cutoff_ms: 50_000_000,
            capacity: [100_000; 7],
            work_parcel: 1,
            work_unit: 0,
            cost_parcel: 0,
            cost_unit: 0,
            storage: StorageSet::ALL,
            wind_limit_kt: None,
            standby: None,
        }))
    };
    let lane = |site: u16, cost: i64| {
        Command::AddLane(Box::new(Lane {
            site: SiteId(site),
            zone: ZoneId(0),
            service: ServiceId(0),
            cost_parcel: cost,
            cost_kg: 10,
            transit_days: 2,
        }))
    };
    let sku = |merchant: u16, code: &str| {
        Command::AddSku(Box::new(Sku {
            merchant: MerchantId(merchant),
            code: code.into(),
            name: code.into(),
            category: "".into(),
            weight_g: 500,
            pack: 1,
            price: 1_000,
            cost: 500,
            storage: 0,
        }))
    };
    let mut all = vec![
        merchant("m1"),
        merchant("m2"),
        site("north", 42.0),
        site("south", 34.0),
        Command::AddZone(Box::new(DestinationZone {
            code: "z".into(),
            country: us,
            prefixes: Vec::new(),
            place: Place::new(35.0, -78.0).unwrap(),
            population: 0,
        })),
        Command::AddService(Box::new(Carrier {
            carrier: "c".into(),
            name: "ground".into(),
            kind: LaneKind::Parcel,
            calendar: Calendar::every_day(),
        })),
        // The south is the cheaper way.
        lane(0, 900),
        lane(1, 500),
        sku(0, "sku1"),
        sku(1, "sku2"),
    ];
    for site in 0..2 {
        for sku in 0..2 {
            if units > 0 {
                all.push(Command::ReceiveStock {
                    site: SiteId(site),
                    sku: SkuId(sku),
                    quantity: Quantity(units),
                });
            }
        }
    }
    all
}

/// An order as the API takes it.
pub fn order(merchant: &str, number: &str, sku: &str) -> Value {
    serde_json::json!({
        "merchant": merchant, "number": number,
        "ship_to": { "country": "US", "postal": "28401", "name": "Jo Tern", "street": "1 Old Road", "city": "Wilmington",
          "mail": format!("jo+{merchant}@example.org") },
        "lines": [{ "sku": sku, "quantity": 1 }]
    })
}
