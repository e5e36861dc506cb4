//! The chance that a forecast storm hits a target, and when: sampled tracks around the forecast.
//!
//! Each sample moves every position of the forecast along and across the storm's way and changes its wind, by
//! errors of the model that carry over from lead to lead; radii follow the wind by the profile of
//! [`crate::track::WindProfile`]. A sample's chance is keyed by seed, storm, initial hour and number, so it is
//! the same whatever else is asked, and targets hit together are hit in the same sample. That the errors may
//! bring a storm over land or water the forecast did not cross is not followed up in its wind.

use holdfast_domain::place::{NAUTICAL_MILE_M, Place};
use holdfast_domain::time::{Span, Stamp};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

use super::{ErrorModel, Target};
use crate::geo;
use crate::track::{Forecast, Knot, NM_PER_DEGREE, Reach, Sweep, WindProfile, Window, union, within};

/// The most samples drawn for one forecast.
pub const SAMPLES_MAX: u32 = 100_000;
/// How often a sampled sweep is looked at: coarser than a single track's, for there are thousands.
const SLICE: Span = Span::minutes(30);
/// How closely a lane is looked at, in metres, and at how many places at most.
const LANE_SPACING_M: f64 = 20_000.0;
const LANE_PLACES_MAX: usize = 60;
/// The highest wind a sample may have, in knots (Typhoon Tip and Hurricane Patricia stand at 165 and 185).
const WIND_MAX_KT: f64 = 185.0;

/// Three moments of a distribution of times.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Quantiles {
    /// One in ten is earlier.
    pub p10: Stamp,
    /// Half are earlier.
    pub p50: Stamp,
    /// Nine in ten are earlier.
    pub p90: Stamp,
}

/// The chance that a target is hit, as of one forecast.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Chance<K> {
    /// Which target.
    pub key: K,
    /// The winds asked about, in knots.
    pub threshold_kt: u16,
    /// The share of samples in which it is hit at any time of the forecast.
    pub probability: f64,
    /// How many samples that share rests on.
    pub samples: u32,
    /// When those winds first come, in the samples that hit.
    pub enters: Option<Quantiles>,
    /// When they last go, in the samples that hit.
    pub leaves: Option<Quantiles>,
}

/// What one sample does to one target: when the winds first come and last go; nothing if it is not hit.
pub type Outcome = Option<(Stamp, Stamp)>;

/// The sampled tracks around one forecast.
pub struct Ensemble<'a> {
    forecast: &'a Forecast,
    model: &'a ErrorModel,
    thresholds_kt: Vec<u16>,
    profiles: Vec<WindProfile>,
    base: Sweep,
    samples: u32,
    seed: u64,
}

