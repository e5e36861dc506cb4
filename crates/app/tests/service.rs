//! The live service: what it acknowledges is durable, what fails is told, and everybody is told in order.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use holdfast_app::core::Reply;
use holdfast_app::port::{
    AppendError, Clock, Entropy, Group, Groups, Head, Journal, ReadError, Snapshot, SubjectKey,
};
use holdfast_app::seal::{self, PersonalData};
use holdfast_app::service::{Asked, Options, Phase, Refused, Service, Told};
use holdfast_domain::command::{Command, NewOrder};
use holdfast_domain::event::Event;
use holdfast_domain::id::{MerchantId, SiteId, SkuId, SubjectId, ZoneId};
use holdfast_domain::money::Currency;
use holdfast_domain::network::{
    Country, DestinationZone, Lane, LaneKind, Language, Merchant, Service as Carrier, Site, SiteKind, Sku,
    StorageSet,
};
use holdfast_domain::place::Place;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::reject::Rejection;
use holdfast_domain::table::Digest;
use holdfast_domain::time::{Calendar, Stamp, Zone};
use holdfast_journal::memory::MemoryJournal;

const START: Stamp = Stamp(1_536_580_800_000);
const PATIENCE: Duration = Duration::from_secs(20);

struct Ticking(i64);
impl Clock for Ticking {
    fn now(&mut self) -> Stamp {
        self.0 += 1;
        Stamp(self.0)
    }
}

struct Counting(u8);
impl Entropy for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
    }
}

/// What the next append does: 0 all is well, 1 refused, 2 written and its answer lost.
#[derive(Clone, Default)]
struct Fault(Arc<AtomicU8>);

struct Faulty(MemoryJournal, Fault);
impl Journal for Faulty {
    fn take_over(&mut self) -> Result<Head, AppendError> {
        self.0.take_over()
    }
    fn head(&mut self) -> Result<Head, ReadError> {
        self.0.head()
    }
    fn append(&mut self, expected: Head, group: &Group) -> Result<Head, AppendError> {
        match self.1.0.swap(0, Ordering::SeqCst) {
            1 => Err(AppendError::Failed("no room".into())),
            2 => {
                self.0.append(expected, group)?;
                Err(AppendError::Unknown("no answer".into()))
            }
            _ => self.0.append(expected, group),
        }
    }
    fn read(&mut self, after: u64) -> Result<Groups<'_>, ReadError> {
        self.0.read(after)
    }
    fn artefact(&mut self, digest: &Digest) -> Result<Option<Vec<u8>>, ReadError> {
        self.0.artefact(digest)
    }
    fn subject_key(&mut self, subject: SubjectId) -> Result<Option<SubjectKey>, ReadError> {
        self.0.subject_key(subject)
    }
    fn destroy_keys(&mut self, subjects: &[SubjectId]) -> Result<(), AppendError> {
        self.0.destroy_keys(subjects)
    }
    fn keep_snapshot(&mut self, snapshot: &Snapshot) -> Result<(), AppendError> {
        self.0.keep_snapshot(snapshot)
    }
    fn snapshot(&mut self, not_after: u64) -> Result<Option<Snapshot>, ReadError> {
        self.0.snapshot(not_after)
    }
}

fn start(journal: &MemoryJournal, fault: &Fault, options: Options) -> Service {
    let writing = Box::new(Faulty(journal.clone(), fault.clone()));
    let reader = Box::new(journal.clone());
    Service::start(writing, Some(reader), Ticking(START.0), Box::new(Counting(0)), options).unwrap()
}

fn done(service: &Service, command: Command) -> u64 {
    match service.ask_and_wait(Asked::new(command, "test")).unwrap() {
        Reply::Done { version, .. } => version,
        other => panic!("{other:?}"),
    }
}

fn us() -> Country {
    Country::new("US").unwrap()
}

