//! The simulator: the real writer's core on a fake clock, a faulty journal and clients that ask again.
//!
//! A seed is a whole run: its network, what is asked, what fails and when. The same seed gives the same run on any
//! machine; what the clients were told and what the journal holds is judged by the [auditor](crate::auditor), which
//! shares no code with what it judges.

mod asker;
pub mod journal;
mod planning;
pub mod plant;
mod run;
pub mod shop;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::auditor::{Totals, Violation};
pub use plant::Plant;

/// Steps of a usual run.
pub const STEPS: u32 = 220;

/// How a run is made.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Steps before everything is settled and audited.
    pub steps: u32,
    /// Print every step to stderr.
    pub trace: bool,
    /// A bug to plant, to see the auditor find it.
    pub plant: Option<Plant>,
}

impl Default for Options {
    fn default() -> Self {
        Self { steps: STEPS, trace: false, plant: None }
    }
}

/// What runs came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Runs.
    pub seeds: u64,
    /// What was asked, repetitions included.
    pub asks: u64,
    /// Journal entries.
    pub entries: u64,
    /// Events in them.
    pub events: u64,
    /// Orders taken.
    pub orders: u64,
    /// Appends that failed before anything was written.
    pub refused: u64,
    /// Appends of unknown outcome.
    pub unknown: u64,
    /// Of these, torn in the middle.
    pub torn: u64,
    /// Failures with a second group already decided on top.
    pub in_flight: u64,
    /// Crashes.
    pub crashes: u64,
    /// Take-overs by a second writer.
    pub fenced: u64,
    /// Pairs of buyers for a last unit in one group.
    pub races: u64,
    /// Snapshots that were damaged before they were read.
    pub damaged: u64,
    /// Parcels that came into doubt.
    pub doubts: u64,
    /// Plan steps carried out.
    pub plan_steps: u64,
    /// Plans taken back.
    pub undone: u64,
    /// Notices queued.
    pub notices: u64,
    /// Timers fired.
    pub timers: u64,
}

impl Stats {
    fn add(&mut self, other: &Self) {
        let pairs = [
            (&mut self.seeds, other.seeds),
            (&mut self.asks, other.asks),
            (&mut self.entries, other.entries),
            (&mut self.events, other.events),
            (&mut self.orders, other.orders),
            (&mut self.refused, other.refused),
            (&mut self.unknown, other.unknown),
            (&mut self.torn, other.torn),
            (&mut self.in_flight, other.in_flight),
            (&mut self.crashes, other.crashes),
            (&mut self.fenced, other.fenced),
            (&mut self.races, other.races),
            (&mut self.damaged, other.damaged),
            (&mut self.doubts, other.doubts),
            (&mut self.plan_steps, other.plan_steps),
            (&mut self.undone, other.undone),
            (&mut self.notices, other.notices),
            (&mut self.timers, other.timers),
        ];
        for (sum, part) in pairs {
            *sum += part;
        }
    }

    fn audited(&mut self, totals: &Totals) {
        self.entries = totals.entries;
        self.events = totals.events;
        self.orders = totals.orders;
        self.doubts = totals.doubts;
        self.plan_steps = totals.steps;
        self.undone = totals.undone;
        self.notices = totals.notices;
        self.timers = totals.timers;
    }
}

/// What a run found: with its seed it happens again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("seed {seed}, step {step}: {rule}: {what}")]
pub struct Finding {
    /// The seed.
    pub seed: u64,
    /// The step.
    pub step: u32,
    /// The rule that was broken.
    pub rule: &'static str,
    /// What was found.
    pub what: String,
}

impl Finding {
    fn of(seed: u64, step: u32, violation: &Violation) -> Self {
        let what = format!("{} (entry {})", violation.what, violation.version);
        Self { seed, step, rule: violation.rule, what }
    }
}

/// Runs one seed.
///
/// # Errors
/// The first [`Finding`].
pub fn simulate(seed: u64) -> Result<Stats, Finding> {
    simulate_with(seed, &Options::default())
}

/// Runs one seed in a way of its own.
///
/// # Errors
/// The first [`Finding`].
pub fn simulate_with(seed: u64, options: &Options) -> Result<Stats, Finding> {
    let caught = std::panic::catch_unwind(|| run::Run::new(seed, options).go());
    caught.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        Err(Finding { seed, step: 0, rule: "panic", what: text.to_owned() })
    })
}

/// Runs seeds `from..from + count` on so many threads; `tick` is told how many are done.
///
/// # Errors
/// The [`Finding`] of the lowest seed that was run and has one.
pub fn simulate_many(
    from: u64,
    count: u64,
    threads: usize,
    options: &Options,
    tick: &(dyn Fn(u64) + Sync),
) -> Result<Stats, Finding> {
    let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let found: Mutex<(Stats, Option<Finding>)> = Mutex::default();
    let worker = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return;
            }
            let outcome = simulate_with(from + index, options);
            let mut shared = found.lock().unwrap_or_else(PoisonError::into_inner);
            match outcome {
                Ok(stats) => shared.0.add(&stats),
                Err(finding) => {
                    // Those with a lower seed are running or done: no more are begun.
                    next.store(count, Ordering::Relaxed);
                    if shared.1.as_ref().is_none_or(|known| finding.seed < known.seed) {
                        shared.1 = Some(finding);
                    }
                }
            }
            drop(shared);
            tick(done.fetch_add(1, Ordering::Relaxed) + 1);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(worker);
        }
    });
    let (stats, finding) = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    finding.map_or(Ok(stats), Err)
}
