//! The choice of backups against exhaustive search, its checker against planted errors, and its size.

use holdfast_domain::id::{SiteId, ZoneId};
use holdfast_plan::facility::backup::{
    BackupPlan, BackupProblem, Candidate, Event, Role, ZoneDemand, choose,
};
use holdfast_plan::facility::check_backup::{BackupViolation, backup as check};
use holdfast_plan::facility::{Budget, unwatched};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A network on a line: transport grows with distance, an event closes what lies within its reach.
fn random(seed: u64, existing: u16, backups: u16, zones: u16, events: usize, most: usize) -> BackupProblem {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let sites: Vec<Candidate> = (0..existing + backups)
        .map(|site| Candidate {
            site: SiteId(site),
            role: if site < existing {
                Role::Existing
            } else {
                Role::Backup {
                    contract_minor: rng.random_range(0..400_000),
                    activation_minor: rng.random_range(0..50_000),
                    lead_days: f64::from(rng.random_range(0..4_u8)),
                }
            },
            orders_per_day: f64::from(rng.random_range(20..200_u32)),
        })
        .collect();
    let site_at: Vec<f64> = sites.iter().map(|_| rng.random_range(0.0..100.0)).collect();
    let zone_at: Vec<f64> = (0..zones).map(|_| rng.random_range(0.0..100.0)).collect();
    let order_minor = site_at
        .iter()
        .map(|at| {
            zone_at
                .iter()
                .map(|to| (!rng.random_bool(0.1)).then(|| 300 + (20.0_f64 * (at - to).abs()) as i64))
                .collect()
        })
        .collect();
    let events = (0..events)
        .map(|i| {
            let (eye, reach) = (rng.random_range(0.0..100.0), rng.random_range(2.0..30.0));
            let hit = |(at, site): (&f64, &Candidate)| ((at - eye).abs() < reach).then_some(site.site);
            Event {
                name: format!("event {i}"),
                per_year: rng.random_range(0.01..0.4),
                days: f64::from(rng.random_range(1..20_u8)),
                warning_days: f64::from(rng.random_range(0..3_u8)),
                failed: site_at.iter().zip(&sites).filter_map(hit).collect(),
                surge: if i % 2 == 0 {
                    vec![]
                } else {
                    (0..zones).map(|_| rng.random_range(0.5..2.0)).collect()
                },
            }
        })
        .collect();
    let zones = (0..zones)
        .map(|zone| ZoneDemand {
            zone: ZoneId(zone),
            orders_per_day: f64::from(rng.random_range(5..60_u32)),
            unserved_minor: rng.random_range(500..6_000),
        })
        .collect();
    BackupProblem { sites, zones, order_minor, events, backups_most: most }
}

/// Every set of at most so many candidates, by making each set the only choice and the others impossible.
fn by_enumeration(problem: &BackupProblem) -> i64 {
    let candidates: Vec<usize> =
        (0..problem.sites.len()).filter(|site| problem.sites[*site].role != Role::Existing).collect();
    let mut best = i64::MAX;
    for mask in 0_u32..1 << candidates.len() {
        if mask.count_ones() as usize > problem.backups_most {
            continue;
        }
        let mut fixed = 0.0;
        let mut forced = problem.clone();
        for (bit, at) in candidates.iter().enumerate() {
            let Role::Backup { contract_minor, activation_minor, lead_days } = forced.sites[*at].role else {
                unreachable!()
            };
            let site = forced.sites[*at].site;
            if mask >> bit & 1 == 0 {
                forced.events.iter_mut().for_each(|event| event.failed.push(site));
            } else {
                fixed += contract_minor as f64;
                let called = |e: &&Event| lead_days - e.warning_days < e.days && !e.failed.contains(&site);
                fixed += problem
                    .events
                    .iter()
                    .filter(called)
                    .map(|e| e.per_year * activation_minor as f64)
                    .sum::<f64>();
            }
            forced.sites[*at].role = Role::Backup { contract_minor: 0, activation_minor: 0, lead_days };
        }
        forced.backups_most = candidates.len();
        let plan = choose(&forced, Budget::default(), &mut unwatched()).unwrap();
        best = best.min((plan.cost_minor as f64 + fixed).round() as i64);
    }
    best
}

