//! An import that is killed at any moment loses nothing it has acknowledged, and is finished by running it again.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test ends where something is missing")]

mod common;

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::Duration;

use common::{arg, book, code, json, program, run, said};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

const SEED: u64 = 814;
const KILLS: usize = 12;
const ORDERS: u32 = 1_200;
/// Kills after which the test gives up waiting for one that hits a running import.
const TRIES_MAX: usize = 60;

#[test]
fn a_killed_import_loses_nothing_and_takes_nothing_twice() {
    eprintln!("seed {SEED}");
    let folder = tempfile::tempdir().unwrap();
    let (books, journal) = (folder.path().join("book"), folder.path().join("shop.db"));
    book(&books, ORDERS);
    let args = ["import", "--book", arg(&books), "--journal", arg(&journal), "--group", "3", "--follow"];
    let mut chance = ChaCha8Rng::seed_from_u64(SEED);
    let (mut acknowledged, mut kills, mut tries) = (0_u64, 0, 0);
    while kills < KILLS && tries < TRIES_MAX {
        tries += 1;
        let mut child = program().args(args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        // Between the start of the process and so many groups that are durable.
        let groups = chance.random_range(0..60);
        let mut ended = true;
        for _ in 0..=groups {
            let Some(line) = lines.next() else { break };
            if let Some(version) = line.strip_prefix("durable ") {
                acknowledged = acknowledged.max(version.parse().unwrap());
            }
        }
        std::thread::sleep(Duration::from_micros(chance.random_range(0..4_000)));
        if child.try_wait().unwrap().is_none() {
            child.kill().unwrap();
            ended = false;
        }
        // What it said before it died counts as acknowledged too.
        for line in lines {
            if let Some(version) = line.strip_prefix("durable ") {
                acknowledged = acknowledged.max(version.parse().unwrap());
            }
        }
        child.wait().unwrap();
        if !journal.exists() {
            continue;
        }
        let verified = run(&["--json", "verify", arg(&journal)]);
        assert_eq!(code(&verified), 0, "kill {kills}: {}", said(&verified));
        let verified = json(&verified);
        let version = verified["version"].as_u64().unwrap();
        assert!(version >= acknowledged, "kill {kills}: {version} of {acknowledged} acknowledged");
        if ended {
            break;
        }
        kills += 1;
    }
    let finished = run(&["--json", "import", "--book", arg(&books), "--journal", arg(&journal)]);
    assert_eq!(code(&finished), 0, "{}", said(&finished));
    let finished = json(&finished);
    assert_eq!(finished["adds_up"], true);
    let verified = json(&run(&["--json", "verify", arg(&journal)]));
    assert_eq!(verified["orders"], ORDERS, "each order once");
    // The same book in one go: the same orders, whatever the kills did in between.
    let straight = folder.path().join("straight.db");
    let once = json(&run(&["--json", "import", "--book", arg(&books), "--journal", arg(&straight)]));
    assert_eq!(once["counts"]["orders"]["new"], ORDERS);
    eprintln!("{kills} kills, {} entries, {acknowledged} acknowledged before the last", verified["version"]);
    assert!(kills >= 10, "only {kills} kills hit a running import");
}
