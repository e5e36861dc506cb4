//! Recomputes a plan of backups from its problem alone; shares no code with what chose it.

use super::backup::{BackupPlan, BackupProblem, Role};
use holdfast_domain::id::SiteId;
use std::collections::BTreeMap;

/// What is wrong with a plan of backups.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BackupViolation {
    /// A contract with a site that is no candidate, or signed twice.
    #[error("{0} cannot be contracted: it is no candidate, or is contracted already")]
    Contract(SiteId),
    /// More contracts than allowed.
    #[error("{0} backups are contracted where {1} are allowed")]
    Count(usize, usize),
    /// A service by a site that is closed, not contracted, or not yet ready.
    #[error("service number {0} is by a site that is closed, not contracted, not ready or without a lane")]
    Service(usize),
    /// At some day of an event a zone's services do not add up to its orders.
    #[error(
        "at day {day} of event {event} the services of zone number {zone} add up to {found} of {expected} orders"
    )]
    Demand {
        /// The event.
        event: usize,
        /// The day within it.
        day: f64,
        /// The zone's position.
        zone: usize,
        /// What is served or counted unserved.
        found: f64,
        /// What is ordered.
        expected: f64,
    },
    /// At some day of an event a site ships more than it can.
    #[error("at day {day} of event {event} {site} ships {found} orders, more than it can")]
    Capacity {
        /// The event.
        event: usize,
        /// The day within it.
        day: f64,
        /// The site.
        site: SiteId,
        /// What it ships.
        found: f64,
    },
    /// The published cost is not what contracts and services cost.
    #[error("the cost is published as {published} and adds up to {found}")]
    Cost {
        /// As published, minor units.
        published: i64,
        /// As recomputed, minor units.
        found: f64,
    },
    /// The bound is over the cost.
    #[error("bound {bound} is over cost {cost}")]
    Bound {
        /// The bound.
        bound: i64,
        /// The cost.
        cost: i64,
    },
}

/// All that is wrong with a plan; empty when it holds. Services are sampled in the middle of each interval
/// between two ends of services, so stages need not be known.
#[must_use]
pub fn backup(problem: &BackupProblem, plan: &BackupPlan) -> Vec<BackupViolation> {
    let mut out = Vec::new();
    let mut cost = 0.0;
    let mut contracted = Vec::new();
    for contract in &plan.contracts {
        let known = problem.sites.iter().find(|candidate| candidate.site == contract.site);
        match known.map(|candidate| candidate.role) {
            Some(Role::Backup { contract_minor, activation_minor, lead_days })
                if !contracted.contains(&contract.site) =>
            {
                cost += contract_minor as f64;
                for event in &problem.events {
                    if lead_days - event.warning_days < event.days
                        && !event.failed.contains(&contract.site)
                        && event.days > 0.0
                    {
                        cost += event.per_year * activation_minor as f64;
                    }
                }
            }
            _ => out.push(BackupViolation::Contract(contract.site)),
        }
        contracted.push(contract.site);
    }
    if contracted.len() > problem.backups_most {
        out.push(BackupViolation::Count(contracted.len(), problem.backups_most));
    }
    for (index, service) in plan.services.iter().enumerate() {
        let event = &problem.events[service.event];
        let zone = problem.zones.iter().position(|demand| demand.zone == service.zone);
        let units = service.orders_per_day * (service.until_day - service.from_day) * event.per_year;
        let unit = match (service.site, zone) {
            (None, Some(zone)) => Some(problem.zones[zone].unserved_minor),
            (Some(site), Some(zone)) => {
                let at = problem.sites.iter().position(|candidate| candidate.site == site);
                at.filter(|_| !event.failed.contains(&site)).and_then(|at| {
                    let ready = match problem.sites[at].role {
                        Role::Existing => true,
                        Role::Backup { lead_days, .. } => {
                            contracted.contains(&site) && service.from_day >= lead_days - event.warning_days
                        }
                    };
                    problem.order_minor[at][zone].filter(|_| ready)
                })
            }
            (_, None) => None,
        };
        match unit {
            Some(unit) if service.orders_per_day > 0.0 => cost += units * unit as f64,
            _ => out.push(BackupViolation::Service(index)),
        }
    }
    for event in 0..problem.events.len() {
        check_days(problem, plan, event, &mut out);
    }
    let published = plan.cost_minor;
    if (cost - published as f64).abs() > 1.0 + 1e-7 * cost.abs() {
        out.push(BackupViolation::Cost { published, found: cost });
    }
    if plan.lower_bound_minor > published {
        out.push(BackupViolation::Bound { bound: plan.lower_bound_minor, cost: published });
    }
    out
}

fn check_days(problem: &BackupProblem, plan: &BackupPlan, event: usize, out: &mut Vec<BackupViolation>) {
    let services: Vec<_> = plan.services.iter().filter(|service| service.event == event).collect();
    let facts = &problem.events[event];
    let mut ends: Vec<f64> =
        services.iter().flat_map(|service| [service.from_day, service.until_day]).collect();
    ends.extend([0.0, facts.days]);
    ends.sort_by(f64::total_cmp);
    ends.dedup();
    for pair in ends.windows(2) {
        let day = (pair[0] + pair[1]) / 2.0;
        let mut by_site: BTreeMap<SiteId, f64> = BTreeMap::new();
        let mut by_zone = vec![0.0; problem.zones.len()];
        for service in services.iter().filter(|service| service.from_day <= day && day < service.until_day) {
            if let Some(site) = service.site {
                *by_site.entry(site).or_default() += service.orders_per_day;
            }
            if let Some(zone) = problem.zones.iter().position(|demand| demand.zone == service.zone) {
                by_zone[zone] += service.orders_per_day;
            }
        }
        for (zone, found) in by_zone.into_iter().enumerate() {
            let surge = if facts.surge.is_empty() { 1.0 } else { facts.surge[zone] };
            let expected = if day < facts.days { problem.zones[zone].orders_per_day * surge } else { 0.0 };
            if (found - expected).abs() > 1e-6 * (1.0 + expected) {
                out.push(BackupViolation::Demand { event, day, zone, found, expected });
            }
        }
        for (site, found) in by_site {
            let can = problem
                .sites
                .iter()
                .find(|candidate| candidate.site == site)
                .map_or(0.0, |c| c.orders_per_day);
            if found > can * (1.0 + 1e-7) + 1e-7 {
                out.push(BackupViolation::Capacity { event, day, site, found });
            }
        }
    }
}
