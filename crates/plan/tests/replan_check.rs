//! A planted violation of every rule is found, under its code, and the plan without it is accepted.

use std::collections::BTreeSet;

use holdfast_domain::id::{LaneId, SiteId, SkuId, ZoneId};
use holdfast_plan::replan::{
    BackorderedBecause, Code, Control, Draft, Haul, Held, Lane, LaneKind, Line, Merchant, MovedBecause,
    Options, Order, PlanParts, Problem, Reason, Site, SiteStatus, Sku, Stock, check, check_bound, solve,
};

fn site(status: SiteStatus) -> Site {
    Site { status, capacity: vec![20, 20], work_parcel: 2, work_unit: 1, allows: u32::MAX }
}

fn lane(site: u16, fix: i64) -> Lane {
    Lane {
        site: SiteId(site),
        zone: ZoneId(0),
        service: 0,
        kind: LaneKind::Parcel,
        fix,
        per_unit: 10,
        per_kg: 7,
        handling_parcel: 3,
        handling_unit: 1,
        transit_days: vec![1],
        open_from: 0,
        open_until: 2,
        allows: u32::MAX,
        unit_max_g: 5000,
    }
}

fn line(sku: u32, planned: u16) -> Line {
    Line {
        sku: SkuId(sku),
        quantity: 2,
        planned: Some(SiteId(planned)),
        move_cost: 30,
        may_split: false,
        backorder_cost: 2500,
        backorder_unit: 5,
        held: None,
    }
}

fn order(lines: Vec<Line>) -> Order {
    Order {
        merchant: 0,
        zone: ZoneId(0),
        promise_day: 2,
        earliest_day: 0,
        late_cost: 400,
        late_cost_day: 11,
        split_cost: 50,
        weight: 1,
        lines,
    }
}

/// Sites: 0 usable, 1 down, 2 usable, 3 standby. Lines: 0 and 1 in one order, 2 held, 3 with nothing in stock.
fn world() -> Draft {
    let stock = |site, sku| Stock { site: SiteId(site), sku: SkuId(sku), quantity: 3, from_day: 0 };
    let held = Line { held: Some(Held::RecallFirst), ..line(0, 1) };
    Draft {
        horizon_days: 2,
        zones: 1,
        sites: vec![
            site(SiteStatus::Usable),
            site(SiteStatus::Down),
            site(SiteStatus::Usable),
            site(SiteStatus::Standby { opens_day: 1, activation: 90_000 }),
        ],
        skus: vec![
            Sku { weight_g: 1500, class: 0 },
            Sku { weight_g: 10, class: 1 },
            Sku { weight_g: 10, class: 0 },
        ],
        lanes: vec![lane(0, 500), lane(1, 400), lane(2, 600), lane(3, 700)],
        stock: vec![
            stock(0, 0),
            stock(0, 1),
            stock(1, 0),
            stock(2, 0),
            stock(2, 1),
            stock(3, 0),
            stock(3, 1),
        ],
        hauls: vec![],
        merchants: vec![Merchant { kept_floor: 2 }],
        orders: vec![order(vec![line(0, 1), line(1, 0)]), order(vec![held, line(2, 0)])],
    }
}

fn solved(draft: Draft) -> (Problem, PlanParts) {
    let problem = Problem::freeze(draft).unwrap();
    let options = Options { work: 2000, ..Options::for_problem(&problem) };
    let plan = solve(&problem, &options, &mut |_| Control::Continue);
    assert_eq!(check(&problem, &plan), []);
    assert_eq!(check_bound(&problem, &plan), []);
    (problem, plan.into())
}

fn codes(problem: &Problem, parts: PlanParts) -> Vec<Code> {
    let plan = parts.into();
    check(problem, &plan).iter().chain(&check_bound(problem, &plan)).map(|violation| violation.code).collect()
}

/// Plants a fault in the plan; the checker must name it.
fn planted(expected: Code, plant: impl Fn(&mut PlanParts)) {
    let (problem, mut parts) = solved(world());
    plant(&mut parts);
    let found = codes(&problem, parts);
    assert!(found.contains(&expected), "{expected:?} was planted, found {found:?}");
}

