//! Toy networks with answers worked out by hand, determinism, and what must never happen.

mod common;

use common::{DAY, START, toy};
use holdfast_continuity::bia::{
    BiaError, Cover, Declared, Facts, Question, analyse, analyse_with, lost_output, time_to_survive,
};
use holdfast_continuity::calibrate::calibrate;
use holdfast_continuity::fluid::{Patience, Shock, Stop, What, World};
use holdfast_domain::command::NewOrder;
use holdfast_domain::state::State;
use holdfast_domain::time::Stamp;
use holdfast_hazard::catalogue::CatalogueConfig;

/// Asks about a toy network.
fn with<T>(backup: u32, years: u32, work: impl FnOnce(&Question) -> T) -> T {
    let (state, orders) = toy(backup);
    let catalogue = CatalogueConfig::default();
    work(&Question {
        state: &state,
        orders: &orders,
        processes: &[],
        catalogue: &catalogue,
        seed: 7,
        years,
        patience: Patience::default(),
    })
}

fn report(backup: u32, years: u32, threads: usize) -> holdfast_continuity::bia::Report {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    with(backup, years, |question| pool.install(|| analyse(question)).unwrap())
}

/// Closed from 15:00, after the cut-off of 14:00, so nothing placed before is caught. In 72 hours three orders of
/// each SKU come in. `both` goes from B: 3.00 more each, three days instead of one, one day late, 1.00 each. `sole`
/// waits: the site is back at 15:00 of the third day, so all leave on the fourth day and arrive on the fifth; they
/// were placed 1, 2 and 3 days after the closure's day and promised 3, 4 and 5: 2, 1 and 0 days late.
#[test]
fn one_site_lost_is_what_a_hand_computes() {
    let report = report(100, 1, 1);
    let a = &report.sites[0];
    assert_eq!(a.reference.touched.round() as i64, 6);
    assert_eq!(a.reference.late.round() as i64, 5);
    assert_eq!(a.reference.unserved, 0.0);
    assert!((a.reference.added_cost - 900.0).abs() < 1e-6, "{:?}", a.reference);
    assert!((a.reference.late_cost - 600.0).abs() < 1e-6, "{:?}", a.reference);
    assert!((a.sole_share - 0.5).abs() < 1e-12);
    assert_eq!(a.backup.as_ref().map(|b| (b.0.as_str(), b.1)), Some(("B", 0.5)));
    // Nothing comes from B in normal times.
    assert_eq!(report.sites[1].reference.touched, 0.0);
    // A, B and the carrier, two by two. Without the carrier all six wait: 2 + 1 + 0 days late of each SKU, 1.00 each.
    assert_eq!(report.pairs.len(), 3);
    let loss = |code: &str| report.singles.iter().find(|row| row.code == code).unwrap().impact.loss();
    assert_eq!([loss("A"), loss("B"), loss("carrier c")].map(f64::round), [1500.0, 0.0, 600.0]);
}

#[test]
fn time_to_survive_by_hand() {
    // Two a day with 10 elsewhere, one a day with none: share met is 2/3 until day 5, then 10 / 3t.
    let cover = Cover { skus: vec![(2.0, 10.0), (1.0, 0.0)], free_work: 10.0, lost_work: 3.0 };
    assert!(time_to_survive(&cover, 0.95, 100.0).unwrap() < 1e-9);
    let half = time_to_survive(&cover, 0.5, 100.0).unwrap();
    assert!((half - 20.0 / 3.0).abs() < 1e-9, "{half}");
    assert_eq!(time_to_survive(&cover, 0.1, 30.0), None);
    // The program of the time to recover on the same cover: nothing is lost while stock lasts, then demand is.
    let both = Cover { skus: vec![(2.0, 10.0), (1.0, 3.0)], ..Cover::default() };
    let lost = [0.0, 3.0, 5.0, 8.0].map(|days| lost_output(&both, days));
    assert_eq!(lost, [0.0, 0.0, 2.0, 11.0]);
    // The longest time without a loss is the shortest stock's.
    let whole = Cover { free_work: 10.0, lost_work: 1.0, ..both };
    assert!((time_to_survive(&whole, 1.0, 100.0).unwrap() - 3.0).abs() < 1e-9);
    let choked = Cover { free_work: 1.0, ..cover };
    assert_eq!(time_to_survive(&choked, 0.5, 100.0), Some(0.0));
}

#[test]
fn the_same_bits_on_one_thread_and_two() {
    let (one, two) = (report(3, 400, 1), report(3, 400, 2));
    assert!(one.events > 0);
    assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&two).unwrap());
}

#[test]
fn more_stock_at_the_backup_never_leaves_more_unserved() {
    let mut before = f64::INFINITY;
    for units in [0, 1, 2, 5, 20, 100] {
        let (state, orders) = toy(units);
        let world = World::new(&state, &orders).unwrap();
        let unserved = world.impact(&Shock::sites(0, &[0], 1e3), Patience::default(), None).unserved;
        assert!(unserved <= before, "{units} units: {unserved} after {before}");
        before = unserved;
    }
}

