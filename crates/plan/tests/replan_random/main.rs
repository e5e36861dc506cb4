//! Ten thousand small problems under every rule, against exhaustive search written apart from the solver.

mod exhaustive;
mod world;

use holdfast_plan::replan::{Code, Control, Options, Plan, PlanParts, Problem, check, check_bound, solve};
use world::{Kind, random};

const SEED: u64 = 20_221_003;

fn options(seed: u64, threads: Option<usize>) -> Options {
    Options { seed, work: 600, gap: 0.0, threads }
}

/// How the plans of one kind of problem compare with the best.
#[derive(Default, Debug)]
struct Tally {
    problems: usize,
    optimal: usize,
    floors_missed: usize,
    bound_reached: usize,
    plan_cost: i64,
    best_cost: i64,
}

fn compare(kind: Kind, count: u64) -> Tally {
    let mut tally = Tally::default();
    eprintln!("{kind:?}: seeds {SEED} to {}", SEED + count - 1);
    for seed in SEED..SEED + count {
        let problem = Problem::freeze(random(kind, seed)).expect("random problems are within the limits");
        let plan = solve(&problem, &options(seed, None), &mut |_| Control::Continue);
        let found = check(&problem, &plan);
        let best = exhaustive::best(&problem);
        let missed = found.iter().any(|violation| violation.code == Code::FloorMissed);
        let others: Vec<_> = found.iter().filter(|violation| violation.code != Code::FloorMissed).collect();
        assert!(others.is_empty() || missed, "seed {seed}: {others:?}");
        let proof = check_bound(&problem, &plan);
        assert!(proof.is_empty(), "seed {seed}: {proof:?}");
        tally.problems += 1;
        let Some(best) = best else { continue };
        let raised: Plan = PlanParts { bound: best + 1, ..plan.clone().into() }.into();
        assert!(
            !check_bound(&problem, &raised).is_empty(),
            "seed {seed}: {} is accepted as a bound",
            best + 1
        );
        assert!(plan.bound() <= best, "seed {seed}: bound {} above the optimum {best}", plan.bound());
        if missed {
            tally.floors_missed += 1;
            continue;
        }
        assert!(plan.cost() >= best, "seed {seed}: cost {} below the optimum {best}", plan.cost());
        tally.optimal += usize::from(plan.cost() == best);
        tally.bound_reached += usize::from(plan.bound() == best);
        tally.plan_cost += plan.cost();
        tally.best_cost += best;
    }
    eprintln!("{tally:?}");
    tally
}

#[test]
fn plain_problems_are_bracketed_by_bound_and_plan() {
    let tally = compare(Kind::Plain, 5000);
    assert!(tally.optimal * 100 >= tally.problems * 85, "{tally:?}");
}

#[test]
fn problems_under_every_rule_are_bracketed_by_bound_and_plan() {
    let tally = compare(Kind::EveryRule, 4000);
    assert!(tally.optimal * 100 >= tally.problems * 70, "{tally:?}");
}

#[test]
fn orders_that_must_come_from_three_and_four_sites_are_bracketed() {
    let tally = compare(Kind::ManySites, 1000);
    assert!(tally.optimal * 100 >= tally.problems * 85, "{tally:?}");
}

#[test]
fn orders_too_long_for_an_exact_minimum_are_bracketed() {
    let tally = compare(Kind::LongOrders, 1000);
    assert!(tally.optimal * 100 >= tally.problems * 70, "{tally:?}");
}

#[test]
fn the_same_plan_on_one_thread_and_on_two() {
    eprintln!("seeds {SEED} to {}", SEED + 39);
    for seed in SEED..SEED + 40 {
        let problem = Problem::freeze(random(Kind::EveryRule, seed)).expect("within the limits");
        let one = solve(&problem, &options(seed, Some(1)), &mut |_| Control::Continue);
        let two = solve(&problem, &options(seed, Some(2)), &mut |_| Control::Continue);
        assert_eq!(one.canonical_bytes(), two.canonical_bytes(), "seed {seed}");
    }
}