/// One merchant, one site, one SKU with some units.
fn shop(service: &Service, units: u32) {
    done(
        service,
        Command::AddMerchant(Box::new(Merchant {
            code: "m".into(),
            name: "M".into(),
            currency: Currency::USD,
            language: Language::EN,
            contact: "".into(),
            split_quantity: false,
            weight: 1,
            notice_after_days: 0,
            late_cost: 200,
            backorder_cost: 1_200,
            move_cost: 30,
            doubt: None,
        })),
    );
    done(
        service,
        Command::AddSite(Box::new(Site {
            code: "s".into(),
            name: "S".into(),
            kind: SiteKind::Centre,
            place: Place::new(40.0, -75.0).unwrap(),
            country: us(),
            region: "".into(),
            zone: Zone::utc(),
            calendar: Calendar::every_day(),
            cutoff_ms: 50_000_000,
            capacity: [100_000; 7],
            work_parcel: 1,
            work_unit: 0,
            cost_parcel: 0,
            cost_unit: 0,
            storage: StorageSet::ALL,
            wind_limit_kt: None,
            standby: None,
        })),
    );
    done(
        service,
        Command::AddZone(Box::new(DestinationZone {
            code: "z".into(),
            country: us(),
            prefixes: Vec::new(),
            place: Place::new(40.0, -74.0).unwrap(),
            population: 0,
        })),
    );
    done(
        service,
        Command::AddService(Box::new(Carrier {
            carrier: "c".into(),
            name: "ground".into(),
            kind: LaneKind::Parcel,
            calendar: Calendar::every_day(),
        })),
    );
    done(
        service,
        Command::AddLane(Box::new(Lane {
            site: SiteId(0),
            zone: ZoneId(0),
            service: holdfast_domain::id::ServiceId(0),
            cost_parcel: 500,
            cost_kg: 10,
            transit_days: 2,
        })),
    );
    done(
        service,
        Command::AddSku(Box::new(Sku {
            merchant: MerchantId(0),
            code: "sku".into(),
            name: "Sku".into(),
            category: "".into(),
            weight_g: 500,
            pack: 1,
            price: 1_000,
            cost: 500,
            storage: 0,
        })),
    );
    if units > 0 {
        receive(service, units);
    }
}

fn receive(service: &Service, units: u32) -> u64 {
    done(service, Command::ReceiveStock { site: SiteId(0), sku: SkuId(0), quantity: Quantity(units) })
}

fn order(number: &str) -> NewOrder {
    NewOrder {
        merchant: MerchantId(0),
        number: number.into(),
        subject: None,
        zone: ZoneId(0),
        country: us(),
        postal: "10001".into(),
        language: Language::EN,
        placed: START,
        paid: None,
        promise: None,
        priority: 0,
        hold: None,
        lines: [(SkuId(0), Quantity(1), 1_000)].into_iter().collect(),
    }
}

#[test]
fn what_is_acknowledged_is_there_after_a_restart_and_nothing_else() {
    let journal = MemoryJournal::new();
    let service = start(&journal, &Fault::default(), Options::default());
    let heard = service.subscribe(10_000);
    shop(&service, 300);
    let (send, replies) = mpsc::channel();
    for number in 0..500 {
        let send = send.clone();
        // Every order twice: the second is told which the first became.
        let asked = Asked::place(order(&format!("o{}", number / 2)), None, "shop");
        service.ask(asked, Box::new(move |reply| send.send(reply).unwrap())).unwrap();
    }
    drop(send);
    let replies: Vec<Reply> = replies.iter().collect();
    let taken = replies.iter().filter(|reply| matches!(reply, Reply::Done { .. })).count();
    let known = |reply: &&Reply| matches!(reply, Reply::Rejected(Rejection::OrderKnown { .. }));
    assert_eq!((taken, replies.iter().filter(known).count()), (250, 250));
    let last = service.health().head.version;
    assert_eq!(service.view_at(last, PATIENCE).state().version, last);
    for version in 1..=last {
        let Some(Told::Entry(durable)) = heard.next(PATIENCE) else { panic!("entry {version} was not told") };
        assert_eq!(durable.version, version, "in order, each once");
    }
    let digest = service.view().state().digest_afresh();
    assert_eq!(service.stop(), Phase::Stopped);
    assert_eq!(
        service.ask_and_wait(Asked::new(Command::ForgetKeys { before: START }, "t")),
        Err(Refused::Stopped)
    );
    let again = start(&journal, &Fault::default(), Options::default());
    assert_eq!(again.view().state().digest_afresh(), digest);
    again.stop();
}

