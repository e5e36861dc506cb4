//! What Shopify's Admin API answers, read: an answer that is not as documented is an error that names the place.

use serde_json::Value;

use crate::order::{
    LINES_MAX, ReadError, ShopAddress, ShopLine, ShopOrder, joined, minor, moment_ms, rfc3339,
};
use crate::shop::{Item, Level, Part, PartStatus, Request, ShopError};

/// A complaint of a mutation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UserError {
    pub(super) code: String,
    /// Which of the quantities it is about.
    pub(super) index: Option<usize>,
    pub(super) message: String,
}

pub(super) fn text(value: &Value, field: &str) -> Result<String, ShopError> {
    let text = value[field].as_str().filter(|text| !text.is_empty());
    text.map(ToOwned::to_owned).ok_or_else(|| ShopError::odd(format!("{field} is missing")))
}

/// Where a list goes on.
pub(super) fn next(list: &Value) -> Result<Option<String>, ShopError> {
    match list["pageInfo"]["hasNextPage"].as_bool() {
        Some(true) => text(&list["pageInfo"], "endCursor").map(Some),
        _ => Ok(None),
    }
}

pub(super) fn errors(payload: &Value) -> Result<Vec<UserError>, ShopError> {
    let list = payload["userErrors"].as_array().ok_or_else(|| ShopError::odd("userErrors is missing"))?;
    let said = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let read = |error: &Value| UserError {
        code: said(&error["code"]),
        index: error["field"]
            .as_array()
            .and_then(|path| path.iter().find_map(|part| part.as_str().and_then(|part| part.parse().ok()))),
        message: said(&error["message"]),
    };
    Ok(list.iter().map(read).collect())
}

/// Whether a quantity is not what it was said to change from.
pub(super) fn is_stale(error: &UserError) -> bool {
    matches!(error.code.as_str(), "CHANGE_FROM_QUANTITY_STALE" | "COMPARE_QUANTITY_STALE")
}

pub(super) fn item(node: &Value) -> Result<Item, ShopError> {
    let stock = &node["inventoryItem"];
    let weight = &stock["measurement"]["weight"];
    let grams = weight["value"].as_f64().and_then(|value| {
        let unit = match weight["unit"].as_str()? {
            "GRAMS" => 1.0,
            "KILOGRAMS" => 1_000.0,
            "OUNCES" => 28.349_523_125,
            "POUNDS" => 453.592_37,
            _ => return None,
        };
        let grams = (value * unit).round();
        (0.0..=f64::from(u32::MAX)).contains(&grams).then_some(grams as u32)
    });
    Ok(Item {
        id: text(stock, "id")?,
        sku: node["sku"].as_str().unwrap_or_default().trim().to_owned(),
        title: node["displayName"].as_str().unwrap_or_default().to_owned(),
        price: node["price"].as_str().map(ToOwned::to_owned),
        grams,
        tracked: stock["tracked"].as_bool().unwrap_or(true),
    })
}

pub(super) fn levels(item: &str, list: &Value) -> Result<Vec<Level>, ShopError> {
    let nodes = list["nodes"].as_array().ok_or_else(|| ShopError::odd("inventoryLevels has no nodes"))?;
    let of = |node: &Value| {
        let quantities =
            node["quantities"].as_array().ok_or_else(|| ShopError::odd("quantities is missing"))?;
        let named = |name: &str| {
            quantities
                .iter()
                .find(|quantity| quantity["name"] == name)
                .and_then(|quantity| quantity["quantity"].as_i64())
        };
        Ok(Level {
            item: item.to_owned(),
            location: text(&node["location"], "id")?,
            available: named("available").ok_or_else(|| ShopError::odd("available is no number"))?,
            on_hand: named("on_hand"),
        })
    };
    nodes.iter().map(of).collect()
}

/// Payment states in which goods may leave.
const PAID: [&str; 4] = ["PAID", "PARTIALLY_REFUNDED", "PARTIALLY_PAID", "AUTHORIZED"];

