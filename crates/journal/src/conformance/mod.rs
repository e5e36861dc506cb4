//! What every journal has to do, whatever it is kept in: one suite for memory, SQLite and what comes after.
//!
//! Each check gets an empty store. The opener gives handles on that one store, as two processes would have.

pub mod samples;

use holdfast_app::port::{AppendError, Group, Head, Journal, Snapshot, StoredGroup, SubjectKey};
use holdfast_domain::id::SubjectId;

use crate::format;

/// Entries of the large group.
const LARGE: usize = 100_000;

/// One thing a journal has to do, tried on an empty store.
type Check<J> = fn(&mut dyn FnMut() -> J);

/// Runs every check. `fresh` makes an empty store and gives what opens a handle on it.
///
/// # Panics
/// At the first thing a journal does otherwise.
pub fn all<J: Journal, Open: FnMut() -> J>(fresh: impl Fn() -> Open) {
    let checks: [(&str, Check<J>); 14] = [
        ("what is appended is read back", read_back),
        ("reading begins where it is asked to", read_after),
        ("a head that is not expected is fenced", unexpected_head),
        ("a newer writer fences the older", newer_epoch),
        ("the chain is that of the format", chain),
        ("a checkpoint is kept with its group", checkpoint),
        ("artefacts are kept by digest", artefacts),
        ("the newest fitting snapshot is given", snapshots),
        ("subjects' keys are kept with their group", keys),
        ("destroyed keys stay destroyed", destroyed_keys),
        ("everything is there after opening again", reopening),
        ("a large group is one group", large_group),
        ("an empty group is refused", empty_group),
        ("a refused group leaves nothing", nothing_left),
    ];
    for (name, check) in checks {
        let mut open = fresh();
        // The name is printed only where the check fails: the harness keeps quiet otherwise.
        #[allow(clippy::print_stderr, reason = "a test's own words")]
        {
            eprintln!("conformance: {name}");
        }
        check(&mut open);
    }
}

/// A group of `n` entries that differ with `from`.
fn group(from: usize, n: usize) -> Group {
    Group { entries: samples::entries(from, n), ..Group::default() }
}

fn appended<J: Journal>(journal: &mut J, head: Head, group: &Group) -> Head {
    journal.append(head, group).expect("a fitting group is appended")
}

fn taken_over<J: Journal>(journal: &mut J) -> Head {
    journal.take_over().expect("a journal nobody else uses is taken over")
}

fn read_all<J: Journal>(journal: &mut J, after: u64) -> Vec<StoredGroup> {
    journal
        .read(after)
        .expect("a whole journal is read")
        .map(|group| group.expect("a whole group is read"))
        .collect()
}

fn read_back<J: Journal>(open: &mut dyn FnMut() -> J) {
    let mut journal = open();
    assert_eq!(journal.head().expect("an empty journal has a head"), Head::default());
    assert!(read_all(&mut journal, 0).is_empty());
    let start = taken_over(&mut journal);
    assert_eq!((start.version, start.chain), (0, Head::default().chain));
    let (one, two) = (group(0, 3), group(3, samples::every_event().len()));
    let first = appended(&mut journal, start, &one);
    let second = appended(&mut journal, first, &two);
    assert_eq!(journal.head().expect("it has a head"), second);
    assert_eq!((first.version, second.version), (3, 3 + two.entries.len() as u64));
    let stored = |first, group: &Group, head| StoredGroup {
        first,
        entries: group.entries.clone(),
        head,
        checkpoint: None,
    };
    assert_eq!(read_all(&mut journal, 0), [stored(1, &one, first), stored(4, &two, second)]);
}

fn read_after<J: Journal>(open: &mut dyn FnMut() -> J) {
    let mut journal = open();
    let mut head = taken_over(&mut journal);
    for n in 0..5 {
        head = appended(&mut journal, head, &group(n * 10, 10));
    }
    let mut firsts =
        |after| read_all(&mut journal, after).iter().map(|group| group.first).collect::<Vec<_>>();
    assert_eq!(firsts(0), [1, 11, 21, 31, 41]);
    assert_eq!(firsts(9), [1, 11, 21, 31, 41], "entry 10 is in the first group");
    assert_eq!(firsts(10), [11, 21, 31, 41]);
    assert_eq!(firsts(25), [21, 31, 41]);
    assert_eq!(firsts(49), [41]);
    assert_eq!(firsts(50), [0; 0]);
    assert_eq!(firsts(1_000), [0; 0]);
}

