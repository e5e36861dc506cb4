//! Scenarios: a disaster as a file. TOML in, checked against a book's own codes before anything runs.

use std::collections::BTreeMap;

use holdfast_app::roads::TruckTerms;
use holdfast_domain::incident::{Hazard, Severity, StockAccess};
use holdfast_domain::time::Stamp;
use serde::{Deserialize, Serialize};

/// The most entries of each list a scenario may have.
const ENTRIES_MAX: usize = 1_000;

/// A disaster, as it really went: what each policy can know of it, and when, is another matter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Name for people.
    pub name: String,
    /// What kind.
    #[serde(deserialize_with = "hazard")]
    pub hazard: Hazard,
    /// How bad.
    pub severity: Severity,
    /// What is fact, what is assumed, and where it comes from.
    #[serde(default)]
    pub notes: Vec<String>,
    /// A storm that ships with the product, by its key.
    #[serde(default)]
    pub storm: Option<String>,
    /// A track file beside the scenario: ATCF best track, HURDAT2 or another format the product reads.
    #[serde(default)]
    pub track_file: Option<String>,
    /// Whether the official forecasts of the shipped storm are used to act before it comes.
    #[serde(default)]
    pub forecasts: bool,
    /// Hours after the winds fall below a site's limit until it ships again: power, roads, people.
    #[serde(default)]
    pub recovery_h: u32,
    /// Sites whose recovery takes another time.
    #[serde(default, rename = "recovery")]
    pub recoveries: Vec<Recovery>,
    /// Winds, in knots, at which carriers stop delivering in a zone.
    #[serde(default)]
    pub zone_wind_kt: Option<u16>,
    /// Hours after that until they deliver again.
    #[serde(default)]
    pub zone_recovery_h: u32,
    /// Winds, in knots, at which roads are closed to trucks between sites.
    #[serde(default)]
    pub road_wind_kt: Option<u16>,
    /// Hours after that until they are open again.
    #[serde(default)]
    pub road_recovery_h: u32,
    /// Areas in which roads are closed.
    #[serde(default, rename = "road")]
    pub roads: Vec<RoadClosure>,
    /// What trucks between sites cost; what is not said is the book's, or assumed.
    #[serde(default)]
    pub trucks: TruckTerms,
    /// Sites that close.
    #[serde(default, rename = "closure")]
    pub closures: Vec<Closure>,
    /// Sites that can do less.
    #[serde(default, rename = "limit")]
    pub limits: Vec<Limit>,
    /// Lanes that close.
    #[serde(default, rename = "embargo")]
    pub embargoes: Vec<Embargo>,
    /// Demand that rises or falls.
    #[serde(default, rename = "surge")]
    pub surges: Vec<Surge>,
    /// Standby sites a continuity plan would call.
    #[serde(default)]
    pub standby: Vec<String>,
    /// The demo book it is written for, by its key; absent: it fits every book.
    #[serde(default)]
    pub book: Option<String>,
    /// Goods that suppliers send again after a site is lost.
    #[serde(default, rename = "supply")]
    pub supplies: Vec<Supply>,
    /// A merchant who may be carried by others.
    #[serde(default)]
    pub takeover: Option<TakeOver>,
    /// Name and notes in other languages, by their two letters.
    #[serde(default, rename = "text")]
    pub texts: BTreeMap<String, ScenarioText>,
}

/// Goods that suppliers send again: every SKU that lay at a site when it closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supply {
    /// The code of the site they are sent to; where it is shut they need another door.
    pub site: String,
    /// Days after it closed on which they reach its gate.
    pub days: u16,
    /// Thousandths of what lay there.
    pub permille: u16,
}

/// A take-over: sites of the same journal that may carry a merchant whose own are lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TakeOver {
    /// The code of the merchant who is carried.
    pub merchant: String,
    /// A demo book whose sites, merchants and orders stand beside the drill's own book, by its key.
    #[serde(default)]
    pub host_book: Option<String>,
    /// Hours after the closure at which the offer is made and accepted.
    #[serde(default = "a_working_day")]
    pub after_h: u32,
}

const fn a_working_day() -> u32 {
    18
}

/// A scenario's own words in another language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioText {
    /// Name for people.
    pub name: String,
    /// What is fact, what is assumed: as many as the scenario's own notes, in their order.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// A site's own time to recover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// The site's code.
    pub site: String,
    /// Hours.
    pub hours: u32,
}

/// A site that closes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closure {
    /// The site's code; or
    #[serde(default)]
    pub site: Option<String>,
    /// the site with most open orders (1), the second most (2), …: for scenarios that fit every book.
    #[serde(default)]
    pub busiest: Option<usize>,
    /// From when.
    pub from: Moment,
    /// Until before when; absent: it never comes back.
    #[serde(default)]
    pub until: Option<Moment>,
    /// What becomes of the stock.
    #[serde(default = "inaccessible")]
    pub stock: StockAccess,
    /// Hours before it closes from which it was known.
    #[serde(default)]
    pub known_h: u32,
}

