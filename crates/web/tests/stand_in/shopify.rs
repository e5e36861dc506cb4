//! The Admin GraphQL API as far as it is asked, told apart by the name of what is asked for.

use std::time::Instant;

use serde_json::{Value, json};

use super::http::{Answer, Asked};
use super::{Inner, Line, Order, TOKEN, jiff_text};

fn gid(kind: &str, id: u64) -> String {
    format!("gid://shopify/{kind}/{id}")
}

fn number(gid: &Value) -> u64 {
    gid.as_str().and_then(|gid| gid.rsplit('/').next()).and_then(|id| id.parse().ok()).unwrap_or(0)
}

/// What is asked for, and what it costs.
const ROOTS: &[(&str, f64)] = &[
    ("inventorySetQuantities(", 10.0),
    ("fulfillmentOrderMove(", 10.0),
    ("fulfillmentOrdersReroute(", 10.0),
    ("fulfillmentOrderSubmitCancellationRequest(", 10.0),
    ("productVariants(", 160.0),
    ("inventoryItem(", 20.0),
    ("nodes(ids:", 40.0),
    ("locations(", 12.0),
    ("fulfillmentOrders(", 40.0),
    ("order(id:", 30.0),
    ("orders(", 90.0),
];

pub fn answer(inner: &mut Inner, asked: &Asked) -> Answer {
    if !asked.path.starts_with("/admin/api/20")
        || !asked.path.ends_with("/graphql.json")
        || asked.method != "POST"
    {
        return Answer::status(404);
    }
    if asked.header("x-shopify-access-token") != Some(TOKEN) {
        return Answer {
            body: "{\"errors\":\"[API] Invalid API key or access token\"}".to_owned(),
            ..Answer::status(401)
        };
    }
    let Ok(body) = serde_json::from_slice::<Value>(&asked.body) else { return Answer::status(400) };
    let query = body["query"].as_str().unwrap_or_default();
    let Some((root, cost)) = ROOTS.iter().find(|(root, _)| query.contains(root)) else {
        return Answer::json(&json!({ "errors": [{ "message": "Field doesn't exist" }] }));
    };
    let (there, most, rate, since) = inner.points;
    let there = (there + since.elapsed().as_secs_f64() * rate).min(most);
    inner
        .log
        .push(root.trim_end_matches(['(', ':']).trim_end_matches("(ids").trim_end_matches("(id").to_owned());
    let told = |there: f64| {
        json!({ "cost": { "requestedQueryCost": cost, "actualQueryCost": cost,
            "throttleStatus": { "maximumAvailable": most, "currentlyAvailable": there.floor(), "restoreRate": rate } } })
    };
    if there < *cost {
        inner.points = (there, most, rate, Instant::now());
        inner.throttled += 1;
        return Answer::json(
            &json!({ "errors": [{ "message": "Throttled", "extensions": { "code": "THROTTLED" } }],
            "extensions": told(there) }),
        );
    }
    inner.points = (there - cost, most, rate, Instant::now());
    let mut reply = dispatch(inner, root, query, &body["variables"]);
    reply["extensions"] = told(there - cost);
    let changed = query.starts_with("mutation");
    let lost = changed && inner.faults.lose > 0;
    if lost {
        inner.faults.lose -= 1;
    }
    Answer { lost, changed, ..Answer::json(&reply) }
}

