//! A provider's webhook with a real receiver that is killed in the middle: every letter done once, by its key.
#![cfg(feature = "smtp")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that fails by panicking")]

mod common;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process, Stdio};
use std::time::Duration;

use holdfast_app::dispatch::{Dispatcher, Live};
use holdfast_app::retry::{Breaker, Schedule};
use holdfast_connect::http::Secret;
use holdfast_domain::notice::NoticeStatus;
use holdfast_domain::time::Span;
use holdfast_journal::memory::MemoryJournal;
use holdfast_notify::template::Channel as Kind;
use holdfast_notify::webhook_channel::{WebhookChannel, WebhookSettings};

use common::{Wall, count, letters, open, shop, strike};

const CUSTOMERS: usize = 1_000;
const SECRET: &str = "a secret of the provider";

struct Receiver(Child);

impl Receiver {
    fn start(port: u16, log: &Path, kill_at: Option<usize>) -> Option<Self> {
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/webhook_receiver.py");
        let python = std::env::var("HOLDFAST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let child = Process::new(python)
            .arg(script)
            .args([port.to_string().as_str(), log.to_str().unwrap(), SECRET])
            .args(kill_at.map(|at| at.to_string()))
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut child) = child else {
            assert!(std::env::var("HOLDFAST_STRICT").as_deref() != Ok("1"), "there is no python3");
            eprintln!("SKIPPED: a provider that is killed (no python3)");
            return None;
        };
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "ready", "the receiver did not start");
        Some(Self(child))
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn done(log: &Path) -> (BTreeMap<String, usize>, usize) {
    let (mut found, mut again) = (BTreeMap::new(), 0);
    for line in std::fs::read_to_string(log).unwrap_or_default().lines() {
        match line.split_once(' ') {
            Some(("new", id)) => *found.entry(id.to_owned()).or_default() += 1,
            _ => again += 1,
        }
    }
    (found, again)
}

#[test]
fn a_provider_that_is_killed_does_each_letter_once() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("done.log");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let Some(mut receiver) = Receiver::start(port, &log, Some(400)) else { return };
    let mut writer = open(MemoryJournal::new(), Wall);
    shop(&mut writer, CUSTOMERS);
    strike(&mut writer, false);
    assert_eq!(count(&writer, NoticeStatus::Released), CUSTOMERS);
    let settings = WebhookSettings {
        name: "chat",
        kind: "chat",
        url: format!("http://127.0.0.1:{port}/letters"),
        secret: Secret::new(SECRET),
        templates: BTreeMap::new(),
        repeatable: true,
        now: || jiff::Timestamp::now().as_second(),
    };
    let live = Live(vec![Box::new(WebhookChannel::new(settings, holdfast_outbound::once()))]);
    let mut words = letters(writer.link_secret(), vec![Kind::Webhook]);
    let schedule = Schedule { first: Span(100), longest: Span(1_000), tries_max: 200 };
    let mut loop_of = Dispatcher::new(live, schedule, Breaker::new(64, Span(200)));
    let (mut later, mut rounds, mut restarted) = (0, 0, false);
    while count(&writer, NoticeStatus::Sent) < CUSTOMERS {
        let round = loop_of.round(&mut writer, &mut words).unwrap();
        assert_eq!((round.failed, round.doubt, round.unsaid.len()), (0, 0, 0), "{round:?}");
        later += round.later;
        rounds += 1;
        assert!(rounds < 20_000, "it does not come to an end: {round:?}");
        if !restarted && receiver.0.try_wait().unwrap().is_some() {
            receiver = Receiver::start(port, &log, None).unwrap();
            restarted = true;
        }
        if round.sent == 0 {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    drop(receiver);
    let (found, again) = done(&log);
    eprintln!("{CUSTOMERS} letters in {rounds} rounds, {later} put off, {again} heard again under their key");
    assert!(restarted && later > 0, "the kill hit nothing");
    assert_eq!(found.len(), CUSTOMERS, "every letter is done");
    assert!(found.values().all(|times| *times == 1), "none is done twice");
}
