//! Published optima and costs of facility location, reproduced with proof.

use holdfast_plan::facility::answer::{
    SitesAnswer, daskin, daskin_problem, orlib_cap, orlib_pmedian, transport_without,
};
use holdfast_plan::facility::{Budget, read, reliable, unwatched};

fn instance(name: &str) -> Option<String> {
    let folder = std::env::var("HOLDFAST_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data").to_owned());
    let text = std::fs::read_to_string(format!("{folder}/benchmarks/facility/{name}")).ok();
    if text.is_none() {
        assert!(
            std::env::var("HOLDFAST_STRICT").as_deref() != Ok("1"),
            "{name} is missing and HOLDFAST_STRICT=1"
        );
        eprintln!("SKIPPED: {name} (no data folder)");
    }
    text
}

fn check(answer: &SitesAnswer, published: f64, tolerance: f64) {
    eprintln!("{answer:?}");
    assert_eq!(answer.violations, Vec::<String>::new());
    assert!(answer.proven && answer.gap == 0.0, "not proven");
    assert!((answer.cost - published).abs() <= tolerance, "{} against {published}", answer.cost);
}

/// OR-Library, Beasley: the optima of `capopt`.
#[test]
fn or_library_capacitated_warehouses_are_solved_to_their_published_optima() {
    for (name, published) in [
        ("cap41.txt", 1_040_444.375),
        ("cap71.txt", 932_615.75),
        ("cap101.txt", 796_648.4375),
        ("cap131.txt", 793_439.5625),
    ] {
        let Some(text) = instance(name) else { return };
        check(&orlib_cap(&text, Budget::default(), &mut unwatched()).unwrap(), published, 0.001);
    }
}

/// OR-Library, Beasley: the optima of `pmedopt`.
#[test]
fn or_library_p_medians_are_solved_to_their_published_optima() {
    for (name, published) in [("pmed1.txt", 5_819.0), ("pmed6.txt", 7_824.0), ("pmed16.txt", 8_162.0)] {
        let Some(text) = instance(name) else { return };
        check(&orlib_pmedian(&text, Budget::default(), &mut unwatched()).unwrap(), published, 1e-6);
    }
}

/// Snyder and Daskin (2005), table of the 49-node example: the set {Sacramento, Harrisburg, Springfield,
/// Montgomery, Austin} costs 857,128 and its transport cost by failed site is as typed here.
#[test]
fn snyder_and_daskins_example_costs_what_they_published() {
    let Some(text) = instance("daskin49.txt") else { return };
    let cities = read::daskin(&text).unwrap();
    let at = |name: &str| cities.iter().position(|city| city.name == name).unwrap();
    let open: Vec<usize> = ["Sacramento", "Harrisburg", "Springfield", "Montgomery", "Austin"].map(at).into();
    let problem = daskin_problem(&cities, 0.0, 1);
    let close = |found: f64, published: f64| {
        assert!((found / published - 1.0).abs() < 0.001, "{found} against {published}");
    };
    close(reliable::evaluate(&problem, &open).unwrap().cost, 857_128.0);
    close(transport_without(&problem, &open, usize::MAX), 508_886.0);
    for (name, published) in [
        ("Sacramento", 1_080_867.0),
        ("Harrisburg", 917_104.0),
        ("Springfield", 696_429.0),
        ("Montgomery", 639_568.0),
        ("Austin", 636_808.0),
    ] {
        close(transport_without(&problem, &open, at(name)), published);
    }
}

#[test]
fn the_49_cities_are_solved_to_proof_without_and_with_failures() {
    let Some(text) = instance("daskin49.txt") else { return };
    let solve = |q, levels| daskin(&text, q, levels, Budget::default(), &mut unwatched()).unwrap();
    let safe = solve(0.0, 1);
    check(&safe, 856_706.0, 856_706.0 * 0.001);
    assert_eq!(safe.open.len(), 6);
    let risky = solve(0.05, 5);
    check(&risky, risky.cost, 0.0);
    assert!(risky.cost > safe.cost && risky.open.len() >= safe.open.len());
}
