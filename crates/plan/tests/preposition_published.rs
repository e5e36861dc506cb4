//! Rawls and Turnquist's hurricane case: the published optimum, a proof, and planted errors.

use holdfast_plan::preposition::check::{self, Violation};
use holdfast_plan::preposition::hurricane::HurricaneCase;
use holdfast_plan::preposition::siting::{self, SitingPlan};

fn case() -> Option<HurricaneCase> {
    let folder = std::env::var("HOLDFAST_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data").to_owned());
    let text = std::fs::read_to_string(format!("{folder}/benchmarks/preposition/rawls_turnquist_2010.json"));
    let Ok(text) = text else {
        assert!(
            std::env::var("HOLDFAST_STRICT").as_deref() != Ok("1"),
            "the case is missing and HOLDFAST_STRICT=1"
        );
        eprintln!("SKIPPED: Rawls and Turnquist's case (no data folder)");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

/// Rawls and Turnquist (2010), Transportation Research Part B 44, 521-534: optimum 89.5 M USD.
const PUBLISHED: f64 = 89.5e6;

#[test]
fn the_hurricane_case_costs_what_was_published_with_a_bound() {
    let Some(case) = case() else { return };
    let problem = case.problem().unwrap();
    // Expected demand over the scenarios, from the data's README.
    for (good, expected) in problem.goods.iter().zip([4_325.4, 2_102.1, 14_537.7]) {
        let found: f64 = good.outlooks.iter().map(|o| o.probability * o.demand.iter().sum::<f64>()).sum();
        assert!((found / expected - 1.0).abs() < 1e-4, "{found} against {expected}");
    }
    let plan = siting::solve(&problem, 6);
    eprintln!("cost {} bound {} gap {}", plan.cost, plan.lower_bound, plan.gap);
    assert_eq!(check::siting(&problem, &plan), vec![]);
    assert!((plan.cost / PUBLISHED - 1.0).abs() < 0.01, "{}", plan.cost);
    assert!(plan.gap < 0.006, "{}", plan.gap);

    let planted = |spoil: &dyn Fn(&mut SitingPlan), expected: fn(&Violation) -> bool| {
        let mut bad = plan.clone();
        spoil(&mut bad);
        let found = check::siting(&problem, &bad);
        assert!(found.iter().any(expected), "{found:?}");
    };
    let open = plan.depots.iter().position(|depot| depot.is_some()).unwrap();
    planted(&|p| p.depots[open] = None, |v| matches!(v, Violation::Room { .. }));
    planted(&|p| p.stock[0].fill(0.0), |v| matches!(v, Violation::Supply { .. }));
    planted(&|p| p.flows[0][0].unserved[0] += 5.0, |v| matches!(v, Violation::Demand { .. }));
    planted(&|p| p.cost *= 0.999, |v| matches!(v, Violation::Cost { .. }));
    planted(&|p| p.lower_bound *= 1.001, |v| matches!(v, Violation::Bound { .. }));
    planted(&|p| p.prices[0][0].fill(0.0), |v| matches!(v, Violation::Bound { .. }));
}

#[test]
fn a_case_with_broken_references_is_refused_by_name() {
    let Some(good) = case() else { return };
    let check = |case: HurricaneCase, expected: &str| {
        let said = case.problem().unwrap_err().to_string();
        assert!(said.contains(expected), "{said}");
    };
    let mut bad = good.clone();
    bad.scenarios[3].hurricanes = vec![99];
    check(bad, "hurricane \"99\" named by scenario 4");
    let mut bad = good.clone();
    bad.hurricanes[0].cut_arcs = vec![[1, 30]];
    check(bad, "road \"Brownsville - Key West\" named by hurricane Alicia");
    let mut bad = good.clone();
    let _ = bad.hurricanes[0].demand.insert("x7".to_owned(), vec![1.0, 1.0, 1.0]);
    check(bad, "node \"x7\" named by hurricane Alicia");
    let mut bad = good.clone();
    bad.unit_cost_usd.truncate(1);
    check(bad, "unit_cost_usd with 1 entries: it needs 3");
    let mut bad = good.clone();
    bad.scenarios[0].probability += 0.5;
    check(bad, "as sum of the scenarios' probabilities");
    let mut bad = good.clone();
    bad.unit_cost_usd[0] = 1e300;
    check(bad, "use 1e300 as cost");
    let mut bad = good.clone();
    (bad.nodes[0].lat, bad.nodes[0].lon) = (bad.nodes[0].lon, bad.nodes[0].lat);
    check(bad, "are latitude and longitude swapped?");
    let mut bad = good;
    bad.nodes[0].lat = 91.0;
    check(bad, "91 as latitude of Brownsville");
}
