//! The law's clocks through the writer: commands and timers of a scripted clock, every state recovered from its journal.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that fails by panicking")]

use std::collections::BTreeSet;

use holdfast_app::core::Reply;
use holdfast_app::port::Journal as _;
use holdfast_app::recover::recover;
use holdfast_app::writer::Writer;
use holdfast_domain::care::{
    AnswerChannel, AnswerChoice, CareCommand, ContactKind, EndCause, Evidence, NoticePolicy, RefundForm,
};
use holdfast_domain::command::{Command, NewIncident, NewOrder};
use holdfast_domain::evolve::Entry;
use holdfast_domain::id::{
    IncidentId, LaneId, MerchantId, NoticeId, OrderId, ServiceId, SiteId, SkuId, ZoneId,
};
use holdfast_domain::incident::{Hazard, Severity, StockAccess};
use holdfast_domain::money::Currency;
use holdfast_domain::network::{
    Country, DestinationZone, Lane, LaneKind, Language, Merchant, Operator, Service, Site, SiteKind, Sku,
    StorageSet,
};
use holdfast_domain::notice::{Notice, NoticeCause, NoticeOrder, NoticeStatus};
use holdfast_domain::place::Place;
use holdfast_domain::quantity::Quantity;
use holdfast_domain::state::State;
use holdfast_domain::time::{Calendar, Day, Span, Stamp, Zone};
use holdfast_engine::desk::{Say, card, measures};
use holdfast_engine::incident::{notices_due, preview_notices};
use holdfast_engine::law::view::{Alarm, alarms, clocks};
use holdfast_engine::quote::{Quote, quote};
use holdfast_journal::memory::MemoryJournal;
use holdfast_sim::clock::{SeededEntropy, SetClock};
use holdfast_sim::recount::recount;
use holdfast_sim::tally::tally;

/// A shop in one country, on a scripted clock.
struct Shop {
    writer: Writer<MemoryJournal, SetClock>,
    clock: SetClock,
    zone: Zone,
    country: &'static str,
}

const ORDER: OrderId = OrderId(0);

impl Shop {
    fn new(country: &'static str, zone: &str, start: &str) -> Self {
        let zone = Zone::named(zone).unwrap();
        let clock = SetClock::at(moment(start, &zone));
        let writer =
            Writer::open(MemoryJournal::new(), clock.clone(), Box::new(SeededEntropy::new(1))).unwrap();
        let mut shop = Self { writer, clock, zone, country };
        shop.set_up();
        shop
    }

    fn set_up(&mut self) {
        let country = Country::new(self.country).unwrap();
        let place = match self.country {
            "KR" => Place::new(37.5, 127.0),
            "DE" => Place::new(52.5, 13.4),
            _ => Place::new(40.7, -74.0),
        }
        .unwrap();
        let currency = match self.country {
            "KR" => Currency::KRW,
            "DE" => Currency::EUR,
            _ => Currency::USD,
        };
        let site = |code: &str| Site {
            code: code.into(),
            name: code.into(),
            kind: SiteKind::Centre,
            place,
            country,
            region: "X".into(),
            zone: self.zone.clone(),
            calendar: Calendar::every_day(),
            cutoff_ms: 86_000_000,
            capacity: [1_000_000; 7],
            work_parcel: 1,
            work_unit: 1,
            cost_parcel: 100,
            cost_unit: 10,
            storage: StorageSet::ALL,
            wind_limit_kt: None,
            standby: None,
        };
        let commands = vec![
            Command::SetOperator(Box::new(Operator {
                name: "op".into(),
                currency,
                zone: self.zone.clone(),
                language: Language::EN,
            })),
            Command::AddMerchant(Box::new(Merchant {
                code: "kelp".into(),
                name: "Kelp".into(),
                currency,
                language: Language::EN,
                contact: "help@kelp.example".into(),
                split_quantity: false,
                weight: 1,
                notice_after_days: 0,
                late_cost: 100,
                backorder_cost: 1_000,
                move_cost: 10,
                doubt: None,
            })),
            Command::AddSite(Box::new(site("a"))),
            Command::AddService(Box::new(Service {
                carrier: "c".into(),
                name: "ground".into(),
                kind: LaneKind::Parcel,
                calendar: Calendar::every_day(),
            })),
            Command::AddZone(Box::new(DestinationZone {
                code: "z".into(),
                country,
                prefixes: vec![],
                place,
                population: 1,
            })),
            Command::AddLane(Box::new(Lane {
                site: SiteId(0),
                zone: ZoneId(0),
                service: ServiceId(0),
                cost_parcel: 500,
                cost_kg: 10,
                transit_days: 2,
            })),
            Command::AddSku(Box::new(Sku {
                merchant: MerchantId(0),
                code: "tea".into(),
                name: "Tea".into(),
                category: "tea".into(),
                weight_g: 100,
                pack: 1,
                price: 1_000,
                cost: 500,
                storage: 0,
            })),
            Command::ReceiveStock { site: SiteId(0), sku: SkuId(0), quantity: Quantity(100_000) },
        ];
        for command in commands {
            self.done(command);
        }
    }

