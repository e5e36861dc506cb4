//! Forecasts as they became known: for each advisory the chance that each site gets winds of its own limit, and when.

use holdfast_domain::id::SiteId;
use holdfast_domain::state::State;
use holdfast_domain::time::Stamp;
use holdfast_hazard::exposure::{Chance, ErrorModel, Target, chances};
use holdfast_hazard::track::Forecast;
use serde::Serialize;

/// What one advisory says about the sites.
#[derive(Clone, Debug, Serialize)]
pub struct Outlook {
    /// From when anybody could act on it.
    pub public_at: Stamp,
    /// By site that has a wind limit.
    pub sites: Vec<SiteChance>,
}

/// The chance that a site is reached.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct SiteChance {
    /// The site.
    pub site: SiteId,
    /// The winds asked about, in knots.
    pub threshold_kt: u16,
    /// The chance, from 0 to 1.
    pub probability: f64,
    /// When they come and go, if they come: the middle of the samples that hit.
    pub window: Option<(Stamp, Stamp)>,
    /// The chance of winds of 64 kt.
    pub chance_64_kt: f64,
    /// When those come and go, if they come.
    pub window_64_kt: Option<(Stamp, Stamp)>,
}

/// The winds of a hurricane, in knots.
const HURRICANE_KT: u16 = 64;

impl Outlook {
    /// Below this chance nobody acts, whatever the gain: the tails of an error model are not to be trusted.
    pub const ACT_AT_LEAST: f64 = 0.10;
    /// Below this chance what was acted on is given up.
    pub const GIVE_UP_BELOW: f64 = 0.05;

    /// The outlooks of forecasts in the order in which they became public.
    #[must_use]
    pub fn of(state: &State, forecasts: &[Forecast], samples: u32, seed: u64) -> Vec<Self> {
        let model = ErrorModel::nhc_atlantic_2018();
        let thresholds = [34, 50, 64];
        let targets: Vec<(SiteId, Target)> = (0..)
            .zip(&state.network.sites)
            .filter(|(_, site)| site.wind_limit_kt.is_some())
            .map(|(index, site)| (SiteId(index), Target::Site(site.place)))
            .collect();
        let limit = |site: SiteId| {
            let limit = state.network.site(site).and_then(|site| site.wind_limit_kt).unwrap_or(u16::MAX);
            thresholds.into_iter().find(|threshold| *threshold >= limit)
        };
        let outlook = |forecast: &Forecast| {
            let all = chances(forecast, &model, &targets, &thresholds, samples, seed);
            let window = |chance: &Chance<SiteId>| {
                chance.enters.zip(chance.leaves).map(|(enters, leaves)| (enters.p50, leaves.p50))
            };
            let mine = all.iter().filter(|chance| limit(chance.key) == Some(chance.threshold_kt));
            let sites = mine.map(|chance| {
                let hurricane =
                    all.iter().find(|other| other.key == chance.key && other.threshold_kt == HURRICANE_KT);
                SiteChance {
                    site: chance.key,
                    threshold_kt: chance.threshold_kt,
                    probability: chance.probability,
                    window: window(chance),
                    chance_64_kt: hurricane.map_or(0.0, |chance| chance.probability),
                    window_64_kt: hurricane.and_then(window),
                }
            });
            Self { public_at: forecast.public_at(), sites: sites.collect() }
        };
        let mut outlooks: Vec<Self> = forecasts.iter().map(outlook).collect();
        outlooks.sort_by_key(|outlook| outlook.public_at);
        outlooks
    }
}
