//! Why an order stays when a plan is taken back: the reason that is true.

mod world;

use holdfast_console::undoing::{self, Stays, Undoing};
use holdfast_domain::command::Command;
use holdfast_domain::id::{LaneId, OrderId, PlanId};
use holdfast_domain::incident::{LaneRule, Phase};
use holdfast_domain::order::Allocation;
use holdfast_domain::plan_record::{Move, PlanRecord, step_digest};
use holdfast_domain::state::State;
use holdfast_engine::step::Ask;
use world::House;

fn ask(house: &mut House, command: Command) {
    let at = house.now.max(house.engine.state.stamp);
    house.engine.step(&Ask { command, actor: "test".into(), key: None }, at).unwrap();
}

/// An order with one allocation that can leave its site, which works, by another lane as well.
fn two_lanes(house: &House) -> (OrderId, Allocation, LaneId) {
    let state: &State = &house.engine.state;
    let other = |order: &holdfast_domain::order::Order, given: &Allocation| {
        let mut lanes = state.network.lanes_to(order.zone).iter();
        let service = |lane: LaneId| state.network.lanes.get(lane).unwrap().service;
        let fits = |site, lane: LaneId| {
            site == given.site && service(lane) != service(given.lane) && state.lane_is_open(lane)
        };
        lanes.find(|(site, lane)| fits(*site, *lane)).map(|(_, lane)| *lane)
    };
    let found = state.live_orders().find_map(|(id, order)| {
        let [line] = &order.lines[..] else { return None };
        let [given] = &line.allocations[..] else { return None };
        let (site, now) = state.site(given.site).unwrap();
        let waits = order.hold.is_none() && given.shipment.is_none() && now.access.takes_orders();
        let ahead = given.ship_day >= house.now.local(&site.zone).0;
        (waits && ahead && state.lane_is_open(given.lane))
            .then(|| Some((id, given.clone(), other(order, given)?)))?
    });
    found.expect("the demo has sites with two carriers")
}

#[test]
fn an_order_whose_lane_was_closed_stays_for_that_reason() {
    let mut house = House::florence(400);
    let (order, old, lane) = two_lanes(&house);
    let new = Allocation { lane, ..old.clone() };
    let moves = vec![Move {
        order,
        from: [(0, old.clone())].into_iter().collect(),
        to: [(0, new)].into_iter().collect(),
        promise: None,
    }];
    let incident = {
        let mut all = house.engine.state.incidents.iter();
        all.find(|(_, incident)| incident.phase != Phase::Closed).expect("the storm is on").0
    };
    let plan = PlanId(u32::try_from(house.engine.state.plans.len()).unwrap());
    let record = PlanRecord {
        digest: step_digest(&moves),
        incident: Some(incident),
        parent: house.engine.state.version,
        steps: [step_digest(&moves)].into(),
        done: 0,
        moved: 0,
        skipped: 0,
        cost: 0,
        bound: 0,
        adopted: house.now,
        undone: false,
    };
    ask(&mut house, Command::AdoptPlan(Box::new(record)));
    ask(&mut house, Command::ExecuteStep { plan, step: 0, moves: moves.clone().into() });
    assert_eq!(house.engine.state.plans.get(plan).unwrap().moved, 1);
    let found = |house: &House| undoing::of(&house.engine, plan, moves.clone(), house.now).unwrap();
    assert_eq!(found(&house), Undoing { back: 1, ..Undoing::default() }, "nothing stands in its way");

    // The lane is closed; its site works, and has goods and capacity as before.
    let service = house.engine.state.network.lanes.get(old.lane).unwrap().service;
    let rule = LaneRule { site: Some(old.site), service: Some(service), ..LaneRule::default() };
    ask(&mut house, Command::EmbargoLanes { incident, rule: Box::new(rule) });
    let stays = found(&house);
    assert_eq!((stays.back, stays.named), (0, vec![(order, Stays::LaneClosed)]));
}
