//! When to act on a forecast: rules over the chances as they became known, without looking ahead.
//!
//! A rule names no site and no storm. What each rule saves and costs is computed by whoever knows the orders;
//! here it is only said when a rule would have called.

use holdfast_domain::time::{Span, Stamp};
use serde::{Deserialize, Serialize};

use super::Chance;
use crate::track::Forecast;

/// The chances of one forecast, with the moment from which they could be known.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct AsOf<K> {
    /// The forecast's initial hour.
    pub initial: Stamp,
    /// When it was public.
    pub public_at: Stamp,
    /// What it says.
    pub chances: Vec<Chance<K>>,
}

impl<K> AsOf<K> {
    /// The chances of a forecast with its times.
    #[must_use]
    pub fn new(forecast: &Forecast, chances: Vec<Chance<K>>) -> Self {
        Self { initial: forecast.initial, public_at: forecast.public_at(), chances }
    }
}

/// The latest forecast anybody could know at a moment, of forecasts in order of time: what acting 24, 48 or
/// 72 hours before something has to go by.
#[must_use]
pub fn latest_public<K>(forecasts: &[AsOf<K>], at: Stamp) -> Option<&AsOf<K>> {
    forecasts.iter().rev().find(|as_of| as_of.public_at <= at)
}

/// When to act for a target.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActRule {
    /// Never on a forecast: wait for the storm.
    Never,
    /// At the first forecast that gives winds of the threshold at least this chance.
    AtChance {
        /// The winds, in knots.
        threshold_kt: u16,
        /// The least chance, from 0 to 1.
        at_least: f64,
    },
    /// At the first forecast that gives them at least this chance and expects them (its middle estimate)
    /// within this time.
    AtChanceWithin {
        /// The winds, in knots.
        threshold_kt: u16,
        /// The least chance, from 0 to 1.
        at_least: f64,
        /// How soon after the forecast is public.
        within: Span,
    },
}

/// A rule's call.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Call<K> {
    /// When anybody could have acted: the forecast's public moment.
    pub at: Stamp,
    /// The forecast's initial hour.
    pub initial: Stamp,
    /// The chance that called.
    pub chance: Chance<K>,
}

impl ActRule {
    /// The first forecast, in the order given, on which the rule calls for a target.
    #[must_use]
    pub fn first_call<K: Clone + PartialEq>(&self, forecasts: &[AsOf<K>], key: &K) -> Option<Call<K>> {
        forecasts.iter().find_map(|as_of| {
            let chance =
                as_of.chances.iter().find(|chance| chance.key == *key && self.calls(as_of, chance))?;
            Some(Call { at: as_of.public_at, initial: as_of.initial, chance: chance.clone() })
        })
    }

    fn calls<K>(&self, as_of: &AsOf<K>, chance: &Chance<K>) -> bool {
        match *self {
            Self::Never => false,
            Self::AtChance { threshold_kt, at_least } => {
                chance.threshold_kt == threshold_kt && chance.probability >= at_least
            }
            Self::AtChanceWithin { threshold_kt, at_least, within } => {
                chance.threshold_kt == threshold_kt
                    && chance.probability >= at_least
                    && chance.enters.is_some_and(|enters| enters.p50 <= as_of.public_at.after(within))
            }
        }
    }
}
