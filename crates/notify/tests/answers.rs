//! Customers' answers by signed links: what a page shows, what a form does, and what a link that is forged, old or used
//! before does not.
#![allow(clippy::unwrap_used, reason = "a test that fails by panicking")]

mod common;

use std::sync::{Arc, Mutex};

use holdfast_app::core::Reply;
use holdfast_app::writer::Writer;
use holdfast_domain::care::{AnswerChannel, AnswerChoice, EndCause};
use holdfast_domain::command::Command;
use holdfast_domain::id::{NoticeId, OrderId};
use holdfast_domain::notice::NoticeStatus;
use holdfast_domain::time::{Span, Stamp};
use holdfast_journal::memory::MemoryJournal;
use holdfast_notify::answer::{ACTOR, Answers, Form, Page};
use holdfast_notify::letter::Letters;
use holdfast_notify::link::KeyRing;
use holdfast_notify::template::{Catalog, Channel};

use common::{Fixed, done, letters, open, shop, strike};

struct Desk {
    writer: Writer<MemoryJournal, Fixed>,
    clock: Arc<Mutex<Stamp>>,
    letters: Letters,
    answers: Answers,
}

impl Desk {
    /// Four customers whose orders a flood has stopped, each told of it.
    fn new() -> Self {
        let clock = Arc::new(Mutex::new("2022-09-28T16:00:00Z".parse::<Stamp>().unwrap()));
        let mut writer = open(MemoryJournal::new(), Fixed(clock.clone()));
        shop(&mut writer, 4);
        strike(&mut writer, false);
        for id in 0..4 {
            done(&mut writer, Command::ReportNotice { notice: NoticeId(id), sent: true });
        }
        let secret = writer.link_secret();
        let answers = Answers { catalog: Catalog::embedded(), keys: KeyRing::new(1, &secret).unwrap() };
        Self { writer, clock, letters: letters(secret, vec![Channel::Mail]), answers }
    }

    fn now(&self) -> Stamp {
        *self.clock.lock().unwrap()
    }

    fn token(&self, id: u32) -> String {
        let notice = self.writer.engine().state.notices.get(NoticeId(id)).unwrap();
        self.letters.token(NoticeId(id), notice)
    }

    fn get(&self, token: &str, choice: Option<&str>) -> Page {
        self.answers.open(&self.writer.engine().state, token, choice, "en", self.now())
    }

    /// As a server does: read the form, ask the writer, show what came of it.
    fn post(&mut self, token: &str, body: &str) -> Page {
        let form = Form::parse(body.as_bytes()).unwrap();
        let state = self.writer.engine().state.clone();
        let chosen = match self.answers.choose(&state, token, &form, "en", self.now()) {
            Ok(chosen) => chosen,
            Err(page) => return page,
        };
        let mut refused = None;
        for command in chosen.commands {
            if let Reply::Rejected(why) = self.writer.ask(command, ACTOR).unwrap() {
                refused = refused.or(Some(why));
            }
        }
        self.answers.done(&self.writer.engine().state, token, refused.as_ref(), "en", self.now())
    }

    fn answers_of(&self, order: u32) -> Vec<AnswerChoice> {
        let file = self.writer.engine().state.care.file(OrderId(order));
        file.map_or_else(Vec::new, |file| file.answers.iter().map(|answer| answer.choice).collect())
    }
}

#[test]
fn looking_answers_nothing_and_shows_nobody_else() {
    let desk = Desk::new();
    let page = desk.get(&desk.token(1), Some("cancel"));
    assert_eq!(page.status, 200);
    assert!(page.html.contains("A-1") && page.html.contains("Cancel and refund"), "{}", page.html);
    for other in ["A-0", "A-2", "A-3", "reader", "Reader"] {
        assert!(!page.html.contains(other), "{other} is on the page of A-1");
    }
    assert!(!page.html.contains("<script") && !page.html.contains("http:"));
    assert!(desk.answers_of(1).is_empty(), "a mail scanner that opens links cancels nothing");
    let first = page.html.find("<form").unwrap();
    assert!(page.html[first..].find("value=\"cancel\"") < page.html[first..].find("value=\"wait\""));
    let korean = desk.get(&desk.token(0), None);
    assert!(korean.html.contains("<html lang=\"ko\">") && korean.html.contains("주문번호 A-0"));
}

