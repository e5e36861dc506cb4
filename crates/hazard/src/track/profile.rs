//! How far winds of a threshold reach where the source does not say, and how hard it blows at a distance.
//!
//! The rule, for want of better knowledge: along a radius the wind falls off as a power of the distance (a
//! modified Rankine vortex: Depperman 1947; so used for wind radii by Knaff et al. 2007, Weather and
//! Forecasting 22, 781-791) between the radius of maximum wind and the outermost radius reported. That
//! outermost radius persists from fix to fix for as long as the wind reaches its threshold; inner radii
//! follow from the wind, times how far the last reported one stood from the curve. Before the first report
//! the first one holds. A track that reports no radii at all gets none: that is a matter of climatology.

use super::{Fix, Origin, Track, WindRadii};

/// The radius of maximum wind where the source has none, in nautical miles: an assumption (the b-decks of
/// Sandy, Irma, Florence, Michael, Ida and Ian have a median of 20 to 30 at hurricane strength).
pub const PROFILE_RADIUS_MAX_WIND_NM: f64 = 25.0;

/// The wind field of one fix, for any highest wind.
#[derive(Clone, PartialEq, Debug)]
pub struct WindProfile {
    outer_kt: u16,
    outer_nm: [f64; 4],
    radius_max_wind_nm: f64,
    /// By threshold: what the last report was, as a multiple of the curve.
    scales: Vec<(u16, [f64; 4])>,
}

impl WindProfile {
    /// The profiles of a track's fixes, one each; nothing where the track reports no radii.
    #[must_use]
    pub fn of_track(track: &Track) -> Option<Vec<Self>> {
        let outer_kt = track.thresholds_kt().first().copied()?;
        let first = track.fixes.iter().find_map(|fix| fix.radii_of(outer_kt))?;
        let mut now = Self {
            outer_kt,
            outer_nm: first.quadrants_nm,
            radius_max_wind_nm: PROFILE_RADIUS_MAX_WIND_NM,
            scales: Vec::new(),
        };
        // Two passes, so that what is first reported late also holds before.
        let mut seen: Vec<(u16, [f64; 4])> = Vec::new();
        for fix in track.fixes.iter().rev() {
            now.learn(fix);
            seen.clone_from(&now.scales);
        }
        now.scales = seen;
        now.outer_nm = first.quadrants_nm;
        Some(
            track
                .fixes
                .iter()
                .map(|fix| {
                    now.learn(fix);
                    now.clone()
                })
                .collect(),
        )
    }

    fn learn(&mut self, fix: &Fix) {
        if let Some(miles) = fix.radius_max_wind_nm {
            self.radius_max_wind_nm = f64::from(miles);
        }
        let Some(wind_kt) = fix.wind_kt.map(f64::from) else { return };
        if let Some(outer) = fix.radii_of(self.outer_kt) {
            self.outer_nm = outer.quadrants_nm;
        }
        for radii in fix.radii.iter().filter(|radii| radii.threshold_kt != self.outer_kt) {
            let curve = self.curve_nm(radii.threshold_kt, wind_kt);
            let scale =
                core::array::from_fn(|i| if curve[i] > 0.0 { radii.quadrants_nm[i] / curve[i] } else { 1.0 });
            match self.scales.iter_mut().find(|(threshold, _)| *threshold == radii.threshold_kt) {
                Some((_, known)) => *known = scale,
                None => self.scales.push((radii.threshold_kt, scale)),
            }
        }
    }

    /// The power-law curve through the radius of maximum wind and the outer radius, by quadrant.
    fn curve_nm(&self, threshold_kt: u16, wind_kt: f64) -> [f64; 4] {
        let (outer_kt, threshold) = (f64::from(self.outer_kt), f64::from(threshold_kt));
        if wind_kt < threshold || wind_kt < outer_kt {
            return [0.0; 4];
        }
        if threshold <= outer_kt || wind_kt <= outer_kt {
            return self.outer_nm;
        }
        let share = (wind_kt / threshold).ln() / (wind_kt / outer_kt).ln();
        self.outer_nm.map(|outer| {
            let eye = self.radius_max_wind_nm.min(outer / 2.0);
            if outer > 0.0 { eye * (outer / eye).powf(share) } else { 0.0 }
        })
    }

