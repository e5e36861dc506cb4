//! A yearly rate from few events, with its interval.
//!
//! Invariant: `low <= mean <= high`, all finite; with no event seen `low` is zero.

/// A rate a year, and the interval that covers it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateInterval {
    /// Lower end of the interval.
    pub low: f64,
    /// Events over years; (count + ½) / years where no event was seen.
    pub mean: f64,
    /// Upper end of the interval.
    pub high: f64,
}

/// Terms of the series and of the continued fraction at most.
const TERMS_MAX: u32 = 10_000;
/// Bisections of a quantile: enough for the last bit of any bracket.
const BISECTIONS: u32 = 200;

/// Jeffreys' interval of a Poisson rate: quantiles of Gamma(`events` + ½, `years`), equal tails.
///
/// `level` is the coverage, 0.9 for a 5 % tail at each end. Nothing for years that are not above zero or a
/// level outside `(0, 1)`. Source: L. D. Brown, T. T. Cai, A. DasGupta 2003, Interval estimation in
/// exponential families, Statistica Sinica 13.
#[must_use]
pub fn jeffreys(events: u32, years: f64, level: f64) -> Option<RateInterval> {
    if !(years.is_finite() && years > 0.0 && level > 0.0 && level < 1.0) {
        return None;
    }
    let shape = f64::from(events) + 0.5;
    let tail = (1.0 - level) / 2.0;
    let mean = if events == 0 { shape / years } else { f64::from(events) / years };
    let low = if events == 0 { 0.0 } else { gamma_quantile(shape, tail)? / years };
    Some(RateInterval { low, mean, high: gamma_quantile(shape, 1.0 - tail)?.max(mean * years) / years })
}

/// The `probability` quantile of the Gamma distribution of `shape` and rate 1, to about 1e-12 relative.
///
/// Nothing for a shape that is not above zero or a probability outside `(0, 1)`.
#[must_use]
pub fn gamma_quantile(shape: f64, probability: f64) -> Option<f64> {
    if !(shape.is_finite() && shape > 0.0 && probability > 0.0 && probability < 1.0) {
        return None;
    }
    let mut high = shape + 1.0;
    while gamma_below(shape, high) < probability {
        high *= 2.0;
    }
    let mut low = 0.0;
    for _ in 0..BISECTIONS {
        let middle = f64::midpoint(low, high);
        if gamma_below(shape, middle) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(f64::midpoint(low, high))
}

/// The regularised lower incomplete gamma function P(`shape`, `x`): a series below, a continued fraction
/// above the shape (Abramowitz and Stegun 6.5.29 and 6.5.31).
pub(crate) fn gamma_below(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let scale = (shape * x.ln() - x - ln_gamma(shape)).exp();
    if x < shape + 1.0 {
        let (mut term, mut sum) = (1.0 / shape, 1.0 / shape);
        for n in 1..TERMS_MAX {
            term *= x / (shape + f64::from(n));
            sum += term;
            if term < sum * 1e-17 {
                break;
            }
        }
        return (sum * scale).min(1.0);
    }
    // Lentz's way of the continued fraction for the upper tail.
    let tiny = 1e-300;
    let mut b = x + 1.0 - shape;
    let (mut c, mut d) = (1.0 / tiny, 1.0 / b);
    let mut fraction = d;
    for n in 1..TERMS_MAX {
        let n = f64::from(n);
        let a = -n * (n - shape);
        b += 2.0;
        d = 1.0 / nonzero(a * d + b, tiny);
        c = nonzero(b + a / c, tiny);
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-16 {
            break;
        }
    }
    (1.0 - scale * fraction).max(0.0)
}

fn nonzero(value: f64, tiny: f64) -> f64 {
    if value.abs() < tiny { tiny } else { value }
}

/// ln Γ(x) for x > 0: Stirling's series after shifting x above 10 (Abramowitz and Stegun 6.1.41).
fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut shifted) = (x, 0.0);
    while x < 10.0 {
        shifted -= x.ln();
        x += 1.0;
    }
    let inverse = 1.0 / x;
    let square = inverse * inverse;
    let series = inverse
        * (1.0 / 12.0
            - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square * (1.0 / 1680.0 - square / 1188.0))));
    shifted + (x - 0.5) * x.ln() - x + 0.5 * (2.0 * core::f64::consts::PI).ln() + series
}

#[cfg(test)]
mod tests {
    use super::{gamma_below, gamma_quantile, jeffreys, ln_gamma};

    #[test]
    fn gamma_is_known_at_halves_and_wholes() {
        assert!((ln_gamma(0.5) - core::f64::consts::PI.sqrt().ln()).abs() < 1e-12);
        assert!((ln_gamma(5.0) - 24.0_f64.ln()).abs() < 1e-11);
        // Shape 1 is the exponential distribution.
        for x in [0.01, 0.5, 1.0, 3.0, 20.0] {
            assert!((gamma_below(1.0, x) - (1.0 - (-x).exp())).abs() < 1e-13, "{x}");
        }
        assert!((gamma_quantile(1.0, 0.95).unwrap() - 20.0_f64.ln()).abs() < 1e-12);
    }

    /// Half of chi-square quantiles of the printed tables: 1 degree 3.841459 (95 %), 13 degrees 5.008751 and
    /// 24.735605 (2.5 % and 97.5 %).
    #[test]
    fn quantiles_are_those_of_the_chi_square_tables() {
        assert!((gamma_quantile(0.5, 0.95).unwrap() * 2.0 - 3.841_459).abs() < 1e-6);
        assert!((gamma_quantile(6.5, 0.025).unwrap() * 2.0 - 5.008_751).abs() < 1e-6);
        assert!((gamma_quantile(6.5, 0.975).unwrap() * 2.0 - 24.735_605).abs() < 1e-6);
        assert!(gamma_quantile(0.0, 0.5).is_none() && gamma_quantile(1.0, 1.0).is_none());
    }

    #[test]
    fn six_storms_in_fifty_years_and_none() {
        let miami = jeffreys(6, 50.0, 0.95).unwrap();
        assert!((miami.low - 0.050_088).abs() < 1e-6 && (miami.high - 0.247_356).abs() < 1e-6);
        assert_eq!(miami.mean, 0.12);
        let memphis = jeffreys(0, 50.0, 0.90).unwrap();
        assert!(memphis.low == 0.0 && memphis.mean == 0.01);
        assert!((memphis.high - 3.841_459 / 100.0).abs() < 1e-7);
        assert!(jeffreys(3, 0.0, 0.9).is_none() && jeffreys(3, 1.0, 1.0).is_none());
    }
}
