//! The Common Alerting Protocol, 1.0 to 1.2 (OASIS, CAP-V1.2, 2010).
//!
//! Information blocks that differ only in language become one alert with several texts; blocks that differ in
//! time, urgency or area become alerts of their own, told apart by `part`. Invariant: elements of foreign
//! namespaces are not read.

use holdfast_domain::incident::Hazard;
use holdfast_domain::place::Place;

use super::codes::{Vtec, geocode, hazard_of_words, same_hazard, ugc};
use super::xml::{self, Element};
use super::{
    Alert, AlertArea, AlertError, AlertText, Certainty, Message, Reference, Severity, Source, Status,
    Urgency, clip, moment,
};
use crate::geo::{Area, Circle, Polygon};

/// References of one message at most.
const REFERENCES_MAX: usize = 10_000;
/// Information blocks of one message at most.
const INFOS_MAX: usize = 100;

/// Reads one CAP document.
///
/// # Errors
/// [`AlertError`] for a document that is not well-formed, hostile, not CAP, or lacks what CAP requires.
pub fn read_cap(bytes: &[u8]) -> Result<Vec<Alert>, AlertError> {
    read_element(xml::read(bytes)?, Source::Cap)
}

/// Reads an `alert` element, wherever it stood.
pub(crate) fn read_element(mut root: Element, source: Source) -> Result<Vec<Alert>, AlertError> {
    let known = ["urn:oasis:names:tc:emergency:cap:1.", "http://www.incident.com/cap/1."];
    if root.name != "alert" || !known.iter().any(|prefix| root.namespace.starts_with(prefix)) {
        return Err(AlertError::NotThisFormat {
            found: clip(&format!("<{}> of namespace {:?}", root.name, root.namespace)),
            expected: "a CAP alert",
        });
    }
    keep_own(&mut root);
    let head = head(&root, source)?;
    let infos: Vec<&Element> = root.all("info").collect();
    if infos.len() > INFOS_MAX {
        return Err(AlertError::TooMany { what: "information blocks", max: INFOS_MAX });
    }
    let mut alerts: Vec<Alert> = Vec::new();
    for info in infos {
        add_info(&mut alerts, &head, info)?;
    }
    if alerts.is_empty() {
        if matches!(head.message, Message::Alert | Message::Update) {
            return Err(AlertError::Missing { place: format!("line {}, <alert>", root.line), what: "info" });
        }
        alerts.push(head);
    }
    for (part, alert) in alerts.iter_mut().enumerate() {
        alert.part = u16::try_from(part).unwrap_or(u16::MAX);
    }
    Ok(alerts)
}

/// Drops the elements whose namespace is not their parent's.
fn keep_own(element: &mut Element) {
    element.children.retain(|child| child.namespace == element.namespace);
    element.children.iter_mut().for_each(keep_own);
}

fn word<T>(
    element: &Element,
    name: &'static str,
    expected: &str,
    parse: fn(&str) -> Option<T>,
) -> Result<T, AlertError> {
    let text = element.require(name)?;
    parse(text).ok_or_else(|| AlertError::Field {
        place: place_of(element.child(name).unwrap_or(element)),
        field: name,
        value: clip(text),
        expected: expected.to_owned(),
    })
}

fn place_of(element: &Element) -> String {
    format!("line {}", element.line)
}

fn time_of(
    element: &Element,
    name: &'static str,
) -> Result<Option<holdfast_domain::time::Stamp>, AlertError> {
    element.text_of(name).map(|text| moment(text, name, &place_of(element))).transpose()
}

fn head(root: &Element, source: Source) -> Result<Alert, AlertError> {
    let sent = moment(root.require("sent")?, "sent", &place_of(root))?;
    let mut alert = Alert::blank(source, root.require("sender")?, root.require("identifier")?, sent);
    alert.status = word(root, "status", "Actual, Exercise, System, Test or Draft", Status::parse)?;
    alert.message = word(root, "msgType", "Alert, Update, Cancel, Ack or Error", Message::parse)?;
    alert.references = references(root.text_of("references").unwrap_or(""), root)?;
    Ok(alert)
}

/// `sender,identifier,sent` apart by blanks.
fn references(text: &str, root: &Element) -> Result<Vec<Reference>, AlertError> {
    let mut references = Vec::new();
    for entry in text.split_whitespace() {
        if references.len() >= REFERENCES_MAX {
            return Err(AlertError::TooMany { what: "references", max: REFERENCES_MAX });
        }
        // The sent time and the sender hold no comma, so an identifier that does keeps it.
        let parts = entry.split_once(',').and_then(|(sender, rest)| Some((sender, rest.rsplit_once(',')?.0)));
        let Some((sender, id)) = parts else {
            return Err(AlertError::Field {
                place: place_of(root.child("references").unwrap_or(root)),
                field: "references",
                value: clip(entry),
                expected: "sender,identifier,sent".to_owned(),
            });
        };
        references.push(Reference { sender: clip(sender), id: clip(id) });
    }
    Ok(references)
}

