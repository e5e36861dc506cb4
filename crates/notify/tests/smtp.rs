//! A whole incident of 10,000 mails through a real SMTP server that is killed and restarted in the middle,
//! between recording a mail and answering it: every Message-ID arrives, each is recorded once, and none is sent again after it was acknowledged.
#![cfg(feature = "smtp")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that fails by panicking")]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use holdfast_domain::time::Span;
use holdfast_notify::mail::{Envelope, Message, write};
use holdfast_notify::retry::{FailureKind, Schedule};
use holdfast_notify::send::Sender;
use holdfast_notify::smtp::{Protection, SmtpSender, SmtpSettings};
use holdfast_notify::template::MailBody;

const MAILS: usize = 10_000;
const KILL_AT: usize = 4_000;
// Each mail waits 40 ms for a delayed acknowledgement (two small writes under Nagle), so many at once.
const CONNECTIONS: u32 = 32;

fn python_with_aiosmtpd() -> Option<String> {
    let named = std::env::var("HOLDFAST_PYTHON").ok();
    named.into_iter().chain(["python3".to_owned()]).find(|python| {
        let tried = Command::new(python).args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    })
}

/// The server as a child; killed when dropped.
struct Server(Child);

impl Server {
    fn start(python: &str, port: u16, log: &Path, kill_at: Option<usize>) -> Self {
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/smtp_server.py");
        let mut child = Command::new(python)
            .arg(script)
            .arg(port.to_string())
            .arg(log)
            .args(kill_at.map(|at| at.to_string()))
            .stdout(Stdio::piped())
            .spawn()
            .expect("python was found a moment ago");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "ready", "the SMTP server did not start");
        Self(child)
    }

    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn mail(number: usize) -> Message {
    let envelope = Envelope {
        notice: format!("not-{number}").parse().unwrap(),
        from: "orders@kelp.example".parse().unwrap(),
        from_name: "Kelp & Co".into(),
        to: format!("reader{number}@mail.example").parse().unwrap(),
        reply_to: None,
        dated: "2022-09-28T21:00:00Z".parse().unwrap(),
    };
    let body = MailBody {
        subject: format!("주문 {number} 배송 지연 안내"),
        text: "안내\n".repeat(20),
        html: "<p>안내</p>".into(),
        language: "ko".into(),
    };
    write(envelope, &body).unwrap()
}

/// What is left to send, what was acknowledged, and how often each was tried.
struct Outbox {
    waiting: Mutex<VecDeque<(usize, u32)>>,
    acknowledged: Mutex<BTreeSet<String>>,
    accepted: AtomicUsize,
    failed: AtomicUsize,
    done: AtomicBool,
}

async fn work(outbox: Arc<Outbox>, sender: Arc<SmtpSender>, mut chance: u32) {
    let schedule = Schedule { first: Span(100), longest: Span(1_000), tries_max: 200 };
    while !outbox.done.load(Ordering::SeqCst) {
        let next = outbox.waiting.lock().unwrap().pop_front();
        let Some((number, failed)) = next else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let message = mail(number);
        assert!(
            !outbox.acknowledged.lock().unwrap().contains(&message.message_id),
            "{} was acknowledged and is sent again",
            message.message_id
        );
        match sender.send(&message).await {
            Ok(accepted) => {
                assert!(outbox.acknowledged.lock().unwrap().insert(accepted.message_id));
                if outbox.accepted.fetch_add(1, Ordering::SeqCst) + 1 == MAILS {
                    outbox.done.store(true, Ordering::SeqCst);
                }
            }
            Err(error) => {
                assert_ne!(error.kind, FailureKind::Permanent, "{error}");
                outbox.failed.fetch_add(1, Ordering::SeqCst);
                chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let wait = schedule.wait(failed + 1, chance).expect("200 tries outlast the restart");
                tokio::time::sleep(Duration::from_millis(wait.0)).await;
                outbox.waiting.lock().unwrap().push_back((number, failed + 1));
            }
        }
    }
}

#[test]
fn ten_thousand_mails_and_a_server_that_is_killed() {
    let Some(python) = python_with_aiosmtpd() else {
        assert!(
            std::env::var("HOLDFAST_STRICT").as_deref() != Ok("1"),
            "no python with aiosmtpd: install python3-aiosmtpd, or name one in HOLDFAST_PYTHON"
        );
        eprintln!("SKIPPED: SMTP with a real server (no python with aiosmtpd)");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("accepted.log");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut server = Server::start(&python, port, &log, Some(KILL_AT));
    let settings = SmtpSettings {
        host: "127.0.0.1".into(),
        port,
        protection: Protection::LoopbackPlain,
        sign_in: None,
        timeout: Duration::from_secs(10),
        connections_max: CONNECTIONS,
        reports: false,
    };
    let outbox = Arc::new(Outbox {
        waiting: Mutex::new((0..MAILS).map(|number| (number, 0)).collect()),
        acknowledged: Mutex::default(),
        accepted: AtomicUsize::new(0),
        failed: AtomicUsize::new(0),
        done: AtomicBool::new(false),
    });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let sender = Arc::new(SmtpSender::new(&settings).unwrap());
        let workers: Vec<_> =
            (0..CONNECTIONS).map(|seed| tokio::spawn(work(outbox.clone(), sender.clone(), seed))).collect();
        while server.0.try_wait().unwrap().is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
            assert!(!workers.iter().any(tokio::task::JoinHandle::is_finished), "a worker gave up");
        }
        tokio::time::sleep(Duration::from_millis(700)).await;
        server = Server::start(&python, port, &log, None);
        for worker in workers {
            worker.await.unwrap();
        }
    });
    server.kill();

    let log = std::fs::read_to_string(&log).unwrap();
    let mut recorded: BTreeMap<&str, usize> = BTreeMap::new();
    let mut again = 0;
    for line in log.lines() {
        match line.split_once(' ').unwrap() {
            ("new", id) => *recorded.entry(id).or_default() += 1,
            (_, _) => again += 1,
        }
    }
    let failed = outbox.failed.load(Ordering::SeqCst);
    eprintln!("{MAILS} mails, {failed} failed tries, {again} presented again after a lost answer");
    assert_eq!(recorded.len(), MAILS);
    assert!(recorded.values().all(|times| *times == 1));
    assert!(failed > 0, "the kill hit nothing");
    assert!(again >= 1, "the mail whose answer was lost has to come again");
    assert!(again <= CONNECTIONS as usize, "only what was in flight may be presented again");
    let acknowledged = outbox.acknowledged.lock().unwrap();
    assert!(recorded.keys().all(|id| acknowledged.contains(*id)));
}
