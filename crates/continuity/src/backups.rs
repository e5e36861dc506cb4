//! Which sites to contract as backups for a book: its own orders, its own lanes, the catalogue's events.
//!
//! Events of the simulated years that close the same sites for about as long are put together, so sites that fail together
//! do so here too. Destinations are put together by the two sites that reach them most cheaply. Invariant: the choice
//! is the solver's with its bound, and is accepted by the checker or says that it is not.

mod closings;
mod groups;
mod kept;
mod origin;

use holdfast_domain::id::{Id, SiteId, ZoneId};
use holdfast_plan::facility::backup::{
    BackupError, BackupPlan, BackupProblem, Candidate, Event, Role, ZoneDemand, choose,
};
use holdfast_plan::facility::check_backup::backup as check;
use holdfast_plan::facility::{Budget, FacilityError, Watch};
use serde::Serialize;

use crate::bia::{BiaError, Question};
use crate::fluid::World;

use closings::{Closing, closings};
use groups::{Group, groups, orders_per_day};
pub use kept::{Kept, keep};
pub use origin::origin;

/// Groups of events that are looked at, those with most closed days first.
const EVENTS_MAX: usize = 160;

/// What a backup costs. Money in the operator's minor units.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Terms {
    /// A year of having it ready.
    pub contract_minor: i64,
    /// Each activation.
    pub activation_minor: i64,
    /// Days from the call to the first parcel.
    pub lead_days: f64,
}

/// Who says what a candidate costs, where the book does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// The command line.
    Declared,
    /// Nobody: it is looked at as costing nothing.
    Nobody,
}

/// A candidate beside those of the book.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offered {
    /// The site.
    pub site: SiteId,
    /// What it costs.
    pub terms: Terms,
    /// Who says so.
    pub said: Said,
}

/// A candidate with its terms.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CandidateRow {
    /// Its code.
    pub site: String,
    /// Its terms.
    pub terms: Terms,
    /// Who says so.
    pub source: String,
    /// Orders a day it can ship.
    pub orders_per_day: f64,
    /// Days a year it is closed itself.
    pub closed_days: f64,
}

/// A site to contract.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ContractRow {
    /// Its code.
    pub site: String,
    /// Orders a year it ships, on average.
    pub orders_per_year: f64,
    /// What the year would cost more without it, minor units.
    pub saves_minor: i64,
    /// The share of the days on which a main site is closed that it is closed too.
    pub fails_too: f64,
}

/// Which to contract.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// Currency of all money, in minor units.
    pub currency: String,
    /// Simulated years and seed.
    pub years: u32,
    /// Seed.
    pub seed: u64,
    /// Groups of events looked at, and the share of all closed days they hold.
    pub events: usize,
    /// That share.
    pub closed_days_held: f64,
    /// Groups of destinations.
    pub groups: usize,
    /// Candidates.
    pub candidates: Vec<CandidateRow>,
    /// What to contract.
    pub contracts: Vec<ContractRow>,
    /// Expected cost of a year's events, minor units.
    pub cost: i64,
    /// No choice costs less, minor units.
    pub bound: i64,
    /// `(cost - bound) / cost`.
    pub gap: f64,
    /// Whether the search ended by itself.
    pub proven: bool,
    /// The same without any backup, minor units.
    pub cost_without: i64,
    /// Expected orders a year nobody serves.
    pub unserved_orders: f64,
    /// The same without any backup.
    pub unserved_orders_without: f64,
    /// What the checker, which shares no code with the solver, objects to.
    pub violations: Vec<String>,
    /// What is assumed, a sentence each.
    pub assumed: Vec<String>,
}

/// Why there is no choice.
#[derive(Debug, thiserror::Error)]
pub enum BackupsError {
    /// The hazards cannot be simulated.
    #[error(transparent)]
    Bia(#[from] BiaError),
    /// The problem cannot be solved.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The problem cannot be solved.
    #[error(transparent)]
    Facility(#[from] FacilityError),
    /// Nothing to choose from.
    #[error(
        "choose among no candidates: write standby sites and their contracts into the book, or name a candidate"
    )]
    NoCandidates,
    /// Nobody left to back up.
    #[error("back up a network whose every site is a candidate: leave one out")]
    NoMain,
    /// More to keep than there are.
    #[error("keep {wanted} of {found} sites: give 1 to {found}")]
    Keep {
        /// How many are wanted.
        wanted: usize,
        /// How many there are.
        found: usize,
    },
}