fn unexpected_head<J: Journal>(open: &mut dyn FnMut() -> J) {
    let mut journal = open();
    let start = taken_over(&mut journal);
    let head = appended(&mut journal, start, &group(0, 2));
    let fenced = |error| matches!(error, Err(AppendError::Fenced { found: 2, epoch }) if epoch == head.epoch);
    assert!(fenced(journal.append(start, &group(2, 1))), "an old version");
    assert!(fenced(journal.append(Head { version: 3, ..head }, &group(2, 1))), "a version to come");
    assert!(fenced(journal.append(Head { chain: [9; 32], ..head }, &group(2, 1))), "another chain");
    assert!(fenced(journal.append(Head { epoch: head.epoch + 1, ..head }, &group(2, 1))), "an epoch to come");
    assert_eq!(journal.head().expect("it has a head"), head);
    appended(&mut journal, head, &group(2, 1));
}

fn newer_epoch<J: Journal>(open: &mut dyn FnMut() -> J) {
    let (mut old, mut new) = (open(), open());
    let start = taken_over(&mut old);
    let head = appended(&mut old, start, &group(0, 2));
    let taken = taken_over(&mut new);
    assert_eq!((taken.version, taken.chain), (head.version, head.chain));
    assert!(taken.epoch > head.epoch, "a take-over raises the epoch");
    let fenced = old.append(head, &group(2, 1));
    assert!(
        matches!(fenced, Err(AppendError::Fenced { found: 2, epoch }) if epoch == taken.epoch),
        "{fenced:?}"
    );
    let after = appended(&mut new, taken, &group(2, 1));
    assert_eq!(old.head().expect("it has a head"), after, "the old writer may still read");
}

fn chain<J: Journal>(open: &mut dyn FnMut() -> J) {
    let mut journal = open();
    let mut head = taken_over(&mut journal);
    let mut wanted = [0; 32];
    for n in 0..4 {
        let next = group(n, n + 1);
        let bytes = format::encode(head.epoch, &next).expect("samples have bytes");
        wanted = format::chain(&wanted, head.version + 1, &bytes);
        head = appended(&mut journal, head, &next);
        assert_eq!(head.chain, wanted);
    }
    let chains: Vec<_> = read_all(&mut journal, 0).iter().map(|group| group.head.chain).collect();
    assert_eq!(chains.last(), Some(&wanted));
}

fn checkpoint<J: Journal>(open: &mut dyn FnMut() -> J) {
    let mut journal = open();
    let mut head = taken_over(&mut journal);
    let marks = [None, Some((1, [3; 32])), None];
    for (n, checkpoint) in marks.into_iter().enumerate() {
        head = appended(&mut journal, head, &Group { checkpoint, ..group(n, 1) });
    }
    let found: Vec<_> = read_all(&mut journal, 0).iter().map(|group| group.checkpoint).collect();
    assert_eq!(found, marks);
}

fn artefacts<J: Journal>(open: &mut dyn FnMut() -> J) {
    let mut journal = open();
    let start = taken_over(&mut journal);
    let large: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    let artefacts = vec![([1; 32], b"a plan".to_vec()), ([2; 32], large.clone())];
    let head = appended(&mut journal, start, &Group { artefacts: artefacts.clone(), ..group(0, 1) });
    let again = appended(&mut journal, head, &Group { artefacts, ..group(1, 1) });
    let mut get = |digest| journal.artefact(&digest).expect("artefacts are read");
    assert_eq!((get([1; 32]), get([2; 32]), get([3; 32])), (Some(b"a plan".to_vec()), Some(large), None));
    let other = Group { artefacts: vec![([1; 32], b"another plan".to_vec())], ..group(2, 1) };
    assert!(
        matches!(journal.append(again, &other), Err(AppendError::Failed(_))),
        "a digest stands for one thing"
    );
}

fn snapshots<J: Journal>(open: &mut dyn FnMut() -> J) {
    let mut journal = open();
    let snapshot =
        |version: u64| Snapshot { version, format: 1, digest: [version as u8; 32], bytes: vec![7; 5_000] };
    assert_eq!(journal.snapshot(u64::MAX).expect("none is no error"), None);
    for version in [10, 20] {
        journal.keep_snapshot(&snapshot(version)).expect("a snapshot is kept");
    }
    let mut newest = |not_after| journal.snapshot(not_after).expect("snapshots are read");
    assert_eq!((newest(u64::MAX), newest(20)), (Some(snapshot(20)), Some(snapshot(20))));
    assert_eq!((newest(19), newest(9)), (Some(snapshot(10)), None));
    for version in [30, 40, 50] {
        journal.keep_snapshot(&snapshot(version)).expect("a snapshot is kept");
    }
    assert_eq!(journal.snapshot(u64::MAX).expect("snapshots are read"), Some(snapshot(50)));
}

