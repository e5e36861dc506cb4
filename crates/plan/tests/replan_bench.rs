//! The shared re-planning instances: read, solved within a work budget, checked, and compared with what is
//! published beside them (`benchmarks/replan/README.md` of the shared data).

use std::io::Read as _;
use std::path::PathBuf;

use holdfast_plan::replan::bench_format::{parse, write_instance, write_plan};
use holdfast_plan::replan::{Control, Options, Problem, World, check, check_bound, generate, solve};

fn instance(name: &str) -> Option<Problem> {
    let folder = std::env::var_os("HOLDFAST_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = folder.join("benchmarks/replan").join(name);
    let Ok(raw) = std::fs::read(&path) else {
        let strict = std::env::var_os("HOLDFAST_STRICT").is_some_and(|value| value == "1");
        assert!(!strict, "{} is absent", path.display());
        eprintln!("SKIPPED: {name} (no data folder)");
        return None;
    };
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(raw.as_slice()).read_to_end(&mut bytes).unwrap();
    Some(parse(&bytes).unwrap())
}

fn options(work: u64, threads: usize) -> Options {
    Options { seed: 1, work, gap: 0.0, threads: Some(threads) }
}

#[test]
fn a_thousand_orders_come_close_to_the_published_optimum_on_any_number_of_threads() {
    const OPTIMUM: i64 = 1_779_355;
    const LP_BOUND: i64 = 1_775_346;
    let Some(problem) = instance("r1000.txt.gz") else { return };
    let plan = solve(&problem, &options(300_000, 1), &mut |_| Control::Continue);
    assert_eq!(check(&problem, &plan), []);
    assert_eq!(check_bound(&problem, &plan), []);
    assert!(plan.bound() > LP_BOUND && plan.bound() <= OPTIMUM, "bound {}", plan.bound());
    assert!(plan.cost() >= OPTIMUM && plan.cost() <= OPTIMUM + OPTIMUM / 500, "cost {}", plan.cost());
    let again = solve(&problem, &options(300_000, 2), &mut |_| Control::Continue);
    assert_eq!(plan.canonical_bytes(), again.canonical_bytes());
    assert_eq!(write_plan(&problem, &plan).lines().count(), problem.line_count());
}

#[test]
fn a_run_that_was_stopped_is_repeated_by_its_work() {
    let problem = generate(&World::benchmark(3, 400));
    let stopped = solve(&problem, &options(u64::MAX, 2), &mut |now| {
        if now.work > 90_000 { Control::Stop } else { Control::Continue }
    });
    let again = solve(&problem, &options(stopped.work().units, 1), &mut |_| Control::Continue);
    assert_eq!(stopped.work(), again.work());
    assert_eq!(stopped.pieces(), again.pieces());
}

#[test]
fn ten_thousand_orders_beat_the_published_bound() {
    const LP_BOUND: i64 = 14_156_653;
    const BEST_KNOWN: i64 = 14_226_202;
    let Some(problem) = instance("r10000.txt.gz") else { return };
    let plan = solve(&problem, &options(2_300_000, 2), &mut |_| Control::Continue);
    assert_eq!(check(&problem, &plan), []);
    assert_eq!(check_bound(&problem, &plan), []);
    assert!(plan.bound() > LP_BOUND && plan.bound() < BEST_KNOWN, "bound {}", plan.bound());
    assert!(plan.cost() < BEST_KNOWN + BEST_KNOWN / 250, "cost {}", plan.cost());
}

#[test]
fn a_shared_network_over_several_days_is_planned_and_checked() {
    let problem = generate(&World::shared(5, 1500));
    let plan = solve(&problem, &options(500_000, 2), &mut |_| Control::Continue);
    assert_eq!(check(&problem, &plan), []);
    assert_eq!(check_bound(&problem, &plan), []);
    assert!(plan.gap() < 0.03, "gap {}", plan.gap());
}

#[test]
fn an_instance_reads_back_as_written_and_a_damaged_one_names_its_line() {
    let problem = generate(&World::benchmark(11, 50));
    let text = write_instance(&problem, 11).unwrap();
    let again = parse(text.as_bytes()).unwrap();
    assert_eq!(write_instance(&again, 11).unwrap(), text);
    for (damage, expected) in [
        (text.replacen("K 2 1 2500 30", "K 2 1 2500", 1), "line 2: move_cents is missing"),
        (text.replacen("F 3 U", "F 3 X", 1), "line 6: status is neither U nor D"),
        (text.replacen("holdfast-replan 1", "holdfast-replan 2", 1), "line 1: not holdfast-replan 1"),
        (text[..text.len() / 2].to_owned(), ""),
        (text.replacen("O 7 ", "O 8 ", 1), "order 7 expected"),
        ("L 0 0 1 1 1 1".to_owned(), "line 1: no header yet"),
    ] {
        let error = parse(damage.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error:?} does not say {expected:?}");
    }
}
