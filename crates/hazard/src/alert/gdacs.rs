//! The Global Disaster Alert and Coordination System: its RSS and its GeoJSON.
//!
//! GDACS gives a point (and, in RSS, the box of a map, which is not the area). The area is a circle by kind:
//! an earthquake's from its magnitude, the others from the named radii here. Invariant: one entry that cannot
//! be read is reported and does not hide the others.

use holdfast_domain::incident::Hazard;
use holdfast_domain::place::Place;
use holdfast_domain::time::{Span, Stamp};
use serde_json::Value;

use super::json::{self, ENTRIES_MAX};
use super::usgs::quake_area;
use super::xml::{self, Element};
use super::{Alert, AlertArea, AlertError, AlertText, Certainty, Reading, Severity, Source, Urgency, clip};
use crate::geo::{Area, Circle};

/// The area about a tropical cyclone's centre, metres: the mean reach of gales (R. T. Merrill 1984).
pub const CYCLONE_RADIUS_M: f64 = 300_000.0;
/// The area about a reported flood, metres; GDACS gives one point for a basin.
pub const FLOOD_RADIUS_M: f64 = 100_000.0;
/// The area about a volcano, metres.
pub const VOLCANO_RADIUS_M: f64 = 100_000.0;
/// The area about a forest fire, metres.
pub const FIRE_RADIUS_M: f64 = 50_000.0;
/// The depth of an earthquake where the feed does not give it, kilometres.
pub const QUAKE_DEPTH_KM: f64 = 10.0;
/// The area about anything else, metres.
pub const OTHER_RADIUS_M: f64 = 100_000.0;

/// What both forms say of an event.
#[derive(Default)]
struct Event<'a> {
    place: String,
    kind: &'a str,
    id: String,
    level: &'a str,
    title: &'a str,
    description: &'a str,
    lat: Option<f64>,
    lon: Option<f64>,
    size: Option<f64>,
    from: Option<&'a str>,
    to: Option<&'a str>,
    changed: Option<&'a str>,
    current: bool,
}

/// Reads GDACS's RSS or GeoJSON, whichever it is.
///
/// # Errors
/// [`AlertError`] where the document is neither; entries that cannot be read are in [`Reading::refused`].
pub fn read_gdacs(bytes: &[u8]) -> Result<Reading, AlertError> {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace() && byte.is_ascii());
    if first == Some(&b'{') { read_geojson(bytes) } else { read_rss(bytes) }
}

fn read_rss(bytes: &[u8]) -> Result<Reading, AlertError> {
    let root = xml::read(bytes)?;
    let Some(channel) = root.child("channel").filter(|_| root.name == "rss") else {
        let found = clip(&format!("<{}>", root.name));
        return Err(AlertError::NotThisFormat { found, expected: "the RSS of GDACS" });
    };
    let mut reading = Reading::default();
    for (count, item) in channel.all("item").enumerate() {
        if count >= ENTRIES_MAX {
            return Err(AlertError::TooMany { what: "entries", max: ENTRIES_MAX });
        }
        reading.take(alert_of(&rss_event(item)).map(|alert| vec![alert]));
    }
    Ok(reading)
}

fn rss_event(item: &Element) -> Event<'_> {
    let text = |name: &str| item.text_of(name).unwrap_or("");
    let point = item.child("Point");
    let mut pair = text("point").split_whitespace().filter_map(|number| number.parse::<f64>().ok());
    let coordinate = |name: &str| point.and_then(|p| p.text_of(name)).and_then(|t| t.parse().ok());
    Event {
        place: format!("line {}, <item>", item.line),
        kind: text("eventtype"),
        id: text("eventid").to_owned(),
        level: text("alertlevel"),
        title: text("title"),
        description: text("description"),
        lat: coordinate("lat").or_else(|| pair.next()),
        lon: coordinate("long").or_else(|| pair.next()),
        size: item.child("severity").and_then(|s| s.attribute("value")).and_then(|v| v.parse().ok()),
        from: item.text_of("fromdate"),
        to: item.text_of("todate"),
        changed: item.text_of("datemodified").or_else(|| item.text_of("pubDate")),
        current: text("iscurrent") != "false",
    }
}

fn read_geojson(bytes: &[u8]) -> Result<Reading, AlertError> {
    let top = json::read(bytes)?;
    let mut reading = Reading::default();
    for (index, feature) in json::entries(&top, "features", "the GeoJSON of GDACS")?.iter().enumerate() {
        reading.take(match json_event(feature, index) {
            Some(event) => alert_of(&event).map(|alert| vec![alert]),
            None => {
                Err(AlertError::Missing { place: format!("features[{index}]"), what: "properties.eventid" })
            }
        });
    }
    Ok(reading)
}

