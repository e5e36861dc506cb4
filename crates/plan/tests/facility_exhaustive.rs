//! Small random networks against exhaustive search, and planted errors against the checker.

use holdfast_plan::facility::check::{self, Violation};
use holdfast_plan::facility::location::{self, Count, LocationProblem, Scenario};
use holdfast_plan::facility::reliable::{self, ReliableProblem};
use holdfast_plan::facility::{Budget, FacilityError, unwatched};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Unit by unit along shortest paths (Bellman-Ford), to be unlike the solver: nodes are source, sites, customers.
fn cheapest_flow(
    capacity: &[u32],
    load: &[u32],
    unit: &dyn Fn(usize, usize) -> f64,
    unserved: &[f64],
) -> f64 {
    let (m, n) = (capacity.len(), load.len());
    let mut flow = vec![vec![0_u32; n]; m];
    let mut total = 0.0;
    for j in 0..n {
        for _ in 0..load[j] {
            // Distance from customer j backwards to spare capacity, over re-routings of other customers; leaving
            // any customer on the way unserved ends a path too.
            let mut to = vec![f64::INFINITY; n];
            let mut via: Vec<Option<(usize, usize)>> = vec![None; n];
            to[j] = 0.0;
            for _ in 0..n {
                for k in 0..n {
                    for (i, row) in flow.iter().enumerate() {
                        for (l, units) in row.iter().enumerate() {
                            let far = to[k] + unit(i, k) - unit(i, l);
                            if *units > 0 && far < to[l] - 1e-9 {
                                to[l] = far;
                                via[l] = Some((i, k));
                            }
                        }
                    }
                }
            }
            let mut best = (f64::INFINITY, 0, None);
            for k in 0..n {
                if to[k] + unserved[k] < best.0 {
                    best = (to[k] + unserved[k], k, None);
                }
                for (i, row) in flow.iter().enumerate() {
                    if row.iter().sum::<u32>() < capacity[i] && to[k] + unit(i, k) < best.0 {
                        best = (to[k] + unit(i, k), k, Some(i));
                    }
                }
            }
            let (cost, mut k, end) = best;
            total += cost;
            if let Some(i) = end {
                flow[i][k] += 1;
            }
            while k != j {
                let (i, before) = via[k].unwrap();
                flow[i][k] -= 1;
                flow[i][before] += 1;
                k = before;
            }
        }
    }
    total
}

fn random_location(seed: u64) -> LocationProblem {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (sites, customers) = (rng.random_range(2..7_usize), rng.random_range(1..6_usize));
    let least = rng.random_range(0..=1);
    let scenarios = (0..rng.random_range(1..4))
        .map(|_| Scenario {
            probability: f64::from(rng.random_range(1..10_u32)) / 10.0,
            scale: vec![],
            load: (0..customers).map(|_| f64::from(rng.random_range(0..6_u32))).collect(),
            capacity: (0..sites)
                .map(|_| if rng.random_bool(0.2) { 0.0 } else { f64::from(rng.random_range(1..15_u32)) })
                .collect(),
        })
        .map(|s| Scenario { scale: s.load.clone(), ..s })
        .collect();
    LocationProblem {
        fixed: (0..sites).map(|_| f64::from(rng.random_range(0..60_u32))).collect(),
        serve: (0..sites)
            .map(|_| (0..customers).map(|_| f64::from(rng.random_range(1..20_u32))).collect())
            .collect(),
        unserved: (0..customers).map(|_| f64::from(rng.random_range(10..60_u32))).collect(),
        scenarios,
        forced: (0..sites).map(|site| site == 0 && seed.is_multiple_of(3)).collect(),
        count: Count { least, most: rng.random_range(1..=sites) },
    }
}

