//! The five parts: every answer is this run's, so an input that is changed changes every answer that rests on it.

use holdfast_app::load::{Loaded, load};
use holdfast_book::demo::{Options, florence};
use holdfast_domain::command::Command;
use holdfast_domain::id::SiteId;
use holdfast_domain::place::Place;
use holdfast_hazard::storms::florence_2018;
use holdfast_hazard::track::Track;
use holdfast_sim::drill::{Drill, PolicyName, Setting, drill};
use holdfast_sim::parts::{Parts, Wanted, parts};
use holdfast_sim::scenario::Scenario;

const SEED: u64 = 7;

fn run(loaded: &Loaded, track: &Track, wanted: Wanted) -> (Drill, Parts) {
    let mut scenario = Scenario::parse(include_str!("../../../scenarios/florence.toml")).unwrap();
    scenario.forecasts = false;
    let setting = Setting { loaded, scenario: &scenario, track: Some(track), forecasts: &[], seed: SEED };
    let found = drill(&setting, &mut |_| {}).unwrap();
    let told = parts(&setting, &found, wanted).unwrap();
    (found, told)
}

const BRIEF: Wanted = Wanted { laid: false, with_laid: false, offer: false };

/// Every part's answer, each as one text: what a reader of that part sees.
fn answers(found: &Drill, told: &Parts) -> [(&'static str, String); 6] {
    let came = found.report.tally(PolicyName::Holdfast).unwrap();
    [
        ("said", format!("{:?}", told.said)),
        ("came", format!("{} {} {}", came.late, came.open, came.total_cost)),
        ("centres", format!("{:?}", told.centres)),
        ("notices", came.notices.to_string()),
        ("stock", format!("{:?}", told.skus)),
        ("routes", format!("{:?} {:?} {:?}", told.services, told.carriage, told.flows)),
    ]
}

#[test]
fn an_input_that_is_changed_changes_every_answer_that_rests_on_it() {
    let loaded = load(&florence(SEED, &Options::orders(800)));
    let track = florence_2018();
    let (base, told) = run(&loaded, &track, Wanted { laid: true, with_laid: true, offer: true });
    let usual = answers(&base, &told);

    // The answers add up: what a closed site would have shipped was shipped by others, by itself, or by nobody.
    for centre in &told.centres {
        let others: u64 = centre.taken.iter().map(|taken| taken.units).sum();
        assert_eq!(others + centre.itself + centre.nobody, centre.units, "{centre:?}");
        assert!(others > 0, "somebody took over: {centre:?}");
    }
    assert!(told.said.is_some_and(|said| said.loss() > 0.0), "{:?}", told.unsaid);
    let laid = told.laid.as_ref().expect("fourteen sites have somewhere to lay stock");
    assert!(laid.chosen.accepted && laid.doubled.spent_minor > laid.chosen.figures.spent_minor);
    let played = told.with_laid.as_ref().expect("stock was laid and played");
    assert_eq!(played.orders, 800);
    let offer = told.offer.as_ref().unwrap_or_else(|| panic!("no offer: {:?}", told.unoffered));
    assert!(offer.saving.with.served >= offer.saving.without.served);

    let taker = told.centres.iter().flat_map(|centre| &centre.taken).max_by_key(|taken| taken.units);
    let taker = taker.unwrap().site;
    let changed = |what: &str, loaded: &Loaded, track: &Track, expected: &[&str]| {
        let (found, told) = run(loaded, track, BRIEF);
        for ((part, now), (_, before)) in answers(&found, &told).iter().zip(&usual) {
            if expected.contains(part) {
                assert_ne!(now, before, "{what} changes the answer of {part}");
            }
        }
    };

    // The site that took over most has nothing to take over with.
    let mut bare = loaded.clone();
    bare.setup.retain(|command| !matches!(command, Command::ReceiveStock { site, .. } if *site == taker));
    changed("a site's stock", &bare, &track, &["said", "came", "centres", "stock", "routes"]);

    // Its lanes become dear.
    let mut dear = loaded.clone();
    for command in &mut dear.setup {
        if let Command::AddLane(lane) = command {
            if lane.site == taker {
                lane.cost_parcel *= 5;
            }
        }
    }
    changed("a lane's rate", &dear, &track, &["said", "came", "centres", "stock", "routes"]);

    // The storm passes Norfolk instead of Wilmington.
    let mut north = track.clone();
    for fix in &mut north.fixes {
        fix.place = Place::new(fix.place.lat() + 2.63, fix.place.lon() + 1.66).unwrap();
    }
    changed("the storm's track", &loaded, &north, &["said", "came", "centres", "notices", "stock", "routes"]);
}

#[test]
fn nothing_closed_is_said_and_not_made_up() {
    let loaded = load(&florence(SEED, &Options::orders(600)));
    let mut calm = florence_2018();
    for fix in &mut calm.fixes {
        fix.place = Place::new(fix.place.lat(), fix.place.lon() + 40.0).unwrap();
    }
    let mut scenario = Scenario::parse(include_str!("../../../scenarios/florence.toml")).unwrap();
    scenario.forecasts = false;
    scenario.closures.clear();
    let setting =
        Setting { loaded: &loaded, scenario: &scenario, track: Some(&calm), forecasts: &[], seed: SEED };
    let found = drill(&setting, &mut |_| {}).unwrap();
    let told = parts(&setting, &found, BRIEF).unwrap();
    assert_eq!((told.said, told.centres.len(), told.lanes_opened), (None, 0, 0));
    assert_eq!(told.carriage, (0, 0));
    assert!(told.flows.iter().all(|(site, ..)| *site != SiteId(u16::MAX)));
}
