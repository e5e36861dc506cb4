//! A real SMTP server as a child: the tests of the sending loop and of the service use the same one.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "every test file uses a part of it, and ends where something is missing"
)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A Python that has aiosmtpd; without one the test says that it is skipped, and fails where that is forbidden.
pub fn python_with_aiosmtpd(what: &str) -> Option<String> {
    let named = std::env::var("HOLDFAST_PYTHON").ok();
    let found = named.into_iter().chain(["python3".to_owned()]).find(|python| {
        let tried = Command::new(python).args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    });
    if found.is_none() {
        let strict = std::env::var("HOLDFAST_STRICT").as_deref() == Ok("1");
        assert!(!strict, "no python with aiosmtpd: install python3-aiosmtpd, or name one in HOLDFAST_PYTHON");
        eprintln!("SKIPPED: {what} (no python with aiosmtpd)");
    }
    found
}

/// The server; killed when dropped.
pub struct Relay(pub Child);

impl Relay {
    /// Starts it on a port with the log of what it took; it kills itself at so many mails, if told to.
    pub fn start(python: &str, port: u16, log: &Path, kill_at: Option<usize>) -> Self {
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../notify/tests/smtp_server.py");
        let mut child = Command::new(python)
            .arg(script)
            .arg(port.to_string())
            .arg(log)
            .args(kill_at.map(|at| at.to_string()))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "ready", "the SMTP server did not start");
        Self(child)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A port nobody listens on.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// How often the server took each mail, and how often one was presented that it had.
pub fn taken(log: &Path) -> (BTreeMap<String, usize>, usize) {
    let (mut found, mut again) = (BTreeMap::new(), 0);
    for line in std::fs::read_to_string(log).unwrap_or_default().lines() {
        match line.split_once(' ') {
            Some(("new", id)) => *found.entry(id.to_owned()).or_default() += 1,
            _ => again += 1,
        }
    }
    (found, again)
}