pub(super) fn order(node: &Value, lines: &[Value]) -> Result<ShopOrder, ReadError> {
    let said = |value: &Value, field: &str| value[field].as_str().unwrap_or_default().to_owned();
    let number = said(node, "name").trim_start_matches('#').to_owned();
    if number.is_empty() {
        return Err(ReadError::Field { field: "name", wanted: "an order's name" });
    }
    if lines.len() > LINES_MAX {
        return Err(ReadError::Lines);
    }
    let currency = node["currencyCode"].as_str();
    let read = |line: &Value| {
        let units = line["currentQuantity"].as_u64().and_then(|units| u32::try_from(units).ok());
        Ok(ShopLine {
            sku: said(line, "sku").trim().to_owned(),
            title: said(line, "title"),
            quantity: units.ok_or(ReadError::Field {
                field: "lineItems.currentQuantity",
                wanted: "a number of units",
            })?,
            price: line["originalUnitPriceSet"]["shopMoney"]["amount"]
                .as_str()
                .and_then(|amount| minor(amount, currency)),
        })
    };
    let shipped = lines.iter().filter(|line| line["requiresShipping"].as_bool().unwrap_or(true));
    let lines = shipped.map(read).collect::<Result<_, ReadError>>()?;
    let to =
        if node["shippingAddress"].is_object() { &node["shippingAddress"] } else { &node["billingAddress"] };
    let name = said(to, "name");
    let phone = said(to, "phone");
    let customer = node["customer"]["id"].as_str().and_then(|id| id.rsplit('/').next());
    Ok(ShopOrder {
        number,
        id: node["id"].as_str().map(ToOwned::to_owned),
        placed: node["createdAt"].as_str().and_then(rfc3339),
        updated_ms: node["updatedAt"].as_str().and_then(moment_ms),
        paid: node["displayFinancialStatus"].as_str().is_none_or(|status| PAID.contains(&status)),
        cancelled: node["cancelledAt"].is_string(),
        currency: currency.map(ToOwned::to_owned),
        language: node["customerLocale"].as_str().map(ToOwned::to_owned),
        ship_to: ShopAddress {
            name: if name.is_empty() {
                joined(&[&said(to, "firstName"), &said(to, "lastName")])
            } else {
                name
            },
            street: joined(&[&said(to, "address1"), &said(to, "address2")]),
            city: said(to, "city"),
            postal: said(to, "zip"),
            country: said(to, "countryCodeV2"),
            mail: said(node, "email"),
            phone: if phone.is_empty() { said(node, "phone") } else { phone },
            reference: customer.map(|id| format!("shopify-customer-{id}")),
        },
        lines,
    })
}

pub(super) fn parts(list: &Value) -> Result<Vec<Part>, ShopError> {
    let nodes = list["nodes"].as_array().ok_or_else(|| ShopError::odd("fulfillmentOrders has no nodes"))?;
    if list["pageInfo"]["hasNextPage"] == true {
        return Err(ShopError::TooMany { what: "fulfilment orders", most: 30 });
    }
    nodes.iter().map(part).collect()
}

fn part(node: &Value) -> Result<Part, ShopError> {
    if node["lineItems"]["pageInfo"]["hasNextPage"] == true {
        return Err(ShopError::TooMany { what: "lines of a fulfilment order", most: 100 });
    }
    let lines =
        node["lineItems"]["nodes"].as_array().ok_or_else(|| ShopError::odd("lineItems has no nodes"))?;
    let line = |line: &Value| {
        let left = line["remainingQuantity"].as_u64().and_then(|units| u32::try_from(units).ok());
        Ok((
            text(line, "id")?,
            line["sku"].as_str().unwrap_or_default().trim().to_owned(),
            left.ok_or_else(|| ShopError::odd("remainingQuantity is no number"))?,
        ))
    };
    Ok(Part {
        id: text(node, "id")?,
        status: match node["status"].as_str() {
            Some("OPEN") => PartStatus::Open,
            Some("IN_PROGRESS") => PartStatus::InProgress,
            Some("SCHEDULED" | "ON_HOLD") => PartStatus::Waiting,
            Some("CLOSED" | "CANCELLED" | "INCOMPLETE") => PartStatus::Over,
            other => return Err(ShopError::odd(format!("a fulfilment order's status is {other:?}"))),
        },
        request: match node["requestStatus"].as_str() {
            Some("SUBMITTED") => Request::Submitted,
            Some("ACCEPTED") => Request::Accepted,
            Some("CANCELLATION_REQUESTED") => Request::CancelAsked,
            Some("CANCELLATION_REJECTED") => Request::CancelRefused,
            // Unsubmitted, rejected, cancellation accepted, closed: nobody holds it.
            _ => Request::None,
        },
        location: node["assignedLocation"]["location"]["id"].as_str().unwrap_or_default().to_owned(),
        lines: lines.iter().map(line).collect::<Result<_, ShopError>>()?,
    })
}
