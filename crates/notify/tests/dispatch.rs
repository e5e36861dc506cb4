//! The sending loop with the real app: a whole incident through a real SMTP server that is killed and restarted, a
//! sender that is killed, channels that fail in every way, and drills out of which nothing leaves.
#![cfg(feature = "smtp")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that fails by panicking")]

mod common;
#[path = "common/relay.rs"]
mod relay;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use holdfast_app::dispatch::{Channel, Dispatcher, Drill, Letter, Live, Outcome};
use holdfast_app::retry::{Breaker, Schedule};
use holdfast_app::writer::Writer;
use holdfast_domain::care::{CareCommand, NoticePolicy};
use holdfast_domain::command::Command;
use holdfast_domain::id::{NoticeId, OrderId};
use holdfast_domain::notice::{Notice, NoticeCause, NoticeOrder, NoticeStatus};
use holdfast_domain::time::{Span, Stamp};
use holdfast_journal::memory::MemoryJournal;
use holdfast_journal::sqlite::SqliteJournal;
use holdfast_notify::smtp::{Protection, SmtpSettings};
use holdfast_notify::smtp_channel::SmtpChannel;
use holdfast_notify::template::Channel as Kind;

use common::{Fixed, Wall, count, done, letters, open, shop, strike};
use relay::{Relay, free_port, python_with_aiosmtpd, taken};

const CUSTOMERS: usize = 10_000;
const CONNECTIONS: u32 = 32;

fn smtp(port: u16, receipts: Option<PathBuf>) -> Live {
    let settings = SmtpSettings {
        host: "127.0.0.1".into(),
        port,
        protection: Protection::LoopbackPlain,
        sign_in: None,
        timeout: Duration::from_secs(20),
        connections_max: CONNECTIONS,
        reports: false,
    };
    Live(vec![Box::new(SmtpChannel::new(settings, "orders@kelp.example", receipts).unwrap())])
}

fn dispatcher(live: Live) -> Dispatcher<Live> {
    let schedule = Schedule { first: Span(100), longest: Span(1_000), tries_max: 200 };
    Dispatcher::new(live, schedule, Breaker::new(64, Span(200)))
}

