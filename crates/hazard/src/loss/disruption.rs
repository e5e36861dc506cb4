//! Stock against a supply that fails now and then: the newsvendor and the economic order quantity.
//!
//! Both are textbook models of Snyder and Shen, Fundamentals of Supply Chain Theory, chapter 9. Invariant:
//! parameters are checked when a model is made, so its answers are finite.

/// A parameter a model cannot work with.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("take {name} = {value} for stock under disruptions: {remedy}")]
pub struct DisruptionError {
    /// Which parameter.
    pub name: &'static str,
    /// What it was.
    pub value: f64,
    /// What it has to be.
    pub remedy: &'static str,
}

/// Periodic review, a fixed demand each period, a supplier that is up or down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DisruptedNewsvendor {
    holding: f64,
    penalty: f64,
    demand: f64,
    fails: f64,
    recovers: f64,
}

/// Continuous review with a fixed order cost, a supplier that is up or down, lost sales while it is down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DisruptedEoq {
    fixed: f64,
    holding: f64,
    penalty: f64,
    demand: f64,
    failures: f64,
    recoveries: f64,
}

/// Periods of a disruption that are summed at most: at a chance of recovery of 1 % a period the rest is
/// below 1e-40.
const DISRUPTED_PERIODS_MAX: u32 = 10_000;
/// Halvings of the golden section: 200 shrink any interval below the last bit.
const SEARCH_STEPS: u32 = 200;

fn positive(name: &'static str, value: f64) -> Result<f64, DisruptionError> {
    if value.is_finite() && value > 0.0 {
        Ok(value)
    } else {
        Err(DisruptionError { name, value, remedy: "give a finite number above zero" })
    }
}

fn chance(name: &'static str, value: f64) -> Result<f64, DisruptionError> {
    if (0.01..=1.0).contains(&value) || (name == "disruption probability" && (0.0..0.01).contains(&value)) {
        Ok(value)
    } else {
        Err(DisruptionError { name, value, remedy: "give a chance per period, recovery at least 0.01" })
    }
}

impl DisruptedNewsvendor {
    /// Holding and penalty cost a unit and period, demand a period, chance that a working supplier fails in
    /// a period and that a failed one recovers.
    ///
    /// # Errors
    /// [`DisruptionError`] for a cost or demand that is not above zero or a chance outside its range.
    pub fn new(
        holding: f64,
        penalty: f64,
        demand: f64,
        disruption_probability: f64,
        recovery_probability: f64,
    ) -> Result<Self, DisruptionError> {
        Ok(Self {
            holding: positive("holding cost", holding)?,
            penalty: positive("penalty cost", penalty)?,
            demand: positive("demand", demand)?,
            fails: chance("disruption probability", disruption_probability)?,
            recovers: chance("recovery probability", recovery_probability)?,
        })
    }

    /// The chance that the supply has been down for exactly `periods` periods.
    fn down_for(&self, periods: u32) -> f64 {
        let up = self.recovers / (self.fails + self.recovers);
        match periods {
            0 => up,
            n => up * self.fails * (1.0 - self.recovers).powf(f64::from(n) - 1.0),
        }
    }

    /// Expected cost a period when stock is ordered up to `base_stock` whenever the supply works.
    #[must_use]
    pub fn cost(&self, base_stock: f64) -> f64 {
        let mut cost = 0.0;
        for down in 0..DISRUPTED_PERIODS_MAX {
            let chance = self.down_for(down);
            let left = base_stock - f64::from(down + 1) * self.demand;
            cost += chance * if left >= 0.0 { self.holding * left } else { -self.penalty * left };
            if down > 0 && chance < 1e-60 {
                break;
            }
        }
        cost
    }

    /// The base stock of least cost: demand × (1 + the fewest periods down that cover the critical ratio).
    #[must_use]
    pub fn base_stock(&self) -> f64 {
        let ratio = self.penalty / (self.penalty + self.holding);
        let mut covered = 0.0;
        for down in 0..DISRUPTED_PERIODS_MAX {
            covered += self.down_for(down);
            if covered >= ratio - 1e-12 {
                return f64::from(down + 1) * self.demand;
            }
        }
        f64::from(DISRUPTED_PERIODS_MAX) * self.demand
    }
}

