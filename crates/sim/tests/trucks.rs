//! Trucks between sites in a drill: sent ahead of an announced closure, carried by the world, late or without a way
//! where roads close.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test ends where something is missing")]

use holdfast_app::load::load;
use holdfast_book::demo::{Options, fourteen_sites_sixty_merchants};
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
fn goods_leave_a_site_before_it_shuts_and_their_orders_follow_them() {
    let drill = run("");
    let report = &drill.report;
    let ours = report.tally(PolicyName::Holdfast).unwrap();
    eprintln!(
        "{} trucks planned, {} sent, {} units, {}",
        planned(&drill),
        report.trucks.len(),
        ours.carried_units,
        ours.transfer
    );
    assert!(!report.trucks.is_empty() && ours.carried_units > 0 && ours.transfer > 0);
    let closes = report.closures[0].out.from;
    for truck in &report.trucks {
        assert!(truck.by_road && truck.length_m >= 50_000, "{truck:?}");
        assert!(truck.arrived.is_some() && truck.no_way == 0, "{truck:?}");
        assert!(truck.left.unwrap() < closes || truck.from != report.closures[0].site, "{truck:?}");
    }
    assert!(report.trucks.iter().any(|truck| !truck.late), "none was in time");
    // What the trucks brought was given to the orders they came for.
    let run = drill.runs.iter().find(|run| run.policy == PolicyName::Holdfast).unwrap();
    assert!(run.state.transfers.iter().all(|(_, sent)| sent.received));
    let arrivals = drill.plans.iter().flat_map(|plan| &plan.arrivals).flat_map(|arrival| &arrival.moves);
    let followed = arrivals.filter(|change| run.state.order(change.order).is_ok_and(|order| order.moved > 0));
    assert!(followed.count() > 0);
    for (policy, tally) in &report.policies {
        let sends = matches!(policy, PolicyName::Holdfast | PolicyName::HoldfastAtClosure);
        assert!(sends || tally.carried_units == 0, "{policy:?} has no trucks");
    }
}

#[test]
fn closed_roads_that_are_known_keep_trucks_at_home_and_those_that_close_later_make_them_late() {
    let known = run("[[road]]\nbusiest = 1\nradius_km = 150.0\nfrom = 0\nuntil = 400\n");
    let report = &known.report;
    let none: Vec<_> =
        report.log.iter().filter_map(|entry| entry.opened.as_ref()).flat_map(|it| &it.no_trucks).collect();
    assert!(none.iter().any(|none| none.why == "roads_closed"), "it is said that there is no way: {none:?}");
    let site = report.closures[0].site;
    assert!(report.trucks.iter().all(|truck| truck.from != site && truck.to != site), "{:?}", report.trucks);

    // Known at hour 12, loaded by hour 14: the road closes in between, and opens before the site shuts.
    let later = run("[[road]]\nbusiest = 1\nradius_km = 150.0\nfrom = 13\nuntil = 50\n");
    let closes = later.report.closures[0].out.from;
    let before = |truck: &&holdfast_sim::world::TruckRun| truck.from == site && truck.sent < closes;
    let held: Vec<_> = later.report.trucks.iter().filter(before).collect();
    assert!(!held.is_empty(), "nobody knew when they were sent");
    assert!(held.iter().all(|truck| truck.late), "{held:?}");
    assert!(held.iter().any(|truck| truck.waited.0 > 0 || truck.no_way > 0), "{held:?}");
}
