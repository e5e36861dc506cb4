//! Drills beside the service: the shipped scenarios and the operator's own, played by the simulator on a copy of the live
//! state.
//!
//! What is played is made from network, stock and orders alone, in a world of its own with a journal in memory: nothing
//! here holds a channel, a connection or the writer, so nothing can leave the house. What is written is its record in the
//! data folder, as `holdfast drill --record` writes it.

use std::path::{Path, PathBuf};
use std::time::Instant;

use holdfast_app::drills::{DrillLine, Drills, KEY_MAX, PlanLine, Planned, Progress, Rehearsal, Wanted};
use holdfast_app::load::Loaded;
use holdfast_app::rehearse::{move_to, of_state, without_older};
use holdfast_continuity::history::{History, history};
use holdfast_domain::state::State;
use holdfast_domain::time::{Span, Stamp};
use holdfast_hazard::track::Track;
use holdfast_sim::drill::{Setting, drill};
use holdfast_sim::scenario::Scenario;
use holdfast_sim::truth::{Truth, truth};

use crate::command::drill::{Held, drill_line, policy_word, storm};
use crate::exit::{Failure, chain};
use crate::{input, records};

/// Seed of every chance: the same house and scenario give the same drill.
const SEED: u64 = 7;
/// Scenarios of the operator's own at most.
const OWN_MAX: usize = 200;
/// Where a disaster has a date of its own: the first order comes in within the week that ends so long before it.
const BEFORE_IT: Span = Span::days(1);

macro_rules! shipped {
    ($key:literal) => {
        ($key, include_str!(concat!("../../../../../scenarios/", $key, ".toml")))
    };
}

/// The scenarios that ship.
const SHIPPED: &[(&str, &str)] = &[
    shipped!("carrier_stoppage"),
    shipped!("cyber_attack"),
    shipped!("earthquake"),
    shipped!("eyjafjallajokull"),
    shipped!("fire"),
    shipped!("flood"),
    shipped!("florence"),
    shipped!("hinnamnor"),
    shipped!("human_error"),
    shipped!("ian"),
    shipped!("one_of_two_dark"),
    shipped!("pandemic_surge"),
    shipped!("power_outage"),
    shipped!("tornado"),
    shipped!("two_of_fourteen_lost"),
    shipped!("warehouse_destroyed"),
    shipped!("wildfire"),
    shipped!("winter_storm"),
];

/// Runs drills for the service on a data folder.
pub struct Beside {
    data: PathBuf,
}

impl Beside {
    /// On this data folder.
    pub const fn new(data: PathBuf) -> Self {
        Self { data }
    }

    fn own(&self) -> PathBuf {
        self.data.join("scenarios")
    }

    /// All scenarios with their texts: the shipped ones, and the operator's own, which stand before one of the same key.
    fn texts(&self) -> Result<Vec<(String, String, bool)>, String> {
        let mut all: Vec<(String, String, bool)> = Vec::new();
        let folder = self.own();
        if folder.is_dir() {
            let fault = |error: std::io::Error| format!("read {}: {error}", folder.display());
            let mut files: Vec<PathBuf> = Vec::new();
            for entry in std::fs::read_dir(&folder).map_err(fault)? {
                let path = entry.map_err(fault)?.path();
                if path.extension().is_some_and(|ending| ending == "toml") {
                    files.push(path);
                }
            }
            files.sort();
            for path in files.into_iter().take(OWN_MAX) {
                let key =
                    path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
                if key.chars().count() <= KEY_MAX {
                    all.push((key, input::text(&path).map_err(told)?, true));
                }
            }
        }
        for (key, text) in SHIPPED {
            if !all.iter().any(|(known, ..)| known == key) {
                all.push(((*key).to_owned(), (*text).to_owned(), false));
            }
        }
        Ok(all)
    }

    fn scenario(&self, key: &str) -> Result<Scenario, String> {
        let all = self.texts()?;
        let found = all.iter().find(|(known, ..)| known == key);
        let (_, text, _) = found.ok_or_else(|| format!("there is no scenario {key:?}"))?;
        Scenario::parse(text).map_err(|error| format!("{key}: {error}"))
    }
}

fn told(failure: Failure) -> String {
    failure.cause
}

