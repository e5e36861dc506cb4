//! The winds of a track swept over the map: when they reach a place, a road or an area, and how hard.
//!
//! Centre, highest wind and radii are linear in time between fixes (longitudes the short way). A place is
//! inside the winds of a threshold while its distance from the centre is at most the radius of the quadrant
//! it lies in. The sweep is looked at every [`SLICE`] and crossings are narrowed to a second, so a graze of
//! less than a slice may be missed. Windows are half-open. Between fixes more than [`GAP_MAX`] apart nothing
//! is swept. Radii the source does not give are derived, and the windows that rest on them say so.

use holdfast_domain::place::{EARTH_RADIUS_M, NAUTICAL_MILE_M, Place};
use holdfast_domain::time::{Span, Stamp};
use serde::{Deserialize, Serialize};

use super::profile::{PROFILE_RADIUS_MAX_WIND_NM, wind_at, with_missing_radii_derived};
use super::{Origin, Track};
use crate::geo;

/// How often a sweep is looked at.
pub const SLICE: Span = Span::minutes(10);
/// Fixes further apart than this are not joined.
pub const GAP_MAX: Span = Span::hours(48);
/// How closely a line is looked at, in metres.
const LINE_SPACING_M: f64 = 10_000.0;
/// At how many places of a line, at most.
const LINE_PLACES_MAX: usize = 500;
/// The finest crossing, in milliseconds.
const CROSSING_MS: i64 = 1_000;

/// Nautical miles in a degree of the mean sphere.
pub(crate) const NM_PER_DEGREE: f64 = EARTH_RADIUS_M * core::f64::consts::PI / 180.0 / NAUTICAL_MILE_M;

/// A time inside the winds of a threshold: from `enters` on, until before `leaves`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Window {
    /// The first moment inside.
    pub enters: Stamp,
    /// The first moment no longer inside; the track's last moment where the winds outlast it.
    pub leaves: Stamp,
    /// Whether a derived radius had a part in it.
    pub origin: Origin,
}

/// A storm at one moment.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Centre {
    /// Where it is.
    pub place: Place,
    /// Its highest wind in knots; 0 where not known.
    pub wind_kt: f64,
}

/// One fix in the numbers a sweep needs; longitude runs on without a jump.
#[derive(Clone, Debug)]
pub(crate) struct Knot {
    pub(crate) at_ms: i64,
    pub(crate) lat: f64,
    pub(crate) lon: f64,
    pub(crate) wind_kt: f64,
    pub(crate) eye_nm: f64,
    /// By threshold of the sweep, then by quadrant.
    pub(crate) radii_nm: Vec<[f64; 4]>,
    /// By threshold: whether the radii are derived.
    pub(crate) derived: Vec<bool>,
}

/// A track made ready for sweeping.
#[derive(Clone, Debug)]
pub struct Sweep {
    pub(crate) thresholds_kt: Vec<u16>,
    pub(crate) knots: Vec<Knot>,
}

/// A storm between two knots.
struct Moment {
    lat: f64,
    lon: f64,
    share: f64,
}

impl Sweep {
    /// The sweep of a track for the thresholds it reports.
    #[must_use]
    pub fn new(track: &Track) -> Self {
        Self::for_thresholds(track, &track.thresholds_kt())
    }

    /// The sweep of a track for the given thresholds, in knots; radii that are missing are derived.
    #[must_use]
    pub fn for_thresholds(track: &Track, thresholds_kt: &[u16]) -> Self {
        let mut thresholds_kt = thresholds_kt.to_vec();
        thresholds_kt.sort_unstable();
        thresholds_kt.dedup();
        let track = with_missing_radii_derived(track, &thresholds_kt);
        let mut knots: Vec<Knot> = Vec::with_capacity(track.fixes.len());
        for fix in &track.fixes {
            let lon = fix.place.lon();
            let lon = knots
                .last()
                .map_or(lon, |last: &Knot| last.lon + ((lon - last.lon + 180.0).rem_euclid(360.0) - 180.0));
            let of = |threshold: &u16| fix.radii_of(*threshold);
            knots.push(Knot {
                at_ms: fix.at.0,
                lat: fix.place.lat(),
                lon,
                wind_kt: fix.wind_kt.map_or(0.0, f64::from),
                eye_nm: fix.radius_max_wind_nm.map_or(PROFILE_RADIUS_MAX_WIND_NM, f64::from),
                radii_nm: thresholds_kt.iter().map(|t| of(t).map_or([0.0; 4], |r| r.quadrants_nm)).collect(),
                derived: thresholds_kt
                    .iter()
                    .map(|t| of(t).is_some_and(|r| r.origin == Origin::Derived))
                    .collect(),
            });
        }
        Self { thresholds_kt, knots }
    }

