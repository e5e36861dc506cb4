//! WooCommerce asked: its REST API, version 3, through the port `http`.
//!
//! Source: woocommerce.github.io/woocommerce-rest-api-docs (read in November 2026): lists come in pages of 100 at most
//! and say by `X-WP-TotalPages` how many there are; a batch takes 100 at most; a variation's stock is its own or its
//! parent's. It has one place, and no way to change a stock only from a given number: whoever raises a stock reads it
//! right before.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use serde_json::{Value, json};

use super::order;
use crate::http::{Http, Method, Pace, Reach, Request as Ask, Response, Secret, retry_after_ms};
use crate::order::ReadError;
use crate::shop::{Change, Found, ITEMS_MAX, Item, Level, Location, ORDERS_MAX, Set, Shop, ShopError};

/// The id of the only place.
pub const PLACE: &str = "shop";
/// Entries of a page and of a batch.
const PAGE: usize = 100;
/// Pages of one list.
const PAGES_MAX: usize = 20_000;
/// Times a request is sent again because there was no room.
const BUSY_MAX: u32 = 5;

/// A shop of WooCommerce's.
pub struct Rest {
    http: Arc<dyn Http>,
    pace: Arc<dyn Pace>,
    base: String,
    basic: Secret,
    reach: Reach,
}

impl Rest {
    /// The shop at `base`, such as `https://shop.example`, with a token `ck_…:cs_…` of consumer key and secret.
    #[must_use]
    pub fn new(http: Arc<dyn Http>, pace: Arc<dyn Pace>, base: &str, token: &Secret, reach: Reach) -> Self {
        let basic = base64::engine::general_purpose::STANDARD.encode(token.reveal());
        let base = format!("{}/wp-json/wc/v3", base.trim_end_matches('/'));
        Self { http, pace, base, basic: Secret::new(format!("Basic {basic}")), reach }
    }

    fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Response, ShopError> {
        let url = format!("{}{path}", self.base);
        let mut request = Ask::new(method, &url)
            .with("Accept", "application/json")
            .with_secret("Authorization", self.basic.clone())
            .reaching(self.reach);
        if let Some(body) = body {
            request = request.with("Content-Type", "application/json");
            request.body = body.to_string().into_bytes();
            // Stock is set to a number, not changed by one: twice is once.
            request.repeatable = true;
        }
        for _ in 0..BUSY_MAX {
            let answer = self.http.send(&request)?;
            match answer.status {
                401 | 403 => {
                    let scope = "read and write products and orders";
                    return Err(ShopError::Denied {
                        status: answer.status,
                        said: answer.excerpt(200),
                        scope,
                    });
                }
                429 => {
                    let asked = answer.header("retry-after");
                    let wait = asked.and_then(|header| retry_after_ms(header, self.pace.now_ms()));
                    self.pace.sleep(wait.unwrap_or(1_000).min(30_000));
                }
                status if status >= 500 => return Err(ShopError::Busy),
                status if status >= 400 => {
                    return Err(ShopError::Refused(format!("{status}: {}", answer.excerpt(200))));
                }
                _ => return Ok(answer),
            }
        }
        Err(ShopError::Busy)
    }

    /// Reads a list page by page; `path` ends with a query that wants `&page=…`.
    fn pages(
        &self,
        path: &str,
        mut take: impl FnMut(Vec<Value>) -> Result<(), ShopError>,
    ) -> Result<(), ShopError> {
        for page in 1..=PAGES_MAX {
            let answer = self.ask(Method::Get, &format!("{path}&per_page={PAGE}&page={page}"), None)?;
            let list: Vec<Value> = json_of(&answer)?;
            let pages = answer.header("x-wp-totalpages").and_then(|pages| pages.parse::<usize>().ok());
            let (count, last) = (list.len(), pages.is_some_and(|pages| page >= pages));
            take(list)?;
            if last || count == 0 || (pages.is_none() && count < PAGE) {
                return Ok(());
            }
        }
        Err(ShopError::TooMany { what: "pages", most: PAGES_MAX })
    }
}

fn json_of<T: serde::de::DeserializeOwned>(answer: &Response) -> Result<T, ShopError> {
    let odd =
        |_| ShopError::odd(format!("{} is not the JSON of the API: {}", answer.status, answer.excerpt(200)));
    serde_json::from_slice(&answer.body).map_err(odd)
}

/// What a product or variation is to us; `None` for one the shop does not count by itself.
fn entry(value: &Value, parent: Option<u64>) -> Option<(Item, Vec<Level>)> {
    let number = value["id"].as_u64()?;
    let id = parent.map_or_else(|| number.to_string(), |parent| format!("{parent}/{number}"));
    // A variation whose parent counts says "parent".
    let tracked = value["manage_stock"].as_bool().unwrap_or(false);
    let said = |field: &str| value[field].as_str().unwrap_or_default().trim().to_owned();
    let item = Item {
        id: id.clone(),
        sku: said("sku"),
        title: said("name"),
        price: Some(said("price")).filter(|price| !price.is_empty()),
        grams: None,
        tracked,
    };
    let available =
        value["stock_quantity"].as_f64().filter(|units| units.abs() < 1e12).map(|units| units.floor() as i64);
    let level = available.filter(|_| tracked).map(|available| Level {
        item: id,
        location: PLACE.to_owned(),
        available,
        on_hand: None,
    });
    Some((item, level.into_iter().collect()))
}