/// Changes the world after the plan was made; the checker must name the rule that is broken now.
fn outdated(expected: Code, change: impl Fn(&mut Draft)) {
    let (_, parts) = solved(world());
    let mut draft = world();
    change(&mut draft);
    let found = codes(&Problem::freeze(draft).unwrap(), parts);
    assert!(found.contains(&expected), "{expected:?} was planted, found {found:?}");
}

#[test]
fn the_plan_is_the_one_the_faults_are_planted_in() {
    let (_, parts) = solved(world());
    assert_eq!(parts.pieces.len(), 2);
    assert!(parts.pieces.iter().all(|piece| piece.site == SiteId(0) && piece.day == 0));
    let reasons: Vec<Reason> = parts.lines.iter().map(|line| line.reason).collect();
    let expected = [
        Reason::Moved(MovedBecause::SiteDown),
        Reason::Kept,
        Reason::Held(Held::RecallFirst),
        Reason::Backordered(BackorderedBecause::NoStock),
    ];
    assert_eq!(reasons, expected);
    // Parcel 503; two units at 11 each, those of 1,500 g with 11 for their weight (7 x 1.5, rounded up), those
    // of 10 g with 1; and 2,510 for what stays behind.
    assert_eq!(parts.cost.total(), 503 + 2 * (11 + 11) + 2 * (11 + 1) + 2510);
}

#[test]
fn faults_in_the_plan_are_named() {
    planted(Code::Shape, |parts| parts.lines.truncate(parts.lines.len() - 1));
    planted(Code::Shape, |parts| parts.pieces[0].lane = LaneId(9));
    planted(Code::UnitsWrong, |parts| parts.pieces[0].quantity = 1);
    planted(Code::LaneWrong, |parts| parts.pieces[0].site = SiteId(2));
    planted(Code::ReasonWrong, |parts| parts.lines[0].reason = Reason::Kept);
    planted(Code::HeldDecided, |parts| parts.lines[2].reason = Reason::Kept);
    planted(Code::StockExceeded, |parts| parts.pieces[0].quantity = 4);
    planted(Code::CapacityExceeded, |parts| parts.pieces[0].quantity = 30);
    planted(Code::SiteClosed, |parts| {
        parts.pieces[0].site = SiteId(1);
        parts.pieces[0].lane = LaneId(1);
    });
    planted(Code::NotActivated, |parts| {
        parts.pieces[0].site = SiteId(3);
        parts.pieces[0].lane = LaneId(3);
        parts.pieces[0].day = 1;
    });
    planted(Code::NotActivated, |parts| parts.activated.push(SiteId(0)));
    planted(Code::LineSplit, |parts| {
        parts.pieces[0].quantity = 1;
        parts.lines[0].backordered = 1;
    });
    planted(Code::PieceTwice, |parts| {
        let again = parts.pieces[0];
        parts.pieces.insert(0, again);
        for line in &mut parts.lines[1..] {
            line.first_piece += 1;
        }
    });
}

#[test]
fn every_cost_part_and_the_bound_are_computed_again() {
    planted(Code::CostWrong, |parts| parts.cost.shipping -= 1);
    planted(Code::CostWrong, |parts| parts.cost.handling += 1);
    planted(Code::CostWrong, |parts| parts.cost.late += 1);
    planted(Code::CostWrong, |parts| parts.cost.split += 1);
    planted(Code::CostWrong, |parts| parts.cost.moving += 1);
    planted(Code::CostWrong, |parts| parts.cost.backorder -= 1);
    planted(Code::CostWrong, |parts| parts.cost.activation += 1);
    planted(Code::BoundWrong, |parts| parts.bound = parts.cost.total() + 1);
    planted(Code::BoundWrong, |parts| {
        parts.prices.stock = vec![(SkuId(0), SiteId(0), 1 << 30)];
    });
    planted(Code::BoundWrong, |parts| parts.prices.stock = vec![(SkuId(0), SiteId(0), -1)]);
}