fn add_info(alerts: &mut Vec<Alert>, head: &Alert, info: &Element) -> Result<(), AlertError> {
    let mut alert = head.clone();
    alert.event = clip(info.require("event")?);
    alert.urgency = word(info, "urgency", "Immediate, Expected, Future, Past or Unknown", Urgency::parse)?;
    alert.severity = word(info, "severity", "Extreme, Severe, Moderate, Minor or Unknown", Severity::parse)?;
    alert.certainty =
        word(info, "certainty", "Observed, Likely, Possible, Unlikely or Unknown", Certainty::parse)?;
    alert.onset = time_of(info, "onset")?.or(time_of(info, "effective")?);
    alert.expires = time_of(info, "expires")?;
    alert.all_clear =
        alert.urgency == Urgency::Past || info.all("responseType").any(|kind| kind.text.trim() == "AllClear");
    let parameter = |name: &str| -> Vec<&str> {
        info.all("parameter")
            .filter(|pair| pair.text_of("valueName") == Some(name))
            .filter_map(|pair| pair.text_of("value"))
            .collect()
    };
    alert.vtec =
        parameter("VTEC").iter().flat_map(|text| text.split_whitespace()).filter_map(Vtec::parse).collect();
    if alert.status == Status::Actual && !alert.vtec.is_empty() && alert.vtec.iter().all(|v| v.class == 'T') {
        alert.status = Status::Test;
    }
    alert.ends = match parameter("eventEndingTime").first() {
        Some(text) => Some(moment(text, "eventEndingTime", &place_of(info))?),
        None => alert.vtec.iter().filter_map(|vtec| vtec.end).max(),
    };
    alert.hazard = hazard(info, &alert);
    for element in info.all("area") {
        alert.areas.push(area(element)?);
    }
    if let Some((codes, _)) = parameter("UGC").first().and_then(|text| ugc(text)) {
        // Old messages name the zones once for the whole message.
        for area in alert.areas.iter_mut().filter(|area| area.shapes.is_empty() && area.codes.is_empty()) {
            area.codes.clone_from(&codes);
        }
    }
    let told = |name: &str| info.text_of(name).unwrap_or("").to_owned();
    let text = AlertText {
        event: alert.event.clone(),
        headline: told("headline"),
        description: told("description"),
        instruction: told("instruction"),
    };
    let language = info.text_of("language").unwrap_or("en-US").to_owned();
    match alerts.iter_mut().find(|other| same_threat(other, &alert) && !other.texts.contains_key(&language)) {
        Some(other) => {
            other.texts.insert(language, text);
        }
        None => {
            alert.texts.insert(language, text);
            alerts.push(alert);
        }
    }
    Ok(())
}

fn hazard(info: &Element, alert: &Alert) -> Hazard {
    let codes = || {
        info.all("eventCode")
            .filter(|pair| pair.text_of("valueName").is_some_and(|name| name.contains("SAME")))
            .filter_map(|pair| pair.text_of("value"))
    };
    codes()
        .find_map(same_hazard)
        .or_else(|| alert.vtec.first().map(Vtec::hazard).filter(|kind| *kind != Hazard::Other))
        .unwrap_or_else(|| hazard_of_words(&alert.event))
}

/// The same threat in another language: everything but words alike.
fn same_threat(a: &Alert, b: &Alert) -> bool {
    let places = |alert: &Alert| -> Vec<(usize, Vec<super::AreaCode>)> {
        alert.areas.iter().map(|area| (area.shapes.len(), area.codes.clone())).collect()
    };
    (a.urgency, a.severity, a.certainty, a.onset, a.ends, a.expires, a.all_clear)
        == (b.urgency, b.severity, b.certainty, b.onset, b.ends, b.expires, b.all_clear)
        && places(a) == places(b)
        && a.areas.iter().zip(&b.areas).all(|(a, b)| a.shapes == b.shapes)
}

