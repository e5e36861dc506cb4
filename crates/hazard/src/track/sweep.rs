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
#[derive(Clone, Copy, Debug)]
pub(crate) struct Knot {
    pub(crate) at_ms: i64,
    pub(crate) lat: f64,
    /// Cosine of the latitude, so that no slice needs trigonometry.
    pub(crate) cos_lat: f64,
    pub(crate) lon: f64,
    pub(crate) wind_kt: f64,
    pub(crate) eye_nm: f64,
}

/// How far the winds of one threshold reach at one knot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reach {
    pub(crate) quadrants_nm: [f64; 4],
    pub(crate) derived: bool,
}

/// A track made ready for sweeping.
#[derive(Clone, Debug)]
pub struct Sweep {
    pub(crate) thresholds_kt: Vec<u16>,
    pub(crate) knots: Vec<Knot>,
    /// By knot, then by threshold.
    pub(crate) reaches: Vec<Reach>,
}

/// A place as the inner loop wants it.
#[derive(Clone, Copy)]
struct Spot {
    lat: f64,
    lon: f64,
    cos_lat: f64,
}

/// Two neighbouring knots with the reach of one threshold at each.
#[derive(Clone, Copy)]
struct Leg<'a> {
    a: &'a Knot,
    b: &'a Knot,
    from: Reach,
    to: Reach,
}

/// A storm between two knots.
pub(super) struct Moment {
    pub(super) lat: f64,
    pub(super) cos_lat: f64,
    pub(super) lon: f64,
    pub(super) share: f64,
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
        let mut reaches = Vec::with_capacity(track.fixes.len() * thresholds_kt.len());
        for fix in &track.fixes {
            let lon = fix.place.lon();
            let lon = knots
                .last()
                .map_or(lon, |last: &Knot| last.lon + ((lon - last.lon + 180.0).rem_euclid(360.0) - 180.0));
            knots.push(Knot {
                at_ms: fix.at.0,
                lat: fix.place.lat(),
                cos_lat: fix.place.lat().to_radians().cos(),
                lon,
                wind_kt: fix.wind_kt.map_or(0.0, f64::from),
                eye_nm: fix.radius_max_wind_nm.map_or(PROFILE_RADIUS_MAX_WIND_NM, f64::from),
            });
            reaches.extend(thresholds_kt.iter().map(|threshold| {
                fix.radii_of(*threshold).map_or(Reach { quadrants_nm: [0.0; 4], derived: false }, |radii| {
                    Reach { quadrants_nm: radii.quadrants_nm, derived: radii.origin == Origin::Derived }
                })
            }));
        }
        Self { thresholds_kt, knots, reaches }
    }

    fn reach(&self, knot: usize, threshold: usize) -> Reach {
        self.reaches[knot * self.thresholds_kt.len() + threshold]
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
        let spot = Spot::new(place);
        let mut out = Vec::new();
        let mut open: Option<(i64, bool)> = None;
        for (i, pair) in self.knots.windows(2).enumerate() {
            let [a, b] = pair else { continue };
            let leg = Leg { a, b, from: self.reach(i, threshold), to: self.reach(i + 1, threshold) };
            let length_ms = b.at_ms - a.at_ms;
            if length_ms <= 0 || length_ms as u64 > GAP_MAX.0 || leg.out_of_reach(spot, extra_nm) {
                close(&mut open, &mut out, a.at_ms);
                continue;
            }
            let derived = leg.from.derived || leg.to.derived;
            let inside = |at_ms: i64| leg.margin_nm(at_ms, spot) + extra_nm >= 0.0;
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
                before = now;
            }
            if let Some((_, known)) = &mut open {
                *known |= derived;
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
        let spot = Spot::new(place);
        let mut best: Option<(Stamp, f64)> = None;
        for (i, pair) in self.knots.windows(2).enumerate() {
            let [a, b] = pair else { continue };
            let length_ms = b.at_ms - a.at_ms;
            if length_ms <= 0 || length_ms as u64 > GAP_MAX.0 {
                continue;
            }
            let steps = (length_ms as u64).div_ceil(SLICE.0).max(1) as i64;
            for step in 0..=steps {
                let at = a.at_ms + length_ms * step / steps;
                let wind = self.wind_between(i, at, spot);
                if best.is_none_or(|(_, known)| wind > known) {
                    best = Some((Stamp(at), wind));
                }
            }
        }
        best
    }

    fn wind_between(&self, knot: usize, at_ms: i64, spot: Spot) -> f64 {
        let (a, b) = (&self.knots[knot], &self.knots[knot + 1]);
        let moment = moment(a, b, at_ms);
        let (distance, quadrant) = polar(&moment, spot);
        let mix = |x: f64, y: f64| x + (y - x) * moment.share;
        let reaches: Vec<(u16, f64)> = self
            .thresholds_kt
            .iter()
            .enumerate()
            .map(|(i, threshold)| {
                let (x, y) = (self.reach(knot, i), self.reach(knot + 1, i));
                (*threshold, mix(x.quadrants_nm[quadrant], y.quadrants_nm[quadrant]))
            })
            .collect();
        wind_at(distance, mix(a.wind_kt, b.wind_kt), mix(a.eye_nm, b.eye_nm), &reaches)
    }

    /// Where the storm is at a moment of its life, by interpolation.
    #[must_use]
    pub fn centre(&self, at: Stamp) -> Option<Centre> {
        let (a, b) = self.around(at).map(|(a, b)| (&self.knots[a], &self.knots[b]))?;
        let moment = moment(a, b, at.0);
        let lon = (moment.lon + 540.0).rem_euclid(360.0) - 180.0;
        let place = Place::new(moment.lat, lon).ok()?;
        Some(Centre { place, wind_kt: a.wind_kt + (b.wind_kt - a.wind_kt) * moment.share })
    }

    /// How far the winds of a threshold reach at a moment, by quadrant, and the storm's place.
    pub(super) fn reach_at(&self, at: Stamp, threshold_kt: u16) -> Option<(Moment, [f64; 4])> {
        let threshold = self.thresholds_kt.binary_search(&threshold_kt).ok()?;
        let (a, b) = self.around(at)?;
        let moment = moment(&self.knots[a], &self.knots[b], at.0);
        let (x, y) = (self.reach(a, threshold).quadrants_nm, self.reach(b, threshold).quadrants_nm);
        let mixed = core::array::from_fn(|i| x[i] + (y[i] - x[i]) * moment.share);
        Some((moment, mixed))
    }

    /// The knots around a moment; the last one twice at the track's end.
    fn around(&self, at: Stamp) -> Option<(usize, usize)> {
        let after = self.knots.partition_point(|knot| knot.at_ms <= at.0);
        let before = after.checked_sub(1)?;
        match self.knots.get(after) {
            Some(b) if (b.at_ms - self.knots[before].at_ms) as u64 <= GAP_MAX.0 => Some((before, after)),
            Some(_) => None,
            None => (self.knots[before].at_ms == at.0).then_some((before, before)),
        }
    }
}

