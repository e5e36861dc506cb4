//! What a shop tells of its own parcels: `fulfillments/create` and `fulfillments/update`.
//!
//! Source: shopify.dev, REST Admin API, "Fulfillment" and "Webhook topics" (read in November 2026).

use serde_json::Value;

use crate::order::{LINES_MAX, ReadError, moment_ms};
use crate::tracking::Happened;

/// Parcels of one fulfilment that are read.
const PARCELS_MAX: usize = 200;

/// Goods of an order that the shop says were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fulfilment {
    /// The shop's id for it.
    pub id: String,
    /// The order's number, as people know it.
    pub order: String,
    /// Whether it counts: it was not cancelled and did not fail.
    pub stands: bool,
    /// What the carrier says last, where the shop tells it.
    pub happened: Option<Happened>,
    /// The carrier's numbers for its parcels.
    pub tracking: Vec<String>,
    /// SKU and units.
    pub lines: Vec<(String, u32)>,
    /// When the shop made it, as the shop writes it.
    pub created: Option<String>,
    /// When it was last changed, in milliseconds of Unix time.
    pub updated_ms: Option<i64>,
}

/// Reads one.
///
/// # Errors
/// [`ReadError`] names the field.
pub fn fulfilment(body: &[u8]) -> Result<Fulfilment, ReadError> {
    let value: Value = serde_json::from_slice(body).map_err(|error| ReadError::Json(error.to_string()))?;
    let text = |field: &str| value[field].as_str().unwrap_or_default().trim().to_owned();
    // Its name is the order's with a number of its own: #1001.1.
    let name = text("name");
    let order = name.trim_start_matches('#').rsplit_once('.').map(|(order, _)| order.to_owned());
    let order = order.filter(|order| !order.is_empty());
    let order =
        order.ok_or(ReadError::Field { field: "name", wanted: "a fulfilment's name such as #1001.1" })?;
    let id = value["id"].as_u64().ok_or(ReadError::Field { field: "id", wanted: "a number" })?;
    let lines =
        value["line_items"].as_array().ok_or(ReadError::Field { field: "line_items", wanted: "a list" })?;
    if lines.len() > LINES_MAX {
        return Err(ReadError::Lines);
    }
    let units = |line: &Value| line["quantity"].as_u64().and_then(|units| u32::try_from(units).ok());
    let shipped = lines.iter().filter(|line| line["requires_shipping"].as_bool().unwrap_or(true));
    let lines = shipped
        .map(|line| {
            let sku = line["sku"].as_str().unwrap_or_default().trim().to_owned();
            let wanted = "a number of units";
            Ok((sku, units(line).ok_or(ReadError::Field { field: "line_items.quantity", wanted })?))
        })
        .collect::<Result<_, ReadError>>()?;
    let many = value["tracking_numbers"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut tracking: Vec<String> =
        many.chain(value["tracking_number"].as_str()).map(|one| one.trim().to_owned()).collect();
    tracking.retain(|one| !one.is_empty());
    tracking.sort_unstable();
    tracking.dedup();
    tracking.truncate(PARCELS_MAX);
    let happened = match text("shipment_status").as_str() {
        "confirmed" | "in_transit" | "out_for_delivery" => Some(Happened::Departed),
        "delivered" => Some(Happened::Delivered),
        "attempted_delivery" | "failure" => Some(Happened::Exception),
        _ => None,
    };
    Ok(Fulfilment {
        id: id.to_string(),
        order,
        stands: text("status") == "success",
        happened,
        tracking,
        lines,
        created: Some(text("created_at")).filter(|text| !text.is_empty()),
        updated_ms: value["updated_at"].as_str().and_then(moment_ms),
    })
}

#[cfg(test)]
mod tests {
    use super::fulfilment;
    use crate::tracking::Happened;

    const BODY: &str = r##"{"id": 123456, "order_id": 820982911946154508, "status": "success", "name": "#1001.1",
        "created_at": "2026-11-01T07:00:00-05:00", "updated_at": "2026-11-01T07:00:01-05:00",
        "tracking_company": "UPS", "shipment_status": "delivered", "tracking_number": "1Z1",
        "tracking_numbers": ["1Z2", "1Z1"],
        "line_items": [{"sku": "A-1", "quantity": 2}, {"sku": "G", "quantity": 1, "requires_shipping": false}]}"##;

    #[test]
    fn a_fulfilment_is_read_with_its_order_parcels_and_goods() {
        let read = fulfilment(BODY.as_bytes()).unwrap();
        assert_eq!((read.id.as_str(), read.order.as_str(), read.stands), ("123456", "1001", true));
        assert_eq!(read.tracking, ["1Z1", "1Z2"]);
        assert_eq!(read.lines, [("A-1".to_owned(), 2)]);
        assert_eq!(read.happened, Some(Happened::Delivered));
        assert!(!fulfilment(BODY.replace("success", "cancelled").as_bytes()).unwrap().stands);
        for wrong in [
            "",
            "[]",
            "{}",
            "{\"id\": 1, \"name\": \"#1\"}",
            r#"{"id": 1, "name": "1.1", "line_items": [{}]}"#,
        ] {
            assert!(fulfilment(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
