//! Alerts of api.weather.gov as GeoJSON: a collection or a single feature.
//!
//! Invariant: one entry that cannot be read is reported and does not hide the others.

use holdfast_domain::incident::Hazard;
use serde_json::Value;

use super::codes::{Vtec, hazard_of_words, same, same_hazard, ugc};
use super::json::{self, require, text, word};
use super::{
    Alert, AlertArea, AlertError, AlertText, Certainty, Message, Reading, Reference, Severity, Source,
    Status, Urgency, clip, moment,
};
use crate::geo::areas_from_geojson;

/// Reads a FeatureCollection of alerts, or one Feature.
///
/// # Errors
/// [`AlertError`] where the document is none; entries that cannot be read are in [`Reading::refused`].
pub fn read_nws_geojson(bytes: &[u8]) -> Result<Reading, AlertError> {
    let top = json::read(bytes)?;
    let features = if top.get("type").and_then(Value::as_str) == Some("Feature") {
        core::slice::from_ref(&top)
    } else {
        json::entries(&top, "features", "alerts of api.weather.gov")?
    };
    let mut reading = Reading::default();
    for (index, feature) in features.iter().enumerate() {
        reading.take(read_feature(feature, index).map(|alert| vec![alert]));
    }
    Ok(reading)
}

fn read_feature(feature: &Value, index: usize) -> Result<Alert, AlertError> {
    let place = format!("features[{index}].properties");
    let properties = feature
        .get("properties")
        .ok_or_else(|| AlertError::Missing { place: format!("features[{index}]"), what: "properties" })?;
    let time = |name: &'static str| text(properties, name).map(|t| moment(t, name, &place)).transpose();
    let sent = moment(require(properties, "sent", &place)?, "sent", &place)?;
    let sender = text(properties, "sender").unwrap_or("w-nws.webmaster@noaa.gov");
    let mut alert = Alert::blank(Source::NwsApi, sender, require(properties, "id", &place)?, sent);
    alert.status =
        word(properties, "status", &place, "Actual, Exercise, System, Test or Draft", Status::parse)?;
    alert.message =
        word(properties, "messageType", &place, "Alert, Update, Cancel, Ack or Error", Message::parse)?;
    alert.severity = word(properties, "severity", &place, "a severity of CAP", Severity::parse)?;
    alert.certainty = word(properties, "certainty", &place, "a certainty of CAP", Certainty::parse)?;
    alert.urgency = word(properties, "urgency", &place, "an urgency of CAP", Urgency::parse)?;
    alert.event = clip(require(properties, "event", &place)?);
    alert.all_clear = alert.urgency == Urgency::Past || text(properties, "response") == Some("AllClear");
    alert.onset = time("onset")?.or(time("effective")?);
    alert.expires = time("expires")?;
    let codes = |path: &[&str]| -> Vec<String> { strings(properties, path) };
    alert.vtec = codes(&["parameters", "VTEC"]).iter().filter_map(|text| Vtec::parse(text)).collect();
    alert.ends = match (time("ends")?, codes(&["parameters", "eventEndingTime"]).first()) {
        (Some(ends), _) => Some(ends),
        (None, Some(text)) => Some(moment(text, "eventEndingTime", &place)?),
        (None, None) => alert.vtec.iter().filter_map(|vtec| vtec.end).max(),
    };
    alert.hazard = codes(&["eventCode", "SAME"])
        .iter()
        .find_map(|code| same_hazard(code))
        .or_else(|| alert.vtec.first().map(Vtec::hazard).filter(|kind| *kind != Hazard::Other))
        .unwrap_or_else(|| hazard_of_words(&alert.event));
    alert.references = references(properties);
    let mut area = AlertArea {
        description: text(properties, "areaDesc").unwrap_or("").to_owned(),
        ..AlertArea::default()
    };
    area.codes.extend(codes(&["geocode", "SAME"]).iter().filter_map(|code| same(code)));
    area.codes.extend(codes(&["geocode", "UGC"]).iter().filter_map(|code| ugc(code)).flat_map(|(c, _)| c));
    if let Some(geometry) = feature.get("geometry").filter(|geometry| !geometry.is_null()) {
        area.shapes = areas_from_geojson(&geometry.to_string()).map_err(|error| AlertError::Field {
            place: format!("features[{index}]"),
            field: "geometry",
            value: clip(&geometry.to_string()),
            expected: error.to_string(),
        })?;
    }
    alert.areas.push(area);
    let told = |name: &str| text(properties, name).unwrap_or("").to_owned();
    alert.texts.insert(
        text(properties, "language").unwrap_or("en-US").to_owned(),
        AlertText {
            event: alert.event.clone(),
            headline: told("headline"),
            description: told("description"),
            instruction: told("instruction"),
        },
    );
    Ok(alert)
}

