//! The REST API, version 3, as far as it is asked: one place, the first of the shop.

use serde_json::{Value, json};

use super::http::{Answer, Asked};
use super::{Inner, Order, WOO_TOKEN, jiff_text};

fn gmt(ms: i64) -> String {
    jiff_text(ms)[..19].to_owned()
}

pub fn answer(inner: &mut Inner, asked: &Asked) -> Answer {
    let basic = asked.header("authorization").and_then(|value| value.strip_prefix("Basic "));
    if basic.map(unbase) != Some(WOO_TOKEN.to_owned()) {
        return Answer {
            body: "{\"code\":\"woocommerce_rest_cannot_view\"}".to_owned(),
            ..Answer::status(401)
        };
    }
    let path = asked.plain().trim_start_matches("/wp-json/wc/v3").to_owned();
    inner.log.push(format!("{} {path}", asked.method));
    match (asked.method.as_str(), path.as_str()) {
        ("GET", "/products") => {
            let include = asked.query("include");
            let wanted =
                |id: u64| include.as_ref().is_none_or(|ids| ids.split(',').any(|one| one == id.to_string()));
            let all: Vec<Value> = inner
                .items
                .iter()
                .filter(|(id, ..)| wanted(*id))
                .map(|(id, ..)| product(inner, *id))
                .collect();
            page(asked, &all)
        }
        ("GET", "/orders") => {
            let since = asked.query("modified_after");
            let mut found: Vec<&Order> = inner
                .orders
                .iter()
                .filter(|order| {
                    since.as_ref().is_none_or(|since| gmt(order.updated).as_str() >= since.as_str())
                })
                .collect();
            found.sort_by_key(|order| (order.updated, order.id));
            let all: Vec<Value> = found.into_iter().map(|order| told(inner, order)).collect();
            page(asked, &all)
        }
        ("POST", "/products/batch") => batch(inner, asked),
        _ => Answer::status(404),
    }
}

fn page(asked: &Asked, all: &[Value]) -> Answer {
    let size: usize = asked.query("per_page").and_then(|size| size.parse().ok()).unwrap_or(10).min(3);
    let number: usize = asked.query("page").and_then(|page| page.parse().ok()).unwrap_or(1);
    let from = ((number - 1) * size).min(all.len());
    let list = &all[from..(from + size).min(all.len())];
    let pages = all.len().div_ceil(size);
    Answer { headers: vec![("X-WP-TotalPages".to_owned(), pages.to_string())], ..Answer::json(&json!(list)) }
}

fn product(inner: &Inner, id: u64) -> Value {
    let (_, sku, title, price) = inner.items.iter().find(|(known, ..)| *known == id).unwrap();
    let units = inner.shelves.get(&(id, inner.locations[0].0)).map(|shelf| shelf.available);
    json!({ "id": id, "type": "simple", "sku": sku, "name": title, "price": price,
        "manage_stock": units.is_some(), "stock_quantity": units })
}

pub fn told(inner: &Inner, order: &Order) -> Value {
    let line = |line: &super::Line| {
        let (_, sku, title, price) = inner.items.iter().find(|(id, ..)| *id == line.item).unwrap();
        let total = price.parse::<f64>().unwrap() * f64::from(line.units);
        json!({ "sku": sku, "name": title, "quantity": line.units, "total": format!("{total:.2}") })
    };
    json!({ "id": order.id, "number": order.id.to_string(), "status": "processing", "currency": "USD",
        "date_created_gmt": gmt(order.at), "date_modified_gmt": gmt(order.updated),
        "billing": { "first_name": "An", "last_name": "Reed", "email": format!("{}@example.org", order.id),
          "address_1": "2 Reed St", "city": "Raleigh", "postcode": "27601", "country": "US" },
        "shipping": { "country": "" }, "line_items": order.lines.iter().map(line).collect::<Vec<_>>() })
}

fn batch(inner: &mut Inner, asked: &Asked) -> Answer {
    let Ok(body) = serde_json::from_slice::<Value>(&asked.body) else { return Answer::status(400) };
    let update = body["update"].as_array().cloned().unwrap_or_default();
    if update.len() > 100 {
        return Answer::status(413);
    }
    let place = inner.locations[0].0;
    let mut told = Vec::new();
    for one in update {
        let id = one["id"].as_u64().unwrap_or(0);
        match inner.shelves.get_mut(&(id, place)) {
            Some(shelf) => {
                shelf.available = one["stock_quantity"].as_i64().unwrap();
                told.push(product(inner, id));
            }
            None => told.push(json!({ "id": id, "error": { "code": "woocommerce_rest_product_invalid_id", "message": "Invalid ID." } })),
        }
    }
    if inner.faults.meddle > 0 {
        // Somebody buys right after the writing, as if it had been before: the number was overwritten.
        inner.faults.meddle -= 1;
    }
    let lost = inner.faults.lose > 0;
    inner.faults.lose = inner.faults.lose.saturating_sub(1);
    Answer { lost, changed: true, ..Answer::json(&json!({ "update": told })) }
}

fn unbase(text: &str) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut out) = (0_u32, 0, Vec::new());
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        bits = bits << 6 | LETTERS.iter().position(|known| *known == letter).unwrap_or(0) as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    String::from_utf8(out).unwrap_or_default()
}
