//! Drills beside the service: the shipped scenarios and the operator's own, played by the simulator on a copy of the live
//! state.
//!
//! What is played is made from network, stock and orders alone, in a world of its own with a journal in memory: nothing
//! here holds a channel, a connection or the writer, so nothing can leave the house. What is written is its record in the
//! data folder, as `holdfast drill --record` writes it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Instant;

use holdfast_app::drills::{
    DrillLine, Drills, KEY_MAX, Library, PlanLine, Planned, Progress, Rehearsal, Wanted,
};
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
    let read = |(key, text): &(&str, &str)| match rehearsal((*key).to_owned(), text, None) {
        Ok(read) => Some(read),
        Err(why) => {
            // A test reads them all: this one would be the program's own fault.
            tracing::error!(key, why, "a shipped scenario cannot be read");
            None
        }
    };
    SHIPPED.iter().filter_map(read).collect()
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

    /// The operator's own scenarios by their keys, each with its text or why there is none; and what was left out.
    fn own_texts(&self) -> Result<(Vec<Own>, Vec<String>), String> {
        let folder = self.own();
        if !folder.is_dir() {
            return Ok((Vec::new(), Vec::new()));
        }
        let fault = |error: std::io::Error| {
            format!("read {}: {error}; check the folder and its permissions", folder.display())
        };
        let mut files: Vec<PathBuf> = Vec::new();
        for entry in std::fs::read_dir(&folder).map_err(fault)? {
            let path = entry.map_err(fault)?.path();
            if path.extension().is_some_and(|ending| ending == "toml") {
                files.push(path);
            }
        }
        files.sort();
        let (mut all, mut left_out) = (Vec::new(), Vec::new());
        if let Some(over) = files.len().checked_sub(OWN_MAX).filter(|over| *over > 0) {
            let folder = folder.display();
            left_out.push(format!("{folder}: {over} scenarios over {OWN_MAX} are left out; move some away"));
        }
        for path in files.into_iter().take(OWN_MAX) {
            let key = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
            if key.chars().count() <= KEY_MAX {
                let text = input::text(&path).map_err(told);
                all.push(Own { key, path, text });
            } else {
                let path = path.display();
                left_out
                    .push(format!("{path}: its name is over {KEY_MAX} letters long; give it a shorter one"));
            }
        }
        Ok((all, left_out))
    }

    /// The scenario of a key; the operator's own stands before a shipped one.
    fn scenario(&self, key: &str) -> Result<Scenario, String> {
        if let Some(own) = self.own_texts()?.0.into_iter().find(|own| own.key == key) {
            let place = own.path.display().to_string();
            return parsed(&place, &own.text?);
        }
        let shipped = SHIPPED.iter().find(|(known, _)| *known == key);
        let (_, text) = shipped.ok_or_else(|| format!("there is no scenario {key:?}"))?;
        parsed(key, text)
    }
}

/// A file of the operator's own.
struct Own {
    key: String,
    path: PathBuf,
    text: Result<String, String>,
}

/// A failure as one sentence: its cause, and what to do.
fn told(failure: Failure) -> String {
    let Failure { cause, remedy, .. } = failure;
    if remedy.is_empty() { cause } else { format!("{cause}; {remedy}") }
}

fn parsed(place: &str, text: &str) -> Result<Scenario, String> {
    Scenario::parse(text).map_err(|error| {
        format!("{place}: {}; mend it as docs/reference/scenarios.md says, or move it away", chain(&error))
    })
}

