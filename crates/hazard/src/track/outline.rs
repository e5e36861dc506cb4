//! The winds of a track as rings on a map: the outline at a moment, the area swept in a time.
//!
//! Rings are closed and run over the date line without a jump of more than the outline is wide.

use holdfast_domain::place::Place;
use holdfast_domain::time::{Span, Stamp};

use super::sweep::{NM_PER_DEGREE, SLICE, Sweep};

/// The most rings one call gives.
pub const HULLS_MAX: usize = 10_000;

impl Sweep {
    /// The outline of the winds of `threshold_kt` at one moment: a ring of places, closed, eight to a quadrant;
    /// empty where there are none.
    #[must_use]
    pub fn outline(&self, at: Stamp, threshold_kt: u16) -> Vec<Place> {
        let corners = self.corners(at, threshold_kt);
        let mut ring: Vec<Place> = corners.into_iter().filter_map(on_globe).collect();
        ring.extend(ring.first().copied());
        ring
    }

    /// `[lon, lat]` of the outline, longitudes running on.
    fn corners(&self, at: Stamp, threshold_kt: u16) -> Vec<[f64; 2]> {
        let Some((moment, radii)) = self.reach_at(at, threshold_kt) else { return Vec::new() };
        if radii.iter().all(|radius| *radius <= 0.0) {
            return Vec::new();
        }
        let mut out = Vec::with_capacity(4 * 9);
        for (quadrant, radius) in radii.into_iter().enumerate() {
            for step in 0..=8_u8 {
                let bearing = (90.0 * quadrant as f64 + 11.25 * f64::from(step)).to_radians();
                let degrees = radius / NM_PER_DEGREE;
                let lat = (moment.lat + degrees * bearing.cos()).clamp(-89.9, 89.9);
                let lon = moment.lon + degrees * bearing.sin() / moment.cos_lat.max(0.01);
                out.push([lon, lat]);
            }
        }
        out
    }

    /// The area swept in `[from, until)`, as one convex, closed ring for each `slice` of time: their union holds
    /// the true area and exceeds it by the bends within a slice. At most [`HULLS_MAX`] slices are looked at.
    #[must_use]
    pub fn hulls(&self, from: Stamp, until: Stamp, slice: Span, threshold_kt: u16) -> Vec<Vec<Place>> {
        let (Some(first), Some(last)) = (self.knots.first(), self.knots.last()) else { return Vec::new() };
        let (from, until) = (from.max(Stamp(first.at_ms)), until.min(Stamp(last.at_ms)));
        let slice = Span(slice.0.max(SLICE.0));
        let mut out = Vec::new();
        let mut start = from;
        while start < until && out.len() < HULLS_MAX {
            let end = start.after(slice).min(until);
            let mut corners = Vec::new();
            let mut at = start;
            loop {
                corners.extend(self.corners(at, threshold_kt));
                if at >= end {
                    break;
                }
                at = at.after(SLICE).min(end);
            }
            let ring = convex_hull(corners);
            if ring.len() > 3 {
                out.push(ring.into_iter().filter_map(on_globe).collect());
            }
            start = end;
        }
        out
    }
}

fn on_globe([lon, lat]: [f64; 2]) -> Option<Place> {
    Place::new(lat, (lon + 540.0).rem_euclid(360.0) - 180.0).ok()
}

/// The convex hull, counter-clockwise and closed (Andrew's monotone chain).
fn convex_hull(mut points: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    points.dedup();
    let turn =
        |o: [f64; 2], a: [f64; 2], b: [f64; 2]| (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
    let half = |points: &mut dyn Iterator<Item = [f64; 2]>| {
        let mut chain: Vec<[f64; 2]> = Vec::new();
        for point in points {
            while let [.., a, b] = chain.as_slice()
                && turn(*a, *b, point) <= 0.0
            {
                chain.pop();
            }
            chain.push(point);
        }
        chain
    };
    let mut lower = half(&mut points.iter().copied());
    let upper = half(&mut points.iter().rev().copied());
    lower.pop();
    lower.extend(upper);
    lower
}
