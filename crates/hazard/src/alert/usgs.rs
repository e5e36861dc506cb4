//! Earthquakes: the GeoJSON feeds of the US Geological Survey.
//!
//! The area is where the expected intensity reaches V (goods fall from racks, a site stops to look), from
//! magnitude and depth. Invariant: a quake without magnitude or hypocentre is refused, not guessed.

use holdfast_domain::incident::Hazard;
use holdfast_domain::place::Place;
use holdfast_domain::time::{Span, Stamp};
use serde_json::Value;

use super::json::{self, number, require, text};
use super::{
    Alert, AlertArea, AlertError, AlertText, Certainty, Message, Reading, Reference, Severity, Source,
    Status, Urgency,
};
use crate::geo::{Area, Circle};

/// The intensity (modified Mercalli) from which a quake's area is drawn.
pub const MMI_STOPS_WORK: f64 = 5.0;
/// How long after the shock it stays in the book: aftershocks and inspections.
pub const AFTER_SHOCK: Span = Span::days(3);
/// West of this longitude North America attenuates as California does, east of it as its old shield does.
const SHIELD_WEST_LON: f64 = -105.0;
const SHIELD_EAST_LON: f64 = -50.0;

/// Reads a feed of earthquakes; other seismic events (blasts) are left out.
///
/// # Errors
/// [`AlertError`] where the document is none; entries that cannot be read are in [`Reading::refused`].
pub fn read_usgs(bytes: &[u8]) -> Result<Reading, AlertError> {
    let top = json::read(bytes)?;
    let features = if top.get("type").and_then(Value::as_str) == Some("Feature") {
        core::slice::from_ref(&top)
    } else {
        json::entries(&top, "features", "an earthquake feed")?
    };
    let mut reading = Reading::default();
    for (index, feature) in features.iter().enumerate() {
        let kind = feature.get("properties").and_then(|p| text(p, "type")).unwrap_or("earthquake");
        if kind == "earthquake" {
            reading.take(read_feature(feature, index).map(|alert| vec![alert]));
        }
    }
    Ok(reading)
}

/// Expected intensity (modified Mercalli, 1 to 10) at a distance from the hypocentre.
///
/// Source: G. M. Atkinson, D. J. Wald 2007, "Did you feel it?" intensity data, Seismological Research Letters
/// 78: the equations of California and of central and eastern North America.
#[must_use]
pub fn intensity(magnitude: f64, hypocentre_km: f64, old_shield: bool) -> f64 {
    let (c, h, bend_km): ([f64; 7], f64, f64) = if old_shield {
        ([11.72, 2.36, 0.1155, -0.44, -0.002_044, 2.31, -0.479], 17.0, 80.0)
    } else {
        ([12.27, 2.270, 0.1304, -1.30, -0.000_707_0, 1.95, -0.577], 14.0, 30.0)
    };
    let r = hypocentre_km.max(0.0).hypot(h);
    let beyond = if r > bend_km { (r / bend_km).log10() } else { 0.0 };
    let over = magnitude - 6.0;
    let mmi = c[0]
        + c[1] * over
        + c[2] * over * over
        + c[3] * r.log10()
        + c[4] * r
        + c[5] * beyond
        + c[6] * magnitude * r.log10();
    mmi.clamp(1.0, 10.0)
}

/// The distance in metres from the epicentre within which the intensity reaches `mmi`; 0 where it never does.
#[must_use]
pub fn intensity_radius_m(magnitude: f64, depth_km: f64, old_shield: bool, mmi: f64) -> f64 {
    let at = |km: f64| intensity(magnitude, km.hypot(depth_km.max(0.0)), old_shield);
    if at(0.0) < mmi {
        return 0.0;
    }
    let (mut near, mut far) = (0.0, 2_000.0);
    if at(far) >= mmi {
        return far * 1000.0;
    }
    for _ in 0..60 {
        let middle = f64::midpoint(near, far);
        if at(middle) >= mmi {
            near = middle;
        } else {
            far = middle;
        }
    }
    near * 1000.0
}

pub(crate) fn quake_area(centre: Place, magnitude: f64, depth_km: f64) -> Circle {
    let shield = (SHIELD_WEST_LON..SHIELD_EAST_LON).contains(&centre.lon()) && centre.lat() > 15.0;
    let radius_m = intensity_radius_m(magnitude, depth_km, shield, MMI_STOPS_WORK);
    Circle::new(centre, radius_m).expect("an intensity's radius is at most 2,000 km")
}