#[test]
fn the_average_is_the_mean_and_the_sites_add_up_to_it() {
    let report = report(3, 2_000, 2);
    let sites: f64 = report.sites.iter().map(|site| site.loss_per_year).sum();
    assert!(report.annual.average > 0.0);
    assert!((sites - report.annual.average).abs() < 1e-6 * report.annual.average.max(1.0));
    let oep = report.annual.exceedance[2].1.unwrap();
    let aep = report.annual.exceedance[2].2.unwrap();
    assert!(aep >= oep && report.annual.tail_99.unwrap() >= aep);
}

/// A book with all a person can say of one process, and next to nothing of another.
fn full_report() -> holdfast_continuity::bia::Report {
    let (state, orders) = toy(3);
    let said = Declared {
        code: "picking".into(),
        sites: vec!["A".into()],
        systems: vec!["wms.v2".into()],
        partners: vec!["Harbour".into()],
        rto_h: Some(24),
        mtpd_h: Some(72),
        rpo_min: Some(15),
        mbco_percent: Some(50),
        people_min: Some(6),
        legal_scale: Some(1),
        reputation_scale: Some(3),
        ..Declared::default()
    };
    let after = Declared { code: "handover".into(), after: vec!["picking".into()], ..Declared::default() };
    let facts = Facts { site_partners: vec![None, Some("Harbour".into())], ..Facts::default() };
    let catalogue = CatalogueConfig::default();
    let question = Question {
        state: &state,
        orders: &orders,
        processes: &[said, after],
        catalogue: &catalogue,
        seed: 7,
        years: 300,
        patience: Patience::default(),
    };
    let world = World::new(&state, &orders).unwrap();
    analyse_with(&question, &world, &facts).unwrap()
}

#[test]
fn every_figure_says_where_it_comes_from() {
    let report = full_report();
    assert!(report.figures.len() > 500);
    let mut ids: Vec<&str> = report.figures.iter().map(|figure| figure.id.as_str()).collect();
    for figure in &report.figures {
        let found = report.where_from(&figure.id);
        let (same, trace) = found.iter().find(|(found, _)| found.id == figure.id).unwrap();
        assert_eq!(same.value, figure.value);
        assert!(!trace.formula.is_empty() && !trace.inputs.is_empty(), "{}", figure.id);
        assert!(trace.version.starts_with("continuity "));
    }
    ids.sort_unstable();
    let all = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), all, "two figures have one id");
    for part in [
        "annual",
        "hazard",
        "site.A",
        "single.carrier c",
        "pair.A+B",
        "process.picking",
        "process.it",
        "partner.Harbour",
        "partner.c",
        "system.wms.v2",
        "sku.both",
        "service.c/s",
        "merchant.m",
    ] {
        assert!(!report.where_from(part).is_empty(), "{part}");
    }
    assert!(report.where_from("site.NOWHERE").is_empty());
}

#[test]
fn what_nobody_said_is_missing_and_what_somebody_said_is_declared() {
    use holdfast_continuity::trace::Basis;
    let report = full_report();
    let of = |id: &str| report.figures.iter().find(|figure| figure.id == id).unwrap();
    assert_eq!(
        (of("process.picking.rto_h").basis, of("process.picking.rto_h").value),
        (Basis::Declared, Some(24.0))
    );
    for id in ["process.handover.rto_h", "process.it.legal_scale", "process.customer_support.volume"] {
        assert_eq!((of(id).basis, of(id).value), (Basis::Missing, None), "{id}");
        assert!(of(id).note.is_some());
    }
    // The eight of every analysis are there, declared or not.
    assert_eq!(report.processes.len(), 8);
    let row = |code: &str| report.processes.iter().find(|row| row.declared.code == code).unwrap();
    assert!(row("picking").in_book && !row("it").in_book);
    assert_eq!(row("picking").followers, ["handover"]);
    assert_eq!(row("it").missing.len(), 10);
    // 48 orders over 23.00 days of history, all from A: half of the parcels of a day are the least.
    let parcels = row("picking").parcels_min.unwrap();
    assert!((parcels - 48.0 / 23.0 / 2.0).abs() < 0.01, "{parcels}");
    // Harbour runs B, which sends nothing in normal times; the system stops A, and all that leaves from it.
    let partner = report.partners.iter().find(|row| row.code == "Harbour").unwrap();
    assert_eq!((partner.role, partner.share), ("runs sites", 0.0));
    assert_eq!(partner.processes, ["handover", "picking"]);
    let system = &report.systems[0];
    assert_eq!((system.code.as_str(), system.share), ("wms.v2", 1.0));
    assert_eq!(system.stops, ["A", "B"]);
}

