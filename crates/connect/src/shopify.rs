//! Shopify's webhooks: headers of both families, signature, orders.
//!
//! Source: shopify.dev, "Verify webhook deliveries" and "Verify Events deliveries" (read in November 2026): the
//! signature is the base64 of the HMAC-SHA256 of the raw body under the app's client secret; the delivery's number
//! tells duplicates. The older family of headers begins with `X-Shopify-`, the newer one with `Shopify-`.

pub mod admin;
mod fulfilment;
mod query;
mod read;

pub use fulfilment::{Fulfilment, fulfilment};
use serde_json::Value;

use crate::order::{
    LINES_MAX, ReadError, ShopAddress, ShopLine, ShopOrder, joined, minor, moment_ms, rfc3339,
};
use crate::shop::Level;
use crate::sign::is_signed;

/// What the headers of a delivery say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// What it tells of, such as `orders/create`.
    pub topic: String,
    /// The number of the delivery: the same number is the same delivery.
    pub id: String,
    /// The signature.
    pub signature: String,
    /// The shop's domain.
    pub shop: String,
}

/// Reads the headers, of either family; `header` finds one by its name in lower case.
#[must_use]
pub fn delivery<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Delivery {
    let either = |name: &str| {
        let newer = || header(&format!("shopify-{name}"));
        header(&format!("x-shopify-{name}")).or_else(newer).unwrap_or_default().to_owned()
    };
    Delivery {
        topic: either("topic"),
        id: either("webhook-id"),
        signature: either("hmac-sha256"),
        shop: either("shop-domain"),
    }
}

impl Delivery {
    /// Whether the shop has sent it.
    #[must_use]
    pub fn is_genuine(&self, secret: &str, body: &[u8]) -> bool {
        is_signed(secret, body, &self.signature)
    }

    /// Whether it tells of parcels of an order.
    #[must_use]
    pub fn is_fulfilment(&self) -> bool {
        matches!(self.topic.as_str(), "fulfillments/create" | "fulfillments/update")
    }

    /// Whether it tells of an order as a whole.
    #[must_use]
    pub fn is_order(&self) -> bool {
        matches!(
            self.topic.as_str(),
            "orders/create"
                | "orders/updated"
                | "orders/cancelled"
                | "orders/paid"
                | "orders/fulfilled"
                | "orders/partially_fulfilled"
        )
    }
}

/// Reads `inventory_levels/update`: the item, the place, what the shop sells there now and when it changed.
///
/// # Errors
/// [`ReadError`] names the field.
pub fn level(body: &[u8]) -> Result<(Level, Option<i64>), ReadError> {
    let value: Value = serde_json::from_slice(body).map_err(|error| ReadError::Json(error.to_string()))?;
    let number =
        |field: &'static str| value[field].as_u64().ok_or(ReadError::Field { field, wanted: "a number" });
    let available = value["available"]
        .as_i64()
        .ok_or(ReadError::Field { field: "available", wanted: "a number of units" })?;
    let level = Level {
        item: admin::gid("InventoryItem", number("inventory_item_id")?),
        location: admin::gid("Location", number("location_id")?),
        available,
        on_hand: None,
    };
    Ok((level, value["updated_at"].as_str().and_then(moment_ms)))
}

/// Payment states in which goods may leave.
const PAID: [&str; 4] = ["paid", "partially_refunded", "partially_paid", "authorized"];

