//! A writer that is killed at any moment loses nothing it has acknowledged.
//!
//! This test starts itself again as the writer. It shows that groups are atomic and in order, not that the disk
//! keeps its promises: a kill leaves the kernel's pages alone.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test ends where something is missing")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use holdfast_app::port::{Group, Journal as _, SubjectKey};
use holdfast_domain::id::SubjectId;
use holdfast_journal::conformance::samples::history;
use holdfast_journal::sqlite::SqliteJournal;
use holdfast_journal::verify::verify;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

const SEED: u64 = 928;
const KILLS: usize = 40;
const ROLE: &str = "HOLDFAST_KILL_TEST_JOURNAL";

fn key_of(first: u64) -> (SubjectId, SubjectKey) {
    (SubjectId(first as u32), SubjectKey([first as u8; 32]))
}

/// The writer: appends until it is killed, and says each version once it is durable.
#[test]
fn writer() {
    let Ok(path) = std::env::var(ROLE) else { return };
    let mut journal = SqliteJournal::open(Path::new(&path)).unwrap();
    let mut head = journal.take_over().unwrap();
    let mut chance = ChaCha8Rng::seed_from_u64(head.version);
    loop {
        let size = if chance.random_bool(0.1) { 400 } else { chance.random_range(1..30) };
        let entries = history(head.version as usize, size);
        let subject_keys = if chance.random_bool(0.5) { vec![key_of(head.version + 1)] } else { vec![] };
        let had_keys = u8::from(!subject_keys.is_empty());
        let first = head.version + 1;
        head = journal.append(head, &Group { entries, subject_keys, ..Group::default() }).unwrap();
        // One write call: a line is there whole or not at all.
        let line = format!("\nack {} {first} {had_keys}\n", head.version);
        let mut out = std::io::stdout().lock();
        out.write_all(line.as_bytes()).unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn a_killed_writer_loses_nothing_it_acknowledged() {
    eprintln!("seed {SEED}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j");
    let mut chance = ChaCha8Rng::seed_from_u64(SEED);
    let mut acknowledged = 0_u64;
    let mut unacknowledged = 0;
    let mut keys = Vec::new();
    for kill in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "writer", "--nocapture"])
            .env(ROLE, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let reader = BufReader::new(child.stdout.take().unwrap());
        let acks = std::thread::spawn(move || {
            let lines = reader.lines().map_while(Result::ok);
            let acks = lines.filter_map(|line| {
                let mut words = line.strip_prefix("ack ")?.split(' ').map(|word| word.parse::<u64>().ok());
                Some((words.next()??, words.next()??, words.next()??))
            });
            acks.collect::<Vec<_>>()
        });
        std::thread::sleep(Duration::from_millis(chance.random_range(10..160)));
        child.kill().unwrap();
        child.wait().unwrap();
        for (version, first, had_keys) in acks.join().unwrap() {
            assert!(version > acknowledged, "versions go up");
            acknowledged = version;
            if had_keys == 1 {
                keys.push(first);
            }
        }
        let mut journal = SqliteJournal::open(&path).unwrap();
        let head = journal.head().unwrap();
        assert!(head.version >= acknowledged, "kill {kill}: {} of {acknowledged}", head.version);
        unacknowledged += u32::from(head.version > acknowledged);
        acknowledged = head.version;
        for first in keys.iter().rev().take(50) {
            assert_eq!(journal.subject_key(SubjectId(*first as u32)).unwrap(), Some(key_of(*first).1));
        }
    }
    let mut journal = SqliteJournal::open(&path).unwrap();
    let entries: Vec<_> = journal.read(0).unwrap().flat_map(|group| group.unwrap().entries).collect();
    assert!(entries == history(0, acknowledged as usize), "every entry is the one that was appended");
    let report = verify(&mut journal);
    assert!(report.fault.is_none(), "{:?}", report.fault);
    assert!(journal.check_files().unwrap().is_empty());
    eprintln!(
        "{KILLS} kills, {} groups, {} entries, {} groups durable and not yet acknowledged",
        report.groups, report.entries, unacknowledged
    );
    assert!(report.groups > KILLS as u64, "the writers wrote between the kills");
}
