//! Who and what fails together: companies and systems, and all that stands still with each.
//!
//! Invariant: a company stops what the book says it runs or carries, and nothing else; a system stops the processes
//! that declare it, and those that come after them.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::{IntoParallelIterator, ParallelIterator};
use serde::Serialize;

use super::band::{OverTime, nothing, over_time};
use super::process::{Declared, stops_of};
use super::{Facts, Question};
use crate::fluid::{What, World};

/// What stands still when a company or a system fails.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outage {
    /// Its name.
    pub code: String,
    /// What it is to the operator: *carrier*, *runs sites*, *named by a process*, *system*.
    pub role: &'static str,
    /// Sites and carriers that stand still with it.
    pub stops: Vec<String>,
    /// Processes that stand still with it, those that come after them included.
    pub processes: Vec<String>,
    /// Share of the orders that need it in normal times.
    pub share: f64,
    /// What it costs.
    pub over_time: OverTime,
}

/// A thing that can fail, by name.
#[derive(Default)]
struct Thing {
    role: &'static str,
    whats: BTreeSet<What>,
    processes: BTreeSet<String>,
}

/// Companies: carriers, who runs sites, and whom processes name.
pub(crate) fn companies(question: &Question, world: &World, facts: &Facts) -> Vec<Outage> {
    let mut things: BTreeMap<String, Thing> = BTreeMap::new();
    for (index, carrier) in (0..).zip(&world.carriers) {
        let thing = things.entry(carrier.to_string()).or_default();
        thing.role = "carrier";
        thing.whats.insert(What::Carrier(index));
    }
    // A carrier that a process or a site knows by its name is the same company.
    let known = |company: &String| {
        let named = facts.carrier_names.iter().find(|(_, name)| name == company);
        named.map_or_else(|| company.clone(), |(code, _)| code.clone())
    };
    for (index, partner) in (0..).zip(&facts.site_partners) {
        let Some(partner) = partner else { continue };
        let thing = things.entry(known(partner)).or_default();
        thing.role = if thing.role.is_empty() { "runs sites" } else { thing.role };
        if world.is_open(usize::from(index)) {
            thing.whats.insert(What::Site(index));
        }
    }
    for process in question.processes {
        for partner in &process.partners {
            let thing = things.entry(known(partner)).or_default();
            thing.role = if thing.role.is_empty() { "named by a process" } else { thing.role };
            thing.processes.extend(with_followers(question.processes, &process.code));
        }
    }
    rows(question, world, things)
}

/// Systems that processes name.
pub(crate) fn systems(question: &Question, world: &World) -> Vec<Outage> {
    let mut things: BTreeMap<String, Thing> = BTreeMap::new();
    for process in question.processes {
        for system in &process.systems {
            let thing = things.entry(system.clone()).or_default();
            thing.role = "system";
            for code in with_followers(question.processes, &process.code) {
                if let Some(process) = question.processes.iter().find(|process| process.code == code) {
                    thing.whats.extend(stops_of(question, world, process));
                }
                thing.processes.insert(code);
            }
        }
    }
    rows(question, world, things)
}

/// A process and all that come after it, however far.
pub(crate) fn with_followers(processes: &[Declared], code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::from([code.to_owned()]);
    loop {
        let more: Vec<String> = processes
            .iter()
            .filter(|process| {
                !found.contains(&process.code) && process.after.iter().any(|a| found.contains(a))
            })
            .map(|process| process.code.clone())
            .collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

fn rows(question: &Question, world: &World, things: BTreeMap<String, Thing>) -> Vec<Outage> {
    // Many things stop the same; each set is computed once.
    let sets: BTreeSet<&BTreeSet<What>> = things.values().map(|thing| &thing.whats).collect();
    let phases = world.few_phases();
    let computed: BTreeMap<&BTreeSet<What>, OverTime> = sets
        .into_iter()
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|set| {
            let whats: Vec<What> = set.iter().copied().collect();
            let over = if whats.is_empty() {
                nothing()
            } else {
                over_time(world, &whats, &phases, question.patience)
            };
            (set, over)
        })
        .collect();
    let mut rows: Vec<Outage> = things
        .iter()
        .map(|(code, thing)| Outage {
            code: code.clone(),
            role: thing.role,
            stops: thing.whats.iter().map(|what| name(question, world, *what)).collect(),
            processes: thing.processes.iter().cloned().collect(),
            share: share(world, &thing.whats),
            over_time: computed.get(&thing.whats).cloned().unwrap_or_else(nothing),
        })
        .collect();
    rows.sort_by(|a, b| {
        b.over_time.reference.loss().total_cmp(&a.over_time.reference.loss()).then(a.code.cmp(&b.code))
    });
    rows
}

/// Name of what stops, as tables print it.
pub(crate) fn name(question: &Question, world: &World, what: What) -> String {
    let site = |site: u16| question.state.network.sites[usize::from(site)].code.to_string();
    match what {
        What::Site(index) => site(index),
        What::Carrier(index) => format!("carrier {}", world.carriers[usize::from(index)]),
        What::Limit { site: index, permille } => format!("{} at {permille}/1000", site(index)),
        What::Intake => "order intake".to_owned(),
    }
}

/// Share of the orders that are served by one of them in normal times.
pub(crate) fn share(world: &World, whats: &BTreeSet<What>) -> f64 {
    let needs = |pick: &crate::fluid::Pick| {
        whats.contains(&What::Site(pick.site))
            || whats.contains(&What::Carrier(world.carrier_of_lane(pick.lane)))
    };
    let all = whats.contains(&What::Intake);
    let hit = world.base.iter().filter(|base| all || base.picks.iter().any(needs)).count();
    hit as f64 / world.base.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::with_followers;
    use crate::bia::Declared;

    #[test]
    fn what_comes_after_stands_still_too() {
        let process = |code: &str, after: &[&str]| Declared {
            code: code.into(),
            after: after.iter().map(|after| (*after).to_owned()).collect(),
            ..Declared::default()
        };
        // A ring in the book must not hang the analysis.
        let all = [
            process("a", &["d"]),
            process("b", &["a"]),
            process("c", &["b"]),
            process("d", &["c"]),
            process("e", &[]),
        ];
        let found: Vec<String> = with_followers(&all[1..], "b").into_iter().collect();
        assert_eq!(found, ["b", "c", "d"]);
        assert_eq!(with_followers(&all, "e").len(), 1);
        assert_eq!(with_followers(&all, "a").len(), 4);
    }
}
