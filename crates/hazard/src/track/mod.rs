//! Tracks of tropical cyclones, observed or forecast, and the winds they sweep over the map.
//!
//! A track is a list of fixes in order of time; a fix has a position, a wind, and for some thresholds how far
//! winds of at least that speed reach into each quadrant. Readers of every format give the same types and keep
//! three things apart: what the source reports, what was derived from it by a stated rule, and what is not
//! known. Between fixes everything is linear in time.

mod atcf;
mod csv;
mod hurdat2;
mod jma;
mod outline;
mod profile;
mod read;
mod sweep;

pub use atcf::{best_track_from_atcf, forecasts_from_atcf};
pub use csv::tracks_from_csv;
pub use hurdat2::tracks_from_hurdat2;
pub use jma::tracks_from_jma;
pub use outline::HULLS_MAX;
pub(crate) use profile::within;
pub use profile::{PROFILE_RADIUS_MAX_WIND_NM, WindProfile, with_missing_radii_derived};
pub use read::{BYTES_MAX, FIXES_MAX, LINE_BYTES_MAX, ReadError, TRACKS_MAX};
pub use sweep::{Centre, GAP_MAX, SLICE, Sweep, Window};
pub(crate) use sweep::{Knot, NM_PER_DEGREE, Reach, union};

use holdfast_domain::place::Place;
use holdfast_domain::time::{Span, Stamp};
use serde::{Deserialize, Serialize};

/// Over how long the source averages the winds it calls sustained. Ten-minute winds are some 7 to 12 %
/// below one-minute winds of the same storm (WMO/TD-No. 1555, 2010); nothing here converts between them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Averaging {
    /// One minute: the National Hurricane Center and the Joint Typhoon Warning Center.
    OneMinute,
    /// Ten minutes: the Japan Meteorological Agency and most others.
    TenMinutes,
}

/// What kind of system a fix describes, by the ATCF's two letters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// DB: a disturbance.
    Disturbance,
    /// WV: a tropical wave.
    Wave,
    /// LO: a low, before or after the cyclone.
    Low,
    /// TD: a tropical depression.
    Depression,
    /// SD: a subtropical depression.
    SubtropicalDepression,
    /// TS: a tropical storm.
    Storm,
    /// SS: a subtropical storm.
    SubtropicalStorm,
    /// HU, TY, ST, TC: a hurricane, typhoon or cyclone of that strength.
    Hurricane,
    /// EX, ET, PT: extratropical, or becoming so.
    Extratropical,
    /// Anything else, XX, IN, DS and MD among them.
    Other,
}

/// Where radii come from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The source gives them by quadrant.
    Reported,
    /// They follow from what the source gives by a rule the documentation states.
    Derived,
}

/// How far winds of at least a threshold reach from the centre into each quadrant.
///
/// A radius is the furthest such winds reach anywhere in its quadrant, as the forecasting centres define it;
/// 0 says there are none in that quadrant.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct WindRadii {
    /// The wind speed in knots: 34, 50 and 64, or 30 and 50 with the Japan Meteorological Agency.
    pub threshold_kt: u16,
    /// North-east, south-east, south-west, north-west, in nautical miles.
    pub quadrants_nm: [f64; 4],
    /// Reported or derived.
    pub origin: Origin,
}

/// One position of a track.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Fix {
    /// The moment the fix is valid.
    pub at: Stamp,
    /// The centre.
    pub place: Place,
    /// The highest sustained wind in knots, where known.
    pub wind_kt: Option<u16>,
    /// The least pressure in hectopascals, where known.
    pub pressure_hpa: Option<u16>,
    /// The kind of system.
    pub stage: Stage,
    /// How far the highest wind is from the centre, in nautical miles, where known.
    pub radius_max_wind_nm: Option<u16>,
    /// By rising threshold. Above the fix's wind there are none; a threshold below it that is not listed is
    /// not known.
    pub radii: Vec<WindRadii>,
}

/// The positions of one storm in order of time.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Track {
    /// The basin's identifier, as `AL062018`; for the Japan Meteorological Agency `JMA2211`.
    pub id: String,
    /// The storm's name as the source writes it.
    pub name: String,
    /// What its winds are averaged over.
    pub averaging: Averaging,
    /// Strictly rising in time.
    pub fixes: Vec<Fix>,
}

/// A forecast as it was issued.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Forecast {
    /// The synoptic hour it starts from: lead 0.
    pub initial: Stamp,
    /// Who or what made it, as `OFCL`.
    pub technique: String,
    /// The positions, from lead 0 on; the moments are absolute.
    pub track: Track,
}

impl Forecast {
    /// How long after its initial hour the National Hurricane Center's forecast is public: those of 00, 06,
    /// 12 and 18 UTC are issued at 03, 09, 15 and 21 UTC (NHC Forecast Verification, section 2).
    pub const PUBLIC_AFTER: Span = Span::hours(3);

    /// The moment from which anybody could act on it.
    #[must_use]
    pub fn public_at(&self) -> Stamp {
        self.initial.after(Self::PUBLIC_AFTER)
    }
}

impl Fix {
    /// The radii of a threshold, where the fix has them.
    #[must_use]
    pub fn radii_of(&self, threshold_kt: u16) -> Option<&WindRadii> {
        self.radii.iter().find(|radii| radii.threshold_kt == threshold_kt)
    }
}

impl Track {
    /// The first and last moment of the track; nothing for one without fixes.
    #[must_use]
    pub fn lifetime(&self) -> Option<(Stamp, Stamp)> {
        Some((self.fixes.first()?.at, self.fixes.last()?.at))
    }

    /// The thresholds any fix has radii for, rising.
    #[must_use]
    pub fn thresholds_kt(&self) -> Vec<u16> {
        let mut all: Vec<u16> =
            self.fixes.iter().flat_map(|fix| fix.radii.iter().map(|radii| radii.threshold_kt)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The highest wind of any fix, in knots.
    #[must_use]
    pub fn peak_wind_kt(&self) -> Option<u16> {
        self.fixes.iter().filter_map(|fix| fix.wind_kt).max()
    }
}

impl Stage {
    /// The stage of the ATCF's and HURDAT2's two letters.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        match code {
            "DB" => Self::Disturbance,
            "WV" => Self::Wave,
            "LO" => Self::Low,
            "TD" => Self::Depression,
            "SD" => Self::SubtropicalDepression,
            "TS" => Self::Storm,
            "SS" => Self::SubtropicalStorm,
            "HU" | "TY" | "ST" | "TC" => Self::Hurricane,
            "EX" | "ET" | "PT" => Self::Extratropical,
            _ => Self::Other,
        }
    }

    /// The two letters the product writes for it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Disturbance => "DB",
            Self::Wave => "WV",
            Self::Low => "LO",
            Self::Depression => "TD",
            Self::SubtropicalDepression => "SD",
            Self::Storm => "TS",
            Self::SubtropicalStorm => "SS",
            Self::Hurricane => "HU",
            Self::Extratropical => "EX",
            Self::Other => "XX",
        }
    }
}
