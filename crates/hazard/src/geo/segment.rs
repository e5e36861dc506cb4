//! Great-circle segments: how far a place is from a segment or a polyline.
//!
//! A segment is the shorter great-circle arc between its ends. Distances are on the mean sphere, in metres.

use holdfast_domain::place::{EARTH_RADIUS_M, Place};

type Vector = [f64; 3];

fn unit(place: Place) -> Vector {
    let (lat, lon) = (place.lat().to_radians(), place.lon().to_radians());
    [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
}

fn cross(a: Vector, b: Vector) -> Vector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// Metres from `place` to the nearest point of the arc from `from` to `to`.
///
/// Ends that are the same place make a point. Ends that are antipodes have no one arc between them: the
/// distance to the nearer end is given.
#[must_use]
pub fn distance_to_segment_m(place: Place, from: Place, to: Place) -> f64 {
    let ends = place.distance_m(from).min(place.distance_m(to));
    let (a, b, p) = (unit(from), unit(to), unit(place));
    let normal = cross(a, b);
    let length = dot(normal, normal).sqrt();
    if length < 1e-12 {
        return ends;
    }
    // The foot of the perpendicular lies on the arc when `p` is on the inner side of both ends' planes.
    let beyond_from = dot(cross(normal, a), p) < 0.0;
    let beyond_to = dot(cross(b, normal), p) < 0.0;
    if beyond_from || beyond_to {
        return ends;
    }
    let off = (dot(normal, p) / length).abs().min(1.0).asin() * EARTH_RADIUS_M;
    off.min(ends)
}

/// Metres from `place` to the nearest point of the polyline through `points`; infinite for no points.
#[must_use]
pub fn distance_to_polyline_m(place: Place, points: &[Place]) -> f64 {
    match points {
        [] => f64::INFINITY,
        [only] => place.distance_m(*only),
        _ => points
            .windows(2)
            .map(|pair| distance_to_segment_m(place, pair[0], pair[1]))
            .fold(f64::INFINITY, f64::min),
    }
}

/// The place a share `share` (0 to 1) of the way along the arc from `from` to `to`.
#[must_use]
pub fn along(from: Place, to: Place, share: f64) -> Place {
    let (a, b) = (unit(from), unit(to));
    let angle = from.distance_m(to) / EARTH_RADIUS_M;
    if angle < 1e-12 || angle.sin().abs() < 1e-12 {
        return if share < 0.5 { from } else { to };
    }
    let (wa, wb) = (((1.0 - share) * angle).sin() / angle.sin(), (share * angle).sin() / angle.sin());
    let at = [wa * a[0] + wb * b[0], wa * a[1] + wb * b[1], wa * a[2] + wb * b[2]];
    let lat = at[2].atan2(at[0].hypot(at[1])).to_degrees();
    Place::new(lat, at[1].atan2(at[0]).to_degrees()).unwrap_or(from)
}

/// The place `distance_m` metres from `from` on the initial bearing `bearing_deg`, clockwise from north.
#[must_use]
pub fn destination(from: Place, bearing_deg: f64, distance_m: f64) -> Place {
    let angle = distance_m / EARTH_RADIUS_M;
    let (lat, bearing) = (from.lat().to_radians(), bearing_deg.to_radians());
    let sine = (lat.sin() * angle.cos() + lat.cos() * angle.sin() * bearing.cos()).clamp(-1.0, 1.0);
    let east = (bearing.sin() * angle.sin() * lat.cos()).atan2(angle.cos() - lat.sin() * sine);
    let lon = (from.lon() + east.to_degrees() + 540.0).rem_euclid(360.0) - 180.0;
    Place::new(sine.asin().to_degrees(), lon).unwrap_or(from)
}

/// Places along the polyline no further than `spacing_m` apart, its own points among them; at most
/// `count_max` of them, thinned evenly over the segments where there would be more.
#[must_use]
pub fn sampled(points: &[Place], spacing_m: f64, count_max: usize) -> Vec<Place> {
    let length: f64 = points.windows(2).map(|pair| pair[0].distance_m(pair[1])).sum();
    let room = count_max.saturating_sub(points.len()).max(1);
    let spacing = spacing_m.max(1.0).max(length / room as f64);
    let mut out: Vec<Place> = points.first().copied().into_iter().collect();
    for pair in points.windows(2) {
        let parts = (pair[0].distance_m(pair[1]) / spacing).ceil().max(1.0) as usize;
        out.extend((1..parts).map(|part| along(pair[0], pair[1], part as f64 / parts as f64)));
        out.push(pair[1]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{along, destination, distance_to_polyline_m, distance_to_segment_m, sampled};
    use holdfast_domain::place::Place;

    fn at(lat: f64, lon: f64) -> Place {
        Place::new(lat, lon).unwrap()
    }

    #[test]
    fn a_segment_is_nearest_at_its_foot_or_its_ends() {
        let check = |place: Place, from: Place, to: Place, expected: f64| {
            let got = distance_to_segment_m(place, from, to);
            assert!((got - expected).abs() < 200.0, "{got} instead of {expected}");
        };
        let degree = 111_195.0;
        check(at(1.0, 0.5), at(0.0, 0.0), at(0.0, 1.0), degree);
        check(at(0.0, 3.0), at(0.0, 0.0), at(0.0, 1.0), 2.0 * degree);
        check(at(0.0, -1.0), at(0.0, 0.0), at(0.0, 1.0), degree);
        check(at(2.0, 180.0), at(0.0, 179.0), at(0.0, -179.0), 2.0 * degree);
        check(at(1.0, 0.0), at(0.0, 0.0), at(0.0, 0.0), degree);
    }

    #[test]
    fn a_polyline_without_points_is_nowhere() {
        assert!(distance_to_polyline_m(at(0.0, 0.0), &[]).is_infinite());
        assert!(distance_to_polyline_m(at(0.0, 0.0), &[at(0.0, 1.0)]) > 111_000.0);
    }

    #[test]
    fn going_there_and_measuring_agree() {
        let from = at(34.2, -77.9);
        let to = destination(from, 37.0, 250_000.0);
        assert!((from.distance_m(to) - 250_000.0).abs() < 1.0);
        assert!((from.bearing_deg(to) - 37.0).abs() < 1e-3);
        let half = along(from, to, 0.5);
        assert!((from.distance_m(half) - 125_000.0).abs() < 1.0);
    }

    #[test]
    fn samples_keep_the_corners_and_the_limit() {
        let line = [at(0.0, 0.0), at(0.0, 1.0), at(1.0, 1.0)];
        let fine = sampled(&line, 10_000.0, 10_000);
        assert!(fine.contains(&line[1]) && fine.windows(2).all(|p| p[0].distance_m(p[1]) <= 10_001.0));
        assert!(sampled(&line, 1.0, 50).len() <= 60);
    }
}
