//! How wrong official forecasts are, by lead time: what the chances are sampled from.
//!
//! Published: the circles of the National Hurricane Center's forecast cone, each of which held two thirds of
//! the official track errors of the five years before; for 2018 (Atlantic, errors of 2013 to 2017) 26, 43, 56,
//! 74, 103, 151 and 198 nautical miles at 12, 24, 36, 48, 72, 96 and 120 hours; and the mean error of the
//! official intensity forecasts, "near 15 kt each day" on days 4 and 5 (NHC forecast advisories). So a
//! forecast of September 2018 is judged by what was known in September 2018.
//!
//! Assumed, each said where it stands: errors are normal, as large along the track as across it, without bias;
//! they carry over from lead to lead by [`CORRELATION_PER_12_H`]; intensity errors grow with the square root
//! of the lead up to the published 15 kt; systems weaker than a hurricane err in proportion to their wind; the
//! extent of the winds has no error of its own beyond what the intensity does to it.

use serde::{Deserialize, Serialize};

/// How much of a standardised error is carried over twelve hours: an assumption. Florence's own official
/// forecasts show 0.8 to 0.9 between neighbouring leads of 12 hours, in latitude, longitude and wind.
pub const CORRELATION_PER_12_H: f64 = 0.9;

/// A normal error with this standard deviation in one axis has two thirds of its two-dimensional magnitudes
/// within the square root of 2 ln 3 times it (the Rayleigh distribution).
const TWO_THIRDS: f64 = 1.482_303_807_367_511;
/// Mean absolute value of a normal error, as a share of its standard deviation: the root of 2/pi.
const MEAN_OF_NORMAL: f64 = 0.797_884_560_802_865_4;
/// The least wind whose error is the full one, in knots.
const FULL_ERROR_KT: f64 = 64.0;

/// The errors at one lead, as standard deviations.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct LeadError {
    /// The lead in hours.
    pub lead_h: f64,
    /// Along the track, in nautical miles.
    pub along_nm: f64,
    /// Across the track, in nautical miles.
    pub across_nm: f64,
    /// Of the highest wind, in knots.
    pub wind_kt: f64,
}

/// The errors of a forecaster by lead.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ErrorModel {
    /// Whence the numbers come.
    pub source: String,
    /// By rising lead; between leads linear, beyond the last the last.
    pub leads: Vec<LeadError>,
    /// How much of a standardised error is carried over twelve hours, from 0 to 1.
    pub correlation_per_12_h: f64,
}

impl ErrorModel {
    /// The National Hurricane Center's official Atlantic forecasts as of the 2018 season.
    ///
    /// The circle at hour 0, 9 nautical miles, continues those of 12 and 24 hours backwards; beyond 120 hours
    /// the growth from 96 to 120 hours goes on.
    #[must_use]
    pub fn nhc_atlantic_2018() -> Self {
        const CIRCLES_NM: [(f64, f64); 10] = [
            (0.0, 9.0),
            (12.0, 26.0),
            (24.0, 43.0),
            (36.0, 56.0),
            (48.0, 74.0),
            (72.0, 103.0),
            (96.0, 151.0),
            (120.0, 198.0),
            (144.0, 245.0),
            (168.0, 292.0),
        ];
        let leads = CIRCLES_NM
            .into_iter()
            .map(|(lead_h, circle_nm)| {
                let mean_kt = 15.0 * (lead_h.min(96.0) / 96.0).sqrt();
                LeadError {
                    lead_h,
                    along_nm: circle_nm / TWO_THIRDS,
                    across_nm: circle_nm / TWO_THIRDS,
                    wind_kt: mean_kt / MEAN_OF_NORMAL,
                }
            })
            .collect();
        Self {
            source: "NHC forecast cone circles for 2018 (two thirds of the official track errors of 2013-2017); \
                     mean intensity error 15 kt on days 4 and 5 (NHC forecast advisories), less before by the \
                     root of the lead (assumed)"
                .to_owned(),
            leads,
            correlation_per_12_h: CORRELATION_PER_12_H,
        }
    }

    /// The same model with every error `times` as large: for other years, or to ask how much it matters.
    #[must_use]
    pub fn scaled(&self, times: f64) -> Self {
        let leads = self
            .leads
            .iter()
            .map(|lead| LeadError {
                lead_h: lead.lead_h,
                along_nm: lead.along_nm * times,
                across_nm: lead.across_nm * times,
                wind_kt: lead.wind_kt * times,
            })
            .collect();
        Self { leads, ..self.clone() }
    }

    /// The errors at a lead; none of a model without leads.
    #[must_use]
    pub fn at(&self, lead_h: f64) -> LeadError {
        let none = LeadError { lead_h, along_nm: 0.0, across_nm: 0.0, wind_kt: 0.0 };
        let after = self.leads.partition_point(|lead| lead.lead_h <= lead_h);
        match (after.checked_sub(1).and_then(|i| self.leads.get(i)), self.leads.get(after)) {
            (Some(a), Some(b)) => {
                let share = (lead_h - a.lead_h) / (b.lead_h - a.lead_h);
                let mix = |x: f64, y: f64| x + (y - x) * share;
                LeadError {
                    lead_h,
                    along_nm: mix(a.along_nm, b.along_nm),
                    across_nm: mix(a.across_nm, b.across_nm),
                    wind_kt: mix(a.wind_kt, b.wind_kt),
                }
            }
            (Some(only), None) | (None, Some(only)) => LeadError { lead_h, ..*only },
            (None, None) => none,
        }
    }

    /// The share of the wind's error that a system forecast at `wind_kt` has.
    pub(super) fn wind_share(wind_kt: f64) -> f64 {
        (wind_kt / FULL_ERROR_KT).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{ErrorModel, TWO_THIRDS};

    #[test]
    fn two_thirds_of_the_errors_lie_in_the_published_circle() {
        assert!((TWO_THIRDS - (2.0 * 3.0_f64.ln()).sqrt()).abs() < 1e-12);
        let model = ErrorModel::nhc_atlantic_2018();
        for (lead_h, circle_nm) in [(12.0, 26.0), (48.0, 74.0), (120.0, 198.0), (60.0, 88.5)] {
            let sigma = model.at(lead_h).across_nm;
            let within = 1.0 - (-circle_nm * circle_nm / (2.0 * sigma * sigma)).exp();
            assert!((within - 2.0 / 3.0).abs() < 1e-9, "{lead_h} h: {within}");
        }
        assert!((model.at(96.0).wind_kt * super::MEAN_OF_NORMAL - 15.0).abs() < 1e-9);
        assert_eq!(model.at(500.0).along_nm, model.at(168.0).along_nm);
        assert_eq!(model.scaled(2.0).at(48.0).across_nm, 2.0 * model.at(48.0).across_nm);
    }
}