fn dispatch(inner: &mut Inner, root: &str, query: &str, variables: &Value) -> Value {
    match root {
        "locations(" => {
            let all: Vec<Value> = inner
                .locations
                .iter()
                .map(|(id, name)| json!({ "id": gid("Location", *id), "name": name, "isActive": true }))
                .collect();
            json!({ "data": { "locations": page(&all, variables, inner.page) } })
        }
        "productVariants(" => {
            let all: Vec<Value> = inner
                .items
                .iter()
                .map(|(id, sku, title, price)| variant(inner, *id, sku, title, price))
                .collect();
            json!({ "data": { "productVariants": page(&all, variables, inner.page) } })
        }
        "nodes(ids:" => {
            let ids = variables["ids"].as_array().cloned().unwrap_or_default();
            let nodes: Vec<Value> = ids
                .iter()
                .map(|id| match inner.items.iter().any(|(known, ..)| *known == number(id)) {
                    true => json!({ "id": id, "inventoryLevels": levels(inner, number(id)) }),
                    false => Value::Null,
                })
                .collect();
            json!({ "data": { "nodes": nodes } })
        }
        "orders(" => orders(inner, variables),
        "fulfillmentOrders(" => parts(inner, variables),
        "inventorySetQuantities(" => set(inner, query, variables),
        "fulfillmentOrderMove(" => {
            let lines = variables["lines"].as_array().cloned().unwrap_or_default();
            let lines: Vec<(u64, u32)> = lines
                .iter()
                .map(|line| (number(&line["id"]), line["quantity"].as_u64().unwrap_or(0) as u32))
                .collect();
            let done = inner.give(number(&variables["id"]), &lines, number(&variables["to"]));
            json!({ "data": { "fulfillmentOrderMove": { "movedFulfillmentOrder": null, "userErrors": complaints(done) } } })
        }
        "fulfillmentOrdersReroute(" => {
            let among = number(&variables["among"][0]);
            let id = number(&variables["ids"][0]);
            let found = inner.orders.iter().flat_map(|order| &order.parts).find(|part| part.id == id);
            let lines: Vec<(u64, u32)> = found
                .map(|part| part.lines.iter().map(|line| (line.id, line.units)).collect())
                .unwrap_or_default();
            let refused = std::mem::take(&mut inner.faults.no_moves);
            let done = inner.give(id, &lines, among);
            inner.faults.no_moves = refused;
            json!({ "data": { "fulfillmentOrdersReroute": { "movedFulfillmentOrders": [], "userErrors": complaints(done) } } })
        }
        "fulfillmentOrderSubmitCancellationRequest(" => {
            let id = number(&variables["id"]);
            let part = inner.orders.iter_mut().flat_map(|order| &mut order.parts).find(|part| part.id == id);
            let done = match part {
                Some(part) if part.request == "ACCEPTED" => {
                    part.request = "CANCELLATION_REQUESTED";
                    Ok(())
                }
                _ => Err("Cannot request a cancellation.".to_owned()),
            };
            json!({ "data": { "fulfillmentOrderSubmitCancellationRequest": { "userErrors": complaints(done) } } })
        }
        _ => json!({ "errors": [{ "message": format!("{root} is not played") }] }),
    }
}

fn complaints(done: Result<(), String>) -> Value {
    match done {
        Ok(()) => json!([]),
        Err(why) => json!([{ "field": ["id"], "message": why }]),
    }
}

fn page(all: &[Value], variables: &Value, size: usize) -> Value {
    let from: usize = variables["after"].as_str().and_then(|after| after.parse().ok()).unwrap_or(0);
    let until = (from + size).min(all.len());
    json!({ "nodes": &all[from.min(all.len())..until],
        "pageInfo": { "hasNextPage": until < all.len(), "endCursor": until.to_string() } })
}

fn levels(inner: &Inner, item: u64) -> Value {
    let mine = inner.shelves.iter().filter(|((of, _), _)| *of == item);
    let nodes: Vec<Value> = mine
        .map(|((_, place), shelf)| {
            json!({ "location": { "id": gid("Location", *place) }, "quantities": [
                { "name": "available", "quantity": shelf.available },
                { "name": "on_hand", "quantity": shelf.available + shelf.committed }] })
        })
        .collect();
    json!({ "nodes": nodes, "pageInfo": { "hasNextPage": false, "endCursor": null } })
}

fn variant(inner: &Inner, id: u64, sku: &str, title: &str, price: &str) -> Value {
    json!({ "sku": sku, "price": price, "displayName": title, "inventoryItem": { "id": gid("InventoryItem", id),
        "tracked": true, "measurement": { "weight": { "unit": "KILOGRAMS", "value": 0.5 } },
        "inventoryLevels": levels(inner, id) } })
}

fn orders(inner: &Inner, variables: &Value) -> Value {
    let query = variables["query"].as_str().unwrap_or_default();
    if let Some(name) = query.strip_prefix("name:") {
        let name = name.trim_matches('"');
        let found = inner.orders.iter().filter(|order| order.name.trim_start_matches('#') == name);
        let nodes: Vec<Value> =
            found.map(|order| json!({ "id": gid("Order", order.id), "name": order.name })).collect();
        return json!({ "data": { "orders": { "nodes": nodes } } });
    }
    let since = query.strip_prefix("updated_at:>='").map(|text| text.trim_end_matches('\'').to_owned());
    let wanted = |order: &&Order| match &since {
        Some(since) => jiff_text(order.updated).as_str() >= since.as_str(),
        None => !order.cancelled && order.parts.iter().any(|part| part.status != "CLOSED"),
    };
    let mut found: Vec<&Order> = inner.orders.iter().filter(wanted).collect();
    found.sort_by_key(|order| (order.updated, order.id));
    let all: Vec<Value> = found.into_iter().map(|order| told(inner, order)).collect();
    json!({ "data": { "orders": page(&all, variables, inner.page.max(20)) } })
}