/// What is asked.
pub struct Ask<'a> {
    /// State, orders, hazards, seed and years.
    pub question: &'a Question<'a>,
    /// The network and its orders, frozen.
    pub world: &'a World,
    /// Terms of candidates: they replace those of the book, and make an open site a candidate.
    pub terms: &'a [Offered],
    /// Contracts at most.
    pub most: usize,
}

/// Chooses the backups to contract.
///
/// # Errors
/// [`BackupsError`].
pub fn backups(ask: &Ask<'_>, watch: Watch<'_>) -> Result<Answer, BackupsError> {
    let (state, world) = (ask.question.state, ask.world);
    let closings = closings(ask)?;
    let roles = roles(ask, &closings);
    let candidates: Vec<usize> = (0..world.sites_count)
        .filter(|site| matches!(roles[*site], Some((Role::Backup { .. }, _))))
        .collect();
    if candidates.is_empty() {
        return Err(BackupsError::NoCandidates);
    }
    if !roles.iter().any(|role| matches!(role, Some((Role::Existing, _)))) {
        return Err(BackupsError::NoMain);
    }
    let used: Vec<usize> = (0..world.sites_count).filter(|site| roles[*site].is_some()).collect();
    let groups = groups(ask, &used);
    let all_days: f64 = closings.iter().map(|c| f64::from(c.count) * c.days).sum();
    let mut looked: Vec<&Closing> = closings.iter().collect();
    looked.sort_by(|a, b| {
        (f64::from(b.count) * b.days).total_cmp(&(f64::from(a.count) * a.days)).then(a.failed.cmp(&b.failed))
    });
    looked.truncate(EVENTS_MAX);
    let held: f64 = looked.iter().map(|c| f64::from(c.count) * c.days).sum();
    let problem = problem(ask, &roles, &used, &groups, &looked);
    let plan = choose(&problem, Budget::default(), watch)?;
    let violations: Vec<String> = check(&problem, &plan).iter().map(ToString::to_string).collect();
    let closed_days = |site: usize| {
        let mine = closings.iter().filter(|c| c.failed.contains(&site));
        mine.map(|c| f64::from(c.count) * c.days).sum::<f64>() / f64::from(ask.question.years)
    };
    let code = |site: usize| state.network.sites[site].code.to_string();
    Ok(Answer {
        currency: state.network.operator.as_ref().map_or_else(String::new, |o| o.currency.to_string()),
        years: ask.question.years,
        seed: ask.question.seed,
        events: looked.len(),
        closed_days_held: if all_days > 0.0 { held / all_days } else { 1.0 },
        groups: groups.len(),
        candidates: candidates
            .iter()
            .filter_map(|site| match &roles[*site] {
                Some((Role::Backup { contract_minor, activation_minor, lead_days }, source)) => Some(CandidateRow {
                    site: code(*site),
                    terms: Terms {
                        contract_minor: *contract_minor,
                        activation_minor: *activation_minor,
                        lead_days: *lead_days,
                    },
                    source: source.clone(),
                    orders_per_day: orders_per_day(ask, *site),
                    closed_days: closed_days(*site),
                }),
                _ => None,
            })
            .collect(),
        contracts: contracts(ask, &plan, &closings, &roles),
        cost: plan.cost_minor,
        bound: plan.lower_bound_minor,
        gap: plan.gap,
        proven: plan.proven,
        cost_without: plan.parts_without.total_minor(),
        unserved_orders: plan.unserved_orders,
        unserved_orders_without: plan.unserved_orders_without,
        violations,
        assumed: vec![
            "a hurricane is known 2 days before, a winter storm 1 day, a wildfire or flood half a day, all else not at all".to_owned(),
            "orders that cannot be served on their day of an event are lost: margin and the merchant's cost of a backorder".to_owned(),
            "stoppages of carriers, attacks on systems and pandemics close no single place and are left out".to_owned(),
            "a backup holds the goods it is asked for (`holdfast critical` says which to lay there)".to_owned(),
        ],
    })
}