/// What is shown of a scenario that stands at `place`, or why it cannot be read.
fn rehearsal(key: String, text: &str, own: Option<&Path>) -> Result<Rehearsal, String> {
    let scenario = parsed(&own.map_or_else(|| key.clone(), |path| path.display().to_string()), text)?;
    let own = own.is_some();
    let mut names = BTreeMap::from([("en".to_owned(), scenario.name)]);
    let mut notes = BTreeMap::from([("en".to_owned(), scenario.notes)]);
    for (language, text) in scenario.texts {
        names.insert(language.clone(), text.name);
        notes.insert(language, text.notes);
    }
    let (hazard, severity, book) = (scenario.hazard, scenario.severity, scenario.book);
    Ok(Rehearsal { key, hazard, severity, names, notes, book, own })
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
    fn library(&self) -> Result<Library, String> {
        let (own, faults) = self.own_texts()?;
        let mut library = Library { all: Vec::new(), faults };
        // One that cannot be read hides the shipped one of its key all the same: it is the one that would be played.
        let keys: BTreeSet<String> = own.iter().map(|own| own.key.clone()).collect();
        for Own { key, path, text } in own {
            match text.and_then(|text| rehearsal(key, &text, Some(&path))) {
                Ok(read) => library.all.push(read),
                Err(why) => library.faults.push(why),
            }
        }
        library.all.extend(SHIPPED_READ.iter().filter(|one| !keys.contains(&one.key)).cloned());
        Ok(library)
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
    use std::collections::BTreeSet;
    use std::path::Path;

    use holdfast_app::drills::{Drills as _, Objectives, PlanLine, Progress, Wanted};
    use holdfast_app::load::load;
    use holdfast_book::demo::{Options, florence};
    use holdfast_domain::command::Command;
    use holdfast_domain::state::State;
    use holdfast_domain::time::{Span, Stamp};
    use holdfast_engine::step::{Ask, Engine};

    use super::{Beside, SHIPPED};

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
        let mut told: Vec<Progress> = Vec::new();
        let fire = beside.hold(&live, &wanted("fire"), &mut |progress| told.push(progress)).unwrap();
        let result = fire.result.clone().unwrap();
        assert!(fire.sound, "{fire:?}");
        assert!(told.iter().all(|now| now.key == "fire" && now.orders <= now.of), "{told:?}");
        let policies: BTreeSet<&str> = told.iter().map(|now| now.policy.as_str()).collect();
        assert_eq!(policies, BTreeSet::from(["wait", "trade", "holdfast"]), "each tells how far it is");
        assert_eq!((fire.orders, result.left_out), (40, 20), "the newest are played");
        assert!(["wait", "trade", "holdfast", "calm"].iter().all(|name| result.policy(name).is_some()));
        assert_eq!((result.kept_met(), result.outages.len()), (Some(true), 1));
        assert!(fire.kept >= fire.waiting && fire.kept <= fire.orders, "{fire:?}");
        assert_eq!((fire.at, fire.open_findings.as_slice()), (Stamp(1), &[][..]));
        let storm = beside.hold(&live, &wanted("florence"), &mut |_| {}).unwrap();
        assert!(!storm.result.as_ref().unwrap().outages.is_empty(), "the orders were moved to the storm");
        assert_eq!(beside.held().unwrap(), [fire, storm], "what was held is recorded as it was");
        let away = beside.hold(&live, &wanted("hinnamnor"), &mut |_| {}).unwrap_err();
        assert!(away.contains("touches no site") || away.contains("does not have"), "{away}");
        let nothing = beside.hold(&live, &wanted("nothing"), &mut |_| {}).unwrap_err();
        assert_eq!(nothing, "there is no scenario \"nothing\"");
        let soon = Wanted { orders_max: 0, ..wanted("fire") };
        let empty = beside.hold(&State::default(), &soon, &mut |_| {}).unwrap_err();
        assert!(empty.contains("has taken no orders yet"), "{empty}");
        assert_eq!(beside.held().unwrap().len(), 2, "what was not held is not recorded");
        assert_eq!(live.digest_afresh(), digest);
    }

    #[test]
    fn all_that_ships_can_be_rehearsed_in_both_languages() {
        let data = tempfile::tempdir().unwrap();
        let library = Beside::new(data.path().to_owned()).library().unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let files = files.filter(|path| path.extension().is_some_and(|end| end == "toml"));
        let there: BTreeSet<String> =
            files.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
        let listed: BTreeSet<String> = library.all.iter().map(|one| one.key.clone()).collect();
        assert_eq!((listed, library.faults), (there, Vec::new()));
        for one in &library.all {
            assert!(!one.own && !one.names["en"].is_empty(), "{one:?}");
            assert_ne!((one.name("ko"), one.notes("ko")), (one.name("en"), one.notes("en")), "{}", one.key);
        }
    }

    #[test]
    fn a_scenario_of_ones_own_that_cannot_be_read_is_told_and_the_others_are_there() {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join("scenarios");
        std::fs::create_dir(&folder).unwrap();
        let put = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
        let fire = SHIPPED.iter().find(|(key, _)| *key == "fire").unwrap().1;
        put("ours.toml", fire.as_bytes());
        put("broken.toml", b"name = 'Ours'\nhazard = 'weather'\n");
        put("flood.toml", b"name = ");
        put("bytes.toml", &[0xff, 0xfe]);
        put(&format!("{}.toml", "l".repeat(81)), fire.as_bytes());
        put("notes.txt", b"no scenario");
        let beside = Beside::new(data.path().to_owned());
        let library = beside.library().unwrap();
        let ours: Vec<&str> = library.all.iter().filter(|one| one.own).map(|one| one.key.as_str()).collect();
        assert_eq!(ours, ["ours"]);
        assert!(library.has("fire") && !library.has("flood"), "the broken one would be played in its place");
        for (file, remedy) in [
            ("broken.toml", "move it away"),
            ("flood.toml", "move it away"),
            ("bytes.toml", "save the file as UTF-8"),
            ("lll.toml", "a shorter one"),
        ] {
            let told = library.faults.iter().filter(|why| why.contains(file) && why.contains(remedy)).count();
            assert_eq!(told, 1, "{file}: {:?}", library.faults);
        }
        assert_eq!(library.faults.len(), 4);
        let held = beside.hold(&State::default(), &wanted("flood"), &mut |_| {}).unwrap_err();
        assert!(held.contains("flood.toml") && held.contains("mend it"), "{held}");
        let planned = PlanLine::Planned {
            number: 0,
            at: Stamp(1),
            start: Stamp(2),
            minutes: 5,
            scenario: "bytes".to_owned(),
            by: "Dana".to_owned(),
        };
        assert!(beside.plan(planned).unwrap_err().contains("save the file as UTF-8"));
    }
}
