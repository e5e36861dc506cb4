//! Incidents: what threatens or has struck, how far it reaches, and what was done about it.

use serde::{Deserialize, Serialize};

use crate::id::{IncidentId, LaneId, ServiceId, SiteId, ZoneId};
use crate::network::Country;
use crate::time::Stamp;

/// What kind of disaster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hazard {
    /// Hurricane or typhoon.
    Hurricane,
    /// Tornado.
    Tornado,
    /// Flood.
    Flood,
    /// Wildfire.
    Wildfire,
    /// Snow, ice, deep cold.
    WinterStorm,
    /// Earthquake.
    Earthquake,
    /// Volcanic ash: what closed Europe's airspace in April 2010.
    VolcanicAsh,
    /// Power outage.
    PowerOutage,
    /// Attack on computers.
    CyberAttack,
    /// Surge and absence in a pandemic.
    PandemicSurge,
    /// A person's mistake.
    HumanError,
    /// A carrier or port that stops.
    CarrierStoppage,
    /// A fire at the site.
    Fire,
    /// Anything else that closes a site or a lane.
    Other,
}

impl Hazard {
    /// All kinds, in a stable order.
    pub const ALL: [Self; 14] = [
        Self::Hurricane,
        Self::Tornado,
        Self::Flood,
        Self::Wildfire,
        Self::WinterStorm,
        Self::Earthquake,
        Self::VolcanicAsh,
        Self::PowerOutage,
        Self::CyberAttack,
        Self::PandemicSurge,
        Self::HumanError,
        Self::CarrierStoppage,
        Self::Fire,
        Self::Other,
    ];

    /// The word used in files, keys and JSON.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Hurricane => "hurricane",
            Self::Tornado => "tornado",
            Self::Flood => "flood",
            Self::Wildfire => "wildfire",
            Self::WinterStorm => "winter_storm",
            Self::Earthquake => "earthquake",
            Self::VolcanicAsh => "volcanic_ash",
            Self::PowerOutage => "power_outage",
            Self::CyberAttack => "cyber_attack",
            Self::PandemicSurge => "pandemic_surge",
            Self::HumanError => "human_error",
            Self::CarrierStoppage => "carrier_stoppage",
            Self::Fire => "fire",
            Self::Other => "other",
        }
    }

    /// The kind of a [`Hazard::key`].
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hazard| hazard.key() == key)
    }
}

/// Where an incident stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It may come.
    Watch,
    /// It has come, or is treated as if it had.
    Declared,
    /// All clear; sites come back step by step.
    Recovering,
    /// Over and reviewed.
    Closed,
}

/// How bad, from a nuisance to the loss of a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Hours, one site limited.
    Minor,
    /// A day, one site closed.
    Moderate,
    /// Days, a site or many lanes.
    Severe,
    /// A site is lost.
    Extreme,
}

/// An incident and what was done about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// What kind.
    pub hazard: Hazard,
    /// Name for people, such as the storm's.
    pub name: Box<str>,
    /// Where it stands.
    pub phase: Phase,
    /// How bad.
    pub severity: Severity,
    /// When it was first recorded.
    pub opened: Stamp,
    /// When it was declared.
    pub declared: Option<Stamp>,
    /// When it is expected to end.
    pub expected_end: Option<Stamp>,
    /// When it ended.
    pub ended: Option<Stamp>,
    /// Sites it closed or limited.
    pub sites: Vec<SiteId>,
    /// Lanes it closed.
    pub lanes: Vec<LaneId>,
    /// Demand it changes, by category: thousandths of normal.
    pub surges: Vec<(Box<str>, u32)>,
    /// Whether it is a drill: nothing may leave the house.
    pub drill: bool,
}

/// Which stock of a site that is not open can be counted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StockAccess {
    /// It lies there whole, behind a closed door.
    Inaccessible,
    /// Nobody knows.
    Unknown,
    /// It is gone.
    Lost,
}

/// What a site can do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SiteAccess {
    /// Ships, with so many thousandths of its capacity.
    Open {
        /// 1000 is all of it.
        permille: u16,
    },
    /// Ships nothing; its stock is quarantined whole.
    Closed {
        /// The incident that closed it.
        incident: IncidentId,
        /// What is known of the stock.
        stock: StockAccess,
    },
    /// A backup that has not been called.
    Dormant,
    /// A backup that was called and opens then.
    Activating {
        /// When the first parcel can leave.
        ready: Stamp,
    },
}

impl SiteAccess {
    /// All of it.
    pub const FULL: Self = Self::Open { permille: 1000 };

    /// Thousandths of its capacity that work now.
    #[must_use]
    pub const fn permille(self) -> u16 {
        match self {
            Self::Open { permille } => permille,
            Self::Closed { .. } | Self::Dormant | Self::Activating { .. } => 0,
        }
    }

    /// Whether orders can be reserved there now.
    #[must_use]
    pub const fn takes_orders(self) -> bool {
        matches!(self, Self::Open { permille: 1.. } | Self::Activating { .. })
    }
}

/// Which lanes an embargo closes: every field that is given must match.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LaneRule {
    /// Only from this site.
    pub site: Option<SiteId>,
    /// Only this service.
    pub service: Option<ServiceId>,
    /// Only services of this carrier.
    pub carrier: Option<Box<str>>,
    /// Only into these zones; empty means any.
    pub zones: Vec<ZoneId>,
    /// Only into this country.
    pub country: Option<Country>,
    /// Only across a border.
    pub cross_border: bool,
    /// Only this channel.
    pub kind: Option<crate::network::LaneKind>,
}

/// A lane's state: the incidents that keep it closed. It is open when there is none.
pub type Embargoes = smallvec::SmallVec<[IncidentId; 1]>;