#[test]
fn a_world_that_changed_is_named_by_its_rule() {
    outdated(Code::LaneClosed, |draft| draft.lanes[0].open_from = 1);
    outdated(Code::SiteClosed, |draft| draft.sites[0].status = SiteStatus::Down);
    outdated(Code::ClassForbidden, |draft| draft.sites[0].allows = 1);
    outdated(Code::ClassForbidden, |draft| draft.lanes[0].allows = 1);
    outdated(Code::ClassForbidden, |draft| draft.lanes[0].unit_max_g = 1499);
    outdated(Code::ShipsTooEarly, |draft| draft.orders[0].earliest_day = 1);
    outdated(Code::ShipsTooEarly, |draft| draft.stock[0].from_day = 1);
    outdated(Code::StockExceeded, |draft| draft.stock[0].quantity = 1);
    outdated(Code::CapacityExceeded, |draft| draft.sites[0].capacity[0] = 5);
    outdated(Code::FloorMissed, |draft| draft.merchants[0].kept_floor = 3);
    outdated(Code::FloorMissed, |draft| draft.orders[0].promise_day = 0);
    outdated(Code::HeldDecided, |draft| draft.orders[0].lines[0].held = Some(Held::InDoubt));
    outdated(Code::CostWrong, |draft| draft.orders[0].promise_day = 0);
    outdated(Code::CostWrong, |draft| draft.sites[1].status = SiteStatus::Usable);
}

/// What is changed after the plan was made: the plan, or the world it was made for.
enum Plant {
    Plan(fn(&mut PlanParts)),
    World(fn(&mut Draft)),
}
use Plant::{Plan as InPlan, World as InWorld};

/// The world with a truck instead of stock at site 2, and no way out of site 0.
fn world_with_truck() -> Draft {
    let mut draft = world();
    draft.stock.retain(|held| held.site != SiteId(2));
    (draft.lanes[0].open_from, draft.lanes[0].open_until) = (0, 0);
    draft.hauls.push(Haul {
        from: SiteId(0),
        to: SiteId(2),
        leaves_day: 0,
        ready_day: 1,
        per_unit: 5,
        per_kg: 4,
        skus: vec![SkuId(0), SkuId(1)],
    });
    draft
}