    /// How far winds of `threshold_kt` reach by quadrant, in nautical miles, if the highest wind is `wind_kt`.
    #[must_use]
    pub fn radii_nm(&self, threshold_kt: u16, wind_kt: f64) -> [f64; 4] {
        let curve = self.curve_nm(threshold_kt, wind_kt);
        let scale = self.scales.iter().find(|(threshold, _)| *threshold == threshold_kt);
        let [a, b, c, d] = curve;
        match scale {
            Some((_, [sa, sb, sc, sd])) => [a * sa, b * sb, c * sc, d * sd],
            None => [a, b, c, d],
        }
        .map(|radius| radius.min(2_000.0))
    }

    /// The radius of maximum wind in nautical miles, as last reported or assumed.
    #[must_use]
    pub const fn radius_max_wind_nm(&self) -> f64 {
        self.radius_max_wind_nm
    }
}

/// The track with the radii of `thresholds_kt` derived at every fix whose wind reaches them and whose source
/// does not give them; what the source gives is left as it is.
#[must_use]
pub fn with_missing_radii_derived(track: &Track, thresholds_kt: &[u16]) -> Track {
    let mut out = track.clone();
    let Some(profiles) = WindProfile::of_track(track) else { return out };
    let mut thresholds = thresholds_kt.to_vec();
    thresholds.sort_unstable();
    for (fix, profile) in out.fixes.iter_mut().zip(&profiles) {
        let Some(wind_kt) = fix.wind_kt else { continue };
        for threshold_kt in thresholds.iter().copied().filter(|threshold| *threshold <= wind_kt) {
            let Err(at) = fix.radii.binary_search_by_key(&threshold_kt, |radii| radii.threshold_kt) else {
                continue;
            };
            let wider = at.checked_sub(1).map_or([f64::INFINITY; 4], |below| fix.radii[below].quadrants_nm);
            let quadrants_nm = within(profile.radii_nm(threshold_kt, f64::from(wind_kt)), wider);
            fix.radii.insert(at, WindRadii { threshold_kt, quadrants_nm, origin: Origin::Derived });
        }
    }
    out
}

/// Radii cut back to those of a lower threshold: harder winds never reach further.
pub(crate) fn within(radii: [f64; 4], wider: [f64; 4]) -> [f64; 4] {
    core::array::from_fn(|quadrant| radii[quadrant].min(wider[quadrant]))
}

/// The wind in knots `distance_nm` from the centre, in a quadrant where the winds of each threshold reach as
/// far as `reaches` says (rising thresholds, 0 for none).
///
/// It agrees with the radii: within a threshold's reach it is at least the threshold, beyond it below. Inside
/// the radius of maximum wind it is taken as that wind: a place the eye passes over has had it.
pub(super) fn wind_at(
    distance_nm: f64,
    peak_kt: f64,
    radius_max_wind_nm: f64,
    reaches: &[(u16, f64)],
) -> f64 {
    // What the quadrant knows, from the centre outwards: speed falls as distance grows.
    let mut cap = peak_kt;
    for (threshold, reach) in reaches.iter().rev() {
        if *reach > 0.0 {
            break;
        }
        cap = cap.min(f64::from(*threshold) - 1.0);
    }
    let reached = |(_, reach): &&(u16, f64)| *reach > 0.0;
    let innermost = reaches.iter().rev().find(reached).map_or(f64::INFINITY, |(_, reach)| *reach);
    let mut inner = (radius_max_wind_nm.min(innermost * 0.9), cap);
    if distance_nm <= inner.0 || cap <= 0.0 {
        return cap.max(0.0);
    }
    for (threshold, reach) in reaches.iter().rev().filter(reached) {
        let outer = (*reach, f64::from(*threshold));
        if distance_nm <= outer.0 {
            let share = (distance_nm / inner.0).ln() / (outer.0 / inner.0).ln();
            return inner.1.max(outer.1) * (outer.1 / inner.1.max(outer.1)).powf(share);
        }
        inner = outer;
    }
    // Beyond the outermost: an exponent of one half (Holland 2008 has the same order for outer winds).
    inner.1 * (inner.0 / distance_nm).sqrt()
}