/// An area in which roads are closed: a polygon, or a circle about a place or a site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoadClosure {
    /// Corners, latitude and longitude.
    #[serde(default)]
    pub polygon: Vec<(f64, f64)>,
    /// The circle's centre, latitude and longitude; or
    #[serde(default)]
    pub centre: Option<(f64, f64)>,
    /// the code of the site it is about; or
    #[serde(default)]
    pub site: Option<String>,
    /// the site with the most capacity (1), the second most (2), …
    #[serde(default)]
    pub busiest: Option<usize>,
    /// The circle's radius in kilometres.
    #[serde(default)]
    pub radius_km: f64,
    /// From when.
    pub from: Moment,
    /// Until before when.
    pub until: Moment,
}

/// A site that can do less.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The site's code; absent: every site.
    #[serde(default)]
    pub site: Option<String>,
    /// Thousandths of its capacity that are left.
    pub permille: u16,
    /// From when.
    pub from: Moment,
    /// Until before when.
    pub until: Moment,
}

/// Lanes that close: every field that is given must match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Embargo {
    /// Only from this site.
    #[serde(default)]
    pub site: Option<String>,
    /// Only this carrier.
    #[serde(default)]
    pub carrier: Option<String>,
    /// Only into zones whose code begins so.
    #[serde(default)]
    pub zones: Vec<String>,
    /// Only into this country.
    #[serde(default)]
    pub country: Option<String>,
    /// Only across a border.
    #[serde(default)]
    pub cross_border: bool,
    /// Only this channel, such as `air`.
    #[serde(default)]
    pub kind: Option<String>,
    /// From when.
    pub from: Moment,
    /// Until before when.
    pub until: Moment,
}

/// Demand that changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Surge {
    /// Only orders with a line of this category; absent: all.
    #[serde(default)]
    pub category: Option<String>,
    /// Thousandths of normal.
    pub permille: u32,
    /// From when.
    pub from: Moment,
    /// Until before when.
    pub until: Moment,
}

/// A moment: absolute, or hours after the book's first order, for scenarios that fit every book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Moment {
    /// Hours after the first order.
    Hours(i64),
    /// A moment.
    #[serde(with = "moment_text")]
    At(Stamp),
}

impl Moment {
    /// The moment, for a book whose first order comes in at `start`.
    #[must_use]
    pub fn of(self, start: Stamp) -> Stamp {
        match self {
            Self::At(stamp) => stamp,
            Self::Hours(hours) => Stamp(start.0.saturating_add(hours.saturating_mul(3_600_000))),
        }
    }
}

mod moment_text {
    use holdfast_domain::time::Stamp;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(stamp: &Stamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(stamp)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Stamp, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

const fn inaccessible() -> StockAccess {
    StockAccess::Inaccessible
}

fn hazard<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Hazard, D::Error> {
    let key = String::deserialize(deserializer)?;
    Hazard::from_key(&key).ok_or_else(|| {
        let known: Vec<&str> = Hazard::ALL.iter().map(|hazard| hazard.key()).collect();
        serde::de::Error::custom(format!("{key:?} is no hazard; write one of {}", known.join(", ")))
    })
}

/// Why a scenario cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// Not TOML, or not a scenario.
    #[error("read the scenario: {0}")]
    Text(String),
    /// A list that is longer than allowed.
    #[error("read the scenario: {list} has {found} entries, {ENTRIES_MAX} are the most")]
    TooLong {
        /// Which list.
        list: &'static str,
        /// Entries in it.
        found: usize,
    },
    /// A code the book does not have.
    #[error("scenario names {what} {code:?}, which the book does not have; it has {known}")]
    Unknown {
        /// What kind of code.
        what: &'static str,
        /// The code.
        code: String,
        /// Codes the book has.
        known: String,
    },
    /// A time that ends before it begins.
    #[error("scenario: {what} ends before it begins")]
    Backwards {
        /// What.
        what: String,
    },
    /// A storm that does not ship, or a track that cannot be read.
    #[error("scenario: {0}")]
    Track(String),
    /// The book has no orders that could be touched.
    #[error("run the scenario: the book has no open orders; import orders.csv and order_lines.csv")]
    NoOrders,
}

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    /// [`ScenarioError::Text`] with line and column, or [`ScenarioError::TooLong`].
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = toml::from_str(text).map_err(|error| ScenarioError::Text(error.to_string()))?;
        let lists = [
            ("closure", scenario.closures.len()),
            ("limit", scenario.limits.len()),
            ("embargo", scenario.embargoes.len()),
            ("surge", scenario.surges.len()),
            ("supply", scenario.supplies.len()),
            ("road", scenario.roads.len()),
        ];
        match lists.into_iter().find(|(_, found)| *found > ENTRIES_MAX) {
            Some((list, found)) => Err(ScenarioError::TooLong { list, found }),
            None => Ok(scenario),
        }
    }
}
