//! A shop to test against: Shopify's Admin GraphQL API and WooCommerce's REST API, as a real server on 127.0.0.1, as far
//! as this house asks them. It keeps stock by place, sells only what is for sale, counts the cost of queries, checks
//! what a quantity changes from, does each key once, loses answers and refuses when it is told to.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "every test file uses a part of it, and ends where something is missing"
)]

pub mod http;
pub mod shopify;
pub mod woo;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use holdfast_connect::http::Pace;
use serde_json::{Value, json};

pub const TOKEN: &str = "shpat_stand_in_token";
pub const WOO_TOKEN: &str = "ck_stand:cs_in";

/// A clock that starts at a given moment of Unix time and runs as fast as the wall's.
#[derive(Clone)]
pub struct Clock(pub i64, pub Instant);

impl Clock {
    pub fn from(ms: i64) -> Self {
        Self(ms, Instant::now())
    }
    pub fn now(&self) -> i64 {
        self.0 + self.1.elapsed().as_millis() as i64
    }
}

impl Pace for Clock {
    fn now_ms(&self) -> i64 {
        self.now()
    }
    fn chance(&self) -> u64 {
        self.1.elapsed().as_nanos() as u64
    }
    fn sleep(&self, ms: u64) {
        std::thread::sleep(std::time::Duration::from_millis(ms));
    }
}

/// What the shop has of an item at a place.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shelf {
    pub available: i64,
    pub committed: i64,
}

#[derive(Clone, Debug)]
pub struct Line {
    pub id: u64,
    pub item: u64,
    pub units: u32,
}

/// Units one place is to send.
#[derive(Clone, Debug)]
pub struct Part {
    pub id: u64,
    pub location: u64,
    pub status: &'static str,
    pub request: &'static str,
    pub lines: Vec<Line>,
}

#[derive(Clone, Debug)]
pub struct Order {
    pub id: u64,
    pub name: String,
    pub at: i64,
    pub updated: i64,
    pub paid: bool,
    pub cancelled: bool,
    pub lines: Vec<Line>,
    pub parts: Vec<Part>,
}

/// What goes wrong.
#[derive(Default)]
pub struct Faults {
    /// Answers that are lost after the deed was done.
    pub lose: u32,
    /// Every request fails with 503.
    pub down: bool,
    /// Milliseconds a change takes.
    pub slow_ms: u64,
    /// Somebody else changes a number just before it is compared: so many times.
    pub meddle: u32,
    /// Moves are refused.
    pub no_moves: bool,
}

pub struct Inner {
    pub clock: Clock,
    pub locations: Vec<(u64, String)>,
    /// Item, SKU, title, price.
    pub items: Vec<(u64, String, String, String)>,
    pub shelves: BTreeMap<(u64, u64), Shelf>,
    pub orders: Vec<Order>,
    pub faults: Faults,
    /// Names of what was asked, in order.
    pub log: Vec<String>,
    /// Keys of changes, with what was asked and answered.
    pub keys: BTreeMap<String, (Value, Value)>,
    /// Points: there are, at most, by second, since.
    pub points: (f64, f64, f64, Instant),
    pub throttled: u32,
    pub page: usize,
    next: u64,
}

/// A shop.
#[derive(Clone)]
pub struct Shop {
    inner: Arc<Mutex<Inner>>,
    pub url: String,
}

impl Shop {
    /// A shop with places and items: SKU, price, units by place.
    pub fn start(clock: Clock, locations: &[&str], items: &[(&str, &str, &[i64])]) -> Self {
        let mut shelves = BTreeMap::new();
        let mut known = Vec::new();
        for (id, (sku, price, units)) in (501..).zip(items) {
            known.push((id, (*sku).to_owned(), format!("{sku} of the shop"), (*price).to_owned()));
            for (place, units) in (101..).zip(*units) {
                // A number below zero stands for an item the place does not keep.
                if *units >= 0 {
                    shelves.insert((id, place), Shelf { available: *units, committed: 0 });
                }
            }
        }
        let inner = Inner {
            clock,
            locations: (101..).zip(locations.iter().map(|name| (*name).to_owned())).collect(),
            items: known,
            shelves,
            orders: Vec::new(),
            faults: Faults::default(),
            log: Vec::new(),
            keys: BTreeMap::new(),
            points: (1_000.0, 1_000.0, 500.0, Instant::now()),
            throttled: 0,
            page: 2,
            next: 9_000,
        };
        let inner = Arc::new(Mutex::new(inner));
        let served = inner.clone();
        let url = http::serve(move |request| answer(&served, request));
        Self { inner, url }
    }

    pub fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is for sale of a SKU at a place, by its name.
    pub fn available(&self, sku: &str, place: &str) -> i64 {
        let inner = self.inner();
        let spot = (inner.item(sku), inner.place(place));
        inner.shelves.get(&spot).map_or(0, |shelf| shelf.available)
    }

    /// Somebody sets a number by hand.
    pub fn put(&self, sku: &str, place: &str, units: i64) {
        let mut inner = self.inner();
        let spot = (inner.item(sku), inner.place(place));
        inner.shelves.get_mut(&spot).unwrap().available = units;
    }

    /// A paid order of so many units, if they are for sale at one place: its name.
    pub fn buy(&self, sku: &str, units: u32) -> Option<String> {
        self.inner().buy(sku, units)
    }

    /// The place the parts of an order lie at that are not over.
    pub fn lies_at(&self, name: &str) -> Vec<String> {
        let inner = self.inner();
        let order = inner.orders.iter().find(|order| order.name == name).unwrap();
        let live = order.parts.iter().filter(|part| part.status != "CLOSED");
        live.map(|part| inner.locations.iter().find(|(id, _)| *id == part.location).unwrap().1.clone())
            .collect()
    }

