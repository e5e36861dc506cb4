//! Shopify asked: its Admin GraphQL API through the port `http`, paced by what its answers say of their cost.
//!
//! A bucket of points fills by `restoreRate` a second; a query that costs more than there is, is answered with the
//! error `THROTTLED` and status 200. So it is waited before asking as long as the last answer lets expect, and after a
//! refusal as long as the missing points take. Reading is repeatable; setting quantities carries a key under which
//! Shopify does it once; giving a part away is read back by the caller when no answer came.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::{query, read};
use crate::http::{Http, Limits, Pace, Reach, Request as Ask, Secret};
use crate::shop::{
    Change, Found, ITEMS_MAX, Item, LOCATIONS_MAX, Level, Location, ORDERS_MAX, Part, Set, Shop, ShopError,
};

/// The version of the API that is asked when none is configured; Shopify keeps each for a year.
pub const VERSION: &str = "2026-07";
/// Points a query may cost at most.
const COST_MAX: f64 = 1_000.0;
/// Times a query is sent again because there were no points.
const THROTTLED_MAX: u32 = 8;
/// Milliseconds that are waited for points at once.
const WAIT_MAX_MS: u64 = 30_000;
/// Items asked for at once: each costs its levels.
const LEVELS_AT_ONCE: usize = 40;
/// Pages of one list.
const PAGES_MAX: usize = 40_000;

/// A shop of Shopify's.
pub struct Admin {
    http: Arc<dyn Http>,
    pace: Arc<dyn Pace>,
    url: String,
    token: Secret,
    reach: Reach,
    bucket: Mutex<Bucket>,
}

/// Points as the last answer told them.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    available: f64,
    restore: f64,
    most: f64,
    at_ms: i64,
    /// What reading and writing were said to cost.
    costs: [f64; 2],
}

impl Admin {
    /// The shop at `base`, such as `https://acme.myshopify.com`, asked in `version`.
    #[must_use]
    pub fn new(
        http: Arc<dyn Http>,
        pace: Arc<dyn Pace>,
        base: &str,
        version: Option<&str>,
        token: Secret,
        reach: Reach,
    ) -> Self {
        let url =
            format!("{}/admin/api/{}/graphql.json", base.trim_end_matches('/'), version.unwrap_or(VERSION));
        let bucket = Bucket { available: COST_MAX, restore: 50.0, most: COST_MAX, at_ms: 0, costs: [0.0; 2] };
        Self { http, pace, url, token, reach, bucket: Mutex::new(bucket) }
    }

    /// Asks, and gives `data`.
    fn ask(&self, document: &str, variables: Value, repeatable: bool) -> Result<Value, ShopError> {
        let body = json!({ "query": document, "variables": variables }).to_string().into_bytes();
        let limits = Limits { total_ms: 30_000, ..Limits::default() };
        let mut request = Ask::post_json(&self.url, body)
            .with("Accept", "application/json")
            .with_secret("X-Shopify-Access-Token", self.token.clone())
            .reaching(self.reach)
            .within(limits);
        request.repeatable = repeatable;
        let writes = usize::from(document.starts_with("mutation"));
        for _ in 0..=THROTTLED_MAX {
            self.wait(writes);
            let answer = self.http.send(&request)?;
            let said = || answer.excerpt(200);
            match answer.status {
                401 | 403 => {
                    let scope = "read products, inventory, locations and orders, and write inventory and fulfilment orders";
                    return Err(ShopError::Denied { status: answer.status, said: said(), scope });
                }
                402 | 423 => {
                    return Err(ShopError::Refused(format!(
                        "{}: the shop is frozen or locked",
                        answer.status
                    )));
                }
                404 => {
                    return Err(ShopError::Refused("404: no shop, or no such version of the API".to_owned()));
                }
                429 => {
                    self.pace.sleep(1_000);
                    continue;
                }
                status if status >= 500 => return Err(ShopError::Busy),
                _ => {}
            }
            let told: Value = serde_json::from_slice(&answer.body)
                .map_err(|_| ShopError::odd(format!("{} is no JSON: {}", answer.status, said())))?;
            let missing = self.learn(&told["extensions"]["cost"], writes);
            let errors = told["errors"].as_array().cloned().unwrap_or_default();
            if errors
                .iter()
                .any(|error| error["extensions"]["code"] == "THROTTLED" || error["message"] == "Throttled")
            {
                self.pace.sleep(missing.clamp(100, WAIT_MAX_MS));
                continue;
            }
            if !errors.is_empty() {
                let texts: Vec<&str> = errors.iter().filter_map(|error| error["message"].as_str()).collect();
                return Err(ShopError::Refused(texts.join("; ").chars().take(500).collect()));
            }
            if !told["data"].is_object() {
                return Err(ShopError::odd(format!("{} has no data: {}", answer.status, said())));
            }
            return Ok(told["data"].clone());
        }
        Err(ShopError::Busy)
    }

