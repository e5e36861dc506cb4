//! Losses by simulated year: occurrence and aggregate exceedance, average, spread and tail.
//!
//! The conventions are those of Oasis LMF's ktools: OEP from the greatest loss of a period, AEP from the sum;
//! return period = periods / rank; AAL = sum / periods; the standard deviation divides by periods − 1; a
//! period without a loss counts. Invariant: both tables have one entry for each period, greatest first.

use super::{LossError, countable};

/// The losses of every period (a simulated year each).
#[derive(Clone, Debug, PartialEq)]
pub struct PeriodLosses {
    occurrence: PeriodTable,
    aggregate: PeriodTable,
    mean: f64,
    deviation: f64,
}

/// One number for each period, greatest first.
#[derive(Clone, Debug, PartialEq)]
pub struct PeriodTable {
    sorted: Vec<f64>,
}

impl PeriodLosses {
    /// From the losses of the events of each period; a period without events is an empty slice.
    ///
    /// # Errors
    /// [`LossError::NoPeriods`] without any, [`LossError::NotCountable`] (with the period's index) for a
    /// negative or infinite loss.
    pub fn of_periods<P: AsRef<[f64]>>(periods: &[P]) -> Result<Self, LossError> {
        if periods.is_empty() {
            return Err(LossError::NoPeriods);
        }
        let (mut greatest, mut sums) = (Vec::with_capacity(periods.len()), Vec::with_capacity(periods.len()));
        for (index, period) in periods.iter().enumerate() {
            let (mut most, mut sum) = (0.0_f64, 0.0);
            for loss in period.as_ref() {
                let loss = countable("loss", index, *loss)?;
                most = most.max(loss);
                sum += loss;
            }
            greatest.push(most);
            sums.push(sum);
        }
        let count = sums.len() as f64;
        let mean = sums.iter().sum::<f64>() / count;
        let squares = sums.iter().map(|sum| (sum - mean).powi(2)).sum::<f64>();
        let deviation = if sums.len() > 1 { (squares / (count - 1.0)).sqrt() } else { 0.0 };
        Ok(Self { occurrence: PeriodTable::of(greatest), aggregate: PeriodTable::of(sums), mean, deviation })
    }

    /// Occurrence exceedance (OEP): the greatest single loss of a period.
    #[must_use]
    pub fn occurrence(&self) -> &PeriodTable {
        &self.occurrence
    }

    /// Aggregate exceedance (AEP): the sum of a period's losses.
    #[must_use]
    pub fn aggregate(&self) -> &PeriodTable {
        &self.aggregate
    }

    /// Average annual loss.
    #[must_use]
    pub fn average_annual_loss(&self) -> f64 {
        self.mean
    }

    /// Standard deviation of the annual loss, over periods − 1 (0 with a single period).
    #[must_use]
    pub fn standard_deviation(&self) -> f64 {
        self.deviation
    }
}

impl PeriodTable {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(|a, b| b.total_cmp(a));
        Self { sorted: values }
    }

    /// The values, greatest first: the first has the return period `len`, the second `len / 2`.
    #[must_use]
    pub fn sorted(&self) -> &[f64] {
        &self.sorted
    }

    /// The loss of the return period `years`, linear in the return period between two ranks; nothing below 1
    /// year or beyond the number of periods.
    #[must_use]
    pub fn loss_at(&self, years: f64) -> Option<f64> {
        let count = self.sorted.len() as f64;
        if !(1.0..=count).contains(&years) {
            return None;
        }
        let rank = count / years;
        let above = (rank.floor() as usize).clamp(1, self.sorted.len());
        let below = (above + 1).min(self.sorted.len());
        let (years_above, years_below) = (count / above as f64, count / below as f64);
        let (high, low) = (self.sorted[above - 1], self.sorted[below - 1]);
        if years_above <= years_below {
            return Some(high);
        }
        let share = (years - years_below) / (years_above - years_below);
        Some(low + share.clamp(0.0, 1.0) * (high - low))
    }

    /// Tail value at risk: the mean of the losses of rank ⌈(1 − `level`) × periods⌉ and above. `level` 0.99
    /// is the mean of the worst hundredth. Nothing for a level outside `[0, 1)`.
    #[must_use]
    pub fn tail_value_at_risk(&self, level: f64) -> Option<f64> {
        if !(0.0..1.0).contains(&level) {
            return None;
        }
        // A hair less, so that (1 - 0.99) * 100 counts one period and not two.
        let worst = ((1.0 - level) * self.sorted.len() as f64 - 1e-9).ceil().max(1.0) as usize;
        let worst = worst.min(self.sorted.len());
        Some(self.sorted[..worst].iter().sum::<f64>() / worst as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::PeriodLosses;
    use crate::loss::LossError;

    /// Ten years worked by hand: two with several losses, four with none.
    fn ten_years() -> PeriodLosses {
        let years: [&[f64]; 10] =
            [&[5.0, 5.0], &[], &[8.0], &[], &[1.0], &[2.0, 1.0], &[], &[4.0], &[], &[6.0]];
        PeriodLosses::of_periods(&years).unwrap()
    }

    #[test]
    fn aggregate_sums_and_occurrence_takes_the_greatest() {
        let losses = ten_years();
        assert_eq!(losses.aggregate().sorted()[..4], [10.0, 8.0, 6.0, 4.0]);
        assert_eq!(losses.occurrence().sorted()[..4], [8.0, 6.0, 5.0, 4.0]);
        assert_eq!(losses.aggregate().loss_at(10.0), Some(10.0));
        assert_eq!(losses.aggregate().loss_at(5.0), Some(8.0));
        assert_eq!(losses.aggregate().loss_at(7.5), Some(9.0));
        assert_eq!(losses.occurrence().loss_at(1.0), Some(0.0));
        assert_eq!(losses.occurrence().loss_at(11.0), None);
    }

    #[test]
    fn average_and_spread_count_the_quiet_years() {
        let losses = ten_years();
        assert_eq!(losses.average_annual_loss(), 3.2);
        // Squares of 10 8 6 4 3 1 0 0 0 0 sum to 226; 226 - 10 * 3.2² = 123.6; over 9.
        assert!((losses.standard_deviation() - (123.6_f64 / 9.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn the_tail_is_the_mean_of_the_worst() {
        let losses = ten_years();
        assert_eq!(losses.aggregate().tail_value_at_risk(0.9), Some(10.0));
        assert_eq!(losses.aggregate().tail_value_at_risk(0.8), Some(9.0));
        assert_eq!(losses.aggregate().tail_value_at_risk(0.99), Some(10.0));
        assert_eq!(losses.aggregate().tail_value_at_risk(0.0), Some(3.2));
        assert_eq!(losses.aggregate().tail_value_at_risk(1.0), None);
    }

    #[test]
    fn no_period_and_no_number_are_refused() {
        assert_eq!(PeriodLosses::of_periods::<Vec<f64>>(&[]), Err(LossError::NoPeriods));
        assert!(PeriodLosses::of_periods(&[vec![1.0], vec![-1.0]]).is_err());
        assert_eq!(PeriodLosses::of_periods(&[vec![3.0]]).unwrap().standard_deviation(), 0.0);
    }
}
