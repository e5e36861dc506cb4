//! Every format that ever existed is still read as it was written.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test ends where something is missing")]

use std::collections::BTreeSet;
use std::path::PathBuf;

use holdfast_app::port::Group;
use holdfast_journal::conformance::samples::{
    KINDS, every_event, fixture, fixture_calling, fixture_care, fixture_sending, fixture_takeovers, kind,
};
use holdfast_journal::format::{decode, encode};

fn path(format: u16) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/format-{format}.bin"))
}

/// Writes the fixture of the newest format. Only for a NEW format: a fixture that exists is never written again.
#[test]
#[ignore = "makes the fixture of a new format"]
fn make_the_fixture() {
    let group = Group { entries: fixture(), checkpoint: Some((1, [0xC5; 32])), ..Group::default() };
    let path = path(holdfast_journal::format::NEWEST);
    assert!(!path.exists(), "{} exists; a format is never changed", path.display());
    std::fs::write(path, encode(3, &group).unwrap()).unwrap();
}

#[test]
fn format_1_is_read_as_it_was_written() {
    let bytes = std::fs::read(path(1)).unwrap();
    let record = decode(&bytes).unwrap();
    assert_eq!((record.epoch, record.checkpoint), (3, Some((1, [0xC5; 32]))));
    for (number, (found, wanted)) in record.entries.iter().zip(fixture()).enumerate() {
        assert_eq!(*found, wanted, "entry {number}: its encoding has changed; that needs a new format");
    }
    assert_eq!(record.entries.len(), fixture().len());
}

#[test]
fn the_newest_format_still_writes_the_same_bytes() {
    let group = Group { entries: fixture(), checkpoint: Some((1, [0xC5; 32])), ..Group::default() };
    let same = encode(3, &group).unwrap() == std::fs::read(path(1)).unwrap();
    assert!(same, "an event or entry is encoded differently; that needs a new format");
}

/// What came to format 1 after it was made: new kinds of events stand at the end, so what was there reads as before.
/// A fixture of their own holds them to it.
#[test]
fn take_overs_in_format_1_are_read_and_written_as_they_were() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/format-1-takeovers.bin");
    let bytes = std::fs::read(path).unwrap();
    assert_eq!(decode(&bytes).unwrap().entries, fixture_takeovers());
    let group = Group { entries: fixture_takeovers(), ..Group::default() };
    assert!(encode(3, &group).unwrap() == bytes, "an event is encoded differently; that needs a new format");
}

/// Writes the fixture of what take-overs brought, once.
#[test]
#[ignore = "makes a fixture"]
fn make_the_fixture_of_take_overs() {
    let group = Group { entries: fixture_takeovers(), ..Group::default() };
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/format-1-takeovers.bin");
    assert!(!path.exists(), "{} exists; a format is never changed", path.display());
    std::fs::write(path, encode(3, &group).unwrap()).unwrap();
}

/// What was appended to format 1 since: older entries keep their bytes, so the format keeps its number.
#[test]
fn what_was_appended_for_care_is_read_and_written_as_it_was() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/format-1-care.bin");
    let group = Group { entries: fixture_care(), ..Group::default() };
    let now = encode(3, &group).unwrap();
    if std::env::var("HOLDFAST_MAKE_FIXTURE").is_ok() && !path.exists() {
        std::fs::write(&path, &now).unwrap();
    }
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(decode(&bytes).unwrap().entries, fixture_care());
    assert!(now == bytes, "an event of care is encoded differently; that needs a new format");
}

#[test]
fn what_was_appended_for_sending_is_read_and_written_as_it_was() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/format-1-sending.bin");
    let group = Group { entries: fixture_sending(), ..Group::default() };
    let now = encode(3, &group).unwrap();
    if std::env::var("HOLDFAST_MAKE_FIXTURE").is_ok() && !path.exists() {
        std::fs::write(&path, &now).unwrap();
    }
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(decode(&bytes).unwrap().entries, fixture_sending());
    assert!(now == bytes, "an event of sending is encoded differently; that needs a new format");
}

#[test]
fn what_was_appended_for_calls_is_read_and_written_as_it_was() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/format-1-calls.bin");
    let group = Group { entries: fixture_calling(), ..Group::default() };
    let now = encode(3, &group).unwrap();
    if std::env::var("HOLDFAST_MAKE_FIXTURE").is_ok() && !path.exists() {
        std::fs::write(&path, &now).unwrap();
    }
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(decode(&bytes).unwrap().entries, fixture_calling());
    assert!(now == bytes, "an event of calls is encoded differently; that needs a new format");
}

#[test]
fn the_fixture_holds_every_kind_of_event() {
    let kinds: BTreeSet<usize> = every_event().iter().map(kind).collect();
    assert_eq!(kinds, (0..KINDS).collect());
}
