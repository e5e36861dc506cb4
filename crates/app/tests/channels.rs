//! A carriers' stoppage on the demo book with channels: the plan opens what is left and says what it costs.

use std::collections::BTreeSet;

use holdfast_app::load::load;
use holdfast_book::demo::geo::US_FREEWAYS;
use holdfast_book::demo::{Options as BookOptions, fourteen_sites_sixty_merchants};
use holdfast_domain::command::{Command, NewIncident};
use holdfast_domain::decide::matching_lanes;
use holdfast_domain::id::IncidentId;
use holdfast_domain::incident::{Hazard, LaneRule, Phase, Severity};
use holdfast_domain::money::Currency;
use holdfast_domain::network::LaneKind;
use holdfast_domain::place::Place;
use holdfast_domain::time::Stamp;
use holdfast_engine::incident::{Destination, Effort, Made, PlanAsk, Planned, Transport, make, preview};
use holdfast_engine::step::{Ask, Engine};
use holdfast_plan::replan::{Control, check, check_bound, check_fair};
use holdfast_plan::route::haul::{HaulTerms, OffGraph, Roads};
use holdfast_plan::route::road::RoadGraph;
use holdfast_plan::route::way::{AllOpen, Closures, Interval};

const SEED: u64 = 7;
const ORDERS: u32 = 500;

fn ask(engine: &mut Engine, command: Command, at: Stamp) {
    let shown = format!("{command:?}");
    let ask = Ask { command, actor: "test".into(), key: None };
    engine.step(&ask, at).unwrap_or_else(|error| panic!("{shown}: {error}"));
}

/// The book's orders taken, and an incident declared.
fn declared() -> (Engine, Stamp) {
    let book = fourteen_sites_sixty_merchants(SEED, &BookOptions::orders(ORDERS));
    let loaded = load(&book);
    let start = loaded.orders[0].at;
    let mut engine = Engine::default();
    loaded.setup.into_iter().for_each(|command| ask(&mut engine, command, start));
    let mut at = start;
    for timed in loaded.orders {
        at = at.max(timed.at);
        let mut order = timed.order;
        order.subject = None;
        ask(&mut engine, Command::PlaceOrder(Box::new(order)), at);
    }
    let incident = NewIncident {
        hazard: Hazard::CarrierStoppage,
        name: "strike".into(),
        severity: Severity::Severe,
        expected_end: None,
        surges: Vec::new(),
        drill: true,
    };
    ask(&mut engine, Command::OpenIncident(Box::new(incident)), at);
    ask(&mut engine, Command::PhaseIncident { incident: IncidentId(0), phase: Phase::Declared }, at);
    (engine, at)
}

fn planned(engine: &Engine, graph: &RoadGraph, closures: &(dyn Closures + Sync), at: Stamp) -> Planned {
    let roads = Some(Roads { graph, closures, access_m: 100_000.0, off_graph: OffGraph::NoTruck });
    let transport = Transport { terms: HaulTerms::assumed(Currency::USD), roads };
    let effort = Effort { seed: SEED, per_order: 60, gap: 0.001, threads: None };
    let ask =
        PlanAsk { incident: Some(IncidentId(0)), transport: Some(transport), effort, ..PlanAsk::default() };
    let Made { frozen, plan, planned } =
        make(&engine.state, &ask, at, &mut |_| Control::Continue).expect("it freezes");
    let fair = frozen.fair.as_ref().expect("sixty merchants share the sites");
    let found = [
        check(&frozen.problem, &plan),
        check_bound(&frozen.problem, &plan),
        check_fair(&frozen.problem, &plan, fair),
    ];
    assert!(found.concat().is_empty(), "{found:?}");
    planned
}

#[test]
fn when_carriers_stop_the_plan_opens_hubs_points_and_couriers_and_says_what_they_cost() {
    eprintln!("seed {SEED}");
    let (mut engine, at) = declared();
    let rule = LaneRule { kind: Some(LaneKind::Parcel), ..LaneRule::default() };
    let lanes = matching_lanes(&engine.state.network, &rule);
    let seen = preview(&engine.state, &[], &lanes, None, at);
    assert!(seen.orders > 100 && seen.ways.contains_key(&LaneKind::ZoneSkip), "{:?}", seen.ways);
    assert!(!seen.ways.contains_key(&LaneKind::Parcel), "all of them are closed: {:?}", seen.ways);
    ask(&mut engine, Command::EmbargoLanes { incident: IncidentId(0), rule: Box::new(rule) }, at);
    let graph = RoadGraph::from_text(US_FREEWAYS).expect("the bundled roads");

    let open = planned(&engine, &graph, &AllOpen, at);
    let kinds: BTreeSet<LaneKind> = open.opened.iter().map(|opened| opened.kind).collect();
    assert!(kinds.contains(&LaneKind::ZoneSkip) && kinds.contains(&LaneKind::PickUp), "{:?}", open.opened);
    for opened in &open.opened {
        eprintln!("{opened:?}");
        assert_eq!(opened.shut_out, opened.parcels, "every parcel lane is closed: {opened:?}");
        assert!(opened.orders > 0 && opened.shut_out_cost > opened.closed_cost, "{opened:?}");
    }
    let short =
        open.fair.iter().flat_map(|fair| &fair.shares).filter(|share| share.kept * 2 < share.keepable);
    eprintln!("{} trucks, phi {:?} of {:?}", open.transfers.len(), open.summary.phi, open.summary.phi_bound);
    eprintln!("{:?}", short.collect::<Vec<_>>());

    // With every road closed for as long as a truck may take no hub can be reached, and it is said.
    let shut = |_: (Place, Place), window: Interval| vec![window];
    let cut = planned(&engine, &graph, &shut, at);
    assert!(cut.opened.iter().all(|opened| opened.kind != LaneKind::ZoneSkip), "{:?}", cut.opened);
    assert!(cut.no_trucks.iter().any(|none| matches!(none.to, Destination::Zone(_))), "{:?}", cut.no_trucks);
    assert!(cut.transfers.is_empty());
}