fn contracts(
    ask: &Ask<'_>,
    plan: &BackupPlan,
    closings: &[Closing],
    roles: &[Option<(Role, String)>],
) -> Vec<ContractRow> {
    let is_main = |site: &usize| matches!(roles[*site], Some((Role::Existing, _)));
    let of = |contract: &holdfast_plan::facility::backup::Contract| {
        let site = contract.site.index();
        let (mut both, mut all) = (0.0, 0.0);
        for closing in closings.iter().filter(|c| c.failed.iter().any(is_main)) {
            let days = f64::from(closing.count) * closing.days;
            all += days;
            if closing.failed.contains(&site) {
                both += days;
            }
        }
        ContractRow {
            site: ask.question.state.network.sites[site].code.to_string(),
            orders_per_year: contract.orders_per_year,
            saves_minor: contract.saves_minor,
            fails_too: if all > 0.0 { both / all } else { 0.0 },
        }
    };
    plan.contracts.iter().map(of).collect()
}

/// What each site is; `None` for those left out (closed for good, or a standby without terms).
fn roles(ask: &Ask<'_>, closings: &[Closing]) -> Vec<Option<(Role, String)>> {
    let (all, days): (u32, f64) =
        closings.iter().fold((0, 0.0), |sum, c| (sum.0 + c.count, sum.1 + f64::from(c.count) * c.days));
    let mean_days = if all > 0 { days / f64::from(all) } else { 0.0 };
    let network = &ask.question.state.network;
    (0..ask.world.sites_count)
        .map(|site| {
            if let Some(offered) = ask.terms.iter().find(|offered| offered.site.index() == site) {
                let terms = offered.terms;
                let role = Role::Backup {
                    contract_minor: terms.contract_minor,
                    activation_minor: terms.activation_minor,
                    lead_days: terms.lead_days,
                };
                let source = match offered.said {
                    Said::Declared => "declared on the command line",
                    Said::Nobody => "assumed to cost nothing: nobody declared any (--candidate CODE=CONTRACT,ACTIVATION,LEAD_DAYS)",
                };
                return Some((role, source.to_owned()));
            }
            if let Some(standby) = &network.sites[site].standby {
                let role = Role::Backup {
                    contract_minor: 0,
                    activation_minor: standby.activation_cost + (standby.daily_cost as f64 * mean_days) as i64,
                    lead_days: standby.lead_time.0 as f64 / 86_400_000.0,
                };
                let source = format!(
                    "standby_contracts.csv: activation and daily cost over the mean closure of {mean_days:.1} days; \
                     it has no cost of holding ready"
                );
                return Some((role, source));
            }
            ask.world.is_open(site).then(|| (Role::Existing, String::new()))
        })
        .collect()
}

fn problem(
    ask: &Ask<'_>,
    roles: &[Option<(Role, String)>],
    used: &[usize],
    groups: &[Group],
    closings: &[&Closing],
) -> BackupProblem {
    BackupProblem {
        sites: used
            .iter()
            .filter_map(|site| {
                let (role, _) = roles[*site].as_ref()?;
                let site_id = SiteId::from_index(*site);
                Some(Candidate { site: site_id, role: *role, orders_per_day: orders_per_day(ask, *site) })
            })
            .collect(),
        zones: groups
            .iter()
            .enumerate()
            .map(|(index, group)| ZoneDemand {
                zone: ZoneId::from_index(index),
                orders_per_day: group.orders_per_day,
                unserved_minor: group.unserved_minor,
            })
            .collect(),
        order_minor: used.iter().map(|site| groups.iter().map(|group| group.cost[*site]).collect()).collect(),
        events: closings
            .iter()
            .enumerate()
            .map(|(index, closing)| Event {
                name: format!("closure {index}"),
                per_year: f64::from(closing.count) / f64::from(ask.question.years),
                days: closing.days,
                warning_days: closing.hazard_warning,
                failed: closing
                    .failed
                    .iter()
                    .filter(|site| used.contains(site))
                    .map(|site| SiteId::from_index(*site))
                    .collect(),
                surge: Vec::new(),
            })
            .collect(),
        backups_most: ask.most,
    }
}
