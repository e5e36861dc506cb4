//! Which candidate sites to contract as backups, against events that close several sites at once.
//!
//! The events come from a catalogue: each has a rate a year, a duration, a warning, the sites it closes and a
//! surge of demand, so sites that fail together do so because they share events. A backup costs its contract
//! every year and its activation in every event; it serves only after its lead time (less the warning), so an
//! event is cut into stages at the lead times. In each stage demand goes to what is open, within capacity, or is
//! left unserved at a price. The plan minimises contracts + expected activation + expected transport + expected
//! unserved penalty of a year's events, exactly: published with its bound. Costs outside events are the same
//! for every choice and left out. Demand that waits for a later stage is not modelled: it counts as unserved.

use super::location::{self, Count, LocationProblem, Scenario};
use super::{Budget, FacilityError, Solution, Watch, Work, gap_of, in_range, same_length};
use holdfast_domain::id::{SiteId, ZoneId};
use serde::Serialize;

/// The most stages (events cut at lead times) a problem may have.
pub const MAX_STAGES: usize = 5_000;

/// What a site is to the operator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Role {
    /// It ships already.
    Existing,
    /// It could be contracted.
    Backup {
        /// Cost a year of having it ready, minor units.
        contract_minor: i64,
        /// Cost of each activation, minor units.
        activation_minor: i64,
        /// Days from the decision to the first parcel.
        lead_days: f64,
    },
}

/// A site that ships or could.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Which site.
    pub site: SiteId,
    /// Existing or backup.
    pub role: Role,
    /// Orders it can ship a day during an event.
    pub orders_per_day: f64,
}

/// What a zone orders.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ZoneDemand {
    /// Which zone.
    pub zone: ZoneId,
    /// Orders a day without a surge.
    pub orders_per_day: f64,
    /// What an order left unserved costs, minor units.
    pub unserved_minor: i64,
}

/// One event of the catalogue.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What it is called.
    pub name: String,
    /// How often a year.
    pub per_year: f64,
    /// How long the sites stay closed, days.
    pub days: f64,
    /// How many days before it is known to come, so that backups can be called early.
    pub warning_days: f64,
    /// The sites it closes, existing and backup.
    pub failed: Vec<SiteId>,
    /// By zone: demand is multiplied by this. Empty means 1 everywhere.
    pub surge: Vec<f64>,
}

/// Which backups to contract.
#[derive(Clone, Debug, PartialEq)]
pub struct BackupProblem {
    /// Existing sites and candidates, in ascending order of id.
    pub sites: Vec<Candidate>,
    /// Demand.
    pub zones: Vec<ZoneDemand>,
    /// By site, then zone: transport and handling of one order, minor units; `None` where no lane runs.
    pub order_minor: Vec<Vec<Option<i64>>>,
    /// The catalogue.
    pub events: Vec<Event>,
    /// At most so many backups.
    pub backups_most: usize,
}

/// A year's expected cost of the events, minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Parts {
    /// Contracts, paid whatever happens.
    pub contract_minor: i64,
    /// Expected activations.
    pub activation_minor: i64,
    /// Expected transport.
    pub transport_minor: i64,
    /// Expected penalty of unserved orders.
    pub unserved_minor: i64,
}

impl Parts {
    /// Their sum.
    #[must_use]
    pub const fn total_minor(&self) -> i64 {
        self.contract_minor + self.activation_minor + self.transport_minor + self.unserved_minor
    }
}

/// One contracted backup and why.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Contract {
    /// The site.
    pub site: SiteId,
    /// Expected orders a year it ships.
    pub orders_per_year: f64,
    /// What the year would cost more without it, the other contracts kept, minor units.
    pub saves_minor: i64,
}

/// Who serves a zone in one stage of one event.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Service {
    /// Index of the event.
    pub event: usize,
    /// Days after the event's start, from.
    pub from_day: f64,
    /// Days after the event's start, until.
    pub until_day: f64,
    /// The zone.
    pub zone: ZoneId,
    /// The site; `None` is unserved.
    pub site: Option<SiteId>,
    /// Orders a day.
    pub orders_per_day: f64,
}