fn strings(object: &Value, path: &[&str]) -> Vec<String> {
    path.iter()
        .try_fold(object, |value, name| value.get(name))
        .and_then(Value::as_array)
        .map(|list| list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        .unwrap_or_default()
}

fn references(properties: &Value) -> Vec<Reference> {
    properties
        .get("references")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let sender = clip(text(entry, "sender").unwrap_or(""));
            text(entry, "identifier").map(|id| Reference { sender, id: clip(id) })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::read_nws_geojson;
    use crate::alert::{Message, Precision, resolve};
    use holdfast_domain::incident::Hazard;
    use holdfast_domain::place::Place;

    /// The form of api.weather.gov: two alerts, one drawn and one by zone with county codes.
    const FEED: &str = r#"{"type":"FeatureCollection","features":[
      {"id":"https://x/urn:oid:2.49.0.1.840.0.a","type":"Feature",
       "geometry":{"type":"Polygon","coordinates":[[[-78.2,34.0],[-77.7,34.0],[-77.7,34.5],[-78.2,34.5],[-78.2,34.0]]]},
       "properties":{"id":"urn:oid:2.49.0.1.840.0.a","areaDesc":"New Hanover, NC","geocode":{"SAME":["037129"],"UGC":["NCC129"]},
        "references":[],"sent":"2018-09-14T03:10:00-04:00","effective":"2018-09-14T03:10:00-04:00","onset":"2018-09-14T03:10:00-04:00",
        "expires":"2018-09-14T09:15:00-04:00","ends":"2018-09-14T09:15:00-04:00","status":"Actual","messageType":"Alert",
        "category":"Met","severity":"Severe","certainty":"Likely","urgency":"Immediate","event":"Flash Flood Warning",
        "sender":"w-nws.webmaster@noaa.gov","headline":"h","description":"d","instruction":null,"response":"Avoid",
        "parameters":{"VTEC":["/O.NEW.KILM.FF.W.0051.180914T0710Z-180914T1315Z/"]}}},
      {"type":"Feature","geometry":null,
       "properties":{"id":"urn:oid:2.49.0.1.840.0.b","areaDesc":"Coastal New Hanover","geocode":{"SAME":["037129"],"UGC":["NCZ108"]},
        "references":[{"@id":"https://x/1","identifier":"urn:oid:2.49.0.1.840.0.0","sender":"w-nws.webmaster@noaa.gov","sent":"2018-09-13T05:00:00-04:00"}],
        "sent":"2018-09-13T11:00:00-04:00","effective":"2018-09-13T11:00:00-04:00","onset":"2018-09-13T18:00:00-04:00",
        "expires":"2018-09-13T19:00:00-04:00","ends":null,"status":"Actual","messageType":"Update","severity":"Extreme",
        "certainty":"Likely","urgency":"Expected","event":"Hurricane Warning","headline":"h","description":"d",
        "parameters":{"eventEndingTime":["2018-09-15T18:00:00-04:00"]}}},
      {"type":"Feature","geometry":null,"properties":{"id":"c","sent":"yesterday"}}]}"#;

    #[test]
    fn drawn_and_coded_alerts_and_one_that_is_refused() {
        let reading = read_nws_geojson(FEED.as_bytes()).unwrap();
        let [flood, hurricane] = reading.alerts.as_slice() else { panic!() };
        assert_eq!((flood.hazard, hurricane.hazard), (Hazard::Flood, Hazard::Hurricane));
        let wilmington = Place::new(34.2257, -77.9447).unwrap();
        let (drawn, coded) = (resolve(&flood.areas[0]), resolve(&hurricane.areas[0]));
        assert_eq!((drawn.precision, coded.precision), (Precision::Drawn, Precision::County));
        assert!(drawn.contains(wilmington) && coded.contains(wilmington));
        assert_eq!(hurricane.message, Message::Update);
        assert_eq!(hurricane.references[0].id, "urn:oid:2.49.0.1.840.0.0");
        assert_eq!(hurricane.ends.unwrap().to_string(), "2018-09-15T22:00:00Z");
        assert_eq!(hurricane.expires.unwrap().to_string(), "2018-09-13T23:00:00Z");
        let told = reading.refused[0].to_string();
        assert!(told.contains("features[2]") && told.contains("yesterday"), "{told}");
    }

    #[test]
    fn a_cut_or_other_document_is_an_error() {
        for at in (0..FEED.len()).step_by(53) {
            assert!(read_nws_geojson(&FEED.as_bytes()[..at]).is_err());
        }
        assert!(read_nws_geojson(b"{\"alerts\":[]}").is_err());
        assert!(read_nws_geojson("[".repeat(100_000).as_bytes()).is_err());
    }
}