#[test]
fn ten_thousand_customers_and_a_server_that_is_killed_each_message_once() {
    let Some(python) = python_with_aiosmtpd("sending through a real SMTP server") else { return };
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("accepted.log");
    let port = free_port();
    let mut writer = open(MemoryJournal::new(), Wall);
    shop(&mut writer, CUSTOMERS);
    strike(&mut writer, false);
    assert_eq!(count(&writer, NoticeStatus::Released), CUSTOMERS);
    // It kills itself between recording mail 4,000 and answering it.
    let mut server = Relay::start(&python, port, &log, Some(4_000));
    let mut words = letters(writer.link_secret(), vec![Kind::Mail]);
    let mut loop_of = dispatcher(smtp(port, Some(log.clone())));
    let (mut later, mut rounds, mut restarted) = (0, 0, false);
    while count(&writer, NoticeStatus::Sent) < CUSTOMERS {
        let round = loop_of.round(&mut writer, &mut words).unwrap();
        assert_eq!((round.failed, round.unsaid.len()), (0, 0), "{:?}", round.unsaid.first());
        later += round.later;
        rounds += 1;
        assert!(rounds < 20_000, "it does not come to an end: {round:?}");
        if !restarted && server.0.try_wait().unwrap().is_some() {
            // It stays away for some rounds.
            for _ in 0..3 {
                loop_of.round(&mut writer, &mut words).unwrap();
                std::thread::sleep(Duration::from_millis(100));
            }
            server = Relay::start(&python, port, &log, None);
            restarted = true;
        }
        if round.sent == 0 {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    drop(server);
    let (found, again) = taken(&log);
    eprintln!("{CUSTOMERS} customers in {rounds} rounds, {later} tries put off, {again} presented again");
    assert!(restarted && later > 0, "the kill hit nothing");
    assert_eq!((found.len(), again), (CUSTOMERS, 0));
    assert!(found.values().all(|times| *times == 1));
    assert_eq!(count(&writer, NoticeStatus::InDoubt), 0);
    // Every message is in the log under the id of its notice, and the state knows each as sent.
    let sent = writer.engine().state.notices.iter().all(|(id, notice)| {
        notice.status == NoticeStatus::Sent && found.contains_key(&format!("<{id}.holdfast@kelp.example>"))
    });
    assert!(sent);
}

const CHILD: &str = "HOLDFAST_TEST_SENDER";

/// The sender that is killed: run by the test below in a process of its own, and by itself it does nothing.
#[test]
fn a_sender_of_its_own() {
    let Ok(told) = std::env::var(CHILD) else { return };
    let (folder, port) = told.split_once('|').unwrap();
    let journal = SqliteJournal::open(Path::new(folder)).unwrap();
    let mut writer = open(journal, Wall);
    let mut words = letters(writer.link_secret(), vec![Kind::Mail]);
    let mut loop_of = dispatcher(smtp(port.parse().unwrap(), None));
    loop {
        loop_of.round(&mut writer, &mut words).unwrap();
    }
}

fn killed_sender(receipts: bool) {
    const MAILS: usize = 1_500;
    let Some(python) = python_with_aiosmtpd("sending through a real SMTP server") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (log, place) = (folder.path().join("accepted.log"), folder.path().join("journal"));
    {
        let mut writer = open(SqliteJournal::open(&place).unwrap(), Wall);
        shop(&mut writer, MAILS);
        strike(&mut writer, false);
    }
    let port = free_port();
    let _server = Relay::start(&python, port, &log, None);
    let mut sender = Process::new(std::env::current_exe().unwrap())
        .args(["a_sender_of_its_own", "--exact", "--nocapture"])
        .env(CHILD, format!("{}|{port}", place.display()))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    // In the middle of a batch.
    while taken(&log).0.len() < 600 {
        assert!(sender.try_wait().unwrap().is_none(), "the sender gave up");
        std::thread::sleep(Duration::from_millis(2));
    }
    sender.kill().unwrap();
    sender.wait().unwrap();
    std::thread::sleep(Duration::from_millis(200));

    let mut writer = open(SqliteJournal::open(&place).unwrap(), Wall);
    let open_claims = count(&writer, NoticeStatus::Sending);
    let mut words = letters(writer.link_secret(), vec![Kind::Mail]);
    let mut loop_of = dispatcher(smtp(port, receipts.then(|| log.clone())));
    for _ in 0..400 {
        loop_of.round(&mut writer, &mut words).unwrap();
        if count(&writer, NoticeStatus::Released) == 0 {
            break;
        }
    }
    let doubt = count(&writer, NoticeStatus::InDoubt);
    let (found, again) = taken(&log);
    eprintln!("killed with {open_claims} claims open, {doubt} left in doubt, {} taken", found.len());
    assert_eq!(again, 0, "nothing is presented twice");
    assert!(open_claims > 0, "the kill hit nothing");
    if receipts {
        assert_eq!((found.len(), doubt), (MAILS, 0));
    } else {
        // Nobody can be asked: what was claimed waits for a person, and at most that is missing.
        assert_eq!(doubt, open_claims);
        assert!(found.len() >= MAILS - doubt);
        let unsure = writer.engine().state.notices.iter().find(|(_, n)| n.status == NoticeStatus::InDoubt);
        let notice = unsure.unwrap().0;
        let arrived = found.contains_key(&format!("<{notice}.holdfast@kelp.example>"));
        done(&mut writer, Command::Care(Box::new(CareCommand::SettleNotice { notice, arrived })));
    }
}

#[test]
fn a_killed_sender_sends_nothing_twice_and_the_relays_log_settles_the_rest() {
    killed_sender(true);
}

#[test]
fn without_a_log_what_was_in_flight_waits_for_a_person() {
    killed_sender(false);
}

// Channels that fail.

/// What a channel was given, by name.
type Given = Arc<Mutex<Vec<(&'static str, NoticeId)>>>;

/// Does as it is told.
struct Scripted {
    name: &'static str,
    given: Given,
    outcome: fn(NoticeId, usize) -> Outcome,
    tries: BTreeMap<NoticeId, usize>,
}

impl Channel for Scripted {
    fn name(&self) -> &'static str {
        self.name
    }
    fn send(&mut self, letters: &[Letter]) -> Vec<Outcome> {
        let each = |letter: &Letter| {
            self.given.lock().unwrap().push((self.name, letter.notice));
            let tries = self.tries.entry(letter.notice).or_default();
            *tries += 1;
            (self.outcome)(letter.notice, *tries)
        };
        letters.iter().map(each).collect()
    }
    fn taken(&mut self, _key: &str) -> Option<bool> {
        None
    }
}

fn scripted(name: &'static str, given: &Given, outcome: fn(NoticeId, usize) -> Outcome) -> Box<dyn Channel> {
    Box::new(Scripted { name, given: given.clone(), outcome, tries: BTreeMap::new() })
}

struct Small {
    writer: Writer<MemoryJournal, Fixed>,
    clock: Arc<Mutex<Stamp>>,
    given: Given,
}

fn small(customers: usize, drill: bool) -> Small {
    let clock = Arc::new(Mutex::new("2022-09-28T16:00:00Z".parse::<Stamp>().unwrap()));
    let mut writer = open(MemoryJournal::new(), Fixed(clock.clone()));
    shop(&mut writer, customers);
    strike(&mut writer, drill);
    Small { writer, clock, given: Given::default() }
}

impl Small {
    fn pass(&self, span: Span) {
        let mut now = self.clock.lock().unwrap();
        *now = now.after(span);
    }
}

#[test]
fn a_refused_mail_goes_by_text_and_a_doubtful_one_goes_no_way() {
    let mut small = small(6, false);
    let by_mail = |notice: NoticeId, tries| match (notice.0, tries) {
        (0, _) => Outcome::Refused,
        (1, _) => Outcome::Doubt,
        (2, 1..=2) => Outcome::Later,
        (3, _) => Outcome::Refused,
        _ => Outcome::Taken,
    };
    let live = Live(vec![
        scripted("mail", &small.given, by_mail),
        scripted("text", &small.given, |_, _| Outcome::Taken),
    ]);
    let mut words = letters([3; 32], vec![Kind::Mail, Kind::Sms]);
    let schedule = Schedule { first: Span(60_000), longest: Span(120_000), tries_max: 5 };
    let mut loop_of = Dispatcher::new(live, schedule, Breaker::new(50, Span(1_000)));
    for _ in 0..6 {
        loop_of.round(&mut small.writer, &mut words).unwrap();
        small.pass(Span::minutes(3));
    }
    let status = |id| small.writer.engine().state.notices.get(NoticeId(id)).unwrap().status;
    // Subject 0 (even) has a phone, 3 (odd) has none.
    let found: Vec<_> = (0..6).map(status).collect();
    use NoticeStatus as S;
    assert_eq!(found, [S::Sent, S::InDoubt, S::Sent, S::Failed, S::Sent, S::Sent]);
    let given = small.given.lock().unwrap();
    let times = |name, id| given.iter().filter(|(n, i)| (*n, i.0) == (name, id)).count();
    assert_eq!((times("mail", 0), times("text", 0)), (1, 1));
    assert_eq!((times("mail", 1), times("text", 1)), (1, 0), "doubt is no reason to try again");
    assert_eq!((times("mail", 2), times("text", 2)), (3, 0));
    assert!(small.writer.engine().state.care.tries.is_empty());
}

#[test]
fn a_broken_channel_rests() {
    let mut small = small(200, false);
    let live = Live(vec![scripted("mail", &small.given, |_, _| Outcome::Later)]);
    let mut words = letters([3; 32], vec![Kind::Mail]);
    let schedule = Schedule { first: Span(1_000), longest: Span(1_000), tries_max: 50 };
    let mut loop_of = Dispatcher::new(live, schedule, Breaker::new(20, Span::minutes(10)));
    loop_of.round(&mut small.writer, &mut words).unwrap();
    let after_first = small.given.lock().unwrap().len();
    small.pass(Span::minutes(1));
    loop_of.round(&mut small.writer, &mut words).unwrap();
    assert_eq!(small.given.lock().unwrap().len(), after_first, "it rests for ten minutes");
    small.pass(Span::minutes(10));
    loop_of.round(&mut small.writer, &mut words).unwrap();
    assert_eq!(small.given.lock().unwrap().len(), after_first + 1, "one probe");
}

#[test]
fn nothing_of_a_drill_leaves_even_when_told_to() {
    // A drill's incident with the channels of the real world.
    let mut small = small(20, true);
    let live = Live(vec![scripted("mail", &small.given, |_, _| Outcome::Taken)]);
    let mut words = letters([3; 32], vec![Kind::Mail]);
    let mut loop_of = Dispatcher::new(live, Schedule::MAIL, Breaker::new(5, Span(1_000)));
    for _ in 0..3 {
        let round = loop_of.round(&mut small.writer, &mut words).unwrap();
        assert_eq!(round.sent, 0);
    }
    assert!(small.given.lock().unwrap().is_empty());
    assert_eq!(count(&small.writer, NoticeStatus::Released), 20);
    // A real incident with a drill's outlet.
    let mut real = self::small(20, false);
    let mut loop_of = Dispatcher::new(Drill, Schedule::MAIL, Breaker::new(5, Span(1_000)));
    let round = loop_of.round(&mut real.writer, &mut words).unwrap();
    assert_eq!((round.sent, round.held_by_drill), (0, 20));
    assert_eq!(count(&real.writer, NoticeStatus::Released), 20);
}

#[test]
fn quiet_hours_a_throttle_and_an_opt_out_hold_what_no_law_requires_and_nothing_else() {
    let mut small = small(6, false);
    // 23:00 in New York.
    *small.clock.lock().unwrap() = "2022-09-29T03:00:00Z".parse().unwrap();
    let policy = NoticePolicy {
        quiet: Some((21 * 3_600_000, 8 * 3_600_000)),
        per_hour: Some(2),
        ..NoticePolicy::default()
    };
    done(&mut small.writer, Command::Care(Box::new(CareCommand::SetPolicy(policy))));
    let live = Live(vec![scripted("mail", &small.given, |_, _| Outcome::Taken)]);
    let mut words = letters([3; 32], vec![Kind::Mail]);
    let mut loop_of = Dispatcher::new(live, Schedule::MAIL, Breaker::new(5, Span(1_000)));
    loop_of.round(&mut small.writer, &mut words).unwrap();
    assert_eq!(
        count(&small.writer, NoticeStatus::Sent),
        6,
        "the law does not sleep, and no opt-out stops it"
    );
    // Good news waits for the morning, goes slowly, and not to whoever wants none.
    let now = *small.clock.lock().unwrap();
    for number in 0..6 {
        let order = OrderId(number);
        let known = small.writer.engine().state.order(order).unwrap().clone();
        let entry = NoticeOrder {
            order,
            before: known.promise,
            after: Some(known.promise),
            cause: NoticeCause::BackOnSchedule,
        };
        let notice = Notice {
            merchant: known.merchant,
            subject: known.subject,
            language: known.language,
            incident: None,
            orders: vec![entry],
            hold_until: now,
            status: NoticeStatus::Queued,
        };
        done(&mut small.writer, Command::QueueNotice(Box::new(notice)));
    }
    small.writer.fire_due().unwrap();
    let round = loop_of.round(&mut small.writer, &mut words).unwrap();
    assert_eq!((round.sent, round.next), (0, Some("2022-09-29T12:00:00Z".parse().unwrap())));
    *small.clock.lock().unwrap() = "2022-09-29T12:00:00Z".parse().unwrap();
    loop_of.round(&mut small.writer, &mut words).unwrap();
    loop_of.round(&mut small.writer, &mut words).unwrap();
    assert_eq!(count(&small.writer, NoticeStatus::Sent), 6 + 1, "two may go, and one of them wants none");
    assert_eq!(count(&small.writer, NoticeStatus::Withdrawn), 1);
    for _ in 0..4 {
        small.pass(Span::hours(1));
        loop_of.round(&mut small.writer, &mut words).unwrap();
    }
    assert_eq!(count(&small.writer, NoticeStatus::Sent), 6 + 5);
}