impl DisruptedEoq {
    /// Fixed cost an order, holding cost a unit and year, penalty a unit of lost demand, demand a year,
    /// disruptions and recoveries a year (both exponential).
    ///
    /// # Errors
    /// [`DisruptionError`] for a number that is not above zero.
    pub fn new(
        fixed: f64,
        holding: f64,
        penalty: f64,
        demand: f64,
        disruption_rate: f64,
        recovery_rate: f64,
    ) -> Result<Self, DisruptionError> {
        Ok(Self {
            fixed: positive("fixed cost", fixed)?,
            holding: positive("holding cost", holding)?,
            penalty: positive("penalty cost", penalty)?,
            demand: positive("demand", demand)?,
            failures: positive("disruption rate", disruption_rate)?,
            recoveries: positive("recovery rate", recovery_rate)?,
        })
    }

    /// Expected cost a year with orders of `quantity`.
    #[must_use]
    pub fn cost(&self, quantity: f64) -> f64 {
        let both = self.failures + self.recoveries;
        let down = self.failures / both * (1.0 - (-both * quantity / self.demand).exp());
        let cycle = quantity / self.demand + down / self.recoveries;
        let held = self.holding * quantity.powi(2) / (2.0 * self.demand);
        (self.fixed + held + self.penalty * self.demand * down / self.recoveries) / cycle
    }

    /// The quantity of least cost, by golden section: the cost is quasiconvex in the quantity.
    #[must_use]
    pub fn quantity(&self) -> f64 {
        let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
        let plain = (2.0 * self.fixed * self.demand / self.holding).sqrt();
        // Never more than to bridge the plain cycle and the whole of the lost demand at once.
        let lost = self.penalty * self.demand * self.failures / (self.recoveries * self.holding);
        let (mut low, mut high) = (plain * 1e-6, plain * 4.0 + lost.max(1.0) * 4.0);
        for _ in 0..SEARCH_STEPS {
            let (left, right) = (high - golden * (high - low), low + golden * (high - low));
            if self.cost(left) <= self.cost(right) {
                high = right;
            } else {
                low = left;
            }
        }
        f64::midpoint(low, high)
    }
}

#[cfg(test)]
mod tests {
    use super::{DisruptedEoq, DisruptedNewsvendor};

    // Values that stockpyl's tests also hold (shared benchmark list "catastrophe").
    #[test]
    fn newsvendor_with_disruptions() {
        let model = DisruptedNewsvendor::new(0.25, 3.0, 2000.0, 0.04, 0.25).unwrap();
        assert_eq!(model.base_stock(), 8000.0);
        assert!((model.cost(8000.0) - 2_737.068_965).abs() < 1e-5);
        assert!((model.cost(2000.0) - 3_310.344_828).abs() < 1e-5);
        assert!((model.cost(12_000.0) - 3_075.161_638).abs() < 1e-5);
    }

    #[test]
    fn order_quantity_with_disruptions() {
        let model = DisruptedEoq::new(8.0, 0.225, 5.0, 1300.0, 1.5, 14.0).unwrap();
        let quantity = model.quantity();
        assert!((quantity - 772.811_063_191_0).abs() < 1e-4, "{quantity}");
        assert!((model.cost(quantity) - 173.950_002_573_2).abs() < 1e-9);
    }

    #[test]
    fn parameters_outside_their_range_are_named() {
        let told = DisruptedNewsvendor::new(0.25, 3.0, 2000.0, 0.04, 0.0).unwrap_err().to_string();
        assert!(told.contains("recovery probability = 0"), "{told}");
        assert!(DisruptedEoq::new(8.0, 0.0, 5.0, 1300.0, 1.5, 14.0).is_err());
        assert!(DisruptedNewsvendor::new(0.25, f64::NAN, 1.0, 0.04, 0.5).is_err());
    }
}