    /// The thresholds it answers for, rising, in knots.
    #[must_use]
    pub fn thresholds_kt(&self) -> &[u16] {
        &self.thresholds_kt
    }

    /// The windows in which `place` is inside the winds of `threshold_kt`, in order; none for a threshold it
    /// was not made for.
    #[must_use]
    pub fn windows(&self, place: Place, threshold_kt: u16) -> Vec<Window> {
        match self.thresholds_kt.binary_search(&threshold_kt) {
            Ok(threshold) => self.windows_every(place, 0.0, threshold, SLICE),
            Err(_) => Vec::new(),
        }
    }

    /// The windows in which the winds of `threshold_kt` touch a circle of `radius_m` metres about `place`.
    #[must_use]
    pub fn windows_about(&self, place: Place, radius_m: f64, threshold_kt: u16) -> Vec<Window> {
        let extra_nm = radius_m.clamp(0.0, geo::RADIUS_MAX_M) / NAUTICAL_MILE_M;
        match self.thresholds_kt.binary_search(&threshold_kt) {
            Ok(threshold) => self.windows_every(place, extra_nm, threshold, SLICE),
            Err(_) => Vec::new(),
        }
    }

    pub(crate) fn windows_every(
        &self,
        place: Place,
        extra_nm: f64,
        threshold: usize,
        slice: Span,
    ) -> Vec<Window> {
        let mut out: Vec<Window> = Vec::new();
        let mut open: Option<(i64, bool)> = None;
        let close = |open: &mut Option<(i64, bool)>, out: &mut Vec<Window>, at: i64| {
            if let Some((enters, derived)) = open.take().filter(|(enters, _)| *enters < at) {
                let origin = if derived { Origin::Derived } else { Origin::Reported };
                out.push(Window { enters: Stamp(enters), leaves: Stamp(at), origin });
            }
        };
        for pair in self.knots.windows(2) {
            let [a, b] = pair else { continue };
            let length_ms = b.at_ms - a.at_ms;
            if length_ms <= 0
                || length_ms as u64 > GAP_MAX.0
                || out_of_reach(a, b, place, extra_nm, threshold)
            {
                close(&mut open, &mut out, a.at_ms);
                continue;
            }
            let derived = a.derived[threshold] || b.derived[threshold];
            let inside = |at_ms: i64| margin(a, b, at_ms, place, threshold) + extra_nm >= 0.0;
            let steps = length_ms.unsigned_abs().div_ceil(slice.0.max(1)).max(1) as i64;
            let mut before = (a.at_ms, inside(a.at_ms));
            // The knot itself may change sides: a quadrant's radius need not join on.
            match (open.is_some(), before.1) {
                (true, false) => close(&mut open, &mut out, a.at_ms),
                (false, true) => open = Some((a.at_ms, derived)),
                _ => {}
            }
            for step in 1..=steps {
                let at = a.at_ms + length_ms * step / steps;
                let now = (at, inside(at));
                if now.1 != before.1 {
                    let crossing = crossing(before, now, &inside);
                    if now.1 {
                        open = Some((crossing, derived));
                    } else {
                        close(&mut open, &mut out, crossing);
                    }
                }
                if let Some((_, known)) = &mut open {
                    *known |= derived;
                }
                before = now;
            }
        }
        if let Some(last) = self.knots.last() {
            close(&mut open, &mut out, last.at_ms);
        }
        out
    }