fn by_enumeration(problem: &LocationProblem) -> f64 {
    let sites = problem.fixed.len();
    let mut best = f64::INFINITY;
    for mask in 0_u32..1 << sites {
        let open: Vec<usize> = (0..sites).filter(|site| mask >> site & 1 == 1).collect();
        let allowed = (problem.count.least..=problem.count.most).contains(&open.len())
            && problem.forced.iter().enumerate().all(|(site, forced)| !forced || open.contains(&site));
        if !allowed {
            continue;
        }
        let mut cost: f64 = open.iter().map(|site| problem.fixed[*site]).sum();
        for s in &problem.scenarios {
            let capacity: Vec<u32> = open.iter().map(|site| s.capacity[*site] as u32).collect();
            let load: Vec<u32> = s.load.iter().map(|load| *load as u32).collect();
            let unit = |i: usize, j: usize| problem.serve[open[i]][j];
            cost += s.probability * cheapest_flow(&capacity, &load, &unit, &problem.unserved);
        }
        best = best.min(cost);
    }
    best
}

#[test]
fn location_finds_what_exhaustive_search_finds() {
    for seed in 0..250 {
        let problem = random_location(seed);
        let solution = location::solve(&problem, Budget::default(), &mut unwatched()).unwrap();
        let best = by_enumeration(&problem);
        let wrong = check::location(&problem, &solution);
        assert!(wrong.is_empty(), "seed {seed}: {wrong:?}");
        assert!(solution.proven, "seed {seed}");
        assert!((solution.cost - best).abs() < 1e-6, "seed {seed}: {} against {best}", solution.cost);
    }
}

#[test]
fn a_bound_published_early_still_holds() {
    for seed in 0..250 {
        let problem = random_location(seed);
        for rounds in [1, 5, 20] {
            let solution = location::solve(&problem, Budget { rounds }, &mut unwatched()).unwrap();
            let best = by_enumeration(&problem);
            assert!(solution.lower_bound <= best + 1e-6, "seed {seed}: bound {}", solution.lower_bound);
            assert!(solution.cost >= best - 1e-6, "seed {seed}");
            assert!(check::location(&problem, &solution).is_empty(), "seed {seed}");
        }
    }
}

fn random_reliable(seed: u64) -> ReliableProblem {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (sites, customers) = (rng.random_range(1..7_usize), rng.random_range(1..7_usize));
    ReliableProblem {
        fixed: (0..sites).map(|_| f64::from(rng.random_range(0..50_u32))).collect(),
        serve: (0..sites)
            .map(|_| (0..customers).map(|_| f64::from(rng.random_range(1..60_u32))).collect())
            .collect(),
        unserved: (0..customers).map(|_| f64::from(rng.random_range(40..200_u32))).collect(),
        failure_probability: f64::from(rng.random_range(0..60_u32)) / 100.0,
        can_fail: (0..sites).map(|_| rng.random_bool(0.8)).collect(),
        levels: sites,
    }
}

/// Every set of sites, every pattern of failures, every customer at its cheapest survivor.
fn reliable_by_enumeration(problem: &ReliableProblem) -> f64 {
    let sites = problem.fixed.len();
    let mut best = f64::INFINITY;
    for mask in 0_u32..1 << sites {
        let mut cost: f64 = (0..sites).filter(|s| mask >> s & 1 == 1).map(|s| problem.fixed[s]).sum();
        for failed in 0_u32..1 << sites {
            let chance: f64 = (0..sites)
                .map(|site| {
                    let q = if problem.can_fail[site] { problem.failure_probability } else { 0.0 };
                    if failed >> site & 1 == 1 { q } else { 1.0 - q }
                })
                .product();
            for (customer, unserved) in problem.unserved.iter().enumerate() {
                let alive = (0..sites).filter(|site| (mask & !failed) >> site & 1 == 1);
                cost += chance * alive.map(|site| problem.serve[site][customer]).fold(*unserved, f64::min);
            }
        }
        best = best.min(cost);
    }
    best
}

#[test]
fn reliable_location_finds_what_every_failure_pattern_adds_up_to() {
    for seed in 0..200 {
        let problem = random_reliable(seed);
        let solution = reliable::solve(&problem, Budget::default(), &mut unwatched()).unwrap();
        let best = reliable_by_enumeration(&problem);
        let wrong = check::reliable(&problem, &solution);
        assert!(wrong.is_empty(), "seed {seed}: {wrong:?}");
        assert!(solution.proven, "seed {seed}");
        assert!((solution.cost - best).abs() < 1e-6, "seed {seed}: {} against {best}", solution.cost);
    }
}

