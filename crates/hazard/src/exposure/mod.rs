//! What a hazard hits: sites, lanes and zones; whether, when, how hard, and how sure that is.
//!
//! A footprint is a fixed area with a time, or a storm that sweeps one. For a single track the answer is a
//! list of exposures; for a forecast with its uncertainty it is a chance (see [`chances`]). What acting on a
//! chance gains is computed elsewhere from these numbers; nothing here decides by a site's name.

mod chance;
mod error;
mod rule;

pub use chance::{Chance, Ensemble, Outcome, Quantiles, SAMPLES_MAX, chances};
pub use error::{CORRELATION_PER_12_H, ErrorModel, LeadError};
pub use rule::{ActRule, AsOf, Call, latest_public};

use holdfast_domain::place::Place;
use holdfast_domain::time::Stamp;
use serde::{Deserialize, Serialize};

use crate::geo::Area;
use crate::track::{Origin, Sweep, Track, Window};

/// Something that can be hit.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A site: one place.
    Site(Place),
    /// A lane: a road's polyline, or the two ends of a lane whose road is not known.
    Lane(Vec<Place>),
    /// A zone: a centroid and the radius that holds its people, in metres; 0 for the centroid alone.
    Zone {
        /// The centroid.
        centre: Place,
        /// The radius in metres.
        radius_m: f64,
    },
}

/// What is known of a storm's track.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Analysed afterwards: a best track.
    Observed,
    /// Forecast: the most likely track, taken as if it were certain.
    Forecast,
}

/// How sure an exposure is.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// From observation, with reported radii, or declared by an operator.
    Observed,
    /// From observation, where radii had to be derived.
    ObservedDerived,
    /// From one forecast track with its reported radii.
    Forecast,
    /// From one forecast track, where radii had to be derived.
    ForecastDerived,
    /// A probability from 0 to 1.
    Probability(f64),
}

/// Where and when a hazard is.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Footprint {
    /// A fixed area from a moment on, until another or until further notice.
    Fixed {
        /// The area.
        area: Area,
        /// From when on.
        from: Stamp,
        /// Until before when; nothing for until further notice.
        until: Option<Stamp>,
        /// How sure it is.
        confidence: Confidence,
    },
    /// A storm's winds.
    Storm {
        /// Its track.
        track: Track,
        /// Observed or forecast.
        basis: Basis,
    },
}

/// One time during which a target is hit.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Exposure {
    /// The wind threshold in knots; nothing for a fixed area.
    pub threshold_kt: Option<u16>,
    /// The first moment.
    pub enters: Stamp,
    /// The first moment no longer; nothing for until further notice.
    pub leaves: Option<Stamp>,
    /// How sure it is.
    pub confidence: Confidence,
}

/// A target and what hits it.
#[derive(Clone, PartialEq, Debug)]
pub struct Exposed<K> {
    /// Which target.
    pub key: K,
    /// Its exposures by threshold, then by time; empty if it is not hit.
    pub exposures: Vec<Exposure>,
    /// The highest wind it gets, in knots, and when; nothing for a fixed area, and for lanes and zones at
    /// the worst of the places looked at.
    pub peak_wind_kt: Option<(Stamp, f64)>,
}

/// How closely a lane is looked at against a fixed area, in metres.
const LANE_SPACING_M: f64 = 5_000.0;
/// At how many places of a lane its highest wind is looked for.
const PEAK_PLACES_MAX: usize = 60;

/// What a footprint does to each target, in the order given.
///
/// Storms answer for every threshold their track reports.
#[must_use]
pub fn exposures<K: Clone>(footprint: &Footprint, targets: &[(K, Target)]) -> Vec<Exposed<K>> {
    match footprint {
        Footprint::Fixed { area, from, until, confidence } => targets
            .iter()
            .map(|(key, target)| {
                let hit = is_hit(area, target) && until.is_none_or(|until| *from < until);
                let exposure =
                    Exposure { threshold_kt: None, enters: *from, leaves: *until, confidence: *confidence };
                Exposed {
                    key: key.clone(),
                    exposures: hit.then_some(exposure).into_iter().collect(),
                    peak_wind_kt: None,
                }
            })
            .collect(),
        Footprint::Storm { track, basis } => {
            let sweep = Sweep::new(track);
            targets.iter().map(|(key, target)| by_storm(&sweep, *basis, key, target)).collect()
        }
    }
}

fn is_hit(area: &Area, target: &Target) -> bool {
    match target {
        Target::Site(place) => area.contains(*place),
        Target::Lane(points) => area.crosses(points, LANE_SPACING_M),
        Target::Zone { centre, radius_m } => area.touches(*centre, *radius_m),
    }
}

fn by_storm<K: Clone>(sweep: &Sweep, basis: Basis, key: &K, target: &Target) -> Exposed<K> {
    let mut found = Vec::new();
    for threshold_kt in sweep.thresholds_kt() {
        found.extend(windows(sweep, target, *threshold_kt).into_iter().map(|window| Exposure {
            threshold_kt: Some(*threshold_kt),
            enters: window.enters,
            leaves: Some(window.leaves),
            confidence: match (basis, window.origin) {
                (Basis::Observed, Origin::Reported) => Confidence::Observed,
                (Basis::Observed, Origin::Derived) => Confidence::ObservedDerived,
                (Basis::Forecast, Origin::Reported) => Confidence::Forecast,
                (Basis::Forecast, Origin::Derived) => Confidence::ForecastDerived,
            },
        }));
    }
    let places = match target {
        Target::Site(place) => vec![*place],
        Target::Lane(points) => crate::geo::sampled(points, 20_000.0, PEAK_PLACES_MAX),
        Target::Zone { centre, .. } => vec![*centre],
    };
    let peak_wind_kt = places.into_iter().filter_map(|place| sweep.peak_wind_kt(place)).fold(
        None,
        |best: Option<(Stamp, f64)>, peak| match best {
            Some(known) if known.1 >= peak.1 => Some(known),
            _ => Some(peak),
        },
    );
    Exposed { key: key.clone(), exposures: found, peak_wind_kt }
}

/// When a target is inside the winds of a threshold.
#[must_use]
pub fn windows(sweep: &Sweep, target: &Target, threshold_kt: u16) -> Vec<Window> {
    match target {
        Target::Site(place) => sweep.windows(*place, threshold_kt),
        Target::Lane(points) => sweep.windows_on_line(points, threshold_kt),
        Target::Zone { centre, radius_m } => sweep.windows_about(*centre, *radius_m, threshold_kt),
    }
}

#[cfg(test)]
mod tests;