#[test]
fn a_failed_append_is_asked_again_and_a_lost_answer_is_settled_by_its_key() {
    let (journal, fault) = (MemoryJournal::new(), Fault::default());
    let service = start(&journal, &fault, Options::default());
    let heard = service.subscribe(1_000);
    shop(&service, 5);
    let before = service.health().head.version;
    fault.0.store(1, Ordering::SeqCst);
    let asked = || Asked::place(order("a"), None, "shop").with_key(Some(7));
    assert_eq!(service.ask_and_wait(asked()).unwrap(), Reply::Retry);
    assert_eq!(service.view_at(before, PATIENCE).state().version, before, "nothing was written");
    fault.0.store(2, Ordering::SeqCst);
    assert_eq!(service.ask_and_wait(asked()).unwrap(), Reply::Unknown);
    let Reply::Repeated(used) = service.ask_and_wait(asked()).unwrap() else { panic!("it was written") };
    assert_eq!((used.version, used.made), (before + 1, Some(0)));
    assert_eq!(service.view_at(before + 1, PATIENCE).state().orders.len(), 1);
    for version in 1..=before + 1 {
        let Some(Told::Entry(durable)) = heard.next(PATIENCE) else { panic!("entry {version} was not told") };
        assert_eq!(durable.version, version, "what seemed lost is told as well");
    }
    let health = service.health();
    assert_eq!((health.counts.appends_failed, health.counts.recoveries), (2, 2));
    service.stop();
}

#[test]
fn a_full_queue_refuses_and_a_second_writer_ends_the_first() {
    let journal = MemoryJournal::new();
    let options = Options { queue_max: 0, ..Options::default() };
    let full = start(&journal, &Fault::default(), options);
    let asked = Asked::new(Command::ForgetKeys { before: START }, "t");
    assert_eq!(full.ask_and_wait(asked.clone()), Err(Refused::Full));
    assert_eq!(full.health().counts.refused, 1);
    full.stop();
    let first = start(&journal, &Fault::default(), Options::default());
    shop(&first, 1);
    let second = start(&journal, &Fault::default(), Options::default());
    assert_eq!(first.ask_and_wait(Asked::place(order("x"), None, "shop")).unwrap(), Reply::Retry);
    assert_eq!(first.stop(), Phase::Fenced);
    assert!(matches!(
        second.ask_and_wait(Asked::place(order("x"), None, "shop")).unwrap(),
        Reply::Done { .. }
    ));
    second.stop();
}

#[test]
fn people_are_sealed_and_each_order_finds_the_data_that_came_with_it() {
    let journal = MemoryJournal::new();
    let service = start(&journal, &Fault::default(), Options::default());
    shop(&service, 9);
    let person = |street: &str| {
        let data = PersonalData { name: "Jo Tern".into(), street: street.into(), ..Default::default() };
        Some(("jo@example.org".to_owned(), data))
    };
    for (number, street) in [("1", "Old Road 1"), ("2", "Old Road 1"), ("3", "New Road 3")] {
        service.ask_and_wait(Asked::place(order(number), person(street), "shop")).unwrap();
    }
    let found = service
        .read_and_wait(|journal| {
            let mut sealed = Vec::new();
            for group in journal.read(0).unwrap() {
                for entry in group.unwrap().entries {
                    for event in entry.events {
                        if let Event::SubjectSealed { subject, fingerprint, sealed: blob } = event {
                            assert!(!blob.windows(3).any(|part| part == b"Jo "));
                            sealed.push((subject, fingerprint, blob));
                        }
                    }
                }
            }
            let (subject, fingerprint, blob) = sealed.last().cloned().unwrap();
            let key = journal.subject_key(subject).unwrap().unwrap();
            (sealed.len(), subject, seal::open(&key, fingerprint, &blob).unwrap().street)
        })
        .unwrap();
    assert_eq!(found, (2, SubjectId(0), "New Road 3".to_owned()));
    done(&service, Command::EraseSubject { subject: SubjectId(0) });
    service.stop();
    let mut left = journal;
    assert_eq!(left.subject_key(SubjectId(0)).unwrap(), None, "the key is destroyed with the erasure");
}