fn area(element: &Element) -> Result<AlertArea, AlertError> {
    let mut area = AlertArea {
        description: element.text_of("areaDesc").unwrap_or("").to_owned(),
        ..AlertArea::default()
    };
    for code in element.all("geocode") {
        let (Some(name), Some(value)) = (code.text_of("valueName"), code.text_of("value")) else { continue };
        area.codes.extend(geocode(name, value));
    }
    let mut broken = None;
    for polygon in element.all("polygon").filter(|polygon| !polygon.text.trim().is_empty()) {
        let places = polygon
            .text
            .split_whitespace()
            .map(|pair| pair_place(pair, polygon, "polygon"))
            .collect::<Result<Vec<_>, _>>()?;
        match Polygon::new(&places, &[]) {
            Ok(ring) => area.shapes.push(Area::Polygons(vec![ring])),
            Err(error) => broken = Some((polygon, "polygon", error.to_string())),
        }
    }
    for circle in element.all("circle").filter(|circle| !circle.text.trim().is_empty()) {
        match read_circle(circle)? {
            Ok(shape) => area.shapes.push(Area::Circle(shape)),
            Err(what) => broken = Some((circle, "circle", what)),
        }
    }
    // A shape without area is left out only where something else still says where.
    match broken {
        Some((element, field, what)) if area.shapes.is_empty() && area.codes.is_empty() => {
            Err(AlertError::Field {
                place: place_of(element),
                field,
                value: clip(&element.text),
                expected: format!("an area ({what})"),
            })
        }
        _ => Ok(area),
    }
}

fn pair_place(pair: &str, element: &Element, field: &'static str) -> Result<Place, AlertError> {
    pair.split_once(',')
        .and_then(|(lat, lon)| Place::new(lat.trim().parse().ok()?, lon.trim().parse().ok()?).ok())
        .ok_or_else(|| AlertError::Field {
            place: place_of(element),
            field,
            value: clip(pair),
            expected: "latitude,longitude in degrees".to_owned(),
        })
}

