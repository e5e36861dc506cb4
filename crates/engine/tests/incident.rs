//! An incident from preview to undo on a small network: fairness where merchants share, trucks between sites, roads
//! that close, channels that open.

use std::sync::Arc;

use holdfast_domain::command::{Command, NewIncident, NewOrder};
use holdfast_domain::id::{
    IncidentId, MerchantId, OrderId, PlanId, ServiceId, SiteId, SkuId, TransferId, ZoneId,
};
use holdfast_domain::incident::{Hazard, LaneRule, Phase, Severity, SiteAccess, StockAccess};
use holdfast_domain::money::Currency;
use holdfast_domain::network::{
    Country, DestinationZone, Lane, LaneKind, Language, Merchant, Operator, Service, Site, SiteKind, Sku,
    StandbyTerms, StorageSet,
};
use holdfast_domain::order::Allocation;
use holdfast_domain::place::Place;
use holdfast_domain::plan_record::Move;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::time::{Calendar, Span, Stamp, Zone};
use holdfast_engine::incident::{
    ArrivalOf, Due, Frozen, LoadReason, Made, PlanAsk, Planned, Transport, failback_step, make, preview,
    sequence, truck_key,
};
use holdfast_engine::step::{Ask, Engine};
use holdfast_plan::replan::{Control, Plan, check, check_bound, check_fair};
use holdfast_plan::route::haul::{HaulTerms, NoHaul, OffGraph, Roads};
use holdfast_plan::route::road::{NodeId, RoadGraph};
use holdfast_plan::route::way::{Interval, NoWay};

/// 2018-09-10, noon UTC, a Monday.
const START: Stamp = Stamp(1_536_580_800_000);
const A: SiteId = SiteId(0);
const B: SiteId = SiteId(1);
const C: SiteId = SiteId(2);
const D: SiteId = SiteId(3);
const GROUND: ServiceId = ServiceId(0);
const COURIER: ServiceId = ServiceId(1);

fn place(site: usize) -> Place {
    let (lat, lon) = [(35.1, -90.0), (33.7, -84.4), (34.2, -77.9)][site];
    Place::new(lat, lon).expect("on the globe")
}

fn ask(engine: &mut Engine, command: Command) {
    let shown = format!("{command:?}");
    let ask = Ask { command, actor: "test".into(), key: None };
    engine.step(&ask, START).unwrap_or_else(|error| panic!("{shown}: {error}"));
}

fn merchant(code: &str, weight: u32) -> Command {
    Command::AddMerchant(Box::new(Merchant {
        code: code.into(),
        name: code.into(),
        currency: Currency::USD,
        language: Language::EN,
        contact: "".into(),
        split_quantity: false,
        weight,
        notice_after_days: 0,
        late_cost: 200,
        backorder_cost: 4_000,
        move_cost: 30,
        doubt: None,
    }))
}

fn site(index: usize) -> Command {
    Command::AddSite(Box::new(Site {
        code: ["A", "B", "C"][index].into(),
        name: "".into(),
        kind: SiteKind::Centre,
        place: place(index),
        country: Country::new("US").expect("two letters"),
        region: "".into(),
        zone: Zone::utc(),
        calendar: Calendar::weekdays_only(),
        cutoff_ms: 16 * 3_600_000,
        capacity: [60; 7],
        work_parcel: 2,
        work_unit: 1,
        cost_parcel: 100,
        cost_unit: 10,
        storage: StorageSet::ALL,
        wind_limit_kt: None,
        standby: None,
    }))
}