    /// Waits until there should be points for the costliest query of this sort so far.
    fn wait(&self, writes: usize) {
        let bucket = *self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let since = (self.pace.now_ms() - bucket.at_ms).max(0) as f64 / 1_000.0;
        let there = (bucket.available + since * bucket.restore).min(bucket.most);
        let missing = bucket.costs[writes].min(bucket.most) - there;
        if missing > 0.0 && bucket.restore > 0.0 {
            self.pace.sleep(((missing / bucket.restore * 1_000.0) as u64).min(WAIT_MAX_MS));
        }
    }

    /// Takes in what an answer says of its cost; gives the milliseconds until its query would have its points.
    fn learn(&self, cost: &Value, writes: usize) -> u64 {
        let number = |value: &Value| value.as_f64().filter(|number| number.is_finite() && *number >= 0.0);
        let asked = number(&cost["requestedQueryCost"]);
        let status = &cost["throttleStatus"];
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(available) = number(&status["currentlyAvailable"]) {
            bucket.available = available;
            bucket.at_ms = self.pace.now_ms();
        }
        bucket.restore = number(&status["restoreRate"]).filter(|rate| *rate > 0.0).unwrap_or(bucket.restore);
        bucket.most = number(&status["maximumAvailable"]).filter(|most| *most > 0.0).unwrap_or(bucket.most);
        if let Some(asked) = asked {
            // The newest says more than the costliest of long ago.
            bucket.costs[writes] = asked.max(bucket.costs[writes] * 0.9);
        }
        let missing = asked.unwrap_or(bucket.restore) - bucket.available;
        (missing.max(0.0) / bucket.restore * 1_000.0) as u64
    }

    /// Reads a list page by page; `at` finds the connection in `data`.
    fn pages(
        &self,
        document: &str,
        mut variables: Value,
        at: &str,
        mut take: impl FnMut(&[Value]) -> Result<(), ShopError>,
    ) -> Result<(), ShopError> {
        for _ in 0..PAGES_MAX {
            let data = self.ask(document, variables.clone(), true)?;
            let list = data.pointer(at).ok_or_else(|| ShopError::odd(format!("{at} is missing")))?;
            let nodes =
                list["nodes"].as_array().ok_or_else(|| ShopError::odd(format!("{at} has no nodes")))?;
            take(nodes)?;
            match read::next(list)? {
                None => return Ok(()),
                Some(after) if variables["after"] == after => {
                    return Err(ShopError::odd(format!("{at} does not go on")));
                }
                Some(after) => variables["after"] = json!(after),
            }
        }
        Err(ShopError::TooMany { what: "pages", most: PAGES_MAX })
    }

    /// The levels of an item, with those that did not come at once.
    fn item_levels(&self, item: &Value) -> Result<Vec<Level>, ShopError> {
        let id = read::text(item, "id")?;
        let mut levels = read::levels(&id, &item["inventoryLevels"])?;
        if let Some(after) = read::next(&item["inventoryLevels"])? {
            let variables = json!({ "id": id, "after": after });
            self.pages(query::MORE_LEVELS, variables, "/inventoryItem/inventoryLevels", |nodes| {
                levels.extend(read::levels(&id, &json!({ "nodes": nodes }))?);
                Ok(())
            })?;
        }
        Ok(levels)
    }

