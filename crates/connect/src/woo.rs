//! WooCommerce's webhooks: headers, signature, the ping that has none, orders.
//!
//! Source: the WooCommerce REST API documentation, "Webhooks" (read in November 2026): the signature is the base64 of
//! the HMAC-SHA256 of the body; a hook is disabled after five deliveries in a row that are not answered with 2xx; the
//! first delivery is a form `webhook_id=…` without a signature.

pub mod rest;

use serde_json::Value;

use crate::order::{
    LINES_MAX, ReadError, ShopAddress, ShopLine, ShopOrder, joined, minor, moment_ms, rfc3339,
};
use crate::sign::is_signed;

/// What the headers of a delivery say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// What it tells of, such as `order.created`.
    pub topic: String,
    /// The number of the delivery.
    pub id: String,
    /// The signature.
    pub signature: String,
}

/// Reads the headers; `header` finds one by its name in lower case.
#[must_use]
pub fn delivery<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Delivery {
    let text = |name: &str| header(name).unwrap_or_default().to_owned();
    Delivery {
        topic: text("x-wc-webhook-topic"),
        id: text("x-wc-webhook-delivery-id"),
        signature: text("x-wc-webhook-signature"),
    }
}

/// Whether a body is the ping a hook sends when it is made. It changes nothing, so it needs no signature.
#[must_use]
pub fn is_ping(content_type: Option<&str>, body: &[u8]) -> bool {
    let form = content_type.is_none_or(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let digits = body.strip_prefix(b"webhook_id=");
    form && digits.is_some_and(|digits| digits.len() <= 20 && digits.iter().all(u8::is_ascii_digit))
}

impl Delivery {
    /// Whether the shop has sent it.
    #[must_use]
    pub fn is_genuine(&self, secret: &str, body: &[u8]) -> bool {
        is_signed(secret, body, &self.signature)
    }

    /// Whether it tells of an order as a whole.
    #[must_use]
    pub fn is_order(&self) -> bool {
        matches!(self.topic.as_str(), "order.created" | "order.updated" | "order.restored")
    }
}

/// States in which goods may leave.
const PAID: [&str; 2] = ["processing", "completed"];
/// States in which nobody wants the goods.
const CANCELLED: [&str; 4] = ["cancelled", "refunded", "failed", "trash"];

/// Reads an order.
///
/// # Errors
/// [`ReadError`] names the field.
pub fn order(body: &[u8]) -> Result<ShopOrder, ReadError> {
    let value: Value = serde_json::from_slice(body).map_err(|error| ReadError::Json(error.to_string()))?;
    let text = |value: &Value, field: &str| value[field].as_str().unwrap_or_default().to_owned();
    let id = value["id"].as_u64().map(|id| id.to_string());
    let number = value["number"].as_str().map(ToOwned::to_owned).filter(|number| !number.is_empty()).or(id);
    let own = value["id"].as_u64().map(|id| id.to_string());
    let number = number.ok_or(ReadError::Field { field: "number", wanted: "an order's number or id" })?;
    let currency = value["currency"].as_str();
    let lines =
        value["line_items"].as_array().ok_or(ReadError::Field { field: "line_items", wanted: "a list" })?;
    if lines.len() > LINES_MAX {
        return Err(ReadError::Lines);
    }
    let lines = lines
        .iter()
        .map(|line| {
            let wanted = line["quantity"].as_u64().and_then(|units| u32::try_from(units).ok());
            let quantity = wanted
                .ok_or(ReadError::Field { field: "line_items.quantity", wanted: "a number of units" })?;
            // The line's total is text and exact; its price is a float.
            let total = line["total"].as_str().and_then(|total| minor(total, currency));
            Ok(ShopLine {
                sku: text(line, "sku").trim().to_owned(),
                title: text(line, "name"),
                quantity,
                price: total.filter(|_| quantity > 0).map(|total| total / i64::from(quantity)),
            })
        })
        .collect::<Result<_, ReadError>>()?;
    let (billing, shipping) = (&value["billing"], &value["shipping"]);
    let to = if text(shipping, "country").is_empty() { billing } else { shipping };
    let status = text(&value, "status");
    let phone = text(shipping, "phone");
    Ok(ShopOrder {
        number,
        id: own,
        placed: value["date_created_gmt"].as_str().and_then(rfc3339),
        updated_ms: value["date_modified_gmt"].as_str().and_then(moment_ms),
        paid: PAID.contains(&status.as_str()),
        cancelled: CANCELLED.contains(&status.as_str()),
        currency: currency.map(ToOwned::to_owned),
        language: None,
        ship_to: ShopAddress {
            name: joined(&[&text(to, "first_name"), &text(to, "last_name")]),
            street: joined(&[&text(to, "address_1"), &text(to, "address_2")]),
            city: text(to, "city"),
            postal: text(to, "postcode"),
            country: text(to, "country"),
            mail: text(billing, "email"),
            phone: if phone.is_empty() { text(billing, "phone") } else { phone },
            reference: value["customer_id"]
                .as_u64()
                .filter(|id| *id > 0)
                .map(|id| format!("woo-customer-{id}")),
        },
        lines,
    })
}

#[cfg(test)]
mod tests {
    use super::{delivery, is_ping, order};
    use crate::sign::hmac_base64;

    const BODY: &str = r#"{"id": 727, "number": "727", "status": "processing", "currency": "KRW",
        "date_created_gmt": "2026-11-01T12:00:00", "date_modified_gmt": "2026-11-01T12:00:05", "customer_id": 0,
        "billing": {"first_name": "민지", "last_name": "김", "email": "mj@example.org", "phone": "010-0000-0000",
          "address_1": "테헤란로 1", "address_2": "", "city": "서울", "postcode": "06236", "country": "KR"},
        "shipping": {"first_name": "", "last_name": "", "address_1": "", "city": "", "postcode": "", "country": ""},
        "line_items": [{"sku": "K-1", "name": "김", "quantity": 3, "total": "30000", "price": 10000.0}]}"#;

    #[test]
    fn an_order_without_a_shipping_address_goes_to_the_billing_address() {
        let read = order(BODY.as_bytes()).unwrap();
        assert_eq!((read.number.as_str(), read.paid, read.cancelled), ("727", true, false));
        assert_eq!((read.ship_to.city.as_str(), read.ship_to.postal.as_str()), ("서울", "06236"));
        assert_eq!((read.lines[0].quantity, read.lines[0].price), (3, Some(10_000)));
        assert!(order(BODY.replace("processing", "cancelled").as_bytes()).unwrap().cancelled);
        assert!(!order(BODY.replace("processing", "on-hold").as_bytes()).unwrap().paid);
    }

    #[test]
    fn the_ping_is_known_and_nothing_else_goes_without_a_signature() {
        let form = Some("application/x-www-form-urlencoded");
        assert!(is_ping(form, b"webhook_id=12"));
        assert!(!is_ping(form, b"webhook_id=12&order=1"));
        assert!(!is_ping(Some("application/json"), BODY.as_bytes()));
        let signature = hmac_base64("s3cret", BODY.as_bytes());
        let read = delivery(|name| (name == "x-wc-webhook-signature").then_some(signature.as_str()));
        assert!(read.is_genuine("s3cret", BODY.as_bytes()));
        assert!(!read.is_genuine("other", BODY.as_bytes()));
    }

    #[test]
    fn hostile_bodies_are_errors_and_never_a_panic() {
        for body in
            ["", "[]", "{\"id\": \"x\"}", "{\"id\": 1}", "{\"id\":1,\"line_items\":[{\"quantity\":1.5}]}"]
        {
            assert!(order(body.as_bytes()).is_err(), "{body}");
        }
    }
}