/// The contracts to sign, with their proof.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BackupPlan {
    /// What to contract, ascending by site.
    pub contracts: Vec<Contract>,
    /// Expected cost of a year's events, minor units, rounded to the nearest.
    pub cost_minor: i64,
    /// No choice of at most so many backups costs less, minor units, rounded down.
    pub lower_bound_minor: i64,
    /// `(cost - bound) / cost` before rounding.
    pub gap: f64,
    /// Whether the search ended by itself.
    pub proven: bool,
    /// Where the cost comes from.
    pub parts: Parts,
    /// The same with no backup at all.
    pub parts_without: Parts,
    /// Expected unserved orders a year.
    pub unserved_orders: f64,
    /// The same with no backup at all.
    pub unserved_orders_without: f64,
    /// Who serves whom, by event and stage.
    pub services: Vec<Service>,
    /// The work it took.
    pub work: Work,
}

/// Why no choice could be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BackupError {
    /// The tables are wrong.
    #[error(transparent)]
    Facility(#[from] FacilityError),
    /// The sites are not in ascending order, or one is there twice.
    #[error("use {0} in the list of sites: list each site once, in ascending order")]
    SiteOrder(SiteId),
    /// An event closes a site that is not listed.
    #[error("close {site} in event {event:?}: the site is not in the list, add it or correct the event")]
    UnknownSite {
        /// The site.
        site: SiteId,
        /// The event.
        event: String,
    },
}

/// Part of an event with one set of backups at work.
struct Stage {
    event: usize,
    from_day: f64,
    until_day: f64,
}

/// Chooses the backups to contract.
///
/// # Errors
/// [`BackupError`] for tables that are wrong.
///
/// ```
/// use holdfast_domain::id::{SiteId, ZoneId};
/// use holdfast_plan::facility::backup::{BackupProblem, Candidate, Event, Role, ZoneDemand, choose};
/// use holdfast_plan::facility::{Budget, unwatched};
/// let backup = Role::Backup { contract_minor: 500_000, activation_minor: 10_000, lead_days: 2.0 };
/// let problem = BackupProblem {
///     sites: vec![
///         Candidate { site: SiteId(0), role: Role::Existing, orders_per_day: 100.0 },
///         Candidate { site: SiteId(1), role: backup, orders_per_day: 80.0 },
///     ],
///     zones: vec![ZoneDemand { zone: ZoneId(0), orders_per_day: 90.0, unserved_minor: 3_000 }],
///     order_minor: vec![vec![Some(700)], vec![Some(900)]],
///     events: vec![Event {
///         name: "flood".into(), per_year: 0.5, days: 10.0, warning_days: 1.0,
///         failed: vec![SiteId(0)], surge: vec![],
///     }],
///     backups_most: 1,
/// };
/// let plan = choose(&problem, Budget::default(), &mut unwatched()).unwrap();
/// assert!(plan.proven && plan.contracts[0].site == SiteId(1));
/// // One day is lost before the backup ships: 0.5 x (1 x 90 + 9 x 10) orders a year.
/// assert_eq!(plan.unserved_orders, 90.0);
/// ```
pub fn choose(problem: &BackupProblem, budget: Budget, watch: Watch<'_>) -> Result<BackupPlan, BackupError> {
    validate(problem)?;
    let stages = stages(problem)?;
    let location = locate(problem, &stages);
    let solution = location::solve(&location, budget, watch)?;
    let existing: Vec<usize> = (0..problem.sites.len()).filter(|site| location.forced[*site]).collect();
    let without = location::evaluate(&location, &existing)?;
    Ok(publish(problem, &stages, &solution, &without))
}