/// Ends an open window; one without length is none.
fn close(open: &mut Option<(i64, bool)>, out: &mut Vec<Window>, at_ms: i64) {
    if let Some((enters, derived)) = open.take().filter(|(enters, _)| *enters < at_ms) {
        let origin = if derived { Origin::Derived } else { Origin::Reported };
        out.push(Window { enters: Stamp(enters), leaves: Stamp(at_ms), origin });
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

fn moment(a: &Knot, b: &Knot, at_ms: i64) -> Moment {
    let length = (b.at_ms - a.at_ms).max(1) as f64;
    let share = ((at_ms - a.at_ms) as f64 / length).clamp(0.0, 1.0);
    let mix = |x: f64, y: f64| x + (y - x) * share;
    Moment { lat: mix(a.lat, b.lat), cos_lat: mix(a.cos_lat, b.cos_lat), lon: mix(a.lon, b.lon), share }
}

impl Spot {
    fn new(place: Place) -> Self {
        Self { lat: place.lat(), lon: place.lon(), cos_lat: place.lat().to_radians().cos() }
    }
}

/// Distance in nautical miles and quadrant of `spot` as the storm sees it; flat, with the mean of their
/// cosines of latitude, which is within 0.5 % at the distances winds reach.
fn polar(moment: &Moment, spot: Spot) -> (f64, usize) {
    let north = spot.lat - moment.lat;
    let east = short_way(spot.lon - moment.lon);
    let flat = east * f64::midpoint(spot.cos_lat, moment.cos_lat);
    let quadrant = match (north >= 0.0, east >= 0.0) {
        (true, true) => 0,
        (false, true) => 1,
        (false, false) => 2,
        (true, false) => 3,
    };
    ((north * north + flat * flat).sqrt() * NM_PER_DEGREE, quadrant)
}

/// Degrees of longitude the short way round.
fn short_way(degrees: f64) -> f64 {
    if (-180.0..180.0).contains(&degrees) { degrees } else { (degrees + 180.0).rem_euclid(360.0) - 180.0 }
}

impl Leg<'_> {
    /// Nautical miles by which `spot` is inside the winds, negative outside.
    fn margin_nm(&self, at_ms: i64, spot: Spot) -> f64 {
        let moment = moment(self.a, self.b, at_ms);
        let (distance, quadrant) = polar(&moment, spot);
        let (x, y) = (self.from.quadrants_nm[quadrant], self.to.quadrants_nm[quadrant]);
        let radius = x + (y - x) * moment.share;
        if radius > 0.0 { radius - distance } else { f64::NEG_INFINITY }
    }

    /// Whether no moment of the leg can bring the winds to `spot`: it lies beyond their furthest reach north
    /// or south of it, or the detour over it is too long.
    fn out_of_reach(&self, spot: Spot, extra_nm: f64) -> bool {
        let furthest = |reach: &Reach| reach.quadrants_nm.iter().copied().fold(0.0, f64::max);
        let reach = furthest(&self.from).max(furthest(&self.to));
        if reach <= 0.0 {
            return true;
        }
        let reach = reach * 1.05 + extra_nm + 5.0;
        let (a, b) = (self.a, self.b);
        let off = (a.lat.min(b.lat) - spot.lat).max(spot.lat - a.lat.max(b.lat));
        if off * NM_PER_DEGREE > reach {
            return true;
        }
        let at = |knot: &Knot| Moment { lat: knot.lat, cos_lat: knot.cos_lat, lon: knot.lon, share: 0.0 };
        let legs = polar(&at(a), spot).0 + polar(&at(b), spot).0;
        // The way is overstated at latitude, which only makes the test more careful.
        let way = (b.lat - a.lat).hypot(b.lon - a.lon) * NM_PER_DEGREE;
        (legs - way) / 2.0 > reach
    }
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
