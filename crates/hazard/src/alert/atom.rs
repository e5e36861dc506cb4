//! Alerts of api.weather.gov as Atom: each entry holds the main elements of a CAP message.
//!
//! Invariant: one entry that cannot be read is reported and does not hide the others.

use holdfast_domain::place::Place;

use super::codes::{Vtec, geocode, hazard_of_words};
use super::json::ENTRIES_MAX;
use super::xml::{self, Element};
use super::{
    Alert, AlertArea, AlertError, AlertText, Certainty, Message, Reading, Severity, Source, Status, Urgency,
    clip, moment,
};
use crate::geo::{Area, Polygon};

/// Who sends these where an entry does not say; the same as in the CAP messages.
const SENDER: &str = "w-nws.webmaster@noaa.gov";

/// Reads an Atom feed. A feed of no entries is a feed of no alerts.
///
/// # Errors
/// [`AlertError`] where the document is none; entries that cannot be read are in [`Reading::refused`].
pub fn read_atom(bytes: &[u8]) -> Result<Reading, AlertError> {
    let root = xml::read(bytes)?;
    if root.name != "feed" || root.namespace != "http://www.w3.org/2005/Atom" {
        let found = clip(&format!("<{}> of namespace {:?}", root.name, root.namespace));
        return Err(AlertError::NotThisFormat { found, expected: "an Atom feed" });
    }
    let mut reading = Reading::default();
    for (count, entry) in root.all("entry").enumerate() {
        if count >= ENTRIES_MAX {
            return Err(AlertError::TooMany { what: "entries", max: ENTRIES_MAX });
        }
        // "There are no active watches" comes as an entry without an event.
        if entry.child("event").is_some() {
            reading.take(read_entry(entry).map(|alert| vec![alert]));
        }
    }
    Ok(reading)
}

fn word<T>(entry: &Element, name: &'static str, parse: fn(&str) -> Option<T>) -> Result<T, AlertError> {
    let text = entry.require(name)?;
    parse(text).ok_or_else(|| AlertError::Field {
        place: format!("line {}", entry.child(name).map_or(entry.line, |child| child.line)),
        field: name,
        value: clip(text),
        expected: "a word of CAP".to_owned(),
    })
}

fn read_entry(entry: &Element) -> Result<Alert, AlertError> {
    let place = format!("line {}", entry.line);
    let time = |name: &'static str| entry.text_of(name).map(|t| moment(t, name, &place)).transpose();
    let sent = match time("sent")? {
        Some(sent) => sent,
        None => moment(entry.require("updated")?, "updated", &place)?,
    };
    // Old feeds give the address of the message as its id.
    let id = entry.require("id")?;
    let id = id.rsplit_once("/alerts/").map_or(id, |(_, id)| id);
    let mut alert = Alert::blank(Source::NwsApi, SENDER, id, sent);
    alert.event = clip(entry.require("event")?);
    alert.status = word(entry, "status", Status::parse)?;
    alert.message = word(entry, "msgType", Message::parse)?;
    alert.urgency = word(entry, "urgency", Urgency::parse)?;
    alert.severity = word(entry, "severity", Severity::parse)?;
    alert.certainty = word(entry, "certainty", Certainty::parse)?;
    alert.all_clear = alert.urgency == Urgency::Past;
    alert.onset = time("onset")?.or(time("effective")?);
    alert.expires = time("expires")?;
    alert.vtec = pairs(entry, "parameter")
        .iter()
        .filter(|(name, _)| *name == "VTEC")
        .flat_map(|(_, value)| value.split_whitespace())
        .filter_map(Vtec::parse)
        .collect();
    alert.ends = match time("ends")? {
        Some(ends) => Some(ends),
        None => alert.vtec.iter().filter_map(|vtec| vtec.end).max(),
    };
    alert.hazard = hazard_of_words(&alert.event);
    let mut area =
        AlertArea { description: entry.text_of("areaDesc").unwrap_or("").to_owned(), ..AlertArea::default() };
    for (name, value) in pairs(entry, "geocode") {
        area.codes.extend(value.split_whitespace().flat_map(|one| geocode(name, one)));
    }
    if let Some(text) = entry.text_of("polygon") {
        area.shapes.push(polygon(text, &place)?);
    }
    alert.areas.push(area);
    let told = |name: &str| entry.text_of(name).unwrap_or("").to_owned();
    alert.texts.insert(
        "en-US".to_owned(),
        AlertText {
            event: alert.event.clone(),
            headline: told("title"),
            description: told("summary"),
            instruction: String::new(),
        },
    );
    Ok(alert)
}

