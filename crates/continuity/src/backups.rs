//! Which sites to contract as backups for a book: its own orders, its own lanes, the catalogue's events.
//!
//! Events of the simulated years that close the same sites for about as long are put together, so sites that fail together
//! do so here too. Destinations are put together by the two sites that reach them most cheaply. Invariant: the choice
//! is the solver's with its bound, and is accepted by the checker or says that it is not.

use std::collections::BTreeMap;

use holdfast_domain::id::{Id, SiteId, SkuId, ZoneId};
use holdfast_domain::incident::Hazard;
use holdfast_hazard::catalogue::{Event as Struck, Simulator, SitePlace};
use holdfast_plan::facility::backup::{
    BackupError, BackupPlan, BackupProblem, Candidate, Event, Role, ZoneDemand, choose,
};
use holdfast_plan::facility::check_backup::backup as check;
use holdfast_plan::facility::location::{Count, LocationProblem, Scenario, solve};
use holdfast_plan::facility::{Budget, FacilityError, Watch};
use rayon::prelude::{IntoParallelIterator, ParallelIterator};
use serde::Serialize;

use crate::bia::{BiaError, Question};
use crate::critical::scenario::is_of_no_place;
use crate::fluid::World;
use crate::trace::{Trace, VERSION};

/// Closures shorter than this need no backup, hours.
const CLOSURE_MIN_H: f64 = 8.0;
/// Groups of events that are looked at, those with most closed days first.
const EVENTS_MAX: usize = 160;
/// Groups of destinations.
const GROUPS_MAX: usize = 60;
/// Lengths that are put together, days.
const GRID_DAYS: [f64; 8] = [0.5, 1.0, 2.0, 4.0, 7.0, 14.0, 30.0, 60.0];
/// A unit of demand at a site without a way costs this many times as much as going without: never chosen where another
/// site has one.
const NO_WAY: f64 = 4.0;

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
    pub terms: &'a [(SiteId, Terms)],
    /// Contracts at most.
    pub most: usize,
}

/// Destinations put together.
struct Group {
    orders_per_day: f64,
    unserved_minor: i64,
    /// By site: carriage and handling of an order.
    cost: Vec<Option<i64>>,
}

/// Events put together.
struct Closing {
    failed: Vec<usize>,
    hazard_warning: f64,
    count: u32,
    days: f64,
}