    fn found(&self, node: &Value) -> Result<Found, ShopError> {
        let id = read::text(node, "id")?;
        let mut lines = node["lineItems"]["nodes"].as_array().cloned().unwrap_or_default();
        if let Some(after) = read::next(&node["lineItems"])? {
            let variables = json!({ "id": id, "after": after });
            self.pages(query::MORE_LINES, variables, "/order/lineItems", |nodes| {
                if lines.len() > crate::order::LINES_MAX {
                    return Err(ShopError::TooMany { what: "lines", most: crate::order::LINES_MAX });
                }
                lines.extend_from_slice(nodes);
                Ok(())
            })?;
        }
        Ok(Found { id, order: read::order(node, &lines) })
    }

    /// Sends a mutation and gives its first complaint.
    fn change(&self, document: &str, variables: Value, name: &str) -> Result<(), ShopError> {
        let data = self.ask(document, variables, false)?;
        let errors = read::errors(&data[name])?;
        errors.first().map_or(Ok(()), |error| Err(ShopError::Refused(error.message.clone())))
    }
}

/// The id of Shopify's `kind` with this number, as webhooks tell it.
#[must_use]
pub fn gid(kind: &str, number: u64) -> String {
    format!("gid://shopify/{kind}/{number}")
}

impl Shop for Admin {
    fn locations(&self) -> Result<Vec<Location>, ShopError> {
        let mut all = Vec::new();
        self.pages(query::LOCATIONS, json!({}), "/locations", |nodes| {
            if all.len() + nodes.len() > LOCATIONS_MAX {
                return Err(ShopError::TooMany { what: "locations", most: LOCATIONS_MAX });
            }
            for node in nodes {
                all.push(Location {
                    id: read::text(node, "id")?,
                    name: read::text(node, "name")?,
                    active: node["isActive"].as_bool().unwrap_or(true),
                });
            }
            Ok(())
        })?;
        Ok(all)
    }

    fn catalogue(&self, take: &mut dyn FnMut(Vec<(Item, Vec<Level>)>)) -> Result<(), ShopError> {
        let mut count = 0;
        self.pages(query::CATALOGUE, json!({}), "/productVariants", |nodes| {
            count += nodes.len();
            if count > ITEMS_MAX {
                return Err(ShopError::TooMany { what: "products", most: ITEMS_MAX });
            }
            let of = |node: &Value| Ok((read::item(node)?, self.item_levels(&node["inventoryItem"])?));
            take(nodes.iter().map(of).collect::<Result<_, ShopError>>()?);
            Ok(())
        })
    }

    fn levels(&self, items: &[String]) -> Result<Vec<Level>, ShopError> {
        let mut all = Vec::new();
        for ids in items.chunks(LEVELS_AT_ONCE) {
            let data = self.ask(query::LEVELS, json!({ "ids": ids }), true)?;
            let nodes = data["nodes"].as_array().ok_or_else(|| ShopError::odd("nodes is no list"))?;
            // An item that is gone is null.
            for node in nodes.iter().filter(|node| node.is_object()) {
                all.extend(self.item_levels(node)?);
            }
        }
        Ok(all)
    }

    fn orders(&self, since_ms: Option<i64>, take: &mut dyn FnMut(Vec<Found>)) -> Result<(), ShopError> {
        let since = since_ms.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
        let query = match since {
            Some(since) => format!("updated_at:>='{since}'"),
            None => "status:open".to_owned(),
        };
        let mut count = 0;
        self.pages(query::ORDERS, json!({ "query": query }), "/orders", |nodes| {
            count += nodes.len();
            if count > ORDERS_MAX {
                return Err(ShopError::TooMany { what: "orders", most: ORDERS_MAX });
            }
            take(nodes.iter().map(|node| self.found(node)).collect::<Result<_, ShopError>>()?);
            Ok(())
        })
    }

