//! What a drill found, as numbers: nothing here is a sentence, but for the scenario's own notes.

use std::collections::BTreeMap;

use holdfast_app::load::{Assumption, LoadFault};
use holdfast_domain::id::{Id, MerchantId, SiteId};
use holdfast_domain::takeover::CostCause;
use holdfast_domain::time::{Day, Stamp};
use holdfast_engine::incident::Preview;
use holdfast_engine::takeover::{Effect, GuestOffer, Statement};
use serde::Serialize;

use crate::decisions::Decision;
use crate::forecast::Outlook;
use crate::loss::Loss;
use crate::policy::ActLog;
use crate::scenario::ScenarioText;
use crate::tally::Tally;
use crate::truth::SiteOut;
use crate::world::TruckRun;

/// The policies that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyName {
    /// Nobody does anything.
    Wait,
    /// What the trade does.
    Trade,
    /// Holdfast, acting when a site closes.
    HoldfastAtClosure,
    /// Holdfast, acting on the forecasts as they were issued.
    Holdfast,
    /// The same, and a merchant who has lost its sites is carried by others.
    HoldfastTakeOver,
}

/// What acting on the forecasts of an hour would have been worth.
#[derive(Clone, Debug, Serialize)]
pub struct Lead {
    /// Hours before the first site closed by the wind.
    pub hours: u32,
    /// Sites acted on, with the chance that was known then.
    pub sites: Vec<(String, f64)>,
    /// Sites acted on that never closed.
    pub false_alarms: Vec<String>,
    /// Promises kept.
    pub on_time: u64,
    /// Total cost, minor units.
    pub total_cost: i64,
}

/// What closures that the wind never justified came to: Holdfast's run without them.
#[derive(Clone, Debug, Serialize)]
pub struct Needless {
    /// The sites.
    pub sites: Vec<String>,
    /// Promises kept, had they stayed open.
    pub on_time: u64,
    /// Total cost, had they stayed open, minor units.
    pub total_cost: i64,
}

/// The numbers of a drill.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The scenario's name.
    pub scenario: String,
    /// The hazard's key.
    pub hazard: &'static str,
    /// What is fact and what is assumed.
    pub notes: Vec<String>,
    /// The seed of every chance.
    pub seed: u64,
    /// Sites that closed.
    pub closures: Vec<SiteOut>,
    /// Highest wind by site code, in knots.
    pub winds: BTreeMap<String, f64>,
    /// Zones in which deliveries rested.
    pub zones_out: usize,
    /// By policy.
    pub policies: Vec<(PolicyName, Tally)>,
    /// The same orders, had no site, lane or zone been out: what the disaster cost is what a policy is worse by.
    pub calm: Tally,
    /// What each site took with it when it closed.
    pub losses: Vec<Loss>,
    /// When the run ended, for what was still shut then.
    pub ends: Stamp,
    /// The day `waiting` begins with, in the operator's zone.
    pub first_day: Day,
    /// By policy: orders not whole with their customers at the end of each day.
    pub waiting: Vec<(PolicyName, Vec<u64>)>,
    /// By policy: the least of all merchants' shares of promises kept, each over its weight, in thousandths: the phi
    /// the run met. Weights are over the greatest.
    pub fairness: Vec<(PolicyName, u64)>,
    /// By merchant: promises Holdfast kept and the trade did not, and the other way round.
    pub merchants_saved: BTreeMap<MerchantId, (u64, u64)>,
    /// Orders whose promise Holdfast kept and the trade did not, and the other way round.
    pub saved_against_trade: (u64, u64),
    /// The same against doing nothing.
    pub saved_against_wait: (u64, u64),
    /// Orders that no policy brought in time: deliveries rested in their zones, or nobody had the goods.
    pub beyond_all: u64,
    /// No policy can cost less, in minor units, had it known everything beforehand; `None` where that is not computed.
    pub bound: Option<i64>,
    /// What acting on the forecasts of each hour would have been worth.
    pub leads: Vec<Lead>,
    /// The take-over, where one was accepted.
    pub takeover: Option<TakeOverReport>,
    /// What closures that the wind never justified came to.
    pub needless: Option<Needless>,
    /// The blast radius at the first closure.
    pub preview: Option<Preview>,
    /// What Holdfast did.
    pub log: Vec<ActLog>,
    /// The trucks it sent between sites, as they really went.
    pub trucks: Vec<TruckRun>,
    /// Plans that were made, and how many of them the checker accepts.
    pub plans_checked: (usize, usize),
    /// What the checker said of the others.
    pub violations: Vec<String>,
    /// Policies whose numbers the recount from the journal confirms.
    pub recounted: Vec<PolicyName>,
    /// Where the recount disagrees.
    pub recount_differs: Vec<String>,
    /// Defaults the book rests on.
    pub assumptions: Vec<Assumption>,
    /// Rows that could not be used.
    pub faults: Vec<LoadFault>,
    /// Orders the surge added.
    pub surge_orders: usize,
    /// What acting on every forecast was expected to gain, as of its hour.
    pub decisions: Vec<Decision>,
    /// Chances of each site as of each advisory.
    pub outlooks: Vec<Outlook>,
    /// Site codes by id.
    pub sites: Vec<String>,
    /// Merchant codes by id.
    pub merchants: Vec<String>,
    /// Merchants' weights by id, in hundredths.
    pub weights: Vec<u32>,
    /// The scenario's own words in other languages.
    pub texts: BTreeMap<String, ScenarioText>,
}

/// What a take-over came to.
#[derive(Clone, Debug, Serialize)]
pub struct TakeOverReport {
    /// Who was carried.
    pub merchant: MerchantId,
    /// When it was accepted.
    pub accepted: Stamp,
    /// What was offered, as the guest sees it.
    pub offer: GuestOffer,
    /// What the offer said it would do to the others' open promises.
    pub effects: Vec<Effect>,
    /// The day the first parcel left a section; `None` if none did.
    pub first_parcel: Option<Day>,
    /// Orders of the guest of which something left a section.
    pub orders: u64,
    /// What it came to for each merchant, counted from the journal.
    pub statements: Vec<Statement>,
    /// What was done, as in [`Report::log`].
    pub log: Vec<ActLog>,
}

impl TakeOverReport {
    /// What it cost besides parcels: setting up, its days, taking goods in; the operator's minor units.
    #[must_use]
    pub fn fees(&self) -> i64 {
        let causes = self.statements.iter().flat_map(|statement| &statement.causes);
        let fees = causes.filter(|line| matches!(line.cause, CostCause::Standby | CostCause::Goods));
        fees.map(|line| line.total.cost).sum()
    }
}

impl Report {
    /// The tally of a policy, if it was run.
    #[must_use]
    pub fn tally(&self, policy: PolicyName) -> Option<&Tally> {
        self.policies.iter().find(|(name, _)| *name == policy).map(|(_, tally)| tally)
    }

    /// The code of a site.
    #[must_use]
    pub fn site(&self, site: SiteId) -> &str {
        self.sites.get(site.index()).map_or("?", String::as_str)
    }
}
