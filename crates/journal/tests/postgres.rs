//! The journal in PostgreSQL on real servers: the suite, a lost primary, a primary that is cut off, unknown commits.

#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test ends where something is missing")]

mod cluster;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cluster::node::Node;
use cluster::{Cluster, programs};
use holdfast_app::core::Reply;
use holdfast_app::load::{TimedOrder, load};
use holdfast_app::port::{AppendError, Clock, Entropy, Group, Journal as _};
use holdfast_app::writer::Writer;
use holdfast_book::demo;
use holdfast_domain::time::Stamp;
use holdfast_journal::conformance;
use holdfast_journal::conformance::samples::entries;
use holdfast_journal::postgres::{Durability, Options, PostgresJournal, Role, migrate};
use holdfast_journal::sqlite::SqliteJournal;
use holdfast_journal::verify::verify;

const SEED: u64 = 1_031;

/// A clock that counts: what it says does not matter here, only that it goes on.
struct Counter(i64);

impl Clock for Counter {
    fn now(&mut self) -> Stamp {
        self.0 += 1;
        Stamp(self.0)
    }
}

/// Bytes that differ, for keys nobody attacks.
struct Bytes(u8);

impl Entropy for Bytes {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(31).wrapping_add(7);
            *byte = self.0;
        }
    }
}

fn options(connection: &str, local: &Path) -> Options {
    let second = Duration::from_secs(1);
    Options { connect_max: 4 * second, request_max: 4 * second, ..Options::new(connection, local) }
}

#[test]
fn postgresql_conforms() {
    let Some(programs) = programs() else { return };
    let folder = programs.folder();
    let mut node = Node::new(&programs, &folder.path().join("one"), "one");
    node.init();
    node.start();
    let made = AtomicUsize::new(0);
    conformance::all(|| {
        let name = format!("fresh{}", made.fetch_add(1, Ordering::SeqCst));
        node.sql(&format!("CREATE DATABASE {name}"));
        let local = tempfile::tempdir().unwrap();
        let connection = format!("host=127.0.0.1 port={} user=postgres dbname={name}", node.port);
        move || {
            let second = Duration::from_secs(1);
            let options = Options {
                durability: Durability::OneServer,
                request_max: 60 * second,
                ..Options::new(&connection, &local.path().join("journal"))
            };
            PostgresJournal::open(options).expect("it opens")
        }
    });
    // A server whose loss would lose what was acknowledged is refused, unless that was asked for by name.
    let connection = format!("host=127.0.0.1 port={} user=postgres dbname=fresh0", node.port);
    let refused = PostgresJournal::open(Options::new(&connection, &folder.path().join("other")));
    assert!(refused.unwrap_err().to_string().contains("synchronous_standby_names"));
    migrated(&node);
}

/// A journal in a file goes over with every byte, and not a second time.
fn migrated(node: &Node) {
    node.sql("CREATE DATABASE moved");
    let local = tempfile::tempdir().unwrap();
    let file = local.path().join("journal");
    let mut writer =
        Writer::open(SqliteJournal::open(&file).unwrap(), Counter(0), Box::new(Bytes(1))).unwrap();
    let loaded = load(&demo::two_warehouses(SEED, &demo::Options::orders(120)));
    for command in loaded.setup {
        assert!(matches!(writer.ask(command, "test").unwrap(), Reply::Done { .. }));
    }
    let orders = loaded.orders.into_iter().map(|order| (order.order, order.person, None)).collect();
    writer.place_all(orders, "test").unwrap();
    let (digest, head) = (writer.engine().state.digest(), writer.head().unwrap());
    drop(writer);
    let connection = format!("host=127.0.0.1 port={} user=postgres dbname=moved", node.port);
    let options =
        Options { durability: Durability::OneServer, ..options(&connection, &local.path().join("moved")) };
    let mut journal = PostgresJournal::open(options).unwrap();
    let moved = migrate(&file, &mut journal, &mut |_| {}).unwrap();
    assert_eq!((moved.digest, moved.head.version, moved.head.chain), (digest, head.version, head.chain));
    assert!(moved.keys > 0 && moved.groups > 0);
    assert!(migrate(&file, &mut journal, &mut |_| {}).unwrap_err().to_string().contains("has to be empty"));
    let writer = Writer::open(journal, Counter(1 << 40), Box::new(Bytes(2))).unwrap();
    assert_eq!(writer.engine().state.digest(), digest);
}

