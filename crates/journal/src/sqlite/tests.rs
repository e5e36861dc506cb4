//! What only SQLite's journal does.

use super::{Connected, Fault, OpenError, Options, SqliteJournal, backup, restore};
use crate::conformance::samples;
use holdfast_app::port::{AppendError, Group, Journal as _, ReadError, Snapshot, SubjectKey};
use holdfast_domain::id::SubjectId;
use std::path::PathBuf;

struct Room {
    folder: tempfile::TempDir,
}

impl Room {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn open(&self) -> SqliteJournal {
        SqliteJournal::open(&self.path("j")).unwrap()
    }
}

fn group(from: usize) -> Group {
    Group { entries: samples::entries(from, 4), ..Group::default() }
}

fn versions(journal: &mut SqliteJournal) -> Vec<u64> {
    journal.read(0).unwrap().map(|group| group.unwrap().head.version).collect()
}

#[test]
fn a_second_process_cannot_write() {
    let room = Room::new();
    let (mut one, mut two) = (room.open(), room.open());
    let head = one.take_over().unwrap();
    let refused = two.take_over().unwrap_err();
    assert!(matches!(&refused, AppendError::Failed(why) if why.to_string().contains("another process")));
    assert!(two.append(head, &group(0)).is_err());
    assert_eq!(two.head().unwrap(), head, "it may read");
    drop(one);
    two.take_over().unwrap();
}

#[test]
fn a_commit_that_reports_failure_is_unknown_until_it_is_read() {
    for (fault, written) in [(Fault::AfterCommit, true), (Fault::BeforeCommit, false)] {
        let room = Room::new();
        let mut journal = room.open();
        let start = journal.take_over().unwrap();
        let head = journal.append(start, &group(0)).unwrap();
        journal.fault = Some(fault);
        let unknown = journal.append(head, &group(4));
        assert!(matches!(unknown, Err(AppendError::Unknown(_))), "{unknown:?}");
        assert!(matches!(journal.state, Connected::Unsure));
        let now = journal.head().unwrap();
        assert_eq!(now.version, if written { 8 } else { 4 });
        assert_eq!(versions(&mut journal).len(), if written { 2 } else { 1 });
        journal.append(now, &group(8)).unwrap();
    }
}

#[test]
fn a_key_whose_group_was_never_written_replaces_none() {
    let room = Room::new();
    let mut journal = room.open();
    let start = journal.take_over().unwrap();
    let with = |key: u8| Group { subject_keys: vec![(SubjectId(0), SubjectKey([key; 32]))], ..group(0) };
    let head = journal.append(start, &with(1)).unwrap();
    journal.fault = Some(Fault::BeforeCommit);
    assert!(journal.append(head, &with(2)).is_err());
    assert_eq!(journal.subject_key(SubjectId(0)).unwrap(), Some(SubjectKey([1; 32])));
    let head = journal.head().unwrap();
    journal.append(head, &group(0)).unwrap();
    drop(journal);
    assert_eq!(room.open().subject_key(SubjectId(0)).unwrap(), Some(SubjectKey([1; 32])), "nor later");
}

