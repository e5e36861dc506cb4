//! Critical inventory and backups on toy networks whose answers a hand can check.

mod common;

use common::toy;
use holdfast_continuity::backups::{self, Offered, Said, Terms, backups, keep};
use holdfast_continuity::bia::{Question, analyse_world};
use holdfast_continuity::critical::{Ask, Critical, PastIncident, critical, learn};
use holdfast_continuity::fluid::{Patience, World};
use holdfast_domain::id::SiteId;
use holdfast_domain::incident::Hazard;
use holdfast_domain::time::Stamp;
use holdfast_hazard::catalogue::CatalogueConfig;
use holdfast_plan::facility::unwatched;

fn asked(backup: u32, budget: Option<i64>, work: impl FnOnce(Critical)) {
    let (state, orders) = toy(backup);
    let catalogue = CatalogueConfig::default();
    let question = Question {
        state: &state,
        orders: &orders,
        processes: &[],
        catalogue: &catalogue,
        seed: 7,
        years: 400,
        patience: Patience::default(),
    };
    let world = World::new(&state, &orders).unwrap();
    let report = analyse_world(&question, &world).unwrap();
    let at = [SiteId(1)];
    let ask = Ask {
        question: &question,
        world: &world,
        report: &report,
        budget_minor: budget,
        carry_percent: 20,
        restock_days: 14,
        samples: 60,
        points: 5,
        at: &at,
        incidents: &[],
    };
    work(critical(&ask).unwrap());
}

#[test]
fn the_sku_only_one_site_has_is_critical_and_the_other_is_not() {
    asked(100, None, |found| {
        let of = |code: &str| found.skus.iter().find(|row| row.sku == code).unwrap();
        assert!(of("sole").reason.as_deref().unwrap().contains("one site alone"), "{:?}", of("sole"));
        assert_eq!(of("sole").cover_days, Some(0.0));
        // 24 units in 23 days, 100 of them at B.
        let cover = of("both").cover_days.unwrap();
        assert!((cover - 100.0 / (24.0 / found_days())).abs() < 0.1, "{cover}");
        assert_eq!(of("both").reason, None);
        let laid = found.laid.unwrap();
        // Only the SKU that lies nowhere else is worth laying, and more of its orders are served.
        assert!(laid.lays.iter().all(|lay| lay.sku == "sole" && lay.site == "B"), "{:?}", laid.lays);
        assert!(laid.points[0].figures.promises_kept < 1.0);
        assert!(laid.points.last().unwrap().figures.promises_kept > laid.points[0].figures.promises_kept);
        // Doubling would lay both, 100 of each, at 2.00 a unit a year.
        assert_eq!(laid.doubled.spent_minor, 200 * 200);
        assert!(laid.saving_minor.unwrap() > 0);
    });
}

/// Days from the first order to the last.
fn found_days() -> f64 {
    23.0
}

#[test]
fn more_money_never_keeps_less_and_every_plan_is_accepted() {
    let mut before = -1.0;
    for budget in [0, 300, 1_000, 5_000, 100_000] {
        asked(0, Some(budget), |found| {
            let laid = found.laid.unwrap();
            assert!(laid.chosen.figures.spent_minor <= budget);
            assert!(laid.chosen.accepted && laid.points.iter().all(|point| point.accepted));
            assert!(laid.chosen.figures.promises_kept >= before);
            for pair in laid.points.windows(2) {
                assert!(pair[0].figures.spent_minor < pair[1].figures.spent_minor);
                assert!(pair[0].figures.promises_kept <= pair[1].figures.promises_kept);
            }
            before = laid.chosen.figures.promises_kept;
        });
    }
}

/// Two orders a day, and eight on three days: what an incident on those days teaches.
#[test]
fn a_surge_in_the_own_history_is_learnt_and_a_quiet_one_is_not() {
    let (state, mut orders) = toy(100);
    let begin = orders[0].0;
    let day = 86_400_000;
    let extra: Vec<_> = orders
        .iter()
        .filter(|(at, _)| (12..15).contains(&((at.0 - begin.0) / day)))
        .flat_map(|(at, order)| {
            (0..6).map(move |copy| {
                let mut again = order.clone();
                again.number = format!("{}-{copy}", order.number).as_str().into();
                (*at, again)
            })
        })
        .collect();
    orders.extend(extra);
    orders.sort_by_key(|(at, _)| *at);
    let world = World::new(&state, &orders).unwrap();
    let struck = |from: i64, until: i64| PastIncident {
        name: "x".to_owned(),
        hazard: Hazard::Flood,
        from: Stamp(begin.0 + from * day),
        until: Stamp(begin.0 + until * day),
        zones: Vec::new(),
    };
    let loud = learn(&state, &world, &[struck(12, 12)]);
    let after = loud.iter().find(|learnt| !learnt.before);
    // Too few weeks of usual days on either side teach nothing rather than something wrong.
    if let Some(after) = after {
        assert!(after.factor > 1.0, "{after:?}");
    }
    assert!(learn(&state, &world, &[struck(400, 401)]).is_empty(), "an incident after the history");
}

#[test]
fn the_second_site_is_contracted_when_it_costs_nothing_and_not_when_it_costs_the_earth() {
    let (state, orders) = toy(100);
    let catalogue = CatalogueConfig::default();
    let question = Question {
        state: &state,
        orders: &orders,
        processes: &[],
        catalogue: &catalogue,
        seed: 7,
        years: 300,
        patience: Patience::default(),
    };
    let world = World::new(&state, &orders).unwrap();
    let choose = |contract_minor: i64| {
        let terms = Terms { contract_minor, activation_minor: 0, lead_days: 0.0 };
        let terms = [Offered { site: SiteId(1), terms, said: Said::Declared }];
        let ask = backups::Ask { question: &question, world: &world, terms: &terms, most: 1 };
        backups(&ask, &mut unwatched()).unwrap()
    };
    let free = choose(0);
    assert_eq!(free.contracts.len(), 1);
    assert!(free.proven && free.violations.is_empty() && free.cost < free.cost_without, "{free:?}");
    let dear = choose(1_000_000_000);
    assert_eq!((dear.contracts.len(), dear.cost), (0, dear.cost_without));
    // What it saves is what it may cost.
    let saves = free.contracts[0].saves_minor;
    assert_eq!(choose(saves * 9 / 10).contracts.len(), 1);
    assert_eq!(choose(saves * 11 / 10 + 10).contracts.len(), 0);
    let ask = backups::Ask { question: &question, world: &world, terms: &[], most: 1 };
    assert!(backups(&ask, &mut unwatched()).is_err(), "no candidate");
    let one = keep(&ask, 1, true, &mut unwatched()).unwrap();
    assert_eq!(one.open_sites, ["A"], "5.00 a parcel against 8.00");
    assert!(keep(&ask, 3, true, &mut unwatched()).is_err());
}