/// Every rule by the name of its file, with faults the checker must find and the code it must give them.
/// A rule file that is not named here fails the test below.
const PLANTED: &[(&str, Code, Plant)] = &[
    ("shape", Code::Shape, InPlan(|parts| parts.lines.truncate(1))),
    ("shape", Code::Shape, InPlan(|parts| parts.pieces[0].haul = Some(9))),
    ("stock", Code::StockExceeded, InWorld(|draft| draft.stock[0].quantity = 1)),
    ("stock", Code::StockExceeded, InPlan(|parts| parts.pieces[0].haul = None)),
    ("capacity", Code::CapacityExceeded, InWorld(|draft| draft.sites[2].capacity = vec![0, 0])),
    ("lane_open", Code::LaneClosed, InWorld(|draft| draft.lanes[2].open_until = 0)),
    ("site_open", Code::SiteClosed, InWorld(|draft| draft.sites[2].status = SiteStatus::Down)),
    ("storage", Code::ClassForbidden, InWorld(|draft| draft.sites[2].allows = 1)),
    ("storage", Code::ClassForbidden, InWorld(|draft| draft.lanes[2].unit_max_g = 9)),
    ("ship_day", Code::ShipsTooEarly, InWorld(|draft| draft.orders[0].earliest_day = 2)),
    (
        "split",
        Code::LineSplit,
        InPlan(|parts| (parts.pieces[0].quantity, parts.lines[0].backordered) = (1, 1)),
    ),
    ("held", Code::HeldDecided, InPlan(|parts| parts.lines[2].reason = Reason::Kept)),
    ("held", Code::HeldDecided, InWorld(|draft| draft.orders[0].lines[0].held = Some(Held::RecallFirst))),
    ("fairness", Code::FloorMissed, InWorld(|draft| draft.merchants[0].kept_floor = 3)),
    (
        "activation",
        Code::NotActivated,
        InWorld(|draft| {
            draft.sites[2].status = SiteStatus::Standby { opens_day: 0, activation: 1 };
        }),
    ),
    // A standby site ships nothing before its lead time is over.
    (
        "activation",
        Code::SiteClosed,
        InWorld(|draft| {
            draft.sites[2].status = SiteStatus::Standby { opens_day: 2, activation: 1 };
        }),
    ),
    ("activation", Code::CostWrong, InPlan(|parts| parts.cost.activation += 1)),
    ("transfer", Code::TransferWrong, InPlan(|parts| parts.pieces[0].day = 0)),
    ("transfer", Code::TransferWrong, InWorld(|draft| draft.hauls[0].ready_day = 2)),
    ("transfer", Code::TransferWrong, InWorld(|draft| draft.stock[0].from_day = 1)),
    ("transfer", Code::TransferWrong, InWorld(|draft| draft.hauls[0].skus = vec![SkuId(1)])),
    ("transfer", Code::TransferWrong, InWorld(|draft| draft.hauls[0].to = SiteId(1))),
    ("transfer", Code::TransferWrong, InWorld(|draft| draft.sites[0].status = SiteStatus::Down)),
    ("transfer", Code::TransferWrong, InWorld(|draft| draft.sites[0].allows = 1)),
    ("transfer", Code::CostWrong, InWorld(|draft| draft.hauls[0].per_kg = 8)),
    ("transfer", Code::CostWrong, InPlan(|parts| parts.cost.transfer -= 1)),
    ("shipping", Code::CostWrong, InWorld(|draft| draft.lanes[2].fix += 1)),
    ("handling", Code::CostWrong, InWorld(|draft| draft.lanes[2].handling_unit += 1)),
    ("late", Code::CostWrong, InWorld(|draft| draft.orders[0].promise_day = 1)),
    ("moving", Code::CostWrong, InWorld(|draft| draft.orders[0].lines[1].move_cost += 1)),
    ("backorder", Code::CostWrong, InWorld(|draft| draft.orders[1].lines[1].backorder_unit += 1)),
    ("bound", Code::BoundWrong, InPlan(|parts| parts.bound = parts.cost.total() + 1)),
    ("bound", Code::BoundWrong, InPlan(|parts| parts.prices.capacity = vec![(SiteId(2), 1, 1 << 20)])),
    // A truck that costs less proves less.
    ("bound", Code::BoundWrong, InWorld(|draft| (draft.hauls[0].per_unit, draft.hauls[0].per_kg) = (0, 0))),
];

#[test]
fn every_rule_has_a_planted_violation() {
    let files = |folder: &str| -> BTreeSet<String> {
        let path = format!("{}/src/replan/{folder}", env!("CARGO_MANIFEST_DIR"));
        let entries = std::fs::read_dir(path).expect("the sources lie beside the test");
        let names = entries.map(|entry| entry.expect("readable").file_name().into_string().expect("ASCII"));
        names
            .filter_map(|name| name.strip_suffix(".rs").map(str::to_owned))
            .filter(|name| name != "mod")
            .collect()
    };
    let planted: BTreeSet<String> = PLANTED.iter().map(|(rule, _, _)| (*rule).to_owned()).collect();
    assert_eq!(files("check"), planted, "every part of the checker has a violation planted");
    assert!(files("rules").is_subset(&planted), "every rule has its part of the checker");
    let (problem, parts) = solved(world_with_truck());
    assert!(parts.pieces.len() == 2 && parts.pieces.iter().all(|piece| piece.haul == Some(0)), "{parts:?}");
    // 5 and 6 (4 x 1.5 kg) for each heavy unit, 5 and 1 for each light one.
    assert_eq!(parts.cost.transfer, 2 * (5 + 6) + 2 * (5 + 1));
    for (row, (rule, expected, plant)) in PLANTED.iter().enumerate() {
        let found = match plant {
            InPlan(plant) => {
                let mut changed = parts.clone();
                plant(&mut changed);
                codes(&problem, changed)
            }
            InWorld(change) => {
                let mut draft = world_with_truck();
                change(&mut draft);
                codes(&Problem::freeze(draft).expect("within the limits"), parts.clone())
            }
        };
        assert!(found.contains(expected), "row {row}, {rule}: {expected:?} was planted, found {found:?}");
    }
}
