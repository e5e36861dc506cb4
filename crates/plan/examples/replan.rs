//! Re-plans a benchmark instance and prints cost, bound, gap and work: `replan INSTANCE.txt[.gz] [--seconds S]
//! [--work W] [--gap G] [--threads T] [--seed N] [--out PLAN.txt] [--curve]`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a program, not the library"
)]

use std::io::Read as _;
use std::time::Instant;

use holdfast_plan::replan::{
    Control, Options, Problem, World, bench_format, check, check_bound, generate, solve,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    let args: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1));
    let path = args.first().ok_or("write: replan INSTANCE.txt[.gz] ...")?;
    let problem = open(path)?;
    let read = start.elapsed().as_secs_f64();
    let work = value("--work").map(|text| text.parse::<u64>()).transpose()?;
    let default_seconds = 1.0 + problem.orders.len() as f64 / 25_000.0;
    let seconds = value("--seconds").map(|text| text.parse::<f64>()).transpose()?;
    let limit = seconds.unwrap_or(if work.is_some() { f64::INFINITY } else { default_seconds });
    let options = Options {
        seed: value("--seed").map_or(Ok(1), |text| text.parse())?,
        work: work.unwrap_or(u64::MAX),
        gap: value("--gap").map_or(Ok(0.0), |text| text.parse())?,
        threads: value("--threads").map(|text| text.parse()).transpose()?,
    };
    let curve = args.iter().any(|arg| arg == "--curve");
    let mut last = -1.0;
    let plan = solve(&problem, &options, &mut |now| {
        let seconds = start.elapsed().as_secs_f64();
        if curve && seconds - last > 0.1 {
            last = seconds;
            eprintln!(
                "{seconds:7.3} s  work {:>10}  cost {:>11}  bound {:>11}  gap {:.4} %",
                now.work,
                now.cost.unwrap_or(0),
                now.bound,
                now.gap * 100.0
            );
        }
        if seconds > limit { Control::Stop } else { Control::Continue }
    });
    let seconds = start.elapsed().as_secs_f64();
    if let Some(out) = value("--out") {
        std::fs::write(out, bench_format::write_plan(&problem, &plan))?;
    }
    println!(
        "{{\"cost_cents\":{},\"bound_cents\":{},\"gap\":{:.6},\"seconds\":{seconds:.3},\"read_seconds\":{read:.3},\"work\":{},\"price_steps\":{},\"moves\":{},\"stopped\":\"{:?}\"}}",
        plan.cost(),
        plan.bound(),
        plan.gap(),
        plan.work().units,
        plan.work().price_steps,
        plan.work().moves,
        plan.stopped()
    );
    if args.iter().any(|arg| arg == "--check") {
        for violation in check(&problem, &plan).iter().chain(&check_bound(&problem, &plan)).take(20) {
            eprintln!("{violation}");
        }
    }
    Ok(())
}

/// Reads an instance, or draws `shared:ORDERS` or `benchmark:ORDERS`.
fn open(path: &str) -> Result<Problem, Box<dyn std::error::Error>> {
    if let Some(orders) = path.strip_prefix("shared:") {
        return Ok(generate(&World::shared(1, orders.parse()?)));
    }
    if let Some(orders) = path.strip_prefix("benchmark:") {
        return Ok(generate(&World::benchmark(1, orders.parse()?)));
    }
    if let Some(orders) = path.strip_prefix("million:") {
        return Ok(generate(&World { skus: 100_000, ..World::benchmark(1, orders.parse()?) }));
    }
    let raw = std::fs::read(path)?;
    if !raw.starts_with(&[0x1f, 0x8b]) {
        return Ok(bench_format::parse(&raw)?);
    }
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(raw.as_slice()).read_to_end(&mut bytes)?;
    Ok(bench_format::parse(&bytes)?)
}