/// Three sites: C ships everything cheaply, A by the same carrier, B by a courier alone. One zone. SKU 0 lies at A and
/// C and is the first merchant's, SKU 1 at B and C and the second's. Six and four orders, all sourced at C.
fn network() -> Engine {
    let mut engine = Engine::new(holdfast_domain::state::State::default(), Arc::default());
    let operator =
        Operator { name: "T".into(), currency: Currency::USD, zone: Zone::utc(), language: Language::EN };
    ask(&mut engine, Command::SetOperator(Box::new(operator)));
    ask(&mut engine, merchant("first", 200));
    ask(&mut engine, merchant("second", 100));
    (0..3).for_each(|index| ask(&mut engine, site(index)));
    let zone = DestinationZone {
        code: "Z".into(),
        country: Country::new("US").expect("two letters"),
        prefixes: vec![],
        place: place(1),
        population: 1,
    };
    ask(&mut engine, Command::AddZone(Box::new(zone)));
    for (name, kind) in [("ground", LaneKind::Parcel), ("courier", LaneKind::Courier)] {
        let calendar = Calendar::weekdays_only();
        let service = Service { carrier: name.into(), name: name.into(), kind, calendar };
        ask(&mut engine, Command::AddService(Box::new(service)));
    }
    for (site, service, cost_parcel) in [(A, GROUND, 700), (B, COURIER, 1_200), (C, GROUND, 500)] {
        let lane = Lane { site, zone: ZoneId(0), service, cost_parcel, cost_kg: 20, transit_days: 2 };
        ask(&mut engine, Command::AddLane(Box::new(lane)));
    }
    for merchant in 0..2_u16 {
        let sku = Sku {
            merchant: MerchantId(merchant),
            code: "K".into(),
            name: "".into(),
            category: "".into(),
            weight_g: 1_500,
            pack: 1,
            price: 2_000,
            cost: 900,
            storage: 0,
        };
        ask(&mut engine, Command::AddSku(Box::new(sku)));
    }
    for (site, sku) in [(A, 0), (C, 0), (B, 1), (C, 1)] {
        ask(&mut engine, Command::ReceiveStock { site, sku: SkuId(sku), quantity: Quantity(20) });
    }
    for number in 0..10_u32 {
        let merchant = u16::from(number >= 6);
        let order = NewOrder {
            merchant: MerchantId(merchant),
            number: format!("#{number}").into(),
            subject: None,
            zone: ZoneId(0),
            country: Country::new("US").expect("two letters"),
            postal: "1".into(),
            language: Language::EN,
            placed: START,
            paid: Some(START),
            promise: None,
            priority: 0,
            hold: None,
            lines: vec![(SkuId(u32::from(merchant)), Quantity(1), 2_000)].into(),
        };
        ask(&mut engine, Command::PlaceOrder(Box::new(order)));
    }
    assert!(sites_of(&engine).iter().all(|site| *site == Some(C)));
    engine
}

/// The network with a standby site D that nobody has called, and an incident.
fn with_standby() -> Engine {
    let mut engine = network();
    let Command::AddSite(mut site) = site(2) else { unreachable!("it adds a site") };
    (site.code, site.kind) = ("D".into(), SiteKind::Standby);
    let terms = StandbyTerms { lead_time: Span::hours(24), activation_cost: 5_000, daily_cost: 100 };
    site.standby = Some(terms);
    ask(&mut engine, Command::AddSite(site));
    let incident = NewIncident {
        hazard: Hazard::Flood,
        name: "flood".into(),
        severity: Severity::Severe,
        expected_end: None,
        surges: Vec::new(),
        drill: true,
    };
    ask(&mut engine, Command::OpenIncident(Box::new(incident)));
    ask(&mut engine, Command::PhaseIncident { incident: IncidentId(0), phase: Phase::Declared });
    engine
}