fn validate(problem: &BackupProblem) -> Result<(), BackupError> {
    if let Some(pair) = problem.sites.windows(2).find(|pair| pair[0].site >= pair[1].site) {
        return Err(BackupError::SiteOrder(pair[1].site));
    }
    same_length("transport", problem.order_minor.len(), problem.sites.len())?;
    for row in &problem.order_minor {
        same_length("transport (row of a site)", row.len(), problem.zones.len())?;
    }
    let money = |v: i64| (0..=1_000_000_000_000).contains(&v);
    let figures = problem.zones.iter().map(|zone| zone.unserved_minor);
    let figures = figures.chain(problem.order_minor.iter().flatten().filter_map(|cost| *cost));
    let contracts = problem.sites.iter().flat_map(|site| match site.role {
        Role::Existing => [0, 0],
        Role::Backup { contract_minor, activation_minor, .. } => [contract_minor, activation_minor],
    });
    if let Some((index, value)) = figures.chain(contracts).enumerate().find(|(_, v)| !money(*v)) {
        let range = "of 0 to 10^12 minor units";
        return Err(FacilityError::Value { field: "cost", index, value: value as f64, range }.into());
    }
    let number = |v: f64| v.is_finite() && v >= 0.0;
    let leads = problem.sites.iter().map(|site| match site.role {
        Role::Existing => 0.0,
        Role::Backup { lead_days, .. } => lead_days,
    });
    in_range("lead time (days)", &leads.collect::<Vec<_>>(), number, "of 0 or more")?;
    let capacity: Vec<f64> = problem.sites.iter().map(|site| site.orders_per_day).collect();
    in_range("orders per day of a site", &capacity, number, "of 0 or more")?;
    let demand: Vec<f64> = problem.zones.iter().map(|zone| zone.orders_per_day).collect();
    in_range("orders per day of a zone", &demand, number, "of 0 or more")?;
    for event in &problem.events {
        in_range(
            "rate, days or warning",
            &[event.per_year, event.days, event.warning_days],
            number,
            "of 0 or more",
        )?;
        in_range("surge", &event.surge, number, "of 0 or more")?;
        if !event.surge.is_empty() {
            same_length("surge", event.surge.len(), problem.zones.len())?;
        }
        for site in &event.failed {
            if problem.sites.binary_search_by_key(site, |candidate| candidate.site).is_err() {
                return Err(BackupError::UnknownSite { site: *site, event: event.name.clone() });
            }
        }
    }
    Ok(())
}

/// Days after an event's start when a site can ship.
fn ready_day(candidate: &Candidate, event: &Event) -> f64 {
    match candidate.role {
        Role::Existing => 0.0,
        Role::Backup { lead_days, .. } => (lead_days - event.warning_days).max(0.0),
    }
}

fn stages(problem: &BackupProblem) -> Result<Vec<Stage>, BackupError> {
    let mut stages = Vec::new();
    for (index, event) in problem.events.iter().enumerate() {
        let mut cuts: Vec<f64> = problem.sites.iter().map(|site| ready_day(site, event)).collect();
        cuts.push(0.0);
        cuts.retain(|day| *day < event.days);
        cuts.push(event.days);
        cuts.sort_by(f64::total_cmp);
        cuts.dedup();
        stages.extend(cuts.windows(2).map(|pair| Stage {
            event: index,
            from_day: pair[0],
            until_day: pair[1],
        }));
        if stages.len() > MAX_STAGES {
            let (what, found) = ("stages of events", stages.len());
            return Err(FacilityError::TooLarge { what, found, limit: MAX_STAGES }.into());
        }
    }
    Ok(stages)
}

/// How often a year a backup would be activated.
fn activations(problem: &BackupProblem, candidate: &Candidate) -> f64 {
    let called =
        |event: &&Event| ready_day(candidate, event) < event.days && !event.failed.contains(&candidate.site);
    problem.events.iter().filter(called).map(|event| event.per_year).sum()
}

fn locate(problem: &BackupProblem, stages: &[Stage]) -> LocationProblem {
    // Where no lane runs, serving costs more than leaving unserved, so no cheapest service uses it.
    let never = 2.0 * problem.zones.iter().map(|zone| zone.unserved_minor).max().unwrap_or(0) as f64 + 1.0;
    let row =
        |row: &Vec<Option<i64>>| row.iter().map(|c| c.map_or(never, |c| c as f64)).collect::<Vec<f64>>();
    let fixed = problem.sites.iter().map(|candidate| match candidate.role {
        Role::Existing => 0.0,
        Role::Backup { contract_minor, activation_minor, .. } => {
            contract_minor as f64 + activation_minor as f64 * activations(problem, candidate)
        }
    });
    let scenarios = stages.iter().map(|stage| {
        let event = &problem.events[stage.event];
        let surge = |zone: usize| event.surge.get(zone).copied().unwrap_or(1.0);
        let load: Vec<f64> =
            problem.zones.iter().enumerate().map(|(i, zone)| zone.orders_per_day * surge(i)).collect();
        let capacity = problem.sites.iter().map(|candidate| {
            let ready =
                ready_day(candidate, event) <= stage.from_day && !event.failed.contains(&candidate.site);
            if ready { candidate.orders_per_day } else { 0.0 }
        });
        let probability = event.per_year * (stage.until_day - stage.from_day);
        Scenario { probability, scale: load.clone(), load, capacity: capacity.collect() }
    });
    let forced: Vec<bool> = problem.sites.iter().map(|site| site.role == Role::Existing).collect();
    let existing = forced.iter().filter(|forced| **forced).count();
    LocationProblem {
        fixed: fixed.collect(),
        serve: problem.order_minor.iter().map(row).collect(),
        unserved: problem.zones.iter().map(|zone| zone.unserved_minor as f64).collect(),
        scenarios: scenarios.collect(),
        count: Count { least: existing, most: (existing + problem.backups_most).min(forced.len()) },
        forced,
    }
}

