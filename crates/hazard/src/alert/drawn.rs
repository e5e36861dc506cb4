//! Areas an operator draws: GeoJSON, or a point and a radius.
//!
//! Invariant: what an operator draws is actual and holds until the end it was given.

use holdfast_domain::incident::Hazard;
use holdfast_domain::place::Place;
use holdfast_domain::time::Stamp;

use super::{Alert, AlertArea, Certainty, Severity, Source, Urgency};
use crate::geo::{Area, AreaError, Circle, GeoJsonError, areas_from_geojson};

/// What the operator says of a drawn area.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnHead<'a> {
    /// An identifier that is kept when the area is drawn again.
    pub id: &'a str,
    /// Who drew it.
    pub operator: &'a str,
    /// The kind of hazard.
    pub hazard: Hazard,
    /// Its name for people.
    pub name: &'a str,
    /// How bad.
    pub severity: Severity,
    /// When it was drawn.
    pub drawn: Stamp,
    /// When it begins.
    pub onset: Stamp,
    /// When it ends.
    pub ends: Stamp,
}

/// An alert over the areas of a GeoJSON text (RFC 7946; points need a radius).
///
/// # Errors
/// [`GeoJsonError`] for a text that is none, or too large.
pub fn read_drawn(head: &DrawnHead<'_>, geojson: &str) -> Result<Alert, GeoJsonError> {
    areas_from_geojson(geojson).map(|shapes| drawn(head, shapes))
}

/// An alert within `radius_m` metres of `centre`.
///
/// # Errors
/// [`AreaError`] for a radius that is none.
pub fn around(head: &DrawnHead<'_>, centre: Place, radius_m: f64) -> Result<Alert, AreaError> {
    Circle::new(centre, radius_m).map(|circle| drawn(head, vec![Area::Circle(circle)]))
}

fn drawn(head: &DrawnHead<'_>, shapes: Vec<Area>) -> Alert {
    let mut alert = Alert::blank(Source::Drawn, head.operator, head.id, head.drawn);
    alert.hazard = head.hazard;
    alert.event = super::clip(head.name);
    alert.severity = head.severity;
    alert.certainty = Certainty::Likely;
    alert.urgency = if head.onset <= head.drawn { Urgency::Immediate } else { Urgency::Expected };
    alert.onset = Some(head.onset);
    alert.ends = Some(head.ends);
    alert.areas.push(AlertArea { description: alert.event.clone(), shapes, codes: Vec::new() });
    alert
}

#[cfg(test)]
mod tests {
    use super::{DrawnHead, around, read_drawn};
    use crate::alert::Severity;
    use holdfast_domain::incident::Hazard;
    use holdfast_domain::place::Place;
    use holdfast_domain::time::Stamp;

    #[test]
    fn a_ring_and_a_radius() {
        let head = DrawnHead {
            id: "drawn-1",
            operator: "op",
            hazard: Hazard::Flood,
            name: "River front",
            severity: Severity::Severe,
            drawn: Stamp(0),
            onset: Stamp(0),
            ends: Stamp(3_600_000),
        };
        let ring = r#"{"type":"Polygon","coordinates":[[[-78,34],[-77,34],[-77,35],[-78,34]]]}"#;
        let inside = Place::new(34.2, -77.3).unwrap();
        assert!(read_drawn(&head, ring).unwrap().areas[0].shapes[0].contains(inside));
        assert!(around(&head, inside, 100.0).unwrap().areas[0].shapes[0].contains(inside));
        assert!(around(&head, inside, -1.0).is_err() && read_drawn(&head, "{}").is_err());
    }
}