#[test]
fn a_standby_that_was_struck_asleep_sleeps_again_when_all_is_clear() {
    let (mut engine, incident) = (with_standby(), IncidentId(0));
    ask(&mut engine, Command::CloseSite { site: D, incident, stock: StockAccess::Inaccessible });
    assert!(matches!(engine.state.sites[3].access, SiteAccess::Closed { .. }));
    let open = Command::LimitSite { site: D, permille: 600, incident: Some(incident) };
    assert!(engine.step(&Ask { command: open, actor: "test".into(), key: None }, START).is_err());
    let step = failback_step(&engine.state, D, incident).expect("it comes back");
    assert_eq!(step, Command::ReleaseStandby { site: D });
    ask(&mut engine, step);
    assert_eq!(engine.state.sites[3].access, SiteAccess::Dormant);

    // One that worked when it was struck opens again, and is not put to sleep over goods nobody reaches.
    ask(&mut engine, Command::ActivateStandby { site: D, incident: Some(incident) });
    ask(&mut engine, Command::CloseSite { site: D, incident, stock: StockAccess::Lost });
    let release = Command::ReleaseStandby { site: D };
    assert!(engine.step(&Ask { command: release, actor: "test".into(), key: None }, START).is_err());
    let step = failback_step(&engine.state, D, incident);
    assert!(matches!(step, Some(Command::LimitSite { permille: 600, .. })), "{step:?}");
}

#[test]
fn a_standby_that_is_expected_to_be_out_offers_no_work() {
    let (mut engine, incident) = (with_standby(), IncidentId(0));
    let capacity = |engine: &Engine| {
        let ask = PlanAsk { incident: Some(incident), ..PlanAsk::default() };
        let made = make(&engine.state, &ask, START, &mut |_| Control::Stop).expect("within the limits");
        made.frozen.problem.thaw().sites[3].capacity.iter().sum::<u64>()
    };
    assert!(capacity(&engine) > 0);
    let today = START.local(&Zone::utc()).0;
    let days = Some((today, today.plus(60)));
    ask(&mut engine, Command::ExpectOutage { site: D, incident, days });
    assert_eq!(capacity(&engine), 0);
}

fn sites_of(engine: &Engine) -> Vec<Option<SiteId>> {
    let state = &engine.state;
    state.live_orders().map(|(_, order)| order.lines[0].allocations.first().map(|a| a.site)).collect()
}

/// C goes dark, and the carrier stops serving A.
fn disaster() -> Engine {
    let mut engine = network();
    let incident = NewIncident {
        hazard: Hazard::Hurricane,
        name: "storm".into(),
        severity: Severity::Severe,
        expected_end: None,
        surges: Vec::new(),
        drill: true,
    };
    ask(&mut engine, Command::OpenIncident(Box::new(incident)));
    let incident = IncidentId(0);
    ask(&mut engine, Command::PhaseIncident { incident, phase: Phase::Declared });
    ask(&mut engine, Command::CloseSite { site: C, incident, stock: StockAccess::Inaccessible });
    let rule = LaneRule { site: Some(A), ..LaneRule::default() };
    ask(&mut engine, Command::EmbargoLanes { incident, rule: Box::new(rule) });
    engine
}

fn plan(engine: &Engine, roads: Option<Roads<'_>>) -> (Frozen, Plan, Planned) {
    let transport = Transport { terms: HaulTerms::assumed(Currency::USD), roads };
    let state = &engine.state;
    let ask = PlanAsk { incident: Some(IncidentId(0)), transport: Some(transport), ..PlanAsk::default() };
    let Made { frozen, plan, planned } =
        make(state, &ask, START, &mut |_| Control::Continue).expect("within the limits");
    let fair = frozen.fair.as_ref().expect("two merchants share the sites");
    let found = [
        check(&frozen.problem, &plan),
        check_bound(&frozen.problem, &plan),
        check_fair(&frozen.problem, &plan, fair),
    ];
    assert!(found.concat().is_empty(), "{found:?}");
    (frozen, plan, planned)
}

/// An order of one unit of SKU 0.
fn one_more(number: &str) -> Command {
    Command::PlaceOrder(Box::new(NewOrder {
        merchant: MerchantId(0),
        number: number.into(),
        subject: None,
        zone: ZoneId(0),
        country: Country::new("US").expect("two letters"),
        postal: "1".into(),
        language: Language::EN,
        placed: START,
        paid: Some(START),
        promise: None,
        priority: 0,
        hold: None,
        lines: vec![(SkuId(0), Quantity(1), 2_000)].into(),
    }))
}