/// Reads an order.
///
/// # Errors
/// [`ReadError`] names the field.
pub fn order(body: &[u8], topic: &str) -> Result<ShopOrder, ReadError> {
    let value: Value = serde_json::from_slice(body).map_err(|error| ReadError::Json(error.to_string()))?;
    let text = |value: &Value, field: &str| value[field].as_str().unwrap_or_default().to_owned();
    let name = text(&value, "name").trim_start_matches('#').to_owned();
    let id = value["id"].as_u64().map(|id| id.to_string());
    let number = if name.is_empty() { id } else { Some(name) };
    let number = number.ok_or(ReadError::Field { field: "name", wanted: "an order's name or id" })?;
    let currency = value["currency"].as_str();
    let lines =
        value["line_items"].as_array().ok_or(ReadError::Field { field: "line_items", wanted: "a list" })?;
    if lines.len() > LINES_MAX {
        return Err(ReadError::Lines);
    }
    let lines = lines
        .iter()
        .filter(|line| line["requires_shipping"].as_bool().unwrap_or(true))
        .map(|line| {
            // What was removed or refunded since is no longer wanted; older versions tell only what was ordered.
            let wanted = line["current_quantity"].as_u64().or(line["quantity"].as_u64());
            let wanted = wanted.and_then(|units| u32::try_from(units).ok());
            Ok(ShopLine {
                sku: text(line, "sku").trim().to_owned(),
                title: text(line, "title"),
                quantity: wanted
                    .ok_or(ReadError::Field { field: "line_items.quantity", wanted: "a number of units" })?,
                price: line["price"].as_str().and_then(|price| minor(price, currency)),
            })
        })
        .collect::<Result<_, ReadError>>()?;
    let customer = &value["customer"];
    let to = if value["shipping_address"].is_object() {
        &value["shipping_address"]
    } else {
        &value["billing_address"]
    };
    let first = |texts: [String; 3]| texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    let whole = joined(&[&text(to, "first_name"), &text(to, "last_name")]);
    let cancelled = topic == "orders/cancelled" || value["cancelled_at"].is_string();
    Ok(ShopOrder {
        number,
        id: value["id"].as_u64().map(|id| admin::gid("Order", id)),
        placed: value["created_at"].as_str().and_then(rfc3339),
        updated_ms: value["updated_at"].as_str().and_then(moment_ms),
        paid: value["financial_status"].as_str().is_none_or(|status| PAID.contains(&status)),
        cancelled,
        currency: currency.map(ToOwned::to_owned),
        language: value["customer_locale"].as_str().map(ToOwned::to_owned),
        ship_to: ShopAddress {
            name: first([text(to, "name"), whole, String::new()]),
            street: joined(&[&text(to, "address1"), &text(to, "address2")]),
            city: text(to, "city"),
            postal: text(to, "zip"),
            country: text(to, "country_code"),
            mail: first([text(&value, "contact_email"), text(&value, "email"), text(customer, "email")]),
            phone: first([text(to, "phone"), text(&value, "phone"), text(customer, "phone")]),
            reference: customer["id"].as_u64().map(|id| format!("shopify-customer-{id}")),
        },
        lines,
    })
}

#[cfg(test)]
mod tests {
    use super::{Delivery, delivery, order};
    use crate::sign::hmac_base64;

    const BODY: &str = r##"{"id": 820982911946154508, "name": "#1001", "email": "jo@example.org",
        "created_at": "2026-11-01T07:00:00-05:00", "updated_at": "2026-11-01T07:00:01-05:00", "cancelled_at": null,
        "financial_status": "pending", "currency": "USD", "customer_locale": "en-US", "customer": {"id": 7},
        "shipping_address": {"first_name": "Jo", "last_name": "Tern", "address1": "1 Old Road", "address2": "Flat 2",
          "city": "Wilmington", "zip": "28401", "country_code": "US", "phone": "+1 910 555 0100", "name": "Jo Tern"},
        "line_items": [{"sku": "A-1", "title": "Kelp", "quantity": 3, "current_quantity": 2, "price": "19.90"},
          {"sku": "GIFT", "title": "Card", "quantity": 1, "price": "5.00", "requires_shipping": false},
          {"sku": null, "title": "Odd", "quantity": 1, "price": "1.00"}]}"##;

    #[test]
    fn an_order_is_read_as_it_stands_now() {
        let read = order(BODY.as_bytes(), "orders/create").unwrap();
        assert_eq!((read.number.as_str(), read.paid, read.cancelled), ("1001", false, false));
        assert_eq!(read.placed.as_deref(), Some("2026-11-01T12:00:00Z"));
        let lines: Vec<_> =
            read.lines.iter().map(|line| (line.sku.as_str(), line.quantity, line.price)).collect();
        assert_eq!(lines, [("A-1", 2, Some(1_990)), ("", 1, Some(100))]);
        assert_eq!(read.ship_to.street, "1 Old Road Flat 2");
        assert_eq!((read.ship_to.country.as_str(), read.ship_to.postal.as_str()), ("US", "28401"));
        assert!(order(BODY.as_bytes(), "orders/cancelled").unwrap().cancelled);
    }

    #[test]
    fn both_families_of_headers_are_read_and_a_forgery_is_not_genuine() {
        let signature = hmac_base64("secret", BODY.as_bytes());
        for prefix in ["x-shopify-", "shopify-"] {
            let read = delivery(|name| match name.strip_prefix(prefix)? {
                "topic" => Some("orders/create"),
                "webhook-id" => Some("b54557e4"),
                "hmac-sha256" => Some(signature.as_str()),
                _ => None,
            });
            assert_eq!((read.id.as_str(), read.is_order()), ("b54557e4", true));
            assert!(read.is_genuine("secret", BODY.as_bytes()));
            assert!(!read.is_genuine("secret", &BODY.as_bytes()[1..]));
        }
        assert!(!Delivery::default().is_genuine("secret", BODY.as_bytes()));
    }

    #[test]
    fn hostile_bodies_are_errors_and_never_a_panic() {
        for body in [
            "",
            "[]",
            "null",
            "{\"name\": 3}",
            "{\"id\": 1, \"line_items\": [3]}",
            "{\"id\":1,\"line_items\":[{\"quantity\":-1}]}",
        ] {
            assert!(order(body.as_bytes(), "orders/create").is_err(), "{body}");
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(order(deep.as_bytes(), "").is_err());
    }
}