    fn done(&mut self, command: Command) {
        let reply = self.ask(command.clone());
        assert!(matches!(reply, Reply::Done { .. }), "{command:?}: {reply:?}");
    }

    fn ask(&mut self, command: Command) -> Reply {
        self.writer.ask(command, "test").unwrap()
    }

    fn care(&mut self, command: CareCommand) -> Reply {
        self.ask(Command::Care(Box::new(command)))
    }

    fn entries(&mut self) -> Vec<Entry> {
        let groups = self.writer.journal().read(0).unwrap();
        groups.flat_map(|group| group.unwrap().entries).collect()
    }

    fn state(&self) -> &State {
        &self.writer.engine().state
    }

    /// Goes to a local time, firing what is due on the way and sending what may leave.
    fn until(&mut self, text: &str) {
        let end = moment(text, &self.zone);
        loop {
            let due = self.state().timers.first().filter(|(due, _)| *due <= end);
            let Some((due, _)) = due else { break };
            self.clock.set(due);
            self.writer.fire_due().unwrap();
            self.send();
        }
        self.clock.set(end);
        self.writer.fire_due().unwrap();
        self.send();
    }

    fn send(&mut self) {
        let released = |(_, notice): &(NoticeId, &Notice)| notice.status == NoticeStatus::Released;
        let out: Vec<NoticeId> = self.state().notices.iter().filter(released).map(|(id, _)| id).collect();
        for notice in out {
            assert!(matches!(self.care(CareCommand::ClaimNotice { notice }), Reply::Done { .. }));
            self.done(Command::ReportNotice { notice, sent: true });
        }
    }

    fn place(&mut self, number: &str, promise: Option<&str>) {
        let now = moment_of(&self.clock);
        self.done(Command::PlaceOrder(Box::new(NewOrder {
            merchant: MerchantId(0),
            number: number.into(),
            subject: None,
            zone: ZoneId(0),
            country: Country::new(self.country).unwrap(),
            postal: "10001".into(),
            language: Language::EN,
            placed: now,
            paid: Some(now),
            promise: promise.map(day),
            priority: 0,
            hold: None,
            lines: [(SkuId(0), Quantity(2), 1_000)].into_iter().collect(),
        })));
    }

    /// A disaster closes the only site.
    fn strike(&mut self, drill: bool) {
        self.done(Command::OpenIncident(Box::new(NewIncident {
            hazard: Hazard::Flood,
            name: "flood".into(),
            severity: Severity::Severe,
            expected_end: None,
            surges: vec![],
            drill,
        })));
        self.done(Command::CloseSite {
            site: SiteId(0),
            incident: IncidentId(0),
            stock: StockAccess::Inaccessible,
        });
    }

    /// Tells the order's customer of another day.
    fn tell(&mut self, after: Option<&str>) {
        let before = self.state().order(ORDER).unwrap().promise;
        let now = moment_of(&self.clock);
        self.done(Command::QueueNotice(Box::new(Notice {
            merchant: MerchantId(0),
            subject: None,
            language: Language::EN,
            incident: None,
            orders: vec![NoticeOrder {
                order: ORDER,
                before,
                after: after.map(day),
                cause: if after.is_some() { NoticeCause::Delayed } else { NoticeCause::Backordered },
            }],
            hold_until: now,
            status: NoticeStatus::Queued,
        })));
        self.writer.fire_due().unwrap();
        self.send();
    }

