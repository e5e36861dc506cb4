//! One PostgreSQL server in a folder. Run as root, its programs run as the `postgres` user, as they insist on.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// How often a start is tried.
const STARTS_MAX: usize = 40;

/// Where the server's programs are, and as whom they run.
#[derive(Clone)]
pub struct Programs {
    folder: PathBuf,
    as_postgres: bool,
}

impl Programs {
    pub fn find() -> Option<Self> {
        let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
            .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
            .unwrap_or_default();
        folders.sort();
        let folder = folders.into_iter().rev().find(|folder| folder.join("initdb").exists())?;
        let id = Command::new("id").arg("-u").output().ok()?;
        Some(Self { folder, as_postgres: id.stdout.starts_with(b"0\n") })
    }

    /// A folder that the servers may write to.
    pub fn folder(&self) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        if self.as_postgres {
            let done = Command::new("chown").arg("postgres").arg(folder.path()).status().unwrap();
            assert!(done.success(), "give the folder to postgres");
        }
        folder
    }

    fn run(&self, program: &str, args: &[&str]) -> Output {
        let program = self.folder.join(program);
        let mut command = if self.as_postgres {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/").env("LC_ALL", "C").args(args).output().unwrap()
    }

    fn must(&self, program: &str, args: &[&str]) -> String {
        let output = self.run(program, args);
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{program} {args:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }
}

pub struct Node {
    programs: Programs,
    pub data: PathBuf,
    pub port: u16,
    name: String,
    running: bool,
}

impl Node {
    pub fn new(programs: &Programs, data: &Path, name: &str) -> Self {
        // The port is free now; a server that finds it taken fails loudly.
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        Self {
            programs: programs.clone(),
            data: data.to_owned(),
            port,
            name: name.to_owned(),
            running: false,
        }
    }

    fn path(&self) -> &str {
        self.data.to_str().unwrap()
    }

    pub fn init(&self) {
        let args =
            ["-D", self.path(), "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync"];
        self.programs.must("initdb", &args);
        self.configure("");
    }

    /// Makes this node a standby of whatever answers at `port`.
    pub fn copy_of(&self, port: u16) {
        let port = port.to_string();
        let args =
            ["-D", self.path(), "-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-c", "fast", "--no-sync"];
        self.programs.must("pg_basebackup", &args);
        // What the primary had set for itself came along.
        std::fs::write(self.data.join("postgresql.auto.conf"), "").unwrap();
        let upstream = format!(
            "primary_conninfo = 'host=127.0.0.1 port={port} user=postgres application_name={}'\n",
            self.name
        );
        std::fs::write(self.data.join("standby.signal"), "").unwrap();
        self.configure(&upstream);
        if self.programs.as_postgres {
            Command::new("chown").args(["-R", "postgres", self.path()]).status().unwrap();
        }
    }

    fn configure(&self, more: &str) {
        let port = self.port;
        let settings = format!(
            "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\nwal_level = replica\n\
             max_wal_senders = 8\nhot_standby = on\nwal_keep_size = 256MB\nwal_log_hints = on\n\
             shared_buffers = 32MB\nmax_connections = 40\nwal_receiver_status_interval = 1s\n\
             wal_retrieve_retry_interval = 200ms\nwal_receiver_timeout = 3s\nwal_sender_timeout = 3s\n\
             cluster_name = '{}'\n{more}",
            self.name
        );
        std::fs::write(self.data.join("postgresql.conf"), settings).unwrap();
        if self.programs.as_postgres {
            let conf = self.data.join("postgresql.conf");
            Command::new("chown").arg("postgres").arg(conf).status().unwrap();
        }
    }

    pub fn start(&mut self) {
        let log = format!("{}.log", self.path());
        let args = ["-D", self.path(), "-l", &log, "-w", "-t", "60", "-s", "start"];
        // After a kill the last of its processes may need a moment to let go of the shared memory.
        for _ in 0..STARTS_MAX {
            if self.programs.run("pg_ctl", &args).status.success() {
                self.running = true;
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(300));
        }
        let said = std::fs::read_to_string(&log).unwrap_or_default();
        panic!("start node {}: {}", self.name, said.lines().rev().take(8).collect::<Vec<_>>().join(" | "));
    }

    /// Ends the server at once, as a machine ends whose power fails.
    pub fn kill(&mut self) {
        let pid = std::fs::read_to_string(self.data.join("postmaster.pid")).unwrap();
        let pid = pid.lines().next().unwrap().to_owned();
        // The server's own children end when they see that it is gone; they are killed too, so that none answers.
        let children = Command::new("pgrep").args(["-P", &pid]).output().unwrap();
        let children = String::from_utf8(children.stdout).unwrap();
        Command::new("kill").arg("-9").arg(&pid).args(children.lines()).status().unwrap();
        self.running = false;
    }

    /// What a query gives, as psql prints it bare.
    pub fn ask(&self, query: &str) -> String {
        let port = self.port.to_string();
        let args = ["-X", "-q", "-A", "-t", "-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-c", query];
        self.programs.must("psql", &args).trim().to_owned()
    }

    pub fn sql(&self, statement: &str) {
        self.ask(statement);
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if self.running {
            self.programs.run("pg_ctl", &["-D", self.path(), "-m", "immediate", "-s", "stop"]);
        }
    }
}
