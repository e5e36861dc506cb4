//! A million open orders: how much memory, how fast a fork, how fast the state's digest.

use std::process::Command;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::{Figure, world};
use crate::command::replan::peak_rss_mb;
use crate::exit::{Code, Failure};
use crate::output::Output;

/// Orders drawn at once: the commands themselves are not what is measured.
const DRAWN: u32 = 10_000;

#[derive(Serialize, Deserialize)]
struct Held {
    open: u32,
    peak_mib: Option<f64>,
    fork_ms: f64,
    first_write_ms: f64,
    digest_first_ms: f64,
    digest_again_ms: f64,
}

/// Holds open orders and says what that takes; run as a process of its own, so that the peak is theirs alone.
pub(crate) fn hold(orders: u32, seed: u64, out: &Output) -> Result<Code, Failure> {
    let skus = 100_000.min(orders.max(1_000));
    let mut engine = world::engine(skus, seed);
    for from in (0..orders).step_by(DRAWN as usize) {
        let count = DRAWN.min(orders - from);
        for (n, ask) in (from..).zip(world::orders(from, count, skus, seed)) {
            engine.step(&ask, world::moment(n)).map_err(|error| {
                Failure::new(Code::Bug, format!("a drawn order was refused: {error}"), "report it")
            })?;
        }
    }
    let peak_mib = peak_rss_mb();
    let start = Instant::now();
    let mut fork = engine.clone();
    let fork_ms = start.elapsed().as_secs_f64() * 1e3;
    let asks = world::orders(orders, 1, skus, seed);
    let start = Instant::now();
    let taken = fork.step(&asks[0], world::moment(orders)).is_ok();
    let first_write_ms = start.elapsed().as_secs_f64() * 1e3;
    let start = Instant::now();
    let first = engine.state.digest();
    let digest_first_ms = start.elapsed().as_secs_f64() * 1e3;
    let start = Instant::now();
    let again = fork.state.digest();
    let digest_again_ms = start.elapsed().as_secs_f64() * 1e3;
    if !taken || first == again {
        return Err(Failure::new(Code::Bug, "a fork that took an order is as its parent", "report it"));
    }
    let open = u32::try_from(engine.state.live_orders().count()).unwrap_or(u32::MAX);
    out.json(&Held { open, peak_mib, fork_ms, first_write_ms, digest_first_ms, digest_again_ms })?;
    Ok(Code::Ok)
}

/// Runs that process and reads what it says.
pub(crate) fn measure(quick: bool, seed: u64) -> Result<Vec<Figure>, Failure> {
    let orders: u32 = if quick { 50_000 } else { 1_000_000 };
    let bug = |what: String| {
        Failure::new(Code::Bug, what, "run `holdfast bench --only memory` again, then report it")
    };
    let program = std::env::current_exe().map_err(|error| bug(format!("find this program: {error}")))?;
    let (count, seed) = (orders.to_string(), seed.to_string());
    let ended = Command::new(program)
        .args(["--json", "bench", "--hold", &count, "--seed", &seed])
        .output()
        .map_err(|error| bug(format!("start the measuring process: {error}")))?;
    if !ended.status.success() {
        return Err(bug(format!("the measuring process ended with {}", ended.status)));
    }
    let held: Held = serde_json::from_slice(&ended.stdout)
        .map_err(|error| bug(format!("read the measuring process: {}", super::orders::told(&error))))?;
    let of = format!("with {} open orders", held.open);
    let mut figures = Vec::new();
    if let Some(peak) = held.peak_mib {
        figures.push(Figure::new("peak memory of open orders", peak, "MiB").at_most(1024.0).note(of.clone()));
    }
    figures.extend([
        Figure::new("a fork of the state", held.fork_ms, "ms").at_most(50.0).note(of),
        Figure::new("an order on a fresh fork", held.first_write_ms, "ms")
            .note("pays for the pages it touches"),
        Figure::new("state digest, the first", held.digest_first_ms, "ms").note("every entity hashed"),
        Figure::new("state digest after one order", held.digest_again_ms, "ms").note("in a fork"),
    ]);
    Ok(figures)
}