/// Money from the solver's float, to the nearest unit.
fn minor(value: f64) -> i64 {
    value.round() as i64
}

fn parts(problem: &BackupProblem, stages: &[Stage], solution: &Solution) -> (Parts, f64) {
    let (mut contract, mut activation, mut transport, mut unserved, mut orders) = (0, 0.0, 0.0, 0.0, 0.0);
    for site in &solution.open {
        if let Role::Backup { contract_minor, activation_minor, .. } = problem.sites[*site].role {
            contract += contract_minor;
            activation += activation_minor as f64 * activations(problem, &problem.sites[*site]);
        }
    }
    for given in &solution.assignments {
        let units = units_per_year(problem, &stages[given.scenario], given.customer) * given.share;
        match given.site {
            Some(site) => transport += units * problem.order_minor[site][given.customer].unwrap_or(0) as f64,
            None => {
                orders += units;
                unserved += units * problem.zones[given.customer].unserved_minor as f64;
            }
        }
    }
    let parts = Parts {
        contract_minor: contract,
        activation_minor: minor(activation),
        transport_minor: minor(transport),
        unserved_minor: minor(unserved),
    };
    (parts, orders)
}

fn orders_per_day(problem: &BackupProblem, stage: &Stage, zone: usize) -> f64 {
    let surge = problem.events[stage.event].surge.get(zone).copied().unwrap_or(1.0);
    problem.zones[zone].orders_per_day * surge
}

fn units_per_year(problem: &BackupProblem, stage: &Stage, zone: usize) -> f64 {
    let days = stage.until_day - stage.from_day;
    orders_per_day(problem, stage, zone) * days * problem.events[stage.event].per_year
}

fn publish(problem: &BackupProblem, stages: &[Stage], solution: &Solution, without: &Solution) -> BackupPlan {
    let (parts, unserved_orders) = self::parts(problem, stages, solution);
    let (parts_without, unserved_orders_without) = self::parts(problem, stages, without);
    let contracts = solution
        .reasons
        .iter()
        .filter(|reason| problem.sites[reason.site].role != Role::Existing)
        .map(|reason| Contract {
            site: problem.sites[reason.site].site,
            orders_per_year: solution
                .assignments
                .iter()
                .filter(|given| given.site == Some(reason.site))
                .map(|given| units_per_year(problem, &stages[given.scenario], given.customer) * given.share)
                .sum(),
            saves_minor: minor(reason.cost_without.unwrap_or(solution.cost) - solution.cost),
        })
        .collect();
    let services = solution.assignments.iter().filter_map(|given| {
        let stage = &stages[given.scenario];
        let orders_per_day = orders_per_day(problem, stage, given.customer) * given.share;
        (orders_per_day > 0.0).then(|| Service {
            event: stage.event,
            from_day: stage.from_day,
            until_day: stage.until_day,
            zone: problem.zones[given.customer].zone,
            site: given.site.map(|site| problem.sites[site].site),
            orders_per_day,
        })
    });
    BackupPlan {
        contracts,
        cost_minor: minor(solution.cost),
        lower_bound_minor: solution.lower_bound.floor() as i64,
        gap: gap_of(solution.cost, solution.lower_bound),
        proven: solution.proven,
        parts,
        parts_without,
        unserved_orders,
        unserved_orders_without,
        services: services.collect(),
        work: solution.work,
    }
}
