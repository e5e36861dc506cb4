//! Two thousand seeds find nothing, and every planted bug is found.

use holdfast_sim::simulator::{Options, Plant, simulate_many, simulate_with};

/// Seeds of the usual run.
const SEEDS: u64 = 2_000;
/// Seeds a planted bug may stay hidden for.
const HIDDEN_MAX: u64 = 60;

/// A number from the environment: how many seeds to run, or which one.
#[allow(clippy::disallowed_methods, reason = "a test's own wish, no rule sees it")]
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a whole number"))
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[test]
fn seeds_find_nothing() {
    if let Some(seed) = number("HOLDFAST_SEED") {
        let run = simulate_with(seed, &Options { trace: true, ..Options::default() });
        eprintln!("{run:#?}");
        assert!(run.is_ok(), "seed {seed}");
        return;
    }
    let seeds = number("HOLDFAST_SEEDS").unwrap_or(SEEDS);
    let from = number("HOLDFAST_FROM").unwrap_or(0);
    eprintln!("seeds {from}..{}", from + seeds);
    let run = simulate_many(from, seeds, threads(), &Options::default(), &|_| {});
    match run {
        Ok(stats) => {
            eprintln!("{stats:#?}");
            if seeds >= 500 {
                let seen = [
                    ("refused appends", stats.refused),
                    ("unknown appends", stats.unknown),
                    ("torn appends", stats.torn),
                    ("failures with two groups in flight", stats.in_flight),
                    ("crashes", stats.crashes),
                    ("take-overs", stats.fenced),
                    ("races for the last unit", stats.races),
                    ("damaged snapshots", stats.damaged),
                    ("doubts", stats.doubts),
                    ("plan steps", stats.plan_steps),
                    ("plans taken back", stats.undone),
                    ("notices", stats.notices),
                    ("timers", stats.timers),
                ];
                for (what, count) in seen {
                    assert!(
                        count > seeds / 20,
                        "{what}: {count} in {seeds} seeds is too seldom to prove much"
                    );
                }
            }
        }
        Err(finding) => panic!("{finding}\nsee it again with HOLDFAST_SEED={}", finding.seed),
    }
}

/// Each planted bug with the rules that may find it first.
const FOUND_BY: [(Plant, &[&str]); 20] = [
    (Plant::LyingDisk, &["acknowledged-lost", "told-before-durable"]),
    (Plant::AckBeforeDurable, &["told-before-durable"]),
    (Plant::NotFenced, &[]),
    (Plant::StaleMemory, &[]),
    (Plant::KeysLost, &["key-used-twice", "refused-and-done"]),
    (Plant::UnitPromisedTwice, &["promised-twice", "oversold"]),
    (Plant::DoubtSkipped, &["doubt-skipped"]),
    (Plant::ShippedTwice, &["wrong-stage"]),
    (Plant::DoubtIgnored, &["shipped-out-of-doubt"]),
    (Plant::CancelKeepsUnits, &["promised-twice"]),
    (Plant::StepTwice, &["plan-step-twice"]),
    (Plant::MoveWithoutStep, &["move-without-step"]),
    (Plant::ToldTwice, &["told-twice"]),
    (Plant::TransferTwice, &["transfer-received-twice"]),
    (Plant::StampBack, &["stamp-goes-back"]),
    (Plant::KeyTwice, &["key-used-twice"]),
    (Plant::TimerTwice, &["timer-fired-twice"]),
    (Plant::RecallLost, &["promised-twice", "oversold"]),
    (Plant::OtherPrice, &["acknowledged-lost"]),
    (Plant::ReturnGrows, &["returned-too-much"]),
];

#[test]
fn every_planted_bug_is_found() {
    for (plant, rules) in FOUND_BY {
        let options = Options { plant: Some(plant), ..Options::default() };
        let found = (0..HIDDEN_MAX).find_map(|seed| simulate_with(seed, &options).err());
        let found = found.unwrap_or_else(|| panic!("{plant:?} stays hidden for {HIDDEN_MAX} seeds"));
        eprintln!("{plant:?}: {found}");
        assert!(rules.is_empty() || rules.contains(&found.rule), "{plant:?} was found by {}", found.rule);
    }
    assert!(Plant::ALL.iter().all(|plant| FOUND_BY.iter().any(|(known, _)| known == plant)));
}