/// Names and values, one pair after the other, of all elements called `name`.
fn pairs<'a>(entry: &'a Element, name: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut pairs = Vec::new();
    for element in entry.all(name) {
        let names = element.all("valueName").map(|e| e.text.trim());
        pairs.extend(names.zip(element.all("value").map(|e| e.text.trim())));
    }
    pairs
}

fn polygon(text: &str, place: &str) -> Result<Area, AlertError> {
    let refuse = |expected: String| AlertError::Field {
        place: place.to_owned(),
        field: "polygon",
        value: clip(text),
        expected,
    };
    let places = text
        .split_whitespace()
        .map(|pair| {
            let (lat, lon) = pair.split_once(',')?;
            Place::new(lat.parse().ok()?, lon.parse().ok()?).ok()
        })
        .collect::<Option<Vec<Place>>>()
        .ok_or_else(|| refuse("pairs of latitude,longitude in degrees".to_owned()))?;
    let ring = Polygon::new(&places, &[]).map_err(|error| refuse(format!("an area ({error})")))?;
    Ok(Area::Polygons(vec![ring]))
}

#[cfg(test)]
mod tests {
    use super::read_atom;
    use crate::alert::{Precision, resolve};
    use holdfast_domain::incident::Hazard;
    use holdfast_domain::place::Place;

    const FEED: &str = "<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom' \
      xmlns:cap='urn:oasis:names:tc:emergency:cap:1.2'><id>x</id><title>Current</title>
      <entry><id>https://x/alerts/urn:oid:2.49.0.1.840.0.a</id><updated>2018-09-13T11:00:00-04:00</updated>
      <title>Hurricane Warning issued</title><summary>...</summary><cap:event>Hurricane Warning</cap:event>
      <cap:sent>2018-09-13T11:00:00-04:00</cap:sent><cap:effective>2018-09-13T11:00:00-04:00</cap:effective>
      <cap:expires>2018-09-13T19:00:00-04:00</cap:expires><cap:status>Actual</cap:status><cap:msgType>Update</cap:msgType>
      <cap:category>Met</cap:category><cap:urgency>Expected</cap:urgency><cap:severity>Extreme</cap:severity>
      <cap:certainty>Likely</cap:certainty><cap:areaDesc>New Hanover</cap:areaDesc><cap:polygon></cap:polygon>
      <cap:geocode><valueName>SAME</valueName><value>037129</value><valueName>UGC</valueName><value>NCZ108</value></cap:geocode>
      <cap:parameter><valueName>VTEC</valueName><value>/O.CON.KILM.HU.W.1006.000000T0000Z-000000T0000Z/</value></cap:parameter></entry>
      <entry><id>none</id><title>There are no others</title></entry>
      <entry><id>b</id><updated>2018-09-13T11:00:00Z</updated><cap:event>Flood Watch</cap:event><cap:status>Maybe</cap:status></entry></feed>";

    #[test]
    fn entries_become_alerts() {
        let reading = read_atom(FEED.as_bytes()).unwrap();
        assert_eq!((reading.alerts.len(), reading.refused.len()), (1, 1));
        let alert = &reading.alerts[0];
        assert_eq!((alert.id.as_str(), alert.hazard), ("urn:oid:2.49.0.1.840.0.a", Hazard::Hurricane));
        assert_eq!((alert.vtec.len(), alert.ends), (1, None));
        let area = resolve(&alert.areas[0]);
        assert_eq!(area.precision, Precision::County);
        assert!(area.contains(Place::new(34.2257, -77.9447).unwrap()));
        assert!(reading.refused[0].to_string().contains("Maybe"));
    }

    #[test]
    fn other_documents_are_refused() {
        assert!(read_atom(b"<rss/>").is_err());
        for at in (0..FEED.len()).step_by(71) {
            assert!(read_atom(&FEED.as_bytes()[..at]).is_err());
        }
    }
}
