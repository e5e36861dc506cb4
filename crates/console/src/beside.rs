//! What stands beside the state: how it stands with the analysis, what was turned away at the door, what threatens.

use std::collections::BTreeMap;

use holdfast_continuity::statistics::Guarded;
use holdfast_domain::id::{IncidentId, PlanId, SiteId};
use holdfast_domain::incident::{Hazard, Severity};
use holdfast_domain::time::Stamp;

use crate::act::NAME_MAX;
use crate::before::Analysis;
use crate::connections::Connections;
use crate::drilled::Drilled;
use crate::undoing::Undoing;
use crate::words::{Words, say};

/// What stands beside the state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// How it stands with the next analysis.
    pub analysis: Analysis,
    /// What was turned away, by month and by code.
    pub guarded: Guarded,
    /// The operator's recovery time objective, hours.
    pub objective_h: Option<u32>,
    /// Drills: how it stands with the next on every page, all else where a page shows it.
    pub drilled: Drilled,
    /// What taking each plan of the incident on the page back would come to.
    pub undoing: BTreeMap<PlanId, Undoing>,
    /// Shops, carriers and endpoints, where a page shows them.
    pub connections: Connections,
    /// Potential incidents, the worst first.
    pub threats: Vec<Threat>,
}

/// A potential incident: what feeds and silent sites mean for the sites, for a person to declare or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threat {
    /// Its name in addresses.
    pub id: String,
    /// What kind.
    pub hazard: Hazard,
    /// How bad.
    pub severity: Severity,
    /// A name for the incident.
    pub name: String,
    /// When the first site is threatened.
    pub from: Option<Stamp>,
    /// When it should be over.
    pub until: Option<Stamp>,
    /// The greatest chance a forecast gives any of the sites, thousandths.
    pub chance_permille: Option<u32>,
    /// The sites.
    pub sites: Vec<SiteId>,
    /// Nobody's alert names it: sites do not answer, and the screen says so in the reader's language.
    pub silent: bool,
    /// Why, one line each.
    pub evidence: Vec<Why>,
    /// The open incident that is about it already.
    pub incident: Option<IncidentId>,
}

/// Why an incident is proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// What an alert or a forecast says, in its own words.
    Said(String),
    /// The site of this code is not heard.
    Silent(String),
}

/// The name of an incident that is proposed because the sites of these codes are not heard: as the form for incidents
/// takes it.
#[must_use]
pub fn silent_name(words: Words, codes: &[String]) -> String {
    say!(words, "threat-silent", sites = codes.join(", ")).chars().take(NAME_MAX).collect()
}