#[test]
fn a_move_comes_after_those_that_free_what_it_takes() {
    let mut engine = network();
    ask(&mut engine, Command::CountStock { site: C, sku: SkuId(0), found: Quantity(6) });
    ask(&mut engine, one_more("#10"));
    let held = |order: u32| engine.state.order(OrderId(order)).expect("placed").lines[0].allocations[0];
    let (there, here) = (held(0), held(10));
    assert_eq!((there.site, here.site), (C, A), "C has no unit left");
    let swap = |order: u32, from: Allocation, to: Allocation| Move {
        order: OrderId(order),
        from: vec![(0, from)].into(),
        to: vec![(0, to)].into(),
        promise: None,
    };
    // Order 10 takes at C what only order 0 frees.
    let (back, away) = (swap(10, here, there), swap(0, there, here));
    let sequenced = sequence(&engine.state, vec![back.clone(), away.clone()]);
    assert_eq!(sequenced, [away.clone(), back.clone()]);
    // In a ring, or where a unit is simply not there, the order of before stands.
    let more = swap(1, there, there);
    assert_eq!(sequence(&engine.state, vec![more.clone(), away.clone()]), [more, away]);
    let twice = vec![back.clone(), back];
    assert_eq!(sequence(&engine.state, twice.clone()), twice);
}

#[test]
fn a_truck_carries_what_no_lane_reaches_and_the_orders_follow_it() {
    let mut engine = disaster();
    let seen = preview(&engine.state, &[C], &[], None, START);
    assert_eq!((seen.orders, seen.ways.get(&LaneKind::Courier)), (10, Some(&4)), "B has goods for four");
    let (_, _, planned) = plan(&engine, None);
    let fair = planned.fair.as_ref().expect("shared");
    assert_eq!(fair.shares.iter().map(|share| share.weight).collect::<Vec<_>>(), [1000, 500]);
    assert!(planned.summary.phi <= planned.summary.phi_bound && planned.summary.phi_bound > Some(0));
    let [truck] = &planned.transfers[..] else { panic!("{:?}", planned.transfers) };
    assert_eq!((truck.from, truck.to, truck.loads.len(), truck.way.by_road), (A, B, 6, false));
    assert_eq!(truck.reasons().into_iter().collect::<Vec<_>>(), [(LoadReason::NoLane, 6)]);
    assert_eq!((truck.cost, planned.summary.transfer), (planned.summary.transfer, truck.cost));
    let [opened] = &planned.opened[..] else { panic!("{:?}", planned.opened) };
    assert_eq!((opened.service, opened.orders, opened.parcels, opened.shut_out), (COURIER, 10, 10, 10));
    // A unit of 1.5 kg: the courier takes 1,200 and 30, the carrier from C took 500 and 30; handling is the same.
    assert_eq!(opened.shut_out_cost - opened.closed_cost, 10 * 700);

    ask(&mut engine, Command::AdoptPlan(Box::new(planned.record())));
    for (step, moves) in (0..).zip(planned.steps()) {
        ask(&mut engine, Command::ExecuteStep { plan: PlanId(0), step, moves: moves.into() });
    }
    let sends = planned.sends(&engine.state, PlanId(0), START);
    assert_eq!(sends.len(), 1);
    assert!(
        planned.sends(&engine.state, PlanId(0), START.after(Span::days(3))).is_empty(),
        "its day has passed"
    );
    for (index, command) in sends {
        let ask = Ask { command, actor: "test".into(), key: Some(truck_key(PlanId(0), index)) };
        engine.step(&ask, START).expect("the load is there");
    }
    assert!(planned.sends(&engine.state, PlanId(0), START).is_empty(), "no truck is sent twice");
    assert_eq!(planned.due(&engine.state, PlanId(0)), Due::Truck(TransferId(0)));
    assert_eq!(sites_of(&engine), [vec![None; 6], vec![Some(B); 4]].concat());
    // Planning again counts on the truck that is under way and sends no second one.
    let (frozen, _, again) = plan(&engine, None);
    assert_eq!((again.transfers.len(), again.arrivals.len()), (0, 1));
    assert_eq!(again.arrivals[0].of, ArrivalOf::Underway(TransferId(0)));
    assert!(frozen.problem.sites.len() == 4 && again.prices.stock.keys().all(|(_, site)| site.0 < 3));

    let items = engine.state.transfers.get(TransferId(0)).expect("it was sent").items.clone();
    ask(&mut engine, Command::ReceiveTransfer { transfer: TransferId(0), items });
    while let Due::Step(step, moves) = planned.due(&engine.state, PlanId(0)) {
        ask(&mut engine, Command::ExecuteStep { plan: PlanId(0), step, moves: moves.into() });
    }
    assert_eq!(planned.due(&engine.state, PlanId(0)), Due::Nothing);
    assert_eq!(sites_of(&engine), vec![Some(B); 10]);
    let record = engine.state.plans.get(PlanId(0)).expect("adopted").clone();
    assert_eq!((record.moved, record.skipped), (4 + 6 + 6, 0), "six orders moved off C, then to B");
    // C is still dark, so nothing can go back to it: the plan is taken back as far as the world allows.
    let moves = planned.executed(record.done).into();
    ask(&mut engine, Command::UndoPlan { plan: PlanId(0), moves });
    assert!(engine.state.plans.get(PlanId(0)).expect("adopted").undone);
    assert!(engine.state.order(OrderId(9)).is_ok());
}

