//! The exceedance frequency curve of a set of events, each with a frequency and a loss.
//!
//! Invariant: points are in rising order of loss and of return period; the return period of a point is one
//! over the summed frequency of the events that cost as much or more.

use super::{LossError, countable};

/// One event of a catalogue: how often it happens in a year, and what it costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EventLoss {
    /// Events a year.
    pub frequency: f64,
    /// What one costs.
    pub loss: f64,
}

/// A point of the curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExceedancePoint {
    /// Mean years between events that cost `loss` or more.
    pub return_period_years: f64,
    /// The loss.
    pub loss: f64,
}

/// How often a loss is reached or exceeded.
#[derive(Clone, Debug, PartialEq)]
pub struct ExceedanceCurve {
    points: Vec<ExceedancePoint>,
    annual_loss: f64,
}

impl ExceedanceCurve {
    /// The curve of `events`. Events of frequency zero are left out.
    ///
    /// # Errors
    /// [`LossError::NotCountable`] for a negative or infinite number.
    pub fn of_events(events: &[EventLoss]) -> Result<Self, LossError> {
        let mut kept = Vec::with_capacity(events.len());
        let mut annual_loss = 0.0;
        for (index, event) in events.iter().enumerate() {
            let frequency = countable("frequency", index, event.frequency)?;
            let loss = countable("loss", index, event.loss)?;
            annual_loss += frequency * loss;
            if frequency > 0.0 {
                kept.push(*event);
            }
        }
        kept.sort_by(|a, b| b.loss.total_cmp(&a.loss));
        let mut cumulated = 0.0;
        let mut points: Vec<ExceedancePoint> = kept
            .iter()
            .map(|event| {
                cumulated += event.frequency;
                ExceedancePoint { return_period_years: 1.0 / cumulated, loss: event.loss }
            })
            .collect();
        points.reverse();
        Ok(Self { points, annual_loss })
    }

    /// The points, from the smallest loss to the greatest.
    #[must_use]
    pub fn points(&self) -> &[ExceedancePoint] {
        &self.points
    }

    /// Frequency × loss, summed: the average annual loss.
    #[must_use]
    pub fn annual_loss(&self) -> f64 {
        self.annual_loss
    }

    /// The loss reached once in `years` on average, linear between the points.
    ///
    /// Below the shortest return period nothing happens that often, so it is zero; beyond the longest the
    /// catalogue cannot say, and there is no answer.
    #[must_use]
    pub fn loss_at(&self, years: f64) -> Option<f64> {
        if years.is_nan() {
            return None;
        }
        let Some(first) = self.points.first() else { return Some(0.0) };
        if years < first.return_period_years {
            return Some(0.0);
        }
        let above = self.points.partition_point(|point| point.return_period_years <= years);
        let low = self.points[above - 1];
        match self.points.get(above) {
            Some(high) => {
                let share =
                    (years - low.return_period_years) / (high.return_period_years - low.return_period_years);
                Some(low.loss + share * (high.loss - low.loss))
            }
            None => (years <= low.return_period_years * (1.0 + 1e-9)).then_some(low.loss),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{EventLoss, ExceedanceCurve};

    // Reference values that CLIMADA's tests also hold (shared benchmark list "catastrophe").
    const FREQUENCY: f64 = 6.211_180_124_223_603e-4;
    const LOSSES: [f64; 10] = [
        0.0,
        0.400_665_463_736_549e9,
        3.150_330_960_044_466e9,
        3.715_826_406_781_887e9,
        2.900_244_271_902_339e9,
        0.778_570_745_161_971e9,
        0.698_736_262_566_472e9,
        0.381_063_674_256_423e9,
        0.569_142_464_157_450e9,
        0.467_572_545_849_132e9,
    ];

    fn reference() -> ExceedanceCurve {
        let events = LOSSES.map(|loss| EventLoss { frequency: FREQUENCY, loss });
        ExceedanceCurve::of_events(&events).unwrap()
    }

    #[test]
    fn return_periods_of_the_reference_events() {
        let curve = reference();
        let expected = [1610.0, 805.0, 536.67, 402.5, 322.0, 268.33, 230.0, 201.25, 178.89, 161.0];
        for (point, years) in curve.points().iter().rev().zip(expected) {
            assert!((point.return_period_years - years).abs() < 0.005, "{point:?}, {years}");
        }
        assert_eq!(curve.points().len(), 10);
    }

    #[test]
    fn losses_between_the_reference_events() {
        let curve = reference();
        assert_eq!(curve.loss_at(100.0), Some(0.0));
        assert!((curve.loss_at(500.0).unwrap() - 2_320_408_028.57).abs() < 0.01);
        assert!((curve.loss_at(1000.0).unwrap() - 3_287_314_329.13).abs() < 0.01);
        assert_eq!(curve.loss_at(1610.0), Some(LOSSES[3]));
        assert_eq!(curve.loss_at(1700.0), None);
        assert_eq!(curve.loss_at(f64::NAN), None);
    }

    #[test]
    fn numbers_that_are_none_are_refused() {
        let bad = |frequency, loss| ExceedanceCurve::of_events(&[EventLoss { frequency, loss }]);
        assert!(bad(-1.0, 1.0).is_err() && bad(1.0, f64::NAN).is_err() && bad(f64::INFINITY, 1.0).is_err());
        assert_eq!(bad(0.0, 1.0).unwrap().loss_at(10.0), Some(0.0));
    }
}