#[test]
fn an_order_that_waits_gets_the_goods_that_arrive() {
    let journal = MemoryJournal::new();
    let options = Options { source_every: Duration::from_millis(1), ..Options::default() };
    let service = start(&journal, &Fault::default(), options);
    let heard = service.subscribe(1_000);
    shop(&service, 0);
    service.ask_and_wait(Asked::place(order("waits"), None, "shop")).unwrap();
    let received = receive(&service, 3);
    loop {
        match heard.next(PATIENCE) {
            Some(Told::Entry(durable)) if durable.version > received => {
                assert!(matches!(durable.entry.events[..], [Event::OrderSourced { .. }]));
                assert_eq!(&*durable.entry.actor, "sourcing");
                break;
            }
            Some(_) => {}
            None => panic!("nobody sourced it"),
        }
    }
    service.stop();
}

/// A lease two services share, as the database's lock: a name, and who has it.
#[derive(Clone, Default)]
struct Lease(Arc<std::sync::Mutex<Option<u8>>>);

struct Held(MemoryJournal, Lease, u8);

impl Held {
    fn mine(&self) -> bool {
        *self.1.0.lock().unwrap() == Some(self.2)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut holder = self.1.0.lock().unwrap();
        if *holder == Some(self.2) {
            *holder = None;
        }
    }
}

impl Journal for Held {
    fn take_over(&mut self) -> Result<Head, AppendError> {
        self.0.take_over()
    }
    fn head(&mut self) -> Result<Head, ReadError> {
        if self.mine() { self.0.head() } else { Err(ReadError::Superseded) }
    }
    fn append(&mut self, expected: Head, group: &Group) -> Result<Head, AppendError> {
        // It finds out by the epoch, as a writer whose connection never broke.
        self.0.append(expected, group)
    }
    fn read(&mut self, after: u64) -> Result<Groups<'_>, ReadError> {
        self.0.read(after)
    }
    fn artefact(&mut self, digest: &Digest) -> Result<Option<Vec<u8>>, ReadError> {
        self.0.artefact(digest)
    }
    fn subject_key(&mut self, subject: SubjectId) -> Result<Option<SubjectKey>, ReadError> {
        self.0.subject_key(subject)
    }
    fn destroy_keys(&mut self, subjects: &[SubjectId]) -> Result<(), AppendError> {
        self.0.destroy_keys(subjects)
    }
    fn keep_snapshot(&mut self, _: &Snapshot) -> Result<(), AppendError> {
        Ok(())
    }
    fn snapshot(&mut self, _: u64) -> Result<Option<Snapshot>, ReadError> {
        Ok(None)
    }
}

impl holdfast_app::port::Tail for Held {
    fn sign(&mut self) -> Result<Option<holdfast_app::port::Sign>, ReadError> {
        let holder = *self.1.0.lock().unwrap();
        let sign = |name| holdfast_app::port::Sign { address: format!("node {name}"), age: Duration::ZERO };
        Ok(holder.map(sign))
    }
}

struct Seat(MemoryJournal, Lease, u8);

impl holdfast_app::port::Succession for Seat {
    fn claim(&mut self) -> Result<Option<Box<dyn Journal>>, AppendError> {
        let mut holder = self.1.0.lock().unwrap();
        if holder.is_some() {
            return Ok(None);
        }
        *holder = Some(self.2);
        drop(holder);
        Ok(Some(Box::new(Held(self.0.clone(), self.1.clone(), self.2))))
    }
}

fn follow(journal: &MemoryJournal, lease: &Lease, name: u8) -> Service {
    let seat = Box::new(Seat(journal.clone(), lease.clone(), name));
    let open = || {
        // A reader holds no lease, and reads all the same.
        let tail = Tailing(journal.clone(), lease.clone());
        Ok(holdfast_app::service::Readers { tail: Box::new(tail), reads: Box::new(journal.clone()) })
    };
    let clock = Ticking(START.0 + i64::from(name) * 1_000_000);
    Service::follow(seat, open, clock, Box::new(Counting(name)), Options::default()).unwrap()
}

struct Tailing(MemoryJournal, Lease);

