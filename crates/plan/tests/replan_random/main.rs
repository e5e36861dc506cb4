//! Ten thousand small problems under every rule, against exhaustive search written apart from the solver.

mod exhaustive;
mod world;

use holdfast_plan::replan::{
    Code, Control, Fair, Options, Plan, PlanParts, Problem, check, check_bound, check_fair, fair_floors,
    solve, solve_fair,
};
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
    /// Plans in which a truck carries something.
    carried: usize,
    /// Of every fourth problem: those whose best plan needs a truck, and how many of those were solved to it.
    pays: usize,
    pays_and_optimal: usize,
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
        tally.carried += usize::from(plan.pieces().iter().any(|piece| piece.haul.is_some()));
        if !problem.hauls.is_empty() && tally.problems % 4 == 0 {
            let mut draft = problem.clone().thaw();
            draft.hauls.clear();
            let without = exhaustive::best(&Problem::freeze(draft).expect("within the limits"));
            let pays = without.is_none_or(|without| without > best);
            tally.pays += usize::from(pays);
            tally.pays_and_optimal += usize::from(pays && plan.cost() == best);
        }
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
fn trucks_between_sites_are_bracketed_by_bound_and_plan() {
    let tally = compare(Kind::Hauls, 2000);
    assert!(tally.optimal * 100 >= tally.problems * 65, "{tally:?}");
    assert!(tally.pays >= 20 && tally.pays_and_optimal * 100 >= tally.pays * 80, "{tally:?}");
}

#[test]
fn long_orders_that_trucks_serve_are_bracketed() {
    let tally = compare(Kind::LongHauls, 500);
    assert!(tally.optimal * 100 >= tally.problems * 60, "{tally:?}");
}

#[test]
fn phi_is_bracketed_by_a_plan_and_its_own_bound() {
    let (count, mut tight, mut floored) = (600, 0, 0);
    eprintln!("seeds {SEED} to {}", SEED + count - 1);
    for seed in SEED..SEED + count {
        // Scarce work, so that merchants stand in one another's way.
        let mut draft = random(Kind::EveryRule, seed);
        draft.sites.iter_mut().flat_map(|site| &mut site.capacity).for_each(|work| *work /= 4);
        let problem = Problem::freeze(draft).expect("within the limits");
        let weights = [1000, 400 + seed % 7 * 100];
        let free = fair_floors(problem.clone(), 0, &weights).expect("frozen");
        let free = solve(&free, &options(seed, None), &mut |_| Control::Continue);
        let (fair, problem, plan) =
            solve_fair(problem, &weights, &options(seed, None), &mut |_| Control::Continue).expect("frozen");
        let found =
            [check(&problem, &plan), check_bound(&problem, &plan), check_fair(&problem, &plan, &fair)];
        assert!(found.concat().is_empty(), "seed {seed}: {found:?}");
        assert!(fair.phi <= fair.phi_bound, "seed {seed}: {fair:?}");
        let more = plan.activated().iter().find(|site| !free.activated().contains(site));
        assert_eq!(more, None, "seed {seed}: a floor called a standby site");
        floored += usize::from(problem.merchants.iter().any(|merchant| merchant.kept_floor > 0));
        let best = exhaustive::best(&problem).expect("a plan that meets the floors was found");
        assert!(plan.bound() <= best && best <= plan.cost(), "seed {seed}");
        if fair.phi_bound < 1000 {
            tight += 1;
            let above = fair_floors(problem.clone(), fair.phi_bound + 1, &weights).expect("frozen");
            assert_eq!(exhaustive::best(&above), None, "seed {seed}: {} is no bound on phi", fair.phi_bound);
        }
        planted(seed, &problem, &plan, &fair);
    }
    eprintln!("{tight} bounds below 1000, {floored} with floors");
    assert!(tight > 50 && floored > 150, "{tight} {floored}");
}

/// A phase that says of itself what is not so is named.
fn planted(seed: u64, problem: &Problem, plan: &Plan, fair: &Fair) {
    let refused = |plant: &dyn Fn(&mut Fair)| {
        let mut fair = fair.clone();
        plant(&mut fair);
        assert!(!check_fair(problem, plan, &fair).is_empty(), "seed {seed}: {fair:?} is accepted");
    };
    refused(&|fair| fair.phi = fair.phi_bound + 1);
    if !fair.shares.is_empty() {
        refused(&|fair| fair.shares[0].kept += 1);
        refused(&|fair| fair.shares[0].keepable += 1);
        refused(&|fair| fair.shares[0].floor += 1);
        refused(&|fair| fair.shares.truncate(fair.shares.len() - 1));
    }
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
