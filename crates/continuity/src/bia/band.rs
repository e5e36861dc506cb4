//! Impact over time: seven bands, in money and in the categories people judge by.
//!
//! Invariant: money, orders and duties are computed; what a level of harm to law or reputation is, only people say.

use holdfast_domain::time::Stamp;
use serde::Serialize;

use super::{BANDS_H, REFERENCE_H, mean};
use crate::fluid::{Impact, Patience, What, World};

/// Shares of the orders of the time from which harm is of level 1, 2, 3 and 4. Assumed: no standard prints them.
pub const LEVELS: [f64; 4] = [0.0, 0.05, 0.25, 0.5];

/// What a stop of a length does.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Band {
    /// Its end, hours.
    pub until_h: f64,
    /// Loss in minor units.
    pub loss: f64,
    /// All its parts.
    pub impact: Impact,
    /// Harm to operations, 0 to 4: orders changed, of those that come in meanwhile.
    pub operational: u8,
    /// Harm to customers, 0 to 4: promises broken, of those.
    pub customer: u8,
}

/// A stop over time, and at the reference length by its start.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OverTime {
    /// The seven bands, mean over the starts.
    pub bands: Vec<Band>,
    /// Closed for the reference time, mean over the starts.
    pub reference: Impact,
    /// The start that costs most at the reference length, UTC, and its loss.
    pub worst: (String, f64),
    /// Share of the promises of the reference time that are kept meanwhile.
    pub kept: f64,
}

/// The level of a share.
fn level(share: f64) -> u8 {
    LEVELS.iter().filter(|from| share > **from).count() as u8
}

/// Orders that come in within so many hours; a day's at least, so that an hour is not judged by one order.
pub(crate) fn orders_within(world: &World, hours: f64) -> f64 {
    world.orders.len() as f64 / world.span_days() * (hours / 24.0).max(1.0)
}

/// Stops the same things for each band from each of the phases.
pub(crate) fn over_time(world: &World, whats: &[What], phases: &[usize], patience: Patience) -> OverTime {
    let mut lengths = BANDS_H.to_vec();
    lengths.push(REFERENCE_H);
    let by_phase: Vec<Vec<Impact>> =
        phases.iter().map(|phase| world.impacts(*phase, whats, &lengths, patience)).collect();
    let band = |(at, hours): (usize, f64)| {
        let impact = mean(by_phase.iter().map(|lengths| lengths[at]));
        let orders = orders_within(world, hours);
        Band {
            until_h: hours,
            loss: impact.loss(),
            impact,
            operational: level(impact.touched / orders),
            customer: level(impact.broken() / orders),
        }
    };
    let at_reference: Vec<Impact> = by_phase.iter().map(|lengths| lengths[BANDS_H.len()]).collect();
    let worst = phases
        .iter()
        .zip(&at_reference)
        .max_by(|a, b| a.1.loss().total_cmp(&b.1.loss()).then(b.0.cmp(a.0)))
        .map_or_else(Default::default, |(phase, impact)| {
            (Stamp(world.phases[*phase]).to_string(), impact.loss())
        });
    let reference = mean(at_reference.into_iter());
    OverTime {
        bands: BANDS_H.into_iter().enumerate().map(band).collect(),
        reference,
        worst,
        kept: (1.0 - reference.broken() / orders_within(world, REFERENCE_H)).max(0.0),
    }
}

/// A stop that does nothing to orders.
pub(crate) fn nothing() -> OverTime {
    let band = |hours: &f64| Band {
        until_h: *hours,
        loss: 0.0,
        impact: Impact::default(),
        operational: 0,
        customer: 0,
    };
    OverTime {
        bands: BANDS_H.iter().map(band).collect(),
        reference: Impact::default(),
        worst: (String::new(), 0.0),
        kept: 1.0,
    }
}

impl OverTime {
    /// Hours after which the first customers are lost for good, on the bands.
    pub(crate) fn lost_from_h(&self) -> Option<f64> {
        self.bands.iter().find(|band| band.impact.unserved > 0.0).map(|band| band.until_h)
    }

    /// Loss by the end of each band.
    pub(crate) fn curve(&self) -> Vec<f64> {
        self.bands.iter().map(|band| band.loss).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::level;

    #[test]
    fn levels_begin_where_they_are_said_to() {
        let levels = [0.0, 0.01, 0.05, 0.06, 0.25, 0.3, 0.5, 0.51, 7.0].map(level);
        assert_eq!(levels, [0, 1, 1, 2, 2, 3, 3, 4, 4]);
    }
}
