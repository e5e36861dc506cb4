//! `holdfast replan`: the benchmark's interface to the re-planner.

use std::path::PathBuf;
use std::time::Instant;

use holdfast_plan::replan::{Control, Options, bench_format, check, check_bound, solve};
use serde::Serialize;

use crate::exit::{Code, Failure};
use crate::input;
use crate::output::Output;

/// Without a limit it stops after a second and another for each so many orders, reading included.
const ORDERS_PER_SECOND: f64 = 25_000.0;

#[derive(clap::Args)]
pub struct Args {
    /// Instance in the `holdfast-replan 1` format, plain or .gz.
    instance: PathBuf,
    /// Where to write the plan: one line `order line fc` for each line, -1 is a backorder.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Stop after so many seconds, reading included.
    #[arg(long)]
    seconds: Option<f64>,
    /// Stop after so much work; the same work gives the same plan on any number of threads.
    #[arg(long)]
    work: Option<u64>,
    /// Stop at this gap, such as 0.005.
    #[arg(long, default_value_t = 0.0)]
    gap: f64,
    /// Seed of every draw.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads; all there are if absent.
    #[arg(long)]
    threads: Option<usize>,
}

#[derive(Serialize)]
struct Answer {
    cost_cents: i64,
    bound_cents: i64,
    gap: f64,
    seconds: f64,
    peak_rss_mb: Option<f64>,
    work: u64,
    seed: u64,
    checked: bool,
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    let start = Instant::now();
    let bytes = input::maybe_gz(&args.instance)?;
    let shown = args.instance.display();
    let problem = bench_format::parse(&bytes).map_err(|error| {
        Failure::input(
            format!("{shown}: {error}"),
            "mend the line; the format is in docs/reference/replan.md",
        )
    })?;
    drop(bytes);
    let limit = match (args.seconds, args.work) {
        (Some(seconds), _) => seconds,
        (None, Some(_)) => f64::INFINITY,
        (None, None) => 1.0 + problem.orders.len() as f64 / ORDERS_PER_SECOND,
    };
    let options = Options {
        seed: args.seed,
        work: args.work.unwrap_or(u64::MAX),
        gap: args.gap,
        threads: args.threads,
    };
    let bar = out.progress(1000, "planning");
    let plan = solve(&problem, &options, &mut |now| {
        let spent = start.elapsed().as_secs_f64();
        if limit.is_finite() {
            bar.set_position((1000.0 * spent / limit) as u64);
        }
        bar.set_message(format!("cost {} gap {:.3} %", now.cost.unwrap_or(0), now.gap * 100.0));
        if spent > limit { Control::Stop } else { Control::Continue }
    });
    bar.finish_and_clear();
    let seconds = start.elapsed().as_secs_f64();
    if let Some(path) = &args.out {
        std::fs::write(path, bench_format::write_plan(&problem, &plan)).map_err(|error| {
            Failure::input(format!("write {}: {error}", path.display()), "check the path and its permissions")
        })?;
    }
    let violations: Vec<_> = check(&problem, &plan).into_iter().chain(check_bound(&problem, &plan)).collect();
    let answer = Answer {
        cost_cents: plan.cost(),
        bound_cents: plan.bound(),
        gap: plan.gap(),
        seconds,
        peak_rss_mb: peak_rss_mb(),
        work: plan.work().units,
        seed: args.seed,
        checked: violations.is_empty(),
    };
    out.json(&answer)?;
    out.line(format!(
        "cost {} bound {} gap {:.4} % in {seconds:.2} s, work {} (seed {}), {}",
        answer.cost_cents,
        answer.bound_cents,
        100.0 * answer.gap,
        answer.work,
        args.seed,
        if answer.checked { "accepted by the checker" } else { "REFUSED by the checker" },
    ));
    for violation in violations.iter().take(20) {
        out.note(format!("{violation}"));
    }
    Ok(if violations.is_empty() { Code::Ok } else { Code::Bug })
}

/// The most memory this process has held, in MiB, where the system tells.
pub fn peak_rss_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some((kib / 1024.0 * 10.0).round() / 10.0)
}