    fn answer(&mut self, choice: AnswerChoice) -> Reply {
        let evidence = Evidence { channel: AnswerChannel::Link, proof: 7 };
        let notice = self.state().care.file(ORDER).and_then(|file| file.told.last()).map(|told| told.notice);
        self.care(CareCommand::RecordAnswer { order: ORDER, notice, choice, evidence })
    }

    /// The clocks of the order, as `duty last-day`, and whether it has ended and what is owed.
    fn stands(&self) -> (Vec<String>, Option<EndCause>, i64) {
        let shown = clocks(self.state(), ORDER, moment_of(&self.clock)).unwrap();
        let duties = shown.iter().map(|clock| format!("{} {}", clock.duty, clock.last_day)).collect();
        let file = self.state().care.file(ORDER);
        let ended = file.and_then(|file| file.ended).map(|(_, why)| why);
        (duties, ended, file.map_or(0, |file| file.refund.open()))
    }

    /// The journal gives the same state, bit by bit.
    fn recovered(mut self) {
        let digest = self.state().digest();
        assert_eq!(digest, self.state().digest_afresh());
        assert_eq!(holdfast_domain::invariant::breaches(self.state()), vec![]);
        let mut journal = std::mem::take(self.writer.journal());
        assert_eq!(recover(&mut journal, None).unwrap().engine.state.digest(), digest);
    }
}