/// Orders under load, each with a key; whatever is not acknowledged is asked again.
struct Load {
    connection: String,
    local: tempfile::TempDir,
    writer: Option<Writer<PostgresJournal, Counter>>,
    orders: std::vec::IntoIter<TimedOrder>,
    acknowledged: BTreeSet<u64>,
    asked: u64,
    openings: i64,
    /// The longest time between two acknowledgements.
    gap: Duration,
    last: Instant,
}

impl Load {
    fn new(connection: String) -> Self {
        let loaded = load(&demo::two_warehouses(SEED, &demo::Options::orders(4_000)));
        let mut out = Self {
            connection,
            local: tempfile::tempdir().unwrap(),
            writer: None,
            orders: loaded.orders.into_iter(),
            acknowledged: BTreeSet::new(),
            asked: 0,
            openings: 0,
            gap: Duration::ZERO,
            last: Instant::now(),
        };
        for command in loaded.setup {
            assert!(matches!(out.writer().ask(command, "test").unwrap(), Reply::Done { .. }));
        }
        out.last = Instant::now();
        out
    }

    /// The writer, opened anew where it was given up: it takes the journal over with a new epoch.
    fn writer(&mut self) -> &mut Writer<PostgresJournal, Counter> {
        let (begun, mut last) = (Instant::now(), String::new());
        while self.writer.is_none() {
            assert!(begun.elapsed() < Duration::from_secs(90), "no writer could be opened for 90 s: {last}");
            self.openings += 1;
            let clock = Counter(self.openings << 32);
            let opened = PostgresJournal::open(options(&self.connection, &self.local.path().join("j")))
                .map_err(|error| format!("{error:?}"))
                .and_then(|journal| {
                    Writer::open(journal, clock, Box::new(Bytes(3))).map_err(|error| format!("{error:?}"))
                });
            match opened {
                Ok(writer) => self.writer = Some(writer),
                Err(error) => {
                    last = error;
                    std::thread::sleep(Duration::from_millis(100));
                }
            }
        }
        self.writer.as_mut().unwrap()
    }

    /// Places the next order until it is acknowledged, once.
    fn place(&mut self) {
        let TimedOrder { order, person, .. } = self.orders.next().expect("the book has enough orders");
        self.asked += 1;
        let key = self.asked;
        let begun = Instant::now();
        loop {
            assert!(begun.elapsed() < Duration::from_secs(90), "order {key} was not acknowledged for 90 s");
            let row = vec![(order.clone(), person.clone(), Some(u128::from(key)))];
            match self.writer().place_all(row, "test").map(|replies| replies.into_iter().next()) {
                Ok(Some(Reply::Done { .. } | Reply::Repeated(_))) => break,
                Ok(Some(Reply::Retry | Reply::Unknown)) => {}
                Ok(other) => panic!("order {key}: {other:?}"),
                Err(_) => self.writer = None,
            }
        }
        self.acknowledged.insert(key);
        self.gap = self.gap.max(self.last.elapsed());
        self.last = Instant::now();
    }

    /// Every order once, and a journal that is whole.
    fn settle(mut self, what: &str) {
        for _ in 0..20 {
            self.place();
        }
        let mut writer = self.writer.take().unwrap();
        let report = verify(writer.journal());
        assert!(report.fault.is_none(), "{what}: {:?}", report.fault);
        let orders = writer.engine().state.orders.iter().count() as u64;
        assert_eq!(orders, self.acknowledged.len() as u64, "{what}: each acknowledged order once");
        assert_eq!(self.asked, orders);
        eprintln!("{what}: {orders} orders, none lost, none twice; longest gap in writes {:?}", self.gap);
    }
}

#[test]
fn a_killed_primary_loses_nothing_and_the_writer_goes_on() {
    let Some(programs) = programs() else { return };
    let mut cluster = Cluster::start(&programs);
    let mut load = Load::new(cluster.connection());
    for _ in 0..100 {
        load.place();
    }
    // In the middle of the load: the writer is busy on another thread when the server dies.
    let (tell, told) = std::sync::mpsc::channel();
    let load = std::thread::spawn(move || {
        for order in 0..300 {
            load.place();
            if order == 60 {
                tell.send(()).unwrap();
            }
        }
        load
    });
    told.recv().unwrap();
    cluster.nodes[0].kill();
    let primary = cluster.take_over([1, 2]);
    assert_ne!(primary, 0);
    load.join().unwrap().settle("primary killed");
}