/// A 64-bit FNV-1a of a text: the entity in the key of a sample's chance.
fn digest(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

impl<'a> Ensemble<'a> {
    /// The ensemble of `samples` tracks (at most [`SAMPLES_MAX`]) around a forecast, for winds of the given
    /// thresholds in knots. A forecast without radii has no winds to sweep and hits nothing.
    #[must_use]
    pub fn new(
        forecast: &'a Forecast,
        model: &'a ErrorModel,
        thresholds_kt: &[u16],
        samples: u32,
        seed: u64,
    ) -> Self {
        let base = Sweep::for_thresholds(&forecast.track, thresholds_kt);
        Self {
            thresholds_kt: base.thresholds_kt().to_vec(),
            profiles: WindProfile::of_track(&forecast.track).unwrap_or_default(),
            base,
            samples: samples.min(SAMPLES_MAX),
            forecast,
            model,
            seed,
        }
    }

    /// How many samples it has.
    #[must_use]
    pub const fn samples(&self) -> u32 {
        self.samples
    }

    /// One sampled track, ready for sweeping.
    #[must_use]
    pub fn sample(&self, number: u32) -> Sweep {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&self.seed.to_le_bytes());
        key[8..16].copy_from_slice(&digest(&format!("track error {}", self.forecast.track.id)).to_le_bytes());
        key[16..24].copy_from_slice(&self.forecast.initial.0.to_le_bytes());
        key[24..28].copy_from_slice(&number.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        let mut errors = [0.0; 3];
        let mut before_h: Option<f64> = None;
        let mut sweep = self.base.clone();
        let count = self.thresholds_kt.len();
        let start = self.base.knots.first().map_or((0.0, 0.0), |knot| (knot.lat, knot.lon));
        let mut way = first_way(&self.base.knots);
        for (i, knot) in sweep.knots.iter_mut().enumerate() {
            let lead_h = Stamp(knot.at_ms).since(self.forecast.initial).as_hours();
            carry(
                &mut errors,
                before_h.map(|before| lead_h - before),
                self.model.correlation_per_12_h,
                &mut rng,
            );
            before_h = Some(lead_h);
            way = way_from(start, (knot.lat, knot.lon)).unwrap_or(way);
            self.perturb(knot, lead_h, way, errors);
            if let Some(profile) = self.profiles.get(i) {
                let mut wider = [f64::INFINITY; 4];
                for (threshold, threshold_kt) in self.thresholds_kt.iter().enumerate() {
                    wider = within(profile.radii_nm(*threshold_kt, knot.wind_kt), wider);
                    sweep.reaches[i * count + threshold] = Reach { quadrants_nm: wider, derived: true };
                }
            }
        }
        sweep
    }

    /// Moves one knot by standardised errors along the way, across it and in wind.
    fn perturb(&self, knot: &mut Knot, lead_h: f64, way: (f64, f64), errors: [f64; 3]) {
        let size = self.model.at(lead_h);
        let (along, across) = (errors[0] * size.along_nm, errors[1] * size.across_nm);
        // To the right of the way (north, east) lies (-east, north).
        let north = along * way.0 - across * way.1;
        let east = along * way.1 + across * way.0;
        knot.lat = (knot.lat + north / NM_PER_DEGREE).clamp(-85.0, 85.0);
        knot.lon += east / NM_PER_DEGREE / knot.cos_lat.max(0.05);
        knot.cos_lat = knot.lat.to_radians().cos();
        let share = ErrorModel::wind_share(knot.wind_kt);
        knot.wind_kt = (knot.wind_kt + errors[2] * size.wind_kt * share).clamp(0.0, WIND_MAX_KT);
    }

    /// What every sample does to every target, for the winds of one threshold: by sample, then by target.
    #[must_use]
    pub fn outcomes(&self, targets: &[Target], threshold_kt: u16) -> Vec<Vec<Outcome>> {
        let looks: Vec<Look> = targets.iter().map(Look::new).collect();
        (0..self.samples)
            .map(|number| {
                let sweep = self.sample(number);
                looks.iter().map(|look| look.outcome(&sweep, threshold_kt)).collect()
            })
            .collect()
    }

    /// The chances of every target and threshold: by target, then by rising threshold.
    #[must_use]
    pub fn chances<K: Clone>(&self, targets: &[(K, Target)]) -> Vec<Chance<K>> {
        let looks: Vec<Look> = targets.iter().map(|(_, target)| Look::new(target)).collect();
        let count = self.thresholds_kt.len();
        let mut hits: Vec<Vec<(Stamp, Stamp)>> = vec![Vec::new(); targets.len() * count];
        for number in 0..self.samples {
            let sweep = self.sample(number);
            for (target, look) in looks.iter().enumerate() {
                for (threshold, threshold_kt) in self.thresholds_kt.iter().enumerate() {
                    match look.outcome(&sweep, *threshold_kt) {
                        Some(outcome) => hits[target * count + threshold].push(outcome),
                        // Winds of a higher threshold lie within those of a lower one (`within`).
                        None => break,
                    }
                }
            }
        }
        hits.into_iter()
            .enumerate()
            .map(|(i, times)| Chance {
                key: targets[i / count].0.clone(),
                threshold_kt: self.thresholds_kt[i % count],
                probability: times.len() as f64 / f64::from(self.samples.max(1)),
                samples: self.samples,
                enters: quantiles(times.iter().map(|(enters, _)| *enters).collect()),
                leaves: quantiles(times.iter().map(|(_, leaves)| *leaves).collect()),
            })
            .collect()
    }
}

/// The chances of a forecast: the share of `samples` tracks around it in which each target gets winds of each
/// threshold (in knots), and when. In the order of targets, then of rising thresholds.
#[must_use]
pub fn chances<K: Clone>(
    forecast: &Forecast,
    model: &ErrorModel,
    targets: &[(K, Target)],
    thresholds_kt: &[u16],
    samples: u32,
    seed: u64,
) -> Vec<Chance<K>> {
    Ensemble::new(forecast, model, thresholds_kt, samples, seed).chances(targets)
}

/// A target as the places that are looked at.
struct Look {
    places: Vec<Place>,
    extra_nm: f64,
}

impl Look {
    fn new(target: &Target) -> Self {
        match target {
            Target::Site(place) => Self { places: vec![*place], extra_nm: 0.0 },
            Target::Lane(points) => {
                Self { places: geo::sampled(points, LANE_SPACING_M, LANE_PLACES_MAX), extra_nm: 0.0 }
            }
            Target::Zone { centre, radius_m } => {
                Self { places: vec![*centre], extra_nm: radius_m.max(0.0) / NAUTICAL_MILE_M }
            }
        }
    }

    fn outcome(&self, sweep: &Sweep, threshold_kt: u16) -> Outcome {
        let threshold = sweep.thresholds_kt.binary_search(&threshold_kt).ok()?;
        let windows: Vec<Window> = self
            .places
            .iter()
            .flat_map(|place| sweep.windows_every(*place, self.extra_nm, threshold, SLICE))
            .collect();
        let windows = union(windows);
        Some((windows.first()?.enters, windows.last()?.leaves))
    }
}

/// Carries standardised errors over a step of hours; the first step draws them anew.
fn carry(errors: &mut [f64; 3], step_h: Option<f64>, per_12_h: f64, rng: &mut impl Rng) {
    let kept = step_h.map_or(0.0, |hours| per_12_h.clamp(0.0, 1.0).powf(hours / 12.0));
    for error in errors {
        let fresh: f64 = StandardNormal.sample(rng);
        *error = kept * *error + (1.0 - kept * kept).max(0.0).sqrt() * fresh;
    }
}

/// The direction from the start of the forecast, as a unit (north, east); nothing within 12 miles of it.
fn way_from(start: (f64, f64), to: (f64, f64)) -> Option<(f64, f64)> {
    let north = to.0 - start.0;
    let east = (to.1 - start.1) * f64::midpoint(to.0, start.0).to_radians().cos();
    let length = north.hypot(east);
    (length > 0.2).then(|| (north / length, east / length))
}

fn first_way(knots: &[Knot]) -> (f64, f64) {
    let start = knots.first().map_or((0.0, 0.0), |knot| (knot.lat, knot.lon));
    knots.iter().find_map(|knot| way_from(start, (knot.lat, knot.lon))).unwrap_or((1.0, 0.0))
}

fn quantiles(mut times: Vec<Stamp>) -> Option<Quantiles> {
    times.sort_unstable();
    let last = times.len().checked_sub(1)?;
    // The nearest rank: always a time that was sampled.
    let at = |tenths: usize| times[(last * tenths + 5) / 10];
    Some(Quantiles { p10: at(1), p50: at(5), p90: at(9) })
}
