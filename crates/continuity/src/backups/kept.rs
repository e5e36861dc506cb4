//! Which sites to keep, if only so many were kept: the p-median of the book's own.

use holdfast_plan::facility::location::{Count, LocationProblem, Scenario, solve};
use holdfast_plan::facility::{Budget, Watch};
use serde::Serialize;

use super::groups::{Group, groups, orders_per_day};
use super::{Ask, BackupsError};

/// A unit of demand at a site without a way costs this many times as much as going without: never chosen where another
/// site has one.
const NO_WAY: f64 = 4.0;

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