#[test]
fn a_sent_form_cancels_once_and_the_same_again_frightens_nobody() {
    let mut desk = Desk::new();
    let token = desk.token(1);
    let page = desk.post(&token, "order=ord-1&choice=wait");
    assert!(page.status == 200 && page.html.contains("Thank you"), "{}", page.html);
    assert!(page.html.contains("You told us on"), "{}", page.html);
    let page = desk.post(&token, "choice=cancel");
    assert!(page.html.contains("Your order is cancelled") && page.html.contains("$10.00 goes back"));
    let file = desk.writer.engine().state.care.file(OrderId(1)).unwrap().clone();
    assert_eq!(file.ended.map(|(_, why)| why), Some(EndCause::Customer));
    assert_eq!(file.answers[1].evidence.channel, AnswerChannel::Link);
    assert_ne!(file.answers[1].evidence.proof, 0);
    let version = desk.writer.engine().state.version;
    let again = desk.post(&token, "choice=cancel");
    assert!(again.status == 200 && again.html.contains("Thank you"), "{}", again.html);
    assert!(!again.html.contains("<form"), "there is nothing left to choose");
    assert_eq!(desk.writer.engine().state.version, version, "nothing was done twice");
    assert_eq!(desk.answers_of(1), [AnswerChoice::Wait, AnswerChoice::Cancel]);
}

#[test]
fn a_forged_an_old_and_a_foreign_link_do_nothing() {
    let mut desk = Desk::new();
    let token = desk.token(1);
    let mut forged = token.clone();
    forged.pop();
    forged.push(if token.ends_with('A') { 'B' } else { 'A' });
    let foreign = letters([9; 32], vec![Channel::Mail]);
    let notice = desk.writer.engine().state.notices.get(NoticeId(1)).unwrap().clone();
    let foreign = foreign.token(NoticeId(1), &notice);
    for bad in [forged.as_str(), foreign.as_str(), "", "h1.1.e30.AAAA"] {
        let page = desk.post(bad, "order=ord-1&choice=cancel");
        assert_eq!(page.status, 404, "{bad}");
        assert!(page.html.contains("cannot be opened") && !page.html.contains("A-1"));
    }
    // A good link, for somebody else's order.
    assert_eq!(desk.post(&token, "order=ord-2&choice=cancel").status, 404);
    assert!(desk.answers_of(2).is_empty());
    let mut now = desk.clock.lock().unwrap();
    *now = now.after(Span::days(91));
    drop(now);
    let page = desk.post(&token, "choice=cancel");
    assert!(page.status == 410 && page.html.contains("too old"), "{}", page.html);
    assert!(desk.answers_of(1).is_empty());
    let korean = desk.answers.open(&desk.writer.engine().state, &token, None, "ko", desk.now());
    assert!(korean.html.contains("유효 기간이 지난 링크입니다"));
}

#[test]
fn an_address_is_checked_and_changed_only_before_the_order_is_packed() {
    let mut desk = Desk::new();
    let token = desk.token(1);
    let page = desk.post(&token, "choice=change-address&street=&city=Ada&postal=10002");
    assert_eq!(page.status, 422);
    let chosen = desk
        .answers
        .choose(
            &desk.writer.engine().state,
            &token,
            &Form::parse(b"choice=change-address&street=1+Elm+St&city=Troy&postal=10002").unwrap(),
            "en",
            desk.now(),
        )
        .unwrap();
    let (_, address) = chosen.address.unwrap();
    assert_eq!((address.street.as_str(), address.city.as_str()), ("1 Elm St", "Troy"));
    let page = desk.post(&token, "choice=change-address&street=1+Elm+St&city=Troy&postal=10002");
    assert!(page.status == 200 && page.html.contains("Thank you"), "{}", page.html);
    let order = desk.writer.engine().state.order(OrderId(1)).unwrap();
    assert_eq!(&*order.postal, "10002");
    assert_eq!(desk.answers_of(1), [AnswerChoice::Address]);
    assert_eq!(&*desk.writer.engine().state.order(OrderId(2)).unwrap().postal, "10001");
}

#[test]
fn a_form_is_read_carefully() {
    assert!(Form::parse(&vec![b'a'; 10_000]).is_err());
    assert!(Form::parse(b"street=%ff").is_err());
    assert!(Form::parse(b"street=a%0d%0ab").is_err());
    assert!(Form::parse(format!("city={}", "x".repeat(121)).as_bytes()).is_err());
    let form = Form::parse("choice=wait&order=ord-7&city=%EC%84%9C%EC%9A%B8&x=y".as_bytes()).unwrap();
    assert_eq!((form.order, form.city.as_str(), form.choice.as_str()), (Some(OrderId(7)), "서울", "wait"));
}

#[test]
fn pages_are_written_for_looking_at() {
    let Ok(folder) = std::env::var("HOLDFAST_PAGES") else { return };
    let mut desk = Desk::new();
    for (name, id) in [("ko", 0), ("en", 1)] {
        let page = desk.get(&desk.token(id), Some("wait"));
        std::fs::write(format!("{folder}/answer-{name}.html"), page.html).unwrap();
    }
    let token = desk.token(0);
    let page = desk.post(&token, "choice=cancel");
    std::fs::write(format!("{folder}/answer-ko-cancelled.html"), page.html).unwrap();
    let page = desk.get("x", None);
    std::fs::write(format!("{folder}/answer-unknown.html"), page.html).unwrap();
    assert_eq!(desk.writer.engine().state.notices.get(NoticeId(0)).unwrap().status, NoticeStatus::Sent);
}