fn json_event(feature: &Value, index: usize) -> Option<Event<'_>> {
    let properties = feature.get("properties")?;
    let text = |name: &str| json::text(properties, name);
    let axis = |axis: usize| feature.get("geometry")?.get("coordinates")?.get(axis)?.as_f64();
    let severity = properties.get("severitydata");
    // The identifier is a number in the interface and a text in some copies of it.
    let number = properties.get("eventid").and_then(Value::as_u64).map(|number| number.to_string());
    Some(Event {
        place: format!("features[{index}]"),
        kind: text("eventtype").unwrap_or(""),
        id: number.or_else(|| text("eventid").map(str::to_owned)).unwrap_or_default(),
        level: text("alertlevel").unwrap_or(""),
        title: text("name").unwrap_or(""),
        description: text("htmldescription").or_else(|| text("description")).unwrap_or(""),
        lat: axis(1),
        lon: axis(0),
        size: severity.and_then(|data| json::number(data, "severity")),
        from: text("fromdate"),
        to: text("todate"),
        changed: text("datemodified"),
        current: text("iscurrent") != Some("false"),
    })
}

/// A date of GDACS: RFC 2822 in RSS, ISO without a zone (which is UTC) in JSON.
fn date(text: &str, field: &'static str, place: &str) -> Result<Stamp, AlertError> {
    if let Ok(zoned) = jiff::fmt::rfc2822::parse(text) {
        return Ok(Stamp::from_jiff(zoned.timestamp()));
    }
    let zone = if text.ends_with('Z') || text.contains('+') { "" } else { "Z" };
    super::moment(&format!("{text}{zone}"), field, place)
}

fn alert_of(event: &Event<'_>) -> Result<Alert, AlertError> {
    let place = event.place.as_str();
    let missing = |what: &'static str| AlertError::Missing { place: place.to_owned(), what };
    let (hazard, name, radius_m) = kind(event.kind).ok_or_else(|| AlertError::Field {
        place: place.to_owned(),
        field: "eventtype",
        value: clip(event.kind),
        expected: "EQ, TC, FL, VO, WF, DR or TS".to_owned(),
    })?;
    if event.id.is_empty() {
        return Err(missing("eventid"));
    }
    let time = |text: Option<&str>, field: &'static str| text.map(|t| date(t, field, place)).transpose();
    let onset = time(event.from, "fromdate")?.ok_or_else(|| missing("fromdate"))?;
    let ends = time(event.to, "todate")?;
    let sent = time(event.changed, "datemodified")?.unwrap_or_else(|| ends.unwrap_or(onset));
    let mut alert = Alert::blank(Source::Gdacs, "gdacs", &format!("{}-{}", event.kind, event.id), sent);
    alert.hazard = hazard;
    name.clone_into(&mut alert.event);
    alert.severity = match event.level.to_ascii_lowercase().as_str() {
        "green" => Severity::Minor,
        "orange" => Severity::Severe,
        "red" => Severity::Extreme,
        _ => Severity::Unknown,
    };
    alert.certainty = Certainty::Observed;
    alert.urgency = Urgency::Immediate;
    alert.all_clear = !event.current;
    alert.onset = Some(onset);
    // An ongoing event is dated to its last report; it holds until a day after that.
    alert.ends = Some(ends.unwrap_or(onset).after(Span::days(1)));
    let (Some(lat), Some(lon)) = (event.lat, event.lon) else { return Err(missing("point")) };
    let centre = Place::new(lat, lon).map_err(|error| AlertError::Field {
        place: place.to_owned(),
        field: "point",
        value: format!("{lat} {lon}"),
        expected: error.to_string(),
    })?;
    let circle = match (hazard, event.size) {
        (Hazard::Earthquake, Some(magnitude)) if (0.0..=11.0).contains(&magnitude) => {
            quake_area(centre, magnitude, QUAKE_DEPTH_KM)
        }
        _ => Circle::new(centre, radius_m).expect("the named radii are distances on earth"),
    };
    if let Some(size) = event.size.filter(|size| size.is_finite()) {
        alert.measures.insert("severity".to_owned(), size);
    }
    alert.areas.push(AlertArea {
        description: clip(event.title),
        shapes: vec![Area::Circle(circle)],
        codes: Vec::new(),
    });
    let text = AlertText {
        event: alert.event.clone(),
        headline: clip(event.title),
        description: event.description.to_owned(),
        instruction: String::new(),
    };
    alert.texts.insert("en".to_owned(), text);
    Ok(alert)
}