fn keys<J: Journal>(open: &mut dyn FnMut() -> J) {
    let mut journal = open();
    let start = taken_over(&mut journal);
    let brought = |n: u32| (SubjectId(n), SubjectKey([(n % 255) as u8 + 1; 32]));
    let head = appended(
        &mut journal,
        start,
        &Group { subject_keys: (0..500).map(brought).collect(), ..group(0, 1) },
    );
    for n in [0, 17, 499] {
        assert_eq!(journal.subject_key(SubjectId(n)).expect("keys are read"), Some(brought(n).1));
    }
    assert_eq!(journal.subject_key(SubjectId(500)).expect("keys are read"), None);
    let anew = SubjectKey([99; 32]);
    let sealed_again = Group { subject_keys: vec![(SubjectId(17), anew.clone())], ..group(1, 1) };
    appended(&mut journal, head, &sealed_again);
    assert_eq!(journal.subject_key(SubjectId(17)).expect("keys are read"), Some(anew));
    assert_eq!(journal.subject_key(SubjectId(16)).expect("keys are read"), Some(brought(16).1));
}

fn destroyed_keys<J: Journal>(open: &mut dyn FnMut() -> J) {
    let mut journal = open();
    let start = taken_over(&mut journal);
    let brought = |n: u32| (SubjectId(n), SubjectKey([(n % 255) as u8 + 1; 32]));
    appended(&mut journal, start, &Group { subject_keys: (0..10).map(brought).collect(), ..group(0, 1) });
    for _ in 0..2 {
        journal
            .destroy_keys(&[SubjectId(3), SubjectId(4), SubjectId(77)])
            .expect("destroying is safe to repeat");
    }
    drop(journal);
    let mut journal = open();
    let mut get = |n| journal.subject_key(SubjectId(n)).expect("keys are read");
    assert_eq!((get(3), get(4), get(77), get(5)), (None, None, None, Some(brought(5).1)));
}

fn reopening<J: Journal>(open: &mut dyn FnMut() -> J) {
    let mut journal = open();
    let mut head = taken_over(&mut journal);
    let artefacts = vec![([1; 32], b"a plan".to_vec())];
    head = appended(&mut journal, head, &Group { artefacts, ..group(0, 5) });
    head = appended(&mut journal, head, &group(5, 5));
    let before = read_all(&mut journal, 0);
    drop(journal);
    let mut journal = open();
    assert_eq!(journal.head().expect("it has a head"), head);
    assert_eq!(read_all(&mut journal, 0), before);
    assert_eq!(journal.artefact(&[1; 32]).expect("artefacts are read"), Some(b"a plan".to_vec()));
    let taken = taken_over(&mut journal);
    assert!(taken.epoch > head.epoch);
    let after = appended(&mut journal, taken, &group(10, 1));
    assert_eq!(read_all(&mut journal, 10).last().map(|group| group.head), Some(after));
}

fn large_group<J: Journal>(open: &mut dyn FnMut() -> J) {
    let mut journal = open();
    let start = taken_over(&mut journal);
    let large = group(0, LARGE);
    let head = appended(&mut journal, start, &large);
    assert_eq!(head.version, LARGE as u64);
    let read = read_all(&mut journal, 0);
    assert_eq!(read.len(), 1);
    assert!(read[0].entries == large.entries, "all entries are there, in order");
    appended(&mut journal, head, &group(0, 1));
}

fn empty_group<J: Journal>(open: &mut dyn FnMut() -> J) {
    let mut journal = open();
    let start = taken_over(&mut journal);
    assert!(matches!(journal.append(start, &Group::default()), Err(AppendError::Failed(_))));
    assert_eq!(journal.head().expect("it has a head"), start);
}

fn nothing_left<J: Journal>(open: &mut dyn FnMut() -> J) {
    let (mut old, mut new) = (open(), open());
    let start = taken_over(&mut old);
    let key = vec![(SubjectId(1), SubjectKey([1; 32]))];
    let head = appended(&mut old, start, &Group { subject_keys: key.clone(), ..group(0, 1) });
    let taken = taken_over(&mut new);
    let refused = Group {
        subject_keys: vec![(SubjectId(1), SubjectKey([2; 32])), (SubjectId(2), SubjectKey([2; 32]))],
        artefacts: vec![([5; 32], vec![5])],
        ..group(1, 1)
    };
    assert!(old.append(head, &refused).is_err());
    assert_eq!(new.head().expect("it has a head"), taken);
    assert_eq!(read_all(&mut new, 0).len(), 1);
    assert_eq!(new.subject_key(SubjectId(1)).expect("keys are read"), Some(key[0].1.clone()));
    assert_eq!(new.subject_key(SubjectId(2)).expect("keys are read"), None);
    assert_eq!(new.artefact(&[5; 32]).expect("artefacts are read"), None);
}
