//! Losses: how often they are exceeded, what a year costs, and what stock against disruptions costs.
//!
//! A loss is an `f64` in whatever unit the caller counts (minor units of one currency, orders, hours); the
//! module never mixes two. Every table is sorted by loss and then by position, so equal input gives equal
//! bits.

mod disruption;
mod exceedance;
mod periods;
mod rate;

pub use disruption::{DisruptedEoq, DisruptedNewsvendor, DisruptionError};
pub use exceedance::{EventLoss, ExceedanceCurve, ExceedancePoint};
pub use periods::{PeriodLosses, PeriodTable};
pub(crate) use rate::gamma_below;
pub use rate::{RateInterval, gamma_quantile, jeffreys};

/// A number that a loss model cannot work with.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LossError {
    /// A loss or frequency that is negative, infinite or not a number.
    #[error("read {what} {value} of entry {index}: give a finite number of zero or more")]
    NotCountable {
        /// Which number.
        what: &'static str,
        /// Its value.
        value: f64,
        /// Position in the input, from 0.
        index: usize,
    },
    /// Nothing to count.
    #[error("count losses over no periods: give at least one period, empty ones included")]
    NoPeriods,
}

/// The expected annual loss of one hazard at one place, as FEMA's National Risk Index defines it.
///
/// `frequency` events a year × `exposure` (any unit of value) × `loss_ratio` (share of the exposure that an
/// event takes). Source: FEMA, National Risk Index Technical Documentation, 2023, section 5.
#[must_use]
pub fn nri_expected_annual_loss(frequency: f64, exposure: f64, loss_ratio: f64) -> f64 {
    frequency * exposure * loss_ratio
}

pub(crate) fn countable(what: &'static str, index: usize, value: f64) -> Result<f64, LossError> {
    if value.is_finite() && value >= 0.0 {
        Ok(value)
    } else {
        Err(LossError::NotCountable { what, value, index })
    }
}

#[cfg(test)]
mod tests {
    use super::nri_expected_annual_loss;

    #[test]
    fn national_risk_index_autauga_county_tornado() {
        // Published 1,468,539; the published factors are rounded to six digits.
        let loss = nri_expected_annual_loss(0.511_228_975, 10_241_406_107.0, 0.000_280_486);
        assert!((loss / 1_468_539.0 - 1.0).abs() < 5e-6, "{loss}");
    }
}