    /// The windows in which any place of a line (a road, a lane) is inside the winds of `threshold_kt`: looked
    /// at every 10 km, at most at 500 places.
    #[must_use]
    pub fn windows_on_line(&self, points: &[Place], threshold_kt: u16) -> Vec<Window> {
        let places = geo::sampled(points, LINE_SPACING_M, LINE_PLACES_MAX);
        union(places.into_iter().flat_map(|place| self.windows(place, threshold_kt)).collect())
    }

    /// The highest wind `place` has from the storm, in knots, and when first: an estimate from the curve
    /// through the radii, consistent with the windows. Nothing for a track of fewer than two fixes.
    #[must_use]
    pub fn peak_wind_kt(&self, place: Place) -> Option<(Stamp, f64)> {
        let mut best: Option<(Stamp, f64)> = None;
        for pair in self.knots.windows(2) {
            let [a, b] = pair else { continue };
            let length_ms = b.at_ms - a.at_ms;
            if length_ms <= 0 || length_ms as u64 > GAP_MAX.0 {
                continue;
            }
            let steps = (length_ms as u64).div_ceil(SLICE.0).max(1) as i64;
            for step in 0..=steps {
                let at = a.at_ms + length_ms * step / steps;
                let wind = self.wind_between(a, b, at, place);
                if best.is_none_or(|(_, known)| wind > known) {
                    best = Some((Stamp(at), wind));
                }
            }
        }
        best
    }

    fn wind_between(&self, a: &Knot, b: &Knot, at_ms: i64, place: Place) -> f64 {
        let moment = moment(a, b, at_ms);
        let (distance, quadrant) = polar(&moment, place);
        let mix = |x: f64, y: f64| x + (y - x) * moment.share;
        let reaches: Vec<(u16, f64)> = self
            .thresholds_kt
            .iter()
            .zip(a.radii_nm.iter().zip(&b.radii_nm))
            .map(|(threshold, (x, y))| (*threshold, mix(x[quadrant], y[quadrant])))
            .collect();
        wind_at(distance, mix(a.wind_kt, b.wind_kt), mix(a.eye_nm, b.eye_nm), &reaches)
    }

    /// Where the storm is at a moment of its life, by interpolation.
    #[must_use]
    pub fn centre(&self, at: Stamp) -> Option<Centre> {
        let (a, b) = self.around(at)?;
        let moment = moment(a, b, at.0);
        let lon = (moment.lon + 540.0).rem_euclid(360.0) - 180.0;
        let place = Place::new(moment.lat, lon).ok()?;
        Some(Centre { place, wind_kt: a.wind_kt + (b.wind_kt - a.wind_kt) * moment.share })
    }