fn read_feature(feature: &Value, index: usize) -> Result<Alert, AlertError> {
    let place = format!("features[{index}]");
    let missing = |what: &'static str| AlertError::Missing { place: place.clone(), what };
    let properties = feature.get("properties").ok_or_else(|| missing("properties"))?;
    let id = require(feature, "id", &place)?;
    let whole = |name: &str| properties.get(name).and_then(Value::as_i64);
    let onset = Stamp(whole("time").ok_or_else(|| missing("time"))?);
    let sender = format!("usgs-{}", text(properties, "net").unwrap_or("us"));
    let mut alert = Alert::blank(Source::Usgs, &sender, id, whole("updated").map_or(onset, Stamp));
    alert.status = Status::Actual;
    alert.hazard = Hazard::Earthquake;
    "Earthquake".clone_into(&mut alert.event);
    alert.onset = Some(onset);
    alert.ends = Some(onset.after(AFTER_SHOCK));
    if text(properties, "status") == Some("deleted") {
        alert.message = Message::Cancel;
        alert.references.push(Reference { sender: alert.sender.clone(), id: alert.id.clone() });
        return Ok(alert);
    }
    let magnitude = number(properties, "mag").ok_or_else(|| missing("mag"))?;
    let coordinate = |axis: usize| {
        let value = feature.get("geometry")?.get("coordinates")?.get(axis)?.as_f64()?;
        value.is_finite().then_some(value)
    };
    let (Some(lon), Some(lat)) = (coordinate(0), coordinate(1)) else { return Err(missing("coordinates")) };
    let centre = Place::new(lat, lon).map_err(|error| AlertError::Field {
        place: place.clone(),
        field: "coordinates",
        value: format!("{lon}, {lat}"),
        expected: error.to_string(),
    })?;
    if !(-2.0..=11.0).contains(&magnitude) {
        return Err(AlertError::Field {
            place,
            field: "mag",
            value: magnitude.to_string(),
            expected: "a magnitude from -2 to 11".to_owned(),
        });
    }
    let depth_km = coordinate(2).unwrap_or(10.0).clamp(0.0, 800.0);
    let circle = quake_area(centre, magnitude, depth_km);
    alert.severity = severity(text(properties, "alert"), circle.radius_m());
    alert.certainty = Certainty::Observed;
    alert.urgency = Urgency::Immediate;
    alert.measures.insert("magnitude".to_owned(), magnitude);
    alert.measures.insert("depth_km".to_owned(), depth_km);
    let title = text(properties, "title").unwrap_or("").to_owned();
    alert.areas.push(AlertArea {
        description: text(properties, "place").unwrap_or("").to_owned(),
        shapes: vec![Area::Circle(circle)],
        codes: Vec::new(),
    });
    alert.texts.insert(
        "en-US".to_owned(),
        AlertText { event: alert.event.clone(), headline: title, ..AlertText::default() },
    );
    Ok(alert)
}

/// From the PAGER colour where there is one, else from how far the damage goes.
fn severity(pager: Option<&str>, radius_m: f64) -> Severity {
    match pager {
        Some("red") => Severity::Extreme,
        Some("orange") => Severity::Severe,
        Some("yellow") => Severity::Moderate,
        Some("green") => Severity::Minor,
        _ if radius_m >= 50_000.0 => Severity::Severe,
        _ if radius_m > 0.0 => Severity::Moderate,
        _ => Severity::Minor,
    }
}

#[cfg(test)]
mod tests {
    use super::{intensity, intensity_radius_m, read_usgs};
    use crate::alert::{Message, Severity};
    use holdfast_domain::place::Place;

    const FEED: &str = r#"{"type":"FeatureCollection","metadata":{"generated":1},"features":[
      {"type":"Feature","properties":{"mag":7.1,"place":"Searles Valley","time":1562383193040,"updated":1562390000000,
       "alert":"green","status":"reviewed","tsunami":0,"net":"ci","type":"earthquake","title":"M 7.1"},
       "geometry":{"type":"Point","coordinates":[-117.599,35.770,8]},"id":"ci38457511"},
      {"type":"Feature","properties":{"mag":1.2,"time":1,"type":"quarry blast"},"geometry":null,"id":"q"},
      {"type":"Feature","properties":{"time":1562383193040,"updated":1562400000000,"net":"ci","status":"deleted","type":"earthquake"},
       "geometry":null,"id":"ci2"},
      {"type":"Feature","properties":{"mag":null,"time":5,"type":"earthquake"},"geometry":null,"id":"ci3"}]}"#;

    #[test]
    fn quakes_have_an_area_and_deletions_cancel() {
        let reading = read_usgs(FEED.as_bytes()).unwrap();
        let [quake, deleted] = reading.alerts.as_slice() else { panic!() };
        assert_eq!((quake.severity, quake.measures["magnitude"]), (Severity::Minor, 7.1));
        assert_eq!(quake.onset.unwrap().to_string(), "2019-07-06T03:19:53.04Z");
        let inside = |lat, lon| quake.areas[0].shapes[0].contains(Place::new(lat, lon).unwrap());
        assert!(inside(35.6225, -117.6709), "Ridgecrest felt VIII");
        assert!(!inside(34.0522, -118.2437), "Los Angeles felt IV to V");
        assert_eq!(deleted.message, Message::Cancel);
        assert!(reading.refused[0].to_string().contains("mag"));
    }

    #[test]
    fn intensity_falls_with_distance_and_rises_with_magnitude() {
        assert!(intensity(7.0, 10.0, false) > intensity(6.0, 10.0, false));
        assert!(intensity(7.0, 10.0, false) > intensity(7.0, 100.0, false));
        assert!(intensity_radius_m(6.0, 10.0, true, 6.0) > intensity_radius_m(6.0, 10.0, false, 6.0));
        assert_eq!(intensity_radius_m(3.0, 10.0, false, 6.0), 0.0);
    }
}