fn moment_of(clock: &SetClock) -> Stamp {
    holdfast_app::port::Clock::now(&mut clock.clone())
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn moment(text: &str, zone: &Zone) -> Stamp {
    let (date, hour) = text.split_once('T').unwrap_or((text, "12:00"));
    let (hours, minutes) = hour.split_once(':').unwrap();
    day(date).at(hours.parse::<u32>().unwrap() * 3_600_000 + minutes.parse::<u32>().unwrap() * 60_000, zone)
}

fn duties(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn a_second_us_delay_without_an_answer_cancels_and_refunds_by_itself_on_the_right_day() {
    let mut shop = Shop::new("US", "America/New_York", "2022-09-20");
    shop.place("A-1", Some("2022-10-03"));
    assert_eq!(shop.stands().0, duties(&["ship 2022-10-03"]));
    assert!(shop.state().timers.first().is_none(), "an order nobody was told of sets no timer");
    shop.until("2022-09-28");
    shop.strike(false);
    shop.tell(Some("2022-10-20"));
    assert_eq!(shop.stands().0, duties(&["ship 2022-10-20"]), "a first delay within 30 days: silence waits");
    shop.until("2022-10-10");
    shop.tell(Some("2022-11-15"));
    assert_eq!(
        shop.stands(),
        (duties(&["obtain-consent 2022-10-20"]), None, 0),
        "silence is consent no more"
    );
    shop.until("2022-10-20T23:59");
    assert_eq!(shop.stands().1, None, "the last day is not over in New York");
    shop.until("2022-10-21T00:00");
    let (owed, ended, refund) = shop.stands();
    assert_eq!(ended, Some(EndCause::Law(1, day("2022-10-20"))));
    assert_eq!((owed, refund), (duties(&["refund 2022-10-31"]), 2_000), "seven working days");
    // It is counted apart: neither open nor kept, its money told, its line paid for like one that was not served.
    let told = tally(shop.state());
    assert_eq!((told.orders, told.open, told.on_time, told.cancelled_by_law), (1, 0, 0, 1));
    assert_eq!((told.refunded["USD"], told.open_lines, told.open_cost), (2_000, 1, 1_000));
    let again = recount(&shop.entries());
    let mine = &again.merchants[0];
    assert_eq!((again.open, again.cancelled_by_law, mine.refunded, mine.open_cost), (0, 1, 2_000, 1_000));
    // What the customer is told of it.
    shop.until("2022-10-21T01:00");
    let last = shop.state().notices.iter().last().unwrap().1.clone();
    assert_eq!((last.status, last.orders[0].cause), (NoticeStatus::Sent, NoticeCause::Cancelled));
    assert_eq!(shop.state().stock.shelf(SiteId(0), SkuId(0)).reserved, 0, "its units are free");
    // Nobody refunds: an alarm from the first moment that is too late, and no sooner.
    let alarmed = |shop: &Shop| {
        let found = alarms(shop.state(), moment_of(&shop.clock));
        found.list.iter().any(|alarm| matches!(alarm, Alarm::Overdue { clock, .. } if clock.duty == "refund"))
    };
    shop.until("2022-10-31T23:59");
    assert!(!alarmed(&shop));
    shop.until("2022-11-01T00:00");
    assert!(alarmed(&shop));
    let credit = CareCommand::RecordRefund { order: ORDER, amount: 2_000, form: RefundForm::Credit };
    shop.care(credit);
    assert!(alarmed(&shop), "store credit is no refund");
    shop.care(CareCommand::RecordRefund { order: ORDER, amount: 2_000, form: RefundForm::Money });
    assert!(!alarmed(&shop));
    assert_eq!(shop.stands(), (vec![], Some(EndCause::Law(1, day("2022-10-20"))), 0));
    shop.recovered();
}

#[test]
fn an_answer_in_time_keeps_the_order() {
    let mut shop = Shop::new("US", "America/New_York", "2022-09-20");
    shop.place("A-1", Some("2022-10-03"));
    shop.until("2022-09-28");
    shop.strike(false);
    shop.tell(Some("2022-10-20"));
    shop.until("2022-10-10");
    shop.tell(Some("2022-11-15"));
    shop.until("2022-10-20T23:00");
    assert!(matches!(shop.answer(AnswerChoice::Wait), Reply::Done { .. }));
    let again = shop.answer(AnswerChoice::Wait);
    assert!(matches!(&again, Reply::Rejected(why) if why.code() == "answer-stands"), "{again:?}");
    shop.until("2022-10-25");
    assert_eq!(shop.stands(), (duties(&["ship 2022-11-15"]), None, 0));
    // Nothing has happened two days before: the customer is asked again, and silence then cancels.
    shop.until("2022-11-14T12:00");
    assert_eq!(shop.stands().0, duties(&["obtain-consent 2022-11-15"]));
    shop.until("2022-11-16T00:00");
    assert_eq!(shop.stands().1, Some(EndCause::Law(1, day("2022-11-15"))));
    shop.recovered();
}

#[test]
fn a_cancelled_order_that_the_site_gives_back_is_not_sent_from_elsewhere() {
    let mut shop = Shop::new("US", "America/New_York", "2022-09-20");
    shop.place("A-1", Some("2022-10-03"));
    shop.done(Command::ReleaseWave { site: SiteId(0), day: day("2022-09-21") });
    let shipment = holdfast_domain::id::ShipmentId(0);
    assert!(matches!(shop.answer(AnswerChoice::Cancel), Reply::Done { .. }));
    assert_eq!(shop.stands().2, 0, "the site still has it: nothing is refunded before it is back");
    shop.done(Command::AnswerRecall { shipment, accepted: true });
    let order = shop.state().order(ORDER).unwrap();
    assert!(order.backordered().is_zero() && order.lines[0].wanted().is_zero());
    assert_eq!(shop.stands().2, 2_000);
    shop.recovered();
}

#[test]
fn an_order_nobody_was_told_of_is_an_alarm_and_cancelled_only_where_the_policy_says_so() {
    for cancel_untold in [false, true] {
        let mut shop = Shop::new("US", "America/New_York", "2022-09-20");
        let policy = NoticePolicy { cancel_untold, approve_above: Some(0), ..NoticePolicy::default() };
        shop.care(CareCommand::SetPolicy(policy));
        shop.place("A-1", Some("2022-10-03"));
        shop.until("2022-09-30");
        shop.strike(false);
        // The notice is queued, but nobody approves it.
        let at = moment_of(&shop.clock);
        for command in
            notices_due(&shop.state().clone(), IncidentId(0), &BTreeSet::new(), Span::minutes(10), at)
        {
            shop.done(command);
        }
        shop.until("2022-10-04T00:00");
        let overdue = alarms(shop.state(), moment_of(&shop.clock));
        assert!(
            overdue.list.iter().any(|alarm| matches!(alarm, Alarm::Overdue { .. }) != cancel_untold
                || matches!(alarm, Alarm::Approval { waiting: 1, .. })),
            "{overdue:?}"
        );
        assert_eq!(shop.stands().1.is_some(), cancel_untold);
        shop.recovered();
    }
}

#[test]
fn korean_deadlines_pass_chuseok_in_the_writer() {
    // Chuseok 2022: Friday 9 to Monday 12 September.
    let mut shop = Shop::new("KR", "Asia/Seoul", "2022-09-07T09:00");
    shop.place("A-1", Some("2022-09-14"));
    shop.until("2022-09-08T10:00");
    shop.strike(false);
    shop.tell(None);
    assert_eq!(shop.stands().0, duties(&["ship 2022-09-14"]), "the reason was given at once");
    assert!(matches!(shop.answer(AnswerChoice::Cancel), Reply::Done { .. }));
    // Third business day after Thursday the 8th: 13, 14, 15.
    assert_eq!(shop.stands().0, duties(&["refund 2022-09-15"]));
    let overdue = |shop: &Shop| !alarms(shop.state(), moment_of(&shop.clock)).list.is_empty();
    shop.until("2022-09-15T23:59");
    assert!(!overdue(&shop), "nobody works on Chuseok");
    shop.until("2022-09-16T00:00");
    assert!(overdue(&shop));
    shop.recovered();
}

#[test]
fn a_german_customer_is_told_of_their_right_and_nothing_is_cancelled_by_silence() {
    let mut shop = Shop::new("DE", "Europe/Berlin", "2024-11-16");
    shop.place("A-1", Some("2024-12-01"));
    shop.until("2024-11-20");
    shop.strike(false);
    shop.tell(Some("2024-12-10"));
    let sent = |shop: &Shop| {
        shop.state().notices.iter().filter(|(_, notice)| notice.status == NoticeStatus::Sent).count()
    };
    shop.until("2024-11-28");
    assert_eq!(sent(&shop), 1);
    shop.until("2025-01-15");
    assert_eq!(shop.stands().1, None);
    assert_eq!(sent(&shop), 2, "that nobody can say when is news, once");
    shop.recovered();
}

#[test]
fn a_large_batch_waits_for_a_second_person_and_a_small_one_does_not() {
    let mut shop = Shop::new("US", "America/New_York", "2022-09-20");
    shop.care(CareCommand::SetPolicy(NoticePolicy { approve_above: Some(2), ..NoticePolicy::default() }));
    for number in 0..3 {
        shop.place(&format!("A-{number}"), Some("2022-10-03"));
    }
    shop.strike(false);
    let at = moment_of(&shop.clock);
    let commands = notices_due(&shop.state().clone(), IncidentId(0), &BTreeSet::new(), Span::minutes(10), at);
    for command in commands {
        shop.done(command);
    }
    let count = |shop: &Shop, status| shop.state().notices.iter().filter(|(_, n)| n.status == status).count();
    shop.until("2022-09-20T13:00");
    assert_eq!((count(&shop, NoticeStatus::Waiting), count(&shop, NoticeStatus::Sent)), (3, 0));
    let same = shop.care(CareCommand::ApproveNotices { incident: IncidentId(0) });
    assert!(matches!(&same, Reply::Rejected(why) if why.code() == "second-person-needed"), "{same:?}");
    let approve = Command::Care(Box::new(CareCommand::ApproveNotices { incident: IncidentId(0) }));
    assert!(matches!(shop.writer.ask(approve, "other").unwrap(), Reply::Done { .. }));
    shop.send();
    assert_eq!((count(&shop, NoticeStatus::Waiting), count(&shop, NoticeStatus::Sent)), (0, 3));
    assert!(shop.state().care.batches.is_empty());
    shop.recovered();
}

#[test]
fn a_drill_claims_nothing_and_the_desk_stays_within_its_limit() {
    let mut shop = Shop::new("US", "America/New_York", "2022-09-20");
    shop.care(CareCommand::SetPolicy(NoticePolicy { goodwill_max: 500, ..NoticePolicy::default() }));
    shop.place("A-1", Some("2022-10-03"));
    shop.strike(true);
    let at = moment_of(&shop.clock);
    for command in notices_due(&shop.state().clone(), IncidentId(0), &BTreeSet::new(), Span(0), at) {
        shop.done(command);
    }
    shop.writer.fire_due().unwrap();
    let notice = NoticeId(0);
    assert_eq!(shop.state().notices.get(notice).unwrap().status, NoticeStatus::Released);
    let told = shop.care(CareCommand::ClaimNotice { notice });
    assert!(matches!(&told, Reply::Rejected(why) if why.code() == "drill-notice"), "{told:?}");
    assert!(matches!(
        shop.care(CareCommand::GrantGoodwill { order: ORDER, amount: 400 }),
        Reply::Done { .. }
    ));
    let more = shop.care(CareCommand::GrantGoodwill { order: ORDER, amount: 200 });
    assert!(matches!(&more, Reply::Rejected(why) if why.code() == "goodwill-too-much"), "{more:?}");
    shop.care(CareCommand::NoteContact { order: ORDER, kind: ContactKind::Call });
    assert_eq!(shop.state().care.file(ORDER).unwrap().contacts.len(), 1);
    let _ = LaneId(0);
    shop.recovered();
}

#[test]
fn what_is_no_longer_true_is_withdrawn_before_it_leaves_and_what_changes_is_merged() {
    let mut shop = Shop::new("US", "America/New_York", "2022-09-20");
    shop.place("A-1", Some("2022-10-03"));
    shop.strike(false);
    let tell = |shop: &mut Shop| {
        let at = moment_of(&shop.clock);
        let state = shop.state().clone();
        let due = notices_due(&state, IncidentId(0), &BTreeSet::new(), Span::minutes(30), at);
        let count = due.len();
        due.into_iter().for_each(|command| shop.done(command));
        count
    };
    assert_eq!(tell(&mut shop), 1);
    let preview = preview_notices(shop.state(), IncidentId(0));
    assert_eq!((preview.notices, preview.orders, preview.languages["en"]), (1, 1, 1));
    assert_eq!((preview.causes[&NoticeCause::Backordered], preview.without_reader), (1, 1));
    assert_eq!((preview.waiting, preview.sample.as_slice()), (0, [NoticeId(0)].as_slice()));
    shop.until("2022-09-20T12:10");
    assert_eq!(tell(&mut shop), 0, "it says what is true and has not left");
    // The site opens again before the notice has left.
    shop.done(Command::LimitSite { site: SiteId(0), permille: 1000, incident: Some(IncidentId(0)) });
    assert_eq!(tell(&mut shop), 1, "a withdrawal and nothing else");
    shop.until("2022-09-21");
    let statuses: Vec<_> = shop.state().notices.iter().map(|(_, notice)| notice.status).collect();
    assert_eq!(statuses, [NoticeStatus::Withdrawn]);
    assert_eq!(shop.state().order(ORDER).unwrap().promise, day("2022-10-03"));
    assert!(shop.state().care.file(ORDER).unwrap().told.is_empty());
    shop.recovered();
}

#[test]
fn the_desk_the_measures_and_the_honest_date_say_what_is_so() {
    let mut shop = Shop::new("US", "America/New_York", "2022-09-20");
    shop.place("A-1", Some("2022-10-03"));
    let now = moment_of(&shop.clock);
    let us = Country::new("US").unwrap();
    let ask = |shop: &Shop, sku| {
        let before = shop.state().digest();
        let said = quote(shop.writer.engine(), us, "10001", SkuId(sku), Quantity(1), moment_of(&shop.clock));
        assert_eq!(shop.state().digest(), before, "asking changes nothing");
        said
    };
    assert_eq!(ask(&shop, 0), Quote::On(day("2022-09-22")));
    assert_eq!(ask(&shop, 9), Quote::NotThere);
    assert!(matches!(card(shop.state(), ORDER, now).unwrap().say, Say::OnTime(_)));
    shop.strike(false);
    assert_eq!(ask(&shop, 0), Quote::Unknown);
    shop.tell(None);
    shop.care(CareCommand::NoteContact { order: ORDER, kind: ContactKind::Call });
    let seen = card(shop.state(), ORDER, now).unwrap();
    assert_eq!(
        (seen.say, seen.may_cancel, seen.notices.len(), seen.contacts.len()),
        (Say::Unknown, true, 1, 1)
    );
    assert!(seen.notices[0].sent.is_some() && !seen.clocks.is_empty());
    shop.answer(AnswerChoice::Cancel);
    let seen = card(shop.state(), ORDER, now).unwrap();
    assert_eq!((seen.say, seen.may_cancel), (Say::Cancelled(2_000), false));
    let found = measures(shop.state(), Some(MerchantId(0)));
    assert_eq!((found.sent, found.orders_told, found.answered, found.cancelled), (1, 1, 1, 1));
    assert_eq!((found.kept, found.contacts), (0, 1));
}
