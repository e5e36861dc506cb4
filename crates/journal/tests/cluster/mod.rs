//! Real PostgreSQL servers on loopback, with links between them that can be cut, and a small supervisor.

pub mod link;
pub mod node;

use std::time::{Duration, Instant};

use link::Link;
use node::{Node, Programs};

/// Names of the nodes, as the primaries' `synchronous_standby_names` have them.
pub const NAMES: [&str; 3] = ["a", "b", "c"];

/// Three nodes, each of which can reach each other one over a link of its own, and clients each over another.
pub struct Cluster {
    pub nodes: Vec<Node>,
    /// `between[from][to]`: how node `from` reaches node `to`.
    between: Vec<Vec<Option<Link>>>,
    /// How clients reach each node.
    pub clients: Vec<Link>,
    _folder: tempfile::TempDir,
}

/// What is left of PostgreSQL for a test: `None`, said aloud, where it is not installed.
pub fn programs() -> Option<Programs> {
    let found = Programs::find();
    if found.is_none() {
        let strict = std::env::var("HOLDFAST_STRICT").is_ok_and(|value| value == "1");
        assert!(!strict, "PostgreSQL's server programs are missing: install postgresql");
        eprintln!("SKIPPED: the journal in PostgreSQL (no server programs: install postgresql)");
    }
    found
}

impl Cluster {
    /// Starts a primary and two standbys that follow it.
    pub fn start(programs: &Programs) -> Self {
        let folder = programs.folder();
        let mut nodes: Vec<Node> =
            NAMES.iter().map(|name| Node::new(programs, &folder.path().join(name), name)).collect();
        let link = |node: &Node| Link::to(node.port);
        let clients: Vec<Link> = nodes.iter().map(link).collect();
        let mut between: Vec<Vec<Option<Link>>> = Vec::new();
        for from in 0..3 {
            between.push((0..3).map(|to| (from != to).then(|| link(&nodes[to]))).collect());
        }
        nodes[0].init();
        nodes[0].start();
        nodes[0].sql("ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (b, c)'");
        nodes[0].sql("SELECT pg_reload_conf()");
        for standby in 1..3 {
            let port = between[standby][0].as_ref().unwrap().port;
            nodes[standby].copy_of(port);
            nodes[standby].start();
        }
        let cluster = Self { nodes, between, clients, _folder: folder };
        cluster.until("both standbys follow", || {
            cluster.nodes[0].ask("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'") == "2"
        });
        cluster
    }

    /// Where clients connect: all nodes, in order.
    pub fn connection(&self) -> String {
        let ports: Vec<String> = self.clients.iter().map(|link| link.port.to_string()).collect();
        format!(
            "host={} port={} user=postgres dbname=postgres sslmode=disable",
            ["127.0.0.1"; 3].join(","),
            ports.join(",")
        )
    }

    /// Cuts the ways between two nodes, both ways.
    pub fn cut(&self, one: usize, other: usize) {
        for (from, to) in [(one, other), (other, one)] {
            self.between[from][to].as_ref().unwrap().cut();
        }
    }

    /// The supervisor: makes one of two standbys the primary, if both are in reach and neither receives any more.
    /// The one that has more is promoted with its own standbys set, and the other follows it. Gives the new one.
    pub fn take_over(&self, standbys: [usize; 2]) -> usize {
        for node in standbys {
            self.nodes[node].sql("ALTER SYSTEM SET primary_conninfo = ''");
            self.nodes[node].sql("SELECT pg_reload_conf()");
        }
        for node in standbys {
            self.until("the standby has stopped receiving", || {
                self.nodes[node].ask("SELECT count(*) FROM pg_stat_wal_receiver") == "0"
            });
        }
        let flushed = |node: usize| {
            let select = "SELECT pg_wal_lsn_diff(pg_last_wal_receive_lsn(), '0/0')";
            self.nodes[node].ask(select).parse::<u128>().unwrap()
        };
        let [one, other] = standbys;
        let (first, second) = if flushed(one) >= flushed(other) { (one, other) } else { (other, one) };
        let names: Vec<&str> = (0..3).filter(|node| *node != first).map(|node| NAMES[node]).collect();
        let set = format!("ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 ({})'", names.join(", "));
        self.nodes[first].sql(&set);
        self.nodes[first].sql("SELECT pg_reload_conf()");
        self.nodes[first].sql("SELECT pg_promote()");
        let port = self.between[second][first].as_ref().unwrap().port;
        let follow = format!(
            "ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port={port} user=postgres application_name={}'",
            NAMES[second]
        );
        self.nodes[second].sql(&follow);
        self.nodes[second].sql("SELECT pg_reload_conf()");
        self.until("the other standby follows", || {
            self.nodes[first].ask("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'") == "1"
        });
        first
    }

    fn until(&self, what: &str, mut is: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !is() {
            assert!(begun.elapsed() < Duration::from_secs(60), "waited a minute: {what}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}
