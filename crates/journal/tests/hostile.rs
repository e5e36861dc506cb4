//! A damaged file gives a clear error or the whole content: never a panic, never silently less.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test ends where something is missing")]

use std::fs;
use std::path::Path;

use holdfast_app::port::{Group, Journal as _, StoredGroup, SubjectKey};
use holdfast_domain::evolve::Entry;
use holdfast_domain::id::SubjectId;
use holdfast_journal::conformance::samples::history;
use holdfast_journal::sqlite::SqliteJournal;
use holdfast_journal::verify::verify;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

const SEED: u64 = 20_180_914;
const GROUPS: usize = 60;
const TRIALS: u64 = 700;
const FILES: [&str; 4] = ["j", "j-wal", "j.head", "j.keys"];

/// A number from the environment, to look further than the usual run.
fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().expect("a whole number"))
}

/// A journal of many groups in `folder`: half of them in the file, the rest in its log, as after a power failure.
fn build(folder: &Path) -> Vec<Entry> {
    let work = folder.join("work");
    let crashed = folder.join("crashed");
    fs::create_dir_all(&work).unwrap();
    fs::create_dir_all(&crashed).unwrap();
    let mut all = Vec::new();
    for half in 0..2 {
        let mut journal = SqliteJournal::open(&work.join("j")).unwrap();
        let mut head = journal.take_over().unwrap();
        for group in 0..GROUPS / 2 {
            let entries = history(all.len(), 3 + (half * 7 + group) % 40);
            all.extend(entries.iter().cloned());
            let subject_keys = vec![(SubjectId(head.version as u32), SubjectKey([7; 32]))];
            head = journal.append(head, &Group { entries, subject_keys, ..Group::default() }).unwrap();
        }
        if half == 1 {
            // A copy beside the open journal has what a crash leaves.
            for file in FILES {
                fs::copy(work.join(file), crashed.join(file)).unwrap();
            }
        }
    }
    // Closed in good order, everything is in the file itself.
    fs::rename(work, folder.join("closed")).unwrap();
    all
}

/// Damages one file and says how.
fn damage(path: &Path, chance: &mut ChaCha8Rng) -> String {
    let mut bytes = fs::read(path).unwrap();
    let length = bytes.len();
    let page = |chance: &mut ChaCha8Rng| chance.random_range(0..length.div_ceil(8_192)) * 8_192;
    let what = match chance.random_range(0..7) {
        0 => {
            let at = chance.random_range(0..length);
            bytes[at] ^= 1 << chance.random_range(0..8);
            format!("flip a bit of byte {at}")
        }
        1 => {
            // Where pages and frames begin, their structure lies.
            let at = (page(chance) + chance.random_range(0..160)).min(length - 1);
            bytes[at] = chance.random_range(0..=255);
            format!("change byte {at}")
        }
        2 => {
            let at = page(chance);
            let end = (at + 8_192).min(length);
            bytes[at..end].fill(0);
            format!("zero the page at {at}")
        }
        3 => {
            let cut = chance.random_range(0..length);
            bytes.truncate(cut);
            format!("cut at {cut}")
        }
        4 => {
            let (from, to) = (page(chance), page(chance));
            let size = 8_192.min(length - from.max(to));
            bytes.copy_within(from..from + size, to);
            format!("copy the page at {from} over that at {to}")
        }
        5 => {
            let at = chance.random_range(0..length);
            let end = (at + chance.random_range(1..400)).min(length);
            chance.fill_bytes(&mut bytes[at..end]);
            format!("scramble {at}..{end}")
        }
        _ => {
            bytes.drain(..chance.random_range(1..=length.min(9_000)));
            format!("leave out the first {} bytes", length - bytes.len())
        }
    };
    fs::write(path, bytes).unwrap();
    what
}

fn read(path: &Path) -> Result<Vec<Entry>, String> {
    let mut journal = SqliteJournal::open(path).map_err(|error| format!("{error:?}"))?;
    let head = journal.head().map_err(|error| error.to_string())?;
    let groups: Result<Vec<StoredGroup>, _> = journal.read(0).map_err(|error| error.to_string())?.collect();
    let entries: Vec<Entry> =
        groups.map_err(|error| error.to_string())?.into_iter().flat_map(|group| group.entries).collect();
    assert_eq!(head.version, entries.len() as u64);
    let report = verify(&mut journal);
    assert!(report.fault.is_none(), "what is read whole is verified: {:?}", report.fault);
    Ok(entries)
}

#[test]
fn a_damaged_file_is_an_error_or_whole() {
    let (seed, trials) = (number("HOLDFAST_SEED", SEED), number("HOLDFAST_TRIALS", TRIALS) as usize);
    eprintln!("seed {seed}");
    let folder = tempfile::tempdir().unwrap();
    let wanted = build(folder.path());
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let (mut refused, mut whole) = (0, 0);
    for trial in 0..trials {
        let shape = if trial % 2 == 0 { "closed" } else { "crashed" };
        let room = folder.path().join("trial");
        fs::create_dir_all(&room).unwrap();
        let there: Vec<&str> =
            FILES.into_iter().filter(|file| folder.path().join(shape).join(file).exists()).collect();
        for file in &there {
            fs::copy(folder.path().join(shape).join(file), room.join(file)).unwrap();
        }
        // The file and its log hold the content; the others are tried now and then.
        let file =
            if trial % 10 < 8 { there[(trial / 2) % 2.min(there.len())] } else { there[trial % there.len()] };
        let file = if fs::metadata(room.join(file)).unwrap().len() == 0 { "j" } else { file };
        let what = damage(&room.join(file), &mut chance);
        match read(&room.join("j")) {
            Ok(entries) => {
                whole += 1;
                assert!(
                    entries == wanted,
                    "{shape}, {file}: {what}: {} of {} entries and no error",
                    entries.len(),
                    wanted.len()
                );
            }
            Err(_) => refused += 1,
        }
        fs::remove_dir_all(&room).unwrap();
    }
    eprintln!("{refused} refused, {whole} whole");
    assert!(refused > trials / 4 && whole > 0, "the damage does damage");
}

#[test]
fn a_journal_whose_file_is_gone_is_not_an_empty_one() {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path());
    for shape in ["closed", "crashed"] {
        let path = folder.path().join(shape).join("j");
        fs::remove_file(&path).unwrap();
        assert!(SqliteJournal::open(&path).is_err());
        fs::write(&path, "").unwrap();
        assert!(SqliteJournal::open(&path).is_err());
    }
    assert!(fs::metadata(folder.path().join("crashed/j-wal")).unwrap().len() > 0, "the log is kept");
}
