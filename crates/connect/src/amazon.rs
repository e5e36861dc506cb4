//! Orders of Amazon's Selling Partner API, Orders API v0: an order with its items and its address.
//!
//! Source: developer-docs.amazon.com/sp-api, "Orders API v0 model" (read in November 2026). Order, items and address come
//! by three operations (getOrder, getOrderItems, getOrderAddress); whoever fetches them sends them here as one object
//! with `Order`, `OrderItems` and `ShippingAddress`, each as Amazon gives it.

use serde_json::Value;

use crate::order::{
    LINES_MAX, ReadError, ShopAddress, ShopLine, ShopOrder, joined, minor, moment_ms, rfc3339,
};

/// States in which goods may leave. `Pending` is not paid for yet.
const PAID: [&str; 4] = ["Unshipped", "PartiallyShipped", "Shipped", "InvoiceUnconfirmed"];
/// States in which nobody wants the goods.
const CANCELLED: [&str; 2] = ["Canceled", "Unfulfillable"];

/// Reads an order. One that Amazon sends from its own warehouses (`AFN`) has no lines: nothing of it is to be sent here.
///
/// # Errors
/// [`ReadError`] names the field.
pub fn order(body: &[u8]) -> Result<ShopOrder, ReadError> {
    let value: Value = serde_json::from_slice(body).map_err(|error| ReadError::Json(error.to_string()))?;
    let (told, items) = (&value["Order"], &value["OrderItems"]);
    let text = |value: &Value, field: &str| value[field].as_str().unwrap_or_default().trim().to_owned();
    let number = text(told, "AmazonOrderId");
    if number.is_empty() {
        return Err(ReadError::Field { field: "Order.AmazonOrderId", wanted: "an order's number" });
    }
    let items = items.as_array().ok_or(ReadError::Field { field: "OrderItems", wanted: "a list" })?;
    if items.len() > LINES_MAX {
        return Err(ReadError::Lines);
    }
    let currency = told["OrderTotal"]["CurrencyCode"].as_str();
    let own = told["FulfillmentChannel"].as_str() != Some("AFN");
    let lines = items.iter().filter(|_| own).map(|item| line(item, currency)).collect::<Result<_, _>>()?;
    let to = if value["ShippingAddress"].is_object() {
        &value["ShippingAddress"]
    } else {
        &told["ShippingAddress"]
    };
    let status = text(told, "OrderStatus");
    Ok(ShopOrder {
        id: Some(number.clone()),
        placed: told["PurchaseDate"].as_str().and_then(rfc3339),
        updated_ms: told["LastUpdateDate"].as_str().and_then(moment_ms),
        paid: PAID.contains(&status.as_str()),
        cancelled: CANCELLED.contains(&status.as_str()),
        currency: currency.map(ToOwned::to_owned),
        language: told["BuyerInfo"]["BuyerLanguage"].as_str().map(ToOwned::to_owned),
        ship_to: ShopAddress {
            name: text(to, "Name"),
            street: joined(&[
                &text(to, "AddressLine1"),
                &text(to, "AddressLine2"),
                &text(to, "AddressLine3"),
            ]),
            city: text(to, "City"),
            postal: text(to, "PostalCode"),
            country: text(to, "CountryCode"),
            mail: text(&told["BuyerInfo"], "BuyerEmail"),
            phone: text(to, "Phone"),
            reference: Some(format!("amazon-order-{number}")),
        },
        number,
        lines,
    })
}

fn line(item: &Value, currency: Option<&str>) -> Result<ShopLine, ReadError> {
    // The API's models say Integer; some marketplaces' data have it as text.
    let units = |field: &str| {
        let value = &item[field];
        value.as_u64().or_else(|| value.as_str()?.parse().ok()).and_then(|units| u32::try_from(units).ok())
    };
    let quantity = units("QuantityOrdered")
        .ok_or(ReadError::Field { field: "OrderItems.QuantityOrdered", wanted: "a number of units" })?;
    // The price is that of the whole line.
    let whole = item["ItemPrice"]["Amount"].as_str().and_then(|amount| minor(amount, currency));
    Ok(ShopLine {
        sku: item["SellerSKU"].as_str().unwrap_or_default().trim().to_owned(),
        title: item["Title"].as_str().unwrap_or_default().to_owned(),
        quantity,
        price: whole.filter(|_| quantity > 0).map(|whole| whole / i64::from(quantity)),
    })
}

#[cfg(test)]
mod tests {
    use super::order;

    const BODY: &str = r#"{"Order": {"AmazonOrderId": "902-3159896-1390916", "PurchaseDate": "2026-11-20T19:49:35Z",
        "LastUpdateDate": "2026-11-20T19:49:40Z", "OrderStatus": "Unshipped", "FulfillmentChannel": "MFN",
        "OrderTotal": {"CurrencyCode": "USD", "Amount": "39.80"}, "BuyerInfo": {"BuyerEmail": "x@marketplace.example"}},
      "OrderItems": [{"SellerSKU": "A-1", "Title": "Kelp", "QuantityOrdered": 2,
        "ItemPrice": {"CurrencyCode": "USD", "Amount": "39.80"}}],
      "ShippingAddress": {"Name": "Jo Tern", "AddressLine1": "1 Old Road", "City": "Wilmington", "StateOrRegion": "NC",
        "PostalCode": "28401", "CountryCode": "US"}}"#;

    #[test]
    fn an_order_is_read_with_its_items_and_address() {
        let read = order(BODY.as_bytes()).unwrap();
        assert_eq!((read.number.as_str(), read.paid, read.cancelled), ("902-3159896-1390916", true, false));
        assert_eq!(
            (read.lines[0].sku.as_str(), read.lines[0].quantity, read.lines[0].price),
            ("A-1", 2, Some(1_990))
        );
        assert_eq!(
            (read.ship_to.postal.as_str(), read.ship_to.mail.as_str()),
            ("28401", "x@marketplace.example")
        );
        assert!(order(BODY.replace("Unshipped", "Canceled").as_bytes()).unwrap().cancelled);
        assert!(!order(BODY.replace("Unshipped", "Pending").as_bytes()).unwrap().paid);
        assert!(order(BODY.replace("MFN", "AFN").as_bytes()).unwrap().lines.is_empty());
        for wrong in ["", "[]", "{}", r#"{"Order": {"AmazonOrderId": "1"}, "OrderItems": [{}]}"#] {
            assert!(order(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
