//! Every scenario that ships is read and runs, on the book it is for, under every policy.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test ends where something is missing")]

use std::path::{Path, PathBuf};

use holdfast_app::load::{Loaded, load};
use holdfast_book::demo::{Options, florence, put_beside, shipped as shipped_book};
use holdfast_book::known::Known;
use holdfast_book::uci::{self, UciOptions};
use holdfast_domain::incident::Hazard;
use holdfast_hazard::storms::shipped;
use holdfast_sim::drill::{Drill, PolicyName, Setting, drill};
use holdfast_sim::scenario::Scenario;

const SEED: u64 = 7;
const ORDERS: u32 = 800;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

fn all() -> Vec<(String, Scenario)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let scenario = Scenario::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            found.push((name, scenario));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// The book a scenario is for; `None` where its data are not at hand.
fn book(name: &str, scenario: &Scenario) -> Option<Loaded> {
    let options = Options::orders(ORDERS);
    if let Some(key) = &scenario.book {
        let known =
            shipped_book(key).unwrap_or_else(|| panic!("{name} names the book {key:?}, which does not ship"));
        let mut book = (known.build)(SEED, &options);
        if let Some(key) = scenario.takeover.as_ref().and_then(|takeover| takeover.host_book.as_deref()) {
            let host = shipped_book(key).unwrap_or_else(|| panic!("{name}: there is no book {key:?}"));
            put_beside(&mut book, (host.build)(SEED + 1, &Options::orders(ORDERS / 2))).unwrap();
        }
        return Some(load(&book));
    }
    Some(load(&match name {
        "eyjafjallajokull" => return april_2010(),
        _ => florence(SEED, &options),
    }))
}

/// The orders of 12 to 23 April 2010, on the importer's declared network.
fn april_2010() -> Option<Loaded> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let data = std::env::var_os("HOLDFAST_DATA").map_or(beside, PathBuf::from);
    let path = data.join("orders/online_retail_II_2009_2010.csv.gz");
    if !path.exists() {
        assert!(std::env::var_os("HOLDFAST_STRICT").is_none(), "{} is not there", path.display());
        eprintln!("SKIPPED: the ash cloud of April 2010 (no data folder)");
        return None;
    }
    let window = Some(("2010-04-12".parse().unwrap(), "2010-04-23".parse().unwrap()));
    let options = UciOptions { window, ..UciOptions::default() };
    let name = "online_retail_II_2009_2010.csv.gz";
    let reading = uci::read(name, &std::fs::read(path).unwrap(), &options, &Known::none()).unwrap();
    Some(load(&reading.book))
}

fn run(scenario: &Scenario, loaded: &Loaded) -> Drill {
    let storm = scenario.storm.as_deref().map(|key| shipped(key).expect("the storm ships"));
    let track = storm.map(|storm| storm.track());
    let forecasts = storm.filter(|_| scenario.forecasts).map(|storm| storm.forecasts()).unwrap_or_default();
    let setting = Setting { loaded, scenario, track: track.as_ref(), forecasts: &forecasts, seed: SEED };
    drill(&setting, &mut |_| {}).expect("the drill runs")
}

#[test]
fn there_is_a_scenario_for_every_hazard_and_each_says_what_is_fact() {
    let all = all();
    for hazard in Hazard::ALL.into_iter().filter(|hazard| *hazard != Hazard::Other) {
        assert!(all.iter().any(|(_, s)| s.hazard == hazard), "no scenario for {}", hazard.key());
    }
    for (name, scenario) in &all {
        let notes = |start: &str| scenario.notes.iter().any(|note| note.starts_with(start));
        assert!(
            notes("Fact: ") && notes("Assumed: "),
            "{name} does not say what is fact and what is assumed"
        );
        let does = scenario.storm.is_some()
            || !scenario.closures.is_empty()
            || !scenario.limits.is_empty()
            || !scenario.embargoes.is_empty()
            || !scenario.surges.is_empty();
        assert!(does, "{name} does nothing");
    }
}

#[test]
fn every_scenario_speaks_korean_and_those_of_a_demo_book_name_it() {
    let hangul = |text: &str| text.chars().any(|letter| ('가'..='힣').contains(&letter));
    for (name, scenario) in all() {
        let korean = scenario.texts.get("ko").unwrap_or_else(|| panic!("{name} has no Korean text"));
        assert!(hangul(&korean.name), "{name}: {}", korean.name);
        assert_eq!(korean.notes.len(), scenario.notes.len(), "{name}: a note for each note");
        for (english, korean) in scenario.notes.iter().zip(&korean.notes) {
            assert!(hangul(korean), "{name}: {korean}");
            let kind = if english.starts_with("Fact: ") { "사실: " } else { "가정: " };
            let says = english.starts_with("Fact: ") || english.starts_with("Assumed: ");
            assert!(!says || korean.starts_with(kind), "{name}: {english} against {korean}");
        }
        if scenario.storm.is_some() {
            assert!(scenario.book.is_some(), "{name} is a storm of one book, and does not say which");
        }
    }
}

#[test]
fn every_scenario_runs_and_its_plans_are_accepted() {
    for (name, scenario) in all() {
        let Some(loaded) = book(&name, &scenario) else { continue };
        let found = run(&scenario, &loaded);
        let report = &found.report;
        eprintln!(
            "{name}: {} orders and {} of the surge, {} sites out, {} limits, {} lanes out, saved {:?} against the trade, plans {:?}",
            loaded.orders.len(),
            report.surge_orders,
            report.closures.len(),
            found.truth.limits.len(),
            found.truth.lanes.iter().map(|(_, lanes, _)| lanes.len()).sum::<usize>(),
            report.saved_against_trade,
            report.plans_checked
        );
        let (made, accepted) = report.plans_checked;
        assert_eq!(report.recount_differs, Vec::<String>::new(), "{name}");
        assert!(report.violations.is_empty() && made == accepted, "{name}: {:?}", report.violations);
        let policies: Vec<PolicyName> = report.policies.iter().map(|(policy, _)| *policy).collect();
        assert!(policies.contains(&PolicyName::Wait) && policies.contains(&PolicyName::Holdfast), "{name}");
        let declared = scenario.closures.len();
        assert!(
            report.closures.len() >= declared,
            "{name}: {} of {declared} closures",
            report.closures.len()
        );
        for (_, lanes, _) in &found.truth.lanes {
            assert!(!lanes.is_empty(), "{name}: an embargo that closes no lane");
        }
        if scenario.surges.iter().any(|surge| surge.permille > 1000) {
            assert!(report.surge_orders > 0, "{name}: a surge without orders");
        }
    }
}