fn kind(code: &str) -> Option<(Hazard, &'static str, f64)> {
    Some(match code {
        "EQ" => (Hazard::Earthquake, "Earthquake", OTHER_RADIUS_M),
        "TC" => (Hazard::Hurricane, "Tropical cyclone", CYCLONE_RADIUS_M),
        "FL" => (Hazard::Flood, "Flood", FLOOD_RADIUS_M),
        "TS" => (Hazard::Flood, "Tsunami", OTHER_RADIUS_M),
        "VO" => (Hazard::VolcanicAsh, "Volcano", VOLCANO_RADIUS_M),
        "WF" => (Hazard::Wildfire, "Forest fire", FIRE_RADIUS_M),
        "DR" => (Hazard::Other, "Drought", OTHER_RADIUS_M),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::read_gdacs;
    use crate::alert::Severity;
    use holdfast_domain::incident::Hazard;
    use holdfast_domain::place::Place;

    const RSS: &str = "<?xml version='1.0'?><rss version='2.0' xmlns:gdacs='http://www.gdacs.org' \
      xmlns:geo='http://www.w3.org/2003/01/geo/wgs84_pos#' xmlns:georss='http://www.georss.org/georss'><channel>
      <title>GDACS</title><item><title>Red alert for tropical cyclone HINNAMNOR-22</title><description>d</description>
      <pubDate>Mon, 05 Sep 2022 12:00:00 GMT</pubDate><geo:Point><geo:lat>33.5</geo:lat><geo:long>127.6</geo:long></geo:Point>
      <gdacs:iscurrent>true</gdacs:iscurrent><gdacs:fromdate>Sun, 28 Aug 2022 06:00:00 GMT</gdacs:fromdate>
      <gdacs:todate>Tue, 06 Sep 2022 00:00:00 GMT</gdacs:todate><gdacs:eventtype>TC</gdacs:eventtype>
      <gdacs:eventid>1000917</gdacs:eventid><gdacs:alertlevel>Red</gdacs:alertlevel>
      <gdacs:severity unit='km/h' value='259'>x</gdacs:severity></item>
      <item><title>x</title><georss:point>91 0</georss:point><gdacs:eventtype>EQ</gdacs:eventtype><gdacs:eventid>2</gdacs:eventid>
      <gdacs:fromdate>Sun, 28 Aug 2022 06:00:00 GMT</gdacs:fromdate></item></channel></rss>";

    const JSON: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point",
      "coordinates":[129.4,36.1]},"properties":{"eventtype":"EQ","eventid":1158001,"alertlevel":"Orange","name":"Pohang",
      "fromdate":"2017-11-15T05:29:31","todate":"2017-11-15T05:29:31","datemodified":"2017-11-15T08:00:00",
      "iscurrent":"true","severitydata":{"severity":5.5,"severityunit":"M"}}}]}"#;

    #[test]
    fn rss_and_json_give_the_same_form() {
        let rss = read_gdacs(RSS.as_bytes()).unwrap();
        let storm = &rss.alerts[0];
        assert_eq!(
            (storm.hazard, storm.severity, storm.id.as_str()),
            (Hazard::Hurricane, Severity::Extreme, "TC-1000917")
        );
        assert_eq!(storm.onset.unwrap().to_string(), "2022-08-28T06:00:00Z");
        assert!(storm.areas[0].shapes[0].contains(Place::new(35.1796, 129.0756).unwrap()), "Busan");
        assert!(rss.refused[0].to_string().contains("91"));
        let json = read_gdacs(JSON.as_bytes()).unwrap();
        let quake = &json.alerts[0];
        assert_eq!((quake.id.as_str(), quake.severity), ("EQ-1158001", Severity::Severe));
        assert_eq!(quake.sent.to_string(), "2017-11-15T08:00:00Z");
        assert!(quake.areas[0].shapes[0].contains(Place::new(36.03, 129.36).unwrap()), "Pohang city");
    }

    #[test]
    fn cut_documents_are_errors() {
        for document in [RSS, JSON] {
            for at in (0..document.len()).step_by(41) {
                assert!(read_gdacs(&document.as_bytes()[..at]).is_err(), "{at}");
            }
        }
    }
}