#[test]
fn planted_errors_in_a_location_are_found() {
    let problem = LocationProblem { count: Count { least: 1, most: 3 }, ..random_location(11) };
    let good = location::solve(&problem, Budget::default(), &mut unwatched()).unwrap();
    assert_eq!(check::location(&problem, &good), vec![]);
    let planted = |spoil: &dyn Fn(&mut holdfast_plan::facility::Solution),
                   expected: fn(&Violation) -> bool| {
        let mut bad = good.clone();
        spoil(&mut bad);
        let found = check::location(&problem, &bad);
        assert!(found.iter().any(expected), "{found:?}");
    };
    planted(&|s| s.cost *= 0.99, |v| matches!(v, Violation::Cost { .. }));
    planted(&|s| s.lower_bound = s.cost * 1.1, |v| matches!(v, Violation::Bound { .. }));
    planted(&|s| s.open.clear(), |v| matches!(v, Violation::Count(0, 1, 3)));
    planted(&|s| s.open.push(99), |v| matches!(v, Violation::OpenSites(99)));
    planted(&|s| s.assignments[0].share += 0.25, |v| matches!(v, Violation::Share { .. }));
    planted(&|s| s.assignments.truncate(s.assignments.len() - 1), |v| matches!(v, Violation::Share { .. }));
    let served = good.assignments.iter().position(|a| a.site.is_some()).unwrap();
    let closed = (0..problem.fixed.len()).find(|site| !good.open.contains(site)).unwrap();
    planted(&|s| s.assignments[served].site = Some(closed), |v| matches!(v, Violation::Closed { .. }));
    let mut tighter = problem.clone();
    for scenario in &mut tighter.scenarios {
        scenario.capacity.iter_mut().for_each(|capacity| *capacity = capacity.min(0.1));
    }
    assert!(check::location(&tighter, &good).iter().any(|v| matches!(v, Violation::Capacity { .. })));
}

#[test]
fn planted_errors_in_a_list_of_backups_are_found() {
    let mut problem = random_reliable(5);
    problem.failure_probability = 0.2;
    problem.fixed.iter_mut().for_each(|fixed| *fixed = 1.0);
    let good = reliable::solve(&problem, Budget::default(), &mut unwatched()).unwrap();
    assert_eq!(check::reliable(&problem, &good), vec![]);
    assert!(good.assignments.iter().any(|a| a.level == 1));
    let mut gap = good.clone();
    gap.assignments.retain(|a| a.customer != 0 || a.level != 0);
    assert!(check::reliable(&problem, &gap).contains(&Violation::List(0)));
    let mut swapped = good.clone();
    for a in swapped.assignments.iter_mut().filter(|a| a.customer == 0 && a.level < 2) {
        a.level = 1 - a.level;
    }
    assert!(!check::reliable(&problem, &swapped).is_empty());
    let mut cheap = good;
    cheap.cost -= 1.0;
    assert!(check::reliable(&problem, &cheap).iter().any(|v| matches!(v, Violation::Cost { .. })));
}

#[test]
fn bad_tables_are_refused_with_field_and_remedy() {
    let good = random_location(1);
    let check = |problem: LocationProblem, expected: &str| {
        let said = location::solve(&problem, Budget::default(), &mut unwatched()).unwrap_err().to_string();
        assert!(said.contains(expected), "{said}");
    };
    let mut bad = good.clone();
    bad.fixed[0] = f64::NAN;
    check(bad, "NaN as fixed cost number 0");
    let mut bad = good.clone();
    let _ = bad.serve[1].pop();
    check(bad, "serve (row of a site)");
    let mut bad = good.clone();
    bad.unserved.fill(f64::INFINITY);
    bad.scenarios[0].load.fill(1e9);
    assert_eq!(location::solve(&bad, Budget::default(), &mut unwatched()), Err(FacilityError::Infeasible));
}