#[test]
fn a_primary_that_is_cut_off_with_one_standby_cannot_fork_the_journal() {
    let Some(programs) = programs() else { return };
    let cluster = Cluster::start(&programs);
    let mut load = Load::new(cluster.connection());
    for _ in 0..60 {
        load.place();
    }
    // The old primary still reaches c, and neither b nor the clients.
    cluster.cut(0, 1);
    cluster.clients[0].cut();
    let load = std::thread::spawn(move || {
        for _ in 0..100 {
            load.place();
        }
        load
    });
    std::thread::sleep(Duration::from_millis(500));
    cluster.take_over([1, 2]);
    // A client that still reaches the old primary asks it to write: nobody confirms, so nobody is told yes.
    let local = tempfile::tempdir().unwrap();
    let old = format!("host=127.0.0.1 port={} user=postgres sslmode=disable", cluster.nodes[0].port);
    let stale = PostgresJournal::open(options(&old, &local.path().join("stale")))
        .map(|mut journal| journal.take_over());
    assert!(stale.is_err(), "the old primary answers, and it cannot commit: {stale:?}");
    let mut load = load.join().unwrap();
    // Back among the others it is still no place for a writer: the address list leads there first.
    cluster.clients[0].mend();
    for _ in 0..40 {
        load.place();
    }
    load.settle("primary cut off from one standby and the clients");
}

#[test]
fn a_commit_whose_wait_is_cancelled_is_unknown_and_then_settled() {
    let Some(programs) = programs() else { return };
    let mut cluster = Cluster::start(&programs);
    let local = tempfile::tempdir().unwrap();
    let connection = format!("host=127.0.0.1 port={} user=postgres sslmode=disable", cluster.nodes[0].port);
    let patient =
        Options { request_max: Duration::from_secs(30), ..options(&connection, &local.path().join("j")) };
    let mut journal = PostgresJournal::open(patient).unwrap();
    let start = journal.take_over().unwrap();
    for standby in [1, 2] {
        cluster.nodes[standby].kill();
    }
    let cancel = std::thread::spawn({
        let port = cluster.nodes[0].port;
        let programs = programs.clone();
        move || {
            let mut node = Node::new(&programs, Path::new("/nowhere"), "x");
            node.port = port;
            let waiting = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
            let begun = Instant::now();
            while node.ask(waiting) != "t" {
                assert!(begun.elapsed() < Duration::from_secs(20), "no commit waits");
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    });
    let group = Group { entries: entries(0, 3), ..Group::default() };
    let appended = journal.append(start, &group);
    assert!(
        matches!(appended, Err(AppendError::Unknown(_))),
        "success with a warning is no success: {appended:?}"
    );
    cancel.join().unwrap();
    // As long as no standby confirms, nothing may be read as true.
    drop(journal);
    for standby in [1, 2] {
        cluster.nodes[standby].start();
    }
    let mut journal = PostgresJournal::open(options(&connection, &local.path().join("j"))).unwrap();
    let head = journal.take_over().unwrap();
    assert_eq!(head.version, 3, "it was written, and is durable now that a standby has it");
}

#[test]
fn a_follower_reads_a_standby_and_gets_the_lease_when_the_writer_ends() {
    let Some(programs) = programs() else { return };
    let cluster = Cluster::start(&programs);
    let local = tempfile::tempdir().unwrap();
    let at = |name: &str| local.path().join(name);
    let mut writer = PostgresJournal::open(options(&cluster.connection(), &at("w"))).unwrap();
    assert!(writer.try_lease().unwrap());
    let start = writer.take_over().unwrap();
    let head = writer.append(start, &Group { entries: entries(0, 5), ..Group::default() }).unwrap();
    let standby = format!("host=127.0.0.1 port={} user=postgres sslmode=disable", cluster.clients[1].port);
    let reading = Options { role: Role::Reader, ..options(&standby, &at("r")) };
    let mut reader = PostgresJournal::open(reading).unwrap();
    let begun = Instant::now();
    while reader.head().unwrap().version < head.version {
        assert!(begun.elapsed() < Duration::from_secs(20), "the standby does not follow");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(reader.age().unwrap().is_some(), "what a standby shows has an age");
    assert!(writer.age().unwrap().is_none());
    assert!(reader.append(head, &Group { entries: entries(5, 1), ..Group::default() }).is_err());
    let mut next = PostgresJournal::open(options(&cluster.connection(), &at("n"))).unwrap();
    assert!(!next.try_lease().unwrap(), "one writer at a time");
    drop(writer);
    let begun = Instant::now();
    while !next.try_lease().unwrap() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the lease does not come free");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(next.take_over().unwrap().version, head.version);
}
