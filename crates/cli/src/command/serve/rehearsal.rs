//! Drills beside the service: the shipped scenarios and the operator's own, played by the simulator on a copy of the live
//! state.
//!
//! What is played is made from network, stock and orders alone, in a world of its own with a journal in memory: nothing
//! here holds a channel, a connection or the writer, so nothing can leave the house. What is written is its record in the
//! data folder, as `holdfast drill --record` writes it.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
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
/// Where a disaster has a date of its own: the first order comes in at least so long before it.
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

/// What can be said of them, read once: the first page asks for it each time.
static SHIPPED_READ: LazyLock<Vec<Rehearsal>> = LazyLock::new(|| {
    SHIPPED.iter().filter_map(|(key, text)| rehearsal((*key).to_owned(), text, false)).collect()
});

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

    /// The operator's own scenarios: their keys and texts.
    fn own_texts(&self) -> Result<Vec<(String, String)>, String> {
        let folder = self.own();
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        let fault = |error: std::io::Error| format!("read {}: {error}", folder.display());
        let mut files: Vec<PathBuf> = Vec::new();
        for entry in std::fs::read_dir(&folder).map_err(fault)? {
            let path = entry.map_err(fault)?.path();
            if path.extension().is_some_and(|ending| ending == "toml") {
                files.push(path);
            }
        }
        files.sort();
        let mut all = Vec::new();
        for path in files.into_iter().take(OWN_MAX) {
            let key = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
            if key.chars().count() <= KEY_MAX {
                all.push((key, input::text(&path).map_err(told)?));
            }
        }
        Ok(all)
    }

    /// The scenario of a key; the operator's own stands before a shipped one.
    fn scenario(&self, key: &str) -> Result<Scenario, String> {
        let own = self.own_texts()?.into_iter().find(|(known, _)| known == key).map(|(_, text)| text);
        let shipped = || SHIPPED.iter().find(|(known, _)| *known == key).map(|(_, text)| (*text).to_owned());
        let text = own.or_else(shipped).ok_or_else(|| format!("there is no scenario {key:?}"))?;
        Scenario::parse(&text).map_err(|error| format!("{key}: {error}"))
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
    let (track, forecasts) = storm(scenario, beside).map_err(told)?;
    let (first, last) = span(&loaded).ok_or("the house has taken no orders yet: there is nothing to play")?;
    let met = |first| truth(&before, scenario, track.as_ref(), first).map_err(|error| error.to_string());
    match begins(&met(first)?) {
        Some(at) if at < first || at > last => {
            // No order is about then: the orders are played about its time.
            let half = Span(last.since(first).0 / 2);
            move_to(&mut loaded, at.before(Span(half.0.min(BEFORE_IT.0))));
            let (first, last) = span(&loaded).unwrap_or((first, last));
            // One whose hours count from the first order has moved with the orders.
            if let Some(at) = begins(&met(first)?).filter(|at| *at > last) {
                let hours = |until: Stamp| until.since(first).as_hours().round();
                return Err(format!(
                    "it begins {} h after the first order, and the orders that are played end after {} h: play more of \
                     them (drills.orders), or hold it when more have come in",
                    hours(at),
                    hours(last)
                ));
            }
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

/// When the first and the last order come in.
fn span(loaded: &Loaded) -> Option<(Stamp, Stamp)> {
    Some((loaded.orders.first()?.at, loaded.orders.last()?.at))
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
        let own = self.own_texts()?;
        let mut all: Vec<Rehearsal> =
            own.into_iter().filter_map(|(key, text)| rehearsal(key, &text, true)).collect();
        let shipped = SHIPPED_READ.iter().filter(|one| !all.iter().any(|own| own.key == one.key));
        let shipped: Vec<Rehearsal> = shipped.cloned().collect();
        all.extend(shipped);
        Ok(all)
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

#[cfg(test)]
mod tests {
    use holdfast_app::drills::{Drills as _, Objectives, Wanted};
    use holdfast_app::load::load;
    use holdfast_book::demo::{Options, florence};
    use holdfast_domain::command::Command;
    use holdfast_domain::state::State;
    use holdfast_domain::time::{Span, Stamp};
    use holdfast_engine::step::{Ask, Engine};

    use super::Beside;

    /// A house with some orders, all of them placed in a year of its own: eight years after the sample's storm.
    fn house() -> State {
        let loaded = load(&florence(7, &Options::orders(60)));
        let mut engine = Engine::default();
        let later = Span::days(8 * 364);
        let mut ask = |command: Command, at: Stamp| {
            engine.step(&Ask { command, actor: "test".into(), key: None }, at).expect("the sample fits");
        };
        let first = loaded.orders[0].at.after(later);
        loaded.setup.iter().for_each(|command| ask(command.clone(), first.before(Span::days(1))));
        for timed in &loaded.orders {
            let at = timed.at.after(later);
            let mut order = timed.order.clone();
            (order.placed, order.paid, order.promise, order.subject) = (at, Some(at), None, None);
            ask(Command::PlaceOrder(Box::new(order)), at);
        }
        engine.state
    }

    fn wanted(key: &str) -> Wanted {
        let objectives = Objectives { rto_h: Some(4), kept_percent: Some(1) };
        Wanted { key: key.to_owned(), now: Stamp(1), objectives, orders_max: 40 }
    }

    #[test]
    fn a_drill_on_a_live_house_is_scored_and_recorded_and_a_storm_of_the_past_meets_it() {
        let data = tempfile::tempdir().unwrap();
        let (beside, live) = (Beside::new(data.path().to_owned()), house());
        let digest = live.digest_afresh();
        assert!(beside.library().unwrap().len() >= 18, "all that ships can be rehearsed");
        let mut told = 0;
        let fire = beside.hold(&live, &wanted("fire"), &mut |_| told += 1).unwrap();
        let result = fire.result.clone().unwrap();
        assert!(told > 0 && fire.sound, "{fire:?}");
        assert_eq!((fire.orders, result.left_out), (40, 20), "the newest are played");
        assert!(["wait", "trade", "holdfast", "calm"].iter().all(|name| result.policy(name).is_some()));
        assert_eq!((result.kept_met(), result.outages.len()), (Some(true), 1));
        let storm = beside.hold(&live, &wanted("florence"), &mut |_| {}).unwrap();
        assert!(!storm.result.as_ref().unwrap().outages.is_empty(), "the orders were moved to the storm");
        assert_eq!(beside.held().unwrap(), [fire, storm], "what was held is recorded as it was");
        let away = beside.hold(&live, &wanted("hinnamnor"), &mut |_| {}).unwrap_err();
        assert!(away.contains("touches no site") || away.contains("does not have"), "{away}");
        assert!(beside.hold(&live, &wanted("nothing"), &mut |_| {}).is_err());
        assert_eq!(beside.held().unwrap().len(), 2, "what was not held is not recorded");
        assert_eq!(live.digest_afresh(), digest);
    }
}