/// How long before it strikes a hazard is known to come, days: assumed where a source gives no figure.
fn warning_days(hazard: Hazard) -> f64 {
    match hazard {
        Hazard::Hurricane => 2.0,
        Hazard::WinterStorm => 1.0,
        Hazard::Wildfire | Hazard::Flood => 0.5,
        _ => 0.0,
    }
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

/// Events of the years, put together by the sites they close and about how long.
fn closings(ask: &Ask<'_>) -> Result<Vec<Closing>, BackupsError> {
    let question = ask.question;
    let places: Vec<SitePlace> = question
        .state
        .network
        .sites
        .iter()
        .map(|site| SitePlace {
            place: site.place,
            state: site.region.to_string(),
            country: site.country.code().to_owned(),
        })
        .collect();
    let simulator = Simulator::new(&places, question.catalogue).map_err(BiaError::from)?;
    let years: Vec<Vec<Struck>> =
        (0..question.years).into_par_iter().map(|year| simulator.year(question.seed, year).events).collect();
    let mut found: BTreeMap<(Vec<usize>, usize, u64), Closing> = BTreeMap::new();
    for event in years.iter().flatten().filter(|event| !is_of_no_place(event.hazard)) {
        let hits = event.hits.iter().filter(|hit| hit.downtime_h >= CLOSURE_MIN_H);
        let mut failed: Vec<(usize, f64)> = hits.map(|hit| (hit.site, hit.downtime_h / 24.0)).collect();
        if failed.is_empty() {
            continue;
        }
        failed.sort_by_key(|one| one.0);
        failed.dedup_by_key(|one| one.0);
        // Sites of one event come back at different times; the mean keeps the closed days.
        let days = failed.iter().map(|one| one.1).sum::<f64>() / failed.len() as f64;
        let days = days.min(GRID_DAYS[GRID_DAYS.len() - 1]);
        let cell = GRID_DAYS.iter().filter(|limit| days > **limit).count();
        let warning = warning_days(event.hazard);
        let sites: Vec<usize> = failed.iter().map(|one| one.0).collect();
        let key = (sites.clone(), cell, (warning * 4.0) as u64);
        let known = found.entry(key).or_insert(Closing {
            failed: sites,
            hazard_warning: warning,
            count: 0,
            days: 0.0,
        });
        known.days = (known.days * f64::from(known.count) + days) / f64::from(known.count + 1);
        known.count += 1;
    }
    Ok(found.into_values().collect())
}

/// What each site is; `None` for those left out (closed for good, or a standby without terms).
fn roles(ask: &Ask<'_>, closings: &[Closing]) -> Vec<Option<(Role, String)>> {
    let (all, days): (u32, f64) =
        closings.iter().fold((0, 0.0), |sum, c| (sum.0 + c.count, sum.1 + f64::from(c.count) * c.days));
    let mean_days = if all > 0 { days / f64::from(all) } else { 0.0 };
    let network = &ask.question.state.network;
    (0..ask.world.sites_count)
        .map(|site| {
            if let Some((_, terms)) = ask.terms.iter().find(|(named, _)| named.index() == site) {
                let role = Role::Backup {
                    contract_minor: terms.contract_minor,
                    activation_minor: terms.activation_minor,
                    lead_days: terms.lead_days,
                };
                return Some((role, "declared on the command line".to_owned()));
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

/// Mean units and grams of an order, and what it costs to lose one.
fn typical(ask: &Ask<'_>) -> (f64, f64) {
    let (mut units, mut grams) = (0.0, 0.0);
    for line in ask.world.orders.iter().flat_map(|order| &order.lines) {
        units += f64::from(line.quantity);
        grams += f64::from(line.quantity) * f64::from(ask.world.skus[line.sku as usize].weight_g);
    }
    let count = ask.world.orders.len().max(1) as f64;
    (units / count, grams / count)
}

fn orders_per_day(ask: &Ask<'_>, site: usize) -> f64 {
    let (parcel, unit) = ask.world.work_of(site);
    let work = f64::from(parcel) + f64::from(unit) * typical(ask).0;
    if work > 0.0 { ask.world.capacity_per_day(site) / work } else { 1e9 }
}

/// Destinations by the two sites that reach them most cheaply.
fn groups(ask: &Ask<'_>, used: &[usize]) -> Vec<Group> {
    let (state, world) = (ask.question.state, ask.world);
    let zones = world.by_zone.len();
    let (units, grams) = typical(ask);
    let mut orders = vec![0_u32; zones];
    let mut lost = vec![0_i64; zones];
    for order in &world.orders {
        orders[order.zone] += 1;
        for line in &order.lines {
            let sku = state.network.skus.get(SkuId::from_index(line.sku as usize));
            let (price, cost) = sku.map_or((line.price, 0), |sku| (line.price, sku.cost));
            let cost = if cost > 0 { cost } else { price / 2 };
            let backorder =
                state.network.merchants.get(order.merchant).map_or(0, |m| m.backorder_cost.max(0));
            lost[order.zone] += (price - cost).max(0) * i64::from(line.quantity) + backorder;
        }
    }
    let cost_of = |zone: usize, site: usize| {
        let lanes = world.by_zone[zone].iter().filter(|lane| world.lanes[**lane].site == site);
        let of = |lane: &usize| {
            let form = &world.lanes[*lane];
            world.parcel_cost(*lane)
                + (form.per_kg as f64 * grams / 1_000.0 + world.sites[site].cost.1 as f64 * units).round()
                    as i64
        };
        lanes.map(of).min()
    };
    let mut parts: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for zone in (0..zones).filter(|zone| orders[*zone] > 0) {
        let mut near: Vec<(i64, usize)> =
            used.iter().filter_map(|site| cost_of(zone, *site).map(|cost| (cost, *site))).collect();
        near.sort_unstable();
        let at = |index: usize| near.get(index).map_or(usize::MAX, |one| one.1);
        parts.entry((at(0), at(1))).or_default().push(zone);
    }
    let mut parts: Vec<Vec<usize>> = parts.into_values().collect();
    // The smallest are put together where there are too many.
    let size = |zones: &Vec<usize>| zones.iter().map(|zone| u64::from(orders[*zone])).sum::<u64>();
    parts.sort_by(|a, b| size(b).cmp(&size(a)).then(a.cmp(b)));
    if parts.len() > GROUPS_MAX {
        let rest: Vec<usize> = parts.split_off(GROUPS_MAX - 1).into_iter().flatten().collect();
        parts.push(rest);
    }
    let group = |zones: &Vec<usize>| {
        let count: f64 = zones.iter().map(|zone| f64::from(orders[*zone])).sum();
        let mean = |site: usize| {
            let (mut sum, mut reached) = (0.0, 0.0);
            for zone in zones {
                if let Some(cost) = cost_of(*zone, site) {
                    sum += cost as f64 * f64::from(orders[*zone]);
                    reached += f64::from(orders[*zone]);
                }
            }
            (reached > 0.5 * count).then(|| (sum / reached).round() as i64)
        };
        Group {
            orders_per_day: count / world.span_days(),
            unserved_minor: (zones.iter().map(|zone| lost[*zone] as f64).sum::<f64>() / count.max(1.0))
                as i64,
            cost: (0..world.sites_count).map(mean).collect(),
        }
    };
    parts.iter().map(group).collect()
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

/// Which sites would serve the usual orders most cheaply, if only so many were kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Kept {
    /// How many are kept.
    pub keep: usize,
    /// Their codes.
    pub open_sites: Vec<String>,
    /// Carriage and handling of a year, minor units.
    pub cost: f64,
    /// No choice of as many costs less.
    pub bound: f64,
    /// `(cost - bound) / cost`.
    pub gap: f64,
    /// Whether the search ended by itself.
    pub proven: bool,
    /// Whether capacity was counted.
    pub capacity: bool,
}

/// The p-median of the book's sites: the usual orders, within capacity if `capacity`, from `keep` sites.
///
/// # Errors
/// [`BackupsError`].
pub fn keep(ask: &Ask<'_>, keep: usize, capacity: bool, watch: Watch<'_>) -> Result<Kept, BackupsError> {
    let world = ask.world;
    let used: Vec<usize> = (0..world.sites_count)
        .filter(|site| world.is_open(*site) || ask.question.state.network.sites[*site].standby.is_some())
        .collect();
    if keep == 0 || keep > used.len() {
        return Err(BackupsError::Keep { wanted: keep, found: used.len() });
    }
    let groups = groups(ask, &used);
    let year = |group: &Group| group.orders_per_day * 365.0;
    let problem = LocationProblem {
        fixed: vec![0.0; used.len()],
        serve: used
            .iter()
            .map(|site| {
                let of = |group: &Group| {
                    let unit =
                        group.cost[*site].map_or(NO_WAY * group.unserved_minor as f64, |cost| cost as f64);
                    unit * year(group)
                };
                groups.iter().map(of).collect()
            })
            .collect(),
        unserved: groups.iter().map(|group| group.unserved_minor as f64 * year(group)).collect(),
        scenarios: vec![Scenario {
            probability: 1.0,
            scale: vec![1.0; groups.len()],
            load: groups.iter().map(|group| group.orders_per_day).collect(),
            capacity: used
                .iter()
                .map(|site| if capacity { orders_per_day(ask, *site) } else { f64::INFINITY })
                .collect(),
        }],
        forced: vec![false; used.len()],
        count: Count { least: keep, most: keep },
    };
    let solution = solve(&problem, Budget::default(), watch)?;
    let code = |at: &usize| ask.question.state.network.sites[used[*at]].code.to_string();
    Ok(Kept {
        keep,
        open_sites: solution.open.iter().map(code).collect(),
        cost: solution.cost,
        bound: solution.lower_bound,
        gap: solution.gap,
        proven: solution.proven,
        capacity,
    })
}

/// The way to a field of an [`Answer`] or [`Kept`].
#[must_use]
pub fn origin(within: &str, name: &str) -> Option<Trace> {
    let orders = "orders.csv, order_lines.csv: orders a day by destination, worth, units and weight";
    let ways = "lanes.csv, sites.csv, merchants.csv: carriage, handling, capacity, cost of a backorder";
    let events =
        "--years of the event catalogue, --seed: closures of 8 h and more, sites of one event together";
    let terms = "standby_contracts.csv, or --candidate";
    let plan = || vec![orders.to_owned(), ways.to_owned(), events.to_owned(), terms.to_owned()];
    let (inputs, formula): (Vec<String>, &str) = match (within, name) {
        (_, "currency") => (vec!["operator.csv".into()], "as declared"),
        (_, "seed" | "years" | "keep") => (vec!["command line".into()], "as given"),
        (_, "capacity") => (vec!["command line: --no-capacity".into()], "as given"),
        (_, "events") => {
            (vec![events.into()], "groups of closures of the same sites for about as long, counted")
        }
        (_, "closed_days_held") => {
            (vec![events.into()], "closed days in the groups looked at / all closed days")
        }
        (_, "groups") => (
            vec![orders.into(), ways.into()],
            "destinations by the two sites that reach them most cheaply, counted",
        ),
        ("terms", _) => {
            (vec![terms.into()], "as declared; activation with the daily cost over a mean closure")
        }
        (_, "source") => (vec![terms.into()], "who says so"),
        (_, "orders_per_day") => (
            vec!["sites.csv, capacity_days.csv".into(), orders.into()],
            "capacity a day / work of a mean order",
        ),
        (_, "closed_days") => (vec![events.into()], "sum of its closures / years"),
        (_, "orders_per_year") => (plan(), "orders the plan sends there over all events x their rates"),
        (_, "saves_minor") => {
            (plan(), "expected cost of a year's events without this contract, the others kept, less with it")
        }
        (_, "fails_too") => (
            vec![events.into()],
            "days on which it and a main site are closed by one event / days on which a main site is",
        ),
        (_, "cost") if within == "kept" => {
            (vec![orders.into(), ways.into()], "carriage and handling of a year's usual orders")
        }
        (_, "cost") => (plan(), "contracts + rate x (activation + carriage + unserved orders), a year"),
        (_, "bound") => (plan(), "Lagrangian bound of branch and bound: no choice costs less"),
        (_, "gap") => (plan(), "(cost - bound) / cost"),
        (_, "proven") => (plan(), "the search ended by itself"),
        (_, "cost_without") => (plan(), "the same with no contract"),
        (_, "unserved_orders") => (plan(), "orders left unserved over all events x their rates"),
        (_, "unserved_orders_without") => (plan(), "the same with no contract"),
        ("violations", _) => (plan(), "the independent checker's words"),
        ("assumed", _) => (vec!["no file says it".into()], "an assumption"),
        (_, "site") | ("open_sites", _) => (vec!["sites.csv".into()], "the plan's choice, by code"),
        (_, "violations" | "assumed" | "contracts" | "candidates" | "open_sites") => (plan(), "a list"),
        _ => return None,
    };
    Some(Trace { inputs, formula: formula.to_owned(), version: VERSION })
}