fn rehearsal(key: String, text: &str, own: bool) -> Option<Rehearsal> {
    let scenario = match Scenario::parse(text) {
        Ok(scenario) => scenario,
        Err(error) => {
            tracing::warn!(key, %error, "a scenario of the data folder cannot be read");
            return None;
        }
    };
    let mut names = std::collections::BTreeMap::from([("en".to_owned(), scenario.name)]);
    let mut notes = std::collections::BTreeMap::from([("en".to_owned(), scenario.notes)]);
    for (language, text) in scenario.texts {
        names.insert(language.clone(), text.name);
        notes.insert(language, text.notes);
    }
    let (hazard, severity, book) = (scenario.hazard, scenario.severity, scenario.book);
    Some(Rehearsal { key, hazard, severity, names, notes, book, own })
}

/// The house as it is to be played: its newest orders on the stock they came from, at a time when the disaster meets them.
struct Copy {
    loaded: Loaded,
    track: Option<Track>,
    forecasts: Vec<holdfast_hazard::track::Forecast>,
    left_out: u64,
}

fn copy(live: &State, scenario: &Scenario, beside: &Path, most: usize) -> Result<Copy, String> {
    let History { state: mut before, mut orders, left_out } = history(live);
    let over = orders.len().saturating_sub(most);
    if let (1.., Some((first, _))) = (over, orders.get(over)) {
        without_older(&mut before, live, *first);
        orders.drain(..over);
    }
    let mut loaded = of_state(&before, orders);
    let first =
        loaded.orders.first().ok_or("the house has taken no orders yet: there is nothing to play")?.at;
    let last = loaded.orders.last().map_or(first, |order| order.at);
    let (track, forecasts) = storm(scenario, beside).map_err(told)?;
    let met = truth(&before, scenario, track.as_ref(), first).map_err(|error| error.to_string())?;
    match begins(&met) {
        // It has a date of its own, and no order is about then: the orders are played about its time.
        Some(at) if at < first || at > last.after(Span::days(7)) => {
            move_to(&mut loaded, at.before(BEFORE_IT))
        }
        None if scenario.surges.is_empty() && scenario.roads.is_empty() => {
            return Err(
                "it touches no site, lane or zone of this house: there is nothing to rehearse".to_owned()
            );
        }
        _ => {}
    }
    Ok(Copy { loaded, track, forecasts, left_out: (left_out + over) as u64 })
}

/// When the first thing is out.
fn begins(truth: &Truth) -> Option<Stamp> {
    let sites = truth.sites.iter().map(|out| out.out.from);
    let lanes = truth.lanes.iter().filter(|(_, lanes, _)| !lanes.is_empty()).map(|(.., out)| out.from);
    let zones = truth.zones.values().flatten().map(|out| out.from);
    sites.chain(lanes).chain(zones).chain(truth.limits.iter().map(|(.., out)| out.from)).min()
}

impl Drills for Beside {
    fn library(&self) -> Result<Vec<Rehearsal>, String> {
        let all = self.texts()?;
        Ok(all.into_iter().filter_map(|(key, text, own)| rehearsal(key, &text, own)).collect())
    }

    fn held(&self) -> Result<Vec<DrillLine>, String> {
        records::drills(&self.data).map_err(told)
    }

    fn planned(&self) -> Result<Vec<Planned>, String> {
        records::planned_drills(&self.data).map_err(told)
    }

    fn plan(&self, line: PlanLine) -> Result<u32, String> {
        if let PlanLine::Planned { scenario, .. } = &line {
            self.scenario(scenario)?;
        }
        records::plan_drill(&self.data, line).map_err(told)
    }

    fn hold(
        &self,
        live: &State,
        wanted: &Wanted,
        tell: &mut dyn FnMut(Progress),
    ) -> Result<DrillLine, String> {
        let began = Instant::now();
        let scenario = self.scenario(&wanted.key)?;
        let Copy { loaded, track, forecasts, left_out } =
            copy(live, &scenario, &self.own(), wanted.orders_max)?;
        let setting = Setting {
            loaded: &loaded,
            scenario: &scenario,
            track: track.as_ref(),
            forecasts: &forecasts,
            seed: SEED,
        };
        let mut found = drill(&setting, &mut |tick| {
            tell(Progress {
                key: wanted.key.clone(),
                since: wanted.now,
                policy: policy_word(tick.policy).to_owned(),
                orders: tick.orders,
                of: tick.of,
            });
        })
        .map_err(|error| chain(&error))?;
        let findings = records::findings(&self.data).map_err(told)?;
        let held = Held {
            key: wanted.key.clone(),
            at: wanted.now,
            took_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            version: live.version,
            objectives: wanted.objectives,
            left_out,
            open_findings: findings.iter().filter(|one| one.done.is_none()).map(|one| one.number).collect(),
            wrong: Vec::new(),
        };
        let line = drill_line(&mut found, held);
        records::held(&self.data, line.clone()).map_err(told)?;
        Ok(line)
    }
}