#[test]
fn closed_roads_lengthen_a_truck_s_way_or_leave_none() {
    let engine = disaster();
    // From A to B by the north (660 km) or the south (900 km).
    let north = Place::new(36.5, -87.0).expect("on the globe");
    let south = Place::new(31.5, -87.0).expect("on the globe");
    let road = |a, b, km: u32| (NodeId(a), NodeId(b), km * 1000);
    let stretches = [road(0, 2, 330), road(2, 1, 330), road(0, 3, 450), road(3, 1, 450)];
    let graph = RoadGraph::new(vec![place(0), place(1), north, south], stretches).expect("four nodes");
    let shut = |north_shut: bool, south_shut: bool| {
        move |segment: (Place, Place), window: Interval| {
            let touches = |at: Place| segment.0 == at || segment.1 == at;
            let shut = (north_shut && touches(north)) || (south_shut && touches(south));
            let until = window.until.after(Span::days(30));
            if shut { vec![Interval { from: window.from, until }] } else { vec![] }
        }
    };
    let planned = |closures: &(dyn holdfast_plan::route::way::Closures + Sync)| {
        plan(
            &engine,
            Some(Roads { graph: &graph, closures, access_m: 5_000.0, off_graph: OffGraph::NoTruck }),
        )
        .2
    };
    let free = planned(&shut(false, false));
    assert_eq!((free.transfers[0].way.length_m, free.transfers[0].way.by_road), (660_000, true));
    let round = planned(&shut(true, false));
    assert_eq!((round.transfers[0].way.length_m, round.transfers[0].way.open_length_m), (900_000, 660_000));
    assert!(round.summary.transfer > free.summary.transfer);
    let none = planned(&shut(true, true));
    assert!(none.transfers.is_empty() && none.summary.waiting_lines + none.summary.backordered_lines == 6);
    let cut = none.no_trucks.iter().find(|no| no.from == A).expect("it is said that there is none");
    assert!(matches!(cut.why, NoHaul::NoWay(NoWay::Cut { .. })), "{cut:?}");
}