/// `lat,lon radius` with the radius in kilometres.
fn read_circle(element: &Element) -> Result<Result<Circle, String>, AlertError> {
    let mut words = element.text.split_whitespace();
    let centre = pair_place(words.next().unwrap_or(""), element, "circle")?;
    let radius_km = words.next().and_then(|text| text.parse::<f64>().ok());
    Ok(match radius_km {
        Some(km) => Circle::new(centre, km * 1000.0).map_err(|error| error.to_string()),
        None => Err("the radius in kilometres follows the centre".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::read_cap;
    use crate::alert::samples::{cut_everywhere, sample};
    use crate::alert::{AlertError, AreaCode, Message, Precision, Severity, Status, resolve};
    use crate::geo::Area;
    use holdfast_domain::incident::Hazard;
    use holdfast_domain::place::Place;

    /// A message in the form of IPAWS with what each test needs put in.
    fn message(info: &str) -> String {
        format!(
            "<alert xmlns='urn:oasis:names:tc:emergency:cap:1.2'><identifier>i-1</identifier><sender>s@x</sender>\
             <sent>2018-09-12T10:00:00-04:00</sent><status>Actual</status><msgType>Alert</msgType>\
             <scope>Public</scope><references>s@x,i-0,2018-09-12T09:00:00-04:00</references>{info}</alert>"
        )
    }

    const INFO: &str = "<category>Met</category><event>Hurricane Warning</event><urgency>Expected</urgency>\
        <severity>Extreme</severity><certainty>Likely</certainty>";

    #[test]
    fn canada_in_two_languages_is_one_threat_that_is_over() {
        let Some(bytes) = sample("google-canada.cap") else { return };
        let alerts = read_cap(&bytes).unwrap();
        assert_eq!(alerts.len(), 1);
        let alert = &alerts[0];
        assert_eq!((alert.id.as_str(), alert.message), ("2.49.0.1.124.6bddbc91.2012", Message::Update));
        assert_eq!(alert.texts.keys().collect::<Vec<_>>(), ["en-CA", "fr-CA"]);
        assert_eq!(alert.texts["fr-CA"].headline, "veille d'orages violents");
        assert_eq!(
            (alert.references.len(), alert.references[1].id.as_str()),
            (2, "2.49.0.1.124.60f31a3a.2012")
        );
        assert!(alert.all_clear && alert.areas.len() == 2);
        let windsor = resolve(&alert.areas[0]);
        assert_eq!(windsor.precision, Precision::Drawn);
        assert!(windsor.contains(Place::new(42.25, -82.8).unwrap()));
    }

    #[test]
    fn nws_without_geometry_is_placed_by_its_county() {
        let Some(bytes) = sample("google-weather.cap") else { return };
        let alert = read_cap(&bytes).unwrap().remove(0);
        assert_eq!((alert.hazard, alert.severity), (Hazard::Flood, Severity::Severe));
        assert_eq!(alert.areas[0].codes[0], AreaCode::Same("030049".to_owned()));
        assert_eq!(alert.ends.unwrap().to_string(), "2010-08-30T18:00:00Z");
        let resolved = resolve(&alert.areas[0]);
        assert_eq!(resolved.precision, Precision::County);
        assert!(resolved.contains(Place::new(46.5891, -112.0391).unwrap()), "Helena");
        assert!(!resolved.contains(Place::new(45.7833, -108.5007).unwrap()), "Billings");
    }

    #[test]
    fn nws_blizzard_has_an_empty_polygon_and_two_counties() {
        let Some(bytes) = sample("nws-5c2cf27b1f56885d61654dc47fa411d5.xml") else { return };
        let alert = read_cap(&bytes).unwrap().remove(0);
        assert_eq!((alert.hazard, alert.status), (Hazard::WinterStorm, Status::Actual));
        assert_eq!(alert.expires.unwrap().to_string(), "2021-12-28T00:00:00Z");
        let resolved = resolve(&alert.areas[0]);
        assert!(resolved.contains(Place::new(47.75, -90.33).unwrap()), "Grand Marais");
        assert_eq!((resolved.shapes.len(), resolved.precision), (2, Precision::County));
    }

    #[test]
    fn ipaws_with_a_picture_and_a_signature() {
        let Some(bytes) = sample("ipaws-5e7e0fc5023f1930efcf3deb.xml") else { return };
        let alert = read_cap(&bytes).unwrap().remove(0);
        assert_eq!((alert.event.as_str(), alert.hazard), ("Local Area Emergency", Hazard::Other));
        assert_eq!(alert.expires.unwrap().to_string(), "2019-12-13T22:24:50Z");
        assert!(resolve(&alert.areas[0]).contains(Place::new(39.084, -77.1528).unwrap()), "Rockville");
    }

    #[test]
    fn external_entities_are_refused() {
        let Some(bytes) = sample("google-xee.cap") else { return };
        assert!(matches!(read_cap(&bytes), Err(AlertError::DocumentType { line: 3 | 4 })));
    }

    #[test]
    fn every_truncation_is_an_error_and_no_panic() {
        for name in ["google-canada.cap", "google-weather.cap", "nws-5c2cf27b1f56885d61654dc47fa411d5.xml"] {
            let Some(bytes) = sample(name) else { return };
            cut_everywhere(&bytes, 97, |cut| {
                let told = read_cap(cut).unwrap_err().to_string();
                assert!(told.contains("line"), "{told}");
            });
        }
    }

    #[test]
    fn ends_is_apart_from_expires() {
        let info = format!(
            "<info>{INFO}<expires>2018-09-12T18:00:00-04:00</expires><parameter><valueName>eventEndingTime\
             </valueName><value>2018-09-15T00:00:00-04:00</value></parameter><area><areaDesc>a</areaDesc>\
             <circle>34.2,-77.9 50</circle></area></info>"
        );
        let alert = read_cap(message(&info).as_bytes()).unwrap().remove(0);
        assert_eq!(alert.expires.unwrap().to_string(), "2018-09-12T22:00:00Z");
        assert_eq!(alert.ends.unwrap().to_string(), "2018-09-15T04:00:00Z");
        let [Area::Circle(circle)] = alert.areas[0].shapes.as_slice() else { panic!() };
        assert_eq!(circle.radius_m(), 50_000.0);
    }

    #[test]
    fn two_threats_in_a_message_are_two_alerts() {
        let other = INFO.replace("Expected", "Future");
        let read = read_cap(message(&format!("<info>{INFO}</info><info>{other}</info>")).as_bytes()).unwrap();
        assert_eq!(read.iter().map(|alert| alert.part).collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn errors_name_line_field_and_what_is_expected() {
        let check = |document: String, parts: &[&str]| {
            let told = read_cap(document.as_bytes()).unwrap_err().to_string();
            assert!(parts.iter().all(|part| told.contains(part)), "{told}");
        };
        check(
            message("").replace("<msgType>Alert", "<msgType>Shout"),
            &["msgType", "Shout", "Update", "line 1"],
        );
        check(message(""), &["info", "<alert>"]);
        check(
            message(&format!("<info>{INFO}</info>")).replace("2018-09-12T10", "Wednesday"),
            &["sent", "offset"],
        );
        check(message(&format!("<info>{INFO}</info>")).replace("cap:1.2", "cop:1.2"), &["CAP"]);
        let area =
            |shape: &str| message(&format!("<info>{INFO}<area><areaDesc>a</areaDesc>{shape}</area></info>"));
        check(area("<polygon>34,-78 95,-77 33,-77</polygon>"), &["polygon", "95,-77"]);
        check(area("<polygon>34,-78 34,-78</polygon>"), &["polygon", "three"]);
        check(area("<circle>34,-78</circle>"), &["circle", "radius"]);
        check(message(&format!("<info>{INFO}</info>")).replace("i-0,", ""), &["references"]);
    }

    #[test]
    fn foreign_elements_do_not_speak() {
        let read = message(&format!("<info>{INFO}<x:severity xmlns:x='u:x'>Minor</x:severity></info>"))
            .replace("<severity>", "<x:severity xmlns:x='u:x'>Minor</x:severity><severity>");
        assert_eq!(read_cap(read.as_bytes()).unwrap()[0].severity, Severity::Extreme);
    }
}
