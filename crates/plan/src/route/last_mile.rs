//! Stops of the operator's own vans, as CSV and GeoJSON for whatever plans the tours.
//!
//! The text is the same for the same stops. Cells that a spreadsheet would take for a formula are defused.

use core::fmt::Write;

use holdfast_domain::place::Place;
use holdfast_domain::time::Day;
use serde::{Deserialize, Serialize};

/// One stop: where a parcel goes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Stop {
    /// What the merchant calls the order.
    pub order: Box<str>,
    /// The site or hub the van starts from.
    pub from: Box<str>,
    /// Where.
    pub place: Place,
    /// Postal code.
    pub postal: Box<str>,
    /// Parcels to hand over.
    pub parcels: u32,
    /// Their weight, grams.
    pub weight_g: u64,
    /// Day it is due, local.
    pub due: Day,
}

/// The columns of the CSV, in order; weights in grams, coordinates in degrees.
pub const COLUMNS: &str = "order,from,lat,lon,postal,parcels,weight_g,due";

/// The stops as CSV (RFC 4180, LF), with a header, in the order given.
#[must_use]
pub fn csv(stops: &[Stop]) -> String {
    let mut out = String::with_capacity(64 * (stops.len() + 1));
    out.push_str(COLUMNS);
    out.push('\n');
    for stop in stops {
        let (lat, lon) = (stop.place.lat(), stop.place.lon());
        let (order, from, postal) = (cell(&stop.order), cell(&stop.from), cell(&stop.postal));
        let Stop { parcels, weight_g, due, .. } = stop;
        writeln!(out, "{order},{from},{lat:.6},{lon:.6},{postal},{parcels},{weight_g},{due}")
            .expect("writing to a string does not fail");
    }
    out
}

/// The stops as a GeoJSON feature collection (RFC 7946: longitude first), in the order given.
#[must_use]
pub fn geojson(stops: &[Stop]) -> String {
    let mut out = String::from("{\"type\":\"FeatureCollection\",\"features\":[");
    for (at, stop) in stops.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let (lat, lon) = (stop.place.lat(), stop.place.lon());
        let (order, from, postal) = (json(&stop.order), json(&stop.from), json(&stop.postal));
        let Stop { parcels, weight_g, due, .. } = stop;
        write!(
            out,
            "{comma}\n{{\"type\":\"Feature\",\"geometry\":{{\"type\":\"Point\",\"coordinates\":[{lon:.6},{lat:.6}]}},\
             \"properties\":{{\"order\":{order},\"from\":{from},\"postal\":{postal},\"parcels\":{parcels},\
             \"weight_g\":{weight_g},\"due\":\"{due}\"}}}}"
        )
        .expect("writing to a string does not fail");
    }
    out.push_str("\n]}\n");
    out
}

/// A CSV cell: quoted where it must be, and never the beginning of a formula.
fn cell(text: &str) -> String {
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if risky { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// A JSON string with its quotes.
fn json(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if control < ' ' => {
                write!(out, "\\u{:04x}", control as u32).expect("writing to a string does not fail");
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::{Stop, csv, geojson};
    use holdfast_domain::place::Place;

    fn stop(order: &str) -> Stop {
        let place = Place::new(34.2257, -77.9447).unwrap();
        let due = "2018-09-20".parse().unwrap();
        let (from, postal) = ("CLT2".into(), "28401".into());
        Stop { order: order.into(), from, place, postal, parcels: 2, weight_g: 5400, due }
    }

    #[test]
    fn csv_quotes_what_it_must_and_defuses_formulas() {
        let text = csv(&[stop("100481"), stop("=1+1"), stop("a,\"b\"")]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "order,from,lat,lon,postal,parcels,weight_g,due");
        assert_eq!(lines[1], "100481,CLT2,34.225700,-77.944700,28401,2,5400,2018-09-20");
        assert!(lines[2].starts_with("'=1+1,") && lines[3].starts_with("\"a,\"\"b\"\"\","));
    }

    #[test]
    fn geojson_is_json_with_longitude_first() {
        let text = geojson(&[stop("a\"\\\n주문"), stop("2")]);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let first = &value["features"][0];
        assert_eq!(first["geometry"]["coordinates"], serde_json::json!([-77.9447, 34.2257]));
        assert_eq!(first["properties"]["order"], "a\"\\\n주문");
        assert_eq!(value["features"].as_array().unwrap().len(), 2);
        assert!(serde_json::from_str::<serde_json::Value>(&geojson(&[])).is_ok());
    }
}
