//! What `holdfast verify` finds, and what it passes.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test ends where something is missing")]

use holdfast_app::port::{Group, Head, Journal, ReadError};
use holdfast_domain::event::Event;
use holdfast_domain::evolve::{Entry, evolve_entry};
use holdfast_domain::id::{SiteId, SkuId};
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::{STATE_FORMAT, State};
use holdfast_domain::table::Digest;
use holdfast_journal::conformance::samples::history;
use holdfast_journal::memory::MemoryJournal;
use holdfast_journal::sqlite::SqliteJournal;
use holdfast_journal::verify::{Fault, Report, verify, verify_until};

/// A journal of five groups of ten entries, with a checkpoint after each, and what its state should be.
fn fill(journal: &mut dyn Journal, format: u32, spoil: impl Fn(usize, &mut Group)) -> Digest {
    let mut head = journal.take_over().unwrap();
    let mut state = State::default();
    for n in 0..5 {
        let entries = history(n * 10, 10);
        for entry in &entries {
            evolve_entry(&mut state, entry).unwrap();
        }
        let mut group = Group { entries, checkpoint: Some((format, state.digest())), ..Group::default() };
        spoil(n, &mut group);
        head = journal.append(head, &group).unwrap();
    }
    state.digest()
}

fn found(spoil: impl Fn(usize, &mut Group)) -> Report {
    let mut journal = MemoryJournal::new();
    fill(&mut journal, STATE_FORMAT, spoil);
    verify(&mut journal)
}

#[test]
fn a_whole_journal_is_passed_with_its_figures() {
    let mut journal = MemoryJournal::new();
    let digest = fill(&mut journal, STATE_FORMAT, |_, _| {});
    let report = verify(&mut journal);
    assert!(report.fault.is_none(), "{:?}", report.fault);
    assert_eq!((report.groups, report.entries, report.events), (5, 50, 50));
    assert_eq!((report.checkpoints_compared, report.checkpoints_passed_over), (5, 0));
    assert_eq!((report.head, report.digest), (Head { epoch: 1, ..journal.head().unwrap() }, digest));
    assert!(verify(&mut MemoryJournal::new()).fault.is_none(), "an empty one is whole");
}

#[test]
fn a_checkpoint_of_another_state_format_is_passed_over() {
    let mut journal = MemoryJournal::new();
    fill(&mut journal, STATE_FORMAT + 1, |_, group| group.checkpoint = Some((STATE_FORMAT + 1, [9; 32])));
    let report = verify(&mut journal);
    assert!(report.fault.is_none(), "{:?}", report.fault);
    assert_eq!((report.checkpoints_compared, report.checkpoints_passed_over), (0, 5));
}

#[test]
fn a_state_that_is_not_the_writers_is_found() {
    let report = found(|n, group| {
        if n == 3 {
            group.checkpoint = Some((STATE_FORMAT, [9; 32]));
        }
    });
    assert!(matches!(report.fault, Some(Fault::OtherState { version: 40 })), "{:?}", report.fault);
    assert_eq!(report.head.version, 30, "the last group that is whole");
}

#[test]
fn an_entry_that_does_not_fit_is_found() {
    let report = found(|n, group| {
        if n == 2 {
            group.entries.swap(0, 9);
        }
    });
    assert!(matches!(report.fault, Some(Fault::Misfit { version: 21, .. })), "{:?}", report.fault);
}

#[test]
fn a_broken_rule_is_found_though_everything_fits() {
    let quarantine = |units| Entry {
        events: vec![Event::StockQuarantined { site: SiteId(0), sku: SkuId(0), quantity: Quantity(units) }],
        ..history(0, 1).remove(0)
    };
    let report = found(|n, group| {
        if n == 4 {
            group.checkpoint = None;
            group.entries.push(quarantine(1_000_000));
        }
    });
    let Some(Fault::Broken { version: 51, what }) = &report.fault else { panic!("{:?}", report.fault) };
    assert!(what.contains("Oversold"), "{what}");
}

#[test]
fn it_can_stop_before_what_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j");
    let mut journal = SqliteJournal::open(&path).unwrap();
    fill(&mut journal, STATE_FORMAT, |_, _| {});
    drop(journal);
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute("UPDATE groups SET bytes = zeroblob(length(bytes)) WHERE first = 31", []).unwrap();
    drop(connection);
    let mut journal = SqliteJournal::open(&path).unwrap();
    let report = verify(&mut journal);
    let damaged = matches!(report.fault, Some(Fault::Unreadable(ReadError::Damaged { after: 30, .. })));
    assert!(damaged, "{:?}", report.fault);
    let (report, state) = verify_until(&mut journal, 30);
    assert!(report.fault.is_none(), "{:?}", report.fault);
    assert_eq!((report.head.version, state.version, report.checkpoints_compared), (30, 30, 3));
    let (report, _) = verify_until(&mut journal, 25);
    assert!(report.fault.is_none(), "{:?}", report.fault);
    assert_eq!(report.head.version, 20, "a group is passed whole or not at all");
}
