//! What a carrier tells of parcels, in one form for all: who sends in another form is translated by the sender.

use serde::Deserialize;

use crate::order::ReadError;

/// Events of one delivery.
pub const EVENTS_MAX: usize = 1_000;

/// What happened to a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// The carrier has it.
    Accepted,
    /// It is on its way.
    Departed,
    /// There is a problem, or a new day.
    Exception,
    /// The customer has it.
    Delivered,
    /// It comes back.
    Returned,
    /// It is gone for good.
    Lost,
}

impl Happened {
    /// What a word says.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        serde_json::from_value(serde_json::Value::String(word.trim().to_lowercase())).ok()
    }
}

/// An event of a parcel.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The carrier's number for the parcel.
    #[serde(default)]
    pub tracking: Option<String>,
    /// This house's number for the shipment, such as `shp-7`, where it stands on the label.
    #[serde(default)]
    pub shipment: Option<String>,
    /// What happened.
    pub event: Happened,
    /// When, as RFC 3339.
    pub at: String,
    /// The day it should arrive now, where the carrier says it, such as 2026-11-25.
    #[serde(default)]
    pub arrival: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Body {
    Many { events: Vec<Event> },
    One(Event),
}

/// Reads one event, or `{"events": […]}`.
///
/// # Errors
/// [`ReadError`].
pub fn read(body: &[u8]) -> Result<Vec<Event>, ReadError> {
    let read: Body = serde_json::from_slice(body).map_err(|error| {
        let form =
            "it is neither an event (event, at, and tracking or shipment) nor a list of them under events";
        ReadError::Json(if error.is_data() { form.to_owned() } else { error.to_string() })
    })?;
    let events = match read {
        Body::Many { events } => events,
        Body::One(event) => vec![event],
    };
    if events.len() > EVENTS_MAX {
        return Err(ReadError::Field { field: "events", wanted: "a list of 1,000 at most" });
    }
    if events.iter().any(|event| event.tracking.is_none() && event.shipment.is_none()) {
        return Err(ReadError::Field { field: "tracking", wanted: "a number, and neither is shipment" });
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::{Happened, read};

    #[test]
    fn events_are_read_alone_or_together_and_what_is_wrong_is_an_error() {
        let one = br#"{"tracking": "1Z", "event": "delivered", "at": "2026-11-23T10:00:00Z"}"#;
        assert_eq!(read(one).unwrap()[0].event, Happened::Delivered);
        let many = br#"{"events": [{"shipment": "shp-7", "event": "accepted", "at": "2026-11-23T10:00:00Z", "arrival": "2026-11-25"}]}"#;
        assert_eq!(read(many).unwrap()[0].shipment.as_deref(), Some("shp-7"));
        for wrong in [
            "",
            "[]",
            "{}",
            "3",
            r#"{"event": "delivered", "at": "x"}"#,
            r#"{"tracking": "1", "event": "eaten", "at": "x"}"#,
            r#"{"events": [{"tracking": "1", "event": "lost", "at": "x", "colour": 1}]}"#,
        ] {
            assert!(read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