impl Journal for Tailing {
    fn take_over(&mut self) -> Result<Head, AppendError> {
        Err(AppendError::Failed("a reader".into()))
    }
    fn head(&mut self) -> Result<Head, ReadError> {
        self.0.head()
    }
    fn append(&mut self, _: Head, _: &Group) -> Result<Head, AppendError> {
        Err(AppendError::Failed("a reader".into()))
    }
    fn read(&mut self, after: u64) -> Result<Groups<'_>, ReadError> {
        self.0.read(after)
    }
    fn artefact(&mut self, digest: &Digest) -> Result<Option<Vec<u8>>, ReadError> {
        self.0.artefact(digest)
    }
    fn subject_key(&mut self, subject: SubjectId) -> Result<Option<SubjectKey>, ReadError> {
        self.0.subject_key(subject)
    }
    fn destroy_keys(&mut self, _: &[SubjectId]) -> Result<(), AppendError> {
        Ok(())
    }
    fn keep_snapshot(&mut self, _: &Snapshot) -> Result<(), AppendError> {
        Ok(())
    }
    fn snapshot(&mut self, _: u64) -> Result<Option<Snapshot>, ReadError> {
        Ok(None)
    }
}

impl holdfast_app::port::Tail for Tailing {
    fn sign(&mut self) -> Result<Option<holdfast_app::port::Sign>, ReadError> {
        Held(self.0.clone(), self.1.clone(), u8::MAX).sign()
    }
}

fn until(what: &str, mut is: impl FnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !is() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_follower_shows_what_is_written_refuses_asks_and_goes_on_when_the_writer_is_gone() {
    let (journal, lease) = (MemoryJournal::new(), Lease::default());
    let first = follow(&journal, &lease, 1);
    assert!(first.is_writer());
    shop(&first, 5);
    let second = follow(&journal, &lease, 2);
    let heard = second.subscribe(100);
    let placed = match first.ask_and_wait(Asked::place(order("1"), None, "shop")).unwrap() {
        Reply::Done { version, .. } => version,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        second.view_at(placed, PATIENCE).state().digest(),
        first.view_at(placed, PATIENCE).state().digest()
    );
    assert!(matches!(heard.next(PATIENCE), Some(Told::Entry(_))), "who listens hears it from a follower too");
    assert_eq!(second.ask_and_wait(Asked::place(order("2"), None, "shop")), Err(Refused::Following));
    until("it knows whom it follows", || {
        second
            .followed()
            .is_some_and(|known| known.writer.as_deref() == Some("node 1") && known.age.is_some())
    });
    first.stop();
    drop(first);
    until("it takes over", || second.is_writer());
    assert_eq!(second.health().counts.take_overs, 1);
    assert!(second.health().head.epoch > 1, "with an epoch of its own");
    let placed = match second.ask_and_wait(Asked::place(order("2"), None, "shop")).unwrap() {
        Reply::Done { version, .. } => version,
        other => panic!("{other:?}"),
    };
    assert_eq!(second.view_at(placed, PATIENCE).state().orders.len(), 2);
    second.stop();
    assert_eq!(second.health().phase, Phase::Stopped);
}

#[test]
fn a_writer_that_is_superseded_follows_and_writes_again_later() {
    let (journal, lease) = (MemoryJournal::new(), Lease::default());
    let first = follow(&journal, &lease, 1);
    shop(&first, 5);
    let second = follow(&journal, &lease, 2);
    // The lease is lost as with a connection that broke, and somebody else is faster.
    *lease.0.lock().unwrap() = None;
    until("the second takes over", || second.is_writer());
    assert!(matches!(second.ask_and_wait(Asked::place(order("1"), None, "shop")), Ok(Reply::Done { .. })));
    // The first one still believes that it writes; its append is refused, and it says that nothing was done.
    let replied = first.ask_and_wait(Asked::place(order("2"), None, "shop"));
    assert!(matches!(replied, Ok(Reply::Retry) | Err(Refused::Following)), "{replied:?}");
    until("the first follows", || first.health().phase == Phase::Following);
    until("and sees the other's order", || first.view().state().orders.len() == 1);
    second.stop();
    drop(second);
    until("the first writes again", || first.is_writer());
    assert!(matches!(first.ask_and_wait(Asked::place(order("3"), None, "shop")), Ok(Reply::Done { .. })));
    assert_eq!(first.view_at(u64::MAX, Duration::from_millis(200)).state().orders.len(), 2);
    first.stop();
}
