//! Trucks between sites in a drill: planned, sent, carried by the world, taken in; late where roads close meanwhile.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test ends where something is missing")]

use holdfast_app::load::load;
use holdfast_book::demo::{Options, fourteen_sites_sixty_merchants};
use holdfast_domain::time::Span;
use holdfast_sim::drill::{Drill, PolicyName, Setting, drill};
use holdfast_sim::scenario::Scenario;

const SEED: u64 = 7;

/// The greatest site is to close two days later; `roads` says what is closed about it.
fn run(roads: &str) -> Drill {
    let book = fourteen_sites_sixty_merchants(SEED, &Options::orders(400));
    let loaded = load(&book);
    let text = format!(
        "name = 'announced'\nhazard = 'power_outage'\nseverity = 'severe'\n\
         [[closure]]\nbusiest = 1\nfrom = 60\nuntil = 204\nknown_h = 48\n{roads}"
    );
    let scenario = Scenario::parse(&text).unwrap();
    let setting = Setting { loaded: &loaded, scenario: &scenario, track: None, forecasts: &[], seed: SEED };
    let found = drill(&setting, &mut |_| {}).unwrap();
    let report = &found.report;
    assert_eq!(report.recount_differs, Vec::<String>::new(), "seed {SEED}");
    assert_eq!(report.violations, Vec::<String>::new(), "seed {SEED}");
    if let Some(bound) = report.bound {
        for (policy, tally) in &report.policies {
            assert!(bound <= tally.total_cost, "{policy:?}: {} under {bound}", tally.total_cost);
        }
    }
    found
}

fn planned(drill: &Drill) -> usize {
    drill.report.log.iter().filter_map(|entry| entry.opened.as_ref()).map(|opened| opened.trucks.len()).sum()
}

#[test]
fn goods_of_a_limited_site_go_to_where_they_can_ship_and_the_drill_tells_of_each_truck() {
    let drill = run("");
    let report = &drill.report;
    let ours = report.tally(PolicyName::Holdfast).unwrap();
    eprintln!("{} trucks planned, {:?}", planned(&drill), report.trucks);
    assert!(!report.trucks.is_empty() && ours.carried_units > 0 && ours.transfer > 0);
    assert!(report.trucks.len() <= planned(&drill), "none is sent that was not planned");
    assert_eq!(ours.transfer, report.trucks.iter().map(|truck| truck.cost).sum::<i64>());
    for truck in &report.trucks {
        assert!(truck.by_road && truck.arrived.is_some() && truck.no_way == 0, "{truck:?}");
    }
    assert!(report.trucks.iter().any(|truck| !truck.late), "none was in time");
    let run = drill.runs.iter().find(|run| run.policy == PolicyName::Holdfast).unwrap();
    assert!(run.state.transfers.iter().all(|(_, sent)| sent.received));
    for (policy, tally) in &report.policies {
        let sends = matches!(policy, PolicyName::Holdfast | PolicyName::HoldfastAtClosure);
        assert!(sends || tally.carried_units == 0, "{policy:?} has no trucks");
    }
}

#[test]
fn a_road_that_closes_after_a_truck_was_sent_makes_it_late() {
    // The site is back at hour 204 with part of its people; trucks are loaded by hour 206.
    let drill = run("[[road]]\nbusiest = 1\nradius_km = 150.0\nfrom = 205\nuntil = 250\n");
    let closed = &drill.report.closures[0];
    let road_closes = closed.out.from.after(Span::hours(205 - 60));
    let sent =
        drill.report.trucks.iter().filter(|truck| truck.from == closed.site && truck.sent < road_closes);
    let held: Vec<_> = sent.collect();
    assert!(!held.is_empty(), "nobody knew of it: {:?}", drill.report.trucks);
    assert!(held.iter().all(|truck| truck.late), "{held:?}");
    assert!(held.iter().all(|truck| truck.waited.0 > 0 || truck.no_way > 0), "{held:?}");
}