#[test]
fn what_cannot_be_analysed_is_refused_with_its_cause() {
    let (state, orders) = toy(3);
    let catalogue = CatalogueConfig::default();
    let ask = |state: &State, orders: &[(Stamp, NewOrder)], years: u32| {
        let question = Question {
            state,
            orders,
            processes: &[],
            catalogue: &catalogue,
            seed: 1,
            years,
            patience: Patience::default(),
        };
        analyse(&question).map(|report| report.sites.len())
    };
    let told = |found: Result<usize, BiaError>| found.unwrap_err().to_string();
    assert!(told(ask(&state, &[], 10)).contains("without an order"));
    assert!(told(ask(&state, &orders[..4], 10)).contains("at least 4 days"));
    assert!(told(ask(&state, &orders, 0)).contains("simulate 0 years"));
    assert!(told(ask(&State::default(), &orders, 10)).contains("no site takes orders"));
    // A pandemic of a network of two: the sites of this book are hit by events of their own catalogue.
    assert_eq!(ask(&state, &orders, 10).unwrap(), 2);
}

/// Every third order late, one never: what the analysis says of the closure of the hand-worked case, against what came.
#[test]
fn a_forecast_is_scored_against_what_came() {
    use holdfast_continuity::score::{Closure, ScoreError, Toll, forecast, score};
    let (state, orders) = toy(100);
    let from = Stamp(START + 2 * DAY + 3 * 3_600_000);
    let closure = |site: &str| Closure { site: site.into(), from, until: Some(Stamp(from.0 + 3 * DAY)) };
    let said = forecast(&state, &orders, &[closure("A")], Patience::default()).unwrap();
    // The case of `one_site_lost_is_what_a_hand_computes`: five late; 48 parcels of 5.00, 9.00 and 6.00 more.
    assert_eq!(said, Toll { late: 5.0, unserved: 0.0, cost: 24_000.0 + 900.0 + 600.0 });
    let found = score(&said, &Toll { late: 10.0, unserved: 1.0, cost: 25_500.0 });
    assert_eq!((found.late.off, found.unserved.off, found.cost.off), (Some(-0.5), Some(-1.0), Some(0.0)));
    let nothing = score(&said, &Toll::default());
    assert_eq!((nothing.late.off, nothing.unserved.off), (None, Some(0.0)));
    let refused =
        |closures: &[Closure]| forecast(&state, &orders, closures, Patience::default()).unwrap_err();
    assert_eq!(refused(&[]), ScoreError::NoClosure);
    assert_eq!(refused(&[closure("X")]), ScoreError::Site("X".into()));
    let late = Closure { from: Stamp(START + 400 * DAY), ..closure("A") };
    assert!(matches!(refused(&[late]), ScoreError::Outside { .. }));
}

/// Orders are whole with their customers on the same days at the same cost, whichever of the two says so.
#[test]
fn the_fluid_form_is_the_engine_on_every_kind_of_event() {
    for backup in [0, 3, 100] {
        let found = with(backup, 2_000, |question| calibrate(question, 60)).unwrap();
        assert_eq!(found.events, 60);
        let felt: usize = found.strata.iter().map(|stratum| stratum.felt).sum();
        assert!(felt >= 15, "{felt}");
        for pair in &found.pairs {
            let figures = |impact: &holdfast_continuity::fluid::Impact| {
                (impact.late, impact.unserved, impact.revenue, impact.added_cost, impact.late_cost)
            };
            assert_eq!(figures(&pair.exact), figures(&pair.engine), "{pair:?}");
        }
    }
}

/// Nothing comes in for two days: four orders that leave a day or two later, all on one morning. Each takes a day;
/// promised two days ahead, so those of the first day are a day late, and the others are not.
#[test]
fn orders_that_cannot_come_in_wait_for_the_hour_they_can() {
    let (state, orders) = toy(100);
    let world = World::new(&state, &orders).unwrap();
    let impact = world.impact(&Shock::of(0, &[What::Intake], 48.0), Patience::default(), None);
    assert_eq!((impact.touched, impact.late, impact.unserved, impact.added_cost), (4.0, 2.0, 0.0, 0.0));
    assert_eq!(impact.late_cost, 200.0);
}

/// Both sites ship by the one carrier: its stop is the stop of both, and no stop at all is none.
#[test]
fn a_carrier_that_stops_stops_what_it_carries() {
    let (state, orders) = toy(100);
    let world = World::new(&state, &orders).unwrap();
    let lose = |whats: &[What]| world.impact(&Shock::of(0, whats, 72.0), Patience::default(), None);
    let (carrier, sites) = (lose(&[What::Carrier(0)]), lose(&[What::Site(0), What::Site(1)]));
    assert!(carrier.late > 0.0);
    assert_eq!(carrier, sites);
    assert_eq!(lose(&[]).touched, 0.0);
}

/// Two orders a day of one work unit each, 100 units of room: a hundredth of it is room for one, so every second order
/// of two days goes from the other site, which has only one of the two SKUs.
#[test]
fn less_capacity_is_less_and_not_none() {
    let (state, orders) = toy(100);
    let world = World::new(&state, &orders).unwrap();
    let limit = |permille: u16| {
        let stop = Stop { what: What::Limit { site: 0, permille }, hours: 48.0 };
        world.impact(&Shock { phase: 0, stops: vec![stop], blocked: 0 }, Patience::default(), None)
    };
    assert_eq!(limit(20).touched, 0.0);
    assert!(limit(10).touched > 0.0);
    assert!(limit(10).loss() < world.impact(&Shock::sites(0, &[0], 48.0), Patience::default(), None).loss());
}