#[test]
fn the_choice_is_what_exhaustive_search_chooses() {
    for seed in 0..40 {
        let problem = random(seed, 2, 5, 4, 4, 1 + seed as usize % 3);
        let plan = choose(&problem, Budget::default(), &mut unwatched()).unwrap();
        assert_eq!(check(&problem, &plan), vec![], "seed {seed}");
        assert!(plan.proven, "seed {seed}");
        let best = by_enumeration(&problem);
        assert!((plan.cost_minor - best).abs() <= 2, "seed {seed}: {} against {best}", plan.cost_minor);
        assert!(plan.cost_minor <= plan.parts_without.total_minor() + 2, "seed {seed}");
    }
}

#[test]
fn forty_candidates_and_thirty_events_are_proven() {
    let problem = random(7, 3, 40, 30, 30, 4);
    let plan = choose(&problem, Budget::default(), &mut unwatched()).unwrap();
    eprintln!("seed 7: {:?} {:?} {:?}", plan.contracts, plan.cost_minor, plan.work);
    assert_eq!(check(&problem, &plan), vec![]);
    assert!(plan.proven && plan.contracts.len() <= 4 && !plan.contracts.is_empty());
    assert!(plan.contracts.iter().all(|contract| contract.saves_minor > 0));
}

#[test]
fn planted_errors_are_found() {
    let problem = random(7, 2, 8, 6, 8, 3);
    let good = choose(&problem, Budget::default(), &mut unwatched()).unwrap();
    assert!(!good.contracts.is_empty());
    let planted = |spoil: &dyn Fn(&mut BackupPlan), expected: fn(&BackupViolation) -> bool| {
        let mut bad = good.clone();
        spoil(&mut bad);
        let found = check(&problem, &bad);
        assert!(found.iter().any(expected), "{found:?}");
    };
    planted(&|p| p.contracts.clear(), |v| matches!(v, BackupViolation::Cost { .. }));
    planted(&|p| p.contracts[0].site = SiteId(0), |v| matches!(v, BackupViolation::Contract(SiteId(0))));
    planted(&|p| p.contracts.extend([p.contracts[0]; 4]), |v| matches!(v, BackupViolation::Count(..)));
    planted(&|p| p.services.truncate(1), |v| matches!(v, BackupViolation::Demand { .. }));
    planted(&|p| p.services[0].orders_per_day *= 50.0, |v| matches!(v, BackupViolation::Demand { .. }));
    planted(&|p| p.cost_minor -= 5_000, |v| matches!(v, BackupViolation::Cost { .. }));
    planted(&|p| p.lower_bound_minor = p.cost_minor + 1, |v| matches!(v, BackupViolation::Bound { .. }));
    let (event, failed) =
        problem.events.iter().enumerate().find_map(|(i, e)| e.failed.first().map(|site| (i, *site))).unwrap();
    let at = good.services.iter().position(|service| service.event == event).unwrap();
    planted(&|p| p.services[at].site = Some(failed), |v| matches!(v, BackupViolation::Service(_)));
    let mut small = problem.clone();
    small.sites.iter_mut().for_each(|site| site.orders_per_day /= 50.0);
    assert!(check(&small, &good).iter().any(|v| matches!(v, BackupViolation::Capacity { .. })));
}

#[test]
fn wrong_tables_are_refused_with_the_remedy() {
    let good = random(1, 1, 2, 2, 2, 1);
    let check = |problem: BackupProblem, expected: &str| {
        let said = choose(&problem, Budget::default(), &mut unwatched()).unwrap_err().to_string();
        assert!(said.contains(expected), "{said}");
    };
    let mut bad = good.clone();
    bad.events[0].failed = vec![SiteId(77)];
    check(bad, "close site-77 in event \"event 0\"");
    let mut bad = good.clone();
    bad.sites.swap(0, 1);
    check(bad, "list each site once");
    let mut bad = good.clone();
    bad.events[1].days = f64::INFINITY;
    check(bad, "inf as rate, days or warning");
    let mut bad = good;
    bad.zones[0].unserved_minor = -1;
    check(bad, "-1 as cost number 0");
}