    fn set(&self, changes: &[Change], key: &str) -> Result<Vec<Set>, ShopError> {
        let mut outcome: BTreeMap<usize, Set> = BTreeMap::new();
        // The mutation is done whole or not at all: what it complains of is left out, and the rest sent again.
        for round in 0..=changes.len().min(20) {
            let left: Vec<usize> = (0..changes.len()).filter(|at| !outcome.contains_key(at)).collect();
            if left.is_empty() {
                break;
            }
            let quantities: Vec<Value> = left
                .iter()
                .map(|at| {
                    let Change { item, location, from, to } = &changes[*at];
                    json!({ "inventoryItemId": item, "locationId": location, "quantity": to, "changeFromQuantity": from })
                })
                .collect();
            let input = json!({ "name": "available", "reason": "correction", "quantities": quantities,
                "referenceDocumentUri": "gid://holdfast/Sellable/1" });
            let key = format!("{key}-{round}");
            let data = self.ask(query::SET, json!({ "input": input, "key": key }), true)?;
            let errors = read::errors(&data["inventorySetQuantities"])?;
            if errors.is_empty() {
                outcome.extend(left.iter().map(|at| (*at, Set::Done)));
                break;
            }
            for error in &errors {
                let set =
                    if read::is_stale(error) { Set::Stale } else { Set::Refused(error.message.clone()) };
                match error.index.and_then(|index| left.get(index)) {
                    Some(at) => {
                        outcome.insert(*at, set);
                    }
                    // It does not say which: with more than one they are tried one by one by whoever asks.
                    None => outcome.extend(left.iter().map(|at| (*at, set.clone()))),
                }
            }
        }
        let unsaid = || Set::Refused("too many of the changes were refused".to_owned());
        Ok((0..changes.len()).map(|at| outcome.remove(&at).unwrap_or_else(unsaid)).collect())
    }

    fn set_max(&self) -> usize {
        // Lists in an input hold 250 at most.
        250
    }

    fn compares(&self) -> bool {
        true
    }

    fn has_parts(&self) -> bool {
        true
    }

    fn order_id(&self, number: &str) -> Result<Option<String>, ShopError> {
        let plain: String = number.chars().filter(|c| !matches!(c, '"' | '\\')).collect();
        let data = self.ask(query::ORDER_ID, json!({ "query": format!("name:\"{plain}\"") }), true)?;
        let nodes = data["orders"]["nodes"].as_array().cloned().unwrap_or_default();
        let same =
            |node: &&Value| node["name"].as_str().is_some_and(|name| name.trim_start_matches('#') == number);
        nodes.iter().find(same).map(|node| read::text(node, "id")).transpose()
    }

    fn parts(&self, order: &str) -> Result<Vec<Part>, ShopError> {
        let data = self.ask(query::PARTS, json!({ "id": order }), true)?;
        if data["order"].is_null() {
            return Err(ShopError::Refused("there is no such order, or the token may not see it".to_owned()));
        }
        read::parts(&data["order"]["fulfillmentOrders"])
    }

    fn ask_back(&self, part: &str, why: &str) -> Result<(), ShopError> {
        let variables = json!({ "id": part, "message": why });
        self.change(query::ASK_BACK, variables, "fulfillmentOrderSubmitCancellationRequest")
    }

    fn give(&self, part: &str, lines: &[(String, u32)], location: &str) -> Result<(), ShopError> {
        let lines: Vec<Value> =
            lines.iter().map(|(id, quantity)| json!({ "id": id, "quantity": quantity })).collect();
        let variables = json!({ "id": part, "to": location, "lines": lines });
        self.change(query::GIVE, variables, "fulfillmentOrderMove")
    }

    fn reroute(&self, part: &str, among: &[String]) -> Result<(), ShopError> {
        self.change(query::REROUTE, json!({ "ids": [part], "among": among }), "fulfillmentOrdersReroute")
    }
}