#[cfg(test)]
mod tests {
    use super::{WindProfile, wind_at, with_missing_radii_derived};
    use crate::track::{Origin, forecasts_from_atcf};
    use proptest::prelude::{prop_assert, proptest};

    // The official forecast of 10 September 2018, 18 UTC, for Florence (NOAA NHC), at 48, 72 and 120 hours.
    const FORECAST: &str = "\
AL, 06, 2018091018, 03, OFCL,  48, 304N,  722W, 130,  930, HU,  34, NEQ,  150,  140,   90,  120, 1012,    0,  15
AL, 06, 2018091018, 03, OFCL,  48, 304N,  722W, 130,  930, HU,  50, NEQ,   80,   70,   60,   70, 1012,    0,  15
AL, 06, 2018091018, 03, OFCL,  48, 304N,  722W, 130,  930, HU,  64, NEQ,   50,   50,   40,   50, 1012,    0,  15
AL, 06, 2018091018, 03, OFCL,  72, 337N,  770W, 120,  942, HU,  34, NEQ,  150,  140,  100,  100, 1012,    0,  20
AL, 06, 2018091018, 03, OFCL,  72, 337N,  770W, 120,  942, HU,  50, NEQ,   80,   70,   60,   60, 1012,    0,  20
AL, 06, 2018091018, 03, OFCL, 120, 365N,  795W,  25, 1009, TD,  34, NEQ,    0,    0,    0,    0, 1012,    0,  80
";

    #[test]
    fn hurricane_winds_are_derived_where_the_forecast_stops_giving_them() {
        let track = &forecasts_from_atcf(FORECAST, "OFCL").unwrap()[0].track;
        let full = with_missing_radii_derived(track, &[34, 50, 64]);
        let derived = full.fixes[1].radii_of(64).unwrap();
        assert_eq!(derived.origin, Origin::Derived);
        // 50 miles at 48 hours, 120 instead of 130 kt: between there and the 50 kt radius.
        assert!(derived.quadrants_nm.iter().all(|nm| *nm > 35.0 && *nm < 60.0), "{derived:?}");
        assert_eq!(full.fixes[0], track.fixes[0]);
        assert_eq!(full.fixes[2].radii, Vec::new());
    }

    #[test]
    fn a_reported_radius_lies_on_its_own_profile() {
        let track = &forecasts_from_atcf(FORECAST, "OFCL").unwrap()[0].track;
        let profiles = WindProfile::of_track(track).unwrap();
        let back = profiles[0].radii_nm(64, 130.0);
        assert!(back.iter().zip([50.0, 50.0, 40.0, 50.0]).all(|(a, b)| (a - b).abs() < 1e-9), "{back:?}");
        assert!(profiles[0].radii_nm(64, 140.0)[0] > 50.0 && profiles[0].radii_nm(64, 120.0)[0] < 50.0);
        assert_eq!(profiles[0].radii_nm(64, 60.0), [0.0; 4]);
        assert!(profiles[2].radii_nm(34, 40.0)[0] > 0.0 && profiles[2].radii_nm(34, 30.0) == [0.0; 4]);
    }

    proptest! {
        #[test]
        fn the_wind_at_a_distance_agrees_with_the_radii(
            distance in 0.0..400.0_f64,
            eye in 1.0..90.0_f64,
            reach_64 in 0.0..90.0_f64,
            more in 1.0..90.0_f64,
        ) {
            let reach_64 = if reach_64 < 5.0 { 0.0 } else { reach_64 };
            let reaches = [(34, reach_64 + 2.0 * more), (50, reach_64 + more), (64, reach_64)];
            let wind = wind_at(distance, 100.0, eye, &reaches);
            for (threshold, reach) in reaches {
                let least = f64::from(threshold);
                prop_assert!((distance <= reach && reach > 0.0) == (wind >= least - 1e-9), "{wind} {reaches:?}");
            }
        }
    }
}