fn told(inner: &Inner, order: &Order) -> Value {
    let line = |line: &Line| {
        let (_, sku, title, price) = inner.items.iter().find(|(id, ..)| *id == line.item).unwrap();
        json!({ "sku": sku, "title": title, "currentQuantity": line.units, "requiresShipping": true,
            "originalUnitPriceSet": { "shopMoney": { "amount": price } } })
    };
    json!({ "id": gid("Order", order.id), "name": order.name, "createdAt": jiff_text(order.at),
        "updatedAt": jiff_text(order.updated), "cancelledAt": null,
        "displayFinancialStatus": if order.paid { "PAID" } else { "PENDING" }, "currencyCode": "USD",
        "email": format!("{}@example.org", order.id), "customer": null,
        "shippingAddress": { "name": "Jo Tern", "address1": "1 Old Road", "city": "Wilmington", "zip": "28401",
          "countryCodeV2": "US" },
        "lineItems": { "nodes": order.lines.iter().map(line).collect::<Vec<_>>(), "pageInfo": { "hasNextPage": false } } })
}

fn parts(inner: &Inner, variables: &Value) -> Value {
    let id = number(&variables["id"]);
    let Some(order) = inner.orders.iter().find(|order| order.id == id) else {
        return json!({ "data": { "order": null } });
    };
    let nodes: Vec<Value> = order
        .parts
        .iter()
        .map(|part| {
            let lines: Vec<Value> = part
                .lines
                .iter()
                .map(|line| {
                    let sku = &inner.items.iter().find(|(id, ..)| *id == line.item).unwrap().1;
                    json!({ "id": gid("FulfillmentOrderLineItem", line.id), "sku": sku, "remainingQuantity": line.units })
                })
                .collect();
            json!({ "id": gid("FulfillmentOrder", part.id), "status": part.status, "requestStatus": part.request,
                "assignedLocation": { "location": { "id": gid("Location", part.location) } },
                "lineItems": { "nodes": lines, "pageInfo": { "hasNextPage": false } } })
        })
        .collect();
    json!({ "data": { "order": { "fulfillmentOrders": { "nodes": nodes, "pageInfo": { "hasNextPage": false } } } } })
}

/// All or nothing, each key once, every quantity against what it is said to change from.
fn set(inner: &mut Inner, query: &str, variables: &Value) -> Value {
    let input = &variables["input"];
    let fault = |message: &str| json!({ "errors": [{ "message": message }] });
    let Some(key) = variables["key"].as_str().filter(|_| query.contains("@idempotent(key:")) else {
        return fault("The @idempotent directive is required for this mutation but was not provided.");
    };
    if let Some((asked, answer)) = inner.keys.get(key) {
        if asked != input {
            return fault("The same idempotency key cannot be used with different operation parameters.");
        }
        return answer.clone();
    }
    let quantities = input["quantities"].as_array().cloned().unwrap_or_default();
    if quantities.is_empty() || quantities.len() > 250 {
        return fault("The input array size is not allowed.");
    }
    if quantities.iter().any(|one| one.get("changeFromQuantity").is_none()) {
        return fault("The changeFromQuantity argument is required.");
    }
    let spot = |one: &Value| (number(&one["inventoryItemId"]), number(&one["locationId"]));
    if inner.faults.meddle > 0 && quantities.iter().any(|one| one["changeFromQuantity"].is_i64()) {
        inner.faults.meddle -= 1;
        let first = spot(quantities.iter().find(|one| one["changeFromQuantity"].is_i64()).unwrap());
        let sku = inner.items.iter().find(|(id, ..)| *id == first.0).unwrap().1.clone();
        if inner.buy(&sku, 1).is_none() {
            // Nothing to buy: somebody puts a unit there.
            inner.shelves.get_mut(&first).unwrap().available += 1;
        }
    }
    let mut errors = Vec::new();
    for (at, one) in quantities.iter().enumerate() {
        let mut complain = |code: &str, message: &str| {
            let field = json!(["input", "quantities", at.to_string(), "changeFromQuantity"]);
            errors.push(json!({ "code": code, "field": field, "message": message }));
        };
        match inner.shelves.get(&spot(one)) {
            None => complain(
                "ITEM_NOT_STOCKED_AT_LOCATION",
                "The quantity can't be set: the item is not stocked there.",
            ),
            Some(shelf) => {
                let stale = one["changeFromQuantity"].as_i64().is_some_and(|from| from != shelf.available);
                if stale {
                    complain(
                        "CHANGE_FROM_QUANTITY_STALE",
                        "The changeFromQuantity argument no longer matches the persisted quantity.",
                    );
                }
            }
        }
    }
    if errors.is_empty() {
        for one in &quantities {
            inner.shelves.get_mut(&spot(one)).unwrap().available = one["quantity"].as_i64().unwrap();
        }
    }
    let answer = json!({ "data": { "inventorySetQuantities": { "userErrors": errors } } });
    inner.keys.insert(key.to_owned(), (input.clone(), answer.clone()));
    answer
}