#[test]
fn a_destroyed_key_is_in_no_file_any_more() {
    let room = Room::new();
    let mut journal = room.open();
    let start = journal.take_over().unwrap();
    let keys: Vec<_> = (0..300_u32).map(|n| (SubjectId(n), SubjectKey([n as u8 ^ 0x5A; 32]))).collect();
    journal.append(start, &Group { subject_keys: keys, ..group(0) }).unwrap();
    let holds = |key: u8| {
        let files = std::fs::read_dir(room.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        files
            .filter(|path| path.is_file())
            .any(|path| std::fs::read(path).unwrap().windows(32).any(|window| window == [key; 32]))
    };
    assert!(holds(200 ^ 0x5A));
    journal.destroy_keys(&[SubjectId(200)]).unwrap();
    assert!(!holds(200 ^ 0x5A));
    assert!(holds(201 ^ 0x5A));
}

#[test]
fn what_is_not_a_journal_is_refused_by_what_it_is() {
    let room = Room::new();
    let at = |name: &str| room.path(name);
    std::fs::write(at("text"), "id;name\n1;one\n".repeat(1000)).unwrap();
    std::fs::write(at("short"), "id").unwrap();
    let sqlite = |name: &str, sql: &str| {
        rusqlite::Connection::open(at(name)).unwrap().execute_batch(sql).unwrap();
    };
    sqlite("foreign", "CREATE TABLE t (x)");
    sqlite("other", "PRAGMA application_id = 77; CREATE TABLE t (x)");
    drop(SqliteJournal::open(&at("newer")).unwrap());
    sqlite("newer", "PRAGMA user_version = 9");
    let open = |name: &str| SqliteJournal::open(&at(name)).unwrap_err();
    assert!(matches!(open("text"), OpenError::NotADatabase { .. }));
    assert!(matches!(open("short"), OpenError::NotADatabase { .. }));
    assert!(matches!(open("foreign"), OpenError::Foreign { found: 0, .. }));
    assert!(matches!(open("other"), OpenError::Foreign { found: 77, .. }));
    assert!(matches!(open("newer"), OpenError::TooNew { found: 9, .. }));
    assert!(matches!(open("no/such/folder"), OpenError::Sqlite(_)));
    assert!(
        SqliteJournal::open_with(&at("absent"), Options { create: false, ..Options::default() }).is_err()
    );
    assert!(!at("absent").exists());
}

#[test]
fn a_group_of_a_newer_format_says_so() {
    let room = Room::new();
    let mut journal = room.open();
    let start = journal.take_over().unwrap();
    journal.append(start, &group(0)).unwrap();
    drop(journal);
    let connection = rusqlite::Connection::open(room.path("j")).unwrap();
    let mut bytes: Vec<u8> = connection.query_row("SELECT bytes FROM groups", [], |row| row.get(0)).unwrap();
    bytes[0] = 2;
    let chain = crate::format::chain(&[0; 32], 1, &bytes);
    connection
        .execute("UPDATE groups SET bytes = ?1, chain = ?2", rusqlite::params![bytes, &chain[..]])
        .unwrap();
    std::fs::remove_file(room.path("j.head")).unwrap();
    let mut journal = room.open();
    let read = journal.read(0).unwrap().next().unwrap();
    assert!(matches!(read, Err(ReadError::TooNew { found: 2, newest: 1 })), "{read:?}");
}

#[test]
fn a_copy_is_whole_though_the_writer_goes_on() {
    let room = Room::new();
    let mut journal = room.open();
    let mut head = journal.take_over().unwrap();
    let brought = Group { subject_keys: vec![(SubjectId(0), SubjectKey([1; 32]))], ..group(0) };
    head = journal.append(head, &brought).unwrap();
    let copied = backup(&room.path("j"), &room.path("copy"), Some(&room.path("copied-keys"))).unwrap();
    assert_eq!((copied.version, copied.chain), (head.version, head.chain));
    let later = journal.append(head, &group(4)).unwrap();
    let wanted: Vec<_> = journal.read(0).unwrap().map(Result::unwrap).take(1).collect();
    assert!(backup(&room.path("j"), &room.path("copy"), None).is_err(), "a copy is never overwritten");
    assert!(restore(&room.path("copy"), None, &room.path("j")).is_err(), "nor is a journal");

    let back = restore(&room.path("copy"), Some(&room.path("copied-keys")), &room.path("back")).unwrap();
    assert_eq!(back.version, 4);
    let mut restored = SqliteJournal::open(&room.path("back")).unwrap();
    assert_eq!(restored.read(0).unwrap().map(Result::unwrap).collect::<Vec<_>>(), wanted);
    assert_eq!(restored.subject_key(SubjectId(0)).unwrap(), Some(SubjectKey([1; 32])));
    let taken = restored.take_over().unwrap();
    restored.append(taken, &group(9)).unwrap();
    assert_eq!(journal.head().unwrap(), later);
}

#[test]
fn a_journal_that_lost_what_it_acknowledged_says_so() {
    let room = Room::new();
    let mut journal = room.open();
    let start = journal.take_over().unwrap();
    let head = journal.append(start, &group(0)).unwrap();
    backup(&room.path("j"), &room.path("old"), None).unwrap();
    journal.append(head, &group(4)).unwrap();
    drop(journal);
    std::fs::copy(room.path("old"), room.path("j")).unwrap();
    let lost = SqliteJournal::open(&room.path("j")).unwrap_err();
    let OpenError::Unreadable(why) = lost else { panic!("{lost:?}") };
    assert!(matches!(*why, ReadError::Damaged { after: 4, .. }), "{why:?}");
    assert!(why.to_string().contains("version 8 was acknowledged"), "{why}");
}

#[test]
fn a_damaged_snapshot_is_none_and_the_older_one_is_taken() {
    let room = Room::new();
    let mut journal = room.open();
    let snapshot = |version| Snapshot { version, format: 1, digest: [1; 32], bytes: vec![3; 999] };
    journal.keep_snapshot(&snapshot(1)).unwrap();
    journal.keep_snapshot(&snapshot(2)).unwrap();
    let newest = room.path("j.snapshots").join(format!("{:020}.snapshot", 2));
    let mut bytes = std::fs::read(&newest).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&newest, bytes).unwrap();
    assert_eq!(journal.snapshot(9).unwrap(), Some(snapshot(1)));
    std::fs::remove_dir_all(room.path("j.snapshots")).unwrap();
    assert_eq!(journal.snapshot(9).unwrap(), None);
}

#[test]
fn damaged_artefacts_and_keys_are_found() {
    let room = Room::new();
    let mut journal = room.open();
    let start = journal.take_over().unwrap();
    let full = Group {
        subject_keys: vec![(SubjectId(0), SubjectKey([1; 32]))],
        artefacts: vec![([7; 32], b"plan".to_vec())],
        ..group(0)
    };
    journal.append(start, &full).unwrap();
    assert_eq!(journal.check_files().unwrap(), []);
    let spoil = |file: &str, sql: &str| {
        rusqlite::Connection::open(room.path(file)).unwrap().execute_batch(sql).unwrap();
    };
    spoil("j", "UPDATE artefacts SET bytes = x'00'");
    spoil("j.keys", "UPDATE keys SET key = zeroblob(32)");
    assert!(matches!(journal.artefact(&[7; 32]), Err(ReadError::Damaged { .. })));
    assert!(matches!(journal.subject_key(SubjectId(0)), Err(ReadError::Damaged { .. })));
    assert_eq!(journal.check_files().unwrap().len(), 2);
}