    /// The order as a webhook tells of it.
    pub fn told(&self, name: &str) -> Value {
        let inner = self.inner();
        let order = inner.orders.iter().find(|order| order.name == name).unwrap();
        let moment = |ms: i64| jiff_text(ms);
        let line = |line: &Line| {
            let (_, sku, title, price) = inner.items.iter().find(|(id, ..)| *id == line.item).unwrap();
            json!({ "sku": sku, "title": title, "quantity": line.units, "current_quantity": line.units, "price": price })
        };
        json!({ "id": order.id, "name": order.name, "created_at": moment(order.at), "updated_at": moment(order.updated),
            "financial_status": if order.paid { "paid" } else { "pending" }, "currency": "USD",
            "email": format!("{}@example.org", order.id),
            "cancelled_at": if order.cancelled { json!(moment(order.updated)) } else { Value::Null },
            "shipping_address": { "name": "Jo Tern", "address1": "1 Old Road", "city": "Wilmington", "zip": "28401",
              "country_code": "US" },
            "line_items": order.lines.iter().map(line).collect::<Vec<_>>() })
    }

    pub fn asked(&self, name: &str) -> usize {
        self.inner().log.iter().filter(|asked| *asked == name).count()
    }
}

pub fn jiff_text(ms: i64) -> String {
    // Days and seconds by hand: the crate that reads the texts is the one under test.
    let (days, left) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let year = yoe + era * 400 + i64::from(month <= 2);
    let (h, m, s, milli) = (left / 3_600_000, left / 60_000 % 60, left / 1_000 % 60, left % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{milli:03}Z")
}

impl Inner {
    pub fn fresh(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub fn item(&self, sku: &str) -> u64 {
        self.items.iter().find(|(_, known, ..)| known == sku).unwrap_or_else(|| panic!("no {sku}")).0
    }

    pub fn place(&self, name: &str) -> u64 {
        self.locations.iter().find(|(_, known)| known == name).unwrap_or_else(|| panic!("no {name}")).0
    }

    pub fn buy(&mut self, sku: &str, units: u32) -> Option<String> {
        let item = self.item(sku);
        let has = |shelf: &Shelf| shelf.available >= i64::from(units);
        let found = self.shelves.iter().filter(|((of, _), shelf)| *of == item && has(shelf));
        // The fullest place sends it.
        let (_, location) = *found.max_by_key(|(_, shelf)| shelf.available)?.0;
        let shelf = self.shelves.get_mut(&(item, location)).unwrap();
        shelf.available -= i64::from(units);
        shelf.committed += i64::from(units);
        let (id, part, line, in_part) = (self.fresh(), self.fresh(), self.fresh(), self.fresh());
        let now = self.clock.now();
        let name = format!("#{id}");
        self.orders.push(Order {
            id,
            name: name.clone(),
            at: now,
            updated: now,
            paid: true,
            cancelled: false,
            lines: vec![Line { id: line, item, units }],
            parts: vec![Part {
                id: part,
                location,
                status: "OPEN",
                request: "UNSUBMITTED",
                lines: vec![Line { id: in_part, item, units }],
            }],
        });
        Some(name)
    }

    /// Gives units of a part to another place: what they were committed from is for sale again.
    pub fn give(&mut self, part: u64, lines: &[(u64, u32)], to: u64) -> Result<(), String> {
        if self.faults.no_moves {
            return Err("The fulfillment order cannot be moved.".to_owned());
        }
        let fresh = self.fresh();
        let order = self.orders.iter_mut().find(|order| order.parts.iter().any(|known| known.id == part));
        let order = order.ok_or("Fulfillment order does not exist.")?;
        let from = order.parts.iter_mut().find(|known| known.id == part).unwrap();
        if from.status != "OPEN" || matches!(from.request, "SUBMITTED" | "ACCEPTED") {
            return Err("Cannot change location of a fulfillment order that is in progress.".to_owned());
        }
        let mut moved = Vec::new();
        for (id, units) in lines {
            let line =
                from.lines.iter_mut().find(|line| line.id == *id).ok_or("Line item does not exist.")?;
            if line.units < *units {
                return Err("Quantity is too large.".to_owned());
            }
            if !self.shelves.contains_key(&(line.item, to)) {
                return Err("The item is not stocked at the new location.".to_owned());
            }
            line.units -= units;
            moved.push(Line { id: fresh + 1_000_000 + *id, item: line.item, units: *units });
            let left = self.shelves.get_mut(&(line.item, from.location)).unwrap();
            left.available += i64::from(*units);
            left.committed -= i64::from(*units);
            let taken = self.shelves.get_mut(&(line.item, to)).unwrap();
            taken.available -= i64::from(*units);
            taken.committed += i64::from(*units);
        }
        from.lines.retain(|line| line.units > 0);
        if from.lines.is_empty() {
            from.status = "CLOSED";
        }
        order.parts.push(Part {
            id: fresh,
            location: to,
            status: "OPEN",
            request: "UNSUBMITTED",
            lines: moved,
        });
        order.updated = self.clock.now();
        Ok(())
    }
}

fn answer(inner: &Mutex<Inner>, request: &http::Asked) -> http::Answer {
    let mut inner = inner.lock().unwrap_or_else(PoisonError::into_inner);
    if inner.faults.down {
        return http::Answer::status(503);
    }
    let slow = inner.faults.slow_ms;
    let reply = if request.path.starts_with("/wp-json/") {
        woo::answer(&mut inner, request)
    } else {
        shopify::answer(&mut inner, request)
    };
    drop(inner);
    if slow > 0 && reply.changed {
        std::thread::sleep(std::time::Duration::from_millis(slow));
    }
    reply
}