/// Reads what a `product.updated` webhook tells of a stock.
///
/// # Errors
/// [`ReadError`] names the field.
pub fn level(body: &[u8]) -> Result<Option<Level>, ReadError> {
    let value: Value = serde_json::from_slice(body).map_err(|error| ReadError::Json(error.to_string()))?;
    let parent = value["parent_id"].as_u64().filter(|parent| *parent > 0);
    let read = entry(&value, parent).ok_or(ReadError::Field { field: "id", wanted: "a product's number" })?;
    Ok(read.1.into_iter().next())
}

impl Shop for Rest {
    fn locations(&self) -> Result<Vec<Location>, ShopError> {
        Ok(vec![Location { id: PLACE.to_owned(), name: PLACE.to_owned(), active: true }])
    }

    fn catalogue(&self, take: &mut dyn FnMut(Vec<(Item, Vec<Level>)>)) -> Result<(), ShopError> {
        let mut count = 0;
        self.pages("/products?status=any&orderby=id&order=asc", |products| {
            let mut page = Vec::new();
            for product in &products {
                page.extend(entry(product, None));
                let (Some(id), Some("variable")) = (product["id"].as_u64(), product["type"].as_str()) else {
                    continue;
                };
                self.pages(&format!("/products/{id}/variations?status=any"), |variations| {
                    page.extend(variations.iter().filter_map(|variation| entry(variation, Some(id))));
                    Ok(())
                })?;
            }
            count += page.len();
            if count > ITEMS_MAX {
                return Err(ShopError::TooMany { what: "products", most: ITEMS_MAX });
            }
            take(page);
            Ok(())
        })
    }

    fn levels(&self, items: &[String]) -> Result<Vec<Level>, ShopError> {
        let mut all = Vec::new();
        let plain: Vec<&String> = items.iter().filter(|item| !item.contains('/')).collect();
        for ids in plain.chunks(PAGE) {
            let ids: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
            let list = format!("/products?status=any&include={}", ids.join(","));
            self.pages(&list, |products| {
                all.extend(
                    products.iter().filter_map(|product| entry(product, None)).flat_map(|(_, levels)| levels),
                );
                Ok(())
            })?;
        }
        for (parent, variation) in items.iter().filter_map(|item| item.split_once('/')) {
            let answer =
                self.ask(Method::Get, &format!("/products/{parent}/variations/{variation}"), None)?;
            let value: Value = json_of(&answer)?;
            all.extend(entry(&value, parent.parse().ok()).into_iter().flat_map(|(_, levels)| levels));
        }
        Ok(all)
    }

    fn orders(&self, since_ms: Option<i64>, take: &mut dyn FnMut(Vec<Found>)) -> Result<(), ShopError> {
        let since = since_ms.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
        let list = match since {
            // The moment as the API wants it: without an offset, with a word that says it is UTC.
            Some(since) => {
                let text = since.strftime("%Y-%m-%dT%H:%M:%S");
                format!(
                    "/orders?status=any&modified_after={text}&dates_are_gmt=true&orderby=modified&order=asc"
                )
            }
            None => "/orders?status=pending,on-hold,processing&orderby=id&order=asc".to_owned(),
        };
        let mut count = 0;
        self.pages(&list, |orders| {
            count += orders.len();
            if count > ORDERS_MAX {
                return Err(ShopError::TooMany { what: "orders", most: ORDERS_MAX });
            }
            let found = |value: &Value| Found {
                id: value["id"].as_u64().map(|id| id.to_string()).unwrap_or_default(),
                order: order(value.to_string().as_bytes()),
            };
            take(orders.iter().map(found).collect());
            Ok(())
        })
    }

    fn set(&self, changes: &[Change], _key: &str) -> Result<Vec<Set>, ShopError> {
        // Products go in one batch, variations in one for each product.
        let mut batches: BTreeMap<Option<&str>, Vec<(u64, usize)>> = BTreeMap::new();
        let mut outcome: Vec<Option<Set>> = vec![None; changes.len()];
        for (at, change) in changes.iter().enumerate() {
            let (parent, id) =
                change.item.split_once('/').map_or((None, &*change.item), |(p, id)| (Some(p), id));
            match id.parse() {
                Ok(id) => batches.entry(parent).or_default().push((id, at)),
                Err(_) => outcome[at] = Some(Set::Refused("no such product".to_owned())),
            }
        }
        for (parent, wanted) in batches {
            let path = parent.map_or_else(
                || "/products/batch".to_owned(),
                |parent| format!("/products/{parent}/variations/batch"),
            );
            let update: Vec<Value> = wanted
                .iter()
                .map(|(id, at)| json!({ "id": id, "manage_stock": true, "stock_quantity": changes[*at].to }))
                .collect();
            let answer = self.ask(Method::Post, &path, Some(&json!({ "update": update })))?;
            let value: Value = json_of(&answer)?;
            let told = value["update"].as_array().ok_or_else(|| ShopError::odd("update is no list"))?;
            for (id, at) in wanted {
                let mine = told.iter().find(|one| one["id"].as_u64() == Some(id));
                outcome[at] = Some(match mine {
                    Some(one) if one["error"].is_object() => {
                        Set::Refused(one["error"]["message"].as_str().unwrap_or("refused").to_owned())
                    }
                    Some(_) => Set::Done,
                    None => Set::Refused("the shop does not say what became of it".to_owned()),
                });
            }
        }
        let unsaid = || Set::Refused("not sent".to_owned());
        Ok(outcome.into_iter().map(|set| set.unwrap_or_else(unsaid)).collect())
    }

    fn set_max(&self) -> usize {
        PAGE
    }

    fn compares(&self) -> bool {
        false
    }
}
