//! The drill on the demo's book: sites close by wind and never by name, and the numbers are confirmed by the recount.

use holdfast_app::load::load;
use holdfast_book::demo::{Options, florence};
use holdfast_domain::place::Place;
use holdfast_hazard::storms::florence_2018;
use holdfast_hazard::track::Track;
use holdfast_sim::drill::{Drill, PolicyName, Setting, drill};
use holdfast_sim::scenario::Scenario;
use holdfast_sim::truth::Cause;

const SEED: u64 = 7;

fn run(track: &Track) -> Drill {
    let loaded = load(&florence(SEED, &Options::orders(1_500)));
    let mut scenario = Scenario::parse(include_str!("../../../scenarios/florence.toml")).unwrap();
    scenario.forecasts = false;
    let setting =
        Setting { loaded: &loaded, scenario: &scenario, track: Some(track), forecasts: &[], seed: SEED };
    drill(&setting, &mut |_| {}).unwrap()
}

fn closed_by_wind(drill: &Drill) -> Vec<&str> {
    let by_wind = drill.report.closures.iter().filter(|closed| closed.cause == Cause::Wind);
    by_wind.map(|closed| drill.report.sites[usize::from(closed.site.0)].as_str()).collect()
}

#[test]
fn the_recount_from_the_journal_confirms_every_policy_and_the_checker_every_plan() {
    let drill = run(&florence_2018());
    let report = &drill.report;
    assert_eq!(report.recount_differs, Vec::<String>::new(), "seed {SEED}");
    assert_eq!(report.recounted.len(), report.policies.len());
    assert_eq!(report.violations, Vec::<String>::new());
    assert!(report.plans_checked.0 > 0 && report.plans_checked.0 == report.plans_checked.1);
    let bound = report.bound.expect("a run of these days is within the planner's horizon");
    for (policy, tally) in &report.policies {
        assert_eq!(tally.orders, 1_500, "{policy:?}");
        let counted = tally.on_time + tally.late + tally.open + tally.cancelled_by_law;
        assert_eq!(counted, tally.orders, "{policy:?}");
        assert!(bound <= tally.total_cost, "{policy:?} costs {} under a bound of {bound}", tally.total_cost);
    }
    let kept =
        |name: PolicyName| report.policies.iter().find(|(policy, _)| *policy == name).unwrap().1.on_time;
    assert!(kept(PolicyName::Holdfast) > kept(PolicyName::Wait));
}

#[test]
fn another_track_closes_other_sites() {
    let mut track = florence_2018();
    assert_eq!(closed_by_wind(&run(&track)), ["ILM1"]);
    // The same storm from Wilmington to Norfolk: 2.63 degrees north, 1.66 east.
    for fix in &mut track.fixes {
        fix.place = Place::new(fix.place.lat() + 2.63, fix.place.lon() + 1.66).unwrap();
    }
    assert_eq!(closed_by_wind(&run(&track)), ["ORF1"]);
}
