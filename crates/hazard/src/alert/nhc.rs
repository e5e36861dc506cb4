//! The National Hurricane Center's list of current storms (`CurrentStorms.json`).
//!
//! Invariant: a storm has a centre, a wind and a moment, or it is refused.

use holdfast_domain::incident::Hazard;
use holdfast_domain::place::Place;
use holdfast_domain::time::{Span, Stamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::gdacs::CYCLONE_RADIUS_M;
use super::json::{self, number, require, text};
use super::{Alert, AlertArea, AlertError, AlertText, Certainty, Reading, Severity, Source, Urgency, moment};
use crate::geo::{Area, Circle};

/// Advisories come every six hours; this long after the last one a storm is off the list.
pub const ADVISORY_HOLDS: Span = Span::hours(12);

/// A storm the centre writes advisories on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurrentStorm {
    /// ATCF identifier, `al062018`.
    pub id: String,
    /// Name.
    pub name: String,
    /// `HU`, `TS`, `TD`, `STS`, `STD`, `PTC` or `PC`.
    pub classification: String,
    /// Greatest sustained wind, knots.
    pub wind_kt: f64,
    /// Least pressure, hPa.
    pub pressure_hpa: Option<f64>,
    /// Its centre.
    pub centre: Place,
    /// Where it goes, degrees clockwise from north.
    pub movement_deg: Option<f64>,
    /// How fast, knots as the list has it.
    pub movement_kt: Option<f64>,
    /// When this was written.
    pub updated: Stamp,
    /// Number of the public advisory.
    pub advisory: Option<String>,
}

/// Reads the list. Storms that cannot be read are refused one by one.
///
/// # Errors
/// [`AlertError`] where the document is none.
pub fn read_current_storms(bytes: &[u8]) -> Result<(Vec<CurrentStorm>, Reading), AlertError> {
    let top = json::read(bytes)?;
    let (mut storms, mut reading) = (Vec::new(), Reading::default());
    for (index, entry) in
        json::entries(&top, "activeStorms", "the list of current storms")?.iter().enumerate()
    {
        match read_storm(entry, index) {
            Ok(storm) => {
                reading.alerts.push(storm.alert());
                storms.push(storm);
            }
            Err(error) => reading.refused.push(error),
        }
    }
    Ok((storms, reading))
}

fn read_storm(entry: &Value, index: usize) -> Result<CurrentStorm, AlertError> {
    let place = format!("activeStorms[{index}]");
    let missing = |what: &'static str| AlertError::Missing { place: place.clone(), what };
    let lat = number(entry, "latitudeNumeric").or_else(|| degrees(text(entry, "latitude")?, 'N', 'S'));
    let lon = number(entry, "longitudeNumeric").or_else(|| degrees(text(entry, "longitude")?, 'E', 'W'));
    let (Some(lat), Some(lon)) = (lat, lon) else { return Err(missing("latitude and longitude")) };
    let centre = Place::new(lat, lon).map_err(|error| AlertError::Field {
        place: place.clone(),
        field: "latitude and longitude",
        value: format!("{lat}, {lon}"),
        expected: error.to_string(),
    })?;
    Ok(CurrentStorm {
        id: super::clip(require(entry, "id", &place)?),
        name: super::clip(require(entry, "name", &place)?),
        classification: super::clip(require(entry, "classification", &place)?),
        wind_kt: number(entry, "intensity").ok_or_else(|| missing("intensity"))?,
        pressure_hpa: number(entry, "pressure"),
        centre,
        movement_deg: number(entry, "movementDir"),
        movement_kt: number(entry, "movementSpeed"),
        updated: moment(require(entry, "lastUpdate", &place)?, "lastUpdate", &place)?,
        advisory: entry.get("publicAdvisory").and_then(|a| text(a, "advNum")).map(super::clip),
    })
}

/// `29.4N`, `71.2W`.
fn degrees(text: &str, positive: char, negative: char) -> Option<f64> {
    let sign = match text.chars().last()? {
        c if c == positive => 1.0,
        c if c == negative => -1.0,
        _ => return None,
    };
    text[..text.len() - 1].trim().parse::<f64>().ok().map(|value| value * sign)
}

impl CurrentStorm {
    /// The storm as an alert about where gales may be now; the forecast track says where it goes.
    #[must_use]
    pub fn alert(&self) -> Alert {
        let mut alert = Alert::blank(Source::Nhc, "nhc", &self.id, self.updated);
        alert.hazard = Hazard::Hurricane;
        alert.event = format!("{} {}", self.classification, self.name);
        // Saffir-Simpson: hurricane from 64 kt, major from 96 kt.
        alert.severity = match self.wind_kt {
            wind if wind >= 96.0 => Severity::Extreme,
            wind if wind >= 64.0 => Severity::Severe,
            wind if wind >= 34.0 => Severity::Moderate,
            _ => Severity::Minor,
        };
        alert.certainty = Certainty::Observed;
        alert.urgency = Urgency::Expected;
        alert.onset = Some(self.updated);
        alert.expires = Some(self.updated.after(ADVISORY_HOLDS));
        alert.measures.insert("wind_kt".to_owned(), self.wind_kt);
        alert.measures.extend(self.pressure_hpa.map(|pressure| ("pressure_hpa".to_owned(), pressure)));
        let circle =
            Circle::new(self.centre, CYCLONE_RADIUS_M).expect("a named radius is a distance on earth");
        alert.areas.push(AlertArea {
            description: self.name.clone(),
            shapes: vec![Area::Circle(circle)],
            codes: Vec::new(),
        });
        let text = AlertText {
            event: alert.event.clone(),
            headline: self.advisory.clone().unwrap_or_default(),
            ..AlertText::default()
        };
        alert.texts.insert("en-US".to_owned(), text);
        alert
    }
}

#[cfg(test)]
mod tests {
    use super::read_current_storms;
    use crate::alert::Severity;

    const LIST: &str = r#"{"activeStorms":[
      {"id":"al062018","binNumber":"AT1","name":"Florence","classification":"HU","intensity":"115","pressure":"948",
       "latitude":"29.0N","longitude":"70.1W","latitudeNumeric":29.0,"longitudeNumeric":-70.1,"movementDir":310,
       "movementSpeed":15,"lastUpdate":"2018-09-12T15:00:00.000Z","publicAdvisory":{"advNum":"053"}},
      {"id":"al092018","name":"Isaac","classification":"TS","intensity":"40","latitude":"15.0N","longitude":"57.9W",
       "lastUpdate":"2018-09-12T15:00:00.000Z"},
      {"id":"al1","name":"x","classification":"TS","intensity":"40","latitude":"15.0","longitude":"57.9W",
       "lastUpdate":"2018-09-12T15:00:00.000Z"}]}"#;

    #[test]
    fn storms_with_and_without_numeric_coordinates() {
        let (storms, reading) = read_current_storms(LIST.as_bytes()).unwrap();
        assert_eq!((storms.len(), reading.refused.len()), (2, 1));
        assert_eq!((storms[0].advisory.as_deref(), storms[0].pressure_hpa), (Some("053"), Some(948.0)));
        assert_eq!((storms[1].centre.lat(), storms[1].centre.lon()), (15.0, -57.9));
        assert_eq!(reading.alerts[0].severity, Severity::Extreme);
        assert_eq!(read_current_storms(br#"{"activeStorms":[]}"#).unwrap().0.len(), 0);
        assert!(read_current_storms(b"{}").is_err());
    }
}
