//! SKUs under a budget: against exhaustive search, against doubling every SKU, and planted errors.

use holdfast_domain::id::{SiteId, SkuId, ZoneId};
use holdfast_plan::preposition::check::{self, Violation};
use holdfast_plan::preposition::product::{Plan, Problem, Scenario, Sku, frontier, solve};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A main site with stock and backups without; events that close one site or two, with a surge.
fn random(seed: u64, sites: u16, zones: u16, skus: u32, scenarios: usize, whole: bool) -> Problem {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let most = if whole { 3 } else { 40 };
    let skus: Vec<Sku> = (0..skus)
        .map(|sku| Sku {
            sku: SkuId(sku),
            held: (0..sites)
                .map(|site| if site == 0 { rng.random_range(0..=most) * 10 } else { 0 })
                .collect(),
            lay_minor: (0..sites).map(|site| (site > 0).then(|| rng.random_range(20..400))).collect(),
            unserved_minor: rng.random_range(1_000..6_000),
            revenue_minor: rng.random_range(2_000..12_000),
            units_per_day: (0..zones)
                .map(
                    |_| if whole { f64::from(rng.random_range(0..3_u8)) } else { rng.random_range(0.0..4.0) },
                )
                .collect(),
        })
        .collect();
    let scenarios = (0..scenarios)
        .map(|i| Scenario {
            name: format!("event {i}"),
            probability: rng.random_range(0.01..0.3),
            days: if whole { 1.0 } else { f64::from(rng.random_range(2..15_u8)) },
            survives: (0..sites)
                .map(|site| if site == 0 || rng.random_bool(0.2) { 0.0 } else { 1.0 })
                .collect(),
            surge: if whole || i % 2 == 0 {
                vec![]
            } else {
                skus.iter().map(|_| rng.random_range(0.5..3.0)).collect()
            },
            zone_surge: vec![],
        })
        .collect();
    Problem {
        sites: (0..sites).map(SiteId).collect(),
        zones: (0..zones).map(ZoneId).collect(),
        ship_minor: (0..sites)
            .map(|_| {
                (0..zones).map(|_| (!rng.random_bool(0.1)).then(|| rng.random_range(300..900))).collect()
            })
            .collect(),
        skus,
        scenarios,
    }
}

/// The cheapest assignment of units to sites by trying every one: unit after unit of demand, every site or none.
fn second_stage(stock: &mut [u32], units: &[usize], ship: &[Vec<Option<i64>>], unserved: i64) -> i64 {
    let Some((zone, rest)) = units.split_first() else { return 0 };
    let mut best = unserved + second_stage(stock, rest, ship, unserved);
    for site in 0..stock.len() {
        if let Some(cost) = ship[site][*zone]
            && stock[site] > 0
        {
            stock[site] -= 1;
            best = best.min(cost + second_stage(stock, rest, ship, unserved));
            stock[site] += 1;
        }
    }
    best
}

/// Every stock of up to four units at each backup for two SKUs.
fn by_enumeration(problem: &Problem, budget: i64) -> f64 {
    let mut best = f64::INFINITY;
    let mut per_sku: Vec<Vec<(i64, f64)>> = Vec::new();
    for sku in &problem.skus {
        let mut options = Vec::new();
        for a in 0..=4_u32 {
            for b in 0..=4_u32 {
                let lay = |site: usize, units: u32| i64::from(units) * sku.lay_minor[site].unwrap();
                let mut expected = 0.0;
                for scenario in &problem.scenarios {
                    let mut stock: Vec<u32> = [sku.held[0], sku.held[1] + a, sku.held[2] + b]
                        .iter()
                        .zip(&scenario.survives)
                        .map(|(units, lives)| if *lives > 0.0 { *units } else { 0 })
                        .collect();
                    let units: Vec<usize> = sku
                        .units_per_day
                        .iter()
                        .enumerate()
                        .flat_map(|(zone, units)| vec![zone; *units as usize])
                        .collect();
                    let cost = second_stage(&mut stock, &units, &problem.ship_minor, sku.unserved_minor);
                    expected += scenario.probability * cost as f64;
                }
                options.push((lay(1, a) + lay(2, b), expected));
            }
        }
        per_sku.push(options);
    }
    for first in &per_sku[0] {
        for second in &per_sku[1] {
            if first.0 + second.0 <= budget {
                best = best.min((first.0 + second.0) as f64 + first.1 + second.1);
            }
        }
    }
    best
}