    fn around(&self, at: Stamp) -> Option<(&Knot, &Knot)> {
        let after = self.knots.partition_point(|knot| knot.at_ms <= at.0);
        let a = self.knots.get(after.checked_sub(1)?)?;
        match self.knots.get(after) {
            Some(b) if (b.at_ms - a.at_ms) as u64 <= GAP_MAX.0 => Some((a, b)),
            Some(_) => None,
            None => (a.at_ms == at.0).then_some((a, a)),
        }
    }

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
        let (Ok(threshold), Some((a, b))) =
            (self.thresholds_kt.binary_search(&threshold_kt), self.around(at))
        else {
            return Vec::new();
        };
        let moment = moment(a, b, at.0);
        let radii: [f64; 4] = core::array::from_fn(|q| {
            let (x, y) = (a.radii_nm[threshold][q], b.radii_nm[threshold][q]);
            x + (y - x) * moment.share
        });
        if radii.iter().all(|radius| *radius <= 0.0) {
            return Vec::new();
        }
        let mut out = Vec::with_capacity(4 * 9);
        for (quadrant, radius) in radii.into_iter().enumerate() {
            for step in 0..=8_u8 {
                let bearing = (90.0 * quadrant as f64 + 11.25 * f64::from(step)).to_radians();
                let degrees = radius / NM_PER_DEGREE;
                let lat = (moment.lat + degrees * bearing.cos()).clamp(-89.9, 89.9);
                let lon = moment.lon + degrees * bearing.sin() / moment.lat.to_radians().cos().max(0.01);
                out.push([lon, lat]);
            }
        }
        out
    }

    /// The area swept in `[from, until)`, as one convex, closed ring for each `slice` of time: their union holds
    /// the true area and exceeds it by the bends within a slice. At most 10,000 slices are looked at.
    #[must_use]
    pub fn hulls(&self, from: Stamp, until: Stamp, slice: Span, threshold_kt: u16) -> Vec<Vec<Place>> {
        const HULLS_MAX: usize = 10_000;
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

/// The windows joined where they overlap or meet, in order.
pub(crate) fn union(mut windows: Vec<Window>) -> Vec<Window> {
    windows.sort_by_key(|window| (window.enters, window.leaves));
    let mut out: Vec<Window> = Vec::new();
    for window in windows {
        match out.last_mut() {
            Some(last) if window.enters <= last.leaves => {
                last.leaves = last.leaves.max(window.leaves);
                last.origin = last.origin.max(window.origin);
            }
            _ => out.push(window),
        }
    }
    out
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

fn moment(a: &Knot, b: &Knot, at_ms: i64) -> Moment {
    let length = (b.at_ms - a.at_ms).max(1) as f64;
    let share = ((at_ms - a.at_ms) as f64 / length).clamp(0.0, 1.0);
    Moment { lat: a.lat + (b.lat - a.lat) * share, lon: a.lon + (b.lon - a.lon) * share, share }
}

/// Distance in nautical miles and quadrant of `place` as the storm sees it; flat at their middle latitude,
/// which is within 0.5 % at the distances winds reach.
fn polar(moment: &Moment, place: Place) -> (f64, usize) {
    let north = place.lat() - moment.lat;
    let east = (place.lon() - moment.lon + 540.0).rem_euclid(360.0) - 180.0;
    let flat = east * f64::midpoint(place.lat(), moment.lat).to_radians().cos();
    let quadrant = match (north >= 0.0, east >= 0.0) {
        (true, true) => 0,
        (false, true) => 1,
        (false, false) => 2,
        (true, false) => 3,
    };
    (north.hypot(flat) * NM_PER_DEGREE, quadrant)
}

/// Nautical miles by which `place` is inside the winds, negative outside.
fn margin(a: &Knot, b: &Knot, at_ms: i64, place: Place, threshold: usize) -> f64 {
    let moment = moment(a, b, at_ms);
    let (distance, quadrant) = polar(&moment, place);
    let (x, y) = (a.radii_nm[threshold][quadrant], b.radii_nm[threshold][quadrant]);
    let radius = x + (y - x) * moment.share;
    if radius > 0.0 { radius - distance } else { f64::NEG_INFINITY }
}

/// Whether no moment between two knots can bring the winds to `place`: the detour over it is too long.
fn out_of_reach(a: &Knot, b: &Knot, place: Place, extra_nm: f64, threshold: usize) -> bool {
    let reach = a.radii_nm[threshold].iter().chain(&b.radii_nm[threshold]).copied().fold(0.0, f64::max);
    if reach <= 0.0 {
        return true;
    }
    let at = |knot: &Knot| Moment { lat: knot.lat, lon: knot.lon, share: 0.0 };
    let legs = polar(&at(a), place).0 + polar(&at(b), place).0;
    let way = (b.lat - a.lat).hypot(b.lon - a.lon) * NM_PER_DEGREE;
    // The way is overstated at latitude, which only makes the test more careful.
    (legs - way) / 2.0 > reach * 1.05 + extra_nm + 5.0
}

/// The moment between `before` and `now` at which the side changes, to a second: the first on the new side.
fn crossing(before: (i64, bool), now: (i64, bool), inside: &impl Fn(i64) -> bool) -> i64 {
    let (mut low, mut high) = (before.0, now.0);
    while high - low > CROSSING_MS {
        let middle = low + (high - low) / 2;
        if inside(middle) == now.1 { high = middle } else { low = middle }
    }
    high
}