#[test]
fn plans_lie_between_their_bound_and_what_exhaustive_search_finds() {
    let (mut plans, mut optimal, mut worst) = (0, 0, 0.0_f64);
    for seed in 0..60 {
        let problem = random(seed, 3, 2, 2, 3, true);
        for budget in [0, 150, 400, 100_000] {
            let plan = solve(&problem, budget).unwrap();
            assert_eq!(check::product(&problem, &plan), vec![], "seed {seed} budget {budget}");
            let best = by_enumeration(&problem, budget);
            let total = plan.figures.total_minor() as f64;
            assert!(plan.lower_bound_minor as f64 <= best + 1e-6, "seed {seed} budget {budget}");
            assert!(total >= best - 1.0, "seed {seed} budget {budget}: {total} under {best}");
            plans += 1;
            optimal += u32::from(total <= best + 1.0);
            worst = worst.max(total / best.max(1.0) - 1.0);
            if budget == 100_000 {
                assert!(
                    total <= best * 1.01 + 1.0,
                    "seed {seed}: {total} against {best} without a binding budget"
                );
            }
        }
    }
    eprintln!("{optimal} of {plans} plans optimal, worst {:.2} % over", worst * 100.0);
    assert!(optimal * 10 >= plans * 8);
}

#[test]
fn the_frontier_is_bounded_and_cheaper_than_doubling() {
    let problem = random(3, 4, 6, 60, 12, false);
    let budgets = [0, 50_000, 100_000, 200_000, 400_000, 100_000_000];
    let found = frontier(&problem, &budgets, 0, 1).unwrap();
    for pair in found.plans.windows(2) {
        assert!(pair[1].figures.total_minor() <= pair[0].figures.total_minor());
        assert!(pair[1].figures.promises_kept >= pair[0].figures.promises_kept);
        assert!(pair[1].budget_price <= pair[0].budget_price);
    }
    for plan in &found.plans {
        eprintln!(
            "seed 3: budget {} spent {} kept {:.4} total {} bound {} gap {:.5} price {:.2}",
            plan.budget_minor,
            plan.figures.spent_minor,
            plan.figures.promises_kept,
            plan.figures.total_minor(),
            plan.lower_bound_minor,
            plan.gap,
            plan.budget_price
        );
        assert_eq!(check::product(&problem, plan), vec![]);
        assert!(plan.gap < 0.01, "{}", plan.gap);
    }
    eprintln!(
        "doubled {:?} as good {:?} saving {:?}",
        found.doubled, found.as_good_as_doubled, found.saving_minor
    );
    assert!(found.saving_minor.unwrap() > 0);
    assert!(found.as_good_as_doubled.unwrap().second_stage_minor <= found.doubled.second_stage_minor);
}

#[test]
fn planted_errors_are_found() {
    let problem = random(3, 3, 4, 10, 6, false);
    let good = solve(&problem, 60_000).unwrap();
    assert_eq!(check::product(&problem, &good), vec![]);
    let planted = |spoil: &dyn Fn(&mut Plan), expected: fn(&Violation) -> bool| {
        let mut bad = good.clone();
        spoil(&mut bad);
        let found = check::product(&problem, &bad);
        assert!(found.iter().any(expected), "{found:?}");
    };
    planted(&|p| p.lays[0].units += 1, |v| matches!(v, Violation::Budget { .. }));
    planted(&|p| p.lays[0].site = SiteId(0), |v| matches!(v, Violation::Budget { .. }));
    planted(&|p| p.budget_minor = 10, |v| matches!(v, Violation::Budget { .. }));
    planted(&|p| p.lower_bound_minor = p.figures.total_minor() + 1, |v| matches!(v, Violation::Bound { .. }));
    planted(&|p| p.prices[0].iter_mut().for_each(|s| s.fill(0.0)), |v| matches!(v, Violation::Bound { .. }));
    planted(&|p| p.figures.second_stage_minor /= 2, |v| matches!(v, Violation::Cost { .. }));
    planted(&|p| p.figures.demanded *= 2.0, |v| matches!(v, Violation::Demand { .. }));
}

#[test]
fn wrong_tables_are_refused_with_the_remedy() {
    let good = random(1, 2, 2, 2, 2, false);
    let check = |problem: Problem, expected: &str| {
        let said = solve(&problem, 1).unwrap_err().to_string();
        assert!(said.contains(expected), "{said}");
    };
    let mut bad = good.clone();
    bad.scenarios[0].survives = vec![0.0];
    check(bad, "survives of scenario \"event 0\" with 1 entries: it needs 2");
    let mut bad = good.clone();
    bad.skus[1].units_per_day[0] = f64::NAN;
    check(bad, "NaN as units_per_day of sku-1");
    let mut bad = good.clone();
    bad.scenarios[1].probability = 1.5;
    check(bad, "1.5 as probability");
    let mut bad = good.clone();
    bad.skus[1].sku = SkuId(0);
    check(bad, "list sku-0 twice");
    assert!(frontier(&good, &[], 0, 9).unwrap_err().to_string().contains("site number 9"));
}
